/*
 * inventory: what the box office machine needs to know of a seating plan, and no more. Made by
 * plan/inventory.c (or by a test), carried inside the entry EventCreated, read by the machine.
 *
 * Units are numbered from 0: first the plan's seats in the order of the imported plan, then the
 * units of the general-admission areas, area by area. Seats of a row that touch each other form a
 * block; the machine finds adjacent seats inside blocks only.
 *
 * Bytes, little-endian, version 1:
 *   u32 version = 1, u32 seat_count, u32 block_count, u32 area_count, u32 section_count,
 *   u32 category_count
 *   block_count x { u32 section, u32 seat_count }      blocks in order; each at least one seat
 *   seat_count  x u32                                  the seats block by block, side by side in a
 * block seat_count  x u32                                  cost of each seat (by seat number):
 * smaller is better (near the stage, near the middle), < 2^24 seat_count  x u8 price category of
 * each seat (by seat number) area_count  x { u32 capacity, u32 category }       general-admission
 * areas
 */
#ifndef ONSALE_BOOKING_INVENTORY_H
#define ONSALE_BOOKING_INVENTORY_H

#include "base/slice.h"

#define INVENTORY_VERSION 1u
#define INVENTORY_HEADER_BYTES 24u
#define INVENTORY_COST_MAX ((1u << 24) - 1)

struct inventory {
    uint32_t seat_count, block_count, area_count, section_count, category_count;
    uint32_t unit_count; /* seats and all areas' capacities */
    const char *blocks, *seats, *costs, *categories, *areas;
};

enum inventory_fault {
    INVENTORY_OK,
    INVENTORY_CUT_SHORT,
    INVENTORY_VERSION_UNKNOWN,
    INVENTORY_OUT_OF_BOUNDS, /* a count, category, section, seat or cost beyond what is allowed */
    INVENTORY_SEAT_TWICE,
    INVENTORY_EMPTY, /* no unit at all */
};

/* Checks the bytes wholly (bounds of limits.h, each seat in one block) and points into them.
 * `scratch` has room for a bit for each seat: (seat_count + 63) / 64 words, at most
 * LIMIT_UNITS / 64; it need not be zeroed. */
enum inventory_fault inventory_read(struct slice bytes, uint64_t *scratch,
                                    struct inventory *ret_inventory);

#endif
