/* The JSON writer, read back with jansson. */
#include "base/json.h"

#include <jansson.h>
#include <setjmp.h>
#include <stdlib.h>

#include <cmocka.h>

static void objects_and_arrays_nest_with_commas_where_they_belong(void **state)
{
    (void)state;
    BUF_AUTO struct buf out = BUF_INIT;
    struct json j;
    json_begin(&j, &out);
    json_put_object(&j, NULL);
    json_put_u64(&j, "version", 7);
    json_put_array(&j, "list");
    json_put_u64(&j, NULL, 1);
    json_put_object(&j, NULL);
    json_end(&j);
    json_put_array(&j, NULL);
    json_end(&j);
    json_end(&j);
    json_put_object(&j, "in");
    json_put_bool(&j, "yes", true);
    json_put_bool(&j, "no", false);
    json_put_null(&j, "nothing");
    json_end(&j);
    json_put_raw(&j, "raw", SLICE("[1,2]"));
    json_put_string(&j, "absent", NULL);
    json_put_money(&j, "price", -12550, "EUR");
    json_put_time(&j, "at", 1812825000000000ull);
    json_end(&j);
    assert_true(slice_equal(
        buf_slice(&out),
        SLICE(
            "{\"version\":7,\"list\":[1,{},[]],\"in\":{\"yes\":true,\"no\":false,\"nothing\":null},"
            "\"raw\":[1,2],\"absent\":null,\"price\":{\"amount\":-12550,\"currency\":\"EUR\"},"
            "\"at\":\"2027-06-12T18:30:00.000Z\"}")));
}

static void integers_are_exact_to_their_ends(void **state)
{
    (void)state;
    BUF_AUTO struct buf out = BUF_INIT;
    struct json j;
    json_begin(&j, &out);
    json_put_array(&j, NULL);
    json_put_u64(&j, NULL, 0);
    json_put_u64(&j, NULL, UINT64_MAX);
    json_put_i64(&j, NULL, INT64_MIN);
    json_put_i64(&j, NULL, INT64_MAX);
    json_put_i64(&j, NULL, -1);
    json_end(&j);
    assert_true(
        slice_equal(buf_slice(&out),
                    SLICE("[0,18446744073709551615,-9223372036854775808,9223372036854775807,-1]")));
}

/* What jansson reads from the escaped text; the caller frees it. */
static json_t *read_back(struct slice text)
{
    BUF_AUTO struct buf out = BUF_INIT;
    json_escape(&out, text);
    json_error_t error;
    json_t *value = json_loadb(out.data, out.len, JSON_DECODE_ANY | JSON_ALLOW_NUL, &error);
    if (!value)
        fail_msg("jansson: %s", error.text);
    return value;
}

static void every_character_comes_back_from_a_text(void **state)
{
    (void)state;
    char text[] =
        "\0 \x01\x1f \" \\ / \b\f\n\r\t \x7f \xc3\xa9 \xe2\x82\xac \xf0\x9f\x98\x80 </script>";
    json_t *value = read_back(slice_make(text, sizeof text - 1));
    assert_int_equal(json_string_length(value), sizeof text - 1);
    assert_memory_equal(json_string_value(value), text, sizeof text - 1);
    json_decref(value);
    value = read_back((struct slice){NULL, 0});
    assert_int_equal(json_string_length(value), 0);
    json_decref(value);
}

static void any_bytes_give_valid_json(void **state)
{
    (void)state;
    json_t *value = read_back(SLICE("a\xff"
                                    "b\xed\xa0\x80"
                                    "c\xe2\x82"));
    assert_string_equal(json_string_value(value), "a\xef\xbf\xbd"
                                                  "b\xef\xbf\xbd\xef\xbf\xbd"
                                                  "\xef\xbf\xbd"
                                                  "c\xef\xbf\xbd\xef\xbf\xbd");
    json_decref(value);
    srandom(3);
    for (int i = 0; i < 20000; i++) {
        char bytes[24];
        for (size_t k = 0; k < sizeof bytes; k++)
            bytes[k] = (char)random();
        json_decref(read_back(slice_make(bytes, (size_t)random() % sizeof bytes)));
    }
}

static void thirty_two_levels_are_allowed(void **state)
{
    (void)state;
    BUF_AUTO struct buf out = BUF_INIT;
    struct json j;
    json_begin(&j, &out);
    for (int i = 0; i < 32; i++)
        json_put_array(&j, NULL);
    json_put_u64(&j, NULL, 1);
    json_put_u64(&j, NULL, 2);
    for (int i = 0; i < 32; i++)
        json_end(&j);
    json_t *value = json_loadb(out.data, out.len, 0, NULL);
    assert_non_null(value);
    json_decref(value);
}

/* Our writer and jansson have functions of one name; jansson must go on calling its own. */
static void jansson_reads_objects_arrays_texts_and_null_beside_the_writer(void **state)
{
    (void)state;
    json_t *value = json_loads("{\"o\":{},\"a\":[[]],\"t\":\"x\",\"n\":null}", 0, NULL);
    assert_non_null(value);
    assert_true(json_is_object(json_object_get(value, "o")));
    assert_true(json_is_array(json_array_get(json_object_get(value, "a"), 0)));
    assert_string_equal(json_string_value(json_object_get(value, "t")), "x");
    assert_true(json_is_null(json_object_get(value, "n")));
    json_decref(value);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(objects_and_arrays_nest_with_commas_where_they_belong),
        cmocka_unit_test(integers_are_exact_to_their_ends),
        cmocka_unit_test(every_character_comes_back_from_a_text),
        cmocka_unit_test(any_bytes_give_valid_json),
        cmocka_unit_test(thirty_two_levels_are_allowed),
        cmocka_unit_test(jansson_reads_objects_arrays_texts_and_null_beside_the_writer),
    };
    return cmocka_run_group_tests_name("base json", tests, NULL, NULL);
}
