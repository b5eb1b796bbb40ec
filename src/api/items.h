/* items: how places, holds and their prices are told. */
#ifndef ONSALE_API_ITEMS_H
#define ONSALE_API_ITEMS_H

#include "api/context.h"

/* Members seat, seat_index, section, row, number and kind, or area and area_name, and category;
 * into an open object. */
void items_write_place(struct json *j, const struct api_event *event, const struct booking *b,
                       uint32_t unit);

/* The plan's seat that a unit is; false for a place in an area and for a seat that the plan no
 * longer has. */
bool items_seat(const struct api_event *event, uint32_t unit, uint32_t *ret_seat);

/* What stands in the way, when there is any: the array `seats`, guids of units, and the array
 * `categories`, names of those whose limit is reached. */
void items_write_culprits(struct json *j, const struct api_event *event,
                          const struct booking_decision *decision);

/* The array `items` and the money `total`, `discount` and `tax`. */
struct items {
    const uint32_t *units;
    const struct booking_line *lines;
    uint32_t count;
    int64_t total_minor;
    const struct booking_order *order; /* they are an order's: tells of refunds; else NULL */
    struct id order_id;
};
void items_write(struct json *j, const struct api_event *event, const struct booking *b,
                 const struct items *items);

/* Milliseconds until `time_us`, never negative. */
static inline uint64_t items_left_ms(uint64_t time_us, uint64_t now_us)
{
    return time_us > now_us ? (time_us - now_us) / 1000 : 0;
}

#endif
