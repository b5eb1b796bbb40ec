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

bool house_is_set(struct hash16 h)
{
    return !hash16_equal(h, (struct hash16){{0}});
}

bool house_lists(const uint32_t *units, uint32_t count, uint32_t unit)
{
    for (uint32_t i = 0; i < count; i++)
        if (units[i] == unit)
            return true;
    return false;
}

void house_sort(uint32_t *units, uint32_t count)
{
    for (uint32_t i = 0; i < count; i++)
        for (uint32_t k = i + 1; k < count; k++)
            if (units[k] < units[i]) {
                uint32_t unit = units[i];
                units[i] = units[k];
                units[k] = unit;
            }
}

/* ---- what is true at a time ---- */

bool house_lives(const struct model *m, const struct hold *h)
{
    return h->life == LIVE && h->expires_at_us > m->ts_us;
}

bool house_is_sold(const struct order *o)
{
    return o->state == BOOKING_ORDER_SOLD || o->state == BOOKING_ORDER_CAPTURED;
}

bool house_is_free(const struct model *m, uint32_t unit)
{
    const struct unit *u = &m->units[unit];
    return u->state == BOOKING_FREE ||
           (u->state == BOOKING_HELD && !house_lives(m, &m->holds[u->owner]));
}

bool house_is_free_or_blocked(const struct model *m, uint32_t unit)
{
    return house_is_free(m, unit) || m->units[unit].state == BOOKING_BLOCKED;
}

bool house_is_released(const struct model *m, uint32_t allocation)
{
    const struct allocation *a = &m->allocations[allocation];
    return allocation == 0 || a->released ||
           (a->releases_at_us != 0 && a->releases_at_us <= m->ts_us);
}

uint32_t house_has(const struct model *m, struct hash16 buyer, bool address, uint32_t category,
                   const struct hold *but)
{
    uint32_t count = 0;
    for (uint32_t i = 0; i < m->hold_count; i++) {
        const struct hold *h = &m->holds[i];
        struct hash16 whose = !address                   ? h->session
                              : h->order == BOOKING_NONE ? (struct hash16){{0}}
                                                         : m->orders[h->order].email;
        for (uint32_t k = 0; k < h->count; k++)
            count += house_lives(m, h) && h != but && hash16_equal(whose, buyer) &&
                     (category == ALL || m->units[h->units[k]].category == category);
    }
    for (uint32_t i = 0; i < m->order_count; i++) {
        const struct order *o = &m->orders[i];
        for (uint32_t k = 0; k < o->count; k++)
            count += house_is_sold(o) && hash16_equal(address ? o->email : o->session, buyer) &&
                     (category == ALL || m->units[o->units[k]].category == category);
    }
    return count;
}

uint32_t house_code_used(const struct model *m, uint32_t code, const struct hold *but)
{
    uint32_t count = 0;
    for (uint32_t i = 0; i < m->hold_count; i++)
        if (house_lives(m, &m->holds[i]) && m->holds[i].code == code && &m->holds[i] != but)
            count += m->holds[i].code_units;
    for (uint32_t i = 0; i < m->order_count; i++)
        if (house_is_sold(&m->orders[i]) && m->orders[i].code == code)
            count += m->orders[i].code_units;
    return count;
}

uint32_t house_code_find(const struct model *m, struct hash16 hash)
{
    for (uint32_t i = 0; i < m->code_count; i++)
        if (hash16_equal(m->codes[i].hash, hash))
            return i + 1;
    return 0;
}

struct hold *house_find_hold(const struct model *m, uint32_t slot, uint64_t random,
                             struct hash16 session)
{
    struct hold *h = slot < m->hold_count ? &m->holds[slot] : NULL;
    return h && h->random == random && hash16_equal(h->session, session) ? h : NULL;
}

/* ---- answers ---- */

void house_culprit(struct model *m, uint32_t unit)
{
    if (m->out->culprit_count < LIMIT_HOLD_UNITS)
        m->out->culprits[m->out->culprit_count++] = unit;
}

bool house_key_answers(struct model *m, struct hash16 key, uint64_t request, bool for_order,
                       enum booking_refusal *ret_refusal)
{
    uint32_t hold = BOOKING_NONE, order = BOOKING_NONE;
    for (uint32_t i = 0; i < m->hold_count; i++)
        if (hash16_equal(m->holds[i].key, key))
            hold = i;
    for (uint32_t i = 0; i < m->order_count; i++)
        if (hash16_equal(m->orders[i].key, key))
            order = i;
    if (!house_is_set(key) || (hold == BOOKING_NONE && order == BOOKING_NONE))
        return false;
    uint32_t slot = for_order ? order : hold;
    *ret_refusal = BOOKING_IDEMPOTENCY_MISMATCH;
    if (slot == BOOKING_NONE ||
        (for_order ? m->orders[slot].request : m->holds[slot].request) != request)
        return true;
    *ret_refusal = BOOKING_OK;
    m->out->repeated = true;
    *(for_order ? &m->out->order : &m->out->hold) = slot;
    return true;
}

uint32_t house_slot(const struct model *m, uint32_t count, uint32_t oldest, uint64_t ended_at_us)
{
    if (count == m->unit_count + SLOTS_OVER_UNITS)
        return oldest;
    return oldest != BOOKING_NONE && ended_at_us + DAY_US <= m->ts_us ? oldest : count;
}

/* ---- facts: what an entry changes ---- */

uint64_t house_fact(struct model *m, enum booking_entry_number number)
{
    if (m->out->entry_count < LIMIT_DECISION_ENTRIES)
        m->out->entries[m->out->entry_count++] = (uint16_t)number;
    m->last_us = m->next_us++;
    return m->last_us;
}

void house_owe(struct model *m, struct order *o, enum booking_call call)
{
    house_fact(m, BOOKING_ENTRY_payment_requested);
    o->call = call;
}

void house_end_hold(struct model *m, struct hold *h, enum life how)
{
    h->life = how;
    h->ended_at_us = m->last_us;
    h->ended = ++m->endings;
    for (uint32_t i = 0; i < h->count && how != SOLD; i++)
        m->units[h->units[i]].state = BOOKING_FREE;
}

static void finish_order(struct model *m, struct order *o)
{
    o->state = BOOKING_ORDER_ENDED;
    o->call = BOOKING_CALL_NONE;
    o->ended_at_us = m->last_us;
    o->ended = ++m->endings;
}

static void order_over(struct model *m, struct order *o, enum booking_end why)
{
    m->holds[o->hold].order = BOOKING_NONE;
    o->hold = BOOKING_NONE;
    o->state = BOOKING_ORDER_ENDING;
    o->end = why;
    if (o->intent_len == 0 && o->call == BOOKING_CALL_NONE)
        finish_order(m, o);
}

void house_end_order(struct model *m, struct order *o, enum booking_end why)
{
    house_fact(m, BOOKING_ENTRY_order_ended);
    house_end_hold(m, &m->holds[o->hold], RELEASED);
    if (why == BOOKING_END_FAILED && o->intent_len == 0)
        o->call = BOOKING_CALL_NONE; /* there is no payment and will be none */
    order_over(m, o, why);
}

void house_expire(struct model *m, struct hold *h)
{
    h->due = false;
    house_fact(m, BOOKING_ENTRY_hold_expired);
    house_end_hold(m, h, EXPIRED);
    if (h->order == BOOKING_NONE)
        return;
    struct order *o = &m->orders[h->order];
    order_over(m, o, BOOKING_END_EXPIRED);
    if (o->intent_len > 0)
        house_owe(m, o, BOOKING_CALL_CANCEL);
}

void house_sweep_later(struct model *m, uint32_t unit, const struct hold *but)
{
    struct unit *u = &m->units[unit];
    if (u->state == BOOKING_HELD && &m->holds[u->owner] != but)
        m->holds[u->owner].due = true;
}

void house_sweep_later_all(struct model *m)
{
    for (uint32_t i = 0; i < m->hold_count; i++)
        m->holds[i].due = m->holds[i].life == LIVE && !house_lives(m, &m->holds[i]);
}

void house_sweep(struct model *m, uint32_t most)
{
    uint32_t swept = 0;
    for (uint32_t i = 0; i < m->machine->entry_count; i++) {
        const struct booking_entry *e = &m->machine->entries[i];
        if (e->number != BOOKING_ENTRY_hold_expired || e->hold_expired.hold >= m->hold_count)
            continue;
        if (m->holds[e->hold_expired.hold].due && swept++ < most)
            house_expire(m, &m->holds[e->hold_expired.hold]);
    }
    for (uint32_t i = 0; i < m->hold_count; i++) {
        if (m->holds[i].due && swept++ < most)
            house_expire(m, &m->holds[i]);
        m->holds[i].due = false;
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

void house_learn(struct model *m, struct order *o, const struct command_payment_news *c)
{
    house_fact(m, BOOKING_ENTRY_payment_created);
    o->intent_len = (uint32_t)c->intent.len;
    o->secret_len = (uint32_t)c->client_secret.len;
    memcpy(o->intent, c->intent.len ? c->intent.data : "", c->intent.len);
    memcpy(o->secret, c->client_secret.len ? c->client_secret.data : "", c->client_secret.len);
    o->call = BOOKING_CALL_NONE;
}

void house_cancel(struct model *m, struct order *o)
{
    house_fact(m, BOOKING_ENTRY_payment_cancelled);
    finish_order(m, o);
}

void house_open_case(struct model *m, struct order *o)
{
    house_fact(m, BOOKING_ENTRY_case_opened);
    o->attention = true;
    o->call = BOOKING_CALL_NONE; /* asking again would not help */
}

void house_sell(struct model *m, uint32_t order, struct u64s randoms)
{
    struct order *o = &m->orders[order];
    house_fact(m, BOOKING_ENTRY_order_sold);
    house_end_hold(m, &m->holds[o->hold], SOLD);
    o->hold = BOOKING_NONE;
    o->state = BOOKING_ORDER_SOLD;
    for (uint32_t i = 0; i < o->count; i++) {
        struct unit *u = &m->units[o->units[i]];
        struct booking_price price = m->prices[o->prices][u->category];
        u->state = BOOKING_SOLD;
        u->owner = u->ticket_order = order;
        u->ticket = u64s_at(randoms, i);
        u->serial++;
        m->organiser -= price.price_minor;
        m->fees -= price.fee_minor;
    }
    m->buyers += o->total;
}

void house_capture(struct model *m, struct order *o)
{
    house_fact(m, BOOKING_ENTRY_payment_captured);
    o->state = BOOKING_ORDER_CAPTURED;
    o->call = BOOKING_CALL_NONE;
    o->attention = false;
    m->buyers -= o->total;
    m->provider += o->total;
}
