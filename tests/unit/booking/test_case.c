#include "base/buf.h"
#include "unit/booking/script.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

/* Cases: when one is opened, what a person may do about it, and how long a sold order waits for
 * that; and disputes, which only banks decide. */

#define CREATED                                                       \
    "event\n"                                                         \
    "a = hold ann 1 2           -> ok UnitsHeld\n"                    \
    "o = order ann a e@x        -> ok OrderPlaced PaymentRequested\n" \
    "news o created pi_1        -> ok PaymentCreated\n"
#define SOLD                                                                           \
    CREATED "news o authorised 11000 pi_1 card red -> ok PaymentAuthorised OrderSold " \
            "PaymentRequested\n"
#define STOPPED SOLD "news o refused no           -> ok CaseOpened\n"
#define PAID SOLD "news o captured 11000       -> ok PaymentCaptured\n"
#define VOIDED                         \
    "expect order o ending released\n" \
    "expect unit 1 free\n"             \
    "expect ticket 1 void\n"           \
    "expect gross 0\n"

SCRIPT(a_person_has_to_be_asked_for,
       SOLD "resolve o retry            -> no_open_case\n"
            "news o refused no          -> ok CaseOpened\n"
            "expect case o capture_refused\n"
            "resolve o 0                -> case_action_not_possible\n"
            "resolve o 5                -> case_action_not_possible\n"
            "resolve o settle           -> case_action_not_possible\n"
            "resolve o refund 11000     -> case_action_not_possible   # nothing was taken\n"
            "expect open 1 0\n")

SCRIPT(a_capture_is_asked_for_again,
       STOPPED "resolve o retry            -> ok CaseClosed PaymentRequested\n"
               "expect call o capture onsale-ord_000000e00000000000000004wa-capture-2\n"
               "expect order o sold quiet\n"
               "news o refused no          -> ok CaseOpened\n"
               "resolve o retry            -> ok CaseClosed PaymentRequested\n"
               "expect call o capture onsale-ord_000000e00000000000000004wa-capture-3\n"
               "news o captured 11000      -> ok PaymentCaptured\n"
               "expect open 0 0\n")

SCRIPT(a_sale_may_be_given_up,
       STOPPED "resolve o release          -> ok CaseClosed OrderVoided PaymentRequested\n" VOIDED
               "expect call o cancel onsale-ord_000000e00000000000000004wa-cancel-2\n"
               "expect books\n"
               "order ann a e@x            -> hold_ended\n"
               "b = hold ann 1 2           -> ok UnitsHeld\n"
               "news o cancelled           -> ok PaymentCancelled\n"
               "expect order o ended released\n")

SCRIPT(what_was_given_up_counts_for_nobody,
       "event per_buyer 2 limits 2\n"
       "allocation 1 add 1,2 codes fan limit 2 -> ok AllocationSet UnitsMoved CodesSet\n"
       "a = hold ann 1 2 code fan  -> ok UnitsHeld\n"
       "o = order ann a e@x        -> ok OrderPlaced PaymentRequested\n"
       "news o authorised 11000 pi_1 card red -> ok PaymentCreated PaymentAuthorised OrderSold "
       "PaymentRequested\n"
       "news o refused no          -> ok CaseOpened\n"
       "expect code fan 1 0\n"
       "resolve o release          -> ok CaseClosed OrderVoided PaymentRequested\n"
       "expect code fan 1 2\n"
       "a = hold ann 1 2 code fan  -> ok UnitsHeld\n"
       "p = order ann a e@x        -> ok OrderPlaced PaymentRequested\n"
       "news p captured 11000 pi_2 card red -> ok PaymentCreated OrderSold PaymentCaptured\n")

SCRIPT(a_late_capture_of_what_was_given_up_goes_back,
       STOPPED "resolve o release          -> ok CaseClosed OrderVoided PaymentRequested\n"
               "news o captured 11000      -> ok PaymentTaken RefundRequested PaymentRequested\n"
               "news o refunded 1          -> ok RefundDone\n"
               "expect books\n")

SCRIPT(another_amount_may_be_given_back, SOLD
       "news o captured 10000      -> ok CaseOpened\n"
       "expect case o amount\n"
       "resolve o refund           -> case_action_not_possible   # of what amount?\n"
       "resolve o refund 10000     -> ok CaseClosed OrderVoided PaymentTaken "
       "RefundRequested PaymentRequested\n" VOIDED "expect books provider 10000 refunds -10000\n"
       "expect refunds o due:10000\n"
       "news o refunded 1          -> ok RefundDone\n"
       "expect order o ended released\n"
       "expect books\n")

SCRIPT(captured_after_the_end_may_be_given_back,
       CREATED "cancel ann o               -> ok OrderEnded PaymentRequested\n"
               "news o cancelled           -> ok PaymentCancelled\n"
               "news o captured 11000      -> ok CaseOpened\n"
               "expect case o captured_after_end\n"
               "resolve o retry            -> case_action_not_possible\n"
               "resolve o release          -> case_action_not_possible\n"
               "resolve o refund 11000     -> ok CaseClosed PaymentTaken RefundRequested "
               "PaymentRequested\n"
               "expect order o ending cancelled\n"
               "news o refused no          -> ok CaseOpened\n"
               "resolve o refund 11000     -> case_action_not_possible   # it is being given\n"
               "resolve o settle           -> ok CaseClosed RefundDone\n"
               "expect order o ended cancelled quiet\n"
               "expect books provider 11000 organiser -11000\n"
               "wait 90000\n"
               "b = hold bob 5             -> ok UnitsHeld\n"
               "p = order bob b f@x        -> ok OrderPlaced PaymentRequested\n"
               "expect slot_number p 1     # what was paid back may come back\n"
               "expect books provider 11000 organiser -11000\n")

SCRIPT(what_came_back_of_what_was_taken_is_given_again,
       CREATED "cancel ann o               -> ok OrderEnded PaymentRequested\n"
               "news o captured 11000      -> ok PaymentTaken RefundRequested PaymentRequested\n"
               "news o refunded 1          -> ok RefundDone\n"
               "news o came_back 1         -> ok RefundFailed CaseOpened\n"
               "expect order o ending cancelled attention\n"
               "resolve o retry            -> ok CaseClosed PaymentRequested\n"
               "expect call o refund onsale-ord_000000e00000000000000004wa-refund-2\n"
               "news o refunded 1          -> ok RefundDone\n"
               "expect order o ended cancelled quiet\n")

SCRIPT(somebody_looked,
       CREATED "cancel ann o               -> ok OrderEnded PaymentRequested\n"
               "news o cancelled           -> ok PaymentCancelled\n"
               "news o captured 11000      -> ok CaseOpened\n"
               "resolve o settle           -> ok CaseClosed\n"
               "expect order o ended cancelled quiet\n"
               "wait 90000\n"
               "b = hold bob 5             -> ok UnitsHeld\n"
               "p = order bob b f@x        -> ok OrderPlaced PaymentRequested\n"
               "expect slot p o                             # its slot is free again\n")

SCRIPT(a_refused_cancel_is_retried_or_settled,
       CREATED "cancel ann o               -> ok OrderEnded PaymentRequested\n"
               "news o refused no          -> ok CaseOpened\n"
               "expect case o cancel_refused\n"
               "resolve o release          -> case_action_not_possible\n"
               "resolve o retry            -> ok CaseClosed PaymentRequested\n"
               "expect call o cancel onsale-ord_000000e00000000000000004wa-cancel-2\n"
               "news o refused no          -> ok CaseOpened\n"
               "resolve o settle           -> ok CaseClosed PaymentCancelled\n"
               "expect order o ended cancelled quiet\n")

SCRIPT(a_remark_leaves_what_is_owed,
       SOLD "news o differs why         -> ok CaseOpened\n"
            "expect call o capture\n"
            "news o unasked why         -> again            # somebody looks already\n"
            "resolve o retry            -> ok CaseClosed    # its answer is not known\n"
            "expect call o capture onsale-ord_000000e00000000000000004wa-capture-1\n"
            "news o unasked why         -> ok CaseOpened\n"
            "expect case o unasked\n"
            "news o refused no          -> ok CaseOpened    # the newest reason counts\n"
            "expect case o capture_refused\n"
            "expect open 1 0\n"
            "news o captured 11000      -> ok PaymentCaptured\n"
            "expect open 0 0\n")

/* ---- the time limit ---- */

SCRIPT(a_sold_order_waits_a_day_for_somebody,
       STOPPED "wait 86399\n"
               "tick                       -> ok TimePassed\n"
               "expect order o sold\n"
               "wait 1\n"
               "tick                       -> ok CaseClosed OrderVoided PaymentRequested\n" VOIDED
               "expect open 0 0\n"
               "tick                       -> ok\n")

SCRIPT(a_day_counts_from_the_newest_reason,
       STOPPED "wait 80000\n"
               "news o captured 1          -> ok CaseOpened\n"
               "wait 80000\n"
               "tick                       -> ok TimePassed\n"
               "wait 6400\n"
               "tick                       -> ok CaseClosed OrderVoided PaymentRequested\n")

SCRIPT(an_outage_is_no_time_to_look_at_a_case,
       STOPPED "wait 50000\n"
               "credit 40000               -> ok OutageCredited\n"
               "wait 76399\n"
               "tick                       -> ok TimePassed\n"
               "wait 1\n"
               "tick                       -> ok CaseClosed OrderVoided PaymentRequested\n")

SCRIPT(an_outage_keeps_the_order_of_cases,
       CREATED "b = hold bob 5             -> ok UnitsHeld\n"
               "p = order bob b f@x        -> ok OrderPlaced PaymentRequested\n"
               "news p authorised 5500 pi_2 -> ok PaymentCreated PaymentAuthorised OrderSold "
               "PaymentRequested\n"
               "news p refused no          -> ok CaseOpened\n"
               "wait 10\n"
               "credit 100                 -> ok OutageCredited\n"
               "news o authorised 11000    -> ok PaymentAuthorised OrderSold PaymentRequested\n"
               "news o refused no          -> ok CaseOpened   # before the other, by its time\n"
               "wait 86400\n"
               "tick                       -> ok CaseClosed OrderVoided PaymentRequested\n"
               "expect order o ending released\n"
               "expect order p sold\n"
               "wait 90\n"
               "tick                       -> ok CaseClosed OrderVoided PaymentRequested\n")

SCRIPT(time_is_noted_once_a_minute_while_a_case_will_run_out,
       STOPPED "wait 59\n"
               "tick                       -> ok\n"
               "wait 1\n"
               "tick                       -> ok TimePassed\n"
               "wait 30\n"
               "b = hold bob 5             -> ok UnitsHeld\n"
               "wait 1\n"
               "tick                       -> ok TimePassed   # a hold lives\n"
               "release bob b              -> ok HoldReleased\n"
               "news o captured 11000      -> ok PaymentCaptured\n"
               "wait 100\n"
               "tick                       -> ok\n")

SCRIPT(a_case_that_is_older_than_the_sale_counts_from_its_own_time,
       CREATED "b = hold bob 5             -> ok UnitsHeld\n"
               "p = order bob b f@x        -> ok OrderPlaced PaymentRequested\n"
               "news o differs why         -> ok CaseOpened\n"
               "news p authorised 5500 pi_2 -> ok PaymentCreated PaymentAuthorised OrderSold "
               "PaymentRequested\n"
               "news p refused no          -> ok CaseOpened\n"
               "wait 1000\n"
               "news o authorised 11000    -> ok PaymentAuthorised OrderSold PaymentRequested\n"
               "wait 85400\n"
               "tick                       -> ok CaseClosed OrderVoided PaymentRequested "
               "CaseClosed OrderVoided PaymentRequested\n")

SCRIPT(only_sold_orders_are_released, PAID "news o differs why         -> ok CaseOpened\n"
                                           "wait 100000\n"
                                           "tick                       -> ok\n"
                                           "expect order o captured attention\n")

static void a_tick_releases_sixty_four(void **state)
{
    (void)state;
    BUF_AUTO struct buf script = BUF_INIT;
    buf_append_text(&script, "event rows 10 seats 10\n");
    for (unsigned i = 0; i < 66; i++)
        buf_append_format(&script,
                          "a = hold w%u %u -> ok UnitsHeld\n"
                          "o = order w%u a e%u@x -> ok OrderPlaced PaymentRequested\n"
                          "news o authorised 5500 pi_%u -> ok PaymentCreated PaymentAuthorised "
                          "OrderSold PaymentRequested\n"
                          "news o refused no -> ok CaseOpened\n",
                          i, i, i, i, i);
    buf_append_text(&script, "wait 86400\ntick -> ok");
    for (unsigned i = 0; i < 64; i++)
        buf_append_text(&script, " CaseClosed OrderVoided PaymentRequested");
    buf_append_text(&script, "\nexpect open 2 0\n"
                             "expect unit 63 free\n"
                             "expect unit 64 sold\n");
    script_run_made("a_tick_releases_sixty_four", &script);
}

/* ---- disputes ---- */

#define DISPUTED                                                     \
    PAID "news o disputed dp_1 11000 -> ok DisputeOpened\n"          \
         "expect dispute o open\n"                                   \
         "expect ticket 1 void\n"                                    \
         "expect unit 1 sold\n"                                      \
         "expect open 0 1\n"                                         \
         "expect books disputes 11000 organiser -10000 fees -1000\n" \
         "news o disputed dp_1 11000 -> again\n"

SCRIPT(a_dispute_that_is_won_changes_nothing,
       DISPUTED "news o won dp_1            -> ok DisputeClosed\n"
                "expect dispute o won\n"
                "expect ticket 1 valid\n"
                "expect open 0 0\n"
                "expect books provider 11000 organiser -10000 fees -1000\n"
                "news o lost dp_1 11000     -> again\n"
                "news o disputed dp_1 11000 -> again            # late\n"
                "refund o 1                 -> ok RefundRequested PaymentRequested\n")

SCRIPT(a_dispute_that_is_lost_frees_the_seats,
       DISPUTED "news o lost dp_1 11000     -> ok DisputeClosed\n"
                "expect dispute o lost\n"
                "expect ticket 1 void\n"
                "expect unit 1 free\n"
                "expect gross 0\n"
                "expect open 0 0\n"
                "expect books\n"
                "refund o                   -> order_disputed\n"
                "news o won dp_1            -> again\n"
                "news o disputed dp_1 11000 -> again\n"
                "b = hold bob 1 2           -> ok UnitsHeld\n"
                "p = order bob b f@x        -> ok OrderPlaced PaymentRequested\n"
                "news p captured 11000 pi_2 card red -> ok PaymentCreated OrderSold "
                "PaymentCaptured\n"
                "expect ticket 1 valid\n")

SCRIPT(a_lost_dispute_counts_for_nobody,
       "event per_buyer 2\n"
       "a = hold ann 1 2           -> ok UnitsHeld\n"
       "o = order ann a e@x        -> ok OrderPlaced PaymentRequested\n"
       "news o captured 11000 pi_1 card red -> ok PaymentCreated OrderSold PaymentCaptured\n"
       "hold ann 3                 -> limit_reached\n"
       "news o lost dp_1 11000     -> ok DisputeOpened DisputeClosed\n"
       "change limits 5            -> ok EventChanged\n"
       "b = hold ann 3 4           -> ok UnitsHeld\n"
       "order ann b e@x            -> ok OrderPlaced PaymentRequested\n")

SCRIPT(what_a_bank_takes_beyond_the_tickets_is_the_organisers_loss,
       PAID "refund o 1                 -> ok RefundRequested PaymentRequested\n"
            "news o refunded 1          -> ok RefundDone\n"
            "news o disputed dp_1 11000 -> ok DisputeOpened\n"
            "news o lost dp_1 11000     -> ok DisputeClosed\n"
            "expect unit 1 free\n"
            "expect unit 2 free\n"
            "expect books provider -5500 organiser 5500\n")

SCRIPT(a_bank_may_take_less_than_the_tickets,
       PAID "news o disputed dp_1 5000  -> ok DisputeOpened\n"
            "expect ticket 1 void\n"
            "news o lost dp_1 5000      -> ok DisputeClosed\n"
            "expect dispute o lost_in_part\n"
            "expect ticket 1 valid\n"
            "expect unit 1 sold\n"
            "expect gross 11000\n"
            "expect open 0 0\n"
            "expect books provider 6000 organiser -5000 fees -1000\n"
            "refund o                   -> order_disputed\n"
            "news o won dp_1            -> again\n"
            "news o disputed dp_1 5000  -> again\n"
            "news o disputed dp_2 5000  -> ok CaseOpened\n"
            "expect case o differs\n"
            "expect ticket 1 valid\n")

SCRIPT(what_a_bank_takes_is_compared_with_what_was_not_refunded,
       PAID "refund o 1                 -> ok RefundRequested PaymentRequested\n"
            "news o lost dp_1 5499      -> ok DisputeOpened DisputeClosed\n"
            "expect dispute o lost_in_part\n"
            "expect unit 1 free\n"
            "expect ticket 2 valid\n"
            "expect call o refund\n"
            "news o refunded 1          -> ok RefundDone\n"
            "expect books provider 1 organiser 499 fees -500\n")

SCRIPT(a_bank_that_takes_what_was_not_refunded_takes_all,
       PAID "refund o 1                 -> ok RefundRequested PaymentRequested\n"
            "news o lost dp_1 5500      -> ok DisputeOpened DisputeClosed\n"
            "expect dispute o lost\n"
            "expect unit 2 free\n"
            "expect books provider 5500 refunds -5500\n")

SCRIPT(what_a_bank_left_counts_for_its_buyer,
       "event per_buyer 2\n"
       "a = hold ann 1 2           -> ok UnitsHeld\n"
       "o = order ann a e@x        -> ok OrderPlaced PaymentRequested\n"
       "news o captured 11000 pi_1 card red -> ok PaymentCreated OrderSold PaymentCaptured\n"
       "news o lost dp_1 1         -> ok DisputeOpened DisputeClosed\n"
       "hold ann 3                 -> limit_reached\n"
       "change limits 5            -> ok EventChanged\n"
       "hold ann 3                 -> limit_reached\n")

/* ---- refunded at the provider, by hand ---- */

#define BY_HAND PAID "news o unasked re_1        -> ok CaseOpened\n"

SCRIPT(what_was_refunded_by_hand_comes_into_the_books,
       BY_HAND "expect case o unasked\n"
               "resolve o settle 3000      -> ok CaseClosed\n"
               "expect by_hand o 3000\n"
               "expect order o captured quiet\n"
               "expect ticket 1 valid      # the organiser names units himself\n"
               "expect books provider 8000 organiser -7000 fees -1000\n")

SCRIPT(a_refund_by_hand_that_never_was_is_settled_with_nothing,
       BY_HAND "resolve o settle 0         -> ok CaseClosed\n"
               "expect by_hand o 0\n"
               "expect books provider 11000 organiser -10000 fees -1000\n")

SCRIPT(by_hand_is_no_more_than_what_was_captured_and_not_refunded,
       PAID "refund o 1                 -> ok RefundRequested PaymentRequested\n"
            "news o refunded 1          -> ok RefundDone\n"
            "news o unasked re_1        -> ok CaseOpened\n"
            "resolve o settle 5501      -> case_action_not_possible\n"
            "resolve o settle -1        -> case_action_not_possible\n"
            "resolve o settle 5000      -> ok CaseClosed\n"
            "news o unasked re_2        -> ok CaseOpened\n"
            "resolve o settle 501       -> case_action_not_possible\n"
            "resolve o settle 500       -> ok CaseClosed\n"
            "expect by_hand o 5500\n"
            "expect books organiser 500 fees -500\n")

SCRIPT(what_was_recorded_too_much_comes_out_again,
       BY_HAND "resolve o settle 11000     -> ok CaseClosed\n"
               "news o unasked recorded    -> ok CaseOpened\n"
               "resolve o settle -11001    -> case_action_not_possible\n"
               "resolve o settle -9900     -> ok CaseClosed\n"
               "expect by_hand o 1100\n"
               "expect books provider 9900 organiser -8900 fees -1000\n")

/* The provider refuses what is paid back already: the books are right when both cases are settled.
 */
SCRIPT(the_seats_of_what_was_refunded_by_hand_are_given_back,
       BY_HAND "resolve o settle 11000     -> ok CaseClosed\n"
               "refund o                   -> ok RefundRequested PaymentRequested\n"
               "news o refused charge_already_refunded -> ok CaseOpened\n"
               "expect case o refund_refused\n"
               "resolve o settle 11000     -> case_action_not_possible\n"
               "resolve o settle           -> ok CaseClosed RefundDone\n"
               "expect unit 1 free\n"
               "expect books\n")

SCRIPT(a_refund_that_is_not_done_may_have_been_made_by_hand,
       PAID "refund o                   -> ok RefundRequested PaymentRequested\n"
            "news o unasked re_1        -> ok CaseOpened\n"
            "resolve o settle 11000     -> ok CaseClosed\n"
            "news o refused charge_already_refunded -> ok CaseOpened\n"
            "resolve o settle           -> ok CaseClosed RefundDone\n"
            "expect books\n")

SCRIPT(money_that_was_taken_may_be_given_back_by_hand,
       CREATED "cancel ann o               -> ok OrderEnded PaymentRequested\n"
               "news o unasked re_1        -> ok CaseOpened\n"
               "resolve o settle 1         -> case_action_not_possible   # nothing was taken\n"
               "resolve o settle           -> ok CaseClosed\n"
               "news o captured 11000      -> ok PaymentTaken RefundRequested PaymentRequested\n"
               "news o refused no          -> ok CaseOpened\n"
               "news o unasked re_1        -> again\n"
               "resolve o settle           -> ok CaseClosed RefundDone\n"
               "news o unasked re_1        -> ok CaseOpened\n"
               "resolve o settle 11000     -> ok CaseClosed\n"
               "expect order o ended cancelled quiet\n"
               "expect books\n")

SCRIPT(an_amount_means_nothing_elsewhere,
       STOPPED "resolve o retry 1          -> case_action_not_possible\n"
               "resolve o retry -1         -> case_action_not_possible\n"
               "resolve o release 1        -> case_action_not_possible\n"
               "news o captured 11000      -> ok PaymentCaptured\n"
               "news o differs why         -> ok CaseOpened\n"
               "resolve o settle 1         -> case_action_not_possible\n"
               "resolve o settle -1        -> case_action_not_possible\n"
               "resolve o settle           -> ok CaseClosed\n")

SCRIPT(a_dispute_may_be_heard_of_when_it_is_over,
       PAID "news o won dp_1            -> again\n"
            "news o lost dp_1 11000     -> ok DisputeOpened DisputeClosed\n"
            "expect dispute o lost\n")

SCRIPT(a_second_dispute_beside_an_open_one_is_a_case,
       DISPUTED "news o won dp_2            -> again\n"
                "news o disputed dp_2 11000 -> ok CaseOpened\n"
                "expect case o differs\n"
                "expect books disputes 11000 organiser -10000 fees -1000\n")

SCRIPT(a_dispute_after_one_that_was_lost_is_a_case,
       DISPUTED "news o lost dp_1 11000     -> ok DisputeClosed\n"
                "news o lost dp_2 11000     -> ok CaseOpened\n"
                "expect case o differs\n")

SCRIPT(a_dispute_about_money_that_went_back_is_a_case,
       CREATED "cancel ann o               -> ok OrderEnded PaymentRequested\n"
               "news o disputed dp_1 11000 -> again            # nothing was taken\n"
               "news o captured 11000      -> ok PaymentTaken RefundRequested PaymentRequested\n"
               "news o disputed dp_1 11000 -> ok CaseOpened\n"
               "expect case o differs\n"
               "expect call o refund\n"
               "resolve o settle           -> ok CaseClosed\n"
               "news o refunded 1          -> ok RefundDone\n"
               "expect order o ended cancelled quiet\n"
               "news o won dp_1            -> again\n"
               "news o lost dp_1 11000     -> ok CaseOpened\n")

SCRIPT(another_dispute_after_one_that_was_won,
       DISPUTED "news o won dp_1            -> ok DisputeClosed\n"
                "news o disputed dp_2 11000 -> ok DisputeOpened\n"
                "news o lost dp_1 11000     -> again\n"
                "news o lost dp_2 11000     -> ok DisputeClosed\n"
                "expect books\n")

SCRIPT(only_what_was_captured_can_be_disputed,
       SOLD "news o disputed dp_1 11000 -> again\n"
            "news o captured 11000      -> ok PaymentCaptured\n"
            "news o disputed 0123456789012345678901234567890123456789012345678901234567890123x 1 "
            "-> order_not_found\n"
            "news o disputed dp_1 11000 -> ok DisputeOpened\n")

/* An event of 20 seats has room for 65. */
static void a_dispute_without_room_is_a_case(void **state)
{
    (void)state;
    BUF_AUTO struct buf script = BUF_INIT;
    buf_append_text(&script, PAID);
    for (unsigned i = 0; i < 65; i++)
        buf_append_format(&script,
                          "news o disputed dp_%u 1 -> ok DisputeOpened\n"
                          "news o won dp_%u -> ok DisputeClosed\n",
                          i, i);
    buf_append_text(&script, "news o disputed dp_65 1    -> ok CaseOpened\n"
                             "expect case o disputes_full\n"
                             "news o disputed dp_65 1    -> again\n"
                             "resolve o settle           -> ok CaseClosed\n"
                             "news o lost dp_66 1        -> ok CaseOpened\n"
                             "expect dispute o won\n"
                             "expect ticket 1 valid\n");
    script_run_made("a_dispute_without_room_is_a_case", &script);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_person_has_to_be_asked_for),
        cmocka_unit_test(a_capture_is_asked_for_again),
        cmocka_unit_test(a_sale_may_be_given_up),
        cmocka_unit_test(what_was_given_up_counts_for_nobody),
        cmocka_unit_test(a_late_capture_of_what_was_given_up_goes_back),
        cmocka_unit_test(another_amount_may_be_given_back),
        cmocka_unit_test(captured_after_the_end_may_be_given_back),
        cmocka_unit_test(what_came_back_of_what_was_taken_is_given_again),
        cmocka_unit_test(somebody_looked),
        cmocka_unit_test(a_refused_cancel_is_retried_or_settled),
        cmocka_unit_test(a_remark_leaves_what_is_owed),
        cmocka_unit_test(a_sold_order_waits_a_day_for_somebody),
        cmocka_unit_test(a_day_counts_from_the_newest_reason),
        cmocka_unit_test(an_outage_is_no_time_to_look_at_a_case),
        cmocka_unit_test(an_outage_keeps_the_order_of_cases),
        cmocka_unit_test(time_is_noted_once_a_minute_while_a_case_will_run_out),
        cmocka_unit_test(a_case_that_is_older_than_the_sale_counts_from_its_own_time),
        cmocka_unit_test(only_sold_orders_are_released),
        cmocka_unit_test(a_tick_releases_sixty_four),
        cmocka_unit_test(a_dispute_that_is_won_changes_nothing),
        cmocka_unit_test(a_dispute_that_is_lost_frees_the_seats),
        cmocka_unit_test(a_lost_dispute_counts_for_nobody),
        cmocka_unit_test(what_a_bank_takes_beyond_the_tickets_is_the_organisers_loss),
        cmocka_unit_test(a_bank_may_take_less_than_the_tickets),
        cmocka_unit_test(what_a_bank_takes_is_compared_with_what_was_not_refunded),
        cmocka_unit_test(a_bank_that_takes_what_was_not_refunded_takes_all),
        cmocka_unit_test(what_a_bank_left_counts_for_its_buyer),
        cmocka_unit_test(what_was_refunded_by_hand_comes_into_the_books),
        cmocka_unit_test(a_refund_by_hand_that_never_was_is_settled_with_nothing),
        cmocka_unit_test(by_hand_is_no_more_than_what_was_captured_and_not_refunded),
        cmocka_unit_test(what_was_recorded_too_much_comes_out_again),
        cmocka_unit_test(the_seats_of_what_was_refunded_by_hand_are_given_back),
        cmocka_unit_test(a_refund_that_is_not_done_may_have_been_made_by_hand),
        cmocka_unit_test(money_that_was_taken_may_be_given_back_by_hand),
        cmocka_unit_test(an_amount_means_nothing_elsewhere),
        cmocka_unit_test(a_dispute_may_be_heard_of_when_it_is_over),
        cmocka_unit_test(a_second_dispute_beside_an_open_one_is_a_case),
        cmocka_unit_test(a_dispute_after_one_that_was_lost_is_a_case),
        cmocka_unit_test(a_dispute_about_money_that_went_back_is_a_case),
        cmocka_unit_test(another_dispute_after_one_that_was_won),
        cmocka_unit_test(only_what_was_captured_can_be_disputed),
        cmocka_unit_test(a_dispute_without_room_is_a_case),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
