/* holds: POST /events/{id}/holds; GET, PATCH and DELETE of one. */
#include "api/holds.h"

#include "api/admission.h"
#include "api/auth.h"
#include "api/idempotency.h"
#include "api/items.h"
#include "api/leaving.h"
#include "api/wish.h"
#include "routes.gen.h"

/* Why the box office chose these places. */
static void write_choice(struct json *j, uint8_t choice)
{
    static const char *const reasons[] = {[BOOKING_CHOICE_ADJACENT] = "adjacent",
                                          [BOOKING_CHOICE_COMPANIONS] = "companions",
                                          [BOOKING_CHOICE_AREA] = "area"};
    if ((choice & BOOKING_CHOICE_WAY) == BOOKING_CHOICE_BUYERS)
        return;
    json_put_object(j, "choice");
    json_put_string(j, "reason", reasons[choice & BOOKING_CHOICE_WAY]);
    json_put_bool(j, "restricted_view", (choice & BOOKING_CHOICE_RESTRICTED) != 0);
    json_put_bool(j, "leaves_single", (choice & BOOKING_CHOICE_LEAVES_SINGLE) != 0);
    json_end(j);
}

void hold_answer(struct http_exchange *x, int status, const struct api_event *event,
                 const struct booking *b, struct id id, uint64_t barrier)
{
    struct booking_hold hold;
    if (!booking_hold_get(b, id.slot, id.random, &hold)) {
        problem_answer(x, PROBLEM_HOLD_NOT_FOUND, barrier, "This session has no such hold");
        return;
    }
    leaving_back(api_of(x), id);
    char text[ID_TEXT_MAX];
    size_t len = id_format(ID_HOLD, id, text);
    BUF_AUTO struct buf body = BUF_INIT;
    (void)buf_reserve(&body, 256 + hold.unit_count * 560); /* about what it takes: grown once */
    struct json j;
    json_begin(&j, &body);
    json_put_object(&j, NULL);
    json_put_text(&j, "id", slice_make(text, len));
    json_put_string(&j, "event_id", event->id);
    json_put_time(&j, "expires_at", hold.expires_at_us);
    json_put_u64(&j, "expires_in_ms",
                 items_left_ms(hold.expires_at_us, engine_now(api_of(x)->options.engine)));
    struct items items = {.units = hold.units,
                          .lines = hold.lines,
                          .count = hold.unit_count,
                          .total_minor = hold.total_minor};
    items_write(&j, event, b, &items);
    json_put_bool(&j, "promo_code", hold.promo != 0);
    json_put_bool(&j, "extended", hold.extended);
    write_choice(&j, hold.choice);
    if (hold.order != BOOKING_NONE) {
        struct id order = {id.partition, hold.order, booking_order_random(b, hold.order)};
        json_put_text(&j, "order_id", slice_make(text, id_format(ID_ORDER, order, text)));
    }
    json_end(&j);
    http_add_header(x, "Cache-Control", SLICE("no-store"));
    api_answer_json(x, status, &body, barrier);
}

/* ---- making and changing one ---- */

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
    items_write_culprits(&j, event, result->decision);
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
    if (refusal == BOOKING_CODE_UNKNOWN)
        auth_guessed_wrong(x);
    problem_answer_extra(x, problem_of_booking(refusal), result->barrier,
                         slice_from_string(problem_booking_detail(refusal)),
                         problem_members(&extra));
}

/* False: a problem was answered. */
static bool read_wish(struct http_exchange *x, const struct api_event *event,
                      const struct booking *b, bool changing, struct wish *ret_wish)
{
    struct request r;
    struct places places;
    if (!request_begin(x, &r))
        return false;
    places_of_event(event, b, api_of(x)->options.keys, &places);
    (void)wish_read(&r, event, &places, changing, ret_wish);
    if (!request_end(&r))
        return false;
    request_finish(&r);
    return !ret_wish->has_code || auth_may_guess(x);
}

void api_hold_create(struct http_exchange *x)
{
    struct api_event *event;
    struct idempotency idempotency;
    struct wish wish;
    const struct hash16 *session = &api_caller(x)->session.hash;
    const struct booking *b = api_booking(x, &event);
    if (!b || !idempotency_read(x, slice_make(session, sizeof *session), &idempotency) ||
        !(booking_hold_key_known(b, idempotency.key) || admission_check(x, event)) ||
        !read_wish(x, event, b, false, &wish))
        return;
    struct booking_command command = {.number = BOOKING_COMMAND_hold, .hold = wish.best};
    struct command_hold *hold = &command.hold;
    hold->hold_random = keys_random_u64();
    hold->session = *session;
    hold->code = wish.code;
    hold->key = idempotency.key;
    hold->request = idempotency.request;
    if (wish.kind == WISH_SEATS)
        hold->seats = (struct u32s){wish.seats, wish.count};
    if (wish.kind == WISH_AREAS)
        hold->areas = (struct u32s){wish.areas, wish.count * 2};
    struct engine_result result;
    engine_submit(api_of(x)->options.engine, event->partition, &command, &result);
    if (api_result_failed(x, &result))
        return;
    if (result.refusal != BOOKING_OK) {
        answer_refusal(x, event, &wish, &result);
        return;
    }
    uint32_t slot = result.decision->hold;
    struct id id = {event->partition, slot, booking_hold_random(result.booking, slot)};
    hold_answer(x, 201, event, result.booking, id, result.barrier);
}

/* ---- looking and releasing ---- */

bool hold_of_path(struct http_exchange *x, const struct api_event *event, struct id *ret_id)
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
    if (!b || !hold_of_path(x, event, &id))
        return;
    struct engine *engine = api_of(x)->options.engine;
    uint64_t barrier = engine_barrier(engine);
    struct booking_hold hold;
    if (!booking_hold_get(b, id.slot, id.random, &hold) ||
        !hash16_equal(hold.session, api_caller(x)->session.hash))
        problem_answer(x, PROBLEM_HOLD_NOT_FOUND, barrier, "This session has no such hold");
    else if (hold.live && hold.expires_at_us > engine_now(engine))
        hold_answer(x, 200, event, b, id, barrier);
    else if (hold.live || hold.expired)
        problem_answer(x, PROBLEM_HOLD_EXPIRED, barrier, "The time to keep these seats is over");
    else
        problem_answer(x, PROBLEM_HOLD_ENDED, barrier, "This hold was released or sold");
}

void api_hold_update(struct http_exchange *x)
{
    struct api_event *event;
    struct id id;
    struct wish wish;
    const struct booking *b = api_booking(x, &event);
    if (!b || !hold_of_path(x, event, &id) || !admission_check(x, event) ||
        !read_wish(x, event, b, true, &wish))
        return;
    struct booking_command command = {.number = BOOKING_COMMAND_change_hold};
    command.change_hold = (struct command_change_hold){.hold = id.slot,
                                                       .hold_random = id.random,
                                                       .session = api_caller(x)->session.hash,
                                                       .seats = {wish.seats, wish.count},
                                                       .code = wish.code};
    struct engine_result result;
    engine_submit(api_of(x)->options.engine, event->partition, &command, &result);
    if (api_result_failed(x, &result))
        return;
    if (result.refusal == BOOKING_OK)
        hold_answer(x, 200, event, result.booking, id, result.barrier);
    else
        answer_refusal(x, event, &wish, &result);
}

void api_hold_delete(struct http_exchange *x)
{
    struct api_event *event = api_event(x);
    struct id id;
    if (!event || !hold_of_path(x, event, &id))
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
