#include "unit/keys/support.h"

#include "keys/base45.h"
#include "keys/base64url.h"

static void the_examples_of_rfc_9285_come_out_both_ways(void **state)
{
    (void)state;
    static const struct {
        const char *bytes, *text;
    } rows[] = {{"AB", "BB8"},
                {"Hello!!", "%69 VD92EX0"},
                {"base-45", "UJCLQE7W581"},
                {"ietf!", "QED8WEX0"},
                {"", ""}};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        char text[32], bytes[32];
        size_t len = base45_encode(slice_from_string(rows[i].bytes), text);
        assert_int_equal(len, BASE45_CHARS(strlen(rows[i].bytes)));
        assert_int_equal(len, strlen(rows[i].text));
        assert_memory_equal(text, rows[i].text, len);
        assert_true(base45_decode(slice_from_string(rows[i].text), sizeof bytes, bytes, &len));
        assert_int_equal(len, strlen(rows[i].bytes));
        assert_memory_equal(bytes, rows[i].bytes, len);
    }
}

static void what_no_encoder_writes_is_refused(void **state)
{
    (void)state;
    /* 65536 and more; 256 and more; a length of 3n+1; outside the alphabet. */
    static const struct slice rows[] = {SLICE("GGW"),
                                        SLICE(":::"),
                                        SLICE("V5"),
                                        SLICE("::"),
                                        SLICE("A"),
                                        SLICE("BB8A"),
                                        SLICE("bb8"),
                                        SLICE("BB8 "),
                                        SLICE("BB,"),
                                        SLICE("B\0"
                                              "8"),
                                        SLICE("\xc3\x84"
                                              "B"),
                                        SLICE("BB8\n")};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        char bytes[32];
        size_t len = 77;
        if (base45_decode(rows[i], sizeof bytes, bytes, &len))
            fail_msg("row %zu was taken", i);
        assert_int_equal(len, 77);
    }
}

static void the_highest_groups_are_read(void **state)
{
    (void)state;
    uint8_t bytes[2];
    size_t len = 0;
    assert_true(base45_decode(SLICE("FGW"), 2, bytes, &len));
    assert_memory_equal(bytes, "\xff\xff", 2);
    assert_true(base45_decode(SLICE("U5"), 2, bytes, &len));
    assert_int_equal(len, 1);
    assert_int_equal(bytes[0], 255);
}

static void nothing_is_written_beyond_the_room(void **state)
{
    (void)state;
    uint8_t bytes[3] = {1, 2, 3};
    size_t len = 0;
    assert_false(base45_decode(SLICE("BB8BB8"), 3, bytes, &len));
    assert_false(base64url_decode(SLICE("AAAAAA"), 3, bytes, &len));
    assert_memory_equal(bytes, "\1\2\3", 3);
}

static void base64url_has_one_spelling_for_each_byte_string(void **state)
{
    (void)state;
    static const struct {
        const char *bytes, *text;
    } rows[] = {
        {"", ""},           {"f", "Zg"},          {"fo", "Zm8"},          {"foo", "Zm9v"},
        {"foob", "Zm9vYg"}, {"fooba", "Zm9vYmE"}, {"foobar", "Zm9vYmFy"}, {"\xfb\xff\xbe", "-_--"}};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        char text[32], bytes[32];
        size_t len = base64url_encode(slice_from_string(rows[i].bytes), text);
        assert_int_equal(len, BASE64URL_CHARS(strlen(rows[i].bytes)));
        assert_int_equal(len, strlen(rows[i].text));
        assert_memory_equal(text, rows[i].text, len);
        assert_true(base64url_decode(slice_from_string(rows[i].text), sizeof bytes, bytes, &len));
        assert_int_equal(len, strlen(rows[i].bytes));
        assert_memory_equal(bytes, rows[i].bytes, len);
    }
    static const char *const wrong[] = {"Zh",     "Zm9",  "Z",    "Zg==",  "Zm9v ",
                                        "Zm9v\n", "Zm+v", "Zm/v", "Zm9v=", "Zm9vZ"};
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        char bytes[32];
        size_t len;
        if (base64url_decode(slice_from_string(wrong[i]), sizeof bytes, bytes, &len))
            fail_msg("%s was taken", wrong[i]);
    }
}

/* Every text of two and every hundredth of three characters: decoding is the inverse of encoding
 * wherever it succeeds. */
static void whatever_decodes_encodes_to_the_same_text(void **state)
{
    (void)state;
    unsigned taken = 0;
    for (unsigned n = 0; n < 1u << 24; n += n < 1u << 16 ? 1 : 97) {
        char text[3] = {(char)n, (char)(n >> 8), (char)(n >> 16)}, back[8];
        uint8_t bytes[4];
        size_t len = 0;
        size_t chars = n < 1u << 16 ? 2 : 3;
        if (base45_decode(slice_make(text, chars), sizeof bytes, bytes, &len)) {
            assert_int_equal(base45_encode(slice_make(bytes, len), back), chars);
            assert_memory_equal(back, text, chars);
            taken++;
        }
        if (base64url_decode(slice_make(text, chars), sizeof bytes, bytes, &len)) {
            assert_int_equal(base64url_encode(slice_make(bytes, len), back), chars);
            assert_memory_equal(back, text, chars);
        }
    }
    assert_true(taken > 256);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_examples_of_rfc_9285_come_out_both_ways),
        cmocka_unit_test(what_no_encoder_writes_is_refused),
        cmocka_unit_test(the_highest_groups_are_read),
        cmocka_unit_test(nothing_is_written_beyond_the_room),
        cmocka_unit_test(base64url_has_one_spelling_for_each_byte_string),
        cmocka_unit_test(whatever_decodes_encodes_to_the_same_text),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
