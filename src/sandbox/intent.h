/*
 * intent: a payment intent in the sandbox's books, and what may happen to it. Pure: no I/O, no
 * clock; ids and times come in. The states are Stripe's
 * (https://docs.stripe.com/payments/paymentintents/lifecycle):
 *
 *   requires_payment_method --confirm--> requires_capture (manual) or succeeded (automatic)
 *   requires_payment_method --confirm--> requires_action --authenticate--> as above, or back
 *   requires_payment_method --confirm declined--> requires_payment_method, with an error
 *   requires_capture --capture--> succeeded;   anything but succeeded --cancel--> canceled
 *
 * Invariant: 0 <= refunded <= received <= amount, and capturable is 0 unless requires_capture.
 * Thread: any.
 */
#ifndef ONSALE_SANDBOX_INTENT_H
#define ONSALE_SANDBOX_INTENT_H

#include "base/slice.h"
#include "sandbox/cards.h"

enum intent_status {
    INTENT_REQUIRES_PAYMENT_METHOD = 1, /* numbers are stored: never reused */
    INTENT_REQUIRES_ACTION = 2,
    INTENT_PROCESSING = 3,
    INTENT_REQUIRES_CAPTURE = 4,
    INTENT_SUCCEEDED = 5,
    INTENT_CANCELED = 6
};

#define INTENT_ID_MAX 40u
#define INTENT_SECRET_MAX 80u
#define INTENT_METADATA_MAX 4096u
#define INTENT_AMOUNT_MAX 99999999ll /* eight digits, as at Stripe */

struct intent {
    int64_t row; /* in the books; 0: not there yet */
    char id[INTENT_ID_MAX];
    char secret[INTENT_SECRET_MAX];
    char currency[4]; /* lower case */
    bool manual;      /* capture_method */
    enum intent_status status;
    int64_t amount, capturable, received, refunded;
    int64_t created_s, canceled_s;
    char cancellation_reason[32];
    char method[INTENT_ID_MAX]; /* "pm_...", "" before the first confirmation */
    char charge[INTENT_ID_MAX]; /* "ch_..." of the last attempt */
    const struct card *card;    /* of the last attempt, NULL before */
    bool failed;                /* the last attempt failed as `card` or `failure` says */
    enum card_failure failure;
    char metadata[INTENT_METADATA_MAX]; /* a JSON object */
};

const char *intent_status_word(enum intent_status status);

/* What an attempt came to. */
enum intent_outcome {
    INTENT_OUTCOME_AUTHORISED, /* requires_capture or succeeded, by capture_method */
    INTENT_OUTCOME_ACTION,     /* requires_action */
    INTENT_OUTCOME_PROCESSING, /* processing: known later */
    INTENT_OUTCOME_DECLINED,   /* back to requires_payment_method */
    INTENT_OUTCOME_STATE       /* not possible in this state; nothing changed */
};

/* Tries to pay with a card. `charge_id` names the attempt. */
enum intent_outcome intent_confirm(struct intent *intent, const struct card *card,
                                   const char *charge_id);

/* The buyer has proved (or failed to prove) who they are. */
enum intent_outcome intent_authenticate(struct intent *intent, bool proved);

/* The same in two steps, for a provider that takes its time: processing, then what the card does
 * (no authentication asked). */
enum intent_outcome intent_confirm_later(struct intent *intent, const struct card *card,
                                         const char *charge_id);
enum intent_outcome intent_settle(struct intent *intent);

/* Takes `amount` (0: all of it); the rest is let go. False: not possible in this state, or more
 * than was authorised. */
bool intent_capture(struct intent *intent, int64_t amount);

/* False: succeeded, canceled already or processing. */
bool intent_cancel(struct intent *intent, const char *reason, int64_t now_s);

/* False: more than is left, or nothing was taken. */
bool intent_refund(struct intent *intent, int64_t amount);

#endif
