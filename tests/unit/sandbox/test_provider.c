/* Our client against the sandbox, both real, over loopback: the whole path and what goes wrong. */
#include "support.h"

#include "booking/records.h"
#include "effects/provider.h"

#define ORDERS 40

struct shop {
    struct rig rig;
    uv_loop_t loop;
    struct provider *provider;
    int news[ORDERS][16]; /* by kind */
    char intents[ORDERS][64], secrets[ORDERS][128], codes[ORDERS][64];
    int told;
    const char *methods; /* of new intents */
    struct stripe_page page;
    int listed, refunds_listed, disputes_listed; /* answers; objects in them */
};

static void see_refund(void *context, const struct stripe_refund *refund)
{
    ((struct shop *)context)->refunds_listed += refund->number > 0;
}

static void see_dispute(void *context, const struct stripe_dispute *dispute)
{
    ((struct shop *)context)->disputes_listed += dispute->status == STRIPE_DISPUTE_OPEN;
}

static void on_listed(void *context, int status, struct slice body)
{
    struct shop *s = context;
    struct err err;
    const struct stripe_page_visitor visitor = {
        .context = s, .refund = see_refund, .dispute = see_dispute};
    assert_int_equal(status, 200);
    if (stripe_page_read(body, &visitor, &s->page, &err) < 0)
        fail_msg("%s", err.detail);
    s->listed++;
    s->told++;
}

static bool on_news(void *context, const struct payments_news *news)
{
    struct shop *s = context;
    s->news[news->order][news->kind]++;
    s->told++;
    if (news->kind == BOOKING_PAYMENT_CREATED) {
        (void)snprintf(s->intents[news->order], 64, "%.*s", SLICE_ARG(news->intent));
        (void)snprintf(s->secrets[news->order], 128, "%.*s", SLICE_ARG(news->client_secret));
    }
    (void)snprintf(s->codes[news->order], 64, "%.*s", SLICE_ARG(news->code));
    return true;
}

static void open_provider(struct shop *s, const char *secret_key)
{
    struct err err;
    const struct provider_options options = {.loop = &s->loop,
                                             .api_base = s->rig.base,
                                             .secret_key = secret_key,
                                             .direct = true,
                                             .context = s,
                                             .news = on_news,
                                             .listed = on_listed};
    if (provider_create(&options, &s->provider, &err) < 0)
        fail_msg("%s", err.detail);
}

static int start(void **state)
{
    struct shop *s = calloc(1, sizeof *s);
    rig_start(&s->rig, false);
    uv_loop_init(&s->loop);
    open_provider(s, SECRET_KEY);
    *state = s;
    return 0;
}

static int stop(void **state)
{
    struct shop *s = *state;
    provider_destroy(s->provider);
    uv_run(&s->loop, UV_RUN_DEFAULT);
    assert_int_equal(uv_loop_close(&s->loop), 0);
    rig_stop(&s->rig);
    free(s);
    return 0;
}

static void owe(struct shop *s, uint32_t order, uint8_t kind)
{
    struct err err;
    char key[32], body[256];
    (void)snprintf(key, sizeof key, "order-%u-%u", order, kind);
    if (kind == BOOKING_CALL_REFUND)
        (void)snprintf(body, sizeof body,
                       "payment_intent=%s&amount=900&metadata[order_id]=ord_%u&metadata[refund]=3"
                       "&metadata[attempt]=1&reason=requested_by_customer",
                       s->intents[order], order);
    else
        (void)snprintf(body, sizeof body,
                       "amount=2500&currency=eur&capture_method=%s&metadata[order_id]=ord_%u",
                       s->methods ? s->methods : "manual", order);
    const struct payments_call call = {
        .partition = 1,
        .order = order,
        .order_random = 7,
        .kind = kind,
        .attempt = 1,
        .call_key = slice_from_string(key),
        .body = kind == BOOKING_CALL_CREATE || kind == BOOKING_CALL_REFUND ? slice_from_string(body)
                                                                           : slice_make("", 0),
        .intent = slice_from_string(s->intents[order]),
    };
    if (provider_owed(s->provider, &call, &err) < 0)
        fail_msg("%s", err.detail);
}

static void nothing(uv_timer_t *timer)
{
    (void)timer;
}

static void closed(uv_handle_t *handle)
{
    *(bool *)handle->data = true;
}

/* Runs the loop until so many news were told. */
static void run_until(struct shop *s, int told)
{
    uv_timer_t beat; /* so that the loop looks here even when nothing happens */
    bool gone = false;
    beat.data = &gone;
    uv_timer_init(&s->loop, &beat);
    uv_timer_start(&beat, nothing, 50, 50);
    for (int i = 0; i < 20000 && s->told < told; i++)
        uv_run(&s->loop, UV_RUN_ONCE);
    uv_close((uv_handle_t *)&beat, closed);
    while (!gone)
        uv_run(&s->loop, UV_RUN_NOWAIT);
    if (s->told < told)
        fail_msg("waited for %d news, %d came: %s", told, s->told,
                 provider_last_failure(s->provider));
}

static void pay_by(struct shop *s, uint32_t order, const char *method)
{
    struct intent_name name;
    (void)snprintf(name.id, sizeof name.id, "%.47s", s->intents[order]);
    (void)snprintf(name.secret, sizeof name.secret, "%.95s", s->secrets[order]);
    assert_int_equal(rig_confirm(&s->rig, &name, method), 200);
}

static void pay(struct shop *s, uint32_t order)
{
    pay_by(s, order, "pm_card_visa");
}

static void created_paid_and_captured(void **state)
{
    struct shop *s = *state;
    owe(s, 1, BOOKING_CALL_CREATE);
    run_until(s, 1);
    assert_int_equal(s->news[1][BOOKING_PAYMENT_CREATED], 1);
    pay(s, 1);
    owe(s, 1, BOOKING_CALL_CAPTURE);
    run_until(s, 2);
    assert_int_equal(s->news[1][BOOKING_PAYMENT_CAPTURED], 1);
    owe(s, 2, BOOKING_CALL_CREATE);
    run_until(s, 3);
    owe(s, 2, BOOKING_CALL_CANCEL);
    run_until(s, 4);
    assert_int_equal(s->news[2][BOOKING_PAYMENT_CANCELLED], 1);
}

static void a_payment_without_webhook_is_found_by_looking(void **state)
{
    struct shop *s = *state;
    struct err err;
    owe(s, 1, BOOKING_CALL_CREATE);
    run_until(s, 1);
    const struct payments_call call = {
        .partition = 1, .order = 1, .order_random = 7, .intent = slice_from_string(s->intents[1])};
    pay(s, 1);
    assert_int_equal(provider_watch(s->provider, &call, 1000, &err), 0);
    run_until(s, 2);
    assert_int_equal(s->news[1][BOOKING_PAYMENT_AUTHORISED], 1);
}

static void refusals_and_wrong_keys_are_told(void **state)
{
    struct shop *s = *state;
    owe(s, 1, BOOKING_CALL_CREATE);
    run_until(s, 1);
    owe(s, 1, BOOKING_CALL_CAPTURE); /* not paid yet */
    run_until(s, 2);
    assert_int_equal(s->news[1][BOOKING_PAYMENT_REFUSED], 1);
    provider_destroy(s->provider);
    open_provider(s, "sk_test_wrong");
    owe(s, 2, BOOKING_CALL_CREATE);
    run_until(s, 3);
    assert_int_equal(s->news[2][BOOKING_PAYMENT_REFUSED], 1);
}

static void a_provider_that_is_away_is_waited_for(void **state)
{
    struct shop *s = *state;
    uint16_t port = sandbox_thread_port(s->rig.sandbox);
    sandbox_thread_stop(s->rig.sandbox);
    owe(s, 1, BOOKING_CALL_CREATE);
    for (int i = 0; i < 3000 && provider_counters(s->provider).unknown == 0; i++)
        uv_run(&s->loop, UV_RUN_ONCE);
    assert_int_equal(s->told, 0);
    assert_true(provider_last_failure(s->provider)[0] != '\0');
    struct err err;
    const struct sandbox_options options = {.data_dir = s->rig.folder,
                                            .port = port,
                                            .secret_key = SECRET_KEY,
                                            .publishable_key = PUBLISHABLE_KEY};
    if (sandbox_thread_start(&options, &s->rig.sandbox, &err) < 0)
        fail_msg("%s", err.detail);
    run_until(s, 1);
    assert_int_equal(s->news[1][BOOKING_PAYMENT_CREATED], 1);
}

/* Captures that fail in every way that a client sees; the books must show each exactly once. */
static void under_faults_the_books_agree_with_the_news(void **state)
{
    struct shop *s = *state;
    for (uint32_t i = 0; i < ORDERS; i++)
        owe(s, i, BOOKING_CALL_CREATE);
    run_until(s, ORDERS);
    for (uint32_t i = 0; i < ORDERS; i++)
        pay(s, i);
    rig_fault(&s->rig, "{\"on\":\"capture\",\"fault\":\"error_500\",\"rate\":0.3,\"times\":20}");
    rig_fault(&s->rig, "{\"on\":\"capture\",\"fault\":\"timeout_after\",\"rate\":0.3,\"ms\":50,"
                       "\"times\":20}");
    rig_fault(&s->rig, "{\"on\":\"capture\",\"fault\":\"drop\",\"rate\":0.3,\"ms\":50,"
                       "\"times\":20}");
    rig_fault(&s->rig, "{\"on\":\"capture\",\"fault\":\"delay\",\"rate\":0.5,\"ms\":50}");
    for (uint32_t i = 0; i < ORDERS; i++)
        owe(s, i, BOOKING_CALL_CAPTURE);
    run_until(s, 2 * ORDERS);
    for (int i = 0; i < ORDERS; i++)
        assert_int_equal(s->news[i][BOOKING_PAYMENT_CAPTURED], 1);
    assert_int_equal(rig_ask(&s->rig, &(struct ask){.path = "/sandbox/books"}), 200);
    const json_t *intents = json_object_get(s->rig.answer, "intents");
    assert_int_equal(json_array_size(intents), ORDERS);
    for (size_t i = 0; i < ORDERS; i++)
        assert_int_equal(
            json_integer_value(json_object_get(json_array_get(intents, i), "amount_captured")),
            2500);
}

/* ---- refunds, slow payments, lists ---- */

static void sell(struct shop *s, uint32_t order, const char *method)
{
    int told = s->told;
    owe(s, order, BOOKING_CALL_CREATE);
    run_until(s, told + 1);
    pay_by(s, order, method);
    owe(s, order, BOOKING_CALL_CAPTURE);
    run_until(s, told + 2);
    assert_int_equal(s->news[order][BOOKING_PAYMENT_CAPTURED], 1);
}

static void list(struct shop *s, enum stripe_list which)
{
    struct err err;
    if (provider_list(s->provider, &(struct stripe_list_options){.list = which}, &err) < 0)
        fail_msg("%s", err.detail);
    run_until(s, s->told + 1);
}

static void a_refund_is_paid_back_and_stands_in_the_list(void **state)
{
    struct shop *s = *state;
    sell(s, 1, "pm_card_visa");
    owe(s, 1, BOOKING_CALL_REFUND);
    run_until(s, 3);
    assert_int_equal(s->news[1][BOOKING_PAYMENT_REFUNDED], 1);
    list(s, STRIPE_LIST_REFUNDS);
    assert_int_equal(s->refunds_listed, 1);
    list(s, STRIPE_LIST_INTENTS);
    assert_int_equal(s->page.count, 1);
    assert_false(s->page.more);
}

static void set_times(struct shop *s, const char *times)
{
    assert_int_equal(rig_ask(&s->rig, &(struct ask){.path = "/sandbox/settings", .body = times}),
                     200);
}

static void a_slow_refund_is_followed_to_its_end(void **state)
{
    struct shop *s = *state;
    set_times(s, "{\"refund_ms\":500}");
    sell(s, 1, "pm_card_pendingRefund");
    sell(s, 2, "pm_card_refundFail");
    owe(s, 1, BOOKING_CALL_REFUND);
    run_until(s, 5);
    assert_int_equal(s->news[1][BOOKING_PAYMENT_REFUNDED], 1);
    rig_fault(&s->rig, "{\"on\":\"refund\",\"fault\":\"pending\",\"ms\":500,\"times\":1}");
    owe(s, 2, BOOKING_CALL_REFUND);
    run_until(s, 6);
    assert_int_equal(s->news[2][BOOKING_PAYMENT_REFUND_FAILED], 1);
}

static void a_payment_that_takes_its_time_is_told_twice(void **state)
{
    struct shop *s = *state;
    struct err err;
    s->methods = "automatic&payment_method_types[]=sepa_debit";
    set_times(s, "{\"processing_ms\":1000}");
    owe(s, 1, BOOKING_CALL_CREATE);
    run_until(s, 1);
    pay_by(s, 1, "pm_success_de&mandate_data[customer_acceptance][type]=online");
    const struct payments_call call = {
        .partition = 1, .order = 1, .order_random = 7, .intent = slice_from_string(s->intents[1])};
    assert_int_equal(provider_watch(s->provider, &call, 0, &err), 0);
    run_until(s, 3);
    assert_int_equal(s->news[1][BOOKING_PAYMENT_PROCESSING], 1);
    assert_int_equal(s->news[1][BOOKING_PAYMENT_CAPTURED], 1);
}

static void a_dispute_stands_in_the_list(void **state)
{
    struct shop *s = *state;
    set_times(s, "{\"dispute_ms\":0}");
    sell(s, 1, "pm_card_createDispute");
    for (int i = 0; i < 100 && s->disputes_listed == 0; i++) {
        pause_ms(50);
        list(s, STRIPE_LIST_DISPUTES);
    }
    assert_int_equal(s->page.count, 1);
    assert_int_equal(s->disputes_listed, 1);
}

static void under_faults_nothing_is_paid_back_twice(void **state)
{
    struct shop *s = *state;
    for (uint32_t i = 0; i < ORDERS / 2; i++)
        sell(s, i, "pm_card_visa");
    rig_fault(&s->rig, "{\"on\":\"refund\",\"fault\":\"error_500\",\"rate\":0.3,\"times\":10}");
    rig_fault(&s->rig, "{\"on\":\"refund\",\"fault\":\"timeout_after\",\"rate\":0.4,\"ms\":50,"
                       "\"times\":10}");
    rig_fault(&s->rig, "{\"on\":\"refund\",\"fault\":\"drop\",\"rate\":0.3,\"ms\":50,"
                       "\"times\":10}");
    for (uint32_t i = 0; i < ORDERS / 2; i++)
        owe(s, i, BOOKING_CALL_REFUND);
    run_until(s, ORDERS + ORDERS / 2);
    assert_int_equal(rig_ask(&s->rig, &(struct ask){.path = "/sandbox/books"}), 200);
    const json_t *intents = json_object_get(s->rig.answer, "intents");
    for (size_t i = 0; i < ORDERS / 2; i++) {
        assert_int_equal(s->news[i][BOOKING_PAYMENT_REFUNDED], 1);
        assert_int_equal(
            json_integer_value(json_object_get(json_array_get(intents, i), "amount_refunded")),
            900);
    }
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, start, stop)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(created_paid_and_captured),
        TEST(a_payment_without_webhook_is_found_by_looking),
        TEST(refusals_and_wrong_keys_are_told),
        TEST(a_provider_that_is_away_is_waited_for),
        TEST(under_faults_the_books_agree_with_the_news),
        TEST(a_refund_is_paid_back_and_stands_in_the_list),
        TEST(a_slow_refund_is_followed_to_its_end),
        TEST(a_payment_that_takes_its_time_is_told_twice),
        TEST(a_dispute_stands_in_the_list),
        TEST(under_faults_nothing_is_paid_back_twice),
    };
    curl_global_init(CURL_GLOBAL_DEFAULT);
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    curl_global_cleanup();
    return failed;
}
