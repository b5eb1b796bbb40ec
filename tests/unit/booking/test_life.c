#include "base/buf.h"
#include "booking/booking.h"
#include "booking/inventory.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdlib.h>

/* Which first entries are refused and why; and images that are none. */

static const uint64_t prices[2] = {1000, 2000}, fees[2] = {100, 0};
static const uint32_t blocked[2] = {1, 4};

/* Two blocks of two seats, an area of three; two categories. */
static const uint32_t plan_words[] = {
    INVENTORY_VERSION, 4, 2, 1, 1, 2, 0, 0, 0, 0, 2, 0, 2, 0, 1, 2, 3, 7, 6, 5, 4,
    0x01010000,        3, 1};

static struct entry_event_created valid(void)
{
    return (struct entry_event_created){
        .event_random = 1,
        .organiser_random = 2,
        .payment_account = SLICE("acct_1"),
        .currency = SLICE("EUR"),
        .opens_at_us = 10,
        .closes_at_us = 20,
        .hold_seconds = 600,
        .pay_seconds = 900,
        .per_buyer = 8,
        .per_hold = 4,
        .prices = {prices, 2},
        .fees = {fees, 2},
        .inventory = slice_make(plan_words, sizeof plan_words),
        .blocked = {blocked, 2},
    };
}

#define HOLD_SECONDS "hold_seconds or pay_seconds is out of bounds"
#define LIMITS "per_hold or per_buyer is out of bounds"
#define CLOSES "the sale closes before it opens"
#define INVENTORY "the inventory is damaged or out of bounds"
#define PRICES "prices and fees do not match the price categories"
#define BLOCKED "a blocked unit does not exist or stands twice"
#define PER_CATEGORY "the limits per category do not match the price categories"
#define SINGLES "the rule about single seats is unknown"
#define TAXES "the taxes do not match the price categories"
#define BEARER "who bears the fee is unknown"
#define METHODS "a way to pay is unknown"
#define PROCESSING "processing_seconds is out of bounds"

static const uint64_t high[2] = {1000, LIMIT_PRICE_MINOR + 1}, highest[2] = {0, LIMIT_PRICE_MINOR};
static const uint32_t beyond[2] = {1, 7}, twice[2] = {4, 4}, falling[2] = {4, 1}, last[1] = {6};
static const uint32_t taxes[2] = {0, 10000}, over_half[2] = {10001, 0};
static const uint32_t limits[2] = {0, LIMIT_BUYER_UNITS}, too_many[2] = {LIMIT_BUYER_UNITS + 1, 1};

/* The field is set to a value; NULL: it is fine. */
#define CASE(field, value, detail)                 \
    do {                                           \
        struct entry_event_created e = valid();    \
        e.field = value;                           \
        expect(&e, #field " = " #value, (detail)); \
    } while (0)

static void expect(const struct entry_event_created *e, const char *what, const char *wanted)
{
    const char *detail = NULL;
    bool fine = booking_created_valid(e, &detail);
    if (fine != (wanted == NULL) || (wanted && strcmp(wanted, detail) != 0))
        fail_msg("%s: wanted %s, got %s", what, wanted ? wanted : "nothing",
                 detail ? detail : "nothing");
}

static void each_definition_that_cannot_be_is_refused_with_its_reason(void **state)
{
    (void)state;
    CASE(event_random, 1, NULL);
    CASE(event_random, 0, "the event has no random number");
    CASE(currency, SLICE("EU"), "the currency is not three letters");
    CASE(currency, SLICE("EURO"), "the currency is not three letters");
    CASE(currency, SLICE("E1R"), "the currency is not three letters");
    CASE(currency, SLICE("eur"), "the currency is not three letters");
    CASE(payment_account, SLICE(""), NULL);
    CASE(payment_account, slice_make(plan_words, 64), NULL);
    CASE(payment_account, slice_make(plan_words, 65), "the payment account is too long");
    CASE(hold_seconds, 0, HOLD_SECONDS);
    CASE(hold_seconds, 1, NULL);
    CASE(hold_seconds, LIMIT_HOLD_SECONDS, NULL);
    CASE(hold_seconds, LIMIT_HOLD_SECONDS + 1, HOLD_SECONDS);
    CASE(pay_seconds, 0, HOLD_SECONDS);
    CASE(pay_seconds, LIMIT_HOLD_SECONDS, NULL);
    CASE(pay_seconds, LIMIT_HOLD_SECONDS + 1, HOLD_SECONDS);
    CASE(per_hold, 0, LIMITS);
    CASE(per_hold, LIMIT_HOLD_UNITS, NULL);
    CASE(per_hold, LIMIT_HOLD_UNITS + 1, LIMITS);
    CASE(per_buyer, 0, LIMITS);
    CASE(per_buyer, LIMIT_BUYER_UNITS, NULL);
    CASE(per_buyer, LIMIT_BUYER_UNITS + 1, LIMITS);
    CASE(closes_at_us, 0, NULL);
    CASE(closes_at_us, 10, CLOSES);
    CASE(closes_at_us, 11, NULL);
    CASE(inventory, slice_make(plan_words, sizeof plan_words - 1), INVENTORY);
    CASE(inventory, SLICE(""), INVENTORY);
    CASE(prices, ((struct u64s){prices, 1}), PRICES);
    CASE(prices, ((struct u64s){high, 2}), PRICES);
    CASE(prices, ((struct u64s){highest, 2}), NULL);
    CASE(fees, ((struct u64s){fees, 0}), PRICES);
    CASE(fees, ((struct u64s){high, 2}), PRICES);
    CASE(blocked, ((struct u32s){beyond, 2}), BLOCKED);
    CASE(blocked, ((struct u32s){twice, 2}), BLOCKED);
    CASE(blocked, ((struct u32s){falling, 2}), BLOCKED);
    CASE(blocked, ((struct u32s){last, 1}), NULL);
    CASE(blocked, ((struct u32s){NULL, 0}), NULL);
    CASE(per_category, ((struct u32s){limits, 2}), NULL);
    CASE(per_category, ((struct u32s){limits, 1}), PER_CATEGORY);
    CASE(per_category, ((struct u32s){too_many, 2}), PER_CATEGORY);
    CASE(singles, BOOKING_SINGLES_REFUSED, NULL);
    CASE(singles, BOOKING_SINGLES_REFUSED + 1, SINGLES);
    CASE(tax_bp, ((struct u32s){taxes, 2}), NULL);
    CASE(tax_bp, ((struct u32s){taxes, 1}), TAXES);
    CASE(tax_bp, ((struct u32s){over_half, 2}), TAXES);
    CASE(fee_bearer, BOOKING_BEARER_BUYER, NULL);
    CASE(fee_bearer, BOOKING_BEARER_ORGANISER, NULL);
    CASE(fee_bearer, BOOKING_BEARER_ORGANISER + 1, BEARER);
    CASE(payment_methods, BOOKING_METHODS, NULL);
    CASE(payment_methods, BOOKING_METHOD_IDEAL, NULL);
    CASE(payment_methods, BOOKING_METHODS + 1, METHODS);
    CASE(processing_seconds, LIMIT_PROCESSING_SECONDS, NULL);
    CASE(processing_seconds, LIMIT_PROCESSING_SECONDS + 1, PROCESSING);
}

static struct booking *begin(const struct entry_event_created *e)
{
    size_t size = booking_memory_size(e);
    void *memory = calloc(1, size);
    assert_non_null(memory);
    return booking_init(memory, size, 3, e, 5);
}

static void a_new_machine_takes_money_as_its_first_entry_says(void **state)
{
    (void)state;
    struct entry_event_created created = valid();
    created.tax_bp = (struct u32s){taxes, 2};
    created.fee_bearer = BOOKING_BEARER_ORGANISER;
    created.payment_methods = BOOKING_METHOD_IDEAL | BOOKING_METHOD_SEPA_DEBIT;
    created.processing_seconds = 86400;
    struct booking *b = begin(&created);
    struct booking_event event = booking_event(b);
    assert_null(booking_check(b));
    assert_int_equal(event.fee_bearer, BOOKING_BEARER_ORGANISER);
    assert_int_equal(event.payment_methods, BOOKING_METHOD_IDEAL | BOOKING_METHOD_SEPA_DEBIT);
    assert_int_equal(event.processing_seconds, 86400);
    assert_int_equal(booking_category_tax(b, 0), 0);
    assert_int_equal(booking_category_tax(b, 1), 10000);
    free(b);
}

static void a_new_machine_is_what_its_first_entry_says(void **state)
{
    (void)state;
    struct entry_event_created created = valid();
    struct booking *b = begin(&created);
    struct booking_event event = booking_event(b);
    assert_null(booking_check(b));
    assert_int_equal(event.partition, 3);
    assert_int_equal(event.event_random, 1);
    assert_int_equal(event.organiser_random, 2);
    assert_string_equal(event.currency, "EUR");
    assert_int_equal(event.opens_at_us, 10);
    assert_int_equal(event.closes_at_us, 20);
    assert_int_equal(event.hold_seconds, 600);
    assert_int_equal(event.pay_seconds, 900);
    assert_int_equal(event.per_buyer, 8);
    assert_int_equal(event.per_hold, 4);
    assert_int_equal(event.sale, BOOKING_SALES_OPEN);
    assert_int_equal(event.seat_count, 4);
    assert_int_equal(event.unit_count, 7);
    assert_int_equal(event.area_count, 1);
    assert_int_equal(event.category_count, 2);
    assert_int_equal(event.section_count, 1);
    assert_int_equal(event.live_holds, 0);
    assert_int_equal(event.last_ts_us, 5);
    assert_int_equal(event.fee_bearer, BOOKING_BEARER_BUYER);
    assert_int_equal(event.payment_methods, BOOKING_METHOD_CARD);
    assert_int_equal(event.processing_seconds, 0);
    assert_int_equal(event.promo_count, 0);
    assert_int_equal(booking_category_base(b, 1).price_minor, 2000);
    assert_int_equal(booking_category_tax(b, 1), 0);
    assert_int_equal(booking_unit_state(b, 0, 6), BOOKING_FREE);
    assert_int_equal(booking_unit_state(b, 1, 6), BOOKING_BLOCKED);
    assert_int_equal(booking_unit_state(b, 4, 6), BOOKING_BLOCKED);
    assert_int_equal(booking_unit_category(b, 1), 0);
    assert_int_equal(booking_unit_category(b, 2), 1);
    assert_int_equal(booking_unit_category(b, 6), 1);
    assert_int_equal(booking_unit_area(b, 3), BOOKING_NONE);
    assert_int_equal(booking_unit_area(b, 4), 0);
    assert_int_equal(booking_unit_area(b, 7), BOOKING_NONE);
    struct booking_area area = booking_area(b, 0);
    assert_int_equal(area.first_unit, 4);
    assert_int_equal(area.capacity, 3);
    assert_int_equal(area.category, 1);
    assert_int_equal(area.available, 2);
    assert_int_equal(booking_category_price(b, 1, 2).price_minor, 2000);
    assert_int_equal(booking_category_price(b, 0, 2).fee_minor, 100);
    struct booking_counts counts = booking_category_counts(b, 1);
    assert_int_equal(counts.capacity, 5);
    assert_int_equal(counts.blocked, 1);
    assert_int_equal(counts.available, 4);
    /* What is not there is not found. */
    struct booking_hold hold;
    struct booking_order order;
    struct booking_ticket ticket;
    assert_false(booking_hold_get(b, 0, 0, &hold));
    assert_false(booking_hold_get(b, BOOKING_NONE, 1, &hold));
    assert_false(booking_order_get(b, 0, 0, &order));
    assert_false(booking_order_get(b, BOOKING_NONE, 1, &order));
    assert_false(booking_ticket_get(b, 0, 0, &ticket));
    assert_false(booking_ticket_get(b, BOOKING_NONE, 1, &ticket));
    assert_int_equal(booking_order_slots(b), 0);
    free(b);
}

/* Two rows of three: 1 has the companions 4 and 2, in this order of the plan; 0, 5 and 3 are sold
 * together. */
static void kinds_groups_and_companions_are_what_the_plan_says(void **state)
{
    (void)state;
    /* clang-format off */
    static const uint32_t plan[] = {
        INVENTORY_VERSION, 6, 2, 0, 1, 1, 5, 1, 3, /* header */
        0, 3, 0, 3,                                /* blocks */
        0, 1, 2, 3, 4, 5,                          /* seats */
        1, 1, 1, 1, 1, 1,                          /* costs */
    };
    static const uint32_t tail[] = {
        0, BOOKING_KIND_VIP, INVENTORY_NO_SEAT,
        1, BOOKING_KIND_ACCESSIBLE, INVENTORY_NO_SEAT,
        2, BOOKING_KIND_COMPANION, 1,
        3, BOOKING_KIND_RESTRICTED_VIEW, INVENTORY_NO_SEAT,
        4, BOOKING_KIND_COMPANION, 1,
        3, 0, 5, 3,                                /* a group, and who is in it */
    };
    /* clang-format on */
    static const enum booking_kind kinds[6] = {BOOKING_KIND_VIP,       BOOKING_KIND_ACCESSIBLE,
                                               BOOKING_KIND_COMPANION, BOOKING_KIND_RESTRICTED_VIEW,
                                               BOOKING_KIND_COMPANION, BOOKING_KIND_STANDARD};
    char bytes[sizeof plan + 6 + sizeof tail] = {0};
    memcpy(bytes, plan, sizeof plan);
    memcpy(bytes + sizeof plan + 6, tail, sizeof tail); /* behind the price categories */
    struct entry_event_created created = valid();
    created.inventory = slice_make(bytes, sizeof bytes);
    created.prices.count = created.fees.count = 1;
    created.blocked.count = 0;
    struct booking *b = begin(&created);
    uint32_t group[LIMIT_HOLD_UNITS];
    assert_null(booking_check(b));
    for (uint32_t unit = 0; unit < 6; unit++) {
        assert_int_equal(booking_unit_kind(b, unit), kinds[unit]);
        assert_int_equal(booking_unit_companion_of(b, unit),
                         unit == 2 || unit == 4 ? 1 : BOOKING_NONE);
        bool grouped = unit % 5 == 0 || unit == 3;
        assert_int_equal(booking_unit_group(b, unit, group), grouped ? 3 : 0);
        assert_int_equal(booking_seat_unit(b, unit), unit);
        assert_int_equal(booking_unit_seat(b, unit), unit);
    }
    assert_int_equal(group[0], 0);
    assert_int_equal(group[1], 5);
    assert_int_equal(group[2], 3);
    free(b);
}

/* Buyer after buyer asks for the best `quantity` seats side by side: they get 0 .., in that order.
 */
static void assert_best_in_turn(struct slice inventory, uint32_t buyers, uint32_t quantity)
{
    static struct booking_decision d;
    struct entry_event_created created = valid();
    created.inventory = inventory;
    created.prices.count = created.fees.count = 1;
    created.blocked.count = 0;
    struct booking *b = begin(&created);
    for (uint32_t i = 0; i < buyers; i++) {
        struct booking_command c = {.number = BOOKING_COMMAND_hold};
        c.hold.hold_random = i + 1;
        c.hold.session.bytes[0] = (uint8_t)(i + 1);
        c.hold.best_quantity = quantity;
        booking_decide(b, &c, 10 + i, &d);
        assert_int_equal(d.refusal, BOOKING_OK);
        assert_int_equal(d.choice, BOOKING_CHOICE_ADJACENT);
        assert_int_equal(u32s_at(d.entries[0].units_held.units, 0), quantity * i);
        booking_apply(b, &d.entries[0], 10 + i, NULL);
    }
    free(b);
}

/* Seven rows of one seat, all as good: the first in the plan is taken first. */
static void on_a_tie_the_first_seat_is_best(void **state)
{
    (void)state;
    /* clang-format off */
    static const uint32_t rows[] = {
        INVENTORY_VERSION, 7, 7, 0, 1, 1, 0, 0, 0, /* header */
        0, 1, 0, 1, 0, 1, 0, 1, 0, 1, 0, 1, 0, 1,  /* blocks */
        0, 1, 2, 3, 4, 5, 6,                       /* seats */
        9, 9, 9, 9, 9, 9, 9,                       /* costs */
        0, 0                                       /* categories */
    };
    /* clang-format on */
    assert_best_in_turn(slice_make(rows, 37 * 4 + 7), 7, 1);
}

/* Two rows of two cost as much, but the second has the cheapest seat and is looked at first. */
static void on_a_tie_the_first_place_wins_though_its_row_has_no_cheaper_seat(void **state)
{
    (void)state;
    /* clang-format off */
    static const uint32_t rows[] = {
        INVENTORY_VERSION, 6, 3, 0, 1, 1, 0, 0, 0, /* header */
        0, 2, 0, 2, 0, 2,                          /* blocks */
        0, 1, 2, 3, 4, 5,                          /* seats */
        5, 5, 5, 5, 1, 9,                          /* costs */
        0, 0                                       /* categories */
    };
    /* clang-format on */
    assert_best_in_turn(slice_make(rows, 27 * 4 + 6), 3, 2);
}

static void the_sale_is_open_between_its_times(void **state)
{
    (void)state;
    struct entry_event_created created = valid();
    struct booking *b = begin(&created);
    assert_int_equal(booking_sale_state(b, 9), BOOKING_SALE_NOT_OPEN);
    assert_int_equal(booking_sale_state(b, 10), BOOKING_OK);
    assert_int_equal(booking_sale_state(b, 19), BOOKING_OK);
    assert_int_equal(booking_sale_state(b, 20), BOOKING_SALE_CLOSED);
    free(b);
}

static void every_refusal_has_a_code(void **state)
{
    (void)state;
    for (unsigned i = 0; i < BOOKING_REFUSAL_COUNT; i++) {
        const char *code = booking_refusal_code((enum booking_refusal)i);
        assert_true(strlen(code) > 1);
        for (unsigned k = 0; k < i; k++)
            assert_string_not_equal(code, booking_refusal_code((enum booking_refusal)k));
    }
}

static void an_image_of_another_version_or_size_is_none(void **state)
{
    (void)state;
    struct entry_event_created created = valid();
    struct booking *b = begin(&created);
    struct slice image = booking_image(b);
    assert_int_not_equal(booking_restore_size(image), 0);
    assert_int_equal(booking_restore_size(slice_make(image.data, image.len - 1)), 0);
    assert_int_equal(booking_restore_size(slice_make(image.data, 8)), 0);
    assert_int_equal(booking_restore_size((struct slice){NULL, 0}), 0);
    char *copy = malloc(image.len);
    assert_non_null(copy);
    memcpy(copy, image.data, image.len);
    copy[0]++;
    assert_int_equal(booking_restore_size(slice_make(copy, image.len)), 0);
    copy[0]--;
    copy[20]++; /* a count: the size no longer follows from it */
    assert_int_equal(booking_restore_size(slice_make(copy, image.len)), 0);
    free(copy);
    free(b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_definition_that_cannot_be_is_refused_with_its_reason),
        cmocka_unit_test(a_new_machine_is_what_its_first_entry_says),
        cmocka_unit_test(a_new_machine_takes_money_as_its_first_entry_says),
        cmocka_unit_test(kinds_groups_and_companions_are_what_the_plan_says),
        cmocka_unit_test(on_a_tie_the_first_seat_is_best),
        cmocka_unit_test(on_a_tie_the_first_place_wins_though_its_row_has_no_cheaper_seat),
        cmocka_unit_test(the_sale_is_open_between_its_times),
        cmocka_unit_test(every_refusal_has_a_code),
        cmocka_unit_test(an_image_of_another_version_or_size_is_none),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
