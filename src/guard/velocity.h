/*
 * velocity: buyers who are faster than people, and buyers who fail again and again.
 *
 * A purchase whose order came less than VELOCITY_FAST_US after its hold is flagged, not refused: a
 * name and an address filled in by the browser can be that quick, but many of them from one place
 * cannot. The organiser decides what it means.
 *
 * Failed checkouts (declined cards, refused orders) are counted by key, the session's and the
 * network's, in a table of fixed size; from a number on a challenge is due. A count is forgotten
 * VELOCITY_FORGET_US after its last failure. When a window of the table is full the key with the
 * oldest failure makes room, so a flood of sessions can make the table forget sessions, which its
 * network's count then tells. Thread: one owner at a time. Time never goes back.
 */
#ifndef ONSALE_GUARD_VELOCITY_H
#define ONSALE_GUARD_VELOCITY_H

#include "base/err.h"
#include "base/time.h"

#include <stdbool.h>
#include <stddef.h>

#define VELOCITY_FAST_US (5 * TIME_SECOND_US)
#define VELOCITY_FORGET_US (900 * TIME_SECOND_US)
#define VELOCITY_WINDOW 8
#define VELOCITY_SESSION_FAILURES 3u /* a challenge is due from here on */
#define VELOCITY_NETWORK_FAILURES 30u

/* True when the order came so soon after the hold that no person made it by hand. */
bool velocity_is_fast(uint64_t held_at_us, uint64_t ordered_at_us);

struct velocity;

/* `entries`: keys remembered at once, rounded up to a power of two; 16 bytes each. NULL: no memory.
 */
struct velocity *velocity_create(size_t entries);
void velocity_destroy(struct velocity *velocity); /* NULL is fine */

/* One more failed checkout of `key`. */
void velocity_failed(struct velocity *velocity, uint64_t key, uint64_t now_us);
/* Failures of `key` that are not forgotten yet. */
uint32_t velocity_failures(const struct velocity *velocity, uint64_t key, uint64_t now_us);
/* The key bought or solved its challenge: it begins anew. */
void velocity_forgive(struct velocity *velocity, uint64_t key);

/* Whether a challenge is due before the next checkout. Both keys are hashes. */
bool velocity_challenge_due(const struct velocity *velocity, uint64_t session_key,
                            uint64_t network_key, uint64_t now_us);

#endif
