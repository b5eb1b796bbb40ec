#include "queue/queue.h"

#include <assert.h>

/* The draw as RULES.md says it. The round function has few inputs, so it is tabulated: a rank costs
 * eight look-ups, and on average less than four walks. */

static void put32(uint8_t *to, uint32_t value)
{
    for (int i = 0; i < 4; i++)
        to[i] = (uint8_t)(value >> 8 * i);
}

static uint32_t half_bits_for(uint32_t count)
{
    uint32_t bits = 1;
    while (count > 1u << 2 * bits)
        bits++;
    return bits;
}

void queue_draw_make(struct queue_draw *draw, const uint8_t seed[QUEUE_SEED_BYTES],
                     enum queue_lane lane, uint32_t count,
                     const uint8_t chain_hash[QUEUE_CHAIN_BYTES])
{
    assert(count <= LIMIT_QUEUE_PLACES);
    uint8_t from[QUEUE_SEED_BYTES + 8 + QUEUE_CHAIN_BYTES];
    memcpy(from, seed, QUEUE_SEED_BYTES);
    put32(from + QUEUE_SEED_BYTES, lane);
    put32(from + QUEUE_SEED_BYTES + 4, count);
    memcpy(from + QUEUE_SEED_BYTES + 8, chain_hash, QUEUE_CHAIN_BYTES);
    struct hash256 key = hash256_of(from, sizeof from);

    draw->count = count;
    draw->half_bits = half_bits_for(count);
    if (count < 2)
        return;
    uint8_t message[32 + 1 + 4];
    memcpy(message, key.bytes, 32);
    uint32_t halves = 1u << draw->half_bits;
    for (uint32_t round = 0; round < QUEUE_DRAW_ROUNDS; round++) {
        message[32] = (uint8_t)round;
        for (uint32_t half = 0; half < halves; half++) {
            put32(message + 33, half);
            struct hash256 h = hash256_of(message, sizeof message);
            uint32_t low = h.bytes[0] | (uint32_t)h.bytes[1] << 8;
            draw->rounds[round][half] = (uint16_t)(low & (halves - 1));
        }
    }
}

uint32_t queue_draw_rank(const struct queue_draw *draw, uint32_t number)
{
    assert(number < draw->count);
    uint32_t bits = draw->half_bits, mask = (1u << bits) - 1, at = number;
    if (draw->count < 2)
        return number;
    do {
        uint32_t left = at >> bits, right = at & mask;
        for (uint32_t round = 0; round < QUEUE_DRAW_ROUNDS; round++) {
            uint32_t mixed = left ^ draw->rounds[round][right];
            left = right;
            right = mixed;
        }
        at = left << bits | right;
    } while (at >= draw->count);
    return at;
}

uint32_t queue_draw_number(const struct queue_draw *draw, uint32_t rank)
{
    assert(rank < draw->count);
    uint32_t bits = draw->half_bits, mask = (1u << bits) - 1, at = rank;
    if (draw->count < 2)
        return rank;
    do {
        uint32_t left = at >> bits, right = at & mask;
        for (uint32_t round = QUEUE_DRAW_ROUNDS; round-- > 0;) {
            uint32_t mixed = right ^ draw->rounds[round][left];
            right = left;
            left = mixed;
        }
        at = left << bits | right;
    } while (at >= draw->count);
    return at;
}
