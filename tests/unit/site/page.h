/* page: what the tests of this folder share: a context, and looking into what was written. */
#ifndef TESTS_UNIT_SITE_PAGE_H
#define TESTS_UNIT_SITE_PAGE_H

#include "site/site.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static const struct site_context english = {.language = 0,
                                            .base_url = "https://tickets.example",
                                            .organiser = "",
                                            .image = "/icon-512.png"};

/* NUL-terminated in memory that the next call takes over. */
static inline const char *text_of(const struct buf *buf)
{
    static char text[262144];
    assert_false(buf->failed);
    assert_true(buf->len < sizeof text);
    memcpy(text, buf->data ? buf->data : "", buf->len);
    text[buf->len] = '\0';
    return text;
}

#define assert_has(buf, part) assert_non_null(strstr(text_of(buf), part))
#define assert_has_not(buf, part) assert_null(strstr(text_of(buf), part))

/* The JSON in the first element of the type; to be freed. */
static inline json_t *json_in(const struct buf *html, const char *type)
{
    char mark[96];
    (void)snprintf(mark, sizeof mark, "<script type=\"%s\"", type);
    const char *at = strstr(text_of(html), mark);
    assert_non_null(at);
    at = strchr(at, '>') + 1;
    const char *end = strstr(at, "</script>");
    assert_non_null(end);
    json_error_t error;
    json_t *json = json_loadb(at, (size_t)(end - at), 0, &error);
    assert_non_null(json);
    return json;
}

#endif
