#include "unit/booking/script.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

/* Promo codes (MONEY.md): who may have one, how often, and for how much; and the extension of a
 * hold while the provider is away. */

#define SOLD "-> ok PaymentCreated PaymentAuthorised OrderSold PaymentRequested\n"

SCRIPT(terms_that_make_no_sense_are_refused,
       "event categories 2 price 5000 fee 0\n"
       "promos codes a kind none value 1000      -> bad_change\n"
       "promos codes a kind 4 value 1000         -> bad_change\n"
       "promos codes a kind percent value 0      -> bad_change\n"
       "promos codes a kind percent value 10001  -> bad_change\n"
       "promos codes a kind percent value 10000  -> ok PromosSet\n"
       "promos codes a kind percent value 1      -> ok PromosSet\n"
       "promos codes a kind amount value 0       -> bad_change\n"
       "promos codes a kind amount value 1       -> ok PromosSet\n"
       "promos codes a kind fixed value 0        -> ok PromosSet\n"
       "promos codes a kind amount value 4000000001 -> bad_change\n"
       "promos codes a kind amount value 4000000000 -> ok PromosSet\n"
       "promos codes a kind amount value 18446744073709551615 -> bad_change\n"
       "promos codes a kind amount value 1 budget 4000000001 -> bad_change\n"
       "promos codes a kind amount value 1 budget 4000000000 -> ok PromosSet\n"
       "promos codes a kind amount value 1 from 9 until 9 -> bad_change\n"
       "promos codes a kind amount value 1 from 9 until 8 -> bad_change\n"
       "promos codes a kind amount value 1 from 9 until 10 -> ok PromosSet\n"
       "promos codes a kind amount value 1 categories 2 -> bad_change\n"
       "promos codes a kind amount value 1 categories 0,1 -> ok PromosSet\n"
       "promos half_code abc kind amount value 1 -> bad_change\n"
       "promos half_revoke abc                   -> bad_change\n"
       "promos codes a half_revoke abc kind amount value 1 -> bad_change\n"
       "promos kind none value 99999             -> again\n" /* terms of nothing are not read */
       "promos                                   -> again\n"
       "promos revoke nobody                     -> ok PromosRevoked\n"
       "promos codes a,b,a kind amount value 1   -> ok PromosSet\n"
       "promos codes a,b revoke b,c kind amount value 1 -> ok PromosSet PromosRevoked\n"
       "h = hold ann 0                           -> ok UnitsHeld\n"
       "quote ann h b                            -> promo_unknown\n" /* in both: revoked */
       "quote ann h a                            -> ok HoldQuoted\n")

SCRIPT(a_quote_asks_in_its_order,
       "event categories 2 price 5000 fee 0 hold 60\n"
       "promos codes late kind percent value 1000 from 100 until 200 categories 1 uses 1 "
       "-> ok PromosSet\n"
       "promos codes gone kind percent value 1000 -> ok PromosSet\n"
       "promos revoke gone                       -> ok PromosRevoked\n"
       "a = hold ann 0                           -> ok UnitsHeld\n"
       "quote bob a nothing                      -> hold_not_found\n"
       "quote ann a none                         -> again\n"
       "quote ann a nothing                      -> promo_unknown\n"
       "quote ann a gone                         -> promo_unknown\n"
       "quote ann a late                         -> promo_not_valid\n"
       "until a\n"
       "quote ann a late                         -> hold_expired\n"
       "tick                                     -> ok HoldExpired\n"
       "quote ann a late                         -> hold_expired\n"
       "at 100 1\n"
       "b = hold ann 1                           -> ok UnitsHeld\n"
       "c = hold cid 10                          -> ok UnitsHeld\n"
       "quote ann b late                         -> promo_not_applicable\n"
       "quote cid c late                         -> ok HoldQuoted\n"
       "quote cid c late                         -> again\n"
       "quote ann b late                         -> promo_not_applicable\n"
       "d = hold dan 11                          -> ok UnitsHeld\n"
       "quote dan d late                         -> promo_used_up\n"
       "release dan d                            -> ok HoldReleased\n"
       "quote dan d late                         -> hold_ended\n"
       "o = order cid c cid@x                    -> ok OrderPlaced PaymentRequested\n"
       "quote cid c none                         -> hold_has_order\n")

SCRIPT(a_code_is_valid_to_the_microsecond,
       "event price 5000 fee 0\n"
       "promos codes p kind percent value 1000 from 100 until 200 -> ok PromosSet\n"
       "a = hold ann 0                           -> ok UnitsHeld\n"
       "at 100 1\n"
       "quote ann a p                            -> promo_not_valid\n"
       "at 100\n"
       "quote ann a p                            -> ok HoldQuoted\n"
       "quote ann a none                         -> ok HoldQuoted\n"
       "at 200 1\n"
       "quote ann a p                            -> ok HoldQuoted\n"
       "at 200\n"
       "expect line a 0 5000 500 0 0\n" /* what it has it keeps */
       "quote ann a p                            -> again\n"
       "quote ann a none                         -> ok HoldQuoted\n"
       "quote ann a p                            -> promo_not_valid\n")

SCRIPT(the_last_use_is_one_holds_alone,
       "event price 5000 fee 0 hold 60\n"
       "promos codes p kind amount value 1000 uses 2 -> ok PromosSet\n"
       "a = hold ann 0                           -> ok UnitsHeld\n"
       "b = hold bob 1                           -> ok UnitsHeld\n"
       "c = hold cid 2                           -> ok UnitsHeld\n"
       "quote ann a p                            -> ok HoldQuoted\n"
       "quote bob b p                            -> ok HoldQuoted\n"
       "quote cid c p                            -> promo_used_up\n"
       "expect promo p 2 2000\n"
       "ao = order ann a ann@x                   -> ok OrderPlaced PaymentRequested\n"
       "news ao authorised 4000 pi_a             " SOLD
       "expect promo p 2 2000\n" /* sold, it stays used */
       "release bob b                            -> ok HoldReleased\n"
       "expect promo p 1 1000\n"
       "quote cid c p                            -> ok HoldQuoted\n"
       "d = hold dan 3                           -> ok UnitsHeld\n"
       "quote dan d p                            -> promo_used_up\n"
       "quote cid c none                         -> ok HoldQuoted\n"
       "quote dan d p                            -> ok HoldQuoted\n"
       "do = order dan d dan@x                   -> ok OrderPlaced PaymentRequested\n"
       "cancel dan do                            -> ok OrderEnded\n"
       "expect promo p 1 1000\n")

SCRIPT(what_waits_to_be_paid_uses_its_promo_code,
       "event hold 10 pay 10\n"
       "promos codes x kind amount value 1000 uses 1 -> ok PromosSet\n"
       "a = hold ann 1               -> ok UnitsHeld\n"
       "o = order ann a e@x promo x  -> ok HoldQuoted OrderPlaced PaymentRequested\n"
       "b = hold bob 3               -> ok UnitsHeld\n"
       "wait 5\n"
       "c = hold cyd 4               -> ok UnitsHeld\n"
       "wait 5\n"
       "quote cyd c x                -> promo_used_up\n"
       "order cyd c f@x promo x      -> promo_used_up\n"
       "tick                         -> ok HoldExpired HoldExpired\n"
       "quote cyd c x                -> ok HoldQuoted\n")

SCRIPT(holds_that_ran_out_use_nothing,
       "event price 5000 fee 0 hold 60 pay 900\n"
       "promos codes p kind amount value 1000 uses 1 -> ok PromosSet\n"
       "promos codes q kind amount value 1000 budget 1000 -> ok PromosSet\n"
       "a = hold ann 0                           -> ok UnitsHeld\n"
       "quote ann a p                            -> ok HoldQuoted\n"
       "b = hold bob 1                           -> ok UnitsHeld\n"
       "quote bob b q                            -> ok HoldQuoted\n"
       "at 30\n"
       "c = hold cid 2                           -> ok UnitsHeld\n"
       "d = hold dan 3                           -> ok UnitsHeld\n"
       "until a 1\n"
       "quote cid c p                            -> promo_used_up\n"
       "until a\n"
       "quote cid c p                            -> ok HoldQuoted\n"
       "until b 1\n"
       "quote dan d q                            -> promo_used_up\n"
       "until b\n"
       "quote dan d q                            -> ok HoldQuoted\n"
       "expect promo p 2 2000\n" /* counts are what the entries say */
       "tick                                     -> ok HoldExpired HoldExpired\n"
       "expect promo p 1 1000\n"
       "expect promo q 1 1000\n")

SCRIPT(a_budget_is_not_overdrawn,
       "event price 5000 fee 0\n"
       "promos codes p kind percent value 5000 budget 6000 -> ok PromosSet\n"
       "a = hold ann 0                           -> ok UnitsHeld\n"
       "b = hold bob 1 2                         -> ok UnitsHeld\n"
       "quote ann a p                            -> ok HoldQuoted\n"
       "expect promo p 1 2500\n"
       "quote bob b p                            -> promo_used_up\n" /* 5000 of 3500 */
       "c = hold cid 3                           -> ok UnitsHeld\n"
       "quote cid c p                            -> ok HoldQuoted\n"
       "expect promo p 2 5000\n"
       "d = hold dan 4                           -> ok UnitsHeld\n"
       "quote dan d p                            -> promo_used_up\n"
       "promos codes p kind percent value 5000 budget 7500 -> ok PromosSet\n"
       "quote dan d p                            -> ok HoldQuoted\n" /* to the last cent */
       "expect promo p 3 7500\n"
       "promos codes p kind percent value 5000 budget 100 uses 1 -> ok PromosSet\n"
       "expect promo p 3 7500\n" /* what is used stays used */
       "e = hold eve 5                           -> ok UnitsHeld\n"
       "quote eve e p                            -> promo_used_up\n"
       "release ann a                            -> ok HoldReleased\n"
       "release cid c                            -> ok HoldReleased\n"
       "release dan d                            -> ok HoldReleased\n"
       "expect promo p 0 0\n"
       "quote eve e p                            -> promo_used_up\n"
       "promos codes p kind amount value 100 budget 100 uses 1 -> ok PromosSet\n"
       "quote eve e p                            -> ok HoldQuoted\n")

SCRIPT(an_order_may_name_its_promo_code,
       "event price 5000 fee 500 per_buyer 2\n"
       "promos codes p kind amount value 1000 uses 2 -> ok PromosSet\n"
       "promos codes q kind amount value 2000 from 500 -> ok PromosSet\n"
       "a = hold ann 0                           -> ok UnitsHeld\n"
       "order bob a ann@x promo nothing          -> hold_not_found\n"
       "order ann a ann@x promo nothing          -> promo_unknown\n"
       "order ann a ann@x promo q                -> promo_not_valid\n"
       "ao = order ann a ann@x promo p           -> ok HoldQuoted OrderPlaced PaymentRequested\n"
       "expect order_line ao 0 5000 1000 500 0\n"
       "expect total a 4500\n"
       "order ann a ann@x promo nothing          -> again\n" /* one order a hold */
       "news ao authorised 4500 pi_a             " SOLD
       "news ao captured 4500 pi_a               -> ok PaymentCaptured\n"
       "expect promo p 1 1000\n"
       "expect gross 4500\n"
       "b = hold bob 1                           -> ok UnitsHeld\n"
       "quote bob b p                            -> ok HoldQuoted\n"
       "bo = order bob b bob@x                   -> ok OrderPlaced PaymentRequested\n"
       "expect order_line bo 0 5000 1000 500 0\n" /* none is named: the hold's */
       "c = hold cid 2 3                         -> ok UnitsHeld\n"
       "order cid c ann@x promo p                -> promo_used_up\n" /* in front of limits */
       "order cid c ann@x                        -> limit_reached\n"
       "change sale 2                            -> ok EventChanged\n"
       "order cid c cid@x promo nothing          -> sale_paused\n"
       "change sale 1                            -> ok EventChanged\n"
       "cancel bob bo                            -> ok OrderEnded\n"
       "expect promo p 1 1000\n"
       "d = hold dan 4                           -> ok UnitsHeld\n"
       "quote dan d p                            -> ok HoldQuoted\n"
       "do = order dan d dan@x promo p           -> ok OrderPlaced PaymentRequested\n"
       "at 500\n"
       "order cid c cid@x promo q -> ok HoldQuoted OrderPlaced PaymentRequested\n"
       "expect promo q 1 4000\n")

SCRIPT(what_a_promo_code_makes_free_is_sold_at_once,
       "event price 5000 fee 500 hold 60 pay 900\n"
       "promos codes p kind percent value 10000 uses 1 -> ok PromosSet\n"
       "a = hold ann 0 1                         -> ok UnitsHeld\n"
       "ao = order ann a ann@x promo p -> ok HoldQuoted OrderPlaced OrderSold PaymentCaptured\n"
       "expect order ao captured quiet\n"
       "expect order_line ao 0 5000 5000 0 0 0 0\n"
       "expect unit 0 sold\n"
       "expect ledger 0 0\n"
       "expect gross 0\n"
       "expect promo p 1 10000\n"
       "b = hold bob 2                           -> ok UnitsHeld\n"
       "order bob b bob@x promo p                -> promo_used_up\n")

SCRIPT(an_order_that_runs_out_gives_its_use_back,
       "event price 5000 fee 0 hold 60 pay 60\n"
       "promos codes p kind amount value 1000 uses 1 -> ok PromosSet\n"
       "a = hold ann 0                           -> ok UnitsHeld\n"
       "ao = order ann a ann@x promo p           -> ok HoldQuoted OrderPlaced PaymentRequested\n"
       "wait 61\n"
       "b = hold ann 0                           -> ok HoldExpired UnitsHeld\n"
       "expect promo p 0 0\n"
       "quote ann b p                            -> ok HoldQuoted\n"
       "expect promo p 1 1000\n")

SCRIPT(a_hold_is_extended_once,
       "event price 5000 fee 0 hold 60 pay 30\n"
       "a = hold ann 0                           -> ok UnitsHeld\n"
       "b = hold bob 1                           -> ok UnitsHeld\n"
       "extend bob a 10                          -> hold_not_found\n"
       "extend ann a 0                           -> bad_change\n"
       "extend ann a 601                         -> bad_change\n"
       "expect hold a live 60\n"
       "extend ann a 600                         -> ok HoldExtended\n"
       "expect hold a live 660\n"
       "extend ann a 600                         -> again\n"
       "extend ann a 0                           -> again\n"
       "until b\n"
       "extend bob b 10                          -> hold_expired\n"
       "tick                                     -> ok HoldExpired\n"
       "extend bob b 10                          -> hold_expired\n"
       "c = hold cid 1                           -> ok UnitsHeld\n"
       "extend cid c 1                           -> ok HoldExtended\n"
       "expect hold c live 61\n"
       "release cid c                            -> ok HoldReleased\n"
       "extend cid c 1                           -> hold_ended\n"
       "until a 1\n"
       "expect unit 0 held\n"
       "ao = order ann a ann@x                   -> ok OrderPlaced PaymentRequested\n"
       "extend ann a 1                           -> hold_has_order\n")

SCRIPT(a_slot_used_again_knows_nothing_of_the_hold_before,
       "event price 5000 fee 0 hold 60\n"
       "promos codes p kind amount value 1000    -> ok PromosSet\n"
       "a = hold ann 0                           -> ok UnitsHeld\n"
       "quote ann a p                            -> ok HoldQuoted\n"
       "extend ann a 1                           -> ok HoldExtended\n"
       "release ann a                            -> ok HoldReleased\n"
       "wait 90000\n"
       "b = hold bob 1                           -> ok UnitsHeld\n"
       "expect slot b a\n"
       "expect total b 5000\n"
       "extend bob b 1                           -> ok HoldExtended\n"
       "order bob b bob@x promo p                -> ok HoldQuoted OrderPlaced PaymentRequested\n"
       "expect promo p 1 1000\n")

SCRIPT(an_event_has_room_for_so_many_promo_codes,
       "event rows 1 seats 10 price 5000 fee 0\n"
       "many_promos 1033                         -> ok PromosSet\n"
       "promos codes a,b kind amount value 1     -> event_limit_reached\n"
       "promos codes a,a kind amount value 1     -> event_limit_reached\n"
       "promos codes a kind amount value 1       -> ok PromosSet\n"
       "promos revoke a                          -> ok PromosRevoked\n"
       "promos codes b kind amount value 1       -> event_limit_reached\n"
       "promos codes a,a kind amount value 2     -> ok PromosSet\n"
       "many_promos 1033                         -> ok PromosSet\n"
       "many_promos 4097                         -> bad_change\n"
       "many_promos 4096                         -> event_limit_reached\n"
       "many_revoked 4097                        -> bad_change\n"
       "many_revoked 4096                        -> ok PromosRevoked\n"
       "h = hold ann 0                           -> ok UnitsHeld\n"
       "quote ann h a                            -> ok HoldQuoted\n")

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(terms_that_make_no_sense_are_refused),
        cmocka_unit_test(a_quote_asks_in_its_order),
        cmocka_unit_test(a_code_is_valid_to_the_microsecond),
        cmocka_unit_test(the_last_use_is_one_holds_alone),
        cmocka_unit_test(what_waits_to_be_paid_uses_its_promo_code),
        cmocka_unit_test(holds_that_ran_out_use_nothing),
        cmocka_unit_test(a_budget_is_not_overdrawn),
        cmocka_unit_test(an_order_may_name_its_promo_code),
        cmocka_unit_test(what_a_promo_code_makes_free_is_sold_at_once),
        cmocka_unit_test(an_order_that_runs_out_gives_its_use_back),
        cmocka_unit_test(a_hold_is_extended_once),
        cmocka_unit_test(a_slot_used_again_knows_nothing_of_the_hold_before),
        cmocka_unit_test(an_event_has_room_for_so_many_promo_codes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
