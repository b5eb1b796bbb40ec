/* wire: intents, charges and errors (wire.h). */
#include "sandbox/wire.h"

#include "base/hash.h"

void wire_text(struct json *j, const char *key, const char *text)
{
    json_put_string(j, key, text && text[0] ? text : NULL);
}

/* The same for the same card, as at Stripe; a card "of its own" (methods.h) is another one. */
static void put_fingerprint(struct json *j, const struct intent *intent)
{
    static const char letters[] = "ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz0123456789";
    bool has_own = strncmp(intent->method_id, METHOD_OWN, sizeof METHOD_OWN - 1) == 0;
    const char *own = has_own ? intent->method_id : "";
    uint64_t seed = hash64_of(intent->method->name, strlen(intent->method->name), 0);
    uint64_t word = hash64_of(own, strlen(own), seed);
    char text[17] = "";
    for (size_t i = 0; i < sizeof text - 1; i++) {
        text[i] = letters[word % (sizeof letters - 1)];
        word = word / (sizeof letters - 1) + (i == 7 ? seed : 0);
    }
    json_put_string(j, "fingerprint", text);
}

static void put_last4(struct json *j, const struct intent *intent)
{
    const char *number = intent->method->number;
    size_t len = strlen(number);
    json_put_string(j, "last4", len >= 4 ? number + len - 4 : "0000");
}

/* What Stripe tells of a method, under the name of its kind. */
static void put_details(struct json *j, const struct intent *intent)
{
    const struct method *method = intent->method;
    json_put_object(j, method_kind_word(method->kind));
    switch (method->kind) {
    case METHOD_CARD:
        json_put_string(j, "brand", method->brand);
        put_fingerprint(j, intent);
        put_last4(j, intent);
        break;
    case METHOD_IDEAL:
        json_put_string(j, "bank", method->brand);
        json_put_string(j, "bic", "INGBNL2A");
        break;
    case METHOD_BANCONTACT:
        json_put_string(j, "bank_name", method->brand);
        json_put_string(j, "bic", "GEBABEBB");
        break;
    case METHOD_SEPA:
        json_put_string(j, "bank_code", method->brand);
        json_put_string(j, "country", "DE");
        put_fingerprint(j, intent);
        put_last4(j, intent);
        break;
    }
    json_end(j);
}

static void payment_method(struct json *j, const char *key, const struct intent *intent)
{
    json_put_object(j, key);
    json_put_string(j, "id", intent->method_id);
    json_put_string(j, "object", "payment_method");
    json_put_string(j, "type", method_kind_word(intent->method->kind));
    put_details(j, intent);
    json_put_bool(j, "livemode", false);
    json_end(j);
}

void wire_charge(struct json *j, const char *key, const struct intent *intent, const char *movement)
{
    const struct failure_words *words = intent->failed ? failure_words(intent->failure) : NULL;
    bool pending = intent->status == INTENT_PROCESSING;
    json_put_object(j, key);
    json_put_string(j, "id", intent->charge);
    json_put_string(j, "object", "charge");
    json_put_i64(j, "amount", intent->amount);
    json_put_i64(j, "amount_captured", intent->received);
    json_put_i64(j, "amount_refunded", intent->refunded);
    wire_text(j, "balance_transaction", movement);
    json_put_bool(j, "captured", intent->status == INTENT_SUCCEEDED);
    json_put_i64(j, "created", intent->created_s);
    json_put_string(j, "currency", intent->currency);
    json_put_bool(j, "disputed", intent->disputed > 0);
    json_put_string(j, "failure_code", words ? words->code : NULL);
    json_put_string(j, "failure_message", words ? words->message : NULL);
    json_put_bool(j, "livemode", false);
    json_put_raw(j, "metadata", slice_from_string(intent->metadata));
    json_put_bool(j, "paid", !intent->failed && !pending);
    json_put_string(j, "payment_intent", intent->id);
    json_put_string(j, "payment_method", intent->method_id);
    json_put_object(j, "payment_method_details");
    put_details(j, intent);
    json_put_string(j, "type", method_kind_word(intent->method->kind));
    json_end(j);
    json_put_bool(j, "refunded", intent->received > 0 && intent->refunded == intent->received);
    json_put_string(j, "status", intent->failed ? "failed" : pending ? "pending" : "succeeded");
    json_end(j);
}

const char *wire_failure_type(const struct intent *intent)
{
    return intent->method && intent->method->kind != METHOD_CARD ? "invalid_request_error"
                                                                 : "card_error";
}

static void put_doc_url(struct json *j, const char *code)
{
    char url[128];
    int len = snprintf(url, sizeof url, "https://stripe.com/docs/error-codes/%s", code);
    for (int i = 0; i < len && i < (int)sizeof url; i++)
        if (url[i] == '_')
            url[i] = '-';
    json_put_string(j, "doc_url", url);
}

static void last_error(struct json *j, const char *key, const struct intent *intent)
{
    const struct failure_words *words = failure_words(intent->failure);
    json_put_object(j, key);
    json_put_string(j, "type", wire_failure_type(intent));
    json_put_string(j, "code", words->code);
    if (words->decline_code)
        json_put_string(j, "decline_code", words->decline_code);
    put_doc_url(j, words->code);
    wire_text(j, "charge", intent->charge);
    json_put_string(j, "message", words->message);
    if (intent->method)
        payment_method(j, "payment_method", intent);
    json_end(j);
}

/* Two ways to the same bank: its page, and for a client that can play it in place (or gave no
 * address to come back to) a path to POST {"outcome": "succeed" | "fail"} to. */
static void next_action(struct json *j, const struct intent *intent)
{
    if (intent->status != INTENT_REQUIRES_ACTION) {
        json_put_null(j, "next_action");
        return;
    }
    char path[96];
    (void)snprintf(path, sizeof path, "/sandbox/authenticate/%s", intent->id);
    json_put_object(j, "next_action");
    json_put_string(j, "type", intent->bank_url[0] ? "redirect_to_url" : "use_stripe_sdk");
    if (intent->bank_url[0]) {
        json_put_object(j, "redirect_to_url");
        json_put_string(j, "return_url", intent->return_url);
        json_put_string(j, "url", intent->bank_url);
        json_end(j);
    }
    json_put_object(j, "use_stripe_sdk");
    json_put_string(j, "type", "sandbox_authenticate");
    json_put_string(j, "path", path);
    json_end(j);
    json_end(j);
}

static const char *capture_word(enum intent_capture capture)
{
    switch (capture) {
    case INTENT_AUTOMATIC: return "automatic";
    case INTENT_MANUAL: return "manual";
    case INTENT_AUTOMATIC_ASYNC: return "automatic_async";
    }
    return "automatic";
}

static void put_kinds(struct json *j, const struct intent *intent)
{
    json_put_object(j, "payment_method_options");
    if (intent->card_manual) {
        json_put_object(j, "card");
        json_put_string(j, "capture_method", "manual");
        json_end(j);
    }
    json_end(j);
    json_put_array(j, "payment_method_types");
    for (int kind = METHOD_CARD; kind < METHOD_KINDS; kind++)
        if (intent->kinds & METHOD_BIT(kind))
            json_put_string(j, NULL, method_kind_word((enum method_kind)kind));
    json_end(j);
}

void wire_intent(struct json *j, const char *key, const struct intent *intent,
                 const struct wire_view *view)
{
    json_put_object(j, key);
    json_put_string(j, "id", intent->id);
    json_put_string(j, "object", "payment_intent");
    json_put_i64(j, "amount", intent->amount);
    if (view->secret_key) {
        json_put_i64(j, "amount_capturable", intent->capturable);
        json_put_i64(j, "amount_received", intent->received);
    }
    if (intent->canceled_s)
        json_put_i64(j, "canceled_at", intent->canceled_s);
    else
        json_put_null(j, "canceled_at");
    wire_text(j, "cancellation_reason", intent->cancellation_reason);
    json_put_string(j, "capture_method", capture_word(intent->capture));
    json_put_string(j, "client_secret", intent->secret);
    json_put_string(j, "confirmation_method", "automatic");
    json_put_i64(j, "created", intent->created_s);
    json_put_string(j, "currency", intent->currency);
    json_put_null(j, "customer");
    json_put_null(j, "description");
    if (intent->failed)
        last_error(j, "last_payment_error", intent);
    else
        json_put_null(j, "last_payment_error");
    if (view->secret_key && view->charge && intent->method)
        wire_charge(j, "latest_charge", intent, view->movement);
    else if (view->secret_key)
        wire_text(j, "latest_charge", intent->charge);
    json_put_bool(j, "livemode", false);
    if (view->secret_key)
        json_put_raw(j, "metadata", slice_from_string(intent->metadata));
    next_action(j, intent);
    bool attached = intent->method_id[0] && !intent->failed;
    json_put_string(j, "payment_method", attached ? intent->method_id : NULL);
    put_kinds(j, intent);
    json_put_null(j, "processing");
    json_put_null(j, "receipt_email");
    json_put_null(j, "setup_future_usage");
    json_put_null(j, "shipping");
    json_put_string(j, "status", intent_status_word(intent->status));
    json_end(j);
}

void wire_error(struct buf *out, const struct wire_error *error, bool secret_key)
{
    struct json j;
    json_begin(&j, out);
    json_put_object(&j, NULL);
    json_put_object(&j, "error");
    if (error->charge)
        json_put_string(&j, "charge", error->intent->charge);
    if (error->code)
        json_put_string(&j, "code", error->code);
    if (error->decline_code)
        json_put_string(&j, "decline_code", error->decline_code);
    if (error->code)
        put_doc_url(&j, error->code);
    json_put_string(&j, "message", error->message);
    if (error->param)
        json_put_string(&j, "param", error->param);
    if (error->intent)
        wire_intent(&j, "payment_intent", error->intent,
                    &(struct wire_view){.secret_key = secret_key});
    if (error->intent && error->charge && error->intent->method)
        payment_method(&j, "payment_method", error->intent);
    json_put_string(&j, "type", error->type);
    json_end(&j);
    json_end(&j);
}
