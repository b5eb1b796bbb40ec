/* Opening files for reading only: closed ones in place, others as a private copy. */
#include "journal/logfile.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#define COPY_TRIES 5

int logfile_has_wal(const struct folder *folder, uint32_t number, struct err *err)
{
    char path[FILES_PATH_BYTES];
    uint64_t size = 0;
    logfile_path(folder->path, number, "-wal", path);
    if (folder->files->size(folder->files->context, path, &size) < 0 && errno != ENOENT)
        return err_set(err, "%s cannot be looked at: %s", path, strerror(errno));
    return size > 0;
}

static int open_failed(sqlite3 *db, uint32_t number, struct err *err)
{
    err_set(err, "log-%08u.db cannot be opened: %s", number,
            db ? sqlite3_errmsg(db) : "out of memory");
    sqlite3_close(db);
    return -1;
}

int logfile_open_closed(const struct folder *folder, uint32_t number, sqlite3 **ret_db,
                        struct err *err)
{
    char path[FILES_PATH_BYTES], uri[3 * FILES_PATH_BYTES + 32];
    logfile_path(folder->path, number, "", path);
    size_t len = (size_t)snprintf(uri, sizeof uri, "file:");
    for (const char *at = path; *at; at++) {
        bool plain = isalnum((unsigned char)*at) || strchr("/-_.", *at);
        len += (size_t)snprintf(uri + len, sizeof uri - len, plain ? "%c" : "%%%02X",
                                (unsigned char)*at);
    }
    (void)snprintf(uri + len, sizeof uri - len, "?immutable=1");
    sqlite3 *db = NULL;
    if (sqlite3_open_v2(uri, &db, SQLITE_OPEN_READONLY | SQLITE_OPEN_URI, folder->files->vfs) !=
        SQLITE_OK)
        return open_failed(db, number, err);
    *ret_db = db;
    return 0;
}

/* Copies a file; one that is not there becomes an empty one. */
static int copy_file(const char *from, const char *to, struct err *err)
{
    int in = open(from, O_RDONLY | O_CLOEXEC);
    if (in < 0 && errno != ENOENT)
        return err_set(err, "%s cannot be read: %s", from, strerror(errno));
    int out = open(to, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    int result = out < 0 ? -1 : 0;
    static const size_t piece = 1 << 20;
    char *bytes = malloc(piece);
    while (result == 0 && in >= 0) {
        ssize_t n = bytes ? read(in, bytes, piece) : -1;
        if (n <= 0) {
            result = n < 0 ? -1 : 0;
            break;
        }
        for (ssize_t at = 0; at < n && result == 0;) {
            ssize_t put = write(out, bytes + at, (size_t)(n - at));
            result = put < 0 ? -1 : 0;
            at += put;
        }
    }
    if (result < 0)
        err_set(err, "%s cannot be copied to %s: %s", from, to, strerror(errno));
    free(bytes);
    if (in >= 0)
        close(in);
    if (out >= 0)
        close(out);
    return result;
}

static uint64_t wal_size(const char *path)
{
    struct stat about;
    return stat(path, &about) == 0 ? (uint64_t)about.st_size : 0;
}

/* The write-ahead log first: a checkpoint by the writer in between then puts nothing into the
 * database file that the copied log does not hold too. If the log shrank meanwhile, its copy may
 * lack rows, and both are copied again. */
static int copy_pair(const char *dir, uint32_t number, const char *to, const char *to_wal,
                     struct err *err)
{
    char from[FILES_PATH_BYTES], from_wal[FILES_PATH_BYTES];
    logfile_path(dir, number, "", from);
    logfile_path(dir, number, "-wal", from_wal);
    for (int i = 0; i < COPY_TRIES; i++) {
        uint64_t before = wal_size(from_wal);
        if (copy_file(from_wal, to_wal, err) < 0)
            return -1;
        bool whole = wal_size(from_wal) >= before;
        if (copy_file(from, to, err) < 0)
            return -1;
        if (whole)
            return 0;
    }
    return err_set(err, "log-%08u.db changes too fast to be copied", number);
}

static int open_pair(const char *path, uint32_t number, sqlite3 **ret_db, struct err *err)
{
    sqlite3 *db = NULL;
    if (sqlite3_open_v2(path, &db, SQLITE_OPEN_READWRITE, NULL) != SQLITE_OK)
        return open_failed(db, number, err);
    sqlite3_db_config(db, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, NULL);
    /* The read makes SQLite open both files, after which they need no names. */
    if (sqlite3_exec(db, "PRAGMA locking_mode=EXCLUSIVE; SELECT count(*) FROM sqlite_master", NULL,
                     NULL, NULL) != SQLITE_OK)
        return open_failed(db, number, err);
    *ret_db = db;
    return 0;
}

int logfile_open_copy(const char *dir, uint32_t number, sqlite3 **ret_db, struct err *err)
{
    const char *temporary = getenv("TMPDIR");
    char folder[FILES_PATH_BYTES - 16], path[FILES_PATH_BYTES], wal[FILES_PATH_BYTES];
    (void)snprintf(folder, sizeof folder, "%s/onsale-log-XXXXXX",
                   temporary && *temporary ? temporary : "/tmp");
    if (!mkdtemp(folder))
        return err_set(err, "%s cannot be made: %s", folder, strerror(errno));
    (void)snprintf(path, sizeof path, "%s/copy.db", folder);
    (void)snprintf(wal, sizeof wal, "%s/copy.db-wal", folder);
    int result = copy_pair(dir, number, path, wal, err);
    if (result == 0)
        result = open_pair(path, number, ret_db, err);
    unlink(wal);
    unlink(path);
    rmdir(folder);
    return result;
}
