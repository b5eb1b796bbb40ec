/*
 * payments: the outbox of calls that are owed to the payment provider. The box office journals
 * "PaymentRequested" before anything is sent; whoever reads that entry (or finds it unanswered
 * after a start) hands it to payments_owed, and this module sees to it that the provider is asked
 * until it has answered, and tells what it said.
 *
 *   payments_create -> payments_owed / payments_watch ... payments_tick -> port.send
 *                      payments_answer <- transport;   payments_tick -> port.news
 *
 * Invariants:
 * - A call is asked under one idempotency key until something is known. Unknown answers (time-outs,
 *   5xx, 409, 429, unreadable bodies) are asked again for ever, with full-jitter exponential
 * backoff of at most PAYMENTS_BACKOFF_MAX_US; they are never told as a decline or refusal.
 * - A 5xx that the provider stored under the key would come back for ever. A capture or cancel then
 *   retrieves the intent; when that shows that nothing happened, it is asked under the key with the
 *   suffix "-r1", "-r2", ...: safe, because an intent is captured or cancelled at most once
 * whatever the key. A create takes the suffix at once: an intent whose secret nobody has cannot be
 * paid.
 * - A refusal of a capture or cancel is believed only after the intent was retrieved: "unexpected
 *   state" may mean that it was done long ago. One of a cancel that could be done by then is asked
 *   again under a new key, a few times: an attempt may just have been under way.
 * - A refund has a number in its order, and none is paid twice, whatever the keys: before it is
 * asked, and again after each unknown answer, the refunds of the intent are looked through for that
 * number. One that is alive answers the call, whichever attempt made it; of those that failed, only
 * the call's own attempt does. A new key is taken only for a stored 5xx, when nothing was found.
 * One that is on its way is looked at, ever more rarely, until it was paid or failed.
 * - What goes out keeps to throttle.h: a rate, a budget of retries, a circuit breaker for each
 * class of call. While that of creating is open, nothing new should be ordered:
 * payments_may_create.
 * - Each call brings exactly one news; a call that is already owed is not queued twice. The queue
 * is bounded by the number of orders.
 * - No I/O, clock or randomness of its own: all through the port, so that a simulator can drive it.
 *
 * Thread: one, the loop's. Callbacks are made only from within payments_tick.
 */
#ifndef ONSALE_EFFECTS_PAYMENTS_H
#define ONSALE_EFFECTS_PAYMENTS_H

#include "effects/stripe.h"

#define PAYMENTS_BACKOFF_US 200000ull       /* first retry: 0 to this */
#define PAYMENTS_BACKOFF_MAX_US 60000000ull /* cap of the doubling */
#define PAYMENTS_WATCH_MAX_US 300000000ull  /* looks at a silent order: cap of the doubling */
#define PAYMENTS_WATCH_MIN_US 250000ull     /* and its beginning, when it looked at once */
#define PAYMENTS_SLOW_MIN_US 2000000ull     /* looks at a refund that is on its way: the first */
#define PAYMENTS_SLOW_MAX_US 3600000000ull  /* cap, and that of orders that wait for a bank */
#define PAYMENTS_CALLS_PER_SECOND 80u
#define PAYMENTS_IN_FLIGHT 64u

struct payments;

/* An owed call. Slices are copied. */
struct payments_call {
    uint32_t partition;
    uint32_t order; /* slot */
    uint64_t order_random;
    uint8_t kind; /* enum booking_call */
    uint8_t attempt;
    struct slice call_key;
    struct slice body;   /* exact bytes of the entry */
    struct slice intent; /* provider's id; empty for a create */
    uint8_t provider;    /* the order's; the outbox is that provider's and does not look at it */
    bool processing;     /* of a watch: the order waits for a bank */
};

/* What the provider told; the fields of the command PaymentNews. Valid during the callback. */
struct payments_news {
    uint32_t partition;
    uint32_t order;
    uint64_t order_random;
    uint8_t kind; /* enum booking_payment */
    struct slice intent;
    struct slice client_secret; /* with CREATED */
    int64_t amount_minor;       /* with AUTHORISED, CAPTURED, REFUNDED and REFUND_FAILED */
    struct slice currency;      /* of it, as Stripe writes it; empty: not told */
    struct slice card; /* fingerprint, with AUTHORISED and CAPTURED; empty: the provider has none */
    struct slice code; /* with REFUSED, REFUND_FAILED and DECLINED */
    uint8_t refund;    /* which of the order's: of news about a refund; else 0 */
    uint8_t attempt;   /* with REFUNDED and REFUND_FAILED: which attempt of it that is */
};

struct payments_port {
    void *context;
    /* Sends a request; its answer is given later (or at once) to payments_answer with the ticket.
     * The request is valid during the call only. */
    void (*send)(void *context, uint64_t ticket, const struct stripe_request *request);
    uint64_t (*now_us)(void *context); /* any clock that does not go back */
    uint64_t (*random)(void *context);
    /* Hands the news to the box office. False: not now (its queue is full), told again soon. */
    bool (*news)(void *context, const struct payments_news *news);
};

struct payments_options {
    struct stripe_account account; /* strings must outlive the outbox */
    struct payments_port port;
    uint32_t calls_per_second; /* 0: no limit */
    uint32_t in_flight;        /* 0: PAYMENTS_IN_FLIGHT */
};

struct payments_counters {
    uint64_t sent;    /* requests */
    uint64_t unknown; /* answers that said nothing */
    uint64_t told;    /* news taken */
    uint32_t owed;    /* calls waiting or in flight, watches not counted */
    uint32_t watched;
    uint32_t in_flight;
    uint32_t away; /* classes of call whose breaker is open, a bit each (enum throttle_class) */
};

int payments_create(const struct payments_options *options, struct payments **ret_payments,
                    struct err *err) MUST_USE;
/* Forgets everything; answers that come later must not be handed in. NULL is allowed. */
void payments_destroy(struct payments *p);

/* Takes a call into the outbox; one that is there already (order, kind, attempt) is left
 * as it is. Fails when memory runs out or when the call cannot be made into a request: a capture or
 * cancel without an intent, an unusable key. Then nothing was queued. */
int payments_owed(struct payments *p, const struct payments_call *call, struct err *err) MUST_USE;

/* Looks at the order's intent after `silence_us`, and again at growing distances, until it is
 * authorised, captured or cancelled (which is told as news) or payments_unwatch. That it is
 * processing is told, too, and then it goes on looking for days, ever more rarely. For webhooks
 * that never came, and with a silence of 0 for what they do not say: then it looks at once, in turn
 * with owed calls; other looks wait behind all of them. Asked again, the earlier look counts.
 * `kind`, `attempt`, key and body are not used. A look brings no decline, but of an order that
 * waits for a bank
 * (`processing`): its payment then waits for the buyer again. */
int payments_watch(struct payments *p, const struct payments_call *call, uint64_t silence_us,
                   struct err *err) MUST_USE;
void payments_unwatch(struct payments *p, uint32_t partition, uint32_t order);

/* An answer, or a transport failure (status 0), to a request that was sent. Unknown tickets are
 * ignored. Follow with payments_tick. */
void payments_answer(struct payments *p, uint64_t ticket, const struct stripe_reply *reply);

/* Sends what is due and tells what is known. Returns when (port clock) it wants to be called again;
 * UINT64_MAX: only after the next payments_owed, payments_watch or payments_answer. */
uint64_t payments_tick(struct payments *p);

/* Whether a new order should be paid here now. If not, *ret_retry_after_ms is when to ask again;
 * what is owed stays owed. */
bool payments_may_create(const struct payments *p, uint64_t *ret_retry_after_ms);

struct payments_counters payments_counters(const struct payments *p);

#endif
