#include "api/items.h"

#include "api/order_json.h"

static const char *const kinds[BOOKING_KIND_COUNT] = {
    [BOOKING_KIND_STANDARD] = "standard",
    [BOOKING_KIND_ACCESSIBLE] = "accessible",
    [BOOKING_KIND_COMPANION] = "companion",
    [BOOKING_KIND_RESTRICTED_VIEW] = "restricted_view",
    [BOOKING_KIND_VIP] = "vip",
};

bool items_seat(const struct api_event *event, uint32_t unit, uint32_t *ret_seat)
{
    *ret_seat = unit;
    if (event->unit_seat)
        *ret_seat = unit < event->unit_count ? event->unit_seat[unit] : BOOKING_NONE;
    return event->seating && *ret_seat < plan_seat_count(event->seating->plan);
}

void items_write_culprits(struct json *j, const struct api_event *event,
                          const struct booking_decision *decision)
{
    uint32_t seat;
    if (decision->culprit_count > 0) {
        json_put_array(j, "seats");
        for (uint32_t i = 0; i < decision->culprit_count; i++) {
            if (items_seat(event, decision->culprits[i], &seat))
                json_put_text(j, NULL, plan_seat(event->seating->plan, seat).guid);
        }
        json_end(j);
    }
    if (decision->categories != 0) {
        json_put_array(j, "categories");
        for (uint32_t i = 0; i < event->category_count; i++) {
            if (decision->categories >> i & 1)
                json_put_text(j, NULL, event->categories[i].name);
        }
        json_end(j);
    }
}

void items_write_place(struct json *j, const struct api_event *event, const struct booking *b,
                       uint32_t unit)
{
    uint32_t area = booking_unit_area(b, unit), category = booking_unit_category(b, unit), number;
    if (area != BOOKING_NONE) {
        json_put_text(j, "area", event->areas[area].id);
        json_put_text(j, "area_name", event->areas[area].name);
    } else if (items_seat(event, unit, &number)) {
        struct plan_seat seat = plan_seat(event->seating->plan, number);
        json_put_text(j, "seat", seat.guid);
        json_put_u64(j, "seat_index", number);
        json_put_text(j, "section", seat.section);
        json_put_text(j, "row", seat.row);
        json_put_text(j, "number", seat.number);
    }
    if (booking_unit_kind(b, unit) != BOOKING_KIND_STANDARD)
        json_put_string(j, "kind", kinds[booking_unit_kind(b, unit)]);
    json_put_text(j, "category", event->categories[category].name);
}

static void write_line(struct json *j, const struct booking_line *line, const char currency[3])
{
    json_put_money(j, "list_price", line->price_minor, currency);
    json_put_money(j, "discount", line->discount_minor, currency);
    json_put_money(j, "price", line->price_minor - line->discount_minor, currency);
    json_put_money(j, "fee", line->fee_minor, currency);
    json_put_money(j, "tax", line->tax_minor, currency);
}

static void write_refund(struct json *j, const struct items *items, uint8_t refund)
{
    char text[REFUND_ID_MAX];
    json_put_object(j, "refund");
    json_put_text(j, "id", refund_id(items->order_id, refund, text));
    json_put_string(
        j, "state",
        refund_state_name((enum booking_refund_state)items->order->refund_states[refund - 1]));
    json_end(j);
}

void items_write(struct json *j, const struct api_event *event, const struct booking *b,
                 const struct items *items)
{
    int64_t discount_minor = 0, tax_minor = 0;
    json_put_array(j, "items");
    for (uint32_t i = 0; i < items->count; i++) {
        json_put_object(j, NULL);
        items_write_place(j, event, b, items->units[i]);
        json_put_u64(j, "category_index", booking_unit_category(b, items->units[i]));
        write_line(j, &items->lines[i], event->currency);
        if (items->order && items->order->refund_of[i])
            write_refund(j, items, items->order->refund_of[i]);
        json_end(j);
        discount_minor += items->lines[i].discount_minor;
        tax_minor += items->lines[i].tax_minor;
    }
    json_end(j);
    json_put_money(j, "total", items->total_minor, event->currency);
    json_put_money(j, "discount", discount_minor, event->currency);
    json_put_money(j, "tax", tax_minor, event->currency);
}
