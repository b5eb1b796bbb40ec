/* visitors: what the benchmarks of the waiting room share: time, memory, and very many sessions. */
#ifndef ONSALE_BENCH_VISITORS_H
#define ONSALE_BENCH_VISITORS_H

#include "base/codec.h"

#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

static inline double seconds(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

static inline double resident_bytes(void)
{
    unsigned long size = 0, resident = 0;
    FILE *statm = fopen("/proc/self/statm", "r");
    if (!statm || fscanf(statm, "%lu %lu", &size, &resident) != 2)
        exit(1);
    fclose(statm);
    return (double)resident * (double)sysconf(_SC_PAGESIZE);
}

/* As good as a hash for this purpose, and much faster: splitmix64 (Vigna, public domain). */
static inline struct hash16 session(uint64_t number)
{
    struct hash16 hash = {{0}};
    for (unsigned half = 0; half < 2; half++) {
        uint64_t z = (2 * number + half + 1) * 0x9e3779b97f4a7c15ull;
        z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9ull;
        z = (z ^ z >> 27) * 0x94d049bb133111ebull;
        z ^= z >> 31;
        memcpy(hash.bytes + 8 * half, &z, sizeof z);
    }
    return hash;
}

#endif
