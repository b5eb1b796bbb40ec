/* The list of events and the contacts: filled by entries, paged, filtered, kept, made anew. */
#include "views/views.h"

#include "booking/records.h"
#include "directory/records.h"
#include "unit/files.h"

struct fixture {
    char dir[FOLDER_ROOM], path[FOLDER_ROOM + 16];
    struct views *views;
    uint64_t seq;
};

static void open_views(struct fixture *f, uint64_t last_seq)
{
    struct err err;
    if (views_open(f->path, last_seq, &f->views, &err) < 0)
        fail_msg("%s", err.detail);
}

static int set_up(void **state)
{
    struct fixture *f = calloc(1, sizeof *f);
    make_folder(f->dir);
    (void)snprintf(f->path, sizeof f->path, "%s/views.db", f->dir);
    *state = f;
    open_views(f, 0);
    return 0;
}

static int tear_down(void **state)
{
    struct fixture *f = *state;
    views_close(f->views);
    remove_folder(f->dir);
    free(f);
    return 0;
}

static void take(struct fixture *f, uint32_t partition, const void *bytes, size_t len)
{
    struct views_entry entry = {++f->seq, partition, f->seq * 1000, slice_make(bytes, len)};
    views_take(f->views, &entry);
    views_flush(f->views, f->seq, f->seq * 1000);
}

static void take_directory(struct fixture *f, const struct directory_entry *entry)
{
    char bytes[2048];
    assert_true(directory_entry_size(entry) <= sizeof bytes);
    take(f, 0, bytes, directory_entry_encode(entry, bytes));
}

static void write_document(char *to, size_t size, const char *name, const char *start)
{
    (void)snprintf(to, size,
                   "{\"name\":\"%s\",\"starts_local\":\"%s\",\"timezone\":\"UTC\",\"venue\":{"
                   "\"id\":\"ven_1\",\"name\":\"Große Halle\",\"city\":\"Köln\"},"
                   "\"performers\":[\"Ann\",\"Bob\"],\"category\":\"Concert\"}",
                   name, start);
}

static void list(struct fixture *f, uint32_t partition, const char *name, const char *start)
{
    char document[512];
    write_document(document, sizeof document, name, start);
    struct directory_entry entry = {.number = DIRECTORY_ENTRY_event_listed};
    entry.event_listed.partition = partition;
    entry.event_listed.event_random = 1000 + partition;
    entry.event_listed.document = slice_from_string(document);
    take_directory(f, &entry);
}

struct seen {
    uint32_t count, partitions[16];
    uint64_t starts_us[16], randoms[16];
};

static void see(void *context, const struct views_event *event)
{
    struct seen *seen = context;
    assert_true(seen->count < 16);
    seen->partitions[seen->count] = event->partition;
    seen->randoms[seen->count] = event->random;
    seen->starts_us[seen->count++] = event->starts_at_us;
}

static struct seen query(struct fixture *f, struct views_query q)
{
    struct seen seen = {0};
    struct err err;
    if (!q.limit)
        q.limit = 16;
    int count = views_events(f->views, &q, see, &seen, &err);
    assert_int_equal(count, seen.count);
    return seen;
}

static void three_events(struct fixture *f)
{
    list(f, 1, "Late", "2030-03-01T20:00:00");
    list(f, 2, "Early", "2030-01-01T20:00:00");
    list(f, 3, "Also late", "2030-03-01T20:00:00");
}

static void events_come_soonest_first(void **state)
{
    three_events(*state);
    struct seen seen = query(*state, (struct views_query){0});
    assert_int_equal(seen.count, 3);
    assert_int_equal(seen.partitions[0], 2);
    assert_int_equal(seen.partitions[1], 1);
    assert_int_equal(seen.partitions[2], 3);
    assert_int_equal(seen.randoms[0], 1002);
}

static void a_page_goes_on_behind_the_last_event_even_at_one_time(void **state)
{
    three_events(*state);
    struct views_query q = {.limit = 1};
    uint32_t order[] = {2, 1, 3};
    for (unsigned i = 0; i < 3; i++) {
        struct seen seen = query(*state, q);
        assert_int_equal(seen.count, 1);
        assert_int_equal(seen.partitions[0], order[i]);
        q.after_partition = seen.partitions[0];
        q.after_starts_us = seen.starts_us[0];
    }
    assert_int_equal(query(*state, q).count, 0);
}

static void filters_do_not_mind_case(void **state)
{
    three_events(*state);
    assert_int_equal(query(*state, (struct views_query){.words = SLICE("LATE")}).count, 2);
    assert_int_equal(query(*state, (struct views_query){.words = SLICE("also köln")}).count, 1);
    assert_int_equal(query(*state, (struct views_query){.words = SLICE("GROSSE bob")}).count, 3);
    assert_int_equal(query(*state, (struct views_query){.words = SLICE("nobody")}).count, 0);
    assert_int_equal(query(*state, (struct views_query){.city = SLICE("KÖLN")}).count, 3);
    assert_int_equal(query(*state, (struct views_query){.city = SLICE("Kö")}).count, 0);
    assert_int_equal(query(*state, (struct views_query){.performer = SLICE("ann")}).count, 3);
    assert_int_equal(query(*state, (struct views_query){.performer = SLICE("an")}).count, 0);
    assert_int_equal(query(*state, (struct views_query){.category = SLICE("concert")}).count, 3);
    assert_int_equal(query(*state, (struct views_query){.venue = SLICE("ven_1")}).count, 3);
    uint64_t february = 1896134400000000ull; /* 2030-02-01 */
    assert_int_equal(query(*state, (struct views_query){.from_us = february}).count, 2);
    assert_int_equal(query(*state, (struct views_query){.to_us = february}).count, 1);
}

static void a_revised_event_keeps_its_number_and_secret(void **state)
{
    three_events(*state);
    char document[512];
    write_document(document, sizeof document, "Moved", "2031-01-01T20:00:00");
    struct directory_entry entry = {.number = DIRECTORY_ENTRY_event_revised};
    entry.event_revised.partition = 2;
    entry.event_revised.document = slice_from_string(document);
    take_directory(*state, &entry);
    struct seen seen = query(*state, (struct views_query){0});
    assert_int_equal(seen.count, 3);
    assert_int_equal(seen.partitions[2], 2);
    assert_int_equal(seen.randoms[2], 1002);
    assert_int_equal(query(*state, (struct views_query){.words = SLICE("early")}).count, 0);
}

static void what_was_taken_is_there_after_a_new_start(void **state)
{
    struct fixture *f = *state;
    three_events(f);
    views_close(f->views);
    open_views(f, f->seq);
    assert_int_equal(views_seq(f->views), f->seq);
    assert_int_equal(query(f, (struct views_query){0}).count, 3);
}

static void a_view_that_is_ahead_of_the_journal_is_made_anew(void **state)
{
    struct fixture *f = *state;
    three_events(f);
    views_close(f->views);
    open_views(f, f->seq - 1);
    assert_int_equal(views_seq(f->views), 0);
    assert_int_equal(query(f, (struct views_query){0}).count, 0);
}

static void a_damaged_file_is_made_anew(void **state)
{
    struct fixture *f = *state;
    three_events(f);
    views_close(f->views);
    FILE *file = fopen(f->path, "we");
    assert_non_null(file);
    (void)fputs("this is no database, and long enough to be looked at as one", file);
    (void)fclose(file);
    open_views(f, f->seq);
    assert_int_equal(views_seq(f->views), 0);
    list(f, 1, "Again", "2030-03-01T20:00:00");
    assert_int_equal(query(f, (struct views_query){0}).count, 1);
}

static void an_orders_contact_is_found_by_its_slot(void **state)
{
    struct fixture *f = *state;
    struct booking_entry entry = {.number = BOOKING_ENTRY_order_placed};
    entry.order_placed.order = 7;
    entry.order_placed.order_random = 99;
    entry.order_placed.person = 5;
    entry.order_placed.contact = SLICE("sealed");
    char bytes[512];
    assert_true(booking_entry_size(&entry) <= sizeof bytes);
    take(f, 3, bytes, booking_entry_encode(&entry, bytes));
    struct views_contact contact;
    struct err err;
    BUF_AUTO struct buf out = BUF_INIT;
    assert_int_equal(views_contact(f->views, 3, 7, &contact, &out, &err), 1);
    assert_int_equal(contact.order_random, 99);
    assert_int_equal(contact.person, 5);
    assert_true(slice_equal(buf_slice(&out), SLICE("sealed")));
    assert_int_equal(views_contact(f->views, 3, 8, &contact, &out, &err), 0);
    assert_int_equal(views_contact(f->views, 4, 7, &contact, &out, &err), 0);
}

static void take_entry(struct fixture *f, const struct booking_entry *entry)
{
    char bytes[512];
    assert_true(booking_entry_size(entry) <= sizeof bytes);
    take(f, 3, bytes, booking_entry_encode(entry, bytes));
}

struct seen_money {
    unsigned count;
    uint16_t numbers[8];
    char note[16];
};

static void see_money(void *context, uint64_t ts_us, const struct booking_entry *entry)
{
    struct seen_money *seen = context;
    assert_true(ts_us > 0 && seen->count < 8);
    seen->numbers[seen->count++] = entry->number;
    if (entry->number == BOOKING_ENTRY_case_closed)
        (void)snprintf(seen->note, sizeof seen->note, "%.*s", SLICE_ARG(entry->case_closed.note));
}

static void what_happened_to_an_orders_money_is_told_in_order(void **state)
{
    struct fixture *f = *state;
    struct booking_entry entry = {.number = BOOKING_ENTRY_case_opened};
    struct seen_money seen = {0};
    struct err err;
    entry.case_opened = (struct entry_case_opened){.order = 7, .reason = 1, .detail = SLICE("no")};
    take_entry(f, &entry);
    entry = (struct booking_entry){.number = BOOKING_ENTRY_payment_captured};
    entry.payment_captured = (struct entry_payment_captured){7, 100}; /* ordinary: not kept */
    take_entry(f, &entry);
    entry = (struct booking_entry){.number = BOOKING_ENTRY_case_closed};
    entry.case_closed = (struct entry_case_closed){.order = 7, .action = 1, .note = SLICE("done")};
    take_entry(f, &entry);
    entry = (struct booking_entry){.number = BOOKING_ENTRY_refund_done};
    entry.refund_done = (struct entry_refund_done){.order = 8, .refund = 1, .amount_minor = 5};
    take_entry(f, &entry);
    assert_int_equal(views_money(f->views, 3, 7, 0, see_money, &seen, &err), 2);
    assert_int_equal(seen.numbers[0], BOOKING_ENTRY_case_opened);
    assert_int_equal(seen.numbers[1], BOOKING_ENTRY_case_closed);
    assert_string_equal(seen.note, "done");
    assert_int_equal(views_money(f->views, 3, 8, 0, see_money, &seen, &err), 1);
    assert_int_equal(views_money(f->views, 4, 7, 0, see_money, &seen, &err), 0);
    assert_int_equal(views_money(f->views, 3, 7, INT64_MAX, see_money, &seen, &err), 0);
}

static void entries_of_other_kinds_are_passed_over(void **state)
{
    struct fixture *f = *state;
    take(f, 1, "", 0);
    take(f, 1, "x", 1);
    take(f, 0, "\xff\xff", 2);
    take(f, 1, "\x08\x00", 2); /* an order placed, cut short */
    assert_null(views_failed(f->views));
    assert_int_equal(views_seq(f->views), 4);
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(events_come_soonest_first),
        CASE(a_page_goes_on_behind_the_last_event_even_at_one_time),
        CASE(filters_do_not_mind_case),
        CASE(a_revised_event_keeps_its_number_and_secret),
        CASE(what_was_taken_is_there_after_a_new_start),
        CASE(a_view_that_is_ahead_of_the_journal_is_made_anew),
        CASE(a_damaged_file_is_made_anew),
        CASE(an_orders_contact_is_found_by_its_slot),
        CASE(what_happened_to_an_orders_money_is_told_in_order),
        CASE(entries_of_other_kinds_are_passed_over),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
