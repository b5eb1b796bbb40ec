/*
 * logmake: what is done to a log file around SQLite, so that a loss of power leaves nothing half
 * made: making a new one, making sure of what an earlier process left, filling one ahead. Private
 * to this folder. Thread: one at a time for each folder.
 */
#ifndef ONSALE_JOURNAL_LOGMAKE_H
#define ONSALE_JOURNAL_LOGMAKE_H

#include "base/err.h"
#include "journal/files.h"

#define LOGMAKE_APPLICATION_ID "1330533196" /* "ONSL" */

/* SQLite's write-ahead log: a header, then frames of one page each with a header of its own. */
#define LOGMAKE_PAGE_BYTES 4096u
#define LOGMAKE_FRAME_BYTES (LOGMAKE_PAGE_BYTES + 24u)
#define LOGMAKE_LOG_HEADER_BYTES 32u

/* How every connection that writes begins; the page size is LOGMAKE_PAGE_BYTES. Exclusive: no
 * shared memory file. */
#define LOGMAKE_SETTINGS             \
    "PRAGMA page_size=4096;"         \
    "PRAGMA locking_mode=EXCLUSIVE;" \
    "PRAGMA journal_mode=WAL;"       \
    "PRAGMA synchronous=FULL;"       \
    "PRAGMA wal_autocheckpoint=0;"   \
    "PRAGMA trusted_schema=OFF;"

/* Makes a file with tables and without rows, which bears the name `path` only when all of it is on
 * the disk. A file of that name is replaced. The caller syncs the folder. */
int logmake_new(const struct folder *folder, const char *path, struct err *err) MUST_USE;

/* Sees to it that what a process left in a write-ahead log survives from here on, as rows will be
 * read from it. That process may have been killed before its last sync, or have met one that
 * failed, after which the kernel goes on to show bytes that are not on the disk and that no later
 * sync brings there. So the log is written anew; not in its place, where rows stand that are
 * durable. Nothing is done when there is no log. SQLite must not have it open. */
int logmake_sure(const struct folder *folder, const char *wal, struct err *err) MUST_USE;

/* Fills the write-ahead log with zeros behind its content, to `bytes`. SQLite holds no lock on that
 * file, so closing a descriptor of it is harmless, and what stands behind its last commit is not
 * read. */
int logmake_ahead(const struct files *files, const char *wal, uint64_t bytes,
                  struct err *err) MUST_USE;

#endif
