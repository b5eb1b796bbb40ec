#include "booking/state.h"

/* Holding seats and areas, all or nothing; releasing; the end of a hold. */

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

/* What the expired but unswept holds of a session still count for. */
static void session_expired(const struct booking *b, struct hash16 session, uint64_t ts_us,
                            uint32_t *ret_units, uint32_t *ret_holds)
{
    struct expired_walk walk;
    uint32_t units = 0, holds = 0, hold;
    expired_begin(b, &walk);
    while ((hold = expired_next(b, &walk, ts_us)) != BOOKING_NONE) {
        if (hash16_equal(b->holds[hold].session, session)) {
            units += b->holds[hold].count;
            holds++;
        }
    }
    *ret_units = units;
    *ret_holds = holds;
}

static enum booking_refusal check_buyer(const struct booking *b, struct hash16 session,
                                        uint32_t quantity, uint64_t ts_us)
{
    const struct buyer *buyer = buyer_find(b, session);
    if (!buyer)
        return !buyer_room(b, 1)            ? BOOKING_FULL
               : quantity > b->s->per_buyer ? BOOKING_BUYER_LIMIT
                                            : BOOKING_OK;
    uint32_t units = buyer->units, holds = buyer->holds;
    if (holds >= LIMIT_SESSION_HOLDS || units + quantity > b->s->per_buyer) {
        uint32_t gone_units, gone_holds;
        session_expired(b, session, ts_us, &gone_units, &gone_holds);
        units -= gone_units;
        holds -= gone_holds;
    }
    if (holds >= LIMIT_SESSION_HOLDS)
        return BOOKING_SESSION_LIMIT;
    return units + quantity > b->s->per_buyer ? BOOKING_BUYER_LIMIT : BOOKING_OK;
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

static enum booking_refusal choose_seats(const struct booking *b, struct u32s seats, uint64_t ts_us,
                                         struct booking_decision *d)
{
    for (uint32_t i = 0; i < seats.count; i++) {
        uint32_t unit = u32s_at(seats, i);
        if (unit >= b->s->seat_count)
            return BOOKING_UNKNOWN_UNIT;
        for (uint32_t k = 0; k < i; k++)
            if (d->units[k] == unit)
                return BOOKING_REPEATED_UNIT;
        d->units[i] = unit;
    }
    for (uint32_t i = 0; i < seats.count; i++)
        if (!unit_is_free(b, d->units[i], ts_us))
            d->culprits[d->culprit_count++] = d->units[i];
    return d->culprit_count > 0 ? BOOKING_UNIT_UNAVAILABLE : BOOKING_OK;
}

static enum booking_refusal choose_areas(const struct booking *b, struct u32s areas, uint64_t ts_us,
                                         struct booking_decision *d)
{
    uint32_t chosen = 0;
    for (uint32_t i = 0; i < areas.count; i += 2) {
        uint32_t area = u32s_at(areas, i), quantity = u32s_at(areas, i + 1);
        if (area >= b->s->area_count)
            return BOOKING_UNKNOWN_UNIT;
        for (uint32_t k = 0; k < i; k += 2)
            if (u32s_at(areas, k) == area)
                return BOOKING_REPEATED_UNIT;
        const uint64_t *bits =
            b->areas[area].available >= quantity ? b->free : best_free_bits(b, ts_us);
        if (best_area_units(b, bits, area, quantity, d->units + chosen) < quantity)
            return BOOKING_NOT_ENOUGH;
        chosen += quantity;
    }
    return BOOKING_OK;
}

/* Free units of a category, with those of holds that ran out. */
static uint32_t category_left(const struct booking *b, uint32_t category, uint64_t ts_us)
{
    struct expired_walk walk;
    uint32_t left = booking_category_counts(b, category).available, hold;
    expired_begin(b, &walk);
    while ((hold = expired_next(b, &walk, ts_us)) != BOOKING_NONE)
        for (uint32_t i = 0; i < b->holds[hold].count; i++)
            left += b->unit_category[b->holds[hold].units[i]] == category;
    return left;
}

static enum booking_refusal choose_best(const struct booking *b, uint32_t category,
                                        uint32_t quantity, uint64_t ts_us,
                                        struct booking_decision *d)
{
    if (category >= b->s->category_count)
        return BOOKING_UNKNOWN_UNIT;
    if (category_left(b, category, ts_us) < quantity)
        return BOOKING_NOT_ENOUGH;
    const uint64_t *bits = best_free_bits(b, ts_us);
    if (best_seats(b, bits, category, quantity, d->units))
        return BOOKING_OK;
    for (uint32_t area = 0; area < b->s->area_count; area++)
        if (b->areas[area].category == category &&
            best_area_units(b, bits, area, quantity, d->units) == quantity)
            return BOOKING_OK;
    return BOOKING_NOT_ADJACENT;
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
    d->repeated = true;
    return true;
}

static enum booking_refusal hold_choose(const struct booking *b, const struct command_hold *c,
                                        uint64_t ts_us, struct booking_decision *d,
                                        uint32_t *ret_count)
{
    enum booking_refusal refusal = booking_sale_state(b, ts_us);
    if (refusal != BOOKING_OK)
        return refusal;
    uint64_t quantity;
    if (!hold_quantity(c, &quantity))
        return BOOKING_EMPTY_REQUEST;
    if (quantity > b->s->per_hold)
        return BOOKING_HOLD_LIMIT;
    uint32_t count = (uint32_t)quantity;
    refusal = check_buyer(b, c->session, count, ts_us);
    if (refusal != BOOKING_OK)
        return refusal;
    if (c->seats.count > 0)
        refusal = choose_seats(b, c->seats, ts_us, d);
    else if (c->areas.count > 0)
        refusal = choose_areas(b, c->areas, ts_us, d);
    else
        refusal = choose_best(b, c->best_category, count, ts_us, d);
    if (refusal == BOOKING_OK)
        *ret_count = count;
    return refusal;
}

void decide_hold(const struct booking *b, const struct command_hold *c, uint64_t ts_us,
                 struct booking_decision *d)
{
    if (hold_repeated(b, c, d))
        return;
    uint32_t count = 0;
    d->refusal = hold_choose(b, c, ts_us, d, &count);
    if (d->refusal != BOOKING_OK)
        return;
    uint32_t slot = hold_next_slot(b, ts_us);
    if (slot == BOOKING_NONE) {
        d->refusal = BOOKING_FULL;
        return;
    }
    sort_units(d->units, count);
    for (uint32_t i = 0; i < count; i++)
        if (unit_state(b, d->units[i]) == BOOKING_HELD)
            decision_expire(b, unit_owner(b, d->units[i]), d);
    d->hold = slot;
    decision_entry(d, BOOKING_ENTRY_units_held)->units_held = (struct entry_units_held){
        .hold = slot,
        .hold_random = c->hold_random,
        .session = c->session,
        .expires_at_us = ts_us + b->s->hold_seconds * TIME_SECOND_US,
        .units = {d->units, count},
        .key = c->key,
        .request = c->request,
    };
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

void apply_units_held(struct booking *b, const struct entry_units_held *e,
                      struct booking_touched *touched)
{
    assert(e->units.count >= 1 && e->units.count <= LIMIT_HOLD_UNITS && e->hold_random != 0);
    struct hold *h = hold_take_slot(b, e->hold);
    *h = (struct hold){
        .random = e->hold_random,
        .key = e->key,
        .session = e->session,
        .request = e->request,
        .expires_at_us = e->expires_at_us,
        .order = BOOKING_NONE,
        .next = BOOKING_NONE,
        .revision = (uint16_t)b->s->revision,
        .state = HOLD_LIVE,
        .count = (uint8_t)e->units.count,
    };
    for (uint32_t i = 0; i < e->units.count; i++) {
        h->units[i] = u32s_at(e->units, i);
        assert(unit_state(b, h->units[i]) == BOOKING_FREE);
        unit_set(b, h->units[i], BOOKING_HELD, e->hold, touched);
    }
    heap_push(b, e->hold);
    buyer_add(b, h->session, h->count, 1);
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
        buyer_take(b, h->session, 0, 1); /* the units stay counted: they are bought */
    } else {
        for (uint32_t i = 0; i < h->count; i++)
            unit_set(b, h->units[i], BOOKING_FREE, 0, touched);
        buyer_take(b, h->session, h->count, 1);
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
