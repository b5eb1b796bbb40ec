#include "booking/state.h"

const uint64_t *best_free_bits(const struct booking *b, uint64_t ts_us)
{
    struct expired_walk walk;
    expired_begin(b, &walk);
    uint32_t hold = expired_next(b, &walk, ts_us);
    if (hold == BOOKING_NONE)
        return b->free;
    memcpy(b->scratch, b->free, (size_t)(b->s->unit_count + 63) / 64 * 8);
    for (; hold != BOOKING_NONE; hold = expired_next(b, &walk, ts_us)) {
        const struct hold *h = &b->holds[hold];
        for (uint32_t i = 0; i < h->count; i++) {
            uint32_t position = unit_position(b, h->units[i]);
            b->scratch[position / 64] |= 1ull << (position & 63);
        }
    }
    return b->scratch;
}

static bool any_bit(const uint64_t *bits, uint32_t first, uint32_t count)
{
    uint32_t last = first + count - 1;
    uint64_t low = ~0ull << (first & 63), high = ~0ull >> (63 - (last & 63));
    if (first / 64 == last / 64)
        return (bits[first / 64] & low & high) != 0;
    if (bits[first / 64] & low || bits[last / 64] & high)
        return true;
    for (uint32_t word = first / 64 + 1; word < last / 64; word++)
        if (bits[word])
            return true;
    return false;
}

/* The cheapest window of a block, kept when it beats *best_cost. */
static void best_window(const struct booking *b, const uint64_t *bits, const struct block *block,
                        uint32_t category, uint32_t quantity, uint64_t *best_cost,
                        uint32_t *best_first)
{
    uint32_t run = 0;
    uint64_t cost = 0;
    for (uint32_t at = block->first; at < block->first + block->count; at++) {
        bool usable = (bits[at / 64] >> (at & 63) & 1) != 0 &&
                      b->unit_category[b->position_seat[at]] == category;
        if (!usable) {
            run = 0;
            cost = 0;
            continue;
        }
        cost += b->position_cost[at];
        if (run == quantity)
            cost -= b->position_cost[at - quantity];
        else
            run++;
        if (run == quantity && cost < *best_cost) {
            *best_cost = cost;
            *best_first = at + 1 - quantity;
        }
    }
}

bool best_seats(const struct booking *b, const uint64_t *bits, uint32_t category, uint32_t quantity,
                uint32_t *ret_units)
{
    uint64_t best_cost = UINT64_MAX;
    uint32_t best_first = 0;
    for (uint32_t i = 0; i < b->s->block_count; i++) {
        const struct block *block = &b->blocks[b->block_order[i]];
        if ((uint64_t)block->min_cost * quantity >= best_cost)
            break; /* blocks come cheapest first: none behind can win */
        if (block->count >= quantity && block->categories >> category & 1 &&
            any_bit(bits, block->first, block->count))
            best_window(b, bits, block, category, quantity, &best_cost, &best_first);
    }
    if (best_cost == UINT64_MAX)
        return false;
    for (uint32_t i = 0; i < quantity; i++)
        ret_units[i] = b->position_seat[best_first + i];
    return true;
}

uint32_t best_area_units(const struct booking *b, const uint64_t *bits, uint32_t area,
                         uint32_t quantity, uint32_t *ret_units)
{
    const struct area *a = &b->areas[area];
    /* With swept-out holds in scratch, units below the hint may be free too. */
    uint32_t at = a->first + (bits == b->free ? a->hint : 0), end = a->first + a->capacity;
    uint32_t found = 0;
    while (at < end && found < quantity) {
        uint64_t word = bits[at / 64] >> (at & 63);
        if (word == 0) {
            at = (at / 64 + 1) * 64;
            continue;
        }
        at += (uint32_t)__builtin_ctzll(word);
        if (at < end)
            ret_units[found++] = at++;
    }
    return found;
}
