#include "sandbox/intent.h"

#include <assert.h>
#include <stdio.h>

const char *intent_status_word(enum intent_status status)
{
    switch (status) {
    case INTENT_REQUIRES_PAYMENT_METHOD: return "requires_payment_method";
    case INTENT_REQUIRES_ACTION: return "requires_action";
    case INTENT_PROCESSING: return "processing";
    case INTENT_REQUIRES_CAPTURE: return "requires_capture";
    case INTENT_SUCCEEDED: return "succeeded";
    case INTENT_CANCELED: return "canceled";
    }
    return "unknown";
}

static bool captured_later(const struct intent *intent)
{
    return intent->method->kind == METHOD_CARD &&
           (intent->capture == INTENT_MANUAL || intent->card_manual);
}

static enum intent_outcome authorise(struct intent *intent)
{
    intent->failed = false;
    if (captured_later(intent)) {
        intent->status = INTENT_REQUIRES_CAPTURE;
        intent->capturable = intent->amount;
    } else {
        intent->status = INTENT_SUCCEEDED;
        intent->received = intent->amount;
    }
    return INTENT_OUTCOME_AUTHORISED;
}

static enum intent_outcome decline(struct intent *intent, enum failure failure)
{
    assert(failure != FAILURE_NONE);
    intent->failed = true;
    intent->failure = failure;
    intent->status = INTENT_REQUIRES_PAYMENT_METHOD;
    return INTENT_OUTCOME_DECLINED;
}

/* How the method fails when a fault wants it to. */
static enum failure failure_of(const struct method *method)
{
    if (method->failure != FAILURE_NONE)
        return method->failure;
    return method->kind == METHOD_CARD   ? FAILURE_GENERIC_DECLINE
           : method->kind == METHOD_SEPA ? FAILURE_BANK
                                         : FAILURE_NOT_APPROVED;
}

static enum intent_outcome decide(struct intent *intent)
{
    bool bad = intent->settles_badly || intent->method->failure != FAILURE_NONE;
    return bad ? decline(intent, failure_of(intent->method)) : authorise(intent);
}

enum intent_outcome intent_confirm(struct intent *intent, const struct method *method,
                                   const char *charge_id, enum intent_twist twist)
{
    if (intent->status != INTENT_REQUIRES_PAYMENT_METHOD &&
        intent->status != INTENT_REQUIRES_ACTION)
        return INTENT_OUTCOME_STATE;
    intent->method = method;
    intent->failed = false;
    intent->settles_badly = twist == INTENT_FAILS;
    (void)snprintf(intent->method_id, sizeof intent->method_id, "pm_%s", charge_id + 3);
    (void)snprintf(intent->charge, sizeof intent->charge, "%s%s",
                   method->kind == METHOD_CARD ? "ch_" : "py_", charge_id + 3);
    if (twist == INTENT_LATE || method->kind == METHOD_SEPA) {
        intent->status = INTENT_PROCESSING;
        return INTENT_OUTCOME_PROCESSING;
    }
    if (twist != INTENT_FAILS && method->authentication) {
        intent->status = INTENT_REQUIRES_ACTION;
        return INTENT_OUTCOME_ACTION;
    }
    return decide(intent);
}

enum intent_outcome intent_authenticate(struct intent *intent, bool proved)
{
    if (intent->status != INTENT_REQUIRES_ACTION)
        return INTENT_OUTCOME_STATE;
    if (!proved)
        return decline(intent, intent->method->kind == METHOD_CARD ? FAILURE_AUTHENTICATION
                                                                   : FAILURE_NOT_APPROVED);
    return decide(intent);
}

enum intent_outcome intent_settle(struct intent *intent)
{
    if (intent->status != INTENT_PROCESSING || !intent->method)
        return INTENT_OUTCOME_STATE;
    return decide(intent);
}

bool intent_capture(struct intent *intent, int64_t amount)
{
    if (intent->status != INTENT_REQUIRES_CAPTURE || amount < 0 || amount > intent->capturable)
        return false;
    intent->received = amount ? amount : intent->capturable;
    intent->capturable = 0;
    intent->status = INTENT_SUCCEEDED;
    return true;
}

bool intent_lapse(struct intent *intent, int64_t now_s)
{
    return intent->status == INTENT_REQUIRES_CAPTURE && intent_cancel(intent, "automatic", now_s);
}

bool intent_cancel(struct intent *intent, const char *reason, int64_t now_s)
{
    if (intent->status == INTENT_SUCCEEDED || intent->status == INTENT_CANCELED ||
        intent->status == INTENT_PROCESSING)
        return false;
    intent->status = INTENT_CANCELED;
    intent->capturable = 0;
    intent->canceled_s = now_s;
    (void)snprintf(intent->cancellation_reason, sizeof intent->cancellation_reason, "%s", reason);
    return true;
}

int64_t intent_left(const struct intent *intent)
{
    return intent->received - intent->refunded - intent->disputed;
}

bool intent_refund(struct intent *intent, int64_t amount)
{
    if (intent->status != INTENT_SUCCEEDED || amount <= 0 || amount > intent_left(intent))
        return false;
    intent->refunded += amount;
    return true;
}

void intent_unrefund(struct intent *intent, int64_t amount)
{
    assert(amount <= intent->refunded);
    intent->refunded -= amount;
}

bool intent_dispute(struct intent *intent, int64_t amount)
{
    if (intent->status != INTENT_SUCCEEDED || amount <= 0 || amount > intent_left(intent))
        return false;
    intent->disputed += amount;
    return true;
}

void intent_undispute(struct intent *intent, int64_t amount)
{
    assert(amount <= intent->disputed);
    intent->disputed -= amount;
}
