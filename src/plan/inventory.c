/*
 * inventory: what the box office machine gets of a plan: which seats stand side by side, and how
 * good each one is. See booking/inventory.h for the bytes.
 */
#include "plan/model.h"

#include "booking/booking.h"
#include "booking/inventory.h"

#include <math.h>
#include <stdlib.h>

/* A gap this much wider than the row's usual one is an aisle. */
#define AISLE_FACTOR 1.6

/* Costs count fifths of a unit; what is further than the highest cost tells is equally far. */
#define COST_PER_UNIT 5.0

static double distance(struct point a, struct point b)
{
    return hypot(a.x - b.x, a.y - b.y);
}

/* Whether `text` holds one of the words that name what people look at, whatever the case. */
static bool names_stage(struct slice text)
{
    static const char *const words[] = {"stage", "bühne", "BÜHNE", "pitch",  "field", "spielfeld",
                                        "scène", "scene", "ring",  "screen", NULL};
    for (const char *const *word = words; *word; word++) {
        size_t len = strlen(*word);
        for (size_t at = 0; at + len <= text.len; at++) {
            size_t same = 0;
            while (same < len) {
                char c = text.data[at + same];
                if (c >= 'A' && c <= 'Z')
                    c = (char)(c | 32);
                if (c != (*word)[same] && text.data[at + same] != (*word)[same])
                    break;
                same++;
            }
            bool begins = at == 0 || text.data[at - 1] == ' ';
            bool ends = at + len == text.len || text.data[at + len] == ' ';
            if (same == len && begins && ends)
                return true;
        }
    }
    return false;
}

static struct point shape_middle(const struct plan *plan, const struct zone *zone,
                                 const struct shape *shape)
{
    struct point middle = {0, 0};
    switch (shape->kind) {
    case SHAPE_POLYGON:
        for (uint32_t p = 0; p < shape->point_count; p++) {
            middle.x += plan->points.items[shape->first_point + p].x / shape->point_count;
            middle.y += plan->points.items[shape->first_point + p].y / shape->point_count;
        }
        break;
    case SHAPE_RECTANGLE: middle = (struct point){shape->body.x / 2, shape->body.y / 2}; break;
    case SHAPE_TEXT: middle = shape->label_at; break;
    default: break; /* ellipse and circle stand on their middle */
    }
    double angle = shape->rotation * acos(-1.0) / 180;
    return (struct point){
        zone->at.x + shape->at.x + middle.x * cos(angle) - middle.y * sin(angle),
        zone->at.y + shape->at.y + middle.x * sin(angle) + middle.y * cos(angle),
    };
}

struct point model_stage(const struct plan *plan, bool *ret_known)
{
    *ret_known = true;
    if (plan->has_stage)
        return plan->stage;
    for (uint32_t z = 0; z < plan->zones.count; z++) {
        const struct zone *zone = &plan->zones.items[z];
        for (uint32_t s = 0; s < zone->shape_count; s++) {
            const struct shape *shape = &plan->shapes.items[zone->first_shape + s];
            if (shape->has_label && names_stage(model_text(plan, shape->label)))
                return shape_middle(plan, zone, shape);
        }
    }
    *ret_known = false;
    double left = INFINITY, right = -INFINITY, top = INFINITY;
    for (uint32_t s = 0; s < plan->seats.count; s++) {
        struct point at = model_seat_place(plan, s);
        left = fmin(left, at.x);
        right = fmax(right, at.x);
        top = fmin(top, at.y);
    }
    return (struct point){(left + right) / 2, top};
}

struct stand {
    struct point at;
    double along; /* projection on the row's direction */
    uint32_t seat;
};

static int compare_stands(const void *a, const void *b)
{
    const struct stand *p = a, *q = b;
    if (p->along != q->along)
        return p->along < q->along ? -1 : 1;
    return p->seat < q->seat ? -1 : p->seat > q->seat;
}

static int compare_lengths(const void *a, const void *b)
{
    double p = *(const double *)a, q = *(const double *)b;
    return p < q ? -1 : p > q;
}

static double path_length(const struct stand *stands, uint32_t count)
{
    double sum = 0;
    for (uint32_t i = 1; i < count; i++)
        sum += distance(stands[i - 1].at, stands[i].at);
    return sum;
}

/* Puts a row's seats in the order in which they stand: the file's own order unless sorting along
 * the row's main direction makes the way from end to end shorter. Arcs and tables that bend back on
 * themselves keep the file's order that way. */
static void order_row(struct stand *stands, uint32_t count)
{
    double mx = 0, my = 0, xx = 0, xy = 0, yy = 0;
    for (uint32_t i = 0; i < count; i++) {
        mx += stands[i].at.x / count;
        my += stands[i].at.y / count;
    }
    for (uint32_t i = 0; i < count; i++) {
        double dx = stands[i].at.x - mx, dy = stands[i].at.y - my;
        xx += dx * dx;
        xy += dx * dy;
        yy += dy * dy;
    }
    double angle = atan2(2 * xy, xx - yy) / 2;
    double before = path_length(stands, count);
    for (uint32_t i = 0; i < count; i++)
        stands[i].along = stands[i].at.x * cos(angle) + stands[i].at.y * sin(angle);
    uint32_t first = stands[0].seat;
    qsort(stands, count, sizeof *stands, compare_stands);
    if (path_length(stands, count) < before * 0.999)
        return;
    for (uint32_t i = 0; i < count; i++)
        stands[i].along = stands[i].seat - first;
    qsort(stands, count, sizeof *stands, compare_stands);
}

struct blocks {
    struct buf sizes; /* u32 section, u32 seat_count */
    struct buf seats; /* u32 each */
    uint32_t count;
};

static void put_u32(struct buf *out, uint32_t value)
{
    unsigned char bytes[4] = {(unsigned char)value, (unsigned char)(value >> 8),
                              (unsigned char)(value >> 16), (unsigned char)(value >> 24)};
    buf_append(out, bytes, 4);
}

/* Median gap, the lower one of two. */
static double median_gap(const struct stand *stands, uint32_t count, double *scratch)
{
    for (uint32_t i = 1; i < count; i++)
        scratch[i - 1] = distance(stands[i - 1].at, stands[i].at);
    qsort(scratch, count - 1, sizeof *scratch, compare_lengths);
    return scratch[(count - 2) / 2];
}

/* Cuts a row at its aisles. A row of two or three seats cannot tell its own usual gap from an
 * aisle: `usual` is what other rows of the section have (0: nobody knows). */
static void cut_row(struct blocks *blocks, uint32_t section, const struct stand *stands,
                    uint32_t count, double usual, double *scratch)
{
    double gap = count > 1 ? median_gap(stands, count, scratch) : 0;
    if (count < 4 && usual > 0)
        gap = fmin(gap, 2 * usual);
    uint32_t run = 0;
    for (uint32_t i = 0; i < count; i++) {
        put_u32(&blocks->seats, stands[i].seat);
        run++;
        if (i + 1 < count && distance(stands[i].at, stands[i + 1].at) <= gap * AISLE_FACTOR)
            continue;
        put_u32(&blocks->sizes, section);
        put_u32(&blocks->sizes, run);
        blocks->count++;
        run = 0;
    }
}

static void load_row(const struct plan *plan, const struct row *row, struct stand *stands)
{
    for (uint32_t i = 0; i < row->seat_count; i++)
        stands[i] =
            (struct stand){model_seat_place(plan, row->first_seat + i), 0, row->first_seat + i};
    order_row(stands, row->seat_count);
}

static void cut_section(const struct plan *plan, uint32_t section, struct stand *stands,
                        double *gaps, double *medians, struct blocks *blocks)
{
    const struct zone *zone = &plan->zones.items[section];
    uint32_t known = 0;
    for (uint32_t r = 0; r < zone->row_count; r++) {
        const struct row *row = &plan->rows.items[zone->first_row + r];
        if (row->seat_count < 4)
            continue;
        load_row(plan, row, stands);
        medians[known++] = median_gap(stands, row->seat_count, gaps);
    }
    if (known > 0)
        qsort(medians, known, sizeof *medians, compare_lengths);
    double usual = known > 0 ? medians[known / 2] : 0;
    for (uint32_t r = 0; r < zone->row_count; r++) {
        const struct row *row = &plan->rows.items[zone->first_row + r];
        if (row->seat_count == 0)
            continue;
        load_row(plan, row, stands);
        cut_row(blocks, section, stands, row->seat_count, usual, gaps);
    }
}

static int cut_plan(const struct plan *plan, struct blocks *blocks, struct err *err)
{
    uint32_t longest = 1;
    for (uint32_t r = 0; r < plan->rows.count; r++) {
        if (plan->rows.items[r].seat_count > longest)
            longest = plan->rows.items[r].seat_count;
    }
    struct stand *stands = calloc(longest, sizeof *stands);
    double *gaps = calloc(longest, sizeof *gaps);
    double *medians = calloc((size_t)plan->rows.count + 1, sizeof *medians);
    bool ready = stands && gaps && medians;
    for (uint32_t z = 0; z < plan->zones.count && ready; z++)
        cut_section(plan, z, stands, gaps, medians, blocks);
    free(stands);
    free(gaps);
    free(medians);
    if (!ready || blocks->sizes.failed || blocks->seats.failed)
        return err_set(err, "out of memory");
    return 0;
}

/* How far a seat is from what it looks at. Plain distance makes the middle of the front the best
 * place and falls evenly to all sides. */
static uint32_t seat_cost(struct point at, struct point stage)
{
    double cost = distance(at, stage) * COST_PER_UNIT;
    return cost < INVENTORY_COST_MAX ? (uint32_t)llround(cost) : INVENTORY_COST_MAX;
}

struct together {
    struct buf specials; /* u32 seat, kind, companion_of */
    struct buf sizes;    /* u32 of each group */
    struct buf grouped;  /* u32 each */
    uint32_t special_count, group_count, grouped_count;
};

_Static_assert((int)SEAT_KIND_COUNT == (int)BOOKING_KIND_COUNT &&
                   (int)SEAT_ACCESSIBLE == (int)BOOKING_KIND_ACCESSIBLE &&
                   (int)SEAT_COMPANION == (int)BOOKING_KIND_COMPANION &&
                   (int)SEAT_RESTRICTED_VIEW == (int)BOOKING_KIND_RESTRICTED_VIEW &&
                   (int)SEAT_VIP == (int)BOOKING_KIND_VIP,
               "a plan's kinds are the machine's");

static void collect_specials(const struct plan *plan, struct together *to)
{
    for (uint32_t s = 0; s < plan->seats.count; s++) {
        int64_t of = model_companion_of(plan, s);
        if (plan->seats.items[s].kind == SEAT_STANDARD)
            continue;
        put_u32(&to->specials, s);
        put_u32(&to->specials, plan->seats.items[s].kind);
        put_u32(&to->specials, of < 0 ? INVENTORY_NO_SEAT : (uint32_t)of);
        to->special_count++;
    }
}

static void collect_groups(const struct plan *plan, struct together *to)
{
    to->group_count = plan->groups.count;
    for (uint32_t g = 0; g < plan->groups.count; g++) {
        const struct group *group = &plan->groups.items[g];
        put_u32(&to->sizes, group->count);
        for (uint32_t i = 0; i < group->count; i++)
            put_u32(&to->grouped, group->seats[i]);
        to->grouped_count += group->count;
    }
}

static int check_input(const struct plan *plan, const uint32_t *category_of,
                       uint32_t price_category_count, const struct plan_area *areas,
                       uint32_t area_count, struct err *err)
{
    uint64_t units = plan ? plan->seats.count : 0;
    if (price_category_count == 0 || price_category_count > LIMIT_PRICE_CATEGORIES)
        return err_set(err, "%u price categories: at least 1 and at most %u are allowed",
                       price_category_count, LIMIT_PRICE_CATEGORIES);
    if (area_count > LIMIT_AREAS)
        return err_set(err, "%u areas: at most %u are allowed", area_count, LIMIT_AREAS);
    for (uint32_t c = 0; plan && c < plan->categories.count; c++) {
        if (category_of[c] >= price_category_count)
            return err_set(err, "a category of the plan has no price category");
    }
    for (uint32_t a = 0; a < area_count; a++) {
        if (areas[a].capacity == 0)
            return err_set(err, "area %u has no capacity", a + 1);
        if (areas[a].category >= price_category_count)
            return err_set(err, "area %u has no price category", a + 1);
        units += areas[a].capacity;
    }
    if (units > LIMIT_UNITS)
        return err_set(err, "%llu places: at most %u are allowed", (unsigned long long)units,
                       LIMIT_UNITS);
    if (units == 0)
        return err_set(err, "no seat and no area: nothing to sell");
    return 0;
}

static void write_seats(const struct plan *plan, const uint32_t *category_of, struct buf *out)
{
    bool known;
    struct point stage = model_stage(plan, &known);
    for (uint32_t s = 0; s < plan->seats.count; s++)
        put_u32(out, seat_cost(model_seat_place(plan, s), stage));
    for (uint32_t s = 0; s < plan->seats.count; s++)
        buf_append_char(out, (char)category_of[plan->seats.items[s].category]);
}

int plan_write_inventory(const struct plan *plan, const uint32_t *category_of,
                         uint32_t price_category_count, const struct plan_area *areas,
                         uint32_t area_count, struct buf *out, struct err *err)
{
    if (check_input(plan, category_of, price_category_count, areas, area_count, err) < 0)
        return -1;
    struct blocks blocks = {BUF_INIT, BUF_INIT, 0};
    struct together together = {BUF_INIT, BUF_INIT, BUF_INIT, 0, 0, 0};
    int rc = 0;
    if (plan) {
        rc = cut_plan(plan, &blocks, err);
        collect_specials(plan, &together);
        collect_groups(plan, &together);
    }
    if (rc == 0) {
        const uint32_t header[] = {INVENTORY_VERSION,
                                   plan ? plan->seats.count : 0,
                                   blocks.count,
                                   area_count,
                                   plan ? plan->zones.count : 0,
                                   price_category_count,
                                   together.special_count,
                                   together.group_count,
                                   together.grouped_count};
        _Static_assert(sizeof header == INVENTORY_HEADER_BYTES, "as booking/inventory.h says");
        for (size_t i = 0; i < sizeof header / sizeof header[0]; i++)
            put_u32(out, header[i]);
        buf_append_slice(out, buf_slice(&blocks.sizes));
        buf_append_slice(out, buf_slice(&blocks.seats));
        if (plan)
            write_seats(plan, category_of, out);
        for (uint32_t a = 0; a < area_count; a++) {
            put_u32(out, areas[a].capacity);
            put_u32(out, areas[a].category);
        }
        buf_append_slice(out, buf_slice(&together.specials));
        buf_append_slice(out, buf_slice(&together.sizes));
        buf_append_slice(out, buf_slice(&together.grouped));
        if (out->failed || together.specials.failed || together.sizes.failed ||
            together.grouped.failed)
            rc = err_set(err, "out of memory");
    }
    buf_finish(&together.specials);
    buf_finish(&together.sizes);
    buf_finish(&together.grouped);
    buf_finish(&blocks.sizes);
    buf_finish(&blocks.seats);
    return rc;
}
