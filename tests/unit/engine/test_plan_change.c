#include "unit/engine/support.h"

/* Another plan for an event on sale: readers, recovery, snapshots, a batch that is not yet durable.
 */

/* SEATS + 4 seats: the old ones are units 0.. and stand behind four new ones; seat 39 is gone. */
#define NEW_SEATS (SEATS + 3)

struct change {
    struct buf inventory;
    uint32_t units[NEW_SEATS];
    struct command_change_plan command;
};

static void change_make(struct change *c)
{
    uint32_t head[] = {INVENTORY_VERSION, NEW_SEATS, 1, 1, 1, 1, 0, 0, 0};
    c->inventory = (struct buf)BUF_INIT;
    buf_append(&c->inventory, head, sizeof head);
    put32(&c->inventory, 0);
    put32(&c->inventory, NEW_SEATS);
    for (uint32_t i = 0; i < NEW_SEATS; i++)
        put32(&c->inventory, i);
    for (uint32_t i = 0; i < NEW_SEATS; i++)
        put32(&c->inventory, i);
    for (uint32_t i = 0; i < NEW_SEATS; i++)
        buf_append_char(&c->inventory, 0);
    put32(&c->inventory, AREA);
    put32(&c->inventory, 0);
    for (uint32_t i = 0; i < NEW_SEATS; i++)
        c->units[i] = i < 4 ? SEATS + AREA + i : i - 4;
    c->command = (struct command_change_plan){.inventory = buf_slice(&c->inventory),
                                              .units = {c->units, NEW_SEATS}};
}

static struct engine_result change_tell(struct engine *e, uint32_t partition)
{
    struct change c;
    struct engine_result result;
    change_make(&c);
    engine_change_plan(e, partition, &c.command, SLICE("{\"plan\":2}"), &result);
    buf_finish(&c.inventory);
    return result;
}

static void readers_see_the_new_plan_after_the_commit_and_not_before(void **state)
{
    (void)state;
    struct house s;
    house_open(&s);
    bool repeated;
    uint32_t p = list_event(s.e, 1, 1, &repeated);
    (void)hold(s.e, p, 3, 1);
    engine_commit(s.e);
    journal_memory_hold_back(s.j, true);
    assert_int_equal(change_tell(s.e, p).refusal, BOOKING_OK);
    (void)hold(s.e, p, SEATS + AREA, 2); /* a new seat, in the same batch */
    engine_commit(s.e);
    (void)hold(s.e, p, 5, 3); /* in the next */
    assert_int_equal(engine_board(s.e, p)->seat_count, SEATS);
    assert_int_equal(engine_board(s.e, p)->plan_version, 0);
    assert_int_equal(booking_event(engine_booking(s.e, p)).plan_version, 1);
    assert_true(journal_memory_deliver(s.j));
    const struct board *board = engine_board(s.e, p);
    assert_int_equal(board->seat_count, NEW_SEATS);
    assert_int_equal(board->plan_version, 1);
    assert_int_equal(board_seat(board, 0), BOOKING_HELD);
    assert_int_equal(board_seat(board, 1), BOOKING_FREE);
    assert_int_equal(board_seat(board, 4 + 3), BOOKING_HELD);
    assert_int_equal(board_seat(board, 4 + 5), BOOKING_FREE);
    assert_int_equal(board->available, NEW_SEATS - 2 + AREA);
    engine_commit(s.e);
    assert_true(journal_memory_deliver(s.j));
    assert_int_equal(board_seat(engine_board(s.e, p), 4 + 5), BOOKING_HELD);
    assert_int_equal(engine_board(s.e, p)->area_available[0], AREA);
    house_close(&s);
}

static void a_start_after_it_gives_the_same_machine(void **state)
{
    (void)state;
    for (int with_snapshot = 0; with_snapshot < 2; with_snapshot++) {
        struct house s;
        struct err err = {""};
        house_open(&s);
        bool repeated;
        uint32_t p = list_event(s.e, 1, 1, &repeated);
        (void)hold(s.e, p, 3, 1);
        assert_int_equal(change_tell(s.e, p).refusal, BOOKING_OK);
        (void)hold(s.e, p, SEATS + AREA + 1, 2);
        engine_commit(s.e);
        if (with_snapshot)
            assert_int_equal(engine_snapshot_all(s.e, UINT64_MAX, &err), 0);
        (void)hold(s.e, p, 7, 3);
        engine_commit(s.e);
        struct hash128 before = booking_hash(engine_booking(s.e, p));
        engine_destroy(s.e);
        struct engine_port port = {.context = &s.h,
                                   .now_us = host_now,
                                   .entry = host_entry,
                                   .committed = host_committed,
                                   .fatal = host_fatal};
        s.h.committed = 0;
        assert_int_equal(engine_create(s.j, &port, &s.e, &err), 0);
        struct hash128 after = booking_hash(engine_booking(s.e, p));
        assert_true(before.low == after.low && before.high == after.high);
        assert_null(booking_check(engine_booking(s.e, p)));
        assert_int_equal(board_seat(engine_board(s.e, p), 1), BOOKING_HELD);
        house_close(&s);
    }
}

static void a_plan_that_is_refused_changes_neither_machine_nor_document(void **state)
{
    (void)state;
    struct house s;
    house_open(&s);
    bool repeated;
    uint32_t p = list_event(s.e, 1, 1, &repeated);
    (void)hold(s.e, p, SEATS - 1, 1); /* the seat that would go */
    engine_commit(s.e);
    unsigned told = s.h.entries;
    assert_int_equal(change_tell(s.e, p).refusal, BOOKING_UNIT_NOT_FREE);
    engine_commit(s.e);
    assert_int_equal(s.h.entries, told);
    assert_true(change_tell(s.e, p + 1).no_event);
    house_close(&s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(readers_see_the_new_plan_after_the_commit_and_not_before),
        cmocka_unit_test(a_start_after_it_gives_the_same_machine),
        cmocka_unit_test(a_plan_that_is_refused_changes_neither_machine_nor_document),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
