#include "provider.h"

#include "host.h"
#include "process.h"

#include <stdlib.h>

#define TIMEOUT_US (30 * SECOND_US) /* of the house's HTTP client */
#define BODY_MAX 1024u
#define KEY_MAX 272u
#define LATE_MAX_US (72 * HOUR_US)
#define CARDS 12u /* of all clients together; of one in eight buyers no fingerprint is known */

enum state { OPEN, PROCESSING, RESERVED, TAKEN, CANCELLED };

struct intent {
    uint32_t number, next_of_order; /* 1 + number of another intent of this order; 0: none */
    struct id order;
    char order_text[ID_TEXT_MAX], event_text[ID_TEXT_MAX];
    enum state state;
    int64_t amount, reserved, received;
    uint32_t captures, attempts, declines_told;
    uint32_t card; /* of the last attempt; 0: none, or one without a fingerprint */
    bool authorised_ever, cancel_asked, meddled, failed_last;
    uint64_t events_made, events_told; /* webhooks, for those that overtake */
};

/* An answer kept under an idempotency key. */
struct kept {
    uint64_t key, request;
    int status;
    uint32_t next; /* in its bucket, 1 + index */
    char body[BODY_MAX];
};

struct order_of {
    struct id order;
    uint32_t first; /* 1 + intent */
    bool refused;
    uint32_t next;
};

/* A webhook of a decline was handed to this process. */
struct told {
    uint64_t event, epoch;
};

#define BUCKETS 4096u

struct provider {
    struct random random;
    struct intent *intents;
    uint32_t stuck_creates; /* calls for a new intent whose key will answer 500 for ever */
    uint32_t intent_count, intent_capacity;
    struct kept *kept;
    uint32_t kept_count, kept_capacity, kept_bucket[BUCKETS];
    struct order_of *orders;
    uint32_t order_count, order_capacity, order_bucket[BUCKETS];
    struct told *told;
    uint32_t told_count, told_capacity;
    struct told *taken; /* webhooks that were acknowledged */
    uint32_t taken_count, taken_capacity;
    uint64_t events; /* webhooks ever made */
    uint32_t under_way;
};

/* A request on its way, and then its answer. */
struct parcel {
    uint64_t epoch, ticket, sent_us, kept_key;
    bool post, arrived, answered;
    char path[160], key[KEY_MAX];
    char body[BODY_MAX];
    int status;
    bool replayed;
    uint32_t retry_after_s;
    char reply[BODY_MAX];
};

struct hook {
    struct ask ask;
    uint64_t event, order_in_intent;
    uint32_t intent, attempts;
    bool taken, decline;
    char body[BODY_MAX];
};

/* ---- books ---- */

static void *grown(void *list, uint32_t count, uint32_t *capacity, size_t size)
{
    if (count < *capacity)
        return list;
    *capacity = *capacity ? *capacity * 2 : 64;
    list = realloc(list, *capacity * size);
    if (!list)
        abort();
    return list;
}

static struct order_of *order_find(const struct provider *p, struct id order)
{
    for (uint32_t at = p->order_bucket[order.random % BUCKETS]; at; at = p->orders[at - 1].next) {
        struct order_of *o = &p->orders[at - 1];
        if (o->order.random == order.random && o->order.slot == order.slot &&
            o->order.partition == order.partition)
            return o;
    }
    return NULL;
}

static struct order_of *order_get(struct provider *p, struct id order)
{
    struct order_of *known = order_find(p, order);
    if (known)
        return known;
    p->orders = grown(p->orders, p->order_count, &p->order_capacity, sizeof *p->orders);
    struct order_of *o = &p->orders[p->order_count++];
    *o = (struct order_of){.order = order, .next = p->order_bucket[order.random % BUCKETS]};
    p->order_bucket[order.random % BUCKETS] = p->order_count;
    return o;
}

static const char *state_word(enum state state)
{
    static const char *const words[] = {"requires_payment_method", "processing", "requires_capture",
                                        "succeeded", "canceled"};
    return words[state];
}

static void intent_id(const struct intent *i, char ret_text[40])
{
    (void)snprintf(ret_text, 40, "pi_sim%08u", i->number);
}

/* A webhook, and whoever did not ask for more, learns of the charge its name only. */
static void write_charge(const struct intent *i, bool whole, char *to, size_t size)
{
    char fingerprint[40] = "null";
    if (i->card)
        (void)snprintf(fingerprint, sizeof fingerprint, "\"card%u\"", i->card);
    if (i->attempts == 0)
        (void)snprintf(to, size, "null");
    else if (!whole)
        (void)snprintf(to, size, "\"ch_sim%u_%u\"", i->number, i->attempts);
    else
        (void)snprintf(to, size,
                       "{\"id\":\"ch_sim%u_%u\",\"object\":\"charge\",\"payment_method_details\":"
                       "{\"card\":{\"fingerprint\":%s},\"type\":\"card\"}}",
                       i->number, i->attempts, fingerprint);
}

static void write_intent(const struct intent *i, bool whole, char *to, size_t size)
{
    char id[40], error[96] = "null", charge[192];
    write_charge(i, whole, charge, sizeof charge);
    intent_id(i, id);
    if (i->failed_last)
        (void)snprintf(error, sizeof error,
                       "{\"code\":\"card_declined\",\"decline_code\":\"insufficient_funds\"}");
    (void)snprintf(to, size,
                   "{\"id\":\"%s\",\"object\":\"payment_intent\",\"amount\":%lld,"
                   "\"amount_capturable\":%lld,\"amount_received\":%lld,\"capture_method\":"
                   "\"manual\",\"client_secret\":\"%s_secret_%u\",\"currency\":\"eur\","
                   "\"last_payment_error\":%s,\"latest_charge\":%s,\"metadata\":{\"order_id\":\"%"
                   "s\",\"event_id\":"
                   "\"%s\"},\"status\":\"%s\"}",
                   id, (long long)i->amount, (long long)i->reserved, (long long)i->received, id,
                   i->number * 7919u, error, charge, i->order_text, i->event_text,
                   state_word(i->state));
}

static void write_error(const char *type, const char *code, char *to, size_t size)
{
    (void)snprintf(to, size, "{\"error\":{\"type\":\"%s\",\"code\":\"%s\",\"message\":\"no\"}}",
                   type, code);
}

/* ---- webhooks ---- */

/* A webhook that comes twice counts once, as long as the process lives that took it. */
static void note_decline(struct sim *s, const struct hook *hook)
{
    struct provider *p = s->provider;
    WORLD_BEGIN();
    for (uint32_t i = 0; i < p->told_count; i++)
        if (p->told[i].event == hook->event && p->told[i].epoch == host_epoch(s))
            return;
    p->told = grown(p->told, p->told_count, &p->told_capacity, sizeof *p->told);
    p->told[p->told_count++] = (struct told){hook->event, host_epoch(s)};
    p->intents[hook->intent].declines_told++;
}

static bool was_taken(const struct sim *s, uint64_t event)
{
    const struct provider *p = s->provider;
    for (uint32_t i = p->taken_count; i-- > 0;)
        if (p->taken[i].event == event && p->taken[i].epoch == host_epoch(s))
            return true;
    return false;
}

static void note_taken(struct sim *s, uint64_t event)
{
    struct provider *p = s->provider;
    p->taken = grown(p->taken, p->taken_count, &p->taken_capacity, sizeof *p->taken);
    p->taken[p->taken_count++] = (struct told){event, host_epoch(s)};
}

static void hook_perform(struct sim *s, struct ask *ask)
{
    struct hook *hook = (struct hook *)ask;
    struct stripe_event event;
    struct err err;
    hook->taken = true;
    ask->barrier = 0;
    if (stripe_event_read(slice_from_string(hook->body), &event, &err) != 0) {
        if (process_memory_was_short())
            hook->taken = false; /* answered 400: delivered again */
        else
            sim_broken(s, "a webhook can be read", "%s", err.detail);
        return;
    }
    if (hook->decline)
        note_decline(s, hook);
    bool decides =
        event.type != STRIPE_EVENT_OTHER &&
        event.type != STRIPE_EVENT_AUTHORISED; /* which may only be an occasion to look */
    bool could_decide = host_writable(s) || !decides;
    hook->taken = cashier_webhook(host_cashier(s), &event, &ask->barrier);
    WORLD_BEGIN();
    REQUIRE(s, !hook->taken || could_decide || was_taken(s, hook->event),
            "a webhook that cannot be taken is asked for again", "webhook %llu",
            (unsigned long long)hook->event);
    if (hook->taken)
        note_taken(s, hook->event);
}

static void hook_goes(struct sim *s, void *subject, uint64_t word)
{
    struct hook *hook = subject;
    struct intent *i = &s->provider->intents[hook->intent];
    (void)word;
    if (hook->order_in_intent < i->events_told)
        sim_fault(s, FAULT_WEBHOOK_REORDERED);
    else
        i->events_told = hook->order_in_intent;
    TRACE(s, "webhook # about payment # arrives, attempt #", hook->event, hook->intent,
          hook->attempts);
    host_ask(s, &hook->ask, 0);
}

static void hook_answered(struct sim *s, struct ask *ask)
{
    struct hook *hook = (struct hook *)ask;
    struct provider *p = s->provider;
    TRACE(s, "webhook # answered, taken #, lost #", hook->event, hook->taken, ask->lost);
    if (!ask->lost && hook->taken) {
        p->under_way--;
        sim_free(s, hook);
        return;
    }
    uint32_t doublings = hook->attempts < 10 ? hook->attempts : 10;
    hook->attempts++;
    schedule_in(s, random_between(&p->random, SECOND_US, (2 * SECOND_US) << doublings), hook_goes,
                hook, 0);
}

static void send_hook(struct sim *s, const struct hook *hook, uint64_t after_us)
{
    struct hook *copy = sim_new(s, sizeof *copy);
    *copy = *hook;
    s->provider->under_way++;
    schedule_in(s, after_us, hook_goes, copy, 0);
}

static void emit(struct sim *s, struct intent *i, const char *type)
{
    struct provider *p = s->provider;
    struct hook hook = {.ask = {.perform = hook_perform, .answered = hook_answered},
                        .event = ++p->events,
                        .order_in_intent = ++i->events_made,
                        .intent = i->number};
    hook.decline = strcmp(type, "payment_failed") == 0;
    char object[BODY_MAX - 200];
    write_intent(i, false, object, sizeof object);
    (void)snprintf(hook.body, sizeof hook.body,
                   "{\"id\":\"evt_sim%llu\",\"object\":\"event\",\"type\":\"payment_intent.%s\","
                   "\"data\":{\"object\":%s}}",
                   (unsigned long long)hook.event, type, object);
    if (random_hit(&p->random, s->rates.webhook_lost)) {
        sim_fault(s, FAULT_WEBHOOK_LOST);
        return;
    }
    uint64_t after_us = random_magnitude(&p->random, 2000, 4 * SECOND_US);
    if (random_hit(&p->random, s->rates.webhook_late)) {
        after_us = random_magnitude(&p->random, 60 * SECOND_US, LATE_MAX_US);
        sim_fault(s, FAULT_WEBHOOK_LATE);
    }
    send_hook(s, &hook, after_us);
    if (random_hit(&p->random, s->rates.webhook_doubled)) {
        send_hook(s, &hook, after_us + random_magnitude(&p->random, 1, 600 * SECOND_US));
        sim_fault(s, FAULT_WEBHOOK_DOUBLED);
    }
}

/* ---- what happens to an intent ---- */

static void reserve(struct sim *s, struct intent *i)
{
    struct provider *p = s->provider;
    i->state = RESERVED;
    i->reserved = i->amount;
    i->failed_last = false;
    i->authorised_ever = true;
    if (i->cancel_asked)
        sim_fault(s, FAULT_SUCCESS_AFTER_CANCEL);
    if (i->amount > 1 && random_hit(&p->random, s->rates.amount_differs)) {
        i->reserved = i->amount - 1;
        sim_fault(s, FAULT_AMOUNT_DIFFERS);
    }
    emit(s, i, "amount_capturable_updated");
}

static void decline(struct sim *s, struct intent *i)
{
    i->state = OPEN;
    i->failed_last = true;
    sim_fault(s, FAULT_DECLINED);
    emit(s, i, "payment_failed");
}

static void settle(struct sim *s, void *subject, uint64_t number)
{
    struct provider *p = subject;
    struct intent *i = &p->intents[number];
    p->under_way--;
    TRACE(s, "the attempt for payment # is settled", number);
    if (random_hit(&p->random, s->rates.declined))
        decline(s, i);
    else
        reserve(s, i);
}

static struct intent *intent_by_text(struct provider *p, struct slice id)
{
    uint32_t number = 0;
    if (id.len != 14 || memcmp(id.data, "pi_sim", 6) != 0)
        return NULL;
    for (size_t at = 6; at < 14; at++)
        number = number * 10 + (uint32_t)(id.data[at] - '0');
    return number < p->intent_count ? &p->intents[number] : NULL;
}

enum confirm_result provider_confirm(struct sim *s, struct slice id, struct slice secret)
{
    struct provider *p = s->provider;
    struct intent *i = intent_by_text(p, id);
    char wanted[64];
    if (!i || i->state != OPEN)
        return CONFIRM_IMPOSSIBLE;
    (void)snprintf(wanted, sizeof wanted, "pi_sim%08u_secret_%u", i->number, i->number * 7919u);
    if (!slice_equal(secret, slice_from_string(wanted)))
        return CONFIRM_IMPOSSIBLE;
    i->attempts++;
    i->card = random_below(&p->random, 8) ? 1 + (uint32_t)random_below(&p->random, CARDS) : 0;
    TRACE(s, "payment # is confirmed", i->number);
    if (random_hit(&p->random, s->rates.processing)) {
        sim_fault(s, FAULT_PROCESSING);
        i->state = PROCESSING;
        p->under_way++;
        schedule_in(s, random_magnitude(&p->random, SECOND_US, 900 * SECOND_US), settle, p,
                    i->number);
        return CONFIRM_PENDING;
    }
    if (random_hit(&p->random, s->rates.declined)) {
        decline(s, i);
        return CONFIRM_DECLINED;
    }
    reserve(s, i);
    return CONFIRM_DONE;
}

static void take(struct sim *s, struct intent *i, int64_t amount)
{
    REQUIRE(s, i->captures == 0, "an order is captured at most once",
            "payment %u is captured twice", i->number);
    i->captures++;
    i->received = amount;
    i->reserved = 0;
    i->state = TAKEN;
    emit(s, i, "succeeded");
}

static void cancel(struct sim *s, struct intent *i)
{
    i->state = CANCELLED;
    i->reserved = 0;
    emit(s, i, "canceled");
}

/* Somebody at the provider's own pages, or the bank. */
static void meddle(struct sim *s, void *subject, uint64_t word)
{
    struct provider *p = subject;
    (void)word;
    if (s->calm || s->rates.meddle_every_us == 0)
        return;
    schedule_in(s, random_between(&p->random, 1, 2 * s->rates.meddle_every_us), meddle, p, 0);
    if (p->intent_count == 0)
        return;
    struct intent *i = &p->intents[random_below(&p->random, p->intent_count)];
    if (i->state == PROCESSING || i->state == TAKEN || i->state == CANCELLED)
        return;
    bool takes = i->state == RESERVED && random_below(&p->random, 2);
    i->meddled = true;
    sim_fault(s, FAULT_MEDDLED);
    TRACE(s, "somebody meddles with payment #, takes #", i->number, takes);
    if (takes)
        take(s, i, i->reserved);
    else
        cancel(s, i);
}

void provider_begin(struct sim *s)
{
    if (s->rates.meddle_every_us)
        schedule_in(s, s->rates.meddle_every_us, meddle, s->provider, 0);
}

/* ---- requests ---- */

/* The value of a field of a form; an empty slice when it is not there. */
static struct slice form_field(const char *form, const char *name)
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

static int64_t form_number(const char *form, const char *name)
{
    struct slice text = form_field(form, name);
    int64_t value = 0;
    for (size_t i = 0; i < text.len; i++)
        value = value * 10 + (text.data[i] - '0');
    return text.len ? value : -1;
}

static void answer_intent(struct parcel *parcel, const struct intent *i)
{
    parcel->status = 200;
    write_intent(i, strstr(parcel->path, "?expand%5B%5D=latest_charge") != NULL, parcel->reply,
                 sizeof parcel->reply);
}

static void answer_error(struct parcel *parcel, int status, const char *type, const char *code)
{
    parcel->status = status;
    write_error(type, code, parcel->reply, sizeof parcel->reply);
}

static void do_create(struct sim *s, struct parcel *parcel)
{
    struct provider *p = s->provider;
    struct slice order = form_field(parcel->body, "metadata[order_id]"),
                 event = form_field(parcel->body, "metadata[event_id]");
    struct id id;
    int64_t amount = form_number(parcel->body, "amount");
    REQUIRE(s,
            id_parse(ID_ORDER, order, &id) && event.len < ID_TEXT_MAX && amount > 0 &&
                slice_equal(form_field(parcel->body, "capture_method"), SLICE("manual")),
            "the provider is asked as the contract says", "create with body %s", parcel->body);
    struct order_of *known = order_get(p, id);
    if (random_hit(&p->random, s->rates.refused)) {
        known->refused = true;
        sim_fault(s, FAULT_PROVIDER_REFUSED);
        answer_error(parcel, 400, "invalid_request_error", "amount_too_small");
        return;
    }
    p->intents = grown(p->intents, p->intent_count, &p->intent_capacity, sizeof *p->intents);
    struct intent *i = &p->intents[p->intent_count];
    *i = (struct intent){.number = p->intent_count++,
                         .next_of_order = known->first,
                         .order = id,
                         .state = OPEN,
                         .amount = amount};
    known->first = p->intent_count;
    memcpy(i->order_text, order.data, order.len);
    memcpy(i->event_text, event.data, event.len);
    answer_intent(parcel, i);
}

static void do_capture(struct sim *s, struct parcel *parcel, struct intent *i)
{
    int64_t amount = form_number(parcel->body, "amount_to_capture");
    if (i->state != RESERVED || amount <= 0 || amount > i->reserved) {
        answer_error(parcel, 400, "invalid_request_error", "payment_intent_unexpected_state");
        return;
    }
    if (random_hit(&s->provider->random, s->rates.refused)) { /* the bank took it back */
        sim_fault(s, FAULT_PROVIDER_REFUSED);
        i->meddled = true;
        cancel(s, i);
        answer_error(parcel, 400, "invalid_request_error", "charge_expired_for_capture");
        return;
    }
    take(s, i, amount);
    answer_intent(parcel, i);
}

static void do_request(struct sim *s, struct parcel *parcel)
{
    struct provider *p = s->provider;
    static const char base[] = "/v1/payment_intents";
    REQUIRE(s, strncmp(parcel->path, base, sizeof base - 1) == 0,
            "the provider is asked as the contract says", "path %s", parcel->path);
    const char *rest = parcel->path + sizeof base - 1;
    if (*rest == '\0') {
        REQUIRE(s, parcel->post, "the provider is asked as the contract says", "a list is read");
        do_create(s, parcel);
        return;
    }
    const char *id = rest + 1, *verb = strchr(id, '/');
    struct intent *i = intent_by_text(p, slice_make(id, strcspn(id, "/?")));
    if (!i) {
        answer_error(parcel, 404, "invalid_request_error", "resource_missing");
    } else if (!verb) {
        answer_intent(parcel, i);
    } else if (strcmp(verb, "/capture") == 0) {
        do_capture(s, parcel, i);
    } else if (i->state == OPEN || i->state == RESERVED) {
        REQUIRE(s, strcmp(verb, "/cancel") == 0, "the provider is asked as the contract says",
                "verb %s", verb);
        cancel(s, i);
        answer_intent(parcel, i);
    } else {
        answer_error(parcel, 400, "invalid_request_error", "payment_intent_unexpected_state");
    }
}

static struct kept *kept_find(struct provider *p, uint64_t key)
{
    for (uint32_t at = p->kept_bucket[key % BUCKETS]; at; at = p->kept[at - 1].next)
        if (p->kept[at - 1].key == key)
            return &p->kept[at - 1];
    return NULL;
}

static void keep(struct provider *p, const struct parcel *parcel, uint64_t request)
{
    p->kept = grown(p->kept, p->kept_count, &p->kept_capacity, sizeof *p->kept);
    struct kept *k = &p->kept[p->kept_count++];
    *k = (struct kept){.key = parcel->kept_key,
                       .request = request,
                       .status = parcel->status,
                       .next = p->kept_bucket[parcel->kept_key % BUCKETS]};
    p->kept_bucket[parcel->kept_key % BUCKETS] = p->kept_count;
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
        answer_error(parcel, 429, "invalid_request_error", "rate_limit");
        parcel->retry_after_s = (uint32_t)random_below(&p->random, 3);
        return;
    }
    if (random_hit(&p->random, s->rates.error)) { /* not begun, not kept */
        sim_fault(s, FAULT_PROVIDER_500);
        answer_error(parcel, 500, "api_error", "unknown");
        return;
    }
    bool broken = parcel->post && random_hit(&p->random, s->rates.error_kept);
    if (!broken || random_below(&p->random, 2))
        do_request(s, parcel);
    if (broken) {
        p->stuck_creates += strcmp(parcel->path, "/v1/payment_intents") == 0;
        sim_fault(s, FAULT_PROVIDER_500_KEPT);
        answer_error(parcel, 500, "api_error", "unknown");
    }
    if (parcel->post)
        keep(p, parcel, request);
}

/* ---- on the wire ---- */

static void parcel_answers(struct sim *s, void *subject, uint64_t timed_out)
{
    struct parcel *parcel = subject;
    struct stripe_reply reply = {.status = parcel->status,
                                 .retry_after_s = parcel->retry_after_s,
                                 .replayed = parcel->replayed,
                                 .body = slice_from_string(parcel->reply)};
    if (timed_out)
        reply = (struct stripe_reply){.status = 0};
    TRACE(s, "the provider answers # to ticket #, @", (uint64_t)reply.status, parcel->ticket,
          hash64_of(reply.body.data, reply.body.len, 0));
    host_provider_answers(s, parcel->epoch, parcel->ticket, &reply);
    parcel->answered = true;
    if (timed_out && !parcel->arrived)
        return; /* it will arrive, minutes late, and be done */
    s->provider->under_way--;
    sim_free(s, parcel);
}

static void parcel_times_out(struct sim *s, struct parcel *parcel)
{
    uint64_t at_us = parcel->sent_us + TIMEOUT_US;
    schedule_at(s, at_us, parcel_answers, parcel, true);
}

static void garble(struct random *random, struct parcel *parcel)
{
    size_t len = strlen(parcel->reply);
    if (random_below(random, 2))
        parcel->reply[random_below(random, len + 1)] = '\0';
    else
        (void)snprintf(parcel->reply, sizeof parcel->reply, "<html>Bad gateway</html>");
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
        p->under_way--;
        sim_free(s, parcel);
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
    bool authorised = false, version = false, form = false;
    for (uint32_t i = 0; i < request->header_count; i++) {
        const char *line = request->headers[i];
        authorised |= strcmp(line, "Authorization: Bearer sk_test_simulated") == 0;
        version |= strncmp(line, "Stripe-Version: ", 16) == 0;
        form |= strcmp(line, "Content-Type: application/x-www-form-urlencoded") == 0;
        if (strncmp(line, "Idempotency-Key: ", 17) == 0)
            (void)snprintf(parcel->key, sizeof parcel->key, "%s", line + 17);
    }
    REQUIRE(s,
            authorised && version && form == request->post && (*parcel->key != 0) == request->post,
            "the provider is asked as the contract says", "headers of %s", request->url);
}

void provider_request(struct sim *s, uint64_t epoch, uint64_t ticket,
                      const struct stripe_request *request)
{
    struct provider *p = s->provider;
    static const char base[] = "https://api.provider.test";
    struct parcel *parcel = sim_new(s, sizeof *parcel);
    REQUIRE(s,
            strncmp(request->url, base, sizeof base - 1) == 0 &&
                request->body.len < sizeof parcel->body,
            "the provider is asked as the contract says", "url %s", request->url);
    parcel->epoch = epoch;
    parcel->ticket = ticket;
    parcel->sent_us = s->now_us;
    parcel->post = request->post;
    (void)snprintf(parcel->path, sizeof parcel->path, "%s", request->url + sizeof base - 1);
    memcpy(parcel->body, request->body.data ? request->body.data : "", request->body.len);
    read_headers(s, request, parcel);
    parcel->kept_key = hash64_of(parcel->key, strlen(parcel->key), 7);
    p->under_way++;
    TRACE(s, "ticket # asks the provider @ @", ticket,
          hash64_of(parcel->path, strlen(parcel->path), 0),
          hash64_of(parcel->body, request->body.len, parcel->kept_key));
    if (s->options->trace)
        (void)printf("      (%s %s %s)\n", parcel->post ? "POST" : "GET", parcel->path,
                     parcel->key);
    const char *verb = strrchr(parcel->path, '/');
    if (verb && strcmp(verb, "/cancel") == 0) {
        const char *id = parcel->path + sizeof "/v1/payment_intents";
        struct intent *i = intent_by_text(p, slice_make(id, (size_t)(verb - id)));
        if (i)
            i->cancel_asked = true;
    }
    if (random_hit(&p->random, s->rates.request_lost)) {
        sim_fault(s, FAULT_REQUEST_LOST);
        parcel->arrived = true; /* nowhere */
        parcel_times_out(s, parcel);
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

/* ---- looking ---- */

uint32_t provider_stuck_creates(const struct sim *s)
{
    return s->provider->stuck_creates;
}

struct provider_facts provider_facts(const struct sim *s, struct id order)
{
    const struct provider *p = s->provider;
    struct provider_facts facts = {0};
    const struct order_of *o = order_find(p, order);
    if (!o)
        return facts;
    facts.refused = o->refused;
    for (uint32_t at = o->first; at; at = p->intents[at - 1].next_of_order) {
        const struct intent *i = &p->intents[at - 1];
        facts.intents++;
        facts.captures += i->captures;
        facts.declines_told += i->declines_told;
        facts.authorised_ever |= i->authorised_ever;
        if (i->authorised_ever)
            facts.card = i->card;
        facts.cancelled_ever |= i->state == CANCELLED;
        facts.meddled |= i->meddled;
        facts.open |= i->state == RESERVED;
        facts.pending |= i->state == PROCESSING;
        facts.captured_minor += i->received;
    }
    return facts;
}

void provider_each(struct sim *s, void (*visit)(struct sim *s, struct id order,
                                                const struct provider_facts *facts))
{
    for (uint32_t at = 0; at < s->provider->order_count; at++) {
        struct id order = s->provider->orders[at].order;
        struct provider_facts facts = provider_facts(s, order);
        visit(s, order, &facts);
    }
}

bool provider_idle(const struct sim *s)
{
    return s->provider->under_way == 0;
}

struct provider *provider_create(struct sim *s)
{
    struct provider *p = calloc(1, sizeof *p);
    if (!p)
        abort();
    p->random = sim_stream(s, 5);
    return p;
}

void provider_destroy(struct provider *p)
{
    if (!p)
        return;
    free(p->intents);
    free(p->kept);
    free(p->orders);
    free(p->told);
    free(p->taken);
    free(p);
}
