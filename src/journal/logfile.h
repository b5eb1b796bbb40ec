/*
 * logfile: one file of the SQLite journal, `log-00000001.db` and its write-ahead log.
 *
 *   file(version, number, first_seq, previous_hash)   one row, written with the first row of log
 *   log(seq INTEGER PRIMARY KEY, ts, hash, body)      one row a group commit
 *
 * A file is in one of three states: prepared (tables, no rows), written, closed (no write-ahead log
 * left). It is opened for writing by one connection in its life as the current file, and that one
 * also checkpoints it, because SQLite 3.40 has a race between connections that write or checkpoint
 * one write-ahead log. Nothing is checkpointed while rows are appended: the write-ahead log grows
 * to the size at which files change, and a start after a kill reads it once.
 *
 * Private to this folder. Thread: one at a time for each log file.
 */
#ifndef ONSALE_JOURNAL_LOGFILE_H
#define ONSALE_JOURNAL_LOGFILE_H

#include "journal/driver.h"
#include "journal/files.h"

#include <sqlite3.h>

#define LOGFILE_NAME_BYTES 20

struct logfile {
    sqlite3 *db;
    sqlite3_stmt *insert;
    uint32_t number;
    uint64_t first_seq;                      /* 0: no rows yet */
    uint8_t previous_hash[CHAIN_HASH_BYTES]; /* the hash that the first row builds on */
    uint64_t stored_bytes;                   /* of the database file when it was opened */
    uint32_t wal_pages;                      /* in the write-ahead log since then */
};

/* "log-00000001.db" */
void logfile_name(uint32_t number, char ret_name[LOGFILE_NAME_BYTES]);
/* The file in this folder, or with the suffix "-wal" its write-ahead log. */
void logfile_path(const char *dir, uint32_t number, const char *suffix,
                  char ret_path[FILES_PATH_BYTES]);

/* Opens file `number` of the folder for writing, makes it when it is not there, and recovers what a
 * killed process left; whatever is found in it is durable from then on. The write-ahead log is
 * filled with zeros until the file takes `ahead_bytes` in all (0: not), so that commits overwrite
 * blocks instead of adding them, which is what makes a sync cheap. The caller ends it with
 * logfile_close. */
int logfile_open(const struct folder *folder, uint32_t number, uint64_t ahead_bytes,
                 struct logfile **ret_file, struct err *err) MUST_USE;

/* Adds a row; `seq` and `hash` are the caller's business. JOURNAL_DURABLE, JOURNAL_FAILED or
 * JOURNAL_UNKNOWN, as is true. */
enum journal_outcome logfile_insert(struct logfile *file, const struct journal_row *row,
                                    const uint8_t previous_hash[CHAIN_HASH_BYTES],
                                    struct err *err) MUST_USE;

/* Bytes that the file takes, write-ahead log included. */
uint64_t logfile_bytes(const struct logfile *file);

/* Moves all rows into the database file and empties the write-ahead log. */
int logfile_checkpoint(struct logfile *file, struct err *err) MUST_USE;

/* Closes it. `settle`: rows still in the write-ahead log move into the database file first where
 * that works; otherwise the files stay exactly as they are. NULL is allowed. */
void logfile_close(struct logfile *file, bool settle);

/* Opens a closed file for reading; it must have no write-ahead log. Ended by sqlite3_close. */
int logfile_open_closed(const struct folder *folder, uint32_t number, sqlite3 **ret_db,
                        struct err *err) MUST_USE;

/* Opens a private copy (with the system's own calls) of a file that has a write-ahead log, or of
 * one that another process is writing, without touching either: rows up to the moment of copying
 * are in it. The copy has no name and vanishes with sqlite3_close. */
int logfile_open_copy(const char *dir, uint32_t number, sqlite3 **ret_db, struct err *err) MUST_USE;

/* Whether the file has a write-ahead log with content: 1, 0, or -1 when that cannot be told. */
int logfile_has_wal(const struct folder *folder, uint32_t number, struct err *err) MUST_USE;

/* Reads the one row of `file`. 1: there; 0: no rows yet; -1: not a journal file of this number. */
int logfile_read_about(sqlite3 *db, uint32_t number, uint64_t *ret_first_seq,
                       uint8_t ret_previous_hash[CHAIN_HASH_BYTES], struct err *err) MUST_USE;

/* Reads the last row without its body. 1: there; 0: no rows. */
int logfile_read_last(sqlite3 *db, struct journal_head *ret_head, struct err *err) MUST_USE;

/* Reads the hash of one row. */
int logfile_read_hash(sqlite3 *db, uint64_t seq, uint8_t ret_hash[CHAIN_HASH_BYTES],
                      struct err *err) MUST_USE;

/* Visits rows from the cursor's up to `last_seq`, checking each. 0, or what `visit` returned. */
int logfile_read(sqlite3 *db, struct journal_cursor *cursor, uint64_t last_seq, struct chain *chain,
                 journal_visit_fn *visit, void *context, uint64_t *ret_culprit,
                 struct err *err) MUST_USE;

#endif
