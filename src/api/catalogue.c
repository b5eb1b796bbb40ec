#include "api/catalogue.h"

#include "views/zone.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>

int catalogue_init(struct catalogue *c, const char *data_dir, struct err *err)
{
    *c = (struct catalogue){0};
    int len = snprintf(c->plans_dir, sizeof c->plans_dir, "%s/plans", data_dir);
    if (len < 0 || (size_t)len >= sizeof c->plans_dir)
        return err_set(err, "the data folder's path is too long");
    return 0;
}

static void event_destroy(struct api_event *e)
{
    if (!e)
        return;
    assert(!e->streams);
    json_decref(e->document);
    free(e->plan_categories);
    free(e->unit_seat);
    seating_drop(e->seating);
    if (e->availability)
        http_blob_drop(e->availability);
    for (unsigned i = 0; i < API_OPENED_KEPT; i++)
        buf_finish(&e->opened[i].text);
    free(e);
}

void catalogue_finish(struct catalogue *c)
{
    for (uint32_t i = 0; i < c->count; i++)
        event_destroy(c->events[i]);
    free(c->events);
    for (uint32_t i = 0; i < c->seating_count; i++)
        seating_drop(c->seatings[i]);
    free(c->seatings);
    *c = (struct catalogue){0};
}

struct api_event *catalogue_event(const struct catalogue *c, uint32_t partition)
{
    return partition < c->count ? c->events[partition] : NULL;
}

/* ---- seatings ---- */

struct seating *catalogue_seating(const struct catalogue *c, struct slice hash)
{
    for (uint32_t i = 0; i < c->seating_count; i++) {
        if (slice_equal(slice_from_string(c->seatings[i]->hash), hash))
            return c->seatings[i];
    }
    return NULL;
}

struct seating *catalogue_add_seating(struct catalogue *c, struct seating *seating)
{
    struct seating *there = catalogue_seating(c, slice_from_string(seating->hash));
    if (there) {
        seating_drop(seating);
        return there;
    }
    if (c->seating_count == c->seating_room) {
        uint32_t room = c->seating_room ? c->seating_room * 2 : 8;
        struct seating **more = realloc(c->seatings, room * sizeof(struct seating *));
        if (!more)
            abort(); /* as http_alloc: without memory nothing can go on */
        c->seatings = more;
        c->seating_room = room;
    }
    c->seatings[c->seating_count++] = seating;
    return seating;
}

/* ---- documents ---- */

static struct slice member_text(const json_t *object, const char *key)
{
    const json_t *value = json_object_get(object, key);
    return json_is_string(value) ? slice_make(json_string_value(value), json_string_length(value))
                                 : SLICE("");
}

static int read_lists(struct api_event *e, struct err *err)
{
    const json_t *areas = json_object_get(e->document, "areas");
    const json_t *categories = json_object_get(e->document, "price_categories");
    if (json_array_size(areas) > LIMIT_AREAS ||
        json_array_size(categories) > LIMIT_PRICE_CATEGORIES)
        return err_set(err, "too many areas or price categories");
    e->area_count = (uint32_t)json_array_size(areas);
    for (uint32_t i = 0; i < e->area_count; i++) {
        const json_t *area = json_array_get(areas, i);
        e->areas[i] = (struct api_area){member_text(area, "id"), member_text(area, "name")};
    }
    const json_t *packages = json_object_get(e->document, "package_names");
    for (size_t i = 0; i < json_array_size(packages) && i < LIMIT_PACKAGES; i++) {
        const json_t *name = json_array_get(packages, i);
        e->package_names[i] = slice_make(json_string_value(name), json_string_length(name));
    }
    e->category_count = (uint32_t)json_array_size(categories);
    for (uint32_t i = 0; i < e->category_count; i++) {
        const json_t *category = json_array_get(categories, i);
        e->categories[i] =
            (struct api_category){member_text(category, "name"), member_text(category, "color")};
    }
    return 0;
}

static int read_plan(struct catalogue *c, struct api_event *e, struct err *err)
{
    const json_t *plan = json_object_get(e->document, "plan");
    if (!json_is_object(plan))
        return 0;
    struct slice hash = member_text(plan, "hash");
    const json_t *list = json_object_get(plan, "categories");
    e->plan_category_count = (uint32_t)json_array_size(list);
    e->plan_categories = calloc(e->plan_category_count + 1, sizeof(uint32_t));
    if (!e->plan_categories)
        return err_set(err, "no memory");
    for (uint32_t i = 0; i < e->plan_category_count; i++)
        e->plan_categories[i] = (uint32_t)json_integer_value(json_array_get(list, i));
    struct seating *seating = catalogue_seating(c, hash);
    if (!seating) {
        if (seating_load(c->plans_dir, hash, &seating, err) < 0)
            return -1;
        seating = catalogue_add_seating(c, seating);
    }
    e->seating = seating_keep(seating);
    return 0;
}

static int read_document(struct catalogue *c, struct api_event *e, struct slice document,
                         struct err *err)
{
    json_error_t fault;
    e->document = json_loadb(document.data, document.len, JSON_REJECT_DUPLICATES, &fault);
    if (!json_is_object(e->document))
        return err_set(err, "document: %s", fault.text);
    const json_t *venue = json_object_get(e->document, "venue");
    e->name = member_text(e->document, "name");
    e->timezone = member_text(e->document, "timezone");
    e->starts_local = member_text(e->document, "starts_local");
    e->category = member_text(e->document, "category");
    e->performers = json_object_get(e->document, "performers");
    e->refuse_disposable = json_is_true(json_object_get(e->document, "refuse_disposable"));
    e->venue_id = member_text(venue, "id");
    e->venue_name = member_text(venue, "name");
    e->city = member_text(venue, "city");
    e->country = member_text(venue, "country");
    struct slice currency = member_text(e->document, "currency");
    if (currency.len != 3 || e->name.len == 0)
        return err_set(err, "document: a name and a currency are needed");
    memcpy(e->currency, currency.data, 3);
    if (!zone_to_utc(e->timezone, e->starts_local, &e->starts_at_us))
        return err_set(err, "document: %.*s is not a time in %.*s", SLICE_ARG(e->starts_local),
                       SLICE_ARG(e->timezone));
    if (read_lists(e, err) < 0)
        return -1;
    return read_plan(c, e, err);
}

static int grow(struct catalogue *c, uint32_t partition, struct err *err)
{
    if (partition < c->count)
        return 0;
    uint32_t count = c->count ? c->count : 64;
    while (count <= partition)
        count *= 2;
    struct api_event **more = realloc(c->events, count * sizeof(struct api_event *));
    if (!more)
        return err_set(err, "no memory");
    memset(more + c->count, 0, (count - c->count) * sizeof(struct api_event *));
    c->events = more;
    c->count = count;
    return 0;
}

/* What is cached and streamed goes on with the new description. */
static void inherit(struct api_event *e, struct api_event *old)
{
    e->random = e->random ? e->random : old->random;
    e->streams = old->streams;
    e->stream_count = old->stream_count;
    e->streamed_version = old->streamed_version;
    e->stream_due_ms = old->stream_due_ms;
    e->streamed_status = old->streamed_status;
    e->stream_sale_changed = old->stream_sale_changed;
    old->streams = NULL;
}

int catalogue_pair(struct catalogue *c, uint32_t partition, const struct booking *booking,
                   struct err *err)
{
    struct api_event *e = catalogue_event(c, partition);
    struct booking_event state = booking_event(booking);
    if (!e || state.plan_version == 0)
        return 0;
    uint32_t *seats = malloc(state.unit_count * sizeof *seats);
    if (!seats)
        return err_set(err, "event %u: no memory", partition);
    for (uint32_t unit = 0; unit < state.unit_count; unit++)
        seats[unit] = booking_unit_seat(booking, unit);
    free(e->unit_seat);
    e->unit_seat = seats;
    e->unit_count = state.unit_count;
    return 0;
}

int catalogue_take(struct catalogue *c, uint32_t partition, uint64_t random, struct slice document,
                   struct err *err)
{
    if (partition > LIMIT_EVENTS || grow(c, partition, err) < 0)
        return err_set(err, "event %u: no room", partition);
    struct api_event *e = calloc(1, sizeof *e);
    if (!e)
        return err_set(err, "no memory");
    e->partition = partition;
    e->random = random;
    struct err why;
    if (read_document(c, e, document, &why) < 0) {
        event_destroy(e);
        return err_set(err, "event %u: %s", partition, why.detail);
    }
    struct api_event *old = c->events[partition];
    if (old) {
        inherit(e, old);
        event_destroy(old);
    }
    id_format(ID_EVENT, (struct id){partition, 0, e->random}, e->id);
    c->events[partition] = e;
    return 0;
}

static int64_t find(struct slice wanted, const struct slice *first, size_t stride, uint32_t count)
{
    for (uint32_t i = 0; i < count; i++) {
        const struct slice *at = (const void *)((const char *)first + i * stride);
        if (slice_equal(*at, wanted))
            return i;
    }
    return -1;
}

int64_t catalogue_area_find(const struct api_event *event, struct slice id)
{
    return find(id, &event->areas[0].id, sizeof event->areas[0], event->area_count);
}

int64_t catalogue_category_find(const struct api_event *event, struct slice name)
{
    return find(name, &event->categories[0].name, sizeof event->categories[0],
                event->category_count);
}
