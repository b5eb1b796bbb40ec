/* queue_page: what the waiting page carries in its own document, so that it needs no request. */
#include "api/auth.h"
#include "api/queue.h"

/* The public status, as everybody else gets it. */
static void write_status(struct api *api, struct json *j, struct api_event *event)
{
    struct http_blob *blob = event->queue ? queue_status_blob(api, event) : NULL;
    if (blob)
        json_put_raw(j, "queue", slice_make(blob->data, blob->len));
    else
        json_put_raw(j, "queue", SLICE("{\"state\":\"open\",\"phase\":\"off\"}"));
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
    json_put_text(&j, "name", event->name);
    json_put_time(&j, "starts_at", event->starts_at_us);
    json_put_text(&j, "timezone", event->timezone);
    json_put_text(&j, "venue", event->venue_name);
    json_put_bool(&j, "access_codes", booking_event(b).code_count > 0);
    json_end(&j);
    write_status(api, &j, event);
    write_visitor(x, &j, event);
    json_end(&j);
    *ret_barrier = engine_barrier(engine);
    return true;
}
