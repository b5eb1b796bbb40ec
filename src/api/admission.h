/*
 * admission: the one check in front of all booking calls of an event with a waiting room: making a
 * hold, changing one, and an order. Looking, releasing, cancelling, an order on a live hold of
 * one's own and the same hold asked for again under its key need none: who holds seats was let in.
 * Without a waiting room it costs one pointer.
 *
 * A waiting room that is off may have a threshold: then whoever books is counted, and when more
 * sessions than that were active within the last minutes it switches itself on.
 *
 * Thread: the loop's.
 */
#ifndef ONSALE_API_ADMISSION_H
#define ONSALE_API_ADMISSION_H

#include "api/context.h"

/* True: this caller may book now. False: answered with 403 `not_admitted`. */
bool admission_check(struct http_exchange *x, struct api_event *event);

/* Sessions that were active lately, counted in bounded memory: a bit for each of the last
 * CROWD_SECONDS to twice that, those before being forgotten all at once. Sessions whose bits
 * coincide count as one (a fiftieth of 50,000). */
#define CROWD_BITS 1048576u
#define CROWD_SECONDS 120u
struct crowd;
struct crowd *crowd_create(void); /* NULL: no memory */
void crowd_destroy(struct crowd *crowd);
/* The session with this hash was active; returns how many were. */
uint32_t crowd_saw(struct crowd *crowd, uint64_t session, uint64_t now_us);

#endif
