/*
 * percent: percent-encoding (RFC 3986 2.1) and one pair of a query or form
 * (application/x-www-form-urlencoded). Pure. Thread: any.
 */
#ifndef ONSALE_HTTP_PERCENT_H
#define ONSALE_HTTP_PERCENT_H

#include "base/buf.h"
#include "base/slice.h"

/* Decodes into `to` (room for text.len bytes; may be text.data itself). `plus` makes "+" a blank. A
 * malformed escape or an encoded NUL is refused. */
bool percent_decode(struct slice text, bool plus, char *to, size_t *ret_len);

/* Appends `text` with all but RFC 3986's unreserved characters encoded. */
void percent_encode(struct buf *out, struct slice text);

/* Cuts the next "key=value" off `rest` (pairs are separated by "&", empty ones are skipped). Both
 * are undecoded; a pair without "=" has an empty value. False at the end. */
bool percent_next_pair(struct slice *rest, struct slice *ret_key, struct slice *ret_value);

#endif
