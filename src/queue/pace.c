#include "queue/pace.h"

#include <string.h>

/* Thousandths and millionths keep everything in integers; the names say which. */
#define MILLI 1000u
#define MICRO 1000000u
#define HOUR 3600ull /* in seconds */

#define STEP_MOST_US 2000000u      /* a longer gap between two steps counts as this */
#define THROTTLE_LEAST 100000u     /* a tenth of everything stays, to notice when it is over */
#define DECREASE_PAUSE_US 3000000u /* until a decrease has shown its effect */
#define INCREASE_US 50u            /* one millionth more each so many: 50 s from nothing to all */
#define PAYMENT_FADE_MS 16000u

/* The last so many people say how people come; with as many who surely come as a beginning. */
#define MEMORY (200u * MICRO)
#define PRIOR (8u * MICRO)
#define COME_NOW_CALLED 30u /* fewer say nothing about a change */

/* What a range of waits leaves open, of 1,000. */
#define MORE_COME 80u /* than lately */
#define FEWER_COME 130u
#define FLOW_DOUBT 50u      /* how fast people will go out */
#define LIMIT_DOUBT 40u     /* how even the rate is */
#define CALLED_DOUBT 240u   /* how soon those are settled who stand in the way (called_at_most) */
#define CLAIM_WAVE 5u       /* and for a while: a fifth of the claim time */
#define LEAP 4u             /* so many who left may stand behind each other */
#define SETTLE_US 20000000u /* after a restart or a pause all act who could not for a while */
#define GIVE_MOST_S 86400u  /* sooner or later */
#define LATELY 12u          /* samples */

const char *pace_reason_name(enum pace_reason reason)
{
    static const char *const names[PACE_REASONS] = {[PACE_NOBODY_WAITS] = "nobody_waits",
                                                    [PACE_TARGET] = "target",
                                                    [PACE_RATE] = "rate",
                                                    [PACE_COMMITS] = "commits",
                                                    [PACE_LOAD] = "load",
                                                    [PACE_PAYMENTS] = "payments",
                                                    [PACE_PAUSED] = "paused"};
    return (unsigned)reason < PACE_REASONS ? names[reason] : "?";
}

uint32_t pace_slack(uint32_t target_active)
{
    return target_active / 20 > 2 ? target_active / 20 : 2;
}

void pace_begin(struct pace *ret_pace, uint64_t now_us)
{
    memset(ret_pace, 0, sizeof *ret_pace);
    ret_pace->last_us = now_us;
    ret_pace->idle_us = UINT32_MAX;
    ret_pace->throttle = MICRO;
    ret_pace->calm_us = DECREASE_PAUSE_US;
    ret_pace->reason = ret_pace->trouble = PACE_TARGET;
}

static uint64_t least(uint64_t a, uint64_t b)
{
    return a < b ? a : b;
}

static uint64_t most(uint64_t a, uint64_t b)
{
    return a > b ? a : b;
}

static uint64_t minus(uint64_t a, uint64_t b)
{
    return a > b ? a - b : 0;
}

/* The largest integer whose square is at most n. */
static uint64_t root(uint64_t n)
{
    uint64_t found = 0;
    for (uint64_t bit = 1ull << 31; bit > 0; bit >>= 1)
        if ((found + bit) * (found + bit) <= n)
            found += bit;
    return found;
}

/* ---- how people come ---- */

/* Who was called at the same time grows older together; a sixteenth of its claim time later it is
 * in the next column, having been seen for that sixteenth. So each visitor adds a million to
 * `called` of every age, and to `open` of those at which it had not come yet. */
static void learn(struct pace *pace, const struct pace_measure *m, uint64_t elapsed_us)
{
    if (m->claim_seconds == 0)
        return;
    uint64_t weight = elapsed_us * PACE_AGES / m->claim_seconds; /* millionths */
    for (uint32_t age = 0; age < PACE_AGES; age++) {
        pace->called[age] += weight * m->called_by_age[age];
        pace->open[age] += weight * least(m->open_by_age[age], m->called_by_age[age]);
        while (pace->called[age] > UINT32_MAX) { /* no product below may overflow */
            pace->called[age] /= 2;
            pace->open[age] /= 2;
        }
        if (pace->called[age] > MEMORY) {
            pace->open[age] = pace->open[age] * MEMORY / pace->called[age];
            pace->called[age] = MEMORY;
        }
    }
}

/* The habit of people: `come` of 1,000 do; of those who do, `soon[age]` of 1,000 have by then. */
struct habit {
    uint32_t come;
    uint32_t soon[PACE_AGES];
};

static void read_habit(const struct pace *pace, struct habit *ret_habit)
{
    uint64_t still[PACE_AGES]; /* of 1,000 called, not come at this age; never rises */
    for (uint32_t age = 0; age < PACE_AGES; age++) {
        still[age] = MILLI * (pace->open[age] + PRIOR) / (pace->called[age] + PRIOR);
        if (age > 0)
            still[age] = least(still[age], still[age - 1]);
    }
    /* The last column is half an age before the end: some of it may still come. */
    uint32_t last = PACE_AGES - 1;
    uint64_t missed = MILLI * pace->open[last] / (pace->called[last] + PRIOR);
    missed = minus(least(missed, still[last]), still[last - 1] - still[last]);
    ret_habit->come = (uint32_t)(MILLI - missed);
    for (uint32_t age = 0; age < PACE_AGES; age++)
        ret_habit->soon[age] = (uint32_t)((MILLI - still[age]) * MILLI / ret_habit->come);
}

/* Whether more come than used to shows long before the last of them have missed their turn: in
 * those called lately, beside how many should have come by now. */
static uint32_t come_lately(const struct pace_measure *m, const struct habit *habit)
{
    uint64_t came = 0, counted = 0;
    for (uint32_t age = 0; age < PACE_AGES / 2; age++) {
        if (habit->soon[age] < MILLI / 2)
            continue;
        came += MILLI * minus(m->called_by_age[age], m->open_by_age[age]);
        counted += (uint64_t)m->called_by_age[age] * habit->soon[age];
    }
    return counted < COME_NOW_CALLED * MILLI ? 0 : (uint32_t)least(MILLI, came * MILLI / counted);
}

/* Of those who are open, in thousandths: how many will come when `come` of 1,000 do. */
static uint64_t expect(const struct pace_measure *m, const struct habit *habit, uint32_t come,
                       uint64_t *ret_variance)
{
    uint64_t sum = 0, known = 0, variance = 0;
    for (uint32_t age = 0; age < PACE_AGES; age++) {
        uint64_t still = MILLI * MILLI - (uint64_t)come * habit->soon[age]; /* millionths */
        uint64_t will = (uint64_t)come * minus(MILLI, habit->soon[age]);
        uint64_t share = still == 0 ? 0 : will * MILLI / still;
        sum += m->open_by_age[age] * share;
        variance += m->open_by_age[age] * share * (MILLI - share);
        known += m->open_by_age[age];
    }
    *ret_variance = variance; /* millionths */
    return sum + minus(m->open, known) * MILLI;
}

/* How many more may be called so that not too many are in when they come. */
static uint64_t room(struct pace *pace, const struct pace_measure *m)
{
    struct habit habit;
    read_habit(pace, &habit);
    pace->come_now = come_lately(m, &habit);
    uint32_t come = (uint32_t)most(habit.come, pace->come_now);
    uint32_t wary = come + (MILLI - come) / 4;

    uint64_t variance;
    uint64_t expected = expect(m, &habit, come, &variance);
    pace->expected = (uint32_t)(expected / MILLI);
    uint64_t feared = expect(m, &habit, wary, &variance) + 2 * root(variance);

    uint64_t target = (uint64_t)m->target_active * pace->throttle / MILLI; /* thousandths */
    uint64_t admitted = (uint64_t)m->admitted * MILLI;
    uint64_t slack = (uint64_t)pace_slack(m->target_active) * MILLI;
    uint64_t likely = minus(target, admitted + expected) / come;
    uint64_t wise = minus(target + slack, admitted + feared) / wary;
    uint64_t at_all =
        minus(target + target / 2 + slack, admitted + (uint64_t)m->open * MILLI) / MILLI;
    return least(least(likely, wise), at_all);
}

/* ---- trouble ---- */

static void fade(uint32_t *thousandths, uint64_t elapsed_us)
{
    uint64_t gone = (uint64_t)*thousandths * (elapsed_us / MILLI) / PAYMENT_FADE_MS;
    *thousandths -= (uint32_t)least(gone, *thousandths);
}

static void add(uint32_t *thousandths, uint32_t count)
{
    *thousandths = (uint32_t)least(UINT32_MAX, *thousandths + (uint64_t)count * MILLI);
}

/* PACE_TARGET: none. */
static enum pace_reason trouble(struct pace *pace, const struct pace_measure *m,
                                uint64_t elapsed_us)
{
    fade(&pace->payments_ms, elapsed_us);
    fade(&pace->payment_failures_ms, elapsed_us);
    add(&pace->payments_ms, m->payments);
    add(&pace->payment_failures_ms, m->payment_failures);
    if (m->commit_us > PACE_COMMIT_SLOW_US)
        return PACE_COMMITS;
    if ((uint64_t)m->pending * MILLI > (uint64_t)m->pending_most * PACE_PENDING_SHARE &&
        m->pending_most > 0)
        return PACE_LOAD;
    if (pace->payment_failures_ms >= PACE_PAYMENT_FAILURES * MILLI &&
        (uint64_t)pace->payment_failures_ms * MILLI >
            (uint64_t)pace->payments_ms * PACE_PAYMENT_SHARE)
        return PACE_PAYMENTS;
    return PACE_TARGET;
}

static void adjust(struct pace *pace, const struct pace_measure *m, uint64_t elapsed_us)
{
    enum pace_reason found = trouble(pace, m, elapsed_us);
    pace->calm_us += elapsed_us;
    if (found == PACE_TARGET) {
        pace->throttle = (uint32_t)least(MICRO, pace->throttle + elapsed_us / INCREASE_US);
        return;
    }
    pace->trouble = found;
    if (pace->calm_us < DECREASE_PAUSE_US)
        return;
    pace->calm_us = 0;
    pace->throttle = (uint32_t)most(THROTTLE_LEAST, pace->throttle / 2);
}

/* ---- the step ---- */

static void save_credit(struct pace *pace, const struct pace_measure *m, uint64_t elapsed_us)
{
    uint64_t rate = (uint64_t)m->per_minute * (pace->throttle / MILLI); /* thousandths a minute */
    pace->credit += elapsed_us * rate / (60 * MILLI);
    /* And one call, so that nothing is lost between two steps however slow the rate is. */
    uint64_t seconds = most(PACE_CREDIT_SECONDS, m->claim_seconds / PACE_CALLS + 1);
    uint64_t cap = MICRO + seconds * rate * MILLI / 60;
    pace->credit = least(pace->credit, cap);
}

/* Totals of the machine, while calling is allowed: the time of a pause says nothing about a rate,
 * nor do the seconds after it, in which those leave who could not. */
static void count(struct pace *pace, const struct pace_measure *m, uint64_t elapsed_us)
{
    pace->settled_us = m->may_call ? least(SETTLE_US, pace->settled_us + elapsed_us)
                                   : minus(pace->settled_us, elapsed_us);
    if (pace->seen && m->may_call && pace->settled_us == SETTLE_US) {
        struct pace_sample *total = &pace->total;
        total->run_us += elapsed_us;
        total->ranks += minus(m->ranks[0] + (uint64_t)m->ranks[1], pace->ranks_seen);
        total->preferred += minus(m->ranks[1] + (uint64_t)m->waiting[1], pace->preferred_seen);
        total->present += minus(m->present_total, pace->present_seen);
        total->ended += minus(m->ended_total, pace->ended_seen);
        total->admitted_ms += m->admitted * (elapsed_us / MILLI);
        const struct pace_sample *newest =
            &pace->samples[(pace->sample_next + PACE_SAMPLES - 1) % PACE_SAMPLES];
        if (pace->sample_count == 0 || total->run_us - newest->run_us >= PACE_SAMPLE_US) {
            pace->samples[pace->sample_next] = *total;
            pace->sample_next = (pace->sample_next + 1) % PACE_SAMPLES;
            pace->sample_count = (uint32_t)least(PACE_SAMPLES, pace->sample_count + 1);
        }
    }
    pace->seen = true;
    pace->ranks_seen = m->ranks[0] + (uint64_t)m->ranks[1];
    pace->preferred_seen = m->ranks[1] + (uint64_t)m->waiting[1];
    pace->present_seen = m->present_total;
    pace->ended_seen = m->ended_total;
}

void pace_step(struct pace *pace, const struct pace_measure *measure, uint32_t ret_call[2])
{
    /* A clock that went back stood still. */
    uint64_t elapsed_us = least(minus(measure->now_us, pace->last_us), STEP_MOST_US);
    pace->last_us = measure->now_us;
    pace->idle_us = least(pace->idle_us + elapsed_us, UINT32_MAX);
    ret_call[0] = ret_call[1] = 0;

    adjust(pace, measure, elapsed_us);
    save_credit(pace, measure, elapsed_us);
    count(pace, measure, elapsed_us);
    learn(pace, measure, elapsed_us);
    uint64_t places = room(pace, measure);
    uint64_t waiting = (uint64_t)measure->waiting[0] + measure->waiting[1];
    uint64_t allowed = pace->credit / MICRO;
    if (!measure->may_call) {
        pace->reason = PACE_PAUSED;
        return;
    }
    if (pace->idle_us < (uint64_t)measure->claim_seconds * MICRO / PACE_CALLS)
        return;

    uint64_t calls = least(least(places, allowed), waiting);
    if (calls == waiting)
        pace->reason = PACE_NOBODY_WAITS;
    else if (pace->throttle < MICRO)
        pace->reason = pace->trouble;
    else
        pace->reason = allowed <= places ? PACE_RATE : PACE_TARGET;
    if (calls == 0)
        return;
    pace->credit -= calls * MICRO;
    pace->idle_us = 0;
    ret_call[1] = (uint32_t)least(calls, measure->waiting[1]);
    ret_call[0] = (uint32_t)(calls - ret_call[1]);
}

/* ---- the wait ---- */

/* The sample that is `back` samples old; the oldest if there is none so old. */
static struct pace_sample sample_before(const struct pace *pace, uint32_t back)
{
    if (pace->sample_count == 0)
        return (struct pace_sample){0};
    back = (uint32_t)least(back, pace->sample_count);
    return pace->samples[(pace->sample_next + PACE_SAMPLES - back) % PACE_SAMPLES];
}

/* How many admissions ended an hour for each million that were in. */
static uint64_t ended_an_hour(const struct pace *pace, const struct pace_sample *since)
{
    uint64_t admitted_ms = pace->total.admitted_ms - since->admitted_ms;
    uint64_t ended = pace->total.ended - since->ended;
    return admitted_ms == 0 ? 0 : ended * HOUR * MILLI * MICRO / admitted_ms;
}

/* How many can be called an hour when `come` of 1,000 do, as nobody is called beyond half the
 * target more (room): who does not come stands in the way until its time is over, which is long
 * where people are in for a moment only. */
static uint64_t called_at_most(const struct pace_measure *m, const struct habit *habit,
                               uint64_t come, uint64_t ended)
{
    uint64_t claim_ms = (uint64_t)m->claim_seconds * MILLI, stay_ms = 0;
    for (uint32_t age = 0; age < PACE_AGES; age++)
        stay_ms += claim_ms * (MILLI - come * habit->soon[age] / MILLI) / PACE_AGES / MILLI;
    uint64_t in_ms = (uint64_t)m->admission_seconds * MILLI;
    if (ended > 0)
        in_ms = least(in_ms, HOUR * MILLI * MICRO / ended);
    stay_ms += come * in_ms / MILLI;
    uint64_t most_called = m->target_active + m->target_active / 2 + pace_slack(m->target_active);
    return most_called * HOUR * MILLI / most(1, stay_ms);
}

/* What is counted could by chance have been so many more or fewer: twice its standard deviation. */
static uint64_t chance(uint64_t count)
{
    return 2 * root(count) + 3;
}

/* What the rates follow from: the least and the most that is to be expected of each. */
struct outlook {
    uint64_t come_least, come_most;   /* of 1,000 called */
    uint64_t ended_least, ended_most; /* admissions an hour, of a million */
    uint64_t ranks_least, ranks_most; /* for each 1,000 present: who left costs nothing */
    uint64_t preferred;               /* an hour, those who join the priority lane */
};

static void look_ahead(const struct pace *pace, const struct habit *habit,
                       struct outlook *ret_outlook)
{
    struct pace_sample all = sample_before(pace, PACE_SAMPLES), late = sample_before(pace, LATELY);
    /* How they came before says as much of the time to come as how they come just now. */
    uint64_t come = pace->come_now > 0 ? (pace->come_now + habit->come) / 2 : habit->come;
    ret_outlook->come_least = most(MILLI / 2, minus(come, FEWER_COME));
    ret_outlook->come_most = least(MILLI, come + MORE_COME);

    uint64_t ended_all = ended_an_hour(pace, &all), ended_late = ended_an_hour(pace, &late);
    uint64_t ended = pace->total.ended - all.ended;
    uint64_t doubt = FLOW_DOUBT + MILLI * chance(ended) / most(1, ended);
    ret_outlook->ended_least = least(ended_all, ended_late) * minus(MILLI, doubt) / MILLI;
    ret_outlook->ended_most = most(ended_all, ended_late) * (MILLI + doubt) / MILLI;

    uint64_t present = most(100, pace->total.present - all.present);
    uint64_t left = minus(pace->total.ranks - all.ranks, pace->total.present - all.present);
    ret_outlook->ranks_least =
        MILLI + least(9 * MILLI, MILLI * minus(left, chance(left)) / present);
    ret_outlook->ranks_most = MILLI + least(9 * MILLI, MILLI * (left + chance(left)) / present);

    uint64_t run_us = pace->total.run_us - all.run_us;
    ret_outlook->preferred =
        run_us == 0 ? 0 : (pace->total.preferred - all.preferred) * HOUR * MICRO / run_us;
}

/* In the long run as many can come in as go out. How fast people go out is known from the last
 * minutes, however few are called at the moment; so a change of the rate, a pause or trouble need
 * not be lived through before a wait can be told. What is not known is how many of those who are
 * called will come in the time to come, and how many will stand in the priority lane. */
void pace_rates(const struct pace *pace, const struct pace_measure *measure,
                struct pace_rates *ret_rates)
{
    memset(ret_rates, 0, sizeof *ret_rates);
    if (!measure->may_call)
        return;
    struct habit habit;
    struct outlook o;
    read_habit(pace, &habit);
    look_ahead(pace, &habit, &o);
    uint64_t limit = measure->per_minute * 60ull;
    uint64_t in = measure->target_active - least(pace->expected, measure->target_active / 4);
    /* For a while so many come in earlier or later: who was not expected, and chance. */
    uint64_t wave = pace_slack(measure->target_active) + root(measure->target_active);

    /* Everybody is out after admission_seconds, if not before. */
    uint64_t low = measure->admission_seconds == 0 ? 0 : in * HOUR / measure->admission_seconds;
    low = most(low, in * o.ended_least / MILLI * o.ranks_least / MILLI / o.come_most);
    uint64_t at_most = called_at_most(measure, &habit, o.come_least, o.ended_least);
    at_most = at_most * (MILLI - CALLED_DOUBT) / MILLI;
    uint64_t settle_s = at_most < low ? measure->claim_seconds / CLAIM_WAVE : 0;
    low = least(low, at_most);
    low = least(low, limit * o.ranks_least / MILLI * (MILLI - LIMIT_DOUBT) / MILLI);
    low = most(1, minus(low * (pace->throttle / MILLI) / MILLI, o.preferred));

    uint64_t high = limit * o.ranks_most / MILLI * (MILLI + LIMIT_DOUBT) / MILLI;
    bool full =
        (measure->admitted + (uint64_t)pace->expected) * 10 >= measure->target_active * 9ull;
    uint64_t flow = in * o.ended_most / MILLI * o.ranks_most / MILLI / o.come_least;
    bool flows = full && o.ended_most > 0 && flow < high;
    high = most(low, flows ? flow : high);

    ret_rates->low = (uint32_t)least(UINT32_MAX, low);
    ret_rates->high = (uint32_t)least(UINT32_MAX, high);
    uint64_t sooner_s = PACE_CREDIT_SECONDS + 1 + (flows ? wave : LEAP) * HOUR / high;
    ret_rates->sooner_s = (uint32_t)least(GIVE_MOST_S, sooner_s);
    ret_rates->later_s = (uint32_t)least(GIVE_MOST_S, settle_s + wave * HOUR / low);
}

void pace_wait(const struct pace_rates *rates, uint64_t ranks, uint64_t *ret_low_s,
               uint64_t *ret_high_s)
{
    *ret_low_s = *ret_high_s = 0;
    if (rates->high == 0 || rates->low == 0)
        return;
    *ret_low_s = minus(ranks * HOUR / rates->high, rates->sooner_s);
    *ret_high_s = (ranks * HOUR + rates->low - 1) / rates->low + rates->later_s;
}
