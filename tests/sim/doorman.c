#include "commands.h"
#include "visitors_private.h"

/* The organiser of waiting rooms, and the caller at the door. */

#define OPENS_IN_MAX_US (1800 * SECOND_US)

static void draw_plan(struct sim *s, struct random *random, struct room_plan *p)
{
    static const uint32_t longest[] = {600, 900, 1800};
    for (size_t i = 0; i < sizeof p->seed; i++)
        p->seed[i] = (char)random_below(random, 256);
    p->wanted = random_below(random, 2);
    p->by_chance = random_below(random, 3) == 0;
    p->opens_in_us = random_magnitude(random, SECOND_US, OPENS_IN_MAX_US);
    p->opening = (struct queue_entry_opened){
        .event_random = random_secret(random),
        .places = (uint32_t)random_magnitude(random, 12, 3000),
        .priority_places = random_below(random, 2) ? (uint32_t)random_below(random, 200) : 0,
        .target_active = (uint32_t)random_between(random, 1, 30),
        .per_minute = (uint32_t)random_magnitude(random, 10, 60000),
        .claim_seconds = (uint32_t)random_magnitude(random, 10, 120),
        .admission_seconds = (uint32_t)random_magnitude(random, 60, longest[s->size]),
        .on = random_below(random, 6) > 0,
        .seed = {p->seed, sizeof p->seed},
    };
}

void doorman_create(struct sim *s, struct visitors *v)
{
    v->change_us = random_magnitude(&v->doorman, 5 * SECOND_US, 600 * SECOND_US);
    for (uint32_t n = 1; n <= s->clients->plan_count; n++)
        draw_plan(s, &v->doorman, &v->plans[n]);
}

static void send_open(struct sim *s, uint32_t event)
{
    struct room_plan *p = &s->visitors->plans[event];
    struct visit *r = visit_make(s, NULL, VISIT_OPEN);
    uint64_t soon_us = host_is_up(s) ? host_now_us(s) : s->now_us;
    r->event = event;
    if (p->opening.opens_at_us == 0) {
        struct random *random = &s->visitors->doorman;
        p->opening.opens_at_us = soon_us + p->opens_in_us;
        if (random_below(random, 4) > 0)
            p->opening.lobby_opens_at_us =
                soon_us - SECOND_US + random_below(random, p->opens_in_us);
    }
    visit_send(s, r, 1000);
}

static void draw_change(struct sim *s, struct visit *r)
{
    struct random *random = &s->visitors->doorman;
    struct queue_entry_changed *c = &r->change;
    uint64_t soon_us = host_is_up(s) ? host_now_us(s) : s->now_us;
    switch (random_below(random, 12)) {
    case 0: c->pause = QUEUE_PAUSE; break;
    case 1: c->pause = QUEUE_SALE_PAUSES; break;
    case 2: c->pause = QUEUE_SALE_GOES_ON; break;
    case 3:
    case 4: c->pause = QUEUE_GO_ON; break;
    case 5: c->on = 2; break;
    case 6: c->on = 1; break;
    case 7: c->target_active = (uint32_t)random_magnitude(random, 1, 80); break;
    case 8: c->claim_seconds = (uint32_t)random_magnitude(random, 10, 60); break;
    case 9: c->admission_seconds = (uint32_t)random_magnitude(random, 60, 300); break;
    case 10: c->opens_at_us = soon_us + random_below(random, 120 * SECOND_US); break;
    default: c->on = 1; c->close = random_below(random, 60) == 0;
    }
}

/* The calm world: everybody is let in. */
static void last_change(struct visit *r)
{
    r->change = (struct queue_entry_changed){
        .target_active = 50000, .per_minute = 600000, .on = 1, .pause = 2};
}

static void doorman_wakes(struct sim *s, void *subject, uint64_t word)
{
    struct visitors *v = s->visitors;
    uint32_t event = (uint32_t)word;
    struct room_plan *p = &v->plans[event];
    (void)subject;
    if (!p->opened) {
        if (s->calm)
            p->settled = true;
        else
            send_open(s, event);
        return;
    }
    struct visit *r =
        visit_make(s, NULL, random_below(&v->doorman, 40) ? VISIT_CHANGE : VISIT_OPEN);
    r->event = event;
    if (s->calm) {
        r->what = VISIT_CHANGE;
        r->last = true;
        last_change(r);
    } else if (r->what == VISIT_CHANGE) {
        draw_change(s, r);
    }
    visit_send(s, r, 1000);
}

static void wakes_later(struct sim *s, uint32_t event)
{
    struct visitors *v = s->visitors;
    uint64_t changes = ++v->plans[event].changes; /* at first often, then ever more rarely */
    uint64_t most_us = s->calm ? 5 * SECOND_US : v->change_us * (1 + changes / 8);
    schedule_in(s, random_between(&v->doorman, 1 + most_us / 8, most_us), doorman_wakes, v, event);
}

void doorman_begin(struct sim *s)
{
    for (uint32_t n = 1; n <= SIM_EVENTS_MAX; n++)
        if (s->visitors->plans[n].wanted)
            schedule_in(s, random_below(&s->visitors->doorman, 10 * SECOND_US), doorman_wakes,
                        s->visitors, n);
}

void doorman_answered(struct sim *s, struct visit *r)
{
    struct room_plan *p = &s->visitors->plans[r->event];
    if (r->what == VISIT_OPEN) {
        REQUIRE(s, room_exists(s, r->event), "what is acknowledged is in the journal",
                "room %u was opened", r->event);
        p->opened = true;
    }
    if (r->what == VISIT_CHANGE && (r->last || r->refusal == QUEUE_CLOSED))
        p->settled = true;
    else
        wakes_later(s, r->event);
}

/* ---- the caller ---- */

static void call_by_pace(struct sim *s, uint32_t event, const struct queue *q, uint32_t ret_call[2])
{
    struct visitors *v = s->visitors;
    struct pace_measure measure;
    pace_look(q, engine_now(host_engine(s)), &measure);
    if (v->pace_epoch != host_epoch(s)) { /* a new process knows nothing of the one before */
        v->pace_epoch = host_epoch(s);
        for (uint32_t n = 0; n <= SIM_EVENTS_MAX; n++)
            pace_begin(&v->paces[n], measure.now_us);
    }
    measure.pending_most = 1000;
    if (!s->calm) {
        measure.commit_us = (uint32_t)random_magnitude(&v->doorman, 100, 400000);
        measure.pending = (uint32_t)random_below(&v->doorman, 600);
    }
    pace_step(&v->paces[event], &measure, ret_call);
}

/* Calling nobody would be most of what is called by chance. */
static bool someone_waits(const struct queue *q)
{
    struct queue_status status;
    queue_status(q, 0, &status);
    return status.lanes[QUEUE_GENERAL].called < status.lanes[QUEUE_GENERAL].count ||
           status.lanes[QUEUE_PRIORITY].called < status.lanes[QUEUE_PRIORITY].count;
}

void visitors_call(struct sim *s)
{
    struct visitors *v = s->visitors;
    for (uint32_t n = 1; n <= SIM_EVENTS_MAX; n++) {
        const struct queue *q = engine_queue(host_engine(s), n);
        struct queue_command c = {.number = QUEUE_COMMAND_call};
        struct engine_queue_result result;
        uint32_t calls[2] = {0, 0};
        if (!q)
            continue;
        if (!v->plans[n].by_chance || s->calm) {
            call_by_pace(s, n, q, calls);
        } else if (someone_waits(q) && random_below(&v->doorman, 6) == 0) {
            calls[QUEUE_GENERAL] = (uint32_t)random_below(&v->doorman, 8);
            calls[QUEUE_PRIORITY] = (uint32_t)random_below(&v->doorman, 3);
        }
        c.call.general = calls[QUEUE_GENERAL];
        c.call.priority = calls[QUEUE_PRIORITY];
        if (calls[0] + calls[1] > 0)
            engine_submit_queue(host_engine(s), n, &c, &result);
    }
}

bool visitors_need_ticks(const struct sim *s)
{
    struct engine *engine = host_engine(s);
    uint64_t soon_us = engine_now(engine) + 2 * SECOND_US;
    for (uint32_t n = 1; n <= SIM_EVENTS_MAX; n++) {
        const struct queue *q = engine_queue(engine, n);
        struct queue_status status;
        if (!q)
            continue;
        if (queue_wants_draw(q) || queue_next_tick_us(q) <= soon_us)
            return true;
        queue_status(q, soon_us, &status);
        for (uint32_t lane = 0; lane < QUEUE_LANES; lane++)
            if (status.phase == QUEUE_LINE && !status.paused &&
                status.lanes[lane].called < status.lanes[lane].count)
                return true;
    }
    return false;
}
