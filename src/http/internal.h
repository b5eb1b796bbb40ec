/*
 * internal: what the files of the server share (server.c, conn.c, output.c, exchange.c, stream.c).
 * Not for other folders.
 *
 *   server.c    listening, the sweep of timeouts, releasing barriers, drain
 *   conn.c      reading: header block, llhttp for the body, dispatch, timeouts of one connection
 *   output.c    writing: answers in order, one write a connection a release, lingering close
 *   exchange.c  memory, request accessors, making answers
 *   stream.c    server-sent events
 *
 * A connection owns the exchanges in its queue (dispatched, in order, not yet sent) and the one
 * being received. When the client goes, exchanges that no handler holds are freed; the others
 * become orphans of the server until their handler answers.
 */
#ifndef ONSALE_HTTP_INTERNAL_H
#define ONSALE_HTTP_INTERNAL_H

#include "base/limits.h"
#include "http/address.h"
#include "http/head.h"
#include "http/server.h"

#include <llhttp.h>
#include <sys/queue.h>

struct arena_chunk {
    struct arena_chunk *next;
    _Alignas(16) char data[];
};

enum {
    EXCHANGE_MEMORY = 3072, /* most exchanges need no more than this */
    HTTP_READ_BYTES = 65536,
};

struct http_exchange {
    struct http_server *server;
    struct http_conn *conn;     /* NULL: the client has gone */
    struct http_exchange *next; /* in the connection's queue, or in the pool */
    LIST_ENTRY(http_exchange) orphan_link;

    struct slice path, query, body;
    const char *block; /* the header block, names in lower case */
    struct router_match match;
    void *context;
    struct http_stream *stream; /* begun, header not sent yet */
    char *body_at;              /* where the body grows */
    size_t body_cap, body_max;
    bool body_large; /* body_at is owned and counted: a body beyond LIMIT_BODY_BYTES */
    struct http_address client;
    enum http_method method;
    uint16_t field_count;
    uint8_t minor;
    bool keep_alive; /* as the client asked */
    bool close;      /* nothing follows this answer */
    bool answered;
    bool dispatched; /* a handler knows it */

    char *extra; /* fields added by the handler */
    size_t extra_len, extra_cap;
    struct slice out; /* header block and copied body */
    struct http_blob *blob;
    uint64_t barrier, begun_ns;
    size_t bytes;
    int status;

    struct arena_chunk *chunks;
    char *at, *end;
    struct head_field fields[LIMIT_HEADER_FIELDS];
    _Alignas(16) char memory[EXCHANGE_MEMORY];
};

enum conn_timer { TIMER_NONE, TIMER_IDLE, TIMER_HEADER, TIMER_BODY, TIMER_WRITE, TIMER_LINGER };

struct http_conn {
    uv_tcp_t tcp;
    union {
        uv_write_t write;
        uv_shutdown_t shutdown;
    } request; /* one of them at a time */
    struct http_server *server;
    LIST_ENTRY(http_conn) link;
    LIST_ENTRY(http_conn) waiting_link; /* its next answer waits for a barrier */
    LIST_ENTRY(http_conn) dirty_link;   /* to be looked at before the loop polls again */

    llhttp_t parser;
    struct http_exchange *receiving;
    struct http_exchange *first, *last; /* in the order of their requests */
    struct http_stream *stream;         /* the connection is an event stream now */
    char *held;                         /* bytes read but not consumed */
    uint32_t held_len, held_cap;
    uint32_t queued;    /* exchanges from first to last */
    uint32_t writing;   /* how many of them a pending uv_write carries; streams: how many blobs */
    uint64_t wire_body; /* bytes of the body's framing and data so far */
    uint64_t deadline_ms, body_begun_ms;
    size_t unsent; /* at the last look of the sweep */
    uint32_t discarded;
    uint32_t body_tail; /* the last four bytes of the body on the wire */
    uint32_t scanned;   /* bytes of an incomplete header block without a new line in them */
    enum conn_timer timer;
    struct http_address peer;
    bool reading; /* uv_read_start is on */
    bool dirty, waiting;
    bool in_turn; /* conn_read is at work and will flush by itself */
    bool write_pending;
    bool last_request; /* nothing more is parsed */
    bool want_continue;
    bool eof;
    bool lingering;
    bool refused;  /* too many connections: told so, not to be read */
    bool reserved; /* beyond max_connections when it came */
    bool closing;
    bool message_done; /* set by llhttp's callback */
    int body_status;   /* the status that the body is refused with, or 0 */
    const char *body_detail;
};

LIST_HEAD(conn_list, http_conn);
LIST_HEAD(exchange_list, http_exchange);

struct http_stream {
    struct http_server *server;
    struct http_conn *conn; /* NULL: gone */
    void (*closed)(struct http_stream *stream, void *context);
    void *context;
    struct http_blob **queue; /* ring of `cap` (a power of two) */
    uint32_t first, count, cap;
    size_t bytes;      /* unsent, the first frame's sent part included */
    size_t first_sent; /* of the first frame */
    uint64_t last_send_ms;
    bool live;   /* the header has left */
    bool doomed; /* to be closed before the loop polls */
    bool ending; /* closed by its owner: what is queued still leaves */
};

struct http_server {
    uv_loop_t *loop;
    uv_tcp_t listener;
    uv_timer_t sweep;
    uv_prepare_t prepare;
    uv_idle_t hurry; /* active: the loop must not sleep in its next poll */
    struct http_options options;
    struct router *router;
    struct address_set trusted;
    struct http_counters counters;
    struct conn_list conns, waiting, dirty;
    struct exchange_list orphans;
    struct http_exchange *pool;
    uint32_t pooled;
    uint32_t handles; /* libuv handles not closed yet */
    uint64_t released;
    uint64_t jitter;     /* state of the random spread of Retry-After */
    uint32_t refused;    /* connections told that there are too many and not closed yet */
    size_t large_bodies; /* bytes */
    char *read_buffer; /* one for all connections: its content is consumed or kept before return */
    struct buf scratch;
    struct http_blob *heartbeat;
    time_t date_second;
    char date[40]; /* "Date: ...\r\n" */
    size_t date_len;
    uint16_t port;
    bool listening, draining, destroyed, drained;
    uint64_t drain_deadline_ms;
    void (*drain_done)(void *context);
    void *drain_context;
};

/* exchange.c */
struct http_exchange *exchange_take(struct http_server *server, struct http_conn *conn);
void exchange_free(struct http_exchange *x);
/* Tells `finished` and frees. */
void exchange_finish(struct http_exchange *x);
/* Makes the answer of a request that the server itself refuses; the connection closes after it. */
void exchange_refuse(struct http_exchange *x, int status, const char *code, const char *detail);
/* The same for want of room: 503 with a Retry-After that spreads those who come back. The
 * connection goes on. */
void exchange_shed(struct http_exchange *x);
/* Header block of a stream's answer. */
void exchange_answer_stream(struct http_exchange *x);
const char *exchange_reason(int status);
bool exchange_ready(const struct http_exchange *x);

/* server.c */
/* Seconds until a client that found no room should come again: 2 to 9, evenly spread, so that they
 * do not come back together. */
uint32_t server_retry_seconds(struct http_server *server);
/* A libuv handle of the server or of a connection has closed. */
void server_handle_closed(struct http_server *server);

/* conn.c */
void conn_accept(struct http_server *server);
/* Closes at once; what was unsent is lost. */
void conn_close(struct http_conn *c);
/* Goes on with held input after answers have left. */
void conn_resume(struct http_conn *c);
/* Sets the timer and whether to read, after anything changed. */
void conn_settle(struct http_conn *c);
/* The deadline has passed. */
void conn_timeout(struct http_conn *c);
void conn_mark_dirty(struct http_conn *c);

/* output.c */
void conn_flush(struct http_conn *c);
/* Ends our side after all is sent, discards what still comes, then closes. */
void conn_linger(struct http_conn *c);

/* stream.c */
/* The header has left: frames may follow. */
void stream_go_live(struct http_stream *stream);
void stream_flush(struct http_conn *c);
/* The connection is gone: tells the owner once and frees. */
void stream_end(struct http_stream *stream);
void stream_heartbeat(struct http_stream *stream, uint64_t now_ms);

#endif
