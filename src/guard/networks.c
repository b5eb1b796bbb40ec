#include "guard/networks.h"

#include "base/hash.h"

#include <string.h>

uint64_t network_key(const uint8_t address[16])
{
    static const uint8_t mapped[12] = {[10] = 0xff, [11] = 0xff};
    int is_v4 = memcmp(address, mapped, sizeof mapped) == 0;
    /* The kind is the seed: no IPv6 network shares a key with an IPv4 one by its bytes. */
    return hash64_of(address, is_v4 ? 15 : 8, (uint64_t)is_v4);
}
