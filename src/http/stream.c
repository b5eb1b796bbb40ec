#include "http/internal.h"

#include <assert.h>
#include <stdlib.h>

enum { FRAMES_A_WRITE = 32, FIRST_FRAMES = 4 };

struct http_stream *http_stream_begin(struct http_exchange *x,
                                      void (*closed)(struct http_stream *stream, void *context),
                                      void *context)
{
    struct http_server *server = x->server;
    if (!x->conn || x->method == HTTP_METHOD_HEAD) {
        exchange_answer_stream(x); /* nobody reads frames */
        return NULL;
    }
    struct http_stream *stream = NULL;
    if (server->counters.streams < server->options.max_streams && !server->draining)
        stream = calloc(1, sizeof *stream);
    if (!stream) {
        http_add_header(x, "Retry-After", SLICE("5"));
        http_answer_problem(x, 503, "busy", exchange_reason(503),
                            SLICE("there are too many event streams, poll instead"),
                            slice_make(NULL, 0), 0);
        return NULL;
    }
    stream->server = server;
    stream->conn = x->conn;
    stream->closed = closed;
    stream->context = context;
    stream->last_send_ms = uv_now(server->loop);
    server->counters.streams++;
    x->stream = stream;
    x->conn->last_request = true;
    exchange_answer_stream(x);
    return stream;
}

static void pop_frame(struct http_stream *stream)
{
    http_blob_drop(stream->queue[stream->first]);
    stream->first = (stream->first + 1) & (stream->cap - 1);
    stream->count--;
}

static bool grow_queue(struct http_stream *stream)
{
    uint32_t cap = stream->cap ? stream->cap * 2 : FIRST_FRAMES;
    struct http_blob **queue = malloc(cap * sizeof(struct http_blob *));
    if (!queue)
        return false;
    for (uint32_t i = 0; i < stream->count; i++)
        queue[i] = stream->queue[(stream->first + i) & (stream->cap - 1)];
    free(stream->queue);
    stream->queue = queue;
    stream->first = 0;
    stream->cap = cap;
    return true;
}

void http_stream_send(struct http_stream *stream, struct http_blob *blob)
{
    if (!stream->conn || stream->doomed || stream->ending || blob->len == 0)
        return;
    if (stream->bytes + blob->len > HTTP_STREAM_QUEUE_BYTES ||
        (stream->count == stream->cap && !grow_queue(stream))) {
        stream->doomed = true; /* closed by the loop, not under the feet of the caller */
        conn_mark_dirty(stream->conn);
        return;
    }
    stream->queue[(stream->first + stream->count) & (stream->cap - 1)] = http_blob_keep(blob);
    stream->count++;
    stream->bytes += blob->len;
    stream->last_send_ms = uv_now(stream->server->loop);
    conn_mark_dirty(stream->conn);
}

void http_stream_close(struct http_stream *stream)
{
    stream->closed = NULL;
    stream->ending = true;
    if (stream->conn)
        conn_mark_dirty(stream->conn);
}

void stream_go_live(struct http_stream *stream)
{
    stream->live = true;
}

static void on_frames_written(uv_write_t *request, int status)
{
    struct http_conn *c = request->handle->data;
    if (c->closing)
        return;
    c->write_pending = false;
    if (status < 0) {
        conn_close(c);
        return;
    }
    for (; c->writing > 0; c->writing--) {
        struct http_stream *stream = c->stream;
        stream->bytes -= stream->queue[stream->first]->len - stream->first_sent;
        stream->first_sent = 0;
        pop_frame(stream);
    }
    stream_flush(c);
    conn_settle(c);
}

/* Takes `sent` bytes off the queue; returns true when a frame is left in the middle or unsent. */
static bool take_sent(struct http_stream *stream, size_t sent)
{
    stream->bytes -= sent;
    while (stream->count > 0) {
        size_t left = stream->queue[stream->first]->len - stream->first_sent;
        if (sent < left) {
            stream->first_sent += sent;
            return true;
        }
        sent -= left;
        stream->first_sent = 0;
        pop_frame(stream);
    }
    return false;
}

static unsigned frames_as_bufs(const struct http_stream *stream, uv_buf_t *bufs, size_t *ret_bytes)
{
    unsigned n = 0;
    size_t bytes = 0;
    for (; n < stream->count && n < FRAMES_A_WRITE; n++) {
        struct http_blob *blob = stream->queue[(stream->first + n) & (stream->cap - 1)];
        size_t skip = n == 0 ? stream->first_sent : 0;
        bufs[n] = uv_buf_init(blob->data + skip, (unsigned)(blob->len - skip));
        bytes += blob->len - skip;
    }
    *ret_bytes = bytes;
    return n;
}

void stream_flush(struct http_conn *c)
{
    struct http_stream *stream = c->stream;
    while (stream->count > 0 && !c->write_pending) {
        uv_buf_t bufs[FRAMES_A_WRITE];
        size_t bytes;
        unsigned n = frames_as_bufs(stream, bufs, &bytes);
        int sent = uv_try_write((uv_stream_t *)&c->tcp, bufs, n);
        if (sent < 0 && sent != UV_EAGAIN) {
            conn_close(c);
            return;
        }
        if (sent > 0)
            take_sent(stream, (size_t)sent);
        if (sent > 0 && (size_t)sent == bytes)
            continue;
        n = frames_as_bufs(stream, bufs, &bytes);
        if (uv_write(&c->request.write, (uv_stream_t *)&c->tcp, bufs, n, on_frames_written) < 0) {
            conn_close(c);
            return;
        }
        c->write_pending = true;
        c->writing = n;
    }
    if (stream->ending && stream->count == 0 && !c->write_pending) {
        c->stream = NULL;
        stream->conn = NULL;
        stream_end(stream);
        conn_linger(c);
    }
}

void stream_end(struct http_stream *stream)
{
    stream->server->counters.streams--;
    if (stream->closed)
        stream->closed(stream, stream->context);
    while (stream->count > 0)
        pop_frame(stream);
    free(stream->queue);
    free(stream);
}

void stream_heartbeat(struct http_stream *stream, uint64_t now_ms)
{
    if (stream->live && stream->count == 0 &&
        now_ms - stream->last_send_ms >= stream->server->options.heartbeat_ms)
        http_stream_send(stream, stream->server->heartbeat);
}
