#include "http/internal.h"
#include "http/percent.h"

#include <assert.h>
#include <stdlib.h>

enum {
    HELD_STEP = 4096,       /* an idle half of a header block should not cost more */
    DISCARD_MAX = 1 << 20,  /* bytes read from a client after its last answer */
    CHUNK_OVERHEAD = 16384, /* framing bytes of a chunked body beyond 8 a byte of content */
    FIRST_BODY = 4096,
    REFUSED_MAX = 1024, /* connections that are refused and not closed yet */
};

/* ---- refusing ---- */

static void enqueue(struct http_conn *c, struct http_exchange *x)
{
    x->next = NULL;
    if (c->last)
        c->last->next = x;
    else
        c->first = x;
    c->last = x;
    c->queued++;
}

/* Answers what is being received (or nothing yet) with a problem; nothing more is read. */
static void refuse(struct http_conn *c, int status, const char *code, const char *detail)
{
    struct http_exchange *x = c->receiving ? c->receiving : exchange_take(c->server, c);
    c->receiving = NULL;
    c->want_continue = false;
    c->last_request = true;
    c->server->counters.bad_requests++;
    enqueue(c, x);
    exchange_refuse(x, status, code, detail);
}

/* ---- shedding ---- */

/* How many connections there may be beyond max_connections. */
static uint32_t reserve(const struct http_options *o)
{
    return o->shed ? o->max_connections / 8 : 0;
}

/* Connections that count: not those which are only being told to go. */
static uint32_t connections_open(const struct http_server *server)
{
    return server->counters.connections - server->refused;
}

static bool must_shed(const struct http_conn *c, const struct http_exchange *x)
{
    const struct http_server *server = c->server;
    const struct http_options *o = &server->options;
    uint32_t pending = server->counters.pending;
    bool beyond = c->reserved && connections_open(server) > o->max_connections;
    if (pending < o->max_pending && !beyond)
        return false;
    return pending / 2 >= o->max_pending || !o->shed || o->shed(x);
}

/* Answers with 503 before anything is done or read for the request. Closing after a request without
 * a body would only make its client open the next connection; but one that stands behind others is
 * kept until they are answered, so it is the connection's last. */
static void shed(struct http_conn *c)
{
    struct http_exchange *x = c->receiving;
    c->receiving = NULL;
    c->server->counters.shed++;
    x->close = !c->message_done || !x->keep_alive || c->reserved || c->first;
    c->last_request = x->close;
    enqueue(c, x);
    exchange_shed(x);
}

/* ---- llhttp's callbacks: only the body is taken from it ---- */

static int on_headers_complete(llhttp_t *parser)
{
    parser->upgrade = 0; /* an offer to upgrade is not taken (RFC 9110 7.8) */
    return 0;
}

/* Makes room for `more` bytes of body. Returns a status to refuse with, or 0. */
static int grow_body(struct http_exchange *x, size_t more)
{
    struct http_server *server = x->server;
    size_t need = x->body.len + more;
    if (need > x->body_max)
        return 413;
    if (need <= x->body_cap)
        return 0;
    size_t cap = x->body_cap ? x->body_cap * 2 : FIRST_BODY;
    if (cap < need)
        cap = need;
    if (cap > x->body_max)
        cap = x->body_max;
    if (cap <= LIMIT_BODY_BYTES) {
        char *to = http_alloc(x, cap);
        if (x->body.len)
            memcpy(to, x->body_at, x->body.len);
        x->body_at = to;
        x->body_cap = cap;
        return 0;
    }
    size_t counted = x->body_large ? x->body_cap : 0;
    if (server->large_bodies - counted + cap > LIMIT_LARGE_BODIES_BYTES)
        return 503;
    char *to = realloc(x->body_large ? x->body_at : NULL, cap);
    if (!to)
        return 503;
    if (!x->body_large && x->body.len)
        memcpy(to, x->body_at, x->body.len);
    server->large_bodies += cap - counted;
    x->body_large = true;
    x->body_at = to;
    x->body_cap = cap;
    return 0;
}

static int on_body(llhttp_t *parser, const char *at, size_t len)
{
    struct http_conn *c = parser->data;
    struct http_exchange *x = c->receiving;
    int status = grow_body(x, len);
    if (status) {
        c->body_status = status;
        c->body_detail = status == 413 ? "the body is longer than this route takes"
                                       : "too many large uploads are under way";
        return HPE_USER;
    }
    memcpy(x->body_at + x->body.len, at, len);
    x->body = slice_make(x->body_at, x->body.len + len);
    return 0;
}

static int on_message_complete(llhttp_t *parser)
{
    struct http_conn *c = parser->data;
    c->message_done = true;
    return HPE_PAUSED;
}

/* Trailers and chunk extensions would bring header rules back in through the cellar. */
static int refuse_chunk_text(llhttp_t *parser, const char *at, size_t len)
{
    (void)at;
    (void)len;
    struct http_conn *c = parser->data;
    c->body_status = 400;
    c->body_detail = "chunk extensions are not taken";
    return HPE_USER;
}

static int refuse_trailer(llhttp_t *parser, const char *at, size_t len)
{
    (void)at;
    struct http_conn *c = parser->data;
    if (!(parser->flags & F_TRAILING) || len == 0)
        return 0;
    c->body_status = 400;
    c->body_detail = "trailer fields are not taken";
    return HPE_USER;
}

static const llhttp_settings_t callbacks = {
    .on_header_field = refuse_trailer,
    .on_chunk_extension_name = refuse_chunk_text,
    .on_chunk_extension_value = refuse_chunk_text,
    .on_headers_complete = on_headers_complete,
    .on_body = on_body,
    .on_message_complete = on_message_complete,
};

/* ---- one request ---- */

static void answer_allow(struct http_exchange *x, int status)
{
    static const char *const names[] = {"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"};
    char allow[64];
    size_t n = 0;
    for (unsigned i = 0; i < sizeof names / sizeof names[0]; i++)
        if (x->match.allowed & 1u << i)
            n += (size_t)snprintf(allow + n, sizeof allow - n, "%s, ", names[i]);
    n += (size_t)snprintf(allow + n, sizeof allow - n, "OPTIONS");
    http_add_header(x, "Allow", slice_make(allow, n));
    if (status == 204)
        http_answer(x, 204, NULL, slice_make(NULL, 0), 0);
    else
        http_answer_problem(x, status, "method_not_allowed", exchange_reason(status),
                            SLICE("this address knows other methods, see Allow"),
                            slice_make(NULL, 0), 0);
}

static void dispatch(struct http_conn *c, struct http_exchange *x)
{
    struct http_server *server = c->server;
    c->receiving = NULL;
    c->want_continue = false;
    if (!x->keep_alive)
        c->last_request = true;
    enqueue(c, x);
    server->counters.requests++;
    server->counters.pending++;
    x->dispatched = true;
    if (server->options.before && !server->options.before(x))
        return;
    if (x->match.route)
        x->match.route->handler(x);
    else if (x->method == HTTP_METHOD_OPTIONS && (x->match.allowed || x->path.data[0] == '*'))
        answer_allow(x, 204);
    else if (x->match.allowed)
        answer_allow(x, 405);
    else if (server->options.fallback)
        server->options.fallback(x);
    else
        http_answer_problem(x, 404, "not_found", "Not Found", SLICE("there is nothing here"),
                            slice_make(NULL, 0), 0);
}

static void copy_head(struct http_exchange *x, const char *data, size_t len,
                      const struct head *head)
{
    char *block = http_alloc(x, len);
    memcpy(block, data, len);
    for (size_t i = 0; i < head->field_count; i++) {
        char *name = block + head->fields[i].name;
        for (size_t j = 0; j < head->fields[i].name_len; j++)
            if (name[j] >= 'A' && name[j] <= 'Z')
                name[j] = (char)(name[j] | 0x20);
    }
    memcpy(x->fields, head->fields, head->field_count * sizeof head->fields[0]);
    x->field_count = head->field_count;
    x->block = block;
    x->path = head->path_len ? slice_make(block + head->path, head->path_len) : SLICE("/");
    x->query = slice_make(block + head->query, head->query_len);
    x->body = slice_make(block + len, 0);
    x->method = head->method;
    x->minor = head->minor;
    x->keep_alive = head->keep_alive;
}

static bool decode_params(struct http_exchange *x)
{
    for (uint32_t i = 0; i < x->match.count; i++) {
        struct slice *value = &x->match.values[i];
        if (!memchr(value->data, '%', value->len))
            continue;
        char *to = http_alloc(x, value->len);
        if (!percent_decode(*value, false, to, &value->len))
            return false;
        value->data = to;
    }
    return true;
}

/* The client's address; several X-Forwarded-For fields are one list (RFC 9110 5.3). */
static void find_client(struct http_exchange *x)
{
    const struct http_server *server = x->server;
    x->client = x->conn->peer;
    if (server->trusted.count == 0)
        return;
    char *list = NULL;
    size_t len = 0;
    for (size_t i = 0; i < x->field_count; i++) {
        const struct head_field *f = &x->fields[i];
        if (f->name_len != 15 || memcmp(x->block + f->name, "x-forwarded-for", 15) != 0)
            continue;
        if (!list)
            list = http_alloc(x, LIMIT_HEADER_BYTES);
        if (len)
            list[len++] = ',';
        memcpy(list + len, x->block + f->value, f->value_len);
        len += f->value_len;
    }
    if (len)
        x->client = address_of_client(&server->trusted, &x->client, slice_make(list, len));
}

/* Lets llhttp read the header block too; the two readings must agree. */
static bool second_opinion(struct http_conn *c, const struct http_exchange *x, size_t len,
                           const struct head *head)
{
    llhttp_init(&c->parser, HTTP_REQUEST, &callbacks);
    c->parser.data = c;
    c->message_done = false;
    c->body_status = 0;
    c->wire_body = 0;
    llhttp_errno_t r = llhttp_execute(&c->parser, x->block, len);
    bool has_body = head->chunked || head->content_length > 0;
    if (has_body)
        return r == HPE_OK && !c->message_done &&
               (head->chunked ? (c->parser.flags & F_CHUNKED) != 0
                              : c->parser.content_length == head->content_length);
    return r == HPE_PAUSED && c->message_done && llhttp_get_error_pos(&c->parser) == x->block + len;
}

static void begin_request(struct http_conn *c, const char *data, size_t len,
                          const struct head *head)
{
    struct http_server *server = c->server;
    struct http_exchange *x = exchange_take(server, c);
    c->receiving = x;
    copy_head(x, data, len, head);
    find_client(x);
    router_find(server->router, x->method, x->path, &x->match);
    if (!decode_params(x)) {
        refuse(c, 400, "bad_request", "the path holds a malformed percent escape");
        return;
    }
    const struct http_route *route = x->match.route;
    x->body_max = route && route->max_body ? route->max_body : LIMIT_BODY_BYTES;
    if (head->content_length > x->body_max) {
        refuse(c, 413, "body_too_large", "the body is longer than this route takes");
        return;
    }
    if (!second_opinion(c, x, len, head)) {
        refuse(c, 400, "bad_request", "the header block is malformed");
        return;
    }
    if (must_shed(c, x)) {
        shed(c);
        return;
    }
    if (c->message_done) {
        dispatch(c, x);
        return;
    }
    int status =
        x->body_max > LIMIT_BODY_BYTES && server->options.admit ? server->options.admit(x) : 0;
    if (status) {
        refuse(c, status, status == 403 ? "forbidden" : "unauthenticated",
               "this upload was refused before its body");
        return;
    }
    if (head->has_length && head->content_length <= LIMIT_BODY_BYTES) {
        x->body_at = http_alloc(x, (size_t)head->content_length);
        x->body_cap = (size_t)head->content_length;
    }
    c->want_continue = head->expect_continue;
}

/* ---- input ---- */

/* Header block at the start of the input: bytes used, 0 when more are needed. */
static size_t take_head(struct http_conn *c, const char *data, size_t len)
{
    /* Without a new line in it an incomplete block is not looked at again. */
    if (c->scanned && c->scanned <= len && len < LIMIT_URI_BYTES &&
        !memchr(data + c->scanned, '\n', len - c->scanned)) {
        c->scanned = (uint32_t)len;
        return 0;
    }
    struct head head;
    int n = head_parse(data, len, &head);
    if (n == 0) {
        c->scanned = (uint32_t)len;
        return 0;
    }
    c->scanned = 0;
    if (n < 0) {
        const struct head_refusal_text *text = head_refusal_text(head.refusal);
        refuse(c, text->status, text->code, text->detail);
        return len;
    }
    begin_request(c, data, (size_t)n, &head);
    return (size_t)n;
}

static size_t take_body(struct http_conn *c, const char *data, size_t len)
{
    struct http_exchange *x = c->receiving;
    /* A body of known length takes exactly that, so that llhttp never sees the next request. */
    bool chunked = (c->parser.flags & F_CHUNKED) != 0;
    if (!chunked && c->parser.content_length < len)
        len = (size_t)c->parser.content_length;
    c->want_continue = false;
    llhttp_errno_t r = llhttp_execute(&c->parser, data, len);
    size_t used = len;
    if (r == HPE_PAUSED && c->message_done)
        used = (size_t)(llhttp_get_error_pos(&c->parser) - data);
    c->wire_body += used;
    for (size_t i = used > 4 ? used - 4 : 0; i < used; i++)
        c->body_tail = c->body_tail << 8 | (uint8_t)data[i];
    if (r != HPE_OK && !c->message_done) {
        if (c->body_status)
            refuse(c, c->body_status,
                   c->body_status == 413   ? "body_too_large"
                   : c->body_status == 503 ? "busy"
                                           : "bad_request",
                   c->body_detail);
        else
            refuse(c, 400, "bad_request", "the body's framing is malformed");
        return used;
    }
    if (c->wire_body > (uint64_t)x->body.len * 8 + CHUNK_OVERHEAD) {
        refuse(c, 400, "bad_request", "the body's framing is mostly overhead");
        return used;
    }
    if (c->message_done && chunked && c->body_tail != 0x0d0a0d0a) {
        /* llhttp takes a bare LF for the end of the last line. */
        refuse(c, 400, "bad_request", "the body's framing is malformed");
        return used;
    }
    if (c->message_done)
        dispatch(c, x);
    return used;
}

/* Takes in as much as may be taken now; returns bytes used. */
static size_t consume(struct http_conn *c, const char *data, size_t len)
{
    size_t at = 0;
    while (at < len && !c->closing) {
        if (c->last_request && !c->receiving)
            return len;
        size_t used;
        if (c->receiving) {
            used = take_body(c, data + at, len - at);
        } else {
            if (c->queued >= LIMIT_PIPELINE || c->write_pending)
                break;
            used = take_head(c, data + at, len - at);
            if (used == 0)
                break;
        }
        at += used;
    }
    return at;
}

/* Keeps the unconsumed rest for the next turn. */
static bool hold(struct http_conn *c, const char *data, size_t len)
{
    if (len > c->held_cap) {
        char *grown = realloc(NULL, len + HELD_STEP);
        if (!grown)
            return false;
        memcpy(grown, data, len);
        free(c->held);
        c->held = grown;
        c->held_cap = (uint32_t)(len + HELD_STEP);
    } else if (len && c->held != data) {
        memmove(c->held, data, len);
    }
    c->held_len = (uint32_t)len;
    if (len == 0 && c->held) {
        free(c->held);
        c->held = NULL;
        c->held_cap = 0;
    }
    return true;
}

/* Dispatches and flushes in turn until the input is used up or must wait. `data` is the shared
 * read buffer or c->held. */
static void turn(struct http_conn *c, const char *data, size_t len)
{
    c->in_turn = true;
    for (;;) {
        size_t used = consume(c, data, len);
        data += used;
        len -= used;
        if (!c->closing)
            conn_flush(c);
        if (c->closing) {
            c->in_turn = false;
            return;
        }
        if (used == 0 || len == 0)
            break;
    }
    c->in_turn = false;
    if ((len || c->held) && !hold(c, data, len)) {
        conn_close(c);
        return;
    }
    conn_settle(c);
}

void conn_resume(struct http_conn *c)
{
    if (c->closing || c->stream || c->lingering || c->held_len == 0)
        return;
    turn(c, c->held, c->held_len);
}

static void on_alloc(uv_handle_t *handle, size_t suggested, uv_buf_t *buf)
{
    (void)suggested;
    struct http_conn *c = handle->data;
    if (c->held_len == 0) {
        *buf = uv_buf_init(c->server->read_buffer, HTTP_READ_BYTES);
        return;
    }
    if (c->held_cap - c->held_len < HELD_STEP / 2) {
        char *grown = realloc(c->held, c->held_cap + HELD_STEP);
        if (!grown) {
            *buf = uv_buf_init(NULL, 0); /* libuv reports UV_ENOBUFS */
            return;
        }
        c->held = grown;
        c->held_cap += HELD_STEP;
    }
    *buf = uv_buf_init(c->held + c->held_len, c->held_cap - c->held_len);
}

static void on_eof(struct http_conn *c)
{
    c->eof = true;
    c->reading = false; /* libuv has stopped by itself */
    if (c->stream || c->lingering || (!c->first && !c->write_pending)) {
        conn_close(c);
        return;
    }
    /* A half-closed client still gets the answers it asked for. */
    if (c->receiving) {
        exchange_free(c->receiving);
        c->receiving = NULL;
        c->last_request = true;
    }
    conn_settle(c);
}

static void on_read(uv_stream_t *handle, ssize_t n, const uv_buf_t *buf)
{
    struct http_conn *c = handle->data;
    if (n == 0 || c->closing)
        return;
    if (n == UV_EOF) {
        on_eof(c);
        return;
    }
    if (n < 0) {
        conn_close(c);
        return;
    }
    if (c->lingering || c->stream) {
        c->discarded += (uint32_t)n;
        if (c->discarded > DISCARD_MAX)
            conn_close(c);
        return;
    }
    if (c->held_len) {
        c->held_len += (uint32_t)n;
        turn(c, c->held, c->held_len);
    } else {
        turn(c, buf->base, (size_t)n);
    }
}

/* ---- timers, reading on and off ---- */

static uint32_t timer_ms(const struct http_conn *c, enum conn_timer timer)
{
    const struct http_options *o = &c->server->options;
    switch (timer) {
    case TIMER_HEADER: return o->header_ms;
    case TIMER_BODY: return o->body_ms;
    case TIMER_LINGER: return o->linger_ms;
    default: return o->idle_ms;
    }
}

static void set_timer(struct http_conn *c, enum conn_timer timer)
{
    uint64_t now = uv_now(c->server->loop);
    if (timer == TIMER_BODY) {
        /* Large uploads get more time as long as they come at the least rate. */
        if (c->timer != TIMER_BODY)
            c->body_begun_ms = now;
        c->deadline_ms = c->body_begun_ms + timer_ms(c, timer) +
                         c->wire_body * 1000 / LIMIT_BODY_BYTES_PER_SECOND;
    } else if (timer != c->timer || timer == TIMER_IDLE) {
        c->unsent = SIZE_MAX;
        c->deadline_ms = timer == TIMER_NONE ? UINT64_MAX : now + timer_ms(c, timer);
    }
    c->timer = timer;
}

void conn_settle(struct http_conn *c)
{
    if (c->closing)
        return;
    bool paused = c->queued >= LIMIT_PIPELINE || c->write_pending || c->last_request;
    bool want = !c->eof && (c->lingering || c->stream || c->receiving || !paused);
    if (want != c->reading) {
        if (want)
            uv_read_start((uv_stream_t *)&c->tcp, on_alloc, on_read);
        else
            uv_read_stop((uv_stream_t *)&c->tcp);
        c->reading = want;
    }
    enum conn_timer timer = TIMER_IDLE;
    if (c->lingering)
        timer = TIMER_LINGER;
    else if (c->write_pending)
        timer = TIMER_WRITE;
    else if (c->receiving)
        timer = TIMER_BODY;
    else if (c->first || c->stream)
        timer = TIMER_NONE;
    else if (c->held_len)
        timer = TIMER_HEADER;
    set_timer(c, timer);
    bool quiet = !c->first && !c->stream && !c->lingering && !c->write_pending;
    if (quiet && (c->eof || (c->server->draining && !c->receiving && !c->held_len)))
        conn_close(c);
}

void conn_timeout(struct http_conn *c)
{
    size_t unsent = uv_stream_get_write_queue_size((uv_stream_t *)&c->tcp);
    switch (c->timer) {
    case TIMER_HEADER:
    case TIMER_BODY:
        c->server->counters.timeouts++;
        refuse(c, 408, "request_timeout", "the request did not arrive in time");
        conn_flush(c);
        conn_settle(c);
        break;
    case TIMER_WRITE:
        if (unsent < c->unsent) { /* it reads, slowly */
            c->unsent = unsent;
            c->deadline_ms = uv_now(c->server->loop) + timer_ms(c, TIMER_WRITE);
            break;
        }
        c->server->counters.timeouts++;
        conn_close(c);
        break;
    default: conn_close(c); break;
    }
}

void conn_mark_dirty(struct http_conn *c)
{
    if (c->dirty || c->in_turn || c->closing)
        return;
    c->dirty = true;
    LIST_INSERT_HEAD(&c->server->dirty, c, dirty_link);
}

/* ---- life ---- */

static void on_closed(uv_handle_t *handle)
{
    struct http_conn *c = handle->data;
    struct http_server *server = c->server;
    free(c->held);
    free(c);
    server_handle_closed(server);
}

/* What remains in the queue: handlers keep theirs, the rest is over. */
static void abandon_queue(struct http_conn *c)
{
    for (struct http_exchange *x = c->first, *next; x; x = next) {
        next = x->next;
        x->conn = NULL;
        x->next = NULL;
        if (x->stream) {
            x->stream->conn = NULL;
            stream_end(x->stream);
            x->stream = NULL;
        }
        if (!x->answered && x->dispatched)
            LIST_INSERT_HEAD(&c->server->orphans, x, orphan_link);
        else
            exchange_finish(x);
    }
    c->first = c->last = NULL;
    c->queued = 0;
}

void conn_close(struct http_conn *c)
{
    if (c->closing)
        return;
    struct http_server *server = c->server;
    c->closing = true;
    if (c->dirty)
        LIST_REMOVE(c, dirty_link);
    if (c->waiting)
        LIST_REMOVE(c, waiting_link);
    LIST_REMOVE(c, link);
    server->counters.connections--;
    if (c->refused)
        server->refused--;
    if (c->receiving) {
        exchange_free(c->receiving);
        c->receiving = NULL;
    }
    uv_close((uv_handle_t *)&c->tcp, on_closed);
    abandon_queue(c);
    if (c->stream) {
        struct http_stream *stream = c->stream;
        c->stream = NULL;
        stream->conn = NULL;
        stream_end(stream);
    }
}

static void refuse_connection(struct http_conn *c)
{
    static const char body[] =
        "{\"type\":\"urn:onsale:problem:busy\",\"title\":\"Service Unavailable\","
        "\"status\":503,\"detail\":\"too many connections\",\"code\":\"busy\"}";
    char text[512];
    int len =
        snprintf(text, sizeof text,
                 "HTTP/1.1 503 Service Unavailable\r\nContent-Type: application/problem+json\r\n"
                 "Content-Length: %zu\r\nRetry-After: %u\r\nConnection: close\r\n\r\n%s",
                 sizeof body - 1, server_retry_seconds(c->server), body);
    uv_buf_t buf = uv_buf_init(text, (unsigned)len);
    (void)uv_try_write((uv_stream_t *)&c->tcp, &buf, 1);
    c->server->counters.refused++;
    if (c->server->refused >= REFUSED_MAX) {
        conn_close(c);
        return;
    }
    /* Closed at once, a request that is on its way would reset the connection and take the answer
     * with it. */
    c->refused = true;
    c->server->refused++;
    conn_linger(c);
    conn_settle(c);
}

void conn_accept(struct http_server *server)
{
    struct http_conn *c = calloc(1, sizeof *c);
    if (!c)
        return; /* the kernel keeps it; the next one tries again */
    if (uv_tcp_init(server->loop, &c->tcp) < 0) {
        free(c);
        return;
    }
    c->tcp.data = c;
    c->server = server;
    server->handles++;
    server->counters.connections++;
    LIST_INSERT_HEAD(&server->conns, c, link);
    if (uv_accept((uv_stream_t *)&server->listener, (uv_stream_t *)&c->tcp) < 0) {
        conn_close(c);
        return;
    }
    server->counters.accepted++;
    const struct http_options *o = &server->options;
    c->reserved = connections_open(server) > o->max_connections;
    if (connections_open(server) > o->max_connections + reserve(o)) {
        refuse_connection(c);
        return;
    }
    struct sockaddr_storage peer;
    int len = sizeof peer;
    if (uv_tcp_getpeername(&c->tcp, (struct sockaddr *)&peer, &len) < 0) {
        conn_close(c);
        return;
    }
    address_from_sockaddr((struct sockaddr *)&peer, &c->peer);
    (void)uv_tcp_nodelay(&c->tcp, 1);
    conn_settle(c);
}
