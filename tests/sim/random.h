/* random: streams of numbers drawn from the seed (SplitMix64). One stream for each part of the
 * world, so that what one part draws does not move another. */
#ifndef ONSALE_TESTS_SIM_RANDOM_H
#define ONSALE_TESTS_SIM_RANDOM_H

#include <stdbool.h>
#include <stdint.h>

struct random {
    uint64_t state;
};

static inline uint64_t random_next(struct random *r)
{
    uint64_t z = r->state += 0x9e3779b97f4a7c15u;
    z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9u;
    z = (z ^ z >> 27) * 0x94d049bb133111ebu;
    return z ^ z >> 31;
}

/* 0 .. n-1; n is not 0. */
static inline uint64_t random_below(struct random *r, uint64_t n)
{
    return random_next(r) % n;
}

/* From `low` to `high`, both included. */
static inline uint64_t random_between(struct random *r, uint64_t low, uint64_t high)
{
    return low + random_below(r, high - low + 1);
}

/* True `rate` times in a million. */
static inline bool random_hit(struct random *r, uint32_t rate)
{
    return rate > 0 && random_below(r, 1000000) < rate;
}

/* Between low and high, with every magnitude as likely as another; low is not 0. */
static inline uint64_t random_magnitude(struct random *r, uint64_t low, uint64_t high)
{
    while (low * 2 <= high && random_below(r, 64) < 48)
        low *= 2;
    return random_between(r, low, low * 2 < high ? low * 2 : high);
}

/* Never 0, as ids want it. */
static inline uint64_t random_secret(struct random *r)
{
    uint64_t value = random_next(r);
    return value ? value : 1;
}

#endif
