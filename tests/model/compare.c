#include "model/compare.h"

#include <stdarg.h>

/* Looks at everything the machine shows and names the first thing that the model has otherwise;
 * money is compare_money.c's. */

const char *compare_say(struct model *m, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    (void)vsnprintf(m->text, sizeof m->text, format, args);
    va_end(args);
    return m->text;
}

const char *model_compare_decision(struct model *m, const struct model_outcome *o,
                                   const struct booking_decision *d)
{
    if (o->refusal != d->refusal)
        return compare_say(m, "machine says %s, model %s", booking_refusal_code(d->refusal),
                           booking_refusal_code(o->refusal));
    for (uint32_t i = 0; i < d->entry_count || i < o->entry_count; i++) {
        uint16_t machine = i < d->entry_count ? d->entries[i].number : 0;
        uint16_t model = i < o->entry_count ? o->entries[i] : 0;
        if (machine != model)
            return compare_say(m, "entry %u: machine %s, model %s", i,
                               machine ? booking_entry_record(machine)->name : "none",
                               model ? booking_entry_record(model)->name : "none");
        struct model_note note = compare_note(&d->entries[i]);
        SAME(note.any, o->notes[i].any, "entry %u", i);
        SAME(note.order, o->notes[i].order, "entry %u", i);
        SAME(note.what, o->notes[i].what, "entry %u", i);
        SAME(note.amount_minor, o->notes[i].amount_minor, "entry %u", i);
    }
    SAME(d->repeated, o->repeated, "repeated");
    SAME(d->culprit_count, o->culprit_count, "culprits");
    for (uint32_t i = 0; i < d->culprit_count; i++)
        SAME(d->culprits[i], o->culprits[i], "culprit %u", i);
    SAME(d->categories, o->categories, "categories");
    if (d->refusal != BOOKING_OK)
        return NULL;
    SAME(d->hold, o->hold, "hold");
    SAME(d->order, o->order, "order");
    const struct booking_entry *last = d->entry_count ? &d->entries[d->entry_count - 1] : NULL;
    struct u32s units = {NULL, 0};
    if (last && last->number == BOOKING_ENTRY_units_held) {
        units = last->units_held.units;
        SAME(d->choice, o->choice, "choice");
        SAME(last->units_held.choice, o->choice, "choice of the entry");
    } else if (last && last->number == BOOKING_ENTRY_hold_changed) {
        units = last->hold_changed.units;
    } else {
        return NULL;
    }
    SAME(units.count, o->unit_count, "units");
    for (uint32_t i = 0; i < units.count; i++)
        SAME(u32s_at(units, i), o->units[i], "unit chosen %u", i);
    return NULL;
}

static const char *compare_event(struct model *m, const struct booking *b, uint64_t ts_us)
{
    struct booking_event e = booking_event(b);
    uint32_t live = 0;
    for (uint32_t i = 0; i < m->deals[HOLDS].count; i++)
        live += m->deals[HOLDS].all[i].state == LIVE;
    SAME(e.opens_at_us, m->opens_at_us, "event");
    SAME(e.closes_at_us, m->closes_at_us, "event");
    SAME(e.hold_seconds, m->hold_seconds, "event");
    SAME(e.pay_seconds, m->pay_seconds, "event");
    SAME(e.per_buyer, m->terms.per_buyer, "event");
    SAME(e.per_hold, m->terms.per_hold, "event");
    SAME(e.sale, m->terms.sale, "event");
    SAME(e.singles, m->terms.singles, "event");
    SAME(e.seat_count, m->seat_count, "event");
    SAME(e.unit_count, m->unit_count, "event");
    SAME(e.area_count, m->area_count, "event");
    SAME(e.category_count, m->category_count, "event");
    SAME(e.section_count, m->section_count, "event");
    SAME(e.allocation_count, m->allocation_count, "event");
    SAME(e.quota_count, m->quotas.count, "event");
    SAME(e.code_count, m->code_count, "event");
    SAME(e.live_holds, live, "event");
    SAME(e.last_ts_us, m->last_us, "event");
    enum booking_refusal sale =
        m->terms.sale == BOOKING_SALES_PAUSED ? BOOKING_SALE_PAUSED : BOOKING_OK;
    if (ts_us < m->opens_at_us)
        sale = BOOKING_SALE_NOT_OPEN;
    if (m->terms.sale == BOOKING_SALES_CLOSED || (m->closes_at_us != 0 && ts_us >= m->closes_at_us))
        sale = BOOKING_SALE_CLOSED;
    SAME(booking_sale_state(b, ts_us), sale, "event");
    return NULL;
}

static const char *compare_unit(struct model *m, const struct booking *b, uint32_t unit,
                                uint64_t ts_us)
{
    const struct unit *u = &m->units[unit];
    enum booking_unit_state state = u->state;
    if (house_is_free(m, u))
        state = BOOKING_FREE;
    if (state == BOOKING_FREE && !house_is_released(m, u->allocation))
        state = BOOKING_ALLOCATED;
    SAME(booking_unit_state(b, unit, ts_us), state, "unit %u", unit);
    SAME(booking_unit_category(b, unit), u->category, "unit %u", unit);
    SAME(booking_unit_allocation(b, unit), u->allocation, "unit %u", unit);
    SAME(booking_unit_area(b, unit), u->area, "unit %u", unit);
    SAME(booking_unit_seat(b, unit), u->seat, "unit %u", unit);
    if (!u->removed) {
        uint32_t group[LIMIT_HOLD_UNITS], count = booking_unit_group(b, unit, group), size = 0;
        SAME(booking_unit_kind(b, unit), u->kind, "unit %u", unit);
        SAME(booking_unit_companion_of(b, unit), u->companion_of, "unit %u", unit);
        for (uint32_t i = 0; i < m->unit_count && u->group != 0; i++)
            size += m->units[i].group == u->group;
        SAME(count, size, "group of unit %u", unit);
        for (uint32_t i = 0; i < count; i++)
            SAME(m->units[group[i]].group, u->group, "group of unit %u", unit);
    }
    SAME(booking_ticket_random(b, unit), u->ticket, "ticket of unit %u", unit);
    struct booking_ticket t;
    if (u->ticket == 0 || !booking_ticket_get(b, unit, u->ticket, &t))
        return u->ticket == 0 ? NULL : compare_say(m, "unit %u has no ticket", unit);
    SAME(t.order, u->ticket_order, "ticket of unit %u", unit);
    SAME(t.serial, u->serial, "ticket of unit %u", unit);
    const struct deal *o = &m->deals[ORDERS].all[u->ticket_order];
    bool admits = u->state == BOOKING_SOLD && o->state == BOOKING_ORDER_CAPTURED &&
                  o->dispute != BOOKING_DISPUTE_OPEN;
    SAME(t.valid, admits, "ticket of unit %u", unit);
    return NULL;
}

/* Counted by what was swept, as all that is counted. */
static uint32_t counted_with_code(const struct model *m, uint32_t code)
{
    const struct deal *d;
    uint32_t count = 0;
    for (uint32_t i = 0; (d = house_deal(m, i)) != NULL; i++)
        for (uint32_t k = 0; k < d->count; k++)
            count += d->code == code && (d->state == LIVE || house_is_sold(d)) &&
                     d->parts[k].coded && house_has_part(d, k);
    return count;
}

/* What is counted is counted by what was swept and released, not by the time. */
static const char *compare_counts(struct model *m, const struct booking *b)
{
    struct booking_counts seen[LIMIT_PRICE_CATEGORIES] = {0};
    uint32_t areas[LIMIT_AREAS] = {0};
    struct booking_allocation kept[LIMIT_ALLOCATIONS + 1] = {0};
    for (uint32_t unit = 0; unit < m->unit_count; unit++) {
        const struct unit *u = &m->units[unit];
        struct booking_counts *c = &seen[u->category];
        struct booking_allocation *a = &kept[u->allocation];
        bool is_free = u->state == BOOKING_FREE;
        bool everybodys = u->allocation == 0 || m->allocations[u->allocation].released;
        if (u->removed)
            continue;
        c->capacity++;
        c->available += is_free && everybodys;
        c->allocated += is_free && !everybodys;
        c->held += u->state == BOOKING_HELD;
        c->sold += u->state == BOOKING_SOLD;
        c->blocked += u->state == BOOKING_BLOCKED;
        a->capacity++;
        a->available += is_free;
        a->held += u->state == BOOKING_HELD;
        a->sold += u->state == BOOKING_SOLD;
        a->blocked += u->state == BOOKING_BLOCKED;
        const struct deal *o = u->state == BOOKING_SOLD ? &m->deals[ORDERS].all[u->owner] : NULL;
        for (uint32_t i = 0; o && i < o->count; i++)
            if (o->units[i] == unit)
                c->gross_minor += o->parts[i].line.total_minor;
        if (u->area != BOOKING_NONE)
            areas[u->area] += is_free && everybodys;
    }
    for (uint32_t i = 0; i < m->category_count; i++) {
        struct booking_counts c = booking_category_counts(b, i);
        SAME(c.capacity, seen[i].capacity, "category %u", i);
        SAME(c.available, seen[i].available, "category %u", i);
        SAME(c.allocated, seen[i].allocated, "category %u", i);
        SAME(c.held, seen[i].held, "category %u", i);
        SAME(c.sold, seen[i].sold, "category %u", i);
        SAME(c.blocked, seen[i].blocked, "category %u", i);
        SAME(c.gross_minor, seen[i].gross_minor, "category %u", i);
        SAME(booking_category_limit(b, i), m->terms.per_category[i], "category %u", i);
    }
    for (uint32_t i = 0; i < m->area_count; i++) {
        struct booking_area a = booking_area(b, i);
        SAME(a.first_unit, m->areas[i].first, "area %u", i);
        SAME(a.capacity, m->areas[i].size, "area %u", i);
        SAME(a.category, m->areas[i].category, "area %u", i);
        SAME(a.available, areas[i], "area %u", i);
    }
    for (uint32_t n = 1; n <= m->allocation_count; n++) {
        struct booking_allocation a = booking_allocation(b, n);
        const struct allocation *of = &m->allocations[n];
        SAME(slice_equal(a.id, house_slice(&of->id)), 1, "allocation %u", n);
        SAME(slice_equal(a.name, house_slice(&of->name)), 1, "allocation %u", n);
        SAME(booking_allocation_find(b, a.id), n, "allocation %u", n);
        SAME(a.kind, of->kind, "allocation %u", n);
        SAME(a.opens_at_us, of->opens_at_us, "allocation %u", n);
        SAME(a.releases_at_us, of->releases_at_us, "allocation %u", n);
        SAME(a.released, of->released, "allocation %u", n);
        SAME(a.capacity, kept[n].capacity, "allocation %u", n);
        SAME(a.available, kept[n].available, "allocation %u", n);
        SAME(a.held, kept[n].held, "allocation %u", n);
        SAME(a.sold, kept[n].sold, "allocation %u", n);
        SAME(a.blocked, kept[n].blocked, "allocation %u", n);
        for (uint32_t i = 0; i < m->code_count; i++) {
            kept[n].codes += m->codes[i].allocation == n;
            kept[n].codes_used += m->codes[i].allocation == n && counted_with_code(m, i + 1) > 0;
        }
        SAME(a.codes, kept[n].codes, "allocation %u", n);
        SAME(a.codes_used, kept[n].codes_used, "allocation %u", n);
    }
    for (uint32_t i = 0; i < m->quotas.count; i++) {
        struct booking_quota q = booking_quota(b, i);
        uint32_t used = 0;
        for (uint32_t c = 0; c < m->category_count; c++)
            used += (m->quotas.all[i].categories >> c & 1) != 0 ? seen[c].held + seen[c].sold : 0;
        SAME(q.categories, m->quotas.all[i].categories, "quota %u", i);
        SAME(q.limit, m->quotas.all[i].limit, "quota %u", i);
        SAME(q.used, used, "quota %u", i);
    }
    return NULL;
}

static const char *compare_code(struct model *m, const struct booking *b, uint32_t slot,
                                uint64_t ts_us)
{
    const struct code *c = &m->codes[slot];
    uint64_t opens_at_us = m->allocations[c->allocation].opens_at_us;
    bool good = c->allocation != 0 && !house_is_released(m, c->allocation);
    bool opens = good && ts_us >= (opens_at_us ? opens_at_us : m->opens_at_us);
    uint32_t left = UINT32_MAX, used = house_code_used(m, slot + 1);
    SAME(booking_code_allocation(b, c->hash), c->allocation, "code %u", slot);
    if (c->allocation != 0) {
        SAME(booking_code_use(b, c->hash).limit, c->limit, "code %u", slot);
        SAME(booking_code_use(b, c->hash).used, counted_with_code(m, slot + 1), "code %u", slot);
    }
    SAME(booking_code_opens(b, c->hash, ts_us, &left), opens ? c->allocation : 0, "code %u", slot);
    if (good)
        SAME(left,
             c->limit == 0     ? UINT32_MAX
             : c->limit > used ? c->limit - used
                               : 0,
             "code %u", slot);
    return NULL;
}

static const char *compare_hold(struct model *m, const struct booking *b, uint32_t slot)
{
    const struct deal *h = &m->deals[HOLDS].all[slot];
    struct booking_hold got;
    if (!booking_hold_get(b, slot, h->random, &got))
        return compare_say(m, "hold %u is not found", slot);
    SAME(got.live, h->state == LIVE, "hold %u", slot);
    SAME(got.expired, h->state == EXPIRED, "hold %u", slot);
    SAME(got.order, h->other, "hold %u", slot);
    SAME(got.choice, h->choice, "hold %u", slot);
    SAME(hash16_equal(got.session, h->session), 1, "session of hold %u", slot);
    SAME(got.code, h->code, "hold %u", slot);
    SAME(got.unit_count, h->count, "hold %u", slot);
    for (uint32_t i = 0; i < h->count; i++)
        SAME(got.units[i], h->units[i], "hold %u unit %u", slot, i);
    if (h->state != LIVE)
        return NULL;
    SAME(got.expires_at_us, h->expires_at_us, "hold %u", slot);
    SAME(got.extended, h->extended, "hold %u", slot);
    SAME(got.promo, h->promo, "hold %u", slot);
    TRY(compare_parts(m, h, got.lines, "hold", slot));
    SAME(got.total_minor, house_total(h), "hold %u", slot);
    return NULL;
}

static const char *compare_order(struct model *m, const struct booking *b, uint32_t slot)
{
    const struct deal *o = &m->deals[ORDERS].all[slot];
    struct booking_order got;
    bool ends = o->state == BOOKING_ORDER_ENDING || o->state == BOOKING_ORDER_ENDED;
    if (!booking_order_get(b, slot, o->random, &got))
        return compare_say(m, "order %u is not found", slot);
    SAME(got.state, o->state, "order %u", slot);
    SAME(got.end, ends ? o->end : 0, "order %u", slot);
    SAME(got.call, o->call, "order %u", slot);
    SAME(got.declines, o->declines, "order %u", slot);
    SAME(got.person, o->person, "order %u", slot);
    SAME(got.placed_at_us, o->placed_at_us, "order %u", slot);
    SAME(got.hold, o->other, "order %u", slot);
    SAME(got.expires_at_us,
         o->state == BOOKING_ORDER_PLACED ? m->deals[HOLDS].all[o->other].expires_at_us : 0,
         "order %u", slot);
    SAME(hash16_equal(got.session, o->session), 1, "order %u", slot);
    SAME(hash16_equal(got.email_hash, o->email), 1, "order %u", slot);
    SAME(hash16_equal(got.card, o->card), 1, "card of order %u", slot);
    SAME(slice_equal(got.intent, house_slice(&o->intent)), 1, "order %u", slot);
    SAME(slice_equal(got.client_secret, house_slice(&o->secret)), 1, "order %u", slot);
    SAME(slice_equal(got.decline_code, house_slice(&o->decline)), 1, "order %u", slot);
    SAME(got.unit_count, o->count, "order %u", slot);
    for (uint32_t i = 0; i < o->count; i++)
        SAME(got.units[i], o->units[i], "order %u unit %u", slot, i);
    return compare_order_money(m, b, slot, &got);
}

const char *model_compare(struct model *m, const struct booking *b, uint64_t ts_us)
{
    m->ts_us = ts_us;
    m->who.own = NULL;
    TRY(compare_event(m, b, ts_us));
    TRY(compare_money(m, b, ts_us));
    for (uint32_t unit = 0; unit < m->unit_count; unit++)
        TRY(compare_unit(m, b, unit, ts_us));
    for (uint32_t slot = 0; slot < m->deals[HOLDS].count; slot++)
        TRY(compare_hold(m, b, slot));
    SAME(booking_hold_random(b, m->deals[HOLDS].count), 0, "holds");
    for (uint32_t slot = 0; slot < m->deals[ORDERS].count; slot++)
        TRY(compare_order(m, b, slot));
    SAME(booking_order_slots(b), m->deals[ORDERS].count, "orders");
    for (uint32_t slot = 0; slot < m->code_count; slot++)
        TRY(compare_code(m, b, slot, ts_us));
    return compare_counts(m, b);
}
