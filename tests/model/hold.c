#include "model/house.h"

/* Who may hold what: RULES.md, "Who may buy now", "Hold" and "Change a hold". */

/* ---- what somebody may have ---- */

static bool may_take(const struct model *m, const struct unit *u)
{
    const struct audience *who = &m->who;
    bool own = who->own && u->state == BOOKING_HELD && &m->deals[HOLDS].all[u->owner] == who->own;
    return (own && who->same_code) || ((own || house_is_free(m, u)) &&
                                       ((who->opened && u->allocation == who->allocation) ||
                                        (who->everybody && house_is_released(m, u->allocation))));
}

static enum booking_refusal find_audience(struct model *m, struct hash16 code)
{
    struct audience *who = &m->who;
    uint32_t sale = m->terms.sale;
    who->code = house_is_set(code) ? house_code_find(m, code) : 0;
    who->allocation = who->code ? m->codes[who->code - 1].allocation : 0;
    REFUSE_IF(house_is_set(code) && who->allocation == 0, CODE_UNKNOWN);
    if (house_is_released(m, who->allocation))
        who->allocation = 0; /* the code is as good as none */
    uint64_t opens_at_us = m->allocations[who->allocation].opens_at_us;
    who->opened = who->allocation != 0 && opens_at_us <= m->ts_us;
    who->everybody = m->ts_us >= m->opens_at_us;
    REFUSE_IF(sale == BOOKING_SALES_CLOSED, SALE_CLOSED);
    REFUSE_IF(m->closes_at_us != 0 && m->closes_at_us <= m->ts_us, SALE_CLOSED);
    REFUSE_IF(!who->everybody && (!who->opened || opens_at_us == 0), SALE_NOT_OPEN);
    REFUSE_IF(sale == BOOKING_SALES_PAUSED, SALE_PAUSED);
    return BOOKING_OK;
}

static enum booking_refusal choose_seats(struct model *m, struct u32s seats)
{
    for (uint32_t i = 0; i < seats.count; i++) {
        struct unit *u = house_unit(m, u32s_at(seats, i));
        REFUSE_IF(!u || u->area != BOOKING_NONE || u->removed, UNKNOWN_UNIT);
        REFUSE_IF(u->mark == CHOSEN, REPEATED_UNIT);
        u->mark = CHOSEN;
    }
    for (uint32_t i = 0; i < seats.count; i++)
        if (!may_take(m, &m->units[u32s_at(seats, i)]))
            house_culprit(m, &m->units[u32s_at(seats, i)]);
    REFUSE_IF(m->out->culprit_count > 0, UNIT_UNAVAILABLE);
    return BOOKING_OK;
}

static bool is_of_code(const struct model *m, const struct unit *u)
{
    return m->who.allocation != 0 && u->allocation == m->who.allocation;
}

/* Those of the code's allocation first. */
static bool choose_area(struct model *m, uint32_t area, uint32_t wanted, enum mark mark)
{
    for (int others = 0; others < 2; others++)
        for (struct unit *u = m->units; u < house_end(m) && wanted > 0; u++)
            if (u->area == area && may_take(m, u) && is_of_code(m, u) == !others) {
                u->mark = mark;
                wanted--;
            }
    return wanted == 0;
}

/* ---- the party ---- */

typedef bool question(const struct model *m, const struct unit *u);

static bool is_chosen(const struct unit *u)
{
    return u && u->mark == CHOSEN;
}

/* Not chosen, and of a group of which another is. */
static bool is_missing(const struct model *m, const struct unit *u)
{
    bool any = false;
    for (const struct unit *of = m->units; of < house_end(m) && u->group != 0 && !any; of++)
        any = of->group == u->group && of->mark == CHOSEN;
    return any && u->mark != CHOSEN;
}

/* A chosen companion without its seat. */
static bool is_alone(const struct model *m, const struct unit *u)
{
    return u->mark == CHOSEN && u->companion_of != BOOKING_NONE &&
           m->units[u->companion_of].mark != CHOSEN;
}

static bool stays_free(const struct model *m, const struct unit *u)
{
    return u && u->mark != CHOSEN && may_take(m, u);
}

/* Beside a chosen seat, and free with no free neighbour when these are taken. */
static bool is_single(const struct model *m, const struct unit *u)
{
    const struct unit *left = house_unit(m, u->left), *right = house_unit(m, u->right);
    return (is_chosen(left) || is_chosen(right)) && stays_free(m, u) && !stays_free(m, left) &&
           !stays_free(m, right);
}

/* ... and another of its run stays free: there is another way. */
static bool is_needless_single(const struct model *m, const struct unit *u)
{
    bool others = false;
    if (!is_single(m, u))
        return false;
    for (const struct unit *at = u; at && may_take(m, at); at = house_unit(m, at->left))
        others = others || (at != u && stays_free(m, at));
    for (const struct unit *at = u; at && may_take(m, at); at = house_unit(m, at->right))
        others = others || (at != u && stays_free(m, at));
    return others;
}

static uint32_t count(const struct model *m, question *is)
{
    uint32_t n = 0;
    for (const struct unit *u = m->units; u < house_end(m); u++)
        n += is(m, u);
    return n;
}

static bool any_culprit(struct model *m, question *is)
{
    for (const struct unit *u = m->units; u < house_end(m); u++)
        if (is(m, u))
            house_culprit(m, u);
    return m->out->culprit_count > 0;
}

/* ---- the best ---- */

/* Of the categories and the section that are asked for. */
static bool fits(const struct model *m, const struct unit *u)
{
    return (m->who.categories >> u->category & 1) != 0 && may_take(m, u) &&
           (m->who.section == 0 || (u->place != BOOKING_NONE && u->section + 1 == m->who.section));
}

static bool fits_as_seat(const struct model *m, const struct unit *u)
{
    return u->area == BOOKING_NONE && fits(m, u);
}

/* Chosen seats of a kind. */
static uint32_t chosen_of(const struct model *m, enum booking_kind kind)
{
    uint32_t n = 0;
    for (const struct unit *u = m->units; u < house_end(m); u++)
        n += u->mark == CHOSEN && u->kind == kind;
    return n;
}

/* Chooses n seats from this one on; their cost, or UINT64_MAX: it cannot be. */
static uint64_t choose_run(struct model *m, struct unit *u, uint32_t n)
{
    uint64_t cost = 0;
    house_mark(m, UNTOUCHED);
    for (; n > 0; n--, u = house_unit(m, u->right)) {
        if (!fits_as_seat(m, u) || (n > 1 && u->right == BOOKING_NONE))
            return UINT64_MAX;
        u->mark = CHOSEN;
        cost += u->cost;
    }
    return cost;
}

/* The chosen seats may be sold together. */
static bool may_go(const struct model *m, uint32_t accessible, bool restricted, bool single)
{
    return chosen_of(m, BOOKING_KIND_ACCESSIBLE) == accessible &&
           (accessible > 0 || chosen_of(m, BOOKING_KIND_COMPANION) == 0) &&
           (restricted || chosen_of(m, BOOKING_KIND_RESTRICTED_VIEW) == 0) &&
           count(m, is_alone) == 0 && count(m, is_missing) == 0 &&
           (single || count(m, is_single) == 0);
}

static bool choose_adjacent(struct model *m, const struct command_hold *c, bool restricted,
                            bool single)
{
    struct unit *first = NULL;
    uint64_t least = UINT64_MAX;
    for (struct unit *u = m->units; u < house_end(m); u++) {
        uint64_t cost = choose_run(m, u, c->best_quantity);
        if (cost < UINT64_MAX && cost <= least && (cost < least || u->place < first->place) &&
            may_go(m, c->best_accessible, restricted, single)) {
            first = u;
            least = cost;
        }
    }
    if (!first)
        return false;
    (void)choose_run(m, first, c->best_quantity);
    m->out->choice =
        (uint8_t)(BOOKING_CHOICE_ADJACENT |
                  (chosen_of(m, BOOKING_KIND_RESTRICTED_VIEW) ? BOOKING_CHOICE_RESTRICTED : 0) |
                  (single ? BOOKING_CHOICE_LEAVES_SINGLE : 0));
    return true;
}

static bool choose_with_companions(struct model *m, uint32_t accessible, uint32_t quantity)
{
    uint32_t chosen[LIMIT_HOLD_UNITS], left = quantity - accessible;
    house_mark(m, UNTOUCHED);
    for (uint32_t i = 0; i < accessible; i++) {
        struct unit *best = NULL;
        for (struct unit *u = m->units; u < house_end(m); u++)
            if (u->kind == BOOKING_KIND_ACCESSIBLE && u->group == 0 && u->mark != CHOSEN &&
                fits_as_seat(m, u) &&
                (!best || u->cost < best->cost ||
                 (u->cost == best->cost && u->place < best->place)))
                best = u;
        if (!best)
            return false;
        best->mark = CHOSEN;
        chosen[i] = (uint32_t)(best - m->units);
    }
    for (uint32_t i = 0; i < accessible; i++)
        for (struct unit *u = m->units; u < house_end(m); u++)
            if (u->companion_of == chosen[i] && u->group == 0 && may_take(m, u) && left > 0) {
                u->mark = CHOSEN;
                left--;
            }
    m->out->choice = BOOKING_CHOICE_COMPANIONS;
    return left == 0;
}

static enum booking_refusal choose_best(struct model *m, const struct command_hold *c)
{
    const struct prices today = house_prices_now(m);
    uint32_t accessible = c->best_accessible;
    uint64_t asked = c->best_categories ? c->best_categories : ALL_CATEGORIES;
    for (uint32_t i = 0; i < LIMIT_PRICE_CATEGORIES; i++)
        REFUSE_IF(i >= m->category_count && (c->best_categories >> i & 1) != 0, UNKNOWN_UNIT);
    REFUSE_IF(c->best_section > m->section_count, UNKNOWN_UNIT);
    REFUSE_IF(accessible > c->best_quantity, EMPTY_REQUEST);
    for (uint32_t i = 0; i < m->category_count; i++) {
        int64_t price = today.of[i].price_minor + (m->organiser_bears ? 0 : today.of[i].fee_minor);
        if ((c->best_price_min == 0 || price >= c->best_price_min) &&
            (c->best_price_below == 0 || price < c->best_price_below))
            m->who.categories |= asked & 1ull << i;
    }
    m->who.section = c->best_section;
    REFUSE_IF(m->who.categories == 0, NOT_ENOUGH);
    REFUSE_IF(count(m, accessible > 0 ? fits_as_seat : fits) < c->best_quantity, NOT_ENOUGH);
    for (unsigned way = 0; way < 4; way++)
        if (choose_adjacent(m, c, way / 2 == 1, way % 2 == 1))
            return BOOKING_OK;
    if (accessible > 0 && choose_with_companions(m, accessible, c->best_quantity))
        return BOOKING_OK;
    for (uint32_t i = 0; accessible == 0 && c->best_section == 0 && i < m->area_count; i++) {
        house_mark(m, UNTOUCHED);
        m->out->choice = BOOKING_CHOICE_AREA;
        if ((m->who.categories >> m->areas[i].category & 1) != 0 &&
            choose_area(m, i, c->best_quantity, CHOSEN))
            return BOOKING_OK;
    }
    return BOOKING_NOT_ADJACENT;
}

/* ---- a hold ---- */

/* Chosen units that the code opened. */
static bool is_counted_for_code(const struct model *m, const struct unit *u)
{
    return is_chosen(u) && is_of_code(m, u);
}

static enum booking_refusal check_limits(struct model *m, const struct hash16 *session)
{
    const struct deal *own = m->who.own;
    CHECK(house_check_categories(m, session, false));
    uint32_t coded = count(m, is_counted_for_code);
    uint32_t limit = coded ? m->codes[m->who.code - 1].limit : 0;
    uint32_t were = 0;
    for (uint32_t i = 0; own && i < own->count; i++)
        were += own->code == m->who.code && own->parts[i].coded;
    REFUSE_IF(limit > 0 && coded > were && house_code_used(m, m->who.code) + coded > limit,
              CODE_LIMIT);
    for (uint32_t i = 0; i < m->quotas.count; i++)
        REFUSE_IF(house_exceeds(m, NULL, false, m->quotas.all[i].categories,
                                (uint32_t)m->quotas.all[i].limit),
                  QUOTA_REACHED);
    return BOOKING_OK;
}

/* Rules 3 to 8 of a hold. */
static enum booking_refusal choose(struct model *m, const struct command_hold *c)
{
    uint64_t wanted = (uint64_t)c->seats.count + c->best_quantity;
    uint32_t holds = 0;
    for (uint32_t i = 0; i + 1 < c->areas.count; i += 2)
        wanted += u32s_at(c->areas, i + 1);
    REFUSE_IF((c->seats.count > 0) + (c->areas.count > 0) + (c->best_quantity > 0) != 1,
              EMPTY_REQUEST);
    REFUSE_IF(house_is_odd(c->areas), EMPTY_REQUEST);
    REFUSE_IF(wanted > m->terms.per_hold, HOLD_LIMIT);
    for (uint32_t i = 0; i < m->deals[HOLDS].count && !m->who.own; i++)
        holds += house_counts(m, &m->deals[HOLDS].all[i]) &&
                 hash16_equal(m->deals[HOLDS].all[i].session, c->session);
    REFUSE_IF(holds >= LIMIT_SESSION_HOLDS, SESSION_LIMIT);
    REFUSE_IF(house_has(m, &c->session, false, ALL_CATEGORIES) + wanted > m->terms.per_buyer,
              BUYER_LIMIT);
    if (c->seats.count > 0)
        CHECK(choose_seats(m, c->seats));
    CHECK(house_take_areas(m, c->areas, CHOSEN, choose_area));
    if (c->best_quantity > 0)
        CHECK(choose_best(m, c));
    if (c->areas.count == 0) {
        REFUSE_IF(any_culprit(m, is_missing), GROUP_INCOMPLETE);
        REFUSE_IF(any_culprit(m, is_alone), COMPANION_ALONE);
        REFUSE_IF(m->terms.singles == BOOKING_SINGLES_REFUSED && c->best_quantity == 0 &&
                      any_culprit(m, is_needless_single),
                  SINGLE_LEFT);
    }
    return check_limits(m, &c->session);
}

/* The hold now has what was chosen. */
static void take_chosen(struct model *m, uint32_t slot)
{
    struct deal *h = &m->deals[HOLDS].all[slot];
    h->code = m->who.code;
    h->choice = m->out->choice;
    h->count = 0;
    for (struct unit *u = m->units; u < house_end(m); u++)
        if (u->mark == CHOSEN) {
            u->state = BOOKING_HELD;
            u->owner = slot;
            h->parts[h->count].coded = is_of_code(m, u);
            h->units[h->count++] = (uint32_t)(u - m->units);
        }
    house_quote(m, h, 0);
    struct deal quoted;
    if (h->promo && house_try_promo(m, h, m->promos[h->promo - 1].hash, &quoted) == BOOKING_OK)
        *h = quoted;
    else
        h->promo = 0;
    m->out->unit_count = h->count;
    memcpy(m->out->units, h->units, sizeof h->units);
    m->out->hold = slot;
}

enum booking_refusal model_hold(struct model *m, const struct command_hold *c)
{
    enum booking_refusal refusal;
    if (house_key_answers(m, c->key, c->request, HOLDS, &refusal))
        return refusal;
    CHECK(find_audience(m, c->code));
    CHECK(choose(m, c));
    uint32_t slot = house_slot(m, HOLDS);
    REFUSE_IF(slot == BOOKING_NONE, FULL);
    CHECK(house_make_way(m, true));
    house_step(m);
    house_fact(m, BOOKING_ENTRY_units_held);
    house_put(m, HOLDS, slot,
              (struct deal){.random = c->hold_random,
                            .request = c->request,
                            .key = c->key,
                            .session = c->session,
                            .state = LIVE,
                            .expires_at_us = m->ts_us + m->hold_seconds * SECOND_US,
                            .other = BOOKING_NONE,
                            .revision = m->revision});
    take_chosen(m, slot);
    return BOOKING_OK;
}

enum booking_refusal model_change_hold(struct model *m, const struct command_change_hold *c)
{
    struct deal *h = house_find(m, HOLDS, c->hold, c->hold_random, &c->session);
    REFUSE_IF(!h, HOLD_NOT_FOUND);
    REFUSE_IF(house_ran_out(m, h), HOLD_EXPIRED);
    REFUSE_IF(h->state != LIVE, HOLD_ENDED);
    REFUSE_IF(h->other != BOOKING_NONE, HOLD_ORDERED);
    bool same = c->seats.count == h->count;
    for (uint32_t i = 0; i < h->count; i++) {
        uint32_t times = 0;
        REFUSE_IF(m->units[h->units[i]].area != BOOKING_NONE, HOLD_FIXED);
        for (uint32_t k = 0; k < c->seats.count; k++)
            times += u32s_at(c->seats, k) == h->units[i];
        same = same && times == 1;
    }
    m->out->hold = c->hold;
    m->out->repeated = same;
    if (same)
        return BOOKING_OK;
    struct code has = {.allocation = 0};
    if (h->code > 0)
        has = m->codes[h->code - 1];
    bool names_one = house_is_set(c->code);
    CHECK(find_audience(m, !names_one && has.allocation > 0 ? has.hash : c->code));
    m->who.own = h;
    m->who.same_code = !names_one || hash16_equal(c->code, has.hash);
    struct command_hold wanted = {.session = c->session, .seats = c->seats};
    CHECK(choose(m, &wanted));
    CHECK(house_make_way(m, true));
    house_fact(m, BOOKING_ENTRY_hold_changed);
    for (uint32_t i = 0; i < h->count; i++)
        m->units[h->units[i]].state = BOOKING_FREE;
    take_chosen(m, c->hold);
    return BOOKING_OK;
}

enum booking_refusal model_release_hold(struct model *m, const struct command_release_hold *c)
{
    struct deal *h = house_find(m, HOLDS, c->hold, c->hold_random, &c->session);
    REFUSE_IF(!h, HOLD_NOT_FOUND);
    m->out->hold = c->hold;
    m->out->repeated = h->state != LIVE;
    if (h->state == LIVE && !house_keeps(m, h)) {
        house_expire(m, h);
    } else if (h->state == LIVE) {
        REFUSE_IF(h->other != BOOKING_NONE, HOLD_ORDERED);
        house_fact(m, BOOKING_ENTRY_hold_released);
        house_end_hold(m, h, RELEASED);
    }
    return BOOKING_OK;
}
