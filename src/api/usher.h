/*
 * usher: calls visitors of waiting rooms in. A few times a second it tells each room's controller
 * (queue/pace.h) what the machine knows and how the house is doing, and submits the Call that comes
 * of it. Nobody is called while there is nothing to buy: the sale is not open, or nothing is free
 * right now. Sold orders end their session's admission, which makes room. Who held seats when the
 * waiting room was switched on may finish without an admission, and counts as let in until then.
 *
 * Thread: the loop's.
 */
#ifndef ONSALE_API_USHER_H
#define ONSALE_API_USHER_H

#include "api/context.h"

/* Sold orders that wait for the next tick; those beyond end by time. */
#define USHER_SOLD_MOST 8192u

/* An event's order was sold: its session makes room. */
void usher_entry(struct api *api, const struct engine_entry *entry);
/* Forgets what waits. */
void usher_finish(struct api *api);

#endif
