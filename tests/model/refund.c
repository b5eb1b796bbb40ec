#include "model/house.h"

/* MONEY.md, "Refunds" and "Disputes". */

/* ---- refunds ---- */

static bool is_due(const struct refund *r)
{
    return r->state == BOOKING_REFUND_DUE || r->state == BOOKING_REFUND_FAILED;
}

/* Its number. */
static uint32_t request(struct model *m, struct deal *o, int64_t amount_minor)
{
    o->refund[o->refunds++] = (struct refund){amount_minor, BOOKING_REFUND_DUE, 0};
    house_money_fact(m, BOOKING_ENTRY_refund_requested, o, o->refunds, amount_minor);
    return o->refunds;
}

void house_next_refund(struct model *m, struct deal *o)
{
    for (uint32_t i = 0; i < o->refunds && o->call == BOOKING_CALL_NONE && o->reason == 0; i++) {
        if (!is_due(&o->refund[i]))
            continue;
        if (o->refund[i].amount_minor > 0)
            house_owe(m, o, BOOKING_CALL_REFUND, i + 1);
        else
            house_refund_done(m, o, i + 1, false, 0);
    }
}

void house_refund_done(struct model *m, struct deal *o, uint32_t refund, bool settled,
                       uint32_t attempt)
{
    struct refund *r = &o->refund[refund - 1];
    house_money_fact(m, BOOKING_ENTRY_refund_done, o, MODEL_DONE(refund, settled, attempt),
                     r->amount_minor);
    house_post(m, BOOKING_ACCOUNT_REFUNDS,
               settled ? BOOKING_ACCOUNT_ORGANISER : BOOKING_ACCOUNT_PROVIDER, r->amount_minor);
    r->state = settled ? BOOKING_REFUND_SETTLED : BOOKING_REFUND_DONE;
    r->attempt = attempt;
    o->refunded = ++m->endings;
    if (o->call == BOOKING_CALL_REFUND && o->owed == refund)
        o->call = BOOKING_CALL_NONE;
    if (o->state == BOOKING_ORDER_ENDING)
        house_finish(m, o);
}

static void came_back(struct model *m, struct deal *o, uint32_t refund)
{
    struct refund *r = &o->refund[refund - 1];
    house_money_fact(m, BOOKING_ENTRY_refund_failed, o, refund, r->amount_minor);
    house_post(m, BOOKING_ACCOUNT_PROVIDER, BOOKING_ACCOUNT_REFUNDS, r->amount_minor);
    r->state = BOOKING_REFUND_FAILED;
    if (o->state == BOOKING_ORDER_ENDED) {
        o->state = BOOKING_ORDER_ENDING;
        o->ended = 0;
    }
    house_open_case(m, o, BOOKING_CASE_REFUND_FAILED);
}

void house_hear_refund(struct model *m, struct deal *o, const struct command_payment_news *c)
{
    if (c->refund < 1 || c->refund > o->refunds)
        return;
    const struct refund *r = &o->refund[c->refund - 1];
    bool owed = o->call == BOOKING_CALL_REFUND && o->owed == c->refund;
    if (c->kind == BOOKING_PAYMENT_REFUNDED && owed) {
        house_refund_done(m, o, c->refund, false, c->attempt);
        house_next_refund(m, o);
    }
    if (c->kind == BOOKING_PAYMENT_REFUNDED || c->attempt != r->attempt)
        return;
    if (owed)
        house_open_case(m, o, BOOKING_CASE_REFUND_REFUSED);
    else if (r->state == BOOKING_REFUND_DONE && r->amount_minor > 0)
        came_back(m, o, c->refund);
}

void house_take_back(struct model *m, struct deal *o, int64_t amount_minor)
{
    house_money_fact(m, BOOKING_ENTRY_payment_taken, o, 0, amount_minor);
    house_post(m, BOOKING_ACCOUNT_PROVIDER, BOOKING_ACCOUNT_REFUNDS, amount_minor);
    o->taken_minor = amount_minor;
    o->state = BOOKING_ORDER_ENDING;
    o->ended = 0;
    house_owe(m, o, BOOKING_CALL_REFUND, request(m, o, amount_minor));
}

static bool lists(struct u32s units, uint32_t unit)
{
    for (uint32_t i = 0; i < units.count; i++)
        if (u32s_at(units, i) == unit)
            return true;
    return false;
}

static enum booking_refusal check_units(struct model *m, const struct deal *o, struct u32s units)
{
    uint32_t left = 0;
    for (uint32_t i = 0; i < units.count; i++) {
        REFUSE_IF(!lists((struct u32s){(const char *)o->units, o->count}, u32s_at(units, i)),
                  UNKNOWN_UNIT);
        REFUSE_IF(lists((struct u32s){units.data, i}, u32s_at(units, i)), REPEATED_UNIT);
    }
    for (uint32_t i = 0; i < o->count; i++) {
        left += o->parts[i].refund == 0;
        if (o->parts[i].refund != 0 && lists(units, o->units[i]))
            house_culprit(m, &m->units[o->units[i]]);
    }
    REFUSE_IF(m->out->culprit_count > 0 || left == 0, ALREADY_REFUNDED);
    return BOOKING_OK;
}

enum booking_refusal model_refund(struct model *m, const struct command_refund *c)
{
    struct deal *o = house_find(m, ORDERS, c->order, c->order_random, NULL);
    int64_t amount_minor = 0;
    REFUSE_IF(!o, ORDER_NOT_FOUND);
    REFUSE_IF(o->state != BOOKING_ORDER_CAPTURED, ORDER_NOT_PAID);
    REFUSE_IF(o->dispute == BOOKING_DISPUTE_OPEN || o->dispute == BOOKING_DISPUTE_LOST ||
                  o->dispute == BOOKING_DISPUTE_LOST_IN_PART,
              ORDER_DISPUTED);
    CHECK(check_units(m, o, c->units));
    m->out->order = c->order;
    for (uint32_t i = 0; i < o->count; i++)
        if (o->parts[i].refund == 0 && (c->units.count == 0 || lists(c->units, o->units[i]))) {
            amount_minor += o->parts[i].line.total_minor;
            o->parts[i].refund = o->refunds + 1;
            m->units[o->units[i]].state = c->block ? BOOKING_BLOCKED : BOOKING_FREE;
        }
    uint32_t refund = request(m, o, amount_minor);
    house_post_parts(m, o, refund, BOOKING_ACCOUNT_REFUNDS, -1);
    house_next_refund(m, o);
    return BOOKING_OK;
}

/* ---- disputes ---- */

static struct dispute *find_dispute(const struct model *m, struct slice id)
{
    for (uint32_t i = 0; i < m->dispute_count; i++)
        if (slice_equal(house_slice(&m->disputes[i].id), id))
            return &m->disputes[i];
    return NULL;
}

static void open_dispute(struct model *m, struct deal *o, const struct command_payment_news *c)
{
    m->disputes = house_grow(m->disputes, m->dispute_count, sizeof *m->disputes);
    struct dispute *d = &m->disputes[m->dispute_count++];
    *d = (struct dispute){.id = house_text(c->dispute),
                          .reason = house_text(c->code),
                          .amount_minor = c->amount_minor,
                          .due_at_us = c->due_at_us,
                          .order = c->order,
                          .state = BOOKING_DISPUTE_OPEN};
    d->reason.len = d->reason.len < DECLINE_CODE_BYTES ? d->reason.len : DECLINE_CODE_BYTES;
    d->opened_at_us = house_money_fact(m, BOOKING_ENTRY_dispute_opened, o, 0, d->amount_minor);
    o->dispute = BOOKING_DISPUTE_OPEN;
    house_post(m, BOOKING_ACCOUNT_DISPUTES, BOOKING_ACCOUNT_PROVIDER, d->amount_minor);
}

static void close_dispute(struct model *m, struct deal *o, struct dispute *d, bool won)
{
    int64_t left_minor = d->amount_minor;
    house_money_fact(m, BOOKING_ENTRY_dispute_closed, o, won, 0);
    d->state = won ? BOOKING_DISPUTE_WON : BOOKING_DISPUTE_LOST;
    o->dispute = d->state;
    if (won) {
        house_post(m, BOOKING_ACCOUNT_PROVIDER, BOOKING_ACCOUNT_DISPUTES, left_minor);
        return;
    }
    for (uint32_t i = 0; i < o->count; i++)
        if (o->parts[i].refund == 0)
            left_minor -= o->parts[i].line.total_minor;
    if (left_minor < 0) { /* the bank left something */
        d->state = o->dispute = BOOKING_DISPUTE_LOST_IN_PART;
        house_post(m, BOOKING_ACCOUNT_ORGANISER, BOOKING_ACCOUNT_DISPUTES, d->amount_minor);
        return;
    }
    for (uint32_t i = 0; i < o->count; i++)
        if (o->parts[i].refund == 0)
            m->units[o->units[i]].state = BOOKING_FREE;
    house_post_parts(m, o, 0, BOOKING_ACCOUNT_DISPUTES, -1);
    house_post(m, BOOKING_ACCOUNT_ORGANISER, BOOKING_ACCOUNT_DISPUTES, left_minor);
}

void house_hear_dispute(struct model *m, struct deal *o, const struct command_payment_news *c)
{
    struct dispute *d = find_dispute(m, c->dispute);
    bool may_open = (o->dispute == BOOKING_DISPUTE_NONE || o->dispute == BOOKING_DISPUTE_WON) &&
                    o->state == BOOKING_ORDER_CAPTURED;
    bool is_new = !d && may_open;
    uint32_t room = m->unit_count / 16 + 64;
    room = room < LIMIT_DISPUTES ? room : LIMIT_DISPUTES;
    bool strange = o->state == BOOKING_ORDER_CAPTURED ? !d && !may_open : o->taken_minor != 0;
    if (strange && c->kind != BOOKING_PAYMENT_DISPUTE_WON)
        house_open_case(m, o, BOOKING_CASE_DIFFERS);
    if (o->state != BOOKING_ORDER_CAPTURED)
        return;
    if (is_new && c->kind != BOOKING_PAYMENT_DISPUTE_WON) {
        if (m->dispute_count == room) {
            house_open_case(m, o, BOOKING_CASE_DISPUTES_FULL);
            return;
        }
        open_dispute(m, o, c);
        d = &m->disputes[m->dispute_count - 1];
    }
    if (d && d->state == BOOKING_DISPUTE_OPEN && d->order == c->order &&
        c->kind != BOOKING_PAYMENT_DISPUTED)
        close_dispute(m, o, d, c->kind == BOOKING_PAYMENT_DISPUTE_WON);
}
