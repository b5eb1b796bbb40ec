#include "base/buf.h"
#include "unit/booking/script.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

SCRIPT(seats_are_held_all_or_nothing, "event\n"
                                      "a = hold ann 1 2 3        -> ok UnitsHeld\n"
                                      "expect unit 1 held\n"
                                      "expect total a 16500\n"
                                      "b = hold bob 3 4          -> seat_unavailable 3\n"
                                      "expect unit 4 free\n"
                                      "b = hold bob 2 3 4 1      -> seat_unavailable 2 3 1\n"
                                      "b = hold bob 4 0          -> ok UnitsHeld\n"
                                      "expect left 15\n")

SCRIPT(each_refusal_of_a_hold_has_its_reason,
       "event rows 2 seats 10 area 20 per_hold 4 per_buyer 6 opens 100 closes 1000\n"
       "hold ann 1                -> sale_not_open\n"
       "wait 100\n"
       "hold ann                  -> empty_request\n"
       "hold ann area 0           -> empty_request\n"
       "hold ann area 0 0         -> empty_request\n"
       "hold ann 1 2 3 4 5        -> hold_limit_reached\n"
       "hold ann area 0 5         -> hold_limit_reached\n"
       "hold ann best 0 5         -> hold_limit_reached\n"
       "hold ann 20               -> unknown_seat\n"
       "hold ann 99999            -> unknown_seat\n"
       "hold ann area 1 1         -> unknown_seat\n"
       "hold ann best 1 1         -> unknown_seat\n"
       "hold ann 3 3              -> repeated_seat\n"
       "hold ann area 0 1 0 1     -> repeated_seat\n"
       "a = hold ann 0 1 2 3      -> ok UnitsHeld\n"
       "hold ann 4 5 6            -> limit_reached\n"
       "b = hold ann 4            -> ok UnitsHeld\n"
       "c = hold ann 5            -> ok UnitsHeld\n"
       "hold ann 6                -> too_many_holds\n"
       "hold bob 5                -> seat_unavailable 5\n"
       "change sale 2             -> ok EventChanged\n"
       "hold bob 6                -> sale_paused\n"
       "change sale 1             -> ok EventChanged\n"
       "hold bob 6                -> ok UnitsHeld\n"
       "change sale 3             -> ok EventChanged\n"
       "hold bob 7                -> sale_closed\n"
       "change sale 1             -> ok EventChanged\n"
       "wait 900\n"
       "hold bob 8                -> sale_closed\n")

/* Each line breaks this rule and the next one. */
SCRIPT(checks_come_in_the_order_of_the_rules,
       "event rows 2 seats 12 area 5 opens 100 per_hold 4 per_buyer 6 limits 3 singles refused "
       "group 14,15 accessible 16 companion 17:16\n"
       "allocation 1 opens 50 add 20,21,22,23 codes red limit 1 -> "
       "ok AllocationSet UnitsMoved CodesSet\n"
       "change sale 2             -> ok EventChanged\n"
       "hold ann 1 code no key k  -> code_unknown\n"
       "hold ann 1 key k          -> sale_not_open\n"
       "wait 100\n"
       "hold ann key k            -> sale_paused\n"
       "change sale 1 quota 0:3   -> ok EventChanged QuotasSet\n"
       "a = hold ann 1 0 key k    -> ok UnitsHeld\n"
       "hold ann 1 code no key k  -> idempotency_mismatch\n"
       "hold ann area 0 0 0 5     -> empty_request\n"
       "hold ann area 0 5         -> hold_limit_reached\n"
       "b = hold ann 4            -> ok UnitsHeld\n"
       "hold ann 99 5 5           -> unknown_seat\n"
       "hold ann 5 5 99           -> repeated_seat\n"
       "hold ann 5 5 4            -> repeated_seat\n"
       "hold ann 4 14             -> seat_unavailable 4\n"
       "hold ann 14 17            -> group_incomplete 15\n"
       "hold ann 17 13            -> companion_alone 17\n"
       "hold ann 6                -> single_seat_left 5\n"
       "hold ann 22 23 code red   -> category_limit_reached\n"
       "hold bob 22 23 code red   -> code_limit_reached\n"
       "hold bob 23 code red      -> quota_reached     # 22 is beside 21 with the code\n"
       "hold bob 2                -> quota_reached\n"
       "release ann b             -> ok HoldReleased\n"
       "hold bob 2                -> ok UnitsHeld\n"
       "b = hold ann area 0 1     -> quota_reached\n"
       "change no_quotas 1        -> ok QuotasSet\n"
       "b = hold ann area 0 1     -> ok UnitsHeld\n"
       "hold ann 99 100 101 102   -> limit_reached\n")

SCRIPT(the_number_of_holds_is_asked_before_the_number_of_units,
       "event per_buyer 3\n"
       "hold ann 1                -> ok UnitsHeld\n"
       "hold ann 2                -> ok UnitsHeld\n"
       "hold ann 3                -> ok UnitsHeld\n"
       "hold ann 4                -> too_many_holds\n")

SCRIPT(a_hold_remembers_its_code_and_the_reason_of_its_choice,
       "event restricted 0,1,2,3,4,5,6,7,8,9 rows 1\n"
       "allocation 1 add 2,3,4 codes red limit 3 -> ok AllocationSet UnitsMoved CodesSet\n"
       "a = hold ann best any 2 code red key k -> ok UnitsHeld\n"
       "expect choice a adjacent restricted\n"
       "expect units a 4 5\n"
       "expect code red 1 2                       # one of the two was everybody's\n"
       "hold ann best any 2 code red key k -> again\n"
       "b = hold bob 2 3 7 code red -> ok UnitsHeld\n"
       "expect choice b buyers\n"
       "expect code red 1 0\n"
       "hold cyd 8 code red       -> ok UnitsHeld  # what is everybody's does not count\n"
       "expect allocation 1 held 3 available 0\n"
       "until a\n"
       "expect code red 1 1\n"
       "c = hold cyd 4 code red   -> ok HoldExpired UnitsHeld\n"
       "o = order cyd c e@x       -> ok OrderPlaced PaymentRequested\n"
       "news o created pi_1       -> ok PaymentCreated\n"
       "news o authorised 5500    -> ok PaymentAuthorised OrderSold PaymentRequested\n"
       "expect allocation 1 sold 1\n"
       "tick                      -> ok HoldExpired HoldExpired\n"
       "expect code red 1 2                       # what is sold counts for ever\n")

SCRIPT(a_hold_expires_to_the_tick,
       "event hold 10\n"
       "a = hold ann 1            -> ok UnitsHeld\n"
       "wait 9\n"
       "hold bob 1                -> seat_unavailable 1\n"
       "wait 1\n"
       "expect unit 1 free                         # though nobody swept\n"
       "b = hold bob 1            -> ok HoldExpired UnitsHeld\n"
       "expect hold a ended\n"
       "release ann a             -> again\n"
       "release bob a             -> hold_not_found\n")

SCRIPT(time_of_one_hold_is_not_anothers,
       "event hold 10\n"
       "a = hold ann 1 2          -> ok UnitsHeld\n"
       "wait 5\n"
       "b = hold bob 3            -> ok UnitsHeld\n"
       "wait 5\n"
       "c = hold cyd 1 2 3        -> seat_unavailable 3\n"
       "c = hold cyd 2            -> ok HoldExpired UnitsHeld\n"
       "wait 5\n"
       "tick                      -> ok HoldExpired\n"
       "tick                      -> ok\n"
       "wait 1\n"
       "tick                      -> ok TimePassed\n"
       "wait 4\n"
       "tick                      -> ok HoldExpired\n"
       "wait 9\n"
       "tick                      -> ok              # no live hold: time may stand still\n")

SCRIPT(limits_do_not_count_what_ran_out, "event hold 10 per_buyer 4\n"
                                         "hold ann 1                -> ok UnitsHeld\n"
                                         "hold ann 2                -> ok UnitsHeld\n"
                                         "hold ann 3                -> ok UnitsHeld\n"
                                         "hold ann 4                -> too_many_holds\n"
                                         "wait 10\n"
                                         "hold ann 4 5 6 7          -> ok UnitsHeld\n"
                                         "hold ann 8                -> limit_reached\n")

SCRIPT(release_frees_at_once_and_only_for_its_owner,
       "event\n"
       "a = hold ann 1 2          -> ok UnitsHeld\n"
       "release bob a             -> hold_not_found\n"
       "release ann a             -> ok HoldReleased\n"
       "release ann a             -> again\n"
       "hold bob 1 2              -> ok UnitsHeld\n")

SCRIPT(releasing_a_hold_that_ran_out_expires_it, "event hold 10\n"
                                                 "a = hold ann 1            -> ok UnitsHeld\n"
                                                 "wait 10\n"
                                                 "release ann a             -> ok HoldExpired\n")

SCRIPT(the_same_key_gives_the_same_hold,
       "event\n"
       "a = hold ann 1 2 key k1   -> ok UnitsHeld\n"
       "hold ann 1 2 key k1       -> again\n"
       "hold ann 1 3 key k1       -> idempotency_mismatch\n"
       "release ann a             -> ok HoldReleased\n"
       "hold ann 1 2 key k1       -> again           # the outcome is kept, not made anew\n"
       "b = hold ann 1 2 key k2   -> ok UnitsHeld\n"
       "o = order ann b e@x key k1 -> idempotency_mismatch\n"
       "o = order ann b e@x key k3 -> ok OrderPlaced PaymentRequested\n"
       "hold ann 5 key k3         -> idempotency_mismatch\n")

SCRIPT(areas_sell_units_never_more_than_there_are,
       "event rows 0 seats 0 area 10 per_hold 6 per_buyer 6\n"
       "a = hold ann area 0 6     -> ok UnitsHeld\n"
       "b = hold bob area 0 6     -> not_enough_available\n"
       "b = hold bob area 0 4     -> ok UnitsHeld\n"
       "c = hold cyd area 0 1     -> not_enough_available\n"
       "release ann a             -> ok HoldReleased\n"
       "c = hold cyd area 0 5     -> ok UnitsHeld\n"
       "d = hold dan best 0 1     -> ok UnitsHeld\n"
       "d = hold eve best 0 1     -> not_enough_available\n"
       "wait 600\n"
       "e = hold eve area 0 6     -> ok HoldExpired HoldExpired UnitsHeld\n"
       "expect left 0\n")

SCRIPT(best_is_adjacent_and_near_the_middle_front,
       "event rows 2 seats 10 per_hold 10 per_buyer 10\n"
       "a = hold ann best 0 2     -> ok UnitsHeld\n"
       "expect unit 4 held\n"
       "expect unit 5 held\n"
       "b = hold bob best 0 4     -> ok UnitsHeld\n"
       "expect unit 0 held\n"
       "expect unit 3 held\n"
       "c = hold cyd best 0 5     -> ok UnitsHeld     # only the second row has five together\n"
       "expect unit 12 held\n"
       "expect unit 16 held\n"
       "d = hold dan best 0 5     -> no_adjacent_seats\n"
       "d = hold dan best 0 4     -> ok UnitsHeld\n"
       "expect unit 6 held\n"
       "e = hold eve best 0 6     -> not_enough_available\n"
       "wait 600\n"
       "f = hold fay best 0 10    -> ok HoldExpired HoldExpired HoldExpired UnitsHeld\n"
       "expect unit 0 held\n"
       "expect unit 9 held\n")

SCRIPT(best_keeps_to_its_category, "event rows 3 seats 4 categories 2 per_hold 4\n"
                                   "hold ann best 1 4         -> ok UnitsHeld\n"
                                   "expect unit 4 held\n"
                                   "hold bob best 0 4         -> ok UnitsHeld\n"
                                   "expect unit 0 held\n"
                                   "hold cyd best 0 1         -> not_enough_available\n"
                                   "hold cyd best 1 4         -> ok UnitsHeld\n"
                                   "expect unit 8 held\n")

SCRIPT(an_outage_is_given_back_to_every_live_hold,
       "event hold 100\n"
       "a = hold ann 1            -> ok UnitsHeld\n"
       "wait 40\n"
       "b = hold bob 2            -> ok UnitsHeld\n"
       "wait 30\n"
       "credit 30                 -> ok OutageCredited\n"
       "expect hold a live 60\n"
       "expect hold b live 100\n"
       "wait 59\n"
       "hold cyd 1                -> seat_unavailable 1\n"
       "wait 1\n"
       "hold cyd 1                -> ok HoldExpired UnitsHeld\n")

SCRIPT(slots_of_ended_holds_are_used_again_when_their_keys_are_old,
       "event rows 1 seats 2\n"
       "a = hold ann 1 key k1     -> ok UnitsHeld\n"
       "release ann a             -> ok HoldReleased\n"
       "b = hold bob 1 key k2     -> ok UnitsHeld\n"
       "release bob b             -> ok HoldReleased\n"
       "wait 86401\n"
       "c = hold cyd 1 key k3     -> ok UnitsHeld     # takes the slot of a\n"
       "hold ann 1 key k1         -> seat_unavailable 1\n"
       "hold bob 1 key k2         -> again\n")

/* `until a` is the microsecond at which a ends, `until a 1` the one before. */
SCRIPT(a_hold_ends_in_the_very_microsecond,
       "event hold 10 pay 10\n"
       "a = hold ann 1            -> ok UnitsHeld\n"
       "until a 1\n"
       "expect unit 1 held\n"
       "hold bob 1                -> seat_unavailable 1\n"
       "until a\n"
       "expect unit 1 free\n"
       "b = hold bob 1            -> ok HoldExpired UnitsHeld\n"
       "until b\n"
       "tick                      -> ok HoldExpired\n"
       "c = hold cyd 1            -> ok UnitsHeld\n"
       "until c\n"
       "order cyd c e@x           -> hold_expired\n"
       "release cyd c             -> ok HoldExpired\n"
       "d = hold dan 1            -> ok UnitsHeld\n"
       "until d 1\n"
       "o = order dan d e@x       -> ok OrderPlaced PaymentRequested\n"
       "until d 1\n"
       "cancel dan o              -> ok OrderEnded\n"
       "e = hold eve 1            -> ok UnitsHeld\n"
       "p = order eve e e@x       -> ok OrderPlaced PaymentRequested\n"
       "until e\n"
       "cancel eve p              -> ok HoldExpired\n"
       "f = hold fay best 0 1     -> ok UnitsHeld\n"
       "expect unit 4 held\n"
       "until f\n"
       "g = hold gus best 0 1     -> ok HoldExpired UnitsHeld\n"
       "expect unit 4 held\n")

SCRIPT(units_of_a_hold_rise_whatever_was_asked, "event\n"
                                                "a = hold ann 7 3 5        -> ok UnitsHeld\n"
                                                "expect units a 3 5 7\n")

/* 1025 slots for one seat: when all were used within the hour, the oldest is taken again. */
static void slots_are_taken_again_when_all_are_used(void **state)
{
    (void)state;
    BUF_AUTO struct buf script = BUF_INIT;
    buf_append_text(&script, "event rows 1 seats 1\n"
                             "first = hold ann 0 key k0 -> ok UnitsHeld\n"
                             "release ann first -> ok HoldReleased\n");
    for (unsigned i = 1; i < 1025; i++)
        buf_append_format(&script,
                          "a = hold w%u 0 key k%u -> ok UnitsHeld\n"
                          "release w%u a -> ok HoldReleased\n",
                          i, i, i);
    buf_append_text(&script, "hold ann 0 key k0 -> again\n"
                             "b = hold bob 0 -> ok UnitsHeld\n"
                             "expect slot_number b 0\n"
                             "release bob b -> ok HoldReleased\n"
                             "c = hold ann 0 key k0 -> ok UnitsHeld\n"
                             "expect slot_number c 1\n"
                             "hold w2 0 key k2 -> again\n");
    script_run_made("slots_are_taken_again_when_all_are_used", &script);
}

/* 300 holds that end at once: a tick takes 256 of them, and a change that meets more asks to wait.
 */
static void many_holds_that_end_at_once_are_swept_in_turns(void **state)
{
    (void)state;
    BUF_AUTO struct buf script = BUF_INIT;
    buf_append_text(&script, "event rows 1 seats 300 hold 10\n");
    for (unsigned i = 0; i < 300; i++)
        buf_append_format(&script, "a = hold w%u %u -> ok UnitsHeld\n", i, i);
    buf_append_text(&script, "until a\n"
                             "block_all -> busy\n"
                             "hold ann best 0 1 -> ok HoldExpired UnitsHeld\n"
                             "release ann a -> hold_not_found\n"
                             "tick -> ok HoldExpired*256\n"
                             "tick -> ok HoldExpired*43\n"
                             "tick -> ok\n");
    script_run_made("many_holds_that_end_at_once_are_swept_in_turns", &script);
}

/* A row of 200 seats of which only a few in the middle are free. */
static void best_finds_the_last_free_seats_of_a_long_row(void **state)
{
    (void)state;
    BUF_AUTO struct buf script = BUF_INIT;
    buf_append_text(&script, "event rows 1 seats 200\n");
    for (unsigned seat = 0; seat < 200; seat += 8) {
        if (seat == 96)
            continue;
        buf_append_text(&script, "block");
        for (unsigned i = seat; i < seat + 8; i++)
            buf_append_format(&script, " %u", i);
        buf_append_text(&script, " -> ok UnitsBlocked\n");
    }
    buf_append_text(&script, "a = hold ann best 0 4 -> ok UnitsHeld\n"
                             "expect units a 98 99 100 101\n");
    script_run_made("best_finds_the_last_free_seats_of_a_long_row", &script);
}

SCRIPT(time_passes_once_a_second, "event hold 10\n"
                                  "a = hold ann 1            -> ok UnitsHeld\n"
                                  "until a 9000001\n"
                                  "tick                      -> ok\n"
                                  "until a 9000000\n"
                                  "tick                      -> ok TimePassed\n")

SCRIPT(the_number_of_holds_does_not_count_what_ran_out,
       "event hold 10 per_buyer 8\n"
       "a = hold ann 1            -> ok UnitsHeld\n"
       "b = hold ann 2            -> ok UnitsHeld\n"
       "c = hold ann 3            -> ok UnitsHeld\n"
       "until a 1\n"
       "hold ann 4                -> too_many_holds\n"
       "until a\n"
       "hold ann 4                -> ok UnitsHeld\n"
       "hold ann 5                -> ok UnitsHeld\n"
       "hold ann 6                -> ok UnitsHeld\n"
       "hold ann 7                -> too_many_holds\n")

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(seats_are_held_all_or_nothing),
        cmocka_unit_test(each_refusal_of_a_hold_has_its_reason),
        cmocka_unit_test(checks_come_in_the_order_of_the_rules),
        cmocka_unit_test(the_number_of_holds_is_asked_before_the_number_of_units),
        cmocka_unit_test(a_hold_remembers_its_code_and_the_reason_of_its_choice),
        cmocka_unit_test(a_hold_expires_to_the_tick),
        cmocka_unit_test(time_of_one_hold_is_not_anothers),
        cmocka_unit_test(limits_do_not_count_what_ran_out),
        cmocka_unit_test(release_frees_at_once_and_only_for_its_owner),
        cmocka_unit_test(releasing_a_hold_that_ran_out_expires_it),
        cmocka_unit_test(the_same_key_gives_the_same_hold),
        cmocka_unit_test(areas_sell_units_never_more_than_there_are),
        cmocka_unit_test(best_is_adjacent_and_near_the_middle_front),
        cmocka_unit_test(best_keeps_to_its_category),
        cmocka_unit_test(an_outage_is_given_back_to_every_live_hold),
        cmocka_unit_test(slots_of_ended_holds_are_used_again_when_their_keys_are_old),
        cmocka_unit_test(a_hold_ends_in_the_very_microsecond),
        cmocka_unit_test(units_of_a_hold_rise_whatever_was_asked),
        cmocka_unit_test(slots_are_taken_again_when_all_are_used),
        cmocka_unit_test(many_holds_that_end_at_once_are_swept_in_turns),
        cmocka_unit_test(best_finds_the_last_free_seats_of_a_long_row),
        cmocka_unit_test(time_passes_once_a_second),
        cmocka_unit_test(the_number_of_holds_does_not_count_what_ran_out),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
