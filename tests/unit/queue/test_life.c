#include "unit/queue/model.h"
#include "unit/queue/support.h"

/* How a waiting room begins, what it costs, and that its image gives it back. */

#include <stdio.h>

static void each_bad_beginning_is_named(void **state)
{
    (void)state;
    const struct queue_entry_opened good = ordinary(8, 2);
    const char *detail = NULL;
    assert_true(queue_opened_valid(&good, &detail));
    assert_null(detail);
#define BAD(change, wanted)                            \
    do {                                               \
        struct queue_entry_opened o = good;            \
        change;                                        \
        assert_false(queue_opened_valid(&o, &detail)); \
        assert_string_equal(detail, wanted);           \
    } while (0)
#define NUMBERS "target_active, per_minute, claim_seconds or admission_seconds is out of bounds"
#define PLACES "places or priority_places is out of bounds"
    BAD(o.event_random = 0, "the event has no random number");
    BAD(o.places = 0, PLACES);
    BAD(o.places = LIMIT_QUEUE_PLACES + 1, PLACES);
    BAD(o.priority_places = LIMIT_QUEUE_PRIORITY_PLACES + 1, PLACES);
    BAD(o.opens_at_us = o.lobby_opens_at_us, "the lobby does not open before the sale");
    BAD(o.target_active = 0, NUMBERS);
    BAD(o.target_active = LIMIT_QUEUE_TARGET + 1, NUMBERS);
    BAD(o.per_minute = 0, NUMBERS);
    BAD(o.per_minute = LIMIT_QUEUE_PER_MINUTE + 1, NUMBERS);
    BAD(o.claim_seconds = 9, NUMBERS);
    BAD(o.claim_seconds = LIMIT_QUEUE_CLAIM_SECONDS + 1, NUMBERS);
    BAD(o.admission_seconds = 59, NUMBERS);
    BAD(o.admission_seconds = LIMIT_QUEUE_ADMISSION_SECONDS + 1, NUMBERS);
    BAD(o.on = 2, "it is neither on nor off");
    BAD(o.seed.len = 31, "the seed is not 32 bytes");
}

static struct queue *begin(struct block b, const struct queue_entry_opened *o)
{
    return queue_init(b.memory, b.size, o, SECOND);
}

static struct queue_decision decision;

static enum queue_refusal run(struct queue *q, const struct queue_command *c, uint64_t *ts_us)
{
    queue_decide(q, c, *ts_us, &decision);
    for (uint32_t i = 0; i < decision.entry_count; i++)
        queue_apply(q, &decision.entries[i], (*ts_us)++);
    return decision.refusal;
}

static enum queue_refusal join(struct queue *q, uint8_t lane, uint32_t session, uint64_t *ts_us)
{
    struct queue_command c = {.number = QUEUE_COMMAND_join};
    c.join.lane = lane;
    c.join.session = model_session(session);
    return run(q, &c, ts_us);
}

static uint64_t bytes_touched(struct block b)
{
    size_t size = block_pages(b.size);
    uint64_t touched = 0;
    unsigned char *in = malloc(size / PAGE);
    assert_non_null(in);
    assert_int_equal(mincore((char *)b.memory + b.size - size, size, in), 0);
    for (size_t i = 0; i < size / PAGE; i++)
        touched += in[i] & 1;
    free(in);
    return touched * PAGE;
}

/* At each doubling a table of the index has just begun: that is where a place costs most. */
static void a_place_costs_at_most_24_bytes_at_any_size(void **state)
{
    (void)state;
    const uint32_t places = 1000000;
    struct queue_entry_opened o = ordinary(places, 0);
    struct block b = block_map(queue_memory_size(&o));
    struct queue *q = begin(b, &o);
    uint64_t ts_us = 1500 * SECOND, fixed = bytes_touched(b);
    assert_true(fixed < 65536);
    for (uint32_t i = 0; i < places; i++) {
        assert_int_equal(join(q, QUEUE_GENERAL, i, &ts_us), QUEUE_OK);
        uint64_t touched = i >= 65536 && i % 4096 == 0 ? bytes_touched(b) : 0;
        if (touched > 24ull * i)
            fail_msg("%u places cost %llu bytes", i, (unsigned long long)touched);
    }
    size_t empty = 65536ull * 48 + 2 * 2048 * 16 + 8192; /* what an image has without places */
    assert_true(queue_image(q).len <= 33ull * places / 4 + empty);
    for (uint32_t i = 0; i < places; i += 997) {
        struct queue_place p;
        assert_true(queue_place_of(q, model_session(i), ts_us, &p));
        assert_int_equal(p.number, i);
        assert_int_equal(join(q, QUEUE_GENERAL, i, &ts_us), QUEUE_OK);
        assert_true(decision.repeated);
    }
    struct block again = block_map(b.size);
    struct queue *r = queue_restore(again.memory, again.size, queue_image(q));
    for (uint32_t i = 0; i < places; i += 991) {
        struct queue_place p;
        assert_true(queue_place_of(r, model_session(i), ts_us, &p));
        assert_int_equal(p.number, i);
    }
    assert_int_equal(join(q, QUEUE_GENERAL, places, &ts_us), QUEUE_FULL);
    assert_true(bytes_touched(again) <= 24ull * places);
    block_unmap(b);
    block_unmap(again);
}

static void a_small_waiting_room_is_small(void **state)
{
    (void)state;
    struct queue_entry_opened o = ordinary(1000, 0);
    struct block b = block_map(queue_memory_size(&o));
    struct queue *q = begin(b, &o);
    uint64_t ts_us = 1500 * SECOND;
    for (uint32_t i = 0; i < 1000; i++)
        assert_int_equal(join(q, QUEUE_GENERAL, i, &ts_us), QUEUE_OK);
    assert_true(queue_image(q).len < 150000);
    assert_true(b.size < 400000);
    block_unmap(b);
}

/* Hashes that all belong into a table's last slot go on at its beginning. */
static void the_end_of_a_table_is_not_the_end(void **state)
{
    (void)state;
    struct queue_entry_opened o = ordinary(9000, 4096);
    struct block b = block_map(queue_memory_size(&o));
    struct queue *q = begin(b, &o);
    uint64_t ts_us = 1500 * SECOND;
    for (uint32_t i = 0; i < 9000 + 4096; i++) {
        struct queue_command c = {.number = QUEUE_COMMAND_join};
        uint32_t lane = i >= 9000, words[2] = {i, i % 40 == 0 ? 0xffffffffu : i * 0x9e3779b9u};
        c.join.lane = (uint8_t)lane;
        memcpy(c.join.session.bytes, words, sizeof words);
        assert_int_equal(run(q, &c, &ts_us), QUEUE_OK);
        assert_int_equal(decision.number, i - lane * 9000);
        assert_int_equal(run(q, &c, &ts_us), QUEUE_OK);
        assert_true(decision.repeated);
        assert_int_equal(decision.number, i - lane * 9000);
    }
    assert_null(queue_check(q));
    block_unmap(b);
}

static void damage_gives_nothing(void **state)
{
    (void)state;
    struct queue_entry_opened o = ordinary(10000, 10);
    struct block b = block_map(queue_memory_size(&o));
    struct queue *q = begin(b, &o);
    uint64_t ts_us = 1500 * SECOND;
    for (uint32_t i = 0; i < 5000; i++)
        assert_int_equal(join(q, i % 1000 == 0, i, &ts_us), QUEUE_OK);
    struct slice image = queue_image(q);
    assert_int_equal(queue_restore_size(image), b.size);
    assert_int_equal(queue_restore_size(slice_make(image.data, image.len - 1)), 0);
    assert_int_equal(queue_restore_size(slice_make(image.data, 100)), 0);
    assert_int_equal(queue_restore_size(slice_make(image.data, 0)), 0);
    char *copy = malloc(image.len);
    assert_non_null(copy);
    memcpy(copy, image.data, image.len);
    copy[0] ^= 1; /* the version */
    assert_int_equal(queue_restore_size(slice_make(copy, image.len)), 0);
    free(copy);
    block_unmap(b);
}

static struct queue *lobby(struct block b, uint32_t places, uint64_t *ts_us)
{
    struct queue_entry_opened o = ordinary(places, 0);
    struct queue *q = begin(b, &o);
    o.lobby_opens_at_us = 0;
    *ts_us = 1500 * SECOND;
    for (uint32_t i = 0; i < places; i++)
        assert_int_equal(join(q, QUEUE_GENERAL, i, ts_us), QUEUE_OK);
    *ts_us = 2000 * SECOND;
    assert_int_equal(run(q, &(struct queue_command){.number = QUEUE_COMMAND_tick}, ts_us),
                     QUEUE_OK);
    return q;
}

/* The restart between the lobby's end and its draw: the same chain hash gives the same turns. */
static void an_image_before_the_draw_and_one_after_give_the_same_turns(void **state)
{
    (void)state;
    struct queue_entry_opened o = ordinary(3000, 0);
    struct block a = block_map(queue_memory_size(&o)), b = block_map(a.size), c = block_map(a.size);
    uint64_t ts_us;
    struct queue *q = lobby(a, 3000, &ts_us);
    struct queue *before = queue_restore(b.memory, b.size, queue_image(q));
    struct queue_command draw = {.number = QUEUE_COMMAND_draw};
    static const char chain[] = "thirty-two bytes of a chain hash";
    draw.draw.chain_hash = slice_make(chain, 31);
    assert_int_equal(run(q, &draw, &ts_us), QUEUE_NOT_DRAWABLE);
    draw.draw.chain_hash.len = 32;
    uint64_t then = ts_us;
    assert_true(queue_wants_draw(before));
    assert_int_equal(run(q, &draw, &ts_us), QUEUE_OK);
    assert_int_equal(run(before, &draw, &then), QUEUE_OK);
    struct queue *after = queue_restore(c.memory, c.size, queue_image(q));
    for (uint32_t i = 0; i < 3000; i++) {
        struct queue_place p[3];
        assert_true(queue_place_of(q, model_session(i), ts_us, &p[0]));
        assert_true(queue_place_of(before, model_session(i), ts_us, &p[1]));
        assert_true(queue_place_of(after, model_session(i), ts_us, &p[2]));
        assert_true(p[0].rank < 3000 && p[0].rank == p[1].rank && p[0].rank == p[2].rank);
    }
    struct queue_status status;
    struct hash256 seed_hash = hash256_of(o.seed.data, 32);
    queue_status(after, ts_us, &status);
    assert_memory_equal(status.commitment, seed_hash.bytes, 32);
    assert_memory_equal(status.seed, o.seed.data, 32);
    assert_memory_equal(status.chain_hash, chain, 32);
    block_unmap(a);
    block_unmap(b);
    block_unmap(c);
}

/* One command goes through so many ranks, one tick ends so many, and so many calls are open. */
static void work_is_bounded(void **state)
{
    (void)state;
    struct queue_entry_opened o = ordinary(140000, 10);
    struct block b = block_map(queue_memory_size(&o));
    struct queue *q = begin(b, &o);
    uint64_t ts_us = 1500 * SECOND;
    for (uint32_t i = 0; i < 140000; i++)
        assert_int_equal(join(q, QUEUE_GENERAL, i, &ts_us), QUEUE_OK);
    struct queue_command c = {.number = QUEUE_COMMAND_leave};
    for (uint32_t i = 0; i < 70000; i++) {
        c.leave.session = model_session(i);
        assert_int_equal(run(q, &c, &ts_us), QUEUE_OK);
    }
    ts_us = 2000 * SECOND;
    c = (struct queue_command){.number = QUEUE_COMMAND_draw,
                               .draw = {SLICE("0123456789abcdef0123456789abcdef")}};
    run(q, &(struct queue_command){.number = QUEUE_COMMAND_tick}, &ts_us);
    assert_int_equal(run(q, &c, &ts_us), QUEUE_OK);
    c = (struct queue_command){.number = QUEUE_COMMAND_call, .call = {140000, 0}};
    run(q, &c, &ts_us);
    assert_int_equal(decision.entry_count, 1);
    assert_int_equal(decision.entries[0].places_called.upto, LIMIT_QUEUE_CALL_RANKS);
    assert_true(decision.entries[0].places_called.present > 30000);
    c.call.general = 1;
    for (uint32_t i = 2; i < LIMIT_QUEUE_CALLS; i++) {
        run(q, &c, &ts_us);
        assert_int_equal(decision.entry_count, 1);
    }
    assert_int_equal(join(q, QUEUE_PRIORITY, 200001, &ts_us), QUEUE_OK);
    assert_int_equal(join(q, QUEUE_PRIORITY, 200002, &ts_us), QUEUE_OK);
    c.call.priority = 1;
    run(q, &c, &ts_us); /* room for one */
    assert_int_equal(decision.entry_count, 1);
    assert_int_equal(decision.entries[0].places_called.lane, QUEUE_PRIORITY);
    run(q, &c, &ts_us);
    assert_int_equal(decision.entry_count, 0);
    c.call.priority = 0;
    assert_null(queue_check(q));
    ts_us += 3600 * SECOND;
    for (uint32_t i = 0; i < LIMIT_QUEUE_CALLS; i += LIMIT_QUEUE_TICK_ENDS) {
        run(q, &(struct queue_command){.number = QUEUE_COMMAND_tick}, &ts_us);
        assert_int_equal(decision.entry_count, LIMIT_QUEUE_TICK_ENDS);
    }
    run(q, &c, &ts_us);
    assert_int_equal(decision.entry_count, 1);
    assert_int_equal(join(q, QUEUE_LANES, 7, &ts_us), QUEUE_FULL); /* a lane that there is not */
    block_unmap(b);
}

static void as_many_are_let_in_as_fit(void **state)
{
    (void)state;
    struct queue_entry_opened o = ordinary(LIMIT_QUEUE_ADMISSIONS + 10, 0);
    o.lobby_opens_at_us = 0;
    o.admission_seconds = LIMIT_QUEUE_ADMISSION_SECONDS;
    struct block b = block_map(queue_memory_size(&o));
    struct queue *q = begin(b, &o);
    uint64_t ts_us = 1500 * SECOND;
    for (uint32_t i = 0; i < o.places; i++)
        assert_int_equal(join(q, QUEUE_GENERAL, i, &ts_us), QUEUE_OK);
    struct queue_command c = {.number = QUEUE_COMMAND_call, .call = {LIMIT_QUEUE_CALL_RANKS, 0}};
    run(q, &c, &ts_us);
    run(q, &c, &ts_us);
    c = (struct queue_command){.number = QUEUE_COMMAND_claim};
    for (uint32_t i = 0; i < o.places; i++) {
        c.claim = (struct queue_command_claim){model_session(i), i};
        assert_int_equal(run(q, &c, &ts_us), i < LIMIT_QUEUE_ADMISSIONS ? QUEUE_OK : QUEUE_FULL);
    }
    struct queue_command sold = {.number = QUEUE_COMMAND_sold};
    sold.sold.session = model_session(77);
    run(q, &sold, &ts_us);
    assert_int_equal(run(q, &c, &ts_us), QUEUE_OK);
    assert_int_equal(decision.admission, 77);
    assert_null(queue_check(q));
    block_unmap(b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_bad_beginning_is_named),
        cmocka_unit_test(a_place_costs_at_most_24_bytes_at_any_size),
        cmocka_unit_test(a_small_waiting_room_is_small),
        cmocka_unit_test(the_end_of_a_table_is_not_the_end),
        cmocka_unit_test(damage_gives_nothing),
        cmocka_unit_test(an_image_before_the_draw_and_one_after_give_the_same_turns),
        cmocka_unit_test(work_is_bounded),
        cmocka_unit_test(as_many_are_let_in_as_fit),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
