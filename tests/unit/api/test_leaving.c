/* Buyers who closed the page: who is remembered how long, and, with a real engine, what becomes of
 * what was held for them. */
#include "api/leaving.h"

#include "api/context.h"
#include "unit/engine/support.h"

#define GRACE (60 * SECOND)

static struct id id_of(uint32_t slot)
{
    return (struct id){.partition = 1, .slot = slot, .random = 100 + slot};
}

static struct hash16 session(uint8_t who)
{
    return (struct hash16){.bytes = {who}};
}

static void begin(struct leaving **leaving, uint32_t slot, uint64_t due_us)
{
    assert_true(leaving_begin(leaving, id_of(slot), session((uint8_t)slot), due_us));
}

/* The next whose grace is over; -1: none. */
static int next(struct leaving *leaving, uint64_t now_us)
{
    struct id hold;
    struct hash16 who;
    if (!leaving_next(leaving, now_us, &hold, &who))
        return -1;
    assert_int_equal(who.bytes[0], (uint8_t)hold.slot);
    assert_int_equal(hold.random, 100 + hold.slot);
    return (int)hold.slot;
}

static void nobody_has_left_at_first(void **state)
{
    (void)state;
    assert_false(leaving_end(NULL, id_of(1)));
    assert_int_equal(next(NULL, UINT64_MAX), -1);
    leaving_destroy(NULL);
}

static void whose_grace_is_over_comes_in_the_order_of_leaving(void **state)
{
    (void)state;
    struct leaving *leaving = NULL;
    for (uint32_t i = 0; i < 5; i++)
        begin(&leaving, i, 100 + i);
    assert_int_equal(next(leaving, 99), -1);
    assert_int_equal(next(leaving, 101), 0);
    assert_int_equal(next(leaving, 101), 1);
    assert_int_equal(next(leaving, 101), -1);
    assert_int_equal(next(leaving, 500), 2);
    assert_int_equal(next(leaving, 500), 3);
    assert_int_equal(next(leaving, 500), 4);
    assert_int_equal(next(leaving, 500), -1);
    leaving_destroy(leaving);
}

static void who_comes_back_is_forgotten(void **state)
{
    (void)state;
    struct leaving *leaving = NULL;
    for (uint32_t i = 0; i < 4; i++)
        begin(&leaving, i, 100);
    assert_true(leaving_end(leaving, id_of(0)));
    assert_true(leaving_end(leaving, id_of(2)));
    assert_true(leaving_end(leaving, id_of(3)));
    assert_false(leaving_end(leaving, id_of(3)));
    struct id other = id_of(1);
    other.random++; /* a later hold in the same slot */
    assert_false(leaving_end(leaving, other));
    assert_int_equal(next(leaving, 100), 1);
    assert_int_equal(next(leaving, 100), -1);
    leaving_destroy(leaving);
}

static void leaving_again_begins_the_grace_anew(void **state)
{
    (void)state;
    struct leaving *leaving = NULL;
    begin(&leaving, 1, 100);
    begin(&leaving, 2, 110);
    begin(&leaving, 1, 120);
    assert_int_equal(next(leaving, 115), 2);
    assert_int_equal(next(leaving, 115), -1);
    assert_int_equal(next(leaving, 120), 1);
    leaving_destroy(leaving);
}

static void so_many_are_remembered_and_no_more(void **state)
{
    (void)state;
    struct leaving *leaving = NULL;
    for (unsigned round = 0; round < 3; round++)
        for (uint32_t i = 0; i < LIMIT_LEAVING; i++)
            begin(&leaving, i, 100 + round); /* the same again takes no more room */
    assert_false(leaving_begin(&leaving, id_of(LIMIT_LEAVING), session(0), 103));
    assert_true(leaving_end(leaving, id_of(7)));
    begin(&leaving, LIMIT_LEAVING, 103);
    unsigned over = 0;
    while (next(leaving, 103) >= 0)
        over++;
    assert_int_equal(over, LIMIT_LEAVING);
    begin(&leaving, 1, 104);
    assert_int_equal(next(leaving, 104), 1);
    leaving_destroy(leaving);
}

/* ---- what becomes of the places ---- */

struct scene {
    struct house house;
    struct api api;
    uint32_t partition;
};

static void open_scene(struct scene *s)
{
    bool repeated;
    *s = (struct scene){0};
    house_open(&s->house);
    s->partition = list_event(s->house.e, 1, 1, &repeated);
    s->api.options.engine = s->house.e;
}

static void close_scene(struct scene *s)
{
    leaving_destroy(s->api.leaving);
    house_close(&s->house);
}

/* The hold of a seat, and its page is closed. */
static struct id left_with(struct scene *s, uint32_t seat)
{
    struct engine_result result = hold(s->house.e, s->partition, seat, (uint8_t)seat);
    assert_int_equal(result.refusal, BOOKING_OK);
    struct id id = {s->partition, result.decision->hold, 100 + seat};
    assert_true(
        leaving_begin(&s->api.leaving, id, session((uint8_t)seat), engine_now(s->house.e) + GRACE));
    return id;
}

static bool is_held(struct scene *s, struct id id)
{
    struct booking_hold held;
    const struct booking *b = engine_booking(s->house.e, id.partition);
    return booking_hold_get(b, id.slot, id.random, &held) && held.live;
}

static void pass(struct scene *s, unsigned seconds)
{
    s->house.h.now_us += seconds * SECOND;
    engine_tick(s->house.e);
    leaving_tick(&s->api);
    engine_commit(s->house.e);
}

static void what_nobody_comes_back_for_is_given_back(void **state)
{
    (void)state;
    struct scene s;
    open_scene(&s);
    struct id gone = left_with(&s, 1), back = left_with(&s, 2);
    pass(&s, 59);
    assert_true(is_held(&s, gone) && is_held(&s, back));
    leaving_back(&s.api, back);
    leaving_back(&s.api, back);
    pass(&s, 2);
    assert_false(is_held(&s, gone));
    assert_true(is_held(&s, back));
    pass(&s, 120);
    assert_true(is_held(&s, back));
    assert_int_equal(s.api.leaving_counts.returned, 1);
    assert_int_equal(s.api.leaving_counts.given_back, 1);
    close_scene(&s);
}

static void what_has_become_an_order_is_not_touched(void **state)
{
    (void)state;
    struct scene s;
    open_scene(&s);
    struct id id = left_with(&s, 3);
    uint64_t randoms[LIMIT_HOLD_UNITS] = {1, 2, 3, 4};
    struct booking_command c = {.number = BOOKING_COMMAND_place_order};
    c.place_order = (struct command_place_order){.order_random = 500,
                                                 .hold = id.slot,
                                                 .hold_random = id.random,
                                                 .session = session(3),
                                                 .email_hash = {{9}},
                                                 .ticket_randoms = {randoms, LIMIT_HOLD_UNITS}};
    struct engine_result result;
    engine_submit(s.house.e, s.partition, &c, &result);
    assert_int_equal(result.refusal, BOOKING_OK);
    pass(&s, 61);
    assert_true(is_held(&s, id));
    assert_int_equal(s.api.leaving_counts.given_back, 0);
    close_scene(&s);
}

static void a_wave_is_given_back_over_several_turns(void **state)
{
    (void)state;
    struct scene s;
    open_scene(&s);
    struct id id = left_with(&s, 5);
    /* Before it in the line: holds that are no more. */
    struct leaving *others = NULL;
    for (uint32_t i = 0; i < 300; i++)
        assert_true(leaving_begin(&others, (struct id){s.partition, 1000 + i, 1}, session(1),
                                  engine_now(s.house.e)));
    assert_true(leaving_begin(&others, id, session(5), engine_now(s.house.e)));
    leaving_destroy(s.api.leaving);
    s.api.leaving = others;
    pass(&s, 1);
    assert_true(is_held(&s, id));
    pass(&s, 1);
    assert_false(is_held(&s, id));
    close_scene(&s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(nobody_has_left_at_first),
        cmocka_unit_test(whose_grace_is_over_comes_in_the_order_of_leaving),
        cmocka_unit_test(who_comes_back_is_forgotten),
        cmocka_unit_test(leaving_again_begins_the_grace_anew),
        cmocka_unit_test(so_many_are_remembered_and_no_more),
        cmocka_unit_test(what_nobody_comes_back_for_is_given_back),
        cmocka_unit_test(what_has_become_an_order_is_not_touched),
        cmocka_unit_test(a_wave_is_given_back_over_several_turns),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
