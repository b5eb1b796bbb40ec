/*
 * organiser_orders: an order as its organiser looks at it: the one that a path names.
 * Thread: the loop's.
 */
#ifndef ONSALE_API_ORGANISER_ORDERS_H
#define ONSALE_API_ORGANISER_ORDERS_H

#include "api/context.h"

struct found_order {
    struct api_event *event;
    const struct booking *booking;
    struct id id;
    struct booking_order order;
};

/* The event and order of the path /organiser/events/{id}/orders/{order}. False: a problem was
 * answered. */
bool organiser_find_order(struct http_exchange *x, struct found_order *ret_found);

#endif
