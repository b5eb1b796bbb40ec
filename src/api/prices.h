/* prices: how an event's prices are told: what each category costs now and until when, packages,
 * who bears the fees, how it can be paid. */
#ifndef ONSALE_API_PRICES_H
#define ONSALE_API_PRICES_H

#include "api/context.h"

/* What of a category's fee a buyer pays. */
int64_t prices_buyer_fee(const struct booking_event *event, int64_t fee_minor);

/* Members of an event, into an open object: the array `price_categories` and what belongs to it. */
void prices_write(struct json *j, const struct api_event *event, const struct booking *b,
                  uint64_t now_us);

/* The API's word for a way to pay (one bit of the set), or NULL. */
const char *prices_method(uint32_t method);

/* The array `key` of the names of a set of categories. */
void prices_write_categories(struct json *j, const char *key, const struct api_event *event,
                             uint64_t categories);

/* When a category's price will be another as its rules stand. `now_us` and `sold` are the state
 * that is asked about; times and counts of 0 in the answer: none. Public for its tests. */
struct price_change {
    uint64_t at_us; /* with as many sold as now */
    int64_t price_then;
    uint32_t after_sold; /* more than now, at the time of now */
    int64_t price_after;
};
struct price_outlook {
    const struct entry_price_plan_set *plan;
    uint32_t category, sold;
    uint64_t now_us;
    int64_t base_minor;
};
int64_t prices_by_rules(const struct price_outlook *outlook);
struct price_change prices_next_change(const struct price_outlook *outlook);

#endif
