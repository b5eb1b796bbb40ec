/*
 * definition: what an organiser describes in POST /organiser/events, read, checked and made into
 * what the machines and the catalogue want. Heavy (a plan may have 70,000 seats): done on the pool,
 * without touching anything shared.
 */
#ifndef ONSALE_API_DEFINITION_H
#define ONSALE_API_DEFINITION_H

#include "api/allocations.h"
#include "api/places.h"
#include "api/price_terms.h"
#include "api/queue_terms.h"
#include "base/limits.h"
#include "booking/records.h"

struct definition {
    struct request request; /* its fault is what is wrong with the definition */
    struct buf faults;      /* a plan's faults, one a line */

    struct seating *seating; /* NULL: areas only */
    struct buf document;     /* src/views/README.md */
    struct buf inventory;    /* booking/inventory.h */
    char currency[3];
    uint64_t starts_at_us, opens_at_us, closes_at_us;
    uint32_t hold_seconds, pay_seconds, per_buyer, per_hold;
    uint32_t category_count;
    uint64_t prices[LIMIT_PRICE_CATEGORIES], fees[LIMIT_PRICE_CATEGORIES];
    uint32_t per_category[LIMIT_PRICE_CATEGORIES]; /* 0: no limit of its own */
    uint32_t tax_bp[LIMIT_PRICE_CATEGORIES];
    struct sale_terms terms;
    struct price_plan plan; /* of prices */
    uint8_t singles;        /* enum booking_singles */
    bool refuse_disposable; /* addresses of throw-away mailboxes */
    uint32_t *blocked;      /* owned */
    uint32_t blocked_count;
    struct allocations allocations;
    struct quotas quotas;
    struct queue_terms queue;

    /* while it is read */
    struct places places;
    uint32_t area_count;
    uint32_t capacities[LIMIT_AREAS], area_categories[LIMIT_AREAS];
    uint32_t *plan_categories; /* owned */
};

struct definition_options {
    const char *plans_dir;
    struct keys *keys;     /* hashes access codes */
    uint64_t event_random; /* the secret half of the id that the event will have */
};

/* Reads `body`; the plan, if any, is saved in `plans_dir`, durable. True when all is well; else the
 * request tells the problem. Always follow with definition_finish. */
bool definition_read(struct slice body, const struct definition_options *options,
                     struct definition *ret_definition);
void definition_finish(struct definition *definition);

/* An amount in minor units: an integer, or {amount, currency} in `currency`. */
int64_t definition_amount(struct request *r, const json_t *value, const char *name,
                          const char currency[3]);
/* The same within these bounds: what a price may not be, a whole order may. */
struct definition_bounds {
    int64_t least, most;
};
int64_t definition_money(struct request *r, const json_t *value, const char *name,
                         const char currency[3], struct definition_bounds bounds);
#define DEFINITION_ORDER_MOST (2 * (int64_t)LIMIT_HOLD_UNITS * LIMIT_PRICE_MINOR)

/* The member "per_buyer" of a price category; `absent` when it says nothing, 0: no limit. */
uint32_t definition_per_buyer(struct request *r, const json_t *category, uint32_t absent);
/* The member "single_seats" of "limits", as enum booking_singles. */
uint8_t definition_singles(struct request *r, const json_t *limits);

/* The member "disposable_email" of "limits": whether throw-away mailboxes are refused; `absent`
 * when it says nothing. */
bool definition_disposable(struct request *r, const json_t *limits, bool absent);

/* Reads a seating plan and saves it in `plans_dir`, durable; for the pool. NULL with a fault in
 * `r`; what is wrong with the plan itself is in `faults`, one a line. The caller drops it. */
struct seating *definition_plan(struct request *r, struct slice json,
                                const struct plan_options *options, const char *plans_dir,
                                struct buf *faults);
/* Each category of a plan is sold at the price category of its name: their numbers, or a fault. The
 * caller frees them; NULL without memory, which is a fault, too. */
uint32_t *definition_plan_categories(struct request *r, const struct plan *plan,
                                     const struct slice *names, uint32_t count);

/* Seats that are sold together only have to fit into what a hold and a buyer may have: else nobody
 * could ever buy them. NULL: they do; else the member whose limit is too small, with words for the
 * organiser. A limit of 0 is not looked at. */
const char *definition_check_groups(const struct plan *plan, uint32_t per_hold, uint32_t per_buyer,
                                    struct err *ret_words) MUST_USE;
/* The same for what a buyer may have of each price category. False: too small, with words; the
 * member is DEFINITION_PER_CATEGORY. */
#define DEFINITION_PER_CATEGORY "price_categories.per_buyer"
struct definition_prices {
    const struct slice *names;
    const uint32_t *per_buyer; /* 0: no limit of its own */
    uint32_t count;
};
bool definition_check_group_prices(const struct plan *plan, const uint32_t *plan_categories,
                                   const struct definition_prices *prices,
                                   struct err *ret_words) MUST_USE;

/* The bytes of the member `key` of the object that `body` is, without parsing the rest: where a
 * plan begins and ends. False when there is none. */
bool definition_cut(struct slice body, struct slice key, struct slice *ret_value);

#endif
