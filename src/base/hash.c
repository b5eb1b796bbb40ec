#include "base/hash.h"

#include <sodium.h>
#include <string.h>

#define XXH_INLINE_ALL
#include <xxhash.h>

/* Bit by bit: only machines without SSE 4.2 come here, and there it is never the bottleneck (a disk
 * write follows each checksum). */
#define CRC32C_POLYNOMIAL 0x82f63b78u

static uint32_t crc32c_portable(uint32_t crc, const unsigned char *p, size_t len)
{
    while (len-- > 0) {
        crc ^= *p++;
        for (int bit = 0; bit < 8; bit++)
            crc = (crc >> 1) ^ (CRC32C_POLYNOMIAL & (0u - (crc & 1u)));
    }
    return crc;
}

#if defined(__x86_64__)
__attribute__((target("sse4.2"))) static uint32_t crc32c_sse42(uint32_t crc, const unsigned char *p,
                                                               size_t len)
{
    uint64_t wide = crc;
    for (; len >= 8; p += 8, len -= 8) {
        uint64_t word;
        memcpy(&word, p, 8);
        wide = __builtin_ia32_crc32di(wide, word);
    }
    crc = (uint32_t)wide;
    while (len-- > 0)
        crc = __builtin_ia32_crc32qi(crc, *p++);
    return crc;
}
#endif

uint32_t crc32c(uint32_t crc, const void *data, size_t len)
{
    const unsigned char *p = data;
#if defined(__x86_64__)
    if (__builtin_cpu_supports("sse4.2"))
        return ~crc32c_sse42(~crc, p, len);
#endif
    return ~crc32c_portable(~crc, p, len);
}

struct hash128 hash128_of(const void *data, size_t len)
{
    XXH128_hash_t h = XXH3_128bits(data, len);
    return (struct hash128){h.low64, h.high64};
}

uint64_t hash64_of(const void *data, size_t len, uint64_t seed)
{
    return XXH3_64bits_withSeed(data, len, seed);
}

struct hash256 hash256_of(const void *data, size_t len)
{
    struct hash256 h;
    crypto_hash_sha256(h.bytes, data, len);
    return h;
}
