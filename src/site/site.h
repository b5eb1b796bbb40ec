/*
 * site: pages as HTML, for readers before or without a script: search engines, previews of links,
 * browsers that run none. JSON of the API goes in (src/api/site.c makes it), text comes out: title,
 * description, what belongs into the head (canonical link, Open Graph, JSON-LD) and the content,
 * which carries the same classes as what the script draws over it.
 *
 * A built document (web/index.html) is parsed once into a template; a page is laid into it.
 * Whatever comes from outside is escaped here and nowhere else: html.h. JSON that lacks a member,
 * or has another type there, makes a page that leaves it out.
 *
 * Thread: any, values only.
 */
#ifndef ONSALE_SITE_SITE_H
#define ONSALE_SITE_SITE_H

#include "base/buf.h"
#include "base/err.h"

#include <jansson.h>

#define SITE_LANGUAGES 4u /* English, German, Spanish, French: as in every table of words here */

struct site_context {
    unsigned language;
    const char *base_url;  /* "https://tickets.example", without a slash at its end */
    const char *organiser; /* who runs the shop; "": not told */
    const char *image;     /* path of a picture for previews; "": none */
    /* The address names the language ("?lang=de"): it is an address of its own then. */
    bool language_named;
};

/* Zeroed memory is an empty page. */
struct site_page {
    struct buf title, description; /* plain text */
    struct buf head, content;      /* HTML */
    struct buf skip, nav;          /* HTML, what the header has of links */
    struct buf given;              /* JSON for the script; empty: none */
    bool still;                    /* needs no script: the document's own is left out */
};
void site_page_finish(struct site_page *page);
bool site_page_failed(const struct site_page *page); /* memory ran out */

/* {event, opens_local, on_offer[]} of api_event_page. */
void site_event(const struct site_context *context, json_t *told, struct site_page *ret_page);
/* {items[], next_cursor} of api_list_page. */
void site_home(const struct site_context *context, json_t *told, struct site_page *ret_page);
/* A page that only the script can show; `event` is the id of the one that it belongs to or empty:
 * its canonical address is that event's. */
void site_app(const struct site_context *context, struct slice event, struct site_page *ret_page);
/* There is no such address. */
void site_missing(const struct site_context *context, struct site_page *ret_page);

/* Who runs the shop; "" is what was not told. */
struct site_operator {
    const char *name, *address, *email, *phone, *register_entry, *vat;
    bool demo;
};
enum site_legal { SITE_IMPRINT, SITE_TERMS, SITE_PRIVACY, SITE_LEGAL_PAGES };
extern const char *const site_legal_names[SITE_LEGAL_PAGES]; /* "imprint", ... */
/* A legal page: `text` is HTML of the house with {name}, {address}, {email}, {phone}, {register},
 * {vat} and {host} where the operator's own goes, a line of it left out when it has a {phone},
 * {register} or {vat} that was not told; its first <h1> is the title. */
void site_legal(const struct site_context *context, const struct site_operator *operator_,
                enum site_legal which, struct slice text, struct site_page *ret_page);

/* robots.txt, and sitemap.xml of the array of ids that `told` is. */
void site_robots(const struct site_context *context, struct buf *out);
void site_sitemap(const struct site_context *context, const json_t *told, struct buf *out);

/* ---- documents ---- */

#define SITE_PIECES 40u

/* A built document, cut where pages are laid in; the pieces point into its text. */
struct site_template {
    struct slice pieces[SITE_PIECES];
    unsigned char kinds[SITE_PIECES];
    unsigned count;
};
/* `html` must outlive it. Fails when a mark is missing: <title>, the description, </head>,
 * <!--skip-->, <!--nav-->, <!--page-->, </body>. */
int site_template_parse(struct slice html, struct site_template *ret_template,
                        struct err *err) MUST_USE;
void site_template_fill(const struct site_template *document, const struct site_page *page,
                        struct buf *out);

#endif
