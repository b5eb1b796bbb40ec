/* The memory driver's hooks: each outcome of an append, told at once or later. */
#include "journal/memory.h"
#include "unit/journal/support.h"

static int set_up(void **state)
{
    *state = journal_memory_create();
    return *state ? 0 : -1;
}

static int tear_down(void **state)
{
    journal_destroy(*state);
    return 0;
}

static void a_failed_append_stores_nothing_and_the_next_goes_well(void **state)
{
    struct journal *journal = *state;
    append_numbered(journal, 1, 8);
    journal_memory_fault_next(journal, JOURNAL_MEMORY_FAIL);
    struct outcome o = append(journal, 9, SLICE("lost"));
    assert_int_equal(o.calls, 1);
    assert_int_equal(o.outcome, JOURNAL_FAILED);
    assert_int_equal(journal_head(journal).seq, 1);
    append_numbered(journal, 2, 8);
    assert_int_equal(read_whole(journal, 1).count, 2);
}

static void after_an_unknown_outcome_the_head_tells_what_became_of_the_row(void **state)
{
    struct journal *journal = *state;
    journal_memory_fault_next(journal, JOURNAL_MEMORY_UNKNOWN_LOST);
    assert_int_equal(append(journal, 9, SLICE("lost")).outcome, JOURNAL_UNKNOWN);
    assert_int_equal(journal_head(journal).seq, 0);
    journal_memory_fault_next(journal, JOURNAL_MEMORY_UNKNOWN_STORED);
    assert_int_equal(append(journal, 9, SLICE("kept")).outcome, JOURNAL_UNKNOWN);
    assert_int_equal(journal_head(journal).seq, 1);
    assert_int_equal(journal_head(journal).ts_us, 9);
}

static void no_space_makes_it_unwritable_until_the_append_was_refused(void **state)
{
    struct journal *journal = *state;
    journal_memory_fault_next(journal, JOURNAL_MEMORY_NO_SPACE);
    assert_false(journal_writable(journal));
    assert_int_equal(append(journal, 9, SLICE("lost")).outcome, JOURNAL_NO_SPACE);
    assert_true(journal_writable(journal));
    assert_int_equal(journal_head(journal).seq, 0);
}

static void a_held_back_append_is_done_on_delivery(void **state)
{
    struct journal *journal = *state;
    struct outcome o = {0};
    journal_memory_hold_back(journal, true);
    assert_false(journal_memory_deliver(journal));
    journal_append(journal, 5, SLICE("later"), note_outcome, &o);
    assert_int_equal(o.calls, 0);
    assert_int_equal(journal_head(journal).seq, 0);
    assert_true(journal_memory_deliver(journal));
    assert_int_equal(o.calls, 1);
    assert_int_equal(o.outcome, JOURNAL_DURABLE);
    assert_int_equal(journal_head(journal).seq, 1);
    assert_false(journal_memory_deliver(journal));
}

static void a_held_back_fault_keeps_its_outcome(void **state)
{
    struct journal *journal = *state;
    struct outcome o = {0};
    journal_memory_hold_back(journal, true);
    journal_memory_fault_next(journal, JOURNAL_MEMORY_UNKNOWN_STORED);
    journal_append(journal, 5, SLICE("later"), note_outcome, &o);
    assert_true(journal_memory_deliver(journal));
    assert_int_equal(o.outcome, JOURNAL_UNKNOWN);
    assert_int_equal(journal_head(journal).seq, 1);
}

static void an_append_held_back_at_the_end_is_never_done(void **state)
{
    (void)state;
    struct journal *journal = journal_memory_create();
    struct outcome o = {0};
    journal_memory_hold_back(journal, true);
    journal_append(journal, 5, SLICE("never"), note_outcome, &o);
    journal_destroy(journal);
    assert_int_equal(o.calls, 0);
}

struct chained {
    struct journal *journal;
    int left;
};

static void append_again(void *context, enum journal_outcome outcome, const struct err *err)
{
    (void)err;
    struct chained *c = context;
    assert_int_equal(outcome, JOURNAL_DURABLE);
    if (c->left-- > 0)
        journal_append(c->journal, 1, SLICE("again"), append_again, c);
}

static void done_may_append_the_next_row(void **state)
{
    struct chained c = {*state, 10};
    journal_append(c.journal, 1, SLICE("first"), append_again, &c);
    assert_int_equal(journal_head(c.journal).seq, 11);
}

int main(void)
{
#define T(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        T(a_failed_append_stores_nothing_and_the_next_goes_well),
        T(after_an_unknown_outcome_the_head_tells_what_became_of_the_row),
        T(no_space_makes_it_unwritable_until_the_append_was_refused),
        T(a_held_back_append_is_done_on_delivery),
        T(a_held_back_fault_keeps_its_outcome),
        T(an_append_held_back_at_the_end_is_never_done),
        T(done_may_append_the_next_row),
    };
    return cmocka_run_group_tests_name("journal memory", tests, NULL, NULL);
}
