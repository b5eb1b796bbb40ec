/* Each reason to refuse a plan, with the exact words that name the culprit. */
#include "support.h"

#include "base/limits.h"

#include <string.h>

#define HEAD                                                                  \
    "{\"name\":\"P\",\"size\":{\"width\":100,\"height\":100},\"categories\":" \
    "[{\"name\":\"A\",\"color\":\"#fff\"},{\"name\":\"B\"}],"
#define ZONES(rows, rest)                                                   \
    HEAD "\"zones\":[{\"name\":\"Balcony\",\"position\":{\"x\":0,\"y\":0}," \
         "\"rows\":[" rows "]" rest "}]}"
#define ROW(number, seats) "{\"row_number\":\"" number "\",\"seats\":[" seats "]}"
#define SEAT(guid, number, x, category)                                                 \
    "{\"seat_guid\":\"" guid "\",\"seat_number\":\"" number "\",\"position\":{\"x\":" x \
    ",\"y\":0},\"category\":\"" category "\"}"
#define SEAT_WITH(extra)                                                         \
    "{\"seat_guid\":\"g\",\"seat_number\":\"1\",\"position\":{\"x\":0,\"y\":0}," \
    "\"category\":\"A\"," extra "}"
#define COMPANION "\"x_kind\":\"companion\","
#define GOOD ROW("1", SEAT("g", "1", "0", "A"))
#define L16 "aaaaaaaaaaaaaaaa"
#define L65 L16 L16 L16 L16 "a"
#define L201 L65 L65 L65 "aaaaaa"

struct refusal {
    const char *json, *problems;
};

static const struct refusal refusals[] = {
    {ZONES(ROW("3", SEAT("B-3-12", "11", "0", "A") "," SEAT("B-3-12", "12", "20", "A")), ""),
     "zone \"Balcony\" row \"3\" seat \"12\": seat_guid \"B-3-12\" was already used by "
     "zone \"Balcony\" row \"3\" seat \"11\"\n"},
    {ZONES(ROW("3", SEAT("a", "11", "5", "A") "," SEAT("b", "12", "5.04", "A")), ""),
     "zone \"Balcony\" row \"3\" seat \"12\": stands in the same place as "
     "zone \"Balcony\" row \"3\" seat \"11\"\n"},
    {ZONES(ROW("3", SEAT("a", "11", "5", "Loge")), ""),
     "zone \"Balcony\" row \"3\" seat \"11\": category \"Loge\" does not exist\n"},
    {ZONES(ROW("1", ""), ""), "plan: no seat\n"},
    {ZONES("", ""), "plan: no seat\n"},
    {ZONES(ROW("1", SEAT("", "1", "0", "A")), ""),
     "zone \"Balcony\" row \"1\" seat \"1\": seat_guid is empty\n"},
    {ZONES(ROW("1", SEAT(L65, "1", "0", "A")), ""),
     "zone \"Balcony\" row \"1\" seat \"1\": seat_guid is 65 bytes long, at most 64 are allowed\n"},
    {ZONES(ROW("1", SEAT("g", L65, "0", "A")), ""),
     "zone \"Balcony\" row \"1\" seat 1: seat_number is 65 bytes long, at most 64 are allowed\n"},
    {ZONES(ROW(L65, SEAT("g", "1", "0", "A")), ""),
     "zone \"Balcony\" row 1: row_number is 65 bytes long, at most 64 are allowed\n"},
    {ZONES(ROW("1", SEAT("g", "1", "1000001", "A")), ""),
     "zone \"Balcony\" row \"1\" seat \"1\": x is beyond +-1000000\n"},
    {ZONES(ROW("1", SEAT("g", "1", "-1e300", "A")), ""),
     "zone \"Balcony\" row \"1\" seat \"1\": x is beyond +-1000000\n"},
    {ZONES(ROW("1", SEAT("g", "1", "\"7\"", "A")), ""),
     "zone \"Balcony\" row \"1\" seat \"1\": x is not a number\n"},
    {ZONES(ROW("1", "{\"seat_guid\":\"g\",\"seat_number\":\"1\",\"position\":{\"x\":1},"
                    "\"category\":\"A\"}"),
           ""),
     "zone \"Balcony\" row \"1\" seat \"1\": y is missing\n"},
    {ZONES(ROW("1", "{}"), ""), "zone \"Balcony\" row \"1\" seat 1: seat_number is missing\n"
                                "zone \"Balcony\" row \"1\" seat 1: seat_guid is missing\n"
                                "zone \"Balcony\" row \"1\" seat 1: position is missing\n"
                                "zone \"Balcony\" row \"1\" seat 1: category is missing\n"},
    {ZONES(ROW("1", "7"), ""), "zone \"Balcony\" row \"1\" seat 1: is not an object\n"},
    {ZONES("[]", ""), "zone \"Balcony\" row 1: is not an object\nplan: no seat\n"},
    {ZONES(ROW("1", SEAT_WITH("\"radius\":0")), ""),
     "zone \"Balcony\" row \"1\" seat \"1\": radius is not a whole number from 1 to 10000\n"},
    {ZONES(ROW("1", SEAT_WITH("\"radius\":2.5")), ""),
     "zone \"Balcony\" row \"1\" seat \"1\": radius is not a whole number from 1 to 10000\n"},
    {ZONES(ROW("1", SEAT_WITH("\"start_direction\":\"up\"")), ""),
     "zone \"Balcony\" row \"1\" seat \"1\": start_direction is none of the words allowed there\n"},
    {ZONES(ROW("1", SEAT_WITH("\"x_kind\":\"throne\"")), ""),
     "zone \"Balcony\" row \"1\" seat \"1\": x_kind is none of the words allowed there\n"},
    {ZONES(ROW("1", SEAT_WITH(COMPANION "\"x_companion_of\":\"nobody\"")), ""),
     "zone \"Balcony\" row \"1\" seat \"1\": x_companion_of \"nobody\" is no seat of this plan\n"},
    {ZONES(ROW("1", SEAT_WITH(COMPANION "\"x_companion_of\":\"g\"")), ""),
     "zone \"Balcony\" row \"1\" seat \"1\": x_companion_of \"g\" is the seat itself\n"},
    {ZONES(ROW("1", SEAT_WITH("\"x_companion_of\":\"g\"")), ""),
     "zone \"Balcony\" row \"1\" seat \"1\": x_companion_of \"g\" on a seat whose x_kind is not "
     "companion\n"},
    {ZONES(ROW("1",
               SEAT_WITH(COMPANION "\"x_companion_of\":\"h\"") ",{\"seat_guid\":\"h\","
                                                               "\"seat_number\":\"2\",\"position\":"
                                                               "{\"x\":30,\"y\":0}," COMPANION
                                                               "\"category\":\"A\"}"),
           ""),
     "zone \"Balcony\" row \"1\" seat \"1\": x_companion_of \"h\" is a companion itself\n"},
    {ZONES(ROW("1", SEAT_WITH("\"x_group\":\"Loge 1\"")), ""),
     "zone \"Balcony\" row \"1\" seat \"1\": x_group \"Loge 1\" has no other seat\n"},
    {ZONES(ROW("1", SEAT_WITH("\"x_amenities\":[1]")), ""),
     "zone \"Balcony\" row \"1\" seat \"1\": x_amenities holds something that is not a short "
     "text\n"},
    {ZONES(GOOD, ",\"areas\":[{\"shape\":\"blob\"}]"),
     "zone \"Balcony\" area 1: shape is none of the words allowed there\n"},
    {ZONES(GOOD, ",\"areas\":[{\"color\":\"red\"}]"),
     "zone \"Balcony\" area 1: shape is missing\n"},
    {ZONES(GOOD, ",\"areas\":[{\"shape\":\"circle\",\"circle\":{\"radius\":1},"
                 "\"color\":\"url(javascript:x)\"}]"),
     "zone \"Balcony\" area 1: color is not a colour\n"},
    {ZONES(GOOD, ",\"areas\":[{\"shape\":\"polygon\",\"polygon\":{\"points\":[{\"x\":1}]}}]"),
     "zone \"Balcony\" area 1: y is missing\n"},
    {ZONES(GOOD, ",\"areas\":[{\"shape\":\"text\"}]"),
     "zone \"Balcony\" area 1: text is missing\n"},
    {ZONES(GOOD, ",\"areas\":7"), "zone \"Balcony\": areas is not a list\n"},
    {HEAD "\"zones\":[{\"name\":\"" L201 "\",\"position\":{\"x\":0,\"y\":0},\"rows\":[" GOOD "]}]}",
     "zone 1: name is 201 bytes long, at most 200 are allowed\n"},
    {HEAD "\"zones\":[{\"rows\":[" GOOD "]}]}", "zone 1: position is missing\n"},
    {HEAD "\"zones\":[{\"position\":{\"x\":0,\"y\":0}}]}",
     "zone 1: rows is missing\nplan: no seat\n"},
    {"{\"name\":\"P\",\"zones\":[],\"categories\":[]}", "plan: no seat\n"},
    {"{}", "plan: name is missing\nplan: categories is missing\nplan: zones is missing\n"
           "plan: no seat\n"},
    {"{\"name\":\"P\",\"size\":{\"width\":1.5,\"height\":2},\"zones\":[],\"categories\":"
     "[{\"name\":\"A\"},{\"name\":\"A\"},{\"name\":\"\"},{}]}",
     "plan: width is not a whole number from 1 to 1000000\n"
     "category 4: name is missing\n"
     "category 2: name \"A\" was already used by category 1\n"
     "category 3: name is empty\n"
     "category 4: name is empty\n"
     "plan: no seat\n"},
};

static void every_culprit_is_named(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof refusals / sizeof refusals[0]; i++) {
        BUF_AUTO struct buf problems = BUF_INIT;
        struct plan *plan = NULL;
        struct err err = {""};
        struct plan_options options = {.renumber = false};
        int rc = plan_create(slice_from_string(refusals[i].json), &options, &plan, &problems, &err);
        if (rc == 0)
            print_error("accepted: %s\n", refusals[i].json);
        assert_true(rc < 0);
        assert_null(plan);
        assert_slice(buf_slice(&problems), refusals[i].problems);
        /* and without a list of problems the answer is the same */
        assert_true(plan_create(slice_from_string(refusals[i].json), NULL, &plan, NULL, NULL) < 0);
    }
}

static void a_group_larger_than_a_hold_is_named_by_its_first_seat(void **state)
{
    (void)state;
    BUF_AUTO struct buf json = BUF_INIT;
    BUF_AUTO struct buf problems = BUF_INIT;
    struct plan *plan = NULL;
    buf_append_text(&json, HEAD "\"zones\":[{\"name\":\"Z\",\"position\":{\"x\":0,\"y\":0},"
                                "\"rows\":[{\"row_number\":\"1\",\"seats\":[");
    for (unsigned i = 0; i <= LIMIT_HOLD_UNITS; i++)
        buf_append_format(&json,
                          "%s{\"seat_guid\":\"%u\",\"seat_number\":\"%u\",\"position\":{\"x\":%u,"
                          "\"y\":0},\"category\":\"A\",\"x_group\":\"all\"}",
                          i ? "," : "", i, i + 1, i * 30);
    buf_append_text(&json, "]}]}]}");
    assert_true(plan_create(buf_slice(&json), NULL, &plan, &problems, NULL) < 0);
    assert_slice(buf_slice(&problems), "zone \"Z\" row \"1\" seat \"1\": x_group \"all\" has 17 "
                                       "seats, at most 16 are sold together\n");
    /* what is kept already stays readable, but nothing is sold together that cannot be */
    const struct plan_options stored = {.stored = true};
    assert_int_equal(plan_create(buf_slice(&json), &stored, &plan, NULL, NULL), 0);
    assert_int_equal(plan_largest_group(plan), 0);
    plan_destroy(plan);
}

static const struct refusal broken[] = {
    {"", "not valid JSON"},
    {"[]", "the plan is not a JSON object"},
    {"{\"name\":\"P\"", "not valid JSON"},
    {"{\"name\":\"P\",\"name\":\"Q\"}", "duplicate object key"},
    {"{\"name\":\"\xff\"}", "not valid JSON"},
    {"{\"x\":1e999}", "not valid JSON"},
    {"{\"x\":NaN}", "not valid JSON"},
    {"[[[[[[[[[[[[[[[[[[[[", "nested deeper than 16 levels"},
};

static void what_is_no_json_says_where(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof broken / sizeof broken[0]; i++) {
        struct plan *plan = NULL;
        struct err err = {""};
        assert_true(plan_create(slice_from_string(broken[i].json), NULL, &plan, NULL, &err) < 0);
        if (!strstr(err.detail, broken[i].problems))
            print_error("%s: %s\n", broken[i].json, err.detail);
        assert_non_null(strstr(err.detail, broken[i].problems));
    }
}

static void brackets_within_texts_are_not_depth(void **state)
{
    (void)state;
    static const char json[] =
        ZONES(ROW("[[[[[[[[[[[[[[[[[[[[\\\"[[[[", SEAT("g", "1", "0", "A")), "");
    plan_destroy(good_plan(slice_from_string(json), false));
}

static void only_the_first_thousand_culprits_are_listed(void **state)
{
    (void)state;
    BUF_AUTO struct buf json = BUF_INIT;
    BUF_AUTO struct buf problems = BUF_INIT;
    buf_append_text(&json, HEAD "\"zones\":[{\"position\":{\"x\":0,\"y\":0},\"rows\":["
                                "{\"row_number\":\"1\",\"seats\":[");
    for (int i = 0; i < 1503; i++)
        buf_append_format(&json,
                          "%s{\"seat_guid\":\"same\",\"seat_number\":\"%d\",\"position\":"
                          "{\"x\":%d,\"y\":0},\"category\":\"A\"}",
                          i ? "," : "", i, i);
    buf_append_text(&json, "]}]}]}");
    struct plan *plan = NULL;
    struct err err = {""};
    assert_true(plan_create(buf_slice(&json), NULL, &plan, &problems, &err) < 0);
    assert_string_equal(err.detail, "the plan has 1502 problems");
    buf_append_char(&problems, '\0');
    assert_non_null(strstr(problems.data, "\n... and 502 more\n"));
    size_t lines = 0;
    for (const char *c = problems.data; *c; c++)
        lines += *c == '\n';
    assert_int_equal(lines, 1001);
}

static void more_sections_than_allowed_are_refused(void **state)
{
    (void)state;
    BUF_AUTO struct buf json = BUF_INIT;
    BUF_AUTO struct buf problems = BUF_INIT;
    buf_append_text(&json, HEAD "\"zones\":[");
    for (uint32_t i = 0; i <= LIMIT_SECTIONS; i++)
        buf_append_format(&json, "%s{\"position\":{\"x\":0,\"y\":0},\"rows\":[]}", i ? "," : "");
    buf_append_text(&json, "]}");
    struct plan *plan = NULL;
    assert_true(plan_create(buf_slice(&json), NULL, &plan, &problems, NULL) < 0);
    assert_slice(buf_slice(&problems), "plan: more than 4096 zones\nplan: no seat\n");
}

static void renumbering_keeps_every_seat(void **state)
{
    (void)state;
    /* "s-2" stands in the file already, so the repaired one must not take it */
    static const char json[] =
        ZONES(ROW("1", SEAT("s", "1", "0", "A") "," SEAT("s", "2", "20", "A") "," SEAT(
                           "s", "3", "40", "A") "," SEAT("s-2", "4", "60", "B")),
              "");
    struct plan *plan = good_plan(slice_from_string(json), true);
    assert_int_equal(plan_seat_count(plan), 4);
    assert_slice(plan_seat(plan, 0).guid, "s");
    assert_slice(plan_seat(plan, 1).guid, "s-3");
    assert_slice(plan_seat(plan, 2).guid, "s-4");
    assert_slice(plan_seat(plan, 3).guid, "s-2");
    for (uint32_t s = 0; s < 4; s++)
        assert_int_equal(plan_seat_find(plan, plan_seat(plan, s).guid), s);
    assert_slice(plan_notes(plan),
                 "zone \"Balcony\" row \"1\" seat \"2\": seat_guid \"s\" was repeated and is now "
                 "\"s-3\"\n"
                 "zone \"Balcony\" row \"1\" seat \"3\": seat_guid \"s\" was repeated and is now "
                 "\"s-4\"\n");
    plan_destroy(plan);
}

static void renumbering_cuts_a_long_guid_between_letters(void **state)
{
    (void)state;
    /* 64 bytes: 21 letters of three bytes and an "a" */
#define EURO7 "€€€€€€€"
    static const char json[] = ZONES(ROW("1", SEAT(EURO7 EURO7 EURO7 "a", "1", "0", "A") "," SEAT(
                                                  EURO7 EURO7 EURO7 "a", "2", "20", "A")),
                                     "");
    struct plan *plan = good_plan(slice_from_string(json), true);
    assert_slice(plan_seat(plan, 1).guid, EURO7 EURO7 "€€€€€€"
                                                      "-2");
    plan_destroy(plan);
}

static void renumbering_does_not_mend_two_seats_in_one_place(void **state)
{
    (void)state;
    static const char json[] =
        ZONES(ROW("1", SEAT("s", "1", "7", "A") "," SEAT("s", "2", "7", "A")), "");
    BUF_AUTO struct buf problems = BUF_INIT;
    struct plan_options options = {.renumber = true};
    struct plan *plan = NULL;
    assert_true(plan_create(slice_from_string(json), &options, &plan, &problems, NULL) < 0);
    assert_slice(buf_slice(&problems), "zone \"Balcony\" row \"1\" seat \"2\": stands in the same "
                                       "place as zone \"Balcony\" row \"1\" seat \"1\"\n");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_culprit_is_named),
        cmocka_unit_test(a_group_larger_than_a_hold_is_named_by_its_first_seat),
        cmocka_unit_test(what_is_no_json_says_where),
        cmocka_unit_test(brackets_within_texts_are_not_depth),
        cmocka_unit_test(only_the_first_thousand_culprits_are_listed),
        cmocka_unit_test(more_sections_than_allowed_are_refused),
        cmocka_unit_test(renumbering_keeps_every_seat),
        cmocka_unit_test(renumbering_cuts_a_long_guid_between_letters),
        cmocka_unit_test(renumbering_does_not_mend_two_seats_in_one_place),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
