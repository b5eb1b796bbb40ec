/*
 * demo: five ready-made events as an organiser would post them, so that a new installation has
 * something to sell: a football night in a stadium, a play in a theatre, a club night without
 * seats, an arena concert whose sale is about to open, a small concert with a waiting room. Names
 * are invented.
 *
 * Everything is worked out on demand from small tables; nothing is kept. Thread: any.
 */
#ifndef ONSALE_DEMO_DEMO_H
#define ONSALE_DEMO_DEMO_H

#include "base/buf.h"

size_t demo_event_count(void);

/* An access code that opens seats which one of the events keeps for its friends, and that event's
 * name: for whoever starts the demo. */
#define DEMO_CODE "LARKSPUR"
#define DEMO_CODE_EVENT "The Glass Orchard"

/* A promo code of another event, which has a package, too. */
#define DEMO_PROMO "NIGHTBUS"
#define DEMO_PROMO_EVENT "Velvet Static: Night Bus Tour"
#define DEMO_PROMO_PERCENT 20

/* The event with a waiting room. */
#define DEMO_WAITING_EVENT "Ines Corvo: The Waiting Room Sessions"

/* Appends the JSON body of POST /api/v1/organiser/events for event `index`. Dates are counted from
 * `now_us`, so that the demo never grows old. Sets out->failed when memory runs out. */
void demo_event_json(size_t index, uint64_t now_us, struct buf *out);

/* Appends the JSON body of POST /api/v1/organiser/events/{id}/promo_codes for event `index`;
 * nothing for an event without one. */
void demo_promo_json(size_t index, struct buf *out);

/* The plans alone, as pretix JSON. */
void demo_plan_stadium(struct buf *out); /* 39,417 seats */
void demo_plan_theatre(struct buf *out); /* 1,200 seats */
void demo_plan_arena(struct buf *out);   /* about 12,000 seats */

struct demo_grid {
    uint32_t sections, rows, seats; /* rows of a section, seats of a row */
};
/* A plain plan for tests and benches: sections "1".., rows "1".., guids "section-row-seat", one
 * category "Seat". */
void demo_plan_grid(struct demo_grid grid, struct buf *out);

#endif
