/*
 * ledger: GET /sandbox/books: what the provider believes, for a person or a test that compares.
 * Thread: the books'.
 */
#ifndef ONSALE_SANDBOX_LEDGER_H
#define ONSALE_SANDBOX_LEDGER_H

#include "sandbox/books.h"

/* All zero: everything, oldest first. With a limit: the newest so many of each, newest first, and
 * the newest events too. */
struct ledger_query {
    uint32_t limit;
    struct slice order; /* only what belongs to this order; empty: all */
};

/* Appends JSON: {"intents", "refunds", "disputes", "payouts", "balances", "totals"} and with a
 * limit "events". `agenda`: how many things are still to come. */
void ledger_write(struct books *books, size_t agenda, const struct ledger_query *query,
                  struct buf *body);

#endif
