/* The books that are kept a second time: they agree with a machine's, and every difference is told.
 */
#include "app/ledger_books.h"

#include "journal/frame.h"
#include "journal/memory.h"
#include "plan/plan.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define START_US 1800000000000000ull

struct house {
    struct journal *journal;
    struct ledger_books books;
    uint64_t pseq;
    struct buf inventory;
};

static int set_up(void **state)
{
    struct house *h = calloc(1, sizeof *h);
    const struct plan_area area = {5, 0};
    struct err err;
    assert_int_equal(plan_write_inventory(NULL, NULL, 1, &area, 1, &h->inventory, &err), 0);
    h->journal = journal_memory_create();
    assert_non_null(h->journal);
    *state = h;
    return 0;
}

static int tear_down(void **state)
{
    struct house *h = *state;
    ledger_books_finish(&h->books);
    journal_destroy(h->journal);
    buf_finish(&h->inventory);
    free(h);
    return 0;
}

static void appended(void *context, enum journal_outcome outcome, const struct err *err)
{
    (void)context;
    (void)err;
    assert_int_equal(outcome, JOURNAL_DURABLE);
}

static void append(struct house *h, const struct booking_entry *entry)
{
    BUF_AUTO struct buf body = BUF_INIT;
    uint64_t ts_us = START_US + ++h->pseq;
    char *to = frame_open(&body, 1, h->pseq, ts_us, booking_entry_size(entry));
    assert_non_null(to);
    frame_close(&body, booking_entry_encode(entry, to));
    journal_append(h->journal, ts_us, buf_slice(&body), appended, NULL);
}

/* One order of one place at 12.00 with a fee of 1.00, placed, sold and paid. */
static void sell(struct house *h)
{
    static const uint64_t prices[] = {1200}, fees[] = {100}, randoms[] = {9};
    static const uint32_t tax[] = {1900}, units[] = {0};
    struct booking_entry e = {.number = BOOKING_ENTRY_event_created};
    e.event_created = (struct entry_event_created){.event_random = 1,
                                                   .organiser_random = 1,
                                                   .currency = SLICE("EUR"),
                                                   .opens_at_us = START_US - 1,
                                                   .hold_seconds = 600,
                                                   .pay_seconds = 900,
                                                   .per_buyer = 4,
                                                   .per_hold = 4,
                                                   .prices = {prices, 1},
                                                   .fees = {fees, 1},
                                                   .tax_bp = {tax, 1},
                                                   .per_category = {(uint32_t[]){0}, 1},
                                                   .inventory = buf_slice(&h->inventory)};
    append(h, &e);
    e = (struct booking_entry){.number = BOOKING_ENTRY_units_held};
    e.units_held = (struct entry_units_held){
        .hold = 0, .hold_random = 2, .expires_at_us = START_US + 600000000, .units = {units, 1}};
    append(h, &e);
    e = (struct booking_entry){.number = BOOKING_ENTRY_order_placed};
    e.order_placed = (struct entry_order_placed){.order = 0,
                                                 .order_random = 3,
                                                 .hold = 0,
                                                 .person = 1,
                                                 .total_minor = 1300,
                                                 .expires_at_us = START_US + 900000000};
    append(h, &e);
    e = (struct booking_entry){.number = BOOKING_ENTRY_payment_requested};
    e.payment_requested = (struct entry_payment_requested){.order = 0, .kind = BOOKING_CALL_CREATE};
    append(h, &e);
    e = (struct booking_entry){.number = BOOKING_ENTRY_payment_created};
    e.payment_created = (struct entry_payment_created){
        .order = 0, .intent = SLICE("pi_1"), .client_secret = SLICE("secret")};
    append(h, &e);
    e = (struct booking_entry){.number = BOOKING_ENTRY_order_sold};
    e.order_sold =
        (struct entry_order_sold){.order = 0, .units = {units, 1}, .randoms = {randoms, 1}};
    append(h, &e);
    e = (struct booking_entry){.number = BOOKING_ENTRY_payment_captured};
    e.payment_captured = (struct entry_payment_captured){.order = 0, .amount_minor = 1300};
    append(h, &e);
}

static void count_postings(void *context, const struct ledger_posting *posting)
{
    unsigned *count = context;
    assert_int_equal(posting->order, 0);
    assert_int_equal(posting->order_random, 3);
    ++*count;
}

static void a_sale_is_two_postings_that_agree_with_the_machine(void **state)
{
    struct house *h = *state;
    unsigned count = 0;
    struct err err;
    BUF_AUTO struct buf lines = BUF_INIT;
    sell(h);
    if (ledger_books_read(h->journal, count_postings, &count, &h->books, &err) < 0)
        fail_msg("%s", err.detail);
    const struct ledger_event *event = &h->books.events[1];
    assert_int_equal(count, 2);
    assert_int_equal(event->balances.minor[BOOKING_ACCOUNT_PROVIDER], 1300);
    assert_int_equal(event->balances.minor[BOOKING_ACCOUNT_BUYERS], 0);
    assert_int_equal(event->balances.minor[BOOKING_ACCOUNT_TAX], -(192 + 16));
    assert_int_equal(ledger_event_differences(event, &lines), 0);
}

static void every_difference_is_told(void **state)
{
    struct house *h = *state;
    struct err err;
    BUF_AUTO struct buf lines = BUF_INIT;
    sell(h);
    assert_int_equal(ledger_books_read(h->journal, NULL, NULL, &h->books, &err), 0);
    struct ledger_event *event = &h->books.events[1];
    event->orders[0].minor[BOOKING_ACCOUNT_FEES] += 1;
    assert_int_equal(ledger_event_differences(event, &lines), 1);
    buf_append_char(&lines, '\0');
    assert_non_null(strstr(lines.data, "ord_"));
    assert_non_null(strstr(lines.data, "fees"));
    buf_clear(&lines);
    event->balances.minor[BOOKING_ACCOUNT_PROVIDER] += 5; /* the balance, and the sum */
    assert_int_equal(ledger_event_differences(event, &lines), 3);
    buf_append_char(&lines, '\0');
    assert_non_null(strstr(lines.data, "does not sum to zero but to 0.05 EUR"));
}

static void a_journal_that_begins_in_the_middle_is_refused(void **state)
{
    struct house *h = *state;
    struct err err;
    struct booking_entry e = {.number = BOOKING_ENTRY_payment_captured};
    e.payment_captured = (struct entry_payment_captured){.order = 0, .amount_minor = 1300};
    append(h, &e);
    assert_true(ledger_books_read(h->journal, NULL, NULL, &h->books, &err) < 0);
    assert_non_null(strstr(err.detail, "EventCreated"));
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(a_sale_is_two_postings_that_agree_with_the_machine),
        CASE(every_difference_is_told),
        CASE(a_journal_that_begins_in_the_middle_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
