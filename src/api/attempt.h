/*
 * attempt: several commands to one event of which all shall be taken or none. They are tried on a
 * copy of the machine, one after another, and only given to the engine when the copy took all: in
 * the same turn of the loop, so that they are one batch of the journal, too.
 */
#ifndef ONSALE_API_ATTEMPT_H
#define ONSALE_API_ATTEMPT_H

#include "engine/engine.h"

struct attempt {
    enum booking_refusal refusal;      /* of the command that was refused */
    uint32_t refused;                  /* its place in the list */
    size_t bytes;                      /* of all entries, as engine_has_room wants them */
    struct booking_decision *decision; /* the last one; owned */
};

/* Tries on a copy of `booking` as it is at `ts_us`: on the loop a few milliseconds for 70,000
 * units, and up to a tenth of a second for the million that a machine can have. Negative: no
 * memory. Always follow with attempt_finish. */
int attempt_try(const struct booking *booking, uint64_t ts_us,
                const struct booking_command *commands, uint32_t count, struct attempt *ret_attempt,
                struct err *err) MUST_USE;
/* The same on an event that is still to be made; `created` is valid. */
int attempt_try_new(const struct entry_event_created *created, uint64_t ts_us,
                    const struct booking_command *commands, uint32_t count,
                    struct attempt *ret_attempt, struct err *err) MUST_USE;
void attempt_finish(struct attempt *attempt);

#endif
