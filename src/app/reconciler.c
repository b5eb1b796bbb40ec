#include "app/internal.h"

#include "base/time.h"

#include <stdlib.h>
#include <string.h>

#define AGAIN_MS 60000u /* between the two looks at what differs */
#define TRIES 8u        /* of a page that is not answered, at growing distances */
#define STEP_MS 1u      /* between slices of work, so that buyers come first */

struct reconciler {
    struct house *house;
    uv_timer_t timer;
    struct reconcile *first, *run; /* of the provider that is being compared */
    unsigned tries;
    struct reconcile_report report;
};

static void on_timer(uv_timer_t *timer);

static void wake_in(struct reconciler *r, uint64_t ms)
{
    uv_timer_start(&r->timer, on_timer, ms, 0);
}

static void drop_runs(struct reconciler *r)
{
    reconcile_destroy(r->first);
    reconcile_destroy(r->run);
    r->first = r->run = NULL;
}

static void end(struct reconciler *r, const char *failure)
{
    struct house *h = r->house;
    drop_runs(r);
    r->report.running = false;
    r->report.ended_us = clock_wall_us();
    (void)snprintf(r->report.failure, sizeof r->report.failure, "%s", failure);
    if (*failure)
        log_line(&h->log, "error", "reconcile_failed", "%s", failure);
    else
        log_line(&h->log, r->report.count ? "warning" : "info", "reconciled",
                 "%u payments, %u refunds, %u disputes read; %u differences",
                 r->report.counters.intents, r->report.counters.refunds,
                 r->report.counters.disputes, r->report.counters.differences);
}

static int begin_run(struct reconciler *r, struct err *err)
{
    const struct reconcile_options options = {.engine = r->house->engine,
                                              .provider = r->report.provider,
                                              .since_s = r->report.since_s,
                                              .now_s = clock_wall_us() / TIME_SECOND_US};
    r->tries = 0;
    return reconcile_create(&options, &r->run, err);
}

/* The next provider that there is, from the state's on; else the end. */
static void next_provider(struct reconciler *r)
{
    struct err err;
    while (r->report.provider < PROVIDERS && !r->house->providers[r->report.provider])
        r->report.provider++;
    if (r->report.provider == PROVIDERS)
        end(r, "");
    else if (begin_run(r, &err) < 0)
        end(r, err.detail);
    else
        wake_in(r, 0);
}

static void add_counters(struct reconcile_counters *to, struct reconcile_counters more)
{
    to->intents += more.intents;
    to->refunds += more.refunds;
    to->disputes += more.disputes;
    to->foreign += more.foreign;
    to->orders += more.orders;
    to->under_way += more.under_way;
    to->differences += more.differences;
}

/* Differs both times: kept to be told, and a case of its order. */
static void keep_differences(struct reconciler *r)
{
    uint32_t count;
    const struct reconcile_difference *d = reconcile_differences(r->run, &count);
    for (uint32_t i = 0; i < count; i++) {
        char words[RECONCILE_WORDS_MAX];
        reconcile_words(&d[i], words);
        if (r->report.count < RECONCILE_DIFFERENCES_MAX)
            r->report.differences[r->report.count++] = d[i];
        if (d[i].order.random &&
            !cashier_differs(r->house->cashier, d[i].order, reconcile_news(d[i].kind),
                             slice_from_string(words)))
            log_line(&r->house->log, "error", "no_case", "%s; the next run opens it", words);
    }
}

static void run_ended(struct reconciler *r)
{
    struct err err;
    struct reconcile_counters counters = reconcile_counters(r->run);
    if (counters.differences > 0 && !r->first) {
        r->first = r->run;
        r->run = NULL;
        if (begin_run(r, &err) < 0)
            end(r, err.detail);
        else
            wake_in(r, AGAIN_MS);
        return;
    }
    if (r->first)
        reconcile_confirm(r->run, r->first);
    add_counters(&r->report.counters, reconcile_counters(r->run));
    keep_differences(r);
    drop_runs(r);
    r->report.provider++;
    next_provider(r);
}

static void ask(struct reconciler *r, const struct stripe_list_options *list)
{
    struct err err;
    if (provider_list(r->house->providers[r->report.provider], list, &err) < 0)
        end(r, err.detail);
}

static void on_timer(uv_timer_t *timer)
{
    struct reconciler *r = timer->data;
    struct stripe_list_options list;
    if (!r->run)
        return;
    if (reconcile_step(r->run))
        wake_in(r, STEP_MS);
    else if (reconcile_request(r->run, &list))
        ask(r, &list);
    else
        run_ended(r);
}

void reconciler_listed(struct reconciler *r, int status, struct slice body)
{
    struct err err;
    if (!r->run)
        return;
    if (status == 200 && reconcile_page(r->run, body, &err) == 0) {
        struct reconcile_counters now = reconcile_counters(r->run);
        r->report.read = now.intents + now.refunds + now.disputes;
        r->tries = 0;
        wake_in(r, STEP_MS);
        return;
    }
    if (status == 0)
        (void)err_set(&err, "the provider does not answer");
    else if (status != 200)
        (void)err_set(&err, "the provider answers %d to a list", status);
    if (++r->tries == TRIES)
        end(r, err.detail);
    else
        wake_in(r, 250u << r->tries);
}

bool reconciler_start(struct reconciler *r, uint64_t days)
{
    uint64_t now_s = clock_wall_us() / TIME_SECOND_US;
    if (r->report.running)
        return false;
    memset(&r->report, 0, sizeof r->report);
    r->report.running = true;
    r->report.started_us = clock_wall_us();
    r->report.since_s = days && days < now_s / 86400 ? now_s - days * 86400 : 0;
    next_provider(r);
    return true;
}

const struct reconcile_report *reconciler_report(const struct reconciler *r)
{
    return &r->report;
}

int reconciler_create(struct house *house, struct reconciler **ret_reconciler, struct err *err)
{
    struct reconciler *r = calloc(1, sizeof *r);
    if (!r || uv_timer_init(&house->loop, &r->timer) < 0) {
        free(r);
        return err_set(err, "no memory to compare the provider's books");
    }
    r->house = house;
    r->timer.data = r;
    *ret_reconciler = r;
    return 0;
}

void reconciler_destroy(struct reconciler *r)
{
    if (!r)
        return;
    drop_runs(r);
    free(r);
}
