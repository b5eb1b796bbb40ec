#include "sandbox/cards.h"

/* New cards go to the end: the books name a card by its place. */
static const struct card cards[] = {
    {"", "", "unknown", false, CARD_INCORRECT_NUMBER},
    {"", "", "unknown", false, CARD_LIVE},
    {"pm_card_visa", "4242424242424242", "visa", false, CARD_FINE},
    {"pm_card_visa_debit", "4000056655665556", "visa", false, CARD_FINE},
    {"pm_card_mastercard", "5555555555554444", "mastercard", false, CARD_FINE},
    {"pm_card_mastercard_debit", "5200828282828210", "mastercard", false, CARD_FINE},
    {"pm_card_mastercard_prepaid", "5105105105105100", "mastercard", false, CARD_FINE},
    {"pm_card_amex", "378282246310005", "amex", false, CARD_FINE},
    {"pm_card_discover", "6011111111111117", "discover", false, CARD_FINE},
    {"pm_card_diners", "3056930009020004", "diners", false, CARD_FINE},
    {"pm_card_jcb", "3566002020360505", "jcb", false, CARD_FINE},
    {"pm_card_unionpay", "6200000000000005", "unionpay", false, CARD_FINE},
    {"pm_card_de", "4000002760000016", "visa", false, CARD_FINE},
    {"pm_card_ua", "4000008040000009", "visa", false, CARD_FINE},
    {"pm_card_chargeDeclined", "4000000000000002", "visa", false, CARD_GENERIC_DECLINE},
    {"pm_card_visa_chargeDeclined", "", "visa", false, CARD_GENERIC_DECLINE},
    {"pm_card_chargeDeclinedInsufficientFunds", "4000000000009995", "visa", false,
     CARD_INSUFFICIENT_FUNDS},
    {"pm_card_visa_chargeDeclinedInsufficientFunds", "", "visa", false, CARD_INSUFFICIENT_FUNDS},
    {"pm_card_visa_chargeDeclinedLostCard", "4000000000009987", "visa", false, CARD_LOST},
    {"pm_card_visa_chargeDeclinedStolenCard", "4000000000009979", "visa", false, CARD_STOLEN},
    {"pm_card_chargeDeclinedExpiredCard", "4000000000000069", "visa", false, CARD_EXPIRED},
    {"pm_card_chargeDeclinedIncorrectCvc", "4000000000000127", "visa", false, CARD_INCORRECT_CVC},
    {"pm_card_chargeDeclinedProcessingError", "4000000000000119", "visa", false,
     CARD_PROCESSING_ERROR},
    {"pm_card_chargeDeclinedFraudulent", "4100000000000019", "visa", false, CARD_FRAUDULENT},
    {"pm_card_authenticationRequired", "4000002760003184", "visa", true, CARD_FINE},
    {"pm_card_authenticationRequiredOnSetup", "4000002500003155", "visa", true, CARD_FINE},
    {"pm_card_threeDSecure2Required", "4000000000003220", "visa", true, CARD_FINE},
    {"pm_card_authenticationRequiredChargeDeclinedInsufficientFunds", "4000008260003178", "visa",
     true, CARD_INSUFFICIENT_FUNDS},
    {"pm_card_threeDSecureRequiredChargeDeclined", "4000008400001629", "visa", true,
     CARD_GENERIC_DECLINE},
};

#define CARD_COUNT (sizeof cards / sizeof cards[0])

static const struct card_words words[CARD_FAILURE_COUNT] = {
    [CARD_GENERIC_DECLINE] = {"card_declined", "generic_decline", "Your card was declined."},
    [CARD_INSUFFICIENT_FUNDS] = {"card_declined", "insufficient_funds",
                                 "Your card has insufficient funds."},
    [CARD_LOST] = {"card_declined", "lost_card", "Your card was declined."},
    [CARD_STOLEN] = {"card_declined", "stolen_card", "Your card was declined."},
    [CARD_EXPIRED] = {"expired_card", NULL, "Your card has expired."},
    [CARD_INCORRECT_CVC] = {"incorrect_cvc", NULL, "Your card's security code is incorrect."},
    [CARD_PROCESSING_ERROR] = {"processing_error", NULL,
                               "An error occurred while processing your card. Try again in a "
                               "little bit."},
    [CARD_INCORRECT_NUMBER] = {"incorrect_number", NULL, "Your card number is incorrect."},
    [CARD_FRAUDULENT] = {"card_declined", "fraudulent", "Your card was declined."},
    [CARD_AUTHENTICATION_FAILED] = {"payment_intent_authentication_failure", NULL,
                                    "We are unable to authenticate your payment method. Please "
                                    "choose a different payment method and try again."},
    [CARD_LIVE] = {"card_declined", "test_mode_live_card",
                   "Your card was declined. Your request was in test mode, but used a non test "
                   "card. For a list of valid test cards, visit: "
                   "https://stripe.com/docs/testing."},
};

const struct card_words *card_failure_words(enum card_failure failure)
{
    return &words[failure];
}

/* Cuts "_17" off a method's name. */
static struct slice own_digits(struct slice *method)
{
    size_t count = 0;
    while (count < method->len && method->data[method->len - 1 - count] >= '0' &&
           method->data[method->len - 1 - count] <= '9')
        count++;
    if (count == 0 || count > CARD_OWN_DIGITS_MAX || count == method->len ||
        method->data[method->len - 1 - count] != '_')
        return SLICE("");
    struct slice digits = slice_make(method->data + method->len - count, count);
    method->len -= count + 1;
    return digits;
}

const struct card *card_by_method(struct slice method, struct slice *ret_own)
{
    *ret_own = own_digits(&method);
    for (size_t i = 0; method.len && i < CARD_COUNT; i++)
        if (slice_equal(method, slice_from_string(cards[i].method)))
            return &cards[i];
    return NULL;
}

/* ISO/IEC 7812-1 annex B. */
static bool luhn(const char *digits, size_t count)
{
    unsigned sum = 0;
    for (size_t i = 0; i < count; i++) {
        unsigned digit = (unsigned)(digits[count - 1 - i] - '0') << (i & 1);
        sum += digit > 9 ? digit - 9 : digit;
    }
    return count >= 12 && sum % 10 == 0;
}

const struct card *card_by_number(struct slice number)
{
    char digits[20];
    size_t count = 0;
    for (size_t i = 0; i < number.len; i++) {
        char c = number.data[i];
        if (c == ' ' || c == '-')
            continue;
        if (c < '0' || c > '9' || count == sizeof digits)
            return &cards[0];
        digits[count++] = c;
    }
    struct slice plain = slice_make(digits, count);
    for (size_t i = 0; count && i < CARD_COUNT; i++)
        if (slice_equal(plain, slice_from_string(cards[i].number)))
            return &cards[i];
    return luhn(digits, count) ? &cards[1] : &cards[0];
}

int card_index(const struct card *card)
{
    return (int)(card - cards);
}

const struct card *card_at(int index)
{
    return index >= 0 && index < (int)CARD_COUNT ? &cards[index] : NULL;
}
