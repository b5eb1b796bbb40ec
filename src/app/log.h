/*
 * log: JSON lines, one object each: {"at": RFC 3339, "level": "...", "what": "...", ...}. Lines are
 * gathered and written once a turn of the loop or when the buffer is full; a full disk or a closed
 * pipe loses lines, never requests. Thread: the loop's.
 */
#ifndef ONSALE_APP_LOG_H
#define ONSALE_APP_LOG_H

#include "base/err.h"
#include "base/json.h"

struct log {
    int fd; /* -1: none */
    struct buf lines;
    uint64_t lost;
};

/* `where`: a path (appended to), "-" for standard output, "none". */
int log_open(struct log *log, const char *where, struct err *err) MUST_USE;
void log_close(struct log *log);

/* Begins a line; the caller adds members to `j` and ends it with log_end. */
void log_begin(struct log *log, struct json *j, const char *level, const char *what);
void log_end(struct log *log, struct json *j);

/* A line with one text member "detail". */
PRINTF_LIKE(4, 5)
void log_line(struct log *log, const char *level, const char *what, const char *format, ...);

void log_flush(struct log *log);

#endif
