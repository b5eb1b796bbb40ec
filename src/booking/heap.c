#include "booking/state.h"

/* A binary heap of live holds, earliest expiry on top. Ties keep the order that the same pushes and
 * removals give, which is all that replay needs. */

static uint64_t heap_key(const struct booking *b, uint32_t at)
{
    return b->holds[b->heap[at]].expires_at_us;
}

static void heap_put(struct booking *b, uint32_t at, uint32_t hold)
{
    b->heap[at] = hold;
    b->holds[hold].heap_at = at;
}

static void heap_up(struct booking *b, uint32_t at)
{
    uint32_t hold = b->heap[at];
    uint64_t key = b->holds[hold].expires_at_us;
    while (at > 0 && heap_key(b, (at - 1) / 2) > key) {
        heap_put(b, at, b->heap[(at - 1) / 2]);
        at = (at - 1) / 2;
    }
    heap_put(b, at, hold);
}

static void heap_down(struct booking *b, uint32_t at)
{
    uint32_t hold = b->heap[at];
    uint64_t key = b->holds[hold].expires_at_us;
    for (;;) {
        uint32_t child = at * 2 + 1;
        if (child >= b->s->live_holds)
            break;
        if (child + 1 < b->s->live_holds && heap_key(b, child + 1) < heap_key(b, child))
            child++;
        if (heap_key(b, child) >= key)
            break;
        heap_put(b, at, b->heap[child]);
        at = child;
    }
    heap_put(b, at, hold);
}

void heap_push(struct booking *b, uint32_t hold)
{
    assert(b->s->live_holds < b->s->hold_capacity);
    uint32_t at = b->s->live_holds++;
    b->heap[at] = hold;
    heap_up(b, at);
}

void heap_remove(struct booking *b, uint32_t hold)
{
    uint32_t at = b->holds[hold].heap_at;
    assert(at < b->s->live_holds && b->heap[at] == hold);
    uint32_t last = b->heap[--b->s->live_holds];
    b->heap[b->s->live_holds] = 0; /* the image does not remember what is gone */
    if (last != hold) {
        heap_put(b, at, last);
        heap_up(b, at);
        heap_down(b, b->holds[last].heap_at);
    }
    b->holds[hold].heap_at = 0;
}

void heap_moved(struct booking *b, uint32_t hold)
{
    heap_up(b, b->holds[hold].heap_at);
    heap_down(b, b->holds[hold].heap_at);
}

void expired_begin(const struct booking *b, struct expired_walk *w)
{
    w->depth = 0;
    if (b->s->live_holds > 0)
        w->stack[w->depth++] = 0;
}

uint32_t expired_next(const struct booking *b, struct expired_walk *w, uint64_t ts_us)
{
    while (w->depth > 0) {
        uint32_t at = w->stack[--w->depth];
        if (heap_key(b, at) > ts_us)
            continue;
        for (uint32_t child = at * 2 + 2; child > at * 2; child--) {
            if (child < b->s->live_holds) {
                assert(w->depth < sizeof w->stack / sizeof w->stack[0]);
                w->stack[w->depth++] = child;
            }
        }
        return b->heap[at];
    }
    return BOOKING_NONE;
}

uint32_t forgone_next(const struct booking *b, struct expired_walk *w, uint64_t ts_us)
{
    uint32_t hold = expired_next(b, w, ts_us);
    while (hold != BOOKING_NONE && b->holds[hold].order != BOOKING_NONE)
        hold = expired_next(b, w, ts_us);
    return hold;
}
