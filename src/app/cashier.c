#include "app/internal.h"

#include <string.h>

/* Between the booking machine, which journals what is owed to the payment provider, and the
 * provider, whose news become commands. */

/* How long an order may be silent before the provider is asked about it: webhooks get lost. */
#define SILENCE_US 20000000ull

static void cashier_complain(struct house *h, const char *what, const struct err *err)
{
    log_line(&h->log, "error", what, "%s", err->detail);
}

static void cashier_owe(struct house *h, uint32_t partition, const struct booking_order *o,
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
    if (provider_owed(h->provider, &call, &err) != 0)
        cashier_complain(h, "payment_call_lost", &err);
}

static void cashier_watch(struct house *h, uint32_t partition, uint32_t order,
                          const struct booking_order *o)
{
    struct err err;
    struct payments_call call = {
        .partition = partition, .order = order, .order_random = o->random, .intent = o->intent};
    if (o->intent.len > 0 && provider_watch(h->provider, &call, SILENCE_US, &err) != 0)
        cashier_complain(h, "payment_watch_lost", &err);
}

void cashier_start(struct house *h)
{
    uint32_t events = directory_event_count(engine_directory(h->engine));
    for (uint32_t partition = 1; h->provider && partition <= events; partition++) {
        const struct booking *b = engine_booking(h->engine, partition);
        for (uint32_t order = 0; b && order < booking_order_slots(b); order++) {
            char text[LIMIT_CALL_TEXT];
            struct entry_payment_requested owed;
            struct booking_order o;
            if (!booking_order_get(b, order, booking_order_random(b, order), &o))
                continue;
            if (booking_call_get(b, order, &owed, text))
                cashier_owe(h, partition, &o, &owed);
            if (o.state == BOOKING_ORDER_PLACED)
                cashier_watch(h, partition, order, &o);
        }
    }
}

void cashier_entry(struct house *h, const struct engine_entry *entry)
{
    uint16_t number = 0;
    if (!h->provider || entry->partition == 0 || entry->bytes.len < 2)
        return;
    memcpy(&number, entry->bytes.data, 2);
    if (number < BOOKING_ENTRY_payment_requested || number > BOOKING_ENTRY_order_ended)
        return;
    struct booking_entry e;
    const struct booking *b = engine_booking(h->engine, entry->partition);
    struct booking_order o;
    if (!b || !booking_entry_decode(entry->bytes, &e))
        return;
    uint32_t order = e.payment_requested.order; /* the first field of all of these */
    if (!booking_order_get(b, order, booking_order_random(b, order), &o))
        return;
    switch ((enum booking_entry_number)number) {
    case BOOKING_ENTRY_payment_requested:
        cashier_owe(h, entry->partition, &o, &e.payment_requested);
        break;
    case BOOKING_ENTRY_payment_created: cashier_watch(h, entry->partition, order, &o); break;
    case BOOKING_ENTRY_payment_captured:
    case BOOKING_ENTRY_payment_cancelled:
        provider_unwatch(h->provider, entry->partition, order);
        break;
    default: break;
    }
}

bool cashier_news(void *context, const struct payments_news *news)
{
    struct house *h = context;
    uint64_t randoms[LIMIT_HOLD_UNITS];
    for (unsigned i = 0; i < LIMIT_HOLD_UNITS; i++)
        randoms[i] = keys_random_u64();
    struct booking_command command = {.number = BOOKING_COMMAND_payment_news};
    command.payment_news = (struct command_payment_news){
        .order = news->order,
        .order_random = news->order_random,
        .kind = news->kind,
        .intent = news->intent,
        .client_secret = news->client_secret,
        .amount_minor = news->amount_minor,
        .code = news->code,
        .ticket_randoms = {randoms, LIMIT_HOLD_UNITS},
    };
    struct engine_result result;
    engine_submit(h->engine, news->partition, &command, &result);
    return !result.no_space;
}
