#include "sandbox/form.h"

static int hex_digit(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    if ((c | 32) >= 'a' && (c | 32) <= 'f')
        return (c | 32) - 'a' + 10;
    return -1;
}

/* Decodes one name or value; returns how many bytes were written, or -1. */
static long decode(struct slice from, char *to)
{
    size_t len = 0;
    for (size_t i = 0; i < from.len; i++) {
        char c = from.data[i];
        if (c == '%') {
            if (from.len - i < 3)
                return -1;
            int high = hex_digit(from.data[i + 1]), low = hex_digit(from.data[i + 2]);
            if (high < 0 || low < 0)
                return -1;
            c = (char)(high << 4 | low);
            i += 2;
        } else if (c == '+') {
            c = ' ';
        }
        if (c == '\0')
            return -1;
        to[len++] = c;
    }
    return (long)len;
}

bool form_read(struct slice body, char *memory, struct form *ret_form)
{
    ret_form->count = 0;
    while (body.len) {
        const char *end = memchr(body.data, '&', body.len);
        size_t len = end ? (size_t)(end - body.data) : body.len;
        const char *equals = memchr(body.data, '=', len);
        size_t name_len = equals ? (size_t)(equals - body.data) : len;
        struct slice raw = equals ? slice_make(equals + 1, len - name_len - 1) : SLICE("");
        long name = decode(slice_make(body.data, name_len), memory);
        long value = name < 0 ? -1 : decode(raw, memory + name);
        if (value < 0 || (len && ret_form->count == FORM_FIELDS_MAX))
            return false;
        if (len)
            ret_form->fields[ret_form->count++] = (struct form_field){
                slice_make(memory, (size_t)name), slice_make(memory + name, (size_t)value)};
        memory += name + value;
        size_t step = len + (end ? 1 : 0);
        body = slice_make(body.data + step, body.len - step);
    }
    return true;
}

struct slice form_get(const struct form *form, const char *name)
{
    struct slice wanted = slice_from_string(name);
    for (size_t i = 0; i < form->count; i++)
        if (slice_equal(form->fields[i].name, wanted))
            return form->fields[i].value;
    return slice_make("", 0);
}

bool form_integer(struct slice text, int64_t *ret_value)
{
    int64_t value = 0;
    if (text.len == 0 || text.len > 15)
        return false;
    for (size_t i = 0; i < text.len; i++) {
        if (text.data[i] < '0' || text.data[i] > '9')
            return false;
        value = value * 10 + (text.data[i] - '0');
    }
    *ret_value = value;
    return true;
}
