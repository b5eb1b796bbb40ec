/* What a buyer is told of an order in each of its states, and what an organiser can do about it. */
#include "api/order_json.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#define PLACED .state = BOOKING_ORDER_PLACED
#define SOLD .state = BOOKING_ORDER_SOLD
#define CAPTURED .state = BOOKING_ORDER_CAPTURED
#define ENDED(reason) .state = BOOKING_ORDER_ENDED, .end = (reason)
#define CASE(reason) .attention = true, .case_reason = (reason)
#define OF_TWO .unit_count = 2, .total_minor = 100
#define ONE_BACK .refund_of = {1}, .refunds = 1
#define BOTH_BACK .refund_of = {1, 1}, .refunds = 1

static const struct {
    struct booking_order order;
    const char *state, *reason;
} cases[] = {
    {{OF_TWO, PLACED}, "pending", "to_pay"},
    {{OF_TWO, PLACED, .decline_code = SLICE("card_declined")}, "pending", "declined"},
    {{OF_TWO, PLACED, .processing = true}, "processing", "bank_takes_time"},
    {{OF_TWO, PLACED, CASE(BOOKING_CASE_DIFFERS)}, "pending", "to_pay"},
    {{OF_TWO, SOLD}, "processing", "being_captured"},
    {{.unit_count = 2, SOLD}, "paid", "paid"},
    {{OF_TWO, SOLD, CASE(BOOKING_CASE_CAPTURE_REFUSED)}, "attention", "payment_in_review"},
    {{OF_TWO, SOLD, CASE(BOOKING_CASE_REFUND_UNASKED)}, "processing", "being_captured"},
    {{OF_TWO, CAPTURED}, "paid", "paid"},
    {{OF_TWO, CAPTURED, CASE(BOOKING_CASE_DIFFERS)}, "paid", "paid"},
    {{OF_TWO, CAPTURED, ONE_BACK}, "partially_refunded", "refunded"},
    {{OF_TWO, CAPTURED, BOTH_BACK}, "refunded", "refunded"},
    {{OF_TWO, CAPTURED, ONE_BACK, CASE(BOOKING_CASE_REFUND_FAILED)},
     "attention",
     "refund_in_review"},
    {{OF_TWO, CAPTURED, .dispute = BOOKING_DISPUTE_OPEN}, "attention", "disputed"},
    {{OF_TWO, CAPTURED, .dispute = BOOKING_DISPUTE_WON}, "paid", "dispute_won"},
    {{OF_TWO, CAPTURED, .dispute = BOOKING_DISPUTE_LOST}, "refunded", "dispute_lost"},
    {{OF_TWO, ENDED(BOOKING_END_CANCELLED)}, "cancelled", "by_buyer"},
    {{OF_TWO, ENDED(BOOKING_END_EXPIRED)}, "expired", "out_of_time"},
    {{OF_TWO, ENDED(BOOKING_END_FAILED)}, "failed", "payment_refused"},
    {{OF_TWO, ENDED(BOOKING_END_FAILED), .declines = LIMIT_PAYMENT_ATTEMPTS},
     "failed",
     "too_many_declines"},
    {{OF_TWO, ENDED(BOOKING_END_VOIDED)}, "failed", "amount_differs"},
    {{OF_TWO, ENDED(BOOKING_END_CARD_LIMIT)}, "failed", "card_limit"},
    {{OF_TWO, ENDED(BOOKING_END_RELEASED)}, "failed", "not_captured"},
    {{OF_TWO, ENDED(BOOKING_END_EXPIRED), .taken_minor = 100, .refunds = 1},
     "expired",
     "too_late_returned"},
    {{OF_TWO, ENDED(BOOKING_END_EXPIRED), .taken_minor = 100, .refunds = 1, .refunds_done = 1},
     "refunded",
     "late_refunded"},
    {{OF_TWO, ENDED(BOOKING_END_EXPIRED), .taken_minor = 100, .refunds = 1,
      CASE(BOOKING_CASE_REFUND_REFUSED)},
     "attention",
     "refund_in_review"},
    {{OF_TWO, ENDED(BOOKING_END_CANCELLED), CASE(BOOKING_CASE_CANCEL_REFUSED)},
     "attention",
     "payment_in_review"},
};

static void each_state_has_its_reason_and_words(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct order_told told = order_told(&cases[i].order);
        if (strcmp(told.state, cases[i].state) != 0 || strcmp(told.reason, cases[i].reason) != 0)
            fail_msg("case %zu: %s, %s", i, told.state, told.reason);
        assert_true(strlen(told.message) > 15);
    }
}

static void an_order_that_is_sold_is_given_up_a_day_after_its_case_was_opened(void **state)
{
    (void)state;
    const uint64_t day_us = 86400ull * 1000000;
    const struct booking_order sold = {OF_TWO, SOLD, CASE(BOOKING_CASE_CAPTURE_REFUSED),
                                       .case_opened_at_us = 5};
    const struct booking_order captured = {OF_TWO, CAPTURED, CASE(BOOKING_CASE_REFUND_FAILED),
                                           .case_opened_at_us = 5};
    const struct booking_order well = {OF_TWO, SOLD};
    assert_int_equal(order_released_us(&sold), 5 + day_us);
    assert_int_equal(order_released_us(&captured), 0); /* nobody's clock runs */
    assert_int_equal(order_released_us(&well), 0);
}

static void what_can_be_done_is_as_the_rules_say(void **state)
{
    (void)state;
    enum { RETRY = 1 << BOOKING_ACTION_RETRY, RELEASE = 1 << BOOKING_ACTION_RELEASE };
    enum { REFUND = 1 << BOOKING_ACTION_REFUND, SETTLE = 1 << BOOKING_ACTION_SETTLE };
    static const struct {
        struct booking_order order;
        uint32_t actions;
    } rows[] = {
        {{SOLD, .intent = SLICE("pi"), CASE(BOOKING_CASE_CAPTURE_REFUSED)}, RETRY | RELEASE},
        {{SOLD, .intent = SLICE("pi"), CASE(BOOKING_CASE_AMOUNT_DIFFERS)},
         RETRY | RELEASE | REFUND},
        {{CAPTURED, .intent = SLICE("pi"), CASE(BOOKING_CASE_REFUND_FAILED)}, RETRY | SETTLE},
        {{CAPTURED, .intent = SLICE("pi"), CASE(BOOKING_CASE_DIFFERS)}, SETTLE},
        {{.state = BOOKING_ORDER_ENDING, CASE(BOOKING_CASE_CANCEL_REFUSED)}, RETRY | SETTLE},
        {{ENDED(BOOKING_END_EXPIRED), .intent = SLICE("pi"), CASE(BOOKING_CASE_CAPTURED_AFTER_END)},
         REFUND | SETTLE},
        {{CAPTURED}, 0},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        if (case_actions(&rows[i].order) != rows[i].actions)
            fail_msg("row %zu: %x", i, case_actions(&rows[i].order));
    }
}

static void words_of_actions_lead_there_and_back(void **state)
{
    (void)state;
    for (int i = BOOKING_ACTION_RETRY; i <= BOOKING_ACTION_SETTLE; i++) {
        const char *name = case_action_name((enum booking_action)i);
        assert_int_equal(case_action_of(slice_from_string(name)), i);
    }
    assert_int_equal(case_action_of(SLICE("forget")), 0);
    assert_null(case_action_name((enum booking_action)0));
    for (int i = BOOKING_CASE_CAPTURE_REFUSED; i <= BOOKING_CASE_CANCEL_REFUSED; i++)
        assert_true(strlen(case_reason_name((enum booking_case)i)) > 5);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_state_has_its_reason_and_words),
        cmocka_unit_test(an_order_that_is_sold_is_given_up_a_day_after_its_case_was_opened),
        cmocka_unit_test(what_can_be_done_is_as_the_rules_say),
        cmocka_unit_test(words_of_actions_lead_there_and_back),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
