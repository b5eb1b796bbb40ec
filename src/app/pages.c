#include "app/internal.h"
#include "app/site.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* The web pages: the shop's own (site.h), and built files from memory. */

/* The folder beside the program: build/onsale finds web/dist. */
static bool pages_dir(const struct house *h, char *ret_dir, size_t size)
{
    char program[PATH_MAX / 2], *slash;
    if (*h->settings->web) {
        (void)snprintf(ret_dir, size, "%s", h->settings->web);
        return true;
    }
    ssize_t len = readlink("/proc/self/exe", program, sizeof program - 1);
    if (len <= 0)
        return false;
    program[len] = '\0';
    for (int i = 0; i < 2; i++) {
        slash = strrchr(program, '/');
        if (!slash)
            return false;
        *slash = '\0';
    }
    (void)snprintf(ret_dir, size, "%s/web/dist", program);
    if (access(ret_dir, R_OK) == 0)
        return true;
    (void)snprintf(ret_dir, size, "%s/share/onsale/web", program);
    return access(ret_dir, R_OK) == 0;
}

void pages_allow(struct buf *policy, const char *directive, const char *more, const char *most)
{
    buf_append_format(policy, "%s%s%s%s%s%s", policy->len ? "; " : "", directive, *more ? " " : "",
                      more, *most ? " " : "", most);
}

/* Where payments take the browser: to the sandbox, or to Stripe, whose own form is laid into the
 * page. Nowhere, without a key. */
struct payment_origins {
    const char *script, *frame;
    struct buf connect;
};

static void allow_sandbox(struct house *h, struct payment_origins *open)
{
    if (*h->settings->sandbox_url)
        buf_append_text(&open->connect, h->settings->sandbox_url);
    else
        buf_append_format(&open->connect, "http://*:%u", sandbox_thread_port(h->sandbox));
}

static void allow_account(const struct settings *s, unsigned provider, struct payment_origins *open)
{
    struct stripe_account account;
    (void)providers_account(s, provider, &account);
    const char *key = provider == 0 ? s->stripe_publishable_key : s->stripe2_publishable_key;
    bool real = strcmp(account.api_base, STRIPE_API_BASE) == 0;
    if (!*account.secret_key || !*key)
        return;
    if (real) { /* as Stripe's guide for this policy has it */
        open->script = "https://js.stripe.com https://*.js.stripe.com";
        open->frame = "https://js.stripe.com https://*.js.stripe.com https://hooks.stripe.com";
    }
    buf_append_format(&open->connect, "%s%s", open->connect.len ? " " : "", account.api_base);
}

static void write_policy(struct house *h, struct buf *policy)
{
    struct captcha_origins captcha = captcha_origins(h->captcha.provider);
    struct payment_origins pay = {.script = "", .frame = "", .connect = BUF_INIT};
    if (h->sandbox)
        allow_sandbox(h, &pay);
    for (unsigned i = 0; i < PROVIDERS && !h->sandbox; i++)
        allow_account(h->settings, i, &pay);
    buf_append_char(&pay.connect, '\0');
    buf_append_text(policy, "default-src 'none'; img-src 'self' data: blob:; font-src 'self'; "
                            "manifest-src 'self'; worker-src 'self' blob:; base-uri 'none'; "
                            "form-action 'self'; frame-ancestors 'none'");
    pages_allow(policy, "script-src 'self'", pay.script, captcha.script);
    pages_allow(policy, "style-src 'self'", captcha.style, "");
    pages_allow(policy, "connect-src 'self'", pay.connect.failed ? "" : pay.connect.data,
                captcha.connect);
    if (*pay.frame || *captcha.frame)
        pages_allow(policy, "frame-src", pay.frame, captcha.frame);
    buf_append_char(policy, '\0');
    buf_finish(&pay.connect);
}

/* The policy is written once at the start. */
static struct static_header headers[] = {
    {"Content-Security-Policy", NULL},
    {"Referrer-Policy", "strict-origin-when-cross-origin"},
    {"Permissions-Policy", "camera=(self), geolocation=(), microphone=()"},
    {"Cross-Origin-Opener-Policy", "same-origin"},
};

void pages_add_headers(struct http_exchange *x)
{
    for (size_t i = 0; i < sizeof headers / sizeof headers[0]; i++)
        http_add_header(x, headers[i].name, slice_from_string(headers[i].value));
}

int pages_load(struct house *h, struct err *err)
{
    char dir[PATH_MAX + 32];
    if (!pages_dir(h, dir, sizeof dir)) {
        log_line(&h->log, "warning", "no_pages",
                 "no built web pages were found; the API works without them");
        return 0;
    }
    write_policy(h, &h->pages_policy);
    if (h->pages_policy.failed)
        return err_set(err, "out of memory");
    headers[0].value = h->pages_policy.data;
    struct static_options options = {
        .directory = dir,
        .headers = headers,
        .header_count = sizeof headers / sizeof headers[0],
    };
    struct captcha_origins open = captcha_origins(h->captcha.provider);
    int r = waiting_page_load(dir, &open, &h->waiting_page, err);
    if (r == 0)
        r = site_load(h, dir, &h->site, err);
    return r < 0 ? r : static_create(&options, &h->files, err);
}

/* Addresses of the API are never the front end's. */
static bool belongs_to_pages(struct slice path)
{
    return !slice_starts_with(path, SLICE("/api/")) && !slice_starts_with(path, SLICE("/assets/"));
}

void pages_fallback(struct http_exchange *x)
{
    struct house *h = api_host(http_user(x));
    struct slice path = http_path(x);
    bool reads = http_method(x) == HTTP_METHOD_GET || http_method(x) == HTTP_METHOD_HEAD;
    /* Before the files, of which its document without a visitor is one. */
    if (h->waiting_page && reads && waiting_page_answer(h->waiting_page, x, path))
        return;
    if (h->site && reads && site_answer(h->site, x, path))
        return;
    if (h->files && reads && static_answer(h->files, x, path))
        return;
    if (h->site && reads && belongs_to_pages(path)) {
        site_answer_missing(h->site, x);
        return;
    }
    http_answer_problem(x, 404, "not_found", "Nothing is here", SLICE("there is no such address"),
                        (struct slice){NULL, 0}, 0);
}
