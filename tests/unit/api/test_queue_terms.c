/* What an organiser says about a waiting room: defaults, bounds, and what of it is a change. */
#include "api/queue_terms.h"
#include "base/limits.h"
#include "base/time.h"
#include "queue/queue.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define SALE ((struct queue_sale){OPENS_US, OPENS_US + 3600 * TIME_SECOND_US})
#define OPENS_US (1924992000ull * TIME_SECOND_US) /* 2031-01-01T00:00:00Z */

static struct request body(const char *text)
{
    struct request r;
    request_read(slice_from_string(text), &r);
    assert_false(r.failed);
    return r;
}

static struct queue_terms read_new(const char *text)
{
    struct queue_terms terms;
    struct request r = body(text);
    queue_terms_read_new(&r, SALE, &terms);
    assert_false(r.failed);
    request_finish(&r);
    return terms;
}

/* Any waiting room will do: its own state is not read. */
static const struct queue *some_room(void)
{
    static char room;
    return (const struct queue *)(const void *)&room;
}

static struct queue_terms read_change(const char *text, const struct queue *room)
{
    struct queue_terms terms;
    struct request r = body(text);
    queue_terms_read_change(&r, room, SALE, &terms);
    assert_false(r.failed);
    request_finish(&r);
    return terms;
}

static void nothing_said_is_no_waiting_room(void **state)
{
    (void)state;
    static const char *const bodies[] = {"{}",
                                         "{\"queue\":null}",
                                         "{\"queue\":{}}",
                                         "{\"queue\":{\"enabled\":false}}",
                                         "{\"queue\":{\"enabled\":false,\"target_active\":5}}",
                                         "{\"queue\":{\"threshold\":0,\"enabled\":false}}"};
    for (size_t i = 0; i < sizeof bodies / sizeof bodies[0]; i++)
        assert_false(read_new(bodies[i]).open);
}

static void a_waiting_room_opens_with_the_sale_unless_it_says_otherwise(void **state)
{
    (void)state;
    struct queue_terms terms = read_new("{\"queue\":{\"enabled\":true}}");
    assert_true(terms.open);
    assert_int_equal(terms.opened.on, 1);
    assert_int_equal(terms.opened.opens_at_us, OPENS_US);
    assert_int_equal(terms.opened.lobby_opens_at_us, 0);
    assert_int_equal(terms.opened.target_active, QUEUE_TERMS_TARGET);
    assert_int_equal(terms.opened.per_minute, QUEUE_TERMS_PER_MINUTE);
    assert_int_equal(terms.opened.claim_seconds, QUEUE_TERMS_CLAIM_SECONDS);
    assert_int_equal(terms.opened.admission_seconds, QUEUE_TERMS_ADMISSION_SECONDS);
    assert_int_equal(terms.opened.places, LIMIT_QUEUE_PLACES);
    terms = read_new("{\"queue\":{\"lobby_opens_at\":\"2030-12-31T23:00:00Z\",\"opens_at\":"
                     "\"2030-12-31T23:30:00Z\",\"target_active\":7,\"per_minute\":8,"
                     "\"claim_seconds\":10,\"admission_seconds\":60}}");
    assert_true(terms.open);
    assert_int_equal(terms.opened.lobby_opens_at_us, OPENS_US - 3600 * TIME_SECOND_US);
    assert_int_equal(terms.opened.opens_at_us, OPENS_US - 1800 * TIME_SECOND_US);
    assert_int_equal(terms.opened.target_active, 7);
    assert_int_equal(terms.opened.per_minute, 8);
    assert_int_equal(terms.opened.claim_seconds, 10);
    assert_int_equal(terms.opened.admission_seconds, 60);
}

static void a_threshold_alone_is_a_safety_net_that_is_off(void **state)
{
    (void)state;
    struct queue_terms terms = read_new("{\"queue\":{\"threshold\":900}}");
    assert_true(terms.open);
    assert_int_equal(terms.opened.on, 0);
    assert_int_equal(terms.opened.threshold, 900);
    terms = read_new("{\"queue\":{\"threshold\":900,\"enabled\":true}}");
    assert_int_equal(terms.opened.on, 1);
}

static void what_does_not_fit_is_refused_by_name(void **state)
{
    (void)state;
    static const struct {
        const char *body, *member;
        enum problem problem;
    } cases[] = {
        {"{\"queue\":1}", "queue", PROBLEM_BAD_VALUE},
        {"{\"queue\":{\"enabled\":1}}", "queue.enabled", PROBLEM_BAD_VALUE},
        {"{\"queue\":{\"state\":\"on\"}}", "queue.state", PROBLEM_UNKNOWN_MEMBER},
        {"{\"queue\":{\"target_active\":0}}", "queue.target_active", PROBLEM_BAD_VALUE},
        {"{\"queue\":{\"target_active\":50001}}", "queue.target_active", PROBLEM_BAD_VALUE},
        {"{\"queue\":{\"per_minute\":600001}}", "queue.per_minute", PROBLEM_BAD_VALUE},
        {"{\"queue\":{\"claim_seconds\":9}}", "queue.claim_seconds", PROBLEM_BAD_VALUE},
        {"{\"queue\":{\"admission_seconds\":59}}", "queue.admission_seconds", PROBLEM_BAD_VALUE},
        {"{\"queue\":{\"threshold\":-1}}", "queue.threshold", PROBLEM_BAD_VALUE},
        {"{\"queue\":{\"opens_at\":\"soon\"}}", "queue.opens_at", PROBLEM_BAD_VALUE},
        {"{\"queue\":{\"opens_at\":\"2031-01-01T01:00:00Z\"}}", "queue.opens_at",
         PROBLEM_BAD_VALUE},
        {"{\"queue\":{\"lobby_opens_at\":\"2031-01-01T00:00:00Z\"}}", "queue.lobby_opens_at",
         PROBLEM_BAD_VALUE},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct request r = body(cases[i].body);
        struct queue_terms terms;
        queue_terms_read_new(&r, SALE, &terms);
        if (!r.failed || r.problem != cases[i].problem || strcmp(r.member, cases[i].member) != 0)
            fail_msg("%s: %s", cases[i].body, r.detail);
        request_finish(&r);
    }
}

static void a_change_says_what_it_names_and_nothing_else(void **state)
{
    (void)state;
    struct queue_terms terms = read_change("{\"queue\":{\"target_active\":9}}", some_room());
    struct queue_command_change wanted = {.target_active = 9};
    assert_false(terms.open);
    assert_true(terms.changed);
    assert_memory_equal(&terms.change, &wanted, sizeof wanted);
    assert_false(read_change("{}", some_room()).changed);
    assert_false(read_change("{\"queue\":{}}", some_room()).changed);
    assert_int_equal(read_change("{\"queue\":{\"threshold\":null}}", some_room()).change.threshold,
                     0xffffffffu);
}

static void it_cannot_open_when_the_sale_is_over(void **state)
{
    (void)state;
    struct queue_sale endless = {OPENS_US, 0};
    const char *last = "{\"queue\":{\"opens_at\":\"2031-01-01T00:59:59Z\"}}";
    const char *over = "{\"queue\":{\"opens_at\":\"2031-01-01T01:00:00Z\"}}";
    struct queue_terms terms;
    assert_true(read_change(last, some_room()).changed);
    assert_true(read_new(last).open);
    struct request r = body(over);
    queue_terms_read_change(&r, some_room(), endless, &terms);
    assert_false(r.failed);
    request_finish(&r);
    r = body(over);
    queue_terms_read_change(&r, some_room(), SALE, &terms);
    assert_true(r.failed);
    assert_int_equal(r.problem, PROBLEM_BAD_VALUE);
    assert_string_equal(r.member, "queue.opens_at");
    request_finish(&r);
}

static void states_are_switches(void **state)
{
    (void)state;
    static const struct {
        const char *body;
        uint8_t on, pause, close;
    } cases[] = {
        {"{\"queue\":{\"state\":\"on\"}}", 1, 0, 0},
        {"{\"queue\":{\"state\":\"off\"}}", 2, 0, 0},
        {"{\"queue\":{\"state\":\"paused\"}}", 0, 1, 0},
        {"{\"queue\":{\"state\":\"open\"}}", 0, 2, 0},
        {"{\"queue\":{\"state\":\"closed\"}}", 0, 0, 1},
        {"{\"queue\":{\"enabled\":true}}", 1, 0, 0},
        {"{\"queue\":{\"enabled\":false}}", 2, 0, 0},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct queue_terms terms = read_change(cases[i].body, some_room());
        assert_true(terms.changed);
        assert_int_equal(terms.change.on, cases[i].on);
        assert_int_equal(terms.change.pause, cases[i].pause);
        assert_int_equal(terms.change.close, cases[i].close);
    }
}

static void an_event_without_one_gets_one_by_a_change(void **state)
{
    (void)state;
    assert_true(read_change("{\"queue\":{\"enabled\":true}}", NULL).open);
    assert_true(read_change("{\"queue\":{\"state\":\"on\"}}", NULL).open);
    assert_false(read_change("{\"queue\":{\"state\":\"off\"}}", NULL).open);
    struct request r = body("{\"queue\":{\"state\":\"paused\"}}");
    struct queue_terms terms;
    queue_terms_read_change(&r, NULL, SALE, &terms);
    assert_true(r.failed);
    assert_int_equal(r.problem, PROBLEM_BAD_CHANGE);
    request_finish(&r);
}

static void a_sale_that_stops_stops_the_waiting_rooms_time(void **state)
{
    (void)state;
    struct queue_terms terms = {0};
    queue_terms_follow_sale(&terms, NULL, true);
    assert_false(terms.changed);
    queue_terms_follow_sale(&terms, some_room(), true);
    assert_true(terms.changed && terms.implied);
    assert_int_equal(terms.change.pause, QUEUE_SALE_PAUSES);
    terms = read_change("{\"queue\":{\"state\":\"paused\"}}", some_room());
    queue_terms_follow_sale(&terms, some_room(), false); /* by name counts more */
    assert_int_equal(terms.change.pause, 1);
    assert_false(terms.implied);
    terms = read_change("{\"queue\":{\"per_minute\":3}}", some_room());
    queue_terms_follow_sale(&terms, some_room(), false);
    assert_int_equal(terms.change.pause, QUEUE_SALE_GOES_ON);
    assert_int_equal(terms.change.per_minute, 3);
    assert_false(terms.implied);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(nothing_said_is_no_waiting_room),
        cmocka_unit_test(a_waiting_room_opens_with_the_sale_unless_it_says_otherwise),
        cmocka_unit_test(a_threshold_alone_is_a_safety_net_that_is_off),
        cmocka_unit_test(what_does_not_fit_is_refused_by_name),
        cmocka_unit_test(a_change_says_what_it_names_and_nothing_else),
        cmocka_unit_test(it_cannot_open_when_the_sale_is_over),
        cmocka_unit_test(states_are_switches),
        cmocka_unit_test(an_event_without_one_gets_one_by_a_change),
        cmocka_unit_test(a_sale_that_stops_stops_the_waiting_rooms_time),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
