#include "booking/state.h"

/* The books of an event, double entry: what an entry moves between the accounts, and nothing else
 * moves anything. */

static void move(struct booking_ledger *l, enum booking_account from, enum booking_account to,
                 int64_t amount)
{
    l->minor[from] -= amount;
    l->minor[to] += amount;
}

/* A line's shares, out of where they lie (sale) or back into it. */
static void move_shares(struct booking_ledger *l, const struct booking_line *line, int64_t sign)
{
    l->minor[BOOKING_ACCOUNT_ORGANISER] += sign * line->organiser_share;
    l->minor[BOOKING_ACCOUNT_FEES] += sign * line->fees_share;
    l->minor[BOOKING_ACCOUNT_TAX] += sign * line->tax_share;
}

static void post_sale(const struct booking *b, const struct order *o, int64_t sign,
                      struct booking_ledger *l)
{
    for (uint32_t i = 0; i < o->count; i++) {
        struct booking_line line = order_line(b, o, i);
        move_shares(l, &line, -sign);
        l->minor[BOOKING_ACCOUNT_BUYERS] += sign * line.total_minor;
    }
}

static void post_refund(const struct booking *b, const struct entry_refund_requested *e,
                        struct booking_ledger *l)
{
    const struct order *o = &b->orders[e->order];
    for (uint32_t i = 0; i < o->count; i++) {
        bool given_back = false;
        for (uint32_t k = 0; k < e->units.count; k++)
            given_back |= u32s_at(e->units, k) == o->units[i];
        if (!given_back)
            continue;
        struct booking_line line = order_line(b, o, i);
        move_shares(l, &line, 1);
        l->minor[BOOKING_ACCOUNT_REFUNDS] -= line.total_minor;
    }
}

/* The organiser's sale is gone, and what the bank took beyond it is the organiser's loss. */
static void post_lost(const struct booking *b, const struct order *o, int64_t amount,
                      struct booking_ledger *l)
{
    move(l, BOOKING_ACCOUNT_DISPUTES, BOOKING_ACCOUNT_ORGANISER, amount);
    for (uint32_t i = 0; i < o->count; i++) {
        if (o->refund_of[i] != 0)
            continue;
        struct booking_line line = order_line(b, o, i);
        move_shares(l, &line, 1);
        l->minor[BOOKING_ACCOUNT_ORGANISER] -= line.total_minor;
    }
}

static void post_dispute_closed(const struct booking *b, const struct entry_dispute_closed *e,
                                struct booking_ledger *l)
{
    const struct order *o = &b->orders[e->order];
    int64_t amount = b->disputes[o->dispute - 1].amount_minor;
    switch (dispute_closed_as(b, o, e->won)) {
    case BOOKING_DISPUTE_NONE:
    case BOOKING_DISPUTE_OPEN: assert(false); break;
    case BOOKING_DISPUTE_WON:
        move(l, BOOKING_ACCOUNT_DISPUTES, BOOKING_ACCOUNT_PROVIDER, amount);
        break;
    case BOOKING_DISPUTE_LOST: post_lost(b, o, amount, l); break;
    case BOOKING_DISPUTE_LOST_IN_PART: /* what was sold stays so */
        move(l, BOOKING_ACCOUNT_DISPUTES, BOOKING_ACCOUNT_ORGANISER, amount);
        break;
    }
}

bool booking_postings(const struct booking *b, const struct booking_entry *entry,
                      struct booking_ledger *ret_postings)
{
    struct booking_ledger l = {{0}};
    const enum booking_account organiser = BOOKING_ACCOUNT_ORGANISER,
                               provider = BOOKING_ACCOUNT_PROVIDER,
                               refunds = BOOKING_ACCOUNT_REFUNDS;
    switch (entry->number) {
    case BOOKING_ENTRY_order_sold: post_sale(b, &b->orders[entry->order_sold.order], 1, &l); break;
    case BOOKING_ENTRY_order_voided:
        post_sale(b, &b->orders[entry->order_voided.order], -1, &l);
        break;
    case BOOKING_ENTRY_payment_captured:
        move(&l, BOOKING_ACCOUNT_BUYERS, provider, entry->payment_captured.amount_minor);
        break;
    case BOOKING_ENTRY_payment_taken:
        move(&l, refunds, provider, entry->payment_taken.amount_minor);
        break;
    case BOOKING_ENTRY_refund_requested: post_refund(b, &entry->refund_requested, &l); break;
    case BOOKING_ENTRY_refund_done:
        move(&l, entry->refund_done.settled ? organiser : provider, refunds,
             entry->refund_done.amount_minor);
        break;
    case BOOKING_ENTRY_refund_failed:
        move(&l, refunds, provider, entry->refund_failed.amount_minor);
        break;
    case BOOKING_ENTRY_dispute_opened:
        move(&l, provider, BOOKING_ACCOUNT_DISPUTES, entry->dispute_opened.amount_minor);
        break;
    case BOOKING_ENTRY_dispute_closed: post_dispute_closed(b, &entry->dispute_closed, &l); break;
    case BOOKING_ENTRY_case_closed:
        move(&l, provider, organiser, entry->case_closed.by_hand_minor);
        break;
    default: break;
    }
    bool moves = false;
    for (uint32_t i = 0; i < BOOKING_ACCOUNT_COUNT; i++)
        moves |= l.minor[i] != 0;
    *ret_postings = l;
    return moves;
}

void ledger_post(struct booking *b, const struct booking_entry *e)
{
    struct booking_ledger postings;
    if (!booking_postings(b, e, &postings))
        return;
    for (uint32_t i = 0; i < BOOKING_ACCOUNT_COUNT; i++)
        b->s->ledger[i] += postings.minor[i];
}

/* ---- the same from the other side: what an order's record says ---- */

static void refund_of_order(const struct booking *b, const struct order *o, uint8_t refund,
                            struct booking_ledger *l)
{
    int64_t amount = refund_amount(b, o, refund);
    switch ((enum booking_refund_state)o->refund_states[refund - 1]) {
    case BOOKING_REFUND_NONE: break;
    case BOOKING_REFUND_DUE:
    case BOOKING_REFUND_FAILED: l->minor[BOOKING_ACCOUNT_REFUNDS] -= amount; break;
    case BOOKING_REFUND_DONE: l->minor[BOOKING_ACCOUNT_PROVIDER] -= amount; break;
    case BOOKING_REFUND_SETTLED: l->minor[BOOKING_ACCOUNT_ORGANISER] -= amount; break;
    }
}

static void disputes_of_order(const struct booking *b, uint32_t order, struct booking_ledger *l)
{
    int64_t left = order_left_minor(b, &b->orders[order]);
    for (uint32_t i = 0; b->orders[order].dispute != 0 && i < b->s->dispute_count; i++) {
        const struct dispute *it = &b->disputes[i];
        if (it->order != order || it->state == BOOKING_DISPUTE_WON)
            continue;
        l->minor[BOOKING_ACCOUNT_PROVIDER] -= it->amount_minor;
        if (it->state == BOOKING_DISPUTE_OPEN)
            l->minor[BOOKING_ACCOUNT_DISPUTES] += it->amount_minor;
        else if (it->state == BOOKING_DISPUTE_LOST_IN_PART)
            l->minor[BOOKING_ACCOUNT_ORGANISER] += it->amount_minor;
        else
            l->minor[BOOKING_ACCOUNT_ORGANISER] += it->amount_minor - left;
    }
}

void ledger_of_order(const struct booking *b, uint32_t order, struct booking_ledger *ret_ledger)
{
    const struct order *o = &b->orders[order];
    struct booking_ledger l = {{0}};
    bool captured = o->state == BOOKING_ORDER_CAPTURED;
    for (uint32_t i = 0; order_is_sold(o) && i < o->count; i++) {
        struct booking_line line = order_line(b, o, i);
        l.minor[captured ? BOOKING_ACCOUNT_PROVIDER : BOOKING_ACCOUNT_BUYERS] += line.total_minor;
        if (order_has_unit(b, o, i))
            move_shares(&l, &line, -1);
    }
    if (order_was_taken(o))
        l.minor[BOOKING_ACCOUNT_PROVIDER] += o->taken_minor;
    for (uint8_t refund = 1; refund <= o->refunds; refund++)
        refund_of_order(b, o, refund, &l);
    disputes_of_order(b, order, &l);
    move(&l, BOOKING_ACCOUNT_PROVIDER, BOOKING_ACCOUNT_ORGANISER, o->by_hand_minor);
    *ret_ledger = l;
}

struct booking_ledger booking_order_ledger(const struct booking *b, uint32_t order)
{
    struct booking_ledger l;
    assert(order < b->s->orders_used);
    ledger_of_order(b, order, &l);
    return l;
}

struct booking_ledger booking_ledger_closed(const struct booking *b)
{
    struct booking_ledger l;
    memcpy(l.minor, b->s->ledger_closed, sizeof l.minor);
    return l;
}

struct booking_ledger booking_ledger(const struct booking *b)
{
    struct booking_ledger l;
    memcpy(l.minor, b->s->ledger, sizeof l.minor);
    return l;
}

const char *booking_account_name(enum booking_account account)
{
#define ACCOUNT_NAME(name, text) text,
    static const char *const names[] = {BOOKING_ACCOUNTS(ACCOUNT_NAME)};
#undef ACCOUNT_NAME
    assert(account < BOOKING_ACCOUNT_COUNT);
    return names[account];
}
