#include "engine/board.h"

#include "engine/internal.h"

#include <assert.h>
#include <stdlib.h>

/* What changed lately, for deltas: a ring that is made when the first change comes. */
#define RING_MAX 4096u

struct ring_item {
    uint64_t version;
    uint32_t seat;
};

struct board_state {
    struct board view;
    uint8_t *seats;
    uint32_t *area_available;
    uint8_t *area_free; /* one byte a general-admission unit */
    struct ring_item *ring;
    uint32_t ring_size; /* power of two, 0 before the first change */
    uint64_t ring_count;
    uint64_t ring_from; /* changes up to this version are not (all) in the ring */
};

static uint8_t *vector_place(struct board_state *b, uint32_t seat)
{
    return &b->seats[seat / 4];
}

static void vector_set(struct board_state *b, uint32_t seat, unsigned state)
{
    unsigned shift = seat % 4 * 2;
    uint8_t *byte = vector_place(b, seat);
    *byte = (uint8_t)((*byte & ~(3u << shift)) | state << shift);
}

static void board_fill(struct board_state *b, const struct booking *booking, const uint8_t *states)
{
    struct booking_event event = booking_event(booking);
    memset(b->seats, 0, (event.seat_count + 3) / 4);
    b->view.available = 0;
    for (uint32_t seat = 0; seat < event.seat_count; seat++) {
        vector_set(b, seat, states[seat]);
        b->view.available += states[seat] == BOOKING_FREE;
    }
    for (uint32_t i = 0; i < event.area_count; i++) {
        struct booking_area area = booking_area(booking, i);
        b->area_available[i] = 0;
        for (uint32_t u = area.first_unit; u < area.first_unit + area.capacity; u++) {
            b->area_free[u - event.seat_count] = states[u] == BOOKING_FREE;
            b->area_available[i] += states[u] == BOOKING_FREE;
        }
        b->view.available += b->area_available[i];
    }
}

struct board_state *board_create(uint32_t partition, const struct booking *booking, uint64_t pseq)
{
    struct booking_event event = booking_event(booking);
    struct board_state *b = calloc(1, sizeof *b);
    uint8_t *states = malloc(event.unit_count);
    if (b) {
        b->seats = calloc(1, (event.seat_count + 3) / 4 + 1);
        b->area_available = calloc(event.area_count + 1, sizeof(uint32_t));
        b->area_free = calloc(1, event.unit_count - event.seat_count + 1);
    }
    if (!b || !states || !b->seats || !b->area_available || !b->area_free) {
        free(states);
        board_destroy(b);
        return NULL;
    }
    for (uint32_t unit = 0; unit < event.unit_count; unit++)
        states[unit] = (uint8_t)booking_unit_state(booking, unit, 0);
    b->view = (struct board){.partition = partition,
                             .version = pseq,
                             .seat_count = event.seat_count,
                             .area_count = event.area_count,
                             .seats = b->seats,
                             .area_available = b->area_available};
    b->ring_from = pseq;
    board_fill(b, booking, states);
    free(states);
    return b;
}

void board_destroy(struct board_state *b)
{
    if (!b)
        return;
    free(b->seats);
    free(b->area_available);
    free(b->area_free);
    free(b->ring);
    free(b);
}

const struct board *board_view(const struct board_state *b)
{
    return &b->view;
}

static void ring_add(struct board_state *b, uint32_t seat, uint64_t version)
{
    if (b->ring_size == 0) {
        uint32_t size = 64;
        while (size < RING_MAX && size < b->view.seat_count)
            size *= 2;
        b->ring = calloc(size, sizeof *b->ring);
        if (!b->ring) { /* no deltas then: readers fetch the whole */
            b->ring_from = version;
            return;
        }
        b->ring_size = size;
    }
    struct ring_item *item = &b->ring[b->ring_count & (b->ring_size - 1)];
    if (b->ring_count >= b->ring_size && item->version > b->ring_from)
        b->ring_from = item->version;
    *item = (struct ring_item){version, seat};
    b->ring_count++;
}

void board_set(struct board_state *b, const struct booking *booking, uint32_t unit,
               enum booking_unit_state state, uint64_t version)
{
    b->view.version = version;
    if (unit >= b->view.seat_count) {
        uint32_t area = booking_unit_area(booking, unit);
        assert(area < b->view.area_count);
        uint8_t *is_free = &b->area_free[unit - b->view.seat_count];
        uint32_t step = (uint32_t)(state == BOOKING_FREE) - *is_free;
        *is_free = state == BOOKING_FREE;
        b->area_available[area] += step;
        b->view.available += step;
        return;
    }
    bool was_free = board_seat(&b->view, unit) == BOOKING_FREE;
    b->view.available += (uint32_t)(state == BOOKING_FREE) - (uint32_t)was_free;
    vector_set(b, unit, state);
    ring_add(b, unit, version);
}

void board_set_all(struct board_state *b, const struct booking *booking, const uint8_t *states,
                   uint64_t version)
{
    board_fill(b, booking, states);
    b->view.version = version;
    b->ring_from = version;
}

int board_changes(const struct board *view, uint64_t since, uint32_t *ret_seats, uint32_t max)
{
    const struct board_state *b = (const struct board_state *)(const void *)view;
    if (since >= view->version)
        return 0;
    if (since < b->ring_from)
        return -1;
    uint32_t count = 0;
    for (uint64_t i = b->ring_count; i > 0 && b->ring_count - i < b->ring_size; i--) {
        const struct ring_item *item = &b->ring[(i - 1) & (b->ring_size - 1)];
        if (item->version <= since)
            break;
        bool seen = false;
        for (uint32_t k = 0; k < count && !seen; k++)
            seen = ret_seats[k] == item->seat;
        if (seen)
            continue;
        if (count == max)
            return -1;
        ret_seats[count++] = item->seat;
    }
    return (int)count;
}
