#include "site/html.h"

#include "base/utf8.h"

#define NOT_A_CHARACTER "\xEF\xBF\xBD"

/* What stands for the character in HTML; NULL: itself. */
static const char *entity_of(char c)
{
    switch (c) {
    case '&': return "&amp;";
    case '<': return "&lt;";
    case '>': return "&gt;";
    case '"': return "&quot;";
    case '\'': return "&#39;";
    default: return NULL;
    }
}

/* Whether HTML and XML allow the character as it is: no control character but tab and line feed, no
 * U+FFFE and U+FFFF, which end XML parsers. */
static bool is_allowed(const char *at, size_t len)
{
    unsigned char c = (unsigned char)at[0];
    if (len == 1)
        return (c >= ' ' && c != 0x7f) || c == '\t' || c == '\n';
    if (len == 2 && c == 0xc2)
        return (unsigned char)at[1] >= 0xa0;
    return !(len == 3 && c == 0xef && (unsigned char)at[1] == 0xbf && (unsigned char)at[2] >= 0xbe);
}

void html_text(struct buf *out, struct slice text)
{
    for (size_t at = 0; at < text.len;) {
        const char *here = text.data + at;
        size_t len = utf8_length(here, text.len - at);
        const char *entity = len == 1 ? entity_of(*here) : NULL;
        if (entity)
            buf_append_text(out, entity);
        else if (len == 0 || !is_allowed(here, len))
            buf_append_text(out, NOT_A_CHARACTER);
        else
            buf_append(out, here, len);
        at += len ? len : 1;
    }
}

void html_string(struct buf *out, const char *text)
{
    html_text(out, slice_from_string(text));
}

void html_json(struct buf *out, struct slice json)
{
    const char *at = json.data, *end = json.data + json.len, *less;
    while (at < end && (less = memchr(at, '<', (size_t)(end - at))) != NULL) {
        buf_append(out, at, (size_t)(less - at));
        buf_append_text(out, "\\u003c");
        at = less + 1;
    }
    if (at < end)
        buf_append(out, at, (size_t)(end - at));
}

void html_meta(struct buf *out, const char *attribute, const char *name, struct slice content)
{
    if (content.len == 0)
        return;
    buf_append_format(out, "<meta %s=\"%s\" content=\"", attribute, name);
    html_text(out, content);
    buf_append_text(out, "\">\n");
}
