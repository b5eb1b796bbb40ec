/* The SQLite driver: opening a folder, appending. */
#include "journal/sqlite.h"

#include "base/limits.h"
#include "journal/sqlite_private.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <sys/statvfs.h>
#include <time.h>

#define FILE_BYTES_LEAST 65536u
#define LOCK_NAME "lock"
#define WRITTEN_BESIDE 8192u  /* about what a row costs on disk beside its body */
#define LARGE_BODY (1u << 20) /* space is measured anew before a row of this size */

static int statvfs_space(void *context, const char *dir, uint64_t *ret_free_bytes)
{
    (void)context;
    struct statvfs about;
    if (statvfs(dir, &about) < 0)
        return -1;
    *ret_free_bytes = (uint64_t)about.f_bavail * about.f_frsize;
    return 0;
}

static uint64_t monotonic_us(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000000u + (uint64_t)now.tv_nsec / 1000u;
}

/* Whether a row of `bytes` may be tried. Asking the file system costs a system call, so an answer
 * that there is enough is believed for a while, less what was written since. */
static bool has_space(struct sqlite_journal *j, uint64_t bytes)
{
    uint64_t now = monotonic_us();
    uint64_t needed = j->options.reserve_bytes + (bytes >= LARGE_BODY ? 2 * bytes : 0);
    if (!j->space_known || bytes >= LARGE_BODY ||
        now - j->space_checked_us >= j->options.space_check_us ||
        j->space_free < needed + j->space_spent) {
        j->space_known = true;
        j->space_checked_us = now;
        j->space_spent = 0;
        if (j->options.space(j->options.space_context, j->dir, &j->space_free) < 0)
            j->space_free = UINT64_MAX; /* the commit itself will tell */
    }
    return j->space_free >= needed;
}

static bool sqlite_writable(struct journal *journal)
{
    struct sqlite_journal *j = sqlite_of(journal);
    return !j->readonly && !j->broken && has_space(j, 0);
}

/* To which size a file is filled ahead: not at all when space is short. */
static uint64_t ahead_bytes(struct sqlite_journal *j)
{
    uint64_t wanted = j->options.file_bytes + j->options.file_bytes / 16;
    if (j->options.no_ahead || !has_space(j, 0) ||
        j->space_free - j->options.reserve_bytes < 4 * wanted)
        return 0;
    return wanted;
}

/* Makes place in the table for the file after the current one. */
static int reserve_entry(struct sqlite_journal *j, struct err *err)
{
    size_t count = j->last_number + 1 - j->first_number;
    struct log_entry *files = realloc(j->files, (count + 1) * sizeof *files);
    if (!files)
        return err_set(err, "out of memory");
    files[count] = (struct log_entry){0, NULL};
    j->files = files;
    return 0;
}

/* Goes over to the next file when the current one is full and the next one is ready; until then the
 * current one simply grows. */
static void rotate_if_full(struct sqlite_journal *j)
{
    if (logfile_bytes(j->current) < j->options.file_bytes || j->current->first_seq == 0)
        return;
    if (reserve_entry(j, NULL) < 0)
        return;
    struct logfile *next = rotation_exchange(&j->rotation, j->current);
    if (!next)
        return;
    j->current = next;
    j->last_number = next->number;
    rotation_want(&j->rotation, next->number + 1, ahead_bytes(j));
}

static enum journal_outcome append_row(struct sqlite_journal *j, uint64_t ts_us, struct slice body,
                                       struct err *err)
{
    if (j->readonly) {
        err_set(err, "the journal is open for reading only");
        return JOURNAL_FAILED;
    }
    if (j->broken) {
        *err = j->broken_err;
        return JOURNAL_FAILED;
    }
    if (body.len > LIMIT_ROW_BYTES) {
        err_set(err, "a row of %zu bytes is over the limit of %u", body.len, LIMIT_ROW_BYTES);
        return JOURNAL_FAILED;
    }
    if (!has_space(j, body.len)) {
        err_set(err, "only %llu bytes are free in %s, %llu are kept in reserve",
                (unsigned long long)j->space_free, j->dir,
                (unsigned long long)j->options.reserve_bytes);
        return JOURNAL_NO_SPACE;
    }
    rotate_if_full(j);
    struct journal_row row = {.seq = j->head.seq + 1, .ts_us = ts_us, .body = body};
    if (chain_next(&j->chain, j->head.hash, row.seq, ts_us, body, row.hash, err) < 0)
        return JOURNAL_FAILED;
    enum journal_outcome outcome = logfile_insert(j->current, &row, j->head.hash, err);
    if (outcome == JOURNAL_DURABLE) {
        j->space_spent += body.len + WRITTEN_BESIDE;
        j->head.seq = row.seq;
        j->head.ts_us = ts_us;
        memcpy(j->head.hash, row.hash, sizeof row.hash);
    } else if (outcome == JOURNAL_UNKNOWN) {
        j->broken = true;
        j->broken_err = *err;
    }
    return outcome;
}

static void sqlite_append(struct journal *journal, uint64_t ts_us, struct slice body,
                          journal_done_fn *done, void *context)
{
    struct sqlite_journal *j = sqlite_of(journal);
    assert(!j->reading);
    struct err err = {""};
    enum journal_outcome outcome = append_row(j, ts_us, body, &err);
    done(context, outcome, outcome == JOURNAL_DURABLE ? NULL : &err);
}

static struct journal_head sqlite_head(const struct journal *journal)
{
    return ((const struct sqlite_journal *)journal)->head;
}

static int sqlite_write_snapshot(struct journal *journal, uint32_t partition, uint64_t seq,
                                 struct slice bytes, struct err *err)
{
    struct sqlite_journal *j = sqlite_of(journal);
    uint64_t space;
    if (j->readonly)
        return err_set(err, "the journal is open for reading only");
    /* Not through has_space: this may run on another thread. */
    if (j->options.space(j->options.space_context, j->dir, &space) == 0 &&
        (space < j->options.reserve_bytes || space - j->options.reserve_bytes < bytes.len))
        return err_set(err, "only %llu bytes are free in %s: no snapshot is written",
                       (unsigned long long)space, j->dir);
    return snapshots_write(&j->snapshots, partition, seq, bytes, err);
}

static int sqlite_read_snapshot(struct journal *journal, uint32_t partition, struct buf *out,
                                uint64_t *ret_seq, struct err *err)
{
    struct sqlite_journal *j = sqlite_of(journal);
    /* A tool beside a running process may meet snapshots newer than the rows it has copied. */
    uint64_t newest = j->readonly ? j->head.seq : UINT64_MAX;
    return snapshots_read(&j->snapshots, partition, newest, out, ret_seq, err);
}

static void sqlite_destroy(struct journal *journal)
{
    struct sqlite_journal *j = sqlite_of(journal);
    rotation_finish(&j->rotation);
    logfile_close(j->current, !j->broken);
    for (uint32_t n = j->first_number; j->files && n <= j->last_number; n++)
        sqlite3_close(j->files[n - j->first_number].copy);
    free(j->files);
    snapshots_finish(&j->snapshots);
    chain_finish(&j->chain);
    if (j->lock_fd >= 0)
        j->folder.files->close(j->folder.files->context, j->lock_fd);
    free(j->dir);
    free(j);
}

static const struct journal_driver sqlite_driver = {
    sqlite_append,        sqlite_head,     sqlite_read,    sqlite_write_snapshot,
    sqlite_read_snapshot, sqlite_writable, sqlite_destroy,
};

static int take_lock(struct sqlite_journal *j, struct err *err)
{
    char path[FILES_PATH_BYTES], owner[FILES_OWNER_BYTES];
    (void)snprintf(path, sizeof path, "%s/" LOCK_NAME, j->dir);
    j->lock_fd = j->folder.files->lock(j->folder.files->context, path, owner);
    if (j->lock_fd >= 0)
        return 0;
    return errno == EWOULDBLOCK
               ? err_set(err, "the journal in %s is in use by another process (%s)", j->dir, owner)
               : err_set(err, "%s cannot be locked: %s", path, strerror(errno));
}

struct numbers {
    uint32_t first, last, count;
};

static int note_number(void *context, const char *name)
{
    struct numbers *n = context;
    unsigned number;
    char again[LOGFILE_NAME_BYTES];
    if (sscanf(name, "log-%8u.db", &number) != 1 || number == 0)
        return 0;
    logfile_name(number, again);
    if (strcmp(again, name) != 0)
        return 0;
    n->first = n->count == 0 || number < n->first ? number : n->first;
    n->last = number > n->last ? number : n->last;
    n->count++;
    return 0;
}

/* Finds the numbers of the files that are there; 0 and 0 when there are none. They must be dense.
 */
static int list_files(struct sqlite_journal *j, uint32_t *ret_first, uint32_t *ret_last,
                      struct err *err)
{
    struct numbers n = {0, 0, 0};
    if (j->folder.files->list(j->folder.files->context, j->dir, note_number, &n) < 0)
        return err_set(err, "%s cannot be listed: %s", j->dir, strerror(errno));
    if (n.count > 0 && n.last - n.first + 1 != n.count)
        return err_set(err, "%u files are missing between log-%08u.db and log-%08u.db in %s",
                       n.last - n.first + 1 - n.count, n.first, n.last, j->dir);
    *ret_first = n.first;
    *ret_last = n.last;
    return 0;
}

/* What a killed process left in a write-ahead log of a file that is not the current one. */
static int settle_file(struct sqlite_journal *j, uint32_t number, struct err *err)
{
    int has_wal = logfile_has_wal(&j->folder, number, err);
    if (has_wal <= 0)
        return has_wal;
    struct logfile *file;
    if (logfile_open(&j->folder, number, 0, &file, err) < 0)
        return -1;
    int result = logfile_checkpoint(file, err);
    logfile_close(file, result == 0);
    return result;
}

/* Opens the last file that has rows (or the first) for writing. Files behind it were prepared and
 * not used; the helper takes them up again. */
static int open_current(struct sqlite_journal *j, uint32_t first, uint32_t last, struct err *err)
{
    j->first_number = first ? first : 1;
    uint32_t number = last ? last : 1;
    struct logfile *file = NULL;
    for (;; number--) {
        uint64_t ahead = number == j->first_number ? ahead_bytes(j) : 0;
        if (logfile_open(&j->folder, number, ahead, &file, err) < 0)
            return -1;
        if (file->first_seq > 0 || number == j->first_number)
            break;
        logfile_close(file, true);
    }
    j->current = file;
    for (uint32_t n = j->first_number; n < number; n++)
        if (settle_file(j, n, err) < 0)
            return -1;
    j->files = calloc(number - j->first_number + 1, sizeof *j->files);
    if (!j->files)
        return err_set(err, "out of memory");
    j->last_number = number;
    return logfile_read_last(j->current->db, &j->head, err) < 0 ? -1 : 0;
}

/* Opens read-only the last file that has rows and takes the head from it. */
static int open_last_copy(struct sqlite_journal *j, uint32_t first, uint32_t last, struct err *err)
{
    if (last == 0)
        return 0; /* an empty journal */
    j->first_number = first;
    j->files = calloc(last - first + 1, sizeof *j->files);
    if (!j->files)
        return err_set(err, "out of memory");
    j->last_number = last;
    for (uint32_t number = last; number >= first; number--) {
        struct log_entry *entry = &j->files[number - first];
        if (logfile_open_copy(j->dir, number, &entry->copy, err) < 0)
            return -1;
        int any = 0;
        sqlite3_stmt *table = NULL;
        /* A process killed while it prepared a file may leave one without tables. */
        if (sqlite3_prepare_v2(entry->copy, "SELECT 1 FROM log", -1, &table, NULL) == SQLITE_OK)
            any = logfile_read_last(entry->copy, &j->head, err);
        sqlite3_finalize(table);
        if (any < 0)
            return -1;
        j->last_number = number;
        if (any > 0)
            return 0;
        sqlite3_close(entry->copy);
        entry->copy = NULL;
    }
    return 0;
}

/* Snapshots are taken of durable rows only, so one from beyond the last row means that rows are
 * gone, and going on would give their numbers to others. */
static int check_snapshots(struct sqlite_journal *j, struct err *err)
{
    for (size_t i = 0; i < j->snapshots.count; i++) {
        struct snapshot_name name = j->snapshots.names[i];
        if (name.seq > j->head.seq)
            return err_set(err,
                           "rows are missing in %s: the log ends with row %llu, but a snapshot of "
                           "partition %u was taken at row %llu",
                           j->dir, (unsigned long long)j->head.seq, name.partition,
                           (unsigned long long)name.seq);
    }
    return 0;
}

/* Makes sure that the folder itself survives a loss of power. One that was there may have been made
 * by a process that died before this; but a parent that we may not read is none that we made it in.
 */
static int keep_folder(struct sqlite_journal *j, bool made, struct err *err)
{
    char parent[FILES_PATH_BYTES];
    size_t len = (size_t)(strrchr(j->dir, '/') - j->dir);
    memcpy(parent, j->dir, len);
    (void)snprintf(parent + len, sizeof parent - len, "%s", len ? "" : "/");
    if (files_sync_folder(j->folder.files, parent) == 0 || (!made && errno == EACCES))
        return 0;
    return err_set(err, "the folder %s cannot be synced: %s", parent, strerror(errno));
}

static int open_dir(struct sqlite_journal *j, const char *dir, struct err *err)
{
    const struct files *files = j->folder.files;
    bool made = !j->readonly && files->make_folder(files->context, dir) == 0;
    if (!j->readonly && !made && errno != EEXIST)
        return err_set(err, "the folder %s cannot be made: %s", dir, strerror(errno));
    j->dir = files->absolute(files->context, dir);
    if (!j->dir)
        return err_set(err, "the folder %s cannot be opened: %s", dir, strerror(errno));
    if (strlen(j->dir) > FILES_PATH_BYTES - 128)
        return err_set(err, "the path of the folder %.64s... is too long", dir);
    j->folder.path = j->dir;
    return j->readonly ? 0 : keep_folder(j, made, err);
}

static int set_up(struct sqlite_journal *j, const char *dir, struct err *err)
{
    uint32_t first = 0, last = 0;
    if (chain_init(&j->chain, err) < 0 || open_dir(j, dir, err) < 0 ||
        (!j->readonly && take_lock(j, err) < 0) ||
        snapshots_init(&j->snapshots, &j->folder, "snapshots", !j->readonly, err) < 0 ||
        list_files(j, &first, &last, err) < 0)
        return -1;
    if (j->readonly)
        return open_last_copy(j, first, last, err);
    if (open_current(j, first, last, err) < 0 || check_snapshots(j, err) < 0 ||
        rotation_start(&j->rotation, &j->folder, j->options.by_hand, err) < 0)
        return -1;
    rotation_want(&j->rotation, j->current->number + 1, ahead_bytes(j));
    return 0;
}

static int create(const char *dir, const struct journal_sqlite_options *options, bool readonly,
                  struct journal **ret_journal, struct err *err)
{
    struct sqlite_journal *j = calloc(1, sizeof *j);
    if (!j)
        return err_set(err, "out of memory");
    j->base.driver = &sqlite_driver;
    j->lock_fd = -1;
    j->readonly = readonly;
    struct journal_sqlite_options o = options ? *options : (struct journal_sqlite_options){0};
    o.file_bytes = o.file_bytes ? o.file_bytes : JOURNAL_SQLITE_FILE_BYTES;
    o.file_bytes = o.file_bytes < FILE_BYTES_LEAST ? FILE_BYTES_LEAST : o.file_bytes;
    o.reserve_bytes = o.reserve_bytes ? o.reserve_bytes : JOURNAL_SQLITE_RESERVE_BYTES;
    o.space_check_us = o.space_check_us ? o.space_check_us : JOURNAL_SQLITE_SPACE_CHECK_US;
    o.space = o.space ? o.space : statvfs_space;
    j->options = o;
    j->folder.files = o.files ? o.files : &files_system;
    if (set_up(j, dir, err) < 0) {
        sqlite_destroy(&j->base);
        return -1;
    }
    *ret_journal = &j->base;
    return 0;
}

int journal_sqlite_open(const char *dir, const struct journal_sqlite_options *options,
                        struct journal **ret_journal, struct err *err)
{
    return create(dir, options, false, ret_journal, err);
}

int journal_sqlite_open_readonly(const char *dir, struct journal **ret_journal, struct err *err)
{
    return create(dir, NULL, true, ret_journal, err);
}

bool journal_sqlite_work(struct journal *journal)
{
    assert(sqlite_of(journal)->options.by_hand);
    return rotation_work(&sqlite_of(journal)->rotation);
}
