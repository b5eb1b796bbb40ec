#include "sim.h"

#include <assert.h>
#include <stdlib.h>

struct thing {
    uint64_t at_us, order;
    schedule_fn *run;
    void *subject;
    uint64_t word;
};

/* A binary heap by (at_us, order). */
struct schedule {
    struct thing *things;
    size_t count, capacity;
    uint64_t order;
};

struct schedule *schedule_create(void)
{
    return calloc(1, sizeof(struct schedule));
}

void schedule_destroy(struct schedule *q)
{
    if (q)
        free(q->things);
    free(q);
}

static bool before(const struct thing *a, const struct thing *b)
{
    return a->at_us != b->at_us ? a->at_us < b->at_us : a->order < b->order;
}

void schedule_at(struct sim *s, uint64_t at_us, schedule_fn *run, void *subject, uint64_t word)
{
    struct schedule *q = s->schedule;
    if (q->count == q->capacity) {
        q->capacity = q->capacity ? q->capacity * 2 : 256;
        q->things = realloc(q->things, q->capacity * sizeof *q->things);
        if (!q->things)
            abort();
    }
    struct thing thing = {at_us > s->now_us ? at_us : s->now_us, q->order++, run, subject, word};
    size_t at = q->count++;
    for (; at > 0 && before(&thing, &q->things[(at - 1) / 2]); at = (at - 1) / 2)
        q->things[at] = q->things[(at - 1) / 2];
    q->things[at] = thing;
}

uint64_t schedule_next_us(const struct sim *s)
{
    return s->schedule->count ? s->schedule->things[0].at_us : UINT64_MAX;
}

void schedule_run_next(struct sim *s)
{
    struct schedule *q = s->schedule;
    assert(q->count > 0);
    struct thing first = q->things[0], last = q->things[--q->count];
    size_t at = 0;
    for (size_t child; (child = at * 2 + 1) < q->count; at = child) {
        if (child + 1 < q->count && before(&q->things[child + 1], &q->things[child]))
            child++;
        if (!before(&q->things[child], &last))
            break;
        q->things[at] = q->things[child];
    }
    q->things[at] = last;
    s->now_us = first.at_us;
    s->step++;
    first.run(s, first.subject, first.word);
}
