/* ledger: the books of an event, of each of its orders, and of all events together. */
#include "api/ledger.h"

#include "api/order_json.h"
#include "api/page.h"
#include "routes.gen.h"

#include <stdlib.h>

void ledger_write_balances(struct json *j, const char *key, struct booking_ledger ledger,
                           const char currency[3])
{
    json_put_object(j, key);
    for (unsigned i = 0; i < BOOKING_ACCOUNT_COUNT; i++)
        json_put_money(j, booking_account_name((enum booking_account)i), ledger.minor[i], currency);
    json_end(j);
}

static bool is_balanced(const struct booking_ledger *ledger)
{
    int64_t sum = 0;
    for (unsigned i = 0; i < BOOKING_ACCOUNT_COUNT; i++)
        sum += ledger->minor[i];
    return sum == 0;
}

static bool is_empty(const struct booking_ledger *ledger)
{
    for (unsigned i = 0; i < BOOKING_ACCOUNT_COUNT; i++) {
        if (ledger->minor[i] != 0)
            return false;
    }
    return true;
}

static void add(struct booking_ledger *sum, const struct booking_ledger *more)
{
    for (unsigned i = 0; i < BOOKING_ACCOUNT_COUNT; i++)
        sum->minor[i] += more->minor[i];
}

/* ---- one event ---- */

static void write_event(struct json *j, const char *key, const struct api_event *event,
                        const struct booking *b)
{
    struct booking_ledger ledger = booking_ledger(b);
    json_put_object(j, key);
    json_put_string(j, "event_id", event->id);
    json_put_string(j, "currency", event->currency);
    ledger_write_balances(j, "balances", ledger, event->currency);
    json_put_bool(j, "balanced", is_balanced(&ledger));
    json_end(j);
}

void api_organiser_ledger(struct http_exchange *x)
{
    struct api_event *event;
    const struct booking *b = api_booking(x, &event);
    if (!b)
        return;
    BUF_AUTO struct buf body = BUF_INIT;
    struct json j;
    json_begin(&j, &body);
    write_event(&j, NULL, event, b);
    http_add_header(x, "Cache-Control", SLICE("no-store"));
    api_answer_json(x, 200, &body, engine_barrier(api_of(x)->options.engine));
}

/* ---- by order ---- */

static void write_order(struct json *j, const struct api_event *event, const struct booking *b,
                        uint32_t slot, const struct booking_ledger *statement)
{
    struct booking_order order;
    char text[ID_TEXT_MAX];
    struct id id = {event->partition, slot, booking_order_random(b, slot)};
    if (!booking_order_get(b, slot, id.random, &order))
        return;
    json_put_object(j, NULL);
    json_put_text(j, "order_id", slice_make(text, id_format(ID_ORDER, id, text)));
    json_put_string(j, "state", order_told(&order).state);
    ledger_write_balances(j, "balances", *statement, event->currency);
    json_end(j);
}

void api_organiser_ledger_orders(struct http_exchange *x)
{
    struct api_event *event;
    struct page page;
    uint32_t written = 0;
    const struct booking *b = api_booking(x, &event);
    if (!b || !page_begin(x, &page))
        return;
    uint32_t slots = booking_order_slots(b), at = page.from;
    for (; at < slots && written < page.limit; at++) {
        struct booking_ledger statement = booking_order_ledger(b, at);
        if (is_empty(&statement))
            continue;
        write_order(&page.j, event, b, at, &statement);
        written++;
    }
    page_items_end(&page, at < slots ? at : UINT32_MAX);
    ledger_write_balances(&page.j, "closed", booking_ledger_closed(b), event->currency);
    ledger_write_balances(&page.j, "balances", booking_ledger(b), event->currency);
    page_answer(x, &page);
}

/* ---- all events ---- */

struct currency_sum {
    char currency[4];
    struct booking_ledger ledger;
};

static struct currency_sum *sum_of(struct currency_sum *sums, uint32_t *count,
                                   const char currency[4])
{
    for (uint32_t i = 0; i < *count; i++) {
        if (memcmp(sums[i].currency, currency, 3) == 0)
            return &sums[i];
    }
    sums[*count] = (struct currency_sum){0};
    memcpy(sums[*count].currency, currency, 3);
    return &sums[(*count)++];
}

static void write_sums(struct json *j, const struct currency_sum *sums, uint32_t count)
{
    json_put_array(j, "currencies");
    for (uint32_t i = 0; i < count; i++) {
        json_put_object(j, NULL);
        json_put_string(j, "currency", sums[i].currency);
        ledger_write_balances(j, "balances", sums[i].ledger, sums[i].currency);
        json_put_bool(j, "balanced", is_balanced(&sums[i].ledger));
        json_end(j);
    }
    json_end(j);
}

void api_organiser_ledger_all(struct http_exchange *x)
{
    struct api *api = api_of(x);
    uint32_t count = 0;
    struct currency_sum *sums = calloc((size_t)api->catalogue.count + 1, sizeof *sums);
    if (!sums) {
        problem_answer(x, PROBLEM_BUSY, 0, "There is not enough memory at the moment");
        return;
    }
    BUF_AUTO struct buf body = BUF_INIT;
    struct json j;
    json_begin(&j, &body);
    json_put_object(&j, NULL);
    json_put_array(&j, "events");
    for (uint32_t i = 0; i < api->catalogue.count; i++) {
        const struct api_event *event = api->catalogue.events[i];
        const struct booking *b = event ? engine_booking(api->options.engine, i) : NULL;
        if (!b)
            continue;
        struct booking_ledger ledger = booking_ledger(b);
        add(&sum_of(sums, &count, event->currency)->ledger, &ledger);
        if (!is_empty(&ledger))
            write_event(&j, NULL, event, b);
    }
    json_end(&j);
    write_sums(&j, sums, count);
    json_end(&j);
    free(sums);
    http_add_header(x, "Cache-Control", SLICE("no-store"));
    api_answer_json(x, 200, &body, engine_barrier(api->options.engine));
}
