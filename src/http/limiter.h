/*
 * limiter: rate limits by the generic cell rate algorithm, for many keys in a bounded table. A key
 * (a hash of a session or network, made by the caller) has one number, its theoretical arrival time
 * (TAT): a request at `now` conforms when TAT - now <= (burst - 1) / rate, and then moves TAT on by
 * 1 / rate. Integer microseconds; no allocation after create.
 *
 * The table is open addressing in windows of LIMITER_WINDOW slots: a key lives in the window that
 * its hash points at. An entry whose TAT has passed says nothing any more and is overwritten first.
 * When a whole window is busy, the entry with the earliest TAT (nearest to being forgotten anyway)
 * is replaced: the worst that an attacker with many keys reaches is that somebody's bucket is full
 * again too early. Nobody is ever limited because of another key.
 *
 * Thread: one owner.
 */
#ifndef ONSALE_HTTP_LIMITER_H
#define ONSALE_HTTP_LIMITER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define LIMITER_WINDOW 8u

struct limiter;

/* Room for `entries` keys (rounded up to a power of two, at least LIMITER_WINDOW), 16 bytes each.
 * NULL: no memory. */
struct limiter *limiter_create(size_t entries);
void limiter_destroy(struct limiter *limiter);

/* True when one more request of `key` conforms, which takes its place. Else `ret_retry_after_us`
 * says how long until one would. A rate of 0 is no limit; a burst of 0 counts as 1. `now_us` comes
 * from a monotonic clock. */
bool limiter_allow(struct limiter *limiter, uint64_t key, uint32_t rate_per_second, uint32_t burst,
                   uint64_t now_us, uint64_t *ret_retry_after_us);

/* The same question without taking the place: for what counts only once it is known to be wrong. */
bool limiter_would_allow(struct limiter *limiter, uint64_t key, uint32_t rate_per_second,
                         uint32_t burst, uint64_t now_us, uint64_t *ret_retry_after_us);

#endif
