#include "api/context.h"

#include "base/money.h"
#include "effects/mail.h"

#include <stdlib.h>

/* The mail that follows from a paid order, in words: which event, which places, what was paid. */

void *api_host(const struct api *api)
{
    return api->options.host;
}

/* "Sector 12, row 7, seat 3" or the area's name; appended with a NUL so that slices can be cut
 * later. */
static void write_place(const struct api_event *event, const struct booking *b, uint32_t unit,
                        struct buf *out)
{
    uint32_t area = booking_unit_area(b, unit);
    if (area != BOOKING_NONE && area < event->area_count) {
        buf_append_slice(out, event->areas[area].name);
    } else if (area == BOOKING_NONE && event->seating) {
        struct plan_seat seat = plan_seat(event->seating->plan, unit);
        buf_append_format(out, "%.*s, row %.*s, seat %.*s", SLICE_ARG(seat.section),
                          SLICE_ARG(seat.row), SLICE_ARG(seat.number));
    }
}

/* Local time as people read it: "2027-06-12 19:30 (Europe/Kyiv)". */
static void write_start(const struct api_event *event, struct buf *out)
{
    struct slice local = event->starts_local;
    size_t start = out->len;
    buf_append(out, local.data, local.len < 16 ? local.len : 16);
    if (out->len > start + 10 && out->data[start + 10] == 'T')
        out->data[start + 10] = ' ';
    buf_append_format(out, " (%.*s)", SLICE_ARG(event->timezone));
}

static int read_contact(struct api *api, uint32_t partition, uint32_t order,
                        struct person_contact *ret_contact, struct err *err)
{
    BUF_AUTO struct buf sealed = BUF_INIT;
    struct views_contact contact;
    int found = views_contact(api->options.views, partition, order, &contact, &sealed, err);
    if (found <= 0)
        return found < 0 ? found : 1;
    int opened =
        person_open(api->options.keys, contact.person, buf_slice(&sealed), ret_contact, err);
    return opened < 0 ? opened : opened == PERSON_ERASED;
}

int api_order_mail(struct api *api, uint32_t partition, uint32_t order, char ret_id[ID_TEXT_MAX],
                   struct person_contact *ret_contact, struct buf *subject, struct buf *text,
                   struct err *err)
{
    const struct booking *b = engine_booking(api->options.engine, partition);
    const struct api_event *event = catalogue_event(&api->catalogue, partition);
    struct booking_order o;
    if (!b || !event || !booking_order_get(b, order, booking_order_random(b, order), &o))
        return 1;
    int result = read_contact(api, partition, order, ret_contact, err);
    if (result != 0)
        return result;
    id_format(ID_ORDER, (struct id){partition, order, o.random}, ret_id);
    BUF_AUTO struct buf words = BUF_INIT; /* all texts in a row; slices are cut when it is whole */
    size_t ends[LIMIT_HOLD_UNITS + 4], n = 0;
    for (uint32_t i = 0; i < o.unit_count; i++) {
        write_place(event, b, o.units[i], &words);
        ends[n++] = words.len;
    }
    buf_append_format(&words, "%.*s, %.*s", SLICE_ARG(event->venue_name), SLICE_ARG(event->city));
    ends[n++] = words.len;
    write_start(event, &words);
    ends[n++] = words.len;
    char money[MONEY_TEXT_MAX];
    if (o.total_minor > 0) {
        buf_append(&words, money, money_format(o.total_minor, event->currency, money));
        buf_append_text(&words, ", fees included");
    }
    ends[n++] = words.len;
    const char *base = api->options.public_url ? api->options.public_url : api->options.base_url;
    buf_append_format(&words, "%s/events/%s/orders/%s", base, event->id, ret_id);
    ends[n++] = words.len;
    if (words.failed)
        return err_set(err, "out of memory for the mail of order %s", ret_id);
    struct slice parts[LIMIT_HOLD_UNITS + 4];
    for (size_t i = 0, at = 0; i < n; at = ends[i++])
        parts[i] = slice_make(words.data + at, ends[i] - at);
    struct mail_order mail = {
        .name = slice_make(ret_contact->name, ret_contact->name_len),
        .order = slice_from_string(ret_id),
        .event = event->name,
        .venue = parts[o.unit_count],
        .starts_at = parts[o.unit_count + 1],
        .places = parts,
        .place_count = o.unit_count,
        .total = parts[o.unit_count + 2],
        .url = parts[o.unit_count + 3],
    };
    mail_order_text(&mail, subject, text);
    return subject->failed || text->failed
               ? err_set(err, "out of memory for the mail of order %s", ret_id)
               : 0;
}
