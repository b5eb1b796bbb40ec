#include "api/idempotency.h"

#include "api/problems.h"
#include "base/limits.h"

#include <sodium.h>

static void add(crypto_generichash_state *state, struct slice part)
{
    uint64_t len = part.len; /* lengths keep "ab" + "c" apart from "a" + "bc" */
    crypto_generichash_update(state, (const unsigned char *)&len, sizeof len);
    crypto_generichash_update(state, (const unsigned char *)part.data, part.len);
}

bool idempotency_read(struct http_exchange *x, struct slice principal,
                      struct idempotency *ret_idempotency)
{
    struct idempotency i = {0};
    struct slice key = http_header(x, "idempotency-key");
    if (!key.data || (key.len == 0)) {
        *ret_idempotency = i;
        return true;
    }
    if (key.len > LIMIT_IDEMPOTENCY_KEY_BYTES) {
        problem_answer(x, PROBLEM_BAD_VALUE, 0, "Idempotency-Key has more than %u bytes",
                       LIMIT_IDEMPOTENCY_KEY_BYTES);
        return false;
    }
    crypto_generichash_state state;
    crypto_generichash_init(&state, NULL, 0, sizeof i.key);
    add(&state, principal);
    add(&state, key);
    crypto_generichash_final(&state, i.key.bytes, sizeof i.key);

    unsigned char request[16];
    uint32_t method = http_method(x);
    crypto_generichash_init(&state, NULL, 0, sizeof request);
    add(&state, slice_make(&method, sizeof method));
    add(&state, http_path(x));
    add(&state, http_body(x));
    crypto_generichash_final(&state, request, sizeof request);
    memcpy(&i.request, request, sizeof i.request);
    *ret_idempotency = i;
    return true;
}
