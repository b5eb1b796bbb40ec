#include "booking/state.h"

/* From what a buyer asks for to units: named seats, places of areas, or the best there is. */

enum booking_refusal choose_seats(const struct booking *b, const struct view *view,
                                  struct u32s seats, struct booking_decision *d)
{
    for (uint32_t i = 0; i < seats.count; i++) {
        uint32_t unit = u32s_at(seats, i);
        if (unit >= b->s->unit_count || !unit_is_seat(b, unit) || b->info[unit].removed)
            return BOOKING_UNKNOWN_UNIT;
        if (units_have(d->units, i, unit))
            return BOOKING_REPEATED_UNIT;
        d->units[i] = unit;
    }
    for (uint32_t i = 0; i < seats.count; i++)
        if (!view_has(b, view, d->units[i]))
            decision_culprit(d, d->units[i]);
    return d->culprit_count > 0 ? BOOKING_UNIT_UNAVAILABLE : BOOKING_OK;
}

enum booking_refusal choose_areas(const struct booking *b, const struct view *view,
                                  struct u32s areas, struct booking_decision *d)
{
    struct free_bits bits = best_bits(b, view);
    uint32_t chosen = 0;
    for (uint32_t i = 0; i < areas.count; i += 2) {
        uint32_t area = u32s_at(areas, i), quantity = u32s_at(areas, i + 1);
        if (area >= b->s->area_count)
            return BOOKING_UNKNOWN_UNIT;
        for (uint32_t k = 0; k < i; k += 2)
            if (u32s_at(areas, k) == area)
                return BOOKING_REPEATED_UNIT;
        if (best_area_units(b, &bits, area, quantity, d->units + chosen) < quantity)
            return BOOKING_NOT_ENOUGH;
        chosen += quantity;
    }
    return BOOKING_OK;
}

/* The categories asked for whose price today, with the fee that a buyer pays, is in the range. */
static uint64_t categories_in_range(const struct booking *b, const struct command_hold *c,
                                    uint64_t ts_us)
{
    struct booking_price prices[LIMIT_PRICE_CATEGORIES];
    uint64_t categories = 0;
    prices_at(b, ts_us, prices);
    for (uint32_t i = 0; i < b->s->category_count; i++) {
        int64_t fee = b->s->fee_bearer == BOOKING_BEARER_BUYER ? prices[i].fee_minor : 0;
        int64_t total = prices[i].price_minor + fee;
        if ((c->best_categories == 0 || c->best_categories >> i & 1) &&
            (c->best_price_min == 0 || total >= c->best_price_min) &&
            (c->best_price_below == 0 || total < c->best_price_below))
            categories |= 1ull << i;
    }
    return categories;
}

static enum booking_refusal wish_of(const struct booking *b, const struct command_hold *c,
                                    uint64_t ts_us, struct best_wish *ret_wish)
{
    uint64_t known = ~0ull >> (64 - b->s->category_count);
    if (c->best_categories & ~known || c->best_section > b->s->section_count)
        return BOOKING_UNKNOWN_UNIT;
    if (c->best_accessible > c->best_quantity)
        return BOOKING_EMPTY_REQUEST;
    *ret_wish = (struct best_wish){.categories = categories_in_range(b, c, ts_us),
                                   .quantity = c->best_quantity,
                                   .accessible = c->best_accessible,
                                   .section = c->best_section - 1}; /* 0: BOOKING_NONE */
    return ret_wish->categories ? BOOKING_OK : BOOKING_NOT_ENOUGH;
}

static bool areas_count(const struct best_wish *wish)
{
    return wish->section == BOOKING_NONE && wish->accessible == 0;
}

/* No fewer units of the wish's categories than the view has, from what is counted anyway: a house
 * that is sold out is not searched. */
static uint64_t left_at_most(const struct booking *b, const struct view *view,
                             const struct best_wish *wish)
{
    uint64_t left = 0;
    bool only_everybodys = (view->open & ~b->s->released) == 0;
    for (uint32_t i = 0; i < b->s->category_count; i++) {
        const struct category *c = &b->categories[i];
        if (wish->categories >> i & 1)
            left +=
                c->capacity - c->held - c->sold - c->blocked - (only_everybodys ? c->allocated : 0);
    }
    struct expired_walk walk;
    uint32_t hold;
    expired_begin(b, &walk);
    while (left < wish->quantity && (hold = expired_next(b, &walk, view->ts_us)) != BOOKING_NONE)
        for (uint32_t i = 0; i < b->holds[hold].count; i++)
            left += wish->categories >> b->info[b->holds[hold].units[i]].category & 1;
    return left;
}

/* Whether the view has as many units as are wanted, side by side or not. */
static bool enough_left(const struct booking *b, const struct free_bits *bits,
                        const struct best_wish *wish)
{
    uint32_t units[LIMIT_HOLD_UNITS], count = best_count(b, bits, wish);
    for (uint32_t area = 0; areas_count(wish) && area < b->s->area_count; area++)
        if (count < wish->quantity && wish->categories >> b->areas[area].category & 1)
            count += best_area_units(b, bits, area, wish->quantity - count, units);
    return count >= wish->quantity;
}

enum booking_refusal choose_best(const struct booking *b, const struct view *view,
                                 const struct command_hold *c, struct booking_decision *d)
{
    struct best_wish wish;
    enum booking_refusal refusal = wish_of(b, c, view->ts_us, &wish);
    if (refusal != BOOKING_OK)
        return refusal;
    if (left_at_most(b, view, &wish) < wish.quantity)
        return BOOKING_NOT_ENOUGH;
    struct free_bits bits = best_bits(b, view);
    if (best_seats(b, &bits, &wish, d->units, &d->choice))
        return BOOKING_OK;
    if (!enough_left(b, &bits, &wish)) /* seats side by side would have been enough */
        return BOOKING_NOT_ENOUGH;
    d->choice = BOOKING_CHOICE_COMPANIONS;
    if (wish.accessible > 0 && best_companions(b, &bits, &wish, d->units))
        return BOOKING_OK;
    d->choice = BOOKING_CHOICE_AREA;
    for (uint32_t area = 0; areas_count(&wish) && area < b->s->area_count; area++)
        if (wish.categories >> b->areas[area].category & 1 &&
            best_area_units(b, &bits, area, wish.quantity, d->units) == wish.quantity)
            return BOOKING_OK;
    return BOOKING_NOT_ADJACENT;
}
