#include "reconciler.h"

#include "books.h"
#include "clocks.h"
#include "host.h"
#include "process.h"
#include "provider.h"

#include <stdlib.h>

#define PROVIDERS 2u
#define AGAIN_US (60 * SECOND_US) /* between the two looks at what differs */
#define TRIES 8u                  /* of a page that is not answered, at growing distances */
#define STEP_US 1000u             /* between slices of work */

enum last { LAST_NOT_YET, LAST_WAITS, LAST_RUNS, LAST_DONE };

struct reconciler {
    struct random random;
    uint64_t every_us; /* true time between two runs; 0: none */
    bool wide;         /* always of all orders: the clocks are not to be trusted */
    enum last last;
    uint64_t turn; /* number of the planned step; others are void */
    unsigned tries;
    bool running;
    uint8_t house;
    uint64_t since_s;
    struct reconcile *first, *run; /* the process's */
    /* Orders for which the last run opened cases. */
    struct id *told;
    uint32_t told_count, told_capacity;
};

static void go_on(struct sim *s, void *subject, uint64_t turn);
static void wakes(struct sim *s, void *subject, uint64_t again);

static void go_on_in(struct sim *s, uint64_t us)
{
    struct reconciler *r = s->reconciler;
    schedule_in(s, us, go_on, r, ++r->turn);
}

/* Inside the process. */
static void drop_runs(struct reconciler *r)
{
    reconcile_destroy(r->first);
    reconcile_destroy(r->run);
    r->first = r->run = NULL;
}

static void end(struct sim *s, bool failed)
{
    struct reconciler *r = s->reconciler;
    drop_runs(r);
    WORLD_BEGIN();
    TRACE(s, "the books were compared, failed #", failed);
    r->running = false;
    r->turn++;
    s->figures->reconcile_failures += failed;
    REQUIRE(s, !failed || r->last != LAST_RUNS, "in a calm world books can be compared",
            "provider %u", r->house);
    if (r->last == LAST_RUNS)
        r->last = LAST_DONE;
}

/* ---- a run; all of it inside the process ---- */

static uint64_t now_s(struct sim *s)
{
    uint64_t wall_us = clocks_read(s).wall_us, house_us = host_now_us(s), right_us = s->now_us;
    if (s->reconciler->last != LAST_RUNS)
        return wall_us / SECOND_US;
    /* At the end nothing is young, however wrong the clocks of this world are. */
    return (house_us > right_us ? house_us : right_us) / SECOND_US + RECONCILE_GRACE_S + 1;
}

static void begin_house(struct sim *s)
{
    struct reconciler *r = s->reconciler;
    struct err err;
    const struct reconcile_options options = {
        .engine = host_engine(s), .provider = r->house, .since_s = r->since_s, .now_s = now_s(s)};
    r->tries = 0;
    if (reconcile_create(&options, &r->run, &err) < 0) {
        end(s, true);
        return;
    }
    WORLD_BEGIN();
    go_on_in(s, r->first ? AGAIN_US : STEP_US);
}

/* What differed both times becomes a case of its order. */
static void tell_differences(struct sim *s)
{
    struct reconciler *r = s->reconciler;
    uint32_t count;
    const struct reconcile_difference *d = reconcile_differences(r->run, &count);
    for (uint32_t i = 0; i < count; i++) {
        char words[RECONCILE_WORDS_MAX];
        reconcile_words(&d[i], words);
        if (d[i].order.random == 0)
            continue;
        bool told = cashier_differs(host_cashier(s), d[i].order, reconcile_news(d[i].kind),
                                    slice_from_string(words));
        WORLD_BEGIN();
        if (!told || r->last != LAST_RUNS)
            continue;
        if (r->told_count == r->told_capacity) {
            r->told_capacity = 2 * r->told_capacity + 16;
            r->told = realloc(r->told, r->told_capacity * sizeof *r->told);
            if (!r->told)
                abort();
        }
        r->told[r->told_count++] = d[i].order;
    }
}

_Static_assert(RECONCILE_KIND_COUNT <=
                   sizeof(((struct figures *)0)->differences) / sizeof(uint64_t),
               "each kind is counted");

static void count_run(struct sim *s)
{
    struct reconciler *r = s->reconciler;
    struct reconcile_counters c = reconcile_counters(r->run);
    uint32_t count;
    const struct reconcile_difference *d = reconcile_differences(r->run, &count);
    TRACE(s, "provider # was compared: #, #, # read, # differ", r->house, c.intents, c.refunds,
          c.disputes, count);
    s->figures->reconciled++;
    s->figures->reconciled_objects += c.intents + c.refunds + c.disputes;
    for (uint32_t i = 0; i < count; i++)
        s->figures->differences[d[i].kind]++;
}

static void run_ended(struct sim *s)
{
    struct reconciler *r = s->reconciler;
    if (reconcile_counters(r->run).differences > 0 && !r->first) {
        r->first = r->run;
        r->run = NULL;
        begin_house(s);
        return;
    }
    if (r->first)
        reconcile_confirm(r->run, r->first);
    {
        WORLD_BEGIN();
        count_run(s);
        reconcile_audit(s, r->house, r->run, r->last == LAST_RUNS);
        if (r->last == LAST_RUNS)
            reconcile_audit_last(s, r->house, r->run);
    }
    tell_differences(s);
    drop_runs(r);
    r->house++;
    if (r->house < PROVIDERS)
        begin_house(s);
    else
        end(s, false);
}

static void run_step(struct sim *s, void *argument)
{
    struct reconciler *r = s->reconciler;
    struct stripe_list_options list;
    struct stripe_request request;
    struct err err;
    (void)argument;
    if (!r->run) {
        begin_house(s);
    } else if (reconcile_step(r->run)) {
        WORLD_BEGIN();
        go_on_in(s, STEP_US);
    } else if (!reconcile_request(r->run, &list)) {
        run_ended(s);
    } else if (stripe_list_build(host_account(r->house), &list, &request, &err) < 0) {
        sim_broken(s, "the next page can be asked for", "%s", err.detail);
    } else {
        WORLD_BEGIN();
        provider_request(s, r->house, host_epoch(s), RECONCILER_TICKET, &request);
    }
}

static void go_on(struct sim *s, void *subject, uint64_t turn)
{
    struct reconciler *r = subject;
    if (turn == r->turn && r->running)
        host_turn(s, run_step, NULL);
}

static void run_listed(struct sim *s, void *argument)
{
    struct reconciler *r = s->reconciler;
    const struct stripe_reply *reply = argument;
    struct err err;
    bool read = reply->status == 200 && reconcile_page(r->run, reply->body, &err) == 0;
    r->tries = read ? 0 : r->tries + 1;
    if (r->tries == TRIES) {
        end(s, true);
        return;
    }
    WORLD_BEGIN();
    go_on_in(s, read ? STEP_US : 250000u << r->tries);
}

void reconciler_listed(struct sim *s, const struct stripe_reply *reply)
{
    struct stripe_reply copy = *reply;
    if (s->reconciler->running)
        host_turn(s, run_listed, &copy);
}

void reconciler_stop(struct sim *s)
{
    drop_runs(s->reconciler);
}

void reconciler_process_gone(struct sim *s)
{
    struct reconciler *r = s->reconciler;
    s->figures->reconcile_crashes += r->running;
    if (r->running && random_below(&r->random, 2))
        schedule_in(s, random_magnitude(&r->random, SECOND_US, HOUR_US), wakes, r, false);
    r->first = r->run = NULL;
    r->running = false;
    r->turn++;
    if (r->last == LAST_RUNS)
        r->last = LAST_NOT_YET;
}

/* ---- when ---- */

static void begin(struct sim *s)
{
    struct reconciler *r = s->reconciler;
    uint64_t wall_s = clocks_read(s).wall_us / SECOND_US;
    TRACE(s, "the books are compared");
    r->running = true;
    r->house = 0;
    r->since_s = 0;
    if (!r->wide && r->last != LAST_RUNS && random_below(&r->random, 2))
        r->since_s = wall_s - random_below(&r->random, 8 * 3600);
    go_on_in(s, 0);
}

static void wakes(struct sim *s, void *subject, uint64_t again)
{
    struct reconciler *r = subject;
    if (s->calm)
        return;
    if (again)
        schedule_in(s, random_between(&r->random, 1, 2 * r->every_us), wakes, r, true);
    if (r->running || !host_is_up(s))
        return;
    begin(s);
    if (random_below(&r->random, 4) == 0)
        host_tempt(s);
}

void reconciler_begin(struct sim *s)
{
    struct reconciler *r = s->reconciler;
    if (r->every_us)
        schedule_in(s, random_between(&r->random, 1, 2 * r->every_us), wakes, r, true);
}

static void last_begins(struct sim *s, void *subject, uint64_t word)
{
    struct reconciler *r = subject;
    (void)word;
    if (r->running || !host_idle(s) || !books_quiet(s)) { /* wait for all to be quiet again */
        r->last = LAST_NOT_YET;
        return;
    }
    r->last = LAST_RUNS;
    begin(s);
}

bool reconciler_last(struct sim *s)
{
    struct reconciler *r = s->reconciler;
    if (r->last == LAST_NOT_YET) {
        r->last = LAST_WAITS;
        provider_plant_over(s);
        schedule_in(s, 0, last_begins, r, 0);
    }
    return r->last == LAST_DONE;
}

void reconciler_end(struct sim *s)
{
    const struct reconciler *r = s->reconciler;
    for (uint32_t i = 0; i < r->told_count; i++) {
        struct id id = r->told[i];
        const struct books_order *o = books_order(s, id.partition, id.slot, id.random);
        REQUIRE(s, o && o->has_case, "what differs becomes a case", "order %u of event %u", id.slot,
                id.partition);
    }
}

struct reconciler *reconciler_create(struct sim *s)
{
    struct reconciler *r = calloc(1, sizeof *r);
    if (!r)
        abort();
    r->random = sim_stream(s, 13);
    if (random_below(&r->random, 2))
        r->every_us = random_magnitude(&r->random, 240 * SECOND_US, 4 * HOUR_US);
    r->wide = s->rates.clock_every_us > 0;
    return r;
}

void reconciler_destroy(struct reconciler *r)
{
    if (r)
        free(r->told);
    free(r);
}
