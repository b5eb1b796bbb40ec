/* events: GET /events and GET /events/{id}, and how an event is told. */
#include "api/event_json.h"
#include "api/page.h"
#include "api/prices.h"
#include "api/queue.h"
#include "base/time.h"
#include "keys/base64url.h"
#include "keys/ticket.h"
#include "routes.gen.h"

#include <assert.h>
#include <stdio.h>

bool event_on_offer(const struct booking *b, uint32_t category)
{
    struct booking_counts counts = booking_category_counts(b, category);
    return counts.available || counts.held;
}

static bool all_gone(const struct booking *b)
{
    uint32_t count = booking_event(b).category_count;
    for (uint32_t i = 0; i < count; i++) {
        if (event_on_offer(b, i))
            return false;
    }
    return true;
}

enum event_status event_status(const struct api_event *event, const struct booking *b,
                               uint64_t now_us)
{
    if (now_us >= event->starts_at_us)
        return EVENT_PAST;
    switch (booking_sale_state(b, now_us)) {
    case BOOKING_SALE_NOT_OPEN: return EVENT_UPCOMING;
    case BOOKING_SALE_PAUSED: return EVENT_PAUSED;
    case BOOKING_SALE_CLOSED: return EVENT_CLOSED;
    default: return all_gone(b) ? EVENT_SOLD_OUT : EVENT_ON_SALE;
    }
}

const char *event_status_name(enum event_status status)
{
    static const char *const names[] = {
        [EVENT_UPCOMING] = "upcoming", [EVENT_ON_SALE] = "on_sale", [EVENT_PAUSED] = "paused",
        [EVENT_SOLD_OUT] = "sold_out", [EVENT_CLOSED] = "closed",   [EVENT_PAST] = "past"};
    return names[status];
}

const char *event_allocation_kind(enum booking_allocation_kind kind)
{
    static const char *const names[] = {[BOOKING_ALLOCATION_HOLDBACK] = "holdback",
                                        [BOOKING_ALLOCATION_PARTNER] = "partner",
                                        [BOOKING_ALLOCATION_PRESALE] = "presale",
                                        [BOOKING_ALLOCATION_VIP] = "vip"};
    return names[kind];
}

void event_write_text(struct json *j, const char *key, struct slice text)
{
    if (text.len)
        json_put_text(j, key, text);
    else
        json_put_null(j, key);
}

void event_write_venue(struct json *j, const char *key, const struct api_event *event)
{
    json_put_object(j, key);
    json_put_text(j, "id", event->venue_id);
    json_put_text(j, "name", event->venue_name);
    event_write_text(j, "city", event->city);
    event_write_text(j, "country", event->country);
    json_end(j);
}

void event_write_time(struct json *j, const char *key, uint64_t time_us)
{
    if (time_us)
        json_put_time(j, key, time_us);
    else
        json_put_null(j, key);
}

void event_write_sale(struct json *j, const char *key, const struct booking *b, uint64_t now_us)
{
    struct booking_event event = booking_event(b);
    const char *state = "open";
    enum booking_refusal refusal = booking_sale_state(b, now_us);
    if (refusal == BOOKING_SALE_NOT_OPEN)
        state = "upcoming";
    else if (refusal == BOOKING_SALE_PAUSED)
        state = "paused";
    else if (refusal == BOOKING_SALE_CLOSED)
        state = "closed";
    else if (all_gone(b))
        state = "sold_out";
    json_put_object(j, key);
    json_put_string(j, "state", state);
    event_write_time(j, "opens_at", event.opens_at_us);
    if (refusal == BOOKING_SALE_NOT_OPEN)
        json_put_u64(j, "opens_in_ms",
                     event.opens_at_us > now_us ? (event.opens_at_us - now_us + 999) / 1000 : 0);
    event_write_time(j, "closes_at", event.closes_at_us);
    json_end(j);
}

/* The lowest full price of what everybody can buy. */
static void write_price_from(struct json *j, const struct booking *b, uint64_t now_us)
{
    struct booking_event event = booking_event(b);
    int64_t lowest = -1;
    for (uint32_t i = 0; i < event.category_count; i++) {
        if (!event_on_offer(b, i))
            continue;
        struct booking_price price = booking_category_price(b, i, now_us);
        int64_t full = price.price_minor + prices_buyer_fee(&event, price.fee_minor);
        lowest = lowest < 0 || full < lowest ? full : lowest;
    }
    if (lowest < 0)
        json_put_null(j, "price_from");
    else
        json_put_money(j, "price_from", lowest, event.currency);
}

static void write_head(struct json *j, const struct api_event *event)
{
    json_put_string(j, "id", event->id);
    json_put_text(j, "name", event->name);
    json_put_time(j, "starts_at", event->starts_at_us);
    json_put_text(j, "starts_local", event->starts_local);
    json_put_text(j, "timezone", event->timezone);
    event_write_venue(j, "venue", event);
    json_put_array(j, "performers");
    for (size_t i = 0; i < json_array_size(event->performers); i++)
        json_put_string(j, NULL, json_string_value(json_array_get(event->performers, i)));
    json_end(j);
    event_write_text(j, "category", event->category);
}

/* What is blocked or kept by allocations is no place for everybody and counts on neither side. */
static uint32_t taken_percent(const struct booking *b)
{
    uint64_t free = 0, taken = 0;
    uint32_t count = booking_event(b).category_count;
    for (uint32_t i = 0; i < count; i++) {
        struct booking_counts counts = booking_category_counts(b, i);
        free += counts.available;
        taken += (uint64_t)counts.held + counts.sold;
    }
    return free + taken ? (uint32_t)(taken * 100 / (free + taken)) : 0;
}

void event_write_item(struct json *j, const struct api_event *event, const struct booking *b,
                      uint64_t now_us)
{
    write_head(j, event);
    json_put_string(j, "status", event_status_name(event_status(event, b, now_us)));
    event_write_sale(j, "sale", b, now_us);
    json_put_u64(j, "taken_percent", taken_percent(b));
    write_price_from(j, b, now_us);
}

/* The sandbox is on the server's address, whatever name the client knows it by. */
static void write_api_base(struct http_exchange *x, struct json *j,
                           const struct api_payment *payment)
{
    if (payment->api_base || !payment->sandbox_port) {
        json_put_string(j, "api_base", payment->api_base);
        return;
    }
    struct slice host = http_header(x, "host");
    size_t end = host.len;
    for (size_t i = host.len; i > 0 && host.data[i - 1] != ']'; i--) {
        if (host.data[i - 1] == ':')
            end = i - 1;
    }
    char base[300];
    int len = snprintf(base, sizeof base, "http://%.*s:%u", (int)(end > 255 ? 255 : end), host.data,
                       payment->sandbox_port);
    json_put_text(j, "api_base", slice_make(base, (size_t)len));
}

void event_write_payment(struct http_exchange *x, struct json *j, uint8_t provider)
{
    assert(provider < API_PROVIDERS);
    const struct api_payment *payment = &api_of(x)->options.payments[provider];
    json_put_string(j, "provider", payment->provider);
    json_put_string(j, "publishable_key", payment->publishable_key);
    write_api_base(x, j, payment);
}

static void write_areas(struct json *j, const struct api_event *event, const struct booking *b)
{
    json_put_array(j, "areas");
    for (uint32_t i = 0; i < booking_event(b).area_count && i < event->area_count; i++) {
        struct booking_area area = booking_area(b, i);
        json_put_object(j, NULL);
        json_put_text(j, "id", event->areas[i].id);
        json_put_text(j, "name", event->areas[i].name);
        json_put_u64(j, "capacity", area.capacity);
        json_put_u64(j, "price_category", area.category);
        json_end(j);
    }
    json_end(j);
}

void event_write(struct http_exchange *x, struct json *j, const struct api_event *event,
                 const struct booking *b, uint64_t now_us)
{
    struct booking_event state = booking_event(b);
    json_put_object(j, NULL);
    write_head(j, event);
    json_put_string(j, "currency", state.currency);
    json_put_string(j, "status", event_status_name(event_status(event, b, now_us)));
    event_write_sale(j, "sale", b, now_us);
    queue_write_event(api_of(x), j, event);
    json_put_bool(j, "access_codes", state.code_count > 0);
    json_put_bool(j, "promo_codes", state.promo_count > 0);
    json_put_object(j, "limits");
    json_put_u64(j, "per_buyer", state.per_buyer);
    json_put_u64(j, "per_hold", state.per_hold);
    json_put_string(j, "single_seats",
                    state.singles == BOOKING_SINGLES_REFUSED ? "refused" : "allowed");
    json_put_string(j, "disposable_email", event->refuse_disposable ? "refused" : "allowed");
    json_end(j);
    json_put_u64(j, "hold_seconds", state.hold_seconds);
    json_put_u64(j, "pay_seconds", state.pay_seconds);
    prices_write(j, event, b, now_us);
    write_areas(j, event, b);
    json_put_u64(j, "seat_count", state.seat_count);
    if (event->seating) {
        char url[160];
        int len = snprintf(url, sizeof url, "/api/v1/events/%s/plan?h=%s", event->id,
                           event->seating->hash);
        json_put_text(j, "plan_url", slice_make(url, (size_t)len));
    } else {
        json_put_null(j, "plan_url");
    }
    json_put_object(j, "payment");
    event_write_payment(x, j, 0);
    json_end(j);
    json_end(j);
}

void api_event_get(struct http_exchange *x)
{
    struct api_event *event;
    const struct booking *b = api_booking(x, &event);
    if (!b)
        return;
    struct engine *engine = api_of(x)->options.engine;
    BUF_AUTO struct buf body = BUF_INIT;
    struct json j;
    json_begin(&j, &body);
    event_write(x, &j, event, b, engine_now(engine));
    char etag[API_ETAG_MAX];
    if (api_not_modified(x, api_etag_of(buf_slice(&body), etag),
                         "public, max-age=1, stale-while-revalidate=10", engine_barrier(engine)))
        return;
    api_answer_json(x, 200, &body, engine_barrier(engine));
}

void api_event_keys(struct http_exchange *x)
{
    struct api_event *event = api_event(x);
    if (!event)
        return;
    BUF_AUTO struct buf body = BUF_INIT;
    struct json j;
    struct err err;
    json_begin(&j, &body);
    json_put_object(&j, NULL);
    json_put_u64(&j, "event", event->partition);
    if (ticket_keys_public(api_of(x)->options.keys, event->partition, &j, "keys", &err) < 0) {
        problem_answer(x, PROBLEM_INTERNAL, 0, "The event's keys cannot be read");
        return;
    }
    json_end(&j);
    char etag[API_ETAG_MAX];
    if (!api_not_modified(x, api_etag_of(buf_slice(&body), etag),
                          "public, max-age=60, stale-while-revalidate=600", 0))
        api_answer_json(x, 200, &body, 0);
}

/* ---- the list ---- */

struct listing {
    struct api *api;
    struct json *j;
    uint64_t now_us;
    uint32_t wanted, written;
    uint64_t last_starts_us;
    uint32_t last_partition;
    bool more;
};

static void list_event(void *context, const struct views_event *row)
{
    struct listing *l = context;
    struct api_event *event = catalogue_event(&l->api->catalogue, row->partition);
    const struct booking *b = engine_booking(l->api->options.engine, row->partition);
    if (l->written == l->wanted) {
        l->more = true;
        return;
    }
    l->written++;
    l->last_starts_us = row->starts_at_us;
    l->last_partition = row->partition;
    if (!event || !b)
        return;
    json_put_object(l->j, NULL);
    event_write_item(l->j, event, b, l->now_us);
    json_end(l->j);
}

/* A cursor is the last event's start and number. */
static void write_cursor(struct json *j, const struct listing *l)
{
    unsigned char bytes[12];
    char text[BASE64URL_CHARS(sizeof bytes)];
    memcpy(bytes, &l->last_starts_us, 8);
    memcpy(bytes + 8, &l->last_partition, 4);
    if (l->more)
        json_put_text(j, "next_cursor",
                      slice_make(text, base64url_encode(slice_make(bytes, sizeof bytes), text)));
    else
        json_put_null(j, "next_cursor");
}

int event_write_list(struct api *api, struct json *j, const struct views_query *query,
                     struct err *err)
{
    struct listing l = {
        .api = api, .j = j, .now_us = engine_now(api->options.engine), .wanted = query->limit};
    struct views_query wider = *query;
    wider.limit++;
    json_put_array(j, "items");
    int r = views_events(api->options.views, &wider, list_event, &l, err);
    json_end(j);
    write_cursor(j, &l);
    return r < 0 ? r : 0;
}

static bool read_cursor(struct slice text, struct views_query *query)
{
    unsigned char bytes[12];
    size_t len;
    if (!base64url_decode(text, sizeof bytes, bytes, &len) || len != sizeof bytes)
        return false;
    memcpy(&query->after_starts_us, bytes, 8);
    memcpy(&query->after_partition, bytes + 8, 4);
    return query->after_starts_us <= INT64_MAX;
}

static bool read_query(struct http_exchange *x, struct views_query *query)
{
    struct slice text;
    if (!page_limit(x, &query->limit))
        return false;
    if (http_query_param(x, "cursor", &text) && text.len && !read_cursor(text, query)) {
        problem_answer(x, PROBLEM_BAD_CURSOR, 0, "Use next_cursor of the page before as it is");
        return false;
    }
    static const char *const times[] = {"from", "to"};
    uint64_t *const instants[] = {&query->from_us, &query->to_us};
    for (unsigned i = 0; i < 2; i++) {
        if (http_query_param(x, times[i], &text) && text.len && !time_parse(text, instants[i])) {
            problem_answer(x, PROBLEM_BAD_VALUE, 0, "\"%s\" must be an RFC 3339 time", times[i]);
            return false;
        }
    }
    static const char *const names[] = {"q", "city", "category", "performer", "venue"};
    struct slice *const texts[] = {&query->words, &query->city, &query->category, &query->performer,
                                   &query->venue};
    for (unsigned i = 0; i < 5; i++) {
        if (http_query_param(x, names[i], &text) && text.len > LIMIT_NAME_BYTES) {
            problem_answer(x, PROBLEM_BAD_VALUE, 0, "\"%s\" has more than %u bytes", names[i],
                           LIMIT_NAME_BYTES);
            return false;
        }
        if (http_query_param(x, names[i], &text))
            *texts[i] = text;
    }
    return true;
}

void api_event_list(struct http_exchange *x)
{
    struct api *api = api_of(x);
    /* What is over is asked for with `from`; it does not lead the list. */
    uint64_t now_us = engine_now(api->options.engine);
    struct views_query query = {.from_us = now_us - EVENT_OVER_AFTER_US};
    if (!read_query(x, &query))
        return;
    BUF_AUTO struct buf body = BUF_INIT;
    struct json j;
    struct err err;
    json_begin(&j, &body);
    json_put_object(&j, NULL);
    if (event_write_list(api, &j, &query, &err) < 0) {
        problem_answer(x, PROBLEM_BUSY, 0, "The list is being made anew");
        return;
    }
    json_put_time(&j, "as_of", now_us);
    json_end(&j);
    http_add_header(x, "Cache-Control", SLICE("public, max-age=2, stale-while-revalidate=30"));
    api_answer_json(x, 200, &body, engine_barrier(api->options.engine));
}
