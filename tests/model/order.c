#include "model/house.h"

/* From the order to the money: RULES.md, "Orders" and "Payment news". */

static void sell(struct model *m, uint32_t slot, struct u64s randoms, struct hash16 card)
{
    struct deal *o = &m->deals[ORDERS].all[slot];
    house_fact(m, BOOKING_ENTRY_order_sold);
    house_end_hold(m, &m->deals[HOLDS].all[o->other], PAID);
    o->other = BOOKING_NONE;
    o->state = BOOKING_ORDER_SOLD;
    o->card = card;
    for (uint32_t i = 0; i < o->count; i++) {
        struct unit *u = &m->units[o->units[i]];
        u->state = BOOKING_SOLD;
        u->owner = u->ticket_order = slot;
        u->ticket = u64s_at(randoms, i);
        u->serial++;
        m->organiser -= house_price(m, o, i).price_minor;
        m->fees -= house_price(m, o, i).fee_minor;
    }
    m->buyers += house_total(m, o);
}

static void capture(struct model *m, struct deal *o)
{
    house_fact(m, BOOKING_ENTRY_payment_captured);
    o->state = BOOKING_ORDER_CAPTURED;
    o->call = BOOKING_CALL_NONE;
    o->attention = false;
    m->buyers -= house_total(m, o);
    m->provider += house_total(m, o);
}

enum booking_refusal model_place_order(struct model *m, const struct command_place_order *c)
{
    enum booking_refusal refusal;
    if (house_key_answers(m, c->key, c->request, ORDERS, &refusal))
        return refusal;
    struct deal *h = house_find(m, HOLDS, c->hold, c->hold_random, &c->session);
    REFUSE_IF(!h, HOLD_NOT_FOUND);
    REFUSE_IF(house_ran_out(m, h), HOLD_EXPIRED);
    REFUSE_IF(h->state == RELEASED, HOLD_ENDED);
    REFUSE_IF(m->terms.sale == BOOKING_SALES_PAUSED, SALE_PAUSED);
    m->out->hold = c->hold;
    m->out->order = h->other;
    m->out->repeated = h->other != BOOKING_NONE;
    if (m->out->repeated) /* one order a hold */
        return BOOKING_OK;
    REFUSE_IF(house_has(m, &c->email_hash, true, ALL_CATEGORIES) + h->count > m->terms.per_buyer,
              BUYER_LIMIT);
    for (uint32_t i = 0; i < h->count; i++)
        m->units[h->units[i]].mark = CHOSEN;
    CHECK(house_check_categories(m, &c->email_hash, true));
    uint32_t slot = house_slot(m, ORDERS);
    REFUSE_IF(slot == BOOKING_NONE, FULL);
    h->email = c->email_hash;
    if (h->expires_at_us < m->ts_us + m->pay_seconds * SECOND_US)
        h->expires_at_us = m->ts_us + m->pay_seconds * SECOND_US;
    struct deal *o = house_put(m, ORDERS, slot, *h); /* its units, prices, code, session */
    o->random = c->order_random;
    o->key = c->key;
    o->request = c->request;
    o->person = c->person;
    o->state = BOOKING_ORDER_PLACED;
    o->other = c->hold;
    o->placed_at_us = house_fact(m, BOOKING_ENTRY_order_placed);
    m->out->order = h->other = slot;
    if (house_total(m, o) > 0) {
        house_owe(m, o, BOOKING_CALL_CREATE);
    } else {
        sell(m, slot, c->ticket_randoms, (struct hash16){{0}});
        capture(m, o);
    }
    return BOOKING_OK;
}

enum booking_refusal model_cancel_order(struct model *m, const struct command_cancel_order *c)
{
    struct deal *o = house_find(m, ORDERS, c->order, c->order_random, &c->session);
    REFUSE_IF(!o, ORDER_NOT_FOUND);
    m->out->order = c->order;
    REFUSE_IF(house_is_sold(o), ORDER_NOT_CANCELLABLE);
    m->out->repeated = o->state != BOOKING_ORDER_PLACED;
    if (m->out->repeated)
        return BOOKING_OK;
    struct deal *h = &m->deals[HOLDS].all[o->other];
    if (house_ran_out(m, h)) {
        house_expire(m, h);
        return BOOKING_OK;
    }
    house_end_order(m, o, BOOKING_END_CANCELLED);
    if (o->intent.len > 0)
        house_owe(m, o, BOOKING_CALL_CANCEL);
    return BOOKING_OK;
}

/* ---- payment news ---- */

static void learn(struct model *m, struct deal *o, const struct command_payment_news *c)
{
    house_fact(m, BOOKING_ENTRY_payment_created);
    o->intent = house_text(c->intent);
    o->secret = house_text(c->client_secret);
    o->call = BOOKING_CALL_NONE;
}

static void open_case(struct model *m, struct deal *o)
{
    house_fact(m, BOOKING_ENTRY_case_opened);
    o->attention = true;
    o->call = BOOKING_CALL_NONE; /* asking again would not help */
}

static void cancelled(struct model *m, struct deal *o)
{
    house_fact(m, BOOKING_ENTRY_payment_cancelled);
    house_finish(m, o);
}

static void declined(struct model *m, struct deal *o, struct slice code)
{
    house_fact(m, BOOKING_ENTRY_payment_declined);
    o->decline = house_text(slice_make(
        code.data, code.len < DECLINE_CODE_BYTES ? code.len : (size_t)DECLINE_CODE_BYTES));
    if (++o->declines < LIMIT_PAYMENT_ATTEMPTS)
        return;
    house_end_order(m, o, BOOKING_END_FAILED);
    house_owe(m, o, BOOKING_CALL_CANCEL);
}

static void authorised(struct model *m, struct deal *o, const struct command_payment_news *c)
{
    house_fact(m, BOOKING_ENTRY_payment_authorised);
    bool fits = c->amount_minor == house_total(m, o);
    if (fits && !house_card_is_full(m, &c->card, o)) {
        sell(m, c->order, c->ticket_randoms, c->card);
        house_owe(m, o, BOOKING_CALL_CAPTURE);
        return;
    }
    if (!fits)
        open_case(m, o);
    house_end_order(m, o, fits ? BOOKING_END_CARD_LIMIT : BOOKING_END_VOIDED);
    house_owe(m, o, BOOKING_CALL_CANCEL);
}

static void captured(struct model *m, struct deal *o, int64_t amount_minor)
{
    if (o->state == BOOKING_ORDER_SOLD && amount_minor == house_total(m, o))
        capture(m, o);
    else if (!o->attention || o->call == BOOKING_CALL_CANCEL)
        open_case(m, o);
}

/* Our own call was refused for good. */
static void refused(struct model *m, struct deal *o)
{
    if (o->state == BOOKING_ORDER_PLACED && o->call == BOOKING_CALL_CREATE)
        house_end_order(m, o, BOOKING_END_FAILED);
    else if (o->state == BOOKING_ORDER_ENDING && o->call == BOOKING_CALL_CREATE)
        cancelled(m, o);
    else if (o->call != BOOKING_CALL_NONE)
        open_case(m, o);
}

static void hear(struct model *m, struct deal *o, const struct command_payment_news *c)
{
    bool placed = o->state == BOOKING_ORDER_PLACED, ending = o->state == BOOKING_ORDER_ENDING;
    bool is_new = o->intent.len == 0 && c->intent.len > 0;
    if ((placed || ending) && is_new && c->kind >= BOOKING_PAYMENT_CREATED &&
        c->kind <= BOOKING_PAYMENT_CAPTURED) {
        learn(m, o, c);
        if (ending && c->kind != BOOKING_PAYMENT_CAPTURED)
            house_owe(m, o, BOOKING_CALL_CANCEL); /* now there is something to cancel */
    }
    switch ((enum booking_payment)c->kind) {
    case BOOKING_PAYMENT_CREATED:
        if (placed && o->secret.len == 0 && c->client_secret.len > 0 && c->intent.len > 0)
            learn(m, o, c);
        break;
    case BOOKING_PAYMENT_DECLINED:
        if (placed)
            declined(m, o, c->code);
        break;
    case BOOKING_PAYMENT_AUTHORISED:
        if (placed)
            authorised(m, o, c);
        break;
    case BOOKING_PAYMENT_CAPTURED: captured(m, o, c->amount_minor); break;
    case BOOKING_PAYMENT_CANCELLED:
        if (placed)
            house_end_order(m, o, BOOKING_END_CANCELLED);
        if (placed || ending)
            cancelled(m, o);
        else if (o->state == BOOKING_ORDER_SOLD && !o->attention)
            open_case(m, o);
        break;
    case BOOKING_PAYMENT_REFUSED: refused(m, o); break;
    }
}

enum booking_refusal model_payment_news(struct model *m, const struct command_payment_news *c)
{
    struct deal *o = house_find(m, ORDERS, c->order, c->order_random, NULL);
    REFUSE_IF(!o || c->intent.len > LIMIT_PAYMENT_ID_BYTES ||
                  c->client_secret.len > LIMIT_PAYMENT_SECRET_BYTES,
              ORDER_NOT_FOUND);
    m->out->order = c->order;
    bool known = o->intent.len > 0;
    bool others = known && c->intent.len > 0 && !slice_equal(house_slice(&o->intent), c->intent);
    bool nobodys = !known && c->intent.len == 0 && c->kind != BOOKING_PAYMENT_REFUSED;
    if (!others && !nobodys && o->state != BOOKING_ORDER_CAPTURED)
        hear(m, o, c);
    m->out->repeated = m->out->entry_count == 0;
    return BOOKING_OK;
}
