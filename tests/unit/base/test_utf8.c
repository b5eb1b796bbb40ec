/* Strict UTF-8. */
#include "base/utf8.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

/* Writes a code point the plain way; returns the length. */
static size_t encode(uint32_t c, char *to)
{
    if (c < 0x80) {
        to[0] = (char)c;
        return 1;
    }
    size_t len = c < 0x800 ? 2 : c < 0x10000 ? 3 : 4;
    static const unsigned char lead[] = {0, 0, 0xc0, 0xe0, 0xf0};
    for (size_t i = len - 1; i > 0; i--, c >>= 6)
        to[i] = (char)(0x80 | (c & 0x3f));
    to[0] = (char)(lead[len] | c);
    return len;
}

static void exactly_the_code_points_without_surrogates_are_valid(void **state)
{
    (void)state;
    for (uint32_t c = 0; c < 0x120000; c++) {
        char text[4];
        size_t len = encode(c, text);
        bool good = c <= 0x10ffff && !(c >= 0xd800 && c <= 0xdfff);
        assert_int_equal(utf8_length(text, len), good ? len : 0);
        assert_int_equal(utf8_valid(slice_make(text, len)), good);
    }
}

static void overlong_cut_and_stray_bytes_are_refused(void **state)
{
    (void)state;
    static const char *const wrong[] = {
        "\xc0\x80",
        "\xc1\xbf",
        "\xe0\x80\x80",
        "\xe0\x9f\xbf",
        "\xf0\x80\x80\x80",
        "\xf0\x8f\xbf\xbf",
        "\x80",
        "\xbf",
        "\xc3",
        "\xe2\x82",
        "\xf0\x9f\x98",
        "\xc3(",
        "\xe2(\x82",
        "\xf0\x9f(\x80",
        "\xf5\x80\x80\x80",
        "\xff",
        "\xfe",
        "\xf8\x88\x80\x80\x80",
        "good\xffnot",
        "\xed\xa0\x80",
    };
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++)
        assert_false(utf8_valid(slice_from_string(wrong[i])));
}

static void no_sequence_is_read_beyond_its_end(void **state)
{
    (void)state;
    for (size_t len = 1; len < 4; len++) {
        char *cut = malloc(len);
        memcpy(cut, "\xf0\x9f\x98\x80", len);
        assert_int_equal(utf8_length(cut, len), 0);
        free(cut);
    }
    assert_int_equal(utf8_length(NULL, 0), 0);
    assert_true(utf8_valid((struct slice){NULL, 0}));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(exactly_the_code_points_without_surrogates_are_valid),
        cmocka_unit_test(overlong_cut_and_stray_bytes_are_refused),
        cmocka_unit_test(no_sequence_is_read_beyond_its_end),
    };
    return cmocka_run_group_tests_name("base utf8", tests, NULL, NULL);
}
