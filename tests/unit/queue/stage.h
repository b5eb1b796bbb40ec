/*
 * stage: plays a script of the waiting room and says where it differs. A line is a command and what
 * it must give:
 *
 *   @1500.5                        the time, in seconds
 *   join ann -> VisitorJoined      names of entries in order, or a refusal's code, or nothing;
 *   join ann -> same 0             a repeated one, with the number
 *   vip ann 3 2 -> VisitorJoined CodeCounted   with code 3, which is good for 2
 *   vip ann, leave ann, claim ann, sold ann, call 3 1 (general, priority), draw, tick, credit 5
 *   change target_active=3 on=2    times in seconds
 *   ann is called 3 2              state, number, ahead (- for none), and for called and admitted
 *   ann is admitted 3 0 2060       until when
 *   room is line 3                 phase, active sessions
 *
 * After each line every invariant is checked; at the end the entries alone must give the same state
 * bit by bit, and so must the image.
 */
#ifndef ONSALE_TESTS_QUEUE_STAGE_H
#define ONSALE_TESTS_QUEUE_STAGE_H

#include "unit/queue/support.h"

void stage_play(const char *name, const struct queue_entry_opened *opened, const char *script);

#endif
