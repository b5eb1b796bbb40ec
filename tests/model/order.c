#include "model/house.h"

/* From the order to the money: docs/payments.md. */

/* An order with an open case keeps its slot. */
static uint32_t order_slot(const struct model *m)
{
    uint32_t oldest = BOOKING_NONE;
    for (uint32_t i = 0; i < m->order_count; i++)
        if (m->orders[i].state == BOOKING_ORDER_ENDED && !m->orders[i].attention &&
            (oldest == BOOKING_NONE || m->orders[i].ended < m->orders[oldest].ended))
            oldest = i;
    return house_slot(m, m->order_count, oldest,
                      oldest == BOOKING_NONE ? 0 : m->orders[oldest].ended_at_us);
}

enum booking_refusal model_place_order(struct model *m, const struct command_place_order *c)
{
    enum booking_refusal refusal;
    if (house_key_answers(m, c->key, c->request, true, &refusal))
        return refusal;
    struct hold *h = house_find_hold(m, c->hold, c->hold_random, c->session);
    if (!h)
        return BOOKING_HOLD_NOT_FOUND;
    if (h->life == EXPIRED || (h->life == LIVE && !house_lives(m, h)))
        return BOOKING_HOLD_EXPIRED;
    if (h->life == RELEASED)
        return BOOKING_HOLD_ENDED;
    if (m->sale == BOOKING_SALES_PAUSED)
        return BOOKING_SALE_PAUSED;
    m->out->hold = c->hold;
    m->out->order = h->order;
    m->out->repeated = h->order != BOOKING_NONE;
    if (h->order != BOOKING_NONE) /* one order a hold */
        return BOOKING_OK;
    if (house_has(m, c->email_hash, true, ALL, NULL) + h->count > m->per_buyer)
        return BOOKING_BUYER_LIMIT;
    for (uint32_t i = 0; i < m->category_count; i++) {
        uint32_t wanted = 0;
        for (uint32_t k = 0; k < h->count; k++)
            wanted += m->units[h->units[k]].category == i;
        if (m->per_category[i] > 0 && wanted > 0 &&
            house_has(m, c->email_hash, true, i, NULL) + wanted > m->per_category[i])
            return BOOKING_CATEGORY_LIMIT;
    }
    uint32_t slot = order_slot(m);
    if (slot == BOOKING_NONE)
        return BOOKING_FULL;
    if (slot == m->order_count)
        m->orders = house_grow(m->orders, m->order_count++, sizeof *m->orders);
    struct order *o = &m->orders[slot];
    *o = (struct order){.random = c->order_random,
                        .request = c->request,
                        .person = c->person,
                        .key = c->key,
                        .session = c->session,
                        .email = c->email_hash,
                        .state = BOOKING_ORDER_PLACED,
                        .hold = c->hold,
                        .prices = h->prices,
                        .code = h->code,
                        .code_units = h->code_units,
                        .count = h->count};
    o->placed_at_us = house_fact(m, BOOKING_ENTRY_order_placed);
    for (uint32_t i = 0; i < h->count; i++) {
        struct booking_price price = m->prices[h->prices][m->units[h->units[i]].category];
        o->units[i] = h->units[i];
        o->total += price.price_minor + price.fee_minor;
    }
    m->out->order = h->order = slot;
    if (h->expires_at_us < m->ts_us + m->pay_seconds * SECOND_US)
        h->expires_at_us = m->ts_us + m->pay_seconds * SECOND_US;
    if (o->total > 0) {
        house_owe(m, o, BOOKING_CALL_CREATE);
    } else {
        house_sell(m, slot, c->ticket_randoms);
        house_capture(m, o);
    }
    return BOOKING_OK;
}

enum booking_refusal model_cancel_order(struct model *m, const struct command_cancel_order *c)
{
    struct order *o = c->order < m->order_count ? &m->orders[c->order] : NULL;
    if (!o || o->random != c->order_random || !hash16_equal(o->session, c->session))
        return BOOKING_ORDER_NOT_FOUND;
    m->out->order = c->order;
    if (house_is_sold(o))
        return BOOKING_ORDER_NOT_CANCELLABLE;
    m->out->repeated = o->state != BOOKING_ORDER_PLACED;
    if (m->out->repeated)
        return BOOKING_OK;
    if (!house_lives(m, &m->holds[o->hold])) {
        house_expire(m, &m->holds[o->hold]);
        return BOOKING_OK;
    }
    house_end_order(m, o, BOOKING_END_CANCELLED);
    if (o->intent_len > 0)
        house_owe(m, o, BOOKING_CALL_CANCEL);
    return BOOKING_OK;
}

static void news_while_placed(struct model *m, struct order *o, uint32_t slot,
                              const struct command_payment_news *c)
{
    bool learned = o->intent_len == 0 && c->intent.len > 0;
    switch ((enum booking_payment)c->kind) {
    case BOOKING_PAYMENT_CREATED:
        if (learned || (o->secret_len == 0 && c->client_secret.len > 0 && c->intent.len > 0))
            house_learn(m, o, c);
        break;
    case BOOKING_PAYMENT_DECLINED:
        if (learned)
            house_learn(m, o, c);
        house_fact(m, BOOKING_ENTRY_payment_declined);
        o->decline_len =
            c->code.len < DECLINE_CODE_BYTES ? (uint32_t)c->code.len : DECLINE_CODE_BYTES;
        memcpy(o->decline, c->code.len ? c->code.data : "", o->decline_len);
        if (++o->declines < LIMIT_PAYMENT_ATTEMPTS)
            break;
        house_end_order(m, o, BOOKING_END_FAILED);
        house_owe(m, o, BOOKING_CALL_CANCEL);
        break;
    case BOOKING_PAYMENT_AUTHORISED:
        if (learned)
            house_learn(m, o, c);
        house_fact(m, BOOKING_ENTRY_payment_authorised);
        if (c->amount_minor == o->total) {
            house_sell(m, slot, c->ticket_randoms);
            house_owe(m, o, BOOKING_CALL_CAPTURE);
        } else {
            house_open_case(m, o);
            house_end_order(m, o, BOOKING_END_VOIDED);
            house_owe(m, o, BOOKING_CALL_CANCEL);
        }
        break;
    case BOOKING_PAYMENT_CAPTURED:
        if (learned)
            house_learn(m, o, c);
        if (!o->attention)
            house_open_case(m, o);
        break;
    case BOOKING_PAYMENT_CANCELLED:
        house_end_order(m, o, BOOKING_END_CANCELLED);
        house_cancel(m, o);
        break;
    case BOOKING_PAYMENT_REFUSED:
        if (o->call == BOOKING_CALL_CREATE)
            house_end_order(m, o, BOOKING_END_FAILED);
        break;
    }
}

static void news_while_ending(struct model *m, struct order *o,
                              const struct command_payment_news *c)
{
    bool learned = o->intent_len == 0 && c->intent.len > 0;
    bool told = c->kind == BOOKING_PAYMENT_CREATED || c->kind == BOOKING_PAYMENT_DECLINED ||
                c->kind == BOOKING_PAYMENT_AUTHORISED;
    bool refused = c->kind == BOOKING_PAYMENT_REFUSED;
    if (learned && (told || c->kind == BOOKING_PAYMENT_CAPTURED))
        house_learn(m, o, c);
    if (learned && told)
        house_owe(m, o, BOOKING_CALL_CANCEL); /* now there is something to cancel */
    else if ((c->kind == BOOKING_PAYMENT_CAPTURED &&
              (!o->attention || o->call == BOOKING_CALL_CANCEL)) ||
             (refused && o->call == BOOKING_CALL_CANCEL))
        house_open_case(m, o);
    else if (c->kind == BOOKING_PAYMENT_CANCELLED || (refused && o->call == BOOKING_CALL_CREATE))
        house_cancel(m, o);
}

enum booking_refusal model_payment_news(struct model *m, const struct command_payment_news *c)
{
    struct order *o = c->order < m->order_count ? &m->orders[c->order] : NULL;
    if (!o || o->random != c->order_random || c->intent.len > LIMIT_PAYMENT_ID_BYTES ||
        c->client_secret.len > LIMIT_PAYMENT_SECRET_BYTES)
        return BOOKING_ORDER_NOT_FOUND;
    m->out->order = c->order;
    bool others = o->intent_len > 0 && c->intent.len > 0 &&
                  !slice_equal(slice_make(o->intent, o->intent_len), c->intent);
    bool nobodys = o->intent_len == 0 && c->intent.len == 0 && c->kind != BOOKING_PAYMENT_REFUSED;
    bool captured = c->kind == BOOKING_PAYMENT_CAPTURED;
    if (!others && !nobodys) {
        switch (o->state) {
        case BOOKING_ORDER_PLACED: news_while_placed(m, o, c->order, c); break;
        case BOOKING_ORDER_ENDING: news_while_ending(m, o, c); break;
        case BOOKING_ORDER_SOLD:
            if (captured && c->amount_minor == o->total)
                house_capture(m, o);
            else if (c->kind == BOOKING_PAYMENT_REFUSED
                         ? o->call != BOOKING_CALL_NONE /* else it would be asked for ever */
                         : !o->attention && (captured || c->kind == BOOKING_PAYMENT_CANCELLED))
                house_open_case(m, o);
            break;
        case BOOKING_ORDER_ENDED:
            if (captured && !o->attention)
                house_open_case(m, o);
            break;
        case BOOKING_ORDER_CAPTURED: break;
        }
    }
    m->out->repeated = m->out->entry_count == 0;
    return BOOKING_OK;
}
