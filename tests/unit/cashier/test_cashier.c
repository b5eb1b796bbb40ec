/* How an order is paid: what is asked of the provider, and what its news and webhooks do. */
#include "support.h"

static void a_call_is_owed_once_its_entry_is_durable(void **state)
{
    (void)state;
    struct rig *r = rig_create();
    assert_int_equal(r->owed, 0);
    engine_commit(r->engine);
    assert_int_equal(r->owed, 1);
    assert_int_equal(r->last_kind, BOOKING_CALL_CREATE);
    assert_string_equal(r->last_intent, "");
    rig_destroy(r);
}

static void an_order_goes_from_created_to_captured(void **state)
{
    (void)state;
    struct rig *r = rig_create_known(true);
    assert_int_equal(r->watched, 1);
    assert_true(deliver(r, "evt_1", STRIPE_EVENT_AUTHORISED));
    assert_int_equal(order_of(r).state, BOOKING_ORDER_PLACED); /* with which card? */
    assert_int_equal(r->looks, 1);
    assert_string_equal(r->last_intent, "pi_1");
    tell_authorised(r, SLICE("visa"));
    assert_int_equal(order_of(r).state, BOOKING_ORDER_SOLD);
    assert_memory_equal(order_of(r).card.bytes, "visa", 5);
    assert_int_equal(r->last_kind, BOOKING_CALL_CAPTURE);
    assert_string_equal(r->last_intent, "pi_1");
    assert_true(deliver(r, "evt_2", STRIPE_EVENT_CAPTURED));
    assert_int_equal(order_of(r).state, BOOKING_ORDER_CAPTURED);
    assert_int_equal(r->unwatched, 1);
    rig_destroy(r);
}

static void a_webhook_that_names_the_card_sells(void **state)
{
    (void)state;
    struct rig *r = rig_create_known(true);
    uint64_t barrier;
    struct stripe_event event = webhook(r, "evt_1", STRIPE_EVENT_AUTHORISED);
    (void)snprintf(event.intent.card, sizeof event.intent.card, "visa");
    assert_true(cashier_webhook(r->cashier, &event, &barrier));
    assert_int_equal(order_of(r).state, BOOKING_ORDER_SOLD);
    assert_int_equal(r->looks, 0);
    assert_memory_equal(order_of(r).card.bytes, "visa", 5);
    rig_destroy(r);
}

/* Also one that overtakes the answer to our own call. */
static void a_webhook_without_a_card_is_an_occasion_to_look(void **state)
{
    (void)state;
    struct rig *r = rig_create();
    engine_commit(r->engine);
    r->refuses = true;
    assert_false(deliver(r, "evt_1", STRIPE_EVENT_AUTHORISED)); /* delivered again */
    r->refuses = false;
    assert_true(deliver(r, "evt_1", STRIPE_EVENT_AUTHORISED));
    assert_true(deliver(r, "evt_1", STRIPE_EVENT_AUTHORISED));
    assert_int_equal(r->looks, 1);
    assert_string_equal(r->last_intent, "pi_1");
    assert_int_equal(order_of(r).state, BOOKING_ORDER_PLACED);
    tell_authorised(r, SLICE(""));
    assert_int_equal(order_of(r).state, BOOKING_ORDER_SOLD);
    assert_true(deliver(r, "evt_2", STRIPE_EVENT_AUTHORISED)); /* sold: nothing to look for */
    assert_int_equal(r->looks, 1);
    rig_destroy(r);
}

static void without_limits_for_cards_no_webhook_waits_for_a_look(void **state)
{
    (void)state;
    struct rig *r = rig_create_with(false);
    static const struct hash16 unknown;
    engine_commit(r->engine);
    assert_true(deliver(r, "evt_1", STRIPE_EVENT_AUTHORISED));
    assert_int_equal(order_of(r).state, BOOKING_ORDER_SOLD);
    assert_int_equal(r->looks, 0);
    assert_true(hash16_equal(order_of(r).card, unknown));
    rig_destroy(r);
}

static void a_webhook_of_another_payment_is_no_occasion(void **state)
{
    (void)state;
    struct rig *r = rig_create_known(true);
    uint64_t barrier;
    struct stripe_event event = webhook(r, "evt_1", STRIPE_EVENT_AUTHORISED);
    (void)snprintf(event.intent.id, sizeof event.intent.id, "pi_2");
    assert_true(cashier_webhook(r->cashier, &event, &barrier));
    assert_int_equal(r->looks, 0);
    assert_int_equal(order_of(r).state, BOOKING_ORDER_PLACED);
    rig_destroy(r);
}

static void a_webhook_that_comes_twice_counts_once(void **state)
{
    (void)state;
    struct rig *r = rig_create_known(true);
    assert_true(deliver(r, "evt_1", STRIPE_EVENT_DECLINED));
    assert_true(deliver(r, "evt_1", STRIPE_EVENT_DECLINED));
    assert_int_equal(order_of(r).declines, 1);
    assert_true(deliver(r, "evt_2", STRIPE_EVENT_DECLINED));
    assert_int_equal(order_of(r).declines, 2);
    rig_destroy(r);
}

static void a_webhook_of_no_concern_changes_nothing(void **state)
{
    (void)state;
    struct rig *r = rig_create_known(true);
    struct stripe_event other = webhook(r, "evt_1", STRIPE_EVENT_OTHER),
                        foreign = webhook(r, "evt_2", STRIPE_EVENT_DECLINED);
    uint64_t barrier;
    (void)snprintf(foreign.intent.order_id, sizeof foreign.intent.order_id, "42");
    assert_true(cashier_webhook(r->cashier, &other, &barrier));
    assert_int_equal(barrier, 0);
    assert_true(cashier_webhook(r->cashier, &foreign, &barrier));
    assert_int_equal(order_of(r).declines, 0);
    rig_destroy(r);
}

static void a_full_disk_wants_the_webhook_again(void **state)
{
    (void)state;
    struct rig *r = rig_create_known(true);
    journal_memory_fault_next(r->journal, JOURNAL_MEMORY_NO_SPACE);
    assert_false(deliver(r, "evt_1", STRIPE_EVENT_DECLINED));
    journal_memory_fault_clear(r->journal);
    assert_true(deliver(r, "evt_1", STRIPE_EVENT_DECLINED));
    assert_int_equal(order_of(r).declines, 1);
    rig_destroy(r);
}

static void what_could_not_be_handed_over_is_offered_again(void **state)
{
    (void)state;
    struct rig *r = rig_create();
    r->refuses = true;
    engine_commit(r->engine);
    assert_int_equal(r->complaints, 1);
    assert_string_equal(r->last_complaint, "payment_call_waits: no memory; it is tried again");
    cashier_tick(r->cashier);
    assert_true(r->complaints >= 1);
    r->refuses = false;
    for (unsigned i = 0; i < 8 && r->owed == 0; i++)
        cashier_tick(r->cashier);
    assert_int_equal(r->owed, 1);
    assert_int_equal(r->last_kind, BOOKING_CALL_CREATE);
    for (unsigned i = 0; i < 100; i++)
        cashier_tick(r->cashier);
    assert_int_equal(r->owed, 1); /* and then it rests */
    rig_destroy(r);
}

static void a_start_owes_what_was_owed(void **state)
{
    (void)state;
    struct rig *r = rig_create();
    engine_commit(r->engine);
    cashier_start(r->cashier);
    assert_int_equal(r->owed, 2);
    assert_int_equal(r->watched, 0);
    tell_created(r);
    cashier_start(r->cashier);
    assert_int_equal(r->owed, 2);
    assert_int_equal(r->watched, 2);
    rig_destroy(r);
}

static void a_paid_webhook_without_a_card_is_an_occasion_to_look(void **state)
{
    (void)state;
    struct rig *r = rig_create();
    engine_commit(r->engine);
    assert_true(deliver(r, "evt_1", STRIPE_EVENT_CAPTURED)); /* charged at once, as iDEAL does */
    assert_int_equal(order_of(r).state, BOOKING_ORDER_PLACED);
    assert_int_equal(r->looks, 1);
    const struct payments_news news = {.partition = 1,
                                       .order_random = 6,
                                       .kind = BOOKING_PAYMENT_CAPTURED,
                                       .intent = SLICE("pi_1"),
                                       .amount_minor = 1100,
                                       .card = SLICE("visa")};
    assert_true(cashier_news(r->cashier, &news));
    assert_int_equal(order_of(r).state, BOOKING_ORDER_CAPTURED);
    assert_memory_equal(order_of(r).card.bytes, "visa", 5);
    rig_destroy(r);
}

static void a_payment_that_takes_days_is_watched_as_such(void **state)
{
    (void)state;
    struct rig *r = rig_create_known(true);
    assert_false(r->last_processing);
    assert_true(deliver(r, "evt_1", STRIPE_EVENT_PROCESSING));
    assert_true(order_of(r).processing);
    assert_int_equal(r->watched, 2);
    assert_true(r->last_processing);
    cashier_start(r->cashier);
    assert_int_equal(r->watched, 3);
    assert_true(r->last_processing);
    assert_true(deliver(r, "evt_2", STRIPE_EVENT_DECLINED));
    assert_int_equal(r->watched, 4);
    assert_false(r->last_processing);
    rig_destroy(r);
}

static void an_order_stays_with_its_provider(void **state)
{
    (void)state;
    struct rig *r = rig_create_of(false, 1);
    engine_commit(r->engine);
    assert_int_equal(r->last_provider, 1);
    tell_created(r);
    assert_int_equal(r->last_provider, 1);
    r->last_provider = 9;
    assert_true(deliver(r, "evt_1", STRIPE_EVENT_AUTHORISED));
    assert_int_equal(r->last_kind, BOOKING_CALL_CAPTURE);
    assert_int_equal(r->last_provider, 1);
    r->last_provider = 9;
    cashier_start(r->cashier);
    assert_int_equal(r->last_provider, 1);
    rig_destroy(r);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_call_is_owed_once_its_entry_is_durable),
        cmocka_unit_test(an_order_goes_from_created_to_captured),
        cmocka_unit_test(a_webhook_that_names_the_card_sells),
        cmocka_unit_test(a_webhook_without_a_card_is_an_occasion_to_look),
        cmocka_unit_test(without_limits_for_cards_no_webhook_waits_for_a_look),
        cmocka_unit_test(a_webhook_of_another_payment_is_no_occasion),
        cmocka_unit_test(a_webhook_that_comes_twice_counts_once),
        cmocka_unit_test(a_webhook_of_no_concern_changes_nothing),
        cmocka_unit_test(a_full_disk_wants_the_webhook_again),
        cmocka_unit_test(what_could_not_be_handed_over_is_offered_again),
        cmocka_unit_test(a_start_owes_what_was_owed),
        cmocka_unit_test(a_paid_webhook_without_a_card_is_an_occasion_to_look),
        cmocka_unit_test(a_payment_that_takes_days_is_watched_as_such),
        cmocka_unit_test(an_order_stays_with_its_provider),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
