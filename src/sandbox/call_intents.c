/* call_intents: payment intents and their charges (calls.h). */
#include "sandbox/calls_internal.h"

#include <openssl/crypto.h>

static void refuse_state(struct call *call, const struct intent *intent, const char *what)
{
    char message[200];
    (void)snprintf(message, sizeof message,
                   "This PaymentIntent could not be %s because it has a status of %s.", what,
                   intent_status_word(intent->status));
    calls_error(call, 400,
                &(struct wire_error){.type = "invalid_request_error",
                                     .code = "payment_intent_unexpected_state",
                                     .message = message,
                                     .intent = intent});
}

static void answer_intent(struct call *call, const struct intent *intent)
{
    struct books_text movement = books_movement_of(call->books, intent->charge, false);
    struct json j = call_answer(call);
    wire_intent(&j, NULL, intent,
                &(struct wire_view){.secret_key = call->secret_key,
                                    .charge = call_expands(call, SLICE("latest_charge")),
                                    .movement = movement.text});
}

/* Finds the path's intent, with the right to see it; else answers. */
static bool find_intent(struct call *call, struct intent *ret_intent)
{
    bool found = books_find_intent(call->books, call->id, 0, ret_intent);
    if (found && !call->secret_key) {
        struct slice given = call_field(call, "client_secret");
        size_t len = strlen(ret_intent->secret);
        found = given.len == len && CRYPTO_memcmp(given.data, ret_intent->secret, len) == 0;
    }
    if (!found)
        call_missing(call, "payment_intent", "intent", call->id);
    return found;
}

/* ---- creating ---- */

static bool read_currency(struct call *call, struct intent *intent)
{
    struct slice text = call_field(call, "currency");
    for (size_t i = 0; i < 3 && text.len == 3; i++) {
        char c = (char)(text.data[i] | 32);
        if (c < 'a' || c > 'z')
            text.len = 0;
        else
            intent->currency[i] = c;
    }
    if (text.len == 3)
        return true;
    call_refuse(call, text.data && text.len ? NULL : "parameter_missing", "currency",
                "A currency of three letters is required.");
    return false;
}

static bool read_amount(struct call *call, struct intent *intent)
{
    struct slice amount = call_field(call, "amount");
    if (amount.len == 0)
        call_refuse(call, "parameter_missing", "amount", "Missing required param: amount.");
    else if (!call_integer(amount, &intent->amount) || intent->amount == 0)
        call_refuse(call, "parameter_invalid_integer", "amount",
                    "This value must be greater than 0.");
    else if (intent->amount > INTENT_AMOUNT_MAX)
        call_refuse(call, "amount_too_large", "amount", "Amount must be no more than 99,999,999.");
    else
        return true;
    return false;
}

static bool read_capture(struct call *call, struct intent *intent)
{
    struct slice method = call_field(call, "capture_method");
    struct slice card = call_field(call, "payment_method_options[card][capture_method]");
    intent->card_manual = slice_equal(card, SLICE("manual"));
    if (card.len && !intent->card_manual) {
        call_refuse(call, NULL, "payment_method_options[card][capture_method]",
                    "Invalid payment_method_options[card][capture_method]: must be manual");
        return false;
    }
    if (method.len == 0 || slice_equal(method, SLICE("automatic_async")))
        intent->capture = INTENT_AUTOMATIC_ASYNC;
    else if (slice_equal(method, SLICE("automatic")))
        intent->capture = INTENT_AUTOMATIC;
    else if (slice_equal(method, SLICE("manual")))
        intent->capture = INTENT_MANUAL;
    else {
        call_refuse(call, NULL, "capture_method",
                    "Invalid capture_method: must be one of automatic, automatic_async, or manual");
        return false;
    }
    return true;
}

/* payment_method_types; what is not a card wants euros and cannot be captured later. */
static bool read_kinds(struct call *call, struct intent *intent)
{
    struct slice name, value;
    char message[200];
    for (size_t at = 0; form_next_in(&call->form, "payment_method_types", &at, &name, &value);) {
        int kind = method_kind_of(value);
        if (kind == 0) {
            (void)snprintf(message, sizeof message,
                           "Invalid payment_method_types[]: must be one of card, ideal, "
                           "bancontact, or sepa_debit here, not '%.*s'",
                           (int)(value.len < 60 ? value.len : 60), value.data);
            call_refuse(call, NULL, "payment_method_types", message);
            return false;
        }
        intent->kinds |= METHOD_BIT(kind);
    }
    if (intent->kinds == 0)
        intent->kinds = METHOD_BIT(METHOD_CARD);
    bool others = (intent->kinds & ~METHOD_BIT(METHOD_CARD)) != 0;
    if (others && strcmp(intent->currency, "eur") != 0)
        call_refuse(call, "payment_intent_invalid_parameter", "currency",
                    "The currency provided is invalid for one of the payment method types: ideal, "
                    "bancontact and sepa_debit support only eur.");
    else if (others && intent->capture == INTENT_MANUAL)
        call_refuse(call, "payment_intent_invalid_parameter", "capture_method",
                    "One or more of the payment method types do not support manual capture; use "
                    "payment_method_options[card][capture_method].");
    else
        return true;
    return false;
}

/* Metadata, and the order's name out of it, to search by. */
static bool read_metadata(struct call *call, struct intent *intent)
{
    struct slice order = call_field(call, "metadata[order_id]");
    (void)snprintf(intent->metadata, sizeof intent->metadata, "{}");
    if (order.len && order.len < sizeof intent->order) {
        memcpy(intent->order, order.data, order.len);
        intent->order[order.len] = '\0';
    }
    return call_merge(call, "metadata", sizeof intent->metadata, intent->metadata);
}

static bool read_create(struct call *call, struct intent *intent)
{
    return KNOWS(call, "amount", "currency", "capture_method", "confirm", "payment_method",
                 "payment_method_data[", "metadata[", "metadata", "payment_method_types[",
                 "automatic_payment_methods[", "payment_method_options[", "description",
                 "receipt_email", "return_url", "customer", "setup_future_usage", "transfer_group",
                 "statement_descriptor", "statement_descriptor_suffix", "on_behalf_of",
                 "application_fee_amount", "transfer_data[", "confirmation_method", "shipping[",
                 "mandate_data[", "use_stripe_sdk") &&
           read_amount(call, intent) && read_capture(call, intent) && read_currency(call, intent) &&
           read_kinds(call, intent) && read_metadata(call, intent);
}

/* ---- confirming ---- */

/* What a direct debit or a bank's page needs of the buyer. */
static bool has_needed(struct call *call, const char *const *names, size_t count)
{
    char message[120];
    for (size_t i = 0; i < count; i++) {
        if (call_field(call, names[i]).len)
            continue;
        (void)snprintf(message, sizeof message, "Missing required param: %s.", names[i]);
        call_refuse(call, "parameter_missing", names[i], message);
        return false;
    }
    return true;
}

#define NAME "payment_method_data[billing_details][name]"
#define EMAIL "payment_method_data[billing_details][email]"
#define IBAN "payment_method_data[sepa_debit][iban]"

/* payment_method_data[type] and what belongs to it. NULL: answered. */
static const struct method *read_method_data(struct call *call)
{
    static const char *const bancontact[] = {NAME}, *const sepa[] = {IBAN, NAME, EMAIL};
    struct slice number = call_field(call, "payment_method_data[card][number]");
    struct slice type = call_field(call, "payment_method_data[type]");
    int kind = type.len ? method_kind_of(type) : number.len ? METHOD_CARD : 0;
    const struct method *method;
    if (kind == METHOD_CARD && number.len)
        return method_by_number(number);
    if (kind == METHOD_IDEAL)
        return method_by_kind(METHOD_IDEAL);
    if (kind == METHOD_BANCONTACT)
        return has_needed(call, bancontact, 1) ? method_by_kind(METHOD_BANCONTACT) : NULL;
    if (kind == METHOD_SEPA) {
        if (!has_needed(call, sepa, 3))
            return NULL;
        method = method_by_iban(call_field(call, IBAN));
        if (!method)
            call_refuse(call, "invalid_bank_account_iban", IBAN,
                        "The IBAN you provided is invalid, or none of Stripe's test IBANs.");
        return method;
    }
    call_refuse(call, kind ? "parameter_missing" : NULL,
                kind ? "payment_method_data[card][number]" : "payment_method_data[type]",
                "Payment method data must be a card's number, ideal, bancontact or sepa_debit.");
    return NULL;
}

/* The method that the form names, and whose own it is (method_by_name). NULL: answered. */
static const struct method *read_method(struct call *call, struct slice *ret_own)
{
    *ret_own = SLICE("");
    struct slice name = call_field(call, "payment_method"), key, value;
    size_t at = 0;
    if (form_next_in(&call->form, "payment_method_data", &at, &key, &value))
        return read_method_data(call);
    if (name.len == 0) {
        call_refuse(call, "payment_intent_unexpected_state", "payment_method",
                    "You cannot confirm this PaymentIntent because it's missing a payment method.");
        return NULL;
    }
    const struct method *method = method_by_name(name, ret_own);
    if (!method) {
        call_missing(call, "PaymentMethod", "payment_method", name);
        call->status = 400;
    }
    return method;
}

static bool is_url(struct slice url)
{
    bool fine = url.len < INTENT_URL_MAX && (slice_starts_with(url, SLICE("https://")) ||
                                             slice_starts_with(url, SLICE("http://")));
    for (size_t i = 0; i < url.len && fine; i++)
        fine = url.data[i] > ' ' && url.data[i] < 0x7f;
    return fine;
}

/* Where the buyer goes to prove who they are, and comes back. Banks have pages: cards can do
 * without. */
static bool read_return_url(struct call *call, struct intent *intent, const struct method *method)
{
    struct slice url = call_field(call, "return_url");
    intent->bank_url[0] = intent->return_url[0] = '\0';
    if (url.len == 0) {
        bool bank = method->kind == METHOD_IDEAL || method->kind == METHOD_BANCONTACT;
        if (bank)
            call_refuse(call, "parameter_missing", "return_url",
                        "A `return_url` must be specified for payment methods that redirect.");
        return !bank;
    }
    if (!is_url(url)) {
        call_refuse(call, "url_invalid", "return_url", "Not a valid URL");
        return false;
    }
    (void)snprintf(intent->return_url, sizeof intent->return_url, "%.*s", SLICE_ARG(url));
    (void)snprintf(intent->bank_url, sizeof intent->bank_url, "http://%.*s/sandbox/bank/%s",
                   (int)(call->host.len < 200 ? call->host.len : 200), call->host.data, intent->id);
    return true;
}

static bool is_allowed(struct call *call, const struct intent *intent, const struct method *method)
{
    static const char *const mandate[] = {"mandate_data[customer_acceptance][type]"};
    if (intent->kinds & METHOD_BIT(method->kind))
        return method->kind != METHOD_SEPA || has_needed(call, mandate, 1);
    char message[160];
    (void)snprintf(message, sizeof message,
                   "The PaymentMethod provided (%s) is not allowed for this PaymentIntent.",
                   method_kind_word(method->kind));
    call_refuse(call, "payment_intent_incompatible_payment_method", "payment_method", message);
    return false;
}

/* ---- what an attempt came to ---- */

static void plan_dispute(struct call *call, const struct intent *intent, enum agenda_dispute what,
                         uint32_t ms)
{
    agenda_add(call->agenda, AGENDA_DISPUTE, intent->row, (int64_t)what, ms);
}

/* Money was taken: it moves, and what the method or a fault wants comes after. */
static void taken(struct call *call, const struct intent *intent)
{
    call_move(call, &(struct call_movement){.type = intent->method->kind == METHOD_CARD ? "charge"
                                                                                        : "payment",
                                            .source = intent->charge,
                                            .currency = intent->currency,
                                            .intent_row = intent->row,
                                            .amount = intent->received});
    uint32_t ms = call->times->dispute_ms;
    switch (intent->method->after) {
    case AFTER_DISPUTE_FRAUD: plan_dispute(call, intent, AGENDA_FRAUD, ms); break;
    case AFTER_DISPUTE_NOT_RECEIVED: plan_dispute(call, intent, AGENDA_NOT_RECEIVED, ms); break;
    case AFTER_INQUIRY: plan_dispute(call, intent, AGENDA_INQUIRY, ms); break;
    case AFTER_DISPUTE_LOST: plan_dispute(call, intent, AGENDA_DEBIT_LOST, ms); break;
    case AFTER_NOTHING:
    case AFTER_REFUND_PENDING:
    case AFTER_REFUND_FAILS: break;
    }
    ms = call->fault.ms;
    if (call->fault.kind == FAULT_DISPUTE)
        plan_dispute(call, intent, AGENDA_FRAUD, ms);
    else if (call->fault.kind == FAULT_DISPUTE_WON)
        plan_dispute(call, intent, AGENDA_FRAUD_WON, ms);
    else if (call->fault.kind == FAULT_DISPUTE_LOST)
        plan_dispute(call, intent, AGENDA_FRAUD_LOST, ms);
    else if (call->fault.kind == FAULT_PAYOUT)
        agenda_add(call->agenda, AGENDA_PAYOUT, intent->row, 0, ms);
}

/* How long it is processing. */
static uint32_t processing_ms(const struct call *call, const struct intent *intent)
{
    if (call->fault.kind == FAULT_LATE)
        return call->fault.ms;
    bool delayed = strstr(intent->method->name, "Delayed") != NULL;
    return call->times->processing_ms * (delayed ? 10 : 1);
}

/* Saves, tells the webhook and answers what an attempt came to. */
static void conclude(struct call *call, struct intent *intent, enum intent_outcome outcome)
{
    if (outcome == INTENT_OUTCOME_STATE) {
        refuse_state(call, intent, "confirmed");
        return;
    }
    books_save_intent(call->books, intent);
    if (outcome == INTENT_OUTCOME_AUTHORISED && intent->status == INTENT_REQUIRES_CAPTURE) {
        call_emit_intent(call, "payment_intent.amount_capturable_updated", intent);
    } else if (outcome == INTENT_OUTCOME_AUTHORISED) {
        taken(call, intent);
        call_emit_intent(call, "payment_intent.succeeded", intent);
    } else if (outcome == INTENT_OUTCOME_ACTION) {
        call_emit_intent(call, "payment_intent.requires_action", intent);
    } else if (outcome == INTENT_OUTCOME_PROCESSING) {
        agenda_add(call->agenda, AGENDA_SETTLE, intent->row, 0, processing_ms(call, intent));
        call_emit_intent(call, "payment_intent.processing", intent);
    } else {
        call_emit_intent(call, "payment_intent.payment_failed", intent);
    }
    if (outcome != INTENT_OUTCOME_DECLINED) {
        answer_intent(call, intent);
        return;
    }
    const struct failure_words *words = failure_words(intent->failure);
    bool card = intent->method->kind == METHOD_CARD;
    calls_error(call, card ? 402 : 400,
                &(struct wire_error){.type = wire_failure_type(intent),
                                     .code = words->code,
                                     .decline_code = words->decline_code,
                                     .message = words->message,
                                     .intent = intent,
                                     .charge = true});
}

static void confirm(struct call *call, struct intent *intent)
{
    struct slice own;
    const struct method *method = read_method(call, &own);
    if (!method || !is_allowed(call, intent, method) || !read_return_url(call, intent, method))
        return;
    call->keep = true;
    char charge[INTENT_ID_MAX];
    calls_make_id("ch_", 24, sizeof charge, charge);
    enum intent_twist twist = call->fault.kind == FAULT_LATE   ? INTENT_LATE
                              : call->fault.kind == FAULT_FAIL ? INTENT_FAILS
                                                               : INTENT_STRAIGHT;
    enum intent_outcome outcome = intent_confirm(intent, method, charge, twist);
    if (own.len > 0 && outcome != INTENT_OUTCOME_STATE)
        (void)snprintf(intent->method_id, sizeof intent->method_id, METHOD_OWN "%.*s",
                       SLICE_ARG(own));
    conclude(call, intent, outcome);
}

/* ---- operations ---- */

void calls_intent_create(struct call *call)
{
    struct intent intent = {.status = INTENT_REQUIRES_PAYMENT_METHOD, .created_s = call_now_s()};
    char secret[40];
    if (!read_create(call, &intent))
        return;
    calls_make_id("pi_", 24, sizeof intent.id, intent.id);
    calls_make_id("_secret_", 25, sizeof secret, secret);
    (void)snprintf(intent.secret, sizeof intent.secret, "%s%s", intent.id, secret);
    call->keep = true;
    books_save_intent(call->books, &intent);
    if (slice_equal(call_field(call, "confirm"), SLICE("true")))
        confirm(call, &intent);
    else
        answer_intent(call, &intent);
}

void calls_intent_confirm(struct call *call)
{
    struct intent intent;
    if (find_intent(call, &intent) &&
        KNOWS(call, "client_secret", "payment_method", "payment_method_data[", "return_url",
              "payment_method_options[", "use_stripe_sdk", "off_session", "receipt_email",
              "setup_future_usage", "shipping[", "mandate_data["))
        confirm(call, &intent);
}

void calls_intent_capture(struct call *call)
{
    struct intent intent;
    struct slice text = call_field(call, "amount_to_capture");
    int64_t amount = 0;
    if (!find_intent(call, &intent) ||
        !KNOWS(call, "amount_to_capture", "metadata[", "final_capture", "statement_descriptor",
               "statement_descriptor_suffix", "application_fee_amount", "transfer_data["))
        return;
    if (text.len && (!call_integer(text, &amount) || amount == 0)) {
        call_refuse(call, "parameter_invalid_integer", "amount_to_capture",
                    "This value must be greater than 0.");
        return;
    }
    call->keep = true;
    if (call->fault.kind == FAULT_FAIL && intent_lapse(&intent, call_now_s())) {
        books_save_intent(call->books, &intent);
        call_emit_intent(call, "payment_intent.canceled", &intent);
    }
    if (intent.status == INTENT_REQUIRES_CAPTURE && amount > intent.capturable) {
        call_refuse(call, "amount_too_large", "amount_to_capture",
                    "The amount to capture is more than was authorised.");
        return;
    }
    if (!intent_capture(&intent, amount)) {
        refuse_state(call, &intent, "captured");
        return;
    }
    books_save_intent(call->books, &intent);
    taken(call, &intent);
    call_emit_intent(call, "payment_intent.succeeded", &intent);
    answer_intent(call, &intent);
}

void calls_intent_cancel(struct call *call)
{
    static const char *const reasons[] = {"", "duplicate", "fraudulent", "requested_by_customer",
                                          "abandoned"};
    struct intent intent;
    struct slice given = call_field(call, "cancellation_reason");
    const char *reason = NULL;
    if (!find_intent(call, &intent) || !KNOWS(call, "cancellation_reason"))
        return;
    for (size_t i = 0; i < sizeof reasons / sizeof reasons[0]; i++)
        if (slice_equal(given, slice_from_string(reasons[i])))
            reason = reasons[i];
    if (!reason) {
        call_refuse(call, NULL, "cancellation_reason",
                    "Invalid cancellation_reason: must be one of duplicate, fraudulent, "
                    "requested_by_customer, or abandoned");
        return;
    }
    call->keep = true;
    if (!intent_cancel(&intent, reason, call_now_s())) {
        refuse_state(call, &intent, "canceled");
        return;
    }
    books_save_intent(call->books, &intent);
    call_emit_intent(call, "payment_intent.canceled", &intent);
    answer_intent(call, &intent);
}

void calls_intent_retrieve(struct call *call)
{
    struct intent intent;
    if (find_intent(call, &intent))
        answer_intent(call, &intent);
}

static bool list_intent(void *context, const struct intent *intent)
{
    struct call_list *list = context;
    if (!call_list_room(list))
        return false;
    wire_intent(&list->j, NULL, intent, &(struct wire_view){.secret_key = true});
    return true;
}

void calls_intent_list(struct call *call)
{
    struct call_list list;
    struct intent last;
    bool found = books_find_intent(call->books, call_field(call, "starting_after"), 0, &last);
    if (!call_list_begin(call, found, found ? last.row : 0, &list))
        return;
    books_each_intent(call->books, &list.query, list_intent, &list);
    call_list_end(&list, "/v1/payment_intents");
}

void calls_charge_retrieve(struct call *call)
{
    struct intent intent;
    if (!books_find_charge(call->books, call->id, &intent)) {
        call_missing(call, "charge", "charge", call->id);
        return;
    }
    struct books_text movement = books_movement_of(call->books, intent.charge, false);
    struct json j = call_answer(call);
    wire_charge(&j, NULL, &intent, movement.text);
}

/* ---- what happens by itself ---- */

void calls_authenticate(struct call *call)
{
    struct intent intent;
    struct slice word = call_field(call, "outcome");
    bool proved = slice_equal(word, SLICE("succeed"));
    if (!proved && !slice_equal(word, SLICE("fail")))
        call_refuse(call, NULL, "outcome", "The outcome must be \"succeed\" or \"fail\".");
    else if (find_intent(call, &intent))
        conclude(call, &intent, intent_authenticate(&intent, proved));
}

void call_settle(struct call *call, int64_t intent_row)
{
    struct intent intent;
    if (books_find_intent(call->books, slice_make("", 0), intent_row, &intent) &&
        intent.status == INTENT_PROCESSING)
        conclude(call, &intent, intent_settle(&intent));
}
