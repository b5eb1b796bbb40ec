#include "app/internal.h"

#include "base/limits.h"
#include "effects/curl_pool.h"

#include <stdlib.h>

/* The captcha's port: its calls go through a pool of their own, so that payments never wait for
 * them. At a fifth of a second each a thousand captchas a second are looked at. */
struct verifier {
    struct curl_pool *pool;
    struct call {
        void (*done)(void *context, int status, struct slice body); /* NULL: free */
        void *context;
    } calls[LIMIT_CAPTCHA_CALLS];
};

static void pool_done(void *context, uint64_t ticket, const struct curl_pool_reply *reply)
{
    struct verifier *v = context;
    struct call call = v->calls[ticket];
    v->calls[ticket] = (struct call){0};
    call.done(call.context, reply->status, reply->body);
}

static bool post(void *host, const char *url, struct slice body,
                 void (*done)(void *context, int status, struct slice body), void *context)
{
    static const char *const headers[] = {"Content-Type: application/x-www-form-urlencoded",
                                          "Accept: application/json"};
    const struct curl_pool_request request = {
        .post = true, .url = url, .headers = headers, .header_count = 2, .body = body};
    struct verifier *v = host;
    struct err err;
    uint64_t ticket = 0;
    while (ticket < LIMIT_CAPTCHA_CALLS && v->calls[ticket].done)
        ticket++;
    if (ticket == LIMIT_CAPTCHA_CALLS || curl_pool_send(v->pool, ticket, &request, &err) < 0)
        return false;
    v->calls[ticket] = (struct call){done, context};
    return true;
}

int verifier_create(uv_loop_t *loop, struct verifier **ret_verifier, struct err *err)
{
    struct verifier *v = calloc(1, sizeof *v);
    const struct curl_pool_options options = {.loop = loop,
                                              .timeout_ms = CAPTCHA_TIMEOUT_MS,
                                              .answer_max = CAPTCHA_ANSWER_MAX,
                                              .connections_max = LIMIT_CAPTCHA_CALLS,
                                              .context = v,
                                              .done = pool_done};
    if (!v)
        return err_set(err, "out of memory");
    if (curl_pool_create(&options, &v->pool, err) < 0) {
        free(v);
        return -1;
    }
    *ret_verifier = v;
    return 0;
}

struct captcha_port verifier_port(struct verifier *v)
{
    return (struct captcha_port){v, post};
}

void verifier_destroy(struct verifier *v)
{
    if (!v)
        return;
    curl_pool_destroy(v->pool);
    free(v);
}
