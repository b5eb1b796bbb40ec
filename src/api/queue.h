/*
 * queue: an event's waiting room over HTTP: its public status, joining, one's own position,
 * claiming an admission, leaving; and what the API keeps of it beside the machine (queue/queue.h).
 *
 * Waiting costs nothing: the status is one blob an event, made at most once a second, and each
 * visitor works out its own position from it. What is kept here is forgotten by a restart and
 * follows from the machine again.
 *
 * Thread: the loop's.
 */
#ifndef ONSALE_API_QUEUE_H
#define ONSALE_API_QUEUE_H

#include "api/context.h"
#include "guard/load.h"
#include "queue/pace.h"

struct crowd;

/* Why nobody is called, beyond what the controller knows (usher.c). */
enum api_stall {
    API_STALL_NONE,
    API_STALL_SALE,     /* the sale is not open */
    API_STALL_NOTHING,  /* nothing is free right now; what is held may come back */
    API_STALL_SOLD_OUT, /* and nothing is held either */
};

struct api_queue {
    struct api_queue *next; /* of all events */
    uint32_t partition;     /* the event's */

    /* queue_status.c: the answer for everybody, and what of it streams were told last */
    struct http_blob *status;
    uint64_t status_made_us, status_barrier;
    struct hash128 told, streamed; /* of the status without its time */
    char etag[API_ETAG_MAX];

    /* usher.c */
    struct pace pace;
    struct pace_measure measure; /* of the last step */
    bool begun;                  /* the controller runs */
    enum api_stall stall;
    enum pace_reason told_reason; /* in the log; PACE_TARGET: no trouble */
    uint64_t told_us;
    /* Sessions that hold seats and were never let in: they came before it was switched on. */
    uint32_t holders;
    bool holders_over; /* there are none any more, and none can come */
    uint64_t holders_looked_us, holders_gone;

    struct load joining;   /* hurdle.c: visitors who want to come in, a second */
    struct crowd *crowd;   /* admission.c: who books while it is off; NULL: not counted */
    uint64_t not_admitted; /* booking calls refused */
};

/* An event has a waiting room now; again is harmless. The process ends when memory is out: a
 * waiting room that is not kept here would let everybody in. */
void queue_attach(struct api *api, uint32_t partition);
void queue_attach_all(struct api *api); /* at the start */
void queue_detach_all(struct api *api); /* at the end */
/* An entry of a waiting room became durable. */
void queue_entry(struct api *api, const struct engine_entry *entry);

/* ---- how it is told (queue_status.c) ---- */

/* "open", "lobby", "queue", "closed". */
const char *queue_state_name(enum queue_phase phase);
/* The member "queue" of an event. */
void queue_write_event(const struct api *api, struct json *j, const struct api_event *event);
/* The member "queue" of an event's summary: figures for the organiser; null without one. */
void queue_write_summary(const struct api *api, struct json *j, const struct api_event *event);
/* Makes the status anew when it is a second old: its JSON, which the event keeps. NULL: no memory.
 */
struct http_blob *queue_status_blob(struct api *api, struct api_event *event);
/* A session's newest place, as its owner sees it. False: it has none, and nothing was written. */
bool queue_write_place(struct json *j, const char *key, const struct api *api,
                       const struct api_event *event, struct hash16 session);
/* What a place's wait is, from the last step's rates: seconds, 0 and 0 when it cannot be told. */
void queue_wait(const struct api_queue *room, uint64_t ahead, uint32_t *ret_low_s,
                uint32_t *ret_high_s);

/* Answers that the machine refused, with what one can do about it. */
void queue_answer_refused(struct http_exchange *x, const struct api_event *event,
                          enum queue_refusal refusal, uint64_t barrier);

#endif
