/* The seat map's geometry, read again as docs/seat-map.md says, against the plan it came from. */
#include "support.h"

#include "demo/demo.h"
#include <jansson.h>

#include <brotli/encode.h>
#include <math.h>
#include <string.h>

/* A list of a first value and differences, the last of which goes on. */
static int64_t run_at(json_t *list, size_t index)
{
    int64_t value = json_integer_value(json_array_get(list, 0)), step = 0;
    for (size_t i = 1; i <= index; i++) {
        if (i < json_array_size(list))
            step = json_integer_value(json_array_get(list, i));
        value += step;
    }
    return value;
}

static int64_t category_at(json_t *cat, size_t index)
{
    if (json_is_integer(cat))
        return json_integer_value(cat);
    for (size_t i = 0; i < json_array_size(cat); i++) {
        json_t *run = json_array_get(cat, i);
        size_t count = (size_t)json_integer_value(json_array_get(run, 1));
        if (index < count)
            return json_integer_value(json_array_get(run, 0));
        index -= count;
    }
    return -1;
}

static void text_at(json_t *row, const char *list, size_t index, char out[200])
{
    json_t *texts = json_object_get(row, list);
    json_t *step = json_object_get(row, "step");
    if (texts)
        (void)snprintf(out, 200, "%s", json_string_value(json_array_get(texts, index)));
    else
        (void)snprintf(out, 200, "%lld",
                       json_integer_value(json_object_get(row, "first")) +
                           (step ? json_integer_value(step) : 1) * (long long)index);
}

struct spot {
    double x, y;
};

/* Where each seat is, from the normalised pretix JSON: the independent way. */
static struct spot *spots_of(const struct plan *plan)
{
    BUF_AUTO struct buf pretix = BUF_INIT;
    plan_write_pretix(plan, true, &pretix);
    json_t *root = json_loadb(pretix.data, pretix.len, 0, NULL);
    struct spot *spots = calloc(plan_seat_count(plan), sizeof *spots);
    size_t at = 0, z, r, s;
    json_t *zone, *row, *seat;
    json_array_foreach(json_object_get(root, "zones"), z, zone)
    {
        json_array_foreach(json_object_get(zone, "rows"), r, row)
        {
            json_array_foreach(json_object_get(row, "seats"), s, seat)
            {
                json_t *places[] = {json_object_get(zone, "position"),
                                    json_object_get(row, "position"),
                                    json_object_get(seat, "position")};
                for (size_t i = 0; i < 3; i++) {
                    spots[at].x += json_number_value(json_object_get(places[i], "x"));
                    spots[at].y += json_number_value(json_object_get(places[i], "y"));
                }
                at++;
            }
        }
    }
    assert_int_equal(at, plan_seat_count(plan));
    json_decref(root);
    return spots;
}

static void check_row(const struct plan *plan, json_t *row, const struct spot *spots, uint32_t *at)
{
    size_t count = (size_t)json_integer_value(json_object_get(row, "n"));
    for (size_t i = 0; i < count; i++, (*at)++) {
        struct plan_seat seat = plan_seat(plan, *at);
        char number[200], guid[400];
        assert_true(fabs((double)run_at(json_object_get(row, "x"), i) - spots[*at].x * 10) < 0.6);
        assert_true(fabs((double)run_at(json_object_get(row, "y"), i) - spots[*at].y * 10) < 0.6);
        assert_int_equal(category_at(json_object_get(row, "cat"), i), seat.category);
        text_at(row, "numbers", i, number);
        assert_slice(seat.number, number);
        if (json_object_get(row, "guid"))
            (void)snprintf(guid, sizeof guid, "%s%s",
                           json_string_value(json_object_get(row, "guid")), number);
        else
            text_at(row, "guids", i, guid);
        assert_slice(seat.guid, guid);
        assert_slice(seat.row, json_string_value(json_object_get(row, "label")));
    }
}

static void check_geometry(const struct plan *plan)
{
    BUF_AUTO struct buf geometry = BUF_INIT;
    plan_write_geometry(plan, &geometry);
    assert_false(geometry.failed);
    json_t *root = json_loadb(geometry.data, geometry.len, JSON_REJECT_DUPLICATES, NULL);
    assert_non_null(root);
    struct spot *spots = spots_of(plan);
    uint32_t at = 0;
    size_t z, r;
    json_t *section, *row;
    json_array_foreach(json_object_get(root, "sections"), z, section)
    {
        struct slice id = slice_from_string(json_string_value(json_object_get(section, "id")));
        assert_int_equal(plan_section_find(plan, id), z);
        json_array_foreach(json_object_get(section, "rows"), r, row)
            check_row(plan, row, spots, &at);
    }
    assert_int_equal(at, plan_seat_count(plan));
    free(spots);
    json_decref(root);
}

static void demo_plans_read_back_seat_by_seat(void **state)
{
    (void)state;
    void (*const plans[])(struct buf *) = {demo_plan_stadium, demo_plan_theatre, demo_plan_arena};
    for (size_t i = 0; i < 3; i++) {
        BUF_AUTO struct buf json = BUF_INIT;
        plans[i](&json);
        struct plan *plan = good_plan(buf_slice(&json), false);
        check_geometry(plan);
        plan_destroy(plan);
    }
}

static const char odd[] =
    "{\"name\":\"Odd\",\"size\":{\"width\":500,\"height\":400},\"categories\":[{\"name\":\"A\"},"
    "{\"name\":\"B\"}],\"zones\":[{\"name\":\"Z\",\"position\":{\"x\":10.26,\"y\":20},\"rows\":["
    "{\"row_number\":\"E\",\"seats\":[]},"
    "{\"row_number\":\"F\",\"position\":{\"x\":0.5,\"y\":0},\"seats\":["
    "{\"seat_guid\":\"k3\",\"seat_number\":\"3\",\"position\":{\"x\":90,\"y\":0},\"category\":"
    "\"A\","
    "\"radius\":12},"
    "{\"seat_guid\":\"k2\",\"seat_number\":\"2\",\"position\":{\"x\":60,\"y\":0},\"category\":"
    "\"A\","
    "\"x_kind\":\"vip\"},"
    "{\"seat_guid\":\"k1\",\"seat_number\":\"1\",\"position\":{\"x\":30,\"y\":0},\"category\":"
    "\"B\","
    "\"x_kind\":\"accessible\"}]},"
    "{\"row_number\":\"G\",\"seats\":["
    "{\"seat_guid\":\"q\",\"seat_number\":\"1a\",\"position\":{\"x\":0,\"y\":50},\"category\":"
    "\"B\","
    "\"radius\":7},"
    "{\"seat_guid\":\"w\",\"seat_number\":\"07\",\"position\":{\"x\":33.3,\"y\":50},"
    "\"category\":\"B\",\"radius\":7}]}],\"areas\":[{\"shape\":\"rectangle\",\"rotation\":90,"
    "\"color\":\"#eee\",\"border_color\":\"#111\",\"position\":{\"x\":1,\"y\":2},"
    "\"rectangle\":{\"width\":7,\"height\":8},"
    "\"text\":{\"text\":\"Stage\",\"position\":{\"x\":3,\"y\":4}}}]}]}";

static void every_form_of_a_row_is_written(void **state)
{
    (void)state;
    struct plan *plan = good_plan(slice_from_string(odd), false);
    check_geometry(plan);
    BUF_AUTO struct buf out = BUF_INIT;
    plan_write_geometry(plan, &out);
    buf_append_char(&out, '\0');
    const char *after = strstr(out.data, "\"name\":\"Odd\"");
    assert_non_null(after);
    assert_string_equal(
        after,
        "\"name\":\"Odd\",\"width\":5000,\"height\":4000,\"stage\":{\"x\":73,\"y\":255},"
        "\"categories\":[{\"name\":\"A\"},{\"name\":\"B\"}],\"sections\":[{\"id\":\"s0\","
        "\"name\":\"Z\",\"shapes\":[{\"shape\":\"rectangle\",\"x\":113,\"y\":220,\"w\":70,\"h\":80,"
        "\"rotation\":90,\"color\":\"#eee\",\"border\":\"#111\"},{\"shape\":\"text\",\"x\":73,"
        "\"y\":250,\"text\":\"Stage\",\"size\":160,\"rotation\":90}],\"rows\":["
        "{\"label\":\"F\",\"n\":3,\"x\":[1008,-300],\"y\":[200],\"cat\":[[0,2],[1,1]],\"first\":3,"
        "\"step\":-1,\"guid\":\"k\",\"kinds\":{\"accessible\":[2],\"vip\":[1]}},"
        "{\"label\":\"G\",\"n\":2,\"x\":[103,333],\"y\":[700],\"cat\":1,\"numbers\":[\"1a\",\"07\"]"
        ","
        "\"guids\":[\"q\",\"w\"],\"r\":70}]}]}");
    plan_destroy(plan);
}

/* 70,000 seats on rows that bend, so that no difference repeats: the compressed map stays small. */
static void seventy_thousand_seats_take_150_kb_compressed(void **state)
{
    (void)state;
    BUF_AUTO struct buf json = BUF_INIT;
    BUF_AUTO struct buf geometry = BUF_INIT;
    buf_append_text(&json, "{\"name\":\"Big\",\"size\":{\"width\":60000,\"height\":60000},"
                           "\"categories\":[{\"name\":\"A\"}],\"zones\":[");
    for (int z = 0; z < 70; z++) {
        buf_append_format(&json,
                          "%s{\"name\":\"%d\",\"position\":{\"x\":30000,\"y\":30000},"
                          "\"rows\":[",
                          z ? "," : "", z);
        for (int r = 0; r < 40; r++) {
            buf_append_format(&json, "%s{\"row_number\":\"%d\",\"seats\":[", r ? "," : "", r + 1);
            for (int s = 0; s < 25; s++) {
                double angle = (z * 27 + s) * 2 * acos(-1.0) / (70 * 27), radius = 9000 + r * 40;
                buf_append_format(&json,
                                  "%s{\"seat_guid\":\"%d-%d-%d\",\"seat_number\":\"%d\","
                                  "\"position\":{\"x\":%.2f,\"y\":%.2f},\"category\":\"A\"}",
                                  s ? "," : "", z, r + 1, s + 1, s + 1, radius * cos(angle),
                                  radius * sin(angle));
            }
            buf_append_text(&json, "]}");
        }
        buf_append_text(&json, "]}");
    }
    buf_append_text(&json, "]}");
    struct plan *plan = good_plan(buf_slice(&json), false);
    assert_int_equal(plan_seat_count(plan), 70000);
    plan_write_geometry(plan, &geometry);
    size_t size = geometry.len + 1024;
    uint8_t *packed = malloc(size);
    assert_true(BrotliEncoderCompress(6, 22, BROTLI_MODE_TEXT, geometry.len,
                                      (const uint8_t *)geometry.data, &size, packed));
    print_message("70,000 seats on arcs: %zu bytes of geometry, %zu with brotli 6\n", geometry.len,
                  size);
    assert_true(size < 150000);
    free(packed);
    plan_destroy(plan);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(demo_plans_read_back_seat_by_seat),
        cmocka_unit_test(every_form_of_a_row_is_written),
        cmocka_unit_test(seventy_thousand_seats_take_150_kb_compressed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
