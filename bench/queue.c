/*
 * bench_queue: the waiting room's machine alone: PLACES visitors join (14,000,000), the lobby is
 * drawn, everybody's rank is asked for, and the image is taken back. One line a figure.
 *
 *   bench_queue [PLACES]
 */
#include "queue/queue.h"

#include "visitors.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>

static void *map(size_t size)
{
    void *memory = mmap(NULL, size, PROT_READ | PROT_WRITE,
                        MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (memory == MAP_FAILED) {
        perror("mmap");
        exit(1);
    }
    return memory;
}

static struct queue_decision decision;

static void run(struct queue *q, const struct queue_command *command, uint64_t ts_us)
{
    queue_decide(q, command, ts_us, &decision);
    for (uint32_t i = 0; i < decision.entry_count; i++)
        queue_apply(q, &decision.entries[i], ts_us + i);
}

int main(int argc, char **argv)
{
    uint32_t places = argc > 1 ? (uint32_t)atoi(argv[1]) : 14000000;
    uint8_t chain[QUEUE_CHAIN_BYTES] = {1};
    uint64_t opens_us = 1ull << 40, ts_us = 2;
    const char *wrong = "";
    struct queue_entry_opened opened = {.event_random = 1,
                                        .places = places,
                                        .priority_places = 10000,
                                        .lobby_opens_at_us = 1,
                                        .opens_at_us = opens_us,
                                        .target_active = 500,
                                        .per_minute = 1000,
                                        .claim_seconds = 120,
                                        .admission_seconds = 900,
                                        .on = 1,
                                        .seed = SLICE("0123456789abcdef0123456789abcdef")};
    if (!queue_opened_valid(&opened, &wrong)) {
        fprintf(stderr, "%s\n", wrong);
        return 2;
    }
    size_t size = queue_memory_size(&opened);
    double before = resident_bytes(), start = seconds();
    struct queue *q = queue_init(map(size), size, &opened, 1);
    struct queue_command command = {.number = QUEUE_COMMAND_join};
    for (uint32_t i = 0; i < places; i++) {
        command.join.session = session(i);
        run(q, &command, ts_us++);
    }
    double took = seconds() - start;
    printf("joins                    %12u\n", places);
    printf("joins a second           %12.0f\n", places / took);
    printf("memory, bytes a place    %12.2f\n", (resident_bytes() - before) / places);
    printf("image, bytes a place     %12.2f\n", (double)queue_image(q).len / places);

    struct queue_status status;
    struct queue_place place;
    start = seconds();
    for (uint32_t i = 0; i < places; i++) {
        command.join.session = session(i);
        queue_decide(q, &command, ts_us, &decision);
        if (!decision.repeated || decision.number != i)
            return 1;
    }
    printf("joins again a second     %12.0f\n", places / (seconds() - start));

    run(q, &(struct queue_command){.number = QUEUE_COMMAND_tick}, opens_us);
    command = (struct queue_command){.number = QUEUE_COMMAND_draw};
    command.draw.chain_hash = slice_make(chain, sizeof chain);
    start = seconds();
    run(q, &command, opens_us + 10);
    printf("draw, ms                 %12.2f\n", (seconds() - start) * 1e3);

    static struct queue_draw draw;
    queue_status(q, opens_us + 11, &status);
    queue_draw_make(&draw, status.seed, QUEUE_GENERAL, places, chain);
    uint64_t sum = 0;
    start = seconds();
    for (uint32_t i = 0; i < places; i++)
        sum += queue_draw_rank(&draw, i);
    printf("all ranks, s             %12.2f\n", seconds() - start);
    if (sum != (uint64_t)places * (places - 1) / 2)
        return 1;

    start = seconds();
    struct hash128 hash = queue_hash(q);
    printf("hash of the image, s     %12.2f\n", seconds() - start);
    start = seconds();
    struct queue *again = queue_restore(map(size), size, queue_image(q));
    printf("restore, s               %12.2f\n", seconds() - start);
    struct hash128 other = queue_hash(again);
    bool same = hash.low == other.low && hash.high == other.high &&
                queue_place_of(again, session(places - 1), opens_us + 20, &place) &&
                place.number == places - 1;

    command = (struct queue_command){.number = QUEUE_COMMAND_call};
    command.call.general = LIMIT_QUEUE_CALL_RANKS;
    start = seconds();
    run(q, &command, opens_us + 20);
    printf("call of 65,536, ms       %12.2f\n", (seconds() - start) * 1e3);
    return same ? 0 : 1;
}
