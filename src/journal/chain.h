/*
 * chain: the hash that ties each row to all rows before it (formula in journal.h). A chain keeps
 * its OpenSSL context, because fetching one costs more than hashing a small row. Private to this
 * folder. Thread: one at a time.
 */
#ifndef ONSALE_JOURNAL_CHAIN_H
#define ONSALE_JOURNAL_CHAIN_H

#include "base/err.h"
#include "base/slice.h"

#include <openssl/types.h>

#define CHAIN_HASH_BYTES 32

struct chain {
    EVP_MD *sha256;      /* owned */
    EVP_MD_CTX *context; /* owned */
};

int chain_init(struct chain *chain, struct err *err) MUST_USE;

/* A chain of zero bytes is fine too. */
void chain_finish(struct chain *chain);

/* The hash of a row that follows `previous`; `ret_hash` may be the same bytes as `previous`. */
int chain_next(struct chain *chain, const uint8_t previous[CHAIN_HASH_BYTES], uint64_t seq,
               uint64_t ts_us, struct slice body, uint8_t ret_hash[CHAIN_HASH_BYTES],
               struct err *err) MUST_USE;

#endif
