#include "model/house.h"

#include <stdlib.h>

/* What is true at the time of the command, and what an entry changes. */

void *house_grow(void *list, size_t count, size_t size)
{
    char *more = realloc(list, (count + 1) * size);
    if (!more)
        abort();
    memset(more + count * size, 0, size);
    return more;
}

struct text house_text(struct slice bytes)
{
    struct text t = {0};
    t.len = bytes.len < sizeof t.bytes ? (uint32_t)bytes.len : sizeof t.bytes;
    memcpy(t.bytes, bytes.len ? bytes.data : "", t.len);
    return t;
}

struct slice house_slice(const struct text *text)
{
    return slice_make(text->bytes, text->len);
}

bool house_is_set(struct hash16 h)
{
    return !hash16_equal(h, (struct hash16){{0}});
}

/* ---- what is true at a time ---- */

struct unit *house_unit(const struct model *m, uint32_t unit)
{
    return unit < m->unit_count ? &m->units[unit] : NULL;
}

const struct deal *house_deal(const struct model *m, uint32_t i)
{
    const struct deals *holds = &m->deals[HOLDS], *orders = &m->deals[ORDERS];
    if (i < holds->count)
        return &holds->all[i];
    return i - holds->count < orders->count ? &orders->all[i - holds->count] : NULL;
}

bool house_is_sold(const struct deal *order)
{
    return order->state == BOOKING_ORDER_SOLD || order->state == BOOKING_ORDER_CAPTURED;
}

bool house_keeps(const struct model *m, const struct deal *d)
{
    return d->state == LIVE ? d->expires_at_us > m->ts_us : house_is_sold(d);
}

bool house_ran_out(const struct model *m, const struct deal *hold)
{
    return hold->state == EXPIRED || (hold->state == LIVE && !house_keeps(m, hold));
}

bool house_is_taken(const struct model *m, const struct unit *u)
{
    return u->state == BOOKING_SOLD ||
           (u->state == BOOKING_HELD && house_keeps(m, &m->deals[HOLDS].all[u->owner]));
}

bool house_is_free(const struct model *m, const struct unit *u)
{
    return u->state != BOOKING_BLOCKED && !house_is_taken(m, u);
}

bool house_is_released(const struct model *m, uint32_t allocation)
{
    const struct allocation *a = &m->allocations[allocation];
    return allocation == 0 || a->released ||
           (a->releases_at_us != 0 && a->releases_at_us <= m->ts_us);
}

struct booking_price house_price(const struct model *m, const struct deal *d, uint32_t i)
{
    return m->prices[d->prices].of[m->units[d->units[i]].category];
}

int64_t house_total(const struct model *m, const struct deal *d)
{
    int64_t total = 0;
    for (uint32_t i = 0; i < d->count; i++)
        total += house_price(m, d, i).price_minor + house_price(m, d, i).fee_minor;
    return total;
}

static uint32_t count_in(const struct model *m, const struct deal *d, uint64_t categories)
{
    uint32_t count = 0;
    for (uint32_t i = 0; d && i < d->count; i++)
        count += (categories >> m->units[d->units[i]].category & 1) != 0;
    return count;
}

uint32_t house_has(const struct model *m, const struct hash16 *buyer, bool address,
                   uint64_t categories)
{
    const struct deal *d;
    uint32_t count = 0;
    for (uint32_t i = 0; (d = house_deal(m, i)) != NULL; i++)
        if (house_keeps(m, d) && d != m->who.own &&
            (!buyer || hash16_equal(address ? d->email : d->session, *buyer)))
            count += count_in(m, d, categories);
    return count;
}

/* Units of these categories in sold orders that the card paid. */
static uint32_t card_has(const struct model *m, const struct hash16 *card, uint64_t categories)
{
    uint32_t count = 0;
    for (uint32_t i = 0; i < m->deals[ORDERS].count; i++) {
        const struct deal *o = &m->deals[ORDERS].all[i];
        if (house_is_sold(o) && hash16_equal(o->card, *card))
            count += count_in(m, o, categories);
    }
    return count;
}

bool house_card_is_full(const struct model *m, const struct hash16 *card, const struct deal *order)
{
    bool full = card_has(m, card, ALL_CATEGORIES) > 0 &&
                card_has(m, card, ALL_CATEGORIES) + order->count > m->terms.per_buyer;
    for (uint32_t i = 0; i < m->category_count; i++) {
        uint32_t limit = m->terms.per_category[i], has = card_has(m, card, 1ull << i),
                 wanted = count_in(m, order, 1ull << i);
        full = full || (limit > 0 && wanted > 0 && has > 0 && has + wanted > limit);
    }
    return full && house_is_set(*card);
}

bool house_exceeds(struct model *m, const struct hash16 *buyer, bool address, uint64_t categories,
                   uint32_t limit)
{
    uint32_t wanted = 0;
    for (const struct unit *u = m->units; u < house_end(m); u++)
        wanted += u->mark == CHOSEN && (categories >> u->category & 1) != 0;
    bool exceeds = wanted > count_in(m, m->who.own, categories) &&
                   house_has(m, buyer, address, categories) + wanted > limit;
    m->out->categories = exceeds ? categories : 0;
    return exceeds;
}

enum booking_refusal house_check_categories(struct model *m, const struct hash16 *buyer,
                                            bool address)
{
    for (uint32_t i = 0; i < m->category_count; i++) {
        uint32_t limit = m->terms.per_category[i];
        REFUSE_IF(limit > 0 && house_exceeds(m, buyer, address, 1ull << i, limit), CATEGORY_LIMIT);
    }
    return BOOKING_OK;
}

uint32_t house_code_used(const struct model *m, uint32_t code)
{
    const struct deal *d;
    uint32_t count = 0;
    for (uint32_t i = 0; (d = house_deal(m, i)) != NULL; i++)
        count += d->code == code && d != m->who.own && house_keeps(m, d) ? d->code_units : 0;
    return count;
}

uint32_t house_code_find(const struct model *m, struct hash16 hash)
{
    for (uint32_t i = 0; i < m->code_count; i++)
        if (hash16_equal(m->codes[i].hash, hash))
            return i + 1;
    return 0;
}

struct deal *house_find(const struct model *m, enum kind kind, uint32_t slot, uint64_t random,
                        const struct hash16 *session)
{
    struct deal *d = slot < m->deals[kind].count ? &m->deals[kind].all[slot] : NULL;
    bool theirs = d && d->random == random && (!session || hash16_equal(d->session, *session));
    return theirs ? d : NULL;
}

/* ---- answers ---- */

void house_culprit(struct model *m, const struct unit *u)
{
    if (m->out->culprit_count < LIMIT_HOLD_UNITS)
        m->out->culprits[m->out->culprit_count++] = (uint32_t)(u - m->units);
}

bool house_key_answers(struct model *m, struct hash16 key, uint64_t request, enum kind kind,
                       enum booking_refusal *ret_refusal)
{
    for (enum kind of = HOLDS; of <= ORDERS && house_is_set(key); of++)
        for (uint32_t slot = 0; slot < m->deals[of].count; slot++) {
            const struct deal *d = &m->deals[of].all[slot];
            if (!hash16_equal(d->key, key))
                continue;
            m->out->repeated = of == kind && d->request == request;
            *ret_refusal = m->out->repeated ? BOOKING_OK : BOOKING_IDEMPOTENCY_MISMATCH;
            if (m->out->repeated)
                *(kind == HOLDS ? &m->out->hold : &m->out->order) = slot;
            return true;
        }
    return false;
}

/* Again a day after its end, or when all are in use; the oldest first, none with an open case. */
uint32_t house_slot(const struct model *m, enum kind kind)
{
    const struct deal *all = m->deals[kind].all, *oldest = NULL;
    uint32_t count = m->deals[kind].count;
    for (uint32_t i = 0; i < count; i++)
        if (all[i].ended != 0 && !all[i].attention && (!oldest || all[i].ended < oldest->ended))
            oldest = &all[i];
    if (oldest &&
        (oldest->ended_at_us + DAY_US <= m->ts_us || count == m->unit_count + SLOTS_OVER_UNITS))
        return (uint32_t)(oldest - all);
    return count < m->unit_count + SLOTS_OVER_UNITS ? count : BOOKING_NONE;
}

struct deal *house_put(struct model *m, enum kind kind, uint32_t slot, struct deal deal)
{
    struct deals *deals = &m->deals[kind];
    if (slot == deals->count)
        deals->all = house_grow(deals->all, deals->count++, sizeof *deals->all);
    deals->all[slot] = deal;
    return &deals->all[slot];
}

bool house_is_odd(struct u32s areas)
{
    bool odd = areas.count % 2 != 0;
    for (uint32_t i = 0; i + 1 < areas.count; i += 2)
        odd = odd || u32s_at(areas, i + 1) == 0;
    return odd;
}

enum booking_refusal house_take_areas(struct model *m, struct u32s areas, enum mark mark,
                                      bool (*take)(struct model *m, uint32_t area, uint32_t wanted,
                                                   enum mark mark))
{
    for (uint32_t i = 0; i < areas.count; i += 2) {
        REFUSE_IF(u32s_at(areas, i) >= m->area_count, UNKNOWN_UNIT);
        for (uint32_t k = 0; k < i; k += 2)
            REFUSE_IF(u32s_at(areas, k) == u32s_at(areas, i), REPEATED_UNIT);
        REFUSE_IF(!take(m, u32s_at(areas, i), u32s_at(areas, i + 1), mark), NOT_ENOUGH);
    }
    return BOOKING_OK;
}

/* ---- facts: what an entry changes ---- */

uint64_t house_fact(struct model *m, enum booking_entry_number number)
{
    if (m->out->entry_count < LIMIT_DECISION_ENTRIES)
        m->out->entries[m->out->entry_count++] = (uint16_t)number;
    m->last_us = m->next_us++;
    return m->last_us;
}

void house_owe(struct model *m, struct deal *order, enum booking_call call)
{
    house_fact(m, BOOKING_ENTRY_payment_requested);
    order->call = call;
}

static void end(struct model *m, struct deal *d, uint32_t state)
{
    d->state = state;
    d->ended_at_us = m->last_us;
    d->ended = ++m->endings;
}

void house_end_hold(struct model *m, struct deal *hold, enum life how)
{
    end(m, hold, how);
    for (uint32_t i = 0; i < hold->count && how != PAID; i++)
        m->units[hold->units[i]].state = BOOKING_FREE;
}

void house_finish(struct model *m, struct deal *order)
{
    end(m, order, BOOKING_ORDER_ENDED);
    order->call = BOOKING_CALL_NONE;
}

/* The provider may know of a payment: then it is only ending. */
static void order_over(struct model *m, struct deal *order, enum booking_end why)
{
    m->deals[HOLDS].all[order->other].other = BOOKING_NONE;
    order->other = BOOKING_NONE;
    order->state = BOOKING_ORDER_ENDING;
    order->end = why;
    if (order->intent.len == 0 && order->call == BOOKING_CALL_NONE)
        house_finish(m, order);
}

void house_end_order(struct model *m, struct deal *order, enum booking_end why)
{
    house_fact(m, BOOKING_ENTRY_order_ended);
    house_end_hold(m, &m->deals[HOLDS].all[order->other], RELEASED);
    if (why == BOOKING_END_FAILED && order->intent.len == 0)
        order->call = BOOKING_CALL_NONE; /* there is no payment and will be none */
    order_over(m, order, why);
}

void house_expire(struct model *m, struct deal *hold)
{
    house_fact(m, BOOKING_ENTRY_hold_expired);
    house_end_hold(m, hold, EXPIRED);
    if (hold->other == BOOKING_NONE)
        return;
    struct deal *order = &m->deals[ORDERS].all[hold->other];
    order_over(m, order, BOOKING_END_EXPIRED);
    if (order->intent.len > 0)
        house_owe(m, order, BOOKING_CALL_CANCEL);
}

/* ---- in front of everything else ---- */

void house_mark(struct model *m, enum mark mark)
{
    for (struct unit *u = m->units; u < house_end(m); u++)
        u->mark = mark;
}

/* It ran out and has a unit that the command touches. */
static bool is_in_the_way(const struct model *m, const struct deal *hold)
{
    bool touched = false;
    for (uint32_t i = 0; i < hold->count; i++)
        touched = touched || m->units[hold->units[i]].mark != UNTOUCHED;
    return touched && hold->state == LIVE && house_ran_out(m, hold);
}

void house_sweep(struct model *m, uint32_t most)
{
    const struct booking_decision *d = m->machine;
    struct deals *holds = &m->deals[HOLDS];
    for (uint32_t i = 0, swept = 0; i < d->entry_count + holds->count && swept < most; i++) {
        uint32_t slot = i - d->entry_count; /* those that the machine forgot */
        if (i < d->entry_count)
            slot = d->entries[i].number == BOOKING_ENTRY_hold_expired
                       ? d->entries[i].hold_expired.hold
                       : BOOKING_NONE;
        if (slot >= holds->count || !is_in_the_way(m, &holds->all[slot]))
            continue;
        house_expire(m, &holds->all[slot]);
        swept++;
    }
}

void house_release_due(struct model *m)
{
    for (uint32_t a = 1; a <= m->allocation_count; a++)
        if (!m->allocations[a].released && house_is_released(m, a)) {
            house_fact(m, BOOKING_ENTRY_allocation_released);
            m->allocations[a].released = 1;
        }
}

enum booking_refusal house_make_way(struct model *m, bool releases)
{
    uint32_t ways = 0;
    for (uint32_t i = 0; i < m->deals[HOLDS].count; i++)
        ways += is_in_the_way(m, &m->deals[HOLDS].all[i]);
    REFUSE_IF(ways > LIMIT_TICK_EXPIRIES, FULL);
    if (releases)
        house_release_due(m);
    house_sweep(m, ways);
    return BOOKING_OK;
}
