/*
 * files: what the SQLite driver asks of the system beside what SQLite does itself: folders, the
 * lock, making and filling files, snapshots. A table of calls, so that a test can put another disk
 * in its place, one that fails on demand and loses power (tests/sim/power).
 *
 * The calls answer as those of POSIX do: negative on failure, with the reason in errno. Paths are
 * absolute. Thread: any.
 */
#ifndef ONSALE_JOURNAL_FILES_H
#define ONSALE_JOURNAL_FILES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#define FILES_OWNER_BYTES 24
#define FILES_PATH_BYTES 4200

/* Return non-zero to stop listing; `list` then returns that number. */
typedef int files_visit_fn(void *context, const char *name);

struct files {
    void *context;   /* the first argument of every call */
    const char *vfs; /* SQLite's layer over the same files (sqlite3_vfs_register); NULL: its own */

    /* The absolute path of a folder that is there; the caller frees it. NULL on failure. */
    char *(*absolute)(void *context, const char *path);
    /* Makes a folder that only its owner may enter. */
    int (*make_folder)(void *context, const char *path);
    /* Names in a folder, in any order; "." and ".." may be among them. */
    int (*list)(void *context, const char *path, files_visit_fn *visit, void *visit_context);

    /* `flags` as of open(2); a link to a file is not followed, a new file is its owner's alone.
     * Returns a descriptor, which `close` ends. A folder may be opened too, to be synced. */
    int (*open)(void *context, const char *path, int flags);
    ssize_t (*read)(void *context, int fd, void *to, size_t len, uint64_t at);
    ssize_t (*write)(void *context, int fd, const void *from, size_t len, uint64_t at);
    int (*sync)(void *context, int fd);
    void (*close)(void *context, int fd);

    int (*size)(void *context, const char *path, uint64_t *ret_size);
    int (*rename)(void *context, const char *from, const char *to);
    int (*remove)(void *context, const char *path);

    /* Opens a file that one process at a time may hold, until it is closed. When another one has
     * it: EWOULDBLOCK and what that one is known as (or an empty text). */
    int (*lock)(void *context, const char *path, char ret_owner[FILES_OWNER_BYTES]);
};

/* The system's own. */
extern const struct files files_system;

/* A folder and the calls that reach it; borrowed by all parts of a driver. */
struct folder {
    const struct files *files;
    const char *path;
};

/* Makes what is named in the folder durable: what was made, renamed or removed there. */
int files_sync_folder(const struct files *files, const char *path);

/* All of it or -1, whatever interrupts and however small the pieces are. */
int files_write_all(const struct files *files, int fd, const void *from, size_t len, uint64_t at);

/* Exactly `len` bytes; false when there are fewer or reading failed. */
bool files_read_all(const struct files *files, int fd, void *to, size_t len, uint64_t at);

#endif
