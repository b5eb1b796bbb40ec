/* Refunds, disputes, payouts, other ways to pay, and the faults that concern them, over real HTTP.
 * What the official client sees is in tests/contract/stripe. */
#include "support.h"

static int post(struct rig *rig, const char *path, const char *body)
{
    return rig_ask(rig, &(struct ask){.path = path, .body = body});
}

static int get(struct rig *rig, const char *path)
{
    return rig_ask(rig, &(struct ask){.path = path});
}

/* How long things take: one time for all. */
static void set_times(struct rig *rig, unsigned ms)
{
    char body[200];
    (void)snprintf(body, sizeof body,
                   "{\"processing_ms\":%u,\"refund_ms\":%u,\"dispute_ms\":%u,\"payout_ms\":%u}", ms,
                   ms, ms, ms);
    assert_int_equal(post(rig, "/sandbox/settings", body), 200);
}

/* A payment of 50 euros that was taken. */
static struct intent_name sell(struct rig *rig, const char *method)
{
    struct intent_name name = {.id = ""};
    char body[100];
    assert_int_equal(
        post(rig, "/v1/payment_intents", "amount=5000&currency=eur&metadata[order_id]=ord_1"), 200);
    (void)snprintf(name.id, sizeof name.id, "%s", rig_text(rig, "id"));
    (void)snprintf(body, sizeof body, "payment_method=%s", method);
    assert_int_equal(rig_do(rig, &name, "confirm", body), 200);
    assert_string_equal(rig_text(rig, "status"), "succeeded");
    return name;
}

static int refund(struct rig *rig, const struct intent_name *intent, const char *more)
{
    char body[300];
    (void)snprintf(body, sizeof body, "payment_intent=%s%s", intent->id, more);
    return post(rig, "/v1/refunds", body);
}

/* Waits for webhooks; gives the body of the first of a type. */
static const char *told(struct rig *rig, const char *type)
{
    for (int i = 0; i < 3000; i++) {
        const char *body = NULL;
        pthread_mutex_lock(&rig->receiver.lock);
        for (int k = 0; k < rig->receiver.count && !body; k++)
            if (strcmp(rig->receiver.list[k].type, type) == 0)
                body = rig->receiver.list[k].body;
        pthread_mutex_unlock(&rig->receiver.lock);
        if (body)
            return body;
        pause_ms(10);
    }
    fail_msg("no %s came", type);
    return "";
}

/* Asks until the answer's text is the wanted one. */
static void wait_for(struct rig *rig, const char *path, const char *name, const char *text)
{
    for (int i = 0; i < 3000; i++) {
        assert_int_equal(get(rig, path), 200);
        if (strcmp(rig_text(rig, name), text) == 0)
            return;
        pause_ms(10);
    }
    fail_msg("%s of %s never became %s", name, path, text);
}

/* The books' one balance, which must be right. */
static long long balance(struct rig *rig)
{
    assert_int_equal(get(rig, "/sandbox/books"), 200);
    const json_t *line = json_array_get(json_object_get(rig->answer, "balances"), 0);
    assert_true(!line || json_is_true(json_object_get(line, "balanced")));
    return json_integer_value(json_object_get(line, "balance"));
}

/* ---- refunds ---- */

static void a_refund_that_fails_later_gives_the_money_back_to_the_balance(void **state)
{
    struct rig *rig = *state;
    struct intent_name intent = sell(rig, "pm_card_visa");
    rig_fault(rig, "{\"on\":\"refund\",\"fault\":\"fail\",\"ms\":50,\"times\":1}");
    assert_int_equal(refund(rig, &intent, "&amount=2000"), 200);
    assert_string_equal(rig_text(rig, "status"), "succeeded");
    told(rig, "refund.failed");
    assert_int_equal(balance(rig), 5000);
    assert_int_equal(refund(rig, &intent, ""), 200); /* all of it can be refunded again */
    assert_int_equal(rig_number(rig, "amount"), 5000);
    assert_int_equal(balance(rig), 0);
}

static void a_pending_refund_succeeds_even_after_a_restart(void **state)
{
    struct rig *rig = *state;
    char path[100];
    struct intent_name intent = sell(rig, "pm_card_visa");
    rig_fault(rig, "{\"on\":\"refund\",\"fault\":\"pending\",\"ms\":600000,\"times\":1}");
    assert_int_equal(refund(rig, &intent, "&metadata[refund]=1"), 200);
    assert_string_equal(rig_text(rig, "status"), "pending");
    (void)snprintf(path, sizeof path, "/v1/refunds/%s", rig_text(rig, "id"));
    rig_restart(rig);
    wait_for(rig, path, "status", "succeeded");
    assert_string_equal(rig_text(rig, "metadata.refund"), "1");
}

static void a_refund_is_decided_on_demand(void **state)
{
    static const struct {
        const char *outcome, *status;
        long long left;
    } rows[] = {
        {"succeeded", "succeeded", 0}, {"failed", "failed", 5000}, {"canceled", "canceled", 5000}};
    struct rig *rig = *state;
    long long before = 0;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct intent_name intent = sell(rig, "pm_card_visa");
        char path[100], body[60];
        rig_fault(rig, "{\"on\":\"refund\",\"fault\":\"pending\",\"ms\":600000,\"times\":1}");
        assert_int_equal(refund(rig, &intent, ""), 200);
        (void)snprintf(path, sizeof path, "/sandbox/refunds/%s", rig_text(rig, "id"));
        (void)snprintf(body, sizeof body, "{\"outcome\":\"%s\"}", rows[i].outcome);
        assert_int_equal(post(rig, path, body), 200);
        assert_string_equal(rig_text(rig, "status"), rows[i].status);
        assert_int_equal(post(rig, path, "{\"outcome\":\"canceled\"}"), 400);
        before += rows[i].left;
        assert_int_equal(balance(rig), before);
    }
}

static void the_same_refund_key_refunds_once(void **state)
{
    struct rig *rig = *state;
    struct intent_name intent = sell(rig, "pm_card_visa");
    char body[100];
    (void)snprintf(body, sizeof body, "payment_intent=%s&amount=1000", intent.id);
    for (int i = 0; i < 3; i++) {
        const struct ask ask = {.path = "/v1/refunds", .body = body, .idempotency_key = "r"};
        assert_int_equal(rig_ask(rig, &ask), 200);
        assert_int_equal(rig->replayed, i > 0);
    }
    assert_int_equal(balance(rig), 4000);
}

/* ---- disputes ---- */

static void a_dispute_takes_the_money_and_gives_it_back_when_won(void **state)
{
    struct rig *rig = *state;
    struct intent_name intent = sell(rig, "pm_card_visa");
    char body[200], path[100];
    assert_int_equal(refund(rig, &intent, "&amount=1000"), 200);
    (void)snprintf(body, sizeof body, "{\"intent\":\"%s\",\"amount\":4001}", intent.id);
    assert_int_equal(post(rig, "/sandbox/disputes", body), 400);
    (void)snprintf(body, sizeof body, "{\"intent\":\"%s\",\"reason\":\"lunch\"}", intent.id);
    assert_int_equal(post(rig, "/sandbox/disputes", body), 400);
    (void)snprintf(body, sizeof body, "{\"intent\":\"%s\",\"reason\":\"general\"}", intent.id);
    assert_int_equal(post(rig, "/sandbox/disputes", body), 200);
    assert_int_equal(rig_number(rig, "amount"), 4000);
    (void)snprintf(path, sizeof path, "/sandbox/disputes/%s", rig_text(rig, "id"));
    assert_int_equal(balance(rig), 0);
    assert_int_equal(refund(rig, &intent, "&amount=1"), 400);
    assert_string_equal(rig_text(rig, "error.code"), "charge_disputed");
    assert_int_equal(post(rig, path, "{\"outcome\":\"draw\"}"), 400);
    assert_int_equal(post(rig, path, "{\"outcome\":\"won\"}"), 200);
    assert_string_equal(rig_text(rig, "status"), "won");
    assert_int_equal(post(rig, path, "{\"outcome\":\"lost\"}"), 400);
    assert_int_equal(balance(rig), 4000);
    assert_int_equal(refund(rig, &intent, ""), 200);
}

static void a_lost_dispute_bars_refunds_for_ever(void **state)
{
    struct rig *rig = *state;
    set_times(rig, 20);
    rig_fault(rig, "{\"on\":\"confirm\",\"fault\":\"dispute_lost\",\"ms\":20,\"times\":1}");
    struct intent_name intent = rig_create(rig, NULL);
    rig_confirm(rig, &intent, "pm_card_visa"); /* not taken yet: no dispute */
    rig_fault(rig, "{\"on\":\"capture\",\"fault\":\"dispute_lost\",\"ms\":20,\"times\":1}");
    assert_int_equal(rig_do(rig, &intent, "capture", ""), 200);
    told(rig, "charge.dispute.closed");
    assert_int_equal(refund(rig, &intent, ""), 400);
    assert_string_equal(rig_text(rig, "error.code"), "charge_disputed");
    assert_int_equal(balance(rig), 0);
    assert_int_equal(rig->receiver.count,
                     5); /* capturable, succeeded, created, withdrawn, closed */
}

static void an_inquiry_takes_nothing(void **state)
{
    struct rig *rig = *state;
    set_times(rig, 20);
    sell(rig, "pm_card_createDisputeInquiry");
    const char *body = told(rig, "charge.dispute.created");
    assert_non_null(strstr(body, "\"status\":\"warning_needs_response\""));
    assert_int_equal(balance(rig), 5000);
}

/* ---- other ways to pay ---- */

#define DEBIT                                                                 \
    "amount=5000&currency=eur&confirm=true&payment_method_types[]=sepa_debit" \
    "&payment_method_types[]=card&mandate_data[customer_acceptance][type]=offline&payment_method="

static void a_direct_debit_is_processing_until_it_succeeds_or_comes_back(void **state)
{
    struct rig *rig = *state;
    set_times(rig, 50);
    assert_int_equal(post(rig, "/v1/payment_intents", DEBIT "pm_success_de"), 200);
    assert_string_equal(rig_text(rig, "status"), "processing");
    struct intent_name intent = {.id = ""};
    (void)snprintf(intent.id, sizeof intent.id, "%s", rig_text(rig, "id"));
    assert_int_equal(rig_do(rig, &intent, "cancel", ""), 400); /* too late to take it back */
    told(rig, "payment_intent.succeeded");
    assert_int_equal(refund(rig, &intent, ""), 200);
    assert_string_equal(rig_text(rig, "status"), "pending");
    assert_int_equal(post(rig, "/v1/payment_intents", DEBIT "pm_failed_de"), 200);
    told(rig, "payment_intent.payment_failed");
    assert_int_equal(balance(rig), 0);
}

static void a_disputed_direct_debit_is_lost_at_once(void **state)
{
    struct rig *rig = *state;
    set_times(rig, 20);
    assert_int_equal(post(rig, "/v1/payment_intents", DEBIT "pm_disputed_de"), 200);
    const char *body = told(rig, "charge.dispute.closed");
    assert_non_null(strstr(body, "\"status\":\"lost\""));
    assert_int_equal(balance(rig), 0);
}

static void a_success_may_come_after_a_cancel_was_asked_for(void **state)
{
    struct rig *rig = *state;
    struct intent_name intent = rig_create(rig, NULL);
    rig_fault(rig, "{\"on\":\"confirm\",\"fault\":\"late\",\"ms\":150,\"times\":1}");
    rig_confirm(rig, &intent, "pm_card_visa");
    assert_int_equal(rig_do(rig, &intent, "cancel", ""), 400);
    assert_string_equal(rig_text(rig, "error.payment_intent.status"), "processing");
    told(rig, "payment_intent.amount_capturable_updated");
}

static void banks_pages_refuse_addresses_that_are_none(void **state)
{
    static const char *const bad[] = {"", "&return_url=javascript:alert(1)",
                                      "&return_url=http://x/%0d%0aSet-Cookie:a",
                                      "&return_url=//shop"};
    struct rig *rig = *state;
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        char body[300];
        (void)snprintf(body, sizeof body,
                       "amount=100&currency=eur&confirm=true&payment_method_types[]=ideal"
                       "&payment_method_data[type]=ideal%s",
                       bad[i]);
        assert_int_equal(post(rig, "/v1/payment_intents", body), 400);
        assert_string_equal(rig_text(rig, "error.param"), "return_url");
    }
}

/* ---- payouts ---- */

static void a_payout_takes_the_balance_and_a_failed_one_gives_it_back(void **state)
{
    struct rig *rig = *state;
    char path[100];
    set_times(rig, 600000);
    sell(rig, "pm_card_visa");
    assert_int_equal(post(rig, "/sandbox/payouts", "{}"), 200);
    assert_int_equal(balance(rig), 0);
    assert_int_equal(post(rig, "/v1/payouts", "amount=1&currency=eur"), 400);
    assert_string_equal(rig_text(rig, "error.code"), "balance_insufficient");
    assert_int_equal(get(rig, "/v1/payouts"), 200);
    const json_t *payout = json_array_get(json_object_get(rig->answer, "data"), 0);
    (void)snprintf(path, sizeof path, "/sandbox/payouts/%s",
                   json_string_value(json_object_get(payout, "id")));
    assert_int_equal(post(rig, path, "{\"outcome\":\"failed\"}"), 200);
    assert_int_equal(balance(rig), 5000);
    rig_fault(rig, "{\"on\":\"confirm\",\"fault\":\"payout\",\"ms\":10,\"times\":1}");
    sell(rig, "pm_card_visa");
    told(rig, "payout.failed");
    for (int i = 0; i < 3000 && balance(rig) != 0; i++)
        pause_ms(10);
    assert_int_equal(balance(rig), 0);
}

/* ---- faults ---- */

static void a_refused_call_did_nothing_and_may_be_asked_again(void **state)
{
    struct rig *rig = *state;
    struct curl_header *header;
    const struct ask ask = {.path = "/v1/payment_intents",
                            .body = "amount=100&currency=eur",
                            .idempotency_key = "again"};
    rig_fault(rig, "{\"on\":\"any\",\"fault\":\"rate_limit\",\"ms\":1500,\"times\":1}");
    rig_fault(rig, "{\"on\":\"create\",\"fault\":\"error_503\",\"times\":1}");
    assert_int_equal(rig_ask(rig, &ask), 429);
    assert_int_equal(curl_easy_header(rig->curl, "Retry-After", 0, CURLH_HEADER, -1, &header),
                     CURLHE_OK);
    assert_string_equal(header->value, "2");
    assert_int_equal(rig_ask(rig, &ask), 503);
    assert_int_equal(rig_ask(rig, &ask), 200);
    assert_false(rig->replayed);
}

static void an_error_500_may_hide_what_was_done(void **state)
{
    struct rig *rig = *state;
    struct intent_name intent = rig_create(rig, NULL);
    rig_confirm(rig, &intent, "pm_card_visa");
    rig_fault(rig, "{\"on\":\"capture\",\"fault\":\"error_500_after\",\"times\":1}");
    assert_int_equal(rig_do(rig, &intent, "capture", ""), 500);
    assert_string_equal(rig_status_of(rig, &intent), "succeeded");
}

static void a_lapsed_authorisation_cannot_be_captured(void **state)
{
    struct rig *rig = *state;
    struct intent_name intent = rig_create(rig, NULL);
    rig_confirm(rig, &intent, "pm_card_visa");
    rig_fault(rig, "{\"on\":\"capture\",\"fault\":\"fail\",\"times\":1}");
    assert_int_equal(rig_do(rig, &intent, "capture", ""), 400);
    assert_string_equal(rig_text(rig, "error.payment_intent.status"), "canceled");
    assert_int_equal(balance(rig), 0);
}

static void who_plays_dead_is_not_there_and_comes_back(void **state)
{
    struct rig *rig = *state;
    rig_fault(rig, "{\"on\":\"capture\",\"fault\":\"delay\",\"ms\":60000,\"times\":1}");
    struct intent_name intent = rig_create(rig, NULL);
    rig_confirm(rig, &intent, "pm_card_visa");
    char path[200];
    (void)snprintf(path, sizeof path, "/v1/payment_intents/%s/capture", intent.id);
    const struct ask slow = {.path = path, .body = "", .timeout_ms = 100};
    assert_int_equal(rig_ask(rig, &slow), 0); /* under way when the lights go out */
    rig_fault(rig, "{\"on\":\"list\",\"fault\":\"down\",\"ms\":400,\"times\":1}");
    assert_int_equal(get(rig, "/v1/refunds"), 0);
    for (int i = 0; i < 3000 && get(rig, "/v1/refunds") == 0; i++)
        pause_ms(10);
    assert_int_equal(rig->status, 200);
    assert_string_equal(rig_status_of(rig, &intent), "requires_capture");
    assert_int_equal(rig_do(rig, &intent, "capture", ""), 200);
}

/* Which of 40 creates meet a fault, as bits. */
static uint64_t dice(struct rig *rig, bool with_others)
{
    uint64_t bits = 0;
    assert_int_equal(rig_ask(rig, &(struct ask){.method = "DELETE", .path = "/sandbox/faults"}),
                     200);
    rig_fault(rig, "{\"on\":\"create\",\"fault\":\"error_503\",\"rate\":0.5}");
    if (with_others)
        rig_fault(rig, "{\"on\":\"list\",\"fault\":\"rate_limit\",\"rate\":0.5}");
    for (int i = 0; i < 40; i++) {
        if (with_others)
            (void)get(rig, "/v1/refunds");
        bits = bits << 1 | (post(rig, "/v1/payment_intents", "amount=1&currency=eur") == 503);
    }
    return bits;
}

static void the_same_seed_gives_the_same_faults_whatever_else_happens(void **state)
{
    struct rig *rig = *state;
    uint64_t first = dice(rig, false);
    assert_true(first != 0 && first != (1ull << 40) - 1);
    assert_true(first == dice(rig, true));
    rig_restart(rig);
    assert_true(first == dice(rig, true));
}

static void faults_that_cannot_happen_there_are_refused(void **state)
{
    static const char *const bad[] = {
        "{\"on\":\"webhook\",\"fault\":\"down\"}",
        "{\"on\":\"create\",\"fault\":\"dispute\"}",
        "{\"on\":\"list\",\"fault\":\"fail\"}",
        "{\"on\":\"capture\",\"fault\":\"pending\"}",
    };
    struct rig *rig = *state;
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
        assert_int_equal(post(rig, "/sandbox/faults", bad[i]), 400);
    rig_fault(rig, "{\"on\":\"list\",\"fault\":\"delay\"}");
    assert_int_equal(rig_ask(rig, &(struct ask){.method = "DELETE", .path = "/sandbox/faults/1"}),
                     200);
    assert_int_equal(rig_ask(rig, &(struct ask){.method = "DELETE", .path = "/sandbox/faults/1"}),
                     404);
}

/* ---- the whole ---- */

static void lists_go_on_page_by_page_and_books_can_be_cut(void **state)
{
    struct rig *rig = *state;
    char path[200] = "/v1/payment_intents?limit=3", last[64] = "";
    int seen = 0;
    for (int i = 0; i < 6; i++)
        rig_create(rig, NULL);
    for (bool more = true; more; seen++) {
        assert_int_equal(get(rig, path), 200);
        const json_t *data = json_object_get(rig->answer, "data");
        size_t count = json_array_size(data);
        more = json_is_true(json_object_get(rig->answer, "has_more"));
        assert_int_equal(count, 3);
        (void)snprintf(last, sizeof last, "%s",
                       json_string_value(json_object_get(json_array_get(data, count - 1), "id")));
        (void)snprintf(path, sizeof path, "/v1/payment_intents?limit=3&starting_after=%s", last);
    }
    assert_int_equal(seen, 2);
    assert_int_equal(get(rig, "/v1/payment_intents?starting_after=pi_none"), 404);
    assert_int_equal(get(rig, "/v1/refunds?limit=101"), 400);
    assert_int_equal(get(rig, "/v1/disputes?colour=red"), 400);
    assert_int_equal(get(rig, "/sandbox/books?limit=2&order=ord_1"), 200);
    assert_int_equal(json_array_size(json_object_get(rig->answer, "intents")), 2);
    assert_int_equal(get(rig, "/sandbox/books?order=ord_2"), 200);
    assert_int_equal(json_array_size(json_object_get(rig->answer, "intents")), 0);
}

static void the_books_balance_whatever_happens(void **state)
{
    static const char *const methods[] = {"pm_card_visa", "pm_card_refundFail",
                                          "pm_card_pendingRefund", "pm_card_createDispute"};
    struct rig *rig = *state;
    struct intent_name sold[40];
    set_times(rig, 5);
    rig_fault(rig, "{\"on\":\"refund\",\"fault\":\"error_500_after\",\"rate\":0.2}");
    rig_fault(rig, "{\"on\":\"refund\",\"fault\":\"fail\",\"rate\":0.2,\"ms\":5}");
    rig_fault(rig, "{\"on\":\"refund\",\"fault\":\"error_503\",\"rate\":0.2}");
    rig_fault(rig, "{\"on\":\"confirm\",\"fault\":\"dispute_won\",\"rate\":0.2,\"ms\":5}");
    srand(3);
    for (int i = 0; i < 40; i++) {
        char body[120];
        sold[i] = sell(rig, methods[rand() % 4]);
        for (int k = 0; k < 3; k++) {
            const struct intent_name *any = &sold[rand() % (i + 1)];
            (void)snprintf(body, sizeof body, "&amount=%d", 1 + rand() % 3000);
            (void)refund(rig, any, body);
            (void)snprintf(body, sizeof body, "{\"intent\":\"%s\",\"amount\":%d}", any->id,
                           1 + rand() % 2000);
            if (rand() % 4 == 0)
                (void)post(rig, "/sandbox/disputes", body);
        }
        if (i % 10 == 9)
            (void)post(rig, "/sandbox/payouts", "{}");
        (void)balance(rig);
    }
    rig_restart(rig);
    (void)balance(rig);
}

static void the_pages_bring_nothing_from_elsewhere(void **state)
{
    static const char *const paths[] = {"/", "/sandbox/page.js", "/sandbox/page.css"};
    struct rig *rig = *state;
    for (size_t i = 0; i < sizeof paths / sizeof paths[0]; i++) {
        struct curl_header *header;
        assert_int_equal(get(rig, paths[i]), 200);
        assert_int_equal(
            curl_easy_header(rig->curl, "Content-Security-Policy", 0, CURLH_HEADER, -1, &header),
            CURLHE_OK);
        assert_non_null(strstr(header->value, "default-src 'none'"));
        assert_null(strstr(header->value, "unsafe"));
        buf_append_char(&rig->text, '\0');
        assert_null(strstr(rig->text.data, "//cdn"));
        assert_null(strstr(rig->text.data, "http:"));
    }
}

#define TEST(name, start) cmocka_unit_test_setup_teardown(name, start, rig_end)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_refund_that_fails_later_gives_the_money_back_to_the_balance, rig_with_receiver),
        TEST(a_pending_refund_succeeds_even_after_a_restart, rig_without_receiver),
        TEST(a_refund_is_decided_on_demand, rig_without_receiver),
        TEST(the_same_refund_key_refunds_once, rig_without_receiver),
        TEST(a_dispute_takes_the_money_and_gives_it_back_when_won, rig_without_receiver),
        TEST(a_lost_dispute_bars_refunds_for_ever, rig_with_receiver),
        TEST(an_inquiry_takes_nothing, rig_with_receiver),
        TEST(a_direct_debit_is_processing_until_it_succeeds_or_comes_back, rig_with_receiver),
        TEST(a_disputed_direct_debit_is_lost_at_once, rig_with_receiver),
        TEST(a_success_may_come_after_a_cancel_was_asked_for, rig_with_receiver),
        TEST(banks_pages_refuse_addresses_that_are_none, rig_without_receiver),
        TEST(a_payout_takes_the_balance_and_a_failed_one_gives_it_back, rig_with_receiver),
        TEST(a_refused_call_did_nothing_and_may_be_asked_again, rig_without_receiver),
        TEST(an_error_500_may_hide_what_was_done, rig_without_receiver),
        TEST(a_lapsed_authorisation_cannot_be_captured, rig_without_receiver),
        TEST(who_plays_dead_is_not_there_and_comes_back, rig_without_receiver),
        TEST(the_same_seed_gives_the_same_faults_whatever_else_happens, rig_without_receiver),
        TEST(faults_that_cannot_happen_there_are_refused, rig_without_receiver),
        TEST(lists_go_on_page_by_page_and_books_can_be_cut, rig_without_receiver),
        TEST(the_books_balance_whatever_happens, rig_without_receiver),
        TEST(the_pages_bring_nothing_from_elsewhere, rig_without_receiver),
    };
    curl_global_init(CURL_GLOBAL_DEFAULT);
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    curl_global_cleanup();
    return failed;
}
