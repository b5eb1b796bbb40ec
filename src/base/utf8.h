/* utf8: strict UTF-8 (RFC 3629: no overlong forms, no surrogates, at most U+10FFFF). Thread: any.
 */
#ifndef ONSALE_BASE_UTF8_H
#define ONSALE_BASE_UTF8_H

#include "base/slice.h"

/* Length in bytes of the valid sequence at `data` (1-4), or 0 when it is not valid. */
size_t utf8_length(const char *data, size_t len);

bool utf8_valid(struct slice s);

#endif
