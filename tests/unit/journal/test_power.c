/* The SQLite driver on a disk that loses power and fails (tests/sim/power). */
#include "sim/power/walks.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>

#include <cmocka.h>

#define SEEDS 40u
#define LOSSES 8u
#define SEEDS_TO_CATCH 20u

static void expect(const struct trial *trial, enum trial_step step, enum trial_step expected)
{
    if (step != expected)
        fail_msg("step came to %d, not %d: %s", (int)step, (int)expected, trial->why);
}

/* ---- each operation, one after the other ---- */

/* Seeds that are even write logs that were not filled ahead. */
static void single_out_every_operation(enum walk_end end, uint64_t first_seed, uint64_t last_seed)
{
    static const enum disk_fate fates[] = {DISK_LOSE_ALL, DISK_DRAWN};
    struct walk_report report = {.broken = 0};
    for (uint64_t seed = first_seed; seed <= last_seed; seed++) {
        uint64_t operations = walk_short_operations(seed);
        assert_in_range(operations, 250, 2000);
        for (uint64_t at = 1; at <= operations; at++) {
            enum disk_fate fate = fates[(at + seed) % 2];
            if (!walk_short(seed, end, at, fate, TRIAL_NO_BUG, &report))
                fail_msg("seed %d, operation %d, fate %d: %s", (int)seed, (int)at, (int)fate,
                         report.why);
        }
    }
    print_message("%d walks, %d losses of power, %d rows compared\n", (int)report.trial.opens / 3,
                  (int)report.disk.losses, (int)report.trial.rows_checked);
}

static void power_may_fail_in_any_operation(void **state)
{
    (void)state;
    single_out_every_operation(WALK_POWER_LOST, 1, 2);
}

static void what_a_start_after_a_kill_shows_survives_a_loss_of_power(void **state)
{
    (void)state;
    single_out_every_operation(WALK_KILLED, 2, 2);
}

static void any_operation_may_fail(void **state)
{
    (void)state;
    single_out_every_operation(WALK_WRITE_ERROR, 1, 1);
}

static void any_operation_may_find_the_disk_full(void **state)
{
    (void)state;
    single_out_every_operation(WALK_NO_SPACE, 2, 2);
}

/* ---- at random ---- */

static void random_lives_keep_every_promise(void **state)
{
    (void)state;
    struct walk_report report = {.broken = 0};
    for (uint64_t seed = 1; seed <= SEEDS; seed++) {
        struct walk_wishes wishes = {.seed = seed, .losses = LOSSES};
        if (!walk_random(&wishes, &report))
            fail_msg("%s\n  again: onsale-power --seeds 1 --seed %d --losses %d --trace",
                     report.why, (int)seed, (int)LOSSES);
    }
    print_message("%d losses of power: writes kept %d, lost %d, torn %d; %d rows compared\n",
                  (int)report.disk.losses, (int)report.disk.writes_kept,
                  (int)report.disk.writes_lost, (int)report.disk.writes_torn,
                  (int)report.trial.rows_checked);
    assert_true(report.disk.writes_torn > 0 && report.disk.writes_reordered > 0);
    assert_true(report.trial.unknown > 0 && report.trial.no_space > 0);
    assert_true(report.trial.found_of_unknown > 0 && report.trial.snapshots_checked > 0);
}

static void the_same_seed_gives_the_same_trace(void **state)
{
    (void)state;
    for (uint64_t seed = 1; seed <= 3; seed++) {
        struct walk_wishes wishes = {.seed = seed, .losses = LOSSES};
        struct walk_report once = {.broken = 0}, again = {.broken = 0};
        assert_true(walk_random(&wishes, &once));
        assert_true(walk_random(&wishes, &again));
        assert_int_equal(once.trace, again.trace);
        assert_memory_equal(&once.trial, &again.trial, sizeof once.trial);
        wishes.seed += 100;
        assert_true(walk_random(&wishes, &again));
        assert_true(once.trace != again.trace);
    }
}

/* ---- planted bugs ---- */

static void expect_caught(enum trial_bug bug, const char *how)
{
    for (uint64_t seed = 1; seed <= SEEDS_TO_CATCH; seed++) {
        struct walk_report report = {.broken = 0};
        struct walk_wishes wishes = {.seed = seed, .losses = LOSSES, .no_faults = true, .bug = bug};
        if (walk_random(&wishes, &report))
            continue;
        print_message("caught by seed %d: %s\n", (int)seed, report.why);
        assert_non_null(strstr(report.why, how));
        return;
    }
    fail_msg("not caught in %d seeds", (int)SEEDS_TO_CATCH);
}

static void normal_is_caught_losing_rows(void **state)
{
    (void)state;
    expect_caught(TRIAL_SYNCHRONOUS_NORMAL, "rows are ");
}

static void a_row_told_durable_before_its_commit_is_caught(void **state)
{
    (void)state;
    expect_caught(TRIAL_DURABLE_TOO_EARLY, "rows are lost");
}

/* The power has to fail between a rename and the next sync, which few random lives come upon. */
static void a_snapshot_named_before_it_is_synced_is_caught(void **state)
{
    (void)state;
    struct walk_report report = {.broken = 0};
    uint64_t operations = walk_short_operations(1);
    for (uint64_t at = 1; at <= operations; at++)
        (void)walk_short(1, WALK_POWER_LOST, at, DISK_DRAWN, TRIAL_SNAPSHOT_NAMED_EARLY, &report);
    print_message("caught in %d operations of %d: %s\n", (int)report.broken, (int)operations,
                  report.why);
    assert_true(report.broken > 0);
    assert_non_null(strstr(report.why, "bears its name and is not whole"));
}

/* ---- what they have found, one by one ---- */

static void a_new_folder_is_still_there_after_a_loss_of_power(void **state)
{
    (void)state;
    struct trial t;
    trial_init(&t, 1, TRIAL_NO_BUG);
    expect(&t, trial_open(&t), TRIAL_GOES_ON);
    expect(&t, trial_append(&t, 100), TRIAL_GOES_ON);
    trial_restart_without_power(&t, DISK_LOSE_ALL);
    expect(&t, trial_open(&t), TRIAL_GOES_ON);
    assert_int_equal(t.row_count, 1);
    trial_finish(&t);
}

/* Opens, appends a few rows and one more, in whose commit `meet` is met: by number from its first
 * operation, as the trial is the same each time. */
static void append_and_meet(struct trial *t, void (*meet)(struct disk *disk, uint64_t operation),
                            uint64_t number)
{
    trial_init(t, 5, TRIAL_NO_BUG);
    t->no_ahead = true; /* filling ahead would sync the log by the way */
    expect(t, trial_open(t), TRIAL_GOES_ON);
    for (unsigned i = 0; i < 3; i++)
        expect(t, trial_append(t, 100), TRIAL_GOES_ON);
    meet(t->disk, disk_operations(t->disk) + number);
    t->with_faults = true;
    expect(t, trial_append(t, 100), TRIAL_ENDED);
    t->with_faults = false;
    assert_true(t->has_unheard);
}

static void die_there(struct disk *disk, uint64_t operation)
{
    disk_die_at(disk, operation);
}

static void fail_there(struct disk *disk, uint64_t operation)
{
    disk_fail_at(disk, operation, EIO);
}

#define SYNC_OF_A_SMALL_ROW 3 /* behind a frame's header and its page */

static void a_row_shown_after_a_kill_before_its_sync_survives(void **state)
{
    (void)state;
    struct trial t;
    append_and_meet(&t, die_there, SYNC_OF_A_SMALL_ROW);
    trial_restart_killed(&t);
    expect(&t, trial_open(&t), TRIAL_GOES_ON);
    assert_int_equal(t.row_count, 4);
    expect(&t, trial_snapshot(&t, 1), TRIAL_GOES_ON);
    trial_restart_without_power(&t, DISK_LOSE_ALL);
    expect(&t, trial_open(&t), TRIAL_GOES_ON);
    assert_int_equal(t.row_count, 4);
    trial_finish(&t);
}

static void rows_behind_one_whose_sync_failed_survive(void **state)
{
    (void)state;
    struct trial t;
    append_and_meet(&t, fail_there, SYNC_OF_A_SMALL_ROW);
    assert_int_equal(t.counts.unknown, 1);
    trial_restart_killed(&t);
    expect(&t, trial_open(&t), TRIAL_GOES_ON);
    assert_int_equal(t.row_count, 4); /* the kernel shows it, though it never reached the disk */
    expect(&t, trial_append(&t, 100), TRIAL_GOES_ON);
    trial_restart_without_power(&t, DISK_LOSE_ALL);
    expect(&t, trial_open(&t), TRIAL_GOES_ON);
    assert_int_equal(t.row_count, 5);
    trial_finish(&t);
}

/* Of a row of this size only zeros stand in the last bytes of the last page. */
#define ENDS_IN_ZEROS 4100u
#define WRITES_OF_IT 6 /* three frames, each a header and a page */

/* Half of the last page reaches a full disk. What the next start makes of that row, each later one
 * must make of it too, even when the log was filled with zeros meanwhile. */
static void a_row_that_a_start_has_not_shown_does_not_come_back(void **state)
{
    (void)state;
    uint64_t found = 0;
    for (uint64_t seed = 1; seed <= 100; seed++) {
        struct trial t;
        trial_init(&t, seed, TRIAL_NO_BUG);
        t.no_ahead = true;
        expect(&t, trial_open(&t), TRIAL_GOES_ON);
        for (unsigned i = 0; i < 2; i++)
            expect(&t, trial_append(&t, 100), TRIAL_GOES_ON);
        disk_fail_at(t.disk, disk_operations(t.disk) + WRITES_OF_IT, ENOSPC);
        t.with_faults = true;
        expect(&t, trial_append(&t, ENDS_IN_ZEROS), TRIAL_ENDED);
        t.with_faults = t.no_ahead = false;
        for (unsigned i = 0; i < 3; i++) {
            trial_restart_killed(&t);
            expect(&t, trial_open(&t), TRIAL_GOES_ON);
        }
        found += t.row_count - 2;
        trial_finish(&t);
    }
    assert_int_equal(found, 0); /* as nothing fills the half page */
}

/* The same in a log that was filled ahead: the row may have come to stand there, and must not have
 * been told failed. */
static void a_row_that_met_a_full_disk_in_a_filled_log_is_not_told_failed(void **state)
{
    (void)state;
    uint64_t found = 0;
    for (uint64_t seed = 1; seed <= 100; seed++) {
        struct trial t;
        trial_init(&t, seed, TRIAL_NO_BUG);
        expect(&t, trial_open(&t), TRIAL_GOES_ON);
        for (unsigned i = 0; i < 2; i++)
            expect(&t, trial_append(&t, 100), TRIAL_GOES_ON);
        disk_fail_at(t.disk, disk_operations(t.disk) + WRITES_OF_IT, ENOSPC);
        t.with_faults = true;
        expect(&t, trial_append(&t, ENDS_IN_ZEROS), TRIAL_ENDED);
        t.with_faults = false;
        trial_restart_killed(&t);
        expect(&t, trial_open(&t), TRIAL_GOES_ON);
        found += t.row_count - 2;
        trial_finish(&t);
    }
    assert_true(found > 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_new_folder_is_still_there_after_a_loss_of_power),
        cmocka_unit_test(a_row_shown_after_a_kill_before_its_sync_survives),
        cmocka_unit_test(rows_behind_one_whose_sync_failed_survive),
        cmocka_unit_test(a_row_that_a_start_has_not_shown_does_not_come_back),
        cmocka_unit_test(a_row_that_met_a_full_disk_in_a_filled_log_is_not_told_failed),
        cmocka_unit_test(normal_is_caught_losing_rows),
        cmocka_unit_test(a_row_told_durable_before_its_commit_is_caught),
        cmocka_unit_test(a_snapshot_named_before_it_is_synced_is_caught),
        cmocka_unit_test(the_same_seed_gives_the_same_trace),
        cmocka_unit_test(random_lives_keep_every_promise),
        cmocka_unit_test(power_may_fail_in_any_operation),
        cmocka_unit_test(what_a_start_after_a_kill_shows_survives_a_loss_of_power),
        cmocka_unit_test(any_operation_may_fail),
        cmocka_unit_test(any_operation_may_find_the_disk_full),
    };
    return cmocka_run_group_tests_name("journal power", tests, NULL, NULL);
}
