/*
 * books: what the sandbox provider remembers, in one SQLite file of its own (sandbox.db): intents,
 * answers by idempotency key, events for the webhook, and its secrets. Independent of Onsale's
 * journal, so that the two can be compared.
 *
 * Writes gather in one transaction, opened by the first of them; books_commit makes them durable
 * (WAL, synchronous=FULL: what was answered survives a power cut, and one sync covers all writes of
 * a turn of the loop). Answers must wait for the commit. A failed write or commit is remembered in
 * `books_broken`: nothing may be acknowledged after it.
 *
 * Thread: one at a time.
 */
#ifndef ONSALE_SANDBOX_BOOKS_H
#define ONSALE_SANDBOX_BOOKS_H

#include "base/buf.h"
#include "base/err.h"
#include "sandbox/intent.h"

struct books;

/* `folder` exists. */
int books_open(const char *folder, struct books **ret_books, struct err *err) MUST_USE;
void books_close(struct books *books); /* commits; NULL is allowed */

/* True while written things are not durable. */
bool books_dirty(const struct books *books);
int books_commit(struct books *books, struct err *err) MUST_USE;
/* True once anything failed; *ret_why (if not NULL) then says what. */
bool books_broken(const struct books *books, const char **ret_why);

/* A secret of that name, made with `make` when there is none yet. */
struct books_text {
    char text[96];
};
struct books_text books_setting(struct books *books, const char *name, const char *make);

/* New (row 0, set here) or changed. */
void books_save(struct books *books, struct intent *intent);
bool books_find(struct books *books, struct slice id, struct intent *ret_intent);
/* All intents after row `after`, oldest first, until `each` returns false. */
void books_each(struct books *books, int64_t after,
                bool (*each)(void *context, const struct intent *intent), void *context);
/* At most `limit` newest first, before row `before` (0: from the newest). */
void books_newest(struct books *books, int64_t before, uint32_t limit,
                  bool (*each)(void *context, const struct intent *intent), void *context);

/* Refunds are kept only to be named. */
struct books_refund {
    char id[INTENT_ID_MAX];
    int64_t intent_row, amount, created_s;
};
void books_save_refund(struct books *books, const struct books_refund *refund);

/* Answers by idempotency key. The answer's bytes are appended to `body`. */
bool books_reply_find(struct books *books, struct slice key, uint64_t *ret_request, int *ret_status,
                      struct buf *body);
struct books_reply {
    struct slice key;
    uint64_t request; /* hash of what was asked */
    int status;
    struct slice body;
    int64_t created_s;
};
void books_reply_save(struct books *books, const struct books_reply *reply);

/* Events to deliver. */
struct books_event {
    int64_t seq;        /* set by books_event_add */
    int64_t intent_row; /* events of one intent keep their order */
    int64_t created_s;
    struct slice body; /* for books_event_add only */
};
void books_event_add(struct books *books, struct books_event *event);
bool books_event_body(struct books *books, int64_t seq, struct buf *body);
void books_event_done(struct books *books, int64_t seq);
void books_events_pending(struct books *books,
                          void (*each)(void *context, const struct books_event *event),
                          void *context);

struct books_totals {
    uint64_t intents, authorised, captured, canceled, events_pending;
};
struct books_totals books_totals(struct books *books);

#endif
