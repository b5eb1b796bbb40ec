/*
 * claims: money that goes back: refunds (ours to give) and disputes (the bank's to take). Pure: no
 * I/O, no clock. The states are Stripe's (https://docs.stripe.com/refunds,
 * https://docs.stripe.com/disputes/how-disputes-work):
 *
 *   refund:  pending -> succeeded | failed | canceled;  succeeded -> failed (the bank sent it back)
 *   dispute: needs_response -> under_review -> won | lost;  needs_response -> won | lost
 *   inquiry: warning_needs_response -> warning_under_review -> warning_closed; takes no money
 *
 * Thread: any.
 */
#ifndef ONSALE_SANDBOX_CLAIMS_H
#define ONSALE_SANDBOX_CLAIMS_H

#include "sandbox/intent.h"

enum refund_status {
    REFUND_PENDING = 1, /* numbers are stored: never reused */
    REFUND_SUCCEEDED = 2,
    REFUND_FAILED = 3,
    REFUND_CANCELED = 4
};

struct refund {
    int64_t row; /* in the books; 0: not there yet */
    char id[INTENT_ID_MAX];
    int64_t intent_row, amount, created_s;
    enum refund_status status;
    char reason[32];         /* as given, or "" */
    char failure_reason[40]; /* when failed */
    char metadata[INTENT_METADATA_MAX];
};

const char *refund_status_word(enum refund_status status);

/* False: not possible in this state; nothing changed. */
bool refund_move(struct refund *refund, enum refund_status to);

enum dispute_status {
    DISPUTE_WARNING_NEEDS_RESPONSE = 1, /* numbers are stored: never reused */
    DISPUTE_WARNING_UNDER_REVIEW = 2,
    DISPUTE_WARNING_CLOSED = 3,
    DISPUTE_NEEDS_RESPONSE = 4,
    DISPUTE_UNDER_REVIEW = 5,
    DISPUTE_WON = 6,
    DISPUTE_LOST = 7
};

#define DISPUTE_EVIDENCE_MAX 16384u

struct dispute {
    int64_t row; /* in the books; 0: not there yet */
    char id[INTENT_ID_MAX];
    int64_t intent_row, amount, created_s;
    enum dispute_status status;
    char reason[40];
    int64_t submissions;                 /* of evidence */
    char evidence[DISPUTE_EVIDENCE_MAX]; /* a JSON object of texts */
    char metadata[INTENT_METADATA_MAX];
};

const char *dispute_status_word(enum dispute_status status);

/* Neither won, lost nor closed. */
bool dispute_open(const struct dispute *dispute);
/* An inquiry: it withdraws nothing. */
bool dispute_inquiry(const struct dispute *dispute);

/* False: it is over; nothing changed. */
bool dispute_submit(struct dispute *dispute);
bool dispute_decide(struct dispute *dispute, bool won);

/* Whether Stripe knows a reason of that name. */
bool dispute_reason_known(struct slice reason);

#endif
