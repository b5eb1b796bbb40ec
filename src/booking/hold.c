#include "booking/state.h"

/* Holding units, all or nothing; releasing; the end of a hold. Which units: choose.c. */

/* The slot that the next hold gets: a new one while ended ones are young enough that their
 * idempotency keys count, else the one that ended first. */
static uint32_t hold_next_slot(const struct booking *b, uint64_t ts_us)
{
    const struct state *s = b->s;
    bool any_ended = s->hold_oldest != BOOKING_NONE;
    if (any_ended && (b->holds[s->hold_oldest].expires_at_us + KEY_LIFE_US <= ts_us ||
                      s->holds_used == s->hold_capacity))
        return s->hold_oldest;
    return s->holds_used < s->hold_capacity ? s->holds_used : BOOKING_NONE;
}

/* Units asked for, before anything is looked up; false: the request itself makes no sense. */
static bool hold_quantity(const struct command_hold *c, uint64_t *ret_quantity)
{
    if ((c->seats.count > 0) + (c->areas.count > 0) + (c->best_quantity > 0) != 1)
        return false;
    uint64_t quantity = (uint64_t)c->seats.count + c->best_quantity;
    if (c->areas.count % 2 != 0)
        return false;
    for (uint32_t i = 0; i < c->areas.count; i += 2) {
        if (u32s_at(c->areas, i + 1) == 0)
            return false;
        quantity += u32s_at(c->areas, i + 1);
    }
    *ret_quantity = quantity;
    return true;
}

/* An earlier request with this key: true when the decision is made by it. */
static bool hold_repeated(const struct booking *b, const struct command_hold *c,
                          struct booking_decision *d)
{
    if (!key_is_set(c->key))
        return false;
    uint32_t hold = hold_by_key(b, c->key), order = order_by_key(b, c->key);
    if (hold == BOOKING_NONE && order == BOOKING_NONE)
        return false;
    if (hold == BOOKING_NONE || b->holds[hold].request != c->request) {
        d->refusal = BOOKING_IDEMPOTENCY_MISMATCH;
        return true;
    }
    d->hold = hold;
    d->choice = b->holds[hold].choice;
    d->repeated = true;
    return true;
}

/* Which units, as the request wants them; then what they may be together. */
static enum booking_refusal hold_choose(const struct booking *b, const struct command_hold *c,
                                        const struct view *view, uint32_t count,
                                        struct booking_decision *d)
{
    if (c->best_quantity > 0)
        return choose_best(b, view, c, d);
    if (c->areas.count > 0)
        return choose_areas(b, view, c->areas, d);
    enum booking_refusal refusal = choose_seats(b, view, c->seats, d);
    return refusal == BOOKING_OK ? party_check(b, view, d->units, count, d) : refusal;
}

static enum booking_refusal hold_check(const struct booking *b, const struct command_hold *c,
                                       uint64_t ts_us, struct booking_decision *d,
                                       struct audience *ret_audience, uint32_t *ret_count)
{
    enum booking_refusal refusal = audience_find(b, c->code, ts_us, ret_audience);
    if (refusal != BOOKING_OK)
        return refusal;
    uint64_t quantity;
    if (!hold_quantity(c, &quantity))
        return BOOKING_EMPTY_REQUEST;
    if (quantity > b->s->per_hold)
        return BOOKING_HOLD_LIMIT;
    *ret_count = (uint32_t)quantity;
    refusal = limits_check_session(b, c->session, *ret_count, NULL, ts_us);
    if (refusal != BOOKING_OK)
        return refusal;
    struct view view = {ret_audience->open, ret_audience->allocation, BOOKING_NONE, false, ts_us};
    refusal = hold_choose(b, c, &view, *ret_count, d);
    if (refusal != BOOKING_OK)
        return refusal;
    struct wanted wanted = {c->session, ret_audience, d->units, *ret_count, NULL};
    return limits_check(b, &wanted, ts_us, d);
}

void hold_make_way(const struct booking *b, uint32_t count, uint32_t own, uint64_t ts_us,
                   struct booking_decision *d)
{
    decision_release_due(b, ts_us, d);
    sort_units(d->units, count);
    for (uint32_t i = 0; i < count; i++)
        if (unit_state(b, d->units[i]) == BOOKING_HELD && unit_owner(b, d->units[i]) != own)
            decision_expire_once(b, unit_owner(b, d->units[i]), d);
}

void decide_hold(const struct booking *b, const struct command_hold *c, uint64_t ts_us,
                 struct booking_decision *d)
{
    if (hold_repeated(b, c, d))
        return;
    struct audience audience;
    uint32_t count = 0, slot = hold_next_slot(b, ts_us);
    d->refusal = hold_check(b, c, ts_us, d, &audience, &count);
    if (d->refusal == BOOKING_OK && slot == BOOKING_NONE)
        d->refusal = BOOKING_FULL;
    if (d->refusal != BOOKING_OK)
        return;
    struct booking_price prices[LIMIT_PRICE_CATEGORIES];
    struct hold_quote quote;
    hold_make_way(b, count, BOOKING_NONE, ts_us, d);
    decision_step(b, NULL, ts_us, d);
    prices_at(b, ts_us, prices);
    quote_units(b, d->units, count, prices, 0, &quote);
    d->hold = slot;
    struct entry_units_held *e = &decision_entry(d, BOOKING_ENTRY_units_held)->units_held;
    e->hold = slot;
    e->hold_random = c->hold_random;
    e->session = c->session;
    e->expires_at_us = ts_us + b->s->hold_seconds * TIME_SECOND_US;
    e->units = (struct u32s){d->units, count};
    e->key = c->key;
    e->request = c->request;
    e->code = audience.code;
    e->choice = d->choice;
    e->discounts = quote_discounts(&quote, d);
}

void decide_release_hold(const struct booking *b, const struct command_release_hold *c,
                         uint64_t ts_us, struct booking_decision *d)
{
    if (c->hold >= b->s->holds_used || b->holds[c->hold].random != c->hold_random ||
        !hash16_equal(b->holds[c->hold].session, c->session)) {
        d->refusal = BOOKING_HOLD_NOT_FOUND;
        return;
    }
    const struct hold *h = &b->holds[c->hold];
    d->hold = c->hold;
    d->repeated = h->state != HOLD_LIVE;
    if (d->repeated)
        return;
    if (h->expires_at_us <= ts_us)
        decision_expire(b, c->hold, d);
    else if (h->order != BOOKING_NONE)
        d->refusal = BOOKING_HOLD_ORDERED;
    else
        decision_entry(d, BOOKING_ENTRY_hold_released)->hold_released.hold = c->hold;
}

enum booking_refusal hold_check_open(const struct booking *b, uint32_t hold, uint64_t hold_random,
                                     struct hash16 session, uint64_t ts_us)
{
    if (hold >= b->s->holds_used || b->holds[hold].random != hold_random ||
        !hash16_equal(b->holds[hold].session, session))
        return BOOKING_HOLD_NOT_FOUND;
    const struct hold *h = &b->holds[hold];
    if (h->state == HOLD_EXPIRED || (h->state == HOLD_LIVE && h->expires_at_us <= ts_us))
        return BOOKING_HOLD_EXPIRED;
    if (h->state != HOLD_LIVE)
        return BOOKING_HOLD_ENDED;
    return h->order != BOOKING_NONE ? BOOKING_HOLD_ORDERED : BOOKING_OK;
}

#define EXTENSION_SECONDS 600u /* at most */

void decide_extend_hold(const struct booking *b, const struct command_extend_hold *c,
                        uint64_t ts_us, struct booking_decision *d)
{
    d->refusal = hold_check_open(b, c->hold, c->hold_random, c->session, ts_us);
    if (d->refusal != BOOKING_OK)
        return;
    const struct hold *h = &b->holds[c->hold];
    d->hold = c->hold;
    d->repeated = h->extended != 0;
    if (d->repeated)
        return;
    if (c->seconds == 0 || c->seconds > EXTENSION_SECONDS)
        d->refusal = BOOKING_BAD_CHANGE;
    else
        decision_entry(d, BOOKING_ENTRY_hold_extended)->hold_extended =
            (struct entry_hold_extended){c->hold, h->expires_at_us + c->seconds * TIME_SECOND_US};
}

void apply_hold_extended(struct booking *b, const struct entry_hold_extended *e)
{
    assert(e->hold < b->s->holds_used && b->holds[e->hold].state == HOLD_LIVE);
    b->holds[e->hold].extended = 1;
    b->holds[e->hold].expires_at_us = e->expires_at_us;
    heap_moved(b, e->hold);
}

/* Takes the slot that hold_next_slot gave. */
static struct hold *hold_take_slot(struct booking *b, uint32_t slot)
{
    struct state *s = b->s;
    struct hold *h = &b->holds[slot];
    if (slot == s->holds_used) {
        s->holds_used++;
        return h;
    }
    assert(slot == s->hold_oldest);
    s->hold_oldest = h->next;
    if (s->hold_oldest == BOOKING_NONE)
        s->hold_newest = BOOKING_NONE;
    if (key_is_set(h->key))
        index_remove(b->hold_keys, s->key_mask, b->holds, sizeof(struct hold),
                     offsetof(struct hold, key), h->key);
    return h;
}

void hold_use_code(struct booking *b, struct hold *h, uint32_t code)
{
    h->code = code;
    if (code == 0)
        return;
    h->code_units = (uint8_t)code_units(b, code, h->units, h->count);
    h->code_allocation = h->code_units > 0 ? (uint8_t)b->codes[code - 1].allocation : 0;
    b->codes[code - 1].used += h->code_units;
}

void hold_leave_code(struct booking *b, struct hold *h)
{
    if (h->code_units == 0)
        return;
    assert(b->codes[h->code - 1].used >= h->code_units);
    b->codes[h->code - 1].used -= h->code_units;
    h->code_units = 0;
    h->code_allocation = 0;
}

void apply_units_held(struct booking *b, const struct entry_units_held *e,
                      struct booking_touched *touched)
{
    assert(e->units.count >= 1 && e->units.count <= LIMIT_HOLD_UNITS && e->hold_random != 0);
    struct hold *h = hold_take_slot(b, e->hold);
    h->random = e->hold_random;
    h->key = e->key;
    h->session = e->session;
    h->request = e->request;
    h->expires_at_us = e->expires_at_us;
    h->order = BOOKING_NONE;
    h->next = BOOKING_NONE;
    h->revision = (uint16_t)b->s->revision;
    h->state = HOLD_LIVE;
    h->count = (uint8_t)e->units.count;
    h->code_units = 0;
    h->code_allocation = 0;
    h->choice = e->choice;
    h->extended = 0;
    h->promo = 0; /* of a hold that ended, and gave it back or sold with it */
    h->promo_spent = 0;
    memset(h->units + h->count, 0, (LIMIT_HOLD_UNITS - h->count) * sizeof *h->units);
    for (uint32_t i = 0; i < e->units.count; i++) {
        h->units[i] = u32s_at(e->units, i);
        assert(unit_state(b, h->units[i]) == BOOKING_FREE);
        unit_set(b, h->units[i], BOOKING_HELD, e->hold, touched);
    }
    hold_set_quote(b, h, e->discounts, 0, 0);
    heap_push(b, e->hold);
    hold_use_code(b, h, e->code);
    buyer_add(b, h->session, h->count, 1);
    limits_add(b, h->session, h->units, h->count);
    if (key_is_set(h->key))
        index_add(b->hold_keys, b->s->key_mask, h->key, e->hold);
}

void apply_hold_end(struct booking *b, uint32_t hold, enum hold_state how, uint64_t ts_us,
                    struct booking_touched *touched)
{
    struct state *s = b->s;
    assert(hold < s->holds_used && b->holds[hold].state == HOLD_LIVE);
    struct hold *h = &b->holds[hold];
    heap_remove(b, hold);
    if (how == HOLD_SOLD) {
        buyer_take(b, h->session, 0, 1); /* units and promo code stay counted: they are bought */
    } else {
        for (uint32_t i = 0; i < h->count; i++)
            unit_set(b, h->units[i], BOOKING_FREE, 0, touched);
        buyer_take(b, h->session, h->count, 1);
        limits_take(b, h->session, h->units, h->count);
        hold_leave_code(b, h);
        promo_leave(b, h->promo, h->promo_spent);
    }
    h->state = (uint8_t)how;
    h->expires_at_us = ts_us;
    h->next = BOOKING_NONE;
    if (s->hold_newest == BOOKING_NONE)
        s->hold_oldest = hold;
    else
        b->holds[s->hold_newest].next = hold;
    s->hold_newest = hold;
}
