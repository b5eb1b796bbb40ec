/* internal: the parts of the house, for the files of src/app only. */
#ifndef ONSALE_APP_INTERNAL_H
#define ONSALE_APP_INTERNAL_H

#include "api/api.h"
#include "app/clock.h"
#include "app/house.h"
#include "app/log.h"
#include "cashier/cashier.h"
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
struct verifier;

struct house {
    const struct settings *settings;
    bool demo;
    char address[64];
    uint16_t port;
    char base_url[128]; /* http://address:port as this machine reaches it */
    char admin_token[128];
    const char *webhook_secrets[4];
    size_t webhook_secret_count;
    char *webhook_text; /* owned: what webhook_secrets point into */
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
    struct static_files *files;        /* NULL: no web pages were built */
    struct buf pages_policy;           /* what `files` may load and talk to */
    struct waiting_page *waiting_page; /* as `files` */
    struct provider *provider;         /* NULL: nothing priced can be sold */
    struct sandbox_thread *sandbox;
    struct cashier *cashier;
    struct mailer *mailer;
    struct mailcheck *mailcheck;
    struct captcha_settings captcha;
    struct verifier *verifier;              /* NULL: there is no captcha */
    struct payments_counters seen_payments; /* at the last tick */
    bool draining;
    bool picturing; /* a snapshot is being written */
    uint64_t last_slew_us, last_report_us;
};

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

/* Appends a directive of a content security policy: `name` and what it allows, then more sources,
 * each of which may be "". */
void pages_allow(struct buf *policy, const char *directive, const char *more, const char *most);

/* ---- waiting_page.c: the waiting room's document ---- */

/* Reads DIR/waiting.html; `open` is what its policy allows besides. *ret_page is NULL when there is
 * none. */
int waiting_page_load(const char *dir, const struct captcha_origins *open,
                      struct waiting_page **ret_page, struct err *err) MUST_USE;
void waiting_page_destroy(struct waiting_page *page); /* NULL is fine */
/* The document with nothing laid in: browsers keep it for when they are offline (web/src/sw). */
#define WAITING_PAGE_EMPTY "/waiting.html"
/* Answers GET /events/{id}/queue and WAITING_PAGE_EMPTY; false: the path is another, or there is no
 * such event. */
bool waiting_page_answer(const struct waiting_page *page, struct http_exchange *x,
                         struct slice path);

/* ---- opening.c: the demo's events, made through the API like any organiser's ---- */

/* Starts making them on a thread of the pool; tells on standard output when they are there. */
void opening_start(struct house *house);

#endif
