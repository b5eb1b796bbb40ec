/*
 * json: a small JSON writer (RFC 8259) over a buf. It writes commas itself; keys are literals of
 * ours and are not escaped; texts are. Invalid UTF-8 in a text is written as U+FFFD, so output is
 * always valid UTF-8. Reading JSON is jansson's job, not this file's.
 *
 *   struct json j; json_begin(&j, &out);
 *   json_put_object(&j, NULL); json_put_u64(&j, "version", 7); json_end(&j);      -> {"version":7}
 *
 * A `key` is given inside an object and is NULL inside an array or at the root. Depth is at most 32
 * (asserted). Thread: one owner.
 */
#ifndef ONSALE_BASE_JSON_H
#define ONSALE_BASE_JSON_H

#include "base/buf.h"

struct json {
    struct buf *out; /* borrowed */
    uint32_t arrays; /* bit per depth: 1 = array, 0 = object */
    uint32_t filled; /* bit per depth: something was written */
    unsigned depth;
};

void json_begin(struct json *j, struct buf *out);
void json_put_object(struct json *j, const char *key);
void json_put_array(struct json *j, const char *key);
void json_end(struct json *j); /* closes the innermost object or array */

void json_put_text(struct json *j, const char *key, struct slice value);
void json_put_string(struct json *j, const char *key, const char *value); /* NULL writes null */
void json_put_u64(struct json *j, const char *key, uint64_t value);
void json_put_i64(struct json *j, const char *key, int64_t value);
void json_put_bool(struct json *j, const char *key, bool value);
void json_put_null(struct json *j, const char *key);
void json_put_raw(struct json *j, const char *key, struct slice value); /* JSON already made */
/* Microseconds since 1970 as RFC 3339 UTC with milliseconds ("2027-06-12T18:30:00.000Z"). */
void json_put_time(struct json *j, const char *key, uint64_t time_us);
/* {"amount": 12550, "currency": "EUR"}; `currency` is 3 letters. */
void json_put_money(struct json *j, const char *key, int64_t amount_minor, const char currency[3]);

/* Appends `value` as a JSON string with quotes. */
void json_escape(struct buf *out, struct slice value);

#endif
