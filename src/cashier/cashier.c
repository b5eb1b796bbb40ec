#include "cashier/cashier.h"

#include "base/crash.h"
#include "base/hash.h"
#include "base/time.h"

#include <stdlib.h>

#define PAUSE_TICKS_MAX 64u
#define STRAYS_TOLD 5u /* webhooks without an order that have a line of their own, a tick */
#define STRAY "webhook_without_order"
#define DETAIL_BYTES 160u

struct cashier {
    struct engine *engine;
    struct cashier_port port;
    bool behind;          /* something could not be handed over */
    uint32_t pause_ticks; /* until it is tried again, doubling */
    uint32_t waited_ticks;
    uint32_t strays; /* webhooks without an order since the last tick */
    uint32_t webhook_next;
    struct hash128 webhooks[CASHIER_WEBHOOKS_KEPT];
};

/* ---- to the provider ---- */

static void cashier_fall_behind(struct cashier *c, const char *what, const struct err *err)
{
    struct err told;
    c->behind = true;
    (void)err_set(&told, "%s; it is tried again", err->detail);
    c->port.complain(c->port.context, what, &told);
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

/* What had no line of its own is told by its number. */
static void tell_strays(struct cashier *c)
{
    struct err err;
    if (c->strays > STRAYS_TOLD) {
        (void)err_set(&err, "%u more events of such orders", c->strays - STRAYS_TOLD);
        c->port.complain(c->port.context, STRAY, &err);
    }
    c->strays = 0;
}

void cashier_tick(struct cashier *c)
{
    tell_strays(c);
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

static bool tells_money(uint8_t kind)
{
    switch ((enum booking_payment)kind) {
    case BOOKING_PAYMENT_AUTHORISED:
    case BOOKING_PAYMENT_CAPTURED:
    case BOOKING_PAYMENT_REFUNDED:
    case BOOKING_PAYMENT_REFUND_FAILED:
    case BOOKING_PAYMENT_DISPUTED:
    case BOOKING_PAYMENT_DISPUTE_WON:
    case BOOKING_PAYMENT_DISPUTE_LOST: return true;
    default: return false;
    }
}

/* An amount of another currency than the event's is not one of ours, whatever its number: the news
 * become a case for a person. `detail` keeps the case's words. */
static void check_currency(const struct cashier *c, uint32_t partition, struct slice currency,
                           struct command_payment_news *news, char detail[DETAIL_BYTES])
{
    const struct booking *b = engine_booking(c->engine, partition);
    if (!b || currency.len == 0 || !tells_money(news->kind))
        return;
    struct booking_event event = booking_event(b);
    if (stripe_currency_is(currency, event.currency))
        return;
    char refund[16] = "";
    if (news->refund)
        (void)snprintf(refund, sizeof refund, "refund %u of ", news->refund);
    struct slice object = news->dispute.len ? news->dispute : news->intent;
    (void)snprintf(detail, DETAIL_BYTES, "%s%.*s: %lld %.*s, not %s", refund, SLICE_ARG(object),
                   (long long)news->amount_minor, SLICE_ARG(currency), event.currency);
    *news = (struct command_payment_news){.order = news->order,
                                          .order_random = news->order_random,
                                          .kind = BOOKING_PAYMENT_DIFFERS,
                                          .intent = news->intent,
                                          .code = slice_from_string(detail)};
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
        .attempt = news->attempt,
    };
    char detail[DETAIL_BYTES];
    uint64_t barrier;
    check_currency(c, news->partition, news->currency, &command, detail);
    return cashier_submit(cashier, news->partition, &command, &barrier);
}

/* ---- webhooks ---- */

static bool is_refund(const struct stripe_event *event)
{
    return event->type == STRIPE_EVENT_REFUND_NEW || event->type == STRIPE_EVENT_REFUND;
}

static bool is_dispute(const struct stripe_event *event)
{
    return event->type == STRIPE_EVENT_DISPUTED || event->type == STRIPE_EVENT_DISPUTE_CLOSED;
}

/* What an event is about: its object, which order or payment that is of, and in which currency. */
struct subject {
    const char *object, *of, *currency;
};

static struct subject subject_of(const struct stripe_event *event)
{
    const struct stripe_refund *refund = &event->refund;
    const struct stripe_dispute *dispute = &event->dispute;
    const struct stripe_intent *intent = &event->intent;
    if (is_refund(event))
        return (struct subject){refund->id, refund->order_id, refund->currency};
    if (is_dispute(event))
        return (struct subject){dispute->id, dispute->intent, dispute->currency};
    return (struct subject){intent->id, intent->order_id, intent->currency};
}

static bool webhook_was_taken(const struct cashier *c, struct hash128 event)
{
    for (uint32_t i = 0; i < CASHIER_WEBHOOKS_KEPT; i++) {
        if (c->webhooks[i].low == event.low && c->webhooks[i].high == event.high)
            return true;
    }
    return false;
}

static void remember(struct cashier *c, struct hash128 event)
{
    c->webhooks[c->webhook_next++ % CASHIER_WEBHOOKS_KEPT] = event;
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

/* Whether this attempt of the refund is what the order owes now. */
static bool refund_is_owed(const struct cashier *c, struct id order,
                           const struct stripe_refund *refund)
{
    struct booking_order o;
    const struct booking *b = engine_booking(c->engine, order.partition);
    return b && booking_order_get(b, order.slot, order.random, &o) &&
           o.call == BOOKING_CALL_REFUND && o.attempt == refund->attempt &&
           refund->number <= o.refunds && o.refund_attempts[refund->number - 1] == o.attempt;
}

/* What the provider's dashboard refunded is told of again, days later: when all of it is in the
 * books, nobody has to look once more. */
static bool is_recorded(const struct cashier *c, struct id order, const struct stripe_event *event)
{
    struct booking_order o;
    const struct booking *b = engine_booking(c->engine, order.partition);
    return event->type != STRIPE_EVENT_REFUND_NEW && b &&
           booking_order_get(b, order.slot, order.random, &o) &&
           o.by_hand_minor >= event->refund.amount_minor;
}

/* 0: nothing yet. What the provider's dashboard refunded has no number of ours. That one was paid
 * is believed of the attempt that is owed alone: an event that is late tells of an earlier one
 * which had succeeded, before it came back. The outbox looks, and knows better. Failed is failed:
 * of which attempt that counts, the machine knows. */
static uint8_t refund_news(const struct cashier *c, struct id order,
                           const struct stripe_event *event, char detail[DETAIL_BYTES],
                           struct command_payment_news *news)
{
    const struct stripe_refund *refund = &event->refund;
    news->intent = slice_from_string(refund->intent);
    news->refund = refund->number;
    news->amount_minor = refund->amount_minor;
    if (refund->number == 0) {
        (void)snprintf(detail, DETAIL_BYTES, "%s: %lld %s", refund->id,
                       (long long)refund->amount_minor, refund->currency);
        news->code = slice_from_string(detail);
        bool known = refund->status == STRIPE_REFUND_FAILED || is_recorded(c, order, event);
        return known ? 0 : BOOKING_PAYMENT_REFUND_UNASKED;
    }
    news->code = slice_from_string(refund->failure);
    news->attempt = refund->attempt;
    switch (refund->status) {
    case STRIPE_REFUND_FAILED: return BOOKING_PAYMENT_REFUND_FAILED;
    case STRIPE_REFUND_SUCCEEDED:
        return refund_is_owed(c, order, refund) ? BOOKING_PAYMENT_REFUNDED : 0;
    case STRIPE_REFUND_PENDING:
    case STRIPE_REFUND_UNKNOWN: break;
    }
    return 0;
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
    news.kind = is_refund(event)    ? refund_news(c, order, event, detail, &news)
                : is_dispute(event) ? dispute_news(&event->dispute, &news)
                                    : intent_news(c, event, order.partition, &news);
    if (news.kind == 0)
        return true;
    check_currency(c, order.partition, slice_from_string(subject_of(event).currency), &news,
                   detail);
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

/* A dispute of a payment of which we have not heard yet that it was paid: nothing could be made of
 * it, and it would be forgotten. It is delivered again, when that is known. */
static bool is_early(const struct cashier *c, const struct stripe_event *event, struct id order)
{
    const struct booking *b = engine_booking(c->engine, order.partition);
    struct booking_order o;
    return is_dispute(event) && b && booking_order_get(b, order.slot, order.random, &o) &&
           (o.state == BOOKING_ORDER_PLACED || o.state == BOOKING_ORDER_SOLD ||
            (o.state == BOOKING_ORDER_ENDING && o.taken_minor == 0));
}

/* The order was here, and its slot is empty or another's by now. An id that was never given out
 * here is another house's. */
static bool is_gone(const struct cashier *c, struct id order)
{
    const struct booking *b = engine_booking(c->engine, order.partition);
    return b && order.slot < booking_order_slots(b) &&
           booking_order_random(b, order.slot) != order.random;
}

/* Genuine news that nothing here can take. */
static void complain_of_stray(struct cashier *c, const struct stripe_event *event)
{
    struct err err;
    struct subject subject = subject_of(event);
    if (c->strays++ >= STRAYS_TOLD)
        return;
    (void)err_set(&err, "event %s tells of %s of %s, %s", event->id, subject.object, subject.of,
                  is_dispute(event) ? "a payment that no order here has"
                                    : "an order that is not here any more");
    c->port.complain(c->port.context, STRAY, &err);
}

/* Would the event be news to an order that is gone? Those of refunds that were paid are not: it
 * owed nothing any more. */
static bool is_news(const struct stripe_event *event)
{
    struct command_payment_news news;
    if (is_dispute(event))
        return dispute_news(&event->dispute, &news) != 0;
    return !is_refund(event) || event->refund.status == STRIPE_REFUND_FAILED;
}

bool cashier_webhook(struct cashier *c, const struct stripe_event *event, uint64_t *ret_barrier)
{
    struct id order;
    struct hash128 hash = hash128_of(event->id, strlen(event->id));
    bool found = order_of_event(c, event, &order);
    bool stray = (found ? is_gone(c, order) : is_dispute(event)) && is_news(event);
    *ret_barrier = 0;
    if (stray && !webhook_was_taken(c, hash)) {
        complain_of_stray(c, event);
        remember(c, hash);
    }
    if (!found || stray)
        return true;
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
    remember(c, hash);
    CRASH_POINT("cashier.webhook.after");
    return true;
}

bool cashier_differs(struct cashier *c, struct id order, enum booking_payment news_kind,
                     struct slice detail)
{
    const struct booking *b = engine_booking(c->engine, order.partition);
    struct booking_order o;
    uint64_t barrier;
    if (!b || !booking_order_get(b, order.slot, order.random, &o))
        return true;
    struct command_payment_news news = {.order = order.slot,
                                        .order_random = order.random,
                                        .kind = (uint8_t)news_kind,
                                        .intent = o.intent,
                                        .code = detail};
    CRASH_POINT("cashier.differs");
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
