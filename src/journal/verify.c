#include "journal/verify.h"

#include "journal/driver.h"
#include "journal/frame.h"

#include <stdlib.h>

#define PROGRESS_ROWS 100000u
#define STOP_CULPRIT 1
#define STOP_MEMORY 2

/* Where a partition stands: an open-addressed table by partition number. */
struct place {
    uint32_t partition;
    bool used;
    uint64_t pseq, ts_us;
};

struct verify {
    struct journal_verify_report *report;
    FILE *progress;
    uint64_t head_seq;
    struct place *places; /* a power of two of them, at most half used */
    size_t cap;
};

static struct place *find_place(struct place *places, size_t cap, uint32_t partition)
{
    size_t at = (partition * 0x9e3779b97f4a7c15ull >> 32) & (cap - 1);
    while (places[at].used && places[at].partition != partition)
        at = (at + 1) & (cap - 1);
    return &places[at];
}

/* The partition's place, made when it is new; NULL: no memory. */
static struct place *place_of(struct verify *v, uint32_t partition)
{
    if (v->report->partitions * 2u >= v->cap) {
        size_t cap = v->cap ? v->cap * 2 : 64;
        struct place *places = calloc(cap, sizeof *places);
        if (!places)
            return NULL;
        for (size_t i = 0; i < v->cap; i++)
            if (v->places[i].used)
                *find_place(places, cap, v->places[i].partition) = v->places[i];
        free(v->places);
        v->places = places;
        v->cap = cap;
    }
    struct place *place = find_place(v->places, v->cap, partition);
    if (!place->used) {
        *place = (struct place){.partition = partition, .used = true};
        v->report->partitions++;
    }
    return place;
}

PRINTF_LIKE(4, 5)
static int blame(struct verify *v, uint64_t row, const struct frame *frame, const char *format, ...)
{
    struct journal_verify_report *r = v->report;
    r->culprit_row = row;
    r->culprit_in_entry = frame != NULL;
    int len = frame ? snprintf(r->culprit_what, sizeof r->culprit_what,
                               "row %llu, partition %u, entry %llu: ", (unsigned long long)row,
                               frame->partition, (unsigned long long)frame->pseq)
                    : snprintf(r->culprit_what, sizeof r->culprit_what,
                               "row %llu: ", (unsigned long long)row);
    va_list args;
    va_start(args, format);
    (void)vsnprintf(r->culprit_what + len, sizeof r->culprit_what - (size_t)len, format, args);
    va_end(args);
    if (frame) {
        r->culprit_partition = frame->partition;
        r->culprit_pseq = frame->pseq;
    }
    return STOP_CULPRIT;
}

static int check_frame(struct verify *v, uint64_t row, const struct frame *frame)
{
    struct place *place = place_of(v, frame->partition);
    if (!place)
        return STOP_MEMORY;
    if (frame->pseq != place->pseq + 1)
        return blame(v, row, frame, "the entry before it in its partition is %llu",
                     (unsigned long long)place->pseq);
    if (place->pseq > 0 && frame->ts_us <= place->ts_us)
        return blame(v, row, frame, "its time %llu is not after %llu, that of the entry before it",
                     (unsigned long long)frame->ts_us, (unsigned long long)place->ts_us);
    place->pseq = frame->pseq;
    place->ts_us = frame->ts_us;
    v->report->entries++;
    return 0;
}

static int check_row(void *context, const struct journal_row *row)
{
    struct verify *v = context;
    struct frame frame;
    size_t at = 0;
    int got;
    while ((got = frame_next(row->body, &at, &frame)) > 0) {
        int stop = check_frame(v, row->seq, &frame);
        if (stop)
            return stop;
    }
    if (got < 0)
        return blame(v, row->seq, NULL,
                     "the entry at byte %zu of its body is cut short or has a "
                     "wrong checksum",
                     at);
    struct journal_verify_report *r = v->report;
    r->first_seq = r->first_seq ? r->first_seq : row->seq;
    r->last_seq = row->seq;
    r->rows++;
    r->body_bytes += row->body.len;
    if (v->progress && r->rows % PROGRESS_ROWS == 0)
        (void)fprintf(v->progress, "verified %llu of %llu rows\n", (unsigned long long)r->rows,
                      (unsigned long long)v->head_seq);
    return 0;
}

int journal_verify(struct journal *journal, FILE *progress,
                   struct journal_verify_report *ret_report, struct err *err)
{
    *ret_report = (struct journal_verify_report){0};
    struct verify v = {ret_report, progress, journal_head(journal).seq, NULL, 0};
    uint64_t culprit = 0;
    struct err detail = {""};
    int result = journal->driver->read(journal, 1, check_row, &v, &culprit, &detail);
    free(v.places);
    if (result == STOP_MEMORY)
        return err_set(err, "out of memory after %llu rows", (unsigned long long)ret_report->rows);
    if (result >= 0)
        return result;
    (void)blame(&v, culprit, NULL, "%s", detail.detail);
    return 1;
}
