/* Stands between the engine and the machine (by the linker): counts and traces every command as it
 * is decided. */
#include "books.h"
#include "lockstep.h"
#include "sim.h"

void __real_booking_decide(const struct booking *b, const struct booking_command *command,
                           uint64_t ts_us, struct booking_decision *ret_decision);
void __wrap_booking_decide(const struct booking *b, const struct booking_command *command,
                           uint64_t ts_us, struct booking_decision *ret_decision);

void __wrap_booking_decide(const struct booking *b, const struct booking_command *command,
                           uint64_t ts_us, struct booking_decision *ret_decision)
{
    struct sim *s = sim_present;
    books_decision(s, b);
    __real_booking_decide(b, command, ts_us, ret_decision);
    s->figures->commands++;
    TRACE(s, "command # at #: refusal #, # entries, hold #, order #", command->number, ts_us,
          ret_decision->refusal, ret_decision->entry_count, ret_decision->hold,
          ret_decision->order);
    lockstep_decided(s, b, command, ts_us, ret_decision);
}
