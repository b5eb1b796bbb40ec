/* What a visitor is told about its wait. */
#include "api/queue.h"
#include "base/limits.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

/* One at a time, who may stay for two hours; nothing is known of how people come. */
static struct api_queue slow_room(void)
{
    struct api_queue room = {.begun = true};
    pace_begin(&room.pace, 1);
    room.measure = (struct pace_measure){.now_us = 1,
                                         .target_active = 1,
                                         .per_minute = 1,
                                         .claim_seconds = LIMIT_QUEUE_CLAIM_SECONDS,
                                         .admission_seconds = LIMIT_QUEUE_ADMISSION_SECONDS,
                                         .waiting = {LIMIT_QUEUE_PLACES, 0},
                                         .may_call = true};
    return room;
}

static void a_wait_of_centuries_is_told_as_the_longest_there_is(void **state)
{
    (void)state;
    struct api_queue room = slow_room();
    uint32_t low, high;
    queue_wait(&room, LIMIT_QUEUE_PLACES, &low, &high);
    assert_int_equal(high, UINT32_MAX);
    assert_in_range(low, 900000000, 1100000000); /* one a minute */
}

static void the_range_of_a_wait_grows_with_who_stands_in_front(void **state)
{
    (void)state;
    struct api_queue room = slow_room();
    uint32_t low, high, low_before = 0, high_before = 0;
    for (uint64_t ahead = 1; ahead < LIMIT_QUEUE_PLACES; ahead *= 2) {
        queue_wait(&room, ahead, &low, &high);
        assert_true(low >= low_before && high >= high_before && low <= high);
        low_before = low;
        high_before = high;
    }
}

static void nobody_is_told_a_wait_while_nobody_is_called(void **state)
{
    (void)state;
    struct api_queue room = slow_room();
    uint32_t low = 1, high = 1;
    room.stall = API_STALL_SALE;
    queue_wait(&room, 10, &low, &high);
    assert_true(low == 0 && high == 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_wait_of_centuries_is_told_as_the_longest_there_is),
        cmocka_unit_test(the_range_of_a_wait_grows_with_who_stands_in_front),
        cmocka_unit_test(nobody_is_told_a_wait_while_nobody_is_called),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
