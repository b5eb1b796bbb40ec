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

static enum intent_outcome authorise(struct intent *intent)
{
    intent->failed = false;
    if (intent->manual) {
        intent->status = INTENT_REQUIRES_CAPTURE;
        intent->capturable = intent->amount;
    } else {
        intent->status = INTENT_SUCCEEDED;
        intent->received = intent->amount;
    }
    return INTENT_OUTCOME_AUTHORISED;
}

static enum intent_outcome decline(struct intent *intent, enum card_failure failure)
{
    assert(failure != CARD_FINE);
    intent->failed = true;
    intent->failure = failure;
    intent->status = INTENT_REQUIRES_PAYMENT_METHOD;
    return INTENT_OUTCOME_DECLINED;
}

/* Notes the attempt; false when none is possible in this state. */
static bool begin(struct intent *intent, const struct card *card, const char *charge_id)
{
    if (intent->status != INTENT_REQUIRES_PAYMENT_METHOD &&
        intent->status != INTENT_REQUIRES_ACTION)
        return false;
    intent->card = card;
    intent->failed = false;
    (void)snprintf(intent->method, sizeof intent->method, "pm_%s", charge_id + 3);
    (void)snprintf(intent->charge, sizeof intent->charge, "%s", charge_id);
    return true;
}

enum intent_outcome intent_confirm(struct intent *intent, const struct card *card,
                                   const char *charge_id)
{
    if (!begin(intent, card, charge_id))
        return INTENT_OUTCOME_STATE;
    if (card->authentication) {
        intent->status = INTENT_REQUIRES_ACTION;
        return INTENT_OUTCOME_ACTION;
    }
    return card->failure == CARD_FINE ? authorise(intent) : decline(intent, card->failure);
}

enum intent_outcome intent_authenticate(struct intent *intent, bool proved)
{
    if (intent->status != INTENT_REQUIRES_ACTION)
        return INTENT_OUTCOME_STATE;
    if (!proved)
        return decline(intent, CARD_AUTHENTICATION_FAILED);
    return intent->card->failure == CARD_FINE ? authorise(intent)
                                              : decline(intent, intent->card->failure);
}

enum intent_outcome intent_confirm_later(struct intent *intent, const struct card *card,
                                         const char *charge_id)
{
    if (!begin(intent, card, charge_id))
        return INTENT_OUTCOME_STATE;
    intent->status = INTENT_PROCESSING;
    return INTENT_OUTCOME_PROCESSING;
}

enum intent_outcome intent_settle(struct intent *intent)
{
    if (intent->status != INTENT_PROCESSING || !intent->card)
        return INTENT_OUTCOME_STATE;
    return intent->card->failure == CARD_FINE ? authorise(intent)
                                              : decline(intent, intent->card->failure);
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

bool intent_refund(struct intent *intent, int64_t amount)
{
    if (intent->status != INTENT_SUCCEEDED || amount <= 0 ||
        amount > intent->received - intent->refunded)
        return false;
    intent->refunded += amount;
    return true;
}
