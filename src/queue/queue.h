/*
 * queue: the waiting room of one event as a pure state machine: who stands where, whose turn it is,
 * who is in. One writer; no clock, no I/O, no allocation, no floats, no randomness. RULES.md says
 * what it does and why; this header says how it is asked.
 *
 *   queue_decide never changes state: it gives entries, or a refusal and none.
 *   queue_apply never refuses: it makes an entry of this machine true.
 *   The same entries through queue_apply give the same state bit by bit (queue_hash).
 *
 * Order of calls: the first entry of a waiting room is QueueOpened: queue_memory_size, queue_init
 * (with that entry), then queue_apply for each entry after it. Or queue_restore from an image.
 *
 * Invariants (architecture 13.9), all tested by queue_check: numbers are dense; a session has at
 * most one place that can still be used and one live admission; ranks of the lobby are a
 * permutation; `called` never falls; nobody is admitted whose rank was not called.
 *
 * Thread: the one that owns the machine. Memory: one zeroed block of queue_memory_size bytes that
 * the caller provides (mapped lazily: it is mostly room for places to come); no growth.
 */
#ifndef ONSALE_QUEUE_QUEUE_H
#define ONSALE_QUEUE_QUEUE_H

#include "base/hash.h"
#include "base/limits.h"
#include "queue/records.h"

struct queue;

#define QUEUE_NONE 0xffffffffu
#define QUEUE_SEED_BYTES 32u
#define QUEUE_CHAIN_BYTES 32u

enum queue_lane { QUEUE_GENERAL, QUEUE_PRIORITY, QUEUE_LANES };

/* Why a command is refused, in the order in which it is checked. name, code of the API */
#define QUEUE_REFUSALS(R)                                                                          \
    R(OK, "ok")                                                                                    \
    R(BAD_CHANGE, "bad_change")         /* times out of order or too late, bounds */               \
    R(NOT_NEEDED, "queue_not_needed")   /* it is off: go straight to the seats */                  \
    R(NOT_OPEN, "lobby_not_open")       /* before lobby_opens_at */                                \
    R(CLOSED, "queue_closed")           /* nobody is let in any more */                            \
    R(NOT_IN_LINE, "not_in_queue")      /* this session has no place: join */                      \
    R(ADMISSION_OVER, "admission_over") /* this place was used: join anew */                       \
    R(NOT_CALLED, "not_called")         /* not its turn yet */                                     \
    R(MISSED, "call_missed")            /* too late, and no room right now: again, or join anew */ \
    R(CODE_LIMIT, "code_limit_reached") /* as many have come with this code as may */              \
    R(FULL, "queue_full")               /* every place is taken, or nobody more fits in */         \
    R(NOT_DRAWABLE, "not_drawable")     /* no lobby waits for its draw */

#define QUEUE_REFUSAL_NAME(name, code) QUEUE_##name,
enum queue_refusal { QUEUE_REFUSALS(QUEUE_REFUSAL_NAME) QUEUE_REFUSAL_COUNT };
#undef QUEUE_REFUSAL_NAME

const char *queue_refusal_code(enum queue_refusal refusal);

/* What a change does to the pause. Two can ask for one, by hand and the sale, and it ends when
 * neither does; but whoever goes on by hand ends both. */
enum queue_pause { QUEUE_PAUSE = 1, QUEUE_GO_ON, QUEUE_SALE_PAUSES, QUEUE_SALE_GOES_ON };

/* Why an admission ended. */
enum queue_end { QUEUE_END_TIME = 1, QUEUE_END_SOLD, QUEUE_END_LEFT, QUEUE_END_CLOSED };

/* What was decided. Owned by the caller and reused. */
struct queue_decision {
    enum queue_refusal refusal;
    uint32_t entry_count;
    bool repeated;      /* join, claim: the place or admission is an earlier one's (LobbyClosed may
                           still be written) */
    uint8_t lane;       /* join, claim: of the place */
    uint32_t number;    /* join, claim: the place, or QUEUE_NONE */
    uint32_t admission; /* claim: the admission, or QUEUE_NONE */
    struct queue_entry entries[LIMIT_QUEUE_ENTRIES];
};

/* ---- life ---- */

/* False when a waiting room cannot begin with this entry; `detail` is a literal that says why. */
bool queue_opened_valid(const struct queue_entry_opened *opened, const char **ret_detail);
size_t queue_memory_size(const struct queue_entry_opened *opened); /* `opened` is valid */
/* `memory` is zeroed, aligned to 64 bytes (as mmap gives it) and has at least that size; the
 * machine is `memory`, and there is nothing to finish. */
struct queue *queue_init(void *memory, size_t size, const struct queue_entry_opened *opened,
                         uint64_t ts_us);

/* The state as bytes, without what follows from it and without room behind the last place of the
 * general lane; valid until the next apply. 8.25 bytes a place, and 48 bytes for each admission and
 * 12.25 for each priority place that there could be. */
#define QUEUE_IMAGE_VERSION 2u
struct slice queue_image(const struct queue *q);
size_t queue_restore_size(struct slice image); /* of the memory it needs; 0: not an image */
/* As queue_init. Goes through all places once: about a second for 14,000,000. */
struct queue *queue_restore(void *memory, size_t size, struct slice image);
struct hash128 queue_hash(const struct queue *q); /* of the image */
/* Every invariant by brute force; NULL when all hold, else a literal that names the first broken.
 */
const char *queue_check(const struct queue *q);

/* ---- deciding ---- */

/* `ts_us` is later than that of every entry so far; entries of one decision are applied at times
 * that rise from it. Texts in the decision point into the command. */
void queue_decide(const struct queue *q, const struct queue_command *command, uint64_t ts_us,
                  struct queue_decision *ret_decision);
void queue_apply(struct queue *q, const struct queue_entry *entry, uint64_t ts_us);

/* When a tick has something to do: UINT64_MAX: never. */
uint64_t queue_next_tick_us(const struct queue *q);
/* The lobby has closed and waits for its draw. No snapshot is taken meanwhile: the row that closed
 * it is needed. */
bool queue_wants_draw(const struct queue *q);

/* ---- looking ---- */

enum queue_phase {
    QUEUE_OFF,     /* not in force: nobody needs an admission */
    QUEUE_SOON,    /* before the lobby opens */
    QUEUE_LOBBY,   /* joining, no turns yet */
    QUEUE_DRAWING, /* closed, the draw comes with the next commit */
    QUEUE_LINE,    /* places are called */
    QUEUE_ENDED,   /* closed for good */
};

struct queue_lane_status {
    uint32_t count;       /* places ever given out: numbers 0 .. count-1 */
    uint32_t lobby_count; /* of them drawn; valid when the lobby has closed */
    uint32_t called;      /* ranks below may come in */
    uint32_t open;        /* called, their time runs, and they have not come */
    /* Of places called: those that had not left; came, in time or late; were settled as missed.
     * None of them ever falls. */
    uint64_t present_total, claimed_total, missed_total;
};

struct queue_status {
    enum queue_phase phase;
    bool on, paused, drawn;
    bool closed; /* for good, though it may be off */
    uint64_t event_random, lobby_opens_at_us, opens_at_us, last_ts_us;
    uint64_t switched_off_us; /* since when it is off by a change; 0: it is on, or never was */
    uint32_t target_active, per_minute, claim_seconds, admission_seconds, threshold;
    uint32_t admitted; /* live admissions */
    uint32_t active;   /* admitted and open of all lanes */
    struct queue_lane_status lanes[QUEUE_LANES];
    uint8_t commitment[32];                /* SHA-256 of the seed */
    uint8_t seed[QUEUE_SEED_BYTES];        /* never shown before `drawn` */
    uint8_t chain_hash[QUEUE_CHAIN_BYTES]; /* when drawn */
};
void queue_status(const struct queue *q, uint64_t ts_us, struct queue_status *ret_status);

enum queue_place_state {
    QUEUE_PLACE_LOBBY = 1, /* no rank yet */
    QUEUE_PLACE_WAITING,
    QUEUE_PLACE_CALLED, /* claim it by closes_at_us */
    QUEUE_PLACE_MISSED,
    QUEUE_PLACE_ADMITTED,
    QUEUE_PLACE_USED, /* its admission is over */
    QUEUE_PLACE_LEFT,
};

struct queue_place {
    enum queue_place_state state;
    uint8_t lane;
    uint32_t number;
    uint32_t rank;         /* QUEUE_NONE in the lobby */
    uint32_t ahead;        /* rank - called, 0 when called; QUEUE_NONE in the lobby */
    uint64_t closes_at_us; /* CALLED: until when; ADMITTED: the admission's end */
    uint32_t admission;    /* ADMITTED: its slot, else QUEUE_NONE */
    uint64_t admission_random;
    uint64_t admitted_at_us; /* ADMITTED: when it came in, by the clock; else 0 */
};
/* The newest place of a session; false: it never joined. */
bool queue_place_of(const struct queue *q, struct hash16 session, uint64_t ts_us,
                    struct queue_place *ret_place);
/* Whether the session has a live admission at `ts_us`: what every booking call asks. */
bool queue_is_admitted(const struct queue *q, struct hash16 session, uint64_t ts_us);

/* How many sessions but this one an access code has led into the priority lane that wait or are in.
 */
uint32_t queue_code_sessions(const struct queue *q, uint32_t code, struct hash16 session);

/* ---- the draw (draw.c; docs/waiting-room.md and docs/draw.mjs say it for everybody) ---- */

/* A keyed permutation of 0 .. count-1. Pure; made at the draw and again at a restore. */
#define QUEUE_DRAW_ROUNDS 8u
#define QUEUE_DRAW_HALF_BITS_MAX 12u
struct queue_draw {
    uint32_t count, half_bits; /* the domain is 2^(2 half_bits), the smallest that holds count */
    uint16_t rounds[QUEUE_DRAW_ROUNDS][1u << QUEUE_DRAW_HALF_BITS_MAX];
};
void queue_draw_make(struct queue_draw *ret_draw, const uint8_t seed[QUEUE_SEED_BYTES],
                     enum queue_lane lane, uint32_t count,
                     const uint8_t chain_hash[QUEUE_CHAIN_BYTES]);
uint32_t queue_draw_rank(const struct queue_draw *draw, uint32_t number);
uint32_t queue_draw_number(const struct queue_draw *draw, uint32_t rank); /* the way back */

#endif
