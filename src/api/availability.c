#include "api/availability.h"

#include "routes.gen.h"

#include <stdio.h>
#include <stdlib.h>

#define AVAILABILITY_CACHE "public, max-age=1, stale-while-revalidate=5"

/* RFC 4648 section 4, with padding, straight into a JSON text. */
static void append_base64(struct buf *out, const uint8_t *bytes, size_t len)
{
    static const char letters[] =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    size_t chars = (len + 2) / 3 * 4;
    char *to = buf_reserve(out, chars);
    if (!to)
        return;
    for (size_t i = 0; i < len; i += 3) {
        uint32_t group = (uint32_t)bytes[i] << 16;
        group |= i + 1 < len ? (uint32_t)bytes[i + 1] << 8 : 0;
        group |= i + 2 < len ? (uint32_t)bytes[i + 2] : 0;
        to[0] = letters[group >> 18];
        to[1] = letters[group >> 12 & 63];
        to[2] = i + 1 < len ? letters[group >> 6 & 63] : '=';
        to[3] = i + 2 < len ? letters[group & 63] : '=';
        to += 4;
    }
    out->len += chars;
}

void availability_write_base64(struct json *j, const char *key, const uint8_t *bytes, size_t len)
{
    BUF_AUTO struct buf text = BUF_INIT;
    buf_append_char(&text, '"');
    append_base64(&text, bytes, len);
    buf_append_char(&text, '"');
    j->out->failed = j->out->failed || text.failed;
    json_put_raw(j, key, buf_slice(&text));
}

static void write_vector(struct json *j, const uint8_t *bytes, size_t len)
{
    json_put_string(j, "encoding", "2bit");
    availability_write_base64(j, "seats", bytes, len);
}

void availability_write_areas(struct json *j, const struct api_event *event,
                              const struct board *board)
{
    json_put_array(j, "areas");
    for (uint32_t i = 0; i < board->area_count && i < event->area_count; i++) {
        json_put_object(j, NULL);
        json_put_text(j, "id", event->areas[i].id);
        json_put_u64(j, "available", board->area_available[i]);
        json_end(j);
    }
    json_end(j);
}

/* The answer for the present version, made once for all who ask. */
static struct http_blob *current(struct api_event *event, const struct board *board)
{
    if (event->availability && event->availability_version == board->version)
        return event->availability;
    BUF_AUTO struct buf body = BUF_INIT;
    struct json j;
    json_begin(&j, &body);
    json_put_object(&j, NULL);
    json_put_u64(&j, "version", board->version);
    if (event->seating)
        json_put_string(&j, "plan", event->seating->hash);
    write_vector(&j, board->seats, ((size_t)board->seat_count + 3) / 4);
    availability_write_areas(&j, event, board);
    json_end(&j);
    struct http_blob *blob = body.failed ? NULL : http_blob_create(body.data, body.len);
    if (!blob)
        return NULL;
    if (event->availability)
        http_blob_drop(event->availability);
    event->availability = blob;
    event->availability_version = board->version;
    (void)api_etag_of(buf_slice(&body), event->availability_etag);
    return blob;
}

static const struct board *board_of(struct http_exchange *x, struct api_event **ret_event)
{
    struct api_event *event = api_event(x);
    if (!event)
        return NULL;
    const struct board *board = engine_board(api_of(x)->options.engine, event->partition);
    if (!board)
        problem_answer(x, PROBLEM_EVENT_NOT_FOUND, 0, "There is no event of this id");
    *ret_event = event;
    return board;
}

void api_event_availability(struct http_exchange *x)
{
    struct api_event *event;
    const struct board *board = board_of(x, &event);
    if (!board)
        return;
    struct http_blob *blob = current(event, board);
    if (!blob)
        problem_answer(x, PROBLEM_BUSY, 0, "There is not enough memory at the moment");
    else if (!api_not_modified(x, slice_from_string(event->availability_etag), AVAILABILITY_CACHE,
                               0))
        http_answer_blob(x, 200, "application/json", http_blob_keep(blob), 0);
}

static void write_section(struct json *j, const struct board *board, uint32_t first, uint32_t count)
{
    uint32_t states[4] = {0};
    size_t len = ((size_t)count + 3) / 4;
    uint8_t *vector = calloc(len + 1, 1);
    if (!vector) {
        j->out->failed = true;
        return;
    }
    for (uint32_t i = 0; i < count; i++) {
        unsigned state = board_seat(board, first + i);
        states[state]++;
        vector[i / 4] |= (uint8_t)(state << (i % 4 * 2));
    }
    json_put_u64(j, "first", first);
    json_put_u64(j, "count", count);
    write_vector(j, vector, len);
    free(vector);
    static const char *const names[] = {"available", "held", "sold", "blocked"};
    for (unsigned i = 0; i < 4; i++)
        json_put_u64(j, names[i], states[i]);
}

void api_section_availability(struct http_exchange *x)
{
    struct api_event *event;
    const struct board *board = board_of(x, &event);
    if (!board)
        return;
    int64_t section =
        event->seating ? plan_section_find(event->seating->plan, http_param(x, "section")) : -1;
    if (section < 0) {
        problem_answer(x, PROBLEM_SECTION_NOT_FOUND, 0, "The event's plan has no such section");
        return;
    }
    uint32_t first, count;
    plan_section_seats(event->seating->plan, (uint32_t)section, &first, &count);
    BUF_AUTO struct buf body = BUF_INIT;
    struct json j;
    json_begin(&j, &body);
    json_put_object(&j, NULL);
    json_put_u64(&j, "version", board->version);
    json_put_text(&j, "section", http_param(x, "section"));
    json_put_text(&j, "name", plan_section_name(event->seating->plan, (uint32_t)section));
    write_section(&j, board, first, count);
    json_end(&j);
    char etag[API_ETAG_MAX];
    if (!api_not_modified(x, api_etag_of(buf_slice(&body), etag), AVAILABILITY_CACHE, 0))
        api_answer_json(x, 200, &body, 0);
}
