/* What the journal's tests share: folders, appends that must work, collecting rows. */
#ifndef ONSALE_TESTS_JOURNAL_SUPPORT_H
#define ONSALE_TESTS_JOURNAL_SUPPORT_H

#include "journal/frame.h"
#include "journal/journal.h"
#include "unit/files.h"

#include <string.h>

struct outcome {
    int calls;
    enum journal_outcome outcome;
    struct err err;
};

static inline void note_outcome(void *context, enum journal_outcome outcome, const struct err *err)
{
    struct outcome *o = context;
    o->calls++;
    o->outcome = outcome;
    o->err = err ? *err : (struct err){""};
}

static inline struct outcome append(struct journal *journal, uint64_t ts_us, struct slice body)
{
    struct outcome o = {0};
    journal_append(journal, ts_us, body, note_outcome, &o);
    return o;
}

static inline void append_durable(struct journal *journal, uint64_t ts_us, struct slice body)
{
    struct outcome o = append(journal, ts_us, body);
    assert_int_equal(o.calls, 1);
    if (o.outcome != JOURNAL_DURABLE)
        fail_msg("append: %s", o.err.detail);
}

/* Row n of the tests: its time is 1000 n and its body starts with n and has `len` bytes. */
static inline void append_numbered(struct journal *journal, uint64_t n, size_t len)
{
    char *body = malloc(len);
    assert_non_null(body);
    memset(body, (int)('a' + n % 26), len);
    memcpy(body, &n, len < 8 ? len : 8);
    append_durable(journal, 1000 * n, slice_make(body, len));
    free(body);
}

struct reading {
    uint64_t first, count, last;
    uint64_t stop_at; /* 0: never */
    bool numbered;    /* check what append_numbered wrote */
};

static inline int note_row(void *context, const struct journal_row *row)
{
    struct reading *r = context;
    r->first = r->first ? r->first : row->seq;
    if (r->last)
        assert_int_equal(row->seq, r->last + 1);
    r->last = row->seq;
    r->count++;
    if (r->numbered) {
        uint64_t n = 0;
        memcpy(&n, row->body.data, row->body.len < 8 ? row->body.len : 8);
        assert_int_equal(n, row->seq);
        assert_int_equal(row->ts_us, 1000 * row->seq);
    }
    return r->stop_at == row->seq ? 7 : 0;
}

/* Reads all from `from` and expects it to be whole. */
static inline struct reading read_whole(struct journal *journal, uint64_t from)
{
    struct reading r = {.numbered = true};
    struct err err;
    if (journal_read(journal, from, note_row, &r, &err) != 0)
        fail_msg("read: %s", err.detail);
    return r;
}

static inline void add_frame(struct buf *body, uint32_t partition, uint64_t pseq, uint64_t ts_us,
                             const char *entry)
{
    char *to = frame_open(body, partition, pseq, ts_us, strlen(entry));
    assert_non_null(to);
    memcpy(to, entry, strlen(entry));
    frame_close(body, strlen(entry));
}

#endif
