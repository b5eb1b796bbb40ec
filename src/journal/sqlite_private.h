/*
 * sqlite_private: what the parts of the SQLite driver share: sqlite.c (open, append), rotation.c
 * (the helper thread), sqlite_read.c (reading across files). Private to this folder.
 */
#ifndef ONSALE_JOURNAL_SQLITE_PRIVATE_H
#define ONSALE_JOURNAL_SQLITE_PRIVATE_H

#include "journal/logfile.h"
#include "journal/snapshots.h"
#include "journal/sqlite.h"

/* The file that the owner has stopped writing, until it is closed. */
enum retiring_state {
    RETIRING_NONE,
    RETIRING_WAITING, /* for the helper, or for its next try */
    RETIRING_BUSY,    /* the helper has it */
    RETIRING_READING, /* the owner reads from it */
};

struct rotation {
    bool started, by_hand;
    pthread_t thread; /* unless by_hand */
    pthread_mutex_t lock;
    pthread_cond_t changed;
    bool stop;
    uint32_t prepare_number;  /* file to prepare; 0: none */
    uint64_t prepare_ahead;   /* bytes to fill ahead */
    struct logfile *prepared; /* ready to be taken; NULL: not yet */
    struct logfile *retiring;
    enum retiring_state retiring_state;
    const struct folder *folder;
};

struct log_entry {
    uint64_t first_seq; /* 0: not read yet, or no rows */
    sqlite3 *copy;      /* read-only journals: the private copy, once it was needed */
};

struct sqlite_journal {
    struct journal base;
    char *dir;            /* absolute; owned */
    struct folder folder; /* the same, with the calls that reach it */
    int lock_fd;
    bool readonly, reading;
    struct journal_sqlite_options options;
    struct chain chain;
    struct journal_head head;
    struct logfile *current;            /* NULL when readonly */
    uint32_t first_number, last_number; /* of the files with rows; last is the current one */
    struct log_entry *files;            /* first_number is files[0] */
    struct snapshots snapshots;
    struct rotation rotation;
    bool broken;
    struct err broken_err; /* why */
    uint64_t space_checked_us, space_free, space_spent;
    bool space_known;
};

static inline struct sqlite_journal *sqlite_of(struct journal *journal)
{
    return (struct sqlite_journal *)journal;
}

/* rotation.c: starts and ends the helper. `by_hand`: there is no thread, rotation_work is called
 * instead. Ending closes whatever it still holds. */
int rotation_start(struct rotation *rotation, const struct folder *folder, bool by_hand,
                   struct err *err) MUST_USE;
void rotation_finish(struct rotation *rotation);

/* Asks for file `number` to be prepared. */
void rotation_want(struct rotation *rotation, uint32_t number, uint64_t ahead_bytes);

/* Does one piece of the helper's work: prepares the next file, or else closes the full one. False:
 * there is none, or it failed and is to be tried again. */
bool rotation_work(struct rotation *rotation);

/* Takes the prepared file and hands `full` over; NULL when the next file is not ready yet or the
 * one before is still being closed. Never waits. */
struct logfile *rotation_exchange(struct rotation *rotation, struct logfile *full);

/* Claims the retiring file for reading when its number is `number`, waiting for the helper to let
 * go of it; NULL when it is closed by now. */
struct logfile *rotation_claim(struct rotation *rotation, uint32_t number);
void rotation_release(struct rotation *rotation);

/* sqlite_read.c: as in journal_driver. */
int sqlite_read(struct journal *journal, uint64_t from_seq, journal_visit_fn *visit, void *context,
                uint64_t *ret_culprit, struct err *err);

#endif
