/*
 * mac: HMAC-SHA256 (RFC 2104, FIPS 180-4) with a key that is set once. The context is kept and
 * started again for every message, which is four times as fast as the one-shot function.
 *
 * Every use of a key names its purpose: the `domain` text goes in front of the message, with a NUL
 * behind it, so that a tag made for one purpose never verifies for another.
 *
 * Thread: one owner at a time; mac_copy gives another thread its own.
 */
#ifndef ONSALE_KEYS_MAC_H
#define ONSALE_KEYS_MAC_H

#include "base/err.h"
#include "base/slice.h"

#define MAC_BYTES 32

struct mac;

/* The key may have any length, also 0. On success the caller owns *ret_mac (mac_destroy). */
MUST_USE int mac_create(struct slice key, struct mac **ret_mac, struct err *err);
MUST_USE int mac_copy(const struct mac *mac, struct mac **ret_mac, struct err *err);
void mac_destroy(struct mac *mac); /* NULL is fine */

/* The tag of `message` under `domain` (NUL-terminated; NULL: the message alone). Cannot fail for
 * reasons that came from outside; a library that stops working ends the process. */
void mac_compute(struct mac *mac, const char *domain, struct slice message,
                 uint8_t ret_tag[MAC_BYTES]);

/* True when `tag` is the first tag.len bytes of the message's tag. Takes the same time wherever
 * they differ. Tags under 16 bytes or over MAC_BYTES are never right. */
bool mac_verify(struct mac *mac, const char *domain, struct slice message, struct slice tag);

#endif
