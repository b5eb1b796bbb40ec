/*
 * page: what a browser sees: the books at the sandbox's address, and the page of the bank where a
 * buyer approves a payment. Nothing comes from elsewhere. Thread: any.
 */
#ifndef ONSALE_SANDBOX_PAGE_H
#define ONSALE_SANDBOX_PAGE_H

#include "base/buf.h"
#include "sandbox/intent.h"

/* Content-Security-Policy of both. A form of the bank's page ends at the shop: no form-action. */
#define PAGE_POLICY                                                                 \
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; " \
    "base-uri 'none'; frame-ancestors 'none'"

/* The files page.html, page.css and page.js of this folder; constant. */
struct slice page_html(void);
struct slice page_css(void);
struct slice page_js(void);

/* Appends HTML. */
void page_bank(const struct intent *intent, struct buf *html);

/* Made from the files when the program is built. */
extern const unsigned char page_file_html[], page_file_css[], page_file_js[];
extern const unsigned page_file_html_len, page_file_css_len, page_file_js_len;

#endif
