/* support: what the tests of the waiting room share: memory, a deterministic random number, and a
 * small stage on which commands are played. */
#ifndef ONSALE_TESTS_QUEUE_SUPPORT_H
#define ONSALE_TESTS_QUEUE_SUPPORT_H

#include "base/limits.h"
#include "queue/queue.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdlib.h>
#include <sys/mman.h>

#define SECOND 1000000ull

/* splitmix64 (Vigna, public domain). */
static inline uint64_t rng_next(uint64_t *state)
{
    uint64_t z = *state += 0x9e3779b97f4a7c15ull;
    z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9ull;
    z = (z ^ z >> 27) * 0x94d049bb133111ebull;
    return z ^ z >> 31;
}

static inline uint32_t rng_below(uint64_t *state, uint32_t bound)
{
    return (uint32_t)(rng_next(state) % bound);
}

struct block {
    void *memory;
    size_t size;
};

#define PAGE 4096u

static inline size_t block_pages(size_t size)
{
    return (size + PAGE - 1) / PAGE * PAGE;
}

/* Zeroed and mapped lazily, in small pages, so that what is touched can be counted. Right behind it
 * is a page that nobody may touch. */
static inline struct block block_map(size_t size)
{
    size_t pages = block_pages(size);
    char *first = mmap(NULL, pages + PAGE, PROT_READ | PROT_WRITE,
                       MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    assert_true(first != MAP_FAILED);
    (void)madvise(first, pages, MADV_NOHUGEPAGE);
    assert_int_equal(mprotect(first + pages, PAGE, PROT_NONE), 0);
    return (struct block){first + pages - size, size};
}

static inline void block_unmap(struct block b)
{
    size_t pages = block_pages(b.size);
    assert_int_equal(munmap((char *)b.memory + b.size - pages, pages + PAGE), 0);
}

/* An ordinary waiting room: lobby at 1,000 s, opens at 2,000 s. */
static inline struct queue_entry_opened ordinary(uint32_t places, uint32_t priority_places)
{
    return (struct queue_entry_opened){.event_random = 7,
                                       .places = places,
                                       .priority_places = priority_places,
                                       .lobby_opens_at_us = 1000 * SECOND,
                                       .opens_at_us = 2000 * SECOND,
                                       .target_active = 50,
                                       .per_minute = 600,
                                       .claim_seconds = 60,
                                       .admission_seconds = 300,
                                       .on = 1,
                                       .seed = SLICE("0123456789abcdef0123456789abcdef")};
}

#endif
