/* The growing buffer. */
#include "base/buf.h"

#include <setjmp.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static void bytes_texts_and_formats_follow_each_other(void **state)
{
    (void)state;
    BUF_AUTO struct buf b = BUF_INIT;
    buf_append(&b, "ab", 2);
    buf_append_char(&b, 'c');
    buf_append_text(&b, "de");
    buf_append_slice(&b, SLICE("f"));
    buf_append_format(&b, "-%d-%s", 42, "x");
    assert_true(slice_equal(buf_slice(&b), SLICE("abcdef-42-x")));
}

static void it_grows_as_far_as_needed(void **state)
{
    (void)state;
    BUF_AUTO struct buf b = BUF_INIT;
    for (int i = 0; i < 100000; i++)
        buf_append_char(&b, (char)i);
    assert_false(b.failed);
    assert_int_equal(b.len, 100000);
    for (int i = 0; i < 100000; i++)
        assert_int_equal(b.data[i], (char)i);
}

static void room_for_nothing_is_room(void **state)
{
    (void)state;
    BUF_AUTO struct buf b = BUF_INIT;
    assert_non_null(buf_reserve(&b, 0));
    assert_false(b.failed);
}

static void an_impossible_size_fails_and_stays_failed_until_cleared(void **state)
{
    (void)state;
    BUF_AUTO struct buf b = BUF_INIT;
    buf_append_text(&b, "kept");
    assert_null(buf_reserve(&b, SIZE_MAX - 1));
    assert_true(b.failed);
    buf_append_text(&b, "ignored");
    assert_int_equal(b.len, 4);
    buf_clear(&b);
    buf_append_text(&b, "again");
    assert_true(slice_equal(buf_slice(&b), SLICE("again")));
}

static void a_format_longer_than_the_room_is_whole(void **state)
{
    (void)state;
    BUF_AUTO struct buf b = BUF_INIT;
    buf_append_format(&b, "%0300d", 7);
    assert_int_equal(b.len, 300);
    assert_int_equal(b.data[299], '7');
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(bytes_texts_and_formats_follow_each_other),
        cmocka_unit_test(it_grows_as_far_as_needed),
        cmocka_unit_test(room_for_nothing_is_room),
        cmocka_unit_test(an_impossible_size_fails_and_stays_failed_until_cleared),
        cmocka_unit_test(a_format_longer_than_the_room_is_whole),
    };
    return cmocka_run_group_tests_name("base buf", tests, NULL, NULL);
}
