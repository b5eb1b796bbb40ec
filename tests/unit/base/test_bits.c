#include "base/bits.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

static void a_number_is_in_the_set_until_it_is_taken_out(void **state)
{
    (void)state;
    static const uint32_t numbers[] = {0, 1, 63, 64, 127, 128, 191};
    uint64_t words[3] = {0};
    for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++) {
        assert_false(bits_has(words, numbers[i]));
        bits_set(words, numbers[i]);
        bits_set(words, numbers[i]);
        assert_true(bits_has(words, numbers[i]));
    }
    assert_true(words[0] == (3 | 1ull << 63) && words[1] == (1 | 1ull << 63));
    for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++) {
        bits_clear(words, numbers[i]);
        bits_clear(words, numbers[i]);
        assert_false(bits_has(words, numbers[i]));
    }
    assert_true(words[0] == 0 && words[1] == 0 && words[2] == 0);
}

static void words_are_counted_up(void **state)
{
    (void)state;
    assert_int_equal(bits_words(0), 0);
    assert_int_equal(bits_words(1), 1);
    assert_int_equal(bits_words(64), 1);
    assert_int_equal(bits_words(65), 2);
    assert_int_equal(bits_words(UINT32_MAX), 1u << 26);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_number_is_in_the_set_until_it_is_taken_out),
        cmocka_unit_test(words_are_counted_up),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
