/* desk: the sandbox's addresses: which call a request is, and whether it may (sandbox_internal.h).
 * What stands under /v1 is Stripe's; what stands under /sandbox happens at Stripe without our
 * doing, or only here. */
#include "sandbox/sandbox_internal.h"

#include "base/hash.h"
#include "base/limits.h"
#include "http/json_in.h"
#include "sandbox/ledger.h"
#include "sandbox/page.h"
#include "sandbox/wire.h"

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <stdlib.h>

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

/* Where the client found us, or where we are when that is nothing to make an address of. */
static struct slice host_of(struct http_exchange *x)
{
    struct sandbox *s = http_user(x);
    struct slice host = http_header(x, "host");
    bool fine = host.len > 0 && host.len < 200;
    for (size_t i = 0; i < host.len && fine; i++) {
        char c = host.data[i];
        fine = (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
               strchr(".:-[]", c);
    }
    if (fine)
        return host;
    char *text = http_alloc(x, 100);
    bool v6 = strchr(s->address, ':') != NULL;
    int len = snprintf(text, 100, "%s%s%s:%u", v6 ? "[" : "", s->address, v6 ? "]" : "", s->port);
    return slice_make(text, (size_t)len);
}

/* Stripe takes a list as "name[]=" again and again; the form wants each name once: "name[0]=". */
static struct slice number_lists(struct http_exchange *x, struct slice encoded)
{
    BUF_AUTO struct buf out = BUF_INIT;
    unsigned number = 0;
    for (size_t i = 0; i < encoded.len; i++) {
        struct slice rest = slice_make(encoded.data + i, encoded.len - i);
        size_t len =
            slice_starts_with(rest, SLICE("[]=")) ? 3
            : slice_starts_with(rest, SLICE("%5B%5D=")) || slice_starts_with(rest, SLICE("%5b%5d="))
                ? 7
                : 0;
        if (len) {
            buf_append_format(&out, "%%5B%u%%5D=", number++);
            i += len - 1;
        } else {
            buf_append_char(&out, encoded.data[i]);
        }
    }
    if (number == 0 || out.failed)
        return encoded;
    char *copy = http_alloc(x, out.len);
    memcpy(copy, out.data, out.len);
    return slice_make(copy, out.len);
}

static struct request *make_request(struct http_exchange *x)
{
    struct sandbox *s = http_user(x);
    struct request *r = http_alloc(x, sizeof *r);
    *r = (struct request){.sandbox = s, .x = x, .call = sandbox_call(s)};
    r->call.id = http_param(x, "id");
    r->call.host = host_of(x);
    return r;
}

static bool read_form(struct request *r, struct slice encoded)
{
    struct err err;
    if (form_read(number_lists(r->x, encoded), &r->call.form, &err) == 0)
        return true;
    sandbox_refuse(r, 400, NULL, err.detail);
    return false;
}

/* ---- Stripe's addresses ---- */

/* What is asked for at an address. */
struct address {
    enum http_method method;
    const char *pattern;
    calls_operation *run;
    enum fault_on on;
    bool publishable; /* the browser may, with the client secret */
    const char *name;
};

static const struct address *address_of(struct http_exchange *x);

static bool may(struct request *r, const struct address *address)
{
    struct sandbox *s = r->sandbox;
    struct slice key = given_key(r->x);
    bool publishable = same_text(key, s->publishable_key.text);
    r->call.secret_key = same_text(key, s->secret_key.text);
    if (!r->call.secret_key && !publishable)
        sandbox_refuse(r, 401, NULL,
                       key.len ? "Invalid API Key provided."
                               : "You did not provide an API key. You need to provide your API key "
                                 "in the Authorization header, using Bearer auth.");
    else if (publishable && !address->publishable)
        sandbox_refuse(r, 403, "secret_key_required", "This API call needs a secret API key.");
    else
        return true;
    return false;
}

static void on_stripe(struct http_exchange *x)
{
    const struct address *address = address_of(x);
    struct request *r = make_request(x);
    bool post = http_method(x) == HTTP_METHOD_POST;
    struct slice path = http_path(x), body = post ? http_body(x) : http_query(x);
    r->operation = address->run;
    r->call.on = address->on;
    r->call.request = hash64_of(body.data, body.len, hash64_of(path.data, path.len, 0));
    if (post)
        r->call.key = http_header(x, "idempotency-key");
    if (!may(r, address))
        return;
    if (r->call.key.len > LIMIT_IDEMPOTENCY_KEY_BYTES)
        sandbox_refuse(r, 400, NULL, "Idempotency keys can be at most 255 characters.");
    else if (read_form(r, body))
        sandbox_meet(r);
}

/* ---- ours: no key, no fault; JSON or a form ---- */

static void add_escaped(struct buf *out, const char *text)
{
    for (; *text; text++)
        buf_append_format(out, "%%%02X", (unsigned)(unsigned char)*text);
}

/* {"amount": 100, "reason": "general"} as a form. */
static bool read_json(struct request *r, struct slice body)
{
    BUF_AUTO struct buf encoded = BUF_INIT;
    struct err err;
    json_t *root, *value;
    const char *key;
    if (http_json_read(body, &root, &err) < 0) {
        sandbox_refuse(r, 400, NULL, err.detail);
        return false;
    }
    json_object_foreach(root, key, value)
    {
        char number[32];
        (void)snprintf(number, sizeof number, "%lld", (long long)json_integer_value(value));
        buf_append_text(&encoded, encoded.len ? "&" : "");
        add_escaped(&encoded, key);
        buf_append_char(&encoded, '=');
        add_escaped(&encoded, json_is_string(value)    ? json_string_value(value)
                              : json_is_boolean(value) ? (json_is_true(value) ? "true" : "false")
                                                       : number);
    }
    json_decref(root);
    return read_form(r, buf_slice(&encoded));
}

static void on_ours(struct http_exchange *x)
{
    const struct address *address = address_of(x);
    struct request *r = make_request(x);
    struct slice body = http_body(x);
    r->operation = address->run;
    r->call.on = address->on;
    if (slice_starts_with(body, SLICE("{")) ? read_json(r, body) : read_form(r, body))
        sandbox_do(r);
}

/* Answers JSON that is not Stripe's. */
static void answer_json(struct http_exchange *x, int status, const struct buf *body)
{
    struct sandbox *s = http_user(x);
    http_answer(x, body->failed ? 503 : status, "application/json", buf_slice(body),
                sandbox_barrier(s));
}

static void answer_error(struct http_exchange *x, int status, const char *why)
{
    BUF_AUTO struct buf body = BUF_INIT;
    wire_error(&body, &(struct wire_error){.type = "invalid_request_error", .message = why}, true);
    answer_json(x, status, &body);
}

static void answer_faults(struct http_exchange *x)
{
    struct sandbox *s = http_user(x);
    BUF_AUTO struct buf body = BUF_INIT;
    struct json j;
    json_begin(&j, &body);
    json_put_object(&j, NULL);
    faults_write(&s->faults, &j, "faults");
    faults_write_choice(&j, "possible");
    json_end(&j);
    answer_json(x, 200, &body);
}

static void on_faults_post(struct http_exchange *x)
{
    struct sandbox *s = http_user(x);
    const char *why = "";
    if (faults_add(&s->faults, http_body(x), &why))
        answer_faults(x);
    else
        answer_error(x, 400, why);
}

static void on_faults_delete(struct http_exchange *x)
{
    struct sandbox *s = http_user(x);
    faults_clear(&s->faults);
    answer_faults(x);
}

static void on_fault_delete(struct http_exchange *x)
{
    struct sandbox *s = http_user(x);
    char text[24];
    struct slice id = http_param(x, "id");
    (void)snprintf(text, sizeof text, "%.*s", (int)(id.len < 20 ? id.len : 20), id.data);
    if (faults_remove(&s->faults, strtoull(text, NULL, 10)))
        answer_faults(x);
    else
        answer_error(x, 404, "there is no fault of that number");
}

static void answer_times(struct http_exchange *x)
{
    struct sandbox *s = http_user(x);
    BUF_AUTO struct buf body = BUF_INIT;
    struct json j;
    json_begin(&j, &body);
    json_put_object(&j, NULL);
    json_put_u64(&j, "processing_ms", s->times.processing_ms);
    json_put_u64(&j, "refund_ms", s->times.refund_ms);
    json_put_u64(&j, "dispute_ms", s->times.dispute_ms);
    json_put_u64(&j, "payout_ms", s->times.payout_ms);
    json_end(&j);
    answer_json(x, 200, &body);
}

/* One member of the settings; false: it is there and no time. */
static bool read_time(const json_t *root, const char *name, uint32_t *time)
{
    const json_t *value = json_object_get(root, name);
    json_int_t ms = json_integer_value(value);
    if (!value)
        return true;
    if (!json_is_integer(value) || ms < 0 || ms > (json_int_t)FAULT_MS_MAX)
        return false;
    *time = (uint32_t)ms;
    return true;
}

static void on_times_post(struct http_exchange *x)
{
    struct sandbox *s = http_user(x);
    struct calls_times read = s->times;
    json_t *root = NULL;
    struct err err;
    bool fine = http_json_read(http_body(x), &root, &err) == 0 && json_is_object(root) &&
                read_time(root, "processing_ms", &read.processing_ms) &&
                read_time(root, "refund_ms", &read.refund_ms) &&
                read_time(root, "dispute_ms", &read.dispute_ms) &&
                read_time(root, "payout_ms", &read.payout_ms);
    json_decref(root);
    if (!fine) {
        answer_error(x, 400,
                     "processing_ms, refund_ms, dispute_ms and payout_ms are whole numbers from 0 "
                     "to 600000");
        return;
    }
    s->times = read;
    sandbox_save_times(s);
    answer_times(x);
}

static void on_books(struct http_exchange *x)
{
    struct sandbox *s = http_user(x);
    BUF_AUTO struct buf body = BUF_INIT;
    struct ledger_query query = {.limit = 0};
    struct slice text, order;
    if (http_query_param(x, "limit", &text)) {
        char digits[12];
        (void)snprintf(digits, sizeof digits, "%.*s", (int)(text.len < 10 ? text.len : 10),
                       text.data);
        query.limit = (uint32_t)strtoul(digits, NULL, 10);
    }
    if (http_query_param(x, "order", &order))
        query.order = order;
    ledger_write(s->books, agenda_count(s->agenda), &query, &body);
    answer_json(x, 200, &body);
}

/* ---- pages ---- */

static void answer_page(struct http_exchange *x, const char *type, struct slice text)
{
    http_add_header(x, "Content-Security-Policy", slice_from_string(PAGE_POLICY));
    http_add_header(x, "X-Content-Type-Options", SLICE("nosniff"));
    http_add_header(x, "Referrer-Policy", SLICE("no-referrer"));
    http_add_header(x, "Cache-Control", SLICE("no-cache"));
    http_answer(x, 200, type, text, 0);
}

static void on_page(struct http_exchange *x)
{
    answer_page(x, "text/html; charset=utf-8", page_html());
}

static void on_style(struct http_exchange *x)
{
    answer_page(x, "text/css; charset=utf-8", page_css());
}

static void on_script(struct http_exchange *x)
{
    answer_page(x, "text/javascript; charset=utf-8", page_js());
}

/* The bank's page: the buyer approves the payment, or does not. */
static void on_bank(struct http_exchange *x)
{
    struct sandbox *s = http_user(x);
    BUF_AUTO struct buf html = BUF_INIT;
    struct intent intent;
    if (!books_find_intent(s->books, http_param(x, "id"), 0, &intent)) {
        answer_error(x, 404, "there is no payment of that name");
        return;
    }
    page_bank(&intent, &html);
    answer_page(x, "text/html; charset=utf-8", buf_slice(&html));
}

/* Decides and sends the buyer back to the shop, as Stripe does. */
static void on_bank_post(struct http_exchange *x)
{
    struct request *r = make_request(x);
    struct sandbox *s = r->sandbox;
    struct intent intent;
    BUF_AUTO struct buf to = BUF_INIT;
    if (!books_find_intent(s->books, r->call.id, 0, &intent)) {
        answer_error(x, 404, "there is no payment of that name");
        return;
    }
    if (!read_form(r, http_body(x)))
        return;
    r->call.on = FAULT_ON_CONFIRM;
    calls_authenticate(&r->call);
    bool proved = r->call.status == 200;
    buf_finish(&r->call.body);
    form_finish(&r->call.form);
    if (!intent.return_url[0]) {
        answer_error(x, 400, "this payment has no address to come back to");
        return;
    }
    buf_append_format(&to,
                      "%s%cpayment_intent=%s&payment_intent_client_secret=%s&redirect_status=%s",
                      intent.return_url, strchr(intent.return_url, '?') ? '&' : '?', intent.id,
                      intent.secret, proved ? "succeeded" : "failed");
    http_add_header(x, "Location", buf_slice(&to));
    http_answer(x, 303, NULL, slice_make("", 0), sandbox_barrier(s));
}

/* ---- the table ---- */

static bool before(struct http_exchange *x)
{
    http_add_header(x, "Access-Control-Allow-Origin", SLICE("*"));
    http_add_header(x, "Access-Control-Expose-Headers",
                    SLICE("Idempotent-Replayed, Request-Id, Retry-After"));
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
    char message[160];
    struct slice path = http_path(x);
    (void)snprintf(message, sizeof message, "Unrecognized request URL (%.*s).",
                   (int)(path.len < 100 ? path.len : 100), path.data);
    answer_error(x, 404, message);
}

#define GET HTTP_METHOD_GET
#define POST HTTP_METHOD_POST
#define DELETE HTTP_METHOD_DELETE

static const struct address addresses[] = {
    {POST, "/v1/payment_intents", calls_intent_create, FAULT_ON_CREATE, false, "create"},
    {GET, "/v1/payment_intents", calls_intent_list, FAULT_ON_LIST, false, "list"},
    {GET, "/v1/payment_intents/{id}", calls_intent_retrieve, FAULT_ON_RETRIEVE, true, "retrieve"},
    {POST, "/v1/payment_intents/{id}/confirm", calls_intent_confirm, FAULT_ON_CONFIRM, true,
     "confirm"},
    {POST, "/v1/payment_intents/{id}/capture", calls_intent_capture, FAULT_ON_CAPTURE, false,
     "capture"},
    {POST, "/v1/payment_intents/{id}/cancel", calls_intent_cancel, FAULT_ON_CANCEL, false,
     "cancel"},
    {GET, "/v1/charges/{id}", calls_charge_retrieve, FAULT_ON_RETRIEVE, false, "charge"},
    {POST, "/v1/refunds", calls_refund_create, FAULT_ON_REFUND, false, "refund"},
    {GET, "/v1/refunds", calls_refund_list, FAULT_ON_LIST, false, "refunds"},
    {GET, "/v1/refunds/{id}", calls_refund_retrieve, FAULT_ON_RETRIEVE, false, "refund_retrieve"},
    {POST, "/v1/refunds/{id}", calls_refund_update, FAULT_ON_REFUND, false, "refund_update"},
    {GET, "/v1/disputes", calls_dispute_list, FAULT_ON_LIST, false, "disputes"},
    {GET, "/v1/disputes/{id}", calls_dispute_retrieve, FAULT_ON_RETRIEVE, false, "dispute"},
    {POST, "/v1/disputes/{id}", calls_dispute_update, FAULT_ON_DISPUTE, false, "dispute_update"},
    {POST, "/v1/disputes/{id}/close", calls_dispute_close, FAULT_ON_DISPUTE, false,
     "dispute_close"},
    {GET, "/v1/balance", calls_balance, FAULT_ON_RETRIEVE, false, "balance"},
    {GET, "/v1/balance_transactions", calls_movement_list, FAULT_ON_LIST, false, "movements"},
    {GET, "/v1/balance_transactions/{id}", calls_movement_retrieve, FAULT_ON_RETRIEVE, false,
     "movement"},
    {POST, "/v1/payouts", calls_payout_create, FAULT_ON_PAYOUT, false, "payout"},
    {GET, "/v1/payouts", calls_payout_list, FAULT_ON_LIST, false, "payouts"},
    {GET, "/v1/payouts/{id}", calls_payout_retrieve, FAULT_ON_RETRIEVE, false, "payout_retrieve"},
    {GET, "/v1/events", calls_event_list, FAULT_ON_LIST, false, "events"},
    {GET, "/v1/events/{id}", calls_event_retrieve, FAULT_ON_RETRIEVE, false, "event"},
    {POST, "/sandbox/authenticate/{id}", calls_authenticate, FAULT_ON_CONFIRM, false,
     "authenticate"},
    {POST, "/sandbox/disputes", calls_dispute_open, FAULT_ON_DISPUTE, false, "dispute_open"},
    {POST, "/sandbox/disputes/{id}", calls_dispute_decide, FAULT_ON_DISPUTE, false,
     "dispute_decide"},
    {POST, "/sandbox/refunds/{id}", calls_refund_decide, FAULT_ON_REFUND, false, "refund_decide"},
    {POST, "/sandbox/payouts", calls_payout_all, FAULT_ON_PAYOUT, false, "payout_all"},
    {POST, "/sandbox/payouts/{id}", calls_payout_decide, FAULT_ON_PAYOUT, false, "payout_decide"},
};

static const struct http_route others[] = {
    {GET, "/sandbox/faults", answer_faults, 0, 0, "faults"},
    {POST, "/sandbox/faults", on_faults_post, 0, 0, "faults_add"},
    {DELETE, "/sandbox/faults", on_faults_delete, 0, 0, "faults_clear"},
    {DELETE, "/sandbox/faults/{id}", on_fault_delete, 0, 0, "fault_remove"},
    {GET, "/sandbox/settings", answer_times, 0, 0, "times"},
    {POST, "/sandbox/settings", on_times_post, 0, 0, "times_set"},
    {GET, "/sandbox/books", on_books, 0, 0, "books"},
    {GET, "/sandbox/bank/{id}", on_bank, 0, 0, "bank"},
    {POST, "/sandbox/bank/{id}", on_bank_post, 0, 0, "bank_decide"},
    {GET, "/", on_page, 0, 0, "page"},
    {GET, "/sandbox/page.css", on_style, 0, 0, "style"},
    {GET, "/sandbox/page.js", on_script, 0, 0, "script"},
};

#define ADDRESS_COUNT (sizeof addresses / sizeof addresses[0])
#define OTHER_COUNT (sizeof others / sizeof others[0])
_Static_assert(ADDRESS_COUNT + OTHER_COUNT <= SANDBOX_ROUTES_MAX, "all addresses have room");

static const struct address *address_of(struct http_exchange *x)
{
    return &addresses[http_route_of(x)->roles];
}

/* Stripe's addresses and ours in one table; a route's `roles` say which of `addresses` it is. */
static size_t make_routes(struct http_route *routes)
{
    for (size_t i = 0; i < ADDRESS_COUNT; i++) {
        bool stripes = slice_starts_with(slice_from_string(addresses[i].pattern), SLICE("/v1/"));
        routes[i] = (struct http_route){.method = addresses[i].method,
                                        .pattern = addresses[i].pattern,
                                        .handler = stripes ? on_stripe : on_ours,
                                        .roles = (uint32_t)i,
                                        .name = addresses[i].name};
    }
    memcpy(routes + ADDRESS_COUNT, others, sizeof others);
    return ADDRESS_COUNT + OTHER_COUNT;
}

int desk_open(struct sandbox *s, uint16_t port, struct err *err)
{
    const struct http_options http = {
        .address = s->address,
        .port = port,
        .routes = s->routes,
        .route_count = make_routes(s->routes),
        .before = before,
        .fallback = fallback,
        .user = s,
    };
    return http_server_create(s->loop, &http, &s->server, err);
}
