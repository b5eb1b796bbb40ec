#include "base/buf.h"
#include "base/limits.h"
#include "unit/booking/script.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

/* ---- who may buy ---- */

SCRIPT(allocated_seats_are_for_those_with_a_code,
       "event\n"
       "expect left 20\n"
       "allocation 1 add 3,4,5 codes red,blue limit 2 -> ok AllocationSet UnitsMoved CodesSet\n"
       "expect left 17\n"
       "expect unit 3 allocated\n"
       "expect allocation 1 capacity 3 available 3 codes 2 released 0 kind 3\n"
       "hold ann 3                  -> seat_unavailable 3\n"
       "hold ann 2 5 3              -> seat_unavailable 5 3\n"
       "hold ann 3 code green       -> code_unknown\n"
       "expect code red 1 2\n"
       "expect code green 0\n"
       "a = hold ann 2 3 4 code red -> ok UnitsHeld       # one seat of it is everybody's\n"
       "expect code red 1 0\n"
       "expect code blue 1 2\n"
       "expect allocation 1 available 1 held 2\n"
       "hold bob 5 code red         -> code_limit_reached\n"
       "hold bob 6 code red         -> ok UnitsHeld       # which needs no code\n"
       "b = hold bob 5 code blue    -> ok UnitsHeld\n"
       "expect code blue 1 1\n"
       "release bob b               -> ok HoldReleased\n"
       "expect unit 5 allocated\n"
       "expect code blue 1 2\n")

SCRIPT(a_code_counts_until_its_hold_ends_and_for_ever_when_sold,
       "event hold 60 pay 60\n"
       "allocation 1 add 0,1,2,3 codes red limit 3 -> ok AllocationSet UnitsMoved CodesSet\n"
       "a = hold ann 0 1 code red   -> ok UnitsHeld\n"
       "o = order ann a e@x         -> ok OrderPlaced PaymentRequested\n"
       "expect code red 1 1\n"
       "news o created pi_1         -> ok PaymentCreated\n"
       "news o authorised 11000     -> ok PaymentAuthorised OrderSold PaymentRequested\n"
       "expect code red 1 1\n"
       "expect allocation 1 sold 2 available 2\n"
       "b = hold bob 2 code red     -> ok UnitsHeld\n"
       "hold cyd 3 code red         -> code_limit_reached\n"
       "until b 1\n"
       "expect code red 1 0\n"
       "hold cyd 3 code red         -> code_limit_reached\n"
       "until b\n"
       "expect code red 1 1                               # it ran out, and nobody swept\n"
       "hold cyd 3 code red         -> ok UnitsHeld\n"
       "hold dan 2 code red         -> code_limit_reached\n"
       "tick                        -> ok HoldExpired\n"
       "expect code red 1 0\n"
       "expect unit 2 allocated\n"
       "wait 100\n"
       "tick                        -> ok HoldExpired\n"
       "expect code red 1 1\n"
       "news o captured 11000       -> ok PaymentCaptured\n"
       "expect code red 1 1\n")

SCRIPT(each_code_is_counted_alone_and_may_get_a_lower_limit,
       "event hold 60\n"
       "allocation 1 add 0,1,2,3,4 codes red,blue limit 2 -> ok AllocationSet UnitsMoved CodesSet\n"
       "b = hold bob 0 code blue    -> ok UnitsHeld\n"
       "wait 30\n"
       "a = hold ann 1 2 code red   -> ok UnitsHeld\n"
       "until b\n"
       "expect code blue 1 2\n"
       "expect code red 1 0                               # another's hold ran out\n"
       "hold cyd 3 code red         -> code_limit_reached\n"
       "allocation 1 codes red limit 1 -> ok CodesSet\n"
       "expect code red 1 0\n"
       "hold cyd 3 code red         -> code_limit_reached\n"
       "change_hold ann a 2 3       -> ok HoldChanged     # no more than before\n"
       "change_hold ann a 2         -> ok HoldChanged\n"
       "change_hold ann a 2 3       -> code_limit_reached\n")

SCRIPT(codes_are_revoked_and_open_something_else,
       "event\n"
       "allocation 1 add 0,1 codes red,blue limit 1 -> ok AllocationSet UnitsMoved CodesSet\n"
       "a = hold ann 0 code red     -> ok UnitsHeld\n"
       "allocation 1 revoke red,never -> ok CodesSet\n"
       "expect code red 0\n"
       "hold bob 1 code red         -> code_unknown\n"
       "hold bob 5 code never       -> code_unknown\n"
       "expect hold a live                                # what it holds it keeps\n"
       "allocation 2 add 4,5 codes red limit 2 -> ok AllocationSet UnitsMoved CodesSet\n"
       "expect code red 2 1                               # that one unit counts still\n"
       "hold bob 1 code red         -> seat_unavailable 1\n"
       "b = hold bob 4 code red     -> ok UnitsHeld\n"
       "hold bob 5 code red         -> code_limit_reached\n"
       "release ann a               -> ok HoldReleased\n"
       "expect code red 2 1\n"
       "hold bob 5 code red         -> ok UnitsHeld\n"
       "allocation 1 codes blue,red limit 0 revoke blue -> ok CodesSet CodesSet\n"
       "expect code blue 0\n"
       "expect code red 1 any\n"
       "expect allocation 1 codes 1\n"
       "allocation 1 codes red      -> ok CodesSet        # the same again is written again\n"
       "hold cyd 0 1 code red       -> ok UnitsHeld\n")

SCRIPT(a_presale_begins_before_the_sale,
       "event opens 1000\n"
       "allocation 1 add 0,1 codes red opens 500 -> ok AllocationSet UnitsMoved CodesSet\n"
       "allocation 2 add 4,5 codes blue -> ok AllocationSet UnitsMoved CodesSet\n"
       "allocation 3 add 6 codes late opens 2000 -> ok AllocationSet UnitsMoved CodesSet\n"
       "hold ann 0                  -> sale_not_open\n"
       "hold ann 0 code red         -> sale_not_open\n"
       "expect code red 0\n"
       "hold ann 0 code grey        -> code_unknown       # told before the sale is\n"
       "at 500 1\n"
       "hold ann 0 code red         -> sale_not_open\n"
       "expect code red 0\n"
       "at 500\n"
       "hold ann 4 code blue        -> sale_not_open      # opens with the sale\n"
       "expect code blue 0\n"
       "expect code red 1 any\n"
       "hold ann 0 7 code red       -> seat_unavailable 7 # everybody's are not for sale yet\n"
       "hold ann 0 code red         -> ok UnitsHeld\n"
       "hold ann best any 1 code red -> ok UnitsHeld\n"
       "hold ann best any 1 code red -> not_enough_available\n"
       "hold ann 7                  -> sale_not_open\n"
       "change sale 2               -> ok EventChanged\n"
       "hold bob 1 code red         -> sale_paused\n"
       "hold bob 7                  -> sale_not_open\n"
       "change sale 3               -> ok EventChanged\n"
       "hold bob 1 code red         -> sale_closed\n"
       "change sale 1               -> ok EventChanged\n"
       "at 1000 1\n"
       "hold cyd 7                  -> sale_not_open\n"
       "expect code blue 0\n"
       "at 1000\n"
       "expect code blue 2 any\n"
       "hold cyd 4 7 code blue      -> ok UnitsHeld\n"
       "hold dan 6 code late        -> seat_unavailable 6\n"
       "hold dan 8 code late        -> ok UnitsHeld\n"
       "at 2000 1\n"
       "expect code late 0\n"
       "hold eve 6 code late        -> seat_unavailable 6\n"
       "at 2000\n"
       "expect code late 3 any\n"
       "hold eve 6 code late        -> ok UnitsHeld\n")

SCRIPT(closed_and_paused_hold_for_codes_too,
       "event closes 100\n"
       "allocation 1 add 0 codes red -> ok AllocationSet UnitsMoved CodesSet\n"
       "change sale 2               -> ok EventChanged\n"
       "hold ann 0 code red         -> sale_paused\n"
       "change sale 1               -> ok EventChanged\n"
       "wait 98\n"
       "hold ann 0 code red         -> ok UnitsHeld\n"
       "wait 1\n"
       "hold ann 1 code red         -> sale_closed\n")

/* ---- release ---- */

SCRIPT(the_organiser_releases,
       "event area 4\n"
       "allocation 1 add 0,1 areas 0:2 codes red limit 1 -> ok AllocationSet UnitsMoved CodesSet\n"
       "expect left 20\n"
       "hold ann area 0 3           -> not_enough_available\n"
       "expect allocation 1 codes 1 codes_used 0\n"
       "a = hold ann 0 code red     -> ok UnitsHeld\n"
       "expect allocation 1 codes 1 codes_used 1\n"
       "block 1                     -> ok UnitsBlocked\n"
       "allocation 1 release 1      -> ok AllocationReleased\n"
       "expect allocation 1 capacity 4 available 2 held 1 blocked 1 released 1\n"
       "expect left 22\n"
       "expect unit 1 blocked\n"
       "unblock 1                   -> ok UnitsUnblocked\n"
       "expect unit 1 free\n"
       "hold bob 1                  -> ok UnitsHeld\n"
       "hold bob area 0 3           -> ok UnitsHeld\n"
       "release ann a               -> ok HoldReleased\n"
       "expect unit 0 free\n"
       "expect code red 0\n"
       "hold cyd 0 2 code red       -> ok UnitsHeld       # a code of what is everybody's\n"
       "allocation 1                -> unknown_allocation # it is over\n"
       "allocation 1 release 1      -> unknown_allocation\n")

SCRIPT(time_releases_at_the_microsecond,
       "event hold 100\n"
       "allocation 1 add 0,1 codes red limit 1 releases 300 -> ok AllocationSet UnitsMoved "
       "CodesSet\n"
       "allocation 2 add 2,3 codes blue releases 200 -> ok AllocationSet UnitsMoved CodesSet\n"
       "a = hold ann 2 code blue    -> ok UnitsHeld\n"
       "at 200 1\n"
       "expect unit 2 allocated                           # the hold ran out, too\n"
       "expect code blue 2 any\n"
       "hold bob 3                  -> seat_unavailable 3\n"
       "at 200\n"
       "expect unit 3 free\n"
       "expect unit 2 free\n"
       "expect code blue 0\n"
       "allocation 2 id again       -> unknown_allocation\n"
       "hold bob 4                  -> ok AllocationReleased UnitsHeld # of no seat of it\n"
       "expect allocation 2 released 1\n"
       "hold bob 2                  -> ok HoldExpired UnitsHeld\n"
       "at 300 1\n"
       "tick                        -> ok TimePassed\n"
       "at 300\n"
       "tick                        -> ok AllocationReleased HoldExpired\n"
       "expect left 19\n")

SCRIPT(all_that_are_due_are_released_in_front_of_everything,
       "event hold 10\n"
       "allocation 1 add 0 releases 100 -> ok AllocationSet UnitsMoved\n"
       "allocation 2 add 1 releases 50  -> ok AllocationSet UnitsMoved\n"
       "allocation 3 add 2              -> ok AllocationSet UnitsMoved\n"
       "hold ann 4                  -> ok UnitsHeld\n"
       "wait 100\n"
       "hold bob 4 2                -> seat_unavailable 2 # refused: nothing is written\n"
       "change sale 1               -> ok EventChanged    # is not about allocations\n"
       "allocation 3 id a3          -> ok AllocationReleased AllocationReleased\n"
       "allocation 3 id a3          -> again\n"
       "allocation 3 releases 120   -> ok AllocationSet\n"
       "wait 30\n"
       "hold bob 0 1 2 4            -> ok AllocationReleased HoldExpired UnitsHeld\n")

SCRIPT(a_release_in_the_past_happens_at_once,
       "event\n"
       "wait 100\n"
       "allocation 1 add 0 releases 50 codes red -> ok AllocationSet UnitsMoved CodesSet\n"
       "expect unit 0 free\n"
       "hold ann 0                  -> ok AllocationReleased UnitsHeld\n")

SCRIPT(what_was_released_is_everybodys_in_every_way,
       "event area 4 opens 1000\n"
       "allocation 1 add 0,1 areas 0:3 codes red limit 9 opens 10 -> ok AllocationSet UnitsMoved "
       "CodesSet\n"
       "at 20\n"
       "expect code red 1 9\n"
       "a = hold ann 0 code red     -> ok UnitsHeld\n"
       "allocation 1 opens 10 release 1 -> ok AllocationReleased\n"
       "hold bob 1 code red         -> sale_not_open      # no presale of what is everybody's\n"
       "allocation 2 areas 0:4      -> ok AllocationSet UnitsMoved\n"
       "allocation 2 remove_areas 0:4 -> ok UnitsMoved\n"
       "release ann a               -> ok HoldReleased\n"
       "at 1000\n"
       "hold bob 1 2 code red       -> ok UnitsHeld\n"
       "c = hold cyd area 0 2 code red -> ok UnitsHeld\n"
       "expect units c 20 21\n"
       "allocation 2 codes red limit 2 -> ok CodesSet\n"
       "expect code red 2 2                               # nothing of that was counted\n")

SCRIPT(a_tick_releases_though_nobody_holds_anything,
       "event\n"
       "allocation 1 add 0 releases 50 -> ok AllocationSet UnitsMoved\n"
       "wait 48\n"
       "tick                        -> ok\n"
       "wait 1\n"
       "tick                        -> ok AllocationReleased\n"
       "tick                        -> ok\n")

SCRIPT(a_swap_over_the_release_counts_for_no_code,
       "event\n"
       "allocation 1 add 0,1,2 codes red limit 1 releases 100 -> ok AllocationSet UnitsMoved "
       "CodesSet\n"
       "a = hold ann 0 code red     -> ok UnitsHeld\n"
       "change_hold ann a 0 1       -> code_limit_reached\n"
       "change_hold ann a 1 5       -> ok HoldChanged\n"
       "expect code red 1 0\n"
       "wait 100\n"
       "change_hold ann a 0 1 2     -> ok AllocationReleased HoldChanged\n")

/* ---- an organiser changes one ---- */

SCRIPT(units_move_in_and_out_during_the_sale,
       "event area 6 hold 10\n"
       "allocation 1 add 1,2 areas 0:2 -> ok AllocationSet UnitsMoved\n"
       "expect unit 25 allocated\n"
       "expect unit 24 allocated\n"
       "expect unit 23 free\n"
       "allocation 1 add 1,2,3      -> ok UnitsMoved      # two are there already\n"
       "expect allocation 1 capacity 5\n"
       "allocation 1 add 1,2,3      -> again\n"
       "allocation 2 add 3 remove_areas 0:1 -> not_enough_available\n"
       "allocation 2 add 3          -> ok AllocationSet UnitsMoved # from one to the other\n"
       "expect allocation 1 capacity 4\n"
       "allocation 1 remove 3       -> seat_not_free 3    # another's\n"
       "allocation 1 remove 2 add 5 -> ok UnitsMoved UnitsMoved\n"
       "expect unit 2 free\n"
       "expect unit 5 allocated\n"
       "allocation 1 remove_areas 0:1 add 6 -> ok UnitsMoved UnitsMoved\n"
       "expect unit 25 free\n"
       "allocation 1 areas 0:3 remove_areas 0:1 -> ok UnitsMoved UnitsMoved\n"
       "expect unit 24 free                               # not one that has just come\n"
       "expect unit 25 allocated\n"
       "expect unit 23 allocated\n"
       "expect unit 22 allocated\n"
       "expect unit 21 free\n"
       "block 5 21                  -> ok UnitsBlocked\n"
       "allocation 1 remove 5 add 21 -> ok UnitsMoved UnitsMoved # blocked, they move too\n"
       "expect unit 5 blocked\n"
       "expect allocation 1 blocked 1\n"
       "unblock 5 21                -> ok UnitsUnblocked\n"
       "expect unit 5 free\n"
       "expect unit 21 allocated\n")

SCRIPT(
    holds_that_ran_out_give_way_to_a_move,
    "event area 4 hold 10\n"
    "allocation 1 codes red      -> ok AllocationSet CodesSet\n"
    "a = hold ann 1 2            -> ok UnitsHeld\n"
    "b = hold bob area 0 4       -> ok UnitsHeld\n"
    "o = order bob b e@x         -> ok OrderPlaced PaymentRequested\n"
    "news o created pi_1         -> ok PaymentCreated\n"
    "allocation 1 add 1,2,3      -> seat_not_free 1 2\n"
    "allocation 1 areas 0:1      -> not_enough_available\n"
    "until a\n"
    "allocation 1 add 1          -> ok HoldExpired UnitsMoved\n"
    "expect unit 1 allocated\n"
    "until b\n"
    "allocation 1 areas 0:2      -> ok HoldExpired PaymentRequested UnitsMoved\n"
    "expect order o ending expired\n"
    "c = hold cyd 1 code red     -> ok UnitsHeld\n"
    "allocation 1 remove 1       -> seat_not_free 1\n"
    "until c\n"
    "allocation 1 add 1          -> again              # it does not move, so its hold may stay\n"
    "allocation 1 remove 1 remove_areas 0:2 -> ok HoldExpired UnitsMoved\n"
    "expect left 24\n")

SCRIPT(each_refusal_of_a_change_of_an_allocation,
       "event area 5\n"
       "allocation 0                -> unknown_allocation\n"
       "allocation 2                -> unknown_allocation\n"
       "allocation 1 id none        -> bad_change\n"
       "allocation 1 id x1234567890123456789012345678901234567890 -> bad_change\n"
       "allocation 1 kind 0         -> bad_change\n"
       "allocation 1 kind 5         -> bad_change\n"
       "allocation 1 half_code red  -> bad_change\n"
       "allocation 1 areas 0        -> bad_change\n"
       "allocation 1 areas 0:0      -> bad_change\n"
       "allocation 1 areas 0:1,0    -> bad_change\n"
       "allocation 1 remove_areas 0 -> bad_change\n"
       "allocation 1 remove_areas 0:0 -> bad_change\n"
       "allocation 1 id x123456789012345678901234567890123456789 -> ok AllocationSet\n"
       "allocation 2 id b kind vip  -> ok AllocationSet\n"
       "allocation 1 id b           -> bad_change\n"
       "allocation 3 id b           -> bad_change\n"
       "allocation 2 id b kind vip  -> again\n"
       "allocation 2 id b kind vip opens 5 -> ok AllocationSet\n"
       "allocation 2 id b kind vip opens 5 name B -> ok AllocationSet\n"
       "allocation 1 add 25         -> unknown_seat\n"
       "allocation 1 add 4,4        -> repeated_seat\n"
       "allocation 1 add 5,4        -> repeated_seat\n"
       "allocation 1 remove 25      -> unknown_seat\n"
       "allocation 1 remove 5,4     -> repeated_seat\n"
       "allocation 1 add 4,5 remove 5 -> repeated_seat\n"
       "hold ann 7 8                -> ok UnitsHeld\n"
       "allocation 1 add 5,7,8 remove 1,25 -> unknown_seat # all that is named exists first\n"
       "allocation 1 add 5,7,8 remove 1 -> seat_not_free 7 8 1\n"
       "allocation 1 areas 1:1      -> unknown_seat\n"
       "allocation 1 areas 0:1,0:1  -> repeated_seat\n"
       "allocation 1 areas 0:6      -> not_enough_available\n"
       "allocation 1 areas 0:5 add 22 -> not_enough_available # that one is named already\n"
       "allocation 1 areas 0:4 add 22 -> ok AllocationSet UnitsMoved\n"
       "allocation 1 remove_areas 0:5 remove 22 -> not_enough_available\n"
       "allocation 1 remove_areas 1:1 -> unknown_seat\n"
       "allocation 1 remove_areas 0:1,0:1 -> repeated_seat\n"
       "allocation 1 remove_areas 0:4 remove 22 -> ok UnitsMoved\n"
       "expect left 23\n")

SCRIPT(culprits_are_bounded_and_additions_come_first,
       "event rows 3 per_hold 10 per_buyer 30\n"
       "hold ann 0 1 2 3 4 5 6 7 8 9 -> ok UnitsHeld\n"
       "hold ann 10 11 12 13 14 15 16 17 -> ok UnitsHeld\n"
       "allocation 1 add 0,1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17 -> seat_not_free 0 1 2 3 4 5 "
       "6 7 8 9 10 11 12 13 14 15\n"
       "allocation 1 add 16,17 remove 0,1,2,3,4,5,6,7,8,9,10,11,12,13,14,15 -> seat_not_free 16 17 "
       "0 1 2 3 4 5 6 7 8 9 10 11 12 13\n")

SCRIPT(blocking_and_allocating_go_together,
       "event\n"
       "allocation 1 add 1,2 codes red -> ok AllocationSet UnitsMoved CodesSet\n"
       "block 1                     -> ok UnitsBlocked\n"
       "hold ann 1 code red         -> seat_unavailable 1\n"
       "expect left 18\n"
       "unblock 1                   -> ok UnitsUnblocked\n"
       "expect unit 1 allocated\n"
       "expect left 18\n"
       "hold ann 1 code red         -> ok UnitsHeld\n"
       "block 2                     -> ok UnitsBlocked\n"
       "allocation 1 release 1      -> ok AllocationReleased\n"
       "expect left 18\n")

SCRIPT(areas_open_what_the_code_opens_first,
       "event area 5 per_hold 5\n"
       "allocation 1 areas 0:2 codes red -> ok AllocationSet UnitsMoved CodesSet\n"
       "a = hold ann area 0 3 code red -> ok UnitsHeld\n"
       "expect units a 20 23 24\n"
       "b = hold bob area 0 2       -> ok UnitsHeld\n"
       "expect units b 21 22\n"
       "release ann a               -> ok HoldReleased\n"
       "hold cyd area 0 2           -> not_enough_available\n"
       "hold cyd area 0 2 code red  -> ok UnitsHeld\n")

SCRIPT(best_places_are_sought_where_the_code_leads,
       "event rows 1\n"
       "allocation 1 add 4,5 codes red -> ok AllocationSet UnitsMoved CodesSet\n"
       "a = hold ann best any 2     -> ok UnitsHeld\n"
       "expect units a 2 3\n"
       "b = hold bob best any 2 code red -> ok UnitsHeld\n"
       "expect units b 4 5\n"
       "hold cyd best any 5         -> no_adjacent_seats\n")

/* ---- bounds ---- */

static void there_are_at_most_so_many_allocations(void **state)
{
    (void)state;
    BUF_AUTO struct buf text = BUF_INIT;
    buf_append_text(&text, "event\n");
    for (unsigned n = 1; n <= LIMIT_ALLOCATIONS; n++)
        buf_append_format(&text, "allocation %u releases %u -> ok AllocationSet\n", n,
                          n % 2 ? 100u : 0u);
    buf_append_format(&text, "allocation %u -> event_limit_reached\n", LIMIT_ALLOCATIONS + 1);
    buf_append_format(&text, "allocation %u -> unknown_allocation\n", LIMIT_ALLOCATIONS + 2);
    buf_append_format(&text,
                      "allocation %u add 3 codes red -> ok AllocationSet UnitsMoved CodesSet\n",
                      LIMIT_ALLOCATIONS);
    buf_append_text(&text, "hold ann 3 -> seat_unavailable 3\n"
                           "hold ann 3 code red -> ok UnitsHeld\n"
                           "wait 100\n"
                           "tick -> ok AllocationReleased*31\n");
    buf_append_char(&text, 0);
    script_run("there_are_at_most_so_many_allocations", text.data);
}

static void append_codes(struct buf *text, const char *prefix, unsigned count)
{
    for (unsigned i = 0; i < count; i++)
        buf_append_format(text, "%s%s%u", i ? "," : "", prefix, i);
}

/* The table has room for a code for each unit, and 1024 more. */
static void codes_are_bounded(void **state)
{
    (void)state;
    BUF_AUTO struct buf text = BUF_INIT;
    buf_append_text(&text, "event rows 1 seats 2\nallocation 1 codes ");
    append_codes(&text, "a", LIMIT_COMMAND_CODES + 1);
    buf_append_text(&text, " -> bad_change\nallocation 1 revoke ");
    append_codes(&text, "a", LIMIT_COMMAND_CODES + 1);
    buf_append_text(&text, " -> bad_change\nallocation 1 revoke ");
    append_codes(&text, "a", LIMIT_COMMAND_CODES);
    buf_append_text(&text, " -> ok AllocationSet CodesSet\nallocation 1 codes ");
    append_codes(&text, "b", 1025);
    buf_append_text(&text, " limit 7 -> ok CodesSet\n"
                           "expect code b1024 1 7\n"
                           "allocation 1 codes c0,c1 -> event_limit_reached\n"
                           "allocation 1 codes c0,c0 -> event_limit_reached\n"
                           "allocation 1 codes b0,c0 -> ok CodesSet\n"
                           "allocation 1 codes c1 -> event_limit_reached\n"
                           "allocation 1 codes b1 -> ok CodesSet\n"
                           "expect code b1 1 any\n"
                           "expect code b2 1 7\n");
    buf_append_char(&text, 0);
    script_run("codes_are_bounded", text.data);
}

/* A long name: words of a script are short. */
static void a_name_has_its_bound(void **state)
{
    (void)state;
    BUF_AUTO struct buf text = BUF_INIT;
    buf_append_text(&text, "event\nallocation 1 name ");
    for (unsigned i = 0; i <= LIMIT_NAME_BYTES; i++)
        buf_append_char(&text, 'x');
    buf_append_text(&text, " -> bad_change\nallocation 1 name ");
    for (unsigned i = 0; i < LIMIT_NAME_BYTES; i++)
        buf_append_char(&text, 'x');
    buf_append_text(&text, " -> ok AllocationSet\n");
    buf_append_char(&text, 0);
    script_run("a_name_has_its_bound", text.data);
}

/* More holds that ran out than one decision should have: the sweeper has to come first. */
static void a_move_waits_for_the_sweeper(void **state)
{
    (void)state;
    BUF_AUTO struct buf text = BUF_INIT;
    buf_append_text(&text, "event rows 1 seats 520 hold 10\n");
    for (unsigned i = 0; i <= LIMIT_TICK_EXPIRIES; i++)
        buf_append_format(&text, "hold b%u %u %u -> ok UnitsHeld\n", i, 2 * i, 2 * i + 1);
    buf_append_text(&text, "wait 20\nallocation 1 add ");
    append_codes(&text, "", 2 * LIMIT_TICK_EXPIRIES + 1);
    buf_append_text(&text, " -> busy\nallocation 1 add ");
    append_codes(&text, "", 2 * LIMIT_TICK_EXPIRIES);
    buf_append_format(&text, " -> ok HoldExpired*%u AllocationSet UnitsMoved\n",
                      LIMIT_TICK_EXPIRIES);
    buf_append_text(&text, "tick -> ok HoldExpired\n");
    buf_append_char(&text, 0);
    script_run("a_move_waits_for_the_sweeper", text.data);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(allocated_seats_are_for_those_with_a_code),
        cmocka_unit_test(a_code_counts_until_its_hold_ends_and_for_ever_when_sold),
        cmocka_unit_test(each_code_is_counted_alone_and_may_get_a_lower_limit),
        cmocka_unit_test(codes_are_revoked_and_open_something_else),
        cmocka_unit_test(a_presale_begins_before_the_sale),
        cmocka_unit_test(closed_and_paused_hold_for_codes_too),
        cmocka_unit_test(the_organiser_releases),
        cmocka_unit_test(time_releases_at_the_microsecond),
        cmocka_unit_test(all_that_are_due_are_released_in_front_of_everything),
        cmocka_unit_test(a_release_in_the_past_happens_at_once),
        cmocka_unit_test(what_was_released_is_everybodys_in_every_way),
        cmocka_unit_test(a_tick_releases_though_nobody_holds_anything),
        cmocka_unit_test(a_swap_over_the_release_counts_for_no_code),
        cmocka_unit_test(units_move_in_and_out_during_the_sale),
        cmocka_unit_test(holds_that_ran_out_give_way_to_a_move),
        cmocka_unit_test(each_refusal_of_a_change_of_an_allocation),
        cmocka_unit_test(culprits_are_bounded_and_additions_come_first),
        cmocka_unit_test(blocking_and_allocating_go_together),
        cmocka_unit_test(areas_open_what_the_code_opens_first),
        cmocka_unit_test(best_places_are_sought_where_the_code_leads),
        cmocka_unit_test(there_are_at_most_so_many_allocations),
        cmocka_unit_test(codes_are_bounded),
        cmocka_unit_test(a_name_has_its_bound),
        cmocka_unit_test(a_move_waits_for_the_sweeper),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
