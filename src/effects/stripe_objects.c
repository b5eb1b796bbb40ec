/* stripe_objects: reading intents, refunds, disputes and pages of them (stripe.h). */
#include "effects/stripe_internal.h"

json_t *stripe_load(struct slice body)
{
    json_t *root = json_loadb(body.data ? body.data : "", body.len, JSON_REJECT_DUPLICATES, NULL);
    if (root && !json_is_object(root)) {
        json_decref(root);
        return NULL;
    }
    return root;
}

const char *stripe_string(const json_t *object, const char *key)
{
    return json_string_value(json_object_get(object, key)); /* NULL for anything else */
}

static int64_t integer_at(const json_t *object, const char *key)
{
    return json_integer_value(json_object_get(object, key)); /* 0 for anything else */
}

static uint64_t seconds_at(const json_t *object, const char *key)
{
    int64_t seconds = integer_at(object, key);
    return seconds > 0 ? (uint64_t)seconds : 0;
}

void stripe_keep(char *to, size_t size, const char *text)
{
    size_t len = text ? strlen(text) : 0;
    if (len >= size)
        len = 0;
    memcpy(to, len ? text : "", len);
    to[len] = '\0';
}

static bool is_kind(const json_t *object, const char *kind)
{
    const char *word = stripe_string(object, "object");
    return word && strcmp(word, kind) == 0;
}

/* The number of a word in a list of `count` from 1 on; 0: it is not there. */
static int number_of_word(const char *word, const char *const *words, int count)
{
    for (int i = 1; word && i < count; i++)
        if (words[i] && strcmp(words[i], word) == 0)
            return i;
    return 0;
}

#define NUMBER_OF_WORD(word, words) \
    number_of_word(word, words, (int)(sizeof(words) / sizeof(words)[0]))

const char *stripe_error_code(const json_t *error)
{
    const char *code = stripe_string(error, "decline_code");
    if (!code)
        code = stripe_string(error, "code");
    return code ? code : stripe_string(error, "type");
}

static void keep_order(char to[ID_TEXT_MAX], const json_t *object)
{
    stripe_keep(to, ID_TEXT_MAX, stripe_string(json_object_get(object, "metadata"), "order_id"));
}

/* ---- intents ---- */

/* An intent names its latest charge, unless it was asked to hold all of it. */
static const char *card_fingerprint(const json_t *intent)
{
    const json_t *charge = json_object_get(intent, "latest_charge");
    const json_t *details = json_object_get(charge, "payment_method_details");
    return stripe_string(json_object_get(details, "card"), "fingerprint");
}

bool stripe_intent_read(const json_t *object, struct stripe_intent *ret_intent)
{
    static const char *const words[] = {
        [STRIPE_STATUS_REQUIRES_PAYMENT_METHOD] = "requires_payment_method",
        [STRIPE_STATUS_REQUIRES_CONFIRMATION] = "requires_confirmation",
        [STRIPE_STATUS_REQUIRES_ACTION] = "requires_action",
        [STRIPE_STATUS_PROCESSING] = "processing",
        [STRIPE_STATUS_REQUIRES_CAPTURE] = "requires_capture",
        [STRIPE_STATUS_SUCCEEDED] = "succeeded",
        [STRIPE_STATUS_CANCELED] = "canceled",
    };
    struct stripe_intent intent = {0};
    if (!is_kind(object, "payment_intent"))
        return false;
    stripe_keep(intent.id, sizeof intent.id, stripe_string(object, "id"));
    stripe_keep(intent.client_secret, sizeof intent.client_secret,
                stripe_string(object, "client_secret"));
    stripe_keep(intent.currency, sizeof intent.currency, stripe_string(object, "currency"));
    keep_order(intent.order_id, object);
    stripe_keep(intent.last_error, sizeof intent.last_error,
                stripe_error_code(json_object_get(object, "last_payment_error")));
    stripe_keep(intent.card, sizeof intent.card, card_fingerprint(object));
    intent.status = (enum stripe_status)NUMBER_OF_WORD(stripe_string(object, "status"), words);
    intent.amount_minor = integer_at(object, "amount");
    intent.capturable_minor = integer_at(object, "amount_capturable");
    intent.received_minor = integer_at(object, "amount_received");
    intent.created_s = seconds_at(object, "created");
    if (!stripe_plain_word(slice_from_string(intent.id)))
        return false;
    *ret_intent = intent;
    return true;
}

/* ---- refunds ---- */

/* 1 to `most` (at most 255) as our own calls write it; 0 for anything else. */
static uint8_t own_number(struct slice digits, unsigned most)
{
    unsigned number = 0;
    if (digits.len == 0 || digits.len > 3 || digits.data[0] == '0')
        return 0;
    for (size_t i = 0; i < digits.len; i++) {
        if (digits.data[i] < '0' || digits.data[i] > '9')
            return 0;
        number = number * 10 + (unsigned)(digits.data[i] - '0');
    }
    return number <= most ? (uint8_t)number : 0;
}

static uint8_t own_number_at(const json_t *object, const char *key, unsigned most)
{
    const json_t *metadata = json_object_get(object, "metadata");
    return own_number(slice_from_string(stripe_string(metadata, key)), most);
}

uint8_t stripe_refund_number(struct slice body)
{
    const struct slice name = SLICE("metadata[refund]=");
    while (body.len > 0) {
        const char *end = memchr(body.data, '&', body.len);
        size_t len = end ? (size_t)(end - body.data) : body.len;
        struct slice field = slice_make(body.data, len);
        if (slice_starts_with(field, name))
            return own_number(slice_make(field.data + name.len, field.len - name.len),
                              LIMIT_HOLD_UNITS);
        body = slice_make(body.data + len + (end != NULL), body.len - len - (end != NULL));
    }
    return 0;
}

static enum stripe_refund_status refund_status(const char *word)
{
    static const char *const words[] = {NULL,     "pending",  "requires_action", "succeeded",
                                        "failed", "canceled", "cancelled"};
    switch (NUMBER_OF_WORD(word, words)) {
    case 1:
    case 2: return STRIPE_REFUND_PENDING;
    case 3: return STRIPE_REFUND_SUCCEEDED;
    case 4:
    case 5:
    case 6: return STRIPE_REFUND_FAILED;
    default: return STRIPE_REFUND_UNKNOWN;
    }
}

bool stripe_refund_read(const json_t *object, struct stripe_refund *ret_refund)
{
    struct stripe_refund refund = {0};
    if (!is_kind(object, "refund"))
        return false;
    stripe_keep(refund.id, sizeof refund.id, stripe_string(object, "id"));
    stripe_keep(refund.intent, sizeof refund.intent, stripe_string(object, "payment_intent"));
    stripe_keep(refund.currency, sizeof refund.currency, stripe_string(object, "currency"));
    stripe_keep(refund.failure, sizeof refund.failure, stripe_string(object, "failure_reason"));
    keep_order(refund.order_id, object);
    refund.number = own_number_at(object, "refund", LIMIT_HOLD_UNITS);
    refund.attempt = own_number_at(object, "attempt", UINT8_MAX);
    refund.status = refund_status(stripe_string(object, "status"));
    refund.amount_minor = integer_at(object, "amount");
    refund.created_s = seconds_at(object, "created");
    if (!stripe_plain_word(slice_from_string(refund.id)))
        return false;
    *ret_refund = refund;
    return true;
}

/* ---- disputes ---- */

static enum stripe_dispute_status dispute_status(const char *word)
{
    static const char *const words[] = {NULL, "needs_response", "under_review", "won", "lost"};
    if (word && strncmp(word, "warning_", 8) == 0)
        return STRIPE_DISPUTE_INQUIRY;
    switch (NUMBER_OF_WORD(word, words)) {
    case 1:
    case 2: return STRIPE_DISPUTE_OPEN;
    case 3: return STRIPE_DISPUTE_WON;
    case 4: return STRIPE_DISPUTE_LOST;
    default: return STRIPE_DISPUTE_UNKNOWN;
    }
}

bool stripe_dispute_read(const json_t *object, struct stripe_dispute *ret_dispute)
{
    struct stripe_dispute dispute = {0};
    if (!is_kind(object, "dispute"))
        return false;
    stripe_keep(dispute.id, sizeof dispute.id, stripe_string(object, "id"));
    stripe_keep(dispute.intent, sizeof dispute.intent, stripe_string(object, "payment_intent"));
    stripe_keep(dispute.currency, sizeof dispute.currency, stripe_string(object, "currency"));
    stripe_keep(dispute.reason, sizeof dispute.reason, stripe_string(object, "reason"));
    dispute.status = dispute_status(stripe_string(object, "status"));
    dispute.amount_minor = integer_at(object, "amount");
    dispute.due_s = seconds_at(json_object_get(object, "evidence_details"), "due_by");
    dispute.created_s = seconds_at(object, "created");
    if (!stripe_plain_word(slice_from_string(dispute.id)))
        return false;
    *ret_dispute = dispute;
    return true;
}

/* ---- pages ---- */

/* False: an object that cannot be read. */
static bool visit(const json_t *object, const struct stripe_page_visitor *visitor)
{
    if (visitor->intent && is_kind(object, "payment_intent")) {
        struct stripe_intent intent;
        if (!stripe_intent_read(object, &intent))
            return false;
        visitor->intent(visitor->context, &intent);
    } else if (visitor->refund && is_kind(object, "refund")) {
        struct stripe_refund refund;
        if (!stripe_refund_read(object, &refund))
            return false;
        visitor->refund(visitor->context, &refund);
    } else if (visitor->dispute && is_kind(object, "dispute")) {
        struct stripe_dispute dispute;
        if (!stripe_dispute_read(object, &dispute))
            return false;
        visitor->dispute(visitor->context, &dispute);
    }
    return true;
}

static int read_page(const json_t *root, const struct stripe_page_visitor *visitor,
                     struct stripe_page *ret_page, struct err *err)
{
    struct stripe_page page = {0};
    const json_t *data = json_object_get(root, "data"), *object;
    size_t i;
    if (!is_kind(root, "list") || !json_is_array(data))
        return err_set(err, "the answer is not a list of Stripe's");
    json_array_foreach(data, i, object)
    {
        stripe_keep(page.last, sizeof page.last, stripe_string(object, "id"));
        if (!stripe_plain_word(slice_from_string(page.last)) || !visit(object, visitor))
            return err_set(err, "object %zu of the list cannot be read", i + 1);
        page.count++;
    }
    page.more = json_is_true(json_object_get(root, "has_more"));
    *ret_page = page;
    return 0;
}

int stripe_page_read(struct slice body, const struct stripe_page_visitor *visitor,
                     struct stripe_page *ret_page, struct err *err)
{
    json_t *root = stripe_load(body);
    if (!root)
        return err_set(err, "the answer is not a JSON object");
    int result = read_page(root, visitor, ret_page, err);
    json_decref(root);
    return result;
}
