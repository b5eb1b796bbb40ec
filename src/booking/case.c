#include "booking/state.h"

/* Cases: what the machine cannot settle by itself, and what a person does about it. A sold order
 * that waits for one does not wait for ever. */

/* It says that a call cannot be done: asking again would not help. */
static bool answers_call(uint8_t reason)
{
    return reason == BOOKING_CASE_CAPTURE_REFUSED || reason == BOOKING_CASE_AMOUNT_DIFFERS ||
           reason == BOOKING_CASE_REFUND_REFUSED || reason == BOOKING_CASE_CANCEL_REFUSED;
}

/* It only wants a look. */
static bool is_remark(enum booking_case reason)
{
    return reason == BOOKING_CASE_REFUND_UNASKED || reason == BOOKING_CASE_DIFFERS ||
           reason == BOOKING_CASE_DISPUTES_FULL;
}

void decision_case(const struct booking *b, struct booking_decision *d, uint32_t order,
                   enum booking_case reason, struct slice detail)
{
    uint8_t open = b->orders[order].attention;
    if (is_remark(reason) ? open != 0 : open == (uint8_t)reason)
        return;
    decision_entry(d, BOOKING_ENTRY_case_opened)->case_opened =
        (struct entry_case_opened){.order = order, .reason = (uint8_t)reason, .detail = detail};
}

static struct entry_case_closed *put_closed(struct booking_decision *d, uint32_t order,
                                            enum booking_action action)
{
    struct entry_case_closed *e = &decision_entry(d, BOOKING_ENTRY_case_closed)->case_closed;
    e->order = order;
    e->action = (uint8_t)action;
    return e;
}

static void put_voided(struct booking_decision *d, uint32_t order)
{
    decision_entry(d, BOOKING_ENTRY_order_voided)->order_voided.order = order;
}

/* The call again, or another one, under the next attempt. */
static void put_call(const struct booking *b, struct booking_decision *d, uint32_t order,
                     enum booking_call kind)
{
    uint8_t attempt = (uint8_t)(b->orders[order].attempt + 1);
    struct provider_call call = provider_call(b, order, kind, attempt);
    decision_call(b, d, &call);
}

/* Attempts are counted in a byte: a person stops asking long before. */
#define ATTEMPTS_MAX 200u

static bool refund_stopped(const struct order *o)
{
    return o->attention == BOOKING_CASE_REFUND_REFUSED ||
           o->attention == BOOKING_CASE_REFUND_FAILED;
}

static bool cancel_stopped(const struct order *o)
{
    return o->state == BOOKING_ORDER_ENDING && !order_was_taken(o) &&
           o->attention == BOOKING_CASE_CANCEL_REFUSED;
}

/* What somebody may have refunded of the order at the provider, by hand: what the provider got and
 * did not pay back for us. */
static int64_t by_hand_most(const struct booking *b, const struct order *o)
{
    int64_t most = order_is_sold(o) ? o->total_minor : o->taken_minor;
    for (uint8_t refund = 1; refund <= o->refunds; refund++)
        if (o->refund_states[refund - 1] == BOOKING_REFUND_DONE)
            most -= refund_amount(b, o, refund);
    return most;
}

/* The books agree with the provider's when the case is settled with this amount. */
static bool by_hand_fits(const struct booking *b, const struct order *o, int64_t amount_minor)
{
    if (amount_minor == 0 || o->attention != BOOKING_CASE_REFUND_UNASKED)
        return amount_minor == 0;
    return amount_minor < 0 ? amount_minor >= -o->by_hand_minor
                            : amount_minor <= by_hand_most(b, o) - o->by_hand_minor;
}

static bool is_possible(const struct booking *b, const struct command_resolve_case *c)
{
    const struct order *o = &b->orders[c->order];
    bool sold = o->state == BOOKING_ORDER_SOLD;
    switch ((enum booking_action)c->action) {
    case BOOKING_ACTION_RETRY:
        return c->amount_minor == 0 && o->attempt < ATTEMPTS_MAX &&
               o->refund_calls < ATTEMPTS_MAX && (sold || refund_stopped(o) || cancel_stopped(o));
    case BOOKING_ACTION_RELEASE: return sold && c->amount_minor == 0;
    case BOOKING_ACTION_REFUND:
        if (c->amount_minor <= 0 || o->intent_len == 0 || order_was_taken(o))
            return false;
        return o->state == BOOKING_ORDER_ENDING || o->state == BOOKING_ORDER_ENDED ||
               (sold && o->attention == BOOKING_CASE_AMOUNT_DIFFERS);
    case BOOKING_ACTION_SETTLE: return !sold && by_hand_fits(b, o, c->amount_minor);
    }
    return false;
}

static void put_retry(const struct booking *b, struct booking_decision *d, uint32_t order)
{
    const struct order *o = &b->orders[order];
    if (o->call != BOOKING_CALL_NONE)
        return; /* it is being made: its answer is not known */
    if (o->state == BOOKING_ORDER_SOLD)
        put_call(b, d, order, BOOKING_CALL_CAPTURE);
    else if (cancel_stopped(o))
        put_call(b, d, order, BOOKING_CALL_CANCEL);
    else
        decision_next_refund(b, d, order);
}

static void put_settled(const struct booking *b, struct booking_decision *d, uint32_t order)
{
    const struct order *o = &b->orders[order];
    if (refund_stopped(o))
        decision_settle_refund(b, d, order);
    else if (cancel_stopped(o))
        decision_entry(d, BOOKING_ENTRY_payment_cancelled)->payment_cancelled.order = order;
    else if (o->call == BOOKING_CALL_NONE)
        decision_next_refund(b, d, order);
}

void decide_resolve_case(const struct booking *b, const struct command_resolve_case *c,
                         struct booking_decision *d)
{
    if (c->order >= b->s->orders_used || b->orders[c->order].random != c->order_random)
        d->refusal = BOOKING_ORDER_NOT_FOUND;
    else if (!b->orders[c->order].attention)
        d->refusal = BOOKING_NO_CASE;
    else if (!is_possible(b, c))
        d->refusal = BOOKING_CASE_ACTION;
    if (d->refusal != BOOKING_OK)
        return;
    const struct order *o = &b->orders[c->order];
    d->order = c->order;
    struct entry_case_closed *closed = put_closed(d, c->order, (enum booking_action)c->action);
    closed->by = c->by;
    closed->note = c->note;
    if (c->action == BOOKING_ACTION_SETTLE)
        closed->by_hand_minor = c->amount_minor;
    switch ((enum booking_action)c->action) {
    case BOOKING_ACTION_RETRY: put_retry(b, d, c->order); break;
    case BOOKING_ACTION_RELEASE:
        put_voided(d, c->order);
        put_call(b, d, c->order, BOOKING_CALL_CANCEL);
        break;
    case BOOKING_ACTION_REFUND:
        if (o->state == BOOKING_ORDER_SOLD)
            put_voided(d, c->order);
        decision_take_back(b, d, c->order, slice_make(o->intent, o->intent_len), c->amount_minor);
        break;
    case BOOKING_ACTION_SETTLE: put_settled(b, d, c->order); break;
    }
}

uint64_t case_next_us(const struct booking *b)
{
    if (b->s->case_oldest == BOOKING_NONE)
        return UINT64_MAX;
    return b->orders[b->s->case_oldest].case_at_us + LIMIT_CASE_SECONDS * TIME_SECOND_US;
}

void decision_release_cases(const struct booking *b, uint64_t ts_us, struct booking_decision *d)
{
    uint32_t order = b->s->case_oldest;
    for (uint32_t i = 0; i < LIMIT_TICK_CASES && order != BOOKING_NONE; i++) {
        const struct order *o = &b->orders[order];
        if (o->case_at_us + LIMIT_CASE_SECONDS * TIME_SECOND_US > ts_us)
            return;
        put_closed(d, order, BOOKING_ACTION_RELEASE);
        put_voided(d, order);
        put_call(b, d, order, BOOKING_CALL_CANCEL);
        order = o->next;
    }
}

void case_end(struct booking *b, struct order *o)
{
    if (!o->attention)
        return;
    assert(b->s->open_cases > 0);
    b->s->open_cases--;
    o->attention = 0;
    o->case_at_us = 0;
}

void apply_case_opened(struct booking *b, const struct entry_case_opened *e, uint64_t ts_us)
{
    assert(e->order < b->s->orders_used && e->reason != 0);
    struct order *o = &b->orders[e->order];
    enum order_queue was = order_queue(b, o);
    b->s->open_cases += o->attention == 0;
    o->attention = e->reason;
    o->case_at_us = ts_us;
    if (answers_call(e->reason))
        o->call = BOOKING_CALL_NONE;
    order_requeue(b, e->order, was);
}

void apply_case_closed(struct booking *b, const struct entry_case_closed *e)
{
    assert(e->order < b->s->orders_used && b->orders[e->order].attention);
    struct order *o = &b->orders[e->order];
    enum order_queue was = order_queue(b, o);
    o->by_hand_minor += e->by_hand_minor;
    case_end(b, o);
    order_requeue(b, e->order, was);
}
