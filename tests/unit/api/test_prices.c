/* Until when a price holds, tax on top, and what a price plan of an organiser becomes. */
#include "api/price_terms.h"
#include "api/prices.h"
#include "base/time.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define DAY_US (86400 * TIME_SECOND_US)

/* Reads a price plan of an event with the categories "a" and "b". */
static bool read_plan(const char *body, const uint32_t *tax_bp, struct request *r,
                      struct price_plan *plan)
{
    static const struct slice names[LIMIT_PACKAGES];
    struct places places = {.category_count = 2, .categories = {SLICE("a"), SLICE("b")}};
    const struct price_plan_reading reading = {
        .places = &places, .currency = "EUR", .names = names, .tax_bp = tax_bp};
    request_read(slice_from_string(body), r);
    assert_false(r->failed);
    price_plan_read(r, &reading, plan);
    return !r->failed;
}

static void tax_is_put_on_top_rounded_half_up(void **state)
{
    (void)state;
    static const struct {
        uint64_t net;
        uint32_t bp;
        uint64_t gross;
    } cases[] = {
        {0, 1900, 0},
        {100, 0, 100},
        {100, 1900, 119},
        {5, 1000, 6} /* 5.5 */,
        {4, 1000, 4},
        {15, 1000, 17},
        {1005, 1000, 1106},
        {12345, 1000, 13580},
        {1, 10000, 2},
        {99, 500, 104},
        {4000000000ull, 10000, 8000000000ull},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
        assert_int_equal(price_terms_gross(cases[i].net, cases[i].bp), cases[i].gross);
}

static void the_next_change_is_told_by_time_and_by_sales(void **state)
{
    (void)state;
    struct request r;
    struct price_plan plan;
    assert_true(read_plan("{\"price_rules\":["
                          "{\"category\":\"a\",\"price\":3000,\"until\":\"1970-01-03T00:00:00Z\","
                          "\"sold_below\":10},"
                          "{\"category\":\"a\",\"price\":3500,\"until\":\"1970-01-05T00:00:00Z\"},"
                          "{\"category\":\"b\",\"price\":1,\"from\":\"1970-01-02T00:00:00Z\"},"
                          "{\"category\":\"a\",\"price\":5000,\"sold_from\":100}]}",
                          NULL, &r, &plan));
    static const struct {
        uint64_t now_us;
        uint32_t sold;
        int64_t price;
        struct price_change change;
    } cases[] = {
        {DAY_US, 4, 3000, {2 * DAY_US, 3500, 6, 3500}},
        {DAY_US, 10, 3500, {4 * DAY_US, 4000, 0, 0}},
        {2 * DAY_US, 4, 3500, {4 * DAY_US, 4000, 0, 0}},
        {4 * DAY_US, 99, 4000, {0, 0, 1, 5000}},
        {4 * DAY_US, 100, 5000, {0, 0, 0, 0}},
        {3 * DAY_US, 100, 3500, {4 * DAY_US, 5000, 0, 0}},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        const struct price_outlook outlook = {.plan = &plan.entry,
                                              .category = 0,
                                              .sold = cases[i].sold,
                                              .now_us = cases[i].now_us,
                                              .base_minor = 4000};
        struct price_change change = prices_next_change(&outlook);
        assert_int_equal(prices_by_rules(&outlook), cases[i].price);
        assert_int_equal(change.at_us, cases[i].change.at_us);
        assert_int_equal(change.price_then, cases[i].change.price_then);
        assert_int_equal(change.after_sold, cases[i].change.after_sold);
        assert_int_equal(change.price_after, cases[i].change.price_after);
    }
    request_finish(&r);
}

static void a_change_that_changes_nothing_is_not_told(void **state)
{
    (void)state;
    struct request r;
    struct price_plan plan;
    assert_true(read_plan("{\"price_rules\":[{\"category\":0,\"price\":4000,\"sold_from\":5,"
                          "\"from\":\"1970-01-03T00:00:00Z\"}]}",
                          NULL, &r, &plan));
    const struct price_outlook outlook = {.plan = &plan.entry, .base_minor = 4000};
    struct price_change change = prices_next_change(&outlook);
    assert_int_equal(change.at_us, 0);
    assert_int_equal(change.after_sold, 0);
    request_finish(&r);
}

static void a_plan_without_tax_gets_it(void **state)
{
    (void)state;
    static const uint32_t tax_bp[] = {1000, 1900};
    struct request r;
    struct price_plan plan;
    assert_true(read_plan("{\"price_rules\":[{\"category\":\"b\",\"price\":100}],"
                          "\"price_ceilings\":[{\"category\":\"a\",\"price\":{\"amount\":1005,"
                          "\"currency\":\"EUR\"}}],"
                          "\"packages\":[{\"name\":\"Four\",\"categories\":[\"a\",1],\"size\":4,"
                          "\"paid\":3}]}",
                          tax_bp, &r, &plan));
    struct command_change_price_plan command = price_plan_command(&plan);
    assert_int_equal(u64s_at(command.rule_prices, 0), 119);
    assert_int_equal(command.ceilings.count, 2);
    assert_int_equal(u64s_at(command.ceilings, 0), 1106);
    assert_int_equal(u64s_at(command.ceilings, 1), 0);
    assert_int_equal(u64s_at(command.package_categories, 0), 3);
    assert_int_equal(u32s_at(command.package_sizes, 0), 4);
    assert_int_equal(u32s_at(command.package_paid, 0), 3);
    json_t *names = price_plan_names(&plan);
    assert_string_equal(json_string_value(json_array_get(names, 0)), "Four");
    json_decref(names);
    request_finish(&r);
}

static void each_fault_of_a_plan_is_named(void **state)
{
    (void)state;
    static const struct {
        const char *body, *member;
        enum problem problem;
    } cases[] = {
        {"{\"price_rules\":[7]}", "price_rules", PROBLEM_BAD_VALUE},
        {"{\"price_rules\":[{\"price\":1}]}", "price_rules.category", PROBLEM_UNKNOWN_CATEGORY},
        {"{\"price_rules\":[{\"category\":0}]}", "price_rules.price", PROBLEM_BAD_VALUE},
        {"{\"price_rules\":[{\"category\":0,\"price\":1,\"sold_from\":5,\"sold_below\":5}]}",
         "price_rules.sold_below", PROBLEM_BAD_VALUE},
        {"{\"price_rules\":[{\"category\":0,\"price\":1,\"nope\":5}]}", "price_rules.nope",
         PROBLEM_UNKNOWN_MEMBER},
        {"{\"price_ceilings\":[{\"category\":0,\"price\":0}]}", "price_ceilings.price",
         PROBLEM_BAD_VALUE},
        {"{\"price_ceilings\":[{\"category\":2,\"price\":5}]}", "price_ceilings.category",
         PROBLEM_UNKNOWN_CATEGORY},
        {"{\"packages\":[{\"categories\":[0],\"size\":3,\"paid\":3}]}", "packages.paid",
         PROBLEM_BAD_VALUE},
        {"{\"packages\":[{\"categories\":[0],\"size\":17,\"paid\":3}]}", "packages.size",
         PROBLEM_BAD_VALUE},
        {"{\"packages\":[{\"categories\":[],\"size\":3,\"paid\":2}]}", "packages.categories",
         PROBLEM_BAD_VALUE},
        {"{\"packages\":[{\"size\":3,\"paid\":2}]}", "packages.categories", PROBLEM_BAD_VALUE},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct request r;
        struct price_plan plan;
        if (read_plan(cases[i].body, NULL, &r, &plan) || r.problem != cases[i].problem ||
            strcmp(r.member, cases[i].member) != 0)
            fail_msg("%s: %s (%s) %s", cases[i].body, problem_texts[r.problem].code, r.member,
                     r.detail);
        request_finish(&r);
    }
}

static void terms_of_the_sale_are_read_and_cannot_be_changed(void **state)
{
    (void)state;
    struct request r;
    struct sale_terms t;
    request_read(SLICE("{\"tax\":{\"rate_bp\":700,\"included\":false},\"fee_bearer\":\"organiser\","
                       "\"payment_methods\":[\"ideal\",\"card\"],\"processing_seconds\":60}"),
                 &r);
    sale_terms_read(&r, &t);
    assert_false(r.failed);
    assert_int_equal(t.rate_bp, 700);
    assert_true(t.tax_on_top);
    assert_int_equal(t.fee_bearer, BOOKING_BEARER_ORGANISER);
    assert_int_equal(t.payment_methods, BOOKING_METHOD_CARD | BOOKING_METHOD_IDEAL);
    assert_int_equal(t.processing_seconds, 60);
    sale_terms_refuse(&r);
    assert_int_equal(r.problem, PROBLEM_BAD_CHANGE);
    assert_string_equal(r.member, "tax");
    request_finish(&r);
    request_read(SLICE("{}"), &r);
    sale_terms_read(&r, &t);
    assert_int_equal(t.payment_methods, BOOKING_METHOD_CARD);
    assert_int_equal(t.fee_bearer, BOOKING_BEARER_BUYER);
    assert_false(t.tax_on_top);
    sale_terms_refuse(&r);
    assert_false(r.failed);
    request_finish(&r);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(tax_is_put_on_top_rounded_half_up),
        cmocka_unit_test(the_next_change_is_told_by_time_and_by_sales),
        cmocka_unit_test(a_change_that_changes_nothing_is_not_told),
        cmocka_unit_test(a_plan_without_tax_gets_it),
        cmocka_unit_test(each_fault_of_a_plan_is_named),
        cmocka_unit_test(terms_of_the_sale_are_read_and_cannot_be_changed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
