#include "queue/state.h"

/* Looking, from outside and for the machine's other files; nothing here changes the state. What
 * depends on time is answered to the microsecond, whatever ticks have written. */

const char *queue_refusal_code(enum queue_refusal refusal)
{
#define REFUSAL_CODE(name, code) code,
    static const char *const codes[] = {QUEUE_REFUSALS(REFUSAL_CODE)};
#undef REFUSAL_CODE
    assert(refusal < QUEUE_REFUSAL_COUNT);
    return codes[refusal];
}

bool lobby_due(const struct state *s, uint64_t ts_us)
{
    return !s->lobby_closed && (s->lobby_opens_at_us == 0 || ts_us >= s->opens_at_us);
}

static bool lobby_has_visitors(const struct state *s)
{
    bool closed = s->lobby_closed;
    uint32_t total = 0;
    for (uint32_t lane = 0; lane < QUEUE_LANES; lane++)
        total += closed ? s->lanes[lane].lobby_count : s->lanes[lane].count;
    return total > 0;
}

bool queue_wants_draw(const struct queue *q)
{
    return q->s->lobby_closed && !q->s->drawn && lobby_has_visitors(q->s);
}

enum queue_phase phase_at(const struct state *s, uint64_t ts_us)
{
    if (!s->on)
        return QUEUE_OFF;
    if (s->closed)
        return QUEUE_ENDED;
    if (s->lobby_closed || lobby_due(s, ts_us))
        return s->drawn || !lobby_has_visitors(s) ? QUEUE_LINE : QUEUE_DRAWING;
    return ts_us < s->lobby_opens_at_us ? QUEUE_SOON : QUEUE_LOBBY;
}

uint32_t open_at(const struct queue *q, uint32_t lane, uint64_t ts_us)
{
    const struct lane *l = &q->s->lanes[lane];
    uint64_t counts_us = time_that_counts(q->s, ts_us);
    uint32_t open = l->open;
    for (uint32_t k = 0; k < l->call_count && call_at(q, lane, k)->closes_at_us <= counts_us; k++)
        open -= call_at(q, lane, k)->open;
    return open;
}

uint32_t active_at(const struct queue *q, uint64_t ts_us)
{
    uint32_t active = q->s->closed ? 0 : q->s->admitted;
    for (uint32_t lane = 0; lane < QUEUE_LANES; lane++)
        active += open_at(q, lane, ts_us);
    return active;
}

bool admission_lives(const struct queue *q, uint32_t slot, uint64_t ts_us)
{
    return !q->s->closed && time_that_counts(q->s, ts_us) < q->admissions[slot].expires_at_us;
}

/* The state of a place that was neither used nor given up. */
static enum queue_place_state state_by_rank(const struct queue *q, struct queue_place *place,
                                            uint64_t ts_us)
{
    uint32_t called = q->s->lanes[place->lane].called;
    if (place->rank == QUEUE_NONE)
        return QUEUE_PLACE_LOBBY;
    if (place->rank >= called)
        return QUEUE_PLACE_WAITING;
    const struct call *call = call_of(q, place->lane, place->rank);
    if (!call || call->closes_at_us <= time_that_counts(q->s, ts_us))
        return QUEUE_PLACE_MISSED;
    place->closes_at_us = call->closes_at_us;
    return QUEUE_PLACE_CALLED;
}

bool place_of_session(const struct queue *q, uint64_t session, uint64_t ts_us,
                      struct queue_place *ret_place)
{
    uint32_t lane, number;
    if (!place_newest(q, session, &lane, &number))
        return false;
    uint32_t called = q->s->lanes[lane].called;
    struct queue_place place = {.lane = (uint8_t)lane,
                                .number = number,
                                .rank = place_rank(q, lane, number),
                                .admission = QUEUE_NONE};
    place.ahead = place.rank == QUEUE_NONE ? QUEUE_NONE
                  : place.rank < called    ? 0
                                           : place.rank - called;
    switch (place_mark(q, lane, number)) {
    case MARK_NONE: place.state = state_by_rank(q, &place, ts_us); break;
    case MARK_REPLACED: /* place_newest passes over it */
    case MARK_LEFT: place.state = QUEUE_PLACE_LEFT; break;
    case MARK_USED: {
        uint32_t slot = admission_find(q, session);
        place.state = QUEUE_PLACE_USED;
        if (slot == QUEUE_NONE || !admission_lives(q, slot, ts_us))
            break;
        place.state = QUEUE_PLACE_ADMITTED;
        place.admission = slot;
        place.admission_random = q->admissions[slot].random;
        place.closes_at_us = q->admissions[slot].expires_at_us;
        place.admitted_at_us = q->admissions[slot].began_at_us;
    }
    }
    *ret_place = place;
    return true;
}

bool queue_place_of(const struct queue *q, struct hash16 session, uint64_t ts_us,
                    struct queue_place *ret_place)
{
    return place_of_session(q, session_key(session), ts_us, ret_place);
}

uint32_t queue_code_sessions(const struct queue *q, uint32_t code, struct hash16 session)
{
    uint32_t lane, number;
    if (code == 0 || code > LIMIT_QUEUE_CODES || q->s->lanes[QUEUE_PRIORITY].capacity == 0)
        return 0;
    bool own = place_newest(q, session_key(session), &lane, &number) &&
               place_code(q, lane, number) == code;
    return q->code_places[code - 1] - own;
}

bool queue_is_admitted(const struct queue *q, struct hash16 session, uint64_t ts_us)
{
    uint32_t slot = admission_find(q, session_key(session));
    return slot != QUEUE_NONE && admission_lives(q, slot, ts_us);
}

uint64_t queue_next_tick_us(const struct queue *q)
{
    const struct state *s = q->s;
    uint64_t next_us = UINT64_MAX, counted_us = UINT64_MAX;
    bool runs = s->admitted > 0;
    if (!s->lobby_closed)
        next_us = s->lobby_opens_at_us == 0 ? s->last_ts_us : s->opens_at_us;
    if (s->closed && runs)
        next_us = s->last_ts_us;
    for (uint32_t lane = 0; lane < QUEUE_LANES; lane++) {
        if (s->lanes[lane].call_count == 0)
            continue;
        runs = true;
        if (call_at(q, lane, 0)->closes_at_us < counted_us)
            counted_us = call_at(q, lane, 0)->closes_at_us;
    }
    if (s->admitted > 0 && q->admissions[s->admission_first].expires_at_us < counted_us)
        counted_us = q->admissions[s->admission_first].expires_at_us;
    if (counted_us <= time_that_counts(s, counted_us) && counted_us < next_us)
        next_us = counted_us; /* else only when it goes on */
    if (runs && s->last_ts_us + TIME_SECOND_US < next_us)
        next_us = s->last_ts_us + TIME_SECOND_US;
    return next_us;
}

void queue_status(const struct queue *q, uint64_t ts_us, struct queue_status *ret_status)
{
    const struct state *s = q->s;
    *ret_status = (struct queue_status){
        .phase = phase_at(s, ts_us),
        .on = s->on,
        .paused = s->paused_at_us != 0,
        .drawn = s->drawn,
        .closed = s->closed,
        .event_random = s->event_random,
        .lobby_opens_at_us = s->lobby_opens_at_us,
        .opens_at_us = s->opens_at_us,
        .last_ts_us = s->last_ts_us,
        .switched_off_us = s->switched_off_us,
        .target_active = s->target_active,
        .per_minute = s->per_minute,
        .claim_seconds = s->claim_seconds,
        .admission_seconds = s->admission_seconds,
        .threshold = s->threshold,
        .admitted = s->closed ? 0 : s->admitted,
        .active = active_at(q, ts_us),
    };
    for (uint32_t lane = 0; lane < QUEUE_LANES; lane++) {
        const struct lane *l = &s->lanes[lane];
        ret_status->lanes[lane] = (struct queue_lane_status){
            .count = l->count,
            .lobby_count = l->lobby_count,
            .called = l->called,
            .open = open_at(q, lane, ts_us),
            .present_total = l->present_total,
            .claimed_total = l->claimed_total,
            .missed_total = l->missed_total,
        };
    }
    memcpy(ret_status->commitment, s->commitment, sizeof s->commitment);
    memcpy(ret_status->seed, s->seed, sizeof s->seed);
    memcpy(ret_status->chain_hash, s->chain_hash, sizeof s->chain_hash);
}
