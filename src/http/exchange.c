#include "base/json.h"
#include "http/internal.h"
#include "http/percent.h"

#include <assert.h>
#include <stdlib.h>
#include <time.h>

enum { POOL_MAX = 1024 };

/* ---- memory ---- */

static void out_of_memory(void)
{
    static const char text[] = "onsale: out of memory\n";
    (void)!fwrite(text, 1, sizeof text - 1, stderr);
    abort();
}

void *http_alloc(struct http_exchange *x, size_t size)
{
    size = (size + 15) & ~(size_t)15;
    if (size <= (size_t)(x->end - x->at)) {
        void *memory = x->at;
        x->at += size;
        return memory;
    }
    size_t chunk_size = size > 4096 ? size : 4096;
    struct arena_chunk *chunk = malloc(sizeof *chunk + chunk_size);
    if (!chunk) {
        out_of_memory();
        return NULL;
    }
    chunk->next = x->chunks;
    x->chunks = chunk;
    /* Keep filling whichever has more room left. */
    if (chunk_size - size > (size_t)(x->end - x->at)) {
        x->at = chunk->data + size;
        x->end = chunk->data + chunk_size;
    }
    return chunk->data;
}

struct http_exchange *exchange_take(struct http_server *server, struct http_conn *conn)
{
    struct http_exchange *x = server->pool;
    if (x) {
        server->pool = x->next;
        server->pooled--;
    } else {
        x = malloc(sizeof *x);
        if (!x) {
            out_of_memory();
            return NULL;
        }
    }
    memset(x, 0, offsetof(struct http_exchange, fields));
    x->server = server;
    x->conn = conn;
    x->method = HTTP_METHOD_OTHER;
    x->at = x->memory;
    x->end = x->memory + EXCHANGE_MEMORY;
    x->begun_ns = uv_hrtime();
    return x;
}

void exchange_free(struct http_exchange *x)
{
    struct http_server *server = x->server;
    if (x->dispatched)
        server->counters.pending--;
    for (struct arena_chunk *chunk = x->chunks, *next; chunk; chunk = next) {
        next = chunk->next;
        free(chunk);
    }
    http_blob_drop(x->blob);
    if (x->body_large) {
        server->large_bodies -= x->body_cap;
        free(x->body_at);
    }
    if (server->pooled < POOL_MAX) {
        x->next = server->pool;
        server->pool = x;
        server->pooled++;
    } else {
        free(x);
    }
}

void exchange_finish(struct http_exchange *x)
{
    struct http_server *server = x->server;
    if (server->options.finished)
        server->options.finished(x, x->status, (uv_hrtime() - x->begun_ns) / 1000, x->bytes);
    exchange_free(x);
}

struct http_blob *http_blob_create(const void *data, size_t len)
{
    if (len > UINT32_MAX)
        return NULL;
    struct http_blob *blob = malloc(sizeof *blob + len);
    if (!blob)
        return NULL;
    blob->references = 1;
    blob->len = (uint32_t)len;
    if (len)
        memcpy(blob->data, data, len);
    return blob;
}

struct http_blob *http_blob_keep(struct http_blob *blob)
{
    assert(blob->references > 0 && blob->references < UINT32_MAX);
    blob->references++;
    return blob;
}

void http_blob_drop(struct http_blob *blob)
{
    if (blob && --blob->references == 0)
        free(blob);
}

/* ---- reading a request ---- */

enum http_method http_method(const struct http_exchange *x)
{
    return x->method;
}

struct slice http_path(const struct http_exchange *x)
{
    return x->path;
}

struct slice http_query(const struct http_exchange *x)
{
    return x->query;
}

struct slice http_body(const struct http_exchange *x)
{
    return x->body;
}

const struct http_route *http_route_of(const struct http_exchange *x)
{
    return x->match.route;
}

void *http_user(const struct http_exchange *x)
{
    return x->server->options.user;
}

void http_set_context(struct http_exchange *x, void *context)
{
    x->context = context;
}

void *http_context(const struct http_exchange *x)
{
    return x->context;
}

static const struct head_field *find_field(const struct http_exchange *x, size_t from,
                                           const char *name, size_t len)
{
    for (size_t i = from; i < x->field_count; i++)
        if (x->fields[i].name_len == len && memcmp(x->block + x->fields[i].name, name, len) == 0)
            return &x->fields[i];
    return NULL;
}

static struct slice field_value(const struct http_exchange *x, const struct head_field *f)
{
    return f ? slice_make(x->block + f->value, f->value_len) : slice_make("", 0);
}

struct slice http_header(const struct http_exchange *x, const char *name)
{
    return field_value(x, find_field(x, 0, name, strlen(name)));
}

struct slice http_cookie(const struct http_exchange *x, const char *name)
{
    size_t name_len = strlen(name), i = 0;
    const struct head_field *f;
    while ((f = find_field(x, i, "cookie", 6)) != NULL) {
        struct slice rest = field_value(x, f);
        while (rest.len > 0) {
            const char *semicolon = memchr(rest.data, ';', rest.len);
            size_t len = semicolon ? (size_t)(semicolon - rest.data) : rest.len;
            struct slice pair = slice_make(rest.data, len);
            size_t skip = semicolon ? len + 1 : len;
            rest = slice_make(rest.data + skip, rest.len - skip);
            while (pair.len && (pair.data[0] == ' ' || pair.data[0] == '\t'))
                pair = slice_make(pair.data + 1, pair.len - 1);
            if (pair.len > name_len && pair.data[name_len] == '=' &&
                memcmp(pair.data, name, name_len) == 0)
                return slice_make(pair.data + name_len + 1, pair.len - name_len - 1);
        }
        i = (size_t)(f - x->fields) + 1;
    }
    return slice_make("", 0);
}

struct slice http_param(const struct http_exchange *x, const char *name)
{
    for (uint32_t i = 0; i < x->match.count; i++)
        if (slice_equal(x->match.names[i], slice_from_string(name)))
            return x->match.values[i];
    return slice_make("", 0);
}

bool http_query_param(struct http_exchange *x, const char *name, struct slice *ret_value)
{
    struct slice rest = x->query, key, value;
    size_t name_len = strlen(name);
    while (percent_next_pair(&rest, &key, &value)) {
        char *room = http_alloc(x, key.len + value.len + 1);
        size_t key_len, value_len;
        if (!percent_decode(key, true, room, &key_len) || key_len != name_len ||
            memcmp(room, name, name_len) != 0 ||
            !percent_decode(value, true, room + key_len, &value_len))
            continue;
        *ret_value = slice_make(room + key_len, value_len);
        return true;
    }
    return false;
}

struct http_address http_client(const struct http_exchange *x)
{
    return x->client;
}

/* ---- answering ---- */

const char *exchange_reason(int status)
{
    switch (status) {
    case 200: return "OK";
    case 201: return "Created";
    case 202: return "Accepted";
    case 204: return "No Content";
    case 206: return "Partial Content";
    case 301: return "Moved Permanently";
    case 302: return "Found";
    case 303: return "See Other";
    case 304: return "Not Modified";
    case 307: return "Temporary Redirect";
    case 308: return "Permanent Redirect";
    case 400: return "Bad Request";
    case 401: return "Unauthorized";
    case 402: return "Payment Required";
    case 403: return "Forbidden";
    case 404: return "Not Found";
    case 405: return "Method Not Allowed";
    case 406: return "Not Acceptable";
    case 408: return "Request Timeout";
    case 409: return "Conflict";
    case 410: return "Gone";
    case 411: return "Length Required";
    case 412: return "Precondition Failed";
    case 413: return "Content Too Large";
    case 414: return "URI Too Long";
    case 415: return "Unsupported Media Type";
    case 417: return "Expectation Failed";
    case 422: return "Unprocessable Content";
    case 425: return "Too Early";
    case 428: return "Precondition Required";
    case 429: return "Too Many Requests";
    case 431: return "Request Header Fields Too Large";
    case 500: return "Internal Server Error";
    case 501: return "Not Implemented";
    case 502: return "Bad Gateway";
    case 503: return "Service Unavailable";
    case 504: return "Gateway Timeout";
    case 505: return "HTTP Version Not Supported";
    default: return "Other";
    }
}

static char *put(char *to, const void *data, size_t len)
{
    memcpy(to, data, len);
    return to + len;
}

#define PUT(to, literal) put((to), "" literal, sizeof(literal) - 1)

static char *put_number(char *to, uint64_t number)
{
    char digits[20];
    size_t n = sizeof digits;
    do {
        digits[--n] = (char)('0' + number % 10);
        number /= 10;
    } while (number);
    return put(to, digits + n, sizeof digits - n);
}

/* The Date field, made anew once a second. */
static void refresh_date(struct http_server *server)
{
    struct timespec now;
    clock_gettime(CLOCK_REALTIME_COARSE, &now);
    if (now.tv_sec == server->date_second)
        return;
    struct tm tm;
    gmtime_r(&now.tv_sec, &tm);
    static const char days[][4] = {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
    static const char months[][4] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                     "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
    int n = snprintf(server->date, sizeof server->date, "Date: %s, %02d %s %04d %02d:%02d:%02d GMT",
                     days[tm.tm_wday], tm.tm_mday, months[tm.tm_mon], tm.tm_year + 1900, tm.tm_hour,
                     tm.tm_min, tm.tm_sec);
    assert(n > 0 && (size_t)n + 2 < sizeof server->date);
    memcpy(server->date + n, "\r\n", 2);
    server->date_len = (size_t)n + 2;
    server->date_second = now.tv_sec;
}

static bool is_clean(const char *data, size_t len)
{
    for (size_t i = 0; i < len; i++)
        if ((uint8_t)data[i] < 0x20 || data[i] == 0x7f)
            return false;
    return true;
}

void http_add_header(struct http_exchange *x, const char *name, struct slice value)
{
    size_t name_len = strlen(name), need = name_len + value.len + 4;
    assert(!x->answered && is_clean(name, name_len) && is_clean(value.data, value.len));
    if (x->extra_cap - x->extra_len < need) {
        size_t cap = (x->extra_cap + need) * 2;
        char *grown = http_alloc(x, cap);
        if (x->extra_len)
            memcpy(grown, x->extra, x->extra_len);
        x->extra = grown;
        x->extra_cap = cap;
    }
    char *to = x->extra + x->extra_len;
    to = put(to, name, name_len);
    to = PUT(to, ": ");
    if (value.len)
        to = put(to, value.data, value.len);
    PUT(to, "\r\n");
    x->extra_len += need;
}

/* Writes the header block; returns where a body goes. `length` < 0: a stream. */
static char *put_head(struct http_exchange *x, const char *content_type, int64_t length, char *to)
{
    struct http_server *server = x->server;
    const char *reason = exchange_reason(x->status);
    refresh_date(server);
    to = PUT(to, "HTTP/1.1 ");
    to = put_number(to, (uint64_t)x->status);
    *to++ = ' ';
    to = put(to, reason, strlen(reason));
    to = PUT(to, "\r\n");
    to = put(to, server->date, server->date_len);
    if (content_type) {
        to = PUT(to, "Content-Type: ");
        to = put(to, content_type, strlen(content_type));
        to = PUT(to, "\r\n");
    }
    if (length >= 0 && x->status != 204 && x->status != 304) {
        to = PUT(to, "Content-Length: ");
        to = put_number(to, (uint64_t)length);
        to = PUT(to, "\r\n");
    }
    if (x->close)
        to = PUT(to, "Connection: close\r\n");
    else if (x->minor == 0)
        to = PUT(to, "Connection: keep-alive\r\n");
    if (x->extra_len)
        to = put(to, x->extra, x->extra_len);
    return PUT(to, "\r\n");
}

/* Marks the exchange answered and has its connection looked at. */
static void answered(struct http_exchange *x, uint64_t barrier)
{
    x->barrier = barrier;
    x->answered = true;
    if (x->conn) {
        conn_mark_dirty(x->conn);
        return;
    }
    LIST_REMOVE(x, orphan_link);
    exchange_finish(x);
}

static void answer(struct http_exchange *x, int status, const char *content_type,
                   struct slice copied, struct http_blob *blob, uint64_t barrier)
{
    assert(!x->answered && status >= 200 && status <= 599);
    x->status = status;
    if (!x->keep_alive)
        x->close = true;
    if (x->server->draining && x->conn && x->conn->last == x) {
        x->close = true; /* what was dispatched before still gets its answer in order */
        x->conn->last_request = true;
    }
    size_t length = blob ? blob->len : copied.len;
    bool bare = x->method == HTTP_METHOD_HEAD || status == 204 || status == 304;
    size_t inline_len = bare || blob ? 0 : copied.len;
    char *from =
        http_alloc(x, 256 + (content_type ? strlen(content_type) : 0) + x->extra_len + inline_len);
    char *to = put_head(x, content_type, (int64_t)length, from);
    if (inline_len)
        to = put(to, copied.data, inline_len);
    x->out = slice_make(from, (size_t)(to - from));
    if (bare) {
        http_blob_drop(blob);
        blob = NULL;
    }
    x->blob = blob;
    x->bytes = x->out.len + (blob ? blob->len : 0);
    answered(x, barrier);
}

void http_answer(struct http_exchange *x, int status, const char *content_type, struct slice body,
                 uint64_t barrier)
{
    answer(x, status, content_type, body, NULL, barrier);
}

void http_answer_blob(struct http_exchange *x, int status, const char *content_type,
                      struct http_blob *blob, uint64_t barrier)
{
    answer(x, status, content_type, slice_make(NULL, 0), blob, barrier);
}

void http_answer_problem(struct http_exchange *x, int status, const char *code, const char *title,
                         struct slice detail, struct slice extra, uint64_t barrier)
{
    struct buf *out = &x->server->scratch;
    buf_clear(out);
    buf_append_format(out, "{\"type\":\"urn:onsale:problem:%s\",\"title\":", code);
    json_escape(out, slice_from_string(title));
    buf_append_format(out, ",\"status\":%d,\"detail\":", status);
    json_escape(out, detail);
    buf_append_format(out, ",\"code\":\"%s\"", code);
    if (extra.len) {
        buf_append_char(out, ',');
        buf_append_slice(out, extra);
    }
    buf_append_char(out, '}');
    if (out->failed)
        out_of_memory();
    answer(x, status, "application/problem+json", buf_slice(out), NULL, barrier);
}

void exchange_refuse(struct http_exchange *x, int status, const char *code, const char *detail)
{
    x->close = true;
    if (status == 503)
        http_add_header(x, "Retry-After", SLICE("1"));
    http_answer_problem(x, status, code, exchange_reason(status), slice_from_string(detail),
                        slice_make(NULL, 0), 0);
}

void exchange_shed(struct http_exchange *x)
{
    char seconds[16], extra[40];
    uint32_t wait = server_retry_seconds(x->server);
    int len = snprintf(seconds, sizeof seconds, "%u", wait);
    int extra_len = snprintf(extra, sizeof extra, "\"retry_after\":%u", wait);
    http_add_header(x, "Retry-After", slice_make(seconds, (size_t)len));
    http_answer_problem(x, 503, "busy", exchange_reason(503),
                        SLICE("more is asked right now than can be answered, try again shortly"),
                        slice_make(extra, (size_t)extra_len), 0);
}

void exchange_answer_stream(struct http_exchange *x)
{
    assert(!x->answered);
    x->status = 200;
    x->close = true; /* a stream ends with its connection */
    http_add_header(x, "Cache-Control", SLICE("no-store"));
    http_add_header(x, "X-Accel-Buffering", SLICE("no")); /* nginx must pass frames on at once */
    char *from = http_alloc(x, 256 + x->extra_len);
    char *to = put_head(x, "text/event-stream", -1, from);
    x->out = slice_make(from, (size_t)(to - from));
    x->bytes = x->out.len;
    answered(x, 0);
}

bool exchange_ready(const struct http_exchange *x)
{
    return x->answered && x->barrier <= x->server->released;
}
