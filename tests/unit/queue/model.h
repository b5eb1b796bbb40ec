/*
 * model: the waiting room once more, written from RULES.md alone: plain arrays, everything looked
 * for from the beginning each time. The machine and this run in lockstep (test_lockstep.c).
 */
#ifndef ONSALE_TESTS_QUEUE_MODEL_H
#define ONSALE_TESTS_QUEUE_MODEL_H

#include "queue/queue.h"

#define MODEL_PLACES 4096u
#define MODEL_SESSIONS 256u
#define MODEL_CALLS 65536u

struct model_place {
    uint32_t session, rank; /* QUEUE_NONE: not drawn */
    bool left, used, forgotten;
    uint32_t call; /* + 1; 0: not called */
    uint32_t code; /* 0: none that is limited */
};

struct model_call {
    uint32_t lane, upto;
    uint64_t closes_at_us;
    bool ended;
};

struct model_admission { /* by the machine's slot */
    bool live;
    uint32_t session, lane, number, sequence;
    uint64_t expires_at_us, random, began_at_us;
};

struct model {
    struct queue_entry_opened settings;
    uint8_t seed[QUEUE_SEED_BYTES];
    uint64_t last_ts_us, paused_at_us, switched_off_us;
    bool by_hand, by_sale; /* who paused it */
    bool on, closed, lobby_closed, drawn;
    struct model_place places[QUEUE_LANES][MODEL_PLACES];
    struct queue_lane_status lanes[QUEUE_LANES]; /* without open */
    struct model_call calls[MODEL_CALLS];
    uint32_t call_count;
    struct model_admission admissions[MODEL_PLACES];
    uint32_t admission_count; /* ever */
    struct {
        uint32_t lane, number;
        bool has;
    } newest[MODEL_SESSIONS];
};

/* Sessions are numbers here; this is their hash. */
struct hash16 model_session(uint32_t session);

void model_begin(struct model *m, const struct queue_entry_opened *opened, uint64_t ts_us);
/* Does what the command asks, and says what the machine has to say. Its entries get the times
 * ts_us, ts_us + 1 and so on. `session` is that of the command; `slot` is where the machine would
 * put a new admission. */
void model_run(struct model *m, const struct queue_command *command, uint32_t session,
               uint32_t slot, uint64_t ts_us, struct queue_decision *ret_decision);
enum queue_phase model_phase(const struct model *m, uint64_t ts_us);
uint32_t model_open(const struct model *m, uint32_t lane, uint64_t ts_us);
uint32_t model_active(const struct model *m, uint64_t ts_us);
bool model_place_of(const struct model *m, uint32_t session, uint64_t ts_us,
                    struct queue_place *ret_place);
bool model_is_admitted(const struct model *m, uint32_t session, uint64_t ts_us);
uint32_t model_code_sessions(const struct model *m, uint32_t code, uint32_t session);

/* The draw, round by round and without a table. */
uint32_t model_draw(const uint8_t seed[QUEUE_SEED_BYTES], uint32_t lane, uint32_t count,
                    const uint8_t chain_hash[QUEUE_CHAIN_BYTES], uint32_t number);

#endif
