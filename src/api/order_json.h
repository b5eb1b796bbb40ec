/*
 * order_json: how orders are told, to buyers and to organisers: state, reason and words, refunds.
 * What a buyer is told of each outcome stands in one table (order_json.c); docs/payments.md tells
 * of the reasons.
 */
#ifndef ONSALE_API_ORDER_JSON_H
#define ONSALE_API_ORDER_JSON_H

#include "api/context.h"

struct order_told {
    const char *state, *reason; /* words of the contract */
    const char *message;        /* for the buyer */
};
struct order_told order_told(const struct booking_order *order);

/* Whether a case is one that changes what the buyer is told; others only want a look. */
bool order_in_review(const struct booking_order *order);
/* When an order with a case is given up by itself if nobody decides before; 0: it is not. */
uint64_t order_released_us(const struct booking_order *order);

/* Money of an order's lines; `refunded` is given back or on its way back, whatever it was for. */
struct order_sums {
    int64_t discount_minor, tax_minor, refunded_minor;
};
struct order_sums order_sums(const struct booking *b, uint32_t slot,
                             const struct booking_order *order);

/* "ord_...-2": a refund's id. */
#define REFUND_ID_MAX (ID_TEXT_MAX + 4)
struct slice refund_id(struct id order, uint8_t refund, char ret_text[REFUND_ID_MAX]);
const char *refund_state_name(enum booking_refund_state state);
/* The object {id, state, amount}. */
void refund_write(struct json *j, const char *key, struct id id, const struct booking *b,
                  const struct booking_order *order, uint8_t refund);
/* The array `refunds`. */
void refunds_write(struct json *j, struct id id, const struct booking *b,
                   const struct booking_order *order);

/* The contract's word for a case's reason. */
const char *case_reason_name(enum booking_case reason);
/* The contract's word for an action, or NULL; and back, 0: there is none. */
const char *case_action_name(enum booking_action action);
enum booking_action case_action_of(struct slice name);
/* What can be done about the open case, a bit (1 << action) each. */
uint32_t case_actions(const struct booking_order *order);
/* The array `actions`. */
void case_write_actions(struct json *j, const struct booking_order *order);

#endif
