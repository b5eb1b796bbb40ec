/* sandbox: its life, the turns of its books, and how a request meets its fault (sandbox.h). */
#include "sandbox/sandbox_internal.h"

#include "sandbox/wire.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/stat.h>

/* How long "never answered" lasts: longer than a client waits. Then 504, which says nothing. */
#define SILENCE_MS 12000u
/* How long to wait for a port that somebody else has taken in the meantime. */
#define LISTEN_AGAIN_MS 200u

/* A request whose turn has not come or that is never answered; without one, the end of playing
 * dead. */
struct wait {
    struct wait *next;
    uint64_t due_ms; /* of the loop's clock */
    struct request *request;
    void (*then)(struct request *request);
};

/* ---- turns: one commit for all that happened ---- */

static void on_idle(uv_idle_t *idle)
{
    (void)idle;
}

uint64_t sandbox_barrier(struct sandbox *s)
{
    if (!books_dirty(s->books))
        return 0;
    uv_idle_start(&s->idle, on_idle);
    return s->turn;
}

static void on_check(uv_check_t *check)
{
    struct sandbox *s = check->data;
    struct err err;
    if (!books_dirty(s->books))
        return;
    uv_idle_stop(&s->idle);
    if (books_commit(s->books, &err) < 0) {
        (void)fprintf(stderr, "%s\n", err.detail); /* answers of this turn never leave */
        return;
    }
    if (s->server)
        http_server_release(s->server, s->turn);
    s->turn++;
    hooks_go(s->hooks);
}

/* ---- answers ---- */

static void forget(struct request *r)
{
    buf_finish(&r->call.body);
    form_finish(&r->call.form);
}

void sandbox_answer(struct request *r)
{
    struct sandbox *s = r->sandbox;
    char text[32];
    if (books_broken(s->books, NULL))
        calls_error(&r->call, 503,
                    &(struct wire_error){.type = "api_error",
                                         .message = "The sandbox's books cannot be written."});
    if (r->call.replayed)
        http_add_header(r->x, "Idempotent-Replayed", SLICE("true"));
    if (r->call.retry_after_s) {
        (void)snprintf(text, sizeof text, "%u", r->call.retry_after_s);
        http_add_header(r->x, "Retry-After", slice_from_string(text));
    }
    calls_make_id("req_", 14, sizeof text, text);
    http_add_header(r->x, "Request-Id", slice_from_string(text));
    struct buf body = r->call.body;
    struct form form = r->call.form;
    http_answer(r->x, r->call.status, "application/json", buf_slice(&body), sandbox_barrier(s));
    buf_finish(&body);
    form_finish(&form);
}

void sandbox_refuse(struct request *r, int status, const char *code, const char *message)
{
    calls_error(
        &r->call, status,
        &(struct wire_error){.type = "invalid_request_error", .code = code, .message = message});
    sandbox_answer(r);
}

/* ---- waiting ---- */

static void on_timer(uv_timer_t *timer);

static void arm(struct sandbox *s)
{
    uint64_t due = UINT64_MAX, now = uv_now(s->loop);
    for (struct wait *w = s->waits; w; w = w->next)
        due = w->due_ms < due ? w->due_ms : due;
    if (due != UINT64_MAX)
        uv_timer_start(&s->timer, on_timer, due > now ? due - now : 0, 0);
}

static bool add_wait(struct sandbox *s, uint32_t ms, const struct wait *wait)
{
    struct wait *w = malloc(sizeof *w);
    if (!w)
        return false;
    *w = *wait;
    w->due_ms = uv_now(s->loop) + ms;
    w->next = s->waits;
    s->waits = w;
    arm(s);
    return true;
}

static void drop_waits(struct sandbox *s)
{
    while (s->waits) {
        struct wait *w = s->waits;
        s->waits = w->next;
        if (w->request)
            forget(w->request);
        free(w);
    }
}

static void later(struct request *r, uint32_t ms, void (*then)(struct request *request))
{
    if (!add_wait(r->sandbox, ms, &(struct wait){.request = r, .then = then}))
        sandbox_refuse(r, 503, NULL, "The sandbox has no memory.");
}

static void listen_again(struct sandbox *s)
{
    struct err err;
    if (!s->server && desk_open(s, s->port, &err) < 0)
        (void)add_wait(s, LISTEN_AGAIN_MS, &(struct wait){.request = NULL});
}

static void on_timer(uv_timer_t *timer)
{
    struct sandbox *s = timer->data;
    uint64_t now = uv_now(s->loop);
    for (struct wait **at = &s->waits; *at;) {
        struct wait *w = *at;
        if (w->due_ms > now) {
            at = &w->next;
            continue;
        }
        *at = w->next;
        if (w->request)
            w->then(w->request);
        else
            listen_again(s);
        free(w);
        at = &s->waits; /* the list may have changed */
    }
    arm(s);
}

void sandbox_play_dead(struct sandbox *s, uint32_t ms)
{
    if (!s->server)
        return;
    drop_waits(s); /* their exchanges go with the server */
    http_server_destroy(s->server);
    s->server = NULL;
    if (!add_wait(s, ms, &(struct wait){.request = NULL}))
        listen_again(s);
}

/* ---- calls and their faults ---- */

struct call sandbox_call(struct sandbox *s)
{
    return (struct call){.books = s->books,
                         .hooks = s->hooks,
                         .agenda = s->agenda,
                         .faults = &s->faults,
                         .times = &s->times,
                         .secret_key = true,
                         .body = BUF_INIT};
}

static void run(struct request *r)
{
    r->open = false;
    calls_run(&r->call, r->operation);
    (void)sandbox_barrier(r->sandbox); /* durable even when nobody is told */
}

void sandbox_do(struct request *r)
{
    run(r);
    sandbox_answer(r);
}

static void give_up(struct request *r)
{
    r->call.replayed = false;
    calls_error(&r->call, 504,
                &(struct wire_error){.type = "api_error",
                                     .message = "No answer (asked for by /sandbox/faults)."});
    sandbox_answer(r);
}

static void play_dead(struct request *r)
{
    uint32_t ms = r->call.fault.ms;
    struct sandbox *s = r->sandbox;
    forget(r);
    sandbox_play_dead(s, ms);
}

static uint32_t silence_ms(const struct request *r)
{
    return r->call.fault.ms ? r->call.fault.ms : SILENCE_MS;
}

static void run_in_silence(struct request *r)
{
    run(r);
    later(r, r->call.fault.kind == FAULT_LATE ? SILENCE_MS : silence_ms(r), give_up);
}

/* A request with the same key is being worked on. */
static bool in_progress(const struct request *r)
{
    for (struct wait *w = r->sandbox->waits; w; w = w->next)
        if (w->request && w->request->open && r->call.key.len &&
            slice_equal(w->request->call.key, r->call.key))
            return true;
    return false;
}

static void meet_late(struct request *r)
{
    if (r->call.on == FAULT_ON_CONFIRM) { /* the operation itself takes its time */
        sandbox_do(r);
        return;
    }
    r->open = true;
    later(r, r->call.fault.ms, run_in_silence);
}

void sandbox_meet(struct request *r)
{
    if (in_progress(r)) {
        sandbox_refuse(r, 409, "idempotency_key_in_use",
                       "There is currently another in-progress request using this "
                       "Stripe-Idempotency-Key. Please try again later.");
        return;
    }
    struct call *call = &r->call;
    call->fault = faults_meet(&r->sandbox->faults, call->on);
    switch (call->fault.kind) {
    case FAULT_DELAY:
        r->open = true;
        later(r, call->fault.ms, sandbox_do);
        break;
    case FAULT_DROP: later(r, silence_ms(r), give_up); break;
    case FAULT_ERROR_500:
    case FAULT_ERROR_500_AFTER:
        calls_fail(call, r->operation, call->fault.kind == FAULT_ERROR_500_AFTER);
        sandbox_answer(r);
        break;
    case FAULT_ERROR_503:
    case FAULT_RATE_LIMIT:
        calls_turn_away(call);
        sandbox_answer(r);
        break;
    case FAULT_TIMEOUT_AFTER: run_in_silence(r); break;
    case FAULT_LATE: meet_late(r); break;
    case FAULT_DOWN: later(r, 0, play_dead); break;
    case FAULT_NONE:
    case FAULT_DUPLICATE:
    case FAULT_REORDER:
    case FAULT_FAIL:
    case FAULT_PENDING:
    case FAULT_DISPUTE:
    case FAULT_DISPUTE_WON:
    case FAULT_DISPUTE_LOST:
    case FAULT_PAYOUT:
    case FAULT_KIND_COUNT: sandbox_do(r); break; /* the operation knows */
    }
}

static void on_due(void *context, const struct books_later *item)
{
    struct sandbox *s = context;
    struct call call = sandbox_call(s);
    calls_due(&call, item);
    buf_finish(&call.body);
    (void)sandbox_barrier(s);
}

/* ---- life ---- */

static const struct {
    const char *name, *usual;
    size_t offset;
} times[] = {
    {"processing_ms", "3000", offsetof(struct calls_times, processing_ms)},
    {"refund_ms", "2000", offsetof(struct calls_times, refund_ms)},
    {"dispute_ms", "1000", offsetof(struct calls_times, dispute_ms)},
    {"payout_ms", "2000", offsetof(struct calls_times, payout_ms)},
};

static uint32_t *time_at(struct sandbox *s, size_t i)
{
    return (uint32_t *)(void *)((char *)&s->times + times[i].offset);
}

static void read_times(struct sandbox *s)
{
    for (size_t i = 0; i < sizeof times / sizeof times[0]; i++) {
        struct books_text text = books_setting(s->books, times[i].name, times[i].usual);
        *time_at(s, i) = (uint32_t)strtoul(text.text, NULL, 10);
    }
}

void sandbox_save_times(struct sandbox *s)
{
    for (size_t i = 0; i < sizeof times / sizeof times[0]; i++) {
        char text[16];
        (void)snprintf(text, sizeof text, "%u", *time_at(s, i));
        books_setting_put(s->books, times[i].name, text);
    }
}

static struct books_text setting(struct books *books, const char *given, const char *name,
                                 const char *prefix)
{
    struct books_text text;
    char made[64];
    if (given) {
        (void)snprintf(text.text, sizeof text.text, "%s", given);
        return text;
    }
    calls_make_id(prefix, 32, sizeof made, made);
    return books_setting(books, name, made);
}

static int open_all(struct sandbox *s, const struct sandbox_options *options, struct err *err)
{
    if (mkdir(options->data_dir, 0700) < 0 && errno != EEXIST)
        return err_set(err, "cannot make the folder %s: %s", options->data_dir, strerror(errno));
    if (books_open(options->data_dir, &s->books, err) < 0)
        return -1;
    s->webhook_secret = setting(s->books, options->webhook_secret, "webhook_secret", "whsec_");
    s->secret_key = setting(s->books, options->secret_key, "secret_key", "sk_test_");
    s->publishable_key = setting(s->books, options->publishable_key, "publishable_key", "pk_test_");
    read_times(s);
    if (books_commit(s->books, err) < 0)
        return -1;
    s->webhook_url = options->webhook_url ? strdup(options->webhook_url) : NULL;
    if (options->webhook_url && !s->webhook_url)
        return err_set(err, "no memory for the sandbox");
    const struct hooks_options hooks = {.loop = s->loop,
                                        .books = s->books,
                                        .url = s->webhook_url,
                                        .secret = s->webhook_secret.text};
    const struct agenda_options agenda = {
        .loop = s->loop, .books = s->books, .context = s, .due = on_due};
    if (hooks_create(&hooks, &s->hooks, err) < 0 || agenda_create(&agenda, &s->agenda, err) < 0 ||
        desk_open(s, options->port, err) < 0)
        return -1;
    s->port = http_server_port(s->server);
    return 0;
}

static void handle_closed(uv_handle_t *handle)
{
    struct sandbox *s = handle->data;
    if (--s->handles > 0)
        return;
    free(s->webhook_url);
    free(s);
}

void sandbox_stop(struct sandbox *s)
{
    if (!s)
        return;
    drop_waits(s);
    http_server_destroy(s->server);
    agenda_destroy(s->agenda);
    hooks_destroy(s->hooks);
    books_close(s->books);
    uv_handle_t *handles[] = {(uv_handle_t *)&s->timer, (uv_handle_t *)&s->check,
                              (uv_handle_t *)&s->idle};
    s->handles = 3;
    for (size_t i = 0; i < 3; i++)
        uv_close(handles[i], handle_closed);
}

int sandbox_start(uv_loop_t *loop, const struct sandbox_options *options,
                  struct sandbox **ret_sandbox, struct err *err)
{
    struct sandbox *s = calloc(1, sizeof *s);
    if (!s)
        return err_set(err, "no memory for the sandbox");
    s->loop = loop;
    s->turn = 1;
    (void)snprintf(s->address, sizeof s->address, "%s",
                   options->address ? options->address : "127.0.0.1");
    faults_init(&s->faults, options->seed);
    uv_timer_init(loop, &s->timer);
    uv_check_init(loop, &s->check);
    uv_idle_init(loop, &s->idle);
    s->timer.data = s->check.data = s->idle.data = s;
    uv_check_start(&s->check, on_check);
    if (open_all(s, options, err) < 0) {
        sandbox_stop(s);
        return -1;
    }
    hooks_go(s->hooks);
    *ret_sandbox = s;
    return 0;
}

uint16_t sandbox_port(const struct sandbox *s)
{
    return s->port;
}

struct sandbox_keys sandbox_keys(const struct sandbox *s)
{
    return (struct sandbox_keys){.webhook_secret = s->webhook_secret.text,
                                 .secret_key = s->secret_key.text,
                                 .publishable_key = s->publishable_key.text};
}
