/* payments_lanes: the calls that the outbox knows: who is next, and by which order (payments.h). */
#include "base/hash.h"
#include "effects/payments_internal.h"

#include <assert.h>
#include <stdlib.h>

/* ---- heap ---- */

static void heap_put(struct heap *h, size_t at, struct call *call)
{
    h->items[at] = call;
    call->heap_at = at;
}

static void heap_up(struct heap *h, struct call *call)
{
    size_t at = call->heap_at;
    while (at > 0 && h->items[(at - 1) / 2]->due_us > call->due_us) {
        heap_put(h, at, h->items[(at - 1) / 2]);
        at = (at - 1) / 2;
    }
    heap_put(h, at, call);
}

static void heap_down(struct heap *h, struct call *call)
{
    size_t at = call->heap_at;
    for (;;) {
        size_t child = 2 * at + 1;
        if (child + 1 < h->count && h->items[child + 1]->due_us < h->items[child]->due_us)
            child++;
        if (child >= h->count || h->items[child]->due_us >= call->due_us)
            break;
        heap_put(h, at, h->items[child]);
        at = child;
    }
    heap_put(h, at, call);
}

static void heap_push(struct heap *h, struct call *call)
{
    assert(h->count < h->cap); /* room was made when the call was taken */
    call->heap_at = h->count++;
    heap_up(h, call);
}

static void heap_remove(struct heap *h, struct call *call)
{
    assert(h->items[call->heap_at] == call);
    struct call *last = h->items[--h->count];
    if (last == call)
        return;
    heap_put(h, call->heap_at, last);
    heap_down(h, last);
    heap_up(h, last);
}

static bool heap_make_room(struct heap *h, size_t count)
{
    if (count <= h->cap)
        return true;
    size_t cap = h->cap ? h->cap * 2 : 64;
    struct call **items = realloc(h->items, cap * sizeof *items);
    if (!items)
        return false;
    h->items = items;
    h->cap = cap;
    return true;
}

/* ---- lanes ---- */

static enum lane lane_of(const struct call *call)
{
    if (call->stage == STAGE_FOLLOW || (call->kind == KIND_WATCH && !call->urgent))
        return LANE_IDLE;
    if (call->stage == STAGE_LOOK || call->kind == KIND_WATCH)
        return LANE_READ;
    return call->kind == BOOKING_CALL_CREATE ? LANE_CREATE : LANE_SETTLE;
}

void lanes_wait(struct payments *p, struct call *call, uint64_t due_us)
{
    call->due_us = due_us;
    call->lane = (uint8_t)lane_of(call);
    call->again = call->unknown > 0;
    heap_push(&p->lanes[call->lane][call->again], call);
}

void lanes_leave(struct payments *p, struct call *call)
{
    heap_remove(&p->lanes[call->lane][call->again], call);
}

struct throttle_call lanes_throttled(const struct call *call)
{
    static const enum throttle_class classes[LANES] = {
        [LANE_CREATE] = THROTTLE_CREATE,
        [LANE_SETTLE] = THROTTLE_SETTLE,
        [LANE_READ] = THROTTLE_READ,
        [LANE_IDLE] = THROTTLE_READ,
    };
    return (struct throttle_call){.class = classes[call->lane], .retry = call->again};
}

struct call *lanes_next(const struct payments *p, uint64_t now_us, uint64_t *ret_wake_us)
{
    struct call *next = NULL;
    uint64_t wake_us = UINT64_MAX;
    for (int lane = 0; lane < LANES; lane++)
        for (int again = 0; again < 2; again++) {
            const struct heap *h = &p->lanes[lane][again];
            if (h->count == 0 || (lane == LANE_IDLE && next && next->lane != LANE_IDLE))
                continue;
            struct call *first = h->items[0];
            const struct throttle_call throttled = lanes_throttled(first);
            uint64_t ready_us = throttle_ready_us(&p->throttle, &throttled, now_us);
            uint64_t at_us = first->due_us > ready_us ? first->due_us : ready_us;
            if (at_us > now_us)
                wake_us = at_us < wake_us ? at_us : wake_us;
            else if (!next || first->due_us < next->due_us)
                next = first;
        }
    *ret_wake_us = wake_us;
    return next;
}

/* ---- table ---- */

static struct call **bucket_of(const struct payments *p, uint32_t partition, uint32_t order)
{
    uint64_t words[] = {(uint64_t)partition << 32 | order};
    return &p->buckets[hash64_of(words, sizeof words, 0) & (p->bucket_count - 1)];
}

void table_add(struct payments *p, struct call *call)
{
    struct call **bucket = bucket_of(p, call->partition, call->order);
    call->chain = *bucket;
    *bucket = call;
    p->call_count++;
}

void table_remove(struct payments *p, struct call *call)
{
    struct call **at = bucket_of(p, call->partition, call->order);
    while (*at != call)
        at = &(*at)->chain;
    *at = call->chain;
    call->chain = NULL;
    p->call_count--;
}

static struct call *of_order(struct call *call, uint32_t partition, uint32_t order)
{
    while (call && !(call->partition == partition && call->order == order))
        call = call->chain;
    return call;
}

struct call *table_first(const struct payments *p, uint32_t partition, uint32_t order)
{
    return of_order(*bucket_of(p, partition, order), partition, order);
}

struct call *table_next(const struct call *call)
{
    return of_order(call->chain, call->partition, call->order);
}

static bool table_make_room(struct payments *p)
{
    if (p->call_count < p->bucket_count)
        return true;
    size_t old_count = p->bucket_count;
    struct call **old = p->buckets, **grown = calloc(old_count * 2, sizeof(struct call *));
    if (!grown)
        return false;
    p->buckets = grown;
    p->bucket_count = old_count * 2;
    p->call_count = 0;
    for (size_t i = 0; i < old_count; i++)
        for (struct call *c = old[i], *next; c; c = next) {
            next = c->chain;
            table_add(p, c);
        }
    free(old);
    return true;
}

bool lanes_make_room(struct payments *p)
{
    size_t all = (size_t)p->counters.watched + p->counters.owed + 1;
    for (int lane = 0; lane < LANES; lane++)
        for (int again = 0; again < 2; again++)
            if (!heap_make_room(&p->lanes[lane][again], all))
                return false;
    return table_make_room(p);
}
