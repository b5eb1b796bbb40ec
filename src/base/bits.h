/* bits: sets of small numbers, a bit each, in words that the caller provides. */
#ifndef ONSALE_BASE_BITS_H
#define ONSALE_BASE_BITS_H

#include <stdbool.h>
#include <stdint.h>

/* Words for the numbers below `count`. */
static inline uint32_t bits_words(uint32_t count)
{
    return count / 64 + (count % 64 > 0);
}

static inline bool bits_has(const uint64_t *words, uint32_t number)
{
    return (words[number / 64] >> (number & 63) & 1) != 0;
}

static inline void bits_set(uint64_t *words, uint32_t number)
{
    words[number / 64] |= 1ull << (number & 63);
}

static inline void bits_clear(uint64_t *words, uint32_t number)
{
    words[number / 64] &= ~(1ull << (number & 63));
}

#endif
