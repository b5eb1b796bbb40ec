/*
 * calls: what the machine asks of the provider, one call after another. No two calls of an event
 * have the same idempotency key, for each follows from an answer to the one before; and as long as
 * a call is owed, the state alone tells it byte by byte as the entry told it.
 */
#ifndef ONSALE_TESTS_MODEL_CALLS_H
#define ONSALE_TESTS_MODEL_CALLS_H

#include "base/buf.h"
#include "booking/booking.h"

struct calls {
    struct buf list; /* struct call */
};

void calls_begin(struct calls *calls);
void calls_finish(struct calls *calls);
/* NULL, or what is wrong. */
const char *calls_add(struct calls *calls, const struct entry_payment_requested *e);
const char *calls_compare(const struct calls *calls, const struct booking *b);

#endif
