/* codes: what access codes open, and when what was told of it is old. */
#ifndef ONSALE_API_CODES_H
#define ONSALE_API_CODES_H

#include "api/context.h"

/* An entry of this number (enum booking_entry_number) became durable. */
void codes_entry(struct api *api, uint32_t partition, uint16_t number);

/* The hash of the code in a body {"code": "..."}, an access code or a promo code, of somebody who
 * may still guess. False: answered. */
bool code_of_body(struct http_exchange *x, const struct api_event *event, const struct booking *b,
                  struct hash16 *ret_code) MUST_USE;

#endif
