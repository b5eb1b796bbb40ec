/*
 * fields: the message of a tag, put together from fields that each have their length in front, so
 * that no two lists of fields make the same bytes ("ab", "c" is not "a", "bc").
 *
 *   struct fields f = FIELDS_INIT;  fields_add_u64(&f, event);  fields_add(&f, id, 16);
 *   mac_compute(mac, "purpose", fields_slice(&f), tag);
 *
 * A message that does not fit is a bug and asserted: what goes in has a fixed size or a bound of
 * its own. Thread: any, values only.
 */
#ifndef ONSALE_KEYS_FIELDS_H
#define ONSALE_KEYS_FIELDS_H

#include "base/slice.h"

#include <assert.h>

#define FIELDS_MAX 256

struct fields {
    size_t len;
    uint8_t bytes[FIELDS_MAX];
};

#define FIELDS_INIT ((struct fields){.len = 0})

/* A number as so many bytes, big-endian, and back: how tokens hold numbers. */
static inline void fields_put_number(uint8_t *to, uint64_t number, unsigned bytes)
{
    for (unsigned i = 0; i < bytes; i++)
        to[i] = (uint8_t)(number >> (8 * (bytes - 1 - i)));
}

static inline uint64_t fields_get_number(const uint8_t *from, unsigned bytes)
{
    uint64_t number = 0;
    for (unsigned i = 0; i < bytes; i++)
        number = number << 8 | from[i];
    return number;
}

/* One field: its length in one byte, then its bytes. At most 255. */
static inline void fields_add(struct fields *f, const void *data, size_t len)
{
    assert(len <= UINT8_MAX && f->len + 1 + len <= FIELDS_MAX);
    f->bytes[f->len] = (uint8_t)len;
    if (len)
        memcpy(f->bytes + f->len + 1, data, len);
    f->len += 1 + len;
}

/* A number as a field of eight bytes, big-endian. */
static inline void fields_add_u64(struct fields *f, uint64_t number)
{
    uint8_t bytes[8];
    fields_put_number(bytes, number, sizeof bytes);
    fields_add(f, bytes, sizeof bytes);
}

static inline struct slice fields_slice(const struct fields *f)
{
    return slice_make(f->bytes, f->len);
}

#endif
