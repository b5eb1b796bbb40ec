/* A good plan with values replaced and bytes changed, by a fixed sequence of random numbers: each
 * one is refused with a reason, or comes in, and then comes out so that it comes in again the same.
 */
#include "support.h"

#include <string.h>

static const char base[] =
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
    "\"polygon\":{\"points\":[{\"x\":0,\"y\":0},{\"x\":5.5,\"y\":0},{\"x\":0,\"y\":5}]}},"
    "{\"shape\":\"rectangle\",\"rectangle\":{\"width\":7,\"height\":8},\"text\":{\"text\":\"Bar\","
    "\"position\":{\"x\":3,\"y\":4},\"color\":\"#000\",\"size\":20}},{\"shape\":\"ellipse\","
    "\"ellipse\":{\"radius\":{\"x\":3,\"y\":4}}},{\"shape\":\"circle\",\"circle\":{\"radius\":9}},"
    "{\"shape\":\"text\",\"text\":{\"text\":\"Exit\",\"position\":{\"x\":0,\"y\":0}}}]}]}";

static uint64_t seed = 20260101;

static size_t draw(size_t below)
{
    seed = seed * 6364136223846793005ull + 1442695040888963407ull;
    return (size_t)(seed >> 33) % below;
}

/* Replaces the value behind a colon at or after `at` by another; returns the new length. */
static size_t replace_value(char *text, size_t len, size_t at)
{
    static const char *const values[] = {
        "null",  "-1",         "1e400", "\"\"", "{}",
        "[]",    "true",       "0.5",   "1e6",  "99999999999999999999",
        "\"A\"", "\"\\u0000\""};
    while (at < len && text[at] != ':')
        at++;
    if (at + 1 >= len)
        return len;
    size_t end = ++at;
    for (int depth = 0; end < len; end++) {
        char c = text[end];
        if (depth == 0 && (c == ',' || c == '}' || c == ']'))
            break;
        depth += (c == '{' || c == '[') - (c == '}' || c == ']');
    }
    const char *value = values[draw(sizeof values / sizeof values[0])];
    memmove(text + at + strlen(value), text + end, len - end);
    memcpy(text + at, value, strlen(value));
    return len - (end - at) + strlen(value);
}

static void check_good(const struct plan *plan)
{
    BUF_AUTO struct buf once = BUF_INIT;
    BUF_AUTO struct buf twice = BUF_INIT;
    BUF_AUTO struct buf geometry = BUF_INIT;
    BUF_AUTO struct buf inventory = BUF_INIT;
    const uint32_t category_of[64] = {0};
    plan_write_pretix(plan, true, &once);
    plan_write_geometry(plan, &geometry);
    assert_int_equal(plan_write_inventory(plan, category_of, 1, NULL, 0, &inventory, NULL), 0);
    struct plan *again = good_plan(buf_slice(&once), false);
    plan_write_pretix(again, true, &twice);
    assert_true(slice_equal(buf_slice(&once), buf_slice(&twice)));
    plan_destroy(again);
}

static void a_changed_plan_is_refused_or_comes_out_as_it_went_in(void **state)
{
    (void)state;
    size_t good = 0;
    for (int turn = 0; turn < 4000; turn++) {
        size_t len = sizeof base - 1;
        char *text = malloc(len + 256);
        memcpy(text, base, len);
        for (size_t changes = draw(4) + 1; changes > 0; changes--) {
            if (draw(3) == 0)
                text[draw(len)] = (char)draw(256);
            else
                len = replace_value(text, len, draw(len));
        }
        char *exact = malloc(len); /* so that the sanitizer sees one byte too far */
        memcpy(exact, text, len);
        struct plan_options options = {.renumber = turn % 2 == 1};
        struct plan *plan = NULL;
        struct err err = {""};
        if (plan_create(slice_make(exact, len), &options, &plan, NULL, &err) == 0) {
            good++;
            check_good(plan);
        } else {
            assert_true(err.detail[0] != '\0');
        }
        plan_destroy(plan);
        free(exact);
        free(text);
    }
    assert_in_range(good, 40, 3900);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_changed_plan_is_refused_or_comes_out_as_it_went_in),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
