/* What the machine gets of a plan: who sits beside whom, and which seats are best. */
#include "support.h"

#include "base/limits.h"
#include "booking/inventory.h"
#include "demo/demo.h"

#include <string.h>

static uint32_t word_at(const char *list, uint32_t i)
{
    uint32_t value;
    memcpy(&value, list + (size_t)i * 4, 4);
    return value;
}

/* Writes and reads back an inventory; `out` keeps the bytes that the result points into. */
static struct inventory inventory_of(const struct plan *plan, struct buf *out)
{
    uint32_t category_of[LIMIT_PRICE_CATEGORIES];
    for (uint32_t c = 0; c < LIMIT_PRICE_CATEGORIES; c++)
        category_of[c] = c;
    struct err err = {""};
    if (plan_write_inventory(plan, category_of, plan_category_count(plan), NULL, 0, out, &err) < 0)
        fail_msg("%s", err.detail);
    uint64_t *scratch = calloc(LIMIT_UNITS / 64, sizeof *scratch);
    struct inventory it = {0};
    assert_int_equal(inventory_read(buf_slice(out), scratch, &it), INVENTORY_OK);
    free(scratch);
    return it;
}

struct place {
    double x, y;
};

/* Rows of places, each ended by a negative x; guids are letters in the order of the file. */
static struct plan *plan_of(const struct place rows[][12], size_t count)
{
    BUF_AUTO struct buf json = BUF_INIT;
    char name = 'a';
    buf_append_text(&json, "{\"name\":\"P\",\"size\":{\"width\":900,\"height\":900},"
                           "\"categories\":[{\"name\":\"A\"}],\"zones\":[{\"name\":\"Z\","
                           "\"position\":{\"x\":0,\"y\":0},\"rows\":[");
    for (size_t r = 0; r < count; r++) {
        buf_append_format(&json, "%s{\"row_number\":\"%zu\",\"seats\":[", r ? "," : "", r + 1);
        for (size_t s = 0; rows[r][s].x >= 0; s++)
            buf_append_format(&json,
                              "%s{\"seat_guid\":\"%c\",\"seat_number\":\"%zu\",\"position\":"
                              "{\"x\":%g,\"y\":%g},\"category\":\"A\"}",
                              s ? "," : "", name++, s + 1, rows[r][s].x, rows[r][s].y);
        buf_append_text(&json, "]}");
    }
    buf_append_text(&json, "]}]}");
    return good_plan(buf_slice(&json), false);
}

/* The blocks as text: guids side by side, blocks divided by a blank. */
static void blocks_as_text(const struct plan *plan, char text[200])
{
    BUF_AUTO struct buf bytes = BUF_INIT;
    struct inventory it = inventory_of(plan, &bytes);
    uint32_t at = 0, len = 0;
    for (uint32_t b = 0; b < it.block_count; b++) {
        if (b > 0)
            text[len++] = ' ';
        for (uint32_t i = 0; i < word_at(it.blocks, 2 * b + 1); i++)
            text[len++] = plan_seat(plan, word_at(it.seats, at++)).guid.data[0];
    }
    text[len] = '\0';
}

#define END   \
    {         \
        -1, 0 \
    }
static const struct {
    const char *what, *blocks;
    size_t rows;
    struct place places[3][12];
} cuts[] = {
    {"a straight row is one block",
     "abcde",
     1,
     {{{0, 0}, {20, 0}, {40, 0}, {60, 0}, {80, 0}, END}}},
    {"an aisle cuts", "abc def", 1, {{{0, 0}, {20, 0}, {40, 0}, {80, 0}, {100, 0}, {120, 0}, END}}},
    {"a slightly wider gap does not cut",
     "abcdef",
     1,
     {{{0, 0}, {20, 0}, {40, 0}, {70, 0}, {90, 0}, {110, 0}, END}}},
    {"seats in any order stand as they stand",
     "cabd",
     1,
     {{{20, 0}, {40, 0}, {0, 0}, {60, 0}, END}}},
    {"an upright row is a row", "abcd", 1, {{{0, 0}, {0, 20}, {0, 40}, {0, 60}, END}}},
    {"a bent row is one block",
     "abcde",
     1,
     {{{100, 0}, {71, 71}, {0, 100}, {29, 171}, {100, 200}, END}}},
    {"rows are never joined",
     "abcd efgh",
     2,
     {{{0, 0}, {20, 0}, {40, 0}, {60, 0}, END}, {{80, 0}, {100, 0}, {120, 0}, {140, 0}, END}}},
    {"two seats far apart in a section of close ones",
     "abcd e f",
     2,
     {{{0, 0}, {20, 0}, {40, 0}, {60, 0}, END}, {{0, 40}, {200, 40}, END}}},
    {"couples' seats stay couples",
     "ab cd ef",
     1,
     {{{0, 0}, {20, 0}, {60, 0}, {80, 0}, {120, 0}, {140, 0}, END}}},
    {"one seat is a block", "a", 1, {{{5, 5}, END}}},
};

static void rows_are_cut_at_their_aisles(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof cuts / sizeof cuts[0]; i++) {
        char text[200];
        struct plan *plan = plan_of(cuts[i].places, cuts[i].rows);
        blocks_as_text(plan, text);
        if (strcmp(text, cuts[i].blocks) != 0)
            print_error("%s\n", cuts[i].what);
        assert_string_equal(text, cuts[i].blocks);
        plan_destroy(plan);
    }
}

static void the_middle_of_the_front_is_best(void **state)
{
    (void)state;
    BUF_AUTO struct buf json = BUF_INIT;
    BUF_AUTO struct buf bytes = BUF_INIT;
    demo_plan_grid((struct demo_grid){1, 9, 11}, &json);
    struct plan *plan = good_plan(buf_slice(&json), false);
    struct inventory it = inventory_of(plan, &bytes);
    uint32_t best = 0;
    for (uint32_t s = 0; s < it.seat_count; s++) {
        if (word_at(it.costs, s) < word_at(it.costs, best))
            best = s;
    }
    assert_slice(plan_seat(plan, best).row, "1");
    /* costs fall to the best seat and rise behind it: every window of a row has one best place */
    for (uint32_t r = 0; r < 9; r++) {
        int turns = 0;
        for (uint32_t s = r * 11 + 2; s < (r + 1) * 11; s++) {
            bool fell = word_at(it.costs, s - 1) < word_at(it.costs, s - 2);
            bool falls = word_at(it.costs, s) < word_at(it.costs, s - 1);
            assert_false(!fell && falls);
            turns += fell != falls;
        }
        assert_true(turns <= 1);
    }
    plan_destroy(plan);
}

static void a_stage_is_found_by_its_word(void **state)
{
    (void)state;
    static const char *const words[] = {"Stage", "MAIN STAGE", "Bühne", "Pitch", "Backstage"};
    for (size_t i = 0; i < 5; i++) {
        BUF_AUTO struct buf json = BUF_INIT;
        BUF_AUTO struct buf bytes = BUF_INIT;
        buf_append_format(
            &json,
            "{\"name\":\"P\",\"size\":{\"width\":900,\"height\":900},\"categories\":"
            "[{\"name\":\"A\"}],\"zones\":[{\"position\":{\"x\":0,\"y\":0},\"rows\":["
            "{\"row_number\":\"1\",\"seats\":[{\"seat_guid\":\"a\",\"seat_number\":\"1\","
            "\"position\":{\"x\":0,\"y\":0},\"category\":\"A\"},{\"seat_guid\":\"b\","
            "\"seat_number\":\"2\",\"position\":{\"x\":0,\"y\":500},\"category\":\"A\"}]}],"
            "\"areas\":[{\"shape\":\"text\",\"position\":{\"x\":0,\"y\":600},\"text\":"
            "{\"text\":\"%s\",\"position\":{\"x\":0,\"y\":0}}}]}]}",
            words[i]);
        struct plan *plan = good_plan(buf_slice(&json), false);
        struct inventory it = inventory_of(plan, &bytes);
        bool near_text = word_at(it.costs, 1) < word_at(it.costs, 0);
        assert_int_equal(near_text, i < 4); /* backstage is no stage */
        plan_destroy(plan);
    }
}

static void seats_of_the_stadium_stand_in_blocks_of_their_rows(void **state)
{
    (void)state;
    BUF_AUTO struct buf json = BUF_INIT;
    BUF_AUTO struct buf bytes = BUF_INIT;
    demo_plan_stadium(&json);
    struct plan *plan = good_plan(buf_slice(&json), false);
    struct inventory it = inventory_of(plan, &bytes);
    assert_int_equal(it.seat_count, 39417);
    uint32_t at = 0;
    for (uint32_t b = 0; b < it.block_count; b++) {
        struct plan_seat first = plan_seat(plan, word_at(it.seats, at));
        for (uint32_t i = 0; i < word_at(it.blocks, 2 * b + 1); i++, at++) {
            struct plan_seat seat = plan_seat(plan, word_at(it.seats, at));
            assert_int_equal(seat.section_index, word_at(it.blocks, 2 * b));
            assert_true(slice_equal(seat.row, first.row));
            assert_int_equal((unsigned char)it.categories[word_at(it.seats, at)], seat.category);
        }
    }
    assert_true(it.block_count >= 1450); /* at least one a row; rows with entrances have two */
    assert_true(it.block_count < 1450 + 400);
    plan_destroy(plan);
}

static void kinds_companions_and_groups_reach_the_machine(void **state)
{
    (void)state;
    static const char json[] =
        "{\"name\":\"P\",\"size\":{\"width\":9,\"height\":9},\"categories\":[{\"name\":\"A\"}],"
        "\"zones\":[{\"position\":{\"x\":0,\"y\":0},\"rows\":[{\"row_number\":\"1\",\"seats\":["
        "{\"seat_guid\":\"a\",\"seat_number\":\"1\",\"position\":{\"x\":0,\"y\":0},"
        "\"category\":\"A\",\"x_kind\":\"companion\",\"x_companion_of\":\"c\"},"
        "{\"seat_guid\":\"b\",\"seat_number\":\"2\",\"position\":{\"x\":30,\"y\":0},"
        "\"category\":\"A\",\"x_group\":\"y\"},"
        "{\"seat_guid\":\"c\",\"seat_number\":\"3\",\"position\":{\"x\":60,\"y\":0},"
        "\"category\":\"A\",\"x_kind\":\"accessible\",\"x_group\":\"x\"},"
        "{\"seat_guid\":\"d\",\"seat_number\":\"4\",\"position\":{\"x\":90,\"y\":0},"
        "\"category\":\"A\",\"x_kind\":\"vip\",\"x_group\":\"y\"},"
        "{\"seat_guid\":\"e\",\"seat_number\":\"5\",\"position\":{\"x\":120,\"y\":0},"
        "\"category\":\"A\",\"x_kind\":\"restricted_view\",\"x_group\":\"x\"}]}]}]}";
    static const uint32_t specials[] = {
        0, 2, 2, 2, 1, INVENTORY_NO_SEAT, 3, 4, INVENTORY_NO_SEAT, 4, 3, INVENTORY_NO_SEAT};
    static const uint32_t grouped[] = {1, 3, 2, 4}; /* by their first seats, not by name */
    BUF_AUTO struct buf bytes = BUF_INIT;
    struct plan *plan = good_plan(slice_from_string(json), false);
    struct inventory it = inventory_of(plan, &bytes);
    assert_int_equal(it.special_count, 4);
    for (uint32_t i = 0; i < 12; i++)
        assert_int_equal(word_at(it.specials, i), specials[i]);
    assert_int_equal(it.group_count, 2);
    assert_int_equal(it.grouped_count, 4);
    for (uint32_t i = 0; i < 4; i++)
        assert_int_equal(word_at(it.grouped, i), grouped[i]);
    assert_int_equal(word_at(it.groups, 0), 2);
    assert_int_equal(plan_largest_group(plan), 2);
    BUF_AUTO struct buf geometry = BUF_INIT;
    plan_write_geometry(plan, &geometry);
    buf_append_char(&geometry, '\0');
    assert_non_null(strstr(geometry.data, ",\"groups\":[[1,3],[2,4]],\"companions\":[[0,2]]}"));
    plan_destroy(plan);
}

static void areas_come_after_the_seats(void **state)
{
    (void)state;
    BUF_AUTO struct buf out = BUF_INIT;
    struct err err = {""};
    const struct plan_area areas[] = {{2000, 0}, {500, 1}};
    uint64_t scratch[1];
    struct inventory it;
    assert_int_equal(plan_write_inventory(NULL, NULL, 2, areas, 2, &out, &err), 0);
    assert_int_equal(inventory_read(buf_slice(&out), scratch, &it), INVENTORY_OK);
    assert_int_equal(it.unit_count, 2500);
    assert_int_equal(it.section_count, 0);
    assert_int_equal(word_at(it.areas, 2), 500);
    assert_int_equal(word_at(it.areas, 3), 1);
}

static void what_the_machine_could_not_sell_is_refused(void **state)
{
    (void)state;
    BUF_AUTO struct buf json = BUF_INIT;
    BUF_AUTO struct buf out = BUF_INIT;
    demo_plan_grid((struct demo_grid){1, 1, 1}, &json);
    struct plan *plan = good_plan(buf_slice(&json), false);
    const struct {
        const struct plan *plan;
        uint32_t category, categories;
        struct plan_area area;
        uint32_t areas;
        const char *detail;
    } refusals[] = {
        {plan, 1, 1, {0, 0}, 0, "a category of the plan has no price category"},
        {plan, 0, 0, {0, 0}, 0, "0 price categories: at least 1 and at most 64 are allowed"},
        {plan, 0, 65, {0, 0}, 0, "65 price categories: at least 1 and at most 64 are allowed"},
        {NULL, 0, 1, {0, 0}, 0, "no seat and no area: nothing to sell"},
        {NULL, 0, 1, {0, 0}, 1, "area 1 has no capacity"},
        {NULL, 0, 1, {5, 1}, 1, "area 1 has no price category"},
        {NULL, 0, 1, {5, 0}, 65, "65 areas: at most 64 are allowed"},
        {plan, 0, 1, {LIMIT_UNITS, 0}, 1, "1048577 places: at most 1048576 are allowed"},
    };
    for (size_t i = 0; i < sizeof refusals / sizeof refusals[0]; i++) {
        struct err err = {""};
        assert_true(plan_write_inventory(refusals[i].plan, &refusals[i].category,
                                         refusals[i].categories, &refusals[i].area,
                                         refusals[i].areas, &out, &err) < 0);
        assert_string_equal(err.detail, refusals[i].detail);
        assert_int_equal(out.len, 0);
    }
    plan_destroy(plan);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rows_are_cut_at_their_aisles),
        cmocka_unit_test(the_middle_of_the_front_is_best),
        cmocka_unit_test(a_stage_is_found_by_its_word),
        cmocka_unit_test(seats_of_the_stadium_stand_in_blocks_of_their_rows),
        cmocka_unit_test(kinds_companions_and_groups_reach_the_machine),
        cmocka_unit_test(areas_come_after_the_seats),
        cmocka_unit_test(what_the_machine_could_not_sell_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
