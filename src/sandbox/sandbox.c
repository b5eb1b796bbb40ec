#include "sandbox/sandbox.h"

#include "base/hash.h"
#include "base/limits.h"
#include "http/server.h"
#include "sandbox/calls.h"
#include "sandbox/page.h"
#include "sandbox/wire.h"
#include <jansson.h>

#include <errno.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <stdlib.h>
#include <sys/stat.h>

/* How long "never answered" lasts: longer than a client waits. Then 504, which says nothing. */
#define SILENCE_MS 12000u

struct request;

/* A request whose turn has not come or that is never answered; or an intent that is processing. */
struct wait {
    struct wait *next;
    uint64_t due_ms;                       /* of the loop's clock */
    struct request *request;               /* NULL: settle `intent` */
    void (*then)(struct request *request); /* with a request */
    char intent[INTENT_ID_MAX];
};

struct sandbox {
    uv_loop_t *loop;
    struct books *books;
    struct hooks *hooks;
    struct http_server *server;
    struct faults faults;
    struct books_text webhook_secret, secret_key, publishable_key;
    char *webhook_url;
    uint64_t turn; /* barrier of the open transaction */
    struct wait *waits;
    uv_timer_t timer;
    uv_check_t check;
    uv_idle_t idle; /* keeps the loop from sleeping on an open transaction */
    int handles;
};

/* Lives as long as its exchange. */
struct request {
    struct sandbox *sandbox;
    struct http_exchange *x;
    struct call call;
    bool open; /* its call is still to be done */
};

/* ---- turns: one commit for all that happened ---- */

static void on_idle(uv_idle_t *idle)
{
    (void)idle;
}

static uint64_t barrier(struct sandbox *s)
{
    if (!books_dirty(s->books))
        return 0;
    uv_idle_start(&s->idle, on_idle);
    return s->turn;
}

static void on_check(uv_check_t *check)
{
    struct sandbox *s = check->data;
    struct err err;
    if (!books_dirty(s->books))
        return;
    uv_idle_stop(&s->idle);
    if (books_commit(s->books, &err) < 0) {
        (void)fprintf(stderr, "%s\n", err.detail); /* answers of this turn never leave */
        return;
    }
    http_server_release(s->server, s->turn++);
    hooks_go(s->hooks);
}

/* ---- answers ---- */

static void answer(struct request *r)
{
    struct sandbox *s = r->sandbox;
    if (books_broken(s->books, NULL))
        calls_error(&r->call, 503,
                    &(struct wire_error){.type = "api_error",
                                         .message = "The sandbox's books cannot be written."});
    if (r->call.replayed)
        http_add_header(r->x, "Idempotent-Replayed", SLICE("true"));
    char id[32];
    calls_make_id("req_", 14, sizeof id, id);
    http_add_header(r->x, "Request-Id", slice_from_string(id));
    struct buf body = r->call.body;
    struct form form = r->call.form;
    http_answer(r->x, r->call.status, "application/json", buf_slice(&body), barrier(s));
    buf_finish(&body);
    form_finish(&form);
}

static void refuse(struct request *r, int status, const char *code, const char *message)
{
    calls_error(
        &r->call, status,
        &(struct wire_error){.type = "invalid_request_error", .code = code, .message = message});
    answer(r);
}

/* Answers JSON that is not Stripe's. */
static void answer_json(struct http_exchange *x, int status, const struct buf *body)
{
    struct sandbox *s = http_user(x);
    http_answer(x, status, "application/json", buf_slice(body), barrier(s));
}

/* ---- waiting ---- */

static void on_timer(uv_timer_t *timer);

static void arm(struct sandbox *s)
{
    uint64_t due = UINT64_MAX, now = uv_now(s->loop);
    for (struct wait *w = s->waits; w; w = w->next)
        due = w->due_ms < due ? w->due_ms : due;
    if (due != UINT64_MAX)
        uv_timer_start(&s->timer, on_timer, due > now ? due - now : 0, 0);
}

static bool add_wait(struct sandbox *s, uint32_t ms, const struct wait *wait)
{
    struct wait *w = malloc(sizeof *w);
    if (!w)
        return false;
    *w = *wait;
    w->due_ms = uv_now(s->loop) + ms;
    w->next = s->waits;
    s->waits = w;
    arm(s);
    return true;
}

static void later(struct request *r, uint32_t ms, void (*then)(struct request *request))
{
    if (!add_wait(r->sandbox, ms, &(struct wait){.request = r, .then = then}))
        refuse(r, 503, NULL, "The sandbox has no memory.");
}

static void settle(struct sandbox *s, const char *intent)
{
    struct call call = {.books = s->books,
                        .hooks = s->hooks,
                        .faults = &s->faults,
                        .on = FAULT_ON_CONFIRM,
                        .secret_key = true,
                        .body = BUF_INIT};
    calls_settle(&call, slice_from_string(intent));
    buf_finish(&call.body);
    (void)barrier(s);
}

static void on_timer(uv_timer_t *timer)
{
    struct sandbox *s = timer->data;
    uint64_t now = uv_now(s->loop);
    for (struct wait **at = &s->waits; *at;) {
        struct wait *w = *at;
        if (w->due_ms > now) {
            at = &w->next;
            continue;
        }
        *at = w->next;
        if (w->request)
            w->then(w->request);
        else
            settle(s, w->intent);
        free(w);
        at = &s->waits; /* the list may have changed */
    }
    arm(s);
}

static void give_up(struct request *r)
{
    r->call.replayed = false;
    calls_error(&r->call, 504,
                &(struct wire_error){.type = "api_error",
                                     .message = "No answer (asked for by /sandbox/faults)."});
    answer(r);
}

/* ---- calls and their faults ---- */

static void run(struct request *r)
{
    r->open = false;
    calls_run(&r->call);
    const char *id = r->call.intent.data ? r->call.intent.data : "";
    if (r->call.fault.kind == FAULT_LATE && r->call.on == FAULT_ON_CONFIRM) {
        struct wait wait = {0};
        (void)snprintf(wait.intent, sizeof wait.intent, "%.*s", (int)r->call.intent.len, id);
        if (!add_wait(r->sandbox, r->call.fault.ms, &wait))
            settle(r->sandbox, wait.intent);
    }
    (void)barrier(r->sandbox); /* durable even when nobody is told */
}

static void run_and_answer(struct request *r)
{
    run(r);
    answer(r);
}

static uint32_t silence_ms(const struct request *r)
{
    return r->call.fault.ms ? r->call.fault.ms : SILENCE_MS;
}

static void run_in_silence(struct request *r)
{
    run(r);
    later(r, r->call.fault.kind == FAULT_LATE ? SILENCE_MS : silence_ms(r), give_up);
}

/* A request with the same key is being worked on. */
static bool in_progress(const struct request *r)
{
    for (struct wait *w = r->sandbox->waits; w; w = w->next)
        if (w->request && w->request->open && r->call.key.len &&
            slice_equal(w->request->call.key, r->call.key))
            return true;
    return false;
}

static void meet(struct request *r)
{
    if (in_progress(r)) {
        refuse(r, 409, "idempotency_key_in_use",
               "There is currently another in-progress request using this Stripe-Idempotency-Key. "
               "Please try again later.");
        return;
    }
    struct call *call = &r->call;
    call->fault = faults_meet(&r->sandbox->faults, call->on);
    switch (call->fault.kind) {
    case FAULT_DELAY:
        r->open = true;
        later(r, call->fault.ms, run_and_answer);
        break;
    case FAULT_DROP: later(r, silence_ms(r), give_up); break;
    case FAULT_ERROR_500:
        calls_fail(call);
        answer(r);
        break;
    case FAULT_TIMEOUT_AFTER: run_in_silence(r); break;
    case FAULT_LATE:
        if (call->on == FAULT_ON_CONFIRM) {
            run_and_answer(r);
        } else {
            r->open = true;
            later(r, call->fault.ms, run_in_silence);
        }
        break;
    case FAULT_NONE:
    case FAULT_DUPLICATE:
    case FAULT_REORDER:
    case FAULT_KIND_COUNT: run_and_answer(r); break;
    }
}

/* ---- reading requests ---- */

static bool same_text(struct slice given, const char *secret)
{
    size_t len = strlen(secret);
    return given.len == len && CRYPTO_memcmp(given.data, secret, len) == 0;
}

/* The key of "Bearer KEY" or of "Basic base64(KEY:)", as curl -u sends it. */
static struct slice given_key(struct http_exchange *x)
{
    struct slice field = http_header(x, "authorization");
    if (slice_starts_with(field, SLICE("Bearer ")))
        return slice_make(field.data + 7, field.len - 7);
    if (!slice_starts_with(field, SLICE("Basic ")) || field.len > 512)
        return slice_make("", 0);
    unsigned char *plain = http_alloc(x, field.len);
    int len = EVP_DecodeBlock(plain, (const unsigned char *)field.data + 6, (int)field.len - 6);
    const void *colon = len > 0 ? memchr(plain, ':', (size_t)len) : NULL;
    return colon ? slice_make(plain, (size_t)((const unsigned char *)colon - plain))
                 : slice_make("", 0);
}

/* Makes the request of an exchange; false: it has been answered. */
static bool read_request(struct http_exchange *x, struct slice encoded, struct request **ret_r)
{
    struct sandbox *s = http_user(x);
    struct request *r = http_alloc(x, sizeof *r);
    *r = (struct request){.sandbox = s, .x = x};
    struct slice key = given_key(x);
    bool publishable = same_text(key, s->publishable_key.text);
    r->call = (struct call){.books = s->books,
                            .hooks = s->hooks,
                            .faults = &s->faults,
                            .intent = http_param(x, "intent"),
                            .key = http_header(x, "idempotency-key"),
                            .secret_key = same_text(key, s->secret_key.text),
                            .body = BUF_INIT};
    if (!r->call.secret_key && !publishable) {
        refuse(r, 401, NULL,
               key.len ? "Invalid API Key provided."
                       : "You did not provide an API key. You need to provide your API key in the "
                         "Authorization header, using Bearer auth.");
        return false;
    }
    if (r->call.key.len > LIMIT_IDEMPOTENCY_KEY_BYTES) {
        refuse(r, 400, NULL, "Idempotency keys can be at most 255 characters.");
        return false;
    }
    struct err err;
    if (form_read(encoded, &r->call.form, &err) < 0) {
        refuse(r, 400, NULL, err.detail);
        return false;
    }
    *ret_r = r;
    return true;
}

static void post(struct http_exchange *x, enum fault_on on)
{
    struct request *r;
    if (!read_request(x, http_body(x), &r))
        return;
    struct slice path = http_path(x), body = http_body(x);
    r->call.on = on;
    r->call.request = hash64_of(body.data, body.len, hash64_of(path.data, path.len, 0));
    if (!r->call.secret_key && on != FAULT_ON_CONFIRM)
        refuse(r, 403, "secret_key_required", "This API call needs a secret API key.");
    else
        meet(r);
}

static void on_create(struct http_exchange *x)
{
    post(x, FAULT_ON_CREATE);
}

static void on_confirm(struct http_exchange *x)
{
    post(x, FAULT_ON_CONFIRM);
}

static void on_capture(struct http_exchange *x)
{
    post(x, FAULT_ON_CAPTURE);
}

static void on_cancel(struct http_exchange *x)
{
    post(x, FAULT_ON_CANCEL);
}

static void on_refund(struct http_exchange *x)
{
    post(x, FAULT_ON_REFUND);
}

static void on_retrieve(struct http_exchange *x)
{
    struct request *r;
    if (!read_request(x, http_query(x), &r))
        return;
    calls_retrieve(&r->call);
    answer(r);
}

static void on_list(struct http_exchange *x)
{
    struct request *r;
    if (!read_request(x, http_query(x), &r))
        return;
    if (!r->call.secret_key) {
        refuse(r, 403, "secret_key_required", "This API call needs a secret API key.");
        return;
    }
    calls_list(&r->call);
    answer(r);
}

/* ---- what Stripe has not ---- */

/* {"outcome": "succeed" | "fail"}: what the buyer's bank says. */
static void on_authenticate(struct http_exchange *x)
{
    struct sandbox *s = http_user(x);
    struct request *r = http_alloc(x, sizeof *r);
    *r = (struct request){.sandbox = s, .x = x};
    r->call = (struct call){.books = s->books,
                            .hooks = s->hooks,
                            .faults = &s->faults,
                            .on = FAULT_ON_CONFIRM,
                            .intent = http_param(x, "intent"),
                            .secret_key = true,
                            .body = BUF_INIT};
    struct slice body = http_body(x);
    json_t *root = json_loadb(body.data ? body.data : "", body.len, 0, NULL);
    const char *word = json_string_value(json_object_get(root, "outcome"));
    bool proved = word && strcmp(word, "succeed") == 0;
    bool understood = proved || (word && strcmp(word, "fail") == 0);
    json_decref(root);
    if (!understood) {
        refuse(r, 400, "outcome", "The body must be {\"outcome\": \"succeed\"} or \"fail\".");
        return;
    }
    calls_authenticate(&r->call, proved);
    answer(r);
}

static void answer_faults(struct http_exchange *x)
{
    struct sandbox *s = http_user(x);
    BUF_AUTO struct buf body = BUF_INIT;
    struct json j;
    json_begin(&j, &body);
    json_put_object(&j, NULL);
    faults_write(&s->faults, &j, "faults");
    json_end(&j);
    answer_json(x, 200, &body);
}

static void on_faults_post(struct http_exchange *x)
{
    struct sandbox *s = http_user(x);
    const char *why = "";
    if (faults_add(&s->faults, http_body(x), &why)) {
        answer_faults(x);
        return;
    }
    BUF_AUTO struct buf body = BUF_INIT;
    wire_error(&body, &(struct wire_error){.type = "invalid_request_error", .message = why}, true);
    answer_json(x, 400, &body);
}

static void on_faults_delete(struct http_exchange *x)
{
    struct sandbox *s = http_user(x);
    faults_clear(&s->faults);
    answer_faults(x);
}

static bool write_line(void *context, const struct intent *intent)
{
    wire_book_line(context, intent);
    return true;
}

static void on_books(struct http_exchange *x)
{
    struct sandbox *s = http_user(x);
    BUF_AUTO struct buf body = BUF_INIT;
    struct books_totals totals = books_totals(s->books);
    struct json j;
    json_begin(&j, &body);
    json_put_object(&j, NULL);
    json_put_array(&j, "intents");
    books_each(s->books, 0, write_line, &j);
    json_end(&j);
    json_put_object(&j, "totals");
    json_put_u64(&j, "intents", totals.intents);
    json_put_u64(&j, "authorised", totals.authorised);
    json_put_u64(&j, "captured", totals.captured);
    json_put_u64(&j, "canceled", totals.canceled);
    json_put_u64(&j, "webhooks_pending", totals.events_pending);
    json_end(&j);
    json_end(&j);
    answer_json(x, body.failed ? 503 : 200, &body);
}

static void on_page(struct http_exchange *x)
{
    http_answer(x, 200, "text/html; charset=utf-8", page_html(), 0);
}

static bool before(struct http_exchange *x)
{
    http_add_header(x, "Access-Control-Allow-Origin", SLICE("*"));
    http_add_header(x, "Access-Control-Expose-Headers", SLICE("Idempotent-Replayed, Request-Id"));
    if (http_method(x) != HTTP_METHOD_OPTIONS)
        return true;
    http_add_header(x, "Access-Control-Allow-Methods", SLICE("GET, POST, DELETE, OPTIONS"));
    http_add_header(x, "Access-Control-Allow-Headers",
                    SLICE("Authorization, Content-Type, Idempotency-Key, Stripe-Version"));
    http_add_header(x, "Access-Control-Max-Age", SLICE("86400"));
    http_answer(x, 204, NULL, slice_make("", 0), 0);
    return false;
}

static void fallback(struct http_exchange *x)
{
    BUF_AUTO struct buf body = BUF_INIT;
    char message[160];
    struct slice path = http_path(x);
    (void)snprintf(message, sizeof message, "Unrecognized request URL (%.*s).",
                   (int)(path.len < 100 ? path.len : 100), path.data);
    wire_error(&body, &(struct wire_error){.type = "invalid_request_error", .message = message},
               true);
    answer_json(x, 404, &body);
}

static const struct http_route routes[] = {
    {HTTP_METHOD_POST, "/v1/payment_intents", on_create, 0, 0, "create"},
    {HTTP_METHOD_GET, "/v1/payment_intents", on_list, 0, 0, "list"},
    {HTTP_METHOD_GET, "/v1/payment_intents/{intent}", on_retrieve, 0, 0, "retrieve"},
    {HTTP_METHOD_POST, "/v1/payment_intents/{intent}/confirm", on_confirm, 0, 0, "confirm"},
    {HTTP_METHOD_POST, "/v1/payment_intents/{intent}/capture", on_capture, 0, 0, "capture"},
    {HTTP_METHOD_POST, "/v1/payment_intents/{intent}/cancel", on_cancel, 0, 0, "cancel"},
    {HTTP_METHOD_POST, "/v1/refunds", on_refund, 0, 0, "refund"},
    {HTTP_METHOD_POST, "/sandbox/authenticate/{intent}", on_authenticate, 0, 0, "authenticate"},
    {HTTP_METHOD_GET, "/sandbox/faults", answer_faults, 0, 0, "faults"},
    {HTTP_METHOD_POST, "/sandbox/faults", on_faults_post, 0, 0, "faults_add"},
    {HTTP_METHOD_DELETE, "/sandbox/faults", on_faults_delete, 0, 0, "faults_clear"},
    {HTTP_METHOD_GET, "/sandbox/books", on_books, 0, 0, "books"},
    {HTTP_METHOD_GET, "/", on_page, 0, 0, "page"},
};

/* ---- life ---- */

static struct books_text setting(struct books *books, const char *given, const char *name,
                                 const char *prefix)
{
    struct books_text text;
    char made[64];
    if (given) {
        (void)snprintf(text.text, sizeof text.text, "%s", given);
        return text;
    }
    calls_make_id(prefix, 32, sizeof made, made);
    return books_setting(books, name, made);
}

static int open_all(struct sandbox *s, const struct sandbox_options *options, struct err *err)
{
    if (mkdir(options->data_dir, 0700) < 0 && errno != EEXIST)
        return err_set(err, "cannot make the folder %s: %s", options->data_dir, strerror(errno));
    if (books_open(options->data_dir, &s->books, err) < 0)
        return -1;
    s->webhook_secret = setting(s->books, options->webhook_secret, "webhook_secret", "whsec_");
    s->secret_key = setting(s->books, options->secret_key, "secret_key", "sk_test_");
    s->publishable_key = setting(s->books, options->publishable_key, "publishable_key", "pk_test_");
    if (books_commit(s->books, err) < 0)
        return -1;
    s->webhook_url = options->webhook_url ? strdup(options->webhook_url) : NULL;
    if (options->webhook_url && !s->webhook_url)
        return err_set(err, "no memory for the sandbox");
    const struct hooks_options hooks = {.loop = s->loop,
                                        .books = s->books,
                                        .url = s->webhook_url,
                                        .secret = s->webhook_secret.text};
    if (hooks_create(&hooks, &s->hooks, err) < 0)
        return -1;
    const struct http_options http = {
        .address = options->address ? options->address : "127.0.0.1",
        .port = options->port,
        .routes = routes,
        .route_count = sizeof routes / sizeof routes[0],
        .before = before,
        .fallback = fallback,
        .user = s,
    };
    return http_server_create(s->loop, &http, &s->server, err);
}

static void handle_closed(uv_handle_t *handle)
{
    struct sandbox *s = handle->data;
    if (--s->handles > 0)
        return;
    free(s->webhook_url);
    free(s);
}

void sandbox_stop(struct sandbox *s)
{
    if (!s)
        return;
    while (s->waits) {
        struct wait *w = s->waits;
        s->waits = w->next;
        if (w->request) {
            buf_finish(&w->request->call.body);
            form_finish(&w->request->call.form);
        }
        free(w);
    }
    http_server_destroy(s->server);
    hooks_destroy(s->hooks);
    books_close(s->books);
    uv_handle_t *handles[] = {(uv_handle_t *)&s->timer, (uv_handle_t *)&s->check,
                              (uv_handle_t *)&s->idle};
    s->handles = 3;
    for (size_t i = 0; i < 3; i++)
        uv_close(handles[i], handle_closed);
}

int sandbox_start(uv_loop_t *loop, const struct sandbox_options *options,
                  struct sandbox **ret_sandbox, struct err *err)
{
    struct sandbox *s = calloc(1, sizeof *s);
    if (!s)
        return err_set(err, "no memory for the sandbox");
    s->loop = loop;
    s->turn = 1;
    faults_init(&s->faults, options->seed);
    uv_timer_init(loop, &s->timer);
    uv_check_init(loop, &s->check);
    uv_idle_init(loop, &s->idle);
    s->timer.data = s->check.data = s->idle.data = s;
    uv_check_start(&s->check, on_check);
    if (open_all(s, options, err) < 0) {
        sandbox_stop(s);
        return -1;
    }
    settle(s, ""); /* what was processing when it stopped */
    hooks_go(s->hooks);
    *ret_sandbox = s;
    return 0;
}

uint16_t sandbox_port(const struct sandbox *s)
{
    return http_server_port(s->server);
}

struct sandbox_keys sandbox_keys(const struct sandbox *s)
{
    return (struct sandbox_keys){.webhook_secret = s->webhook_secret.text,
                                 .secret_key = s->secret_key.text,
                                 .publishable_key = s->publishable_key.text};
}
