#include "keys/base64url.h"

static const char base64url_alphabet[] =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

/* Value of a character, or 64 when it is outside the alphabet. */
static unsigned base64url_value(char c)
{
    if (c >= 'A' && c <= 'Z')
        return (unsigned)(c - 'A');
    if (c >= 'a' && c <= 'z')
        return (unsigned)(c - 'a') + 26;
    if (c >= '0' && c <= '9')
        return (unsigned)(c - '0') + 52;
    return c == '-' ? 62 : c == '_' ? 63 : 64;
}

size_t base64url_encode(struct slice bytes, char *ret_text)
{
    const uint8_t *in = (const uint8_t *)bytes.data;
    char *out = ret_text;
    for (size_t i = 0; i < bytes.len; i += 3) {
        size_t left = bytes.len - i;
        unsigned n = (unsigned)in[i] << 16;
        n |= left > 1 ? (unsigned)in[i + 1] << 8 : 0;
        n |= left > 2 ? in[i + 2] : 0;
        *out++ = base64url_alphabet[n >> 18];
        *out++ = base64url_alphabet[n >> 12 & 63];
        if (left > 1)
            *out++ = base64url_alphabet[n >> 6 & 63];
        if (left > 2)
            *out++ = base64url_alphabet[n & 63];
    }
    return (size_t)(out - ret_text);
}

bool base64url_decode(struct slice text, size_t room, void *ret_bytes, size_t *ret_len)
{
    static const size_t bytes_of_rest[4] = {0, 0, 1, 2};
    size_t len = text.len / 4 * 3 + bytes_of_rest[text.len % 4];
    if (text.len % 4 == 1 || len > room)
        return false;
    uint8_t *out = ret_bytes;
    unsigned window = 0, bits = 0;
    for (size_t i = 0; i < text.len; i++) {
        unsigned value = base64url_value(text.data[i]);
        if (value > 63)
            return false;
        window = (window << 6 | value) & 0xffffff;
        bits += 6;
        if (bits >= 8) {
            bits -= 8;
            *out++ = (uint8_t)(window >> bits);
        }
    }
    if (window & ((1u << bits) - 1))
        return false; /* the unused bits of the last character */
    *ret_len = len;
    return true;
}
