#include "unit/booking/script.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

/* Which seats are the best: what may be taken, in which order ways are tried, and the reason that
 * is given. Rows of a script are cheaper in front and in the middle. */

SCRIPT(each_refusal_of_the_best_has_its_reason,
       "event rows 2 seats 6 categories 2 sections 2 area 4 per_hold 6 accessible 3\n"
       "hold ann best 2 1         -> unknown_seat\n"
       "hold ann best 0,63 1      -> unknown_seat\n"
       "hold ann best any 1 section 2 -> unknown_seat\n"
       "hold ann best any 2 accessible 3 -> empty_request\n"
       "hold ann best any 1 max 5499 -> not_enough_available\n"
       "hold ann best 0 1 min 5501 -> not_enough_available\n"
       "hold ann best any 1 min 10501 -> not_enough_available\n"
       "hold ann best any 1 max 0     -> not_enough_available # nothing is free of charge\n"
       "hold ann best 0 6         -> no_adjacent_seats\n"
       "hold ann best any 6 section 0 -> no_adjacent_seats\n"
       "hold ann best any 2 accessible 2 -> no_adjacent_seats\n")

SCRIPT(a_price_range_counts_the_fee_and_todays_price,
       "event rows 3 categories 3 per_hold 2\n"
       "a = hold ann best any 2 min 5501 -> ok UnitsHeld\n"
       "expect units a 14 15\n"
       "b = hold bob best any 2 min 15500 max 15500 -> ok UnitsHeld\n"
       "expect units b 24 25\n"
       "c = hold cyd best 1,2 2 max 10500 -> ok UnitsHeld\n"
       "expect units c 12 13\n"
       "d = hold dan best any 2 max 5500 -> ok UnitsHeld\n"
       "expect units d 4 5\n"
       "change price 20000 price 10000 price 5000 -> ok EventChanged\n"
       "e = hold eve best any 2 max 5500 -> ok UnitsHeld\n"
       "expect units e 22 23\n")

SCRIPT(only_seats_of_the_categories_are_taken_and_any_of_them,
       "event rows 1 seats 8 categories 2 grade 4:1,5:1,6:1,7:1 per_hold 8\n"
       "a = hold ann best 0,1 4   -> ok UnitsHeld\n"
       "expect units a 2 3 4 5\n"
       "release ann a             -> ok HoldReleased\n"
       "a = hold ann best 1 3     -> ok UnitsHeld\n"
       "expect units a 5 6 7\n"
       "expect choice a adjacent\n"
       "hold bob best 1 2         -> not_enough_available\n"
       "hold bob best 0 4         -> ok UnitsHeld\n")

SCRIPT(a_section_is_kept_to,
       "event rows 4 seats 4 sections 2 area 9 per_hold 6 per_buyer 20\n"
       "a = hold ann best any 2 section 1 -> ok UnitsHeld\n"
       "expect units a 4 5\n"
       "b = hold bob best any 4 section 1 -> ok UnitsHeld\n"
       "expect units b 12 13 14 15\n"
       "c = hold cyd best any 3 section 1 -> not_enough_available # an area is in no section\n"
       "c = hold cyd best any 2 section 1 -> ok UnitsHeld\n"
       "expect units c 6 7\n")

SCRIPT(no_seat_is_left_alone_when_other_seats_will_do,
       "event rows 2 seats 5\n"
       "a = hold ann best 0 2     -> ok UnitsHeld      # 1 and 2 would leave 0 alone\n"
       "expect choice a adjacent\n"
       "expect units a 0 1\n"
       "b = hold bob best 0 2     -> ok UnitsHeld      # not 2 and 3\n"
       "expect units b 5 6\n"
       "c = hold cyd best 0 2     -> ok UnitsHeld      # nothing else is left\n"
       "expect units c 2 3\n"
       "expect choice c adjacent single\n"
       "d = hold dan best 0 1     -> ok UnitsHeld\n"
       "expect units d 4\n"
       "expect choice d adjacent\n")

SCRIPT(a_restricted_view_is_taken_when_there_is_no_other_way,
       "event rows 1 seats 7 restricted 2,3 vip 5\n"
       "a = hold ann best 0 2     -> ok UnitsHeld\n"
       "expect units a 0 1\n"
       "expect choice a adjacent\n"
       "b = hold bob best 0 2     -> ok UnitsHeld      # 4 and 5 would leave 6 alone\n"
       "expect units b 5 6\n"
       "expect choice b adjacent\n"
       "c = hold cyd best 0 2     -> ok UnitsHeld\n"
       "expect units c 2 3\n"
       "expect choice c adjacent restricted single\n"
       "release cyd c             -> ok HoldReleased\n"
       "d = hold dan best 0 3     -> ok UnitsHeld\n"
       "expect choice d adjacent restricted\n")

SCRIPT(a_view_that_is_free_is_better_than_leaving_nobody_alone,
       "event rows 1 seats 6 restricted 3,4,5\n"
       "a = hold ann best 0 2     -> ok UnitsHeld\n"
       "expect units a 0 1\n"
       "expect choice a adjacent\n"
       "release ann a             -> ok HoldReleased\n"
       "block 0                   -> ok UnitsBlocked\n"
       "b = hold bob best 0 1     -> ok UnitsHeld      # 2 leaves 1 alone, 1 does not\n"
       "expect units b 1\n"
       "release bob b             -> ok HoldReleased\n"
       "block 1 3                 -> ok UnitsBlocked\n"
       "unblock 0                 -> ok UnitsUnblocked\n"
       "c = hold cyd best 0 1     -> ok UnitsHeld\n"
       "expect units c 2\n"
       "expect choice c adjacent\n"
       "d = hold dan best 0 2     -> ok UnitsHeld\n"
       "expect units d 4 5\n"
       "expect choice d adjacent restricted\n")

SCRIPT(no_group_is_cut,
       "event rows 1 seats 10 group 4,5 group 7,8,9\n"
       "a = hold ann best 0 1     -> ok UnitsHeld      # 4 and 5 are the middle, 6 would be alone\n"
       "expect units a 3\n"
       "b = hold bob best 0 2     -> ok UnitsHeld\n"
       "expect units b 4 5\n"
       "c = hold cyd best 0 4     -> ok UnitsHeld\n"
       "expect units c 6 7 8 9\n"
       "d = hold dan best 0 3     -> ok UnitsHeld\n"
       "expect units d 0 1 2\n")

SCRIPT(groups_that_do_not_stand_together_are_never_the_best,
       "event rows 1 seats 4 group 0,2\n"
       "hold ann best 0 2         -> no_adjacent_seats\n"
       "a = hold ann best 0 3     -> ok UnitsHeld\n"
       "expect units a 0 1 2\n")

SCRIPT(accessible_places_are_for_those_who_ask_for_them,
       "event rows 2 seats 6 accessible 2,8 companion 3:2 companion 9 per_hold 6\n"
       "a = hold ann best 0 1     -> ok UnitsHeld      # neither 2 nor 3\n"
       "expect units a 0\n"
       "release ann a             -> ok HoldReleased\n"
       "b = hold bob best 0 2 accessible 1 -> ok UnitsHeld\n"
       "expect units b 2 3\n"
       "expect choice b adjacent\n"
       "c = hold cyd best 0 3 accessible 1 -> ok UnitsHeld\n"
       "expect units c 6 7 8\n"
       "hold dan best 0 3         -> no_adjacent_seats # 9 is a companion\n"
       "hold dan best 0 1 accessible 1 -> no_adjacent_seats\n")

SCRIPT(exactly_as_many_accessible_places_as_asked_for,
       "event rows 1 seats 8 accessible 2,3,4\n"
       "a = hold ann best 0 3 accessible 2 -> ok UnitsHeld\n"
       "expect units a 3 4 5\n"
       "expect choice a adjacent\n"
       "b = hold bob best 0 2 accessible 1 -> ok UnitsHeld\n"
       "expect units b 1 2\n"
       "expect choice b adjacent single\n")

/* The companion of 0 sits in the second row. */
SCRIPT(companions_need_not_sit_beside_their_place,
       "event rows 2 seats 6 accessible 0,5 companion 11:0,9:0,8:5 per_hold 6 per_buyer 20\n"
       "a = hold ann best 0 2 accessible 1 -> ok UnitsHeld # beside an ordinary seat\n"
       "expect units a 0 1\n"
       "release ann a             -> ok HoldReleased\n"
       "block 1 2 3 4             -> ok UnitsBlocked\n"
       "a = hold ann best 0 2 accessible 1 -> ok UnitsHeld\n"
       "expect units a 0 9\n"
       "expect choice a companions\n"
       "release ann a             -> ok HoldReleased\n"
       "a = hold ann best 0 3 accessible 1 -> ok UnitsHeld\n"
       "expect units a 0 9 11\n"
       "release ann a             -> ok HoldReleased\n"
       "a = hold ann best 0 4 accessible 2 -> ok UnitsHeld\n"
       "expect units a 0 5 9 11\n"
       "release ann a             -> ok HoldReleased\n"
       "a = hold ann best 0 5 accessible 2 -> ok UnitsHeld\n"
       "expect units a 0 5 8 9 11\n"
       "release ann a             -> ok HoldReleased\n"
       "hold ann best 0 6 accessible 2 -> no_adjacent_seats\n"
       "hold ann best 0 3 accessible 3 -> no_adjacent_seats\n"
       "b = hold bob best 0 2 accessible 2 -> ok UnitsHeld # no companion at all\n"
       "expect units b 0 5\n"
       "hold cyd best 0 1 accessible 1 -> no_adjacent_seats\n")

SCRIPT(an_accessible_place_in_a_group_is_not_taken_out_of_it,
       "event rows 1 seats 7 accessible 2,3 group 3,4 companion 6:2,5:2 group 5,0\n"
       "block 1                   -> ok UnitsBlocked\n"
       "hold ann best 0 2 accessible 2 -> no_adjacent_seats\n"
       "a = hold ann best 0 2 accessible 1 -> ok UnitsHeld\n"
       "expect units a 3 4\n"
       "b = hold bob best 0 2 accessible 1 -> ok UnitsHeld\n"
       "expect units b 2 6\n"
       "expect choice b companions\n")

SCRIPT(companions_may_be_of_another_category_and_section,
       "event rows 2 seats 4 sections 2 categories 2 accessible 0 companion 5:0\n"
       "block 1                   -> ok UnitsBlocked\n"
       "a = hold ann best 0 2 accessible 1 section 0 -> ok UnitsHeld\n"
       "expect units a 0 5\n")

SCRIPT(an_area_is_taken_when_no_seats_are_together,
       "event rows 1 seats 2 categories 1 area 2,8,8 per_hold 6 per_buyer 20\n"
       "a = hold ann best any 3   -> ok UnitsHeld\n"
       "expect units a 4 5 6\n"
       "expect choice a area\n"
       "b = hold bob best any 2   -> ok UnitsHeld\n"
       "expect choice b adjacent\n"
       "c = hold cyd best any 2   -> ok UnitsHeld\n"
       "expect units c 2 3\n"
       "d = hold dan best any 6   -> ok UnitsHeld\n"
       "expect units d 12 13 14 15 16 17\n"
       "hold eve best any 6       -> no_adjacent_seats\n"
       "hold eve best any 5 accessible 1 -> not_enough_available # no area is accessible\n"
       "e = hold eve best any 5   -> ok UnitsHeld\n"
       "expect units e 7 8 9 10 11\n")

SCRIPT(
    a_code_opens_its_seats_to_the_best,
    "event rows 2 seats 6 opens 1000 per_hold 6 per_buyer 20\n"
    "allocation 1 opens 10 add 6,7,8,9,10,11 codes red -> ok AllocationSet UnitsMoved CodesSet\n"
    "allocation 2 opens 10 add 0,1 codes blue -> ok AllocationSet UnitsMoved CodesSet\n"
    "wait 10\n"
    "hold ann best any 1       -> sale_not_open\n"
    "a = hold ann best any 2 code red -> ok UnitsHeld # what is everybody's is not for sale yet\n"
    "expect units a 8 9\n"
    "hold ann best any 5 code red -> not_enough_available\n"
    "hold ann best any 3 code red -> no_adjacent_seats\n"
    "wait 990\n"
    "b = hold bob best any 4 code red -> ok UnitsHeld\n"
    "expect units b 2 3 4 5\n"
    "hold cyd best any 2       -> not_enough_available\n"
    "c = hold cyd best any 2 code blue -> ok UnitsHeld\n"
    "expect units c 0 1\n"
    "d = hold dan best any 6 code red -> ok HoldExpired UnitsHeld # a ran out\n"
    "expect units d 6 7 8 9 10 11\n")

SCRIPT(units_of_a_code_are_the_first_of_an_area,
       "event rows 0 seats 0 area 10,5 per_hold 6 per_buyer 20 hold 100\n"
       "allocation 1 areas 0:4 codes red limit 4 -> ok AllocationSet UnitsMoved CodesSet\n"
       "expect unit 6 allocated\n"
       "expect unit 5 free\n"
       "a = hold ann area 0 2     -> ok UnitsHeld\n"
       "expect units a 0 1\n"
       "b = hold bob area 0 3 1 1 code red -> ok UnitsHeld\n"
       "expect units b 6 7 8 10\n"
       "expect code red 1 1\n"
       "c = hold cyd area 0 3 code red -> ok UnitsHeld  # one with the code, two as everybody\n"
       "expect units c 2 3 9\n"
       "expect code red 1 0\n"
       "hold dan area 0 3         -> not_enough_available\n"
       "d = hold dan area 0 2 code red -> ok UnitsHeld\n"
       "expect units d 4 5\n"
       "release bob b             -> ok HoldReleased\n"
       "hold eve area 0 1         -> not_enough_available\n"
       "wait 99\n"
       "e = hold eve best any 4 code red -> ok UnitsHeld\n"
       "expect units e 10 11 12 13\n"
       "expect choice e area\n"
       "release eve e             -> ok HoldReleased\n"
       "until d\n"
       "e = hold eve area 0 6 code red -> ok HoldExpired HoldExpired UnitsHeld\n"
       "expect units e 0 1 6 7 8 9\n")

SCRIPT(a_released_allocation_is_everybodys_in_the_moment_of_its_release,
       "event rows 1 seats 4 area 2\n"
       "allocation 1 releases 100 add 0,1,2,3 areas 0:2 codes red -> "
       "ok AllocationSet UnitsMoved CodesSet\n"
       "hold ann best any 1       -> not_enough_available\n"
       "wait 99\n"
       "a = hold ann best any 4   -> ok AllocationReleased UnitsHeld\n"
       "hold bob area 0 2 code red -> ok UnitsHeld\n"
       "expect code red 0\n")

/* Two blocks as cheap as each other in sum; the second one has the cheaper seat. */
SCRIPT(on_a_tie_the_first_by_position_wins, "event rows 1 seats 8\n"
                                            "block 3 4                 -> ok UnitsBlocked\n"
                                            "a = hold ann best 0 3     -> ok UnitsHeld\n"
                                            "expect units a 0 1 2\n"
                                            "b = hold bob best 0 3     -> ok UnitsHeld\n"
                                            "expect units b 5 6 7\n")

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_refusal_of_the_best_has_its_reason),
        cmocka_unit_test(a_price_range_counts_the_fee_and_todays_price),
        cmocka_unit_test(only_seats_of_the_categories_are_taken_and_any_of_them),
        cmocka_unit_test(a_section_is_kept_to),
        cmocka_unit_test(no_seat_is_left_alone_when_other_seats_will_do),
        cmocka_unit_test(a_restricted_view_is_taken_when_there_is_no_other_way),
        cmocka_unit_test(a_view_that_is_free_is_better_than_leaving_nobody_alone),
        cmocka_unit_test(no_group_is_cut),
        cmocka_unit_test(groups_that_do_not_stand_together_are_never_the_best),
        cmocka_unit_test(accessible_places_are_for_those_who_ask_for_them),
        cmocka_unit_test(exactly_as_many_accessible_places_as_asked_for),
        cmocka_unit_test(companions_need_not_sit_beside_their_place),
        cmocka_unit_test(an_accessible_place_in_a_group_is_not_taken_out_of_it),
        cmocka_unit_test(companions_may_be_of_another_category_and_section),
        cmocka_unit_test(an_area_is_taken_when_no_seats_are_together),
        cmocka_unit_test(a_code_opens_its_seats_to_the_best),
        cmocka_unit_test(units_of_a_code_are_the_first_of_an_area),
        cmocka_unit_test(a_released_allocation_is_everybodys_in_the_moment_of_its_release),
        cmocka_unit_test(on_a_tie_the_first_by_position_wins),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
