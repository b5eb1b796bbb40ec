/* What the sandbox's tests share: a folder of their own, a sandbox on its thread, a blocking HTTP
 * client, and a receiver of webhooks. */
#ifndef ONSALE_TESTS_SANDBOX_SUPPORT_H
#define ONSALE_TESTS_SANDBOX_SUPPORT_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/buf.h"
#include "http/server.h"
#include "sandbox/sandbox.h"
#include "unit/files.h"
#include <jansson.h>

#include <curl/curl.h>
#include <pthread.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#define SECRET_KEY "sk_test_1"
#define PUBLISHABLE_KEY "pk_test_1"
#define WEBHOOK_SECRET "whsec_1"

static inline void pause_ms(long ms)
{
    nanosleep(&(struct timespec){ms / 1000, ms % 1000 * 1000000}, NULL);
}

/* ---- a receiver of webhooks ---- */

#define RECEIVED_MAX 256

struct received {
    char *body, *signature, *type, *intent;
};

struct receiver {
    pthread_t thread;
    pthread_mutex_t lock;
    uv_loop_t loop;
    uv_async_t stop;
    struct http_server *server;
    char url[64];
    int refuse; /* locked: how many of the next are answered 500 */
    struct received list[RECEIVED_MAX];
    int count;
};

static inline char *copy_slice(struct slice s)
{
    return strndup(s.len ? s.data : "", s.len);
}

static inline void receive(struct http_exchange *x)
{
    struct receiver *r = http_user(x);
    struct slice body = http_body(x);
    pthread_mutex_lock(&r->lock);
    bool refused = r->refuse > 0;
    if (refused) {
        r->refuse--;
    } else if (r->count < RECEIVED_MAX) {
        json_t *root = json_loadb(body.data, body.len, 0, NULL);
        json_t *object = json_object_get(json_object_get(root, "data"), "object");
        const char *type = json_string_value(json_object_get(root, "type"));
        const char *id = json_string_value(json_object_get(object, "id"));
        r->list[r->count++] = (struct received){
            .body = copy_slice(body),
            .signature = copy_slice(http_header(x, "stripe-signature")),
            .type = strdup(type ? type : ""),
            .intent = strdup(id ? id : ""),
        };
        json_decref(root);
    }
    pthread_mutex_unlock(&r->lock);
    http_answer(x, refused ? 500 : 200, "application/json", SLICE("{}"), 0);
}

static const struct http_route receiver_routes[] = {
    {HTTP_METHOD_POST, "/hook", receive, 0, 0, "hook"},
};

static inline void receiver_on_stop(uv_async_t *async)
{
    struct receiver *r = async->data;
    http_server_destroy(r->server);
    uv_close((uv_handle_t *)async, NULL);
}

static inline void *receiver_serve(void *argument)
{
    uv_run(&((struct receiver *)argument)->loop, UV_RUN_DEFAULT);
    return NULL;
}

/* `port` 0: any. */
static inline void receiver_start(struct receiver *r, uint16_t port)
{
    struct err err;
    *r = (struct receiver){.count = 0};
    const struct http_options options = {.address = "127.0.0.1",
                                         .port = port,
                                         .routes = receiver_routes,
                                         .route_count = 1,
                                         .user = r};
    assert_int_equal(uv_loop_init(&r->loop), 0);
    uv_async_init(&r->loop, &r->stop, receiver_on_stop);
    r->stop.data = r;
    pthread_mutex_init(&r->lock, NULL);
    if (http_server_create(&r->loop, &options, &r->server, &err) < 0)
        fail_msg("%s", err.detail);
    (void)snprintf(r->url, sizeof r->url, "http://127.0.0.1:%u/hook", http_server_port(r->server));
    assert_int_equal(pthread_create(&r->thread, NULL, receiver_serve, r), 0);
}

static inline void receiver_stop(struct receiver *r)
{
    uv_async_send(&r->stop);
    pthread_join(r->thread, NULL);
    uv_run(&r->loop, UV_RUN_DEFAULT);
    assert_int_equal(uv_loop_close(&r->loop), 0);
    for (int i = 0; i < r->count; i++) {
        free(r->list[i].body);
        free(r->list[i].signature);
        free(r->list[i].type);
        free(r->list[i].intent);
    }
    pthread_mutex_destroy(&r->lock);
}

/* Waits until `count` webhooks have come; fails after a while. */
static inline void receiver_wait(struct receiver *r, int count)
{
    for (int i = 0; i < 3000; i++) {
        pthread_mutex_lock(&r->lock);
        bool enough = r->count >= count;
        pthread_mutex_unlock(&r->lock);
        if (enough)
            return;
        pause_ms(10);
    }
    fail_msg("waited for %d webhooks, %d came", count, r->count);
}

/* ---- a sandbox and its client ---- */

struct rig {
    char folder[256];
    struct receiver receiver;
    bool has_receiver;
    char hook[64]; /* where webhooks go without a receiver of ours; "": nowhere */
    struct sandbox_thread *sandbox;
    char base[64];
    CURL *curl;
    int status;      /* of the last answer */
    bool replayed;   /* of the last answer */
    struct buf text; /* of the last answer */
    json_t *answer;  /* of the last answer; NULL: not JSON */
};

static inline void rig_open(struct rig *rig)
{
    struct err err;
    const struct sandbox_options options = {
        .data_dir = rig->folder,
        .webhook_url = rig->has_receiver ? rig->receiver.url
                       : rig->hook[0]    ? rig->hook
                                         : NULL,
        .webhook_secret = WEBHOOK_SECRET,
        .secret_key = SECRET_KEY,
        .publishable_key = PUBLISHABLE_KEY,
        .seed = 1,
    };
    if (sandbox_thread_start(&options, &rig->sandbox, &err) < 0)
        fail_msg("%s", err.detail);
    (void)snprintf(rig->base, sizeof rig->base, "http://127.0.0.1:%u",
                   sandbox_thread_port(rig->sandbox));
}

static inline void rig_start(struct rig *rig, bool with_receiver)
{
    *rig = (struct rig){.has_receiver = with_receiver, .text = BUF_INIT};
    make_folder(rig->folder);
    if (with_receiver)
        receiver_start(&rig->receiver, 0);
    rig->curl = curl_easy_init();
    rig_open(rig);
}

/* Fixtures of cmocka. */
static inline int rig_with_receiver(void **state)
{
    static struct rig rig;
    rig_start(&rig, true);
    *state = &rig;
    return 0;
}

static inline int rig_without_receiver(void **state)
{
    static struct rig rig;
    rig_start(&rig, false);
    *state = &rig;
    return 0;
}

static inline void rig_restart(struct rig *rig)
{
    sandbox_thread_stop(rig->sandbox);
    rig_open(rig);
}

static inline void rig_stop(struct rig *rig)
{
    sandbox_thread_stop(rig->sandbox);
    if (rig->has_receiver)
        receiver_stop(&rig->receiver);
    curl_easy_cleanup(rig->curl);
    json_decref(rig->answer);
    buf_finish(&rig->text);
    remove_folder(rig->folder);
}

static inline int rig_end(void **state)
{
    rig_stop(*state);
    return 0;
}

static inline size_t rig_on_body(char *data, size_t size, size_t count, void *user)
{
    buf_append(user, data, size * count);
    return size * count;
}

struct ask {
    const char *method; /* NULL: POST with a body, else GET */
    const char *path;
    const char *key; /* API key; NULL: the secret one; "": none */
    const char *idempotency_key;
    const char *body;
    long timeout_ms;
};

/* Asks and keeps the answer; returns its status, 0 for none. */
static inline int rig_ask(struct rig *rig, const struct ask *ask)
{
    char url[512], bearer[160], idempotency[300];
    struct curl_slist *headers = NULL;
    long status = 0;
    (void)snprintf(url, sizeof url, "%s%s", rig->base, ask->path);
    (void)snprintf(bearer, sizeof bearer, "Authorization: Bearer %s",
                   ask->key ? ask->key : SECRET_KEY);
    if (!ask->key || *ask->key)
        headers = curl_slist_append(headers, bearer);
    if (ask->idempotency_key) {
        (void)snprintf(idempotency, sizeof idempotency, "Idempotency-Key: %s",
                       ask->idempotency_key);
        headers = curl_slist_append(headers, idempotency);
    }
    curl_easy_reset(rig->curl);
    curl_easy_setopt(rig->curl, CURLOPT_URL, url);
    curl_easy_setopt(rig->curl, CURLOPT_HTTPHEADER, headers);
    curl_easy_setopt(rig->curl, CURLOPT_NOPROXY, "*");
    curl_easy_setopt(rig->curl, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(rig->curl, CURLOPT_TIMEOUT_MS, ask->timeout_ms ? ask->timeout_ms : 30000L);
    if (ask->body)
        curl_easy_setopt(rig->curl, CURLOPT_POSTFIELDS, ask->body);
    if (ask->method)
        curl_easy_setopt(rig->curl, CURLOPT_CUSTOMREQUEST, ask->method);
    curl_easy_setopt(rig->curl, CURLOPT_WRITEFUNCTION, rig_on_body);
    curl_easy_setopt(rig->curl, CURLOPT_WRITEDATA, &rig->text);
    buf_clear(&rig->text);
    json_decref(rig->answer);
    rig->answer = NULL;
    rig->replayed = false;
    if (curl_easy_perform(rig->curl) == CURLE_OK) {
        struct curl_header *header;
        curl_easy_getinfo(rig->curl, CURLINFO_RESPONSE_CODE, &status);
        rig->replayed = curl_easy_header(rig->curl, "Idempotent-Replayed", 0, CURLH_HEADER, -1,
                                         &header) == CURLHE_OK;
        if (rig->text.len)
            rig->answer = json_loadb(rig->text.data, rig->text.len, JSON_REJECT_DUPLICATES, NULL);
    }
    curl_slist_free_all(headers);
    rig->status = (int)status;
    return rig->status;
}

/* A text of the answer by path ("error.code"); "" when there is none. */
static inline const char *rig_text(const struct rig *rig, const char *path)
{
    const json_t *at = rig->answer;
    char part[64];
    while (*path) {
        size_t len = strcspn(path, ".");
        (void)snprintf(part, sizeof part, "%.*s", (int)len, path);
        at = json_object_get(at, part);
        path += len + (path[len] == '.');
    }
    const char *text = json_string_value(at);
    return text ? text : "";
}

static inline long long rig_number(const struct rig *rig, const char *name)
{
    return json_integer_value(json_object_get(rig->answer, name));
}

struct intent_name {
    char id[48], secret[96];
};

static inline struct intent_name rig_create(struct rig *rig, const char *key)
{
    struct intent_name name;
    const struct ask ask = {.path = "/v1/payment_intents",
                            .idempotency_key = key,
                            .body = "amount=12550&currency=eur&capture_method=manual"
                                    "&metadata[order_id]=ord_1"};
    assert_int_equal(rig_ask(rig, &ask), 200);
    (void)snprintf(name.id, sizeof name.id, "%s", rig_text(rig, "id"));
    (void)snprintf(name.secret, sizeof name.secret, "%s", rig_text(rig, "client_secret"));
    return name;
}

/* POST /v1/payment_intents/{id}/{what}. */
static inline int rig_do(struct rig *rig, const struct intent_name *name, const char *what,
                         const char *body)
{
    char path[200];
    (void)snprintf(path, sizeof path, "/v1/payment_intents/%s/%s", name->id, what);
    return rig_ask(rig, &(struct ask){.path = path, .body = body});
}

/* As the browser does it. */
static inline int rig_confirm(struct rig *rig, const struct intent_name *name, const char *method)
{
    char path[200], body[256];
    (void)snprintf(path, sizeof path, "/v1/payment_intents/%s/confirm", name->id);
    (void)snprintf(body, sizeof body, "client_secret=%s&payment_method=%s", name->secret, method);
    return rig_ask(rig, &(struct ask){.path = path, .key = PUBLISHABLE_KEY, .body = body});
}

static inline const char *rig_status_of(struct rig *rig, const struct intent_name *name)
{
    char path[200];
    (void)snprintf(path, sizeof path, "/v1/payment_intents/%s", name->id);
    assert_int_equal(rig_ask(rig, &(struct ask){.path = path}), 200);
    return rig_text(rig, "status");
}

static inline void rig_fault(struct rig *rig, const char *json)
{
    assert_int_equal(rig_ask(rig, &(struct ask){.path = "/sandbox/faults", .body = json}), 200);
}

#endif
