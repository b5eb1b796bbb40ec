#include "keys/signature.h"

#include <sodium.h>

_Static_assert(SIGNATURE_BYTES == crypto_sign_BYTES, "signature");
_Static_assert(SIGNATURE_SEED_BYTES == crypto_sign_SEEDBYTES, "seed");
_Static_assert(SIGNATURE_PUBLIC_BYTES == crypto_sign_PUBLICKEYBYTES, "public key");
_Static_assert(SIGNATURE_SECRET_BYTES == crypto_sign_SECRETKEYBYTES, "secret key");

void signature_keys(const uint8_t seed[SIGNATURE_SEED_BYTES],
                    uint8_t ret_public[SIGNATURE_PUBLIC_BYTES],
                    uint8_t ret_secret[SIGNATURE_SECRET_BYTES])
{
    crypto_sign_seed_keypair(ret_public, ret_secret, seed);
}

void signature_make(const uint8_t secret[SIGNATURE_SECRET_BYTES], struct slice message,
                    uint8_t ret_signature[SIGNATURE_BYTES])
{
    crypto_sign_detached(ret_signature, NULL, (const uint8_t *)message.data, message.len, secret);
}

bool signature_verify(const uint8_t public_key[SIGNATURE_PUBLIC_BYTES], struct slice message,
                      struct slice signature)
{
    return signature.len == SIGNATURE_BYTES &&
           crypto_sign_verify_detached((const uint8_t *)signature.data,
                                       (const uint8_t *)message.data, message.len, public_key) == 0;
}
