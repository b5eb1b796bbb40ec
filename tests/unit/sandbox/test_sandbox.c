/* The sandbox over real HTTP: its calls, answers, keys, webhooks, faults and memory. */
#include "support.h"

#include "effects/stripe.h"

static void a_purchase_goes_from_create_to_captured_with_signed_webhooks(void **state)
{
    struct rig *rig = *state;
    struct intent_name intent = rig_create(rig, "a");
    assert_int_equal(rig_confirm(rig, &intent, "pm_card_visa"), 200);
    assert_string_equal(rig_text(rig, "status"), "requires_capture");
    assert_int_equal(rig_do(rig, &intent, "capture", ""), 200);
    assert_int_equal(rig_number(rig, "amount_received"), 12550);
    receiver_wait(&rig->receiver, 2);
    assert_string_equal(rig->receiver.list[0].type, "payment_intent.amount_capturable_updated");
    assert_string_equal(rig->receiver.list[1].type, "payment_intent.succeeded");
    for (int i = 0; i < 2; i++) {
        static const char *const secrets[] = {WEBHOOK_SECRET};
        const struct received *r = &rig->receiver.list[i];
        const struct stripe_signature signature = {.header = slice_from_string(r->signature),
                                                   .body = slice_from_string(r->body),
                                                   .secrets = secrets,
                                                   .secret_count = 1,
                                                   .now_s = (uint64_t)time(NULL)};
        struct stripe_event event;
        struct err err;
        assert_true(stripe_signature_valid(&signature));
        assert_int_equal(stripe_event_read(signature.body, &event, &err), 0);
        assert_string_equal(event.intent.order_id, "ord_1");
        assert_string_equal(event.intent.id, intent.id);
    }
}

static void each_test_card_does_what_stripe_says(void **state)
{
    static const struct {
        const char *method, *status, *code, *decline_code;
    } rows[] = {
        {"pm_card_visa", "requires_capture", "", ""},
        {"pm_card_mastercard", "requires_capture", "", ""},
        {"pm_card_chargeDeclined", "requires_payment_method", "card_declined", "generic_decline"},
        {"pm_card_visa_chargeDeclined", "requires_payment_method", "card_declined",
         "generic_decline"},
        {"pm_card_chargeDeclinedInsufficientFunds", "requires_payment_method", "card_declined",
         "insufficient_funds"},
        {"pm_card_chargeDeclinedExpiredCard", "requires_payment_method", "expired_card", ""},
        {"pm_card_chargeDeclinedIncorrectCvc", "requires_payment_method", "incorrect_cvc", ""},
        {"pm_card_chargeDeclinedProcessingError", "requires_payment_method", "processing_error",
         ""},
        {"pm_card_authenticationRequired", "requires_action", "", ""},
    };
    struct rig *rig = *state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct intent_name intent = rig_create(rig, NULL);
        bool declined = rows[i].code[0] != '\0';
        assert_int_equal(rig_confirm(rig, &intent, rows[i].method), declined ? 402 : 200);
        assert_string_equal(rig_text(rig, "error.code"), rows[i].code);
        assert_string_equal(rig_text(rig, "error.decline_code"), rows[i].decline_code);
        assert_string_equal(rig_status_of(rig, &intent), rows[i].status);
    }
}

static void card_numbers_may_be_given_instead_of_methods(void **state)
{
    static const struct {
        const char *number, *code;
    } rows[] = {
        {"4242424242424242", ""},
        {"4242+4242+4242+4242", ""},
        {"4000000000000002", "card_declined"},
        {"4000000000009995", "card_declined"},
        {"4242424242424241", "incorrect_number"},
        {"4929420573595709", "card_declined"}, /* a real-looking card */
        {"hello", "incorrect_number"},
    };
    struct rig *rig = *state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct intent_name intent = rig_create(rig, NULL);
        char body[256];
        (void)snprintf(body, sizeof body,
                       "payment_method_data[type]=card&payment_method_data[card][number]=%s",
                       rows[i].number);
        assert_int_equal(rig_do(rig, &intent, "confirm", body), rows[i].code[0] ? 402 : 200);
        assert_string_equal(rig_text(rig, "error.code"), rows[i].code);
    }
}

/* The fingerprint of the card that paid, asked for as src/effects does. */
static void fingerprint_of(struct rig *rig, const char *method, char ret_text[40])
{
    struct intent_name intent = rig_create(rig, NULL);
    char path[200];
    assert_int_equal(rig_confirm(rig, &intent, method), 200);
    (void)snprintf(path, sizeof path, "/v1/payment_intents/%s?expand%%5B%%5D=latest_charge",
                   intent.id);
    assert_int_equal(rig_ask(rig, &(struct ask){.path = path}), 200);
    assert_string_equal(rig_text(rig, "latest_charge.payment_intent"), intent.id);
    (void)snprintf(ret_text, 40, "%s",
                   rig_text(rig, "latest_charge.payment_method_details.card.fingerprint"));
    path[strcspn(path, "?")] = '\0'; /* who does not ask learns the charge's name */
    assert_int_equal(rig_ask(rig, &(struct ask){.path = path}), 200);
    assert_true(strncmp(rig_text(rig, "latest_charge"), "ch_", 3) == 0);
}

static void a_card_has_one_fingerprint_whoever_pays_with_it(void **state)
{
    struct rig *rig = *state;
    char visa[40], again[40], master[40], own[40], own_again[40], other[40];
    fingerprint_of(rig, "pm_card_visa", visa);
    fingerprint_of(rig, "pm_card_visa", again);
    fingerprint_of(rig, "pm_card_mastercard", master);
    fingerprint_of(rig, "pm_card_visa_17", own);
    fingerprint_of(rig, "pm_card_visa_17", own_again);
    fingerprint_of(rig, "pm_card_visa_18", other);
    assert_int_equal(strlen(visa), 16);
    assert_string_equal(visa, again);
    assert_string_equal(own, own_again);
    assert_string_not_equal(visa, master);
    assert_string_not_equal(visa, own);
    assert_string_not_equal(own, other);
}

static void a_declined_card_may_be_followed_by_a_good_one(void **state)
{
    struct rig *rig = *state;
    struct intent_name intent = rig_create(rig, NULL);
    assert_int_equal(rig_confirm(rig, &intent, "pm_card_chargeDeclined"), 402);
    assert_string_equal(rig_text(rig, "error.payment_intent.id"), intent.id);
    assert_int_equal(rig_confirm(rig, &intent, "pm_card_visa"), 200);
    assert_string_equal(rig_status_of(rig, &intent), "requires_capture");
}

static void proving_who_you_are_leads_on_and_failing_to_leads_back(void **state)
{
    struct rig *rig = *state;
    for (int proved = 0; proved < 2; proved++) {
        struct intent_name intent = rig_create(rig, NULL);
        char path[128];
        assert_int_equal(rig_confirm(rig, &intent, "pm_card_authenticationRequired"), 200);
        assert_string_equal(rig_text(rig, "next_action.type"), "use_stripe_sdk");
        (void)snprintf(path, sizeof path, "%s", rig_text(rig, "next_action.use_stripe_sdk.path"));
        assert_int_equal(rig_ask(rig, &(struct ask){.path = path,
                                                    .key = "",
                                                    .body = proved ? "{\"outcome\":\"succeed\"}"
                                                                   : "{\"outcome\":\"fail\"}"}),
                         proved ? 200 : 402);
        assert_string_equal(rig_status_of(rig, &intent),
                            proved ? "requires_capture" : "requires_payment_method");
        assert_int_equal(rig_ask(rig, &(struct ask){.path = path, .key = "", .body = "{}"}), 400);
    }
}

static void calls_out_of_order_are_refused_and_change_nothing(void **state)
{
    struct rig *rig = *state;
    struct intent_name intent = rig_create(rig, NULL);
    assert_int_equal(rig_do(rig, &intent, "capture", ""), 400);
    assert_string_equal(rig_text(rig, "error.code"), "payment_intent_unexpected_state");
    assert_string_equal(rig_text(rig, "error.payment_intent.status"), "requires_payment_method");
    assert_int_equal(rig_confirm(rig, &intent, "pm_card_visa"), 200);
    assert_int_equal(rig_confirm(rig, &intent, "pm_card_visa"), 400);
    assert_int_equal(rig_do(rig, &intent, "capture", "amount_to_capture=12551"), 400);
    assert_int_equal(rig_do(rig, &intent, "capture", "amount_to_capture=12000"), 200);
    assert_int_equal(rig_number(rig, "amount_received"), 12000);
    assert_int_equal(rig_do(rig, &intent, "cancel", ""), 400);
    assert_string_equal(rig_status_of(rig, &intent), "succeeded");
    intent = rig_create(rig, NULL);
    assert_int_equal(rig_do(rig, &intent, "cancel", "cancellation_reason=abandoned"), 200);
    assert_int_equal(rig_do(rig, &intent, "cancel", ""), 400);
    assert_int_equal(rig_confirm(rig, &intent, "pm_card_visa"), 400);
}

static void bad_requests_are_refused_with_the_parameter_named(void **state)
{
    static const struct {
        const char *body, *param;
    } rows[] = {
        {"currency=eur", "amount"},
        {"amount=0&currency=eur", "amount"},
        {"amount=-5&currency=eur", "amount"},
        {"amount=1.5&currency=eur", "amount"},
        {"amount=100000000&currency=eur", "amount"},
        {"amount=100", "currency"},
        {"amount=100&currency=e1r", "currency"},
        {"amount=100&currency=euro", "currency"},
        {"amount=100&currency=eur&capture_method=later", "capture_method"},
        {"amount=100&currency=eur&colour=red", "colour"},
    };
    struct rig *rig = *state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        assert_int_equal(
            rig_ask(rig, &(struct ask){.path = "/v1/payment_intents", .body = rows[i].body}), 400);
        assert_string_equal(rig_text(rig, "error.param"), rows[i].param);
    }
    assert_int_equal(
        rig_ask(rig, &(struct ask){.path = "/v1/payment_intents", .body = "amount=%zz"}), 400);
}

static void keys_open_what_they_should_and_no_more(void **state)
{
    struct rig *rig = *state;
    struct intent_name intent = rig_create(rig, NULL), other = rig_create(rig, NULL);
    char path[200], body[256];
    (void)snprintf(path, sizeof path, "/v1/payment_intents/%s", intent.id);
    assert_int_equal(rig_ask(rig, &(struct ask){.path = path, .key = ""}), 401);
    assert_int_equal(rig_ask(rig, &(struct ask){.path = path, .key = "sk_test_2"}), 401);
    assert_int_equal(rig_ask(rig, &(struct ask){.path = path, .key = PUBLISHABLE_KEY}), 404);
    (void)snprintf(path, sizeof path, "/v1/payment_intents/%s?client_secret=%s", intent.id,
                   intent.secret);
    assert_int_equal(rig_ask(rig, &(struct ask){.path = path, .key = PUBLISHABLE_KEY}), 200);
    assert_null(json_object_get(rig->answer, "metadata"));
    (void)snprintf(path, sizeof path, "/v1/payment_intents/%s/confirm", intent.id);
    (void)snprintf(body, sizeof body, "client_secret=%s&payment_method=pm_card_visa", other.secret);
    assert_int_equal(
        rig_ask(rig, &(struct ask){.path = path, .key = PUBLISHABLE_KEY, .body = body}), 404);
    (void)snprintf(path, sizeof path, "/v1/payment_intents/%s/capture", intent.id);
    assert_int_equal(rig_ask(rig, &(struct ask){.path = path, .key = PUBLISHABLE_KEY, .body = ""}),
                     403);
}

static void the_same_key_gets_the_same_answer_even_after_a_restart(void **state)
{
    struct rig *rig = *state;
    struct intent_name first = rig_create(rig, "once");
    assert_false(rig->replayed);
    struct intent_name again = rig_create(rig, "once");
    assert_true(rig->replayed);
    assert_string_equal(first.id, again.id);
    rig_restart(rig);
    again = rig_create(rig, "once");
    assert_true(rig->replayed);
    assert_string_equal(first.secret, again.secret);
    const struct ask other = {
        .path = "/v1/payment_intents", .idempotency_key = "once", .body = "amount=1&currency=eur"};
    assert_int_equal(rig_ask(rig, &other), 400);
    assert_string_equal(rig_text(rig, "error.type"), "idempotency_error");
    assert_false(rig->replayed);
}

static void what_was_captured_is_captured_after_a_restart(void **state)
{
    struct rig *rig = *state;
    struct intent_name intent = rig_create(rig, NULL), open = rig_create(rig, NULL);
    rig_confirm(rig, &intent, "pm_card_visa");
    assert_int_equal(rig_do(rig, &intent, "capture", ""), 200);
    rig_restart(rig);
    assert_string_equal(rig_status_of(rig, &intent), "succeeded");
    assert_string_equal(rig_status_of(rig, &open), "requires_payment_method");
    assert_int_equal(rig_ask(rig, &(struct ask){.path = "/sandbox/books", .key = ""}), 200);
    const json_t *line = json_array_get(json_object_get(rig->answer, "intents"), 0);
    assert_int_equal(json_integer_value(json_object_get(line, "amount_captured")), 12550);
    assert_string_equal(
        json_string_value(json_object_get(json_object_get(line, "metadata"), "order_id")), "ord_1");
}

static void a_webhook_that_is_refused_is_sent_again_in_order(void **state)
{
    struct rig *rig = *state;
    pthread_mutex_lock(&rig->receiver.lock);
    rig->receiver.refuse = 2;
    pthread_mutex_unlock(&rig->receiver.lock);
    struct intent_name intent = rig_create(rig, NULL);
    rig_confirm(rig, &intent, "pm_card_visa");
    rig_do(rig, &intent, "capture", "");
    receiver_wait(&rig->receiver, 2);
    assert_string_equal(rig->receiver.list[0].type, "payment_intent.amount_capturable_updated");
    assert_string_equal(rig->receiver.list[1].type, "payment_intent.succeeded");
}

static void webhooks_that_nobody_took_are_sent_after_a_restart(void **state)
{
    struct rig *rig = *state;
    pthread_mutex_lock(&rig->receiver.lock);
    rig->receiver.refuse = 1;
    pthread_mutex_unlock(&rig->receiver.lock);
    struct intent_name intent = rig_create(rig, NULL);
    rig_confirm(rig, &intent, "pm_card_visa");
    rig_restart(rig);
    receiver_wait(&rig->receiver, 1);
    assert_string_equal(rig->receiver.list[0].intent, intent.id);
}

/* ---- faults ---- */

static void a_delayed_call_is_done_later(void **state)
{
    struct rig *rig = *state;
    struct intent_name intent = rig_create(rig, NULL);
    rig_fault(rig, "{\"on\":\"confirm\",\"fault\":\"delay\",\"ms\":200,\"times\":1}");
    assert_int_equal(rig_confirm(rig, &intent, "pm_card_visa"), 200);
    assert_string_equal(rig_text(rig, "status"), "requires_capture");
}

static void a_dropped_call_is_not_done_and_not_answered(void **state)
{
    struct rig *rig = *state;
    struct intent_name intent = rig_create(rig, NULL);
    rig_confirm(rig, &intent, "pm_card_visa");
    rig_fault(rig, "{\"on\":\"capture\",\"fault\":\"drop\",\"ms\":100,\"times\":1}");
    assert_int_equal(rig_do(rig, &intent, "capture", ""), 504);
    assert_string_equal(rig_status_of(rig, &intent), "requires_capture");
    assert_int_equal(rig_do(rig, &intent, "capture", ""), 200);
}

static void a_call_that_times_out_after_is_done(void **state)
{
    struct rig *rig = *state;
    struct intent_name intent = rig_create(rig, NULL);
    rig_confirm(rig, &intent, "pm_card_visa");
    rig_fault(rig, "{\"on\":\"capture\",\"fault\":\"timeout_after\",\"times\":1}");
    char path[200];
    (void)snprintf(path, sizeof path, "/v1/payment_intents/%s/capture", intent.id);
    const struct ask ask = {.path = path, .body = "", .idempotency_key = "cap", .timeout_ms = 300};
    assert_int_equal(rig_ask(rig, &ask), 0);
    assert_string_equal(rig_status_of(rig, &intent), "succeeded");
    assert_int_equal(rig_ask(rig, &ask), 200); /* the same key: what it had come to */
    assert_true(rig->replayed);
}

static void a_late_confirmation_is_processing_first(void **state)
{
    struct rig *rig = *state;
    struct intent_name intent = rig_create(rig, NULL);
    rig_fault(rig, "{\"on\":\"confirm\",\"fault\":\"late\",\"ms\":200,\"times\":1}");
    assert_int_equal(rig_confirm(rig, &intent, "pm_card_visa"), 200);
    assert_string_equal(rig_text(rig, "status"), "processing");
    receiver_wait(&rig->receiver, 2);
    assert_string_equal(rig->receiver.list[1].type, "payment_intent.amount_capturable_updated");
    assert_string_equal(rig_status_of(rig, &intent), "requires_capture");
}

static void a_late_confirmation_is_decided_even_after_a_restart(void **state)
{
    struct rig *rig = *state;
    struct intent_name intent = rig_create(rig, NULL);
    rig_fault(rig, "{\"on\":\"confirm\",\"fault\":\"late\",\"ms\":600000,\"times\":1}");
    rig_confirm(rig, &intent, "pm_card_visa");
    rig_restart(rig);
    assert_string_equal(rig_status_of(rig, &intent), "requires_capture");
}

static void an_error_500_is_stored_under_its_key(void **state)
{
    struct rig *rig = *state;
    const struct ask ask = {.path = "/v1/payment_intents",
                            .body = "amount=100&currency=eur",
                            .idempotency_key = "broken"};
    rig_fault(rig, "{\"on\":\"create\",\"fault\":\"error_500\",\"times\":1}");
    assert_int_equal(rig_ask(rig, &ask), 500);
    assert_false(rig->replayed);
    assert_int_equal(rig_ask(rig, &ask), 500);
    assert_true(rig->replayed);
}

static void webhooks_are_dropped_doubled_and_overtaken_on_demand(void **state)
{
    struct rig *rig = *state;
    struct intent_name intent = rig_create(rig, NULL);
    rig_fault(rig, "{\"on\":\"webhook\",\"fault\":\"drop\",\"times\":1}");
    rig_fault(rig, "{\"on\":\"webhook\",\"fault\":\"duplicate\",\"times\":1}");
    rig_confirm(rig, &intent, "pm_card_chargeDeclined"); /* dropped */
    rig_confirm(rig, &intent, "pm_card_visa");           /* doubled */
    receiver_wait(&rig->receiver, 2);
    assert_string_equal(rig->receiver.list[0].body, rig->receiver.list[1].body);
    struct intent_name second = rig_create(rig, NULL);
    rig_fault(rig, "{\"on\":\"webhook\",\"fault\":\"reorder\",\"ms\":500,\"times\":1}");
    rig_confirm(rig, &second, "pm_card_visa");
    rig_do(rig, &second, "capture", "");
    receiver_wait(&rig->receiver, 4);
    assert_string_equal(rig->receiver.list[2].type, "payment_intent.succeeded");
    assert_string_equal(rig->receiver.list[3].type, "payment_intent.amount_capturable_updated");
}

static void faults_are_listed_cleared_and_checked(void **state)
{
    static const char *const bad[] = {
        "",
        "[]",
        "{}",
        "{\"on\":\"lunch\",\"fault\":\"drop\"}",
        "{\"on\":\"create\",\"fault\":\"explode\"}",
        "{\"on\":\"create\",\"fault\":\"drop\",\"rate\":2}",
        "{\"on\":\"create\",\"fault\":\"drop\",\"times\":0}",
        "{\"on\":\"create\",\"fault\":\"delay\",\"ms\":-1}",
    };
    struct rig *rig = *state;
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
        assert_int_equal(
            rig_ask(rig, &(struct ask){.path = "/sandbox/faults", .key = "", .body = bad[i]}), 400);
    rig_fault(rig, "{\"on\":\"create\",\"fault\":\"error_500\",\"rate\":1.0}");
    assert_int_equal(json_array_size(json_object_get(rig->answer, "faults")), 1);
    assert_int_equal(
        rig_ask(rig, &(struct ask){.method = "DELETE", .path = "/sandbox/faults", .key = ""}), 200);
    assert_int_equal(json_array_size(json_object_get(rig->answer, "faults")), 0);
    rig_create(rig, NULL);
}

static void a_browser_of_another_origin_may_confirm(void **state)
{
    struct rig *rig = *state;
    struct curl_header *header;
    struct intent_name intent = rig_create(rig, NULL);
    char path[200];
    (void)snprintf(path, sizeof path, "/v1/payment_intents/%s/confirm", intent.id);
    assert_int_equal(rig_ask(rig, &(struct ask){.method = "OPTIONS", .path = path, .key = ""}),
                     204);
    assert_int_equal(
        curl_easy_header(rig->curl, "Access-Control-Allow-Origin", 0, CURLH_HEADER, -1, &header),
        CURLHE_OK);
    assert_string_equal(header->value, "*");
    assert_int_equal(
        curl_easy_header(rig->curl, "Access-Control-Allow-Headers", 0, CURLH_HEADER, -1, &header),
        CURLHE_OK);
    assert_non_null(strstr(header->value, "Authorization"));
}

static void the_page_and_unknown_addresses_answer(void **state)
{
    struct rig *rig = *state;
    assert_int_equal(rig_ask(rig, &(struct ask){.path = "/", .key = ""}), 200);
    buf_append_char(&rig->text, '\0');
    assert_non_null(strstr(rig->text.data, "Sandbox payments"));
    assert_int_equal(rig_ask(rig, &(struct ask){.path = "/v1/nothing"}), 404);
    assert_non_null(json_object_get(rig->answer, "error"));
}

static void a_port_that_is_taken_is_told(void **state)
{
    struct rig *rig = *state;
    struct sandbox_thread *second;
    struct err err;
    const struct sandbox_options options = {.data_dir = rig->folder,
                                            .port = sandbox_thread_port(rig->sandbox)};
    assert_int_equal(sandbox_thread_start(&options, &second, &err), -1);
    assert_true(err.detail[0] != '\0');
}

#define TEST(name, start) cmocka_unit_test_setup_teardown(name, start, rig_end)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_purchase_goes_from_create_to_captured_with_signed_webhooks, rig_with_receiver),
        TEST(each_test_card_does_what_stripe_says, rig_without_receiver),
        TEST(card_numbers_may_be_given_instead_of_methods, rig_without_receiver),
        TEST(a_card_has_one_fingerprint_whoever_pays_with_it, rig_without_receiver),
        TEST(a_declined_card_may_be_followed_by_a_good_one, rig_without_receiver),
        TEST(proving_who_you_are_leads_on_and_failing_to_leads_back, rig_without_receiver),
        TEST(calls_out_of_order_are_refused_and_change_nothing, rig_without_receiver),
        TEST(bad_requests_are_refused_with_the_parameter_named, rig_without_receiver),
        TEST(keys_open_what_they_should_and_no_more, rig_without_receiver),
        TEST(the_same_key_gets_the_same_answer_even_after_a_restart, rig_without_receiver),
        TEST(what_was_captured_is_captured_after_a_restart, rig_without_receiver),
        TEST(a_webhook_that_is_refused_is_sent_again_in_order, rig_with_receiver),
        TEST(webhooks_that_nobody_took_are_sent_after_a_restart, rig_with_receiver),
        TEST(a_delayed_call_is_done_later, rig_without_receiver),
        TEST(a_dropped_call_is_not_done_and_not_answered, rig_without_receiver),
        TEST(a_call_that_times_out_after_is_done, rig_without_receiver),
        TEST(a_late_confirmation_is_processing_first, rig_with_receiver),
        TEST(a_late_confirmation_is_decided_even_after_a_restart, rig_without_receiver),
        TEST(an_error_500_is_stored_under_its_key, rig_without_receiver),
        TEST(webhooks_are_dropped_doubled_and_overtaken_on_demand, rig_with_receiver),
        TEST(faults_are_listed_cleared_and_checked, rig_without_receiver),
        TEST(a_browser_of_another_origin_may_confirm, rig_without_receiver),
        TEST(the_page_and_unknown_addresses_answer, rig_without_receiver),
        TEST(a_port_that_is_taken_is_told, rig_without_receiver),
    };
    curl_global_init(CURL_GLOBAL_DEFAULT);
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    curl_global_cleanup();
    return failed;
}
