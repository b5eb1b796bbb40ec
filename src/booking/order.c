#include "booking/state.h"

/* Orders up to the payment: placing, cancelling, ending; the sale itself and what takes it back.
 * What the provider says is in payment.c. */

/* ---- queues of orders, by the time at which they came in ---- */

enum booking_dispute_state order_dispute(const struct booking *b, const struct order *o)
{
    return o->dispute == 0 ? BOOKING_DISPUTE_NONE
                           : (enum booking_dispute_state)b->disputes[o->dispute - 1].state;
}

enum order_queue order_queue(const struct booking *b, const struct order *o)
{
    bool over = !o->attention && o->call == BOOKING_CALL_NONE && refund_due(o) == 0;
    if (o->state == BOOKING_ORDER_SOLD && o->attention)
        return ORDER_QUEUE_CASES;
    if (o->state == BOOKING_ORDER_ENDED && over) /* what was paid back may come back weeks later */
        return order_was_taken(o) ? ORDER_QUEUE_REFUNDED : ORDER_QUEUE_ENDED;
    if (o->state != BOOKING_ORDER_CAPTURED || !over || order_dispute(b, o) == BOOKING_DISPUTE_OPEN)
        return ORDER_QUEUE_NONE;
    for (uint32_t i = 0; i < o->count; i++)
        if (o->refund_of[i] == 0)
            return ORDER_QUEUE_NONE;
    return ORDER_QUEUE_REFUNDED;
}

struct queue_ends {
    uint32_t *oldest, *newest;
};

static struct queue_ends queue_ends(struct state *s, enum order_queue queue)
{
    switch (queue) {
    case ORDER_QUEUE_REFUNDED:
        return (struct queue_ends){&s->orders_refunded_oldest, &s->orders_refunded_newest};
    case ORDER_QUEUE_CASES: return (struct queue_ends){&s->case_oldest, &s->case_newest};
    case ORDER_QUEUE_NONE:
    case ORDER_QUEUE_ENDED: break;
    }
    return (struct queue_ends){&s->order_oldest, &s->order_newest};
}

static void queue_leave(struct booking *b, uint32_t order, enum order_queue queue)
{
    struct queue_ends ends = queue_ends(b->s, queue);
    uint32_t before = BOOKING_NONE, next = b->orders[order].next;
    for (uint32_t at = *ends.oldest; at != order; at = b->orders[at].next) {
        assert(at != BOOKING_NONE);
        before = at;
    }
    if (before == BOOKING_NONE)
        *ends.oldest = next;
    else
        b->orders[before].next = next;
    if (*ends.newest == order)
        *ends.newest = before;
    b->orders[order].next = BOOKING_NONE;
}

/* What a queue rises by. */
static uint64_t queue_time(const struct order *o, enum order_queue queue)
{
    return queue == ORDER_QUEUE_CASES ? o->case_at_us : o->ended_at_us;
}

/* Nearly always behind the last one. */
static void queue_join(struct booking *b, uint32_t order, enum order_queue queue)
{
    struct queue_ends ends = queue_ends(b->s, queue);
    struct order *o = &b->orders[order];
    uint32_t before = *ends.newest, next = BOOKING_NONE;
    if (before != BOOKING_NONE && queue_time(&b->orders[before], queue) > queue_time(o, queue)) {
        before = BOOKING_NONE;
        for (next = *ends.oldest; queue_time(&b->orders[next], queue) < queue_time(o, queue);
             next = b->orders[next].next)
            before = next;
    }
    o->next = next;
    if (before == BOOKING_NONE)
        *ends.oldest = order;
    else
        b->orders[before].next = order;
    if (next == BOOKING_NONE)
        *ends.newest = order;
}

void order_requeue(struct booking *b, uint32_t order, enum order_queue was)
{
    enum order_queue now = order_queue(b, &b->orders[order]);
    if (now == was && now != ORDER_QUEUE_CASES) /* a case's time may be another one */
        return;
    if (was != ORDER_QUEUE_NONE)
        queue_leave(b, order, was);
    if (now != ORDER_QUEUE_NONE)
        queue_join(b, order, now);
}

/* ---- slots ---- */

static uint32_t order_next_slot(const struct booking *b, uint64_t ts_us)
{
    const struct state *s = b->s;
    bool any_ended = s->order_oldest != BOOKING_NONE;
    if (any_ended && (b->orders[s->order_oldest].ended_at_us + KEY_LIFE_US <= ts_us ||
                      s->orders_used == s->order_capacity))
        return s->order_oldest;
    if (s->orders_used < s->order_capacity)
        return s->orders_used;
    return s->orders_refunded_oldest; /* or none */
}

/* What still names an order whose slot becomes another's, and what it left in the books. */
static void order_forget(struct booking *b, uint32_t order)
{
    struct order *o = &b->orders[order];
    struct booking_ledger left;
    ledger_of_order(b, order, &left);
    for (uint32_t i = 0; i < BOOKING_ACCOUNT_COUNT; i++)
        b->s->ledger_closed[i] += left.minor[i];
    for (uint32_t i = 0; o->dispute != 0 && i < b->s->dispute_count; i++)
        if (b->disputes[i].order == order)
            b->disputes[i].order = BOOKING_NONE;
    for (uint32_t i = 0; i < o->count; i++) {
        struct ticket *t = &b->tickets[o->units[i]];
        if (t->random != 0 && t->order == order)
            *t = (struct ticket){.serial = t->serial};
    }
    if (o->hold != BOOKING_NONE && b->holds[o->hold].order == order)
        b->holds[o->hold].order = BOOKING_NONE;
    if (key_is_set(o->key))
        index_remove(b->order_keys, b->s->key_mask, b->orders, sizeof(struct order),
                     offsetof(struct order, key), o->key);
}

static struct order *order_take_slot(struct booking *b, uint32_t slot)
{
    struct state *s = b->s;
    struct order *o = &b->orders[slot];
    if (slot == s->orders_used) {
        s->orders_used++;
        return o;
    }
    assert(slot == s->order_oldest || slot == s->orders_refunded_oldest);
    queue_leave(b, slot, order_queue(b, o));
    order_forget(b, slot);
    return o;
}

/* ---- placing and cancelling ---- */

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
    /* Sold to an order that is no more is as ended as released. */
    if (h->state == HOLD_RELEASED || (h->state == HOLD_SOLD && h->order == BOOKING_NONE))
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
    struct hold_quote quote = hold_quote(h);
    bool is_new = key_is_set(c->promo) && !promo_is_same(b, h->promo, c->promo);
    if (is_new)
        d->refusal = promo_for_hold(b, h, c->promo, ts_us, &quote);
    int64_t total = quote_total(b, h, &quote);
    if (d->refusal == BOOKING_OK && total > 0 && total < c->least_minor)
        d->refusal = BOOKING_TOTAL_TOO_SMALL;
    if (d->refusal == BOOKING_OK)
        d->refusal = limits_check_address(b, c->email_hash, h->units, h->count, ts_us, d);
    uint32_t slot = order_next_slot(b, ts_us);
    if (d->refusal == BOOKING_OK && slot == BOOKING_NONE)
        d->refusal = BOOKING_FULL;
    if (d->refusal != BOOKING_OK)
        return;
    d->order = slot;
    if (is_new)
        decision_quote(c->hold, &quote, d);
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
        .provider = c->provider,
    };
    if (total > 0) {
        struct provider_call call = {.order = slot,
                                     .kind = BOOKING_CALL_CREATE,
                                     .attempt = 1,
                                     .order_random = c->order_random,
                                     .amount_minor = total};
        decision_call(b, d, &call);
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
    if (o->processing) { /* the money is on its way */
        d->refusal = BOOKING_ORDER_NOT_CANCELLABLE;
        return;
    }
    decision_entry(d, BOOKING_ENTRY_order_ended)->order_ended =
        (struct entry_order_ended){.order = c->order, .reason = BOOKING_END_CANCELLED};
    if (o->intent_len > 0) {
        struct provider_call call = provider_call(b, c->order, BOOKING_CALL_CANCEL, 1);
        decision_call(b, d, &call);
    }
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
    memcpy(o->discounts, h->discounts, sizeof o->discounts);
    for (uint32_t i = 0; i < h->count; i++)
        o->categories[i] = b->info[h->units[i]].category;
    o->access = h->code;
    o->access_units = h->code_units;
    o->access_allocation = h->code_allocation;
    o->promo = h->promo;
    o->promo_spent = h->promo_spent;
    o->revision = h->revision;
    o->count = h->count;
    o->state = BOOKING_ORDER_PLACED;
    o->provider = e->provider;
    h->order = e->order;
    h->expires_at_us = e->expires_at_us;
    heap_moved(b, e->hold);
    buyer_add(b, o->email_hash, o->count, 0);
    limits_add(b, o->email_hash, o->units, o->count);
    if (key_is_set(o->key))
        index_add(b->order_keys, b->s->key_mask, o->key, e->order);
}

/* ---- the units of an order ---- */

bool order_has_unit(const struct booking *b, const struct order *o, uint32_t at)
{
    return order_is_sold(o) && at < o->count && o->refund_of[at] == 0 &&
           order_dispute(b, o) != BOOKING_DISPUTE_LOST;
}

uint32_t order_units(const struct booking *b, const struct order *o,
                     uint32_t ret_units[LIMIT_HOLD_UNITS])
{
    uint32_t count = 0;
    for (uint32_t i = 0; i < o->count; i++)
        if (order_has_unit(b, o, i))
            ret_units[count++] = o->units[i];
    return count;
}

struct booking_line order_line(const struct booking *b, const struct order *o, uint32_t at)
{
    return quote_line_of(b, o->categories[at], o->revision, o->discounts[at]);
}

int64_t order_left_minor(const struct booking *b, const struct order *o)
{
    int64_t left = 0;
    for (uint32_t i = 0; i < o->count; i++)
        left += o->refund_of[i] == 0 ? order_line(b, o, i).total_minor : 0;
    return left;
}

static void sell_unit(struct booking *b, uint32_t order, uint32_t at, uint64_t random,
                      struct booking_touched *touched)
{
    const struct order *o = &b->orders[order];
    uint32_t unit = o->units[at];
    struct ticket *t = &b->tickets[unit];
    unit_set(b, unit, BOOKING_SOLD, order, touched);
    t->random = random;
    t->order = order;
    t->serial++;
    t->generation = 1;
    b->categories[o->categories[at]].gross_minor += order_line(b, o, at).total_minor;
}

void order_return_unit(struct booking *b, uint32_t order, uint32_t at,
                       enum booking_unit_state state, struct booking_touched *touched)
{
    struct order *o = &b->orders[order];
    uint32_t unit = o->units[at];
    assert(unit_state(b, unit) == BOOKING_SOLD && unit_owner(b, unit) == order);
    const struct hash16 *whose[] = {&o->session, &o->email_hash, &o->card};
    for (uint32_t i = 0; i < 2u + key_is_set(o->card); i++) {
        buyer_take(b, *whose[i], 1, 0);
        limits_take(b, *whose[i], &unit, 1);
    }
    /* A unit that is sold stays in the allocation that it was taken from. */
    if (o->access_allocation != 0 && b->info[unit].allocation == o->access_allocation) {
        assert(o->access_units > 0 && b->codes[o->access - 1].used > 0);
        o->access_units--;
        b->codes[o->access - 1].used--;
    }
    b->categories[o->categories[at]].gross_minor -= order_line(b, o, at).total_minor;
    unit_set(b, unit, state, 0, touched);
}

/* An order that had ended has its seats again: what its hold and its end gave back counts anew. */
static void seat_again(struct booking *b, struct order *o)
{
    buyer_add(b, o->session, o->count, 0);
    limits_add(b, o->session, o->units, o->count);
    buyer_add(b, o->email_hash, o->count, 0);
    limits_add(b, o->email_hash, o->units, o->count);
    o->access_units = o->access ? code_units(b, o->access, o->units, o->count) : 0;
    o->access_allocation = o->access_units > 0 ? (uint8_t)b->codes[o->access - 1].allocation : 0;
    if (o->access_units > 0)
        b->codes[o->access - 1].used += o->access_units;
    if (o->promo)
        promo_use(b, o->promo, o->promo_spent);
    o->end = 0;
}

void apply_order_sold(struct booking *b, const struct entry_order_sold *e, uint64_t ts_us,
                      struct booking_touched *touched)
{
    struct order *o = &b->orders[e->order];
    assert(e->order < b->s->orders_used && e->units.count == o->count &&
           e->randoms.count == o->count);
    enum order_queue was = order_queue(b, o);
    if (o->state == BOOKING_ORDER_PLACED) {
        apply_hold_end(b, o->hold, HOLD_SOLD, ts_us, touched);
    } else {
        assert(o->state == BOOKING_ORDER_ENDING && o->end == BOOKING_END_EXPIRED);
        seat_again(b, o);
    }
    o->state = BOOKING_ORDER_SOLD;
    o->processing = 0;
    o->card = e->card;
    if (key_is_set(o->card)) {
        buyer_add(b, o->card, o->count, 0);
        limits_add(b, o->card, o->units, o->count);
    }
    for (uint32_t i = 0; i < o->count; i++) {
        assert(o->units[i] == u32s_at(e->units, i));
        sell_unit(b, e->order, i, u64s_at(e->randoms, i), touched);
    }
    order_requeue(b, e->order, was);
}

void apply_order_voided(struct booking *b, const struct entry_order_voided *e,
                        struct booking_touched *touched)
{
    struct order *o = &b->orders[e->order];
    assert(e->order < b->s->orders_used && o->state == BOOKING_ORDER_SOLD);
    enum order_queue was = order_queue(b, o);
    for (uint32_t i = 0; i < o->count; i++) {
        struct ticket *t = &b->tickets[o->units[i]];
        order_return_unit(b, e->order, i, BOOKING_FREE, touched);
        *t = (struct ticket){.serial = t->serial};
    }
    if (o->promo)
        promo_leave(b, o->promo, o->promo_spent);
    if (o->hold != BOOKING_NONE && b->holds[o->hold].order == e->order)
        b->holds[o->hold].order = BOOKING_NONE;
    o->hold = BOOKING_NONE;
    memset(&o->card, 0, sizeof o->card);
    o->state = BOOKING_ORDER_ENDING;
    o->end = BOOKING_END_RELEASED;
    o->call = BOOKING_CALL_NONE;
    order_requeue(b, e->order, was);
}

/* ---- the end ---- */

/* The provider may still know of a payment that has to be cancelled first. */
static bool order_is_open_at_provider(const struct order *o)
{
    return o->intent_len > 0 || o->call != BOOKING_CALL_NONE;
}

void order_finish(struct booking *b, uint32_t order, uint64_t ts_us)
{
    struct order *o = &b->orders[order];
    o->state = BOOKING_ORDER_ENDED;
    o->call = BOOKING_CALL_NONE;
    o->ended_at_us = ts_us;
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
    o->processing = 0;
    buyer_take(b, o->email_hash, o->count, 0);
    limits_take(b, o->email_hash, o->units, o->count);
    if (!order_is_open_at_provider(o))
        order_finish(b, order, ts_us);
    order_requeue(b, order, ORDER_QUEUE_NONE);
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
