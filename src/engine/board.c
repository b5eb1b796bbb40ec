#include "engine/board.h"

#include "engine/internal.h"

#include <stdlib.h>

/* What changed lately, for deltas: a ring that is made when the first change comes. */
#define RING_MAX 4096u

_Static_assert(LIMIT_AREAS < 255, "an area's number fits in a byte");

struct ring_item {
    uint64_t version;
    uint32_t seat;
};

struct board_state {
    struct board view;
    uint8_t *seats;
    uint32_t *area_available;
    uint32_t *unit_seat; /* seat of the plan, BOOKING_NONE: none */
    uint8_t *unit_area;  /* area + 1, 0: a seat */
    uint8_t *area_free;  /* a byte a unit; means something for areas' */
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

/* What readers see of a unit: what is kept for others is not for sale to them. */
static unsigned shown(enum booking_unit_state state)
{
    return state == BOOKING_ALLOCATED ? BOOKING_BLOCKED : (unsigned)state;
}

static void board_fill(struct board_state *b, const struct booking *booking)
{
    struct booking_event event = booking_event(booking);
    for (uint32_t seat = 0; seat < event.seat_count; seat++) {
        uint32_t unit = booking_seat_unit(booking, seat);
        unsigned state = shown(booking_unit_state(booking, unit, 0));
        b->unit_seat[unit] = seat;
        vector_set(b, seat, state);
        b->view.available += state == BOOKING_FREE;
    }
    for (uint32_t i = 0; i < event.area_count; i++) {
        struct booking_area area = booking_area(booking, i);
        for (uint32_t u = area.first_unit; u < area.first_unit + area.capacity; u++) {
            bool is_free = booking_unit_state(booking, u, 0) == BOOKING_FREE;
            b->unit_area[u] = (uint8_t)(i + 1);
            b->area_free[u] = is_free;
            b->area_available[i] += is_free;
        }
        b->view.available += b->area_available[i];
    }
}

struct board_state *board_create(uint32_t partition, const struct booking *booking,
                                 uint64_t version)
{
    struct booking_event event = booking_event(booking);
    struct board_state *b = calloc(1, sizeof *b);
    if (b) {
        b->seats = calloc(1, (event.seat_count + 3) / 4 + 1);
        b->unit_seat = malloc(((size_t)event.unit_count + 1) * sizeof(uint32_t));
        b->unit_area = calloc(1, event.unit_count + 1);
        b->area_available = calloc(event.area_count + 1, sizeof(uint32_t));
        b->area_free = calloc(1, event.unit_count + 1);
    }
    if (!b || !b->seats || !b->unit_seat || !b->unit_area || !b->area_available || !b->area_free) {
        board_destroy(b);
        return NULL;
    }
    memset(b->unit_seat, 0xff, (size_t)event.unit_count * sizeof(uint32_t)); /* BOOKING_NONE */
    b->view = (struct board){.partition = partition,
                             .version = version,
                             .plan_version = event.plan_version,
                             .seat_count = event.seat_count,
                             .area_count = event.area_count,
                             .seats = b->seats,
                             .area_available = b->area_available};
    b->ring_from = version;
    board_fill(b, booking);
    return b;
}

void board_publish(struct board_state *b, uint64_t version)
{
    b->view.version = version;
    b->ring_from = version;
}

void board_destroy(struct board_state *b)
{
    if (!b)
        return;
    free(b->seats);
    free(b->unit_seat);
    free(b->unit_area);
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

void board_set(struct board_state *b, uint32_t unit, enum booking_unit_state state,
               uint64_t version)
{
    b->view.version = version;
    bool is_free = state == BOOKING_FREE;
    if (b->unit_area[unit] > 0) {
        uint32_t step = (uint32_t)is_free - b->area_free[unit];
        b->area_free[unit] = is_free;
        b->area_available[b->unit_area[unit] - 1] += step;
        b->view.available += step;
        return;
    }
    uint32_t seat = b->unit_seat[unit];
    if (seat == BOOKING_NONE)
        return; /* no plan shows it any more */
    b->view.available += (uint32_t)is_free - (board_seat(&b->view, seat) == BOOKING_FREE);
    vector_set(b, seat, shown(state));
    ring_add(b, seat, version);
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
