/* auth: who calls, and whether often enough. The hook itself is api_before (api.h). */
#ifndef ONSALE_API_AUTH_H
#define ONSALE_API_AUTH_H

#include "base/codec.h"
#include "base/slice.h"

#include <stdbool.h>

/* Header fields that tell which page made a browser send a request; empty when absent. */
struct auth_origin {
    struct slice fetch_site; /* Sec-Fetch-Site: what the browser itself says; counts alone */
    struct slice origin;     /* Origin: of browsers, or in places, without the first */
    struct slice host;       /* Host */
    const char *public_url;  /* ours behind a proxy that changes Host; may be NULL */
};

/* True when a page of another origin sent the request. Clients that are no browsers send neither
 * field: false. */
bool auth_from_elsewhere(const struct auth_origin *origin);

struct http_exchange;

/* Who looks at a page, outside the API's routes (those have api_caller). False: nobody we know. */
bool auth_visitor(struct http_exchange *x, struct hash16 *ret_session);

/* Access codes are not to be guessed by trying: wrong ones are counted by network. Ask before a
 * code is looked at, right or wrong (else who is refused would know that it was right); false:
 * answered with 429. */
bool auth_may_guess(struct http_exchange *x);
/* The code was wrong. */
void auth_guessed_wrong(struct http_exchange *x);

#endif
