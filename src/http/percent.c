#include "http/percent.h"

static int hex_digit(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    if (c >= 'a' && c <= 'f')
        return c - 'a' + 10;
    if (c >= 'A' && c <= 'F')
        return c - 'A' + 10;
    return -1;
}

bool percent_decode(struct slice text, bool plus, char *to, size_t *ret_len)
{
    size_t n = 0;
    for (size_t i = 0; i < text.len; i++) {
        char c = text.data[i];
        if (c == '%') {
            if (text.len - i < 3)
                return false;
            int high = hex_digit(text.data[i + 1]), low = hex_digit(text.data[i + 2]);
            if (high < 0 || low < 0 || (high | low) == 0)
                return false;
            c = (char)(high * 16 + low);
            i += 2;
        } else if (c == '+' && plus) {
            c = ' ';
        }
        to[n++] = c;
    }
    *ret_len = n;
    return true;
}

void percent_encode(struct buf *out, struct slice text)
{
    static const char digits[] = "0123456789ABCDEF";
    for (size_t i = 0; i < text.len; i++) {
        char c = text.data[i];
        bool plain = (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
                     c == '-' || c == '.' || c == '_' || c == '~';
        if (plain) {
            buf_append_char(out, c);
        } else {
            char escape[3] = {'%', digits[(uint8_t)c >> 4], digits[(uint8_t)c & 15]};
            buf_append(out, escape, 3);
        }
    }
}

bool percent_next_pair(struct slice *rest, struct slice *ret_key, struct slice *ret_value)
{
    while (rest->len > 0) {
        const char *amp = memchr(rest->data, '&', rest->len);
        size_t len = amp ? (size_t)(amp - rest->data) : rest->len, skip = amp ? len + 1 : len;
        struct slice pair = slice_make(rest->data, len);
        *rest = slice_make(rest->data + skip, rest->len - skip);
        if (len == 0)
            continue;
        const char *equals = memchr(pair.data, '=', len);
        size_t key = equals ? (size_t)(equals - pair.data) : len;
        *ret_key = slice_make(pair.data, key);
        *ret_value =
            equals ? slice_make(equals + 1, len - key - 1) : slice_make(pair.data + len, 0);
        return true;
    }
    return false;
}
