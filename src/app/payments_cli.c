#include "app/payments_cli.h"

#include "app/internal.h"
#include "base/time.h"
#include "cashier/reconcile.h"
#include "journal/sqlite.h"

#include <curl/curl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define ANSWER_MAX (4u * 1024 * 1024)
#define TIMEOUT_S 30L
#define TRIES 6u

enum { CODE_AGREE, CODE_DIFFER, CODE_USAGE, CODE_FAILED };

static const char usage[] =
    "usage: onsale payments reconcile [--days N] [--grace SECONDS] [--again SECONDS] [FLAGS]\n"
    "\n"
    "Compares the payment provider's lists of payments, refunds and disputes with the journal, "
    "both\n"
    "ways, and prints what differs. Reads only, beside a running program too. FLAGS and settings "
    "are\n"
    "those of `onsale serve`: --data, --config, --stripe-secret-key, --stripe-api-base, ...\n"
    "\n"
    "  --days N          only orders of the last N days [all]\n"
    "  --grace SECONDS   pass over what is younger than this: its news may be on their way [120]\n"
    "  --again SECONDS   look again after this long when something differs, and believe only what\n"
    "                    differs both times: it may be a payment of just now [30]\n"
    "\n"
    "Exit code: 0 the books agree, 1 they differ, 2 wrong usage, 3 they could not be compared.\n";

struct run {
    const struct settings *settings;
    CURL *curl;
    struct stripe_account account;
    unsigned provider;
    uint64_t since_s;
    uint32_t grace_s, again_s;
    bool direct;
};

/* Our own flags; the others are settings. */
struct flags {
    unsigned long days, grace_s, again_s;
};

/* ---- the engine's port: nothing happens, the journal is only read ---- */

static uint64_t port_now(void *context)
{
    (void)context;
    return clock_wall_us();
}

static void port_entry(void *context, const struct engine_entry *entry)
{
    (void)context;
    (void)entry;
}

static void port_committed(void *context, uint64_t barrier)
{
    (void)context;
    (void)barrier;
}

static void port_fatal(void *context, const struct err *err)
{
    (void)context;
    (void)fprintf(stderr, "onsale: %s\n", err->detail);
    exit(CODE_FAILED);
}

/* ---- asking ---- */

static size_t take_part(char *part, size_t size, size_t count, void *context)
{
    struct buf *body = context;
    if (body->len + size * count > ANSWER_MAX)
        return 0;
    buf_append(body, part, size * count);
    return body->failed ? 0 : size * count;
}

/* Returns the HTTP status, 0 without an answer; `err` says why then. */
static long ask_once(const struct run *run, const struct stripe_request *request, struct buf *body,
                     struct err *err)
{
    struct curl_slist *headers = NULL;
    long status = 0;
    for (uint32_t i = 0; i < request->header_count; i++)
        headers = curl_slist_append(headers, request->headers[i]);
    curl_easy_reset(run->curl);
    (void)curl_easy_setopt(run->curl, CURLOPT_URL, request->url);
    (void)curl_easy_setopt(run->curl, CURLOPT_HTTPHEADER, headers);
    (void)curl_easy_setopt(run->curl, CURLOPT_WRITEFUNCTION, take_part);
    (void)curl_easy_setopt(run->curl, CURLOPT_WRITEDATA, body);
    (void)curl_easy_setopt(run->curl, CURLOPT_TIMEOUT, TIMEOUT_S);
    (void)curl_easy_setopt(run->curl, CURLOPT_NOSIGNAL, 1L);
    if (run->direct)
        (void)curl_easy_setopt(run->curl, CURLOPT_PROXY, "");
    buf_clear(body);
    CURLcode code = curl_easy_perform(run->curl);
    if (code == CURLE_OK)
        (void)curl_easy_getinfo(run->curl, CURLINFO_RESPONSE_CODE, &status);
    else
        (void)err_set(err, "%s: %s", run->account.api_base, curl_easy_strerror(code));
    curl_slist_free_all(headers);
    return status;
}

/* One page, asked for again while the provider does not answer. */
static int ask_page(const struct run *run, struct reconcile *reconcile,
                    const struct stripe_list_options *list, struct err *err)
{
    BUF_AUTO struct buf body = BUF_INIT;
    struct stripe_request request;
    if (stripe_list_build(&run->account, list, &request, err) < 0)
        return -1;
    for (unsigned try = 0; try < TRIES; try++) {
        if (try > 0)
            (void)sleep(1u << (try - 1));
        long status = ask_once(run, &request, &body, err);
        if (status == 200 && reconcile_page(reconcile, buf_slice(&body), err) == 0)
            return 0;
        if (status == 401 || status == 403 || status == 404)
            return err_set(err, "%s answers %ld: is it the right key for this address?",
                           run->account.api_base, status);
        if (status && status != 200)
            (void)err_set(err, "%s answers %ld", run->account.api_base, status);
    }
    return -1;
}

static void show_progress(const struct reconcile *reconcile, bool done)
{
    struct reconcile_counters c = reconcile_counters(reconcile);
    if (isatty(STDERR_FILENO))
        (void)fprintf(stderr, "\r%u payments, %u refunds, %u disputes read%s", c.intents, c.refunds,
                      c.disputes, done ? "\n" : " ...");
}

static int compare(const struct run *run, const struct engine *engine,
                   struct reconcile **ret_reconcile, struct err *err)
{
    const struct reconcile_options options = {.engine = engine,
                                              .provider = (uint8_t)run->provider,
                                              .since_s = run->since_s,
                                              .now_s = clock_wall_us() / TIME_SECOND_US,
                                              .grace_s = run->grace_s};
    struct reconcile *reconcile;
    struct stripe_list_options list;
    if (reconcile_create(&options, &reconcile, err) < 0)
        return -1;
    for (;;) {
        while (reconcile_step(reconcile)) {
        }
        if (!reconcile_request(reconcile, &list))
            break;
        show_progress(reconcile, false);
        if (ask_page(run, reconcile, &list, err) < 0) {
            reconcile_destroy(reconcile);
            return -1;
        }
    }
    show_progress(reconcile, true);
    *ret_reconcile = reconcile;
    return 0;
}

/* One run over the journal as it is now. */
static int compare_journal(const struct run *run, struct reconcile **ret_reconcile, struct err *err)
{
    const struct engine_port port = {
        .now_us = port_now, .entry = port_entry, .committed = port_committed, .fatal = port_fatal};
    char dir[4200];
    struct journal *journal;
    struct engine *engine;
    (void)snprintf(dir, sizeof dir, "%s/journal", run->settings->data);
    if (journal_sqlite_open_readonly(dir, &journal, err) != 0)
        return -1;
    int result = engine_create(journal, &port, &engine, err);
    if (result == 0) {
        result = compare(run, engine, ret_reconcile, err);
        engine_destroy(engine);
    }
    journal_destroy(journal);
    return result;
}

/* ---- telling ---- */

static void print(const struct run *run, const struct reconcile *reconcile)
{
    struct reconcile_counters c = reconcile_counters(reconcile);
    uint32_t count;
    const struct reconcile_difference *d = reconcile_differences(reconcile, &count);
    (void)printf("%s: %u payments, %u refunds, %u disputes there (%u of others); %u orders here; "
                 "%u under way\n",
                 run->account.api_base, c.intents, c.refunds, c.disputes, c.foreign, c.orders,
                 c.under_way);
    for (uint32_t i = 0; i < count; i++) {
        char order[ID_TEXT_MAX] = "-", words[RECONCILE_WORDS_MAX];
        if (d[i].order.random)
            id_format(ID_ORDER, d[i].order, order);
        reconcile_words(&d[i], words);
        (void)printf("%-31s %s\n", order, words);
    }
    if (c.differences == 0)
        (void)printf("the books agree\n");
    else
        (void)printf("%u differences%s\n", c.differences,
                     c.differences > count ? ", of which these are told" : "");
}

/* Returns an exit code. */
static int reconcile_provider(const struct run *run)
{
    uint32_t again_s = run->again_s;
    struct reconcile *first = NULL, *second = NULL;
    struct err err = {""};
    if (compare_journal(run, &first, &err) < 0) {
        (void)fprintf(stderr, "onsale: %s\n", err.detail);
        return CODE_FAILED;
    }
    if (reconcile_counters(first).differences > 0 && again_s > 0) {
        (void)fprintf(stderr, "something differs; looking again in %u s\n", again_s);
        (void)sleep(again_s);
        if (compare_journal(run, &second, &err) < 0) {
            (void)fprintf(stderr, "onsale: %s\n", err.detail);
            reconcile_destroy(first);
            return CODE_FAILED;
        }
        reconcile_confirm(second, first);
    }
    const struct reconcile *last = second ? second : first;
    print(run, last);
    int code = reconcile_counters(last).differences > 0 ? CODE_DIFFER : CODE_AGREE;
    reconcile_destroy(first);
    reconcile_destroy(second);
    return code;
}

/* ---- the command ---- */

static int reconcile_all(const struct settings *settings, const struct flags *flags)
{
    uint64_t now_s = clock_wall_us() / TIME_SECOND_US, past_s = flags->days * 86400ull;
    struct run run = {.settings = settings,
                      .since_s = past_s && past_s < now_s ? now_s - past_s : 0,
                      .grace_s = (uint32_t)flags->grace_s,
                      .again_s = (uint32_t)flags->again_s};
    int code = CODE_AGREE;
    bool any = false;
    if (curl_global_init(CURL_GLOBAL_DEFAULT) != 0 || !(run.curl = curl_easy_init())) {
        (void)fprintf(stderr, "onsale: libcurl cannot start\n");
        return CODE_FAILED;
    }
    for (run.provider = 0; run.provider < PROVIDERS; run.provider++) {
        run.direct = providers_account(settings, run.provider, &run.account);
        if (!*run.account.secret_key)
            continue;
        any = true;
        int one = reconcile_provider(&run);
        code = one > code ? one : code;
    }
    if (!any) {
        (void)fprintf(stderr, "onsale: no provider is set: --stripe-secret-key, and for a sandbox "
                              "--stripe-api-base\n");
        code = CODE_USAGE;
    }
    curl_easy_cleanup(run.curl);
    curl_global_cleanup();
    return code;
}

static bool read_number(const char *text, unsigned long most, unsigned long *ret_number)
{
    char *end;
    unsigned long number = strtoul(text, &end, 10);
    if (*text < '0' || *text > '9' || *end || number > most)
        return false;
    *ret_number = number;
    return true;
}

/* Takes our flags out of `argv`; how many are left. Negative: told what is wrong. */
static int take_flags(int argc, char **argv, struct flags *flags)
{
    const struct {
        const char *name;
        unsigned long *to, least, most;
    } ours[] = {
        {"--days", &flags->days, 0, 36500},
        {"--grace", &flags->grace_s, 1, 86400},
        {"--again", &flags->again_s, 0, 3600},
    };
    int left = 0;
    for (int i = 0; i < argc; i++) {
        size_t at = 0;
        while (at < 3 && strcmp(argv[i], ours[at].name) != 0)
            at++;
        if (at == 3) {
            argv[left++] = argv[i];
        } else if (i + 1 == argc || !read_number(argv[i + 1], ours[at].most, ours[at].to) ||
                   *ours[at].to < ours[at].least) {
            (void)fprintf(stderr, "onsale: %s wants a whole number from %lu to %lu\n",
                          ours[at].name, ours[at].least, ours[at].most);
            return -1;
        } else {
            i++;
        }
    }
    return left;
}

int payments_cli(int argc, char **argv)
{
    struct flags flags = {.grace_s = RECONCILE_GRACE_S, .again_s = 30};
    struct settings settings;
    struct err err;
    if (argc < 1 || strcmp(argv[0], "reconcile") != 0) {
        bool help = argc >= 1 && (strcmp(argv[0], "--help") == 0 || strcmp(argv[0], "-h") == 0);
        (void)fputs(usage, help ? stdout : stderr);
        return help ? CODE_AGREE : CODE_USAGE;
    }
    int left = take_flags(argc - 1, argv + 1, &flags);
    if (left < 0)
        return CODE_USAGE;
    int read = settings_read(&settings, left, argv + 1, &err);
    if (read > 0) {
        (void)fputs(usage, stdout);
        return CODE_AGREE;
    }
    if (read < 0) {
        (void)fprintf(stderr, "onsale: %s\n", err.detail);
        return CODE_USAGE;
    }
    int code = reconcile_all(&settings, &flags);
    settings_finish(&settings);
    return code;
}
