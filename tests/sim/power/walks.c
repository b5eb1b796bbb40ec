#include "sim/power/walks.h"

#include <errno.h>
#include <string.h>

#define STEPS_MOST 300u
#define MILLION 1000000u

static void add_counts(uint64_t *sums, const uint64_t *counts, size_t bytes)
{
    for (size_t i = 0; i < bytes / sizeof *sums; i++)
        sums[i] += counts[i];
}

/* Ends the trial and adds what it did to the report. */
static bool finish(struct trial *t, struct walk_report *report)
{
    bool kept = t->why[0] == '\0';
    struct disk_counts disk = disk_counts(t->disk);
    add_counts((uint64_t *)&report->trial, (const uint64_t *)&t->counts, sizeof t->counts);
    add_counts((uint64_t *)&report->disk, (const uint64_t *)&disk, sizeof disk);
    report->trace = disk_trace(t->disk);
    if (!kept && report->broken++ == 0)
        memcpy(report->why, t->why, sizeof report->why);
    trial_finish(t);
    return kept;
}

/* ---- at random ---- */

static void draw_faults(struct trial *t, bool no_faults)
{
    struct disk_faults faults = {.full = false};
    uint32_t *rates[] = {&faults.write_full, &faults.write_error, &faults.sync_error,
                         &faults.read_error, &faults.name_error,  &faults.short_call};
    t->with_faults = random_below(&t->random, 2) == 0 && !no_faults;
    for (size_t i = 0; t->with_faults && i < sizeof rates / sizeof *rates; i++)
        if (random_below(&t->random, 3) == 0)
            *rates[i] = (uint32_t)random_magnitude(&t->random, 500, 60000);
    disk_set_faults(t->disk, &faults);
    disk_tell_no_space(t->disk, false);
}

/* The disk runs full, or has space again; the driver is told in time, or meets it. */
static void fill_or_empty(struct trial *t)
{
    if (!t->with_faults)
        return;
    struct disk_faults faults = disk_faults(t->disk);
    faults.full = !faults.full;
    disk_set_faults(t->disk, &faults);
    disk_tell_no_space(t->disk, faults.full && random_below(&t->random, 2) == 0);
}

static size_t draw_len(struct trial *t)
{
    switch (random_below(&t->random, 8)) {
    case 0: return (size_t)random_between(&t->random, 4000, 20000);
    case 1: return (size_t)random_below(&t->random, 3);
    default: return (size_t)random_between(&t->random, 40, 2500);
    }
}

static enum trial_step step_at_random(struct trial *t)
{
    uint64_t which = random_below(&t->random, 100);
    if (which < 70)
        return trial_append(t, draw_len(t));
    if (which < 84)
        return trial_work(t);
    if (which < 92)
        return trial_snapshot(t, (uint32_t)random_below(&t->random, TRIAL_PARTITIONS));
    if (which < 95)
        return trial_read(t, 1 + random_below(&t->random, t->row_count + 1));
    if (which < 97) {
        fill_or_empty(t);
        return TRIAL_GOES_ON;
    }
    if (which < 98) {
        enum trial_step step = trial_close(t);
        return step == TRIAL_GOES_ON ? trial_open(t) : step;
    }
    return TRIAL_GOES_ON;
}

/* One life of a process, from its start to its end. */
static enum trial_step live(struct trial *t, bool no_faults)
{
    t->no_ahead = random_below(&t->random, 2) == 0;
    draw_faults(t, no_faults);
    trial_meanwhile(t, random_below(&t->random, 2) ? 0 : 30000);
    if (random_below(&t->random, 10) > 0)
        disk_die_at(t->disk, disk_operations(t->disk) + random_magnitude(&t->random, 1, 600));
    enum trial_step step = trial_open(t);
    for (unsigned i = 0; step == TRIAL_GOES_ON && i < STEPS_MOST; i++)
        step = step_at_random(t);
    return step;
}

/* Opens on a disk that is well, and does a little there. */
static enum trial_step live_well(struct trial *t)
{
    static const struct disk_faults none = {.full = false};
    disk_set_faults(t->disk, &none);
    disk_tell_no_space(t->disk, false);
    t->with_faults = false;
    trial_meanwhile(t, 0);
    enum trial_step step = trial_open(t);
    if (step == TRIAL_GOES_ON)
        step = trial_read(t, 1);
    if (step == TRIAL_GOES_ON)
        step = trial_append(t, 100);
    if (step == TRIAL_GOES_ON)
        step = trial_snapshot(t, 0);
    return step;
}

static bool restart_at_random(struct trial *t)
{
    if (random_below(&t->random, 4) == 0) {
        trial_restart_killed(t);
        return false;
    }
    trial_restart_without_power(t, DISK_DRAWN);
    return true;
}

bool walk_random(const struct walk_wishes *wishes, struct walk_report *report)
{
    struct trial t;
    trial_init(&t, wishes->seed, wishes->bug);
    trial_tell(&t, wishes->tell);
    enum trial_step step = TRIAL_GOES_ON;
    for (unsigned lost = 0; lost < wishes->losses && step != TRIAL_BROKEN;) {
        step = live(&t, wishes->no_faults);
        if (step != TRIAL_BROKEN)
            lost += restart_at_random(&t);
    }
    for (unsigned i = 0; i < 2 && step != TRIAL_BROKEN; i++) {
        step = live_well(&t);
        if (step != TRIAL_BROKEN)
            trial_restart_without_power(&t, DISK_LOSE_ALL);
    }
    return finish(&t, report);
}

/* ---- a short one, in which everything happens once ---- */

#define DO(step)                         \
    do {                                 \
        enum trial_step result = (step); \
        if (result != TRIAL_GOES_ON)     \
            return result;               \
    } while (0)

static enum trial_step first_life(struct trial *t)
{
    DO(trial_open(t));
    DO(trial_append(t, 300));
    DO(trial_work(t)); /* makes file 2 */
    for (unsigned i = 0; i < 5; i++)
        DO(trial_append(t, 13500));
    DO(trial_snapshot(t, 1));
    DO(trial_append(t, 200)); /* into file 2 */
    DO(trial_work(t));        /* makes file 3 */
    DO(trial_work(t));        /* closes file 1 */
    DO(trial_append(t, 66000));
    DO(trial_snapshot(t, 1));
    DO(trial_append(t, 100)); /* into file 3 */
    DO(trial_snapshot(t, 1));
    DO(trial_read(t, 1));
    return trial_close(t);
}

static enum trial_step second_life(struct trial *t)
{
    DO(trial_open(t));
    DO(trial_append(t, 4000));
    DO(trial_work(t));
    DO(trial_snapshot(t, 1));
    return TRIAL_GOES_ON;
}

static enum trial_step well_again(struct trial *t, enum disk_fate fate)
{
    disk_fail_at(t->disk, 0, 0);
    t->with_faults = false;
    DO(trial_open(t));
    trial_restart_without_power(t, fate);
    DO(trial_open(t));
    DO(trial_append(t, 50));
    DO(trial_snapshot(t, 2));
    trial_restart_without_power(t, DISK_LOSE_ALL);
    DO(trial_open(t));
    return trial_close(t);
}

bool walk_short(uint64_t seed, enum walk_end end, uint64_t at, enum disk_fate fate,
                enum trial_bug bug, struct walk_report *report)
{
    struct trial t;
    trial_init(&t, seed, bug);
    t.no_ahead = seed % 2 == 0;
    bool fails = end == WALK_WRITE_ERROR || end == WALK_NO_SPACE;
    t.with_faults = at && fails;
    if (fails)
        disk_fail_at(t.disk, at, end == WALK_NO_SPACE ? ENOSPC : EIO);
    else
        disk_die_at(t.disk, at);
    enum trial_step step = first_life(&t);
    if (step == TRIAL_GOES_ON)
        step = second_life(&t);
    if (step != TRIAL_BROKEN && end == WALK_POWER_LOST)
        trial_restart_without_power(&t, fate);
    else if (step != TRIAL_BROKEN)
        trial_restart_killed(&t);
    if (step != TRIAL_BROKEN)
        (void)well_again(&t, fate);
    return finish(&t, report);
}

uint64_t walk_short_operations(uint64_t seed)
{
    struct walk_report report = {.broken = 0};
    struct trial t;
    trial_init(&t, seed, TRIAL_NO_BUG);
    t.no_ahead = seed % 2 == 0;
    if (first_life(&t) == TRIAL_GOES_ON)
        (void)second_life(&t);
    uint64_t operations = disk_operations(t.disk);
    (void)finish(&t, &report);
    return operations;
}
