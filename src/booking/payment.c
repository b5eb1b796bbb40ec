#include "booking/state.h"

/* What the provider says about an order's payment. News may come late, twice and out of order: a
 * state only advances, and news that does not fit it changes nothing. */

static void open_case(struct booking_decision *d, uint32_t order, enum booking_case reason,
                      struct slice detail)
{
    decision_entry(d, BOOKING_ENTRY_case_opened)->case_opened =
        (struct entry_case_opened){.order = order, .reason = (uint8_t)reason, .detail = detail};
}

static void end_order(const struct booking *b, struct booking_decision *d, uint32_t order,
                      enum booking_end reason, bool cancel)
{
    const struct order *o = &b->orders[order];
    decision_entry(d, BOOKING_ENTRY_order_ended)->order_ended =
        (struct entry_order_ended){.order = order, .reason = (uint8_t)reason};
    if (cancel)
        decision_call(b, d, order, o->random, o->total_minor, BOOKING_CALL_CANCEL, 1);
}

/* The payment exists at the provider. Any news may be the first to say so: a webhook overtakes the
 * answer to our own call. */
static void learn_intent(const struct command_payment_news *c, struct booking_decision *d)
{
    decision_entry(d, BOOKING_ENTRY_payment_created)->payment_created =
        (struct entry_payment_created){
            .order = c->order, .intent = c->intent, .client_secret = c->client_secret};
}

/* An order that ended while its payment was being made: now it can be cancelled. */
static void cancel_late_intent(const struct booking *b, const struct command_payment_news *c,
                               struct booking_decision *d)
{
    const struct order *o = &b->orders[c->order];
    if (o->state != BOOKING_ORDER_ENDING || o->intent_len > 0)
        return;
    learn_intent(c, d);
    decision_call(b, d, c->order, o->random, o->total_minor, BOOKING_CALL_CANCEL, 1);
}

static void news_created(const struct booking *b, const struct command_payment_news *c,
                         struct booking_decision *d)
{
    const struct order *o = &b->orders[c->order];
    bool tells_secret = o->secret_len == 0 && c->client_secret.len > 0 && c->intent.len > 0;
    if (o->state != BOOKING_ORDER_PLACED)
        cancel_late_intent(b, c, d);
    else if (o->intent_len == 0 || tells_secret)
        learn_intent(c, d);
}

static void news_declined(const struct booking *b, const struct command_payment_news *c,
                          struct booking_decision *d)
{
    const struct order *o = &b->orders[c->order];
    if (o->state != BOOKING_ORDER_PLACED) {
        cancel_late_intent(b, c, d);
        return;
    }
    if (o->intent_len == 0)
        learn_intent(c, d);
    decision_entry(d, BOOKING_ENTRY_payment_declined)->payment_declined =
        (struct entry_payment_declined){.order = c->order, .code = c->code};
    if (o->declines + 1u >= LIMIT_PAYMENT_ATTEMPTS)
        end_order(b, d, c->order, BOOKING_END_FAILED, true);
}

static void news_authorised(const struct booking *b, const struct command_payment_news *c,
                            struct booking_decision *d)
{
    const struct order *o = &b->orders[c->order];
    if (o->state != BOOKING_ORDER_PLACED) {
        cancel_late_intent(b, c, d); /* else sold already, or a cancel is on its way and voids it */
        return;
    }
    if (o->intent_len == 0)
        learn_intent(c, d);
    decision_entry(d, BOOKING_ENTRY_payment_authorised)->payment_authorised =
        (struct entry_payment_authorised){.order = c->order, .amount_minor = c->amount_minor};
    if (c->amount_minor != o->total_minor) {
        open_case(d, c->order, BOOKING_CASE_AMOUNT_DIFFERS, SLICE("authorised amount"));
        end_order(b, d, c->order, BOOKING_END_VOIDED, true);
        return;
    }
    if (limits_card_reached(b, c->card, o)) {
        end_order(b, d, c->order, BOOKING_END_CARD_LIMIT, true);
        return;
    }
    /* The pivot. A hold that ran out in this very moment still has its seats as long as nobody took
     * them: whoever does ends the order first. */
    assert(c->ticket_randoms.count >= o->count);
    decision_entry(d, BOOKING_ENTRY_order_sold)->order_sold = (struct entry_order_sold){
        .order = c->order,
        .units = {o->units, o->count},
        .randoms = {c->ticket_randoms.data, o->count},
        .card = c->card,
    };
    decision_call(b, d, c->order, o->random, o->total_minor, BOOKING_CALL_CAPTURE, 1);
}

static void news_captured(const struct booking *b, const struct command_payment_news *c,
                          struct booking_decision *d)
{
    const struct order *o = &b->orders[c->order];
    if (o->state == BOOKING_ORDER_CAPTURED)
        return;
    if (o->state != BOOKING_ORDER_SOLD) {
        if (o->intent_len == 0 && o->state != BOOKING_ORDER_ENDED)
            learn_intent(c, d);
        /* A cancel that is owed can never be done now: only a case ends it. */
        if (!o->attention || o->call == BOOKING_CALL_CANCEL)
            open_case(d, c->order, BOOKING_CASE_CAPTURED_AFTER_END, SLICE("captured unasked"));
        return;
    }
    if (c->amount_minor != o->total_minor) {
        if (!o->attention)
            open_case(d, c->order, BOOKING_CASE_AMOUNT_DIFFERS, SLICE("captured amount"));
        return;
    }
    decision_entry(d, BOOKING_ENTRY_payment_captured)->payment_captured =
        (struct entry_payment_captured){.order = c->order, .amount_minor = c->amount_minor};
}

static void news_cancelled(const struct booking *b, const struct command_payment_news *c,
                           struct booking_decision *d)
{
    const struct order *o = &b->orders[c->order];
    if (o->state == BOOKING_ORDER_PLACED) /* cancelled at the provider, not by us */
        end_order(b, d, c->order, BOOKING_END_CANCELLED, false);
    if (o->state == BOOKING_ORDER_PLACED || o->state == BOOKING_ORDER_ENDING)
        decision_entry(d, BOOKING_ENTRY_payment_cancelled)->payment_cancelled.order = c->order;
    else if (o->state == BOOKING_ORDER_SOLD && !o->attention)
        open_case(d, c->order, BOOKING_CASE_CAPTURE_REFUSED, SLICE("cancelled at the provider"));
}

static void news_refused(const struct booking *b, const struct command_payment_news *c,
                         struct booking_decision *d)
{
    const struct order *o = &b->orders[c->order];
    if (o->call == BOOKING_CALL_CREATE && o->state == BOOKING_ORDER_PLACED)
        end_order(b, d, c->order, BOOKING_END_FAILED, false);
    else if (o->call == BOOKING_CALL_CREATE && o->state == BOOKING_ORDER_ENDING)
        decision_entry(d, BOOKING_ENTRY_payment_cancelled)->payment_cancelled.order = c->order;
    else if (o->call != BOOKING_CALL_NONE)
        open_case(d, c->order, BOOKING_CASE_CAPTURE_REFUSED, c->code);
}

void decide_payment_news(const struct booking *b, const struct command_payment_news *c,
                         uint64_t ts_us, struct booking_decision *d)
{
    (void)ts_us;
    if (c->order >= b->s->orders_used || b->orders[c->order].random != c->order_random ||
        c->intent.len > LIMIT_PAYMENT_ID_BYTES ||
        c->client_secret.len > LIMIT_PAYMENT_SECRET_BYTES) {
        d->refusal = BOOKING_ORDER_NOT_FOUND;
        return;
    }
    const struct order *o = &b->orders[c->order];
    d->order = c->order;
    if (o->intent_len > 0 && c->intent.len > 0 &&
        !slice_equal(slice_make(o->intent, o->intent_len), c->intent)) {
        d->repeated = true; /* about another payment */
        return;
    }
    if (o->intent_len == 0 && c->intent.len == 0 && c->kind != BOOKING_PAYMENT_REFUSED) {
        d->repeated = true; /* about no payment that anybody could name */
        return;
    }
    switch ((enum booking_payment)c->kind) {
    case BOOKING_PAYMENT_CREATED: news_created(b, c, d); break;
    case BOOKING_PAYMENT_DECLINED: news_declined(b, c, d); break;
    case BOOKING_PAYMENT_AUTHORISED: news_authorised(b, c, d); break;
    case BOOKING_PAYMENT_CAPTURED: news_captured(b, c, d); break;
    case BOOKING_PAYMENT_CANCELLED: news_cancelled(b, c, d); break;
    case BOOKING_PAYMENT_REFUSED: news_refused(b, c, d); break;
    }
    d->repeated = d->entry_count == 0;
}

void apply_payment_requested(struct booking *b, const struct entry_payment_requested *e)
{
    assert(e->order < b->s->orders_used);
    b->orders[e->order].call = e->kind;
    b->orders[e->order].attempt = e->attempt;
}

void apply_payment_created(struct booking *b, const struct entry_payment_created *e)
{
    struct order *o = &b->orders[e->order];
    assert(e->order < b->s->orders_used && e->intent.len <= sizeof o->intent &&
           e->client_secret.len <= sizeof o->secret);
    if (e->intent.len > 0)
        memcpy(o->intent, e->intent.data, e->intent.len);
    if (e->client_secret.len > 0)
        memcpy(o->secret, e->client_secret.data, e->client_secret.len);
    o->intent_len = (uint8_t)e->intent.len;
    o->secret_len = (uint8_t)e->client_secret.len;
    o->call = BOOKING_CALL_NONE;
}

void apply_payment_declined(struct booking *b, const struct entry_payment_declined *e)
{
    struct order *o = &b->orders[e->order];
    assert(e->order < b->s->orders_used);
    size_t len = e->code.len < sizeof o->code ? e->code.len : sizeof o->code;
    memset(o->code, 0, sizeof o->code);
    if (len > 0)
        memcpy(o->code, e->code.data, len);
    o->code_len = (uint8_t)len;
    o->declines++;
}

void apply_payment_captured(struct booking *b, const struct entry_payment_captured *e)
{
    struct order *o = &b->orders[e->order];
    assert(e->order < b->s->orders_used && o->state == BOOKING_ORDER_SOLD);
    o->state = BOOKING_ORDER_CAPTURED;
    o->call = BOOKING_CALL_NONE;
    o->attention = 0;
    b->s->ledger[LEDGER_BUYERS] -= e->amount_minor;
    b->s->ledger[LEDGER_PROVIDER] += e->amount_minor;
}

void apply_case_opened(struct booking *b, const struct entry_case_opened *e)
{
    assert(e->order < b->s->orders_used);
    struct order *o = &b->orders[e->order];
    if (o->state == BOOKING_ORDER_ENDED && !o->attention)
        order_keep(b, e->order);
    o->attention = 1;
    o->call = BOOKING_CALL_NONE; /* asking again would not help: a person decides */
}
