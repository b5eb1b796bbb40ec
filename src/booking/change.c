#include "booking/state.h"

/* What the organiser changes while the event is on sale, and the passing of time. */

/* The same prices again are no change: their history is bounded. */
static bool prices_differ(const struct booking *b, struct u64s list, bool fees)
{
    for (uint32_t i = 0; i < list.count; i++) {
        struct booking_price now = booking_category_base(b, i);
        if (u64s_at(list, i) != (uint64_t)(fees ? now.fee_minor : now.price_minor))
            return true;
    }
    return false;
}

static bool category_limits_differ(const struct booking *b, struct u32s list)
{
    for (uint32_t i = 0; i < list.count; i++)
        if (u32s_at(list, i) != b->categories[i].per_buyer)
            return true;
    return false;
}

static bool quotas_valid(const struct booking *b, struct u64s categories, struct u32s limits)
{
    uint64_t known = ~0ull >> (64 - b->s->category_count);
    if (categories.count != limits.count || limits.count > LIMIT_QUOTAS)
        return false;
    for (uint32_t i = 0; i < categories.count; i++)
        if (u64s_at(categories, i) == 0 || (u64s_at(categories, i) & ~known) != 0)
            return false;
    return true;
}

static bool quotas_differ(const struct booking *b, const struct command_change_event *c)
{
    if (c->quota_limits.count != b->s->quota_count)
        return true;
    for (uint32_t i = 0; i < b->s->quota_count; i++)
        if (u64s_at(c->quota_categories, i) != b->quotas[i].categories ||
            u32s_at(c->quota_limits, i) != b->quotas[i].limit)
            return true;
    return false;
}

static enum booking_refusal check_change(const struct booking *b,
                                         const struct command_change_event *c)
{
    uint32_t categories = b->s->category_count;
    if (c->sale > BOOKING_SALES_CLOSED || c->singles > BOOKING_SINGLES_REFUSED ||
        c->per_hold > LIMIT_HOLD_UNITS || c->per_buyer > LIMIT_BUYER_UNITS ||
        (c->prices.count > 0 && !life_prices_valid(c->prices, categories)) ||
        (c->fees.count > 0 && !life_prices_valid(c->fees, categories)) ||
        !prices_within_ceilings(b, c->prices) || !life_limits_valid(c->per_category, categories) ||
        !quotas_valid(b, c->quota_categories, c->quota_limits))
        return BOOKING_BAD_CHANGE;
    if ((prices_differ(b, c->prices, false) || prices_differ(b, c->fees, true)) &&
        !prices_have_room(b))
        return BOOKING_EVENT_LIMIT;
    return BOOKING_OK;
}

/* Units to block or to free again must be neither held nor sold; numbers rise. */
static enum booking_refusal check_units(const struct booking *b, struct u32s units, bool block,
                                        uint64_t ts_us, struct booking_decision *d)
{
    for (uint32_t i = 0; i < units.count; i++) {
        uint32_t unit = u32s_at(units, i);
        if (unit >= b->s->unit_count || b->info[unit].removed)
            return BOOKING_UNKNOWN_UNIT;
        if (i > 0 && unit <= u32s_at(units, i - 1))
            return BOOKING_REPEATED_UNIT;
    }
    for (uint32_t i = 0; i < units.count; i++) {
        uint32_t unit = u32s_at(units, i);
        enum booking_unit_state state = unit_state(b, unit);
        bool fits = block ? state == BOOKING_BLOCKED || unit_is_free(b, unit, ts_us)
                          : state == BOOKING_BLOCKED || state == BOOKING_FREE;
        if (!fits)
            decision_culprit(d, unit);
    }
    return d->culprit_count > 0 ? BOOKING_UNIT_NOT_FREE : BOOKING_OK;
}

static void write_event_changed(const struct booking *b, const struct command_change_event *c,
                                uint64_t ts_us, struct booking_decision *d)
{
    struct entry_event_changed changed = {
        .sale = c->sale, .per_buyer = c->per_buyer, .per_hold = c->per_hold, .singles = c->singles};
    if (prices_differ(b, c->prices, false))
        changed.prices = c->prices;
    if (prices_differ(b, c->fees, true))
        changed.fees = c->fees;
    if (category_limits_differ(b, c->per_category))
        changed.per_category = c->per_category;
    if (changed.sale || changed.per_buyer || changed.per_hold || changed.singles ||
        changed.prices.count || changed.fees.count || changed.per_category.count)
        decision_entry(d, BOOKING_ENTRY_event_changed)->event_changed = changed;
    decision_step(b, &(struct price_change){.event = &changed}, ts_us, d);
}

void decide_change_event(const struct booking *b, const struct command_change_event *c,
                         uint64_t ts_us, struct booking_decision *d)
{
    d->refusal = check_change(b, c);
    if (d->refusal == BOOKING_OK)
        d->refusal = check_units(b, c->block, true, ts_us, d);
    if (d->refusal == BOOKING_OK)
        d->refusal = check_units(b, c->unblock, false, ts_us, d);
    if (d->refusal != BOOKING_OK)
        return;
    if (!decision_expire_units(b, c->block, d)) { /* the sweeper is behind: ask again in a moment */
        d->entry_count = 0;
        d->refusal = BOOKING_FULL;
        return;
    }
    write_event_changed(b, c, ts_us, d);
    if (c->block.count > 0)
        decision_entry(d, BOOKING_ENTRY_units_blocked)->units_blocked.units = c->block;
    if (c->unblock.count > 0)
        decision_entry(d, BOOKING_ENTRY_units_unblocked)->units_unblocked.units = c->unblock;
    if (c->set_quotas && quotas_differ(b, c))
        decision_entry(d, BOOKING_ENTRY_quotas_set)->quotas_set =
            (struct entry_quotas_set){c->quota_categories, c->quota_limits};
    d->repeated = d->entry_count == 0;
}

static void apply_category_limits(struct booking *b, struct u32s limits)
{
    bool recount = false;
    if (limits.count == 0)
        return;
    b->s->limited_categories = 0;
    for (uint32_t i = 0; i < limits.count; i++) {
        uint32_t limit = u32s_at(limits, i);
        recount |= (limit > 0) != (b->categories[i].per_buyer > 0);
        b->s->limited_categories += limit > 0;
        b->categories[i].per_buyer = limit;
    }
    if (recount)
        limits_recount(b);
}

void apply_event_changed(struct booking *b, const struct entry_event_changed *e)
{
    struct state *s = b->s;
    apply_category_limits(b, e->per_category);
    if (e->singles != BOOKING_SINGLES_UNCHANGED)
        s->singles = e->singles;
    if (e->sale != BOOKING_SALES_UNCHANGED)
        s->sale = e->sale;
    if (e->per_buyer > 0)
        s->per_buyer = e->per_buyer;
    if (e->per_hold > 0)
        s->per_hold = e->per_hold;
    if (e->prices.count + e->fees.count > 0)
        prices_set_base(b, e->prices, e->fees);
}

void apply_units_blocked(struct booking *b, struct u32s units, bool blocked,
                         struct booking_touched *touched)
{
    for (uint32_t i = 0; i < units.count; i++) {
        uint32_t unit = u32s_at(units, i);
        assert(unit_state(b, unit) == BOOKING_FREE || unit_state(b, unit) == BOOKING_BLOCKED);
        unit_set(b, unit, blocked ? BOOKING_BLOCKED : BOOKING_FREE, 0, touched);
    }
}

/* How well the journal knows until when the house was open: for holds, which have minutes, and for
 * cases that run out, which have a day. */
static uint64_t time_between_notes(const struct booking *b)
{
    if (b->s->live_holds > 0)
        return TIME_SECOND_US;
    return b->s->case_oldest != BOOKING_NONE ? LIMIT_CASE_NOTE_SECONDS * TIME_SECOND_US
                                             : UINT64_MAX;
}

void decide_tick(const struct booking *b, uint64_t ts_us, struct booking_decision *d)
{
    decision_release_due(b, ts_us, d);
    (void)decision_expire_due(b, ts_us, d); /* the next tick goes on */
    decision_step(b, NULL, ts_us, d);
    decision_release_cases(b, ts_us, d);
    if (d->entry_count == 0 && ts_us - b->s->last_ts_us >= time_between_notes(b))
        decision_entry(d, BOOKING_ENTRY_time_passed);
}

void apply_outage_credited(struct booking *b, const struct entry_outage_credited *e)
{
    /* All by the same amount: the orders of heap and queue stay. */
    for (uint32_t i = 0; i < b->s->live_holds; i++) {
        struct hold *h = &b->holds[b->heap[i]];
        h->expires_at_us += e->outage_us;
        if (h->order != BOOKING_NONE && b->orders[h->order].processing_until_us != 0)
            b->orders[h->order].processing_until_us += e->outage_us;
    }
    for (uint32_t i = 0; b->s->open_cases > 0 && i < b->s->orders_used; i++)
        if (b->orders[i].attention)
            b->orders[i].case_at_us += e->outage_us;
}
