/*
 * api: the HTTP interface of the box office: one file per resource, handlers of the routes that
 * api/openapi.yaml names. Handlers run on the loop: they read the request, build a command, let the
 * engine decide, write the answer from the machine's state and give it the barrier of the batch it
 * depends on (engine/engine.h), so that nothing is told before it is durable.
 *
 * Order of calls: engine, views and keys exist; api_create (catches the views up with the journal,
 * loads documents and plans); then an http_server with api_routes, api_before, api_finished and the
 * struct api as `user`; api_set_server. From the engine's port: api_entry for each durable entry,
 * then api_committed before http_server_release. api_drain (ends streams and waiting answers)
 * before the server drains; api_destroy after server and loop work are gone.
 *
 * Thread: the loop's; plans are parsed and people's keys committed on libuv's pool.
 */
#ifndef ONSALE_API_API_H
#define ONSALE_API_API_H

#include "base/id.h"
#include "cashier/cashier.h"
#include "cashier/reconcile.h"
#include "engine/engine.h"
#include "guard/captcha.h"
#include "guard/challenge.h"
#include "guard/mailcheck.h"
#include "http/server.h"
#include "keys/keys.h"
#include "keys/person.h"
#include "views/views.h"

struct api;

#define API_PROVIDERS 2u /* an order names one of them and is paid there to its end */

/* Where the browser confirms payments. */
struct api_payment {
    const char *provider;        /* "stripe", "sandbox" or "none" */
    const char *publishable_key; /* NULL with "none" */
    const char *api_base;        /* NULL with a sandbox: made of the request's host and this port */
    uint16_t sandbox_port;
    const char *account; /* payment_account of events made here; NULL: "" */
};

/* All strings must outlive the api. */
struct api_options {
    uv_loop_t *loop;
    struct engine *engine;
    struct cashier *cashier; /* takes the provider's webhooks */
    struct views *views;
    struct keys *keys;
    const char *data_dir;    /* plans are kept in <data_dir>/plans */
    const char *mailbox_dir; /* effects/mail.h */
    const char *version;
    const char *public_url;  /* "https://tickets.example": cookies are Secure then; may be NULL */
    const char *base_url;    /* how this machine reaches it: links in mails without a public_url */
    const char *admin_token; /* NULL or "": no organiser calls */
    struct api_payment payments[API_PROVIDERS]; /* the second may be "none", or both */
    const char *const *webhook_secrets;         /* of all of them */
    size_t webhook_secret_count;
    /* Which of them a new order goes to. False: none now; ask again after *ret_retry_after_ms.
     * NULL: the first. */
    bool (*choose_provider)(void *host, uint8_t *ret_provider, uint64_t *ret_retry_after_ms);
    /* Compares with the providers' books, orders of the last `days` (0: all). False: a run is under
     * way. NULL: not possible here. */
    bool (*reconcile)(void *host, uint64_t days);
    const struct reconcile_report *(*reconcile_report)(void *host); /* never NULL */
    bool demo;                                                      /* the mailbox is shown */
    uint32_t limit_session_per_second;                              /* 0: none */
    uint32_t limit_network_per_second;                              /* 0: none */
    uint32_t leave_seconds; /* until a hold is given back whose page was closed; 0: never */
    struct challenge_policy challenge;                 /* what joining a waiting room asks for */
    const struct captcha_settings *captcha;            /* in place of work; NULL: none */
    struct captcha_port captcha_port;                  /* with `captcha` */
    const struct mailcheck *mailcheck;                 /* disposable addresses; NULL: none known */
    uint64_t (*wall_us)(void *host);                   /* wall clock, for sessions and webhooks */
    void (*metrics)(void *host, struct buf *out);      /* more Prometheus text; may be NULL */
    void (*failed)(void *host, const struct err *err); /* for the log; may be NULL */
    /* What the organiser should find in the log: a word and a sentence; may be NULL. */
    void (*told)(void *host, const char *what, const char *detail);
    void *host;
};

int api_create(const struct api_options *options, struct api **ret_api, struct err *err) MUST_USE;
/* NULL is allowed. The loop must run once more, unless it closed all its handles before. */
void api_destroy(struct api *api);

extern const struct http_route api_routes[];
extern const size_t api_route_count;
bool api_before(struct http_exchange *x);
/* Beyond capacity, true: refused unread. Whoever holds or pays, the provider, who runs the house,
 * pages and a waiting room's public status are let in all the same. */
bool api_shed(const struct http_exchange *x);
int api_admit(const struct http_exchange *x); /* large bodies: an organiser's only */
void api_finished(struct http_exchange *x, int status, uint64_t duration_us, size_t bytes);

/* NULL once the server was destroyed: its exchanges are gone, and what comes back from the pool is
 * dropped. */
void api_set_server(struct api *api, struct http_server *server);
void api_entry(struct api *api, const struct engine_entry *entry);
void api_committed(struct api *api);
/* How the house is doing, since the tick before. */
struct api_load {
    uint32_t commit_us;             /* the slowest commit */
    uint32_t pending, pending_most; /* requests that wait for an answer; the most there may be */
    uint32_t payments, payment_failures; /* calls to the provider; those without an answer */
};
/* A few times a second: calls visitors of waiting rooms in, gives back what buyers left behind. */
void api_tick(struct api *api, const struct api_load *load);
/* Health says "draining"; waiting orders are answered; streams end with the server. */
void api_drain(struct api *api);
/* What the waiting page of an event carries in its own document: appends one JSON object with the
 * event, the public status of its waiting room and the visitor's own place, to be told after
 * *ret_barrier. False: there is no such event. */
bool api_queue_page(struct http_exchange *x, struct slice event_id, struct buf *out,
                    uint64_t *ret_barrier);
/* The same for the event's own page: {event, opens_local, on_offer[]}, the event as GET
 * /events/{id} has it, when its sale opens in its own zone, and which price categories can be had.
 */
bool api_event_page(struct http_exchange *x, struct slice event_id, struct buf *out,
                    uint64_t *ret_barrier);
/* Whether there is an event of this id. */
bool api_has_event(struct http_exchange *x, struct slice event_id);
#define API_LIST_PAGE_EVENTS 50u /* as many as the home page asks for */
/* For the home page: {items[], next_cursor}, the first events of GET /events. False: the list
 * cannot be had now.
 */
bool api_list_page(struct http_exchange *x, struct buf *out, uint64_t *ret_barrier);
#define API_LIST_IDS 10000u
/* For the sitemap: an array of the ids of the next events. False: as above. */
bool api_list_ids(struct http_exchange *x, struct buf *out);
/* options.host: who runs the api. */
void *api_host(const struct api *api);
/* A mail that follows from an entry. Plain values: it can be kept and copied. */
struct api_mail {
    uint64_t seq; /* the entry's row */
    uint32_t partition, order;
    uint16_t entry; /* its number */
    uint8_t detail; /* what of it counts: a refund's number, a case's or an end's reason, won */
    uint64_t until_us;
};
/* Whether a durable entry asks for a mail, as far as the entry alone tells. */
bool api_mail_of(const struct engine_entry *entry, struct api_mail *ret_mail);

struct api_mail_text {
    char id[64]; /* the same for the same mail at any time: who writes it twice writes it once */
    struct person_contact to;
    struct buf subject, text, html;
};
/* What it says as things stand. 0; 1 when there is nothing to say or nobody to tell (no such order,
 * the person was erased); negative on failure. Follow with api_mail_text_finish; `ret_text` is
 * zeroed memory. */
int api_mail_write(struct api *api, const struct api_mail *mail, struct api_mail_text *ret_text,
                   struct err *err) MUST_USE;
void api_mail_text_finish(struct api_mail_text *text);
/* What is owed to nobody: true when no work of the api runs on the pool, nor at a captcha's
 * provider. */
bool api_idle(const struct api *api);

#endif
