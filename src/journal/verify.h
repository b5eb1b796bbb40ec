/*
 * verify: reads a whole journal and says whether it is true: each row follows from the one before
 * it, each frame's checksum is right, and within a partition the entries' places are dense and
 * their times rise. Thread: the one that owns the journal.
 */
#ifndef ONSALE_JOURNAL_VERIFY_H
#define ONSALE_JOURNAL_VERIFY_H

#include "journal/journal.h"

struct journal_verify_report {
    uint64_t first_seq, last_seq; /* rows found whole; 0: none */
    uint64_t rows, entries, body_bytes;
    uint32_t partitions;

    /* The first culprit; row 0: none. */
    uint64_t culprit_row;
    bool culprit_in_entry; /* whether partition and pseq below are known */
    uint32_t culprit_partition;
    uint64_t culprit_pseq;
    char culprit_what[ERR_DETAIL_MAX]; /* one sentence that names row and partition */
};

/* Verifies from row 1 to the head and stops at the first culprit. `progress` gets a line now and
 * then (NULL: none). `ret_report` is always written. 0: all whole; 1: a culprit was found and
 * stands in the report; negative: it could not be done (no memory). */
int journal_verify(struct journal *journal, FILE *progress,
                   struct journal_verify_report *ret_report, struct err *err) MUST_USE;

#endif
