#include "unit/engine/support.h"

static void nothing_is_told_before_the_commit_it_depends_on(void **state)
{
    (void)state;
    struct house s;
    house_open(&s);
    bool repeated;
    uint32_t p = list_event(s.e, 1, 1, &repeated);
    assert_int_equal(p, 1);
    engine_commit(s.e);
    assert_int_equal(s.h.committed, 1);
    assert_int_equal(engine_barrier(s.e), 0); /* all durable: reads may leave at once */

    journal_memory_hold_back(s.j, true);
    struct engine_result a = hold(s.e, p, 3, 1);
    assert_int_equal(a.refusal, BOOKING_OK);
    assert_int_equal(a.barrier, 2);
    assert_int_equal(hold(s.e, p, 3, 2).refusal, BOOKING_UNIT_UNAVAILABLE);
    assert_int_equal(hold(s.e, p, 3, 2).barrier, 2); /* a refusal saw it: it waits too */
    engine_commit(s.e);
    assert_int_equal(s.h.committed, 1);
    assert_int_equal(engine_barrier(s.e), 2); /* in flight: a read waits for it */
    assert_true(engine_is_durable(s.e, 0) && engine_is_durable(s.e, 1));
    assert_false(engine_is_durable(s.e, 2));
    assert_int_equal(board_seat(engine_board(s.e, p), 3), 0); /* readers do not see it yet */
    struct engine_result b = hold(s.e, p, 4, 1);
    assert_int_equal(b.barrier, 3); /* the next batch fills meanwhile */
    engine_commit(s.e);             /* at most one in flight */
    assert_int_equal(s.h.batches, 1);
    assert_true(journal_memory_deliver(s.j));
    assert_int_equal(s.h.committed, 2);
    assert_true(engine_is_durable(s.e, 2)); /* though there is more to write */
    assert_false(engine_is_durable(s.e, 3));
    assert_int_equal(board_seat(engine_board(s.e, p), 3), 1);
    assert_int_equal(board_seat(engine_board(s.e, p), 4), 0);
    engine_commit(s.e);
    assert_true(journal_memory_deliver(s.j));
    assert_int_equal(s.h.committed, 3);
    assert_int_equal(board_seat(engine_board(s.e, p), 4), 1);
    house_close(&s);
}

static void the_slowest_commit_is_told_once(void **state)
{
    (void)state;
    struct house s;
    house_open(&s);
    bool repeated;
    uint32_t p = list_event(s.e, 1, 1, &repeated);
    engine_commit(s.e);
    (void)engine_take_slowest_commit_us(s.e);
    journal_memory_hold_back(s.j, true);
    static const uint64_t took_us[] = {20, 300000, 7};
    for (uint32_t i = 0; i < 3; i++) {
        (void)hold(s.e, p, i, 1 + i);
        engine_commit(s.e);
        s.h.now_us += took_us[i];
        assert_true(journal_memory_deliver(s.j));
    }
    assert_int_equal(engine_take_slowest_commit_us(s.e), 300000);
    assert_int_equal(engine_take_slowest_commit_us(s.e), 0);
    house_close(&s);
}

static void a_failed_commit_ends_it_without_another_word(void **state)
{
    (void)state;
    static const enum journal_memory_fault faults[] = {
        JOURNAL_MEMORY_FAIL, JOURNAL_MEMORY_UNKNOWN_STORED, JOURNAL_MEMORY_UNKNOWN_LOST};
    for (unsigned i = 0; i < 3; i++) {
        struct house s;
        house_open(&s);
        bool repeated;
        uint32_t p = list_event(s.e, 1, 1, &repeated);
        engine_commit(s.e);
        unsigned told = s.h.entries;
        journal_memory_fault_next(s.j, faults[i]);
        (void)hold(s.e, p, 3, 1);
        engine_commit(s.e);
        assert_int_equal(s.h.fatal, 1);
        assert_int_equal(s.h.committed, 1);
        assert_int_equal(s.h.entries, told);
        assert_true(hold(s.e, p, 4, 1).no_space); /* nothing is decided any more */
        engine_commit(s.e);
        assert_int_equal(s.h.committed, 1);
        engine_destroy(s.e);
        /* A new start knows what the journal knows: the hold, exactly when it was stored. */
        s.e = open_engine(&s.h, s.j);
        bool stored = faults[i] == JOURNAL_MEMORY_UNKNOWN_STORED;
        assert_int_equal(booking_unit_state(engine_booking(s.e, p), 3, s.h.now_us),
                         stored ? BOOKING_HELD : BOOKING_FREE);
        house_close(&s);
    }
}

static void a_full_disk_refuses_early_and_loses_nothing(void **state)
{
    (void)state;
    struct house s;
    house_open(&s);
    bool repeated;
    uint32_t p = list_event(s.e, 1, 1, &repeated);
    engine_commit(s.e);
    journal_memory_fault_next(s.j, JOURNAL_MEMORY_NO_SPACE);
    struct engine_result r = hold(s.e, p, 3, 1);
    assert_true(r.no_space);
    assert_int_equal(booking_unit_state(engine_booking(s.e, p), 3, s.h.now_us), BOOKING_FREE);
    house_close(&s);
}

static struct hash128 state_of(struct engine *e, uint32_t p)
{
    return booking_hash(engine_booking(e, p));
}

static void assert_same(struct hash128 a, struct hash128 b)
{
    assert_true(a.low == b.low && a.high == b.high);
}

/* Sells about with random holds and releases; some rows are left behind the snapshot. */
static void work(struct engine *e, struct host *h, uint32_t p, unsigned from, unsigned to)
{
    for (unsigned i = from; i < to; i++) {
        struct engine_result r = hold(e, p, i * 7 % SEATS, (uint8_t)(1 + i % 20));
        if (r.refusal == BOOKING_OK && i % 3 == 0) {
            struct booking_command c = {.number = BOOKING_COMMAND_release_hold};
            c.release_hold.hold = r.decision->hold;
            c.release_hold.hold_random = booking_hold_random(r.booking, r.decision->hold);
            c.release_hold.session.bytes[0] = (uint8_t)(1 + i % 20);
            engine_submit(e, p, &c, &r);
        }
        h->now_us += 1000;
        if (i % 5 == 0)
            engine_commit(e);
    }
    engine_commit(e);
}

static void recovery_gives_the_same_state_with_and_without_snapshots(void **state)
{
    (void)state;
    for (unsigned snapshots = 0; snapshots < 3; snapshots++) {
        struct house s;
        struct err err = {""};
        bool repeated;
        house_open(&s);
        uint32_t p = list_event(s.e, 1, 1, &repeated);
        engine_commit(s.e);
        work(s.e, &s.h, p, 0, 60);
        if (snapshots)
            assert_int_equal(engine_snapshot_all(s.e, 60 * SECOND, &err), 0);
        uint32_t q = list_event(s.e, 2, 1, &repeated); /* an event younger than the snapshot */
        work(s.e, &s.h, p, 60, 90);
        work(s.e, &s.h, q, 0, 30);
        if (snapshots == 2)
            journal_memory_damage_snapshot(s.j, p);
        struct hash128 first = state_of(s.e, p), second = state_of(s.e, q);
        s.h.now_us = booking_event(engine_booking(s.e, q)).last_ts_us; /* no outage to credit */
        house_restart(&s);
        assert_same(first, state_of(s.e, p));
        assert_same(second, state_of(s.e, q));
        assert_int_equal(directory_event_count(engine_directory(s.e)), 2);
        for (uint32_t seat = 0; seat < SEATS; seat++)
            assert_int_equal(board_seat(engine_board(s.e, p), seat),
                             booking_unit_state(engine_booking(s.e, p), seat, 0));
        house_close(&s);
    }
}

static void an_outage_costs_no_hold_a_second(void **state)
{
    (void)state;
    struct house s;
    house_open(&s);
    bool repeated;
    uint32_t p = list_event(s.e, 1, 1, &repeated);
    struct engine_result r = hold(s.e, p, 3, 1);
    uint32_t slot = r.decision->hold;
    uint64_t random = booking_hold_random(r.booking, slot);
    engine_commit(s.e);
    for (unsigned i = 0; i < 40; i++) { /* 100 seconds of life: time passes in the journal */
        s.h.now_us += SECOND * 5 / 2;
        engine_tick(s.e);
        engine_commit(s.e);
    }
    struct booking_hold before, after;
    assert_true(booking_hold_get(engine_booking(s.e, p), slot, random, &before));
    uint64_t left = before.expires_at_us - s.h.now_us;
    engine_destroy(s.e);
    s.h.now_us += 3600 * SECOND; /* longer than the hold lives */
    s.e = open_engine(&s.h, s.j);
    assert_true(booking_hold_get(engine_booking(s.e, p), slot, random, &after));
    assert_true(after.live);
    uint64_t left_after = after.expires_at_us - s.h.now_us;
    assert_true(left_after >= left && left_after <= left + 3 * SECOND);
    engine_commit(s.e);
    engine_destroy(s.e);
    /* A clock that went back credits nothing and takes nothing. */
    s.h.now_us -= 7200 * SECOND;
    s.e = open_engine(&s.h, s.j);
    assert_true(booking_hold_get(engine_booking(s.e, p), slot, random, &after));
    assert_true(after.expires_at_us - engine_now(s.e) <= left_after + SECOND);
    assert_true(after.expires_at_us - engine_now(s.e) + 10 * SECOND >= left_after);
    house_close(&s);
}

static void news(struct engine *e, uint32_t p, uint32_t order, uint8_t kind)
{
    static const uint64_t randoms[LIMIT_HOLD_UNITS] = {1};
    struct booking_command c = {.number = BOOKING_COMMAND_payment_news};
    struct engine_result r;
    c.payment_news = (struct command_payment_news){
        .order = order,
        .order_random = booking_order_random(engine_booking(e, p), order),
        .kind = kind,
        .intent = SLICE("pi"),
        .amount_minor = 1100,
        .ticket_randoms = {randoms, LIMIT_HOLD_UNITS}};
    engine_submit(e, p, &c, &r);
    assert_int_equal(r.refusal, BOOKING_OK);
    engine_commit(e);
}

/* Nobody holds anything, and a sold order waits for a person. */
static void an_outage_costs_no_case_more_than_a_minute(void **state)
{
    (void)state;
    struct house s;
    house_open(&s);
    bool repeated;
    uint32_t p = list_event(s.e, 1, 1, &repeated);
    struct engine_result r = hold(s.e, p, 3, 1);
    struct booking_command place = {.number = BOOKING_COMMAND_place_order};
    place.place_order = (struct command_place_order){.order_random = 7,
                                                     .hold = r.decision->hold,
                                                     .hold_random = 103,
                                                     .session.bytes = {1},
                                                     .email_hash.bytes = {1},
                                                     .contact = SLICE("x")};
    engine_submit(s.e, p, &place, &r);
    assert_int_equal(r.refusal, BOOKING_OK);
    uint32_t order = r.decision->order;
    news(s.e, p, order, BOOKING_PAYMENT_AUTHORISED);
    news(s.e, p, order, BOOKING_PAYMENT_REFUSED); /* its capture */
    for (unsigned i = 0; i < 4000; i++) {
        s.h.now_us += SECOND;
        engine_tick(s.e);
        engine_commit(s.e);
    }
    struct booking_event before = booking_event(engine_booking(s.e, p));
    assert_int_equal(before.live_holds, 0);
    uint64_t left = before.next_case_us - s.h.now_us;
    s.h.now_us += 40 * 3600 * SECOND; /* longer than it would wait */
    house_restart(&s);
    uint64_t left_after = booking_event(engine_booking(s.e, p)).next_case_us - s.h.now_us;
    assert_true(left_after >= left && left_after <= left + 61 * SECOND);
    house_close(&s);
}

static void boards_tell_what_changed_since_a_version(void **state)
{
    (void)state;
    struct house s;
    house_open(&s);
    bool repeated;
    uint32_t p = list_event(s.e, 1, 1, &repeated), changed[8];
    engine_commit(s.e);
    const struct board *board = engine_board(s.e, p);
    uint64_t first = board->version;
    assert_int_equal(board->available, SEATS + AREA);
    assert_int_equal(board_changes(board, first, changed, 8), 0);
    (void)hold(s.e, p, 3, 1);
    (void)hold(s.e, p, 4, 1);
    engine_commit(s.e);
    uint64_t second = board->version;
    assert_true(second > first);
    (void)hold(s.e, p, 5, 2);
    engine_commit(s.e);
    assert_int_equal(board_changes(board, second, changed, 8), 1);
    assert_int_equal(changed[0], 5);
    assert_int_equal(board_changes(board, first, changed, 8), 3);
    assert_int_equal(board_changes(board, first, changed, 2), -1);
    assert_int_equal(board->available, SEATS + AREA - 3);
    struct booking_command c = {.number = BOOKING_COMMAND_hold};
    uint32_t area[2] = {0, 4};
    c.hold.hold_random = 9;
    c.hold.session.bytes[0] = 7;
    c.hold.areas = (struct u32s){area, 2};
    struct engine_result r;
    engine_submit(s.e, p, &c, &r);
    assert_int_equal(r.refusal, BOOKING_OK);
    engine_commit(s.e);
    assert_int_equal(board->area_available[0], AREA - 4);
    assert_int_equal(board->available, SEATS + AREA - 7);
    house_close(&s);
}

static void a_key_lists_one_event_and_another_request_none(void **state)
{
    (void)state;
    struct house s;
    house_open(&s);
    bool repeated;
    assert_int_equal(list_event(s.e, 1, 1, &repeated), 1);
    assert_false(repeated);
    assert_int_equal(list_event(s.e, 1, 1, &repeated), 1);
    assert_true(repeated);
    assert_int_equal(list_event(s.e, 2, 1, &repeated), 2);
    assert_int_equal(directory_event_count(engine_directory(s.e)), 2);
    struct engine_result r = hold(s.e, 3, 0, 1);
    assert_true(r.no_event);
    house_close(&s);
}

static unsigned replayed;

static void count_entry(void *context, const struct engine_entry *entry)
{
    (void)context;
    (void)entry;
    replayed++;
}

static void consumers_read_again_what_they_missed(void **state)
{
    (void)state;
    struct house s;
    struct err err = {""};
    house_open(&s);
    bool repeated;
    uint32_t p = list_event(s.e, 1, 1, &repeated);
    engine_commit(s.e);
    uint64_t after_listing = engine_last_seq(s.e);
    work(s.e, &s.h, p, 0, 30);
    replayed = 0;
    assert_int_equal(engine_replay(s.e, 0, count_entry, NULL, &err), 0);
    assert_int_equal(replayed, s.h.entries);
    replayed = 0;
    assert_int_equal(engine_replay(s.e, after_listing, count_entry, NULL, &err), 0);
    assert_int_equal(replayed, s.h.entries - 2);
    replayed = 0;
    assert_int_equal(engine_replay(s.e, engine_last_seq(s.e), count_entry, NULL, &err), 0);
    assert_int_equal(replayed, 0);
    house_close(&s);
}

static void it_comes_back_from_real_files(void **state)
{
    (void)state;
    struct host h = {0};
    struct err err = {""};
    char dir[FOLDER_ROOM], path[FOLDER_ROOM + 16];
    make_folder(dir);
    (void)snprintf(path, sizeof path, "%s/journal", dir);
    struct journal *j;
    struct hash128 was = {0, 0};
    uint32_t p = 1;
    for (unsigned round = 0; round < 4; round++) {
        if (journal_sqlite_open(path, NULL, &j, &err) != 0)
            fail_msg("%s", err.detail);
        struct engine *e = open_engine(&h, j);
        bool repeated;
        if (round == 0)
            p = list_event(e, 1, 1, &repeated);
        else
            assert_same(was, state_of(e, p));
        engine_commit(e);
        work(e, &h, p, round * 30, round * 30 + 30);
        if (round == 1)
            assert_int_equal(engine_snapshot_all(e, 60 * SECOND, &err), 0);
        was = state_of(e, p);
        h.now_us = booking_event(engine_booking(e, p)).last_ts_us;
        engine_destroy(e);
        journal_destroy(j);
    }
    remove_folder(dir);
    buf_finish(&h.seen);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(nothing_is_told_before_the_commit_it_depends_on),
        cmocka_unit_test(the_slowest_commit_is_told_once),
        cmocka_unit_test(a_failed_commit_ends_it_without_another_word),
        cmocka_unit_test(a_full_disk_refuses_early_and_loses_nothing),
        cmocka_unit_test(recovery_gives_the_same_state_with_and_without_snapshots),
        cmocka_unit_test(an_outage_costs_no_hold_a_second),
        cmocka_unit_test(an_outage_costs_no_case_more_than_a_minute),
        cmocka_unit_test(boards_tell_what_changed_since_a_version),
        cmocka_unit_test(a_key_lists_one_event_and_another_request_none),
        cmocka_unit_test(consumers_read_again_what_they_missed),
        cmocka_unit_test(it_comes_back_from_real_files),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
