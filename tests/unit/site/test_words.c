#include "site/words.h"

#include "page.h"

static void expect_date(unsigned language, const char *local, const char *wanted)
{
    BUF_AUTO struct buf out = BUF_INIT;
    words_date(&out, language, slice_from_string(local));
    assert_string_equal(text_of(&out), wanted);
}

static void each_language_writes_dates_its_own_way(void **state)
{
    (void)state;
    expect_date(0, "2026-12-11T19:30:00", "Friday, 11 December 2026, 19:30");
    expect_date(1, "2026-12-11T19:30:00", "Freitag, 11. Dezember 2026, 19:30 Uhr");
    expect_date(2, "2026-12-11T19:30:00", "viernes, 11 de diciembre de 2026, 19:30");
    expect_date(3, "2026-12-11T19:30:00", "vendredi 11 décembre 2026, 19:30");
}

static void weekdays_hold_over_leap_years_and_centuries(void **state)
{
    (void)state;
    expect_date(0, "1970-01-01T00:00", "Thursday, 1 January 1970, 00:00");
    expect_date(0, "2028-02-29T08:05:00", "Tuesday, 29 February 2028, 08:05");
    expect_date(0, "2100-03-01T12:00:00", "Monday, 1 March 2100, 12:00");
}

static void what_is_no_date_is_left_out(void **state)
{
    (void)state;
    const char *const wrong[] = {"",
                                 "soon",
                                 "2026-02-30T10:00:00",
                                 "2026-13-01T10:00:00",
                                 "2026-12-11",
                                 "2026-12-11T25:00:00",
                                 "2026-12-11T19:30:00 and a very long text behind it",
                                 "<script>alert(1)</script>"};
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++)
        expect_date(0, wrong[i], "");
}

static void expect_money(unsigned language, int64_t amount, const char *currency,
                         const char *wanted)
{
    BUF_AUTO struct buf out = BUF_INIT;
    words_money(&out, language, amount, slice_from_string(currency));
    assert_string_equal(text_of(&out), wanted);
}

static void each_language_writes_money_its_own_way(void **state)
{
    (void)state;
    expect_money(0, 6850, "GBP", "£68.50");
    expect_money(1, 6850, "GBP", "68,50\u00a0£");
    expect_money(2, 6850, "EUR", "68,50\u00a0€");
    expect_money(3, 6850, "EUR", "68,50\u00a0€");
    expect_money(0, 123456789, "USD", "$1,234,567.89");
    expect_money(1, 123456789, "EUR", "1.234.567,89\u00a0€");
    expect_money(3, 123456, "EUR", "1\u202f234,56\u00a0€");
}

static void currencies_have_their_own_decimals_and_names(void **state)
{
    (void)state;
    expect_money(0, 1500, "JPY", "JPY\u00a01,500");
    expect_money(1, 1500, "KWD", "1,500\u00a0KWD");
    expect_money(0, 5, "CHF", "CHF\u00a00.05");
    expect_money(0, 0, "EUR", "€0.00");
    expect_money(0, INT64_MIN, "JPY", "JPY\u00a0-9,223,372,036,854,775,808");
}

static void places_without_a_value_stay(void **state)
{
    (void)state;
    BUF_AUTO struct buf out = BUF_INIT;
    const struct word_value value = {"name", SLICE("{where}")};
    words_fill(&out, "{name}{where}{", &value, 1);
    assert_string_equal(text_of(&out), "{where}{where}{");
}

static void every_word_stands_in_every_language(void **state)
{
    (void)state;
    for (unsigned language = 0; language < SITE_LANGUAGES; language++) {
        for (int i = 0; i < WORDS; i++) {
            const char *said = words_say(language, (enum word)i);
            assert_non_null(said);
            assert_true(*said);
            /* The same places in all of them. */
            for (const char *at = words_say(0, (enum word)i); (at = strchr(at, '{')); at++) {
                char place[32];
                (void)snprintf(place, sizeof place, "%.*s", (int)strcspn(at, "}") + 1, at);
                assert_non_null(strstr(said, place));
            }
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_language_writes_dates_its_own_way),
        cmocka_unit_test(weekdays_hold_over_leap_years_and_centuries),
        cmocka_unit_test(what_is_no_date_is_left_out),
        cmocka_unit_test(each_language_writes_money_its_own_way),
        cmocka_unit_test(currencies_have_their_own_decimals_and_names),
        cmocka_unit_test(places_without_a_value_stay),
        cmocka_unit_test(every_word_stands_in_every_language),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
