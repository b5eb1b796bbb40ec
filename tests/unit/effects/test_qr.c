#include "unit/keys/support.h"

#include "effects/qr.h"

#include <png.h>

static void the_smallest_version_at_level_m_is_used(void **state)
{
    (void)state;
    /* ISO/IEC 18004, table 7, level M: alphanumeric and byte capacities at the borders. */
    static const struct {
        size_t len;
        char fill;
        int side; /* 17 + 4 * version, and the quiet zone on both sides */
    } rows[] = {{1, 'A', 29},   {20, 'A', 29},  {21, 'A', 33},  {122, 'A', 45},
                {123, 'A', 49}, {138, 'A', 49}, {154, 'A', 49}, {155, 'A', 53},
                {14, 'a', 29},  {15, 'a', 33},  {106, 'a', 49}, {107, 'a', 53}};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        char text[200], expected[64];
        BUF_AUTO struct buf out = BUF_INIT;
        struct err err;
        memset(text, rows[i].fill, sizeof text);
        assert_int_equal(qr_svg(slice_make(text, rows[i].len), &out, &err), 0);
        buf_append_char(&out, '\0');
        snprintf(expected, sizeof expected, "viewBox=\"0 0 %d %d\"", rows[i].side, rows[i].side);
        if (!strstr(out.data, expected))
            fail_msg("row %zu: %.120s", i, out.data);
    }
}

/* The decoded picture, 8 bits a pixel; the caller frees. */
static uint8_t *png_pixels(const struct buf *bytes, unsigned *ret_side)
{
    png_image image = {.version = PNG_IMAGE_VERSION};
    assert_true(png_image_begin_read_from_memory(&image, bytes->data, bytes->len));
    image.format = PNG_FORMAT_GRAY;
    assert_int_equal(image.width, image.height);
    uint8_t *pixels = malloc(PNG_IMAGE_SIZE(image));
    assert_non_null(pixels);
    assert_true(png_image_finish_read(&image, NULL, pixels, 0, NULL));
    *ret_side = image.width;
    return pixels;
}

static void each_scale_shows_the_same_modules_with_a_quiet_zone(void **state)
{
    (void)state;
    uint8_t *small = NULL;
    unsigned modules = 0;
    for (unsigned scale = 1; scale <= QR_SCALE_MAX; scale++) {
        BUF_AUTO struct buf out = BUF_INIT;
        struct err err;
        unsigned side = 0, dark = 0;
        assert_int_equal(qr_png(SLICE("HELLO WORLD 1234567890 ABC"), scale, &out, &err), 0);
        uint8_t *pixels = png_pixels(&out, &side);
        if (scale == 1) {
            small = pixels;
            modules = side;
        }
        assert_int_equal(side, modules * scale);
        for (unsigned y = 0; y < side; y++) {
            for (unsigned x = 0; x < side; x++) {
                unsigned my = y / scale, mx = x / scale;
                assert_int_equal(pixels[y * side + x], small[my * modules + mx]);
                bool quiet = mx < 4 || my < 4 || mx >= modules - 4 || my >= modules - 4;
                assert_true(!quiet || pixels[y * side + x] == 255);
                dark += pixels[y * side + x] == 0;
            }
        }
        assert_true(dark > side * side / 5);
        if (scale > 1)
            free(pixels);
    }
    free(small);
}

static void what_is_no_text_for_a_code_is_refused_and_nothing_appended(void **state)
{
    (void)state;
    char text[QR_TEXT_MAX + 1];
    BUF_AUTO struct buf out = BUF_INIT;
    struct err err;
    memset(text, 'a', sizeof text);
    buf_append_text(&out, "before");
    assert_true(qr_svg(SLICE(""), &out, &err) < 0);
    assert_true(qr_svg(SLICE("a\0b"), &out, &err) < 0);
    assert_true(qr_svg(slice_make(text, sizeof text), &out, &err) < 0);
    assert_true(qr_png(SLICE(""), 4, &out, &err) < 0);
    assert_true(qr_png(SLICE("A"), 0, &out, &err) < 0);
    assert_true(qr_png(SLICE("A"), QR_SCALE_MAX + 1, &out, &err) < 0);
    assert_int_equal(out.len, 6);
    assert_int_equal(qr_svg(slice_make(text, QR_TEXT_MAX), &out, &err), 0);
    assert_int_equal(qr_png(slice_make(text, QR_TEXT_MAX), QR_SCALE_MAX, &out, &err), 0);
    assert_memory_equal(out.data, "before<svg", 10);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_smallest_version_at_level_m_is_used),
        cmocka_unit_test(each_scale_shows_the_same_modules_with_a_quiet_zone),
        cmocka_unit_test(what_is_no_text_for_a_code_is_refused_and_nothing_appended),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
