/*
 * allocations: what an organiser says about allocations and quotas, for a new event and for one on
 * sale, made into commands of its machine.
 */
#ifndef ONSALE_API_ALLOCATIONS_H
#define ONSALE_API_ALLOCATIONS_H

#include "api/places.h"
#include "base/buf.h"

struct allocation_change {
    struct command_change_allocation command; /* points into what follows and the request's body */
    uint32_t *add, *remove;                   /* owned */
    uint32_t add_areas[LIMIT_AREAS * 2], remove_areas[LIMIT_AREAS * 2];
    struct buf codes, revoke;
    char name[LIMIT_NAME_BYTES];
};

struct allocations {
    struct allocation_change *items; /* owned */
    uint32_t count;
};

/* Reads the member "allocations" of the body. One of an id that the event knows is changed, others
 * are made, with the next numbers. Always follow with allocations_finish. */
void allocations_read(struct request *r, const struct places *places,
                      struct allocations *ret_allocations);
void allocations_finish(struct allocations *allocations);
/* A command for each, in order, into `ret_commands`; returns how many. They point into it. */
uint32_t allocations_commands(const struct allocations *allocations,
                              struct booking_command ret_commands[LIMIT_ALLOCATIONS]);

struct quotas {
    bool given; /* the body has them, be it none */
    uint32_t count;
    uint64_t categories[LIMIT_QUOTAS];
    uint32_t limits[LIMIT_QUOTAS];
};
void quotas_read(struct request *r, const struct places *places, struct quotas *ret_quotas);
/* Sets the members of a change that are about quotas; they point into `quotas`. */
void quotas_set(const struct quotas *quotas, struct command_change_event *change);

#endif
