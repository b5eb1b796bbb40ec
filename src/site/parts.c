#include "site/parts.h"

#include <stdio.h>
#include <strings.h>

struct slice parts_text(const json_t *object, const char *key)
{
    const json_t *value = json_object_get(object, key);
    return slice_make(json_string_value(value), json_string_length(value));
}

int64_t parts_number(const json_t *object, const char *key)
{
    return json_integer_value(json_object_get(object, key));
}

static void append_url(const struct site_context *context, const char *path, const char *tag,
                       struct buf *out)
{
    buf_append_format(out, "%s%s%s%s", context->base_url, path, *tag ? "?lang=" : "", tag);
}

void parts_url(const struct site_context *context, const char *path, struct buf *out)
{
    append_url(context, path, context->language_named ? words_tag(context->language) : "", out);
}

static void append_link(struct buf *out, const char *rel, struct slice url)
{
    buf_append_format(out, "<link rel=\"%s\" href=\"", rel);
    html_text(out, url);
    buf_append_text(out, "\">\n");
}

static void append_header(const struct site_context *context, struct site_page *page)
{
    buf_append_text(&page->skip, "<a class=\"skip\" href=\"#main\">");
    parts_word(context, WORD_SKIP, &page->skip);
    buf_append_text(&page->skip, "</a>");
    buf_append_text(&page->nav, "<nav><a href=\"/\">");
    parts_word(context, WORD_ALL_EVENTS, &page->nav);
    buf_append_text(&page->nav, "</a><a href=\"/tickets\">");
    parts_word(context, WORD_MY_TICKETS, &page->nav);
    buf_append_text(&page->nav, "</a></nav>");
}

/* The same page in each language, and the one that asks the reader's browser. */
static void append_languages(const struct site_context *context, const char *path, struct buf *out)
{
    for (unsigned i = 0; i <= SITE_LANGUAGES; i++) {
        BUF_AUTO struct buf url = BUF_INIT;
        const char *tag = i < SITE_LANGUAGES ? words_tag(i) : "";
        append_url(context, path, tag, &url);
        buf_append_format(out, "<link rel=\"alternate\" hreflang=\"%s\" href=\"",
                          *tag ? tag : "x-default");
        html_text(out, buf_slice(&url));
        buf_append_text(out, "\">\n");
        out->failed |= url.failed;
    }
}

void parts_head(const struct site_context *context, const char *path, struct site_page *page)
{
    BUF_AUTO struct buf url = BUF_INIT, image = BUF_INIT;
    struct buf *head = &page->head;
    append_header(context, page);
    parts_url(context, path, &url);
    if (*context->image)
        buf_append_format(&image, "%s%s", context->base_url, context->image);
    append_link(head, "canonical", buf_slice(&url));
    append_languages(context, path, head);
    html_meta(head, "property", "og:site_name", SLICE("Onsale"));
    html_meta(head, "property", "og:type", SLICE("website"));
    html_meta(head, "property", "og:title", buf_slice(&page->title));
    html_meta(head, "property", "og:description", buf_slice(&page->description));
    html_meta(head, "property", "og:url", buf_slice(&url));
    html_meta(head, "property", "og:locale", slice_from_string(words_locale(context->language)));
    html_meta(head, "property", "og:image", buf_slice(&image));
    html_meta(head, "name", "twitter:card", SLICE("summary"));
    head->failed |= url.failed || image.failed;
}

void parts_head_hidden(const struct site_context *context, struct site_page *page)
{
    append_header(context, page);
    html_meta(&page->head, "name", "robots", SLICE("noindex"));
}

void parts_linked_data(struct site_page *page, struct slice json)
{
    buf_append_text(&page->head, "<script type=\"application/ld+json\">");
    html_json(&page->head, json);
    buf_append_text(&page->head, "</script>\n");
}

void parts_word(const struct site_context *context, enum word which, struct buf *out)
{
    html_string(out, words_say(context->language, which));
}

void parts_needs_script(const struct site_context *context, struct buf *out)
{
    buf_append_text(out, "<noscript><p class=\"note\">");
    parts_word(context, WORD_NEEDS_SCRIPT, out);
    buf_append_text(out, "</p></noscript>\n");
}

static void append_language_links(const struct site_context *context, const char *path,
                                  struct buf *out)
{
    buf_append_text(out, "<ul class=\"languages\">\n");
    for (unsigned i = 0; i < SITE_LANGUAGES; i++) {
        buf_append_text(out, "<li><a href=\"");
        html_string(out, path);
        buf_append_format(out, "?lang=%s\" lang=\"%s\" hreflang=\"%s\"%s>%s</a></li>\n",
                          words_tag(i), words_tag(i), words_tag(i),
                          i == context->language ? " aria-current=\"true\"" : "",
                          words_own_name(i));
    }
    buf_append_text(out, "</ul>\n");
}

void parts_foot(const struct site_context *context, const char *path, struct buf *out)
{
    static const enum word legal[SITE_LEGAL_PAGES] = {WORD_IMPRINT, WORD_TERMS, WORD_PRIVACY};
    buf_append_text(out, "<footer class=\"site-foot\">\n<p>");
    parts_word(context, WORD_PROMISE, out);
    buf_append_text(out, "</p>\n");
    append_language_links(context, path, out);
    buf_append_text(out, "<p class=\"foot-links\">");
    for (unsigned i = 0; i < SITE_LEGAL_PAGES; i++) {
        buf_append_format(out, "<a href=\"/%s\">", site_legal_names[i]);
        parts_word(context, legal[i], out);
        buf_append_text(out, "</a>\n");
    }
    buf_append_text(out, "</p>\n</footer>\n");
}

void parts_event_path(struct slice id, char ret_path[PARTS_PATH_MAX])
{
    bool plain = id.len > 0 && id.len < PARTS_PATH_MAX - sizeof "/events/";
    for (size_t i = 0; i < id.len && plain; i++) {
        char c = id.data[i];
        plain = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_';
    }
    if (plain)
        (void)snprintf(ret_path, PARTS_PATH_MAX, "/events/%.*s", SLICE_ARG(id));
    else
        (void)snprintf(ret_path, PARTS_PATH_MAX, "/");
}

void parts_where(const json_t *event, struct buf *out)
{
    const json_t *venue = json_object_get(event, "venue");
    struct slice city = parts_text(venue, "city");
    buf_append_slice(out, parts_text(venue, "name"));
    if (city.len) {
        buf_append_text(out, ", ");
        buf_append_slice(out, city);
    }
}

void parts_title_end(struct site_page *page)
{
    buf_append_text(&page->title, " · Onsale");
}

static bool contains(struct slice text, struct slice part)
{
    for (size_t i = 0; part.len && i + part.len <= text.len; i++) {
        if (strncasecmp(text.data + i, part.data, part.len) == 0)
            return true;
    }
    return false;
}

bool parts_performers(const json_t *event, struct buf *out)
{
    const json_t *performers = json_object_get(event, "performers");
    bool some = false;
    for (size_t i = 0; i < json_array_size(performers); i++) {
        const json_t *value = json_array_get(performers, i);
        struct slice name = slice_make(json_string_value(value), json_string_length(value));
        if (name.len == 0 || contains(parts_text(event, "name"), name))
            continue;
        if (some)
            buf_append_text(out, ", ");
        html_text(out, name);
        some = true;
    }
    return some;
}
