#include "base/buf.h"

#include <stdlib.h>

void buf_finish(struct buf *b)
{
    free(b->data);
    *b = BUF_INIT;
}

char *buf_grow(struct buf *b, size_t more)
{
    if (b->failed)
        return NULL;
    size_t cap = b->cap ? b->cap : 256;
    while (cap - b->len < more) {
        if (cap > SIZE_MAX / 2) {
            b->failed = true;
            return NULL;
        }
        cap *= 2;
    }
    char *data = realloc(b->data, cap);
    if (!data) {
        b->failed = true;
        return NULL;
    }
    b->data = data;
    b->cap = cap;
    return data + b->len;
}

void buf_append_format(struct buf *b, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    va_list again;
    va_copy(again, args);
    int need = vsnprintf(NULL, 0, format, args);
    va_end(args);
    if (need < 0) {
        b->failed = true;
    } else {
        char *to = buf_reserve(b, (size_t)need + 1);
        if (to) {
            (void)vsnprintf(to, (size_t)need + 1, format, again);
            b->len += (size_t)need;
        }
    }
    va_end(again);
}
