/* An export says what the import said: for the demo's plans, for real ones, and for made-up plans
 * with every extension, the JSON that comes out is the JSON that went in, once both have their
 * defaults filled in; and what came out comes out again byte for byte. */
#include "support.h"

#include "base/limits.h"
#include "demo/demo.h"
#include <jansson.h>

#include <string.h>

/* ---- one form for what pretix lets people write in several ways ---- */

static json_t *canonical(const json_t *value, bool extensions);

static void drop_if(json_t *object, const char *key, const json_t *unsaid)
{
    const json_t *value = json_object_get(object, key);
    if (value && json_equal(value, unsaid))
        json_object_del(object, key);
}

/* What is not said, or said as it is anyway. */
static void drop_defaults(json_t *object)
{
    json_t *radius = json_real(10), *rotation = json_real(0), *size = json_real(16);
    json_t *kind = json_string("standard"), *none = json_string(""), *empty = json_array();
    json_t *origin = json_pack("{s:f,s:f}", "x", 0.0, "y", 0.0);
    static const char *const texts[] = {"uuid",
                                        "color",
                                        "border_color",
                                        "row_label",
                                        "seat_label",
                                        "start_direction",
                                        "zone_id",
                                        "x_area",
                                        "x_group",
                                        "x_level",
                                        "name",
                                        "x_companion_of",
                                        "row_number_position",
                                        NULL};
    for (const char *const *key = texts; *key; key++)
        drop_if(object, *key, none);
    drop_if(object, "radius", radius);
    drop_if(object, "rotation", rotation);
    drop_if(object, "size", size);
    drop_if(object, "x_kind", kind);
    drop_if(object, "x_amenities", empty);
    drop_if(object, "areas", empty);
    drop_if(object, "position", origin);
    json_t *all[] = {radius, rotation, size, kind, none, empty, origin};
    for (size_t i = 0; i < sizeof all / sizeof all[0]; i++)
        json_decref(all[i]);
}

static json_t *canonical_object(const json_t *object, bool extensions)
{
    json_t *result = json_object();
    for (void *at = json_object_iter((json_t *)(uintptr_t)object); at;
         at = json_object_iter_next((json_t *)(uintptr_t)object, at)) {
        const char *key = json_object_iter_key(at);
        const json_t *value = json_object_iter_value(at);
        if (!json_is_null(value) && (extensions || strncmp(key, "x_", 2) != 0))
            json_object_set_new(result, key, canonical(value, extensions));
    }
    drop_defaults(result);
    return result;
}

static json_t *canonical(const json_t *value, bool extensions)
{
    if (json_is_object(value))
        return canonical_object(value, extensions);
    if (json_is_number(value))
        return json_real(json_number_value(value) + 0.0); /* -0 is 0 */
    if (!json_is_array(value))
        return json_deep_copy(value);
    json_t *list = json_array();
    for (size_t i = 0; i < json_array_size(value); i++)
        json_array_append_new(list, canonical(json_array_get(value, i), extensions));
    return list;
}

static void assert_same(const json_t *in, struct slice exported, bool extensions)
{
    json_t *out = json_loadb(exported.data, exported.len, JSON_REJECT_DUPLICATES, NULL);
    assert_non_null(out);
    json_t *left = canonical(in, extensions), *right = canonical(out, extensions);
    if (!json_equal(left, right)) {
        char *one = json_dumps(left, JSON_SORT_KEYS), *other = json_dumps(right, JSON_SORT_KEYS);
        size_t at = 0;
        while (one[at] && one[at] == other[at])
            at++;
        size_t from = at > 200 ? at - 200 : 0;
        print_error("in:  %.400s\nout: %.400s\n", one + from, other + from);
        free(one);
        free(other);
    }
    assert_true(json_equal(left, right));
    json_decref(left);
    json_decref(right);
    json_decref(out);
}

/* The whole property, of one plan. */
static void check_export(struct slice json)
{
    BUF_AUTO struct buf once = BUF_INIT;
    BUF_AUTO struct buf twice = BUF_INIT;
    BUF_AUTO struct buf plain = BUF_INIT;
    json_t *in = json_loadb(json.data, json.len, 0, NULL);
    assert_non_null(in);
    struct plan *plan = good_plan(json, false);
    plan_write_pretix(plan, true, &once);
    plan_write_pretix(plan, false, &plain);
    assert_same(in, buf_slice(&once), true);
    assert_same(in, buf_slice(&plain), false);
    struct plan *again = good_plan(buf_slice(&once), false);
    plan_write_pretix(again, true, &twice);
    assert_true(slice_equal(buf_slice(&once), buf_slice(&twice)));
    assert_memory_equal(plan_hash(plan), plan_hash(again), 32);
    assert_int_equal(plan_largest_group(plan), plan_largest_group(again));
    struct plan *bare = good_plan(buf_slice(&plain), false);
    assert_int_equal(plan_seat_count(bare), plan_seat_count(plan));
    for (uint32_t s = 0; s < plan_seat_count(plan); s++)
        assert_true(slice_equal(plan_seat(bare, s).guid, plan_seat(plan, s).guid));
    plan_destroy(bare);
    plan_destroy(again);
    plan_destroy(plan);
    json_decref(in);
}

/* ---- made-up plans ---- */

static uint64_t seed = 20310503;

static uint32_t draw(uint32_t below)
{
    seed = seed * 6364136223846793005ull + 1442695040888963407ull;
    return (uint32_t)(seed >> 33) % below;
}

static json_t *draw_text(void)
{
    static const char *const texts[] = {"A",    "12",         "Loge 3", "Ränge",
                                        "客席", "a \"b\" \\", "\t",     "<script>1</script>",
                                        "%s",   "",           "🎭",      "é"};
    return json_string(texts[draw(sizeof texts / sizeof texts[0])]);
}

static json_t *draw_number(void)
{
    double whole = (double)draw(2000) - 500;
    switch (draw(4)) {
    case 0: return json_integer((json_int_t)whole);
    case 1: return json_real(whole / 8);
    case 2: return json_real(whole / 7e3);
    default: return json_real(whole * 1.0000001);
    }
}

static json_t *draw_point(void)
{
    return json_pack("{s:o,s:o}", "x", draw_number(), "y", draw_number());
}

static void maybe(json_t *object, const char *key, json_t *value)
{
    if (draw(3) == 0)
        json_object_set_new(object, key, value);
    else
        json_decref(value);
}

static void maybe_null(json_t *object, const char *key, json_t *value)
{
    maybe(object, key, draw(4) ? json_incref(value) : json_null());
    json_decref(value);
}

static json_t *draw_color(void)
{
    static const char *const colors[] = {"#fff", "red", "rgba(1, 2, 3, 0.5)", "#a1B2c3"};
    return json_string(colors[draw(4)]);
}

static json_t *draw_area(void)
{
    static const char *const shapes[] = {"polygon", "rectangle", "ellipse", "circle", "text"};
    uint32_t shape = draw(5);
    json_t *area = json_pack("{s:s}", "shape", shapes[shape]);
    json_t *text = json_pack("{s:o,s:o}", "text", draw_text(), "position", draw_point());
    maybe_null(text, "color", draw_color());
    maybe(text, "size", json_integer(draw(2) ? 16 : 1 + draw(60)));
    if (shape == 0)
        json_object_set_new(
            area, "polygon",
            json_pack("{s:[o,o,o]}", "points", draw_point(), draw_point(), draw_point()));
    if (shape == 1)
        json_object_set_new(area, "rectangle",
                            json_pack("{s:i,s:i}", "width", draw(90), "height", draw(90)));
    if (shape == 2)
        json_object_set_new(
            area, "ellipse",
            json_pack("{s:{s:i,s:f}}", "radius", "x", draw(90), "y", draw(90) / 4.0));
    if (shape == 3)
        json_object_set_new(area, "circle", json_pack("{s:i}", "radius", draw(90)));
    if (shape == 4)
        json_object_set(area, "text", text);
    else
        maybe(area, "text", json_incref(text));
    json_decref(text);
    maybe(area, "position", draw_point());
    maybe(area, "rotation", json_real(draw(2) ? 0 : (double)draw(3600) / 10));
    maybe_null(area, "color", draw_color());
    maybe_null(area, "border_color", draw_color());
    maybe(area, "uuid", draw_text());
    return area;
}

struct making {
    json_t *seats[120];
    uint32_t count;
};

static json_t *draw_seat(struct making *m)
{
    static const char *const kinds[] = {"standard", "accessible", "restricted_view", "vip"};
    char guid[32];
    (void)snprintf(guid, sizeof guid, draw(2) ? "seat %u" : "%u", m->count * 7);
    json_t *seat = json_pack("{s:s,s:o,s:{s:f,s:o},s:s}", "seat_guid", guid, "seat_number",
                             draw_text(), "position", "x", m->count * 23.5, "y", draw_number(),
                             "category", draw(2) ? "A" : "Bé");
    maybe(seat, "radius", json_integer(draw(2) ? 10 : 1 + draw(40)));
    maybe_null(seat, "start_direction", json_string(draw(2) ? "<>" : "<"));
    maybe(seat, "uuid", draw_text());
    maybe(seat, "x_kind", json_string(kinds[draw(4)]));
    maybe(seat, "x_area", draw_text());
    maybe(seat, "x_amenities", draw(3) ? json_pack("[o,s]", draw_text(), "socket") : json_array());
    m->seats[m->count++] = seat;
    return seat;
}

/* Groups of any seats of the plan, and companions of seats that are none. */
static void draw_together(struct making *m)
{
    for (uint32_t g = 0, at = 0; at + 2 <= m->count && draw(5); g++) {
        uint32_t size = 2 + draw(LIMIT_HOLD_UNITS - 1);
        char name[16];
        (void)snprintf(name, sizeof name, "group %u", g);
        if (at + size > m->count)
            size = m->count - at;
        for (uint32_t i = 0; i < size; i++)
            json_object_set_new(m->seats[m->count - 1 - at - i], "x_group", json_string(name));
        at += size;
    }
    for (uint32_t i = 0; i + 1 < m->count; i += 1 + draw(9)) {
        const json_t *of = m->seats[draw(m->count)];
        const char *kind = json_string_value(json_object_get(of, "x_kind"));
        if (of == m->seats[i] || (kind && strcmp(kind, "companion") == 0) ||
            json_object_get(m->seats[i], "x_needed"))
            continue;
        json_object_set_new(m->seats[i], "x_kind", json_string("companion"));
        json_object_set(m->seats[i], "x_companion_of", json_object_get(of, "seat_guid"));
        json_object_set_new((json_t *)(uintptr_t)of, "x_needed", json_true());
    }
    for (uint32_t i = 0; i < m->count; i++)
        json_object_del(m->seats[i], "x_needed");
}

static json_t *draw_zone(struct making *m)
{
    json_t *rows = json_array(), *areas = json_array();
    for (uint32_t r = draw(4); r > 0 || m->count == 0; r = r ? r - 1 : 0) {
        json_t *seats = json_array();
        for (uint32_t s = draw(12) + (m->count == 0); s > 0; s--)
            json_array_append_new(seats, draw_seat(m));
        json_t *row = json_pack("{s:o,s:o}", "row_number", draw_text(), "seats", seats);
        maybe_null(row, "row_label", draw_text());
        maybe_null(row, "seat_label", draw_text());
        maybe_null(row, "row_number_position", json_string(draw(2) ? "both" : "start"));
        maybe(row, "position", json_pack("{s:i,s:i}", "x", 0, "y", (int)m->count * 40));
        maybe(row, "uuid", draw_text());
        json_array_append_new(rows, row);
    }
    for (uint32_t a = draw(4); a > 0; a--)
        json_array_append_new(areas, draw_area());
    json_t *zone = json_pack("{s:{s:i,s:i},s:o}", "position", "x", 0, "y", 0, "rows", rows);
    maybe(zone, "areas", areas);
    maybe(zone, "name", draw_text());
    maybe(zone, "zone_id", draw_text());
    maybe(zone, "uuid", draw_text());
    maybe(zone, "x_level", draw_text());
    return zone;
}

static void made_up_plans_come_out_as_they_went_in(void **state)
{
    (void)state;
    for (int turn = 0; turn < 400; turn++) {
        struct making m = {.count = 0};
        json_t *zones = json_array();
        for (uint32_t z = 1 + draw(3); z > 0; z--)
            json_array_append_new(zones, draw_zone(&m));
        draw_together(&m);
        json_t *root =
            json_pack("{s:o,s:{s:i,s:i},s:[{s:s},{s:s,s:s}],s:o}", "name", draw_text(), "size",
                      "width", 1 + draw(999), "height", 1 + draw(999), "categories", "name", "A",
                      "name", "Bé", "color", "#0a0", "zones", zones);
        maybe(root, "x_stage", draw_point());
        char *text = json_dumps(root, 0);
        check_export(slice_from_string(text));
        free(text);
        json_decref(root);
    }
}

/* ---- the plans there are ---- */

static void the_demos_plans_come_out_as_they_went_in(void **state)
{
    (void)state;
    void (*const plans[])(struct buf *) = {demo_plan_stadium, demo_plan_theatre, demo_plan_arena};
    for (size_t i = 0; i < 3; i++) {
        BUF_AUTO struct buf json = BUF_INIT;
        plans[i](&json);
        check_export(buf_slice(&json));
    }
}

/* A stadium as its club lists it: tribunes, sectors, rows and how many seats each has. */
static json_t *listed_stadium(const json_t *list)
{
    json_t *zones = json_array();
    char guid[64], number[16];
    double y = 0;
    size_t t, s, r;
    json_t *tribune, *sector, *row;
    json_array_foreach(json_object_get(list, "tribunes"), t, tribune)
    {
        json_array_foreach(json_object_get(tribune, "sectors"), s, sector)
        {
            json_t *rows = json_array();
            const char *sector_name = json_string_value(json_object_get(sector, "name"));
            json_array_foreach(json_object_get(sector, "rows"), r, row)
            {
                const char *row_name = json_string_value(json_object_get(row, "name"));
                json_t *seats = json_array();
                y += 30;
                for (int n = 1; n <= json_integer_value(json_object_get(row, "seats")); n++) {
                    (void)snprintf(guid, sizeof guid, "%zu-%s-%zu-%d", t, sector_name, r, n);
                    (void)snprintf(number, sizeof number, "%d", n);
                    json_array_append_new(seats, json_pack("{s:s,s:s,s:{s:i,s:f},s:s}", "seat_guid",
                                                           guid, "seat_number", number, "position",
                                                           "x", n * 25, "y", y, "category", "A"));
                }
                json_array_append_new(
                    rows, json_pack("{s:s,s:o}", "row_number", row_name, "seats", seats));
            }
            json_array_append_new(zones,
                                  json_pack("{s:s,s:{s:i,s:i},s:o,s:o}", "name", sector_name,
                                            "position", "x", 0, "y", 0, "rows", rows, "x_level",
                                            json_object_get(tribune, "name")
                                                ? json_deep_copy(json_object_get(tribune, "name"))
                                                : json_string("")));
        }
    }
    return json_pack("{s:O,s:{s:i,s:i},s:[{s:s}],s:o}", "name", json_object_get(list, "venue"),
                     "size", "width", 1000, "height", 1000, "categories", "name", "A", "zones",
                     zones);
}

static void a_real_stadium_comes_out_as_it_went_in(void **state)
{
    (void)state;
    BUF_AUTO struct buf file = BUF_INIT;
    shared_file("metalist_stadium/stadium.json", &file);
    json_t *list = json_loadb(file.data, file.len, 0, NULL);
    assert_non_null(list);
    json_t *plan = listed_stadium(list);
    assert_non_null(plan);
    char *text = json_dumps(plan, 0);
    check_export(slice_from_string(text));
    free(text);
    json_decref(plan);
    json_decref(list);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(made_up_plans_come_out_as_they_went_in),
        cmocka_unit_test(the_demos_plans_come_out_as_they_went_in),
        cmocka_unit_test(a_real_stadium_comes_out_as_it_went_in),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
