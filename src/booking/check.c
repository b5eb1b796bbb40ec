#include "booking/state.h"

/* Architecture 13 for one state, by brute force: nothing here trusts a count or an index that the
 * machine keeps. For tests, the simulator and audits. */

#define REQUIRE(condition, words) \
    do {                          \
        if (!(condition))         \
            return words;         \
    } while (false)

static bool is_sold(const struct order *o)
{
    return o->state == BOOKING_ORDER_SOLD || o->state == BOOKING_ORDER_CAPTURED;
}

/* Its place, and the two sets of free units. */
static const char *check_place(const struct booking *b, uint32_t unit)
{
    uint32_t position = b->unit_position[unit], allocation = b->info[unit].allocation;
    REQUIRE(position < b->s->unit_count && b->position_unit[position] == unit,
            "a unit has no place of its own");
    REQUIRE(allocation <= b->s->allocation_count, "a unit is in no allocation that exists");
    bool is_free = unit_state(b, unit) == BOOKING_FREE;
    bool everybodys = allocation == 0 || b->allocations[allocation].released;
    REQUIRE(bits_has(b->free, position) == (is_free && everybodys),
            "a free bit differs from its unit");
    REQUIRE(bits_has(b->allocated, position) == (is_free && !everybodys),
            "an allocated bit differs from its unit");
    REQUIRE(!b->info[unit].removed || unit_state(b, unit) == BOOKING_BLOCKED,
            "a removed unit is not blocked");
    return NULL;
}

static const char *check_unit(const struct booking *b, uint32_t unit)
{
    uint32_t owner = unit_owner(b, unit);
    switch (unit_state(b, unit)) {
    case BOOKING_FREE:
    case BOOKING_BLOCKED: REQUIRE(owner == 0, "a free or blocked unit has an owner"); break;
    case BOOKING_HELD:
        REQUIRE(owner < b->s->holds_used && b->holds[owner].state == HOLD_LIVE &&
                    units_have(b->holds[owner].units, b->holds[owner].count, unit),
                "a held unit has no live hold that lists it");
        break;
    case BOOKING_SOLD:
        REQUIRE(owner < b->s->orders_used && is_sold(&b->orders[owner]) &&
                    units_have(b->orders[owner].units, b->orders[owner].count, unit),
                "a sold unit has no sold order that lists it");
        REQUIRE(b->tickets[unit].order == owner && b->tickets[unit].random != 0 &&
                    b->tickets[unit].generation > 0,
                "a sold unit has no ticket");
        break;
    case BOOKING_ALLOCATED: return "a unit is in no state that is stored";
    }
    return NULL;
}

/* Groups are whole, and companions with their seats, in whatever is held or sold. */
static const char *check_party(const struct booking *b, const uint32_t *units, uint32_t count)
{
    for (uint32_t i = 0; i < count; i++) {
        const struct seat_link *link = &b->links[units[i]];
        REQUIRE(link->companion_of == 0 || units_have(units, count, link->companion_of - 1),
                "a companion is not with its seat");
        if (link->group == 0)
            continue;
        const struct group *group = &b->groups[link->group - 1];
        for (uint32_t k = 0; k < group->count; k++)
            REQUIRE(units_have(units, count, b->grouped[group->first + k]), "a group is not whole");
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
            bool sold = o && is_sold(o);
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
        REQUIRE(h->code <= b->s->codes_used && h->code_units <= (h->code ? h->count : 0u),
                "a hold has units of a code that it does not name");
        const char *wrong = check_party(b, h->units, h->count);
        if (wrong)
            return wrong;
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
        const struct hold *h = o->state == BOOKING_ORDER_PLACED ? &b->holds[o->hold] : NULL;
        REQUIRE(!h || h->order == i, "a waiting order has no hold");
        REQUIRE(!h || (h->count == o->count && h->code == o->access &&
                       h->code_units == o->access_units &&
                       memcmp(h->units, o->units, h->count * sizeof *h->units) == 0),
                "a waiting order differs from its hold");
        for (uint32_t k = 0; is_sold(o) && k < o->count; k++)
            REQUIRE(unit_state(b, o->units[k]) == BOOKING_SOLD && unit_owner(b, o->units[k]) == i,
                    "a sold order lists a unit that is not its own");
        const char *wrong = check_call(o);
        if (!wrong && is_sold(o))
            wrong = check_party(b, o->units, o->count);
        if (wrong)
            return wrong;
        REQUIRE(!key_is_set(o->key) || order_by_key(b, o->key) == i, "an order's key is not found");
        REQUIRE(is_sold(o) || !key_is_set(o->card), "an order that is not sold has a card");
        if (is_sold(o))
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

/* What holds and orders count for the buyer's record with this id: a live hold for its session, an
 * order for its address, a sale for both and its card; each once for all its units, and once for
 * those of each limited category. */
struct tally {
    struct hash16 id;
    uint32_t units, holds;
    uint64_t all; /* whatever the id */
};

static void tally_add(const struct booking *b, struct tally *t, struct hash16 buyer,
                      const uint32_t *units, uint32_t count)
{
    t->units += hash16_equal(buyer, t->id) ? count : 0;
    t->all += count;
    for (uint32_t i = 0; i < count; i++) {
        uint32_t category = b->info[units[i]].category;
        if (b->categories[category].per_buyer == 0)
            continue;
        t->units += hash16_equal(limits_id(buyer, category), t->id);
        t->all++;
    }
}

static struct tally tally_of(const struct booking *b, struct hash16 id)
{
    struct tally t = {.id = id};
    for (uint32_t i = 0; i < b->s->holds_used; i++) {
        const struct hold *h = &b->holds[i];
        if (h->state != HOLD_LIVE)
            continue;
        tally_add(b, &t, h->session, h->units, h->count);
        t.holds += hash16_equal(h->session, id);
    }
    for (uint32_t i = 0; i < b->s->orders_used; i++) {
        const struct order *o = &b->orders[i];
        if (is_sold(o))
            tally_add(b, &t, o->session, o->units, o->count);
        if (is_sold(o) && key_is_set(o->card))
            tally_add(b, &t, o->card, o->units, o->count);
        if (is_sold(o) || o->state == BOOKING_ORDER_PLACED)
            tally_add(b, &t, o->email_hash, o->units, o->count);
    }
    return t;
}

static const char *check_buyers(const struct booking *b)
{
    uint32_t all_holds = 0;
    uint64_t all_units = 0;
    struct tally t = tally_of(b, (struct hash16){{0}});
    for (uint32_t slot = 0; slot < b->s->buyers_used; slot++) {
        const struct buyer *buyer = &b->buyers[slot];
        all_units += buyer->units;
        all_holds += buyer->holds;
        if (buyer->units == 0 && buyer->holds == 0)
            continue;
        t = tally_of(b, buyer->id);
        REQUIRE(t.units == buyer->units && t.holds == buyer->holds, "a buyer's counts are wrong");
        REQUIRE(buyer_find(b, buyer->id) == buyer, "a buyer is not found");
    }
    REQUIRE(all_units == t.all && all_holds == b->s->live_holds, "a buyer is missing");
    return NULL;
}

static const char *check_codes(const struct booking *b)
{
    for (uint32_t slot = 0; slot < b->s->codes_used; slot++) {
        const struct code *code = &b->codes[slot];
        uint32_t used = 0;
        for (uint32_t i = 0; i < b->s->holds_used; i++)
            if (b->holds[i].state == HOLD_LIVE && b->holds[i].code == slot + 1)
                used += b->holds[i].code_units;
        for (uint32_t i = 0; i < b->s->orders_used; i++)
            if (is_sold(&b->orders[i]) && b->orders[i].access == slot + 1)
                used += b->orders[i].access_units;
        REQUIRE(used == code->used, "the units of a code are counted wrong");
        REQUIRE(code->allocation <= b->s->allocation_count, "a code opens what does not exist");
        REQUIRE(code_find(b, code->hash) == slot, "a code is not found");
    }
    return NULL;
}

static const char *check_allocations(const struct booking *b)
{
    uint64_t released = 1, next_us = UINT64_MAX;
    for (uint32_t n = 1; n <= b->s->allocation_count; n++) {
        const struct allocation *a = &b->allocations[n];
        released |= (uint64_t)(a->released != 0) << n;
        if (!a->released && a->releases_at_us != 0 && a->releases_at_us < next_us)
            next_us = a->releases_at_us;
        REQUIRE(booking_allocation_find(b, slice_make(a->id, a->id_len)) == n,
                "two allocations have one id");
    }
    REQUIRE(released == b->s->released, "the set of released allocations is wrong");
    REQUIRE(next_us == b->s->next_release_us, "the next release is wrong");
    return NULL;
}

static const char *check_counts(const struct booking *b)
{
    uint32_t limited = 0;
    for (uint32_t c = 0; c < b->s->category_count; c++) {
        struct category seen = {0};
        for (uint32_t unit = 0; unit < b->s->unit_count; unit++) {
            if (b->info[unit].category != c || b->info[unit].removed)
                continue;
            enum booking_unit_state state = unit_state(b, unit);
            uint32_t allocation = b->info[unit].allocation;
            seen.capacity++;
            seen.held += state == BOOKING_HELD;
            seen.sold += state == BOOKING_SOLD;
            seen.blocked += state == BOOKING_BLOCKED;
            seen.allocated +=
                state == BOOKING_FREE && allocation != 0 && !b->allocations[allocation].released;
        }
        const struct category *kept = &b->categories[c];
        REQUIRE(seen.capacity == kept->capacity && seen.held == kept->held &&
                    seen.sold == kept->sold && seen.blocked == kept->blocked &&
                    seen.allocated == kept->allocated,
                "a category's counts are wrong");
        limited += kept->per_buyer > 0;
    }
    REQUIRE(limited == b->s->limited_categories, "the number of limited categories is wrong");
    for (uint32_t i = 0; i < b->s->area_count; i++) {
        uint32_t available = 0, first_free = BOOKING_NONE;
        const struct area *a = &b->areas[i];
        for (uint32_t unit = a->first; unit < a->first + a->capacity; unit++) {
            if (!bits_has(b->free, b->unit_position[unit]))
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
    static const char *(*const checks[])(const struct booking *) = {
        check_allocations, check_holds,  check_orders, check_queues,
        check_counts,      check_buyers, check_codes};
    const char *wrong = NULL;
    for (uint32_t unit = 0; unit < b->s->unit_count && !wrong; unit++) {
        wrong = check_place(b, unit);
        if (!wrong)
            wrong = check_unit(b, unit);
    }
    for (size_t i = 0; i < sizeof checks / sizeof checks[0] && !wrong; i++)
        wrong = checks[i](b);
    return wrong;
}
