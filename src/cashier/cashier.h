/*
 * cashier: between the booking machine, which journals what is owed to the payment provider, and
 * the provider, whose news become commands.
 *
 *   cashier_create -> cashier_start (once, after recovery)
 *   durable entries -> cashier_entry -> port.owed / port.watch / port.unwatch
 *   answers of the outbox -> cashier_news;  webhooks -> cashier_webhook  -> engine_submit
 *
 * Invariants: nothing is asked of the provider before the entry that owes it is durable. What a
 * failed port could not take (no memory) is offered again by cashier_tick: the machine knows what
 * it owes. Each order is paid at the provider that it names, to its end: calls carry it, and the
 * port hands them to that provider's outbox. A sale is decided knowing the card: a webhook that
 * says "authorised" or "captured" and not with which card is an occasion to look at the payment at
 * once, and the look's answer is the news. Refunds and disputes that do not name their order are
 * matched by their payment. A webhook counts once while it is among the last CASHIER_WEBHOOKS_KEPT;
 * after a restart it may count twice, which only a number of declines can show.
 *
 * No I/O, clock or chance of its own. Thread: the engine's.
 */
#ifndef ONSALE_CASHIER_CASHIER_H
#define ONSALE_CASHIER_CASHIER_H

#include "effects/payments.h"
#include "engine/engine.h"

/* The provider's events that were taken last: it delivers some of them twice. */
#define CASHIER_WEBHOOKS_KEPT 4096u
/* How long an order may be silent before the provider is asked about it: webhooks get lost. */
#define CASHIER_SILENCE_US 20000000ull

struct cashier;

struct cashier_port {
    void *context;
    /* As payments_owed, payments_watch and payments_unwatch, of the provider that the call names;
     * repeats are harmless. An unwatch is for whichever watches the order. */
    int (*owed)(void *context, const struct payments_call *call, struct err *err);
    int (*watch)(void *context, const struct payments_call *call, uint64_t silence_us,
                 struct err *err);
    void (*unwatch)(void *context, uint32_t partition, uint32_t order);
    uint64_t (*random_u64)(void *context); /* secrets of tickets; never 0 */
    /* owed or watch failed, or a genuine webhook is of no order that is here (a few a tick);
     * `what` is a word for the log. */
    void (*complain)(void *context, const char *what, const struct err *err);
    /* A card's fingerprint as the journal of this event has it: keyed, zero for an empty one. NULL:
     * cards are not limited, and a payment need not be looked at to learn which it was. */
    struct hash16 (*card_hash)(void *context, uint64_t event_random, struct slice fingerprint);
};

/* The engine stays the caller's and outlives the cashier. */
int cashier_create(struct engine *engine, const struct cashier_port *port,
                   struct cashier **ret_cashier, struct err *err) MUST_USE;
void cashier_destroy(struct cashier *cashier); /* NULL is allowed */

/* Owes the provider everything that was owed before the last stop. */
void cashier_start(struct cashier *cashier);
/* About once a second: offers again what could not be taken, at growing distances. */
void cashier_tick(struct cashier *cashier);
/* One durable entry, from the engine's port. */
void cashier_entry(struct cashier *cashier, const struct engine_entry *entry);

/* What the outbox learned becomes a command. False: not now, tell it again soon. `cashier` is a
 * struct cashier: it has the form of payments_port.news. */
bool cashier_news(void *cashier, const struct payments_news *news);

/* What a genuine webhook says becomes a command, once. False: not now, the provider shall deliver
 * it again. The answer waits for *ret_barrier (set in both cases; 0: for nothing). */
bool cashier_webhook(struct cashier *cashier, const struct stripe_event *event,
                     uint64_t *ret_barrier) MUST_USE;

/* Reconciliation found that an order differs from the provider's books: a person shall look.
 * `news_kind`: reconcile_news. False: not now. */
bool cashier_differs(struct cashier *cashier, struct id order, enum booking_payment news_kind,
                     struct slice detail) MUST_USE;

#endif
