/* queue_status: how a waiting room is told: to everybody, in the event, to the organiser. */
#include "api/event_json.h"
#include "api/queue.h"
#include "base/hash.h"
#include "base/time.h"
#include "routes.gen.h"

#include <stdio.h>
#include <stdlib.h>

#define STATUS_CACHE "public, max-age=1, stale-while-revalidate=5"
#define STATUS_KEPT_US TIME_SECOND_US

/* How often a visitor asks: as a house without a cache in front of it can bear it. */
#define POLL_SECONDS_LEAST 3u
#define POLL_SECONDS_MOST 120u
#define POLLS_PER_SECOND 2000u

const char *queue_state_name(enum queue_phase phase)
{
    static const char *const names[] = {
        [QUEUE_OFF] = "open",      [QUEUE_SOON] = "closed", [QUEUE_LOBBY] = "lobby",
        [QUEUE_DRAWING] = "lobby", [QUEUE_LINE] = "queue",  [QUEUE_ENDED] = "closed"};
    return names[phase];
}

/* The machine's own word. */
static const char *queue_phase_name(enum queue_phase phase)
{
    static const char *const names[] = {
        [QUEUE_OFF] = "off",         [QUEUE_SOON] = "soon", [QUEUE_LOBBY] = "lobby",
        [QUEUE_DRAWING] = "drawing", [QUEUE_LINE] = "line", [QUEUE_ENDED] = "ended"};
    return names[phase];
}

static bool read_status(const struct api *api, const struct api_event *event,
                        struct queue_status *ret_status)
{
    const struct engine *engine = api->options.engine;
    const struct queue *q = event->queue ? engine_queue(engine, event->partition) : NULL;
    if (q)
        queue_status(q, engine_now(engine), ret_status);
    return q != NULL;
}

/* QUEUE_OFF without a waiting room. */
static enum queue_phase queue_phase_of(const struct api *api, const struct api_event *event)
{
    struct queue_status status;
    return read_status(api, event, &status) ? status.phase : QUEUE_OFF;
}

/* ---- rates and waits ---- */

/* All 0: nobody is being called. */
static struct pace_rates read_rates(const struct api_queue *room)
{
    struct pace_rates rates = {0};
    if (room->begun && room->stall == API_STALL_NONE)
        pace_rates(&room->pace, &room->measure, &rates);
    return rates;
}

/* A lobby of millions that hardly moves: as many as fit. */
static uint32_t seconds_from(uint64_t seconds)
{
    return seconds < UINT32_MAX ? (uint32_t)seconds : UINT32_MAX;
}

void queue_wait(const struct api_queue *room, uint64_t ahead, uint32_t *ret_low_s,
                uint32_t *ret_high_s)
{
    struct pace_rates rates = read_rates(room);
    uint64_t low_s, high_s;
    pace_wait(&rates, ahead, &low_s, &high_s);
    *ret_low_s = seconds_from(low_s);
    *ret_high_s = seconds_from(high_s);
}

/* What is expected; before anybody is called, the most there may be. */
static uint64_t expected_per_minute(const struct api_queue *room, const struct queue_status *s)
{
    struct pace_rates rates = read_rates(room);
    uint64_t middle = ((uint64_t)rates.low + rates.high) / 2;
    return s->phase != QUEUE_LINE ? s->per_minute : (middle + 59) / 60;
}

/* To the thousandth. */
static void put_per_minute(struct json *j, const char *key, uint32_t an_hour)
{
    char text[32];
    uint64_t thousandths = (uint64_t)an_hour * 1000 / 60;
    int len = snprintf(text, sizeof text, "%llu.%03llu", (unsigned long long)(thousandths / 1000),
                       (unsigned long long)(thousandths % 1000));
    json_put_raw(j, key, slice_make(text, (size_t)len));
}

static void put_rate(struct json *j, const struct api_queue *room)
{
    struct pace_rates rates = read_rates(room);
    json_put_object(j, "rate");
    put_per_minute(j, "low", rates.low);
    put_per_minute(j, "high", rates.high);
    json_put_u64(j, "sooner", rates.sooner_s);
    json_put_u64(j, "later", rates.later_s);
    json_end(j);
}

static const char *reason_name(const struct api_queue *room, const struct queue_status *s)
{
    if (s->phase != QUEUE_LINE || !room->begun)
        return NULL;
    switch (room->stall) {
    case API_STALL_SALE: return "sale_not_open";
    case API_STALL_NOTHING: return "nothing_free";
    case API_STALL_SOLD_OUT: return "sold_out";
    case API_STALL_NONE: break;
    }
    return pace_reason_name(s->paused ? PACE_PAUSED : room->pace.reason);
}

static uint32_t waiting_in(const struct queue_lane_status *lane)
{
    return lane->count - lane->called;
}

static uint32_t poll_seconds(const struct queue_status *s)
{
    uint32_t waiting = waiting_in(&s->lanes[QUEUE_GENERAL]) + waiting_in(&s->lanes[QUEUE_PRIORITY]);
    uint32_t seconds = waiting / POLLS_PER_SECOND;
    return seconds < POLL_SECONDS_LEAST  ? POLL_SECONDS_LEAST
           : seconds > POLL_SECONDS_MOST ? POLL_SECONDS_MOST
                                         : seconds;
}

/* ---- the public status ---- */

static void put_hex(struct json *j, const char *key, const uint8_t bytes[32])
{
    static const char digits[] = "0123456789abcdef";
    char text[64];
    for (unsigned i = 0; i < 32; i++) {
        text[2 * i] = digits[bytes[i] >> 4];
        text[2 * i + 1] = digits[bytes[i] & 15];
    }
    json_put_text(j, key, slice_make(text, sizeof text));
}

static void write_draw(struct json *j, const struct queue_status *s)
{
    json_put_object(j, "draw");
    put_hex(j, "commitment", s->commitment);
    if (s->drawn) {
        put_hex(j, "seed", s->seed);
        json_put_u64(j, "count", s->lanes[QUEUE_GENERAL].lobby_count);
        json_put_u64(j, "priority_count", s->lanes[QUEUE_PRIORITY].lobby_count);
        put_hex(j, "chain_hash", s->chain_hash);
    }
    json_end(j);
}

static void write_lane(struct json *j, const struct queue_lane_status *lane)
{
    json_put_u64(j, "called", lane->called);
    json_put_u64(j, "waiting", waiting_in(lane));
    json_put_u64(j, "count", lane->count);
}

static void write_room(struct json *j, const struct api_queue *room, const struct queue_status *s)
{
    event_write_time(j, "lobby_opens_at", s->lobby_opens_at_us);
    event_write_time(j, "opens_at", s->opens_at_us);
    write_lane(j, &s->lanes[QUEUE_GENERAL]);
    json_put_u64(j, "per_minute", expected_per_minute(room, s));
    put_rate(j, room);
    json_put_bool(j, "paused", s->paused);
    json_put_string(j, "reason", reason_name(room, s));
    json_put_u64(j, "claim_seconds", s->claim_seconds);
    json_put_u64(j, "admission_seconds", s->admission_seconds);
    json_put_u64(j, "poll_seconds", poll_seconds(s));
    if (s->lanes[QUEUE_PRIORITY].count) {
        json_put_object(j, "priority");
        write_lane(j, &s->lanes[QUEUE_PRIORITY]);
        json_end(j);
    }
    write_draw(j, s);
}

/* All but the closing time: what makes two statuses differ. */
static void write_status(const struct api *api, struct json *j, const struct api_event *event)
{
    struct queue_status s = {.phase = QUEUE_OFF};
    bool has = read_status(api, event, &s);
    json_put_object(j, NULL);
    json_put_string(j, "state", queue_state_name(s.phase));
    json_put_string(j, "phase", queue_phase_name(s.phase));
    if (has && s.phase != QUEUE_OFF)
        write_room(j, event->queue, &s);
}

struct http_blob *queue_status_blob(struct api *api, struct api_event *event)
{
    struct api_queue *room = event->queue;
    uint64_t now_us = engine_now(api->options.engine);
    if (room->status && now_us - room->status_made_us < STATUS_KEPT_US)
        return room->status;
    BUF_AUTO struct buf body = BUF_INIT;
    struct json j;
    json_begin(&j, &body);
    write_status(api, &j, event);
    struct hash128 told = hash128_of(body.data, body.len);
    json_put_time(&j, "as_of", now_us);
    json_end(&j);
    struct http_blob *blob = body.failed ? NULL : http_blob_create(body.data, body.len);
    if (!blob)
        return NULL;
    http_blob_drop(room->status);
    room->status = blob;
    room->status_made_us = now_us;
    room->status_barrier = engine_barrier(api->options.engine);
    room->told = told;
    (void)api_etag_of(buf_slice(&body), room->etag);
    return blob;
}

static void answer_without(struct http_exchange *x, const struct api_event *event)
{
    BUF_AUTO struct buf body = BUF_INIT;
    struct json j;
    json_begin(&j, &body);
    write_status(api_of(x), &j, event);
    json_end(&j);
    char etag[API_ETAG_MAX];
    if (!api_not_modified(x, api_etag_of(buf_slice(&body), etag), STATUS_CACHE, 0))
        api_answer_json(x, 200, &body, 0);
}

void api_queue_get(struct http_exchange *x)
{
    struct api_event *event = api_event(x);
    if (!event)
        return;
    struct api_queue *room = event->queue;
    if (!room) {
        answer_without(x, event);
        return;
    }
    struct http_blob *blob = queue_status_blob(api_of(x), event);
    if (!blob)
        problem_answer(x, PROBLEM_BUSY, 0, "There is not enough memory at the moment");
    else if (!api_not_modified(x, slice_from_string(room->etag), STATUS_CACHE,
                               room->status_barrier))
        http_answer_blob(x, 200, "application/json", http_blob_keep(blob), room->status_barrier);
}

/* ---- in the event, and for the organiser ---- */

void queue_write_event(const struct api *api, struct json *j, const struct api_event *event)
{
    enum queue_phase phase = queue_phase_of(api, event);
    char url[80];
    (void)snprintf(url, sizeof url, "/api/v1/events/%s/queue", event->id);
    json_put_object(j, "queue");
    json_put_bool(j, "active", phase != QUEUE_OFF);
    json_put_string(j, "state", queue_state_name(phase));
    json_put_string(j, "url", event->queue ? url : NULL);
    json_end(j);
}

static void write_summary_lane(struct json *j, const char *key,
                               const struct queue_lane_status *lane)
{
    json_put_object(j, key);
    json_put_u64(j, "joined", lane->count);
    json_put_u64(j, "waiting", waiting_in(lane));
    json_put_u64(j, "called", lane->called);
    json_put_u64(j, "came", lane->claimed_total);
    json_put_u64(j, "missed", lane->missed_total);
    json_put_u64(j, "expected", lane->open);
    json_end(j);
}

void queue_write_summary(const struct api *api, struct json *j, const struct api_event *event)
{
    struct queue_status s;
    const struct api_queue *room = event->queue;
    if (!read_status(api, event, &s)) {
        json_put_null(j, "queue");
        return;
    }
    json_put_object(j, "queue");
    json_put_string(j, "state", queue_state_name(s.phase));
    json_put_string(j, "phase", queue_phase_name(s.phase));
    json_put_bool(j, "paused", s.paused);
    event_write_time(j, "lobby_opens_at", s.lobby_opens_at_us);
    event_write_time(j, "opens_at", s.opens_at_us);
    json_put_u64(j, "target_active", s.target_active);
    json_put_u64(j, "per_minute", s.per_minute);
    json_put_u64(j, "claim_seconds", s.claim_seconds);
    json_put_u64(j, "admission_seconds", s.admission_seconds);
    if (s.threshold)
        json_put_u64(j, "threshold", s.threshold);
    else
        json_put_null(j, "threshold");
    write_summary_lane(j, "general", &s.lanes[QUEUE_GENERAL]);
    write_summary_lane(j, "priority", &s.lanes[QUEUE_PRIORITY]);
    json_put_u64(j, "admitted", s.admitted);
    json_put_u64(j, "holding", room->holders);
    json_put_u64(j, "active", s.active + room->holders);
    put_rate(j, room);
    json_put_string(j, "reason", reason_name(room, &s));
    json_put_u64(j, "not_admitted", room->not_admitted);
    json_end(j);
}
