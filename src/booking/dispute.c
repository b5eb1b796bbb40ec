#include "booking/state.h"

/* Disputes: the buyer's bank takes the money back and decides later whose it is. */

/* Its slot, or BOOKING_NONE. */
static uint32_t dispute_find(const struct booking *b, struct slice id)
{
    for (uint32_t i = 0; i < b->s->dispute_count; i++)
        if (slice_equal(slice_make(b->disputes[i].id, b->disputes[i].id_len), id))
            return i;
    return BOOKING_NONE;
}

/* It is about money that no dispute of ours can be about: somebody has to know. */
static void put_strange(const struct booking *b, const struct command_payment_news *c,
                        struct booking_decision *d)
{
    decision_case(b, d, c->order, BOOKING_CASE_DIFFERS, c->dispute);
}

/* One that nobody knew. False: it was not opened. */
static bool put_opened(const struct booking *b, const struct command_payment_news *c,
                       struct booking_decision *d)
{
    enum booking_dispute_state now = order_dispute(b, &b->orders[c->order]);
    if (now != BOOKING_DISPUTE_NONE && now != BOOKING_DISPUTE_WON) {
        put_strange(b, c, d);
        return false;
    }
    if (b->s->dispute_count == b->s->dispute_capacity) {
        decision_case(b, d, c->order, BOOKING_CASE_DISPUTES_FULL, c->dispute);
        return false;
    }
    decision_entry(d, BOOKING_ENTRY_dispute_opened)->dispute_opened = (struct entry_dispute_opened){
        .order = c->order,
        .dispute = c->dispute,
        .amount_minor = c->amount_minor,
        .due_at_us = c->due_at_us,
        .reason = c->code,
    };
    return true;
}

static void put_closed(const struct command_payment_news *c, struct booking_decision *d, bool won)
{
    decision_entry(d, BOOKING_ENTRY_dispute_closed)->dispute_closed =
        (struct entry_dispute_closed){.order = c->order, .won = won};
}

void dispute_news(const struct booking *b, const struct command_payment_news *c,
                  struct booking_decision *d)
{
    const struct order *o = &b->orders[c->order];
    bool won = c->kind == BOOKING_PAYMENT_DISPUTE_WON;
    bool lost = c->kind == BOOKING_PAYMENT_DISPUTE_LOST;
    if (o->state != BOOKING_ORDER_CAPTURED) {
        if (!won && order_was_taken(o)) /* what went back is taken back once more */
            put_strange(b, c, d);
        return;
    }
    uint32_t known = dispute_find(b, c->dispute);
    if (known == BOOKING_NONE) {
        if (!won && put_opened(b, c, d) && lost)
            put_closed(c, d, false);
    } else if ((won || lost) && known + 1 == o->dispute &&
               b->disputes[known].state == BOOKING_DISPUTE_OPEN) {
        put_closed(c, d, won);
    }
}

enum booking_dispute_state dispute_closed_as(const struct booking *b, const struct order *o,
                                             bool won)
{
    if (won)
        return BOOKING_DISPUTE_WON;
    return b->disputes[o->dispute - 1].amount_minor < order_left_minor(b, o)
               ? BOOKING_DISPUTE_LOST_IN_PART
               : BOOKING_DISPUTE_LOST;
}

void apply_dispute_opened(struct booking *b, const struct entry_dispute_opened *e, uint64_t ts_us)
{
    struct state *s = b->s;
    struct order *o = &b->orders[e->order];
    assert(e->order < s->orders_used && s->dispute_count < s->dispute_capacity &&
           e->dispute.len <= LIMIT_PAYMENT_ID_BYTES);
    enum order_queue was = order_queue(b, o);
    struct dispute *dispute = &b->disputes[s->dispute_count++];
    size_t reason_len = e->reason.len < DECLINE_CODE_BYTES ? e->reason.len : DECLINE_CODE_BYTES;
    *dispute = (struct dispute){
        .amount_minor = e->amount_minor,
        .opened_at_us = ts_us,
        .due_at_us = e->due_at_us,
        .order = e->order,
        .state = BOOKING_DISPUTE_OPEN,
        .id_len = (uint8_t)e->dispute.len,
        .reason_len = (uint8_t)reason_len,
    };
    if (e->dispute.len > 0)
        memcpy(dispute->id, e->dispute.data, e->dispute.len);
    if (reason_len > 0)
        memcpy(dispute->reason, e->reason.data, reason_len);
    o->dispute = s->dispute_count;
    s->open_disputes++;
    order_requeue(b, e->order, was);
}

void apply_dispute_closed(struct booking *b, const struct entry_dispute_closed *e,
                          struct booking_touched *touched)
{
    struct order *o = &b->orders[e->order];
    assert(e->order < b->s->orders_used && order_dispute(b, o) == BOOKING_DISPUTE_OPEN);
    enum order_queue was = order_queue(b, o);
    enum booking_dispute_state now = dispute_closed_as(b, o, e->won);
    /* The units go while they are still the order's. */
    for (uint32_t i = 0; now == BOOKING_DISPUTE_LOST && i < o->count; i++)
        if (order_has_unit(b, o, i))
            order_return_unit(b, e->order, i, BOOKING_FREE, touched);
    b->disputes[o->dispute - 1].state = (uint8_t)now;
    b->s->open_disputes--;
    order_requeue(b, e->order, was);
}

bool booking_dispute_get(const struct booking *b, uint32_t dispute,
                         struct booking_dispute *ret_dispute)
{
    if (dispute >= b->s->dispute_count)
        return false;
    const struct dispute *it = &b->disputes[dispute];
    *ret_dispute = (struct booking_dispute){
        .order = it->order,
        .state = (enum booking_dispute_state)it->state,
        .amount_minor = it->amount_minor,
        .opened_at_us = it->opened_at_us,
        .due_at_us = it->due_at_us,
        .id = slice_make(it->id, it->id_len),
        .reason = slice_make(it->reason, it->reason_len),
    };
    return true;
}
