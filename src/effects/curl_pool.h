/*
 * curl_pool: HTTP requests to the outside, without blocking the loop: libcurl's multi interface
 * driven by libuv. One thread and no locks were chosen over a pool of threads because a call costs
 * 21-25 us of CPU and at most some hundred calls a second are made: waking threads would cost more
 * than it saves, and answers arrive where the outbox lives. Names are resolved on libcurl's own
 * threads. Connections are kept alive and reused; redirects are not followed.
 *
 * Every request that was taken gets exactly one `done`, from the loop, never from within
 * curl_pool_send. Thread: the loop's.
 */
#ifndef ONSALE_EFFECTS_CURL_POOL_H
#define ONSALE_EFFECTS_CURL_POOL_H

#include "base/err.h"
#include "base/slice.h"

#include <uv.h>

struct curl_pool;
struct curl_pool_reply;

struct curl_pool_request {
    bool post; /* else GET */
    const char *url;
    const char *const *headers; /* "Name: value" */
    size_t header_count;
    struct slice body; /* of a POST */
};

struct curl_pool_reply {
    int status;        /* HTTP status; 0: no answer, `failure` says why */
    struct slice body; /* valid during the callback */
    const char *failure;
    const void *handle; /* for curl_pool_header */
};

struct curl_pool_options {
    uv_loop_t *loop;
    uint32_t timeout_ms;      /* whole exchange; 0: CURL_POOL_TIMEOUT_MS */
    uint32_t answer_max;      /* bytes; a longer answer counts as none; 0: CURL_POOL_ANSWER_MAX */
    uint32_t connections_max; /* kept and used; 0: 64 */
    bool direct;              /* do not use the proxies of the environment */
    void *context;
    void (*done)(void *context, uint64_t ticket, const struct curl_pool_reply *reply);
};

#define CURL_POOL_TIMEOUT_MS 10000u
#define CURL_POOL_ANSWER_MAX 262144u

/* libcurl must have been initialised (curl_global_init) when other threads run already. */
int curl_pool_create(const struct curl_pool_options *options, struct curl_pool **ret_pool,
                     struct err *err) MUST_USE;

/* Everything is copied. On failure nothing was sent and `done` will not be called. */
int curl_pool_send(struct curl_pool *pool, uint64_t ticket, const struct curl_pool_request *request,
                   struct err *err) MUST_USE;

/* A header field of the reply, NULL when absent; valid during the callback. */
const char *curl_pool_header(const struct curl_pool_reply *reply, const char *name);

/* Drops what is running without `done`. The loop must run once more for handles to go. NULL is
 * allowed; not from within `done`. */
void curl_pool_destroy(struct curl_pool *pool);

#endif
