/*
 * html: text into HTML. The only place where what comes from outside becomes markup. Output is
 * valid UTF-8 whatever came in: bytes that are not, and characters that HTML does not allow, are
 * written as U+FFFD. Thread: any.
 */
#ifndef ONSALE_SITE_HTML_H
#define ONSALE_SITE_HTML_H

#include "base/buf.h"
#include "base/slice.h"

/* Good as text and between quotes of an attribute, in XML too. */
void html_text(struct buf *out, struct slice text);
void html_string(struct buf *out, const char *text);

/* JSON inside an element of a script: no text in it may end the element, or open a comment. */
void html_json(struct buf *out, struct slice json);

/* <meta name="..." content="...">; `attribute` is "name" or "property". Nothing when the content is
 * empty. */
void html_meta(struct buf *out, const char *attribute, const char *name, struct slice content);

#endif
