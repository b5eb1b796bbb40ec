#include "payments_world.h"

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
    static const char *const words[] = {
        "", "requires_payment_method", "requires_capture", "succeeded", "canceled", "processing"};
    return words[held];
}

void world_intent_body(struct world *w, int order, char body[BODY_MAX])
{
    bool taken = w->held[order] == HELD_CAPTURED;
    char charge[128] = "null";
    if (w->held[order] > HELD_OPEN)
        (void)snprintf(charge, sizeof charge,
                       "{\"payment_method_details\":{\"card\":{\"fingerprint\":\"card%d\"}}}",
                       order);
    (void)snprintf(body, BODY_MAX,
                   "{\"id\":\"%s\",\"object\":\"payment_intent\",\"amount\":1000,"
                   "\"amount_received\":%d,\"client_secret\":\"%s_secret\",\"status\":\"%s\","
                   "\"latest_charge\":%s}",
                   w->intents[order], taken ? 1000 : 0, w->intents[order],
                   status_word(w->held[order]), charge);
}

static void error_body(const char *code, char body[BODY_MAX])
{
    (void)snprintf(body, BODY_MAX,
                   "{\"error\":{\"type\":\"invalid_request_error\",\"code\":\"%s\"}}", code);
}

static int order_of_url(const char *url)
{
    const char *at = strstr(url, "pi_");
    return at ? atoi(at + 3) : -1;
}

int world_refund_text(const struct world *w, int refund, char *to, size_t size)
{
    char intent[sizeof w->intents[0]];
    memcpy(intent, w->intents[w->refunds[refund].order], sizeof intent);
    return snprintf(to, size,
                    "{\"id\":\"re_%d\",\"object\":\"refund\",\"amount\":10,"
                    "\"payment_intent\":\"%s\",\"status\":\"%s\","
                    "\"failure_reason\":\"lost_or_stolen_card\","
                    "\"metadata\":{\"refund\":\"%d\",\"attempt\":\"%d\"}}",
                    refund, intent, w->refunds[refund].status, w->refunds[refund].number,
                    w->refunds[refund].attempt);
}

static void list_refunds(const struct world *w, int order, char body[BODY_MAX])
{
    size_t len = (size_t)snprintf(body, BODY_MAX, "{\"object\":\"list\",\"data\":[");
    bool first = true;
    for (int i = w->refund_count - 1; i >= 0 && len < BODY_MAX - 300; i--)
        if (w->refunds[i].order == order) {
            body[len] = ',';
            len += first ? 0 : 1;
            first = false;
            len += (size_t)world_refund_text(w, i, body + len, BODY_MAX - len);
        }
    (void)snprintf(body + len, BODY_MAX - len, "],\"has_more\":false}");
}

void world_add_refund(struct world *w, int order, int number, int attempt, const char *status)
{
    assert_true(w->refund_count < REFUNDS_MAX);
    w->refunds[w->refund_count].order = order;
    w->refunds[w->refund_count].number = number;
    w->refunds[w->refund_count].attempt = attempt;
    w->refunds[w->refund_count++].status = status;
}

static int act_on_refund(struct world *w, const struct stripe_request *request, char body[BODY_MAX])
{
    char text[256];
    const char *id = strstr(request->url, "/re_");
    (void)snprintf(text, sizeof text, "%.*s", SLICE_ARG(request->body));
    if (request->post) {
        static const char attempt[] = "metadata[attempt]=";
        world_add_refund(w, atoi(strstr(text, "pi_") + 3), stripe_refund_number(request->body),
                         atoi(strstr(text, attempt) + strlen(attempt)), w->refund_status);
        world_refund_text(w, w->refund_count - 1, body, BODY_MAX);
    } else if (id) {
        world_refund_text(w, atoi(id + 4), body, BODY_MAX);
    } else {
        list_refunds(w, atoi(strstr(request->url, "pi_") + 3), body);
    }
    return 200;
}

/* What the provider does; the order of a create stands in its body. */
static int act(struct world *w, const struct stripe_request *request, char body[BODY_MAX])
{
    const char *url = request->url;
    if (strstr(url, "/v1/refunds"))
        return act_on_refund(w, request, body);
    if (request->post && !strstr(url, "pi_")) {
        int order = atoi(request->body.data);
        w->created[order]++;
        w->held[order] = HELD_OPEN;
        (void)snprintf(w->intents[order], sizeof w->intents[order], "pi_%d_%d", order,
                       w->created[order]);
        world_intent_body(w, order, body);
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
    world_intent_body(w, order, body);
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
    if (request->post)
        (void)snprintf(w->last_key, sizeof w->last_key, "%s", key_of(request));
    if (w->sent_count < sizeof w->sent / sizeof w->sent[0])
        w->sent[w->sent_count++] = w->now_us;
    if (w->pending_count > w->in_flight_most)
        w->in_flight_most = w->pending_count;
    bool create = request->post && strstr(request->url, "/v1/payment_intents") &&
                  !strstr(request->url, "pi_");
    if (!w->silent && !(w->creates_silent && create) && !fault(w))
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
    assert_true(news->order < ORDERS && news->kind < NEWS_KINDS);
    assert_int_equal(news->order_random, news->order + 1000);
    w->news[news->order][news->kind]++;
    w->last_attempt = news->attempt;
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

struct world *world_create(uint64_t seed, uint32_t fault_percent, uint32_t rate)
{
    struct world *w = calloc(1, sizeof *w);
    struct err err;
    assert_non_null(w);
    w->random = seed;
    w->now_us = 1000000;
    w->fault_percent = fault_percent;
    w->refund_status = "succeeded";
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

void world_destroy(struct world *w)
{
    payments_destroy(w->payments);
    free(w);
}

void world_owe(struct world *w, uint32_t order, uint8_t kind)
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
void world_run(struct world *w, uint64_t until_us)
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

int world_news_count(const struct world *w, int order)
{
    int count = 0;
    for (int kind = 0; kind < NEWS_KINDS; kind++)
        count += w->news[order][kind];
    return count;
}

int world_answer_next(struct world *w, int status, const char *body)
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

void world_look_after(struct world *w, uint32_t order, uint64_t silence_us)
{
    struct err err;
    const struct payments_call call = {.partition = 1,
                                       .order = order,
                                       .order_random = order + 1000,
                                       .intent = slice_from_string(w->intents[order])};
    if (payments_watch(w->payments, &call, silence_us, &err) < 0)
        fail_msg("%s", err.detail);
}

void world_watch(struct world *w, uint32_t order)
{
    world_look_after(w, order, 20000000);
}

/* Time passes whether or not anything is owed. */
void world_wait(struct world *w, uint64_t us)
{
    for (uint64_t end = w->now_us + us; w->now_us < end; w->now_us += 100000) {
        payments_tick(w->payments);
        while (deliver(w))
            payments_tick(w->payments);
    }
}
