/*
 * pace: how many visitors to call now. It holds active sessions (admitted, and those of the called
 * who are still expected) at the target, within a rate that the organiser set, and calls fewer
 * while the box office or the payment provider has trouble: additive increase, multiplicative
 * decrease (as in TCP's congestion avoidance, RFC 5681). It learns how soon and how many of those
 * who are called come, and what the rate really is, from which the wait is told as a range.
 *
 * What it promises:
 *   - In any minute it calls at most per_minute, one more, and what was saved in two seconds before
 *     (PACE_CREDIT_SECONDS): never a burst after a pause, a gap or a restart.
 *   - Some of those who are called do not come, so more are called than there is room for; but only
 *     while admitted + expected <= target and admitted + (expected, were a quarter of the no-shows
 * to come after all, + two standard deviations) <= target + pace_slack. So admitted stays within
 *     target + pace_slack unless people change their habits by more than that between two steps,
 * and
 *   - whatever people do, even if everybody called comes at once, admitted <= target + half of it +
 *     pace_slack: nobody is called beyond that.
 *   - A call is at least claim_seconds / PACE_CALLS after the one before it, so that the machine
 * never has more calls open than LIMIT_QUEUE_CALLS.
 *
 * Pure: no clock, no floats, no allocation. One `struct pace` an event, forgotten by a restart,
 * after which it begins cautiously: without credit, and with what the machine knows of the calls
 * whose time still runs. What it decides becomes a Call command; the machine keeps the books.
 *
 * Order of calls: pace_begin once; a few times a second pace_look, pace_step and, if it says so, a
 * Call command; pace_rates at any time after. Thread: one at a time.
 */
#ifndef ONSALE_QUEUE_PACE_H
#define ONSALE_QUEUE_PACE_H

#include <stdbool.h>
#include <stdint.h>

enum pace_reason {                    /* why it calls no more than it does */
                   PACE_NOBODY_WAITS, /* everybody is called */
                   PACE_TARGET,       /* as many are active as shall be */
                   PACE_RATE,         /* per_minute */
                   PACE_COMMITS,      /* the journal is slow */
                   PACE_LOAD,         /* too many requests wait */
                   PACE_PAYMENTS,     /* the provider fails */
                   PACE_PAUSED,       /* the queue or the sale, or it is not in the line */
                   PACE_REASONS
};
const char *pace_reason_name(enum pace_reason reason); /* "target", "commits", ... */

#define PACE_CREDIT_SECONDS 2u
#define PACE_CALLS 900u            /* calls of a lane that can be open at once */
#define PACE_COMMIT_SLOW_US 250000 /* trouble: a commit that took longer */
#define PACE_PENDING_SHARE 500u    /* trouble: of 1,000 that may wait, more do */
#define PACE_PAYMENT_FAILURES 3u   /* trouble: at least so many lately, and ... */
#define PACE_PAYMENT_SHARE 200u    /* ... more than so many of 1,000 */
#define PACE_AGES 16u              /* sixteenths of claim_seconds */

/* What was measured since the step before; totals are those of the machine, of both lanes. */
struct pace_measure {
    uint64_t now_us; /* the machine's time */
    uint32_t target_active, per_minute, claim_seconds, admission_seconds;
    uint32_t admitted; /* live admissions */
    uint32_t open;     /* called, their time runs, and they have not come */
    /* The calls whose time runs, by how many sixteenths of it are over: how many they called, and
     * how many of those are still open. What is missing here of `open` counts as sure to come. */
    uint32_t called_by_age[PACE_AGES], open_by_age[PACE_AGES];
    uint32_t waiting[2];                 /* places not called yet: general, priority */
    uint32_t ranks[2];                   /* called of each lane, those who left included */
    uint64_t present_total;              /* of all these those who had not left */
    uint64_t ended_total;                /* admissions that are over, for whatever reason */
    uint32_t commit_us;                  /* the slowest commit */
    uint32_t pending;                    /* requests that wait for an answer */
    uint32_t pending_most;               /* the most that there may be; 0: unknown */
    uint32_t payments, payment_failures; /* calls to the provider that ended; without an answer */
    bool may_call;                       /* in the line, not paused, and the sale is open */
};

#define PACE_SAMPLES 64u
#define PACE_SAMPLE_US 10000000u /* between two */

/* Totals over the time in which calling was allowed. */
struct pace_sample {
    uint64_t run_us, ranks, present, ended;
    uint64_t preferred;   /* joined the priority lane */
    uint64_t admitted_ms; /* admitted x milliseconds */
};

struct pace {
    uint64_t last_us; /* the step before */
    uint64_t idle_us; /* since the last call */
    uint64_t credit;  /* calls that the rate allows, in millionths */
    /* AIMD. */
    uint32_t throttle;    /* millionths that trouble leaves of target and rate */
    uint64_t calm_us;     /* since the last decrease */
    uint32_t payments_ms; /* payments lately, in thousandths; they fade */
    uint32_t payment_failures_ms;
    enum pace_reason trouble;
    /* What is known of those who are called: by age, in millionths of a visitor; see learn(). */
    uint64_t called[PACE_AGES], open[PACE_AGES];
    uint32_t come_now; /* of 1,000 called lately, so many come; 0: too few to say */
    uint32_t expected; /* of those who are open, at the last step */
    /* The rate. */
    uint64_t settled_us;
    struct pace_sample total, samples[PACE_SAMPLES]; /* a ring */
    uint64_t ranks_seen, present_seen, preferred_seen, ended_seen;
    uint32_t sample_next, sample_count;
    bool seen; /* the totals of the machine */
    enum pace_reason reason;
};

struct queue;

void pace_begin(struct pace *ret_pace, uint64_t now_us);

/* What the machine knows of it; the rest is 0 and for the caller to add, who also clears `may_call`
 * while the sale is not open. Thread: the machine's. */
void pace_look(const struct queue *q, uint64_t ts_us, struct pace_measure *ret_measure);

/* How many to call of each lane (general, priority); the priority lane goes first. */
void pace_step(struct pace *pace, const struct pace_measure *measure, uint32_t ret_call[2]);

/* By how many `admitted` may exceed a target: a twentieth of it, at least 2. */
uint32_t pace_slack(uint32_t target_active);

/* The wait of somebody with so many ranks before it, as a range: from ranks / high hours less
 * `sooner_s` to ranks / low hours and `later_s`. The seconds are what chance and people's habits
 * move for a while; over a long wait that comes out even, so it is not in the rates. In the
 * general lane everybody who waits in the priority lane has to be counted too. */
struct pace_rates {
    uint32_t low, high; /* ranks an hour; both 0: nobody is being called */
    uint32_t sooner_s, later_s;
};
void pace_rates(const struct pace *pace, const struct pace_measure *measure,
                struct pace_rates *ret_rates);

/* Seconds until so many ranks will have been called; 0 and 0: nobody can say. */
void pace_wait(const struct pace_rates *rates, uint64_t ranks, uint64_t *ret_low_s,
               uint64_t *ret_high_s);

#endif
