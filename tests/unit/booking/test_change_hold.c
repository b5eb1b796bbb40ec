#include "unit/booking/script.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

/* A hold gets other seats in one step: each refusal once, and what stays. */

SCRIPT(a_hold_gets_other_seats_in_one_step, "event\n"
                                            "a = hold ann 1 2 3        -> ok UnitsHeld\n"
                                            "change_hold ann a 3 7     -> ok HoldChanged\n"
                                            "expect units a 3 7\n"
                                            "expect unit 1 free\n"
                                            "expect unit 2 free\n"
                                            "expect unit 3 held\n"
                                            "expect unit 7 held\n"
                                            "expect left 18\n"
                                            "change_hold ann a 9 7 8 1 -> ok HoldChanged\n"
                                            "expect units a 1 7 8 9\n"
                                            "release ann a             -> ok HoldReleased\n"
                                            "expect left 20\n")

SCRIPT(its_time_its_prices_and_its_key_stay,
       "event hold 100\n"
       "a = hold ann best 0 2 key k1 -> ok UnitsHeld\n"
       "expect choice a adjacent\n"
       "change price 9000         -> ok EventChanged\n"
       "wait 40\n"
       "change_hold ann a 0 1 2   -> ok HoldChanged\n"
       "expect hold a live 60\n"
       "expect total a 16500\n"
       "expect choice a buyers\n"
       "hold ann best 0 2 key k1  -> again\n"
       "o = order ann a e@x       -> ok OrderPlaced PaymentRequested\n"
       "expect ticket 0 invalid\n")

SCRIPT(each_refusal_of_a_change_has_its_reason,
       "event rows 3 seats 10 area 20 hold 100 per_hold 4 per_buyer 6\n"
       "a = hold ann 1 2          -> ok UnitsHeld\n"
       "b = hold bob 5            -> ok UnitsHeld\n"
       "change_hold bob a 3       -> hold_not_found\n"
       "c = hold ann area 0 2     -> ok UnitsHeld\n"
       "change_hold ann c 3       -> hold_not_changeable\n"
       "release ann c             -> ok HoldReleased\n"
       "change_hold ann c 3       -> hold_ended\n"
       "c = hold ann 11           -> ok UnitsHeld\n"
       "o = order ann c e@x       -> ok OrderPlaced PaymentRequested\n"
       "change_hold ann c 12      -> hold_has_order\n"
       "news o created pi_1       -> ok PaymentCreated\n"
       "news o authorised 5500    -> ok PaymentAuthorised OrderSold PaymentRequested\n"
       "change_hold ann c 12      -> hold_ended\n"
       "change_hold ann a 3 code no -> code_unknown\n"
       "change sale 2             -> ok EventChanged\n"
       "change_hold ann a 3       -> sale_paused\n"
       "change_hold ann a 2 1     -> again             # the same seats: nothing is asked\n"
       "change sale 3             -> ok EventChanged\n"
       "change_hold ann a 3       -> sale_closed\n"
       "change sale 1             -> ok EventChanged\n"
       "change_hold ann a         -> empty_request\n"
       "change_hold ann a 1 2 3 4 6 -> hold_limit_reached\n"
       "change_hold ann a 99      -> unknown_seat\n"
       "change_hold ann a 30      -> unknown_seat      # of the area\n"
       "change_hold ann a 1 1     -> repeated_seat\n"
       "change_hold ann a 8 5 11  -> seat_unavailable 5 11\n"
       "until a 1\n"
       "change_hold ann a 3       -> ok HoldChanged\n"
       "until a\n"
       "change_hold ann a 4       -> hold_expired\n"
       "tick                      -> ok HoldExpired\n"
       "change_hold ann a 4       -> hold_expired\n")

SCRIPT(what_it_has_does_not_count_twice, "event per_buyer 5 per_hold 5\n"
                                         "a = hold ann 1 2          -> ok UnitsHeld\n"
                                         "b = hold ann 3            -> ok UnitsHeld\n"
                                         "c = hold ann 4            -> ok UnitsHeld\n"
                                         "change_hold ann a 1 5 6   -> ok HoldChanged\n"
                                         "change_hold ann a 1 5 6 7 -> limit_reached\n"
                                         "change_hold ann a 7 8 9   -> ok HoldChanged\n"
                                         "change_hold ann a 7       -> ok HoldChanged\n"
                                         "change_hold ann b 10 11 12 -> ok HoldChanged\n"
                                         "change_hold ann b 10 11 12 13 -> limit_reached\n")

SCRIPT(a_change_leaves_no_party_torn,
       "event rows 1 seats 16 group 1,2 accessible 4 companion 5:4 singles refused\n"
       "a = hold ann 0 1 2        -> ok UnitsHeld\n"
       "change_hold ann a 0 1     -> group_incomplete 2\n"
       "change_hold ann a 0 1 2 5 -> companion_alone 5\n"
       "change_hold ann a 3 4 5 1 2 -> single_seat_left 0\n"
       "change_hold ann a 0 1 2 4 -> single_seat_left 3\n"
       "change_hold ann a 0 1 2 3 4 5 -> ok HoldChanged\n"
       "change_hold ann a 14 15   -> ok HoldChanged\n"
       "change_hold ann a 13 14   -> single_seat_left 15 # its own seats are free for it\n"
       "change_hold ann a 15      -> ok HoldChanged\n")

SCRIPT(limits_count_what_is_new_and_forget_what_was,
       "event rows 3 categories 3 limits 2,0,3\n"
       "a = hold ann 0 1          -> ok UnitsHeld\n"
       "change_hold ann a 0 1 2   -> category_limit_reached\n"
       "change_hold ann a 8 9     -> ok HoldChanged\n"
       "change_hold ann a 20 21 22 8 -> ok HoldChanged\n"
       "b = hold ann 9            -> ok UnitsHeld\n"
       "change_hold ann b 23      -> category_limit_reached\n"
       "change_hold ann a 10 11   -> ok HoldChanged\n"
       "change_hold ann b 23      -> ok HoldChanged\n"
       "change quota 1:3          -> ok QuotasSet\n"
       "expect quota 0 2\n"
       "change_hold ann a 10 11 12 -> ok HoldChanged\n"
       "change_hold ann b 13      -> quota_reached\n"
       "change_hold ann a 13 14 15 -> ok HoldChanged\n"
       "expect quota 0 3\n"
       "change_hold ann a 8       -> ok HoldChanged\n"
       "expect quota 0 0\n")

SCRIPT(a_hold_keeps_its_code_and_may_take_another,
       "event\n"
       "allocation 1 add 0,1,2,3 codes red limit 2 -> ok AllocationSet UnitsMoved CodesSet\n"
       "allocation 2 add 5,6 codes blue -> ok AllocationSet UnitsMoved CodesSet\n"
       "a = hold ann 0 8 code red -> ok UnitsHeld\n"
       "expect code red 1 1\n"
       "change_hold ann a 1 2     -> ok HoldChanged    # without naming the code again\n"
       "expect code red 1 0\n"
       "expect unit 0 allocated\n"
       "change_hold ann a 1 2 3   -> code_limit_reached\n"
       "change_hold ann a 1 5     -> seat_unavailable 5\n"
       "change_hold ann a 9 10    -> ok HoldChanged\n"
       "expect code red 1 2\n"
       "change_hold ann a 9 5 code blue -> ok HoldChanged\n"
       "expect code red 1 2\n"
       "expect code blue 2 any\n"
       "change_hold ann a 5 3     -> seat_unavailable 3\n"
       "change_hold ann a 5 6     -> ok HoldChanged\n"
       "change_hold ann a 8 1 code red -> ok HoldChanged\n"
       "expect code red 1 1\n"
       "release ann a             -> ok HoldReleased\n"
       "expect code red 1 2\n")

SCRIPT(another_code_does_not_take_along_what_the_first_one_opened,
       "event\n"
       "allocation 1 add 0,1,2 codes red,pink limit 2 -> ok AllocationSet UnitsMoved CodesSet\n"
       "allocation 2 add 5 codes blue -> ok AllocationSet UnitsMoved CodesSet\n"
       "a = hold ann 0 1 code red -> ok UnitsHeld\n"
       "change_hold ann a 1 8 0 code blue -> seat_unavailable 1 0\n"
       "change_hold ann a 9 2 1 code blue -> seat_unavailable 2 1\n"
       "expect units a 0 1\n"
       "expect code red 1 0\n"
       "change_hold ann a 0 1 9 code red -> ok HoldChanged # the same code: it keeps it\n"
       "expect code red 1 0\n"
       "change_hold ann a 0 1 8 code pink -> ok HoldChanged # it opens them, too\n"
       "expect code red 1 2\n"
       "expect code pink 1 0\n"
       "change_hold ann a 8 5 code blue -> ok HoldChanged\n"
       "expect code pink 1 2\n"
       "expect unit 0 allocated\n"
       "b = hold bob 9            -> ok UnitsHeld\n"
       "change_hold bob b 9 1 code pink -> ok HoldChanged # from none to one\n"
       "expect code pink 1 1\n")

SCRIPT(single_seats_are_judged_by_the_new_code,
       "event rows 1 seats 10 singles refused\n"
       "allocation 1 add 0,1,2 codes red -> ok AllocationSet UnitsMoved CodesSet\n"
       "allocation 2 add 5 codes blue -> ok AllocationSet UnitsMoved CodesSet\n"
       "a = hold ann 0 1 2 code red -> ok UnitsHeld\n"
       "change_hold ann a 4 5 code blue -> single_seat_left 3 # 2 is not free for blue\n"
       "change_hold ann a 4 code red -> ok HoldChanged        # but for red\n"
       "change_hold ann a 8 9 code blue -> ok HoldChanged\n"
       "change_hold ann a 7 8 code red -> single_seat_left 6 9 # 9 is free for both\n")

SCRIPT(whoever_keeps_a_code_keeps_what_it_opened_once,
       "event\n"
       "allocation 1 add 0,1,2 codes red limit 2 -> ok AllocationSet UnitsMoved CodesSet\n"
       "allocation 2 add 5 codes blue -> ok AllocationSet UnitsMoved CodesSet\n"
       "a = hold ann 0 1 code red -> ok UnitsHeld\n"
       "allocation 1 opens 5000   -> ok AllocationSet  # later than it was\n"
       "change_hold ann a 0 2 code red -> seat_unavailable 2\n"
       "change_hold ann a 0 1 8 code red -> ok HoldChanged\n"
       "expect code red 0\n"
       "allocation 2 codes red limit 2 -> ok CodesSet  # opens something else from now on\n"
       "change_hold ann a 0 5 code red -> ok HoldChanged # named or not\n"
       "expect code red 2 1\n"
       "change_hold ann a 0       -> ok HoldChanged\n"
       "expect code red 2 2\n")

SCRIPT(a_released_allocation_is_everybodys_with_whatever_code,
       "event\n"
       "allocation 1 add 0,1,2 codes red limit 2 -> ok AllocationSet UnitsMoved CodesSet\n"
       "allocation 2 add 5,6 codes blue -> ok AllocationSet UnitsMoved CodesSet\n"
       "allocation 2 release 1    -> ok AllocationReleased\n"
       "a = hold ann 0 1 code red -> ok UnitsHeld\n"
       "change_hold ann a 0 8 code blue -> seat_unavailable 0 # a code that is as good as none\n"
       "expect code red 1 0\n"
       "allocation 1 release 1    -> ok AllocationReleased\n"
       "change_hold ann a 0 5 code blue -> ok HoldChanged\n"
       "expect units a 0 5\n")

SCRIPT(a_hold_whose_code_was_revoked_is_changed_as_one_without,
       "event\n"
       "allocation 1 add 0,1,2,3 codes red limit 2 -> ok AllocationSet UnitsMoved CodesSet\n"
       "allocation 2 add 5,6 codes blue -> ok AllocationSet UnitsMoved CodesSet\n"
       "a = hold ann 0 1 code red -> ok UnitsHeld\n"
       "allocation 1 revoke red   -> ok CodesSet\n"
       "change_hold ann a 0 8 code red -> code_unknown # whoever names it is told\n"
       "change_hold ann a 0 8 code no -> code_unknown\n"
       "change_hold ann a 0 2     -> seat_unavailable 2 # everybody's, and what it has\n"
       "change_hold ann a 0 1 8   -> ok HoldChanged\n"
       "expect units a 0 1 8\n"
       "allocation 1 codes red limit 2 -> ok CodesSet\n"
       "expect code red 1 2       # it has no code any more\n"
       "change_hold ann a 0 2     -> seat_unavailable 2\n"
       "change_hold ann a 0 5 code blue -> seat_unavailable 0\n"
       "change_hold ann a 0 8     -> ok HoldChanged\n"
       "expect unit 1 allocated\n"
       "expect code red 1 2\n"
       "change_hold ann a 0 2 code red -> ok HoldChanged\n"
       "expect code red 1 0\n")

SCRIPT(before_the_sale_a_hold_is_changed_with_its_own_code,
       "event opens 1000\n"
       "allocation 1 opens 10 add 0,1,2 codes red -> ok AllocationSet UnitsMoved CodesSet\n"
       "allocation 2 add 5 codes blue -> ok AllocationSet UnitsMoved CodesSet\n"
       "wait 10\n"
       "a = hold ann 0 code red   -> ok UnitsHeld\n"
       "change_hold ann a 1       -> ok HoldChanged\n"
       "change_hold ann a 8       -> seat_unavailable 8\n"
       "change_hold ann a 5 code blue -> sale_not_open\n"
       "allocation 1 opens 10 revoke red -> ok CodesSet\n"
       "change_hold ann a 2       -> sale_not_open     # as for everybody\n"
       "change_hold ann a 1       -> again\n"
       "wait 990\n"
       "change_hold ann a 8       -> hold_expired\n")

SCRIPT(what_ran_out_makes_way_for_a_change,
       "event hold 10\n"
       "allocation 1 add 5,6 releases 16 -> ok AllocationSet UnitsMoved\n"
       "a = hold ann 1 2          -> ok UnitsHeld\n"
       "wait 5\n"
       "b = hold bob 8            -> ok UnitsHeld\n"
       "change_hold bob b 5       -> seat_unavailable 5\n"
       "until a\n"
       "change_hold bob b 2 9     -> ok HoldExpired HoldChanged\n"
       "wait 4\n"
       "c = hold cyd 12           -> ok UnitsHeld\n"
       "expect unit 5 allocated\n"
       "wait 1\n"
       "change_hold cyd c 5 9     -> ok AllocationReleased HoldExpired HoldChanged\n"
       "expect allocation 1 released 1\n")

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_hold_gets_other_seats_in_one_step),
        cmocka_unit_test(its_time_its_prices_and_its_key_stay),
        cmocka_unit_test(each_refusal_of_a_change_has_its_reason),
        cmocka_unit_test(what_it_has_does_not_count_twice),
        cmocka_unit_test(a_change_leaves_no_party_torn),
        cmocka_unit_test(limits_count_what_is_new_and_forget_what_was),
        cmocka_unit_test(a_hold_keeps_its_code_and_may_take_another),
        cmocka_unit_test(another_code_does_not_take_along_what_the_first_one_opened),
        cmocka_unit_test(single_seats_are_judged_by_the_new_code),
        cmocka_unit_test(whoever_keeps_a_code_keeps_what_it_opened_once),
        cmocka_unit_test(a_released_allocation_is_everybodys_with_whatever_code),
        cmocka_unit_test(a_hold_whose_code_was_revoked_is_changed_as_one_without),
        cmocka_unit_test(before_the_sale_a_hold_is_changed_with_its_own_code),
        cmocka_unit_test(what_ran_out_makes_way_for_a_change),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
