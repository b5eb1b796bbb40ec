/* site: what the server's own pages show, as JSON for src/site. */
#include "api/event_json.h"
#include "base/time.h"
#include "views/zone.h"

/* The event of an id in an address; NULL when there is none. */
static struct api_event *event_named(struct api *api, struct slice event_id,
                                     const struct booking **ret_booking)
{
    struct id id;
    if (!id_parse(ID_EVENT, event_id, &id) || id.slot != 0)
        return NULL;
    struct api_event *event = catalogue_event(&api->catalogue, id.partition);
    *ret_booking = event ? engine_booking(api->options.engine, event->partition) : NULL;
    return *ret_booking && event->random == id.random ? event : NULL;
}

bool api_event_page(struct http_exchange *x, struct slice event_id, struct buf *out,
                    uint64_t *ret_barrier)
{
    struct api *api = api_of(x);
    const struct booking *b;
    struct api_event *event = event_named(api, event_id, &b);
    if (!event)
        return false;
    struct booking_event state = booking_event(b);
    char opens[ZONE_LOCAL_MAX];
    size_t opens_len =
        state.opens_at_us ? zone_to_local(event->timezone, state.opens_at_us, opens) : 0;
    BUF_AUTO struct buf whole = BUF_INIT;
    struct json inner, j;
    json_begin(&inner, &whole);
    event_write(x, &inner, event, b, engine_now(api->options.engine));
    json_begin(&j, out);
    json_put_object(&j, NULL);
    json_put_raw(&j, "event", buf_slice(&whole));
    event_write_text(&j, "opens_local", slice_make(opens, opens_len));
    json_put_array(&j, "on_offer");
    for (uint32_t i = 0; i < state.category_count && i < event->category_count; i++)
        json_put_bool(&j, NULL, event_on_offer(b, i));
    json_end(&j);
    json_end(&j);
    out->failed |= whole.failed;
    *ret_barrier = engine_barrier(api->options.engine);
    return true;
}

bool api_has_event(struct http_exchange *x, struct slice event_id)
{
    const struct booking *b;
    return event_named(api_of(x), event_id, &b) != NULL;
}

/* ---- lists: what is ahead, soonest first ---- */

static struct views_query what_is_ahead(const struct api *api, uint32_t limit)
{
    return (struct views_query){.from_us = engine_now(api->options.engine) - EVENT_OVER_AFTER_US,
                                .limit = limit};
}

bool api_list_page(struct http_exchange *x, struct buf *out, uint64_t *ret_barrier)
{
    struct api *api = api_of(x);
    struct views_query query = what_is_ahead(api, API_LIST_PAGE_EVENTS);
    struct json j;
    struct err err;
    json_begin(&j, out);
    json_put_object(&j, NULL);
    bool listed = event_write_list(api, &j, &query, &err) == 0;
    json_end(&j);
    *ret_barrier = engine_barrier(api->options.engine);
    return listed;
}

struct ids {
    const struct api *api;
    struct json *j;
};

static void list_id(void *context, const struct views_event *row)
{
    struct ids *ids = context;
    const struct api_event *event = catalogue_event(&ids->api->catalogue, row->partition);
    if (event)
        json_put_string(ids->j, NULL, event->id);
}

bool api_list_ids(struct http_exchange *x, struct buf *out)
{
    struct api *api = api_of(x);
    struct views_query query = what_is_ahead(api, API_LIST_IDS);
    struct json j;
    struct err err;
    struct ids ids = {.api = api, .j = &j};
    json_begin(&j, out);
    json_put_array(&j, NULL);
    bool listed = views_events(api->options.views, &query, list_id, &ids, &err) >= 0;
    json_end(&j);
    return listed;
}
