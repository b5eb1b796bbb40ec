/* promos: promo codes, as buyers use and organisers make them. */
#ifndef ONSALE_API_PROMOS_H
#define ONSALE_API_PROMOS_H

#include "api/context.h"

/* Whether a refusal is about the promo code. */
bool promo_is_refusal(enum booking_refusal refusal);
/* Answers such a refusal, with what helps: when the code is valid, of what. A code that is not
 * known is counted as guessed. */
void promo_answer_refused(struct http_exchange *x, const struct api_event *event,
                          struct hash16 code, const struct engine_result *result);

#endif
