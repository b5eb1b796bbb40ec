#include "booking/inventory.h"
#include "model/house.h"

#include <stdlib.h>

/* A new house from its plan, and another plan for it. */

static void read_plan(struct model *m, const struct inventory *v, struct u32s units)
{
    for (uint32_t i = 0; i < m->unit_count; i++) {
        struct unit *u = &m->units[i];
        u->seat = u->place = u->companion_of = BOOKING_NONE;
        u->kind = u->group = 0;
    }
    m->seat_count = v->seat_count;
    m->section_count = v->section_count;
    free(m->line);
    m->line = house_grow(NULL, m->seat_count, sizeof *m->line);
#define UNIT(seat) u32s_at(units, (seat))
    for (uint32_t seat = 0; seat < v->seat_count; seat++) {
        struct unit *u = &m->units[UNIT(seat)];
        u->seat = seat;
        u->category = (unsigned char)v->categories[seat];
        u->cost = inventory_word(v->costs, seat);
    }
    for (uint32_t block = 0, place = 0; block < v->block_count; block++)
        for (uint32_t n = inventory_word(v->blocks, 2 * block + 1); n > 0; n--, place++) {
            struct unit *u = &m->units[UNIT(inventory_word(v->seats, place))];
            u->place = place;
            u->block = block;
            u->section = inventory_word(v->blocks, 2 * block);
            m->line[place] = UNIT(inventory_word(v->seats, place));
        }
    for (uint32_t i = 0; i < v->special_count; i++) {
        struct unit *u = &m->units[UNIT(inventory_word(v->specials, 3 * i))];
        uint32_t of = inventory_word(v->specials, 3 * i + 2);
        u->kind = inventory_word(v->specials, 3 * i + 1);
        u->companion_of = of == INVENTORY_NO_SEAT ? BOOKING_NONE : UNIT(of);
    }
    for (uint32_t group = 0, at = 0; group < v->group_count; group++)
        for (uint32_t n = inventory_word(v->groups, group); n > 0; n--, at++)
            m->units[UNIT(inventory_word(v->grouped, at))].group = group + 1;
    for (uint32_t i = 0; i < m->unit_count; i++) { /* in no plan any more */
        struct unit *u = &m->units[i];
        if (u->seat != BOOKING_NONE || u->area != BOOKING_NONE)
            continue;
        u->removed = true;
        u->state = BOOKING_BLOCKED;
        u->allocation = 0;
    }
}

/* Held by a live hold or sold. */
static bool is_taken(const struct model *m, uint32_t unit)
{
    return unit < m->unit_count && !house_is_free_or_blocked(m, unit);
}

static bool same_owner(const struct model *m, uint32_t a, uint32_t b)
{
    return b < m->unit_count && m->units[a].state == m->units[b].state &&
           m->units[a].owner == m->units[b].owner;
}

/* Nobody's seat goes, changes its price or gets company that its owner does not have. */
static void check_owners(struct model *m, const struct inventory *v, struct u32s units)
{
    for (uint32_t unit = 0; unit < m->unit_count; unit++) {
        bool stays = m->units[unit].area != BOOKING_NONE;
        for (uint32_t seat = 0; seat < v->seat_count && !stays; seat++)
            stays = UNIT(seat) == unit;
        if (!stays && is_taken(m, unit))
            house_culprit(m, unit);
    }
    for (uint32_t seat = 0; seat < v->seat_count; seat++)
        if (is_taken(m, UNIT(seat)) &&
            m->units[UNIT(seat)].category != (unsigned char)v->categories[seat])
            house_culprit(m, UNIT(seat));
    if (m->out->culprit_count > 0)
        return;
    for (uint32_t i = 0; i < v->special_count; i++) {
        uint32_t seat = inventory_word(v->specials, 3 * i);
        uint32_t of = inventory_word(v->specials, 3 * i + 2);
        if (of != INVENTORY_NO_SEAT && is_taken(m, UNIT(seat)) &&
            !same_owner(m, UNIT(seat), UNIT(of)))
            house_culprit(m, UNIT(seat));
    }
    for (uint32_t group = 0, at = 0, n; group < v->group_count; group++, at += n) {
        uint32_t taken = BOOKING_NONE;
        bool apart = false;
        n = inventory_word(v->groups, group);
        for (uint32_t i = at; i < at + n; i++)
            if (is_taken(m, UNIT(inventory_word(v->grouped, i))))
                taken = UNIT(inventory_word(v->grouped, i));
        for (uint32_t i = at; i < at + n && taken != BOOKING_NONE; i++)
            apart = apart || !same_owner(m, taken, UNIT(inventory_word(v->grouped, i)));
        if (apart)
            house_culprit(m, taken);
    }
}

static enum booking_refusal check_plan(struct model *m, const struct command_change_plan *c,
                                       struct inventory *ret_v, uint32_t *ret_count)
{
    static uint64_t scratch[LIMIT_UNITS / 64];
    struct u32s units = c->units;
    if (inventory_read(c->inventory, scratch, ret_v) != INVENTORY_OK ||
        units.count != ret_v->seat_count || ret_v->area_count != m->area_count ||
        ret_v->category_count != m->category_count)
        return BOOKING_BAD_CHANGE;
    for (uint32_t i = 0; i < m->area_count; i++)
        if (inventory_word(ret_v->areas, 2 * i) != m->area_size[i] ||
            inventory_word(ret_v->areas, 2 * i + 1) != m->area_category[i])
            return BOOKING_BAD_CHANGE;
    *ret_count = m->unit_count;
    for (uint32_t seat = 0; seat < units.count; seat++) {
        bool old = UNIT(seat) < m->unit_count;
        if (old ? m->units[UNIT(seat)].removed || m->units[UNIT(seat)].area != BOOKING_NONE
                : UNIT(seat) != *ret_count)
            return BOOKING_UNKNOWN_UNIT;
        *ret_count += !old;
        for (uint32_t k = 0; k < seat; k++)
            if (UNIT(k) == UNIT(seat))
                return BOOKING_REPEATED_UNIT;
    }
    if (*ret_count > LIMIT_UNITS)
        return BOOKING_FULL;
    check_owners(m, ret_v, units);
    return m->out->culprit_count > 0 ? BOOKING_UNIT_NOT_FREE : BOOKING_OK;
}

enum booking_refusal model_change_plan(struct model *m, const struct command_change_plan *c)
{
    struct inventory v;
    uint32_t count;
    enum booking_refusal refusal = check_plan(m, c, &v, &count);
    if (refusal != BOOKING_OK)
        return refusal;
    house_sweep_later_all(m);
    house_sweep(m, ALL);
    house_fact(m, BOOKING_ENTRY_plan_changed);
    while (m->unit_count < count) {
        m->units = house_grow(m->units, m->unit_count, sizeof *m->units);
        m->units[m->unit_count++].area = BOOKING_NONE;
    }
    read_plan(m, &v, c->units);
    return BOOKING_OK;
}

struct model *model_create(const struct entry_event_created *created, uint64_t ts_us)
{
    static uint64_t scratch[LIMIT_UNITS / 64];
    struct model *m = house_grow(NULL, 0, sizeof *m);
    struct inventory v = {0};
    if (inventory_read(created->inventory, scratch, &v) != INVENTORY_OK)
        abort();
    m->last_us = ts_us;
    m->opens_at_us = created->opens_at_us;
    m->closes_at_us = created->closes_at_us;
    m->hold_seconds = created->hold_seconds;
    m->pay_seconds = created->pay_seconds;
    m->per_buyer = created->per_buyer;
    m->per_hold = created->per_hold;
    m->sale = BOOKING_SALES_OPEN;
    m->singles = created->singles ? created->singles : BOOKING_SINGLES_ALLOWED;
    m->category_count = v.category_count;
    for (uint32_t i = 0; i < v.category_count; i++) {
        m->prices[0][i] = (struct booking_price){(int64_t)u64s_at(created->prices, i),
                                                 (int64_t)u64s_at(created->fees, i)};
        m->per_category[i] = created->per_category.count ? u32s_at(created->per_category, i) : 0;
    }
    m->unit_count = v.unit_count;
    m->units = calloc(v.unit_count, sizeof *m->units);
    uint32_t *numbers = calloc(v.unit_count, sizeof *numbers);
    if (!m->units || !numbers)
        abort();
    for (uint32_t i = 0; i < v.unit_count; i++) {
        m->units[i].area = BOOKING_NONE;
        numbers[i] = i;
    }
    uint32_t unit = v.seat_count;
    m->area_count = v.area_count;
    for (uint32_t area = 0; area < v.area_count; area++) {
        m->area_first[area] = unit;
        m->area_size[area] = inventory_word(v.areas, 2 * area);
        m->area_category[area] = inventory_word(v.areas, 2 * area + 1);
        for (uint32_t i = 0; i < m->area_size[area]; i++, unit++) {
            m->units[unit].area = area;
            m->units[unit].category = m->area_category[area];
        }
    }
    read_plan(m, &v, (struct u32s){numbers, v.seat_count});
    for (uint32_t i = 0; i < created->blocked.count; i++)
        m->units[u32s_at(created->blocked, i)].state = BOOKING_BLOCKED;
    free(numbers);
    return m;
}

static void *copy(const void *list, size_t count, size_t size)
{
    void *to = house_grow(NULL, count, size);
    if (count > 0)
        memcpy(to, list, count * size);
    return to;
}

struct model *model_copy(const struct model *from)
{
    struct model *m = copy(from, 1, sizeof *m);
    m->units = copy(m->units, m->unit_count, sizeof *m->units);
    m->line = copy(m->line, m->seat_count, sizeof *m->line);
    m->holds = copy(m->holds, m->hold_count, sizeof *m->holds);
    m->orders = copy(m->orders, m->order_count, sizeof *m->orders);
    m->codes = copy(m->codes, m->code_count, sizeof *m->codes);
    return m;
}

void model_destroy(struct model *m)
{
    if (!m)
        return;
    free(m->units);
    free(m->line);
    free(m->holds);
    free(m->orders);
    free(m->codes);
    free(m);
}
