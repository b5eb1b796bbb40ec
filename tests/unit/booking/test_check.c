#include "base/buf.h"
#include "booking/state.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdlib.h>

/* booking_check finds each kind of damage that it is there for: one wound at a time into a sound
 * machine. A check that finds nothing is worth nothing. */

static const uint64_t randoms[LIMIT_HOLD_UNITS] = {1, 2,  3,  4,  5,  6,  7,  8,
                                                   9, 10, 11, 12, 13, 14, 15, 16};
/* A row of 12, an area of 4; 6 is accessible, 7 its companion; 8 and 9 are sold together. */
static const uint32_t header[] = {INVENTORY_VERSION, 12, 1, 1, 1, 1, 2, 1, 2};
static const uint32_t row[] = {0, 12, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11};
static const uint32_t costs[] = {1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1};
static const uint8_t categories[12];
static const uint32_t rest[] = {
    4, 0, 6, BOOKING_KIND_ACCESSIBLE, INVENTORY_NO_SEAT, 7, BOOKING_KIND_COMPANION, 6, 2, 8, 9};

static uint64_t now_us;

static struct hash16 who(uint8_t n)
{
    struct hash16 h = {{0}};
    h.bytes[0] = n;
    return h;
}

static uint32_t submit(struct booking *b, const struct booking_command *c)
{
    static struct booking_decision d;
    booking_decide(b, c, now_us, &d);
    assert_int_equal(d.refusal, BOOKING_OK);
    for (uint32_t i = 0; i < d.entry_count; i++)
        booking_apply(b, &d.entries[i], now_us++, NULL);
    return d.order != BOOKING_NONE ? d.order : d.hold;
}

#define CODE 99u
#define CARD 98u

static uint32_t hold_several(struct booking *b, uint8_t session, const uint32_t *seats,
                             uint32_t count)
{
    struct booking_command c = {.number = BOOKING_COMMAND_hold};
    c.hold.hold_random = 100u + session;
    c.hold.session = who(session);
    c.hold.key = who((uint8_t)(100 + session));
    c.hold.seats = (struct u32s){seats, count};
    c.hold.code = who(session == 8 || session == 11 ? CODE : 0);
    return submit(b, &c);
}

static uint32_t hold(struct booking *b, uint8_t session, uint32_t seat)
{
    return hold_several(b, session, &seat, 1);
}

static uint32_t place(struct booking *b, uint32_t held, uint8_t session)
{
    struct booking_command c = {.number = BOOKING_COMMAND_place_order};
    c.place_order.order_random = 200u + session;
    c.place_order.hold = held;
    c.place_order.hold_random = 100u + session;
    c.place_order.session = who(session);
    c.place_order.email_hash = who((uint8_t)(50 + session));
    c.place_order.key = who((uint8_t)(200 + session));
    c.place_order.ticket_randoms = (struct u64s){randoms, LIMIT_HOLD_UNITS};
    return submit(b, &c);
}

static void news(struct booking *b, uint32_t order, enum booking_payment kind, struct slice intent,
                 int64_t amount_minor)
{
    struct booking_command c = {.number = BOOKING_COMMAND_payment_news};
    c.payment_news.order = order;
    c.payment_news.order_random = booking_order_random(b, order);
    c.payment_news.kind = (uint8_t)kind;
    c.payment_news.intent = intent;
    c.payment_news.amount_minor = amount_minor;
    c.payment_news.card = who(kind == BOOKING_PAYMENT_AUTHORISED ? CARD : 0);
    c.payment_news.ticket_randoms = (struct u64s){randoms, LIMIT_HOLD_UNITS};
    (void)submit(b, &c);
}

static void allocation(struct booking *b, uint32_t number, struct slice id, struct u32s units,
                       bool release)
{
    struct booking_command c = {.number = BOOKING_COMMAND_change_allocation};
    struct hash16 code = who(CODE);
    c.change_allocation.allocation = number;
    c.change_allocation.id = id;
    c.change_allocation.kind = BOOKING_ALLOCATION_VIP;
    c.change_allocation.releases_at_us = UINT64_MAX - 1;
    c.change_allocation.add = units;
    c.change_allocation.release = release;
    if (!release)
        c.change_allocation.codes = slice_make(&code, sizeof code);
    (void)submit(b, &c);
}

/* Kept apart: 4 free and 5 held with a code, 11 sold with it; 10 was, and is released. Held: 6 with
 * 7, 8 with 9. */
static void add_special(struct booking *b)
{
    static const uint32_t apart[3] = {4, 5, 11}, was_apart[1] = {10};
    static const uint32_t companions[2] = {6, 7}, group[2] = {8, 9};
    allocation(b, 1, SLICE("p"), (struct u32s){apart, 3}, false);
    allocation(b, 2, SLICE("q"), (struct u32s){was_apart, 1}, true);
    (void)hold(b, 8, 5);
    (void)hold_several(b, 9, companions, 2);
    (void)hold_several(b, 10, group, 2);
    news(b, place(b, hold(b, 11, 11), 11), BOOKING_PAYMENT_AUTHORISED, SLICE("pi_11"), 1100);
}

static void write_plan(struct buf *out)
{
    buf_append(out, header, sizeof header);
    buf_append(out, row, sizeof row);
    buf_append(out, costs, sizeof costs);
    buf_append(out, categories, sizeof categories);
    buf_append(out, rest, sizeof rest);
}

/* Units: 0 sold, 1 held by a waiting order, 2 held, 3 blocked, 4-11 as above, 12-15 an area with
 * two held. Holds: 0 sold, 1 with order, 2, 3 of the area, 4-6 ended, 7-9 as above, 10 sold.
 * Orders: 0 sold, 1 waiting, 2 ended, 3 ending, 4 sold.
 */
static struct booking *machine(void)
{
    static const uint64_t prices[1] = {1000}, fees[1] = {100};
    static const uint32_t blocked[1] = {3}, limits[1] = {6};
    BUF_AUTO struct buf plan = BUF_INIT;
    write_plan(&plan);
    struct entry_event_created created = {
        .event_random = 1,
        .currency = SLICE("EUR"),
        .hold_seconds = 100,
        .pay_seconds = 100,
        .per_buyer = 8,
        .per_hold = 4,
        .prices = {prices, 1},
        .fees = {fees, 1},
        .inventory = buf_slice(&plan),
        .blocked = {blocked, 1},
        .per_category = {limits, 1},
    };
    size_t size = booking_memory_size(&created);
    void *memory = calloc(1, size);
    assert_non_null(memory);
    struct booking *b = booking_init(memory, size, 1, &created, 1);
    now_us = 1000;
    uint32_t sold = place(b, hold(b, 1, 0), 1);
    news(b, sold, BOOKING_PAYMENT_AUTHORISED, SLICE("pi_1"), 1100);
    uint32_t waiting = place(b, hold(b, 2, 1), 2);
    news(b, waiting, BOOKING_PAYMENT_CREATED, SLICE("pi_2"), 0);
    (void)hold(b, 3, 2);
    struct booking_command c = {.number = BOOKING_COMMAND_hold};
    static const uint32_t area[2] = {0, 2};
    c.hold = (struct command_hold){.hold_random = 9, .session = who(4), .areas = {area, 2}};
    (void)submit(b, &c);
    c.hold = (struct command_hold){.hold_random = 10, .session = who(5), .areas = {area, 2}};
    uint32_t gone = submit(b, &c);
    c.number = BOOKING_COMMAND_release_hold;
    c.release_hold = (struct command_release_hold){gone, 10, who(5)};
    (void)submit(b, &c);
    static const uint32_t one[2] = {0, 1};
    for (uint8_t session = 6; session < 8; session++) {
        c = (struct booking_command){.number = BOOKING_COMMAND_hold};
        c.hold = (struct command_hold){
            .hold_random = 100u + session, .session = who(session), .areas = {one, 2}};
        uint32_t order = place(b, submit(b, &c), session);
        if (session == 7)
            news(b, order, BOOKING_PAYMENT_CREATED, SLICE("pi_7"), 0);
        c = (struct booking_command){.number = BOOKING_COMMAND_cancel_order};
        c.cancel_order =
            (struct command_cancel_order){order, booking_order_random(b, order), who(session)};
        (void)submit(b, &c);
        if (session == 6)
            news(b, order, BOOKING_PAYMENT_REFUSED, (struct slice){NULL, 0}, 0);
    }
    add_special(b);
    return b;
}

static void expect(struct booking *b, const char *what, const char *wanted)
{
    const char *got = booking_check(b);
    if (!got || strcmp(got, wanted) != 0)
        fail_msg("%s: wanted \"%s\", got \"%s\"", what, wanted, got ? got : "nothing");
    free(b);
}

#define WOUND(damage, wanted)          \
    do {                               \
        struct booking *b = machine(); \
        assert_null(booking_check(b)); \
        damage;                        \
        expect(b, #damage, (wanted));  \
    } while (0)

static void each_wound_is_found(void **state)
{
    (void)state;
    WOUND(b->free[0] ^= 1, "a free bit differs from its unit");
    WOUND(b->units[3] |= 1, "a free or blocked unit has an owner");
    WOUND(b->units[2] ^= 1, "a held unit has no live hold that lists it");
    WOUND(b->holds[2].state = HOLD_RELEASED, "a held unit has no live hold that lists it");
    WOUND(b->holds[2].units[0] = 1, "a held unit has no live hold that lists it");
    WOUND(b->units[0] ^= 1, "a sold unit has no sold order that lists it");
    WOUND(b->orders[0].units[0] = 2, "a ticket names an order that did not sell it");
    WOUND(b->tickets[0].random = 0, "a sold unit has no ticket");
    WOUND(b->tickets[0].order = 1, "a ticket names an order that did not sell it");
    WOUND(b->tickets[2].random = 1, "a ticket names an order that did not sell it");
    WOUND(b->tickets[0].generation = 0, "a sold unit has no ticket");
    WOUND(b->holds[2].heap_at = 9, "a live hold is not in the heap");
    WOUND(b->holds[b->heap[0]].expires_at_us = UINT64_MAX, "the heap is out of order");
    WOUND((b->holds[2].count = 2, b->holds[2].units[1] = 7),
          "a live hold lists a unit that is not its own");
    WOUND(b->holds[2].order = 1, "a live hold names an order that is not waiting for it");
    WOUND(b->holds[2].key.bytes[0] ^= 1, "a hold's key is not found");
    WOUND(b->holds[0].state = HOLD_EXPIRED, "an ended hold names an order that did not sell it");
    WOUND(b->holds[4].order = 1, "an ended hold names an order that did not sell it");
    WOUND(b->holds[0].order = 2, "an ended hold names an order that did not sell it");
    WOUND(b->s->live_holds++, "the number of live holds is wrong");
    WOUND(b->holds[1].order = BOOKING_NONE, "a waiting order has no hold");
    WOUND((b->orders[0].count = 2, b->orders[0].units[1] = 2),
          "an order's lines do not sum to its total");
    WOUND(b->orders[0].total_minor++, "an order's lines do not sum to its total");
    WOUND(b->orders[0].categories[0] = 1, "an order's lines do not sum to its total");
    WOUND(b->orders[0].processing = 1, "an order that does not wait is processing");
    WOUND(b->orders[1].intent_len = 0, "a waiting order neither has a payment nor asks for one");
    WOUND(b->orders[1].call = BOOKING_CALL_CREATE,
          "a waiting order neither has a payment nor asks for one");
    WOUND(b->orders[0].call = BOOKING_CALL_NONE,
          "a sold order neither owes its capture nor has a case");
    WOUND(b->orders[2].call = BOOKING_CALL_CANCEL, "an ended order owes something");
    WOUND(b->orders[3].call = BOOKING_CALL_NONE,
          "an order that ends owes no cancel and has no case");
    WOUND(b->orders[0].key.bytes[0] ^= 1, "an order's key is not found");
    WOUND(b->s->ledger[BOOKING_ACCOUNT_FEES]++, "the ledger does not sum to zero");
    WOUND((b->s->ledger[BOOKING_ACCOUNT_BUYERS]--, b->s->ledger[BOOKING_ACCOUNT_PROVIDER]++),
          "the ledger differs from the orders");
    WOUND(b->s->hold_oldest = BOOKING_NONE, "the queue of holds is wrong");
    WOUND(b->s->hold_newest = 2, "the queue of holds is wrong");
    WOUND(b->holds[b->s->hold_newest].next = 0, "the queue of holds is wrong");
    WOUND(b->s->order_oldest = BOOKING_NONE, "a queue of orders is wrong");
    WOUND(b->s->order_newest = 1, "a queue of orders is wrong");
    WOUND(b->orders[2].attention = 1, "the open cases are counted wrong");
    WOUND(b->categories[0].held++, "a category's counts are wrong");
    WOUND(b->categories[0].sold--, "a category's counts are wrong");
    WOUND(b->categories[0].blocked++, "a category's counts are wrong");
    WOUND(b->categories[0].capacity++, "a category's counts are wrong");
    WOUND(b->areas[0].available++, "an area's count is wrong");
    WOUND(b->areas[0].hint = 3, "an area's hint skips units");
    WOUND(b->buyers[0].units++, "a buyer's counts are wrong");
    WOUND(b->buyers[0].holds++, "a buyer's counts are wrong");
    WOUND(memset(b->buyer_index, 0, (b->s->buyer_mask + 1) * sizeof *b->buyer_index),
          "a buyer is not found");
    WOUND((b->buyers[0].units = 0, b->buyers[0].holds = 0), "a buyer is missing");
    WOUND(b->orders[0].card = who(97), "a buyer's counts are wrong");
    WOUND(buyer_take(b, who(CARD), 1, 0), "a buyer's counts are wrong");
    WOUND(buyer_take(b, who(CARD), 2, 0), "a buyer is missing");
    WOUND(b->orders[1].card = who(CARD), "an order that is not sold has a card");
}

static void each_wound_of_limits_and_allocations_is_found(void **state)
{
    (void)state;
    static const uint32_t six[1] = {6}, six_and_seven[2] = {6, 7};
    WOUND(b->unit_position[0] = 1, "a unit has no place of its own");
    WOUND(b->info[4].allocation = 3, "a unit is in no allocation that exists");
    WOUND(b->free[0] ^= 1 << 4, "a free bit differs from its unit");
    WOUND(b->info[4].allocation = 2, "a free bit differs from its unit");
    WOUND(b->info[10].allocation = 1, "a free bit differs from its unit");
    WOUND(b->allocated[0] ^= 1 << 4, "an allocated bit differs from its unit");
    WOUND(b->allocated[0] ^= 1 << 10, "an allocated bit differs from its unit");
    WOUND(b->allocated[0] ^= 1 << 5, "an allocated bit differs from its unit");
    WOUND(b->info[2].removed = 1, "a removed unit is not blocked");
    WOUND(b->links[2].companion_of = 1, "a companion is not with its seat");
    WOUND(b->links[0].companion_of = 3, "a companion is not with its seat");
    WOUND(b->links[2].group = 1, "a group is not whole");
    WOUND(b->links[0].group = 1, "a group is not whole");
    WOUND(b->holds[7].code = 2, "a hold has units of a code that it does not name");
    WOUND(b->holds[7].code_units = 2, "a hold has units of a code that it does not name");
    WOUND(b->holds[2].code_units = 1, "a hold has units of a code that it does not name");
    WOUND(b->orders[1].access = 1, "a waiting order differs from its hold");
    WOUND(b->orders[1].access_units = 1, "a waiting order differs from its hold");
    WOUND(b->orders[1].units[0] = 2, "a waiting order differs from its hold");
    WOUND(b->codes[0].used++, "the units of a code are counted wrong");
    WOUND(b->holds[7].code_units = 0, "the units of a code are counted wrong");
    WOUND(b->orders[4].access_units = 0, "the units of a code are counted wrong");
    WOUND(b->codes[0].allocation = 3, "a code opens what does not exist");
    WOUND(b->codes[0].hash.bytes[0] ^= 1, "a code is not found");
    WOUND(b->allocations[2].id[0] = 'p', "two allocations have one id");
    WOUND(b->s->released ^= 2, "the set of released allocations is wrong");
    WOUND(b->s->released ^= 1, "the set of released allocations is wrong");
    WOUND(b->s->next_release_us--, "the next release is wrong");
    WOUND(b->allocations[1].releases_at_us = 0, "the next release is wrong");
    WOUND(b->categories[0].allocated--, "a category's counts are wrong");
    WOUND(b->s->limited_categories++, "the number of limited categories is wrong");
    WOUND(limits_take(b, who(9), six, 1), "a buyer's counts are wrong");
    WOUND(limits_add(b, who(59), six, 1), "a buyer's counts are wrong");
    WOUND(limits_take(b, who(9), six_and_seven, 2), "a buyer is missing");
}

static struct hash16 promo(void)
{
    return who(97);
}

/* The same with rules, a package, a promo code that hold 2 has and another price list. */
static struct booking *machine_with_prices(void)
{
    static const uint32_t category[1] = {0}, none[1] = {0}, size[1] = {3}, paid[1] = {2};
    static const uint64_t never[1] = {0}, price[1] = {900}, ceiling[1] = {1000}, set[1] = {1};
    struct booking *b = machine();
    struct hash16 code = promo();
    struct booking_command c = {.number = BOOKING_COMMAND_change_price_plan};
    c.change_price_plan = (struct command_change_price_plan){
        {category, 1}, {never, 1},   {never, 1}, {none, 1}, {none, 1},
        {price, 1},    {ceiling, 1}, {set, 1},   {size, 1}, {paid, 1}};
    (void)submit(b, &c);
    c = (struct booking_command){.number = BOOKING_COMMAND_change_promos};
    c.change_promos.codes = slice_make(&code, sizeof code);
    c.change_promos.kind = BOOKING_PROMO_AMOUNT;
    c.change_promos.value = 300;
    (void)submit(b, &c);
    c = (struct booking_command){.number = BOOKING_COMMAND_quote_hold};
    c.quote_hold = (struct command_quote_hold){2, 103, who(3), promo()};
    (void)submit(b, &c);
    return b;
}

#define WOUND_PRICES(damage, wanted)               \
    do {                                           \
        struct booking *b = machine_with_prices(); \
        assert_null(booking_check(b));             \
        damage;                                    \
        expect(b, #damage, (wanted));              \
    } while (0)

static void each_wound_of_prices_and_promo_codes_is_found(void **state)
{
    (void)state;
    WOUND_PRICES(b->holds[2].revision = 2, "a hold has prices that there never were");
    WOUND_PRICES(b->holds[2].discounts[0] = 1001, "a discount is over its price");
    WOUND_PRICES(b->holds[2].discounts[1] = 1, "a discount is over its price");
    WOUND_PRICES(b->holds[2].discounts[0] = 299,
                 "a hold's promo code takes off more than its discounts");
    WOUND_PRICES(b->holds[2].promo = 2, "a hold's promo code takes off more than its discounts");
    WOUND_PRICES(b->holds[2].promo = 0, "a hold's promo code takes off more than its discounts");
    WOUND_PRICES((b->holds[2].promo = 0, b->holds[2].promo_spent = 0),
                 "the uses of a promo code are counted wrong");
    WOUND_PRICES(b->holds[2].promo_spent--, "the uses of a promo code are counted wrong");
    WOUND_PRICES(b->orders[0].promo = 1, "the uses of a promo code are counted wrong");
    WOUND_PRICES(b->promos[0].used++, "the uses of a promo code are counted wrong");
    WOUND_PRICES(b->promos[0].spent--, "the uses of a promo code are counted wrong");
    WOUND_PRICES(b->promos[0].hash.bytes[0] ^= 1, "a promo code is not found");
    WOUND_PRICES(b->s->promos_used = b->s->promo_capacity + 1,
                 "there are more promo codes than fit");
    WOUND_PRICES(b->s->revision = 2, "the prices in force are of a list that there never was");
    WOUND_PRICES(b->prices[1].price_minor = -1, "a price is out of bounds");
    WOUND_PRICES(b->prices[1].fee_minor = LIMIT_PRICE_MINOR + 1, "a price is out of bounds");
    WOUND_PRICES(b->categories[0].base_price_minor--, "no list has the base prices");
    WOUND_PRICES(b->prices[1].fee_minor++, "the fee in force is not the organiser's");
    WOUND_PRICES(b->categories[0].ceiling_minor = 999, "a base price is over its ceiling");
    WOUND_PRICES(b->price_rules[0].price_minor = 1001, "a rule's price is over its ceiling");
    WOUND_PRICES(b->price_rules[0].category = 1, "a rule's price is over its ceiling");
    WOUND_PRICES(b->s->rule_count = LIMIT_PRICE_RULES + 1,
                 "there are more rules or packages than fit");
    WOUND_PRICES(b->s->package_count = LIMIT_PACKAGES + 1,
                 "there are more rules or packages than fit");
}

/* The same with a refund of order 0 that is owed, a dispute of order 1 and a case of order 3. */
static struct booking *machine_with_money(void)
{
    struct booking *b = machine();
    news(b, 0, BOOKING_PAYMENT_CAPTURED, SLICE("pi_1"), 1100);
    struct booking_command c = {.number = BOOKING_COMMAND_refund};
    c.refund.order_random = booking_order_random(b, 0);
    (void)submit(b, &c);
    news(b, 1, BOOKING_PAYMENT_CAPTURED, SLICE("pi_2"), 1100);
    news(b, 1, BOOKING_PAYMENT_DISPUTED, SLICE("pi_2"), 1100);
    news(b, 3, BOOKING_PAYMENT_REFUSED, SLICE("pi_7"), 0);
    return b;
}

#define WOUND_MONEY(damage, wanted)               \
    do {                                          \
        struct booking *b = machine_with_money(); \
        assert_null(booking_check(b));            \
        damage;                                   \
        expect(b, #damage, (wanted));             \
    } while (0)

static void each_wound_of_money_is_found(void **state)
{
    (void)state;
    WOUND_MONEY(b->orders[0].refund_of[0] = 0, "a refund is of no unit");
    WOUND_MONEY(b->orders[0].refund_of[0] = 2, "a refund is of no unit");
    WOUND_MONEY(b->orders[0].refund_states[0] = BOOKING_REFUND_NONE,
                "an order owes a refund that is not due");
    WOUND_MONEY(b->orders[0].refund_states[0] = BOOKING_REFUND_DONE,
                "an order owes a refund that is not due");
    WOUND_MONEY(b->orders[0].refund_states[1] = BOOKING_REFUND_DUE, "a refund is of no unit");
    WOUND_MONEY(b->orders[0].refund_owed = 0, "an order owes a refund that is not due");
    WOUND_MONEY(b->orders[0].refund_attempts[0]++,
                "an order owes another attempt of a refund than it asked for");
    WOUND_MONEY(b->orders[0].refund_attempts[1] = 1, "nobody wants what was asked for");
    WOUND_MONEY(b->orders[0].call = BOOKING_CALL_NONE,
                "a refund is due and nobody is asked for it");
    WOUND_MONEY(b->orders[0].call = BOOKING_CALL_CAPTURE,
                "a refund is due and nobody is asked for it");
    WOUND_MONEY(b->orders[3].taken_minor = 1, "what was taken for nothing does not go back");
    WOUND_MONEY(b->orders[2].refunds = 2, "an order has refunds of nothing");
    WOUND_MONEY(b->orders[1].refund_of[0] = 1, "a sold unit has no sold order that lists it");
    WOUND_MONEY(b->disputes[0].state = BOOKING_DISPUTE_LOST,
                "a sold unit has no sold order that lists it");
    WOUND_MONEY(b->disputes[0].state = BOOKING_DISPUTE_WON, "the ledger differs from the orders");
    WOUND_MONEY(b->disputes[0].state = BOOKING_DISPUTE_LOST_IN_PART,
                "the ledger differs from the orders");
    WOUND_MONEY(b->disputes[0].amount_minor++, "the ledger differs from the orders");
    WOUND_MONEY((b->disputes[0].state = BOOKING_DISPUTE_LOST_IN_PART, b->s->open_disputes--,
                 b->s->ledger[BOOKING_ACCOUNT_DISPUTES] -= 1100,
                 b->s->ledger[BOOKING_ACCOUNT_ORGANISER] += 1100),
                "a dispute was lost in part that left nothing");
    WOUND_MONEY(b->orders[1].by_hand_minor = 1, "the ledger differs from the orders");
    WOUND_MONEY(b->orders[1].by_hand_minor = -1, "less than nothing was refunded by hand");
    WOUND_MONEY(b->disputes[0].order = 2, "the ledger differs from the orders");
    WOUND_MONEY(b->orders[1].dispute = 0, "the ledger differs from the orders");
    WOUND_MONEY(b->s->open_disputes++, "the open disputes are counted wrong");
    WOUND_MONEY(b->s->open_cases++, "the open cases are counted wrong");
    WOUND_MONEY(b->orders[3].attention = 0, "an order that ends owes no cancel and has no case");
    WOUND_MONEY(b->s->case_oldest = 3, "a queue of orders is wrong");
    WOUND_MONEY(b->s->orders_refunded_newest = 0, "a queue of orders is wrong");
    WOUND_MONEY(
        (b->s->ledger_closed[BOOKING_ACCOUNT_TAX]++, b->s->ledger_closed[BOOKING_ACCOUNT_FEES]--),
        "the ledger differs from the orders");
    WOUND_MONEY(b->categories[0].gross_minor++, "what a category sold is wrong");
    WOUND_MONEY(b->orders[1].discounts[0] = 1, "an order's lines do not sum to its total");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_wound_of_money_is_found),
        cmocka_unit_test(each_wound_is_found),
        cmocka_unit_test(each_wound_of_limits_and_allocations_is_found),
        cmocka_unit_test(each_wound_of_prices_and_promo_codes_is_found),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
