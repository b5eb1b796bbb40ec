/*
 * stripe: Stripe's wire format as pure functions: which request a call or a list is, what an answer
 * means, whether a webhook is genuine and what it says. No I/O, no clock, no state.
 *
 * The one rule above all: an unknown answer is never taken for a decline. Whatever does not say
 * clearly that something was done or refused is STRIPE_UNKNOWN, and the caller asks again under the
 * same idempotency key (effects/payments.h).
 *
 * Formats: https://docs.stripe.com/api/payment_intents, .../api/refunds, .../api/disputes,
 * .../api/pagination, .../api/errors, .../api/expanding_objects,
 * .../api/charges/object (payment_method_details.card.fingerprint), .../api/idempotent_requests,
 * .../webhooks#verify-manually; version of the API: STRIPE_VERSION. Thread: any.
 */
#ifndef ONSALE_EFFECTS_STRIPE_H
#define ONSALE_EFFECTS_STRIPE_H

#include "base/err.h"
#include "base/id.h"
#include "base/limits.h"
#include "base/slice.h"

#define STRIPE_API_BASE "https://api.stripe.com"
#define STRIPE_VERSION "2025-03-31.basil"
#define STRIPE_SIGNATURE_TOLERANCE_S 300u

#define STRIPE_HEADERS_MAX 4u
#define STRIPE_URL_MAX 512u
#define STRIPE_CODE_MAX 64u
#define STRIPE_FINGERPRINT_MAX 64u
#define STRIPE_KEY_MAX (LIMIT_IDEMPOTENCY_KEY_BYTES + 1u)

enum stripe_call {
    STRIPE_CREATE = 1, /* POST /v1/payment_intents */
    STRIPE_CAPTURE,    /* POST /v1/payment_intents/{id}/capture */
    STRIPE_CANCEL,     /* POST /v1/payment_intents/{id}/cancel */
    STRIPE_RETRIEVE,   /* GET /v1/payment_intents/{id}, with its latest charge */
    STRIPE_REFUND,     /* POST /v1/refunds */
    STRIPE_REFUND_GET, /* GET /v1/refunds/{id} */
    STRIPE_REFUNDS_OF  /* GET /v1/refunds?payment_intent={id}: the newest STRIPE_PAGE */
};

#define STRIPE_PAGE 100u /* objects of a list in one answer, the most that there can be */

struct stripe_account {
    const char *api_base;   /* "https://api.stripe.com", without a slash at the end */
    const char *secret_key; /* "sk_..." */
};

/* An HTTP request, ready to send. */
struct stripe_request {
    bool post;                                             /* else GET */
    char url[STRIPE_URL_MAX];                              /* whole, NUL-terminated */
    char headers[STRIPE_HEADERS_MAX][STRIPE_KEY_MAX + 32]; /* "Name: value" */
    uint32_t header_count;
    struct slice body; /* borrowed from the caller; empty for GET */
};

/* Builds the request. `intent` is the provider's id (of the refund for STRIPE_REFUND_GET; unused
 * for a create), `call_key` becomes the Idempotency-Key (of a POST), `body` are the exact bytes to
 * send (of a POST) and must live as long as the request. Fails when the intent is not an id, or
 * when something does not fit. */
struct stripe_request_options {
    enum stripe_call call;
    struct slice intent;
    struct slice call_key;
    struct slice body;
};
int stripe_request_build(const struct stripe_account *account,
                         const struct stripe_request_options *options,
                         struct stripe_request *ret_request, struct err *err) MUST_USE;

/* One page of a list, newest first. `after` is the id of the last object of the page before (empty:
 * the first page), `since_s` the earliest `created` (seconds since 1970; 0: from the beginning). */
enum stripe_list { STRIPE_LIST_INTENTS, STRIPE_LIST_REFUNDS, STRIPE_LIST_DISPUTES };
struct stripe_list_options {
    enum stripe_list list;
    struct slice after;
    uint64_t since_s;
};
int stripe_list_build(const struct stripe_account *account,
                      const struct stripe_list_options *options, struct stripe_request *ret_request,
                      struct err *err) MUST_USE;

enum stripe_status {
    STRIPE_STATUS_UNKNOWN, /* a word that this build does not know */
    STRIPE_STATUS_REQUIRES_PAYMENT_METHOD,
    STRIPE_STATUS_REQUIRES_CONFIRMATION,
    STRIPE_STATUS_REQUIRES_ACTION,
    STRIPE_STATUS_PROCESSING,
    STRIPE_STATUS_REQUIRES_CAPTURE,
    STRIPE_STATUS_SUCCEEDED,
    STRIPE_STATUS_CANCELED
};

/* A payment intent, as far as Onsale cares. Texts are NUL-terminated. */
struct stripe_intent {
    char id[LIMIT_PAYMENT_ID_BYTES + 1];
    char client_secret[LIMIT_PAYMENT_SECRET_BYTES + 1]; /* "" when the object did not carry it */
    char currency[4];                                   /* as Stripe writes it: lower case */
    char order_id[ID_TEXT_MAX];                         /* metadata.order_id, "" when absent */
    char last_error[STRIPE_CODE_MAX]; /* decline code, else code, of the last attempt; or "" */
    /* Fingerprint of the card of the latest charge: the same for the same number, whoever uses it.
     * "" when the object has no charge, names it only (as in webhooks), or the provider knows none.
     */
    char card[STRIPE_FINGERPRINT_MAX + 1];
    enum stripe_status status;
    int64_t amount_minor;
    int64_t capturable_minor;
    int64_t received_minor;
    uint64_t created_s;
};

enum stripe_refund_status {
    STRIPE_REFUND_UNKNOWN, /* a word that this build does not know */
    STRIPE_REFUND_PENDING, /* and requires_action: on its way, or waiting for the buyer */
    STRIPE_REFUND_SUCCEEDED,
    STRIPE_REFUND_FAILED, /* and canceled: nothing was paid back */
};

struct stripe_refund {
    char id[LIMIT_PAYMENT_ID_BYTES + 1];
    char intent[LIMIT_PAYMENT_ID_BYTES + 1];
    char currency[4];
    char order_id[ID_TEXT_MAX];    /* metadata.order_id, "" when absent */
    uint8_t number;                /* metadata.refund, 1 .. LIMIT_HOLD_UNITS; 0: not asked by us */
    uint8_t attempt;               /* metadata.attempt; 0: none of ours */
    char failure[STRIPE_CODE_MAX]; /* why it failed, or "" */
    enum stripe_refund_status status;
    int64_t amount_minor;
    uint64_t created_s;
};

enum stripe_dispute_status {
    STRIPE_DISPUTE_UNKNOWN,
    STRIPE_DISPUTE_INQUIRY, /* warning_...: a question of the bank, no money has moved */
    STRIPE_DISPUTE_OPEN,    /* the money is with the bank, which decides */
    STRIPE_DISPUTE_WON,
    STRIPE_DISPUTE_LOST
};

struct stripe_dispute {
    char id[LIMIT_PAYMENT_ID_BYTES + 1];
    char intent[LIMIT_PAYMENT_ID_BYTES + 1];
    char currency[4];
    char reason[STRIPE_CODE_MAX];
    enum stripe_dispute_status status;
    int64_t amount_minor;
    uint64_t due_s; /* evidence has to be there; 0: unknown */
    uint64_t created_s;
};

enum stripe_result {
    STRIPE_DONE = 1, /* 2xx with a readable object */
    STRIPE_DECLINED, /* 402: the card was refused; `code` says why */
    STRIPE_REFUSED,  /* another 4xx: asking again gives the same; `code` */
    STRIPE_BARRED,   /* 401 or 403: our key is not accepted; nothing was done */
    STRIPE_UNKNOWN   /* nothing is known: ask again under the same key */
};

/* What came back. `status` 0: no answer (refused connection, time-out, cut off, too long). */
struct stripe_reply {
    int status;
    uint32_t retry_after_s; /* of the header Retry-After; 0: absent */
    bool replayed;          /* the header Idempotent-Replayed was "true" */
    struct slice body;
};

enum stripe_object { STRIPE_OBJECT_INTENT = 1, STRIPE_OBJECT_REFUND, STRIPE_OBJECT_LIST };

struct stripe_answer {
    enum stripe_result result;
    enum stripe_object object; /* when DONE; of a list stripe_page_read tells more */
    bool busy; /* 409 or 429: the provider asked us to wait, the call did not begin */
    /* A 5xx that was stored under the key: the same key will always get it again. */
    bool stuck;
    uint32_t retry_after_s;
    char code[STRIPE_CODE_MAX];
    union {
        struct stripe_intent intent;
        struct stripe_refund refund;
    };
};

/* Reads an answer. Never fails: what cannot be read is STRIPE_UNKNOWN. */
void stripe_answer_read(const struct stripe_reply *reply, struct stripe_answer *ret_answer);

/* Goes through a page of a list, in its order; objects of other kinds are passed over. Callbacks
 * may be NULL. Fails when the body is no list, or has an object that cannot be read. */
struct stripe_page_visitor {
    void *context;
    void (*intent)(void *context, const struct stripe_intent *intent);
    void (*refund)(void *context, const struct stripe_refund *refund);
    void (*dispute)(void *context, const struct stripe_dispute *dispute);
};
struct stripe_page {
    uint32_t count;                        /* objects */
    bool more;                             /* than these, behind `last` */
    char last[LIMIT_PAYMENT_ID_BYTES + 1]; /* id of the last object, "" of an empty page */
};
int stripe_page_read(struct slice body, const struct stripe_page_visitor *visitor,
                     struct stripe_page *ret_page, struct err *err) MUST_USE;

/* The least that Stripe charges in a currency (ISO 4217), in its minor units; 0: none is known.
 * https://docs.stripe.com/currencies#minimum-and-maximum-charge-amounts */
int64_t stripe_least_minor(const char currency[3]);

/* Whether a currency as Stripe writes it (lower case) is the one of this code (ISO 4217). */
bool stripe_currency_is(struct slice told, const char code[3]);

/* Which of its order's refunds the body of a STRIPE_REFUND asks for (metadata[refund]); 0: none. */
uint8_t stripe_refund_number(struct slice body);

/* ---- webhooks ---- */

/* Checks the header Stripe-Signature ("t=...,v1=...[,v1=...]") over the raw body with each of the
 * `secret_count` secrets (two while one is rotated), in constant time. The time stamp may be at
 * most STRIPE_SIGNATURE_TOLERANCE_S away from `now_s` (seconds since 1970). False: not genuine. */
struct stripe_signature {
    struct slice header;
    struct slice body;
    const char *const *secrets;
    size_t secret_count;
    uint64_t now_s;
};
bool stripe_signature_valid(const struct stripe_signature *signature);

enum stripe_event_type {
    STRIPE_EVENT_OTHER,         /* genuine and of no concern: answer 200 and do nothing */
    STRIPE_EVENT_AUTHORISED,    /* payment_intent.amount_capturable_updated */
    STRIPE_EVENT_DECLINED,      /* payment_intent.payment_failed */
    STRIPE_EVENT_CAPTURED,      /* payment_intent.succeeded */
    STRIPE_EVENT_CANCELLED,     /* payment_intent.canceled */
    STRIPE_EVENT_PROCESSING,    /* payment_intent.processing */
    STRIPE_EVENT_REFUND_NEW,    /* refund.created; charge.refunded tells less, and comes with it */
    STRIPE_EVENT_REFUND,        /* refund.updated, refund.failed, charge.refund.updated */
    STRIPE_EVENT_DISPUTED,      /* charge.dispute.created, charge.dispute.funds_withdrawn */
    STRIPE_EVENT_DISPUTE_CLOSED /* charge.dispute.closed */
};

struct stripe_event {
    enum stripe_event_type type;
    char id[LIMIT_PAYMENT_ID_BYTES + 1]; /* evt_... */
    union {                              /* what its type is about; nothing of OTHER */
        struct stripe_intent intent;
        struct stripe_refund refund;
        struct stripe_dispute dispute;
    };
};

/* Reads an event. Fails when the body is not an event at all, or without its object (answer 400).
 */
int stripe_event_read(struct slice body, struct stripe_event *ret_event, struct err *err) MUST_USE;

#endif
