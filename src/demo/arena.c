/*
 * arena: a hall of about 12,000 seats with a stage at one end, blocks of chairs on the floor and a
 * bowl of two tiers around the other three sides.
 */
#include "demo/bowl.h"
#include "demo/demo.h"

#include <math.h>

enum price { PRICE_FRONT, PRICE_FLOOR, PRICE_LOWER, PRICE_UPPER };

static const struct bowl bowl = {{1800, 2150}, 2400, 1000, 24};
#define ROW_DEPTH 40.0
#define AISLE 44.0
#define ROW_SEATS_MAX 64
#define SIDE_SECTORS 5
#define END_SECTORS 6

struct tier {
    const char *level;
    int first_name, rows, price;
    double depth;
};
static const struct tier tiers[] = {{"Lower tier", 101, 16, PRICE_LOWER, 0},
                                    {"Upper tier", 201, 9, PRICE_UPPER, 16 * ROW_DEPTH + 90}};

static const char *kind_of_back_row(int seat, int count)
{
    return seat < 2 || seat >= count - 2
               ? (seat == 1 || seat == count - 2 ? "companion" : "accessible")
               : NULL;
}

static void draw_sector(struct draw *d, const struct tier *tier, int name, struct bowl_part part)
{
    struct draw_point seats[ROW_SEATS_MAX], outline[BOWL_OUTLINE_POINTS];
    char title[16];
    (void)snprintf(title, sizeof title, "%d", name);
    draw_zone(d, title, title, tier->level);
    for (int r = 0; r < tier->rows; r++) {
        char prefix[40], label[16];
        double depth = tier->depth + r * ROW_DEPTH;
        double width = (part.to - part.from) * bowl_length(&bowl, part.side, depth);
        int count = (int)floor(width / bowl.pitch);
        (void)snprintf(label, sizeof label, "%d", r + 1);
        (void)snprintf(prefix, sizeof prefix, "%s-%s-", title, label);
        bowl_row(&bowl, part, depth, count, seats, count);
        draw_row(d, &(struct draw_row){.prefix = prefix,
                                       .label = label,
                                       .seats = seats,
                                       .count = count,
                                       .category = tier->price,
                                       .kind = tier->price == PRICE_LOWER && r + 1 == tier->rows
                                                   ? kind_of_back_row
                                                   : NULL});
    }
    draw_areas(d);
    double near = tier->depth - ROW_DEPTH / 2;
    double far = tier->depth + (tier->rows - 0.5) * ROW_DEPTH;
    int points = bowl_outline(&bowl, part, near, far, outline);
    draw_polygon(d, outline, points, (struct draw_style){"#eef1f5", "#b9c1cc"});
    draw_text(d, bowl_place(&bowl, part.side, (part.from + part.to) / 2, (near + far) / 2), 90,
              title, "#3c4654");
    draw_zone_end(d);
}

/* The three sides that face the stage, clockwise from its left hand. */
static void draw_tier(struct draw *d, const struct tier *tier)
{
    static const struct {
        enum bowl_side side;
        int sectors;
    } sides[] = {{BOWL_TOP, SIDE_SECTORS}, {BOWL_RIGHT, END_SECTORS}, {BOWL_BOTTOM, SIDE_SECTORS}};
    int name = tier->first_name;
    for (size_t s = 0; s < sizeof sides / sizeof sides[0]; s++) {
        double aisle = AISLE / bowl_length(&bowl, sides[s].side, tier->depth);
        for (int i = 0; i < sides[s].sectors; i++) {
            struct bowl_part part = {sides[s].side, (double)i / sides[s].sectors + aisle / 2,
                                     (double)(i + 1) / sides[s].sectors - aisle / 2};
            draw_sector(d, tier, name++, part);
        }
    }
}

#define FLOOR_ROWS 16
#define FLOOR_SEATS 20

/* Floor blocks stand in three files before the stage; rows run across the hall. */
static void draw_floor_block(struct draw *d, int column, int file)
{
    struct draw_point seats[FLOOR_SEATS];
    char title[32], id[16];
    (void)snprintf(title, sizeof title, "Floor %c%d", 'A' + column, file + 1);
    (void)snprintf(id, sizeof id, "%c%d", 'A' + column, file + 1);
    double left = 1060 + column * (FLOOR_ROWS * ROW_DEPTH + 70);
    double top = bowl.middle.y + (file - 1.5) * (FLOOR_SEATS * 24 + 70) + 35 + 12;
    draw_zone(d, title, id, "Floor");
    for (int r = 0; r < FLOOR_ROWS; r++) {
        char prefix[40], label[16];
        (void)snprintf(label, sizeof label, "%d", r + 1);
        (void)snprintf(prefix, sizeof prefix, "%s-%s-", id, label);
        for (int i = 0; i < FLOOR_SEATS; i++)
            seats[i] = (struct draw_point){left + r * ROW_DEPTH, top + i * 24};
        draw_row(d, &(struct draw_row){.prefix = prefix,
                                       .label = label,
                                       .seats = seats,
                                       .count = FLOOR_SEATS,
                                       .category = column == 0 ? PRICE_FRONT : PRICE_FLOOR});
    }
    draw_areas(d);
    struct draw_point from = {left - 24, top - 24};
    struct draw_point to = {left + (FLOOR_ROWS - 1) * ROW_DEPTH + 24,
                            top + (FLOOR_SEATS - 1) * 24 + 24};
    draw_box(d, from, to, (struct draw_style){"#eef1f5", "#b9c1cc"});
    draw_text(d, (struct draw_point){(from.x + to.x) / 2, (from.y + to.y) / 2}, 90, id, "#3c4654");
    draw_zone_end(d);
}

void demo_plan_arena(struct buf *out)
{
    struct draw d;
    double x = 600, y = bowl.middle.y;
    draw_begin(&d, out, &(struct draw_frame){"Minato Dome", 5200, 4300, {920, y}});
    draw_category(&d, "Front floor", "#cc79a7");
    draw_category(&d, "Floor", "#d55e00");
    draw_category(&d, "Lower tier", "#009e73");
    draw_category(&d, "Upper tier", "#0072b2");
    draw_zone(&d, "Stage", "stage", NULL);
    draw_areas(&d);
    draw_box(&d, (struct draw_point){x - 260, y - 700}, (struct draw_point){x + 200, y + 700},
             (struct draw_style){"#3b3440", "#3b3440"});
    draw_box(&d, (struct draw_point){x + 200, y - 120}, (struct draw_point){x + 340, y + 120},
             (struct draw_style){"#3b3440", "#3b3440"});
    draw_text(&d, (struct draw_point){x - 20, y}, 130, "Stage", "#ffffff");
    draw_zone_end(&d);
    for (int column = 0; column < 3; column++) {
        for (int file = 0; file < 3; file++)
            draw_floor_block(&d, column, file);
    }
    draw_tier(&d, &tiers[0]);
    draw_tier(&d, &tiers[1]);
    draw_end(&d);
}
