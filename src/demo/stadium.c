/*
 * stadium: where the 39,417 seats of stadium_table.c stand. The table gives rows and counts only;
 * the drawing follows from how such a house is built: straight sides along the pitch, half circles
 * behind the goals, a walkway between lower and upper tier, sectors as wide as their widest row
 * needs, a gap in the middle of a row where the table shows an entrance.
 */
#include "demo/bowl.h"
#include "demo/demo.h"
#include "demo/stadium_table.h"

#include <assert.h>
#include <math.h>
#include <stdlib.h>

#define ROWS_MAX 48  /* of a sector */
#define COUNT_MAX 80 /* of a row */
#define BAND_SECTORS 16
#define SEAT_RADIUS 8 /* the end tribunes' rows are tight */

static const struct bowl stands = {{7400, 4200}, 6400, 2150, 24};
static const double row_depth = 40, walkway = 70, aisle = 34;

struct row_count {
    int number, count;
};

struct sector_rows {
    struct row_count rows[ROWS_MAX];
    int count;
};

static void read_rows(const char *runs, struct sector_rows *ret)
{
    ret->count = 0;
    for (const char *at = runs; *at;) {
        char *end;
        int first = (int)strtol(at, &end, 10), last = first;
        if (*end == '-')
            last = (int)strtol(end + 1, &end, 10);
        int seats = (int)strtol(end + 1, &end, 10);
        for (int n = first; n <= last; n++) {
            assert(ret->count < ROWS_MAX && seats <= COUNT_MAX);
            ret->rows[ret->count++] = (struct row_count){n, seats};
        }
        at = *end == ' ' ? end + 1 : end;
    }
}

/* How a tribune lies, by enum stadium_tribune: the last row of its lower tier. */
static const struct {
    enum bowl_side side;
    int lower_rows;
    const char *level;
} tribunes[] = {{BOWL_BOTTOM, 18, "West"},
                {BOWL_LEFT, 14, "North"},
                {BOWL_TOP, 15, "East"},
                {BOWL_RIGHT, 16, "South"}};

/* Sectors that lie side by side. `from` and `to` count the seats of the tribune's widest row
 * (`west_width` for the west, 1 for a whole side). `behind`: rows in front of the sectors' row 1.
 */
struct band {
    enum stadium_tribune tribune;
    int from, to, of;
    int behind;
    int lowest, highest; /* rows that lie here */
    const char *sectors[BAND_SECTORS];
};

#define WEST_WIDTH 278
static const struct band bands[] = {
    {STADIUM_WEST, 0, 25, WEST_WIDTH, 0, 1, 99, {"1"}},
    {STADIUM_WEST, 25, 70, WEST_WIDTH, 0, 1, 99, {"2"}},
    {STADIUM_WEST, 70, 98, WEST_WIDTH, 0, 1, 99, {"3"}},
    {STADIUM_WEST, 70, 98, WEST_WIDTH, 20, 1, 99, {"SB_1"}},
    {STADIUM_WEST, 98, 178, WEST_WIDTH, 0, 1, 99, {"4", "5", "6"}},
    {STADIUM_WEST, 98, 114, WEST_WIDTH, 0, 1, 99, {"VIP_AL"}},
    {STADIUM_WEST, 114, 161, WEST_WIDTH, 8, 1, 99, {"VIP_B"}},
    {STADIUM_WEST, 161, 178, WEST_WIDTH, 0, 1, 99, {"VIP_AR"}},
    {STADIUM_WEST, 111, 165, WEST_WIDTH, 0, 1, 99, {"VIP_BL", "VIP_BR"}},
    {STADIUM_WEST, 178, 206, WEST_WIDTH, 0, 1, 99, {"7"}},
    {STADIUM_WEST, 178, 206, WEST_WIDTH, 20, 1, 99, {"SB_7"}},
    {STADIUM_WEST, 206, 253, WEST_WIDTH, 0, 1, 99, {"8"}},
    {STADIUM_WEST, 253, 278, WEST_WIDTH, 0, 1, 99, {"9"}},
    {STADIUM_NORTH,
     0,
     1,
     1,
     0,
     1,
     14,
     {"10", "11", "12", "13", "14", "16", "17", "18", "19", "20"}},
    {STADIUM_NORTH,
     0,
     1,
     1,
     0,
     15,
     99,
     {"10", "11", "12", "13", "14", "15", "16", "17", "18", "19", "20"}},
    {STADIUM_EAST, 0, 1, 1, 0, 1, 15, {"22", "23", "24", "25", "26", "27", "28", "29"}},
    {STADIUM_EAST, 0, 1, 1, 0, 16, 99, {"21", "22", "23", "24", "25", "26", "27", "28", "29"}},
    {STADIUM_SOUTH,
     0,
     1,
     1,
     0,
     1,
     16,
     {"30", "31", "32", "33", "34", "35", "36", "37", "38", "39", "40", "41", "42", "43", "44"}},
    {STADIUM_SOUTH,
     0,
     1,
     1,
     0,
     17,
     99,
     {"30", "31", "32", "33", "34", "35", "36", "37", "38", "39", "40", "41", "42", "43", "44"}},
};
#define BANDS (sizeof bands / sizeof bands[0])

static double depth_of(const struct band *band, int number)
{
    int place = number + band->behind;
    double depth = (place - 1) * row_depth;
    return place > tribunes[band->tribune].lower_rows ? depth + walkway : depth;
}

static int find_sector(const char *name)
{
    for (int s = 0; s < STADIUM_SECTORS; s++) {
        if (strcmp(stadium_sectors[s].name, name) == 0)
            return s;
    }
    assert(!"a band names a sector that the table has not");
    return 0;
}

/* A sector's rows that lie in a band, and where. */
struct stretch {
    const struct band *band;
    struct bowl_part part;
    int first, count; /* into the sector's rows */
};

struct layout {
    struct sector_rows rows[STADIUM_SECTORS];
    struct stretch stretches[STADIUM_SECTORS][2];
    int stretch_count[STADIUM_SECTORS];
};

/* Finds the sector's rows between the band's, and the share of the side that its fullest row
 * needs for one unit of distance between seats. */
static double measure(const struct layout *l, const struct band *band, int sector,
                      struct stretch *ret)
{
    const struct sector_rows *rows = &l->rows[sector];
    enum bowl_side side = tribunes[band->tribune].side;
    double demand = 0;
    ret->band = band;
    ret->count = 0;
    for (int r = 0; r < rows->count; r++) {
        if (rows->rows[r].number < band->lowest || rows->rows[r].number > band->highest)
            continue;
        if (ret->count++ == 0)
            ret->first = r;
        double depth = depth_of(band, rows->rows[r].number);
        demand = fmax(demand, rows->rows[r].count / bowl_length(&stands, side, depth));
    }
    return demand;
}

/* Divides a band among its sectors by what each one's fullest row needs, aisles between them. */
static void lay_band(struct layout *l, const struct band *band)
{
    struct stretch found[BAND_SECTORS];
    double demands[BAND_SECTORS], sum = 0;
    int count = 0;
    for (; count < BAND_SECTORS && band->sectors[count]; count++) {
        demands[count] = measure(l, band, find_sector(band->sectors[count]), &found[count]);
        sum += demands[count];
    }
    enum bowl_side side = tribunes[band->tribune].side;
    double gap = aisle / bowl_length(&stands, side, depth_of(band, band->lowest));
    double at = (double)band->from / band->of;
    double width = (double)band->to / band->of - at;
    for (int i = 0; i < count; i++) {
        int sector = find_sector(band->sectors[i]);
        double share = demands[i] / sum * (width - gap * count);
        found[i].part = (struct bowl_part){side, at + gap / 2, at + gap / 2 + share};
        at += gap + share;
        assert(l->stretch_count[sector] < 2);
        l->stretches[sector][l->stretch_count[sector]++] = found[i];
    }
}

enum price { PRICE_VIP, PRICE_PREMIUM, PRICE_ONE, PRICE_TWO, PRICE_THREE, PRICE_FOUR };

static enum price price_of(const struct stadium_sector *sector, int number)
{
    if (sector->name[0] == 'V' || sector->name[0] == 'S')
        return PRICE_VIP;
    int name = atoi(sector->name);
    bool upper = number > tribunes[sector->tribune].lower_rows;
    switch (sector->tribune) {
    case STADIUM_WEST:
        if (name >= 3 && name <= 7)
            return PRICE_PREMIUM;
        return (name == 2 || name == 8) && !upper ? PRICE_ONE : PRICE_TWO;
    case STADIUM_EAST: return name >= 23 && name <= 28 && !upper ? PRICE_ONE : PRICE_TWO;
    default: return upper ? PRICE_FOUR : PRICE_THREE;
    }
}

/* The width, in seats, that a stretch has around row `r`: what the widest row before it and the
 * widest behind it both reach. A row that is shorter than that has an entrance in it. */
static int room_at(const struct sector_rows *rows, const struct stretch *s, int r)
{
    int before = 0, behind = 0;
    for (int i = s->first; i < s->first + s->count; i++) {
        int count = rows->rows[i].count;
        if (i <= r && count > before)
            before = count;
        if (i >= r && count > behind)
            behind = count;
    }
    return before < behind ? before : behind;
}

static void draw_stretch(struct draw *d, const struct stadium_sector *sector,
                         const struct sector_rows *rows, const struct stretch *s)
{
    struct draw_point seats[COUNT_MAX];
    for (int r = s->first; r < s->first + s->count; r++) {
        int number = rows->rows[r].number, count = rows->rows[r].count;
        char prefix[40], label[16];
        (void)snprintf(prefix, sizeof prefix, "%s-%d-", sector->name, number);
        (void)snprintf(label, sizeof label, "%d", number);
        bowl_row(&stands, s->part, depth_of(s->band, number), room_at(rows, s, r), seats, count);
        draw_row(d, &(struct draw_row){.prefix = prefix,
                                       .label = label,
                                       .seats = seats,
                                       .count = count,
                                       .radius = SEAT_RADIUS,
                                       .category = (int)price_of(sector, number)});
    }
}

static void draw_sector(struct draw *d, const struct layout *l, int index)
{
    const struct stadium_sector *sector = &stadium_sectors[index];
    const struct sector_rows *rows = &l->rows[index];
    char title[32];
    (void)snprintf(title, sizeof title, "%s", sector->name);
    for (char *c = title; *c; c++)
        *c = *c == '_' ? ' ' : *c;
    draw_zone(d, title, sector->name, tribunes[sector->tribune].level);
    const struct stretch *largest = &l->stretches[index][0];
    for (int t = 0; t < l->stretch_count[index]; t++) {
        const struct stretch *s = &l->stretches[index][t];
        draw_stretch(d, sector, rows, s);
        if (s->count > largest->count)
            largest = s;
    }
    draw_areas(d);
    for (int t = 0; t < l->stretch_count[index]; t++) {
        const struct stretch *s = &l->stretches[index][t];
        struct draw_point outline[BOWL_OUTLINE_POINTS];
        double near = depth_of(s->band, rows->rows[s->first].number) - row_depth / 2;
        double far = depth_of(s->band, rows->rows[s->first + s->count - 1].number) + row_depth / 2;
        struct bowl_part part = s->part;
        int points = bowl_outline(&stands, part, near, far, outline);
        draw_polygon(d, outline, points, (struct draw_style){"#eef1f5", "#b9c1cc"});
        if (s == largest)
            draw_text(d,
                      bowl_place(&stands, part.side, (part.from + part.to) / 2, (near + far) / 2),
                      strlen(title) > 2 ? 90 : 170, title, "#3c4654");
    }
    draw_zone_end(d);
}

/* The pitch (105 x 68 m) with its lines, in the colours of grass. */
static void draw_pitch(struct draw *d)
{
    const double m = 53, x = stands.middle.x, y = stands.middle.y;
    const struct draw_style grass = {"#7fb77e", "#ffffff"}, line = {NULL, "#ffffff"};
    struct draw_point around[4 * BOWL_OUTLINE_POINTS];
    int count = 0;
    for (int side = BOWL_BOTTOM; side <= BOWL_RIGHT; side++) {
        for (int i = 0; i < 24; i++)
            around[count++] = bowl_place(&stands, (enum bowl_side)side, i / 24.0, -80);
    }
    draw_zone(d, "Pitch", "pitch", NULL);
    draw_areas(d);
    draw_polygon(d, around, count, (struct draw_style){"#d9e8d4", "#c2d6bc"});
    struct draw_point from = {x - 52.5 * m, y - 34 * m}, to = {x + 52.5 * m, y + 34 * m};
    draw_box(d, from, to, grass);
    draw_box(d, from, (struct draw_point){x, to.y}, line);
    draw_circle(d, stands.middle, 9.15 * m, line);
    draw_box(d, (struct draw_point){from.x, y - 20.15 * m},
             (struct draw_point){from.x + 16.5 * m, y + 20.15 * m}, line);
    draw_box(d, (struct draw_point){to.x - 16.5 * m, y - 20.15 * m},
             (struct draw_point){to.x, y + 20.15 * m}, line);
    draw_box(d, (struct draw_point){from.x, y - 9.15 * m},
             (struct draw_point){from.x + 5.5 * m, y + 9.15 * m}, line);
    draw_box(d, (struct draw_point){to.x - 5.5 * m, y - 9.15 * m},
             (struct draw_point){to.x, y + 9.15 * m}, line);
    draw_zone_end(d);
}

void demo_plan_stadium(struct buf *out)
{
    struct layout *l = calloc(1, sizeof *l);
    if (!l) {
        out->failed = true;
        return;
    }
    for (int s = 0; s < STADIUM_SECTORS; s++)
        read_rows(stadium_sectors[s].rows, &l->rows[s]);
    for (size_t b = 0; b < BANDS; b++)
        lay_band(l, &bands[b]);
    struct draw d;
    draw_begin(&d, out, &(struct draw_frame){"Nordhafen Stadium", 14800, 8400, stands.middle});
    draw_category(&d, "VIP", "#cc79a7");
    draw_category(&d, "Premium", "#d55e00");
    draw_category(&d, "Category 1", "#e69f00");
    draw_category(&d, "Category 2", "#009e73");
    draw_category(&d, "Category 3", "#56b4e9");
    draw_category(&d, "Category 4", "#0072b2");
    draw_pitch(&d);
    for (int s = 0; s < STADIUM_SECTORS; s++)
        draw_sector(&d, l, s);
    draw_end(&d);
    free(l);
}
