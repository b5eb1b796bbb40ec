/* Who is active: sessions counted once, forgotten after a while, in bounded memory. */
#include "api/admission.h"
#include "base/time.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#define GENERATION_US (CROWD_SECONDS * TIME_SECOND_US)

static uint64_t session(uint64_t number)
{
    return number * 0x9e3779b97f4a7c15ull;
}

static void a_session_counts_once(void **state)
{
    (void)state;
    struct crowd *crowd = crowd_create();
    for (int again = 0; again < 3; again++) {
        for (uint64_t i = 0; i < 5; i++)
            (void)crowd_saw(crowd, session(i), TIME_SECOND_US);
    }
    assert_int_equal(crowd_saw(crowd, session(0), TIME_SECOND_US), 5);
    crowd_destroy(crowd);
}

static void who_stays_is_counted_and_who_went_is_forgotten(void **state)
{
    (void)state;
    struct crowd *crowd = crowd_create();
    uint64_t begun_us = 50 * GENERATION_US;
    for (uint64_t i = 0; i < 10; i++)
        (void)crowd_saw(crowd, session(i), begun_us);
    /* In the next generation they still count, and those who come again count once. */
    assert_int_equal(crowd_saw(crowd, session(0), begun_us + GENERATION_US), 10);
    assert_int_equal(crowd_saw(crowd, session(99), begun_us + GENERATION_US), 11);
    /* Two on, only who was seen in between does. */
    assert_int_equal(crowd_saw(crowd, session(99), begun_us + 2 * GENERATION_US), 2);
    /* After a long silence nobody. */
    assert_int_equal(crowd_saw(crowd, session(7), begun_us + 9 * GENERATION_US), 1);
    crowd_destroy(crowd);
}

static void a_large_crowd_is_counted_within_a_fiftieth_or_so(void **state)
{
    (void)state;
    struct crowd *crowd = crowd_create();
    uint32_t active = 0;
    for (uint64_t i = 1; i <= 50000; i++)
        active = crowd_saw(crowd, session(i) ^ session(i) >> 29, TIME_SECOND_US);
    assert_in_range(active, 48000, 50000);
    crowd_destroy(crowd);
    crowd_destroy(NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_session_counts_once),
        cmocka_unit_test(who_stays_is_counted_and_who_went_is_forgotten),
        cmocka_unit_test(a_large_crowd_is_counted_within_a_fiftieth_or_so),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
