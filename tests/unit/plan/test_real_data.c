/* A drawn stadium of 16,054 seats, turned into a plan. Ten of its seats stand on another one: the
 * import names each and refuses; moved aside, all seats come in. */
#include "support.h"

#include <jansson.h>

#include <string.h>

struct drawn {
    double x, y;
    int section, row, id;
};

static int compare_drawn(const void *a, const void *b)
{
    const struct drawn *p = a, *q = b;
    if (p->section != q->section)
        return p->section < q->section ? -1 : 1;
    if (p->row != q->row)
        return p->row < q->row ? -1 : 1;
    return p->id < q->id ? -1 : p->id > q->id;
}

static struct drawn *load(size_t *ret_count)
{
    BUF_AUTO struct buf file = BUF_INIT;
    shared_file("stadium_geometry/allSeats.json", &file);
    json_t *root = json_loadb(file.data, file.len, JSON_REJECT_DUPLICATES, NULL);
    struct drawn *seats = calloc(json_object_size(root), sizeof *seats);
    size_t count = 0;
    const char *key;
    json_t *seat;
    json_object_foreach(root, key, seat)
    {
        seats[count++] = (struct drawn){
            json_number_value(json_object_get(seat, "x")),
            json_number_value(json_object_get(seat, "y")),
            atoi(json_string_value(json_object_get(seat, "sid"))),
            atoi(json_string_value(json_object_get(seat, "rid"))),
            atoi(json_string_value(json_object_get(seat, "id"))),
        };
    }
    json_decref(root);
    qsort(seats, count, sizeof *seats, compare_drawn);
    *ret_count = count;
    return seats;
}

/* Writes the plan; with `guid_by_row` each row counts its guids from 1 again, as careless tools do.
 */
static void write_plan(const struct drawn *seats, size_t count, bool guid_by_row, struct buf *out)
{
    int number = 0;
    buf_append_text(out, "{\"name\":\"Drawn\",\"size\":{\"width\":1201,\"height\":932},"
                         "\"categories\":[{\"name\":\"A\"}],\"zones\":[");
    for (size_t i = 0; i < count; i++) {
        bool zone = i == 0 || seats[i].section != seats[i - 1].section;
        bool row = zone || seats[i].row != seats[i - 1].row;
        if (row)
            buf_append_text(out, i == 0 ? "" : zone ? "]}]}," : "]},");
        if (zone)
            buf_append_format(out, "{\"name\":\"%d\",\"position\":{\"x\":0,\"y\":0},\"rows\":[",
                              seats[i].section);
        if (row)
            buf_append_format(out, "{\"row_number\":\"%d\",\"seats\":[", seats[i].row);
        number = row ? 1 : number + 1;
        buf_append_format(out,
                          "%s{\"seat_guid\":\"%d\",\"seat_number\":\"%d\",\"position\":{\"x\":%.3f,"
                          "\"y\":%.3f},\"category\":\"A\",\"radius\":1}",
                          row ? "" : ",", guid_by_row ? number : seats[i].id, number, seats[i].x,
                          seats[i].y);
    }
    buf_append_text(out, "]}]}]}");
}

/* Moves each seat that stands where an earlier one does; returns how many there were. */
static size_t move_aside(struct drawn *seats, size_t count)
{
    size_t moved = 0;
    for (size_t i = 0; i < count; i++) {
        for (size_t k = 0; k < i; k++) {
            if (seats[i].x == seats[k].x && seats[i].y == seats[k].y) {
                seats[i].y += 1.5;
                moved++;
                break;
            }
        }
    }
    return moved;
}

static size_t count_of(const struct buf *text, const char *what)
{
    size_t count = 0;
    for (size_t at = 0; at + strlen(what) <= text->len; at++)
        count += memcmp(text->data + at, what, strlen(what)) == 0;
    return count;
}

static void a_drawn_stadium_comes_in_whole_or_not_at_all(void **state)
{
    (void)state;
    size_t count = 0;
    struct drawn *seats = load(&count);
    assert_int_equal(count, 16054);
    BUF_AUTO struct buf json = BUF_INIT;
    BUF_AUTO struct buf problems = BUF_INIT;
    struct plan *plan = NULL;
    struct err err = {""};
    write_plan(seats, count, false, &json);
    assert_true(plan_create(buf_slice(&json), NULL, &plan, &problems, &err) < 0);
    assert_string_equal(err.detail, "the plan has 10 problems");
    assert_int_equal(count_of(&problems, "stands in the same place as zone "), 10);

    assert_int_equal(move_aside(seats, count), 10);
    buf_clear(&json);
    write_plan(seats, count, false, &json);
    plan = good_plan(buf_slice(&json), false);
    assert_int_equal(plan_seat_count(plan), 16054);
    assert_int_equal(plan_section_count(plan), 60);
    assert_int_equal(plan_row_count(plan), 1462);
    for (uint32_t s = 0; s < plan_seat_count(plan); s++)
        assert_int_equal(plan_seat_find(plan, plan_seat(plan, s).guid), s);
    plan_destroy(plan);
    free(seats);
}

static void repeated_guids_are_refused_or_all_seats_stay(void **state)
{
    (void)state;
    size_t count = 0;
    struct drawn *seats = load(&count);
    BUF_AUTO struct buf json = BUF_INIT;
    struct plan *plan = NULL;
    struct err err = {""};
    (void)move_aside(seats, count);
    write_plan(seats, count, true, &json);
    assert_true(plan_create(buf_slice(&json), NULL, &plan, NULL, &err) < 0);
    plan = good_plan(buf_slice(&json), true);
    assert_int_equal(plan_seat_count(plan), 16054);
    for (uint32_t s = 0; s < plan_seat_count(plan); s++)
        assert_int_equal(plan_seat_find(plan, plan_seat(plan, s).guid), s);
    plan_destroy(plan);
    free(seats);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_drawn_stadium_comes_in_whole_or_not_at_all),
        cmocka_unit_test(repeated_guids_are_refused_or_all_seats_stay),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
