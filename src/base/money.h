/*
 * money: amounts are integers in the currency's minor unit (int64_t, `_minor`). Only how many
 * decimals a currency shows is known here (ISO 4217, list one of 2024). Thread: any.
 */
#ifndef ONSALE_BASE_MONEY_H
#define ONSALE_BASE_MONEY_H

#include "base/slice.h"

/* Decimals of a currency (0, 2, 3 or 4), or -1 when ISO 4217 has no such alphabetic code in use for
 * payments. `code` is three upper-case letters. */
int money_decimals(const char code[3]);

#define MONEY_TEXT_MAX 40

/* "125.50 EUR", "1000 JPY"; for mails and logs, pages format on their own. Returns the length. */
size_t money_format(int64_t amount_minor, const char code[3], char ret_text[MONEY_TEXT_MAX]);

#endif
