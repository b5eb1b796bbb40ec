#include "base/buf.h"
#include "base/limits.h"
#include "unit/booking/script.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

/* In all of them seats 0-9 are category 0, seats 10-19 (and areas behind them) category 1. */

/* ---- of one buyer and one category ---- */

SCRIPT(a_session_has_so_many_of_a_category,
       "event categories 2 limits 2,0 per_buyer 8 hold 60\n"
       "a = hold ann 0 10           -> ok UnitsHeld\n"
       "hold ann 1 2                -> category_limit_reached\n"
       "expect reached 0\n"
       "b = hold ann 1 11           -> ok UnitsHeld\n"
       "hold ann 2                  -> category_limit_reached\n"
       "hold ann 12 13              -> ok UnitsHeld      # which has no limit of its own\n"
       "expect reached\n"
       "release ann a               -> ok HoldReleased\n"
       "hold ann 2 3                -> category_limit_reached\n"
       "a = hold ann 2              -> ok UnitsHeld\n"
       "hold bob 4 5 6              -> category_limit_reached\n"
       "hold bob 4 5                -> ok UnitsHeld\n")

SCRIPT(holds_that_ran_out_count_for_no_category,
       "event categories 2 limits 2,0 hold 60\n"
       "a = hold ann 0 1            -> ok UnitsHeld\n"
       "until a 1\n"
       "hold ann 2                  -> category_limit_reached\n"
       "until a\n"
       "b = hold ann 2 3            -> ok UnitsHeld\n"
       "hold ann 4                  -> category_limit_reached\n"
       "tick                        -> ok HoldExpired\n"
       "hold ann 4                  -> category_limit_reached\n"
       "release ann b               -> ok HoldReleased\n"
       "hold ann 4 5                -> ok UnitsHeld\n")

SCRIPT(what_was_bought_counts_for_session_and_address,
       "event categories 2 limits 2,0 hold 60 pay 60 fee 0\n"
       "a = hold ann 0 10           -> ok UnitsHeld\n"
       "o = order ann a e@x         -> ok OrderPlaced PaymentRequested\n"
       "b = hold bob 1 2            -> ok UnitsHeld\n"
       "order bob b e@x             -> category_limit_reached\n"
       "expect reached 0\n"
       "news o created pi_1         -> ok PaymentCreated\n"
       "news o authorised 15000     -> ok PaymentAuthorised OrderSold PaymentRequested\n"
       "order bob b e@x             -> category_limit_reached\n"
       "p = order bob b f@x         -> ok OrderPlaced PaymentRequested\n"
       "wait 600\n"
       "tick                        -> ok HoldExpired\n"
       "hold ann 3 4                -> category_limit_reached\n"
       "c = hold ann 3 11           -> ok UnitsHeld\n"
       "q = order ann c e@x         -> ok OrderPlaced PaymentRequested\n"
       "d = hold cyd 4              -> ok UnitsHeld\n"
       "order cyd d e@x             -> category_limit_reached\n"
       "until c\n"
       "order cyd d e@x             -> category_limit_reached # q may still be paid\n"
       "tick                        -> ok HoldExpired\n"
       "order cyd d e@x             -> ok OrderPlaced PaymentRequested\n"
       "e = hold dan 5              -> ok UnitsHeld\n"
       "order dan e e@x             -> category_limit_reached\n"
       "order dan e f@x             -> ok OrderPlaced PaymentRequested\n")

/* A late payment still sells it. */
SCRIPT(what_waits_to_be_paid_counts_until_a_tick_ends_it,
       "event per_buyer 2 hold 10 pay 10\n"
       "change quota 0:3             -> ok QuotasSet\n"
       "a = hold ann 1 2             -> ok UnitsHeld\n"
       "o = order ann a e@x          -> ok OrderPlaced PaymentRequested\n"
       "until a\n"
       "hold ann 3                   -> limit_reached\n"
       "hold ann 1                   -> limit_reached      # its own, too\n"
       "hold bob 3 4                 -> quota_reached\n"
       "b = hold bob 3               -> ok UnitsHeld\n"
       "news o authorised 11000 pi_1 -> ok PaymentCreated PaymentAuthorised OrderSold "
       "PaymentRequested\n"
       "expect quota 0 3\n")

SCRIPT(a_hold_that_ran_out_without_an_order_counts_for_nothing,
       "event per_buyer 2 hold 10 pay 10\n"
       "change quota 0:2             -> ok QuotasSet\n"
       "a = hold ann 1 2             -> ok UnitsHeld\n"
       "until a\n"
       "b = hold ann 3 4             -> ok UnitsHeld\n")

SCRIPT(a_session_has_its_number_of_holds_while_their_orders_wait,
       "event per_buyer 60 hold 10 pay 10\n"
       "a = hold ann 1               -> ok UnitsHeld\n"
       "b = hold ann 2               -> ok UnitsHeld\n"
       "c = hold ann 3               -> ok UnitsHeld\n"
       "order ann a e@x              -> ok OrderPlaced PaymentRequested\n"
       "order ann b e@x              -> ok OrderPlaced PaymentRequested\n"
       "order ann c e@x              -> ok OrderPlaced PaymentRequested\n"
       "wait 10\n"
       "hold ann 5                   -> too_many_holds\n"
       "tick                         -> ok HoldExpired HoldExpired HoldExpired\n"
       "hold ann 5                   -> ok UnitsHeld\n")

SCRIPT(an_access_code_is_used_by_what_waits_to_be_paid,
       "event hold 10 pay 10\n"
       "allocation 1 add 1,2,3 codes fan limit 2 -> ok AllocationSet UnitsMoved CodesSet\n"
       "a = hold ann 1 2 code fan    -> ok UnitsHeld\n"
       "order ann a e@x              -> ok OrderPlaced PaymentRequested\n"
       "until a\n"
       "expect code fan 1 0\n"
       "hold bob 3 code fan          -> code_limit_reached\n"
       "tick                         -> ok HoldExpired\n"
       "hold bob 3 code fan          -> ok UnitsHeld\n")

SCRIPT(an_order_that_ends_gives_the_address_its_limit_back,
       "event categories 2 limits 2,0\n"
       "a = hold ann 0 1            -> ok UnitsHeld\n"
       "o = order ann a e@x         -> ok OrderPlaced PaymentRequested\n"
       "b = hold bob 2 3            -> ok UnitsHeld\n"
       "order bob b e@x             -> category_limit_reached\n"
       "cancel ann o                -> ok OrderEnded\n"
       "order bob b e@x             -> ok OrderPlaced PaymentRequested\n")

SCRIPT(the_limit_for_all_is_told_before_that_of_a_category,
       "event categories 2 limits 1,0 per_buyer 2\n"
       "hold ann 0 1 2              -> limit_reached\n"
       "a = hold ann 10 11          -> ok UnitsHeld\n"
       "o = order ann a e@x         -> ok OrderPlaced PaymentRequested\n"
       "b = hold bob 0              -> ok UnitsHeld\n"
       "order bob b e@x             -> limit_reached\n")

SCRIPT(limits_are_raised_and_lowered_while_holds_live,
       "event categories 2 per_buyer 9 hold 60\n"
       "a = hold ann 0 1 2          -> ok UnitsHeld\n"
       "o = order ann a e@x         -> ok OrderPlaced PaymentRequested\n"
       "b = hold bob 3 10           -> ok UnitsHeld\n"
       "change limits 3,0           -> ok EventChanged    # counts what is there\n"
       "hold ann 4                  -> category_limit_reached\n"
       "hold bob 4 5 6              -> category_limit_reached\n"
       "change limits 3,0           -> again\n"
       "change limits 4,0           -> ok EventChanged\n"
       "c = hold ann 4              -> ok UnitsHeld\n"
       "change limits 1,0           -> ok EventChanged\n"
       "hold ann 5                  -> category_limit_reached\n"
       "expect hold a live                                # it stays\n"
       "hold ann 11                 -> ok UnitsHeld       # another category\n"
       "order ann c e@x             -> category_limit_reached\n"
       "change limits 0,2           -> ok EventChanged\n"
       "hold bob 5 11               -> seat_unavailable 11\n"
       "hold bob 12 13              -> category_limit_reached\n"
       "hold bob 5 12               -> ok UnitsHeld\n"
       "change limits 0,0           -> ok EventChanged\n"
       "hold bob 13 14              -> ok UnitsHeld\n"
       "release ann c               -> ok HoldReleased\n"
       "wait 1000\n"
       "tick                        -> ok HoldExpired HoldExpired HoldExpired HoldExpired "
       "HoldExpired\n"
       "change limits 1,1           -> ok EventChanged\n"
       "hold bob 0 11               -> ok UnitsHeld\n"
       "hold ann 1 12               -> ok UnitsHeld\n")

SCRIPT(a_swap_counts_what_is_more,
       "event categories 2 limits 2,0\n"
       "a = hold ann 0 1            -> ok UnitsHeld\n"
       "change_hold ann a 2 3       -> ok HoldChanged\n"
       "change_hold ann a 2 3 4     -> category_limit_reached\n"
       "change_hold ann a 2 10 11   -> ok HoldChanged\n"
       "change_hold ann a 2 3 10    -> ok HoldChanged\n"
       "hold ann 5                  -> category_limit_reached\n"
       "change limits 1,0           -> ok EventChanged\n"
       "change_hold ann a 4 5 11    -> ok HoldChanged     # as many as before\n"
       "change_hold ann a 4 12      -> ok HoldChanged\n"
       "change_hold ann a 4 5       -> category_limit_reached\n")

/* ---- quotas ---- */

SCRIPT(a_quota_is_for_everybody_together,
       "event categories 2 area 4 hold 60\n"
       "change quota 0:3 quota 0,1:5 -> ok QuotasSet\n"
       "expect quota 0 0\n"
       "a = hold ann 0 1            -> ok UnitsHeld\n"
       "hold bob 2 3                -> quota_reached\n"
       "expect reached 0\n"
       "hold bob 2 10               -> ok UnitsHeld\n"
       "expect quota 0 3\n"
       "expect quota 1 4\n"
       "hold cyd 11 12              -> quota_reached      # the second\n"
       "expect reached 0 1\n"
       "hold cyd area 0 2           -> quota_reached\n"
       "hold cyd best 1 2           -> quota_reached\n"
       "hold cyd 11                 -> ok UnitsHeld\n"
       "release ann a               -> ok HoldReleased\n"
       "hold dan area 0 2           -> ok UnitsHeld\n"
       "hold dan 0                  -> quota_reached\n"
       "change no_quotas 1          -> ok QuotasSet\n"
       "hold dan 0 1 2 3            -> seat_unavailable 2\n"
       "hold dan 0 1 3 4            -> ok UnitsHeld\n")

SCRIPT(sales_count_for_a_quota_and_holds_that_ran_out_do_not,
       "event categories 2 hold 60 pay 60 fee 0\n"
       "change quota 0:3            -> ok QuotasSet\n"
       "a = hold ann 0 1            -> ok UnitsHeld\n"
       "o = order ann a e@x         -> ok OrderPlaced PaymentRequested\n"
       "news o created pi_1         -> ok PaymentCreated\n"
       "news o authorised 10000     -> ok PaymentAuthorised OrderSold PaymentRequested\n"
       "b = hold bob 2              -> ok UnitsHeld\n"
       "until b 1\n"
       "hold cyd 3                  -> quota_reached\n"
       "until b\n"
       "c = hold cyd 3              -> ok UnitsHeld       # nobody swept\n"
       "expect quota 0 4\n"
       "hold dan 4                  -> quota_reached\n"
       "tick                        -> ok HoldExpired\n"
       "hold dan 4                  -> quota_reached\n"
       "change_hold cyd c 4         -> ok HoldChanged\n"
       "change_hold cyd c 4 5       -> quota_reached\n"
       "change_hold cyd c 10 11     -> ok HoldChanged\n"
       "hold dan 4                  -> ok UnitsHeld\n"
       "change_hold cyd c 5 11      -> quota_reached\n")

SCRIPT(quotas_are_lowered_and_raised,
       "event categories 2\n"
       "a = hold ann 0 1 2          -> ok UnitsHeld\n"
       "change quota 0:2            -> ok QuotasSet\n"
       "expect quota 0 3\n"
       "hold bob 3                  -> quota_reached\n"
       "hold bob 10                 -> ok UnitsHeld       # not of it\n"
       "change_hold ann a 0 1 3     -> ok HoldChanged     # no more of it than before\n"
       "change quota 0:2            -> again\n"
       "change sale 1               -> ok EventChanged    # says nothing about quotas\n"
       "change quota 0:4            -> ok QuotasSet\n"
       "hold bob 4                  -> ok UnitsHeld\n"
       "change quota 0:0            -> ok QuotasSet\n"
       "hold cyd 5                  -> quota_reached\n"
       "change no_quotas 1          -> ok QuotasSet\n"
       "change no_quotas 1          -> again\n"
       "hold cyd 5                  -> ok UnitsHeld\n")

SCRIPT(limits_are_asked_in_their_order,
       "event categories 2 limits 2,0\n"
       "allocation 1 add 0,1,2,3 codes red limit 1 -> ok AllocationSet UnitsMoved CodesSet\n"
       "change quota 0:0            -> ok QuotasSet\n"
       "hold ann 0 1 2 code red     -> category_limit_reached\n"
       "hold ann 0 1 code red       -> code_limit_reached\n"
       "expect reached\n"
       "hold ann 0 code red         -> quota_reached\n")

SCRIPT(each_refusal_of_limits_and_quotas,
       "event categories 2\n"
       "change limits 1             -> bad_change\n"
       "change limits 1,2,3         -> bad_change\n"
       "change limits 1,1001        -> bad_change\n"
       "change limits 1,1000        -> ok EventChanged\n"
       "change singles 3            -> bad_change\n"
       "change singles refused      -> ok EventChanged\n"
       "change quota :5             -> bad_change\n"
       "change quota 2:5            -> bad_change\n"
       "change quota 0:5 odd_quota 1 -> bad_change\n"
       "change quota 0,1:5 quota 1:0 sale 2 limits 1,0 -> ok EventChanged QuotasSet\n"
       "expect quota 1 0\n")

SCRIPT(the_rule_about_single_seats_changes_during_the_sale,
       "event\n"
       "hold ann 1                  -> ok UnitsHeld\n"
       "change singles refused      -> ok EventChanged\n"
       "hold ann 3                  -> single_seat_left 2\n"
       "change singles allowed      -> ok EventChanged\n"
       "hold ann 3                  -> ok UnitsHeld\n")

static void there_are_at_most_so_many_quotas(void **state)
{
    (void)state;
    BUF_AUTO struct buf text = BUF_INIT;
    buf_append_text(&text, "event categories 2\n");
    for (unsigned count = LIMIT_QUOTAS + 1; count >= LIMIT_QUOTAS; count--) {
        buf_append_text(&text, "change");
        for (unsigned i = 0; i < count; i++)
            buf_append_text(&text, " quota 0:3");
        buf_append_text(&text, count > LIMIT_QUOTAS ? " -> bad_change\n" : " -> ok QuotasSet\n");
    }
    buf_append_text(&text, "hold ann 0 1 2 3 -> quota_reached\n");
    buf_append_char(&text, 0);
    script_run("there_are_at_most_so_many_quotas", text.data);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_session_has_so_many_of_a_category),
        cmocka_unit_test(holds_that_ran_out_count_for_no_category),
        cmocka_unit_test(what_was_bought_counts_for_session_and_address),
        cmocka_unit_test(what_waits_to_be_paid_counts_until_a_tick_ends_it),
        cmocka_unit_test(a_hold_that_ran_out_without_an_order_counts_for_nothing),
        cmocka_unit_test(a_session_has_its_number_of_holds_while_their_orders_wait),
        cmocka_unit_test(an_access_code_is_used_by_what_waits_to_be_paid),
        cmocka_unit_test(an_order_that_ends_gives_the_address_its_limit_back),
        cmocka_unit_test(the_limit_for_all_is_told_before_that_of_a_category),
        cmocka_unit_test(limits_are_raised_and_lowered_while_holds_live),
        cmocka_unit_test(a_swap_counts_what_is_more),
        cmocka_unit_test(a_quota_is_for_everybody_together),
        cmocka_unit_test(sales_count_for_a_quota_and_holds_that_ran_out_do_not),
        cmocka_unit_test(quotas_are_lowered_and_raised),
        cmocka_unit_test(limits_are_asked_in_their_order),
        cmocka_unit_test(each_refusal_of_limits_and_quotas),
        cmocka_unit_test(the_rule_about_single_seats_changes_during_the_sale),
        cmocka_unit_test(there_are_at_most_so_many_quotas),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
