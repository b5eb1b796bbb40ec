/*
 * theatre: 1,200 seats before a stage, all rows on circles around one point behind it: stalls of
 * 20 rows with two aisles, a dress circle and an upper circle, and six boxes on either side.
 */
#include "demo/demo.h"
#include "demo/draw.h"

#include <math.h>

enum price { PRICE_STALLS, PRICE_CIRCLE, PRICE_UPPER, PRICE_BOX, PRICE_VIEW };

#define ROW_SEATS_MAX 48
#define ROWS_MAX 24
#define SEAT_PITCH 24.0
#define AISLE 44.0
#define ARC_STEPS 16
static const struct draw_point middle = {900, -150};
static const double half_turn = 3.14159265358979323846;

struct level {
    const char *name, *id, *level;
    int price;
    double radius; /* of the first row */
    const char *letters;
    int seats[ROWS_MAX]; /* row by row, ended by 0 */
};

static const struct level levels[] = {
    {"Stalls", "stalls", "Ground", PRICE_STALLS, 600, "ABCDEFGHJKLMNPQRSTUV", {22, 24, 26, 28, 30,
                                                                               30, 32, 32, 34, 34,
                                                                               34, 36, 36, 36, 36,
                                                                               36, 36, 34, 34, 20}},
    {"Dress Circle",
     "circle",
     "First",
     PRICE_CIRCLE,
     1520,
     "ABCDEFGH",
     {40, 42, 44, 44, 44, 44, 40, 32}},
    {"Upper Circle", "upper", "Second", PRICE_UPPER, 1960, "ABCDEF", {34, 36, 36, 32, 26, 16}},
};
#define LEVELS (sizeof levels / sizeof levels[0])
#define ROW_DEPTH 40.0

/* The last row of the stalls has its ends without steps. */
static const char *kind_of_stalls_end(int seat, int count)
{
    int from_end = seat < count / 2 ? seat : count - 1 - seat;
    return from_end == 0 ? "accessible" : from_end == 1 ? "companion" : NULL;
}

static int companion_of_stalls_end(int seat, int count)
{
    int from_end = seat < count / 2 ? seat : count - 1 - seat;
    if (from_end != 1)
        return -1;
    return seat < count / 2 ? 0 : count - 1;
}

static const char *kind_of_royal(int seat, int count)
{
    (void)seat;
    (void)count;
    return "vip";
}

static const char *kind_of_view(int seat, int count)
{
    (void)seat;
    (void)count;
    return "restricted_view";
}

/* Half of a row's length along its circle, as an angle: seats, two aisles and some floor. */
static double row_angle(const struct level *level, int row, double margin)
{
    double length = (level->seats[row] - 1) * SEAT_PITCH + 2 * AISLE;
    return (length / 2 + margin) / (level->radius + row * ROW_DEPTH);
}

/* Where the floor ends beside a row: no closer to it than to the rows before and behind. */
static double floor_angle(const struct level *level, int row)
{
    double angle = row_angle(level, row, 40);
    if (row > 0)
        angle = fmax(angle, row_angle(level, row - 1, 20));
    if (level->seats[row + 1])
        angle = fmax(angle, row_angle(level, row + 1, 20));
    return angle;
}

static struct draw_point on_circle(double radius, double angle)
{
    return (struct draw_point){middle.x + radius * cos(angle), middle.y + radius * sin(angle)};
}

/* The floor under the rows: an arc before the first, the rows' ends, an arc behind the last. */
static void draw_floor(struct draw *d, const struct level *level, int rows)
{
    struct draw_point outline[2 * (ARC_STEPS + 1) + 2 * ROWS_MAX];
    double inner = level->radius - 30, outer = level->radius + (rows - 1) * ROW_DEPTH + 30;
    double first = floor_angle(level, 0), last = floor_angle(level, rows - 1);
    int points = 0;
    for (int i = 0; i <= ARC_STEPS; i++)
        outline[points++] = on_circle(inner, half_turn / 2 - first + 2 * first * i / ARC_STEPS);
    for (int r = 0; r < rows; r++)
        outline[points++] =
            on_circle(level->radius + r * ROW_DEPTH, half_turn / 2 + floor_angle(level, r));
    for (int i = 0; i <= ARC_STEPS; i++)
        outline[points++] = on_circle(outer, half_turn / 2 + last - 2 * last * i / ARC_STEPS);
    for (int r = rows - 1; r >= 0; r--)
        outline[points++] =
            on_circle(level->radius + r * ROW_DEPTH, half_turn / 2 - floor_angle(level, r));
    draw_polygon(d, outline, points, (struct draw_style){"#f4efe6", "#cdbfa5"});
    draw_text(d, (struct draw_point){middle.x, middle.y + outer + 34}, 30, level->name, "#6b5a3a");
}

static void draw_level(struct draw *d, const struct level *level)
{
    struct draw_point seats[ROW_SEATS_MAX];
    int rows = 0;
    draw_zone(d, level->name, level->id, level->level);
    for (; level->seats[rows]; rows++) {
        int count = level->seats[rows];
        int aisles[] = {count / 4, count - count / 4, -1};
        bool last = level->seats[rows + 1] == 0;
        draw_arc(&(struct draw_arc){middle, level->radius + rows * ROW_DEPTH, half_turn / 2,
                                    -SEAT_PITCH, AISLE, aisles},
                 seats, count);
        char prefix[32], label[2] = {level->letters[rows], '\0'};
        (void)snprintf(prefix, sizeof prefix, "%s-%s-", level->id, label);
        const char *(*kind)(int, int) = NULL;
        if (last && level->price == PRICE_STALLS)
            kind = kind_of_stalls_end;
        else if (last && level->price == PRICE_UPPER)
            kind = kind_of_view;
        draw_row(d, &(struct draw_row){.prefix = prefix,
                                       .label = label,
                                       .seats = seats,
                                       .count = count,
                                       .category = kind == kind_of_view ? PRICE_VIEW : level->price,
                                       .kind = kind,
                                       .companion_of = kind == kind_of_stalls_end
                                                           ? companion_of_stalls_end
                                                           : NULL});
    }
    draw_areas(d);
    draw_floor(d, level, rows);
    draw_zone_end(d);
}

#define BOXES 6     /* a side */
#define ROYAL_BOX 2 /* for parties: sold as a whole */

/* Five chairs a box: three at the rail, two behind. `side` is -1 on the left, 1 on the right, whose
 * numbers go on from those of the left. */
static void draw_boxes(struct draw *d, const char *name, const char *id, int side)
{
    const struct draw_style wood = {"#efe4d0", "#b89b6a"};
    draw_zone(d, name, id, "First");
    for (int b = 0; b < BOXES; b++) {
        double x = middle.x + side * 620.0, y = 340 + b * 150.0;
        struct draw_point seats[5] = {
            {x, y - 32}, {x, y}, {x, y + 32}, {x + side * 34, y + 16}, {x + side * 34, y - 16}};
        int number = b + 1 + (side > 0 ? BOXES : 0);
        char prefix[32], label[16];
        (void)snprintf(label, sizeof label, "Box %d", number);
        (void)snprintf(prefix, sizeof prefix, "%s-%d-", id, number);
        draw_row(d, &(struct draw_row){.prefix = prefix,
                                       .label = label,
                                       .seats = seats,
                                       .count = 5,
                                       .category = PRICE_BOX,
                                       .kind = b == 0           ? kind_of_view
                                               : b == ROYAL_BOX ? kind_of_royal
                                                                : NULL,
                                       .together = b == ROYAL_BOX});
    }
    draw_areas(d);
    for (int b = 0; b < BOXES; b++) {
        double x = middle.x + side * 637.0, y = 340 + b * 150.0;
        draw_box(d, (struct draw_point){x - 45, y - 60}, (struct draw_point){x + 45, y + 60}, wood);
    }
    draw_text(d, (struct draw_point){middle.x + side * 637.0, 1190}, 30, name, "#6b5a3a");
    draw_zone_end(d);
}

static void draw_stage(struct draw *d)
{
    draw_zone(d, "Stage", "stage", NULL);
    draw_areas(d);
    struct draw_point edge[20];
    int points = 0;
    edge[points++] = (struct draw_point){middle.x - 380, 60};
    edge[points++] = (struct draw_point){middle.x + 380, 60};
    for (int i = 0; i <= 16; i++) {
        double at = half_turn / 2 - 0.62 * (1 - i / 8.0);
        edge[points++] = (struct draw_point){middle.x + 500 * cos(at), middle.y + 540 * sin(at)};
    }
    draw_polygon(d, edge, points, (struct draw_style){"#3b3440", "#3b3440"});
    draw_text(d, (struct draw_point){middle.x, 210}, 70, "Stage", "#ffffff");
    draw_zone_end(d);
}

void demo_plan_theatre(struct buf *out)
{
    struct draw d;
    draw_begin(&d, out, &(struct draw_frame){"The Larkspur Theatre", 1800, 2200, {middle.x, 390}});
    draw_category(&d, "Stalls", "#d55e00");
    draw_category(&d, "Dress Circle", "#0072b2");
    draw_category(&d, "Upper Circle", "#009e73");
    draw_category(&d, "Box", "#cc79a7");
    draw_category(&d, "Restricted view", "#999999");
    draw_stage(&d);
    for (size_t i = 0; i < LEVELS; i++)
        draw_level(&d, &levels[i]);
    draw_boxes(&d, "Left Boxes", "box-left", -1);
    draw_boxes(&d, "Right Boxes", "box-right", 1);
    draw_end(&d);
}
