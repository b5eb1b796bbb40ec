/*
 * definition: what an organiser describes in POST /organiser/events, read, checked and made into
 * what the machines and the catalogue want. Heavy (a plan may have 70,000 seats): done on the pool,
 * without touching anything shared.
 */
#ifndef ONSALE_API_DEFINITION_H
#define ONSALE_API_DEFINITION_H

#include "api/request.h"
#include "api/seating.h"
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
    uint32_t *blocked; /* owned */
    uint32_t blocked_count;

    /* while it is read */
    uint32_t area_count;
    uint32_t capacities[LIMIT_AREAS], area_categories[LIMIT_AREAS];
    uint32_t *plan_categories; /* owned */
};

/* Reads `body`; the plan, if any, is saved in `plans_dir`, durable. True when all is well; else the
 * request tells the problem. Always follow with definition_finish. */
bool definition_read(struct slice body, const char *plans_dir, struct definition *ret_definition);
void definition_finish(struct definition *definition);

/* An amount in minor units: an integer, or {amount, currency} in `currency`. */
int64_t definition_amount(struct request *r, const json_t *value, const char *name,
                          const char currency[3]);

/* Seat numbers of a list of guids, rising and each once, into *ret_seats (the caller frees). */
bool definition_seats(struct request *r, const json_t *list, const char *name,
                      const struct seating *seating, uint32_t **ret_seats, uint32_t *ret_count);

/* The bytes of the member `key` of the object that `body` is, without parsing the rest: where a
 * plan begins and ends. False when there is none. */
bool definition_cut(struct slice body, struct slice key, struct slice *ret_value);

#endif
