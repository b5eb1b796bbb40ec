#include "unit/queue/model.h"
#include "unit/queue/support.h"

#include <stdio.h>

/* The draw: a permutation, the one that RULES.md says, uniform, and not to be steered. Seeds are
 * fixed, so that a bound is met or missed for ever; the bounds are those that one in a million
 * honest draws would miss. */

static struct queue_draw draw; /* too large for a stack */

static void bytes_from(uint64_t seed, uint8_t ret_bytes[32])
{
    for (int i = 0; i < 32; i += 8) {
        uint64_t word = rng_next(&seed);
        memcpy(ret_bytes + i, &word, 8);
    }
}

static void make(uint64_t seed, uint32_t lane, uint32_t count, uint64_t chain)
{
    uint8_t seed_bytes[32], chain_bytes[32];
    bytes_from(seed, seed_bytes);
    bytes_from(chain, chain_bytes);
    queue_draw_make(&draw, seed_bytes, (enum queue_lane)lane, count, chain_bytes);
}

static void is_permutation(uint32_t count)
{
    static uint8_t seen[100000];
    memset(seen, 0, sizeof seen);
    for (uint32_t number = 0; number < count; number++) {
        uint32_t rank = queue_draw_rank(&draw, number);
        if (rank >= count || seen[rank]++ || queue_draw_number(&draw, rank) != number)
            fail_msg("%u of %u has rank %u", number, count, rank);
    }
}

static void each_count_gives_a_permutation_and_the_way_back(void **state)
{
    (void)state;
    for (uint32_t count = 0; count <= 5000; count++) {
        make(count, count % 2, count, count + 1);
        is_permutation(count);
    }
    make(1, 0, 100000, 2);
    is_permutation(100000);
}

static void it_is_the_draw_of_the_rules(void **state)
{
    (void)state;
    static const uint32_t counts[] = {1,  2,    3,     4,     5,        16,
                                      17, 1000, 65536, 65537, 14000000, 1u << 24};
    uint8_t seed[32], chain[32];
    uint64_t rng = 5;
    for (size_t i = 0; i < sizeof counts / sizeof counts[0]; i++) {
        uint32_t lane = (uint32_t)i % 2;
        make(100 + i, lane, counts[i], 200 + i);
        bytes_from(100 + i, seed);
        bytes_from(200 + i, chain);
        for (uint32_t k = 0; k < 500; k++) {
            uint32_t number = k < 5 && k < counts[i] ? k : rng_below(&rng, counts[i]);
            assert_int_equal(queue_draw_rank(&draw, number),
                             model_draw(seed, lane, counts[i], chain, number));
        }
    }
}

/* Pinned: a change of the draw would change what was published. */
static void the_draw_of_a_known_seed_never_changes(void **state)
{
    (void)state;
    static const uint32_t numbers[] = {0, 1, 2, 3, 13999999};
    char got[200] = "";
    uint8_t seed[32], chain[32];
    for (uint8_t i = 0; i < 32; i++) {
        seed[i] = i;
        chain[i] = (uint8_t)(255 - i);
    }
    queue_draw_make(&draw, seed, QUEUE_GENERAL, 14000000, chain);
    for (int i = 0; i < 5; i++)
        sprintf(got + strlen(got), "%u ", queue_draw_rank(&draw, numbers[i]));
    queue_draw_make(&draw, seed, QUEUE_PRIORITY, 10, chain);
    for (uint32_t i = 0; i < 10; i++)
        sprintf(got + strlen(got), "%u ", queue_draw_rank(&draw, i));
    assert_string_equal(got, "8792816 9709250 3804053 2800806 2986613 "
                             "7 4 5 8 6 0 3 2 9 1 ");
}

static void another_seed_count_lane_or_chain_gives_another_draw(void **state)
{
    (void)state;
    static uint32_t ranks[5][1000];
    static const uint32_t settings[5][4] = {
        {1, 0, 1000, 1}, {2, 0, 1000, 1}, {1, 1, 1000, 1}, {1, 0, 1001, 1}, {1, 0, 1000, 2}};
    for (int i = 0; i < 5; i++) {
        const uint32_t *s = settings[i];
        make(s[0], s[1], s[2], s[3]);
        for (uint32_t n = 0; n < 1000; n++)
            ranks[i][n] = queue_draw_rank(&draw, n);
        for (int k = 0; k < i; k++) {
            uint32_t same = 0;
            for (uint32_t n = 0; n < 1000; n++)
                same += ranks[i][n] == ranks[k][n];
            assert_true(same < 12); /* one is expected */
        }
    }
}

/* Below the sum that one of a million uniform draws exceeds (Wilson and Hilferty), for many cells:
 * cells + 4.75 sqrt(2 cells) + 15. */
static void is_uniform(const uint32_t *cells, uint32_t count, uint64_t total, const char *what)
{
    double expected = (double)total / count, sum = 0, bound = count + 15;
    for (uint32_t i = 0; i < count; i++)
        sum += (cells[i] - expected) * (cells[i] - expected) / expected;
    for (double root = 1; root * root < 22.6 * 2 * count; root++)
        bound = count + 15 + root;
    if (sum > bound)
        fail_msg("%s: chi-squared %.1f over %u cells, bound %.1f", what, sum, count, bound);
}

static void every_number_gets_every_rank_alike(void **state)
{
    (void)state;
    static uint32_t cells[40 * 40], sizes[] = {2, 3, 4, 5, 7, 16, 17, 40};
    for (size_t s = 0; s < sizeof sizes / sizeof sizes[0]; s++) {
        uint32_t count = sizes[s];
        memset(cells, 0, sizeof cells);
        for (uint32_t chain = 0; chain < 4000; chain++) {
            make(9, 0, count, 1000 * s + 7919 * chain);
            for (uint32_t n = 0; n < count; n++)
                cells[n * count + queue_draw_rank(&draw, n)]++;
        }
        for (uint32_t n = 0; n < count; n++)
            is_uniform(&cells[n * count], count, 4000, "the ranks of a number");
    }
}

/* Where the neighbours in arrival go: 64 x 64 cells of one large draw, and of neighbours' distance.
 */
static void a_large_draw_scatters_arrivals_evenly(void **state)
{
    (void)state;
    static uint32_t cells[64 * 64], distances[64];
    const uint32_t count = 1000000;
    make(11, 0, count, 12);
    memset(cells, 0, sizeof cells);
    uint32_t before = 0;
    for (uint32_t n = 0; n < count; n++) {
        uint32_t rank = queue_draw_rank(&draw, n);
        uint64_t from = (uint64_t)n * 64 / count, to = (uint64_t)rank * 64 / count;
        cells[from * 64 + to]++;
        distances[(uint64_t)((rank + count - before) % count) * 64 / count]++;
        before = rank;
    }
    is_uniform(cells, 64 * 64, count, "from where to where");
    is_uniform(distances, 64, count, "from one to the next");
}

/* The mean rank of one number over many chain hashes, in millionths of the line: 500,000 if honest,
 * with a standard deviation of 289,000 / sqrt(draws). */
#define CHAINS 3000
static void is_half(double mean, const char *what)
{
    double deviation = mean - 500000;
    if (deviation < -5 * 5300 || deviation > 5 * 5300)
        fail_msg("%s has a mean rank of %.0f millionths", what, mean);
}

/* The seed is known to the attacker, who may choose when to join and how many others do; the chain
 * hash is not. */
static void who_knows_the_seed_gains_nothing_by_joining_early_late_or_with_a_plan(void **state)
{
    (void)state;
    const uint32_t count = 500;
    double first = 0, last = 0, planned = 0, grown = 0;
    for (uint32_t i = 0; i < CHAINS; i++) {
        /* The plan: with a guess of the chain hash, take the number that would be drawn first, and
         * of ten ways to fill the lobby the one that is best for the last who joins. */
        uint32_t best_number, best_count = count, best_rank = UINT32_MAX;
        make(77, 0, count, 1000000 + i);
        best_number = queue_draw_number(&draw, 0);
        for (uint32_t more = 0; more < 10; more++) {
            make(77, 0, count + more, 1000000 + i);
            uint32_t rank = queue_draw_rank(&draw, count + more - 1);
            if (rank < best_rank) {
                best_rank = rank;
                best_count = count + more;
            }
        }
        make(77, 0, count, 5000000 + i);
        first += queue_draw_rank(&draw, 0);
        last += queue_draw_rank(&draw, count - 1);
        planned += queue_draw_rank(&draw, best_number);
        make(77, 0, best_count, 5000000 + i);
        grown += queue_draw_rank(&draw, best_count - 1) * (double)count / best_count;
    }
    is_half(first * 1e6 / CHAINS / count, "who joins first");
    is_half(last * 1e6 / CHAINS / count, "who joins last");
    is_half(planned * 1e6 / CHAINS / count, "who joins with a plan");
    is_half(grown * 1e6 / CHAINS / count, "who fills the lobby to a plan");
}

/* Through the machine: a hundred joins are one place, and giving up to join anew gives another
 * number and the same odds. */
static double mean_rank_of(uint32_t joins, bool leaving)
{
    struct queue_entry_opened o = ordinary(256, 0);
    struct block block = block_map(queue_memory_size(&o));
    struct queue_decision *d = malloc(sizeof *d);
    assert_non_null(d);
    double sum = 0;
    for (uint32_t round = 0; round < 1000; round++) {
        uint8_t chain[32];
        uint64_t ts_us = 1500 * SECOND;
        memset(block.memory, 0, block.size);
        struct queue *q = queue_init(block.memory, block.size, &o, ts_us++);
        bytes_from(900000 + round, chain);
        for (uint32_t i = 0; i < 60 + joins; i++) {
            struct queue_command c = {.number = QUEUE_COMMAND_join};
            c.join.session = model_session(i < 30 ? i : i < 30 + joins ? 1000 : i - joins);
            queue_decide(q, &c, ts_us, d);
            for (uint32_t k = 0; k < d->entry_count; k++)
                queue_apply(q, &d->entries[k], ts_us++);
            if (!leaving || i < 30 || i + 1 >= 30 + joins)
                continue;
            struct queue_command leave = {.number = QUEUE_COMMAND_leave};
            leave.leave.session = c.join.session;
            queue_decide(q, &leave, ts_us, d);
            queue_apply(q, &d->entries[0], ts_us++);
        }
        struct queue_entry closed = {.number = QUEUE_ENTRY_lobby_closed};
        struct queue_status status;
        queue_status(q, ts_us, &status);
        assert_int_equal(status.lanes[0].count, leaving ? 60 + joins : 61);
        closed.lobby_closed.count = status.lanes[0].count;
        queue_apply(q, &closed, ts_us++);
        struct queue_entry drawn = {.number = QUEUE_ENTRY_lobby_drawn};
        drawn.lobby_drawn.chain_hash = slice_make(chain, 32);
        queue_apply(q, &drawn, ts_us++);
        struct queue_place place;
        assert_true(queue_place_of(q, model_session(1000), ts_us, &place));
        sum += (place.rank + 0.5) * 1e6 / status.lanes[0].count;
    }
    free(d);
    block_unmap(block);
    return sum / 1000;
}

static void joining_often_gains_nothing(void **state)
{
    (void)state;
    is_half(mean_rank_of(1, false), "who joins once");
    is_half(mean_rank_of(100, false), "who joins a hundred times");
    is_half(mean_rank_of(20, true), "who leaves and joins again");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_count_gives_a_permutation_and_the_way_back),
        cmocka_unit_test(it_is_the_draw_of_the_rules),
        cmocka_unit_test(the_draw_of_a_known_seed_never_changes),
        cmocka_unit_test(another_seed_count_lane_or_chain_gives_another_draw),
        cmocka_unit_test(every_number_gets_every_rank_alike),
        cmocka_unit_test(a_large_draw_scatters_arrivals_evenly),
        cmocka_unit_test(who_knows_the_seed_gains_nothing_by_joining_early_late_or_with_a_plan),
        cmocka_unit_test(joining_often_gains_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
