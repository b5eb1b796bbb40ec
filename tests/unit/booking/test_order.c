#include "base/buf.h"
#include "unit/booking/script.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

/* Two seats at 50.00 and 5.00: 110.00. */
#define PLACED                                                         \
    "event\n"                                                          \
    "a = hold ann 1 2            -> ok UnitsHeld\n"                    \
    "o = order ann a e@x key k   -> ok OrderPlaced PaymentRequested\n" \
    "news o created pi_1         -> ok PaymentCreated\n"

SCRIPT(authorise_sell_capture,
       PLACED "expect ticket 1 invalid\n"
              "news o authorised 11000     -> ok PaymentAuthorised OrderSold PaymentRequested\n"
              "expect order o sold\n"
              "expect unit 1 sold\n"
              "expect ticket 1 invalid                      # not before the money is taken\n"
              "expect ledger 11000 0\n"
              "news o authorised 11000     -> again\n"
              "news o captured 11000       -> ok PaymentCaptured\n"
              "expect order o captured\n"
              "expect ticket 1 valid\n"
              "expect ledger 0 11000\n"
              "expect gross 11000\n"
              "news o captured 11000       -> again\n"
              "news o declined card        -> again\n"
              "news o cancelled            -> again\n"
              "wait 3600\n"
              "tick                        -> ok\n"
              "expect unit 2 sold\n"
              "cancel ann o                -> order_not_cancellable\n"
              "release ann a               -> again\n")

SCRIPT(a_hold_that_ended_cannot_be_paid,
       "event per_buyer 3 hold 10 pay 20\n"
       "a = hold ann 1 2            -> ok UnitsHeld\n"
       "order bob a e@x             -> hold_not_found\n"
       "b = hold bob 3              -> ok UnitsHeld\n"
       "release bob b               -> ok HoldReleased\n"
       "order bob b e@x             -> hold_ended\n"
       "c = hold cyd 4              -> ok UnitsHeld\n"
       "wait 10\n"
       "order cyd c e@x             -> hold_expired\n"
       "tick                        -> ok HoldExpired HoldExpired\n"
       "order cyd c e@x             -> hold_expired\n"
       "d = hold dan 4              -> ok UnitsHeld\n"
       "change sale 2               -> ok EventChanged\n"
       "order dan d e@x             -> sale_paused\n")

SCRIPT(limits_hold_per_address_too,
       "event per_buyer 3\n"
       "a = hold ann 1 2            -> ok UnitsHeld\n"
       "b = hold bob 3 4            -> ok UnitsHeld\n"
       "o = order ann a e@x         -> ok OrderPlaced PaymentRequested\n"
       "order bob b e@x             -> limit_reached\n"
       "p = order bob b f@x         -> ok OrderPlaced PaymentRequested\n"
       "cancel ann o                -> ok OrderEnded\n"
       "c = hold cyd 5 6 7          -> ok UnitsHeld\n"
       "order cyd c e@x             -> ok OrderPlaced PaymentRequested\n")

SCRIPT(paying_extends_the_hold_once,
       "event hold 10 pay 100\n"
       "a = hold ann 1              -> ok UnitsHeld\n"
       "wait 5\n"
       "o = order ann a e@x         -> ok OrderPlaced PaymentRequested\n"
       "expect hold a live 100\n"
       "wait 50\n"
       "order ann a e@x             -> again\n"
       "expect hold a live 50\n"
       "hold bob 1                  -> seat_unavailable 1\n")

SCRIPT(the_same_key_gives_the_same_order,
       "event\n"
       "a = hold ann 1 2            -> ok UnitsHeld\n"
       "o = order ann a e@x key k   -> ok OrderPlaced PaymentRequested\n"
       "order ann a e@x key k       -> again\n"
       "order ann a f@x key k       -> idempotency_mismatch\n"
       "order ann a e@x key other   -> again           # one order a hold\n"
       "release ann a               -> hold_has_order\n")

SCRIPT(a_decline_keeps_the_seats,
       PLACED "news o declined card_declined -> ok PaymentDeclined\n"
              "expect order o placed\n"
              "expect unit 1 held\n"
              "news o authorised 11000     -> ok PaymentAuthorised OrderSold PaymentRequested\n")

SCRIPT(too_many_declines_end_the_order,
       PLACED "news o declined 1           -> ok PaymentDeclined\n"
              "news o declined 2           -> ok PaymentDeclined\n"
              "news o declined 3           -> ok PaymentDeclined\n"
              "news o declined 4           -> ok PaymentDeclined\n"
              "news o declined 5           -> ok PaymentDeclined\n"
              "news o declined 6           -> ok PaymentDeclined\n"
              "news o declined 7           -> ok PaymentDeclined\n"
              "news o declined 8           -> ok PaymentDeclined\n"
              "news o declined 9           -> ok PaymentDeclined\n"
              "news o declined 10          -> ok PaymentDeclined\n"
              "news o declined 11          -> ok PaymentDeclined\n"
              "news o declined 12          -> ok PaymentDeclined\n"
              "news o declined 13          -> ok PaymentDeclined\n"
              "news o declined 14          -> ok PaymentDeclined\n"
              "news o declined 15          -> ok PaymentDeclined\n"
              "news o declined 16          -> ok PaymentDeclined\n"
              "news o declined 17          -> ok PaymentDeclined\n"
              "news o declined 18          -> ok PaymentDeclined\n"
              "news o declined 19          -> ok PaymentDeclined\n"
              "news o declined 20          -> ok PaymentDeclined OrderEnded PaymentRequested\n"
              "expect order o ending failed\n"
              "expect unit 1 free\n")

SCRIPT(an_order_that_runs_out_is_cancelled_at_the_provider_first,
       PLACED "wait 900\n"
              "tick                        -> ok HoldExpired PaymentRequested\n"
              "expect order o ending expired\n"
              "expect unit 1 free\n"
              "news o authorised 11000     -> again           # late: the cancel voids it\n"
              "expect unit 1 free\n"
              "news o cancelled            -> ok PaymentCancelled\n"
              "expect order o ended expired\n"
              "news o cancelled            -> again\n"
              "news o authorised 11000     -> again\n"
              "expect ledger 0 0\n")

SCRIPT(authorised_in_the_last_moment_still_sells,
       PLACED "wait 900\n"
              "news o authorised 11000     -> ok PaymentAuthorised OrderSold PaymentRequested\n"
              "expect unit 1 sold\n")

SCRIPT(seats_taken_after_expiry_end_the_order_first,
       PLACED "wait 900\n"
              "hold bob 1                  -> ok HoldExpired PaymentRequested UnitsHeld\n"
              "news o authorised 11000     -> again\n"
              "expect order o ending expired\n"
              "expect unit 1 held\n")

SCRIPT(an_order_that_ends_before_its_intent_exists_cancels_it_then,
       "event pay 10 hold 10\n"
       "a = hold ann 1              -> ok UnitsHeld\n"
       "o = order ann a e@x         -> ok OrderPlaced PaymentRequested\n"
       "wait 10\n"
       "tick                        -> ok HoldExpired\n"
       "expect order o ending expired\n"
       "news o created pi_1         -> ok PaymentCreated PaymentRequested\n"
       "news o cancelled            -> ok PaymentCancelled\n"
       "expect order o ended expired\n")

SCRIPT(the_buyer_cancels_before_paying,
       PLACED "cancel bob o                -> order_not_found\n"
              "cancel ann o                -> ok OrderEnded PaymentRequested\n"
              "cancel ann o                -> again\n"
              "expect unit 1 free\n"
              "expect hold a ended\n"
              "news o cancelled            -> ok PaymentCancelled\n"
              "expect order o ended cancelled\n")

SCRIPT(cancelling_what_ran_out_expires_it,
       PLACED "wait 900\n"
              "cancel ann o                -> ok HoldExpired PaymentRequested\n"
              "expect order o ending expired\n")

SCRIPT(a_refused_create_fails_the_order,
       "event\n"
       "a = hold ann 1              -> ok UnitsHeld\n"
       "o = order ann a e@x         -> ok OrderPlaced PaymentRequested\n"
       "news o refused no_account   -> ok OrderEnded\n"
       "expect order o ended failed\n"
       "expect unit 1 free\n"
       "b = hold bob 2              -> ok UnitsHeld\n"
       "p = order bob b f@x         -> ok OrderPlaced PaymentRequested\n"
       "cancel bob p                -> ok OrderEnded\n"
       "expect order p ending cancelled\n"
       "news p refused no_account   -> ok PaymentCancelled\n"
       "expect order p ended cancelled\n")

SCRIPT(a_refused_capture_is_a_case,
       PLACED "news o authorised 11000     -> ok PaymentAuthorised OrderSold PaymentRequested\n"
              "news o refused expired_auth -> ok CaseOpened\n"
              "expect order o sold attention\n"
              "news o refused expired_auth -> again\n"
              "news o captured 11000       -> ok PaymentCaptured     # it went through after all\n"
              "expect order o captured\n")

SCRIPT(
    amounts_that_differ_are_cases, PLACED
    "news o authorised 10999     -> ok PaymentAuthorised CaseOpened OrderEnded PaymentRequested\n"
    "expect order o ending voided attention\n"
    "expect unit 1 free\n"
    "b = hold bob 1              -> ok UnitsHeld\n"
    "p = order bob b f@x         -> ok OrderPlaced PaymentRequested\n"
    "news p authorised 5500 pi_2 -> ok PaymentCreated PaymentAuthorised OrderSold "
    "PaymentRequested\n"
    "news p captured 1 pi_2      -> ok CaseOpened\n"
    "news p captured 1 pi_2      -> again\n")

SCRIPT(money_taken_for_an_ended_order_is_a_case,
       PLACED "cancel ann o                -> ok OrderEnded PaymentRequested\n"
              "news o cancelled            -> ok PaymentCancelled\n"
              "news o captured 11000       -> ok CaseOpened\n"
              "expect order o ended cancelled attention\n")

SCRIPT(cancelled_at_the_provider_ends_the_order,
       PLACED "news o cancelled            -> ok OrderEnded PaymentCancelled\n"
              "expect order o ended cancelled\n"
              "expect unit 1 free\n")

SCRIPT(news_of_another_payment_changes_nothing, PLACED "news o authorised 11000 pi_other -> again\n"
                                                       "news o created pi_2         -> again\n"
                                                       "expect order o placed\n")

SCRIPT(a_total_that_the_provider_does_not_charge_is_refused,
       "event price 50 fee 0 per_buyer 2 per_hold 5 hold 100 pay 100\n"
       "promos codes most kind amount value 30 uses 1 -> ok PromosSet\n"
       "promos codes all kind fixed value 0 -> ok PromosSet\n"
       "a = hold ann 0             -> ok UnitsHeld\n"
       "order ann a e@x least 51   -> total_too_small\n"
       "order ann a e@x least 50 promo none -> promo_unknown      # told before\n"
       "order ann a e@x least 50 promo most -> total_too_small\n"
       "order ann a e@x promo most -> ok HoldQuoted OrderPlaced PaymentRequested\n"
       "order ann a e@x least 50   -> again                       # one order a hold\n"
       "b = hold bob 1 2           -> ok UnitsHeld\n"
       "order bob b e@x least 101 promo most -> promo_used_up\n"
       "order bob b e@x least 101  -> total_too_small             # and so is the limit\n"
       "order bob b e@x least 100  -> limit_reached\n"
       "order bob b f@x least 50 promo all -> ok HoldQuoted OrderPlaced OrderSold "
       "PaymentCaptured\n")

SCRIPT(free_tickets_are_sold_at_once,
       "event price 0 fee 0\n"
       "a = hold ann 1 2            -> ok UnitsHeld\n"
       "o = order ann a e@x         -> ok OrderPlaced OrderSold PaymentCaptured\n"
       "expect order o captured\n"
       "expect ticket 2 valid\n"
       "expect ledger 0 0\n")

SCRIPT(a_hold_keeps_its_price_when_prices_change,
       "event\n"
       "a = hold ann 1              -> ok UnitsHeld\n"
       "change price 9000           -> ok EventChanged\n"
       "b = hold bob 2              -> ok UnitsHeld\n"
       "expect total a 5500\n"
       "expect total b 9500\n"
       "change fee 0                -> ok EventChanged\n"
       "o = order ann a e@x         -> ok OrderPlaced PaymentRequested\n"
       "news o authorised 5500 pi_1 -> ok PaymentCreated PaymentAuthorised OrderSold "
       "PaymentRequested\n"
       "expect gross 5500\n")

SCRIPT(what_an_organiser_may_change, "event rows 1 seats 4 area 4 hold 10\n"
                                     "change price 1 price 2      -> bad_change\n"
                                     "change price 999999999999   -> bad_change\n"
                                     "change sale 9               -> bad_change\n"
                                     "change per_hold 17          -> bad_change\n"
                                     "change per_buyer 1001       -> bad_change\n"
                                     "change per_hold 1 per_buyer 2 -> ok EventChanged\n"
                                     "hold ann 0 1                -> hold_limit_reached\n"
                                     "a = hold ann 0              -> ok UnitsHeld\n"
                                     "b = hold ann 1              -> ok UnitsHeld\n"
                                     "c = hold ann 2              -> limit_reached\n"
                                     "block 0 3                   -> seat_not_free 0\n"
                                     "block 0 99                  -> unknown_seat\n"
                                     "block 0 0                   -> repeated_seat\n"
                                     "block 3 2                   -> repeated_seat\n"
                                     "block 3 3                   -> repeated_seat\n"
                                     "block 8                     -> unknown_seat\n"
                                     "block 2 3 5                 -> ok UnitsBlocked\n"
                                     "block 2                     -> ok UnitsBlocked\n"
                                     "expect unit 5 blocked\n"
                                     "hold bob 2                  -> seat_unavailable 2\n"
                                     "hold bob best 0 1           -> ok UnitsHeld\n"
                                     "expect unit 4 held\n"
                                     "unblock 4                   -> seat_not_free 4\n"
                                     "unblock 2 5                 -> ok UnitsUnblocked\n"
                                     "unblock 2                   -> ok UnitsUnblocked\n"
                                     "expect unit 2 free\n"
                                     "wait 10\n"
                                     "block 0                     -> ok HoldExpired UnitsBlocked\n"
                                     "change                      -> again\n")

/* 127 changes of price fit; the same price again is none of them. */
static void prices_have_a_bounded_history(void **state)
{
    (void)state;
    BUF_AUTO struct buf script = BUF_INIT;
    buf_append_text(&script, "event\n"
                             "change price 5000 fee 500 -> again\n");
    for (unsigned i = 1; i < 128; i++)
        buf_append_format(&script, "change price %u -> ok EventChanged\n", i);
    buf_append_text(&script, "change price 127            -> again\n"
                             "change price 128            -> event_limit_reached\n"
                             "change fee 1                -> event_limit_reached\n"
                             "change price 127 fee 500 per_hold 2 -> ok EventChanged\n"
                             "a = hold ann 1              -> ok UnitsHeld\n"
                             "expect total a 627\n");
    script_run_made("prices_have_a_bounded_history", &script);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(authorise_sell_capture),
        cmocka_unit_test(a_hold_that_ended_cannot_be_paid),
        cmocka_unit_test(limits_hold_per_address_too),
        cmocka_unit_test(paying_extends_the_hold_once),
        cmocka_unit_test(the_same_key_gives_the_same_order),
        cmocka_unit_test(a_decline_keeps_the_seats),
        cmocka_unit_test(too_many_declines_end_the_order),
        cmocka_unit_test(an_order_that_runs_out_is_cancelled_at_the_provider_first),
        cmocka_unit_test(authorised_in_the_last_moment_still_sells),
        cmocka_unit_test(seats_taken_after_expiry_end_the_order_first),
        cmocka_unit_test(an_order_that_ends_before_its_intent_exists_cancels_it_then),
        cmocka_unit_test(the_buyer_cancels_before_paying),
        cmocka_unit_test(cancelling_what_ran_out_expires_it),
        cmocka_unit_test(a_refused_create_fails_the_order),
        cmocka_unit_test(a_refused_capture_is_a_case),
        cmocka_unit_test(amounts_that_differ_are_cases),
        cmocka_unit_test(money_taken_for_an_ended_order_is_a_case),
        cmocka_unit_test(cancelled_at_the_provider_ends_the_order),
        cmocka_unit_test(news_of_another_payment_changes_nothing),
        cmocka_unit_test(a_total_that_the_provider_does_not_charge_is_refused),
        cmocka_unit_test(free_tickets_are_sold_at_once),
        cmocka_unit_test(a_hold_keeps_its_price_when_prices_change),
        cmocka_unit_test(what_an_organiser_may_change),
        cmocka_unit_test(prices_have_a_bounded_history),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
