#include "base/crash.h"
#include "engine/internal.h"

#include <stdlib.h>
#include <sys/mman.h>

/* The table of partitions and the memory of their machines: one zeroed mapping each. */

struct partition *engine_partition(const struct engine *e, uint32_t number)
{
    if (number == 0 || number >= e->partition_capacity || !e->partitions[number].booking)
        return NULL;
    return &e->partitions[number];
}

/* Room for partition `number` in the table. */
static int partition_reserve(struct engine *e, uint32_t number, struct err *err)
{
    if (number > LIMIT_EVENTS)
        return err_set(err, "partition %u is beyond the limit of %u events", number, LIMIT_EVENTS);
    if (number < e->partition_capacity)
        return 0;
    uint32_t capacity = e->partition_capacity ? e->partition_capacity : 64;
    while (capacity <= number)
        capacity *= 2;
    struct partition *table = realloc(e->partitions, capacity * sizeof *table);
    if (!table)
        return err_set(err, "out of memory for %u partitions", capacity);
    memset(table + e->partition_capacity, 0, (capacity - e->partition_capacity) * sizeof *table);
    e->partitions = table;
    e->partition_capacity = capacity;
    return 0;
}

static void *map(uint32_t number, size_t size, struct err *err)
{
    void *memory = mmap(NULL, size, PROT_READ | PROT_WRITE,
                        MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (memory != MAP_FAILED)
        return memory;
    (void)err_set(err, "out of memory: event %u needs %zu bytes", number, size);
    return NULL;
}

static int partition_map(struct partition *p, uint32_t number, size_t size, struct err *err)
{
    p->memory = map(number, size, err);
    p->memory_size = size;
    return p->memory ? 0 : -1;
}

int partition_begin(struct engine *e, uint32_t number, const struct entry_event_created *created,
                    uint64_t ts_us, struct err *err)
{
    if (partition_reserve(e, number, err) != 0)
        return -1;
    struct partition *p = &e->partitions[number];
    if (p->booking)
        return err_set(err, "event %u is created twice", number);
    if (partition_map(p, number, booking_memory_size(created), err) != 0)
        return -1;
    CRASH_POINT("partition.begin.mapped");
    p->booking = booking_init(p->memory, p->memory_size, number, created, ts_us);
    p->pseq = 1;
    partition_note(p);
    p->board = board_create(number, p->booking, p->pseq);
    if (p->board)
        return 0;
    partition_finish(p);
    return err_set(err, "out of memory for the board of event %u", number);
}

int partition_restore(struct engine *e, uint32_t number, struct slice image, uint64_t pseq,
                      struct err *err)
{
    if (partition_reserve(e, number, err) != 0)
        return -1;
    struct partition *p = &e->partitions[number];
    size_t size = booking_restore_size(image);
    if (partition_map(p, number, size, err) != 0)
        return -1;
    CRASH_POINT("partition.restore.mapped");
    p->booking = booking_restore(p->memory, size, image);
    p->pseq = pseq;
    p->snapshot_pseq = pseq;
    p->board = board_create(number, p->booking, pseq);
    if (p->board)
        return 0;
    partition_finish(p);
    return err_set(err, "out of memory for the board of event %u", number);
}

int partition_prepare_move(struct partition *p, uint32_t number,
                           const struct entry_plan_changed *entry, struct partition_move *ret_move,
                           struct err *err)
{
    struct partition_move move = {.size = booking_change_plan_size(p->booking, entry)};
    move.memory = map(number, move.size, err);
    if (!move.memory)
        return -1;
    *ret_move = move;
    return 0;
}

void partition_move(struct partition *p, struct partition_move move,
                    const struct entry_plan_changed *entry, uint64_t ts_us)
{
    p->booking = booking_change_plan(p->booking, move.memory, move.size, entry, ts_us);
    munmap(p->memory, p->memory_size);
    p->memory = move.memory;
    p->memory_size = move.size;
}

void partition_note(struct partition *p)
{
    struct booking_event event = booking_event(p->booking);
    p->live = event.live_holds > 0 || event.next_case_us != UINT64_MAX;
    p->release_us = event.next_release_us;
    if (event.next_case_us < p->release_us)
        p->release_us = event.next_case_us;
    uint64_t step_us = booking_next_step_us(p->booking);
    if (step_us < p->release_us)
        p->release_us = step_us;
}

bool partition_wants_tick(const struct partition *p, uint64_t ts_us)
{
    return p->live || (p->booking && p->release_us <= ts_us);
}

void partition_finish(struct partition *p)
{
    waiting_finish(p);
    board_destroy(p->board);
    if (p->memory)
        munmap(p->memory, p->memory_size);
    *p = (struct partition){0};
}
