#include "process.h"
#include "provider_private.h"

#include <stdlib.h>

/* The provider's books of payments, and what happens to them by themselves or by the buyer. */

#define CARDS 12u /* of all clients together; of one in eight buyers no fingerprint is known */
#define BANK_MAX_US (72 * HOUR_US) /* that a bank takes for what is not a card */

/* ---- books ---- */

void *provider_grown(void *list, uint32_t count, uint32_t *capacity, size_t size)
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
    for (uint32_t at = p->order_bucket[order.random % PROVIDER_BUCKETS]; at;
         at = p->orders[at - 1].next) {
        struct order_of *o = &p->orders[at - 1];
        if (o->order.random == order.random && o->order.slot == order.slot &&
            o->order.partition == order.partition)
            return o;
    }
    return NULL;
}

struct order_of *provider_order(struct provider *p, struct id order)
{
    struct order_of *known = order_find(p, order);
    if (known)
        return known;
    p->orders = provider_grown(p->orders, p->order_count, &p->order_capacity, sizeof *p->orders);
    struct order_of *o = &p->orders[p->order_count++];
    *o =
        (struct order_of){.order = order, .next = p->order_bucket[order.random % PROVIDER_BUCKETS]};
    p->order_bucket[order.random % PROVIDER_BUCKETS] = p->order_count;
    return o;
}

static const char *state_word(enum intent_state state)
{
    static const char *const words[] = {"requires_payment_method", "requires_action", "processing",
                                        "requires_capture",        "succeeded",       "canceled"};
    return words[state];
}

void provider_intent_id(const struct intent *i, char ret_text[40])
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

void provider_write_intent(const struct intent *i, bool whole, char *to, size_t size)
{
    char id[40], error[96] = "null", charge[192];
    write_charge(i, whole, charge, sizeof charge);
    provider_intent_id(i, id);
    if (i->failed_last)
        (void)snprintf(error, sizeof error,
                       "{\"code\":\"card_declined\",\"decline_code\":\"insufficient_funds\"}");
    (void)snprintf(to, size,
                   "{\"id\":\"%s\",\"object\":\"payment_intent\",\"amount\":%lld,"
                   "\"amount_capturable\":%lld,\"amount_received\":%lld,\"capture_method\":"
                   "\"%s\",\"client_secret\":\"%s_secret_%u\",\"currency\":\"eur\","
                   "\"last_payment_error\":%s,\"latest_charge\":%s,\"metadata\":{\"order_id\":\"%"
                   "s\",\"event_id\":"
                   "\"%s\"},\"created\":%llu,\"status\":\"%s\"}",
                   id, (long long)i->amount, (long long)i->reserved, (long long)i->received,
                   i->others ? "automatic" : "manual", id, i->number * 7919u, error, charge,
                   i->order_text, i->event_text, (unsigned long long)i->created_s,
                   state_word(i->state));
}

struct intent *provider_intent(struct provider *p, struct slice id)
{
    uint32_t number = 0;
    if (id.len != 14 || memcmp(id.data, "pi_sim", 6) != 0)
        return NULL;
    for (size_t at = 6; at < 14; at++)
        number = number * 10 + (uint32_t)(id.data[at] - '0');
    return number < p->intent_count ? &p->intents[number] : NULL;
}

struct intent *provider_intent_make(struct sim *s, struct order_of *order)
{
    struct provider *p = s->provider;
    p->intents =
        provider_grown(p->intents, p->intent_count, &p->intent_capacity, sizeof *p->intents);
    struct intent *i = &p->intents[p->intent_count];
    *i = (struct intent){.number = p->intent_count++, .created_s = s->now_us / SECOND_US};
    if (!order)
        return i;
    i->next_of_order = order->first;
    i->order = order->order;
    order->first = p->intent_count;
    return i;
}

/* ---- what happens to a payment ---- */

static void note_success(struct sim *s, struct intent *i)
{
    i->failed_last = false;
    i->authorised_ever = true;
    if (i->cancel_asked)
        sim_fault(s, FAULT_SUCCESS_AFTER_CANCEL);
}

/* Now and then it is not what was asked for. */
static int64_t amount_of(struct sim *s, const struct intent *i)
{
    if (i->amount < 2 || !random_hit(&s->provider->random, s->rates.amount_differs))
        return i->amount;
    sim_fault(s, FAULT_AMOUNT_DIFFERS);
    return i->amount - 1;
}

void provider_take(struct sim *s, struct intent *i, int64_t amount)
{
    REQUIRE(s, i->captures == 0, "an order is captured at most once",
            "payment %u is captured twice", i->number);
    i->captures++;
    i->received = amount;
    i->reserved = 0;
    i->state = INTENT_TAKEN;
    provider_tell_intent(s, i, "succeeded");
}

void provider_cancel(struct sim *s, struct intent *i)
{
    i->state = INTENT_CANCELLED;
    i->reserved = 0;
    provider_tell_intent(s, i, "canceled");
}

static void succeed(struct sim *s, struct intent *i)
{
    note_success(s, i);
    int64_t amount = amount_of(s, i);
    i->authorised = amount;
    if (i->at_once) {
        sim_fault(s, FAULT_CHARGED_AT_ONCE);
        provider_take(s, i, amount);
        return;
    }
    i->state = INTENT_RESERVED;
    i->reserved = amount;
    provider_tell_intent(s, i, "amount_capturable_updated");
}

static void decline(struct sim *s, struct intent *i)
{
    i->state = INTENT_OPEN;
    i->failed_last = true;
    sim_fault(s, FAULT_DECLINED);
    provider_tell_intent(s, i, "payment_failed");
}

static void settle(struct sim *s, void *subject, uint64_t number)
{
    struct provider *p = subject;
    struct intent *i = &p->intents[number];
    p->under_way--;
    if (i->state != INTENT_PROCESSING && i->state != INTENT_ACTION)
        return; /* cancelled while the buyer was asked */
    TRACE(s, "the attempt for payment # is settled", number);
    if (random_hit(&p->random, s->rates.declined))
        decline(s, i);
    else
        succeed(s, i);
}

static void settle_later(struct sim *s, struct intent *i, uint64_t most_us)
{
    s->provider->under_way++;
    schedule_in(s, random_magnitude(&s->provider->random, SECOND_US, most_us), settle, s->provider,
                i->number);
}

/* The buyer chose how to pay. */
static void choose_way(struct provider *p, struct intent *i)
{
    i->attempts++;
    i->at_once = i->others && (!i->cards || random_below(&p->random, 2));
    i->card = 0;
    if (!i->at_once && random_below(&p->random, 8))
        i->card = 1 + (uint32_t)random_below(&p->random, CARDS);
}

static enum confirm_result attempt(struct sim *s, struct intent *i)
{
    struct provider *p = s->provider;
    choose_way(p, i);
    if (random_hit(&p->random, s->rates.action)) { /* some never answer the bank */
        sim_fault(s, FAULT_ACTION);
        i->state = INTENT_ACTION;
        if (random_below(&p->random, 4))
            settle_later(s, i, 600 * SECOND_US);
        return CONFIRM_PENDING;
    }
    if (random_hit(&p->random, s->rates.processing)) {
        sim_fault(s, i->at_once ? FAULT_PROCESSING_DAYS : FAULT_PROCESSING);
        i->state = INTENT_PROCESSING;
        settle_later(s, i, i->at_once ? BANK_MAX_US : 900 * SECOND_US);
        provider_tell_intent(s, i, "processing");
        return CONFIRM_PENDING;
    }
    if (random_hit(&p->random, s->rates.declined)) {
        decline(s, i);
        return CONFIRM_DECLINED;
    }
    succeed(s, i);
    return CONFIRM_DONE;
}

enum confirm_result provider_confirm(struct sim *s, struct slice id, struct slice secret)
{
    struct provider *p = s->provider;
    struct intent *i = provider_intent(p, id);
    char wanted[64];
    if (!i || i->state != INTENT_OPEN)
        return CONFIRM_IMPOSSIBLE;
    (void)snprintf(wanted, sizeof wanted, "pi_sim%08u_secret_%u", i->number, i->number * 7919u);
    if (!slice_equal(secret, slice_from_string(wanted)))
        return CONFIRM_IMPOSSIBLE;
    if (provider_is_down(s, i->house))
        return CONFIRM_DECLINED; /* nobody answers: the buyer tries again */
    TRACE(s, "payment # is confirmed", i->number);
    return attempt(s, i);
}

/* ---- what goes wrong by itself ---- */

/* Somebody at the provider's own pages, or the bank. */
static void meddle_with(struct sim *s, struct intent *i)
{
    struct provider *p = s->provider;
    if (i->state == INTENT_TAKEN && random_below(&p->random, 32) == 0)
        provider_refund_unasked(s, i);
    if (i->state == INTENT_PROCESSING || i->state == INTENT_TAKEN || i->state == INTENT_CANCELLED)
        return;
    bool takes = i->state == INTENT_RESERVED && random_below(&p->random, 2);
    i->meddled = true;
    sim_fault(s, FAULT_MEDDLED);
    TRACE(s, "somebody meddles with payment #, takes #", i->number, takes);
    if (takes)
        provider_take(s, i, i->reserved);
    else
        provider_cancel(s, i);
}

static void meddle(struct sim *s, void *subject, uint64_t word)
{
    struct provider *p = subject;
    (void)word;
    if (s->calm || s->rates.meddle_every_us == 0)
        return;
    schedule_in(s, random_between(&p->random, 1, 2 * s->rates.meddle_every_us), meddle, p, 0);
    if (p->intent_count > 0)
        meddle_with(s, &p->intents[random_below(&p->random, p->intent_count)]);
}

static void complain(struct sim *s, void *subject, uint64_t word)
{
    struct provider *p = subject;
    (void)word;
    if (s->calm || s->rates.dispute_every_us == 0)
        return;
    schedule_in(s, random_between(&p->random, 1, 2 * s->rates.dispute_every_us), complain, p, 0);
    provider_dispute_now(s);
}

static void goes_down(struct sim *s, void *subject, uint64_t word)
{
    struct provider *p = subject;
    (void)word;
    if (s->calm || s->rates.down_every_us == 0)
        return;
    uint64_t until_us = s->now_us + random_magnitude(&p->random, 5 * SECOND_US, 7200 * SECOND_US);
    bool both = random_below(&p->random, 4) == 0;
    p->down_until_us[0] = until_us;
    p->down_until_us[1] = both ? until_us : 0;
    sim_fault(s, FAULT_PROVIDER_DOWN);
    TRACE(s, "the first provider is down until #, both #", until_us, both);
    schedule_at(s, until_us + random_between(&p->random, 1, 2 * s->rates.down_every_us), goes_down,
                p, 0);
}

bool provider_is_down(const struct sim *s, uint8_t house)
{
    return !s->calm && s->now_us < s->provider->down_until_us[house];
}

void provider_begin(struct sim *s)
{
    provider_plant_begin(s);
    if (s->rates.meddle_every_us)
        schedule_in(s, s->rates.meddle_every_us, meddle, s->provider, 0);
    if (s->rates.dispute_every_us)
        schedule_in(s, s->rates.dispute_every_us, complain, s->provider, 0);
    if (s->rates.down_every_us)
        schedule_in(s, s->rates.down_every_us, goes_down, s->provider, 0);
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
        facts.cancelled_ever |= i->state == INTENT_CANCELLED;
        facts.meddled |= i->meddled;
        facts.open |= i->state == INTENT_RESERVED;
        facts.pending |= i->state == INTENT_PROCESSING;
        facts.captured_minor += i->received;
        facts.authorised_minor += i->authorised;
        facts.refunded_minor += i->refunded;
        facts.disputed_minor += i->disputed + i->lost;
        facts.untold |= i->untold;
        facts.planted |= i->planted;
        facts.disputed_ever |= i->disputed_ever;
        facts.declines_lost += i->declines_lost;
        facts.stubborn |= i->stubborn;
    }
    return facts;
}

int64_t provider_unasked_minor(const struct sim *s, struct id order)
{
    const struct provider *p = s->provider;
    const struct order_of *o = order_find(p, order);
    int64_t minor = 0;
    for (uint32_t at = o ? o->first : 0; at; at = p->intents[at - 1].next_of_order)
        for (uint32_t n = 0; n < p->refund_count; n++) {
            const struct refund *r = &p->refunds[n];
            if (r->intent == at - 1 && r->of == 0 && r->state != REFUND_FAILED)
                minor += r->amount;
        }
    return minor;
}

static const struct refund *refund_of(const struct sim *s, struct id order, uint8_t refund,
                                      uint8_t attempt)
{
    const struct provider *p = s->provider;
    for (uint32_t n = p->refund_count; n-- > 0;) {
        const struct refund *r = &p->refunds[n];
        const struct id *of = &p->intents[r->intent].order;
        if (r->of == refund && r->attempt == attempt && of->random == order.random &&
            of->slot == order.slot && of->partition == order.partition)
            return r;
    }
    return NULL;
}

bool provider_refund_paid(const struct sim *s, struct id order, uint8_t refund, uint8_t attempt)
{
    const struct refund *r = refund_of(s, order, refund, attempt);
    return r && r->paid_ever;
}

bool provider_refund_back(const struct sim *s, struct id order, uint8_t refund, uint8_t attempt)
{
    const struct refund *r = refund_of(s, order, refund, attempt);
    return r && r->paid_ever && r->state == REFUND_FAILED;
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
    free(p->refunds);
    free(p->disputes);
    free(p->kept);
    free(p->orders);
    free(p->told);
    free(p->taken);
    free(p);
}
