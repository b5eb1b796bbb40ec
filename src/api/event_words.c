#include "api/event_words.h"

#include "api/items.h"
#include "base/money.h"
#include "views/zone.h"

#include <stdio.h>
#include <string.h>

struct slice event_words_place(const struct api_event *event, const struct booking *b,
                               uint32_t unit, char to[EVENT_WORDS_BYTES])
{
    uint32_t area = booking_unit_area(b, unit);
    if (area != BOOKING_NONE)
        return event->areas[area].name;
    uint32_t number;
    if (!items_seat(event, unit, &number))
        return event->categories[booking_unit_category(b, unit)].name;
    struct plan_seat seat = plan_seat(event->seating->plan, number);
    bool named = seat.row.len > 0 && memchr(seat.row.data, ' ', seat.row.len);
    int len = snprintf(to, EVENT_WORDS_BYTES, "%.*s, %s%.*s, seat %.*s", SLICE_ARG(seat.section),
                       named ? "" : "row ", SLICE_ARG(seat.row), SLICE_ARG(seat.number));
    return slice_make(to, (size_t)len < EVENT_WORDS_BYTES ? (size_t)len : EVENT_WORDS_BYTES - 1);
}

struct slice event_words_start(const struct api_event *event, char to[EVENT_WORDS_BYTES])
{
    struct slice local = event->starts_local;
    if (local.len < 16)
        return SLICE("");
    int len = snprintf(to, EVENT_WORDS_BYTES, "%.10s %.5s (%.*s)", local.data, local.data + 11,
                       SLICE_ARG(event->timezone));
    return slice_make(to, (size_t)len);
}

struct slice event_words_venue(const struct api_event *event, char to[EVENT_WORDS_BYTES])
{
    if (event->city.len == 0)
        return event->venue_name;
    int len = snprintf(to, EVENT_WORDS_BYTES, "%.*s, %.*s", SLICE_ARG(event->venue_name),
                       SLICE_ARG(event->city));
    return slice_make(to, (size_t)len < EVENT_WORDS_BYTES ? (size_t)len : EVENT_WORDS_BYTES - 1);
}

struct slice event_words_total(const struct api_event *event, int64_t total_minor,
                               char to[EVENT_WORDS_BYTES])
{
    if (total_minor == 0)
        return SLICE("");
    char money[MONEY_TEXT_MAX];
    size_t money_len = money_format(total_minor, event->currency, money);
    int len = snprintf(to, EVENT_WORDS_BYTES, "%.*s, fees included", (int)money_len, money);
    return slice_make(to, (size_t)len);
}

struct slice event_words_time(const struct api_event *event, uint64_t time_us,
                              char to[EVENT_WORDS_BYTES])
{
    char local[ZONE_LOCAL_MAX];
    if (time_us == 0 || !zone_to_local(event->timezone, time_us, local))
        return SLICE("");
    int len = snprintf(to, EVENT_WORDS_BYTES, "%.10s %.5s (%.*s)", local, local + 11,
                       SLICE_ARG(event->timezone));
    return slice_make(to, (size_t)len);
}
