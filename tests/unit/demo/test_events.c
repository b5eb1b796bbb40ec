/* The demo's events are what the contract wants to be posted. */
#include "unit/plan/support.h"

#include "base/money.h"
#include "base/time.h"
#include "demo/demo.h"
#include <jansson.h>

#include <string.h>

#define NOW_US 1800000000000000ull /* 2027-01-15T08:00:00Z */

enum { EVENTS = 5 };

static json_t *event_at(size_t index, uint64_t now_us)
{
    BUF_AUTO struct buf body = BUF_INIT;
    demo_event_json(index, now_us, &body);
    assert_false(body.failed);
    json_t *event = json_loadb(body.data, body.len, JSON_REJECT_DUPLICATES, NULL);
    assert_non_null(event);
    return event;
}

static uint64_t time_of(json_t *object, const char *key)
{
    uint64_t time_us = 0;
    assert_true(
        time_parse(slice_from_string(json_string_value(json_object_get(object, key))), &time_us));
    return time_us;
}

static bool has_price(json_t *event, const char *name)
{
    size_t i;
    json_t *price;
    json_array_foreach(json_object_get(event, "price_categories"), i, price)
    {
        if (strcmp(json_string_value(json_object_get(price, "name")), name) == 0)
            return true;
    }
    return false;
}

static void every_event_has_what_the_contract_asks_for(void **state)
{
    (void)state;
    static const char *const texts[] = {"name", "starts_at", "timezone", "category", "currency"};
    assert_int_equal(demo_event_count(), EVENTS);
    for (size_t e = 0; e < EVENTS; e++) {
        json_t *event = event_at(e, NOW_US);
        for (size_t i = 0; i < 5; i++)
            assert_true(json_string_length(json_object_get(event, texts[i])) > 0);
        json_t *venue = json_object_get(event, "venue");
        assert_true(json_string_length(json_object_get(venue, "name")) > 0);
        assert_true(json_string_length(json_object_get(venue, "city")) > 0);
        assert_int_equal(json_string_length(json_object_get(venue, "country")), 2);
        assert_true(json_array_size(json_object_get(event, "performers")) > 0);
        assert_true(money_decimals(json_string_value(json_object_get(event, "currency"))) >= 0);
        json_t *sale = json_object_get(event, "sale");
        assert_true(time_of(event, "starts_at") > NOW_US);
        assert_true(time_of(sale, "opens_at") < time_of(sale, "closes_at"));
        assert_true(json_object_get(event, "plan") ||
                    json_array_size(json_object_get(event, "areas")) > 0);
        json_decref(event);
    }
}

static void every_category_and_area_has_its_price(void **state)
{
    (void)state;
    for (size_t e = 0; e < EVENTS; e++) {
        json_t *event = event_at(e, NOW_US), *plan = json_object_get(event, "plan"), *item;
        size_t i;
        json_array_foreach(json_object_get(plan, "categories"), i, item)
            assert_true(has_price(event, json_string_value(json_object_get(item, "name"))));
        json_array_foreach(json_object_get(event, "areas"), i, item) assert_true(
            has_price(event, json_string_value(json_object_get(item, "price_category"))));
        json_array_foreach(json_object_get(event, "price_categories"), i, item)
        {
            assert_true(json_integer_value(json_object_get(item, "price")) > 0);
            assert_true(json_is_integer(json_object_get(item, "fee")));
        }
        json_decref(event);
    }
}

static void the_club_has_2500_places_and_no_plan(void **state)
{
    (void)state;
    json_t *event = event_at(2, NOW_US), *area;
    size_t i;
    json_int_t places = 0;
    json_array_foreach(json_object_get(event, "areas"), i, area) places +=
        json_integer_value(json_object_get(area, "capacity"));
    assert_int_equal(places, 2500);
    assert_null(json_object_get(event, "plan"));
    json_decref(event);
}

static void one_event_has_a_lobby_that_is_open_and_lets_in_one_at_a_time(void **state)
{
    (void)state;
    for (size_t e = 0; e < EVENTS; e++) {
        json_t *event = event_at(e, NOW_US), *queue = json_object_get(event, "queue");
        assert_int_equal(queue != NULL, e == EVENTS - 1);
        if (queue) {
            assert_true(time_of(queue, "lobby_opens_at") == NOW_US);
            assert_int_equal(json_integer_value(json_object_get(queue, "target_active")), 1);
        }
        json_decref(event);
    }
}

static void arena_and_waiting_room_open_in_two_minutes_and_the_others_are_open(void **state)
{
    (void)state;
    for (size_t e = 0; e < EVENTS; e++) {
        json_t *event = event_at(e, NOW_US);
        uint64_t opens_us = time_of(json_object_get(event, "sale"), "opens_at");
        if (e >= 3)
            assert_true(opens_us == NOW_US + 120 * TIME_SECOND_US);
        else
            assert_true(opens_us < NOW_US);
        json_decref(event);
    }
}

static void doors_are_at_half_past_seven_local_time_in_winter_and_summer(void **state)
{
    (void)state;
    static const struct {
        uint64_t now_us;
        const char *clock[EVENTS];
    } seasons[] = {
        {NOW_US,
         {"T18:30:00.000Z", "T19:30:00.000Z", "T00:30:00.000Z", "T10:30:00.000Z",
          "T18:30:00.000Z"}},
        {NOW_US + 150ull * 86400 * TIME_SECOND_US,
         {"T17:30:00.000Z", "T18:30:00.000Z", "T23:30:00.000Z", "T10:30:00.000Z",
          "T18:30:00.000Z"}},
    };
    for (size_t s = 0; s < 2; s++) {
        for (size_t e = 0; e < EVENTS; e++) {
            json_t *event = event_at(e, seasons[s].now_us);
            const char *starts = json_string_value(json_object_get(event, "starts_at"));
            assert_string_equal(starts + strlen("2027-01-15"), seasons[s].clock[e]);
            json_decref(event);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_event_has_what_the_contract_asks_for),
        cmocka_unit_test(every_category_and_area_has_its_price),
        cmocka_unit_test(the_club_has_2500_places_and_no_plan),
        cmocka_unit_test(arena_and_waiting_room_open_in_two_minutes_and_the_others_are_open),
        cmocka_unit_test(one_event_has_a_lobby_that_is_open_and_lets_in_one_at_a_time),
        cmocka_unit_test(doors_are_at_half_past_seven_local_time_in_winter_and_summer),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
