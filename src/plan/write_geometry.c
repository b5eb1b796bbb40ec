/* write_geometry: the seat map's geometry, as docs/seat-map.md describes it. */
#include "plan/model.h"

#include "base/json.h"

#include <assert.h>
#include <math.h>
#include <stdlib.h>

/* Lengths in tenths of the plan's unit. */
static int64_t tenths(double value)
{
    return llround(value * 10);
}

/* First value, then differences; a last difference that repeats is written once. */
static void write_run(struct json *j, const char *key, const int64_t *values, uint32_t count)
{
    uint32_t written = count;
    while (written > 2 &&
           values[written - 1] - values[written - 2] == values[written - 2] - values[written - 3])
        written--;
    if (written == 2 && values[1] == values[0])
        written = 1;
    json_put_array(j, key);
    for (uint32_t i = 0; i < written; i++)
        json_put_i64(j, NULL, i == 0 ? values[0] : values[i] - values[i - 1]);
    json_end(j);
}

static void write_categories(struct json *j, const struct seat *seats, uint32_t count)
{
    uint32_t same = 1;
    while (same < count && seats[same].category == seats[0].category)
        same++;
    if (same == count) {
        json_put_u64(j, "cat", seats[0].category);
        return;
    }
    json_put_array(j, "cat");
    for (uint32_t from = 0, to; from < count; from = to) {
        to = from + 1;
        while (to < count && seats[to].category == seats[from].category)
            to++;
        json_put_array(j, NULL);
        json_put_u64(j, NULL, seats[from].category);
        json_put_u64(j, NULL, to - from);
        json_end(j);
    }
    json_end(j);
}

/* A seat number that is a plain decimal (no sign, no leading zero), or -1. */
static int64_t plain_number(struct slice s)
{
    int64_t number = 0;
    if (s.len == 0 || s.len > 9 || (s.len > 1 && s.data[0] == '0'))
        return -1;
    for (size_t i = 0; i < s.len; i++) {
        if (s.data[i] < '0' || s.data[i] > '9')
            return -1;
        number = number * 10 + (s.data[i] - '0');
    }
    return number;
}

static void write_numbers(struct json *j, const struct plan *plan, const struct seat *seats,
                          uint32_t count)
{
    int64_t first = plain_number(model_text(plan, seats[0].number));
    int64_t step = count > 1 ? plain_number(model_text(plan, seats[1].number)) - first : 1;
    bool even = first >= 0;
    for (uint32_t i = 1; i < count && even; i++)
        even = plain_number(model_text(plan, seats[i].number)) == first + step * i;
    if (even) {
        json_put_i64(j, "first", first);
        if (step != 1)
            json_put_i64(j, "step", step);
        return;
    }
    json_put_array(j, "numbers");
    for (uint32_t i = 0; i < count; i++)
        json_put_text(j, NULL, model_text(plan, seats[i].number));
    json_end(j);
}

static void write_guids(struct json *j, const struct plan *plan, const struct seat *seats,
                        uint32_t count)
{
    struct slice first = model_text(plan, seats[0].guid);
    size_t number_len = seats[0].number.len;
    struct slice prefix = {first.data, first.len < number_len ? 0 : first.len - number_len};
    bool common = true;
    for (uint32_t i = 0; i < count && common; i++) {
        struct slice guid = model_text(plan, seats[i].guid);
        struct slice number = model_text(plan, seats[i].number);
        assert(guid.len > 0 && guid.data); /* a seat without a guid was refused */
        common = guid.len == prefix.len + number.len && slice_starts_with(guid, prefix) &&
                 slice_equal(slice_make(guid.data + prefix.len, number.len), number);
    }
    if (common) {
        json_put_text(j, "guid", prefix);
        return;
    }
    json_put_array(j, "guids");
    for (uint32_t i = 0; i < count; i++)
        json_put_text(j, NULL, model_text(plan, seats[i].guid));
    json_end(j);
}

static void write_kinds(struct json *j, const struct seat *seats, uint32_t count)
{
    bool open = false;
    for (int kind = SEAT_ACCESSIBLE; kind < SEAT_KIND_COUNT; kind++) {
        bool listed = false;
        for (uint32_t i = 0; i < count; i++) {
            if (seats[i].kind != kind)
                continue;
            if (!open)
                json_put_object(j, "kinds");
            open = true;
            if (!listed)
                json_put_array(j, model_kind_names[kind]);
            listed = true;
            json_put_u64(j, NULL, i);
        }
        if (listed)
            json_end(j);
    }
    if (open)
        json_end(j);
}

static void write_row(struct json *j, const struct plan *plan, const struct row *row,
                      int64_t *scratch)
{
    if (row->seat_count == 0)
        return;
    const struct seat *seats = &plan->seats.items[row->first_seat];
    int32_t radius = seats[0].radius;
    json_put_object(j, NULL);
    json_put_text(j, "label", model_text(plan, row->number));
    json_put_u64(j, "n", row->seat_count);
    for (uint32_t i = 0; i < row->seat_count; i++)
        scratch[i] = tenths(model_seat_place(plan, row->first_seat + i).x);
    write_run(j, "x", scratch, row->seat_count);
    for (uint32_t i = 0; i < row->seat_count; i++) {
        scratch[i] = tenths(model_seat_place(plan, row->first_seat + i).y);
        if (seats[i].radius < radius)
            radius = seats[i].radius;
    }
    write_run(j, "y", scratch, row->seat_count);
    write_categories(j, seats, row->seat_count);
    write_numbers(j, plan, seats, row->seat_count);
    write_guids(j, plan, seats, row->seat_count);
    if (radius != SEAT_RADIUS_DEFAULT)
        json_put_i64(j, "r", (int64_t)radius * 10);
    write_kinds(j, seats, row->seat_count);
    json_end(j);
}

static void write_color(struct json *j, const struct plan *plan, const char *key, struct text color)
{
    if (color.len > 0)
        json_put_text(j, key, model_text(plan, color));
}

/* pretix lets every area carry a text; the map has texts of their own. A text turns with its area:
 * its place is turned here, its letters by `rotation`. */
static void write_label(struct json *j, const struct plan *plan, const struct shape *shape,
                        struct point at)
{
    double angle = shape->rotation * acos(-1.0) / 180;
    struct point l = shape->label_at;
    json_put_object(j, NULL);
    json_put_string(j, "shape", "text");
    json_put_i64(j, "x", tenths(at.x + l.x * cos(angle) - l.y * sin(angle)));
    json_put_i64(j, "y", tenths(at.y + l.x * sin(angle) + l.y * cos(angle)));
    json_put_text(j, "text", model_text(plan, shape->label));
    json_put_i64(j, "size", (int64_t)shape->label_size * 10);
    write_color(j, plan, "color", shape->label_color);
    if (shape->rotation != 0)
        json_put_i64(j, "rotation", llround(shape->rotation));
    json_end(j);
}

static void write_shape(struct json *j, const struct plan *plan, const struct zone *zone,
                        const struct shape *shape)
{
    struct point at = {zone->at.x + shape->at.x, zone->at.y + shape->at.y};
    if (shape->kind != SHAPE_TEXT) {
        json_put_object(j, NULL);
        json_put_string(j, "shape", model_shape_names[shape->kind]);
        json_put_i64(j, "x", tenths(at.x));
        json_put_i64(j, "y", tenths(at.y));
        if (shape->kind == SHAPE_POLYGON) {
            json_put_array(j, "points");
            for (uint32_t p = 0; p < shape->point_count; p++) {
                json_put_i64(j, NULL, tenths(plan->points.items[shape->first_point + p].x));
                json_put_i64(j, NULL, tenths(plan->points.items[shape->first_point + p].y));
            }
            json_end(j);
        } else if (shape->kind == SHAPE_CIRCLE) {
            json_put_i64(j, "r", tenths(shape->body.x));
        } else {
            bool box = shape->kind == SHAPE_RECTANGLE;
            json_put_i64(j, box ? "w" : "rx", tenths(shape->body.x));
            json_put_i64(j, box ? "h" : "ry", tenths(shape->body.y));
        }
        if (shape->rotation != 0)
            json_put_i64(j, "rotation", llround(shape->rotation));
        write_color(j, plan, "color", shape->color);
        write_color(j, plan, "border", shape->border_color);
        json_end(j);
    }
    if (shape->has_label)
        write_label(j, plan, shape, at);
}

static void write_zone(struct json *j, const struct plan *plan, uint32_t z, int64_t *scratch)
{
    const struct zone *zone = &plan->zones.items[z];
    char id[16];
    (void)snprintf(id, sizeof id, "s%u", z);
    json_put_object(j, NULL);
    json_put_string(j, "id", id);
    json_put_text(j, "name", model_text(plan, zone->shown));
    if (zone->level.len > 0)
        json_put_text(j, "level", model_text(plan, zone->level));
    json_put_array(j, "shapes");
    for (uint32_t s = 0; s < zone->shape_count; s++)
        write_shape(j, plan, zone, &plan->shapes.items[zone->first_shape + s]);
    json_end(j);
    json_put_array(j, "rows");
    for (uint32_t r = 0; r < zone->row_count; r++)
        write_row(j, plan, &plan->rows.items[zone->first_row + r], scratch);
    json_end(j);
    json_end(j);
}

static void write_hash(struct json *j, const struct plan *plan)
{
    char hex[2 * sizeof plan->hash + 1];
    for (size_t i = 0; i < sizeof plan->hash; i++)
        (void)snprintf(hex + 2 * i, 3, "%02x", plan->hash[i]);
    json_put_string(j, "hash", hex);
}

/* What is sold together: groups may span rows, so seats go by their number in the plan. */
static void write_together(struct json *j, const struct plan *plan)
{
    if (plan->groups.count > 0)
        json_put_array(j, "groups");
    for (uint32_t g = 0; g < plan->groups.count; g++) {
        json_put_array(j, NULL);
        for (uint32_t i = 0; i < plan->groups.items[g].count; i++)
            json_put_u64(j, NULL, plan->groups.items[g].seats[i]);
        json_end(j);
    }
    if (plan->groups.count > 0)
        json_end(j);
    bool any = false;
    for (uint32_t s = 0; s < plan->seats.count && plan->extras.count > 0; s++) {
        int64_t of = model_companion_of(plan, s);
        if (of < 0)
            continue;
        if (!any)
            json_put_array(j, "companions");
        any = true;
        json_put_array(j, NULL);
        json_put_u64(j, NULL, s);
        json_put_i64(j, NULL, of);
        json_end(j);
    }
    if (any)
        json_end(j);
}

void plan_write_geometry(const struct plan *plan, struct buf *out)
{
    uint32_t longest = 1;
    for (uint32_t r = 0; r < plan->rows.count; r++) {
        if (plan->rows.items[r].seat_count > longest)
            longest = plan->rows.items[r].seat_count;
    }
    int64_t *scratch = calloc(longest, sizeof *scratch);
    if (!scratch) {
        out->failed = true;
        return;
    }
    struct json j;
    json_begin(&j, out);
    json_put_object(&j, NULL);
    json_put_u64(&j, "v", 1);
    write_hash(&j, plan);
    json_put_text(&j, "name", model_text(plan, plan->name));
    json_put_u64(&j, "width", plan->width * 10ull);
    json_put_u64(&j, "height", plan->height * 10ull);
    bool known;
    struct point stage = model_stage(plan, &known);
    if (known) {
        json_put_object(&j, "stage");
        json_put_i64(&j, "x", tenths(stage.x));
        json_put_i64(&j, "y", tenths(stage.y));
        json_end(&j);
    }
    json_put_array(&j, "categories");
    for (uint32_t c = 0; c < plan->categories.count; c++) {
        json_put_object(&j, NULL);
        json_put_text(&j, "name", plan_category_name(plan, c));
        write_color(&j, plan, "color", plan->categories.items[c].color);
        json_end(&j);
    }
    json_end(&j);
    json_put_array(&j, "sections");
    for (uint32_t z = 0; z < plan->zones.count; z++)
        write_zone(&j, plan, z, scratch);
    json_end(&j);
    write_together(&j, plan);
    json_end(&j);
    free(scratch);
}
