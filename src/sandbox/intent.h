/*
 * intent: a payment intent in the sandbox's books, and what may happen to it. Pure: no I/O, no
 * clock; ids and times come in. The states are Stripe's
 * (https://docs.stripe.com/payments/paymentintents/lifecycle):
 *
 *   requires_payment_method --confirm--> requires_capture (a card, manual) or succeeded
 *   requires_payment_method --confirm--> requires_action --authenticate--> as above, or back
 *   requires_payment_method --confirm--> processing --settle--> as above, or back
 *   requires_payment_method --confirm declined--> requires_payment_method, with an error
 *   requires_capture --capture--> succeeded;   anything but succeeded --cancel--> canceled
 *
 * Cards that ask who is paying, iDEAL and Bancontact go through requires_action, direct debits
 * through processing; only cards can be captured later.
 *
 * Invariant: 0 <= refunded + disputed <= received <= amount, and capturable is 0 unless
 * requires_capture. Thread: any.
 */
#ifndef ONSALE_SANDBOX_INTENT_H
#define ONSALE_SANDBOX_INTENT_H

#include "base/slice.h"
#include "sandbox/methods.h"

enum intent_status {
    INTENT_REQUIRES_PAYMENT_METHOD = 1, /* numbers are stored: never reused */
    INTENT_REQUIRES_ACTION = 2,
    INTENT_PROCESSING = 3,
    INTENT_REQUIRES_CAPTURE = 4,
    INTENT_SUCCEEDED = 5,
    INTENT_CANCELED = 6
};

enum intent_capture {
    INTENT_AUTOMATIC = 0, /* numbers are stored: never reused */
    INTENT_MANUAL = 1,
    INTENT_AUTOMATIC_ASYNC = 2
};

#define INTENT_ID_MAX 40u
#define INTENT_SECRET_MAX 80u
#define INTENT_METADATA_MAX 4096u
#define INTENT_URL_MAX 1024u
#define INTENT_ORDER_MAX 64u
#define INTENT_AMOUNT_MAX 99999999ll /* eight digits, as at Stripe */

struct intent {
    int64_t row; /* in the books; 0: not there yet */
    char id[INTENT_ID_MAX];
    char secret[INTENT_SECRET_MAX];
    char currency[4]; /* lower case */
    enum intent_capture capture;
    bool card_manual; /* payment_method_options[card][capture_method] is manual */
    uint32_t kinds;   /* METHOD_BIT of each of payment_method_types */
    enum intent_status status;
    int64_t amount, capturable, received, refunded;
    int64_t disputed; /* withdrawn and not given back */
    int64_t created_s, canceled_s;
    char cancellation_reason[32];
    char method_id[INTENT_ID_MAX];      /* "pm_...", "" before the first confirmation */
    char charge[INTENT_ID_MAX];         /* "ch_..." or "py_..." of the last attempt */
    const struct method *method;        /* of the last attempt, NULL before */
    bool failed;                        /* the last attempt failed for `failure` */
    bool settles_badly;                 /* what is processing will come back */
    enum failure failure;               /* of the last attempt that failed */
    char bank_url[INTENT_URL_MAX];      /* where the buyer proves who they are; "" in place */
    char return_url[INTENT_URL_MAX];    /* and where they go then */
    char order[INTENT_ORDER_MAX];       /* metadata.order_id, to search by */
    char metadata[INTENT_METADATA_MAX]; /* a JSON object */
};

const char *intent_status_word(enum intent_status status);

/* What an attempt came to. */
enum intent_outcome {
    INTENT_OUTCOME_AUTHORISED, /* requires_capture or succeeded */
    INTENT_OUTCOME_ACTION,     /* requires_action */
    INTENT_OUTCOME_PROCESSING, /* processing: intent_settle decides */
    INTENT_OUTCOME_DECLINED,   /* back to requires_payment_method */
    INTENT_OUTCOME_STATE       /* not possible in this state; nothing changed */
};

/* How a fault changes an attempt. */
enum intent_twist {
    INTENT_STRAIGHT,
    INTENT_LATE, /* processing first, whatever the method; no authentication asked */
    INTENT_FAILS /* the method fails (where it processes: when it is settled) */
};

/* Tries to pay. `charge_id` ("ch_...") names the attempt. */
enum intent_outcome intent_confirm(struct intent *intent, const struct method *method,
                                   const char *charge_id, enum intent_twist twist);

/* The buyer has proved (or failed to prove) who they are. */
enum intent_outcome intent_authenticate(struct intent *intent, bool proved);

/* What was processing is decided. */
enum intent_outcome intent_settle(struct intent *intent);

/* Takes `amount` (0: all of it); the rest is let go. False: not possible in this state, or more
 * than was authorised. */
bool intent_capture(struct intent *intent, int64_t amount);

/* The authorisation has lapsed (a fault): nothing can be captured any more. */
bool intent_lapse(struct intent *intent, int64_t now_s);

/* False: succeeded, canceled already or processing. */
bool intent_cancel(struct intent *intent, const char *reason, int64_t now_s);

/* What can still be refunded or disputed. */
int64_t intent_left(const struct intent *intent);

/* False: more than is left, or nothing was taken. */
bool intent_refund(struct intent *intent, int64_t amount);
/* A refund failed or was canceled: the money is back. */
void intent_unrefund(struct intent *intent, int64_t amount);

/* The same for a dispute that withdraws funds, and one that was won. */
bool intent_dispute(struct intent *intent, int64_t amount);
void intent_undispute(struct intent *intent, int64_t amount);

#endif
