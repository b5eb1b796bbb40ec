#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "http/json_in.h"

#define TEXT(literal)                   \
    {                                   \
        "" literal, sizeof(literal) - 1 \
    }

static void each_malformed_text_is_refused_with_its_place(void **state)
{
    (void)state;
    static const struct {
        struct slice text;
        const char *says;
    } table[] = {
        {TEXT(""), "empty"},
        {TEXT("{"), "line 1"},
        {TEXT("{} x"), "end of file expected"},
        {TEXT("{\"a\":1,\"a\":2}"), "duplicate"},
        {TEXT("{\"a\":\n [1,\n  2,]}"), "line 3"},
        {TEXT("{\"a\":\"x\0y\"}"), "column 8: a NUL byte"},
        {TEXT("{\"a\":\"x\\u0000y\"}"), "column 8: an escaped NUL"},
        {TEXT("{\"a\\u0000\":1}"), "an escaped NUL"},
        {TEXT("{\"a\":\"\xff\"}"), "column 7: not valid UTF-8"},
        {TEXT("{\"a\":\"\xc0\x80\"}"), "not valid UTF-8"},
        {TEXT("{\"a\":\"\xed\xa0\x80\"}"), "not valid UTF-8"},
        {TEXT("{\"a\":\"\\ud800\"}"), "line 1"},
        {TEXT("\xef\xbb\xbf{}"), "line 1"},
        {TEXT("[[[[[[[[[[[[[[[[[]]]]]]]]]]]]]]]]]"), "column 17: too many arrays"},
        {TEXT("{\"a\":NaN}"), "line 1"},
        {TEXT("{\"a\":01}"), "line 1"},
        {TEXT("{\"a\":9223372036854775808}"), "too big"},
        {TEXT("{'a':1}"), "line 1"},
        {TEXT("{\"a\":\"tab\tinside\"}"), "line 1"},
        {TEXT("\"only a text\""), "line 1"},
        {TEXT("{\"a\":\"\\"), "line 1"},
    };
    for (size_t i = 0; i < sizeof table / sizeof table[0]; i++) {
        json_t *json = NULL;
        struct err err = {""};
        if (http_json_read(table[i].text, &json, &err) == 0 || json ||
            !strstr(err.detail, table[i].says))
            fail_msg("%.*s: \"%s\" does not say \"%s\"", SLICE_ARG(table[i].text), err.detail,
                     table[i].says);
    }
}

static void well_formed_text_is_read_exactly(void **state)
{
    (void)state;
    json_t *json;
    struct err err;
    assert_int_equal(
        http_json_read(SLICE("{\"a\":9223372036854775807,\"b\":\"\\\\u0000 [[[[[[[[[[[["
                             "[[[[[[[[ \\\" {{{{{{\",\"c\":\"\xf0\x9f\x8e\xab\"}"),
                       &json, &err),
        0);
    assert_true(json_integer_value(json_object_get(json, "a")) == INT64_MAX);
    assert_string_equal(json_string_value(json_object_get(json, "b")),
                        "\\u0000 [[[[[[[[[[[[[[[[[[[[ \" {{{{{{");
    assert_string_equal(json_string_value(json_object_get(json, "c")), "\xf0\x9f\x8e\xab");
    json_decref(json);
    assert_int_equal(http_json_read(SLICE("[[[[[[[[[[[[[[[[]]]]]]]]]]]]]]]]"), &json, &err), 0);
    json_decref(json);
    assert_int_equal(http_json_read_deep(SLICE("[[[]]]"), 3, &json, &err), 0);
    json_decref(json);
    assert_true(http_json_read_deep(SLICE("[[[]]]"), 2, &json, &err) < 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_malformed_text_is_refused_with_its_place),
        cmocka_unit_test(well_formed_text_is_read_exactly),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
