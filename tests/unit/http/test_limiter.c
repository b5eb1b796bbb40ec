#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "http/limiter.h"

static uint64_t random_state = 88172645463325252u;
static uint64_t random_next(void)
{
    random_state ^= random_state << 13;
    random_state ^= random_state >> 7;
    return random_state ^= random_state << 17;
}

static void a_burst_passes_and_then_the_rate(void **state)
{
    (void)state;
    struct limiter *l = limiter_create(64);
    uint64_t now = 5000000, retry = 0;
    for (int i = 0; i < 5; i++)
        assert_true(limiter_allow(l, 7, 10, 5, now, &retry));
    assert_false(limiter_allow(l, 7, 10, 5, now, &retry));
    assert_int_equal(retry, 100000);
    assert_false(limiter_allow(l, 7, 10, 5, now + 99999, &retry));
    assert_int_equal(retry, 1);
    assert_true(limiter_allow(l, 7, 10, 5, now + 100000, &retry));
    assert_false(limiter_allow(l, 7, 10, 5, now + 100000, &retry));
    assert_true(limiter_allow(l, 8, 10, 5, now, &retry)); /* another key */
    /* After a long silence the whole burst is back, and no more. */
    now += 60000000;
    for (int i = 0; i < 5; i++)
        assert_true(limiter_allow(l, 7, 10, 5, now, &retry));
    assert_false(limiter_allow(l, 7, 10, 5, now, &retry));
    limiter_destroy(l);
}

static void asking_whether_one_would_pass_takes_no_place(void **state)
{
    (void)state;
    struct limiter *l = limiter_create(64);
    uint64_t now = 5000000, retry = 0;
    for (int i = 0; i < 20; i++)
        assert_true(limiter_would_allow(l, 7, 10, 2, now, &retry));
    assert_true(limiter_allow(l, 7, 10, 2, now, &retry));
    assert_true(limiter_allow(l, 7, 10, 2, now, &retry));
    assert_false(limiter_would_allow(l, 7, 10, 2, now, &retry));
    assert_int_equal(retry, 100000);
    assert_true(limiter_would_allow(l, 7, 10, 2, now + 100000, &retry));
    assert_true(limiter_would_allow(l, 7, 0, 0, now, &retry));
    limiter_destroy(l);
}

static void a_rate_of_zero_is_no_limit_and_a_burst_of_zero_is_one(void **state)
{
    (void)state;
    struct limiter *l = limiter_create(1);
    uint64_t retry;
    for (int i = 0; i < 1000; i++)
        assert_true(limiter_allow(l, 1, 0, 0, 1, &retry));
    assert_true(limiter_allow(l, 2, 5, 0, 1, &retry));
    assert_false(limiter_allow(l, 2, 5, 0, 1, &retry));
    assert_int_equal(retry, 200000);
    limiter_destroy(l);
}

/* In any span of time no more than burst + rate x span pass, and who keeps to the rate always
 * passes. */
static void no_span_lets_more_through_than_burst_and_rate(void **state)
{
    (void)state;
    for (int round = 0; round < 200; round++) {
        uint32_t rate = (uint32_t)(random_next() % 1000 + 1),
                 burst = (uint32_t)(random_next() % 20);
        struct limiter *l = limiter_create(8);
        uint64_t now = 1000000, times[2000], retry;
        size_t passed = 0;
        for (int i = 0; i < 2000; i++) {
            now += random_next() % (2000000 / rate);
            if (limiter_allow(l, 1, rate, burst, now, &retry))
                times[passed++] = now;
            else
                assert_true(limiter_allow(l, 1, rate, burst, now += retry, &retry) &&
                            (times[passed++] = now));
            if (passed == 2000)
                break;
        }
        uint64_t step = 1000000 / rate, effective = burst ? burst : 1;
        for (size_t i = 0; i < passed; i += 7)
            for (size_t j = i; j < passed; j += 5)
                assert_true(j - i + 1 <= effective + (times[j] - times[i]) / step);
        limiter_destroy(l);
    }
}

static void a_full_table_never_limits_the_innocent(void **state)
{
    (void)state;
    struct limiter *l = limiter_create(1024);
    uint64_t retry, now = 1000000;
    for (int i = 0; i < 200000; i++)
        assert_true(limiter_allow(l, random_next(), 1, 1, now, &retry));
    limiter_destroy(l);
}

static void forgotten_entries_make_room_before_live_ones(void **state)
{
    (void)state;
    struct limiter *l = limiter_create(LIMITER_WINDOW); /* one window */
    uint64_t retry, now = 1000000;
    assert_true(limiter_allow(l, 100, 1, 1, now, &retry)); /* busy until 2 s */
    for (uint64_t k = 0; k < LIMITER_WINDOW - 1; k++)
        assert_true(limiter_allow(l, k, 1000, 1, now, &retry)); /* forgotten after 1 ms */
    now += 500000;
    for (uint64_t k = 200; k < 200 + LIMITER_WINDOW - 1; k++)
        assert_true(limiter_allow(l, k, 1, 1, now, &retry));
    assert_false(limiter_allow(l, 100, 1, 1, now, &retry));
    /* All slots are live now: the one that would end first gives way. */
    assert_true(limiter_allow(l, 300, 1, 1, now, &retry));
    assert_true(limiter_allow(l, 100, 1, 1, now, &retry));
    limiter_destroy(l);
    limiter_destroy(NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_burst_passes_and_then_the_rate),
        cmocka_unit_test(asking_whether_one_would_pass_takes_no_place),
        cmocka_unit_test(a_rate_of_zero_is_no_limit_and_a_burst_of_zero_is_one),
        cmocka_unit_test(no_span_lets_more_through_than_burst_and_rate),
        cmocka_unit_test(a_full_table_never_limits_the_innocent),
        cmocka_unit_test(forgotten_entries_make_room_before_live_ones),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
