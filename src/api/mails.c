/* mails: what a buyer is told by mail. */
#include "api/event_json.h"
#include "api/items.h"
#include "api/orders.h"
#include "base/money.h"
#include "effects/mail.h"
#include "keys/person.h"

#include <stdio.h>
#include <string.h>

#define PLACE_BYTES 1024u

/* "West stand, row 12, seat 8"; "Left Boxes, Box 3, seat 2", where a row has a name with a space in
 * it; or the area's name. */
static struct slice place_name(const struct api_event *event, const struct booking *b,
                               uint32_t unit, char to[PLACE_BYTES])
{
    uint32_t area = booking_unit_area(b, unit);
    if (area != BOOKING_NONE)
        return event->areas[area].name;
    uint32_t number;
    if (!items_seat(event, unit, &number))
        return event->categories[booking_unit_category(b, unit)].name;
    struct plan_seat seat = plan_seat(event->seating->plan, number);
    bool named = seat.row.len > 0 && memchr(seat.row.data, ' ', seat.row.len);
    int len = snprintf(to, PLACE_BYTES, "%.*s, %s%.*s, seat %.*s", SLICE_ARG(seat.section),
                       named ? "" : "row ", SLICE_ARG(seat.row), SLICE_ARG(seat.number));
    return slice_make(to, (size_t)len < PLACE_BYTES ? (size_t)len : PLACE_BYTES - 1);
}

/* "2027-06-12 20:30 (Europe/Kyiv)" */
static struct slice start_words(const struct api_event *event, char to[PLACE_BYTES])
{
    struct slice local = event->starts_local;
    if (local.len < 16)
        return SLICE("");
    int len = snprintf(to, PLACE_BYTES, "%.10s %.5s (%.*s)", local.data, local.data + 11,
                       SLICE_ARG(event->timezone));
    return slice_make(to, (size_t)len);
}

static struct slice venue_words(const struct api_event *event, char to[PLACE_BYTES])
{
    if (event->city.len == 0)
        return event->venue_name;
    int len = snprintf(to, PLACE_BYTES, "%.*s, %.*s", SLICE_ARG(event->venue_name),
                       SLICE_ARG(event->city));
    return slice_make(to, (size_t)len < PLACE_BYTES ? (size_t)len : PLACE_BYTES - 1);
}

static struct slice total_words(const struct api_event *event, int64_t total_minor,
                                char to[PLACE_BYTES])
{
    if (total_minor == 0)
        return SLICE("");
    char money[MONEY_TEXT_MAX];
    size_t money_len = money_format(total_minor, event->currency, money);
    int len = snprintf(to, PLACE_BYTES, "%.*s, fees included", (int)money_len, money);
    return slice_make(to, (size_t)len);
}

int api_order_mail(struct api *api, uint32_t partition, uint32_t order, char ret_id[ID_TEXT_MAX],
                   struct person_contact *ret_contact, struct buf *subject, struct buf *text,
                   struct err *err)
{
    const struct api_event *event = catalogue_event(&api->catalogue, partition);
    const struct booking *b = engine_booking(api->options.engine, partition);
    struct booking_order o;
    uint64_t random = b ? booking_order_random(b, order) : 0;
    if (!event || !random || !booking_order_get(b, order, random, &o))
        return 1;
    struct id id = {partition, order, random};
    int found = orders_contact(api, id, ret_contact, err);
    if (found != 0)
        return found;
    id_format(ID_ORDER, id, ret_id);

    const char *base = api->options.public_url ? api->options.public_url : api->options.base_url;
    char names[LIMIT_HOLD_UNITS][PLACE_BYTES], start[PLACE_BYTES], venue[PLACE_BYTES],
        total[PLACE_BYTES], url[PLACE_BYTES];
    struct slice places[LIMIT_HOLD_UNITS];
    for (uint32_t i = 0; i < o.unit_count; i++)
        places[i] = place_name(event, b, o.units[i], names[i]);
    int len =
        snprintf(url, sizeof url, "%s/events/%s/orders/%s", base ? base : "", event->id, ret_id);
    struct mail_order mail = {
        .name = slice_make(ret_contact->name, ret_contact->name_len),
        .order = slice_from_string(ret_id),
        .event = event->name,
        .venue = venue_words(event, venue),
        .starts_at = start_words(event, start),
        .places = places,
        .place_count = o.unit_count,
        .total = total_words(event, o.total_minor, total),
        .url = slice_make(url, (size_t)len < sizeof url ? (size_t)len : sizeof url - 1),
    };
    mail_order_text(&mail, subject, text);
    return subject->failed || text->failed ? err_set(err, "no memory for a mail") : 0;
}
