/* Every refusal has words, and a code that is the machine's own and stands in the contract. */
#include "api/problems.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

static void every_refusal_has_the_machines_code_and_a_sentence(void **state)
{
    (void)state;
    for (int r = BOOKING_OK + 1; r < BOOKING_REFUSAL_COUNT; r++) {
        enum booking_refusal refusal = (enum booking_refusal)r;
        const struct problem_text *text = &problem_texts[problem_of_booking(refusal)];
        assert_string_equal(text->code, booking_refusal_code(refusal));
        assert_true(text->status >= 400 && text->status < 600);
        assert_true(strlen(problem_booking_detail(refusal)) > 10);
    }
}

static void every_refusal_of_a_waiting_room_too(void **state)
{
    (void)state;
    for (int r = QUEUE_OK + 1; r < QUEUE_REFUSAL_COUNT; r++) {
        enum queue_refusal refusal = (enum queue_refusal)r;
        const struct problem_text *text = &problem_texts[problem_of_queue(refusal)];
        if (refusal != QUEUE_NOT_DRAWABLE) /* the house's own business */
            assert_string_equal(text->code, queue_refusal_code(refusal));
        assert_true(text->status >= 400 && text->status < 600);
        assert_true(strlen(problem_queue_detail(refusal)) > 10);
    }
}

static void every_code_stands_once(void **state)
{
    (void)state;
    for (int i = 0; i < PROBLEM_COUNT; i++) {
        assert_true(strlen(problem_texts[i].title) > 3);
        for (int k = 0; k < i; k++)
            assert_string_not_equal(problem_texts[i].code, problem_texts[k].code);
    }
}

static void a_taken_seat_is_a_conflict_and_a_full_house_is_a_pause(void **state)
{
    (void)state;
    assert_int_equal(problem_texts[problem_of_booking(BOOKING_UNIT_UNAVAILABLE)].status, 409);
    assert_int_equal(problem_texts[problem_of_booking(BOOKING_FULL)].status, 503);
    assert_int_equal(problem_texts[problem_of_booking(BOOKING_EVENT_LIMIT)].status, 409);
    assert_int_equal(problem_texts[problem_of_booking(BOOKING_IDEMPOTENCY_MISMATCH)].status, 422);
    assert_int_equal(problem_of_directory(DIRECTORY_IDEMPOTENCY_MISMATCH),
                     PROBLEM_IDEMPOTENCY_MISMATCH);
    assert_int_equal(problem_of_directory(DIRECTORY_FULL), PROBLEM_BUSY);
    assert_int_equal(problem_of_directory(DIRECTORY_EVENT_UNKNOWN), PROBLEM_EVENT_NOT_FOUND);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_refusal_has_the_machines_code_and_a_sentence),
        cmocka_unit_test(every_refusal_of_a_waiting_room_too),
        cmocka_unit_test(every_code_stands_once),
        cmocka_unit_test(a_taken_seat_is_a_conflict_and_a_full_house_is_a_pause),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
