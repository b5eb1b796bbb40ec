/*
 * catalogue: what the API knows of events beside their machines: names, venue, areas, the seating
 * plan, and what is cached or streamed for each. Made of the documents in the directory's entries
 * (src/views/README.md tells their members); a document that does not read is a bug of ours, since
 * documents are only made by organiser.c, and is reported.
 *
 * Thread: the loop's.
 */
#ifndef ONSALE_API_CATALOGUE_H
#define ONSALE_API_CATALOGUE_H

#include "api/seating.h"
#include "base/id.h"
#include "base/limits.h"
#include "booking/booking.h"
#include <jansson.h>

struct api_stream;
struct api_queue;

struct api_area {
    struct slice id, name; /* point into the document */
};

struct api_category {
    struct slice name, color; /* color empty: none */
};

/* codes.c: what an allocation opens, as it was last told. */
#define API_OPENED_KEPT 4u
struct api_opened {
    uint32_t allocation; /* 0: nothing is kept */
    bool open;
    uint64_t made_us;
    struct buf text;
};

struct api_event {
    uint32_t partition;
    uint64_t random;
    char id[ID_TEXT_MAX];

    json_t *document; /* owned; everything below up to the seating points into it */
    struct slice name, timezone, starts_local, category, venue_id, venue_name, city, country;
    const json_t *performers;
    bool refuse_disposable;                     /* addresses of throw-away mailboxes */
    struct slice package_names[LIMIT_PACKAGES]; /* in the order of the machine's; empty: none */
    char currency[4];
    uint64_t starts_at_us;
    uint32_t area_count, category_count;
    struct api_area areas[LIMIT_AREAS];
    struct api_category categories[LIMIT_PRICE_CATEGORIES];
    /* Price category of each category of the plan. */
    uint32_t plan_category_count;
    uint32_t *plan_categories;
    struct seating *seating; /* NULL: areas only */
    /* Seat of that plan for each unit, once the plan was changed on sale; NULL: the same numbers.
     * The machine itself may be a plan ahead of what is durable. */
    uint32_t *unit_seat;
    uint32_t unit_count;

    /* availability.c: the answer of this board version. */
    struct http_blob *availability;
    uint64_t availability_version;
    char availability_etag[40];

    struct api_opened opened[API_OPENED_KEPT]; /* by allocation, modulo */

    struct api_queue *queue; /* queue.h; NULL: the event has no waiting room */
    uint32_t fast_orders;    /* faster than hands (guard/velocity.h), since the start */

    /* stream.c */
    struct api_stream *streams;
    uint32_t stream_count;
    uint64_t streamed_version;
    uint64_t stream_due_ms;
    int streamed_status;      /* enum event_status as last told */
    bool stream_sale_changed; /* the organiser changed the sale since */
    bool stream_sale;         /* tell the sale's state now */
    uint64_t stream_queue_due_ms;
};

struct catalogue {
    char plans_dir[4096];
    struct api_event **events; /* by partition; NULL: none */
    uint32_t count;            /* room */
    struct seating **seatings; /* those in use or just made, one reference each */
    uint32_t seating_count, seating_room;
};

int catalogue_init(struct catalogue *c, const char *data_dir, struct err *err) MUST_USE;
void catalogue_finish(struct catalogue *c);

/* An event is listed or its document was revised (`random` 0: keep). */
int catalogue_take(struct catalogue *c, uint32_t partition, uint64_t random, struct slice document,
                   struct err *err) MUST_USE;
/* Tells the event which of its plan's seats are which units of `booking`, which has that plan.
 * Always after catalogue_take. */
int catalogue_pair(struct catalogue *c, uint32_t partition, const struct booking *booking,
                   struct err *err) MUST_USE;
struct api_event *catalogue_event(const struct catalogue *c, uint32_t partition);

/* A seating in memory by hash; NULL when it has to be loaded. Borrowed. */
struct seating *catalogue_seating(const struct catalogue *c, struct slice hash);
/* Puts a new one in (takes over the reference); gives back the one to use, which is an older one
 * of the same hash if there was one. */
struct seating *catalogue_add_seating(struct catalogue *c, struct seating *seating);

/* Number of the area or price category with this id or name, or -1. */
int64_t catalogue_area_find(const struct api_event *event, struct slice id);
int64_t catalogue_category_find(const struct api_event *event, struct slice name);

#endif
