#include "http/limiter.h"

#include <stdlib.h>

struct slot {
    uint64_t key;
    uint64_t tat_us; /* 0: never used */
};

struct limiter {
    size_t mask;
    struct slot slots[];
};

struct limiter *limiter_create(size_t entries)
{
    size_t n = LIMITER_WINDOW;
    while (n < entries && n <= SIZE_MAX / 64)
        n *= 2;
    struct limiter *limiter = calloc(1, sizeof *limiter + n * sizeof(struct slot));
    if (limiter)
        limiter->mask = n - 1;
    return limiter;
}

void limiter_destroy(struct limiter *limiter)
{
    free(limiter);
}

/* The key's slot, or the one it shall take: a forgotten one, else the earliest of the window. */
static struct slot *slot_of(struct limiter *limiter, uint64_t key, uint64_t now_us)
{
    /* Spread, so that keys which are no good hashes do not share windows. */
    uint64_t spread = key * 0x9e3779b97f4a7c15u;
    size_t start = (size_t)(spread >> 20) & limiter->mask & ~(size_t)(LIMITER_WINDOW - 1);
    struct slot *best = &limiter->slots[start];
    for (size_t i = 0; i < LIMITER_WINDOW; i++) {
        struct slot *slot = &limiter->slots[start + i];
        if (slot->key == key && slot->tat_us > now_us)
            return slot;
        if (slot->tat_us < best->tat_us)
            best = slot;
    }
    best->key = key;
    best->tat_us = 0;
    return best;
}

/* The bucket of a key as the caller's rate and burst make it. */
struct bucket {
    struct slot *slot;
    uint64_t step, tat_us;
    bool conforms;
};

static struct bucket look(struct limiter *limiter, uint64_t key, uint32_t rate_per_second,
                          uint32_t burst, uint64_t now_us, uint64_t *ret_retry_after_us)
{
    uint64_t step = 1000000u / rate_per_second;
    step = step ? step : 1; /* beyond a million a second there is no limit worth the name */
    uint64_t tolerance = step * (burst ? burst - 1 : 0);
    struct slot *slot = slot_of(limiter, key, now_us);
    uint64_t tat = slot->tat_us > now_us ? slot->tat_us : now_us;
    bool conforms = tat - now_us <= tolerance;
    if (!conforms)
        *ret_retry_after_us = tat - now_us - tolerance;
    return (struct bucket){slot, step, tat, conforms};
}

bool limiter_would_allow(struct limiter *limiter, uint64_t key, uint32_t rate_per_second,
                         uint32_t burst, uint64_t now_us, uint64_t *ret_retry_after_us)
{
    return rate_per_second == 0 ||
           look(limiter, key, rate_per_second, burst, now_us, ret_retry_after_us).conforms;
}

bool limiter_allow(struct limiter *limiter, uint64_t key, uint32_t rate_per_second, uint32_t burst,
                   uint64_t now_us, uint64_t *ret_retry_after_us)
{
    if (rate_per_second == 0)
        return true;
    struct bucket b = look(limiter, key, rate_per_second, burst, now_us, ret_retry_after_us);
    if (b.conforms)
        b.slot->tat_us = b.tat_us + b.step;
    return b.conforms;
}
