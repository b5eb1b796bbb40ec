/* internal: the engine's own state, for the files of src/engine only. */
#ifndef ONSALE_ENGINE_INTERNAL_H
#define ONSALE_ENGINE_INTERNAL_H

#include "base/buf.h"
#include "engine/engine.h"
#include "journal/frame.h"
#include "journal/journal.h"

/* One unit's new state, kept until the batch is durable. */
struct change {
    uint32_t partition, unit;
    uint8_t state;
};

/* A whole new board, when more changed than a list should hold, or the plan. */
struct picture {
    uint32_t partition;
    struct board_state *board; /* owned until it is published */
    struct picture *next;
};

struct batch {
    uint64_t number;      /* the barrier of what is in it */
    uint64_t ts_us;       /* of the row, once it was handed to the journal */
    size_t created_bytes; /* of the body: events made, which are large and have a bound of their own
                           */
    struct buf body;
    struct buf changes; /* struct change[] */
    struct picture *pictures;
};

/* An event's waiting room. */
struct waiting {
    struct queue *queue; /* in `memory` */
    void *memory;        /* one mapping, mostly never touched */
    size_t memory_size;
    uint64_t pseq, snapshot_pseq;
    bool has_chain_hash;
    uint8_t chain_hash[QUEUE_CHAIN_BYTES]; /* of the row in which the lobby closed */
};

struct partition {
    struct booking *booking; /* in `memory` */
    void *memory;            /* one mapping */
    size_t memory_size;
    struct board_state *board;
    uint64_t pseq;           /* of the last applied entry */
    uint64_t snapshot_pseq;  /* of the newest snapshot */
    bool live;               /* somebody's time runs: of live holds, of cases; a tick looks at it */
    uint64_t release_us;     /* a tick has to release something or to step prices; UINT64_MAX: no */
    struct waiting *waiting; /* NULL: none */
};

struct engine {
    struct journal *journal;
    struct engine_port port;
    struct directory *directory;
    uint64_t directory_pseq, directory_snapshot_pseq;
    uint32_t snapshot_next;       /* twice the partition whose turn it is, + 1: its waiting room */
    struct partition *partitions; /* [1 .. directory_event_count], [0] unused */
    uint32_t partition_capacity;
    uint64_t last_ts_us;
    struct batch batches[2];
    struct batch *open;     /* being filled */
    struct batch *inflight; /* handed to the journal, or NULL */
    uint64_t commit_began_us;
    bool stalled;       /* `inflight` met a full disk and is appended again when there is space */
    bool dead;          /* a commit failed: nothing more is decided */
    uint64_t halted_us; /* since when nothing could be sold: owed to whoever waited; 0: nothing */
    uint32_t tick_next; /* where the next tick begins */
    struct engine_counters counters;
    uint64_t slowest_commit_us; /* since somebody last asked */
    struct booking_decision decision;
    struct queue_decision queue_decision;
    struct booking_touched touched;
    struct booking_entry entry; /* recovery's scratch */
};

/* board.c */
struct board_state;
struct board_state *board_create(uint32_t partition, const struct booking *booking,
                                 uint64_t version);
void board_destroy(struct board_state *board); /* NULL is allowed */
const struct board *board_view(const struct board_state *board);
void board_set(struct board_state *board, uint32_t unit, enum booking_unit_state state,
               uint64_t version);
/* A board that takes another's place: nobody can follow from the one before by deltas. */
void board_publish(struct board_state *board, uint64_t version);

/* partitions.c */
struct partition *engine_partition(const struct engine *e, uint32_t number); /* NULL: none */
int partition_begin(struct engine *e, uint32_t number, const struct entry_event_created *created,
                    uint64_t ts_us, struct err *err) MUST_USE;
int partition_restore(struct engine *e, uint32_t number, struct slice image, uint64_t pseq,
                      struct err *err) MUST_USE;
/* Makes the entry true in a larger block and gives the old one back. In two steps, so that running
 * out of memory is met before anything is decided. */
struct partition_move {
    void *memory;
    size_t size;
};
int partition_prepare_move(struct partition *p, uint32_t number,
                           const struct entry_plan_changed *entry, struct partition_move *ret_move,
                           struct err *err) MUST_USE;
void partition_move(struct partition *p, struct partition_move move,
                    const struct entry_plan_changed *entry, uint64_t ts_us);
/* What ticks have to know of its machine, after something was applied to it. */
void partition_note(struct partition *p);
bool partition_wants_tick(const struct partition *p, uint64_t ts_us);
void partition_finish(struct partition *p);

/* waiting.c */
struct waiting *engine_waiting(const struct engine *e, uint32_t event); /* NULL: none */
int waiting_begin(struct partition *p, uint32_t event, const struct queue_entry_opened *opened,
                  uint64_t ts_us, struct err *err) MUST_USE;
int waiting_restore(struct partition *p, uint32_t event, struct slice image, uint64_t pseq,
                    struct err *err) MUST_USE;
int waiting_recover(struct engine *e, const struct frame *f, const uint8_t row_hash[32],
                    struct err *err) MUST_USE;
/* The lobby closed in the row with this hash: the draw can be made. */
void waiting_closed(struct waiting *w, const uint8_t row_hash[32]);
void waiting_tick(struct engine *e, uint32_t event, uint64_t now_us);
/* Time was lost since `from_us`: whose time ran then gets it back. */
void waiting_credit(struct engine *e, uint32_t event, uint64_t from_us, uint64_t outage_us);
void waiting_finish(struct partition *p);

/* recovery.c */
int engine_recover(struct engine *e, struct err *err) MUST_USE;

/* snapshots.c */

/* Puts the machine's image of a stored snapshot into `image`. An empty slice when the bytes are
 * damaged or of another version: as good as no snapshot, since the journal holds everything. */
struct slice snapshot_image(struct slice bytes, uint32_t version, struct buf *image,
                            uint64_t *ret_pseq, bool *ret_has_queue);

/* engine.c */
/* Room for an entry of at most `size` bytes behind what the batch already has; it is written there
 * and closed with the size that it took. Running out of memory here ends the process: state and
 * batch must not drift apart. */
char *engine_open_entry(struct engine *e, uint32_t partition, uint64_t pseq, uint64_t ts_us,
                        size_t size);
void engine_close_entry(struct engine *e, size_t size);

#endif
