#include "effects/stripe.h"

#include <jansson.h>

#include <assert.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>

/* ---- requests ---- */

/* Ids and keys go into a path and a header: only letters that need no quoting there. */
static bool plain_word(struct slice word)
{
    for (size_t i = 0; i < word.len; i++) {
        char c = word.data[i];
        bool fine = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                    c == '_' || c == '-' || c == ':' || c == '.';
        if (!fine)
            return false;
    }
    return word.len > 0;
}

static void add_header(struct stripe_request *request, const char *name, struct slice value)
{
    assert(request->header_count < STRIPE_HEADERS_MAX);
    char *line = request->headers[request->header_count++];
    (void)snprintf(line, sizeof request->headers[0], "%s: %.*s", name, SLICE_ARG(value));
}

static const char *call_path(enum stripe_call call)
{
    switch (call) {
    case STRIPE_CAPTURE: return "/capture";
    case STRIPE_CANCEL: return "/cancel";
    case STRIPE_RETRIEVE: return "?expand%5B%5D=latest_charge"; /* it has the card */
    case STRIPE_CREATE: break;
    }
    return "";
}

int stripe_request_build(const struct stripe_account *account,
                         const struct stripe_request_options *options,
                         struct stripe_request *ret_request, struct err *err)
{
    bool create = options->call == STRIPE_CREATE;
    if (!create && (!plain_word(options->intent) || options->intent.len > LIMIT_PAYMENT_ID_BYTES))
        return err_set(err, "the payment has no usable intent id");
    bool post = options->call != STRIPE_RETRIEVE;
    if (post && (!plain_word(options->call_key) || options->call_key.len >= STRIPE_KEY_MAX))
        return err_set(err, "the call has no usable idempotency key");
    struct slice secret = slice_from_string(account->secret_key);
    if (!plain_word(secret) || secret.len > LIMIT_IDEMPOTENCY_KEY_BYTES)
        return err_set(err, "the provider's secret key is empty or malformed");

    struct stripe_request request = {.post = post, .body = post ? options->body : SLICE("")};
    int len =
        create
            ? snprintf(request.url, sizeof request.url, "%s/v1/payment_intents", account->api_base)
            : snprintf(request.url, sizeof request.url, "%s/v1/payment_intents/%.*s%s",
                       account->api_base, SLICE_ARG(options->intent), call_path(options->call));
    if (len < 0 || (size_t)len >= sizeof request.url)
        return err_set(err, "the provider's address is too long");
    char bearer[STRIPE_KEY_MAX + 8];
    (void)snprintf(bearer, sizeof bearer, "Bearer %s", account->secret_key);
    add_header(&request, "Authorization", slice_from_string(bearer));
    add_header(&request, "Stripe-Version", SLICE(STRIPE_VERSION));
    if (post) {
        add_header(&request, "Content-Type", SLICE("application/x-www-form-urlencoded"));
        add_header(&request, "Idempotency-Key", options->call_key);
    }
    *ret_request = request;
    return 0;
}

/* ---- reading objects ---- */

static const char *string_at(const json_t *object, const char *key)
{
    return json_string_value(json_object_get(object, key)); /* NULL for anything else */
}

static int64_t integer_at(const json_t *object, const char *key)
{
    return json_integer_value(json_object_get(object, key)); /* 0 for anything else */
}

/* Copies a text; one that does not fit is left out: half an id is worse than none. */
static void keep_text(char *to, size_t size, const char *text)
{
    size_t len = text ? strlen(text) : 0;
    if (len >= size)
        len = 0;
    memcpy(to, len ? text : "", len);
    to[len] = '\0';
}

static enum stripe_status status_of(const char *word)
{
    static const char *const words[] = {
        [STRIPE_STATUS_REQUIRES_PAYMENT_METHOD] = "requires_payment_method",
        [STRIPE_STATUS_REQUIRES_CONFIRMATION] = "requires_confirmation",
        [STRIPE_STATUS_REQUIRES_ACTION] = "requires_action",
        [STRIPE_STATUS_PROCESSING] = "processing",
        [STRIPE_STATUS_REQUIRES_CAPTURE] = "requires_capture",
        [STRIPE_STATUS_SUCCEEDED] = "succeeded",
        [STRIPE_STATUS_CANCELED] = "canceled",
    };
    for (size_t i = 1; word && i < sizeof words / sizeof words[0]; i++)
        if (strcmp(words[i], word) == 0)
            return (enum stripe_status)i;
    return STRIPE_STATUS_UNKNOWN;
}

/* The bank's reason says more than "card_declined". */
static const char *error_code(const json_t *error)
{
    const char *code = string_at(error, "decline_code");
    if (!code)
        code = string_at(error, "code");
    return code ? code : string_at(error, "type");
}

/* An intent names its latest charge, unless it was asked to hold all of it. */
static const char *card_fingerprint(const json_t *intent)
{
    const json_t *charge = json_object_get(intent, "latest_charge");
    const json_t *details = json_object_get(charge, "payment_method_details");
    return string_at(json_object_get(details, "card"), "fingerprint");
}

/* False when it is not a payment intent. */
static bool intent_read(const json_t *object, struct stripe_intent *ret_intent)
{
    struct stripe_intent intent = {0};
    const char *kind = string_at(object, "object");
    if (!kind || strcmp(kind, "payment_intent") != 0)
        return false;
    keep_text(intent.id, sizeof intent.id, string_at(object, "id"));
    keep_text(intent.client_secret, sizeof intent.client_secret,
              string_at(object, "client_secret"));
    keep_text(intent.currency, sizeof intent.currency, string_at(object, "currency"));
    keep_text(intent.order_id, sizeof intent.order_id,
              string_at(json_object_get(object, "metadata"), "order_id"));
    keep_text(intent.last_error, sizeof intent.last_error,
              error_code(json_object_get(object, "last_payment_error")));
    keep_text(intent.card, sizeof intent.card, card_fingerprint(object));
    intent.status = status_of(string_at(object, "status"));
    intent.amount_minor = integer_at(object, "amount");
    intent.capturable_minor = integer_at(object, "amount_capturable");
    intent.received_minor = integer_at(object, "amount_received");
    if (!plain_word(slice_from_string(intent.id)))
        return false;
    *ret_intent = intent;
    return true;
}

static json_t *load(struct slice body)
{
    json_t *root = json_loadb(body.data ? body.data : "", body.len, JSON_REJECT_DUPLICATES, NULL);
    if (root && !json_is_object(root)) {
        json_decref(root);
        return NULL;
    }
    return root;
}

/* ---- answers ---- */

/* An answer that is an error object of Stripe's; a page of some proxy on the way is not. */
static void read_error(const struct stripe_reply *reply, const json_t *root,
                       struct stripe_answer *answer)
{
    const json_t *error = json_object_get(root, "error");
    if (!json_is_object(error))
        return;
    keep_text(answer->code, sizeof answer->code, error_code(error));
    if (reply->status == 402)
        answer->result = STRIPE_DECLINED;
    else if (reply->status == 401 || reply->status == 403)
        answer->result = STRIPE_BARRED;
    else
        answer->result = STRIPE_REFUSED;
    if (answer->code[0] == '\0')
        (void)snprintf(answer->code, sizeof answer->code, "http_%d", reply->status);
}

void stripe_answer_read(const struct stripe_reply *reply, struct stripe_answer *ret_answer)
{
    struct stripe_answer answer = {.result = STRIPE_UNKNOWN, .retry_after_s = reply->retry_after_s};
    int status = reply->status;
    answer.busy = status == 409 || status == 429;
    answer.stuck = status >= 500 && reply->replayed;
    bool refusal = status >= 400 && status < 500 && !answer.busy && status != 408 && status != 425;
    if ((status >= 200 && status < 300) || refusal) {
        json_t *root = load(reply->body);
        if (root && refusal)
            read_error(reply, root, &answer);
        else if (root && intent_read(root, &answer.intent))
            answer.result = STRIPE_DONE;
        json_decref(root);
    }
    *ret_answer = answer;
}

/* ---- webhooks ---- */

#define MAC_BYTES 32u

static int hex_digit(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    if (c >= 'a' && c <= 'f')
        return c - 'a' + 10;
    return -1;
}

static bool read_mac(struct slice hex, unsigned char ret_mac[MAC_BYTES])
{
    if (hex.len != 2 * MAC_BYTES)
        return false;
    for (size_t i = 0; i < MAC_BYTES; i++) {
        int high = hex_digit(hex.data[2 * i]), low = hex_digit(hex.data[2 * i + 1]);
        if (high < 0 || low < 0)
            return false;
        ret_mac[i] = (unsigned char)(high << 4 | low);
    }
    return true;
}

/* Cuts the next "name=value" off a header; false at its end. Blanks around it do not matter. */
static bool next_pair(struct slice *rest, struct slice *ret_name, struct slice *ret_value)
{
    while (rest->len && (*rest->data == ',' || *rest->data == ' '))
        *rest = slice_make(rest->data + 1, rest->len - 1);
    if (!rest->len)
        return false;
    const char *comma = memchr(rest->data, ',', rest->len);
    size_t len = comma ? (size_t)(comma - rest->data) : rest->len;
    const char *equals = memchr(rest->data, '=', len);
    size_t name = equals ? (size_t)(equals - rest->data) : len;
    size_t value = equals ? name + 1 : len;
    *ret_name = slice_make(rest->data, name);
    *ret_value = slice_make(rest->data + value, len - value);
    *rest = slice_make(rest->data + len, rest->len - len);
    return true;
}

static bool read_seconds(struct slice digits, uint64_t *ret_seconds)
{
    uint64_t seconds = 0;
    if (digits.len == 0 || digits.len > 15)
        return false;
    for (size_t i = 0; i < digits.len; i++) {
        if (digits.data[i] < '0' || digits.data[i] > '9')
            return false;
        seconds = seconds * 10 + (uint64_t)(digits.data[i] - '0');
    }
    *ret_seconds = seconds;
    return true;
}

/* HMAC-SHA256 of "{t}.{body}" under the secret, whole ("whsec_" included, as Stripe does it). */
static bool sign(const char *secret, struct slice stamp, struct slice body,
                 unsigned char ret_mac[MAC_BYTES])
{
    EVP_MAC *algorithm = EVP_MAC_fetch(NULL, "HMAC", NULL);
    EVP_MAC_CTX *context = algorithm ? EVP_MAC_CTX_new(algorithm) : NULL;
    char digest[] = "SHA256";
    OSSL_PARAM params[] = {OSSL_PARAM_construct_utf8_string("digest", digest, 0),
                           OSSL_PARAM_construct_end()};
    size_t len = 0;
    bool fine = context &&
                EVP_MAC_init(context, (const unsigned char *)secret, strlen(secret), params) == 1 &&
                EVP_MAC_update(context, (const unsigned char *)stamp.data, stamp.len) == 1 &&
                EVP_MAC_update(context, (const unsigned char *)".", 1) == 1 &&
                EVP_MAC_update(context, (const unsigned char *)body.data, body.len) == 1 &&
                EVP_MAC_final(context, ret_mac, &len, MAC_BYTES) == 1 && len == MAC_BYTES;
    EVP_MAC_CTX_free(context);
    EVP_MAC_free(algorithm);
    return fine;
}

/* Does any v1 of the header equal this MAC? Looks at all of them whatever the first ones say. */
static bool header_has(struct slice header, const unsigned char mac[MAC_BYTES])
{
    struct slice name, value;
    bool found = false;
    while (next_pair(&header, &name, &value)) {
        unsigned char given[MAC_BYTES];
        if (slice_equal(name, SLICE("v1")) && read_mac(value, given))
            found |= CRYPTO_memcmp(given, mac, MAC_BYTES) == 0;
    }
    return found;
}

bool stripe_signature_valid(const struct stripe_signature *signature)
{
    struct slice rest = signature->header, name, value, stamp = {NULL, 0};
    while (next_pair(&rest, &name, &value))
        if (slice_equal(name, SLICE("t"))) {
            if (stamp.data)
                return false; /* two stamps: which one was signed? */
            stamp = value;
        }
    uint64_t signed_s;
    if (!read_seconds(stamp, &signed_s))
        return false;
    uint64_t now_s = signature->now_s;
    uint64_t apart = now_s > signed_s ? now_s - signed_s : signed_s - now_s;
    if (apart > STRIPE_SIGNATURE_TOLERANCE_S)
        return false;
    bool genuine = false;
    for (size_t i = 0; i < signature->secret_count; i++) {
        unsigned char mac[MAC_BYTES];
        const char *secret = signature->secrets[i];
        if (secret && *secret && sign(secret, stamp, signature->body, mac))
            genuine |= header_has(signature->header, mac);
    }
    return genuine;
}

static enum stripe_event_type event_type(const char *word)
{
    static const struct {
        const char *word;
        enum stripe_event_type type;
    } types[] = {
        {"payment_intent.amount_capturable_updated", STRIPE_EVENT_AUTHORISED},
        {"payment_intent.payment_failed", STRIPE_EVENT_DECLINED},
        {"payment_intent.succeeded", STRIPE_EVENT_CAPTURED},
        {"payment_intent.canceled", STRIPE_EVENT_CANCELLED},
    };
    for (size_t i = 0; i < sizeof types / sizeof types[0]; i++)
        if (strcmp(types[i].word, word) == 0)
            return types[i].type;
    return STRIPE_EVENT_OTHER;
}

static int read_event(const json_t *root, struct stripe_event *ret_event, struct err *err)
{
    struct stripe_event event = {0};
    const char *kind = string_at(root, "object"), *type = string_at(root, "type");
    if (!kind || strcmp(kind, "event") != 0 || !type)
        return err_set(err, "the body is JSON but not an event of Stripe's");
    keep_text(event.id, sizeof event.id, string_at(root, "id"));
    if (event.id[0] == '\0')
        return err_set(err, "the event has no usable id");
    event.type = event_type(type);
    const json_t *object = json_object_get(json_object_get(root, "data"), "object");
    if (event.type != STRIPE_EVENT_OTHER && !intent_read(object, &event.intent))
        return err_set(err, "the event %s carries no payment intent", event.id);
    *ret_event = event;
    return 0;
}

int stripe_event_read(struct slice body, struct stripe_event *ret_event, struct err *err)
{
    json_t *root = load(body);
    if (!root)
        return err_set(err, "the body is not a JSON object");
    int result = read_event(root, ret_event, err);
    json_decref(root);
    return result;
}
