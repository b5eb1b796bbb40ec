#include "books.h"
#include "host.h"
#include "rooms_private.h"
#include "unit/queue/model.h"

/* The books of the waiting rooms against everybody else: the machines, the house's clock, and what
 * visitors were told. */

#define ROOM_CHECK_NS 40u /* of a place or session, by brute force */
#define TICKS_MAX 3u      /* that a lobby may wait for its draw */

static struct room *room_at(const struct sim *s, uint32_t event)
{
    return &s->rooms->rooms[event];
}

/* ---- against the machine ---- */

static uint64_t check_ns(const struct room *r)
{
    return (uint64_t)(r->place_count + ROOM_SESSIONS + r->call_count) * ROOM_CHECK_NS;
}

static void check_machine(struct sim *s, const struct queue *q, uint32_t event, const char *which)
{
    s->figures->checks++;
    const char *wrong = queue_check(q);
    REQUIRE(s, !wrong, "the machine's own invariants", "room %u, %s machine: %s", event, which,
            wrong);
}

/* One session at one time: is it in, exactly until its time is over, and only then? */
static void check_admission(struct sim *s, const struct room *r, uint32_t session, uint64_t ts_us)
{
    const struct room_admission *a = room_admission_of(r, session);
    bool in = a && !r->closed && room_counts_us(r, ts_us) < a->expires_us;
    REQUIRE(s, queue_is_admitted(r->shadow, s->rooms->sessions[session], ts_us) == in,
            "an admission ends to the microsecond", "room %u: session %u at %llu, %d", r->event,
            session, (unsigned long long)ts_us, in);
}

/* And is a place called, exactly until its time is over? */
static void check_call(struct sim *s, const struct room *r, const struct room_place *p,
                       uint64_t ts_us)
{
    struct queue_place place;
    bool found = queue_place_of(r->shadow, s->rooms->sessions[p->session], ts_us, &place);
    bool called = found && place.state == QUEUE_PLACE_CALLED;
    REQUIRE(s, called == room_in_time(r, p, ts_us), "a call ends to the microsecond",
            "room %u: %u.%u at %llu, %d", r->event, p->lane, p->number, (unsigned long long)ts_us,
            called);
}

static void check_place(struct sim *s, const struct room *r, uint32_t session)
{
    const struct room_place *p = r->newest[session] ? &r->places[r->newest[session] - 1] : NULL;
    struct queue_place place;
    bool found = queue_place_of(r->shadow, s->rooms->sessions[session], r->ts_us, &place);
    REQUIRE(s, found == (p != NULL), "what is acknowledged stays", "room %u: session %u", r->event,
            session);
    if (!p)
        return;
    REQUIRE(s, place.lane == p->lane && place.number == p->number && place.rank == p->rank,
            "a place keeps its number and its rank", "room %u: session %u has %u.%u rank %u",
            r->event, session, place.lane, place.number, place.rank);
    uint32_t called = r->called[p->lane];
    uint32_t ahead = p->rank == QUEUE_NONE ? QUEUE_NONE : p->rank < called ? 0 : p->rank - called;
    REQUIRE(s, place.ahead == ahead, "positions are true", "room %u: session %u is told %u, not %u",
            r->event, session, place.ahead, ahead);
    const struct room_call *c =
        p->state == PLACE_STANDS && p->rank != QUEUE_NONE ? room_call_of(r, p) : NULL;
    for (uint64_t i = 0; c && i < 3; i++)
        check_call(s, r, p, c->closes_us - 1 + i);
    const struct room_admission *a = room_admission_of(r, session);
    if (!a)
        return;
    for (uint64_t i = 0; i < 3; i++)
        check_admission(s, r, session, a->expires_us - 1 + i);
    check_admission(s, r, session, r->ts_us);
}

static void check_active(struct sim *s, const struct room *r, uint64_t ts_us)
{
    struct queue_status status;
    queue_status(r->shadow, ts_us, &status);
    REQUIRE(s, status.active == room_active(r, ts_us), "who is active is counted",
            "room %u at %llu: %u, not %u", r->event, (unsigned long long)ts_us, status.active,
            room_active(r, ts_us));
}

static void check_room(struct sim *s, const struct room *r)
{
    struct queue_status status;
    s->figures->checks++;
    queue_status(r->shadow, r->ts_us, &status);
    for (uint32_t lane = 0; lane < QUEUE_LANES; lane++)
        REQUIRE(s,
                status.lanes[lane].count == r->counts[lane] &&
                    status.lanes[lane].called == r->called[lane],
                "the books count the same", "room %u, lane %u: %u places, %u called", r->event,
                lane, status.lanes[lane].count, status.lanes[lane].called);
    check_active(s, r, r->ts_us);
    for (uint32_t i = r->call_count; i-- > 0 && i + 4 > r->call_count;) /* around their ends */
        for (uint64_t k = 0; k < 3 && !r->calls[i].ended; k++)
            check_active(s, r, r->calls[i].closes_us - 1 + k);
    REQUIRE(s, status.paused == (r->paused_us != 0) && status.on == r->on,
            "the books count the same", "room %u: paused %d, on %d", r->event, status.paused,
            status.on);
    for (uint32_t session = 0; session < ROOM_SESSIONS; session++)
        check_place(s, r, session);
}

void rooms_row(struct sim *s)
{
    for (uint32_t n = 1; n <= SIM_EVENTS_MAX; n++) {
        struct room *r = room_at(s, n);
        if (r->event == 0)
            continue;
        room_lockstep_row(s, n, r->shadow, r->ts_us);
        if (!s->full && !audit_due(s, check_ns(r)))
            continue;
        check_machine(s, r->shadow, n, "the auditor's");
        check_room(s, r);
    }
}

void rooms_decision(struct sim *s, uint32_t event, const struct queue *q)
{
    if (s->full || audit_due(s, check_ns(room_at(s, event))))
        check_machine(s, q, event, "the house's");
}

/* ---- against the house ---- */

uint64_t rooms_bytes(const struct sim *s)
{
    uint64_t bytes = 0;
    for (uint32_t n = 1; n <= SIM_EVENTS_MAX; n++)
        bytes += room_at(s, n)->event ? queue_image(room_at(s, n)->shadow).len : 0;
    return bytes;
}

void rooms_compare(struct sim *s, struct engine *engine, const char *when)
{
    for (uint32_t n = 1; n <= SIM_EVENTS_MAX; n++) {
        const struct room *r = room_at(s, n);
        const struct queue *live = engine_queue(engine, n);
        REQUIRE(s, (r->event != 0) == (live != NULL), "replay equals live state",
                "room %u is there or not %s", n, when);
        if (!live)
            continue;
        s->figures->checks++;
        struct slice mine = queue_image(r->shadow), theirs = queue_image(live);
        REQUIRE(s, mine.len == theirs.len && memcmp(mine.data, theirs.data, mine.len) == 0,
                "replay equals live state", "room %u differs %s", n, when);
    }
}

void rooms_doors_open(struct sim *s)
{
    room_lockstep_recovered(s);
    for (uint32_t n = 1; n <= SIM_EVENTS_MAX; n++) {
        struct room *r = room_at(s, n);
        bool due = r->event && s->books->credit_us > 0 && r->paused_us == 0 &&
                   room_active(r, s->books->closed_us) > 0;
        r->owed = (struct owed){.due = due, .halted_us = host_halted_us(s)};
    }
}

void rooms_process_gone(struct sim *s)
{
    for (uint32_t n = 1; n <= SIM_EVENTS_MAX; n++) {
        struct owed *owed = &room_at(s, n)->owed;
        *owed = (struct owed){.was_due = owed->due || owed->was_due, .halted_us = owed->halted_us};
    }
}

/* A tick leaves nothing that is over, and makes the draw that is wanted. */
void rooms_after_tick(struct sim *s, uint64_t house_us)
{
    for (uint32_t n = 1; n <= SIM_EVENTS_MAX; n++) {
        struct room *r = room_at(s, n);
        if (r->event == 0 || !host_writable(s))
            continue;
        r->ticks_without_draw = room_drawing(r) ? r->ticks_without_draw + 1 : 0;
        REQUIRE(s, r->ticks_without_draw <= TICKS_MAX, "a lobby that closed is drawn", "room %u",
                n);
        REQUIRE(s, !room_lobby_due(r, house_us - SECOND_US), "a lobby closes at its time",
                "room %u", n);
        uint64_t counts_us = room_counts_us(r, house_us) - SECOND_US;
        for (uint32_t i = 0; i < r->admission_count; i++)
            REQUIRE(s, r->admissions[i].ended || r->admissions[i].expires_us > counts_us,
                    "no admission outlives its time", "room %u: slot %u", n, r->admissions[i].slot);
        for (uint32_t i = 0; i < r->call_count; i++)
            REQUIRE(s, r->calls[i].ended || r->calls[i].closes_us > counts_us,
                    "no call outlives its time", "room %u: up to %u", n, r->calls[i].upto);
    }
}

/* ---- what visitors are told ---- */

uint64_t room_moment(struct sim *s)
{
    return ++s->rooms->moment;
}

bool room_exists(const struct sim *s, uint32_t event)
{
    return room_at(s, event)->event != 0;
}

struct hash16 room_hash(const struct sim *s, uint32_t session)
{
    return s->rooms->sessions[session];
}

static struct room_place *newest_of(const struct room *r, uint32_t session)
{
    return r->newest[session] ? &r->places[r->newest[session] - 1] : NULL;
}

static struct room_place *told_place(struct sim *s, struct room *r, uint32_t session, uint32_t lane,
                                     uint32_t number)
{
    bool there = lane < QUEUE_LANES && number < r->counts[lane];
    struct room_place *p = there ? &r->places[r->numbers[lane][number]] : NULL;
    REQUIRE(s, p && p->session == session, "what is acknowledged is in the journal",
            "room %u: session %u was told %u.%u", r->event, session, lane, number);
    return p;
}

void room_told_join(struct sim *s, uint32_t event, uint32_t session, uint64_t moment, uint32_t lane,
                    uint32_t number)
{
    struct room_place *p = told_place(s, room_at(s, event), session, lane, number);
    if (p->told_at == 0 || moment < p->told_at)
        p->told_at = moment;
}

void room_told_claim(struct sim *s, uint32_t event, uint32_t session, uint32_t lane,
                     uint32_t number, uint32_t admission)
{
    struct room *r = room_at(s, event);
    struct room_place *p = told_place(s, r, session, lane, number);
    bool known = false;
    for (uint32_t i = 0; i < r->admission_count; i++)
        known |= r->admissions[i].place == (uint32_t)(p - r->places) &&
                 r->admissions[i].slot == admission;
    REQUIRE(s, known && p->rank != QUEUE_NONE && p->rank < r->called[lane],
            "nobody is admitted who was not called", "room %u: session %u with %u.%u", event,
            session, lane, number);
}

void room_told_nothing(struct sim *s, uint32_t event, uint32_t session, uint64_t moment)
{
    const struct room_place *p = newest_of(room_at(s, event), session);
    REQUIRE(s, !p || p->told_at == 0 || p->told_at > moment || p->state == PLACE_LEFT,
            "an acknowledged join is never lost", "room %u: session %u had %u.%u", event, session,
            p ? p->lane : 0, p ? p->number : 0);
}

void room_told_over(struct sim *s, uint32_t event, uint32_t session, uint64_t decided_us)
{
    const struct room *r = room_at(s, event);
    const struct room_admission *a = room_admission_of(r, session);
    /* What is over already, a tick will say. */
    bool was_over = a && (r->closed || room_counts_us(r, decided_us) >= a->expires_us);
    REQUIRE(s, !a || was_over || a->from_us > decided_us,
            "whoever left or bought is not in any more", "room %u: session %u with slot %u", event,
            session, a ? a->slot : 0);
}

void room_told_missed(struct sim *s, uint32_t event, uint32_t session, uint64_t moment,
                      uint64_t decided_us)
{
    const struct room_place *p = newest_of(room_at(s, event), session);
    bool knew = p && p->state == PLACE_STANDS && p->told_closes_us != 0 && p->looked_at < moment;
    REQUIRE(s, !knew || decided_us >= p->told_closes_us,
            "whoever is called and comes in time is let in",
            "room %u: session %u has until %llu and is too late at %llu", event, session,
            (unsigned long long)p->told_closes_us, (unsigned long long)decided_us);
}

/* Everything that is published once it is drawn must give the rank that the visitor is told. */
static void check_draw(struct sim *s, const struct room *r, const struct room_look *look)
{
    const struct queue_status *status = &look->status;
    uint32_t lane = look->place.lane, count = status->lanes[lane].lobby_count;
    struct hash256 commitment = hash256_of(r->seed, sizeof r->seed);
    REQUIRE(s, memcmp(commitment.bytes, status->commitment, sizeof status->commitment) == 0,
            "the seed is the one that was promised", "room %u", r->event);
    if (!status->drawn || !look->found || look->place.number >= count)
        return;
    uint32_t rank = model_draw(status->seed, lane, count, status->chain_hash, look->place.number);
    REQUIRE(s,
            rank == look->place.rank &&
                memcmp(status->chain_hash, r->closing_hash, sizeof r->closing_hash) == 0,
            "the draw is what everybody can compute", "room %u: %u.%u has rank %u, not %u",
            r->event, lane, look->place.number, look->place.rank, rank);
}

static void check_lanes(struct sim *s, struct room *r, const struct room_look *look)
{
    if (look->moment <= r->told_at)
        return;
    r->told_at = look->moment;
    for (uint32_t lane = 0; lane < QUEUE_LANES; lane++) {
        const struct queue_lane_status *l = &look->status.lanes[lane];
        REQUIRE(s, l->called >= r->told_called[lane] && l->count >= r->told_counts[lane],
                "called never falls", "room %u: %u after %u", r->event, l->called,
                r->told_called[lane]);
        r->told_called[lane] = l->called;
        r->told_counts[lane] = l->count;
    }
}

void room_told_look(struct sim *s, uint32_t event, uint32_t session, const struct room_look *look)
{
    struct room *r = room_at(s, event);
    struct room_place *newest = newest_of(r, session);
    check_lanes(s, r, look);
    check_draw(s, r, look);
    REQUIRE(s, look->admitted == (look->found && look->place.state == QUEUE_PLACE_ADMITTED),
            "who is in has a place", "room %u: session %u", event, session);
    bool was_told = newest && newest->told_at != 0 && newest->told_at < look->moment;
    REQUIRE(s, look->found || !was_told, "an acknowledged join is never lost",
            "room %u: session %u has no place", event, session);
    if (!look->found)
        return;
    struct room_place *p = told_place(s, r, session, look->place.lane, look->place.number);
    REQUIRE(s, !was_told || p == newest, "an acknowledged join is never lost",
            "room %u: session %u has %u.%u", event, session, p->lane, p->number);
    if (look->place.state == QUEUE_PLACE_ADMITTED || look->place.state == QUEUE_PLACE_USED)
        REQUIRE(s, p->state == PLACE_USED, "what is acknowledged is in the journal",
                "room %u: %u.%u counts as used", event, p->lane, p->number);
    if (look->place.state == QUEUE_PLACE_ADMITTED)
        REQUIRE(s, look->ts_us < look->place.closes_at_us || look->status.paused,
                "an admission ends to the microsecond", "room %u: %u.%u", event, p->lane,
                p->number);
    if (look->moment <= p->looked_at)
        return;
    REQUIRE(s,
            p->looked_at == 0 || p->told_rank == QUEUE_NONE ||
                (p->told_rank == look->place.rank && look->place.ahead <= p->told_ahead),
            "positions never go back", "room %u: %u.%u goes from %u to %u", event, p->lane,
            p->number, p->told_ahead, look->place.ahead);
    p->looked_at = look->moment;
    p->told_rank = look->place.rank;
    p->told_ahead = look->place.ahead;
    p->told_closes_us = look->place.state == QUEUE_PLACE_CALLED ? look->place.closes_at_us : 0;
}

/* ---- the end ---- */

bool rooms_quiet(const struct sim *s)
{
    for (uint32_t n = 1; n <= SIM_EVENTS_MAX; n++) {
        const struct room *r = room_at(s, n);
        if (r->event == 0)
            continue;
        for (uint32_t i = 0; i < r->admission_count; i++)
            if (!r->admissions[i].ended)
                return false;
        for (uint32_t i = 0; i < r->call_count; i++)
            if (!r->calls[i].ended)
                return false;
        bool line = r->on && !r->closed && r->lobby_closed;
        bool called = r->called[0] == r->counts[0] && r->called[1] == r->counts[1];
        if (room_drawing(r) || (line && !called))
            return false;
    }
    return true;
}

void rooms_end(struct sim *s)
{
    for (uint32_t n = 1; n <= SIM_EVENTS_MAX; n++) {
        const struct room *r = room_at(s, n);
        if (r->event == 0)
            continue;
        check_machine(s, r->shadow, n, "the auditor's");
        check_room(s, r);
        uint32_t usable = 0;
        for (uint32_t i = 0; i < r->place_count; i++)
            usable += r->places[i].state != PLACE_REPLACED &&
                      r->newest[r->places[i].session] != i + 1 &&
                      r->places[i].state == PLACE_STANDS;
        REQUIRE(s, usable == 0, "a session has one place that can be used", "room %u: %u", n,
                usable);
    }
}
