#include "app/language.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

struct row {
    const char *chosen, *accept, *want;
};

static void check(const struct row *rows, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        enum language got =
            language_choose(slice_from_string(rows[i].chosen), slice_from_string(rows[i].accept));
        assert_true(got < LANGUAGES);
        assert_string_equal(language_tags[got], rows[i].want);
    }
}

static void the_browsers_first_language_that_we_have_is_taken(void **state)
{
    (void)state;
    static const struct row rows[] = {
        {"", "de", "de"},
        {"", "de-AT,de;q=0.9,en;q=0.8", "de"},
        {"", "sv-SE, sv;q=0.9, es-MX;q=0.8, en;q=0.7", "es"},
        {"", "FR-ch", "fr"},
        {"", "en-GB,en;q=0.9,de;q=0.8", "en"},
        {"", "en;q=0.2, de ; q=0.3", "de"},
        {"", "de;q=0.5, fr;q=0.5", "de"},
        {"", "fr;q=0.805,es;q=0.81", "es"},
        {"", "es;q=1.0,fr", "es"},
    };
    check(rows, sizeof rows / sizeof rows[0]);
}

static void english_is_what_is_left(void **state)
{
    (void)state;
    static const struct row rows[] = {
        {"", "", "en"},
        {"", "*", "en"},
        {"", "sv, ja", "en"},
        {"", "de;q=0", "en"},
        {"", "deu, den, d, -de, de_AT", "en"},
        {"", ",,;;,q=1,;q=1,-", "en"},
        {"", "de;q=x, fr;q=, es;level=1", "en"},
    };
    check(rows, sizeof rows / sizeof rows[0]);
}

static void the_readers_choice_comes_before_the_browsers_list(void **state)
{
    (void)state;
    static const struct row rows[] = {
        {"fr", "de", "fr"}, {"en", "de-DE,de;q=0.9", "en"},   {"ES", "", "es"},
        {"xx", "de", "de"}, {"../../etc/passwd", "de", "de"}, {"", "de", "de"},
    };
    check(rows, sizeof rows / sizeof rows[0]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_browsers_first_language_that_we_have_is_taken),
        cmocka_unit_test(english_is_what_is_left),
        cmocka_unit_test(the_readers_choice_comes_before_the_browsers_list),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
