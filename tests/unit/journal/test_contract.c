/* What every driver of the journal promises; runs over each of them. */
#include "base/limits.h"
#include "journal/memory.h"
#include "journal/sqlite.h"
#include "journal/verify.h"
#include "unit/journal/support.h"

#include <dirent.h>
#include <fcntl.h>
#include <openssl/sha.h>
#include <sqlite3.h>

struct fixture {
    bool sqlite;
    char dir[FOLDER_ROOM];
    uint64_t free_bytes;
    struct journal *journal;
};

static int told_space(void *context, const char *dir, uint64_t *ret_free_bytes)
{
    (void)dir;
    *ret_free_bytes = ((struct fixture *)context)->free_bytes;
    return 0;
}

static void open_sqlite(struct fixture *f)
{
    struct journal_sqlite_options options = {.file_bytes = 1 << 20,
                                             .reserve_bytes = 1 << 20,
                                             .space_check_us = 1,
                                             .space = told_space,
                                             .space_context = f};
    struct err err;
    if (journal_sqlite_open(f->dir, &options, &f->journal, &err) < 0)
        fail_msg("open: %s", err.detail);
}

static int set_up_memory(void **state)
{
    struct fixture *f = calloc(1, sizeof *f);
    f->journal = journal_memory_create();
    assert_non_null(f->journal);
    *state = f;
    return 0;
}

static int set_up_sqlite(void **state)
{
    struct fixture *f = calloc(1, sizeof *f);
    f->sqlite = true;
    f->free_bytes = 1ull << 40;
    make_folder(f->dir);
    open_sqlite(f);
    *state = f;
    return 0;
}

static int tear_down(void **state)
{
    struct fixture *f = *state;
    journal_destroy(f->journal);
    if (f->sqlite)
        remove_folder(f->dir);
    free(f);
    return 0;
}

/* What a restart does to the driver; memory has none. */
static void reopen(struct fixture *f)
{
    if (!f->sqlite)
        return;
    journal_destroy(f->journal);
    open_sqlite(f);
}

/* Changes the body of a stored row without its hash. */
static void damage_row(struct fixture *f, uint64_t seq)
{
    if (!f->sqlite) {
        journal_memory_damage_row(f->journal, seq);
        return;
    }
    journal_destroy(f->journal);
    char path[FOLDER_ROOM + 32], sql[128];
    (void)snprintf(path, sizeof path, "%s/log-00000001.db", f->dir);
    (void)snprintf(sql, sizeof sql,
                   "UPDATE log SET body = CAST('x' || substr(body, 2) AS BLOB) WHERE seq = %llu",
                   (unsigned long long)seq);
    sqlite3 *db;
    assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
    assert_int_equal(sqlite3_exec(db, sql, NULL, NULL, NULL), SQLITE_OK);
    assert_int_equal(sqlite3_changes(db), 1);
    sqlite3_close(db);
    open_sqlite(f);
}

static void damage_newest_snapshot(struct fixture *f, uint32_t partition, uint64_t seq)
{
    if (!f->sqlite) {
        journal_memory_damage_snapshot(f->journal, partition);
        return;
    }
    char path[FOLDER_ROOM + 64], byte;
    (void)snprintf(path, sizeof path, "%s/snapshots/%010u-%020llu.snap", f->dir, partition,
                   (unsigned long long)seq);
    int fd = open(path, O_RDWR | O_CLOEXEC);
    assert_true(fd >= 0);
    assert_int_equal(pread(fd, &byte, 1, 60), 1);
    byte ^= 4;
    assert_int_equal(pwrite(fd, &byte, 1, 60), 1);
    close(fd);
}

static void a_new_journal_is_empty(void **state)
{
    struct fixture *f = *state;
    static const uint8_t zero[32];
    struct journal_head head = journal_head(f->journal);
    assert_int_equal(head.seq, 0);
    assert_memory_equal(head.hash, zero, 32);
    assert_int_equal(read_whole(f->journal, 1).count, 0);
    assert_true(journal_writable(f->journal));
}

static void rows_come_back_in_order_and_as_they_were_written(void **state)
{
    struct fixture *f = *state;
    for (uint64_t n = 1; n <= 300; n++)
        append_numbered(f->journal, n, 8 + n % 50 * 40);
    struct journal_head head = journal_head(f->journal);
    assert_int_equal(head.seq, 300);
    assert_int_equal(head.ts_us, 300000);
    struct reading r = read_whole(f->journal, 1);
    assert_int_equal(r.first, 1);
    assert_int_equal(r.count, 300);
}

static void reading_starts_where_it_is_asked_to(void **state)
{
    struct fixture *f = *state;
    for (uint64_t n = 1; n <= 20; n++)
        append_numbered(f->journal, n, 30);
    assert_int_equal(read_whole(f->journal, 0).count, 20);
    assert_int_equal(read_whole(f->journal, 13).first, 13);
    assert_int_equal(read_whole(f->journal, 20).count, 1);
    assert_int_equal(read_whole(f->journal, 21).count, 0);
    assert_int_equal(read_whole(f->journal, UINT64_MAX).count, 0);
}

static void a_visitor_stops_the_reading_with_its_own_number(void **state)
{
    struct fixture *f = *state;
    for (uint64_t n = 1; n <= 9; n++)
        append_numbered(f->journal, n, 30);
    struct reading r = {.stop_at = 4};
    struct err err;
    assert_int_equal(journal_read(f->journal, 2, note_row, &r, &err), 7);
    assert_int_equal(r.last, 4);
    append_numbered(f->journal, 10, 30);
}

static void hashes_follow_the_formula_of_the_header(void **state)
{
    struct fixture *f = *state;
    /* Python: sha256(bytes(32) + (1).to_bytes(8,'little') + (5).to_bytes(8,'little') + b'abc') */
    static const char known[] = "c2fe2ad6e0d2c5634eb73bfd6d92744338fd050d3e2d437266565dfed10377f1";
    append_durable(f->journal, 5, SLICE("abc"));
    struct journal_head one = journal_head(f->journal);
    char hex[65];
    for (int i = 0; i < 32; i++)
        (void)snprintf(hex + 2 * i, 3, "%02x", one.hash[i]);
    assert_string_equal(hex, known);

    append_durable(f->journal, 9, SLICE("defg"));
    unsigned char input[32 + 16 + 4] = {0}, expected[32];
    memcpy(input, one.hash, 32);
    input[32] = 2;
    input[40] = 9;
    memcpy(input + 48, "defg", 4);
    SHA256(input, sizeof input, expected);
    assert_memory_equal(journal_head(f->journal).hash, expected, 32);
}

static void a_restart_keeps_rows_and_goes_on_with_the_next_number(void **state)
{
    struct fixture *f = *state;
    for (uint64_t n = 1; n <= 50; n++)
        append_numbered(f->journal, n, 100);
    struct journal_head before = journal_head(f->journal);
    reopen(f);
    struct journal_head after = journal_head(f->journal);
    assert_int_equal(after.seq, before.seq);
    assert_int_equal(after.ts_us, before.ts_us);
    assert_memory_equal(after.hash, before.hash, 32);
    append_numbered(f->journal, 51, 100);
    assert_int_equal(read_whole(f->journal, 1).count, 51);
}

static void an_empty_body_is_a_row(void **state)
{
    struct fixture *f = *state;
    append_durable(f->journal, 1, (struct slice){NULL, 0});
    append_durable(f->journal, 2, SLICE("x"));
    reopen(f);
    struct reading r = {0};
    struct err err;
    assert_int_equal(journal_read(f->journal, 1, note_row, &r, &err), 0);
    assert_int_equal(r.count, 2);
}

static void a_row_of_the_largest_size_is_kept_and_a_larger_one_refused(void **state)
{
    struct fixture *f = *state;
    append_numbered(f->journal, 1, 10);
    append_numbered(f->journal, 2, LIMIT_ROW_BYTES);
    char *body = calloc(1, LIMIT_ROW_BYTES + 1);
    assert_non_null(body);
    struct outcome o = append(f->journal, 3, slice_make(body, LIMIT_ROW_BYTES + 1));
    free(body);
    assert_int_equal(o.calls, 1);
    assert_int_equal(o.outcome, JOURNAL_FAILED);
    assert_non_null(strstr(o.err.detail, "67108865"));
    append_numbered(f->journal, 3, 10);
    reopen(f);
    assert_int_equal(read_whole(f->journal, 1).count, 3);
}

static void low_space_refuses_rows_until_it_returns(void **state)
{
    struct fixture *f = *state;
    append_numbered(f->journal, 1, 10);
    f->free_bytes = (1 << 20) - 1;
    if (!f->sqlite)
        journal_memory_fault_next(f->journal, JOURNAL_MEMORY_NO_SPACE);
    usleep(10); /* the answer about space is believed for a microsecond */
    assert_false(journal_writable(f->journal));
    struct outcome o = append(f->journal, 2000, SLICE("lost"));
    assert_int_equal(o.calls, 1);
    assert_int_equal(o.outcome, JOURNAL_NO_SPACE);
    assert_true(o.err.detail[0] != '\0');
    assert_int_equal(journal_head(f->journal).seq, 1);
    f->free_bytes = 1ull << 40;
    usleep(10);
    assert_true(journal_writable(f->journal));
    append_numbered(f->journal, 2, 10);
    assert_int_equal(read_whole(f->journal, 1).count, 2);
}

static void a_damaged_row_stops_the_reading_and_verify_names_it(void **state)
{
    struct fixture *f = *state;
    BUF_AUTO struct buf body = BUF_INIT;
    for (uint64_t n = 1; n <= 9; n++) {
        buf_clear(&body);
        add_frame(&body, 3, n, n, "entry");
        append_durable(f->journal, n, buf_slice(&body));
    }
    struct journal_verify_report report;
    struct err err;
    assert_int_equal(journal_verify(f->journal, NULL, &report, &err), 0);
    assert_int_equal(report.rows, 9);
    assert_int_equal(report.entries, 9);
    assert_int_equal(report.partitions, 1);
    assert_int_equal(report.last_seq, 9);

    damage_row(f, 6);
    struct reading r = {0};
    assert_true(journal_read(f->journal, 1, note_row, &r, &err) < 0);
    assert_int_equal(r.last, 5);
    assert_non_null(strstr(err.detail, "row 6"));
    assert_int_equal(journal_verify(f->journal, NULL, &report, &err), 1);
    assert_int_equal(report.culprit_row, 6);
    assert_non_null(strstr(report.culprit_what, "row 6"));
    assert_int_equal(report.rows, 5);
}

static struct slice read_snapshot(struct fixture *f, uint32_t partition, struct buf *out,
                                  uint64_t *ret_seq)
{
    struct err err;
    buf_clear(out);
    *ret_seq = 0;
    int got = journal_read_snapshot(f->journal, partition, out, ret_seq, &err);
    assert_true(got >= 0);
    return got == 1 ? buf_slice(out) : SLICE("none");
}

static void the_newest_snapshot_of_each_partition_is_kept(void **state)
{
    struct fixture *f = *state;
    BUF_AUTO struct buf out = BUF_INIT;
    struct err err;
    uint64_t seq;
    for (uint64_t n = 1; n <= 9; n++)
        append_numbered(f->journal, n, 10);
    assert_true(slice_equal(read_snapshot(f, 1, &out, &seq), SLICE("none")));
    for (uint64_t n = 1; n <= 5; n++) {
        char text[16];
        (void)snprintf(text, sizeof text, "one-%d", (int)n);
        assert_int_equal(journal_write_snapshot(f->journal, 1, n, slice_from_string(text), &err),
                         0);
    }
    assert_int_equal(journal_write_snapshot(f->journal, 0, 9, SLICE("zero"), &err), 0);
    assert_int_equal(journal_write_snapshot(f->journal, 4294967295u, 7, SLICE(""), &err), 0);
    for (int again = 0; again < 2; again++) {
        assert_true(slice_equal(read_snapshot(f, 1, &out, &seq), SLICE("one-5")));
        assert_int_equal(seq, 5);
        assert_true(slice_equal(read_snapshot(f, 0, &out, &seq), SLICE("zero")));
        assert_int_equal(seq, 9);
        assert_true(slice_equal(read_snapshot(f, 4294967295u, &out, &seq), SLICE("")));
        assert_int_equal(seq, 7);
        assert_true(slice_equal(read_snapshot(f, 2, &out, &seq), SLICE("none")));
        reopen(f);
    }
}

static void a_snapshot_is_appended_behind_what_the_buffer_holds(void **state)
{
    struct fixture *f = *state;
    BUF_AUTO struct buf out = BUF_INIT;
    struct err err;
    uint64_t seq;
    append_numbered(f->journal, 1, 10);
    assert_int_equal(journal_write_snapshot(f->journal, 8, 1, SLICE("tail"), &err), 0);
    buf_append_text(&out, "head-");
    assert_int_equal(journal_read_snapshot(f->journal, 8, &out, &seq, &err), 1);
    assert_true(slice_equal(buf_slice(&out), SLICE("head-tail")));
}

static void a_damaged_snapshot_counts_as_none_and_the_older_one_is_taken(void **state)
{
    struct fixture *f = *state;
    BUF_AUTO struct buf out = BUF_INIT;
    struct err err;
    uint64_t seq;
    for (uint64_t n = 1; n <= 3; n++)
        append_numbered(f->journal, n, 10);
    assert_int_equal(journal_write_snapshot(f->journal, 1, 2, SLICE("the older"), &err), 0);
    assert_int_equal(journal_write_snapshot(f->journal, 1, 3, SLICE("the newer"), &err), 0);
    damage_newest_snapshot(f, 1, 3);
    assert_true(slice_equal(read_snapshot(f, 1, &out, &seq), SLICE("the older")));
    assert_int_equal(seq, 2);
    reopen(f);
    assert_true(slice_equal(read_snapshot(f, 1, &out, &seq), SLICE("the older")));
}

static void destroying_nothing_is_allowed(void **state)
{
    (void)state;
    journal_destroy(NULL);
}

#define OVER(driver, test)                                             \
    {                                                                  \
#test " (" #driver ")", test, set_up_##driver, tear_down, NULL \
    }
#define OVER_BOTH(test) OVER(memory, test), OVER(sqlite, test)

int main(void)
{
    const struct CMUnitTest tests[] = {
        OVER_BOTH(a_new_journal_is_empty),
        OVER_BOTH(rows_come_back_in_order_and_as_they_were_written),
        OVER_BOTH(reading_starts_where_it_is_asked_to),
        OVER_BOTH(a_visitor_stops_the_reading_with_its_own_number),
        OVER_BOTH(hashes_follow_the_formula_of_the_header),
        OVER_BOTH(a_restart_keeps_rows_and_goes_on_with_the_next_number),
        OVER_BOTH(an_empty_body_is_a_row),
        OVER_BOTH(a_row_of_the_largest_size_is_kept_and_a_larger_one_refused),
        OVER_BOTH(low_space_refuses_rows_until_it_returns),
        OVER_BOTH(a_damaged_row_stops_the_reading_and_verify_names_it),
        OVER_BOTH(the_newest_snapshot_of_each_partition_is_kept),
        OVER_BOTH(a_snapshot_is_appended_behind_what_the_buffer_holds),
        OVER_BOTH(a_damaged_snapshot_counts_as_none_and_the_older_one_is_taken),
        cmocka_unit_test(destroying_nothing_is_allowed),
    };
    return cmocka_run_group_tests_name("journal contract", tests, NULL, NULL);
}
