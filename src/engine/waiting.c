#include "base/crash.h"
#include "engine/internal.h"

#include <assert.h>
#include <stdlib.h>
#include <sys/mman.h>

/* Waiting rooms: the second machine that an event may have, in a partition of its own. */

/* A tick of the machine ends LIMIT_QUEUE_TICK_ENDS admissions and calls, and until it does they
 * count as active. So many times four a second end more than per_minute can let in. */
#define TICKS_AT_ONCE 16u
_Static_assert(TICKS_AT_ONCE *LIMIT_QUEUE_TICK_ENDS * 4 * 60 >= LIMIT_QUEUE_PER_MINUTE,
               "whoever came in at the highest rate can go out at it");

struct waiting *engine_waiting(const struct engine *e, uint32_t event)
{
    struct partition *p = engine_partition(e, event);
    return p ? p->waiting : NULL;
}

static struct waiting *waiting_create(struct partition *p, uint32_t event, size_t size,
                                      struct err *err)
{
    struct waiting *w = calloc(1, sizeof *w);
    void *memory = mmap(NULL, size, PROT_READ | PROT_WRITE,
                        MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (!w || memory == MAP_FAILED) {
        if (memory != MAP_FAILED)
            munmap(memory, size);
        free(w);
        (void)err_set(err, "out of memory: the waiting room of event %u needs %zu bytes", event,
                      size);
        return NULL;
    }
    w->memory = memory;
    w->memory_size = size;
    p->waiting = w;
    return w;
}

int waiting_begin(struct partition *p, uint32_t event, const struct queue_entry_opened *opened,
                  uint64_t ts_us, struct err *err)
{
    struct waiting *w = waiting_create(p, event, queue_memory_size(opened), err);
    if (!w)
        return -1;
    CRASH_POINT("waiting.begin.mapped");
    w->queue = queue_init(w->memory, w->memory_size, opened, ts_us);
    w->pseq = 1;
    return 0;
}

int waiting_restore(struct partition *p, uint32_t event, struct slice image, uint64_t pseq,
                    struct err *err)
{
    struct waiting *w = waiting_create(p, event, queue_restore_size(image), err);
    if (!w)
        return -1;
    w->queue = queue_restore(w->memory, w->memory_size, image);
    w->pseq = w->snapshot_pseq = pseq;
    CRASH_POINT("waiting.restored");
    return 0;
}

void waiting_finish(struct partition *p)
{
    if (!p->waiting)
        return;
    munmap(p->waiting->memory, p->waiting->memory_size);
    free(p->waiting);
    p->waiting = NULL;
}

int waiting_recover(struct engine *e, const struct frame *f, const uint8_t row_hash[32],
                    struct err *err)
{
    uint32_t event = f->partition & ~ENGINE_QUEUE;
    struct partition *p = engine_partition(e, event);
    struct waiting *w = p ? p->waiting : NULL;
    struct queue_entry entry;
    const char *detail;
    if (w && f->pseq <= w->pseq)
        return 0;
    if (!queue_entry_decode(f->entry, &entry))
        return err_set(err,
                       "waiting room %u: entry %llu is of a kind this version does not know; "
                       "start the version that wrote it",
                       event, (unsigned long long)f->pseq);
    if (!p || f->pseq != (w ? w->pseq + 1 : 1) || (!w && entry.number != QUEUE_ENTRY_opened))
        return err_set(err, "waiting room %u: entry %llu is out of place", event,
                       (unsigned long long)f->pseq);
    if (!w) {
        if (!queue_opened_valid(&entry.opened, &detail))
            return err_set(err, "waiting room %u: %s", event, detail);
        return waiting_begin(p, event, &entry.opened, f->ts_us, err);
    }
    queue_apply(w->queue, &entry, f->ts_us);
    w->pseq = f->pseq;
    if (entry.number == QUEUE_ENTRY_lobby_closed)
        waiting_closed(w, row_hash);
    CRASH_POINT("waiting.recovered");
    return 0;
}

void waiting_closed(struct waiting *w, const uint8_t row_hash[32])
{
    memcpy(w->chain_hash, row_hash, sizeof w->chain_hash);
    w->has_chain_hash = true;
}

/* ---- commands ---- */

static void waiting_join(struct engine *e, uint32_t event, struct waiting *w,
                         const struct queue_entry *entry, uint64_t ts_us)
{
    char *to = engine_open_entry(e, event | ENGINE_QUEUE, w->pseq, ts_us, queue_entry_size(entry));
    engine_close_entry(e, queue_entry_encode(entry, to));
}

int engine_open_queue(struct engine *e, uint32_t event, const struct queue_entry_opened *opened,
                      uint64_t *ret_barrier, struct err *err)
{
    struct partition *p = engine_partition(e, event);
    const char *detail;
    *ret_barrier = engine_barrier(e); /* a refusal tells of the room, too */
    if (!p || p->waiting) {
        (void)err_set(err, p ? "the event has a waiting room already" : "there is no such event");
        return ENGINE_INVALID;
    }
    if (!queue_opened_valid(opened, &detail)) {
        (void)err_set(err, "%s", detail);
        return ENGINE_INVALID;
    }
    struct queue_entry entry = {.number = QUEUE_ENTRY_opened, .opened = *opened};
    if (!engine_has_room(e, queue_entry_size(&entry))) {
        (void)err_set(err, "nothing can be written right now");
        return ENGINE_BUSY;
    }
    uint64_t ts_us = engine_now(e);
    if (waiting_begin(p, event, opened, ts_us, err) != 0)
        return ENGINE_BUSY;
    waiting_join(e, event, p->waiting, &entry, ts_us);
    CRASH_POINT("waiting.opened");
    *ret_barrier = engine_barrier(e);
    return 0;
}

void engine_submit_queue(struct engine *e, uint32_t event, const struct queue_command *command,
                         struct engine_queue_result *ret_result)
{
    struct waiting *w = engine_waiting(e, event);
    struct engine_queue_result result = {.no_queue = !w};
    e->counters.commands++;
    if (!w || !engine_has_room(e, 0)) {
        result.no_space = w != NULL;
        result.barrier = engine_barrier(e);
        *ret_result = result;
        return;
    }
    if (e->halted_us != 0)
        engine_credit_outage(e);
    result.ts_us = engine_now(e);
    CRASH_POINT("waiting.submit.before");
    queue_decide(w->queue, command, result.ts_us, &e->queue_decision);
    CRASH_POINT("waiting.submit.decided");
    for (uint32_t i = 0; i < e->queue_decision.entry_count; i++) {
        const struct queue_entry *entry = &e->queue_decision.entries[i];
        queue_apply(w->queue, entry, result.ts_us + i);
        CRASH_POINT("waiting.submit.applied");
        w->pseq++;
        waiting_join(e, event, w, entry, result.ts_us + i);
    }
    e->counters.refusals += e->queue_decision.refusal != QUEUE_OK;
    result.refusal = e->queue_decision.refusal;
    result.queue = w->queue;
    result.decision = &e->queue_decision;
    result.barrier = engine_barrier(e);
    CRASH_POINT("waiting.submit.after");
    *ret_result = result;
}

const struct queue *engine_queue(const struct engine *e, uint32_t event)
{
    struct waiting *w = engine_waiting(e, event);
    return w ? w->queue : NULL;
}

void waiting_tick(struct engine *e, uint32_t event, uint64_t now_us)
{
    struct waiting *w = e->partitions[event].waiting;
    struct queue_command command = {.number = QUEUE_COMMAND_tick};
    struct engine_queue_result result;
    if (w->has_chain_hash && queue_wants_draw(w->queue)) {
        command.number = QUEUE_COMMAND_draw;
        command.draw.chain_hash = slice_make((const char *)w->chain_hash, sizeof w->chain_hash);
        engine_submit_queue(e, event, &command, &result);
        return;
    }
    for (uint32_t i = 0; i < TICKS_AT_ONCE && queue_next_tick_us(w->queue) <= now_us; i++)
        engine_submit_queue(e, event, &command, &result);
}

void waiting_credit(struct engine *e, uint32_t event, uint64_t from_us, uint64_t outage_us)
{
    struct queue_command credit = {.number = QUEUE_COMMAND_credit_outage};
    struct engine_queue_result result;
    struct queue_status status;
    queue_status(e->partitions[event].waiting->queue, from_us, &status);
    if (status.active == 0) /* nobody's time ran: most rooms, most of the time */
        return;
    credit.credit_outage.outage_us = outage_us;
    engine_submit_queue(e, event, &credit, &result);
}
