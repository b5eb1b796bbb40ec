/* event_json: how an event is told: its state, its sale, its list item and its whole. */
#ifndef ONSALE_API_EVENT_JSON_H
#define ONSALE_API_EVENT_JSON_H

#include "api/context.h"
#include "base/time.h"

/* An event that began this long ago is over: lists leave it out. */
#define EVENT_OVER_AFTER_US (12ull * 3600 * TIME_SECOND_US)

enum event_status {
    EVENT_UPCOMING,
    EVENT_ON_SALE,
    EVENT_PAUSED,
    EVENT_SOLD_OUT,
    EVENT_CLOSED,
    EVENT_PAST
};

enum event_status event_status(const struct api_event *event, const struct booking *b,
                               uint64_t now_us);
/* Whether anybody can have a place of the category, now or when what is held comes back: not of one
 * whose places are all blocked, sold, or kept by allocations. */
bool event_on_offer(const struct booking *b, uint32_t category);
const char *event_status_name(enum event_status status);

/* Members of a list item, into an open object. */
void event_write_item(struct json *j, const struct api_event *event, const struct booking *b,
                      uint64_t now_us);
/* Members `items` and `next_cursor` of a list, into an open object. */
int event_write_list(struct api *api, struct json *j, const struct views_query *query,
                     struct err *err) MUST_USE;
/* The object `key` {state, opens_at, ...}. */
void event_write_sale(struct json *j, const char *key, const struct booking *b, uint64_t now_us);
void event_write_venue(struct json *j, const char *key, const struct api_event *event);
/* The whole event as an object. */
void event_write(struct http_exchange *x, struct json *j, const struct api_event *event,
                 const struct booking *b, uint64_t now_us);
/* {provider, publishable_key, api_base}: members, into an open object. */
void event_write_payment(struct http_exchange *x, struct json *j, uint8_t provider);
/* The API's word for a kind of allocation. */
const char *event_allocation_kind(enum booking_allocation_kind kind);
/* a time, or null when it is 0 */
void event_write_time(struct json *j, const char *key, uint64_t time_us);
/* Answers that the machine refused a command, and names what stands in the way. */
void event_answer_refused(struct http_exchange *x, const struct api_event *event,
                          const struct engine_result *result);
/* The same in words of their own. */
void event_answer_refused_as(struct http_exchange *x, const struct api_event *event,
                             const struct engine_result *result, struct slice detail);
/* text, or null when it is empty */
void event_write_text(struct json *j, const char *key, struct slice text);

#endif
