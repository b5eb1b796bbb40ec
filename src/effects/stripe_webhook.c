/* stripe_webhook: whether a webhook is genuine, and what it says (stripe.h). */
#include "effects/stripe_internal.h"

#include <openssl/crypto.h>
#include <openssl/evp.h>

/* ---- signatures ---- */

#define MAC_BYTES 32u

static int hex_digit(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    if (c >= 'a' && c <= 'f')
        return c - 'a' + 10;
    return -1;
}

static bool read_mac(struct slice hex, unsigned char ret_mac[MAC_BYTES])
{
    if (hex.len != 2 * MAC_BYTES)
        return false;
    for (size_t i = 0; i < MAC_BYTES; i++) {
        int high = hex_digit(hex.data[2 * i]), low = hex_digit(hex.data[2 * i + 1]);
        if (high < 0 || low < 0)
            return false;
        ret_mac[i] = (unsigned char)(high << 4 | low);
    }
    return true;
}

/* Cuts the next "name=value" off a header; false at its end. Blanks around it do not matter. */
static bool next_pair(struct slice *rest, struct slice *ret_name, struct slice *ret_value)
{
    while (rest->len && (*rest->data == ',' || *rest->data == ' '))
        *rest = slice_make(rest->data + 1, rest->len - 1);
    if (!rest->len)
        return false;
    const char *comma = memchr(rest->data, ',', rest->len);
    size_t len = comma ? (size_t)(comma - rest->data) : rest->len;
    const char *equals = memchr(rest->data, '=', len);
    size_t name = equals ? (size_t)(equals - rest->data) : len;
    size_t value = equals ? name + 1 : len;
    *ret_name = slice_make(rest->data, name);
    *ret_value = slice_make(rest->data + value, len - value);
    *rest = slice_make(rest->data + len, rest->len - len);
    return true;
}

static bool read_seconds(struct slice digits, uint64_t *ret_seconds)
{
    uint64_t seconds = 0;
    if (digits.len == 0 || digits.len > 15)
        return false;
    for (size_t i = 0; i < digits.len; i++) {
        if (digits.data[i] < '0' || digits.data[i] > '9')
            return false;
        seconds = seconds * 10 + (uint64_t)(digits.data[i] - '0');
    }
    *ret_seconds = seconds;
    return true;
}

/* HMAC-SHA256 of "{t}.{body}" under the secret, whole ("whsec_" included, as Stripe does it). */
static bool sign(const char *secret, struct slice stamp, struct slice body,
                 unsigned char ret_mac[MAC_BYTES])
{
    EVP_MAC *algorithm = EVP_MAC_fetch(NULL, "HMAC", NULL);
    EVP_MAC_CTX *context = algorithm ? EVP_MAC_CTX_new(algorithm) : NULL;
    char digest[] = "SHA256";
    OSSL_PARAM params[] = {OSSL_PARAM_construct_utf8_string("digest", digest, 0),
                           OSSL_PARAM_construct_end()};
    size_t len = 0;
    bool fine = context &&
                EVP_MAC_init(context, (const unsigned char *)secret, strlen(secret), params) == 1 &&
                EVP_MAC_update(context, (const unsigned char *)stamp.data, stamp.len) == 1 &&
                EVP_MAC_update(context, (const unsigned char *)".", 1) == 1 &&
                EVP_MAC_update(context, (const unsigned char *)body.data, body.len) == 1 &&
                EVP_MAC_final(context, ret_mac, &len, MAC_BYTES) == 1 && len == MAC_BYTES;
    EVP_MAC_CTX_free(context);
    EVP_MAC_free(algorithm);
    return fine;
}

/* Does any v1 of the header equal this MAC? Looks at all of them whatever the first ones say. */
static bool header_has(struct slice header, const unsigned char mac[MAC_BYTES])
{
    struct slice name, value;
    bool found = false;
    while (next_pair(&header, &name, &value)) {
        unsigned char given[MAC_BYTES];
        if (slice_equal(name, SLICE("v1")) && read_mac(value, given))
            found |= CRYPTO_memcmp(given, mac, MAC_BYTES) == 0;
    }
    return found;
}

bool stripe_signature_valid(const struct stripe_signature *signature)
{
    struct slice rest = signature->header, name, value, stamp = {NULL, 0};
    while (next_pair(&rest, &name, &value))
        if (slice_equal(name, SLICE("t"))) {
            if (stamp.data)
                return false; /* two stamps: which one was signed? */
            stamp = value;
        }
    uint64_t signed_s;
    if (!read_seconds(stamp, &signed_s))
        return false;
    uint64_t now_s = signature->now_s;
    uint64_t apart = now_s > signed_s ? now_s - signed_s : signed_s - now_s;
    if (apart > STRIPE_SIGNATURE_TOLERANCE_S)
        return false;
    bool genuine = false;
    for (size_t i = 0; i < signature->secret_count; i++) {
        unsigned char mac[MAC_BYTES];
        const char *secret = signature->secrets[i];
        if (secret && *secret && sign(secret, stamp, signature->body, mac))
            genuine |= header_has(signature->header, mac);
    }
    return genuine;
}

/* ---- events ---- */

static enum stripe_event_type event_type(const char *word)
{
    static const struct {
        const char *word;
        enum stripe_event_type type;
    } types[] = {
        {"payment_intent.amount_capturable_updated", STRIPE_EVENT_AUTHORISED},
        {"payment_intent.payment_failed", STRIPE_EVENT_DECLINED},
        {"payment_intent.succeeded", STRIPE_EVENT_CAPTURED},
        {"payment_intent.canceled", STRIPE_EVENT_CANCELLED},
        {"payment_intent.processing", STRIPE_EVENT_PROCESSING},
        {"refund.created", STRIPE_EVENT_REFUND_NEW},
        {"refund.updated", STRIPE_EVENT_REFUND},
        {"refund.failed", STRIPE_EVENT_REFUND},
        {"charge.refund.updated", STRIPE_EVENT_REFUND},
        {"charge.dispute.created", STRIPE_EVENT_DISPUTED},
        {"charge.dispute.funds_withdrawn", STRIPE_EVENT_DISPUTED},
        {"charge.dispute.closed", STRIPE_EVENT_DISPUTE_CLOSED},
    };
    for (size_t i = 0; i < sizeof types / sizeof types[0]; i++)
        if (strcmp(types[i].word, word) == 0)
            return types[i].type;
    return STRIPE_EVENT_OTHER;
}

/* False: the event does not carry what its type says. */
static bool read_object(const json_t *object, struct stripe_event *event)
{
    switch (event->type) {
    case STRIPE_EVENT_OTHER: break;
    case STRIPE_EVENT_REFUND_NEW:
    case STRIPE_EVENT_REFUND: return stripe_refund_read(object, &event->refund);
    case STRIPE_EVENT_DISPUTED:
    case STRIPE_EVENT_DISPUTE_CLOSED: return stripe_dispute_read(object, &event->dispute);
    case STRIPE_EVENT_AUTHORISED:
    case STRIPE_EVENT_DECLINED:
    case STRIPE_EVENT_CAPTURED:
    case STRIPE_EVENT_CANCELLED:
    case STRIPE_EVENT_PROCESSING: return stripe_intent_read(object, &event->intent);
    }
    return true;
}

static int read_event(const json_t *root, struct stripe_event *ret_event, struct err *err)
{
    struct stripe_event event = {0};
    const char *kind = stripe_string(root, "object"), *type = stripe_string(root, "type");
    if (!kind || strcmp(kind, "event") != 0 || !type)
        return err_set(err, "the body is JSON but not an event of Stripe's");
    stripe_keep(event.id, sizeof event.id, stripe_string(root, "id"));
    if (event.id[0] == '\0')
        return err_set(err, "the event has no usable id");
    event.type = event_type(type);
    if (!read_object(json_object_get(json_object_get(root, "data"), "object"), &event))
        return err_set(err, "the event %s carries no object of its type", event.id);
    *ret_event = event;
    return 0;
}

int stripe_event_read(struct slice body, struct stripe_event *ret_event, struct err *err)
{
    json_t *root = stripe_load(body);
    if (!root)
        return err_set(err, "the body is not a JSON object");
    int result = read_event(root, ret_event, err);
    json_decref(root);
    return result;
}
