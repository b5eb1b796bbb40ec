/*
 * driver: what a driver of the journal provides. A driver's own struct begins with a struct
 * journal, so that journal.c can hand each call on. Private to this folder; the rules of each call
 * stand in journal.h.
 */
#ifndef ONSALE_JOURNAL_DRIVER_H
#define ONSALE_JOURNAL_DRIVER_H

#include "journal/chain.h"
#include "journal/journal.h"

struct journal_driver {
    void (*append)(struct journal *journal, uint64_t ts_us, struct slice body,
                   journal_done_fn *done, void *context);
    struct journal_head (*head)(const struct journal *journal);
    /* As journal_read; when a row is wrong, `ret_culprit` gets its number (else untouched). */
    int (*read)(struct journal *journal, uint64_t from_seq, journal_visit_fn *visit, void *context,
                uint64_t *ret_culprit, struct err *err);
    int (*write_snapshot)(struct journal *journal, uint32_t partition, uint64_t seq,
                          struct slice bytes, struct err *err);
    int (*read_snapshot)(struct journal *journal, uint32_t partition, struct buf *out,
                         uint64_t *ret_seq, struct err *err);
    bool (*writable)(struct journal *journal);
    void (*destroy)(struct journal *journal);
};

struct journal {
    const struct journal_driver *driver;
};

/* How far a reader has come: the row it expects next and the hash that one builds on. */
struct journal_cursor {
    uint64_t seq;
    uint8_t hash[CHAIN_HASH_BYTES];
};

/* Checks that `row` is the one the cursor expects and moves the cursor behind it; on failure
 * `ret_culprit` names the row. */
int journal_cursor_take(struct journal_cursor *cursor, struct chain *chain,
                        const struct journal_row *row, uint64_t *ret_culprit,
                        struct err *err) MUST_USE;

#endif
