/*
 * sqlite: the journal driver for one machine. A folder holds
 *
 *   log-00000001.db ...   the rows, one SQLite file of about `file_bytes` after the other
 *   making.db             one that is being made; it gets a number when it is whole
 *   snapshots/            pictures of partitions (snapshots.h)
 *   lock                  held with flock by the process that writes
 *
 * An append is one row in one statement, on stable storage before `done` is called (write-ahead
 * log, synchronous=FULL); `done` is called before journal_append returns. A helper thread prepares
 * the next file before it is needed, and checkpoints and closes the full one after the owner
 * stopped using it, so that neither stands in the way of a commit.
 *
 * After JOURNAL_UNKNOWN the journal takes no more rows: what stands on disk can only be learnt by
 * opening it again. Opening writes anew what a process left behind that did not end in order, as
 * the kernel's view of it cannot be trusted after a failed sync; so whatever it shows is durable.
 *
 * Thread: as journal.h says.
 */
#ifndef ONSALE_JOURNAL_SQLITE_H
#define ONSALE_JOURNAL_SQLITE_H

#include "journal/journal.h"

#define JOURNAL_SQLITE_FILE_BYTES (64ull * 1024 * 1024)
#define JOURNAL_SQLITE_RESERVE_BYTES (64ull * 1024 * 1024)
#define JOURNAL_SQLITE_SPACE_CHECK_US 1000000ull

/* Bytes that are free for us where `dir` is. 0, or negative when that cannot be told. */
typedef int journal_sqlite_space_fn(void *context, const char *dir, uint64_t *ret_free_bytes);

struct files;

/* All zero means the defaults. */
struct journal_sqlite_options {
    uint64_t file_bytes;            /* a file of this size is full; at least 64 KiB */
    uint64_t reserve_bytes;         /* with less space free, appends answer JOURNAL_NO_SPACE */
    uint64_t space_check_us;        /* how long it is believed that there is enough */
    bool no_ahead;                  /* do not fill the next file's write-ahead log ahead */
    bool by_hand;                   /* no helper thread: journal_sqlite_work does its work */
    const struct files *files;      /* instead of the system's (files.h), for tests */
    journal_sqlite_space_fn *space; /* instead of statvfs, for tests */
    void *space_context;
};

/* Opens the journal in `dir` (made with mode 0700 when missing; its parent exists) and recovers
 * what a killed process left. `options` may be NULL. Fails when another process has it open, when a
 * file is missing or unreadable, or when snapshots reach beyond the last row. */
int journal_sqlite_open(const char *dir, const struct journal_sqlite_options *options,
                        struct journal **ret_journal, struct err *err) MUST_USE;

/* Does one piece of what the helper thread does otherwise, for journals opened `by_hand`: so a
 * simulator says when it happens. False: there was nothing to do, or it failed and is to be tried
 * again. Thread: the owner. */
bool journal_sqlite_work(struct journal *journal);

/* Opens it for tools, without changing anything in the folder and without the lock: closed files
 * are read in place, a file with a write-ahead log is read from a private copy under $TMPDIR. Works
 * after a kill and beside a running process (rows up to now). Appends answer JOURNAL_FAILED. */
int journal_sqlite_open_readonly(const char *dir, struct journal **ret_journal,
                                 struct err *err) MUST_USE;

#endif
