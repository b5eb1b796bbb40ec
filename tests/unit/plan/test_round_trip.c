/* What goes in comes out: pretix JSON, its older form, unknown keys, hostile names. */
#include "support.h"

#include <jansson.h>

#include <string.h>

static const char full[] =
    "{\"name\":\"Full\",\"size\":{\"width\":500,\"height\":400},\"x_stage\":{\"x\":1.5,\"y\":-2},"
    "\"categories\":[{\"name\":\"A\",\"color\":\"#ff0000\"},{\"name\":\"B\"}],\"zones\":["
    "{\"name\":\"Stalls\",\"zone_id\":\"st\",\"uuid\":\"u1\",\"position\":{\"x\":10.25,\"y\":20},"
    "\"x_level\":\"Ground\",\"rows\":[{\"row_number\":\"00\",\"row_label\":\"Row 00\","
    "\"seat_label\":\"Seat %s\",\"row_number_position\":\"both\",\"uuid\":\"u2\","
    "\"position\":{\"x\":0.1,\"y\":0.2},\"seats\":["
    "{\"seat_guid\":\"a1\",\"seat_number\":\"1\",\"position\":{\"x\":0,\"y\":0},"
    "\"category\":\"A\",\"radius\":12,\"start_direction\":\"<>\",\"uuid\":\"u3\","
    "\"x_kind\":\"accessible\",\"x_group\":\"g\",\"x_area\":\"Foyer\","
    "\"x_amenities\":[\"socket\",\"table\"]},"
    "{\"seat_guid\":\"a2\",\"seat_number\":\"2\",\"position\":{\"x\":30.123456789,\"y\":0},"
    "\"category\":\"B\",\"x_kind\":\"companion\",\"x_group\":\"g\","
    "\"x_companion_of\":\"a1\"}]}],"
    "\"areas\":[{\"shape\":\"polygon\",\"position\":{\"x\":1,\"y\":2},\"rotation\":22.5,"
    "\"color\":\"#eee\",\"border_color\":\"rgb(1, 2, 3)\",\"uuid\":\"u4\",\"polygon\":{\"points\":["
    "{\"x\":0,\"y\":0},{\"x\":5.5,\"y\":0},{\"x\":0,\"y\":5}]}},"
    "{\"shape\":\"rectangle\",\"position\":{\"x\":0,\"y\":0},\"rectangle\":{\"width\":7,"
    "\"height\":8},\"text\":{\"text\":\"Bar\",\"position\":{\"x\":3,\"y\":4},\"color\":\"#000\","
    "\"size\":20}},{\"shape\":\"ellipse\",\"position\":{\"x\":0,\"y\":0},\"ellipse\":{\"radius\":"
    "{\"x\":3,\"y\":4}}},{\"shape\":\"circle\",\"position\":{\"x\":0,\"y\":0},\"circle\":"
    "{\"radius\":9}},{\"shape\":\"text\",\"position\":{\"x\":0,\"y\":0},\"text\":{\"text\":"
    "\"Exit\","
    "\"position\":{\"x\":0,\"y\":0}}}]}]}";

static void a_full_plan_comes_out_as_it_went_in(void **state)
{
    (void)state;
    struct plan *plan = good_plan(slice_from_string(full), false);
    BUF_AUTO struct buf once = BUF_INIT;
    BUF_AUTO struct buf twice = BUF_INIT;
    plan_write_pretix(plan, true, &once);
    json_t *in = json_loads(full, 0, NULL);
    json_t *out = json_loadb(once.data, once.len, JSON_REJECT_DUPLICATES, NULL);
    assert_non_null(out);
    assert_true(json_equal(in, out));
    struct plan *again = good_plan(buf_slice(&once), false);
    plan_write_pretix(again, true, &twice);
    assert_true(slice_equal(buf_slice(&once), buf_slice(&twice)));
    assert_memory_equal(plan_hash(plan), plan_hash(again), 32);
    assert_int_equal(plan_notes(plan).len, 0);
    json_decref(in);
    json_decref(out);
    plan_destroy(plan);
    plan_destroy(again);
}

/* The keys pretix's schema allows for each kind of object; it refuses any other. */
struct kind {
    const char *name, *keys[20], *required[8];
};
static const struct kind kinds[] = {
    {"plan", {"name", "size", "categories", "zones"}, {"zones", "name", "categories", "size"}},
    {"size", {"width", "height"}, {"width", "height"}},
    {"category", {"name", "color"}, {"name"}},
    {"zone", {"name", "zone_id", "uuid", "position", "rows", "areas"}, {"position", "rows"}},
    {"row",
     {"row_number", "row_label", "seat_label", "uuid", "seats", "row_number_position", "position"},
     {"seats", "row_number"}},
    {"seat",
     {"seat_guid", "seat_number", "uuid", "start_direction", "radius", "position", "category"},
     {"seat_guid", "seat_number", "position", "category"}},
    {"area",
     {"color", "border_color", "rotation", "position", "uuid", "shape", "polygon", "rectangle",
      "ellipse", "circle", "text"},
     {NULL}},
    {"position", {"x", "y"}, {"x", "y"}},
};

static void check_object(json_t *object, const char *name)
{
    const struct kind *kind = kinds;
    while (strcmp(kind->name, name) != 0)
        kind++;
    assert_true(json_is_object(object));
    for (size_t i = 0; kind->required[i]; i++)
        assert_non_null(json_object_get(object, kind->required[i]));
    const char *key;
    json_t *value;
    json_object_foreach(object, key, value)
    {
        size_t i = 0;
        while (kind->keys[i] && strcmp(kind->keys[i], key) != 0)
            i++;
        if (!kind->keys[i])
            print_error("%s has the key %s\n", name, key);
        assert_non_null(kind->keys[i]);
        if (strcmp(key, "position") == 0)
            check_object(value, "position");
    }
}

static void an_export_without_extensions_has_only_pretix_keys(void **state)
{
    (void)state;
    struct plan *plan = good_plan(slice_from_string(full), false);
    BUF_AUTO struct buf out = BUF_INIT;
    plan_write_pretix(plan, false, &out);
    json_t *root = json_loadb(out.data, out.len, JSON_REJECT_DUPLICATES, NULL);
    size_t z, r, s;
    json_t *zone, *row, *item;
    check_object(root, "plan");
    check_object(json_object_get(root, "size"), "size");
    json_array_foreach(json_object_get(root, "categories"), s, item) check_object(item, "category");
    json_array_foreach(json_object_get(root, "zones"), z, zone)
    {
        check_object(zone, "zone");
        json_array_foreach(json_object_get(zone, "rows"), r, row)
        {
            check_object(row, "row");
            json_array_foreach(json_object_get(row, "seats"), s, item) check_object(item, "seat");
        }
        json_array_foreach(json_object_get(zone, "areas"), s, item) check_object(item, "area");
    }
    buf_append_char(&out, '\0');
    assert_null(strstr(out.data, "x_"));
    json_decref(root);
    plan_destroy(plan);
}

static void the_older_form_is_read(void **state)
{
    (void)state;
    static const char old[] =
        "{\"name\":\"Old\",\"categories\":[{\"name\":\"A\"}],\"zones\":[{\"name\":\"Hall\","
        "\"displayed\":true,\"position\":{\"x\":5,\"y\":5},\"rows\":[{\"row_number\":\"1\","
        "\"number_of_seats\":1,\"seats_spacing\":20,\"seats\":[{\"seat_guid\":\"g\","
        "\"seat_number\":\"1\",\"position\":{\"x\":90,\"y\":40},\"category\":\"A\"}]}],"
        "\"areas\":[{\"width\":100,\"height\":20,\"position\":{\"x\":0,\"y\":0},\"rotation\":0,"
        "\"text\":\"Stage\",\"color\":\"gray\"}]}]}";
    struct plan *plan = good_plan(slice_from_string(old), false);
    assert_slice(plan_notes(plan), "size is missing: taken as 115 x 65\n");
    BUF_AUTO struct buf out = BUF_INIT;
    plan_write_pretix(plan, false, &out);
    assert_slice(buf_slice(&out),
                 "{\"name\":\"Old\",\"size\":{\"width\":115,\"height\":65},\"categories\":"
                 "[{\"name\":\"A\"}],\"zones\":[{\"name\":\"Hall\",\"position\":{\"x\":5,\"y\":5},"
                 "\"rows\":[{\"row_number\":\"1\",\"position\":{\"x\":0,\"y\":0},\"seats\":["
                 "{\"seat_guid\":\"g\",\"seat_number\":\"1\",\"position\":{\"x\":90,\"y\":40},"
                 "\"category\":\"A\"}]}],\"areas\":[{\"shape\":\"rectangle\",\"position\":"
                 "{\"x\":0,\"y\":0},\"color\":\"gray\",\"rectangle\":{\"width\":100,\"height\":20},"
                 "\"text\":{\"text\":\"Stage\",\"position\":{\"x\":50,\"y\":10}}}]}]}");
    plan_destroy(plan);
}

static void unknown_keys_are_left_out_and_noted_once(void **state)
{
    (void)state;
    static const char json[] =
        "{\"name\":\"P\",\"size\":{\"width\":9,\"height\":9},\"version\":3,\"categories\":"
        "[{\"name\":\"A\"}],\"zones\":[{\"name\":\"Z\",\"position\":{\"x\":0,\"y\":0},\"rows\":["
        "{\"row_number\":\"1\",\"seats\":[{\"seat_guid\":\"a\",\"seat_number\":\"1\",\"position\":"
        "{\"x\":0,\"y\":0},\"category\":\"A\",\"x_mood\":\"good\"},{\"seat_guid\":\"b\","
        "\"seat_number\":\"2\",\"position\":{\"x\":50,\"y\":0},\"category\":\"A\",\"x_mood\":1}"
        "]}]}]}";
    struct plan *plan = good_plan(slice_from_string(json), false);
    assert_slice(plan_notes(plan),
                 "unknown key \"version\" of the plan is not kept (first: plan)\n"
                 "unknown key \"x_mood\" of seats is not kept (first: zone \"Z\" row \"1\" seat "
                 "\"1\")\n"
                 "1 seat lies outside of the plan's size\n");
    plan_destroy(plan);
}

static void sections_are_found_by_each_of_their_ids(void **state)
{
    (void)state;
    static const char json[] =
        "{\"name\":\"P\",\"size\":{\"width\":9,\"height\":9},\"categories\":[{\"name\":\"A\"}],"
        "\"zones\":[{\"zone_id\":\"1\",\"position\":{\"x\":0,\"y\":0},\"rows\":[]},"
        "{\"uuid\":\"u\",\"position\":{\"x\":0,\"y\":0},\"rows\":[{\"row_number\":\"1\",\"seats\":["
        "{\"seat_guid\":\"a\",\"seat_number\":\"1\",\"position\":{\"x\":0,\"y\":0},"
        "\"category\":\"A\"}]}]}]}";
    struct plan *plan = good_plan(slice_from_string(json), false);
    assert_int_equal(plan_section_find(plan, SLICE("s0")), 0);
    assert_int_equal(plan_section_find(plan, SLICE("s1")), 1);
    assert_int_equal(plan_section_find(plan, SLICE("1")), 0); /* zone_id before number */
    assert_int_equal(plan_section_find(plan, SLICE("u")), 1);
    assert_int_equal(plan_section_find(plan, SLICE("0")), 0);
    assert_int_equal(plan_section_find(plan, SLICE("s2")), -1);
    assert_int_equal(plan_section_find(plan, SLICE("s01")), -1);
    assert_int_equal(plan_section_find(plan, SLICE("")), -1);
    assert_slice(plan_section_name(plan, 0), "1");
    assert_slice(plan_section_name(plan, 1), "2");
    uint32_t first, count;
    plan_section_seats(plan, 0, &first, &count);
    assert_int_equal(count, 0);
    plan_section_seats(plan, 1, &first, &count);
    assert_int_equal(first, 0);
    assert_int_equal(count, 1);
    assert_int_equal(plan_seat_find(plan, SLICE("b")), -1);
    assert_int_equal(plan_seat_find(plan, SLICE("")), -1);
    plan_destroy(plan);
}

static json_t *place(double x)
{
    return json_pack("{s:f, s:i}", "x", x, "y", 0);
}

/* A plan whose every name is the string; what must be short or not empty is so. */
static char *plan_of(const char *text, size_t len)
{
    json_t *name = json_stringn(text, len);
    if (!name)
        return NULL;
    json_t *label = len <= 64 ? json_incref(name) : json_stringn("long", 4);
    json_t *guid = len > 0 ? json_incref(label) : json_stringn("g", 1);
    json_t *category = len > 0 ? json_incref(name) : json_stringn("g", 1);
    json_t *root = json_pack(
        "{s:O, s:{s:i,s:i}, s:[{s:O}], s:[{s:O,s:O,s:o,s:[{s:O,s:O,s:[{s:O,s:O,s:o,s:O}]}],"
        "s:[{s:s,s:o,s:{s:O,s:o}}]}]}",
        "name", name, "size", "width", 100, "height", 100, "categories", "name", category, "zones",
        "name", name, "zone_id", label, "position", place(0), "rows", "row_number", label,
        "row_label", name, "seats", "seat_guid", guid, "seat_number", label, "position", place(1),
        "category", category, "areas", "shape", "text", "position", place(2), "text", "text", name,
        "position", place(3));
    char *json = json_dumps(root, 0);
    json_decref(root);
    json_decref(category);
    json_decref(guid);
    json_decref(label);
    json_decref(name);
    return json;
}

static void naughty_strings_come_back_or_are_refused(void **state)
{
    (void)state;
    BUF_AUTO struct buf file = BUF_INIT;
    shared_file("naughty_strings/blns.json", &file);
    json_t *strings = json_loadb(file.data, file.len, 0, NULL);
    assert_true(json_array_size(strings) > 400);
    size_t i, kept = 0;
    json_t *item;
    json_array_foreach(strings, i, item)
    {
        char *json = plan_of(json_string_value(item), json_string_length(item));
        assert_non_null(json);
        BUF_AUTO struct buf problems = BUF_INIT;
        BUF_AUTO struct buf geometry = BUF_INIT;
        struct plan *plan = NULL;
        if (plan_create(slice_from_string(json), NULL, &plan, &problems, NULL) == 0) {
            kept++;
            assert_true(slice_equal(plan_name(plan),
                                    slice_make(json_string_value(item), json_string_length(item))));
            assert_int_equal(plan_seat_find(plan, plan_seat(plan, 0).guid), 0);
            plan_write_geometry(plan, &geometry);
            json_t *read = json_loadb(geometry.data, geometry.len, JSON_REJECT_DUPLICATES, NULL);
            assert_non_null(read);
            assert_true(json_equal(json_object_get(read, "name"), item));
            json_decref(read);
            plan_destroy(plan);
        } else {
            assert_true(json_string_length(item) > 200); /* only ever for its length */
            assert_true(problems.len > 0);
        }
        free(json);
    }
    assert_true(kept > 440);
    json_decref(strings);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_full_plan_comes_out_as_it_went_in),
        cmocka_unit_test(an_export_without_extensions_has_only_pretix_keys),
        cmocka_unit_test(the_older_form_is_read),
        cmocka_unit_test(unknown_keys_are_left_out_and_noted_once),
        cmocka_unit_test(sections_are_found_by_each_of_their_ids),
        cmocka_unit_test(naughty_strings_come_back_or_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
