#include "books.h"
#include "clients.h"
#include "clocks.h"
#include "host.h"
#include "lockstep.h"
#include "process.h"
#include "provider.h"
#include "reconciler.h"
#include "rooms.h"
#include "sim.h"
#include "store.h"
#include "visitors.h"

#include <stdio.h>
#include <stdlib.h>

#define STEPS_MAX 50000000ull
/* Time for a check at each occasion, on average: about as much as what is checked takes. */
#define CHECK_ALL_NS 65536u
#define CHECK_SOME_NS 512u
#define CHECK_FEW_NS 8u
/* After faults stopped, everything has to end within this: webhooks may be three days late. */
#define CALM_MAX_US (120 * HOUR_US)

struct sim *sim_present;

/* ---- memory of the world ---- */

struct sim_block {
    struct sim_block *next, *previous;
    _Alignas(max_align_t) char bytes[];
};

void *sim_new(struct sim *s, size_t size)
{
    struct sim_block *block = calloc(1, sizeof *block + size);
    if (!block)
        abort();
    block->next = s->blocks;
    if (block->next)
        block->next->previous = block;
    s->blocks = block;
    return block->bytes;
}

void sim_free(struct sim *s, void *bytes)
{
    struct sim_block *block =
        (struct sim_block *)(void *)((char *)bytes - offsetof(struct sim_block, bytes));
    if (block->previous)
        block->previous->next = block->next;
    else
        s->blocks = block->next;
    if (block->next)
        block->next->previous = block->previous;
    free(block);
}

struct random sim_stream(const struct sim *s, uint64_t part)
{
    uint64_t words[2] = {s->seed, part};
    return (struct random){hash64_of(words, sizeof words, 0x5eed)};
}

/* ---- what kind of world ---- */

/* A rate: often none at all, else of any magnitude up to `most`. */
static uint32_t draw_rate(struct random *r, uint32_t most)
{
    if (random_below(r, 3) == 0)
        return 0;
    return (uint32_t)random_magnitude(r, most / 64 + 1, most);
}

/* A start costs the more the larger the world is: there it comes more rarely. */
static void draw_rates(struct random *r, enum size size, struct rates *rates)
{
    unsigned rarely = 2 * (unsigned)size;
    rates->journal_slow = draw_rate(r, 300000);
    rates->journal_failed = draw_rate(r, 4000);
    rates->journal_unknown = draw_rate(r, 8000);
    rates->journal_no_space = draw_rate(r, 30000);
    rates->snapshot_failed = draw_rate(r, 500000);
    rates->memory_short = draw_rate(r, 2000);
    rates->crash_every =
        random_below(r, 4) ? (uint32_t)random_magnitude(r, 150u << rarely, 60000u << rarely) : 0;
    rates->crash_every_us =
        random_below(r, 3) == 0 ? random_magnitude(r, (5 * SECOND_US) << rarely, HOUR_US) : 0;
    rates->stop_every_us =
        random_below(r, 3) == 0 ? random_magnitude(r, 60 * SECOND_US, 4 * HOUR_US) : 0;
    rates->power_share = draw_rate(r, 1000000);
    rates->clock_every_us =
        random_below(r, 2) ? random_magnitude(r, 5 * SECOND_US, 2 * HOUR_US) : 0;
    rates->request_lost = draw_rate(r, 200000);
    rates->reply_lost = draw_rate(r, 300000);
    rates->slow = draw_rate(r, 200000);
    rates->busy = draw_rate(r, 300000);
    rates->error = draw_rate(r, 200000);
    rates->error_kept = draw_rate(r, 200000);
    rates->refused = draw_rate(r, 50000);
    rates->garbled = draw_rate(r, 100000);
    rates->declined = draw_rate(r, 600000);
    rates->processing = draw_rate(r, 300000);
    rates->action = draw_rate(r, 300000);
    rates->amount_differs = draw_rate(r, 20000);
    rates->refund_slow = draw_rate(r, 500000);
    rates->refund_fails = draw_rate(r, 300000);
    rates->refund_back = draw_rate(r, 200000);
    rates->dispute_every_us = random_below(r, 2) ? random_magnitude(r, 20 * SECOND_US, HOUR_US) : 0;
    rates->down_every_us =
        random_below(r, 3) == 0 ? random_magnitude(r, 300 * SECOND_US, 4 * HOUR_US) : 0;
    rates->meddle_every_us = random_below(r, 3) == 0 ? random_magnitude(r, SECOND_US, HOUR_US) : 0;
    rates->webhook_lost = draw_rate(r, 800000);
    rates->webhook_doubled = draw_rate(r, 500000);
    rates->webhook_late = draw_rate(r, 200000);
    rates->double_click = draw_rate(r, 400000);
    rates->other_body = draw_rate(r, 200000);
    rates->abandon = draw_rate(r, 400000);
    rates->at_expiry = draw_rate(r, 600000);
    rates->stale = draw_rate(r, 200000);
    rates->crowd = draw_rate(r, 900000);
}

static void draw_world(struct sim *s)
{
    static const enum size sizes[] = {SIZE_SMALL, SIZE_SMALL,  SIZE_SMALL,  SIZE_SMALL,
                                      SIZE_SMALL, SIZE_MIDDLE, SIZE_MIDDLE, SIZE_LARGE};
    struct random r = sim_stream(s, 0);
    s->size = sizes[random_below(&r, 8)];
    const char *checks = s->options->checks;
    bool all = strcmp(checks, "all") == 0, none = strcmp(checks, "none") == 0;
    s->full = all || (s->size == SIZE_SMALL && !none);
    s->check_ns = all ? CHECK_ALL_NS : none ? CHECK_FEW_NS : CHECK_SOME_NS;
    draw_rates(&r, s->size, &s->rates);
    s->calm_at_us = s->now_us + random_magnitude(&r, 600 * SECOND_US, 12 * HOUR_US);
    s->entropy = sim_stream(s, 8);
}

/* ---- running ---- */

static void clock_faults(struct sim *s, void *subject, uint64_t word)
{
    struct random *random = subject;
    (void)word;
    if (s->calm)
        return;
    clocks_fail(s);
    schedule_in(s, random_between(random, 1, 2 * s->rates.clock_every_us), clock_faults, random, 0);
}

static void calm_begins(struct sim *s, void *subject, uint64_t word)
{
    (void)subject;
    (void)word;
    TRACE(s, "faults are over");
    s->calm = true;
    s->rates = (struct rates){0};
    clocks_calm(s);
    host_calm(s);
}

static bool all_quiet(const struct sim *s)
{
    return s->calm && host_idle(s) && clients_idle(s) && visitors_idle(s) && provider_idle(s) &&
           books_quiet(s) && host_payments(s).owed == 0;
}

static void check_bounds(struct sim *s)
{
    bool over = s->now_us > s->calm_at_us + CALM_MAX_US || s->step > STEPS_MAX;
    REQUIRE(s, !over, "when faults stop, everything ends",
            "house up %d, idle %d; clients idle %d, visitors %d; provider idle %d; books quiet %d; "
            "calls owed %u",
            host_is_up(s), host_idle(s), clients_idle(s), visitors_idle(s), provider_idle(s),
            books_quiet(s), host_is_up(s) ? host_payments(s).owed : 0);
}

static void run_world(struct sim *s, struct random *random)
{
    uint64_t until_us = s->options->until_us ? SIM_START_US + s->options->until_us : UINT64_MAX;
    schedule_at(s, s->calm_at_us, calm_begins, s, 0);
    if (s->rates.clock_every_us)
        schedule_in(s, random_below(random, s->rates.clock_every_us), clock_faults, random, 0);
    host_begin(s);
    clients_begin(s);
    provider_begin(s);
    reconciler_begin(s);
    for (uint64_t n = 0; n % 64 || !all_quiet(s) || !reconciler_last(s); n++) {
        if (schedule_next_us(s) > until_us) {
            s->stopped = true;
            return;
        }
        schedule_run_next(s);
        if (n % 64 == 0)
            check_bounds(s);
    }
    reconciler_end(s);
    books_end(s);
    TRACE(s, "the end");
}

int sim_run(uint64_t seed, const struct sim_options *options, struct figures *figures,
            uint64_t *ret_hash)
{
    struct sim s = {
        .seed = seed, .options = options, .figures = figures, .now_us = SIM_START_US, .hash = seed};
    struct random random = sim_stream(&s, 9);
    sim_present = &s;
    draw_world(&s);
    s.schedule = schedule_create();
    s.clocks = clocks_create(&s);
    s.lockstep = lockstep_create(&s);
    s.books = books_create(&s);
    s.rooms = rooms_create();
    s.store = store_create(&s);
    s.provider = provider_create(&s);
    s.clients = clients_create(&s);
    s.visitors = visitors_create(&s);
    s.host = host_create(&s);
    s.reconciler = reconciler_create(&s);
    if (setjmp(s.out) == 0)
        run_world(&s, &random);
    host_destroy(&s, s.host);
    reconciler_destroy(s.reconciler);
    visitors_destroy(s.visitors);
    clients_destroy(s.clients);
    provider_destroy(s.provider);
    store_destroy(&s, s.store);
    rooms_destroy(s.rooms);
    books_destroy(s.books);
    lockstep_destroy(s.lockstep);
    clocks_destroy(s.clocks);
    schedule_destroy(s.schedule);
    while (s.blocks)
        sim_free(&s, s.blocks->bytes);
    sim_present = NULL;
    figures->seeds++;
    figures->steps += s.step;
    figures->simulated_us += s.now_us - SIM_START_US;
    *ret_hash = s.hash;
    return s.broken ? 1 : 0;
}
