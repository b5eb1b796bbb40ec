#include "unit/queue/model.h"

#include <assert.h>

struct hash16 model_session(uint32_t session)
{
    struct hash256 wide = hash256_of(&session, sizeof session);
    struct hash16 hash;
    memcpy(hash.bytes, wide.bytes, sizeof hash.bytes);
    return hash;
}

uint32_t model_draw(const uint8_t seed[QUEUE_SEED_BYTES], uint32_t lane, uint32_t count,
                    const uint8_t chain_hash[QUEUE_CHAIN_BYTES], uint32_t number)
{
    struct __attribute__((packed)) {
        uint8_t seed[32];
        uint32_t lane, count;
        uint8_t chain[32];
    } from = {.lane = lane, .count = count};
    struct __attribute__((packed)) {
        struct hash256 key;
        uint8_t round;
        uint32_t right;
    } block;
    memcpy(from.seed, seed, 32);
    memcpy(from.chain, chain_hash, 32);
    block.key = hash256_of(&from, sizeof from);
    uint32_t bits = 2;
    while ((uint64_t)1 << bits < count)
        bits += 2;
    uint32_t half = (1u << bits / 2) - 1;
    if (count < 2)
        return number;
    do {
        for (uint8_t round = 0; round < 8; round++) {
            block.round = round;
            block.right = number & half;
            struct hash256 h = hash256_of(&block, sizeof block);
            uint32_t word;
            memcpy(&word, h.bytes, 4);
            uint32_t left = number >> bits / 2;
            number = block.right << bits / 2 | ((left ^ word) & half);
        }
    } while (number >= count);
    return number;
}

void model_begin(struct model *m, const struct queue_entry_opened *opened, uint64_t ts_us)
{
    memset(m, 0, sizeof *m);
    m->settings = *opened;
    memcpy(m->seed, opened->seed.data, QUEUE_SEED_BYTES);
    m->on = opened->on;
    m->last_ts_us = ts_us;
}

/* ---- questions ---- */

static uint64_t now(const struct model *m, uint64_t ts_us)
{
    return m->paused_at_us != 0 ? m->paused_at_us : ts_us;
}

static bool lobby_over(const struct model *m, uint64_t ts_us)
{
    return m->settings.lobby_opens_at_us == 0 || ts_us >= m->settings.opens_at_us;
}

static uint32_t to_draw(const struct model *m)
{
    return m->lobby_closed ? m->lanes[0].lobby_count + m->lanes[1].lobby_count
                           : m->lanes[0].count + m->lanes[1].count;
}

enum queue_phase model_phase(const struct model *m, uint64_t ts_us)
{
    if (!m->on)
        return QUEUE_OFF;
    if (m->closed)
        return QUEUE_ENDED;
    if (!m->lobby_closed && !lobby_over(m, ts_us))
        return ts_us < m->settings.lobby_opens_at_us ? QUEUE_SOON : QUEUE_LOBBY;
    return m->drawn || to_draw(m) == 0 ? QUEUE_LINE : QUEUE_DRAWING;
}

static bool in_time(const struct model *m, const struct model_place *p, uint64_t ts_us)
{
    return p->call != 0 && !m->calls[p->call - 1].ended &&
           now(m, ts_us) < m->calls[p->call - 1].closes_at_us;
}

static bool untouched(const struct model_place *p)
{
    return !p->left && !p->used && !p->forgotten;
}

uint32_t model_open(const struct model *m, uint32_t lane, uint64_t ts_us)
{
    uint32_t open = 0;
    for (uint32_t i = 0; i < m->lanes[lane].count; i++)
        open += untouched(&m->places[lane][i]) && in_time(m, &m->places[lane][i], ts_us);
    return open;
}

static uint32_t admitted(const struct model *m)
{
    uint32_t count = 0;
    for (uint32_t i = 0; i < MODEL_PLACES; i++)
        count += m->admissions[i].live;
    return count;
}

uint32_t model_active(const struct model *m, uint64_t ts_us)
{
    return model_open(m, 0, ts_us) + model_open(m, 1, ts_us) + (m->closed ? 0 : admitted(m));
}

static uint32_t admission_of(const struct model *m, uint32_t session)
{
    for (uint32_t i = 0; i < MODEL_PLACES; i++)
        if (m->admissions[i].live && m->admissions[i].session == session)
            return i;
    return QUEUE_NONE;
}

bool model_is_admitted(const struct model *m, uint32_t session, uint64_t ts_us)
{
    uint32_t slot = admission_of(m, session);
    return slot != QUEUE_NONE && !m->closed && now(m, ts_us) < m->admissions[slot].expires_at_us;
}

bool model_place_of(const struct model *m, uint32_t session, uint64_t ts_us,
                    struct queue_place *ret_place)
{
    if (!m->newest[session].has)
        return false;
    uint32_t lane = m->newest[session].lane, number = m->newest[session].number;
    const struct model_place *p = &m->places[lane][number];
    uint32_t called = m->lanes[lane].called;
    struct queue_place out = {.lane = (uint8_t)lane, .number = number, .rank = p->rank};
    out.admission = QUEUE_NONE;
    out.ahead = p->rank == QUEUE_NONE ? QUEUE_NONE : p->rank < called ? 0 : p->rank - called;
    if (p->left) {
        out.state = QUEUE_PLACE_LEFT;
    } else if (p->used && model_is_admitted(m, session, ts_us)) {
        out.state = QUEUE_PLACE_ADMITTED;
        out.admission = admission_of(m, session);
        out.admission_random = m->admissions[out.admission].random;
        out.closes_at_us = m->admissions[out.admission].expires_at_us;
        out.admitted_at_us = m->admissions[out.admission].began_at_us;
    } else if (p->used) {
        out.state = QUEUE_PLACE_USED;
    } else if (p->rank == QUEUE_NONE) {
        out.state = QUEUE_PLACE_LOBBY;
    } else if (p->call == 0) {
        out.state = QUEUE_PLACE_WAITING;
    } else if (in_time(m, p, ts_us)) {
        out.state = QUEUE_PLACE_CALLED;
        out.closes_at_us = m->calls[p->call - 1].closes_at_us;
    } else {
        out.state = QUEUE_PLACE_MISSED;
    }
    *ret_place = out;
    return true;
}

/* Who came with the code and waits, may still come, or is in. */
uint32_t model_code_sessions(const struct model *m, uint32_t code, uint32_t session)
{
    uint32_t count = 0;
    for (uint32_t i = 0; i < m->lanes[QUEUE_PRIORITY].count; i++) {
        const struct model_place *p = &m->places[QUEUE_PRIORITY][i];
        bool is_in = p->used && !p->forgotten && admission_of(m, p->session) != QUEUE_NONE;
        count += p->code == code && code != 0 && p->session != session && (untouched(p) || is_in);
    }
    return count;
}

/* ---- doing ---- */

static struct queue_entry *entry(struct model *m, struct queue_decision *d, uint16_t number,
                                 uint64_t ts_us)
{
    m->last_ts_us = ts_us + d->entry_count;
    struct queue_entry *e = &d->entries[d->entry_count++];
    memset(e, 0, sizeof *e);
    e->number = number;
    return e;
}

static void end_admission(struct model *m, uint32_t slot, enum queue_end reason, uint64_t ts_us,
                          struct queue_decision *d)
{
    entry(m, d, QUEUE_ENTRY_admission_ended, ts_us)->admission_ended =
        (struct queue_entry_admission_ended){slot, (uint8_t)reason};
    m->admissions[slot].live = false;
}

static void give_up(struct model *m, uint32_t lane, uint32_t number, uint64_t ts_us,
                    struct queue_decision *d)
{
    entry(m, d, QUEUE_ENTRY_visitor_left, ts_us)->visitor_left =
        (struct queue_entry_visitor_left){(uint8_t)lane, number};
    m->places[lane][number].left = true;
}

static void end_call(struct model *m, uint32_t call)
{
    for (uint32_t i = 0; i < m->lanes[m->calls[call].lane].count; i++) {
        const struct model_place *p = &m->places[m->calls[call].lane][i];
        m->lanes[m->calls[call].lane].missed_total += p->call == call + 1 && untouched(p);
    }
    m->calls[call].ended = true;
}

static void close_lobby(struct model *m, uint64_t ts_us, struct queue_decision *d)
{
    entry(m, d, QUEUE_ENTRY_lobby_closed, ts_us)->lobby_closed =
        (struct queue_entry_lobby_closed){m->lanes[0].count, m->lanes[1].count};
    m->lobby_closed = true;
    for (uint32_t lane = 0; lane < QUEUE_LANES; lane++)
        m->lanes[lane].lobby_count = m->lanes[lane].count;
}

static enum queue_refusal join(struct model *m, const struct queue_command_join *c,
                               uint32_t session, uint64_t ts_us, struct queue_decision *d)
{
    uint32_t lane = c->lane, code = lane == QUEUE_PRIORITY ? c->code : 0;
    struct queue_place old;
    bool had = model_place_of(m, session, ts_us, &old);
    bool usable = had && (old.state == QUEUE_PLACE_LOBBY || old.state == QUEUE_PLACE_WAITING ||
                          old.state == QUEUE_PLACE_CALLED);
    bool moves_up = usable && lane == QUEUE_PRIORITY && old.lane == QUEUE_GENERAL;
    if ((usable && !moves_up) || (had && old.state == QUEUE_PLACE_ADMITTED)) {
        d->repeated = true;
        d->lane = old.lane;
        d->number = old.number;
        return QUEUE_OK;
    }
    uint32_t room = lane == QUEUE_GENERAL ? m->settings.places : m->settings.priority_places;
    if (code != 0 &&
        (code > LIMIT_QUEUE_CODES || model_code_sessions(m, code, session) >= c->code_limit))
        return QUEUE_CODE_LIMIT;
    if (m->lanes[lane].count == room)
        return QUEUE_FULL;
    if (admission_of(m, session) != QUEUE_NONE)
        end_admission(m, admission_of(m, session), QUEUE_END_TIME, ts_us, d);
    if (moves_up)
        give_up(m, old.lane, old.number, ts_us, d);
    if (had) {
        struct model_place *p = &m->places[old.lane][old.number];
        m->lanes[old.lane].missed_total +=
            untouched(p) && p->call != 0 && !m->calls[p->call - 1].ended;
        p->forgotten = true;
    }
    d->lane = (uint8_t)lane;
    d->number = m->lanes[lane].count++;
    struct queue_entry_visitor_joined joined = {d->lane, d->number, model_session(session)};
    entry(m, d, QUEUE_ENTRY_visitor_joined, ts_us)->visitor_joined = joined;
    if (code != 0)
        entry(m, d, QUEUE_ENTRY_code_counted, ts_us)->code_counted =
            (struct queue_entry_code_counted){d->number, code};
    m->places[lane][d->number] = (struct model_place){
        .session = session, .rank = m->lobby_closed ? d->number : QUEUE_NONE, .code = code};
    m->newest[session].has = true;
    m->newest[session].lane = lane;
    m->newest[session].number = d->number;
    return QUEUE_OK;
}

static enum queue_refusal leave(struct model *m, uint32_t session, uint64_t ts_us,
                                struct queue_decision *d)
{
    struct queue_place p;
    if (!model_place_of(m, session, ts_us, &p) || p.state == QUEUE_PLACE_MISSED ||
        p.state == QUEUE_PLACE_USED || p.state == QUEUE_PLACE_LEFT)
        return QUEUE_NOT_IN_LINE;
    if (p.state == QUEUE_PLACE_ADMITTED)
        end_admission(m, p.admission, QUEUE_END_LEFT, ts_us, d);
    else
        give_up(m, p.lane, p.number, ts_us, d);
    return QUEUE_OK;
}

static enum queue_refusal claim(struct model *m, uint32_t session, uint64_t random, uint32_t slot,
                                uint64_t ts_us, struct queue_decision *d)
{
    struct queue_place p;
    if (!model_place_of(m, session, ts_us, &p) || p.state == QUEUE_PLACE_LEFT)
        return QUEUE_NOT_IN_LINE;
    if (p.state == QUEUE_PLACE_USED)
        return QUEUE_ADMISSION_OVER;
    if (p.state == QUEUE_PLACE_LOBBY || p.state == QUEUE_PLACE_WAITING)
        return QUEUE_NOT_CALLED;
    if (p.state == QUEUE_PLACE_MISSED &&
        (m->paused_at_us != 0 || model_active(m, ts_us) >= m->settings.target_active))
        return QUEUE_MISSED;
    d->lane = p.lane;
    d->number = p.number;
    d->admission = p.admission;
    d->repeated = p.state == QUEUE_PLACE_ADMITTED;
    if (d->repeated)
        return QUEUE_OK;
    assert(slot < MODEL_PLACES && !m->admissions[slot].live);
    d->admission = slot;
    uint64_t expires_at_us = now(m, ts_us) + m->settings.admission_seconds * 1000000ull;
    entry(m, d, QUEUE_ENTRY_visitor_admitted, ts_us)->visitor_admitted =
        (struct queue_entry_visitor_admitted){
            slot, random, p.lane, p.number, model_session(session), expires_at_us};
    m->admissions[slot] = (struct model_admission){
        true,          session, p.lane,       p.number, m->admission_count++,
        expires_at_us, random,  m->last_ts_us};
    m->places[p.lane][p.number].used = true;
    m->lanes[p.lane].claimed_total++;
    return QUEUE_OK;
}

static uint32_t calls_open(const struct model *m)
{
    uint32_t open = 0;
    for (uint32_t i = 0; i < m->call_count; i++)
        open += !m->calls[i].ended;
    return open;
}

static struct model_place *by_rank(struct model *m, uint32_t lane, uint32_t rank)
{
    for (uint32_t i = 0; i < m->lanes[lane].count; i++)
        if (m->places[lane][i].rank == rank)
            return &m->places[lane][i];
    assert(false);
    return NULL;
}

static void call(struct model *m, uint32_t lane, uint32_t wanted, uint64_t ts_us,
                 struct queue_decision *d)
{
    struct queue_lane_status *l = &m->lanes[lane];
    uint32_t present = 0, before = l->called;
    uint64_t closes_at_us = ts_us + m->settings.claim_seconds * 1000000ull;
    if (calls_open(m) >= LIMIT_QUEUE_CALLS)
        return;
    for (uint32_t i = 0; i < m->call_count; i++)
        if (!m->calls[i].ended && m->calls[i].lane == lane &&
            m->calls[i].closes_at_us > closes_at_us)
            closes_at_us = m->calls[i].closes_at_us;
    while (present < wanted && l->called < l->count) {
        struct model_place *p = by_rank(m, lane, l->called++);
        p->call = m->call_count + 1;
        present += untouched(p);
    }
    if (l->called == before)
        return;
    l->present_total += present;
    entry(m, d, QUEUE_ENTRY_places_called, ts_us)->places_called =
        (struct queue_entry_places_called){(uint8_t)lane, l->called, present, closes_at_us};
    m->calls[m->call_count++] = (struct model_call){lane, l->called, closes_at_us, present == 0};
}

static void tick(struct model *m, uint64_t ts_us, struct queue_decision *d)
{
    uint32_t ends = 0;
    bool runs = admitted(m) + calls_open(m) > 0;
    uint64_t last_us = m->last_ts_us;
    for (uint32_t lane = 0; lane < QUEUE_LANES; lane++) {
        for (uint32_t i = 0; i < m->call_count && ends < LIMIT_QUEUE_TICK_ENDS; i++) {
            if (m->calls[i].ended || m->calls[i].lane != lane ||
                m->calls[i].closes_at_us > now(m, ts_us))
                continue;
            entry(m, d, QUEUE_ENTRY_call_ended, ts_us)->call_ended =
                (struct queue_entry_call_ended){(uint8_t)lane, m->calls[i].upto};
            end_call(m, i);
            ends++;
        }
    }
    for (; ends < LIMIT_QUEUE_TICK_ENDS; ends++) {
        uint32_t first = QUEUE_NONE;
        for (uint32_t i = 0; i < MODEL_PLACES; i++) {
            const struct model_admission *a = &m->admissions[i],
                                         *f = &m->admissions[first % MODEL_PLACES];
            if (a->live && (m->closed || a->expires_at_us <= now(m, ts_us)) &&
                (first == QUEUE_NONE || a->expires_at_us < f->expires_at_us ||
                 (a->expires_at_us == f->expires_at_us && a->sequence < f->sequence)))
                first = i;
        }
        if (first == QUEUE_NONE)
            break;
        end_admission(m, first, m->closed ? QUEUE_END_CLOSED : QUEUE_END_TIME, ts_us, d);
    }
    if (d->entry_count == 0 && runs && ts_us >= last_us + 1000000)
        entry(m, d, QUEUE_ENTRY_time_passed, ts_us);
}

static void add_time(struct model *m, uint64_t us)
{
    for (uint32_t i = 0; i < m->call_count; i++)
        m->calls[i].closes_at_us += us;
    for (uint32_t i = 0; i < MODEL_PLACES; i++)
        m->admissions[i].expires_at_us += us;
}

/* A setting that is given and differs; what was given is left out of the entry when it does not. */
#define CHANGED(name) (c.name = c.name == s.name ? 0 : c.name, c.name != 0)
#define OUTSIDE(name, low, high) (c.name != 0 && (c.name < (low) || c.name > (high)))

static enum queue_refusal change(struct model *m, struct queue_command_change c, uint64_t ts_us,
                                 struct queue_decision *d)
{
    struct queue_entry_opened s = m->settings;
    s.threshold = s.threshold == 0 ? QUEUE_NONE : s.threshold;
    bool times = CHANGED(lobby_opens_at_us);
    times |= CHANGED(opens_at_us);
    bool news = times;
    news |= CHANGED(target_active);
    news |= CHANGED(per_minute);
    news |= CHANGED(claim_seconds);
    news |= CHANGED(admission_seconds);
    news |= CHANGED(threshold);
    if (c.on == (m->on ? 1 : 2))
        c.on = 0;
    bool paused = m->by_hand || m->by_sale;
    if ((c.pause == 1 && m->by_hand) || (c.pause == 2 && !paused) || (c.pause == 3 && m->by_sale) ||
        (c.pause == 4 && !m->by_sale))
        c.pause = 0;
    if (m->closed)
        c.close = 0;
    news |= c.pause != 0 || c.close != 0;
    uint64_t lobby = c.lobby_opens_at_us ? c.lobby_opens_at_us : s.lobby_opens_at_us;
    uint64_t opens = c.opens_at_us ? c.opens_at_us : s.opens_at_us;
    if (c.on > 2 || c.pause > 4 || c.close > 1 || OUTSIDE(target_active, 1, 50000) ||
        OUTSIDE(per_minute, 1, 600000) || OUTSIDE(claim_seconds, 10, 3600) ||
        OUTSIDE(admission_seconds, 60, 7200) ||
        (times && (lobby >= opens || (d->entry_count > 0 || m->lobby_closed))))
        return QUEUE_BAD_CHANGE;
    if (news && m->closed)
        return QUEUE_CLOSED;
    if (!news && c.on == 0)
        return QUEUE_OK;
    struct queue_entry *e = entry(m, d, QUEUE_ENTRY_changed, ts_us);
    memcpy(&e->changed, &c, sizeof c);
    m->settings.lobby_opens_at_us = lobby;
    m->settings.opens_at_us = opens;
#define SET(name) (c.name != 0 ? (void)(m->settings.name = c.name) : (void)0)
    SET(target_active), SET(per_minute), SET(claim_seconds), SET(admission_seconds);
    SET(threshold);
    if (m->settings.threshold == QUEUE_NONE)
        m->settings.threshold = 0;
    m->on = c.on == 0 ? m->on : c.on == 1;
    if (c.on != 0)
        m->switched_off_us = m->on ? 0 : m->last_ts_us;
    m->by_hand = (m->by_hand || c.pause == 1) && c.pause != 2;
    m->by_sale = (m->by_sale || c.pause == 3) && c.pause != 2 && c.pause != 4;
    if (paused && !m->by_hand && !m->by_sale) {
        add_time(m, m->last_ts_us - m->paused_at_us);
        m->paused_at_us = 0;
    }
    if (!paused && (m->by_hand || m->by_sale))
        m->paused_at_us = m->last_ts_us;
    m->closed |= c.close;
    for (uint32_t i = 0; i < m->call_count && m->closed; i++)
        if (!m->calls[i].ended)
            end_call(m, i);
    return QUEUE_OK;
}

static enum queue_refusal draw(struct model *m, struct slice chain, uint64_t ts_us,
                               struct queue_decision *d)
{
    if (!m->lobby_closed || d->entry_count > 0 || m->drawn || to_draw(m) == 0 || chain.len != 32)
        return QUEUE_NOT_DRAWABLE;
    entry(m, d, QUEUE_ENTRY_lobby_drawn, ts_us)->lobby_drawn.chain_hash = chain;
    m->drawn = true;
    for (uint32_t lane = 0; lane < QUEUE_LANES; lane++)
        for (uint32_t i = 0; i < m->lanes[lane].lobby_count; i++)
            m->places[lane][i].rank = model_draw(m->seed, lane, m->lanes[lane].lobby_count,
                                                 (const uint8_t *)chain.data, i);
    return QUEUE_OK;
}

static enum queue_refusal visitor(struct model *m, const struct queue_command *c, uint32_t session,
                                  uint32_t slot, uint64_t ts_us, struct queue_decision *d)
{
    enum queue_phase phase = model_phase(m, ts_us);
    if (phase == QUEUE_OFF)
        return QUEUE_NOT_NEEDED;
    if (phase == QUEUE_ENDED)
        return QUEUE_CLOSED;
    if (c->number == QUEUE_COMMAND_leave)
        return leave(m, session, ts_us, d);
    if (c->number == QUEUE_COMMAND_claim)
        return claim(m, session, c->claim.admission_random, slot, ts_us, d);
    return phase == QUEUE_SOON ? QUEUE_NOT_OPEN : join(m, &c->join, session, ts_us, d);
}

void model_run(struct model *m, const struct queue_command *c, uint32_t session, uint32_t slot,
               uint64_t ts_us, struct queue_decision *d)
{
    bool closes = !m->lobby_closed && lobby_over(m, ts_us);
    uint64_t last_us = m->last_ts_us;
    d->refusal = QUEUE_OK;
    d->entry_count = 0;
    d->repeated = false;
    d->lane = 0;
    d->number = d->admission = QUEUE_NONE;
    if (closes)
        close_lobby(m, ts_us, d);
    switch (c->number) {
    case QUEUE_COMMAND_change: d->refusal = change(m, c->change, ts_us, d); break;
    case QUEUE_COMMAND_draw: d->refusal = draw(m, c->draw.chain_hash, ts_us, d); break;
    case QUEUE_COMMAND_tick: tick(m, ts_us, d); break;
    case QUEUE_COMMAND_call:
        if (model_phase(m, ts_us) == QUEUE_LINE && m->paused_at_us == 0) {
            call(m, QUEUE_PRIORITY, c->call.priority, ts_us, d);
            call(m, QUEUE_GENERAL, c->call.general, ts_us, d);
        }
        break;
    case QUEUE_COMMAND_sold:
        if (model_is_admitted(m, session, ts_us))
            end_admission(m, admission_of(m, session), QUEUE_END_SOLD, ts_us, d);
        break;
    case QUEUE_COMMAND_credit_outage:
        if (m->paused_at_us == 0) {
            entry(m, d, QUEUE_ENTRY_outage_credited, ts_us)->outage_credited.outage_us =
                c->credit_outage.outage_us;
            add_time(m, c->credit_outage.outage_us);
        }
        break;
    default: d->refusal = visitor(m, c, session, slot, ts_us, d);
    }
    if (d->refusal == QUEUE_OK)
        return;
    d->entry_count = 0;
    d->number = d->admission = QUEUE_NONE;
    if (!closes)
        return;
    m->last_ts_us = last_us; /* nothing was written: the lobby has not closed either */
    m->lobby_closed = false;
    m->lanes[0].lobby_count = m->lanes[1].lobby_count = 0;
}
