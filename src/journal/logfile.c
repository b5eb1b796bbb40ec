#include "journal/logfile.h"

#include "base/limits.h"
#include "journal/logmake.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>

#define FORMAT_VERSION 1

void logfile_name(uint32_t number, char ret_name[LOGFILE_NAME_BYTES])
{
    (void)snprintf(ret_name, LOGFILE_NAME_BYTES, "log-%08u.db", number);
}

void logfile_path(const char *dir, uint32_t number, const char *suffix,
                  char ret_path[FILES_PATH_BYTES])
{
    char name[LOGFILE_NAME_BYTES];
    logfile_name(number, name);
    (void)snprintf(ret_path, FILES_PATH_BYTES, "%s/%s%s", dir, name, suffix);
}

static int sqlite_error(sqlite3 *db, uint32_t number, const char *what, struct err *err)
{
    char name[LOGFILE_NAME_BYTES];
    logfile_name(number, name);
    int cause = db ? sqlite3_system_errno(db) : 0;
    return err_set(err, "%s: %s: %s%s%s", name, what, db ? sqlite3_errmsg(db) : "out of memory",
                   cause ? ": " : "", cause ? strerror(cause) : "");
}

static int system_error(const char *path, const char *what, struct err *err)
{
    return err_set(err, "%s cannot be %s: %s", path, what, strerror(errno));
}

static int prepare(sqlite3 *db, uint32_t number, const char *sql, sqlite3_stmt **ret_statement,
                   struct err *err)
{
    if (sqlite3_prepare_v3(db, sql, -1, SQLITE_PREPARE_PERSISTENT, ret_statement, NULL) !=
        SQLITE_OK)
        return sqlite_error(db, number, "its tables cannot be read", err);
    return 0;
}

static void finalize_statement(sqlite3_stmt **statement)
{
    sqlite3_finalize(*statement);
}
#define STATEMENT_AUTO __attribute__((cleanup(finalize_statement))) sqlite3_stmt

static int count_wal_pages(void *context, sqlite3 *db, const char *schema, int pages)
{
    (void)db;
    (void)schema;
    ((struct logfile *)context)->wal_pages = (uint32_t)pages;
    return SQLITE_OK;
}

static int settle_on_close(sqlite3 *db, bool settle)
{
    return sqlite3_db_config(db, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, settle ? 0 : 1, NULL);
}

static int take_application_id(void *context, int columns, char **values, char **names)
{
    (void)columns;
    (void)names;
    *(bool *)context = strcmp(values[0], LOGMAKE_APPLICATION_ID) == 0;
    return 0;
}

/* A database that is none of ours is left alone. */
static int check_ours(struct logfile *file, struct err *err)
{
    bool ours = false;
    if (sqlite3_exec(file->db, "PRAGMA application_id", take_application_id, &ours, NULL) !=
        SQLITE_OK)
        return sqlite_error(file->db, file->number, "it cannot be read", err);
    return ours ? 0 : err_set(err, "log-%08u.db is a database, but not of a journal", file->number);
}

/* Makes the file when it is not there, or an empty one in its place. */
static int make_if_missing(const struct folder *folder, const char *path, struct err *err)
{
    uint64_t size = 0;
    if (folder->files->size(folder->files->context, path, &size) < 0 && errno != ENOENT)
        return system_error(path, "opened", err);
    return size > 0 ? 0 : logmake_new(folder, path, err);
}

static int set_up(struct logfile *file, const struct folder *folder, uint64_t ahead_bytes,
                  struct err *err)
{
    const struct files *files = folder->files;
    char path[FILES_PATH_BYTES], wal[FILES_PATH_BYTES];
    logfile_path(folder->path, file->number, "", path);
    logfile_path(folder->path, file->number, "-wal", wal);
    if (make_if_missing(folder, path, err) < 0 || logmake_sure(folder, wal, err) < 0)
        return -1;
    if (sqlite3_open_v2(path, &file->db, SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOFOLLOW,
                        files->vfs) != SQLITE_OK)
        return sqlite_error(file->db, file->number, "it cannot be opened", err);
    sqlite3_extended_result_codes(file->db, 1);
    settle_on_close(file->db, false); /* until we know that it is ours */
    if (sqlite3_exec(file->db, LOGMAKE_SETTINGS, NULL, NULL, NULL) != SQLITE_OK)
        return sqlite_error(file->db, file->number, "it cannot be opened", err);
    sqlite3_wal_hook(file->db, count_wal_pages, file);
    if (files->size(files->context, path, &file->stored_bytes) < 0)
        return system_error(path, "opened", err);
    if (check_ours(file, err) < 0)
        return -1;
    int has_rows =
        logfile_read_about(file->db, file->number, &file->first_seq, file->previous_hash, err);
    if (has_rows < 0)
        return -1;
    if (prepare(file->db, file->number, "INSERT INTO log VALUES(?1,?2,?3,?4)", &file->insert, err) <
        0)
        return -1;
    if (ahead_bytes > file->stored_bytes &&
        logmake_ahead(files, wal, ahead_bytes - file->stored_bytes, err) < 0)
        return -1;
    /* All names that this has made or changed. SQLite syncs that of a new log by itself, but takes
     * no notice when that fails. */
    return files_sync_folder(files, folder->path) < 0 ? system_error(folder->path, "synced", err)
                                                      : 0;
}

int logfile_open(const struct folder *folder, uint32_t number, uint64_t ahead_bytes,
                 struct logfile **ret_file, struct err *err)
{
    struct logfile *file = calloc(1, sizeof *file);
    if (!file)
        return err_set(err, "out of memory");
    file->number = number;
    if (set_up(file, folder, ahead_bytes, err) < 0) {
        logfile_close(file, false);
        return -1;
    }
    *ret_file = file;
    return 0;
}

void logfile_close(struct logfile *file, bool settle)
{
    if (!file)
        return;
    sqlite3_finalize(file->insert);
    if (file->db)
        settle_on_close(file->db, settle);
    sqlite3_close(file->db);
    free(file);
}

uint64_t logfile_bytes(const struct logfile *file)
{
    return file->stored_bytes + (uint64_t)file->wal_pages * LOGMAKE_FRAME_BYTES;
}

int logfile_checkpoint(struct logfile *file, struct err *err)
{
    if (sqlite3_wal_checkpoint_v2(file->db, NULL, SQLITE_CHECKPOINT_TRUNCATE, NULL, NULL) !=
        SQLITE_OK)
        return sqlite_error(file->db, file->number, "its write-ahead log cannot be moved", err);
    return 0;
}

static int step_insert(struct logfile *file, const struct journal_row *row)
{
    sqlite3_stmt *s = file->insert;
    sqlite3_bind_int64(s, 1, (sqlite3_int64)row->seq);
    sqlite3_bind_int64(s, 2, (sqlite3_int64)row->ts_us);
    sqlite3_bind_blob(s, 3, row->hash, sizeof row->hash, SQLITE_STATIC);
    sqlite3_bind_blob(s, 4, row->body.len ? row->body.data : "", (int)row->body.len, SQLITE_STATIC);
    sqlite3_step(s);
    return sqlite3_reset(s);
}

/* A commit that failed may stand on disk all the same. Even a full disk does not tell: it is met
 * before the last frame is whole, but what is missing there may be zeros, which a log that was
 * filled ahead has already. */
static enum journal_outcome commit_failed(struct logfile *file, struct err *err)
{
    sqlite_error(file->db, file->number, "the row cannot be written", err);
    if (!sqlite3_get_autocommit(file->db))
        sqlite3_exec(file->db, "ROLLBACK", NULL, NULL, NULL);
    return JOURNAL_UNKNOWN;
}

/* The first row of a file brings the row of table `file` with it, in one transaction. */
static enum journal_outcome insert_first(struct logfile *file, const struct journal_row *row,
                                         const uint8_t previous_hash[CHAIN_HASH_BYTES],
                                         struct err *err)
{
    STATEMENT_AUTO *about = NULL;
    if (prepare(file->db, file->number, "INSERT INTO file VALUES(?1,?2,?3,?4)", &about, err) < 0)
        return JOURNAL_FAILED;
    sqlite3_bind_int(about, 1, FORMAT_VERSION);
    sqlite3_bind_int64(about, 2, file->number);
    sqlite3_bind_int64(about, 3, (sqlite3_int64)row->seq);
    sqlite3_bind_blob(about, 4, previous_hash, CHAIN_HASH_BYTES, SQLITE_STATIC);
    if (sqlite3_exec(file->db, "BEGIN IMMEDIATE", NULL, NULL, NULL) != SQLITE_OK ||
        sqlite3_step(about) != SQLITE_DONE || step_insert(file, row) != SQLITE_OK) {
        sqlite_error(file->db, file->number, "the row cannot be written", err);
        if (!sqlite3_get_autocommit(file->db))
            sqlite3_exec(file->db, "ROLLBACK", NULL, NULL, NULL);
        return JOURNAL_FAILED; /* nothing was committed */
    }
    if (sqlite3_exec(file->db, "COMMIT", NULL, NULL, NULL) != SQLITE_OK)
        return commit_failed(file, err);
    file->first_seq = row->seq;
    memcpy(file->previous_hash, previous_hash, CHAIN_HASH_BYTES);
    return JOURNAL_DURABLE;
}

enum journal_outcome logfile_insert(struct logfile *file, const struct journal_row *row,
                                    const uint8_t previous_hash[CHAIN_HASH_BYTES], struct err *err)
{
    assert(row->body.len <= LIMIT_ROW_BYTES);
    if (file->first_seq == 0)
        return insert_first(file, row, previous_hash, err);
    return step_insert(file, row) == SQLITE_OK ? JOURNAL_DURABLE : commit_failed(file, err);
}

int logfile_read_about(sqlite3 *db, uint32_t number, uint64_t *ret_first_seq,
                       uint8_t ret_previous_hash[CHAIN_HASH_BYTES], struct err *err)
{
    STATEMENT_AUTO *s = NULL;
    if (prepare(db, number, "SELECT version, number, first_seq, previous_hash FROM file", &s, err) <
        0)
        return -1;
    int code = sqlite3_step(s);
    if (code == SQLITE_DONE)
        return 0;
    if (code != SQLITE_ROW)
        return sqlite_error(db, number, "it cannot be read", err);
    if (sqlite3_column_int64(s, 0) != FORMAT_VERSION)
        return err_set(err, "log-%08u.db has format version %lld; this program knows %d", number,
                       (long long)sqlite3_column_int64(s, 0), FORMAT_VERSION);
    if (sqlite3_column_int64(s, 1) != number)
        return err_set(err, "log-%08u.db was written as number %lld: it has been renamed", number,
                       (long long)sqlite3_column_int64(s, 1));
    if (sqlite3_column_int64(s, 2) < 1 || sqlite3_column_bytes(s, 3) != CHAIN_HASH_BYTES)
        return err_set(err, "log-%08u.db is damaged: its table `file` makes no sense", number);
    *ret_first_seq = (uint64_t)sqlite3_column_int64(s, 2);
    memcpy(ret_previous_hash, sqlite3_column_blob(s, 3), CHAIN_HASH_BYTES);
    return 1;
}

static int take_hash(sqlite3_stmt *s, int column, uint64_t seq, uint8_t ret_hash[CHAIN_HASH_BYTES],
                     struct err *err)
{
    if (sqlite3_column_bytes(s, column) != CHAIN_HASH_BYTES)
        return err_set(err, "row %llu is damaged: its hash has %d bytes", (unsigned long long)seq,
                       sqlite3_column_bytes(s, column));
    memcpy(ret_hash, sqlite3_column_blob(s, column), CHAIN_HASH_BYTES);
    return 0;
}

int logfile_read_last(sqlite3 *db, struct journal_head *ret_head, struct err *err)
{
    STATEMENT_AUTO *s = NULL;
    if (prepare(db, 0, "SELECT seq, ts, hash FROM log ORDER BY seq DESC LIMIT 1", &s, err) < 0)
        return -1;
    int code = sqlite3_step(s);
    if (code == SQLITE_DONE)
        return 0;
    if (code != SQLITE_ROW)
        return err_set(err, "the last row cannot be read: %s", sqlite3_errmsg(db));
    struct journal_head head = {.seq = (uint64_t)sqlite3_column_int64(s, 0),
                                .ts_us = (uint64_t)sqlite3_column_int64(s, 1)};
    if (take_hash(s, 2, head.seq, head.hash, err) < 0)
        return -1;
    *ret_head = head;
    return 1;
}

int logfile_read_hash(sqlite3 *db, uint64_t seq, uint8_t ret_hash[CHAIN_HASH_BYTES],
                      struct err *err)
{
    STATEMENT_AUTO *s = NULL;
    if (prepare(db, 0, "SELECT hash FROM log WHERE seq=?1", &s, err) < 0)
        return -1;
    sqlite3_bind_int64(s, 1, (sqlite3_int64)seq);
    int code = sqlite3_step(s);
    if (code == SQLITE_DONE)
        return err_set(err, "row %llu is missing", (unsigned long long)seq);
    if (code != SQLITE_ROW)
        return err_set(err, "row %llu cannot be read: %s", (unsigned long long)seq,
                       sqlite3_errmsg(db));
    return take_hash(s, 0, seq, ret_hash, err);
}

int logfile_read(sqlite3 *db, struct journal_cursor *cursor, uint64_t last_seq, struct chain *chain,
                 journal_visit_fn *visit, void *context, uint64_t *ret_culprit, struct err *err)
{
    STATEMENT_AUTO *s = NULL;
    *ret_culprit = cursor->seq;
    if (prepare(db, 0, "SELECT seq, ts, hash, body FROM log WHERE seq>=?1 AND seq<=?2 ORDER BY seq",
                &s, err) < 0)
        return -1;
    sqlite3_bind_int64(s, 1, (sqlite3_int64)cursor->seq);
    sqlite3_bind_int64(s, 2, (sqlite3_int64)last_seq);
    int code;
    while ((code = sqlite3_step(s)) == SQLITE_ROW) {
        struct journal_row row = {.seq = (uint64_t)sqlite3_column_int64(s, 0),
                                  .ts_us = (uint64_t)sqlite3_column_int64(s, 1)};
        /* The blob before its length: asking for one may move the other. */
        const void *body = sqlite3_column_blob(s, 3);
        row.body = slice_make(body, (size_t)sqlite3_column_bytes(s, 3));
        *ret_culprit = cursor->seq;
        if (take_hash(s, 2, row.seq, row.hash, err) < 0)
            return -1;
        if (!body && sqlite3_errcode(db) == SQLITE_NOMEM)
            return err_set(err, "out of memory for row %llu", (unsigned long long)row.seq);
        if (journal_cursor_take(cursor, chain, &row, ret_culprit, err) < 0)
            return -1;
        int stop = visit(context, &row);
        if (stop)
            return stop;
    }
    *ret_culprit = cursor->seq;
    if (code != SQLITE_DONE)
        return err_set(err, "row %llu cannot be read: %s", (unsigned long long)cursor->seq,
                       sqlite3_errmsg(db));
    return 0;
}
