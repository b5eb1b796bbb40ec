#include "base/buf.h"
#include "unit/booking/script.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

/* What a hold costs, line by line (MONEY.md, "The quote"): packages, promo codes, fees, taxes, and
 * whose each part is. */

/* One seat at a price, with a fee, a tax and a discount; then its line: price, discount, fee, tax,
 * the organiser's share, that of the fees. */
struct one_line {
    const char *event, *promo, *line;
};

static void run_lines(const struct one_line *lines, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        BUF_AUTO struct buf script = BUF_INIT;
        buf_append_format(&script, "event %s\na = hold ann 0 -> ok UnitsHeld\n", lines[i].event);
        if (lines[i].promo)
            buf_append_format(&script,
                              "promos codes p kind %s -> ok PromosSet\n"
                              "quote ann a p -> ok HoldQuoted\n",
                              lines[i].promo);
        buf_append_format(&script, "expect line a 0 %s\n", lines[i].line);
        script_run_made(lines[i].event, &script);
    }
}

static void taxes_are_inside_and_each_is_rounded_half_up(void **state)
{
    static const struct one_line lines[] = {
        {"price 10000 fee 0 tax 0", NULL, "10000 0 0 0 10000 0"},
        {"price 11900 fee 0 tax 1900", NULL, "11900 0 0 1900 10000 0"},
        {"price 1000 fee 0 tax 600", NULL, "1000 0 0 57 943 0"}, /* 943.4 */
        {"price 1001 fee 0 tax 600", NULL, "1001 0 0 57 944 0"}, /* 944.3 */
        {"price 1002 fee 0 tax 600", NULL, "1002 0 0 57 945 0"}, /* 945.3 */
        {"price 1003 fee 0 tax 600", NULL, "1003 0 0 57 946 0"}, /* 946.2 */
        {"price 5 fee 0 tax 10000", NULL, "5 0 0 2 3 0"},        /* 2.5: a half goes up */
        {"price 4 fee 0 tax 10000", NULL, "4 0 0 2 2 0"},
        {"price 5 fee 5 tax 10000", NULL, "5 0 5 4 3 3"}, /* each by itself: 2.5 and 2.5 */
        {"price 1 fee 1 tax 10000", NULL, "1 0 1 0 1 1"},
        {"price 1000 fee 106 tax 600", NULL, "1000 0 106 63 943 100"},
        {"price 0 fee 500 tax 2500", NULL, "0 0 500 100 0 400"}, /* free, but not given away */
        {"prices 4000000000 fee 4000000000 tax 10000", NULL,
         "4000000000 0 4000000000 4000000000 2000000000 2000000000"},
        {"price 5000 fee 0 tax 1900", "amount value 240", "5000 240 0 760 4000 0"},
    };
    (void)state;
    run_lines(lines, sizeof lines / sizeof lines[0]);
}

static void the_organiser_may_bear_the_fee(void **state)
{
    static const struct one_line lines[] = {
        {"price 5000 fee 500 bearer buyer", NULL, "5000 0 500 0 5000 500"},
        {"price 5000 fee 500 bearer organiser", NULL, "5000 0 0 0 4500 500"},
        {"price 6000 fee 500 tax 2000 bearer organiser", NULL, "6000 0 0 1000 4500 500"},
        {"price 500 fee 500 bearer organiser", NULL, "500 0 0 0 0 500"},
        {"price 300 fee 500 bearer organiser", NULL, "300 0 0 0 0 300"},
        {"price 300 fee 500 tax 2000 bearer organiser", NULL, "300 0 0 50 0 250"},
        {"price 300 fee 270 tax 2000 bearer organiser", NULL, "300 0 0 50 0 250"},
        {"price 0 fee 500 bearer organiser", NULL, "0 0 0 0 0 0"},
        {"price 5000 fee 500 bearer organiser", "amount value 4800", "5000 4800 0 0 0 200"},
        {"price 5000 fee 500 bearer organiser", "amount value 5000", "5000 5000 0 0 0 0"},
    };
    (void)state;
    run_lines(lines, sizeof lines / sizeof lines[0]);
}

static void promo_codes_take_off_as_their_kind_says(void **state)
{
    static const struct one_line lines[] = {
        {"price 5000 fee 500", "percent value 1000", "5000 500 500 0 4500 500"},
        {"price 5000 fee 500", "percent value 3333", "5000 1667 500 0 3333 500"}, /* 1666.5 */
        {"price 4998 fee 500", "percent value 3333", "4998 1666 500 0 3332 500"}, /* 1665.8 */
        {"price 10001 fee 500", "percent value 1", "10001 1 500 0 10000 500"},
        {"price 5000 fee 500", "percent value 1", "5000 1 500 0 4999 500"}, /* 0.5 */
        {"price 5000 fee 500", "percent value 9999", "5000 5000 0 0 0 0"},  /* 4999.5 */
        {"price 5000 fee 500", "percent value 9998", "5000 4999 500 0 1 500"},
        {"price 5000 fee 500", "percent value 10000", "5000 5000 0 0 0 0"},
        {"prices 4000000000 fee 0", "percent value 9999", "4000000000 3999600000 0 0 400000 0"},
        {"price 5000 fee 500", "amount value 1", "5000 1 500 0 4999 500"},
        {"price 5000 fee 500", "amount value 4999", "5000 4999 500 0 1 500"},
        {"price 5000 fee 500", "amount value 5000", "5000 5000 0 0 0 0"},
        {"price 5000 fee 500", "amount value 4000000000", "5000 5000 0 0 0 0"},
        {"price 5000 fee 500", "fixed value 2000", "5000 3000 500 0 2000 500"},
        {"price 5000 fee 500", "fixed value 4999", "5000 1 500 0 4999 500"},
        {"price 5000 fee 500", "fixed value 0", "5000 5000 0 0 0 0"},
    };
    (void)state;
    run_lines(lines, sizeof lines / sizeof lines[0]);
}

/* ---- packages: category 0 is row 0 (units 0..9, 50.00), category 1 row 1 (10..19, 100.00) ---- */

struct bill {
    const char *plan, *units;
    const char *discounts; /* of each unit, by rising unit */
};

static void packages_take_whole_groups_from_the_dearest_on(void **state)
{
    static const struct bill bills[] = {
        {"package 0:3:2", "0 1", "0 0"},
        {"package 0:3:2", "0 1 2", "0 0 5000"}, /* equal prices: the last by number */
        {"package 0:3:2", "2 1 0", "0 0 5000"},
        {"package 0:3:2", "0 1 2 3", "0 0 5000 0"}, /* the fourth is in no package */
        {"package 0:3:2", "0 1 2 3 4 5", "0 0 0 0 5000 5000"},
        {"package 0:3:2", "0 1 2 3 4 5 6 7", "0 0 0 0 5000 5000 0 0"},
        {"package 0:3:1", "0 1 2", "0 5000 5000"},
        {"package 0:2:1", "0 1 2 3 4", "0 0 5000 5000 0"},
        {"package 0:16:15", "0 1 2 3 4 5 6 7 8 9", "0 0 0 0 0 0 0 0 0 0"},
        {"package 0,1:3:2", "0 1 10", "0 5000 0"},
        {"package 0,1:3:2", "0 10 11", "5000 0 0"},
        {"package 0,1:3:2", "10 11 12", "0 0 10000"},
        {"package 0,1:3:2", "0 1 2 3 10 11", "0 0 5000 5000 0 0"},
        {"package 0,1:2:1", "0 1 2 10", "0 5000 5000 0"},
        {"package 1:3:2", "0 1 2 10 11", "0 0 0 0 0"}, /* too few of its category */
        {"package 1:2:1", "0 1 2 10 11", "0 0 0 0 10000"},
        /* Who is in an earlier package is in no later one. */
        {"package 1:2:1 package 0,1:3:2", "0 1 2 10 11", "0 0 5000 0 10000"},
        {"package 0,1:3:2 package 1:2:1", "0 1 2 10 11", "5000 0 0 0 0"},
        {"package 0:2:1 package 0:2:1", "0 1 2 3", "0 0 5000 5000"},
        {"package 0:3:2 package 0:2:1", "0 1 2 3 4", "0 0 5000 0 5000"},
        /* The rules' prices are list prices. */
        {"rule 0:20000 package 0,1:2:1", "0 10", "0 10000"},
        {"rule 0:10000 package 0,1:2:1", "0 10", "0 10000"}, /* now they are equal */
        {"rule 0:0 package 0:2:1", "0 1", "0 0"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof bills / sizeof bills[0]; i++) {
        BUF_AUTO struct buf script = BUF_INIT;
        bool steps = bills[i].plan[0] == 'r';
        buf_append_format(&script,
                          "event categories 2 price 5000 fee 0 per_hold 16 per_buyer 16\n"
                          "prices %s -> ok PricePlanSet%s\n"
                          "a = hold ann %s -> ok UnitsHeld\n"
                          "same_prices -> again\n"
                          "expect discounts a %s\n",
                          bills[i].plan, steps ? " PricesStepped" : "", bills[i].units,
                          bills[i].discounts);
        script_run_made(bills[i].plan, &script);
    }
}

SCRIPT(what_a_package_gives_away_has_no_fee,
       "event price 5000 fee 500 tax 2500\n"
       "prices package 0:3:2                     -> ok PricePlanSet\n"
       "a = hold ann 0 1 2                       -> ok UnitsHeld\n"
       "expect line a 1 5000 0 500 1100 4000 400\n"
       "expect line a 2 5000 5000 0 0 0 0\n"
       "expect total a 11000\n"
       "o = order ann a ann@x                    -> ok OrderPlaced PaymentRequested\n"
       "expect order_line o 2 5000 5000 0 0 0 0\n"
       "news o authorised 11000 pi_o "
       "-> ok PaymentCreated PaymentAuthorised OrderSold PaymentRequested\n"
       "expect gross 11000\n"
       "expect ledger 11000 0\n")

SCRIPT(a_promo_code_takes_from_what_packages_leave,
       "event categories 2 price 5000 fee 500 per_hold 16\n"
       "prices package 0,1:3:2                   -> ok PricePlanSet\n"
       "promos codes half kind percent value 5000 -> ok PromosSet\n"
       "promos codes one kind amount value 700 max_units 1 -> ok PromosSet\n"
       "promos codes two kind amount value 700 max_units 2 -> ok PromosSet\n"
       "promos codes cheap kind fixed value 4000 categories 0 -> ok PromosSet\n"
       "a = hold ann 0 1 10                      -> ok UnitsHeld\n"
       "expect discounts a 0 5000 0\n"
       "quote ann a half                         -> ok HoldQuoted\n"
       "expect discounts a 2500 5000 5000\n"
       "expect promo half 1 7500\n" /* what packages give away is not out of it */
       "expect line a 1 5000 5000 0 0\n"
       "quote ann a one                          -> ok HoldQuoted\n"
       "expect discounts a 0 5000 700\n" /* the dearest first */
       "expect promo half 0 0\n"
       "expect promo one 1 700\n"
       "quote ann a two                          -> ok HoldQuoted\n"
       "expect discounts a 700 5000 700\n"
       "quote ann a cheap                        -> ok HoldQuoted\n"
       "expect discounts a 1000 5000 0\n"
       "expect promo cheap 1 1000\n"
       "quote ann a none                         -> ok HoldQuoted\n"
       "expect discounts a 0 5000 0\n"
       "expect promo cheap 0 0\n"
       "expect total a 16000\n")

SCRIPT(what_a_package_gives_away_is_none_of_a_codes_units,
       "event categories 2 price 5000 fee 0\n"
       "prices package 1:2:1                     -> ok PricePlanSet\n"
       "promos codes two kind amount value 700 max_units 2 -> ok PromosSet\n"
       "a = hold ann 0 1 10 11                   -> ok UnitsHeld\n"
       "quote ann a two                          -> ok HoldQuoted\n"
       "expect discounts a 700 0 700 10000\n")

SCRIPT(packages_are_of_the_prices_that_the_hold_gets,
       "event price 5000 fee 0\n"
       "prices rule 0:3000 from 100 package 0:2:1 -> ok PricePlanSet\n"
       "at 100\n"
       "a = hold ann 0 1                         -> ok PricesStepped UnitsHeld\n"
       "expect discounts a 0 3000\n"
       "promos codes p kind amount value 700     -> ok PromosSet\n"
       "quote ann a p                            -> ok HoldQuoted\n"
       "prices rule 0:9000 package 0:2:1         -> ok PricePlanSet PricesStepped\n"
       "promos revoke p                          -> ok PromosRevoked\n"
       "change_hold ann a 1 2                    -> ok HoldChanged\n"
       "expect discounts a 0 3000\n")

SCRIPT(units_of_equal_prices_have_it_by_rising_number,
       "event price 5000 fee 0\n"
       "promos codes two kind amount value 700 max_units 2 -> ok PromosSet\n"
       "a = hold ann 3 1 2                       -> ok UnitsHeld\n"
       "quote ann a two                          -> ok HoldQuoted\n"
       "expect discounts a 700 700 0\n")

SCRIPT(what_a_hold_costs_stays_until_its_seats_change,
       "event price 5000 fee 500\n"
       "prices package 0:2:1                     -> ok PricePlanSet\n"
       "a = hold ann 0 1                         -> ok UnitsHeld\n"
       "expect total a 5500\n"
       "prices rule 0:9000 package 0:3:1         -> ok PricePlanSet PricesStepped\n"
       "change fee 900                           -> ok EventChanged PricesStepped\n"
       "expect total a 5500\n"
       "o = order ann a ann@x                    -> ok OrderPlaced PaymentRequested\n"
       "expect order_line o 1 5000 5000 0 0\n"
       "b = hold bob 2 3 4                       -> ok UnitsHeld\n"
       "expect discounts b 0 9000 9000\n"
       "expect total b 9900\n"
       "prices package 0:2:1                     -> ok PricePlanSet PricesStepped\n"
       "expect total b 9900\n"
       "change_hold bob b 2 3 5 6                -> ok HoldChanged\n"
       "expect discounts b 0 0 9000 9000\n" /* its own list prices, today's packages */
       "expect total b 19800\n"
       "c = hold cid 7                           -> ok UnitsHeld\n"
       "expect total c 5900\n")

SCRIPT(a_changed_hold_keeps_a_promo_code_that_still_works,
       "event categories 2 price 5000 fee 0\n"
       "promos codes p kind amount value 1000 categories 0 uses 1 budget 2000 until 100 "
       "-> ok PromosSet\n"
       "a = hold ann 0 1                         -> ok UnitsHeld\n"
       "quote ann a p                            -> ok HoldQuoted\n"
       "expect promo p 1 2000\n"
       "change_hold ann a 0 2                    -> ok HoldChanged\n" /* its own use is free */
       "expect discounts a 1000 1000\n"
       "expect promo p 1 2000\n"
       "change_hold ann a 0 10                   -> ok HoldChanged\n"
       "expect discounts a 1000 0\n"
       "expect promo p 1 1000\n"
       "change_hold ann a 0 1 2                  -> ok HoldChanged\n" /* beyond its budget */
       "expect discounts a 0 0 0\n"
       "expect promo p 0 0\n"
       "quote ann a p                            -> promo_used_up\n"
       "change_hold ann a 0                      -> ok HoldChanged\n"
       "expect promo p 0 0\n" /* once lost it does not come back by itself */
       "quote ann a p                            -> ok HoldQuoted\n"
       "change_hold ann a 10                     -> ok HoldChanged\n" /* not for that seat */
       "expect promo p 0 0\n"
       "change_hold ann a 0                      -> ok HoldChanged\n"
       "quote ann a p                            -> ok HoldQuoted\n"
       "at 100\n"
       "change_hold ann a 1                      -> ok HoldChanged\n" /* no longer valid */
       "expect discounts a 0\n"
       "expect promo p 0 0\n"
       "promos codes p kind amount value 1000 -> ok PromosSet\n"
       "quote ann a p                            -> ok HoldQuoted\n"
       "promos revoke p                          -> ok PromosRevoked\n"
       "expect discounts a 1000\n" /* until something changes */
       "expect promo p 1 1000\n"
       "change_hold ann a 0                      -> ok HoldChanged\n"
       "expect discounts a 0\n"
       "expect promo p 0 0\n")

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(taxes_are_inside_and_each_is_rounded_half_up),
        cmocka_unit_test(the_organiser_may_bear_the_fee),
        cmocka_unit_test(promo_codes_take_off_as_their_kind_says),
        cmocka_unit_test(packages_take_whole_groups_from_the_dearest_on),
        cmocka_unit_test(what_a_package_gives_away_has_no_fee),
        cmocka_unit_test(a_promo_code_takes_from_what_packages_leave),
        cmocka_unit_test(what_a_package_gives_away_is_none_of_a_codes_units),
        cmocka_unit_test(packages_are_of_the_prices_that_the_hold_gets),
        cmocka_unit_test(units_of_equal_prices_have_it_by_rising_number),
        cmocka_unit_test(what_a_hold_costs_stays_until_its_seats_change),
        cmocka_unit_test(a_changed_hold_keeps_a_promo_code_that_still_works),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
