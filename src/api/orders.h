/*
 * orders: POST /events/{id}/orders, GET one, cancel one.
 *
 * Making an order: the buyer's contact is sealed (keys/person.h), its key made durable on the pool
 * when it is new, then the command is submitted. When the order waits for its payment intent, the
 * exchange is kept as a waiter and answered by the entry that brings the intent or the order's end,
 * or when ORDER_PATIENCE_MS are over: then the page looks again by itself.
 */
#ifndef ONSALE_API_ORDERS_H
#define ONSALE_API_ORDERS_H

#include "base/id.h"
#include "engine/engine.h"
#include "keys/person.h"

struct api;

/* An entry became durable: answers whoever waits for it. */
void orders_entry(struct api *api, const struct engine_entry *entry);
/* Whose order it is: 0; 1 when the person was erased or the order is not known; negative on
 * failure.
 */
int orders_contact(struct api *api, struct id order, struct person_contact *ret_contact,
                   struct err *err) MUST_USE;
/* Answers all who wait, as things stand. */
void orders_drain(struct api *api);
/* Forgets all who wait: their exchanges are gone. */
void orders_finish(struct api *api);

#endif
