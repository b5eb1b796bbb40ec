/*
 * views: read models in SQLite (views.db), made of journal entries and of nothing else. They may be
 * thrown away at any time: a file that is damaged, of another version, of other time-zone data or
 * ahead of the journal is made anew. They are a little behind the truth and say so (`as_of`).
 *
 * Order of calls: views_open; views_take for each durable entry after views_seq, in order;
 * views_flush after each batch; queries at any time (they see all that was taken); views_close.
 *
 * A view that cannot be written (disk full) never holds up a sale: taking goes on without effect,
 * views_failed says so, and the next start rebuilds. Thread: one owner (the loop).
 */
#ifndef ONSALE_VIEWS_VIEWS_H
#define ONSALE_VIEWS_VIEWS_H

#include "base/buf.h"
#include "base/err.h"
#include "base/slice.h"
#include "booking/records.h"

struct views;

/* Opens or makes `path`. `last_seq` is the journal's last row: a view that has seen later rows
 * belongs to another journal and is made anew. */
int views_open(const char *path, uint64_t last_seq, struct views **ret_views,
               struct err *err) MUST_USE;
void views_close(struct views *views); /* flushes; NULL is allowed */

/* The last row whose entries were all taken; 0: none. */
uint64_t views_seq(const struct views *views);
/* What stopped it, or NULL. */
const char *views_failed(const struct views *views);

struct views_entry {
    uint64_t seq; /* the row */
    uint32_t partition;
    uint64_t ts_us;
    struct slice bytes; /* begins with the entry's number */
};
void views_take(struct views *views, const struct views_entry *entry);

/* End of a batch: what was taken of rows up to `seq` is kept. Cheap when nothing changed. */
void views_flush(struct views *views, uint64_t seq, uint64_t ts_us);

/* ---- events ---- */

/* A row of the list; slices are valid during the visit. The document is what the organiser
 * described (src/views/README.md). */
struct views_event {
    uint32_t partition;
    uint64_t random;
    uint64_t starts_at_us;
    struct slice document;
};

/* Empty slices and zeros: no condition. Texts are compared without regard to case. */
struct views_query {
    uint32_t limit;
    uint64_t after_starts_us; /* the list goes on behind this event */
    uint32_t after_partition;
    uint64_t from_us, to_us;
    struct slice words; /* each must occur in name, performers, venue or city */
    struct slice city, category, performer, venue;
};
typedef void views_visit_fn(void *context, const struct views_event *event);

/* Visits events by start, soonest first. Returns how many, or negative. */
int views_events(struct views *views, const struct views_query *query, views_visit_fn *visit,
                 void *context, struct err *err) MUST_USE;

/* All events by number, for a start. */
int views_all_events(struct views *views, views_visit_fn *visit, void *context,
                     struct err *err) MUST_USE;

/* Time of the newest row taken: what queries show is not older than this. */
uint64_t views_as_of_us(const struct views *views);

/* ---- contacts ---- */

struct views_contact {
    uint64_t order_random, person;
};
/* Appends the ciphertext of an order's contact to `out`. Returns 1 when it is there, 0 when not,
 * negative on failure. */
int views_contact(struct views *views, uint32_t partition, uint32_t order,
                  struct views_contact *ret_contact, struct buf *out, struct err *err) MUST_USE;

/* ---- what happened to an order's money ----
 *
 * The rare entries of orders, as they are in the journal: cases, refunds, disputes, money taken for
 * nothing, sales given up. What is ordinary stands in the machine. */

typedef void views_money_fn(void *context, uint64_t ts_us, const struct booking_entry *entry);

/* Visits those of an order slot since `from_us` (when the order was placed), oldest first; lists
 * point into memory that is valid during the visit. Returns how many, or negative. */
int views_money(struct views *views, uint32_t partition, uint32_t order, uint64_t from_us,
                views_money_fn *visit, void *context, struct err *err) MUST_USE;

/* Lower-case form for comparing (Unicode case folding), at most 2,000 bytes of it. */
void views_fold(struct slice text, struct buf *out);

#endif
