#include "base/buf.h"
#include "unit/booking/script.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

/* Refunds: which tickets, which money, and in which order the provider is asked. */

/* Three seats at 50.00 and 5.00 with 7 % inside: 165.00, of which 10.80 are taxes. */
#define PLACED                                                        \
    "event tax 700\n"                                                 \
    "a = hold ann 1 2 3         -> ok UnitsHeld\n"                    \
    "o = order ann a e@x        -> ok OrderPlaced PaymentRequested\n" \
    "news o created pi_1        -> ok PaymentCreated\n"
#define PAID                                                                          \
    PLACED "news o authorised 16500 pi_1 card red -> ok PaymentAuthorised OrderSold " \
           "PaymentRequested\n"                                                       \
           "news o captured 16500      -> ok PaymentCaptured\n"

SCRIPT(each_path_leaves_the_books_as_they_have_to_be,
       PLACED "expect books\n"
              "news o authorised 16500     -> ok PaymentAuthorised OrderSold PaymentRequested\n"
              "expect books buyers 16500 organiser -14019 fees -1401 tax -1080\n"
              "news o captured 16500       -> ok PaymentCaptured\n"
              "expect books provider 16500 organiser -14019 fees -1401 tax -1080\n"
              "refund o 1                  -> ok RefundRequested PaymentRequested\n"
              "expect books provider 16500 organiser -9346 fees -934 tax -720 refunds -5500\n"
              "news o refunded 1           -> ok RefundDone\n"
              "expect books provider 11000 organiser -9346 fees -934 tax -720\n"
              "refund o                    -> ok RefundRequested PaymentRequested\n"
              "expect books provider 11000 refunds -11000\n"
              "news o refunded 2           -> ok RefundDone\n"
              "expect books\n"
              "expect gross 0\n")

SCRIPT(a_refund_frees_its_seat_and_voids_its_ticket,
       PAID "expect ticket 2 valid\n"
            "refund o 2                 -> ok RefundRequested PaymentRequested\n"
            "expect refunds o due:5500\n"
            "expect ticket 1 valid\n"
            "expect ticket 2 void\n"
            "expect unit 2 free\n"
            "expect unit 1 sold\n"
            "expect gross 11000\n"
            "b = hold bob 2             -> ok UnitsHeld\n"
            "p = order bob b f@x        -> ok OrderPlaced PaymentRequested\n"
            "news p captured 5500 pi_2  -> ok PaymentCreated OrderSold PaymentCaptured\n"
            "expect ticket 2 valid\n"
            "news o refunded 1          -> ok RefundDone\n"
            "expect refunds o done:5500\n"
            "expect ticket 2 valid                      # bob's\n"
            "refund o 2                 -> already_refunded 2\n"
            "refund o                   -> ok RefundRequested PaymentRequested\n"
            "expect ticket 2 valid\n"
            "expect ticket 1 void\n"
            "expect unit 2 sold\n"
            "expect gross 5500\n")

SCRIPT(a_seat_may_be_blocked_instead,
       PAID "refund o 1 3 block         -> ok RefundRequested PaymentRequested\n"
            "expect unit 1 blocked\n"
            "expect unit 2 sold\n"
            "expect unit 3 blocked\n"
            "hold bob 1                 -> seat_unavailable 1\n"
            "unblock 1                  -> ok UnitsUnblocked\n"
            "hold bob 1                 -> ok UnitsHeld\n")

SCRIPT(refusals_of_a_refund_in_their_order,
       PLACED "refund o                 -> order_not_paid\n"
              "news o authorised 16500  -> ok PaymentAuthorised OrderSold PaymentRequested\n"
              "refund o                 -> order_not_paid\n"
              "news o captured 16500    -> ok PaymentCaptured\n"
              "refund o 1 4             -> unknown_seat\n"
              "refund o 1 1 4           -> repeated_seat\n"
              "refund o 4 1 1           -> unknown_seat\n"
              "refund o 3 1             -> ok RefundRequested PaymentRequested\n"
              "refund o 3 2 1           -> already_refunded 1 3\n"
              "refund o 3 2 2           -> repeated_seat\n"
              "refund o                 -> ok RefundRequested\n"
              "refund o                 -> already_refunded\n"
              "refund o 2               -> already_refunded 2\n"
              "news o refunded 1        -> ok RefundDone PaymentRequested\n"
              "news o disputed dp 1     -> ok DisputeOpened\n"
              "refund o                 -> order_disputed\n")

SCRIPT(one_refund_is_owed_at_a_time,
       PAID "refund o 1                 -> ok RefundRequested PaymentRequested\n"
            "refund o 2                 -> ok RefundRequested\n"
            "refund o 3                 -> ok RefundRequested\n"
            "expect refunds o due due due\n"
            "news o refunded 2          -> again            # not the one that is owed\n"
            "news o refunded 0          -> again\n"
            "news o refunded 4          -> again\n"
            "news o refunded 1          -> ok RefundDone PaymentRequested\n"
            "expect call o refund\n"
            "news o refunded 1          -> again\n"
            "news o refunded 2          -> ok RefundDone PaymentRequested\n"
            "news o refunded 3          -> ok RefundDone\n"
            "expect call o none\n"
            "expect refunds o done done done\n")

SCRIPT(what_was_refunded_does_not_count_for_its_buyer,
       "event per_buyer 3 limits 3\n"
       "a = hold ann 1 2 3         -> ok UnitsHeld\n"
       "o = order ann a e@x        -> ok OrderPlaced PaymentRequested\n"
       "news o captured 16500 pi_1 card red -> ok PaymentCreated OrderSold PaymentCaptured\n"
       "hold ann 4                 -> limit_reached\n"
       "b = hold bob 4             -> ok UnitsHeld\n"
       "order bob b e@x            -> limit_reached\n"
       "refund o 2                 -> ok RefundRequested PaymentRequested\n"
       "c = hold ann 5             -> ok UnitsHeld\n"
       "release ann c              -> ok HoldReleased\n"
       "p = order bob b e@x        -> ok OrderPlaced PaymentRequested\n"
       "news p captured 5500 pi_2 card red -> ok PaymentCreated OrderSold PaymentCaptured\n"
       "change limits 0            -> ok EventChanged          # everything is counted anew\n"
       "change limits 3            -> ok EventChanged\n"
       "c = hold ann 5             -> ok UnitsHeld\n"
       "order ann c e@x            -> limit_reached\n")

SCRIPT(what_was_refunded_does_not_count_for_its_code,
       "event\n"
       "allocation 1 add 1,2,3 codes fan limit 2 -> ok AllocationSet UnitsMoved CodesSet\n"
       "a = hold ann 1 2 9 code fan -> ok UnitsHeld\n"
       "o = order ann a e@x        -> ok OrderPlaced PaymentRequested\n"
       "news o captured 16500 pi_1 -> ok PaymentCreated OrderSold PaymentCaptured\n"
       "expect code fan 1 0\n"
       "refund o 9                 -> ok RefundRequested PaymentRequested # not with the code\n"
       "expect code fan 1 0\n"
       "refund o 2                 -> ok RefundRequested\n"
       "expect code fan 1 1\n"
       "expect unit 2 allocated\n"
       "expect unit 9 free\n"
       "hold bob 2                 -> seat_unavailable 2\n"
       "allocation 1 release 1     -> ok AllocationReleased\n"
       "refund o 1                 -> ok RefundRequested\n"
       "hold bob 1 2               -> ok UnitsHeld\n")

SCRIPT(what_was_refunded_does_not_count_for_a_code_that_opens_something_else_now,
       "event\n"
       "allocation 1 add 1,2 codes fan limit 2 -> ok AllocationSet UnitsMoved CodesSet\n"
       "allocation 2 add 3,4       -> ok AllocationSet UnitsMoved\n"
       "a = hold ann 1 2 code fan  -> ok UnitsHeld\n"
       "o = order ann a e@x        -> ok OrderPlaced PaymentRequested\n"
       "news o captured 11000 pi_1 -> ok PaymentCreated OrderSold PaymentCaptured\n"
       "allocation 2 codes fan limit 3 -> ok CodesSet\n"
       "expect code fan 2 1\n"
       "refund o 1                 -> ok RefundRequested PaymentRequested\n"
       "expect code fan 2 2\n")

SCRIPT(what_was_refunded_does_not_count_for_a_quota,
       "event\n"
       "change quota 0:2           -> ok QuotasSet\n"
       "a = hold ann 1 2           -> ok UnitsHeld\n"
       "o = order ann a e@x        -> ok OrderPlaced PaymentRequested\n"
       "news o captured 11000 pi_1 -> ok PaymentCreated OrderSold PaymentCaptured\n"
       "hold bob 3                 -> quota_reached\n"
       "refund o 1                 -> ok RefundRequested PaymentRequested\n"
       "expect quota 0 1\n"
       "hold bob 3                 -> ok UnitsHeld\n")

/* ---- refused, failed, settled ---- */

SCRIPT(a_refused_refund_is_asked_again_under_another_key,
       PAID "refund o 1                 -> ok RefundRequested PaymentRequested\n"
            "expect call o refund onsale-ord_000000e00000000000000004wa-refund-1 "
            "payment_intent=pi_1&amount=5500&metadata[order_id]=ord_000000e00000000000000004wa"
            "&metadata[refund]=1&metadata[attempt]=1&reason=requested_by_customer\n"
            "refund o 2                 -> ok RefundRequested\n"
            "news o refused no          -> ok CaseOpened\n"
            "expect case o refund_refused\n"
            "expect call o none\n"
            "expect open 1 0\n"
            "news o refunded 1          -> again            # nothing is owed\n"
            "resolve o release          -> case_action_not_possible\n"
            "resolve o refund 100       -> case_action_not_possible\n"
            "resolve o retry            -> ok CaseClosed PaymentRequested\n"
            "expect open 0 0\n"
            "expect call o refund onsale-ord_000000e00000000000000004wa-refund-2 "
            "payment_intent=pi_1&amount=5500&metadata[order_id]=ord_000000e00000000000000004wa"
            "&metadata[refund]=1&metadata[attempt]=2&reason=requested_by_customer\n"
            "news o refunded 1          -> ok RefundDone PaymentRequested\n"
            "expect call o refund onsale-ord_000000e00000000000000004wa-refund-3 "
            "payment_intent=pi_1&amount=5500&metadata[order_id]=ord_000000e00000000000000004wa"
            "&metadata[refund]=2&metadata[attempt]=3&reason=requested_by_customer\n")

SCRIPT(a_refused_refund_may_be_settled_elsewhere,
       PAID "refund o 1                 -> ok RefundRequested PaymentRequested\n"
            "refund o 2                 -> ok RefundRequested\n"
            "news o refused no          -> ok CaseOpened\n"
            "resolve o settle           -> ok CaseClosed RefundDone PaymentRequested\n"
            "expect refunds o settled due\n"
            "expect books provider 16500 organiser -10173 fees -467 tax -360 refunds -5500\n"
            "news o came_back 1         -> again            # the provider never did it\n"
            "news o refunded 2          -> ok RefundDone\n"
            "expect books provider 11000 organiser -10173 fees -467 tax -360\n")

SCRIPT(a_refund_that_came_back_is_asked_for_again,
       PAID "refund o 1                 -> ok RefundRequested PaymentRequested\n"
            "news o came_back 2         -> again\n"
            "news o refunded 1          -> ok RefundDone\n"
            "news o came_back 1         -> ok RefundFailed CaseOpened\n"
            "expect case o refund_failed\n"
            "expect refunds o failed:5500\n"
            "expect books provider 16500 organiser -9346 fees -934 tax -720 refunds -5500\n"
            "news o came_back 1         -> again\n"
            "refund o 2                 -> ok RefundRequested\n"
            "resolve o retry            -> ok CaseClosed PaymentRequested\n"
            "expect call o refund onsale-ord_000000e00000000000000004wa-refund-2\n"
            "news o refunded 1          -> ok RefundDone PaymentRequested\n"
            "news o came_back 1/1       -> again            # old news\n"
            "news o refunded 2          -> ok RefundDone\n"
            "expect books provider 5500 organiser -4673 fees -467 tax -360\n")

SCRIPT(a_refund_that_comes_back_a_second_time_is_heard_again,
       PAID "refund o 1                 -> ok RefundRequested PaymentRequested\n"
            "news o refunded 1/1        -> ok RefundDone\n"
            "news o came_back 1/1       -> ok RefundFailed CaseOpened\n"
            "resolve o retry            -> ok CaseClosed PaymentRequested\n"
            "news o refunded 1/2        -> ok RefundDone\n"
            "news o came_back 1/2       -> ok RefundFailed CaseOpened\n"
            "expect refunds o failed\n"
            "expect books provider 16500 organiser -9346 fees -934 tax -720 refunds -5500\n"
            "news o came_back 1/2       -> again\n"
            "resolve o retry            -> ok CaseClosed PaymentRequested\n"
            "expect call o refund onsale-ord_000000e00000000000000004wa-refund-3\n"
            "news o refunded 1/3        -> ok RefundDone\n")

SCRIPT(late_news_of_an_earlier_attempt_change_nothing,
       PAID "refund o 1                 -> ok RefundRequested PaymentRequested\n"
            "news o came_back 1/1       -> ok CaseOpened\n"
            "resolve o retry            -> ok CaseClosed PaymentRequested\n"
            "news o came_back 1/1       -> again            # this one waits for its own answer\n"
            "expect case o none\n"
            "news o refunded 1/2        -> ok RefundDone\n"
            "news o came_back 1/1       -> again            # it was not paid with this one\n"
            "news o refunded 1/1        -> again\n"
            "expect refunds o done\n"
            "expect case o none\n")

/* Whoever asks looks first, and may find that it was paid long ago. */
SCRIPT(a_refund_may_turn_out_to_be_paid_by_an_earlier_attempt,
       PAID "refund o 1                 -> ok RefundRequested PaymentRequested\n"
            "news o refused no          -> ok CaseOpened\n"
            "resolve o retry            -> ok CaseClosed PaymentRequested\n"
            "news o refunded 1/1        -> ok RefundDone\n"
            "news o came_back 1/2       -> again\n"
            "news o came_back 1/1       -> ok RefundFailed CaseOpened\n")

SCRIPT(each_refund_of_an_order_keeps_an_attempt_of_its_own,
       PAID "refund o 1                 -> ok RefundRequested PaymentRequested\n"
            "refund o 2                 -> ok RefundRequested\n"
            "news o refunded 1/1        -> ok RefundDone PaymentRequested\n"
            "news o came_back 2/1       -> again\n"
            "news o refunded 2/2        -> ok RefundDone\n"
            "news o came_back 1/2       -> again\n"
            "news o came_back 2/1       -> again\n"
            "news o came_back 2/2       -> ok RefundFailed CaseOpened\n"
            "news o came_back 1/1       -> ok RefundFailed\n"
            "expect refunds o failed failed\n")

/* Which one is owed is remembered, whatever comes back meanwhile. */
SCRIPT(a_refund_that_comes_back_while_another_is_owed_waits_for_a_person,
       PAID "refund o 1                 -> ok RefundRequested PaymentRequested\n"
            "news o refunded 1          -> ok RefundDone\n"
            "refund o 2                 -> ok RefundRequested PaymentRequested\n"
            "news o came_back 1         -> ok RefundFailed CaseOpened\n"
            "expect refunds o failed due\n"
            "expect call o refund onsale-ord_000000e00000000000000004wa-refund-2 "
            "payment_intent=pi_1&amount=5500&metadata[order_id]=ord_000000e00000000000000004wa"
            "&metadata[refund]=2&metadata[attempt]=2&reason=requested_by_customer\n"
            "news o refunded 1          -> again\n"
            "news o refunded 2          -> ok RefundDone\n"
            "expect call o none\n"
            "resolve o settle           -> ok CaseClosed RefundDone\n"
            "expect refunds o settled done\n")

SCRIPT(retrying_while_another_is_owed_waits_for_its_answer,
       PAID "refund o 1                 -> ok RefundRequested PaymentRequested\n"
            "news o refunded 1          -> ok RefundDone\n"
            "refund o 2                 -> ok RefundRequested PaymentRequested\n"
            "news o came_back 1         -> ok RefundFailed CaseOpened\n"
            "resolve o retry            -> ok CaseClosed\n"
            "news o refunded 2          -> ok RefundDone PaymentRequested\n"
            "news o refunded 1          -> ok RefundDone\n"
            "expect refunds o done done\n")

SCRIPT(a_refund_that_fails_before_it_was_done_is_as_good_as_refused,
       PAID "refund o 1                 -> ok RefundRequested PaymentRequested\n"
            "news o came_back 1         -> ok CaseOpened\n"
            "expect case o refund_refused\n"
            "expect refunds o due\n")

SCRIPT(a_case_holds_up_what_is_asked_for_later,
       PAID "news o differs why         -> ok CaseOpened\n"
            "refund o 1                 -> ok RefundRequested\n"
            "expect call o none\n"
            "resolve o settle           -> ok CaseClosed PaymentRequested\n"
            "news o refunded 1          -> ok RefundDone\n")

SCRIPT(free_tickets_are_given_back_at_once,
       "event price 0 fee 0\n"
       "a = hold ann 1 2           -> ok UnitsHeld\n"
       "o = order ann a e@x        -> ok OrderPlaced OrderSold PaymentCaptured\n"
       "refund o 1                 -> ok RefundRequested RefundDone\n"
       "expect unit 1 free\n"
       "expect refunds o done:0\n"
       "news o came_back 1         -> again\n"
       "refund o                   -> ok RefundRequested RefundDone\n")

/* ---- groups, plans, slots ---- */

SCRIPT(a_group_may_be_taken_apart_by_a_refund,
       "event group 1,2,3 companion 6:5\n"
       "a = hold ann 1 2 3 5 6     -> ok UnitsHeld\n"
       "o = order ann a e@x        -> ok OrderPlaced PaymentRequested\n"
       "news o captured 27500 pi_1 -> ok PaymentCreated OrderSold PaymentCaptured\n"
       "refund o 2                 -> ok RefundRequested PaymentRequested\n"
       "refund o 5                 -> ok RefundRequested\n"
       "hold bob 2                 -> group_incomplete 1 3\n"
       "refund o 1 3               -> ok RefundRequested\n"
       "hold bob 1 2 3             -> ok UnitsHeld\n")

/* All slots are used (two a seat and 1,024): only then does a refunded order go. */
static void slots_of_refunded_orders_are_used_again_last(void **state)
{
    (void)state;
    BUF_AUTO struct buf script = BUF_INIT;
    buf_append_text(&script, "event rows 1 seats 2\n"
                             "d = hold dan 1 -> ok UnitsHeld\n"
                             "q = order dan d d@x -> ok OrderPlaced PaymentRequested\n"
                             "news q captured 5500 pi_d -> ok PaymentCreated OrderSold "
                             "PaymentCaptured\n");
    for (unsigned i = 1; i < 1028; i++)
        buf_append_format(&script,
                          "a = hold w%u 0 -> ok UnitsHeld\n"
                          "o = order w%u a e@x key k%u -> ok OrderPlaced PaymentRequested\n"
                          "news o captured 5500 pi_%u -> ok PaymentCreated OrderSold "
                          "PaymentCaptured\n"
                          "%s"
                          "refund o -> ok RefundRequested PaymentRequested\n"
                          "%s"
                          "news o refunded 1 -> ok RefundDone\n"
                          "expect slot_number o %u\n",
                          i, i, i, i,
                          i == 1 ? "news o disputed dp_1 5500 -> ok DisputeOpened\n"
                                   "news o won dp_1 -> ok DisputeClosed\n"
                                 : "",
                          i == 2 ? "news o refused no -> ok CaseOpened\n"
                                   "resolve o settle -> ok CaseClosed RefundDone\n"
                                   "# "
                                 : "",
                          i);
    buf_append_text(&script,
                    "wait 90000\n"
                    "b = hold bob 0 -> ok UnitsHeld\n"
                    "p = order bob b f@x -> ok OrderPlaced PaymentRequested\n"
                    "expect slot_number p 1\n"
                    "expect ticket 0 void\n"
                    "news p refused no -> ok OrderEnded\n"
                    "b = hold bob 0 -> ok UnitsHeld\n"
                    "p = order bob b f@x -> ok OrderPlaced PaymentRequested\n"
                    "expect slot_number p 1          # it has ended: sooner than a refunded one\n"
                    "wait 90000\n"
                    "c = hold cyd 0 -> ok HoldExpired UnitsHeld\n"
                    "r = order cyd c f@x -> ok OrderPlaced PaymentRequested\n"
                    "expect slot_number r 2          # its settled refund stays in the books\n"
                    "expect books provider 11000 organiser -10500 fees -500\n");
    script_run_made("slots_of_refunded_orders_are_used_again_last", &script);
}

/* Nothing that is left of an order may lead to whoever has its slot now. */
static void nothing_leads_from_a_refunded_order_to_the_one_in_its_slot(void **state)
{
    (void)state;
    BUF_AUTO struct buf script = BUF_INIT;
    buf_append_text(&script, "event rows 1 seats 3\n");
    for (unsigned i = 0; i < 1030; i++) /* refunds of all but the last one are owed */
        buf_append_format(&script,
                          "a = hold w%u 0 -> ok UnitsHeld\n"
                          "o = order w%u a e@x -> ok OrderPlaced PaymentRequested\n"
                          "news o captured 5500 pi_%u -> ok PaymentCreated OrderSold "
                          "PaymentCaptured\n"
                          "refund o -> ok RefundRequested PaymentRequested\n",
                          i, i, i);
    buf_append_text(&script, "b = hold bob 2 -> ok UnitsHeld\n"
                             "order bob b f@x -> busy\n"
                             "order w1029 a e@x -> again\n"
                             "news o refunded 1 -> ok RefundDone\n"
                             "expect slot_number o 1029\n"
                             "p = order bob b f@x -> ok OrderPlaced PaymentRequested\n"
                             "expect slot p o\n"
                             "order w1029 a e@x -> hold_ended\n"
                             "news o captured 5500 pi_1029 -> order_not_found\n");
    script_run_made("nothing_leads_from_a_refunded_order_to_the_one_in_its_slot", &script);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_path_leaves_the_books_as_they_have_to_be),
        cmocka_unit_test(a_refund_frees_its_seat_and_voids_its_ticket),
        cmocka_unit_test(a_seat_may_be_blocked_instead),
        cmocka_unit_test(refusals_of_a_refund_in_their_order),
        cmocka_unit_test(one_refund_is_owed_at_a_time),
        cmocka_unit_test(what_was_refunded_does_not_count_for_its_buyer),
        cmocka_unit_test(what_was_refunded_does_not_count_for_its_code),
        cmocka_unit_test(what_was_refunded_does_not_count_for_a_code_that_opens_something_else_now),
        cmocka_unit_test(what_was_refunded_does_not_count_for_a_quota),
        cmocka_unit_test(a_refused_refund_is_asked_again_under_another_key),
        cmocka_unit_test(a_refused_refund_may_be_settled_elsewhere),
        cmocka_unit_test(a_refund_that_came_back_is_asked_for_again),
        cmocka_unit_test(a_refund_that_comes_back_a_second_time_is_heard_again),
        cmocka_unit_test(late_news_of_an_earlier_attempt_change_nothing),
        cmocka_unit_test(a_refund_may_turn_out_to_be_paid_by_an_earlier_attempt),
        cmocka_unit_test(each_refund_of_an_order_keeps_an_attempt_of_its_own),
        cmocka_unit_test(a_refund_that_comes_back_while_another_is_owed_waits_for_a_person),
        cmocka_unit_test(retrying_while_another_is_owed_waits_for_its_answer),
        cmocka_unit_test(a_refund_that_fails_before_it_was_done_is_as_good_as_refused),
        cmocka_unit_test(a_case_holds_up_what_is_asked_for_later),
        cmocka_unit_test(free_tickets_are_given_back_at_once),
        cmocka_unit_test(a_group_may_be_taken_apart_by_a_refund),
        cmocka_unit_test(slots_of_refunded_orders_are_used_again_last),
        cmocka_unit_test(nothing_leads_from_a_refunded_order_to_the_one_in_its_slot),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
