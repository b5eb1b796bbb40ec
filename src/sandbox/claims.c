#include "sandbox/claims.h"

const char *refund_status_word(enum refund_status status)
{
    switch (status) {
    case REFUND_PENDING: return "pending";
    case REFUND_SUCCEEDED: return "succeeded";
    case REFUND_FAILED: return "failed";
    case REFUND_CANCELED: return "canceled";
    }
    return "unknown";
}

bool refund_move(struct refund *refund, enum refund_status to)
{
    bool fine = refund->status == REFUND_PENDING
                    ? to != REFUND_PENDING
                    : refund->status == REFUND_SUCCEEDED && to == REFUND_FAILED;
    if (fine)
        refund->status = to;
    return fine;
}

const char *dispute_status_word(enum dispute_status status)
{
    switch (status) {
    case DISPUTE_WARNING_NEEDS_RESPONSE: return "warning_needs_response";
    case DISPUTE_WARNING_UNDER_REVIEW: return "warning_under_review";
    case DISPUTE_WARNING_CLOSED: return "warning_closed";
    case DISPUTE_NEEDS_RESPONSE: return "needs_response";
    case DISPUTE_UNDER_REVIEW: return "under_review";
    case DISPUTE_WON: return "won";
    case DISPUTE_LOST: return "lost";
    }
    return "unknown";
}

bool dispute_open(const struct dispute *dispute)
{
    return dispute->status != DISPUTE_WARNING_CLOSED && dispute->status != DISPUTE_WON &&
           dispute->status != DISPUTE_LOST;
}

bool dispute_inquiry(const struct dispute *dispute)
{
    return dispute->status <= DISPUTE_WARNING_CLOSED;
}

bool dispute_submit(struct dispute *dispute)
{
    if (!dispute_open(dispute))
        return false;
    dispute->submissions++;
    dispute->status =
        dispute_inquiry(dispute) ? DISPUTE_WARNING_UNDER_REVIEW : DISPUTE_UNDER_REVIEW;
    return true;
}

bool dispute_decide(struct dispute *dispute, bool won)
{
    if (!dispute_open(dispute))
        return false;
    if (dispute_inquiry(dispute))
        dispute->status = DISPUTE_WARNING_CLOSED;
    else
        dispute->status = won ? DISPUTE_WON : DISPUTE_LOST;
    return true;
}

bool dispute_reason_known(struct slice reason)
{
    static const char *const reasons[] = {
        "bank_cannot_process",
        "check_returned",
        "credit_not_processed",
        "customer_initiated",
        "debit_not_authorized",
        "duplicate",
        "fraudulent",
        "general",
        "incorrect_account_details",
        "insufficient_funds",
        "noncompliant",
        "product_not_received",
        "product_unacceptable",
        "subscription_canceled",
        "unrecognized",
    };
    for (size_t i = 0; i < sizeof reasons / sizeof reasons[0]; i++)
        if (slice_equal(reason, slice_from_string(reasons[i])))
            return true;
    return false;
}
