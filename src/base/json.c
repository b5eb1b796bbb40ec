#include "base/json.h"

#include "base/time.h"
#include "base/utf8.h"

#include <assert.h>
#include <string.h>

void json_begin(struct json *j, struct buf *out)
{
    *j = (struct json){.out = out};
}

/* Writes the comma and the key that stand before any value. */
static void json_lead(struct json *j, const char *key)
{
    size_t len = key ? strlen(key) : 0;
    char *start = buf_reserve(j->out, len + 4), *to = start;
    if (!to)
        return;
    if (j->depth > 0) {
        uint32_t bit = 1u << (j->depth - 1);
        if (j->filled & bit)
            *to++ = ',';
        j->filled |= bit;
        assert((key != NULL) == !(j->arrays & bit));
    }
    if (key) {
        *to++ = '"';
        memcpy(to, key, len);
        to += len;
        *to++ = '"';
        *to++ = ':';
    }
    j->out->len += (size_t)(to - start);
}

static void json_open(struct json *j, const char *key, bool array)
{
    json_lead(j, key);
    assert(j->depth < 32);
    uint32_t bit = 1u << j->depth;
    j->arrays = array ? j->arrays | bit : j->arrays & ~bit;
    j->filled &= ~bit;
    j->depth++;
    buf_append_char(j->out, array ? '[' : '{');
}

void json_put_object(struct json *j, const char *key)
{
    json_open(j, key, false);
}

void json_put_array(struct json *j, const char *key)
{
    json_open(j, key, true);
}

void json_end(struct json *j)
{
    assert(j->depth > 0);
    j->depth--;
    buf_append_char(j->out, j->arrays & (1u << j->depth) ? ']' : '}');
}

/* Stands in a JSON string as it is. */
static bool is_plain(char c)
{
    return c >= 0x20 && c < 0x7f && c != '"' && c != '\\';
}

static const char json_hex[] = "0123456789abcdef";

void json_escape(struct buf *out, struct slice value)
{
    buf_append_char(out, '"');
    size_t plain = 0; /* start of the run not yet written */
    for (size_t i = 0; i < value.len;) {
        unsigned char c = (unsigned char)value.data[i];
        if (is_plain((char)c)) {
            i++;
            continue;
        }
        size_t step = c < 0x80 ? 1 : utf8_length(value.data + i, value.len - i);
        if (step > 1) {
            i += step;
            continue;
        }
        buf_append(out, value.data + plain, i - plain);
        if (c == '"' || c == '\\') {
            char two[2] = {'\\', (char)c};
            buf_append(out, two, 2);
        } else if (c == '\n') {
            buf_append(out, "\\n", 2);
        } else if (c < 0x80) {
            char six[6] = {'\\', 'u', '0', '0', json_hex[c >> 4], json_hex[c & 15]};
            buf_append(out, six, 6);
        } else {
            buf_append(out, "\xef\xbf\xbd", 3);
        }
        i++;
        plain = i;
    }
    buf_append(out, value.data + plain, value.len - plain);
    buf_append_char(out, '"');
}

void json_put_text(struct json *j, const char *key, struct slice value)
{
    json_lead(j, key);
    json_escape(j->out, value);
}

void json_put_string(struct json *j, const char *key, const char *value)
{
    if (value)
        json_put_text(j, key, slice_from_string(value));
    else
        json_put_null(j, key);
}

#define NUMBER_MAX 20 /* digits of 2^64 */

static char *put_digits(char *to, uint64_t value)
{
    char digits[NUMBER_MAX];
    size_t at = sizeof digits;
    do {
        digits[--at] = (char)('0' + value % 10);
        value /= 10;
    } while (value);
    memcpy(to, digits + at, sizeof digits - at);
    return to + (sizeof digits - at);
}

void json_put_u64(struct json *j, const char *key, uint64_t value)
{
    json_lead(j, key);
    char *to = buf_reserve(j->out, NUMBER_MAX);
    if (to)
        j->out->len += (size_t)(put_digits(to, value) - to);
}

void json_put_i64(struct json *j, const char *key, int64_t value)
{
    if (value >= 0) {
        json_put_u64(j, key, (uint64_t)value);
        return;
    }
    json_lead(j, key);
    buf_append_format(j->out, "%lld", (long long)value);
}

void json_put_bool(struct json *j, const char *key, bool value)
{
    json_lead(j, key);
    buf_append_text(j->out, value ? "true" : "false");
}

void json_put_null(struct json *j, const char *key)
{
    json_lead(j, key);
    buf_append(j->out, "null", 4);
}

void json_put_raw(struct json *j, const char *key, struct slice value)
{
    json_lead(j, key);
    buf_append_slice(j->out, value);
}

void json_put_time(struct json *j, const char *key, uint64_t time_us)
{
    char text[TIME_TEXT_MAX];
    size_t len = time_format(time_us, text);
    json_lead(j, key);
    buf_append_char(j->out, '"');
    buf_append(j->out, text, len);
    buf_append_char(j->out, '"');
}

void json_put_money(struct json *j, const char *key, int64_t amount_minor, const char currency[3])
{
    static const char before[] = "{\"amount\":", between[] = ",\"currency\":\"";
    assert(is_plain(currency[0]) && is_plain(currency[1]) && is_plain(currency[2]));
    json_lead(j, key);
    char *start = buf_reserve(j->out, sizeof before + sizeof between + 1 + NUMBER_MAX + 5);
    if (!start)
        return;
    char *to = start;
    memcpy(to, before, sizeof before - 1);
    to += sizeof before - 1;
    if (amount_minor < 0)
        *to++ = '-';
    to = put_digits(to, amount_minor < 0 ? 0 - (uint64_t)amount_minor : (uint64_t)amount_minor);
    memcpy(to, between, sizeof between - 1);
    to += sizeof between - 1;
    memcpy(to, currency, 3);
    memcpy(to + 3, "\"}", 2);
    j->out->len += (size_t)(to + 5 - start);
}
