#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "effects/throttle.h"

#define SECOND_US 1000000ull

struct rig {
    struct throttle t;
    uint64_t now_us;
};

static struct rig rig(uint32_t rate)
{
    struct rig r = {.now_us = 1000 * SECOND_US};
    throttle_init(&r.t, rate, r.now_us);
    return r;
}

/* Sends one and hears its answer at once. */
static struct throttle_call ask(struct rig *r, enum throttle_class class, bool retry,
                                enum throttle_outcome outcome)
{
    struct throttle_call call = {.class = class, .retry = retry};
    throttle_sent(&r->t, &call, r->now_us);
    throttle_heard(&r->t, &call, outcome, r->now_us);
    return call;
}

static uint64_t wait_of(const struct rig *r, enum throttle_class class, bool retry)
{
    const struct throttle_call call = {.class = class, .retry = retry};
    uint64_t ready_us = throttle_ready_us(&r->t, &call, r->now_us);
    return ready_us > r->now_us ? ready_us - r->now_us : 0;
}

static void calls_keep_to_the_rate(void **state)
{
    struct rig r = rig(10);
    uint32_t sent = 0;
    (void)state;
    for (uint64_t end = r.now_us + 10 * SECOND_US; r.now_us < end; r.now_us += 1000)
        while (wait_of(&r, THROTTLE_READ, false) == 0) {
            ask(&r, THROTTLE_READ, false, THROTTLE_KNOWN);
            sent++;
        }
    assert_in_range(sent, 99, 103);
}

static void retries_without_success_are_few_a_second(void **state)
{
    struct rig r = rig(0);
    uint32_t sent = 0;
    (void)state;
    for (uint64_t end = r.now_us + 100 * SECOND_US; r.now_us < end; r.now_us += 10000)
        while (wait_of(&r, THROTTLE_SETTLE, true) == 0) {
            ask(&r, THROTTLE_SETTLE, true, THROTTLE_NEUTRAL);
            sent++;
        }
    assert_in_range(sent, 300, 325); /* three a second, and what there was at the beginning */
}

static void retries_are_a_fifth_of_first_calls_beside_that(void **state)
{
    struct rig r = rig(0);
    uint32_t sent = 0;
    (void)state;
    for (int second = 0; second < 100; second++, r.now_us += SECOND_US) {
        for (int i = 0; i < 100; i++) {
            ask(&r, THROTTLE_READ, false, THROTTLE_KNOWN);
            while (wait_of(&r, THROTTLE_READ, true) == 0) {
                ask(&r, THROTTLE_READ, true, THROTTLE_NEUTRAL);
                sent++;
            }
        }
    }
    assert_in_range(sent, 2200, 2330); /* of 10,000 first calls in 100 seconds */
}

static void a_provider_that_is_well_again_is_asked_at_full_rate(void **state)
{
    struct rig r = rig(0);
    (void)state;
    while (wait_of(&r, THROTTLE_SETTLE, true) == 0)
        ask(&r, THROTTLE_SETTLE, true, THROTTLE_NEUTRAL);
    r.now_us += SECOND_US;
    for (int i = 0; i < 5000; i++) { /* retries that succeed cost nothing */
        assert_int_equal(wait_of(&r, THROTTLE_SETTLE, true), 0);
        ask(&r, THROTTLE_SETTLE, true, THROTTLE_KNOWN);
    }
}

static void a_breaker_opens_after_unknown_answers_in_a_row(void **state)
{
    struct rig r = rig(0);
    uint64_t wait_us;
    (void)state;
    for (uint32_t i = 0; i < THROTTLE_IN_ROW - 1; i++)
        ask(&r, THROTTLE_CREATE, false, THROTTLE_UNKNOWN);
    ask(&r, THROTTLE_CREATE, false, THROTTLE_KNOWN); /* not in a row */
    for (uint32_t i = 0; i < THROTTLE_IN_ROW - 1; i++) {
        r.now_us += 10 * SECOND_US;
        ask(&r, THROTTLE_CREATE, false, THROTTLE_UNKNOWN);
        ask(&r, THROTTLE_CREATE, false, THROTTLE_NEUTRAL); /* says nothing either way */
    }
    assert_true(throttle_is_open_for(&r.t, THROTTLE_CREATE, r.now_us, &wait_us));
    ask(&r, THROTTLE_CREATE, false, THROTTLE_UNKNOWN);
    assert_false(throttle_is_open_for(&r.t, THROTTLE_CREATE, r.now_us, &wait_us));
    assert_int_equal(wait_us, THROTTLE_PROBE_MIN_US);
    assert_int_equal(wait_of(&r, THROTTLE_CREATE, false), THROTTLE_PROBE_MIN_US);
    /* Only that class. */
    assert_int_equal(wait_of(&r, THROTTLE_SETTLE, false), 0);
    assert_int_equal(wait_of(&r, THROTTLE_READ, false), 0);
}

static void a_breaker_opens_when_most_of_the_last_answers_said_nothing(void **state)
{
    struct rig r = rig(0), slow = r;
    (void)state;
    for (uint32_t i = 0; i < THROTTLE_LAST; i++) {
        bool unknown = i % 2 == 0 || i == THROTTLE_LAST - 1; /* 11 of 20 */
        assert_int_equal(wait_of(&r, THROTTLE_READ, false), 0);
        r.now_us += SECOND_US;
        slow.now_us += 2 * SECOND_US; /* the same in more than half a minute */
        ask(&r, THROTTLE_READ, false, unknown ? THROTTLE_UNKNOWN : THROTTLE_KNOWN);
        ask(&slow, THROTTLE_READ, false, unknown ? THROTTLE_UNKNOWN : THROTTLE_KNOWN);
    }
    assert_int_equal(wait_of(&r, THROTTLE_READ, false), THROTTLE_PROBE_MIN_US);
    assert_int_equal(wait_of(&slow, THROTTLE_READ, false), 0);
}

static void half_of_the_last_answers_do_not_open_it(void **state)
{
    struct rig r = rig(0);
    (void)state;
    for (uint32_t i = 0; i < 10 * THROTTLE_LAST; i++) {
        ask(&r, THROTTLE_READ, false, i % 2 ? THROTTLE_UNKNOWN : THROTTLE_KNOWN);
        assert_int_equal(wait_of(&r, THROTTLE_READ, false), 0);
    }
}

static void open_breaker(struct rig *r)
{
    for (uint32_t i = 0; i < THROTTLE_IN_ROW; i++)
        ask(r, THROTTLE_CREATE, false, THROTTLE_UNKNOWN);
}

static void probes_go_alone_and_ever_more_rarely(void **state)
{
    struct rig r = rig(0);
    uint64_t pause_us = THROTTLE_PROBE_MIN_US;
    (void)state;
    open_breaker(&r);
    for (int i = 0; i < 8; i++) {
        assert_int_equal(wait_of(&r, THROTTLE_CREATE, false), pause_us);
        r.now_us += pause_us;
        assert_int_equal(wait_of(&r, THROTTLE_CREATE, false), 0);
        struct throttle_call probe = {.class = THROTTLE_CREATE};
        throttle_sent(&r.t, &probe, r.now_us);
        assert_true(probe.probe);
        const struct throttle_call another = {.class = THROTTLE_CREATE};
        assert_true(throttle_ready_us(&r.t, &another, r.now_us) == UINT64_MAX);
        r.now_us += 7 * SECOND_US;
        throttle_heard(&r.t, &probe, THROTTLE_UNKNOWN, r.now_us);
        pause_us = pause_us * 2 < THROTTLE_PROBE_MAX_US ? pause_us * 2 : THROTTLE_PROBE_MAX_US;
    }
    assert_int_equal(pause_us, THROTTLE_PROBE_MAX_US);
}

static void a_known_answer_closes_it_and_the_past_is_forgotten(void **state)
{
    struct rig r = rig(0);
    (void)state;
    open_breaker(&r);
    r.now_us += THROTTLE_PROBE_MIN_US;
    assert_true(ask(&r, THROTTLE_CREATE, false, THROTTLE_KNOWN).probe);
    assert_int_equal(wait_of(&r, THROTTLE_CREATE, false), 0);
    for (uint32_t i = 0; i < THROTTLE_IN_ROW - 1; i++)
        assert_false(ask(&r, THROTTLE_CREATE, false, THROTTLE_UNKNOWN).probe);
    assert_int_equal(wait_of(&r, THROTTLE_CREATE, false), 0);
}

static void answers_to_what_was_sent_before_do_not_move_the_probes(void **state)
{
    struct rig r = rig(0);
    struct throttle_call late = {.class = THROTTLE_CREATE};
    (void)state;
    throttle_sent(&r.t, &late, r.now_us);
    open_breaker(&r);
    r.now_us += THROTTLE_PROBE_MIN_US / 2;
    throttle_heard(&r.t, &late, THROTTLE_UNKNOWN, r.now_us);
    assert_int_equal(wait_of(&r, THROTTLE_CREATE, false), THROTTLE_PROBE_MIN_US / 2);
}

static void a_probe_whose_answer_says_nothing_of_health_is_tried_again(void **state)
{
    struct rig r = rig(0);
    (void)state;
    open_breaker(&r);
    r.now_us += THROTTLE_PROBE_MIN_US;
    ask(&r, THROTTLE_CREATE, false, THROTTLE_NEUTRAL);
    assert_int_equal(wait_of(&r, THROTTLE_CREATE, false), THROTTLE_PROBE_MIN_US);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(calls_keep_to_the_rate),
        cmocka_unit_test(retries_without_success_are_few_a_second),
        cmocka_unit_test(retries_are_a_fifth_of_first_calls_beside_that),
        cmocka_unit_test(a_provider_that_is_well_again_is_asked_at_full_rate),
        cmocka_unit_test(a_breaker_opens_after_unknown_answers_in_a_row),
        cmocka_unit_test(a_breaker_opens_when_most_of_the_last_answers_said_nothing),
        cmocka_unit_test(half_of_the_last_answers_do_not_open_it),
        cmocka_unit_test(probes_go_alone_and_ever_more_rarely),
        cmocka_unit_test(a_known_answer_closes_it_and_the_past_is_forgotten),
        cmocka_unit_test(answers_to_what_was_sent_before_do_not_move_the_probes),
        cmocka_unit_test(a_probe_whose_answer_says_nothing_of_health_is_tried_again),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
