#include "app/journal_cli.h"

#include "booking/records.h"
#include "directory/records.h"
#include "engine/engine.h"
#include "journal/frame.h"
#include "journal/sqlite.h"
#include "journal/verify.h"
#include "queue/records.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

static const char usage[] =
    "usage: onsale journal verify [--data DIR]   check every row, chain and entry\n"
    "       onsale journal dump   [--data DIR]   one JSON line for each entry\n"
    "\n"
    "Both read only, beside a running program too. DIR is the data folder [data].\n";

static void dump_entry(struct json *j, const struct frame *f)
{
    struct booking_entry booking;
    struct directory_entry directory;
    struct queue_entry queue;
    uint16_t number = 0;
    if (f->entry.len >= 2)
        memcpy(&number, f->entry.data, 2);
    json_put_u64(j, "number", number);
    if (f->partition == 0 && directory_entry_decode(f->entry, &directory)) {
        json_put_string(j, "entry", directory_entry_record(number)->name);
        codec_dump(directory_entry_record(number), &directory.event_listed, j);
    } else if (f->partition & ENGINE_QUEUE && queue_entry_decode(f->entry, &queue)) {
        json_put_string(j, "entry", queue_entry_record(number)->name);
        codec_dump(queue_entry_record(number), &queue.opened, j);
    } else if (f->partition != 0 && booking_entry_decode(f->entry, &booking)) {
        json_put_string(j, "entry", booking_entry_record(number)->name);
        codec_dump(booking_entry_record(number), &booking.event_created, j);
    } else {
        json_put_null(j, "entry");
    }
}

static int dump_row(void *context, const struct journal_row *row)
{
    struct buf *out = context;
    struct frame frame;
    size_t at = 0;
    int more;
    while ((more = frame_next(row->body, &at, &frame)) == 1) {
        struct json j;
        json_begin(&j, out);
        json_put_object(&j, NULL);
        json_put_u64(&j, "row", row->seq);
        json_put_u64(&j, "partition", frame.partition);
        json_put_u64(&j, "pseq", frame.pseq);
        json_put_time(&j, "at", frame.ts_us);
        json_put_u64(&j, "ts_us", frame.ts_us);
        dump_entry(&j, &frame);
        json_end(&j);
        buf_append_char(out, '\n');
    }
    if (more < 0)
        buf_append_format(out, "{\"row\":%llu,\"damaged\":true}\n", (unsigned long long)row->seq);
    bool written = !out->failed && fwrite(out->data, 1, out->len, stdout) == out->len;
    buf_clear(out);
    return written ? 0 : -1;
}

static int dump(struct journal *journal)
{
    struct err err = {""};
    BUF_AUTO struct buf out = BUF_INIT;
    if (journal_read(journal, 1, dump_row, &out, &err) == 0 && fflush(stdout) == 0)
        return 0;
    (void)fprintf(stderr, "onsale: %s\n", *err.detail ? err.detail : "cannot write");
    return 1;
}

static int verify(struct journal *journal)
{
    struct journal_verify_report r;
    struct err err = {""};
    int result = journal_verify(journal, isatty(STDERR_FILENO) ? stderr : NULL, &r, &err);
    if (result < 0) {
        (void)fprintf(stderr, "onsale: %s\n", err.detail);
        return 1;
    }
    (void)printf("%llu rows, %llu entries, %llu bytes, %u partitions\n", (unsigned long long)r.rows,
                 (unsigned long long)r.entries, (unsigned long long)r.body_bytes, r.partitions);
    if (result == 0) {
        (void)printf("the journal is whole\n");
        return 0;
    }
    (void)printf("DAMAGED: %s\n", r.culprit_what);
    return 1;
}

int journal_cli(int argc, char **argv)
{
    const char *data = "data", *verb = NULL;
    for (int i = 0; i < argc; i++) {
        if (strcmp(argv[i], "--help") == 0 || strcmp(argv[i], "-h") == 0) {
            (void)fputs(usage, stdout);
            return 0;
        }
        if (strcmp(argv[i], "--data") == 0 && i + 1 < argc) {
            data = argv[++i];
        } else if (!verb && argv[i][0] != '-') {
            verb = argv[i];
        } else {
            (void)fputs(usage, stderr);
            return 2;
        }
    }
    bool known = verb && (strcmp(verb, "verify") == 0 || strcmp(verb, "dump") == 0);
    if (!known) {
        (void)fputs(usage, stderr);
        return 2;
    }
    char dir[4096];
    (void)snprintf(dir, sizeof dir, "%s/journal", data);
    struct journal *journal;
    struct err err;
    if (journal_sqlite_open_readonly(dir, &journal, &err) != 0) {
        (void)fprintf(stderr, "onsale: %s\n", err.detail);
        return 1;
    }
    int code = strcmp(verb, "verify") == 0 ? verify(journal) : dump(journal);
    journal_destroy(journal);
    return code;
}
