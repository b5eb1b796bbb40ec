#include "provider_private.h"

/* Requests of the house: as the contract says or not, answered from memory, done, and on the wire.
 */

#define TIMEOUT_US (30 * SECOND_US) /* of the house's HTTP client */

/* ---- requests ---- */

static void write_error(const char *type, const char *code, char *to, size_t size)
{
    (void)snprintf(to, size, "{\"error\":{\"type\":\"%s\",\"code\":\"%s\",\"message\":\"no\"}}",
                   type, code);
}

/* The value of a field of a form; an empty slice when it is not there. */
struct slice provider_form_field(const char *form, const char *name)
{
    size_t len = strlen(name);
    for (const char *at = form; at && *at; at = strchr(at, '&') ? strchr(at, '&') + 1 : NULL) {
        if (strncmp(at, name, len) != 0 || at[len] != '=')
            continue;
        const char *value = at + len + 1, *end = strchr(value, '&');
        return slice_make(value, end ? (size_t)(end - value) : strlen(value));
    }
    return slice_make("", 0);
}

int64_t provider_form_number(const char *form, const char *name)
{
    struct slice text = provider_form_field(form, name);
    int64_t value = 0;
    for (size_t i = 0; i < text.len; i++)
        value = value * 10 + (text.data[i] - '0');
    return text.len ? value : -1;
}

static void answer_intent(struct parcel *parcel, const struct intent *i)
{
    parcel->status = 200;
    provider_write_intent(i, strstr(parcel->path, "?expand%5B%5D=latest_charge") != NULL,
                          parcel->reply, sizeof parcel->reply);
}

void provider_answer_error(struct parcel *parcel, int status, const char *type, const char *code)
{
    parcel->status = status;
    write_error(type, code, parcel->reply, sizeof parcel->reply);
}

/* The house asks for cards alone, or for other ways beside them: those are charged at once. */
static bool read_methods(const char *form, struct intent *i)
{
    static const char *const others[] = {"ideal", "bancontact", "sepa_debit"};
    bool manual = slice_equal(provider_form_field(form, "capture_method"), SLICE("manual"));
    i->cards = strstr(form, "&payment_method_types[]=card") != NULL;
    for (size_t k = 0; k < sizeof others / sizeof others[0]; k++)
        i->others |= strstr(form, others[k]) != NULL;
    bool card_manual = strstr(form, "&payment_method_options[card][capture_method]=manual") != NULL;
    return (i->cards || i->others) && manual == !i->others && card_manual == (i->cards && !manual);
}

static void do_create(struct sim *s, struct parcel *parcel)
{
    struct provider *p = s->provider;
    struct slice order = provider_form_field(parcel->body, "metadata[order_id]"),
                 event = provider_form_field(parcel->body, "metadata[event_id]");
    struct id id;
    struct intent methods = {0};
    int64_t amount = provider_form_number(parcel->body, "amount");
    REQUIRE(s,
            id_parse(ID_ORDER, order, &id) && event.len < ID_TEXT_MAX && amount > 0 &&
                read_methods(parcel->body, &methods),
            "the provider is asked as the contract says", "create with body %s", parcel->body);
    struct order_of *known = provider_order(p, id);
    if (random_hit(&p->random, s->rates.refused)) {
        known->refused = true;
        sim_fault(s, FAULT_PROVIDER_REFUSED);
        provider_answer_error(parcel, 400, "invalid_request_error", "amount_too_small");
        return;
    }
    struct intent *i = provider_intent_make(s, known);
    i->house = parcel->house;
    i->amount = amount;
    i->cards = methods.cards;
    i->others = methods.others;
    i->stubborn = random_hit(&p->random, s->rates.refused / 2);
    memcpy(i->order_text, order.data, order.len);
    memcpy(i->event_text, event.data, event.len);
    answer_intent(parcel, i);
}

static void do_capture(struct sim *s, struct parcel *parcel, struct intent *i)
{
    int64_t amount = provider_form_number(parcel->body, "amount_to_capture");
    if (i->state != INTENT_RESERVED || amount <= 0 || amount > i->reserved) {
        provider_answer_error(parcel, 400, "invalid_request_error",
                              "payment_intent_unexpected_state");
        return;
    }
    if (random_hit(&s->provider->random, s->rates.refused)) { /* the bank took it back */
        sim_fault(s, FAULT_PROVIDER_REFUSED);
        i->meddled = true;
        provider_cancel(s, i);
        provider_answer_error(parcel, 400, "invalid_request_error", "charge_expired_for_capture");
        return;
    }
    provider_take(s, i, amount);
    answer_intent(parcel, i);
}

static void do_cancel(struct sim *s, struct parcel *parcel, struct intent *i)
{
    bool possible =
        i->state == INTENT_OPEN || i->state == INTENT_ACTION || i->state == INTENT_RESERVED;
    if (!possible || (i->stubborn && !s->calm)) {
        if (possible)
            sim_fault(s, FAULT_CANCEL_REFUSED);
        provider_answer_error(parcel, 400, "invalid_request_error",
                              "payment_intent_unexpected_state");
        return;
    }
    provider_cancel(s, i);
    answer_intent(parcel, i);
}

static void do_intent(struct sim *s, struct parcel *parcel, const char *rest)
{
    if (*rest == '\0' && parcel->post) {
        do_create(s, parcel);
        return;
    }
    if (*rest == '?') {
        provider_list(s, parcel, STRIPE_LIST_INTENTS, rest + 1);
        return;
    }
    const char *id = rest + 1, *verb = strchr(id, '/');
    struct intent *i = provider_intent(s->provider, slice_make(id, strcspn(id, "/?")));
    if (!i) {
        provider_answer_error(parcel, 404, "invalid_request_error", "resource_missing");
        return;
    }
    REQUIRE(s, i->house == parcel->house, "a payment is looked for where it was made",
            "payment %u is of provider %u, not %u", i->number, i->house, parcel->house);
    if (!verb)
        answer_intent(parcel, i);
    else if (strcmp(verb, "/capture") == 0)
        do_capture(s, parcel, i);
    else if (strcmp(verb, "/cancel") == 0)
        do_cancel(s, parcel, i);
    else
        sim_broken(s, "the provider is asked as the contract says", "verb %s", verb);
}

static void do_request(struct sim *s, struct parcel *parcel)
{
    static const char intents[] = "/v1/payment_intents", refunds[] = "/v1/refunds",
                      disputes[] = "/v1/disputes?";
    if (strncmp(parcel->path, refunds, sizeof refunds - 1) == 0) {
        provider_refund_request(s, parcel, parcel->path + sizeof refunds - 1);
        return;
    }
    if (strncmp(parcel->path, disputes, sizeof disputes - 1) == 0) {
        provider_list(s, parcel, STRIPE_LIST_DISPUTES, parcel->path + sizeof disputes - 1);
        return;
    }
    REQUIRE(s, strncmp(parcel->path, intents, sizeof intents - 1) == 0,
            "the provider is asked as the contract says", "path %s", parcel->path);
    do_intent(s, parcel, parcel->path + sizeof intents - 1);
}

static struct kept *kept_find(struct provider *p, uint64_t key)
{
    for (uint32_t at = p->kept_bucket[key % PROVIDER_BUCKETS]; at; at = p->kept[at - 1].next)
        if (p->kept[at - 1].key == key)
            return &p->kept[at - 1];
    return NULL;
}

static void keep(struct provider *p, const struct parcel *parcel, uint64_t request)
{
    p->kept = provider_grown(p->kept, p->kept_count, &p->kept_capacity, sizeof *p->kept);
    struct kept *k = &p->kept[p->kept_count++];
    *k = (struct kept){.key = parcel->kept_key,
                       .request = request,
                       .status = parcel->status,
                       .next = p->kept_bucket[parcel->kept_key % PROVIDER_BUCKETS]};
    p->kept_bucket[parcel->kept_key % PROVIDER_BUCKETS] = p->kept_count;
    memcpy(k->body, parcel->reply, sizeof k->body);
}

/* Stripe's order: a known key is answered from memory; else limits, then the work. */
static void process_request(struct sim *s, struct parcel *parcel)
{
    struct provider *p = s->provider;
    uint64_t request = hash64_of(parcel->body, strlen(parcel->body),
                                 hash64_of(parcel->path, strlen(parcel->path), 0));
    struct kept *kept = parcel->post ? kept_find(p, parcel->kept_key) : NULL;
    if (kept) {
        REQUIRE(s, kept->request == request, "a key names one request",
                "the key %s came with another request", parcel->key);
        parcel->status = kept->status;
        parcel->replayed = true;
        memcpy(parcel->reply, kept->body, sizeof parcel->reply);
        return;
    }
    if (random_hit(&p->random, s->rates.busy)) {
        sim_fault(s, FAULT_PROVIDER_429);
        provider_answer_error(parcel, 429, "invalid_request_error", "rate_limit");
        parcel->retry_after_s = (uint32_t)random_below(&p->random, 3);
        return;
    }
    if (random_hit(&p->random, s->rates.error)) { /* not begun, not kept */
        sim_fault(s, FAULT_PROVIDER_500);
        provider_answer_error(parcel, 500, "api_error", "unknown");
        return;
    }
    bool broken = parcel->post && random_hit(&p->random, s->rates.error_kept);
    if (!broken || random_below(&p->random, 2))
        do_request(s, parcel);
    if (broken) {
        p->stuck_creates += strcmp(parcel->path, "/v1/payment_intents") == 0;
        sim_fault(s, FAULT_PROVIDER_500_KEPT);
        provider_answer_error(parcel, 500, "api_error", "unknown");
    }
    if (parcel->post)
        keep(p, parcel, request);
}

/* ---- on the wire ---- */

static void parcel_forget(struct sim *s, struct parcel *parcel)
{
    s->provider->under_way--;
    if (parcel->list)
        sim_free(s, parcel->list);
    sim_free(s, parcel);
}

static void parcel_answers(struct sim *s, void *subject, uint64_t timed_out)
{
    struct parcel *parcel = subject;
    struct stripe_reply reply = {
        .status = parcel->status,
        .retry_after_s = parcel->retry_after_s,
        .replayed = parcel->replayed,
        .body = slice_from_string(parcel->list ? parcel->list : parcel->reply)};
    if (timed_out)
        reply = (struct stripe_reply){.status = 0};
    TRACE(s, "the provider answers # to ticket #, @", (uint64_t)reply.status, parcel->ticket,
          hash64_of(reply.body.data, reply.body.len, 0));
    host_provider_answers(s, parcel->house, parcel->epoch, parcel->ticket, &reply);
    parcel->answered = true;
    if (timed_out && !parcel->arrived)
        return; /* it will arrive, minutes late, and be done */
    parcel_forget(s, parcel);
}

static void parcel_times_out(struct sim *s, struct parcel *parcel)
{
    uint64_t at_us = parcel->sent_us + TIMEOUT_US;
    schedule_at(s, at_us, parcel_answers, parcel, true);
}

static void garble(struct random *random, struct parcel *parcel)
{
    char *text = parcel->list ? parcel->list : parcel->reply;
    size_t len = strlen(text);
    if (random_below(random, 2))
        text[random_below(random, len + 1)] = '\0';
    else
        (void)snprintf(text, sizeof parcel->reply, "<html>Bad gateway</html>");
}

static void parcel_arrives(struct sim *s, void *subject, uint64_t word)
{
    struct parcel *parcel = subject;
    struct provider *p = s->provider;
    (void)word;
    parcel->arrived = true;
    process_request(s, parcel);
    TRACE(s, "the provider did ticket #: #", parcel->ticket, (uint64_t)parcel->status);
    if (parcel->answered) { /* nobody waits for it any more */
        parcel_forget(s, parcel);
        return;
    }
    if (random_hit(&p->random, s->rates.reply_lost)) {
        sim_fault(s, FAULT_REPLY_LOST);
        parcel_times_out(s, parcel);
        return;
    }
    if (random_hit(&p->random, s->rates.garbled)) {
        sim_fault(s, FAULT_PROVIDER_GARBLED);
        garble(&p->random, parcel);
    }
    uint64_t back_us = random_magnitude(&p->random, 1000, 200000);
    if (s->now_us + back_us > parcel->sent_us + TIMEOUT_US)
        parcel_times_out(s, parcel);
    else
        schedule_in(s, back_us, parcel_answers, parcel, false);
}

static void read_headers(struct sim *s, const struct stripe_request *request, struct parcel *parcel)
{
    static const char *const secrets[] = {"Authorization: Bearer sk_test_simulated",
                                          "Authorization: Bearer sk_test_another"};
    bool authorised = false, version = false, form = false;
    for (uint32_t i = 0; i < request->header_count; i++) {
        const char *line = request->headers[i];
        authorised |= strcmp(line, secrets[parcel->house]) == 0;
        version |= strncmp(line, "Stripe-Version: ", 16) == 0;
        form |= strcmp(line, "Content-Type: application/x-www-form-urlencoded") == 0;
        if (strncmp(line, "Idempotency-Key: ", 17) == 0)
            (void)snprintf(parcel->key, sizeof parcel->key, "%s", line + 17);
    }
    REQUIRE(s,
            authorised && version && form == request->post && (*parcel->key != 0) == request->post,
            "the provider is asked as the contract says", "headers of %s", request->url);
}

static void answer_down(struct parcel *parcel)
{
    parcel->status = 503;
    (void)snprintf(parcel->reply, sizeof parcel->reply, "<html>Service unavailable</html>");
}

static void note_cancel(struct provider *p, const struct parcel *parcel)
{
    const char *verb = strrchr(parcel->path, '/');
    if (!verb || strcmp(verb, "/cancel") != 0)
        return;
    const char *id = parcel->path + sizeof "/v1/payment_intents";
    struct intent *i = provider_intent(p, slice_make(id, (size_t)(verb - id)));
    if (i)
        i->cancel_asked = true;
}

static struct parcel *parcel_make(struct sim *s, uint8_t house,
                                  const struct stripe_request *request)
{
    static const char *const bases[] = {"https://api.provider.test", "https://api.another.test"};
    size_t base = strlen(bases[house]);
    struct parcel *parcel = sim_new(s, sizeof *parcel);
    REQUIRE(s,
            strncmp(request->url, bases[house], base) == 0 &&
                request->body.len < sizeof parcel->body,
            "the provider is asked as the contract says", "url %s", request->url);
    parcel->house = house;
    parcel->sent_us = s->now_us;
    parcel->post = request->post;
    (void)snprintf(parcel->path, sizeof parcel->path, "%s", request->url + base);
    memcpy(parcel->body, request->body.data ? request->body.data : "", request->body.len);
    read_headers(s, request, parcel);
    parcel->kept_key = hash64_of(parcel->key, strlen(parcel->key), 7u + house);
    return parcel;
}

void provider_request(struct sim *s, uint8_t house, uint64_t epoch, uint64_t ticket,
                      const struct stripe_request *request)
{
    struct provider *p = s->provider;
    struct parcel *parcel = parcel_make(s, house, request);
    parcel->epoch = epoch;
    parcel->ticket = ticket;
    p->under_way++;
    TRACE(s, "ticket # asks the provider @ @", ticket,
          hash64_of(parcel->path, strlen(parcel->path), house),
          hash64_of(parcel->body, request->body.len, parcel->kept_key));
    if (s->options->trace)
        (void)printf("      (%s %s %s)\n", parcel->post ? "POST" : "GET", parcel->path,
                     parcel->key);
    note_cancel(p, parcel);
    bool down = provider_is_down(s, house);
    if (down || random_hit(&p->random, s->rates.request_lost)) {
        sim_fault(s, down ? FAULT_REQUEST_DOWN : FAULT_REQUEST_LOST);
        parcel->arrived = true;                    /* nowhere */
        if (down && random_below(&p->random, 2)) { /* somebody on the way says so */
            answer_down(parcel);
            schedule_in(s, random_magnitude(&p->random, 1000, 200000), parcel_answers, parcel,
                        false);
        } else {
            parcel_times_out(s, parcel);
        }
        return;
    }
    uint64_t there_us = random_magnitude(&p->random, 1000, 100000);
    if (random_hit(&p->random, s->rates.slow)) {
        there_us = random_magnitude(&p->random, SECOND_US, 600 * SECOND_US);
        sim_fault(s, FAULT_PROVIDER_SLOW);
        if (there_us > TIMEOUT_US)
            parcel_times_out(s, parcel);
    }
    schedule_in(s, there_us, parcel_arrives, parcel, 0);
}
