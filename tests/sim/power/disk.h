/*
 * disk: a disk in memory for the SQLite journal, one that tells apart what a process sees and what
 * would survive if the power failed now. SQLite reaches it as a VFS, the driver's own code through
 * struct files; both see the same folders.
 *
 *   - Bytes written to a file are safe once that file was synced, names (made, renamed, removed)
 *     once their folder was synced: no more than POSIX promises. Only a rename is all or nothing.
 *   - Every call that changes something is an operation and has a number. The process dies at the
 *     operation it is told to die at: that one is begun and not answered, all later ones fail.
 *   - After a death the disk is started again. A killed process leaves all it had written. A loss
 * of power lets each write since the last sync be kept, lost, torn at sectors or garbled, each
 *     change of a folder be kept or lost, in any combination, drawn from the seed.
 *   - A sync that fails has thrown its writes away: readers still see them, a later sync does not
 *     bring them to the disk (what Linux does).
 *   - A write changes no byte beside its own (SQLite's SQLITE_IOCAP_POWERSAFE_OVERWRITE, which its
 *     own layer for Unix assumes too).
 *
 * There is no shared memory: the journal works in exclusive mode, and fails here if it did not.
 * Everything follows from the seed; `disk_trace` is a hash of all operations and their bytes.
 *
 * Order of calls: create; then, as often as wanted: work, die or end, close all that is open,
 * disk_restart; destroy. Memory that runs out ends the program. Thread: one owner.
 */
#ifndef ONSALE_SIM_POWER_DISK_H
#define ONSALE_SIM_POWER_DISK_H

#include "journal/files.h"

#include <stdio.h>

#define DISK_SECTOR 512u

struct disk;

/* What a loss of power leaves of the writes to a file since its last sync. */
enum disk_fate {
    DISK_KEEP_ALL,
    DISK_LOSE_ALL,
    DISK_KEEP_FIRST, /* up to some write; that one is torn */
    DISK_KEEP_SOME,  /* each on its own: kept, lost or torn */
    DISK_LOSE_ONE,   /* all but one */
    DISK_KEEP_LAST,  /* only from some write on */
    DISK_TEAR_ALL,   /* each sector of each write on its own */
    DISK_FATES,
    DISK_DRAWN = DISK_FATES /* one of the above for each file and folder, from the seed */
};

/* How many calls in a million fail. */
struct disk_faults {
    uint32_t write_full;  /* no space: a part may be written */
    uint32_t write_error; /* a part may be written */
    uint32_t sync_error;
    uint32_t read_error;
    uint32_t name_error; /* open, rename, remove, list, size */
    uint32_t short_call; /* reads and writes of fewer bytes than asked */
    bool full;           /* a write that makes a file longer fails as if no space were left */
};

struct disk_counts {
    uint64_t operations, syncs, losses, kills;
    uint64_t writes_kept, writes_lost, writes_torn, writes_reordered;
    uint64_t names_kept, names_lost;
    uint64_t faults; /* calls that failed because of struct disk_faults */
};

/* Makes an empty disk, whose folder "/" is safe, and registers its VFS as SQLite's default one, so
 * that SQLite's random numbers follow from the seed too. One disk at a time in a process. */
struct disk *disk_create(uint64_t seed);
/* Nothing on it may be open any more. NULL is allowed. */
void disk_destroy(struct disk *disk);

/* The calls that reach it, for struct journal_sqlite_options. */
const struct files *disk_files(struct disk *disk);

/* As journal_sqlite_space_fn, the context being the disk: plenty, or nothing once it was told to
 * be full. */
int disk_space(void *context, const char *path, uint64_t *ret_free_bytes);
void disk_tell_no_space(struct disk *disk, bool no_space);

/* Dies at this operation (as disk_operations counts); 0: does not. */
void disk_die_at(struct disk *disk, uint64_t operation);
/* Dies now. */
void disk_die(struct disk *disk);
bool disk_dead(const struct disk *disk);
uint64_t disk_operations(const struct disk *disk);

/* Starts it again after the process ended, dead or not. All must be closed (asserted). */
void disk_restart_killed(struct disk *disk);
void disk_restart_without_power(struct disk *disk, enum disk_fate fate);

/* Operation `number` fails with `cause` (as in errno.h); 0: none does. */
void disk_fail_at(struct disk *disk, uint64_t number, int cause);

struct disk_faults disk_faults(const struct disk *disk);
void disk_set_faults(struct disk *disk, const struct disk_faults *faults);

/* Called before each operation: what another thread does meanwhile. NULL: nothing. */
void disk_meanwhile(struct disk *disk, void (*meanwhile)(void *context), void *context);

/* Tests only: what SQLite is told when it is asked for synchronous=FULL ("1" is NORMAL). NULL: as
 * it was asked. */
void disk_set_synchronous(struct disk *disk, const char *instead);

/* Writes a line for each operation and each loss; NULL: no more. */
void disk_tell(struct disk *disk, FILE *to);

struct disk_counts disk_counts(const struct disk *disk);
uint64_t disk_trace(const struct disk *disk);

#endif
