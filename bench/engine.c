/*
 * What deciding costs: holds of four seats, named or the best there are, taken and released for
 * ever, through decide, apply and encode, in one process and on one core, without a journal. Then
 * the engine itself: a tick over 20,000 events of which one in a hundred has live holds.
 *
 * Usage: bench_engine [seconds a run]
 */
#include "engine/engine.h"
#include "booking/booking.h"
#include "booking/inventory.h"
#include "journal/memory.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <time.h>

#define SEATS_A_HOLD 4u
#define LIVE_MAX 4096u /* holds that live at once */
#define BEST 0xffffffffu

/* Time of this process on the processor: what others do beside it counts as little as it can. */
static double now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static void put32(struct buf *out, uint32_t value)
{
    buf_append(out, &value, 4);
}

/* Rows of 25 seats. */
static void write_inventory(struct buf *out, uint32_t seats)
{
    uint32_t rows = seats / 25, head[] = {INVENTORY_VERSION, seats, rows, 0, 1, 1, 0, 0, 0};
    buf_append(out, head, sizeof head);
    for (uint32_t i = 0; i < rows; i++) {
        put32(out, 0);
        put32(out, 25);
    }
    for (uint32_t i = 0; i < seats; i++)
        put32(out, i);
    for (uint32_t i = 0; i < seats; i++)
        put32(out, i / 25 * 30 + i % 25);
    for (uint32_t i = 0; i < seats; i++)
        buf_append_char(out, 0);
}

static const uint64_t prices[1] = {5000}, fees[1] = {500};

static struct entry_event_created event_of(struct slice inventory)
{
    return (struct entry_event_created){.event_random = 1,
                                        .organiser_random = 2,
                                        .currency = SLICE("EUR"),
                                        .hold_seconds = 600,
                                        .pay_seconds = 900,
                                        .per_buyer = 16,
                                        .per_hold = 16,
                                        .prices = {prices, 1},
                                        .fees = {fees, 1},
                                        .inventory = inventory};
}

struct run {
    struct booking *b;
    uint64_t ts_us, entries, bytes;
    struct booking_decision decision;
    struct booking_touched touched;
    char to[4096];
};

static void submit(struct run *r, const struct booking_command *c)
{
    booking_decide(r->b, c, r->ts_us, &r->decision);
    if (r->decision.refusal != BOOKING_OK)
        abort();
    r->touched.all = false;
    r->touched.count = 0;
    for (uint32_t i = 0; i < r->decision.entry_count; i++) {
        booking_apply(r->b, &r->decision.entries[i], r->ts_us++, &r->touched);
        r->bytes += booking_entry_encode(&r->decision.entries[i], r->to);
        r->entries++;
    }
}

static uint64_t mix(uint64_t x)
{
    x ^= x >> 31;
    x *= 0x9e3779b97f4a7c15ull;
    return x ^ x >> 29;
}

/* `first` is BEST: the machine chooses. */
static void hold(struct run *r, uint64_t n, uint32_t first)
{
    uint32_t seats[SEATS_A_HOLD];
    struct booking_command c = {.number = BOOKING_COMMAND_hold};
    for (uint32_t i = 0; i < SEATS_A_HOLD; i++)
        seats[i] = first + i;
    c.hold.hold_random = n + 1;
    uint64_t session = mix(n + 1), key = mix(~n);
    memcpy(c.hold.session.bytes, &session, 8);
    memcpy(c.hold.key.bytes, &key, 8);
    c.hold.request = key;
    if (first == BEST) {
        c.hold.best_quantity = SEATS_A_HOLD;
        c.hold.best_categories = 1;
    } else {
        c.hold.seats = (struct u32s){seats, SEATS_A_HOLD};
    }
    submit(r, &c);
}

static void release(struct run *r, uint64_t n, uint32_t slot)
{
    struct booking_command c = {.number = BOOKING_COMMAND_release_hold};
    uint64_t session = mix(n + 1);
    c.release_hold.hold = slot;
    c.release_hold.hold_random = n + 1;
    memcpy(c.release_hold.session.bytes, &session, 8);
    submit(r, &c);
}

static void bench_holds(uint32_t seats, bool best, double seconds)
{
    static uint32_t slots[LIVE_MAX];
    struct run *r = calloc(1, sizeof *r);
    BUF_AUTO struct buf inventory = BUF_INIT;
    write_inventory(&inventory, seats);
    struct entry_event_created created = event_of(buf_slice(&inventory));
    size_t size = booking_memory_size(&created);
    void *memory = mmap(NULL, size, PROT_READ | PROT_WRITE,
                        MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (!r || memory == MAP_FAILED)
        abort();
    r->b = booking_init(memory, size, 1, &created, 1);
    r->ts_us = 2;
    uint32_t places = seats / SEATS_A_HOLD, live = places / 2 < LIVE_MAX ? places / 2 : LIVE_MAX;
    uint32_t step = places / live; /* spread over the house */
    uint64_t n = 0;
    double began = now(), took;
    do {
        for (unsigned i = 0; i < 1000; i++, n++) {
            uint32_t place = (uint32_t)(n % live);
            if (n >= live)
                release(r, n - live, slots[place]);
            hold(r, n, best ? BEST : place * step * SEATS_A_HOLD);
            slots[place] = r->decision.hold;
        }
        took = now() - began;
    } while (took < seconds);
    printf("%8u seats: %6.2f M holds/s%s (each with a release: %.2f M entries/s, %.0f bytes an "
           "entry), %zu bytes a seat\n",
           seats, (double)n / took / 1e6, best ? " of the best" : "",
           (double)r->entries / took / 1e6, (double)r->bytes / (double)r->entries, size / seats);
    munmap(memory, size);
    free(r);
}

static uint64_t tick_now_us = 1800000000000000ull;

static uint64_t port_now(void *context)
{
    (void)context;
    return tick_now_us;
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
    fprintf(stderr, "%s\n", err->detail);
    abort();
}

static void bench_tick(uint32_t events)
{
    struct journal *j = journal_memory_create();
    struct engine *e;
    struct err err = {""};
    struct engine_port port = {NULL, port_now, port_entry, port_committed, port_fatal, NULL};
    BUF_AUTO struct buf inventory = BUF_INIT;
    write_inventory(&inventory, 500);
    if (engine_create(j, &port, &e, &err) != 0)
        abort();
    for (uint32_t i = 0; i < events; i++) {
        struct engine_listing listing = {.listed = {.event_random = i + 1, .document = SLICE("{}")},
                                         .created = event_of(buf_slice(&inventory))};
        enum directory_refusal refusal;
        uint32_t partition, seat = 0;
        bool repeated;
        uint64_t barrier;
        if (engine_list_event(e, &listing, &refusal, &partition, &repeated, &barrier, &err) != 0)
            abort();
        struct booking_command c = {.number = BOOKING_COMMAND_hold};
        struct engine_result result;
        c.hold.hold_random = 1;
        c.hold.seats = (struct u32s){&seat, 1};
        if (i % 100 == 0)
            engine_submit(e, partition, &c, &result);
        engine_commit(e);
    }
    double worst = 0, sum = 0;
    for (unsigned i = 0; i < 100; i++) {
        tick_now_us += 250000;
        double began = now();
        engine_tick(e);
        engine_commit(e);
        double took = now() - began;
        sum += took;
        worst = took > worst ? took : worst;
    }
    printf("%8u events: a tick and its commit %.0f us on average, %.0f us at worst\n", events,
           sum / 100 * 1e6, worst * 1e6);
    engine_destroy(e);
    journal_destroy(j);
}

int main(int argc, char **argv)
{
    double seconds = argc > 1 ? atof(argv[1]) : 2;
    static const uint32_t houses[] = {500, 70000, 1000000};
    for (unsigned i = 0; i < 6; i++)
        bench_holds(houses[i % 3], i >= 3, seconds);
    bench_tick(20000);
    return 0;
}
