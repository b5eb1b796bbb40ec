/* Currencies and their decimals. */
#include "base/money.h"

#include "unit/files.h"
#include <jansson.h>

#include <string.h>

/* Codes of ISO 4217 that nobody pays with: metals, units of account, funds, testing. */
static const char *const not_money[] = {"BOV", "CHE", "CHW", "COU", "MXV", "USN", "UYI",
                                        "XAG", "XAU", "XBA", "XBB", "XBC", "XBD", "XDR",
                                        "XPD", "XPT", "XSU", "XTS", "XUA", "XXX"};

/* Codes that were withdrawn after the shared list was made, or before ours. */
static const char *const withdrawn[] = {"CUC", "HRK", "SLL", "ZWL"};

static bool is_in(const char *code, const char *const *list, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (strcmp(code, list[i]) == 0)
            return true;
    return false;
}

static void currencies_have_the_decimals_of_iso_4217(void **state)
{
    (void)state;
    static const struct {
        const char *code;
        int decimals;
    } known[] = {
        {"EUR", 2}, {"USD", 2}, {"GBP", 2}, {"UAH", 2}, {"CHF", 2}, {"PLN", 2}, {"SEK", 2},
        {"BRL", 2}, {"INR", 2}, {"CNY", 2}, {"HUF", 2}, {"MGA", 2}, {"MRU", 2}, {"TWD", 2},
        {"IDR", 2}, {"JPY", 0}, {"KRW", 0}, {"ISK", 0}, {"VND", 0}, {"CLP", 0}, {"PYG", 0},
        {"UGX", 0}, {"XAF", 0}, {"XOF", 0}, {"XPF", 0}, {"RWF", 0}, {"KMF", 0}, {"GNF", 0},
        {"DJF", 0}, {"BIF", 0}, {"VUV", 0}, {"BHD", 3}, {"IQD", 3}, {"JOD", 3}, {"KWD", 3},
        {"LYD", 3}, {"OMR", 3}, {"TND", 3}, {"CLF", 4}, {"UYW", 4},
    };
    for (size_t i = 0; i < sizeof known / sizeof *known; i++)
        if (money_decimals(known[i].code) != known[i].decimals)
            fail_msg("%s", known[i].code);
}

static void what_is_no_currency_has_no_decimals(void **state)
{
    (void)state;
    static const char *const wrong[] = {"eur", "AAA",    "XXX",  "XTS", "XAU",
                                        "EU ", "\0\0\0", "UR\0", "DAF", "FCL"};
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++)
        assert_int_equal(money_decimals(wrong[i]), -1);
}

static void every_currency_in_use_is_known(void **state)
{
    (void)state;
    char path[SHARED_ROOM];
    shared_path("currencies/iso_4217.json", path);
    json_t *root = json_load_file(path, 0, NULL);
    assert_non_null(root);
    json_t *list = json_object_get(root, "4217");
    assert_true(json_array_size(list) > 150);
    for (size_t i = 0; i < json_array_size(list); i++) {
        const char *code = json_string_value(json_object_get(json_array_get(list, i), "alpha_3"));
        bool expected = !is_in(code, not_money, sizeof not_money / sizeof *not_money) &&
                        !is_in(code, withdrawn, sizeof withdrawn / sizeof *withdrawn);
        if ((money_decimals(code) >= 0) != expected)
            print_error("%s: %d decimals\n", code, money_decimals(code));
        assert_int_equal(money_decimals(code) >= 0, expected);
    }
    json_decref(root);
}

static void amounts_are_written_with_their_decimals(void **state)
{
    (void)state;
    static const struct {
        int64_t amount;
        const char *code, *text;
    } cases[] = {
        {12550, "EUR", "125.50 EUR"},
        {5, "EUR", "0.05 EUR"},
        {-5, "EUR", "-0.05 EUR"},
        {0, "EUR", "0.00 EUR"},
        {1000, "JPY", "1000 JPY"},
        {-1, "JPY", "-1 JPY"},
        {1234, "KWD", "1.234 KWD"},
        {1, "CLF", "0.0001 CLF"},
        {INT64_MAX, "EUR", "92233720368547758.07 EUR"},
        {INT64_MIN, "EUR", "-92233720368547758.08 EUR"},
        {INT64_MIN, "JPY", "-9223372036854775808 JPY"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char text[MONEY_TEXT_MAX];
        assert_int_equal(money_format(cases[i].amount, cases[i].code, text), strlen(cases[i].text));
        assert_string_equal(text, cases[i].text);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(currencies_have_the_decimals_of_iso_4217),
        cmocka_unit_test(what_is_no_currency_has_no_decimals),
        cmocka_unit_test(every_currency_in_use_is_known),
        cmocka_unit_test(amounts_are_written_with_their_decimals),
    };
    return cmocka_run_group_tests_name("base money", tests, NULL, NULL);
}
