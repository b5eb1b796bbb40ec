/* page: lists that are given page by page: `limit`, `cursor`, `next_cursor`. */
#ifndef ONSALE_API_PAGE_H
#define ONSALE_API_PAGE_H

#include "api/context.h"

/* The query's `limit`. False: a problem was answered. */
bool page_limit(struct http_exchange *x, uint32_t *ret_limit);

/* A cursor that is one number: where the next page begins. False: a problem was answered. */
bool page_from(struct http_exchange *x, uint32_t *ret_from);
/* The member `next_cursor`; `next` UINT32_MAX: there is no next page. */
void page_write_next(struct json *j, uint32_t next);

#endif
