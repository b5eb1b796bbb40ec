/* What verify says about entries; damage to rows is in test_contract.c and test_sqlite.c. */
#include "journal/verify.h"

#include "journal/memory.h"
#include "unit/journal/support.h"

struct entry {
    uint32_t partition;
    uint64_t pseq, ts_us;
};

/* Appends each entry as a row of its own and verifies. */
static int verify(const struct entry *entries, size_t count, struct journal_verify_report *report)
{
    struct journal *journal = journal_memory_create();
    BUF_AUTO struct buf body = BUF_INIT;
    for (size_t i = 0; i < count; i++) {
        buf_clear(&body);
        add_frame(&body, entries[i].partition, entries[i].pseq, entries[i].ts_us, "e");
        append_durable(journal, entries[i].ts_us, buf_slice(&body));
    }
    struct err err;
    int result = journal_verify(journal, NULL, report, &err);
    journal_destroy(journal);
    return result;
}

static void partitions_are_counted_and_checked_apart(void **state)
{
    (void)state;
    static const struct entry good[] = {{1, 1, 10}, {2, 1, 5}, {1, 2, 11}, {9, 1, 0}, {2, 2, 6}};
    struct journal_verify_report report;
    assert_int_equal(verify(good, 5, &report), 0);
    assert_int_equal(report.partitions, 3);
    assert_int_equal(report.entries, 5);
    assert_int_equal(report.first_seq, 1);
    assert_int_equal(report.last_seq, 5);
    assert_int_equal(report.culprit_row, 0);
}

static void a_gap_a_repeat_and_a_wrong_start_are_named(void **state)
{
    (void)state;
    static const struct entry gap[] = {{1, 1, 10}, {4, 1, 10}, {4, 3, 11}};
    static const struct entry repeat[] = {{1, 1, 10}, {4, 1, 10}, {4, 1, 11}};
    static const struct entry start[] = {{1, 1, 10}, {1, 2, 11}, {4, 2, 12}};
    static const struct entry *const all[] = {gap, repeat, start};
    for (size_t i = 0; i < 3; i++) {
        struct journal_verify_report report;
        assert_int_equal(verify(all[i], 3, &report), 1);
        assert_int_equal(report.culprit_row, 3);
        assert_true(report.culprit_in_entry);
        assert_int_equal(report.culprit_partition, 4);
        assert_int_equal(report.culprit_pseq, all[i][2].pseq);
        assert_non_null(strstr(report.culprit_what, "row 3, partition 4"));
        assert_int_equal(report.entries, 2);
    }
}

static void a_time_that_does_not_rise_is_named(void **state)
{
    (void)state;
    static const struct entry same[] = {{1, 1, 10}, {1, 2, 10}};
    struct journal_verify_report report;
    assert_int_equal(verify(same, 2, &report), 1);
    assert_int_equal(report.culprit_row, 2);
    assert_non_null(strstr(report.culprit_what, "time"));
}

static void many_partitions_are_told_apart(void **state)
{
    (void)state;
    enum { PARTITIONS = 3000 };
    struct journal *journal = journal_memory_create();
    BUF_AUTO struct buf body = BUF_INIT;
    for (uint64_t n = 1; n <= 3; n++) {
        buf_clear(&body);
        for (uint32_t p = 0; p < PARTITIONS; p++)
            add_frame(&body, p * 65536 + 1, n, n, "e");
        append_durable(journal, n, buf_slice(&body));
    }
    struct journal_verify_report report;
    struct err err;
    assert_int_equal(journal_verify(journal, NULL, &report, &err), 0);
    assert_int_equal(report.partitions, PARTITIONS);
    assert_int_equal(report.entries, 3 * PARTITIONS);
    journal_destroy(journal);
}

static void a_body_that_is_no_run_of_frames_is_named(void **state)
{
    (void)state;
    struct journal *journal = journal_memory_create();
    BUF_AUTO struct buf body = BUF_INIT;
    add_frame(&body, 1, 1, 1, "good");
    append_durable(journal, 1, buf_slice(&body));
    buf_clear(&body);
    add_frame(&body, 1, 2, 2, "good");
    buf_append_text(&body, "and more");
    append_durable(journal, 2, buf_slice(&body));
    struct journal_verify_report report;
    struct err err;
    assert_int_equal(journal_verify(journal, NULL, &report, &err), 1);
    assert_int_equal(report.culprit_row, 2);
    assert_false(report.culprit_in_entry);
    assert_non_null(strstr(report.culprit_what, "byte 32"));
    journal_destroy(journal);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(partitions_are_counted_and_checked_apart),
        cmocka_unit_test(a_gap_a_repeat_and_a_wrong_start_are_named),
        cmocka_unit_test(a_time_that_does_not_rise_is_named),
        cmocka_unit_test(many_partitions_are_told_apart),
        cmocka_unit_test(a_body_that_is_no_run_of_frames_is_named),
    };
    return cmocka_run_group_tests_name("journal verify", tests, NULL, NULL);
}
