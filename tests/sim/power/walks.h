/*
 * walks: ways through the life of a journal on a disk that loses power. Each is one trial (trial.h)
 * and follows from its seed. Thread: one.
 */
#ifndef ONSALE_SIM_POWER_WALKS_H
#define ONSALE_SIM_POWER_WALKS_H

#include "sim/power/trial.h"

struct walk_report {
    struct trial_counts trial;
    struct disk_counts disk;
    uint64_t trace;  /* of the disk; the same for the same walk */
    uint64_t broken; /* walks in which a promise was broken */
    char why[1024];  /* the first of them */
};

struct walk_wishes {
    uint64_t seed;
    unsigned losses; /* of power, after which it ends */
    bool no_faults;  /* only losses of power and kills */
    FILE *tell;      /* what happens; NULL: nobody */
    enum trial_bug bug;
};

/* Random rows, snapshots, changes of files, faults and ends of the process. Returns whether all
 * promises were kept; counts are added to the report. */
bool walk_random(const struct walk_wishes *wishes, struct walk_report *report);

/* What happens to the one operation that a short walk singles out. */
enum walk_end {
    WALK_POWER_LOST,  /* the power fails in it */
    WALK_KILLED,      /* the process is killed in it, and the power fails after the next opening */
    WALK_WRITE_ERROR, /* it fails (EIO); if the process has to end, it is started again */
    WALK_NO_SPACE,    /* it fails (ENOSPC), as above */
    WALK_ENDS
};

/* A short life that meets every part of the driver: a new folder, rows, two changes of files,
 * snapshots, an orderly end, another opening. Something happens in operation `at` (0: nothing);
 * at the end the power fails once more. Returns whether all promises were kept. */
bool walk_short(uint64_t seed, enum walk_end end, uint64_t at, enum disk_fate fate,
                enum trial_bug bug, struct walk_report *report);

/* How many operations the short walk has when nothing happens. */
uint64_t walk_short_operations(uint64_t seed);

#endif
