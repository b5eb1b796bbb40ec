#include "unit/engine/support.h"

/* What allocations mean outside the machine: boards show them as blocked, and ticks release them in
 * events that have nothing else to do. */

#define EVENT 1u

static void open_with_event(struct house *house)
{
    bool repeated;
    house_open(house);
    assert_int_equal(list_event(house->e, 1, 1, &repeated), EVENT);
    engine_commit(house->e);
}

static const struct board *board_of(const struct house *house)
{
    return engine_board(house->e, EVENT);
}

/* Seats 3 and 4 and two places of the area into allocation 1. */
static void allocate(struct house *house, uint64_t releases_at_us)
{
    static const uint32_t seats[2] = {3, 4}, areas[2] = {0, 2};
    struct booking_command c = {.number = BOOKING_COMMAND_change_allocation};
    struct engine_result r;
    c.change_allocation = (struct command_change_allocation){.allocation = 1,
                                                             .id = SLICE("press"),
                                                             .kind = BOOKING_ALLOCATION_HOLDBACK,
                                                             .releases_at_us = releases_at_us,
                                                             .add = {seats, 2},
                                                             .add_areas = {areas, 2}};
    engine_submit(house->e, EVENT, &c, &r);
    assert_int_equal(r.refusal, BOOKING_OK);
    engine_commit(house->e);
}

static void assert_all_is_free(const struct house *house)
{
    assert_int_equal(board_of(house)->available, SEATS + AREA);
    assert_int_equal(board_of(house)->area_available[0], AREA);
    assert_int_equal(board_seat(board_of(house), 3), BOOKING_FREE);
}

static void assert_some_are_kept(const struct house *house)
{
    assert_int_equal(board_of(house)->available, SEATS + AREA - 4);
    assert_int_equal(board_of(house)->area_available[0], AREA - 2);
    assert_int_equal(board_seat(board_of(house), 2), BOOKING_FREE);
    assert_int_equal(board_seat(board_of(house), 3), BOOKING_BLOCKED);
    assert_int_equal(board_seat(board_of(house), 4), BOOKING_BLOCKED);
    assert_int_equal(board_seat(board_of(house), 5), BOOKING_FREE);
}

static void what_is_kept_apart_looks_blocked_to_readers(void **state)
{
    (void)state;
    struct house house;
    uint32_t changed[8];
    open_with_event(&house);
    uint64_t before = board_of(&house)->version;
    assert_all_is_free(&house);
    allocate(&house, 0);
    assert_some_are_kept(&house);
    assert_int_equal(board_changes(board_of(&house), before, changed, 8), 2);
    assert_int_equal(changed[0] + changed[1], 3 + 4);
    house_restart(&house);
    assert_some_are_kept(&house);
    struct booking_command c = {.number = BOOKING_COMMAND_change_allocation};
    struct engine_result r;
    c.change_allocation = (struct command_change_allocation){
        .allocation = 1, .id = SLICE("press"), .kind = BOOKING_ALLOCATION_HOLDBACK, .release = 1};
    before = board_of(&house)->version;
    engine_submit(house.e, EVENT, &c, &r);
    assert_int_equal(r.refusal, BOOKING_OK);
    engine_commit(house.e);
    assert_all_is_free(&house);
    assert_int_equal(board_changes(board_of(&house), before, changed, 8), 2);
    house_close(&house);
}

/* Nobody holds anything, and nobody comes. */
static void a_tick_releases_in_a_house_without_holds(void **state)
{
    (void)state;
    for (int restarted = 0; restarted < 3; restarted++) {
        struct house house;
        struct err err = {""};
        open_with_event(&house);
        uint64_t until = house.h.now_us + 60 * SECOND;
        allocate(&house, until);
        if (restarted == 2)
            assert_int_equal(engine_snapshot_all(house.e, 60 * SECOND, &err), 0);
        if (restarted)
            house_restart(&house);
        house.h.now_us = until - 1;
        unsigned told = house.h.entries;
        engine_tick(house.e);
        engine_commit(house.e);
        assert_int_equal(house.h.entries, told);
        assert_some_are_kept(&house);
        house.h.now_us = until;
        engine_tick(house.e);
        engine_commit(house.e);
        assert_int_equal(house.h.entries, told + 1);
        assert_all_is_free(&house);
        house.h.now_us += 60 * SECOND;
        engine_tick(house.e); /* and then it is quiet again */
        engine_commit(house.e);
        assert_int_equal(house.h.entries, told + 1);
        house_close(&house);
    }
}

/* More than a list of changes holds: the whole picture is told anew. */
static void many_moves_reach_the_board(void **state)
{
    (void)state;
    enum { MANY = 4000 };
    struct house house;
    uint32_t *seats = malloc(MANY * sizeof *seats), changed[8];
    bool repeated;
    house_open(&house);
    assert_int_equal(list_sized_event(house.e, 1, 1, MANY + 4, &repeated), EVENT);
    engine_commit(house.e);
    uint64_t before = board_of(&house)->version;
    for (uint32_t i = 0; i < MANY; i++)
        seats[i] = i + 2;
    struct booking_command c = {.number = BOOKING_COMMAND_change_allocation};
    struct engine_result r;
    c.change_allocation = (struct command_change_allocation){.allocation = 1,
                                                             .id = SLICE("partner"),
                                                             .kind = BOOKING_ALLOCATION_PARTNER,
                                                             .add = {seats, MANY}};
    engine_submit(house.e, EVENT, &c, &r);
    assert_int_equal(r.refusal, BOOKING_OK);
    engine_commit(house.e);
    assert_int_equal(board_of(&house)->available, 4 + AREA);
    assert_int_equal(board_seat(board_of(&house), MANY), BOOKING_BLOCKED);
    assert_int_equal(board_seat(board_of(&house), MANY + 2), BOOKING_FREE);
    assert_int_equal(board_changes(board_of(&house), before, changed, 8), -1);
    free(seats);
    house_close(&house);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_kept_apart_looks_blocked_to_readers),
        cmocka_unit_test(a_tick_releases_in_a_house_without_holds),
        cmocka_unit_test(many_moves_reach_the_board),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
