#include "http/internal.h"

#include <assert.h>
#include <signal.h>
#include <stdlib.h>

enum { BACKLOG = 1024, SWEEP_MS = 1000 };

void server_handle_closed(struct http_server *server)
{
    server->handles--;
    if (server->handles > 0 || !server->destroyed)
        return;
    while (server->pool) {
        struct http_exchange *x = server->pool;
        server->pool = x->next;
        free(x);
    }
    router_destroy(server->router);
    http_blob_drop(server->heartbeat);
    buf_finish(&server->scratch);
    free(server->read_buffer);
    free(server);
}

static void on_handle_closed(uv_handle_t *handle)
{
    server_handle_closed(handle->data);
}

/* ---- the sweep: one look a second at every connection instead of a timer each ---- */

/* Tells once that nothing is left; `server` may be gone after it. */
static void end_drain(struct http_server *server)
{
    server->drained = true;
    server->drain_done(server->drain_context);
}

static void close_all(struct http_server *server)
{
    struct http_conn *c;
    while ((c = LIST_FIRST(&server->conns)) != NULL)
        conn_close(c);
}

static void on_sweep(uv_timer_t *timer)
{
    struct http_server *server = timer->data;
    uint64_t now = uv_now(server->loop);
    struct http_conn *c, *next;
    for (c = LIST_FIRST(&server->conns); c; c = next) {
        next = LIST_NEXT(c, link);
        if (c->deadline_ms <= now)
            conn_timeout(c);
        else if (c->stream)
            stream_heartbeat(c->stream, now);
    }
    if (server->draining && !server->drained && now >= server->drain_deadline_ms)
        close_all(server);
}

static void on_hurry(uv_idle_t *hurry)
{
    (void)hurry; /* being active is all it is for */
}

/* Runs before the loop polls: what was answered outside a connection's own turn leaves now. */
static void on_prepare(uv_prepare_t *prepare)
{
    struct http_server *server = prepare->data;
    struct http_conn *c;
    bool resumed = false;
    while ((c = LIST_FIRST(&server->dirty)) != NULL) {
        LIST_REMOVE(c, dirty_link);
        c->dirty = false;
        resumed |= c->held_len > 0;
        conn_flush(c);
        conn_resume(c);
        conn_settle(c);
    }
    /* Held requests may have been dispatched, and their barrier is released after the poll. */
    if (resumed)
        (void)uv_idle_start(&server->hurry, on_hurry);
    else
        (void)uv_idle_stop(&server->hurry);
    if (server->draining && !server->drained && LIST_EMPTY(&server->conns))
        end_drain(server);
}

void http_server_release(struct http_server *server, uint64_t barrier)
{
    if (barrier <= server->released)
        return;
    server->released = barrier;
    /* Those that must wait on come back onto the server's list. */
    struct conn_list list = LIST_HEAD_INITIALIZER(list);
    struct http_conn *c = LIST_FIRST(&server->waiting);
    if (!c)
        return;
    list.lh_first = c;
    c->waiting_link.le_prev = &list.lh_first;
    LIST_INIT(&server->waiting);
    while ((c = LIST_FIRST(&list)) != NULL) {
        LIST_REMOVE(c, waiting_link);
        c->waiting = false;
        conn_flush(c);
        /* Held requests are dispatched later: their handlers must not run inside the caller. */
        if (!c->closing && c->held_len)
            conn_mark_dirty(c);
        else
            conn_settle(c);
    }
}

uint32_t server_retry_seconds(struct http_server *server)
{
    server->jitter ^= server->jitter << 13;
    server->jitter ^= server->jitter >> 7;
    server->jitter ^= server->jitter << 17;
    return 2 + (uint32_t)(server->jitter >> 32) % 8;
}

/* ---- life ---- */

static void on_connection(uv_stream_t *listener, int status)
{
    struct http_server *server = listener->data;
    if (status == 0 && server->listening)
        conn_accept(server);
}

static void set_defaults(struct http_options *o)
{
    o->max_connections = o->max_connections ? o->max_connections : 20000;
    o->max_pending = o->max_pending ? o->max_pending : 20000;
    o->max_streams = o->max_streams ? o->max_streams : 10000;
    o->header_ms = o->header_ms ? o->header_ms : LIMIT_HEADER_SECONDS * 1000;
    o->body_ms = o->body_ms ? o->body_ms : LIMIT_BODY_SECONDS * 1000;
    o->idle_ms = o->idle_ms ? o->idle_ms : LIMIT_IDLE_SECONDS * 1000;
    o->heartbeat_ms = o->heartbeat_ms ? o->heartbeat_ms : 20000;
    o->linger_ms = o->linger_ms ? o->linger_ms : 2000;
}

/* A quarter of the shortest time limit, at most a second. */
static uint64_t sweep_ms(const struct http_options *o)
{
    uint32_t all[] = {o->header_ms, o->body_ms, o->idle_ms, o->heartbeat_ms, o->linger_ms};
    uint32_t least = SWEEP_MS * 4;
    for (size_t i = 0; i < sizeof all / sizeof all[0]; i++)
        least = all[i] < least ? all[i] : least;
    return least / 4 ? least / 4 : 1;
}

static int listen_at(struct http_server *server, struct err *err)
{
    struct sockaddr_storage at;
    const struct http_options *o = &server->options;
    const char *text = o->address ? o->address : "127.0.0.1";
    if (uv_ip4_addr(text, o->port, (struct sockaddr_in *)&at) < 0 &&
        uv_ip6_addr(text, o->port, (struct sockaddr_in6 *)&at) < 0)
        return err_set(err, "\"%s\" is not a numeric IPv4 or IPv6 address", text);
    int r = uv_tcp_bind(&server->listener, (const struct sockaddr *)&at, 0);
    if (r == 0)
        r = uv_listen((uv_stream_t *)&server->listener, BACKLOG, on_connection);
    int len = sizeof at;
    if (r == 0)
        r = uv_tcp_getsockname(&server->listener, (struct sockaddr *)&at, &len);
    if (r < 0)
        return err_set(err, "cannot listen on %s port %u: %s", text, o->port, uv_strerror(r));
    in_port_t port = at.ss_family == AF_INET ? ((struct sockaddr_in *)&at)->sin_port
                                             : ((struct sockaddr_in6 *)&at)->sin6_port;
    server->port = ntohs(port);
    return 0;
}

int http_server_create(uv_loop_t *loop, const struct http_options *options,
                       struct http_server **ret_server, struct err *err)
{
    struct http_server *server = calloc(1, sizeof *server);
    if (!server)
        return err_set(err, "out of memory");
    server->loop = loop;
    server->options = *options;
    set_defaults(&server->options);
    server->jitter = uv_hrtime() | 1;
    server->read_buffer = malloc(HTTP_READ_BYTES);
    server->heartbeat = http_blob_create(":\n\n", 3);
    int r = server->read_buffer && server->heartbeat ? 0 : err_set(err, "out of memory");
    if (r == 0)
        r = router_create(options->routes, options->route_count, &server->router, err);
    if (r == 0)
        r = address_set_parse(options->trusted_proxies, &server->trusted, err);
    if (r == 0 && uv_tcp_init(loop, &server->listener) < 0)
        r = err_set(err, "cannot make a socket");
    if (r < 0) {
        server->destroyed = true;
        server->handles = 1;
        server_handle_closed(server);
        return -1;
    }
    /* A client that has gone must be an error of the write, not the end of the process. */
    signal(SIGPIPE, SIG_IGN);
    uv_timer_init(loop, &server->sweep);
    uv_prepare_init(loop, &server->prepare);
    uv_idle_init(loop, &server->hurry);
    server->handles = 4;
    server->listener.data = server->sweep.data = server->prepare.data = server;
    server->hurry.data = server;
    server->listening = true;
    if (listen_at(server, err) < 0) {
        http_server_destroy(server);
        return -1;
    }
    uint64_t every = sweep_ms(&server->options);
    uv_timer_start(&server->sweep, on_sweep, every, every);
    uv_prepare_start(&server->prepare, on_prepare);
    *ret_server = server;
    return 0;
}

uint16_t http_server_port(const struct http_server *server)
{
    return server->port;
}

struct http_counters http_server_counters(const struct http_server *server)
{
    return server->counters;
}

static void stop_listening(struct http_server *server)
{
    if (!server->listening)
        return;
    server->listening = false;
    uv_close((uv_handle_t *)&server->listener, on_handle_closed);
}

void http_server_drain(struct http_server *server, uint32_t patience_ms,
                       void (*done)(void *context), void *context)
{
    assert(!server->draining && done);
    server->draining = true;
    server->drain_done = done;
    server->drain_context = context;
    server->drain_deadline_ms = uv_now(server->loop) + patience_ms;
    stop_listening(server);
    struct http_conn *c, *next;
    for (c = LIST_FIRST(&server->conns); c; c = next) {
        next = LIST_NEXT(c, link);
        if (c->stream)
            conn_close(c);
        else
            conn_settle(c);
    }
}

void http_server_destroy(struct http_server *server)
{
    if (!server || server->destroyed)
        return;
    server->options.finished = NULL;
    stop_listening(server);
    close_all(server);
    struct http_exchange *x;
    while ((x = LIST_FIRST(&server->orphans)) != NULL) {
        LIST_REMOVE(x, orphan_link);
        exchange_free(x);
    }
    server->destroyed = true;
    uv_close((uv_handle_t *)&server->sweep, on_handle_closed);
    uv_close((uv_handle_t *)&server->prepare, on_handle_closed);
    uv_close((uv_handle_t *)&server->hurry, on_handle_closed);
}
