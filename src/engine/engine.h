/*
 * engine: owns the machines. It takes commands, lets the machine decide, applies at once, gathers
 * the entries of everything decided in one turn of the loop into one batch, commits it with one
 * append, and only then lets replies go and publishes. It is host-free: no thread, no clock, no
 * loop of its own; time, journal and what follows a commit are ports.
 *
 * Commit rule: nothing may be told before all it could have seen is durable. Every call that reads
 * or writes gives a `barrier`: the number of the batch the answer has to wait for (0: none). The
 * host keeps the answer back until `committed` was called with that number or a higher one.
 *
 * Order of calls: engine_create (recovers from the journal), engine_credit_outage as the last thing
 * before the doors open, then engine_submit / engine_list_event / reads in any order, engine_commit
 * at the end of each turn of the loop, engine_tick about four times a second; engine_destroy.
 * Thread: the one that owns it.
 *
 * A full disk: commands are refused (`no_space`), a batch that met it waits and is appended by a
 * later engine_commit; when there is space again, every live hold and case gets the lost time back.
 */
#ifndef ONSALE_ENGINE_ENGINE_H
#define ONSALE_ENGINE_ENGINE_H

#include "base/err.h"
#include "booking/booking.h"
#include "directory/directory.h"
#include "engine/board.h"
#include "queue/queue.h"

struct engine;
struct journal; /* journal/journal.h; users of the engine need not see it */

/* The partition of an event's waiting room is the event's number with this bit. */
#define ENGINE_QUEUE 0x80000000u

/* An entry that became durable, in journal order. `bytes` starts with its number; numbers of the
 * machines' entries do not overlap. */
struct engine_entry {
    uint64_t seq; /* the row */
    uint32_t partition;
    uint64_t pseq;
    uint64_t ts_us;
    struct slice bytes;
};

struct engine_port {
    void *context;
    /* Microseconds since 1970, from a clock that never goes back and does not jump (app/clock.h).
     */
    uint64_t (*now_us)(void *context);
    /* One durable entry: views, effects, streams. Must be quick and must not call engine_submit. */
    void (*entry)(void *context, const struct engine_entry *entry);
    /* After all entries of a batch: answers up to `barrier` may leave. */
    void (*committed)(void *context, uint64_t barrier);
    /* A commit failed or its outcome is unknown: memory is ahead of the journal. The host must end
     * the process without another reply; a new start recovers. */
    void (*fatal)(void *context, const struct err *err);
    /* Recovery's progress in rows, now and then. May be NULL. */
    void (*progress)(void *context, uint64_t rows, uint64_t total);
};

/* Recovers all machines from the journal (newest snapshots, then the rows after them). The journal
 * stays the caller's and outlives the engine. */
int engine_create(struct journal *journal, const struct engine_port *port,
                  struct engine **ret_engine, struct err *err) MUST_USE;
void engine_destroy(struct engine *engine);
/* Gives every live hold, and every case that will run out, back the time since the journal's last
 * entry. Once, when everything else is ready: the start-up is part of the outage. It joins the
 * first batch. On a full disk, and for the time that it was full, the engine does it by itself as
 * soon as it can write. */
void engine_credit_outage(struct engine *engine);

/* What a command came to. Pointers are valid until the next engine call. */
struct engine_result {
    enum booking_refusal refusal;
    bool no_event;  /* there is no such event: nothing else is set but the barrier */
    bool no_space;  /* the disk is nearly full, or a batch is: nothing was decided; answer 503 */
    uint64_t ts_us; /* the time it was decided at */
    uint64_t barrier;
    const struct booking *booking; /* the state after it */
    const struct booking_decision *decision;
};

/* Decides, applies and joins the open batch. */
void engine_submit(struct engine *engine, uint32_t partition, const struct booking_command *command,
                   struct engine_result *ret_result);

/* Whether entries of `bytes` in all still fit in this turn's batch: for several commands of which
 * all or none shall be taken. */
bool engine_has_room(const struct engine *engine, size_t bytes);

/* The same at a time that engine_now told in this turn of the loop, for commands that were tried at
 * that time: nothing falls due between the trial and the deed. */
void engine_submit_at(struct engine *engine, uint32_t partition,
                      const struct booking_command *command, uint64_t ts_us,
                      struct engine_result *ret_result);

/* A new event: lists it in the directory and creates its partition in one batch.
 * `listed->partition` is ignored. *ret_partition is the event's number (an existing one when
 * *ret_repeated). Returns 0, or negative with the reason in `err` and nothing decided:
 * ENGINE_INVALID (the definition), ENGINE_BUSY (no space on disk, in memory or in this turn's
 * batch: answer 503). A directory refusal is told in *ret_refusal with return value 0. */
#define ENGINE_INVALID (-1)
#define ENGINE_BUSY (-2)
struct engine_listing {
    struct directory_entry_event_listed listed;
    struct entry_event_created created;
};
int engine_list_event(struct engine *engine, const struct engine_listing *listing,
                      enum directory_refusal *ret_refusal, uint32_t *ret_partition,
                      bool *ret_repeated, uint64_t *ret_barrier, struct err *err) MUST_USE;
/* Changes an event's public document; false: no such event or no space. */
bool engine_revise_event(struct engine *engine, uint32_t partition, struct slice document,
                         uint64_t *ret_barrier) MUST_USE;

/* Another seating plan for an event on sale, together with the public document that names it: both
 * or neither. As engine_submit; `no_space` also when there is no memory for the larger machine. */
void engine_change_plan(struct engine *engine, uint32_t partition,
                        const struct command_change_plan *change, struct slice document,
                        struct engine_result *ret_result);

/* ---- waiting rooms (queue/queue.h): a second machine that an event may have ---- */

/* Gives the event a waiting room. 0, or negative with the reason in `err` and nothing decided:
 * ENGINE_INVALID (no such event, it has one, the settings), ENGINE_BUSY (no space: answer 503).
 * *ret_barrier is set always: that there is a room already may itself not be durable yet. */
int engine_open_queue(struct engine *engine, uint32_t event,
                      const struct queue_entry_opened *opened, uint64_t *ret_barrier,
                      struct err *err) MUST_USE;

struct engine_queue_result {
    enum queue_refusal refusal;
    bool no_queue; /* the event has none, or there is no such event; only the barrier is set */
    bool no_space; /* as in engine_result */
    uint64_t ts_us, barrier;
    const struct queue *queue;
    const struct queue_decision *decision;
};
/* As engine_submit. Ticks and draws are the engine's own business. */
void engine_submit_queue(struct engine *engine, uint32_t event, const struct queue_command *command,
                         struct engine_queue_result *ret_result);
/* The waiting room as it is now; answer with engine_barrier. NULL: none. */
const struct queue *engine_queue(const struct engine *engine, uint32_t event);

/* Exact reads: the machine as it is now; answer with engine_barrier. NULL: no such event. */
const struct booking *engine_booking(const struct engine *engine, uint32_t partition);
const struct directory *engine_directory(const struct engine *engine);
uint64_t engine_barrier(const struct engine *engine);
/* Whether an answer that was given this barrier may leave by now. */
bool engine_is_durable(const struct engine *engine, uint64_t barrier);
uint64_t engine_now(const struct engine *engine);

/* What readers see; durable only, needs no barrier. NULL: no such event. */
const struct board *engine_board(const struct engine *engine, uint32_t partition);

/* End of the loop's turn: one append when there is something to append. */
void engine_commit(struct engine *engine);
/* Expires holds and lets time pass in every event that has live holds or sold orders with a case,
 * and releases allocations whose time has come in any. When that is more than a batch should hold,
 * the next tick goes on where this one stopped. */
void engine_tick(struct engine *engine);

/* Entries after row `from_seq`, for a consumer that is behind (0: from the beginning). */
int engine_replay(struct engine *engine, uint64_t from_seq,
                  void (*visit)(void *context, const struct engine_entry *entry), void *context,
                  struct err *err) MUST_USE;
uint64_t engine_last_seq(const struct engine *engine); /* last durable row */

/* A picture of one partition, copied so that it can be written while the engine goes on. */
struct engine_snapshot {
    uint32_t partition;
    uint64_t pseq, seq; /* the partition's last entry in it, and the journal's last row */
    struct buf bytes;
};

/* Copies the next partition, in turn, that has `least_entries` or more since its last snapshot, or
 * never had one. False: there is none now, something is not durable yet, or memory is short. */
bool engine_snapshot_take(struct engine *engine, uint32_t least_entries,
                          struct engine_snapshot *ret_snapshot) MUST_USE;
/* Writes it; waits for the disk. Any one thread at a time. */
int engine_snapshot_write(struct engine *engine, const struct engine_snapshot *snapshot,
                          struct err *err) MUST_USE;
/* Frees it; `written` says that it need not be taken again. */
void engine_snapshot_finish(struct engine *engine, struct engine_snapshot *snapshot, bool written);
/* All partitions that changed, as far as they can be written in `budget_us`; what is left out is
 * read from the journal at the next start. */
int engine_snapshot_all(struct engine *engine, uint64_t budget_us, struct err *err) MUST_USE;

struct engine_counters {
    uint64_t commands, refusals, entries, batches, bytes;
    uint64_t commit_us_sum, commit_us_max; /* time of appends as the port's clock saw it */
    uint32_t events;
};
struct engine_counters engine_counters(const struct engine *engine);
/* The longest that a commit took since this was last asked; 0: there was none. */
uint64_t engine_take_slowest_commit_us(struct engine *engine);

#endif
