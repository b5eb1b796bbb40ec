/* legal: who runs the shop, on what terms, and what it keeps of people; and what robots read. */
#include "site/parts.h"

#include <stdio.h>

const char *const site_legal_names[SITE_LEGAL_PAGES] = {"imprint", "terms", "privacy"};

/* The host of "https://host/..."; the text itself when it is none. */
static struct slice host_of(const char *url)
{
    const char *host = strstr(url, "://");
    host = host ? host + 3 : url;
    return slice_make(host, strcspn(host, "/"));
}

/* A value as HTML; ";" ends a line of it, as in addresses. */
static void append_value(const struct site_context *context, const char *value, struct buf *out)
{
    if (!*value) {
        buf_append_text(out, "<i>");
        parts_word(context, WORD_NOT_GIVEN, out);
        buf_append_text(out, "</i>");
        return;
    }
    while (*value) {
        size_t len = strcspn(value, ";");
        html_text(out, slice_make(value, len));
        value += len;
        if (*value) {
            buf_append_text(out, "<br>");
            value += 1 + strspn(value + 1, " ");
        }
    }
}

/* Whether the line has a place that not every operator can fill, and this one did not. */
static bool is_left_out(const struct site_operator *operator_, struct slice line)
{
    const struct {
        const char *place, *given;
    } places[] = {{"{phone}", operator_->phone},
                  {"{register}", operator_->register_entry},
                  {"{vat}", operator_->vat}};
    for (size_t i = 0; i < sizeof places / sizeof places[0]; i++) {
        if (!*places[i].given &&
            memmem(line.data, line.len, places[i].place, strlen(places[i].place)))
            return true;
    }
    return false;
}

static void append_lines(const struct site_operator *operator_, struct slice text, struct buf *out)
{
    while (text.len) {
        const char *end = memchr(text.data, '\n', text.len);
        size_t len = end ? (size_t)(end - text.data) + 1 : text.len;
        struct slice line = slice_make(text.data, len);
        if (!is_left_out(operator_, line))
            buf_append_slice(out, line);
        text = slice_make(text.data + len, text.len - len);
    }
}

static void append_text(const struct site_context *context, const struct site_operator *operator_,
                        struct slice text, struct buf *out)
{
    enum { PLACES = 7 };
    BUF_AUTO struct buf whole = BUF_INIT;
    struct buf values[PLACES] = {BUF_INIT};
    const char *const given[PLACES - 1] = {operator_->name,  operator_->address,
                                           operator_->email, operator_->phone,
                                           operator_->vat,   operator_->register_entry};
    static const char *const names[PLACES] = {"name", "address",  "email", "phone",
                                              "vat",  "register", "host"};
    struct word_value places[PLACES];
    for (unsigned i = 0; i < PLACES - 1; i++)
        append_value(context, given[i], &values[i]);
    html_text(&values[PLACES - 1], host_of(context->base_url));
    for (unsigned i = 0; i < PLACES; i++) {
        places[i] = (struct word_value){names[i], buf_slice(&values[i])};
        out->failed |= values[i].failed;
    }
    append_lines(operator_, text, &whole);
    buf_append_char(&whole, '\0');
    if (!whole.failed)
        words_fill(out, whole.data, places, PLACES);
    out->failed |= whole.failed;
    for (unsigned i = 0; i < PLACES; i++)
        buf_finish(&values[i]);
}

/* The text's own heading, which the house wrote: without marks or entities. */
static struct slice heading_of(struct slice text)
{
    const char *from = memmem(text.data, text.len, "<h1>", 4);
    if (!from)
        return SLICE("");
    from += 4;
    const char *to = memmem(from, (size_t)(text.data + text.len - from), "</h1>", 5);
    return to ? slice_make(from, (size_t)(to - from)) : SLICE("");
}

void site_legal(const struct site_context *context, const struct site_operator *operator_,
                enum site_legal which, struct slice text, struct site_page *ret_page)
{
    struct buf *out = &ret_page->content;
    char path[PARTS_PATH_MAX];
    (void)snprintf(path, sizeof path, "/%s", site_legal_names[which]);
    ret_page->still = true;
    buf_append_slice(&ret_page->title, heading_of(text));
    parts_title_end(ret_page);
    buf_append_slice(&ret_page->description, heading_of(text));
    if (*operator_->name)
        buf_append_format(&ret_page->description, ": %s", operator_->name);
    parts_head(context, path, ret_page);
    buf_append_text(out, "<main id=\"main\" class=\"page narrow legal\">\n");
    if (operator_->demo) {
        buf_append_text(out, "<p class=\"note\">");
        parts_word(context, WORD_DEMO_LEGAL, out);
        buf_append_text(out, "</p>\n");
    }
    append_text(context, operator_, text, out);
    buf_append_text(out, "</main>\n");
    parts_foot(context, path, out);
}

/* ---- for robots ---- */

void site_robots(const struct site_context *context, struct buf *out)
{
    buf_append_format(out,
                      "User-agent: *\n"
                      "Disallow: /api/\n"
                      "Disallow: /mailbox\n"
                      "Disallow: /metrics\n"
                      "\n"
                      "Sitemap: %s/sitemap.xml\n",
                      context->base_url);
}

static void append_place(const struct site_context *context, const char *path, struct buf *out)
{
    buf_append_text(out, "<url><loc>");
    html_string(out, context->base_url);
    html_string(out, path);
    buf_append_text(out, "</loc></url>\n");
}

void site_sitemap(const struct site_context *context, const json_t *told, struct buf *out)
{
    buf_append_text(out, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
                         "<urlset xmlns=\"http://www.sitemaps.org/schemas/sitemap/0.9\">\n");
    append_place(context, "/", out);
    for (size_t i = 0; i < json_array_size(told); i++) {
        const json_t *id = json_array_get(told, i);
        char path[PARTS_PATH_MAX];
        parts_event_path(slice_make(json_string_value(id), json_string_length(id)), path);
        if (path[1])
            append_place(context, path, out);
    }
    for (unsigned i = 0; i < SITE_LEGAL_PAGES; i++) {
        char path[PARTS_PATH_MAX];
        (void)snprintf(path, sizeof path, "/%s", site_legal_names[i]);
        append_place(context, path, out);
    }
    buf_append_text(out, "</urlset>\n");
}
