#include "app/clock.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#define SECOND 1000000ull
#define WALL (1800000000ull * SECOND)

static void it_begins_at_the_wall_clock_and_runs_with_the_boot_clock(void **state)
{
    (void)state;
    struct clock clock;
    clock_init(&clock, (struct clock_reading){WALL, 77 * SECOND});
    assert_int_equal(clock_now_us(&clock, 77 * SECOND), WALL);
    assert_int_equal(clock_now_us(&clock, 80 * SECOND), WALL + 3 * SECOND);
}

/* The wall clock was set by an hour: the house follows it by 500 millionths. */
static void a_step_of_the_wall_clock_is_followed_slowly(void **state)
{
    (void)state;
    uint64_t hour = 3600 * SECOND;
    for (int forward = 0; forward < 2; forward++) {
        struct clock clock;
        clock_init(&clock, (struct clock_reading){WALL, 0});
        uint64_t wall = WALL + 10 * SECOND + (forward ? hour : 0 - hour);
        clock_slew(&clock, (struct clock_reading){wall, 10 * SECOND});
        uint64_t now = clock_now_us(&clock, 10 * SECOND), straight = WALL + 10 * SECOND;
        assert_int_equal(forward ? now - straight : straight - now, 5000);
    }
}

static void a_small_difference_is_made_up_and_not_overshot(void **state)
{
    (void)state;
    struct clock clock;
    clock_init(&clock, (struct clock_reading){WALL, 0});
    clock_slew(&clock, (struct clock_reading){WALL + 10 * SECOND + 300, 10 * SECOND});
    assert_int_equal(clock_now_us(&clock, 10 * SECOND), WALL + 10 * SECOND + 300);
}

/* The wall clock was set back by an hour while the house was closed: time goes on from the last row
 * all the same, and comes back to the wall clock slowly. */
static void after_a_start_time_goes_on_from_the_last_row(void **state)
{
    (void)state;
    struct clock clock;
    uint64_t last = WALL + 3600 * SECOND;
    clock_init(&clock, (struct clock_reading){WALL, 50 * SECOND});
    clock_not_before(&clock, last, 50 * SECOND);
    assert_int_equal(clock_now_us(&clock, 50 * SECOND), last);
    assert_int_equal(clock_now_us(&clock, 60 * SECOND), last + 10 * SECOND);
    clock_slew(&clock, (struct clock_reading){WALL + 10 * SECOND, 60 * SECOND});
    assert_int_equal(clock_now_us(&clock, 60 * SECOND), last + 10 * SECOND - 5000);
    clock_not_before(&clock, WALL, 60 * SECOND); /* long past: nothing */
    assert_int_equal(clock_now_us(&clock, 60 * SECOND), last + 10 * SECOND - 5000);
}

static void the_real_clocks_never_go_back(void **state)
{
    (void)state;
    struct clock clock;
    clock_init(&clock, clock_read());
    uint64_t last = clock_now_us(&clock, clock_boot_us()), wall = clock_wall_us();
    assert_true(last <= wall + SECOND && wall <= last + SECOND);
    for (unsigned i = 0; i < 10000; i++) {
        uint64_t now = clock_now_us(&clock, clock_boot_us());
        assert_true(now >= last);
        last = now;
        if (i % 100 == 0)
            clock_slew(&clock, clock_read());
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(it_begins_at_the_wall_clock_and_runs_with_the_boot_clock),
        cmocka_unit_test(a_step_of_the_wall_clock_is_followed_slowly),
        cmocka_unit_test(a_small_difference_is_made_up_and_not_overshot),
        cmocka_unit_test(after_a_start_time_goes_on_from_the_last_row),
        cmocka_unit_test(the_real_clocks_never_go_back),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
