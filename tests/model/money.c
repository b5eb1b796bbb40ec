#include "model/house.h"

/* MONEY.md, "Payment news": one function for each row of the table, or for a few. */

static bool is_placed(const struct deal *o)
{
    return o->state == BOOKING_ORDER_PLACED;
}

static bool is_ending(const struct deal *o)
{
    return o->state == BOOKING_ORDER_ENDING;
}

/* What all do first that tell of a payment. */
static void learn(struct model *m, struct deal *o, const struct command_payment_news *c)
{
    bool also_secret = c->kind == BOOKING_PAYMENT_CREATED && is_placed(o) && o->secret.len == 0 &&
                       c->client_secret.len > 0 && c->intent.len > 0;
    bool is_new = o->intent.len == 0 && c->intent.len > 0;
    bool late = o->state == BOOKING_ORDER_ENDED && c->kind == BOOKING_PAYMENT_CAPTURED;
    if ((!is_placed(o) && !is_ending(o) && !late) || (!is_new && !also_secret))
        return;
    house_money_fact(m, BOOKING_ENTRY_payment_created, o, 0, 0);
    o->intent = house_text(c->intent);
    o->secret = house_text(c->client_secret);
    o->call = BOOKING_CALL_NONE;
    if (is_ending(o) && c->kind != BOOKING_PAYMENT_CAPTURED)
        house_owe(m, o, BOOKING_CALL_CANCEL, 0); /* now there is something to cancel */
}

static void processing(struct model *m, struct deal *o)
{
    if (!is_placed(o) || o->processing || m->processing_seconds == 0)
        return;
    house_fact(m, BOOKING_ENTRY_payment_processing);
    o->processing = true;
    if (o->processes_until_us == 0) /* once an order, however many attempts process */
        o->processes_until_us = m->ts_us + m->processing_seconds * SECOND_US;
    if (m->deals[HOLDS].all[o->other].expires_at_us < o->processes_until_us)
        m->deals[HOLDS].all[o->other].expires_at_us = o->processes_until_us;
}

static void declined(struct model *m, struct deal *o, struct slice code)
{
    if (!is_placed(o))
        return;
    house_fact(m, BOOKING_ENTRY_payment_declined);
    o->decline = house_text(slice_make(
        code.data, code.len < DECLINE_CODE_BYTES ? code.len : (size_t)DECLINE_CODE_BYTES));
    if (o->processing)
        m->deals[HOLDS].all[o->other].expires_at_us = m->ts_us + m->pay_seconds * SECOND_US;
    o->processing = false;
    if (++o->declines < LIMIT_PAYMENT_ATTEMPTS)
        return;
    house_end_order(m, o, BOOKING_END_FAILED);
    house_owe(m, o, BOOKING_CALL_CANCEL, 0);
}

static void authorised(struct model *m, struct deal *o, const struct command_payment_news *c)
{
    if (!is_placed(o))
        return;
    house_money_fact(m, BOOKING_ENTRY_payment_authorised, o, 0, c->amount_minor);
    bool fits = c->amount_minor == house_total(o);
    if (fits && !house_card_is_full(m, &c->card, o)) {
        house_sell(m, o, c->ticket_randoms, c->card);
        house_owe(m, o, BOOKING_CALL_CAPTURE, 0);
        return;
    }
    if (!fits)
        house_open_case(m, o, BOOKING_CASE_AMOUNT_DIFFERS);
    house_end_order(m, o, fits ? BOOKING_END_CARD_LIMIT : BOOKING_END_VOIDED);
    house_owe(m, o, BOOKING_CALL_CANCEL, 0);
}

/* ---- captured ---- */

/* What the order's access code opens by now. */
static uint32_t allocation_of(const struct model *m, const struct deal *o)
{
    return o->code ? m->codes[o->code - 1].allocation : 0;
}

/* In the audience of the order's access code, or of somebody without one; as in a sale that is
 * open. */
static bool may_have(const struct model *m, const struct deal *o, const struct unit *u)
{
    return house_is_released(m, u->allocation) ||
           (u->allocation == allocation_of(m, o) &&
            m->allocations[u->allocation].opens_at_us <= m->ts_us);
}

static bool is_ordered(const struct deal *o, uint32_t unit)
{
    for (uint32_t i = 0; i < o->count; i++)
        if (o->units[i] == unit)
            return true;
    return false;
}

/* No plan has changed since what may be sold together. */
static bool may_go_together(const struct model *m, const struct deal *o)
{
    bool may = true;
    for (uint32_t i = 0; i < o->count; i++) {
        const struct unit *u = &m->units[o->units[i]];
        may = may && u->category == o->parts[i].category &&
              (u->companion_of == BOOKING_NONE || is_ordered(o, u->companion_of));
        for (uint32_t other = 0; other < m->unit_count && u->group != 0; other++)
            may = may && (m->units[other].group != u->group || is_ordered(o, other));
    }
    return may;
}

/* What was chosen for the hold is wanted once more: every limit is asked, but how many holds. */
static bool limits_allow(struct model *m, const struct deal *o, struct hash16 card)
{
    uint32_t allocation = allocation_of(m, o), coded = 0;
    uint32_t limit = o->code ? m->codes[o->code - 1].limit : 0;
    for (uint32_t i = 0; i < o->count; i++) {
        m->units[o->units[i]].mark = CHOSEN;
        coded += allocation != 0 && !house_is_released(m, allocation) &&
                 m->units[o->units[i]].allocation == allocation;
    }
    bool allow =
        house_has(m, &o->session, false, ALL_CATEGORIES) + o->count <= m->terms.per_buyer &&
        house_has(m, &o->email, true, ALL_CATEGORIES) + o->count <= m->terms.per_buyer &&
        house_check_categories(m, &o->session, false) == BOOKING_OK &&
        house_check_categories(m, &o->email, true) == BOOKING_OK &&
        (limit == 0 || coded == 0 || house_code_used(m, o->code) + coded <= limit) &&
        !house_card_is_full(m, &card, o);
    for (uint32_t i = 0; i < m->quotas.count; i++)
        allow = allow && !house_exceeds(m, NULL, false, m->quotas.all[i].categories,
                                        (uint32_t)m->quotas.all[i].limit);
    house_mark(m, UNTOUCHED);
    m->out->categories = 0; /* nobody is refused */
    return allow;
}

static bool may_be_reseated(struct model *m, const struct deal *o,
                            const struct command_payment_news *c)
{
    bool may = is_ending(o) && o->end == BOOKING_END_EXPIRED && o->taken_minor == 0 &&
               c->amount_minor == house_total(o) && m->terms.sale == BOOKING_SALES_OPEN &&
               may_go_together(m, o);
    for (uint32_t i = 0; i < o->count; i++)
        may = may && house_is_free(m, &m->units[o->units[i]]) &&
              may_have(m, o, &m->units[o->units[i]]);
    return may && (o->promo == 0 || house_promo_is_left(m, o, o)) && limits_allow(m, o, c->card);
}

static void reseat(struct model *m, struct deal *o, const struct command_payment_news *c)
{
    uint32_t allocation = allocation_of(m, o);
    for (uint32_t i = 0; i < o->count; i++) {
        m->units[o->units[i]].mark = CHOSEN;
        o->parts[i].coded = allocation != 0 && !m->allocations[allocation].released &&
                            m->units[o->units[i]].allocation == allocation;
    }
    house_sweep(m, LIMIT_TICK_EXPIRIES);
    learn(m, o, c);
    house_sell(m, o, c->ticket_randoms, c->card);
    house_capture(m, o);
}

static void captured(struct model *m, struct deal *o, const struct command_payment_news *c)
{
    bool fits = c->amount_minor == house_total(o);
    if (c->amount_minor <= 0)
        return;
    if (may_be_reseated(m, o, c)) {
        reseat(m, o, c);
        return;
    }
    if (o->state != BOOKING_ORDER_ENDED || o->taken_minor == 0)
        learn(m, o, c);
    if (is_placed(o) && fits && !house_card_is_full(m, &c->card, o)) {
        house_sell(m, o, c->ticket_randoms, c->card);
        house_capture(m, o);
    } else if (is_placed(o)) {
        house_end_order(m, o, fits ? BOOKING_END_CARD_LIMIT : BOOKING_END_VOIDED);
        house_take_back(m, o, c->amount_minor);
    } else if (o->state == BOOKING_ORDER_SOLD && fits) {
        house_capture(m, o);
    } else if (o->state == BOOKING_ORDER_SOLD) {
        house_open_case(m, o, BOOKING_CASE_AMOUNT_DIFFERS);
    } else if (is_ending(o) && o->taken_minor == 0) {
        house_take_back(m, o, c->amount_minor);
    } else if (o->state == BOOKING_ORDER_ENDED && o->taken_minor == 0) {
        house_open_case(m, o, BOOKING_CASE_CAPTURED_AFTER_END);
    }
}

/* ---- the rest ---- */

static void finish(struct model *m, struct deal *o)
{
    house_money_fact(m, BOOKING_ENTRY_payment_cancelled, o, 0, 0);
    house_finish(m, o);
}

static void cancelled(struct model *m, struct deal *o)
{
    if (is_placed(o)) {
        house_end_order(m, o, BOOKING_END_CANCELLED);
        finish(m, o);
    } else if (is_ending(o) && o->taken_minor == 0) {
        finish(m, o);
    } else if (o->state == BOOKING_ORDER_SOLD) {
        house_open_case(m, o, BOOKING_CASE_CAPTURE_REFUSED);
    }
}

/* Our own call was refused for good. */
static void refused(struct model *m, struct deal *o)
{
    switch ((enum booking_call)o->call) {
    case BOOKING_CALL_NONE: break;
    case BOOKING_CALL_CREATE:
        if (is_placed(o))
            house_end_order(m, o, BOOKING_END_FAILED);
        else
            finish(m, o);
        break;
    case BOOKING_CALL_CAPTURE: house_open_case(m, o, BOOKING_CASE_CAPTURE_REFUSED); break;
    case BOOKING_CALL_CANCEL: house_open_case(m, o, BOOKING_CASE_CANCEL_REFUSED); break;
    case BOOKING_CALL_REFUND: house_open_case(m, o, BOOKING_CASE_REFUND_REFUSED); break;
    }
}

static void hear(struct model *m, struct deal *o, const struct command_payment_news *c)
{
    if (c->kind == BOOKING_PAYMENT_CREATED || c->kind == BOOKING_PAYMENT_PROCESSING ||
        c->kind == BOOKING_PAYMENT_DECLINED || c->kind == BOOKING_PAYMENT_AUTHORISED)
        learn(m, o, c);
    switch ((enum booking_payment)c->kind) {
    case BOOKING_PAYMENT_CREATED: break;
    case BOOKING_PAYMENT_PROCESSING: processing(m, o); break;
    case BOOKING_PAYMENT_DECLINED: declined(m, o, c->code); break;
    case BOOKING_PAYMENT_AUTHORISED: authorised(m, o, c); break;
    case BOOKING_PAYMENT_CAPTURED: captured(m, o, c); break;
    case BOOKING_PAYMENT_CANCELLED: cancelled(m, o); break;
    case BOOKING_PAYMENT_REFUSED: refused(m, o); break;
    case BOOKING_PAYMENT_REFUNDED:
    case BOOKING_PAYMENT_REFUND_FAILED: house_hear_refund(m, o, c); break;
    case BOOKING_PAYMENT_REFUND_UNASKED: house_open_case(m, o, BOOKING_CASE_REFUND_UNASKED); break;
    case BOOKING_PAYMENT_DIFFERS: house_open_case(m, o, BOOKING_CASE_DIFFERS); break;
    case BOOKING_PAYMENT_DISPUTED:
    case BOOKING_PAYMENT_DISPUTE_WON:
    case BOOKING_PAYMENT_DISPUTE_LOST: house_hear_dispute(m, o, c); break;
    }
}

enum booking_refusal model_payment_news(struct model *m, const struct command_payment_news *c)
{
    struct deal *o = house_find(m, ORDERS, c->order, c->order_random, NULL);
    REFUSE_IF(!o || c->intent.len > LIMIT_PAYMENT_ID_BYTES ||
                  c->client_secret.len > LIMIT_PAYMENT_SECRET_BYTES ||
                  c->dispute.len > LIMIT_PAYMENT_ID_BYTES,
              ORDER_NOT_FOUND);
    m->out->order = c->order;
    bool known = o->intent.len > 0;
    bool others = known && c->intent.len > 0 && !slice_equal(house_slice(&o->intent), c->intent);
    bool nobodys = !known && c->intent.len == 0 && c->kind != BOOKING_PAYMENT_REFUSED;
    if (!others && !nobodys)
        hear(m, o, c);
    m->out->repeated = m->out->entry_count == 0;
    return BOOKING_OK;
}
