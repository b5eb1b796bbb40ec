/*
 * cards: Stripe's test cards (https://docs.stripe.com/testing) and what each of them does. Thread:
 * any, the table is immutable.
 */
#ifndef ONSALE_SANDBOX_CARDS_H
#define ONSALE_SANDBOX_CARDS_H

#include "base/slice.h"

enum card_failure {
    CARD_FINE = 0, /* numbers are stored: never reused */
    CARD_GENERIC_DECLINE = 1,
    CARD_INSUFFICIENT_FUNDS = 2,
    CARD_LOST = 3,
    CARD_STOLEN = 4,
    CARD_EXPIRED = 5,
    CARD_INCORRECT_CVC = 6,
    CARD_PROCESSING_ERROR = 7,
    CARD_INCORRECT_NUMBER = 8,
    CARD_FRAUDULENT = 9,
    CARD_AUTHENTICATION_FAILED = 10,
    CARD_LIVE = 11, /* a real-looking card in a test */
    CARD_FAILURE_COUNT
};

struct card {
    const char *method; /* "pm_card_visa" */
    const char *number; /* "" when Stripe has none for it */
    const char *brand;
    bool authentication; /* asks the buyer to prove who they are first */
    enum card_failure failure;
};

/* How Stripe words a failure. `decline_code` may be NULL. */
struct card_words {
    const char *code, *decline_code, *message;
};
const struct card_words *card_failure_words(enum card_failure failure);

/* A payment method with a card of its own has an id that begins so; its digits follow. */
#define CARD_OWN "pm_own_"
#define CARD_OWN_DIGITS_MAX 18u

/* By method or by number (blanks and dashes ignored). A number that Stripe does not list gives a
 * card that fails as it would there; an unknown method gives NULL. As at Stripe a method is one
 * card, whoever pays with it; here "pm_card_visa_17" is another one that does the same, so that a
 * crowd can come with a card each: then *ret_own is "17", else empty. */
const struct card *card_by_method(struct slice method, struct slice *ret_own);
const struct card *card_by_number(struct slice number);

/* Place in the table, for the books; and back (NULL: no such place). The order never changes. */
int card_index(const struct card *card);
const struct card *card_at(int index);

#endif
