/*
 * journal: the port through which the engine remembers. A journal is one dense sequence of rows; a
 * row is one group commit: its number, its time, a body (opaque bytes; see frame.h for what the
 * engine puts there) and a hash that chains it to all rows before:
 *
 *   hash(0) = 32 zero bytes;  hash(n) = SHA-256(hash(n-1) || seq u64 || ts_us u64 || body),
 * little-endian
 *
 * Drivers: memory (tests, simulator), sqlite (one machine), postgres (several nodes, later). One
 * contract suite runs over all of them (tests/unit/journal/test_contract.c).
 *
 * Order of calls: create by a driver (journal_sqlite_open, journal_memory_create); read what is
 * there; append; destroy. At most one append is in flight. Thread: the one that owns the journal,
 * except journal_write_snapshot, which any one thread at a time may call beside it.
 */
#ifndef ONSALE_JOURNAL_JOURNAL_H
#define ONSALE_JOURNAL_JOURNAL_H

#include "base/buf.h"
#include "base/err.h"
#include "base/slice.h"

struct journal;

struct journal_row {
    uint64_t seq; /* from 1, dense */
    uint64_t ts_us;
    struct slice body; /* valid during the visit only */
    uint8_t hash[32];
};

/* The last durable row; seq 0 and a zero hash for an empty journal. */
struct journal_head {
    uint64_t seq;
    uint64_t ts_us;
    uint8_t hash[32];
};

enum journal_outcome {
    JOURNAL_DURABLE,  /* the row is on stable storage */
    JOURNAL_FAILED,   /* the row is certainly not stored: nothing of it may be believed */
    JOURNAL_UNKNOWN,  /* it may or may not be stored: read the head to learn which */
    JOURNAL_NO_SPACE, /* refused before it was tried because space runs low; nothing was written */
};

/* Called exactly once for each append, before journal_append returns or later on the owning thread.
 * `err` explains every outcome but JOURNAL_DURABLE. */
typedef void journal_done_fn(void *context, enum journal_outcome outcome, const struct err *err);

/* Appends one row with the next number. `body` is borrowed until `done` is called. */
void journal_append(struct journal *journal, uint64_t ts_us, struct slice body,
                    journal_done_fn *done, void *context);

struct journal_head journal_head(const struct journal *journal);

/* Return non-zero to stop reading; journal_read then returns that number. */
typedef int journal_visit_fn(void *context, const struct journal_row *row);

/* Visits rows from `from_seq` (1 is the first) to the head, in order. Each row's hash is checked
 * against its predecessor's; a gap or a wrong hash is a failure that names the row. 0 when all were
 * visited. */
int journal_read(struct journal *journal, uint64_t from_seq, journal_visit_fn *visit, void *context,
                 struct err *err) MUST_USE;

/* Keeps `bytes` as the newest snapshot of a partition, durable when it returns 0; older ones of the
 * same partition may go away afterwards. */
int journal_write_snapshot(struct journal *journal, uint32_t partition, uint64_t seq,
                           struct slice bytes, struct err *err) MUST_USE;

/* Appends the newest whole snapshot of the partition to `out` and tells the row it was taken at.
 * Returns 1 when there is one, 0 when there is none, negative on failure. A damaged file counts as
 * none. */
int journal_read_snapshot(struct journal *journal, uint32_t partition, struct buf *out,
                          uint64_t *ret_seq, struct err *err) MUST_USE;

/* Whether space for writing is left (false: appends answer JOURNAL_NO_SPACE until there is). */
bool journal_writable(struct journal *journal);

/* Ends it; waits for nothing. NULL is allowed. */
void journal_destroy(struct journal *journal);

#endif
