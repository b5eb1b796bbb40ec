/*
 * compare: how a difference is told, for compare.c and compare_money.c.
 */
#ifndef ONSALE_TESTS_MODEL_COMPARE_H
#define ONSALE_TESTS_MODEL_COMPARE_H

#include "model/house.h"

#include <stdio.h>

PRINTF_LIKE(2, 3) const char *compare_say(struct model *m, const char *format, ...);

#define SAME(got, wanted, ...)                                                                     \
    do {                                                                                           \
        long long of_machine = (long long)(got), of_model = (long long)(wanted);                   \
        if (of_machine != of_model) {                                                              \
            char what[128];                                                                        \
            (void)snprintf(what, sizeof what, __VA_ARGS__);                                        \
            return compare_say(m, "%s: machine %lld, model %lld (%s)", what, of_machine, of_model, \
                               #got);                                                              \
        }                                                                                          \
    } while (0)

#define TRY(call)              \
    do {                       \
        const char *no = call; \
        if (no)                \
            return no;         \
    } while (0)

/* Lines, prices, promo codes, refunds, cases, disputes and the ledger; NULL: all the same. */
const char *compare_parts(struct model *m, const struct deal *d, const struct booking_line *lines,
                          const char *whose, uint32_t slot);
const char *compare_order_money(struct model *m, const struct booking *b, uint32_t slot,
                                const struct booking_order *got);
/* What an entry about money says; `any` false: it is not one. */
struct model_note compare_note(const struct booking_entry *e);
const char *compare_money(struct model *m, const struct booking *b, uint64_t ts_us);

#endif
