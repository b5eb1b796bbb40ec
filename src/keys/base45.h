/*
 * base45: RFC 9285, the encoding made for the alphanumeric mode of QR codes: two bytes become
 * three characters, a last single byte two. Decoding is strict: a character outside the alphabet
 * (lower case too), a group over 65535 or 255, or a length that no encoder makes is refused, so
 * every byte string has exactly one spelling. Thread: any.
 */
#ifndef ONSALE_KEYS_BASE45_H
#define ONSALE_KEYS_BASE45_H

#include "base/slice.h"

/* Characters that `bytes` bytes become, without NUL. */
#define BASE45_CHARS(bytes) ((bytes) / 2 * 3 + (bytes) % 2 * 2)

/* Writes BASE45_CHARS(bytes.len) characters, no NUL, and returns how many. */
size_t base45_encode(struct slice bytes, char *ret_text);

/* Bytes that `text` decodes to, at most `room`, into ret_bytes; false when it is not base45 or
 * does not fit (then ret_bytes holds nothing of use). */
bool base45_decode(struct slice text, size_t room, void *ret_bytes, size_t *ret_len);

#endif
