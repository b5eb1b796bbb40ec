/* organiser: create and sum up events. */
#include "api/attempt.h"
#include "api/definition.h"
#include "api/event_json.h"
#include "api/idempotency.h"
#include "api/ledger.h"
#include "api/queue.h"
#include "routes.gen.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>

/* The token of the settings stands for one organiser, the house itself. */
#define HOUSE_ORGANISER 1u

/* ---- create ---- */

struct creation {
    uv_work_t work;
    struct http_exchange *x;
    struct api *api;
    struct slice body; /* the exchange's */
    struct idempotency idempotency;
    uint64_t random; /* the secret half of the event's id */
    struct definition definition;
};

static void read_definition(uv_work_t *work)
{
    struct creation *c = work->data;
    struct definition_options options = {.plans_dir = c->api->catalogue.plans_dir,
                                         .keys = c->api->options.keys,
                                         .event_random = c->random};
    (void)definition_read(c->body, &options, &c->definition);
}

/* The fault, and a plan's faults line by line. */
static void answer_fault(struct http_exchange *x, const struct definition *d)
{
    BUF_AUTO struct buf extra = BUF_INIT;
    request_write_fault(&d->request, &extra);
    if (d->faults.len) {
        if (extra.len)
            buf_append_char(&extra, ',');
        problem_write_faults(&extra, buf_slice(&d->faults));
    }
    problem_answer_extra(x, d->request.problem, 0, slice_from_string(d->request.detail),
                         buf_slice(&extra));
}

static void answer_created(struct http_exchange *x, uint32_t partition, uint64_t barrier)
{
    const struct directory *directory = engine_directory(api_of(x)->options.engine);
    const struct directory_event *event = directory_event(directory, partition);
    char id[ID_TEXT_MAX], url[64];
    id_format(ID_EVENT, (struct id){partition, 0, event->event_random}, id);
    (void)snprintf(url, sizeof url, "/events/%s", id);
    BUF_AUTO struct buf body = BUF_INIT;
    struct json j;
    json_begin(&j, &body);
    json_put_object(&j, NULL);
    json_put_string(&j, "id", id);
    json_put_string(&j, "url", url);
    json_end(&j);
    http_add_header(x, "Location", slice_from_string(url));
    http_add_header(x, "Cache-Control", SLICE("no-store"));
    api_answer_json(x, 201, &body, barrier);
}

/* A sale that nobody ends ends when the event begins (unless that is long past: a rehearsal, a
 * test). */
static uint64_t sale_end(const struct definition *d, uint64_t now_us)
{
    bool natural = d->starts_at_us > now_us && d->starts_at_us > d->opens_at_us;
    return d->closes_at_us == 0 && natural ? d->starts_at_us : d->closes_at_us;
}

static struct engine_listing listing_of(const struct creation *c)
{
    const struct definition *d = &c->definition;
    struct slice account = slice_from_string(c->api->options.payments[0].account);
    return (struct engine_listing){
        .listed = {.event_random = c->random,
                   .organiser_random = HOUSE_ORGANISER,
                   .payment_account = account,
                   .document = buf_slice(&d->document),
                   .key = c->idempotency.key,
                   .request = c->idempotency.request},
        .created = {.event_random = c->random,
                    .organiser_random = HOUSE_ORGANISER,
                    .payment_account = account,
                    .currency = slice_make(d->currency, 3),
                    .opens_at_us = d->opens_at_us,
                    .closes_at_us = sale_end(d, engine_now(c->api->options.engine)),
                    .hold_seconds = d->hold_seconds,
                    .pay_seconds = d->pay_seconds,
                    .per_buyer = d->per_buyer,
                    .per_hold = d->per_hold,
                    .prices = {d->prices, d->category_count},
                    .fees = {d->fees, d->category_count},
                    .inventory = buf_slice(&d->inventory),
                    .blocked = {d->blocked, d->blocked_count},
                    .per_category = {d->per_category, d->category_count},
                    .singles = d->singles,
                    .tax_bp = {d->tax_bp, d->category_count},
                    .fee_bearer = d->terms.fee_bearer,
                    .payment_methods = d->terms.payment_methods,
                    .processing_seconds = d->terms.processing_seconds},
    };
}

/* What follows the event itself: prices' rules, quotas and allocations. Returns how many commands.
 */
#define FOLLOWING_MAX (LIMIT_ALLOCATIONS + 2)
static uint32_t commands_of(const struct definition *d,
                            struct booking_command commands[FOLLOWING_MAX])
{
    uint32_t count = 0;
    if (d->plan.given)
        commands[count++] =
            (struct booking_command){.number = BOOKING_COMMAND_change_price_plan,
                                     .change_price_plan = price_plan_command(&d->plan)};
    if (d->quotas.count) {
        commands[count] = (struct booking_command){.number = BOOKING_COMMAND_change_event};
        quotas_set(&d->quotas, &commands[count++].change_event);
    }
    return count + allocations_commands(&d->allocations, commands + count);
}

/* The member of the body that a command was made of. */
static const char *part_of(const struct booking_command *command)
{
    if (command->number == BOOKING_COMMAND_change_allocation)
        return "allocations";
    return command->number == BOOKING_COMMAND_change_event ? "quotas" : "price_rules";
}

/* Whether the event would take all that follows it. False: a problem was answered. */
static bool would_follow(const struct creation *c, const struct engine_listing *listing,
                         const struct booking_command *commands, uint32_t count)
{
    struct attempt attempt;
    struct err err;
    struct engine *engine = c->api->options.engine;
    const char *detail;
    if (count == 0)
        return true;
    if (!booking_created_valid(&listing->created, &detail)) {
        problem_answer(c->x, PROBLEM_EVENT_INVALID, 0, "%s", detail);
        return false;
    }
    int tried =
        attempt_try_new(&listing->created, engine_now(engine), commands, count, &attempt, &err);
    bool room = tried == 0 && engine_has_room(engine, attempt.bytes);
    bool good = room && attempt.refusal == BOOKING_OK;
    if (tried == 0 && attempt.refusal != BOOKING_OK)
        problem_answer(c->x, problem_of_booking(attempt.refusal), 0, "%s: %s",
                       part_of(&commands[attempt.refused]),
                       problem_booking_detail(attempt.refusal));
    else if (!room)
        problem_answer(c->x, PROBLEM_BUSY, 0, "The event cannot be written right now; try again");
    attempt_finish(&attempt);
    return good;
}

/* In the same batch as the event; a repeated request makes up for it when it could not be then. */
static bool open_queue(const struct creation *c, uint32_t partition)
{
    struct err err;
    bool wanted = c->definition.queue.open && !engine_queue(c->api->options.engine, partition);
    return !wanted || queue_terms_apply(c->api, partition, &c->definition.queue, &err) == 0;
}

static void list_event(struct creation *c)
{
    struct engine *engine = c->api->options.engine;
    struct engine_listing listing = listing_of(c);
    struct booking_command commands[FOLLOWING_MAX];
    uint32_t count = commands_of(&c->definition, commands);
    enum directory_refusal refusal;
    uint32_t partition;
    bool repeated;
    uint64_t barrier;
    struct err err;
    if (!would_follow(c, &listing, commands, count))
        return;
    int listed =
        engine_list_event(engine, &listing, &refusal, &partition, &repeated, &barrier, &err);
    for (uint32_t i = 0; listed == 0 && refusal == DIRECTORY_OK && !repeated && i < count; i++) {
        struct engine_result result;
        engine_submit(engine, partition, &commands[i], &result);
        assert(!result.no_space && result.refusal == BOOKING_OK); /* as was tried a moment ago */
    }
    if (listed < 0)
        problem_answer(c->x, listed == ENGINE_BUSY ? PROBLEM_BUSY : PROBLEM_EVENT_INVALID, 0, "%s",
                       err.detail);
    else if (refusal != DIRECTORY_OK)
        problem_answer(c->x, problem_of_directory(refusal), barrier, "%s",
                       refusal == DIRECTORY_IDEMPOTENCY_MISMATCH
                           ? problem_booking_detail(BOOKING_IDEMPOTENCY_MISMATCH)
                           : "This box office has no room for another event");
    else if (!open_queue(c, partition))
        problem_answer(c->x, PROBLEM_BUSY, engine_barrier(engine),
                       "The waiting room could not be opened; send the same again");
    else
        answer_created(c->x, partition, engine_barrier(engine));
}

static void definition_was_read(uv_work_t *work, int status)
{
    struct creation *c = work->data;
    struct definition *d = &c->definition;
    bool answerable = c->api->server != NULL; /* else the exchange went with the server */
    c->api->pool_work--;
    if (answerable && status < 0) {
        problem_answer(c->x, PROBLEM_BUSY, 0, "The definition could not be read; try again");
    } else if (answerable && d->request.failed) {
        answer_fault(c->x, d);
    } else if (answerable) {
        if (d->seating) /* in memory before the entry comes back that names it */
            (void)catalogue_add_seating(&c->api->catalogue, seating_keep(d->seating));
        list_event(c);
    }
    definition_finish(d);
    free(c);
}

void api_organiser_event_create(struct http_exchange *x)
{
    struct api *api = api_of(x);
    struct idempotency idempotency;
    if (!idempotency_read(x, SLICE("organiser"), &idempotency))
        return;
    struct creation *c = calloc(1, sizeof *c);
    if (!c) {
        problem_answer(x, PROBLEM_BUSY, 0, "There is not enough memory at the moment");
        return;
    }
    c->x = x;
    c->api = api;
    c->body = http_body(x);
    c->idempotency = idempotency;
    c->random = keys_random_u64();
    c->work.data = c;
    api->pool_work++;
    if (uv_queue_work(api->options.loop, &c->work, read_definition, definition_was_read) < 0) {
        api->pool_work--;
        free(c);
        problem_answer(x, PROBLEM_BUSY, 0, "The definition could not be read; try again");
    }
}

/* ---- summary ---- */

static void write_counts(struct json *j, const struct booking_counts *counts,
                         const char currency[3])
{
    json_put_u64(j, "capacity", counts->capacity);
    json_put_u64(j, "available", counts->available);
    json_put_u64(j, "held", counts->held);
    json_put_u64(j, "sold", counts->sold);
    json_put_u64(j, "blocked", counts->blocked);
    json_put_u64(j, "allocated", counts->allocated);
    json_put_money(j, "gross", counts->gross_minor, currency);
}

static void write_allocations(struct json *j, const struct booking *b)
{
    json_put_array(j, "allocations");
    for (uint32_t n = 1; n <= booking_event(b).allocation_count; n++) {
        struct booking_allocation a = booking_allocation(b, n);
        json_put_object(j, NULL);
        json_put_text(j, "id", a.id);
        json_put_text(j, "name", a.name);
        json_put_string(j, "kind", event_allocation_kind(a.kind));
        event_write_time(j, "opens_at", a.opens_at_us);
        event_write_time(j, "releases_at", a.releases_at_us);
        json_put_bool(j, "released", a.released);
        json_put_u64(j, "capacity", a.capacity);
        json_put_u64(j, "available", a.available);
        json_put_u64(j, "held", a.held);
        json_put_u64(j, "sold", a.sold);
        json_put_u64(j, "blocked", a.blocked);
        json_put_u64(j, "codes", a.codes);
        json_put_u64(j, "codes_used", a.codes_used);
        json_end(j);
    }
    json_end(j);
}

static void write_quotas(struct json *j, const struct api_event *event, const struct booking *b)
{
    json_put_array(j, "quotas");
    for (uint32_t i = 0; i < booking_event(b).quota_count; i++) {
        struct booking_quota quota = booking_quota(b, i);
        json_put_object(j, NULL);
        json_put_array(j, "categories");
        for (uint32_t c = 0; c < event->category_count; c++) {
            if (quota.categories >> c & 1)
                json_put_text(j, NULL, event->categories[c].name);
        }
        json_end(j);
        json_put_u64(j, "limit", quota.limit);
        json_put_u64(j, "used", quota.used);
        json_end(j);
    }
    json_end(j);
}

void api_organiser_event_summary(struct http_exchange *x)
{
    struct api_event *event;
    const struct booking *b = api_booking(x, &event);
    if (!b)
        return;
    struct booking_event state = booking_event(b);
    struct booking_counts total = {0};
    BUF_AUTO struct buf body = BUF_INIT;
    struct json j;
    json_begin(&j, &body);
    json_put_object(&j, NULL);
    json_put_string(&j, "event_id", event->id);
    json_put_string(&j, "currency", state.currency);
    json_put_array(&j, "categories");
    for (uint32_t i = 0; i < state.category_count; i++) {
        struct booking_counts counts = booking_category_counts(b, i);
        json_put_object(&j, NULL);
        json_put_u64(&j, "index", i);
        json_put_text(&j, "name", event->categories[i].name);
        write_counts(&j, &counts, state.currency);
        json_end(&j);
        total.capacity += counts.capacity;
        total.available += counts.available;
        total.held += counts.held;
        total.sold += counts.sold;
        total.blocked += counts.blocked;
        total.allocated += counts.allocated;
        total.gross_minor += counts.gross_minor;
    }
    json_end(&j);
    json_put_object(&j, "total");
    write_counts(&j, &total, state.currency);
    json_end(&j);
    write_allocations(&j, b);
    write_quotas(&j, event, b);
    ledger_write_balances(&j, "ledger", booking_ledger(b), state.currency);
    json_put_u64(&j, "open_cases", state.open_cases);
    json_put_u64(&j, "open_disputes", state.open_disputes);
    queue_write_summary(api_of(x), &j, event);
    json_put_u64(&j, "fast_orders", event->fast_orders);
    json_end(&j);
    http_add_header(x, "Cache-Control", SLICE("no-store"));
    api_answer_json(x, 200, &body, engine_barrier(api_of(x)->options.engine));
}
