#include "unit/booking/script.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

/* Who must sit with whom, for a whole party: groups, companions, and the seats that would stay
 * alone. */

SCRIPT(a_group_is_sold_whole_or_not_at_all, "event group 2,3,4 group 13,12 per_hold 6\n"
                                            "hold ann 3                -> group_incomplete 2 4\n"
                                            "hold ann 12 3             -> group_incomplete 2 4 13\n"
                                            "hold ann 2 3 4 5 13       -> group_incomplete 12\n"
                                            "block 12                  -> ok UnitsBlocked\n"
                                            "hold ann 13               -> group_incomplete 12\n"
                                            "hold ann 12 13            -> seat_unavailable 12\n"
                                            "a = hold ann 4 2 3 7      -> ok UnitsHeld\n"
                                            "hold bob 2                -> seat_unavailable 2\n")

SCRIPT(culprits_that_are_too_many_are_left_out_from_the_highest,
       "event rows 2 seats 16 group 16,17,18,19,20,21,22,23,24,25,26,27,28,29,30,31 "
       "group 0,1,2,3,4,5,6,7,8,9,10,11,12,13,14,15\n"
       "hold ann 31 3 -> group_incomplete 0 1 2 4 5 6 7 8 9 10 11 12 13 14 15 16\n")

SCRIPT(a_companion_is_sold_with_its_seat_only,
       "event accessible 2,6 companion 4:2,3:2,12:6 companion 8 per_hold 6\n"
       "hold ann 4 3              -> companion_alone 3 4\n"
       "hold ann 12 2 3           -> companion_alone 12\n"
       "hold ann 8                -> ok UnitsHeld      # it names no seat\n"
       "hold ann 2 3              -> ok UnitsHeld\n"
       "hold ann 4                -> companion_alone 4 # another hold has its seat\n"
       "hold bob 6                -> ok UnitsHeld      # without its companion it may go\n"
       "hold cyd 12               -> companion_alone 12\n")

SCRIPT(groups_are_asked_about_before_companions_and_those_before_singles,
       "event rows 1 seats 9 singles refused group 1,2 companion 4:5 accessible 5\n"
       "hold ann 1 4              -> group_incomplete 2\n"
       "hold ann 1 2 4            -> companion_alone 4\n"
       "hold ann 1 2 4 5          -> single_seat_left 0 3\n")

SCRIPT(no_seat_is_left_alone_when_it_need_not_be,
       "event rows 1 seats 10 singles refused\n"
       "hold ann 1 2              -> single_seat_left 0\n"
       "hold ann 8                -> single_seat_left 9\n"
       "hold ann 0 1 3            -> single_seat_left 2\n"
       "hold ann 1 3 5            -> single_seat_left 0 2 4\n"
       "a = hold ann 0 1          -> ok UnitsHeld\n"
       "hold bob 3                -> single_seat_left 2\n"
       "b = hold bob 4            -> ok UnitsHeld      # two stay beside it, and five\n"
       "hold cyd 5 6 7 8          -> ok UnitsHeld      # one of five stays: no other way\n"
       "hold dan 2                -> ok UnitsHeld      # one of two\n"
       "hold dan 3                -> ok UnitsHeld\n"
       "hold eve 9                -> ok UnitsHeld\n")

SCRIPT(
    a_party_is_judged_as_a_whole,
    "event rows 2 seats 6 singles refused per_hold 6\n"
    "hold ann 0 2              -> single_seat_left 1\n"
    "hold ann 0 2 11           -> single_seat_left 1\n"
    "hold ann 2 0 1            -> ok UnitsHeld\n"
    "hold bob 4 7 10           -> single_seat_left 3 5 6 11\n"
    "hold bob 3 5              -> ok UnitsHeld      # the middle one of three: one stays anyhow\n"
    "hold cyd 6 7 11           -> ok UnitsHeld\n"
    "hold dan 9                -> single_seat_left 8 10\n")

/* A row of nine; 4, 5 and 6 are another price category. */
SCRIPT(price_grades_do_not_end_a_run,
       "event rows 1 seats 9 categories 2 grade 4:1,5:1,6:1 singles refused\n"
       "hold ann 0 1 2            -> ok UnitsHeld      # 3 stays, beside 4\n"
       "hold bob 4                -> single_seat_left 3\n"
       "hold bob 3 4 5            -> ok UnitsHeld      # 6 stays, beside 7\n")

SCRIPT(what_others_have_ends_a_run, "event rows 1 seats 20 singles refused\n"
                                    "block 5                   -> ok UnitsBlocked\n"
                                    "hold ann 3                -> single_seat_left 4\n"
                                    "hold bob 6 7 8            -> ok UnitsHeld\n"
                                    "hold cyd 10               -> single_seat_left 9\n")

SCRIPT(another_allocation_ends_a_run_and_ones_own_does_not,
       "event rows 1 seats 12 singles refused\n"
       "allocation 1 add 5,6,7 codes red -> ok AllocationSet UnitsMoved CodesSet\n"
       "hold ann 3                -> single_seat_left 4\n"
       "hold ann 9 10 code red    -> single_seat_left 11\n"
       "hold ann 9                -> single_seat_left 8\n"
       "hold ann 9 code red       -> ok UnitsHeld      # with the code 8 is beside 7\n"
       "hold bob 3 code red       -> ok UnitsHeld      # and 4 beside 5\n"
       "hold cyd 10               -> ok UnitsHeld      # one of two\n"
       "allocation 1 release 1    -> ok AllocationReleased\n"
       "hold dan 5                -> single_seat_left 4\n")

SCRIPT(seats_of_holds_that_ran_out_are_free_to_be_left_alone,
       "event rows 1 seats 6 singles refused hold 10\n"
       "a = hold ann 0 1          -> ok UnitsHeld\n"
       "hold bob 3                -> single_seat_left 2\n"
       "until a\n"
       "hold bob 3                -> ok UnitsHeld      # 2 stays beside 1\n")

SCRIPT(whether_single_seats_are_refused_may_change,
       "event rows 1 seats 6\n"
       "a = hold ann 1            -> ok UnitsHeld\n"
       "release ann a             -> ok HoldReleased\n"
       "change singles refused    -> ok EventChanged\n"
       "hold ann 1                -> single_seat_left 0\n"
       "change singles allowed    -> ok EventChanged\n"
       "hold ann 1                -> ok UnitsHeld\n")

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_group_is_sold_whole_or_not_at_all),
        cmocka_unit_test(culprits_that_are_too_many_are_left_out_from_the_highest),
        cmocka_unit_test(a_companion_is_sold_with_its_seat_only),
        cmocka_unit_test(groups_are_asked_about_before_companions_and_those_before_singles),
        cmocka_unit_test(no_seat_is_left_alone_when_it_need_not_be),
        cmocka_unit_test(a_party_is_judged_as_a_whole),
        cmocka_unit_test(price_grades_do_not_end_a_run),
        cmocka_unit_test(what_others_have_ends_a_run),
        cmocka_unit_test(another_allocation_ends_a_run_and_ones_own_does_not),
        cmocka_unit_test(seats_of_holds_that_ran_out_are_free_to_be_left_alone),
        cmocka_unit_test(whether_single_seats_are_refused_may_change),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
