/*
 * idempotency: what the machines need to tell a repeated request from a new one. Thread: any.
 */
#ifndef ONSALE_API_IDEMPOTENCY_H
#define ONSALE_API_IDEMPOTENCY_H

#include "base/codec.h"
#include "http/server.h"

struct idempotency {
    struct hash16 key; /* of principal and Idempotency-Key; all zero: the request has none */
    uint64_t request;  /* of method, path and raw body; 0 without a key */
};

/* `principal` is who calls (session hash, organiser). False: the header is not one (empty, too
 * long); the problem was answered. */
bool idempotency_read(struct http_exchange *x, struct slice principal,
                      struct idempotency *ret_idempotency);

#endif
