/*
 * state: the machine's memory, for the files of src/queue only. One block: first the handle
 * (pointers), then the image (struct state and the tables behind it, plain values without padding,
 * so that it can be hashed, stored and restored as bytes), then what follows from the image: the
 * draw's tables and the indexes by session. The general lane's places stand last in the image,
 * which ends behind the last one in use.
 *
 * Nothing is ever moved or made larger, and no memory is touched before a visitor needs it: places
 * are chunks that follow each other, and the index of sessions is a row of tables that double.
 */
#ifndef ONSALE_QUEUE_STATE_H
#define ONSALE_QUEUE_STATE_H

#include "base/time.h"
#include "queue/queue.h"

#include <assert.h>

/* What is kept of a place. That it was called, and missed, follows from its rank. */
enum mark {
    MARK_NONE,
    MARK_LEFT,
    MARK_USED,     /* came: has or had an admission */
    MARK_REPLACED, /* its session has a newer place; nobody asks for this one again */
};

#define CHUNK_PLACES 4096u
struct chunk {
    uint64_t marks[CHUNK_PLACES / 32]; /* two bits a place */
    uint64_t sessions[CHUNK_PLACES];   /* the first 8 bytes of the hash, see session_key */
};

struct lane {
    uint32_t capacity, count, lobby_count, called;
    uint32_t ended; /* ranks below: their call has ended */
    uint32_t call_first, call_count;
    uint32_t open; /* of all calls in the ring */
    uint64_t present_total, claimed_total, missed_total;
};

/* A call whose end no entry has told yet. Of one lane they follow each other in rank and time. */
struct call {
    uint64_t closes_at_us;
    uint32_t upto;
    uint32_t open; /* of its places: not come, not left, not replaced */
};

/* In use when it expires at all. The list of those in use is sorted by that time. */
struct admission {
    uint64_t random, session, expires_at_us, began_at_us;
    uint32_t lane, number;
    uint32_t previous, next; /* QUEUE_NONE: none. Of free ones `next` is a list too */
};

enum { PAUSED_BY_HAND = 1, PAUSED_BY_SALE = 2 };

struct state {
    uint32_t version; /* QUEUE_IMAGE_VERSION */
    uint32_t admission_capacity;
    uint64_t event_random, lobby_opens_at_us, opens_at_us, last_ts_us;
    uint64_t paused_at_us; /* 0: not paused */
    uint64_t switched_off_us;
    uint32_t target_active, per_minute, claim_seconds, admission_seconds, threshold;
    uint8_t on, closed, lobby_closed, drawn;
    uint32_t admitted, admissions_used; /* the list's length; slots ever used */
    uint32_t admission_free, admission_first, admission_last;
    uint32_t pauses; /* PAUSED_*; 0: not paused */
    uint8_t commitment[32], seed[QUEUE_SEED_BYTES], chain_hash[QUEUE_CHAIN_BYTES];
    struct lane lanes[QUEUE_LANES];
};

_Static_assert(sizeof(struct chunk) == CHUNK_PLACES * 33 / 4 && sizeof(struct lane) == 56 &&
                   sizeof(struct call) == 16 && sizeof(struct admission) == 48 &&
                   sizeof(struct state) == 104 + 96 + QUEUE_LANES * sizeof(struct lane),
               "no padding: images are hashed as bytes");
_Static_assert(LIMIT_QUEUE_ENTRIES >= LIMIT_QUEUE_TICK_ENDS + 3,
               "what a tick ends fits in a decision, and LobbyClosed in front of anything");

struct queue {
    struct state *s;
    /* the image */
    struct admission *admissions;
    struct call *calls[QUEUE_LANES];
    uint32_t *codes; /* of each priority place that is counted on an access code, else 0 */
    struct chunk *chunks[QUEUE_LANES];
    /* what follows from it */
    struct queue_draw *draws[QUEUE_LANES]; /* made when drawn */
    uint32_t *admission_index;             /* slot + 1; 0 is empty */
    uint32_t admission_mask;
    uint32_t *index[QUEUE_LANES];
    uint32_t *code_places; /* of each code, how many in `codes` */
};

/* ---- place.c: places, their sessions, ranks and calls ---- */

/* Eight bytes of the session's hash stand for it: with 2^24 of them the odds that any two are alike
 * are 1 in 130,000, and as the hash is SHA-256 nobody can look for a pair of a certain stranger. */
static inline uint64_t session_key(struct hash16 session)
{
    uint64_t key;
    memcpy(&key, session.bytes, sizeof key);
    return key;
}

static inline uint64_t place_session(const struct queue *q, uint32_t lane, uint32_t number)
{
    return q->chunks[lane][number / CHUNK_PLACES].sessions[number % CHUNK_PLACES];
}

static inline enum mark place_mark(const struct queue *q, uint32_t lane, uint32_t number)
{
    const uint64_t *marks = q->chunks[lane][number / CHUNK_PLACES].marks;
    uint32_t at = number % CHUNK_PLACES;
    return (enum mark)(marks[at / 32] >> at % 32 * 2 & 3);
}

void place_set_mark(struct queue *q, uint32_t lane, uint32_t number, enum mark mark);

/* Slots of the index for `places` numbers, which are rounded up to whole tables. */
size_t place_index_slots(uint32_t places);
void place_index_add(struct queue *q, uint32_t lane, uint32_t number);
/* Fetches the memory that adding this number will need. */
void place_index_prefetch(const struct queue *q, uint32_t lane, uint32_t number);
/* The session's newest place in this lane; QUEUE_NONE: none. */
uint32_t place_find(const struct queue *q, uint32_t lane, uint64_t session);
/* The session's newest place; false: none. */
bool place_newest(const struct queue *q, uint64_t session, uint32_t *ret_lane,
                  uint32_t *ret_number);

/* QUEUE_NONE: it is in the lobby and not drawn. */
uint32_t place_rank(const struct queue *q, uint32_t lane, uint32_t number);
uint32_t place_number(const struct queue *q, uint32_t lane, uint32_t rank);

/* A place counts on a code from CodeCounted until it is left, replaced, or its admission ends. */
static inline uint32_t place_code(const struct queue *q, uint32_t lane, uint32_t number)
{
    return lane == QUEUE_PRIORITY ? q->codes[number] : 0;
}
void place_count_code(struct queue *q, uint32_t number, uint32_t code);
void place_release_code(struct queue *q, uint32_t lane, uint32_t number);

/* The k-th oldest call of a lane that no entry ended. */
static inline struct call *call_at(const struct queue *q, uint32_t lane, uint32_t k)
{
    return &q->calls[lane][(q->s->lanes[lane].call_first + k) % LIMIT_QUEUE_CALLS];
}

/* The call of a rank that was called; NULL: it has ended. */
struct call *call_of(const struct queue *q, uint32_t lane, uint32_t rank);

/* ---- admission.c ---- */

/* The slot of a session's admission, in time or not; QUEUE_NONE: none. */
uint32_t admission_find(const struct queue *q, uint64_t session);
uint32_t admission_next_slot(const struct queue *q); /* QUEUE_NONE: all are in use */
void admission_begin(struct queue *q, const struct queue_entry_visitor_admitted *e, uint64_t ts_us);
void admission_end(struct queue *q, uint32_t slot);
void admission_index_add(struct queue *q, uint32_t slot);

/* ---- look.c: questions about time ---- */

/* The time that counts for calls and admissions: while paused, when the pause began. */
static inline uint64_t time_that_counts(const struct state *s, uint64_t ts_us)
{
    return s->paused_at_us != 0 && ts_us > s->paused_at_us ? s->paused_at_us : ts_us;
}

/* The lobby has to close before anything else happens. */
bool lobby_due(const struct state *s, uint64_t ts_us);
enum queue_phase phase_at(const struct state *s, uint64_t ts_us);
/* In time at `ts_us`. */
uint32_t open_at(const struct queue *q, uint32_t lane, uint64_t ts_us);
uint32_t active_at(const struct queue *q, uint64_t ts_us);
bool admission_lives(const struct queue *q, uint32_t slot, uint64_t ts_us);
bool place_of_session(const struct queue *q, uint64_t session, uint64_t ts_us,
                      struct queue_place *ret_place);

/* ---- life.c ---- */

bool life_numbers_valid(uint32_t target_active, uint32_t per_minute, uint32_t claim_seconds,
                        uint32_t admission_seconds);
void life_make_draws(struct queue *q);

#endif
