/* plan_change: PUT /organiser/events/{id}/plan, another seating plan while the event is on sale. */
#include "api/definition.h"
#include "api/event_json.h"
#include "routes.gen.h"

#include <assert.h>
#include <stdlib.h>

/* Of what a change of the plan writes: holds that ran out by then, at most a decision full. */
#define BESIDE_BYTES (LIMIT_DECISION_ENTRIES * 256u)

/* What the pool's thread needs to know of the event: copied, for the event may go meanwhile. */
struct plan_change {
    uv_work_t work;
    struct http_exchange *x;
    struct api *api;
    struct slice body; /* the exchange's */
    uint32_t partition;
    uint32_t category_count, area_count;
    char *names[LIMIT_PRICE_CATEGORIES]; /* owned */
    struct plan_area areas[LIMIT_AREAS];
    bool new_blocked; /* seats that the event did not have are not for sale yet */

    /* what it makes */
    struct seating *seating;
    struct buf faults, inventory;
    uint32_t *plan_categories; /* owned: price category of each category of the plan */
    struct request request;    /* has no body: what is wrong with the plan is recorded in it */
};

static void plan_change_finish(struct plan_change *c)
{
    for (uint32_t i = 0; i < c->category_count; i++)
        free(c->names[i]);
    seating_drop(c->seating);
    buf_finish(&c->faults);
    buf_finish(&c->inventory);
    free(c->plan_categories);
    free(c);
}

static void make_plan(uv_work_t *work)
{
    struct plan_change *c = work->data;
    struct request *r = &c->request;
    struct plan_options strict = {0};
    struct err err;
    c->seating = definition_plan(r, c->body, &strict, c->api->catalogue.plans_dir, &c->faults);
    if (r->failed)
        return;
    struct slice names[LIMIT_PRICE_CATEGORIES];
    for (uint32_t i = 0; i < c->category_count; i++)
        names[i] = slice_from_string(c->names[i]);
    c->plan_categories = definition_plan_categories(r, c->seating->plan, names, c->category_count);
    if (!r->failed && plan_write_inventory(c->seating->plan, c->plan_categories, c->category_count,
                                           c->areas, c->area_count, &c->inventory, &err) < 0)
        request_fail(r, PROBLEM_EVENT_INVALID, "plan", "%s", err.detail);
}

static void answer_faults(struct plan_change *c)
{
    BUF_AUTO struct buf extra = BUF_INIT;
    if (c->faults.len)
        problem_write_faults(&extra, buf_slice(&c->faults));
    problem_answer_extra(c->x, c->request.problem, 0, slice_from_string(c->request.detail),
                         buf_slice(&extra));
}

/* The event's description with the new plan in it. */
static bool write_document(const struct plan_change *c, const struct api_event *event,
                           struct buf *out)
{
    json_t *document = json_copy(event->document);
    json_t *categories = json_array();
    for (uint32_t i = 0; i < plan_category_count(c->seating->plan); i++)
        (void)json_array_append_new(categories, json_integer(c->plan_categories[i]));
    json_t *plan = json_pack("{s:s, s:o}", "hash", c->seating->hash, "categories", categories);
    char *text = NULL;
    if (document && plan && json_object_set_new(document, "plan", plan) == 0)
        text = json_dumps(document, JSON_COMPACT);
    json_decref(document);
    if (text)
        buf_append_text(out, text);
    free(text);
    return text != NULL && !out->failed;
}

/* Which unit each seat of the new plan is: a seat of the same guid stays the unit it is. */
static uint32_t *match_seats(const struct plan_change *c, const struct api_event *event,
                             const struct booking *b)
{
    const struct plan *plan = c->seating->plan;
    uint32_t count = plan_seat_count(plan), next = booking_event(b).unit_count;
    uint32_t *units = malloc(((size_t)count + 1) * sizeof *units);
    for (uint32_t seat = 0; units && seat < count; seat++) {
        int64_t old = plan_seat_find(event->seating->plan, plan_seat(plan, seat).guid);
        units[seat] = old < 0 ? next++ : booking_seat_unit(b, (uint32_t)old);
    }
    return units;
}

static void answer_refused(struct plan_change *c, const struct api_event *event,
                           const struct engine_result *result)
{
    if (result->refusal == BOOKING_UNIT_NOT_FREE)
        event_answer_refused_as(c->x, event, result,
                                SLICE("Some of the seats are held or sold, so they cannot be "
                                      "removed, changed in price or split from their group"));
    else
        event_answer_refused(c->x, event, result);
}

/* Takes the units from `first_new` on off sale, in the same turn of the loop in which they were
 * made, so that nobody sees them free. `units` of all seats is used up for it. */
static void block_new(struct plan_change *c, uint32_t *units, uint32_t first_new,
                      struct engine_result *result)
{
    uint32_t count = 0;
    for (uint32_t seat = 0; seat < plan_seat_count(c->seating->plan); seat++) {
        if (units[seat] >= first_new)
            units[count++] = units[seat];
    }
    struct booking_command command = {.number = BOOKING_COMMAND_change_event};
    command.change_event.block = (struct u32s){units, count};
    if (count)
        engine_submit(c->api->options.engine, c->partition, &command, result);
    assert(result->refusal == BOOKING_OK); /* they are new, so free */
}

/* True when the plan is in force, and its new seats are blocked if they shall be; else answered. */
static bool change(struct plan_change *c, const struct api_event *event, const struct booking *b,
                   uint32_t *units, struct slice document, struct engine_result *ret_result)
{
    struct engine *engine = c->api->options.engine;
    uint32_t seats = plan_seat_count(c->seating->plan), first_new = booking_event(b).unit_count;
    if (c->new_blocked &&
        !engine_has_room(engine, seats * sizeof *units + document.len + BESIDE_BYTES)) {
        problem_answer(c->x, PROBLEM_BUSY, engine_barrier(engine),
                       "The plan cannot be written right now; try again in a moment");
        return false;
    }
    struct command_change_plan command = {
        .inventory = buf_slice(&c->inventory),
        .units = {units, seats},
    };
    engine_change_plan(engine, c->partition, &command, document, ret_result);
    if (api_result_failed(c->x, ret_result))
        return false;
    if (ret_result->refusal != BOOKING_OK) {
        answer_refused(c, event, ret_result);
        return false;
    }
    /* In memory before the entry comes back that names it. */
    (void)catalogue_add_seating(&c->api->catalogue, seating_keep(c->seating));
    if (c->new_blocked)
        block_new(c, units, first_new, ret_result);
    return !api_result_failed(c->x, ret_result);
}

static void answer_in_force(struct plan_change *c, uint64_t barrier)
{
    BUF_AUTO struct buf body = BUF_INIT;
    struct json j;
    json_begin(&j, &body);
    json_put_object(&j, NULL);
    json_put_string(&j, "plan", c->seating->hash);
    json_put_u64(&j, "seat_count", plan_seat_count(c->seating->plan));
    json_end(&j);
    http_add_header(c->x, "Cache-Control", SLICE("no-store"));
    api_answer_json(c->x, 200, &body, barrier);
}

/* Groups fit into what a buyer may have of each price category. */
static bool fits_categories(const struct plan_change *c, const struct booking *b, struct err *err)
{
    struct slice names[LIMIT_PRICE_CATEGORIES];
    uint32_t limits[LIMIT_PRICE_CATEGORIES];
    for (uint32_t i = 0; i < c->category_count; i++) {
        names[i] = slice_from_string(c->names[i]);
        limits[i] = booking_category_limit(b, i);
    }
    return definition_check_group_prices(
        c->seating->plan, c->plan_categories,
        &(struct definition_prices){names, limits, c->category_count}, err);
}

static void submit(struct plan_change *c, struct api_event *event, const struct booking *b)
{
    BUF_AUTO struct buf document = BUF_INIT;
    struct booking_event terms = booking_event(b);
    /* A request that was sent again: what stands for the plan is its hash, and the price categories
     * follow from its names. */
    if (strcmp(c->seating->hash, event->seating->hash) == 0) {
        answer_in_force(c, engine_barrier(c->api->options.engine));
        return;
    }
    struct err err;
    if (definition_check_groups(c->seating->plan, terms.per_hold, terms.per_buyer, &err) ||
        !fits_categories(c, b, &err)) {
        problem_answer(c->x, PROBLEM_EVENT_INVALID, 0, "%s", err.detail);
        return;
    }
    uint32_t *units = match_seats(c, event, b);
    struct engine_result result;
    bool changed = false;
    if (!units || !write_document(c, event, &document))
        problem_answer(c->x, PROBLEM_BUSY, 0, "There is not enough memory at the moment");
    else
        changed = change(c, event, b, units, buf_slice(&document), &result);
    free(units);
    if (changed)
        answer_in_force(c, result.barrier);
}

static void done(uv_work_t *work, int status)
{
    struct plan_change *c = work->data;
    c->api->pool_work--;
    if (c->api->server) { /* else the exchange went with the server */
        struct api_event *event = catalogue_event(&c->api->catalogue, c->partition);
        const struct booking *b = engine_booking(c->api->options.engine, c->partition);
        if (status < 0)
            problem_answer(c->x, PROBLEM_BUSY, 0, "The plan could not be read; try again");
        else if (c->request.failed)
            answer_faults(c);
        else if (api_plan_is_changing(c->api, event, b))
            problem_answer(c->x, PROBLEM_BUSY, 0, "The seating plan is just being changed");
        else
            submit(c, event, b);
    }
    plan_change_finish(c);
}

/* What stays of the event under its new plan. */
static bool copy_event(struct plan_change *c, const struct api_event *event,
                       const struct booking *b)
{
    for (; c->category_count < event->category_count; c->category_count++) {
        struct slice name = event->categories[c->category_count].name;
        c->names[c->category_count] = strndup(name.data, name.len);
        if (!c->names[c->category_count])
            return false;
    }
    c->partition = event->partition;
    c->area_count = booking_event(b).area_count;
    for (uint32_t i = 0; i < c->area_count; i++) {
        struct booking_area area = booking_area(b, i);
        c->areas[i] = (struct plan_area){area.capacity, area.category};
    }
    return true;
}

static bool read_new_seats(struct http_exchange *x, bool *ret_blocked)
{
    struct slice text = SLICE("on_sale");
    (void)http_query_param(x, "new_seats", &text);
    *ret_blocked = slice_equal(text, SLICE("blocked"));
    if (*ret_blocked || slice_equal(text, SLICE("on_sale")))
        return true;
    problem_answer(x, PROBLEM_BAD_VALUE, 0, "\"new_seats\" is \"on_sale\" or \"blocked\"");
    return false;
}

void api_organiser_event_plan(struct http_exchange *x)
{
    struct api_event *event;
    bool new_blocked;
    const struct booking *b = api_booking(x, &event);
    if (!b || !read_new_seats(x, &new_blocked))
        return;
    if (!event->seating) {
        problem_answer(x, PROBLEM_NO_PLAN, 0, "This event has areas without numbered seats only");
        return;
    }
    struct plan_change *c = calloc(1, sizeof *c);
    if (!c || !copy_event(c, event, b)) {
        if (c)
            plan_change_finish(c);
        problem_answer(x, PROBLEM_BUSY, 0, "There is not enough memory at the moment");
        return;
    }
    c->x = x;
    c->api = api_of(x);
    c->body = http_body(x);
    c->new_blocked = new_blocked;
    c->work.data = c;
    c->api->pool_work++;
    if (uv_queue_work(c->api->options.loop, &c->work, make_plan, done) < 0) {
        c->api->pool_work--;
        plan_change_finish(c);
        problem_answer(x, PROBLEM_BUSY, 0, "The plan could not be read; try again");
    }
}
