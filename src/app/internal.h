/* internal: the parts of the house, for the files of src/app only. */
#ifndef ONSALE_APP_INTERNAL_H
#define ONSALE_APP_INTERNAL_H

#include "api/api.h"
#include "app/clock.h"
#include "app/house.h"
#include "app/log.h"
#include "cashier/cashier.h"
#include "cashier/reconcile.h"
#include "effects/provider.h"
#include "engine/engine.h"
#include "guard/captcha.h"
#include "http/server.h"
#include "http/static.h"
#include "journal/journal.h"
#include "keys/keys.h"
#include "sandbox/sandbox.h"
#include "views/views.h"

struct mailer;
struct site;
struct verifier;
struct reconciler;

#define PROVIDERS API_PROVIDERS

struct house {
    const struct settings *settings;
    bool demo;
    char address[64];
    uint16_t port;
    char base_url[128]; /* http://address:port as this machine reaches it */
    char admin_token[128];
    const char *webhook_secrets[2 * PROVIDERS]; /* two of each, while one is rotated */
    size_t webhook_secret_count;
    char *webhook_texts[PROVIDERS]; /* owned: what webhook_secrets point into */
    uv_loop_t loop;
    uv_prepare_t prepare;
    uv_check_t check;
    uv_timer_t timer;
    uv_signal_t sigterm, sigint, sighup;
    struct clock clock;
    struct log log;
    struct journal *journal;
    struct engine *engine;
    struct views *views;
    struct keys *keys;
    struct api *api;
    struct http_server *server;
    struct static_files *files;            /* NULL: no web pages were built */
    struct waiting_page *waiting_page;     /* as `files` */
    struct site *site;                     /* NULL: no document of the app was built */
    struct provider *providers[PROVIDERS]; /* both NULL: nothing priced can be sold */
    struct buf pages_policy;               /* what `files` may load and talk to */
    struct sandbox_thread *sandbox;
    struct cashier *cashier;
    struct reconciler *reconciler;
    struct mailer *mailer;
    struct mailcheck *mailcheck;
    struct captcha_settings captcha;
    struct verifier *verifier;              /* NULL: there is no captcha */
    struct payments_counters seen_payments; /* at the last tick */
    bool draining;
    bool picturing; /* a snapshot is being written */
    uint64_t last_slew_us, last_report_us;
};

/* "http://127.0.0.1:8080"; an IPv6 address gets its brackets. */
void house_write_url(const char *address, uint16_t port, char *ret_url, size_t size);

/* ---- providers.c: the payment providers and the cashier before them ---- */

/* Starts those that are set, and the cashier; fills what the API tells browsers of each. */
int providers_start(struct house *house, struct api_payment ret_payments[PROVIDERS],
                    struct err *err) MUST_USE;
/* Nothing is asked of them any more; the loop must run once more. */
void providers_stop(struct house *house);
void providers_finish(struct house *house);
/* Which provider a new order goes to: the first, or the second while nothing can be begun at the
 * first. False: none now; *ret_retry_after_ms is when to ask again. `house` is a struct house. */
bool providers_choose(void *house, uint8_t *ret_provider, uint64_t *ret_retry_after_ms);
struct payments_counters providers_counters(const struct house *house); /* of both together */
/* The same as Prometheus text; `host` is a struct house. */
void providers_metrics(void *host, struct buf *out);
/* The account of a provider as the settings and a running sandbox have it. Returns whether its
 * address is on this machine; with an empty key there is none. */
bool providers_account(const struct settings *settings, unsigned provider,
                       struct stripe_account *ret_account);

/* ---- reconciler.c: the providers' books against the machines, beside the running house ---- */

int reconciler_create(struct house *house, struct reconciler **ret_reconciler,
                      struct err *err) MUST_USE;
/* Its handle was closed with the loop's. NULL is allowed. */
void reconciler_destroy(struct reconciler *reconciler);
/* Compares with all providers, orders of the last `days` (0: all). What differs twice, a minute
 * apart, is kept and opens a case of its order. False: a run is under way. */
bool reconciler_start(struct reconciler *reconciler, uint64_t days);
const struct reconcile_report *reconciler_report(const struct reconciler *reconciler);
/* A page that was asked for came, from the provider's port. */
void reconciler_listed(struct reconciler *reconciler, int status, struct slice body);

/* ---- mailer.c: mails that follow from entries ---- */

int mailer_create(struct house *house, struct mailer **ret_mailer, struct err *err) MUST_USE;
void mailer_entry(struct mailer *mailer, const struct engine_entry *entry);
/* Writes down how far it came, when that changed. */
void mailer_note(struct mailer *mailer);
bool mailer_idle(const struct mailer *mailer);
void mailer_destroy(struct mailer *mailer);

/* ---- verifier.c: shows captchas to their provider ---- */

int verifier_create(uv_loop_t *loop, struct verifier **ret_verifier, struct err *err) MUST_USE;
struct captcha_port verifier_port(struct verifier *verifier);
/* Calls under way are dropped without `done`. The loop must run once more. NULL is fine. */
void verifier_destroy(struct verifier *verifier);

/* ---- pages.c: web pages and what no route answers ---- */

int pages_load(struct house *house, struct err *err) MUST_USE;
void pages_fallback(struct http_exchange *x);
/* What every page carries: its policy and what goes with it. */
void pages_add_headers(struct http_exchange *x);

/* Appends a directive of a content security policy: `name` and what it allows, then more sources,
 * each of which may be "". */
void pages_allow(struct buf *policy, const char *directive, const char *more, const char *most);

/* ---- waiting_page.c: the waiting room's document ---- */

/* Reads DIR/waiting.html and those of the other languages; `open` is what their policy allows
 * besides. *ret_page is NULL when there is none. */
int waiting_page_load(const char *dir, const struct captcha_origins *open,
                      struct waiting_page **ret_page, struct err *err) MUST_USE;
void waiting_page_destroy(struct waiting_page *page); /* NULL is fine */
/* The document with nothing laid in, in the reader's language: browsers keep it for when they are
 * offline (web/src/sw). */
#define WAITING_PAGE_EMPTY "/waiting.html"
/* Answers GET /events/{id}/queue and WAITING_PAGE_EMPTY; false: the path is another, or there is no
 * such event. */
bool waiting_page_answer(const struct waiting_page *page, struct http_exchange *x,
                         struct slice path);

/* ---- opening.c: the demo's events, made through the API like any organiser's ---- */

/* Starts making them on a thread of the pool; tells on standard output when they are there. */
void opening_start(struct house *house);

#endif
