/* template: a built document, and pages laid into it. */
#include "site/html.h"
#include "site/site.h"

/* What a piece of the document is. */
enum kind {
    KIND_TEXT,
    KIND_TITLE,
    KIND_DESCRIPTION,
    KIND_HEAD,   /* before </head> */
    KIND_SKIP,   /* a link past the header */
    KIND_NAV,    /* in the header */
    KIND_PAGE,   /* the content's place */
    KIND_GIVEN,  /* before </body> */
    KIND_SCRIPT, /* left out of pages without a script */
    KIND_NOTE,   /* what the document says without a script: the content says it better */
    KINDS
};

/* A mark and what belongs to it: from `from` to the end of `to`, or, where `inside`, what stands
 * between the two. An empty `to` is the place before `from`. */
static const struct mark {
    const char *from, *to;
    enum kind kind;
    bool inside;
} marks[] = {
    {"<title>", "</title>", KIND_TITLE, true},
    {"<meta name=\"description\" content=\"", "\"", KIND_DESCRIPTION, true},
    {"</head>", "", KIND_HEAD, false},
    {"<!--skip-->", "<!--skip-->", KIND_SKIP, false},
    {"<!--nav-->", "<!--nav-->", KIND_NAV, false},
    {"<!--page-->", "<!--page-->", KIND_PAGE, false},
    {"</body>", "", KIND_GIVEN, false},
    {"<script type=\"module\"", "</script>", KIND_SCRIPT, false},
    {"<link rel=\"modulepreload\"", ">", KIND_SCRIPT, false},
    {"<noscript>", "</noscript>", KIND_NOTE, false},
};
#define MARKS (sizeof marks / sizeof marks[0])

static const char *find(const char *at, const char *end, const char *text)
{
    return memmem(at, (size_t)(end - at), text, strlen(text));
}

/* The first mark from `at` on; NULL: none. */
static const struct mark *next_mark(const char *at, const char *end, const char **ret_where)
{
    const struct mark *first = NULL;
    for (size_t i = 0; i < MARKS; i++) {
        const char *where = find(at, end, marks[i].from);
        if (where && (!first || where < *ret_where)) {
            first = &marks[i];
            *ret_where = where;
        }
    }
    return first;
}

static bool add(struct site_template *document, enum kind kind, const char *from, const char *to)
{
    if (document->count == SITE_PIECES)
        return false;
    document->pieces[document->count] = slice_make(from, (size_t)(to - from));
    document->kinds[document->count++] = (unsigned char)kind;
    return true;
}

/* Adds the text before the mark and what belongs to it; returns where the rest begins, NULL when
 * there is no room or the mark has no end. */
static const char *cut(struct site_template *document, const struct mark *mark, const char *at,
                       const char *where, const char *end)
{
    const char *from = where, *to = where, *rest;
    if (mark->inside || !*mark->to)
        from += *mark->to ? strlen(mark->from) : 0;
    if (*mark->to) {
        to = find(mark->inside ? from : where, end, mark->to);
        if (!to)
            return NULL;
        to += mark->inside ? 0 : strlen(mark->to);
    }
    rest = to;
    if (!add(document, KIND_TEXT, at, from) || !add(document, mark->kind, from, to))
        return NULL;
    /* A place before a mark: the mark itself is text, and not found again. */
    if (!*mark->to) {
        rest = where + strlen(mark->from);
        if (!add(document, KIND_TEXT, where, rest))
            return NULL;
    }
    return rest;
}

int site_template_parse(struct slice html, struct site_template *ret_template, struct err *err)
{
    struct site_template document = {.count = 0};
    const char *at = html.data, *end = html.data + html.len, *where = NULL;
    unsigned seen[KINDS] = {0};
    const struct mark *mark;
    while ((mark = next_mark(at, end, &where)) != NULL) {
        seen[mark->kind]++;
        at = cut(&document, mark, at, where, end);
        if (!at)
            return err_set(err, "the document has a %s without an end, or too many", mark->from);
    }
    if (!add(&document, KIND_TEXT, at, end))
        return err_set(err, "the document has too many pieces");
    for (size_t i = 0; i < MARKS; i++) {
        if (marks[i].kind < KIND_SCRIPT && seen[marks[i].kind] != 1)
            return err_set(err, "the document must have %s once", marks[i].from);
    }
    *ret_template = document;
    return 0;
}

static void append_given(struct buf *out, struct slice json)
{
    if (json.len == 0)
        return;
    buf_append_text(out, "<script type=\"application/json\" id=\"given\">");
    html_json(out, json);
    buf_append_text(out, "</script>\n");
}

void site_template_fill(const struct site_template *document, const struct site_page *page,
                        struct buf *out)
{
    for (unsigned i = 0; i < document->count; i++) {
        switch ((enum kind)document->kinds[i]) {
        case KIND_TITLE: html_text(out, buf_slice(&page->title)); break;
        case KIND_DESCRIPTION: html_text(out, buf_slice(&page->description)); break;
        case KIND_HEAD: buf_append_slice(out, buf_slice(&page->head)); break;
        case KIND_SKIP: buf_append_slice(out, buf_slice(&page->skip)); break;
        case KIND_NAV: buf_append_slice(out, buf_slice(&page->nav)); break;
        case KIND_PAGE: buf_append_slice(out, buf_slice(&page->content)); break;
        case KIND_GIVEN: append_given(out, buf_slice(&page->given)); break;
        case KIND_SCRIPT:
            if (!page->still)
                buf_append_slice(out, document->pieces[i]);
            break;
        case KIND_TEXT: buf_append_slice(out, document->pieces[i]); break;
        case KIND_NOTE:
        case KINDS: break;
        }
    }
}

bool site_page_failed(const struct site_page *page)
{
    return page->title.failed || page->description.failed || page->head.failed ||
           page->skip.failed || page->nav.failed || page->content.failed || page->given.failed;
}

void site_page_finish(struct site_page *page)
{
    buf_finish(&page->title);
    buf_finish(&page->description);
    buf_finish(&page->head);
    buf_finish(&page->skip);
    buf_finish(&page->nav);
    buf_finish(&page->content);
    buf_finish(&page->given);
}
