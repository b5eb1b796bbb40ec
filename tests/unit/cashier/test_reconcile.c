/* One event of 16 seats, orders of a seat each that went various ways, and the provider's lists as
 * the test writes them. */
#include "cashier/reconcile.h"

#include "base/buf.h"
#include "booking/inventory.h"
#include "journal/memory.h"
#include "unit/listing.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdlib.h>

#define SEATS 16u
#define LONG_AGO_S 1800000000ull

struct rig {
    uint64_t now_us;
    struct journal *journal;
    struct engine *engine;
    struct buf lists[3]; /* objects of each list, commas between */
};

static uint64_t port_now(void *context)
{
    return ((struct rig *)context)->now_us += 10;
}

static void port_entry(void *context, const struct engine_entry *entry)
{
    (void)context;
    (void)entry;
}

static void port_committed(void *context, uint64_t barrier)
{
    (void)context;
    (void)barrier;
}

static void port_fatal(void *context, const struct err *err)
{
    (void)context;
    fail_msg("%s", err->detail);
}

static void list_event(struct rig *r)
{
    uint32_t inventory[8 + SEATS + SEATS + SEATS / 4] = {1, SEATS, 1, 0, 1, 1, 0, SEATS};
    for (uint32_t seat = 0; seat < SEATS; seat++)
        inventory[8 + seat] = seat;
    const struct engine_listing listing =
        listing_of(slice_make((const char *)inventory, sizeof inventory));
    bool repeated;
    (void)listing_list(r->engine, &listing, &repeated);
}

static struct rig *rig_create(void)
{
    struct rig *r = calloc(1, sizeof *r);
    struct err err = {""};
    assert_non_null(r);
    r->now_us = LONG_AGO_S * 1000000;
    r->journal = journal_memory_create();
    const struct engine_port port = {.context = r,
                                     .now_us = port_now,
                                     .entry = port_entry,
                                     .committed = port_committed,
                                     .fatal = port_fatal};
    assert_non_null(r->journal);
    if (engine_create(r->journal, &port, &r->engine, &err) != 0)
        fail_msg("%s", err.detail);
    list_event(r);
    return r;
}

static void rig_destroy(struct rig *r)
{
    engine_destroy(r->engine);
    journal_destroy(r->journal);
    for (int i = 0; i < 3; i++)
        buf_finish(&r->lists[i]);
    free(r);
}

/* ---- orders ---- */

static void submit(struct rig *r, const struct booking_command *command)
{
    struct engine_result result;
    engine_submit(r->engine, 1, command, &result);
    if (result.refusal != BOOKING_OK)
        fail_msg("refused: %s", booking_refusal_code(result.refusal));
    engine_commit(r->engine);
}

static void news(struct rig *r, uint32_t order, struct command_payment_news fields)
{
    static const uint64_t randoms[LIMIT_HOLD_UNITS] = {1};
    char intent[24];
    struct booking_command command = {.number = BOOKING_COMMAND_payment_news};
    (void)snprintf(intent, sizeof intent, "pi_%u", order);
    fields.order = order;
    fields.order_random = order + 100;
    fields.intent = slice_from_string(intent);
    fields.ticket_randoms = (struct u64s){randoms, LIMIT_HOLD_UNITS};
    command.payment_news = fields;
    submit(r, &command);
}

/* Order number `order` of seat `order`, its payment made at provider `provider`. */
static void place_at(struct rig *r, uint32_t order, uint8_t provider)
{
    static const uint64_t randoms[LIMIT_HOLD_UNITS] = {1};
    struct booking_command hold = {.number = BOOKING_COMMAND_hold};
    hold.hold = (struct command_hold){
        .hold_random = order + 50, .session.bytes = {(uint8_t)(order + 1)}, .seats = {&order, 1}};
    submit(r, &hold);
    struct booking_command place = {.number = BOOKING_COMMAND_place_order};
    place.place_order = (struct command_place_order){.order_random = order + 100,
                                                     .hold = order,
                                                     .hold_random = order + 50,
                                                     .session.bytes = {(uint8_t)(order + 1)},
                                                     .email_hash.bytes = {(uint8_t)(order + 1)},
                                                     .contact = SLICE("x"),
                                                     .ticket_randoms = {randoms, LIMIT_HOLD_UNITS},
                                                     .provider = provider};
    submit(r, &place);
    news(r, order,
         (struct command_payment_news){.kind = BOOKING_PAYMENT_CREATED,
                                       .client_secret = SLICE("secret")});
}

static void place(struct rig *r, uint32_t order)
{
    place_at(r, order, 0);
}

static void pay(struct rig *r, uint32_t order)
{
    place(r, order);
    news(r, order,
         (struct command_payment_news){.kind = BOOKING_PAYMENT_CAPTURED, .amount_minor = 1100});
}

static void refund(struct rig *r, uint32_t order)
{
    struct booking_command command = {.number = BOOKING_COMMAND_refund};
    command.refund = (struct command_refund){.order = order, .order_random = order + 100};
    submit(r, &command);
}

static void refunded(struct rig *r, uint32_t order)
{
    news(r, order,
         (struct command_payment_news){
             .kind = BOOKING_PAYMENT_REFUNDED, .refund = 1, .amount_minor = 1100});
}

/* A person found that somebody refunded at the provider, and records so much. */
static void settle_by_hand(struct rig *r, uint32_t order, int64_t amount)
{
    struct booking_command command = {.number = BOOKING_COMMAND_resolve_case};
    news(r, order,
         (struct command_payment_news){.kind = (uint8_t)reconcile_news(RECONCILE_REFUND_UNASKED)});
    command.resolve_case = (struct command_resolve_case){.order = order,
                                                         .order_random = order + 100,
                                                         .action = BOOKING_ACTION_SETTLE,
                                                         .amount_minor = amount,
                                                         .by = SLICE("eve"),
                                                         .note = SLICE("seen")};
    submit(r, &command);
}

static void dispute(struct rig *r, uint32_t order)
{
    char id[24];
    (void)snprintf(id, sizeof id, "du_%u", order);
    news(r, order,
         (struct command_payment_news){.kind = BOOKING_PAYMENT_DISPUTED,
                                       .dispute = slice_from_string(id),
                                       .amount_minor = 1100});
}

/* ---- the provider's lists ---- */

static struct buf *list(struct rig *r, enum stripe_list which)
{
    struct buf *to = &r->lists[which];
    if (to->len > 0)
        buf_append_char(to, ',');
    return to;
}

static void there(struct rig *r, uint32_t order, const char *status, int amount)
{
    char id[ID_TEXT_MAX];
    bool held = strcmp(status, "requires_capture") == 0, taken = strcmp(status, "succeeded") == 0;
    id_format(ID_ORDER, (struct id){1, order, order + 100}, id);
    buf_append_format(list(r, STRIPE_LIST_INTENTS),
                      "{\"object\":\"payment_intent\",\"id\":\"pi_%u\",\"status\":\"%s\","
                      "\"amount\":1100,\"amount_capturable\":%d,\"amount_received\":%d,"
                      "\"currency\":\"eur\",\"metadata\":{\"order_id\":\"%s\"},\"created\":%llu}",
                      order, status, held ? amount : 0, taken ? amount : 0, id,
                      (unsigned long long)LONG_AGO_S);
}

/* Order 0 was paid and paid back; the provider has its payment. */
static struct rig *rig_create_refunded(void)
{
    struct rig *r = rig_create();
    pay(r, 0);
    refund(r, 0);
    refunded(r, 0);
    there(r, 0, "succeeded", 1100);
    return r;
}

static void refund_there(struct rig *r, uint32_t order, int number, const char *status, int amount)
{
    char metadata[32] = "";
    static int count;
    if (number)
        (void)snprintf(metadata, sizeof metadata, "\"refund\":\"%d\"", number);
    buf_append_format(list(r, STRIPE_LIST_REFUNDS),
                      "{\"object\":\"refund\",\"id\":\"re_%d\",\"payment_intent\":\"pi_%u\","
                      "\"status\":\"%s\",\"amount\":%d,\"currency\":\"eur\",\"metadata\":{%s},"
                      "\"created\":%llu}",
                      ++count, order, status, amount, metadata, (unsigned long long)LONG_AGO_S);
}

static void dispute_there(struct rig *r, uint32_t order, const char *status)
{
    buf_append_format(list(r, STRIPE_LIST_DISPUTES),
                      "{\"object\":\"dispute\",\"id\":\"du_%u\",\"payment_intent\":\"pi_%u\","
                      "\"status\":\"%s\",\"amount\":1100,\"currency\":\"eur\",\"created\":%llu}",
                      order, order, status, (unsigned long long)LONG_AGO_S);
}

/* ---- runs ---- */

static struct reconcile *begin(const struct rig *r, uint64_t later_s)
{
    struct reconcile *run;
    struct err err;
    const struct reconcile_options options = {.engine = r->engine, .now_s = LONG_AGO_S + later_s};
    assert_int_equal(reconcile_create(&options, &run, &err), 0);
    return run;
}

static void read_lists(struct rig *r, struct reconcile *run)
{
    struct stripe_list_options options;
    struct err err;
    for (;;) {
        while (reconcile_step(run)) {
        }
        if (!reconcile_request(run, &options))
            return;
        BUF_AUTO struct buf body = BUF_INIT;
        const struct buf *objects = &r->lists[options.list];
        buf_append_format(&body, "{\"object\":\"list\",\"has_more\":false,\"data\":[%.*s]}",
                          (int)objects->len, objects->len ? objects->data : "");
        if (reconcile_page(run, buf_slice(&body), &err) < 0)
            fail_msg("%s", err.detail);
    }
}

/* Checks that exactly this differs, of this order (SEATS: of none). */
static void expect(struct rig *r, enum reconcile_kind kind, uint32_t order)
{
    struct reconcile *run = begin(r, 10000);
    uint32_t count;
    read_lists(r, run);
    const struct reconcile_difference *d = reconcile_differences(run, &count);
    if (count != 1 || d[0].kind != kind)
        fail_msg("\"%s\" expected, %u found, the first \"%s\"", reconcile_kind_words(kind), count,
                 count ? reconcile_kind_words(d[0].kind) : "");
    assert_int_equal(d[0].order.random, order == SEATS ? 0 : order + 100);
    assert_int_equal(reconcile_counters(run).differences, 1);
    char words[RECONCILE_WORDS_MAX];
    reconcile_words(&d[0], words);
    assert_non_null(strstr(words, reconcile_kind_words(kind)));
    reconcile_destroy(run);
    rig_destroy(r);
}

static void expect_nothing(struct rig *r, uint64_t later_s)
{
    struct reconcile *run = begin(r, later_s);
    uint32_t count;
    read_lists(r, run);
    const struct reconcile_difference *d = reconcile_differences(run, &count);
    if (count)
        fail_msg("%s", reconcile_kind_words(d[0].kind));
    reconcile_destroy(run);
    rig_destroy(r);
}

static void books_that_agree_have_no_difference(void **state)
{
    struct rig *r = rig_create();
    (void)state;
    for (uint32_t order = 0; order < 6; order++)
        pay(r, order);
    refund(r, 1);
    refunded(r, 1);
    refund(r, 2); /* owed, and under way there */
    dispute(r, 3);
    place(r, 6); /* waits for its payment */
    for (uint32_t order = 0; order < 6; order++)
        there(r, order, "succeeded", 1100);
    there(r, 6, "requires_payment_method", 0);
    refund_there(r, 1, 1, "failed", 1100); /* an earlier try */
    refund_there(r, 1, 1, "succeeded", 1100);
    refund_there(r, 2, 1, "pending", 1100);
    dispute_there(r, 3, "under_review");
    dispute_there(r, 4, "warning_needs_response");
    dispute_there(r, 5, "won"); /* told of nothing */
    expect_nothing(r, 10000);
}

static void each_difference_of_a_payment_has_its_name(void **state)
{
    struct rig *r = rig_create();
    (void)state;
    pay(r, 0);
    there(r, 0, "requires_capture", 1100);
    expect(r, RECONCILE_SOLD_NOT_PAID, 0);

    r = rig_create();
    pay(r, 0);
    there(r, 0, "succeeded", 1000);
    expect(r, RECONCILE_AMOUNT, 0);

    r = rig_create();
    pay(r, 0);
    expect(r, RECONCILE_PAYMENT_MISSING, 0);

    r = rig_create();
    there(r, 9, "succeeded", 1100);
    expect(r, RECONCILE_PAID_UNKNOWN, SEATS);

    r = rig_create();
    place(r, 0);
    news(r, 0, (struct command_payment_news){.kind = BOOKING_PAYMENT_CANCELLED});
    there(r, 0, "succeeded", 1100);
    expect(r, RECONCILE_PAID_NOT_SOLD, 0);
}

static void each_difference_of_a_refund_has_its_name(void **state)
{
    struct rig *r = rig_create();
    (void)state;
    pay(r, 0);
    there(r, 0, "succeeded", 1100);
    refund_there(r, 0, 0, "succeeded", 100);
    expect(r, RECONCILE_REFUND_UNASKED, 0);

    r = rig_create_refunded();
    refund_there(r, 0, 1, "succeeded", 1100);
    refund_there(r, 0, 1, "pending", 1100);
    expect(r, RECONCILE_REFUND_TWICE, 0);

    r = rig_create_refunded();
    refund_there(r, 0, 1, "succeeded", 900);
    expect(r, RECONCILE_REFUND_AMOUNT, 0);

    r = rig_create_refunded();
    refund_there(r, 0, 1, "failed", 1100);
    expect(r, RECONCILE_REFUND_MISSING, 0);
}

/* Order 0 is paid, and two parts of it were refunded at the provider: 300 together. */
static struct rig *rig_create_by_hand(void)
{
    struct rig *r = rig_create();
    pay(r, 0);
    there(r, 0, "succeeded", 1100);
    refund_there(r, 0, 0, "succeeded", 100);
    refund_there(r, 0, 0, "pending", 200);
    refund_there(r, 0, 0, "failed", 500);
    return r;
}

/* Checks that it is the only difference, with these sums. */
static void expect_by_hand(struct rig *r, int64_t ours, int64_t theirs)
{
    struct reconcile *run = begin(r, 10000);
    uint32_t count;
    read_lists(r, run);
    const struct reconcile_difference *d = reconcile_differences(run, &count);
    assert_int_equal(count, 1);
    assert_int_equal(d[0].kind, RECONCILE_REFUND_UNASKED);
    assert_int_equal(d[0].ours_minor, ours);
    assert_int_equal(d[0].theirs_minor, theirs);
    reconcile_destroy(run);
}

static void refunds_by_hand_that_are_recorded_are_no_difference(void **state)
{
    struct rig *r = rig_create_by_hand();
    (void)state;
    expect_by_hand(r, 0, 300);
    settle_by_hand(r, 0, 300);
    expect_nothing(r, 10000);

    r = rig_create_by_hand();
    settle_by_hand(r, 0, 100);
    settle_by_hand(r, 0, 200);
    expect_nothing(r, 10000);
}

static void a_wrong_amount_by_hand_is_found_and_mended(void **state)
{
    struct rig *r = rig_create_by_hand();
    (void)state;
    settle_by_hand(r, 0, 30); /* a nought too little */
    expect_by_hand(r, 30, 300);
    settle_by_hand(r, 0, 270);
    expect_nothing(r, 10000);

    r = rig_create_by_hand();
    settle_by_hand(r, 0, 1100); /* too much */
    expect_by_hand(r, 1100, 300);
    settle_by_hand(r, 0, -800);
    expect_nothing(r, 10000);

    r = rig_create(); /* there was none at all */
    pay(r, 0);
    there(r, 0, "succeeded", 1100);
    settle_by_hand(r, 0, 1);
    expect_by_hand(r, 1, 0);
    rig_destroy(r);
}

static void refunds_of_a_number_that_was_never_given_are_by_hand(void **state)
{
    struct rig *r = rig_create();
    (void)state;
    pay(r, 0);
    there(r, 0, "succeeded", 1100);
    refund_there(r, 0, 3, "succeeded", 100);
    expect_by_hand(r, 0, 100);
    settle_by_hand(r, 0, 100);
    expect_nothing(r, 10000);
}

/* The lists do not go back to all refunds of an older order. */
static void of_an_older_order_only_what_is_too_much_is_a_difference(void **state)
{
    struct rig *r = rig_create_by_hand();
    struct reconcile *run;
    struct err err;
    uint32_t count;
    (void)state;
    settle_by_hand(r, 0, 900);
    for (int64_t less = 0; less <= 800; less += 800) {
        if (less)
            settle_by_hand(r, 0, -less);
        const struct reconcile_options options = {
            .engine = r->engine, .now_s = LONG_AGO_S + 10000, .since_s = LONG_AGO_S + 100};
        assert_int_equal(reconcile_create(&options, &run, &err), 0);
        read_lists(r, run);
        (void)reconcile_differences(run, &count);
        assert_int_equal(count, less > 0);
        reconcile_destroy(run);
    }
    rig_destroy(r);
}

static void a_dispute_that_was_lost_in_part_agrees_with_one_that_was_lost(void **state)
{
    struct rig *r = rig_create();
    struct command_payment_news lost = {
        .kind = BOOKING_PAYMENT_DISPUTE_LOST, .dispute = SLICE("du_0"), .amount_minor = 1};
    (void)state;
    pay(r, 0);
    there(r, 0, "succeeded", 1100);
    dispute_there(r, 0, "lost");
    news(r, 0, lost);
    expect_nothing(r, 10000);
}

static void each_difference_of_a_dispute_has_its_name(void **state)
{
    struct rig *r = rig_create();
    (void)state;
    pay(r, 0);
    there(r, 0, "succeeded", 1100);
    dispute_there(r, 0, "lost");
    expect(r, RECONCILE_DISPUTE_UNKNOWN, 0);

    r = rig_create();
    pay(r, 0);
    dispute(r, 0);
    there(r, 0, "succeeded", 1100);
    dispute_there(r, 0, "won");
    expect(r, RECONCILE_DISPUTE_STATE, 0);

    r = rig_create();
    r->now_us += 3700ull * 1000000; /* beyond what clocks may be apart */
    pay(r, 0);
    dispute(r, 0);
    there(r, 0, "succeeded", 1100);
    expect(r, RECONCILE_DISPUTE_MISSING, 0);
}

static void what_is_young_or_under_way_is_passed_over(void **state)
{
    struct rig *r = rig_create();
    (void)state;
    pay(r, 0); /* a moment ago: in no list yet */
    there(r, 9, "succeeded", 1100);
    expect_nothing(r, 30);

    r = rig_create();
    place(r, 0);
    news(r, 0,
         (struct command_payment_news){.kind = BOOKING_PAYMENT_AUTHORISED, .amount_minor = 1100});
    there(r, 0, "succeeded", 1100); /* the capture is owed */
    place(r, 1);
    there(r, 1, "succeeded", 1100); /* a look will find it */
    expect_nothing(r, 10000);

    r = rig_create();
    pay(r, 0);
    news(r, 0, (struct command_payment_news){.kind = BOOKING_PAYMENT_DIFFERS});
    there(r, 0, "succeeded", 17); /* somebody looks at it */
    expect_nothing(r, 10000);
}

static void orders_of_another_provider_and_payments_of_another_house_are_none_of_ours(void **state)
{
    struct rig *r = rig_create();
    (void)state;
    place_at(r, 0, 1);
    news(r, 0,
         (struct command_payment_news){.kind = BOOKING_PAYMENT_CAPTURED, .amount_minor = 1100});
    buf_append_format(list(r, STRIPE_LIST_INTENTS),
                      "{\"object\":\"payment_intent\",\"id\":\"pi_shop\",\"status\":\"succeeded\","
                      "\"amount\":5,\"amount_received\":5,\"currency\":\"eur\",\"created\":1}");
    expect_nothing(r, 10000);
}

/* Its slot was used again long ago. */
static void a_payment_that_was_wholly_paid_back_needs_no_order(void **state)
{
    struct rig *r = rig_create();
    (void)state;
    there(r, 9, "succeeded", 1100);
    refund_there(r, 9, 1, "succeeded", 600);
    refund_there(r, 9, 2, "succeeded", 500);
    expect_nothing(r, 10000);
}

static void only_what_differs_twice_is_kept(void **state)
{
    struct rig *r = rig_create();
    uint32_t count;
    (void)state;
    pay(r, 0);
    pay(r, 1);
    there(r, 0, "succeeded", 17);
    struct reconcile *first = begin(r, 10000);
    read_lists(r, first); /* order 1 is not in the list yet */
    there(r, 1, "succeeded", 1100);
    struct reconcile *second = begin(r, 10030);
    read_lists(r, second);
    reconcile_confirm(second, first);
    const struct reconcile_difference *d = reconcile_differences(second, &count);
    assert_int_equal(count, 1);
    assert_int_equal(d[0].kind, RECONCILE_AMOUNT);
    reconcile_confirm(first, second);
    (void)reconcile_differences(first, &count);
    assert_int_equal(count, 1);
    assert_int_equal(reconcile_counters(first).differences, 1);
    reconcile_destroy(first);
    reconcile_destroy(second);
    rig_destroy(r);
}

static void lists_are_read_page_by_page_and_a_bad_page_is_not_taken(void **state)
{
    struct rig *r = rig_create();
    struct stripe_list_options options;
    struct err err;
    (void)state;
    pay(r, 0);
    struct reconcile *run = begin(r, 10000);
    while (reconcile_step(run)) {
    }
    assert_true(reconcile_request(run, &options));
    assert_int_equal(options.after.len, 0);
    assert_int_equal(reconcile_page(run, SLICE("{\"error\":{}}"), &err), -1);
    assert_int_equal(reconcile_page(run,
                                    SLICE("{\"object\":\"list\",\"has_more\":true,"
                                          "\"data\":[]}"),
                                    &err),
                     -1);
    there(r, 0, "succeeded", 1100);
    BUF_AUTO struct buf body = BUF_INIT;
    buf_append_format(&body, "{\"object\":\"list\",\"has_more\":true,\"data\":[%.*s]}",
                      (int)r->lists[0].len, r->lists[0].data);
    assert_int_equal(reconcile_page(run, buf_slice(&body), &err), 0);
    assert_true(reconcile_request(run, &options));
    assert_int_equal(options.list, STRIPE_LIST_INTENTS);
    assert_true(slice_equal(options.after, SLICE("pi_0")));
    assert_int_equal(reconcile_page(run, SLICE("{\"object\":\"list\",\"data\":[]}"), &err), 0);
    assert_true(reconcile_request(run, &options));
    assert_int_equal(options.list, STRIPE_LIST_REFUNDS);
    assert_int_equal(options.after.len, 0);
    reconcile_destroy(run);
    rig_destroy(r);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(books_that_agree_have_no_difference),
        cmocka_unit_test(each_difference_of_a_payment_has_its_name),
        cmocka_unit_test(each_difference_of_a_refund_has_its_name),
        cmocka_unit_test(refunds_by_hand_that_are_recorded_are_no_difference),
        cmocka_unit_test(a_wrong_amount_by_hand_is_found_and_mended),
        cmocka_unit_test(refunds_of_a_number_that_was_never_given_are_by_hand),
        cmocka_unit_test(of_an_older_order_only_what_is_too_much_is_a_difference),
        cmocka_unit_test(a_dispute_that_was_lost_in_part_agrees_with_one_that_was_lost),
        cmocka_unit_test(each_difference_of_a_dispute_has_its_name),
        cmocka_unit_test(what_is_young_or_under_way_is_passed_over),
        cmocka_unit_test(orders_of_another_provider_and_payments_of_another_house_are_none_of_ours),
        cmocka_unit_test(a_payment_that_was_wholly_paid_back_needs_no_order),
        cmocka_unit_test(only_what_differs_twice_is_kept),
        cmocka_unit_test(lists_are_read_page_by_page_and_a_bad_page_is_not_taken),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
