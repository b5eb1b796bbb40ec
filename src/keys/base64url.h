/*
 * base64url: RFC 4648 section 5 without padding. Decoding is strict: no padding, no white space, no
 * other alphabet, unused bits zero: every byte string has exactly one spelling. Thread: any.
 */
#ifndef ONSALE_KEYS_BASE64URL_H
#define ONSALE_KEYS_BASE64URL_H

#include "base/slice.h"

/* Characters that `bytes` bytes become, without NUL. */
#define BASE64URL_CHARS(bytes) (((bytes)*4 + 2) / 3)

/* Writes BASE64URL_CHARS(bytes.len) characters, no NUL, and returns how many. */
size_t base64url_encode(struct slice bytes, char *ret_text);

/* Bytes that `text` decodes to, at most `room`; false when it is not base64url or does not fit. */
bool base64url_decode(struct slice text, size_t room, void *ret_bytes, size_t *ret_len);

#endif
