/* queue_page: what the waiting page carries in its own document, so that it needs no request. */
#include "api/auth.h"
#include "api/queue.h"
#include "base/limits.h"
#include "base/utf8.h"

/* The public status, as everybody else gets it. */
static void write_status(struct api *api, struct json *j, struct api_event *event)
{
    struct http_blob *blob = event->queue ? queue_status_blob(api, event) : NULL;
    if (blob)
        json_put_raw(j, "queue", slice_make(blob->data, blob->len));
    else
        json_put_raw(j, "queue", SLICE("{\"state\":\"open\",\"phase\":\"off\"}"));
}

/* What a character costs in the document, where "<" must not stand as itself. */
static size_t cost_of(struct slice text, size_t len)
{
    char c = text.data[0];
    return len > 1                 ? len
           : c == '"' || c == '\\' ? 2
           : c == '<' || c < ' '   ? sizeof "\\u003c" - 1
                                   : 1;
}

/* The document has a bound on its bytes: a name is cut where it costs more than LIMIT_NAME_BYTES,
 * which only one full of quotes and the like can. */
static void put_name(struct json *j, const char *key, struct slice name)
{
    size_t at = 0, cost = 0;
    while (at < name.len) {
        struct slice rest = slice_make(name.data + at, name.len - at);
        size_t step = utf8_length(rest.data, rest.len);
        step = step ? step : 1;
        cost += cost_of(rest, step);
        if (cost > LIMIT_NAME_BYTES)
            break;
        at += step;
    }
    if (at == name.len) {
        json_put_text(j, key, name);
        return;
    }
    BUF_AUTO struct buf text = BUF_INIT;
    buf_append(&text, name.data, at);
    buf_append_text(&text, "…");
    json_put_text(j, key, buf_slice(&text));
}

static void write_visitor(struct http_exchange *x, struct json *j, const struct api_event *event)
{
    struct hash16 session;
    bool known = auth_visitor(x, &session);
    if (!known || !queue_write_place(j, "place", api_of(x), event, session))
        json_put_null(j, "place");
    json_put_bool(j, "known", known);
}

bool api_queue_page(struct http_exchange *x, struct slice event_id, struct buf *out,
                    uint64_t *ret_barrier)
{
    struct api *api = api_of(x);
    struct engine *engine = api->options.engine;
    struct id id;
    if (!id_parse(ID_EVENT, event_id, &id))
        return false;
    struct api_event *event = catalogue_event(&api->catalogue, id.partition);
    const struct booking *b = event ? engine_booking(engine, event->partition) : NULL;
    if (!b || id.slot != 0 || event->random != id.random)
        return false;
    struct json j;
    json_begin(&j, out);
    json_put_object(&j, NULL);
    json_put_object(&j, "event");
    json_put_string(&j, "id", event->id);
    put_name(&j, "name", event->name);
    json_put_time(&j, "starts_at", event->starts_at_us);
    json_put_text(&j, "timezone", event->timezone);
    put_name(&j, "venue", event->venue_name);
    json_put_bool(&j, "access_codes", booking_event(b).code_count > 0);
    json_end(&j);
    write_status(api, &j, event);
    write_visitor(x, &j, event);
    json_end(&j);
    *ret_barrier = engine_barrier(engine);
    return true;
}
