/* What the outbox makes of creates, captures, cancels and looks. */
#include "payments_world.h"

static void without_faults_each_call_is_sent_and_told_once(void **state)
{
    struct world *w = world_create(1, 0, 0);
    (void)state;
    for (uint32_t i = 0; i < ORDERS; i++)
        world_owe(w, i, BOOKING_CALL_CREATE);
    world_run(w, LONG_US);
    for (int i = 0; i < ORDERS; i++) {
        assert_int_equal(w->news[i][BOOKING_PAYMENT_CREATED], 1);
        assert_int_equal(world_news_count(w, i), 1);
        assert_int_equal(w->created[i], 1);
    }
    assert_int_equal(w->sent_count, ORDERS);
    assert_true(w->in_flight_most <= 8);
    world_destroy(w);
}

/* Half are captured, half cancelled, while every third step goes wrong. */
static void check_seed(uint64_t seed)
{
    struct world *w = world_create(seed, 30, seed % 2 ? 80 : 0);
    w->news_refused_sometimes = true;
    for (uint32_t i = 0; i < ORDERS; i++)
        world_owe(w, i, BOOKING_CALL_CREATE);
    world_run(w, LONG_US);
    for (uint32_t i = 0; i < ORDERS; i++) {
        assert_int_equal(w->news[i][BOOKING_PAYMENT_CREATED], 1);
        assert_int_equal(world_news_count(w, (int)i), 1);
        w->held[i] = i % 4 == 3 ? HELD_OPEN : HELD_AUTHORISED;
        world_owe(w, i, i % 2 ? BOOKING_CALL_CANCEL : BOOKING_CALL_CAPTURE);
    }
    world_run(w, 2 * LONG_US);
    assert_int_equal(payments_counters(w->payments).owed, 0);
    for (int i = 0; i < ORDERS; i++) {
        int wanted = i % 2 ? BOOKING_PAYMENT_CANCELLED : BOOKING_PAYMENT_CAPTURED;
        if (w->news[i][wanted] != 1 || world_news_count(w, i) != 2)
            fail_msg("seed %llu, order %d: not told once what happened", (unsigned long long)seed,
                     i);
        assert_int_equal(w->held[i], i % 2 ? HELD_CANCELED : HELD_CAPTURED);
        assert_int_equal(w->captures[i], i % 2 ? 0 : 1);
    }
    world_destroy(w);
}

static void under_random_faults_each_call_is_answered_once_and_nothing_is_declined(void **state)
{
    (void)state;
    for (uint64_t seed = 1; seed <= 60; seed++)
        check_seed(seed);
}

static void a_call_that_is_owed_twice_is_queued_once(void **state)
{
    struct world *w = world_create(3, 0, 0);
    (void)state;
    world_owe(w, 1, BOOKING_CALL_CREATE);
    world_owe(w, 1, BOOKING_CALL_CREATE);
    payments_tick(w->payments);
    world_owe(w, 1, BOOKING_CALL_CREATE); /* in flight */
    assert_int_equal(payments_counters(w->payments).owed, 1);
    world_run(w, LONG_US);
    assert_int_equal(w->sent_count, 1);
    assert_int_equal(w->news[1][BOOKING_PAYMENT_CREATED], 1);
    world_destroy(w);
}

static void a_silent_provider_is_asked_again_for_ever_but_ever_more_rarely(void **state)
{
    struct world *w = world_create(4, 0, 0);
    (void)state;
    w->silent = true;
    world_owe(w, 1, BOOKING_CALL_CREATE);
    world_run(w, 1000000 + 3600ull * 1000000);
    assert_int_equal(world_news_count(w, 1), 0);
    /* Full jitter below a cap of a minute: about two a minute after the first doublings. */
    assert_true(w->sent_count > 60 && w->sent_count < 400);
    w->silent = false;
    world_run(w, LONG_US);
    assert_int_equal(w->news[1][BOOKING_PAYMENT_CREATED], 1);
    assert_int_equal(w->created[1], 1);
    world_destroy(w);
}

static void calls_keep_to_their_rate(void **state)
{
    struct world *w = world_create(5, 0, 20);
    (void)state;
    for (uint32_t i = 0; i < ORDERS; i++)
        world_owe(w, i, BOOKING_CALL_CREATE);
    world_run(w, LONG_US);
    for (size_t i = 0; i + 22 < w->sent_count; i++)
        assert_true(w->sent[i + 22] - w->sent[i] >= 900000);
    world_destroy(w);
}

static void a_capture_that_was_done_long_ago_is_found_out(void **state)
{
    struct world *w = world_create(6, 0, 0);
    (void)state;
    world_owe(w, 1, BOOKING_CALL_CREATE);
    world_run(w, LONG_US);
    w->held[1] = HELD_CAPTURED; /* under a key that the provider has forgotten */
    world_owe(w, 1, BOOKING_CALL_CAPTURE);
    world_run(w, 2 * LONG_US);
    assert_int_equal(w->news[1][BOOKING_PAYMENT_CAPTURED], 1);
    assert_int_equal(w->news[1][BOOKING_PAYMENT_REFUSED], 0);
    world_destroy(w);
}

static void a_capture_of_a_cancelled_intent_is_refused_with_a_reason(void **state)
{
    struct world *w = world_create(7, 0, 0);
    (void)state;
    world_owe(w, 1, BOOKING_CALL_CREATE);
    world_run(w, LONG_US);
    w->held[1] = HELD_CANCELED;
    world_owe(w, 1, BOOKING_CALL_CAPTURE);
    world_run(w, 2 * LONG_US);
    assert_int_equal(w->news[1][BOOKING_PAYMENT_REFUSED], 1);
    assert_string_equal(w->last_code, "no_longer_capturable");
    world_destroy(w);
}

static const char cancel_refused[] =
    "{\"error\":{\"type\":\"invalid_request_error\",\"code\":\"payment_intent_unexpected_state\"}}";
static const char reserved_now[] = "{\"id\":\"pi_1_1\",\"object\":\"payment_intent\","
                                   "\"amount\":1000,\"status\":\"requires_capture\"}";

/* The attempt was under way when the cancel came, and had succeeded when the intent was looked at.
 */
/* Cancelled by others while the capture was not answered: a person gave the sale up. */
static void a_cancel_that_is_owed_ends_the_capture_before_it(void **state)
{
    struct world *w = world_create(8, 0, 0);
    (void)state;
    world_owe(w, 1, BOOKING_CALL_CREATE);
    world_run(w, LONG_US);
    w->held[1] = HELD_CANCELED;
    w->silent = true;
    world_owe(w, 1, BOOKING_CALL_CAPTURE);
    world_wait(w, 40000000);
    w->silent = false;
    world_owe(w, 1, BOOKING_CALL_CANCEL);
    world_run(w, LONG_US);
    world_wait(w, 600000000);
    assert_int_equal(w->news[1][BOOKING_PAYMENT_CANCELLED], 1);
    assert_int_equal(w->news[1][BOOKING_PAYMENT_REFUSED], 0);
    assert_int_equal(payments_counters(w->payments).owed, 0);
    world_destroy(w);
}

static void a_cancel_that_came_too_early_is_asked_again(void **state)
{
    struct world *w = world_create(9, 0, 0);
    (void)state;
    world_owe(w, 1, BOOKING_CALL_CREATE);
    world_run(w, LONG_US);
    world_owe(w, 1, BOOKING_CALL_CANCEL);
    assert_true(world_answer_next(w, 400, cancel_refused));
    assert_true(world_answer_next(w, 200, reserved_now));
    assert_int_equal(w->news[1][BOOKING_PAYMENT_REFUSED], 0);
    w->held[1] = HELD_AUTHORISED;
    world_run(w, 2 * LONG_US);
    assert_int_equal(w->news[1][BOOKING_PAYMENT_CANCELLED], 1);
    assert_int_equal(w->news[1][BOOKING_PAYMENT_REFUSED], 0);
    assert_int_equal(w->held[1], HELD_CANCELED);
    world_destroy(w);
}

/* A new process begins with the first key again, and meets what was stored under it and the next.
 */
static void stored_refusals_of_a_cancel_are_not_believed(void **state)
{
    struct world *w = world_create(11, 0, 0);
    (void)state;
    world_owe(w, 1, BOOKING_CALL_CREATE);
    world_run(w, LONG_US);
    world_owe(w, 1, BOOKING_CALL_CANCEL);
    for (unsigned i = 0; i < 40; i++) {
        w->now_us += 61000000;
        payments_tick(w->payments);
        assert_int_equal(w->pending_count, 1);
        payments_answer(w->payments, w->pending[--w->pending_count].ticket,
                        &(struct stripe_reply){.status = 400,
                                               .replayed = true,
                                               .body = slice_from_string(cancel_refused)});
        assert_true(world_answer_next(w, 200, reserved_now));
    }
    w->held[1] = HELD_AUTHORISED;
    world_run(w, w->now_us + LONG_US);
    assert_int_equal(w->news[1][BOOKING_PAYMENT_CANCELLED], 1);
    assert_int_equal(w->news[1][BOOKING_PAYMENT_REFUSED], 0);
    world_destroy(w);
}

/* A provider that keeps saying no is believed in the end: a person has to look. */
static void a_cancel_that_is_refused_again_and_again_is_refused(void **state)
{
    struct world *w = world_create(10, 0, 0);
    (void)state;
    world_owe(w, 1, BOOKING_CALL_CREATE);
    world_run(w, LONG_US);
    world_owe(w, 1, BOOKING_CALL_CANCEL);
    for (unsigned i = 0; i < 100 && w->news[1][BOOKING_PAYMENT_REFUSED] == 0; i++) {
        w->now_us += 60000000;
        if (world_answer_next(w, 400, cancel_refused))
            (void)world_answer_next(w, 200, reserved_now);
    }
    assert_int_equal(w->news[1][BOOKING_PAYMENT_REFUSED], 1);
    assert_string_equal(w->last_code, "payment_intent_unexpected_state");
    world_destroy(w);
}

static void a_cancel_of_a_paid_intent_tells_that_it_is_captured(void **state)
{
    struct world *w = world_create(8, 0, 0);
    (void)state;
    world_owe(w, 1, BOOKING_CALL_CREATE);
    world_run(w, LONG_US);
    w->held[1] = HELD_CAPTURED;
    world_owe(w, 1, BOOKING_CALL_CANCEL);
    world_run(w, 2 * LONG_US);
    assert_int_equal(w->news[1][BOOKING_PAYMENT_CAPTURED], 1);
    assert_int_equal(w->news[1][BOOKING_PAYMENT_CANCELLED], 0);
    world_destroy(w);
}

static void a_wrong_key_ends_a_create_but_never_a_capture(void **state)
{
    struct world *w = world_create(9, 0, 0);
    const char *barred = "{\"error\":{\"type\":\"invalid_request_error\"}}";
    (void)state;
    world_owe(w, 1, BOOKING_CALL_CREATE);
    assert_int_equal(world_answer_next(w, 401, barred), 1);
    assert_int_equal(w->news[1][BOOKING_PAYMENT_REFUSED], 1);
    (void)snprintf(w->intents[2], sizeof w->intents[2], "pi_2_1");
    world_owe(w, 2, BOOKING_CALL_CAPTURE);
    w->silent = true; /* the provider lets nobody in */
    for (int i = 0; i < 50; i++) {
        assert_int_equal(world_answer_next(w, 401, barred), 1);
        w->now_us += 61000000;
    }
    assert_int_equal(world_news_count(w, 2), 0);
    w->silent = false;
    w->held[2] = HELD_AUTHORISED;
    world_run(w, LONG_US);
    assert_int_equal(w->news[2][BOOKING_PAYMENT_CAPTURED], 1);
    world_destroy(w);
}

static void a_refused_capture_is_believed_when_the_intent_agrees(void **state)
{
    struct world *w = world_create(14, 0, 0);
    char body[BODY_MAX];
    (void)state;
    (void)snprintf(w->intents[2], sizeof w->intents[2], "pi_2_1");
    w->held[2] = HELD_AUTHORISED;
    world_intent_body(w, 2, body);
    world_owe(w, 2, BOOKING_CALL_CAPTURE);
    assert_int_equal(world_answer_next(w, 400, "{\"error\":{\"code\":\"account_closed\"}}"), 1);
    assert_int_equal(world_news_count(w, 2), 0);
    assert_null(strstr(w->last_url, "/capture")); /* it looks first */
    assert_int_equal(world_answer_next(w, 200, body), 1);
    assert_int_equal(w->news[2][BOOKING_PAYMENT_REFUSED], 1);
    assert_string_equal(w->last_code, "account_closed");
    world_destroy(w);
}

static void retry_after_is_honoured(void **state)
{
    struct world *w = world_create(10, 0, 0);
    (void)state;
    world_owe(w, 1, BOOKING_CALL_CREATE);
    payments_tick(w->payments);
    uint64_t ticket = w->pending[--w->pending_count].ticket, asked = w->now_us;
    payments_answer(w->payments, ticket,
                    &(struct stripe_reply){.status = 429, .retry_after_s = 30});
    assert_true(payments_tick(w->payments) >= asked + 30000000);
    world_destroy(w);
}

static void a_watched_order_is_found_out_when_no_webhook_comes(void **state)
{
    struct world *w = world_create(11, 0, 0);
    (void)state;
    world_owe(w, 1, BOOKING_CALL_CREATE);
    world_run(w, LONG_US);
    world_watch(w, 1);
    world_wait(w, 19000000);
    assert_int_equal(w->sent_count, 1); /* nothing but the create */
    world_wait(w, 300000000);
    assert_true(w->sent_count > 2 && w->sent_count < 8); /* at growing distances */
    assert_int_equal(world_news_count(w, 1), 1);
    w->held[1] = HELD_AUTHORISED;
    world_wait(w, 600000000);
    assert_int_equal(w->news[1][BOOKING_PAYMENT_AUTHORISED], 1);
    assert_int_equal(payments_counters(w->payments).watched, 0);
    world_destroy(w);
}

static void a_look_at_once_tells_the_card(void **state)
{
    struct world *w = world_create(14, 0, 0);
    (void)state;
    for (uint32_t order = 1; order < 4; order++)
        world_owe(w, order, BOOKING_CALL_CREATE);
    world_run(w, LONG_US);
    w->held[1] = w->held[2] = HELD_AUTHORISED;
    world_look_after(w, 1, 0); /* that nobody watched */
    world_wait(w, 1000000);
    assert_int_equal(w->news[1][BOOKING_PAYMENT_AUTHORISED], 1);
    assert_string_equal(w->last_card, "card1");
    world_watch(w, 2);
    world_look_after(w, 2, 0); /* the look that was to come later comes now */
    world_wait(w, 1000000);
    assert_int_equal(w->news[2][BOOKING_PAYMENT_AUTHORISED], 1);
    assert_string_equal(w->last_card, "card2");
    assert_int_equal(w->sent_count, 5);
    world_watch(w, 3);
    w->now_us += 20000000;
    payments_tick(w->payments); /* on its way, and too early */
    world_look_after(w, 3, 0);
    world_wait(w, 400000);
    w->held[3] = HELD_AUTHORISED;
    world_wait(w, 2000000);
    assert_int_equal(w->news[3][BOOKING_PAYMENT_AUTHORISED], 1);
    assert_int_equal(payments_counters(w->payments).watched, 0);
    world_destroy(w);
}

/* When more is owed than may be sent, a buyer who paid waits no longer than one who comes. */
static void a_look_at_once_waits_in_turn_and_others_wait_for_all(void **state)
{
    struct world *w = world_create(15, 0, 10);
    (void)state;
    world_owe(w, 0, BOOKING_CALL_CREATE);
    world_owe(w, 1, BOOKING_CALL_CREATE);
    world_run(w, LONG_US);
    w->held[0] = w->held[1] = HELD_AUTHORISED;
    for (uint32_t order = 2; order < 12; order++)
        world_owe(w, order, BOOKING_CALL_CREATE);
    w->now_us += 1;
    world_look_after(w, 0, 0);
    world_look_after(w, 1, 1);
    w->now_us += 1;
    for (uint32_t order = 12; order < 30; order++)
        world_owe(w, order, BOOKING_CALL_CREATE);
    world_wait(w, 2000000); /* twenty calls or so */
    assert_int_equal(w->news[0][BOOKING_PAYMENT_AUTHORISED], 1);
    assert_int_equal(w->news[1][BOOKING_PAYMENT_AUTHORISED], 0);
    world_wait(w, 3000000);
    assert_int_equal(w->news[1][BOOKING_PAYMENT_AUTHORISED], 1);
    world_destroy(w);
}

static void an_unwatched_order_is_left_alone(void **state)
{
    struct world *w = world_create(12, 0, 0);
    (void)state;
    world_owe(w, 1, BOOKING_CALL_CREATE);
    world_owe(w, 2, BOOKING_CALL_CREATE);
    world_run(w, LONG_US);
    world_watch(w, 1);
    world_watch(w, 2);
    payments_unwatch(w->payments, 1, 1);
    w->now_us += 20000000;
    payments_tick(w->payments); /* the look at 2 is on its way */
    assert_int_equal(w->pending_count, 1);
    payments_unwatch(w->payments, 1, 2);
    w->held[1] = w->held[2] = HELD_AUTHORISED;
    world_wait(w, 600000000);
    assert_int_equal(world_news_count(w, 1), 1);
    assert_int_equal(world_news_count(w, 2), 1);
    assert_int_equal(w->sent_count, 3);
    assert_int_equal(payments_counters(w->payments).watched, 0);
    world_destroy(w);
}

static void a_call_that_cannot_be_made_is_refused_at_once(void **state)
{
    struct world *w = world_create(13, 0, 0);
    struct payments_call call = {
        .order_random = 1, .kind = BOOKING_CALL_CAPTURE, .call_key = SLICE("key")};
    struct err err;
    (void)state;
    assert_int_equal(payments_owed(w->payments, &call, &err), -1); /* no intent */
    call.intent = SLICE("pi_1");
    call.kind = 9;
    assert_int_equal(payments_owed(w->payments, &call, &err), -1);
    call.kind = BOOKING_CALL_CAPTURE;
    call.call_key = SLICE("two words");
    assert_int_equal(payments_owed(w->payments, &call, &err), -1);
    assert_int_equal(payments_counters(w->payments).owed, 0);
    world_destroy(w);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(without_faults_each_call_is_sent_and_told_once),
        cmocka_unit_test(under_random_faults_each_call_is_answered_once_and_nothing_is_declined),
        cmocka_unit_test(a_call_that_is_owed_twice_is_queued_once),
        cmocka_unit_test(a_silent_provider_is_asked_again_for_ever_but_ever_more_rarely),
        cmocka_unit_test(calls_keep_to_their_rate),
        cmocka_unit_test(a_capture_that_was_done_long_ago_is_found_out),
        cmocka_unit_test(a_capture_of_a_cancelled_intent_is_refused_with_a_reason),
        cmocka_unit_test(a_cancel_that_is_owed_ends_the_capture_before_it),
        cmocka_unit_test(a_cancel_that_came_too_early_is_asked_again),
        cmocka_unit_test(stored_refusals_of_a_cancel_are_not_believed),
        cmocka_unit_test(a_cancel_that_is_refused_again_and_again_is_refused),
        cmocka_unit_test(a_cancel_of_a_paid_intent_tells_that_it_is_captured),
        cmocka_unit_test(a_wrong_key_ends_a_create_but_never_a_capture),
        cmocka_unit_test(a_refused_capture_is_believed_when_the_intent_agrees),
        cmocka_unit_test(retry_after_is_honoured),
        cmocka_unit_test(a_watched_order_is_found_out_when_no_webhook_comes),
        cmocka_unit_test(a_look_at_once_tells_the_card),
        cmocka_unit_test(a_look_at_once_waits_in_turn_and_others_wait_for_all),
        cmocka_unit_test(an_unwatched_order_is_left_alone),
        cmocka_unit_test(a_call_that_cannot_be_made_is_refused_at_once),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
