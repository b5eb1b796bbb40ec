#include "keys/base45.h"

static const char base45_alphabet[] = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:";

/* Value of a character, or 45 when it is outside the alphabet. */
static unsigned base45_value(char c)
{
    const char *found = c ? memchr(base45_alphabet, c, 45) : NULL;
    return found ? (unsigned)(found - base45_alphabet) : 45;
}

size_t base45_encode(struct slice bytes, char *ret_text)
{
    const uint8_t *in = (const uint8_t *)bytes.data;
    char *out = ret_text;
    size_t i = 0;
    for (; i + 1 < bytes.len; i += 2) {
        unsigned n = (unsigned)in[i] << 8 | in[i + 1];
        *out++ = base45_alphabet[n % 45];
        *out++ = base45_alphabet[n / 45 % 45];
        *out++ = base45_alphabet[n / 2025];
    }
    if (i < bytes.len) {
        *out++ = base45_alphabet[in[i] % 45];
        *out++ = base45_alphabet[in[i] / 45];
    }
    return (size_t)(out - ret_text);
}

bool base45_decode(struct slice text, size_t room, void *ret_bytes, size_t *ret_len)
{
    size_t len = text.len / 3 * 2 + text.len % 3 / 2;
    if (text.len % 3 == 1 || len > room)
        return false;
    uint8_t *out = ret_bytes;
    for (size_t i = 0; i < text.len; i += 3) {
        bool pair = text.len - i >= 3;
        unsigned a = base45_value(text.data[i]), b = base45_value(text.data[i + 1]);
        unsigned c = pair ? base45_value(text.data[i + 2]) : 0;
        unsigned n = a + b * 45 + c * 2025;
        if (a > 44 || b > 44 || c > 44 || n > (pair ? 0xffffu : 0xffu))
            return false;
        if (pair)
            *out++ = (uint8_t)(n >> 8);
        *out++ = (uint8_t)n;
    }
    *ret_len = len;
    return true;
}
