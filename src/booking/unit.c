#include "booking/state.h"

static void category_move(struct category *c, enum booking_unit_state state, int step)
{
    uint32_t one = step > 0 ? 1u : ~0u;
    switch (state) {
    case BOOKING_FREE: break;
    case BOOKING_HELD: c->held += one; break;
    case BOOKING_SOLD: c->sold += one; break;
    case BOOKING_BLOCKED: c->blocked += one; break;
    case BOOKING_ALLOCATED: break; /* never stored */
    }
}

static struct area *unit_area(struct booking *b, uint32_t unit)
{
    uint32_t area = booking_unit_area(b, unit);
    return area == BOOKING_NONE ? NULL : &b->areas[area];
}

/* A free unit is in one of two sets: everybody's, or what allocations keep. */
static void unit_mark_free(struct booking *b, uint32_t unit, bool now_free)
{
    uint32_t position = b->unit_position[unit];
    bool everybodys = unit_in(b, unit, b->s->released);
    uint64_t *set = everybodys ? b->free : b->allocated;
    if (now_free)
        bits_set(set, position);
    else
        bits_clear(set, position);
    if (!everybodys) {
        b->categories[b->info[unit].category].allocated += now_free ? 1u : ~0u;
        return;
    }
    struct area *area = unit_area(b, unit);
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

static void unit_touch(struct booking_touched *touched, uint32_t unit)
{
    if (!touched || touched->all)
        return;
    if (touched->count == BOOKING_TOUCHED_MAX)
        touched->all = true;
    else
        touched->units[touched->count++] = unit;
}

void unit_set(struct booking *b, uint32_t unit, enum booking_unit_state state, uint32_t owner,
              struct booking_touched *touched)
{
    assert(unit < b->s->unit_count && owner <= UNIT_OWNER_MASK && state <= BOOKING_BLOCKED);
    enum booking_unit_state was = unit_state(b, unit);
    struct category *category = &b->categories[b->info[unit].category];
    category_move(category, was, -1);
    category_move(category, state, 1);
    if ((was == BOOKING_FREE) != (state == BOOKING_FREE))
        unit_mark_free(b, unit, state == BOOKING_FREE);
    b->units[unit] = (uint32_t)state << UNIT_STATE_SHIFT | owner;
    unit_touch(touched, unit);
}

void unit_move(struct booking *b, uint32_t unit, uint32_t allocation,
               struct booking_touched *touched)
{
    bool is_free = unit_state(b, unit) == BOOKING_FREE;
    if (is_free)
        unit_mark_free(b, unit, false);
    b->info[unit].allocation = (uint8_t)allocation;
    if (is_free)
        unit_mark_free(b, unit, true);
    unit_touch(touched, unit);
}

void unit_released(struct booking *b, uint32_t unit, struct booking_touched *touched)
{
    if (unit_state(b, unit) != BOOKING_FREE)
        return;
    bits_clear(b->allocated, b->unit_position[unit]);
    b->categories[b->info[unit].category].allocated--;
    unit_mark_free(b, unit, true);
    unit_touch(touched, unit);
}
