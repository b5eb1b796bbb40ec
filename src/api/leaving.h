/*
 * leaving: buyers whose page was closed while places were held for them. The page says so as it
 * goes (POST .../holds/{hold}/leave, a beacon); unless the session looks at the hold again within
 * the grace, as a reload does, it is given back as if the buyer had done so.
 *
 * Kept in memory only: after a restart a hold runs to its natural end, as it does when more leave
 * at once than are remembered. What has become an order meanwhile is the order's: the machine
 * refuses to release it, and nothing happens.
 *
 * `leaving_begin` again for the same hold begins its grace anew. Of every hold at most one is
 * remembered, so what one session can take is bounded by the holds that it may have.
 *
 * Thread: the loop's.
 */
#ifndef ONSALE_API_LEAVING_H
#define ONSALE_API_LEAVING_H

#include "base/codec.h"
#include "base/id.h"

#include <stdbool.h>
#include <stdint.h>

struct api;
struct leaving; /* those who left; made when the first does */

/* The hold is to be given back at `due_us` (the engine's time), which never goes back from call to
 * call. False: too many have left. */
bool leaving_begin(struct leaving **leaving, struct id hold, struct hash16 session,
                   uint64_t due_us);
/* The buyer is there. False: they had not left. NULL is allowed. */
bool leaving_end(struct leaving *leaving, struct id hold);
/* The next whose grace is over at `now_us`, in order, taken out. False: none. NULL is allowed. */
bool leaving_next(struct leaving *leaving, uint64_t now_us, struct id *ret_hold,
                  struct hash16 *ret_session);
void leaving_destroy(struct leaving *leaving); /* NULL is allowed */

/* The session of this hold was told of it. */
void leaving_back(struct api *api, struct id hold);
/* A few times a second: gives back what nobody came back for. */
void leaving_tick(struct api *api);

#endif
