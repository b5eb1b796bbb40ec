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

static bool is_lost(const struct booking *b, const struct order *o)
{
    return o->dispute != 0 && b->disputes[o->dispute - 1].state == BOOKING_DISPUTE_LOST;
}

/* The units that an order was sold and still has. */
static uint32_t units_of(const struct booking *b, const struct order *o,
                         uint32_t ret_units[LIMIT_HOLD_UNITS])
{
    uint32_t count = 0;
    for (uint32_t i = 0; is_sold(o) && !is_lost(b, o) && i < o->count; i++)
        if (o->refund_of[i] == 0)
            ret_units[count++] = o->units[i];
    return count;
}

static bool order_lists(const struct booking *b, const struct order *o, uint32_t unit)
{
    uint32_t units[LIMIT_HOLD_UNITS];
    return units_have(units, units_of(b, o, units), unit);
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
    const struct ticket *t = &b->tickets[unit];
    const struct order *sold = t->random != 0 ? &b->orders[t->order] : NULL;
    REQUIRE(!sold || (is_sold(sold) && units_have(sold->units, sold->count, unit)),
            "a ticket names an order that did not sell it");
    switch (unit_state(b, unit)) {
    case BOOKING_FREE:
    case BOOKING_BLOCKED: REQUIRE(owner == 0, "a free or blocked unit has an owner"); break;
    case BOOKING_HELD:
        REQUIRE(owner < b->s->holds_used && b->holds[owner].state == HOLD_LIVE &&
                    units_have(b->holds[owner].units, b->holds[owner].count, unit),
                "a held unit has no live hold that lists it");
        break;
    case BOOKING_SOLD:
        REQUIRE(owner < b->s->orders_used && order_lists(b, &b->orders[owner], unit),
                "a sold unit has no sold order that lists it");
        REQUIRE(b->tickets[unit].order == owner && b->tickets[unit].random != 0 &&
                    b->tickets[unit].generation > 0,
                "a sold unit has no ticket");
        break;
    case BOOKING_ALLOCATED: return "a unit is in no state that is stored";
    }
    return NULL;
}

/* Of what somebody has (`units`): groups are whole, and companions with their seats, in what was
 * taken together (`all`, of which some may be given back). */
static const char *check_party(const struct booking *b, const uint32_t *units, uint32_t count,
                               const uint32_t *all, uint32_t all_count)
{
    for (uint32_t i = 0; i < count; i++) {
        const struct seat_link *link = &b->links[units[i]];
        REQUIRE(link->companion_of == 0 || units_have(all, all_count, link->companion_of - 1),
                "a companion is not with its seat");
        if (link->group == 0)
            continue;
        const struct group *group = &b->groups[link->group - 1];
        for (uint32_t k = 0; k < group->count; k++)
            REQUIRE(units_have(all, all_count, b->grouped[group->first + k]),
                    "a group is not whole");
    }
    return NULL;
}

/* What a hold costs: no discount is over its price, and what the promo code takes is among them. */
static const char *check_quote(const struct booking *b, const struct hold *h)
{
    uint64_t sum = 0;
    REQUIRE(h->revision < b->s->revision_count, "a hold has prices that there never were");
    for (uint32_t i = 0; i < LIMIT_HOLD_UNITS; i++) {
        sum += h->discounts[i];
        REQUIRE(h->discounts[i] == 0 ||
                    (i < h->count &&
                     h->discounts[i] <= unit_price(b, h->units[i], h->revision).price_minor),
                "a discount is over its price");
    }
    REQUIRE(h->promo <= b->s->promos_used && h->promo_spent <= (h->promo ? sum : 0),
            "a hold's promo code takes off more than its discounts");
    return NULL;
}

static const char *check_holds(const struct booking *b)
{
    uint32_t live = 0;
    for (uint32_t i = 0; i < b->s->holds_used; i++) {
        const struct hold *h = &b->holds[i];
        const struct order *o = h->order == BOOKING_NONE ? NULL : &b->orders[h->order];
        if (h->state != HOLD_LIVE) {
            REQUIRE(!o || (is_sold(o) && h->state == HOLD_SOLD && o->hold == i),
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
        const char *wrong = check_party(b, h->units, h->count, h->units, h->count);
        if (!wrong)
            wrong = check_quote(b, h);
        if (wrong)
            return wrong;
    }
    REQUIRE(live == b->s->live_holds, "the number of live holds is wrong");
    return NULL;
}

static bool refund_is_open(const struct order *o, uint32_t refund)
{
    uint8_t state = o->refund_states[refund - 1];
    return state == BOOKING_REFUND_DUE || state == BOOKING_REFUND_FAILED;
}

static bool has_open_refund(const struct order *o)
{
    for (uint32_t refund = 1; refund <= o->refunds; refund++)
        if (refund_is_open(o, refund))
            return true;
    return false;
}

/* What an order owes the provider, and when a person has to look at it. */
static const char *check_call(const struct order *o)
{
    bool asking = o->call == BOOKING_CALL_CREATE, cancelling = o->call == BOOKING_CALL_CANCEL;
    bool refunding = o->call == BOOKING_CALL_REFUND, open = has_open_refund(o);
    REQUIRE(!refunding || (o->refund_owed >= 1 && o->refund_owed <= o->refunds &&
                           refund_is_open(o, o->refund_owed)),
            "an order owes a refund that is not due");
    REQUIRE(!refunding || o->refund_attempts[o->refund_owed - 1] == o->attempt,
            "an order owes another attempt of a refund than it asked for");
    REQUIRE(!open || refunding || o->attention, "a refund is due and nobody is asked for it");
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
        REQUIRE(o->refunds == 0 || open, "an order that has paid back has not ended");
        REQUIRE(o->intent_len > 0 ? cancelling || refunding || o->attention : asking,
                "an order that ends owes no cancel and has no case");
        break;
    case BOOKING_ORDER_CAPTURED:
        REQUIRE(refunding || o->call == BOOKING_CALL_NONE, "a paid order owes more than a refund");
        break;
    case BOOKING_ORDER_ENDED:
        REQUIRE(o->call == BOOKING_CALL_NONE && !open, "an ended order owes something");
        break;
    }
    return NULL;
}

static const char *check_refunds(const struct order *o)
{
    bool sold = o->state == BOOKING_ORDER_CAPTURED;
    REQUIRE(o->refunds <= (sold ? o->count : !is_sold(o)), "an order has refunds of nothing");
    REQUIRE(sold || (o->taken_minor > 0) == (o->refunds > 0),
            "what was taken for nothing does not go back");
    for (uint32_t refund = 1; refund <= LIMIT_HOLD_UNITS; refund++) {
        bool exists = refund <= o->refunds, has_unit = !sold;
        for (uint32_t i = 0; i < o->count; i++)
            has_unit |= o->refund_of[i] == refund;
        REQUIRE(exists == (o->refund_states[refund - 1] != BOOKING_REFUND_NONE) &&
                    (!exists || has_unit),
                "a refund is of no unit");
        REQUIRE(exists || o->refund_attempts[refund - 1] == 0, "nobody wants what was asked for");
    }
    for (uint32_t i = 0; i < o->count; i++)
        REQUIRE(o->refund_of[i] <= (sold ? o->refunds : 0), "a unit is of a refund nobody wants");
    return NULL;
}

/* The queues of slots to use again hold what ended, each once, and nothing else. */
static const char *check_hold_queue(const struct booking *b)
{
    uint32_t waiting = 0, last = BOOKING_NONE;
    for (uint32_t i = 0; i < b->s->holds_used; i++)
        waiting += b->holds[i].state != HOLD_LIVE;
    for (uint32_t at = b->s->hold_oldest; at != BOOKING_NONE; at = b->holds[at].next) {
        REQUIRE(waiting-- > 0 && b->holds[at].state != HOLD_LIVE, "the queue of holds is wrong");
        last = at;
    }
    REQUIRE(waiting == 0 && last == b->s->hold_newest, "the queue of holds is wrong");
    return NULL;
}

/* Where an order waits, from what it is. */
static enum order_queue queue_of(const struct booking *b, const struct order *o)
{
    uint32_t given_back = 0;
    bool disputed = o->dispute && b->disputes[o->dispute - 1].state == BOOKING_DISPUTE_OPEN;
    for (uint32_t i = 0; i < o->count; i++)
        given_back += o->refund_of[i] != 0;
    if (o->attention)
        return o->state == BOOKING_ORDER_SOLD ? ORDER_QUEUE_CASES : ORDER_QUEUE_NONE;
    if (o->state == BOOKING_ORDER_ENDED)
        return o->taken_minor != 0 ? ORDER_QUEUE_REFUNDED : ORDER_QUEUE_ENDED;
    return o->state == BOOKING_ORDER_CAPTURED && given_back == o->count && !disputed &&
                   !has_open_refund(o)
               ? ORDER_QUEUE_REFUNDED
               : ORDER_QUEUE_NONE;
}

/* Whoever belongs into a queue stands in it once, and nobody else, by rising time. */
static const char *check_order_queue(const struct booking *b, enum order_queue queue,
                                     uint32_t oldest, uint32_t newest)
{
    uint32_t waiting = 0, last = BOOKING_NONE;
    uint64_t before = 0;
    for (uint32_t i = 0; i < b->s->orders_used; i++)
        waiting += queue_of(b, &b->orders[i]) == queue;
    for (uint32_t at = oldest; at != BOOKING_NONE; at = b->orders[at].next) {
        const struct order *o = &b->orders[at];
        uint64_t now = queue == ORDER_QUEUE_CASES ? o->case_at_us : o->ended_at_us;
        REQUIRE(waiting-- > 0 && queue_of(b, o) == queue && now >= before,
                "a queue of orders is wrong");
        before = now;
        last = at;
    }
    REQUIRE(waiting == 0 && last == newest, "a queue of orders is wrong");
    return NULL;
}

static const char *check_queues(const struct booking *b)
{
    const struct state *s = b->s;
    const char *wrong = check_hold_queue(b);
    if (!wrong)
        wrong = check_order_queue(b, ORDER_QUEUE_ENDED, s->order_oldest, s->order_newest);
    if (!wrong)
        wrong = check_order_queue(b, ORDER_QUEUE_REFUNDED, s->orders_refunded_oldest,
                                  s->orders_refunded_newest);
    return wrong ? wrong : check_order_queue(b, ORDER_QUEUE_CASES, s->case_oldest, s->case_newest);
}

/* A bank that took less than what was not refunded left the tickets. */
static bool left_some(const struct booking *b, const struct order *o, int64_t taken_minor)
{
    int64_t left = -taken_minor;
    for (uint32_t i = 0; i < o->count; i++)
        if (o->refund_of[i] == 0)
            left += order_line(b, o, i).total_minor;
    return left > 0;
}

static const char *check_disputes(const struct booking *b)
{
    uint32_t open = 0;
    for (uint32_t i = 0; i < b->s->dispute_count; i++) {
        const struct dispute *it = &b->disputes[i];
        const struct order *o = it->order == BOOKING_NONE ? NULL : &b->orders[it->order];
        REQUIRE(!o || o->state == BOOKING_ORDER_CAPTURED, "a dispute is about an unpaid order");
        REQUIRE(it->state == BOOKING_DISPUTE_WON || (o && o->dispute == i + 1) ||
                    (!o && it->state == BOOKING_DISPUTE_LOST),
                "an order has a dispute beside the latest");
        REQUIRE(it->state != BOOKING_DISPUTE_LOST || !o || !left_some(b, o, it->amount_minor),
                "a dispute was lost that left some of it");
        REQUIRE(it->state != BOOKING_DISPUTE_LOST_IN_PART ||
                    (o && left_some(b, o, it->amount_minor)),
                "a dispute was lost in part that left nothing");
        open += it->state == BOOKING_DISPUTE_OPEN;
    }
    REQUIRE(open == b->s->open_disputes, "the open disputes are counted wrong");
    return NULL;
}

static const char *check_waiting(const struct booking *b, uint32_t order)
{
    const struct order *o = &b->orders[order];
    const struct hold *h = &b->holds[o->hold];
    REQUIRE(h->order == order, "a waiting order has no hold");
    REQUIRE(h->count == o->count && h->code == o->access && h->code_units == o->access_units &&
                h->promo == o->promo && h->revision == o->revision &&
                memcmp(h->units, o->units, h->count * sizeof *h->units) == 0 &&
                memcmp(h->discounts, o->discounts, sizeof h->discounts) == 0,
            "a waiting order differs from its hold");
    return NULL;
}

/* What it lists is its own, what it gave back is not. */
static const char *check_sold_units(const struct booking *b, uint32_t order)
{
    const struct order *o = &b->orders[order];
    uint32_t units[LIMIT_HOLD_UNITS], count = units_of(b, o, units);
    for (uint32_t i = 0; i < o->count; i++) {
        uint32_t unit = o->units[i];
        bool own = unit_state(b, unit) == BOOKING_SOLD && unit_owner(b, unit) == order;
        REQUIRE(own == units_have(units, count, unit),
                "a sold order lists a unit that is not its own");
        REQUIRE(!own || b->info[unit].category == o->categories[i],
                "a sold unit has another category than it was sold in");
    }
    return check_party(b, units, count, o->units, o->count);
}

static const char *check_order(const struct booking *b, uint32_t order)
{
    const struct order *o = &b->orders[order];
    const char *wrong = check_call(o);
    int64_t total = 0;
    for (uint32_t i = 0; i < o->count; i++)
        total += order_line(b, o, i).total_minor;
    REQUIRE(total == o->total_minor, "an order's lines do not sum to its total");
    REQUIRE(!key_is_set(o->key) || order_by_key(b, o->key) == order, "an order's key is not found");
    REQUIRE(is_sold(o) || !key_is_set(o->card), "an order that is not sold has a card");
    REQUIRE(!o->processing || o->state == BOOKING_ORDER_PLACED,
            "an order that does not wait is processing");
    REQUIRE(!o->processing || o->processing_until_us != 0, "an order processes for ever");
    REQUIRE(o->by_hand_minor >= 0, "less than nothing was refunded by hand");
    if (!wrong)
        wrong = check_refunds(o);
    if (!wrong && o->state == BOOKING_ORDER_PLACED)
        wrong = check_waiting(b, order);
    return !wrong && is_sold(o) ? check_sold_units(b, order) : wrong;
}

/* The books are what the orders' records say, and what slots that are others' now left. */
static const char *check_books(const struct booking *b)
{
    int64_t sum = 0;
    struct booking_ledger all;
    memcpy(all.minor, b->s->ledger_closed, sizeof all.minor);
    for (uint32_t i = 0; i < b->s->orders_used; i++) {
        struct booking_ledger one;
        ledger_of_order(b, i, &one);
        for (uint32_t k = 0; k < BOOKING_ACCOUNT_COUNT; k++)
            all.minor[k] += one.minor[k];
    }
    for (uint32_t k = 0; k < BOOKING_ACCOUNT_COUNT; k++)
        sum += b->s->ledger[k];
    REQUIRE(sum == 0, "the ledger does not sum to zero");
    REQUIRE(memcmp(all.minor, b->s->ledger, sizeof all.minor) == 0,
            "the ledger differs from the orders");
    return NULL;
}

/* What each category sold is the lines of the units that orders have. */
static const char *check_gross(const struct booking *b)
{
    int64_t gross[LIMIT_PRICE_CATEGORIES] = {0};
    for (uint32_t i = 0; i < b->s->orders_used; i++) {
        const struct order *o = &b->orders[i];
        for (uint32_t k = 0; is_sold(o) && !is_lost(b, o) && k < o->count; k++)
            if (o->refund_of[k] == 0)
                gross[b->info[o->units[k]].category] += order_line(b, o, k).total_minor;
    }
    for (uint32_t c = 0; c < b->s->category_count; c++)
        REQUIRE(gross[c] == b->categories[c].gross_minor, "what a category sold is wrong");
    return NULL;
}

static const char *check_orders(const struct booking *b)
{
    uint32_t cases = 0;
    for (uint32_t i = 0; i < b->s->orders_used; i++) {
        const char *wrong = check_order(b, i);
        if (wrong)
            return wrong;
        cases += b->orders[i].attention != 0;
    }
    REQUIRE(cases == b->s->open_cases, "the open cases are counted wrong");
    return check_books(b);
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
        uint32_t units[LIMIT_HOLD_UNITS], count = units_of(b, o, units);
        tally_add(b, &t, o->session, units, count);
        tally_add(b, &t, o->email_hash, units, count);
        if (key_is_set(o->card))
            tally_add(b, &t, o->card, units, count);
        if (o->state == BOOKING_ORDER_PLACED)
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

/* What is counted of a promo code is what holds and orders have of it. A slot of a refunded order
 * may be another's: its use stays counted. */
static const char *check_promos(const struct booking *b)
{
    REQUIRE(b->s->promos_used <= b->s->promo_capacity, "there are more promo codes than fit");
    for (uint32_t slot = 0; slot < b->s->promos_used; slot++) {
        const struct promo *p = &b->promos[slot];
        uint32_t used = 0;
        uint64_t spent = 0;
        for (uint32_t i = 0; i < b->s->holds_used; i++)
            if (b->holds[i].state == HOLD_LIVE && b->holds[i].promo == slot + 1) {
                used++;
                spent += b->holds[i].promo_spent;
            }
        for (uint32_t i = 0; i < b->s->orders_used; i++)
            if (is_sold(&b->orders[i]) && b->orders[i].promo == slot + 1) {
                used++;
                spent += b->orders[i].promo_spent;
            }
        bool all_kept = b->s->orders_used < b->s->order_capacity && b->s->plan_version == 0;
        REQUIRE(all_kept ? used == p->used && spent == p->spent
                         : used <= p->used && spent <= p->spent,
                "the uses of a promo code are counted wrong");
        REQUIRE(promo_find(b, p->hash) == slot, "a promo code is not found");
    }
    return NULL;
}

/* The price lists, the organiser's prices and rules. */
static const char *check_prices(const struct booking *b)
{
    const struct state *s = b->s;
    REQUIRE(s->revision < s->revision_count && s->revision_count <= PRICE_REVISIONS,
            "the prices in force are of a list that there never was");
    bool base_known = false;
    for (uint32_t r = 0; r < s->revision_count; r++) {
        bool is_base = true;
        for (uint32_t c = 0; c < s->category_count; c++) {
            struct booking_price price = b->prices[r * s->category_count + c];
            REQUIRE(price.price_minor >= 0 && price.price_minor <= LIMIT_PRICE_MINOR &&
                        price.fee_minor >= 0 && price.fee_minor <= LIMIT_PRICE_MINOR,
                    "a price is out of bounds");
            is_base &= price.price_minor == b->categories[c].base_price_minor &&
                       price.fee_minor == b->categories[c].base_fee_minor;
        }
        base_known |= is_base;
    }
    REQUIRE(base_known, "no list has the base prices");
    REQUIRE(s->rule_count <= LIMIT_PRICE_RULES && s->package_count <= LIMIT_PACKAGES,
            "there are more rules or packages than fit");
    for (uint32_t c = 0; c < s->category_count; c++) {
        const struct category *category = &b->categories[c];
        REQUIRE(b->prices[s->revision * s->category_count + c].fee_minor ==
                    category->base_fee_minor,
                "the fee in force is not the organiser's");
        REQUIRE(category->ceiling_minor == 0 ||
                    category->base_price_minor <= category->ceiling_minor,
                "a base price is over its ceiling");
    }
    for (uint32_t i = 0; i < s->rule_count; i++) {
        const struct price_rule *rule = &b->price_rules[i];
        int64_t ceiling =
            rule->category < s->category_count ? b->categories[rule->category].ceiling_minor : -1;
        REQUIRE(ceiling == 0 || rule->price_minor <= ceiling, "a rule's price is over its ceiling");
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
        check_allocations, check_holds,  check_orders, check_queues, check_disputes, check_counts,
        check_gross,       check_buyers, check_codes,  check_promos, check_prices};
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
