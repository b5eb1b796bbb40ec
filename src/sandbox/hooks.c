#include "sandbox/hooks.h"

#include "sandbox/courier.h"

#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <stdlib.h>
#include <time.h>

#define BACKOFF_MS 500u
#define BACKOFF_MAX_MS 30000u
#define LANES 4096u /* intents are told apart by row modulo this; a clash only makes one wait */

struct delivery {
    struct delivery *next;
    int64_t row, intent_row, created_s; /* in the books */
    uint64_t due_ms;                    /* of the loop's clock */
    uint32_t attempts;
    bool flying;
    bool loose;   /* others of its intent need not wait for it, nor it for them */
    bool ignored; /* the answer to the first delivery does not count */
};

struct hooks {
    struct hooks_options options;
    struct courier *courier;
    uv_timer_t timer;
    struct delivery *first, **end;
    uint32_t flying;
    uint64_t pause_ms; /* the receiver is down: nothing before this */
};

size_t hooks_sign(const char *secret, int64_t now_s, struct slice body, char ret_text[128])
{
    unsigned char mac[EVP_MAX_MD_SIZE];
    unsigned mac_len = 0;
    BUF_AUTO struct buf signed_text = BUF_INIT;
    buf_append_format(&signed_text, "%lld.", (long long)now_s);
    buf_append_slice(&signed_text, body);
    HMAC(EVP_sha256(), secret, (int)strlen(secret), (const unsigned char *)signed_text.data,
         signed_text.len, mac, &mac_len);
    size_t len = (size_t)snprintf(ret_text, 128, "t=%lld,v1=", (long long)now_s);
    for (unsigned i = 0; i < mac_len && len + 2 < 128; i++)
        len += (size_t)snprintf(ret_text + len, 128 - len, "%02x", mac[i]);
    return len;
}

static void append(struct hooks *hooks, const struct delivery *from)
{
    struct delivery *d = malloc(sizeof *d);
    if (!d)
        return; /* still in the books: sent after a restart */
    *d = *from;
    d->next = NULL;
    *hooks->end = d;
    hooks->end = &d->next;
}

static void unlink_delivery(struct hooks *hooks, struct delivery *d)
{
    struct delivery **at = &hooks->first;
    while (*at != d)
        at = &(*at)->next;
    *at = d->next;
    if (hooks->end == &d->next)
        hooks->end = at;
    free(d);
}

/* ---- sending ---- */

static void send_one(struct hooks *hooks, struct delivery *d)
{
    BUF_AUTO struct buf body = BUF_INIT;
    if (!books_delivery_body(hooks->options.books, d->row, &body) || body.failed)
        return;
    char signature[128];
    hooks_sign(hooks->options.secret, (int64_t)time(NULL), buf_slice(&body), signature);
    const struct courier_letter letter = {.ticket = d->row,
                                          .url = hooks->options.url,
                                          .signature = signature,
                                          .body = buf_slice(&body)};
    if (courier_send(hooks->courier, &letter)) {
        d->flying = true;
        hooks->flying++;
    }
}

static void on_timer(uv_timer_t *timer)
{
    hooks_go(timer->data);
}

static void wake_at(struct hooks *hooks, uint64_t due_ms)
{
    uint64_t now = uv_now(hooks->options.loop);
    if (due_ms != UINT64_MAX)
        uv_timer_start(&hooks->timer, on_timer, due_ms > now ? due_ms - now : 0, 0);
}

void hooks_go(struct hooks *hooks)
{
    if (!hooks->courier || books_dirty(hooks->options.books))
        return; /* nothing is told before it is durable */
    uint64_t busy[LANES / 64] = {0}, wake = UINT64_MAX, now = uv_now(hooks->options.loop);
    if (hooks->pause_ms > now) {
        wake_at(hooks, hooks->pause_ms);
        return;
    }
    for (struct delivery *d = hooks->first; d && hooks->flying < HOOKS_IN_FLIGHT; d = d->next) {
        uint64_t lane = (uint64_t)d->intent_row % LANES, bit = 1ull << (lane % 64);
        if (!d->loose && busy[lane / 64] & bit)
            continue;
        if (!d->loose)
            busy[lane / 64] |= bit;
        if (d->flying)
            continue;
        if (d->due_ms <= now)
            send_one(hooks, d);
        else if (d->due_ms < wake)
            wake = d->due_ms;
    }
    wake_at(hooks, wake);
}

static uint32_t backoff_ms(uint32_t attempts)
{
    uint32_t ms = BACKOFF_MS << (attempts < 8 ? attempts : 8);
    return ms < BACKOFF_MAX_MS ? ms : BACKOFF_MAX_MS;
}

static void on_done(void *context, int64_t ticket, int status)
{
    struct hooks *hooks = context;
    struct delivery *d = hooks->first;
    while (d && d->row != ticket)
        d = d->next;
    if (!d)
        return;
    hooks->flying--;
    d->flying = false;
    bool taken = status >= 200 && status < 300 && !d->ignored;
    bool old = (int64_t)time(NULL) - d->created_s > HOOKS_GIVE_UP_S;
    if (taken || old) {
        books_delivery_done(hooks->options.books, d->row);
        unlink_delivery(hooks, d);
    } else {
        d->due_ms = uv_now(hooks->options.loop) + backoff_ms(d->attempts++);
        if (status == 0) /* nobody is there: the others need not try before this one has */
            hooks->pause_ms = d->due_ms;
        d->ignored = false;
    }
    if (taken)
        hooks->pause_ms = 0;
    hooks_go(hooks);
}

/* ---- events ---- */

void hooks_add(struct hooks *hooks, const struct books_event *event, const struct fault *fault)
{
    if (!hooks->courier || fault->kind == FAULT_DROP)
        return;
    struct books_delivery delivery = {
        .event_row = event->row, .intent_row = event->intent_row, .created_s = event->created_s};
    struct delivery d = {.intent_row = event->intent_row,
                         .created_s = event->created_s,
                         .due_ms = uv_now(hooks->options.loop)};
    switch (fault->kind) {
    case FAULT_DELAY: d.due_ms += fault->ms; break;
    case FAULT_REORDER:
    case FAULT_LATE:
        d.due_ms += fault->ms;
        d.loose = true;
        break;
    case FAULT_ERROR_500: d.due_ms += backoff_ms(d.attempts++); break;
    case FAULT_TIMEOUT_AFTER: d.ignored = true; break;
    default: break; /* the others happen to calls */
    }
    for (int copies = fault->kind == FAULT_DUPLICATE ? 2 : 1; copies > 0; copies--) {
        books_delivery_add(hooks->options.books, &delivery);
        d.row = delivery.row;
        append(hooks, &d);
    }
}

static void take_up(void *context, const struct books_delivery *delivery)
{
    struct hooks *hooks = context;
    append(hooks, &(struct delivery){.row = delivery->row,
                                     .intent_row = delivery->intent_row,
                                     .created_s = delivery->created_s});
}

int hooks_create(const struct hooks_options *options, struct hooks **ret_hooks, struct err *err)
{
    struct hooks *hooks = calloc(1, sizeof *hooks);
    if (!hooks || uv_timer_init(options->loop, &hooks->timer) < 0) {
        free(hooks);
        return err_set(err, "no memory for the sandbox's webhooks");
    }
    hooks->options = *options;
    hooks->timer.data = hooks;
    hooks->end = &hooks->first;
    bool wanted = options->url && *options->url;
    if (wanted && courier_create(options->loop, hooks, on_done, &hooks->courier, err) < 0) {
        hooks_destroy(hooks);
        return -1;
    }
    if (wanted)
        books_each_delivery(options->books, take_up, hooks);
    *ret_hooks = hooks;
    return 0;
}

static void timer_closed(uv_handle_t *handle)
{
    free(handle->data);
}

void hooks_destroy(struct hooks *hooks)
{
    if (!hooks)
        return;
    courier_destroy(hooks->courier);
    while (hooks->first)
        unlink_delivery(hooks, hooks->first);
    uv_timer_stop(&hooks->timer);
    uv_close((uv_handle_t *)&hooks->timer, timer_closed);
}
