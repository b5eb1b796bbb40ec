/*
 * captcha: the port for a captcha service, Cloudflare Turnstile or hCaptcha, in place of our own
 * challenge. Off unless an organiser sets a provider, a site key and a secret: then, and only then,
 * pages load the provider's script, and the content security policy has to be opened for it
 * (captcha_origins).
 *
 * Here is only what can be said without a network: the request that verifies a visitor's token and
 * how its answer reads. Sending it is the host's: struct captcha_port. An answer that does not come
 * or makes no sense is UNAVAILABLE, never a yes: the visitor then gets our own challenge.
 *
 * Tokens are single use at the provider. Pure but for the memory of `buf`. Thread: any.
 */
#ifndef ONSALE_GUARD_CAPTCHA_H
#define ONSALE_GUARD_CAPTCHA_H

#include "base/buf.h"

#define CAPTCHA_TOKEN_MAX 4096   /* Turnstile's go to 2048 characters */
#define CAPTCHA_ANSWER_MAX 16384 /* bytes of an answer that are read */
#define CAPTCHA_TIMEOUT_MS 3000  /* how long the host should wait for one */
#define CAPTCHA_SETTING_MAX 256  /* site key, secret, host name, address */

enum captcha_provider { CAPTCHA_OFF, CAPTCHA_TURNSTILE, CAPTCHA_HCAPTCHA };

struct captcha_settings {
    enum captcha_provider provider;
    const char *site_key; /* public: the page shows it */
    const char *secret;   /* never leaves the server but to the provider */
    const char *hostname; /* the answer must name it; NULL or "": any */
    const char *url;      /* who verifies tokens; NULL or "": the provider */
};

/* "off", "turnstile", "hcaptcha". */
bool captcha_provider_of(struct slice name, enum captcha_provider *ret_provider);
const char *captcha_provider_name(enum captcha_provider provider);
/* Settings that belong together; the detail names what is missing. */
MUST_USE int captcha_check(const struct captcha_settings *settings, struct err *err);

/* Where the content security policy has to be opened, as source lists; "" when it is off. */
struct captcha_origins {
    const char *script, *frame, *style, *connect;
};
struct captcha_origins captcha_origins(enum captcha_provider provider);

/* The address that verifies tokens: POST, application/x-www-form-urlencoded. NULL: it is off. */
const char *captcha_url(const struct captcha_settings *settings);

/* Appends the request's body. The visitor's address is not in it: the provider has seen one, and it
 * need not be ours (IPv6 there and IPv4 here). False: the token has not the form of one. */
bool captcha_request(const struct captcha_settings *settings, struct slice token, struct buf *body);

enum captcha_verdict {
    CAPTCHA_OPEN, /* nobody was asked yet */
    CAPTCHA_HUMAN,
    CAPTCHA_REFUSED,     /* wrong, used, too old, or of another site */
    CAPTCHA_UNAVAILABLE, /* no answer, no sense in it, or our own settings are wrong */
};

/* Reads what the provider answered. `status` 0: no answer came. */
enum captcha_verdict captcha_read(const struct captcha_settings *settings, int status,
                                  struct slice body);

/* What the host gives: posts `body` (copied) to `url` and calls `done` once, on the loop and never
 * from within `post`, with the HTTP status and a body of at most CAPTCHA_ANSWER_MAX bytes, or with
 * status 0. False: too many are under way; `done` is not called. */
struct captcha_port {
    void *host;
    bool (*post)(void *host, const char *url, struct slice body,
                 void (*done)(void *context, int status, struct slice body), void *context);
};

#endif
