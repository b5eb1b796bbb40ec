#include "journal/memory.h"

#include "base/hash.h"
#include "base/limits.h"
#include "journal/driver.h"

#include <assert.h>
#include <pthread.h>
#include <stdlib.h>

struct memory_row {
    uint64_t ts_us;
    uint8_t hash[CHAIN_HASH_BYTES];
    char *body; /* owned */
    size_t len;
};

struct memory_snapshot {
    struct memory_snapshot *next;
    uint32_t partition;
    uint64_t seq, checksum;
    size_t len;
    char bytes[];
};

struct memory_journal {
    struct journal base;
    struct chain chain;
    struct memory_row *rows; /* row n stands at n - 1 */
    size_t count, cap;
    bool fault_set;
    enum journal_memory_fault fault;
    bool hold_back;

    /* The append that was made but not yet told. */
    journal_done_fn *done;
    void *done_context;
    enum journal_outcome outcome;
    bool store;
    struct memory_row row;

    pthread_mutex_t snapshot_lock; /* a snapshot may be written beside the owner */
    struct memory_snapshot *snapshots;
};

static struct memory_journal *memory_of(struct journal *journal)
{
    return (struct memory_journal *)journal;
}

static struct journal_head memory_head(const struct journal *journal)
{
    const struct memory_journal *m = (const struct memory_journal *)journal;
    struct journal_head head = {.seq = m->count};
    if (m->count > 0) {
        head.ts_us = m->rows[m->count - 1].ts_us;
        memcpy(head.hash, m->rows[m->count - 1].hash, sizeof head.hash);
    }
    return head;
}

/* Makes the row that follows the head, with room for it in the table. */
static int make_row(struct memory_journal *m, uint64_t ts_us, struct slice body, struct err *err)
{
    if (body.len > LIMIT_ROW_BYTES)
        return err_set(err, "a row of %zu bytes is over the limit of %u", body.len,
                       LIMIT_ROW_BYTES);
    if (m->count == m->cap) {
        size_t cap = m->cap ? m->cap * 2 : 64;
        struct memory_row *rows = realloc(m->rows, cap * sizeof *rows);
        if (!rows)
            return err_set(err, "out of memory");
        m->rows = rows;
        m->cap = cap;
    }
    struct journal_head head = memory_head(&m->base);
    struct memory_row row = {.ts_us = ts_us, .len = body.len};
    if (chain_next(&m->chain, head.hash, head.seq + 1, ts_us, body, row.hash, err) < 0)
        return -1;
    row.body = malloc(body.len + 1);
    if (!row.body)
        return err_set(err, "out of memory");
    if (body.len > 0)
        memcpy(row.body, body.data, body.len);
    m->row = row;
    return 0;
}

static void deliver(struct memory_journal *m, const struct err *err)
{
    static const struct err asked = {"the test asked for this outcome"};
    journal_done_fn *done = m->done;
    m->done = NULL;
    if (m->store)
        m->rows[m->count++] = m->row;
    else
        free(m->row.body);
    m->row = (struct memory_row){0};
    done(m->done_context, m->outcome, err ? err : &asked);
}

static void memory_append(struct journal *journal, uint64_t ts_us, struct slice body,
                          journal_done_fn *done, void *context)
{
    static const enum journal_outcome outcomes[] = {
        [JOURNAL_MEMORY_FAIL] = JOURNAL_FAILED,
        [JOURNAL_MEMORY_UNKNOWN_STORED] = JOURNAL_UNKNOWN,
        [JOURNAL_MEMORY_UNKNOWN_LOST] = JOURNAL_UNKNOWN,
        [JOURNAL_MEMORY_NO_SPACE] = JOURNAL_NO_SPACE,
    };
    struct memory_journal *m = memory_of(journal);
    assert(!m->done);
    m->done = done;
    m->done_context = context;
    m->outcome = m->fault_set ? outcomes[m->fault] : JOURNAL_DURABLE;
    m->store = !m->fault_set || m->fault == JOURNAL_MEMORY_UNKNOWN_STORED;
    m->fault_set = false;
    struct err err;
    if (m->store && make_row(m, ts_us, body, &err) < 0) {
        m->outcome = JOURNAL_FAILED;
        m->store = false;
        deliver(m, &err);
    } else if (!m->hold_back) {
        deliver(m, NULL);
    }
}

static int memory_read(struct journal *journal, uint64_t from_seq, journal_visit_fn *visit,
                       void *context, uint64_t *ret_culprit, struct err *err)
{
    struct memory_journal *m = memory_of(journal);
    struct journal_cursor cursor = {.seq = from_seq ? from_seq : 1};
    if (cursor.seq > 1 && cursor.seq <= m->count)
        memcpy(cursor.hash, m->rows[cursor.seq - 2].hash, sizeof cursor.hash);
    for (size_t last = m->count; cursor.seq <= last;) {
        const struct memory_row *stored = &m->rows[cursor.seq - 1];
        struct journal_row row = {cursor.seq, stored->ts_us, {stored->body, stored->len}, {0}};
        memcpy(row.hash, stored->hash, sizeof row.hash);
        if (journal_cursor_take(&cursor, &m->chain, &row, ret_culprit, err) < 0)
            return -1;
        int stop = visit(context, &row);
        if (stop)
            return stop;
    }
    return 0;
}

static int memory_write_snapshot(struct journal *journal, uint32_t partition, uint64_t seq,
                                 struct slice bytes, struct err *err)
{
    struct memory_journal *m = memory_of(journal);
    struct memory_snapshot *made = malloc(sizeof *made + bytes.len);
    if (!made)
        return err_set(err, "out of memory");
    *made = (struct memory_snapshot){NULL, partition, seq, hash64_of(bytes.data, bytes.len, 0),
                                     bytes.len};
    if (bytes.len > 0)
        memcpy(made->bytes, bytes.data, bytes.len);
    pthread_mutex_lock(&m->snapshot_lock);
    made->next = m->snapshots; /* newest first */
    m->snapshots = made;
    int kept = 0;
    for (struct memory_snapshot **at = &m->snapshots; *at;) {
        struct memory_snapshot *s = *at;
        if (s->partition == partition && ++kept > 2) {
            *at = s->next;
            free(s);
        } else {
            at = &s->next;
        }
    }
    pthread_mutex_unlock(&m->snapshot_lock);
    return 0;
}

static int memory_read_snapshot(struct journal *journal, uint32_t partition, struct buf *out,
                                uint64_t *ret_seq, struct err *err)
{
    struct memory_journal *m = memory_of(journal);
    pthread_mutex_lock(&m->snapshot_lock);
    struct memory_snapshot *s = m->snapshots;
    while (s && (s->partition != partition || hash64_of(s->bytes, s->len, 0) != s->checksum))
        s = s->next;
    int result = s ? 1 : 0;
    if (s) {
        buf_append(out, s->bytes, s->len);
        if (out->failed)
            result = err_set(err, "out of memory");
        else
            *ret_seq = s->seq;
    }
    pthread_mutex_unlock(&m->snapshot_lock);
    return result;
}

static bool memory_writable(struct journal *journal)
{
    struct memory_journal *m = memory_of(journal);
    return !(m->fault_set && m->fault == JOURNAL_MEMORY_NO_SPACE);
}

static void memory_destroy(struct journal *journal)
{
    struct memory_journal *m = memory_of(journal);
    for (size_t i = 0; i < m->count; i++)
        free(m->rows[i].body);
    free(m->rows);
    free(m->row.body);
    while (m->snapshots) {
        struct memory_snapshot *s = m->snapshots;
        m->snapshots = s->next;
        free(s);
    }
    pthread_mutex_destroy(&m->snapshot_lock);
    chain_finish(&m->chain);
    free(m);
}

static const struct journal_driver memory_driver = {
    memory_append,        memory_head,     memory_read,    memory_write_snapshot,
    memory_read_snapshot, memory_writable, memory_destroy,
};

struct journal *journal_memory_create(void)
{
    struct memory_journal *m = calloc(1, sizeof *m);
    if (!m)
        return NULL;
    if (chain_init(&m->chain, NULL) < 0) {
        free(m);
        return NULL;
    }
    m->base.driver = &memory_driver;
    pthread_mutex_init(&m->snapshot_lock, NULL);
    return &m->base;
}

void journal_memory_fault_next(struct journal *journal, enum journal_memory_fault fault)
{
    assert(journal->driver == &memory_driver);
    memory_of(journal)->fault_set = true;
    memory_of(journal)->fault = fault;
}

void journal_memory_fault_clear(struct journal *journal)
{
    assert(journal->driver == &memory_driver);
    memory_of(journal)->fault_set = false;
}

void journal_memory_hold_back(struct journal *journal, bool hold_back)
{
    assert(journal->driver == &memory_driver);
    memory_of(journal)->hold_back = hold_back;
}

bool journal_memory_deliver(struct journal *journal)
{
    assert(journal->driver == &memory_driver);
    struct memory_journal *m = memory_of(journal);
    if (!m->done)
        return false;
    deliver(m, NULL);
    return true;
}

void journal_memory_damage_row(struct journal *journal, uint64_t seq)
{
    assert(journal->driver == &memory_driver);
    struct memory_journal *m = memory_of(journal);
    assert(seq >= 1 && seq <= m->count && m->rows[seq - 1].len > 0);
    m->rows[seq - 1].body[0] ^= 1;
}

void journal_memory_damage_snapshot(struct journal *journal, uint32_t partition)
{
    assert(journal->driver == &memory_driver);
    struct memory_snapshot *s = memory_of(journal)->snapshots;
    while (s && s->partition != partition)
        s = s->next;
    assert(s && s->len > 0);
    s->bytes[0] ^= 1;
}
