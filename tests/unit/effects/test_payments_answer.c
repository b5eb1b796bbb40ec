/* Refunds, payments that take days, providers that are away. */
#include "payments_world.h"

/* ---- refunds ---- */

static void owe_refund(struct world *w, uint32_t order, int number, uint8_t attempt)
{
    struct err err;
    char key[32], body[128];
    (void)snprintf(key, sizeof key, "key-%u-refund-%u", order, attempt);
    int len = snprintf(body, sizeof body,
                       "payment_intent=%s&amount=10&metadata[refund]=%d&metadata[attempt]=%u",
                       w->intents[order], number, attempt);
    const struct payments_call call = {
        .partition = 1,
        .order = order,
        .order_random = order + 1000,
        .kind = BOOKING_CALL_REFUND,
        .attempt = attempt,
        .call_key = slice_from_string(key),
        .body = slice_make(body, (size_t)len),
        .intent = slice_from_string(w->intents[order]),
    };
    if (payments_owed(w->payments, &call, &err) < 0)
        fail_msg("%s", err.detail);
}

static void pay_order(struct world *w, int order)
{
    (void)snprintf(w->intents[order], sizeof w->intents[order], "pi_%d_1", order);
    w->held[order] = HELD_CAPTURED;
}

/* A world in which refund `number` of order 1 is owed; new ones get `status`. */
static struct world *world_with_refund(uint64_t seed, int number, const char *status)
{
    struct world *w = world_create(seed, 0, 0);
    pay_order(w, 1);
    w->refund_status = status;
    owe_refund(w, 1, number, 1);
    return w;
}

static int refunds_alive(const struct world *w, int order)
{
    int alive = 0;
    for (int i = 0; i < w->refund_count; i++)
        alive += w->refunds[i].order == order && strcmp(w->refunds[i].status, "failed") != 0;
    return alive;
}

static void under_random_faults_each_refund_is_paid_once(void **state)
{
    (void)state;
    for (uint64_t seed = 1; seed <= 40; seed++) {
        struct world *w = world_create(seed, 30, 0);
        w->news_refused_sometimes = true;
        for (int i = 0; i < ORDERS; i++)
            pay_order(w, i);
        for (uint32_t i = 0; i < ORDERS; i++)
            owe_refund(w, i, 1 + (int)i % 16, 1);
        world_run(w, LONG_US);
        for (int i = 0; i < ORDERS; i++)
            if (refunds_alive(w, i) != 1 || w->news[i][BOOKING_PAYMENT_REFUNDED] != 1 ||
                world_news_count(w, i) != 1)
                fail_msg("seed %llu, order %d: paid back %d times, told %d times",
                         (unsigned long long)seed, i, refunds_alive(w, i), world_news_count(w, i));
        world_destroy(w);
    }
}

static void a_refund_that_is_there_already_is_found_before_it_is_asked(void **state)
{
    struct world *w = world_create(20, 0, 0);
    (void)state;
    pay_order(w, 1);
    world_add_refund(w, 1, 1, 3, "succeeded");
    world_add_refund(w, 1, 2, 4, "failed");
    owe_refund(w, 1, 1, 7); /* a key that the provider never saw */
    world_run(w, LONG_US);
    assert_int_equal(w->news[1][BOOKING_PAYMENT_REFUNDED], 1);
    assert_int_equal(w->last_attempt, 3); /* which was paid */
    assert_int_equal(w->refund_count, 2);
    assert_int_equal(w->sent_count, 1);
    owe_refund(w, 1, 2, 8); /* that one came back, and is paid once more */
    world_run(w, 2 * LONG_US);
    assert_int_equal(w->news[1][BOOKING_PAYMENT_REFUNDED], 2);
    assert_int_equal(w->last_attempt, 8);
    assert_int_equal(w->refund_count, 3);
    world_destroy(w);
}

/* Our key may have been forgotten there by now: asked again, it would be another refund. */
static void an_attempt_that_failed_is_not_asked_for_again(void **state)
{
    struct world *w = world_create(31, 0, 0);
    (void)state;
    pay_order(w, 1);
    world_add_refund(w, 1, 1, 7, "failed");
    w->refund_status = "succeeded";
    owe_refund(w, 1, 1, 7);
    world_run(w, LONG_US);
    assert_int_equal(w->news[1][BOOKING_PAYMENT_REFUND_FAILED], 1);
    assert_int_equal(w->last_attempt, 7);
    assert_int_equal(w->refund_count, 1);
    world_destroy(w);
}

static void an_earlier_attempt_that_fails_while_it_is_followed_leaves_ours_to_be_asked(void **state)
{
    struct world *w = world_create(32, 0, 0);
    (void)state;
    pay_order(w, 1);
    world_add_refund(w, 1, 1, 3, "pending");
    w->refund_status = "succeeded";
    owe_refund(w, 1, 1, 7);
    world_wait(w, 10000000);
    assert_int_equal(w->refund_count, 1);
    w->refunds[0].status = "failed";
    world_wait(w, 600000000);
    assert_int_equal(w->refund_count, 2);
    assert_int_equal(world_news_count(w, 1), 1);
    assert_int_equal(w->news[1][BOOKING_PAYMENT_REFUNDED], 1);
    assert_int_equal(w->last_attempt, 7);
    world_destroy(w);
}

static void a_refund_on_its_way_is_looked_at_ever_more_rarely(void **state)
{
    struct world *w = world_with_refund(21, 3, "pending");
    (void)state;
    world_wait(w, 86400ull * 1000000);
    assert_int_equal(world_news_count(w, 1), 0);
    assert_int_equal(payments_counters(w->payments).owed, 1);
    assert_in_range(w->sent_count, 20, 45); /* an hour apart in the end */
    w->refunds[0].status = "succeeded";
    world_wait(w, 3600ull * 1000000);
    assert_int_equal(w->news[1][BOOKING_PAYMENT_REFUNDED], 1);
    assert_int_equal(payments_counters(w->payments).owed, 0);
    assert_int_equal(w->refund_count, 1);
    world_destroy(w);
}

static void a_refund_that_fails_is_told_with_its_reason(void **state)
{
    struct world *w = world_with_refund(22, 3, "pending");
    (void)state;
    world_wait(w, 10000000);
    w->refunds[0].status = "failed";
    world_wait(w, 60000000);
    assert_int_equal(w->news[1][BOOKING_PAYMENT_REFUND_FAILED], 1);
    assert_string_equal(w->last_code, "lost_or_stolen_card");
    assert_int_equal(w->last_attempt, 1);
    w->refund_status = "failed"; /* at once */
    owe_refund(w, 1, 3, 2);
    world_run(w, LONG_US);
    assert_int_equal(w->news[1][BOOKING_PAYMENT_REFUND_FAILED], 2);
    world_destroy(w);
}

static void a_later_attempt_ends_the_following_of_an_earlier_one(void **state)
{
    struct world *w = world_with_refund(23, 3, "pending");
    (void)state;
    world_wait(w, 10000000);
    w->refunds[0].status = "failed"; /* told by a webhook; a person wants it again */
    w->refund_status = "succeeded";
    owe_refund(w, 1, 3, 2);
    world_wait(w, 600000000);
    assert_int_equal(w->news[1][BOOKING_PAYMENT_REFUNDED], 1);
    assert_int_equal(w->news[1][BOOKING_PAYMENT_REFUND_FAILED], 0);
    assert_int_equal(payments_counters(w->payments).owed, 0);
    world_destroy(w);
}

static void send_next(struct world *w)
{
    w->now_us += 61000000;
    payments_tick(w->payments);
    assert_int_equal(w->pending_count, 1);
}

static void answer_with(struct world *w, const struct stripe_reply *reply)
{
    payments_answer(w->payments, w->pending[--w->pending_count].ticket, reply);
    payments_tick(w->payments);
}

static const struct stripe_reply no_refunds = {.status = 200,
                                               .body = SLICE("{\"object\":\"list\",\"data\":[]}")};

static void a_stored_500_of_a_refund_that_was_paid_is_found_out(void **state)
{
    struct world *w = world_with_refund(24, 1, "succeeded");
    (void)state;
    send_next(w); /* the look, which finds nothing */
    answer_with(w, &no_refunds);
    assert_int_equal(w->refund_count, 1); /* asked, and done */
    answer_with(w, &(struct stripe_reply){.status = 500, .replayed = true});
    world_run(w, LONG_US);
    assert_int_equal(w->refund_count, 1);
    assert_int_equal(w->news[1][BOOKING_PAYMENT_REFUNDED], 1);
    world_destroy(w);
}

/* It may be under way still: only the same key makes sure that it is not paid twice. */
static void a_refund_without_an_answer_is_asked_under_the_same_key(void **state)
{
    struct world *w = world_with_refund(30, 1, "succeeded");
    (void)state;
    for (int i = 0; i < 5; i++) {
        send_next(w);
        assert_non_null(strstr(w->last_url, "?limit=100&payment_intent=pi_1_1"));
        answer_with(w, &no_refunds);
        assert_string_equal(w->last_key, "key-1-refund-1");
        answer_with(w, &(struct stripe_reply){.status = i % 2 ? 502 : 0});
    }
    send_next(w);
    answer_with(w, &no_refunds);
    answer_with(w, &(struct stripe_reply){.status = 500, .replayed = true}); /* it ended so */
    send_next(w);
    answer_with(w, &no_refunds);
    assert_string_equal(w->last_key, "key-1-refund-1-r1");
    world_destroy(w);
}

static void an_old_answer_to_a_refund_is_not_believed(void **state)
{
    struct world *w = world_with_refund(25, 1, "succeeded");
    char body[BODY_MAX];
    (void)state;
    send_next(w);
    answer_with(w, &no_refunds);
    world_refund_text(w, 0, body, sizeof body);
    w->refunds[0].status = "failed"; /* since then */
    answer_with(w, &(struct stripe_reply){
                       .status = 200, .replayed = true, .body = slice_from_string(body)});
    world_run(w, LONG_US);
    assert_int_equal(w->news[1][BOOKING_PAYMENT_REFUNDED], 0);
    assert_int_equal(w->news[1][BOOKING_PAYMENT_REFUND_FAILED], 1);
    world_destroy(w);
}

static void a_refused_refund_is_believed_when_none_is_found(void **state)
{
    struct world *w = world_with_refund(26, 1, "succeeded");
    (void)state;
    send_next(w);
    answer_with(w, &no_refunds);
    w->refund_count = 0;
    answer_with(w, &(struct stripe_reply){
                       .status = 400, .body = SLICE("{\"error\":{\"code\":\"charge_disputed\"}}")});
    assert_int_equal(world_news_count(w, 1), 0);
    world_run(w, LONG_US);
    assert_int_equal(w->news[1][BOOKING_PAYMENT_REFUSED], 1);
    assert_string_equal(w->last_code, "charge_disputed");
    assert_int_equal(w->refund_count, 0);
    world_destroy(w);
}

/* ---- days, and providers that are away ---- */

static void a_payment_that_takes_days_is_told_once_and_looked_at_rarely(void **state)
{
    struct world *w = world_create(27, 0, 0);
    (void)state;
    world_owe(w, 1, BOOKING_CALL_CREATE);
    world_owe(w, 2, BOOKING_CALL_CREATE);
    world_run(w, LONG_US);
    w->held[1] = w->held[2] = HELD_PROCESSING;
    world_watch(w, 1);
    world_watch(w, 2);
    world_wait(w, 3 * 86400ull * 1000000);
    assert_int_equal(w->news[1][BOOKING_PAYMENT_PROCESSING], 1);
    assert_int_equal(world_news_count(w, 1), 2); /* and created */
    assert_in_range(w->sent_count, 100, 190);
    w->held[1] = HELD_CAPTURED;
    w->held[2] = HELD_OPEN; /* the bank said no */
    world_wait(w, 2 * 3600ull * 1000000);
    assert_int_equal(w->news[1][BOOKING_PAYMENT_CAPTURED], 1);
    assert_int_equal(w->news[2][BOOKING_PAYMENT_DECLINED], 1);
    assert_int_equal(payments_counters(w->payments).watched, 1);
    world_destroy(w);
}

static void while_creating_fails_nothing_new_is_wanted_and_the_rest_goes_on(void **state)
{
    struct world *w = world_create(28, 0, 0);
    uint64_t retry_ms = 0;
    (void)state;
    for (uint32_t i = 20; i < 40; i++) {
        (void)snprintf(w->intents[i], sizeof w->intents[i], "pi_%u_1", i);
        w->held[i] = HELD_AUTHORISED;
    }
    w->creates_silent = true;
    assert_true(payments_may_create(w->payments, &retry_ms));
    for (uint32_t i = 0; i < 20; i++)
        world_owe(w, i, BOOKING_CALL_CREATE);
    world_wait(w, 5000000);
    assert_false(payments_may_create(w->payments, &retry_ms));
    assert_in_range(retry_ms, 1, 30000);
    assert_int_equal(payments_counters(w->payments).away, 1u << THROTTLE_CREATE);
    size_t before = w->sent_count;
    world_wait(w, 600000000);
    assert_in_range(w->sent_count - before, 15, 40); /* single probes */
    before = w->sent_count;
    for (uint32_t i = 20; i < 40; i++)
        world_owe(w, i, BOOKING_CALL_CAPTURE);
    world_wait(w, 2000000);
    for (int i = 20; i < 40; i++)
        assert_int_equal(w->news[i][BOOKING_PAYMENT_CAPTURED], 1);
    w->creates_silent = false;
    world_wait(w, 120000000);
    assert_true(payments_may_create(w->payments, &retry_ms));
    for (int i = 0; i < 20; i++) {
        assert_int_equal(w->news[i][BOOKING_PAYMENT_CREATED], 1);
        assert_int_equal(w->created[i], 1);
    }
    world_destroy(w);
}

/* 409 says nothing about the provider's health, so no breaker opens: what holds them back is the
 * budget. */
static void calls_that_are_asked_again_keep_to_the_budget(void **state)
{
    struct world *w = world_create(31, 0, 0);
    (void)state;
    for (uint32_t i = 0; i < ORDERS; i++) {
        (void)snprintf(w->intents[i], sizeof w->intents[i], "pi_%u_1", i);
        world_owe(w, i, BOOKING_CALL_CAPTURE);
    }
    for (uint64_t end = w->now_us + 30000000; w->now_us < end; w->now_us += 10000) {
        payments_tick(w->payments);
        while (w->pending_count > 0)
            payments_answer(w->payments, w->pending[--w->pending_count].ticket,
                            &(struct stripe_reply){.status = 409});
    }
    assert_int_equal(payments_counters(w->payments).away, 0);
    assert_in_range(w->sent_count, ORDERS + 60, ORDERS + 20 + 12 + 90);
    world_destroy(w);
}

/* Nothing waits that could try it: the next order is the probe. */
static void without_calls_that_wait_a_new_order_is_the_probe(void **state)
{
    struct world *w = world_create(29, 0, 0);
    const char *refused = "{\"error\":{\"code\":\"amount_too_small\"}}";
    uint64_t retry_ms;
    (void)state;
    world_owe(w, 1, BOOKING_CALL_CREATE);
    for (uint32_t i = 0; i < THROTTLE_IN_ROW; i++) {
        send_next(w);
        answer_with(w, &(struct stripe_reply){.status = 502});
    }
    assert_false(payments_may_create(w->payments, &retry_ms));
    w->now_us += 5000000;
    assert_false(payments_may_create(w->payments, &retry_ms)); /* the one that waits is */
    send_next(w);
    answer_with(w, &(struct stripe_reply){.status = 502});
    assert_int_equal(payments_counters(w->payments).owed, 1);
    send_next(w);
    answer_with(w, &(struct stripe_reply){.status = 400, .body = slice_from_string(refused)});
    assert_int_equal(payments_counters(w->payments).owed, 0);
    assert_true(payments_may_create(w->payments, &retry_ms)); /* it answered */
    world_destroy(w);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(under_random_faults_each_refund_is_paid_once),
        cmocka_unit_test(a_refund_that_is_there_already_is_found_before_it_is_asked),
        cmocka_unit_test(an_attempt_that_failed_is_not_asked_for_again),
        cmocka_unit_test(
            an_earlier_attempt_that_fails_while_it_is_followed_leaves_ours_to_be_asked),
        cmocka_unit_test(a_refund_on_its_way_is_looked_at_ever_more_rarely),
        cmocka_unit_test(a_refund_that_fails_is_told_with_its_reason),
        cmocka_unit_test(a_later_attempt_ends_the_following_of_an_earlier_one),
        cmocka_unit_test(a_stored_500_of_a_refund_that_was_paid_is_found_out),
        cmocka_unit_test(a_refund_without_an_answer_is_asked_under_the_same_key),
        cmocka_unit_test(an_old_answer_to_a_refund_is_not_believed),
        cmocka_unit_test(calls_that_are_asked_again_keep_to_the_budget),
        cmocka_unit_test(a_refused_refund_is_believed_when_none_is_found),
        cmocka_unit_test(a_payment_that_takes_days_is_told_once_and_looked_at_rarely),
        cmocka_unit_test(while_creating_fails_nothing_new_is_wanted_and_the_rest_goes_on),
        cmocka_unit_test(without_calls_that_wait_a_new_order_is_the_probe),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
