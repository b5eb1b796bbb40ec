/* change: PATCH /organiser/events/{id}, all of it or nothing. */
#include "api/attempt.h"
#include "api/definition.h"
#include "api/event_json.h"
#include "api/items.h"
#include "api/queue_terms.h"
#include "routes.gen.h"

#include <stdlib.h>

struct change {
    struct command_change_event command;
    uint64_t prices[LIMIT_PRICE_CATEGORIES], fees[LIMIT_PRICE_CATEGORIES];
    uint32_t per_category[LIMIT_PRICE_CATEGORIES];
    uint32_t *block, *unblock; /* owned; rising */
    struct quotas quotas;
    struct allocations allocations;
    struct queue_terms queue;
    struct price_plan plan;
    bool refuse_disposable;
};

static void read_sale(struct request *r, struct change *c)
{
    static const struct text_rule rule = {.within = "sale", .max_bytes = 16};
    const json_t *sale = request_object(r, r->root, "sale");
    if (!sale)
        return;
    const char *times[] = {"opens_at", "closes_at"};
    for (unsigned i = 0; i < sizeof times / sizeof times[0]; i++) {
        if (json_object_get(sale, times[i]))
            request_fail(r, PROBLEM_BAD_CHANGE, "sale",
                         "\"sale.%s\" is set when the event is created and cannot be changed; "
                         "\"sale.state\" pauses, closes and opens the sale",
                         times[i]);
    }
    request_members(r, sale, "sale", "state");
    struct slice state = request_text(r, sale, "state", &rule);
    if (slice_equal(state, SLICE("open")))
        c->command.sale = BOOKING_SALES_OPEN;
    else if (slice_equal(state, SLICE("paused")))
        c->command.sale = BOOKING_SALES_PAUSED;
    else if (slice_equal(state, SLICE("closed")))
        c->command.sale = BOOKING_SALES_CLOSED;
    else if (state.len)
        request_fail(r, PROBLEM_BAD_VALUE, "sale.state",
                     "\"sale.state\" is \"open\", \"paused\" or \"closed\"");
}

static void read_limits(struct request *r, const struct api_event *event, struct change *c)
{
    static const struct integer_rule per_buyer = {"limits", 1, LIMIT_BUYER_UNITS, 0, false};
    static const struct integer_rule per_hold = {"limits", 1, LIMIT_HOLD_UNITS, 0, false};
    const json_t *limits = request_object(r, r->root, "limits");
    if (!limits)
        return;
    request_members(r, limits, "limits", "per_buyer per_hold single_seats disposable_email");
    c->command.per_buyer = (uint32_t)request_integer(r, limits, "per_buyer", &per_buyer);
    c->command.per_hold = (uint32_t)request_integer(r, limits, "per_hold", &per_hold);
    c->command.singles = definition_singles(r, limits);
    c->refuse_disposable = definition_disposable(r, limits, event->refuse_disposable);
    if (!event->seating)
        return;
    struct err words;
    const char *small = definition_check_groups(event->seating->plan, c->command.per_hold,
                                                c->command.per_buyer, &words);
    if (small)
        request_fail(r, PROBLEM_BAD_CHANGE, small, "%s", words.detail);
}

static uint32_t category_of(struct request *r, const json_t *item, const struct places *places)
{
    const json_t *index = json_object_get(item, "index");
    return places_category(r, index ? index : json_object_get(item, "name"), "price_categories",
                           places);
}

/* The machine takes all prices or none: the others stay as they are. */
static void read_prices(struct request *r, const struct api_event *event,
                        const struct places *places, struct change *c)
{
    const json_t *list = request_array(r, r->root, "price_categories", LIMIT_PRICE_CATEGORIES);
    if (json_array_size(list) == 0)
        return;
    for (uint32_t i = 0; i < event->category_count; i++) {
        struct booking_price price = booking_category_base(places->booking, i);
        c->prices[i] = (uint64_t)price.price_minor;
        c->fees[i] = (uint64_t)price.fee_minor;
        c->per_category[i] = booking_category_limit(places->booking, i);
    }
    for (size_t i = 0; !r->failed && i < json_array_size(list); i++) {
        const json_t *item = json_array_get(list, i);
        request_members(r, item, "price_categories", "index name price fee per_buyer");
        const json_t *price = json_object_get(item, "price"), *fee = json_object_get(item, "fee");
        uint32_t category = category_of(r, item, places);
        if (r->failed)
            return;
        if (price)
            c->prices[category] =
                (uint64_t)definition_amount(r, price, "price_categories.price", event->currency);
        if (fee)
            c->fees[category] =
                (uint64_t)definition_amount(r, fee, "price_categories.fee", event->currency);
        c->per_category[category] = definition_per_buyer(r, item, c->per_category[category]);
    }
    const struct definition_prices prices = {places->categories, c->per_category,
                                             event->category_count};
    struct err words;
    if (event->seating && !definition_check_group_prices(event->seating->plan,
                                                         event->plan_categories, &prices, &words))
        request_fail(r, PROBLEM_BAD_CHANGE, DEFINITION_PER_CATEGORY, "%s", words.detail);
    c->command.prices = (struct u64s){c->prices, event->category_count};
    c->command.fees = (struct u64s){c->fees, event->category_count};
    c->command.per_category = (struct u32s){c->per_category, event->category_count};
}

/* Seats by name, and of areas as many places as asked for, from their ends: free ones of
 * everybody's to block, blocked ones to unblock. */
static struct u32s read_units(struct request *r, const char *seats_key, const char *areas_key,
                              enum booking_unit_state wanted, const struct places *places,
                              uint32_t **ret_owned)
{
    uint32_t pairs[LIMIT_AREAS * 2], count = 0;
    const json_t *seats = request_array(r, r->root, seats_key, LIMIT_UNITS);
    const json_t *areas = request_array(r, r->root, areas_key, LIMIT_AREAS);
    if (r->failed || !places_seats(r, seats, seats_key, places, ret_owned, &count))
        return (struct u32s){NULL, 0};
    uint32_t area_count = places_areas(r, areas, areas_key, LIMIT_AREAS, places, pairs);
    uint64_t more = 0;
    for (uint32_t i = 0; !r->failed && i < area_count; i++)
        more += pairs[2 * i + 1];
    if (more > LIMIT_UNITS)
        request_fail(r, PROBLEM_NOT_ENOUGH_AVAILABLE, areas_key,
                     "The areas have not that many places");
    if (r->failed)
        return (struct u32s){NULL, 0};
    uint32_t *units = realloc(*ret_owned, ((size_t)count + more + 1) * sizeof *units);
    if (!units) {
        request_fail(r, PROBLEM_BUSY, areas_key, "There is not enough memory at the moment");
        return (struct u32s){NULL, 0};
    }
    *ret_owned = units;
    uint64_t last_us = booking_event(places->booking).last_ts_us;
    for (uint32_t i = 0; !r->failed && i < area_count; i++) {
        struct booking_area area = booking_area(places->booking, pairs[2 * i]);
        uint32_t left = pairs[2 * i + 1];
        for (uint32_t at = area.capacity; at > 0 && left > 0; at--) {
            uint32_t unit = area.first_unit + at - 1;
            if (booking_unit_state(places->booking, unit, last_us) == wanted) {
                units[count++] = unit;
                left--;
            }
        }
        if (left > 0)
            request_fail(r, PROBLEM_NOT_ENOUGH_AVAILABLE, areas_key,
                         "The area has not that many places of this kind");
    }
    places_sort(units, count);
    return (struct u32s){units, count};
}

static void read_change(struct request *r, const struct api_event *event,
                        const struct places *places, struct change *c)
{
    request_members(
        r, r->root, "",
        "sale limits price_categories price_rules price_ceilings packages block unblock "
        "block_areas unblock_areas allocations quotas queue tax fee_bearer "
        "payment_methods processing_seconds");
    sale_terms_refuse(r);
    read_sale(r, c);
    read_limits(r, event, c);
    if (!r->failed)
        read_prices(r, event, places, c);
    const struct price_plan_reading reading = {
        .places = places, .currency = event->currency, .names = event->package_names};
    price_plan_read(r, &reading, &c->plan);
    if (!r->failed)
        c->command.block = read_units(r, "block", "block_areas", BOOKING_FREE, places, &c->block);
    if (!r->failed)
        c->command.unblock =
            read_units(r, "unblock", "unblock_areas", BOOKING_BLOCKED, places, &c->unblock);
    if (!r->failed)
        quotas_read(r, places, &c->quotas);
    if (!r->failed)
        allocations_read(r, places, &c->allocations);
    quotas_set(&c->quotas, &c->command);
}

static void read_queue(struct http_exchange *x, struct request *r, const struct api_event *event,
                       const struct booking *b, struct change *c)
{
    const struct queue *room = engine_queue(api_of(x)->options.engine, event->partition);
    struct booking_event sale = booking_event(b);
    queue_terms_read_change(r, room, (struct queue_sale){sale.opens_at_us, sale.closes_at_us},
                            &c->queue);
    if (c->command.sale)
        queue_terms_follow_sale(&c->queue, room, c->command.sale != BOOKING_SALES_OPEN);
}

#define COMMANDS_MAX (LIMIT_ALLOCATIONS + 2)
static uint32_t commands_of(const struct change *c, const struct booking *b,
                            struct booking_command commands[COMMANDS_MAX])
{
    const struct command_change_event *e = &c->command;
    const struct booking_command plan = {.number = BOOKING_COMMAND_change_price_plan,
                                         .change_price_plan = price_plan_command(&c->plan)};
    bool plan_last = price_plan_is_last(&c->plan, b);
    uint32_t count = 0;
    if (c->plan.given && !plan_last)
        commands[count++] = plan;
    if (e->sale || e->per_buyer || e->per_hold || e->singles || e->prices.count || e->block.count ||
        e->unblock.count || e->set_quotas)
        commands[count++] =
            (struct booking_command){.number = BOOKING_COMMAND_change_event, .change_event = *e};
    if (c->plan.given && plan_last)
        commands[count++] = plan;
    return count + allocations_commands(&c->allocations, commands + count);
}

static void answer_event(struct http_exchange *x, const struct api_event *event,
                         const struct booking *b, uint64_t barrier)
{
    BUF_AUTO struct buf body = BUF_INIT;
    struct json j;
    json_begin(&j, &body);
    event_write(x, &j, event, b, engine_now(api_of(x)->options.engine));
    http_add_header(x, "Cache-Control", SLICE("no-store"));
    api_answer_json(x, 200, &body, barrier);
}

void event_answer_refused(struct http_exchange *x, const struct api_event *event,
                          const struct engine_result *result)
{
    event_answer_refused_as(x, event, result,
                            slice_from_string(problem_booking_detail(result->refusal)));
}

void event_answer_refused_as(struct http_exchange *x, const struct api_event *event,
                             const struct engine_result *result, struct slice detail)
{
    BUF_AUTO struct buf extra = BUF_INIT;
    struct json j;
    json_begin(&j, &extra);
    json_put_object(&j, NULL);
    items_write_culprits(&j, event, result->decision);
    json_end(&j);
    problem_answer_extra(x, problem_of_booking(result->refusal), result->barrier, detail,
                         problem_members(&extra));
}

static bool names_differ(const struct api_event *event, const struct price_plan *plan)
{
    for (uint32_t i = 0; i < LIMIT_PACKAGES; i++) {
        if (!slice_equal(event->package_names[i], plan->package_names[i]))
            return true;
    }
    return false;
}

/* What only the API knows of an event stands in its document. What is kept of it is changed at
 * once, so that another change in this turn begins with it. False: no space. */
static bool revise_document(struct api *api, struct api_event *event, const struct change *c)
{
    uint64_t barrier;
    bool renamed = c->plan.names_given && names_differ(event, &c->plan);
    if (c->refuse_disposable == event->refuse_disposable && !renamed)
        return true;
    json_t *names = renamed ? price_plan_names(&c->plan) : NULL;
    if (json_object_set_new(event->document, "refuse_disposable",
                            json_boolean(c->refuse_disposable)) != 0 ||
        (renamed && json_object_set_new(event->document, "package_names", names) != 0))
        return false;
    char *text = json_dumps(event->document, JSON_COMPACT);
    bool revised = text && engine_revise_event(api->options.engine, event->partition,
                                               slice_from_string(text), &barrier);
    free(text);
    event->refuse_disposable = revised ? c->refuse_disposable : event->refuse_disposable;
    for (uint32_t i = 0; renamed && i < LIMIT_PACKAGES; i++) {
        const json_t *name = json_array_get(names, i);
        event->package_names[i] = slice_make(json_string_value(name), json_string_length(name));
    }
    return revised;
}

/* In one turn of the loop, so that they are one batch. */
static void submit_all(struct http_exchange *x, struct api_event *event,
                       const struct booking_command *commands, uint32_t count, uint64_t ts_us,
                       const struct change *c)
{
    struct engine *engine = api_of(x)->options.engine;
    struct engine_result result;
    for (uint32_t i = 0; i < count; i++) {
        engine_submit_at(engine, event->partition, &commands[i], ts_us, &result);
        if (api_result_failed(x, &result))
            return;
        if (result.refusal != BOOKING_OK) {
            event_answer_refused(x, event, &result);
            return;
        }
    }
    struct err err;
    if (queue_terms_apply(api_of(x), event->partition, &c->queue, &err) < 0 ||
        !revise_document(api_of(x), event, c))
        problem_answer(x, PROBLEM_BUSY, engine_barrier(engine),
                       "Not all could be written right now: send the same again");
    else
        answer_event(x, event, engine_booking(engine, event->partition), engine_barrier(engine));
}

/* Of several allocations the one that is not there is named. */
static void answer_tried(struct http_exchange *x, const struct api_event *event,
                         const struct booking *b, const struct attempt *attempt,
                         const struct booking_command *refused)
{
    struct engine_result result = {.refusal = attempt->refusal,
                                   .booking = b,
                                   .decision = attempt->decision,
                                   .barrier = engine_barrier(api_of(x)->options.engine)};
    if (attempt->refusal != BOOKING_UNKNOWN_ALLOCATION ||
        refused->number != BOOKING_COMMAND_change_allocation) {
        event_answer_refused(x, event, &result);
        return;
    }
    BUF_AUTO struct buf detail = BUF_INIT;
    buf_append_format(&detail, "There is no allocation \"%.*s\", or it was released",
                      SLICE_ARG(refused->change_allocation.id));
    event_answer_refused_as(x, event, &result, buf_slice(&detail));
}

static void change_event(struct http_exchange *x, struct api_event *event, const struct booking *b,
                         struct change *c)
{
    struct engine *engine = api_of(x)->options.engine;
    struct booking_command commands[COMMANDS_MAX];
    uint32_t count = commands_of(c, b, commands);
    if (!queue_terms_fit(x, event, &c->queue))
        return;
    if (count < 2) { /* one command is all or nothing by itself */
        submit_all(x, event, commands, count, engine_now(engine), c);
        return;
    }
    struct attempt attempt;
    struct err err;
    uint64_t ts_us = engine_now(engine);
    int tried = attempt_try(b, ts_us, commands, count, &attempt, &err);
    if (tried < 0 || !engine_has_room(engine, attempt.bytes))
        problem_answer(x, PROBLEM_BUSY, engine_barrier(engine),
                       "The change cannot be written right now; try again in a moment");
    else if (attempt.refusal != BOOKING_OK)
        answer_tried(x, event, b, &attempt, &commands[attempt.refused]);
    else
        submit_all(x, event, commands, count, ts_us, c);
    attempt_finish(&attempt);
}

void api_organiser_event_update(struct http_exchange *x)
{
    struct api_event *event;
    struct request r;
    struct places places;
    const struct booking *b = api_booking(x, &event);
    if (!b || !request_begin(x, &r))
        return;
    struct change c = {.refuse_disposable = event->refuse_disposable};
    places_of_event(event, b, api_of(x)->options.keys, &places);
    read_change(&r, event, &places, &c);
    if (!r.failed)
        read_queue(x, &r, event, b, &c);
    if (request_end(&r)) {
        change_event(x, event, b, &c);
        request_finish(&r);
    }
    free(c.block);
    free(c.unblock);
    allocations_finish(&c.allocations);
}
