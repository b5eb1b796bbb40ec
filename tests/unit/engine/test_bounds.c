#include "unit/engine/support.h"

#include "base/limits.h"
#include "journal/frame.h"

/* What a full disk, a full batch, a full directory and many events do to the engine, and what
 * readers see when much changes at once. */

#define LARGE 4000u

static struct engine_result change_units(struct engine *e, uint32_t p, const uint32_t *units,
                                         uint32_t count, bool block)
{
    struct booking_command c = {.number = BOOKING_COMMAND_change_event};
    struct engine_result result;
    if (block)
        c.change_event.block = (struct u32s){units, count};
    else
        c.change_event.unblock = (struct u32s){units, count};
    engine_submit(e, p, &c, &result);
    assert_int_equal(result.refusal, BOOKING_OK);
    return result;
}

static void release(struct engine *e, uint32_t p, const struct engine_result *held, uint8_t who)
{
    struct booking_command c = {.number = BOOKING_COMMAND_release_hold};
    struct engine_result result;
    c.release_hold.hold = held->decision->hold;
    c.release_hold.hold_random = booking_hold_random(held->booking, held->decision->hold);
    c.release_hold.session.bytes[0] = who;
    engine_submit(e, p, &c, &result);
    assert_int_equal(result.refusal, BOOKING_OK);
}

static void assert_board_is_true(struct house *s, uint32_t p)
{
    const struct booking *b = engine_booking(s->e, p);
    const struct board *board = engine_board(s->e, p);
    uint32_t available = 0;
    for (uint32_t unit = 0; unit < board->seat_count; unit++) {
        assert_int_equal(board_seat(board, unit), booking_unit_state(b, unit, 0));
        available += booking_unit_state(b, unit, 0) == BOOKING_FREE;
    }
    assert_int_equal(board->area_available[0], booking_area(b, 0).available);
    assert_int_equal(board->available, available + booking_area(b, 0).available);
}

static void a_board_is_true_after_any_mixture_of_large_and_small_changes(void **state)
{
    (void)state;
    struct house s;
    bool repeated;
    uint32_t units[LARGE], other[2] = {1, 2};
    for (uint32_t i = 0; i < LARGE; i++)
        units[i] = i;
    house_open(&s);
    uint32_t p = list_sized_event(s.e, 1, 1, LARGE, &repeated);
    uint32_t q = list_event(s.e, 2, 1, &repeated);
    engine_commit(s.e);
    uint64_t first = engine_board(s.e, p)->version;
    /* One batch: a small change, a large one over it, a small one, a second large one, another
     * event's between them. */
    struct engine_result held = hold(s.e, p, 5, 1);
    release(s.e, p, &held, 1);
    (void)change_units(s.e, p, units, LARGE, true);
    (void)hold(s.e, q, 3, 1);
    (void)change_units(s.e, p, other, 2, false);
    (void)hold(s.e, p, 1, 2);
    (void)change_units(s.e, p, units + 2, 1, true);
    (void)change_units(s.e, p, units + 100, 2000, false);
    (void)hold(s.e, p, 200, 3);
    assert_int_equal(board_seat(engine_board(s.e, p), 5), 0);
    engine_commit(s.e);
    assert_board_is_true(&s, p);
    assert_board_is_true(&s, q);
    uint32_t seats[8];
    assert_int_equal(board_changes(engine_board(s.e, p), first, seats, 8), -1);
    house_close(&s);
}

static void board_versions_rise_over_a_restart(void **state)
{
    (void)state;
    struct house s;
    bool repeated;
    uint32_t seats[4];
    house_open(&s);
    uint32_t p = list_event(s.e, 1, 1, &repeated);
    engine_commit(s.e);
    (void)hold(s.e, p, 3, 1);
    engine_commit(s.e);
    uint64_t told = engine_board(s.e, p)->version;
    house_restart(&s);
    const struct board *board = engine_board(s.e, p);
    assert_true(board->version >= told);
    (void)hold(s.e, p, 4, 1);
    engine_commit(s.e);
    assert_true(board->version > told);
    assert_int_equal(board_changes(board, told, seats, 4), 1);
    assert_int_equal(seats[0], 4);
    if (told > 1)
        assert_int_equal(board_changes(board, told - 1, seats, 4), -1); /* forgotten */
    house_close(&s);
}

static void a_ring_of_changes_forgets_the_oldest(void **state)
{
    (void)state;
    struct house s;
    bool repeated;
    uint32_t seats[64];
    house_open(&s);
    uint32_t p = list_event(s.e, 1, 1, &repeated);
    engine_commit(s.e);
    uint64_t versions[80];
    for (unsigned i = 0; i < 80; i++) { /* the ring of 40 seats has 64 places */
        versions[i] = engine_board(s.e, p)->version;
        struct engine_result held = hold(s.e, p, i % SEATS, 1);
        assert_int_equal(held.refusal, BOOKING_OK);
        engine_commit(s.e);
        release(s.e, p, &held, 1);
        engine_commit(s.e);
    }
    const struct board *board = engine_board(s.e, p);
    assert_int_equal(board_changes(board, versions[0], seats, 64), -1);
    assert_int_equal(board_changes(board, versions[47], seats, 64), -1);
    assert_int_equal(board_changes(board, versions[60], seats, 64), 20);
    assert_int_equal(board_changes(board, board->version + 5, seats, 64), 0);
    house_close(&s);
}

static void a_commit_that_meets_a_full_disk_waits_and_is_not_lost(void **state)
{
    (void)state;
    struct house s;
    bool repeated;
    house_open(&s);
    uint32_t p = list_event(s.e, 1, 1, &repeated);
    engine_commit(s.e);
    struct engine_result held = hold(s.e, p, 3, 1);
    journal_memory_fault_next(s.j, JOURNAL_MEMORY_NO_SPACE);
    engine_commit(s.e);
    assert_int_equal(s.h.fatal, 0);
    assert_true(s.h.committed < held.barrier);
    assert_true(hold(s.e, p, 4, 1).no_space); /* memory is ahead of the disk: nothing more yet */
    assert_int_equal(board_seat(engine_board(s.e, p), 3), 0);
    struct engine_snapshot none;
    assert_false(engine_snapshot_take(s.e, 1, &none));
    s.h.now_us += 30 * SECOND;
    engine_tick(s.e);
    journal_memory_fault_next(s.j, JOURNAL_MEMORY_NO_SPACE);
    engine_commit(s.e); /* still full */
    assert_int_equal(engine_barrier(s.e), held.barrier);
    s.h.now_us += 30 * SECOND;
    journal_memory_fault_clear(s.j);
    engine_commit(s.e);
    assert_int_equal(s.h.committed, held.barrier);
    assert_int_equal(board_seat(engine_board(s.e, p), 3), 1);
    assert_false(hold(s.e, p, 4, 1).no_space); /* and on it goes */
    house_close(&s);
}

static void time_of_a_full_disk_is_given_back(void **state)
{
    (void)state;
    struct house s;
    bool repeated;
    struct booking_hold before, after;
    house_open(&s);
    uint32_t p = list_event(s.e, 1, 1, &repeated);
    struct engine_result held = hold(s.e, p, 3, 1);
    uint32_t slot = held.decision->hold;
    uint64_t random = booking_hold_random(held.booking, slot);
    engine_commit(s.e);
    assert_true(booking_hold_get(engine_booking(s.e, p), slot, random, &before));
    journal_memory_fault_next(s.j, JOURNAL_MEMORY_NO_SPACE);
    engine_tick(s.e);
    s.h.now_us += 7200 * SECOND; /* longer than the hold lives */
    engine_tick(s.e);
    journal_memory_fault_clear(s.j);
    assert_int_equal(hold(s.e, p, 3, 2).refusal, BOOKING_UNIT_UNAVAILABLE); /* it lives on */
    assert_true(booking_hold_get(engine_booking(s.e, p), slot, random, &after));
    assert_int_equal(after.expires_at_us, before.expires_at_us + 7200 * SECOND);
    engine_commit(s.e);

    /* A start on a full disk owes the outage until it can be written. */
    engine_destroy(s.e);
    s.h.now_us += 3600 * SECOND;
    journal_memory_fault_next(s.j, JOURNAL_MEMORY_NO_SPACE);
    s.e = open_engine(&s.h, s.j);
    engine_tick(s.e);
    assert_true(hold(s.e, p, 4, 2).no_space);
    s.h.now_us += 60 * SECOND;
    journal_memory_fault_clear(s.j);
    engine_tick(s.e);
    assert_true(booking_hold_get(engine_booking(s.e, p), slot, random, &before));
    assert_true(before.live);
    assert_true(before.expires_at_us >= after.expires_at_us + 3659 * SECOND);
    house_close(&s);
}

static void a_turn_that_brings_too_much_is_refused_and_fits_in_a_row(void **state)
{
    (void)state;
    struct house s;
    bool repeated;
    struct err err = {""};
    uint32_t *units = malloc(1000000 * sizeof *units), made = 0;
    assert_non_null(units);
    for (uint32_t i = 0; i < 1000000; i++)
        units[i] = i;
    house_open(&s);
    uint32_t p = list_sized_event(s.e, 1, 1, 1000000, &repeated);
    /* Events are large; as many as a row can hold are made at once. */
    BUF_AUTO struct buf inventory = BUF_INIT;
    write_inventory(&inventory, 1000000);
    int result = 0;
    while (result == 0 && made < 10) {
        enum directory_refusal refusal;
        uint32_t partition;
        result = list_inventory(s.e, (uint8_t)(10 + made), 1, buf_slice(&inventory), SLICE("{}"),
                                &refusal, &partition, &repeated, &err);
        made += result == 0;
    }
    assert_int_equal(result, ENGINE_BUSY);
    assert_true(made >= 1 && made < 10);
    assert_int_equal(directory_event_count(engine_directory(s.e)), made + 1);
    /* Beside them there is still room for the others, up to a bound. */
    assert_int_equal(hold(s.e, p, 0, 1).refusal, BOOKING_OK);
    unsigned changes = 0;
    struct engine_result r;
    for (;;) {
        struct booking_command c = {.number = BOOKING_COMMAND_change_event};
        c.change_event.block = (struct u32s){units + 1, 900000};
        engine_submit(s.e, p, &c, &r);
        if (r.no_space)
            break;
        assert_int_equal(r.refusal, BOOKING_OK);
        changes++;
        assert_true(changes < 10);
    }
    assert_true(r.barrier > 0);
    uint64_t barrier;
    assert_false(engine_revise_event(s.e, p, SLICE("{}"), &barrier));
    engine_tick(s.e);
    engine_commit(s.e);
    assert_int_equal(s.h.fatal, 0);
    assert_int_equal(s.h.committed, 1);
    assert_int_equal(hold(s.e, p, 999999, 1).refusal, BOOKING_OK);
    engine_commit(s.e);
    struct hash128 was = booking_hash(engine_booking(s.e, p));
    s.h.now_us = booking_event(engine_booking(s.e, p)).last_ts_us;
    house_restart(&s);
    struct hash128 is = booking_hash(engine_booking(s.e, p));
    assert_true(was.low == is.low && was.high == is.high);
    house_close(&s);
    free(units);
}

static void a_tick_that_has_too_much_to_do_goes_on_at_the_next(void **state)
{
    (void)state;
    struct house s;
    bool repeated;
    house_open(&s);
    static char filler[LIMIT_BATCH_BYTES / 2];
    memset(filler, ' ', sizeof filler);
    uint32_t first = list_event(s.e, 1, 1, &repeated), second = list_event(s.e, 2, 1, &repeated);
    (void)hold(s.e, first, 1, 1);
    (void)hold(s.e, second, 1, 1);
    engine_commit(s.e);
    s.h.now_us += 700 * SECOND;
    uint64_t barrier;
    assert_true(engine_revise_event(s.e, first, slice_make(filler, sizeof filler), &barrier));
    engine_tick(s.e); /* the batch is half full: that is the buyers' half */
    assert_int_equal(booking_event(engine_booking(s.e, first)).live_holds, 1);
    engine_commit(s.e);
    engine_tick(s.e);
    assert_int_equal(booking_event(engine_booking(s.e, first)).live_holds, 0);
    assert_int_equal(booking_event(engine_booking(s.e, second)).live_holds, 0);
    engine_commit(s.e);
    house_close(&s);
}

static void an_invalid_definition_changes_nothing(void **state)
{
    (void)state;
    struct house s;
    struct err err = {""};
    bool repeated;
    enum directory_refusal refusal;
    uint32_t partition;
    house_open(&s);
    for (size_t len = 0; len < 40; len++) {
        char bytes[40] = {1};
        assert_int_equal(list_inventory(s.e, 1, 1, slice_make(bytes, len), SLICE("{}"), &refusal,
                                        &partition, &repeated, &err),
                         ENGINE_INVALID);
        assert_true(strlen(err.detail) > 0);
    }
    static char huge[LIMIT_ENTRY_BYTES];
    BUF_AUTO struct buf inventory = BUF_INIT;
    write_inventory(&inventory, SEATS);
    assert_int_equal(list_inventory(s.e, 1, 1, buf_slice(&inventory), slice_make(huge, sizeof huge),
                                    &refusal, &partition, &repeated, &err),
                     ENGINE_INVALID);
    assert_int_equal(directory_event_count(engine_directory(s.e)), 0);
    assert_int_equal(engine_barrier(s.e), 0);
    journal_memory_fault_next(s.j, JOURNAL_MEMORY_NO_SPACE);
    assert_int_equal(list_inventory(s.e, 1, 1, buf_slice(&inventory), SLICE("{}"), &refusal,
                                    &partition, &repeated, &err),
                     ENGINE_BUSY);
    house_close(&s);
}

static void a_key_with_another_request_lists_nothing(void **state)
{
    (void)state;
    struct house s;
    struct err err = {""};
    bool repeated;
    enum directory_refusal refusal;
    uint32_t partition;
    BUF_AUTO struct buf inventory = BUF_INIT;
    write_inventory(&inventory, SEATS);
    house_open(&s);
    (void)list_event(s.e, 1, 1, &repeated);
    assert_int_equal(list_inventory(s.e, 1, 2, buf_slice(&inventory), SLICE("{}"), &refusal,
                                    &partition, &repeated, &err),
                     0);
    assert_int_equal(refusal, DIRECTORY_IDEMPOTENCY_MISMATCH);
    assert_int_equal(partition, 0);
    uint64_t barrier = 0;
    assert_true(engine_revise_event(s.e, 1, SLICE("{\"a\":1}"), &barrier));
    assert_true(barrier > 0);
    assert_false(engine_revise_event(s.e, 2, SLICE("{}"), &barrier));
    assert_null(engine_booking(s.e, 2));
    assert_null(engine_board(s.e, 2));
    engine_commit(s.e);
    house_restart(&s);
    assert_int_equal(directory_event_count(engine_directory(s.e)), 1);
    assert_int_equal(engine_counters(s.e).events, 1);
    house_close(&s);
}

/* Events without seats, and without an area, live through snapshot and recovery too. */
static void events_of_only_an_area_come_back(void **state)
{
    (void)state;
    struct house s;
    struct err err = {""};
    bool repeated;
    enum directory_refusal refusal;
    uint32_t p, area[2] = {0, 2};
    uint32_t words[] = {INVENTORY_VERSION, 0, 0, 1, 0, 1, 0, 0, 0, 5, 0};
    house_open(&s);
    assert_int_equal(list_inventory(s.e, 1, 1, slice_make(words, sizeof words), SLICE("{}"),
                                    &refusal, &p, &repeated, &err),
                     0);
    struct booking_command c = {.number = BOOKING_COMMAND_hold};
    struct engine_result r;
    c.hold.hold_random = 9;
    c.hold.areas = (struct u32s){area, 2};
    engine_submit(s.e, p, &c, &r);
    assert_int_equal(r.refusal, BOOKING_OK);
    engine_commit(s.e);
    assert_int_equal(engine_board(s.e, p)->available, 3);
    assert_int_equal(engine_board(s.e, p)->seat_count, 0);
    assert_int_equal(engine_snapshot_all(s.e, 60 * SECOND, &err), 0);
    house_restart(&s);
    assert_int_equal(engine_board(s.e, p)->area_available[0], 3);
    house_close(&s);
}

static struct hash128 state_of(struct house *s, uint32_t p)
{
    return booking_hash(engine_booking(s->e, p));
}

/* Snapshots taken one by one, with rows between them: each machine skips what it has. */
static void each_partition_goes_on_from_its_own_snapshot(void **state)
{
    (void)state;
    struct house s;
    struct err err = {""};
    bool repeated;
    house_open(&s);
    uint32_t p = list_event(s.e, 1, 1, &repeated), q = list_event(s.e, 2, 1, &repeated);
    engine_commit(s.e);
    for (uint8_t round = 0; round < 9; round++) {
        (void)hold(s.e, p, round, (uint8_t)(10 + round));
        (void)hold(s.e, q, round, (uint8_t)(10 + round));
        engine_commit(s.e);
        struct engine_snapshot snapshot;
        if (!engine_snapshot_take(s.e, 1, &snapshot))
            fail_msg("a snapshot is due");
        assert_int_equal(engine_snapshot_write(s.e, &snapshot, &err), 0);
        engine_snapshot_finish(s.e, &snapshot, true);
        struct hash128 was[2] = {state_of(&s, p), state_of(&s, q)};
        s.h.now_us = booking_event(engine_booking(s.e, q)).last_ts_us; /* nothing to credit */
        house_restart(&s);
        struct hash128 is[2] = {state_of(&s, p), state_of(&s, q)};
        assert_memory_equal(was, is, sizeof was);
    }
    house_close(&s);
}

/* The directory's snapshot is younger than an event's: rows between them are still read. */
static void the_oldest_snapshot_says_where_reading_begins(void **state)
{
    (void)state;
    struct house s;
    struct err err = {""};
    struct engine_snapshot snapshot;
    bool repeated;
    uint64_t barrier;
    house_open(&s);
    uint32_t p = list_event(s.e, 1, 1, &repeated);
    engine_commit(s.e);
    assert_int_equal(engine_snapshot_all(s.e, 60 * SECOND, &err), 0);
    (void)hold(s.e, p, 3, 1);
    engine_commit(s.e);
    assert_true(engine_revise_event(s.e, p, SLICE("{}"), &barrier));
    engine_commit(s.e);
    for (bool written = false; !written;) {
        if (!engine_snapshot_take(s.e, 1, &snapshot))
            fail_msg("the directory is due");
        written = snapshot.partition == 0;
        if (written)
            assert_int_equal(engine_snapshot_write(s.e, &snapshot, &err), 0);
        engine_snapshot_finish(s.e, &snapshot, written);
    }
    struct hash128 was = state_of(&s, p);
    s.h.now_us = booking_event(engine_booking(s.e, p)).last_ts_us;
    house_restart(&s);
    struct hash128 is = state_of(&s, p);
    assert_true(was.low == is.low && was.high == is.high);
    house_close(&s);
}

static int start(struct house *s, struct err *err)
{
    struct engine *e = NULL;
    struct engine_port port = {.context = &s->h,
                               .now_us = host_now,
                               .entry = host_entry,
                               .committed = host_committed,
                               .fatal = host_fatal};
    int result = engine_create(s->j, &port, &e, err);
    engine_destroy(e);
    return result;
}

static void done(void *context, enum journal_outcome outcome, const struct err *err)
{
    (void)context;
    (void)outcome;
    (void)err;
}

/* A row of one entry that says HoldReleased of hold 0, at a place of its own choosing. */
static void append_entry(struct journal *j, uint32_t partition, uint64_t pseq, uint16_t number)
{
    BUF_AUTO struct buf body = BUF_INIT;
    char *to = frame_open(&body, partition, pseq, START + 1000000 + pseq, 6);
    assert_non_null(to);
    memset(to, 0, 6);
    memcpy(to, &number, 2);
    frame_close(&body, 6);
    journal_append(j, START + 1000000 + pseq, buf_slice(&body), done, NULL);
}

/* What no version of ours wrote is named and nothing is served. */
static void a_journal_that_does_not_fit_stops_the_start(void **state)
{
    (void)state;
    static const struct {
        uint32_t partition;
        uint64_t pseq;
        uint16_t number;
        const char *words;
    } cases[] = {
        {1, 9, BOOKING_ENTRY_hold_released, "partition 1: entry 9 follows entry 2"},
        {1, 3, 999, "partition 1: entry 3 is of a kind this version does not know"},
        {7, 1, BOOKING_ENTRY_hold_released, "partition 7 does not begin with EventCreated"},
        {7, 1, BOOKING_ENTRY_event_created, "partition 7: "},
        {0, 9, DIRECTORY_ENTRY_event_revised, "partition 0: entry 9 is out of place"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct house s;
        struct err err = {""};
        bool repeated;
        house_open(&s);
        (void)list_event(s.e, 1, 1, &repeated);
        (void)hold(s.e, 1, 0, 1);
        engine_commit(s.e);
        append_entry(s.j, cases[i].partition, cases[i].pseq, cases[i].number);
        assert_true(start(&s, &err) < 0);
        if (strncmp(err.detail, cases[i].words, strlen(cases[i].words)) != 0)
            fail_msg("wanted \"%s\", got \"%s\"", cases[i].words, err.detail);
        house_close(&s);
    }
}

static void a_snapshot_newer_than_the_journal_stops_the_start(void **state)
{
    (void)state;
    struct house s;
    struct err err = {""};
    bool repeated;
    house_open(&s);
    (void)list_event(s.e, 1, 1, &repeated);
    engine_commit(s.e);
    assert_int_equal(journal_write_snapshot(s.j, 0, 99, SLICE("any"), &err), 0);
    assert_true(start(&s, &err) < 0);
    assert_non_null(strstr(err.detail, "rows are missing"));
    house_close(&s);
}

/* Every cut and every flipped bit of a stored snapshot counts as none. */
static void a_damaged_snapshot_is_as_good_as_none(void **state)
{
    (void)state;
    struct house s;
    struct err err = {""};
    bool repeated;
    house_open(&s);
    uint32_t p = list_event(s.e, 1, 1, &repeated);
    (void)hold(s.e, p, 3, 1);
    engine_commit(s.e);
    assert_int_equal(engine_snapshot_all(s.e, 60 * SECOND, &err), 0);
    struct hash128 was = state_of(&s, p);
    s.h.now_us = booking_event(engine_booking(s.e, p)).last_ts_us;
    BUF_AUTO struct buf whole = BUF_INIT;
    uint64_t seq;
    assert_int_equal(journal_read_snapshot(s.j, p, &whole, &seq, &err), 1);
    assert_true(whole.len < 20000); /* an image of 700 kB, nearly all of it empty */
    for (unsigned i = 0; i < 120; i++) {
        bool cut = i % 2 == 0;
        size_t at = i < 100 ? i : whole.len * (i - 99) / 22;
        BUF_AUTO struct buf bytes = BUF_INIT;
        buf_append(&bytes, whole.data, cut ? at : whole.len);
        if (!cut)
            bytes.data[at] ^= 4;
        assert_int_equal(journal_write_snapshot(s.j, p, seq, buf_slice(&bytes), &err), 0);
        house_restart(&s);
        struct hash128 is = state_of(&s, p);
        assert_true(was.low == is.low && was.high == is.high);
    }
    house_close(&s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_board_is_true_after_any_mixture_of_large_and_small_changes),
        cmocka_unit_test(board_versions_rise_over_a_restart),
        cmocka_unit_test(a_ring_of_changes_forgets_the_oldest),
        cmocka_unit_test(a_commit_that_meets_a_full_disk_waits_and_is_not_lost),
        cmocka_unit_test(time_of_a_full_disk_is_given_back),
        cmocka_unit_test(a_turn_that_brings_too_much_is_refused_and_fits_in_a_row),
        cmocka_unit_test(a_tick_that_has_too_much_to_do_goes_on_at_the_next),
        cmocka_unit_test(an_invalid_definition_changes_nothing),
        cmocka_unit_test(a_key_with_another_request_lists_nothing),
        cmocka_unit_test(events_of_only_an_area_come_back),
        cmocka_unit_test(each_partition_goes_on_from_its_own_snapshot),
        cmocka_unit_test(the_oldest_snapshot_says_where_reading_begins),
        cmocka_unit_test(a_journal_that_does_not_fit_stops_the_start),
        cmocka_unit_test(a_snapshot_newer_than_the_journal_stops_the_start),
        cmocka_unit_test(a_damaged_snapshot_is_as_good_as_none),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
