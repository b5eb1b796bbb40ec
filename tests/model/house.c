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

bool house_counts(const struct model *m, const struct deal *d)
{
    return house_keeps(m, d) || (d->state == LIVE && d->other != BOOKING_NONE);
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

int64_t house_total(const struct deal *d)
{
    int64_t total = 0;
    for (uint32_t i = 0; i < d->count; i++)
        total += d->parts[i].line.total_minor;
    return total;
}

bool house_has_part(const struct deal *d, uint32_t i)
{
    return d->parts[i].refund == 0 && d->dispute != BOOKING_DISPUTE_LOST;
}

static uint32_t count_in(const struct model *m, const struct deal *d, uint64_t categories)
{
    uint32_t count = 0;
    for (uint32_t i = 0; d && i < d->count; i++)
        count += house_has_part(d, i) && (categories >> m->units[d->units[i]].category & 1) != 0;
    return count;
}

uint32_t house_has(const struct model *m, const struct hash16 *buyer, bool address,
                   uint64_t categories)
{
    const struct deal *d;
    uint32_t count = 0;
    for (uint32_t i = 0; (d = house_deal(m, i)) != NULL; i++)
        if (house_counts(m, d) && d != m->who.own &&
            (!buyer || hash16_equal(address ? d->email : d->session, *buyer)))
            count += count_in(m, d, categories);
    return count;
}

uint32_t house_card_has(const struct model *m, const struct hash16 *card, uint64_t categories)
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
    bool full = house_card_has(m, card, ALL_CATEGORIES) > 0 &&
                house_card_has(m, card, ALL_CATEGORIES) + order->count > m->terms.per_buyer;
    for (uint32_t i = 0; i < m->category_count; i++) {
        uint32_t limit = m->terms.per_category[i], has = house_card_has(m, card, 1ull << i),
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
        for (uint32_t k = 0; k < d->count; k++)
            count += d->code == code && d != m->who.own && house_counts(m, d) &&
                     d->parts[k].coded && house_has_part(d, k);
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

/* All its money went back, and nothing is open. */
static bool is_wholly_refunded(const struct deal *d)
{
    if (d->ended != 0)
        return d->taken_minor != 0 && d->reason == 0;
    bool whole = d->state == BOOKING_ORDER_CAPTURED && d->call == BOOKING_CALL_NONE &&
                 d->reason == 0 && d->dispute != BOOKING_DISPUTE_OPEN;
    for (uint32_t i = 0; i < d->count; i++)
        whole = whole && d->parts[i].refund != 0;
    return whole;
}

/* Again a day after its end, or when all are in use; the oldest first, none with an open case. The
 * last to go are orders that were wholly refunded. */
uint32_t house_slot(const struct model *m, enum kind kind)
{
    const struct deal *all = m->deals[kind].all, *oldest = NULL, *refunded = NULL;
    uint32_t count = m->deals[kind].count;
    uint32_t most = (kind == ORDERS ? 2 : 1) * m->unit_count + SLOTS_OVER_UNITS;
    for (uint32_t i = 0; i < count; i++) {
        if (all[i].ended != 0 && all[i].reason == 0 && all[i].taken_minor == 0 &&
            (!oldest || all[i].ended < oldest->ended))
            oldest = &all[i];
        if (kind == ORDERS && is_wholly_refunded(&all[i]) &&
            (!refunded || all[i].refunded < refunded->refunded))
            refunded = &all[i];
    }
    if (oldest && (oldest->ended_at_us + DAY_US <= m->ts_us || count == most))
        return (uint32_t)(oldest - all);
    if (count < most)
        return count;
    return refunded ? (uint32_t)(refunded - all) : BOOKING_NONE;
}

void house_leave_hold(struct model *m, const struct deal *order)
{
    for (uint32_t i = 0; i < m->deals[HOLDS].count; i++) {
        struct deal *h = &m->deals[HOLDS].all[i];
        if (h->state == PAID && h->other == (uint32_t)(order - m->deals[ORDERS].all))
            h->other = BOOKING_NONE;
    }
}

/* What an order used of its promo code stays used when its slot is another's. */
static void forget(struct model *m, const struct deal *d)
{
    house_leave_hold(m, d);
    for (uint32_t i = 0; i < m->dispute_count && d->state == BOOKING_ORDER_CAPTURED; i++)
        if (m->disputes[i].order == (uint32_t)(d - m->deals[ORDERS].all))
            m->disputes[i].order = BOOKING_NONE;
    if (d->promo == 0 || d->state != BOOKING_ORDER_CAPTURED)
        return;
    m->promos[d->promo - 1].gone_uses++;
    for (uint32_t i = 0; i < d->count; i++)
        m->promos[d->promo - 1].gone_minor += (uint64_t)d->parts[i].promo_minor;
}

struct deal *house_put(struct model *m, enum kind kind, uint32_t slot, struct deal deal)
{
    struct deals *deals = &m->deals[kind];
    if (slot == deals->count)
        deals->all = house_grow(deals->all, deals->count++, sizeof *deals->all);
    else if (kind == ORDERS)
        forget(m, &deals->all[slot]);
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

uint64_t house_money_fact(struct model *m, enum booking_entry_number number,
                          const struct deal *order, uint32_t what, int64_t amount_minor)
{
    if (m->out->entry_count < LIMIT_DECISION_ENTRIES)
        m->out->notes[m->out->entry_count] =
            (struct model_note){true, (uint32_t)(order - m->deals[ORDERS].all), what, amount_minor};
    return house_fact(m, number);
}

void house_owe(struct model *m, struct deal *order, enum booking_call call, uint32_t refund)
{
    int64_t amount_minor = house_total(order);
    if (call == BOOKING_CALL_CANCEL)
        amount_minor = 0;
    if (call == BOOKING_CALL_REFUND) {
        amount_minor = order->refund[refund - 1].amount_minor;
        order->refund[refund - 1].attempt = ++order->refunds_asked;
    }
    house_money_fact(m, BOOKING_ENTRY_payment_requested, order, call, amount_minor);
    order->call = call;
    order->owed = refund;
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
    house_money_fact(m, BOOKING_ENTRY_order_ended, order, why, 0);
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
        house_owe(m, order, BOOKING_CALL_CANCEL, 0);
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
