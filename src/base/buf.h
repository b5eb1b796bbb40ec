/*
 * buf: a growing byte buffer for everything outside the machines (replies, batches, files). A
 * buffer remembers when it ran out of memory or over its bound: writes after that do nothing, so
 * callers check `failed` once at the end.
 *
 *   struct buf out = BUF_INIT;  buf_append(...);  if (out.failed) ...;  buf_finish(&out);
 *
 * Thread: one owner at a time.
 */
#ifndef ONSALE_BASE_BUF_H
#define ONSALE_BASE_BUF_H

#include "base/err.h"
#include "base/slice.h"

#include <string.h>

struct buf {
    char *data;  /* owned; NULL while cap is 0 */
    size_t len;  /* bytes used */
    size_t cap;  /* bytes owned */
    bool failed; /* memory ran out: content is not to be used */
};

#define BUF_INIT ((struct buf){NULL, 0, 0, false})

/* Frees what the buffer owns and makes it empty again. */
void buf_finish(struct buf *b);

/* Forgets content, keeps memory. */
static inline void buf_clear(struct buf *b)
{
    b->len = 0;
    b->failed = false;
}

/* The slow half of buf_reserve: gets more memory, or fails. */
char *buf_grow(struct buf *b, size_t more);

/* Makes room for `more` bytes; returns where they start, or NULL when memory ran out. The caller
 * writes there and then adds to `len` itself. These few are inline because an answer is made of
 * hundreds of short pieces. */
static inline char *buf_reserve(struct buf *b, size_t more)
{
    if (b->data && more <= b->cap - b->len && !b->failed)
        return b->data + b->len;
    return buf_grow(b, more);
}

static inline void buf_append(struct buf *b, const void *data, size_t len)
{
    char *to = len ? buf_reserve(b, len) : NULL;
    if (!to)
        return;
    memcpy(to, data, len);
    b->len += len;
}

static inline void buf_append_slice(struct buf *b, struct slice s)
{
    buf_append(b, s.data, s.len);
}

static inline void buf_append_char(struct buf *b, char c)
{
    buf_append(b, &c, 1);
}

/* `text` is NUL-terminated. */
static inline void buf_append_text(struct buf *b, const char *text)
{
    buf_append(b, text, strlen(text));
}

PRINTF_LIKE(2, 3) void buf_append_format(struct buf *b, const char *format, ...);

static inline struct slice buf_slice(const struct buf *b)
{
    return slice_make(b->data, b->len);
}

/* Cleanup attribute: `BUF_AUTO struct buf b = BUF_INIT;` frees at the end of the scope. */
#define BUF_AUTO __attribute__((cleanup(buf_finish)))

#endif
