#include "cashier/cashier.h"

#include "base/crash.h"
#include "base/hash.h"

#include <stdlib.h>

#define PAUSE_TICKS_MAX 64u

struct cashier {
    struct engine *engine;
    struct cashier_port port;
    bool behind;          /* something could not be handed over */
    uint32_t pause_ticks; /* until it is tried again, doubling */
    uint32_t waited_ticks;
    uint32_t webhook_next;
    struct hash128 webhooks[CASHIER_WEBHOOKS_KEPT];
};

/* ---- to the provider ---- */

static void cashier_fall_behind(struct cashier *c, const char *what, const struct err *err)
{
    c->behind = true;
    c->port.complain(c->port.context, what, err);
}

static void cashier_owe(struct cashier *c, uint32_t partition, const struct booking_order *o,
                        const struct entry_payment_requested *e)
{
    struct err err;
    struct payments_call call = {
        .partition = partition,
        .order = e->order,
        .order_random = o->random,
        .kind = e->kind,
        .attempt = e->attempt,
        .call_key = e->call_key,
        .body = e->body,
        .intent = e->kind == BOOKING_CALL_CREATE ? (struct slice){NULL, 0} : o->intent,
    };
    CRASH_POINT("cashier.owe.before");
    if (c->port.owed(c->port.context, &call, &err) != 0)
        cashier_fall_behind(c, "payment_call_waits", &err);
    CRASH_POINT("cashier.owe.after");
}

static void cashier_watch(struct cashier *c, uint32_t partition, uint32_t order,
                          const struct booking_order *o)
{
    struct err err;
    struct payments_call call = {
        .partition = partition, .order = order, .order_random = o->random, .intent = o->intent};
    CRASH_POINT("cashier.watch");
    if (o->intent.len > 0 && c->port.watch(c->port.context, &call, CASHIER_SILENCE_US, &err) != 0)
        cashier_fall_behind(c, "payment_watch_waits", &err);
}

void cashier_start(struct cashier *c)
{
    uint32_t events = directory_event_count(engine_directory(c->engine));
    c->behind = false;
    for (uint32_t partition = 1; partition <= events; partition++) {
        const struct booking *b = engine_booking(c->engine, partition);
        CRASH_POINT("cashier.start.event");
        for (uint32_t order = 0; b && order < booking_order_slots(b); order++) {
            char text[LIMIT_CALL_TEXT];
            struct entry_payment_requested owed;
            struct booking_order o;
            if (!booking_order_get(b, order, booking_order_random(b, order), &o))
                continue;
            if (booking_call_get(b, order, &owed, text))
                cashier_owe(c, partition, &o, &owed);
            if (o.state == BOOKING_ORDER_PLACED)
                cashier_watch(c, partition, order, &o);
        }
    }
    CRASH_POINT("cashier.start.done");
}

void cashier_tick(struct cashier *c)
{
    if (!c->behind) {
        c->pause_ticks = 1;
        c->waited_ticks = 0;
        return;
    }
    /* What the machine owes and is not durable yet must not be asked: its entry will come. */
    if (++c->waited_ticks < c->pause_ticks || engine_barrier(c->engine) != 0)
        return;
    CRASH_POINT("cashier.tick.again");
    c->waited_ticks = 0;
    c->pause_ticks = c->pause_ticks < PAUSE_TICKS_MAX ? c->pause_ticks * 2 : PAUSE_TICKS_MAX;
    cashier_start(c);
}

void cashier_entry(struct cashier *c, const struct engine_entry *entry)
{
    uint16_t number = 0;
    if (entry->partition == 0 || entry->bytes.len < 2)
        return;
    memcpy(&number, entry->bytes.data, 2);
    if (number < BOOKING_ENTRY_payment_requested || number > BOOKING_ENTRY_order_ended)
        return;
    struct booking_entry e;
    const struct booking *b = engine_booking(c->engine, entry->partition);
    struct booking_order o;
    if (!b || !booking_entry_decode(entry->bytes, &e))
        return;
    uint32_t order = e.payment_requested.order; /* the first field of all of these */
    if (!booking_order_get(b, order, booking_order_random(b, order), &o))
        return;
    CRASH_POINT("cashier.entry");
    switch ((enum booking_entry_number)number) {
    case BOOKING_ENTRY_payment_requested:
        cashier_owe(c, entry->partition, &o, &e.payment_requested);
        break;
    case BOOKING_ENTRY_payment_created: cashier_watch(c, entry->partition, order, &o); break;
    case BOOKING_ENTRY_payment_captured:
    case BOOKING_ENTRY_payment_cancelled:
        c->port.unwatch(c->port.context, entry->partition, order);
        break;
    default: break;
    }
}

/* ---- from the provider ---- */

static struct hash16 cashier_card(const struct cashier *c, uint32_t partition,
                                  struct slice fingerprint)
{
    const struct booking *b = engine_booking(c->engine, partition);
    struct hash16 unknown = {{0}};
    return b && c->port.card_hash
               ? c->port.card_hash(c->port.context, booking_event(b).event_random, fingerprint)
               : unknown;
}

/* False: there was no room. */
static bool cashier_submit(struct cashier *c, uint32_t partition, struct command_payment_news *news,
                           uint64_t *ret_barrier)
{
    uint64_t randoms[LIMIT_HOLD_UNITS];
    for (unsigned i = 0; i < LIMIT_HOLD_UNITS; i++)
        randoms[i] = c->port.random_u64(c->port.context);
    news->ticket_randoms = (struct u64s){randoms, LIMIT_HOLD_UNITS};
    struct booking_command command = {.number = BOOKING_COMMAND_payment_news};
    command.payment_news = *news;
    struct engine_result result;
    CRASH_POINT("cashier.news.before");
    engine_submit(c->engine, partition, &command, &result);
    CRASH_POINT("cashier.news.after");
    *ret_barrier = result.barrier;
    return !result.no_space;
}

bool cashier_news(void *cashier, const struct payments_news *news)
{
    const struct cashier *c = cashier;
    struct command_payment_news command = {
        .order = news->order,
        .order_random = news->order_random,
        .kind = news->kind,
        .intent = news->intent,
        .client_secret = news->client_secret,
        .amount_minor = news->amount_minor,
        .code = news->code,
        .card = cashier_card(c, news->partition, news->card),
    };
    uint64_t barrier;
    return cashier_submit(cashier, news->partition, &command, &barrier);
}

/* 0: the event says nothing that the box office needs. */
static uint8_t news_kind(enum stripe_event_type type)
{
    switch (type) {
    case STRIPE_EVENT_AUTHORISED: return BOOKING_PAYMENT_AUTHORISED;
    case STRIPE_EVENT_DECLINED: return BOOKING_PAYMENT_DECLINED;
    case STRIPE_EVENT_CAPTURED: return BOOKING_PAYMENT_CAPTURED;
    case STRIPE_EVENT_CANCELLED: return BOOKING_PAYMENT_CANCELLED;
    case STRIPE_EVENT_OTHER: break;
    }
    return 0;
}

static bool webhook_was_taken(const struct cashier *c, struct hash128 event)
{
    for (uint32_t i = 0; i < CASHIER_WEBHOOKS_KEPT; i++) {
        if (c->webhooks[i].low == event.low && c->webhooks[i].high == event.high)
            return true;
    }
    return false;
}

/* Does the sale of a waiting order wait for the name of its card? Webhooks hold a payment whose
 * charge is only named; what else is not as it should be, the machine decides. */
static bool wants_look(const struct cashier *c, const struct stripe_event *event, struct id order)
{
    const struct booking *b = engine_booking(c->engine, order.partition);
    struct slice intent = slice_from_string(event->intent.id);
    struct booking_order o;
    return c->port.card_hash && event->type == STRIPE_EVENT_AUTHORISED &&
           event->intent.card[0] == '\0' && b &&
           booking_order_get(b, order.slot, order.random, &o) && o.state == BOOKING_ORDER_PLACED &&
           (o.intent.len == 0 || slice_equal(o.intent, intent));
}

/* False: no memory for it. A process that dies first looks at all that wait when it starts. */
static bool look_now(struct cashier *c, const struct stripe_event *event, struct id order)
{
    struct err err;
    struct payments_call call = {.partition = order.partition,
                                 .order = order.slot,
                                 .order_random = order.random,
                                 .intent = slice_from_string(event->intent.id)};
    CRASH_POINT("cashier.webhook.look");
    return c->port.watch(c->port.context, &call, 0, &err) == 0;
}

bool cashier_webhook(struct cashier *c, const struct stripe_event *event, uint64_t *ret_barrier)
{
    struct id order;
    *ret_barrier = 0;
    if (!news_kind(event->type) ||
        !id_parse(ID_ORDER, slice_from_string(event->intent.order_id), &order))
        return true;
    struct hash128 hash = hash128_of(event->id, strlen(event->id));
    if (webhook_was_taken(c, hash)) { /* a decline counts once */
        *ret_barrier = engine_barrier(c->engine);
        return true;
    }
    if (wants_look(c, event, order)) {
        *ret_barrier = engine_barrier(c->engine);
        if (!look_now(c, event, order))
            return false;
        c->webhooks[c->webhook_next++ % CASHIER_WEBHOOKS_KEPT] = hash;
        return true;
    }
    struct command_payment_news news = {
        .order = order.slot,
        .order_random = order.random,
        .kind = news_kind(event->type),
        .intent = slice_from_string(event->intent.id),
        .client_secret = slice_from_string(event->intent.client_secret),
        .code = slice_from_string(event->intent.last_error),
        .card = cashier_card(c, order.partition, slice_from_string(event->intent.card)),
    };
    if (event->type == STRIPE_EVENT_AUTHORISED)
        news.amount_minor = event->intent.capturable_minor;
    if (event->type == STRIPE_EVENT_CAPTURED)
        news.amount_minor = event->intent.received_minor;
    CRASH_POINT("cashier.webhook.before");
    /* A disk without room is worth another delivery; an order of another house is not ours. */
    if (!cashier_submit(c, order.partition, &news, ret_barrier))
        return false;
    c->webhooks[c->webhook_next++ % CASHIER_WEBHOOKS_KEPT] = hash;
    CRASH_POINT("cashier.webhook.after");
    return true;
}

/* ---- life ---- */

int cashier_create(struct engine *engine, const struct cashier_port *port,
                   struct cashier **ret_cashier, struct err *err)
{
    struct cashier *c = calloc(1, sizeof *c);
    if (!c)
        return err_set(err, "out of memory");
    c->engine = engine;
    c->port = *port;
    *ret_cashier = c;
    return 0;
}

void cashier_destroy(struct cashier *c)
{
    free(c);
}
