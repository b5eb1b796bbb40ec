#include "model/house.h"

#include <stdlib.h>

/* RULES.md, "Organiser's change" and "Change an allocation". */

/* Units that exist, in rising order, none of them chosen by another list. */
static enum booking_refusal check_list(const struct model *m, struct u32s units)
{
    for (uint32_t i = 0; i < units.count; i++) {
        const struct unit *u = house_unit(m, u32s_at(units, i));
        REFUSE_IF(!u || u->removed, UNKNOWN_UNIT);
        REFUSE_IF(i > 0 && u32s_at(units, i) <= u32s_at(units, i - 1), REPEATED_UNIT);
        REFUSE_IF(u->mark == CHOSEN, REPEATED_UNIT);
    }
    return BOOKING_OK;
}

static void mark_list(struct model *m, struct u32s units, enum mark mark)
{
    for (uint32_t i = 0; i < units.count; i++)
        m->units[u32s_at(units, i)].mark = mark;
}

/* ---- the event ---- */

/* What is there now with what the command names instead. */
static enum booking_refusal read_terms(const struct model *m, const struct command_change_event *c,
                                       struct terms *ret_terms, struct prices *ret_prices)
{
    uint32_t n = m->category_count;
    REFUSE_IF(c->sale > BOOKING_SALES_CLOSED || c->singles > BOOKING_SINGLES_REFUSED, BAD_CHANGE);
    REFUSE_IF(c->per_buyer > LIMIT_BUYER_UNITS || c->per_hold > LIMIT_HOLD_UNITS, BAD_CHANGE);
    REFUSE_IF(c->prices.count != 0 && c->prices.count != n, BAD_CHANGE);
    REFUSE_IF(c->fees.count != 0 && c->fees.count != n, BAD_CHANGE);
    REFUSE_IF(c->per_category.count != 0 && c->per_category.count != n, BAD_CHANGE);
    *ret_terms = m->terms;
    *ret_prices = m->base;
    ret_terms->sale = c->sale ? c->sale : m->terms.sale;
    ret_terms->singles = c->singles ? c->singles : m->terms.singles;
    ret_terms->per_buyer = c->per_buyer ? c->per_buyer : m->terms.per_buyer;
    ret_terms->per_hold = c->per_hold ? c->per_hold : m->terms.per_hold;
    for (uint32_t i = 0; i < n; i++) {
        struct booking_price *price = &ret_prices->of[i];
        if (c->prices.count > 0)
            price->price_minor = (int64_t)u64s_at(c->prices, i);
        if (c->fees.count > 0)
            price->fee_minor = (int64_t)u64s_at(c->fees, i);
        if (c->per_category.count > 0)
            ret_terms->per_category[i] = u32s_at(c->per_category, i);
        REFUSE_IF(price->price_minor < 0 || price->price_minor > LIMIT_PRICE_MINOR, BAD_CHANGE);
        REFUSE_IF(m->price_plan.ceilings[i] != 0 &&
                      (uint64_t)price->price_minor > m->price_plan.ceilings[i],
                  BAD_CHANGE);
        REFUSE_IF(price->fee_minor < 0 || price->fee_minor > LIMIT_PRICE_MINOR, BAD_CHANGE);
        REFUSE_IF(ret_terms->per_category[i] > LIMIT_BUYER_UNITS, BAD_CHANGE);
    }
    return BOOKING_OK;
}

static enum booking_refusal read_quotas(const struct model *m, const struct command_change_event *c,
                                        struct quotas *ret_quotas)
{
    struct quotas read = {.count = c->quota_limits.count};
    REFUSE_IF(c->quota_categories.count != read.count || read.count > LIMIT_QUOTAS, BAD_CHANGE);
    for (uint32_t i = 0; i < read.count; i++) {
        uint64_t set = read.all[i].categories = u64s_at(c->quota_categories, i);
        read.all[i].limit = u32s_at(c->quota_limits, i);
        REFUSE_IF(set == 0, BAD_CHANGE);
        REFUSE_IF(m->category_count < 64 && set >> m->category_count != 0, BAD_CHANGE);
    }
    *ret_quotas = c->set_quotas ? read : m->quotas;
    return BOOKING_OK;
}

/* A free unit to unblock is not even in a hold that ran out. */
static enum booking_refusal check_block(struct model *m, struct u32s units, bool to_block)
{
    CHECK(check_list(m, units));
    for (uint32_t i = 0; i < units.count; i++) {
        const struct unit *u = &m->units[u32s_at(units, i)];
        if (to_block ? house_is_taken(m, u)
                     : u->state != BOOKING_FREE && u->state != BOOKING_BLOCKED)
            house_culprit(m, u);
    }
    REFUSE_IF(m->out->culprit_count > 0, UNIT_NOT_FREE);
    return BOOKING_OK;
}

static void block(struct model *m, struct u32s units, enum booking_unit_state state,
                  enum booking_entry_number entry)
{
    if (units.count > 0)
        house_fact(m, entry);
    for (uint32_t i = 0; i < units.count; i++)
        m->units[u32s_at(units, i)].state = state;
}

enum booking_refusal model_change_event(struct model *m, const struct command_change_event *c)
{
    struct terms terms;
    struct prices prices;
    struct quotas quotas;
    CHECK(read_terms(m, c, &terms, &prices));
    CHECK(read_quotas(m, c, &quotas));
    bool dearer = memcmp(&m->base, &prices, sizeof prices) != 0;
    REFUSE_IF(dearer && m->revisions == PRICE_REVISIONS, EVENT_LIMIT);
    CHECK(check_block(m, c->block, true));
    CHECK(check_block(m, c->unblock, false));
    mark_list(m, c->block, CHOSEN);
    CHECK(house_make_way(m, false));
    if (c->sale || c->singles || c->per_buyer || c->per_hold || dearer ||
        memcmp(&m->terms, &terms, sizeof terms) != 0)
        house_fact(m, BOOKING_ENTRY_event_changed);
    m->terms = terms;
    m->base = prices;
    if (dearer) {
        m->revision = m->revisions++;
        m->prices[m->revision] = prices;
    }
    house_step(m);
    block(m, c->block, BOOKING_BLOCKED, BOOKING_ENTRY_units_blocked);
    block(m, c->unblock, BOOKING_FREE, BOOKING_ENTRY_units_unblocked);
    if (memcmp(&m->quotas, &quotas, sizeof quotas) != 0)
        house_fact(m, BOOKING_ENTRY_quotas_set);
    m->quotas = quotas;
    m->out->repeated = m->out->entry_count == 0;
    return BOOKING_OK;
}

/* ---- an allocation ---- */

/* Areas' units for the allocation at hand, or back: the highest numbers first. */
static bool move_area(struct model *m, uint32_t area, uint32_t wanted, enum mark mark)
{
    for (struct unit *u = house_end(m); u-- > m->units && wanted > 0;)
        if (u->area == area && u->mark == UNTOUCHED && house_is_free(m, u) &&
            (mark == LEAVES ? u->allocation == m->who.allocation
                            : house_is_released(m, u->allocation))) {
            u->mark = mark;
            wanted--;
        }
    return wanted == 0;
}

static enum booking_refusal check_allocation(const struct model *m,
                                             const struct command_change_allocation *c)
{
    uint32_t n = c->allocation;
    REFUSE_IF(n == 0 || n > m->allocation_count + 1, UNKNOWN_ALLOCATION);
    REFUSE_IF(n > LIMIT_ALLOCATIONS, EVENT_LIMIT);
    REFUSE_IF(n <= m->allocation_count && house_is_released(m, n), UNKNOWN_ALLOCATION);
    REFUSE_IF(c->id.len == 0 || c->id.len > LIMIT_ALLOCATION_ID_BYTES, BAD_CHANGE);
    REFUSE_IF(c->name.len > LIMIT_NAME_BYTES, BAD_CHANGE);
    REFUSE_IF(c->kind < BOOKING_ALLOCATION_HOLDBACK || c->kind > BOOKING_ALLOCATION_VIP,
              BAD_CHANGE);
    for (uint32_t a = 1; a <= m->allocation_count; a++)
        REFUSE_IF(a != n && slice_equal(house_slice(&m->allocations[a].id), c->id), BAD_CHANGE);
    REFUSE_IF(c->codes.len % 16 != 0 || c->codes.len / 16 > LIMIT_COMMAND_CODES, BAD_CHANGE);
    REFUSE_IF(c->revoke.len % 16 != 0 || c->revoke.len / 16 > LIMIT_COMMAND_CODES, BAD_CHANGE);
    REFUSE_IF(house_is_odd(c->add_areas) || house_is_odd(c->remove_areas), BAD_CHANGE);
    return BOOKING_OK;
}

/* Marks which units move where. */
static enum booking_refusal check_moves(struct model *m, const struct command_change_allocation *c)
{
    CHECK(check_list(m, c->add));
    mark_list(m, c->add, CHOSEN);
    CHECK(check_list(m, c->remove));
    mark_list(m, c->remove, LEAVES);
    for (enum mark mark = CHOSEN; mark <= LEAVES; mark++)
        for (const struct unit *u = m->units; u < house_end(m); u++)
            if (u->mark == mark &&
                (house_is_taken(m, u) || (mark == LEAVES && u->allocation != c->allocation)))
                house_culprit(m, u);
    REFUSE_IF(m->out->culprit_count > 0, UNIT_NOT_FREE);
    m->who.allocation = c->allocation;
    CHECK(house_take_areas(m, c->add_areas, CHOSEN, move_area));
    CHECK(house_take_areas(m, c->remove_areas, LEAVES, move_area));
    for (struct unit *u = m->units; u < house_end(m); u++)
        if (u->mark == CHOSEN && u->allocation == c->allocation)
            u->mark = UNTOUCHED; /* it is there already */
    return BOOKING_OK;
}

static void move(struct model *m, uint32_t allocation, enum mark mark)
{
    bool any = false;
    for (struct unit *u = m->units; u < house_end(m); u++)
        if (u->mark == mark) {
            any = true;
            u->allocation = allocation;
        }
    if (any)
        house_fact(m, BOOKING_ENTRY_units_moved);
}

static struct hash16 code_at(struct slice codes, uint32_t i)
{
    struct hash16 hash;
    memcpy(hash.bytes, codes.data + (size_t)i * 16, 16);
    return hash;
}

static void set_codes(struct model *m, struct slice codes, uint32_t allocation, uint32_t limit)
{
    if (codes.len > 0)
        house_fact(m, BOOKING_ENTRY_codes_set);
    for (uint32_t i = 0; i < codes.len / 16; i++) {
        uint32_t slot = house_code_find(m, code_at(codes, i));
        if (slot == 0 && allocation == 0)
            continue;
        if (slot == 0) {
            m->codes = house_grow(m->codes, m->code_count, sizeof *m->codes);
            slot = ++m->code_count;
        }
        m->codes[slot - 1] = (struct code){code_at(codes, i), allocation, limit};
    }
}

enum booking_refusal model_change_allocation(struct model *m,
                                             const struct command_change_allocation *c)
{
    uint32_t codes = m->code_count;
    CHECK(check_allocation(m, c));
    CHECK(check_moves(m, c));
    for (uint32_t i = 0; i < c->codes.len / 16; i++) /* one that is named twice counts twice */
        codes += house_code_find(m, code_at(c->codes, i)) == 0;
    REFUSE_IF(codes > m->unit_count + SLOTS_OVER_UNITS, EVENT_LIMIT);
    CHECK(house_make_way(m, true));
    struct allocation *a = &m->allocations[c->allocation];
    struct allocation now = {.id = house_text(c->id),
                             .name = house_text(c->name),
                             .opens_at_us = c->opens_at_us,
                             .releases_at_us = c->releases_at_us,
                             .kind = c->kind};
    if (memcmp(a, &now, sizeof now) != 0)
        house_fact(m, BOOKING_ENTRY_allocation_set);
    *a = now;
    if (c->allocation > m->allocation_count)
        m->allocation_count++;
    move(m, c->allocation, CHOSEN);
    move(m, 0, LEAVES);
    set_codes(m, c->codes, c->allocation, c->code_limit);
    set_codes(m, c->revoke, 0, 0);
    if (c->release) {
        house_fact(m, BOOKING_ENTRY_allocation_released);
        a->released = 1;
    }
    m->out->repeated = m->out->entry_count == 0;
    return BOOKING_OK;
}
