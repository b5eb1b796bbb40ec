#include "booking/state.h"

/* Orders up to the payment: placing, cancelling, ending; the sale itself. What the provider says is
 * in payment.c. */

static uint32_t order_next_slot(const struct booking *b, uint64_t ts_us)
{
    const struct state *s = b->s;
    bool any_ended = s->order_oldest != BOOKING_NONE;
    if (any_ended && (b->orders[s->order_oldest].ended_at_us + KEY_LIFE_US <= ts_us ||
                      s->orders_used == s->order_capacity))
        return s->order_oldest;
    return s->orders_used < s->order_capacity ? s->orders_used : BOOKING_NONE;
}

static bool order_repeated(const struct booking *b, const struct command_place_order *c,
                           struct booking_decision *d)
{
    if (!key_is_set(c->key))
        return false;
    uint32_t order = order_by_key(b, c->key), hold = hold_by_key(b, c->key);
    if (order == BOOKING_NONE && hold == BOOKING_NONE)
        return false;
    if (order == BOOKING_NONE || b->orders[order].request != c->request) {
        d->refusal = BOOKING_IDEMPOTENCY_MISMATCH;
        return true;
    }
    d->order = order;
    d->repeated = true;
    return true;
}

static int64_t units_total(const struct booking *b, const uint32_t *units, uint32_t count,
                           uint32_t revision)
{
    int64_t total = 0;
    for (uint32_t i = 0; i < count; i++) {
        struct booking_price price = unit_price(b, units[i], revision);
        total += price.price_minor + price.fee_minor;
    }
    return total;
}

/* The hold can be paid for by this session now. */
static enum booking_refusal check_hold(const struct booking *b, const struct command_place_order *c,
                                       uint64_t ts_us)
{
    if (c->hold >= b->s->holds_used || b->holds[c->hold].random != c->hold_random ||
        !hash16_equal(b->holds[c->hold].session, c->session))
        return BOOKING_HOLD_NOT_FOUND;
    const struct hold *h = &b->holds[c->hold];
    if (h->state == HOLD_EXPIRED || (h->state == HOLD_LIVE && h->expires_at_us <= ts_us))
        return BOOKING_HOLD_EXPIRED;
    if (h->state == HOLD_RELEASED)
        return BOOKING_HOLD_ENDED;
    if (b->s->sale == BOOKING_SALES_PAUSED)
        return BOOKING_SALE_PAUSED;
    return BOOKING_OK;
}

void decide_place_order(const struct booking *b, const struct command_place_order *c,
                        uint64_t ts_us, struct booking_decision *d)
{
    if (order_repeated(b, c, d))
        return;
    d->refusal = check_hold(b, c, ts_us);
    if (d->refusal != BOOKING_OK)
        return;
    const struct hold *h = &b->holds[c->hold];
    d->hold = c->hold;
    if (h->order != BOOKING_NONE) { /* one order a hold: asked again, it is the same one */
        d->order = h->order;
        d->repeated = true;
        return;
    }
    d->refusal = limits_check_address(b, c->email_hash, h, ts_us, d);
    uint32_t slot = order_next_slot(b, ts_us);
    if (d->refusal == BOOKING_OK && slot == BOOKING_NONE)
        d->refusal = BOOKING_FULL;
    if (d->refusal != BOOKING_OK)
        return;
    d->order = slot;
    int64_t total = units_total(b, h->units, h->count, h->revision);
    uint64_t expires = ts_us + b->s->pay_seconds * TIME_SECOND_US;
    decision_entry(d, BOOKING_ENTRY_order_placed)->order_placed = (struct entry_order_placed){
        .order = slot,
        .order_random = c->order_random,
        .hold = c->hold,
        .session = c->session,
        .email_hash = c->email_hash,
        .person = c->person,
        .contact = c->contact,
        .total_minor = total,
        .expires_at_us = expires > h->expires_at_us ? expires : h->expires_at_us,
        .key = c->key,
        .request = c->request,
    };
    if (total > 0) {
        decision_call(b, d, slot, c->order_random, total, BOOKING_CALL_CREATE, 1);
        return;
    }
    assert(c->ticket_randoms.count >= h->count);
    decision_entry(d, BOOKING_ENTRY_order_sold)->order_sold = (struct entry_order_sold){
        .order = slot,
        .units = {h->units, h->count},
        .randoms = {c->ticket_randoms.data, h->count},
    };
    decision_entry(d, BOOKING_ENTRY_payment_captured)->payment_captured.order = slot;
}

void decide_cancel_order(const struct booking *b, const struct command_cancel_order *c,
                         uint64_t ts_us, struct booking_decision *d)
{
    if (c->order >= b->s->orders_used || b->orders[c->order].random != c->order_random ||
        !hash16_equal(b->orders[c->order].session, c->session)) {
        d->refusal = BOOKING_ORDER_NOT_FOUND;
        return;
    }
    const struct order *o = &b->orders[c->order];
    d->order = c->order;
    if (o->state == BOOKING_ORDER_ENDING || o->state == BOOKING_ORDER_ENDED) {
        d->repeated = true;
        return;
    }
    if (o->state != BOOKING_ORDER_PLACED) {
        d->refusal = BOOKING_ORDER_NOT_CANCELLABLE;
        return;
    }
    if (b->holds[o->hold].expires_at_us <= ts_us) {
        decision_expire(b, o->hold, d);
        return;
    }
    decision_entry(d, BOOKING_ENTRY_order_ended)->order_ended =
        (struct entry_order_ended){.order = c->order, .reason = BOOKING_END_CANCELLED};
    if (o->intent_len > 0)
        decision_call(b, d, c->order, o->random, o->total_minor, BOOKING_CALL_CANCEL, 1);
}

static struct order *order_take_slot(struct booking *b, uint32_t slot)
{
    struct state *s = b->s;
    struct order *o = &b->orders[slot];
    if (slot == s->orders_used) {
        s->orders_used++;
        return o;
    }
    assert(slot == s->order_oldest);
    s->order_oldest = o->next;
    if (s->order_oldest == BOOKING_NONE)
        s->order_newest = BOOKING_NONE;
    if (key_is_set(o->key))
        index_remove(b->order_keys, s->key_mask, b->orders, sizeof(struct order),
                     offsetof(struct order, key), o->key);
    return o;
}

void apply_order_placed(struct booking *b, const struct entry_order_placed *e, uint64_t ts_us)
{
    assert(e->hold < b->s->holds_used && b->holds[e->hold].state == HOLD_LIVE);
    struct hold *h = &b->holds[e->hold];
    struct order *o = order_take_slot(b, e->order);
    memset(o, 0, sizeof *o);
    o->random = e->order_random;
    o->key = e->key;
    o->session = e->session;
    o->email_hash = e->email_hash;
    o->person = e->person;
    o->request = e->request;
    o->total_minor = e->total_minor;
    o->placed_at_us = ts_us;
    o->hold = e->hold;
    o->next = BOOKING_NONE;
    memcpy(o->units, h->units, sizeof o->units);
    o->access = h->code;
    o->access_units = h->code_units;
    o->revision = h->revision;
    o->count = h->count;
    o->state = BOOKING_ORDER_PLACED;
    h->order = e->order;
    h->expires_at_us = e->expires_at_us;
    heap_moved_later(b, e->hold);
    buyer_add(b, o->email_hash, o->count, 0);
    limits_add(b, o->email_hash, o->units, o->count);
    if (key_is_set(o->key))
        index_add(b->order_keys, b->s->key_mask, o->key, e->order);
}

void apply_order_sold(struct booking *b, const struct entry_order_sold *e, uint64_t ts_us,
                      struct booking_touched *touched)
{
    struct order *o = &b->orders[e->order];
    assert(e->order < b->s->orders_used && o->state == BOOKING_ORDER_PLACED);
    assert(e->units.count == o->count && e->randoms.count == o->count);
    apply_hold_end(b, o->hold, HOLD_SOLD, ts_us, touched);
    o->hold = BOOKING_NONE;
    o->state = BOOKING_ORDER_SOLD;
    o->card = e->card;
    if (key_is_set(o->card)) {
        buyer_add(b, o->card, o->count, 0);
        limits_add(b, o->card, o->units, o->count);
    }
    for (uint32_t i = 0; i < o->count; i++) {
        uint32_t unit = o->units[i];
        assert(unit == u32s_at(e->units, i) && unit_state(b, unit) == BOOKING_HELD);
        unit_set(b, unit, BOOKING_SOLD, e->order, touched);
        struct ticket *t = &b->tickets[unit];
        t->random = u64s_at(e->randoms, i);
        t->order = e->order;
        t->serial++;
        t->generation = 1;
        struct booking_price price = unit_price(b, unit, o->revision);
        b->categories[b->info[unit].category].gross_minor += price.price_minor + price.fee_minor;
        b->s->ledger[LEDGER_ORGANISER] -= price.price_minor;
        b->s->ledger[LEDGER_FEES] -= price.fee_minor;
    }
    b->s->ledger[LEDGER_BUYERS] += o->total_minor;
}

/* The provider may still know of a payment that has to be cancelled first. */
static bool order_is_open_at_provider(const struct order *o)
{
    return o->intent_len > 0 || o->call != BOOKING_CALL_NONE;
}

static void order_finish(struct booking *b, uint32_t order, uint64_t ts_us)
{
    struct state *s = b->s;
    struct order *o = &b->orders[order];
    o->state = BOOKING_ORDER_ENDED;
    o->call = BOOKING_CALL_NONE;
    o->ended_at_us = ts_us;
    o->next = BOOKING_NONE;
    if (o->attention)
        return; /* its case is open: the record stays */
    if (s->order_newest == BOOKING_NONE)
        s->order_oldest = order;
    else
        b->orders[s->order_newest].next = order;
    s->order_newest = order;
}

void order_keep(struct booking *b, uint32_t order)
{
    struct state *s = b->s;
    uint32_t before = BOOKING_NONE, at = s->order_oldest;
    for (; at != order; at = b->orders[at].next) {
        assert(at != BOOKING_NONE);
        before = at;
    }
    uint32_t next = b->orders[order].next;
    if (before == BOOKING_NONE)
        s->order_oldest = next;
    else
        b->orders[before].next = next;
    if (s->order_newest == order)
        s->order_newest = before;
    b->orders[order].next = BOOKING_NONE;
}

/* Ends the order for the buyer; its hold has ended or ends in the same entry. */
static void order_end(struct booking *b, uint32_t order, enum booking_end reason, uint64_t ts_us)
{
    struct order *o = &b->orders[order];
    assert(o->state == BOOKING_ORDER_PLACED);
    b->holds[o->hold].order = BOOKING_NONE; /* this slot may be another order's one day */
    o->hold = BOOKING_NONE;
    o->end = (uint8_t)reason;
    o->state = BOOKING_ORDER_ENDING;
    buyer_take(b, o->email_hash, o->count, 0);
    limits_take(b, o->email_hash, o->units, o->count);
    if (!order_is_open_at_provider(o))
        order_finish(b, order, ts_us);
}

void order_hold_expired(struct booking *b, uint32_t order, uint64_t ts_us)
{
    order_end(b, order, BOOKING_END_EXPIRED, ts_us);
}

void apply_order_ended(struct booking *b, const struct entry_order_ended *e, uint64_t ts_us,
                       struct booking_touched *touched)
{
    assert(e->order < b->s->orders_used);
    struct order *o = &b->orders[e->order];
    assert(o->state == BOOKING_ORDER_PLACED);
    apply_hold_end(b, o->hold, HOLD_RELEASED, ts_us, touched);
    if (e->reason == BOOKING_END_FAILED && o->intent_len == 0)
        o->call = BOOKING_CALL_NONE; /* creating it was refused: there is nothing to cancel */
    order_end(b, e->order, (enum booking_end)e->reason, ts_us);
}

void apply_payment_cancelled(struct booking *b, const struct entry_payment_cancelled *e,
                             uint64_t ts_us)
{
    assert(e->order < b->s->orders_used && b->orders[e->order].state == BOOKING_ORDER_ENDING);
    order_finish(b, e->order, ts_us);
}
