#include "api/places.h"

#include "booking/booking.h"
#include "keys/code.h"

#include <stdlib.h>

void places_of_event(const struct api_event *event, const struct booking *booking,
                     struct keys *keys, struct places *ret_places)
{
    struct places *p = ret_places;
    p->seating = event->seating;
    p->booking = booking;
    p->area_count = event->area_count;
    p->category_count = event->category_count;
    for (uint32_t i = 0; i < event->area_count; i++)
        p->areas[i] = event->areas[i].id;
    for (uint32_t i = 0; i < event->category_count; i++)
        p->categories[i] = event->categories[i].name;
    p->keys = keys;
    p->event_random = event->random;
}

/* ---- seats ---- */

static int by_number(const void *a, const void *b)
{
    uint32_t left = *(const uint32_t *)a, right = *(const uint32_t *)b;
    return (left > right) - (left < right);
}

void places_sort(uint32_t *units, uint32_t count)
{
    qsort(units, count, sizeof *units, by_number);
}

uint32_t places_unit(const struct places *places, struct slice guid)
{
    int64_t seat = places->seating ? plan_seat_find(places->seating->plan, guid) : -1;
    if (seat < 0)
        return BOOKING_NONE;
    return places->booking ? booking_seat_unit(places->booking, (uint32_t)seat) : (uint32_t)seat;
}

bool places_seats(struct request *r, const json_t *list, const char *name,
                  const struct places *places, uint32_t **ret_units, uint32_t *ret_count)
{
    static const struct text_rule rule = {.max_bytes = LIMIT_SEAT_GUID_BYTES};
    size_t count = json_array_size(list);
    uint32_t *units = calloc(count + 1, sizeof *units);
    if (!units)
        request_fail(r, PROBLEM_BUSY, name, "There is not enough memory at the moment");
    for (size_t i = 0; units && !r->failed && i < count; i++) {
        struct slice guid;
        if (!request_check_text(r, json_array_get(list, i), name, &rule, &guid))
            break;
        units[i] = places_unit(places, guid);
        if (units[i] == BOOKING_NONE)
            request_fail_seat(r, name, guid);
    }
    if (r->failed || !units) {
        free(units);
        return false;
    }
    places_sort(units, (uint32_t)count);
    uint32_t kept = 0;
    for (size_t i = 0; i < count; i++) {
        if (kept == 0 || units[kept - 1] != units[i])
            units[kept++] = units[i];
    }
    *ret_units = units;
    *ret_count = kept;
    return true;
}

/* ---- areas ---- */

uint32_t places_area(struct request *r, struct slice id, const char *name,
                     const struct places *places)
{
    for (uint32_t i = 0; i < places->area_count; i++) {
        if (slice_equal(places->areas[i], id))
            return i;
    }
    request_fail(r, PROBLEM_UNKNOWN_AREA, name, "The event has no area \"%.*s\"", SLICE_ARG(id));
    return 0;
}

uint32_t places_areas(struct request *r, const json_t *list, const char *name, uint32_t max,
                      const struct places *places, uint32_t *ret_pairs)
{
    const struct text_rule id_rule = {
        .within = name, .max_bytes = LIMIT_SEAT_GUID_BYTES, .required = true};
    const struct integer_rule quantity_rule = {
        .within = name, .min = 1, .max = LIMIT_UNITS, .required = true};
    uint32_t count = 0;
    for (; !r->failed && count < json_array_size(list) && count < max; count++) {
        const json_t *item = json_array_get(list, count);
        if (!json_is_object(item)) {
            request_fail(r, PROBLEM_BAD_VALUE, name, "Each of \"%s\" is {id, quantity}", name);
            break;
        }
        request_members(r, item, name, "id quantity");
        struct slice id = request_text(r, item, "id", &id_rule);
        int64_t quantity = request_integer(r, item, "quantity", &quantity_rule);
        if (r->failed)
            break;
        ret_pairs[(size_t)count * 2] = places_area(r, id, name, places);
        ret_pairs[(size_t)count * 2 + 1] = (uint32_t)quantity;
    }
    return count;
}

/* ---- price categories ---- */

uint32_t places_category(struct request *r, const json_t *value, const char *name,
                         const struct places *places)
{
    if (json_is_integer(value) && json_integer_value(value) >= 0 &&
        json_integer_value(value) < places->category_count)
        return (uint32_t)json_integer_value(value);
    for (uint32_t i = 0; json_is_string(value) && i < places->category_count; i++) {
        if (slice_equal(places->categories[i],
                        slice_make(json_string_value(value), json_string_length(value))))
            return i;
    }
    if (json_is_string(value))
        request_fail(r, PROBLEM_UNKNOWN_CATEGORY, name,
                     "The event has no price category \"%.200s\"", json_string_value(value));
    else
        request_fail(r, PROBLEM_UNKNOWN_CATEGORY, name,
                     "\"%s\" must be the name or index of a price category", name);
    return 0;
}

uint64_t places_categories(struct request *r, const json_t *list, const char *name,
                           const struct places *places)
{
    uint64_t categories = 0;
    for (size_t i = 0; !r->failed && i < json_array_size(list); i++)
        categories |= 1ull << places_category(r, json_array_get(list, i), name, places);
    if (!r->failed && categories == 0)
        request_fail(r, PROBLEM_BAD_VALUE, name, "\"%s\" must name a price category", name);
    return r->failed ? 0 : categories;
}

/* ---- codes ---- */

bool places_code(struct request *r, const json_t *value, const char *name,
                 const struct places *places, struct buf *ret_hashes)
{
    static const struct text_rule rule = {.max_bytes = PLACES_CODE_TEXT_MAX};
    struct slice text;
    struct hash16 hash;
    if (!request_check_text(r, value, name, &rule, &text))
        return false;
    if (!code_hash(places->keys, places->event_random, text, &hash)) {
        request_fail(r, PROBLEM_BAD_VALUE, name, "A code has 1 to %u bytes", LIMIT_CODE_BYTES);
        return false;
    }
    buf_append(ret_hashes, &hash, sizeof hash);
    if (ret_hashes->failed)
        request_fail(r, PROBLEM_BUSY, name, "There is not enough memory at the moment");
    return !r->failed;
}

bool places_codes(struct request *r, const json_t *list, const char *name,
                  const struct places *places, struct buf *ret_hashes)
{
    for (size_t i = 0; i < json_array_size(list); i++) {
        if (!places_code(r, json_array_get(list, i), name, places, ret_hashes))
            return false;
    }
    return true;
}
