/*
 * queue_terms: what an organiser says about an event's waiting room: the member "queue" of POST and
 * PATCH /organiser/events, read, checked and made true.
 *
 * Thread: reading any, making it true the loop's.
 */
#ifndef ONSALE_API_QUEUE_TERMS_H
#define ONSALE_API_QUEUE_TERMS_H

#include "api/request.h"
#include "queue/records.h"

struct api;
struct api_event;
struct queue;

#define QUEUE_TERMS_TARGET 500u
#define QUEUE_TERMS_PER_MINUTE 600u
#define QUEUE_TERMS_CLAIM_SECONDS 120u
#define QUEUE_TERMS_ADMISSION_SECONDS 900u

struct queue_terms {
    bool open;                        /* a waiting room is to be opened: `opened` */
    bool changed;                     /* the one there is is to be changed: `change` */
    bool implied;                     /* by a change of the sale, not asked for by name */
    struct queue_entry_opened opened; /* without its seed */
    struct queue_command_change change;
};

/* When the event is sold: the waiting room opens with the sale unless it says otherwise (0: at
 * once), and before its end (0: none). */
struct queue_sale {
    uint64_t opens_at_us, closes_at_us;
};

/* Of a new event, or of one without a waiting room: `open` when there shall be one. */
void queue_terms_read_new(struct request *r, struct queue_sale sale, struct queue_terms *ret_terms);
/* Of an event; `room` NULL: it has none so far. */
void queue_terms_read_change(struct request *r, const struct queue *room, struct queue_sale sale,
                             struct queue_terms *ret_terms);
/* The sale was paused or closed (`stops`), or opened again: the waiting room's time stops and goes
 * on with it, unless the terms say otherwise themselves, or it was paused by hand as well. */
void queue_terms_follow_sale(struct queue_terms *terms, const struct queue *room, bool stops);

/* Whether they would be accepted now. False: answered. A change that only follows the sale is
 * dropped when it does not fit. */
bool queue_terms_fit(struct http_exchange *x, const struct api_event *event,
                     struct queue_terms *terms);
/* Makes them true in the open batch. Negative: the reason is in `err`; busy, nothing was done. */
int queue_terms_apply(struct api *api, uint32_t partition, const struct queue_terms *terms,
                      struct err *err) MUST_USE;

#endif
