/*
 * crowd: a hundred thousand visitors in front of the door of one sale, from the lobby until it is
 * sold out, under a clock of its own: the machine of the waiting room and its controller are the
 * house's own, people and what befalls them are made of one seed.
 */
#ifndef ONSALE_TESTS_QUEUE_CROWD_H
#define ONSALE_TESTS_QUEUE_CROWD_H

#include <stdbool.h>
#include <stdint.h>

struct crowd_options {
    uint64_t seed;
    uint32_t early, late; /* visitors: in the lobby, after it */
    uint32_t seats, target_active, per_minute;
    uint32_t shop_least_s, shop_most_s; /* how long they are in */
    uint32_t watched;                   /* whose place is looked at every second */
};

/* After each change of circumstances the wait was told to many, and judged when they were called.
 */
struct crowd_judgement {
    const char *change;
    uint32_t told_s;               /* seconds after the opening */
    uint32_t low, high;            /* calls an hour, as told */
    uint32_t sooner_s, later_s;    /* as told */
    uint32_t width;                /* of what the middle one was told, of 1,000 that it waited */
    uint32_t true_low, true_high;  /* as it came, for the middle nine tenths of those judged */
    uint32_t judged, held;         /* of those called before the next thing nobody could know */
    uint32_t judged_all, held_all; /* of everybody who was called at all */
};
#define CROWD_JUDGEMENTS 64u

struct crowd_report {
    uint32_t seconds, seats_sold, admissions, called, came_late, rejoined;
    uint32_t target_active, slack, most_admitted, mean_admitted, most_open;
    uint32_t early_claims, early_claims_refused;
    uint32_t positions_looked_at;
    /* Over the time in which nothing was wrong. */
    uint32_t calm_seconds, calm_admissions, calm_ideal;
    uint32_t judgement_count;
    struct crowd_judgement judgements[CROWD_JUDGEMENTS];
    /* What must not happen; 0 each. */
    uint32_t above_slack, admitted_uncalled, positions_back, out_of_order, above_rate, doubled;
    const char *broken; /* an invariant of the machine; NULL: none */
};

/* False: no memory. */
bool crowd_run(const struct crowd_options *options, struct crowd_report *ret_report);
/* The figures, readable. */
void crowd_print(const struct crowd_report *report);
/* Of 100: let in of the ideal; of those judged after one change, for whom the range held, at worst.
 */
uint32_t crowd_ideal_share(const struct crowd_report *report);
uint32_t crowd_worst_held(const struct crowd_report *report);
/* How wide the ranges were, of 100 of the wait: after the middle one of the changes. */
uint32_t crowd_width(const struct crowd_report *report);
/* NULL: as it has to be, else what is wrong. */
const char *crowd_verdict(const struct crowd_report *report);

/* A sale for so many at once. 500: 60,000 visitors in the lobby and 40,000 after it, 20,000 seats,
 * 300 called a minute; and in the same proportion for other targets. */
struct crowd_options crowd_of(uint32_t target_active, uint64_t seed);
/* The same, but ten times as many may be called a minute and everybody knows what to buy: who does
 * not come then stands in the way longer than who does. */
struct crowd_options crowd_in_haste(uint32_t target_active, uint64_t seed);

#endif
