/*
 * trial: a journal on a disk that can lose power (disk.h), and the book of what that journal has
 * promised. Each opening is compared with the book:
 *
 *   - every row that was told durable is there, with its time, its bytes and its hash; so is every
 *     row that an earlier opening has shown;
 *   - behind them stands nothing, or the one row whose outcome was not heard or unknown;
 *   - rows that were told failed are not there;
 *   - a file that bears a snapshot's name is whole, and the newest of each partition is not older
 *     than the last one told written.
 *
 * Steps return TRIAL_GOES_ON, TRIAL_ENDED when the process cannot go on (it died, or its journal
 * takes no more rows): trial_restart follows; or TRIAL_BROKEN: a promise was broken, `why` says
 * which. Order of calls: trial_init; trial_open; steps; trial_restart; trial_open ...;
 * trial_finish. Thread: one.
 */
#ifndef ONSALE_SIM_POWER_TRIAL_H
#define ONSALE_SIM_POWER_TRIAL_H

#include "journal/sqlite.h"
#include "sim/power/disk.h"
#include "sim/random.h"

#define TRIAL_FOLDER "/journal"
#define TRIAL_PARTITIONS 3u

enum trial_step { TRIAL_GOES_ON, TRIAL_ENDED, TRIAL_BROKEN };

/* Bugs that a trial must find, planted from outside of the driver. */
enum trial_bug {
    TRIAL_NO_BUG,
    TRIAL_SYNCHRONOUS_NORMAL,  /* SQLite syncs no commit */
    TRIAL_DURABLE_TOO_EARLY,   /* a row is told durable before it is committed */
    TRIAL_SNAPSHOT_NAMED_EARLY /* a snapshot gets its name before it is synced */
};

struct trial_counts {
    uint64_t opens, failed_opens, durable, failed, unknown, no_space, found_of_unknown;
    uint64_t rows_checked, snapshots, snapshots_checked, files_prepared_or_closed;
};

struct trial_row {
    uint64_t ts_us, body_seed;
    size_t body_len;
    uint8_t hash[32]; /* all zero: not told */
};

struct trial {
    struct disk *disk;
    struct files files; /* the disk's, with the planted bug in it */
    enum trial_bug bug;
    struct journal *journal; /* NULL: not open */
    struct random random;
    bool no_ahead;
    bool busy;        /* what runs meanwhile must not begin now */
    bool with_faults; /* calls of the disk may fail */
    uint32_t meanwhile_rate;

    struct trial_row *rows; /* the book; row 1 is rows[0] */
    size_t row_count, row_cap;
    struct trial_row unheard; /* the row behind them, when its outcome is not known */
    bool has_unheard;
    uint64_t snapshot_seq[TRIAL_PARTITIONS]; /* told written; 0: none */

    FILE *tell;
    struct trial_counts counts;
    char why[1024];
};

void trial_init(struct trial *trial, uint64_t seed, enum trial_bug bug);
/* Writes what happens; NULL: no more. */
void trial_tell(struct trial *trial, FILE *to);
void trial_finish(struct trial *trial);

/* Opens the journal and compares it with the book. An opening that fails because the disk does ends
 * the process. */
enum trial_step trial_open(struct trial *trial);
/* An orderly end; TRIAL_ENDED when the process died in it. */
enum trial_step trial_close(struct trial *trial);
enum trial_step trial_append(struct trial *trial, size_t body_len);
enum trial_step trial_snapshot(struct trial *trial, uint32_t partition);
/* One piece of the helper's work. */
enum trial_step trial_work(struct trial *trial);
/* Reads all rows from `from_seq`, while the disk may fail. */
enum trial_step trial_read(struct trial *trial, uint64_t from_seq);

/* From now on the helper and a writer of snapshots work in the middle of other operations, about
 * `per_million` times in a million. */
void trial_meanwhile(struct trial *trial, uint32_t per_million);

/* Tears down what the dead process had open and starts the disk again. */
void trial_restart_killed(struct trial *trial);
void trial_restart_without_power(struct trial *trial, enum disk_fate fate);

#endif
