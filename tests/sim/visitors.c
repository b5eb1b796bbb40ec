#include "visitors_private.h"

#include <stdlib.h>

/* The life of a visitor. */

#define TRIES_MAX 12u

static void visitor_wakes(struct sim *s, void *subject, uint64_t word);

static void later(struct sim *s, struct visitor *v, uint64_t in_us)
{
    schedule_in(s, in_us, visitor_wakes, v, 0);
}

static uint64_t think(struct sim *s, struct visitor *v)
{
    return random_magnitude(&v->random, 1 + s->visitors->think_us / 50, s->visitors->think_us);
}

static uint64_t latency(struct visitor *v)
{
    return random_magnitude(&v->random, 100, 20000);
}

static void ask(struct sim *s, struct visitor *v, unsigned what, uint64_t in_us)
{
    struct visit *r = visit_make(s, v, what);
    if (what == VISIT_JOIN)
        r->lane = random_below(&v->random, 4) == 0;
    visit_send(s, r, in_us);
}

static void round_over(struct sim *s, struct visitor *v)
{
    v->tries = 0;
    v->joined = false;
    v->closes_us = 0;
    if (v->rounds_left > 0)
        v->rounds_left--;
    if (v->rounds_left == 0 || s->calm) {
        v->rounds_left = 0;
        s->visitors->busy--;
        return;
    }
    if (random_below(&v->random, 4) == 0) /* in another tab, or as somebody else */
        v->session = (uint32_t)random_below(&v->random, s->visitors->session_count);
    later(s, v, think(s, v));
}

/* What cannot be done now is tried a few times more. */
static void try_later(struct sim *s, struct visitor *v)
{
    uint64_t opens_in_us = s->visitors->plans[v->event].opens_in_us;
    if (++v->tries < TRIES_MAX)
        later(s, v,
              think(s, v) + random_magnitude(&v->random, SECOND_US, SECOND_US + opens_in_us / 4));
    else
        round_over(s, v);
}

/* When a request shall arrive: soon, or a microsecond before, at or after what was told ends. */
static uint64_t choose_moment(struct sim *s, struct visitor *v)
{
    if (v->closes_us == 0 || !host_is_up(s) || !random_hit(&v->random, s->rates.at_expiry))
        return think(s, v);
    sim_fault(s, FAULT_AT_EXPIRY);
    return host_true_us_until(s, v->closes_us - 1 + random_below(&v->random, 3));
}

static void visitor_wakes(struct sim *s, void *subject, uint64_t word)
{
    struct visitor *v = subject;
    (void)word;
    bool joins = !s->calm && (!v->joined || random_below(&v->random, 12) == 0);
    ask(s, v, joins ? VISIT_JOIN : VISIT_LOOK, latency(v));
}

/* ---- what one does with what one was told ---- */

static void when_called(struct sim *s, struct visitor *v)
{
    if (random_hit(&v->random, s->rates.abandon)) { /* never comes, or looks in much later */
        sim_fault(s, FAULT_ABANDONED);
        if (random_below(&v->random, 2))
            round_over(s, v);
        else
            later(s, v,
                  host_is_up(s) ? host_true_us_until(s, v->closes_us + SECOND_US) : SECOND_US);
        return;
    }
    ask(s, v, random_below(&v->random, 12) ? VISIT_CLAIM : VISIT_LEAVE, choose_moment(s, v));
}

static void when_in(struct sim *s, struct visitor *v)
{
    switch (random_below(&v->random, 6)) {
    case 0: round_over(s, v); break; /* goes away without a word */
    case 1: ask(s, v, VISIT_LEAVE, choose_moment(s, v)); break;
    case 2: ask(s, v, VISIT_LOOK, choose_moment(s, v)); break;
    case 3: ask(s, v, VISIT_JOIN, think(s, v)); break; /* reloads the page */
    default: ask(s, v, VISIT_SOLD, choose_moment(s, v));
    }
}

static void when_waiting(struct sim *s, struct visitor *v, enum queue_place_state state)
{
    uint64_t chance = random_below(&v->random, 100);
    uint64_t opens_in_us = s->visitors->plans[v->event].opens_in_us;
    uint64_t in_us = think(s, v);
    if (state == QUEUE_PLACE_WAITING)
        in_us += random_magnitude(&v->random, 1000, 20 * SECOND_US);
    else /* looks in some times until it opens */
        in_us += random_magnitude(&v->random, 1 + opens_in_us / 64, 1 + opens_in_us / 3);
    if (chance == 0)
        ask(s, v, VISIT_LEAVE, in_us);
    else if (chance <= 4)
        ask(s, v, VISIT_CLAIM, in_us); /* before its turn */
    else if (chance <= 8 && !s->calm)
        ask(s, v, VISIT_JOIN, in_us);
    else
        later(s, v, in_us + (s->calm ? SECOND_US : 0));
}

static void when_missed(struct sim *s, struct visitor *v)
{
    if (random_below(&v->random, 2))
        ask(s, v, VISIT_CLAIM, latency(v));
    else
        round_over(s, v);
}

static void on_look(struct sim *s, struct visitor *v, struct visit *r)
{
    room_told_look(s, r->event, r->session, &r->look);
    enum queue_phase phase = r->look.status.phase;
    if (!r->look.found || phase == QUEUE_ENDED || phase == QUEUE_OFF) {
        try_later(s, v);
        return;
    }
    v->closes_us = r->look.place.closes_at_us;
    switch (r->look.place.state) {
    case QUEUE_PLACE_LOBBY:
    case QUEUE_PLACE_WAITING: when_waiting(s, v, r->look.place.state); break;
    case QUEUE_PLACE_CALLED: when_called(s, v); break;
    case QUEUE_PLACE_MISSED: when_missed(s, v); break;
    case QUEUE_PLACE_ADMITTED: when_in(s, v); break;
    case QUEUE_PLACE_USED:
    case QUEUE_PLACE_LEFT: round_over(s, v); break;
    }
}

/* What every answer has to fit, whoever asked for it. */
static void check_answer(struct sim *s, struct visit *r)
{
    if (r->refusal == QUEUE_OK && r->what == VISIT_JOIN)
        room_told_join(s, r->event, r->session, r->look.moment, r->told_lane, r->number);
    if (r->refusal == QUEUE_OK && r->what == VISIT_CLAIM)
        room_told_claim(s, r->event, r->session, r->told_lane, r->number, r->admission);
    if (r->refusal == QUEUE_OK && (r->what == VISIT_SOLD || r->what == VISIT_LEAVE))
        room_told_over(s, r->event, r->session, r->decided_us);
    if (r->refusal == QUEUE_NOT_IN_LINE && r->what == VISIT_CLAIM)
        room_told_nothing(s, r->event, r->session, r->look.moment);
    if (r->refusal == QUEUE_MISSED && r->what == VISIT_CLAIM)
        room_told_missed(s, r->event, r->session, r->look.moment, r->decided_us);
}

void visitor_answered(struct sim *s, struct ask *asked)
{
    struct visit *r = (struct visit *)asked;
    struct visitor *v = r->visitor;
    TRACE(s, "visitor # is answered: lost # busy # refusal # repeated # place #.# state #",
          v ? v->number : 9999999, r->ask.lost, r->busy, r->refusal, r->repeated, r->told_lane,
          r->number, r->look.place.state);
    bool nothing = r->ask.lost || r->busy;
    if (nothing && !r->twin) {
        visit_again(s, r);
        return;
    }
    s->visitors->under_way--;
    if (!v) {
        doorman_answered(s, r);
        sim_free(s, r);
        return;
    }
    if (!nothing && !r->no_room)
        check_answer(s, r);
    if (r->twin) {
        if (!nothing && !r->no_room && r->what == VISIT_LOOK)
            room_told_look(s, r->event, r->session, &r->look);
        sim_free(s, r);
        return;
    }
    if (r->refusal == QUEUE_CLOSED) { /* for good */
        v->rounds_left = 1;
        round_over(s, v);
    } else if (r->no_room || r->refusal == QUEUE_NOT_NEEDED || r->refusal == QUEUE_NOT_OPEN ||
               r->refusal == QUEUE_FULL || r->refusal == QUEUE_CODE_LIMIT) {
        try_later(s, v);
    } else if (r->what == VISIT_LOOK) {
        on_look(s, v, r);
    } else if (r->what == VISIT_CLAIM && r->refusal != QUEUE_OK) {
        try_later(s, v);
    } else if (r->what == VISIT_CLAIM) {
        later(s, v, think(s, v));
    } else if (r->what == VISIT_JOIN) {
        v->tries = 0;
        v->joined = true;
        later(s, v, think(s, v));
    } else {
        round_over(s, v);
    }
    sim_free(s, r);
}

/* ---- life ---- */

struct visitors *visitors_create(struct sim *s)
{
    static const uint32_t low[] = {2, 10, 60}, high[] = {14, 60, 220}, rounds[] = {24, 16, 6};
    struct visitors *v = calloc(1, sizeof *v);
    if (!v)
        abort();
    v->random = sim_stream(s, 11);
    v->doorman = sim_stream(s, 12);
    s->visitors = v;
    doorman_create(s, v);
    v->count = (uint32_t)random_between(&v->random, low[s->size], high[s->size]);
    v->session_count = (uint32_t)random_between(&v->random, v->count / 2 + 1, v->count);
    v->think_us = random_magnitude(&v->random, 20000, 120 * SECOND_US);
    v->list = calloc(v->count, sizeof *v->list);
    if (!v->list)
        abort();
    for (uint32_t i = 0; i < v->count; i++) {
        struct visitor *one = &v->list[i];
        one->number = i;
        one->random = sim_stream(s, 100000 + i);
        one->session = i % v->session_count; /* some are one session in two tabs */
        one->rounds_left = (uint32_t)random_between(&one->random, 1, rounds[s->size]);
    }
    return v;
}

void visitors_begin(struct sim *s)
{
    struct visitors *v = s->visitors;
    uint32_t wanted[SIM_EVENTS_MAX], count = 0;
    v->begun = true;
    for (uint32_t n = 1; n <= SIM_EVENTS_MAX; n++)
        if (v->plans[n].wanted)
            wanted[count++] = n;
    if (count == 0)
        return;
    doorman_begin(s);
    v->busy = v->count;
    for (uint32_t i = 0; i < v->count; i++) {
        struct visitor *one = &v->list[i];
        one->event = wanted[random_below(&one->random, count)];
        const struct room_plan *plan = &v->plans[one->event];
        uint64_t early_us = plan->opens_in_us + 1; /* most come before it opens, some much later */
        uint64_t most_us = random_below(&one->random, 4) ? early_us : 3 * early_us + 60 * SECOND_US;
        later(s, one, random_below(&one->random, most_us));
    }
}

bool visitors_idle(const struct sim *s)
{
    const struct visitors *v = s->visitors;
    for (uint32_t n = 1; n <= SIM_EVENTS_MAX; n++)
        if (v->plans[n].wanted && v->begun && !v->plans[n].settled)
            return false;
    return v->under_way == 0 && v->busy == 0;
}

void visitors_destroy(struct visitors *v)
{
    if (v)
        free(v->list);
    free(v);
}
