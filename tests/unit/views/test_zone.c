/* Time zones: what is an IANA zone, and local time to UTC and back over clock changes. */
#include "views/zone.h"

#include "base/time.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>

#include <cmocka.h>

static void iana_names_are_zones_and_nothing_else_is(void **state)
{
    (void)state;
    assert_true(zone_valid(SLICE("Europe/Berlin")));
    assert_true(zone_valid(SLICE("America/Argentina/Buenos_Aires")));
    assert_true(zone_valid(SLICE("UTC")));
    assert_false(zone_valid(SLICE("")));
    assert_false(zone_valid(SLICE("Mars/Olympus")));
    assert_false(zone_valid(SLICE("GMT+5")));
    assert_false(zone_valid(SLICE("PST")));
    assert_false(zone_valid(SLICE("Europe/Berlin ")));
    assert_false(zone_valid(SLICE("Europe/\xc3\x84")));
}

struct row {
    const char *zone, *local, *utc, *again; /* again: local of utc; NULL: the same */
};

static void local_times_become_utc_and_come_back(void **state)
{
    (void)state;
    static const struct row rows[] = {
        {"Europe/Berlin", "2027-06-12T20:30:00", "2027-06-12T18:30:00.000Z", NULL},
        {"Europe/Berlin", "2027-01-12T20:30:00", "2027-01-12T19:30:00.000Z", NULL},
        {"America/New_York", "2026-12-18T19:30:00", "2026-12-19T00:30:00.000Z", NULL},
        {"Asia/Kolkata", "2027-01-01T00:00:00", "2026-12-31T18:30:00.000Z", NULL},
        {"UTC", "2027-01-01T00:00:00", "2027-01-01T00:00:00.000Z", NULL},
        /* the hour that does not exist: read with the offset before it */
        {"Europe/Berlin", "2027-03-28T02:30:00", "2027-03-28T01:30:00.000Z", "2027-03-28T03:30:00"},
        /* the hour that comes twice: the first one */
        {"Europe/Berlin", "2027-10-31T02:30:00", "2027-10-31T00:30:00.000Z", NULL},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        uint64_t time_us;
        struct slice zone = slice_from_string(rows[i].zone);
        assert_true(zone_to_utc(zone, slice_from_string(rows[i].local), &time_us));
        char text[TIME_TEXT_MAX + 1] = "", local[ZONE_LOCAL_MAX];
        time_format(time_us, text);
        assert_string_equal(text, rows[i].utc);
        assert_int_equal(zone_to_local(zone, time_us, local), 19);
        assert_string_equal(local, rows[i].again ? rows[i].again : rows[i].local);
    }
}

static void what_is_no_local_time_is_refused(void **state)
{
    (void)state;
    static const char *const texts[] = {"",
                                        "2027-06-12",
                                        "2027-06-31T10:00:00",
                                        "2027-02-29T10:00:00",
                                        "2027-13-01T10:00:00",
                                        "2027-06-12T24:00:00",
                                        "2027-06-12T10:60:00",
                                        "2027-06-12T10:00:00Z",
                                        "2027-06-12T10:00:00.",
                                        "2027-06-12T10:00:00.5x",
                                        "1969-06-12T10:00:00",
                                        "20270612T100000",
                                        "2027-06-12T10:00:61"};
    uint64_t time_us;
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        if (zone_to_utc(SLICE("UTC"), slice_from_string(texts[i]), &time_us))
            fail_msg("taken: %s", texts[i]);
    }
    assert_false(zone_to_utc(SLICE("Nowhere"), SLICE("2027-06-12T10:00:00"), &time_us));
    assert_true(zone_to_utc(SLICE("UTC"), SLICE("2027-06-12T10:00"), &time_us));
    assert_true(zone_to_utc(SLICE("UTC"), SLICE("2028-02-29T10:00:00.25"), &time_us));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(iana_names_are_zones_and_nothing_else_is),
        cmocka_unit_test(local_times_become_utc_and_come_back),
        cmocka_unit_test(what_is_no_local_time_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
