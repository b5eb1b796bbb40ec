#include "queue/crowd.h"

#include "queue/door.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#define SECOND 1000000ull
#define STEP_US 250000ull
#define STEPS_A_SECOND 4u
#define OPENS_S 600u                /* the lobby is open for so long */
#define HORIZON_S (OPENS_S + 18000) /* it is sold out long before */
#define NOBODY UINT32_MAX

#define CLAIM_SECONDS 120u
#define ADMISSION_SECONDS 900u
#define CLAIM_DELAY_S 10u /* in the mean, of those who come, after two seconds */
#define ARRIVE_S 3600u    /* late visitors come within so long */
#define JUDGE_AFTER_S 60u

struct crowd_options crowd_of(uint32_t target_active, uint64_t seed)
{
    return (struct crowd_options){.seed = seed,
                                  .early = target_active * 120,
                                  .late = target_active * 80,
                                  .seats = target_active * 40,
                                  .target_active = target_active,
                                  .per_minute = target_active * 3 / 5,
                                  .shop_least_s = 30,
                                  .shop_most_s = 300,
                                  .watched = 1000};
}

struct crowd_options crowd_in_haste(uint32_t target_active, uint64_t seed)
{
    struct crowd_options options = crowd_of(target_active, seed);
    options.per_minute = target_active * 6;
    options.shop_least_s = 1;
    options.shop_most_s = 4;
    return options;
}

enum state { AWAY, WAITS, COMES, SHOPS, GONE };

/* Something that a visitor will do, if it still is in that state. A visitor has at most a few. */
struct intent {
    uint32_t visitor, next;
    enum state state;
};
#define INTENTS 4u /* a visitor */

struct visitor {
    enum state state;
    uint32_t lane, ahead; /* `ahead`: when looked at last */
    uint64_t called_us;   /* 0: not yet */
    bool missed, impatient;
};

struct told {
    uint32_t visitor, ahead;
    uint64_t from_us, to_us;
};

struct judgement {
    struct told *told;
    uint32_t count;
    uint64_t told_us, until_us; /* what happened after `until_us` nobody could know */
};

struct crowd {
    struct crowd_options o;
    struct crowd_report *r;
    struct door *door;
    struct pace pace;
    struct visitor *visitors;
    uint32_t count;
    struct intent *intents;
    uint32_t intents_used, intent_free;
    uint32_t *due;      /* by step: the first intent */
    uint32_t *order[2]; /* by rank: the visitor */
    uint32_t order_count[2], called[2], left_early;
    uint64_t now_us, random;
    uint32_t no_show; /* of 1,000 */
    bool paused, trouble, halved;
    uint64_t closed_until_us; /* the house is down */
    uint64_t calm_from_us;
    uint64_t calls_us[4096]; /* the last minute's calls */
    uint64_t mean_sum, mean_count, calm_ideal_milli;
    uint32_t change; /* the next one of the script */
    uint64_t judge_at_us;
    const char *judge_name;
    struct judgement judgements[CROWD_JUDGEMENTS];
    uint32_t minute_calls[HORIZON_S];
};

/* ---- chance ---- */

static uint64_t chance(struct crowd *c)
{
    uint64_t z = c->random += 0x9e3779b97f4a7c15ull; /* splitmix64 */
    z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9ull;
    z = (z ^ z >> 27) * 0x94d049bb133111ebull;
    return z ^ z >> 31;
}

static uint32_t between(struct crowd *c, uint32_t least, uint32_t most)
{
    return least + (uint32_t)(chance(c) % (most - least + 1));
}

static bool of_1000(struct crowd *c, uint32_t share)
{
    return chance(c) % 1000 < share;
}

/* Geometric in steps, so like waiting for a bus that comes whenever it likes. */
static uint64_t some_time_us(struct crowd *c, uint32_t mean_s)
{
    uint64_t steps = 0;
    while (chance(c) % (mean_s * STEPS_A_SECOND) != 0 && steps < 100 * STEPS_A_SECOND)
        steps++;
    return steps * STEP_US;
}

/* ---- people ---- */

/* The visitor will act then, unless its state is another by that time. */
static void schedule(struct crowd *c, uint32_t v, uint64_t at_us)
{
    uint64_t step = at_us / STEP_US;
    if (step <= c->now_us / STEP_US)
        step = c->now_us / STEP_US + 1;
    if (step >= (uint64_t)HORIZON_S * STEPS_A_SECOND)
        return;
    uint32_t i = c->intent_free;
    if (i != NOBODY)
        c->intent_free = c->intents[i].next;
    else
        i = c->intents_used++;
    assert(i < c->count * INTENTS);
    c->intents[i] = (struct intent){v, c->due[step], c->visitors[v].state};
    c->due[step] = i;
}

/* The next of those who act in this step; NOBODY: none is left. */
static uint32_t next_due(struct crowd *c)
{
    uint32_t *first = &c->due[c->now_us / STEP_US];
    while (*first != NOBODY) {
        uint32_t i = *first;
        const struct intent *intent = &c->intents[i];
        uint32_t v = intent->visitor;
        bool still = intent->state == c->visitors[v].state;
        *first = intent->next;
        c->intents[i].next = c->intent_free;
        c->intent_free = i;
        if (still)
            return v;
    }
    return NOBODY;
}

/* Remembers whose a rank is. */
static void stand(struct crowd *c, uint32_t v)
{
    uint32_t lane = c->visitors[v].lane, rank = door_rank(c->door, v, c->now_us);
    if (rank >= 2 * c->count || c->order[lane][rank] != NOBODY) {
        c->r->doubled++;
        return;
    }
    c->order[lane][rank] = v;
    if (rank >= c->order_count[lane])
        c->order_count[lane] = rank + 1;
}

static void join(struct crowd *c, uint32_t v)
{
    struct visitor *visitor = &c->visitors[v];
    if (door_join(c->door, v, visitor->lane, c->now_us) != DOOR_OK) {
        visitor->state = GONE;
        return;
    }
    visitor->state = WAITS;
    visitor->called_us = 0;
    visitor->ahead = UINT32_MAX;
    if (c->now_us >= OPENS_S * SECOND)
        stand(c, v);
    /* A few look whether they cannot get in already, and a few lose patience. */
    visitor->impatient = of_1000(c, 20);
    if (visitor->impatient || of_1000(c, 30))
        schedule(c, v, c->now_us + between(c, 60, 3000) * SECOND);
}

static void claim(struct crowd *c, uint32_t v)
{
    struct visitor *visitor = &c->visitors[v];
    uint32_t rank = door_rank(c->door, v, c->now_us);
    bool called = rank != NOBODY && rank < c->called[visitor->lane];
    enum door_answer answer = door_claim(c->door, v, c->now_us);
    if (visitor->state == WAITS) {
        c->r->early_claims++;
        c->r->early_claims_refused += answer == DOOR_NOT_CALLED;
    }
    if (answer == DOOR_OK) {
        c->r->admissions++;
        c->r->calm_admissions += c->now_us >= c->calm_from_us;
        c->r->admitted_uncalled += !called;
        c->r->came_late += visitor->missed;
        visitor->state = SHOPS;
        schedule(c, v,
                 c->now_us +
                     between(c, c->o.shop_least_s * 1000, c->o.shop_most_s * 1000) * 1000ull);
    } else if (visitor->state == COMES) {
        visitor->state = GONE;
        if (of_1000(c, 500)) {
            c->r->rejoined++;
            visitor->missed = false;
            join(c, v);
        }
    }
}

static void finish(struct crowd *c, uint32_t v)
{
    c->visitors[v].state = GONE;
    uint32_t seats = of_1000(c, 600) ? between(c, 1, 4) : 0;
    if (seats > c->o.seats - c->r->seats_sold)
        seats = c->o.seats - c->r->seats_sold;
    c->r->seats_sold += seats;
    if (seats > 0)
        door_sold(c->door, v, c->now_us);
    else
        door_leave(c->door, v, c->now_us);
}

static void act(struct crowd *c, uint32_t v)
{
    struct visitor *visitor = &c->visitors[v];
    switch (visitor->state) {
    case AWAY: join(c, v); break;
    case WAITS:
        if (visitor->impatient) {
            visitor->impatient = false;
            claim(c, v);
        } else {
            door_leave(c->door, v, c->now_us);
            visitor->state = GONE;
            c->left_early += c->order_count[0] + c->order_count[1] == 0;
        }
        break;
    case COMES: claim(c, v); break;
    case SHOPS:
        if (c->paused) /* nothing can be bought now: nobody goes */
            schedule(c, v, c->now_us + between(c, 10, 60) * SECOND);
        else
            finish(c, v);
        break;
    case GONE: break;
    }
}

static void hear_of_the_call(struct crowd *c, uint32_t v)
{
    struct visitor *visitor = &c->visitors[v];
    if (visitor->state != WAITS)
        return;
    visitor->called_us = c->now_us;
    visitor->state = COMES;
    visitor->missed = of_1000(c, c->no_show);
    if (!visitor->missed)
        schedule(c, v, c->now_us + 2 * SECOND + some_time_us(c, CLAIM_DELAY_S));
    else if (of_1000(c, 200)) /* too late, but there */
        schedule(c, v, c->now_us + (CLAIM_SECONDS + between(c, 1, 300)) * SECOND);
    else
        visitor->state = GONE;
}

/* ---- what befalls them ---- */

enum what { SHARE, TROUBLE, TROUBLE_OVER, PAUSE, GO_ON, RESTART, OPENING };

/* Seconds after the opening. The share of no-shows falls from most to least just before the pause,
 * in which nobody leaves the shop: the worst that can happen to who called more than there is room.
 */
static const struct {
    uint32_t at_s;
    enum what what;
    uint32_t number;
    const char *name;
} script[] = {
    {0, OPENING, 0, "opening"},
    {300, SHARE, 300, "no-shows 5 -> 30 %"},
    {600, SHARE, 120, "no-shows 30 -> 12 %"},
    {900, TROUBLE, 0, NULL},
    {1020, TROUBLE_OVER, 0, "commits slow for 2 minutes, over"},
    {1260, SHARE, 300, "no-shows 12 -> 30 %"},
    {1590, SHARE, 50, NULL},
    {1600, PAUSE, 0, NULL},
    {1720, GO_ON, 0, "30 -> 5 %, paused, goes on"},
    {2000, SHARE, 220, "no-shows 5 -> 22 %"},
    {2200, RESTART, 20, "restart, closed for 20 s"},
    {2900, SHARE, 50, "no-shows 22 -> 5 %"},
    {3300, SHARE, 300, "no-shows 5 -> 30 %"},
    {3800, SHARE, 150, "no-shows 30 -> 15 %"},
    {4100, RESTART, 1, "restart, closed for 1 s"},
    {4400, SHARE, 70, "no-shows 15 -> 7 %"},
    {4800, SHARE, 250, "no-shows 7 -> 25 %"},
    {5200, SHARE, 50, "no-shows 25 -> 5 %"},
};

/* What was told before could not know of this. */
static void surprise(struct crowd *c)
{
    for (uint32_t i = 0; i < c->r->judgement_count; i++)
        if (c->judgements[i].until_us == 0)
            c->judgements[i].until_us = c->now_us;
}

static void change(struct crowd *c, enum what what, uint32_t number)
{
    if (what != SHARE)
        surprise(c);
    switch (what) {
    case OPENING: c->calm_from_us = c->now_us + 180 * SECOND; break;
    case SHARE: c->no_show = number; break;
    case TROUBLE:
        c->trouble = true;
        c->calm_from_us = UINT64_MAX;
        break;
    case TROUBLE_OVER:
        c->trouble = false;
        c->calm_from_us = c->now_us + 180 * SECOND;
        break;
    case PAUSE:
    case GO_ON:
        c->paused = what == PAUSE;
        c->calm_from_us = c->paused ? UINT64_MAX : c->now_us + 60 * SECOND;
        door_pause(c->door, c->paused, c->now_us);
        break;
    case RESTART:
        c->closed_until_us = c->now_us + number * SECOND;
        c->calm_from_us = c->closed_until_us + 60 * SECOND;
        break;
    }
}

static void judge_later(struct crowd *c, const char *name)
{
    c->judge_name = name;
    c->judge_at_us = c->now_us + JUDGE_AFTER_S * SECOND;
}

static void befall(struct crowd *c)
{
    while (c->change < sizeof script / sizeof *script &&
           c->now_us >= (OPENS_S + script[c->change].at_s) * SECOND) {
        change(c, script[c->change].what, script[c->change].number);
        if (script[c->change].name)
            judge_later(c, script[c->change].name);
        c->change++;
    }
    if (!c->halved && c->r->seats_sold >= c->o.seats / 2) {
        c->halved = true;
        surprise(c);
        door_set_rate(c->door, c->o.per_minute / 2, c->now_us);
        judge_later(c, "rate halved");
    }
}

/* ---- looking ---- */

/* The general lane waits for the priority lane too. */
static void tell(struct crowd *c, const struct pace_measure *m)
{
    struct crowd_report *r = c->r;
    if (r->judgement_count == CROWD_JUDGEMENTS)
        return;
    struct crowd_judgement *shown = &r->judgements[r->judgement_count];
    struct judgement *j = &c->judgements[r->judgement_count++];
    *shown = (struct crowd_judgement){.change = c->judge_name,
                                      .told_s = (uint32_t)(c->now_us / SECOND) - OPENS_S};
    struct pace_rates rates;
    pace_rates(&c->pace, m, &rates);
    shown->low = rates.low;
    shown->high = rates.high;
    shown->sooner_s = rates.sooner_s;
    shown->later_s = rates.later_s;
    j->told = calloc(c->count, sizeof *j->told);
    if (!j->told || shown->low == 0)
        return;
    for (uint32_t v = 0; v < c->count; v++) {
        if (c->visitors[v].state != WAITS)
            continue;
        uint32_t ahead = door_ahead(c->door, v, c->now_us);
        if (c->visitors[v].lane == 0)
            ahead += m->waiting[1];
        uint64_t low_s, high_s;
        pace_wait(&rates, ahead + 1ull, &low_s, &high_s);
        j->told[j->count++] = (struct told){.visitor = v,
                                            .ahead = ahead,
                                            .from_us = c->now_us + low_s * SECOND,
                                            .to_us = c->now_us + high_s * SECOND};
    }
    j->told_us = c->now_us;
}

static int by_size(const void *a, const void *b)
{
    uint32_t left = *(const uint32_t *)a, right = *(const uint32_t *)b;
    return (left > right) - (left < right);
}

static void judge_one(struct crowd *c, struct judgement *j, struct crowd_judgement *shown)
{
    uint32_t *rates = (uint32_t *)calloc(j->count + 1, sizeof *rates);
    uint32_t *widths = (uint32_t *)calloc(j->count + 1, sizeof *widths);
    for (uint32_t k = 0; rates && widths && k < j->count; k++) {
        const struct told *told = &j->told[k];
        uint64_t called = c->visitors[told->visitor].called_us;
        if (called <= j->told_us)
            continue; /* not called before all was sold, or left and joined anew */
        bool held = called >= told->from_us && called <= told->to_us;
        shown->judged_all++;
        shown->held_all += held;
        if (j->until_us != 0 && called > j->until_us)
            continue;
        uint64_t waited_us = called - j->told_us;
        widths[shown->judged] = (uint32_t)((told->to_us - told->from_us) * 1000 / waited_us);
        rates[shown->judged++] = (uint32_t)(told->ahead * 3600ull * SECOND / waited_us);
        shown->held += held;
    }
    if (rates && widths && shown->judged > 0) {
        qsort(rates, shown->judged, sizeof *rates, by_size);
        qsort(widths, shown->judged, sizeof *widths, by_size);
        shown->width = widths[shown->judged / 2];
        shown->true_low = rates[shown->judged / 20];
        shown->true_high = rates[shown->judged - 1 - shown->judged / 20];
    }
    free(rates);
    free(widths);
    free(j->told);
}

static void judge(struct crowd *c)
{
    for (uint32_t i = 0; i < c->r->judgement_count; i++)
        judge_one(c, &c->judgements[i], &c->r->judgements[i]);
}

static void watch(struct crowd *c)
{
    for (uint32_t i = 0; i < c->o.watched; i++) {
        uint32_t v = (uint32_t)((uint64_t)i * c->count / c->o.watched);
        struct visitor *visitor = &c->visitors[v];
        if (visitor->state != WAITS)
            continue;
        uint32_t ahead = door_ahead(c->door, v, c->now_us);
        c->r->positions_looked_at++;
        c->r->positions_back += ahead > visitor->ahead;
        visitor->ahead = ahead;
    }
}

/* What could come in during a second, were everything known beforehand: as many as may be in or
 * called at once, who stay until they are through or have missed their call. */
static uint64_t ideal_milli(const struct crowd *c, const struct pace_measure *m)
{
    uint64_t shop_s2 = c->o.shop_least_s + c->o.shop_most_s, come = 1000 - c->no_show;
    uint64_t by_target = m->target_active * 2000ull / shop_s2;
    uint64_t by_rate = m->per_minute * come / 60;
    uint64_t stay_ms = c->no_show * CLAIM_SECONDS + come * (2 + CLAIM_DELAY_S + shop_s2 / 2);
    uint64_t by_calls = m->target_active * 1500ull * come / stay_ms;
    uint64_t ideal = by_target < by_rate ? by_target : by_rate;
    return ideal < by_calls ? ideal : by_calls;
}

/* ---- the sale ---- */

static void call(struct crowd *c, struct pace_measure *m)
{
    m->commit_us = c->trouble ? 600000 : 3000;
    uint32_t calls[2];
    pace_step(&c->pace, m, calls);
    if (calls[0] + calls[1] > 0)
        door_call(c->door, calls, c->now_us);
    c->r->called += calls[0] + calls[1];
    c->minute_calls[c->now_us / SECOND] += calls[0] + calls[1];
    for (uint32_t lane = 0; lane < 2; lane++) {
        uint32_t upto = door_called(c->door, lane, c->now_us);
        c->r->out_of_order += upto < c->called[lane] || upto > c->order_count[lane];
        while (c->called[lane] < upto) {
            uint32_t v = c->order[lane][c->called[lane]++];
            if (v != NOBODY) /* else it left before the draw */
                hear_of_the_call(c, v);
        }
    }
}

/* The lobby is drawn: every rank is somebody's, or of somebody who left. */
static void learn_ranks(struct crowd *c)
{
    uint32_t ranks = 0;
    for (uint32_t v = 0; v < c->count; v++) {
        if (c->visitors[v].state != WAITS)
            continue;
        stand(c, v);
        ranks++;
    }
    c->r->doubled += ranks + c->left_early < c->order_count[0] + c->order_count[1];
}

static void every_second(struct crowd *c, const struct pace_measure *m)
{
    uint64_t second = c->now_us / SECOND;
    uint32_t minute = 0;
    for (uint64_t s = second < 60 ? 0 : second - 60; s < second; s++)
        minute += c->minute_calls[s];
    /* (A rate that was just halved leaves the old one in the minute before.) */
    c->r->above_rate += minute > c->o.per_minute + c->o.per_minute * PACE_CREDIT_SECONDS / 60 + 1;
    watch(c);
    if (c->now_us >= c->calm_from_us) {
        c->r->calm_seconds++;
        c->calm_ideal_milli += ideal_milli(c, m);
        c->mean_sum += m->admitted;
        c->mean_count++;
    }
}

static void step(struct crowd *c)
{
    for (uint32_t v = next_due(c); v != NOBODY; v = next_due(c))
        act(c, v);
    if (c->now_us < OPENS_S * SECOND)
        return;
    door_tick(c->door, c->now_us);
    if (c->order_count[0] + c->order_count[1] == 0)
        learn_ranks(c);
    befall(c);
    struct pace_measure m;
    door_measure(c->door, c->now_us, &m);
    if (m.admitted > c->r->most_admitted)
        c->r->most_admitted = m.admitted;
    if (m.open > c->r->most_open)
        c->r->most_open = m.open;
    c->r->above_slack += m.admitted > c->o.target_active + pace_slack(c->o.target_active);
    call(c, &m);
    if (c->now_us % SECOND == 0)
        every_second(c, &m);
    if (c->judge_at_us != 0 && c->now_us >= c->judge_at_us) {
        c->judge_at_us = 0;
        tell(c, &m);
    }
}

/* The house is down: who wants something now comes back when it is up again, within seconds. */
static void be_closed(struct crowd *c)
{
    uint64_t from_us = c->now_us;
    for (; c->now_us < c->closed_until_us; c->now_us += STEP_US) {
        for (uint32_t v = next_due(c); v != NOBODY; v = next_due(c))
            schedule(c, v, c->closed_until_us + between(c, 1, 20) * STEP_US);
    }
    c->closed_until_us = 0;
    door_credit_outage(c->door, c->now_us - from_us, c->now_us);
    pace_begin(&c->pace, c->now_us);
}

static bool begin(struct crowd *c)
{
    c->count = c->o.early + c->o.late;
    c->random = c->o.seed;
    c->no_show = 50;
    c->calm_from_us = UINT64_MAX;
    c->visitors = calloc(c->count, sizeof *c->visitors);
    c->intents = malloc(sizeof *c->intents * c->count * INTENTS);
    c->intent_free = NOBODY;
    c->due = malloc(sizeof *c->due * HORIZON_S * STEPS_A_SECOND);
    c->order[0] = malloc(sizeof **c->order * c->count * 2);
    c->order[1] = malloc(sizeof **c->order * c->count * 2);
    c->door = door_create(&(struct door_options){.places = c->count * 2,
                                                 .priority_places = c->count,
                                                 .target_active = c->o.target_active,
                                                 .per_minute = c->o.per_minute,
                                                 .claim_seconds = CLAIM_SECONDS,
                                                 .admission_seconds = ADMISSION_SECONDS,
                                                 .lobby_opens_at_us = SECOND,
                                                 .opens_at_us = OPENS_S * SECOND});
    if (!c->visitors || !c->intents || !c->due || !c->order[0] || !c->order[1] || !c->door)
        return false;
    memset(c->due, 0xff, sizeof *c->due * HORIZON_S * STEPS_A_SECOND);
    memset(c->order[0], 0xff, sizeof **c->order * c->count * 2);
    memset(c->order[1], 0xff, sizeof **c->order * c->count * 2);
    c->now_us = SECOND;
    pace_begin(&c->pace, c->now_us);
    for (uint32_t v = 0; v < c->count; v++) {
        c->visitors[v].lane = of_1000(c, 20);
        uint32_t at_s = v < c->o.early ? between(c, 2, OPENS_S - 2)
                                       : between(c, OPENS_S + 1, OPENS_S + ARRIVE_S);
        schedule(c, v, at_s * SECOND);
    }
    return true;
}

static void end(struct crowd *c)
{
    if (c->visitors && c->r) {
        judge(c);
        c->r->broken = door_check(c->door);
        c->r->seconds = (uint32_t)(c->now_us / SECOND) - OPENS_S;
        c->r->target_active = c->o.target_active;
        c->r->slack = pace_slack(c->o.target_active);
        c->r->calm_ideal = (uint32_t)(c->calm_ideal_milli / 1000);
        c->r->mean_admitted = c->mean_count == 0 ? 0 : (uint32_t)(c->mean_sum / c->mean_count);
    }
    free(c->visitors);
    free(c->intents);
    free(c->due);
    free(c->order[0]);
    free(c->order[1]);
    door_destroy(c->door);
    free(c);
}

bool crowd_run(const struct crowd_options *options, struct crowd_report *ret_report)
{
    struct crowd *c = calloc(1, sizeof *c);
    if (!c)
        return false;
    memset(ret_report, 0, sizeof *ret_report);
    c->o = *options;
    c->r = ret_report;
    bool ready = begin(c);
    while (ready && c->r->seats_sold < c->o.seats && c->now_us < (HORIZON_S - 100ull) * SECOND) {
        if (c->closed_until_us != 0)
            be_closed(c);
        step(c);
        c->now_us += STEP_US;
    }
    end(c);
    return ready;
}
