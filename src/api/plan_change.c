/* plan_change: PUT /organiser/events/{id}/plan, another seating plan while the event is on sale. */
#include "api/definition.h"
#include "api/event_json.h"
#include "routes.gen.h"

#include <stdlib.h>

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

    /* what it makes */
    struct seating *seating;
    struct buf faults, inventory;
    uint32_t *plan_categories; /* owned: price category of each category of the plan */
    enum problem problem;
    struct err err;
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

static int fail(struct plan_change *c, enum problem problem)
{
    c->problem = problem;
    return -1;
}

/* Each category of the plan is sold at the price category of its name. */
static int match_categories(struct plan_change *c)
{
    const struct plan *plan = c->seating->plan;
    uint32_t count = plan_category_count(plan);
    c->plan_categories = calloc((size_t)count + 1, sizeof *c->plan_categories);
    if (!c->plan_categories)
        return fail(c, PROBLEM_BUSY);
    for (uint32_t i = 0; i < count; i++) {
        struct slice name = plan_category_name(plan, i);
        uint32_t k = 0;
        while (k < c->category_count && !slice_equal(name, slice_from_string(c->names[k])))
            k++;
        if (k == c->category_count) {
            (void)err_set(&c->err,
                          "The plan's category \"%.*s\" has no price category of that name",
                          SLICE_ARG(name));
            return fail(c, PROBLEM_EVENT_INVALID);
        }
        c->plan_categories[i] = k;
    }
    return 0;
}

static int make_plan(struct plan_change *c)
{
    struct plan_options strict = {0};
    struct plan *plan;
    if (plan_create(c->body, &strict, &plan, &c->faults, &c->err) < 0)
        return fail(c, PROBLEM_PLAN_INVALID);
    if (seating_create(plan, &c->seating, &c->err) < 0 ||
        seating_save(c->seating, c->api->catalogue.plans_dir, &c->err) < 0)
        return fail(c, PROBLEM_BUSY);
    if (match_categories(c) < 0)
        return -1;
    if (plan_write_inventory(c->seating->plan, c->plan_categories, c->category_count, c->areas,
                             c->area_count, &c->inventory, &c->err) < 0)
        return fail(c, PROBLEM_EVENT_INVALID);
    return 0;
}

static void work(uv_work_t *work)
{
    (void)make_plan(work->data);
}

static void answer_faults(struct plan_change *c)
{
    BUF_AUTO struct buf extra = BUF_INIT;
    if (c->faults.len)
        problem_write_faults(&extra, buf_slice(&c->faults));
    problem_answer_extra(c->x, c->problem, 0, slice_from_string(c->err.detail), buf_slice(&extra));
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

static void submit(struct plan_change *c, struct api_event *event, const struct booking *b)
{
    BUF_AUTO struct buf document = BUF_INIT;
    uint32_t *units = match_seats(c, event, b);
    if (!units || !write_document(c, event, &document)) {
        problem_answer(c->x, PROBLEM_BUSY, 0, "There is not enough memory at the moment");
        free(units);
        return;
    }
    struct command_change_plan command = {
        .inventory = buf_slice(&c->inventory),
        .units = {units, plan_seat_count(c->seating->plan)},
    };
    struct engine_result result;
    engine_change_plan(c->api->options.engine, event->partition, &command, buf_slice(&document),
                       &result);
    free(units);
    if (api_result_failed(c->x, &result))
        return;
    if (result.refusal != BOOKING_OK) {
        organiser_answer_refused(c->x, event, &result);
        return;
    }
    /* In memory before the entry comes back that names it. */
    (void)catalogue_add_seating(&c->api->catalogue, seating_keep(c->seating));
    BUF_AUTO struct buf body = BUF_INIT;
    struct json j;
    json_begin(&j, &body);
    json_put_object(&j, NULL);
    json_put_string(&j, "plan", c->seating->hash);
    json_put_u64(&j, "seat_count", plan_seat_count(c->seating->plan));
    json_end(&j);
    http_add_header(c->x, "Cache-Control", SLICE("no-store"));
    api_answer_json(c->x, 200, &body, result.barrier);
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
        else if (c->problem)
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

void api_organiser_event_plan(struct http_exchange *x)
{
    struct api_event *event;
    const struct booking *b = api_booking(x, &event);
    if (!b)
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
    c->work.data = c;
    c->api->pool_work++;
    if (uv_queue_work(c->api->options.loop, &c->work, work, done) < 0) {
        c->api->pool_work--;
        plan_change_finish(c);
        problem_answer(x, PROBLEM_BUSY, 0, "The plan could not be read; try again");
    }
}
