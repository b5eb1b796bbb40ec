#include "api/items.h"

void items_write_place(struct json *j, const struct api_event *event, const struct booking *b,
                       uint32_t unit)
{
    uint32_t area = booking_unit_area(b, unit), category = booking_unit_category(b, unit);
    if (area != BOOKING_NONE) {
        json_put_text(j, "area", event->areas[area].id);
        json_put_text(j, "area_name", event->areas[area].name);
    } else {
        struct plan_seat seat = plan_seat(event->seating->plan, unit);
        json_put_text(j, "seat", seat.guid);
        json_put_u64(j, "seat_index", unit);
        json_put_text(j, "section", seat.section);
        json_put_text(j, "row", seat.row);
        json_put_text(j, "number", seat.number);
    }
    json_put_text(j, "category", event->categories[category].name);
}

void items_write(struct json *j, const struct api_event *event, const struct booking *b,
                 const struct items *items)
{
    json_put_array(j, "items");
    for (uint32_t i = 0; i < items->count; i++) {
        json_put_object(j, NULL);
        items_write_place(j, event, b, items->units[i]);
        json_put_u64(j, "category_index", booking_unit_category(b, items->units[i]));
        json_put_money(j, "price", items->prices[i].price_minor, event->currency);
        json_put_money(j, "fee", items->prices[i].fee_minor, event->currency);
        json_end(j);
    }
    json_end(j);
    json_put_money(j, "total", items->total_minor, event->currency);
}
