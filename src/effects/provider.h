/*
 * provider: the payment provider as the program uses it: the outbox (payments.h) over libcurl
 * (curl_pool.h), with its timer, on one loop.
 *
 *   provider_create -> provider_owed / provider_watch ... news(...) ... provider_destroy
 *   provider_list -> listed(...), one at a time
 *
 * Thread: the loop's.
 */
#ifndef ONSALE_EFFECTS_PROVIDER_H
#define ONSALE_EFFECTS_PROVIDER_H

#include "effects/payments.h"

#include <uv.h>

struct provider;

struct provider_options {
    uv_loop_t *loop;
    const char *api_base;      /* STRIPE_API_BASE or the sandbox's; copied */
    const char *secret_key;    /* copied */
    bool direct;               /* ignore the environment's proxies (the sandbox) */
    uint32_t calls_per_second; /* 0: no limit */
    uint32_t in_flight;        /* 0: PAYMENTS_IN_FLIGHT */
    void *context;
    /* From the loop, never from within a provider_ call. False: not now, told again. */
    bool (*news)(void *context, const struct payments_news *news);
    /* The answer to provider_list, as `news`. `status` 0: none came. May be NULL. */
    void (*listed)(void *context, int status, struct slice body);
};

int provider_create(const struct provider_options *options, struct provider **ret_provider,
                    struct err *err) MUST_USE;

/* As payments_owed and payments_watch; calls go out later in this turn of the loop. */
int provider_owed(struct provider *p, const struct payments_call *call, struct err *err) MUST_USE;
int provider_watch(struct provider *p, const struct payments_call *call, uint64_t silence_us,
                   struct err *err) MUST_USE;
void provider_unwatch(struct provider *p, uint32_t partition, uint32_t order);

/* As payments_may_create. */
bool provider_may_create(const struct provider *p, uint64_t *ret_retry_after_ms);

/* Asks for a page of a list, for reconciliation; its answer is told by `listed`. At most one is
 * asked for at a time. */
int provider_list(struct provider *p, const struct stripe_list_options *options,
                  struct err *err) MUST_USE;

struct payments_counters provider_counters(const struct provider *p);

/* Why the last request had no answer ("" while none failed); for the log and health. */
const char *provider_last_failure(const struct provider *p);

/* What was not answered stays owed in the journal. The loop must run once more. NULL is allowed. */
void provider_destroy(struct provider *p);

#endif
