/*
 * wire: how the sandbox writes Stripe's objects, errors and events as JSON. Shapes:
 * https://docs.stripe.com/api/payment_intents/object, .../api/charges/object, .../api/errors,
 * .../api/events/object.
 * Thread: any.
 */
#ifndef ONSALE_SANDBOX_WIRE_H
#define ONSALE_SANDBOX_WIRE_H

#include "base/json.h"
#include "sandbox/books.h"

#define WIRE_API_VERSION "2025-03-31.basil"

/* Who asks for an intent, and how. A publishable key sees less: no metadata, no charge. */
struct wire_view {
    bool secret_key;
    bool charge; /* expand[]=latest_charge: the whole charge, not only its id */
};
void wire_intent(struct json *j, const char *key, const struct intent *intent,
                 const struct wire_view *view);

struct wire_error {
    const char *type; /* "invalid_request_error", "card_error", "api_error", "idempotency_error" */
    const char *code, *decline_code, *param; /* NULL: left out */
    const char *message;
    const struct intent *intent; /* NULL: left out */
    bool charge;                 /* name the intent's charge */
};
void wire_error(struct buf *out, const struct wire_error *error, bool secret_key);

void wire_refund(struct json *j, const char *key, const struct books_refund *refund,
                 const struct intent *intent);

struct wire_event {
    const char *id, *type;
    int64_t created_s;
    struct slice idempotency_key;      /* of the request that caused it; may be empty */
    const struct intent *intent;       /* data.object, unless: */
    const struct books_refund *refund; /* data.object, of `intent` */
};
void wire_event(struct buf *out, const struct wire_event *event);

/* One line of GET /sandbox/books. */
void wire_book_line(struct json *j, const struct intent *intent);

#endif
