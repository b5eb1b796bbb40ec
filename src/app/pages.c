#include "app/internal.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* The web pages: built files from memory, and index.html for every address that the front end's own
 * router knows. */

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

/* Who the pages may talk to beside us: the sandbox on its port, or Stripe; a captcha's provider. */
static void write_policy(struct house *h, struct buf *policy)
{
    struct captcha_origins captcha = captcha_origins(h->captcha.provider);
    const char *connect = "", *frame = "", *script = "";
    char sandbox[64];
    if (h->sandbox) {
        (void)snprintf(sandbox, sizeof sandbox, "http://*:%u", sandbox_thread_port(h->sandbox));
        connect = sandbox;
    } else if (*h->settings->stripe_publishable_key) {
        connect = "https://api.stripe.com";
        frame = "https://js.stripe.com https://hooks.stripe.com";
        script = "https://js.stripe.com";
    }
    buf_append_text(policy, "default-src 'none'; img-src 'self' data: blob:; font-src 'self'; "
                            "manifest-src 'self'; worker-src 'self' blob:; base-uri 'none'; "
                            "form-action 'self'; frame-ancestors 'none'");
    pages_allow(policy, "script-src 'self'", script, captcha.script);
    pages_allow(policy, "style-src 'self'", captcha.style, "");
    pages_allow(policy, "connect-src 'self'", connect, captcha.connect);
    if (*frame || *captcha.frame)
        pages_allow(policy, "frame-src", frame, captcha.frame);
    buf_append_char(policy, '\0');
}

int pages_load(struct house *h, struct err *err)
{
    static struct static_header headers[] = {
        {"Content-Security-Policy", NULL},
        {"Referrer-Policy", "strict-origin-when-cross-origin"},
        {"Permissions-Policy", "camera=(self), geolocation=(), microphone=()"},
        {"Cross-Origin-Opener-Policy", "same-origin"},
    };
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
    if (h->files && reads && static_answer(h->files, x, path))
        return;
    if (h->files && reads && belongs_to_pages(path) &&
        static_answer_file(h->files, x, "index.html"))
        return;
    http_answer_problem(x, 404, "not_found", "Nothing is here", SLICE("there is no such address"),
                        (struct slice){NULL, 0}, 0);
}
