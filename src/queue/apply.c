#include "queue/state.h"

/* Makes entries true. Nothing here asks for the time, except for how long a pause took: what was
 * decided stands in the entries. */

static void add_time(struct queue *q, uint64_t added_us)
{
    for (uint32_t lane = 0; lane < QUEUE_LANES; lane++)
        for (uint32_t k = 0; k < q->s->lanes[lane].call_count; k++)
            call_at(q, lane, k)->closes_at_us += added_us;
    for (uint32_t at = q->s->admission_first; at != QUEUE_NONE; at = q->admissions[at].next)
        q->admissions[at].expires_at_us += added_us;
}

static void apply_call_ended(struct queue *q, uint32_t lane, uint32_t upto)
{
    struct lane *l = &q->s->lanes[lane];
    const struct call *call = call_at(q, lane, 0);
    assert(l->call_count > 0 && call->upto == upto);
    l->open -= call->open;
    l->missed_total += call->open;
    l->ended = upto;
    l->call_first = (l->call_first + 1) % LIMIT_QUEUE_CALLS;
    l->call_count--;
}

static void apply_pause(struct queue *q, enum queue_pause pause, uint64_t ts_us)
{
    struct state *s = q->s;
    uint32_t before = s->pauses;
    switch (pause) {
    case QUEUE_PAUSE: s->pauses |= PAUSED_BY_HAND; break;
    case QUEUE_GO_ON: s->pauses = 0; break;
    case QUEUE_SALE_PAUSES: s->pauses |= PAUSED_BY_SALE; break;
    case QUEUE_SALE_GOES_ON: s->pauses &= ~(uint32_t)PAUSED_BY_SALE; break;
    }
    if (before == 0 && s->pauses != 0) {
        s->paused_at_us = ts_us;
    } else if (before != 0 && s->pauses == 0) {
        add_time(q, ts_us - s->paused_at_us);
        s->paused_at_us = 0;
    }
}

static void apply_changed(struct queue *q, const struct queue_entry_changed *e, uint64_t ts_us)
{
    struct state *s = q->s;
    if (e->lobby_opens_at_us != 0)
        s->lobby_opens_at_us = e->lobby_opens_at_us;
    if (e->opens_at_us != 0)
        s->opens_at_us = e->opens_at_us;
    if (e->target_active != 0)
        s->target_active = e->target_active;
    if (e->per_minute != 0)
        s->per_minute = e->per_minute;
    if (e->claim_seconds != 0)
        s->claim_seconds = e->claim_seconds;
    if (e->admission_seconds != 0)
        s->admission_seconds = e->admission_seconds;
    if (e->threshold != 0)
        s->threshold = e->threshold == QUEUE_NONE ? 0 : e->threshold;
    if (e->on != 0) {
        s->on = e->on == 1;
        s->switched_off_us = e->on == 1 ? 0 : ts_us;
    }
    if (e->pause != 0)
        apply_pause(q, (enum queue_pause)e->pause, ts_us);
    if (e->close == 0)
        return;
    s->closed = 1;
    for (uint32_t lane = 0; lane < QUEUE_LANES; lane++)
        while (s->lanes[lane].call_count > 0)
            apply_call_ended(q, lane, call_at(q, lane, 0)->upto);
}

static void apply_lobby_closed(struct queue *q, const struct queue_entry_lobby_closed *e)
{
    struct state *s = q->s;
    assert(!s->lobby_closed && e->count == s->lanes[QUEUE_GENERAL].count &&
           e->priority_count == s->lanes[QUEUE_PRIORITY].count);
    s->lobby_closed = 1;
    s->lanes[QUEUE_GENERAL].lobby_count = e->count;
    s->lanes[QUEUE_PRIORITY].lobby_count = e->priority_count;
}

static void apply_lobby_drawn(struct queue *q, const struct queue_entry_lobby_drawn *e)
{
    assert(queue_wants_draw(q) && e->chain_hash.len == QUEUE_CHAIN_BYTES);
    memcpy(q->s->chain_hash, e->chain_hash.data, QUEUE_CHAIN_BYTES);
    q->s->drawn = 1;
    life_make_draws(q);
}

/* A place that is no longer waited for. False: its call had ended, or it was not called. */
static bool no_longer_open(struct queue *q, uint32_t lane, uint32_t number)
{
    struct lane *l = &q->s->lanes[lane];
    uint32_t rank = place_rank(q, lane, number);
    if (rank == QUEUE_NONE || rank >= l->called)
        return false;
    struct call *call = call_of(q, lane, rank);
    if (!call)
        return false;
    assert(call->open > 0 && l->open > 0);
    call->open--;
    l->open--;
    return true;
}

static void apply_joined(struct queue *q, const struct queue_entry_visitor_joined *e)
{
    struct lane *l = &q->s->lanes[e->lane];
    uint64_t session = session_key(e->session);
    uint32_t old_lane, old;
    assert(e->number == l->count && e->number < l->capacity);
    if (place_newest(q, session, &old_lane, &old)) {
        if (place_mark(q, old_lane, old) == MARK_NONE && no_longer_open(q, old_lane, old))
            q->s->lanes[old_lane].missed_total++; /* it missed a call that no tick has ended yet */
        place_set_mark(q, old_lane, old, MARK_REPLACED);
        place_release_code(q, old_lane, old);
    }
    l->count++;
    q->chunks[e->lane][e->number / CHUNK_PLACES].sessions[e->number % CHUNK_PLACES] = session;
    place_index_add(q, e->lane, e->number);
}

static void apply_left(struct queue *q, const struct queue_entry_visitor_left *e)
{
    assert(place_mark(q, e->lane, e->number) == MARK_NONE);
    (void)no_longer_open(q, e->lane, e->number);
    place_set_mark(q, e->lane, e->number, MARK_LEFT);
    place_release_code(q, e->lane, e->number);
}

static void apply_called(struct queue *q, const struct queue_entry_places_called *e)
{
    struct lane *l = &q->s->lanes[e->lane];
    assert(e->upto > l->called && e->upto <= l->count && l->call_count < LIMIT_QUEUE_CALLS);
    l->called = e->upto;
    l->present_total += e->present;
    if (e->present == 0) /* nobody has to be waited for */
        return;
    l->open += e->present;
    *call_at(q, e->lane, l->call_count++) =
        (struct call){.closes_at_us = e->closes_at_us, .upto = e->upto, .open = e->present};
}

static void apply_admitted(struct queue *q, const struct queue_entry_visitor_admitted *e,
                           uint64_t ts_us)
{
    assert(place_mark(q, e->lane, e->number) == MARK_NONE);
    (void)no_longer_open(q, e->lane, e->number);
    place_set_mark(q, e->lane, e->number, MARK_USED);
    q->s->lanes[e->lane].claimed_total++;
    admission_begin(q, e, ts_us);
}

void queue_apply(struct queue *q, const struct queue_entry *e, uint64_t ts_us)
{
    assert(ts_us > q->s->last_ts_us);
    q->s->last_ts_us = ts_us;
    switch ((enum queue_entry_number)e->number) {
    case QUEUE_ENTRY_opened: assert(false); break; /* queue_init */
    case QUEUE_ENTRY_changed: apply_changed(q, &e->changed, ts_us); break;
    case QUEUE_ENTRY_lobby_closed: apply_lobby_closed(q, &e->lobby_closed); break;
    case QUEUE_ENTRY_lobby_drawn: apply_lobby_drawn(q, &e->lobby_drawn); break;
    case QUEUE_ENTRY_visitor_joined: apply_joined(q, &e->visitor_joined); break;
    case QUEUE_ENTRY_visitor_left: apply_left(q, &e->visitor_left); break;
    case QUEUE_ENTRY_places_called: apply_called(q, &e->places_called); break;
    case QUEUE_ENTRY_call_ended: apply_call_ended(q, e->call_ended.lane, e->call_ended.upto); break;
    case QUEUE_ENTRY_visitor_admitted: apply_admitted(q, &e->visitor_admitted, ts_us); break;
    case QUEUE_ENTRY_admission_ended: admission_end(q, e->admission_ended.admission); break;
    case QUEUE_ENTRY_time_passed: break;
    case QUEUE_ENTRY_outage_credited: add_time(q, e->outage_credited.outage_us); break;
    case QUEUE_ENTRY_code_counted:
        place_count_code(q, e->code_counted.number, e->code_counted.code);
        break;
    }
}
