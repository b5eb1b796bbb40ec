/* rooms_private: what the files of the waiting rooms' books share. */
#ifndef ONSALE_TESTS_SIM_ROOMS_PRIVATE_H
#define ONSALE_TESTS_SIM_ROOMS_PRIVATE_H

#include "books_private.h"
#include "rooms.h"

struct room_call {
    uint32_t lane, from, upto;
    uint64_t closes_us;
    bool ended;
};

struct room_admission {
    uint32_t slot, session, place; /* place: index */
    uint64_t random, from_us, expires_us;
    bool ended;
};

struct room {
    uint32_t event; /* 0: there is none */
    struct queue *shadow;
    uint64_t pseq, ts_us;
    uint64_t decided_us; /* a decision's entries follow each other by a microsecond: of the first */
    struct queue_entry_opened settings;
    bool on, closed, lobby_closed, drawn;
    uint64_t paused_us;                 /* 0: not paused */
    bool by_hand, by_sale;              /* who paused it */
    uint8_t seed[32], closing_hash[32]; /* of the row that closed the lobby */
    struct room_place *places;          /* in order of arrival, of both lanes */
    uint32_t place_count, place_capacity;
    uint32_t *numbers[QUEUE_LANES]; /* of a lane: index of each number */
    uint32_t number_capacity[QUEUE_LANES];
    uint32_t counts[QUEUE_LANES], lobby_counts[QUEUE_LANES], called[QUEUE_LANES];
    struct room_call *calls;
    uint32_t call_count, call_capacity;
    struct room_admission *admissions;
    uint32_t admission_count, admission_capacity;
    uint32_t newest[ROOM_SESSIONS]; /* 1 + index of the session's place; 0: none */
    struct owed owed;
    uint32_t ticks_without_draw;
    /* what anybody was told */
    uint64_t told_at;
    uint32_t told_counts[QUEUE_LANES], told_called[QUEUE_LANES];
};

struct rooms {
    struct room rooms[SIM_EVENTS_MAX + 1]; /* by event */
    struct hash16 sessions[ROOM_SESSIONS];
    uint64_t moment;
    struct room_lockstep *lockstep;
};

/* ---- rooms.c: questions ---- */

uint64_t room_counts_us(const struct room *r, uint64_t ts_us); /* the time that counts */
bool room_lobby_due(const struct room *r, uint64_t ts_us);
bool room_drawing(const struct room *r);
/* The call that the place is waited for by; NULL: none, or it has ended. */
const struct room_call *room_call_of(const struct room *r, const struct room_place *p);
bool room_in_time(const struct room *r, const struct room_place *p, uint64_t ts_us);
/* The session's admission that no entry has ended; NULL: none. */
struct room_admission *room_admission_of(const struct room *r, uint32_t session);
uint32_t room_active(const struct room *r, uint64_t ts_us);

/* ---- rooms_lockstep.c: the naive model of tests/unit/queue beside the house, as lockstep.h ----
 */

struct room_lockstep *room_lockstep_create(void);
void room_lockstep_destroy(struct room_lockstep *lockstep);
void room_lockstep_begin(struct sim *s, uint32_t event, const struct queue_entry_opened *opened,
                         uint64_t ts_us);
void room_lockstep_decided(struct sim *s, uint32_t event, const struct queue_command *command,
                           uint64_t ts_us, const struct queue_decision *d);
void room_lockstep_entry(struct sim *s, uint32_t event, uint64_t ts_us);
void room_lockstep_row(struct sim *s, uint32_t event, const struct queue *shadow, uint64_t ts_us);
void room_lockstep_recovered(struct sim *s);

/* By its hash; ROOM_SESSIONS: nobody of this world. */
uint32_t room_session(const struct sim *s, struct hash16 hash);

#endif
