/* organiser: create, change and sum up events. */
#include "api/definition.h"
#include "api/event_json.h"
#include "api/idempotency.h"
#include "routes.gen.h"

#include <stdio.h>
#include <stdlib.h>

/* The token of the settings stands for one organiser, the house itself. */
#define HOUSE_ORGANISER 1u
#define FAULTS_SHOWN 100u

/* ---- create ---- */

struct creation {
    uv_work_t work;
    struct http_exchange *x;
    struct api *api;
    struct slice body; /* the exchange's */
    struct idempotency idempotency;
    struct definition definition;
};

static void read_definition(uv_work_t *work)
{
    struct creation *c = work->data;
    (void)definition_read(c->body, c->api->catalogue.plans_dir, &c->definition);
}

/* The fault, and a plan's faults line by line. */
static void answer_fault(struct http_exchange *x, const struct definition *d)
{
    BUF_AUTO struct buf extra = BUF_INIT;
    struct json j;
    json_begin(&j, &extra);
    json_put_object(&j, NULL);
    if (d->request.member[0])
        json_put_string(&j, "member", d->request.member);
    if (d->faults.len) {
        struct slice rest = buf_slice(&d->faults);
        json_put_array(&j, "faults");
        for (unsigned i = 0; i < FAULTS_SHOWN && rest.len; i++) {
            const char *end = memchr(rest.data, '\n', rest.len);
            size_t len = end ? (size_t)(end - rest.data) : rest.len;
            json_put_text(&j, NULL, slice_make(rest.data, len));
            len += end ? 1 : 0;
            rest = slice_make(rest.data + len, rest.len - len);
        }
        json_end(&j);
    }
    json_end(&j);
    struct slice members = slice_make(extra.data + 1, extra.len - 2);
    problem_answer_extra(x, d->request.problem, 0, slice_from_string(d->request.detail), members);
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

static void list_event(struct creation *c)
{
    struct definition *d = &c->definition;
    const char *account = c->api->options.payment.account;
    uint64_t random = keys_random_u64();
    struct engine_listing listing = {
        .listed = {.event_random = random,
                   .organiser_random = HOUSE_ORGANISER,
                   .payment_account = slice_from_string(account),
                   .document = buf_slice(&d->document),
                   .key = c->idempotency.key,
                   .request = c->idempotency.request},
        .created = {.event_random = random,
                    .organiser_random = HOUSE_ORGANISER,
                    .payment_account = slice_from_string(account),
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
                    .blocked = {d->blocked, d->blocked_count}},
    };
    enum directory_refusal refusal;
    uint32_t partition;
    bool repeated;
    uint64_t barrier;
    struct err err;
    int listed = engine_list_event(c->api->options.engine, &listing, &refusal, &partition,
                                   &repeated, &barrier, &err);
    if (listed < 0)
        problem_answer(c->x, listed == ENGINE_BUSY ? PROBLEM_BUSY : PROBLEM_EVENT_INVALID, 0, "%s",
                       err.detail);
    else if (refusal != DIRECTORY_OK)
        problem_answer(c->x, problem_of_directory(refusal), barrier, "%s",
                       refusal == DIRECTORY_IDEMPOTENCY_MISMATCH
                           ? problem_booking_detail(BOOKING_IDEMPOTENCY_MISMATCH)
                           : "This box office has no room for another event");
    else
        answer_created(c->x, partition, barrier);
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
    c->work.data = c;
    api->pool_work++;
    if (uv_queue_work(api->options.loop, &c->work, read_definition, definition_was_read) < 0) {
        api->pool_work--;
        free(c);
        problem_answer(x, PROBLEM_BUSY, 0, "The definition could not be read; try again");
    }
}

/* ---- change ---- */

struct change {
    struct command_change_event command;
    uint64_t prices[LIMIT_PRICE_CATEGORIES], fees[LIMIT_PRICE_CATEGORIES];
    uint32_t *block, *unblock; /* owned */
    uint32_t block_count, unblock_count;
};

static void read_sale(struct request *r, struct change *c)
{
    static const struct text_rule rule = {.within = "sale", .max_bytes = 16};
    const json_t *sale = request_object(r, r->root, "sale");
    if (!sale)
        return;
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

static void read_limits(struct request *r, struct change *c)
{
    static const struct integer_rule per_buyer = {"limits", 1, LIMIT_BUYER_UNITS, 0, false};
    static const struct integer_rule per_hold = {"limits", 1, LIMIT_HOLD_UNITS, 0, false};
    const json_t *limits = request_object(r, r->root, "limits");
    if (!limits)
        return;
    request_members(r, limits, "limits", "per_buyer per_hold");
    c->command.per_buyer = (uint32_t)request_integer(r, limits, "per_buyer", &per_buyer);
    c->command.per_hold = (uint32_t)request_integer(r, limits, "per_hold", &per_hold);
}

static int64_t category_of(struct request *r, const json_t *item, const struct api_event *event)
{
    const json_t *index = json_object_get(item, "index"), *name = json_object_get(item, "name");
    int64_t category = -1;
    if (json_is_integer(index))
        category = json_integer_value(index);
    else if (json_is_string(name))
        category = catalogue_category_find(
            event, slice_make(json_string_value(name), json_string_length(name)));
    if (category < 0 || category >= event->category_count) {
        request_fail(r, PROBLEM_UNKNOWN_CATEGORY, "price_categories",
                     "Each of \"price_categories\" needs the index or name of one");
        return -1;
    }
    return category;
}

/* The machine takes all prices or none: the others stay as they are. */
static void read_prices(struct request *r, const struct api_event *event, const struct booking *b,
                        struct change *c)
{
    const json_t *list = request_array(r, r->root, "price_categories", LIMIT_PRICE_CATEGORIES);
    if (json_array_size(list) == 0)
        return;
    for (uint32_t i = 0; i < event->category_count; i++) {
        struct booking_price price = booking_category_price(b, i);
        c->prices[i] = (uint64_t)price.price_minor;
        c->fees[i] = (uint64_t)price.fee_minor;
    }
    for (size_t i = 0; !r->failed && i < json_array_size(list); i++) {
        const json_t *item = json_array_get(list, i);
        request_members(r, item, "price_categories", "index name price fee");
        int64_t category = category_of(r, item, event);
        const json_t *price = json_object_get(item, "price"), *fee = json_object_get(item, "fee");
        if (category < 0)
            return;
        if (price)
            c->prices[category] =
                (uint64_t)definition_amount(r, price, "price_categories.price", event->currency);
        if (fee)
            c->fees[category] =
                (uint64_t)definition_amount(r, fee, "price_categories.fee", event->currency);
    }
    c->command.prices = (struct u64s){c->prices, event->category_count};
    c->command.fees = (struct u64s){c->fees, event->category_count};
}

static void read_blocks(struct request *r, const struct api_event *event, struct change *c)
{
    const json_t *block = request_array(r, r->root, "block", LIMIT_UNITS);
    const json_t *unblock = request_array(r, r->root, "unblock", LIMIT_UNITS);
    if (block && definition_seats(r, block, "block", event->seating, &c->block, &c->block_count))
        c->command.block = (struct u32s){c->block, c->block_count};
    if (unblock && !r->failed &&
        definition_seats(r, unblock, "unblock", event->seating, &c->unblock, &c->unblock_count))
        c->command.unblock = (struct u32s){c->unblock, c->unblock_count};
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

static void answer_refused_change(struct http_exchange *x, const struct api_event *event,
                                  const struct engine_result *result)
{
    const struct booking_decision *d = result->decision;
    BUF_AUTO struct buf extra = BUF_INIT;
    if (d->culprit_count && event->seating) {
        buf_append_text(&extra, "\"seats\":[");
        for (uint32_t i = 0; i < d->culprit_count; i++) {
            if (i)
                buf_append_char(&extra, ',');
            json_escape(&extra, plan_seat(event->seating->plan, d->culprits[i]).guid);
        }
        buf_append_char(&extra, ']');
    }
    problem_answer_extra(x, problem_of_booking(result->refusal), result->barrier,
                         slice_from_string(problem_booking_detail(result->refusal)),
                         buf_slice(&extra));
}

static void submit_change(struct http_exchange *x, const struct api_event *event,
                          const struct change *c)
{
    struct booking_command command = {.number = BOOKING_COMMAND_change_event};
    command.change_event = c->command;
    struct engine_result result;
    engine_submit(api_of(x)->options.engine, event->partition, &command, &result);
    if (api_result_failed(x, &result))
        return;
    if (result.refusal == BOOKING_OK)
        answer_event(x, event, result.booking, result.barrier);
    else
        answer_refused_change(x, event, &result);
}

void api_organiser_event_update(struct http_exchange *x)
{
    struct api_event *event;
    struct request r;
    const struct booking *b = api_booking(x, &event);
    if (!b || !request_begin(x, &r))
        return;
    struct change c = {0};
    request_members(&r, r.root, "", "sale limits price_categories block unblock");
    read_sale(&r, &c);
    read_limits(&r, &c);
    if (!r.failed)
        read_prices(&r, event, b, &c);
    if (!r.failed)
        read_blocks(&r, event, &c);
    bool empty = !c.command.sale && !c.command.per_buyer && !c.command.per_hold &&
                 !c.command.prices.count && !c.block_count && !c.unblock_count;
    if (request_end(&r)) {
        request_finish(&r);
        if (empty)
            answer_event(x, event, b, engine_barrier(api_of(x)->options.engine));
        else
            submit_change(x, event, &c);
    }
    free(c.block);
    free(c.unblock);
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
    json_put_money(j, "gross", counts->gross_minor, currency);
}

static void write_ledger(struct json *j, const struct booking *b, const char currency[3])
{
    struct booking_ledger ledger = booking_ledger(b);
    json_put_object(j, "ledger");
    json_put_money(j, "buyers", ledger.buyers_minor, currency);
    json_put_money(j, "provider", ledger.provider_minor, currency);
    json_put_money(j, "organiser", ledger.organiser_minor, currency);
    json_put_money(j, "fees", ledger.fees_minor, currency);
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
        total.gross_minor += counts.gross_minor;
    }
    json_end(&j);
    json_put_object(&j, "total");
    write_counts(&j, &total, state.currency);
    json_end(&j);
    write_ledger(&j, b, state.currency);
    json_end(&j);
    http_add_header(x, "Cache-Control", SLICE("no-store"));
    api_answer_json(x, 200, &body, engine_barrier(api_of(x)->options.engine));
}
