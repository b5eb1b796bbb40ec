#include "store.h"

#include "books.h"
#include "host.h"
#include "process.h"

#include <stdlib.h>

struct known_row {
    uint8_t hash[CHAIN_HASH_BYTES];
};

/* The tap is a journal of its own, in front of the driver's. */
struct store {
    struct journal base;
    const struct store_driver *driver;
    void *disk;
    struct journal *inner; /* NULL: no process has it open */
    struct sim *sim;
    struct random random;
    uint64_t epoch; /* of the process: what was asked by a dead one is not answered */
    struct known_row *known;
    uint64_t known_count, known_capacity;
    /* the append that is under way */
    journal_done_fn *done;
    void *done_context;
    uint64_t ts_us;
    struct slice body;
    bool answered; /* by the driver; not yet told */
    enum journal_outcome outcome;
    struct err err;
};

static struct store *tap_of(struct journal *journal)
{
    return (struct store *)journal;
}

static void know_row(struct store *t, uint64_t seq, uint64_t ts_us, struct slice body,
                     const uint8_t *hash)
{
    struct sim *s = t->sim;
    if (t->known_count == t->known_capacity) {
        t->known_capacity = t->known_capacity ? t->known_capacity * 2 : 64;
        t->known = realloc(t->known, t->known_capacity * sizeof *t->known);
        if (!t->known)
            abort();
    }
    memcpy(t->known[t->known_count++].hash, hash, CHAIN_HASH_BYTES);
    s->figures->rows++;
    TRACE(s, "row # is durable, # bytes, at @", seq, body.len, hash64_of(hash, 32, 0));
    books_row(s, seq, ts_us, body, hash);
}

/* ---- the tap's side of an append ---- */

static void tell(struct store *t)
{
    struct sim *s = t->sim;
    journal_done_fn *done = t->done;
    struct err err = t->err;
    t->done = NULL;
    t->answered = false;
    {
        WORLD_BEGIN();
        TRACE(s, "the journal answers #", t->outcome);
        if (t->outcome == JOURNAL_DURABLE) {
            struct journal_head head = journal_head(t->inner);
            REQUIRE(s, head.seq == t->known_count + 1, "rows are dense",
                    "row %llu follows row %llu", (unsigned long long)head.seq,
                    (unsigned long long)t->known_count);
            know_row(t, head.seq, t->ts_us, t->body, head.hash);
        }
    }
    done(t->done_context, t->outcome, &err);
}

static void inner_done(void *context, enum journal_outcome outcome, const struct err *err)
{
    struct store *t = context;
    t->answered = true;
    t->outcome = outcome;
    if (err)
        t->err = *err;
}

static void run_tell(struct sim *s, void *argument)
{
    struct store *t = argument;
    if (!t->answered && t->driver->complete)
        t->driver->complete(s, t->disk);
    if (t->answered)
        tell(t);
}

static void answer_comes(struct sim *s, void *subject, uint64_t epoch)
{
    struct store *t = subject;
    if (epoch == t->epoch && t->done)
        host_turn(s, run_tell, t);
}

static void tap_append(struct journal *journal, uint64_t ts_us, struct slice body,
                       journal_done_fn *done, void *context)
{
    struct store *t = tap_of(journal);
    struct sim *s = t->sim;
    uint64_t after_us = 0;
    REQUIRE(s, !t->done, "one append at a time", "two are in flight");
    t->done = done;
    t->done_context = context;
    t->ts_us = ts_us;
    t->body = body;
    t->answered = false;
    {
        WORLD_BEGIN();
        after_us = random_between(&t->random, 80, 1500);
        if (random_hit(&t->random, s->rates.journal_slow)) {
            after_us = random_magnitude(&t->random, 5000, 8 * SECOND_US);
            sim_fault(s, FAULT_JOURNAL_SLOW);
        } else if (!s->calm && random_below(&t->random, 4) == 0) {
            after_us = 0;
        }
        TRACE(s, "append of # bytes at #, answered after # us", body.len, ts_us, after_us);
    }
    journal_append(t->inner, ts_us, body, inner_done, t);
    if (after_us == 0) {
        run_tell(s, t);
        return;
    }
    WORLD_BEGIN();
    schedule_in(s, after_us, answer_comes, t, t->epoch);
}

static struct journal_head tap_head(const struct journal *journal)
{
    return journal_head(((const struct store *)journal)->inner);
}

static int tap_read(struct journal *journal, uint64_t from_seq, journal_visit_fn *visit,
                    void *context, uint64_t *ret_culprit, struct err *err)
{
    struct journal *inner = tap_of(journal)->inner;
    return inner->driver->read(inner, from_seq, visit, context, ret_culprit, err);
}

static int tap_write_snapshot(struct journal *journal, uint32_t partition, uint64_t seq,
                              struct slice bytes, struct err *err)
{
    struct store *t = tap_of(journal);
    int result = journal_write_snapshot(t->inner, partition, seq, bytes, err);
    TRACE(t->sim, "snapshot of partition # at row # of # bytes, written #", partition, seq,
          bytes.len, result == 0);
    return result;
}

static int tap_read_snapshot(struct journal *journal, uint32_t partition, struct buf *out,
                             uint64_t *ret_seq, struct err *err)
{
    return journal_read_snapshot(tap_of(journal)->inner, partition, out, ret_seq, err);
}

static bool tap_writable(struct journal *journal)
{
    return journal_writable(tap_of(journal)->inner);
}

/* The process ends in order. */
static void tap_destroy(struct journal *journal)
{
    struct store *t = tap_of(journal);
    journal_destroy(t->inner);
    t->inner = NULL;
    t->done = NULL;
    t->epoch++;
}

static const struct journal_driver tap_driver = {
    tap_append,        tap_head,     tap_read,    tap_write_snapshot,
    tap_read_snapshot, tap_writable, tap_destroy,
};

/* ---- life ---- */

const struct store_driver *store_driver(const char *name)
{
    static const struct store_driver *const drivers[] = {&store_disk, &store_sqlite,
                                                         &store_sqlite_normal};
    for (size_t i = 0; i < sizeof drivers / sizeof drivers[0]; i++)
        if (strcmp(drivers[i]->name, name) == 0)
            return drivers[i];
    return NULL;
}

struct store *store_create(struct sim *s)
{
    struct store *t = calloc(1, sizeof *t);
    t->base.driver = &tap_driver;
    t->sim = s;
    t->random = sim_stream(s, 2);
    t->driver = store_driver(s->options->journal);
    t->disk = t->driver->create(s);
    if (!t->disk)
        abort();
    return t;
}

void store_destroy(struct sim *s, struct store *t)
{
    (void)s;
    if (!t)
        return;
    t->driver->destroy(t->disk);
    free(t->known);
    free(t);
}

static int compare_row(void *context, const struct journal_row *row)
{
    struct store *t = context;
    struct sim *s = t->sim;
    if (row->seq > t->known_count) {
        REQUIRE(s, row->seq == t->known_count + 1, "rows are dense", "row %llu is missing",
                (unsigned long long)t->known_count + 1);
        know_row(t, row->seq, row->ts_us, row->body, row->hash);
    }
    REQUIRE(s, memcmp(row->hash, t->known[row->seq - 1].hash, CHAIN_HASH_BYTES) == 0,
            "what was reported durable stays", "row %llu is another one after the restart",
            (unsigned long long)row->seq);
    return 0;
}

int store_open(struct sim *s, struct journal **ret_journal, struct err *err)
{
    struct store *t = s->store;
    int result = t->driver->open(s, t->disk, &t->inner, err);
    if (result != 0)
        return result;
    WORLD_BEGIN();
    uint64_t head = journal_head(t->inner).seq;
    REQUIRE(s, head >= t->known_count, "what was reported durable stays",
            "%llu rows were durable, %llu are there after the restart",
            (unsigned long long)t->known_count, (unsigned long long)head);
    struct err why = {""};
    /* All rows when they are few, now and then, else the newest. */
    bool all = t->known_count < 64 || random_below(&t->random, t->known_count) < 64;
    uint64_t from = all ? 1 : t->known_count - 15;
    TRACE(s, "the journal is open with # rows, # were known", head, t->known_count);
    if (journal_read(t->inner, from, compare_row, t, &why) != 0)
        sim_broken(s, "the journal can be read after a crash", "%s", why.detail);
    *ret_journal = &t->base;
    return 0;
}

void store_crash(struct sim *s, bool power)
{
    struct store *t = s->store;
    t->driver->crash(s, t->disk, power);
    t->inner = NULL;
    t->done = NULL;
    t->answered = false;
    t->epoch++;
}

uint64_t store_rows(const struct sim *s)
{
    return s->store->known_count;
}
