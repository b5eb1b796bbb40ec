#include "http/head.h"

#include <strings.h>

/* Bits of the character table. */
enum { TOKEN = 1, TARGET = 2, VALUE = 4, HOST = 8 };

#define ALNUM_RANGE(bits) ['0' ... '9'] = (bits), ['A' ... 'Z'] = (bits), ['a' ... 'z'] = (bits)

static const uint8_t class_of[256] = {
    ['\t'] = VALUE,
    [' '] = VALUE,
    ['"'] = TARGET | VALUE,
    ['#'] = TOKEN | VALUE,
    ['('] = TARGET | VALUE | HOST,
    [')'] = TARGET | VALUE | HOST,
    [','] = TARGET | VALUE | HOST,
    ['/'] = TARGET | VALUE,
    ['<' ... '@'] = TARGET | VALUE,
    [':'] = TARGET | VALUE | HOST,
    [';'] = TARGET | VALUE | HOST,
    ['['] = TARGET | VALUE | HOST,
    [']'] = TARGET | VALUE | HOST,
    ['\\'] = TARGET | VALUE,
    ['{'] = TARGET | VALUE,
    ['}'] = TARGET | VALUE,
    ['!'] = TOKEN | TARGET | VALUE | HOST,
    ['$' ... '\''] = TOKEN | TARGET | VALUE | HOST,
    ['*' ... '+'] = TOKEN | TARGET | VALUE | HOST,
    ['-' ... '.'] = TOKEN | TARGET | VALUE | HOST,
    ['^'] = TOKEN | TARGET | VALUE,
    ['_'] = TOKEN | TARGET | VALUE | HOST,
    ['`'] = TOKEN | TARGET | VALUE,
    ['|'] = TOKEN | TARGET | VALUE,
    ['~'] = TOKEN | TARGET | VALUE | HOST,
    ALNUM_RANGE(TOKEN | TARGET | VALUE | HOST),
    [0x80 ... 0xff] = VALUE,
};

static const struct head_refusal_text texts[] = {
#define HEAD_TEXT(name, status, code, detail) {status, code, detail},
    HEAD_REFUSALS(HEAD_TEXT)
#undef HEAD_TEXT
};

const struct head_refusal_text *head_refusal_text(enum head_refusal refusal)
{
    return &texts[refusal];
}

static bool all_of(const char *data, size_t len, uint8_t bit)
{
    uint8_t seen = bit;
    for (size_t i = 0; i < len; i++)
        seen &= class_of[(uint8_t)data[i]];
    return seen != 0;
}

/* Header values are nearly always plain ASCII: eight bytes at a time are proven free of control
 * characters, the table decides about the rest. */
static bool value_is_clean(const char *data, size_t len)
{
    const uint64_t ones = 0x0101010101010101u, high = 0x8080808080808080u;
    size_t i = 0;
    for (; i + 8 <= len; i += 8) {
        uint64_t w;
        memcpy(&w, data + i, 8);
        uint64_t below_blank = (w - ones * 0x20) & ~w & high;
        uint64_t del = w ^ (ones * 0x7f);
        uint64_t is_del = (del - ones) & ~del & high;
        if ((below_blank | is_del) && !all_of(data + i, 8, VALUE))
            return false;
    }
    return all_of(data + i, len - i, VALUE);
}

static bool text_is(const char *data, size_t len, const char *text)
{
    return strlen(text) == len && strncasecmp(data, text, len) == 0;
}

static int refuse(struct head *head, enum head_refusal refusal)
{
    head->refusal = refusal;
    return -1;
}

/* ---- request line ---- */

static enum http_method method_of(const char *data, size_t len)
{
    static const struct {
        const char *name;
        enum http_method method;
    } known[] = {{"GET", HTTP_METHOD_GET},        {"POST", HTTP_METHOD_POST},
                 {"HEAD", HTTP_METHOD_HEAD},      {"PUT", HTTP_METHOD_PUT},
                 {"PATCH", HTTP_METHOD_PATCH},    {"DELETE", HTTP_METHOD_DELETE},
                 {"OPTIONS", HTTP_METHOD_OPTIONS}};
    for (size_t i = 0; i < sizeof known / sizeof known[0]; i++)
        if (strlen(known[i].name) == len && memcmp(known[i].name, data, len) == 0)
            return known[i].method;
    return HTTP_METHOD_OTHER;
}

/* Finds path and query in the target at block[from..to). */
static int read_target(struct head *head, const char *block, size_t from, size_t to)
{
    if (to - from > LIMIT_URI_BYTES)
        return refuse(head, HEAD_TARGET_LONG);
    if (!all_of(block + from, to - from, TARGET))
        return refuse(head, HEAD_TARGET);
    size_t path = from;
    if (block[from] == '*') {
        if (to - from != 1 || head->method != HTTP_METHOD_OPTIONS)
            return refuse(head, HEAD_TARGET_FORM);
    } else if (block[from] != '/') {
        /* RFC 9112 3.2.2: the absolute form must be accepted from anybody. */
        size_t scheme = to - from > 7 && strncasecmp(block + from, "http://", 7) == 0    ? 7
                        : to - from > 8 && strncasecmp(block + from, "https://", 8) == 0 ? 8
                                                                                         : 0;
        if (scheme == 0 || block[from + scheme] == '/' || block[from + scheme] == '?')
            return refuse(head, HEAD_TARGET_FORM);
        path = from + scheme;
        while (path < to && block[path] != '/' && block[path] != '?')
            path++;
    }
    const char *question = memchr(block + path, '?', to - path);
    size_t path_end = question ? (size_t)(question - block) : to;
    size_t query = question ? path_end + 1 : to;
    head->path = (uint16_t)path;
    head->path_len = (uint16_t)(path_end - path);
    head->query = (uint16_t)query;
    head->query_len = (uint16_t)(to - query);
    return 0;
}

static int read_request_line(struct head *head, const char *block, size_t from, size_t to)
{
    const char *first = memchr(block + from, ' ', to - from);
    if (!first)
        return refuse(head, HEAD_REQUEST_LINE);
    size_t method_end = (size_t)(first - block), target = method_end + 1;
    if (method_end == from || !all_of(block + from, method_end - from, TOKEN))
        return refuse(head, HEAD_REQUEST_LINE);
    const char *second = memchr(block + target, ' ', to - target);
    if (!second)
        return refuse(head, to - target > LIMIT_URI_BYTES ? HEAD_TARGET_LONG : HEAD_NO_VERSION);
    size_t target_end = (size_t)(second - block), version = target_end + 1;
    if (target_end == target)
        return refuse(head, HEAD_REQUEST_LINE);
    const char *v = block + version;
    if (to - version != 8 || memcmp(v, "HTTP/", 5) != 0 || v[6] != '.' || v[5] < '0' ||
        v[5] > '9' || v[7] < '0' || v[7] > '9')
        return refuse(head, HEAD_REQUEST_LINE);
    if (v[5] != '1' || v[7] > '1')
        return refuse(head, HEAD_VERSION);
    head->minor = (uint8_t)(v[7] - '0');
    head->method = method_of(block + from, method_end - from);
    if (head->method == HTTP_METHOD_OTHER)
        return refuse(head, HEAD_METHOD);
    return read_target(head, block, target, target_end);
}

/* ---- fields with a meaning for the framing ---- */

struct seen {
    bool host, coding, close, keep_alive;
};

static int read_length(struct head *head, const char *value, size_t len)
{
    if (head->has_length)
        return refuse(head, HEAD_LENGTH_TWICE);
    if (len == 0 || len > 18)
        return refuse(head, HEAD_LENGTH);
    uint64_t number = 0;
    for (size_t i = 0; i < len; i++) {
        if (value[i] < '0' || value[i] > '9')
            return refuse(head, HEAD_LENGTH);
        number = number * 10 + (uint64_t)(value[i] - '0');
    }
    head->has_length = true;
    head->content_length = number;
    return 0;
}

static int read_coding(struct head *head, struct seen *seen, const char *value, size_t len)
{
    if (head->minor == 0)
        return refuse(head, HEAD_CODING_ON_1_0);
    if (seen->coding)
        return refuse(head, HEAD_CODING_TWICE);
    seen->coding = true;
    head->chunked = text_is(value, len, "chunked");
    return 0;
}

static void read_connection(struct seen *seen, const char *value, size_t len)
{
    size_t at = 0;
    while (at < len) {
        const char *comma = memchr(value + at, ',', len - at);
        size_t end = comma ? (size_t)(comma - value) : len, stop = end;
        while (at < stop && (value[at] == ' ' || value[at] == '\t'))
            at++;
        while (stop > at && (value[stop - 1] == ' ' || value[stop - 1] == '\t'))
            stop--;
        seen->close |= text_is(value + at, stop - at, "close");
        seen->keep_alive |= text_is(value + at, stop - at, "keep-alive");
        at = end + 1;
    }
}

static int read_known_field(struct head *head, struct seen *seen, const char *block,
                            const struct head_field *f)
{
    const char *name = block + f->name, *value = block + f->value;
    switch (f->name_len) {
    case 4:
        if (text_is(name, 4, "host")) {
            if (seen->host)
                return refuse(head, HEAD_HOST_TWICE);
            seen->host = true;
            if (f->value_len == 0 || !all_of(value, f->value_len, HOST))
                return refuse(head, HEAD_HOST);
        }
        break;
    case 6:
        if (head->minor == 1 && text_is(name, 6, "expect")) {
            if (!text_is(value, f->value_len, "100-continue"))
                return refuse(head, HEAD_EXPECT);
            head->expect_continue = true;
        }
        break;
    case 10:
        if (text_is(name, 10, "connection"))
            read_connection(seen, value, f->value_len);
        break;
    case 14:
        if (text_is(name, 14, "content-length"))
            return read_length(head, value, f->value_len);
        break;
    case 17:
        if (text_is(name, 17, "transfer-encoding"))
            return read_coding(head, seen, value, f->value_len);
        break;
    default: break;
    }
    return 0;
}

static int read_field(struct head *head, struct seen *seen, const char *block, size_t from,
                      size_t to)
{
    if (block[from] == ' ' || block[from] == '\t')
        return refuse(head, HEAD_FOLDED);
    if (head->field_count == LIMIT_HEADER_FIELDS)
        return refuse(head, HEAD_FIELD_COUNT);
    const char *colon = memchr(block + from, ':', to - from);
    if (!colon)
        return refuse(head, HEAD_NO_COLON);
    size_t name_end = (size_t)(colon - block), value = name_end + 1, end = to;
    if (name_end == from || !all_of(block + from, name_end - from, TOKEN))
        return refuse(head, HEAD_FIELD_NAME);
    while (value < end && (block[value] == ' ' || block[value] == '\t'))
        value++;
    while (end > value && (block[end - 1] == ' ' || block[end - 1] == '\t'))
        end--;
    if (!value_is_clean(block + value, end - value))
        return refuse(head,
                      memchr(block + value, '\r', end - value) ? HEAD_BARE_CR : HEAD_FIELD_VALUE);
    struct head_field *f = &head->fields[head->field_count++];
    *f = (struct head_field){(uint16_t)from, (uint16_t)(name_end - from), (uint16_t)value,
                             (uint16_t)(end - value)};
    return read_known_field(head, seen, block, f);
}

/* What can only be said with the whole block in hand. */
static int conclude(struct head *head, const struct seen *seen)
{
    if (head->has_length && seen->coding)
        return refuse(head, HEAD_LENGTH_AND_CODING);
    if (seen->coding && !head->chunked)
        return refuse(head, HEAD_CODING);
    if (!seen->host)
        return refuse(head, HEAD_NO_HOST);
    head->keep_alive = head->minor == 1 ? !seen->close : seen->keep_alive && !seen->close;
    return 0;
}

int head_parse(const char *data, size_t len, struct head *head)
{
    memset(head, 0, offsetof(struct head, fields));
    struct seen seen = {false, false, false, false};
    size_t limit = len < LIMIT_HEADER_BYTES ? len : LIMIT_HEADER_BYTES;
    size_t from = 0;
    bool have_request_line = false;
    while (from < limit) {
        const char *lf = memchr(data + from, '\n', limit - from);
        if (!lf)
            break;
        size_t to = (size_t)(lf - data), next = to + 1;
        if (to == from || data[to - 1] != '\r')
            return refuse(head, HEAD_BARE_LF);
        to--;
        if (to == from && have_request_line)
            return conclude(head, &seen) < 0 ? -1 : (int)next;
        int r;
        if (have_request_line) {
            r = read_field(head, &seen, data, from, to);
        } else if (to == from && from == 0) {
            r = 0; /* RFC 9112 2.2: one empty line before a request is forgiven */
        } else {
            r = to == from ? refuse(head, HEAD_REQUEST_LINE)
                           : read_request_line(head, data, from, to);
            have_request_line = true;
        }
        if (r < 0)
            return r;
        from = next;
    }
    /* Not whole yet: say no as soon as it can only become too long. */
    if (!have_request_line && limit - from > LIMIT_URI_BYTES + 32)
        return refuse(head, HEAD_TARGET_LONG);
    if (len >= LIMIT_HEADER_BYTES)
        return refuse(head, HEAD_HEADER_LONG);
    return 0;
}
