#include "http/json_in.h"

#include "base/utf8.h"

/* Where in the text the scan stands, for messages. */
struct place {
    unsigned line, column;
};

static struct place place_of(struct slice body, size_t at)
{
    struct place p = {1, 1};
    for (size_t i = 0; i < at; i++) {
        p.column++;
        if (body.data[i] == '\n')
            p = (struct place){p.line + 1, 1};
    }
    return p;
}

static int refuse_at(struct err *err, struct slice body, size_t at, const char *what)
{
    struct place p = place_of(body, at);
    return err_set(err, "line %u, column %u: %s", p.line, p.column, what);
}

/* Depth, NUL and encoding, before anything recursive or allocating runs. */
static int scan(struct slice body, unsigned depth_max, struct err *err)
{
    unsigned depth = 0;
    bool in_string = false;
    for (size_t i = 0; i < body.len;) {
        char c = body.data[i];
        if ((unsigned char)c >= 0x80) {
            size_t n = utf8_length(body.data + i, body.len - i);
            if (n == 0)
                return refuse_at(err, body, i, "not valid UTF-8");
            i += n;
            continue;
        }
        if (c == 0)
            return refuse_at(err, body, i, "a NUL byte");
        if (in_string) {
            if (c == '\\') {
                if (body.len - i >= 6 && memcmp(body.data + i + 1, "u0000", 5) == 0)
                    return refuse_at(err, body, i, "an escaped NUL");
                i += body.len - i > 1 && (unsigned char)body.data[i + 1] < 0x80 ? 2 : 1;
                continue;
            }
            in_string = c != '"';
        } else if (c == '"') {
            in_string = true;
        } else if (c == '[' || c == '{') {
            if (++depth > depth_max)
                return refuse_at(err, body, i, "too many arrays and objects within each other");
        } else if ((c == ']' || c == '}') && depth > 0) {
            depth--;
        }
        i++;
    }
    return 0;
}

int http_json_read_deep(struct slice body, unsigned depth_max, json_t **ret_json, struct err *err)
{
    if (body.len == 0)
        return err_set(err, "line 1, column 1: the body is empty where JSON is expected");
    if (scan(body, depth_max, err) < 0)
        return -1;
    json_error_t error;
    json_t *json = json_loadb(body.data, body.len, JSON_REJECT_DUPLICATES, &error);
    if (!json)
        return err_set(err, "line %d, column %d: %s", error.line > 0 ? error.line : 1,
                       error.column > 0 ? error.column : 1, error.text);
    *ret_json = json;
    return 0;
}

int http_json_read(struct slice body, json_t **ret_json, struct err *err)
{
    return http_json_read_deep(body, LIMIT_JSON_DEPTH, ret_json, err);
}
