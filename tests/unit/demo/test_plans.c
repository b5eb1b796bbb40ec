/* The demo's plans: true to their tables, and drawn so that no seat touches another. */
#include "unit/plan/support.h"

#include "demo/demo.h"
#include "demo/stadium_table.h"
#include <jansson.h>

#include <math.h>
#include <string.h>

static struct plan *plan_from(void (*draw)(struct buf *))
{
    BUF_AUTO struct buf json = BUF_INIT;
    draw(&json);
    assert_false(json.failed);
    struct plan *plan = good_plan(buf_slice(&json), false);
    assert_int_equal(plan_notes(plan).len, 0); /* nothing unknown, nothing outside */
    return plan;
}

static uint32_t sections_with_seats(const struct plan *plan)
{
    uint32_t found = 0;
    for (uint32_t s = 0; s < plan_section_count(plan); s++) {
        uint32_t first, count;
        plan_section_seats(plan, s, &first, &count);
        found += count > 0;
    }
    return found;
}

static void plans_have_the_seats_they_promise(void **state)
{
    (void)state;
    struct plan *plan = plan_from(demo_plan_stadium);
    assert_int_equal(plan_seat_count(plan), STADIUM_SEATS);
    assert_int_equal(plan_row_count(plan), STADIUM_ROWS);
    assert_int_equal(sections_with_seats(plan), STADIUM_SECTORS);
    plan_destroy(plan);
    plan = plan_from(demo_plan_theatre);
    assert_int_equal(plan_seat_count(plan), 1200);
    plan_destroy(plan);
    plan = plan_from(demo_plan_arena);
    assert_in_range(plan_seat_count(plan), 11500, 12500);
    plan_destroy(plan);
}

static void a_grid_has_as_many_seats_as_asked_for(void **state)
{
    (void)state;
    static const struct demo_grid grids[] = {{1, 1, 1}, {7, 3, 5}, {70, 40, 25}};
    for (size_t i = 0; i < 3; i++) {
        BUF_AUTO struct buf json = BUF_INIT;
        demo_plan_grid(grids[i], &json);
        struct plan *plan = good_plan(buf_slice(&json), false);
        assert_int_equal(plan_seat_count(plan), grids[i].sections * grids[i].rows * grids[i].seats);
        assert_int_equal(plan_seat_find(plan, SLICE("1-1-1")), 0);
        plan_destroy(plan);
    }
}

/* Seats of the stadium's plan in this sector and row. */
static uint32_t seats_in(const struct plan *plan, const char *sector, const char *row)
{
    char guid[80];
    uint32_t count = 0;
    for (;; count++) {
        (void)snprintf(guid, sizeof guid, "%s-%s-%u", sector, row, count + 1);
        if (plan_seat_find(plan, slice_from_string(guid)) < 0)
            return count;
    }
}

static void the_stadium_has_the_counts_of_the_real_one(void **state)
{
    (void)state;
    BUF_AUTO struct buf file = BUF_INIT;
    shared_file("metalist_stadium/stadium.json", &file);
    static const char *const names[] = {"west", "north", "east", "south"};
    struct plan *plan = plan_from(demo_plan_stadium);
    json_t *root = json_loadb(file.data, file.len, JSON_REJECT_DUPLICATES, NULL);
    size_t t, s, r, sectors = 0, rows = 0;
    json_t *tribune, *sector, *row;
    json_array_foreach(json_object_get(root, "tribunes"), t, tribune)
    {
        json_array_foreach(json_object_get(tribune, "sectors"), s, sector)
        {
            const char *name = json_string_value(json_object_get(sector, "name"));
            assert_string_equal(stadium_sectors[sectors].name, name);
            assert_string_equal(names[stadium_sectors[sectors].tribune],
                                json_string_value(json_object_get(tribune, "name")));
            sectors++;
            json_array_foreach(json_object_get(sector, "rows"), r, row)
            {
                const char *label = json_string_value(json_object_get(row, "name"));
                assert_int_equal(seats_in(plan, name, label),
                                 json_integer_value(json_object_get(row, "seats")));
                rows++;
            }
        }
    }
    assert_int_equal(sectors, STADIUM_SECTORS);
    assert_int_equal(rows, STADIUM_ROWS); /* with the sum of seats, no row is ours alone */
    json_decref(root);
    plan_destroy(plan);
}

struct spot {
    double x, y, radius;
};

static int compare_spots(const void *a, const void *b)
{
    const struct spot *p = a, *q = b;
    return p->x < q->x ? -1 : p->x > q->x;
}

static void check_distances(void (*draw)(struct buf *))
{
    BUF_AUTO struct buf json = BUF_INIT;
    draw(&json);
    json_t *root = json_loadb(json.data, json.len, JSON_REJECT_DUPLICATES, NULL);
    struct spot *spots = calloc(50000, sizeof *spots);
    size_t count = 0, z, r, s;
    json_t *zone, *row, *seat;
    json_array_foreach(json_object_get(root, "zones"), z, zone)
    {
        json_array_foreach(json_object_get(zone, "rows"), r, row)
        {
            json_t *at = json_object_get(row, "position");
            double x = json_number_value(json_object_get(at, "x"));
            double y = json_number_value(json_object_get(at, "y"));
            json_array_foreach(json_object_get(row, "seats"), s, seat)
            {
                json_t *in = json_object_get(seat, "position");
                json_t *radius = json_object_get(seat, "radius");
                spots[count++] = (struct spot){x + json_number_value(json_object_get(in, "x")),
                                               y + json_number_value(json_object_get(in, "y")),
                                               radius ? json_number_value(radius) : 10};
            }
        }
    }
    qsort(spots, count, sizeof *spots, compare_spots);
    for (size_t i = 0; i < count; i++) {
        for (size_t k = i + 1; k < count && spots[k].x - spots[i].x < 20; k++) {
            double apart = hypot(spots[k].x - spots[i].x, spots[k].y - spots[i].y);
            if (apart < spots[i].radius + spots[k].radius)
                fail_msg("seats at %g %g and %g %g touch", spots[i].x, spots[i].y, spots[k].x,
                         spots[k].y);
        }
    }
    free(spots);
    json_decref(root);
}

static void no_two_seats_touch(void **state)
{
    (void)state;
    check_distances(demo_plan_stadium);
    check_distances(demo_plan_theatre);
    check_distances(demo_plan_arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(plans_have_the_seats_they_promise),
        cmocka_unit_test(a_grid_has_as_many_seats_as_asked_for),
        cmocka_unit_test(the_stadium_has_the_counts_of_the_real_one),
        cmocka_unit_test(no_two_seats_touch),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
