#include "http/internal.h"

#include <assert.h>
#include <string.h>

enum { BUFS_MAX = LIMIT_PIPELINE * 2 + 2 };

static const char continue_text[] = "HTTP/1.1 100 Continue\r\n\r\n";

static uv_buf_t buf_of(const char *data, size_t len)
{
    /* libuv wants a writable pointer but only reads from it. */
    return uv_buf_init((char *)(uintptr_t)data, (unsigned)len);
}

static void on_shutdown(uv_shutdown_t *request, int status)
{
    struct http_conn *c = request->handle->data;
    if (!c->closing && (status < 0 || c->eof))
        conn_close(c);
}

void conn_linger(struct http_conn *c)
{
    c->last_request = true;
    c->lingering = true;
    /* Closing with unread input would reset the connection and could take our last words with it:
     * end our side, read what still comes, close when the client does or the time is over. */
    if (c->eof || uv_shutdown(&c->request.shutdown, (uv_stream_t *)&c->tcp, on_shutdown) < 0) {
        conn_close(c);
        return;
    }
    c->held_len = 0;
}

/* Takes the first exchange off the queue, wholly handed to the kernel. */
static void pop_sent(struct http_conn *c)
{
    struct http_exchange *x = c->first;
    c->first = x->next;
    if (!c->first)
        c->last = NULL;
    c->queued--;
    bool close = x->close;
    struct http_stream *stream = x->stream;
    x->stream = NULL;
    if (stream) {
        c->stream = stream;
        stream_go_live(stream);
    }
    exchange_finish(x);
    if (close && !stream)
        conn_linger(c);
}

static void on_written(uv_write_t *request, int status)
{
    struct http_conn *c = request->handle->data;
    if (c->closing)
        return;
    c->write_pending = false;
    if (status < 0) {
        conn_close(c);
        return;
    }
    for (uint32_t i = c->writing; i > 0 && !c->closing; i--)
        pop_sent(c);
    c->writing = 0;
    if (c->closing)
        return;
    conn_flush(c);
    conn_resume(c);
    conn_settle(c);
}

struct gathered {
    uv_buf_t bufs[BUFS_MAX];
    unsigned buf_count;
    uint32_t exchanges;
    size_t bytes;
};

static void add(struct gathered *g, const char *data, size_t len)
{
    if (len == 0)
        return;
    g->bufs[g->buf_count++] = buf_of(data, len);
    g->bytes += len;
}

/* All answers that may leave, in order; nothing behind one that ends the connection. */
static void gather(struct http_conn *c, struct gathered *g)
{
    struct http_exchange *x = c->first;
    bool last = false;
    for (; x && !last && exchange_ready(x); x = x->next) {
        add(g, x->out.data, x->out.len);
        if (x->blob)
            add(g, x->blob->data, x->blob->len);
        g->exchanges++;
        last = x->close;
    }
    if (!x && !last && c->want_continue) {
        add(g, continue_text, sizeof continue_text - 1);
        c->want_continue = false;
    }
}

/* Hands what try_write left over to libuv; the memory stays in the exchanges until then. */
static void write_rest(struct http_conn *c, struct gathered *g, size_t sent)
{
    unsigned first = 0;
    while (sent >= g->bufs[first].len) {
        sent -= g->bufs[first].len;
        first++;
    }
    g->bufs[first].base += sent;
    g->bufs[first].len -= sent;
    if (uv_write(&c->request.write, (uv_stream_t *)&c->tcp, g->bufs + first, g->buf_count - first,
                 on_written) < 0) {
        conn_close(c);
        return;
    }
    c->write_pending = true;
}

void conn_flush(struct http_conn *c)
{
    if (c->stream && c->stream->doomed && !c->closing)
        conn_close(c); /* its write may be pending for ever */
    if (c->closing || c->write_pending || c->lingering)
        return;
    if (c->stream) {
        stream_flush(c);
        return;
    }
    struct gathered g;
    g.buf_count = 0;
    g.exchanges = 0;
    g.bytes = 0;
    gather(c, &g);
    if (g.buf_count == 0) {
        if (c->first && c->first->answered && !c->waiting) {
            c->waiting = true;
            LIST_INSERT_HEAD(&c->server->waiting, c, waiting_link);
        }
        return;
    }
    int n = uv_try_write((uv_stream_t *)&c->tcp, g.bufs, g.buf_count);
    if (n < 0 && n != UV_EAGAIN) {
        conn_close(c);
        return;
    }
    size_t sent = n < 0 ? 0 : (size_t)n, left = sent;
    uint32_t whole = 0;
    for (struct http_exchange *x = c->first; whole < g.exchanges && left >= x->bytes; x = x->next) {
        left -= x->bytes;
        whole++;
    }
    if (sent < g.bytes) {
        write_rest(c, &g, sent);
        c->writing = g.exchanges - whole;
    }
    for (; whole > 0 && !c->closing; whole--)
        pop_sent(c);
    /* What became sendable behind them, or frames of a stream that has just begun. */
    if (!c->closing && !c->write_pending && (c->stream || c->first))
        conn_flush(c);
}
