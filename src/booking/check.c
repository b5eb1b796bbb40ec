#include "booking/state.h"

/* Architecture 13 for one state, by brute force: nothing here trusts a count or an index that the
 * machine keeps. For tests, the simulator and audits. */

#define REQUIRE(condition, words) \
    do {                          \
        if (!(condition))         \
            return words;         \
    } while (false)

static bool lists_unit(const uint32_t *units, uint32_t count, uint32_t unit)
{
    for (uint32_t i = 0; i < count; i++)
        if (units[i] == unit)
            return true;
    return false;
}

static const char *check_unit(const struct booking *b, uint32_t unit)
{
    uint32_t owner = unit_owner(b, unit), position = unit_position(b, unit);
    bool free_bit = (b->free[position / 64] >> (position & 63) & 1) != 0;
    REQUIRE(free_bit == (unit_state(b, unit) == BOOKING_FREE), "a free bit differs from its unit");
    switch (unit_state(b, unit)) {
    case BOOKING_FREE:
    case BOOKING_BLOCKED: REQUIRE(owner == 0, "a free or blocked unit has an owner"); break;
    case BOOKING_HELD:
        REQUIRE(owner < b->s->holds_used && b->holds[owner].state == HOLD_LIVE &&
                    lists_unit(b->holds[owner].units, b->holds[owner].count, unit),
                "a held unit has no live hold that lists it");
        break;
    case BOOKING_SOLD:
        REQUIRE(owner < b->s->orders_used &&
                    (b->orders[owner].state == BOOKING_ORDER_SOLD ||
                     b->orders[owner].state == BOOKING_ORDER_CAPTURED) &&
                    lists_unit(b->orders[owner].units, b->orders[owner].count, unit),
                "a sold unit has no sold order that lists it");
        REQUIRE(b->tickets[unit].order == owner && b->tickets[unit].random != 0 &&
                    b->tickets[unit].generation > 0,
                "a sold unit has no ticket");
        break;
    }
    return NULL;
}

static const char *check_holds(const struct booking *b)
{
    uint32_t live = 0;
    for (uint32_t i = 0; i < b->s->holds_used; i++) {
        const struct hold *h = &b->holds[i];
        const struct order *o = h->order == BOOKING_NONE ? NULL : &b->orders[h->order];
        if (h->state != HOLD_LIVE) {
            bool sold = o && (o->state == BOOKING_ORDER_SOLD || o->state == BOOKING_ORDER_CAPTURED);
            REQUIRE(sold == (h->state == HOLD_SOLD) && sold == (o != NULL),
                    "an ended hold names an order that did not sell it");
            continue;
        }
        live++;
        REQUIRE(h->heap_at < b->s->live_holds && b->heap[h->heap_at] == i,
                "a live hold is not in the heap");
        REQUIRE(h->heap_at == 0 ||
                    b->holds[b->heap[(h->heap_at - 1) / 2]].expires_at_us <= h->expires_at_us,
                "the heap is out of order");
        for (uint32_t k = 0; k < h->count; k++)
            REQUIRE(unit_state(b, h->units[k]) == BOOKING_HELD && unit_owner(b, h->units[k]) == i,
                    "a live hold lists a unit that is not its own");
        REQUIRE(!o || (o->state == BOOKING_ORDER_PLACED && o->hold == i),
                "a live hold names an order that is not waiting for it");
        REQUIRE(!key_is_set(h->key) || hold_by_key(b, h->key) == i, "a hold's key is not found");
    }
    REQUIRE(live == b->s->live_holds, "the number of live holds is wrong");
    return NULL;
}

/* What an order owes the provider, and when a person has to look at it. */
static const char *check_call(const struct order *o)
{
    bool asking = o->call == BOOKING_CALL_CREATE, cancelling = o->call == BOOKING_CALL_CANCEL;
    switch ((enum booking_order_state)o->state) {
    case BOOKING_ORDER_PLACED:
        REQUIRE(o->intent_len > 0 ? o->call == BOOKING_CALL_NONE : asking,
                "a waiting order neither has a payment nor asks for one");
        break;
    case BOOKING_ORDER_SOLD:
        REQUIRE(o->call == BOOKING_CALL_CAPTURE || (o->call == BOOKING_CALL_NONE && o->attention),
                "a sold order neither owes its capture nor has a case");
        break;
    case BOOKING_ORDER_ENDING:
        REQUIRE(o->intent_len > 0 ? cancelling || o->attention : asking,
                "an order that ends owes no cancel and has no case");
        break;
    case BOOKING_ORDER_CAPTURED:
    case BOOKING_ORDER_ENDED:
        REQUIRE(o->call == BOOKING_CALL_NONE, "an ended or paid order owes a call");
        break;
    }
    return NULL;
}

/* The queues of slots to use again hold what ended, each once, and nothing else. */
static const char *check_queues(const struct booking *b)
{
    uint32_t waiting = 0, last = BOOKING_NONE;
    for (uint32_t i = 0; i < b->s->holds_used; i++)
        waiting += b->holds[i].state != HOLD_LIVE;
    for (uint32_t at = b->s->hold_oldest; at != BOOKING_NONE; at = b->holds[at].next) {
        REQUIRE(waiting-- > 0 && b->holds[at].state != HOLD_LIVE, "the queue of holds is wrong");
        last = at;
    }
    REQUIRE(waiting == 0 && last == b->s->hold_newest, "the queue of holds is wrong");
    last = BOOKING_NONE;
    for (uint32_t i = 0; i < b->s->orders_used; i++)
        waiting += b->orders[i].state == BOOKING_ORDER_ENDED && !b->orders[i].attention;
    for (uint32_t at = b->s->order_oldest; at != BOOKING_NONE; at = b->orders[at].next) {
        REQUIRE(waiting-- > 0 && b->orders[at].state == BOOKING_ORDER_ENDED &&
                    !b->orders[at].attention,
                "the queue of orders is wrong");
        last = at;
    }
    REQUIRE(waiting == 0 && last == b->s->order_newest, "the queue of orders is wrong");
    return NULL;
}

static const char *check_orders(const struct booking *b)
{
    int64_t sold = 0, captured = 0;
    for (uint32_t i = 0; i < b->s->orders_used; i++) {
        const struct order *o = &b->orders[i];
        bool is_sold = o->state == BOOKING_ORDER_SOLD || o->state == BOOKING_ORDER_CAPTURED;
        REQUIRE(o->state != BOOKING_ORDER_PLACED || b->holds[o->hold].order == i,
                "a waiting order has no hold");
        for (uint32_t k = 0; is_sold && k < o->count; k++)
            REQUIRE(unit_state(b, o->units[k]) == BOOKING_SOLD && unit_owner(b, o->units[k]) == i,
                    "a sold order lists a unit that is not its own");
        const char *wrong = check_call(o);
        if (wrong)
            return wrong;
        REQUIRE(!key_is_set(o->key) || order_by_key(b, o->key) == i, "an order's key is not found");
        if (is_sold)
            sold += o->total_minor;
        if (o->state == BOOKING_ORDER_CAPTURED)
            captured += o->total_minor;
    }
    const int64_t *l = b->s->ledger;
    REQUIRE(l[0] + l[1] + l[2] + l[3] == 0, "the ledger does not sum to zero");
    REQUIRE(l[LEDGER_BUYERS] == sold - captured && l[LEDGER_PROVIDER] == captured,
            "the ledger differs from the orders");
    return NULL;
}

/* Each buyer's counts from the holds and orders themselves. */
static const char *check_buyers(const struct booking *b)
{
    uint32_t all_holds = 0;
    uint64_t all_units = 0;
    for (uint32_t slot = 0; slot < b->s->buyers_used; slot++) {
        const struct buyer *buyer = &b->buyers[slot];
        uint32_t units = 0, holds = 0;
        all_units += buyer->units;
        all_holds += buyer->holds;
        if (buyer->units == 0 && buyer->holds == 0)
            continue;
        for (uint32_t i = 0; i < b->s->holds_used; i++) {
            const struct hold *h = &b->holds[i];
            if (h->state == HOLD_LIVE && hash16_equal(h->session, buyer->id)) {
                units += h->count;
                holds++;
            }
        }
        for (uint32_t i = 0; i < b->s->orders_used; i++) {
            const struct order *o = &b->orders[i];
            bool is_sold = o->state == BOOKING_ORDER_SOLD || o->state == BOOKING_ORDER_CAPTURED;
            if (is_sold && hash16_equal(o->session, buyer->id))
                units += o->count;
            if ((is_sold || o->state == BOOKING_ORDER_PLACED) &&
                hash16_equal(o->email_hash, buyer->id))
                units += o->count;
        }
        REQUIRE(units == buyer->units && holds == buyer->holds, "a buyer's counts are wrong");
        REQUIRE(buyer_find(b, buyer->id) == buyer, "a buyer is not found");
    }
    /* Nobody is missing: live holds count for a session, orders for an address, sales for both. */
    for (uint32_t i = 0; i < b->s->holds_used; i++)
        all_units -= b->holds[i].state == HOLD_LIVE ? b->holds[i].count : 0;
    for (uint32_t i = 0; i < b->s->orders_used; i++) {
        const struct order *o = &b->orders[i];
        bool is_sold = o->state == BOOKING_ORDER_SOLD || o->state == BOOKING_ORDER_CAPTURED;
        all_units -= is_sold ? 2u * o->count : o->state == BOOKING_ORDER_PLACED ? o->count : 0u;
    }
    REQUIRE(all_units == 0 && all_holds == b->s->live_holds, "a buyer is missing");
    return NULL;
}

static const char *check_counts(const struct booking *b)
{
    for (uint32_t c = 0; c < b->s->category_count; c++) {
        struct category seen = {0};
        for (uint32_t unit = 0; unit < b->s->unit_count; unit++) {
            if (b->unit_category[unit] != c)
                continue;
            seen.capacity++;
            seen.held += unit_state(b, unit) == BOOKING_HELD;
            seen.sold += unit_state(b, unit) == BOOKING_SOLD;
            seen.blocked += unit_state(b, unit) == BOOKING_BLOCKED;
        }
        const struct category *kept = &b->categories[c];
        REQUIRE(seen.capacity == kept->capacity && seen.held == kept->held &&
                    seen.sold == kept->sold && seen.blocked == kept->blocked,
                "a category's counts are wrong");
    }
    for (uint32_t i = 0; i < b->s->area_count; i++) {
        uint32_t available = 0, first_free = BOOKING_NONE;
        const struct area *a = &b->areas[i];
        for (uint32_t unit = a->first; unit < a->first + a->capacity; unit++) {
            if (unit_state(b, unit) != BOOKING_FREE)
                continue;
            available++;
            if (first_free == BOOKING_NONE)
                first_free = unit - a->first;
        }
        REQUIRE(available == a->available, "an area's count is wrong");
        REQUIRE(first_free == BOOKING_NONE || a->hint <= first_free, "an area's hint skips units");
    }
    return NULL;
}

const char *booking_check(const struct booking *b)
{
    const char *wrong = NULL;
    for (uint32_t unit = 0; unit < b->s->unit_count && !wrong; unit++)
        wrong = check_unit(b, unit);
    if (!wrong)
        wrong = check_holds(b);
    if (!wrong)
        wrong = check_orders(b);
    if (!wrong)
        wrong = check_queues(b);
    if (!wrong)
        wrong = check_counts(b);
    return wrong ? wrong : check_buyers(b);
}
