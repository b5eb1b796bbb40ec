#include "journal/chain.h"

#include <openssl/evp.h>

_Static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__, "the hashed integers are little-endian");

int chain_init(struct chain *chain, struct err *err)
{
    chain->sha256 = EVP_MD_fetch(NULL, "SHA256", NULL);
    chain->context = EVP_MD_CTX_new();
    if (chain->sha256 && chain->context)
        return 0;
    chain_finish(chain);
    return err_set(err, "OpenSSL has no SHA-256");
}

void chain_finish(struct chain *chain)
{
    EVP_MD_CTX_free(chain->context);
    EVP_MD_free(chain->sha256);
    *chain = (struct chain){NULL, NULL};
}

int chain_next(struct chain *chain, const uint8_t previous[CHAIN_HASH_BYTES], uint64_t seq,
               uint64_t ts_us, struct slice body, uint8_t ret_hash[CHAIN_HASH_BYTES],
               struct err *err)
{
    unsigned char lead[CHAIN_HASH_BYTES + 16];
    memcpy(lead, previous, CHAIN_HASH_BYTES);
    memcpy(lead + CHAIN_HASH_BYTES, &seq, 8);
    memcpy(lead + CHAIN_HASH_BYTES + 8, &ts_us, 8);
    if (EVP_DigestInit_ex2(chain->context, chain->sha256, NULL) != 1 ||
        EVP_DigestUpdate(chain->context, lead, sizeof lead) != 1 ||
        EVP_DigestUpdate(chain->context, body.data, body.len) != 1 ||
        EVP_DigestFinal_ex(chain->context, ret_hash, NULL) != 1)
        return err_set(err, "OpenSSL could not compute the hash of row %llu",
                       (unsigned long long)seq);
    return 0;
}
