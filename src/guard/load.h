/*
 * load: how often something happens a second, from two counts: the second that runs and the one
 * before it, which counts for the part of it that still lies within the last second. Pure integers;
 * time comes from the caller and never goes back. Thread: one owner at a time.
 */
#ifndef ONSALE_GUARD_LOAD_H
#define ONSALE_GUARD_LOAD_H

#include <stdint.h>

/* Zero-initialised. */
struct load {
    uint64_t second;
    uint32_t current, previous;
};

void load_count(struct load *load, uint64_t now_us);
uint32_t load_per_second(const struct load *load, uint64_t now_us);

#endif
