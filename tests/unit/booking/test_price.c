#include "base/buf.h"
#include "unit/booking/script.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

/* Prices in force (MONEY.md): rules, steps, ceilings, the organiser's price plan. */

#define SOLD "-> ok PaymentCreated PaymentAuthorised OrderSold PaymentRequested\n"

SCRIPT(a_rule_gives_its_price_from_its_first_microsecond_to_its_last,
       "event price 5000 fee 500\n"
       "prices rule 0:3000 from 100 until 200    -> ok PricePlanSet\n"
       "at 100 1\n"
       "expect price 0 5000 500\n"
       "a = hold ann 0                           -> ok UnitsHeld\n"
       "at 100\n"
       "expect price 0 3000 500\n"
       "b = hold bob 1                           -> ok PricesStepped UnitsHeld\n"
       "at 200 1\n"
       "expect price 0 3000\n"
       "c = hold cid 2                           -> ok UnitsHeld\n"
       "at 200\n"
       "expect price 0 5000\n"
       "d = hold dan 3                           -> ok PricesStepped UnitsHeld\n"
       "expect total a 5500\n" /* what a hold costs stays */
       "expect total b 3500\n"
       "expect total c 3500\n"
       "expect total d 5500\n"
       "ao = order bob b bob@x                   -> ok OrderPlaced PaymentRequested\n"
       "expect order_line ao 0 3000 0 500 0 3000 500\n"
       "same_prices                              -> again\n")

SCRIPT(a_rule_counts_what_is_sold_of_its_category,
       "event categories 2 price 5000 fee 0\n"
       "prices rule 0:3000 sold_below 2 rule 0:4000 sold_from 2 sold_below 3"
       " -> ok PricePlanSet PricesStepped\n"
       "expect price 0 3000\n"
       "x = hold xen 10 11 12                    -> ok UnitsHeld\n" /* another category */
       "xo = order xen x xen@x                   -> ok OrderPlaced PaymentRequested\n"
       "news xo authorised 30000 pi_x            " SOLD
       "a = hold ann 0                           -> ok UnitsHeld\n"
       "ao = order ann a ann@x                   -> ok OrderPlaced PaymentRequested\n"
       "b = hold bob 1                           -> ok UnitsHeld\n" /* held is not sold */
       "bo = order bob b bob@x                   -> ok OrderPlaced PaymentRequested\n"
       "expect price 0 3000\n"
       "news ao authorised 3000 pi_a             " SOLD "expect price 0 3000\n"
       "tick                                     -> ok\n"
       "news bo authorised 3000 pi_b             " SOLD "expect price 0 4000\n"
       "tick                                     -> ok PricesStepped\n"
       "tick                                     -> ok\n"
       "c = hold cid 2                           -> ok UnitsHeld\n"
       "expect total c 4000\n"
       "co = order cid c cid@x                   -> ok OrderPlaced PaymentRequested\n"
       "news co authorised 4000 pi_c             " SOLD
       "d = hold dan 3                           -> ok PricesStepped UnitsHeld\n"
       "expect total d 5000\n"
       "expect price 1 10000\n")

SCRIPT(the_first_rule_that_applies_has_the_last_word,
       "event categories 2 price 5000 fee 0\n"
       "prices rule 0:1000 from 50 until 60 rule 0:2000 rule 1:7000 rule 0:3000 from 10"
       " -> ok PricePlanSet PricesStepped\n"
       "expect price 0 2000\n"
       "expect price 1 7000\n"
       "at 50\n"
       "expect price 0 1000\n"
       "at 60\n"
       "expect price 0 2000\n"
       "tick                                     -> ok\n" /* nothing ever cost 1000 */
       "same_prices                              -> again\n")

SCRIPT(releases_and_expiries_stand_in_front_of_a_step_and_all_else_behind,
       "event price 5000 fee 0 hold 60\n"
       "allocation 1 releases 100 add 5          -> ok AllocationSet UnitsMoved\n"
       "allocation 2 releases 200 add 6          -> ok AllocationSet UnitsMoved\n"
       "prices rule 0:3000 from 100 until 200 rule 0:4000 from 300 until 400 -> ok PricePlanSet\n"
       "at 30\n"
       "a = hold ann 0                           -> ok UnitsHeld\n"
       "at 100\n"
       "b = hold bob 0 -> ok AllocationReleased HoldExpired PricesStepped UnitsHeld\n"
       "expect total b 3000\n"
       "at 200\n"
       "tick           -> ok AllocationReleased HoldExpired PricesStepped\n"
       "c = hold cid 1                           -> ok UnitsHeld\n"
       "at 300\n"
       "block 1 -> ok HoldExpired PricesStepped UnitsBlocked\n"
       "change sale 2 price 5001 -> ok EventChanged PricesStepped\n"
       "at 400\n"
       "unblock 1 -> ok PricesStepped UnitsUnblocked\n")

/* ---- the organiser ---- */

SCRIPT(a_change_of_base_prices_leaves_the_rules_in_force,
       "event categories 2 price 5000 fee 500\n"
       "prices rule 0:3000                       -> ok PricePlanSet PricesStepped\n"
       "change price 6000 price 10000            -> ok EventChanged PricesStepped\n"
       "expect price 0 3000 500\n"
       "expect base 0 6000\n"
       "change fee 700 fee 500                   -> ok EventChanged PricesStepped\n"
       "expect price 0 3000 700\n"
       "a = hold ann 0                           -> ok UnitsHeld\n"
       "expect total a 3700\n"
       "change price 6000 price 10000            -> again\n" /* it is compared with the base */
       "change price 3000 price 10000            -> ok EventChanged\n"
       "expect price 0 3000\n"
       "prices                                   -> ok PricePlanSet\n" /* it is the base, too */
       "change price 6000 price 10000            -> ok EventChanged\n"
       "expect price 0 6000 700\n"
       "expect total a 3700\n")

SCRIPT(a_step_alone_is_no_repetition,
       "event price 5000 fee 500\n"
       "prices rule 0:3000 from 100              -> ok PricePlanSet\n"
       "change no_quotas 1                       -> again\n"
       "at 100\n"
       "change no_quotas 1                       -> ok PricesStepped\n"
       "change no_quotas 1                       -> again\n"
       "prices rule 0:3000 from 100 rule 0:9 from 200 -> ok PricePlanSet\n"
       "prices rule 0:3000 from 100              -> ok PricePlanSet\n"
       "prices rule 0:3000 from 100              -> again\n"
       "prices rule 0:3000 from 200              -> ok PricePlanSet PricesStepped\n"
       "at 200\n"
       "prices rule 0:3000 from 200              -> ok PricesStepped\n"
       "same_prices                              -> again\n")

SCRIPT(who_is_refused_or_repeats_a_key_makes_no_step,
       "event price 5000 fee 500\n"
       "a = hold ann 0 key k                     -> ok UnitsHeld\n"
       "prices rule 0:3000 from 100              -> ok PricePlanSet\n"
       "at 100\n"
       "hold bob 0                               -> seat_unavailable 0\n"
       "change per_hold 99                       -> bad_change\n"
       "prices rule 1:3000                       -> bad_change\n"
       "hold ann 0 key k                         -> again\n"
       "change_hold ann a 1                      -> ok HoldChanged\n" /* at its own prices */
       "expect total a 5500\n"
       "release ann a                            -> ok HoldReleased\n"
       "tick                                     -> ok PricesStepped\n")

SCRIPT(no_price_is_over_its_ceiling,
       "event categories 2 price 5000 fee 500\n"
       "prices ceilings 4999,0                   -> bad_change\n"
       "prices ceilings 5000,0                   -> ok PricePlanSet\n"
       "prices ceilings 5000,0 rule 0:5001       -> bad_change\n"
       "prices ceilings 5000,0 rule 0:5000       -> ok PricePlanSet\n"
       "prices ceilings 5000,0 rule 1:90000      -> ok PricePlanSet PricesStepped\n"
       "change price 5001 price 10000            -> bad_change\n"
       "change price 5000 price 99999            -> ok EventChanged PricesStepped\n"
       "change fee 99999 fee 0                   -> ok EventChanged PricesStepped\n"
       "prices ceilings 5000,1                   -> bad_change\n" /* the base is over it */
       "prices                                   -> ok PricePlanSet PricesStepped\n"
       "prices ceilings 0,0                      -> again\n"
       "change price 5001 price 10000            -> ok EventChanged\n"
       "same_prices                              -> again\n")

SCRIPT(
    a_price_plan_that_makes_no_sense_is_refused,
    "event categories 2 price 5000 fee 500\n"
    "prices rule 2:3000                       -> bad_change\n"
    "prices rule 0:1 price 4000000001         -> bad_change\n"
    "prices rule 0:1 price 4000000000         -> ok PricePlanSet PricesStepped\n"
    "prices rule 0:1 price 18446744073709551615 -> bad_change\n"
    "prices rule 0:1 from 10 until 10         -> bad_change\n"
    "prices rule 0:1 from 10 until 9          -> bad_change\n"
    "prices rule 0:1 sold_from 5 sold_below 5 -> bad_change\n"
    "prices rule 0:1 sold_from 5 sold_below 4 -> bad_change\n"
    "prices rule 0:1 from 10 until 11 sold_from 5 sold_below 6 -> ok PricePlanSet PricesStepped\n"
    "prices rule 0:1 short categories         -> bad_change\n"
    "prices rule 0:1 short from               -> bad_change\n"
    "prices rule 0:1 short until              -> bad_change\n"
    "prices rule 0:1 short sold_from          -> bad_change\n"
    "prices rule 0:1 short sold_below         -> bad_change\n"
    "prices rule 0:1 short prices             -> bad_change\n"
    "prices ceilings 9000                     -> bad_change\n"
    "prices ceilings 9000,90000,1             -> bad_change\n"
    "prices ceilings 1,0 ceiling 4000000001   -> bad_change\n"
    "prices ceilings 1,0 ceiling 4000000000   -> ok PricePlanSet\n"
    "prices package :2:1                      -> bad_change\n"
    "prices package 2:2:1                     -> bad_change\n"
    "prices package 0,2:2:1                   -> bad_change\n"
    "prices package 0:1:1                     -> bad_change\n"
    "prices package 0:17:1                    -> bad_change\n"
    "prices package 0:16:15                   -> ok PricePlanSet\n"
    "prices package 0:3:0                     -> bad_change\n"
    "prices package 0:3:3                     -> bad_change\n"
    "prices package 0:3:4                     -> bad_change\n"
    "prices package 0:3:2 short sets          -> bad_change\n"
    "prices package 0:3:2 short sizes         -> bad_change\n"
    "prices package 0:3:2 short paid          -> bad_change\n"
    "prices package 0:3:2 package 0:3:2       -> ok PricePlanSet\n"
    "prices package 0:3:2 package 0:3:1       -> ok PricePlanSet\n"
    "prices package 0:3:2 package 1:3:1       -> ok PricePlanSet\n"
    "same_prices                              -> again\n"
    "prices                                   -> ok PricePlanSet\n"
    "prices                                   -> again\n")

/* A line again and again, each time with its number. */
static void repeat(struct buf *out, unsigned first, unsigned count, const char *format)
{
    for (unsigned i = first; i < first + count; i++)
        buf_append_format(out, format, i);
}

static void a_plan_has_so_many_rules_and_packages(void **state)
{
    (void)state;
    BUF_AUTO struct buf script = BUF_INIT;
    buf_append_text(&script, "event price 5000 fee 0\nprices");
    repeat(&script, 1, 16, " package 0:%u:1");
    buf_append_text(&script, " -> bad_change\nprices"); /* the first has one unit */
    repeat(&script, 2, 15, " package 0:%u:1");
    buf_append_text(&script, " package 0:2:1 -> ok PricePlanSet\nprices");
    repeat(&script, 2, 15, " package 0:%u:1");
    buf_append_text(&script, " package 0:2:1 package 0:3:1 -> bad_change\n");
    script_run_made("packages", &script);
    buf_append_text(&script, "event price 5000 fee 0\nprices");
    repeat(&script, 1, 64, " rule 0:%u");
    buf_append_text(&script, " -> ok PricePlanSet PricesStepped\nsame_prices -> again\nprices");
    repeat(&script, 1, 65, " rule 0:%u");
    buf_append_text(&script, " -> bad_change\n");
    script_run_made("rules", &script);
}

static void with_128_price_lists_prices_stay(void **state)
{
    (void)state;
    BUF_AUTO struct buf script = BUF_INIT;
    buf_append_text(&script, "event price 5000 fee 500\n");
    repeat(&script, 1001, 127, "prices rule 0:%u -> ok PricePlanSet PricesStepped\n");
    buf_append_text(&script, "expect price 0 1127\n"
                             "prices rule 0:9999 -> ok PricePlanSet\n"
                             "expect price 0 1127\n"
                             "tick -> ok\n"
                             "a = hold ann 0 -> ok UnitsHeld\n"
                             "expect total a 1627\n"
                             "b = hold bob best any 1 min 1627 max 1627 -> ok UnitsHeld\n"
                             "change price 5001 -> event_limit_reached\n"
                             "change fee 501 -> event_limit_reached\n"
                             "change price 5000 fee 500 -> again\n"
                             "change per_buyer 7 -> ok EventChanged\n"
                             "prices rule 0:1005 -> ok PricePlanSet PricesStepped\n"
                             "expect price 0 1005 500\n"
                             "prices rule 0:9999 from 100 -> ok PricePlanSet PricesStepped\n"
                             "expect price 0 5000 500\n"
                             "at 100\n"
                             "expect price 0 5000 500\n"
                             "tick -> ok TimePassed\n"
                             "prices rule 0:1005 from 200 -> ok PricePlanSet\n"
                             "at 200\n"
                             "expect price 0 1005 500\n" /* there is room for old ones */
                             "c = hold cid 2 -> ok PricesStepped UnitsHeld\n"
                             "prices rule 0:1127 -> ok PricePlanSet PricesStepped\n"
                             "prices -> ok PricePlanSet PricesStepped\n"
                             "expect price 0 5000 500\n");
    script_run_made("128", &script);
}

static void a_change_of_the_organiser_may_take_the_last_list(void **state)
{
    (void)state;
    BUF_AUTO struct buf script = BUF_INIT;
    buf_append_text(&script, "event price 5000 fee 500\n");
    repeat(&script, 1001, 126, "prices rule 0:%u -> ok PricePlanSet PricesStepped\n");
    buf_append_text(&script, "change fee 501 -> ok EventChanged\n" /* 1126 with it is no list */
                             "expect price 0 5000 501\n"
                             "change fee 502 -> event_limit_reached\n"
                             "prices rule 0:1125 -> ok PricePlanSet\n"
                             "expect price 0 5000 501\n");
    script_run_made("last", &script);
}

SCRIPT(every_part_of_a_plan_makes_it_another,
       "event categories 2 price 5000 fee 500\n"
       "at 10\n"
       "prices rule 0:1 from 100 until 200 sold_from 5 sold_below 9 -> ok PricePlanSet\n"
       "prices rule 1:1 from 100 until 200 sold_from 5 sold_below 9 -> ok PricePlanSet\n"
       "prices rule 1:2 from 100 until 200 sold_from 5 sold_below 9 -> ok PricePlanSet\n"
       "prices rule 1:2 from 101 until 200 sold_from 5 sold_below 9 -> ok PricePlanSet\n"
       "prices rule 1:2 from 101 until 201 sold_from 5 sold_below 9 -> ok PricePlanSet\n"
       "prices rule 1:2 from 101 until 201 sold_from 6 sold_below 9 -> ok PricePlanSet\n"
       "prices rule 1:2 from 101 until 201 sold_from 6 sold_below 8 -> ok PricePlanSet\n"
       "same_prices                                                 -> again\n"
       "prices package 0:3:2                                        -> ok PricePlanSet\n"
       "prices package 1:3:2                                        -> ok PricePlanSet\n"
       "prices package 1:4:2                                        -> ok PricePlanSet\n"
       "prices package 1:4:3                                        -> ok PricePlanSet\n"
       "prices package 1:4:3 ceilings 0,90000                       -> ok PricePlanSet\n"
       "prices package 1:4:3 ceilings 0,90001                       -> ok PricePlanSet\n"
       "same_prices                                                 -> again\n")

static void going_back_to_old_prices_makes_no_list(void **state)
{
    (void)state;
    BUF_AUTO struct buf script = BUF_INIT;
    buf_append_text(&script, "event price 5000 fee 500\n");
    repeat(&script, 0, 100,
           "prices rule 0:3000 -> ok PricePlanSet PricesStepped # %u\n"
           "prices -> ok PricePlanSet PricesStepped\n");
    /* Two lists so far; what an organiser sets is always one more. */
    repeat(&script, 0, 63,
           "change price 5001 -> ok EventChanged # %u\nchange price 5000 -> ok EventChanged\n");
    buf_append_text(&script, "change price 5001 -> event_limit_reached\n"
                             "prices rule 0:3001 -> ok PricePlanSet\n"
                             "prices rule 0:5001 -> ok PricePlanSet PricesStepped\n"
                             "expect price 0 5001\n");
    script_run_made("back", &script);
}

SCRIPT(a_machine_tells_when_prices_step_by_themselves,
       "event price 5000 fee 500\n"
       "expect next_step never\n"
       "prices rule 0:5000 from 50 until 60 rule 0:3000 from 100 until 200 -> ok PricePlanSet\n"
       "expect next_step 100\n" /* at 50 and 60 nothing changes */
       "at 100\n"
       "expect next_step 100\n"
       "tick                                     -> ok PricesStepped\n"
       "expect next_step 200\n"
       "at 201\n"
       "tick                                     -> ok PricesStepped\n"
       "expect next_step never\n"
       "prices rule 0:3000 sold_below 1          -> ok PricePlanSet PricesStepped\n"
       "expect next_step never\n"
       "a = hold ann 0                           -> ok UnitsHeld\n"
       "ao = order ann a ann@x                   -> ok OrderPlaced PaymentRequested\n"
       "news ao authorised 3500 pi_a             " SOLD "expect next_step now\n"
       "tick                                     -> ok PricesStepped\n"
       "expect next_step never\n")

SCRIPT(a_price_range_is_about_the_prices_in_force,
       "event categories 2 price 5000 fee 500\n"
       "prices rule 1:2000 from 100 until 200    -> ok PricePlanSet\n"
       "a = hold ann best any 1 max 5500         -> ok UnitsHeld\n"
       "expect units a 4\n"
       "at 100\n"
       "hold bob best any 1 max 2499             -> not_enough_available\n"
       "b = hold bob best any 1 max 2500         -> ok PricesStepped UnitsHeld\n"
       "expect units b 14\n"
       "expect total b 2500\n"
       "at 200\n"
       "hold cid best any 1 max 2500             -> not_enough_available\n")

SCRIPT(a_price_range_has_no_fee_that_the_organiser_bears,
       "event price 5000 fee 500 bearer organiser\n"
       "hold ann best any 1 max 4999             -> not_enough_available\n"
       "hold ann best any 1 min 5001             -> not_enough_available\n"
       "a = hold ann best any 1 min 5000 max 5000 -> ok UnitsHeld\n"
       "expect total a 5000\n")

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_rule_gives_its_price_from_its_first_microsecond_to_its_last),
        cmocka_unit_test(a_rule_counts_what_is_sold_of_its_category),
        cmocka_unit_test(the_first_rule_that_applies_has_the_last_word),
        cmocka_unit_test(releases_and_expiries_stand_in_front_of_a_step_and_all_else_behind),
        cmocka_unit_test(a_change_of_base_prices_leaves_the_rules_in_force),
        cmocka_unit_test(a_step_alone_is_no_repetition),
        cmocka_unit_test(who_is_refused_or_repeats_a_key_makes_no_step),
        cmocka_unit_test(no_price_is_over_its_ceiling),
        cmocka_unit_test(a_price_plan_that_makes_no_sense_is_refused),
        cmocka_unit_test(a_plan_has_so_many_rules_and_packages),
        cmocka_unit_test(with_128_price_lists_prices_stay),
        cmocka_unit_test(a_change_of_the_organiser_may_take_the_last_list),
        cmocka_unit_test(every_part_of_a_plan_makes_it_another),
        cmocka_unit_test(going_back_to_old_prices_makes_no_list),
        cmocka_unit_test(a_machine_tells_when_prices_step_by_themselves),
        cmocka_unit_test(a_price_range_is_about_the_prices_in_force),
        cmocka_unit_test(a_price_range_has_no_fee_that_the_organiser_bears),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
