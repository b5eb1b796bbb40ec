/*
 * networks: which addresses count as one. A /24 of IPv4, a /64 of IPv6: what one household, one
 * office or one phone cell has. Pure. Thread: any.
 */
#ifndef ONSALE_GUARD_NETWORKS_H
#define ONSALE_GUARD_NETWORKS_H

#include <stdint.h>

/* The key of the address's network in tables of limits. `address` has 16 bytes, IPv4 as
 * ::ffff:a.b.c.d (struct http_address). */
uint64_t network_key(const uint8_t address[16]);

#endif
