#include "queue/queue.h"
#include "unit/engine/support.h"

/* Waiting rooms behind the engine: what is told when, what a start finds, and the draw. */

#define LOBBY (START + 100 * SECOND)
#define OPENS (START + 200 * SECOND)

static struct queue_entry_opened settings(void)
{
    return (struct queue_entry_opened){.event_random = 11,
                                       .places = 5000,
                                       .priority_places = 20,
                                       .lobby_opens_at_us = LOBBY,
                                       .opens_at_us = OPENS,
                                       .target_active = 50,
                                       .per_minute = 600,
                                       .claim_seconds = 60,
                                       .admission_seconds = 300,
                                       .on = 1,
                                       .seed = SLICE("0123456789abcdef0123456789abcdef")};
}

static int open_room(struct engine *e, uint32_t event, uint64_t *ret_barrier)
{
    struct queue_entry_opened opened = settings();
    struct err err = {""};
    int result = engine_open_queue(e, event, &opened, ret_barrier, &err);
    assert_true(result == 0 || err.detail[0]);
    return result;
}

static struct hash16 visitor(uint32_t number)
{
    struct hash256 wide = hash256_of(&number, sizeof number);
    struct hash16 hash;
    memcpy(hash.bytes, wide.bytes, sizeof hash.bytes);
    return hash;
}

static struct engine_queue_result submit(struct engine *e, uint32_t event, struct queue_command c)
{
    struct engine_queue_result result;
    engine_submit_queue(e, event, &c, &result);
    return result;
}

static struct engine_queue_result join(struct engine *e, uint32_t event, uint32_t number,
                                       enum queue_lane lane)
{
    struct queue_command c = {.number = QUEUE_COMMAND_join};
    c.join.lane = (uint8_t)lane;
    c.join.session = visitor(number);
    return submit(e, event, c);
}

static struct engine_queue_result claim(struct engine *e, uint32_t event, uint32_t number)
{
    struct queue_command c = {.number = QUEUE_COMMAND_claim};
    c.claim = (struct queue_command_claim){visitor(number), 900 + number};
    return submit(e, event, c);
}

static void call(struct engine *e, uint32_t event, uint32_t general)
{
    struct queue_command c = {.number = QUEUE_COMMAND_call};
    c.call.general = general;
    assert_int_equal(submit(e, event, c).refusal, QUEUE_OK);
}

static struct queue_status status_of(struct house *s, uint32_t event)
{
    struct queue_status status;
    queue_status(engine_queue(s->e, event), s->h.now_us, &status);
    return status;
}

static uint32_t place_in(struct house *s, uint32_t event, uint32_t number,
                         struct queue_place *ret_place)
{
    struct queue_place place = {0};
    assert_true(queue_place_of(engine_queue(s->e, event), visitor(number), s->h.now_us, &place));
    if (ret_place)
        *ret_place = place;
    return place.number;
}

static struct hash128 hash_of_room(struct house *s, uint32_t event)
{
    const char *wrong = queue_check(engine_queue(s->e, event));
    if (wrong)
        fail_msg("%s", wrong);
    return queue_hash(engine_queue(s->e, event));
}

static void assert_same(struct hash128 a, struct hash128 b)
{
    assert_true(a.low == b.low && a.high == b.high);
}

/* An event with a waiting room, both durable, in the lobby. */
static uint32_t begin(struct house *s)
{
    bool repeated;
    uint64_t barrier;
    house_open(s);
    uint32_t p = list_event(s->e, 1, 1, &repeated);
    assert_int_equal(open_room(s->e, p, &barrier), 0);
    engine_commit(s->e);
    s->h.now_us = LOBBY;
    return p;
}

static void tick(struct house *s)
{
    engine_tick(s->e);
    engine_commit(s->e);
}

/* `count` visitors in the lobby, closed and drawn; those who join after are behind them. */
static void draw_lobby(struct house *s, uint32_t p, uint32_t count)
{
    for (uint32_t i = 0; i < count; i++)
        assert_int_equal(join(s->e, p, i, QUEUE_GENERAL).refusal, QUEUE_OK);
    engine_commit(s->e);
    s->h.now_us = OPENS;
    tick(s);
    tick(s);
    assert_true(status_of(s, p).drawn);
}

/* What visitors do, by chance, some of it left behind the newest rows. */
static void work(struct house *s, uint32_t p, unsigned from, unsigned to)
{
    for (unsigned i = from; i < to; i++) {
        struct queue_command c = {.number = QUEUE_COMMAND_leave};
        c.leave.session = visitor(i * 3 % 50);
        (void)join(s->e, p, i % 70, i % 9 == 0 ? QUEUE_PRIORITY : QUEUE_GENERAL);
        if (i % 4 == 0)
            call(s->e, p, 2);
        (void)claim(s->e, p, i * 7 % 60);
        if (i % 11 == 0)
            (void)submit(s->e, p, c);
        c.number = QUEUE_COMMAND_sold;
        if (i % 13 == 0)
            (void)submit(s->e, p, c);
        s->h.now_us += SECOND / 3;
        if (i % 5 == 0)
            tick(s);
    }
    engine_commit(s->e);
}

/* ---- opening ---- */

static void an_event_gets_one_waiting_room_and_only_an_event_does(void **state)
{
    (void)state;
    struct house s;
    struct err err = {""};
    uint64_t barrier = 77;
    bool repeated;
    house_open(&s);
    assert_int_equal(open_room(s.e, 1, &barrier), ENGINE_INVALID);
    uint32_t p = list_event(s.e, 1, 1, &repeated);
    struct queue_entry_opened bad = settings();
    bad.opens_at_us = bad.lobby_opens_at_us;
    assert_int_equal(engine_open_queue(s.e, p, &bad, &barrier, &err), ENGINE_INVALID);
    assert_string_equal(err.detail, "the lobby does not open before the sale");
    assert_null(engine_queue(s.e, p));
    assert_true(join(s.e, p, 1, QUEUE_GENERAL).no_queue);
    assert_true(join(s.e, 99, 1, QUEUE_GENERAL).no_queue);
    assert_int_equal(open_room(s.e, p, &barrier), 0);
    assert_int_equal(barrier, 1);
    barrier = 0;
    assert_int_equal(open_room(s.e, p, &barrier), ENGINE_INVALID);
    assert_int_equal(barrier, 1); /* "it has one already" tells of what is not durable yet */
    engine_commit(s.e);
    assert_int_equal(open_room(s.e, p, &barrier), ENGINE_INVALID);
    house_restart(&s);
    assert_int_equal(open_room(s.e, p, &barrier), ENGINE_INVALID);
    assert_int_equal(open_room(s.e, p | ENGINE_QUEUE, &barrier), ENGINE_INVALID);
    assert_null(engine_queue(s.e, p | ENGINE_QUEUE));
    house_close(&s);
}

static void nothing_is_told_before_it_is_durable(void **state)
{
    (void)state;
    struct house s;
    uint32_t p = begin(&s);
    assert_int_equal(engine_barrier(s.e), 0);
    uint64_t durable = s.h.committed;
    journal_memory_hold_back(s.j, true);
    struct engine_queue_result a = join(s.e, p, 1, QUEUE_GENERAL);
    assert_int_equal(a.refusal, QUEUE_OK);
    assert_int_equal(a.barrier, durable + 1);
    struct engine_queue_result again = join(s.e, p, 1, QUEUE_GENERAL);
    assert_true(again.decision->repeated);
    assert_int_equal(again.barrier, durable + 1); /* it saw the first one */
    assert_int_equal(claim(s.e, p, 2).barrier, durable + 1);
    engine_commit(s.e);
    assert_int_equal(s.h.committed, durable);
    assert_int_equal(join(s.e, p, 2, QUEUE_GENERAL).barrier, durable + 2);
    unsigned told = s.h.entries;
    assert_true(journal_memory_deliver(s.j));
    assert_int_equal(s.h.committed, durable + 1);
    assert_int_equal(s.h.entries, told + 1);
    house_close(&s);
}

static void a_join_whose_commit_failed_never_was(void **state)
{
    (void)state;
    static const enum journal_memory_fault faults[] = {
        JOURNAL_MEMORY_FAIL, JOURNAL_MEMORY_UNKNOWN_STORED, JOURNAL_MEMORY_UNKNOWN_LOST};
    for (unsigned i = 0; i < 3; i++) {
        struct house s;
        uint32_t p = begin(&s);
        (void)join(s.e, p, 1, QUEUE_GENERAL);
        engine_commit(s.e);
        uint64_t durable = s.h.committed;
        journal_memory_fault_next(s.j, faults[i]);
        (void)join(s.e, p, 2, QUEUE_GENERAL);
        engine_commit(s.e);
        assert_int_equal(s.h.fatal, 1);
        assert_int_equal(s.h.committed, durable);
        assert_true(join(s.e, p, 3, QUEUE_GENERAL).no_space);
        house_restart(&s);
        bool stored = faults[i] == JOURNAL_MEMORY_UNKNOWN_STORED;
        assert_int_equal(status_of(&s, p).lanes[QUEUE_GENERAL].count, stored ? 2 : 1);
        assert_int_equal(place_in(&s, p, 1, NULL), 0);
        /* The number that nobody was told of is given to whoever comes next, once. */
        assert_int_equal(join(s.e, p, 4, QUEUE_GENERAL).decision->number, stored ? 2 : 1);
        house_close(&s);
    }
}

static void a_full_disk_refuses_joins_and_gives_the_lost_time_back(void **state)
{
    (void)state;
    struct house s;
    struct queue_place before, after;
    uint64_t barrier;
    bool repeated;
    uint32_t p = begin(&s);
    draw_lobby(&s, p, 5);
    call(s.e, p, 5);
    tick(&s);
    (void)place_in(&s, p, 1, &before);
    assert_int_equal(before.state, QUEUE_PLACE_CALLED);
    uint32_t q = list_event(s.e, 2, 1, &repeated);
    engine_commit(s.e);
    journal_memory_fault_next(s.j, JOURNAL_MEMORY_NO_SPACE);
    assert_true(join(s.e, p, 9, QUEUE_GENERAL).no_space);
    assert_int_equal(open_room(s.e, q, &barrier), ENGINE_BUSY);
    assert_null(engine_queue(s.e, q));
    tick(&s);
    s.h.now_us += 600 * SECOND; /* longer than a claim may take */
    tick(&s);
    journal_memory_fault_clear(s.j);
    tick(&s);
    (void)place_in(&s, p, 1, &after);
    assert_int_equal(after.state, QUEUE_PLACE_CALLED);
    assert_int_equal(after.closes_at_us, before.closes_at_us + 600 * SECOND);
    assert_int_equal(claim(s.e, p, 1).refusal, QUEUE_OK);
    assert_int_equal(open_room(s.e, q, &barrier), 0);
    house_close(&s);
}

/* ---- the draw ---- */

static uint8_t closing_hash[QUEUE_CHAIN_BYTES];

static int remember_row(void *context, const struct journal_row *row)
{
    (void)context;
    memcpy(closing_hash, row->hash, sizeof closing_hash);
    return 0;
}

static void the_draw_takes_the_hash_of_the_row_that_closed_the_lobby(void **state)
{
    (void)state;
    for (unsigned dies = 0; dies < 5; dies++) {
        struct house s;
        struct err err = {""};
        uint32_t p = begin(&s);
        for (uint32_t i = 0; i < 40; i++)
            (void)join(s.e, p, i, i % 7 == 0 ? QUEUE_PRIORITY : QUEUE_GENERAL);
        engine_commit(s.e);
        if (dies >= 2)
            assert_int_equal(engine_snapshot_all(s.e, 60 * SECOND, &err), 0);
        if (dies == 4)
            journal_memory_damage_snapshot(s.j, p | ENGINE_QUEUE);
        s.h.now_us = OPENS;
        (void)join(s.e, p, 40, QUEUE_GENERAL); /* late: closes the lobby, stands behind it */
        engine_commit(s.e);
        assert_int_equal(status_of(&s, p).phase, QUEUE_DRAWING);
        assert_int_equal(journal_read(s.j, engine_last_seq(s.e), remember_row, NULL, &err), 0);
        (void)join(s.e, p, 41, QUEUE_GENERAL); /* in a row of its own: another hash */
        engine_commit(s.e);
        assert_true(queue_wants_draw(engine_queue(s.e, p)));
        if (dies >= 3) /* the event's picture may be taken meanwhile, the room's may not */
            assert_int_equal(engine_snapshot_all(s.e, 60 * SECOND, &err), 0);
        for (unsigned i = 0; i < dies; i++) {
            house_restart(&s);
            engine_commit(s.e);
            assert_true(queue_wants_draw(engine_queue(s.e, p)));
        }
        tick(&s);
        struct queue_status status = status_of(&s, p);
        assert_true(status.drawn);
        assert_memory_equal(status.chain_hash, closing_hash, sizeof closing_hash);
        assert_int_equal(status.lanes[QUEUE_GENERAL].lobby_count, 34);
        assert_int_equal(status.lanes[QUEUE_PRIORITY].lobby_count, 6);
        struct hash256 commitment = hash256_of(status.seed, QUEUE_SEED_BYTES);
        assert_memory_equal(commitment.bytes, status.commitment, sizeof status.commitment);
        static struct queue_draw draw;
        queue_draw_make(&draw, status.seed, QUEUE_GENERAL, 34, closing_hash);
        for (uint32_t i = 1; i < 42; i++) {
            struct queue_place place;
            uint32_t number = place_in(&s, p, i, &place);
            if (place.lane == QUEUE_GENERAL)
                assert_int_equal(place.rank, number < 34 ? queue_draw_rank(&draw, number) : number);
        }
        struct hash128 drawn = hash_of_room(&s, p);
        house_restart(&s);
        assert_same(drawn, hash_of_room(&s, p));
        house_close(&s);
    }
}

static void no_draw_is_made_of_a_row_that_is_not_durable(void **state)
{
    (void)state;
    struct house s;
    struct err err = {""};
    uint32_t p = begin(&s);
    (void)join(s.e, p, 1, QUEUE_GENERAL);
    (void)join(s.e, p, 2, QUEUE_GENERAL);
    engine_commit(s.e);
    journal_memory_hold_back(s.j, true);
    s.h.now_us = OPENS;
    for (unsigned i = 0; i < 4; i++) {
        s.h.now_us += SECOND;
        tick(&s);
        assert_true(queue_wants_draw(engine_queue(s.e, p)));
    }
    assert_true(journal_memory_deliver(s.j));
    assert_int_equal(journal_read(s.j, engine_last_seq(s.e), remember_row, NULL, &err), 0);
    tick(&s);
    (void)journal_memory_deliver(s.j);
    assert_true(status_of(&s, p).drawn);
    assert_memory_equal(status_of(&s, p).chain_hash, closing_hash, sizeof closing_hash);
    house_close(&s);
}

/* ---- starts ---- */

/* Which snapshots a start finds: none, both, of the booking only, of the room only, of the booking
 * before it had a room, of a room older than the booking's, and all but the directory's. */
enum found {
    NONE,
    BOTH,
    BOOKING_ONLY,
    ROOM_ONLY,
    BOOKING_WITHOUT_ROOM,
    ROOM_OF_THAT_ONLY,
    ROOM_OLDER,
    ALL_BUT_DIRECTORY,
    FOUND_COUNT
};

static void take_pictures(struct house *s)
{
    struct err err = {""};
    assert_int_equal(engine_snapshot_all(s->e, 60 * SECOND, &err), 0);
}

/* Of one partition, whatever else is due. */
static void take_picture(struct house *s, uint32_t partition)
{
    struct engine_snapshot snapshot;
    struct err err = {""};
    bool found = false;
    for (unsigned i = 0; i < 100 && !found; i++) {
        assert_true(engine_snapshot_take(s->e, 1, &snapshot));
        found = snapshot.partition == partition;
        if (found)
            assert_int_equal(engine_snapshot_write(s->e, &snapshot, &err), 0);
        engine_snapshot_finish(s->e, &snapshot, found);
    }
    assert_true(found);
}

static void lose_pictures(struct house *s, uint32_t p, enum found found)
{
    if (found == BOOKING_ONLY)
        journal_memory_damage_snapshot(s->j, p | ENGINE_QUEUE);
    if (found == ROOM_ONLY || found == ROOM_OF_THAT_ONLY)
        journal_memory_damage_snapshot(s->j, p);
    if (found == ALL_BUT_DIRECTORY)
        journal_memory_damage_snapshot(s->j, 0);
}

static void a_start_finds_the_same_room_whatever_snapshots_are_there(void **state)
{
    (void)state;
    for (unsigned found = 0; found < FOUND_COUNT; found++) {
        struct house s;
        bool repeated;
        uint64_t barrier;
        house_open(&s);
        uint32_t p = list_event(s.e, 1, 1, &repeated), q = list_event(s.e, 2, 1, &repeated);
        engine_commit(s.e);
        if (found == BOOKING_WITHOUT_ROOM || found == ROOM_OF_THAT_ONLY)
            take_pictures(&s);
        assert_int_equal(open_room(s.e, p, &barrier), 0);
        engine_commit(s.e);
        s.h.now_us = LOBBY;
        draw_lobby(&s, p, 30);
        work(&s, p, 0, 100);
        if (found == BOOKING_WITHOUT_ROOM || found == ROOM_OF_THAT_ONLY) { /* of the room only */
            take_picture(&s, p | ENGINE_QUEUE);
        } else if (found != NONE) {
            (void)hold(s.e, p, 3, 1);
            engine_commit(s.e);
            take_pictures(&s);
        }
        if (found == ROOM_OLDER) {
            work(&s, p, 200, 240);
            (void)hold(s.e, p, 5, 2);
            for (uint32_t event = p; event <= q; event++)
                assert_true(engine_revise_event(s.e, event, SLICE("{\"a\":1}"), &barrier));
            engine_commit(s.e);
            take_picture(&s, 0);
            take_picture(&s, p);
            (void)hold(s.e, q, 5, 2);
            engine_commit(s.e);
            take_picture(&s, q);
        }
        lose_pictures(&s, p, (enum found)found);
        work(&s, p, 100, 160);
        assert_int_equal(open_room(s.e, q, &barrier), 0); /* younger than any snapshot */
        (void)join(s.e, q, 1, QUEUE_GENERAL);
        (void)hold(s.e, q, 4, 1);
        engine_commit(s.e);
        struct hash128 room = hash_of_room(&s, p), other = hash_of_room(&s, q);
        struct hash128 booking = booking_hash(engine_booking(s.e, p));
        s.h.now_us = booking_event(engine_booking(s.e, q)).last_ts_us; /* no outage to credit */
        house_restart(&s);
        assert_same(room, hash_of_room(&s, p));
        assert_same(other, hash_of_room(&s, q));
        assert_same(booking, booking_hash(engine_booking(s.e, p)));
        work(&s, p, 160, 200); /* and it goes on from there, in order */
        room = hash_of_room(&s, p);
        engine_destroy(s.e);
        s.h.now_us = 0; /* a clock that went back: nothing to credit */
        s.e = open_engine(&s.h, s.j);
        assert_same(room, hash_of_room(&s, p));
        house_close(&s);
    }
}

static void one_room_does_not_move_another_partition(void **state)
{
    (void)state;
    struct house s;
    uint64_t barrier;
    bool repeated;
    uint32_t p = begin(&s), q = list_event(s.e, 2, 1, &repeated);
    assert_int_equal(open_room(s.e, q, &barrier), 0);
    engine_commit(s.e);
    struct hash128 booking = booking_hash(engine_booking(s.e, p));
    draw_lobby(&s, p, 20);
    work(&s, p, 0, 60);
    assert_same(booking, booking_hash(engine_booking(s.e, p)));
    assert_int_equal(status_of(&s, q).lanes[QUEUE_GENERAL].count, 0);
    (void)hold(s.e, p, 3, 1);
    struct hash128 after = hash_of_room(&s, p);
    (void)hold(s.e, p, 4, 1);
    assert_same(after, hash_of_room(&s, p));
    house_close(&s);
}

static void an_outage_is_credited_to_whoever_was_called_or_in(void **state)
{
    (void)state;
    struct house s;
    struct queue_place before[2], after[2];
    uint32_t p = begin(&s);
    draw_lobby(&s, p, 5);
    call(s.e, p, 5);
    assert_int_equal(claim(s.e, p, 2).refusal, QUEUE_OK);
    engine_commit(s.e);
    (void)place_in(&s, p, 1, &before[0]);
    (void)place_in(&s, p, 2, &before[1]);
    uint64_t last_us = status_of(&s, p).last_ts_us;
    s.h.now_us = last_us + 7200 * SECOND;
    house_restart(&s);
    (void)place_in(&s, p, 1, &after[0]);
    (void)place_in(&s, p, 2, &after[1]);
    for (unsigned i = 0; i < 2; i++) {
        assert_int_equal(after[i].state, before[i].state);
        assert_int_equal(after[i].closes_at_us, before[i].closes_at_us + 7200 * SECOND);
    }
    engine_commit(s.e);
    engine_destroy(s.e);
    s.h.now_us -= 14400 * SECOND; /* a clock that went back credits nothing and takes nothing */
    s.e = open_engine(&s.h, s.j);
    struct queue_place back;
    (void)place_in(&s, p, 1, &back);
    assert_int_equal(back.closes_at_us, after[0].closes_at_us);
    house_close(&s);
}

static void a_start_writes_nothing_where_nobodys_time_runs(void **state)
{
    (void)state;
    struct house s;
    uint32_t p = begin(&s);
    (void)join(s.e, p, 1, QUEUE_GENERAL);
    engine_commit(s.e);
    struct hash128 was = hash_of_room(&s, p);
    uint64_t rows = engine_last_seq(s.e);
    s.h.now_us += 10 * SECOND;
    house_restart(&s);
    engine_commit(s.e);
    assert_int_equal(engine_last_seq(s.e), rows);
    assert_same(was, hash_of_room(&s, p));
    house_close(&s);
}

static void a_paused_room_gets_an_outage_back_once(void **state)
{
    (void)state;
    struct house s;
    struct queue_place before, after;
    struct queue_command c = {.number = QUEUE_COMMAND_change};
    uint32_t p = begin(&s);
    draw_lobby(&s, p, 5);
    call(s.e, p, 5);
    (void)place_in(&s, p, 1, &before);
    c.change.pause = 1;
    uint64_t paused_us = submit(s.e, p, c).ts_us;
    engine_commit(s.e);
    s.h.now_us = paused_us + 3600 * SECOND;
    house_restart(&s);
    c.change.pause = 2;
    uint64_t on_us = submit(s.e, p, c).ts_us;
    (void)place_in(&s, p, 1, &after);
    assert_int_equal(after.closes_at_us, before.closes_at_us + (on_us - paused_us));
    house_close(&s);
}

static void a_tick_ends_all_who_came_in_together(void **state)
{
    (void)state;
    struct house s;
    struct queue_command c = {.number = QUEUE_COMMAND_change};
    uint32_t p = begin(&s);
    draw_lobby(&s, p, 1000);
    c.change.target_active = 2000;
    (void)submit(s.e, p, c);
    call(s.e, p, 1000);
    for (uint32_t i = 0; i < 1000; i++)
        assert_int_equal(claim(s.e, p, i).refusal, QUEUE_OK);
    engine_commit(s.e);
    assert_int_equal(status_of(&s, p).active, 1000);
    s.h.now_us += 301 * SECOND;
    tick(&s);
    assert_int_equal(status_of(&s, p).active, 0);
    house_close(&s);
}

/* ---- snapshots ---- */

static void no_picture_is_taken_while_a_draw_is_wanted(void **state)
{
    (void)state;
    struct house s;
    struct engine_snapshot snapshot;
    uint32_t p = begin(&s);
    (void)join(s.e, p, 1, QUEUE_GENERAL);
    engine_commit(s.e);
    take_pictures(&s);
    s.h.now_us = OPENS;
    tick(&s); /* the lobby closes */
    assert_true(queue_wants_draw(engine_queue(s.e, p)));
    assert_false(engine_snapshot_take(s.e, 1, &snapshot));
    tick(&s);
    assert_true(engine_snapshot_take(s.e, 1, &snapshot));
    assert_int_equal(snapshot.partition, p | ENGINE_QUEUE);
    engine_snapshot_finish(s.e, &snapshot, false);
    house_close(&s);
}

static void a_busy_event_does_not_keep_its_waiting_room_from_its_picture(void **state)
{
    (void)state;
    struct house s;
    struct err err = {""};
    bool repeated, seen[2] = {false, false};
    uint32_t p = begin(&s), q = list_event(s.e, 2, 1, &repeated);
    engine_commit(s.e);
    take_pictures(&s);
    for (uint32_t i = 0; i < 6; i++) { /* each time all three are due */
        struct engine_snapshot snapshot;
        (void)join(s.e, p, i, QUEUE_GENERAL);
        assert_int_equal(hold(s.e, p, i, (uint8_t)(i + 1)).refusal, BOOKING_OK);
        assert_int_equal(hold(s.e, q, i, (uint8_t)(i + 1)).refusal, BOOKING_OK);
        engine_commit(s.e);
        assert_true(engine_snapshot_take(s.e, 1, &snapshot));
        seen[0] |= snapshot.partition == (p | ENGINE_QUEUE);
        seen[1] |= snapshot.partition == q;
        assert_int_equal(engine_snapshot_write(s.e, &snapshot, &err), 0);
        engine_snapshot_finish(s.e, &snapshot, true);
    }
    assert_true(seen[0] && seen[1]);
    house_close(&s);
}

static void its_picture_is_taken_again_when_it_grew_by_a_quarter(void **state)
{
    (void)state;
    struct house s;
    struct engine_snapshot snapshot;
    uint32_t p = begin(&s);
    for (uint32_t i = 0; i < 999; i++)
        (void)join(s.e, p, i, QUEUE_GENERAL);
    engine_commit(s.e);
    take_pictures(&s);
    for (uint32_t i = 999; i < 999 + 259; i++) {
        (void)join(s.e, p, i, QUEUE_GENERAL);
        engine_commit(s.e);
        assert_false(engine_snapshot_take(s.e, 10, &snapshot));
    }
    (void)join(s.e, p, 4000, QUEUE_GENERAL);
    engine_commit(s.e);
    assert_true(engine_snapshot_take(s.e, 10, &snapshot));
    assert_int_equal(snapshot.pseq, 1260);
    engine_snapshot_finish(s.e, &snapshot, false);
    assert_true(engine_snapshot_take(s.e, 10, &snapshot)); /* it was not written: again */
    engine_snapshot_finish(s.e, &snapshot, true);
    house_close(&s);
}

/* A code that was passed on leads no more in after a start than before it. */
static void a_start_knows_who_came_with_which_code(void **state)
{
    (void)state;
    struct house s;
    uint32_t p = begin(&s);
    struct err err = {""};
    for (unsigned round = 0; round < 2; round++) {
        struct queue_command c = {.number = QUEUE_COMMAND_join};
        c.join = (struct queue_command_join){QUEUE_PRIORITY, visitor(round), 7, 2};
        assert_int_equal(submit(s.e, p, c).refusal, QUEUE_OK);
        engine_commit(s.e);
        if (round == 1) /* then from a picture, before from rows alone */
            assert_int_equal(engine_snapshot_all(s.e, UINT64_MAX, &err), 0);
        house_restart(&s);
        c.join.session = visitor(9);
        assert_int_equal(queue_code_sessions(engine_queue(s.e, p), 7, visitor(9)), round + 1);
        if (round == 1)
            assert_int_equal(submit(s.e, p, c).refusal, QUEUE_CODE_LIMIT);
    }
    struct queue_command leave = {.number = QUEUE_COMMAND_leave, .leave = {visitor(0)}};
    struct queue_command more = {.number = QUEUE_COMMAND_join};
    more.join = (struct queue_command_join){QUEUE_PRIORITY, visitor(9), 7, 2};
    assert_int_equal(submit(s.e, p, leave).refusal, QUEUE_OK);
    assert_int_equal(submit(s.e, p, more).refusal, QUEUE_OK);
    (void)hash_of_room(&s, p);
    house_close(&s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_start_knows_who_came_with_which_code),
        cmocka_unit_test(an_event_gets_one_waiting_room_and_only_an_event_does),
        cmocka_unit_test(nothing_is_told_before_it_is_durable),
        cmocka_unit_test(a_join_whose_commit_failed_never_was),
        cmocka_unit_test(a_full_disk_refuses_joins_and_gives_the_lost_time_back),
        cmocka_unit_test(the_draw_takes_the_hash_of_the_row_that_closed_the_lobby),
        cmocka_unit_test(no_draw_is_made_of_a_row_that_is_not_durable),
        cmocka_unit_test(a_start_finds_the_same_room_whatever_snapshots_are_there),
        cmocka_unit_test(one_room_does_not_move_another_partition),
        cmocka_unit_test(an_outage_is_credited_to_whoever_was_called_or_in),
        cmocka_unit_test(a_start_writes_nothing_where_nobodys_time_runs),
        cmocka_unit_test(a_paused_room_gets_an_outage_back_once),
        cmocka_unit_test(a_tick_ends_all_who_came_in_together),
        cmocka_unit_test(no_picture_is_taken_while_a_draw_is_wanted),
        cmocka_unit_test(a_busy_event_does_not_keep_its_waiting_room_from_its_picture),
        cmocka_unit_test(its_picture_is_taken_again_when_it_grew_by_a_quarter),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
