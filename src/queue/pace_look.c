#include "queue/pace.h"

#include "queue/state.h"

/* What the controller has to know of the machine. */

static void look_at_calls(const struct queue *q, uint32_t lane, uint64_t ts_us,
                          struct pace_measure *m)
{
    uint64_t counts_us = time_that_counts(q->s, ts_us);
    uint64_t whole_us = q->s->claim_seconds * (uint64_t)TIME_SECOND_US;
    uint32_t from = q->s->lanes[lane].ended;
    for (uint32_t k = 0; k < q->s->lanes[lane].call_count; k++) {
        const struct call *call = call_at(q, lane, k);
        if (call->closes_at_us > counts_us) {
            uint64_t left_us = call->closes_at_us - counts_us;
            uint64_t over_us = left_us < whole_us ? whole_us - left_us : 0;
            uint32_t age = (uint32_t)(over_us * PACE_AGES / whole_us); /* below PACE_AGES */
            m->called_by_age[age] += call->upto - from;
            m->open_by_age[age] += call->open;
        }
        from = call->upto;
    }
}

void pace_look(const struct queue *q, uint64_t ts_us, struct pace_measure *ret_measure)
{
    const struct state *s = q->s;
    struct pace_measure m = {
        .now_us = ts_us,
        .target_active = s->target_active,
        .per_minute = s->per_minute,
        .claim_seconds = s->claim_seconds,
        .admission_seconds = s->admission_seconds,
        .admitted = s->closed ? 0 : s->admitted,
        .may_call = phase_at(s, ts_us) == QUEUE_LINE && s->paused_at_us == 0,
    };
    uint64_t claimed_total = 0;
    for (uint32_t lane = 0; lane < QUEUE_LANES; lane++) {
        const struct lane *l = &s->lanes[lane];
        m.open += open_at(q, lane, ts_us);
        m.waiting[lane] = l->count - l->called;
        m.ranks[lane] = l->called;
        m.present_total += l->present_total;
        claimed_total += l->claimed_total;
        look_at_calls(q, lane, ts_us, &m);
    }
    m.ended_total = claimed_total - s->admitted;
    *ret_measure = m;
}
