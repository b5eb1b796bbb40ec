#include "sandbox/wire.h"

#include "base/hash.h"

static void text_or_null(struct json *j, const char *key, const char *text)
{
    json_put_string(j, key, text[0] ? text : NULL);
}

/* The same for the same card, as at Stripe; a card "of its own" (cards.h) is another one. */
static void put_fingerprint(struct json *j, const struct intent *intent)
{
    static const char letters[] = "ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz0123456789";
    const char *own =
        strncmp(intent->method, CARD_OWN, sizeof CARD_OWN - 1) == 0 ? intent->method : "";
    uint64_t seed = hash64_of(intent->card->method, strlen(intent->card->method), 0);
    uint64_t word = hash64_of(own, strlen(own), seed);
    char text[17] = "";
    for (size_t i = 0; i < sizeof text - 1; i++) {
        text[i] = letters[word % (sizeof letters - 1)];
        word = word / (sizeof letters - 1) + (i == 7 ? seed : 0);
    }
    json_put_string(j, "fingerprint", text);
}

static void put_card(struct json *j, const struct intent *intent)
{
    const char *number = intent->card->number;
    size_t len = strlen(number);
    json_put_object(j, "card");
    json_put_string(j, "brand", intent->card->brand);
    put_fingerprint(j, intent);
    json_put_string(j, "last4", len >= 4 ? number + len - 4 : "0000");
    json_end(j);
}

static void payment_method(struct json *j, const char *key, const struct intent *intent)
{
    json_put_object(j, key);
    json_put_string(j, "id", intent->method);
    json_put_string(j, "object", "payment_method");
    json_put_string(j, "type", "card");
    put_card(j, intent);
    json_put_bool(j, "livemode", false);
    json_end(j);
}

static void charge(struct json *j, const char *key, const struct intent *intent)
{
    bool captured = intent->status == INTENT_SUCCEEDED;
    json_put_object(j, key);
    json_put_string(j, "id", intent->charge);
    json_put_string(j, "object", "charge");
    json_put_i64(j, "amount", intent->amount);
    json_put_i64(j, "amount_captured", intent->received);
    json_put_i64(j, "amount_refunded", intent->refunded);
    json_put_bool(j, "captured", captured);
    json_put_string(j, "currency", intent->currency);
    json_put_bool(j, "livemode", false);
    json_put_raw(j, "metadata", slice_from_string(intent->metadata));
    json_put_bool(j, "paid", !intent->failed);
    json_put_string(j, "payment_intent", intent->id);
    json_put_string(j, "payment_method", intent->method);
    json_put_object(j, "payment_method_details");
    put_card(j, intent);
    json_put_string(j, "type", "card");
    json_end(j);
    json_put_string(j, "status", intent->failed ? "failed" : "succeeded");
    json_end(j);
}

static void last_error(struct json *j, const char *key, const struct intent *intent)
{
    const struct card_words *words = card_failure_words(intent->failure);
    json_put_object(j, key);
    json_put_string(j, "type", "card_error");
    json_put_string(j, "code", words->code);
    if (words->decline_code)
        json_put_string(j, "decline_code", words->decline_code);
    text_or_null(j, "charge", intent->charge);
    json_put_string(j, "message", words->message);
    if (intent->card)
        payment_method(j, "payment_method", intent);
    json_end(j);
}

static void next_action(struct json *j, const struct intent *intent)
{
    if (intent->status != INTENT_REQUIRES_ACTION) {
        json_put_null(j, "next_action");
        return;
    }
    char path[96];
    (void)snprintf(path, sizeof path, "/sandbox/authenticate/%s", intent->id);
    json_put_object(j, "next_action");
    json_put_string(j, "type", "use_stripe_sdk");
    json_put_object(j, "use_stripe_sdk");
    json_put_string(j, "type", "sandbox_authenticate");
    json_put_string(j, "path", path); /* POST {"outcome": "succeed" | "fail"} there */
    json_end(j);
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
    text_or_null(j, "cancellation_reason", intent->cancellation_reason);
    json_put_string(j, "capture_method", intent->manual ? "manual" : "automatic");
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
    if (view->secret_key && view->charge && intent->card)
        charge(j, "latest_charge", intent);
    else if (view->secret_key)
        text_or_null(j, "latest_charge", intent->charge);
    json_put_bool(j, "livemode", false);
    if (view->secret_key)
        json_put_raw(j, "metadata", slice_from_string(intent->metadata));
    next_action(j, intent);
    bool attached = intent->method[0] && !intent->failed;
    json_put_string(j, "payment_method", attached ? intent->method : NULL);
    json_put_array(j, "payment_method_types");
    json_put_string(j, NULL, "card");
    json_end(j);
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
    json_put_string(&j, "message", error->message);
    if (error->param)
        json_put_string(&j, "param", error->param);
    if (error->intent)
        wire_intent(&j, "payment_intent", error->intent, &(struct wire_view){secret_key, false});
    if (error->intent && error->charge && error->intent->card)
        payment_method(&j, "payment_method", error->intent);
    json_put_string(&j, "type", error->type);
    json_end(&j);
    json_end(&j);
}

void wire_refund(struct json *j, const char *key, const struct books_refund *refund,
                 const struct intent *intent)
{
    json_put_object(j, key);
    json_put_string(j, "id", refund->id);
    json_put_string(j, "object", "refund");
    json_put_i64(j, "amount", refund->amount);
    json_put_string(j, "charge", intent->charge);
    json_put_i64(j, "created", refund->created_s);
    json_put_string(j, "currency", intent->currency);
    json_put_raw(j, "metadata", SLICE("{}"));
    json_put_string(j, "payment_intent", intent->id);
    json_put_null(j, "reason");
    json_put_string(j, "status", "succeeded");
    json_end(j);
}

void wire_event(struct buf *out, const struct wire_event *event)
{
    struct json j;
    json_begin(&j, out);
    json_put_object(&j, NULL);
    json_put_string(&j, "id", event->id);
    json_put_string(&j, "object", "event");
    json_put_string(&j, "api_version", WIRE_API_VERSION);
    json_put_i64(&j, "created", event->created_s);
    json_put_object(&j, "data");
    if (event->refund)
        wire_refund(&j, "object", event->refund, event->intent);
    else
        wire_intent(&j, "object", event->intent, &(struct wire_view){true, false});
    json_end(&j);
    json_put_bool(&j, "livemode", false);
    json_put_u64(&j, "pending_webhooks", 1);
    json_put_object(&j, "request");
    json_put_null(&j, "id");
    if (event->idempotency_key.len)
        json_put_text(&j, "idempotency_key", event->idempotency_key);
    else
        json_put_null(&j, "idempotency_key");
    json_end(&j);
    json_put_string(&j, "type", event->type);
    json_end(&j);
}

void wire_book_line(struct json *j, const struct intent *intent)
{
    json_put_object(j, NULL);
    json_put_string(j, "id", intent->id);
    json_put_string(j, "status", intent_status_word(intent->status));
    json_put_i64(j, "amount", intent->amount);
    json_put_i64(j, "amount_capturable", intent->capturable);
    json_put_i64(j, "amount_captured", intent->received);
    json_put_i64(j, "amount_refunded", intent->refunded);
    json_put_string(j, "currency", intent->currency);
    json_put_i64(j, "created", intent->created_s);
    json_put_raw(j, "metadata", slice_from_string(intent->metadata));
    json_end(j);
}
