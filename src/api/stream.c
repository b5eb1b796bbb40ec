#include "api/stream.h"

#include "api/availability.h"
#include "api/event_json.h"
#include "api/queue.h"
#include "base/records.h"
#include "routes.gen.h"

#include <stdlib.h>

#define STREAM_LOOK_MS 50u       /* how often the timer looks */
#define STREAM_MIN_MS 250u       /* between two frames of one event */
#define STREAM_QUEUE_MS 1000u    /* between two of its waiting room */
#define STREAM_VIEWER_US 40u     /* what one viewer's copy of a frame costs */
#define STREAM_DELTA_BYTES 2048u /* a longer delta is replaced by "fetch again" */
#define STREAM_DELTA_SEATS 512u  /* more seats than that never fit */
#define STREAM_JITTER_MS 2000u

struct api_stream {
    struct api *api;
    uint32_t partition;
    struct http_stream *stream;
    struct api_stream *previous, *next;
};

static void look(uv_timer_t *timer);

static struct http_blob *frame(const char *name, struct slice data)
{
    BUF_AUTO struct buf out = BUF_INIT;
    buf_append_format(&out, "event: %s\ndata: ", name);
    buf_append_slice(&out, data);
    buf_append_text(&out, "\n\n");
    return out.failed || data.len == 0 ? NULL : http_blob_create(out.data, out.len);
}

/* ---- frames ---- */

static void write_changes(struct json *j, const struct board *board, const uint32_t *seats,
                          int count)
{
    static const char *const names[] = {"available", "held", "sold", "blocked"};
    for (unsigned state = 0; state < 4; state++) {
        bool open = false;
        for (int i = 0; i < count; i++) {
            if (board_seat(board, seats[i]) != state)
                continue;
            if (!open)
                json_put_array(j, names[state]);
            open = true;
            json_put_u64(j, NULL, seats[i]);
        }
        if (open)
            json_end(j);
    }
}

/* What changed since version `since`, or that too much did. */
static struct http_blob *delta(const struct api_event *event, const struct board *board,
                               uint64_t since)
{
    uint32_t seats[STREAM_DELTA_SEATS];
    int count =
        since == board->version ? 0 : board_changes(board, since, seats, STREAM_DELTA_SEATS);
    BUF_AUTO struct buf data = BUF_INIT;
    for (bool whole = count >= 0;; whole = false) {
        struct json j;
        buf_clear(&data);
        json_begin(&j, &data);
        json_put_object(&j, NULL);
        json_put_u64(&j, "version", board->version);
        json_put_u64(&j, "since", since);
        if (whole) {
            write_changes(&j, board, seats, count);
            if (board->area_count)
                availability_write_areas(&j, event, board);
        } else {
            json_put_bool(&j, "refetch", true);
            json_put_u64(&j, "jitter_ms", STREAM_JITTER_MS);
        }
        json_end(&j);
        if (!whole || data.len <= STREAM_DELTA_BYTES)
            return frame("availability", data.failed ? SLICE("") : buf_slice(&data));
    }
}

static struct http_blob *sale_frame(struct api *api, const struct api_event *event)
{
    const struct booking *b = engine_booking(api->options.engine, event->partition);
    uint64_t now_us = engine_now(api->options.engine);
    BUF_AUTO struct buf data = BUF_INIT;
    struct json j;
    json_begin(&j, &data);
    json_put_object(&j, NULL);
    json_put_string(&j, "status", event_status_name(event_status(event, b, now_us)));
    event_write_sale(&j, "sale", b, now_us);
    json_end(&j);
    return frame("event", data.failed ? SLICE("") : buf_slice(&data));
}

/* ---- sending ---- */

static void send_all(struct api_event *event, struct http_blob *blob)
{
    if (!blob)
        return; /* no memory: the next frame has the older `since` and viewers fetch again */
    struct api_stream *next;
    for (struct api_stream *s = event->streams; s; s = next) {
        next = s->next; /* sending may close a stream that is too far behind */
        http_stream_send(s->stream, blob);
    }
    http_blob_drop(blob);
}

/* The sale's state changes with time as well (it opens, it closes). Machines may be ahead of the
 * journal: then it is left for the next look. */
static void notice_sale(struct api *api, struct api_event *event)
{
    struct engine *engine = api->options.engine;
    event->stream_sale = false;
    if (engine_barrier(engine))
        return;
    const struct booking *b = engine_booking(engine, event->partition);
    int status = (int)event_status(event, b, engine_now(engine));
    event->stream_sale = event->stream_sale_changed || status != event->streamed_status;
    event->stream_sale_changed = false;
    event->streamed_status = status;
}

/* The waiting room's status, when it is another than was told last. */
static void look_at_queue(struct api *api, struct api_event *event, uint64_t now_ms)
{
    struct api_queue *room = event->queue;
    if (!room || now_ms < event->stream_queue_due_ms)
        return;
    /* Kept for a second, in which it becomes durable: not to wait for a moment without writes,
     * which in a rush never comes. */
    struct http_blob *status = queue_status_blob(api, event);
    if (!status || memcmp(&room->told, &room->streamed, sizeof room->told) == 0 ||
        !engine_is_durable(api->options.engine, room->status_barrier))
        return;
    uint64_t spread_ms = (uint64_t)event->stream_count * STREAM_VIEWER_US / 1000;
    event->stream_queue_due_ms =
        now_ms + (spread_ms > STREAM_QUEUE_MS ? spread_ms : STREAM_QUEUE_MS);
    room->streamed = room->told;
    send_all(event, frame("queue", slice_make(status->data, status->len)));
}

static void look_at(struct api *api, struct api_event *event, uint64_t now_ms)
{
    const struct board *board = engine_board(api->options.engine, event->partition);
    if (event->streams)
        look_at_queue(api, event, now_ms);
    if (!event->streams || !board || now_ms < event->stream_due_ms)
        return;
    notice_sale(api, event);
    if (board->version == event->streamed_version && !event->stream_sale)
        return;
    uint64_t spread_ms = (uint64_t)event->stream_count * STREAM_VIEWER_US / 1000;
    event->stream_due_ms = now_ms + (spread_ms > STREAM_MIN_MS ? spread_ms : STREAM_MIN_MS);
    if (event->stream_sale)
        send_all(event, sale_frame(api, event));
    if (board->version != event->streamed_version) {
        send_all(event, delta(event, board, event->streamed_version));
        event->streamed_version = board->version;
    }
}

static void look(uv_timer_t *timer)
{
    struct api *api = timer->data;
    uint64_t now_ms = uv_now(api->options.loop);
    for (uint32_t i = 0; i < api->catalogue.count; i++) {
        if (api->catalogue.events[i])
            look_at(api, api->catalogue.events[i], now_ms);
    }
}

void stream_entry(struct api *api, const struct engine_entry *entry)
{
    uint16_t number = record_number(entry->bytes);
    bool told = number == BOOKING_ENTRY_event_changed || number == BOOKING_ENTRY_prices_stepped ||
                number == BOOKING_ENTRY_price_plan_set;
    if (!api->streaming_events || !told)
        return;
    struct api_event *event = catalogue_event(&api->catalogue, entry->partition);
    if (event)
        event->stream_sale_changed = true;
}

/* ---- coming and going ---- */

static void closed(struct http_stream *stream, void *context)
{
    (void)stream;
    struct api_stream *s = context;
    struct api_event *event = catalogue_event(&s->api->catalogue, s->partition);
    if (s->previous)
        s->previous->next = s->next;
    else
        event->streams = s->next;
    if (s->next)
        s->next->previous = s->previous;
    if (--event->stream_count == 0 && --s->api->streaming_events == 0)
        uv_timer_stop(&s->api->stream_timer);
    free(s);
}

void api_event_stream(struct http_exchange *x)
{
    struct api_event *event = api_event(x);
    if (!event)
        return;
    if (http_method(x) == HTTP_METHOD_HEAD) { /* a stream without a body would never end */
        http_answer(x, 200, "text/event-stream", SLICE(""), 0);
        return;
    }
    struct api *api = api_of(x);
    const struct board *board = engine_board(api->options.engine, event->partition);
    struct api_stream *s = calloc(1, sizeof *s);
    if (!s || !board) {
        free(s);
        problem_answer(x, PROBLEM_BUSY, 0, "There is no room for another stream at the moment");
        return;
    }
    s->api = api;
    s->partition = event->partition;
    s->stream = http_stream_begin(x, closed, s);
    if (!s->stream) {
        free(s);
        return;
    }
    if (event->stream_count++ == 0) {
        event->streamed_version = board->version;
        event->stream_sale_changed = false;
        event->streamed_status =
            (int)event_status(event, engine_booking(api->options.engine, event->partition),
                              engine_now(api->options.engine));
        if (api->streaming_events++ == 0)
            uv_timer_start(&api->stream_timer, look, STREAM_LOOK_MS, STREAM_LOOK_MS);
    }
    s->next = event->streams;
    if (event->streams)
        event->streams->previous = s;
    event->streams = s;
    if (event->queue)
        event->queue->streamed = (struct hash128){0}; /* tell it again, for the newcomer */
    /* The version the next delta goes on from, so that nobody misses what lies between. */
    BUF_AUTO struct buf data = BUF_INIT;
    struct json j;
    json_begin(&j, &data);
    json_put_object(&j, NULL);
    json_put_u64(&j, "version", event->streamed_version);
    json_put_u64(&j, "since", event->streamed_version);
    json_end(&j);
    struct http_blob *first = frame("availability", data.failed ? SLICE("") : buf_slice(&data));
    if (first) {
        http_stream_send(s->stream, first);
        http_blob_drop(first);
    }
}
