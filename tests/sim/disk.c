/* A model of a disk with a journal on it: rows that are written and rows that are synced, snapshots
 * likewise. What was synced survives everything; of what was only written a crash keeps each sector
 * or does not, in any order. */
#include "process.h"
#include "store.h"

#include <assert.h>
#include <stdlib.h>

#define SECTOR_BYTES 128u /* small, so that a short row can be torn too */
#define SNAPSHOTS_KEPT 2u

struct disk_row {
    uint64_t seq, ts_us;
    uint8_t hash[CHAIN_HASH_BYTES];
    char *body; /* owned */
    size_t len;
};

struct disk_snapshot {
    uint32_t partition;
    uint64_t seq, checksum;
    char *bytes; /* owned */
    size_t len;
};

struct disk {
    struct journal base;
    struct sim *sim;
    struct random random;
    struct chain chain;
    struct disk_row *rows; /* synced: row n stands at n - 1 */
    size_t row_count, row_capacity;
    /* Written and not synced; at most one. */
    bool has_loose;
    struct disk_row loose;
    journal_done_fn *done;
    void *done_context;
    enum journal_outcome outcome;
    bool lands;   /* it is written: what becomes of it when the outcome is not JOURNAL_DURABLE */
    bool at_once; /* and synced, whatever is told */
    uint64_t full_until_us;
    struct disk_snapshot *snapshots; /* oldest first */
    size_t snapshot_count, snapshot_capacity;
};

static struct disk *disk_of(struct journal *journal)
{
    return (struct disk *)journal;
}

static void row_free(struct disk_row *row)
{
    free(row->body);
    *row = (struct disk_row){0};
}

static void row_keep(struct disk *d, const struct disk_row *row)
{
    if (d->row_count == d->row_capacity) {
        d->row_capacity = d->row_capacity ? d->row_capacity * 2 : 64;
        d->rows = realloc(d->rows, d->row_capacity * sizeof *d->rows);
        if (!d->rows)
            abort();
    }
    d->rows[d->row_count++] = *row;
}

static struct journal_head disk_head(const struct journal *journal)
{
    const struct disk *d = (const struct disk *)journal;
    struct journal_head head = {.seq = d->row_count};
    if (d->row_count > 0) {
        head.ts_us = d->rows[d->row_count - 1].ts_us;
        memcpy(head.hash, d->rows[d->row_count - 1].hash, sizeof head.hash);
    }
    return head;
}

static bool disk_writable(struct journal *journal)
{
    const struct disk *d = disk_of(journal);
    return d->full_until_us <= d->sim->now_us;
}

/* ---- appending ---- */

static void draw_outcome(struct disk *d)
{
    struct sim *s = d->sim;
    d->outcome = JOURNAL_DURABLE;
    d->lands = d->at_once = true;
    if (random_hit(&d->random, s->rates.journal_no_space)) {
        d->full_until_us = s->now_us + random_magnitude(&d->random, 10000, 1800 * SECOND_US);
        d->outcome = JOURNAL_NO_SPACE;
        d->lands = false;
        sim_fault(s, FAULT_JOURNAL_NO_SPACE);
    } else if (!disk_writable(&d->base)) {
        d->outcome = JOURNAL_NO_SPACE;
        d->lands = false;
    } else if (random_hit(&d->random, s->rates.journal_failed)) {
        d->outcome = JOURNAL_FAILED;
        d->lands = false;
        sim_fault(s, FAULT_JOURNAL_FAILED);
    } else if (random_hit(&d->random, s->rates.journal_unknown)) {
        static const enum fault faults[] = {FAULT_JOURNAL_UNKNOWN_DONE, FAULT_JOURNAL_UNKNOWN_LATER,
                                            FAULT_JOURNAL_UNKNOWN_LOST};
        uint64_t which = random_below(&d->random, 3);
        d->outcome = JOURNAL_UNKNOWN;
        d->lands = which < 2;
        d->at_once =
            which == 0; /* else it stays loose, and lands when the journal is opened again */
        sim_fault(s, faults[which]);
    }
}

static void disk_append(struct journal *journal, uint64_t ts_us, struct slice body,
                        journal_done_fn *done, void *context)
{
    struct disk *d = disk_of(journal);
    assert(!d->done);
    CRASH_POINT("disk.append.before");
    d->done = done;
    d->done_context = context;
    draw_outcome(d);
    if (!d->lands)
        return;
    {
        WORLD_BEGIN();
        struct journal_head head = disk_head(journal);
        struct err err;
        row_free(&d->loose);
        d->loose = (struct disk_row){.seq = head.seq + 1, .ts_us = ts_us, .len = body.len};
        d->loose.body = malloc(body.len + 1);
        if (!d->loose.body ||
            chain_next(&d->chain, head.hash, head.seq + 1, ts_us, body, d->loose.hash, &err) != 0)
            abort();
        memcpy(d->loose.body, body.data, body.len);
        d->has_loose = true;
    }
    CRASH_POINT("disk.append.written");
}

static void disk_complete(struct sim *s, void *disk)
{
    struct disk *d = disk;
    (void)s;
    if (!d->done)
        return;
    CRASH_POINT("disk.sync.before");
    if (d->lands && d->at_once) {
        WORLD_BEGIN();
        row_keep(d, &d->loose);
        d->loose = (struct disk_row){0};
        d->has_loose = false;
    }
    CRASH_POINT("disk.sync.after");
    static const struct err asked = {"the simulated disk failed"};
    journal_done_fn *done = d->done;
    d->done = NULL;
    done(d->done_context, d->outcome, &asked);
}

/* ---- reading ---- */

static int disk_read(struct journal *journal, uint64_t from_seq, journal_visit_fn *visit,
                     void *context, uint64_t *ret_culprit, struct err *err)
{
    struct disk *d = disk_of(journal);
    struct journal_cursor cursor = {.seq = from_seq ? from_seq : 1};
    if (cursor.seq > 1 && cursor.seq <= d->row_count + 1)
        memcpy(cursor.hash, d->rows[cursor.seq - 2].hash, sizeof cursor.hash);
    while (cursor.seq <= d->row_count) {
        const struct disk_row *stored = &d->rows[cursor.seq - 1];
        struct journal_row row = {stored->seq, stored->ts_us, {stored->body, stored->len}, {0}};
        memcpy(row.hash, stored->hash, sizeof row.hash);
        CRASH_POINT("disk.read.row");
        if (journal_cursor_take(&cursor, &d->chain, &row, ret_culprit, err) < 0)
            return -1;
        int stop = visit(context, &row);
        if (stop)
            return stop;
    }
    return 0;
}

/* ---- snapshots ---- */

static void snapshot_drop(struct disk *d, size_t at)
{
    free(d->snapshots[at].bytes);
    d->snapshot_count--;
    memmove(&d->snapshots[at], &d->snapshots[at + 1],
            (d->snapshot_count - at) * sizeof d->snapshots[0]);
}

/* Puts it on the disk with some of its sectors only: as it lies there until it is whole. */
static struct disk_snapshot *snapshot_begin(struct disk *d, uint32_t partition, uint64_t seq,
                                            struct slice bytes)
{
    if (d->snapshot_count == d->snapshot_capacity) {
        d->snapshot_capacity = d->snapshot_capacity ? d->snapshot_capacity * 2 : 16;
        d->snapshots = realloc(d->snapshots, d->snapshot_capacity * sizeof *d->snapshots);
    }
    char *copy = malloc(bytes.len + 1);
    if (!d->snapshots || !copy)
        abort();
    memcpy(copy, bytes.data, bytes.len);
    for (size_t at = 0; at < bytes.len; at += SECTOR_BYTES)
        if (random_below(&d->random, 2))
            memset(copy + at, 0, bytes.len - at < SECTOR_BYTES ? bytes.len - at : SECTOR_BYTES);
    struct disk_snapshot *made = &d->snapshots[d->snapshot_count++];
    *made = (struct disk_snapshot){partition, seq, hash64_of(bytes.data, bytes.len, seq), copy,
                                   bytes.len};
    return made;
}

static bool snapshot_whole(const struct disk_snapshot *snapshot)
{
    return hash64_of(snapshot->bytes, snapshot->len, snapshot->seq) == snapshot->checksum;
}

static int disk_write_snapshot(struct journal *journal, uint32_t partition, uint64_t seq,
                               struct slice bytes, struct err *err)
{
    struct disk *d = disk_of(journal);
    CRASH_POINT("disk.snapshot.before");
    if (random_hit(&d->random, d->sim->rates.snapshot_failed)) {
        sim_fault(d->sim, FAULT_SNAPSHOT_FAILED);
        return err_set(err, "the simulated disk kept no snapshot");
    }
    struct disk_snapshot *made;
    {
        WORLD_BEGIN();
        made = snapshot_begin(d, partition, seq, bytes);
    }
    CRASH_POINT("disk.snapshot.half");
    memcpy(made->bytes, bytes.data, bytes.len);
    {
        WORLD_BEGIN();
        uint32_t kept = 0;
        for (size_t at = d->snapshot_count; at-- > 0;)
            if (d->snapshots[at].partition == partition && ++kept > SNAPSHOTS_KEPT)
                snapshot_drop(d, at);
    }
    CRASH_POINT("disk.snapshot.after");
    return 0;
}

static int disk_read_snapshot(struct journal *journal, uint32_t partition, struct buf *out,
                              uint64_t *ret_seq, struct err *err)
{
    struct disk *d = disk_of(journal);
    for (size_t at = d->snapshot_count; at-- > 0;) {
        const struct disk_snapshot *snapshot = &d->snapshots[at];
        if (snapshot->partition != partition)
            continue;
        if (!snapshot_whole(snapshot)) {
            sim_fault(d->sim, FAULT_SNAPSHOT_TORN);
            continue;
        }
        buf_append(out, snapshot->bytes, snapshot->len);
        if (out->failed)
            return err_set(err, "out of memory");
        *ret_seq = snapshot->seq;
        return 1;
    }
    return 0;
}

/* ---- crashing and opening ---- */

/* Which sectors of the loose row reached the disk; true when all of them did. */
static bool loose_tear(struct disk *d)
{
    struct disk_row *row = &d->loose;
    bool whole = true;
    uint64_t mood = random_below(&d->random, 3);
    for (size_t at = 0; at < row->len; at += SECTOR_BYTES) {
        bool kept = mood == 0 || (mood == 1 && random_below(&d->random, 2));
        size_t bytes = row->len - at < SECTOR_BYTES ? row->len - at : SECTOR_BYTES;
        if (!kept)
            memset(row->body + at, 0, bytes);
        whole = whole && kept;
    }
    sim_fault(d->sim, whole ? FAULT_WRITE_KEPT : mood == 1 ? FAULT_WRITE_TORN : FAULT_WRITE_LOST);
    return whole;
}

static void disk_crash(struct sim *s, void *disk, bool power)
{
    struct disk *d = disk;
    (void)s;
    (void)power;
    d->done = NULL;
    if (!d->has_loose)
        return;
    if (d->outcome == JOURNAL_DURABLE)
        (void)loose_tear(d);
}

static void disk_close(struct journal *journal)
{
    disk_of(journal)->done = NULL; /* the disk stays */
}

static const struct journal_driver disk_driver = {
    disk_append,        disk_head,     disk_read,  disk_write_snapshot,
    disk_read_snapshot, disk_writable, disk_close,
};

/* What lies loose behind the last row is a row if it is whole, and nothing otherwise. */
static int disk_open(struct sim *s, void *disk, struct journal **ret_journal, struct err *err)
{
    struct disk *d = disk;
    (void)s;
    CRASH_POINT("disk.open");
    if (d->has_loose) {
        WORLD_BEGIN();
        struct journal_head head = disk_head(&d->base);
        uint8_t hash[CHAIN_HASH_BYTES];
        struct slice body = slice_make(d->loose.body, d->loose.len);
        if (chain_next(&d->chain, head.hash, head.seq + 1, d->loose.ts_us, body, hash, err) != 0)
            abort();
        bool whole = memcmp(hash, d->loose.hash, sizeof hash) == 0;
        TRACE(s, "a loose row is there after the crash, whole #", whole);
        if (whole)
            row_keep(d, &d->loose);
        else
            free(d->loose.body);
        d->loose = (struct disk_row){0};
        d->has_loose = false;
    }
    *ret_journal = &d->base;
    return 0;
}

static void *disk_create(struct sim *s)
{
    struct disk *d = calloc(1, sizeof *d);
    struct err err;
    if (!d || chain_init(&d->chain, &err) != 0)
        abort();
    d->base.driver = &disk_driver;
    d->sim = s;
    d->random = sim_stream(s, 3);
    return d;
}

static void disk_destroy(void *disk)
{
    struct disk *d = disk;
    for (size_t i = 0; i < d->row_count; i++)
        free(d->rows[i].body);
    row_free(&d->loose);
    while (d->snapshot_count > 0)
        snapshot_drop(d, d->snapshot_count - 1);
    free(d->rows);
    free(d->snapshots);
    chain_finish(&d->chain);
    free(d);
}

const struct store_driver store_disk = {
    "disk", disk_create, disk_destroy, disk_open, disk_crash, disk_complete,
};
