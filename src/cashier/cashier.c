#include "cashier/cashier.h"

#include "base/crash.h"
#include "base/hash.h"
#include "base/time.h"

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
        .provider = o->provider,
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
    struct payments_call call = {.partition = partition,
                                 .order = order,
                                 .order_random = o->random,
                                 .intent = o->intent,
                                 .provider = o->provider,
                                 .processing = o->processing};
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

static bool is_of_interest(uint16_t number)
{
    return number == BOOKING_ENTRY_payment_requested || number == BOOKING_ENTRY_payment_created ||
           number == BOOKING_ENTRY_payment_declined || number == BOOKING_ENTRY_payment_captured ||
           number == BOOKING_ENTRY_payment_cancelled ||
           number == BOOKING_ENTRY_payment_processing || number == BOOKING_ENTRY_payment_taken;
}

void cashier_entry(struct cashier *c, const struct engine_entry *entry)
{
    uint16_t number = 0;
    if (entry->partition == 0 || entry->bytes.len < 2)
        return;
    memcpy(&number, entry->bytes.data, 2);
    if (!is_of_interest(number))
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
    case BOOKING_ENTRY_payment_processing: /* which kind of look it is has changed */
    case BOOKING_ENTRY_payment_declined:
        if (o.state == BOOKING_ORDER_PLACED)
            cashier_watch(c, entry->partition, order, &o);
        break;
    case BOOKING_ENTRY_payment_captured:
    case BOOKING_ENTRY_payment_taken:
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
        .refund = news->refund,
    };
    uint64_t barrier;
    return cashier_submit(cashier, news->partition, &command, &barrier);
}

/* ---- webhooks ---- */

static bool webhook_was_taken(const struct cashier *c, struct hash128 event)
{
    for (uint32_t i = 0; i < CASHIER_WEBHOOKS_KEPT; i++) {
        if (c->webhooks[i].low == event.low && c->webhooks[i].high == event.high)
            return true;
    }
    return false;
}

/* The order that was paid with this intent, by looking through all of them: for what is rare and
 * names nothing else. */
static bool order_of_intent(const struct cashier *c, const char *intent, struct id *ret_order)
{
    uint32_t events = directory_event_count(engine_directory(c->engine));
    for (uint32_t partition = 1; *intent && partition <= events; partition++) {
        const struct booking *b = engine_booking(c->engine, partition);
        uint32_t order = b ? booking_order_of_intent(b, slice_from_string(intent)) : BOOKING_NONE;
        if (order == BOOKING_NONE)
            continue;
        *ret_order = (struct id){partition, order, booking_order_random(b, order)};
        return true;
    }
    return false;
}

/* False: none of ours, or an event of no concern. */
static bool order_of_event(const struct cashier *c, const struct stripe_event *event,
                           struct id *ret_order)
{
    const struct stripe_refund *refund = &event->refund;
    switch (event->type) {
    case STRIPE_EVENT_OTHER: break;
    case STRIPE_EVENT_AUTHORISED:
    case STRIPE_EVENT_DECLINED:
    case STRIPE_EVENT_CAPTURED:
    case STRIPE_EVENT_CANCELLED:
    case STRIPE_EVENT_PROCESSING:
        return id_parse(ID_ORDER, slice_from_string(event->intent.order_id), ret_order);
    case STRIPE_EVENT_REFUND_NEW:
    case STRIPE_EVENT_REFUND:
        if (refund->number)
            return id_parse(ID_ORDER, slice_from_string(refund->order_id), ret_order);
        return event->type == STRIPE_EVENT_REFUND_NEW &&
               order_of_intent(c, refund->intent, ret_order);
    case STRIPE_EVENT_DISPUTED:
    case STRIPE_EVENT_DISPUTE_CLOSED: return order_of_intent(c, event->dispute.intent, ret_order);
    }
    return false;
}

static uint8_t intent_news(const struct cashier *c, const struct stripe_event *event,
                           uint32_t partition, struct command_payment_news *news)
{
    const struct stripe_intent *intent = &event->intent;
    news->intent = slice_from_string(intent->id);
    news->client_secret = slice_from_string(intent->client_secret);
    news->code = slice_from_string(intent->last_error);
    news->card = cashier_card(c, partition, slice_from_string(intent->card));
    switch (event->type) {
    case STRIPE_EVENT_AUTHORISED:
        news->amount_minor = intent->capturable_minor;
        return BOOKING_PAYMENT_AUTHORISED;
    case STRIPE_EVENT_CAPTURED:
        news->amount_minor = intent->received_minor;
        return BOOKING_PAYMENT_CAPTURED;
    case STRIPE_EVENT_DECLINED: return BOOKING_PAYMENT_DECLINED;
    case STRIPE_EVENT_CANCELLED: return BOOKING_PAYMENT_CANCELLED;
    default: return BOOKING_PAYMENT_PROCESSING;
    }
}

#define DETAIL_BYTES 160u

/* Whether the refund was paid, as far as we know. */
static bool refund_is_done(const struct cashier *c, struct id order, uint8_t number)
{
    struct booking_order o;
    const struct booking *b = engine_booking(c->engine, order.partition);
    return b && booking_order_get(b, order.slot, order.random, &o) && number >= 1 &&
           number <= o.refunds && o.refund_states[number - 1] == BOOKING_REFUND_DONE;
}

/* 0: nothing yet. What the provider's dashboard refunded has no number of ours. A number does not
 * say which attempt is meant, and an event that is late tells of an earlier one: that it failed, or
 * that it had succeeded, before it came back. So what became of a refund that is owed is told by
 * the outbox alone, which knows what it made; an event can only tell that one which was paid came
 * back. */
static uint8_t refund_news(const struct cashier *c, struct id order,
                           const struct stripe_refund *refund, char detail[DETAIL_BYTES],
                           struct command_payment_news *news)
{
    news->intent = slice_from_string(refund->intent);
    news->refund = refund->number;
    news->amount_minor = refund->amount_minor;
    if (refund->number == 0) {
        (void)snprintf(detail, DETAIL_BYTES, "%s: %lld %s", refund->id,
                       (long long)refund->amount_minor, refund->currency);
        news->code = slice_from_string(detail);
        return refund->status == STRIPE_REFUND_FAILED ? 0 : BOOKING_PAYMENT_REFUND_UNASKED;
    }
    news->code = slice_from_string(refund->failure);
    bool came_back =
        refund->status == STRIPE_REFUND_FAILED && refund_is_done(c, order, refund->number);
    return came_back ? BOOKING_PAYMENT_REFUND_FAILED : 0;
}

/* 0: a question of the bank, which moves no money. */
static uint8_t dispute_news(const struct stripe_dispute *dispute, struct command_payment_news *news)
{
    news->intent = slice_from_string(dispute->intent);
    news->dispute = slice_from_string(dispute->id);
    news->code = slice_from_string(dispute->reason);
    news->amount_minor = dispute->amount_minor;
    news->due_at_us = dispute->due_s * TIME_SECOND_US;
    switch (dispute->status) {
    case STRIPE_DISPUTE_OPEN: return BOOKING_PAYMENT_DISPUTED;
    case STRIPE_DISPUTE_WON: return BOOKING_PAYMENT_DISPUTE_WON;
    case STRIPE_DISPUTE_LOST: return BOOKING_PAYMENT_DISPUTE_LOST;
    case STRIPE_DISPUTE_UNKNOWN:
    case STRIPE_DISPUTE_INQUIRY: break;
    }
    return 0;
}

/* Does the sale of an order wait for the name of its card? Webhooks hold a payment whose charge is
 * only named; what else is not as it should be, the machine decides. */
static bool wants_look(const struct cashier *c, const struct stripe_event *event, struct id order)
{
    const struct booking *b = engine_booking(c->engine, order.partition);
    bool authorised = event->type == STRIPE_EVENT_AUTHORISED;
    bool captured = event->type == STRIPE_EVENT_CAPTURED;
    struct booking_order o;
    if (!c->port.card_hash || !(authorised || captured) || event->intent.card[0] != '\0' || !b ||
        !booking_order_get(b, order.slot, order.random, &o))
        return false;
    /* Paid after its end, it may be seated again; a cancel that is owed will find that out, too. */
    bool late = captured && o.state == BOOKING_ORDER_ENDING && o.call == BOOKING_CALL_CANCEL;
    return (o.state == BOOKING_ORDER_PLACED || late) &&
           (o.intent.len == 0 || slice_equal(o.intent, slice_from_string(event->intent.id)));
}

/* False: no memory for it. A process that dies first looks at all that wait when it starts. */
static bool look_now(struct cashier *c, const struct stripe_event *event, struct id order)
{
    struct err err;
    struct booking_order o;
    const struct booking *b = engine_booking(c->engine, order.partition);
    if (!booking_order_get(b, order.slot, order.random, &o))
        return true;
    struct payments_call call = {.partition = order.partition,
                                 .order = order.slot,
                                 .order_random = order.random,
                                 .intent = slice_from_string(event->intent.id),
                                 .provider = o.provider,
                                 .processing = o.processing};
    CRASH_POINT("cashier.webhook.look");
    return c->port.watch(c->port.context, &call, 0, &err) == 0;
}

/* What an event says becomes news. False: there was no room for them. */
static bool webhook_submit(struct cashier *c, const struct stripe_event *event, struct id order,
                           uint64_t *ret_barrier)
{
    char detail[DETAIL_BYTES];
    struct command_payment_news news = {.order = order.slot, .order_random = order.random};
    bool refund = event->type == STRIPE_EVENT_REFUND_NEW || event->type == STRIPE_EVENT_REFUND;
    bool dispute =
        event->type == STRIPE_EVENT_DISPUTED || event->type == STRIPE_EVENT_DISPUTE_CLOSED;
    news.kind = refund    ? refund_news(c, order, &event->refund, detail, &news)
                : dispute ? dispute_news(&event->dispute, &news)
                          : intent_news(c, event, order.partition, &news);
    if (news.kind == 0)
        return true;
    CRASH_POINT("cashier.webhook.before");
    /* The news that it was opened may come later, and must not open it again then. */
    if (news.kind == BOOKING_PAYMENT_DISPUTE_WON) {
        struct command_payment_news opened = news;
        opened.kind = BOOKING_PAYMENT_DISPUTED;
        if (!cashier_submit(c, order.partition, &opened, ret_barrier))
            return false;
    }
    return cashier_submit(c, order.partition, &news, ret_barrier);
}

/* A dispute of a payment that we have not heard of yet: nothing could be made of it, and it would
 * be forgotten. It is delivered again, when the payment is known. */
static bool is_early(const struct cashier *c, const struct stripe_event *event, struct id order)
{
    const struct booking *b = engine_booking(c->engine, order.partition);
    struct booking_order o;
    bool dispute =
        event->type == STRIPE_EVENT_DISPUTED || event->type == STRIPE_EVENT_DISPUTE_CLOSED;
    return dispute && b && booking_order_get(b, order.slot, order.random, &o) &&
           (o.state == BOOKING_ORDER_PLACED || o.state == BOOKING_ORDER_SOLD);
}

bool cashier_webhook(struct cashier *c, const struct stripe_event *event, uint64_t *ret_barrier)
{
    struct id order;
    *ret_barrier = 0;
    if (!order_of_event(c, event, &order))
        return true;
    struct hash128 hash = hash128_of(event->id, strlen(event->id));
    *ret_barrier = engine_barrier(c->engine);
    if (webhook_was_taken(c, hash)) /* a decline counts once */
        return true;
    if (is_early(c, event, order))
        return false;
    /* A disk without room is worth another delivery; an order of another house is not ours. */
    bool taken = wants_look(c, event, order) ? look_now(c, event, order)
                                             : webhook_submit(c, event, order, ret_barrier);
    if (!taken)
        return false;
    c->webhooks[c->webhook_next++ % CASHIER_WEBHOOKS_KEPT] = hash;
    CRASH_POINT("cashier.webhook.after");
    return true;
}

bool cashier_differs(struct cashier *c, struct id order, struct slice detail)
{
    const struct booking *b = engine_booking(c->engine, order.partition);
    struct booking_order o;
    uint64_t barrier;
    if (!b || !booking_order_get(b, order.slot, order.random, &o))
        return true;
    struct command_payment_news news = {.order = order.slot,
                                        .order_random = order.random,
                                        .kind = BOOKING_PAYMENT_DIFFERS,
                                        .intent = o.intent,
                                        .code = detail};
    return cashier_submit(c, order.partition, &news, &barrier);
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
