/* books_money: intents, refunds, disputes, payouts and movements in the books (books.h). */
#include "sandbox/books_internal.h"

/* Steps through a list; `read` makes an object of a row. */
#define EACH(type, newest, read)                              \
    sqlite3_stmt *s = books_bind_query(books, newest, query); \
    struct type found;                                        \
    bool more = true;                                         \
    while (more && sqlite3_step(s) == SQLITE_ROW) {           \
        read(s, &found);                                      \
        more = each(context, &found);                         \
    }                                                         \
    sqlite3_reset(s)

/* Ids are never empty and rows never 0, so what is not given finds nothing. */
#define FIND(which, read)                                          \
    sqlite3_stmt *s = BIND(books, which, SLICED(id), NUMBER(row)); \
    bool found = sqlite3_step(s) == SQLITE_ROW;                    \
    if (found)                                                     \
        read(s, ret_found);                                        \
    sqlite3_reset(s);                                              \
    return found

/* ---- intents ---- */

void books_save_intent(struct books *books, struct intent *i)
{
    int64_t row = WRITE(
        books, S_INTENT_PUT, ROW(i->row), TEXT(i->id), TEXT(i->secret), TEXT(i->currency),
        NUMBER(i->capture), NUMBER(i->status), NUMBER(i->amount), NUMBER(i->capturable),
        NUMBER(i->received), NUMBER(i->refunded), NUMBER(i->created_s), NUMBER(i->canceled_s),
        TEXT(i->cancellation_reason), TEXT(i->method_id), TEXT(i->charge),
        NUMBER(i->method ? method_index(i->method) : -1), NUMBER(i->failed), NUMBER(i->failure),
        TEXT(i->metadata), NUMBER(i->card_manual), NUMBER(i->kinds), NUMBER(i->disputed),
        NUMBER(i->settles_badly), TEXT(i->bank_url), TEXT(i->return_url), TEXT(i->order));
    if (!i->row)
        i->row = row;
}

static void read_intent(sqlite3_stmt *s, struct intent *intent)
{
    struct books_row row = {s, 0};
    intent->row = books_number(&row);
    READ_TEXT(&row, intent->id);
    READ_TEXT(&row, intent->secret);
    READ_TEXT(&row, intent->currency);
    intent->capture = (enum intent_capture)books_number(&row);
    intent->status = (enum intent_status)books_number(&row);
    intent->amount = books_number(&row);
    intent->capturable = books_number(&row);
    intent->received = books_number(&row);
    intent->refunded = books_number(&row);
    intent->created_s = books_number(&row);
    intent->canceled_s = books_number(&row);
    READ_TEXT(&row, intent->cancellation_reason);
    READ_TEXT(&row, intent->method_id);
    READ_TEXT(&row, intent->charge);
    intent->method = method_at((int)books_number(&row));
    intent->failed = books_number(&row) != 0;
    int64_t failure = books_number(&row);
    intent->failure =
        failure > 0 && failure < FAILURE_COUNT ? (enum failure)failure : FAILURE_GENERIC_DECLINE;
    READ_TEXT(&row, intent->metadata);
    intent->card_manual = books_number(&row) != 0;
    intent->kinds = (uint32_t)books_number(&row);
    intent->disputed = books_number(&row);
    intent->settles_badly = books_number(&row) != 0;
    READ_TEXT(&row, intent->bank_url);
    READ_TEXT(&row, intent->return_url);
    READ_TEXT(&row, intent->order);
}

bool books_find_intent(struct books *books, struct slice id, int64_t row, struct intent *ret_found)
{
    FIND(S_INTENT_GET, read_intent);
}

bool books_find_charge(struct books *books, struct slice charge, struct intent *ret_found)
{
    if (charge.len == 0) /* intents without an attempt have an empty one */
        return false;
    sqlite3_stmt *s = BIND(books, S_INTENT_CHARGE, SLICED(charge));
    bool found = sqlite3_step(s) == SQLITE_ROW;
    if (found)
        read_intent(s, ret_found);
    sqlite3_reset(s);
    return found;
}

void books_each_intent(struct books *books, const struct books_query *query,
                       bool (*each)(void *context, const struct intent *intent), void *context)
{
    EACH(intent, S_INTENT_EACH, read_intent);
}

/* ---- refunds ---- */

void books_save_refund(struct books *books, struct refund *r)
{
    int64_t row = WRITE(books, S_REFUND_PUT, ROW(r->row), TEXT(r->id), NUMBER(r->intent_row),
                        NUMBER(r->amount), NUMBER(r->created_s), NUMBER(r->status), TEXT(r->reason),
                        TEXT(r->failure_reason), TEXT(r->metadata));
    if (!r->row)
        r->row = row;
}

static void read_refund(sqlite3_stmt *s, struct refund *refund)
{
    struct books_row row = {s, 0};
    refund->row = books_number(&row);
    READ_TEXT(&row, refund->id);
    refund->intent_row = books_number(&row);
    refund->amount = books_number(&row);
    refund->created_s = books_number(&row);
    refund->status = (enum refund_status)books_number(&row);
    READ_TEXT(&row, refund->reason);
    READ_TEXT(&row, refund->failure_reason);
    READ_TEXT(&row, refund->metadata);
}

bool books_find_refund(struct books *books, struct slice id, int64_t row, struct refund *ret_found)
{
    FIND(S_REFUND_GET, read_refund);
}

void books_each_refund(struct books *books, const struct books_query *query,
                       bool (*each)(void *context, const struct refund *refund), void *context)
{
    EACH(refund, S_REFUND_EACH, read_refund);
}

/* ---- disputes ---- */

void books_save_dispute(struct books *books, struct dispute *d)
{
    int64_t row = WRITE(books, S_DISPUTE_PUT, ROW(d->row), TEXT(d->id), NUMBER(d->intent_row),
                        NUMBER(d->amount), NUMBER(d->created_s), NUMBER(d->status), TEXT(d->reason),
                        NUMBER(d->submissions), TEXT(d->evidence), TEXT(d->metadata));
    if (!d->row)
        d->row = row;
}

static void read_dispute(sqlite3_stmt *s, struct dispute *dispute)
{
    struct books_row row = {s, 0};
    dispute->row = books_number(&row);
    READ_TEXT(&row, dispute->id);
    dispute->intent_row = books_number(&row);
    dispute->amount = books_number(&row);
    dispute->created_s = books_number(&row);
    dispute->status = (enum dispute_status)books_number(&row);
    READ_TEXT(&row, dispute->reason);
    dispute->submissions = books_number(&row);
    READ_TEXT(&row, dispute->evidence);
    READ_TEXT(&row, dispute->metadata);
}

bool books_find_dispute(struct books *books, struct slice id, int64_t row,
                        struct dispute *ret_found)
{
    FIND(S_DISPUTE_GET, read_dispute);
}

void books_each_dispute(struct books *books, const struct books_query *query,
                        bool (*each)(void *context, const struct dispute *dispute), void *context)
{
    EACH(dispute, S_DISPUTE_EACH, read_dispute);
}

/* ---- payouts ---- */

void books_save_payout(struct books *books, struct payout *p)
{
    int64_t row = WRITE(books, S_PAYOUT_PUT, ROW(p->row), TEXT(p->id), NUMBER(p->amount),
                        NUMBER(p->created_s), TEXT(p->currency), NUMBER(p->status),
                        NUMBER(p->automatic), TEXT(p->metadata));
    if (!p->row)
        p->row = row;
}

static void read_payout(sqlite3_stmt *s, struct payout *payout)
{
    struct books_row row = {s, 0};
    payout->row = books_number(&row);
    READ_TEXT(&row, payout->id);
    payout->amount = books_number(&row);
    payout->created_s = books_number(&row);
    READ_TEXT(&row, payout->currency);
    payout->status = (enum payout_status)books_number(&row);
    payout->automatic = books_number(&row) != 0;
    READ_TEXT(&row, payout->metadata);
}

bool books_find_payout(struct books *books, struct slice id, int64_t row, struct payout *ret_found)
{
    FIND(S_PAYOUT_GET, read_payout);
}

void books_each_payout(struct books *books, const struct books_query *query,
                       bool (*each)(void *context, const struct payout *payout), void *context)
{
    EACH(payout, S_PAYOUT_EACH, read_payout);
}

/* ---- movements ---- */

void books_add_movement(struct books *books, struct movement *m)
{
    m->row = WRITE(books, S_MOVEMENT_PUT, ROW(m->row), TEXT(m->id), NUMBER(m->intent_row),
                   NUMBER(m->amount), NUMBER(m->created_s), TEXT(m->currency), TEXT(m->type),
                   TEXT(m->source));
}

static void read_movement(sqlite3_stmt *s, struct movement *movement)
{
    struct books_row row = {s, 0};
    movement->row = books_number(&row);
    READ_TEXT(&row, movement->id);
    movement->intent_row = books_number(&row);
    movement->amount = books_number(&row);
    movement->created_s = books_number(&row);
    READ_TEXT(&row, movement->currency);
    READ_TEXT(&row, movement->type);
    READ_TEXT(&row, movement->source);
}

bool books_find_movement(struct books *books, struct slice id, struct movement *ret_found)
{
    int64_t row = 0;
    FIND(S_MOVEMENT_GET, read_movement);
}

void books_each_movement(struct books *books, const struct books_query *query,
                         bool (*each)(void *context, const struct movement *movement),
                         void *context)
{
    EACH(movement, S_MOVEMENT_EACH, read_movement);
}

struct books_text books_movement_of(struct books *books, const char *source, bool last)
{
    struct books_text id = {""};
    sqlite3_stmt *s = BIND(books, last ? S_MOVEMENT_LAST : S_MOVEMENT_FIRST, TEXT(source));
    if (sqlite3_step(s) == SQLITE_ROW)
        books_text_column(&(struct books_row){s, 0}, sizeof id.text, id.text);
    sqlite3_reset(s);
    return id;
}

/* ---- sums ---- */

void books_each_balance(struct books *books,
                        void (*each)(void *context, const struct books_balance *balance),
                        void *context)
{
    sqlite3_stmt *s = books->s[S_BALANCE];
    while (sqlite3_step(s) == SQLITE_ROW) {
        struct books_row row = {s, 0};
        struct books_balance balance;
        READ_TEXT(&row, balance.currency);
        balance.captured = books_number(&row);
        balance.refunded = books_number(&row);
        balance.disputed = books_number(&row);
        balance.paid_out = books_number(&row);
        balance.balance = books_number(&row);
        each(context, &balance);
    }
    sqlite3_reset(s);
}

struct books_totals books_totals(struct books *books)
{
    sqlite3_stmt *s = books->s[S_TOTALS];
    struct books_totals totals = {0};
    if (sqlite3_step(s) == SQLITE_ROW) {
        struct books_row row = {s, 0};
        totals.intents = (uint64_t)books_number(&row);
        totals.authorised = (uint64_t)books_number(&row);
        totals.captured = (uint64_t)books_number(&row);
        totals.canceled = (uint64_t)books_number(&row);
        totals.refunds = (uint64_t)books_number(&row);
        totals.disputes = (uint64_t)books_number(&row);
        totals.payouts = (uint64_t)books_number(&row);
        totals.events_pending = (uint64_t)books_number(&row);
    }
    sqlite3_reset(s);
    return totals;
}
