#include "cashier/cashier.h"

#include "booking/inventory.h"
#include "journal/memory.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdlib.h>

/* An engine on a journal in memory, with one event of four seats; a port that remembers. */
struct rig {
    uint64_t now_us, committed, random;
    struct journal *journal;
    struct engine *engine;
    struct cashier *cashier;
    bool refuses;     /* the port takes nothing */
    uint8_t provider; /* of the order */
    unsigned owed, watched, looks, unwatched, complaints;
    uint8_t last_kind, last_provider;
    bool last_processing; /* of a watch */
    char last_intent[LIMIT_PAYMENT_ID_BYTES + 1];
    char order_id[ID_TEXT_MAX];
};

static uint64_t port_now(void *context)
{
    return ((struct rig *)context)->now_us += 1000;
}

static void port_entry(void *context, const struct engine_entry *entry)
{
    cashier_entry(((struct rig *)context)->cashier, entry);
}

static void port_committed(void *context, uint64_t barrier)
{
    ((struct rig *)context)->committed = barrier;
}

static void port_fatal(void *context, const struct err *err)
{
    (void)context;
    fail_msg("%s", err->detail);
}

static int port_owed(void *context, const struct payments_call *call, struct err *err)
{
    struct rig *r = context;
    if (r->refuses)
        return err_set(err, "no memory");
    r->owed++;
    r->last_kind = call->kind;
    r->last_provider = call->provider;
    (void)snprintf(r->last_intent, sizeof r->last_intent, "%.*s", SLICE_ARG(call->intent));
    return 0;
}

static int port_watch(void *context, const struct payments_call *call, uint64_t silence_us,
                      struct err *err)
{
    struct rig *r = context;
    if (r->refuses)
        return err_set(err, "no memory");
    assert_true(silence_us == CASHIER_SILENCE_US || silence_us == 0);
    if (silence_us == 0)
        r->looks++;
    else
        r->watched++;
    r->last_provider = call->provider;
    r->last_processing = call->processing;
    (void)snprintf(r->last_intent, sizeof r->last_intent, "%.*s", SLICE_ARG(call->intent));
    return 0;
}

static void port_unwatch(void *context, uint32_t partition, uint32_t order)
{
    assert_int_equal(partition, 1);
    assert_int_equal(order, 0);
    ((struct rig *)context)->unwatched++;
}

static uint64_t port_random(void *context)
{
    return ++((struct rig *)context)->random;
}

static void port_complain(void *context, const char *what, const struct err *err)
{
    assert_non_null(what);
    assert_string_equal(err->detail, "no memory");
    ((struct rig *)context)->complaints++;
}

static struct hash16 port_card(void *context, uint64_t event_random, struct slice fingerprint)
{
    struct hash16 card = {{0}};
    (void)context;
    assert_int_equal(event_random, 11);
    if (fingerprint.len > 0)
        memcpy(card.bytes, fingerprint.data, fingerprint.len < 16 ? fingerprint.len : 16);
    return card;
}

static void list_event(struct rig *r)
{
    static const uint32_t inventory[] = {1, 4, 1, 0, 1, 1, 0, 4, 0, 1, 2, 3, 0, 0, 0, 0, 0};
    static const uint64_t prices[1] = {1000}, fees[1] = {100};
    struct engine_listing listing = {
        .listed = {.event_random = 11, .organiser_random = 12, .document = SLICE("{}")},
        .created = {.event_random = 11,
                    .organiser_random = 12,
                    .currency = SLICE("EUR"),
                    .hold_seconds = 600,
                    .pay_seconds = 900,
                    .processing_seconds = 86400,
                    .per_buyer = 20,
                    .per_hold = 8,
                    .prices = {prices, 1},
                    .fees = {fees, 1},
                    .inventory = {(const char *)inventory, sizeof inventory}},
    };
    enum directory_refusal refusal;
    uint32_t partition;
    bool repeated;
    uint64_t barrier;
    struct err err = {""};
    if (engine_list_event(r->engine, &listing, &refusal, &partition, &repeated, &barrier, &err) !=
        0)
        fail_msg("%s", err.detail);
}

/* Holds a seat and orders it: the payment's creation is owed, once it is committed. */
static void place_order(struct rig *r)
{
    static const uint32_t seat = 1;
    static const uint64_t randoms[LIMIT_HOLD_UNITS] = {1};
    struct engine_result result;
    struct booking_command hold = {.number = BOOKING_COMMAND_hold};
    hold.hold = (struct command_hold){.hold_random = 5, .session.bytes = {7}, .seats = {&seat, 1}};
    engine_submit(r->engine, 1, &hold, &result);
    assert_int_equal(result.refusal, BOOKING_OK);
    struct booking_command order = {.number = BOOKING_COMMAND_place_order};
    order.place_order = (struct command_place_order){.order_random = 6,
                                                     .hold_random = 5,
                                                     .session.bytes = {7},
                                                     .email_hash.bytes = {8},
                                                     .contact = SLICE("x"),
                                                     .provider = r->provider,
                                                     .ticket_randoms = {randoms, LIMIT_HOLD_UNITS}};
    engine_submit(r->engine, 1, &order, &result);
    assert_int_equal(result.refusal, BOOKING_OK);
    (void)id_format(ID_ORDER, (struct id){1, 0, 6}, r->order_id);
}

static struct rig *rig_create_of(bool limits_cards, uint8_t provider)
{
    struct rig *r = calloc(1, sizeof *r);
    struct err err = {""};
    assert_non_null(r);
    r->now_us = 1800000000000000ull;
    r->provider = provider;
    r->journal = journal_memory_create();
    struct engine_port engine = {.context = r,
                                 .now_us = port_now,
                                 .entry = port_entry,
                                 .committed = port_committed,
                                 .fatal = port_fatal};
    struct cashier_port port = {r,
                                port_owed,
                                port_watch,
                                port_unwatch,
                                port_random,
                                port_complain,
                                limits_cards ? port_card : NULL};
    assert_non_null(r->journal);
    if (engine_create(r->journal, &engine, &r->engine, &err) != 0 ||
        cashier_create(r->engine, &port, &r->cashier, &err) != 0)
        fail_msg("%s", err.detail);
    list_event(r);
    engine_commit(r->engine);
    place_order(r);
    return r;
}

static struct rig *rig_create_with(bool limits_cards)
{
    return rig_create_of(limits_cards, 0);
}

static struct rig *rig_create(void)
{
    return rig_create_with(true);
}

static void rig_destroy(struct rig *r)
{
    cashier_destroy(r->cashier);
    engine_destroy(r->engine);
    journal_destroy(r->journal);
    free(r);
}

static struct booking_order order_of(const struct rig *r)
{
    struct booking_order order = {0};
    assert_true(booking_order_get(engine_booking(r->engine, 1), 0, 6, &order));
    return order;
}

static void tell_created(struct rig *r)
{
    const struct payments_news news = {.partition = 1,
                                       .order_random = 6,
                                       .kind = BOOKING_PAYMENT_CREATED,
                                       .intent = SLICE("pi_1"),
                                       .client_secret = SLICE("secret")};
    assert_true(cashier_news(r->cashier, &news));
    engine_commit(r->engine);
}

static void tell_authorised(struct rig *r, struct slice card)
{
    const struct payments_news news = {.partition = 1,
                                       .order_random = 6,
                                       .kind = BOOKING_PAYMENT_AUTHORISED,
                                       .intent = SLICE("pi_1"),
                                       .amount_minor = 1100,
                                       .card = card};
    assert_true(cashier_news(r->cashier, &news));
    engine_commit(r->engine);
}

static struct stripe_event webhook(const struct rig *r, const char *id, enum stripe_event_type type)
{
    struct stripe_event event = {.type = type};
    (void)snprintf(event.id, sizeof event.id, "%s", id);
    (void)snprintf(event.intent.id, sizeof event.intent.id, "pi_1");
    (void)snprintf(event.intent.order_id, sizeof event.intent.order_id, "%s", r->order_id);
    event.intent.capturable_minor = type == STRIPE_EVENT_AUTHORISED ? 1100 : 0;
    event.intent.received_minor = type == STRIPE_EVENT_CAPTURED ? 1100 : 0;
    return event;
}

static bool deliver(struct rig *r, const char *id, enum stripe_event_type type)
{
    struct stripe_event event = webhook(r, id, type);
    uint64_t barrier = 99;
    bool taken = cashier_webhook(r->cashier, &event, &barrier);
    assert_int_equal(barrier, engine_barrier(r->engine));
    engine_commit(r->engine);
    return taken;
}

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
    struct rig *r = rig_create();
    engine_commit(r->engine);
    tell_created(r);
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
    struct rig *r = rig_create();
    uint64_t barrier;
    engine_commit(r->engine);
    tell_created(r);
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
    struct rig *r = rig_create();
    uint64_t barrier;
    engine_commit(r->engine);
    tell_created(r);
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
    struct rig *r = rig_create();
    engine_commit(r->engine);
    tell_created(r);
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
    struct rig *r = rig_create();
    engine_commit(r->engine);
    tell_created(r);
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
    struct rig *r = rig_create();
    engine_commit(r->engine);
    tell_created(r);
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
    struct rig *r = rig_create();
    engine_commit(r->engine);
    tell_created(r);
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

/* ---- refunds and disputes ---- */

static struct rig *rig_create_paid(void)
{
    struct rig *r = rig_create_with(false);
    engine_commit(r->engine);
    tell_created(r);
    assert_true(deliver(r, "evt_1", STRIPE_EVENT_AUTHORISED));
    assert_true(deliver(r, "evt_2", STRIPE_EVENT_CAPTURED));
    assert_int_equal(order_of(r).state, BOOKING_ORDER_CAPTURED);
    return r;
}

static void refund_all(struct rig *r)
{
    struct engine_result result;
    struct booking_command command = {.number = BOOKING_COMMAND_refund};
    command.refund = (struct command_refund){.order_random = 6, .by = SLICE("eve")};
    engine_submit(r->engine, 1, &command, &result);
    assert_int_equal(result.refusal, BOOKING_OK);
    engine_commit(r->engine);
}

static bool deliver_refund(struct rig *r, const char *id, uint8_t number,
                           enum stripe_refund_status status)
{
    struct stripe_event event = {.type = STRIPE_EVENT_REFUND_NEW};
    uint64_t barrier;
    (void)snprintf(event.id, sizeof event.id, "%s", id);
    event.refund = (struct stripe_refund){.id = "re_1",
                                          .intent = "pi_1",
                                          .currency = "eur",
                                          .failure = "unknown",
                                          .number = number,
                                          .status = status,
                                          .amount_minor = 1100};
    if (number)
        (void)snprintf(event.refund.order_id, sizeof event.refund.order_id, "%s", r->order_id);
    bool taken = cashier_webhook(r->cashier, &event, &barrier);
    engine_commit(r->engine);
    return taken;
}

static void outbox_refunded(struct rig *r)
{
    const struct payments_news news = {.partition = 1,
                                       .order_random = 6,
                                       .kind = BOOKING_PAYMENT_REFUNDED,
                                       .intent = SLICE("pi_1"),
                                       .amount_minor = 1100,
                                       .refund = 1};
    assert_true(cashier_news(r->cashier, &news));
    engine_commit(r->engine);
}

static void a_refund_is_owed_until_the_outbox_tells_of_it_and_a_webhook_that_it_came_back(
    void **state)
{
    (void)state;
    struct rig *r = rig_create_paid();
    refund_all(r);
    assert_int_equal(r->last_kind, BOOKING_CALL_REFUND);
    assert_string_equal(r->last_intent, "pi_1");
    r->last_kind = 0;
    cashier_start(r->cashier); /* still owed after a crash */
    assert_int_equal(r->last_kind, BOOKING_CALL_REFUND);
    assert_true(deliver_refund(r, "evt_3", 1, STRIPE_REFUND_PENDING));
    assert_int_equal(order_of(r).refund_states[0], BOOKING_REFUND_DUE);
    outbox_refunded(r);
    assert_int_equal(order_of(r).refund_states[0], BOOKING_REFUND_DONE);
    assert_true(deliver_refund(r, "evt_5", 1, STRIPE_REFUND_FAILED)); /* the bank sent it back */
    assert_int_equal(order_of(r).refund_states[0], BOOKING_REFUND_FAILED);
    assert_int_equal(order_of(r).case_reason, BOOKING_CASE_REFUND_FAILED);
    rig_destroy(r);
}

static void late_webhooks_of_a_refund_that_came_back_do_not_answer_the_next_attempt(void **state)
{
    (void)state;
    struct rig *r = rig_create_paid();
    refund_all(r);
    outbox_refunded(r);
    assert_true(deliver_refund(r, "evt_3", 1, STRIPE_REFUND_FAILED));
    struct engine_result result;
    struct booking_command command = {.number = BOOKING_COMMAND_resolve_case};
    command.resolve_case = (struct command_resolve_case){
        .order_random = 6, .action = BOOKING_ACTION_RETRY, .by = SLICE("eve")};
    engine_submit(r->engine, 1, &command, &result);
    assert_int_equal(result.refusal, BOOKING_OK);
    engine_commit(r->engine);
    assert_true(deliver_refund(r, "evt_4", 1, STRIPE_REFUND_SUCCEEDED)); /* that it was made */
    assert_true(deliver_refund(r, "evt_5", 1, STRIPE_REFUND_FAILED));    /* and again, why not */
    assert_int_equal(order_of(r).call, BOOKING_CALL_REFUND);
    assert_false(order_of(r).attention);
    outbox_refunded(r);
    assert_int_equal(order_of(r).refund_states[0], BOOKING_REFUND_DONE);
    rig_destroy(r);
}

static void a_refund_that_nobody_asked_for_is_a_case(void **state)
{
    (void)state;
    struct rig *r = rig_create_paid();
    assert_true(deliver_refund(r, "evt_3", 0, STRIPE_REFUND_FAILED)); /* nothing was paid back */
    assert_false(order_of(r).attention);
    assert_true(deliver_refund(r, "evt_4", 0, STRIPE_REFUND_PENDING));
    assert_true(order_of(r).attention);
    assert_int_equal(order_of(r).case_reason, BOOKING_CASE_REFUND_UNASKED);
    rig_destroy(r);
}

static void deliver_dispute(struct rig *r, const char *id, enum stripe_event_type type,
                            enum stripe_dispute_status status)
{
    struct stripe_event event = {.type = type};
    uint64_t barrier;
    (void)snprintf(event.id, sizeof event.id, "%s", id);
    event.dispute = (struct stripe_dispute){.id = "du_1",
                                            .intent = "pi_1",
                                            .currency = "eur",
                                            .reason = "fraudulent",
                                            .status = status,
                                            .amount_minor = 1100,
                                            .due_s = 1900000000};
    assert_true(cashier_webhook(r->cashier, &event, &barrier));
    engine_commit(r->engine);
}

static void a_dispute_of_a_payment_that_is_not_known_yet_is_delivered_again(void **state)
{
    (void)state;
    struct rig *r = rig_create_with(false);
    engine_commit(r->engine);
    tell_created(r);
    assert_true(deliver(r, "evt_1", STRIPE_EVENT_AUTHORISED));
    assert_int_equal(order_of(r).state, BOOKING_ORDER_SOLD);
    struct stripe_event event = {.id = "evt_2", .type = STRIPE_EVENT_DISPUTED};
    event.dispute = (struct stripe_dispute){.id = "du_1",
                                            .intent = "pi_1",
                                            .currency = "eur",
                                            .reason = "fraudulent",
                                            .status = STRIPE_DISPUTE_OPEN,
                                            .amount_minor = 1100};
    uint64_t barrier;
    assert_false(cashier_webhook(r->cashier, &event, &barrier));
    assert_true(deliver(r, "evt_3", STRIPE_EVENT_CAPTURED));
    assert_true(cashier_webhook(r->cashier, &event, &barrier));
    engine_commit(r->engine);
    assert_int_equal(order_of(r).dispute, BOOKING_DISPUTE_OPEN);
    rig_destroy(r);
}

static void a_dispute_is_opened_and_decided_by_webhook(void **state)
{
    (void)state;
    struct rig *r = rig_create_paid();
    struct booking_dispute dispute;
    deliver_dispute(r, "evt_3", STRIPE_EVENT_DISPUTED, STRIPE_DISPUTE_INQUIRY);
    assert_int_equal(order_of(r).dispute, BOOKING_DISPUTE_NONE); /* a question only */
    deliver_dispute(r, "evt_4", STRIPE_EVENT_DISPUTED, STRIPE_DISPUTE_OPEN);
    assert_int_equal(order_of(r).dispute, BOOKING_DISPUTE_OPEN);
    assert_true(booking_dispute_get(engine_booking(r->engine, 1), 0, &dispute));
    assert_true(slice_equal(dispute.id, SLICE("du_1")));
    assert_true(slice_equal(dispute.reason, SLICE("fraudulent")));
    assert_int_equal(dispute.due_at_us, 1900000000ull * 1000000);
    deliver_dispute(r, "evt_5", STRIPE_EVENT_DISPUTE_CLOSED, STRIPE_DISPUTE_LOST);
    assert_int_equal(order_of(r).dispute, BOOKING_DISPUTE_LOST);
    rig_destroy(r);
}

static void a_dispute_whose_end_is_told_first_stays_ended(void **state)
{
    (void)state;
    struct rig *r = rig_create_paid();
    deliver_dispute(r, "evt_3", STRIPE_EVENT_DISPUTE_CLOSED, STRIPE_DISPUTE_WON);
    assert_int_equal(order_of(r).dispute, BOOKING_DISPUTE_WON);
    deliver_dispute(r, "evt_4", STRIPE_EVENT_DISPUTED, STRIPE_DISPUTE_OPEN);
    assert_int_equal(order_of(r).dispute, BOOKING_DISPUTE_WON);
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
        cmocka_unit_test(
            a_refund_is_owed_until_the_outbox_tells_of_it_and_a_webhook_that_it_came_back),
        cmocka_unit_test(late_webhooks_of_a_refund_that_came_back_do_not_answer_the_next_attempt),
        cmocka_unit_test(a_refund_that_nobody_asked_for_is_a_case),
        cmocka_unit_test(a_dispute_of_a_payment_that_is_not_known_yet_is_delivered_again),
        cmocka_unit_test(a_dispute_is_opened_and_decided_by_webhook),
        cmocka_unit_test(a_dispute_whose_end_is_told_first_stays_ended),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
