#include "base/utf8.h"

size_t utf8_length(const char *data, size_t len)
{
    if (len == 0)
        return 0;
    const unsigned char *p = (const unsigned char *)data;
    if (p[0] < 0x80)
        return 1;
    size_t need;
    unsigned low = 0x80, high = 0xbf; /* range of the second byte */
    if (p[0] >= 0xc2 && p[0] <= 0xdf) {
        need = 2;
    } else if (p[0] >= 0xe0 && p[0] <= 0xef) {
        need = 3;
        low = p[0] == 0xe0 ? 0xa0 : 0x80;
        high = p[0] == 0xed ? 0x9f : 0xbf;
    } else if (p[0] >= 0xf0 && p[0] <= 0xf4) {
        need = 4;
        low = p[0] == 0xf0 ? 0x90 : 0x80;
        high = p[0] == 0xf4 ? 0x8f : 0xbf;
    } else {
        return 0;
    }
    if (len < need || p[1] < low || p[1] > high)
        return 0;
    for (size_t i = 2; i < need; i++)
        if (p[i] < 0x80 || p[i] > 0xbf)
            return 0;
    return need;
}

bool utf8_valid(struct slice s)
{
    for (size_t i = 0; i < s.len;) {
        size_t step = utf8_length(s.data + i, s.len - i);
        if (step == 0)
            return false;
        i += step;
    }
    return true;
}
