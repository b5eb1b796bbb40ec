/* codes: POST /events/{id}/codes, what an access code opens. */
#include "api/codes.h"

#include "api/auth.h"
#include "api/availability.h"
#include "api/event_json.h"
#include "api/places.h"
#include "base/time.h"
#include "routes.gen.h"

#include <assert.h>
#include <stdlib.h>

/* What an allocation opens is gathered at most once in this time: a whole presale asks in its first
 * minute, and going through a stadium takes a millisecond. The organiser's changes end it sooner.
 */
#define OPENED_KEPT_US TIME_SECOND_US

/* The seats of the allocation, a bit each. Held and sold ones too: what comes back is shown as
 * blocked again, and the code opens it again. */
static void write_seats(struct json *j, const struct booking *b, uint32_t allocation)
{
    uint32_t seats = booking_event(b).seat_count;
    uint8_t *bits = calloc(((size_t)seats + 7) / 8 + 1, 1);
    if (!bits) {
        j->out->failed = true;
        return;
    }
    for (uint32_t seat = 0; seat < seats; seat++) {
        uint32_t unit = booking_seat_unit(b, seat);
        if (booking_unit_allocation(b, unit) == allocation &&
            booking_unit_state(b, unit, 0) != BOOKING_BLOCKED)
            bits[seat / 8] |= (uint8_t)(1u << (seat % 8));
    }
    availability_write_base64(j, "seats", bits, ((size_t)seats + 7) / 8);
    free(bits);
}

static void write_areas(struct json *j, const struct api_event *event, const struct booking *b,
                        uint32_t allocation, uint64_t now_us)
{
    for (uint32_t i = 0; i < booking_event(b).area_count && i < event->area_count; i++) {
        struct booking_area area = booking_area(b, i);
        uint32_t available = 0;
        for (uint32_t unit = area.first_unit; unit < area.first_unit + area.capacity; unit++)
            available += booking_unit_allocation(b, unit) == allocation &&
                         booking_unit_state(b, unit, now_us) == BOOKING_ALLOCATED;
        if (available == 0)
            continue;
        json_put_object(j, NULL);
        json_put_text(j, "id", event->areas[i].id);
        json_put_u64(j, "available", available);
        json_end(j);
    }
}

/* What the codes of one allocation have in common, as members. */
static struct slice opened_text(struct api_event *event, const struct booking *b, uint32_t number,
                                bool open, uint64_t now_us)
{
    struct api_opened *kept = &event->opened[number % API_OPENED_KEPT];
    if (kept->allocation == number && kept->open == open && now_us - kept->made_us < OPENED_KEPT_US)
        return problem_members(&kept->text);
    struct booking_allocation allocation = booking_allocation_terms(b, number);
    bool released =
        allocation.released || (allocation.releases_at_us && allocation.releases_at_us <= now_us);
    struct json j;
    buf_clear(&kept->text);
    json_begin(&j, &kept->text);
    json_put_object(&j, NULL);
    json_put_text(&j, "name", allocation.name);
    json_put_string(&j, "kind", event_allocation_kind(allocation.kind));
    json_put_bool(&j, "open", open || released);
    event_write_time(&j, "opens_at", allocation.opens_at_us);
    event_write_time(&j, "releases_at", allocation.releases_at_us);
    json_put_string(&j, "encoding", "1bit");
    if (open)
        write_seats(&j, b, number);
    else
        json_put_string(&j, "seats", "");
    json_put_array(&j, "areas");
    if (open)
        write_areas(&j, event, b, number, now_us);
    json_end(&j);
    json_end(&j);
    kept->allocation = kept->text.failed ? 0 : number;
    kept->open = open;
    kept->made_us = now_us;
    return problem_members(&kept->text);
}

/* For the organiser alone: what others took with a shared code is not a buyer's business. */
static void append_use(struct buf *body, struct booking_code_use use)
{
    if (use.limit)
        buf_append_format(body, ",\"limit\":%u", use.limit);
    else
        buf_append_text(body, ",\"limit\":null");
    buf_append_format(body, ",\"used\":%u", use.used);
}

static void answer_opens(struct http_exchange *x, struct api_event *event, const struct booking *b,
                         struct hash16 code, uint32_t number)
{
    struct engine *engine = api_of(x)->options.engine;
    uint64_t now_us = engine_now(engine);
    uint32_t left = UINT32_MAX;
    bool open = booking_code_opens(b, code, now_us, &left) == number;
    BUF_AUTO struct buf body = BUF_INIT;
    buf_append_char(&body, '{');
    buf_append_slice(&body, opened_text(event, b, number, open, now_us));
    if (body.len == 1)
        body.failed = true;
    if (left == UINT32_MAX)
        buf_append_text(&body, ",\"left\":null");
    else
        buf_append_format(&body, ",\"left\":%u", left);
    if (api_caller(x)->is_organiser)
        append_use(&body, booking_code_use(b, code));
    buf_append_char(&body, '}');
    http_add_header(x, "Cache-Control", SLICE("no-store"));
    api_answer_json(x, 200, &body, engine_barrier(engine));
}

void codes_entry(struct api *api, uint32_t partition, uint16_t number)
{
    struct api_event *event = catalogue_event(&api->catalogue, partition);
    bool changes =
        number == BOOKING_ENTRY_units_blocked || number == BOOKING_ENTRY_units_unblocked ||
        number == BOOKING_ENTRY_allocation_set || number == BOOKING_ENTRY_units_moved ||
        number == BOOKING_ENTRY_allocation_released || number == BOOKING_ENTRY_plan_changed;
    for (unsigned i = 0; event && changes && i < API_OPENED_KEPT; i++)
        event->opened[i].allocation = 0;
}

bool code_of_body(struct http_exchange *x, const struct api_event *event, const struct booking *b,
                  struct hash16 *ret_code)
{
    struct request r;
    struct places places;
    BUF_AUTO struct buf hash = BUF_INIT;
    if (!request_begin(x, &r))
        return false;
    places_of_event(event, b, api_of(x)->options.keys, &places);
    request_members(&r, r.root, "", "code");
    (void)places_code(&r, json_object_get(r.root, "code"), "code", &places, &hash);
    if (!request_end(&r))
        return false;
    request_finish(&r);
    if (!auth_may_guess(x))
        return false;
    assert(hash.len == sizeof *ret_code);
    memcpy(ret_code, hash.data, sizeof *ret_code);
    return true;
}

void api_code_look(struct http_exchange *x)
{
    struct api_event *event;
    struct hash16 code;
    const struct booking *b = api_booking(x, &event);
    if (!b || !code_of_body(x, event, b, &code))
        return;
    uint32_t allocation = booking_code_allocation(b, code);
    if (allocation) {
        answer_opens(x, event, b, code, allocation);
        return;
    }
    auth_guessed_wrong(x);
    problem_answer(x, PROBLEM_CODE_UNKNOWN, engine_barrier(api_of(x)->options.engine), "%s",
                   problem_booking_detail(BOOKING_CODE_UNKNOWN));
}
