#include "app/clock.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#define SECOND 1000000ull

static void it_begins_at_the_wall_clock_and_never_goes_back(void **state)
{
    (void)state;
    struct clock clock;
    clock_init(&clock);
    uint64_t last = clock_now_us(&clock), wall = clock_wall_us();
    assert_true(last <= wall + SECOND && wall <= last + SECOND);
    for (unsigned i = 0; i < 10000; i++) {
        uint64_t now = clock_now_us(&clock);
        assert_true(now >= last);
        last = now;
        if (i % 100 == 0)
            clock_slew(&clock);
    }
}

/* The wall clock was set by an hour: the house follows it by 500 millionths at most. */
static void a_step_of_the_wall_clock_is_followed_slowly(void **state)
{
    (void)state;
    for (int forward = 0; forward < 2; forward++) {
        struct clock clock;
        clock_init(&clock);
        uint64_t hour = 3600 * SECOND,
                 was = forward ? clock.anchor_us - hour : clock.anchor_us + hour;
        clock.anchor_us = was;
        clock.slewed_us -= 10 * SECOND; /* the last slew was ten seconds ago */
        clock_slew(&clock);
        uint64_t moved = forward ? clock.anchor_us - was : was - clock.anchor_us;
        assert_true(moved >= 5000 &&
                    moved <= 5000 + 500); /* ten seconds x 500 millionths, and a bit */
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(it_begins_at_the_wall_clock_and_never_goes_back),
        cmocka_unit_test(a_step_of_the_wall_clock_is_followed_slowly),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
