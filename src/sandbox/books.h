/*
 * books: what the sandbox provider remembers, in one SQLite file of its own (sandbox.db): intents,
 * refunds, disputes, payouts, what moved the balance, answers by idempotency key, events and their
 * deliveries, what shall happen later, and its secrets. Independent of Onsale's journal, so that
 * the two can be compared.
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
#include "sandbox/claims.h"

struct books;

/* `folder` exists. A file of an earlier version is brought up to date; one of a later version is
 * refused. */
int books_open(const char *folder, struct books **ret_books, struct err *err) MUST_USE;
void books_close(struct books *books); /* commits; NULL is allowed */

/* True while written things are not durable. */
bool books_dirty(const struct books *books);
int books_commit(struct books *books, struct err *err) MUST_USE;
/* True once anything failed; *ret_why (if not NULL) then says what. */
bool books_broken(const struct books *books, const char **ret_why);

/* A secret or setting of that name, made with `make` when there is none yet. */
struct books_text {
    char text[96];
};
struct books_text books_setting(struct books *books, const char *name, const char *make);
void books_setting_put(struct books *books, const char *name, const char *value);

/* ---- what money is about (books_money.c) ---- */

enum payout_status {
    PAYOUT_PENDING = 1, /* numbers are stored: never reused */
    PAYOUT_PAID = 2,
    PAYOUT_FAILED = 3
};

/* Money that leaves the balance for the organiser's bank. */
struct payout {
    int64_t row;
    char id[INTENT_ID_MAX];
    int64_t amount, created_s;
    char currency[4];
    enum payout_status status;
    bool automatic;
    char metadata[INTENT_METADATA_MAX];
};

/* What moved the balance: Stripe's balance transaction. Their sum is the balance. */
struct movement {
    int64_t row;
    char id[INTENT_ID_MAX];
    int64_t intent_row; /* 0: of a payout */
    int64_t amount;     /* in: above 0 */
    int64_t created_s;
    char currency[4];
    char type[32];              /* "charge", "refund", ... */
    char source[INTENT_ID_MAX]; /* the charge, refund, dispute or payout */
};

/* New (row 0, set here) or changed. */
void books_save_intent(struct books *books, struct intent *intent);
void books_save_refund(struct books *books, struct refund *refund);
void books_save_dispute(struct books *books, struct dispute *dispute);
void books_save_payout(struct books *books, struct payout *payout);
void books_add_movement(struct books *books, struct movement *movement);

/* By id, or with an empty one by row. */
bool books_find_intent(struct books *books, struct slice id, int64_t row, struct intent *ret_found);
bool books_find_refund(struct books *books, struct slice id, int64_t row, struct refund *ret_found);
bool books_find_dispute(struct books *books, struct slice id, int64_t row,
                        struct dispute *ret_found);
bool books_find_payout(struct books *books, struct slice id, int64_t row, struct payout *ret_found);
bool books_find_movement(struct books *books, struct slice id, struct movement *ret_found);
/* The intent whose last charge it is. */
bool books_find_charge(struct books *books, struct slice charge, struct intent *ret_found);
/* The first (`last` false) or last movement of a source; "" when there is none. */
struct books_text books_movement_of(struct books *books, const char *source, bool last);

/* What to list, newest first. All zero: everything. */
struct books_query {
    int64_t before;       /* rows before this one; 0: from the newest */
    int64_t intent_row;   /* of this intent only */
    int64_t from_s, to_s; /* created within, `to_s` included; 0: open */
    struct slice word;    /* intents: the order; events, movements: the type */
    uint32_t limit;       /* 0: no limit */
    bool oldest_first;
};

/* `each` returns false to stop. */
void books_each_intent(struct books *books, const struct books_query *query,
                       bool (*each)(void *context, const struct intent *intent), void *context);
void books_each_refund(struct books *books, const struct books_query *query,
                       bool (*each)(void *context, const struct refund *refund), void *context);
void books_each_dispute(struct books *books, const struct books_query *query,
                        bool (*each)(void *context, const struct dispute *dispute), void *context);
void books_each_payout(struct books *books, const struct books_query *query,
                       bool (*each)(void *context, const struct payout *payout), void *context);
void books_each_movement(struct books *books, const struct books_query *query,
                         bool (*each)(void *context, const struct movement *movement),
                         void *context);

/* One a currency. `balance` is the sum of the movements, all others are counted from the objects;
 * the books are right when captured - refunded - disputed - paid_out = balance. */
struct books_balance {
    char currency[4];
    int64_t captured, refunded, disputed, paid_out, balance;
};
void books_each_balance(struct books *books,
                        void (*each)(void *context, const struct books_balance *balance),
                        void *context);

struct books_totals {
    uint64_t intents, authorised, captured, canceled, refunds, disputes, payouts, events_pending;
};
struct books_totals books_totals(struct books *books);

/* ---- answers by idempotency key; the answer's bytes are appended to `body` ---- */

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

/* ---- events and their deliveries ---- */

/* So many are kept after they were delivered. */
#define BOOKS_EVENTS_KEPT 20000

struct books_event {
    int64_t row;
    char id[INTENT_ID_MAX];
    char type[64];
    int64_t intent_row; /* 0: of a payout */
    int64_t created_s;
    bool pending;      /* not delivered yet */
    struct slice body; /* JSON; borrowed */
};
void books_event_add(struct books *books, struct books_event *event); /* sets `row` */
/* The bytes are appended to `body`. */
bool books_event_find(struct books *books, struct slice id, int64_t *ret_row, struct buf *body);
void books_each_event(struct books *books, const struct books_query *query,
                      bool (*each)(void *context, const struct books_event *event), void *context);

/* An event on its way to the webhook. */
struct books_delivery {
    int64_t row;
    int64_t event_row;
    int64_t intent_row; /* deliveries of one intent keep their order */
    int64_t created_s;
};
void books_delivery_add(struct books *books, struct books_delivery *delivery); /* sets `row` */
bool books_delivery_body(struct books *books, int64_t row, struct buf *body);
void books_delivery_done(struct books *books, int64_t row);
void books_each_delivery(struct books *books,
                         void (*each)(void *context, const struct books_delivery *delivery),
                         void *context);

/* ---- what shall happen later (agenda.h) ---- */

struct books_later {
    int64_t row, kind, subject, detail;
};
void books_later_add(struct books *books, struct books_later *later); /* sets `row` */
void books_later_done(struct books *books, int64_t row);
void books_each_later(struct books *books,
                      void (*each)(void *context, const struct books_later *later), void *context);

#endif
