#include "effects/qr.h"

#include <png.h>
#include <qrencode.h>
#include <setjmp.h>

static bool qr_alphanumeric(struct slice text)
{
    static const char alphabet[] = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:";
    for (size_t i = 0; i < text.len; i++) {
        if (!memchr(alphabet, text.data[i], sizeof alphabet - 1))
            return false;
    }
    return true;
}

static int qr_encode(struct slice text, QRcode **ret_code, struct err *err)
{
    if (text.len == 0 || text.len > QR_TEXT_MAX || memchr(text.data, '\0', text.len))
        return err_set(err, "a QR code takes 1 to %d bytes without NUL, not %zu", QR_TEXT_MAX,
                       text.len);
    QRinput *input = QRinput_new2(0, QR_ECLEVEL_M); /* 0: the smallest version that fits */
    QRencodeMode mode = qr_alphanumeric(text) ? QR_MODE_AN : QR_MODE_8;
    QRcode *code = NULL;
    if (input && QRinput_append(input, mode, (int)text.len, (const unsigned char *)text.data) == 0)
        code = QRcode_encodeInput(input);
    QRinput_free(input);
    if (!code)
        return err_set(err, "the QR code cannot be made");
    *ret_code = code;
    return 0;
}

/* Whether a module, counted from the symbol's corner, is black; the quiet zone is not. */
static bool qr_dark(const QRcode *code, int x, int y)
{
    bool inside = x >= 0 && y >= 0 && x < code->width && y < code->width;
    return inside && (code->data[y * code->width + x] & 1);
}

/* Each run of black modules in a row is one rectangle of the path. */
static void qr_path(const QRcode *code, struct buf *out)
{
    for (int y = 0; y < code->width; y++) {
        for (int x = 0; x < code->width; x++) {
            int run = 0;
            while (qr_dark(code, x + run, y))
                run++;
            if (run)
                buf_append_format(out, "M%d %dh%dv1h-%dz", x + QR_QUIET_MODULES,
                                  y + QR_QUIET_MODULES, run, run);
            x += run;
        }
    }
}

int qr_svg(struct slice text, struct buf *out, struct err *err)
{
    QRcode *code = NULL;
    size_t before = out->len;
    if (qr_encode(text, &code, err))
        return -1;
    int side = code->width + 2 * QR_QUIET_MODULES;
    buf_append_format(out,
                      "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 %d %d\" "
                      "shape-rendering=\"crispEdges\"><rect width=\"%d\" height=\"%d\" "
                      "fill=\"#fff\"/><path d=\"",
                      side, side, side, side);
    qr_path(code, out);
    buf_append_text(out, "\"/></svg>\n");
    QRcode_free(code);
    if (out->failed) {
        out->len = before;
        return err_set(err, "out of memory for a QR code");
    }
    return 0;
}

/* Where libpng's callbacks leave what went wrong. */
struct qr_png_error {
    jmp_buf back;
    struct err *err;
};

static void qr_png_failed(png_structp png, png_const_charp message)
{
    struct qr_png_error *error = png_get_error_ptr(png);
    (void)err_set(error->err, "the PNG cannot be made: %s", message);
    longjmp(error->back, 1);
}

static void qr_png_warned(png_structp png, png_const_charp message)
{
    (void)png;
    (void)message;
}

static void qr_png_write(png_structp png, png_bytep data, size_t len)
{
    struct buf *out = png_get_io_ptr(png);
    buf_append(out, data, len);
    if (out->failed)
        png_error(png, "out of memory");
}

static void qr_png_flush(png_structp png)
{
    (void)png;
}

/* One row of modules as pixels, a bit each, 1 is white. */
static void qr_png_row(const QRcode *code, int y, unsigned scale, uint8_t *ret_row, size_t bytes)
{
    int side = code->width + 2 * QR_QUIET_MODULES;
    memset(ret_row, 0xff, bytes);
    for (int x = 0; x < side; x++) {
        if (!qr_dark(code, x - QR_QUIET_MODULES, y - QR_QUIET_MODULES))
            continue;
        for (unsigned p = (unsigned)x * scale; p < (unsigned)(x + 1) * scale; p++)
            ret_row[p / 8] &= (uint8_t) ~(0x80u >> p % 8);
    }
}

/* libpng reports failure by longjmp: this function owns nothing and changes no local of its own, so
 * that nothing is lost or torn by the jump. */
static int qr_png_rows(png_structp png, png_infop info, const QRcode *code, unsigned scale,
                       struct qr_png_error *error)
{
    uint8_t row[(177 + 2 * QR_QUIET_MODULES) * QR_SCALE_MAX / 8 + 1];
    const int side = code->width + 2 * QR_QUIET_MODULES;
    const unsigned pixels = (unsigned)side * scale;
    if (setjmp(error->back))
        return -1;
    png_set_IHDR(png, info, pixels, pixels, 1, PNG_COLOR_TYPE_GRAY, PNG_INTERLACE_NONE,
                 PNG_COMPRESSION_TYPE_DEFAULT, PNG_FILTER_TYPE_DEFAULT);
    png_write_info(png, info);
    for (int y = 0; y < side; y++) {
        qr_png_row(code, y, scale, row, (pixels + 7) / 8);
        for (unsigned i = 0; i < scale; i++)
            png_write_row(png, row);
    }
    png_write_end(png, NULL);
    return 0;
}

int qr_png(struct slice text, unsigned scale, struct buf *out, struct err *err)
{
    QRcode *code = NULL;
    struct qr_png_error error = {.err = err};
    size_t before = out->len;
    if (scale == 0 || scale > QR_SCALE_MAX)
        return err_set(err, "a module is 1 to %d pixels, not %u", QR_SCALE_MAX, scale);
    if (qr_encode(text, &code, err))
        return -1;
    int result = -1;
    png_structp png =
        png_create_write_struct(PNG_LIBPNG_VER_STRING, &error, qr_png_failed, qr_png_warned);
    png_infop info = png ? png_create_info_struct(png) : NULL;
    if (info) {
        png_set_write_fn(png, out, qr_png_write, qr_png_flush);
        result = qr_png_rows(png, info, code, scale, &error);
    } else {
        (void)err_set(err, "out of memory for a PNG");
    }
    png_destroy_write_struct(&png, &info);
    QRcode_free(code);
    if (result)
        out->len = before;
    return result;
}
