/* holds: POST /events/{id}/holds, GET and DELETE of one. */
#include "api/idempotency.h"
#include "api/items.h"
#include "api/request.h"
#include "routes.gen.h"

#include <stdlib.h>

static void answer_hold(struct http_exchange *x, int status, const struct api_event *event,
                        const struct booking *b, struct id id, uint64_t barrier)
{
    struct booking_hold hold;
    if (!booking_hold_get(b, id.slot, id.random, &hold)) {
        problem_answer(x, PROBLEM_HOLD_NOT_FOUND, barrier, "This session has no such hold");
        return;
    }
    char text[ID_TEXT_MAX];
    size_t len = id_format(ID_HOLD, id, text);
    BUF_AUTO struct buf body = BUF_INIT;
    (void)buf_reserve(&body, 256 + hold.unit_count * 320); /* about what it takes: grown once */
    struct json j;
    json_begin(&j, &body);
    json_put_object(&j, NULL);
    json_put_text(&j, "id", slice_make(text, len));
    json_put_string(&j, "event_id", event->id);
    json_put_time(&j, "expires_at", hold.expires_at_us);
    json_put_u64(&j, "expires_in_ms",
                 items_left_ms(hold.expires_at_us, engine_now(api_of(x)->options.engine)));
    struct items items = {hold.units, hold.prices, hold.unit_count, hold.total_minor};
    items_write(&j, event, b, &items);
    if (hold.order != BOOKING_NONE) {
        struct id order = {id.partition, hold.order, booking_order_random(b, hold.order)};
        json_put_text(&j, "order_id", slice_make(text, id_format(ID_ORDER, order, text)));
    }
    json_end(&j);
    http_add_header(x, "Cache-Control", SLICE("no-store"));
    api_answer_json(x, status, &body, barrier);
}

/* ---- making one ---- */

/* What is asked for, as the command wants it. `given` keeps the order of the request. */
struct wish {
    uint32_t count; /* seats, or areas */
    uint32_t seats[LIMIT_HOLD_UNITS];
    uint32_t areas[LIMIT_HOLD_UNITS * 2]; /* number, quantity */
    uint32_t best_category, best_quantity;
    enum { WISH_SEATS, WISH_AREAS, WISH_BEST } kind;
};

static int by_number(const void *a, const void *b)
{
    uint32_t left = *(const uint32_t *)a, right = *(const uint32_t *)b;
    return (left > right) - (left < right);
}

/* A problem that names one thing of the request: `list` is "seats" or "areas". */
static void unknown(struct http_exchange *x, enum problem problem, const char *list,
                    struct slice name)
{
    BUF_AUTO struct buf extra = BUF_INIT;
    BUF_AUTO struct buf detail = BUF_INIT;
    if (problem == PROBLEM_UNKNOWN_SEAT) {
        buf_append_format(&extra, "\"%s\":[", list);
        json_escape(&extra, name);
        buf_append_char(&extra, ']');
    }
    buf_append_format(&detail, "The event has no \"%.*s\" among its %s", SLICE_ARG(name), list);
    problem_answer_extra(x, problem, 0, buf_slice(&detail), buf_slice(&extra));
}

static bool read_seats(struct request *r, const json_t *list, const struct api_event *event,
                       struct wish *wish)
{
    static const struct text_rule rule = {.max_bytes = LIMIT_SEAT_GUID_BYTES};
    wish->kind = WISH_SEATS;
    wish->count = (uint32_t)json_array_size(list);
    for (uint32_t i = 0; i < wish->count; i++) {
        struct slice guid;
        if (!request_check_text(r, json_array_get(list, i), "seats", &rule, &guid))
            return false;
        int64_t seat = event->seating ? plan_seat_find(event->seating->plan, guid) : -1;
        if (seat < 0) {
            unknown(r->x, PROBLEM_UNKNOWN_SEAT, "seats", guid);
            return false;
        }
        wish->seats[i] = (uint32_t)seat;
    }
    qsort(wish->seats, wish->count, sizeof wish->seats[0], by_number);
    return true;
}

static bool read_areas(struct request *r, const json_t *list, const struct api_event *event,
                       struct wish *wish)
{
    static const struct text_rule id_rule = {
        .within = "areas", .max_bytes = LIMIT_SEAT_GUID_BYTES, .required = true};
    static const struct integer_rule quantity_rule = {
        .within = "areas", .min = 1, .max = LIMIT_BUYER_UNITS, .required = true};
    wish->kind = WISH_AREAS;
    wish->count = (uint32_t)json_array_size(list);
    for (uint32_t i = 0; i < wish->count; i++) {
        const json_t *item = json_array_get(list, i);
        if (!json_is_object(item)) {
            request_fail(r, PROBLEM_BAD_VALUE, "areas", "Each of \"areas\" is {id, quantity}");
            return false;
        }
        request_members(r, item, "areas", "id quantity");
        struct slice id = request_text(r, item, "id", &id_rule);
        int64_t quantity = request_integer(r, item, "quantity", &quantity_rule);
        if (r->failed)
            return false;
        int64_t area = catalogue_area_find(event, id);
        if (area < 0) {
            unknown(r->x, PROBLEM_UNKNOWN_AREA, "areas", id);
            return false;
        }
        wish->areas[(size_t)i * 2] = (uint32_t)area;
        wish->areas[(size_t)i * 2 + 1] = (uint32_t)quantity;
    }
    return true;
}

/* A category by index or name; none means any. */
static bool read_best(struct request *r, const json_t *best, const struct api_event *event,
                      struct wish *wish)
{
    static const struct integer_rule quantity_rule = {
        .within = "best", .min = 1, .max = LIMIT_BUYER_UNITS, .required = true};
    wish->kind = WISH_BEST;
    wish->best_category = BOOKING_NONE;
    request_members(r, best, "best", "category quantity");
    wish->best_quantity = (uint32_t)request_integer(r, best, "quantity", &quantity_rule);
    const json_t *category = json_object_get(best, "category");
    if (r->failed || !category || json_is_null(category))
        return !r->failed;
    int64_t index = -1;
    struct slice name = SLICE("");
    if (json_is_integer(category)) {
        index = json_integer_value(category);
    } else if (json_is_string(category)) {
        name = slice_make(json_string_value(category), json_string_length(category));
        index = catalogue_category_find(event, name);
    }
    if (index < 0 || index >= event->category_count) {
        unknown(r->x, PROBLEM_UNKNOWN_CATEGORY, "price categories", name);
        return false;
    }
    wish->best_category = (uint32_t)index;
    return true;
}

/* False: a problem was answered or recorded in `r`. */
static bool read_wish(struct request *r, const struct api_event *event, struct wish *wish,
                      bool *ret_answered)
{
    *ret_answered = false;
    request_members(r, r->root, "", "seats areas best");
    const json_t *seats = request_array(r, r->root, "seats", LIMIT_BUYER_UNITS);
    const json_t *areas = request_array(r, r->root, "areas", LIMIT_BUYER_UNITS);
    const json_t *best = request_object(r, r->root, "best");
    if (r->failed)
        return false;
    if ((seats != NULL) + (areas != NULL) + (best != NULL) != 1 ||
        (seats && json_array_size(seats) == 0) || (areas && json_array_size(areas) == 0)) {
        request_fail(r, PROBLEM_EMPTY_REQUEST, "", "%s",
                     problem_booking_detail(BOOKING_EMPTY_REQUEST));
        return false;
    }
    if (json_array_size(seats) > LIMIT_HOLD_UNITS || json_array_size(areas) > LIMIT_HOLD_UNITS) {
        request_fail(r, PROBLEM_HOLD_LIMIT_REACHED, seats ? "seats" : "areas",
                     "A hold has at most %u places", LIMIT_HOLD_UNITS);
        return false;
    }
    bool good = seats   ? read_seats(r, seats, event, wish)
                : areas ? read_areas(r, areas, event, wish)
                        : read_best(r, best, event, wish);
    *ret_answered = !good && !r->failed;
    return good;
}

static void write_culprits(struct json *j, const struct api_event *event, const struct booking *b,
                           const struct booking_decision *d)
{
    json_put_array(j, "seats");
    for (uint32_t i = 0; i < d->culprit_count; i++) {
        if (event->seating && booking_unit_area(b, d->culprits[i]) == BOOKING_NONE)
            json_put_text(j, NULL, plan_seat(event->seating->plan, d->culprits[i]).guid);
    }
    json_end(j);
}

static void write_short_areas(struct json *j, const struct api_event *event,
                              const struct booking *b, const struct wish *wish)
{
    json_put_array(j, "areas");
    for (uint32_t i = 0; i < wish->count; i++) {
        uint32_t area = wish->areas[(size_t)i * 2];
        json_put_object(j, NULL);
        json_put_text(j, "id", event->areas[area].id);
        json_put_u64(j, "available", booking_area(b, area).available);
        json_end(j);
    }
    json_end(j);
}

/* What was refused, and what stands in the way. */
static void answer_refusal(struct http_exchange *x, const struct api_event *event,
                           const struct wish *wish, const struct engine_result *result)
{
    enum booking_refusal refusal = result->refusal;
    const struct booking *b = result->booking;
    BUF_AUTO struct buf extra = BUF_INIT;
    struct json j;
    json_begin(&j, &extra);
    json_put_object(&j, NULL);
    if (result->decision->culprit_count)
        write_culprits(&j, event, b, result->decision);
    if (refusal == BOOKING_NOT_ENOUGH && wish->kind == WISH_AREAS)
        write_short_areas(&j, event, b, wish);
    if (refusal == BOOKING_HOLD_LIMIT)
        json_put_u64(&j, "limit", booking_event(b).per_hold);
    if (refusal == BOOKING_BUYER_LIMIT)
        json_put_u64(&j, "limit", booking_event(b).per_buyer);
    if (refusal == BOOKING_SESSION_LIMIT)
        json_put_u64(&j, "limit", LIMIT_SESSION_HOLDS);
    if (refusal == BOOKING_SALE_NOT_OPEN)
        json_put_time(&j, "opens_at", booking_event(b).opens_at_us);
    json_end(&j);
    struct slice members = buf_slice(&extra);
    members = members.len > 2 ? slice_make(members.data + 1, members.len - 2) : SLICE("");
    problem_answer_extra(x, problem_of_booking(refusal), result->barrier,
                         slice_from_string(problem_booking_detail(refusal)), members);
}

static void submit_hold(struct http_exchange *x, const struct api_event *event,
                        const struct wish *wish, const struct idempotency *idempotency)
{
    struct booking_command command = {.number = BOOKING_COMMAND_hold};
    struct command_hold *hold = &command.hold;
    hold->hold_random = keys_random_u64();
    hold->session = api_caller(x)->session.hash;
    hold->key = idempotency->key;
    hold->request = idempotency->request;
    if (wish->kind == WISH_SEATS)
        hold->seats = (struct u32s){wish->seats, wish->count};
    if (wish->kind == WISH_AREAS)
        hold->areas = (struct u32s){wish->areas, wish->count * 2};
    /* "Any category" is the first one, in the organiser's order, that has the places. */
    bool any = wish->kind == WISH_BEST && wish->best_category == BOOKING_NONE;
    hold->best_category = any ? 0 : wish->best_category;
    hold->best_quantity = wish->best_quantity;
    struct engine_result result;
    bool short_of;
    do {
        engine_submit(api_of(x)->options.engine, event->partition, &command, &result);
        if (api_result_failed(x, &result))
            return;
        short_of = result.refusal == BOOKING_NOT_ENOUGH || result.refusal == BOOKING_NOT_ADJACENT;
    } while (any && short_of && ++hold->best_category < event->category_count);
    if (result.refusal != BOOKING_OK) {
        answer_refusal(x, event, wish, &result);
        return;
    }
    uint32_t slot = result.decision->hold;
    struct id id = {event->partition, slot, booking_hold_random(result.booking, slot)};
    answer_hold(x, 201, event, result.booking, id, result.barrier);
}

void api_hold_create(struct http_exchange *x)
{
    struct api_event *event = api_event(x);
    struct idempotency idempotency;
    const struct hash16 *session = &api_caller(x)->session.hash;
    if (!event || !idempotency_read(x, slice_make(session, sizeof *session), &idempotency))
        return;
    struct request r;
    if (!request_begin(x, &r))
        return;
    struct wish wish = {0};
    bool answered;
    if (read_wish(&r, event, &wish, &answered)) {
        request_finish(&r);
        submit_hold(x, event, &wish, &idempotency);
        return;
    }
    if (answered)
        request_finish(&r);
    else
        (void)request_end(&r);
}

/* ---- looking and releasing ---- */

static bool hold_id(struct http_exchange *x, const struct api_event *event, struct id *ret_id)
{
    if (id_parse(ID_HOLD, http_param(x, "hold"), ret_id) && ret_id->partition == event->partition)
        return true;
    problem_answer(x, PROBLEM_HOLD_NOT_FOUND, 0, "This session has no such hold");
    return false;
}

void api_hold_get(struct http_exchange *x)
{
    struct api_event *event;
    struct id id;
    const struct booking *b = api_booking(x, &event);
    if (!b || !hold_id(x, event, &id))
        return;
    struct engine *engine = api_of(x)->options.engine;
    uint64_t barrier = engine_barrier(engine);
    struct booking_hold hold;
    if (!booking_hold_get(b, id.slot, id.random, &hold) ||
        !hash16_equal(hold.session, api_caller(x)->session.hash))
        problem_answer(x, PROBLEM_HOLD_NOT_FOUND, barrier, "This session has no such hold");
    else if (hold.live && hold.expires_at_us > engine_now(engine))
        answer_hold(x, 200, event, b, id, barrier);
    else if (hold.live || hold.expired)
        problem_answer(x, PROBLEM_HOLD_EXPIRED, barrier, "The time to keep these seats is over");
    else
        problem_answer(x, PROBLEM_HOLD_ENDED, barrier, "This hold was released or sold");
}

void api_hold_delete(struct http_exchange *x)
{
    struct api_event *event = api_event(x);
    struct id id;
    if (!event || !hold_id(x, event, &id))
        return;
    struct booking_command command = {.number = BOOKING_COMMAND_release_hold};
    command.release_hold.hold = id.slot;
    command.release_hold.hold_random = id.random;
    command.release_hold.session = api_caller(x)->session.hash;
    struct engine_result result;
    engine_submit(api_of(x)->options.engine, event->partition, &command, &result);
    if (api_result_failed(x, &result))
        return;
    /* What is free already is what was asked for. */
    bool gone = result.refusal == BOOKING_HOLD_ENDED || result.refusal == BOOKING_HOLD_EXPIRED;
    if (result.refusal == BOOKING_OK || gone)
        http_answer(x, 204, NULL, SLICE(""), result.barrier);
    else
        problem_answer(x, problem_of_booking(result.refusal), result.barrier, "%s",
                       problem_booking_detail(result.refusal));
}
