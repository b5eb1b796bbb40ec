/*
 * qr: a text as a QR code (ISO/IEC 18004) for screens and paper: the smallest version at error
 * level M, black on white with the quiet zone of 4 modules that the standard asks for. Texts of the
 * alphanumeric alphabet (0-9 A-Z space $ % * + - . / :) use that mode: the 138 characters of a
 * ticket make version 6 (41 modules a side). Thread: any.
 */
#ifndef ONSALE_EFFECTS_QR_H
#define ONSALE_EFFECTS_QR_H

#include "base/buf.h"

#define QR_QUIET_MODULES 4
#define QR_SCALE_MAX 32
#define QR_TEXT_MAX 1024 /* bytes */

/* Appends an SVG document: a white ground and one path, a unit a module, crisp at any size. The
 * text must have 1 to QR_TEXT_MAX bytes without NUL. On failure `out` is as it was. */
MUST_USE int qr_svg(struct slice text, struct buf *out, struct err *err);

/* Appends a PNG of one bit a pixel, `scale` (1 to QR_SCALE_MAX) pixels a module. */
MUST_USE int qr_png(struct slice text, unsigned scale, struct buf *out, struct err *err);

#endif
