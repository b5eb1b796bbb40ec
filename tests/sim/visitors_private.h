/* visitors_private: what visitors.c, visits.c and doorman.c share. */
#ifndef ONSALE_TESTS_SIM_VISITORS_PRIVATE_H
#define ONSALE_TESTS_SIM_VISITORS_PRIVATE_H

#include "host.h"
#include "queue/pace.h"
#include "rooms.h"
#include "visitors.h"

struct visitor {
    uint32_t number, event, session;
    struct random random;
    uint32_t rounds_left, tries;
    bool joined;        /* was told so */
    uint64_t closes_us; /* of the call or admission, as told last; 0: none */
};

/* A request on its way. */
struct visit {
    struct ask ask;
    struct visitor *visitor; /* NULL: the organiser's */
    enum {
        VISIT_JOIN,
        VISIT_LEAVE,
        VISIT_CLAIM,
        VISIT_SOLD,
        VISIT_LOOK,
        VISIT_OPEN,
        VISIT_CHANGE
    } what;
    bool twin; /* sent beside another, only to be compared */
    bool last; /* the organiser's last change */
    uint32_t event, session, lane, resent;
    struct queue_entry_changed change;
    /* answered */
    bool busy, no_room, repeated;
    enum queue_refusal refusal;
    uint32_t told_lane, number, admission;
    uint64_t decided_us;
    struct room_look look;
};

/* What the organiser means to do with an event's waiting room. */
struct room_plan {
    bool wanted, opened, settled; /* settled: the calm world's last change is made */
    bool by_chance;               /* who is called: by chance, else by pace.h */
    struct queue_entry_opened opening;
    uint64_t opens_in_us;
    uint32_t changes;
    char seed[QUEUE_SEED_BYTES];
};

struct visitors {
    struct random random, doorman;
    struct visitor *list;
    uint32_t count, busy, under_way, session_count;
    uint64_t think_us, change_us;
    struct room_plan plans[SIM_EVENTS_MAX + 1];
    bool begun;
    /* the process's */
    struct pace paces[SIM_EVENTS_MAX + 1];
    uint64_t pace_epoch;
};

/* ---- visits.c: requests, and what the house makes of them ---- */

struct visit *visit_make(struct sim *s, struct visitor *v, unsigned what);
void visit_send(struct sim *s, struct visit *r, uint64_t in_us);
/* Sends the same once more, later and later. */
void visit_again(struct sim *s, struct visit *r);

/* ---- visitors.c ---- */

void visitor_answered(struct sim *s, struct ask *ask);

/* ---- doorman.c: the organiser of waiting rooms, and the caller ---- */

void doorman_create(struct sim *s, struct visitors *v);
void doorman_begin(struct sim *s);
void doorman_answered(struct sim *s, struct visit *r);

#endif
