/*
 * provider: a payment provider (two of them: one may be down) with books of its own. It reads
 * the exact HTTP requests that src/effects builds and answers as Stripe does: payment intents,
 * refunds, disputes, idempotency keys under which answers are kept, webhooks. It shares no code
 * with src/sandbox and believes nothing that the house says. What goes wrong is drawn from the
 * seed.
 */
#ifndef ONSALE_TESTS_SIM_PROVIDER_H
#define ONSALE_TESTS_SIM_PROVIDER_H

#include "base/id.h"
#include "cashier/reconcile.h"
#include "effects/payments.h"
#include "sim.h"

struct provider *provider_create(struct sim *s);
void provider_destroy(struct provider *provider);
/* The first fault of its own accord. */
void provider_begin(struct sim *s);

/* A request of the house, of the process `epoch`, to one of the two providers (`house`: 0 or 1);
 * its answer goes to host_provider_answers. */
void provider_request(struct sim *s, uint8_t house, uint64_t epoch, uint64_t ticket,
                      const struct stripe_request *request);
/* Nobody answers there right now. */
bool provider_is_down(const struct sim *s, uint8_t house);

/* The buyer's browser confirms a payment. */
enum confirm_result {
    CONFIRM_DONE = 1, /* authorised, as far as the buyer sees */
    CONFIRM_DECLINED,
    CONFIRM_PENDING,    /* known later */
    CONFIRM_IMPOSSIBLE, /* no such payment, wrong secret, or not in a state to be confirmed */
};
enum confirm_result provider_confirm(struct sim *s, struct slice intent, struct slice secret);

/* What the books say of an order, all its intents together. */
struct provider_facts {
    uint32_t intents, captures;
    uint32_t declines_lost; /* webhooks of declines that never left */
    uint32_t declines_told; /* webhooks of declines, each once a process: it forgets when it dies */
    bool authorised_ever, cancelled_ever, refused, meddled;
    bool open;    /* money is reserved right now */
    bool pending; /* an attempt's outcome is not known yet */
    bool disputed_ever;
    bool untold;   /* something was done by others, and the webhook that says so got lost */
    bool stubborn; /* it cannot be cancelled while faults last */
    bool planted;  /* somebody planted a difference */
    int64_t authorised_minor; /* reserved at one time, or taken */
    int64_t captured_minor;
    int64_t refunded_minor; /* paid back, and it did not come back */
    int64_t disputed_minor; /* with the bank, or lost to it */
    uint32_t card; /* that was authorised; 0: none, or one that nobody can tell from others */
};
struct provider_facts provider_facts(const struct sim *s, struct id order);
/* What was paid back of the order and nobody here asked for. */
int64_t provider_unasked_minor(const struct sim *s, struct id order);
/* Whether this attempt of a refund of the order was ever paid back; and whether it failed then. */
bool provider_refund_paid(const struct sim *s, struct id order, uint8_t refund, uint8_t attempt);
bool provider_refund_back(const struct sim *s, struct id order, uint8_t refund, uint8_t attempt);
/* Calls for a new intent whose key answers 500 for ever: only these may be asked under another. */
uint32_t provider_stuck_creates(const struct sim *s);
/* Each order that the provider ever heard of, once. */
void provider_each(struct sim *s, void (*visit)(struct sim *s, struct id order,
                                                const struct provider_facts *facts));
/* No webhook, no answer, no attempt is under way. */
bool provider_idle(const struct sim *s);

/* ---- provider_plants.c: differences that are planted, so that somebody has to find them ---- */

/* Now and then, in few worlds. */
void provider_plant_begin(struct sim *s);
void provider_plant_over(struct sim *s);
/* Whether what happened at this provider explains the difference. `all_told`: all webhooks have
 * arrived, but for those that got lost. */
bool provider_explains(const struct sim *s, uint8_t house,
                       const struct reconcile_difference *difference, bool all_told);

#endif
