/* ledger: how the books are told. */
#ifndef ONSALE_API_LEDGER_H
#define ONSALE_API_LEDGER_H

#include "api/context.h"

/* The object `key`: money by account. */
void ledger_write_balances(struct json *j, const char *key, struct booking_ledger ledger,
                           const char currency[3]);

#endif
