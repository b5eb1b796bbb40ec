/* Refunds and disputes; money of another currency; webhooks of orders that are gone. */
#include "support.h"

/* ---- refunds ---- */

static struct rig *rig_create_paid(void)
{
    struct rig *r = rig_create_known(false);
    assert_true(deliver(r, "evt_1", STRIPE_EVENT_AUTHORISED));
    assert_true(deliver(r, "evt_2", STRIPE_EVENT_CAPTURED));
    assert_int_equal(order_of(r).state, BOOKING_ORDER_CAPTURED);
    return r;
}

static void refund_all(struct rig *r)
{
    struct engine_result result;
    struct booking_command command = {.number = BOOKING_COMMAND_refund};
    command.refund = (struct command_refund){.order_random = 6, .by = SLICE("eve")};
    engine_submit(r->engine, 1, &command, &result);
    assert_int_equal(result.refusal, BOOKING_OK);
    engine_commit(r->engine);
}

/* `attempt`: of refund 1; 0: a refund that nobody here asked for. */
static struct stripe_event refund_event(const struct rig *r, const char *id, uint8_t attempt,
                                        enum stripe_refund_status status)
{
    struct stripe_event event = {.type = STRIPE_EVENT_REFUND_NEW};
    (void)snprintf(event.id, sizeof event.id, "%s", id);
    event.refund = (struct stripe_refund){.id = "re_1",
                                          .intent = "pi_1",
                                          .currency = "eur",
                                          .failure = "unknown",
                                          .number = attempt > 0,
                                          .attempt = attempt,
                                          .status = status,
                                          .amount_minor = 1100};
    if (attempt)
        (void)snprintf(event.refund.order_id, sizeof event.refund.order_id, "%s", r->order_id);
    return event;
}

static bool deliver_refund(struct rig *r, const char *id, uint8_t attempt,
                           enum stripe_refund_status status)
{
    struct stripe_event event = refund_event(r, id, attempt, status);
    uint64_t barrier;
    bool taken = cashier_webhook(r->cashier, &event, &barrier);
    engine_commit(r->engine);
    return taken;
}

static void outbox_refunded(struct rig *r, uint8_t attempt)
{
    const struct payments_news news = {.partition = 1,
                                       .order_random = 6,
                                       .kind = BOOKING_PAYMENT_REFUNDED,
                                       .intent = SLICE("pi_1"),
                                       .amount_minor = 1100,
                                       .refund = 1,
                                       .attempt = attempt};
    assert_true(cashier_news(r->cashier, &news));
    engine_commit(r->engine);
}

static void retry(struct rig *r)
{
    struct engine_result result;
    struct booking_command command = {.number = BOOKING_COMMAND_resolve_case};
    command.resolve_case = (struct command_resolve_case){
        .order_random = 6, .action = BOOKING_ACTION_RETRY, .by = SLICE("eve")};
    engine_submit(r->engine, 1, &command, &result);
    assert_int_equal(result.refusal, BOOKING_OK);
    engine_commit(r->engine);
}

/* How its only refund stands, and the reason of its case (0: none). */
static void expect_refund(const struct rig *r, enum booking_refund_state state,
                          enum booking_case reason)
{
    assert_int_equal(order_of(r).refund_states[0], state);
    assert_int_equal(order_of(r).attention ? order_of(r).case_reason : 0, reason);
}

static void a_refund_is_owed_until_the_outbox_tells_of_it_and_a_webhook_that_it_came_back(
    void **state)
{
    (void)state;
    struct rig *r = rig_create_paid();
    refund_all(r);
    assert_int_equal(r->last_kind, BOOKING_CALL_REFUND);
    assert_string_equal(r->last_intent, "pi_1");
    r->last_kind = 0;
    cashier_start(r->cashier); /* still owed after a crash */
    assert_int_equal(r->last_kind, BOOKING_CALL_REFUND);
    assert_true(deliver_refund(r, "evt_3", 1, STRIPE_REFUND_PENDING));
    expect_refund(r, BOOKING_REFUND_DUE, 0);
    outbox_refunded(r, 1);
    expect_refund(r, BOOKING_REFUND_DONE, 0);
    assert_true(deliver_refund(r, "evt_5", 1, STRIPE_REFUND_FAILED)); /* the bank sent it back */
    expect_refund(r, BOOKING_REFUND_FAILED, BOOKING_CASE_REFUND_FAILED);
    rig_destroy(r);
}

static void a_webhook_that_names_the_attempt_answers_the_refund_that_is_owed(void **state)
{
    (void)state;
    struct rig *r = rig_create_paid();
    refund_all(r);
    assert_true(deliver_refund(r, "evt_3", 1, STRIPE_REFUND_SUCCEEDED));
    expect_refund(r, BOOKING_REFUND_DONE, 0);
    rig_destroy(r);

    r = rig_create_paid();
    refund_all(r);
    assert_true(deliver_refund(r, "evt_3", 1, STRIPE_REFUND_FAILED));
    expect_refund(r, BOOKING_REFUND_DUE, BOOKING_CASE_REFUND_REFUSED);
    assert_int_equal(order_of(r).call, BOOKING_CALL_NONE);
    assert_true(deliver_refund(r, "evt_4", 1, STRIPE_REFUND_SUCCEEDED)); /* that it was made */
    expect_refund(r, BOOKING_REFUND_DUE, BOOKING_CASE_REFUND_REFUSED);
    rig_destroy(r);
}

/* A refund that was paid and came back, and is asked for again. */
static struct rig *rig_create_owed_again(void)
{
    struct rig *r = rig_create_paid();
    refund_all(r);
    outbox_refunded(r, 1);
    assert_true(deliver_refund(r, "evt_3", 1, STRIPE_REFUND_FAILED));
    retry(r);
    return r;
}

static void a_refund_that_comes_back_a_second_time_is_heard(void **state)
{
    (void)state;
    struct rig *r = rig_create_owed_again();
    outbox_refunded(r, 2);
    assert_true(deliver_refund(r, "evt_4", 2, STRIPE_REFUND_FAILED));
    expect_refund(r, BOOKING_REFUND_FAILED, BOOKING_CASE_REFUND_FAILED);
    rig_destroy(r);
}

static void late_webhooks_of_a_refund_that_came_back_do_not_answer_the_next_attempt(void **state)
{
    (void)state;
    struct rig *r = rig_create_owed_again();
    assert_true(deliver_refund(r, "evt_4", 1, STRIPE_REFUND_SUCCEEDED)); /* that it was made */
    assert_true(deliver_refund(r, "evt_5", 1, STRIPE_REFUND_FAILED));    /* and again, why not */
    assert_int_equal(order_of(r).call, BOOKING_CALL_REFUND);
    expect_refund(r, BOOKING_REFUND_FAILED, 0);
    outbox_refunded(r, 2);
    assert_true(deliver_refund(r, "evt_6", 1, STRIPE_REFUND_FAILED)); /* late */
    expect_refund(r, BOOKING_REFUND_DONE, 0);
    rig_destroy(r);
}

static void a_refund_that_nobody_asked_for_is_a_case(void **state)
{
    (void)state;
    struct rig *r = rig_create_paid();
    assert_true(deliver_refund(r, "evt_3", 0, STRIPE_REFUND_FAILED)); /* nothing was paid back */
    assert_false(order_of(r).attention);
    assert_true(deliver_refund(r, "evt_4", 0, STRIPE_REFUND_PENDING));
    assert_true(order_of(r).attention);
    assert_int_equal(order_of(r).case_reason, BOOKING_CASE_REFUND_UNASKED);
    rig_destroy(r);
}

/* Banks tell their references days later, and the provider tells of the refund once more. */
static void a_refund_by_hand_that_is_in_the_books_is_no_case_when_it_is_told_of_again(void **state)
{
    (void)state;
    struct rig *r = rig_create_paid();
    assert_true(deliver_refund(r, "evt_3", 0, STRIPE_REFUND_PENDING));
    struct booking_command settle = {.number = BOOKING_COMMAND_resolve_case};
    settle.resolve_case = (struct command_resolve_case){.order_random = 6,
                                                        .action = BOOKING_ACTION_SETTLE,
                                                        .amount_minor = 1100,
                                                        .by = SLICE("eve"),
                                                        .note = SLICE("seen")};
    struct engine_result result;
    engine_submit(r->engine, 1, &settle, &result);
    assert_int_equal(result.refusal, BOOKING_OK);
    engine_commit(r->engine);
    struct stripe_event event = refund_event(r, "evt_4", 0, STRIPE_REFUND_SUCCEEDED);
    event.type = STRIPE_EVENT_REFUND;
    uint64_t barrier;
    assert_true(cashier_webhook(r->cashier, &event, &barrier));
    engine_commit(r->engine);
    assert_false(order_of(r).attention);
    assert_true(deliver_refund(r, "evt_5", 0, STRIPE_REFUND_PENDING)); /* a new one */
    assert_true(order_of(r).attention);
    rig_destroy(r);
}

/* ---- disputes ---- */

static struct stripe_event dispute_event(const char *id, enum stripe_event_type type,
                                         enum stripe_dispute_status status)
{
    struct stripe_event event = {.type = type};
    (void)snprintf(event.id, sizeof event.id, "%s", id);
    event.dispute = (struct stripe_dispute){.id = "du_1",
                                            .intent = "pi_1",
                                            .currency = "eur",
                                            .reason = "fraudulent",
                                            .status = status,
                                            .amount_minor = 1100,
                                            .due_s = 1900000000};
    return event;
}

static void deliver_dispute(struct rig *r, const char *id, enum stripe_event_type type,
                            enum stripe_dispute_status status)
{
    const struct stripe_event event = dispute_event(id, type, status);
    take(r, &event);
}

static void a_dispute_of_a_payment_that_is_not_known_yet_is_delivered_again(void **state)
{
    (void)state;
    struct rig *r = rig_create_known(false);
    assert_true(deliver(r, "evt_1", STRIPE_EVENT_AUTHORISED));
    assert_int_equal(order_of(r).state, BOOKING_ORDER_SOLD);
    struct stripe_event event = dispute_event("evt_2", STRIPE_EVENT_DISPUTED, STRIPE_DISPUTE_OPEN);
    uint64_t barrier;
    assert_false(cashier_webhook(r->cashier, &event, &barrier));
    assert_true(deliver(r, "evt_3", STRIPE_EVENT_CAPTURED));
    assert_true(cashier_webhook(r->cashier, &event, &barrier));
    engine_commit(r->engine);
    assert_int_equal(order_of(r).dispute, BOOKING_DISPUTE_OPEN);
    rig_destroy(r);
}

/* A cancel is on its way; the bank took the money all the same, and wants it back already. */
static void a_dispute_of_a_payment_that_is_being_cancelled_is_delivered_again(void **state)
{
    (void)state;
    struct rig *r = rig_create_known(false);
    struct engine_result result;
    const struct booking_command cancel = {
        .number = BOOKING_COMMAND_cancel_order,
        .cancel_order = {.order_random = 6, .session.bytes = {7}}};
    engine_submit(r->engine, 1, &cancel, &result);
    engine_commit(r->engine);
    assert_int_equal(order_of(r).state, BOOKING_ORDER_ENDING);
    struct stripe_event event = dispute_event("evt_2", STRIPE_EVENT_DISPUTED, STRIPE_DISPUTE_LOST);
    uint64_t barrier;
    assert_false(cashier_webhook(r->cashier, &event, &barrier));
    assert_true(deliver(r, "evt_3", STRIPE_EVENT_CAPTURED)); /* too late: it goes back */
    assert_int_equal(order_of(r).taken_minor, 1100);
    assert_true(cashier_webhook(r->cashier, &event, &barrier));
    assert_int_equal(order_of(r).case_reason, BOOKING_CASE_DIFFERS);
    rig_destroy(r);
}

static void a_dispute_is_opened_and_decided_by_webhook(void **state)
{
    (void)state;
    struct rig *r = rig_create_paid();
    struct booking_dispute dispute;
    deliver_dispute(r, "evt_3", STRIPE_EVENT_DISPUTED, STRIPE_DISPUTE_INQUIRY);
    assert_int_equal(order_of(r).dispute, BOOKING_DISPUTE_NONE); /* a question only */
    deliver_dispute(r, "evt_4", STRIPE_EVENT_DISPUTED, STRIPE_DISPUTE_OPEN);
    assert_int_equal(order_of(r).dispute, BOOKING_DISPUTE_OPEN);
    assert_true(booking_dispute_get(engine_booking(r->engine, 1), 0, &dispute));
    assert_true(slice_equal(dispute.id, SLICE("du_1")));
    assert_true(slice_equal(dispute.reason, SLICE("fraudulent")));
    assert_int_equal(dispute.due_at_us, 1900000000ull * 1000000);
    deliver_dispute(r, "evt_5", STRIPE_EVENT_DISPUTE_CLOSED, STRIPE_DISPUTE_LOST);
    assert_int_equal(order_of(r).dispute, BOOKING_DISPUTE_LOST);
    rig_destroy(r);
}

static void a_dispute_whose_end_is_told_first_stays_ended(void **state)
{
    (void)state;
    struct rig *r = rig_create_paid();
    deliver_dispute(r, "evt_3", STRIPE_EVENT_DISPUTE_CLOSED, STRIPE_DISPUTE_WON);
    assert_int_equal(order_of(r).dispute, BOOKING_DISPUTE_WON);
    deliver_dispute(r, "evt_4", STRIPE_EVENT_DISPUTED, STRIPE_DISPUTE_OPEN);
    assert_int_equal(order_of(r).dispute, BOOKING_DISPUTE_WON);
    rig_destroy(r);
}

/* ---- money of another currency ---- */

static void expect_difference(struct rig *r, const char *detail)
{
    assert_true(order_of(r).attention);
    assert_int_equal(order_of(r).case_reason, BOOKING_CASE_DIFFERS);
    assert_string_equal(r->last_case, detail);
    rig_destroy(r);
}

static void a_payment_in_another_currency_sells_nothing(void **state)
{
    static const enum stripe_event_type types[] = {STRIPE_EVENT_AUTHORISED, STRIPE_EVENT_CAPTURED};
    (void)state;
    for (int i = 0; i < 2; i++) {
        struct rig *r = rig_create_known(false);
        struct stripe_event event = webhook(r, "evt_1", types[i]);
        (void)snprintf(event.intent.currency, sizeof event.intent.currency, "usd");
        take(r, &event);
        assert_int_equal(order_of(r).state, BOOKING_ORDER_PLACED);
        expect_difference(r, "pi_1: 1100 usd, not EUR");
    }
}

static void a_look_that_finds_another_currency_sells_nothing(void **state)
{
    (void)state;
    struct rig *r = rig_create_known(true);
    const struct payments_news news = {.partition = 1,
                                       .order_random = 6,
                                       .kind = BOOKING_PAYMENT_AUTHORISED,
                                       .intent = SLICE("pi_1"),
                                       .amount_minor = 1100,
                                       .currency = SLICE("usd")};
    assert_true(cashier_news(r->cashier, &news));
    engine_commit(r->engine);
    assert_int_equal(order_of(r).state, BOOKING_ORDER_PLACED);
    expect_difference(r, "pi_1: 1100 usd, not EUR");
}

static void a_refund_in_another_currency_counts_neither_as_done_nor_as_come_back(void **state)
{
    (void)state;
    struct rig *r = rig_create_paid();
    refund_all(r);
    const struct payments_news news = {.partition = 1,
                                       .order_random = 6,
                                       .kind = BOOKING_PAYMENT_REFUNDED,
                                       .intent = SLICE("pi_1"),
                                       .amount_minor = 1100,
                                       .currency = SLICE("usd"),
                                       .refund = 1};
    assert_true(cashier_news(r->cashier, &news));
    engine_commit(r->engine);
    assert_int_equal(order_of(r).refund_states[0], BOOKING_REFUND_DUE);
    expect_difference(r, "refund 1 of pi_1: 1100 usd, not EUR");

    r = rig_create_paid();
    refund_all(r);
    outbox_refunded(r, 1);
    struct stripe_event event = refund_event(r, "evt_3", 1, STRIPE_REFUND_FAILED);
    (void)snprintf(event.refund.currency, sizeof event.refund.currency, "usd");
    take(r, &event);
    assert_int_equal(order_of(r).refund_states[0], BOOKING_REFUND_DONE);
    expect_difference(r, "refund 1 of pi_1: 1100 usd, not EUR");
}

static void a_dispute_in_another_currency_is_a_case(void **state)
{
    static const enum stripe_dispute_status ends[] = {STRIPE_DISPUTE_OPEN, STRIPE_DISPUTE_WON,
                                                      STRIPE_DISPUTE_LOST};
    (void)state;
    for (int i = 0; i < 3; i++) {
        struct rig *r = rig_create_paid();
        struct stripe_event event = dispute_event("evt_3", STRIPE_EVENT_DISPUTED, ends[i]);
        (void)snprintf(event.dispute.currency, sizeof event.dispute.currency, "usd");
        take(r, &event);
        assert_int_equal(order_of(r).dispute, BOOKING_DISPUTE_NONE);
        expect_difference(r, "du_1: 1100 usd, not EUR");
    }
}

/* ---- webhooks of orders that are gone ---- */

/* As an event names the order that had the slot before this one. */
static struct stripe_event webhook_of_gone(const struct rig *r, const char *id,
                                           enum stripe_event_type type)
{
    struct stripe_event event = webhook(r, id, type);
    (void)id_format(ID_ORDER, (struct id){1, 0, 7}, event.intent.order_id);
    return event;
}

static void news_of_an_order_whose_slot_was_used_again_leave_a_line_once(void **state)
{
    (void)state;
    struct rig *r = rig_create_known(true);
    struct stripe_event event = webhook_of_gone(r, "evt_1", STRIPE_EVENT_CAPTURED);
    char words[ERR_DETAIL_MAX + 64];
    take(r, &event);
    (void)snprintf(
        words, sizeof words,
        "webhook_without_order: event evt_1 tells of pi_1 of %s, an order that is not here any "
        "more",
        event.intent.order_id);
    assert_string_equal(r->last_complaint, words);
    take(r, &event);
    assert_int_equal(r->complaints, 1);
    assert_int_equal(order_of(r).state, BOOKING_ORDER_PLACED);

    event = refund_event(r, "evt_2", 1, STRIPE_REFUND_FAILED);
    (void)id_format(ID_ORDER, (struct id){1, 0, 7}, event.refund.order_id);
    take(r, &event);
    assert_int_equal(r->complaints, 2);
    event.refund.status = STRIPE_REFUND_SUCCEEDED; /* asked for by us, and no news */
    (void)snprintf(event.id, sizeof event.id, "evt_3");
    take(r, &event);
    assert_int_equal(r->complaints, 2);
    rig_destroy(r);
}

static void a_dispute_of_a_payment_that_no_order_has_leaves_a_line_once(void **state)
{
    (void)state;
    struct rig *r = rig_create_paid();
    struct stripe_event event =
        dispute_event("evt_3", STRIPE_EVENT_DISPUTED, STRIPE_DISPUTE_INQUIRY);
    (void)snprintf(event.dispute.intent, sizeof event.dispute.intent, "pi_2");
    take(r, &event);
    assert_int_equal(r->complaints, 0); /* a question only */
    event.dispute.status = STRIPE_DISPUTE_OPEN;
    (void)snprintf(event.id, sizeof event.id, "evt_4");
    take(r, &event);
    take(r, &event);
    assert_int_equal(r->complaints, 1);
    assert_string_equal(
        r->last_complaint,
        "webhook_without_order: event evt_4 tells of du_1 of pi_2, a payment that no "
        "order here has");
    rig_destroy(r);
}

static void webhooks_of_other_houses_leave_no_line(void **state)
{
    static const struct id others[] = {{1, 1, 7}, {2, 0, 7}};
    (void)state;
    struct rig *r = rig_create_known(true);
    for (int i = 0; i < 2; i++) {
        struct stripe_event event = webhook(r, i ? "evt_1" : "evt_2", STRIPE_EVENT_CAPTURED);
        (void)id_format(ID_ORDER, others[i], event.intent.order_id);
        take(r, &event);
    }
    assert_int_equal(r->complaints, 0);
    rig_destroy(r);
}

static void many_of_them_leave_few_lines_and_their_number(void **state)
{
    (void)state;
    struct rig *r = rig_create_known(true);
    for (unsigned i = 0; i < 100; i++) {
        char id[16];
        (void)snprintf(id, sizeof id, "evt_%u", i);
        struct stripe_event event = webhook_of_gone(r, id, STRIPE_EVENT_DECLINED);
        take(r, &event);
    }
    assert_int_equal(r->complaints, 5);
    cashier_tick(r->cashier);
    assert_int_equal(r->complaints, 6);
    assert_string_equal(r->last_complaint, "webhook_without_order: 95 more events of such orders");
    cashier_tick(r->cashier);
    assert_int_equal(r->complaints, 6);
    struct stripe_event event = webhook_of_gone(r, "evt_100", STRIPE_EVENT_DECLINED);
    take(r, &event);
    assert_int_equal(r->complaints, 7);
    rig_destroy(r);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(
            a_refund_is_owed_until_the_outbox_tells_of_it_and_a_webhook_that_it_came_back),
        cmocka_unit_test(a_webhook_that_names_the_attempt_answers_the_refund_that_is_owed),
        cmocka_unit_test(a_refund_that_comes_back_a_second_time_is_heard),
        cmocka_unit_test(late_webhooks_of_a_refund_that_came_back_do_not_answer_the_next_attempt),
        cmocka_unit_test(a_refund_that_nobody_asked_for_is_a_case),
        cmocka_unit_test(a_refund_by_hand_that_is_in_the_books_is_no_case_when_it_is_told_of_again),
        cmocka_unit_test(a_dispute_of_a_payment_that_is_not_known_yet_is_delivered_again),
        cmocka_unit_test(a_dispute_of_a_payment_that_is_being_cancelled_is_delivered_again),
        cmocka_unit_test(a_dispute_is_opened_and_decided_by_webhook),
        cmocka_unit_test(a_dispute_whose_end_is_told_first_stays_ended),
        cmocka_unit_test(a_payment_in_another_currency_sells_nothing),
        cmocka_unit_test(a_look_that_finds_another_currency_sells_nothing),
        cmocka_unit_test(a_refund_in_another_currency_counts_neither_as_done_nor_as_come_back),
        cmocka_unit_test(a_dispute_in_another_currency_is_a_case),
        cmocka_unit_test(news_of_an_order_whose_slot_was_used_again_leave_a_line_once),
        cmocka_unit_test(a_dispute_of_a_payment_that_no_order_has_leaves_a_line_once),
        cmocka_unit_test(webhooks_of_other_houses_leave_no_line),
        cmocka_unit_test(many_of_them_leave_few_lines_and_their_number),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
