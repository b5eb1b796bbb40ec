/* page: lists that are given page by page: `limit`, `cursor`, `next_cursor`. */
#ifndef ONSALE_API_PAGE_H
#define ONSALE_API_PAGE_H

#include "api/context.h"

/* The query's `limit`. False: a problem was answered. */
bool page_limit(struct http_exchange *x, uint32_t *ret_limit);

/* An answer that is one page of a list whose items have numbers: {items, next_cursor, ...}, not
 * cached. page_begin, the items from `from` on (at most `limit`) into `j`, page_items_end, other
 * members, page_answer. */
struct page {
    uint32_t limit, from; /* `from`: where the page begins, as the cursor says */
    struct buf body;
    struct json j;
};
/* False: a problem was answered, and there is nothing to end. */
bool page_begin(struct http_exchange *x, struct page *ret_page);
/* `next`: the number that the next page begins with; UINT32_MAX: there is none. */
void page_items_end(struct page *page, uint32_t next);
/* Answers with what was written, as of now; the page is gone. */
void page_answer(struct http_exchange *x, struct page *page);

#endif
