#include "model/house.h"

#include <stdlib.h>

/* Which command goes where. */

static void do_tick(struct model *m)
{
    uint64_t since_us = m->ts_us - m->last_us;
    bool any = false;
    house_release_due(m);
    for (uint32_t i = 0; i < m->hold_count; i++)
        any = any || m->holds[i].life == LIVE;
    house_sweep_later_all(m);
    house_sweep(m, LIMIT_TICK_EXPIRIES);
    if (m->out->entry_count == 0 && any && since_us >= SECOND_US)
        house_fact(m, BOOKING_ENTRY_time_passed);
}

static void do_credit_outage(struct model *m, uint64_t outage_us)
{
    house_fact(m, BOOKING_ENTRY_outage_credited);
    for (uint32_t i = 0; i < m->hold_count; i++)
        if (m->holds[i].life == LIVE)
            m->holds[i].expires_at_us += outage_us;
}

void model_decide_and_apply(struct model *m, const struct booking_command *c, uint64_t ts_us,
                            const struct booking_decision *machine,
                            struct model_outcome *ret_outcome)
{
    struct model_outcome *out = m->out = ret_outcome;
    *out = (struct model_outcome){.hold = BOOKING_NONE, .order = BOOKING_NONE};
    m->ts_us = m->next_us = ts_us;
    m->machine = machine;
    switch ((enum booking_command_number)c->number) {
    case BOOKING_COMMAND_hold: out->refusal = model_hold(m, &c->hold); break;
    case BOOKING_COMMAND_change_hold: out->refusal = model_change_hold(m, &c->change_hold); break;
    case BOOKING_COMMAND_release_hold:
        out->refusal = model_release_hold(m, &c->release_hold);
        break;
    case BOOKING_COMMAND_place_order: out->refusal = model_place_order(m, &c->place_order); break;
    case BOOKING_COMMAND_cancel_order:
        out->refusal = model_cancel_order(m, &c->cancel_order);
        break;
    case BOOKING_COMMAND_payment_news:
        out->refusal = model_payment_news(m, &c->payment_news);
        break;
    case BOOKING_COMMAND_change_event:
        out->refusal = model_change_event(m, &c->change_event);
        break;
    case BOOKING_COMMAND_change_allocation:
        out->refusal = model_change_allocation(m, &c->change_allocation);
        break;
    case BOOKING_COMMAND_change_plan: out->refusal = model_change_plan(m, &c->change_plan); break;
    case BOOKING_COMMAND_tick: do_tick(m); break;
    case BOOKING_COMMAND_credit_outage: do_credit_outage(m, c->credit_outage.outage_us); break;
    case BOOKING_COMMAND_create_event:
    case BOOKING_COMMAND_COUNT_PLUS_ONE: abort();
    }
}
