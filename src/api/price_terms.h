/*
 * price_terms: what an organiser says of prices beside the price categories themselves: tax, who
 * bears the fees, ways to pay, and the price plan (rules, ceilings, packages). For a new event and
 * for one on sale. Thread: any.
 */
#ifndef ONSALE_API_PRICE_TERMS_H
#define ONSALE_API_PRICE_TERMS_H

#include "api/places.h"
#include "booking/booking.h"

/* Set once, when the event is created. */
struct sale_terms {
    uint32_t rate_bp; /* of categories without a rate of their own */
    bool tax_on_top;  /* the amounts of the request are without tax */
    uint8_t fee_bearer;
    uint32_t payment_methods, processing_seconds;
};
void sale_terms_read(struct request *r, struct sale_terms *ret_terms);
/* Of the body of a change: they cannot be changed, and a fault says so. */
void sale_terms_refuse(struct request *r);

/* `amount_minor` with tax on top, rounded half up. */
uint64_t price_terms_gross(uint64_t amount_minor, uint32_t tax_bp);

struct price_plan {
    bool given; /* the body says something of it */
    bool names_given;
    struct booking_price_plan_lists lists;
    struct entry_price_plan_set entry;          /* points into `lists` */
    struct slice package_names[LIMIT_PACKAGES]; /* empty: none; into the body or the document */
};

/* Reads price_rules, price_ceilings and packages; of what is absent the event keeps what it has
 * (`places->booking`, NULL: nothing). `names` are those of the packages it has. `tax_bp`, one a
 * category: the amounts are without it; NULL: with it. The plan must not be moved afterwards. */
struct price_plan_reading {
    const struct places *places;
    const char *currency;
    const struct slice *names;
    const uint32_t *tax_bp;
};
void price_plan_read(struct request *r, const struct price_plan_reading *reading,
                     struct price_plan *ret_plan);
/* The command that sets it; points into the plan. */
struct command_change_price_plan price_plan_command(const struct price_plan *plan);
/* Whether it has to follow a change of prices: it lowers a ceiling under a base price. */
bool price_plan_is_last(const struct price_plan *plan, const struct booking *booking);
/* The packages' names for the event's document, "" where there is none. The caller owns it. */
json_t *price_plan_names(const struct price_plan *plan);

#endif
