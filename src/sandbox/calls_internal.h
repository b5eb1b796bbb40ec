/* calls_internal: what the files of calls share (calls.h). Thread: the loop's. */
#ifndef ONSALE_SANDBOX_CALLS_INTERNAL_H
#define ONSALE_SANDBOX_CALLS_INTERNAL_H

#include "sandbox/calls.h"
#include "sandbox/wire.h"

int64_t call_now_s(void);

/* ---- reading ---- */

/* A parameter of the request; empty when absent. */
struct slice call_field(const struct call *call, const char *name);
/* A whole number without sign, at most 15 digits. */
bool call_integer(struct slice text, int64_t *ret_value);
/* False, and answered, when the request has a parameter that is none of these; one that ends in
 * "[" stands for a family. Real Stripe refuses what it does not know; so does this, or mistakes
 * would show only there. */
bool call_knows(struct call *call, const char *const *known, size_t count);
#define KNOWS(call, ...)                                 \
    call_knows(call, (const char *const[]){__VA_ARGS__}, \
               sizeof((const char *const[]){__VA_ARGS__}) / sizeof(char *))
bool call_expands(const struct call *call, struct slice what);

/* Adds the fields "name[...]" to a JSON object of texts; an empty one takes a member away, an empty
 * field "name" all. False, and answered: it would not fit into `size`. */
bool call_merge(struct call *call, const char *name, size_t size, char *object);

/* ---- answering ---- */

/* 400 invalid_request_error. */
void call_refuse(struct call *call, const char *code, const char *param, const char *message);
/* 404 resource_missing. */
void call_missing(struct call *call, const char *what, const char *param, struct slice id);
/* Begins a 200 answer; the caller writes one object. */
struct json call_answer(struct call *call);

/* ---- lists ---- */

struct call_list {
    struct call *call;
    struct json j;
    int64_t left;
    struct books_query query;
};
/* Reads the parameters that all lists have. `after_row`: the row of starting_after, 0 when that
 * exists but was not found. False: answered. */
bool call_list_begin(struct call *call, bool found, int64_t after_row, struct call_list *ret_list);
bool call_list_room(struct call_list *list); /* false: enough */
void call_list_end(struct call_list *list, const char *url);
/* The intent whose things are listed (payment_intent, charge); false: answered with an empty list
 * or an error. */
bool call_list_of_intent(struct call *call, struct books_query *query);

/* ---- events and movements ---- */

/* Writes the event about a JSON object into the books and queues its delivery. */
void call_emit(struct call *call, const char *type, int64_t intent_row, struct slice object);
void call_emit_intent(struct call *call, const char *type, const struct intent *intent);
void call_emit_charge(struct call *call, const char *type, const struct intent *intent);

struct call_movement {
    const char *type, *source, *currency;
    int64_t intent_row, amount;
};
void call_move(struct call *call, const struct call_movement *movement);

/* ---- what falls due ---- */

void call_settle(struct call *call, int64_t intent_row);
void call_refund_due(struct call *call, int64_t refund_row, bool fine);
void call_dispute_due(struct call *call, int64_t intent_row, enum agenda_dispute what);
void call_dispute_judged(struct call *call, int64_t dispute_row, bool won);
void call_payout_due(struct call *call, int64_t payout_row, bool fine);
void call_payout_currency(struct call *call, const char *currency);

#endif
