/* An engine on a journal in memory, with one event of four seats and an order; a port that
 * remembers. */
#ifndef ONSALE_TESTS_CASHIER_SUPPORT_H
#define ONSALE_TESTS_CASHIER_SUPPORT_H

#include "cashier/cashier.h"

#include "booking/inventory.h"
#include "journal/memory.h"
#include "unit/listing.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdlib.h>

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
    char last_complaint[ERR_DETAIL_MAX + 64]; /* "what: detail" */
    char last_case[ERR_DETAIL_MAX];           /* its detail */
};

static inline uint64_t port_now(void *context)
{
    return ((struct rig *)context)->now_us += 1000;
}

static inline void port_entry(void *context, const struct engine_entry *entry)
{
    struct rig *r = context;
    struct booking_entry e;
    cashier_entry(r->cashier, entry);
    if (entry->partition == 1 && booking_entry_decode(entry->bytes, &e) &&
        e.number == BOOKING_ENTRY_case_opened)
        (void)snprintf(r->last_case, sizeof r->last_case, "%.*s", SLICE_ARG(e.case_opened.detail));
}

static inline void port_committed(void *context, uint64_t barrier)
{
    ((struct rig *)context)->committed = barrier;
}

static inline void port_fatal(void *context, const struct err *err)
{
    (void)context;
    fail_msg("%s", err->detail);
}

static inline int port_owed(void *context, const struct payments_call *call, struct err *err)
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

static inline int port_watch(void *context, const struct payments_call *call, uint64_t silence_us,
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

static inline void port_unwatch(void *context, uint32_t partition, uint32_t order)
{
    assert_int_equal(partition, 1);
    assert_int_equal(order, 0);
    ((struct rig *)context)->unwatched++;
}

static inline uint64_t port_random(void *context)
{
    return ++((struct rig *)context)->random;
}

static inline void port_complain(void *context, const char *what, const struct err *err)
{
    struct rig *r = context;
    (void)snprintf(r->last_complaint, sizeof r->last_complaint, "%s: %s", what, err->detail);
    r->complaints++;
}

static inline struct hash16 port_card(void *context, uint64_t event_random,
                                      struct slice fingerprint)
{
    struct hash16 card = {{0}};
    (void)context;
    assert_int_equal(event_random, 11);
    if (fingerprint.len > 0)
        memcpy(card.bytes, fingerprint.data, fingerprint.len < 16 ? fingerprint.len : 16);
    return card;
}

static inline void list_event(struct rig *r)
{
    static const uint32_t inventory[] = {1, 4, 1, 0, 1, 1, 0, 4, 0, 1, 2, 3, 0, 0, 0, 0, 0};
    struct engine_listing listing =
        listing_of(slice_make((const char *)inventory, sizeof inventory));
    bool repeated;
    listing.created.processing_seconds = 86400;
    (void)listing_list(r->engine, &listing, &repeated);
}

/* Holds a seat and orders it: the payment's creation is owed, once it is committed. */
static inline void place_order(struct rig *r)
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

static inline struct rig *rig_create_of(bool limits_cards, uint8_t provider)
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

static inline struct rig *rig_create_with(bool limits_cards)
{
    return rig_create_of(limits_cards, 0);
}

static inline struct rig *rig_create(void)
{
    return rig_create_with(true);
}

static inline void rig_destroy(struct rig *r)
{
    cashier_destroy(r->cashier);
    engine_destroy(r->engine);
    journal_destroy(r->journal);
    free(r);
}

static inline struct booking_order order_of(const struct rig *r)
{
    struct booking_order order = {0};
    assert_true(booking_order_get(engine_booking(r->engine, 1), 0, 6, &order));
    return order;
}

static inline void tell_created(struct rig *r)
{
    const struct payments_news news = {.partition = 1,
                                       .order_random = 6,
                                       .kind = BOOKING_PAYMENT_CREATED,
                                       .intent = SLICE("pi_1"),
                                       .client_secret = SLICE("secret")};
    assert_true(cashier_news(r->cashier, &news));
    engine_commit(r->engine);
}

static inline void tell_authorised(struct rig *r, struct slice card)
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

/* The payment is made and known here. */
static inline struct rig *rig_create_known(bool limits_cards)
{
    struct rig *r = rig_create_with(limits_cards);
    engine_commit(r->engine);
    tell_created(r);
    return r;
}

static inline struct stripe_event webhook(const struct rig *r, const char *id,
                                          enum stripe_event_type type)
{
    struct stripe_event event = {.type = type};
    (void)snprintf(event.id, sizeof event.id, "%s", id);
    (void)snprintf(event.intent.id, sizeof event.intent.id, "pi_1");
    (void)snprintf(event.intent.order_id, sizeof event.intent.order_id, "%s", r->order_id);
    (void)snprintf(event.intent.currency, sizeof event.intent.currency, "eur");
    event.intent.capturable_minor = type == STRIPE_EVENT_AUTHORISED ? 1100 : 0;
    event.intent.received_minor = type == STRIPE_EVENT_CAPTURED ? 1100 : 0;
    return event;
}

static inline bool deliver(struct rig *r, const char *id, enum stripe_event_type type)
{
    struct stripe_event event = webhook(r, id, type);
    uint64_t barrier = 99;
    bool taken = cashier_webhook(r->cashier, &event, &barrier);
    assert_int_equal(barrier, engine_barrier(r->engine));
    engine_commit(r->engine);
    return taken;
}

static inline void take(struct rig *r, const struct stripe_event *event)
{
    uint64_t barrier;
    assert_true(cashier_webhook(r->cashier, event, &barrier));
    engine_commit(r->engine);
}

#endif
