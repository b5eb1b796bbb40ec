/*
 * hash: CRC-32C (Castagnoli, RFC 3720 appendix B.4) for entries and XXH3-128 (xxhash 0.8) for
 * states and tables, neither for secrets; SHA-256 (FIPS 180-4, by libsodium) where nobody may steer
 * or guess. Thread: any.
 */
#ifndef ONSALE_BASE_HASH_H
#define ONSALE_BASE_HASH_H

#include <stddef.h>
#include <stdint.h>

/* CRC-32C of `len` bytes, going on from `crc` (0 to begin). */
uint32_t crc32c(uint32_t crc, const void *data, size_t len);

struct hash128 {
    uint64_t low, high;
};

struct hash128 hash128_of(const void *data, size_t len);
uint64_t hash64_of(const void *data, size_t len, uint64_t seed);

struct hash256 {
    uint8_t bytes[32];
};

struct hash256 hash256_of(const void *data, size_t len);

#endif
