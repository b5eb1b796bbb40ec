#include "model/house.h"

/* MONEY.md, "Cases". */

void house_open_case(struct model *m, struct deal *o, enum booking_case reason)
{
    bool only_look = reason == BOOKING_CASE_REFUND_UNASKED || reason == BOOKING_CASE_DIFFERS ||
                     reason == BOOKING_CASE_DISPUTES_FULL;
    bool answers_call = !only_look && reason != BOOKING_CASE_CAPTURED_AFTER_END &&
                        reason != BOOKING_CASE_REFUND_FAILED;
    if (o->reason == reason || (only_look && o->reason != 0))
        return;
    o->case_at_us = house_money_fact(m, BOOKING_ENTRY_case_opened, o, reason, 0);
    o->reason = reason;
    if (answers_call)
        o->call = BOOKING_CALL_NONE;
}

static void close_case(struct model *m, struct deal *o, uint32_t action, int64_t by_hand_minor)
{
    house_money_fact(m, BOOKING_ENTRY_case_closed, o, action, by_hand_minor);
    house_post(m, BOOKING_ACCOUNT_ORGANISER, BOOKING_ACCOUNT_PROVIDER, by_hand_minor);
    o->by_hand_minor += by_hand_minor;
    o->reason = 0;
}

/* What somebody refunded at the provider, in all: no more than it got and did not pay back for us;
 * what was recorded too much comes out again, to no less than nothing. */
static bool may_be_by_hand(const struct deal *o, int64_t amount_minor)
{
    int64_t most = o->state == BOOKING_ORDER_CAPTURED ? house_total(o) : o->taken_minor;
    int64_t all = o->by_hand_minor + amount_minor;
    for (uint32_t i = 0; i < o->refunds; i++)
        if (o->refund[i].state == BOOKING_REFUND_DONE)
            most -= o->refund[i].amount_minor;
    return amount_minor == 0 || (o->reason == BOOKING_CASE_REFUND_UNASKED && all >= 0 &&
                                 (amount_minor < 0 || all <= most));
}

void house_release_cases(struct model *m)
{
    struct deals *orders = &m->deals[ORDERS];
    for (uint32_t n = 0; n < LIMIT_TICK_CASES; n++) {
        struct deal *oldest = NULL;
        for (struct deal *o = orders->all; o && o < orders->all + orders->count; o++)
            if (o->state == BOOKING_ORDER_SOLD && o->reason != 0 &&
                o->case_at_us + LIMIT_CASE_SECONDS * SECOND_US <= m->ts_us &&
                (!oldest || o->case_at_us < oldest->case_at_us))
                oldest = o;
        if (!oldest)
            return;
        close_case(m, oldest, BOOKING_ACTION_RELEASE, 0);
        house_void(m, oldest);
        house_owe(m, oldest, BOOKING_CALL_CANCEL, 0);
    }
}

/* The lowest refund that is not done and not owed; the case says that there is one. */
static uint32_t refund_to_settle(const struct deal *o)
{
    uint32_t i = 0;
    while (i + 1 < o->refunds && ((o->refund[i].state != BOOKING_REFUND_DUE &&
                                   o->refund[i].state != BOOKING_REFUND_FAILED) ||
                                  (o->call == BOOKING_CALL_REFUND && o->owed == i + 1)))
        i++;
    return i + 1;
}

enum booking_refusal model_resolve_case(struct model *m, const struct command_resolve_case *c)
{
    struct deal *o = house_find(m, ORDERS, c->order, c->order_random, NULL);
    REFUSE_IF(!o, ORDER_NOT_FOUND);
    REFUSE_IF(o->reason == 0, NO_CASE);
    bool sold = o->state == BOOKING_ORDER_SOLD, ending = o->state == BOOKING_ORDER_ENDING;
    bool over = ending || o->state == BOOKING_ORDER_ENDED;
    bool of_refund =
        o->reason == BOOKING_CASE_REFUND_REFUSED || o->reason == BOOKING_CASE_REFUND_FAILED;
    bool of_cancel = ending && o->taken_minor == 0 && o->reason == BOOKING_CASE_CANCEL_REFUSED;
    bool of_amount = sold && o->reason == BOOKING_CASE_AMOUNT_DIFFERS;
    bool possible = false;
    switch ((enum booking_action)c->action) {
    case BOOKING_ACTION_RETRY:
        possible = (sold || of_refund || of_cancel) && c->amount_minor == 0;
        break;
    case BOOKING_ACTION_RELEASE: possible = sold && c->amount_minor == 0; break;
    case BOOKING_ACTION_REFUND:
        possible = ((over && o->taken_minor == 0 && o->intent.len > 0) || of_amount) &&
                   c->amount_minor > 0;
        break;
    case BOOKING_ACTION_SETTLE: possible = !sold && may_be_by_hand(o, c->amount_minor); break;
    }
    REFUSE_IF(!possible, CASE_ACTION);
    m->out->order = c->order;
    close_case(m, o, c->action, c->action == BOOKING_ACTION_SETTLE ? c->amount_minor : 0);
    if (c->action == BOOKING_ACTION_RETRY && sold) {
        if (o->call == BOOKING_CALL_NONE) /* else its answer is not known yet */
            house_owe(m, o, BOOKING_CALL_CAPTURE, 0);
    } else if (c->action == BOOKING_ACTION_RETRY && of_cancel) {
        house_owe(m, o, BOOKING_CALL_CANCEL, 0);
    } else if (c->action == BOOKING_ACTION_RELEASE) {
        house_void(m, o);
        house_owe(m, o, BOOKING_CALL_CANCEL, 0);
    } else if (c->action == BOOKING_ACTION_REFUND) {
        if (sold)
            house_void(m, o);
        house_take_back(m, o, c->amount_minor);
    } else if (c->action == BOOKING_ACTION_SETTLE && of_cancel) {
        house_money_fact(m, BOOKING_ENTRY_payment_cancelled, o, 0, 0);
        house_finish(m, o);
    } else {
        if (c->action == BOOKING_ACTION_SETTLE && of_refund)
            house_refund_done(m, o, refund_to_settle(o), true, 0);
        house_next_refund(m, o);
    }
    return BOOKING_OK;
}
