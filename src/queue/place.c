#include "queue/state.h"

/* Places by number, and numbers by session.
 *
 * The index of sessions is a row of tables: the first for CHUNK_PLACES numbers, each one after it
 * for as many numbers as all before it. So it is never rebuilt and never copied, a join never
 * waits, and at most half of it is ahead of its use. A table has 7 slots for 4 numbers: 8.25 bytes
 * of a chunk, 7 of a slot's and at worst 7 more of a table just begun keep a place under 24 bytes.
 * A slot holds the number + 1 within the table, and 8 bits of the session, which spare all but one
 * in 256 looks at other sessions. */

#define SLOT_NUMBER_BITS 24u
#define SLOT_NUMBER_MASK ((1u << SLOT_NUMBER_BITS) - 1)

_Static_assert(LIMIT_QUEUE_PLACES / 2 < SLOT_NUMBER_MASK, "a table's numbers fit in a slot");
_Static_assert(LIMIT_QUEUE_PRIORITY_PLACES <= LIMIT_QUEUE_PLACES, "and those of both lanes");

struct table {
    uint32_t *slots;
    uint32_t slot_count, first; /* the first number in it */
};

static uint32_t first_of_table(uint32_t number)
{
    return number < CHUNK_PLACES ? 0 : 1u << (31 - __builtin_clz(number));
}

/* The table that begins with this number. */
static struct table table_at(const struct queue *q, uint32_t lane, uint32_t first)
{
    uint32_t numbers = first == 0 ? CHUNK_PLACES : first;
    return (struct table){q->index[lane] + first / 4 * 7, numbers / 4 * 7, first};
}

static uint32_t first_before(uint32_t first)
{
    return first == CHUNK_PLACES ? 0 : first / 2;
}

size_t place_index_slots(uint32_t places)
{
    if (places == 0)
        return 0;
    uint32_t first = first_of_table(places - 1);
    return (size_t)(first + (first == 0 ? CHUNK_PLACES : first)) / 4 * 7;
}

static uint32_t home_of(struct table t, uint64_t session)
{
    return (uint32_t)((session >> 32) * t.slot_count >> 32);
}

/* Where the session stands, or would stand. */
static uint32_t slot_of(const struct queue *q, uint32_t lane, struct table t, uint64_t session)
{
    uint32_t at = home_of(t, session), tag = (uint32_t)session & 0xffu, slot;
    while ((slot = t.slots[at]) != 0) {
        uint32_t number = t.first + (slot & SLOT_NUMBER_MASK) - 1;
        if (slot >> SLOT_NUMBER_BITS == tag && place_session(q, lane, number) == session)
            break;
        at = at + 1 < t.slot_count ? at + 1 : 0;
    }
    return at;
}

void place_index_prefetch(const struct queue *q, uint32_t lane, uint32_t number)
{
    struct table t = table_at(q, lane, first_of_table(number));
    __builtin_prefetch(&t.slots[home_of(t, place_session(q, lane, number))], 1);
}

void place_index_add(struct queue *q, uint32_t lane, uint32_t number)
{
    uint64_t session = place_session(q, lane, number);
    struct table t = table_at(q, lane, first_of_table(number));
    uint32_t tag = (uint32_t)session & 0xffu;
    /* A newer number of the same session takes the older one's slot. */
    t.slots[slot_of(q, lane, t, session)] = tag << SLOT_NUMBER_BITS | (number - t.first + 1);
}

uint32_t place_find(const struct queue *q, uint32_t lane, uint64_t session)
{
    uint32_t count = q->s->lanes[lane].count;
    if (count == 0)
        return QUEUE_NONE;
    /* Each table is somewhere else in memory: ask for all of them before waiting for the first. */
    for (uint32_t first = first_of_table(count - 1); first > 0; first = first_before(first)) {
        struct table t = table_at(q, lane, first);
        __builtin_prefetch(&t.slots[home_of(t, session)]);
    }
    for (uint32_t first = first_of_table(count - 1);; first = first_before(first)) {
        struct table t = table_at(q, lane, first);
        uint32_t slot = t.slots[slot_of(q, lane, t, session)];
        if (slot != 0)
            return first + (slot & SLOT_NUMBER_MASK) - 1;
        if (first == 0)
            return QUEUE_NONE;
    }
}

bool place_newest(const struct queue *q, uint64_t session, uint32_t *ret_lane, uint32_t *ret_number)
{
    for (uint32_t lane = 0; lane < QUEUE_LANES; lane++) {
        uint32_t number = place_find(q, lane, session);
        if (number == QUEUE_NONE || place_mark(q, lane, number) == MARK_REPLACED)
            continue;
        *ret_lane = lane;
        *ret_number = number;
        return true;
    }
    return false;
}

void place_set_mark(struct queue *q, uint32_t lane, uint32_t number, enum mark mark)
{
    assert(number < q->s->lanes[lane].count);
    uint32_t at = number % CHUNK_PLACES;
    uint64_t *word = &q->chunks[lane][number / CHUNK_PLACES].marks[at / 32];
    *word = (*word & ~(3ull << at % 32 * 2)) | (uint64_t)mark << at % 32 * 2;
}

void place_count_code(struct queue *q, uint32_t number, uint32_t code)
{
    assert(number < q->s->lanes[QUEUE_PRIORITY].count && code >= 1 && code <= LIMIT_QUEUE_CODES &&
           q->codes[number] == 0);
    q->codes[number] = code;
    q->code_places[code - 1]++;
}

void place_release_code(struct queue *q, uint32_t lane, uint32_t number)
{
    uint32_t code = place_code(q, lane, number);
    if (code == 0)
        return;
    assert(q->code_places[code - 1] > 0);
    q->code_places[code - 1]--;
    q->codes[number] = 0;
}

uint32_t place_rank(const struct queue *q, uint32_t lane, uint32_t number)
{
    const struct state *s = q->s;
    if (s->lobby_closed && number >= s->lanes[lane].lobby_count)
        return number;
    return s->drawn ? queue_draw_rank(q->draws[lane], number) : QUEUE_NONE;
}

uint32_t place_number(const struct queue *q, uint32_t lane, uint32_t rank)
{
    return rank < q->s->lanes[lane].lobby_count ? queue_draw_number(q->draws[lane], rank) : rank;
}

struct call *call_of(const struct queue *q, uint32_t lane, uint32_t rank)
{
    const struct lane *l = &q->s->lanes[lane];
    uint32_t low = 0, high = l->call_count;
    assert(rank < l->called);
    if (rank < l->ended)
        return NULL;
    while (low < high) {
        uint32_t middle = (low + high) / 2;
        if (call_at(q, lane, middle)->upto > rank)
            high = middle;
        else
            low = middle + 1;
    }
    return low < l->call_count ? call_at(q, lane, low) : NULL;
}
