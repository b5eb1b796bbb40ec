#include "booking/state.h"

/* Refunds: tickets that are given back, and money that was taken for nothing. The provider is asked
 * for one at a time. */

static bool is_open(const struct order *o, uint8_t refund)
{
    uint8_t state = o->refund_states[refund - 1];
    return state == BOOKING_REFUND_DUE || state == BOOKING_REFUND_FAILED;
}

static uint16_t refund_bit(uint8_t refund)
{
    return (uint16_t)(1u << (refund - 1));
}

static uint16_t open_refunds(const struct order *o)
{
    uint16_t open = 0;
    for (uint8_t refund = 1; refund <= o->refunds; refund++)
        if (is_open(o, refund))
            open |= refund_bit(refund);
    return open;
}

static uint8_t first_of(uint16_t refunds)
{
    uint8_t refund = 0;
    while (refunds >> refund != 0 && !(refunds >> refund & 1))
        refund++;
    return refunds == 0 ? 0 : (uint8_t)(refund + 1);
}

uint8_t refund_due(const struct order *o)
{
    return first_of(open_refunds(o));
}

int64_t refund_amount(const struct booking *b, const struct order *o, uint8_t refund)
{
    if (!order_is_sold(o))
        return o->taken_minor;
    int64_t amount = 0;
    for (uint32_t i = 0; i < o->count; i++)
        if (o->refund_of[i] == refund)
            amount += order_line(b, o, i).total_minor;
    return amount;
}

/* ---- what is put ---- */

static void put_refund_call(const struct booking *b, struct booking_decision *d, uint32_t order,
                            struct slice intent, uint8_t refund, int64_t amount_minor)
{
    const struct order *o = &b->orders[order];
    struct provider_call call = {
        .order = order,
        .kind = BOOKING_CALL_REFUND,
        .attempt = (uint8_t)(o->refund_calls + 1),
        .refund = refund,
        .order_random = o->random,
        .amount_minor = amount_minor,
        .intent = intent,
    };
    decision_call(b, d, &call);
}

static void put_done(struct booking_decision *d, const struct entry_refund_done *e)
{
    decision_entry(d, BOOKING_ENTRY_refund_done)->refund_done = *e;
}

/* The first of `open` is asked for; of nothing, it is done, and so on. `fresh`: one that the order
 * does not know yet, or NULL. */
static void put_next(const struct booking *b, struct booking_decision *d, uint32_t order,
                     uint16_t open, const struct entry_refund_requested *fresh)
{
    const struct order *o = &b->orders[order];
    for (uint8_t refund; (refund = first_of(open)) != 0; open &= (uint16_t)~refund_bit(refund)) {
        bool is_fresh = fresh && refund == fresh->refund;
        int64_t amount = is_fresh ? fresh->amount_minor : refund_amount(b, o, refund);
        if (amount > 0) {
            put_refund_call(b, d, order, slice_make(o->intent, o->intent_len), refund, amount);
            return;
        }
        put_done(d, &(struct entry_refund_done){.order = order, .refund = refund});
    }
}

void decision_next_refund(const struct booking *b, struct booking_decision *d, uint32_t order)
{
    put_next(b, d, order, open_refunds(&b->orders[order]), NULL);
}

void decision_settle_refund(const struct booking *b, struct booking_decision *d, uint32_t order)
{
    const struct order *o = &b->orders[order];
    bool owed = o->call == BOOKING_CALL_REFUND;
    uint16_t open = open_refunds(o);
    if (owed)
        open &= (uint16_t)~refund_bit(o->refund_owed);
    uint8_t settled = first_of(open);
    assert(settled != 0); /* what the case is about */
    put_done(d, &(struct entry_refund_done){.order = order,
                                            .refund = settled,
                                            .amount_minor = refund_amount(b, o, settled),
                                            .settled = true});
    if (!owed)
        put_next(b, d, order, open & (uint16_t)~refund_bit(settled), NULL);
}

void decision_take_back(const struct booking *b, struct booking_decision *d, uint32_t order,
                        struct slice intent, int64_t amount_minor)
{
    decision_entry(d, BOOKING_ENTRY_payment_taken)->payment_taken =
        (struct entry_payment_taken){.order = order, .amount_minor = amount_minor};
    decision_entry(d, BOOKING_ENTRY_refund_requested)->refund_requested =
        (struct entry_refund_requested){.order = order, .refund = 1, .amount_minor = amount_minor};
    put_refund_call(b, d, order, intent, 1, amount_minor);
}

/* ---- by the organiser ---- */

/* Where a unit stands in the order, or its count. */
static uint32_t place_of(const struct order *o, uint32_t unit)
{
    uint32_t at = 0;
    while (at < o->count && o->units[at] != unit)
        at++;
    return at;
}

/* Which of the order's units, a bit each, in `ret_set`. */
static enum booking_refusal refund_choose(const struct order *o, struct u32s units,
                                          struct booking_decision *d, uint32_t *ret_set)
{
    uint32_t set = 0, left = 0;
    for (uint32_t i = 0; i < LIMIT_HOLD_UNITS; i++)
        left |= (uint32_t)(i < o->count && o->refund_of[i] == 0) << i;
    for (uint32_t i = 0; i < units.count; i++) {
        uint32_t at = place_of(o, u32s_at(units, i));
        if (at == o->count)
            return BOOKING_UNKNOWN_UNIT;
        if (set >> at & 1)
            return BOOKING_REPEATED_UNIT;
        set |= 1u << at;
    }
    for (uint32_t i = 0; i < LIMIT_HOLD_UNITS; i++)
        if ((set & ~left) >> i & 1)
            decision_culprit_sorted(d, o->units[i]);
    *ret_set = units.count > 0 ? set : left;
    return d->culprit_count > 0 || *ret_set == 0 ? BOOKING_ALREADY_REFUNDED : BOOKING_OK;
}

static enum booking_refusal refund_check(const struct booking *b, const struct command_refund *c,
                                         struct booking_decision *d, uint32_t *ret_set)
{
    if (c->order >= b->s->orders_used || b->orders[c->order].random != c->order_random)
        return BOOKING_ORDER_NOT_FOUND;
    const struct order *o = &b->orders[c->order];
    if (o->state != BOOKING_ORDER_CAPTURED)
        return BOOKING_ORDER_NOT_PAID;
    enum booking_dispute_state dispute = order_dispute(b, o);
    if (dispute != BOOKING_DISPUTE_NONE && dispute != BOOKING_DISPUTE_WON)
        return BOOKING_ORDER_DISPUTED;
    return refund_choose(o, c->units, d, ret_set);
}

void decide_refund(const struct booking *b, const struct command_refund *c,
                   struct booking_decision *d)
{
    uint32_t set;
    d->refusal = refund_check(b, c, d, &set);
    if (d->refusal != BOOKING_OK)
        return;
    const struct order *o = &b->orders[c->order];
    struct entry_refund_requested e = {
        .order = c->order,
        .refund = (uint8_t)(o->refunds + 1),
        .block = c->block != 0,
        .by = c->by,
        .key = c->key,
        .request = c->request,
        .note = c->note,
    };
    uint32_t count = 0;
    for (uint32_t i = 0; i < LIMIT_HOLD_UNITS; i++) {
        if (!(set >> i & 1))
            continue;
        d->units[count++] = o->units[i];
        e.amount_minor += order_line(b, o, i).total_minor;
    }
    e.units = (struct u32s){d->units, count};
    d->order = c->order;
    decision_entry(d, BOOKING_ENTRY_refund_requested)->refund_requested = e;
    if (o->call == BOOKING_CALL_NONE && !o->attention)
        put_next(b, d, c->order, open_refunds(o) | refund_bit(e.refund), &e);
}

/* ---- news ---- */

void refund_news(const struct booking *b, const struct command_payment_news *c,
                 struct booking_decision *d)
{
    const struct order *o = &b->orders[c->order];
    if (c->refund == 0 || c->refund > o->refunds)
        return;
    bool owed = o->call == BOOKING_CALL_REFUND && o->refund_owed == c->refund;
    bool latest = o->refund_attempts[c->refund - 1] == c->attempt;
    int64_t amount = refund_amount(b, o, c->refund);
    if (c->kind == BOOKING_PAYMENT_REFUNDED) {
        if (!owed)
            return;
        put_done(d, &(struct entry_refund_done){.order = c->order,
                                                .refund = c->refund,
                                                .amount_minor = amount,
                                                .attempt = c->attempt});
        if (!o->attention)
            put_next(b, d, c->order, open_refunds(o) & (uint16_t)~refund_bit(c->refund), NULL);
    } else if (owed && latest) {
        decision_case(b, d, c->order, BOOKING_CASE_REFUND_REFUSED, c->code);
    } else if (o->refund_states[c->refund - 1] == BOOKING_REFUND_DONE && latest && amount > 0) {
        decision_entry(d, BOOKING_ENTRY_refund_failed)->refund_failed =
            (struct entry_refund_failed){c->order, c->refund, amount};
        decision_case(b, d, c->order, BOOKING_CASE_REFUND_FAILED, c->code);
    }
}

/* ---- applied ---- */

void apply_refund_requested(struct booking *b, const struct entry_refund_requested *e,
                            struct booking_touched *touched)
{
    struct order *o = &b->orders[e->order];
    assert(e->order < b->s->orders_used && e->refund == o->refunds + 1u &&
           e->refund <= LIMIT_HOLD_UNITS);
    enum order_queue was = order_queue(b, o);
    for (uint32_t i = 0; i < e->units.count; i++) {
        uint32_t at = place_of(o, u32s_at(e->units, i));
        assert(order_has_unit(b, o, at));
        order_return_unit(b, e->order, at, e->block ? BOOKING_BLOCKED : BOOKING_FREE, touched);
        o->refund_of[at] = e->refund;
    }
    o->refunds = e->refund;
    o->refund_states[e->refund - 1] = BOOKING_REFUND_DUE;
    order_requeue(b, e->order, was);
}

void apply_refund_done(struct booking *b, const struct entry_refund_done *e, uint64_t ts_us)
{
    struct order *o = &b->orders[e->order];
    assert(e->order < b->s->orders_used && e->refund >= 1 && e->refund <= o->refunds &&
           is_open(o, e->refund));
    enum order_queue was = order_queue(b, o);
    if (o->call == BOOKING_CALL_REFUND && o->refund_owed == e->refund)
        o->call = BOOKING_CALL_NONE;
    o->refund_states[e->refund - 1] = e->settled ? BOOKING_REFUND_SETTLED : BOOKING_REFUND_DONE;
    o->refund_attempts[e->refund - 1] = e->attempt;
    o->ended_at_us = ts_us;
    if (o->state == BOOKING_ORDER_ENDING)
        order_finish(b, e->order, ts_us);
    order_requeue(b, e->order, was);
}

void apply_refund_failed(struct booking *b, const struct entry_refund_failed *e)
{
    struct order *o = &b->orders[e->order];
    assert(e->order < b->s->orders_used && e->refund >= 1 && e->refund <= o->refunds &&
           o->refund_states[e->refund - 1] == BOOKING_REFUND_DONE);
    enum order_queue was = order_queue(b, o);
    o->refund_states[e->refund - 1] = BOOKING_REFUND_FAILED;
    if (o->state == BOOKING_ORDER_ENDED)
        o->state = BOOKING_ORDER_ENDING; /* until it is paid back again */
    order_requeue(b, e->order, was);
}
