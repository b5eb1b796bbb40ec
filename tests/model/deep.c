#include "model/deep.h"

#include <stdio.h>
#include <string.h>

static bool order_named(const struct booking_command *c, uint32_t *ret_order)
{
    switch (c->number) {
    case BOOKING_COMMAND_payment_news: *ret_order = c->payment_news.order; return true;
    case BOOKING_COMMAND_refund: *ret_order = c->refund.order; return true;
    case BOOKING_COMMAND_resolve_case: *ret_order = c->resolve_case.order; return true;
    default: return false;
    }
}

static bool look_at(const struct booking *b, uint32_t order, struct booking_order *ret_order)
{
    uint64_t random = order < booking_order_slots(b) ? booking_order_random(b, order) : 0;
    return random != 0 && booking_order_get(b, order, random, ret_order);
}

void deep_look(const struct booking *b, const struct booking_command *c,
               struct deep_before *ret_before)
{
    struct booking_hold h;
    uint32_t order;
    memset(ret_before, 0, sizeof *ret_before);
    ret_before->any = order_named(c, &order) && look_at(b, order, &ret_before->order);
    ret_before->order_slots = booking_order_slots(b);
    if (c->number == BOOKING_COMMAND_change_hold &&
        booking_hold_get(b, c->change_hold.hold, c->change_hold.hold_random, &h))
        ret_before->hold_promo = h.promo;
}

static bool has(const struct booking_decision *d, uint16_t number)
{
    for (uint32_t i = 0; i < d->entry_count; i++)
        if (d->entries[i].number == number)
            return true;
    return false;
}

/* By which rules the prices are what they are. */
static void count_step(const struct booking *b, uint64_t ts_us, struct deep_report *r)
{
    static struct booking_price_plan_lists lists;
    struct entry_price_plan_set p;
    booking_price_plan(b, &lists, &p);
    for (uint32_t i = 0; i < p.rule_categories.count; i++) {
        uint64_t from_us = u64s_at(p.rule_from_us, i), until_us = u64s_at(p.rule_until_us, i);
        uint32_t sold = booking_category_counts(b, u32s_at(p.rule_categories, i)).sold;
        uint32_t low = u32s_at(p.rule_sold_from, i), below = u32s_at(p.rule_sold_below, i);
        bool applies = from_us <= ts_us && (until_us == 0 || ts_us < until_us) && low <= sold &&
                       (below == 0 || sold < below);
        r->count[DEEP_STEP_BY_TIME] += applies && (from_us != 0 || until_us != 0);
        r->count[DEEP_STEP_BY_SOLD] += applies && low > 0;
    }
}

static void count_hold(const struct booking *b, const struct booking_decision *d,
                       struct deep_report *r)
{
    struct booking_hold h;
    bool package = false, tie = false;
    if (d->hold == BOOKING_NONE ||
        !booking_hold_get(b, d->hold, booking_hold_random(b, d->hold), &h))
        return;
    for (uint32_t i = 0; i < h.unit_count && h.promo == 0; i++) {
        const struct booking_line *one = &h.lines[i];
        bool gratis = one->price_minor > 0 && one->discount_minor == one->price_minor;
        package = package || gratis;
        for (uint32_t k = 0; k < h.unit_count; k++)
            tie = tie || (gratis && h.lines[k].price_minor == one->price_minor &&
                          h.lines[k].discount_minor == 0);
    }
    r->count[DEEP_PACKAGE] += package;
    r->count[DEEP_PACKAGE_TIE] += tie;
}

static void count_promo(const struct booking *b, const struct booking_command *c,
                        const struct booking_decision *d, const struct deep_before *before,
                        uint64_t ts_us, struct deep_report *r)
{
    struct booking_promo_terms t;
    struct booking_hold h;
    struct hash16 code = c->number == BOOKING_COMMAND_quote_hold    ? c->quote_hold.promo
                         : c->number == BOOKING_COMMAND_place_order ? c->place_order.promo
                                                                    : (struct hash16){{0}};
    bool quoted = has(d, BOOKING_ENTRY_hold_quoted);
    bool known = booking_promo_get(b, code, &t);
    r->count[DEEP_PROMO_JUST_VALID] += known && quoted && t.from_us == ts_us;
    r->count[DEEP_PROMO_TOO_LATE] +=
        known && d->refusal == BOOKING_PROMO_NOT_VALID && t.until_us == ts_us;
    r->count[DEEP_PROMO_LAST_USE] += known && quoted && t.uses != 0 && t.used == t.uses;
    r->count[DEEP_PROMO_USE_BACK] += known && quoted && t.uses != 0 && t.used > t.uses;
    r->count[DEEP_PROMO_BUDGET_BACK] += known && quoted && t.budget != 0 && t.spent > t.budget;
    if (known && d->refusal == BOOKING_PROMO_USED_UP) {
        bool no_use = t.uses != 0 && t.used >= t.uses;
        r->count[DEEP_PROMO_NO_USE] += no_use;
        r->count[DEEP_PROMO_NO_BUDGET] += !no_use;
    }
    r->count[DEEP_PROMO_WHEN_PLACING] += quoted && has(d, BOOKING_ENTRY_order_placed);
    if (before->hold_promo != 0 && has(d, BOOKING_ENTRY_hold_changed) &&
        booking_hold_get(b, d->hold, booking_hold_random(b, d->hold), &h))
        r->count[DEEP_PROMO_LOST] += h.promo == 0;
}

static void count_sale(const struct booking *b, const struct booking_decision *d,
                       const struct deep_before *before, struct deep_report *r)
{
    struct booking_order o;
    bool was_ending = before->any && before->order.state == BOOKING_ORDER_ENDING;
    if (!has(d, BOOKING_ENTRY_order_sold) || !look_at(b, d->order, &o))
        return;
    for (uint32_t i = 0; i < o.unit_count; i++)
        if (booking_event(b).fee_bearer == BOOKING_BEARER_ORGANISER && o.lines[i].fees_share > 0) {
            r->count[DEEP_ORGANISER_BEARS]++;
            break;
        }
    for (uint32_t i = 0; i < o.unit_count; i++)
        if (booking_event(b).fee_bearer == BOOKING_BEARER_ORGANISER && o.lines[i].fees_share > 0 &&
            o.lines[i].organiser_share == 0) {
            r->count[DEEP_ORGANISER_HAS_LITTLE]++;
            break;
        }
    r->count[DEEP_FREE_BY_PROMO] += o.total_minor == 0 && o.promo != 0;
    r->count[DEEP_RESEATED] += was_ending;
    r->count[DEEP_RESEATED_AMONG_EXPIRED] += was_ending && has(d, BOOKING_ENTRY_hold_expired);
    r->count[DEEP_PROCESSING_SOLD] += before->any && before->order.processing;
    r->count[DEEP_CAPTURED_AT_ONCE] +=
        before->any && !was_ending && has(d, BOOKING_ENTRY_payment_captured);
}

static bool is_lower_open(const struct booking_order *o, uint32_t refund)
{
    for (uint32_t i = 0; i + 1 < refund; i++)
        if (o->refund_states[i] == BOOKING_REFUND_DUE ||
            o->refund_states[i] == BOOKING_REFUND_FAILED)
            return true;
    return false;
}

static void count_refund(const struct booking *b, const struct booking_decision *d,
                         const struct deep_before *before, const struct booking_entry *e,
                         struct deep_report *r)
{
    const struct booking_order *was = &before->order;
    struct booking_order o;
    (void)look_at(b, d->order, &o);
    switch (e->number) {
    case BOOKING_ENTRY_refund_requested:
        r->count[DEEP_REFUND_SECOND] += e->refund_requested.refund == 2;
        r->count[DEEP_REFUND_THIRD] += e->refund_requested.refund == 3;
        r->count[DEEP_REFUND_BLOCKS] += e->refund_requested.block;
        r->count[DEEP_REFUND_WAITS] += d->entry_count == 1 && was->call == BOOKING_CALL_REFUND;
        r->count[DEEP_REFUND_OF_NOTHING] +=
            e->refund_requested.amount_minor == 0 && has(d, BOOKING_ENTRY_refund_done);
        break;
    case BOOKING_ENTRY_refund_done:
        r->count[DEEP_REFUND_NEXT] += has(d, BOOKING_ENTRY_payment_requested);
        r->count[DEEP_REFUND_PAID_BEFORE] +=
            e->refund_done.attempt != 0 &&
            e->refund_done.attempt < was->refund_attempts[e->refund_done.refund - 1];
        r->count[DEEP_REFUND_SETTLED] += e->refund_done.settled;
        r->count[DEEP_REFUND_SETTLED_BESIDE] += e->refund_done.settled &&
                                                was->call == BOOKING_CALL_REFUND &&
                                                is_lower_open(was, e->refund_done.refund);
        r->count[DEEP_TAKEN_REFUNDED] += was->taken_minor > 0;
        break;
    case BOOKING_ENTRY_refund_failed:
        r->count[DEEP_REFUND_FAILED_OTHER] += was->call == BOOKING_CALL_REFUND;
        r->count[DEEP_REFUND_FAILED_TAKEN] += was->taken_minor > 0;
        r->count[DEEP_REFUND_FAILED_RETRIED] += was->refunds == 1 && was->refund_attempts[0] > 1;
        break;
    case BOOKING_ENTRY_payment_taken:
        r->count[DEEP_LATE_TAKEN] += o.end == BOOKING_END_EXPIRED;
        r->count[DEEP_WRONG_TAKEN] += o.end == BOOKING_END_VOIDED;
        r->count[DEEP_CARD_TAKEN] += o.end == BOOKING_END_CARD_LIMIT;
        break;
    default: break;
    }
}

static void count_dispute(const struct booking *b, const struct booking_decision *d,
                          const struct deep_before *before, const struct booking_entry *e,
                          struct deep_report *r)
{
    const struct booking_order *was = &before->order;
    if (e->number == BOOKING_ENTRY_dispute_opened) {
        r->count[DEEP_DISPUTE_DURING_REFUND] += was->call == BOOKING_CALL_REFUND;
        r->count[DEEP_DISPUTE_AGAIN] += was->dispute == BOOKING_DISPUTE_WON;
        r->count[DEEP_DISPUTE_LOST_AT_ONCE] += has(d, BOOKING_ENTRY_dispute_closed);
    }
    if (e->number == BOOKING_ENTRY_dispute_closed && !e->dispute_closed.won) {
        struct booking_order o;
        r->count[DEEP_DISPUTE_LOST_IN_PART] += was->refunds > 0;
        r->count[DEEP_DISPUTE_LEFT_SOME] +=
            look_at(b, d->order, &o) && o.dispute == BOOKING_DISPUTE_LOST_IN_PART;
    }
}

static void count_case(const struct booking *b, const struct booking_decision *d,
                       const struct deep_before *before, const struct booking_entry *e,
                       struct deep_report *r)
{
    const struct booking_order *was = &before->order;
    struct booking_order o;
    if (e->number == BOOKING_ENTRY_case_opened) {
        r->count[DEEP_DISPUTES_FULL] += e->case_opened.reason == BOOKING_CASE_DISPUTES_FULL;
        r->count[DEEP_CASE_REPLACED] += was->attention;
        r->count[DEEP_CASE_WITH_CALL] +=
            look_at(b, d->order, &o) && o.attention && o.call != BOOKING_CALL_NONE;
    }
    if (e->number != BOOKING_ENTRY_case_closed)
        return;
    int64_t by_hand_minor = e->case_closed.by_hand_minor;
    r->count[DEEP_BY_HAND] += by_hand_minor > 0;
    r->count[DEEP_BY_HAND_MORE] += by_hand_minor > 0 && was->by_hand_minor > 0;
    r->count[DEEP_BY_HAND_LESS] += by_hand_minor < 0;
    r->count[DEEP_BY_HAND_REFUND] += by_hand_minor > 0 && was->refunds > 0;
    if (e->case_closed.by.len == 0)
        r->count[DEEP_CASE_RAN_OUT]++;
    else if (was->case_reason < DEEP_REASONS && e->case_closed.action < DEEP_ACTIONS)
        r->closed[was->case_reason][e->case_closed.action]++;
}

/* A refund that came back and is done after all: a person or the next call did it. */
static void count_again(const struct deep_before *before, const struct booking_decision *d,
                        struct deep_report *r)
{
    for (uint32_t i = 0; i < d->entry_count; i++) {
        const struct booking_entry *e = &d->entries[i];
        if (e->number == BOOKING_ENTRY_case_closed && e->case_closed.action == BOOKING_ACTION_RETRY)
            r->count[DEEP_REFUND_AGAIN] += before->order.case_reason == BOOKING_CASE_REFUND_FAILED;
    }
}

/* Time that goes by for those who wait for it. */
static void count_time(const struct booking *b, const struct booking_decision *d,
                       const struct deep_before *before, const struct booking_entry *e,
                       uint64_t ts_us, struct deep_report *r)
{
    struct booking_event event = booking_event(b);
    struct booking_order o;
    uint64_t span_us = event.processing_seconds * 1000000ull;
    r->count[DEEP_PROCESSING_AGAIN] +=
        e->number == BOOKING_ENTRY_payment_processing &&
        e->payment_processing.until_us < ts_us + span_us &&
        e->payment_processing.until_us == e->payment_processing.expires_at_us;
    r->count[DEEP_CASE_NOTED] += e->number == BOOKING_ENTRY_time_passed && event.live_holds == 0;
    if (e->number != BOOKING_ENTRY_outage_credited || e->outage_credited.outage_us == 0)
        return;
    r->count[DEEP_CASE_CREDITED] += event.next_case_us != UINT64_MAX;
    for (uint32_t i = 0; i < before->order_slots && d->entry_count > 0; i++)
        if (look_at(b, i, &o) && o.processing) {
            r->count[DEEP_PROCESSING_CREDITED]++;
            return;
        }
}

/* It has something that this refusal is about. */
static bool is_asked_about(const struct booking *b, const struct booking_command *c,
                           const struct booking_decision *d, const struct booking_hold *h)
{
    for (uint32_t i = 0; d->refusal == BOOKING_QUOTA_REACHED && i < h->unit_count; i++)
        if (d->categories >> booking_unit_category(b, h->units[i]) & 1)
            return true;
    if (d->refusal == BOOKING_BUYER_LIMIT && c->number == BOOKING_COMMAND_hold)
        return hash16_equal(h->session, c->hold.session);
    if (d->refusal == BOOKING_CODE_LIMIT && c->number == BOOKING_COMMAND_hold)
        return h->code != 0 && h->code == booking_code_number(b, c->hold.code);
    return d->refusal == BOOKING_PROMO_USED_UP && h->promo != 0; /* which one is not told */
}

/* Somebody else is refused by a hold that ran out, because its order waits. */
static void count_waiting(const struct booking *b, const struct booking_command *c,
                          const struct booking_decision *d, uint64_t ts_us, struct deep_report *r)
{
    enum deep deep = d->refusal == BOOKING_BUYER_LIMIT     ? DEEP_WAITS_FOR_LIMIT
                     : d->refusal == BOOKING_QUOTA_REACHED ? DEEP_WAITS_FOR_QUOTA
                     : d->refusal == BOOKING_CODE_LIMIT    ? DEEP_WAITS_FOR_CODE
                     : d->refusal == BOOKING_PROMO_USED_UP ? DEEP_WAITS_FOR_PROMO
                                                           : DEEP_COUNT;
    struct booking_hold h;
    uint64_t random;
    for (uint32_t i = 0; deep != DEEP_COUNT && (random = booking_hold_random(b, i)) != 0; i++)
        if (booking_hold_get(b, i, random, &h) && h.live && h.order != BOOKING_NONE &&
            h.expires_at_us <= ts_us && is_asked_about(b, c, d, &h)) {
            r->count[deep]++;
            return;
        }
}

static void count_earlier_attempt(const struct booking_command *c, const struct booking_decision *d,
                                  const struct deep_before *before, struct deep_report *r)
{
    const struct command_payment_news *news = &c->payment_news;
    const struct booking_order *o = &before->order;
    if (c->number != BOOKING_COMMAND_payment_news || news->kind != BOOKING_PAYMENT_REFUND_FAILED ||
        d->refusal != BOOKING_OK || news->refund == 0 || news->refund > o->refunds)
        return;
    r->count[DEEP_REFUND_FAILED_EARLIER] +=
        o->refund_states[news->refund - 1] == BOOKING_REFUND_DONE && news->attempt > 0 &&
        news->attempt < o->refund_attempts[news->refund - 1];
}

void deep_count(const struct booking *b, const struct booking_command *c,
                const struct booking_decision *d, const struct deep_before *before, uint64_t ts_us,
                struct deep_report *r)
{
    struct booking_order o;
    count_promo(b, c, d, before, ts_us, r);
    count_sale(b, d, before, r);
    count_again(before, d, r);
    count_waiting(b, c, d, ts_us, r);
    count_earlier_attempt(c, d, before, r);
    r->count[DEEP_DISPUTE_LEFT_REFUND] += d->refusal == BOOKING_ORDER_DISPUTED && before->any &&
                                          before->order.dispute == BOOKING_DISPUTE_LOST_IN_PART;
    if (c->number == BOOKING_COMMAND_hold || c->number == BOOKING_COMMAND_change_hold)
        count_hold(b, d, r);
    for (uint32_t i = 0; i < d->entry_count; i++) {
        const struct booking_entry *e = &d->entries[i];
        if (e->number == BOOKING_ENTRY_prices_stepped)
            count_step(b, ts_us, r);
        if (e->number == BOOKING_ENTRY_payment_declined)
            r->count[DEEP_PROCESSING_DECLINED] += e->payment_declined.expires_at_us != 0;
        if (e->number == BOOKING_ENTRY_order_placed && e->order_placed.order < before->order_slots)
            r->count[DEEP_REFUNDED_SLOT] += has(d, BOOKING_ENTRY_order_placed) &&
                                            look_at(b, e->order_placed.order, &o) &&
                                            before->order_slots > 1000;
        count_refund(b, d, before, e, r);
        count_dispute(b, d, before, e, r);
        count_time(b, d, before, e, ts_us, r);
        count_case(b, d, before, e, r);
    }
}

/* ---- the report ---- */

static const char *const deep_names[] = {
#define DEEP_TEXT(name, text) [DEEP_##name] = text,
    DEEPS(DEEP_TEXT)
#undef DEEP_TEXT
};

/* Of each reason the actions that are possible, a bit each. */
static const struct {
    const char *name;
    unsigned actions;
} reasons[DEEP_REASONS] = {
    [BOOKING_CASE_CAPTURE_REFUSED] = {"capture refused", 1u << 1 | 1u << 2},
    [BOOKING_CASE_CAPTURED_AFTER_END] = {"captured after end", 1u << 3 | 1u << 4},
    [BOOKING_CASE_AMOUNT_DIFFERS] = {"amount differs", 1u << 1 | 1u << 2 | 1u << 3 | 1u << 4},
    [BOOKING_CASE_REFUND_REFUSED] = {"refund refused", 1u << 1 | 1u << 4},
    [BOOKING_CASE_REFUND_FAILED] = {"refund failed", 1u << 1 | 1u << 4},
    [BOOKING_CASE_REFUND_UNASKED] = {"refund unasked", 1u << 2 | 1u << 4},
    [BOOKING_CASE_DIFFERS] = {"differs", 1u << 1 | 1u << 2 | 1u << 3 | 1u << 4},
    [BOOKING_CASE_DISPUTES_FULL] = {"disputes full", 1u << 4},
    [BOOKING_CASE_CANCEL_REFUSED] = {"cancel refused", 1u << 1 | 1u << 3 | 1u << 4},
};

unsigned deep_print(const struct deep_report *r,
                    unsigned (*print)(const char *kind, const char *name, uint64_t count, bool all),
                    bool all)
{
    static const char *const actions[DEEP_ACTIONS] = {"", "retry", "release", "refund", "settle"};
    unsigned never = 0;
    for (unsigned i = 0; i < DEEP_COUNT; i++)
        never += print("deep", deep_names[i], r->count[i], all);
    for (unsigned i = 0; i < DEEP_REASONS; i++)
        for (unsigned k = 1; k < DEEP_ACTIONS; k++) {
            char name[48];
            (void)snprintf(name, sizeof name, "%s, %s", reasons[i].name ? reasons[i].name : "",
                           actions[k]);
            if ((reasons[i].actions >> k & 1) != 0)
                never += print("case", name, r->closed[i][k], all);
        }
    return never;
}
