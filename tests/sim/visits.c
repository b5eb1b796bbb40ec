#include "visitors_private.h"

/* Requests to waiting rooms: on their way, and inside the process. */

static void perform_look(struct sim *s, struct visit *r)
{
    struct engine *engine = host_engine(s);
    const struct queue *q = engine_queue(engine, r->event);
    struct hash16 session = room_hash(s, r->session);
    r->no_room = !q;
    r->ask.barrier = engine_barrier(engine);
    r->decided_us = r->look.ts_us = engine_now(engine);
    if (!q)
        return;
    r->look.found = queue_place_of(q, session, r->look.ts_us, &r->look.place);
    r->look.admitted = queue_is_admitted(q, session, r->look.ts_us);
    queue_status(q, r->look.ts_us, &r->look.status);
}

static void perform_open(struct sim *s, struct visit *r)
{
    struct room_plan *plan = &s->visitors->plans[r->event];
    struct err err = {""};
    bool had = engine_queue(host_engine(s), r->event) != NULL;
    int result = engine_open_queue(host_engine(s), r->event, &plan->opening, &r->ask.barrier, &err);
    r->busy = result == ENGINE_BUSY;
    r->refusal = result == ENGINE_INVALID ? QUEUE_BAD_CHANGE : QUEUE_OK;
    REQUIRE(s, (result == ENGINE_INVALID) == (had && result != ENGINE_BUSY),
            "an event has one waiting room", "event %u: %s", r->event, err.detail);
}

static void fill_command(struct sim *s, const struct visit *r, struct queue_command *c)
{
    struct hash16 session = room_hash(s, r->session);
    switch (r->what) {
    case VISIT_JOIN:
        c->number = QUEUE_COMMAND_join;
        c->join.lane = (uint8_t)r->lane;
        c->join.session = session;
        c->join.code = r->session % 5; /* 0: none that is limited */
        c->join.code_limit = ROOM_CODE_LIMIT;
        break;
    case VISIT_LEAVE:
        c->number = QUEUE_COMMAND_leave;
        c->leave.session = session;
        break;
    case VISIT_CLAIM:
        c->number = QUEUE_COMMAND_claim;
        c->claim = (struct queue_command_claim){session, random_secret(&s->entropy)};
        break;
    case VISIT_SOLD:
        c->number = QUEUE_COMMAND_sold;
        c->sold.session = session;
        break;
    default: c->number = QUEUE_COMMAND_change; memcpy(&c->change, &r->change, sizeof c->change);
    }
}

static void perform_command(struct sim *s, struct visit *r)
{
    struct queue_command c = {0};
    struct engine_queue_result result;
    fill_command(s, r, &c);
    engine_submit_queue(host_engine(s), r->event, &c, &result);
    r->ask.barrier = result.barrier;
    r->no_room = result.no_queue;
    r->busy = result.no_space;
    if (r->busy || r->no_room)
        return;
    r->refusal = result.refusal;
    r->decided_us = result.ts_us;
    r->repeated = result.decision->repeated;
    r->number = result.decision->number;
    r->admission = result.decision->admission;
    if (r->refusal == QUEUE_OK && (r->what == VISIT_JOIN || r->what == VISIT_CLAIM))
        r->told_lane = result.decision->lane;
}

static void perform(struct sim *s, struct ask *ask)
{
    struct visit *r = (struct visit *)ask;
    r->busy = r->no_room = r->repeated = false;
    r->refusal = QUEUE_OK;
    memset(&r->look, 0, sizeof r->look);
    if (r->what == VISIT_LOOK)
        perform_look(s, r);
    else if (r->what == VISIT_OPEN)
        perform_open(s, r);
    else
        perform_command(s, r);
    r->look.moment = room_moment(s);
}

struct visit *visit_make(struct sim *s, struct visitor *v, unsigned what)
{
    struct visit *r = sim_new(s, sizeof *r);
    r->ask = (struct ask){.perform = perform, .answered = visitor_answered};
    r->what = what;
    r->visitor = v;
    if (v) {
        r->event = v->event;
        r->session = v->session;
    }
    return r;
}

void visit_send(struct sim *s, struct visit *r, uint64_t in_us)
{
    s->visitors->under_way++;
    TRACE(s, "visitor # of session # asks # of room #", r->visitor ? r->visitor->number : 9999999,
          r->session, r->what, r->event);
    host_ask(s, &r->ask, in_us);
    if (r->twin || r->resent || !r->visitor || r->what == VISIT_LOOK ||
        !random_hit(&r->visitor->random, s->rates.double_click))
        return;
    struct visit *twin = sim_new(s, sizeof *twin);
    *twin = *r;
    twin->twin = true;
    sim_fault(s, FAULT_DOUBLE_CLICK);
    visit_send(s, twin, in_us + random_below(&r->visitor->random, 300));
}

static void send_again(struct sim *s, void *subject, uint64_t word)
{
    (void)word;
    s->visitors->under_way--;
    visit_send(s, subject, 0);
}

void visit_again(struct sim *s, struct visit *r)
{
    uint64_t in_us = 0;
    do {
        uint32_t doublings = r->resent < 7 ? r->resent : 7;
        in_us += random_magnitude(&s->visitors->random, 50000, (SECOND_US << doublings) / 2);
        r->resent++;
    } while (s->now_us + in_us < host_starts_us(s));
    schedule_in(s, in_us, send_again, r, 0);
}
