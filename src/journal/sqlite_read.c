/* Reading rows across the files of a folder. */
#include "journal/sqlite_private.h"

#include <assert.h>

/* A file that is open for reading, and what to do with it afterwards. */
struct open_file {
    sqlite3 *db;
    bool own;     /* close it */
    bool claimed; /* give it back to the helper */
};

static int open_for_reading(struct sqlite_journal *j, uint32_t number, struct open_file *ret_open,
                            struct err *err)
{
    struct open_file open = {NULL, false, false};
    if (j->current && number == j->current->number) {
        open.db = j->current->db;
    } else if (!j->readonly) {
        struct logfile *retiring = rotation_claim(&j->rotation, number);
        open.claimed = retiring != NULL;
        open.db = retiring ? retiring->db : NULL;
    } else {
        struct log_entry *entry = &j->files[number - j->first_number];
        int has_wal = entry->copy ? 0 : logfile_has_wal(&j->folder, number, err);
        if (has_wal < 0 || (has_wal && logfile_open_copy(j->dir, number, &entry->copy, err) < 0))
            return -1;
        open.db = entry->copy;
    }
    if (!open.db) {
        if (logfile_open_closed(&j->folder, number, &open.db, err) < 0)
            return -1;
        open.own = true;
    }
    *ret_open = open;
    return 0;
}

static void close_after_reading(struct sqlite_journal *j, struct open_file *open)
{
    if (open->own)
        sqlite3_close(open->db);
    if (open->claimed)
        rotation_release(&j->rotation);
}

/* Reads which row a file begins with; the answer is kept. */
static int first_seq_of(struct sqlite_journal *j, uint32_t number, uint64_t *ret_seq,
                        struct err *err)
{
    struct log_entry *entry = &j->files[number - j->first_number];
    if (entry->first_seq == 0) {
        struct open_file open;
        uint8_t hash[CHAIN_HASH_BYTES];
        if (open_for_reading(j, number, &open, err) < 0)
            return -1;
        int got = logfile_read_about(open.db, number, &entry->first_seq, hash, err);
        close_after_reading(j, &open);
        if (got < 0)
            return -1;
        if (got == 0)
            return err_set(err, "log-%08u.db has no rows, but later files have", number);
    }
    *ret_seq = entry->first_seq;
    return 0;
}

/* The file that holds row `seq`: the last one that does not begin after it. */
static int find_file(struct sqlite_journal *j, uint64_t seq, uint32_t *ret_number, struct err *err)
{
    uint32_t low = j->first_number, high = j->last_number;
    uint64_t first = 0;
    while (low < high) {
        uint32_t middle = low + (high - low + 1) / 2;
        if (first_seq_of(j, middle, &first, err) < 0)
            return -1;
        if (first <= seq)
            low = middle;
        else
            high = middle - 1;
    }
    if (first_seq_of(j, low, &first, err) < 0)
        return -1;
    if (first > seq)
        return err_set(err,
                       "row %llu is missing: the oldest file, log-%08u.db, begins with row %llu",
                       (unsigned long long)seq, low, (unsigned long long)first);
    *ret_number = low;
    return 0;
}

/* Makes sure that a file begins where the one before it ended, and, for the first file of a read,
 * finds the hash on which the cursor's row builds. */
static int enter_file(sqlite3 *db, uint32_t number, bool first_of_read,
                      struct journal_cursor *cursor, struct err *err)
{
    uint64_t first_seq;
    uint8_t previous[CHAIN_HASH_BYTES];
    int got = logfile_read_about(db, number, &first_seq, previous, err);
    if (got < 0)
        return -1;
    if (got == 0)
        return err_set(err, "log-%08u.db has no rows, but later files have", number);
    if (first_of_read && cursor->seq > first_seq)
        return logfile_read_hash(db, cursor->seq - 1, cursor->hash, err);
    if (first_of_read)
        memcpy(cursor->hash, previous, sizeof previous);
    if (cursor->seq != first_seq)
        return err_set(err, "row %llu is missing: log-%08u.db begins with row %llu",
                       (unsigned long long)cursor->seq, number, (unsigned long long)first_seq);
    if (memcmp(cursor->hash, previous, sizeof previous) != 0)
        return err_set(err,
                       "log-%08u.db does not continue the file before it: its rows build on "
                       "another row %llu",
                       number, (unsigned long long)first_seq - 1);
    return 0;
}

static int read_files(struct sqlite_journal *j, struct journal_cursor *cursor, uint32_t number,
                      journal_visit_fn *visit, void *context, uint64_t *ret_culprit,
                      struct err *err)
{
    uint64_t last = j->head.seq;
    for (uint32_t at = number; cursor->seq <= last; at++) {
        *ret_culprit = cursor->seq;
        if (at > j->last_number)
            return err_set(err, "row %llu is missing", (unsigned long long)cursor->seq);
        struct open_file open;
        if (open_for_reading(j, at, &open, err) < 0)
            return -1;
        int result = enter_file(open.db, at, at == number, cursor, err);
        if (result == 0)
            result =
                logfile_read(open.db, cursor, last, &j->chain, visit, context, ret_culprit, err);
        close_after_reading(j, &open);
        if (result != 0)
            return result;
    }
    return 0;
}

int sqlite_read(struct journal *journal, uint64_t from_seq, journal_visit_fn *visit, void *context,
                uint64_t *ret_culprit, struct err *err)
{
    struct sqlite_journal *j = sqlite_of(journal);
    struct journal_cursor cursor = {.seq = from_seq ? from_seq : 1};
    if (cursor.seq > j->head.seq)
        return 0;
    assert(!j->reading);
    j->reading = true;
    *ret_culprit = cursor.seq;
    uint32_t number = 0;
    int result = find_file(j, cursor.seq, &number, err);
    if (result == 0)
        result = read_files(j, &cursor, number, visit, context, ret_culprit, err);
    j->reading = false;
    return result;
}
