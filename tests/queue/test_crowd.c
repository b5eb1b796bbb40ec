/* A crowd before the door: what must hold whatever people do. Every run has the same crowds; others
 * are for onsale-crowd. */
#include "queue/crowd.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

static void holds(const struct crowd_options *options)
{
    struct crowd_report report;
    assert_true(crowd_run(options, &report));
    const char *wrong = crowd_verdict(&report);
    if (wrong) {
        crowd_print(&report);
        fail_msg("seed %llu, target %u: %s", (unsigned long long)options->seed,
                 options->target_active, wrong);
    }
    assert_int_equal(report.seats_sold, options->seats);
}

static void a_hundred_thousand_visitors_are_let_in_by_rank_and_told_the_truth(void **state)
{
    (void)state;
    /* 9, 17, 26: short waits beside a change of the no-shows, long ones after a pause. */
    static const uint64_t seeds[] = {1, 9, 17, 26};
    for (size_t i = 0; i < sizeof seeds / sizeof *seeds; i++) {
        struct crowd_options options = crowd_of(500, seeds[i]);
        holds(&options);
    }
}

static void small_rooms_are_never_fuller_than_target_and_slack_either(void **state)
{
    (void)state;
    for (uint64_t seed = 1; seed <= 40; seed++) {
        struct crowd_options small = crowd_of(100, seed), tiny = crowd_of(5, seed);
        small.watched = tiny.watched = 50;
        holds(&small);
        holds(&tiny);
    }
}

static void who_does_not_come_stands_in_the_way_of_a_crowd_in_haste(void **state)
{
    (void)state;
    for (uint64_t seed = 1; seed <= 20; seed++) {
        struct crowd_options options = crowd_in_haste(100, seed);
        options.watched = 50;
        holds(&options);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_hundred_thousand_visitors_are_let_in_by_rank_and_told_the_truth),
        cmocka_unit_test(small_rooms_are_never_fuller_than_target_and_slack_either),
        cmocka_unit_test(who_does_not_come_stands_in_the_way_of_a_crowd_in_haste),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
