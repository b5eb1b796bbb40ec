#include "sandbox/calls.h"

#include "sandbox/wire.h"

#include <assert.h>
#include <openssl/crypto.h>
#include <openssl/rand.h>
#include <stdlib.h>
#include <time.h>

#define LIST_MAX 100

void calls_make_id(const char *prefix, size_t letters, size_t size, char *ret_id)
{
    static const char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
    unsigned char noise[64];
    size_t at = strlen(prefix);
    assert(letters <= sizeof noise && at + letters < size);
    if (RAND_bytes(noise, (int)letters) != 1)
        abort(); /* no entropy: nothing secret can be made */
    memcpy(ret_id, prefix, at);
    for (size_t i = 0; i < letters; i++)
        ret_id[at + i] = alphabet[noise[i] % 62];
    ret_id[at + letters] = '\0';
}

static int64_t now_s(void)
{
    return (int64_t)time(NULL);
}

/* A parameter of the request; empty when absent. */
static struct slice field(const struct call *call, const char *name)
{
    struct slice value;
    return form_get(&call->form, name, &value) ? value : slice_make("", 0);
}

/* A whole number without sign, at most 15 digits. */
static bool read_integer(struct slice text, int64_t *ret_value)
{
    int64_t value = 0;
    if (text.len == 0 || text.len > 15)
        return false;
    for (size_t i = 0; i < text.len; i++) {
        if (text.data[i] < '0' || text.data[i] > '9')
            return false;
        value = value * 10 + (text.data[i] - '0');
    }
    *ret_value = value;
    return true;
}

/* ---- answers ---- */

void calls_error(struct call *call, int status, const struct wire_error *error)
{
    call->status = status;
    buf_clear(&call->body);
    wire_error(&call->body, error, call->secret_key);
}

static void refuse(struct call *call, const char *code, const char *param, const char *message)
{
    calls_error(
        call, 400,
        &(struct wire_error){
            .type = "invalid_request_error", .code = code, .param = param, .message = message});
}

static void refuse_state(struct call *call, const struct intent *intent, const char *what)
{
    char message[200];
    (void)snprintf(message, sizeof message,
                   "This PaymentIntent could not be %s because it has a status of %s.", what,
                   intent_status_word(intent->status));
    calls_error(call, 400,
                &(struct wire_error){.type = "invalid_request_error",
                                     .code = "payment_intent_unexpected_state",
                                     .message = message,
                                     .intent = intent});
}

/* The only thing that can be expanded here; Stripe takes the list with and without numbers. */
static bool expands(const struct call *call, struct slice what)
{
    for (size_t i = 0; i < call->form.count; i++)
        if (slice_starts_with(call->form.fields[i].key, SLICE("expand[")) &&
            slice_equal(call->form.fields[i].value, what))
            return true;
    return false;
}

static void answer_intent(struct call *call, const struct intent *intent)
{
    struct json j;
    call->status = 200;
    buf_clear(&call->body);
    json_begin(&j, &call->body);
    wire_intent(&j, NULL, intent,
                &(struct wire_view){call->secret_key, expands(call, SLICE("latest_charge"))});
}

/* ---- events ---- */

static void emit(struct call *call, const char *type, const struct intent *intent,
                 const struct books_refund *refund)
{
    char id[INTENT_ID_MAX];
    BUF_AUTO struct buf body = BUF_INIT;
    calls_make_id("evt_", 24, sizeof id, id);
    wire_event(&body, &(struct wire_event){.id = id,
                                           .type = type,
                                           .created_s = now_s(),
                                           .idempotency_key = call->key,
                                           .intent = intent,
                                           .refund = refund});
    struct fault fault = faults_meet(call->faults, FAULT_ON_WEBHOOK);
    bool of_call = call->fault.kind == FAULT_DUPLICATE || call->fault.kind == FAULT_REORDER;
    if (fault.kind == FAULT_NONE && of_call)
        fault = call->fault;
    if (!body.failed)
        hooks_add(call->hooks, intent->row, buf_slice(&body), &fault);
}

/* ---- operations ---- */

/* Finds the path's intent, with the right to see it; else answers. */
static bool find_intent(struct call *call, struct slice id, struct intent *ret_intent)
{
    bool found = books_find(call->books, id, ret_intent);
    if (found && !call->secret_key) {
        struct slice given = field(call, "client_secret");
        size_t len = strlen(ret_intent->secret);
        found = given.len == len && CRYPTO_memcmp(given.data, ret_intent->secret, len) == 0;
    }
    if (found)
        return true;
    char message[128];
    (void)snprintf(message, sizeof message, "No such payment_intent: '%.*s'",
                   (int)(id.len < 60 ? id.len : 60), id.data);
    calls_error(call, 404,
                &(struct wire_error){.type = "invalid_request_error",
                                     .code = "resource_missing",
                                     .param = "intent",
                                     .message = message});
    return false;
}

static bool has_prefix(struct slice name, const char *prefix)
{
    return slice_starts_with(name, slice_from_string(prefix));
}

/* Real Stripe refuses what it does not know; so does this, or mistakes would show only there. */
static bool known_parameters(struct call *call, const char *const *known, size_t count)
{
    for (size_t i = 0; i < call->form.count; i++) {
        struct slice name = call->form.fields[i].key;
        bool fine = has_prefix(name, "expand[");
        for (size_t k = 0; k < count && !fine; k++) {
            size_t len = strlen(known[k]);
            bool family = len && known[k][len - 1] == '[';
            fine = family ? has_prefix(name, known[k])
                          : slice_equal(name, slice_from_string(known[k]));
        }
        if (!fine) {
            char message[128], param[64];
            (void)snprintf(param, sizeof param, "%.*s", (int)(name.len < 60 ? name.len : 60),
                           name.data);
            (void)snprintf(message, sizeof message, "Received unknown parameter: %s", param);
            refuse(call, "parameter_unknown", param, message);
            return false;
        }
    }
    return true;
}
#define KNOWN(call, ...)                                       \
    known_parameters(call, (const char *const[]){__VA_ARGS__}, \
                     sizeof((const char *const[]){__VA_ARGS__}) / sizeof(char *))

/* metadata[key]=value fields as a JSON object. False: too much. */
static bool read_metadata(struct call *call, struct intent *intent)
{
    BUF_AUTO struct buf out = BUF_INIT;
    buf_append_char(&out, '{');
    struct slice name, value;
    for (size_t at = 0; form_next_in(&call->form, "metadata", &at, &name, &value);) {
        if (out.len > 1)
            buf_append_char(&out, ',');
        json_escape(&out, name);
        buf_append_char(&out, ':');
        json_escape(&out, value);
    }
    buf_append_char(&out, '}');
    if (out.failed || out.len >= sizeof intent->metadata) {
        refuse(call, NULL, "metadata", "Metadata can be at most 4 kB here.");
        return false;
    }
    memcpy(intent->metadata, out.data, out.len);
    intent->metadata[out.len] = '\0';
    return true;
}

static bool read_currency(struct call *call, struct intent *intent)
{
    struct slice text = field(call, "currency");
    for (size_t i = 0; i < 3 && text.len == 3; i++) {
        char c = (char)(text.data[i] | 32);
        if (c < 'a' || c > 'z')
            text.len = 0;
        else
            intent->currency[i] = c;
    }
    if (text.len == 3)
        return true;
    refuse(call, text.data && text.len ? NULL : "parameter_missing", "currency",
           "A currency of three letters is required.");
    return false;
}

static bool read_create(struct call *call, struct intent *intent)
{
    struct slice method = field(call, "capture_method");
    struct slice amount = field(call, "amount");
    if (!KNOWN(call, "amount", "currency", "capture_method", "confirm", "payment_method",
               "payment_method_data[", "metadata[", "payment_method_types[",
               "automatic_payment_methods[", "payment_method_options[", "description",
               "receipt_email", "return_url", "customer", "setup_future_usage", "transfer_group",
               "statement_descriptor", "statement_descriptor_suffix", "on_behalf_of",
               "application_fee_amount", "transfer_data[", "confirmation_method", "shipping["))
        return false;
    if (amount.len == 0) {
        refuse(call, "parameter_missing", "amount", "Missing required param: amount.");
        return false;
    }
    if (!read_integer(amount, &intent->amount) || intent->amount == 0) {
        refuse(call, "parameter_invalid_integer", "amount", "This value must be greater than 0.");
        return false;
    }
    if (intent->amount > INTENT_AMOUNT_MAX) {
        refuse(call, "amount_too_large", "amount", "Amount must be no more than 99,999,999.");
        return false;
    }
    intent->manual = slice_equal(method, SLICE("manual"));
    if (!intent->manual && method.len && !slice_equal(method, SLICE("automatic")) &&
        !slice_equal(method, SLICE("automatic_async"))) {
        refuse(call, NULL, "capture_method",
               "Invalid capture_method: must be one of automatic, automatic_async, or manual");
        return false;
    }
    return read_currency(call, intent) && read_metadata(call, intent);
}

/* The card that the form names, and whose own it is (card_by_method). NULL: answered. */
static const struct card *read_card(struct call *call, struct slice *ret_own)
{
    *ret_own = SLICE("");
    struct slice method = field(call, "payment_method");
    struct slice number = field(call, "payment_method_data[card][number]");
    if (number.len)
        return card_by_number(number);
    if (method.len == 0) {
        refuse(call, "payment_intent_unexpected_state", "payment_method",
               "You cannot confirm this PaymentIntent because it's missing a payment method.");
        return NULL;
    }
    const struct card *card = card_by_method(method, ret_own);
    if (card)
        return card;
    char message[128];
    (void)snprintf(message, sizeof message, "No such PaymentMethod: '%.*s'",
                   (int)(method.len < 60 ? method.len : 60), method.data);
    refuse(call, "resource_missing", "payment_method", message);
    return NULL;
}

/* Saves, tells the webhook and answers what an attempt came to. */
static void conclude(struct call *call, struct intent *intent, enum intent_outcome outcome)
{
    if (outcome == INTENT_OUTCOME_STATE) {
        refuse_state(call, intent, "confirmed");
        return;
    }
    books_save(call->books, intent);
    if (outcome == INTENT_OUTCOME_AUTHORISED)
        emit(call,
             intent->manual ? "payment_intent.amount_capturable_updated"
                            : "payment_intent.succeeded",
             intent, NULL);
    else if (outcome == INTENT_OUTCOME_ACTION)
        emit(call, "payment_intent.requires_action", intent, NULL);
    else if (outcome == INTENT_OUTCOME_PROCESSING)
        emit(call, "payment_intent.processing", intent, NULL);
    else
        emit(call, "payment_intent.payment_failed", intent, NULL);
    if (outcome != INTENT_OUTCOME_DECLINED) {
        answer_intent(call, intent);
        return;
    }
    const struct card_words *words = card_failure_words(intent->failure);
    calls_error(call, 402,
                &(struct wire_error){.type = "card_error",
                                     .code = words->code,
                                     .decline_code = words->decline_code,
                                     .message = words->message,
                                     .intent = intent,
                                     .charge = true});
}

static void confirm(struct call *call, struct intent *intent)
{
    struct slice own;
    const struct card *card = read_card(call, &own);
    if (!card)
        return;
    call->keep = true;
    char charge[INTENT_ID_MAX];
    calls_make_id("ch_", 24, sizeof charge, charge);
    enum intent_outcome outcome = call->fault.kind == FAULT_LATE
                                      ? intent_confirm_later(intent, card, charge)
                                      : intent_confirm(intent, card, charge);
    if (own.len > 0 && outcome != INTENT_OUTCOME_STATE)
        (void)snprintf(intent->method, sizeof intent->method, CARD_OWN "%.*s", SLICE_ARG(own));
    conclude(call, intent, outcome);
}

static void run_create(struct call *call)
{
    struct intent intent = {.status = INTENT_REQUIRES_PAYMENT_METHOD, .created_s = now_s()};
    char secret[40];
    if (!read_create(call, &intent))
        return;
    calls_make_id("pi_", 24, sizeof intent.id, intent.id);
    calls_make_id("_secret_", 25, sizeof secret, secret);
    (void)snprintf(intent.secret, sizeof intent.secret, "%s%s", intent.id, secret);
    call->keep = true;
    books_save(call->books, &intent);
    if (slice_equal(field(call, "confirm"), SLICE("true")))
        confirm(call, &intent);
    else
        answer_intent(call, &intent);
}

static void run_confirm(struct call *call)
{
    struct intent intent;
    if (find_intent(call, call->intent, &intent) &&
        KNOWN(call, "client_secret", "payment_method", "payment_method_data[", "return_url",
              "payment_method_options[", "use_stripe_sdk", "off_session", "receipt_email",
              "setup_future_usage", "shipping[", "mandate_data["))
        confirm(call, &intent);
}

static void run_capture(struct call *call)
{
    struct intent intent;
    struct slice text = field(call, "amount_to_capture");
    int64_t amount = 0;
    if (!find_intent(call, call->intent, &intent) ||
        !KNOWN(call, "amount_to_capture", "metadata[", "final_capture", "statement_descriptor",
               "statement_descriptor_suffix", "application_fee_amount", "transfer_data["))
        return;
    if (text.len && (!read_integer(text, &amount) || amount == 0)) {
        refuse(call, "parameter_invalid_integer", "amount_to_capture",
               "This value must be greater than 0.");
        return;
    }
    call->keep = true;
    if (intent.status == INTENT_REQUIRES_CAPTURE && amount > intent.capturable) {
        refuse(call, "amount_too_large", "amount_to_capture",
               "The amount to capture is more than was authorised.");
        return;
    }
    if (!intent_capture(&intent, amount)) {
        refuse_state(call, &intent, "captured");
        return;
    }
    books_save(call->books, &intent);
    emit(call, "payment_intent.succeeded", &intent, NULL);
    answer_intent(call, &intent);
}

static void run_cancel(struct call *call)
{
    static const char *const reasons[] = {"", "duplicate", "fraudulent", "requested_by_customer",
                                          "abandoned"};
    struct intent intent;
    struct slice given = field(call, "cancellation_reason");
    const char *reason = NULL;
    if (!find_intent(call, call->intent, &intent) || !KNOWN(call, "cancellation_reason"))
        return;
    for (size_t i = 0; i < sizeof reasons / sizeof reasons[0]; i++)
        if (slice_equal(given, slice_from_string(reasons[i])))
            reason = reasons[i];
    if (!reason) {
        refuse(call, NULL, "cancellation_reason",
               "Invalid cancellation_reason: must be one of duplicate, fraudulent, "
               "requested_by_customer, or abandoned");
        return;
    }
    call->keep = true;
    if (!intent_cancel(&intent, reason, now_s())) {
        refuse_state(call, &intent, "canceled");
        return;
    }
    books_save(call->books, &intent);
    emit(call, "payment_intent.canceled", &intent, NULL);
    answer_intent(call, &intent);
}

static void run_refund(struct call *call)
{
    struct intent intent;
    struct slice text = field(call, "amount");
    struct books_refund refund = {.created_s = now_s()};
    if (!KNOWN(call, "payment_intent", "amount", "reason", "metadata[") ||
        !find_intent(call, field(call, "payment_intent"), &intent))
        return;
    refund.amount = intent.received - intent.refunded;
    if (text.len && !read_integer(text, &refund.amount)) {
        refuse(call, "parameter_invalid_integer", "amount", "Invalid integer: amount");
        return;
    }
    call->keep = true;
    if (!intent_refund(&intent, refund.amount)) {
        bool gone = intent.received > 0 && intent.refunded == intent.received;
        refuse(call, gone ? "charge_already_refunded" : NULL, "amount",
               gone ? "The charge has already been refunded."
                    : "Refund amount is greater than the unrefunded amount of the charge");
        return;
    }
    calls_make_id("re_", 24, sizeof refund.id, refund.id);
    refund.intent_row = intent.row;
    books_save(call->books, &intent);
    books_save_refund(call->books, &refund);
    emit(call, "refund.created", &intent, &refund);
    struct json j;
    call->status = 200;
    json_begin(&j, &call->body);
    wire_refund(&j, NULL, &refund, &intent);
}

/* ---- keys ---- */

/* True: answered from what was answered before. */
static bool replay(struct call *call)
{
    uint64_t request;
    if (!call->key.len ||
        !books_reply_find(call->books, call->key, &request, &call->status, &call->body))
        return false;
    call->replayed = request == call->request;
    if (call->replayed)
        return true;
    char message[512];
    (void)snprintf(message, sizeof message,
                   "Keys for idempotent requests can only be used with the same parameters they "
                   "were first used with. Try using a key other than '%.*s' if you meant to "
                   "execute a different request.",
                   SLICE_ARG(call->key));
    calls_error(call, 400, &(struct wire_error){.type = "idempotency_error", .message = message});
    return true;
}

static void store(struct call *call)
{
    if (call->key.len && call->keep && !call->body.failed)
        books_reply_save(call->books, &(struct books_reply){.key = call->key,
                                                            .request = call->request,
                                                            .status = call->status,
                                                            .body = buf_slice(&call->body),
                                                            .created_s = now_s()});
}

void calls_run(struct call *call)
{
    if (replay(call))
        return;
    switch (call->on) {
    case FAULT_ON_CREATE: run_create(call); break;
    case FAULT_ON_CONFIRM: run_confirm(call); break;
    case FAULT_ON_CAPTURE: run_capture(call); break;
    case FAULT_ON_CANCEL: run_cancel(call); break;
    case FAULT_ON_REFUND: run_refund(call); break;
    case FAULT_ON_WEBHOOK:
    case FAULT_ON_COUNT: assert(false); break;
    }
    store(call);
}

void calls_fail(struct call *call)
{
    if (replay(call))
        return;
    calls_error(call, 500,
                &(struct wire_error){.type = "api_error",
                                     .message = "An unknown error occurred (asked for by "
                                                "/sandbox/faults)."});
    call->keep = true;
    store(call);
}

/* ---- reading, and what happens by itself ---- */

void calls_retrieve(struct call *call)
{
    struct intent intent;
    if (find_intent(call, call->intent, &intent))
        answer_intent(call, &intent);
}

struct listing {
    struct json j;
    int64_t left;
};

static bool list_one(void *context, const struct intent *intent)
{
    struct listing *listing = context;
    if (listing->left-- == 0)
        return false;
    wire_intent(&listing->j, NULL, intent, &(struct wire_view){true, false});
    return true;
}

void calls_list(struct call *call)
{
    struct slice limit = field(call, "limit"), after = field(call, "starting_after");
    struct listing listing = {.left = 10};
    struct intent last = {0};
    if (limit.len &&
        (!read_integer(limit, &listing.left) || listing.left < 1 || listing.left > LIST_MAX)) {
        refuse(call, "parameter_invalid_integer", "limit", "limit must be from 1 to 100");
        return;
    }
    if (after.len && !find_intent(call, after, &last))
        return;
    uint32_t wanted = (uint32_t)listing.left + 1;
    call->status = 200;
    json_begin(&listing.j, &call->body);
    json_put_object(&listing.j, NULL);
    json_put_string(&listing.j, "object", "list");
    json_put_array(&listing.j, "data");
    books_newest(call->books, last.row, wanted, list_one, &listing);
    json_end(&listing.j);
    json_put_bool(&listing.j, "has_more", listing.left < 0);
    json_put_string(&listing.j, "url", "/v1/payment_intents");
    json_end(&listing.j);
}

void calls_authenticate(struct call *call, bool proved)
{
    struct intent intent;
    if (find_intent(call, call->intent, &intent))
        conclude(call, &intent, intent_authenticate(&intent, proved));
}

static bool settle_one(void *context, const struct intent *found)
{
    struct call *call = context;
    struct intent intent = *found;
    if (intent.status == INTENT_PROCESSING)
        conclude(call, &intent, intent_settle(&intent));
    return true;
}

void calls_settle(struct call *call, struct slice id)
{
    struct intent intent;
    if (id.len == 0)
        books_each(call->books, 0, settle_one, call);
    else if (books_find(call->books, id, &intent))
        settle_one(call, &intent);
}
