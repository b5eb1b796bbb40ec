#include "plan/model.h"

#include "base/json.h"

#include <math.h>
#include <stdlib.h>

void write_number(struct buf *out, double value)
{
    if (value == floor(value) && fabs(value) < 1e15) {
        buf_append_format(out, "%lld", (long long)value);
        return;
    }
    char text[40];
    for (int digits = 6; digits <= 17; digits++) {
        (void)snprintf(text, sizeof text, "%.*g", digits, value);
        if (strtod(text, NULL) == value)
            break;
    }
    buf_append_text(out, text);
}

static void write_value(struct json *j, const char *key, double value)
{
    BUF_AUTO struct buf text = BUF_INIT;
    write_number(&text, value);
    json_put_raw(j, key, buf_slice(&text));
}

static void write_point(struct json *j, const char *key, struct point at)
{
    json_put_object(j, key);
    write_value(j, "x", at.x);
    write_value(j, "y", at.y);
    json_end(j);
}

static void write_text(struct json *j, const struct plan *plan, const char *key, struct text text)
{
    if (text.len > 0)
        json_put_text(j, key, model_text(plan, text));
}

static void write_extra(struct json *j, const struct plan *plan, const struct seat *seat)
{
    if (seat->kind != SEAT_STANDARD)
        json_put_string(j, "x_kind", model_kind_names[seat->kind]);
    if (seat->extra == 0)
        return;
    const struct seat_extra *extra = &plan->extras.items[seat->extra - 1];
    write_text(j, plan, "x_group", extra->group);
    write_text(j, plan, "x_companion_of", extra->companion_of);
    write_text(j, plan, "x_area", extra->area);
    if (extra->amenity_count > 0) {
        json_put_array(j, "x_amenities");
        for (uint32_t i = 0; i < extra->amenity_count; i++)
            json_put_text(j, NULL, model_text(plan, extra->amenities[i]));
        json_end(j);
    }
}

static void write_seat(struct json *j, const struct plan *plan, const struct seat *seat,
                       bool extensions)
{
    json_put_object(j, NULL);
    json_put_text(j, "seat_guid", model_text(plan, seat->guid));
    json_put_text(j, "seat_number", model_text(plan, seat->number));
    write_point(j, "position", seat->at);
    /* a plan under refusal is never written: the category is always there */
    json_put_text(j, "category", plan_category_name(plan, seat->category));
    if (seat->radius != SEAT_RADIUS_DEFAULT)
        json_put_i64(j, "radius", seat->radius);
    if (seat->direction != START_NONE)
        json_put_string(j, "start_direction", model_start_names[seat->direction]);
    write_text(j, plan, "uuid", seat->uuid);
    if (extensions)
        write_extra(j, plan, seat);
    json_end(j);
}

static void write_row(struct json *j, const struct plan *plan, const struct row *row,
                      bool extensions)
{
    json_put_object(j, NULL);
    json_put_text(j, "row_number", model_text(plan, row->number));
    write_text(j, plan, "row_label", row->label);
    write_text(j, plan, "seat_label", row->seat_label);
    if (row->number_side != SIDE_UNSET)
        json_put_string(j, "row_number_position", model_side_names[row->number_side]);
    write_text(j, plan, "uuid", row->uuid);
    write_point(j, "position", row->at);
    json_put_array(j, "seats");
    for (uint32_t s = 0; s < row->seat_count; s++)
        write_seat(j, plan, &plan->seats.items[row->first_seat + s], extensions);
    json_end(j);
    json_end(j);
}

static void write_body(struct json *j, const struct plan *plan, const struct shape *shape)
{
    switch (shape->kind) {
    case SHAPE_POLYGON:
        json_put_object(j, "polygon");
        json_put_array(j, "points");
        for (uint32_t p = 0; p < shape->point_count; p++)
            write_point(j, NULL, plan->points.items[shape->first_point + p]);
        json_end(j);
        json_end(j);
        break;
    case SHAPE_RECTANGLE:
        json_put_object(j, "rectangle");
        write_value(j, "width", shape->body.x);
        write_value(j, "height", shape->body.y);
        json_end(j);
        break;
    case SHAPE_ELLIPSE:
        json_put_object(j, "ellipse");
        write_point(j, "radius", shape->body);
        json_end(j);
        break;
    case SHAPE_CIRCLE:
        json_put_object(j, "circle");
        write_value(j, "radius", shape->body.x);
        json_end(j);
        break;
    default: break;
    }
}

static void write_shape(struct json *j, const struct plan *plan, const struct shape *shape)
{
    json_put_object(j, NULL);
    json_put_string(j, "shape", model_shape_names[shape->kind]);
    write_point(j, "position", shape->at);
    if (shape->rotation != 0)
        write_value(j, "rotation", shape->rotation);
    write_text(j, plan, "color", shape->color);
    write_text(j, plan, "border_color", shape->border_color);
    write_text(j, plan, "uuid", shape->uuid);
    write_body(j, plan, shape);
    if (shape->has_label) {
        json_put_object(j, "text");
        json_put_text(j, "text", model_text(plan, shape->label));
        write_point(j, "position", shape->label_at);
        write_text(j, plan, "color", shape->label_color);
        if (shape->label_size != LABEL_SIZE_DEFAULT)
            json_put_i64(j, "size", shape->label_size);
        json_end(j);
    }
    json_end(j);
}

static void write_zone(struct json *j, const struct plan *plan, const struct zone *zone,
                       bool extensions)
{
    json_put_object(j, NULL);
    write_text(j, plan, "name", zone->name);
    write_text(j, plan, "zone_id", zone->zone_id);
    write_text(j, plan, "uuid", zone->uuid);
    write_point(j, "position", zone->at);
    if (extensions)
        write_text(j, plan, "x_level", zone->level);
    json_put_array(j, "rows");
    for (uint32_t r = 0; r < zone->row_count; r++)
        write_row(j, plan, &plan->rows.items[zone->first_row + r], extensions);
    json_end(j);
    json_put_array(j, "areas");
    for (uint32_t s = 0; s < zone->shape_count; s++)
        write_shape(j, plan, &plan->shapes.items[zone->first_shape + s]);
    json_end(j);
    json_end(j);
}

void plan_write_pretix(const struct plan *plan, bool extensions, struct buf *out)
{
    struct json j;
    json_begin(&j, out);
    json_put_object(&j, NULL);
    json_put_text(&j, "name", model_text(plan, plan->name));
    json_put_object(&j, "size");
    json_put_u64(&j, "width", plan->width);
    json_put_u64(&j, "height", plan->height);
    json_end(&j);
    if (extensions && plan->has_stage)
        write_point(&j, "x_stage", plan->stage);
    json_put_array(&j, "categories");
    for (uint32_t c = 0; c < plan->categories.count; c++) {
        json_put_object(&j, NULL);
        json_put_text(&j, "name", plan_category_name(plan, c));
        write_text(&j, plan, "color", plan->categories.items[c].color);
        json_end(&j);
    }
    json_end(&j);
    json_put_array(&j, "zones");
    for (uint32_t z = 0; z < plan->zones.count; z++)
        write_zone(&j, plan, &plan->zones.items[z], extensions);
    json_end(&j);
    json_end(&j);
}
