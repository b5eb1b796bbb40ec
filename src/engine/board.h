/*
 * board: a picture of one event's availability for readers, changed only after the commit that made
 * it true. Readers never touch the machine. States are API's: 0 available, 1 held, 2 sold, 3
 * blocked; seat i is bits 2i..2i+1 of the vector (byte i/4, lowest bits first).
 *
 * Thread: the loop's.
 */
#ifndef ONSALE_ENGINE_BOARD_H
#define ONSALE_ENGINE_BOARD_H

#include "base/slice.h"

struct board {
    uint32_t partition;
    uint64_t version;      /* rises with each commit that changed a unit of the event */
    uint32_t plan_version; /* of the plan whose seats these are: booking_event */
    uint32_t seat_count;
    uint32_t area_count;
    const uint8_t *seats;           /* (seat_count + 3) / 4 bytes */
    const uint32_t *area_available; /* area_count */
    uint32_t available;             /* seats and area units that are free */
};

static inline unsigned board_seat(const struct board *board, uint32_t seat)
{
    return (unsigned)board->seats[seat / 4] >> (seat % 4 * 2) & 3u;
}

/* Seats that changed after `since` up to the present version, each once, into `ret_seats`. Returns
 * their number, or -1 when that is too long ago or there are more than `max`. */
int board_changes(const struct board *board, uint64_t since, uint32_t *ret_seats, uint32_t max);

#endif
