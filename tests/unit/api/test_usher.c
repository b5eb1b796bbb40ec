/* Calling visitors in, with a real engine: who held seats before counts, and a sale that a crash
 * left untold ends its admission after all. */
#include "api/admission.h"
#include "api/queue.h"
#include "api/usher.h"
#include "queue/queue.h"
#include "unit/engine/support.h"

struct scene {
    struct house house;
    struct api api;
    struct api_event event, *events[2];
    struct api_queue room;
    uint32_t partition;
};

static struct hash16 session(uint8_t who)
{
    return (struct hash16){.bytes = {who}};
}

/* What the API keeps, made anew as at a start. */
static void attach(struct scene *s)
{
    usher_finish(&s->api);
    s->event = (struct api_event){.partition = s->partition, .queue = &s->room};
    s->room = (struct api_queue){.partition = s->partition};
    s->events[s->partition] = &s->event;
    s->api = (struct api){.options = {.engine = s->house.e},
                          .catalogue = {.events = s->events, .count = 2},
                          .queues = &s->room};
}

/* One event with 40 seats and 10 places, and a waiting room in the line that is off. */
static struct scene *open_scene(void)
{
    struct queue_entry_opened opened = {.event_random = 11,
                                        .places = 1000,
                                        .priority_places = 10,
                                        .target_active = 5,
                                        .per_minute = 6000,
                                        .claim_seconds = 60,
                                        .admission_seconds = 300,
                                        .seed = SLICE("0123456789abcdef0123456789abcdef")};
    struct scene *s = calloc(1, sizeof *s);
    struct err err = {""};
    uint64_t barrier;
    bool repeated;
    assert_non_null(s);
    house_open(&s->house);
    s->partition = list_event(s->house.e, 1, 1, &repeated);
    assert_int_equal(s->partition, 1);
    assert_int_equal(engine_open_queue(s->house.e, s->partition, &opened, &barrier, &err), 0);
    engine_commit(s->house.e);
    attach(s);
    return s;
}

static void close_scene(struct scene *s)
{
    usher_finish(&s->api);
    house_close(&s->house);
    free(s);
}

static struct queue_status status_of(struct scene *s)
{
    struct queue_status status;
    queue_status(engine_queue(s->house.e, s->partition), engine_now(s->house.e), &status);
    return status;
}

static void submit(struct scene *s, struct queue_command command)
{
    struct engine_queue_result result;
    engine_submit_queue(s->house.e, s->partition, &command, &result);
    assert_int_equal(result.refusal, QUEUE_OK);
}

static void change(struct scene *s, struct queue_command_change c)
{
    submit(s, (struct queue_command){.number = QUEUE_COMMAND_change, .change = c});
}

static void join(struct scene *s, uint8_t who)
{
    submit(s,
           (struct queue_command){.number = QUEUE_COMMAND_join, .join = {.session = session(who)}});
}

static void claim(struct scene *s, uint8_t who)
{
    submit(s, (struct queue_command){.number = QUEUE_COMMAND_claim, .claim = {session(who), 77}});
}

static bool is_admitted(struct scene *s, uint8_t who)
{
    return queue_is_admitted(engine_queue(s->house.e, s->partition), session(who),
                             engine_now(s->house.e));
}

static struct engine_result book(struct scene *s, struct booking_command command)
{
    struct engine_result result;
    engine_submit(s->house.e, s->partition, &command, &result);
    assert_int_equal(result.refusal, BOOKING_OK);
    return result;
}

static uint32_t hold_seat(struct scene *s, uint32_t seat, uint8_t who)
{
    struct engine_result result = hold(s->house.e, s->partition, seat, who);
    assert_int_equal(result.refusal, BOOKING_OK);
    return result.decision->hold;
}

static void release_seat(struct scene *s, uint32_t slot, uint32_t seat, uint8_t who)
{
    struct booking_command c = {.number = BOOKING_COMMAND_release_hold};
    c.release_hold = (struct command_release_hold){slot, 100 + seat, session(who)};
    (void)book(s, c);
}

/* Orders and pays: the order is sold. */
static void buy(struct scene *s, uint32_t slot, uint32_t seat, uint8_t who)
{
    uint64_t randoms[LIMIT_HOLD_UNITS] = {0};
    for (uint32_t i = 0; i < LIMIT_HOLD_UNITS; i++)
        randoms[i] = 1 + i + seat * 100;
    struct booking_command c = {.number = BOOKING_COMMAND_place_order};
    c.place_order = (struct command_place_order){.order_random = 500 + seat,
                                                 .hold = slot,
                                                 .hold_random = 100 + seat,
                                                 .session = session(who),
                                                 .email_hash = {{who, 9}},
                                                 .ticket_randoms = {randoms, LIMIT_HOLD_UNITS}};
    uint32_t order = book(s, c).decision->order;
    c = (struct booking_command){.number = BOOKING_COMMAND_payment_news};
    c.payment_news = (struct command_payment_news){.order = order,
                                                   .order_random = 500 + seat,
                                                   .kind = BOOKING_PAYMENT_AUTHORISED,
                                                   .intent = SLICE("pi_1"),
                                                   .amount_minor = 1100,
                                                   .ticket_randoms = {randoms, LIMIT_HOLD_UNITS}};
    (void)book(s, c);
}

/* A second of four ticks, durable. */
static void pass(struct scene *s, unsigned seconds)
{
    static const struct api_load calm = {0};
    for (unsigned i = 0; i < seconds * 4; i++) {
        s->house.h.now_us += SECOND / 4;
        engine_tick(s->house.e);
        api_tick(&s->api, &calm);
        engine_commit(s->house.e);
    }
}

static void start_again(struct scene *s)
{
    house_restart(&s->house);
    attach(s);
}

static void who_held_seats_before_counts_as_let_in(void **state)
{
    (void)state;
    struct scene *s = open_scene();
    uint32_t slots[6];
    for (uint8_t i = 0; i < 4; i++)
        slots[i] = hold_seat(s, i, 100 + i);
    slots[4] = hold_seat(s, 4, 103); /* two holds are one session */
    pass(s, 2);
    assert_int_equal(s->room.holders, 0); /* off: they do not matter */
    change(s, (struct queue_command_change){.on = 1});
    for (uint8_t i = 0; i < 20; i++)
        join(s, i);
    pass(s, 20);
    assert_int_equal(s->room.holders, 4);
    assert_int_equal(status_of(s).active, 1); /* the target is 5 */
    release_seat(s, slots[0], 0, 100);
    pass(s, 3);
    assert_int_equal(s->room.holders, 3);
    assert_int_equal(status_of(s).active, 2);
    start_again(s); /* a restart counts anew */
    pass(s, 10);
    assert_int_equal(s->room.holders, 3);
    assert_int_equal(status_of(s).active, 2);
    buy(s, slots[1], 1, 101);
    release_seat(s, slots[2], 2, 102);
    release_seat(s, slots[4], 4, 103);
    pass(s, 2);
    assert_int_equal(s->room.holders, 1); /* 103 has another hold */
    release_seat(s, slots[3], 3, 103);
    pass(s, 5);
    assert_true(s->room.holders_over);
    assert_int_equal(status_of(s).active, 5);
    close_scene(s);
}

static void who_is_called_or_let_in_is_counted_once(void **state)
{
    (void)state;
    struct scene *s = open_scene();
    (void)hold_seat(s, 0, 1);
    (void)hold_seat(s, 1, 2);
    change(s, (struct queue_command_change){.on = 1});
    pass(s, 1);
    assert_int_equal(s->room.holders, 2);
    join(s, 1); /* waits in line, and holds a seat all the same */
    pass(s, 3);
    assert_int_equal(status_of(s).active, 1);
    assert_int_equal(s->room.holders, 1);
    claim(s, 1);
    pass(s, 3);
    assert_int_equal(s->room.holders, 1);
    /* Its time is over, but it was let in: whoever came in that way is no holder. */
    pass(s, 301);
    assert_false(is_admitted(s, 1));
    assert_int_equal(s->room.holders, 1);
    pass(s, 400); /* the holds have run out */
    assert_true(s->room.holders_over);
    /* Off and on again: whoever booked in between is counted. */
    change(s, (struct queue_command_change){.on = 2});
    pass(s, 1);
    (void)hold_seat(s, 5, 9);
    change(s, (struct queue_command_change){.on = 1});
    pass(s, 1);
    assert_int_equal(s->room.holders, 1);
    close_scene(s);
}

static void a_sale_that_a_crash_left_untold_ends_its_admission_at_the_next_start(void **state)
{
    (void)state;
    struct scene *s = open_scene();
    change(s, (struct queue_command_change){.on = 1});
    for (uint8_t who = 1; who <= 3; who++)
        join(s, who);
    pass(s, 3);
    for (uint8_t who = 1; who <= 3; who++)
        claim(s, who);
    uint32_t first = hold_seat(s, 1, 1), second = hold_seat(s, 2, 2);
    (void)hold_seat(s, 3, 3);
    buy(s, first, 1, 1);
    buy(s, second, 2, 2);
    engine_commit(s->house.e); /* durable; and then the house is gone */
    start_again(s);
    assert_true(is_admitted(s, 1) && is_admitted(s, 2) && is_admitted(s, 3));
    pass(s, 1);
    assert_false(is_admitted(s, 1) || is_admitted(s, 2));
    assert_true(is_admitted(s, 3));
    close_scene(s);
}

static void an_order_of_an_earlier_admission_ends_no_later_one(void **state)
{
    (void)state;
    struct scene *s = open_scene();
    change(s, (struct queue_command_change){.on = 1});
    join(s, 1);
    pass(s, 3);
    claim(s, 1);
    buy(s, hold_seat(s, 1, 1), 1, 1);
    engine_commit(s->house.e);
    start_again(s);
    pass(s, 1);
    assert_false(is_admitted(s, 1));
    join(s, 1);
    pass(s, 3);
    claim(s, 1);
    engine_commit(s->house.e);
    s->house.h.now_us += 500 * SECOND; /* an outage gives it time, which is no later beginning */
    start_again(s);
    pass(s, 2);
    assert_true(is_admitted(s, 1));
    close_scene(s);
}

/* ---- the safety net ---- */

static void the_net_catches_above_its_threshold_only(void **state)
{
    (void)state;
    struct queue_command_change c;
    struct queue_status off = {.phase = QUEUE_OFF, .threshold = 10}, other;
    assert_false(admission_net(&off, 10, START, &c));
    assert_true(admission_net(&off, 11, START, &c));
    assert_int_equal(c.on, 1);
    assert_int_equal(c.opens_at_us, 0);
    other = off;
    other.threshold = 0;
    assert_false(admission_net(&other, 11, START, &c));
    other = off;
    other.phase = QUEUE_LINE;
    assert_false(admission_net(&other, 11, START, &c));
    other = off;
    other.closed = true; /* on, it would let nobody in */
    assert_false(admission_net(&other, 11, START, &c));
}

static void switched_off_by_hand_it_stays_off_for_a_while(void **state)
{
    (void)state;
    struct queue_command_change c;
    struct scene *s = open_scene();
    change(s, (struct queue_command_change){.threshold = 3});
    struct queue_status status = status_of(s);
    assert_true(admission_net(&status, 4, engine_now(s->house.e), &c));
    change(s, c);
    change(s, (struct queue_command_change){.on = 2});
    engine_commit(s->house.e);
    start_again(s); /* a restart changes nothing in it */
    status = status_of(s);
    uint64_t until_us = status.switched_off_us + ADMISSION_HELD_OFF_SECONDS * SECOND;
    assert_false(admission_net(&status, 4, engine_now(s->house.e), &c));
    assert_false(admission_net(&status, 4, until_us - 1, &c));
    assert_true(admission_net(&status, 4, until_us, &c));
    close_scene(s);
}

static void the_net_goes_straight_to_the_line(void **state)
{
    (void)state;
    static const uint64_t lobbies_us[] = {START - 5 * SECOND, START + 3600 * SECOND};
    for (unsigned i = 0; i < 2; i++) {
        struct scene *s = open_scene();
        struct queue_entry_opened opened = {.event_random = 11,
                                            .places = 100,
                                            .lobby_opens_at_us = lobbies_us[i],
                                            .opens_at_us = START + 7200 * SECOND,
                                            .target_active = 5,
                                            .per_minute = 600,
                                            .claim_seconds = 60,
                                            .admission_seconds = 300,
                                            .threshold = 1,
                                            .seed = SLICE("0123456789abcdef0123456789abcdef")};
        struct err err = {""};
        struct queue_command_change c;
        uint64_t barrier;
        bool repeated;
        uint32_t p = list_event(s->house.e, 2, 2, &repeated);
        assert_int_equal(engine_open_queue(s->house.e, p, &opened, &barrier, &err), 0);
        s->partition = p;
        struct queue_status status = status_of(s);
        assert_true(admission_net(&status, 2, engine_now(s->house.e), &c));
        change(s, c);
        join(s, 1);
        assert_int_equal(status_of(s).phase, QUEUE_LINE);
        close_scene(s);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(who_held_seats_before_counts_as_let_in),
        cmocka_unit_test(who_is_called_or_let_in_is_counted_once),
        cmocka_unit_test(a_sale_that_a_crash_left_untold_ends_its_admission_at_the_next_start),
        cmocka_unit_test(an_order_of_an_earlier_admission_ends_no_later_one),
        cmocka_unit_test(the_net_catches_above_its_threshold_only),
        cmocka_unit_test(switched_off_by_hand_it_stays_off_for_a_while),
        cmocka_unit_test(the_net_goes_straight_to_the_line),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
