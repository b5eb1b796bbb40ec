/* queue: joining a waiting room, one's own place in it, claiming an admission, leaving. */
#include "api/queue.h"

#include "api/admission.h"
#include "api/auth.h"
#include "api/hurdle.h"
#include "api/places.h"
#include "base/records.h"
#include "base/time.h"
#include "keys/queue_token.h"
#include "routes.gen.h"

#include <stdlib.h>

/* ---- what is kept of waiting rooms ---- */

void queue_attach(struct api *api, uint32_t partition)
{
    struct api_event *event = catalogue_event(&api->catalogue, partition);
    if (!event || event->queue || !engine_queue(api->options.engine, partition))
        return;
    struct api_queue *room = calloc(1, sizeof *room);
    if (!room)
        abort();
    room->partition = partition;
    room->next = api->queues;
    api->queues = room;
    event->queue = room;
}

void queue_attach_all(struct api *api)
{
    for (uint32_t i = 0; i < api->catalogue.count; i++)
        queue_attach(api, i);
}

void queue_detach_all(struct api *api)
{
    while (api->queues) {
        struct api_queue *room = api->queues;
        struct api_event *event = catalogue_event(&api->catalogue, room->partition);
        if (event)
            event->queue = NULL;
        api->queues = room->next;
        http_blob_drop(room->status);
        crowd_destroy(room->crowd);
        free(room);
    }
}

void queue_entry(struct api *api, const struct engine_entry *entry)
{
    uint32_t partition = entry->partition & ~ENGINE_QUEUE;
    queue_attach(api, partition);
    uint16_t number = record_number(entry->bytes);
    struct api_event *event = catalogue_event(&api->catalogue, partition);
    if (event && event->queue &&
        (number == QUEUE_ENTRY_changed || number == QUEUE_ENTRY_lobby_drawn))
        event->queue->status_made_us = 0; /* news for everybody: not a second later */
    if (event && event->queue && number == QUEUE_ENTRY_changed)
        event->queue->holders_over = false; /* it may have been off for a moment */
}

/* ---- refusals ---- */

/* What a command came to when it is not a plain refusal: no waiting room, no space. True: answered.
 */
static bool queue_result_failed(struct http_exchange *x, const struct engine_queue_result *result)
{
    struct engine_result same = {.no_space = result->no_space, .barrier = result->barrier};
    if (api_result_failed(x, &same))
        return true;
    if (result->no_queue)
        queue_answer_refused(x, NULL, QUEUE_NOT_NEEDED, result->barrier);
    return result->no_queue;
}

static const char *lane_name(uint8_t lane)
{
    return lane == QUEUE_PRIORITY ? "priority" : "general";
}

static uint64_t left_ms(uint64_t until_us, uint64_t now_us)
{
    return until_us > now_us ? (until_us - now_us + 999) / 1000 : 0;
}

void queue_answer_refused(struct http_exchange *x, const struct api_event *event,
                          enum queue_refusal refusal, uint64_t barrier)
{
    struct api *api = api_of(x);
    struct engine *engine = api->options.engine;
    uint64_t now_us = engine_now(engine);
    const struct queue *q = event ? engine_queue(engine, event->partition) : NULL;
    struct queue_place place;
    struct queue_status status;
    BUF_AUTO struct buf extra = BUF_INIT;
    struct json j;
    json_begin(&j, &extra);
    json_put_object(&j, NULL);
    if (q && refusal == QUEUE_NOT_CALLED &&
        queue_place_of(q, api_caller(x)->session.hash, now_us, &place) && place.ahead != QUEUE_NONE)
        json_put_u64(&j, "position", place.ahead);
    if (q && refusal == QUEUE_NOT_OPEN) {
        queue_status(q, now_us, &status);
        json_put_time(&j, "opens_at", status.lobby_opens_at_us);
        json_put_u64(&j, "opens_in_ms", left_ms(status.lobby_opens_at_us, now_us));
    }
    json_end(&j);
    api->queue_counts.refusals[refusal]++;
    problem_answer_extra(x, problem_of_queue(refusal), barrier,
                         slice_from_string(problem_queue_detail(refusal)), problem_members(&extra));
}

/* ---- joining ---- */

struct joining {
    struct hash16 code;
    bool has_code;
    struct hurdle_answer answer;
};

static bool read_joining(struct http_exchange *x, const struct api_event *event,
                         const struct booking *b, struct joining *ret_joining)
{
    struct request r;
    struct places places;
    BUF_AUTO struct buf hash = BUF_INIT;
    *ret_joining = (struct joining){0};
    if (http_body(x).len == 0)
        return true;
    if (!request_begin(x, &r))
        return false;
    request_members(&r, r.root, "", "code " HURDLE_MEMBERS);
    const json_t *code = json_object_get(r.root, "code");
    places_of_event(event, b, api_of(x)->options.keys, &places);
    if (code && !json_is_null(code) && places_code(&r, code, "code", &places, &hash)) {
        memcpy(&ret_joining->code, hash.data, sizeof ret_joining->code);
        ret_joining->has_code = true;
    }
    hurdle_read(&r, r.root, x, &ret_joining->answer);
    if (!request_end(&r))
        return false;
    request_finish(&r);
    return true;
}

/* The lane that a code leads to. False: a problem was answered. */
static bool find_lane(struct http_exchange *x, const struct booking *b,
                      const struct joining *joining, uint8_t *ret_lane)
{
    *ret_lane = QUEUE_GENERAL;
    if (!joining->has_code)
        return true;
    if (!auth_may_guess(x))
        return false;
    struct engine *engine = api_of(x)->options.engine;
    uint32_t number = booking_code_allocation(b, joining->code);
    if (number == 0)
        auth_guessed_wrong(x);
    enum booking_allocation_kind kind =
        number ? booking_allocation_terms(b, number).kind : BOOKING_ALLOCATION_HOLDBACK;
    if (kind != BOOKING_ALLOCATION_PRESALE && kind != BOOKING_ALLOCATION_VIP) {
        problem_answer(x, PROBLEM_CODE_UNKNOWN, engine_barrier(engine), "%s",
                       number ? "This access code has no line of its own: join without it"
                              : problem_booking_detail(BOOKING_CODE_UNKNOWN));
        return false;
    }
    uint32_t left = 0;
    (void)booking_code_opens(b, joining->code, engine_now(engine), &left);
    if (left == 0) {
        problem_answer(x, PROBLEM_CODE_LIMIT_REACHED, engine_barrier(engine), "%s",
                       problem_booking_detail(BOOKING_CODE_LIMIT));
        return false;
    }
    *ret_lane = QUEUE_PRIORITY;
    return true;
}

/* A code that is good for some places leads as many sessions at once into the priority lane,
 * whoever passes it on. */
static struct queue_command_join joining_of(const struct booking *b, const struct joining *joining,
                                            struct hash16 session, uint8_t lane)
{
    struct queue_command_join join = {.lane = lane, .session = session};
    if (lane == QUEUE_PRIORITY)
        join.code_limit = booking_code_use(b, joining->code).limit;
    if (join.code_limit)
        join.code = booking_code_number(b, joining->code);
    return join;
}

/* Looks before a challenge is asked for, or spent on nothing. False: answered. */
static bool may_join(struct http_exchange *x, const struct api_event *event, const struct queue *q,
                     const struct queue_command_join *join)
{
    struct engine *engine = api_of(x)->options.engine;
    struct engine_queue_result full = {.no_space = true, .barrier = engine_barrier(engine)};
    if (!engine_has_room(engine, 0)) {
        (void)queue_result_failed(x, &full);
        return false;
    }
    if (join->code == 0 || queue_code_sessions(q, join->code, join->session) < join->code_limit)
        return true;
    queue_answer_refused(x, event, QUEUE_CODE_LIMIT, full.barrier);
    return false;
}

/* Whether joining would bring this session something new, so that it costs something. */
static bool is_news(const struct queue *q, struct hash16 session, uint8_t lane, uint64_t now_us)
{
    struct queue_place place;
    struct queue_status status;
    queue_status(q, now_us, &status);
    if (status.phase != QUEUE_LOBBY && status.phase != QUEUE_DRAWING && status.phase != QUEUE_LINE)
        return false; /* it will be refused */
    if (!queue_place_of(q, session, now_us, &place) || place.lane < lane)
        return true;
    return place.state == QUEUE_PLACE_MISSED || place.state == QUEUE_PLACE_USED ||
           place.state == QUEUE_PLACE_LEFT;
}

static void put_place(struct json *j, const struct queue_place *place)
{
    json_put_u64(j, "number", place->number);
    json_put_string(j, "lane", lane_name(place->lane));
    if (place->rank == QUEUE_NONE) {
        json_put_null(j, "rank");
        json_put_null(j, "position");
    } else {
        json_put_u64(j, "rank", place->rank);
        json_put_u64(j, "position", place->ahead);
    }
}

static void answer_joined(struct http_exchange *x, const struct api_event *event,
                          const struct engine_queue_result *result)
{
    struct api *api = api_of(x);
    struct queue_token_bearer bearer = {api_caller(x)->session.hash, event->random};
    struct queue_place place;
    char token[QUEUE_TOKEN_TEXT_MAX];
    if (!queue_place_of(result->queue, bearer.session, result->ts_us, &place)) {
        problem_answer(x, PROBLEM_INTERNAL, result->barrier, "The place was lost");
        return;
    }
    struct queue_token_ticket ticket = {place.lane, place.number};
    size_t len = queue_token_issue_ticket(api->options.keys, &bearer, &ticket,
                                          api->options.wall_us(api->options.host), token);
    if (result->decision->repeated)
        api->queue_counts.repeated++;
    else
        api->queue_counts.joined++;
    BUF_AUTO struct buf body = BUF_INIT;
    struct json j;
    json_begin(&j, &body);
    json_put_object(&j, NULL);
    json_put_text(&j, "ticket", slice_make(token, len));
    put_place(&j, &place);
    json_end(&j);
    http_add_header(x, "Cache-Control", SLICE("no-store"));
    api_answer_json(x, result->decision->repeated ? 200 : 201, &body, result->barrier);
}

void api_queue_join(struct http_exchange *x)
{
    struct api_event *event = api_event(x);
    if (!event)
        return;
    struct engine *engine = api_of(x)->options.engine;
    const struct booking *b = engine_booking(engine, event->partition);
    const struct queue *q = engine_queue(engine, event->partition);
    struct hash16 session = api_caller(x)->session.hash;
    struct joining joining;
    uint8_t lane;
    if (!b || !q) {
        queue_answer_refused(x, event, QUEUE_NOT_NEEDED, engine_barrier(engine));
        return;
    }
    if (!read_joining(x, event, b, &joining) || !find_lane(x, b, &joining, &lane))
        return;
    struct queue_command command = {.number = QUEUE_COMMAND_join,
                                    .join = joining_of(b, &joining, session, lane)};
    if (is_news(q, session, lane, engine_now(engine)) &&
        (!may_join(x, event, q, &command.join) ||
         !hurdle_taken(x, event, HURDLE_JOIN, &joining.answer)))
        return;
    struct engine_queue_result result;
    engine_submit_queue(engine, event->partition, &command, &result);
    if (queue_result_failed(x, &result))
        return;
    if (result.refusal == QUEUE_OK)
        answer_joined(x, event, &result);
    else
        queue_answer_refused(x, event, result.refusal, result.barrier);
}

/* ---- one's own place ---- */

static const char *place_state_name(enum queue_place_state state)
{
    static const char *const names[] = {
        [QUEUE_PLACE_LOBBY] = "lobby",       [QUEUE_PLACE_WAITING] = "waiting",
        [QUEUE_PLACE_CALLED] = "called",     [QUEUE_PLACE_MISSED] = "missed",
        [QUEUE_PLACE_ADMITTED] = "admitted", [QUEUE_PLACE_USED] = "over",
        [QUEUE_PLACE_LEFT] = "left"};
    return names[state];
}

/* Seconds until its turn, and between which two they will be; null when nobody can tell. */
static void put_wait(struct json *j, const struct api_queue *room, const struct queue_status *s,
                     const struct queue_place *place)
{
    uint32_t low = 0, high = 0;
    if (place->state == QUEUE_PLACE_WAITING && room) {
        uint64_t ahead = (uint64_t)place->ahead + 1;
        /* Whoever waits in the priority lane goes first. */
        if (place->lane == QUEUE_GENERAL)
            ahead += s->lanes[QUEUE_PRIORITY].count - s->lanes[QUEUE_PRIORITY].called;
        queue_wait(room, ahead, &low, &high);
    }
    bool called = place->state == QUEUE_PLACE_CALLED || place->state == QUEUE_PLACE_ADMITTED;
    if (!called && high == 0) {
        json_put_null(j, "wait_seconds");
        json_put_null(j, "wait");
        return;
    }
    json_put_u64(j, "wait_seconds", ((uint64_t)low + high) / 2);
    json_put_object(j, "wait");
    json_put_u64(j, "low", low);
    json_put_u64(j, "high", high);
    json_end(j);
}

/* None while the waiting room is paused: its time does not run. */
static void put_deadline(struct json *j, const struct queue_place *place, bool paused,
                         uint64_t now_us)
{
    bool called = place->state == QUEUE_PLACE_CALLED || place->state == QUEUE_PLACE_ADMITTED;
    if (called && !paused) {
        json_put_time(j, "closes_at", place->closes_at_us);
        json_put_u64(j, "closes_in_ms", left_ms(place->closes_at_us, now_us));
    } else {
        json_put_null(j, "closes_at");
        json_put_null(j, "closes_in_ms");
    }
}

bool queue_write_place(struct json *j, const char *key, const struct api *api,
                       const struct api_event *event, struct hash16 session)
{
    struct engine *engine = api->options.engine;
    uint64_t now_us = engine_now(engine);
    const struct queue *q = engine_queue(engine, event->partition);
    struct queue_place place;
    struct queue_status status;
    if (!q || !queue_place_of(q, session, now_us, &place))
        return false;
    queue_status(q, now_us, &status);
    json_put_object(j, key);
    put_place(j, &place);
    json_put_string(j, "state", place_state_name(place.state));
    put_wait(j, event->queue, &status, &place);
    put_deadline(j, &place, status.paused, now_us);
    json_end(j);
    return true;
}

void api_queue_position(struct http_exchange *x)
{
    struct api_event *event = api_event(x);
    if (!event)
        return;
    struct engine *engine = api_of(x)->options.engine;
    BUF_AUTO struct buf body = BUF_INIT;
    struct json j;
    json_begin(&j, &body);
    if (!queue_write_place(&j, NULL, api_of(x), event, api_caller(x)->session.hash)) {
        queue_answer_refused(x, event, QUEUE_NOT_IN_LINE, engine_barrier(engine));
        return;
    }
    http_add_header(x, "Cache-Control", SLICE("no-store"));
    api_answer_json(x, 200, &body, engine_barrier(engine));
}

/* ---- claiming and leaving ---- */

static void answer_admission(struct http_exchange *x, const struct api_event *event,
                             const struct engine_queue_result *result)
{
    struct api *api = api_of(x);
    struct queue_token_bearer bearer = {api_caller(x)->session.hash, event->random};
    struct queue_place place;
    if (!queue_place_of(result->queue, bearer.session, result->ts_us, &place) ||
        place.state != QUEUE_PLACE_ADMITTED) {
        problem_answer(x, PROBLEM_INTERNAL, result->barrier, "The admission was lost");
        return;
    }
    char token[QUEUE_TOKEN_TEXT_MAX];
    struct queue_token_admission admission = {place.admission, place.admission_random,
                                              place.closes_at_us};
    size_t len = queue_token_issue_admission(api->options.keys, &bearer, &admission,
                                             api->options.wall_us(api->options.host), token);
    api->queue_counts.claimed += !result->decision->repeated;
    BUF_AUTO struct buf body = BUF_INIT;
    struct json j;
    json_begin(&j, &body);
    json_put_object(&j, NULL);
    json_put_text(&j, "admission", slice_make(token, len));
    json_put_time(&j, "expires_at", place.closes_at_us);
    json_put_u64(&j, "expires_in_ms", left_ms(place.closes_at_us, result->ts_us));
    json_end(&j);
    http_add_header(x, "Cache-Control", SLICE("no-store"));
    api_answer_json(x, result->decision->repeated ? 200 : 201, &body, result->barrier);
}

/* False: answered. */
static bool submit(struct http_exchange *x, const struct api_event *event,
                   const struct queue_command *command, struct engine_queue_result *ret_result)
{
    engine_submit_queue(api_of(x)->options.engine, event->partition, command, ret_result);
    return !queue_result_failed(x, ret_result);
}

void api_queue_claim(struct http_exchange *x)
{
    struct api_event *event = api_event(x);
    struct engine_queue_result result;
    struct queue_command command = {
        .number = QUEUE_COMMAND_claim,
        .claim = {api_caller(x)->session.hash, keys_random_u64()},
    };
    if (!event || !submit(x, event, &command, &result))
        return;
    if (result.refusal == QUEUE_OK)
        answer_admission(x, event, &result);
    else
        queue_answer_refused(x, event, result.refusal, result.barrier);
}

void api_queue_leave(struct http_exchange *x)
{
    struct api_event *event = api_event(x);
    struct engine_queue_result result;
    struct queue_place place;
    struct hash16 session = api_caller(x)->session.hash;
    struct queue_command command = {.number = QUEUE_COMMAND_leave, .leave = {session}};
    if (!event || !submit(x, event, &command, &result))
        return;
    /* Who has left already is where they want to be. */
    bool left = result.refusal == QUEUE_NOT_IN_LINE &&
                queue_place_of(result.queue, session, result.ts_us, &place);
    if (result.refusal == QUEUE_OK || left)
        http_answer(x, 204, NULL, SLICE(""), result.barrier);
    else
        queue_answer_refused(x, event, result.refusal, result.barrier);
}
