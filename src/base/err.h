/*
 * err: how a failure is told (style rule 6). A refusal is part of the domain and has its own enums;
 * a failure is operational: the function returns a negative number and puts the detail into a
 * caller-owned struct err. Libraries never log; the program around them does.
 */
#ifndef ONSALE_BASE_ERR_H
#define ONSALE_BASE_ERR_H

#include <stdarg.h>
#include <stdio.h>

#define ERR_DETAIL_MAX 512

struct err {
    char detail[ERR_DETAIL_MAX]; /* one English sentence without a full stop, NUL-terminated */
};

#define MUST_USE __attribute__((warn_unused_result))
#define PRINTF_LIKE(at, first) __attribute__((format(printf, at, first)))

/* Writes the detail (cut at ERR_DETAIL_MAX) and returns -1, so that `return err_set(...)` reads
 * well. `err` may be NULL. */
PRINTF_LIKE(2, 3)
static inline int err_set(struct err *err, const char *format, ...)
{
    if (err) {
        va_list args;
        va_start(args, format);
        (void)vsnprintf(err->detail, sizeof err->detail, format, args);
        va_end(args);
    }
    return -1;
}

#ifdef __clang_analyzer__ /* it does not see what a variadic function returns */
#define err_set(...) ((void)err_set(__VA_ARGS__), -1)
#endif

#endif
