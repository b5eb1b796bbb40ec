/*
 * agenda: what the provider shall do later: decide what is processing, let a refund fail, open a
 * dispute. It stands in the books, so a restart forgets nothing; what was still to come falls due
 * at the start then.
 *
 * Thread: the loop's.
 */
#ifndef ONSALE_SANDBOX_AGENDA_H
#define ONSALE_SANDBOX_AGENDA_H

#include "sandbox/books.h"

#include <uv.h>

enum agenda_kind { /* numbers are stored: never reused; the subject is a row of the books */
                   AGENDA_SETTLE = 1,          /* an intent that is processing */
                   AGENDA_REFUND_SUCCEEDS = 2, /* a refund */
                   AGENDA_REFUND_FAILS = 3,
                   AGENDA_DISPUTE = 4, /* of an intent; detail: enum agenda_dispute */
                   AGENDA_DISPUTE_WON = 5,
                   AGENDA_DISPUTE_LOST = 6,
                   AGENDA_PAYOUT = 7, /* of all there is in an intent's currency */
                   AGENDA_PAYOUT_PAID = 8,
                   AGENDA_PAYOUT_FAILS = 9
};

/* What kind of dispute, and what becomes of it by itself. */
enum agenda_dispute { /* numbers are stored: never reused */
                      AGENDA_FRAUD = 1,
                      AGENDA_NOT_RECEIVED = 2,
                      AGENDA_INQUIRY = 3,
                      AGENDA_FRAUD_WON = 4,
                      AGENDA_FRAUD_LOST = 5,
                      AGENDA_DEBIT_LOST = 6 /* opened and lost in one */
};

struct agenda;

/* `due` is called from the loop, once for each thing, which is off the books then. */
struct agenda_options {
    uv_loop_t *loop;
    struct books *books; /* borrowed */
    void *context;
    void (*due)(void *context, const struct books_later *later);
};
int agenda_create(const struct agenda_options *options, struct agenda **ret_agenda,
                  struct err *err) MUST_USE;

/* In `ms` milliseconds; written with the books' next commit. */
void agenda_add(struct agenda *agenda, enum agenda_kind kind, int64_t subject, int64_t detail,
                uint32_t ms);
size_t agenda_count(const struct agenda *agenda);

/* NULL is allowed; the loop must run once more. */
void agenda_destroy(struct agenda *agenda);

#endif
