#include "model/house.h"

#include <stdlib.h>

/* RULES.md, "Organiser's change" and "Change an allocation". */

/* Units that exist, in rising order. */
static enum booking_refusal check_numbers(const struct model *m, struct u32s units)
{
    for (uint32_t i = 0; i < units.count; i++) {
        uint32_t unit = u32s_at(units, i);
        if (unit >= m->unit_count || m->units[unit].removed)
            return BOOKING_UNKNOWN_UNIT;
        if (i > 0 && unit <= u32s_at(units, i - 1))
            return BOOKING_REPEATED_UNIT;
    }
    return BOOKING_OK;
}

/* A free unit to unblock is not even in a hold that ran out. */
static enum booking_refusal check_block(struct model *m, struct u32s units, bool to_block)
{
    enum booking_refusal refusal = check_numbers(m, units);
    for (uint32_t i = 0; i < units.count && refusal == BOOKING_OK; i++)
        if (!house_is_free_or_blocked(m, u32s_at(units, i)) ||
            (!to_block && m->units[u32s_at(units, i)].state == BOOKING_HELD))
            house_culprit(m, u32s_at(units, i));
    return m->out->culprit_count > 0 ? BOOKING_UNIT_NOT_FREE : refusal;
}

static void block(struct model *m, struct u32s units, enum booking_unit_state state)
{
    if (units.count > 0)
        house_fact(m, state == BOOKING_BLOCKED ? BOOKING_ENTRY_units_blocked
                                               : BOOKING_ENTRY_units_unblocked);
    for (uint32_t i = 0; i < units.count; i++)
        m->units[u32s_at(units, i)].state = state;
}

static enum booking_refusal check_change_event(const struct model *m,
                                               const struct command_change_event *c,
                                               bool *ret_new_prices)
{
    bool bad = c->sale > BOOKING_SALES_CLOSED || c->per_buyer > LIMIT_BUYER_UNITS ||
               c->per_hold > LIMIT_HOLD_UNITS || c->singles > BOOKING_SINGLES_REFUSED ||
               (c->prices.count != 0 && c->prices.count != m->category_count) ||
               (c->fees.count != 0 && c->fees.count != m->category_count) ||
               (c->per_category.count != 0 && c->per_category.count != m->category_count);
    *ret_new_prices = false;
    for (uint32_t i = 0; i < m->category_count && !bad; i++) {
        const struct booking_price *now = &m->prices[m->price_changes][i];
        uint64_t price = (uint64_t)now->price_minor, fee = (uint64_t)now->fee_minor;
        if (c->prices.count > 0)
            price = u64s_at(c->prices, i);
        if (c->fees.count > 0)
            fee = u64s_at(c->fees, i);
        bad = price > (uint64_t)LIMIT_PRICE_MINOR || fee > (uint64_t)LIMIT_PRICE_MINOR ||
              (c->per_category.count > 0 && u32s_at(c->per_category, i) > LIMIT_BUYER_UNITS);
        *ret_new_prices |= price != (uint64_t)now->price_minor || fee != (uint64_t)now->fee_minor;
    }
    bad = bad || c->quota_categories.count != c->quota_limits.count ||
          c->quota_limits.count > LIMIT_QUOTAS;
    for (uint32_t i = 0; i < c->quota_categories.count && !bad; i++) {
        uint64_t set = u64s_at(c->quota_categories, i);
        bad = set == 0 || (m->category_count < 64 && set >> m->category_count != 0);
    }
    if (bad)
        return BOOKING_BAD_CHANGE;
    return *ret_new_prices && m->price_changes == PRICE_CHANGES ? BOOKING_FULL : BOOKING_OK;
}

static void change_event(struct model *m, const struct command_change_event *c, bool new_prices)
{
    house_fact(m, BOOKING_ENTRY_event_changed);
    m->sale = c->sale ? c->sale : m->sale;
    m->per_buyer = c->per_buyer ? c->per_buyer : m->per_buyer;
    m->per_hold = c->per_hold ? c->per_hold : m->per_hold;
    m->singles = c->singles ? c->singles : m->singles;
    for (uint32_t i = 0; i < c->per_category.count; i++)
        m->per_category[i] = u32s_at(c->per_category, i);
    if (!new_prices)
        return;
    m->price_changes++;
    for (uint32_t i = 0; i < m->category_count; i++) {
        struct booking_price *now = &m->prices[m->price_changes][i];
        *now = m->prices[m->price_changes - 1][i];
        if (c->prices.count > 0)
            now->price_minor = (int64_t)u64s_at(c->prices, i);
        if (c->fees.count > 0)
            now->fee_minor = (int64_t)u64s_at(c->fees, i);
    }
}

static bool change_quotas(struct model *m, const struct command_change_event *c)
{
    bool differ = m->quota_count != c->quota_limits.count;
    for (uint32_t i = 0; i < c->quota_limits.count; i++) {
        struct quota now = {u64s_at(c->quota_categories, i), u32s_at(c->quota_limits, i)};
        differ =
            differ || now.categories != m->quotas[i].categories || now.limit != m->quotas[i].limit;
        m->quotas[i] = now;
    }
    m->quota_count = c->quota_limits.count;
    return differ;
}

enum booking_refusal model_change_event(struct model *m, const struct command_change_event *c)
{
    bool new_prices, new_limits = false;
    enum booking_refusal refusal = check_change_event(m, c, &new_prices);
    if (refusal == BOOKING_OK)
        refusal = check_block(m, c->block, true);
    if (refusal == BOOKING_OK)
        refusal = check_block(m, c->unblock, false);
    if (refusal != BOOKING_OK)
        return refusal;
    for (uint32_t i = 0; i < c->block.count; i++)
        house_sweep_later(m, u32s_at(c->block, i), NULL);
    house_sweep(m, ALL);
    for (uint32_t i = 0; i < c->per_category.count; i++)
        new_limits = new_limits || m->per_category[i] != u32s_at(c->per_category, i);
    if (c->sale || c->per_buyer || c->per_hold || c->singles || new_limits || new_prices)
        change_event(m, c, new_prices);
    block(m, c->block, BOOKING_BLOCKED);
    block(m, c->unblock, BOOKING_FREE);
    if (c->set_quotas && change_quotas(m, c))
        house_fact(m, BOOKING_ENTRY_quotas_set);
    m->out->repeated = m->out->entry_count == 0;
    return BOOKING_OK;
}

enum move { STAYS, JOINS, LEAVES };

/* Areas' units for an allocation or back: the highest numbers first. */
static enum booking_refusal move_areas(const struct model *m, struct u32s areas,
                                       uint32_t allocation, enum move how, uint8_t *moves)
{
    for (uint32_t i = 0; i < areas.count; i += 2) {
        uint32_t area = u32s_at(areas, i), wanted = u32s_at(areas, i + 1);
        if (area >= m->area_count)
            return BOOKING_UNKNOWN_UNIT;
        for (uint32_t k = 0; k < i; k += 2)
            if (u32s_at(areas, k) == area)
                return BOOKING_REPEATED_UNIT;
        for (uint32_t n = m->area_size[area]; n > 0 && wanted > 0; n--) {
            uint32_t unit = m->area_first[area] + n - 1, of = m->units[unit].allocation;
            bool fits = how == JOINS ? house_is_released(m, of) : of == allocation;
            if (fits && moves[unit] == STAYS && house_is_free(m, unit)) {
                moves[unit] = (uint8_t)how;
                wanted--;
            }
        }
        if (wanted > 0)
            return BOOKING_NOT_ENOUGH;
    }
    return BOOKING_OK;
}

static bool pairs_are_odd(struct u32s areas)
{
    bool odd = areas.count % 2 != 0;
    for (uint32_t i = 0; i + 1 < areas.count; i += 2)
        odd = odd || u32s_at(areas, i + 1) == 0;
    return odd;
}

static enum booking_refusal check_allocation(const struct model *m,
                                             const struct command_change_allocation *c)
{
    uint32_t n = c->allocation;
    if (n == 0 || n > m->allocation_count + 1)
        return BOOKING_UNKNOWN_ALLOCATION;
    if (n > LIMIT_ALLOCATIONS)
        return BOOKING_FULL;
    if (n <= m->allocation_count && house_is_released(m, n))
        return BOOKING_UNKNOWN_ALLOCATION;
    bool bad = c->id.len == 0 || c->id.len > LIMIT_ALLOCATION_ID_BYTES ||
               c->name.len > LIMIT_NAME_BYTES || c->kind < BOOKING_ALLOCATION_HOLDBACK ||
               c->kind > BOOKING_ALLOCATION_VIP || c->codes.len % 16 != 0 ||
               c->revoke.len % 16 != 0 || c->codes.len / 16 > LIMIT_COMMAND_CODES ||
               c->revoke.len / 16 > LIMIT_COMMAND_CODES || pairs_are_odd(c->add_areas) ||
               pairs_are_odd(c->remove_areas);
    for (uint32_t a = 1; a <= m->allocation_count && !bad; a++)
        bad = a != n &&
              slice_equal(slice_make(m->allocations[a].id, m->allocations[a].id_len), c->id);
    return bad ? BOOKING_BAD_CHANGE : BOOKING_OK;
}

/* Which units move where. */
static enum booking_refusal check_moves(struct model *m, const struct command_change_allocation *c,
                                        uint8_t *moves)
{
    enum booking_refusal refusal = check_numbers(m, c->add);
    for (uint32_t i = 0; i < c->add.count && refusal == BOOKING_OK; i++)
        moves[u32s_at(c->add, i)] = JOINS;
    for (uint32_t i = 0; i < c->remove.count && refusal == BOOKING_OK; i++) {
        refusal = check_numbers(m, (struct u32s){c->remove.data, i + 1});
        if (refusal == BOOKING_OK && moves[u32s_at(c->remove, i)] == JOINS)
            refusal = BOOKING_REPEATED_UNIT;
        else if (refusal == BOOKING_OK)
            moves[u32s_at(c->remove, i)] = LEAVES;
    }
    if (refusal != BOOKING_OK)
        return refusal;
    for (uint32_t i = 0; i < c->add.count; i++)
        if (!house_is_free_or_blocked(m, u32s_at(c->add, i)))
            house_culprit(m, u32s_at(c->add, i));
    for (uint32_t i = 0; i < c->remove.count; i++) {
        uint32_t unit = u32s_at(c->remove, i);
        if (!house_is_free_or_blocked(m, unit) || m->units[unit].allocation != c->allocation)
            house_culprit(m, unit);
    }
    if (m->out->culprit_count > 0)
        return BOOKING_UNIT_NOT_FREE;
    refusal = move_areas(m, c->add_areas, c->allocation, JOINS, moves);
    if (refusal == BOOKING_OK)
        refusal = move_areas(m, c->remove_areas, c->allocation, LEAVES, moves);
    for (uint32_t unit = 0; unit < m->unit_count; unit++)
        if (moves[unit] == JOINS && m->units[unit].allocation == c->allocation)
            moves[unit] = STAYS; /* it is there already */
    return refusal;
}

static struct hash16 code_at(struct slice codes, uint32_t i)
{
    struct hash16 hash;
    memcpy(hash.bytes, codes.data + (size_t)i * 16, 16);
    return hash;
}

/* One that stands twice counts twice. */
static uint32_t codes_new(const struct model *m, struct slice codes)
{
    uint32_t count = 0;
    for (uint32_t i = 0; i < codes.len / 16; i++)
        count += house_code_find(m, code_at(codes, i)) == 0;
    return count;
}

static void set_codes(struct model *m, struct slice codes, uint32_t allocation, uint32_t limit)
{
    house_fact(m, BOOKING_ENTRY_codes_set);
    for (uint32_t i = 0; i < codes.len / 16; i++) {
        uint32_t slot = house_code_find(m, code_at(codes, i));
        if (slot == 0 && allocation == 0)
            continue;
        if (slot == 0) {
            m->codes = house_grow(m->codes, m->code_count++, sizeof *m->codes);
            slot = m->code_count;
        }
        m->codes[slot - 1] = (struct code){code_at(codes, i), allocation, limit};
    }
}

static void move(struct model *m, uint32_t allocation, enum move how, const uint8_t *moves)
{
    bool any = false;
    for (uint32_t unit = 0; unit < m->unit_count; unit++)
        any = any || moves[unit] == how;
    if (any)
        house_fact(m, BOOKING_ENTRY_units_moved);
    for (uint32_t unit = 0; unit < m->unit_count; unit++)
        if (moves[unit] == how)
            m->units[unit].allocation = allocation;
}

static void change_allocation(struct model *m, const struct command_change_allocation *c,
                              const uint8_t *moves)
{
    struct allocation *a = &m->allocations[c->allocation];
    struct allocation now = {(uint32_t)c->id.len, (uint32_t)c->name.len, {0},     {0},
                             c->opens_at_us,      c->releases_at_us,     c->kind, 0};
    memcpy(now.id, c->id.data, c->id.len);
    memcpy(now.name, c->name.len ? c->name.data : "", c->name.len);
    if (memcmp(a, &now, sizeof now) != 0) {
        house_fact(m, BOOKING_ENTRY_allocation_set);
        *a = now;
        if (c->allocation > m->allocation_count)
            m->allocation_count++;
    }
    move(m, c->allocation, JOINS, moves);
    move(m, 0, LEAVES, moves);
    if (c->codes.len > 0)
        set_codes(m, c->codes, c->allocation, c->code_limit);
    if (c->revoke.len > 0)
        set_codes(m, c->revoke, 0, 0);
    if (c->release) {
        house_fact(m, BOOKING_ENTRY_allocation_released);
        a->released = 1;
    }
}

enum booking_refusal model_change_allocation(struct model *m,
                                             const struct command_change_allocation *c)
{
    uint8_t *moves = house_grow(NULL, 0, m->unit_count + 1);
    enum booking_refusal refusal = check_allocation(m, c);
    if (refusal == BOOKING_OK)
        refusal = check_moves(m, c, moves);
    if (refusal == BOOKING_OK &&
        m->code_count + codes_new(m, c->codes) > m->unit_count + SLOTS_OVER_UNITS)
        refusal = BOOKING_FULL;
    if (refusal == BOOKING_OK) {
        house_release_due(m);
        for (uint32_t unit = 0; unit < m->unit_count; unit++)
            if (moves[unit] != STAYS)
                house_sweep_later(m, unit, NULL);
        house_sweep(m, ALL);
        change_allocation(m, c, moves);
        m->out->repeated = m->out->entry_count == 0;
    }
    free(moves);
    return refusal;
}
