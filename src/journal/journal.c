#include "journal/driver.h"

#include <assert.h>

void journal_append(struct journal *journal, uint64_t ts_us, struct slice body,
                    journal_done_fn *done, void *context)
{
    assert(done);
    journal->driver->append(journal, ts_us, body, done, context);
}

struct journal_head journal_head(const struct journal *journal)
{
    return journal->driver->head(journal);
}

int journal_read(struct journal *journal, uint64_t from_seq, journal_visit_fn *visit, void *context,
                 struct err *err)
{
    uint64_t culprit;
    return journal->driver->read(journal, from_seq, visit, context, &culprit, err);
}

int journal_write_snapshot(struct journal *journal, uint32_t partition, uint64_t seq,
                           struct slice bytes, struct err *err)
{
    return journal->driver->write_snapshot(journal, partition, seq, bytes, err);
}

int journal_read_snapshot(struct journal *journal, uint32_t partition, struct buf *out,
                          uint64_t *ret_seq, struct err *err)
{
    return journal->driver->read_snapshot(journal, partition, out, ret_seq, err);
}

bool journal_writable(struct journal *journal)
{
    return journal->driver->writable(journal);
}

void journal_destroy(struct journal *journal)
{
    if (journal)
        journal->driver->destroy(journal);
}

int journal_cursor_take(struct journal_cursor *cursor, struct chain *chain,
                        const struct journal_row *row, uint64_t *ret_culprit, struct err *err)
{
    if (row->seq != cursor->seq) {
        *ret_culprit = cursor->seq;
        return err_set(err, "row %llu is missing: row %llu stands in its place",
                       (unsigned long long)cursor->seq, (unsigned long long)row->seq);
    }
    uint8_t hash[CHAIN_HASH_BYTES];
    if (chain_next(chain, cursor->hash, row->seq, row->ts_us, row->body, hash, err) < 0)
        return -1;
    if (memcmp(hash, row->hash, sizeof hash) != 0) {
        *ret_culprit = row->seq;
        return err_set(err, "row %llu is damaged: its hash does not follow from the row before it",
                       (unsigned long long)row->seq);
    }
    memcpy(cursor->hash, hash, sizeof hash);
    cursor->seq++;
    return 0;
}
