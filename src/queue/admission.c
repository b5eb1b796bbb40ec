#include "queue/state.h"

/* Who is in: slots, a list of those in use by the time of their end, an index by session (linear
 * probing; removal shifts back, so that there are no tombstones). */

static uint32_t index_home(const struct queue *q, uint32_t slot)
{
    return (uint32_t)q->admissions[slot].session & q->admission_mask;
}

static uint32_t index_at(const struct queue *q, uint64_t session)
{
    uint32_t at = (uint32_t)session & q->admission_mask, entry;
    while ((entry = q->admission_index[at]) != 0 && q->admissions[entry - 1].session != session)
        at = (at + 1) & q->admission_mask;
    return at;
}

uint32_t admission_find(const struct queue *q, uint64_t session)
{
    if (q->s->admitted == 0) /* as long as all are in the lobby: spare them the memory */
        return QUEUE_NONE;
    return q->admission_index[index_at(q, session)] - 1; /* 0: QUEUE_NONE */
}

void admission_index_add(struct queue *q, uint32_t slot)
{
    uint32_t at = index_at(q, q->admissions[slot].session);
    assert(q->admission_index[at] == 0);
    q->admission_index[at] = slot + 1;
}

static void index_remove(struct queue *q, uint32_t slot)
{
    uint32_t mask = q->admission_mask, at = index_at(q, q->admissions[slot].session);
    assert(q->admission_index[at] == slot + 1);
    for (uint32_t next = (at + 1) & mask; q->admission_index[next] != 0; next = (next + 1) & mask) {
        uint32_t home = index_home(q, q->admission_index[next] - 1);
        if (((next - home) & mask) >= ((next - at) & mask)) {
            q->admission_index[at] = q->admission_index[next];
            at = next;
        }
    }
    q->admission_index[at] = 0;
}

uint32_t admission_next_slot(const struct queue *q)
{
    if (q->s->admission_free != QUEUE_NONE)
        return q->s->admission_free;
    return q->s->admissions_used < q->s->admission_capacity ? q->s->admissions_used : QUEUE_NONE;
}

/* From the end of the list: a new one ends last, unless admissions were made shorter a moment ago.
 */
static void list_add(struct queue *q, uint32_t slot)
{
    struct admission *a = &q->admissions[slot];
    uint32_t before = q->s->admission_last;
    while (before != QUEUE_NONE && q->admissions[before].expires_at_us > a->expires_at_us)
        before = q->admissions[before].previous;
    uint32_t *link = before == QUEUE_NONE ? &q->s->admission_first : &q->admissions[before].next;
    a->previous = before;
    a->next = *link;
    *link = slot;
    *(a->next == QUEUE_NONE ? &q->s->admission_last : &q->admissions[a->next].previous) = slot;
}

static void list_remove(struct queue *q, const struct admission *a)
{
    *(a->previous == QUEUE_NONE ? &q->s->admission_first : &q->admissions[a->previous].next) =
        a->next;
    *(a->next == QUEUE_NONE ? &q->s->admission_last : &q->admissions[a->next].previous) =
        a->previous;
}

void admission_begin(struct queue *q, const struct queue_entry_visitor_admitted *e, uint64_t ts_us)
{
    struct state *s = q->s;
    assert(e->admission == admission_next_slot(q) && e->expires_at_us > 0);
    struct admission *a = &q->admissions[e->admission];
    if (s->admission_free == QUEUE_NONE)
        s->admissions_used++;
    else
        s->admission_free = a->next;
    *a = (struct admission){.random = e->admission_random,
                            .session = session_key(e->session),
                            .expires_at_us = e->expires_at_us,
                            .began_at_us = ts_us,
                            .lane = e->lane,
                            .number = e->number};
    list_add(q, e->admission);
    admission_index_add(q, e->admission);
    s->admitted++;
}

void admission_end(struct queue *q, uint32_t slot)
{
    struct admission *a = &q->admissions[slot];
    assert(slot < q->s->admissions_used && a->expires_at_us != 0);
    index_remove(q, slot);
    list_remove(q, a);
    place_release_code(q, a->lane, a->number);
    *a = (struct admission){.next = q->s->admission_free, .previous = QUEUE_NONE};
    q->s->admission_free = slot;
    q->s->admitted--;
}
