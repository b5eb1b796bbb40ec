/*
 * wish: what a buyer asks for in POST and PATCH of holds, made into what the machine wants: seats
 * become units of the plan in force, names of areas, categories and sections their numbers, a code
 * its keyed hash.
 */
#ifndef ONSALE_API_WISH_H
#define ONSALE_API_WISH_H

#include "api/context.h"
#include "api/places.h"

struct wish {
    enum { WISH_SEATS, WISH_AREAS, WISH_BEST } kind;
    uint32_t count;                       /* seats, or areas */
    uint32_t seats[LIMIT_HOLD_UNITS];     /* units, rising */
    uint32_t areas[LIMIT_HOLD_UNITS * 2]; /* number, quantity; in the order of the request */
    struct command_hold best;             /* its members best_* only */
    struct hash16 code;
    bool has_code;
};

/* Reads the body of a request for a hold, or (`changing`) for other seats of one. False: a fault
 * was recorded in the request. */
bool wish_read(struct request *r, const struct api_event *event, const struct places *places,
               bool changing, struct wish *ret_wish);

#endif
