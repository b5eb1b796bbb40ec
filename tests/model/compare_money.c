#include "model/compare.h"

/* What the machine shows of MONEY.md. */

/* The number behind "amount=" or "amount_to_capture=" in the body of a call. */
static int64_t amount_asked(struct slice body)
{
    int64_t amount = 0;
    for (size_t i = 0; i + 6 < body.len; i++) {
        const char *at = body.data + i, *end = body.data + body.len;
        if (memcmp(at, "amount", 6) != 0)
            continue;
        while (at < end && *at != '=')
            at++;
        for (at++; at < end && *at >= '0' && *at <= '9'; at++)
            amount = 10 * amount + (*at - '0');
        break;
    }
    return amount;
}

struct model_note compare_note(const struct booking_entry *e)
{
    switch ((enum booking_entry_number)e->number) {
    case BOOKING_ENTRY_order_placed:
        return (struct model_note){true, e->order_placed.order, 0, e->order_placed.total_minor};
    case BOOKING_ENTRY_payment_requested:
        return (struct model_note){true, e->payment_requested.order, e->payment_requested.kind,
                                   amount_asked(e->payment_requested.body)};
    case BOOKING_ENTRY_payment_created:
        return (struct model_note){true, e->payment_created.order, 0, 0};
    case BOOKING_ENTRY_payment_authorised:
        return (struct model_note){true, e->payment_authorised.order, 0,
                                   e->payment_authorised.amount_minor};
    case BOOKING_ENTRY_order_sold: return (struct model_note){true, e->order_sold.order, 0, 0};
    case BOOKING_ENTRY_payment_captured:
        return (struct model_note){true, e->payment_captured.order, 0,
                                   e->payment_captured.amount_minor};
    case BOOKING_ENTRY_payment_cancelled:
        return (struct model_note){true, e->payment_cancelled.order, 0, 0};
    case BOOKING_ENTRY_order_ended:
        return (struct model_note){true, e->order_ended.order, e->order_ended.reason, 0};
    case BOOKING_ENTRY_case_opened:
        return (struct model_note){true, e->case_opened.order, e->case_opened.reason, 0};
    case BOOKING_ENTRY_case_closed:
        return (struct model_note){true, e->case_closed.order, e->case_closed.action,
                                   e->case_closed.by_hand_minor};
    case BOOKING_ENTRY_payment_taken:
        return (struct model_note){true, e->payment_taken.order, 0, e->payment_taken.amount_minor};
    case BOOKING_ENTRY_order_voided: return (struct model_note){true, e->order_voided.order, 0, 0};
    case BOOKING_ENTRY_refund_requested:
        return (struct model_note){true, e->refund_requested.order, e->refund_requested.refund,
                                   e->refund_requested.amount_minor};
    case BOOKING_ENTRY_refund_done:
        return (struct model_note){true, e->refund_done.order,
                                   MODEL_DONE(e->refund_done.refund, e->refund_done.settled,
                                              (uint32_t)e->refund_done.attempt),
                                   e->refund_done.amount_minor};
    case BOOKING_ENTRY_refund_failed:
        return (struct model_note){true, e->refund_failed.order, e->refund_failed.refund,
                                   e->refund_failed.amount_minor};
    case BOOKING_ENTRY_dispute_opened:
        return (struct model_note){true, e->dispute_opened.order, 0,
                                   e->dispute_opened.amount_minor};
    case BOOKING_ENTRY_dispute_closed:
        return (struct model_note){true, e->dispute_closed.order, e->dispute_closed.won, 0};
    default: return (struct model_note){0};
    }
}

const char *compare_parts(struct model *m, const struct deal *d, const struct booking_line *lines,
                          const char *whose, uint32_t slot)
{
    for (uint32_t i = 0; i < d->count; i++) {
        const struct booking_line *line = &d->parts[i].line;
        SAME(lines[i].price_minor, line->price_minor, "%s %u line %u", whose, slot, i);
        SAME(lines[i].discount_minor, line->discount_minor, "%s %u line %u", whose, slot, i);
        SAME(lines[i].fee_minor, line->fee_minor, "%s %u line %u", whose, slot, i);
        SAME(lines[i].tax_minor, line->tax_minor, "%s %u line %u", whose, slot, i);
        SAME(lines[i].total_minor, line->total_minor, "%s %u line %u", whose, slot, i);
        SAME(lines[i].organiser_share, line->organiser_share, "%s %u line %u", whose, slot, i);
        SAME(lines[i].fees_share, line->fees_share, "%s %u line %u", whose, slot, i);
        SAME(lines[i].tax_share, line->tax_share, "%s %u line %u", whose, slot, i);
        SAME(line->organiser_share + line->fees_share + line->tax_share, line->total_minor,
             "shares of %s %u line %u", whose, slot, i);
    }
    return NULL;
}

const char *compare_order_money(struct model *m, const struct booking *b, uint32_t slot,
                                const struct booking_order *got)
{
    const struct deal *o = &m->deals[ORDERS].all[slot];
    uint32_t done = 0;
    TRY(compare_parts(m, o, got->lines, "order", slot));
    SAME(got->total_minor, house_total(o), "order %u", slot);
    SAME(got->promo, o->promo, "order %u", slot);
    SAME(got->taken_minor, o->taken_minor, "order %u", slot);
    SAME(got->by_hand_minor, o->by_hand_minor, "order %u", slot);
    if (o->state == BOOKING_ORDER_PLACED)
        SAME(got->processing, o->processing, "order %u", slot);
    SAME(got->attention, o->reason != 0, "order %u", slot);
    if (o->reason != 0) {
        SAME(got->case_reason, o->reason, "order %u", slot);
        SAME(got->case_opened_at_us, o->case_at_us, "order %u", slot);
    }
    SAME(got->dispute, o->dispute, "order %u", slot);
    SAME(got->refunds, o->refunds, "order %u", slot);
    for (uint32_t i = 0; i < o->count; i++)
        SAME(got->refund_of[i], o->parts[i].refund, "order %u unit %u", slot, i);
    for (uint32_t i = 0; i < LIMIT_HOLD_UNITS; i++) {
        SAME(got->refund_states[i], o->refund[i].state, "order %u refund %u", slot, i + 1);
        SAME(got->refund_attempts[i], o->refund[i].attempt, "order %u refund %u", slot, i + 1);
        if (i < o->refunds)
            SAME(booking_refund_amount(b, slot, (uint8_t)(i + 1)), o->refund[i].amount_minor,
                 "order %u refund %u", slot, i + 1);
        done += o->refund[i].state == BOOKING_REFUND_DONE ||
                o->refund[i].state == BOOKING_REFUND_SETTLED;
    }
    SAME(got->refunds_done, done, "order %u", slot);
    return NULL;
}

/* Counted by what was swept, as all that is counted. */
static uint64_t counted_with_promo(const struct model *m, uint32_t promo, uint64_t *ret_minor)
{
    const struct deal *d;
    uint64_t uses = m->promos[promo - 1].gone_uses;
    *ret_minor = m->promos[promo - 1].gone_minor;
    for (uint32_t i = 0; (d = house_deal(m, i)) != NULL; i++) {
        if (d->promo != promo || (d->state != LIVE && !house_is_sold(d)))
            continue;
        uses++;
        for (uint32_t k = 0; k < d->count; k++)
            *ret_minor += (uint64_t)d->parts[k].promo_minor;
    }
    return uses;
}

static const char *compare_promo(struct model *m, const struct booking *b, uint32_t slot)
{
    const struct promo *p = &m->promos[slot];
    struct booking_promo_terms t;
    uint64_t spent, used = counted_with_promo(m, slot + 1, &spent);
    if (!booking_promo_get(b, p->hash, &t))
        return compare_say(m, "promo code %u is not known", slot);
    SAME(t.kind, p->kind, "promo code %u", slot);
    SAME(t.used, used, "promo code %u", slot);
    SAME(t.spent, spent, "promo code %u", slot);
    if (p->kind == 0)
        return NULL;
    SAME(t.value, p->value, "promo code %u", slot);
    SAME(t.categories, p->categories, "promo code %u", slot);
    SAME(t.budget, p->budget, "promo code %u", slot);
    SAME(t.from_us, p->from_us, "promo code %u", slot);
    SAME(t.until_us, p->until_us, "promo code %u", slot);
    SAME(t.uses, p->uses, "promo code %u", slot);
    SAME(t.max_units, p->max_units, "promo code %u", slot);
    return NULL;
}

static const char *compare_price_plan(struct model *m, const struct booking *b)
{
    static struct booking_price_plan_lists lists;
    struct entry_price_plan_set plan;
    const struct price_plan *p = &m->price_plan;
    booking_price_plan(b, &lists, &plan);
    SAME(plan.rule_categories.count, p->rule_count, "price rules");
    SAME(plan.package_categories.count, p->package_count, "packages");
    for (uint32_t i = 0; i < p->rule_count; i++) {
        SAME(u32s_at(plan.rule_categories, i), p->rules[i].category, "rule %u", i);
        SAME(u64s_at(plan.rule_from_us, i), p->rules[i].from_us, "rule %u", i);
        SAME(u64s_at(plan.rule_until_us, i), p->rules[i].until_us, "rule %u", i);
        SAME(u32s_at(plan.rule_sold_from, i), p->rules[i].sold_from, "rule %u", i);
        SAME(u32s_at(plan.rule_sold_below, i), p->rules[i].sold_below, "rule %u", i);
        SAME(u64s_at(plan.rule_prices, i), p->rules[i].price_minor, "rule %u", i);
    }
    for (uint32_t i = 0; i < m->category_count; i++)
        SAME(i < plan.ceilings.count ? u64s_at(plan.ceilings, i) : 0, p->ceilings[i], "ceiling %u",
             i);
    for (uint32_t i = 0; i < p->package_count; i++) {
        SAME(u64s_at(plan.package_categories, i), p->packages[i].categories, "package %u", i);
        SAME(u32s_at(plan.package_sizes, i), p->packages[i].size, "package %u", i);
        SAME(u32s_at(plan.package_paid, i), p->packages[i].paid, "package %u", i);
    }
    return NULL;
}

static const char *compare_disputes(struct model *m, const struct booking *b)
{
    struct booking_dispute got;
    uint32_t open = 0;
    for (uint32_t i = 0; i < m->dispute_count; i++) {
        const struct dispute *d = &m->disputes[i];
        if (!booking_dispute_get(b, i, &got))
            return compare_say(m, "dispute %u is not found", i);
        SAME(got.order, d->order, "dispute %u", i);
        SAME(got.state, d->state, "dispute %u", i);
        SAME(got.amount_minor, d->amount_minor, "dispute %u", i);
        SAME(got.opened_at_us, d->opened_at_us, "dispute %u", i);
        SAME(got.due_at_us, d->due_at_us, "dispute %u", i);
        SAME(slice_equal(got.id, house_slice(&d->id)), 1, "dispute %u", i);
        SAME(slice_equal(got.reason, house_slice(&d->reason)), 1, "dispute %u", i);
        open += d->state == BOOKING_DISPUTE_OPEN;
    }
    SAME(booking_dispute_get(b, m->dispute_count, &got), 0, "disputes");
    SAME(booking_event(b).open_disputes, open, "event");
    return NULL;
}

const char *compare_money(struct model *m, const struct booking *b, uint64_t ts_us)
{
    struct booking_event e = booking_event(b);
    struct booking_ledger l = booking_ledger(b);
    int64_t sum = 0;
    uint32_t cases = 0;
    uint64_t next_case_us = UINT64_MAX;
    for (unsigned i = 0; i < BOOKING_ACCOUNT_COUNT; i++) {
        SAME(l.minor[i], m->ledger[i], "account %s", booking_account_name((enum booking_account)i));
        sum += m->ledger[i];
    }
    SAME(sum, 0, "the ledger's sum");
    for (uint32_t i = 0; i < m->deals[ORDERS].count; i++) {
        const struct deal *o = &m->deals[ORDERS].all[i];
        uint64_t release_us = o->case_at_us + LIMIT_CASE_SECONDS * SECOND_US;
        cases += o->reason != 0;
        if (o->reason != 0 && o->state == BOOKING_ORDER_SOLD && release_us < next_case_us)
            next_case_us = release_us;
    }
    SAME(e.open_cases, cases, "event");
    SAME(e.next_case_us, next_case_us, "event");
    SAME(e.fee_bearer, m->organiser_bears ? BOOKING_BEARER_ORGANISER : BOOKING_BEARER_BUYER,
         "event");
    SAME(e.payment_methods, m->payment_methods, "event");
    SAME(e.processing_seconds, m->processing_seconds, "event");
    SAME(e.promo_count, m->promo_count, "event");
    struct prices now = house_prices_now(m);
    for (uint32_t i = 0; i < m->category_count; i++) {
        struct booking_price p = booking_category_price(b, i, ts_us);
        SAME(p.price_minor, now.of[i].price_minor, "category %u", i);
        SAME(p.fee_minor, now.of[i].fee_minor, "category %u", i);
        p = booking_category_base(b, i);
        SAME(p.price_minor, m->base.of[i].price_minor, "category %u", i);
        SAME(p.fee_minor, m->base.of[i].fee_minor, "category %u", i);
        SAME(booking_category_tax(b, i), m->tax_bp[i], "category %u", i);
    }
    for (uint32_t slot = 0; slot < m->promo_count; slot++)
        TRY(compare_promo(m, b, slot));
    TRY(compare_price_plan(m, b));
    return compare_disputes(m, b);
}
