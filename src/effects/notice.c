#include "effects/notice.h"

#include <assert.h>
#include <string.h>

/* ---- words with their placeholders ---- */

/* Control characters become blanks: what is put in stays on its line. */
static void append_line(struct buf *out, struct slice text)
{
    for (size_t i = 0; i < text.len; i++) {
        unsigned char c = (unsigned char)text.data[i];
        buf_append_char(out, c < 0x20 || c == 0x7f ? ' ' : text.data[i]);
    }
}

static void append_html(struct buf *out, struct slice text)
{
    for (size_t i = 0; i < text.len; i++) {
        switch (text.data[i]) {
        case '&': buf_append_text(out, "&amp;"); break;
        case '<': buf_append_text(out, "&lt;"); break;
        case '>': buf_append_text(out, "&gt;"); break;
        case '"': buf_append_text(out, "&quot;"); break;
        default: buf_append_char(out, text.data[i]); break;
        }
    }
}

static struct slice value_of(const struct notice *n, struct slice placeholder)
{
    if (slice_equal(placeholder, SLICE("event")))
        return n->event;
    if (slice_equal(placeholder, SLICE("amount")))
        return n->amount;
    assert(slice_equal(placeholder, SLICE("until")));
    return n->until;
}

static void fill(const struct notice *n, const char *words, struct buf *out)
{
    for (const char *at = words; *at;) {
        const char *open = strchr(at, '{');
        const char *end = open ? strchr(open, '}') : NULL;
        if (!end) {
            buf_append_text(out, at);
            return;
        }
        buf_append(out, at, (size_t)(open - at));
        append_line(out, value_of(n, slice_make(open + 1, (size_t)(end - open - 1))));
        at = end + 1;
    }
}

static const struct notice_text *text_of(const struct notice *n,
                                         const struct notice_catalogue *words)
{
    const struct notice_text *one = &words->one[n->kind];
    return n->place_count == 1 && one->subject ? one : &words->many[n->kind];
}

/* ---- text ---- */

static void append_fact(struct buf *out, const char *lead, struct slice text)
{
    if (text.len == 0)
        return;
    buf_append_text(out, lead);
    append_line(out, text);
    buf_append_char(out, '\n');
}

/* "Total: 12.00 EUR", one a line. */
static void append_named(struct buf *out, const char *name, struct slice text)
{
    buf_append_text(out, name);
    append_fact(out, ": ", text);
}

static struct slice total_of(const struct notice *n, const struct notice_catalogue *words)
{
    return n->kind == NOTICE_FREE ? slice_from_string(words->free_of_charge) : n->total;
}

static void write_text(const struct notice *n, const struct notice_catalogue *words,
                       const struct notice_text *t, struct buf *out)
{
    buf_append_text(out, words->hello);
    if (n->name.len)
        buf_append_char(out, ' ');
    append_line(out, n->name);
    buf_append_text(out, ",\n\n");
    fill(n, t->opening, out);
    if (t->places) {
        buf_append_char(out, ' ');
        buf_append_text(out, t->places);
    }
    buf_append_text(out, "\n\n");
    append_fact(out, "  ", n->event);
    append_fact(out, "  ", n->venue);
    append_fact(out, "  ", n->starts_at);
    buf_append_char(out, '\n');
    for (size_t i = 0; t->places && i < n->place_count; i++)
        append_fact(out, "  - ", n->places[i]);
    if (t->places)
        buf_append_char(out, '\n');
    if (total_of(n, words).len)
        append_named(out, words->total, total_of(n, words));
    if (n->amount.len)
        append_named(out, words->amount, n->amount);
    append_named(out, words->order, n->order);
    buf_append_format(out, "\n%s\n", t->link);
    append_fact(out, "", n->url);
    if (t->link_note)
        buf_append_format(out, "%s\n", t->link_note);
    if (t->closing)
        buf_append_format(out, "\n%s\n", t->closing);
}

/* ---- HTML: the same, with marks ---- */

static void html_words(const struct notice *n, const char *words, const char *before,
                       const char *after, struct buf *out)
{
    BUF_AUTO struct buf filled = BUF_INIT;
    if (!words)
        return;
    fill(n, words, &filled);
    out->failed |= filled.failed;
    buf_append_text(out, before);
    append_html(out, buf_slice(&filled));
    buf_append_text(out, after);
}

static void html_line(struct slice text, const char *before, const char *after, struct buf *out)
{
    BUF_AUTO struct buf line = BUF_INIT;
    if (text.len == 0)
        return;
    append_line(&line, text);
    out->failed |= line.failed;
    buf_append_text(out, before);
    append_html(out, buf_slice(&line));
    buf_append_text(out, after);
}

static void html_row(const char *name, struct slice text, struct buf *out)
{
    if (text.len == 0)
        return;
    html_line(slice_from_string(name), "<br>", ": ", out);
    html_line(text, "", "", out);
}

static void write_html(const struct notice *n, const struct notice_catalogue *words,
                       const struct notice_text *t, struct buf *out)
{
    buf_append_format(out,
                      "<!doctype html><html lang=\"%s\"><head><meta charset=\"utf-8\"></head>"
                      "<body style=\"font:16px/1.5 sans-serif;color:#1a1a1a;max-width:36em;"
                      "margin:1em\"><p>",
                      words->language);
    html_line(slice_from_string(words->hello), "", n->name.len ? " " : "", out);
    html_line(n->name, "", "", out);
    buf_append_text(out, ",</p>");
    html_words(n, t->opening, "<p>", "</p>", out);
    html_line(n->event, "<p><strong>", "</strong>", out);
    html_line(n->venue, "<br>", "", out);
    html_line(n->starts_at, "<br>", "", out);
    buf_append_text(out, "</p>");
    html_words(n, t->places, "<p>", "</p><ul>", out);
    for (size_t i = 0; t->places && i < n->place_count; i++)
        html_line(n->places[i], "<li>", "</li>", out);
    buf_append_text(out, t->places ? "</ul><p>" : "<p>");
    html_line(slice_from_string(words->order), "", ": ", out);
    html_line(n->order, "", "", out);
    html_row(words->total, total_of(n, words), out);
    html_row(words->amount, n->amount, out);
    html_line(slice_from_string(t->link), "</p><p>", "<br>", out);
    html_line(n->url, "<a href=\"", "\">", out);
    html_line(n->url, "", "</a>", out);
    html_words(n, t->link_note, "<br>", "", out);
    buf_append_text(out, "</p>");
    html_words(n, t->closing, "<p>", "</p>", out);
    buf_append_text(out, "</body></html>\n");
}

void notice_write(const struct notice *notice, const struct notice_catalogue *words,
                  struct buf *ret_subject, struct buf *ret_text, struct buf *ret_html)
{
    assert(notice->kind < NOTICE_KINDS);
    const struct notice_text *t = text_of(notice, words);
    fill(notice, t->subject, ret_subject);
    write_text(notice, words, t, ret_text);
    write_html(notice, words, t, ret_html);
}
