/*
 * wire: how the sandbox writes Stripe's objects, errors and events as JSON. Shapes:
 * https://docs.stripe.com/api/payment_intents/object, .../api/charges/object, .../api/errors,
 * .../api/refunds/object, .../api/disputes/object, .../api/payouts/object,
 * .../api/balance_transactions/object, .../api/events/object.
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
    bool charge;          /* expand[]=latest_charge: the whole charge, not only its id */
    const char *movement; /* of the charge, when it is written whole; NULL or "": none */
};
void wire_intent(struct json *j, const char *key, const struct intent *intent,
                 const struct wire_view *view);

/* The charge of the intent's last attempt. `movement`: its balance transaction; "" for none. */
void wire_charge(struct json *j, const char *key, const struct intent *intent,
                 const char *movement);

struct wire_error {
    const char *type; /* "invalid_request_error", "card_error", "api_error", "idempotency_error" */
    const char *code, *decline_code, *param; /* NULL: left out */
    const char *message;
    const struct intent *intent; /* NULL: left out */
    bool charge;                 /* name the intent's charge and payment method */
};
void wire_error(struct buf *out, const struct wire_error *error, bool secret_key);

/* A member that is null where the text is empty or NULL. */
void wire_text(struct json *j, const char *key, const char *text);
/* What Stripe calls the error of a failed attempt: of the card, or of the request. */
const char *wire_failure_type(const struct intent *intent);

/* ---- wire_money.c ---- */

/* `first` and `last` are the refund's balance transactions: of the refund, of its failure. */
struct wire_refund {
    const struct refund *refund;
    const struct intent *intent;
    const char *first, *last;
};
void wire_refund(struct json *j, const char *key, const struct wire_refund *view);

/* `movements`: what it took and gave back. */
struct wire_dispute {
    const struct dispute *dispute;
    const struct intent *intent;
    const struct movement *movements;
    size_t movement_count;
};
void wire_dispute(struct json *j, const char *key, const struct wire_dispute *view);

void wire_payout(struct json *j, const char *key, const struct payout *payout,
                 const char *movement);
void wire_movement(struct json *j, const char *key, const struct movement *movement);

struct wire_event {
    const char *id, *type;
    int64_t created_s;
    struct slice idempotency_key; /* of the request that caused it; may be empty */
    struct slice object;          /* data.object, as JSON */
};
void wire_event(struct buf *out, const struct wire_event *event);

/* Lines of GET /sandbox/books. */
void wire_intent_line(struct json *j, const struct intent *intent);
void wire_refund_line(struct json *j, const struct refund *refund, const struct intent *intent);
void wire_dispute_line(struct json *j, const struct dispute *dispute, const struct intent *intent);
void wire_payout_line(struct json *j, const struct payout *payout);
void wire_balance_line(struct json *j, const struct books_balance *balance);

#endif
