/* Records as bytes. */
#include "base/codec.h"

#include <setjmp.h>
#include <stdlib.h>

#include <cmocka.h>

#define SAMPLE(F)  \
    F(U8, small)   \
    F(U16, number) \
    F(U32, count)  \
    F(U64, big) F(I64, amount) F(BYTES, name) F(U32S, seats) F(U64S, marks) F(HASH, hash)
CODEC_STRUCT(sample, SAMPLE)

#define FIELD(type, field) {#field, CODEC_##type, offsetof(struct sample, field)},
static const struct codec_field fields[] = {SAMPLE(FIELD)};
static const struct codec_record record = {"Sample", 1, sizeof(struct sample), 9, fields};

static const uint32_t seats[] = {1, 2, UINT32_MAX};
static const uint64_t marks[] = {UINT64_MAX, 5};

static struct sample make_sample(void)
{
    return (struct sample){
        .small = 255,
        .number = 0x1234,
        .count = 0x89abcdef,
        .big = UINT64_MAX,
        .amount = INT64_MIN,
        .name = SLICE("caf\xc3\xa9"),
        .seats = {seats, 3},
        .marks = {marks, 2},
        .hash = {{1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16}},
    };
}

static void assert_same(const struct sample *a, const struct sample *b)
{
    assert_true(a->small == b->small && a->number == b->number && a->count == b->count &&
                a->big == b->big && a->amount == b->amount);
    assert_true(slice_equal(a->name, b->name));
    assert_true(hash16_equal(a->hash, b->hash));
    assert_int_equal(a->seats.count, b->seats.count);
    for (uint32_t i = 0; i < a->seats.count; i++)
        assert_int_equal(u32s_at(a->seats, i), u32s_at(b->seats, i));
    assert_int_equal(a->marks.count, b->marks.count);
    for (uint32_t i = 0; i < a->marks.count; i++)
        assert_true(u64s_at(a->marks, i) == u64s_at(b->marks, i));
}

/* Encodes into memory of exactly codec_size bytes; the caller frees it. */
static struct slice encode(const struct sample *value)
{
    size_t size = codec_size(&record, value);
    char *bytes = malloc(size);
    assert_int_equal(codec_encode(&record, value, bytes), size);
    return slice_make(bytes, size);
}

static void a_record_comes_back_as_it_was(void **state)
{
    (void)state;
    struct sample value = make_sample(), back;
    struct slice bytes = encode(&value);
    assert_true(codec_decode(&record, bytes, &back));
    assert_same(&value, &back);
    free((void *)bytes.data);

    struct sample empty = {0};
    bytes = encode(&empty);
    assert_true(codec_decode(&record, bytes, &back));
    assert_same(&empty, &back);
    free((void *)bytes.data);
}

static void fields_stand_little_endian_without_padding(void **state)
{
    (void)state;
    struct sample value = make_sample();
    struct slice bytes = encode(&value);
    static const unsigned char expected[] = {
        255, 0x34, 0x12, 0xef, 0xcd, 0xab, 0x89, 255, 255, 255, 255, 255, 255,  255,  255, 0, 0, 0,
        0,   0,    0,    0,    0x80, 5,    0,    0,   0,   'c', 'a', 'f', 0xc3, 0xa9, 3,   0, 0, 0};
    assert_memory_equal(bytes.data, expected, sizeof expected);
    free((void *)bytes.data);
}

static void bytes_that_end_at_a_border_decode_and_others_are_refused(void **state)
{
    (void)state;
    struct sample value = make_sample(), back;
    struct slice bytes = encode(&value);
    static const size_t borders[] = {0, 1, 3, 7, 15, 23, 32, 48, 68, 84};
    size_t next = 0;
    for (size_t len = 0; len <= bytes.len; len++) {
        char *cut = malloc(len + 1);
        memcpy(cut, bytes.data, len);
        bool border = len == borders[next];
        next += border;
        assert_int_equal(codec_decode(&record, slice_make(cut, len), &back), border);
        if (border && len < 84)
            assert_int_equal(back.hash.bytes[0], 0); /* missing fields are zero */
        free(cut);
    }
    assert_int_equal(next, 10);
    free((void *)bytes.data);
}

static void bytes_behind_the_last_field_are_refused(void **state)
{
    (void)state;
    struct sample value = make_sample(), back;
    struct slice bytes = encode(&value);
    char *longer = malloc(bytes.len + 1);
    memcpy(longer, bytes.data, bytes.len);
    longer[bytes.len] = 0;
    assert_false(codec_decode(&record, slice_make(longer, bytes.len + 1), &back));
    free(longer);
    free((void *)bytes.data);
}

static void a_list_longer_than_the_bytes_is_refused(void **state)
{
    (void)state;
    struct sample value = make_sample(), back;
    struct slice bytes = encode(&value);
    static const size_t counts[] = {23, 32, 48}; /* where the counts of the three lists stand */
    for (size_t i = 0; i < 3; i++) {
        char *changed = malloc(bytes.len);
        memcpy(changed, bytes.data, bytes.len);
        memset(changed + counts[i], 0xff, 4);
        assert_false(codec_decode(&record, slice_make(changed, bytes.len), &back));
        free(changed);
    }
    free((void *)bytes.data);
}

static void random_bytes_never_break_the_decoder(void **state)
{
    (void)state;
    struct sample value = make_sample(), back;
    struct slice bytes = encode(&value);
    srandom(5);
    for (int i = 0; i < 50000; i++) {
        size_t len = (size_t)random() % (bytes.len + 1);
        char *changed = malloc(len + 1);
        memcpy(changed, bytes.data, len);
        for (int k = 0; k < 3 && len > 0; k++)
            changed[(size_t)random() % len] = (char)random();
        if (codec_decode(&record, slice_make(changed, len), &back)) {
            BUF_AUTO struct buf out = BUF_INIT;
            struct json j;
            json_begin(&j, &out);
            json_put_object(&j, NULL);
            codec_dump(&record, &back, &j);
            json_end(&j);
            assert_false(out.failed);
        }
        free(changed);
    }
    free((void *)bytes.data);
}

static void a_dump_is_json_with_text_or_hex(void **state)
{
    (void)state;
    struct sample value = make_sample();
    for (int round = 0; round < 2; round++) {
        BUF_AUTO struct buf out = BUF_INIT;
        struct json j;
        json_begin(&j, &out);
        json_put_object(&j, NULL);
        codec_dump(&record, &value, &j);
        json_end(&j);
        buf_append_char(&out, '\0');
        assert_non_null(strstr(out.data, "\"small\":255,\"number\":4660,\"count\":2309737967,"
                                         "\"big\":18446744073709551615,"
                                         "\"amount\":-9223372036854775808,"));
        assert_non_null(strstr(out.data, round == 0 ? "\"name\":\"caf\xc3\xa9\","
                                                    : "\"name\":{\"hex\":\"ff00\"},"));
        assert_non_null(strstr(out.data, "\"seats\":[1,2,4294967295],"
                                         "\"marks\":[18446744073709551615,5],"
                                         "\"hash\":\"0102030405060708090a0b0c0d0e0f10\"}"));
        value.name = SLICE("\xff\x00");
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_record_comes_back_as_it_was),
        cmocka_unit_test(fields_stand_little_endian_without_padding),
        cmocka_unit_test(bytes_that_end_at_a_border_decode_and_others_are_refused),
        cmocka_unit_test(bytes_behind_the_last_field_are_refused),
        cmocka_unit_test(a_list_longer_than_the_bytes_is_refused),
        cmocka_unit_test(random_bytes_never_break_the_decoder),
        cmocka_unit_test(a_dump_is_json_with_text_or_hex),
    };
    return cmocka_run_group_tests_name("base codec", tests, NULL, NULL);
}
