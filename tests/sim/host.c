#include "host.h"

#include "books.h"
#include "clocks.h"
#include "process.h"
#include "provider.h"
#include "reconciler.h"
#include "store.h"
#include "visitors.h"

#include <stdlib.h>

#define TICK_US 250000u
#define BEHIND_US (300 * SECOND_US) /* so long ticks are not skipped after something was lost */

#define PROVIDERS 2u

/* What a port of an outbox is given: whose it is. */
struct outlet {
    struct host *host;
    uint8_t house;
};

struct host {
    struct sim *sim;
    struct random random;
    bool up, starting, dead; /* dead: the journal failed, nothing may leave any more */
    uint64_t epoch;
    /* the process's */
    struct journal *journal;
    struct engine *engine;
    struct outlet outlets[PROVIDERS];
    struct payments *payments[PROVIDERS];
    struct cashier *cashier;
    struct clock clock;
    bool picturing;
    struct engine_snapshot snapshot;
    /* the loop's */
    uint64_t released;         /* barrier up to which answers may leave */
    uint64_t entries_at_start; /* of the books: entries before this process */
    uint64_t payments_at_us;   /* when the outbox is looked at next; UINT64_MAX: never */
    uint64_t last_second_us, behind_until_us;
    uint64_t opened_us, open_before_us; /* true time: since when, and how long in earlier lives */
    uint64_t ticked_us, halted_us;      /* of the last tick; time without decisions, in all lives */
    uint64_t starts_us;                 /* true time of the next start, while nothing runs */
    bool payments_due, turn_end_due;
    uint32_t least_entries; /* between two snapshots */
    uint8_t first_house;    /* where orders are paid as long as it can be asked */
    bool lazy_turns;        /* turns end a little later: several requests a batch */
    struct ask *waiting, *waiting_end;
};

static void host_start(struct sim *s, void *subject, uint64_t word);
static void turn_end_later(struct sim *s, void *subject, uint64_t epoch);
static void payments_turn(struct sim *s, void *subject, uint64_t at_us);

/* ---- ports ---- */

static uint64_t port_now(void *context)
{
    struct host *h = context;
    return clock_now_us(&h->clock, clocks_boot_us(h->sim));
}

static void port_entry(void *context, const struct engine_entry *entry)
{
    struct host *h = context;
    cashier_entry(h->cashier, entry);
}

static void list_remove(struct host *h, struct ask *ask)
{
    if (ask->previous)
        ask->previous->next = ask->next;
    else
        h->waiting = ask->next;
    if (ask->next)
        ask->next->previous = ask->previous;
    else
        h->waiting_end = ask->previous;
    ask->waits = false;
}

static void run_answered(struct sim *s, void *subject, uint64_t lost)
{
    struct ask *ask = subject;
    ask->lost = lost;
    ask->answered(s, ask);
}

/* The answer leaves: what it could have seen must be on the disk, by the auditor's own books. */
static void ask_leaves(struct host *h, struct ask *ask)
{
    struct sim *s = h->sim;
    uint64_t durable = books_entries(s) - h->entries_at_start;
    REQUIRE(s, durable >= ask->seen_entries, "no answer before what it could have seen is durable",
            "an answer that saw %llu entries leaves when %llu are durable",
            (unsigned long long)ask->seen_entries, (unsigned long long)durable);
    schedule_in(s, random_between(&h->random, 50, 3000), run_answered, ask, false);
}

static void port_committed(void *context, uint64_t barrier)
{
    struct host *h = context;
    WORLD_BEGIN();
    h->released = barrier;
    for (struct ask *ask = h->waiting, *next; ask; ask = next) {
        next = ask->next;
        if (ask->barrier > barrier)
            continue;
        list_remove(h, ask);
        ask_leaves(h, ask);
    }
}

static void port_fatal(void *context, const struct err *err)
{
    struct host *h = context;
    (void)err;
    {
        WORLD_BEGIN();
        TRACE(h->sim, "the journal failed: the process ends");
    }
    process_die(h->sim);
}

static void port_send(void *context, uint64_t ticket, const struct stripe_request *request)
{
    const struct outlet *outlet = context;
    WORLD_BEGIN();
    provider_request(outlet->host->sim, outlet->house, outlet->host->epoch, ticket, request);
}

static uint64_t port_boot(void *context)
{
    return clocks_boot_us(((struct outlet *)context)->host->sim);
}

static uint64_t port_random(void *context)
{
    return random_secret(&((struct outlet *)context)->host->sim->entropy);
}

static uint64_t port_secret(void *context)
{
    return random_secret(&((struct host *)context)->sim->entropy);
}

static bool port_news(void *context, const struct payments_news *news)
{
    struct host *h = ((struct outlet *)context)->host;
    {
        WORLD_BEGIN();
        TRACE(h->sim, "news # of order #.#", news->kind, news->partition, news->order);
    }
    return cashier_news(h->cashier, news);
}

static int port_owed(void *context, const struct payments_call *call, struct err *err)
{
    struct host *h = context;
    h->payments_due = true;
    return payments_owed(h->payments[call->provider % PROVIDERS], call, err);
}

static int port_watch(void *context, const struct payments_call *call, uint64_t silence_us,
                      struct err *err)
{
    struct host *h = context;
    h->payments_due = true;
    return payments_watch(h->payments[call->provider % PROVIDERS], call, silence_us, err);
}

static void port_unwatch(void *context, uint32_t partition, uint32_t order)
{
    struct host *h = context;
    for (uint32_t i = 0; i < PROVIDERS; i++)
        payments_unwatch(h->payments[i], partition, order);
}

static void port_complain(void *context, const char *what, const struct err *err)
{
    struct host *h = context;
    (void)err;
    WORLD_BEGIN();
    if (strcmp(what, "webhook_without_order") != 0) /* that waits for nothing */
        h->behind_until_us = h->sim->now_us + BEHIND_US;
    TRACE(h->sim, "the cashier complains @", hash64_of(what, strlen(what), 0));
}

/* ---- dying ---- */

static void process_gone(struct sim *s, bool power)
{
    struct host *h = s->host;
    s->figures->crashes++;
    if (process_died_at() < process_point_count()) {
        s->figures->crashed_at[process_died_at()]++;
        const char *name = process_point_name(process_died_at());
        TRACE(s, "the process dies at crash point @, power lost #",
              hash64_of(name, strlen(name), 0), power);
        if (s->options->trace)
            (void)printf("      (%s)\n", name);
    } else {
        TRACE(s, "the process dies, power lost #", power);
    }
    if (power)
        sim_fault(s, FAULT_POWER_LOST);
    if (h->up) {
        /* What a clock that stands has not shown it yet, it never saw. */
        uint64_t open_us = s->now_us - h->opened_us, unseen_us = clocks_stuck_us(s);
        h->open_before_us += unseen_us < open_us ? open_us - unseen_us : 0;
    }
    process_memory_short(0, NULL);
    process_bury();
    store_crash(s, power);
    if (power)
        clocks_reboot(s);
    h->up = h->starting = false;
    h->picturing = false;
    h->engine = NULL;
    memset(h->payments, 0, sizeof h->payments);
    h->cashier = NULL;
    h->journal = NULL;
    h->epoch++;
    books_process_gone(s);
    reconciler_process_gone(s);
    while (h->waiting) {
        struct ask *ask = h->waiting;
        list_remove(h, ask);
        sim_fault(s, FAULT_CLIENT_LOST);
        schedule_in(s, random_between(&h->random, 100, 5000), run_answered, ask, true);
    }
    uint64_t down_us = s->calm ? SECOND_US : random_magnitude(&h->random, 50000, 2 * HOUR_US);
    h->starts_us = s->now_us + down_us;
    schedule_in(s, down_us, host_start, h, 0);
}

static void died(struct sim *s)
{
    process_gone(s, random_hit(&s->host->random, s->rates.power_share));
}

void host_kill(struct sim *s, bool power)
{
    if (!s->host->up)
        return;
    process_arm(s, &s->host->random, 0);
    sim_fault(s, FAULT_CRASH_ANY_TIME);
    process_gone(s, power);
}

/* ---- turns ---- */

/* A later look than the one that is planned is not planned: that one will ask again. */
static void plan_payments(struct sim *s, uint64_t in_us)
{
    struct host *h = s->host;
    if (s->now_us + in_us >= h->payments_at_us)
        return;
    h->payments_at_us = s->now_us + in_us;
    schedule_in(s, in_us, payments_turn, h, h->payments_at_us);
}

struct turn {
    void (*run)(struct sim *s, void *argument);
    void *argument;
    bool commit;
};

static void run_turn(struct sim *s, void *argument)
{
    struct turn *turn = argument;
    struct host *h = s->host;
    if (turn->run)
        turn->run(s, turn->argument);
    if (turn->commit)
        engine_commit(h->engine);
}

static void turn(struct sim *s, struct turn *turn)
{
    struct host *h = s->host;
    if (!h->up)
        return;
    if (!process_run(s, run_turn, turn)) {
        died(s);
        return;
    }
    if (!turn->commit && !h->turn_end_due) {
        h->turn_end_due = true;
        schedule_in(s, random_between(&h->random, 0, 2000), turn_end_later, h, h->epoch);
    }
    if (h->payments_due) {
        h->payments_due = false;
        plan_payments(s, 0);
    }
    books_compare(s);
}

static void turn_end_later(struct sim *s, void *subject, uint64_t epoch)
{
    struct host *h = subject;
    if (epoch != h->epoch)
        return;
    h->turn_end_due = false;
    turn(s, &(struct turn){NULL, NULL, true});
}

void host_turn(struct sim *s, void (*run)(struct sim *s, void *argument), void *argument)
{
    struct host *h = s->host;
    bool later = h->lazy_turns && random_below(&h->random, 4) > 0;
    turn(s, &(struct turn){run, argument, !later});
}

/* ---- requests ---- */

static void run_perform(struct sim *s, void *argument)
{
    struct ask *ask = argument;
    struct host *h = s->host;
    ask->perform(s, ask);
    ask->performed = true;
    ask->seen_entries = engine_counters(h->engine).entries;
    WORLD_BEGIN();
    if (ask->barrier <= h->released) {
        list_remove(h, ask);
        ask_leaves(h, ask);
    }
}

static void ask_arrives(struct sim *s, void *subject, uint64_t word)
{
    struct ask *ask = subject;
    struct host *h = s->host;
    (void)word;
    if (!h->up) {
        schedule_in(s, random_between(&h->random, 100, 5000), run_answered, ask, true);
        return;
    }
    ask->previous = h->waiting_end;
    ask->next = NULL;
    if (h->waiting_end)
        h->waiting_end->next = ask;
    else
        h->waiting = ask;
    h->waiting_end = ask;
    ask->waits = true;
    ask->barrier = UINT64_MAX; /* until it is performed */
    host_turn(s, run_perform, ask);
}

void host_ask(struct sim *s, struct ask *ask, uint64_t latency_us)
{
    ask->lost = ask->performed = false;
    schedule_in(s, latency_us, ask_arrives, ask, 0);
}

/* ---- payments ---- */

static void run_payments(struct sim *s, void *argument)
{
    struct host *h = s->host;
    (void)argument;
    uint64_t wake_us = UINT64_MAX, now_us = clocks_boot_us(s);
    for (uint32_t i = 0; i < PROVIDERS; i++) {
        uint64_t at_us = payments_tick(h->payments[i]);
        wake_us = at_us < wake_us ? at_us : wake_us;
    }
    WORLD_BEGIN();
    if (wake_us == UINT64_MAX)
        return;
    uint64_t in_us = wake_us > now_us ? (wake_us - now_us + 999) / 1000 * 1000 : 0;
    plan_payments(s, in_us ? in_us : 1000);
}

static void payments_turn(struct sim *s, void *subject, uint64_t at_us)
{
    struct host *h = subject;
    if (!h->up || at_us != h->payments_at_us)
        return;
    h->payments_at_us = UINT64_MAX;
    host_turn(s, run_payments, NULL);
}

struct answer {
    uint8_t house;
    uint64_t ticket;
    const struct stripe_reply *reply;
};

static void run_answer(struct sim *s, void *argument)
{
    const struct answer *a = argument;
    payments_answer(s->host->payments[a->house], a->ticket, a->reply);
    s->host->payments_due = true;
}

void host_provider_answers(struct sim *s, uint8_t house, uint64_t epoch, uint64_t ticket,
                           const struct stripe_reply *reply)
{
    if (epoch != s->host->epoch || !s->host->up)
        return;
    if (ticket == RECONCILER_TICKET)
        reconciler_listed(s, reply);
    else
        host_turn(s, run_answer, &(struct answer){house, ticket, reply});
}

/* ---- the timer ---- */

static void run_picture(struct sim *s, void *argument)
{
    struct host *h = s->host;
    struct err err;
    (void)argument;
    int result = engine_snapshot_write(h->engine, &h->snapshot, &err);
    engine_snapshot_finish(h->engine, &h->snapshot, result == 0);
    h->picturing = false;
}

static void picture_turn(struct sim *s, void *subject, uint64_t epoch)
{
    struct host *h = subject;
    if (epoch == h->epoch && h->picturing)
        host_turn(s, run_picture, NULL);
}

static void run_tick(struct sim *s, void *argument)
{
    struct host *h = s->host;
    (void)argument;
    engine_tick(h->engine);
    engine_commit(h->engine);
    uint64_t boot_us = clocks_boot_us(s);
    if (boot_us - h->last_second_us < SECOND_US)
        return;
    h->last_second_us = boot_us;
    clock_slew(&h->clock, clocks_read(s));
    cashier_tick(h->cashier);
    visitors_call(s);
    engine_commit(h->engine);
    if (!h->picturing && engine_snapshot_take(h->engine, h->least_entries, &h->snapshot)) {
        h->picturing = true;
        WORLD_BEGIN();
        schedule_in(s, random_magnitude(&h->random, 500, 500000), picture_turn, h, h->epoch);
    }
}

/* When a tick of some event has to be, though nobody holds anything; UINT64_MAX: never. */
static uint64_t next_duty_us(const struct sim *s)
{
    uint64_t next_us = UINT64_MAX;
    uint32_t events = directory_event_count(engine_directory(s->host->engine));
    for (uint32_t number = 1; number <= events; number++) {
        uint64_t case_us = booking_event(engine_booking(s->host->engine, number)).next_case_us;
        next_us = case_us < next_us ? case_us : next_us;
    }
    return next_us;
}

/* Ticks that would find nothing to do are left out. */
static bool ticks_matter(const struct sim *s)
{
    const struct host *h = s->host;
    if (engine_barrier(h->engine) != 0 || h->behind_until_us > s->now_us || h->turn_end_due)
        return true;
    uint32_t events = directory_event_count(engine_directory(h->engine));
    for (uint32_t number = 1; number <= events; number++)
        if (booking_event(engine_booking(h->engine, number)).live_holds > 0)
            return true;
    return visitors_need_ticks(s);
}

static void timer(struct sim *s, void *subject, uint64_t epoch)
{
    struct host *h = subject;
    if (epoch != h->epoch || !h->up)
        return;
    /* With a batch that waits for space it decides nothing. */
    bool decides = engine_barrier(h->engine) == 0 && journal_writable(h->journal);
    if (!decides)
        h->halted_us += s->now_us - h->ticked_us;
    h->ticked_us = s->now_us;
    turn(s, &(struct turn){run_tick, NULL, true});
    if (!h->up)
        return;
    if (decides)
        books_after_tick(s);
    uint64_t at_us = s->now_us + TICK_US, next_us = schedule_next_us(s);
    uint64_t duty_us = next_duty_us(s);
    if (duty_us != UINT64_MAX) {
        uint64_t due_us = s->now_us + host_true_us_until(s, duty_us);
        next_us = due_us < next_us ? due_us : next_us;
    }
    if (!ticks_matter(s) && next_us != UINT64_MAX && next_us > at_us)
        at_us = next_us;
    schedule_at(s, at_us, timer, h, h->epoch);
}

/* ---- starting and stopping ---- */

static struct hash16 port_card(void *context, uint64_t event_random, struct slice fingerprint)
{
    char text[96];
    struct hash16 card = {{0}};
    (void)context;
    int len = snprintf(text, sizeof text, "%llu/%.*s", (unsigned long long)event_random,
                       SLICE_ARG(fingerprint));
    struct hash128 hash = hash128_of(text, (size_t)len);
    if (fingerprint.len > 0)
        memcpy(card.bytes, &hash, sizeof card.bytes);
    return card;
}

const struct stripe_account *host_account(uint8_t house)
{
    static const struct stripe_account accounts[PROVIDERS] = {
        {"https://api.provider.test", "sk_test_simulated"},
        {"https://api.another.test", "sk_test_another"}};
    return &accounts[house];
}

static int create_outboxes(struct host *h, struct err *err)
{
    for (uint8_t i = 0; i < PROVIDERS; i++) {
        h->outlets[i] = (struct outlet){h, i};
        struct payments_options options = {
            .account = *host_account(i),
            .port = {&h->outlets[i], port_send, port_boot, port_random, port_news},
            .calls_per_second = PAYMENTS_CALLS_PER_SECOND,
            .in_flight = 0,
        };
        if (payments_create(&options, &h->payments[i], err) != 0)
            return -1;
    }
    return 0;
}

static int open_house(struct sim *s, struct err *err)
{
    struct host *h = s->host;
    clock_init(&h->clock, clocks_read(s));
    h->last_second_us = clocks_boot_us(s);
    if (store_open(s, &h->journal, err) != 0)
        return -1;
    clock_not_before(&h->clock, journal_head(h->journal).ts_us, clocks_boot_us(s));
    struct engine_port port = {.context = h,
                               .now_us = port_now,
                               .entry = port_entry,
                               .committed = port_committed,
                               .fatal = port_fatal};
    struct cashier_port cashier = {h,           port_owed,     port_watch, port_unwatch,
                                   port_secret, port_complain, port_card};
    if (engine_create(h->journal, &port, &h->engine, err) != 0)
        return -1;
    {
        WORLD_BEGIN();
        books_recovered(s, h->engine);
        h->entries_at_start = books_entries(s);
    }
    if (create_outboxes(h, err) != 0 || cashier_create(h->engine, &cashier, &h->cashier, err) != 0)
        return -1;
    cashier_start(h->cashier);
    {
        WORLD_BEGIN();
        books_doors_open(s, port_now(h));
    }
    engine_credit_outage(h->engine);
    engine_commit(h->engine);
    return 0;
}

static void run_start(struct sim *s, void *argument)
{
    struct err err = {""};
    (void)argument;
    if (open_house(s, &err) == 0)
        return;
    if (process_memory_was_short()) {
        TRACE(s, "no memory to start");
        process_die(s);
    }
    sim_broken(s, "a start after a crash succeeds", "%s", err.detail);
}

/* The house is stopped as SIGTERM stops it: what was decided is written, pictures are taken, and
 * nothing of its memory is left. */
static void run_stop(struct sim *s, void *argument)
{
    struct host *h = s->host;
    struct err err;
    (void)argument;
    if (h->picturing) {
        engine_snapshot_finish(h->engine, &h->snapshot, false);
        h->picturing = false;
    }
    if (engine_snapshot_all(h->engine, 5 * SECOND_US, &err) != 0)
        TRACE(s, "not all pictures could be taken");
    reconciler_stop(s);
    for (uint32_t i = 0; i < PROVIDERS; i++)
        payments_destroy(h->payments[i]);
    cashier_destroy(h->cashier);
    engine_destroy(h->engine);
    journal_destroy(h->journal);
}

static void stop(struct sim *s, void *subject, uint64_t epoch)
{
    struct host *h = subject;
    if (epoch != h->epoch || !h->up || s->calm)
        return;
    if (engine_barrier(h->engine) != 0) { /* in the middle of a commit */
        schedule_in(s, 1000, stop, h, epoch);
        return;
    }
    sim_fault(s, FAULT_STOPPED);
    TRACE(s, "the process is stopped in order");
    if (process_run(s, run_stop, NULL)) {
        REQUIRE(s, process_blocks() == 0, "an orderly end leaves no memory behind", "%zu blocks",
                process_blocks());
        process_arm(s, &h->random, 0);
    }
    process_gone(s, false);
}

static void any_time(struct sim *s, void *subject, uint64_t epoch)
{
    struct host *h = subject;
    if (epoch == h->epoch && h->up && !s->calm)
        host_kill(s, random_hit(&h->random, s->rates.power_share));
}

void host_tempt(struct sim *s)
{
    struct host *h = s->host;
    bool dies = s->rates.crash_every || s->rates.crash_every_us || s->rates.stop_every_us;
    if (s->calm || !h->up || !dies || random_below(&h->random, 2) == 0)
        return;
    schedule_in(s, random_below(&h->random, TICK_US), random_below(&h->random, 2) ? any_time : stop,
                h, h->epoch);
}

static void host_start(struct sim *s, void *subject, uint64_t word)
{
    struct host *h = subject;
    (void)word;
    s->figures->starts++;
    h->released = 0;
    h->picturing = h->payments_due = h->turn_end_due = false;
    h->waiting = h->waiting_end = NULL;
    TRACE(s, "the process starts");
    process_arm(s, &h->random, s->rates.crash_every);
    process_memory_short(s->rates.memory_short, &h->random);
    if (!process_run(s, run_start, NULL)) {
        died(s);
        return;
    }
    h->up = true;
    h->opened_us = h->ticked_us = s->now_us;
    TRACE(s, "the doors are open at #", host_now_us(s));
    schedule_in(s, TICK_US, timer, h, h->epoch);
    h->payments_at_us = UINT64_MAX;
    plan_payments(s, 0);
    h->payments_due = false;
    if (s->rates.crash_every_us)
        schedule_in(s, random_between(&h->random, 1, 2 * s->rates.crash_every_us), any_time, h,
                    h->epoch);
    if (s->rates.stop_every_us)
        schedule_in(s, random_between(&h->random, 1, 2 * s->rates.stop_every_us), stop, h,
                    h->epoch);
    books_compare(s);
}

void host_calm(struct sim *s)
{
    process_arm(s, &s->host->random, 0);
    process_memory_short(0, NULL);
}

struct host *host_create(struct sim *s)
{
    struct host *h = calloc(1, sizeof *h);
    h->sim = s;
    h->random = sim_stream(s, 4);
    h->least_entries = (uint32_t)random_magnitude(&h->random, 4, 2000u >> s->size);
    h->lazy_turns = random_below(&h->random, 2);
    h->first_house = random_below(&h->random, 4) == 0;
    return h;
}

void host_begin(struct sim *s)
{
    host_start(s, s->host, 0);
}

void host_destroy(struct sim *s, struct host *h)
{
    (void)s;
    process_arm(s, &h->random, 0);
    process_memory_short(0, NULL);
    process_bury();
    free(h);
}

/* ---- looking ---- */

bool host_is_up(const struct sim *s)
{
    return s->host->up;
}

uint64_t host_starts_us(const struct sim *s)
{
    return s->host->up ? 0 : s->host->starts_us;
}

struct engine *host_engine(const struct sim *s)
{
    return s->host->engine;
}

struct payments_counters host_payments(const struct sim *s)
{
    struct payments_counters sum = {0};
    for (uint32_t i = 0; i < PROVIDERS; i++) {
        struct payments_counters one = payments_counters(s->host->payments[i]);
        sum.owed += one.owed;
        sum.watched += one.watched;
        sum.in_flight += one.in_flight;
    }
    return sum;
}

bool host_webhook(struct sim *s, uint8_t house, const struct stripe_event *event,
                  uint64_t *ret_barrier)
{
    (void)house;
    return cashier_webhook(s->host->cashier, event, ret_barrier);
}

bool host_checkout(struct sim *s, uint8_t *ret_house)
{
    uint64_t retry_ms;
    for (uint8_t i = 0; i < PROVIDERS; i++) {
        *ret_house = (uint8_t)(i ^ s->host->first_house);
        if (!payments_may_create(s->host->payments[*ret_house], &retry_ms))
            continue;
        if (i > 0)
            sim_fault(s, FAULT_OTHER_PROVIDER);
        return true;
    }
    return false;
}

uint64_t host_now_us(struct sim *s)
{
    return clock_now_us(&s->host->clock, clocks_boot_us(s));
}

uint64_t host_true_us_until(struct sim *s, uint64_t at_us)
{
    uint64_t now_us = host_now_us(s);
    return at_us > now_us ? clocks_true_us(s, at_us - now_us) : 0;
}

uint64_t host_epoch(const struct sim *s)
{
    return s->host->epoch;
}

bool host_idle(const struct sim *s)
{
    const struct host *h = s->host;
    return h->up && engine_barrier(h->engine) == 0 && !h->waiting && !h->picturing &&
           h->behind_until_us <= s->now_us;
}

struct cashier *host_cashier(const struct sim *s)
{
    return s->host->cashier;
}

bool host_writable(const struct sim *s)
{
    return s->host->up && journal_writable(s->host->journal);
}

uint64_t host_halted_us(const struct sim *s)
{
    return s->host->halted_us;
}

uint64_t host_open_us(const struct sim *s)
{
    return s->host->open_before_us + (s->host->up ? s->now_us - s->host->opened_us : 0);
}
