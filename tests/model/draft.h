/*
 * draft: random seating plans, and the dice that all of the generator throws. For generator.c.
 */
#ifndef ONSALE_TESTS_MODEL_DRAFT_H
#define ONSALE_TESTS_MODEL_DRAFT_H

#include "model/generator.h"

static inline uint64_t draw(struct generator *g, uint64_t below)
{
    g->random ^= g->random << 13; /* xorshift64 */
    g->random ^= g->random >> 7;
    g->random ^= g->random << 17;
    return below > 0 ? (g->random >> 11) % below : 0;
}

static inline bool one_in(struct generator *g, uint64_t n)
{
    return draw(g, n) == 0;
}

static inline uint32_t between(struct generator *g, uint32_t low, uint32_t high)
{
    return low + (uint32_t)draw(g, high - low + 1);
}

static inline uint64_t secret(struct generator *g)
{
    return 1 + draw(g, UINT64_MAX >> 12);
}

/* The seats of a plan as they are drawn up; a seat's number is its place in these lists. */
struct draft {
    uint32_t seats, categories, sections;
    uint32_t order[GENERATOR_UNITS]; /* seats side by side */
    uint32_t category[GENERATOR_UNITS], kind[GENERATOR_UNITS], companion_of[GENERATOR_UNITS];
    bool apart[GENERATOR_UNITS]; /* in no group, no companion: somebody has it already */
};

/* Writes the inventory of a draft whose seats, categories and `apart` are set; the rest of it and
 * the blocks are drawn. Areas are g's. */
void draft_write(struct generator *g, struct draft *d, struct buf *out);

#endif
