/* The outbox against a provider of the test's own: a model in memory with Stripe's rules (keys,
 * stored answers, states), a fake clock and faults by chance. Nothing sleeps. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "booking/records.h"
#include "effects/payments.h"

#include <stdio.h>
#include <stdlib.h>

#define ORDERS 60
#define PENDING_MAX 256
#define KEYS_MAX 4096

enum held { HELD_NONE, HELD_OPEN, HELD_AUTHORISED, HELD_CAPTURED, HELD_CANCELED };

struct stored {
    char key[64];
    int status;
    char body[512];
};

struct pending {
    uint64_t ticket, due_us;
    int status; /* 0: lost */
    bool replayed;
    char body[512];
};

struct world {
    struct payments *payments;
    uint64_t now_us, random;
    uint32_t fault_percent;
    bool news_refused_sometimes;
    enum held held[ORDERS];
    int captures[ORDERS]; /* how often money moved */
    int created[ORDERS];  /* intents the provider made for it */
    char intents[ORDERS][32];
    struct stored stored[KEYS_MAX];
    size_t stored_count;
    struct pending pending[PENDING_MAX];
    size_t pending_count;
    uint64_t sent[100000]; /* when each request went out */
    size_t sent_count, in_flight_most;
    int news[ORDERS][8]; /* by kind */
    char last_code[STRIPE_CODE_MAX];
    char last_card[STRIPE_FINGERPRINT_MAX + 1];
    char last_url[STRIPE_URL_MAX];
    bool silent; /* the provider is down */
};

static uint64_t chance(struct world *w)
{
    uint64_t z = w->random += 0x9e3779b97f4a7c15u;
    z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9u;
    z = (z ^ z >> 27) * 0x94d049bb133111ebu;
    return z ^ z >> 31;
}

static bool fault(struct world *w)
{
    return chance(w) % 100 < w->fault_percent;
}

static const char *status_word(enum held held)
{
    static const char *const words[] = {"", "requires_payment_method", "requires_capture",
                                        "succeeded", "canceled"};
    return words[held];
}

static void intent_body(struct world *w, int order, char body[512])
{
    bool taken = w->held[order] == HELD_CAPTURED;
    char charge[128] = "null";
    if (w->held[order] > HELD_OPEN)
        (void)snprintf(charge, sizeof charge,
                       "{\"payment_method_details\":{\"card\":{\"fingerprint\":\"card%d\"}}}",
                       order);
    (void)snprintf(body, 512,
                   "{\"id\":\"%s\",\"object\":\"payment_intent\",\"amount\":1000,"
                   "\"amount_received\":%d,\"client_secret\":\"%s_secret\",\"status\":\"%s\","
                   "\"latest_charge\":%s}",
                   w->intents[order], taken ? 1000 : 0, w->intents[order],
                   status_word(w->held[order]), charge);
}

static void error_body(const char *code, char body[512])
{
    (void)snprintf(body, 512, "{\"error\":{\"type\":\"invalid_request_error\",\"code\":\"%s\"}}",
                   code);
}

static int order_of_url(const char *url)
{
    const char *at = strstr(url, "pi_");
    return at ? atoi(at + 3) : -1;
}

/* What the provider does; the order of a create stands in its body. */
static int act(struct world *w, const struct stripe_request *request, char body[512])
{
    const char *url = request->url;
    if (request->post && !strstr(url, "pi_")) {
        int order = atoi(request->body.data);
        w->created[order]++;
        w->held[order] = HELD_OPEN;
        (void)snprintf(w->intents[order], sizeof w->intents[order], "pi_%d_%d", order,
                       w->created[order]);
        intent_body(w, order, body);
        return 200;
    }
    int order = order_of_url(url);
    enum held *held = &w->held[order];
    if (strstr(url, "/capture")) {
        if (*held != HELD_AUTHORISED) {
            error_body("payment_intent_unexpected_state", body);
            return 400;
        }
        *held = HELD_CAPTURED;
        w->captures[order]++;
    } else if (strstr(url, "/cancel")) {
        if (*held == HELD_CAPTURED || *held == HELD_CANCELED) {
            error_body("payment_intent_unexpected_state", body);
            return 400;
        }
        *held = HELD_CANCELED;
    }
    intent_body(w, order, body);
    return 200;
}

static const char *key_of(const struct stripe_request *request)
{
    for (uint32_t i = 0; i < request->header_count; i++)
        if (strncmp(request->headers[i], "Idempotency-Key: ", 17) == 0)
            return request->headers[i] + 17;
    return "";
}

static struct stored *find_stored(struct world *w, const char *key)
{
    for (size_t i = 0; *key && i < w->stored_count; i++)
        if (strcmp(w->stored[i].key, key) == 0)
            return &w->stored[i];
    return NULL;
}

static void answer_one(struct world *w, const struct stripe_request *request, struct pending *p)
{
    const char *key = key_of(request);
    struct stored *stored = find_stored(w, key);
    if (stored) {
        p->status = stored->status;
        p->replayed = true;
        memcpy(p->body, stored->body, sizeof p->body);
    } else if (fault(w) && chance(w) % 2) { /* not begun */
        p->status = chance(w) % 2 ? 429 : 409;
        error_body("lock_timeout", p->body);
        return;
    } else {
        bool broken = request->post && fault(w); /* a 500 that is kept, done or not */
        if (!broken || chance(w) % 2)
            p->status = act(w, request, p->body);
        if (broken) {
            p->status = 500;
            error_body("card_declined", p->body); /* must not be believed */
        }
        if (*key) {
            assert_true(w->stored_count < KEYS_MAX);
            struct stored *s = &w->stored[w->stored_count++];
            (void)snprintf(s->key, sizeof s->key, "%s", key);
            s->status = p->status;
            memcpy(s->body, p->body, sizeof s->body);
        }
    }
    if (fault(w)) { /* the answer is lost or garbled on its way */
        p->status = chance(w) % 2 ? 0 : 200;
        (void)snprintf(p->body, sizeof p->body, "<html>");
    }
}

static void port_send(void *context, uint64_t ticket, const struct stripe_request *request)
{
    struct world *w = context;
    assert_true(w->pending_count < PENDING_MAX);
    struct pending *p = &w->pending[w->pending_count++];
    *p = (struct pending){.ticket = ticket, .due_us = w->now_us + 1000 + chance(w) % 300000};
    (void)snprintf(w->last_url, sizeof w->last_url, "%s", request->url);
    if (w->sent_count < sizeof w->sent / sizeof w->sent[0])
        w->sent[w->sent_count++] = w->now_us;
    if (w->pending_count > w->in_flight_most)
        w->in_flight_most = w->pending_count;
    if (!w->silent && !fault(w))
        answer_one(w, request, p);
}

static uint64_t port_now(void *context)
{
    return ((struct world *)context)->now_us;
}

static uint64_t port_random(void *context)
{
    return chance(context);
}

static bool port_news(void *context, const struct payments_news *news)
{
    struct world *w = context;
    if (w->news_refused_sometimes && chance(w) % 3 == 0)
        return false;
    assert_true(news->order < ORDERS && news->kind < 8);
    assert_int_equal(news->order_random, news->order + 1000);
    w->news[news->order][news->kind]++;
    (void)snprintf(w->last_code, sizeof w->last_code, "%.*s", SLICE_ARG(news->code));
    (void)snprintf(w->last_card, sizeof w->last_card, "%.*s", SLICE_ARG(news->card));
    if (news->kind == BOOKING_PAYMENT_CREATED) {
        assert_true(news->client_secret.len > 0);
        /* The intent that the buyer will pay is the one that was told. */
        (void)snprintf(w->intents[news->order], sizeof w->intents[0], "%.*s",
                       SLICE_ARG(news->intent));
    }
    if (news->kind == BOOKING_PAYMENT_CAPTURED)
        assert_int_equal(news->amount_minor, 1000);
    return true;
}

static struct world *world_create(uint64_t seed, uint32_t fault_percent, uint32_t rate)
{
    struct world *w = calloc(1, sizeof *w);
    struct err err;
    assert_non_null(w);
    w->random = seed;
    w->now_us = 1000000;
    w->fault_percent = fault_percent;
    const struct payments_options options = {
        .account = {"http://provider", "sk_test_1"},
        .port = {w, port_send, port_now, port_random, port_news},
        .calls_per_second = rate,
        .in_flight = 8,
    };
    if (payments_create(&options, &w->payments, &err) < 0)
        fail_msg("%s", err.detail);
    return w;
}

static void world_destroy(struct world *w)
{
    payments_destroy(w->payments);
    free(w);
}

static void owe(struct world *w, uint32_t order, uint8_t kind)
{
    struct err err;
    char key[32], body[16];
    (void)snprintf(key, sizeof key, "key-%u-%u", order, kind);
    (void)snprintf(body, sizeof body, "%u;", order);
    const struct payments_call call = {
        .partition = 1,
        .order = order,
        .order_random = order + 1000,
        .kind = kind,
        .attempt = 1,
        .call_key = slice_from_string(key),
        .body = kind == BOOKING_CALL_CREATE ? slice_from_string(body) : slice_make("", 0),
        .intent =
            kind == BOOKING_CALL_CREATE ? slice_make("", 0) : slice_from_string(w->intents[order]),
    };
    if (payments_owed(w->payments, &call, &err) < 0)
        fail_msg("%s", err.detail);
}

static bool deliver(struct world *w)
{
    for (size_t i = 0; i < w->pending_count; i++)
        if (w->pending[i].due_us <= w->now_us) {
            struct pending p = w->pending[i];
            w->pending[i] = w->pending[--w->pending_count];
            payments_answer(w->payments, p.ticket,
                            &(struct stripe_reply){.status = p.status,
                                                   .replayed = p.replayed,
                                                   .body = slice_from_string(p.body)});
            return true;
        }
    return false;
}

/* Lets time pass until nothing is owed; at most `until_us`. */
static void run(struct world *w, uint64_t until_us)
{
    while (w->now_us < until_us) {
        while (deliver(w)) {
        }
        uint64_t wake = payments_tick(w->payments);
        if (payments_counters(w->payments).owed == 0 && w->pending_count == 0)
            return;
        for (size_t i = 0; i < w->pending_count; i++)
            if (w->pending[i].due_us < wake)
                wake = w->pending[i].due_us;
        assert_true(wake != UINT64_MAX); /* nothing would ever happen again */
        w->now_us = wake > w->now_us ? wake : w->now_us + 1;
    }
}

#define LONG_US 1000000000000ull /* eleven days */

static int news_count(const struct world *w, int order)
{
    int count = 0;
    for (int kind = 0; kind < 8; kind++)
        count += w->news[order][kind];
    return count;
}

static void without_faults_each_call_is_sent_and_told_once(void **state)
{
    struct world *w = world_create(1, 0, 0);
    (void)state;
    for (uint32_t i = 0; i < ORDERS; i++)
        owe(w, i, BOOKING_CALL_CREATE);
    run(w, LONG_US);
    for (int i = 0; i < ORDERS; i++) {
        assert_int_equal(w->news[i][BOOKING_PAYMENT_CREATED], 1);
        assert_int_equal(news_count(w, i), 1);
        assert_int_equal(w->created[i], 1);
    }
    assert_int_equal(w->sent_count, ORDERS);
    assert_true(w->in_flight_most <= 8);
    world_destroy(w);
}

/* Half are captured, half cancelled, while every third step goes wrong. */
static void check_seed(uint64_t seed)
{
    struct world *w = world_create(seed, 30, seed % 2 ? 80 : 0);
    w->news_refused_sometimes = true;
    for (uint32_t i = 0; i < ORDERS; i++)
        owe(w, i, BOOKING_CALL_CREATE);
    run(w, LONG_US);
    for (uint32_t i = 0; i < ORDERS; i++) {
        assert_int_equal(w->news[i][BOOKING_PAYMENT_CREATED], 1);
        assert_int_equal(news_count(w, (int)i), 1);
        w->held[i] = i % 4 == 3 ? HELD_OPEN : HELD_AUTHORISED;
        owe(w, i, i % 2 ? BOOKING_CALL_CANCEL : BOOKING_CALL_CAPTURE);
    }
    run(w, 2 * LONG_US);
    assert_int_equal(payments_counters(w->payments).owed, 0);
    for (int i = 0; i < ORDERS; i++) {
        int wanted = i % 2 ? BOOKING_PAYMENT_CANCELLED : BOOKING_PAYMENT_CAPTURED;
        if (w->news[i][wanted] != 1 || news_count(w, i) != 2)
            fail_msg("seed %llu, order %d: not told once what happened", (unsigned long long)seed,
                     i);
        assert_int_equal(w->held[i], i % 2 ? HELD_CANCELED : HELD_CAPTURED);
        assert_int_equal(w->captures[i], i % 2 ? 0 : 1);
    }
    world_destroy(w);
}

static void under_random_faults_each_call_is_answered_once_and_nothing_is_declined(void **state)
{
    (void)state;
    for (uint64_t seed = 1; seed <= 60; seed++)
        check_seed(seed);
}

static void a_call_that_is_owed_twice_is_queued_once(void **state)
{
    struct world *w = world_create(3, 0, 0);
    (void)state;
    owe(w, 1, BOOKING_CALL_CREATE);
    owe(w, 1, BOOKING_CALL_CREATE);
    payments_tick(w->payments);
    owe(w, 1, BOOKING_CALL_CREATE); /* in flight */
    assert_int_equal(payments_counters(w->payments).owed, 1);
    run(w, LONG_US);
    assert_int_equal(w->sent_count, 1);
    assert_int_equal(w->news[1][BOOKING_PAYMENT_CREATED], 1);
    world_destroy(w);
}

static void a_silent_provider_is_asked_again_for_ever_but_ever_more_rarely(void **state)
{
    struct world *w = world_create(4, 0, 0);
    (void)state;
    w->silent = true;
    owe(w, 1, BOOKING_CALL_CREATE);
    run(w, 1000000 + 3600ull * 1000000);
    assert_int_equal(news_count(w, 1), 0);
    /* Full jitter below a cap of a minute: about two a minute after the first doublings. */
    assert_true(w->sent_count > 60 && w->sent_count < 400);
    w->silent = false;
    run(w, LONG_US);
    assert_int_equal(w->news[1][BOOKING_PAYMENT_CREATED], 1);
    assert_int_equal(w->created[1], 1);
    world_destroy(w);
}

static void calls_keep_to_their_rate(void **state)
{
    struct world *w = world_create(5, 0, 20);
    (void)state;
    for (uint32_t i = 0; i < ORDERS; i++)
        owe(w, i, BOOKING_CALL_CREATE);
    run(w, LONG_US);
    for (size_t i = 0; i + 22 < w->sent_count; i++)
        assert_true(w->sent[i + 22] - w->sent[i] >= 900000);
    world_destroy(w);
}

static void a_capture_that_was_done_long_ago_is_found_out(void **state)
{
    struct world *w = world_create(6, 0, 0);
    (void)state;
    owe(w, 1, BOOKING_CALL_CREATE);
    run(w, LONG_US);
    w->held[1] = HELD_CAPTURED; /* under a key that the provider has forgotten */
    owe(w, 1, BOOKING_CALL_CAPTURE);
    run(w, 2 * LONG_US);
    assert_int_equal(w->news[1][BOOKING_PAYMENT_CAPTURED], 1);
    assert_int_equal(w->news[1][BOOKING_PAYMENT_REFUSED], 0);
    world_destroy(w);
}

static void a_capture_of_a_cancelled_intent_is_refused_with_a_reason(void **state)
{
    struct world *w = world_create(7, 0, 0);
    (void)state;
    owe(w, 1, BOOKING_CALL_CREATE);
    run(w, LONG_US);
    w->held[1] = HELD_CANCELED;
    owe(w, 1, BOOKING_CALL_CAPTURE);
    run(w, 2 * LONG_US);
    assert_int_equal(w->news[1][BOOKING_PAYMENT_REFUSED], 1);
    assert_string_equal(w->last_code, "no_longer_capturable");
    world_destroy(w);
}

static int answer_next(struct world *w, int status, const char *body);

static const char cancel_refused[] =
    "{\"error\":{\"type\":\"invalid_request_error\",\"code\":\"payment_intent_unexpected_state\"}}";
static const char reserved_now[] = "{\"id\":\"pi_1_1\",\"object\":\"payment_intent\","
                                   "\"amount\":1000,\"status\":\"requires_capture\"}";

/* The attempt was under way when the cancel came, and had succeeded when the intent was looked at.
 */
static void a_cancel_that_came_too_early_is_asked_again(void **state)
{
    struct world *w = world_create(9, 0, 0);
    (void)state;
    owe(w, 1, BOOKING_CALL_CREATE);
    run(w, LONG_US);
    owe(w, 1, BOOKING_CALL_CANCEL);
    assert_true(answer_next(w, 400, cancel_refused));
    assert_true(answer_next(w, 200, reserved_now));
    assert_int_equal(w->news[1][BOOKING_PAYMENT_REFUSED], 0);
    w->held[1] = HELD_AUTHORISED;
    run(w, 2 * LONG_US);
    assert_int_equal(w->news[1][BOOKING_PAYMENT_CANCELLED], 1);
    assert_int_equal(w->news[1][BOOKING_PAYMENT_REFUSED], 0);
    assert_int_equal(w->held[1], HELD_CANCELED);
    world_destroy(w);
}

/* A new process begins with the first key again, and meets what was stored under it and the next.
 */
static void stored_refusals_of_a_cancel_are_not_believed(void **state)
{
    struct world *w = world_create(11, 0, 0);
    (void)state;
    owe(w, 1, BOOKING_CALL_CREATE);
    run(w, LONG_US);
    owe(w, 1, BOOKING_CALL_CANCEL);
    for (unsigned i = 0; i < 40; i++) {
        w->now_us += 61000000;
        payments_tick(w->payments);
        assert_int_equal(w->pending_count, 1);
        payments_answer(w->payments, w->pending[--w->pending_count].ticket,
                        &(struct stripe_reply){.status = 400,
                                               .replayed = true,
                                               .body = slice_from_string(cancel_refused)});
        assert_true(answer_next(w, 200, reserved_now));
    }
    w->held[1] = HELD_AUTHORISED;
    run(w, w->now_us + LONG_US);
    assert_int_equal(w->news[1][BOOKING_PAYMENT_CANCELLED], 1);
    assert_int_equal(w->news[1][BOOKING_PAYMENT_REFUSED], 0);
    world_destroy(w);
}

/* A provider that keeps saying no is believed in the end: a person has to look. */
static void a_cancel_that_is_refused_again_and_again_is_refused(void **state)
{
    struct world *w = world_create(10, 0, 0);
    (void)state;
    owe(w, 1, BOOKING_CALL_CREATE);
    run(w, LONG_US);
    owe(w, 1, BOOKING_CALL_CANCEL);
    for (unsigned i = 0; i < 100 && w->news[1][BOOKING_PAYMENT_REFUSED] == 0; i++) {
        w->now_us += 60000000;
        if (answer_next(w, 400, cancel_refused))
            (void)answer_next(w, 200, reserved_now);
    }
    assert_int_equal(w->news[1][BOOKING_PAYMENT_REFUSED], 1);
    assert_string_equal(w->last_code, "payment_intent_unexpected_state");
    world_destroy(w);
}

static void a_cancel_of_a_paid_intent_tells_that_it_is_captured(void **state)
{
    struct world *w = world_create(8, 0, 0);
    (void)state;
    owe(w, 1, BOOKING_CALL_CREATE);
    run(w, LONG_US);
    w->held[1] = HELD_CAPTURED;
    owe(w, 1, BOOKING_CALL_CANCEL);
    run(w, 2 * LONG_US);
    assert_int_equal(w->news[1][BOOKING_PAYMENT_CAPTURED], 1);
    assert_int_equal(w->news[1][BOOKING_PAYMENT_CANCELLED], 0);
    world_destroy(w);
}

static int answer_next(struct world *w, int status, const char *body)
{
    payments_tick(w->payments);
    if (w->pending_count == 0)
        return 0;
    uint64_t ticket = w->pending[--w->pending_count].ticket;
    payments_answer(w->payments, ticket,
                    &(struct stripe_reply){.status = status, .body = slice_from_string(body)});
    payments_tick(w->payments);
    return 1;
}

static void a_wrong_key_ends_a_create_but_never_a_capture(void **state)
{
    struct world *w = world_create(9, 0, 0);
    const char *barred = "{\"error\":{\"type\":\"invalid_request_error\"}}";
    (void)state;
    owe(w, 1, BOOKING_CALL_CREATE);
    assert_int_equal(answer_next(w, 401, barred), 1);
    assert_int_equal(w->news[1][BOOKING_PAYMENT_REFUSED], 1);
    (void)snprintf(w->intents[2], sizeof w->intents[2], "pi_2_1");
    owe(w, 2, BOOKING_CALL_CAPTURE);
    w->silent = true; /* the provider lets nobody in */
    for (int i = 0; i < 50; i++) {
        assert_int_equal(answer_next(w, 401, barred), 1);
        w->now_us += 61000000;
    }
    assert_int_equal(news_count(w, 2), 0);
    w->silent = false;
    w->held[2] = HELD_AUTHORISED;
    run(w, LONG_US);
    assert_int_equal(w->news[2][BOOKING_PAYMENT_CAPTURED], 1);
    world_destroy(w);
}

static void a_refused_capture_is_believed_when_the_intent_agrees(void **state)
{
    struct world *w = world_create(14, 0, 0);
    char body[512];
    (void)state;
    (void)snprintf(w->intents[2], sizeof w->intents[2], "pi_2_1");
    w->held[2] = HELD_AUTHORISED;
    intent_body(w, 2, body);
    owe(w, 2, BOOKING_CALL_CAPTURE);
    assert_int_equal(answer_next(w, 400, "{\"error\":{\"code\":\"account_closed\"}}"), 1);
    assert_int_equal(news_count(w, 2), 0);
    assert_null(strstr(w->last_url, "/capture")); /* it looks first */
    assert_int_equal(answer_next(w, 200, body), 1);
    assert_int_equal(w->news[2][BOOKING_PAYMENT_REFUSED], 1);
    assert_string_equal(w->last_code, "account_closed");
    world_destroy(w);
}

static void retry_after_is_honoured(void **state)
{
    struct world *w = world_create(10, 0, 0);
    (void)state;
    owe(w, 1, BOOKING_CALL_CREATE);
    payments_tick(w->payments);
    uint64_t ticket = w->pending[--w->pending_count].ticket, asked = w->now_us;
    payments_answer(w->payments, ticket,
                    &(struct stripe_reply){.status = 429, .retry_after_s = 30});
    assert_true(payments_tick(w->payments) >= asked + 30000000);
    world_destroy(w);
}

static void look_after(struct world *w, uint32_t order, uint64_t silence_us)
{
    struct err err;
    const struct payments_call call = {.partition = 1,
                                       .order = order,
                                       .order_random = order + 1000,
                                       .intent = slice_from_string(w->intents[order])};
    if (payments_watch(w->payments, &call, silence_us, &err) < 0)
        fail_msg("%s", err.detail);
}

static void watch(struct world *w, uint32_t order)
{
    look_after(w, order, 20000000);
}

/* Time passes whether or not anything is owed. */
static void wait(struct world *w, uint64_t us)
{
    for (uint64_t end = w->now_us + us; w->now_us < end; w->now_us += 100000) {
        payments_tick(w->payments);
        while (deliver(w))
            payments_tick(w->payments);
    }
}

static void a_watched_order_is_found_out_when_no_webhook_comes(void **state)
{
    struct world *w = world_create(11, 0, 0);
    (void)state;
    owe(w, 1, BOOKING_CALL_CREATE);
    run(w, LONG_US);
    watch(w, 1);
    wait(w, 19000000);
    assert_int_equal(w->sent_count, 1); /* nothing but the create */
    wait(w, 300000000);
    assert_true(w->sent_count > 2 && w->sent_count < 8); /* at growing distances */
    assert_int_equal(news_count(w, 1), 1);
    w->held[1] = HELD_AUTHORISED;
    wait(w, 600000000);
    assert_int_equal(w->news[1][BOOKING_PAYMENT_AUTHORISED], 1);
    assert_int_equal(payments_counters(w->payments).watched, 0);
    world_destroy(w);
}

static void a_look_at_once_tells_the_card(void **state)
{
    struct world *w = world_create(14, 0, 0);
    (void)state;
    for (uint32_t order = 1; order < 4; order++)
        owe(w, order, BOOKING_CALL_CREATE);
    run(w, LONG_US);
    w->held[1] = w->held[2] = HELD_AUTHORISED;
    look_after(w, 1, 0); /* that nobody watched */
    wait(w, 1000000);
    assert_int_equal(w->news[1][BOOKING_PAYMENT_AUTHORISED], 1);
    assert_string_equal(w->last_card, "card1");
    watch(w, 2);
    look_after(w, 2, 0); /* the look that was to come later comes now */
    wait(w, 1000000);
    assert_int_equal(w->news[2][BOOKING_PAYMENT_AUTHORISED], 1);
    assert_string_equal(w->last_card, "card2");
    assert_int_equal(w->sent_count, 5);
    watch(w, 3);
    w->now_us += 20000000;
    payments_tick(w->payments); /* on its way, and too early */
    look_after(w, 3, 0);
    wait(w, 400000);
    w->held[3] = HELD_AUTHORISED;
    wait(w, 2000000);
    assert_int_equal(w->news[3][BOOKING_PAYMENT_AUTHORISED], 1);
    assert_int_equal(payments_counters(w->payments).watched, 0);
    world_destroy(w);
}

/* When more is owed than may be sent, a buyer who paid waits no longer than one who comes. */
static void a_look_at_once_waits_in_turn_and_others_wait_for_all(void **state)
{
    struct world *w = world_create(15, 0, 10);
    (void)state;
    owe(w, 0, BOOKING_CALL_CREATE);
    owe(w, 1, BOOKING_CALL_CREATE);
    run(w, LONG_US);
    w->held[0] = w->held[1] = HELD_AUTHORISED;
    for (uint32_t order = 2; order < 12; order++)
        owe(w, order, BOOKING_CALL_CREATE);
    w->now_us += 1;
    look_after(w, 0, 0);
    look_after(w, 1, 1);
    w->now_us += 1;
    for (uint32_t order = 12; order < 30; order++)
        owe(w, order, BOOKING_CALL_CREATE);
    wait(w, 2000000); /* twenty calls or so */
    assert_int_equal(w->news[0][BOOKING_PAYMENT_AUTHORISED], 1);
    assert_int_equal(w->news[1][BOOKING_PAYMENT_AUTHORISED], 0);
    wait(w, 3000000);
    assert_int_equal(w->news[1][BOOKING_PAYMENT_AUTHORISED], 1);
    world_destroy(w);
}

static void an_unwatched_order_is_left_alone(void **state)
{
    struct world *w = world_create(12, 0, 0);
    (void)state;
    owe(w, 1, BOOKING_CALL_CREATE);
    owe(w, 2, BOOKING_CALL_CREATE);
    run(w, LONG_US);
    watch(w, 1);
    watch(w, 2);
    payments_unwatch(w->payments, 1, 1);
    w->now_us += 20000000;
    payments_tick(w->payments); /* the look at 2 is on its way */
    assert_int_equal(w->pending_count, 1);
    payments_unwatch(w->payments, 1, 2);
    w->held[1] = w->held[2] = HELD_AUTHORISED;
    wait(w, 600000000);
    assert_int_equal(news_count(w, 1), 1);
    assert_int_equal(news_count(w, 2), 1);
    assert_int_equal(w->sent_count, 3);
    assert_int_equal(payments_counters(w->payments).watched, 0);
    world_destroy(w);
}

static void a_call_that_cannot_be_made_is_refused_at_once(void **state)
{
    struct world *w = world_create(13, 0, 0);
    struct payments_call call = {
        .order_random = 1, .kind = BOOKING_CALL_CAPTURE, .call_key = SLICE("key")};
    struct err err;
    (void)state;
    assert_int_equal(payments_owed(w->payments, &call, &err), -1); /* no intent */
    call.intent = SLICE("pi_1");
    call.kind = 9;
    assert_int_equal(payments_owed(w->payments, &call, &err), -1);
    call.kind = BOOKING_CALL_CAPTURE;
    call.call_key = SLICE("two words");
    assert_int_equal(payments_owed(w->payments, &call, &err), -1);
    assert_int_equal(payments_counters(w->payments).owed, 0);
    world_destroy(w);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(without_faults_each_call_is_sent_and_told_once),
        cmocka_unit_test(under_random_faults_each_call_is_answered_once_and_nothing_is_declined),
        cmocka_unit_test(a_call_that_is_owed_twice_is_queued_once),
        cmocka_unit_test(a_silent_provider_is_asked_again_for_ever_but_ever_more_rarely),
        cmocka_unit_test(calls_keep_to_their_rate),
        cmocka_unit_test(a_capture_that_was_done_long_ago_is_found_out),
        cmocka_unit_test(a_capture_of_a_cancelled_intent_is_refused_with_a_reason),
        cmocka_unit_test(a_cancel_that_came_too_early_is_asked_again),
        cmocka_unit_test(stored_refusals_of_a_cancel_are_not_believed),
        cmocka_unit_test(a_cancel_that_is_refused_again_and_again_is_refused),
        cmocka_unit_test(a_cancel_of_a_paid_intent_tells_that_it_is_captured),
        cmocka_unit_test(a_wrong_key_ends_a_create_but_never_a_capture),
        cmocka_unit_test(a_refused_capture_is_believed_when_the_intent_agrees),
        cmocka_unit_test(retry_after_is_honoured),
        cmocka_unit_test(a_watched_order_is_found_out_when_no_webhook_comes),
        cmocka_unit_test(a_look_at_once_tells_the_card),
        cmocka_unit_test(a_look_at_once_waits_in_turn_and_others_wait_for_all),
        cmocka_unit_test(an_unwatched_order_is_left_alone),
        cmocka_unit_test(a_call_that_cannot_be_made_is_refused_at_once),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
