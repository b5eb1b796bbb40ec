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
    struct host h = {0};
    struct journal *j = journal_memory_create();
    struct engine *e = open_engine(&h, j);
    bool repeated;
    uint32_t p = list_event(e, 1, 1, &repeated);
    (void)hold(e, p, 3, 1);
    engine_commit(e);
    journal_memory_hold_back(j, true);
    assert_int_equal(change_tell(e, p).refusal, BOOKING_OK);
    (void)hold(e, p, SEATS + AREA, 2); /* a new seat, in the same batch */
    engine_commit(e);
    (void)hold(e, p, 5, 3); /* in the next */
    assert_int_equal(engine_board(e, p)->seat_count, SEATS);
    assert_int_equal(engine_board(e, p)->plan_version, 0);
    assert_int_equal(booking_event(engine_booking(e, p)).plan_version, 1);
    assert_true(journal_memory_deliver(j));
    const struct board *board = engine_board(e, p);
    assert_int_equal(board->seat_count, NEW_SEATS);
    assert_int_equal(board->plan_version, 1);
    assert_int_equal(board_seat(board, 0), BOOKING_HELD);
    assert_int_equal(board_seat(board, 1), BOOKING_FREE);
    assert_int_equal(board_seat(board, 4 + 3), BOOKING_HELD);
    assert_int_equal(board_seat(board, 4 + 5), BOOKING_FREE);
    assert_int_equal(board->available, NEW_SEATS - 2 + AREA);
    engine_commit(e);
    assert_true(journal_memory_deliver(j));
    assert_int_equal(board_seat(engine_board(e, p), 4 + 5), BOOKING_HELD);
    assert_int_equal(engine_board(e, p)->area_available[0], AREA);
    engine_destroy(e);
    journal_destroy(j);
    buf_finish(&h.seen);
}

static void a_start_after_it_gives_the_same_machine(void **state)
{
    (void)state;
    for (int with_snapshot = 0; with_snapshot < 2; with_snapshot++) {
        struct host h = {0};
        struct err err = {""};
        struct journal *j = journal_memory_create();
        struct engine *e = open_engine(&h, j);
        bool repeated;
        uint32_t p = list_event(e, 1, 1, &repeated);
        (void)hold(e, p, 3, 1);
        assert_int_equal(change_tell(e, p).refusal, BOOKING_OK);
        (void)hold(e, p, SEATS + AREA + 1, 2);
        engine_commit(e);
        if (with_snapshot)
            assert_int_equal(engine_snapshot_all(e, UINT64_MAX, &err), 0);
        (void)hold(e, p, 7, 3);
        engine_commit(e);
        struct hash128 before = booking_hash(engine_booking(e, p));
        engine_destroy(e);
        struct engine_port port = {.context = &h,
                                   .now_us = host_now,
                                   .entry = host_entry,
                                   .committed = host_committed,
                                   .fatal = host_fatal};
        h.committed = 0;
        assert_int_equal(engine_create(j, &port, &e, &err), 0);
        struct hash128 after = booking_hash(engine_booking(e, p));
        assert_true(before.low == after.low && before.high == after.high);
        assert_null(booking_check(engine_booking(e, p)));
        assert_int_equal(board_seat(engine_board(e, p), 1), BOOKING_HELD);
        engine_destroy(e);
        journal_destroy(j);
        buf_finish(&h.seen);
    }
}

static void a_plan_that_is_refused_changes_neither_machine_nor_document(void **state)
{
    (void)state;
    struct host h = {0};
    struct journal *j = journal_memory_create();
    struct engine *e = open_engine(&h, j);
    bool repeated;
    uint32_t p = list_event(e, 1, 1, &repeated);
    (void)hold(e, p, SEATS - 1, 1); /* the seat that would go */
    engine_commit(e);
    unsigned told = h.entries;
    assert_int_equal(change_tell(e, p).refusal, BOOKING_UNIT_NOT_FREE);
    engine_commit(e);
    assert_int_equal(h.entries, told);
    assert_true(change_tell(e, p + 1).no_event);
    engine_destroy(e);
    journal_destroy(j);
    buf_finish(&h.seen);
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
