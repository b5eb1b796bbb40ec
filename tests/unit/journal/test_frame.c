/* How entries stand in a row's body. */
#include "base/hash.h"
#include "unit/journal/support.h"

static void frames_come_back_as_they_were_written(void **state)
{
    (void)state;
    BUF_AUTO struct buf body = BUF_INIT;
    add_frame(&body, 7, 1, 100, "first");
    add_frame(&body, 4294967295u, UINT64_MAX, UINT64_MAX, "");
    add_frame(&body, 7, 2, 101, "third");
    struct frame f;
    size_t at = 0;
    assert_int_equal(frame_next(buf_slice(&body), &at, &f), 1);
    assert_int_equal(f.partition, 7);
    assert_int_equal(f.pseq, 1);
    assert_int_equal(f.ts_us, 100);
    assert_true(slice_equal(f.entry, SLICE("first")));
    assert_int_equal(frame_next(buf_slice(&body), &at, &f), 1);
    assert_int_equal(f.partition, 4294967295u);
    assert_true(f.pseq == UINT64_MAX && f.ts_us == UINT64_MAX && f.entry.len == 0);
    assert_int_equal(frame_next(buf_slice(&body), &at, &f), 1);
    assert_true(slice_equal(f.entry, SLICE("third")));
    assert_int_equal(frame_next(buf_slice(&body), &at, &f), 0);
    assert_int_equal(at, body.len);
}

static void a_frame_stands_as_the_header_says(void **state)
{
    (void)state;
    static const unsigned char expected[] = {2,   0,  0, 0,             /* length */
                                             3,   0,  0, 0,             /* partition */
                                             4,   0,  0, 0, 0, 0, 0, 0, /* pseq */
                                             5,   1,  0, 0, 0, 0, 0, 0, /* ts */
                                             'h', 'i'};
    BUF_AUTO struct buf body = BUF_INIT;
    add_frame(&body, 3, 4, 261, "hi");
    assert_int_equal(body.len, FRAME_HEADER_BYTES + 2);
    assert_memory_equal(body.data + 4, expected, sizeof expected);
    uint32_t crc;
    memcpy(&crc, body.data, 4);
    assert_int_equal(crc, crc32c(0, expected, sizeof expected));
}

static void closing_with_less_than_was_opened_gives_the_room_back(void **state)
{
    (void)state;
    BUF_AUTO struct buf body = BUF_INIT;
    char *to = frame_open(&body, 1, 1, 1, 1000);
    memcpy(to, "abc", 3);
    frame_close(&body, 3);
    add_frame(&body, 1, 2, 2, "next");
    struct frame f;
    size_t at = 0;
    assert_int_equal(frame_next(buf_slice(&body), &at, &f), 1);
    assert_true(slice_equal(f.entry, SLICE("abc")));
    assert_int_equal(frame_next(buf_slice(&body), &at, &f), 1);
    assert_true(slice_equal(f.entry, SLICE("next")));
}

static void a_frame_that_is_opened_and_dropped_leaves_nothing(void **state)
{
    (void)state;
    BUF_AUTO struct buf body = BUF_INIT;
    add_frame(&body, 1, 1, 1, "kept");
    size_t len = body.len;
    assert_non_null(frame_open(&body, 1, 2, 2, 50));
    assert_int_equal(body.len, len);
}

static void every_flipped_bit_is_found(void **state)
{
    (void)state;
    BUF_AUTO struct buf body = BUF_INIT;
    add_frame(&body, 1, 2, 3, "an entry of some length");
    for (size_t bit = 0; bit < body.len * 8; bit++) {
        body.data[bit / 8] ^= (char)(1 << bit % 8);
        struct frame f;
        size_t at = 0;
        assert_int_equal(frame_next(buf_slice(&body), &at, &f), -1);
        assert_int_equal(at, 0);
        body.data[bit / 8] ^= (char)(1 << bit % 8);
    }
}

static void every_cut_is_found(void **state)
{
    (void)state;
    BUF_AUTO struct buf body = BUF_INIT;
    add_frame(&body, 1, 2, 3, "an entry");
    for (size_t len = 1; len < body.len; len++) {
        char *cut = malloc(len); /* of its own, so that reading behind it is caught */
        memcpy(cut, body.data, len);
        struct frame f;
        size_t at = 0;
        assert_int_equal(frame_next(slice_make(cut, len), &at, &f), -1);
        free(cut);
    }
}

static void an_empty_body_has_no_frames(void **state)
{
    (void)state;
    struct frame f;
    size_t at = 0;
    assert_int_equal(frame_next((struct slice){NULL, 0}, &at, &f), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(frames_come_back_as_they_were_written),
        cmocka_unit_test(a_frame_stands_as_the_header_says),
        cmocka_unit_test(closing_with_less_than_was_opened_gives_the_room_back),
        cmocka_unit_test(a_frame_that_is_opened_and_dropped_leaves_nothing),
        cmocka_unit_test(every_flipped_bit_is_found),
        cmocka_unit_test(every_cut_is_found),
        cmocka_unit_test(an_empty_body_has_no_frames),
    };
    return cmocka_run_group_tests_name("journal frame", tests, NULL, NULL);
}
