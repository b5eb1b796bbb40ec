#include "app/house.h"

#include "app/internal.h"
#include "app/site.h"
#include "journal/files.h"
#include "journal/sqlite.h"

#include <curl/curl.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#define TICK_MS 250u
#define DRAIN_MS 10000u
#define SNAPSHOT_ENTRIES 250000u /* since the last one, before another is taken while running */
#define SNAPSHOT_BUDGET_US 5000000ull /* for those taken at the end */

/* ---- the engine's port ---- */

static uint64_t port_now(void *context)
{
    return clock_now_us(&((struct house *)context)->clock, clock_boot_us());
}

static void port_entry(void *context, const struct engine_entry *entry)
{
    struct house *h = context;
    api_entry(h->api, entry);
    cashier_entry(h->cashier, entry);
    mailer_entry(h->mailer, entry);
}

static void port_committed(void *context, uint64_t barrier)
{
    struct house *h = context;
    api_committed(h->api);
    if (h->server)
        http_server_release(h->server, barrier);
}

static void port_fatal(void *context, const struct err *err)
{
    struct house *h = context;
    log_line(&h->log, "fatal", "commit_failed",
             "%s; ending without another answer, a new start recovers", err->detail);
    log_flush(&h->log);
    (void)fprintf(stderr, "onsale: the journal could not be written: %s\n", err->detail);
    _exit(1);
}

static void port_progress(void *context, uint64_t rows, uint64_t total)
{
    struct house *h = context;
    uint64_t now = clock_boot_us();
    if (rows < total && now - h->last_report_us < 500000)
        return;
    h->last_report_us = now;
    log_line(&h->log, "info", "recovery", "%llu of %llu rows", (unsigned long long)rows,
             (unsigned long long)total);
    log_flush(&h->log);
}

static uint64_t host_wall_us(void *host)
{
    (void)host;
    return clock_wall_us();
}

static void host_told(void *host, const char *what, const char *detail)
{
    log_line(&((struct house *)host)->log, "warning", what, "%s", detail);
}

static void host_failed(void *host, const struct err *err)
{
    log_line(&((struct house *)host)->log, "error", "failure", "%s", err->detail);
}

static bool host_reconcile(void *host, uint64_t days)
{
    return reconciler_start(((struct house *)host)->reconciler, days);
}

static const struct reconcile_report *host_reconcile_report(void *host)
{
    return reconciler_report(((struct house *)host)->reconciler);
}

/* ---- the loop's turn ---- */

static void turn_end(struct house *h)
{
    engine_commit(h->engine);
}

static void on_prepare(uv_prepare_t *handle)
{
    turn_end(handle->data); /* what timers decided must not wait for the next request */
}

static void on_check(uv_check_t *handle)
{
    turn_end(handle->data);
}

/* ---- snapshots beside the running house ---- */

struct picture {
    uv_work_t work;
    struct house *house;
    struct engine_snapshot snapshot;
    int result;
    struct err err;
};

static void picture_write(uv_work_t *work)
{
    struct picture *p = work->data;
    p->result = engine_snapshot_write(p->house->engine, &p->snapshot, &p->err);
}

static void picture_written(uv_work_t *work, int status)
{
    struct picture *p = work->data;
    if (p->result != 0)
        log_line(&p->house->log, "error", "no_snapshot", "%s", p->err.detail);
    engine_snapshot_finish(p->house->engine, &p->snapshot, status == 0 && p->result == 0);
    p->house->picturing = false;
    free(p);
}

/* At most one at a time, and one a second: a start after a crash then reads few rows. */
static void picture_next(struct house *h)
{
    struct picture *p = h->picturing || h->draining ? NULL : calloc(1, sizeof *p);
    if (!p)
        return;
    p->house = h;
    p->work.data = p;
    h->picturing = engine_snapshot_take(h->engine, SNAPSHOT_ENTRIES, &p->snapshot);
    if (h->picturing)
        (void)uv_queue_work(&h->loop, &p->work, picture_write, picture_written);
    else
        free(p);
}

/* How the house did since the last look: what decides how many visitors are called in. */
static struct api_load load_since(struct house *h)
{
    struct http_counters http = http_server_counters(h->server);
    struct payments_counters p = providers_counters(h);
    uint64_t commit_us = engine_take_slowest_commit_us(h->engine);
    struct api_load load = {
        .commit_us = commit_us < UINT32_MAX ? (uint32_t)commit_us : UINT32_MAX,
        .pending = http.pending,
        .pending_most = h->settings->max_pending,
        .payments = (uint32_t)(p.sent - h->seen_payments.sent),
        .payment_failures = (uint32_t)(p.unknown - h->seen_payments.unknown),
    };
    h->seen_payments = p;
    return load;
}

static void on_timer(uv_timer_t *handle)
{
    struct house *h = handle->data;
    uint64_t now = clock_boot_us();
    engine_tick(h->engine);
    struct api_load load = load_since(h);
    if (!h->draining)
        api_tick(h->api, &load);
    engine_commit(h->engine);
    mailer_note(h->mailer);
    log_flush(&h->log);
    if (now - h->last_slew_us >= 1000000) {
        clock_slew(&h->clock, clock_read());
        cashier_tick(h->cashier);
        picture_next(h);
        h->last_slew_us = now;
    }
}

static void on_finished(struct http_exchange *x, int status, uint64_t duration_us, size_t bytes)
{
    struct house *h = api_host(http_user(x));
    api_finished(x, status, duration_us, bytes);
    if (!h->settings->log_requests || h->log.fd < 0)
        return;
    static const char *const methods[] = {"GET",   "HEAD",   "POST",    "PUT",
                                          "PATCH", "DELETE", "OPTIONS", "OTHER"};
    const struct http_route *route = http_route_of(x);
    struct json j;
    log_begin(&h->log, &j, "info", "request");
    json_put_string(&j, "method", methods[http_method(x)]);
    json_put_text(&j, "path", http_path(x));
    json_put_string(&j, "route", route ? route->name : NULL);
    json_put_u64(&j, "status", (uint64_t)status);
    json_put_u64(&j, "us", duration_us);
    json_put_u64(&j, "bytes", bytes);
    log_end(&h->log, &j);
}

/* ---- ending ---- */

static void close_handle(uv_handle_t *handle, void *context)
{
    (void)context;
    if (!uv_is_closing(handle))
        uv_close(handle, NULL);
}

static void on_drained(void *context)
{
    uv_stop(&((struct house *)context)->loop);
}

static void on_signal(uv_signal_t *handle, int number)
{
    struct house *h = handle->data;
    if (h->draining) { /* asked twice: now */
        uv_stop(&h->loop);
        return;
    }
    h->draining = true;
    log_line(&h->log, "info", "draining", "signal %d", number);
    api_drain(h->api);
    http_server_drain(h->server, DRAIN_MS, on_drained, h);
}

/* The log's file was moved away by whoever rotates logs: begin a new one. */
static void on_hangup(uv_signal_t *handle, int number)
{
    struct house *h = handle->data;
    struct log log;
    struct err err;
    (void)number;
    log_flush(&h->log);
    if (log_open(&log, h->settings->log, &err) != 0) {
        log_line(&h->log, "error", "log_not_reopened", "%s", err.detail);
        return;
    }
    log_close(&h->log);
    h->log = log;
}

/* ---- putting it together ---- */

void house_write_url(const char *address, uint16_t port, char *ret_url, size_t size)
{
    bool v6 = strchr(address, ':') != NULL;
    (void)snprintf(ret_url, size, "http://%s%s%s:%u", v6 ? "[" : "", address, v6 ? "]" : "", port);
}

static void raise_file_limit(void)
{
    struct rlimit limit;
    if (getrlimit(RLIMIT_NOFILE, &limit) == 0) {
        limit.rlim_cur = limit.rlim_max;
        (void)setrlimit(RLIMIT_NOFILE, &limit);
    }
}

/* The organiser's token: the setting, or for the demo one that is made once and kept. */
static int read_admin_token(struct house *h, struct err *err)
{
    const char *set = h->settings->admin_token;
    char path[4200];
    if (*set && (strlen(set) < 16 || strlen(set) >= sizeof h->admin_token))
        return err_set(err, "admin_token must have 16 to 127 characters");
    if (*set || !h->demo) {
        (void)snprintf(h->admin_token, sizeof h->admin_token, "%s", set);
        return 0;
    }
    (void)snprintf(path, sizeof path, "%s/admin.token", h->settings->data);
    FILE *file = fopen(path, "re");
    if (file) {
        bool read = fscanf(file, "%127s", h->admin_token) == 1;
        (void)fclose(file);
        return read ? 0 : err_set(err, "%s is empty: remove it, and a new one is made", path);
    }
    (void)snprintf(h->admin_token, sizeof h->admin_token, "demo_%016llx%016llx",
                   (unsigned long long)keys_random_u64(), (unsigned long long)keys_random_u64());
    mode_t mask = umask(077);
    file = fopen(path, "wxe");
    (void)umask(mask);
    if (!file)
        return err_set(err, "cannot write %s: %s", path, strerror(errno));
    (void)fprintf(file, "%s\n", h->admin_token);
    return fclose(file) == 0 ? 0 : err_set(err, "cannot write %s: %s", path, strerror(errno));
}

static int start_sandbox(struct house *h, struct err *err)
{
    char dir[4200], hook[256];
    if (h->port == 0 || h->port == 65535)
        return err_set(err, "with the sandbox, listen on a port from 1 to 65534");
    (void)snprintf(dir, sizeof dir, "%s/sandbox", h->settings->data);
    (void)snprintf(hook, sizeof hook, "%s/api/v1/webhooks/stripe", h->base_url);
    struct sandbox_options options = {.address = h->address,
                                      .port = (uint16_t)(h->port + 1),
                                      .data_dir = dir,
                                      .webhook_url = hook};
    struct err why;
    return sandbox_thread_start(&options, &h->sandbox, &why) == 0
               ? 0
               : err_set(err, "the sandbox provider (on the port after --listen's): %.400s",
                         why.detail);
}

static struct challenge_policy challenge_policy(const struct settings *s)
{
    struct challenge_policy policy = CHALLENGE_POLICY_DEFAULT;
    policy.joins_per_second = s->challenge_joins_per_second;
    return policy;
}

/* The built-in list of hosts of throw-away mailboxes and the operator's own. */
static int read_mailcheck(struct house *h, struct err *err)
{
    BUF_AUTO struct buf text = BUF_INIT;
    const char *path = h->settings->disposable_mail_hosts;
    FILE *file = *path ? fopen(path, "re") : NULL;
    if (*path && !file)
        return err_set(err, "disposable_mail_hosts: %s: %s", path, strerror(errno));
    char part[65536];
    for (size_t n; file && (n = fread(part, 1, sizeof part, file)) > 0;)
        buf_append(&text, part, n);
    bool failed = text.failed || (file && ferror(file));
    if (file)
        (void)fclose(file);
    if (failed)
        return err_set(err, "disposable_mail_hosts: %s cannot be read", path);
    return mailcheck_create(buf_slice(&text), &h->mailcheck, err);
}

static int start_api(struct house *h, const struct api_payment payments[PROVIDERS], struct err *err)
{
    static char mailbox[4200];
    const struct settings *s = h->settings;
    (void)snprintf(mailbox, sizeof mailbox, "%s/mailbox", s->data);
    struct api_options options = {
        .loop = &h->loop,
        .engine = h->engine,
        .cashier = h->cashier,
        .views = h->views,
        .keys = h->keys,
        .data_dir = s->data,
        .mailbox_dir = mailbox,
        .version = ONSALE_VERSION,
        .public_url = *s->public_url ? s->public_url : NULL,
        .base_url = h->base_url,
        .admin_token = h->admin_token,
        .payments = {payments[0], payments[1]},
        .webhook_secrets = h->webhook_secrets,
        .webhook_secret_count = h->webhook_secret_count,
        .choose_provider = providers_choose,
        .metrics = providers_metrics,
        .reconcile = host_reconcile,
        .reconcile_report = host_reconcile_report,
        .demo = h->demo,
        .limit_session_per_second = s->limit_session_per_second,
        .limit_network_per_second = s->limit_network_per_second,
        .leave_seconds = s->leave_seconds,
        .challenge = challenge_policy(s),
        .captcha = h->verifier ? &h->captcha : NULL,
        .captcha_port = h->verifier ? verifier_port(h->verifier) : (struct captcha_port){0},
        .mailcheck = h->mailcheck,
        .wall_us = host_wall_us,
        .failed = host_failed,
        .told = host_told,
        .host = h,
    };
    return api_create(&options, &h->api, err);
}

static int start_server(struct house *h, struct err *err)
{
    struct http_options options = {
        .address = h->address,
        .port = h->port,
        .routes = api_routes,
        .route_count = api_route_count,
        .before = api_before,
        .admit = api_admit,
        .shed = api_shed,
        .max_pending = h->settings->max_pending,
        .fallback = pages_fallback,
        .finished = on_finished,
        .user = h->api,
        .trusted_proxies = h->settings->trusted_proxies,
        .max_connections = h->settings->max_connections,
        .max_streams = h->settings->max_streams,
    };
    if (pages_load(h, err) != 0 || http_server_create(&h->loop, &options, &h->server, err) != 0)
        return -1;
    api_set_server(h->api, h->server);
    return 0;
}

/* Makes a folder that is missing, durably: its name must not vanish with the power. */
static int make_folder(const char *path, mode_t mode, struct err *err)
{
    char above[4200];
    bool made = mkdir(path, mode) == 0;
    if (!made && errno != EEXIST)
        return err_set(err, "cannot make the folder %s: %s", path, strerror(errno));
    (void)snprintf(above, sizeof above, "%s/..", path);
    /* One that is there may be of a process that was killed here; or somebody else's, whose parent
     * we may not even open. */
    if (files_sync_folder(&files_system, above) != 0 && made)
        return err_set(err, "%s: %s", above, strerror(errno));
    return 0;
}

/* Makes the data folder and what is above it; only the folder itself is ours alone. */
static int make_data_folder(const char *data, struct err *err)
{
    char path[4200];
    int len = snprintf(path, sizeof path, "%s", data);
    if (len <= 0 || (size_t)len >= 4096)
        return err_set(err, "the data folder's name is empty or too long");
    for (char *slash = strchr(path + 1, '/'); slash; slash = strchr(slash + 1, '/')) {
        *slash = '\0';
        if (make_folder(path, 0755, err) != 0)
            return -1;
        *slash = '/';
    }
    return make_folder(data, 0700, err);
}

static int start_stores(struct house *h, struct err *err)
{
    char path[4200];
    if (make_data_folder(h->settings->data, err) != 0)
        return -1;
    (void)snprintf(path, sizeof path, "%s/journal", h->settings->data);
    if (journal_sqlite_open(path, NULL, &h->journal, err) != 0)
        return -1;
    clock_not_before(&h->clock, journal_head(h->journal).ts_us, clock_boot_us());
    (void)snprintf(path, sizeof path, "%s/keys", h->settings->data);
    if (keys_open(path, &h->keys, err) != 0)
        return -1;
    struct engine_port port = {.context = h,
                               .now_us = port_now,
                               .entry = port_entry,
                               .committed = port_committed,
                               .fatal = port_fatal,
                               .progress = port_progress};
    if (engine_create(h->journal, &port, &h->engine, err) != 0)
        return -1;
    (void)snprintf(path, sizeof path, "%s/views.db", h->settings->data);
    return views_open(path, engine_last_seq(h->engine), &h->views, err);
}

static void start_handles(struct house *h)
{
    (void)uv_prepare_init(&h->loop, &h->prepare);
    (void)uv_check_init(&h->loop, &h->check);
    (void)uv_timer_init(&h->loop, &h->timer);
    (void)uv_signal_init(&h->loop, &h->sigterm);
    (void)uv_signal_init(&h->loop, &h->sigint);
    (void)uv_signal_init(&h->loop, &h->sighup);
    h->prepare.data = h->check.data = h->timer.data = h;
    h->sigterm.data = h->sigint.data = h->sighup.data = h;
    (void)uv_prepare_start(&h->prepare, on_prepare);
    (void)uv_check_start(&h->check, on_check);
    (void)uv_timer_start(&h->timer, on_timer, TICK_MS, TICK_MS);
    (void)uv_signal_start(&h->sigterm, on_signal, SIGTERM);
    (void)uv_signal_start(&h->sigint, on_signal, SIGINT);
    (void)uv_signal_start(&h->sighup, on_hangup, SIGHUP);
}

static int house_open(struct house *h, struct err *err)
{
    struct api_payment payments[PROVIDERS];
    if (settings_listen(h->settings->listen, h->address, &h->port, err) != 0)
        return -1;
    house_write_url(h->address, h->port, h->base_url, sizeof h->base_url);
    if (settings_captcha(h->settings, &h->captcha, err) != 0)
        return -1;
    if (h->captcha.provider != CAPTCHA_OFF && verifier_create(&h->loop, &h->verifier, err) != 0)
        return -1;
    if (start_stores(h, err) != 0 || read_admin_token(h, err) != 0)
        return -1;
    if (h->settings->sandbox && start_sandbox(h, err) != 0)
        return -1;
    if (read_mailcheck(h, err) != 0 || reconciler_create(h, &h->reconciler, err) != 0 ||
        providers_start(h, payments, err) != 0 || start_api(h, payments, err) != 0 ||
        mailer_create(h, &h->mailer, err) != 0 || start_server(h, err) != 0)
        return -1;
    h->port = http_server_port(h->server);
    house_write_url(h->address, h->port, h->base_url, sizeof h->base_url);
    start_handles(h);
    cashier_start(h->cashier);
    engine_credit_outage(h->engine);
    return 0;
}

static void print_welcome(const struct house *h)
{
    char sandbox[128];
    if (!h->demo) {
        (void)printf("onsale %s answers on %s\n", ONSALE_VERSION, h->base_url);
    } else {
        house_write_url(h->address, sandbox_thread_port(h->sandbox), sandbox, sizeof sandbox);
        (void)printf("\n  Onsale's demo box office:  %s\n\n"
                     "  mailbox            %s/mailbox\n"
                     "  sandbox provider   %s  (its books)\n"
                     "  organiser's token  %s\n"
                     "  data               %s\n\n"
                     "  No money moves: at the checkout you choose how the test card behaves.\n"
                     "  Stop with Ctrl-C; the next start goes on where this one ended.\n\n",
                     h->base_url, h->base_url, sandbox, h->admin_token, h->settings->data);
    }
    (void)fflush(stdout);
}

/* Everything that was decided is committed, pictures are taken, doors are closed. */
static void house_close(struct house *h)
{
    struct err err;
    bool served = h->server != NULL;
    while (h->api && !api_idle(h->api)) /* the pool reads what belongs to requests */
        (void)uv_run(&h->loop, UV_RUN_ONCE);
    if (served)
        (void)uv_run(&h->loop, UV_RUN_NOWAIT); /* their answers leave */
    verifier_destroy(h->verifier);
    providers_stop(h); /* the last commit below owes nobody any more */
    http_server_destroy(h->server);
    h->server = NULL;
    if (h->api)
        api_set_server(h->api, NULL); /* what comes back from the pool finds nobody to answer */
    uv_walk(&h->loop, close_handle, NULL);
    (void)uv_run(&h->loop, UV_RUN_DEFAULT);
    if (h->engine && served) {
        engine_commit(h->engine);
        if (engine_snapshot_all(h->engine, SNAPSHOT_BUDGET_US, &err) != 0)
            log_line(&h->log, "error", "no_snapshot", "%s", err.detail);
    }
    sandbox_thread_stop(h->sandbox);
    mailer_destroy(h->mailer);
    api_destroy(h->api);
    mailcheck_destroy(h->mailcheck);
    static_destroy(h->files);
    buf_finish(&h->pages_policy);
    waiting_page_destroy(h->waiting_page);
    site_destroy(h->site);
    views_close(h->views);
    reconciler_destroy(h->reconciler);
    cashier_destroy(h->cashier);
    engine_destroy(h->engine);
    keys_close(h->keys);
    journal_destroy(h->journal);
    (void)uv_loop_close(&h->loop);
    providers_finish(h);
    log_close(&h->log);
}

int house_run(const struct house_options *options)
{
    static struct house house;
    struct house *h = &house;
    struct err err = {""};
    h->settings = options->settings;
    h->demo = options->demo;
    clock_init(&h->clock, clock_read());
    raise_file_limit();
    if (curl_global_init(CURL_GLOBAL_DEFAULT) != 0 || uv_loop_init(&h->loop) != 0 ||
        log_open(&h->log, h->settings->log, &err) != 0) {
        (void)fprintf(stderr, "onsale: %s\n", *err.detail ? err.detail : "cannot start");
        return 1;
    }
    h->loop.data = h;
    if (house_open(h, &err) != 0) {
        log_flush(&h->log);
        (void)fprintf(stderr, "onsale: %s\n", err.detail);
        house_close(h);
        return 1;
    }
    print_welcome(h);
    if (h->demo && directory_event_count(engine_directory(h->engine)) == 0)
        opening_start(h);
    (void)uv_run(&h->loop, UV_RUN_DEFAULT);
    house_close(h);
    return 0;
}
