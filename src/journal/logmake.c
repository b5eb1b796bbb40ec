#include "journal/logmake.h"

#include <errno.h>
#include <fcntl.h>
#include <sqlite3.h>
#include <stdlib.h>
#include <string.h>

#define NEW_NAME "making.db"
#define FILL_PIECE (4u << 20)

static const char tables[] = "BEGIN;"
                             "CREATE TABLE file(version INTEGER NOT NULL, number INTEGER NOT NULL,"
                             " first_seq INTEGER NOT NULL, previous_hash BLOB NOT NULL);"
                             "CREATE TABLE log(seq INTEGER PRIMARY KEY, ts INTEGER NOT NULL,"
                             " hash BLOB NOT NULL, body BLOB NOT NULL);"
                             "PRAGMA application_id=" LOGMAKE_APPLICATION_ID ";"
                             "COMMIT;";

static int system_error(const char *path, const char *what, struct err *err)
{
    return err_set(err, "%s cannot be %s: %s", path, what, strerror(errno));
}

/* Takes away what an earlier try has left; SQLite would take a log or journal for this file's. */
static int clear(const struct files *files, const char *path, struct err *err)
{
    static const char *const suffixes[] = {"-wal", "-journal", ""};
    for (size_t i = 0; i < sizeof suffixes / sizeof *suffixes; i++) {
        char name[FILES_PATH_BYTES + 8];
        (void)snprintf(name, sizeof name, "%s%s", path, suffixes[i]);
        if (files->remove(files->context, name) < 0 && errno != ENOENT)
            return system_error(name, "removed", err);
    }
    return 0;
}

/* Makes an empty file that only its owner may read; SQLite gives its companions the same mode. */
static int make_file(const struct files *files, const char *path, struct err *err)
{
    int fd = files->open(files->context, path, O_RDWR | O_CREAT);
    if (fd < 0)
        return system_error(path, "made", err);
    files->close(files->context, fd);
    return 0;
}

/* Makes the tables and moves them into the database file, so that it needs no log. */
static int fill_new(const char *path, const char *vfs, struct err *err)
{
    sqlite3 *db = NULL;
    int result = 0;
    if (sqlite3_open_v2(path, &db, SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOFOLLOW, vfs) !=
            SQLITE_OK ||
        sqlite3_exec(db, LOGMAKE_SETTINGS, NULL, NULL, NULL) != SQLITE_OK ||
        sqlite3_exec(db, tables, NULL, NULL, NULL) != SQLITE_OK ||
        sqlite3_wal_checkpoint_v2(db, NULL, SQLITE_CHECKPOINT_TRUNCATE, NULL, NULL) != SQLITE_OK)
        result =
            err_set(err, "%s cannot be made: %s", path, db ? sqlite3_errmsg(db) : "out of memory");
    sqlite3_close(db);
    return result;
}

int logmake_new(const struct folder *folder, const char *path, struct err *err)
{
    const struct files *files = folder->files;
    char new[FILES_PATH_BYTES];
    (void)snprintf(new, sizeof new, "%s/" NEW_NAME, folder->path);
    if (clear(files, new, err) < 0 || make_file(files, new, err) < 0 ||
        fill_new(new, files->vfs, err) < 0)
        return -1;
    return files->rename(files->context, new, path) < 0 ? system_error(path, "made", err) : 0;
}

static const char zeros[1 << 16];

int logmake_ahead(const struct files *files, const char *path, uint64_t bytes, struct err *err)
{
    uint64_t at = 0;
    int fd = files->open(files->context, path, O_WRONLY);
    if (fd < 0)
        return system_error(path, "opened", err);
    int result = files->size(files->context, path, &at);
    while (result == 0 && at < bytes) {
        size_t len = bytes - at < sizeof zeros ? (size_t)(bytes - at) : sizeof zeros;
        result = files_write_all(files, fd, zeros, len, at);
        at += len;
        /* Piece by piece, so that a commit meanwhile waits for one piece and not for all. */
        if (result == 0 && at % FILL_PIECE < sizeof zeros)
            result = files->sync(files->context, fd);
    }
    if (result == 0)
        result = files->sync(files->context, fd);
    if (result < 0)
        system_error(path, "filled ahead", err);
    files->close(files->context, fd);
    return result;
}

/* How much of a write-ahead log is whole frames. Half a frame counts for nothing now, but filling
 * ahead could make it whole, if only zeros are missing. */
static uint64_t whole_frames(uint64_t size)
{
    return size < LOGMAKE_LOG_HEADER_BYTES
               ? 0
               : size - (size - LOGMAKE_LOG_HEADER_BYTES) % LOGMAKE_FRAME_BYTES;
}

/* Copies what a write-ahead log holds, synced. Zeros behind zeros are left out: every frame begins
 * with something else, and only its end may reach into a piece of zeros. */
static int copy_log(const struct files *files, int from, uint64_t size, const char *to)
{
    int fd = files->open(files->context, to, O_WRONLY | O_CREAT | O_TRUNC);
    char *piece = malloc(sizeof zeros);
    int result = fd < 0 || !piece ? -1 : 0;
    bool after_zeros = false;
    for (uint64_t at = 0; result == 0 && at < size; at += sizeof zeros) {
        size_t len = size - at < sizeof zeros ? (size_t)(size - at) : sizeof zeros;
        if (!files_read_all(files, from, piece, len, at)) {
            result = -1;
            break;
        }
        bool is_zeros = memcmp(piece, zeros, len) == 0;
        if (!is_zeros || !after_zeros)
            result = files_write_all(files, fd, piece, len, at);
        after_zeros = is_zeros;
    }
    if (result == 0)
        result = files->sync(files->context, fd);
    int cause = errno;
    if (fd >= 0)
        files->close(files->context, fd);
    free(piece);
    errno = cause;
    return result;
}

/* On a full disk there is no copy; the bytes of a killed process can be synced where they are. */
static int without_copy(const struct files *files, const char *copy, int log)
{
    int cause = errno;
    (void)files->remove(files->context, copy);
    errno = cause;
    return cause == ENOSPC ? files->sync(files->context, log) : -1;
}

int logmake_sure(const struct folder *folder, const char *wal, struct err *err)
{
    const struct files *files = folder->files;
    char copy[FILES_PATH_BYTES + 8];
    uint64_t size = 0;
    int fd = files->open(files->context, wal, O_RDONLY);
    if (fd < 0)
        return errno == ENOENT ? 0 : system_error(wal, "opened", err);
    (void)snprintf(copy, sizeof copy, "%s-new", wal);
    int result = files->size(files->context, wal, &size);
    if (result == 0 && size > 0) {
        result = copy_log(files, fd, whole_frames(size), copy);
        if (result == 0)
            result = files->rename(files->context, copy, wal);
        else
            result = without_copy(files, copy, fd);
    }
    if (result < 0)
        system_error(wal, "made sure of", err);
    files->close(files->context, fd);
    return result;
}
