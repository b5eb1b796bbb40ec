/* plan: GET /events/{id}/plan, bytes that were made once. */
#include "api/context.h"
#include "routes.gen.h"

#include <stdio.h>

/* Whether the client takes this encoding (RFC 9110 12.5.3; "q=0" means it does not). */
static bool accepts(struct slice header, const char *name)
{
    const char *at = memmem(header.data, header.len, name, strlen(name));
    if (!at)
        return false;
    const char *end = header.data + header.len;
    for (at += strlen(name); at < end && *at == ' '; at++) {
    }
    if (at == end || *at != ';')
        return true;
    for (at++; at < end && *at == ' '; at++) {
    }
    struct slice rest = slice_make(at, (size_t)(end - at));
    if (!slice_starts_with(rest, SLICE("q=0")))
        return true;
    return rest.len > 4 && rest.data[3] == '.' && memchr("123456789", rest.data[4], 9);
}

static enum seating_encoding choose_encoding(const struct http_exchange *x)
{
    struct slice header = http_header(x, "accept-encoding");
    if (accepts(header, "br"))
        return SEATING_BROTLI;
    return accepts(header, "gzip") ? SEATING_GZIP : SEATING_PLAIN;
}

static void answer_pretix(struct http_exchange *x, struct seating *seating, bool extensions)
{
    char etag[API_ETAG_MAX];
    int len = snprintf(etag, sizeof etag, "%.32s-%s", seating->hash, extensions ? "x" : "p");
    if (api_not_modified(x, slice_make(etag, (size_t)len), "public, max-age=60", 0))
        return;
    struct http_blob *blob = seating_pretix(seating, extensions);
    if (blob)
        http_answer_blob(x, 200, "application/json", http_blob_keep(blob), 0);
    else
        problem_answer(x, PROBLEM_BUSY, 0, "There is not enough memory at the moment");
}

static void answer_geometry(struct http_exchange *x, struct seating *seating)
{
    static const char *const marks[] = {"", "-gz", "-br"};
    static const char *const names[] = {NULL, "gzip", "br"};
    struct slice hash;
    bool pinned =
        http_query_param(x, "h", &hash) && slice_equal(hash, slice_from_string(seating->hash));
    enum seating_encoding encoding = choose_encoding(x);
    char etag[API_ETAG_MAX];
    int len = snprintf(etag, sizeof etag, "%.32s%s", seating->hash, marks[encoding]);
    http_add_header(x, "Vary", SLICE("Accept-Encoding"));
    if (api_not_modified(x, slice_make(etag, (size_t)len),
                         pinned ? "public, max-age=31536000, immutable" : "public, max-age=60", 0))
        return;
    if (names[encoding])
        http_add_header(x, "Content-Encoding", slice_from_string(names[encoding]));
    http_answer_blob(x, 200, "application/json", http_blob_keep(seating->geometry[encoding]), 0);
}

void api_event_plan(struct http_exchange *x)
{
    struct api_event *event = api_event(x);
    if (!event)
        return;
    if (!event->seating) {
        problem_answer(x, PROBLEM_NO_PLAN, 0, "This event has areas without numbered seats only");
        return;
    }
    struct slice format, extensions = SLICE("");
    if (!http_query_param(x, "format", &format) || slice_equal(format, SLICE("compact")))
        answer_geometry(x, event->seating);
    else if (slice_equal(format, SLICE("pretix")))
        answer_pretix(x, event->seating,
                      http_query_param(x, "extensions", &extensions) &&
                          slice_equal(extensions, SLICE("true")));
    else
        problem_answer(x, PROBLEM_BAD_VALUE, 0, "\"format\" is \"compact\" or \"pretix\"");
}
