#include "booking/state.h"

/* Another plan for an event on sale: seats are added, and seats that nobody has are removed. Units
 * keep their numbers, because tickets in people's hands bear them; new seats get numbers behind all
 * others. The machine moves into a larger block. */

/* Which unit seat `seat` of the new plan is. */
static uint32_t new_unit(const struct entry_plan_changed *e, uint32_t seat)
{
    return u32s_at(e->units, seat);
}

static bool same_areas(const struct booking *b, const struct inventory *v)
{
    if (v->area_count != b->s->area_count || v->category_count != b->s->category_count)
        return false;
    for (uint32_t i = 0; i < v->area_count; i++)
        if (inventory_word(v->areas, 2 * i) != b->areas[i].capacity ||
            inventory_word(v->areas, 2 * i + 1) != b->areas[i].category)
            return false;
    return true;
}

/* Old units are seats of the present plan, each once; new ones follow the last unit in order. The
 * scratch bits say afterwards which units the new plan has. */
static enum booking_refusal check_numbers(const struct booking *b,
                                          const struct entry_plan_changed *e)
{
    uint32_t next = b->s->unit_count;
    memset(b->scratch, 0, bits_words(b->s->unit_count) * sizeof *b->scratch);
    for (uint32_t seat = 0; seat < e->units.count; seat++) {
        uint32_t unit = new_unit(e, seat);
        if (unit >= b->s->unit_count) {
            if (unit != next++)
                return BOOKING_UNKNOWN_UNIT;
            continue;
        }
        if (!unit_is_seat(b, unit) || b->info[unit].removed)
            return BOOKING_UNKNOWN_UNIT;
        if (bits_has(b->scratch, unit))
            return BOOKING_REPEATED_UNIT;
        bits_set(b->scratch, unit);
    }
    return next > LIMIT_UNITS ? BOOKING_EVENT_LIMIT : BOOKING_OK;
}

/* Held by a live hold, or sold. */
static bool is_taken(const struct booking *b, uint32_t unit, uint64_t ts_us)
{
    return unit < b->s->unit_count && unit_state(b, unit) != BOOKING_BLOCKED &&
           !unit_is_free(b, unit, ts_us);
}

/* Nobody's seat goes away or changes its price. */
static void check_taken(const struct booking *b, const struct entry_plan_changed *e,
                        const struct inventory *v, uint64_t ts_us, struct booking_decision *d)
{
    for (uint32_t unit = 0; unit < b->s->unit_count; unit++)
        if (unit_is_seat(b, unit) && !bits_has(b->scratch, unit) && is_taken(b, unit, ts_us))
            decision_culprit(d, unit);
    for (uint32_t seat = 0; seat < v->seat_count; seat++) {
        uint32_t unit = new_unit(e, seat);
        if (is_taken(b, unit, ts_us) && b->info[unit].category != (uint8_t)v->categories[seat])
            decision_culprit(d, unit);
    }
}

/* Both are taken by the same hold or order. */
static bool same_owner(const struct booking *b, uint32_t x, uint32_t y)
{
    return x < b->s->unit_count && y < b->s->unit_count && b->units[x] == b->units[y];
}

/* The plan in force has the same group. */
static bool is_group_now(const struct booking *b, const struct entry_plan_changed *e,
                         const struct inventory *v, uint32_t first, uint32_t size)
{
    uint32_t unit = new_unit(e, inventory_word(v->grouped, first));
    if (unit >= b->s->unit_count || b->links[unit].group == 0)
        return false;
    struct group group = b->groups[b->links[unit].group - 1];
    for (uint32_t i = 0; i < size; i++)
        if (!units_have(&b->grouped[group.first], group.count,
                        new_unit(e, inventory_word(v->grouped, first + i))))
            return false;
    return group.count == size;
}

/* Whoever has a seat that shall belong to others now has the others too. What belongs together
 * already is not asked: a refund may have taken it apart. */
static void check_together(const struct booking *b, const struct entry_plan_changed *e,
                           const struct inventory *v, uint64_t ts_us, struct booking_decision *d)
{
    for (uint32_t i = 0; i < v->special_count; i++) {
        uint32_t of = inventory_word(v->specials, 3 * i + 2);
        uint32_t unit = new_unit(e, inventory_word(v->specials, 3 * i));
        if (of != INVENTORY_NO_SEAT && is_taken(b, unit, ts_us) &&
            b->links[unit].companion_of != new_unit(e, of) + 1 &&
            !same_owner(b, unit, new_unit(e, of)))
            decision_culprit(d, unit);
    }
    uint32_t at = 0;
    for (uint32_t g = 0; g < v->group_count; g++) {
        uint32_t size = inventory_word(v->groups, g), taken = BOOKING_NONE;
        bool known = is_group_now(b, e, v, at, size);
        for (uint32_t i = at; !known && i < at + size; i++)
            if (is_taken(b, new_unit(e, inventory_word(v->grouped, i)), ts_us))
                taken = new_unit(e, inventory_word(v->grouped, i));
        for (uint32_t i = at; taken != BOOKING_NONE && i < at + size; i++)
            if (!same_owner(b, taken, new_unit(e, inventory_word(v->grouped, i)))) {
                decision_culprit(d, taken);
                break;
            }
        at += size;
    }
}

static enum booking_refusal change_refusal(const struct booking *b,
                                           const struct command_change_plan *c,
                                           const struct entry_plan_changed *e, uint64_t ts_us,
                                           struct booking_decision *d)
{
    struct inventory v;
    if (!life_read_inventory(c->inventory, &v) || c->units.count != v.seat_count ||
        !same_areas(b, &v))
        return BOOKING_BAD_CHANGE;
    enum booking_refusal refusal = check_numbers(b, e);
    if (refusal != BOOKING_OK)
        return refusal;
    check_taken(b, e, &v, ts_us, d);
    if (d->culprit_count == 0)
        check_together(b, e, &v, ts_us, d);
    return d->culprit_count > 0 ? BOOKING_UNIT_NOT_FREE : BOOKING_OK;
}

void decide_change_plan(const struct booking *b, const struct command_change_plan *c,
                        uint64_t ts_us, struct booking_decision *d)
{
    struct entry_plan_changed entry = {.inventory = c->inventory, .units = c->units};
    d->refusal = change_refusal(b, c, &entry, ts_us, d);
    if (d->refusal == BOOKING_OK && !decision_expire_due(b, ts_us, d))
        d->refusal = BOOKING_FULL; /* the sweeper is behind: ask again in a moment */
    if (d->refusal != BOOKING_OK) {
        d->entry_count = 0;
        return;
    }
    decision_entry(d, BOOKING_ENTRY_plan_changed)->plan_changed = entry;
}

/* ---- the move ---- */

static struct state state_after(const struct booking *b, const struct entry_plan_changed *e,
                                const struct inventory *v)
{
    struct state s = *b->s;
    for (uint32_t seat = 0; seat < v->seat_count; seat++)
        s.unit_count += new_unit(e, seat) >= b->s->unit_count;
    s.plan_version++;
    s.seat_count = v->seat_count;
    s.block_count = v->block_count;
    s.section_count = v->section_count;
    s.group_count = v->group_count;
    s.grouped_count = v->grouped_count;
    life_size(&s);
    return s;
}

size_t booking_change_plan_size(const struct booking *b, const struct entry_plan_changed *entry)
{
    struct inventory v = life_inventory(entry->inventory);
    struct state s = state_after(b, entry, &v);
    return life_block_size(&s);
}

#define COPY(name, count) memcpy(to->name, from->name, (size_t)(count) * sizeof *to->name)

static void copy_tables(struct booking *to, const struct booking *from)
{
    const struct state *s = from->s;
    COPY(holds, s->holds_used);
    COPY(orders, s->orders_used);
    COPY(buyers, s->buyers_used);
    COPY(areas, s->area_count);
    COPY(categories, s->category_count);
    COPY(prices, PRICE_REVISIONS * s->category_count);
    COPY(tickets, s->unit_count);
    COPY(allocations, LIMIT_ALLOCATIONS + 1);
    COPY(quotas, LIMIT_QUOTAS);
    COPY(codes, s->codes_used);
    COPY(price_rules, LIMIT_PRICE_RULES);
    COPY(packages, LIMIT_PACKAGES);
    COPY(promos, s->promos_used);
    COPY(disputes, s->dispute_count);
    COPY(units, s->unit_count);
    COPY(info, s->unit_count);
    COPY(heap, s->live_holds);
}

/* The tables of keys are as large as the event: everything finds a new place, by rising slot. */
static void index_again(struct booking *b)
{
    const struct state *s = b->s;
    for (uint32_t i = 0; i < s->holds_used; i++)
        if (key_is_set(b->holds[i].key))
            index_add(b->hold_keys, s->key_mask, b->holds[i].key, i);
    for (uint32_t i = 0; i < s->orders_used; i++)
        if (key_is_set(b->orders[i].key))
            index_add(b->order_keys, s->key_mask, b->orders[i].key, i);
    for (uint32_t i = 0; i < s->buyers_used; i++)
        if (b->buyers[i].units > 0 || b->buyers[i].holds > 0)
            index_add(b->buyer_index, s->buyer_mask, b->buyers[i].id, i);
    for (uint32_t i = 0; i < s->codes_used; i++)
        index_add(b->code_index, s->key_mask, b->codes[i].hash, i);
    for (uint32_t i = 0; i < s->promos_used; i++)
        index_add(b->promo_index, s->key_mask, b->promos[i].hash, i);
}

/* Which units the new plan has, and where; the others are removed: blocked, and counted nowhere. */
static void place_units(struct booking *b, const struct entry_plan_changed *e)
{
    struct state *s = b->s;
    for (uint32_t unit = 0; unit < s->unit_count; unit++) {
        b->unit_seat[unit] = BOOKING_NONE;
        b->info[unit].kind = 0;
    }
    for (uint32_t seat = 0; seat < s->seat_count; seat++) {
        b->seat_unit[seat] = new_unit(e, seat);
        b->unit_seat[new_unit(e, seat)] = seat;
    }
    for (uint32_t unit = 0; unit < s->unit_count; unit++) {
        if (!unit_is_seat(b, unit) || b->unit_seat[unit] != BOOKING_NONE || b->info[unit].removed)
            continue;
        b->info[unit].removed = 1;
        b->info[unit].allocation = 0;
        b->units[unit] = (uint32_t)BOOKING_BLOCKED << UNIT_STATE_SHIFT;
    }
}

/* Free units and what is counted of them, from the units themselves. */
static void count_again(struct booking *b)
{
    const struct state *s = b->s;
    for (uint32_t i = 0; i < s->category_count; i++) {
        struct category *c = &b->categories[i];
        c->capacity = c->blocked = c->allocated = 0;
    }
    for (uint32_t unit = 0; unit < s->unit_count; unit++) {
        struct category *c = &b->categories[b->info[unit].category];
        uint32_t position = b->unit_position[unit];
        if (b->info[unit].removed)
            continue;
        bool everybodys = unit_in(b, unit, s->released);
        bool is_free = unit_state(b, unit) == BOOKING_FREE;
        c->capacity++;
        c->blocked += unit_state(b, unit) == BOOKING_BLOCKED;
        c->allocated += is_free && !everybodys;
        if (is_free)
            bits_set(everybodys ? b->free : b->allocated, position);
    }
}

struct booking *booking_change_plan(const struct booking *b, void *memory, size_t size,
                                    const struct entry_plan_changed *entry, uint64_t ts_us)
{
    assert(ts_us > b->s->last_ts_us);
    struct inventory v = life_inventory(entry->inventory);
    struct state s = state_after(b, entry, &v);
    assert(size == life_block_size(&s));
    (void)size;
    struct booking *to = life_place(memory, &s);
    to->s->last_ts_us = ts_us;
    copy_tables(to, b);
    index_again(to);
    place_units(to, entry);
    life_fill_plan(to, &v);
    count_again(to);
    return to;
}
