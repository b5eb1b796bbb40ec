#include "effects/curl_pool.h"

#include "base/buf.h"

#include <assert.h>
#include <curl/curl.h>
#include <stdlib.h>

struct transfer {
    CURL *easy; /* owned */
    struct curl_slist *headers;
    struct buf body;
    uint64_t ticket;
    uint32_t answer_max;
    struct transfer *previous, *next; /* running, or next free */
};

struct watcher {
    uv_poll_t poll; /* first: uv hands back its address */
    struct curl_pool *pool;
    curl_socket_t socket;
};

struct curl_pool {
    struct curl_pool_options options;
    CURLM *multi;
    uv_timer_t timer;
    struct transfer *running, *idle;
    uint32_t idle_count;
    uint32_t handles; /* uv handles not yet closed, the timer included */
};

#define IDLE_MAX 64u

/* ---- between libcurl and libuv ---- */

static void handle_closed(struct curl_pool *pool)
{
    if (--pool->handles == 0)
        free(pool);
}

static void timer_closed(uv_handle_t *handle)
{
    handle_closed(handle->data);
}

static void watcher_closed(uv_handle_t *handle)
{
    struct watcher *watcher = (struct watcher *)handle;
    struct curl_pool *pool = watcher->pool;
    free(watcher);
    handle_closed(pool);
}

static void free_transfer(struct transfer *t)
{
    curl_easy_cleanup(t->easy);
    curl_slist_free_all(t->headers);
    buf_finish(&t->body);
    free(t);
}

/* Takes it off the running ones, and keeps it for the next request if there is room. */
static void give_back(struct curl_pool *pool, struct transfer *t)
{
    assert(t->previous || pool->running == t);
    if (t->previous)
        t->previous->next = t->next;
    else
        pool->running = t->next;
    if (t->next)
        t->next->previous = t->previous;
    if (pool->idle_count >= IDLE_MAX) {
        free_transfer(t);
        return;
    }
    curl_slist_free_all(t->headers);
    t->headers = NULL;
    buf_finish(&t->body);
    t->previous = NULL;
    t->next = pool->idle;
    pool->idle = t;
    pool->idle_count++;
}

/* Hands out what libcurl has finished. */
static void collect(struct curl_pool *pool)
{
    CURLMsg *message;
    int left;
    while ((message = curl_multi_info_read(pool->multi, &left))) {
        if (message->msg != CURLMSG_DONE)
            continue;
        CURL *easy = message->easy_handle;
        CURLcode code = message->data.result;
        struct transfer *t = NULL;
        long status = 0;
        curl_easy_getinfo(easy, CURLINFO_PRIVATE, &t);
        curl_easy_getinfo(easy, CURLINFO_RESPONSE_CODE, &status);
        curl_multi_remove_handle(pool->multi, easy);
        bool whole = code == CURLE_OK && !t->body.failed;
        const struct curl_pool_reply reply = {
            .status = whole ? (int)status : 0,
            .body = whole ? buf_slice(&t->body) : slice_make("", 0),
            .failure = whole ? NULL : curl_easy_strerror(code),
            .handle = easy,
        };
        pool->options.done(pool->options.context, t->ticket, &reply);
        give_back(pool, t);
    }
}

static void on_timer(uv_timer_t *timer)
{
    struct curl_pool *pool = timer->data;
    int running;
    curl_multi_socket_action(pool->multi, CURL_SOCKET_TIMEOUT, 0, &running);
    collect(pool);
}

static int set_timer(CURLM *multi, long timeout_ms, void *user)
{
    struct curl_pool *pool = user;
    (void)multi;
    if (timeout_ms < 0)
        uv_timer_stop(&pool->timer);
    else
        uv_timer_start(&pool->timer, on_timer, (uint64_t)timeout_ms, 0);
    return 0;
}

static void on_socket(uv_poll_t *poll, int status, int events)
{
    struct watcher *watcher = (struct watcher *)poll;
    struct curl_pool *pool = watcher->pool;
    int flags = status < 0 ? CURL_CSELECT_ERR : 0, running;
    flags |= events & UV_READABLE ? CURL_CSELECT_IN : 0;
    flags |= events & UV_WRITABLE ? CURL_CSELECT_OUT : 0;
    curl_multi_socket_action(pool->multi, watcher->socket, flags, &running);
    collect(pool);
}

static struct watcher *watch(struct curl_pool *pool, curl_socket_t socket)
{
    struct watcher *watcher = calloc(1, sizeof *watcher);
    if (!watcher || uv_poll_init_socket(pool->options.loop, &watcher->poll, socket) < 0) {
        free(watcher);
        return NULL;
    }
    watcher->pool = pool;
    watcher->socket = socket;
    pool->handles++;
    curl_multi_assign(pool->multi, socket, watcher);
    return watcher;
}

static int set_socket(CURL *easy, curl_socket_t socket, int what, void *user, void *assigned)
{
    struct curl_pool *pool = user;
    struct watcher *watcher = assigned;
    (void)easy;
    if (what == CURL_POLL_REMOVE) {
        if (watcher) {
            uv_poll_stop(&watcher->poll);
            uv_close((uv_handle_t *)&watcher->poll, watcher_closed);
            curl_multi_assign(pool->multi, socket, NULL);
        }
        return 0;
    }
    if (!watcher)
        watcher = watch(pool, socket);
    if (!watcher)
        return -1; /* libcurl ends the transfer with an error */
    int events = (what & CURL_POLL_IN ? UV_READABLE : 0) | (what & CURL_POLL_OUT ? UV_WRITABLE : 0);
    return uv_poll_start(&watcher->poll, events, on_socket) < 0 ? -1 : 0;
}

/* ---- requests ---- */

static size_t on_body(char *data, size_t size, size_t count, void *user)
{
    struct transfer *t = user;
    size_t len = size * count;
    if (t->body.len + len > t->answer_max)
        return 0; /* ends the transfer: half an answer is none */
    buf_append(&t->body, data, len);
    return t->body.failed ? 0 : len;
}

static struct transfer *new_transfer(struct curl_pool *pool)
{
    struct transfer *t = pool->idle;
    if (t) {
        pool->idle = t->next;
        pool->idle_count--;
        t->next = NULL;
        curl_easy_reset(t->easy);
        return t;
    }
    t = calloc(1, sizeof *t);
    if (t && !(t->easy = curl_easy_init())) {
        free(t);
        t = NULL;
    }
    return t;
}

static bool set_options(const struct curl_pool *pool, struct transfer *t,
                        const struct curl_pool_request *request)
{
    CURL *easy = t->easy;
    uint32_t timeout_ms = pool->options.timeout_ms;
    bool fine = curl_easy_setopt(easy, CURLOPT_URL, request->url) == CURLE_OK;
    for (size_t i = 0; i < request->header_count && fine; i++) {
        struct curl_slist *longer = curl_slist_append(t->headers, request->headers[i]);
        fine = longer != NULL;
        t->headers = fine ? longer : t->headers;
    }
    if (fine && request->post) {
        /* No "Expect: 100-continue": it would cost a round trip. */
        struct curl_slist *longer = curl_slist_append(t->headers, "Expect:");
        fine = longer != NULL;
        t->headers = fine ? longer : t->headers;
        curl_easy_setopt(easy, CURLOPT_POST, 1L);
        curl_easy_setopt(easy, CURLOPT_POSTFIELDSIZE, (long)request->body.len);
        fine = fine && curl_easy_setopt(easy, CURLOPT_COPYPOSTFIELDS,
                                        request->body.len ? request->body.data : "") == CURLE_OK;
    }
    curl_easy_setopt(easy, CURLOPT_HTTPHEADER, t->headers);
    curl_easy_setopt(easy, CURLOPT_PRIVATE, t);
    curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, on_body);
    curl_easy_setopt(easy, CURLOPT_WRITEDATA, t);
    curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, "http,https");
    curl_easy_setopt(easy, CURLOPT_TIMEOUT_MS, (long)timeout_ms);
    curl_easy_setopt(easy, CURLOPT_CONNECTTIMEOUT_MS, (long)(timeout_ms / 2));
    curl_easy_setopt(easy, CURLOPT_USERAGENT, "onsale");
    if (pool->options.direct)
        curl_easy_setopt(easy, CURLOPT_NOPROXY, "*");
    return fine;
}

int curl_pool_send(struct curl_pool *pool, uint64_t ticket, const struct curl_pool_request *request,
                   struct err *err)
{
    struct transfer *t = new_transfer(pool);
    if (!t)
        return err_set(err, "no memory for a request");
    t->ticket = ticket;
    t->answer_max = pool->options.answer_max;
    t->body = BUF_INIT;
    t->next = pool->running;
    if (t->next)
        t->next->previous = t;
    pool->running = t;
    if (!set_options(pool, t, request) || curl_multi_add_handle(pool->multi, t->easy) != CURLM_OK) {
        give_back(pool, t);
        return err_set(err, "cannot make a request to %s", request->url);
    }
    return 0;
}

const char *curl_pool_header(const struct curl_pool_reply *reply, const char *name)
{
    struct curl_header *header;
    CURL *easy = (CURL *)reply->handle;
    if (curl_easy_header(easy, name, 0, CURLH_HEADER, -1, &header) != CURLHE_OK)
        return NULL;
    return header->value;
}

/* ---- life ---- */

int curl_pool_create(const struct curl_pool_options *options, struct curl_pool **ret_pool,
                     struct err *err)
{
    struct curl_pool *pool = calloc(1, sizeof *pool);
    CURLM *multi = curl_multi_init();
    if (!pool || !multi || uv_timer_init(options->loop, &pool->timer) < 0) {
        curl_multi_cleanup(multi);
        free(pool);
        return err_set(err, "no memory for the pool of outgoing requests");
    }
    pool->options = *options;
    if (!pool->options.timeout_ms)
        pool->options.timeout_ms = CURL_POOL_TIMEOUT_MS;
    if (!pool->options.answer_max)
        pool->options.answer_max = CURL_POOL_ANSWER_MAX;
    if (!pool->options.connections_max)
        pool->options.connections_max = 64;
    pool->multi = multi;
    pool->timer.data = pool;
    pool->handles = 1;
    curl_multi_setopt(multi, CURLMOPT_SOCKETFUNCTION, set_socket);
    curl_multi_setopt(multi, CURLMOPT_SOCKETDATA, pool);
    curl_multi_setopt(multi, CURLMOPT_TIMERFUNCTION, set_timer);
    curl_multi_setopt(multi, CURLMOPT_TIMERDATA, pool);
    curl_multi_setopt(multi, CURLMOPT_MAX_TOTAL_CONNECTIONS, (long)pool->options.connections_max);
    curl_multi_setopt(multi, CURLMOPT_MAXCONNECTS, (long)pool->options.connections_max);
    *ret_pool = pool;
    return 0;
}

void curl_pool_destroy(struct curl_pool *pool)
{
    if (!pool)
        return;
    for (struct transfer *t = pool->running, *next; t; t = next) {
        next = t->next;
        curl_multi_remove_handle(pool->multi, t->easy);
        free_transfer(t);
    }
    for (struct transfer *t = pool->idle, *next; t; t = next) {
        next = t->next;
        free_transfer(t);
    }
    curl_multi_cleanup(pool->multi);
    uv_timer_stop(&pool->timer);
    uv_close((uv_handle_t *)&pool->timer, timer_closed);
}
