/* What an organiser describes: cutting the plan out, faults by name, what the machines get, and the
 * plan's way to the disk and back. */
#include "api/definition.h"

#include "api/catalogue.h"
#include "booking/inventory.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <cmocka.h>

#define PLAN                                                                      \
    "{\"name\":\"Hall\",\"size\":{\"width\":100,\"height\":100},"                 \
    "\"categories\":[{\"name\":\"std\",\"color\":\"#0072b2\"}],"                  \
    "\"zones\":[{\"name\":\"Stalls\",\"position\":{\"x\":0,\"y\":0},\"rows\":[{"  \
    "\"row_number\":\"1\",\"position\":{\"x\":0,\"y\":0},\"seats\":["             \
    "{\"seat_guid\":\"a\",\"seat_number\":\"1\",\"position\":{\"x\":0,\"y\":0},"  \
    "\"category\":\"std\"},"                                                      \
    "{\"seat_guid\":\"b\",\"seat_number\":\"2\",\"position\":{\"x\":25,\"y\":0}," \
    "\"category\":\"std\"}]}]}]}"

#define HEAD                                                                   \
    "\"name\":\"Evening\",\"starts_at\":\"2031-05-01T20:00:00\",\"timezone\":" \
    "\"Europe/Berlin\",\"venue\":{\"name\":\"Hall\",\"city\":\"Kiel\"},\"currency\":\"EUR\""
#define PRICES "\"price_categories\":[{\"name\":\"std\",\"price\":1200,\"fee\":80}]"

struct folder {
    char path[64];
};

static int set_up(void **state)
{
    struct folder *f = calloc(1, sizeof *f);
    (void)snprintf(f->path, sizeof f->path, "/tmp/onsale-definition-XXXXXX");
    assert_non_null(mkdtemp(f->path));
    *state = f;
    return 0;
}

static int tear_down(void **state)
{
    struct folder *f = *state;
    char command[128];
    (void)snprintf(command, sizeof command, "rm -rf '%s'", f->path);
    int result = system(command);
    free(f);
    return result;
}

struct cut_case {
    const char *body, *value; /* value NULL: none */
};

static void a_member_is_cut_out_of_a_body(void **state)
{
    (void)state;
    static const struct cut_case cases[] = {
        {"{\"plan\":{\"a\":1}}", "{\"a\":1}"},
        {" { \"x\" : [1,{\"plan\":2}] , \"plan\" : {\"b\":\"}\\\"{\"} , \"c\":1}",
         "{\"b\":\"}\\\"{\"}"},
        {"{\"x\":\"\\\"plan\\\":{}\",\"plan\":7}", "7"},
        {"{\"plan\":null,\"y\":1}", "null"},
        {"{\"x\":{\"plan\":{}}}", NULL},
        {"[\"plan\"]", NULL},
        {"{\"plan\"", NULL},
        {"{\"plan\":", NULL},
        {"{\"plan", NULL},
        {"{plan:1}", NULL},
        {"", NULL},
        {"{", NULL},
        {"{\"a\":1 \"plan\":2}", NULL},
        {"{\"a\\", NULL},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct slice value;
        bool found = definition_cut(slice_from_string(cases[i].body), SLICE("plan"), &value);
        if (found != (cases[i].value != NULL) ||
            (found && !slice_equal(value, slice_from_string(cases[i].value))))
            fail_msg("%s", cases[i].body);
    }
}

static void a_plan_and_areas_become_units_prices_and_a_document(void **state)
{
    struct folder *f = *state;
    struct definition d;
    bool good = definition_read(
        SLICE("{" HEAD "," PRICES ",\"plan\":" PLAN
              ",\"areas\":[{\"id\":\"pit\",\"name\":\"Pit\",\"capacity\":5,"
              "\"price_category\":\"std\"}],\"blocked\":[\"b\",\"b\"],\"limits\":{\"per_buyer\":4},"
              "\"sale\":{\"opens_at\":\"2031-01-01T00:00:00Z\"},\"x_note\":1}"),
        f->path, &d);
    if (!good)
        fail_msg("%s", d.request.detail);
    uint64_t scratch[1];
    struct inventory inventory;
    assert_int_equal(inventory_read(buf_slice(&d.inventory), scratch, &inventory), INVENTORY_OK);
    assert_int_equal(inventory.seat_count, 2);
    assert_int_equal(inventory.unit_count, 7);
    assert_int_equal(d.prices[0], 1200);
    assert_int_equal(d.fees[0], 80);
    assert_int_equal(d.blocked_count, 1);
    assert_int_equal(d.blocked[0], 1);
    assert_int_equal(d.per_buyer, 4);
    assert_int_equal(d.per_hold, 4); /* no more than one buyer may have */
    assert_int_equal(d.hold_seconds, 600);
    assert_true(d.opens_at_us > 0);

    /* A catalogue that never saw the plan finds it on the disk by the document alone. */
    struct catalogue c;
    struct err err;
    assert_int_equal(catalogue_init(&c, "/nowhere", &err), 0);
    (void)snprintf(c.plans_dir, sizeof c.plans_dir, "%s", f->path);
    if (catalogue_take(&c, 3, 77, buf_slice(&d.document), &err) < 0)
        fail_msg("%s", err.detail);
    struct api_event *event = catalogue_event(&c, 3);
    assert_non_null(event->seating);
    assert_int_equal(plan_seat_find(event->seating->plan, SLICE("b")), 1);
    assert_true(slice_equal(event->areas[0].id, SLICE("pit")));
    assert_true(slice_equal(event->categories[0].color, SLICE("#0072b2")));
    assert_true(slice_equal(event->starts_local, SLICE("2031-05-01T20:00:00")));
    assert_null(catalogue_event(&c, 4));
    catalogue_finish(&c);
    definition_finish(&d);
}

static void a_revision_keeps_the_secret_and_a_plan_that_is_gone_is_told(void **state)
{
    struct folder *f = *state;
    struct definition d;
    assert_true(definition_read(SLICE("{" HEAD "," PRICES ",\"plan\":" PLAN "}"), f->path, &d));
    struct catalogue c;
    struct err err;
    assert_int_equal(catalogue_init(&c, "/nowhere", &err), 0);
    (void)snprintf(c.plans_dir, sizeof c.plans_dir, "%s/none", f->path);
    assert_true(catalogue_take(&c, 1, 5, buf_slice(&d.document), &err) < 0);
    assert_null(catalogue_event(&c, 1));
    (void)snprintf(c.plans_dir, sizeof c.plans_dir, "%s", f->path);
    assert_int_equal(catalogue_take(&c, 1, 5, buf_slice(&d.document), &err), 0);
    assert_int_equal(catalogue_take(&c, 1, 0, buf_slice(&d.document), &err), 0);
    assert_int_equal(catalogue_event(&c, 1)->random, 5);
    catalogue_finish(&c);
    definition_finish(&d);
}

static void a_changed_plan_file_is_not_taken_for_the_plan(void **state)
{
    struct folder *f = *state;
    struct definition d;
    assert_true(definition_read(SLICE("{" HEAD "," PRICES ",\"plan\":" PLAN "}"), f->path, &d));
    char path[200];
    (void)snprintf(path, sizeof path, "%s/%s.json", f->path, d.seating->hash);
    FILE *file = fopen(path, "r+e");
    assert_non_null(file);
    char content[4096];
    size_t len = fread(content, 1, sizeof content - 1, file);
    content[len] = 0;
    char *name = strstr(content, "Stalls");
    assert_non_null(name);
    name[0] = 'T';
    rewind(file);
    assert_int_equal(fwrite(content, 1, len, file), len);
    assert_int_equal(fclose(file), 0);
    struct seating *seating;
    struct err err;
    assert_true(seating_load(f->path, slice_from_string(d.seating->hash), &seating, &err) < 0);
    assert_non_null(strstr(err.detail, "another plan"));
    assert_true(seating_load(f->path, SLICE("../../etc/passwd"), &seating, &err) < 0);
    definition_finish(&d);
}

struct fault_case {
    const char *body;
    enum problem problem;
    const char *member;
};

static void each_fault_is_named(void **state)
{
    struct folder *f = *state;
#define AREA "{\"id\":\"a\",\"name\":\"A\",\"capacity\":5,\"price_category\":0}"
    static const struct fault_case cases[] = {
        {"{" HEAD "," PRICES "}", PROBLEM_EVENT_INVALID, ""},
        {"{" HEAD ",\"areas\":[" AREA "]}", PROBLEM_BAD_VALUE, "price_categories"},
        {"{" HEAD "," PRICES ",\"areas\":[" AREA "," AREA "]}", PROBLEM_BAD_VALUE, "areas.id"},
        {"{" HEAD "," PRICES ",\"areas\":[" AREA "],\"nope\":1}", PROBLEM_UNKNOWN_MEMBER, "nope"},
        {"{" HEAD "," PRICES ",\"areas\":[" AREA "],\"blocked\":[\"z\"]}", PROBLEM_UNKNOWN_SEAT,
         "blocked"},
        {"{" HEAD "," PRICES ",\"plan\":" PLAN ",\"plan\":1}", PROBLEM_BAD_JSON, ""},
        {"{" HEAD "," PRICES ",\"plan\":[]}", PROBLEM_BAD_VALUE, "plan"},
        {"{" HEAD "," PRICES ",\"plan\":{}}", PROBLEM_PLAN_INVALID, "plan"},
        {"{" HEAD ",\"price_categories\":[{\"name\":\"other\",\"price\":1}],\"plan\":" PLAN "}",
         PROBLEM_EVENT_INVALID, "price_categories"},
        {"{" HEAD ",\"price_categories\":[{\"name\":\"s\",\"price\":-1}],\"areas\":[" AREA "]}",
         PROBLEM_BAD_VALUE, "price_categories.price"},
        {"{" HEAD ",\"price_categories\":[{\"name\":\"s\",\"price\":{\"amount\":1,\"currency\":"
         "\"USD\"}}],\"areas\":[" AREA "]}",
         PROBLEM_BAD_VALUE, "price_categories.price"},
        {"{" HEAD ",\"price_categories\":[{\"name\":\"s\",\"price\":1},{\"name\":\"s\",\"price\":"
         "2}],\"areas\":[" AREA "]}",
         PROBLEM_BAD_VALUE, "price_categories.name"},
        {"{" HEAD "," PRICES ",\"areas\":[" AREA
         "],\"sale\":{\"opens_at\":\"2031-01-02T00:00:00Z\","
         "\"closes_at\":\"2031-01-01T00:00:00Z\"}}",
         PROBLEM_BAD_VALUE, "sale.closes_at"},
        {"{" HEAD "," PRICES ",\"areas\":[" AREA "],\"allocations\":[{}]}", PROBLEM_NOT_SUPPORTED,
         "allocations"},
        {"{" HEAD "," PRICES ",\"areas\":[" AREA "],\"limits\":{\"per_hold\":17}}",
         PROBLEM_BAD_VALUE, "limits.per_hold"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct definition d;
        bool good = definition_read(slice_from_string(cases[i].body), f->path, &d);
        if (good || d.request.problem != cases[i].problem ||
            strcmp(d.request.member, cases[i].member) != 0)
            fail_msg("%s: %s (%s) %s", cases[i].body,
                     good ? "taken" : problem_texts[d.request.problem].code, d.request.member,
                     d.request.detail);
        definition_finish(&d);
    }
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_member_is_cut_out_of_a_body),
        CASE(a_plan_and_areas_become_units_prices_and_a_document),
        CASE(a_revision_keeps_the_secret_and_a_plan_that_is_gone_is_told),
        CASE(a_changed_plan_file_is_not_taken_for_the_plan),
        CASE(each_fault_is_named),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
