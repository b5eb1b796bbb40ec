/*
 * draw: writes a seating plan in pretix's format from rows of points. Calls in order:
 *
 *   draw_begin, draw_category..., then for each zone
 *   draw_zone, draw_row..., draw_areas, (draw_polygon | draw_text)..., draw_zone_end
 *   draw_end
 *
 * Coordinates are rounded to tenths. Thread: one owner.
 */
#ifndef ONSALE_DEMO_DRAW_H
#define ONSALE_DEMO_DRAW_H

#include "base/json.h"

struct draw {
    struct json j;
    const char *categories[16];
    size_t category_count;
    bool in_zones;
};

struct draw_point {
    double x, y;
};

struct draw_frame {
    const char *name;
    int width, height;
    struct draw_point stage; /* what the seats look at */
};

struct draw_row {
    const char *prefix; /* guid without the seat's number */
    const char *label;
    const struct draw_point *seats;
    int count;
    int category;
    int radius; /* 0: pretix's default, 10 */
    /* x_kind of seat i, or NULL for a standard one; may be NULL */
    const char *(*kind)(int seat, int count);
    /* the seat of this row that companion i goes with, or -1; may be NULL */
    int (*companion_of)(int seat, int count);
    bool together; /* the whole row is sold together, or not at all */
};

void draw_begin(struct draw *d, struct buf *out, const struct draw_frame *frame);
void draw_category(struct draw *d, const char *name, const char *color);
void draw_zone(struct draw *d, const char *name, const char *id, const char *level);
void draw_row(struct draw *d, const struct draw_row *row);
void draw_areas(struct draw *d);

struct draw_style {
    const char *color, *border; /* NULL: none */
};
void draw_polygon(struct draw *d, const struct draw_point *points, int count,
                  struct draw_style style);
/* A box by two of its corners. */
void draw_box(struct draw *d, struct draw_point from, struct draw_point to,
              struct draw_style style);
void draw_circle(struct draw *d, struct draw_point middle, double radius, struct draw_style style);
void draw_text(struct draw *d, struct draw_point middle, int size, const char *text,
               const char *color);
void draw_zone_end(struct draw *d);
void draw_end(struct draw *d);

/* Seats on a circle around `middle`, `pitch` apart, centred on `angle` (radians clockwise from
 * the right). An aisle of `aisle` units opens before each seat whose index is in `aisles`
 * (ended by -1; may be NULL). Seats run clockwise, or the other way when `pitch` is negative. */
struct draw_arc {
    struct draw_point middle;
    double radius, angle, pitch, aisle;
    const int *aisles;
};
void draw_arc(const struct draw_arc *arc, struct draw_point *seats, int count);

#endif
