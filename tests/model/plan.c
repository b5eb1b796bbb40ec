#include "booking/inventory.h"
#include "model/house.h"

/* Where the seats are, and RULES.md, "Another plan". */

/* Word i of a list of seats, as its unit. */
static struct unit *unit_at(const struct model *m, struct u32s units, const char *seats, uint32_t i)
{
    return &m->units[u32s_at(units, inventory_word(seats, i))];
}

void house_read_plan(struct model *m, const struct inventory *v, struct u32s units)
{
    m->seat_count = v->seat_count;
    m->section_count = v->section_count;
    for (struct unit *u = m->units; u < house_end(m); u++) {
        u->seat = u->place = u->left = u->right = u->companion_of = BOOKING_NONE;
        u->kind = u->group = 0;
    }
    for (uint32_t seat = 0; seat < v->seat_count; seat++) {
        struct unit *u = &m->units[u32s_at(units, seat)];
        u->seat = seat;
        u->category = (unsigned char)v->categories[seat];
        u->cost = inventory_word(v->costs, seat);
    }
    for (uint32_t block = 0, place = 0; block < v->block_count; block++) {
        struct unit *last = NULL;
        for (uint32_t n = inventory_word(v->blocks, 2 * block + 1); n > 0; n--, place++) {
            struct unit *u = unit_at(m, units, v->seats, place);
            u->place = place;
            u->section = inventory_word(v->blocks, 2 * block);
            if (last) {
                u->left = (uint32_t)(last - m->units);
                last->right = (uint32_t)(u - m->units);
            }
            last = u;
        }
    }
    for (uint32_t i = 0; i < v->special_count; i++) {
        struct unit *u = unit_at(m, units, v->specials, 3 * i);
        u->kind = inventory_word(v->specials, 3 * i + 1);
        if (inventory_word(v->specials, 3 * i + 2) != INVENTORY_NO_SEAT)
            u->companion_of = (uint32_t)(unit_at(m, units, v->specials, 3 * i + 2) - m->units);
    }
    for (uint32_t group = 0, at = 0; group < v->group_count; group++)
        for (uint32_t n = inventory_word(v->groups, group); n > 0; n--, at++)
            unit_at(m, units, v->grouped, at)->group = group + 1;
    for (struct unit *u = m->units; u < house_end(m); u++)
        if (u->seat == BOOKING_NONE && u->area == BOOKING_NONE) { /* in no plan any more */
            u->removed = true;
            u->state = BOOKING_BLOCKED;
            u->allocation = 0;
        }
}

static bool has_other_owner(const struct unit *a, const struct unit *b)
{
    return a->state != b->state || a->owner != b->owner;
}

/* Nobody's seat goes or changes its price. */
static enum booking_refusal check_seats(struct model *m, const struct inventory *v,
                                        struct u32s units)
{
    for (uint32_t seat = 0; seat < units.count; seat++)
        m->units[u32s_at(units, seat)].mark = CHOSEN;
    for (const struct unit *u = m->units; u < house_end(m); u++)
        if (u->mark != CHOSEN && u->area == BOOKING_NONE && house_is_taken(m, u))
            house_culprit(m, u);
    for (uint32_t seat = 0; seat < units.count; seat++) {
        const struct unit *u = &m->units[u32s_at(units, seat)];
        if (house_is_taken(m, u) && u->category != (unsigned char)v->categories[seat])
            house_culprit(m, u);
    }
    REFUSE_IF(m->out->culprit_count > 0, UNIT_NOT_FREE);
    return BOOKING_OK;
}

/* The group is one now, of just these seats. */
static bool is_group_now(const struct model *m, const struct inventory *v, struct u32s units,
                         uint32_t at, uint32_t n)
{
    uint32_t group = unit_at(m, units, v->grouped, at)->group, size = 0;
    for (const struct unit *u = m->units; u < house_end(m); u++)
        size += u->group == group;
    for (uint32_t i = at; i < at + n; i++)
        if (unit_at(m, units, v->grouped, i)->group != group)
            return false;
    return group != 0 && size == n;
}

/* Nobody's seat gets company that its owner does not have. */
static enum booking_refusal check_company(struct model *m, const struct inventory *v,
                                          struct u32s units)
{
    for (uint32_t i = 0; i < v->special_count; i++) {
        const struct unit *u = unit_at(m, units, v->specials, 3 * i);
        if (inventory_word(v->specials, 3 * i + 2) == INVENTORY_NO_SEAT || !house_is_taken(m, u))
            continue;
        const struct unit *of = unit_at(m, units, v->specials, 3 * i + 2);
        if (u->companion_of != (uint32_t)(of - m->units) && has_other_owner(u, of))
            house_culprit(m, u);
    }
    for (uint32_t group = 0, at = 0, n; group < v->group_count; group++, at += n) {
        const struct unit *taken = NULL;
        bool apart = false;
        n = inventory_word(v->groups, group);
        for (uint32_t i = at; i < at + n; i++)
            if (house_is_taken(m, unit_at(m, units, v->grouped, i)))
                taken = unit_at(m, units, v->grouped, i);
        for (uint32_t i = at; i < at + n && taken; i++)
            apart = apart || has_other_owner(taken, unit_at(m, units, v->grouped, i));
        if (apart && !is_group_now(m, v, units, at, n))
            house_culprit(m, taken);
    }
    REFUSE_IF(m->out->culprit_count > 0, UNIT_NOT_FREE);
    return BOOKING_OK;
}

/* New units join at the end, plain and free, and leave again when the plan is refused. */
static enum booking_refusal check_plan(struct model *m, const struct command_change_plan *c,
                                       struct inventory *ret_v)
{
    static uint64_t scratch[LIMIT_UNITS / 64];
    REFUSE_IF(inventory_read(c->inventory, scratch, ret_v) != INVENTORY_OK, BAD_CHANGE);
    REFUSE_IF(c->units.count != ret_v->seat_count, BAD_CHANGE);
    REFUSE_IF(ret_v->category_count != m->category_count, BAD_CHANGE);
    REFUSE_IF(ret_v->area_count != m->area_count, BAD_CHANGE);
    for (uint32_t i = 0; i < m->area_count; i++)
        REFUSE_IF(inventory_word(ret_v->areas, 2 * i) != m->areas[i].size ||
                      inventory_word(ret_v->areas, 2 * i + 1) != m->areas[i].category,
                  BAD_CHANGE);
    for (uint32_t seat = 0; seat < c->units.count; seat++) {
        uint32_t unit = u32s_at(c->units, seat);
        if (unit == m->unit_count) {
            m->units = house_grow(m->units, m->unit_count++, sizeof *m->units);
            m->units[unit].area = BOOKING_NONE;
        }
        const struct unit *u = house_unit(m, unit);
        REFUSE_IF(!u || u->removed || u->area != BOOKING_NONE, UNKNOWN_UNIT);
        for (uint32_t k = 0; k < seat; k++)
            REFUSE_IF(u32s_at(c->units, k) == unit, REPEATED_UNIT);
    }
    REFUSE_IF(m->unit_count > LIMIT_UNITS, EVENT_LIMIT);
    CHECK(check_seats(m, ret_v, c->units));
    CHECK(check_company(m, ret_v, c->units));
    house_mark(m, CHOSEN); /* all that ran out go */
    return house_make_way(m, false);
}

enum booking_refusal model_change_plan(struct model *m, const struct command_change_plan *c)
{
    struct inventory v;
    uint32_t unit_count = m->unit_count;
    enum booking_refusal refusal = check_plan(m, c, &v);
    if (refusal != BOOKING_OK) {
        m->unit_count = unit_count;
        return refusal;
    }
    house_fact(m, BOOKING_ENTRY_plan_changed);
    house_read_plan(m, &v, c->units);
    return BOOKING_OK;
}
