#include "model/house.h"

/* RULES.md, "Orders": placing and cancelling; what selling, capturing and voiding one changes. */

void house_sell(struct model *m, struct deal *o, struct u64s randoms, struct hash16 card)
{
    house_money_fact(m, BOOKING_ENTRY_order_sold, o, 0, 0);
    if (o->other != BOOKING_NONE)
        house_end_hold(m, &m->deals[HOLDS].all[o->other], PAID);
    o->other = BOOKING_NONE;
    o->state = BOOKING_ORDER_SOLD;
    o->card = card;
    o->call = BOOKING_CALL_NONE;
    for (uint32_t i = 0; i < o->count; i++) {
        struct unit *u = &m->units[o->units[i]];
        u->state = BOOKING_SOLD;
        u->owner = u->ticket_order = (uint32_t)(o - m->deals[ORDERS].all);
        u->ticket = u64s_at(randoms, i);
        u->serial++;
    }
    house_post_parts(m, o, 0, BOOKING_ACCOUNT_BUYERS, 1);
}

void house_capture(struct model *m, struct deal *o)
{
    house_money_fact(m, BOOKING_ENTRY_payment_captured, o, 0, house_total(o));
    house_post(m, BOOKING_ACCOUNT_PROVIDER, BOOKING_ACCOUNT_BUYERS, house_total(o));
    o->state = BOOKING_ORDER_CAPTURED;
    o->call = BOOKING_CALL_NONE;
    o->reason = 0;
}

void house_void(struct model *m, struct deal *o)
{
    house_money_fact(m, BOOKING_ENTRY_order_voided, o, 0, 0);
    house_post_parts(m, o, 0, BOOKING_ACCOUNT_BUYERS, -1);
    o->state = BOOKING_ORDER_ENDING;
    o->end = BOOKING_END_RELEASED;
    o->card = (struct hash16){{0}};
    house_leave_hold(m, o);
    o->call = BOOKING_CALL_NONE;
    for (uint32_t i = 0; i < o->count; i++) {
        m->units[o->units[i]].state = BOOKING_FREE;
        m->units[o->units[i]].ticket = 0;
    }
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
    REFUSE_IF(h->state == PAID && h->other == BOOKING_NONE, HOLD_ENDED);
    REFUSE_IF(m->terms.sale == BOOKING_SALES_PAUSED, SALE_PAUSED);
    m->out->hold = c->hold;
    m->out->order = h->other;
    m->out->repeated = h->other != BOOKING_NONE;
    if (m->out->repeated) /* one order a hold */
        return BOOKING_OK;
    struct deal quoted = *h;
    uint32_t promo = house_is_set(c->promo) ? house_promo_find(m, c->promo) : h->promo;
    if (house_is_set(c->promo) && (promo == 0 || promo != h->promo))
        CHECK(house_try_promo(m, h, c->promo, &quoted));
    REFUSE_IF(house_total(&quoted) > 0 && house_total(&quoted) < c->least_minor, TOTAL_TOO_SMALL);
    REFUSE_IF(house_has(m, &c->email_hash, true, ALL_CATEGORIES) + h->count > m->terms.per_buyer,
              BUYER_LIMIT);
    for (uint32_t i = 0; i < h->count; i++)
        m->units[h->units[i]].mark = CHOSEN;
    CHECK(house_check_categories(m, &c->email_hash, true));
    uint32_t slot = house_slot(m, ORDERS);
    REFUSE_IF(slot == BOOKING_NONE, FULL);
    if (quoted.promo != h->promo)
        house_fact(m, BOOKING_ENTRY_hold_quoted);
    *h = quoted;
    h->email = c->email_hash;
    if (h->expires_at_us < m->ts_us + m->pay_seconds * SECOND_US)
        h->expires_at_us = m->ts_us + m->pay_seconds * SECOND_US;
    struct deal *o = house_put(m, ORDERS, slot, *h); /* its units, lines, codes, session */
    o->random = c->order_random;
    o->key = c->key;
    o->request = c->request;
    o->person = c->person;
    o->state = BOOKING_ORDER_PLACED;
    o->other = c->hold;
    o->placed_at_us = house_money_fact(m, BOOKING_ENTRY_order_placed, o, 0, house_total(o));
    m->out->order = h->other = slot;
    if (house_total(o) > 0) {
        house_owe(m, o, BOOKING_CALL_CREATE, 0);
    } else {
        house_sell(m, o, c->ticket_randoms, (struct hash16){{0}});
        house_capture(m, o);
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
    REFUSE_IF(o->processing, ORDER_NOT_CANCELLABLE);
    house_end_order(m, o, BOOKING_END_CANCELLED);
    if (o->intent.len > 0)
        house_owe(m, o, BOOKING_CALL_CANCEL, 0);
    return BOOKING_OK;
}
