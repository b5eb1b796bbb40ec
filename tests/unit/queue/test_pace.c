/* The controller by itself, step by step; tests/queue shows it with a crowd before the door. */
#include "queue/pace.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#define SECOND 1000000ull
#define START (1000 * SECOND)

/* Nobody is in, many wait, nothing is wrong. */
static struct pace_measure quiet(uint64_t now_us)
{
    return (struct pace_measure){.now_us = now_us,
                                 .target_active = 500,
                                 .per_minute = 600,
                                 .claim_seconds = 120,
                                 .admission_seconds = 900,
                                 .waiting = {10000, 0},
                                 .commit_us = 3000,
                                 .pending_most = 1000,
                                 .may_call = true};
}

static uint32_t step(struct pace *pace, const struct pace_measure *m)
{
    uint32_t call[2];
    pace_step(pace, m, call);
    return call[0] + call[1];
}

/* So many quiet seconds, four steps each; what was called is not in `m`. */
static uint32_t run(struct pace *pace, struct pace_measure *m, uint32_t seconds)
{
    uint32_t called = 0;
    for (uint32_t i = 0; i < seconds * 4; i++) {
        m->now_us += SECOND / 4;
        called += step(pace, m);
    }
    return called;
}

static struct pace begun(void)
{
    struct pace pace;
    pace_begin(&pace, START);
    return pace;
}

static void nobody_is_called_in_the_first_moment(void **state)
{
    (void)state;
    struct pace pace = begun();
    struct pace_measure m = quiet(START);
    assert_int_equal(step(&pace, &m), 0);
    assert_int_equal(pace.reason, PACE_RATE);
}

static void the_rate_is_kept_to_the_call(void **state)
{
    (void)state;
    struct pace pace = begun();
    struct pace_measure m = quiet(START);
    m.target_active = 50000;
    assert_int_equal(run(&pace, &m, 60), 600);
    assert_int_equal(pace.reason, PACE_RATE);
    m.per_minute = 7;
    assert_in_range(run(&pace, &m, 600), 69, 70);
}

static void a_gap_however_long_saves_two_seconds_of_calls(void **state)
{
    (void)state;
    struct pace pace = begun();
    struct pace_measure m = quiet(START + 3600 * SECOND);
    assert_int_equal(step(&pace, &m), 20);
    m.now_us = UINT64_MAX;
    assert_int_equal(step(&pace, &m), 20);
}

static void a_halved_rate_leaves_two_seconds_of_itself_and_one(void **state)
{
    (void)state;
    struct pace pace = begun();
    struct pace_measure m = quiet(START);
    m.may_call = false;
    (void)run(&pace, &m, 10);
    m.may_call = true;
    m.per_minute = 300;
    m.now_us += 1000;
    assert_int_equal(step(&pace, &m), 11);
}

static void a_clock_that_stands_still_or_goes_back_calls_nobody(void **state)
{
    (void)state;
    struct pace pace = begun();
    struct pace_measure m = quiet(START);
    (void)run(&pace, &m, 2);
    for (int i = 0; i < 100; i++)
        assert_int_equal(step(&pace, &m), 0);
    m.now_us -= 500 * SECOND;
    assert_int_equal(step(&pace, &m), 0);
    assert_in_range(run(&pace, &m, 1), 10, 10); /* and goes on from there */
}

static void the_target_is_filled_and_not_exceeded(void **state)
{
    (void)state;
    struct pace pace = begun();
    struct pace_measure m = quiet(START);
    m.admitted = 495;
    m.now_us += 2 * SECOND;
    assert_int_equal(step(&pace, &m), 5);
    m.open = 5;
    assert_int_equal(run(&pace, &m, 60), 0);
    assert_int_equal(pace.reason, PACE_TARGET);
    m.admitted = 600;
    assert_int_equal(run(&pace, &m, 60), 0);
}

static void who_waits_in_the_priority_lane_goes_first(void **state)
{
    (void)state;
    struct pace pace = begun();
    struct pace_measure m = quiet(START + 10 * SECOND);
    m.waiting[1] = 15;
    uint32_t call[2];
    pace_step(&pace, &m, call);
    assert_int_equal(call[1], 15);
    assert_int_equal(call[0], 5);
}

static void when_all_are_called_nobody_waits(void **state)
{
    (void)state;
    struct pace pace = begun();
    struct pace_measure m = quiet(START + 10 * SECOND);
    m.waiting[0] = 3;
    assert_int_equal(step(&pace, &m), 3);
    assert_int_equal(pace.reason, PACE_NOBODY_WAITS);
}

static void a_pause_stops_it_at_once(void **state)
{
    (void)state;
    struct pace pace = begun();
    struct pace_measure m = quiet(START);
    m.may_call = false;
    assert_int_equal(run(&pace, &m, 600), 0);
    assert_int_equal(pace.reason, PACE_PAUSED);
    struct pace_rates rates;
    pace_rates(&pace, &m, &rates);
    assert_int_equal(rates.low, 0);
    assert_int_equal(rates.high, 0);
    uint64_t low_s = 1, high_s = 1;
    pace_wait(&rates, 10, &low_s, &high_s);
    assert_int_equal(low_s, 0);
    assert_int_equal(high_s, 0);
}

/* ---- trouble ---- */

static void slow(struct pace_measure *m)
{
    m->commit_us = PACE_COMMIT_SLOW_US + 1;
}
static void crowded(struct pace_measure *m)
{
    m->pending = 501;
}
static void unpaid(struct pace_measure *m)
{
    m->payments = 10;
    m->payment_failures = 3;
}

static void every_trouble_halves_and_says_what_it_is(void **state)
{
    (void)state;
    static const struct {
        void (*befall)(struct pace_measure *m);
        enum pace_reason reason;
        const char *name;
    } cases[] = {{slow, PACE_COMMITS, "commits"},
                 {crowded, PACE_LOAD, "load"},
                 {unpaid, PACE_PAYMENTS, "payments"}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct pace pace = begun();
        struct pace_measure m = quiet(START + SECOND);
        cases[i].befall(&m);
        (void)step(&pace, &m);
        assert_int_equal(pace.throttle, 500000);
        assert_int_equal(pace.reason, cases[i].reason);
        assert_string_equal(pace_reason_name(pace.reason), cases[i].name);
        (void)run(&pace, &m, 2); /* not again before the effect can be seen */
        assert_int_equal(pace.throttle, 500000);
        (void)run(&pace, &m, 1);
        assert_int_equal(pace.throttle, 250000);
        (void)run(&pace, &m, 600); /* a tenth stays, to see when it is over */
        assert_int_equal(pace.throttle, 100000);
        m.admitted = 0;
        m.per_minute = 600;
        assert_in_range(run(&pace, &m, 60), 59, 61);
    }
}

static void what_is_only_just_no_trouble_is_none(void **state)
{
    (void)state;
    struct pace pace = begun();
    struct pace_measure m = quiet(START);
    m.commit_us = PACE_COMMIT_SLOW_US;
    m.pending = 500;
    m.payments = 100;
    m.payment_failures = 19;
    (void)run(&pace, &m, 60);
    assert_int_equal(pace.throttle, 1000000);
    m.pending = 5000;
    m.pending_most = 0; /* unknown */
    m.payments = m.payment_failures = 0;
    (void)run(&pace, &m, 60);
    assert_int_equal(pace.throttle, 1000000);
}

static void it_recovers_by_addition_two_hundredths_a_second(void **state)
{
    (void)state;
    struct pace pace = begun();
    struct pace_measure m = quiet(START);
    slow(&m);
    (void)run(&pace, &m, 60);
    m.commit_us = 3000;
    (void)run(&pace, &m, 10);
    assert_int_equal(pace.throttle, 300000);
    (void)run(&pace, &m, 34);
    assert_int_equal(pace.throttle, 980000);
    assert_int_equal(pace.reason, PACE_COMMITS);
    (void)run(&pace, &m, 2);
    assert_int_equal(pace.throttle, 1000000);
    assert_int_equal(pace.reason, PACE_RATE);
}

/* ---- no-shows ---- */

/* Calls of 10 each in every sixteenth of the claim time; `missing` of each 10 never come and the
 * others at once. */
static void steady(struct pace_measure *m, uint32_t missing)
{
    m->open = 0;
    for (uint32_t age = 0; age < PACE_AGES; age++) {
        m->called_by_age[age] = 10;
        m->open_by_age[age] = missing;
        m->open += missing;
    }
}

static void without_knowledge_everybody_called_counts(void **state)
{
    (void)state;
    struct pace pace = begun();
    struct pace_measure m = quiet(START + 10 * SECOND);
    m.admitted = 400;
    m.open = 100;
    assert_int_equal(step(&pace, &m), 0);
    assert_int_equal(pace.expected, 100);
}

static void those_who_never_come_are_learned_and_not_waited_for(void **state)
{
    (void)state;
    struct pace pace = begun();
    struct pace_measure m = quiet(START);
    m.admitted = 500;
    steady(&m, 3);
    (void)run(&pace, &m, 300);
    assert_in_range(pace.expected, 0, 8); /* of 48 */
    m.admitted = 480;
    m.now_us += SECOND / 4;
    assert_true(step(&pace, &m) > 0);
}

static void if_suddenly_all_come_it_shows_before_their_time_is_over(void **state)
{
    (void)state;
    struct pace pace = begun();
    struct pace_measure m = quiet(START);
    steady(&m, 3);
    (void)run(&pace, &m, 300);
    for (uint32_t age = 0; age < 4; age++) {
        m.open -= m.open_by_age[age];
        m.open_by_age[age] = 0;
    }
    uint32_t before = pace.come_now;
    (void)run(&pace, &m, 1);
    assert_true(pace.come_now > before + 100);
}

static void whatever_is_believed_there_is_a_last_limit(void **state)
{
    (void)state;
    struct pace pace = begun();
    struct pace_measure m = quiet(START);
    steady(&m, 10);
    (void)run(&pace, &m, 3000); /* nobody ever came */
    for (uint32_t age = 0; age < PACE_AGES; age++)
        m.called_by_age[age] = m.open_by_age[age] = 48;
    m.open = 48 * PACE_AGES; /* 768 of the 775 that are possible */
    m.now_us += 2 * SECOND;
    assert_true(step(&pace, &m) <= 7);
    m.open += 7;
    m.now_us += 2 * SECOND;
    assert_int_equal(step(&pace, &m), 0);
}

static void the_slack_is_a_twentieth_and_at_least_two(void **state)
{
    (void)state;
    assert_int_equal(pace_slack(1), 2);
    assert_int_equal(pace_slack(59), 2);
    assert_int_equal(pace_slack(60), 3);
    assert_int_equal(pace_slack(500), 25);
}

/* ---- bounds ---- */

static void long_claim_times_have_their_calls_spread(void **state)
{
    (void)state;
    struct pace pace = begun();
    struct pace_measure m = quiet(START);
    m.claim_seconds = 3600;
    m.target_active = 50000;
    uint32_t commands = 0, called = 0;
    for (uint32_t i = 0; i < 3600 * 4; i++) {
        m.now_us += SECOND / 4;
        uint32_t now = step(&pace, &m);
        commands += now > 0;
        called += now;
    }
    assert_in_range(commands, 890, PACE_CALLS);
    assert_in_range(called, 35900, 36000); /* and the rate is kept all the same */
}

static void the_largest_numbers_overflow_nothing(void **state)
{
    (void)state;
    struct pace pace = begun();
    struct pace_measure m;
    memset(&m, 0xff, sizeof m);
    m.may_call = true;
    m.now_us = START;
    struct pace_rates rates;
    for (int i = 0; i < 100; i++) {
        m.now_us += 3 * SECOND;
        (void)step(&pace, &m);
        pace_rates(&pace, &m, &rates);
        assert_true(rates.low > 0 && rates.low <= rates.high);
    }
    memset(&m, 0, sizeof m);
    m.may_call = true;
    for (int i = 0; i < 100; i++) {
        m.now_us += 3 * SECOND;
        assert_int_equal(step(&pace, &m), 0);
        pace_rates(&pace, &m, &rates);
        assert_true(rates.low > 0 && rates.low <= rates.high);
    }
}

/* ---- the wait ---- */

/* So many seconds in each of which so many are called who all come, and so many go out. */
static void live(struct pace *pace, struct pace_measure *m, uint32_t seconds, uint32_t called,
                 uint32_t ended)
{
    for (uint32_t i = 0; i < seconds; i++) {
        m->now_us += SECOND;
        m->ended_total += ended;
        m->ranks[0] += called;
        m->present_total += called;
        (void)step(pace, m);
    }
}

static void a_rate_that_limits_is_the_wait(void **state)
{
    (void)state;
    struct pace pace = begun();
    struct pace_measure m = quiet(START);
    m.per_minute = 60;
    m.admitted = 100; /* of 500: 36,000 an hour go out */
    live(&pace, &m, 400, 1, 10);
    struct pace_rates rates;
    pace_rates(&pace, &m, &rates);
    assert_in_range(rates.low, 3400, 3600);
    assert_in_range(rates.high, 3600, 3900);
    m.per_minute = 30; /* told at once, not after minutes */
    pace_rates(&pace, &m, &rates);
    assert_in_range(rates.low, 1700, 1800);
    assert_in_range(rates.high, 1800, 1950);
}

static void where_the_target_limits_the_wait_follows_from_how_fast_people_leave(void **state)
{
    (void)state;
    struct pace pace = begun();
    struct pace_measure m = quiet(START);
    steady(&m, 0);
    m.admitted = 500;
    live(&pace, &m, 600, 3, 3);
    struct pace_rates rates;
    pace_rates(&pace, &m, &rates);
    assert_in_range(rates.low, 9000, 3 * 3600); /* around three a second */
    assert_in_range(rates.high, 3 * 3600, 15000);
}

static void a_wait_is_the_rates_and_some_seconds_beside_them(void **state)
{
    (void)state;
    const struct pace_rates rates = {.low = 3000, .high = 7200, .sooner_s = 4, .later_s = 20};
    uint64_t low_s, high_s;
    pace_wait(&rates, 1, &low_s, &high_s);
    assert_int_equal(low_s, 0);
    assert_int_equal(high_s, 2 + 20); /* 1.2, rounded up */
    pace_wait(&rates, 6000, &low_s, &high_s);
    assert_int_equal(low_s, 3000 - 4);
    assert_int_equal(high_s, 7200 + 20);
}

/* What was saved lets them in at once; beyond the rate nobody is called. */
static void the_rate_leaves_little_sooner_and_the_target_a_while_later(void **state)
{
    (void)state;
    struct pace pace = begun();
    struct pace_measure m = quiet(START);
    steady(&m, 0);
    m.admitted = 400;
    live(&pace, &m, 600, 3, 3);
    struct pace_rates rates;
    pace_rates(&pace, &m, &rates);
    assert_in_range(rates.sooner_s, PACE_CREDIT_SECONDS + 1, 5);
    assert_in_range(rates.later_s, 12, 30); /* 25 and 22 people at three a second */
    m.admitted = 500;                       /* full: how fast people leave says both */
    live(&pace, &m, 600, 3, 3);
    pace_rates(&pace, &m, &rates);
    assert_in_range(rates.sooner_s, 12, 30);
}

static void where_people_are_in_for_a_moment_those_who_do_not_come_are_waited_for(void **state)
{
    (void)state;
    struct pace pace = begun();
    struct pace_measure m = quiet(START);
    m.per_minute = 6000;
    m.target_active = 100;
    m.admitted = 5;
    steady(&m, 3);
    live(&pace, &m, 600, 2, 2);
    struct pace_rates rates;
    pace_rates(&pace, &m, &rates);
    /* 157 at most are called at once, and stay 36 seconds in the mean: not as many as go out */
    assert_in_range(rates.low, 6000, 14000);
    assert_true(rates.later_s > m.claim_seconds / 5); /* until they have missed their turn */
}

static void who_leaves_after_a_pause_because_it_is_over_says_nothing(void **state)
{
    (void)state;
    struct pace pace = begun();
    struct pace_measure m = quiet(START);
    m.admitted = 500;
    live(&pace, &m, 600, 3, 3);
    struct pace_rates before, after;
    pace_rates(&pace, &m, &before);
    m.may_call = false;
    live(&pace, &m, 120, 0, 0);
    m.may_call = true;
    live(&pace, &m, 15, 3, 30);
    pace_rates(&pace, &m, &after);
    assert_memory_equal(&before, &after, sizeof before);
}

static void that_a_few_left_by_chance_is_not_taken_for_the_rule(void **state)
{
    (void)state;
    struct pace pace = begun();
    struct pace_measure m = quiet(START);
    m.per_minute = 60;
    m.admitted = 100;
    live(&pace, &m, 20, 1, 10); /* (settles) */
    live(&pace, &m, 40, 1, 10);
    m.ranks[0] += 4; /* after a restart: one in eleven */
    live(&pace, &m, 1, 1, 10);
    struct pace_rates rates;
    pace_rates(&pace, &m, &rates);
    assert_in_range(rates.low, 3400, 3600);
    assert_in_range(rates.high, 3900, 4500);
}

static void every_reason_has_a_name_of_its_own(void **state)
{
    (void)state;
    for (int a = 0; a < PACE_REASONS; a++)
        for (int b = 0; b < a; b++)
            assert_string_not_equal(pace_reason_name((enum pace_reason)a),
                                    pace_reason_name((enum pace_reason)b));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(nobody_is_called_in_the_first_moment),
        cmocka_unit_test(the_rate_is_kept_to_the_call),
        cmocka_unit_test(a_gap_however_long_saves_two_seconds_of_calls),
        cmocka_unit_test(a_halved_rate_leaves_two_seconds_of_itself_and_one),
        cmocka_unit_test(a_clock_that_stands_still_or_goes_back_calls_nobody),
        cmocka_unit_test(the_target_is_filled_and_not_exceeded),
        cmocka_unit_test(who_waits_in_the_priority_lane_goes_first),
        cmocka_unit_test(when_all_are_called_nobody_waits),
        cmocka_unit_test(a_pause_stops_it_at_once),
        cmocka_unit_test(every_trouble_halves_and_says_what_it_is),
        cmocka_unit_test(what_is_only_just_no_trouble_is_none),
        cmocka_unit_test(it_recovers_by_addition_two_hundredths_a_second),
        cmocka_unit_test(without_knowledge_everybody_called_counts),
        cmocka_unit_test(those_who_never_come_are_learned_and_not_waited_for),
        cmocka_unit_test(if_suddenly_all_come_it_shows_before_their_time_is_over),
        cmocka_unit_test(whatever_is_believed_there_is_a_last_limit),
        cmocka_unit_test(the_slack_is_a_twentieth_and_at_least_two),
        cmocka_unit_test(long_claim_times_have_their_calls_spread),
        cmocka_unit_test(the_largest_numbers_overflow_nothing),
        cmocka_unit_test(a_rate_that_limits_is_the_wait),
        cmocka_unit_test(where_the_target_limits_the_wait_follows_from_how_fast_people_leave),
        cmocka_unit_test(a_wait_is_the_rates_and_some_seconds_beside_them),
        cmocka_unit_test(the_rate_leaves_little_sooner_and_the_target_a_while_later),
        cmocka_unit_test(where_people_are_in_for_a_moment_those_who_do_not_come_are_waited_for),
        cmocka_unit_test(who_leaves_after_a_pause_because_it_is_over_says_nothing),
        cmocka_unit_test(that_a_few_left_by_chance_is_not_taken_for_the_rule),
        cmocka_unit_test(every_reason_has_a_name_of_its_own),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
