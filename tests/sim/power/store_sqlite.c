/* The store `sqlite` (store.h): the real SQLite driver on a disk that loses power (disk.h); and
 * `sqlite-normal`, in which SQLite is told synchronous=NORMAL and must be found losing rows. The
 * driver is world code here: its memory is not the process's, so that what a dead process had open
 * can be closed. It dies in the middle of the driver by the disk's dying; the process follows. */
#include "journal/sqlite.h"
#include "process.h"
#include "sim/power/disk.h"
#include "store.h"

#include <errno.h>
#include <stdlib.h>

#define FOLDER "/journal"
#define FILE_BYTES_LEAST 65536u
#define MEANWHILE_RATE 5000u /* in a million operations */

/* Rows are gathered first and shown then: the process may die while it looks at one, and must not
 * leave SQLite in the middle of a statement. */
struct gathered {
    struct buf bodies;
    struct journal_row *rows; /* without their bodies' places */
    size_t count, capacity;
};

struct sqlite_store {
    struct journal base;
    struct sim *sim;
    struct random random;
    struct disk *disk;
    struct journal *inner; /* the driver's; NULL: not open */
    struct disk_counts told;
    struct gathered gathered;
    uint64_t full_until_us, file_bytes;
    bool working;
};

static struct sqlite_store *store_of(struct journal *journal)
{
    return (struct sqlite_store *)journal;
}

/* World code; what the process does next, it does not do when the disk died under it. */
static void follow(struct sqlite_store *t)
{
    if (disk_dead(t->disk))
        process_die(t->sim);
}

/* ---- faults ---- */

static void work(struct sqlite_store *t)
{
    t->working = true;
    (void)journal_sqlite_work(t->inner);
    t->working = false;
}

/* The helper, in the middle of something else. */
static void work_meanwhile(void *context)
{
    struct sqlite_store *t = context;
    if (t->inner && !t->working && random_hit(&t->random, MEANWHILE_RATE))
        work(t);
}

static uint64_t soon(struct sqlite_store *t, uint64_t operations)
{
    return disk_operations(t->disk) + 1 + random_below(&t->random, operations);
}

/* About one append in so many crash points; an append of its own passes some twenty of those. */
static void draw_death(struct sqlite_store *t, uint64_t within)
{
    uint32_t every = t->sim->rates.crash_every;
    if (every && random_below(&t->random, every / 20 + 4) == 0)
        disk_die_at(t->disk, soon(t, within));
}

static void draw_space(struct sqlite_store *t)
{
    struct sim *s = t->sim;
    if (random_hit(&t->random, s->rates.journal_no_space)) {
        t->full_until_us = s->now_us + random_magnitude(&t->random, 10000, 60 * SECOND_US);
        sim_fault(s, FAULT_JOURNAL_NO_SPACE);
    }
}

static void set_space(struct sqlite_store *t)
{
    disk_tell_no_space(t->disk, !t->sim->calm && t->sim->now_us < t->full_until_us);
}

static void draw_faults(struct sqlite_store *t)
{
    struct sim *s = t->sim;
    disk_fail_at(t->disk, 0, 0);
    if (s->calm) {
        disk_die_at(t->disk, 0);
        return;
    }
    draw_space(t);
    draw_death(t, 12);
    if (random_hit(&t->random, s->rates.journal_failed))
        disk_fail_at(t->disk, soon(t, 2), ENOSPC);
    else if (random_hit(&t->random, s->rates.journal_unknown))
        disk_fail_at(t->disk, soon(t, 6), EIO);
}

static void count_outcome(struct sim *s, enum journal_outcome outcome)
{
    if (outcome == JOURNAL_FAILED)
        sim_fault(s, FAULT_JOURNAL_FAILED);
    else if (outcome == JOURNAL_UNKNOWN)
        sim_fault(s, FAULT_JOURNAL_UNKNOWN_LATER);
}

/* ---- as a journal ---- */

struct heard {
    enum journal_outcome outcome;
    struct err err;
};

static void hear(void *context, enum journal_outcome outcome, const struct err *err)
{
    struct heard *heard = context;
    heard->outcome = outcome;
    heard->err = err ? *err : (struct err){""};
}

static void sqlite_append(struct journal *journal, uint64_t ts_us, struct slice body,
                          journal_done_fn *done, void *context)
{
    struct sqlite_store *t = store_of(journal);
    struct heard heard = {JOURNAL_UNKNOWN, {""}};
    {
        WORLD_BEGIN();
        draw_faults(t);
        set_space(t);
        if (random_below(&t->random, 8) == 0)
            work(t);
        if (!disk_dead(t->disk))
            journal_append(t->inner, ts_us, body, hear, &heard);
        if (!disk_dead(t->disk))
            count_outcome(t->sim, heard.outcome);
    }
    follow(t);
    done(context, heard.outcome, heard.outcome == JOURNAL_DURABLE ? NULL : &heard.err);
}

static struct journal_head sqlite_head(const struct journal *journal)
{
    return journal_head(((const struct sqlite_store *)journal)->inner);
}

static int gather(void *context, const struct journal_row *row)
{
    struct gathered *g = context;
    if (g->count == g->capacity) {
        g->capacity = g->capacity ? g->capacity * 2 : 64;
        g->rows = realloc(g->rows, g->capacity * sizeof *g->rows);
        if (!g->rows)
            abort();
    }
    g->rows[g->count] = *row;
    g->rows[g->count++].body.data = NULL;
    buf_append_slice(&g->bodies, row->body);
    return 0;
}

static int sqlite_read(struct journal *journal, uint64_t from_seq, journal_visit_fn *visit,
                       void *context, uint64_t *ret_culprit, struct err *err)
{
    struct sqlite_store *t = store_of(journal);
    struct gathered *g = &t->gathered;
    int result;
    {
        WORLD_BEGIN();
        g->count = 0;
        buf_clear(&g->bodies);
        result = t->inner->driver->read(t->inner, from_seq, gather, g, ret_culprit, err);
        if (g->bodies.failed)
            abort();
    }
    size_t at = 0;
    for (size_t i = 0; result == 0 && i < g->count; i++) {
        struct journal_row row = g->rows[i];
        row.body.data = g->bodies.data + at;
        at += row.body.len;
        result = visit(context, &row);
    }
    return result;
}

static int sqlite_write_snapshot(struct journal *journal, uint32_t partition, uint64_t seq,
                                 struct slice bytes, struct err *err)
{
    struct sqlite_store *t = store_of(journal);
    struct sim *s = t->sim;
    int result;
    {
        WORLD_BEGIN();
        disk_fail_at(t->disk, 0, 0);
        if (!s->calm && random_hit(&t->random, s->rates.snapshot_failed)) {
            disk_fail_at(t->disk, soon(t, 6), random_below(&t->random, 2) ? EIO : ENOSPC);
            sim_fault(s, FAULT_SNAPSHOT_FAILED);
        }
        if (!s->calm)
            draw_death(t, 6);
        result = journal_write_snapshot(t->inner, partition, seq, bytes, err);
        disk_fail_at(t->disk, 0, 0);
    }
    follow(t);
    return result;
}

static int sqlite_read_snapshot(struct journal *journal, uint32_t partition, struct buf *out,
                                uint64_t *ret_seq, struct err *err)
{
    struct sqlite_store *t = store_of(journal);
    struct buf *bytes = &t->gathered.bodies;
    int result;
    {
        WORLD_BEGIN();
        buf_clear(bytes);
        result = journal_read_snapshot(t->inner, partition, bytes, ret_seq, err);
    }
    if (result == 1)
        buf_append_slice(out, buf_slice(bytes));
    return out->failed ? err_set(err, "out of memory") : result;
}

static bool sqlite_writable(struct journal *journal)
{
    struct sqlite_store *t = store_of(journal);
    set_space(t);
    return journal_writable(t->inner);
}

static void sqlite_destroy(struct journal *journal)
{
    struct sqlite_store *t = store_of(journal);
    {
        WORLD_BEGIN();
        struct journal *inner = t->inner;
        t->inner = NULL;
        journal_destroy(inner);
    }
    follow(t);
}

static const struct journal_driver sqlite_driver = {
    sqlite_append,        sqlite_head,     sqlite_read,    sqlite_write_snapshot,
    sqlite_read_snapshot, sqlite_writable, sqlite_destroy,
};

/* ---- life ---- */

static void *sqlite_create(struct sim *s)
{
    struct sqlite_store *t = calloc(1, sizeof *t);
    if (!t)
        abort();
    t->base.driver = &sqlite_driver;
    t->sim = s;
    t->random = sim_stream(s, 3);
    t->file_bytes = (uint64_t)FILE_BYTES_LEAST << random_below(&t->random, 5);
    t->disk = disk_create(random_next(&t->random));
    disk_meanwhile(t->disk, work_meanwhile, t);
    return t;
}

static void *sqlite_create_normal(struct sim *s)
{
    struct sqlite_store *t = sqlite_create(s);
    disk_set_synchronous(t->disk, "1");
    return t;
}

static int sqlite_open(struct sim *s, void *disk, struct journal **ret_journal, struct err *err)
{
    struct sqlite_store *t = disk;
    int result;
    {
        WORLD_BEGIN();
        struct journal_sqlite_options options = {
            .file_bytes = t->file_bytes,
            .reserve_bytes = 1,
            .space_check_us = UINT64_MAX,
            .no_ahead = random_below(&t->random, 2) == 0,
            .by_hand = true,
            .files = disk_files(t->disk),
            .space = disk_space,
            .space_context = t->disk,
        };
        if (!s->calm)
            draw_death(t, 80);
        set_space(t);
        struct journal *inner = NULL;
        result = journal_sqlite_open(FOLDER, &options, &inner, err);
        t->inner = result == 0 ? inner : NULL;
    }
    follow(t);
    *ret_journal = &t->base;
    return result;
}

static void count_losses(struct sqlite_store *t)
{
    struct disk_counts now = disk_counts(t->disk);
    t->sim->figures->faults[FAULT_WRITE_KEPT] += now.writes_kept - t->told.writes_kept;
    t->sim->figures->faults[FAULT_WRITE_LOST] += now.writes_lost - t->told.writes_lost;
    t->sim->figures->faults[FAULT_WRITE_TORN] += now.writes_torn - t->told.writes_torn;
    t->told = now;
}

static void sqlite_crash(struct sim *s, void *disk, bool power)
{
    struct sqlite_store *t = disk;
    struct journal *inner = t->inner;
    t->inner = NULL;
    disk_die(t->disk);
    journal_destroy(inner);
    if (power)
        disk_restart_without_power(t->disk, DISK_DRAWN);
    else
        disk_restart_killed(t->disk);
    disk_fail_at(t->disk, 0, 0);
    count_losses(t);
    TRACE(s, "the disk has done # operations, their hash is @", disk_operations(t->disk),
          disk_trace(t->disk));
}

static void sqlite_end(void *disk)
{
    struct sqlite_store *t = disk;
    disk_die(t->disk);
    journal_destroy(t->inner);
    disk_destroy(t->disk);
    buf_finish(&t->gathered.bodies);
    free(t->gathered.rows);
    free(t);
}

const struct store_driver store_sqlite = {
    "sqlite", sqlite_create, sqlite_end, sqlite_open, sqlite_crash, NULL,
};

const struct store_driver store_sqlite_normal = {
    "sqlite-normal", sqlite_create_normal, sqlite_end, sqlite_open, sqlite_crash, NULL,
};
