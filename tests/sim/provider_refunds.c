#include "books.h"
#include "provider_private.h"

#include <stdlib.h>

/* Refunds and disputes, in the provider's own books. */

#define LIST_BYTES (64u * 1024u)
#define SLOW_MAX_US (48 * HOUR_US) /* a refund that is on its way, or comes back */

/* ---- refunds ---- */

void provider_write_refund(const struct provider *p, uint32_t number, char *to, size_t size)
{
    static const char *const words[] = {"pending", "succeeded", "failed"};
    const struct refund *r = &p->refunds[number];
    const struct intent *i = &p->intents[r->intent];
    char intent[40], of[48] = "";
    provider_intent_id(i, intent);
    if (r->of)
        (void)snprintf(of, sizeof of, ",\"refund\":\"%u\",\"attempt\":\"%u\"", r->of, r->attempt);
    (void)snprintf(to, size,
                   "{\"id\":\"re_sim%u\",\"object\":\"refund\",\"amount\":%lld,\"currency\":\"eur\""
                   ",\"payment_intent\":\"%s\",\"metadata\":{\"order_id\":\"%s\"%s},"
                   "\"created\":%llu,\"failure_reason\":%s,\"status\":\"%s\"}",
                   number, (long long)r->amount, intent, i->order_text, of,
                   (unsigned long long)r->created_s,
                   r->state == REFUND_FAILED ? "\"lost_or_stolen_card\"" : "null", words[r->state]);
}

static void tell_refund(struct sim *s, uint32_t number, const char *type)
{
    struct provider *p = s->provider;
    char object[512];
    provider_write_refund(p, number, object, sizeof object);
    provider_tell(s, &p->intents[p->refunds[number].intent], type, object);
}

static void refund_comes_back(struct sim *s, void *subject, uint64_t number)
{
    struct provider *p = subject;
    struct refund *r = &p->refunds[number];
    struct intent *i = &p->intents[r->intent];
    p->under_way--;
    TRACE(s, "refund # comes back", number);
    sim_fault(s, FAULT_REFUND_BACK);
    r->state = REFUND_FAILED;
    i->refunded -= r->amount;
    tell_refund(s, (uint32_t)number, "refund.failed");
}

static void refund_paid(struct sim *s, uint32_t number)
{
    struct provider *p = s->provider;
    struct refund *r = &p->refunds[number];
    r->state = REFUND_PAID;
    r->paid_ever = true;
    p->intents[r->intent].refunded += r->amount;
    if (r->of && random_hit(&p->random, s->rates.refund_back)) {
        r->comes_back = true;
        p->under_way++;
        schedule_in(s, random_magnitude(&p->random, SECOND_US, SLOW_MAX_US), refund_comes_back, p,
                    number);
    }
}

static void refund_settles(struct sim *s, void *subject, uint64_t number)
{
    struct provider *p = subject;
    struct refund *r = &p->refunds[number];
    p->under_way--;
    p->intents[r->intent].refunds_pending -= r->amount;
    TRACE(s, "refund # is settled, fails #", number, r->fails);
    if (r->fails) {
        sim_fault(s, FAULT_REFUND_FAILED);
        r->state = REFUND_FAILED;
        tell_refund(s, (uint32_t)number, "refund.failed");
        return;
    }
    refund_paid(s, (uint32_t)number);
    tell_refund(s, (uint32_t)number, "refund.updated");
}

static uint32_t refund_make(struct sim *s, struct intent *i, uint8_t of, uint8_t attempt,
                            int64_t amount)
{
    struct provider *p = s->provider;
    p->refunds =
        provider_grown(p->refunds, p->refund_count, &p->refund_capacity, sizeof *p->refunds);
    uint32_t number = p->refund_count++;
    p->refunds[number] = (struct refund){.intent = i->number,
                                         .of = of,
                                         .attempt = attempt,
                                         .amount = amount,
                                         .created_s = s->now_us / SECOND_US};
    if (of && random_hit(&p->random, s->rates.refund_slow)) {
        sim_fault(s, FAULT_REFUND_PENDING);
        p->refunds[number].fails = random_hit(&p->random, s->rates.refund_fails);
        i->refunds_pending += amount;
        p->under_way++;
        schedule_in(s, random_magnitude(&p->random, SECOND_US, SLOW_MAX_US), refund_settles, p,
                    number);
    } else {
        refund_paid(s, number);
    }
    tell_refund(s, number, "refund.created");
    return number;
}

int64_t provider_refundable(const struct intent *i)
{
    return i->received - i->refunded - i->refunds_pending - i->disputed - i->lost;
}

static void answer_refund(const struct provider *p, struct parcel *parcel, uint32_t number)
{
    parcel->status = 200;
    provider_write_refund(p, number, parcel->reply, sizeof parcel->reply);
}

/* Whoever asks for a refund asks for it once: unless the first one failed, and then by another
 * attempt. */
static void check_once(struct sim *s, const struct intent *i, uint8_t of, uint8_t attempt)
{
    const struct provider *p = s->provider;
    for (uint32_t n = 0; n < p->refund_count; n++) {
        const struct refund *r = &p->refunds[n];
        if (r->intent != i->number)
            continue;
        REQUIRE(s, r->of != of || r->state == REFUND_FAILED, "a refund is paid once",
                "refund %u of payment %u is asked for twice", of, i->number);
        REQUIRE(s, r->attempt != attempt, "a refund is paid once",
                "attempt %u of payment %u is made twice", attempt, i->number);
    }
}

static void refund_post(struct sim *s, struct parcel *parcel)
{
    struct provider *p = s->provider;
    struct intent *i = provider_intent(p, provider_form_field(parcel->body, "payment_intent"));
    int64_t amount = provider_form_number(parcel->body, "amount"),
            of = provider_form_number(parcel->body, "metadata[refund]"),
            attempt = provider_form_number(parcel->body, "metadata[attempt]");
    REQUIRE(s,
            i && i->house == parcel->house && amount > 0 && of >= 1 && of <= LIMIT_HOLD_UNITS &&
                attempt >= 1 && attempt <= UINT8_MAX &&
                slice_equal(provider_form_field(parcel->body, "metadata[order_id]"),
                            slice_from_string(i->order_text)),
            "the provider is asked as the contract says", "refund with body %s", parcel->body);
    check_once(s, i, (uint8_t)of, (uint8_t)attempt);
    if (i->disputed + i->lost > 0) {
        provider_answer_error(parcel, 400, "invalid_request_error", "charge_disputed");
    } else if (i->state != INTENT_TAKEN || amount > provider_refundable(i)) {
        REQUIRE(s, i->meddled || i->untold, "never is more paid back than was taken",
                "payment %u: %lld of %lld", i->number, (long long)amount,
                (long long)provider_refundable(i));
        provider_answer_error(parcel, 400, "invalid_request_error", "charge_already_refunded");
    } else if (random_hit(&p->random, s->rates.refused)) {
        sim_fault(s, FAULT_PROVIDER_REFUSED);
        provider_answer_error(parcel, 400, "invalid_request_error", "insufficient_funds");
    } else {
        answer_refund(p, parcel, refund_make(s, i, (uint8_t)of, (uint8_t)attempt, amount));
    }
}

/* The newest first. */
static void refunds_of(struct sim *s, struct parcel *parcel, struct slice intent_id)
{
    struct provider *p = s->provider;
    const struct intent *i = provider_intent(p, intent_id);
    size_t at;
    const char *comma = "";
    parcel->list = sim_new(s, LIST_BYTES);
    parcel->status = 200;
    at = (size_t)snprintf(parcel->list, LIST_BYTES, "{\"object\":\"list\",\"data\":[");
    for (uint32_t n = p->refund_count; i && n-- > 0 && at < LIST_BYTES - 600;) {
        char object[512];
        if (p->refunds[n].intent != i->number)
            continue;
        provider_write_refund(p, n, object, sizeof object);
        at += (size_t)snprintf(parcel->list + at, LIST_BYTES - at, "%s%s", comma, object);
        comma = ",";
    }
    (void)snprintf(parcel->list + at, LIST_BYTES - at, "],\"has_more\":false}");
}

void provider_refund_request(struct sim *s, struct parcel *parcel, const char *rest)
{
    struct provider *p = s->provider;
    static const char of_intent[] = "?limit=100&payment_intent=";
    if (*rest == '\0' && parcel->post) {
        refund_post(s, parcel);
    } else if (strncmp(rest, "/re_sim", 7) == 0) {
        unsigned long number = strtoul(rest + 7, NULL, 10);
        if (number < p->refund_count)
            answer_refund(p, parcel, (uint32_t)number);
        else
            provider_answer_error(parcel, 404, "invalid_request_error", "resource_missing");
    } else if (strncmp(rest, of_intent, sizeof of_intent - 1) == 0) {
        refunds_of(s, parcel, slice_from_string(rest + sizeof of_intent - 1));
    } else {
        REQUIRE(s, *rest == '?', "the provider is asked as the contract says", "path %s",
                parcel->path);
        provider_list(s, parcel, STRIPE_LIST_REFUNDS, rest + 1);
    }
}

void provider_refund_unasked(struct sim *s, struct intent *i)
{
    struct provider *p = s->provider;
    if (provider_refundable(i) <= 0)
        return;
    i->meddled = true;
    sim_fault(s, FAULT_REFUND_UNASKED);
    (void)refund_make(s, i, 0, 0,
                      1 + (int64_t)random_below(&p->random, (uint64_t)provider_refundable(i)));
}

/* ---- disputes ---- */

void provider_write_dispute(const struct provider *p, uint32_t number, char *to, size_t size)
{
    static const char *const words[] = {"warning_needs_response", "needs_response", "won", "lost"};
    const struct dispute *d = &p->disputes[number];
    char intent[40];
    provider_intent_id(&p->intents[d->intent], intent);
    (void)snprintf(to, size,
                   "{\"id\":\"dp_sim%u\",\"object\":\"dispute\",\"amount\":%lld,\"currency\":"
                   "\"eur\",\"payment_intent\":\"%s\",\"reason\":\"fraudulent\",\"status\":"
                   "\"%s\",\"created\":%llu,\"evidence_details\":{\"due_by\":%llu}}",
                   number, (long long)d->amount, intent, words[d->state],
                   (unsigned long long)d->created_s, (unsigned long long)d->due_s);
}

static void tell_dispute(struct sim *s, uint32_t number, const char *type)
{
    struct provider *p = s->provider;
    char object[512];
    provider_write_dispute(p, number, object, sizeof object);
    provider_tell(s, &p->intents[p->disputes[number].intent], type, object);
}

static void dispute_decided(struct sim *s, void *subject, uint64_t number)
{
    struct provider *p = subject;
    struct dispute *d = &p->disputes[number];
    struct intent *i = &p->intents[d->intent];
    bool won = random_below(&p->random, 2);
    p->under_way--;
    TRACE(s, "dispute # is decided, won #", number, won);
    i->disputed -= d->amount;
    i->lost += won ? 0 : d->amount;
    d->state = won ? DISPUTE_WON : DISPUTE_LOST;
    sim_fault(s, won ? FAULT_DISPUTE_WON : FAULT_DISPUTE_LOST);
    tell_dispute(s, (uint32_t)number, "charge.dispute.closed");
}

/* Whoever complains to the bank has tickets to complain about. */
static bool has_tickets(const struct sim *s, const struct intent *i)
{
    const struct books_order *o =
        books_order(s, i->order.partition, i->order.slot, i->order.random);
    return o && o->state == ORDER_CAPTURED;
}

bool provider_dispute(struct sim *s, struct intent *i, bool may_ask)
{
    struct provider *p = s->provider;
    if (i->state != INTENT_TAKEN || i->disputed + i->lost > 0 || provider_refundable(i) <= 0 ||
        !has_tickets(s, i))
        return false;
    p->disputes =
        provider_grown(p->disputes, p->dispute_count, &p->dispute_capacity, sizeof *p->disputes);
    uint32_t number = p->dispute_count++;
    struct dispute *d = &p->disputes[number];
    *d = (struct dispute){.intent = i->number,
                          .state = DISPUTE_OPEN,
                          .amount = provider_refundable(i),
                          .created_s = s->now_us / SECOND_US,
                          .due_s = s->now_us / SECOND_US + 7 * 86400};
    if (random_below(&p->random, 4) == 0) /* about a part of it */
        d->amount = 1 + (int64_t)random_below(&p->random, (uint64_t)d->amount);
    TRACE(s, "dispute # about payment #", number, i->number);
    if (may_ask && random_below(&p->random, 4) == 0) { /* a bank only asks: nothing moves */
        d->state = DISPUTE_INQUIRY;
        tell_dispute(s, number, "charge.dispute.created");
        return true;
    }
    sim_fault(s, FAULT_DISPUTED);
    i->disputed += d->amount;
    i->untold |= i->disputed_ever; /* of two, the news may be mixed up */
    i->disputed_ever = true;
    tell_dispute(s, number, "charge.dispute.created");
    if (random_below(&p->random, 2))
        tell_dispute(s, number, "charge.dispute.funds_withdrawn");
    p->under_way++;
    schedule_in(s, random_magnitude(&p->random, SECOND_US, SLOW_MAX_US), dispute_decided, p,
                number);
    return true;
}

void provider_dispute_now(struct sim *s)
{
    struct provider *p = s->provider;
    if (p->intent_count > 0)
        (void)provider_dispute(s, &p->intents[random_below(&p->random, p->intent_count)], true);
}
