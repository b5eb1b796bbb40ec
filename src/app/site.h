/*
 * site: the shop's own pages as the server sends them: which address is which page, in which
 * language, made once for all who ask and packed. src/site writes them; what they show comes from
 * the API as JSON. A page that shows an event is looked at anew at most once a second, and made
 * anew only when what it shows is another.
 *
 * Thread: the loop's.
 */
#ifndef ONSALE_APP_SITE_H
#define ONSALE_APP_SITE_H

#include "base/err.h"
#include "base/slice.h"

struct house;
struct http_exchange;
struct site;

/* Reads the documents index.html, index.de.html, ... of the built pages in `dir`, and the legal
 * texts: those of the setting legal_texts, else of dir/.legal. *ret_site is NULL when there is no
 * document. The house must outlive it. */
int site_load(struct house *house, const char *dir, struct site **ret_site,
              struct err *err) MUST_USE;
void site_destroy(struct site *site); /* NULL is fine */

/* Answers GET and HEAD of the shop's pages, robots.txt and sitemap.xml; of what looks like a page
 * but is none (no such event), too. False: the address is no page's. */
bool site_answer(struct site *site, struct http_exchange *x, struct slice path);
/* Says in the shop's own words that nothing is there: 404. */
void site_answer_missing(struct site *site, struct http_exchange *x);

#endif
