#include "model/house.h"

/* Who may hold what: RULES.md, "Who may buy now", "Hold" and "Change a hold". */

/* ---- what somebody may have ---- */

static bool may_take(const struct model *m, uint32_t unit)
{
    bool own = m->who.own && house_lists(m->who.own->units, m->who.own->count, unit);
    if (own && m->who.same_code)
        return true;
    uint32_t allocation = m->units[unit].allocation;
    return (own || house_is_free(m, unit)) &&
           ((m->who.opened && allocation == m->who.allocation) ||
            (m->who.everybody && house_is_released(m, allocation)));
}

static enum booking_refusal audience_find(struct model *m, struct hash16 code)
{
    m->who = (struct audience){.everybody = true};
    if (house_is_set(code)) {
        m->who.code = house_code_find(m, code);
        m->who.allocation = m->who.code ? m->codes[m->who.code - 1].allocation : 0;
        if (m->who.allocation == 0)
            return BOOKING_CODE_UNKNOWN;
    }
    if (house_is_released(m, m->who.allocation))
        m->who.allocation = 0; /* the code is as good as none */
    uint64_t opens_at_us = m->allocations[m->who.allocation].opens_at_us;
    m->who.opened = m->who.allocation != 0 && opens_at_us <= m->ts_us;
    if (m->sale == BOOKING_SALES_CLOSED || (m->closes_at_us != 0 && m->closes_at_us <= m->ts_us))
        return BOOKING_SALE_CLOSED;
    if (m->ts_us < m->opens_at_us) {
        m->who.everybody = false;
        if (!m->who.opened || opens_at_us == 0)
            return BOOKING_SALE_NOT_OPEN;
    }
    return m->sale == BOOKING_SALES_PAUSED ? BOOKING_SALE_PAUSED : BOOKING_OK;
}

static enum booking_refusal choose_seats(struct model *m, struct u32s seats)
{
    struct model_outcome *out = m->out;
    for (uint32_t i = 0; i < seats.count; i++) {
        uint32_t unit = u32s_at(seats, i);
        if (unit >= m->unit_count || m->units[unit].area != BOOKING_NONE || m->units[unit].removed)
            return BOOKING_UNKNOWN_UNIT;
        if (house_lists(out->units, i, unit))
            return BOOKING_REPEATED_UNIT;
        out->units[out->unit_count++] = unit;
    }
    for (uint32_t i = 0; i < seats.count; i++)
        if (!may_take(m, out->units[i]))
            house_culprit(m, out->units[i]);
    return out->culprit_count > 0 ? BOOKING_UNIT_UNAVAILABLE : BOOKING_OK;
}

/* Those of the code's allocation first. False: not as many. */
static bool choose_area(struct model *m, uint32_t area, uint32_t wanted)
{
    struct model_outcome *out = m->out;
    uint32_t end = m->area_first[area] + m->area_size[area], had = out->unit_count;
    for (int others = 0; others < 2; others++)
        for (uint32_t unit = m->area_first[area]; unit < end; unit++)
            if (out->unit_count - had < wanted && may_take(m, unit) &&
                (m->who.opened && m->units[unit].allocation == m->who.allocation) == !others)
                out->units[out->unit_count++] = unit;
    if (out->unit_count - had == wanted)
        return true;
    out->unit_count = had;
    return false;
}

static enum booking_refusal choose_areas(struct model *m, struct u32s areas)
{
    for (uint32_t i = 0; i < areas.count; i += 2) {
        uint32_t area = u32s_at(areas, i);
        if (area >= m->area_count)
            return BOOKING_UNKNOWN_UNIT;
        for (uint32_t k = 0; k < i; k += 2)
            if (u32s_at(areas, k) == area)
                return BOOKING_REPEATED_UNIT;
        if (!choose_area(m, area, u32s_at(areas, i + 1)))
            return BOOKING_NOT_ENOUGH;
    }
    return BOOKING_OK;
}

/* The unit beside one in its block, or BOOKING_NONE. */
static uint32_t beside(const struct model *m, uint32_t unit, uint32_t step)
{
    uint32_t place = m->units[unit].place + step;
    if (m->units[unit].place == BOOKING_NONE || place >= m->seat_count)
        return BOOKING_NONE;
    return m->units[m->line[place]].block == m->units[unit].block ? m->line[place] : BOOKING_NONE;
}

#define LEFT 0xffffffffu
#define RIGHT 1u

static bool stays_free(const struct model *m, uint32_t unit)
{
    return unit != BOOKING_NONE && may_take(m, unit) &&
           !house_lists(m->out->units, m->out->unit_count, unit);
}

/* Beside a chosen seat, and free with no free neighbour when these are taken. */
static bool is_single(const struct model *m, uint32_t unit)
{
    uint32_t left = beside(m, unit, LEFT), right = beside(m, unit, RIGHT);
    return stays_free(m, unit) && !stays_free(m, left) && !stays_free(m, right) &&
           (house_lists(m->out->units, m->out->unit_count, left) ||
            house_lists(m->out->units, m->out->unit_count, right));
}

/* All others of its run are taken. */
static bool is_last_of_run(const struct model *m, uint32_t unit)
{
    for (uint32_t step = RIGHT; step != 0; step = step == RIGHT ? LEFT : 0)
        for (uint32_t at = beside(m, unit, step); at != BOOKING_NONE && may_take(m, at);
             at = beside(m, at, step))
            if (stays_free(m, at))
                return false;
    return true;
}

static bool group_is_chosen(const struct model *m, uint32_t group)
{
    for (uint32_t i = 0; i < m->out->unit_count && group != 0; i++)
        if (m->units[m->out->units[i]].group == group)
            return true;
    return false;
}

static enum booking_refusal check_party(struct model *m, bool singles)
{
    const struct model_outcome *out = m->out;
    for (uint32_t unit = 0; unit < m->unit_count; unit++)
        if (group_is_chosen(m, m->units[unit].group) &&
            !house_lists(out->units, out->unit_count, unit))
            house_culprit(m, unit);
    if (out->culprit_count > 0)
        return BOOKING_GROUP_INCOMPLETE;
    for (uint32_t i = 0; i < out->unit_count; i++) {
        uint32_t of = m->units[out->units[i]].companion_of;
        if (of != BOOKING_NONE && !house_lists(out->units, out->unit_count, of))
            house_culprit(m, out->units[i]);
    }
    house_sort(m->out->culprits, out->culprit_count);
    if (out->culprit_count > 0)
        return BOOKING_COMPANION_ALONE;
    for (uint32_t unit = 0; singles && unit < m->unit_count; unit++)
        if (is_single(m, unit) && !is_last_of_run(m, unit))
            house_culprit(m, unit);
    return out->culprit_count > 0 ? BOOKING_SINGLE_LEFT : BOOKING_OK;
}

/* ---- the best ---- */

/* Which categories are asked for and have their price in range. */
static enum booking_refusal best_categories(const struct model *m, const struct command_hold *c,
                                            bool *ret_fits)
{
    bool any = false;
    for (uint32_t i = 0; i < 64; i++)
        if (i >= m->category_count && (c->best_categories >> i & 1) != 0)
            return BOOKING_UNKNOWN_UNIT;
    if (c->best_section > m->section_count)
        return BOOKING_UNKNOWN_UNIT;
    if (c->best_accessible > c->best_quantity)
        return BOOKING_EMPTY_REQUEST;
    for (uint32_t i = 0; i < m->category_count; i++) {
        struct booking_price now = m->prices[m->price_changes][i];
        int64_t price = now.price_minor + now.fee_minor;
        ret_fits[i] = (c->best_categories == 0 || (c->best_categories >> i & 1) != 0) &&
                      (c->best_price_min == 0 || price >= c->best_price_min) &&
                      (c->best_price_max == 0 || price <= c->best_price_max);
        any = any || ret_fits[i];
    }
    return any ? BOOKING_OK : BOOKING_NOT_ENOUGH;
}

static bool best_fits(const struct model *m, const struct command_hold *c, const bool *categories,
                      uint32_t unit)
{
    const struct unit *u = &m->units[unit];
    return !u->removed && may_take(m, unit) && categories[u->category] &&
           (c->best_section == 0 ||
            (u->place != BOOKING_NONE && u->section + 1 == c->best_section));
}

/* The chosen seats may be sold together. */
static bool best_may(const struct model *m, const struct command_hold *c, bool restricted,
                     bool single)
{
    const struct model_outcome *out = m->out;
    uint32_t accessible = 0;
    for (uint32_t i = 0; i < out->unit_count; i++) {
        const struct unit *u = &m->units[out->units[i]];
        bool alone = u->companion_of != BOOKING_NONE &&
                     !house_lists(out->units, out->unit_count, u->companion_of);
        accessible += u->kind == BOOKING_KIND_ACCESSIBLE;
        if ((u->kind == BOOKING_KIND_RESTRICTED_VIEW && !restricted) ||
            (u->kind == BOOKING_KIND_COMPANION && (c->best_accessible == 0 || alone)))
            return false;
        for (uint32_t k = 0; k < m->unit_count && u->group != 0; k++)
            if (m->units[k].group == u->group && !house_lists(out->units, out->unit_count, k))
                return false;
    }
    for (uint32_t i = 0; i < out->unit_count && !single; i++)
        for (uint32_t step = RIGHT; step != 0; step = step == RIGHT ? LEFT : 0) {
            uint32_t unit = beside(m, out->units[i], step);
            if (unit != BOOKING_NONE && is_single(m, unit))
                return false;
        }
    return accessible == c->best_accessible;
}

static bool best_adjacent(struct model *m, const struct command_hold *c, const bool *categories,
                          bool restricted, bool single)
{
    struct model_outcome *out = m->out;
    uint64_t best = UINT64_MAX, cost;
    uint32_t first = 0, n = c->best_quantity;
    for (uint32_t at = 0; at + n <= m->seat_count; at++) {
        for (out->unit_count = 0, cost = 0; out->unit_count < n; out->unit_count++) {
            uint32_t unit = m->line[at + out->unit_count];
            if (m->units[unit].block != m->units[m->line[at]].block ||
                !best_fits(m, c, categories, unit))
                break;
            out->units[out->unit_count] = unit;
            cost += m->units[unit].cost;
        }
        if (out->unit_count == n && cost < best && best_may(m, c, restricted, single)) {
            best = cost;
            first = at;
        }
    }
    out->unit_count = 0;
    for (uint32_t i = 0; i < n && best != UINT64_MAX; i++) {
        out->units[out->unit_count++] = m->line[first + i];
        if (m->units[m->line[first + i]].kind == BOOKING_KIND_RESTRICTED_VIEW)
            out->choice |= BOOKING_CHOICE_RESTRICTED;
    }
    out->choice |= (uint8_t)(single ? BOOKING_CHOICE_LEAVES_SINGLE : 0);
    out->choice |= BOOKING_CHOICE_ADJACENT;
    return best != UINT64_MAX;
}

static bool best_companions(struct model *m, const struct command_hold *c, const bool *categories)
{
    struct model_outcome *out = m->out;
    for (out->unit_count = 0; out->unit_count < c->best_accessible;) {
        uint32_t best = BOOKING_NONE;
        for (uint32_t place = 0; place < m->seat_count; place++) {
            const struct unit *u = &m->units[m->line[place]];
            if (u->kind == BOOKING_KIND_ACCESSIBLE && u->group == 0 &&
                !house_lists(out->units, out->unit_count, m->line[place]) &&
                best_fits(m, c, categories, m->line[place]) &&
                (best == BOOKING_NONE || u->cost < m->units[best].cost))
                best = m->line[place];
        }
        if (best == BOOKING_NONE)
            return false;
        out->units[out->unit_count++] = best;
    }
    for (uint32_t i = 0; i < c->best_accessible; i++)
        for (uint32_t unit = 0; unit < m->unit_count; unit++)
            if (m->units[unit].companion_of == out->units[i] && m->units[unit].group == 0 &&
                may_take(m, unit) && out->unit_count < c->best_quantity)
                out->units[out->unit_count++] = unit;
    out->choice = BOOKING_CHOICE_COMPANIONS;
    return out->unit_count == c->best_quantity;
}

static enum booking_refusal choose_best(struct model *m, const struct command_hold *c)
{
    bool categories[LIMIT_PRICE_CATEGORIES] = {false};
    enum booking_refusal refusal = best_categories(m, c, categories);
    uint32_t left = 0;
    for (uint32_t unit = 0; unit < m->unit_count && refusal == BOOKING_OK; unit++)
        left += best_fits(m, c, categories, unit) &&
                (m->units[unit].area == BOOKING_NONE || c->best_accessible == 0);
    if (refusal != BOOKING_OK || left < c->best_quantity)
        return refusal != BOOKING_OK ? refusal : BOOKING_NOT_ENOUGH;
    for (unsigned way = 0; way < 4; way++) {
        m->out->choice = 0;
        if (best_adjacent(m, c, categories, way / 2 == 1, way % 2 == 1))
            return BOOKING_OK;
    }
    if (c->best_accessible > 0)
        return best_companions(m, c, categories) ? BOOKING_OK : BOOKING_NOT_ADJACENT;
    m->out->choice = BOOKING_CHOICE_AREA;
    for (uint32_t area = 0; area < m->area_count && c->best_section == 0; area++)
        if (categories[m->area_category[area]] && choose_area(m, area, c->best_quantity))
            return BOOKING_OK;
    return BOOKING_NOT_ADJACENT;
}

static uint32_t quota_used(const struct model *m, uint64_t categories, const struct hold *but)
{
    uint32_t count = 0;
    for (uint32_t i = 0; i < m->unit_count; i++) {
        const struct unit *u = &m->units[i];
        bool taken = u->state == BOOKING_SOLD ||
                     (u->state == BOOKING_HELD && house_lives(m, &m->holds[u->owner]) &&
                      &m->holds[u->owner] != but);
        count += taken && (categories >> u->category & 1) != 0;
    }
    return count;
}

/* Chosen units that the code opened. */
static uint32_t code_units(const struct model *m)
{
    uint32_t count = 0;
    for (uint32_t i = 0; i < m->out->unit_count && m->who.allocation != 0; i++)
        count += m->units[m->out->units[i]].allocation == m->who.allocation;
    return count;
}

static enum booking_refusal check_limits(const struct model *m, struct hash16 session)
{
    const struct hold *own = m->who.own;
    uint32_t wanted[LIMIT_PRICE_CATEGORIES] = {0}, had[LIMIT_PRICE_CATEGORIES] = {0};
    for (uint32_t i = 0; i < m->out->unit_count; i++)
        wanted[m->units[m->out->units[i]].category]++;
    for (uint32_t i = 0; own && i < own->count; i++)
        had[m->units[own->units[i]].category]++;
    for (uint32_t i = 0; i < m->category_count; i++)
        if (m->per_category[i] > 0 && wanted[i] > had[i] &&
            house_has(m, session, false, i, own) + wanted[i] > m->per_category[i])
            return BOOKING_CATEGORY_LIMIT;
    uint32_t coded = code_units(m), limit = coded ? m->codes[m->who.code - 1].limit : 0;
    uint32_t were = own && own->code == m->who.code ? own->code_units : 0;
    if (limit > 0 && coded > were && house_code_used(m, m->who.code, own) + coded > limit)
        return BOOKING_CODE_LIMIT;
    for (uint32_t q = 0; q < m->quota_count; q++) {
        uint64_t set = m->quotas[q].categories;
        uint32_t now = 0, before = 0;
        for (uint32_t i = 0; i < m->category_count; i++) {
            now += (set >> i & 1) != 0 ? wanted[i] : 0;
            before += (set >> i & 1) != 0 ? had[i] : 0;
        }
        if (now > before && quota_used(m, set, own) + now > m->quotas[q].limit)
            return BOOKING_QUOTA_REACHED;
    }
    return BOOKING_OK;
}

/* Rules 3 to 8 of a hold. */
static enum booking_refusal choose(struct model *m, const struct command_hold *c)
{
    uint64_t wanted = (uint64_t)c->seats.count + c->best_quantity;
    bool odd = c->areas.count % 2 != 0;
    uint32_t holds = 0;
    for (uint32_t i = 0; i + 1 < c->areas.count; i += 2) {
        odd = odd || u32s_at(c->areas, i + 1) == 0;
        wanted += u32s_at(c->areas, i + 1);
    }
    if (odd || (c->seats.count > 0) + (c->areas.count > 0) + (c->best_quantity > 0) != 1)
        return BOOKING_EMPTY_REQUEST;
    if (wanted > m->per_hold)
        return BOOKING_HOLD_LIMIT;
    for (uint32_t i = 0; i < m->hold_count && !m->who.own; i++)
        holds += house_lives(m, &m->holds[i]) && hash16_equal(m->holds[i].session, c->session);
    if (holds >= LIMIT_SESSION_HOLDS)
        return BOOKING_SESSION_LIMIT;
    if (house_has(m, c->session, false, ALL, m->who.own) + wanted > m->per_buyer)
        return BOOKING_BUYER_LIMIT;
    enum booking_refusal refusal = c->seats.count > 0   ? choose_seats(m, c->seats)
                                   : c->areas.count > 0 ? choose_areas(m, c->areas)
                                                        : choose_best(m, c);
    if (refusal == BOOKING_OK && c->areas.count == 0)
        refusal = check_party(m, m->singles == BOOKING_SINGLES_REFUSED && c->best_quantity == 0);
    return refusal == BOOKING_OK ? check_limits(m, c->session) : refusal;
}

/* The hold now has what was chosen. */
static void hold_takes(struct model *m, uint32_t slot)
{
    struct hold *h = &m->holds[slot];
    house_sort(m->out->units, m->out->unit_count);
    h->code_units = code_units(m);
    h->code = m->who.code;
    h->choice = m->out->choice;
    h->count = m->out->unit_count;
    for (uint32_t i = 0; i < h->count; i++) {
        h->units[i] = m->out->units[i];
        m->units[h->units[i]].state = BOOKING_HELD;
        m->units[h->units[i]].owner = slot;
    }
}

static uint32_t hold_slot(const struct model *m)
{
    uint32_t oldest = BOOKING_NONE;
    for (uint32_t i = 0; i < m->hold_count; i++)
        if (m->holds[i].life != LIVE &&
            (oldest == BOOKING_NONE || m->holds[i].ended < m->holds[oldest].ended))
            oldest = i;
    return house_slot(m, m->hold_count, oldest,
                      oldest == BOOKING_NONE ? 0 : m->holds[oldest].ended_at_us);
}

enum booking_refusal model_hold(struct model *m, const struct command_hold *c)
{
    enum booking_refusal refusal;
    if (house_key_answers(m, c->key, c->request, false, &refusal))
        return refusal;
    refusal = audience_find(m, c->code);
    if (refusal == BOOKING_OK)
        refusal = choose(m, c);
    uint32_t slot = hold_slot(m);
    if (refusal != BOOKING_OK || slot == BOOKING_NONE)
        return refusal != BOOKING_OK ? refusal : BOOKING_FULL;
    house_release_due(m);
    for (uint32_t i = 0; i < m->out->unit_count; i++)
        house_sweep_later(m, m->out->units[i], NULL);
    house_sweep(m, ALL);
    house_fact(m, BOOKING_ENTRY_units_held);
    if (slot == m->hold_count)
        m->holds = house_grow(m->holds, m->hold_count++, sizeof *m->holds);
    m->holds[slot] = (struct hold){.random = c->hold_random,
                                   .request = c->request,
                                   .key = c->key,
                                   .session = c->session,
                                   .life = LIVE,
                                   .expires_at_us = m->ts_us + m->hold_seconds * SECOND_US,
                                   .order = BOOKING_NONE,
                                   .prices = m->price_changes};
    hold_takes(m, slot);
    m->out->hold = slot;
    return BOOKING_OK;
}

enum booking_refusal model_change_hold(struct model *m, const struct command_change_hold *c)
{
    struct model_outcome *out = m->out;
    struct hold *h = house_find_hold(m, c->hold, c->hold_random, c->session);
    if (!h)
        return BOOKING_HOLD_NOT_FOUND;
    if (h->life == EXPIRED || (h->life == LIVE && !house_lives(m, h)))
        return BOOKING_HOLD_EXPIRED;
    if (h->life != LIVE)
        return BOOKING_HOLD_ENDED;
    if (h->order != BOOKING_NONE)
        return BOOKING_HOLD_ORDERED;
    bool same = c->seats.count == h->count;
    for (uint32_t i = 0; i < h->count; i++)
        if (m->units[h->units[i]].area != BOOKING_NONE)
            return BOOKING_HOLD_FIXED;
    for (uint32_t i = 0; i < h->count && same; i++) {
        uint32_t times = 0;
        for (uint32_t k = 0; k < c->seats.count; k++)
            times += u32s_at(c->seats, k) == h->units[i];
        same = times == 1;
    }
    out->hold = c->hold;
    out->repeated = same;
    if (same)
        return BOOKING_OK;
    struct code has = {.allocation = 0};
    if (h->code > 0)
        has = m->codes[h->code - 1];
    bool names_one = house_is_set(c->code);
    enum booking_refusal refusal =
        audience_find(m, !names_one && has.allocation > 0 ? has.hash : c->code);
    struct command_hold wanted = {.session = c->session, .seats = c->seats};
    m->who.own = h;
    m->who.same_code = !names_one || hash16_equal(c->code, has.hash);
    if (refusal == BOOKING_OK)
        refusal = choose(m, &wanted);
    if (refusal != BOOKING_OK)
        return refusal;
    house_release_due(m);
    for (uint32_t i = 0; i < out->unit_count; i++)
        house_sweep_later(m, out->units[i], h);
    house_sweep(m, ALL);
    house_fact(m, BOOKING_ENTRY_hold_changed);
    for (uint32_t i = 0; i < h->count; i++)
        m->units[h->units[i]].state = BOOKING_FREE;
    hold_takes(m, c->hold);
    return BOOKING_OK;
}

enum booking_refusal model_release_hold(struct model *m, const struct command_release_hold *c)
{
    struct hold *h = house_find_hold(m, c->hold, c->hold_random, c->session);
    if (!h)
        return BOOKING_HOLD_NOT_FOUND;
    m->out->hold = c->hold;
    m->out->repeated = h->life != LIVE;
    if (house_lives(m, h) && h->order != BOOKING_NONE)
        return BOOKING_HOLD_ORDERED;
    if (house_lives(m, h)) {
        house_fact(m, BOOKING_ENTRY_hold_released);
        house_end_hold(m, h, RELEASED);
    } else if (h->life == LIVE) {
        house_expire(m, h);
    }
    return BOOKING_OK;
}
