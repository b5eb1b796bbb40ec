/*
 * signature: Ed25519 (RFC 8032) as tickets use it. Verification is strict, as libsodium's is: a
 * scalar that is not reduced, a point of small order or in another encoding than the canonical one,
 * and any length but 64 are refused, so nobody can bend a signature into another valid one. Thread:
 * any.
 */
#ifndef ONSALE_KEYS_SIGNATURE_H
#define ONSALE_KEYS_SIGNATURE_H

#include "base/slice.h"

#define SIGNATURE_BYTES 64
#define SIGNATURE_SEED_BYTES 32
#define SIGNATURE_PUBLIC_BYTES 32
#define SIGNATURE_SECRET_BYTES 64 /* the seed and the public key */

/* The key pair of a seed; the same seed gives the same pair. */
void signature_keys(const uint8_t seed[SIGNATURE_SEED_BYTES],
                    uint8_t ret_public[SIGNATURE_PUBLIC_BYTES],
                    uint8_t ret_secret[SIGNATURE_SECRET_BYTES]);

/* Deterministic: the same message and key give the same signature. */
void signature_make(const uint8_t secret[SIGNATURE_SECRET_BYTES], struct slice message,
                    uint8_t ret_signature[SIGNATURE_BYTES]);

bool signature_verify(const uint8_t public_key[SIGNATURE_PUBLIC_BYTES], struct slice message,
                      struct slice signature);

#endif
