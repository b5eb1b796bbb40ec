#include "booking/state.h"

/* Looking at the state from outside; nothing here changes it. */

const char *booking_refusal_code(enum booking_refusal refusal)
{
#define REFUSAL_CODE(name, code) code,
    static const char *const codes[] = {BOOKING_REFUSALS(REFUSAL_CODE)};
#undef REFUSAL_CODE
    assert(refusal < BOOKING_REFUSAL_COUNT);
    return codes[refusal];
}

struct booking_event booking_event(const struct booking *b)
{
    const struct state *s = b->s;
    struct booking_event event = {
        .partition = s->partition,
        .event_random = s->event_random,
        .organiser_random = s->organiser_random,
        .opens_at_us = s->opens_at_us,
        .closes_at_us = s->closes_at_us,
        .hold_seconds = s->hold_seconds,
        .pay_seconds = s->pay_seconds,
        .per_buyer = s->per_buyer,
        .per_hold = s->per_hold,
        .sale = (enum booking_sale)s->sale,
        .singles = (enum booking_singles)s->singles,
        .code_count = s->codes_used,
        .allocation_count = s->allocation_count,
        .quota_count = s->quota_count,
        .plan_version = s->plan_version,
        .seat_count = s->seat_count,
        .unit_count = s->unit_count,
        .area_count = s->area_count,
        .category_count = s->category_count,
        .section_count = s->section_count,
        .live_holds = s->live_holds,
        .next_release_us = s->next_release_us,
        .fee_bearer = (enum booking_bearer)s->fee_bearer,
        .payment_methods = s->payment_methods,
        .processing_seconds = s->processing_seconds,
        .promo_count = s->promos_used,
        .open_cases = s->open_cases,
        .open_disputes = s->open_disputes,
        .next_case_us = case_next_us(b),
        .last_ts_us = s->last_ts_us,
    };
    memcpy(event.currency, s->currency, 4);
    return event;
}

enum booking_refusal booking_sale_state(const struct booking *b, uint64_t ts_us)
{
    const struct state *s = b->s;
    if (s->sale == BOOKING_SALES_CLOSED || (s->closes_at_us != 0 && ts_us >= s->closes_at_us))
        return BOOKING_SALE_CLOSED;
    if (ts_us < s->opens_at_us)
        return BOOKING_SALE_NOT_OPEN;
    return s->sale == BOOKING_SALES_PAUSED ? BOOKING_SALE_PAUSED : BOOKING_OK;
}

enum booking_unit_state booking_unit_state(const struct booking *b, uint32_t unit, uint64_t ts_us)
{
    assert(unit < b->s->unit_count);
    if (!unit_is_free(b, unit, ts_us))
        return unit_state(b, unit);
    return unit_in(b, unit, allocations_released(b, ts_us)) ? BOOKING_FREE : BOOKING_ALLOCATED;
}

uint32_t booking_unit_category(const struct booking *b, uint32_t unit)
{
    assert(unit < b->s->unit_count);
    return b->info[unit].category;
}

enum booking_kind booking_unit_kind(const struct booking *b, uint32_t unit)
{
    assert(unit < b->s->unit_count);
    return (enum booking_kind)(b->info[unit].kind & KIND_MASK);
}

uint32_t booking_unit_allocation(const struct booking *b, uint32_t unit)
{
    assert(unit < b->s->unit_count);
    return b->info[unit].allocation;
}

uint32_t booking_unit_companion_of(const struct booking *b, uint32_t unit)
{
    assert(unit < b->s->unit_count);
    return b->links[unit].companion_of - 1; /* 0: BOOKING_NONE */
}

uint32_t booking_unit_group(const struct booking *b, uint32_t unit,
                            uint32_t ret_units[LIMIT_HOLD_UNITS])
{
    assert(unit < b->s->unit_count);
    if (b->links[unit].group == 0)
        return 0;
    struct group group = b->groups[b->links[unit].group - 1];
    memcpy(ret_units, &b->grouped[group.first], group.count * sizeof *ret_units);
    return group.count;
}

uint32_t booking_seat_unit(const struct booking *b, uint32_t seat)
{
    assert(seat < b->s->seat_count);
    return b->seat_unit[seat];
}

uint32_t booking_unit_seat(const struct booking *b, uint32_t unit)
{
    assert(unit < b->s->unit_count);
    return b->unit_seat[unit];
}

uint32_t booking_unit_area(const struct booking *b, uint32_t unit)
{
    if (unit_is_seat(b, unit))
        return BOOKING_NONE;
    for (uint32_t i = 0; i < b->s->area_count; i++)
        if (unit < b->areas[i].first + b->areas[i].capacity)
            return i;
    return BOOKING_NONE;
}

struct booking_area booking_area(const struct booking *b, uint32_t area)
{
    assert(area < b->s->area_count);
    const struct area *a = &b->areas[area];
    return (struct booking_area){a->first, a->capacity, a->category, a->available};
}

struct booking_counts booking_category_counts(const struct booking *b, uint32_t category)
{
    assert(category < b->s->category_count);
    const struct category *c = &b->categories[category];
    return (struct booking_counts){
        .capacity = c->capacity,
        .available = c->capacity - c->held - c->sold - c->blocked - c->allocated,
        .allocated = c->allocated,
        .held = c->held,
        .sold = c->sold,
        .blocked = c->blocked,
        .gross_minor = c->gross_minor,
    };
}

bool booking_hold_key_known(const struct booking *b, struct hash16 key)
{
    return key_is_set(key) && hold_by_key(b, key) != BOOKING_NONE;
}

uint64_t booking_hold_random(const struct booking *b, uint32_t hold)
{
    return hold < b->s->holds_used ? b->holds[hold].random : 0;
}

uint32_t booking_hold_slots(const struct booking *b)
{
    return b->s->holds_used;
}

bool booking_hold_session(const struct booking *b, uint32_t hold, uint64_t ts_us,
                          struct hash16 *ret_session)
{
    const struct hold *h = &b->holds[hold];
    if (hold >= b->s->holds_used || h->state != HOLD_LIVE || h->expires_at_us <= ts_us)
        return false;
    *ret_session = h->session;
    return true;
}

bool booking_hold_get(const struct booking *b, uint32_t hold, uint64_t random,
                      struct booking_hold *ret_hold)
{
    if (random == 0 || booking_hold_random(b, hold) != random)
        return false;
    const struct hold *h = &b->holds[hold];
    struct booking_hold out = {
        .random = h->random,
        .session = h->session,
        .expires_at_us = h->expires_at_us,
        .order = h->order,
        .live = h->state == HOLD_LIVE,
        .expired = h->state == HOLD_EXPIRED,
        .choice = h->choice,
        .code = h->code,
        .unit_count = h->count,
        .promo = h->promo,
        .extended = h->extended != 0,
    };
    for (uint32_t i = 0; i < h->count; i++) {
        out.units[i] = h->units[i];
        out.lines[i] = quote_line(b, h->units[i], h->revision, h->discounts[i]);
        out.total_minor += out.lines[i].total_minor;
    }
    *ret_hold = out;
    return true;
}

uint64_t booking_order_random(const struct booking *b, uint32_t order)
{
    return order < b->s->orders_used ? b->orders[order].random : 0;
}

uint32_t booking_order_slots(const struct booking *b)
{
    return b->s->orders_used;
}

uint32_t booking_order_of_intent(const struct booking *b, struct slice intent)
{
    for (uint32_t order = 0; intent.len > 0 && order < b->s->orders_used; order++) {
        const struct order *o = &b->orders[order];
        if (o->random != 0 && slice_equal(slice_make(o->intent, o->intent_len), intent))
            return order;
    }
    return BOOKING_NONE;
}

bool booking_order_get(const struct booking *b, uint32_t order, uint64_t random,
                       struct booking_order *ret_order)
{
    if (random == 0 || booking_order_random(b, order) != random)
        return false;
    const struct order *o = &b->orders[order];
    struct booking_order out = {
        .random = o->random,
        .session = o->session,
        .email_hash = o->email_hash,
        .card = o->card,
        .person = o->person,
        .state = (enum booking_order_state)o->state,
        .end = (enum booking_end)o->end,
        .attention = o->attention != 0,
        .call = (enum booking_call)o->call,
        .attempt = o->attempt,
        .declines = o->declines,
        .total_minor = o->total_minor,
        .placed_at_us = o->placed_at_us,
        .expires_at_us = o->state == BOOKING_ORDER_PLACED ? b->holds[o->hold].expires_at_us : 0,
        .hold = o->state == BOOKING_ORDER_PLACED ? o->hold : BOOKING_NONE,
        .unit_count = o->count,
        .intent = slice_make(o->intent, o->intent_len),
        .client_secret = slice_make(o->secret, o->secret_len),
        .decline_code = slice_make(o->code, o->code_len),
        .promo = o->promo,
        .provider = o->provider,
        .processing = o->processing != 0,
        .taken_minor = o->taken_minor,
        .by_hand_minor = o->by_hand_minor,
        .refunds = o->refunds,
        .case_reason = (enum booking_case)o->attention,
        .case_opened_at_us = o->case_at_us,
        .dispute = order_dispute(b, o),
    };
    for (uint32_t i = 0; i < o->count; i++) {
        out.units[i] = o->units[i];
        out.lines[i] = order_line(b, o, i);
        out.refund_of[i] = o->refund_of[i];
    }
    memcpy(out.refund_states, o->refund_states, sizeof out.refund_states);
    memcpy(out.refund_attempts, o->refund_attempts, sizeof out.refund_attempts);
    for (uint8_t refund = 1; refund <= o->refunds; refund++) {
        uint8_t state = o->refund_states[refund - 1];
        if (state == BOOKING_REFUND_DONE || state == BOOKING_REFUND_SETTLED)
            out.refunds_done++;
        if (state == BOOKING_REFUND_FAILED && out.refund_failed == 0)
            out.refund_failed = refund;
    }
    *ret_order = out;
    return true;
}

uint8_t booking_order_case(const struct booking *b, uint32_t order)
{
    assert(order < b->s->orders_used);
    return b->orders[order].attention;
}

int64_t booking_refund_amount(const struct booking *b, uint32_t order, uint8_t refund)
{
    assert(order < b->s->orders_used && refund >= 1 && refund <= b->orders[order].refunds);
    return refund_amount(b, &b->orders[order], refund);
}

uint64_t booking_ticket_random(const struct booking *b, uint32_t unit)
{
    return unit < b->s->unit_count ? b->tickets[unit].random : 0;
}

bool booking_ticket_get(const struct booking *b, uint32_t unit, uint64_t random,
                        struct booking_ticket *ret_ticket)
{
    if (random == 0 || booking_ticket_random(b, unit) != random)
        return false;
    const struct ticket *t = &b->tickets[unit];
    const struct order *o = &b->orders[t->order];
    bool owned = unit_state(b, unit) == BOOKING_SOLD && unit_owner(b, unit) == t->order;
    *ret_ticket = (struct booking_ticket){
        .random = t->random,
        .unit = unit,
        .order = t->order,
        .serial = t->serial,
        .generation = t->generation,
        .valid = owned && o->state == BOOKING_ORDER_CAPTURED &&
                 order_dispute(b, o) != BOOKING_DISPUTE_OPEN,
    };
    return true;
}
