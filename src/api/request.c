#include "api/request.h"

#include "base/json.h"
#include "base/limits.h"
#include "base/time.h"
#include "base/utf8.h"
#include "http/json_in.h"

#include <stdarg.h>
#include <stdio.h>

void request_fail(struct request *r, enum problem problem, const char *member, const char *format,
                  ...)
{
    if (r->failed)
        return;
    r->failed = true;
    r->problem = problem;
    (void)snprintf(r->member, sizeof r->member, "%s", member);
    va_list args;
    va_start(args, format);
    (void)vsnprintf(r->detail, sizeof r->detail, format, args);
    va_end(args);
}

void request_read(struct slice body, struct request *ret_request)
{
    struct request *r = ret_request;
    *r = (struct request){0};
    if (body.len == 0) {
        request_fail(r, PROBLEM_BAD_JSON, "", "A JSON object is needed as the body");
        return;
    }
    struct err err;
    if (http_json_read(body, &r->root, &err) < 0)
        request_fail(r, PROBLEM_BAD_JSON, "", "%s", err.detail);
    else if (!json_is_object(r->root))
        request_fail(r, PROBLEM_BAD_JSON, "", "The body must be a JSON object");
}

void request_fail_seat(struct request *r, const char *member, struct slice guid)
{
    if (r->failed)
        return;
    request_fail(r, PROBLEM_UNKNOWN_SEAT, member, "The plan has no seat \"%.*s\"", SLICE_ARG(guid));
    (void)snprintf(r->seat, sizeof r->seat, "%.*s", SLICE_ARG(guid));
}

void request_write_fault(const struct request *r, struct buf *extra)
{
    if (r->member[0]) {
        buf_append_text(extra, "\"member\":");
        json_escape(extra, slice_from_string(r->member));
    }
    if (r->seat[0]) {
        buf_append_text(extra, extra->len ? ",\"seats\":[" : "\"seats\":[");
        json_escape(extra, slice_from_string(r->seat));
        buf_append_char(extra, ']');
    }
}

static void answer_fault(struct request *r)
{
    BUF_AUTO struct buf extra = BUF_INIT;
    request_write_fault(r, &extra);
    problem_answer_extra(r->x, r->problem, 0, slice_from_string(r->detail), buf_slice(&extra));
}

bool request_begin(struct http_exchange *x, struct request *ret_request)
{
    request_read(http_body(x), ret_request);
    ret_request->x = x;
    return request_end(ret_request);
}

bool request_end(struct request *r)
{
    if (!r->failed)
        return true;
    if (r->x)
        answer_fault(r);
    request_finish(r);
    return false;
}

void request_finish(struct request *r)
{
    json_decref(r->root);
    r->root = NULL;
}

/* "venue.name", or the key alone in the body itself. */
static void member_name(char to[128], const char *within, const char *key)
{
    bool inside = within && within[0];
    (void)snprintf(to, 128, "%s%s%.60s", inside ? within : "", inside ? "." : "", key);
}

static bool is_known(const char *key, const char *known)
{
    size_t len = strlen(key);
    for (const char *at = known; *at; at += strspn(at, " ")) {
        size_t word = strcspn(at, " ");
        if (word == len && memcmp(at, key, len) == 0)
            return true;
        at += word;
    }
    return false;
}

void request_members(struct request *r, const json_t *object, const char *within, const char *known)
{
    const char *key;
    json_t *value;
    json_object_foreach((json_t *)(uintptr_t)object, key, value)
    {
        if (is_known(key, known) || strncmp(key, "x_", 2) == 0)
            continue;
        char name[128];
        member_name(name, within, key);
        request_fail(r, PROBLEM_UNKNOWN_MEMBER, name, "\"%s\" is not known here; known are: %s",
                     name, known);
    }
}

static bool has_control(struct slice text)
{
    for (size_t i = 0; i < text.len; i++) {
        unsigned char c = (unsigned char)text.data[i];
        if (c < 0x20 || c == 0x7f)
            return true;
    }
    return false;
}

bool request_check_text(struct request *r, const json_t *value, const char *name,
                        const struct text_rule *rule, struct slice *ret_text)
{
    if (!json_is_string(value)) {
        request_fail(r, PROBLEM_BAD_VALUE, name, "\"%s\" must be a text", name);
        return false;
    }
    struct slice text = slice_make(json_string_value(value), json_string_length(value));
    if (text.len == 0 && !rule->may_be_empty)
        request_fail(r, PROBLEM_BAD_VALUE, name, "\"%s\" must not be empty", name);
    else if (text.len > rule->max_bytes)
        request_fail(r, PROBLEM_BAD_VALUE, name, "\"%s\" has more than %zu bytes", name,
                     rule->max_bytes);
    else if (!utf8_valid(text))
        request_fail(r, PROBLEM_BAD_VALUE, name, "\"%s\" is not valid UTF-8", name);
    else if (has_control(text))
        request_fail(r, PROBLEM_BAD_VALUE, name, "\"%s\" has a control character", name);
    else {
        *ret_text = text;
        return true;
    }
    return false;
}

struct slice request_text(struct request *r, const json_t *object, const char *key,
                          const struct text_rule *rule)
{
    char name[128];
    const json_t *value = json_object_get(object, key);
    struct slice text = SLICE("");
    bool absent = !value || json_is_null(value);
    if (absent && !rule->required)
        return text;
    member_name(name, rule->within, key);
    if (absent)
        request_fail(r, PROBLEM_BAD_VALUE, name, "\"%s\" is needed", name);
    else
        (void)request_check_text(r, value, name, rule, &text);
    return text;
}

uint64_t request_instant(struct request *r, const json_t *object, const char *key,
                         const struct instant_rule *rule)
{
    struct text_rule text_rule = {.within = rule->within, .max_bytes = 40};
    uint64_t time_us = 0;
    if (!json_object_get(object, key))
        return rule->absent_us;
    struct slice text = request_text(r, object, key, &text_rule);
    char name[128];
    member_name(name, rule->within, key);
    if (text.len && !time_parse(text, &time_us))
        request_fail(r, PROBLEM_BAD_VALUE, name, "\"%s\" must be an RFC 3339 time", name);
    return time_us;
}

int64_t request_integer(struct request *r, const json_t *object, const char *key,
                        const struct integer_rule *rule)
{
    char name[128];
    const json_t *value = json_object_get(object, key);
    bool absent = !value || json_is_null(value);
    if (absent && !rule->required)
        return rule->absent;
    member_name(name, rule->within, key);
    if (absent) {
        request_fail(r, PROBLEM_BAD_VALUE, name, "\"%s\" is needed", name);
        return rule->absent;
    }
    if (!json_is_integer(value)) {
        request_fail(r, PROBLEM_BAD_VALUE, name, "\"%s\" must be an integer", name);
        return rule->absent;
    }
    int64_t number = json_integer_value(value);
    if (number < rule->min || number > rule->max) {
        request_fail(r, PROBLEM_BAD_VALUE, name, "\"%s\" must be between %lld and %lld", name,
                     (long long)rule->min, (long long)rule->max);
        return rule->absent;
    }
    return number;
}

const json_t *request_object(struct request *r, const json_t *object, const char *key)
{
    const json_t *value = json_object_get(object, key);
    if (!value || json_is_null(value))
        return NULL;
    if (json_is_object(value))
        return value;
    request_fail(r, PROBLEM_BAD_VALUE, key, "\"%s\" must be an object", key);
    return NULL;
}

const json_t *request_array(struct request *r, const json_t *object, const char *key, size_t max)
{
    const json_t *value = json_object_get(object, key);
    if (!value || json_is_null(value))
        return NULL;
    if (!json_is_array(value))
        request_fail(r, PROBLEM_BAD_VALUE, key, "\"%s\" must be a list", key);
    else if (json_array_size(value) > max)
        request_fail(r, PROBLEM_BAD_VALUE, key, "\"%s\" has more than %zu members", key, max);
    else
        return value;
    return NULL;
}
