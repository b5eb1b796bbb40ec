#include "unit/booking/script.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

/* Payments that take their time: seats wait for them, and those that come too late find their seats
 * again or go back. */

#define ASKED(event)                                                  \
    "event hold 100 pay 200 " event "\n"                              \
    "a = hold ann 1 2           -> ok UnitsHeld\n"                    \
    "o = order ann a e@x        -> ok OrderPlaced PaymentRequested\n" \
    "news o created pi_1        -> ok PaymentCreated\n"
#define EXPIRED(event) ASKED(event) "wait 200\ntick -> ok HoldExpired PaymentRequested\n"
#define GOES_BACK                                                                      \
    "news o captured 11000      -> ok PaymentTaken RefundRequested PaymentRequested\n" \
    "expect order o ending expired\n"                                                  \
    "expect call o refund\n"                                                           \
    "expect books provider 11000 refunds -11000\n"                                     \
    "news o captured 11000      -> again\n"                                            \
    "news o cancelled           -> again\n"                                            \
    "news o refunded 1          -> ok RefundDone\n"                                    \
    "expect order o ended expired\n"                                                   \
    "expect taken o 11000\n"                                                           \
    "expect books\n"
#define IS_SEATED                                                  \
    "news o captured 11000      -> ok OrderSold PaymentCaptured\n" \
    "expect order o captured quiet\n"                              \
    "expect call o none\n"                                         \
    "expect ticket 1 valid\n"                                      \
    "expect books provider 11000 organiser -10000 fees -1000\n"

/* ---- processing ---- */

SCRIPT(seats_wait_for_a_payment_that_is_processing,
       ASKED("processing 1000") "wait 150\n"
                                "news o processing pi_1  -> ok PaymentProcessing\n"
                                "expect hold a live 1000\n"
                                "news o processing pi_1  -> again\n"
                                "cancel ann o            -> order_not_cancellable\n"
                                "wait 900\n"
                                "hold bob 1              -> seat_unavailable 1\n"
                                "news o captured 11000   -> ok OrderSold PaymentCaptured\n"
                                "expect order o captured\n")

SCRIPT(processing_never_shortens_the_wait,
       ASKED("processing 10") "news o processing pi_1    -> ok PaymentProcessing\n"
                              "expect hold a live 200\n")

SCRIPT(without_processing_time_seats_wait_no_longer,
       ASKED("") "news o processing pi_1                 -> again\n"
                 "expect hold a live 200\n")

SCRIPT(a_processing_payment_that_is_declined_gives_time_for_another,
       ASKED("processing 1000") "news o processing pi_1  -> ok PaymentProcessing\n"
                                "b = hold bob 3          -> ok UnitsHeld\n"
                                "wait 50\n"
                                "news o declined no pi_1 -> ok PaymentDeclined\n"
                                "expect hold a live 200                # sooner than it was\n"
                                "cancel ann o            -> ok OrderEnded PaymentRequested\n"
                                "tick                    -> ok\n"
                                "wait 50\n"
                                "tick                    -> ok HoldExpired   # bob's\n")

SCRIPT(all_attempts_of_an_order_take_their_time_together,
       ASKED("processing 1000") "news o processing pi_1  -> ok PaymentProcessing\n"
                                "wait 500\n"
                                "news o declined no pi_1 -> ok PaymentDeclined\n"
                                "expect hold a live 200\n"
                                "news o processing pi_1  -> ok PaymentProcessing\n"
                                "expect hold a live 500              # of its first 1000\n"
                                "wait 450\n"
                                "news o declined no pi_1 -> ok PaymentDeclined\n"
                                "expect hold a live 200\n"
                                "news o processing pi_1  -> ok PaymentProcessing\n"
                                "expect hold a live 200              # no shorter\n"
                                "wait 200\n"
                                "cancel ann o            -> ok HoldExpired PaymentRequested\n"
                                "expect order o ending expired\n")

SCRIPT(an_outage_is_no_time_to_process,
       ASKED("processing 1000") "news o processing pi_1  -> ok PaymentProcessing\n"
                                "credit 300              -> ok OutageCredited\n"
                                "expect hold a live 1300\n"
                                "news o declined no pi_1 -> ok PaymentDeclined\n"
                                "news o processing pi_1  -> ok PaymentProcessing\n"
                                "expect hold a live 1300\n")

SCRIPT(a_payment_may_process_although_its_time_ran_out_a_moment_ago,
       ASKED("processing 1000") "wait 200\n"
                                "news o processing pi_1  -> ok PaymentProcessing\n"
                                "tick                    -> ok\n"
                                "hold bob 1              -> seat_unavailable 1\n")

/* ---- too late ---- */

SCRIPT(a_late_payment_finds_its_seats_again,
       EXPIRED("") "expect unit 1 free\n" IS_SEATED "expect unit 1 sold\n"
                   "news o captured 11000 -> again\n"
                   "refund o              -> ok "
                   "RefundRequested PaymentRequested\n")

SCRIPT(a_late_payment_that_was_not_known_finds_its_seats_again,
       "event hold 100 pay 200\n"
       "a = hold ann 1 2           -> ok UnitsHeld\n"
       "o = order ann a e@x        -> ok OrderPlaced PaymentRequested\n"
       "wait 200\n"
       "tick                       -> ok HoldExpired\n"
       "news o captured 11000 pi_1 -> ok PaymentCreated OrderSold PaymentCaptured\n"
       "expect call o none\n")

SCRIPT(a_late_payment_goes_back_when_its_seats_are_anothers,
       EXPIRED("") "b = hold bob 2              -> ok UnitsHeld\n" GOES_BACK)

SCRIPT(a_late_payment_takes_seats_whose_hold_ran_out,
       EXPIRED("") "b = hold bob 2 3            -> ok UnitsHeld\n"
                   "p = order bob b f@x         -> ok OrderPlaced PaymentRequested\n"
                   "news p created pi_2         -> ok PaymentCreated\n"
                   "wait 200\n"
                   "news o captured 11000       -> ok HoldExpired PaymentRequested OrderSold "
                   "PaymentCaptured\n"
                   "expect order p ending expired\n"
                   "expect unit 3 free\n")

SCRIPT(a_late_payment_goes_back_when_its_seats_are_blocked,
       EXPIRED("") "block 1                     -> ok UnitsBlocked\n" GOES_BACK)

SCRIPT(a_late_payment_goes_back_while_the_sale_is_paused,
       EXPIRED("") "change sale 2               -> ok EventChanged\n" GOES_BACK)

SCRIPT(a_late_payment_goes_back_when_the_organiser_closed_the_sale,
       EXPIRED("") "change sale 3               -> ok EventChanged\n" GOES_BACK)

SCRIPT(a_late_payment_finds_its_seats_after_the_time_to_close, EXPIRED("closes 150") IS_SEATED)

SCRIPT(a_late_payment_of_another_amount_goes_back,
       EXPIRED("") "news o captured 10999       -> ok PaymentTaken RefundRequested "
                   "PaymentRequested\n"
                   "expect books provider 10999 refunds -10999\n"
                   "expect refunds o due:10999\n")

SCRIPT(what_the_buyer_cancelled_is_not_seated_again,
       ASKED("") "cancel ann o                  -> ok OrderEnded PaymentRequested\n"
                 "news o captured 11000         -> ok PaymentTaken RefundRequested "
                 "PaymentRequested\n"
                 "expect unit 1 free\n")

SCRIPT(what_was_given_back_may_come_back_weeks_later,
       ASKED("") "cancel ann o                  -> ok OrderEnded PaymentRequested\n"
                 "news o captured 11000         -> ok PaymentTaken RefundRequested "
                 "PaymentRequested\n"
                 "news o refunded 1             -> ok RefundDone\n"
                 "wait 2000000\n"
                 "b = hold bob 1                -> ok UnitsHeld\n"
                 "order bob b f@x               -> ok OrderPlaced PaymentRequested\n"
                 "news o came_back 1            -> ok RefundFailed CaseOpened\n"
                 "expect case o refund_failed\n"
                 "expect books provider 11000 refunds -11000\n")

SCRIPT(a_late_payment_goes_back_when_its_address_has_enough,
       EXPIRED(
           "per_buyer 3") "b = hold bob 5 6         -> ok UnitsHeld\n"
                          "order bob b e@x          -> ok OrderPlaced PaymentRequested\n" GOES_BACK)

SCRIPT(what_waits_to_be_paid_counts_for_the_address_of_a_late_payment,
       EXPIRED("per_buyer 3") "b = hold bob 5 6         -> ok UnitsHeld\n"
                              "order bob b e@x          -> ok OrderPlaced PaymentRequested\n"
                              "wait 200\n" GOES_BACK)

SCRIPT(what_a_tick_has_ended_does_not_count_for_the_address_of_a_late_payment,
       EXPIRED("per_buyer 3") "b = hold bob 5 6         -> ok UnitsHeld\n"
                              "order bob b e@x          -> ok OrderPlaced PaymentRequested\n"
                              "wait 200\n"
                              "tick                     -> ok HoldExpired\n" IS_SEATED)

SCRIPT(a_late_payment_goes_back_when_its_card_has_enough,
       EXPIRED("per_buyer 3") "b = hold bob 5 6                                 -> ok UnitsHeld\n"
                              "p = order bob b f@x                              -> ok OrderPlaced "
                              "PaymentRequested\n"
                              "news p captured 11000 pi_2 card red              -> ok "
                              "PaymentCreated OrderSold "
                              "PaymentCaptured\n"
                              "news o captured 11000 pi_1 card red              -> ok PaymentTaken "
                              "RefundRequested "
                              "PaymentRequested\n")

SCRIPT(a_late_payment_goes_back_when_its_session_has_enough,
       EXPIRED(
           "per_buyer 3") "b = hold ann 5 6         -> ok UnitsHeld\n"
                          "order ann b f@x          -> ok OrderPlaced PaymentRequested\n" GOES_BACK)

SCRIPT(a_late_payment_goes_back_when_its_buyer_has_enough_of_the_category,
       EXPIRED("") "change limits 3             -> ok EventChanged\n"
                   "b = hold bob 5 6            -> ok UnitsHeld\n"
                   "order bob b e@x             -> ok OrderPlaced PaymentRequested\n" GOES_BACK)

SCRIPT(a_late_payment_goes_back_when_a_quota_is_reached,
       EXPIRED("") "change quota 0:3            -> ok QuotasSet\n"
                   "b = hold bob 5 6            -> ok UnitsHeld\n" GOES_BACK)

SCRIPT(what_ran_out_does_not_count_for_the_quota_of_a_late_payment,
       EXPIRED("") "change quota 0:3            -> ok QuotasSet\n"
                   "b = hold bob 5 6            -> ok UnitsHeld\n"
                   "wait 100\n" IS_SEATED)

SCRIPT(a_late_payment_counts_for_its_buyer_as_before,
       EXPIRED("per_buyer 3") "news o captured 11000 pi_1 card red -> ok OrderSold "
                              "PaymentCaptured\n"
                              "hold ann 3 4             -> limit_reached\n"
                              "b = hold bob 3 4         -> ok UnitsHeld\n"
                              "order bob b e@x          -> limit_reached\n"
                              "p = order bob b f@x      -> ok OrderPlaced PaymentRequested\n"
                              "news p authorised 11000 pi_2 card red -> ok PaymentCreated "
                              "PaymentAuthorised OrderEnded PaymentRequested\n")

#define WITH_CODE                                                                      \
    "event hold 100 pay 200\n"                                                         \
    "allocation 1 add 1,2 codes fan limit 2 -> ok AllocationSet UnitsMoved CodesSet\n" \
    "a = hold ann 1 2 code fan  -> ok UnitsHeld\n"                                     \
    "o = order ann a e@x        -> ok OrderPlaced PaymentRequested\n"                  \
    "news o created pi_1        -> ok PaymentCreated\n"                                \
    "wait 200\n"                                                                       \
    "tick                       -> ok HoldExpired PaymentRequested\n"                  \
    "expect code fan 1 2\n"

SCRIPT(a_late_payment_finds_the_seats_that_its_code_opened,
       WITH_CODE IS_SEATED "expect code fan 1 0\n"
                           "refund o 1 -> ok RefundRequested PaymentRequested\n"
                           "expect code fan 1 1\n")

SCRIPT(a_late_payment_goes_back_when_its_code_was_revoked,
       WITH_CODE "allocation 1 revoke fan     -> ok CodesSet\n" GOES_BACK)

SCRIPT(a_late_payment_goes_back_when_its_code_has_opened_enough,
       "event hold 100 pay 200\n"
       "allocation 1 add 1,2,3 codes fan limit 2 -> ok AllocationSet UnitsMoved CodesSet\n"
       "a = hold ann 1 2 code fan  -> ok UnitsHeld\n"
       "o = order ann a e@x        -> ok OrderPlaced PaymentRequested\n"
       "news o created pi_1        -> ok PaymentCreated\n"
       "wait 200\n"
       "tick                       -> ok HoldExpired PaymentRequested\n"
       "b = hold bob 3 code fan    -> ok UnitsHeld\n" GOES_BACK)

SCRIPT(a_late_payment_finds_its_seats_when_everybody_may_have_them,
       WITH_CODE "allocation 1 release 1 revoke fan -> ok CodesSet AllocationReleased\n" IS_SEATED)

SCRIPT(a_promo_code_is_used_again_with_the_seats,
       "event hold 100 pay 200\n"
       "promos codes x kind amount value 1000 uses 1 -> ok PromosSet\n"
       "a = hold ann 1 2           -> ok UnitsHeld\n"
       "o = order ann a e@x promo x -> ok HoldQuoted OrderPlaced PaymentRequested\n"
       "wait 200\n"
       "tick                       -> ok HoldExpired\n"
       "expect promo x 0 0\n"
       "news o authorised 9000 pi_1 -> ok PaymentCreated PaymentRequested\n"
       "news o captured 9000       -> ok OrderSold PaymentCaptured\n"
       "expect promo x 1 2000\n"
       "expect books provider 9000 organiser -8000 fees -1000\n"
       "refund o 1                 -> ok RefundRequested PaymentRequested\n"
       "expect refunds o due:4500\n"
       "expect promo x 1 2000                           # a refund gives nothing back\n")

SCRIPT(a_late_payment_goes_back_when_its_promo_code_is_used_up,
       "event hold 100 pay 200\n"
       "promos codes x kind amount value 1000 uses 1 -> ok PromosSet\n"
       "a = hold ann 1 2           -> ok UnitsHeld\n"
       "o = order ann a e@x promo x -> ok HoldQuoted OrderPlaced PaymentRequested\n"
       "news o processing pi_1     -> ok PaymentCreated\n"
       "wait 200\n"
       "tick                       -> ok HoldExpired PaymentRequested\n"
       "b = hold ann 3             -> ok UnitsHeld\n"
       "quote ann b x              -> ok HoldQuoted\n"
       "news o captured 9000       -> ok PaymentTaken RefundRequested PaymentRequested\n"
       "expect promo x 1 1000\n")

SCRIPT(a_late_payment_keeps_a_promo_code_that_was_revoked,
       "event hold 100 pay 200\n"
       "promos codes x kind amount value 1000 uses 1 -> ok PromosSet\n"
       "a = hold ann 1 2           -> ok UnitsHeld\n"
       "o = order ann a e@x promo x -> ok HoldQuoted OrderPlaced PaymentRequested\n"
       "news o created pi_1        -> ok PaymentCreated\n"
       "wait 200\n"
       "tick                       -> ok HoldExpired PaymentRequested\n"
       "promos revoke x            -> ok PromosRevoked\n"
       "news o captured 9000       -> ok OrderSold PaymentCaptured\n")

SCRIPT(a_promo_code_is_free_again_when_the_sale_is_given_up,
       "event\n"
       "promos codes x kind amount value 1000 uses 1 -> ok PromosSet\n"
       "a = hold ann 1 2           -> ok UnitsHeld\n"
       "o = order ann a e@x promo x -> ok HoldQuoted OrderPlaced PaymentRequested\n"
       "news o authorised 9000 pi_1 -> ok PaymentCreated PaymentAuthorised OrderSold "
       "PaymentRequested\n"
       "news o refused no          -> ok CaseOpened\n"
       "expect promo x 1 2000\n"
       "resolve o release          -> ok CaseClosed OrderVoided PaymentRequested\n"
       "expect promo x 0 0\n")

SCRIPT(a_wait_that_is_cut_short_comes_before_longer_ones,
       "event hold 100 pay 200 processing 1000\n"
       "b = hold bob 3             -> ok UnitsHeld\n"
       "p = order bob b f@x        -> ok OrderPlaced PaymentRequested\n"
       "news p processing pi_2     -> ok PaymentCreated PaymentProcessing\n"
       "wait 10\n"
       "a = hold ann 1 2           -> ok UnitsHeld\n"
       "o = order ann a e@x        -> ok OrderPlaced PaymentRequested\n"
       "news o processing pi_1     -> ok PaymentCreated PaymentProcessing\n"
       "news o declined no pi_1    -> ok PaymentDeclined\n"
       "wait 200\n"
       "tick                       -> ok HoldExpired PaymentRequested\n"
       "expect order o ending expired\n"
       "expect order p placed\n")

/* ---- charged at once ---- */

SCRIPT(charged_then_sold,
       ASKED("methods 2") "expect call o none\n"
                          "news o captured 11000      -> ok OrderSold PaymentCaptured\n"
                          "expect ticket 1 valid\n"
                          "expect books provider 11000 organiser -10000 fees -1000\n")

SCRIPT(charged_with_a_card_that_has_enough_goes_back,
       ASKED("per_buyer 3") "news o captured 11000 pi_1 card red              -> ok OrderSold "
                            "PaymentCaptured\n"
                            "b = hold bob 5 6                                 -> ok UnitsHeld\n"
                            "p = order bob b f@x                              -> ok OrderPlaced "
                            "PaymentRequested\n"
                            "news p captured 11000 pi_2 card red              -> ok PaymentCreated "
                            "OrderEnded "
                            "PaymentTaken RefundRequested PaymentRequested\n"
                            "expect order p ending card_limit\n"
                            "expect unit 5 free\n"
                            "expect unit 1 sold\n")

#define METHODS(set, body)                                                   \
    "event methods " set "\n"                                                \
    "a = hold ann 1 2           -> ok UnitsHeld\n"                           \
    "o = order ann a e@x        -> ok OrderPlaced PaymentRequested\n"        \
    "expect call o create onsale-ord_000000e00000000000000004wa-create-1 "   \
    "amount=11000&currency=eur&capture_method=" body                         \
    "&metadata[order_id]=ord_000000e00000000000000004wa&metadata[event_id]=" \
    "evt_000000e000000000000000002d\n"

SCRIPT(cards_alone_are_captured_later, METHODS("1", "manual&payment_method_types[]=card"))

SCRIPT(the_create_call_names_the_ways_to_pay,
       METHODS("3", "automatic&payment_method_types[]=card&payment_method_types[]=ideal"
                    "&payment_method_options[card][capture_method]=manual"))

SCRIPT(without_cards_there_is_nothing_to_capture_later,
       METHODS("14", "automatic&payment_method_types[]=ideal&payment_method_types[]=bancontact"
                     "&payment_method_types[]=sepa_debit"))

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(seats_wait_for_a_payment_that_is_processing),
        cmocka_unit_test(processing_never_shortens_the_wait),
        cmocka_unit_test(without_processing_time_seats_wait_no_longer),
        cmocka_unit_test(a_processing_payment_that_is_declined_gives_time_for_another),
        cmocka_unit_test(all_attempts_of_an_order_take_their_time_together),
        cmocka_unit_test(an_outage_is_no_time_to_process),
        cmocka_unit_test(a_payment_may_process_although_its_time_ran_out_a_moment_ago),
        cmocka_unit_test(a_late_payment_finds_its_seats_again),
        cmocka_unit_test(a_late_payment_that_was_not_known_finds_its_seats_again),
        cmocka_unit_test(a_late_payment_goes_back_when_its_seats_are_anothers),
        cmocka_unit_test(a_late_payment_takes_seats_whose_hold_ran_out),
        cmocka_unit_test(a_late_payment_goes_back_when_its_seats_are_blocked),
        cmocka_unit_test(a_late_payment_goes_back_while_the_sale_is_paused),
        cmocka_unit_test(a_late_payment_goes_back_when_the_organiser_closed_the_sale),
        cmocka_unit_test(a_late_payment_finds_its_seats_after_the_time_to_close),
        cmocka_unit_test(a_late_payment_of_another_amount_goes_back),
        cmocka_unit_test(what_the_buyer_cancelled_is_not_seated_again),
        cmocka_unit_test(what_was_given_back_may_come_back_weeks_later),
        cmocka_unit_test(a_late_payment_goes_back_when_its_address_has_enough),
        cmocka_unit_test(what_waits_to_be_paid_counts_for_the_address_of_a_late_payment),
        cmocka_unit_test(what_a_tick_has_ended_does_not_count_for_the_address_of_a_late_payment),
        cmocka_unit_test(a_late_payment_goes_back_when_its_card_has_enough),
        cmocka_unit_test(a_late_payment_goes_back_when_its_session_has_enough),
        cmocka_unit_test(a_late_payment_goes_back_when_its_buyer_has_enough_of_the_category),
        cmocka_unit_test(a_late_payment_goes_back_when_a_quota_is_reached),
        cmocka_unit_test(what_ran_out_does_not_count_for_the_quota_of_a_late_payment),
        cmocka_unit_test(a_late_payment_counts_for_its_buyer_as_before),
        cmocka_unit_test(a_late_payment_finds_the_seats_that_its_code_opened),
        cmocka_unit_test(a_late_payment_goes_back_when_its_code_was_revoked),
        cmocka_unit_test(a_late_payment_goes_back_when_its_code_has_opened_enough),
        cmocka_unit_test(a_late_payment_finds_its_seats_when_everybody_may_have_them),
        cmocka_unit_test(a_promo_code_is_used_again_with_the_seats),
        cmocka_unit_test(a_late_payment_goes_back_when_its_promo_code_is_used_up),
        cmocka_unit_test(a_late_payment_keeps_a_promo_code_that_was_revoked),
        cmocka_unit_test(a_promo_code_is_free_again_when_the_sale_is_given_up),
        cmocka_unit_test(a_wait_that_is_cut_short_comes_before_longer_ones),
        cmocka_unit_test(charged_then_sold),
        cmocka_unit_test(charged_with_a_card_that_has_enough_goes_back),
        cmocka_unit_test(cards_alone_are_captured_later),
        cmocka_unit_test(the_create_call_names_the_ways_to_pay),
        cmocka_unit_test(without_cards_there_is_nothing_to_capture_later),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
