#include "queue/state.h"

/* Decides: looks at a command and writes entries, or a refusal. */

static struct queue_entry *write_entry(struct queue_decision *d, uint16_t number)
{
    assert(d->entry_count < LIMIT_QUEUE_ENTRIES);
    struct queue_entry *entry = &d->entries[d->entry_count++];
    entry->number = number;
    memset(&entry->opened, 0, queue_entry_record(number)->size); /* what it has */
    return entry;
}

static void write_admission_ended(struct queue_decision *d, uint32_t slot, enum queue_end reason)
{
    write_entry(d, QUEUE_ENTRY_admission_ended)->admission_ended =
        (struct queue_entry_admission_ended){slot, (uint8_t)reason};
}

static void write_lobby_closed(const struct queue *q, struct queue_decision *d)
{
    write_entry(d, QUEUE_ENTRY_lobby_closed)->lobby_closed = (struct queue_entry_lobby_closed){
        q->s->lanes[QUEUE_GENERAL].count, q->s->lanes[QUEUE_PRIORITY].count};
}

/* ---- changes ---- */

static bool pause_is_news(uint32_t pauses, uint8_t pause)
{
    switch (pause) {
    case QUEUE_PAUSE: return !(pauses & PAUSED_BY_HAND);
    case QUEUE_GO_ON: return pauses != 0;
    case QUEUE_SALE_PAUSES: return !(pauses & PAUSED_BY_SALE);
    case QUEUE_SALE_GOES_ON: return pauses & PAUSED_BY_SALE;
    default: return pause != 0; /* refused */
    }
}

/* What of the command is news; the same again is no change. */
static struct queue_entry_changed what_differs(const struct state *s,
                                               const struct queue_command_change *c)
{
    uint32_t threshold = s->threshold == 0 ? QUEUE_NONE : s->threshold;
    struct queue_entry_changed e = {
        .lobby_opens_at_us =
            c->lobby_opens_at_us == s->lobby_opens_at_us ? 0 : c->lobby_opens_at_us,
        .opens_at_us = c->opens_at_us == s->opens_at_us ? 0 : c->opens_at_us,
        .target_active = c->target_active == s->target_active ? 0 : c->target_active,
        .per_minute = c->per_minute == s->per_minute ? 0 : c->per_minute,
        .claim_seconds = c->claim_seconds == s->claim_seconds ? 0 : c->claim_seconds,
        .admission_seconds =
            c->admission_seconds == s->admission_seconds ? 0 : c->admission_seconds,
        .threshold = c->threshold == threshold ? 0 : c->threshold,
        .on = c->on == (s->on ? 1 : 2) ? 0 : c->on,
        .pause = pause_is_news(s->pauses, c->pause) ? c->pause : 0,
        .close = s->closed ? 0 : c->close,
    };
    return e;
}

static bool change_valid(const struct state *s, const struct queue_entry_changed *e, uint64_t ts_us)
{
    uint64_t lobby_us = e->lobby_opens_at_us ? e->lobby_opens_at_us : s->lobby_opens_at_us;
    uint64_t opens_us = e->opens_at_us ? e->opens_at_us : s->opens_at_us;
    bool times = e->lobby_opens_at_us || e->opens_at_us;
    if (times && (s->lobby_closed || lobby_due(s, ts_us) || lobby_us >= opens_us))
        return false;
    return e->on <= 2 && e->pause <= QUEUE_SALE_GOES_ON && e->close <= 1 &&
           life_numbers_valid(e->target_active ? e->target_active : s->target_active,
                              e->per_minute ? e->per_minute : s->per_minute,
                              e->claim_seconds ? e->claim_seconds : s->claim_seconds,
                              e->admission_seconds ? e->admission_seconds : s->admission_seconds);
}

static enum queue_refusal decide_change(const struct queue *q, const struct queue_command_change *c,
                                        uint64_t ts_us, struct queue_decision *d)
{
    struct queue_entry_changed e = what_differs(q->s, c);
    if (!change_valid(q->s, &e, ts_us))
        return QUEUE_BAD_CHANGE;
    bool news = e.lobby_opens_at_us || e.opens_at_us || e.target_active || e.per_minute ||
                e.claim_seconds || e.admission_seconds || e.threshold || e.pause || e.close;
    if (news && q->s->closed)
        return QUEUE_CLOSED;
    if (news || e.on)
        write_entry(d, QUEUE_ENTRY_changed)->changed = e;
    return QUEUE_OK;
}

/* ---- visitors ---- */

/* Whether visitors have any business here. */
static enum queue_refusal in_force(enum queue_phase phase)
{
    return phase == QUEUE_OFF ? QUEUE_NOT_NEEDED : phase == QUEUE_ENDED ? QUEUE_CLOSED : QUEUE_OK;
}

static bool is_usable(enum queue_place_state state)
{
    return state == QUEUE_PLACE_LOBBY || state == QUEUE_PLACE_WAITING ||
           state == QUEUE_PLACE_CALLED;
}

static enum queue_refusal decide_join(const struct queue *q, const struct queue_command_join *c,
                                      uint64_t ts_us, struct queue_decision *d)
{
    enum queue_phase phase = phase_at(q->s, ts_us);
    if (in_force(phase) != QUEUE_OK)
        return in_force(phase);
    if (phase == QUEUE_SOON)
        return QUEUE_NOT_OPEN;
    uint64_t session = session_key(c->session);
    struct queue_place place;
    bool had = place_of_session(q, session, ts_us, &place);
    bool usable = had && is_usable(place.state);
    bool moves_up = usable && c->lane == QUEUE_PRIORITY && place.lane == QUEUE_GENERAL;
    if (had && !moves_up && (usable || place.state == QUEUE_PLACE_ADMITTED)) {
        d->repeated = true;
        d->lane = place.lane;
        d->number = place.number;
        return QUEUE_OK;
    }
    uint32_t code = c->lane == QUEUE_PRIORITY ? c->code : 0;
    if (code != 0 &&
        (code > LIMIT_QUEUE_CODES || queue_code_sessions(q, code, c->session) >= c->code_limit))
        return QUEUE_CODE_LIMIT;
    if (c->lane >= QUEUE_LANES || q->s->lanes[c->lane].count == q->s->lanes[c->lane].capacity)
        return QUEUE_FULL;
    /* Its time is over, though no tick has said so: a credited outage must not bring it back. */
    uint32_t over = admission_find(q, session);
    if (over != QUEUE_NONE)
        write_admission_ended(d, over, QUEUE_END_TIME);
    if (moves_up)
        write_entry(d, QUEUE_ENTRY_visitor_left)->visitor_left =
            (struct queue_entry_visitor_left){place.lane, place.number};
    d->lane = c->lane;
    d->number = q->s->lanes[c->lane].count;
    write_entry(d, QUEUE_ENTRY_visitor_joined)->visitor_joined =
        (struct queue_entry_visitor_joined){c->lane, d->number, c->session};
    if (code != 0)
        write_entry(d, QUEUE_ENTRY_code_counted)->code_counted =
            (struct queue_entry_code_counted){d->number, code};
    return QUEUE_OK;
}

/* The session's newest place, or why it cannot do anything with one. */
static enum queue_refusal place_in_force(const struct queue *q, struct hash16 session,
                                         uint64_t ts_us, struct queue_place *ret_place)
{
    enum queue_refusal refusal = in_force(phase_at(q->s, ts_us));
    if (refusal == QUEUE_OK && !place_of_session(q, session_key(session), ts_us, ret_place))
        refusal = QUEUE_NOT_IN_LINE;
    return refusal;
}

static enum queue_refusal decide_leave(const struct queue *q, const struct queue_command_leave *c,
                                       uint64_t ts_us, struct queue_decision *d)
{
    struct queue_place place;
    enum queue_refusal refusal = place_in_force(q, c->session, ts_us, &place);
    if (refusal != QUEUE_OK)
        return refusal;
    if (place.state == QUEUE_PLACE_ADMITTED)
        write_admission_ended(d, place.admission, QUEUE_END_LEFT);
    else if (is_usable(place.state))
        write_entry(d, QUEUE_ENTRY_visitor_left)->visitor_left =
            (struct queue_entry_visitor_left){place.lane, place.number};
    else
        return QUEUE_NOT_IN_LINE;
    return QUEUE_OK;
}

static enum queue_refusal may_come_in(const struct queue *q, const struct queue_place *place,
                                      uint64_t ts_us)
{
    switch (place->state) {
    case QUEUE_PLACE_LOBBY:
    case QUEUE_PLACE_WAITING: return QUEUE_NOT_CALLED;
    case QUEUE_PLACE_CALLED: return QUEUE_OK; /* it was counted as active already */
    case QUEUE_PLACE_MISSED:
        if (q->s->paused_at_us != 0 || active_at(q, ts_us) >= q->s->target_active)
            return QUEUE_MISSED;
        return QUEUE_OK;
    case QUEUE_PLACE_USED: return QUEUE_ADMISSION_OVER;
    case QUEUE_PLACE_LEFT: return QUEUE_NOT_IN_LINE;
    case QUEUE_PLACE_ADMITTED: break;
    }
    assert(false);
    return QUEUE_NOT_IN_LINE;
}

static enum queue_refusal decide_claim(const struct queue *q, const struct queue_command_claim *c,
                                       uint64_t ts_us, struct queue_decision *d)
{
    struct queue_place place;
    enum queue_refusal refusal = place_in_force(q, c->session, ts_us, &place);
    if (refusal != QUEUE_OK)
        return refusal;
    d->repeated = place.state == QUEUE_PLACE_ADMITTED;
    d->admission = place.admission;
    if (!d->repeated) {
        refusal = may_come_in(q, &place, ts_us);
        if (refusal != QUEUE_OK)
            return refusal;
        d->admission = admission_next_slot(q);
        if (d->admission == QUEUE_NONE)
            return QUEUE_FULL;
        write_entry(d, QUEUE_ENTRY_visitor_admitted)->visitor_admitted =
            (struct queue_entry_visitor_admitted){
                .admission = d->admission,
                .admission_random = c->admission_random,
                .lane = place.lane,
                .number = place.number,
                .session = c->session,
                .expires_at_us =
                    time_that_counts(q->s, ts_us) + q->s->admission_seconds * TIME_SECOND_US,
            };
    }
    d->lane = place.lane;
    d->number = place.number;
    return QUEUE_OK;
}

static void decide_sold(const struct queue *q, const struct queue_command_sold *c, uint64_t ts_us,
                        struct queue_decision *d)
{
    uint32_t slot = admission_find(q, session_key(c->session));
    if (slot != QUEUE_NONE && admission_lives(q, slot, ts_us))
        write_admission_ended(d, slot, QUEUE_END_SOLD);
}

/* ---- calling, the draw, time ---- */

/* Calls up to `wanted` places of a lane, and goes through at most `ranks`. Returns how many ranks
 * it went through. */
static uint32_t call_lane(const struct queue *q, uint32_t lane, uint32_t wanted, uint32_t ranks,
                          uint64_t ts_us, struct queue_decision *d)
{
    const struct lane *l = &q->s->lanes[lane];
    uint32_t upto = l->called, present = 0;
    for (; present < wanted && upto < l->count && upto - l->called < ranks; upto++)
        present += place_mark(q, lane, place_number(q, lane, upto)) == MARK_NONE;
    if (upto == l->called)
        return 0;
    /* Calls of a lane end in the order in which they were made, also after claim_seconds was made
     * shorter. */
    uint64_t closes_at_us = ts_us + q->s->claim_seconds * TIME_SECOND_US;
    if (l->call_count > 0 && call_at(q, lane, l->call_count - 1)->closes_at_us > closes_at_us)
        closes_at_us = call_at(q, lane, l->call_count - 1)->closes_at_us;
    write_entry(d, QUEUE_ENTRY_places_called)->places_called =
        (struct queue_entry_places_called){(uint8_t)lane, upto, present, closes_at_us};
    return upto - l->called;
}

static void decide_call(const struct queue *q, const struct queue_command_call *c, uint64_t ts_us,
                        struct queue_decision *d)
{
    const struct lane *lanes = q->s->lanes;
    if (phase_at(q->s, ts_us) != QUEUE_LINE || q->s->paused_at_us != 0)
        return;
    uint32_t open = lanes[QUEUE_GENERAL].call_count + lanes[QUEUE_PRIORITY].call_count;
    uint32_t ranks = LIMIT_QUEUE_CALL_RANKS, entries = d->entry_count;
    if (open < LIMIT_QUEUE_CALLS)
        ranks -= call_lane(q, QUEUE_PRIORITY, c->priority, ranks, ts_us, d);
    if (open + (d->entry_count - entries) < LIMIT_QUEUE_CALLS)
        (void)call_lane(q, QUEUE_GENERAL, c->general, ranks, ts_us, d);
}

static enum queue_refusal decide_draw(const struct queue *q, const struct queue_command_draw *c,
                                      struct queue_decision *d)
{
    if (!queue_wants_draw(q) || c->chain_hash.len != QUEUE_CHAIN_BYTES)
        return QUEUE_NOT_DRAWABLE;
    write_entry(d, QUEUE_ENTRY_lobby_drawn)->lobby_drawn.chain_hash = c->chain_hash;
    return QUEUE_OK;
}

static void decide_tick(const struct queue *q, uint64_t ts_us, struct queue_decision *d)
{
    const struct state *s = q->s;
    uint64_t counts_us = time_that_counts(s, ts_us);
    uint32_t ends = 0;
    for (uint32_t lane = 0; lane < QUEUE_LANES; lane++) {
        for (uint32_t k = 0; k < s->lanes[lane].call_count; k++) {
            const struct call *call = call_at(q, lane, k);
            if (call->closes_at_us > counts_us || ends == LIMIT_QUEUE_TICK_ENDS)
                break;
            write_entry(d, QUEUE_ENTRY_call_ended)->call_ended =
                (struct queue_entry_call_ended){(uint8_t)lane, call->upto};
            ends++;
        }
    }
    for (uint32_t at = s->admission_first; at != QUEUE_NONE && ends < LIMIT_QUEUE_TICK_ENDS;
         at = q->admissions[at].next) {
        if (admission_lives(q, at, ts_us))
            break;
        write_admission_ended(d, at, s->closed ? QUEUE_END_CLOSED : QUEUE_END_TIME);
        ends++;
    }
    bool runs =
        s->admitted + s->lanes[QUEUE_GENERAL].call_count + s->lanes[QUEUE_PRIORITY].call_count > 0;
    if (d->entry_count == 0 && runs && ts_us - s->last_ts_us >= TIME_SECOND_US)
        write_entry(d, QUEUE_ENTRY_time_passed);
}

static enum queue_refusal decide(const struct queue *q, const struct queue_command *command,
                                 uint64_t ts_us, struct queue_decision *d)
{
    switch ((enum queue_command_number)command->number) {
    case QUEUE_COMMAND_change: return decide_change(q, &command->change, ts_us, d);
    case QUEUE_COMMAND_join: return decide_join(q, &command->join, ts_us, d);
    case QUEUE_COMMAND_leave: return decide_leave(q, &command->leave, ts_us, d);
    case QUEUE_COMMAND_claim: return decide_claim(q, &command->claim, ts_us, d);
    case QUEUE_COMMAND_draw: return decide_draw(q, &command->draw, d);
    case QUEUE_COMMAND_call: decide_call(q, &command->call, ts_us, d); break;
    case QUEUE_COMMAND_sold: decide_sold(q, &command->sold, ts_us, d); break;
    case QUEUE_COMMAND_tick: decide_tick(q, ts_us, d); break;
    case QUEUE_COMMAND_credit_outage:
        /* A pause gives its time back itself, all of it. */
        if (q->s->paused_at_us == 0)
            write_entry(d, QUEUE_ENTRY_outage_credited)->outage_credited.outage_us =
                command->credit_outage.outage_us;
        break;
    }
    return QUEUE_OK;
}

void queue_decide(const struct queue *q, const struct queue_command *command, uint64_t ts_us,
                  struct queue_decision *d)
{
    assert(ts_us > q->s->last_ts_us);
    d->entry_count = 0;
    d->repeated = false;
    d->lane = 0;
    d->number = QUEUE_NONE;
    d->admission = QUEUE_NONE;
    if (lobby_due(q->s, ts_us))
        write_lobby_closed(q, d);
    d->refusal = decide(q, command, ts_us, d);
    if (d->refusal != QUEUE_OK) {
        d->entry_count = 0;
        d->number = QUEUE_NONE;
        d->admission = QUEUE_NONE;
    }
}
