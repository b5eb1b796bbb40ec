/*
 * ledger_books: the books of all events, kept a second time out of the journal alone: each entry's
 * postings are summed by account and by order, beside machines that are replayed from their first
 * entry. `onsale ledger` compares the two and lists entries. Thread: the caller's.
 */
#ifndef ONSALE_APP_LEDGER_BOOKS_H
#define ONSALE_APP_LEDGER_BOOKS_H

#include "base/buf.h"
#include "base/id.h"
#include "booking/booking.h"
#include "journal/journal.h"

struct ledger_event {
    uint32_t partition;
    char id[ID_TEXT_MAX];
    char currency[4];
    struct booking *booking;
    void *memory; /* owned: the machine's block */
    struct booking_ledger balances;
    struct booking_ledger closed;  /* of orders whose slots are others' now */
    struct booking_ledger *orders; /* owned; by slot */
    uint32_t order_room;
};

struct ledger_books {
    struct ledger_event *events; /* owned; by partition, `booking` NULL: none */
    uint32_t count;
};

/* One entry that moved something. */
struct ledger_posting {
    const struct ledger_event *event;
    uint64_t row, ts_us;
    const struct booking_entry *entry;
    uint32_t order;
    uint64_t order_random;
    struct booking_ledger moved;
};
typedef void ledger_posting_fn(void *context, const struct ledger_posting *posting);

/* Replays the whole journal; `visit` (may be NULL) hears of each posting in order. Negative: it
 * cannot be read, or memory is short. Always follow with ledger_books_finish. */
int ledger_books_read(struct journal *journal, ledger_posting_fn *visit, void *context,
                      struct ledger_books *ret_books, struct err *err) MUST_USE;
void ledger_books_finish(struct ledger_books *books);

/* What an event's books and its machine do not agree in: appends a line for each to `out` and
 * returns how many. */
uint32_t ledger_event_differences(const struct ledger_event *event, struct buf *out);

#endif
