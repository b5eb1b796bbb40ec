/*
 * id: public identifiers. An id is a type prefix, an underscore and 26 letters of base32
 * (Crockford's alphabet in lower case, RFC-less: https://www.crockford.com/base32.html) over 16
 * bytes, big-endian: partition u32, slot u32, random u64. A look-up needs no index: the partition
 * routes, the slot finds the record, and the random number, stored in the record, proves that the
 * id was given out. Thread: any.
 */
#ifndef ONSALE_BASE_ID_H
#define ONSALE_BASE_ID_H

#include "base/slice.h"

enum id_type { ID_EVENT, ID_HOLD, ID_ORDER, ID_TICKET, ID_ORGANISER, ID_TYPE_COUNT };

struct id {
    uint32_t partition; /* the event's partition; for an event its own */
    uint32_t slot;      /* index of the record in its table */
    uint64_t random;    /* from the command that made it; never 0 */
};

#define ID_TEXT_MAX 32 /* longest prefix (3), "_", 26 letters, NUL */

/* Writes the text with NUL and returns its length without it ("hld_..."). */
size_t id_format(enum id_type type, struct id id, char ret_text[ID_TEXT_MAX]);

/* Reads exactly what id_format writes (lower case only, so one id has one spelling). */
bool id_parse(enum id_type type, struct slice text, struct id *ret_id);

#endif
