#include "sandbox/methods.h"

/* New ones go to the end: the books name a method by its place. */
static const struct method methods[] = {
    {"", "", "unknown", METHOD_CARD, false, FAILURE_INCORRECT_NUMBER, AFTER_NOTHING},
    {"", "", "unknown", METHOD_CARD, false, FAILURE_LIVE, AFTER_NOTHING},
    {"pm_card_visa", "4242424242424242", "visa", METHOD_CARD, false, FAILURE_NONE, AFTER_NOTHING},
    {"pm_card_visa_debit", "4000056655665556", "visa", METHOD_CARD, false, FAILURE_NONE,
     AFTER_NOTHING},
    {"pm_card_mastercard", "5555555555554444", "mastercard", METHOD_CARD, false, FAILURE_NONE,
     AFTER_NOTHING},
    {"pm_card_mastercard_debit", "5200828282828210", "mastercard", METHOD_CARD, false, FAILURE_NONE,
     AFTER_NOTHING},
    {"pm_card_mastercard_prepaid", "5105105105105100", "mastercard", METHOD_CARD, false,
     FAILURE_NONE, AFTER_NOTHING},
    {"pm_card_amex", "378282246310005", "amex", METHOD_CARD, false, FAILURE_NONE, AFTER_NOTHING},
    {"pm_card_discover", "6011111111111117", "discover", METHOD_CARD, false, FAILURE_NONE,
     AFTER_NOTHING},
    {"pm_card_diners", "3056930009020004", "diners", METHOD_CARD, false, FAILURE_NONE,
     AFTER_NOTHING},
    {"pm_card_jcb", "3566002020360505", "jcb", METHOD_CARD, false, FAILURE_NONE, AFTER_NOTHING},
    {"pm_card_unionpay", "6200000000000005", "unionpay", METHOD_CARD, false, FAILURE_NONE,
     AFTER_NOTHING},
    {"pm_card_de", "4000002760000016", "visa", METHOD_CARD, false, FAILURE_NONE, AFTER_NOTHING},
    {"pm_card_ua", "4000008040000009", "visa", METHOD_CARD, false, FAILURE_NONE, AFTER_NOTHING},
    {"pm_card_chargeDeclined", "4000000000000002", "visa", METHOD_CARD, false,
     FAILURE_GENERIC_DECLINE, AFTER_NOTHING},
    {"pm_card_visa_chargeDeclined", "", "visa", METHOD_CARD, false, FAILURE_GENERIC_DECLINE,
     AFTER_NOTHING},
    {"pm_card_chargeDeclinedInsufficientFunds", "4000000000009995", "visa", METHOD_CARD, false,
     FAILURE_INSUFFICIENT_FUNDS, AFTER_NOTHING},
    {"pm_card_visa_chargeDeclinedInsufficientFunds", "", "visa", METHOD_CARD, false,
     FAILURE_INSUFFICIENT_FUNDS, AFTER_NOTHING},
    {"pm_card_visa_chargeDeclinedLostCard", "4000000000009987", "visa", METHOD_CARD, false,
     FAILURE_LOST, AFTER_NOTHING},
    {"pm_card_visa_chargeDeclinedStolenCard", "4000000000009979", "visa", METHOD_CARD, false,
     FAILURE_STOLEN, AFTER_NOTHING},
    {"pm_card_chargeDeclinedExpiredCard", "4000000000000069", "visa", METHOD_CARD, false,
     FAILURE_EXPIRED, AFTER_NOTHING},
    {"pm_card_chargeDeclinedIncorrectCvc", "4000000000000127", "visa", METHOD_CARD, false,
     FAILURE_INCORRECT_CVC, AFTER_NOTHING},
    {"pm_card_chargeDeclinedProcessingError", "4000000000000119", "visa", METHOD_CARD, false,
     FAILURE_PROCESSING_ERROR, AFTER_NOTHING},
    {"pm_card_chargeDeclinedFraudulent", "4100000000000019", "visa", METHOD_CARD, false,
     FAILURE_FRAUDULENT, AFTER_NOTHING},
    {"pm_card_authenticationRequired", "4000002760003184", "visa", METHOD_CARD, true, FAILURE_NONE,
     AFTER_NOTHING},
    {"pm_card_authenticationRequiredOnSetup", "4000002500003155", "visa", METHOD_CARD, true,
     FAILURE_NONE, AFTER_NOTHING},
    {"pm_card_threeDSecure2Required", "4000000000003220", "visa", METHOD_CARD, true, FAILURE_NONE,
     AFTER_NOTHING},
    {"pm_card_authenticationRequiredChargeDeclinedInsufficientFunds", "4000008260003178", "visa",
     METHOD_CARD, true, FAILURE_INSUFFICIENT_FUNDS, AFTER_NOTHING},
    {"pm_card_threeDSecureRequiredChargeDeclined", "4000008400001629", "visa", METHOD_CARD, true,
     FAILURE_GENERIC_DECLINE, AFTER_NOTHING},
    {"pm_card_pendingRefund", "4000000000007726", "visa", METHOD_CARD, false, FAILURE_NONE,
     AFTER_REFUND_PENDING},
    {"pm_card_refundFail", "4000000000005126", "visa", METHOD_CARD, false, FAILURE_NONE,
     AFTER_REFUND_FAILS},
    {"pm_card_createDispute", "4000000000000259", "visa", METHOD_CARD, false, FAILURE_NONE,
     AFTER_DISPUTE_FRAUD},
    {"pm_card_createDisputeProductNotReceived", "4000000000002685", "visa", METHOD_CARD, false,
     FAILURE_NONE, AFTER_DISPUTE_NOT_RECEIVED},
    {"pm_card_createDisputeInquiry", "4000000000001976", "visa", METHOD_CARD, false, FAILURE_NONE,
     AFTER_INQUIRY},
    {"", "", "ing", METHOD_IDEAL, true, FAILURE_NONE, AFTER_REFUND_PENDING},
    {"", "", "bnp_paribas", METHOD_BANCONTACT, true, FAILURE_NONE, AFTER_REFUND_PENDING},
    {"pm_success_de", "DE89370400440532013000", "37040044", METHOD_SEPA, false, FAILURE_NONE,
     AFTER_REFUND_PENDING},
    {"pm_successDelayed_de", "DE08370400440532013003", "37040044", METHOD_SEPA, false, FAILURE_NONE,
     AFTER_REFUND_PENDING},
    {"pm_failed_de", "DE62370400440532013001", "37040044", METHOD_SEPA, false, FAILURE_BANK,
     AFTER_REFUND_PENDING},
    {"pm_failedDelayed_de", "DE78370400440532013004", "37040044", METHOD_SEPA, false, FAILURE_BANK,
     AFTER_REFUND_PENDING},
    {"pm_disputed_de", "DE35370400440532013002", "37040044", METHOD_SEPA, false, FAILURE_NONE,
     AFTER_DISPUTE_LOST},
    {"pm_insufficientFunds_de", "DE55370400440000002225", "37040044", METHOD_SEPA, false,
     FAILURE_BANK_FUNDS, AFTER_REFUND_PENDING},
};

#define METHOD_COUNT (sizeof methods / sizeof methods[0])

static const char *const kind_words[METHOD_KINDS] = {
    [METHOD_CARD] = "card",
    [METHOD_IDEAL] = "ideal",
    [METHOD_BANCONTACT] = "bancontact",
    [METHOD_SEPA] = "sepa_debit",
};

const char *method_kind_word(enum method_kind kind)
{
    return kind_words[kind];
}

int method_kind_of(struct slice word)
{
    for (int kind = METHOD_CARD; kind < METHOD_KINDS; kind++)
        if (slice_equal(word, slice_from_string(kind_words[kind])))
            return kind;
    return 0;
}

static const struct failure_words words[FAILURE_COUNT] = {
    [FAILURE_GENERIC_DECLINE] = {"card_declined", "generic_decline", "Your card was declined."},
    [FAILURE_INSUFFICIENT_FUNDS] = {"card_declined", "insufficient_funds",
                                    "Your card has insufficient funds."},
    [FAILURE_LOST] = {"card_declined", "lost_card", "Your card was declined."},
    [FAILURE_STOLEN] = {"card_declined", "stolen_card", "Your card was declined."},
    [FAILURE_EXPIRED] = {"expired_card", NULL, "Your card has expired."},
    [FAILURE_INCORRECT_CVC] = {"incorrect_cvc", NULL, "Your card's security code is incorrect."},
    [FAILURE_PROCESSING_ERROR] = {"processing_error", NULL,
                                  "An error occurred while processing your card. Try again in a "
                                  "little bit."},
    [FAILURE_INCORRECT_NUMBER] = {"incorrect_number", NULL, "Your card number is incorrect."},
    [FAILURE_FRAUDULENT] = {"card_declined", "fraudulent", "Your card was declined."},
    [FAILURE_AUTHENTICATION] = {"payment_intent_authentication_failure", NULL,
                                "We are unable to authenticate your payment method. Please "
                                "choose a different payment method and try again."},
    [FAILURE_LIVE] = {"card_declined", "test_mode_live_card",
                      "Your card was declined. Your request was in test mode, but used a non test "
                      "card. For a list of valid test cards, visit: "
                      "https://stripe.com/docs/testing."},
    [FAILURE_NOT_APPROVED] = {"payment_method_customer_decline", NULL,
                              "The customer did not approve the payment."},
    [FAILURE_BANK] = {"generic_could_not_process", NULL,
                      "The payment could not be processed by the customer's bank."},
    [FAILURE_BANK_FUNDS] = {"insufficient_funds", NULL,
                            "The customer's account has insufficient funds."},
};

const struct failure_words *failure_words(enum failure failure)
{
    return &words[failure];
}

/* Cuts "_17" off a method's name. */
static struct slice own_digits(struct slice *name)
{
    size_t count = 0;
    while (count < name->len && name->data[name->len - 1 - count] >= '0' &&
           name->data[name->len - 1 - count] <= '9')
        count++;
    if (count == 0 || count > METHOD_OWN_DIGITS_MAX || count == name->len ||
        name->data[name->len - 1 - count] != '_')
        return SLICE("");
    struct slice digits = slice_make(name->data + name->len - count, count);
    name->len -= count + 1;
    return digits;
}

const struct method *method_by_name(struct slice name, struct slice *ret_own)
{
    *ret_own = own_digits(&name);
    for (size_t i = 0; name.len && i < METHOD_COUNT; i++)
        if (slice_equal(name, slice_from_string(methods[i].name)))
            return &methods[i];
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

/* Without blanks and dashes, letters large; 0: too long. */
static size_t plain_number(struct slice number, size_t size, char *ret_plain)
{
    size_t count = 0;
    for (size_t i = 0; i < number.len; i++) {
        char c = number.data[i];
        if (c == ' ' || c == '-')
            continue;
        if (count == size)
            return 0;
        ret_plain[count++] = (char)(c >= 'a' && c <= 'z' ? c - 32 : c);
    }
    return count;
}

static const struct method *by_plain(struct slice plain, bool iban)
{
    for (size_t i = 0; plain.len && i < METHOD_COUNT; i++)
        if ((methods[i].kind == METHOD_SEPA) == iban &&
            slice_equal(plain, slice_from_string(methods[i].number)))
            return &methods[i];
    return NULL;
}

const struct method *method_by_number(struct slice number)
{
    char digits[20];
    size_t count = plain_number(number, sizeof digits, digits);
    for (size_t i = 0; i < count; i++)
        if (digits[i] < '0' || digits[i] > '9')
            return &methods[0];
    const struct method *found = by_plain(slice_make(digits, count), false);
    return found ? found : luhn(digits, count) ? &methods[1] : &methods[0];
}

const struct method *method_by_iban(struct slice iban)
{
    char plain[34];
    size_t count = plain_number(iban, sizeof plain, plain);
    return by_plain(slice_make(plain, count), true);
}

const struct method *method_by_kind(enum method_kind kind)
{
    for (size_t i = 0; i < METHOD_COUNT; i++)
        if (methods[i].kind == kind && methods[i].failure == FAILURE_NONE)
            return &methods[i];
    return NULL;
}

int method_index(const struct method *method)
{
    return (int)(method - methods);
}

const struct method *method_at(int index)
{
    return index >= 0 && index < (int)METHOD_COUNT ? &methods[index] : NULL;
}
