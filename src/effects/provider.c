#include "effects/provider.h"

#include "effects/curl_pool.h"

#include <sodium.h>
#include <stdlib.h>

#define LIST_TICKET UINT64_MAX        /* the outbox counts its own from 1 */
#define ANSWER_MAX (2u * 1024 * 1024) /* a page of intents has some hundred kilobytes */

struct provider {
    struct payments *payments;
    struct curl_pool *pool;
    uv_timer_t timer;
    void *context;
    bool (*news)(void *context, const struct payments_news *news);
    void (*listed)(void *context, int status, struct slice body);
    bool listing;
    char failure[ERR_DETAIL_MAX];
    char *api_base, *secret_key;
};

static void on_timer(uv_timer_t *timer);

/* Ticks as soon as the loop comes round; never at once, so that callers are not re-entered. */
static void wake(struct provider *p)
{
    uv_timer_start(&p->timer, on_timer, 0, 0);
}

static uint64_t now_us(void *context)
{
    (void)context;
    return uv_hrtime() / 1000;
}

static uint64_t random_word(void *context)
{
    uint64_t word;
    (void)context;
    randombytes_buf(&word, sizeof word);
    return word;
}

static bool pass_news(void *context, const struct payments_news *news)
{
    struct provider *p = context;
    return p->news(p->context, news);
}

static void on_timer(uv_timer_t *timer)
{
    struct provider *p = timer->data;
    uint64_t wake_us = payments_tick(p->payments), now = now_us(NULL);
    if (wake_us != UINT64_MAX && !uv_is_closing((uv_handle_t *)timer))
        uv_timer_start(timer, on_timer, wake_us > now ? (wake_us - now + 999) / 1000 : 0, 0);
}

static void note_failure(struct provider *p, const char *why)
{
    (void)snprintf(p->failure, sizeof p->failure, "%s", why);
}

static int send_to_pool(struct provider *p, uint64_t ticket, const struct stripe_request *request,
                        struct err *err)
{
    const char *headers[STRIPE_HEADERS_MAX];
    for (uint32_t i = 0; i < request->header_count; i++)
        headers[i] = request->headers[i];
    const struct curl_pool_request out = {
        .post = request->post,
        .url = request->url,
        .headers = headers,
        .header_count = request->header_count,
        .body = request->body,
    };
    return curl_pool_send(p->pool, ticket, &out, err);
}

static void send_request(void *context, uint64_t ticket, const struct stripe_request *request)
{
    struct provider *p = context;
    struct err err;
    if (send_to_pool(p, ticket, request, &err) < 0) {
        note_failure(p, err.detail);
        payments_answer(p->payments, ticket, &(struct stripe_reply){.status = 0});
    }
}

static uint32_t seconds_of(const char *text)
{
    unsigned long seconds = text && *text >= '0' && *text <= '9' ? strtoul(text, NULL, 10) : 0;
    return seconds > 3600 ? 3600 : (uint32_t)seconds;
}

static void on_reply(void *context, uint64_t ticket, const struct curl_pool_reply *reply)
{
    struct provider *p = context;
    const char *replayed = reply->status ? curl_pool_header(reply, "Idempotent-Replayed") : NULL;
    const struct stripe_reply in = {
        .status = reply->status,
        .retry_after_s = reply->status ? seconds_of(curl_pool_header(reply, "Retry-After")) : 0,
        .replayed = replayed && strcmp(replayed, "true") == 0,
        .body = reply->body,
    };
    if (!reply->status)
        note_failure(p, reply->failure);
    if (ticket == LIST_TICKET) {
        p->listing = false;
        p->listed(p->context, reply->status, reply->body);
        return;
    }
    payments_answer(p->payments, ticket, &in);
    wake(p);
}

static int start(struct provider *p, const struct provider_options *options, struct err *err)
{
    const struct payments_options outbox = {
        .account = {.api_base = p->api_base, .secret_key = p->secret_key},
        .port = {.context = p,
                 .send = send_request,
                 .now_us = now_us,
                 .random = random_word,
                 .news = pass_news},
        .calls_per_second = options->calls_per_second,
        .in_flight = options->in_flight,
    };
    const struct curl_pool_options pool = {
        .loop = options->loop,
        .direct = options->direct,
        .answer_max = ANSWER_MAX,
        .connections_max = options->in_flight,
        .context = p,
        .done = on_reply,
    };
    if (payments_create(&outbox, &p->payments, err) < 0)
        return -1;
    if (curl_pool_create(&pool, &p->pool, err) < 0)
        return -1;
    if (uv_timer_init(options->loop, &p->timer) < 0)
        return err_set(err, "no timer for the payment provider");
    return 0;
}

static void free_provider(struct provider *p)
{
    payments_destroy(p->payments);
    free(p->api_base);
    free(p->secret_key);
    free(p);
}

int provider_create(const struct provider_options *options, struct provider **ret_provider,
                    struct err *err)
{
    struct provider *p = calloc(1, sizeof *p);
    if (!p)
        return err_set(err, "no memory for the payment provider");
    p->context = options->context;
    p->news = options->news;
    p->listed = options->listed;
    p->api_base = strdup(options->api_base);
    p->secret_key = strdup(options->secret_key);
    if (!p->api_base || !p->secret_key || start(p, options, err) < 0) {
        if (!p->api_base || !p->secret_key)
            err_set(err, "no memory for the payment provider");
        curl_pool_destroy(p->pool);
        free_provider(p);
        return -1;
    }
    p->timer.data = p;
    *ret_provider = p;
    return 0;
}

int provider_owed(struct provider *p, const struct payments_call *call, struct err *err)
{
    if (payments_owed(p->payments, call, err) < 0)
        return -1;
    wake(p);
    return 0;
}

int provider_watch(struct provider *p, const struct payments_call *call, uint64_t silence_us,
                   struct err *err)
{
    if (payments_watch(p->payments, call, silence_us, err) < 0)
        return -1;
    wake(p);
    return 0;
}

void provider_unwatch(struct provider *p, uint32_t partition, uint32_t order)
{
    payments_unwatch(p->payments, partition, order);
}

bool provider_may_create(const struct provider *p, uint64_t *ret_retry_after_ms)
{
    return payments_may_create(p->payments, ret_retry_after_ms);
}

int provider_list(struct provider *p, const struct stripe_list_options *options, struct err *err)
{
    const struct stripe_account account = {.api_base = p->api_base, .secret_key = p->secret_key};
    struct stripe_request request;
    if (p->listing || !p->listed)
        return err_set(err, "a list of the provider's is being read already");
    if (stripe_list_build(&account, options, &request, err) < 0 ||
        send_to_pool(p, LIST_TICKET, &request, err) < 0)
        return -1;
    p->listing = true;
    return 0;
}

struct payments_counters provider_counters(const struct provider *p)
{
    return payments_counters(p->payments);
}

const char *provider_last_failure(const struct provider *p)
{
    return p->failure;
}

static void timer_closed(uv_handle_t *handle)
{
    free_provider(handle->data);
}

void provider_destroy(struct provider *p)
{
    if (!p)
        return;
    curl_pool_destroy(p->pool);
    p->pool = NULL;
    uv_timer_stop(&p->timer);
    uv_close((uv_handle_t *)&p->timer, timer_closed);
}
