/*
 * context: what the files of this folder share: the api's state, who calls, finding the event of a
 * request. Not for other folders.
 */
#ifndef ONSALE_API_CONTEXT_H
#define ONSALE_API_CONTEXT_H

#include "api/api.h"
#include "api/catalogue.h"
#include "api/problems.h"
#include "base/id.h"
#include "base/json.h"
#include "http/limiter.h"
#include "keys/session.h"

/* Who calls, as far as the request proves it. */
struct api_caller {
    bool has_session, is_organiser;
    bool by_cookie; /* the session came without a bearer token, as a browser sends it by itself */
    struct session session;
    enum captcha_verdict captcha; /* of the token that the request brought */
};

/* Requests per route: answers by class (2xx is [2]), and how long they took. */
#define API_LATENCY_BUCKETS 12u
struct api_route_count {
    uint64_t by_class[6];
    uint64_t latency[API_LATENCY_BUCKETS + 1];
    uint64_t latency_us_sum;
};

struct order_waiter; /* orders.c */
struct api_queue;    /* queue.h */
struct usher_sold;   /* usher.c */
struct hurdle_order; /* hurdle.c */
struct leaving;      /* leaving.c */
struct velocity;

/* Waiting rooms since the start, for the metrics. */
struct api_queue_counts {
    uint64_t joined, repeated, claimed, switched_on;
    uint64_t not_admitted; /* booking calls */
    uint64_t refusals[QUEUE_REFUSAL_COUNT];
};

/* Buyers who closed the page (leaving.h). */
struct api_leaving_counts {
    uint64_t begun, returned, given_back;
};

/* What became of captchas (captcha_hurdle.h). */
struct api_captcha {
    uint64_t asked, busy, verdicts[CAPTCHA_UNAVAILABLE + 1];
    uint64_t rests_until_us, told_at_us;
    uint32_t failures; /* in a row */
    uint32_t untold;   /* since it was told last */
};

struct api {
    struct api_options options;
    struct http_server *server;
    struct catalogue catalogue;
    struct limiter *by_session, *by_network; /* NULL: no limit */
    struct limiter *by_guess;                /* of access codes, by network; NULL: no limit */
    struct limiter *by_patience;             /* challenges of waiting, by network */
    struct challenges *challenges;
    struct api_captcha captcha;
    struct velocity *velocity;    /* checkouts that failed */
    struct hurdle_order *ordered; /* a ring; NULL: no orders yet */
    uint32_t ordered_next;
    struct api_queue *queues; /* all waiting rooms */
    struct usher_sold *sold;  /* whose admissions end with the next tick */
    uint32_t sold_count;
    struct api_queue_counts queue_counts;
    uint64_t fast_orders;    /* velocity.h */
    struct leaving *leaving; /* NULL: nobody left yet */
    struct api_leaving_counts leaving_counts;
    struct order_waiter *waiters;
    uv_timer_t waiter_timer, stream_timer;
    uint32_t streaming_events; /* events with at least one stream */
    uint32_t pool_work;        /* requests that wait for libuv's pool or a captcha's provider */
    uint32_t open_handles;
    bool no_space; /* the last command was refused for want of disk space */
    bool draining;
    uint64_t limited;               /* requests refused by a rate limit */
    struct api_route_count *counts; /* one per route */
};

static inline struct api *api_of(struct http_exchange *x)
{
    return http_user(x);
}

static inline const struct api_caller *api_caller(struct http_exchange *x)
{
    return http_context(x);
}

/* The event that the path names; NULL when there is none (the problem has been answered). */
struct api_event *api_event(struct http_exchange *x);
/* The machine has another plan than readers see, for as long as that is not durable: seats cannot
 * be named meanwhile. */
bool api_plan_is_changing(const struct api *api, const struct api_event *event,
                          const struct booking *booking);

/* The event and its machine; a problem is answered while its plan is changing. */
const struct booking *api_booking(struct http_exchange *x, struct api_event **ret_event);

/* Answers with JSON. `private` answers are no business of caches; public ones carry their own
 * Cache-Control already. */
void api_answer_json(struct http_exchange *x, int status, const struct buf *body, uint64_t barrier);

/* Adds ETag (quoted) and Cache-Control; true when the client has it already: 304 was answered. */
bool api_not_modified(struct http_exchange *x, struct slice etag, const char *cache_control,
                      uint64_t barrier);

/* What a command came to when it is not a plain refusal: no event, no space. True: answered. */
bool api_result_failed(struct http_exchange *x, const struct engine_result *result);

/* A line in the log for the organiser. */
void api_tell(struct api *api, const char *what, const char *detail);

/* A 16-byte file name of a body's bytes, as an ETag without quotes. */
#define API_ETAG_MAX 40
struct slice api_etag_of(struct slice bytes, char ret_text[API_ETAG_MAX]);

#endif
