/*
 * sim: one simulated world: a box office made of the production code, the machine it runs on
 * (clocks, disk, memory, power), a payment provider, buyers and an organiser, and an auditor who
 * believes nobody. One thread, no real time, no real chance: everything follows from the seed.
 *
 * Two kinds of code meet here. The PROCESS is production code: it runs only inside process_run, its
 * memory is accounted for, and it can die at any CRASH_POINT. The WORLD is everything else; ports
 * that the process calls enter it with WORLD_BEGIN.
 *
 * Whatever happens is put into the trace, whose hash must be the same whenever the same seed runs.
 */
#ifndef ONSALE_TESTS_SIM_SIM_H
#define ONSALE_TESTS_SIM_SIM_H

#include "base/buf.h"
#include "base/crash.h"
#include "base/hash.h"
#include "base/time.h"
#include "booking/booking.h"
#include "random.h"

#include <setjmp.h>

#define SIM_START_US (1800000000ull * TIME_SECOND_US)
#define SIM_EVENTS_MAX 4u
#define SECOND_US TIME_SECOND_US
#define HOUR_US (3600ull * SECOND_US)

/* What can go wrong; counted in the figures. */
#define SIM_FAULTS(F)                                                       \
    F(JOURNAL_SLOW, "journal slow")                                         \
    F(JOURNAL_FAILED, "journal failed")                                     \
    F(JOURNAL_UNKNOWN_DONE, "journal done, told unknown")                   \
    F(JOURNAL_UNKNOWN_LATER, "journal unknown, done later")                 \
    F(JOURNAL_UNKNOWN_LOST, "journal unknown, not done")                    \
    F(JOURNAL_NO_SPACE, "journal without space")                            \
    F(SNAPSHOT_FAILED, "snapshot failed")                                   \
    F(CRASH_POINT, "crash at a crash point")                                \
    F(CRASH_ANY_TIME, "crash at any time")                                  \
    F(STOPPED, "stopped in order")                                          \
    F(POWER_LOST, "power lost")                                             \
    F(WRITE_KEPT, "unsynced write kept")                                    \
    F(WRITE_LOST, "unsynced write lost")                                    \
    F(WRITE_TORN, "unsynced write torn")                                    \
    F(SNAPSHOT_TORN, "snapshot torn")                                       \
    F(MEMORY_SHORT, "allocation failed")                                    \
    F(CLOCK_DRIFT, "clock drift")                                           \
    F(CLOCK_STEP, "clock step")                                             \
    F(CLOCK_FROZEN, "clock frozen")                                         \
    F(REQUEST_LOST, "provider: request lost")                               \
    F(REPLY_LOST, "provider: processed, then timeout")                      \
    F(PROVIDER_SLOW, "provider: slow for minutes")                          \
    F(PROVIDER_429, "provider: 429")                                        \
    F(PROVIDER_500, "provider: 500")                                        \
    F(PROVIDER_500_KEPT, "provider: 500 kept under its key")                \
    F(PROVIDER_REFUSED, "provider: refused")                                \
    F(PROVIDER_GARBLED, "provider: answer garbled")                         \
    F(DECLINED, "provider: card declined")                                  \
    F(PROCESSING, "provider: known later")                                  \
    F(PROCESSING_DAYS, "provider: the bank takes its time")                 \
    F(ACTION, "provider: the bank asks the buyer")                          \
    F(CHARGED_AT_ONCE, "provider: charged at once")                         \
    F(CANCEL_REFUSED, "provider: cancel refused")                           \
    F(REFUND_PENDING, "provider: refund on its way")                        \
    F(REFUND_FAILED, "provider: refund failed")                             \
    F(REFUND_BACK, "provider: refund came back")                            \
    F(REFUND_UNASKED, "provider: refund that nobody asked for")             \
    F(DISPUTED, "bank: disputed")                                           \
    F(DISPUTE_WON, "bank: dispute won")                                     \
    F(DISPUTE_LOST, "bank: dispute lost")                                   \
    F(SEATED_AGAIN, "paid too late, seated again")                          \
    F(RELEASED, "a sale given up")                                          \
    F(PROVIDER_DOWN, "provider: down")                                      \
    F(REQUEST_DOWN, "provider: asked while down")                           \
    F(OTHER_PROVIDER, "an order at the other provider")                     \
    F(UNAVAILABLE, "no provider for an order")                              \
    F(SUCCESS_AFTER_CANCEL, "provider: success after our cancel was asked") \
    F(MEDDLED, "provider: captured or cancelled by hand")                   \
    F(PLANT_CAPTURE, "planted: captured, untold")                           \
    F(PLANT_UNPAID, "planted: a capture undone, untold")                    \
    F(PLANT_AMOUNT, "planted: another amount")                              \
    F(PLANT_STRANGER, "planted: a payment nobody here knows")               \
    F(PLANT_FOREIGN, "planted: something else that is sold there")          \
    F(PLANT_HIDDEN, "planted: a payment no list has")                       \
    F(PLANT_REFUND, "planted: refunded by hand, untold")                    \
    F(PLANT_TWICE, "planted: refunded twice")                               \
    F(PLANT_REFUND_AMOUNT, "planted: refund of another amount")             \
    F(PLANT_REFUND_BACK, "planted: refund came back, untold")               \
    F(PLANT_REFUND_HIDDEN, "planted: a refund no list has")                 \
    F(PLANT_DISPUTE, "planted: disputed, untold")                           \
    F(PLANT_DISPUTE_HIDDEN, "planted: a dispute no list has")               \
    F(AMOUNT_DIFFERS, "provider: another amount")                           \
    F(WEBHOOK_LOST, "webhook lost")                                         \
    F(WEBHOOK_DOUBLED, "webhook doubled")                                   \
    F(WEBHOOK_REORDERED, "webhook overtaken")                               \
    F(WEBHOOK_LATE, "webhook up to three days late")                        \
    F(DOUBLE_CLICK, "client: double click")                                 \
    F(OTHER_BODY, "client: key with another body")                          \
    F(ABANDONED, "client: abandoned")                                       \
    F(AT_EXPIRY, "client: at expiry to the tick")                           \
    F(CROWD, "client: everyone on one seat")                                \
    F(STALE, "client: stale or foreign id")                                 \
    F(CLIENT_LOST, "client: lost an answer in a crash")

#define SIM_FAULT_NAME(name, words) FAULT_##name,
enum fault { SIM_FAULTS(SIM_FAULT_NAME) FAULT_COUNT };
#undef SIM_FAULT_NAME

/* How often things go wrong, drawn from the seed: times in a million, unless it says otherwise. All
 * zero is a calm world: the second phase. */
struct rates {
    uint32_t journal_slow, journal_failed, journal_unknown, journal_no_space;
    uint32_t snapshot_failed;
    uint32_t memory_short;
    uint32_t crash_every;    /* crash points reached between two crashes, about; 0: none */
    uint64_t stop_every_us;  /* true time between two orderly stops; 0: none */
    uint64_t crash_every_us; /* true time between two crashes at any time; 0: none */
    uint32_t power_share;    /* of crashes that take the machine down */
    uint64_t clock_every_us; /* true time between two clock faults; 0: none */
    uint32_t request_lost, reply_lost, slow, busy, error, error_kept, refused, garbled;
    uint32_t declined, processing, action, amount_differs;
    uint32_t refund_slow, refund_fails, refund_back;
    uint64_t meddle_every_us, dispute_every_us, down_every_us;
    uint32_t webhook_lost, webhook_doubled, webhook_late;
    uint32_t double_click, other_body, abandon, at_expiry, stale, crowd;
};

enum size { SIZE_SMALL, SIZE_MIDDLE, SIZE_LARGE };

/* Summed over all seeds. */
struct figures {
    uint64_t seeds, simulated_us, commands, entries, rows, steps, checks, crashes, starts;
    uint64_t sold_units, captured_orders, ended_orders, cases, resolved;
    uint64_t refunds, disputes, promo_quotes, steps_of_prices;
    uint64_t places, admitted; /* of waiting rooms */
    uint64_t reconciled, reconciled_objects, reconcile_failures, reconcile_crashes;
    uint64_t differences[16]; /* believed, by enum reconcile_kind */
    uint64_t faults[FAULT_COUNT];
    uint64_t reached[256], crashed_at[256]; /* by crash point */
};

struct sim_options {
    bool trace;
    uint64_t until_us;   /* simulated time since the start; 0: to the end */
    const char *journal; /* store.h */
    const char *checks;  /* "all", "some" or "none": how much is checked */
    const char *replay;  /* words that repeat this run, but for the seed */
};

struct schedule;
struct sim_block;
struct clocks;
struct store;
struct host;
struct provider;
struct books;
struct clients;
struct lockstep;
struct rooms;
struct visitors;
struct reconciler;

struct sim {
    uint64_t seed;
    const struct sim_options *options;
    struct figures *figures;
    uint64_t now_us; /* true time */
    uint64_t step;
    uint64_t hash; /* of the trace */
    enum size size;
    struct rates rates;
    bool calm;         /* the second phase */
    bool full;         /* every entry is checked */
    uint32_t check_ns; /* what a check may cost, on average over its occasions */
    bool stopped;      /* options.until_us was reached */
    uint64_t calm_at_us;
    struct sim_block *blocks;
    jmp_buf out; /* where a broken invariant leaves to */
    const char *broken;
    struct random entropy; /* what the process is given */
    struct schedule *schedule;
    struct clocks *clocks;
    struct store *store;
    struct host *host;
    struct provider *provider;
    struct books *books;
    struct clients *clients;
    struct lockstep *lockstep;
    struct rooms *rooms;
    struct visitors *visitors;
    struct reconciler *reconciler;
};

/* Runs one seed. Returns 0, or 1 when an invariant broke (told on standard output). `ret_hash` is
 * the trace's. */
int sim_run(uint64_t seed, const struct sim_options *options, struct figures *figures,
            uint64_t *ret_hash);

/* The world that runs now; for the allocator and crash points, which have no context. */
extern struct sim *sim_present;

static inline void sim_fault(struct sim *s, enum fault fault)
{
    s->figures->faults[fault]++;
}

/* Memory of the world, zeroed; what is left is given back at the end. */
void *sim_new(struct sim *s, size_t size);
void sim_free(struct sim *s, void *block);

/* A stream for one part of the world. */
struct random sim_stream(const struct sim *s, uint64_t part);

/* ---- trace.c ---- */

/* One line of the trace: each # stands for the next number, @ for one in hexadecimal. */
#define TRACE(s, words, ...)                                                      \
    trace_line(s, words, sizeof(words) - 1, (const uint64_t[]){0, ##__VA_ARGS__}, \
               sizeof((const uint64_t[]){0, ##__VA_ARGS__}) / sizeof(uint64_t))
void trace_line(struct sim *s, const char *words, size_t len, const uint64_t *values, size_t count);

/* An invariant is broken: says so with seed, step, time and how to repeat it, and ends the run. */
__attribute__((noreturn, format(printf, 3, 4))) void sim_broken(struct sim *s,
                                                                const char *invariant,
                                                                const char *format, ...);
#define REQUIRE(s, condition, invariant, ...)      \
    do {                                           \
        if (!(condition))                          \
            sim_broken(s, invariant, __VA_ARGS__); \
    } while (0)

/* ---- schedule.c: what happens when ---- */

typedef void schedule_fn(struct sim *s, void *subject, uint64_t word);
struct schedule *schedule_create(void);
void schedule_destroy(struct schedule *schedule);
/* Things of the same moment happen in the order in which they were put here. */
void schedule_at(struct sim *s, uint64_t at_us, schedule_fn *run, void *subject, uint64_t word);
static inline void schedule_in(struct sim *s, uint64_t in_us, schedule_fn *run, void *subject,
                               uint64_t word)
{
    schedule_at(s, s->now_us + in_us, run, subject, word);
}
uint64_t schedule_next_us(const struct sim *s); /* UINT64_MAX: nothing */
void schedule_run_next(struct sim *s);

#endif
