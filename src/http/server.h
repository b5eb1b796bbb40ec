/*
 * server: HTTP/1.1 over libuv and strict llhttp, for one loop. It knows nothing of tickets:
 * connections, parsing, limits (base/limits.h), keep-alive, pipelining, drain, server-sent events.
 * TLS and HTTP/2 are the edge's job.
 *
 * One request and its answer are a struct http_exchange. A handler answers before it returns or
 * keeps the pointer and answers later from the loop; the exchange stays valid until it is answered,
 * even when the client has gone. An answer may name a barrier: it leaves only after
 * http_server_release has passed that number (that is how no reply overtakes the commit it depends
 * on). Answers of one connection leave in the order of their requests.
 *
 * Thread: all functions on the loop's thread.
 */
#ifndef ONSALE_HTTP_SERVER_H
#define ONSALE_HTTP_SERVER_H

#include "base/buf.h"
#include "base/err.h"
#include "http/address.h"
#include "http/router.h"

#include <uv.h>

struct http_server;
struct http_exchange;
struct http_stream;

/* Bytes shared by many answers, freed with the last reference. */
struct http_blob {
    uint32_t references;
    uint32_t len;
    char data[];
};
struct http_blob *http_blob_create(const void *data,
                                   size_t len); /* one reference; NULL: no memory */
struct http_blob *http_blob_keep(struct http_blob *blob);
void http_blob_drop(struct http_blob *blob);

/* ---- reading a request ---- */

enum http_method http_method(const struct http_exchange *x);
struct slice http_path(const struct http_exchange *x);  /* undecoded, without the query */
struct slice http_query(const struct http_exchange *x); /* undecoded, without "?" */
struct slice http_body(const struct http_exchange *x);
/* Value of a header field by lower-case name, trimmed; empty when absent. */
struct slice http_header(const struct http_exchange *x, const char *name);
struct slice http_cookie(const struct http_exchange *x, const char *name);
/* The route's parameter, percent-decoded; empty when the route has none of that name. */
struct slice http_param(const struct http_exchange *x, const char *name);
/* A query parameter, percent-decoded into the exchange's memory; false when absent. */
bool http_query_param(struct http_exchange *x, const char *name, struct slice *ret_value);
struct http_address http_client(const struct http_exchange *x);
const struct http_route *http_route_of(const struct http_exchange *x); /* NULL: no route matched */
void *http_user(const struct http_exchange *x);                        /* options.user */
/* A word for the `before` hook and the handlers to share (the session, for one). */
void http_set_context(struct http_exchange *x, void *context);
void *http_context(const struct http_exchange *x);
/* Memory that lives as long as the exchange; never NULL (the process ends when memory is out). */
void *http_alloc(struct http_exchange *x, size_t size);

/* ---- answering ---- */

/* Adds a field to the answer; `name` in its usual spelling; both are copied. A value with a control
 * character is a bug and asserted. */
void http_add_header(struct http_exchange *x, const char *name, struct slice value);

/* Sends the answer after `barrier` was released (0: at once). The body is copied. Content-Length,
 * Date and Connection are written by the server; `content_type` may be NULL for an empty body. HEAD
 * gets no body. */
void http_answer(struct http_exchange *x, int status, const char *content_type, struct slice body,
                 uint64_t barrier);

/* The same with a shared body; takes over one reference. */
void http_answer_blob(struct http_exchange *x, int status, const char *content_type,
                      struct http_blob *blob, uint64_t barrier);

/* RFC 9457: application/problem+json with type "about:blank"-style URN, title, status, detail and
 * code; `extra` is further JSON members without braces ("\"seats\":[...]") or empty. */
void http_answer_problem(struct http_exchange *x, int status, const char *code, const char *title,
                         struct slice detail, struct slice extra, uint64_t barrier);

/* ---- server-sent events ---- */

/* Turns the exchange into an event stream (200, text/event-stream). `closed` is called once when
 * the client has gone, was too slow, or the server drains or is destroyed; the stream is freed
 * after it. It is never called from within http_stream_send or _begin. NULL when the exchange was
 * answered otherwise: with 503 and Retry-After when the cap of streams is reached; with the header
 * alone when it was HEAD or the client had gone. */
struct http_stream *http_stream_begin(struct http_exchange *x,
                                      void (*closed)(struct http_stream *stream, void *context),
                                      void *context);
/* Queues bytes (a whole frame); the blob's reference is kept, not taken. A stream that has more
 * than HTTP_STREAM_QUEUE_BYTES unsent is closed. */
void http_stream_send(struct http_stream *stream, struct http_blob *blob);
/* Ends the stream after what is queued; `closed` is not called and `stream` is not to be used any
 * more. */
void http_stream_close(struct http_stream *stream);
#define HTTP_STREAM_QUEUE_BYTES 262144u

/* ---- the server ---- */

struct http_options {
    const char *address; /* numeric IPv4 or IPv6 */
    uint16_t port;       /* 0: any; ask http_server_port */
    const struct http_route *routes;
    size_t route_count;
    /* Called for each whole request before its handler, the fallback included (http_route_of is
     * NULL then); false: the hook has answered. May be NULL.
     */
    bool (*before)(struct http_exchange *x);
    /* Called when the header block of a request has come whose route takes bodies over
     * LIMIT_BODY_BYTES: 0 lets the body in, an HTTP status refuses it unread. May be NULL. */
    int (*admit)(const struct http_exchange *x);
    /* Called when the header block of a request has come while more is under way than max_pending,
     * or over a connection beyond max_connections: true refuses it unread (503, Retry-After), false
     * lets it in. Route, headers and cookies can be looked at; there is no context. It must be
     * cheap and is no check: what it lets in still goes through `before`. NULL: all are refused,
     * and no connections beyond max_connections are kept. */
    bool (*shed)(const struct http_exchange *x);
    /* Called when no route has the path (static files, 404). NULL: a plain 404 problem. A path that
     * is known with other methods is answered by the server: 405 with Allow, OPTIONS with 204. */
    void (*fallback)(struct http_exchange *x);
    /* Called when an answer was handed to the kernel or its client had gone; for requests too that
     * the server itself refused (no route, no context, maybe no path). A stream counts as answered
     * when it begins. May be NULL. */
    void (*finished)(struct http_exchange *x, int status, uint64_t duration_us, size_t bytes);
    void *user;
    const char *trusted_proxies; /* "10.0.0.0/8, ::1"; NULL or "": X-Forwarded-For is ignored */
    uint32_t max_connections;    /* beyond: an eighth more for those that `shed` lets in, then
                                    503 and close; 0: 20,000 */
    uint32_t max_pending;        /* requests that handlers or barriers hold; beyond: `shed`, at
                                    twice as many all are refused; 0: 20,000 */
    uint32_t max_streams;        /* 0: 10,000 */
    /* Time limits in milliseconds; 0: those of base/limits.h. */
    uint32_t header_ms, body_ms, idle_ms;
    uint32_t heartbeat_ms; /* of silent streams; 0: 20,000 */
    uint32_t linger_ms;    /* how long a closed connection may still be sent to; 0: 2,000 */
};

struct http_counters {
    uint64_t accepted, refused, requests, bad_requests, timeouts, shed;
    uint32_t connections, streams;
    uint32_t pending; /* requests that handlers or barriers hold */
};

/* Listens. The options' strings and routes must outlive the server. */
int http_server_create(uv_loop_t *loop, const struct http_options *options,
                       struct http_server **ret_server, struct err *err) MUST_USE;
uint16_t http_server_port(const struct http_server *server);
/* Everything with a barrier up to and including `barrier` may leave; writes once per connection. */
void http_server_release(struct http_server *server, uint64_t barrier);
struct http_counters http_server_counters(const struct http_server *server);
/* Stops accepting, ends idle connections and streams, lets running requests end (at most
 * `patience_ms`), then calls `done`. */
void http_server_drain(struct http_server *server, uint32_t patience_ms,
                       void (*done)(void *context), void *context);
/* Closes everything at once; the loop must run once more for handles to go. Exchanges that were not
 * answered yet are freed: nobody may touch them after. Not from within a handler. NULL is allowed.
 */
void http_server_destroy(struct http_server *server);

#endif
