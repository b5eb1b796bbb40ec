/*
 * rooms: the auditor's books of waiting rooms. As books.h: it sees each entry in the moment it is
 * durable and keeps naive lists of its own: who has which place, who was called until when, who is
 * in. Invariant 9 from the outside: no number twice, one place a session that can be used, `called`
 * never falls, nobody is in who was not called, the draw is what was published.
 */
#ifndef ONSALE_TESTS_SIM_ROOMS_H
#define ONSALE_TESTS_SIM_ROOMS_H

#include "engine/engine.h"
#include "journal/frame.h"
#include "sim.h"

#define ROOM_SESSIONS 250u /* of an event: as many as the naive model can tell apart */

#define ROOM_CODE_LIMIT 2u /* sessions that come with one access code at once */

struct room_place {
    uint32_t lane, number, session, rank; /* QUEUE_NONE: in the lobby, not drawn */
    enum { PLACE_STANDS, PLACE_LEFT, PLACE_USED, PLACE_REPLACED } state;
    /* What its visitor was told: when, and what must not become worse. */
    uint64_t told_at; /* room_moment; 0: nothing */
    uint64_t looked_at;
    uint32_t told_rank, told_ahead;
    uint64_t told_closes_us; /* of its call; 0: none */
    uint32_t code;           /* 0: none that is limited */
};

struct rooms *rooms_create(void);
void rooms_destroy(struct rooms *rooms);

/* ---- what happens ---- */

void rooms_frame(struct sim *s, const struct frame *f, const uint8_t *row_hash);
void rooms_row(struct sim *s);
void rooms_doors_open(struct sim *s);
void rooms_process_gone(struct sim *s);
/* Inside the process: a room's machine decides. */
void rooms_decision(struct sim *s, uint32_t event, const struct queue *q);
/* The house's machines are those of the books; and how much there is to compare. */
void rooms_compare(struct sim *s, struct engine *engine, const char *when);
uint64_t rooms_bytes(const struct sim *s);
void rooms_after_tick(struct sim *s, uint64_t house_us);
/* Nobody is in, nobody is called, and whoever could be called was. */
bool rooms_quiet(const struct sim *s);
void rooms_end(struct sim *s);

/* ---- what visitors are told ---- */

/* Number of this look at the house's state: what was told of an earlier one must still be true. */
uint64_t room_moment(struct sim *s);
struct hash16 room_hash(const struct sim *s, uint32_t session);
bool room_exists(const struct sim *s, uint32_t event);
/* The answers to a join, a claim, a refused claim, and a look. */
void room_told_join(struct sim *s, uint32_t event, uint32_t session, uint64_t moment, uint32_t lane,
                    uint32_t number);
void room_told_claim(struct sim *s, uint32_t event, uint32_t session, uint32_t lane,
                     uint32_t number, uint32_t admission);
struct room_look {
    uint64_t moment, ts_us;
    bool found, admitted;
    struct queue_place place;
    struct queue_status status;
};
void room_told_look(struct sim *s, uint32_t event, uint32_t session, const struct room_look *look);
/* It left, or bought, at `decided_us`: whatever it had then is over. */
void room_told_over(struct sim *s, uint32_t event, uint32_t session, uint64_t decided_us);
/* A claim decided at `decided_us` was too late: not while the session knew of more time. */
void room_told_missed(struct sim *s, uint32_t event, uint32_t session, uint64_t moment,
                      uint64_t decided_us);
/* The session has no place: not after it was told one that it did not give up. */
void room_told_nothing(struct sim *s, uint32_t event, uint32_t session, uint64_t moment);

#endif
