/*
 * bench_waiting: a waiting room in the engine, on the real journal: VISITORS join the lobby
 * (14,000,000), the process's machines are thrown away and recovered twice (from rows alone, then
 * from the snapshot), the lobby is drawn, and the draw is examined. One line a figure; exit code 1
 * when anything was lost, doubled, or is not as it must be.
 *
 *   bench_waiting FOLDER [VISITORS [JOINS-A-COMMIT]]
 *
 * FOLDER (it must not exist) keeps the journal and draw.json, in which every 1,400th place stands
 * with its rank, so that docs/draw.mjs can recompute them: `node bench/waiting.mjs FOLDER`.
 */
#include "engine/engine.h"

#include "booking/booking.h"
#include "booking/inventory.h"
#include "journal/sqlite.h"

#include "visitors.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

#define LOBBY_US (1ull << 50)
#define EVENT 1u

static void fail(const char *what, const char *detail)
{
    fprintf(stderr, "bench_waiting: %s: %s\n", what, detail);
    exit(1);
}

/* ---- the engine's port: a clock of its own, and nobody who listens ---- */

struct host {
    uint64_t now_us;
};

static uint64_t port_now(void *context)
{
    return ((struct host *)context)->now_us += 2;
}

static void port_entry(void *context, const struct engine_entry *entry)
{
    (void)context, (void)entry;
}

static void port_committed(void *context, uint64_t barrier)
{
    (void)context, (void)barrier;
}

static void port_fatal(void *context, const struct err *err)
{
    (void)context;
    fail("a commit failed", err->detail);
}

/* ---- one house ---- */

struct house {
    struct host host;
    struct journal *journal;
    struct engine *engine;
};

static void house_open(struct house *h, const char *folder)
{
    struct err err;
    struct engine_port port = {&h->host, port_now, port_entry, port_committed, port_fatal, NULL};
    if (journal_sqlite_open(folder, NULL, &h->journal, &err) != 0)
        fail("the journal", err.detail);
    if (h->host.now_us < journal_head(h->journal).ts_us)
        h->host.now_us = journal_head(h->journal).ts_us;
    if (engine_create(h->journal, &port, &h->engine, &err) != 0)
        fail("the engine", err.detail);
}

static void house_close(struct house *h)
{
    engine_destroy(h->engine);
    journal_destroy(h->journal);
}

static void put32(struct buf *out, uint32_t value)
{
    buf_append(out, &value, 4);
}

/* One seat: the smallest event there is. */
static void open_event(struct house *h)
{
    static const uint64_t price[1] = {100}, fee[1] = {0};
    uint32_t head[] = {INVENTORY_VERSION, 1, 1, 0, 1, 1, 0, 0, 0};
    struct buf inventory = BUF_INIT;
    buf_append(&inventory, head, sizeof head);
    put32(&inventory, 0);
    put32(&inventory, 1);
    put32(&inventory, 0);
    put32(&inventory, 0);
    buf_append_char(&inventory, 0);
    struct engine_listing listing = {
        .listed = {.event_random = 1, .organiser_random = 2, .document = SLICE("{}")},
        .created = {.event_random = 1,
                    .organiser_random = 2,
                    .currency = SLICE("EUR"),
                    .hold_seconds = 600,
                    .pay_seconds = 900,
                    .per_buyer = 1,
                    .per_hold = 1,
                    .prices = {price, 1},
                    .fees = {fee, 1},
                    .inventory = buf_slice(&inventory)}};
    struct queue_entry_opened opened = {.event_random = 1,
                                        .places = LIMIT_QUEUE_PLACES,
                                        .priority_places = LIMIT_QUEUE_PRIORITY_PLACES,
                                        .lobby_opens_at_us = 1,
                                        .opens_at_us = LOBBY_US,
                                        .target_active = 500,
                                        .per_minute = 600,
                                        .claim_seconds = 120,
                                        .admission_seconds = 900,
                                        .on = 1,
                                        .seed = SLICE("0123456789abcdef0123456789abcdef")};
    enum directory_refusal refusal;
    uint32_t partition;
    bool repeated;
    uint64_t barrier;
    struct err err;
    if (engine_list_event(h->engine, &listing, &refusal, &partition, &repeated, &barrier, &err) ||
        refusal != DIRECTORY_OK || partition != EVENT ||
        engine_open_queue(h->engine, EVENT, &opened, &barrier, &err) != 0)
        fail("the event", err.detail);
    engine_commit(h->engine);
    buf_finish(&inventory);
}

static void join_all(struct house *h, uint32_t visitors, uint32_t a_commit)
{
    double before = resident_bytes(), began = seconds();
    for (uint32_t i = 0; i < visitors; i++) {
        struct queue_command join = {.number = QUEUE_COMMAND_join};
        struct engine_queue_result result;
        join.join.session = session(i);
        engine_submit_queue(h->engine, EVENT, &join, &result);
        if (result.no_space || result.refusal != QUEUE_OK || result.decision->number != i)
            fail("a join", result.no_space ? "no space" : queue_refusal_code(result.refusal));
        if (i % a_commit == a_commit - 1)
            engine_commit(h->engine);
    }
    engine_commit(h->engine);
    double took = seconds() - began;
    printf("joins                 %u in %.1f s: %.0f a second, %u a commit, durable\n", visitors,
           took, visitors / took, a_commit);
    printf("memory                %.1f bytes a place, resident, batches and all\n",
           (resident_bytes() - before) / visitors);
}

/* Everybody is there once, where he was told. */
static void count_places(const struct house *h, uint32_t visitors)
{
    const struct queue *q = engine_queue(h->engine, EVENT);
    struct queue_status status;
    uint32_t lost = 0, moved = 0;
    queue_status(q, h->host.now_us, &status);
    for (uint32_t i = 0; i < visitors; i++) {
        struct queue_place place;
        if (!queue_place_of(q, session(i), h->host.now_us, &place))
            lost++;
        else
            moved += place.number != i;
    }
    uint32_t count = status.lanes[QUEUE_GENERAL].count;
    printf("after it              %u places, %u lost, %u elsewhere\n", count, lost, moved);
    if (count != visitors || lost || moved)
        fail("recovery", "places were lost or doubled");
}

static void reopen(struct house *h, const char *folder, uint32_t visitors, const char *what)
{
    house_close(h);
    double began = seconds();
    house_open(h, folder);
    printf("restart               %.2f s from %s, all in the lobby\n", seconds() - began, what);
    count_places(h, visitors);
}

static void take_snapshots(struct house *h)
{
    struct engine_snapshot snapshot;
    struct err err;
    double copying = 0, writing = 0;
    for (;;) {
        double began = seconds();
        if (!engine_snapshot_take(h->engine, 1, &snapshot))
            break;
        double copied = seconds();
        if (engine_snapshot_write(h->engine, &snapshot, &err) != 0)
            fail("a snapshot", err.detail);
        engine_snapshot_finish(h->engine, &snapshot, true);
        copying += copied - began;
        writing += seconds() - copied;
    }
    printf("snapshot              %.0f ms on the loop, %.0f ms beside it\n", copying * 1e3,
           writing * 1e3);
}

/* ---- the draw ---- */

#define CELLS 1000u

/* Places by number against turns by rank, in cells: a fair draw fills them evenly. */
static double chi_squared(const uint32_t *ranks, uint32_t count)
{
    static uint32_t cells[CELLS];
    double chi = 0, expected;
    memset(cells, 0, sizeof cells);
    uint32_t first = count / 10; /* who came among the first tenth: where do they stand? */
    for (uint32_t i = 0; i < first; i++)
        cells[(uint64_t)ranks[i] * CELLS / count]++;
    expected = (double)first / CELLS;
    for (uint32_t i = 0; i < CELLS; i++)
        chi += (cells[i] - expected) * (cells[i] - expected) / expected;
    return chi / 0.9; /* a tenth drawn without putting back varies that much less */
}

static void print_hex(FILE *out, const char *name, const uint8_t bytes[32])
{
    fprintf(out, "\"%s\":\"", name);
    for (unsigned i = 0; i < 32; i++)
        fprintf(out, "%02x", bytes[i]);
    fprintf(out, "\"");
}

static void write_samples(const struct queue_status *s, const uint32_t *ranks, uint32_t count,
                          const char *folder)
{
    char path[4200];
    snprintf(path, sizeof path, "%s/draw.json", folder);
    FILE *out = fopen(path, "w");
    if (!out)
        fail("draw.json", "cannot be written");
    fprintf(out, "{\"draw\":{\"count\":%u,", count);
    print_hex(out, "commitment", s->commitment);
    fprintf(out, ",");
    print_hex(out, "seed", s->seed);
    fprintf(out, ",");
    print_hex(out, "chain_hash", s->chain_hash);
    fprintf(out, "},\"samples\":[");
    uint32_t step = count / 10000 ? count / 10000 : 1;
    for (uint32_t i = 0; i < count; i += step)
        fprintf(out, "%s[%u,%u]", i ? "," : "", i, ranks[i]);
    fprintf(out, "]}\n");
    fclose(out);
}

static void draw(struct house *h, uint32_t visitors, const char *folder)
{
    struct queue_status status;
    const struct queue *q = engine_queue(h->engine, EVENT);
    uint32_t *ranks = malloc(visitors * sizeof *ranks);
    uint8_t *taken = calloc(visitors, 1);
    if (!ranks || !taken)
        fail("the draw", "no memory");
    h->host.now_us = LOBBY_US;
    double began = seconds();
    for (int i = 0; i < 3; i++) {
        engine_tick(h->engine);
        engine_commit(h->engine);
    }
    queue_status(q, h->host.now_us, &status);
    if (status.phase != QUEUE_LINE || !status.drawn)
        fail("the draw", "the lobby was not drawn");
    printf("draw                  %.0f ms, closing and both commits included\n",
           (seconds() - began) * 1e3);
    began = seconds();
    for (uint32_t i = 0; i < visitors; i++) {
        struct queue_place place;
        if (!queue_place_of(q, session(i), h->host.now_us, &place) || place.rank >= visitors ||
            taken[place.rank]++)
            fail("the draw", "it is no permutation");
        ranks[i] = place.rank;
    }
    printf("positions             all %u looked up by session in %.1f s: a permutation\n", visitors,
           seconds() - began);
    double chi = chi_squared(ranks, visitors);
    printf(
        "chi-squared           %.0f over %u cells (%.0f expected, sd %.0f): first tenth's turns\n",
        chi, CELLS, CELLS - 1.0, 44.7);
    write_samples(&status, ranks, visitors, folder);
    free(ranks);
    free(taken);
}

int main(int argc, char **argv)
{
    if (argc < 2 || mkdir(argv[1], 0700) != 0) {
        fprintf(stderr,
                "usage: bench_waiting FOLDER [VISITORS [JOINS-A-COMMIT]]; it must not exist\n");
        return 2;
    }
    uint32_t visitors = argc > 2 ? (uint32_t)atoi(argv[2]) : 14000000;
    uint32_t a_commit = argc > 3 ? (uint32_t)atoi(argv[3]) : 1000;
    char folder[4096];
    snprintf(folder, sizeof folder, "%s/journal", argv[1]);
    struct house house = {.host = {1000000}};
    house_open(&house, folder);
    open_event(&house);
    join_all(&house, visitors, a_commit);
    reopen(&house, folder, visitors, "rows alone");
    take_snapshots(&house);
    reopen(&house, folder, visitors, "the snapshot");
    draw(&house, visitors, argv[1]);
    house_close(&house);
    return 0;
}
