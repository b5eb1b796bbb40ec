/*
 * memory: the journal driver that keeps all in memory, for tests and the simulator. It keeps every
 * rule of journal.h and can be told to fail, so that each outcome of an append can be met.
 *
 * Thread: as journal.h says; the hooks belong to the owning thread.
 */
#ifndef ONSALE_JOURNAL_MEMORY_H
#define ONSALE_JOURNAL_MEMORY_H

#include "journal/journal.h"

/* NULL: no memory. Freed by journal_destroy; an append that was held back is then never done. */
struct journal *journal_memory_create(void) MUST_USE;

/* What happens to one append. */
enum journal_memory_fault {
    JOURNAL_MEMORY_FAIL,           /* JOURNAL_FAILED, nothing stored */
    JOURNAL_MEMORY_UNKNOWN_STORED, /* JOURNAL_UNKNOWN, and the head shows the row */
    JOURNAL_MEMORY_UNKNOWN_LOST,   /* JOURNAL_UNKNOWN, and the head does not */
    JOURNAL_MEMORY_NO_SPACE, /* JOURNAL_NO_SPACE; until it is over journal_writable is false */
};

/* The next append meets `fault`; those after it go well again. */
void journal_memory_fault_next(struct journal *journal, enum journal_memory_fault fault);

/* The next append goes well after all; space is there again. */
void journal_memory_fault_clear(struct journal *journal);

/* While true, `done` is not called within journal_append but by journal_memory_deliver. What became
 * of the row is decided when the append is made, yet the head shows it after delivery only. */
void journal_memory_hold_back(struct journal *journal, bool hold_back);

/* Calls the `done` that was held back; false when there was none. */
bool journal_memory_deliver(struct journal *journal);

/* Flips one bit in the body of a stored row, or in a partition's newest snapshot; the row or
 * snapshot exists and has at least one byte (asserted). */
void journal_memory_damage_row(struct journal *journal, uint64_t seq);
void journal_memory_damage_snapshot(struct journal *journal, uint32_t partition);

#endif
