#include "app/qr_cli.h"

#include <qrencode.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#define QUIET_MODULES 2 /* phones are content with less than the standard's four */

/* Two rows of modules in one line of characters, black on white by name. */
#define COLOURS "\x1b[30;107m"
#define COLOURS_END "\x1b[0m"

static bool is_dark(const QRcode *code, int x, int y)
{
    if (x < 0 || y < 0 || x >= code->width || y >= code->width)
        return false;
    return code->data[y * code->width + x] & 1;
}

static void print(const QRcode *code)
{
    static const char *const halves[] = {" ", "▄", "▀", "█"};
    for (int y = -QUIET_MODULES; y < code->width + QUIET_MODULES; y += 2) {
        (void)fputs("  " COLOURS, stdout);
        for (int x = -QUIET_MODULES; x < code->width + QUIET_MODULES; x++)
            (void)fputs(halves[2 * is_dark(code, x, y) + is_dark(code, x, y + 1)], stdout);
        (void)puts(COLOURS_END);
    }
}

int qr_cli(int argc, char **argv)
{
    if (argc != 1 || strcmp(argv[0], "--help") == 0) {
        (void)fputs("usage: onsale qr TEXT\n\nPrints the text as a QR code.\n",
                    argc == 1 ? stdout : stderr);
        return argc == 1 ? 0 : 2;
    }
    QRcode *code = QRcode_encodeString8bit(argv[0], 0, QR_ECLEVEL_L);
    if (!code) {
        (void)fprintf(stderr, "onsale: the text is empty or too long for a QR code\n");
        return 1;
    }
    print(code);
    QRcode_free(code);
    return 0;
}
