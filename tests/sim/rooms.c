#include "books.h"
#include "host.h"
#include "rooms_private.h"
#include "unit/queue/model.h"

#include <stdlib.h>

/* The books: what each entry means to them, and that it may stand there. */

static void *list_grown(void *list, uint32_t count, uint32_t *capacity, size_t size)
{
    if (count < *capacity)
        return list;
    *capacity = *capacity ? *capacity * 2 : 64;
    list = realloc(list, *capacity * size);
    if (!list)
        abort();
    return list;
}

/* ---- questions ---- */

uint32_t room_session(const struct sim *s, struct hash16 hash)
{
    uint32_t session = 0;
    while (session < ROOM_SESSIONS && !hash16_equal(s->rooms->sessions[session], hash))
        session++;
    return session;
}

uint64_t room_counts_us(const struct room *r, uint64_t ts_us)
{
    return r->paused_us != 0 && ts_us > r->paused_us ? r->paused_us : ts_us;
}

bool room_lobby_due(const struct room *r, uint64_t ts_us)
{
    return !r->lobby_closed &&
           (r->settings.lobby_opens_at_us == 0 || ts_us >= r->settings.opens_at_us);
}

bool room_drawing(const struct room *r)
{
    return r->lobby_closed && !r->drawn && r->lobby_counts[0] + r->lobby_counts[1] > 0;
}

const struct room_call *room_call_of(const struct room *r, const struct room_place *p)
{
    for (uint32_t i = r->call_count; i-- > 0;) {
        const struct room_call *c = &r->calls[i];
        if (c->lane == p->lane && p->rank >= c->from && p->rank < c->upto)
            return c->ended ? NULL : c;
    }
    return NULL;
}

bool room_in_time(const struct room *r, const struct room_place *p, uint64_t ts_us)
{
    const struct room_call *c = p->rank == QUEUE_NONE ? NULL : room_call_of(r, p);
    return c && room_counts_us(r, ts_us) < c->closes_us;
}

struct room_admission *room_admission_of(const struct room *r, uint32_t session)
{
    for (uint32_t i = r->admission_count; i-- > 0;)
        if (r->admissions[i].session == session)
            return r->admissions[i].ended ? NULL : &r->admissions[i];
    return NULL;
}

uint32_t room_active(const struct room *r, uint64_t ts_us)
{
    uint32_t active = 0;
    for (uint32_t i = 0; i < r->place_count; i++)
        active += r->places[i].state == PLACE_STANDS && room_in_time(r, &r->places[i], ts_us);
    for (uint32_t i = 0; i < r->admission_count && !r->closed; i++)
        active += !r->admissions[i].ended;
    return active;
}

static struct room_place *place_at(struct sim *s, struct room *r, uint32_t lane, uint32_t number)
{
    REQUIRE(s, lane < QUEUE_LANES && number < r->counts[lane], "entries speak of what exists",
            "room %u has no place %u.%u", r->event, lane, number);
    return &r->places[r->numbers[lane][number]];
}

static void add_time(struct room *r, uint64_t added_us)
{
    for (uint32_t i = 0; i < r->call_count; i++)
        if (!r->calls[i].ended)
            r->calls[i].closes_us += added_us;
    for (uint32_t i = 0; i < r->admission_count; i++)
        if (!r->admissions[i].ended)
            r->admissions[i].expires_us += added_us;
}

/* ---- entries ---- */

static void on_opened(struct sim *s, struct room *r, uint32_t event,
                      const struct queue_entry_opened *e, uint64_t ts_us)
{
    REQUIRE(s, r->event == 0 && event <= books_events(s), "an event has one waiting room",
            "event %u", event);
    size_t size = queue_memory_size(e);
    void *memory = aligned_alloc(64, (size + 63) / 64 * 64);
    if (!memory)
        abort();
    memset(memory, 0, size);
    *r = (struct room){.event = event, .settings = *e, .on = e->on};
    memcpy(r->seed, e->seed.data, sizeof r->seed);
    r->owed.halted_us = host_halted_us(s);
    r->shadow = queue_init(memory, size, e, ts_us);
    room_lockstep_begin(s, event, e, ts_us);
}

static void on_pause(struct sim *s, struct room *r, uint8_t pause, uint64_t ts_us)
{
    bool hand = pause == QUEUE_PAUSE || (r->by_hand && pause != QUEUE_GO_ON);
    bool sale = pause == QUEUE_SALE_PAUSES ||
                (r->by_sale && pause != QUEUE_GO_ON && pause != QUEUE_SALE_GOES_ON);
    REQUIRE(s, pause == 0 || hand != r->by_hand || sale != r->by_sale,
            "a pause begins once and ends once", "room %u: %u", r->event, pause);
    r->by_hand = hand;
    r->by_sale = sale;
    if (r->paused_us == 0 && (hand || sale)) {
        r->paused_us = ts_us;
    } else if (r->paused_us != 0 && !hand && !sale) {
        add_time(r, ts_us - r->paused_us);
        r->paused_us = 0;
    }
}

static void on_changed(struct sim *s, struct room *r, const struct queue_entry_changed *e,
                       uint64_t ts_us)
{
    struct queue_entry_opened *o = &r->settings;
    bool only_switched = !e->lobby_opens_at_us && !e->opens_at_us && !e->target_active &&
                         !e->per_minute && !e->claim_seconds && !e->admission_seconds &&
                         !e->threshold && !e->pause && !e->close;
    REQUIRE(s, !r->closed || only_switched, "what is closed stays closed", "room %u is changed",
            r->event);
    if (e->lobby_opens_at_us || e->opens_at_us)
        REQUIRE(s, !r->lobby_closed && !room_lobby_due(r, r->decided_us),
                "the lobby's times are kept", "room %u gets others too late", r->event);
    on_pause(s, r, e->pause, ts_us);
    o->lobby_opens_at_us = e->lobby_opens_at_us ? e->lobby_opens_at_us : o->lobby_opens_at_us;
    o->opens_at_us = e->opens_at_us ? e->opens_at_us : o->opens_at_us;
    o->target_active = e->target_active ? e->target_active : o->target_active;
    o->claim_seconds = e->claim_seconds ? e->claim_seconds : o->claim_seconds;
    o->admission_seconds = e->admission_seconds ? e->admission_seconds : o->admission_seconds;
    r->on = e->on ? e->on == 1 : r->on;
    r->closed |= e->close;
    for (uint32_t i = 0; i < r->call_count && r->closed; i++)
        r->calls[i].ended = true;
}

static void on_lobby_closed(struct sim *s, struct room *r, const struct queue_entry_lobby_closed *e,
                            const uint8_t *row_hash)
{
    REQUIRE(s, room_lobby_due(r, r->decided_us), "the lobby closes once, at its time", "room %u",
            r->event);
    REQUIRE(s, e->count == r->counts[0] && e->priority_count == r->counts[1],
            "whoever joined in time is drawn", "room %u: %u and %u of %u and %u", r->event,
            e->count, e->priority_count, r->counts[0], r->counts[1]);
    r->lobby_closed = true;
    memcpy(r->lobby_counts, r->counts, sizeof r->counts);
    memcpy(r->closing_hash, row_hash, sizeof r->closing_hash);
    r->ticks_without_draw = 0;
    host_tempt(s);
}

static void on_lobby_drawn(struct sim *s, struct room *r, const struct queue_entry_lobby_drawn *e)
{
    REQUIRE(s, room_drawing(r), "a lobby is drawn once", "room %u", r->event);
    REQUIRE(s,
            e->chain_hash.len == sizeof r->closing_hash &&
                memcmp(e->chain_hash.data, r->closing_hash, sizeof r->closing_hash) == 0,
            "the draw takes the hash of the row that closed the lobby", "room %u: of another row",
            r->event);
    r->drawn = true;
    for (uint32_t lane = 0; lane < QUEUE_LANES; lane++) {
        bool *taken = calloc(r->lobby_counts[lane] + 1, sizeof *taken);
        if (!taken)
            abort();
        for (uint32_t number = 0; number < r->lobby_counts[lane]; number++) {
            uint32_t rank =
                model_draw(r->seed, lane, r->lobby_counts[lane], r->closing_hash, number);
            place_at(s, r, lane, number)->rank = rank;
            REQUIRE(s, rank < r->lobby_counts[lane] && !taken[rank], "ranks are a permutation",
                    "room %u: rank %u", r->event, rank);
            taken[rank] = true;
        }
        free(taken);
    }
}

/* Whether the session's newest place is one that can be used. */
static bool is_usable(const struct room *r, uint32_t session, uint64_t ts_us)
{
    const struct room_place *p = r->newest[session] ? &r->places[r->newest[session] - 1] : NULL;
    const struct room_admission *a = room_admission_of(r, session);
    if (a && room_counts_us(r, ts_us) < a->expires_us)
        return true;
    return p && p->state == PLACE_STANDS &&
           (p->rank == QUEUE_NONE || p->rank >= r->called[p->lane] || room_in_time(r, p, ts_us));
}

static void on_joined(struct sim *s, struct room *r, const struct queue_entry_visitor_joined *e)
{
    const struct queue_entry_opened *o = &r->settings;
    uint32_t session = room_session(s, e->session), lane = e->lane;
    uint64_t at_us = r->decided_us;
    REQUIRE(s, lane < QUEUE_LANES && session < ROOM_SESSIONS, "entries speak of what exists",
            "room %u, lane %u", r->event, lane);
    REQUIRE(s, e->number == r->counts[lane], "no number is given twice, and none is left out",
            "room %u: number %u.%u after %u", r->event, lane, e->number, r->counts[lane]);
    REQUIRE(s, e->number < (lane ? o->priority_places : o->places), "limits are never exceeded",
            "room %u: number %u.%u", r->event, lane, e->number);
    REQUIRE(s, r->on && !r->closed && at_us >= o->lobby_opens_at_us && !room_lobby_due(r, at_us),
            "places are given while there are any", "room %u: number %u.%u", r->event, lane,
            e->number);
    REQUIRE(s, !is_usable(r, session, at_us), "a session has one place that can be used",
            "room %u: session %u gets %u.%u", r->event, session, lane, e->number);
    if (r->newest[session] && r->places[r->newest[session] - 1].state == PLACE_STANDS)
        r->places[r->newest[session] - 1].state = PLACE_REPLACED;
    r->places = list_grown(r->places, r->place_count, &r->place_capacity, sizeof *r->places);
    r->numbers[lane] = list_grown(r->numbers[lane], r->counts[lane], &r->number_capacity[lane],
                                  sizeof *r->numbers[lane]);
    r->places[r->place_count] =
        (struct room_place){.lane = lane,
                            .number = e->number,
                            .session = session,
                            .rank = r->lobby_closed ? e->number : QUEUE_NONE};
    r->numbers[lane][r->counts[lane]++] = r->place_count++;
    r->newest[session] = r->place_count;
    s->figures->places++;
}

static bool counts_on(const struct room *r, const struct room_place *p, uint32_t code)
{
    const struct room_admission *a = room_admission_of(r, p->session);
    bool is_in = p->state == PLACE_USED && a && &r->places[a->place] == p;
    return p->code == code && (p->state == PLACE_STANDS || is_in);
}

static void on_code_counted(struct sim *s, struct room *r, const struct queue_entry_code_counted *e)
{
    struct room_place *p = place_at(s, r, QUEUE_PRIORITY, e->number);
    uint32_t count = 0;
    REQUIRE(s, e->number + 1 == r->counts[QUEUE_PRIORITY] && p->code == 0 && e->code != 0,
            "a place is counted on one code", "room %u: %u", r->event, e->number);
    p->code = e->code;
    for (uint32_t i = 0; i < r->place_count; i++)
        count += counts_on(r, &r->places[i], e->code);
    REQUIRE(s, count <= ROOM_CODE_LIMIT, "a code leads in as many sessions as it is good for",
            "room %u: %u of code %u", r->event, count, e->code);
}

static void on_left(struct sim *s, struct room *r, const struct queue_entry_visitor_left *e)
{
    struct room_place *p = place_at(s, r, e->lane, e->number);
    REQUIRE(s,
            p->state == PLACE_STANDS && r->newest[p->session] == (uint32_t)(p - r->places) + 1 &&
                is_usable(r, p->session, r->decided_us),
            "a place is given up while it can be used", "room %u: %u.%u", r->event, e->lane,
            e->number);
    p->state = PLACE_LEFT;
}

static void on_called(struct sim *s, struct room *r, const struct queue_entry_places_called *e,
                      uint64_t ts_us)
{
    uint32_t present = 0, lane = e->lane;
    uint64_t least_us = r->decided_us + r->settings.claim_seconds * SECOND_US;
    uint64_t most_us = ts_us + r->settings.claim_seconds * SECOND_US;
    REQUIRE(s, lane < QUEUE_LANES && e->upto > r->called[lane] && e->upto <= r->counts[lane],
            "called never falls, nor beyond the last place", "room %u: %u of %u after %u", r->event,
            e->upto, r->counts[lane], r->called[lane]);
    REQUIRE(s, r->on && !r->closed && r->paused_us == 0 && r->lobby_closed && !room_drawing(r),
            "nobody is called but in the line", "room %u", r->event);
    for (uint32_t i = 0; i < r->place_count; i++)
        present += r->places[i].lane == lane && r->places[i].state == PLACE_STANDS &&
                   r->places[i].rank >= r->called[lane] && r->places[i].rank < e->upto;
    REQUIRE(s, present == e->present, "those who left are not counted", "room %u: %u, not %u",
            r->event, e->present, present);
    for (uint32_t i = 0; i < r->call_count; i++)
        if (r->calls[i].lane == lane && !r->calls[i].ended && r->calls[i].closes_us > least_us)
            least_us = r->calls[i].closes_us;
    most_us = least_us > most_us ? least_us : most_us;
    REQUIRE(s, e->closes_at_us >= least_us && e->closes_at_us <= most_us,
            "a call lasts as long as was said", "room %u: until %llu, not %llu", r->event,
            (unsigned long long)e->closes_at_us, (unsigned long long)least_us);
    r->calls = list_grown(r->calls, r->call_count, &r->call_capacity, sizeof *r->calls);
    r->calls[r->call_count++] =
        (struct room_call){lane, r->called[lane], e->upto, e->closes_at_us, present == 0};
    r->called[lane] = e->upto;
}

static void on_call_ended(struct sim *s, struct room *r, const struct queue_entry_call_ended *e,
                          uint64_t ts_us)
{
    struct room_call *oldest = NULL;
    for (uint32_t i = 0; i < r->call_count && !oldest; i++)
        if (r->calls[i].lane == e->lane && !r->calls[i].ended)
            oldest = &r->calls[i];
    REQUIRE(s, oldest && oldest->upto == e->upto && oldest->closes_us <= room_counts_us(r, ts_us),
            "no call ends before its time", "room %u: the call up to %u.%u", r->event, e->lane,
            e->upto);
    oldest->ended = true;
}

static void on_admitted(struct sim *s, struct room *r, const struct queue_entry_visitor_admitted *e,
                        uint64_t ts_us)
{
    struct room_place *p = place_at(s, r, e->lane, e->number);
    uint32_t session = room_session(s, e->session);
    uint64_t at_us = r->decided_us, lasts_us = r->settings.admission_seconds * SECOND_US;
    REQUIRE(s, p->rank != QUEUE_NONE && p->rank < r->called[p->lane],
            "nobody is admitted who was not called", "room %u: %u.%u has rank %u of %u", r->event,
            e->lane, e->number, p->rank, r->called[p->lane]);
    REQUIRE(s,
            session == p->session && p->state == PLACE_STANDS &&
                r->newest[session] == (uint32_t)(p - r->places) + 1,
            "a place is its session's, and is used once", "room %u: %u.%u", r->event, e->lane,
            e->number);
    REQUIRE(s, !room_admission_of(r, session), "a session is in once", "room %u: session %u",
            r->event, session);
    REQUIRE(s, r->on && !r->closed, "nobody comes in but while it is on", "room %u", r->event);
    bool late = !room_in_time(r, p, at_us);
    REQUIRE(s, !late || (r->paused_us == 0 && room_active(r, at_us) < r->settings.target_active),
            "who comes late comes in only if there is room", "room %u: %u.%u, %u are active",
            r->event, e->lane, e->number, room_active(r, at_us));
    REQUIRE(s,
            e->expires_at_us >= room_counts_us(r, at_us) + lasts_us &&
                e->expires_at_us <= room_counts_us(r, ts_us) + lasts_us,
            "an admission lasts as long as was said", "room %u: %u.%u", r->event, e->lane,
            e->number);
    for (uint32_t i = 0; i < r->admission_count; i++)
        REQUIRE(s, r->admissions[i].ended || r->admissions[i].slot != e->admission,
                "an admission is one session's", "room %u: slot %u", r->event, e->admission);
    p->state = PLACE_USED;
    r->admissions = list_grown(r->admissions, r->admission_count, &r->admission_capacity,
                               sizeof *r->admissions);
    r->admissions[r->admission_count++] =
        (struct room_admission){.slot = e->admission,
                                .session = session,
                                .place = (uint32_t)(p - r->places),
                                .random = e->admission_random,
                                .from_us = ts_us,
                                .expires_us = e->expires_at_us};
    s->figures->admitted++;
}

static void on_admission_ended(struct sim *s, struct room *r,
                               const struct queue_entry_admission_ended *e, uint64_t ts_us)
{
    struct room_admission *a = NULL;
    for (uint32_t i = 0; i < r->admission_count; i++)
        if (!r->admissions[i].ended && r->admissions[i].slot == e->admission)
            a = &r->admissions[i];
    REQUIRE(s, a, "an admission ends once", "room %u: slot %u", r->event, e->admission);
    bool over = a->expires_us <= room_counts_us(r, ts_us);
    bool was_over = a->expires_us <= room_counts_us(r, r->decided_us);
    bool fits = e->reason == QUEUE_END_TIME     ? over
                : e->reason == QUEUE_END_CLOSED ? r->closed
                                                : !was_over && !r->closed;
    REQUIRE(s, fits, "an admission ends at its time", "room %u: slot %u, reason %u", r->event,
            e->admission, e->reason);
    a->ended = true;
}

static void on_entry(struct sim *s, struct room *r, const struct queue_entry *e, uint64_t ts_us,
                     const uint8_t *row_hash)
{
    switch ((enum queue_entry_number)e->number) {
    case QUEUE_ENTRY_opened: break; /* before */
    case QUEUE_ENTRY_changed: on_changed(s, r, &e->changed, ts_us); break;
    case QUEUE_ENTRY_lobby_closed: on_lobby_closed(s, r, &e->lobby_closed, row_hash); break;
    case QUEUE_ENTRY_lobby_drawn: on_lobby_drawn(s, r, &e->lobby_drawn); break;
    case QUEUE_ENTRY_visitor_joined: on_joined(s, r, &e->visitor_joined); break;
    case QUEUE_ENTRY_visitor_left: on_left(s, r, &e->visitor_left); break;
    case QUEUE_ENTRY_places_called: on_called(s, r, &e->places_called, ts_us); break;
    case QUEUE_ENTRY_call_ended: on_call_ended(s, r, &e->call_ended, ts_us); break;
    case QUEUE_ENTRY_visitor_admitted: on_admitted(s, r, &e->visitor_admitted, ts_us); break;
    case QUEUE_ENTRY_admission_ended: on_admission_ended(s, r, &e->admission_ended, ts_us); break;
    case QUEUE_ENTRY_code_counted: on_code_counted(s, r, &e->code_counted); break;
    case QUEUE_ENTRY_time_passed: break;
    case QUEUE_ENTRY_outage_credited:
        REQUIRE(s, r->paused_us == 0, "no more time is given back than was lost",
                "room %u is paused", r->event);
        add_time(r, e->outage_credited.outage_us);
        break;
    }
}

void rooms_frame(struct sim *s, const struct frame *f, const uint8_t *row_hash)
{
    uint32_t event = f->partition & ~ENGINE_QUEUE;
    struct queue_entry e;
    REQUIRE(s, event >= 1 && event <= SIM_EVENTS_MAX && queue_entry_decode(f->entry, &e),
            "entries can be read", "room %u, entry %llu", event, (unsigned long long)f->pseq);
    struct room *r = &s->rooms->rooms[event];
    REQUIRE(s, f->pseq == r->pseq + 1 && f->ts_us > r->ts_us, "seq dense, ts rising",
            "room %u: entry %llu at %llu follows %llu at %llu", event, (unsigned long long)f->pseq,
            (unsigned long long)f->ts_us, (unsigned long long)r->pseq,
            (unsigned long long)r->ts_us);
    bool opens = e.number == QUEUE_ENTRY_opened;
    REQUIRE(s, opens == (f->pseq == 1), "a room begins with QueueOpened", "room %u", event);
    if (opens)
        on_opened(s, r, event, &e.opened, f->ts_us);
    else
        books_check_credit(
            s, &r->owed, f->partition, e.number == QUEUE_ENTRY_outage_credited,
            e.number == QUEUE_ENTRY_outage_credited ? e.outage_credited.outage_us : 0, f->ts_us);
    if (f->ts_us != r->ts_us + 1)
        r->decided_us = f->ts_us;
    r->pseq = f->pseq;
    r->ts_us = f->ts_us;
    if (opens)
        return;
    room_lockstep_entry(s, event, f->ts_us);
    on_entry(s, r, &e, f->ts_us, row_hash);
    queue_apply(r->shadow, &e, f->ts_us);
}

/* ---- life ---- */

struct rooms *rooms_create(void)
{
    struct rooms *rooms = calloc(1, sizeof *rooms);
    if (!rooms)
        abort();
    for (uint32_t session = 0; session < ROOM_SESSIONS; session++)
        rooms->sessions[session] = model_session(session);
    rooms->lockstep = room_lockstep_create();
    return rooms;
}

void rooms_destroy(struct rooms *rooms)
{
    for (uint32_t n = 0; rooms && n <= SIM_EVENTS_MAX; n++) {
        struct room *r = &rooms->rooms[n];
        free(r->shadow);
        free(r->places);
        free(r->numbers[0]);
        free(r->numbers[1]);
        free(r->calls);
        free(r->admissions);
    }
    if (rooms)
        room_lockstep_destroy(rooms->lockstep);
    free(rooms);
}
