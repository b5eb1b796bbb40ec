/* Fast purchases, failed checkouts, the load meter, networks. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "guard/load.h"
#include "guard/networks.h"
#include "guard/velocity.h"

#define NOW_US 1800000000123456ull
#define S TIME_SECOND_US

static void an_order_within_five_seconds_of_its_hold_is_fast(void **state)
{
    (void)state;
    assert_true(velocity_is_fast(NOW_US, NOW_US));
    assert_true(velocity_is_fast(NOW_US, NOW_US + 5 * S - 1));
    assert_false(velocity_is_fast(NOW_US, NOW_US + 5 * S));
    assert_true(velocity_is_fast(NOW_US, NOW_US - 1)); /* makes no sense: to be looked at */
}

static void a_challenge_is_due_after_three_failures_of_a_session(void **state)
{
    (void)state;
    struct velocity *v = velocity_create(64);
    for (uint32_t i = 0; i < VELOCITY_SESSION_FAILURES; i++) {
        assert_false(velocity_challenge_due(v, 1, 2, NOW_US));
        velocity_failed(v, 1, NOW_US);
    }
    assert_true(velocity_challenge_due(v, 1, 2, NOW_US));
    assert_false(velocity_challenge_due(v, 3, 2, NOW_US));
    velocity_forgive(v, 1);
    assert_false(velocity_challenge_due(v, 1, 2, NOW_US));
    assert_int_equal(velocity_failures(v, 1, NOW_US), 0);
    velocity_destroy(v);
}

static void a_network_may_fail_more_often_than_a_session(void **state)
{
    (void)state;
    struct velocity *v = velocity_create(64);
    for (uint32_t i = 0; i < VELOCITY_NETWORK_FAILURES; i++) {
        assert_false(velocity_challenge_due(v, 1, 2, NOW_US));
        velocity_failed(v, 2, NOW_US);
    }
    assert_true(velocity_challenge_due(v, 1, 2, NOW_US));
    velocity_destroy(v);
}

static void failures_are_forgotten_after_a_while(void **state)
{
    (void)state;
    struct velocity *v = velocity_create(64);
    velocity_failed(v, 1, NOW_US);
    velocity_failed(v, 1, NOW_US + 800 * S);
    assert_int_equal(velocity_failures(v, 1, NOW_US + 1600 * S), 2);
    assert_int_equal(velocity_failures(v, 1, NOW_US + 1701 * S), 0);
    velocity_failed(v, 1, NOW_US + 1701 * S);
    assert_int_equal(velocity_failures(v, 1, NOW_US + 1701 * S), 1);
    velocity_destroy(v);
}

static void a_flood_of_keys_is_bounded_and_keeps_the_newest(void **state)
{
    (void)state;
    struct velocity *v = velocity_create(256);
    for (uint64_t key = 0; key < 100000; key++) {
        velocity_failed(v, key, NOW_US + key * 1000);
        assert_int_equal(velocity_failures(v, key, NOW_US + key * 1000), 1);
    }
    unsigned kept = 0;
    for (uint64_t key = 0; key < 100000; key++) {
        uint32_t failures = velocity_failures(v, key, NOW_US + 100 * S);
        assert_true(failures == 0 || key > 98000);
        kept += failures;
    }
    assert_int_equal(kept, 256);
    velocity_destroy(v);
    velocity_destroy(NULL);
}

static void the_load_is_that_of_the_last_second(void **state)
{
    (void)state;
    struct load load = {0};
    uint64_t start = NOW_US / S * S;
    assert_int_equal(load_per_second(&load, start), 0);
    for (int i = 0; i < 1000; i++)
        load_count(&load, start + (uint64_t)i * 1000);
    assert_int_equal(load_per_second(&load, start + S - 1), 1000);
    assert_int_equal(load_per_second(&load, start + S), 1000);
    assert_int_equal(load_per_second(&load, start + S + S / 2), 500);
    load_count(&load, start + S + S / 2);
    assert_int_equal(load_per_second(&load, start + S + S / 2), 501);
    assert_int_equal(load_per_second(&load, start + 3 * S), 0);
    load_count(&load, start + 9 * S);
    assert_int_equal(load_per_second(&load, start + 9 * S), 1);
}

static void one_household_is_one_network(void **state)
{
    (void)state;
    uint8_t a[16] = {[10] = 0xff, [11] = 0xff, [12] = 192, [13] = 0, [14] = 2, [15] = 1}, b[16];
    memcpy(b, a, sizeof b);
    b[15] = 200;
    assert_true(network_key(a) == network_key(b));
    b[14] = 3;
    assert_true(network_key(a) != network_key(b));
    uint8_t c[16] = {0x20, 0x01, 0x0d, 0xb8, 0, 1, 0, 2, 3, 4, 5, 6, 7, 8, 9, 10}, d[16];
    memcpy(d, c, sizeof d);
    d[8] = d[15] = 77;
    assert_true(network_key(c) == network_key(d));
    d[7] = 3;
    assert_true(network_key(c) != network_key(d));
    /* ::/64 is not the network of every IPv4 address. */
    uint8_t zero[16] = {0};
    assert_true(network_key(a) != network_key(zero));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_order_within_five_seconds_of_its_hold_is_fast),
        cmocka_unit_test(a_challenge_is_due_after_three_failures_of_a_session),
        cmocka_unit_test(a_network_may_fail_more_often_than_a_session),
        cmocka_unit_test(failures_are_forgotten_after_a_while),
        cmocka_unit_test(a_flood_of_keys_is_bounded_and_keeps_the_newest),
        cmocka_unit_test(the_load_is_that_of_the_last_second),
        cmocka_unit_test(one_household_is_one_network),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
