#include "sim/power/trial.h"

#include "journal/snapshots.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>

#define FILE_BYTES 65536u
#define SNAPSHOT_MOST 9000u
#define ROWS_OFTEN 40u

PRINTF_LIKE(2, 3) static enum trial_step broken(struct trial *t, const char *format, ...)
{
    if (t->why[0] == '\0') {
        va_list args;
        va_start(args, format);
        (void)vsnprintf(t->why, sizeof t->why, format, args);
        va_end(args);
    }
    return TRIAL_BROKEN;
}

PRINTF_LIKE(2, 3) static void tell(const struct trial *t, const char *format, ...)
{
    if (!t->tell)
        return;
    va_list args;
    va_start(args, format);
    (void)vfprintf(t->tell, format, args);
    (void)fputc('\n', t->tell);
    va_end(args);
}

static enum trial_step state_of(const struct trial *t)
{
    return t->why[0] ? TRIAL_BROKEN : disk_dead(t->disk) ? TRIAL_ENDED : TRIAL_GOES_ON;
}

/* Where the zeros begin with which some bodies end: a page that ends in zeros is a case of its own,
 * as zeros may be there already. */
static size_t zeros_from(size_t len, uint64_t seed)
{
    return seed % 4 == 0 ? len / 2 : len;
}

static void fill(unsigned char *to, size_t len, uint64_t seed)
{
    struct random random = {seed};
    size_t end = zeros_from(len, seed);
    memset(to, 0, len);
    for (size_t i = 0; i < end; i += 8) {
        uint64_t word = random_next(&random);
        memcpy(to + i, &word, end - i < 8 ? end - i : 8);
    }
}

static bool is_filled(const char *data, size_t len, uint64_t seed)
{
    struct random random = {seed};
    size_t i = 0, end = zeros_from(len, seed);
    for (uint64_t is; i + 8 <= end; i += 8) {
        memcpy(&is, data + i, 8);
        if (is != random_next(&random))
            return false;
    }
    uint64_t word = random_next(&random);
    if (i < end && memcmp(data + i, &word, end - i) != 0)
        return false;
    for (i = end; i < len; i++)
        if (data[i] != 0)
            return false;
    return true;
}

/* ---- the planted bug of snapshots that get their name too early ---- */

static struct disk *named_early_disk;
static int named_early_fd = -1;

static int open_noting(void *context, const char *path, int flags)
{
    const struct files *real = disk_files(named_early_disk);
    int fd = real->open(context, path, flags);
    if (fd >= 0 && strstr(path, ".tmp"))
        named_early_fd = fd;
    return fd;
}

static int sync_not_yet(void *context, int fd)
{
    const struct files *real = disk_files(named_early_disk);
    return fd == named_early_fd ? 0 : real->sync(context, fd);
}

static int rename_then_sync(void *context, const char *from, const char *to)
{
    const struct files *real = disk_files(named_early_disk);
    named_early_fd = -1;
    if (real->rename(context, from, to) < 0)
        return -1;
    int fd = real->open(context, to, O_RDWR);
    if (fd < 0)
        return -1;
    int result = real->sync(context, fd);
    real->close(context, fd);
    return result;
}

/* ---- */

void trial_init(struct trial *t, uint64_t seed, enum trial_bug bug)
{
    *t = (struct trial){.bug = bug, .random = {seed}};
    t->disk = disk_create(random_next(&t->random));
    t->files = *disk_files(t->disk);
    if (bug == TRIAL_SYNCHRONOUS_NORMAL)
        disk_set_synchronous(t->disk, "1");
    if (bug == TRIAL_SNAPSHOT_NAMED_EARLY) {
        named_early_disk = t->disk;
        t->files.open = open_noting;
        t->files.sync = sync_not_yet;
        t->files.rename = rename_then_sync;
    }
}

void trial_tell(struct trial *t, FILE *to)
{
    t->tell = to;
    disk_tell(t->disk, to);
}

void trial_finish(struct trial *t)
{
    t->busy = true;
    journal_destroy(t->journal);
    disk_destroy(t->disk);
    free(t->rows);
    t->journal = NULL;
    t->disk = NULL;
    t->rows = NULL;
}

static void enter(struct trial *t, const struct trial_row *row)
{
    if (t->row_count == t->row_cap) {
        t->row_cap = t->row_cap ? t->row_cap * 2 : 256;
        t->rows = realloc(t->rows, t->row_cap * sizeof *t->rows);
        if (!t->rows)
            abort();
    }
    t->rows[t->row_count++] = *row;
}

static int compare_row(void *context, const struct journal_row *row)
{
    static const uint8_t not_told[32];
    struct trial *t = context;
    if (row->seq > t->row_count) {
        broken(t, "row %llu was read, but the last one is %zu", (unsigned long long)row->seq,
               t->row_count);
        return 1;
    }
    struct trial_row *known = &t->rows[row->seq - 1];
    t->counts.rows_checked++;
    if (row->ts_us != known->ts_us || row->body.len != known->body_len ||
        !is_filled(row->body.data, row->body.len, known->body_seed)) {
        broken(t, "row %llu is not the one that was appended", (unsigned long long)row->seq);
        return 1;
    }
    if (memcmp(known->hash, not_told, sizeof not_told) == 0)
        memcpy(known->hash, row->hash, sizeof known->hash);
    if (memcmp(known->hash, row->hash, sizeof known->hash) == 0)
        return 0;
    broken(t, "row %llu has another hash than it had", (unsigned long long)row->seq);
    return 1;
}

enum trial_step trial_read(struct trial *t, uint64_t from_seq)
{
    struct err err = {""};
    uint64_t before = t->counts.rows_checked;
    int got = journal_read(t->journal, from_seq, compare_row, t, &err);
    if (got < 0 && !t->with_faults && !disk_dead(t->disk))
        return broken(t, "rows cannot be read: %s", err.detail);
    if (got == 0 && t->counts.rows_checked - before != t->row_count - (from_seq - 1))
        return broken(t, "%llu rows were read of %zu",
                      (unsigned long long)(t->counts.rows_checked - before),
                      t->row_count - (from_seq - 1));
    return state_of(t);
}

/* Whether the row whose outcome was not heard has come to stand, and no other one. */
static enum trial_step settle_unheard(struct trial *t)
{
    struct journal_head head = journal_head(t->journal);
    if (head.seq < t->row_count)
        return broken(t, "rows are lost: %zu were durable, %llu are there", t->row_count,
                      (unsigned long long)head.seq);
    if (head.seq > t->row_count + (t->has_unheard ? 1 : 0))
        return broken(t, "there are %llu rows, but %zu were appended%s",
                      (unsigned long long)head.seq, t->row_count,
                      t->has_unheard ? " and one perhaps" : "");
    if (head.seq > t->row_count) {
        enter(t, &t->unheard);
        memcpy(t->rows[t->row_count - 1].hash, head.hash, sizeof head.hash);
        t->counts.found_of_unknown++;
    }
    t->has_unheard = false;
    return TRIAL_GOES_ON;
}

static uint64_t snapshot_seed(uint32_t partition, uint64_t seq)
{
    return seq * 1000 + partition;
}

static size_t snapshot_len(uint32_t partition, uint64_t seq)
{
    struct random random = {snapshot_seed(partition, seq) + 7};
    return (size_t)random_below(&random, SNAPSHOT_MOST);
}

static enum trial_step compare_snapshot(struct trial *t, uint32_t partition, const struct buf *got,
                                        uint64_t seq)
{
    t->counts.snapshots_checked++;
    if (got->len != snapshot_len(partition, seq) ||
        !is_filled(got->data, got->len, snapshot_seed(partition, seq)))
        return broken(t, "the snapshot of partition %u at row %llu is not what was written",
                      partition, (unsigned long long)seq);
    return TRIAL_GOES_ON;
}

/* Whatever bears a snapshot's name must be whole. */
static enum trial_step check_names(struct trial *t)
{
    struct folder folder = {&t->files, TRIAL_FOLDER};
    struct snapshots all;
    struct err err = {""};
    if (snapshots_init(&all, &folder, "snapshots", false, &err) < 0)
        return broken(t, "%s", err.detail);
    for (size_t i = 0; i < all.count && !t->why[0]; i++) {
        BUF_AUTO struct buf got = BUF_INIT;
        uint64_t seq = 0;
        struct snapshot_name name = all.names[i];
        if (snapshots_read(&all, name.partition, name.seq, &got, &seq, &err) != 1 ||
            seq != name.seq)
            broken(t, "the snapshot of partition %u at row %llu bears its name and is not whole",
                   name.partition, (unsigned long long)name.seq);
        else
            compare_snapshot(t, name.partition, &got, seq);
    }
    snapshots_finish(&all);
    return state_of(t);
}

static enum trial_step check_snapshots(struct trial *t)
{
    for (uint32_t p = 0; p < TRIAL_PARTITIONS; p++) {
        BUF_AUTO struct buf got = BUF_INIT;
        uint64_t seq = 0;
        struct err err = {""};
        int found = journal_read_snapshot(t->journal, p, &got, &seq, &err);
        if (found < 0)
            return broken(t, "%s", err.detail);
        if (found == 0 ? t->snapshot_seq[p] != 0 : seq < t->snapshot_seq[p])
            return broken(t, "the snapshot of partition %u at row %llu is lost", p,
                          (unsigned long long)t->snapshot_seq[p]);
        if (found > 0 && compare_snapshot(t, p, &got, seq) != TRIAL_GOES_ON)
            return TRIAL_BROKEN;
    }
    return check_names(t);
}

static enum trial_step check(struct trial *t)
{
    static const struct disk_faults none = {.full = false};
    struct disk_faults faults = disk_faults(t->disk);
    disk_set_faults(t->disk, &none);
    bool with_faults = t->with_faults;
    t->with_faults = false;
    enum trial_step step = settle_unheard(t);
    /* All rows, or often only the last ones, as an opening takes them from files of their own. */
    bool all = t->row_count < ROWS_OFTEN || random_below(&t->random, 4) == 0;
    if (step == TRIAL_GOES_ON)
        step = trial_read(t, all ? 1 : t->row_count - ROWS_OFTEN + 1);
    if (step == TRIAL_GOES_ON)
        step = check_snapshots(t);
    disk_set_faults(t->disk, &faults);
    t->with_faults = with_faults;
    return step;
}

enum trial_step trial_open(struct trial *t)
{
    assert(!t->journal);
    struct journal_sqlite_options options = {
        .file_bytes = FILE_BYTES,
        .reserve_bytes = 1,
        .space_check_us = UINT64_MAX,
        .no_ahead = t->no_ahead,
        .by_hand = true,
        .files = &t->files,
        .space = disk_space,
        .space_context = t->disk,
    };
    struct err err = {""};
    tell(t, "open");
    t->busy = true;
    int result = journal_sqlite_open(TRIAL_FOLDER, &options, &t->journal, &err);
    t->busy = false;
    if (result == 0 && !disk_dead(t->disk)) {
        t->counts.opens++;
        tell(t, "opened, head %llu", (unsigned long long)journal_head(t->journal).seq);
        return check(t);
    }
    t->counts.failed_opens++;
    if (!disk_dead(t->disk) && !t->with_faults)
        return broken(t, "the journal cannot be opened: %s", err.detail);
    return TRIAL_ENDED;
}

enum trial_step trial_close(struct trial *t)
{
    tell(t, "close");
    t->busy = true;
    journal_destroy(t->journal);
    t->busy = false;
    t->journal = NULL;
    return state_of(t);
}

struct heard {
    bool done;
    enum journal_outcome outcome;
};

static void hear(void *context, enum journal_outcome outcome, const struct err *err)
{
    (void)err;
    *(struct heard *)context = (struct heard){true, outcome};
}

/* Nothing is accepted once an outcome was unknown. */
static enum trial_step append_to_broken(struct trial *t)
{
    struct heard heard = {false, JOURNAL_DURABLE};
    journal_append(t->journal, 1, SLICE("after an unknown outcome"), hear, &heard);
    if (heard.done && heard.outcome != JOURNAL_FAILED && !disk_dead(t->disk))
        return broken(t, "a row was taken after one whose outcome is unknown");
    return TRIAL_ENDED;
}

enum trial_step trial_append(struct trial *t, size_t body_len)
{
    uint64_t ts_us = 1000 * (t->row_count + 1) + random_below(&t->random, 1000);
    struct trial_row row = {ts_us, random_next(&t->random), body_len, {0}};
    unsigned char *body = malloc(body_len + 1);
    if (!body)
        abort();
    fill(body, body_len, row.body_seed);
    tell(t, "append row %zu of %zu bytes", t->row_count + 1, body_len);
    struct heard heard = {false, JOURNAL_UNKNOWN};
    journal_append(t->journal, row.ts_us, slice_make(body, body_len), hear, &heard);
    free(body);
    tell(t, "  outcome %d%s", (int)heard.outcome, disk_dead(t->disk) ? ", dead" : "");
    if (!heard.done)
        return broken(t, "an append was not answered");
    if (disk_dead(t->disk)) { /* nobody heard it */
        t->unheard = row;
        t->has_unheard = t->bug != TRIAL_DURABLE_TOO_EARLY;
        if (!t->has_unheard)
            enter(t, &row);
        return TRIAL_ENDED;
    }
    if (heard.outcome != JOURNAL_DURABLE && !t->with_faults)
        return broken(t, "row %zu was not taken though the disk is well", t->row_count + 1);
    switch (heard.outcome) {
    case JOURNAL_DURABLE:
        t->counts.durable++;
        memcpy(row.hash, journal_head(t->journal).hash, sizeof row.hash);
        enter(t, &row);
        return TRIAL_GOES_ON;
    case JOURNAL_FAILED: t->counts.failed++; return TRIAL_GOES_ON;
    case JOURNAL_NO_SPACE: t->counts.no_space++; return TRIAL_GOES_ON;
    default:
        t->counts.unknown++;
        t->unheard = row;
        t->has_unheard = true;
        return append_to_broken(t);
    }
}

enum trial_step trial_snapshot(struct trial *t, uint32_t partition)
{
    uint64_t seq = journal_head(t->journal).seq;
    if (seq == 0)
        return state_of(t);
    size_t len = snapshot_len(partition, seq);
    unsigned char *bytes = malloc(len + 1);
    if (!bytes)
        abort();
    fill(bytes, len, snapshot_seed(partition, seq));
    struct err err = {""};
    bool was_busy = t->busy;
    tell(t, "snapshot of %u at row %llu", partition, (unsigned long long)seq);
    t->busy = true;
    int result = journal_write_snapshot(t->journal, partition, seq, slice_make(bytes, len), &err);
    t->busy = was_busy;
    free(bytes);
    if (disk_dead(t->disk))
        return TRIAL_ENDED;
    if (result == 0) {
        t->counts.snapshots++;
        t->snapshot_seq[partition] = seq;
    } else if (!t->with_faults) {
        return broken(t, "%s", err.detail);
    }
    return TRIAL_GOES_ON;
}

enum trial_step trial_work(struct trial *t)
{
    bool was_busy = t->busy;
    tell(t, "work");
    t->busy = true;
    t->counts.files_prepared_or_closed += journal_sqlite_work(t->journal);
    t->busy = was_busy;
    return state_of(t);
}

static void work_meanwhile(void *context)
{
    struct trial *t = context;
    if (t->busy || !t->journal || !random_hit(&t->random, t->meanwhile_rate))
        return;
    if (random_below(&t->random, 4) == 0)
        (void)trial_snapshot(t, (uint32_t)random_below(&t->random, TRIAL_PARTITIONS));
    else
        (void)trial_work(t);
}

void trial_meanwhile(struct trial *t, uint32_t per_million)
{
    t->meanwhile_rate = per_million;
    disk_meanwhile(t->disk, per_million ? work_meanwhile : NULL, t);
}

static void tear_down(struct trial *t)
{
    disk_die(t->disk);
    (void)trial_close(t);
}

void trial_restart_killed(struct trial *t)
{
    tear_down(t);
    disk_restart_killed(t->disk);
}

void trial_restart_without_power(struct trial *t, enum disk_fate fate)
{
    tear_down(t);
    disk_restart_without_power(t->disk, fate);
}
