/*
 * inventory: what the box office machine needs to know of a seating plan, and no more. Made by
 * plan/inventory.c (or by a test), carried inside the entries EventCreated and PlanChanged, read by
 * the machine.
 *
 * Units of a new event are numbered from 0: first the plan's seats in the order of the imported
 * plan, then the units of the general-admission areas, area by area. Seats of a row that touch each
 * other form a block; the machine finds adjacent seats inside blocks only.
 *
 * Bytes, little-endian, version 2:
 *
 *   u32 version, seat_count, block_count, area_count, section_count, category_count
 *   u32 special_count, group_count, grouped_count   (version 1 ends its header before this line)
 *   block_count x { u32 section, u32 seat_count }   in order; each block has at least one seat
 *   seat_count x u32                                the seats, block by block, side by side
 *   seat_count x u32                                cost of each seat (by seat number): smaller is
 *                                                   better, at most INVENTORY_COST_MAX
 *   seat_count x u8                                 price category of each seat
 *   area_count x { u32 capacity, u32 category }     general-admission areas
 *   special_count x { u32 seat, kind, companion_of }  seats that are not ordinary, by rising seat
 *                                                   number: enum booking_kind; for a companion the
 *                                                   seat it is sold with (no companion itself),
 *                                                   else INVENTORY_NO_SEAT
 *   group_count x u32                               how many seats are sold together: 2 to
 *                                                   LIMIT_HOLD_UNITS
 *   grouped_count x u32                             these seats, group by group
 */
#ifndef ONSALE_BOOKING_INVENTORY_H
#define ONSALE_BOOKING_INVENTORY_H

#include "base/slice.h"

#define INVENTORY_VERSION 2u
#define INVENTORY_HEADER_BYTES 36u
#define INVENTORY_HEADER_BYTES_1 24u /* of version 1, which has no groups and no special seats */
#define INVENTORY_COST_MAX ((1u << 24) - 1)
#define INVENTORY_NO_SEAT 0xffffffffu

struct inventory {
    uint32_t seat_count, block_count, area_count, section_count, category_count;
    uint32_t special_count, group_count, grouped_count;
    uint32_t unit_count; /* seats and all areas' capacities */
    const char *blocks, *seats, *costs, *categories, *areas, *specials, *groups, *grouped;
};

/* Word `index` of one of the lists. */
static inline uint32_t inventory_word(const char *list, uint32_t index)
{
    const unsigned char *p = (const unsigned char *)list + (size_t)index * 4;
    return (uint32_t)p[0] | (uint32_t)p[1] << 8 | (uint32_t)p[2] << 16 | (uint32_t)p[3] << 24;
}

enum inventory_fault {
    INVENTORY_OK,
    INVENTORY_CUT_SHORT,
    INVENTORY_VERSION_UNKNOWN,
    INVENTORY_OUT_OF_BOUNDS, /* a count, category, section, seat or cost beyond what is allowed */
    INVENTORY_SEAT_TWICE,    /* in two blocks or two groups */
    INVENTORY_BAD_GROUP,     /* fewer than two seats or more than a hold may have */
    INVENTORY_BAD_COMPANION, /* a companion of itself, of a companion, or of no seat */
    INVENTORY_EMPTY,         /* no unit at all */
};

/* Checks the bytes wholly (bounds of limits.h, each seat in one block) and points into them.
 * `scratch` has room for a bit for each seat: (seat_count + 63) / 64 words, at most
 * LIMIT_UNITS / 64; it need not be zeroed. */
enum inventory_fault inventory_read(struct slice bytes, uint64_t *scratch,
                                    struct inventory *ret_inventory);

#endif
