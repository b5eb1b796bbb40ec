#include "app/internal.h"

#include "effects/throttle.h"

#include "keys/card.h"

#include <stdlib.h>
#include <string.h>

/* ---- which there are ---- */

bool providers_account(const struct settings *s, unsigned provider,
                       struct stripe_account *ret_account)
{
    const char *base = provider == 0 ? s->stripe_api_base : s->stripe2_api_base;
    const char *key = provider == 0 ? s->stripe_secret_key : s->stripe2_secret_key;
    *ret_account = (struct stripe_account){.api_base = base, .secret_key = key};
    return strncmp(base, "http://127.", 11) == 0 || strncmp(base, "http://[::1]", 12) == 0 ||
           strncmp(base, "http://localhost", 16) == 0;
}

/* Splits "whsec_a,whsec_b". */
static int read_webhook_secrets(struct house *h, unsigned provider, const char *setting,
                                struct err *err)
{
    const char *name = provider == 0 ? "stripe_webhook_secret" : "stripe2_webhook_secret";
    unsigned count = 0;
    h->webhook_texts[provider] = strdup(setting);
    if (!h->webhook_texts[provider])
        return err_set(err, "out of memory");
    char *rest = h->webhook_texts[provider];
    for (char *part; (part = strsep(&rest, ", ")) != NULL;) {
        if (!*part)
            continue;
        if (++count > 2)
            return err_set(err, "%s holds more than 2 secrets", name);
        h->webhook_secrets[h->webhook_secret_count++] = part;
    }
    return count > 0 ? 0 : err_set(err, "a Stripe key without %s cannot learn of payments", name);
}

static bool provider_news(void *context, const struct payments_news *news)
{
    return cashier_news(((struct house *)context)->cashier, news);
}

static void provider_listed(void *context, int status, struct slice body)
{
    reconciler_listed(((struct house *)context)->reconciler, status, body);
}

/* The sandbox that this process runs. */
static int start_sandbox_client(struct house *h, struct api_payment *payment, struct err *err)
{
    struct sandbox_keys keys = sandbox_thread_keys(h->sandbox);
    char base[160];
    house_write_url(h->address, sandbox_thread_port(h->sandbox), base, sizeof base);
    h->webhook_secrets[h->webhook_secret_count++] = keys.webhook_secret;
    payment->provider = "sandbox";
    payment->publishable_key = keys.publishable_key;
    payment->sandbox_port = sandbox_thread_port(h->sandbox);
    payment->api_base = *h->settings->sandbox_url ? h->settings->sandbox_url : NULL;
    const struct provider_options options = {.loop = &h->loop,
                                             .api_base = base,
                                             .secret_key = keys.secret_key,
                                             .direct = true, /* and no limit: it is our own */
                                             .context = h,
                                             .news = provider_news,
                                             .listed = provider_listed};
    return provider_create(&options, &h->providers[0], err);
}

/* An account of the settings; another address than Stripe's is a sandbox's. */
static int start_account(struct house *h, unsigned provider, struct api_payment *payment,
                         struct err *err)
{
    const struct settings *s = h->settings;
    struct stripe_account account;
    bool direct = providers_account(s, provider, &account);
    bool real = strcmp(account.api_base, STRIPE_API_BASE) == 0;
    if (!*account.secret_key)
        return 0;
    const char *secrets = provider == 0 ? s->stripe_webhook_secret : s->stripe2_webhook_secret;
    if (read_webhook_secrets(h, provider, secrets, err) != 0)
        return -1;
    payment->provider = real ? "stripe" : "sandbox";
    payment->publishable_key =
        provider == 0 ? s->stripe_publishable_key : s->stripe2_publishable_key;
    payment->api_base = account.api_base;
    const struct provider_options options = {.loop = &h->loop,
                                             .api_base = account.api_base,
                                             .secret_key = account.secret_key,
                                             .direct = direct,
                                             .calls_per_second = s->payment_calls_per_second,
                                             .context = h,
                                             .news = provider_news,
                                             .listed = provider_listed};
    return provider_create(&options, &h->providers[provider], err);
}

/* ---- the cashier's port ---- */

static struct provider *provider_of(const struct house *h, uint8_t provider)
{
    return provider < PROVIDERS ? h->providers[provider] : NULL;
}

static int port_owed(void *context, const struct payments_call *call, struct err *err)
{
    struct provider *provider = provider_of(context, call->provider);
    return provider ? provider_owed(provider, call, err) : 0;
}

static int port_watch(void *context, const struct payments_call *call, uint64_t silence_us,
                      struct err *err)
{
    struct provider *provider = provider_of(context, call->provider);
    return provider ? provider_watch(provider, call, silence_us, err) : 0;
}

static void port_unwatch(void *context, uint32_t partition, uint32_t order)
{
    struct house *h = context;
    for (unsigned i = 0; i < PROVIDERS; i++)
        if (h->providers[i])
            provider_unwatch(h->providers[i], partition, order);
}

static uint64_t port_random(void *context)
{
    (void)context;
    return keys_random_u64();
}

static void port_complain(void *context, const char *what, const struct err *err)
{
    log_line(&((struct house *)context)->log, "error", what, "%s", err->detail);
}

static struct hash16 port_card(void *context, uint64_t event_random, struct slice fingerprint)
{
    return card_hash(((struct house *)context)->keys, event_random, fingerprint);
}

/* Test cards are everybody's: only real ones belong to somebody. */
static int read_limit_cards(const struct house *h, bool *ret_limited, struct err *err)
{
    const char *key = h->settings->stripe_secret_key, *set = h->settings->limit_cards;
    bool live =
        !h->sandbox && (strncmp(key, "sk_live_", 8) == 0 || strncmp(key, "rk_live_", 8) == 0);
    if (strcmp(set, "yes") != 0 && strcmp(set, "no") != 0 && strcmp(set, "live") != 0)
        return err_set(err, "limit_cards must be yes, no or live, not \"%s\"", set);
    *ret_limited = strcmp(set, "yes") == 0 || (strcmp(set, "live") == 0 && live);
    return 0;
}

static int start_cashier(struct house *h, struct err *err)
{
    bool cards = false;
    if (read_limit_cards(h, &cards, err) != 0)
        return -1;
    const struct cashier_port port = {.context = h,
                                      .owed = port_owed,
                                      .watch = port_watch,
                                      .unwatch = port_unwatch,
                                      .random_u64 = port_random,
                                      .complain = port_complain,
                                      .card_hash = cards ? port_card : NULL};
    return cashier_create(h->engine, &port, &h->cashier, err);
}

/* ---- together ---- */

int providers_start(struct house *h, struct api_payment ret_payments[PROVIDERS], struct err *err)
{
    for (unsigned i = 0; i < PROVIDERS; i++) {
        ret_payments[i] = (struct api_payment){.provider = "none"};
        int started = i == 0 && h->sandbox ? start_sandbox_client(h, &ret_payments[i], err)
                                           : start_account(h, i, &ret_payments[i], err);
        if (started != 0)
            return -1;
    }
    if (h->providers[1] && !h->providers[0])
        return err_set(err, "stripe2_secret_key is for a second provider: set the first one, too");
    if (!h->providers[0])
        log_line(&h->log, "warning", "no_payment_provider",
                 "without --sandbox and without a Stripe key, priced events cannot be sold");
    return start_cashier(h, err);
}

void providers_stop(struct house *h)
{
    for (unsigned i = 0; i < PROVIDERS; i++) {
        provider_destroy(h->providers[i]);
        h->providers[i] = NULL;
    }
}

void providers_finish(struct house *h)
{
    for (unsigned i = 0; i < PROVIDERS; i++)
        free(h->webhook_texts[i]);
}

bool providers_choose(void *house, uint8_t *ret_provider, uint64_t *ret_retry_after_ms)
{
    const struct house *h = house;
    uint64_t soonest_ms = UINT64_MAX;
    for (unsigned i = 0; i < PROVIDERS; i++) {
        uint64_t wait_ms = 0;
        if (!h->providers[i])
            continue;
        if (provider_may_create(h->providers[i], &wait_ms)) {
            *ret_provider = (uint8_t)i;
            return true;
        }
        soonest_ms = wait_ms < soonest_ms ? wait_ms : soonest_ms;
    }
    *ret_retry_after_ms = soonest_ms == UINT64_MAX ? 0 : soonest_ms;
    return false;
}

struct payments_counters providers_counters(const struct house *h)
{
    struct payments_counters all = {0};
    for (unsigned i = 0; i < PROVIDERS; i++) {
        if (!h->providers[i])
            continue;
        struct payments_counters one = provider_counters(h->providers[i]);
        all.sent += one.sent;
        all.unknown += one.unknown;
        all.told += one.told;
        all.owed += one.owed;
        all.watched += one.watched;
        all.in_flight += one.in_flight;
        all.away |= one.away;
    }
    return all;
}

void providers_metrics(void *host, struct buf *out)
{
    const struct house *h = host;
    static const char *const classes[] = {"create", "settle", "read"};
    _Static_assert(sizeof classes / sizeof classes[0] == THROTTLE_CLASSES, "a word for each class");
    struct payments_counters all = providers_counters(h);
    const struct {
        const char *name, *type;
        uint64_t value;
    } figures[] = {
        {"sent_total", "counter", all.sent},   {"unknown_total", "counter", all.unknown},
        {"owed", "gauge", all.owed},           {"watched", "gauge", all.watched},
        {"in_flight", "gauge", all.in_flight},
    };
    for (size_t i = 0; i < sizeof figures / sizeof figures[0]; i++)
        buf_append_format(out, "# TYPE onsale_payment_calls_%s %s\nonsale_payment_calls_%s %llu\n",
                          figures[i].name, figures[i].type, figures[i].name,
                          (unsigned long long)figures[i].value);
    buf_append_text(out, "# TYPE onsale_payment_provider_away gauge\n");
    for (unsigned i = 0; i < PROVIDERS; i++) {
        if (!h->providers[i])
            continue;
        uint32_t away = provider_counters(h->providers[i]).away;
        for (unsigned class = 0; class < THROTTLE_CLASSES; class ++)
            buf_append_format(out,
                              "onsale_payment_provider_away{provider=\"%u\",calls=\"%s\"} %u\n",
                              i + 1, classes[class], away >> class & 1);
    }
}
