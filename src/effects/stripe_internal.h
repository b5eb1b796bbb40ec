/* internal: how objects of Stripe's are read, for the stripe files only. */
#ifndef ONSALE_EFFECTS_STRIPE_INTERNAL_H
#define ONSALE_EFFECTS_STRIPE_INTERNAL_H

#include "effects/stripe.h"

#include <jansson.h>

/* Only letters that need no quoting in a path or a header. */
bool stripe_plain_word(struct slice word);

/* A body that is a JSON object, or NULL; the caller's to json_decref. */
json_t *stripe_load(struct slice body);
const char *stripe_string(const json_t *object, const char *key);
/* Copies a text; one that does not fit is left out: half an id is worse than none. NULL: "". */
void stripe_keep(char *to, size_t size, const char *text);
/* The bank's reason where there is one: it says more than "card_declined". May be NULL. */
const char *stripe_error_code(const json_t *error);

/* False: not such an object, or one without a usable id. */
bool stripe_intent_read(const json_t *object, struct stripe_intent *ret_intent);
bool stripe_refund_read(const json_t *object, struct stripe_refund *ret_refund);
bool stripe_dispute_read(const json_t *object, struct stripe_dispute *ret_dispute);

#endif
