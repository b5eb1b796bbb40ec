#include "model/house.h"

/* MONEY.md, "The ledger". */

void house_post(struct model *m, enum booking_account to, enum booking_account from,
                int64_t amount_minor)
{
    m->ledger[to] += amount_minor;
    m->ledger[from] -= amount_minor;
}

void house_post_parts(struct model *m, const struct deal *order, uint32_t refund,
                      enum booking_account against, int sign)
{
    for (uint32_t i = 0; i < order->count; i++) {
        const struct booking_line *line = &order->parts[i].line;
        if (order->parts[i].refund != refund)
            continue;
        house_post(m, against, BOOKING_ACCOUNT_ORGANISER, sign * line->organiser_share);
        house_post(m, against, BOOKING_ACCOUNT_FEES, sign * line->fees_share);
        house_post(m, against, BOOKING_ACCOUNT_TAX, sign * line->tax_share);
    }
}
