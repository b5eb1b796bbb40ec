#include "booking/state.h"

/* Other seats instead of those a hold has, in one step: nothing is given back before the new ones
 * are sure. Its time, its price list and its key stay. */

static enum booking_refusal check_changeable(const struct booking *b,
                                             const struct command_change_hold *c, uint64_t ts_us)
{
    enum booking_refusal refusal = hold_check_open(b, c->hold, c->hold_random, c->session, ts_us);
    if (refusal != BOOKING_OK)
        return refusal;
    const struct hold *h = &b->holds[c->hold];
    for (uint32_t i = 0; i < h->count; i++)
        if (!unit_is_seat(b, h->units[i]))
            return BOOKING_HOLD_FIXED;
    return BOOKING_OK;
}

/* Exactly what it has, in whatever order. */
static bool asks_for_the_same(const struct hold *h, struct u32s seats)
{
    if (seats.count != h->count)
        return false;
    for (uint32_t i = 0; i < seats.count; i++) {
        if (!units_have(h->units, h->count, u32s_at(seats, i)))
            return false;
        for (uint32_t k = 0; k < i; k++)
            if (u32s_at(seats, k) == u32s_at(seats, i))
                return false;
    }
    return true;
}

/* The code that the hold has from now on, and whether it only keeps the one it has. One that was
 * revoked since is none: its buyer did not name it now, and shall hear nothing of it. */
static struct hash16 code_of_change(const struct booking *b, const struct command_change_hold *c,
                                    bool *ret_keeps)
{
    const struct hold *h = &b->holds[c->hold];
    const struct code *has = h->code != 0 ? &b->codes[h->code - 1] : NULL;
    *ret_keeps = !key_is_set(c->code) || (has && hash16_equal(has->hash, c->code));
    return !key_is_set(c->code) && has && has->allocation != 0 ? has->hash : c->code;
}

static enum booking_refusal check_seats(const struct booking *b,
                                        const struct command_change_hold *c, uint64_t ts_us,
                                        struct booking_decision *d, struct audience *ret_audience)
{
    const struct hold *h = &b->holds[c->hold];
    bool keeps;
    struct hash16 code = code_of_change(b, c, &keeps);
    enum booking_refusal refusal = audience_find(b, code, ts_us, ret_audience);
    if (refusal != BOOKING_OK)
        return refusal;
    if (c->seats.count == 0)
        return BOOKING_EMPTY_REQUEST;
    if (c->seats.count > b->s->per_hold)
        return BOOKING_HOLD_LIMIT;
    refusal = limits_check_session(b, c->session, c->seats.count, h, ts_us);
    struct view view = {ret_audience->open, ret_audience->allocation, c->hold, keeps, ts_us};
    if (refusal == BOOKING_OK)
        refusal = choose_seats(b, &view, c->seats, d);
    if (refusal == BOOKING_OK)
        refusal = party_check(b, &view, d->units, c->seats.count, d);
    if (refusal != BOOKING_OK)
        return refusal;
    struct wanted wanted = {c->session, ret_audience, d->units, c->seats.count, h};
    return limits_check(b, &wanted, ts_us, d);
}

/* Quoted anew, with its promo code if that may still be used for it. */
static struct hold_quote quote_of_change(const struct booking *b, const struct hold *h,
                                         const uint32_t *units, uint32_t count, uint64_t ts_us)
{
    struct hold_quote quote;
    if (promo_quote(b, h, units, count, h->promo, ts_us, &quote) != BOOKING_OK)
        (void)promo_quote(b, h, units, count, 0, ts_us, &quote);
    return quote;
}

void decide_change_hold(const struct booking *b, const struct command_change_hold *c,
                        uint64_t ts_us, struct booking_decision *d)
{
    struct audience audience;
    d->refusal = check_changeable(b, c, ts_us);
    if (d->refusal != BOOKING_OK)
        return;
    d->hold = c->hold;
    d->repeated = asks_for_the_same(&b->holds[c->hold], c->seats);
    if (d->repeated) {
        d->choice = b->holds[c->hold].choice;
        return;
    }
    d->refusal = check_seats(b, c, ts_us, d, &audience);
    if (d->refusal != BOOKING_OK)
        return;
    hold_make_way(b, c->seats.count, c->hold, ts_us, d);
    struct hold_quote quote =
        quote_of_change(b, &b->holds[c->hold], d->units, c->seats.count, ts_us);
    decision_entry(d, BOOKING_ENTRY_hold_changed)->hold_changed =
        (struct entry_hold_changed){.hold = c->hold,
                                    .units = {d->units, c->seats.count},
                                    .code = audience.code,
                                    .discounts = quote_discounts(&quote, d),
                                    .promo = quote.promo,
                                    .promo_spent = quote.promo_spent};
}

void apply_hold_changed(struct booking *b, const struct entry_hold_changed *e,
                        struct booking_touched *touched)
{
    assert(e->hold < b->s->holds_used && b->holds[e->hold].state == HOLD_LIVE);
    assert(e->units.count >= 1 && e->units.count <= LIMIT_HOLD_UNITS);
    struct hold *h = &b->holds[e->hold];
    struct hold was = *h;
    hold_leave_code(b, h);
    h->count = (uint8_t)e->units.count;
    h->choice = BOOKING_CHOICE_BUYERS;
    memset(h->units, 0, sizeof h->units); /* the image does not remember what is gone */
    for (uint32_t i = 0; i < h->count; i++)
        h->units[i] = u32s_at(e->units, i);
    hold_set_quote(b, h, e->discounts, e->promo, e->promo_spent);
    for (uint32_t i = 0; i < was.count; i++)
        if (!units_have(h->units, h->count, was.units[i]))
            unit_set(b, was.units[i], BOOKING_FREE, 0, touched);
    for (uint32_t i = 0; i < h->count; i++) {
        if (units_have(was.units, was.count, h->units[i]))
            continue;
        assert(unit_state(b, h->units[i]) == BOOKING_FREE);
        unit_set(b, h->units[i], BOOKING_HELD, e->hold, touched);
    }
    hold_use_code(b, h, e->code);
    buyer_add(b, h->session, h->count, 0);
    buyer_take(b, h->session, was.count, 0);
    limits_add(b, h->session, h->units, h->count);
    limits_take(b, h->session, was.units, was.count);
}
