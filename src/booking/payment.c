#include "booking/state.h"

/* What the provider says about an order's payment. News may come late, twice and out of order: a
 * state only advances, and news that does not fit it changes nothing. Refunds and disputes are in
 * files of their own. */

static bool card_reached(const struct booking *b, const struct command_payment_news *c)
{
    return limits_card_reached(b, c->card, &b->orders[c->order]);
}

static void end_order(const struct booking *b, struct booking_decision *d, uint32_t order,
                      enum booking_end reason, bool cancel)
{
    decision_entry(d, BOOKING_ENTRY_order_ended)->order_ended =
        (struct entry_order_ended){.order = order, .reason = (uint8_t)reason};
    if (!cancel)
        return;
    struct provider_call call = provider_call(b, order, BOOKING_CALL_CANCEL, 1);
    decision_call(b, d, &call);
}

/* The payment exists at the provider. Any news may be the first to say so: a webhook overtakes the
 * answer to our own call. */
static void learn_intent(const struct booking *b, const struct command_payment_news *c,
                         struct booking_decision *d)
{
    if (b->orders[c->order].intent_len == 0)
        decision_entry(d, BOOKING_ENTRY_payment_created)->payment_created =
            (struct entry_payment_created){
                .order = c->order, .intent = c->intent, .client_secret = c->client_secret};
}

static struct slice known_intent(const struct order *o, const struct command_payment_news *c)
{
    return o->intent_len > 0 ? slice_make(o->intent, o->intent_len) : c->intent;
}

/* An order that ended while its payment was being made: now it can be cancelled. */
static void cancel_late_intent(const struct booking *b, const struct command_payment_news *c,
                               struct booking_decision *d)
{
    const struct order *o = &b->orders[c->order];
    if (o->state != BOOKING_ORDER_ENDING || o->intent_len > 0)
        return;
    learn_intent(b, c, d);
    struct provider_call call = provider_call(b, c->order, BOOKING_CALL_CANCEL, 1);
    decision_call(b, d, &call);
}

/* The pivot: from here on the seats are the buyer's. A hold that ran out in this very moment still
 * has its seats as long as nobody took them: whoever does ends the order first. */
static void sell(const struct booking *b, const struct command_payment_news *c,
                 struct booking_decision *d)
{
    const struct order *o = &b->orders[c->order];
    assert(c->ticket_randoms.count >= o->count);
    decision_entry(d, BOOKING_ENTRY_order_sold)->order_sold = (struct entry_order_sold){
        .order = c->order,
        .units = {o->units, o->count},
        .randoms = {c->ticket_randoms.data, o->count},
        .card = c->card,
    };
}

static void put_captured(const struct command_payment_news *c, struct booking_decision *d)
{
    decision_entry(d, BOOKING_ENTRY_payment_captured)->payment_captured =
        (struct entry_payment_captured){.order = c->order, .amount_minor = c->amount_minor};
}

static void take_back(const struct booking *b, const struct command_payment_news *c,
                      struct booking_decision *d)
{
    decision_take_back(b, d, c->order, known_intent(&b->orders[c->order], c), c->amount_minor);
}

static void news_created(const struct booking *b, const struct command_payment_news *c,
                         struct booking_decision *d)
{
    const struct order *o = &b->orders[c->order];
    bool tells_secret = o->secret_len == 0 && c->client_secret.len > 0 && c->intent.len > 0;
    if (o->state != BOOKING_ORDER_PLACED)
        cancel_late_intent(b, c, d);
    else if (o->intent_len == 0 || tells_secret)
        decision_entry(d, BOOKING_ENTRY_payment_created)->payment_created =
            (struct entry_payment_created){
                .order = c->order, .intent = c->intent, .client_secret = c->client_secret};
}

static void news_processing(const struct booking *b, const struct command_payment_news *c,
                            uint64_t ts_us, struct booking_decision *d)
{
    const struct order *o = &b->orders[c->order];
    if (o->state != BOOKING_ORDER_PLACED) {
        cancel_late_intent(b, c, d);
        return;
    }
    learn_intent(b, c, d);
    if (o->processing || b->s->processing_seconds == 0)
        return;
    uint64_t now = b->holds[o->hold].expires_at_us, until = o->processing_until_us;
    if (until == 0)
        until = ts_us + b->s->processing_seconds * TIME_SECOND_US;
    decision_entry(d, BOOKING_ENTRY_payment_processing)->payment_processing =
        (struct entry_payment_processing){
            .order = c->order, .expires_at_us = until > now ? until : now, .until_us = until};
}

static void news_declined(const struct booking *b, const struct command_payment_news *c,
                          uint64_t ts_us, struct booking_decision *d)
{
    const struct order *o = &b->orders[c->order];
    if (o->state != BOOKING_ORDER_PLACED) {
        cancel_late_intent(b, c, d);
        return;
    }
    learn_intent(b, c, d);
    struct entry_payment_declined declined = {.order = c->order, .code = c->code};
    if (o->processing)
        declined.expires_at_us = ts_us + b->s->pay_seconds * TIME_SECOND_US;
    decision_entry(d, BOOKING_ENTRY_payment_declined)->payment_declined = declined;
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
    learn_intent(b, c, d);
    decision_entry(d, BOOKING_ENTRY_payment_authorised)->payment_authorised =
        (struct entry_payment_authorised){.order = c->order, .amount_minor = c->amount_minor};
    if (c->amount_minor != o->total_minor) {
        decision_case(b, d, c->order, BOOKING_CASE_AMOUNT_DIFFERS, SLICE("authorised amount"));
        end_order(b, d, c->order, BOOKING_END_VOIDED, true);
        return;
    }
    if (card_reached(b, c)) {
        end_order(b, d, c->order, BOOKING_END_CARD_LIMIT, true);
        return;
    }
    sell(b, c, d);
    struct provider_call call = provider_call(b, c->order, BOOKING_CALL_CAPTURE, 1);
    decision_call(b, d, &call);
}

static void captured_while_waiting(const struct booking *b, const struct command_payment_news *c,
                                   struct booking_decision *d)
{
    const struct order *o = &b->orders[c->order];
    bool differs = c->amount_minor != o->total_minor;
    learn_intent(b, c, d);
    if (differs || card_reached(b, c)) {
        end_order(b, d, c->order, differs ? BOOKING_END_VOIDED : BOOKING_END_CARD_LIMIT, false);
        take_back(b, c, d);
        return;
    }
    sell(b, c, d);
    put_captured(c, d);
}

/* The money came too late, and the seats are still there for this buyer. */
static bool can_seat_again(const struct booking *b, const struct command_payment_news *c,
                           uint64_t ts_us, struct booking_decision *d)
{
    const struct order *o = &b->orders[c->order];
    if (o->end != BOOKING_END_EXPIRED || c->amount_minor != o->total_minor ||
        b->s->sale != BOOKING_SALES_OPEN)
        return false;
    uint64_t open = allocations_released(b, ts_us);
    uint32_t opened = o->access ? b->codes[o->access - 1].allocation : 0;
    if (opened != 0 && b->allocations[opened].opens_at_us <= ts_us)
        open |= 1ull << opened;
    for (uint32_t i = 0; i < o->count; i++)
        if (!unit_is_free(b, o->units[i], ts_us) || !unit_in(b, o->units[i], open) ||
            b->info[o->units[i]].category != o->categories[i])
            return false;
    if (o->promo != 0 && !promo_is_left(b, NULL, o->promo, o->promo_spent, ts_us))
        return false;
    return party_is_whole(b, o->units, o->count) && limits_allow_again(b, o, c->card, ts_us, d);
}

static void captured_too_late(const struct booking *b, const struct command_payment_news *c,
                              uint64_t ts_us, struct booking_decision *d)
{
    const struct order *o = &b->orders[c->order];
    if (order_was_taken(o))
        return;
    if (!can_seat_again(b, c, ts_us, d)) {
        learn_intent(b, c, d);
        take_back(b, c, d);
        return;
    }
    for (uint32_t i = 0; i < o->count; i++)
        if (unit_state(b, o->units[i]) == BOOKING_HELD)
            decision_expire_once(b, unit_owner(b, o->units[i]), d);
    learn_intent(b, c, d);
    sell(b, c, d);
    put_captured(c, d);
}

static void news_captured(const struct booking *b, const struct command_payment_news *c,
                          uint64_t ts_us, struct booking_decision *d)
{
    const struct order *o = &b->orders[c->order];
    if (c->amount_minor <= 0)
        return;
    switch ((enum booking_order_state)o->state) {
    case BOOKING_ORDER_PLACED: captured_while_waiting(b, c, d); break;
    case BOOKING_ORDER_ENDING: captured_too_late(b, c, ts_us, d); break;
    case BOOKING_ORDER_SOLD:
        if (c->amount_minor == o->total_minor)
            put_captured(c, d);
        else
            decision_case(b, d, c->order, BOOKING_CASE_AMOUNT_DIFFERS, SLICE("captured amount"));
        break;
    case BOOKING_ORDER_CAPTURED: break;
    case BOOKING_ORDER_ENDED:
        if (order_was_taken(o))
            break;
        learn_intent(b, c, d);
        decision_case(b, d, c->order, BOOKING_CASE_CAPTURED_AFTER_END, SLICE("captured unasked"));
        break;
    }
}

static void news_cancelled(const struct booking *b, const struct command_payment_news *c,
                           struct booking_decision *d)
{
    const struct order *o = &b->orders[c->order];
    if (o->state == BOOKING_ORDER_PLACED) /* cancelled at the provider, not by us */
        end_order(b, d, c->order, BOOKING_END_CANCELLED, false);
    if (o->state == BOOKING_ORDER_PLACED ||
        (o->state == BOOKING_ORDER_ENDING && !order_was_taken(o)))
        decision_entry(d, BOOKING_ENTRY_payment_cancelled)->payment_cancelled.order = c->order;
    else if (o->state == BOOKING_ORDER_SOLD)
        decision_case(b, d, c->order, BOOKING_CASE_CAPTURE_REFUSED,
                      SLICE("cancelled at the provider"));
}

static void news_refused(const struct booking *b, const struct command_payment_news *c,
                         struct booking_decision *d)
{
    const struct order *o = &b->orders[c->order];
    switch ((enum booking_call)o->call) {
    case BOOKING_CALL_NONE: break;
    case BOOKING_CALL_CREATE:
        if (o->state == BOOKING_ORDER_PLACED)
            end_order(b, d, c->order, BOOKING_END_FAILED, false);
        else
            decision_entry(d, BOOKING_ENTRY_payment_cancelled)->payment_cancelled.order = c->order;
        break;
    case BOOKING_CALL_CAPTURE:
        decision_case(b, d, c->order, BOOKING_CASE_CAPTURE_REFUSED, c->code);
        break;
    case BOOKING_CALL_CANCEL:
        decision_case(b, d, c->order, BOOKING_CASE_CANCEL_REFUSED, c->code);
        break;
    case BOOKING_CALL_REFUND:
        decision_case(b, d, c->order, BOOKING_CASE_REFUND_REFUSED, c->code);
        break;
    }
}

/* It is about this order and about its payment; else `d` says what it is instead. */
static bool news_fits(const struct booking *b, const struct command_payment_news *c,
                      struct booking_decision *d)
{
    if (c->order >= b->s->orders_used || b->orders[c->order].random != c->order_random ||
        c->intent.len > LIMIT_PAYMENT_ID_BYTES || c->dispute.len > LIMIT_PAYMENT_ID_BYTES ||
        c->client_secret.len > LIMIT_PAYMENT_SECRET_BYTES) {
        d->refusal = BOOKING_ORDER_NOT_FOUND;
        return false;
    }
    const struct order *o = &b->orders[c->order];
    struct slice known = slice_make(o->intent, o->intent_len);
    bool another = o->intent_len > 0 && c->intent.len > 0 && !slice_equal(known, c->intent);
    bool nameless = o->intent_len == 0 && c->intent.len == 0 && c->kind != BOOKING_PAYMENT_REFUSED;
    d->order = c->order;
    d->repeated = another || nameless;
    return !d->repeated;
}

void decide_payment_news(const struct booking *b, const struct command_payment_news *c,
                         uint64_t ts_us, struct booking_decision *d)
{
    if (!news_fits(b, c, d))
        return;
    switch ((enum booking_payment)c->kind) {
    case BOOKING_PAYMENT_CREATED: news_created(b, c, d); break;
    case BOOKING_PAYMENT_PROCESSING: news_processing(b, c, ts_us, d); break;
    case BOOKING_PAYMENT_DECLINED: news_declined(b, c, ts_us, d); break;
    case BOOKING_PAYMENT_AUTHORISED: news_authorised(b, c, d); break;
    case BOOKING_PAYMENT_CAPTURED: news_captured(b, c, ts_us, d); break;
    case BOOKING_PAYMENT_CANCELLED: news_cancelled(b, c, d); break;
    case BOOKING_PAYMENT_REFUSED: news_refused(b, c, d); break;
    case BOOKING_PAYMENT_REFUNDED:
    case BOOKING_PAYMENT_REFUND_FAILED: refund_news(b, c, d); break;
    case BOOKING_PAYMENT_REFUND_UNASKED:
        decision_case(b, d, c->order, BOOKING_CASE_REFUND_UNASKED, c->code);
        break;
    case BOOKING_PAYMENT_DISPUTED:
    case BOOKING_PAYMENT_DISPUTE_WON:
    case BOOKING_PAYMENT_DISPUTE_LOST: dispute_news(b, c, d); break;
    case BOOKING_PAYMENT_DIFFERS:
        decision_case(b, d, c->order, BOOKING_CASE_DIFFERS, c->code);
        break;
    }
    d->repeated = d->entry_count == 0;
}

void apply_payment_requested(struct booking *b, const struct entry_payment_requested *e)
{
    struct order *o = &b->orders[e->order];
    assert(e->order < b->s->orders_used);
    o->call = e->kind;
    o->attempt = e->attempt;
    if (e->kind == BOOKING_CALL_REFUND) {
        o->refund_calls = e->attempt;
        o->refund_owed = refund_due(o);
        assert(o->refund_owed > 0);
        o->refund_attempts[o->refund_owed - 1] = e->attempt;
    }
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
    if (o->call == BOOKING_CALL_CREATE)
        o->call = BOOKING_CALL_NONE;
}

static void move_hold(struct booking *b, uint32_t order, uint64_t expires_at_us)
{
    const struct order *o = &b->orders[order];
    assert(o->state == BOOKING_ORDER_PLACED);
    b->holds[o->hold].expires_at_us = expires_at_us;
    heap_moved(b, o->hold);
}

void apply_payment_processing(struct booking *b, const struct entry_payment_processing *e)
{
    assert(e->order < b->s->orders_used);
    b->orders[e->order].processing = 1;
    b->orders[e->order].processing_until_us = e->until_us;
    move_hold(b, e->order, e->expires_at_us);
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
    o->processing = 0;
    if (e->expires_at_us > 0)
        move_hold(b, e->order, e->expires_at_us);
}

void apply_payment_captured(struct booking *b, const struct entry_payment_captured *e)
{
    struct order *o = &b->orders[e->order];
    assert(e->order < b->s->orders_used && o->state == BOOKING_ORDER_SOLD);
    enum order_queue was = order_queue(b, o);
    o->state = BOOKING_ORDER_CAPTURED;
    o->call = BOOKING_CALL_NONE;
    case_end(b, o);
    order_requeue(b, e->order, was);
}

void apply_payment_taken(struct booking *b, const struct entry_payment_taken *e)
{
    struct order *o = &b->orders[e->order];
    assert(e->order < b->s->orders_used && !order_is_sold(o) && !order_was_taken(o));
    enum order_queue was = order_queue(b, o);
    o->taken_minor = e->amount_minor;
    o->state = BOOKING_ORDER_ENDING; /* until it is paid back */
    o->call = BOOKING_CALL_NONE;     /* what was taken cannot be cancelled */
    order_requeue(b, e->order, was);
}

void apply_payment_cancelled(struct booking *b, const struct entry_payment_cancelled *e,
                             uint64_t ts_us)
{
    assert(e->order < b->s->orders_used && b->orders[e->order].state == BOOKING_ORDER_ENDING);
    enum order_queue was = order_queue(b, &b->orders[e->order]);
    order_finish(b, e->order, ts_us);
    order_requeue(b, e->order, was);
}
