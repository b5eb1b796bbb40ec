#include "unit/engine/support.h"

/* Prices that step by themselves, in events that have nothing else to do. */

#define EVENT 1u

/* One price from now + 60 s on, until 60 s later. */
static void plan_prices(struct house *house)
{
    static const uint32_t category[1] = {0}, none[1] = {0};
    static const uint64_t price[1] = {700};
    const uint64_t from[1] = {house->h.now_us + 60 * SECOND},
                   until[1] = {house->h.now_us + 120 * SECOND};
    struct booking_command c = {.number = BOOKING_COMMAND_change_price_plan};
    struct engine_result r;
    c.change_price_plan = (struct command_change_price_plan){.rule_categories = {category, 1},
                                                             .rule_from_us = {from, 1},
                                                             .rule_until_us = {until, 1},
                                                             .rule_sold_from = {none, 1},
                                                             .rule_sold_below = {none, 1},
                                                             .rule_prices = {price, 1}};
    engine_submit(house->e, EVENT, &c, &r);
    assert_int_equal(r.refusal, BOOKING_OK);
    engine_commit(house->e);
}

/* Entries that a tick at this time makes. */
static unsigned tick_at(struct house *house, uint64_t now_us)
{
    unsigned told = house->h.entries;
    house->h.now_us = now_us;
    engine_tick(house->e);
    engine_commit(house->e);
    return house->h.entries - told;
}

static void a_tick_steps_prices_in_a_house_without_holds(void **state)
{
    (void)state;
    for (int restarted = 0; restarted < 3; restarted++) {
        struct house house;
        struct err err = {""};
        bool repeated;
        house_open(&house);
        assert_int_equal(list_event(house.e, 1, 1, &repeated), EVENT);
        engine_commit(house.e);
        uint64_t from = house.h.now_us + 60 * SECOND, until = from + 60 * SECOND;
        plan_prices(&house);
        if (restarted == 2)
            assert_int_equal(engine_snapshot_all(house.e, 60 * SECOND, &err), 0);
        if (restarted)
            house_restart(&house);
        assert_int_equal(tick_at(&house, from - 1), 0);
        assert_int_equal(tick_at(&house, from), 1);
        assert_int_equal(tick_at(&house, from + SECOND), 0);
        assert_int_equal(tick_at(&house, until - 1), 0);
        assert_int_equal(tick_at(&house, until), 1);
        assert_int_equal(tick_at(&house, until + 60 * SECOND), 0); /* and then it is quiet again */
        house_close(&house);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_tick_steps_prices_in_a_house_without_holds),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
