/*
 * admission: the one check in front of all booking calls of an event with a waiting room: making a
 * hold, changing one, and an order. Looking, releasing, cancelling, an order on a live hold of
 * one's own and the same hold asked for again under its key need none: who holds seats was let in.
 * Without a waiting room it costs one pointer.
 *
 * A waiting room that is off may have a threshold: then whoever books is counted, and when more
 * sessions than that were active within the last minutes it switches itself on. It goes straight to
 * the line, as people are buying already: a lobby that lies ahead is closed. Where it was switched
 * off by hand it stays off for ADMISSION_HELD_OFF_SECONDS, whatever the crowd.
 *
 * Thread: the loop's.
 */
#ifndef ONSALE_API_ADMISSION_H
#define ONSALE_API_ADMISSION_H

#include "api/context.h"

#define ADMISSION_HELD_OFF_SECONDS 600u

/* True: this caller may book now. False: answered with 403 `not_admitted`. */
bool admission_check(struct http_exchange *x, struct api_event *event);

/* Sessions that were active lately, counted in bounded memory: a bit for each of the last
 * CROWD_SECONDS to twice that, those before being forgotten all at once. Sessions whose bits
 * coincide count as one (a fiftieth of 50,000). */
#define CROWD_BITS 1048576u
#define CROWD_SECONDS 120u
struct crowd;
/* The change that makes the safety net catch at `now_us`; false: it must not. Pure. */
bool admission_net(const struct queue_status *status, uint32_t active, uint64_t now_us,
                   struct queue_command_change *ret_change);
struct crowd *crowd_create(void); /* NULL: no memory */
void crowd_destroy(struct crowd *crowd);
/* The session with this hash was active; returns how many were. */
uint32_t crowd_saw(struct crowd *crowd, uint64_t session, uint64_t now_us);

#endif
