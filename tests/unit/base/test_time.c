/* RFC 3339 in and out, against the C library's calendar. */
#include "base/time.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include <cmocka.h>

static uint64_t parse(const char *text)
{
    uint64_t time_us = 12345;
    if (!time_parse(slice_from_string(text), &time_us))
        fail_msg("refused: %s", text);
    return time_us;
}

static void every_day_agrees_with_the_c_library(void **state)
{
    (void)state;
    for (time_t day = 0; day < 2932897; day++) { /* 1970-01-01 to 9999-12-31 */
        time_t seconds = day * 86400 + day % 86400;
        struct tm tm;
        char expected[48], text[TIME_TEXT_MAX];
        gmtime_r(&seconds, &tm);
        (void)snprintf(expected, sizeof expected, "%04d-%02d-%02dT%02d:%02d:%02d.%03dZ",
                       tm.tm_year + 1900, tm.tm_mon + 1, tm.tm_mday, tm.tm_hour, tm.tm_min,
                       tm.tm_sec, (int)(day % 1000));
        uint64_t time_us = (uint64_t)seconds * TIME_SECOND_US + (uint64_t)(day % 1000) * 1000;
        assert_int_equal(time_format(time_us, text), 24);
        assert_memory_equal(text, expected, 24);
        uint64_t back;
        assert_true(time_parse(slice_make(text, 24), &back));
        assert_true(back == time_us);
    }
}

static void instants_after_9999_are_written_as_its_end(void **state)
{
    (void)state;
    char text[TIME_TEXT_MAX];
    assert_int_equal(time_format(UINT64_MAX, text), 24);
    assert_memory_equal(text, "9999-12-31T23:59:59.999Z", 24);
}

static void other_spellings_of_rfc_3339_are_read(void **state)
{
    (void)state;
    assert_true(parse("1970-01-01T00:00:00Z") == 0);
    assert_true(parse("2027-06-12t18:30:00z") == 1812825000000000ull);
    assert_true(parse("2027-06-12T20:30:00+02:00") == 1812825000000000ull);
    assert_true(parse("2027-06-12T13:00:00-05:30") == 1812825000000000ull);
    assert_true(parse("2027-06-12T18:30:00-00:00") == 1812825000000000ull);
    assert_true(parse("1970-01-01T00:00:00.1Z") == 100000);
    assert_true(parse("1970-01-01T00:00:00.123456789Z") == 123456);
    assert_true(parse("1970-01-01T02:00:00+02:00") == 0);
    assert_true(parse("2016-12-31T23:59:60Z") == parse("2017-01-01T00:00:00Z"));
    assert_true(parse("2000-02-29T00:00:00Z") == 951782400000000ull);
}

static void anything_else_is_refused(void **state)
{
    (void)state;
    static const char *const wrong[] = {
        "",
        "2027-06-12",
        "2027-06-12T18:30:00",
        "2027-06-12 18:30:00Z",
        "2027-06-12T18:30Z",
        "2027-6-12T18:30:00Z",
        "2027-13-12T18:30:00Z",
        "2027-00-12T18:30:00Z",
        "2027-06-31T18:30:00Z",
        "2027-06-00T18:30:00Z",
        "2027-02-29T18:30:00Z",
        "2100-02-29T18:30:00Z",
        "1969-12-31T23:59:59Z",
        "1970-01-01T00:00:00+00:01",
        "2027-06-12T24:00:00Z",
        "2027-06-12T18:60:00Z",
        "2027-06-12T18:30:61Z",
        "2027-06-12T18:30:00.Z",
        "2027-06-12T18:30:00.1234567890Z",
        "2027-06-12T18:30:00,5Z",
        "2027-06-12T18:30:00+2:00",
        "2027-06-12T18:30:00+24:00",
        "2027-06-12T18:30:00+02:60",
        "2027-06-12T18:30:00+0200",
        "2027-06-12T18:30:00Z ",
        " 2027-06-12T18:30:00Z",
        "2027-06-12T18:30:00ZZ",
        "+027-06-12T18:30:00Z",
        "9999-12-31T23:59:59-00:01",
        "9999-12-31T23:59:60Z",
    };
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        uint64_t time_us = 77;
        if (time_parse(slice_from_string(wrong[i]), &time_us))
            fail_msg("accepted: %s", wrong[i]);
        assert_true(time_us == 77);
    }
}

static void no_cut_of_a_good_text_is_read_beyond_its_end(void **state)
{
    (void)state;
    static const char good[] = "2027-06-12T18:30:00.123+02:00";
    for (size_t len = 0; len < sizeof good - 1; len++) {
        char *cut = malloc(len + 1);
        memcpy(cut, good, len);
        uint64_t time_us;
        assert_false(time_parse(slice_make(cut, len), &time_us));
        free(cut);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_day_agrees_with_the_c_library),
        cmocka_unit_test(instants_after_9999_are_written_as_its_end),
        cmocka_unit_test(other_spellings_of_rfc_3339_are_read),
        cmocka_unit_test(anything_else_is_refused),
        cmocka_unit_test(no_cut_of_a_good_text_is_read_beyond_its_end),
    };
    return cmocka_run_group_tests_name("base time", tests, NULL, NULL);
}
