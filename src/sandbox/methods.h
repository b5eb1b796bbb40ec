/*
 * methods: Stripe's test payment methods (https://docs.stripe.com/testing,
 * https://docs.stripe.com/payments/sepa-debit/accept-a-payment#test) and what each of them does.
 * Thread: any, the table is immutable.
 */
#ifndef ONSALE_SANDBOX_METHODS_H
#define ONSALE_SANDBOX_METHODS_H

#include "base/slice.h"

enum method_kind {
    METHOD_CARD = 1, /* numbers are stored: never reused */
    METHOD_IDEAL = 2,
    METHOD_BANCONTACT = 3,
    METHOD_SEPA = 4
};
#define METHOD_KINDS 5 /* as the bound of a loop from METHOD_CARD */
#define METHOD_BIT(kind) (1u << (kind))

/* "card", "ideal", "bancontact", "sepa_debit"; back: 0 when Stripe's word is none of ours. */
const char *method_kind_word(enum method_kind kind);
int method_kind_of(struct slice word);

enum failure {
    FAILURE_NONE = 0, /* numbers are stored: never reused */
    FAILURE_GENERIC_DECLINE = 1,
    FAILURE_INSUFFICIENT_FUNDS = 2,
    FAILURE_LOST = 3,
    FAILURE_STOLEN = 4,
    FAILURE_EXPIRED = 5,
    FAILURE_INCORRECT_CVC = 6,
    FAILURE_PROCESSING_ERROR = 7,
    FAILURE_INCORRECT_NUMBER = 8,
    FAILURE_FRAUDULENT = 9,
    FAILURE_AUTHENTICATION = 10,
    FAILURE_LIVE = 11,         /* a real-looking card in a test */
    FAILURE_NOT_APPROVED = 12, /* at the buyer's bank */
    FAILURE_BANK = 13,         /* a direct debit came back */
    FAILURE_BANK_FUNDS = 14,
    FAILURE_COUNT
};

/* What comes after a payment that went well. */
enum method_after {
    AFTER_NOTHING,
    AFTER_REFUND_PENDING, /* refunds begin as pending */
    AFTER_REFUND_FAILS,   /* refunds fail after they succeeded */
    AFTER_DISPUTE_FRAUD,
    AFTER_DISPUTE_NOT_RECEIVED,
    AFTER_INQUIRY,
    AFTER_DISPUTE_LOST /* as with direct debits: there is nothing to answer */
};

struct method {
    const char *name;   /* "pm_card_visa"; "" when Stripe has none for it */
    const char *number; /* card number or IBAN; "" when Stripe has none for it */
    const char *brand;  /* of a card; else the bank */
    enum method_kind kind;
    bool authentication; /* asks the buyer to prove who they are first */
    enum failure failure;
    enum method_after after;
};

/* How Stripe words a failure. `decline_code` may be NULL. */
struct failure_words {
    const char *code, *decline_code, *message;
};
const struct failure_words *failure_words(enum failure failure);

/* A payment method with a card of its own has an id that begins so; its digits follow. */
#define METHOD_OWN "pm_own_"
#define METHOD_OWN_DIGITS_MAX 18u

/* By name, by card number or by IBAN (blanks and dashes ignored), or the one of a kind that has no
 * number. A number that Stripe does not list gives a method that fails as it would there; an
 * unknown name or IBAN gives NULL. As at Stripe a method is one card, whoever pays with it; here
 * "pm_card_visa_17" is another one that does the same, so that a crowd can come with a card each:
 * then *ret_own is "17", else empty. */
const struct method *method_by_name(struct slice name, struct slice *ret_own);
const struct method *method_by_number(struct slice number);
const struct method *method_by_iban(struct slice iban);
const struct method *method_by_kind(enum method_kind kind);

/* Place in the table, for the books; and back (NULL: no such place). The order never changes. */
int method_index(const struct method *method);
const struct method *method_at(int index);

#endif
