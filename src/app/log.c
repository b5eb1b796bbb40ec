#include "app/log.h"

#include "app/clock.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#define LOG_GATHER_BYTES 65536u

int log_open(struct log *log, const char *where, struct err *err)
{
    *log = (struct log){.fd = -1, .lines = BUF_INIT};
    if (strcmp(where, "none") == 0)
        return 0;
    log->fd = strcmp(where, "-") == 0
                  ? dup(STDOUT_FILENO)
                  : open(where, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0640);
    return log->fd >= 0 ? 0 : err_set(err, "cannot write the log %s: %s", where, strerror(errno));
}

void log_flush(struct log *log)
{
    size_t at = 0;
    while (log->fd >= 0 && at < log->lines.len) {
        ssize_t n = write(log->fd, log->lines.data + at, log->lines.len - at);
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0) {
            log->lost++;
            break;
        }
        at += (size_t)n;
    }
    buf_clear(&log->lines);
}

void log_close(struct log *log)
{
    log_flush(log);
    if (log->fd >= 0)
        (void)close(log->fd);
    log->fd = -1;
    buf_finish(&log->lines);
}

void log_begin(struct log *log, struct json *j, const char *level, const char *what)
{
    json_begin(j, &log->lines);
    json_put_object(j, NULL);
    json_put_time(j, "at", clock_wall_us());
    json_put_string(j, "level", level);
    json_put_string(j, "what", what);
}

void log_end(struct log *log, struct json *j)
{
    json_end(j);
    buf_append_char(&log->lines, '\n');
    if (log->lines.failed || log->lines.len > LOG_GATHER_BYTES)
        log_flush(log);
}

void log_line(struct log *log, const char *level, const char *what, const char *format, ...)
{
    char text[1024];
    va_list args;
    va_start(args, format);
    (void)vsnprintf(text, sizeof text, format, args);
    va_end(args);
    struct json j;
    log_begin(log, &j, level, what);
    json_put_string(&j, "detail", text);
    log_end(log, &j);
}
