#include "demo/draw.h"

#include <assert.h>
#include <math.h>

static void write_coordinate(struct json *j, const char *key, long long tenths)
{
    char text[32];
    const char *sign = tenths < 0 ? "-" : "";
    long long size = tenths < 0 ? -tenths : tenths;
    int len = size % 10 ? snprintf(text, sizeof text, "%s%lld.%lld", sign, size / 10, size % 10)
                        : snprintf(text, sizeof text, "%s%lld", sign, size / 10);
    json_put_raw(j, key, slice_make(text, (size_t)len));
}

static void write_place(struct json *j, const char *key, long long x, long long y)
{
    json_put_object(j, key);
    write_coordinate(j, "x", x);
    write_coordinate(j, "y", y);
    json_end(j);
}

static long long tenths(double value)
{
    return llround(value * 10);
}

static void write_point(struct json *j, const char *key, struct draw_point at)
{
    write_place(j, key, tenths(at.x), tenths(at.y));
}

void draw_begin(struct draw *d, struct buf *out, const struct draw_frame *frame)
{
    *d = (struct draw){.category_count = 0};
    json_begin(&d->j, out);
    json_put_object(&d->j, NULL);
    json_put_string(&d->j, "name", frame->name);
    json_put_object(&d->j, "size");
    json_put_i64(&d->j, "width", frame->width);
    json_put_i64(&d->j, "height", frame->height);
    json_end(&d->j);
    write_point(&d->j, "x_stage", frame->stage);
    json_put_array(&d->j, "categories");
}

void draw_category(struct draw *d, const char *name, const char *color)
{
    assert(d->category_count < sizeof d->categories / sizeof d->categories[0]);
    json_put_object(&d->j, NULL);
    json_put_string(&d->j, "name", name);
    json_put_string(&d->j, "color", color);
    json_end(&d->j);
    d->categories[d->category_count++] = name;
}

void draw_zone(struct draw *d, const char *name, const char *id, const char *level)
{
    if (!d->in_zones) {
        json_end(&d->j); /* the categories */
        json_put_array(&d->j, "zones");
        d->in_zones = true;
    }
    json_put_object(&d->j, NULL);
    json_put_string(&d->j, "name", name);
    json_put_string(&d->j, "zone_id", id);
    if (level)
        json_put_string(&d->j, "x_level", level);
    write_place(&d->j, "position", 0, 0);
    json_put_array(&d->j, "rows");
}

void draw_row(struct draw *d, const struct draw_row *row)
{
    assert(row->count > 0 && row->category >= 0 && (size_t)row->category < d->category_count);
    long long x = tenths(row->seats[0].x), y = tenths(row->seats[0].y);
    json_put_object(&d->j, NULL);
    json_put_string(&d->j, "row_number", row->label);
    json_put_string(&d->j, "row_number_position", "both");
    write_place(&d->j, "position", x, y);
    json_put_array(&d->j, "seats");
    for (int i = 0; i < row->count; i++) {
        char guid[80], number[16];
        (void)snprintf(number, sizeof number, "%d", i + 1);
        (void)snprintf(guid, sizeof guid, "%s%d", row->prefix, i + 1);
        json_put_object(&d->j, NULL);
        json_put_string(&d->j, "seat_guid", guid);
        json_put_string(&d->j, "seat_number", number);
        write_place(&d->j, "position", tenths(row->seats[i].x) - x, tenths(row->seats[i].y) - y);
        json_put_string(&d->j, "category", d->categories[row->category]);
        const char *kind = row->kind ? row->kind(i, row->count) : NULL;
        if (row->radius)
            json_put_i64(&d->j, "radius", row->radius);
        if (kind)
            json_put_string(&d->j, "x_kind", kind);
        int of = row->companion_of ? row->companion_of(i, row->count) : -1;
        if (of >= 0) {
            (void)snprintf(guid, sizeof guid, "%s%d", row->prefix, of + 1);
            json_put_string(&d->j, "x_companion_of", guid);
        }
        if (row->together)
            json_put_string(&d->j, "x_group", row->prefix);
        json_end(&d->j);
    }
    json_end(&d->j);
    json_end(&d->j);
}

void draw_areas(struct draw *d)
{
    json_end(&d->j);
    json_put_array(&d->j, "areas");
}

static void shape_begin(struct draw *d, const char *shape, struct draw_point at,
                        struct draw_style style)
{
    json_put_object(&d->j, NULL);
    json_put_string(&d->j, "shape", shape);
    write_point(&d->j, "position", at);
    if (style.color)
        json_put_string(&d->j, "color", style.color);
    if (style.border)
        json_put_string(&d->j, "border_color", style.border);
}

void draw_polygon(struct draw *d, const struct draw_point *points, int count,
                  struct draw_style style)
{
    shape_begin(d, "polygon", (struct draw_point){0, 0}, style);
    json_put_object(&d->j, "polygon");
    json_put_array(&d->j, "points");
    for (int i = 0; i < count; i++)
        write_point(&d->j, NULL, points[i]);
    json_end(&d->j);
    json_end(&d->j);
    json_end(&d->j);
}

void draw_box(struct draw *d, struct draw_point from, struct draw_point to, struct draw_style style)
{
    shape_begin(d, "rectangle", from, style);
    json_put_object(&d->j, "rectangle");
    json_put_i64(&d->j, "width", llround(to.x - from.x));
    json_put_i64(&d->j, "height", llround(to.y - from.y));
    json_end(&d->j);
    json_end(&d->j);
}

void draw_circle(struct draw *d, struct draw_point middle, double radius, struct draw_style style)
{
    shape_begin(d, "circle", middle, style);
    json_put_object(&d->j, "circle");
    json_put_i64(&d->j, "radius", llround(radius));
    json_end(&d->j);
    json_end(&d->j);
}

void draw_text(struct draw *d, struct draw_point middle, int size, const char *text,
               const char *color)
{
    shape_begin(d, "text", middle, (struct draw_style){NULL, NULL});
    json_put_object(&d->j, "text");
    json_put_string(&d->j, "text", text);
    write_place(&d->j, "position", 0, 0);
    json_put_string(&d->j, "color", color);
    json_put_i64(&d->j, "size", size);
    json_end(&d->j);
    json_end(&d->j);
}

void draw_zone_end(struct draw *d)
{
    json_end(&d->j);
    json_end(&d->j);
}

void draw_end(struct draw *d)
{
    json_end(&d->j);
    json_end(&d->j);
    assert(d->j.depth == 0);
}

void draw_arc(const struct draw_arc *arc, struct draw_point *seats, int count)
{
    double side = arc->pitch < 0 ? -1 : 1, way = 0;
    const int *next = arc->aisles;
    for (int pass = 0; pass < 2; pass++) { /* first the length, then the places */
        double length = way;
        way = 0;
        next = arc->aisles;
        for (int i = 0; i < count; i++) {
            if (i > 0)
                way += fabs(arc->pitch);
            if (next && *next == i) {
                way += arc->aisle;
                next++;
            }
            double angle = arc->angle + side * (way - length / 2) / arc->radius;
            seats[i] = (struct draw_point){arc->middle.x + arc->radius * cos(angle),
                                           arc->middle.y + arc->radius * sin(angle)};
        }
    }
}
