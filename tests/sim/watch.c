/* Stands between the engine and the machine (by the linker): counts and traces every command as it
 * is decided. */
#include "books.h"
#include "host.h"
#include "lockstep.h"
#include "process.h"
#include "rooms_private.h"
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

void __real_queue_decide(const struct queue *q, const struct queue_command *command, uint64_t ts_us,
                         struct queue_decision *ret_decision);
void __wrap_queue_decide(const struct queue *q, const struct queue_command *command, uint64_t ts_us,
                         struct queue_decision *ret_decision);

void __wrap_queue_decide(const struct queue *q, const struct queue_command *command, uint64_t ts_us,
                         struct queue_decision *ret_decision)
{
    struct sim *s = sim_present;
    uint32_t event = 1;
    while (event < SIM_EVENTS_MAX && engine_queue(host_engine(s), event) != q)
        event++;
    WORLD_BEGIN();
    rooms_decision(s, event, q);
    __real_queue_decide(q, command, ts_us, ret_decision);
    s->figures->commands++;
    TRACE(s, "room #: command # at #: refusal #, # entries, place #, admission #", event,
          command->number, ts_us, ret_decision->refusal, ret_decision->entry_count,
          ret_decision->number, ret_decision->admission);
    room_lockstep_decided(s, event, command, ts_us, ret_decision);
}
