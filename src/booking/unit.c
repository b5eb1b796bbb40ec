#include "booking/state.h"

static void category_move(struct category *c, enum booking_unit_state state, int step)
{
    uint32_t one = step > 0 ? 1u : ~0u;
    switch (state) {
    case BOOKING_FREE: break;
    case BOOKING_HELD: c->held += one; break;
    case BOOKING_SOLD: c->sold += one; break;
    case BOOKING_BLOCKED: c->blocked += one; break;
    }
}

static struct area *unit_area(struct booking *b, uint32_t unit)
{
    uint32_t area = booking_unit_area(b, unit);
    return area == BOOKING_NONE ? NULL : &b->areas[area];
}

static void unit_mark_free(struct booking *b, uint32_t unit, bool now_free)
{
    uint32_t position = unit_position(b, unit);
    uint64_t bit = 1ull << (position & 63);
    struct area *area = unit_area(b, unit);
    if (now_free)
        b->free[position / 64] |= bit;
    else
        b->free[position / 64] &= ~bit;
    if (!area)
        return;
    uint32_t at = unit - area->first;
    if (now_free) {
        area->available++;
        if (at < area->hint)
            area->hint = at;
    } else {
        area->available--;
        if (at == area->hint)
            area->hint++;
    }
}

void unit_set(struct booking *b, uint32_t unit, enum booking_unit_state state, uint32_t owner,
              struct booking_touched *touched)
{
    assert(unit < b->s->unit_count && owner <= UNIT_OWNER_MASK);
    enum booking_unit_state was = unit_state(b, unit);
    struct category *category = &b->categories[b->unit_category[unit]];
    category_move(category, was, -1);
    category_move(category, state, 1);
    if ((was == BOOKING_FREE) != (state == BOOKING_FREE))
        unit_mark_free(b, unit, state == BOOKING_FREE);
    b->units[unit] = (uint32_t)state << UNIT_STATE_SHIFT | owner;
    if (!touched || touched->all)
        return;
    if (touched->count == BOOKING_TOUCHED_MAX)
        touched->all = true;
    else
        touched->units[touched->count++] = unit;
}

struct booking_price unit_price(const struct booking *b, uint32_t unit, uint32_t revision)
{
    return b->prices[revision * b->s->category_count + b->unit_category[unit]];
}
