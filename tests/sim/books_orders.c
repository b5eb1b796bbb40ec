#include "books_private.h"
#include "host.h"
#include "provider.h"

/* The auditor's books of orders: what was placed, sold, paid, given back and disputed, always
 * against what the provider's own books say. */

struct id books_order_id(const struct book *b, const struct books_order *o)
{
    return (struct id){b->number, o->slot, o->random};
}

static struct provider_facts facts_of(const struct sim *s, const struct book *b,
                                      const struct books_order *o)
{
    return provider_facts(s, books_order_id(b, o));
}

static struct books_order *order_at(struct sim *s, struct book *b, uint32_t slot)
{
    REQUIRE(s, slot < b->order_slots && b->order_of_slot[slot], "entries speak of what exists",
            "event %u has no order %u", b->number, slot);
    return &b->orders[b->order_of_slot[slot] - 1];
}

/* ---- units and limits ---- */

static bool is_sold(const struct books_order *o)
{
    return o->state == ORDER_SOLD || o->state == ORDER_CAPTURED;
}

static bool has_unit(const struct books_order *o, uint32_t at)
{
    return is_sold(o) && at < o->count && o->refund_of[at] == 0 && o->dispute != DISPUTE_IS_LOST;
}

uint32_t books_order_units(const struct books_order *o)
{
    uint32_t units = 0;
    for (uint32_t i = 0; i < o->count; i++)
        units += has_unit(o, i);
    return units;
}

bool books_order_over(const struct books_order *o)
{
    uint32_t refunded = 0;
    for (uint32_t i = 0; i < o->count; i++)
        refunded += o->refund_of[i] != 0;
    return o->state == ORDER_CAPTURED && refunded == o->count;
}

static uint32_t email_units(const struct book *b, struct hash16 email)
{
    uint32_t units = 0;
    for (uint32_t i = 0; i < b->order_count; i++) {
        const struct books_order *o = &b->orders[i];
        if (hash16_equal(o->email, email)) /* what waits may be paid until it is ended */
            units += o->state == ORDER_WAITS ? o->count : books_order_units(o);
    }
    return units;
}

/* What a card paid, by the provider's own books. */
static uint32_t card_units(const struct book *b, uint32_t card)
{
    uint32_t units = 0;
    for (uint32_t i = 0; i < b->order_count; i++)
        if (b->orders[i].card == card)
            units += books_order_units(&b->orders[i]);
    return units;
}

static void check_card(struct sim *s, const struct book *b, struct books_order *o,
                       struct hash16 card)
{
    struct provider_facts facts = facts_of(s, b, o);
    uint32_t before = 0;
    o->card = books_key_set(card) ? facts.card : 0;
    REQUIRE(s, (facts.card != 0) == books_key_set(card) || facts.meddled, "a sale knows its card",
            "order %u was paid with card %u", o->slot, facts.card);
    if (o->card != 0)
        before = card_units(b, o->card);
    REQUIRE(s, before == 0 || before + o->count <= b->per_buyer, "limits are never exceeded",
            "card %u has paid for %u units and pays for %u more", o->card, before, o->count);
}

static void free_unit(struct sim *s, struct book *b, const struct books_order *o, uint32_t at,
                      uint8_t state)
{
    struct unit *u = &b->units[o->units[at]];
    REQUIRE(s, u->state == UNIT_SOLD && u->owner == (uint32_t)(o - b->orders),
            "a sold unit has one order", "unit %u is not of order %u", o->units[at], o->slot);
    *u = (struct unit){state, 0};
}

/* ---- placed ---- */

static void on_placed(struct sim *s, struct book *b, const struct entry_order_placed *e)
{
    struct books_hold *h = books_hold_at(s, b, e->hold);
    int64_t total = 0;
    if (books_key_set(e->key))
        REQUIRE(s,
                !books_hold_by_key(s, b->number, e->key) &&
                    !books_order_by_key(s, b->number, e->key),
                "a command is in the journal once per key", "order %u repeats a key", e->order);
    REQUIRE(s,
            h->state == HOLD_LIVES && h->expires_us > b->decided_us && h->order == 0 &&
                hash16_equal(h->session, e->session),
            "no hold lives past its expiry", "order %u is placed on hold %u, which cannot be paid",
            e->order, e->hold);
    for (uint32_t i = 0; i < h->count; i++)
        total += h->lines[i].total;
    REQUIRE(s, total == e->total_minor, "a hold keeps its price",
            "order %u costs %lld, its hold was made at %lld", e->order, (long long)e->total_minor,
            (long long)total);
    REQUIRE(s, e->expires_at_us >= h->expires_us, "no hold dies before its time",
            "order %u shortens its hold", e->order);
    h->expires_us = e->expires_at_us;
    b->orders = books_grown(b->orders, b->order_count, &b->order_capacity, sizeof *b->orders);
    struct books_order *o = &b->orders[b->order_count];
    *o = (struct books_order){.slot = e->order,
                              .random = e->order_random,
                              .session = e->session,
                              .email = e->email_hash,
                              .key = e->key,
                              .request = e->request,
                              .hold = (uint32_t)(h - b->holds),
                              .count = h->count,
                              .total_minor = total,
                              .provider = e->provider,
                              .promo = h->promo,
                              .promo_spent = h->promo_spent,
                              .state = ORDER_WAITS};
    memcpy(o->units, h->units, sizeof o->units);
    memcpy(o->lines, h->lines, sizeof o->lines);
    books_slot_note(&b->order_of_slot, &b->order_slots, e->order, b->order_count);
    h->order = ++b->order_count;
    uint32_t units = email_units(b, e->email_hash);
    REQUIRE(s, units <= b->per_buyer, "limits are never exceeded", "an address has %u units",
            units);
}

/* ---- ended ---- */

static void order_ends(struct sim *s, struct books_order *o, uint8_t reason)
{
    REQUIRE(s, o->state == ORDER_WAITS, "states only advance", "order %u ends in state %u", o->slot,
            o->state);
    o->state = o->created || o->call ? ORDER_ENDING : ORDER_ENDED;
    o->reason = reason;
    o->processing = false;
}

void books_order_expires(struct sim *s, struct book *b, struct books_order *o)
{
    (void)b;
    order_ends(s, o, BOOKING_END_EXPIRED);
}

static void on_ended(struct sim *s, struct book *b, const struct entry_order_ended *e,
                     uint64_t ts_us)
{
    struct books_order *o = order_at(s, b, e->order);
    struct provider_facts facts = facts_of(s, b, o);
    if (e->reason == BOOKING_END_FAILED) {
        REQUIRE(s, facts.refused || o->declines >= LIMIT_PAYMENT_ATTEMPTS,
                "an unknown answer is never taken for a decline",
                "order %u failed, and the provider never refused it", e->order);
        if (!o->created)
            o->call = BOOKING_CALL_NONE;
    }
    if (e->reason == BOOKING_END_VOIDED || e->reason == BOOKING_END_CARD_LIMIT)
        REQUIRE(s, facts.authorised_ever, "states follow the provider", "order %u is voided",
                e->order);
    REQUIRE(s, e->reason != BOOKING_END_CANCELLED || !o->processing || facts.cancelled_ever,
            "money on its way is waited for", "order %u is cancelled while it processes", e->order);
    books_hold_ends(s, b, &b->holds[o->hold], HOLD_ENDED_WITH_ORDER, ts_us);
    order_ends(s, o, e->reason);
    s->figures->ended_orders++;
}

/* ---- what is asked of the provider ---- */

static bool refund_is_owed(const struct books_order *o)
{
    bool open = false;
    for (uint32_t i = 1; i <= o->refund_count; i++)
        open |= o->refunds[i].state == REFUND_IS_DUE || o->refunds[i].state == REFUND_CAME_BACK;
    return open;
}

static bool call_fits(const struct books_order *o, uint8_t kind)
{
    switch (kind) {
    case BOOKING_CALL_CREATE: return o->state == ORDER_WAITS && !o->created;
    case BOOKING_CALL_CAPTURE: return o->state == ORDER_SOLD;
    case BOOKING_CALL_CANCEL: return o->state == ORDER_ENDING && o->created && o->taken_minor == 0;
    case BOOKING_CALL_REFUND:
        return (o->state == ORDER_CAPTURED || o->taken_minor > 0) && refund_is_owed(o) &&
               (o->call == BOOKING_CALL_NONE || o->taken_minor > 0);
    default: return false;
    }
}

static void on_requested(struct sim *s, struct book *b, const struct entry_payment_requested *e)
{
    struct books_order *o = order_at(s, b, e->order);
    REQUIRE(s, call_fits(o, e->kind), "the provider is asked for what an order needs",
            "order %u in state %u owes call %u", e->order, o->state, e->kind);
    if (e->kind == BOOKING_CALL_REFUND)
        REQUIRE(s, e->attempt == ++o->refund_calls, "attempts of refunds are numbered densely",
                "order %u, attempt %u", e->order, e->attempt);
    o->call = e->kind;
}

/* ---- news of the payment ---- */

static void on_declined(struct sim *s, struct book *b, const struct entry_payment_declined *e)
{
    struct books_order *o = order_at(s, b, e->order);
    bool waited = o->processing;
    REQUIRE(s, o->state == ORDER_WAITS, "states only advance", "order %u is declined in state %u",
            e->order, o->state);
    o->declines++;
    o->bank_declines += waited;
    o->processing = false;
    if (e->expires_at_us > 0)
        b->holds[o->hold].expires_us = e->expires_at_us;
    /* A look tells that a bank said no, when the webhook that does got lost or is late. */
    struct provider_facts facts = facts_of(s, b, o);
    uint64_t most = facts.declines_told + facts.declines_lost + o->bank_declines;
    REQUIRE(s, o->declines <= most, "an unknown answer is never taken for a decline",
            "order %u has %u declines, the provider says %llu", e->order, o->declines,
            (unsigned long long)most);
}

static void on_processing(struct sim *s, struct book *b, const struct entry_payment_processing *e)
{
    struct books_order *o = order_at(s, b, e->order);
    struct books_hold *h = &b->holds[o->hold];
    REQUIRE(s, o->state == ORDER_WAITS && !o->processing && e->expires_at_us >= h->expires_us,
            "states only advance", "order %u in state %u processes", e->order, o->state);
    uint64_t first_us = b->decided_us + b->money.processing_seconds * SECOND_US;
    bool again = o->processing_until_us != 0;
    REQUIRE(s,
            b->money.processing_seconds > 0 &&
                (again ? e->until_us == o->processing_until_us
                       : e->until_us >= first_us && e->until_us <= first_us + 1000),
            "a bank has the time that was said, once", "order %u has until %llu", e->order,
            (unsigned long long)e->until_us);
    REQUIRE(s, e->expires_at_us == (e->until_us > h->expires_us ? e->until_us : h->expires_us),
            "a bank has the time that was said, once", "order %u waits for %llu us", e->order,
            (unsigned long long)(e->expires_at_us - b->decided_us));
    o->processing = true;
    o->processing_until_us = e->until_us;
    h->expires_us = e->expires_at_us;
}

/* The seats of an order whose time was over are taken once more. */
static void seat_again(struct sim *s, struct book *b, struct books_order *o)
{
    for (uint32_t i = 0; i < o->count; i++)
        REQUIRE(s, b->units[o->units[i]].state == UNIT_FREE, "each unit is in one state",
                "order %u comes back to unit %u, which is in state %u", o->slot, o->units[i],
                b->units[o->units[i]].state);
    REQUIRE(s, o->reason == BOOKING_END_EXPIRED && o->taken_minor == 0, "states only advance",
            "order %u, ended by %u, is sold", o->slot, o->reason);
    money_promo_count(b, o->promo, o->promo_spent, 1);
    sim_fault(s, FAULT_SEATED_AGAIN);
}

static void on_sold(struct sim *s, struct book *b, const struct entry_order_sold *e, uint64_t ts_us)
{
    struct books_order *o = order_at(s, b, e->order);
    REQUIRE(s, o->state == ORDER_WAITS || o->state == ORDER_ENDING, "states only advance",
            "order %u is sold in state %u", e->order, o->state);
    if (o->state == ORDER_WAITS)
        books_hold_ends(s, b, &b->holds[o->hold], HOLD_SOLD, ts_us);
    else
        seat_again(s, b, o);
    for (uint32_t i = 0; i < o->count; i++) {
        REQUIRE(s,
                i < e->units.count && u32s_at(e->units, i) == o->units[i] &&
                    u64s_at(e->randoms, i) != 0,
                "an order sells what was held", "order %u, unit %u", e->order, o->units[i]);
        b->units[o->units[i]] = (struct unit){UNIT_SOLD, (uint32_t)(o - b->orders)};
    }
    check_card(s, b, o, e->card);
    b->money.stuck += o->has_case;
    o->state = ORDER_SOLD;
    o->call = BOOKING_CALL_NONE;
    o->processing = false;
    s->figures->sold_units += o->count;
    if (o->total_minor > 0)
        REQUIRE(s, facts_of(s, b, o).authorised_minor == o->total_minor,
                "nothing is sold before its payment is authorised", "order %u: %lld of %lld",
                e->order, (long long)facts_of(s, b, o).authorised_minor, (long long)o->total_minor);
    money_post(b, o, BOOKING_ACCOUNT_BUYERS, o->total_minor);
    money_post_shares(b, o, NULL, -1);
}

static void case_ends(struct book *b, struct books_order *o)
{
    b->money.stuck -= o->has_case && o->state == ORDER_SOLD;
    o->has_case = false;
}

static void on_captured(struct sim *s, struct book *b, const struct entry_payment_captured *e)
{
    struct books_order *o = order_at(s, b, e->order);
    REQUIRE(s, o->state == ORDER_SOLD && e->amount_minor == o->total_minor,
            "an order is captured at most once, for what it costs", "order %u in state %u",
            e->order, o->state);
    if (o->total_minor > 0) {
        struct provider_facts facts = facts_of(s, b, o);
        REQUIRE(s, facts.captures == 1 && facts.captured_minor == o->total_minor,
                "no ticket is valid before its payment is captured",
                "order %u: the provider took %lld in %u captures", e->order,
                (long long)facts.captured_minor, facts.captures);
    }
    case_ends(b, o);
    o->state = ORDER_CAPTURED;
    o->call = BOOKING_CALL_NONE;
    s->figures->captured_orders++;
    money_post(b, o, BOOKING_ACCOUNT_PROVIDER, e->amount_minor);
    money_post(b, o, BOOKING_ACCOUNT_BUYERS, -e->amount_minor);
}

static void on_cancelled(struct sim *s, struct book *b, uint32_t slot)
{
    struct books_order *o = order_at(s, b, slot);
    struct provider_facts facts = facts_of(s, b, o);
    REQUIRE(s, o->state == ORDER_ENDING || o->state == ORDER_WAITS, "states only advance",
            "order %u is cancelled in state %u", slot, o->state);
    REQUIRE(s, facts.cancelled_ever || (facts.refused && !o->created) || o->looked_at,
            "states follow the provider",
            "order %u counts as cancelled, and the provider knows nothing of it", slot);
    REQUIRE(s, o->taken_minor == 0, "states only advance", "order %u: what was taken is cancelled",
            slot);
    o->state = ORDER_ENDED;
    o->call = BOOKING_CALL_NONE;
}

static void on_voided(struct sim *s, struct book *b, uint32_t slot)
{
    struct books_order *o = order_at(s, b, slot);
    REQUIRE(s, o->state == ORDER_SOLD, "states only advance", "order %u is voided in state %u",
            slot, o->state);
    for (uint32_t i = 0; i < o->count; i++)
        free_unit(s, b, o, i, UNIT_FREE);
    money_post(b, o, BOOKING_ACCOUNT_BUYERS, -o->total_minor);
    money_post_shares(b, o, NULL, 1);
    money_promo_count(b, o->promo, o->promo_spent, -1);
    o->state = ORDER_ENDING;
    o->reason = BOOKING_END_RELEASED;
    o->call = BOOKING_CALL_NONE;
    sim_fault(s, FAULT_RELEASED);
}

static void on_taken(struct sim *s, struct book *b, const struct entry_payment_taken *e)
{
    struct books_order *o = order_at(s, b, e->order);
    struct provider_facts facts = facts_of(s, b, o);
    REQUIRE(s, !is_sold(o) && o->taken_minor == 0, "states only advance",
            "order %u in state %u: money is taken for nothing", e->order, o->state);
    /* A person may say another amount; the machine may not. */
    REQUIRE(s, facts.captures == 1 && (facts.captured_minor == e->amount_minor || o->looked_at),
            "states follow the provider", "order %u: %lld were taken, the provider has %lld",
            e->order, (long long)e->amount_minor, (long long)facts.captured_minor);
    o->taken_minor = e->amount_minor;
    o->state = ORDER_ENDING;
    o->call = BOOKING_CALL_NONE;
    money_post(b, o, BOOKING_ACCOUNT_PROVIDER, e->amount_minor);
    money_post(b, o, BOOKING_ACCOUNT_REFUNDS, -e->amount_minor);
}

/* ---- refunds ---- */

static void on_refund_requested(struct sim *s, struct book *b,
                                const struct entry_refund_requested *e)
{
    struct books_order *o = order_at(s, b, e->order);
    bool which[LIMIT_HOLD_UNITS] = {false};
    int64_t amount = 0;
    REQUIRE(s, e->refund == o->refund_count + 1 && e->refund <= LIMIT_HOLD_UNITS,
            "refunds are numbered densely", "order %u, refund %u", e->order, e->refund);
    REQUIRE(s,
            e->units.count > 0 ? o->state == ORDER_CAPTURED &&
                                     (o->dispute == DISPUTE_NEVER || o->dispute == DISPUTE_IS_WON)
                               : o->taken_minor > 0 && e->refund == 1,
            "what was paid can be refunded, once", "order %u in state %u", e->order, o->state);
    for (uint32_t k = 0; k < e->units.count; k++) {
        uint32_t at = 0;
        while (at < o->count && o->units[at] != u32s_at(e->units, k))
            at++;
        REQUIRE(s, has_unit(o, at), "what was paid can be refunded, once",
                "order %u, unit %u is not its own any more", e->order, u32s_at(e->units, k));
        free_unit(s, b, o, at, e->block ? UNIT_BLOCKED : UNIT_FREE);
        which[at] = true;
        amount += o->lines[at].total;
        o->refund_of[at] = e->refund;
    }
    if (e->units.count == 0)
        amount = o->taken_minor;
    else
        money_post(b, o, BOOKING_ACCOUNT_REFUNDS, -amount);
    REQUIRE(s, amount == e->amount_minor, "a refund is what was paid",
            "order %u, refund %u: %lld instead of %lld", e->order, e->refund,
            (long long)e->amount_minor, (long long)amount);
    money_post_shares(b, o, which, 1);
    o->refunds[++o->refund_count] = (struct books_refund){amount, REFUND_IS_DUE, 0};
    s->figures->refunds++;
}

static struct books_refund *refund_at(struct sim *s, struct books_order *o, uint8_t refund,
                                      int64_t amount)
{
    REQUIRE(s, refund >= 1 && refund <= o->refund_count && o->refunds[refund].amount == amount,
            "a refund is what was paid", "order %u, refund %u of %lld", o->slot, refund,
            (long long)amount);
    return &o->refunds[refund];
}

static void on_refund_done(struct sim *s, struct book *b, const struct entry_refund_done *e)
{
    struct books_order *o = order_at(s, b, e->order);
    struct books_refund *r = refund_at(s, o, e->refund, e->amount_minor);
    REQUIRE(s, r->state == REFUND_IS_DUE || r->state == REFUND_CAME_BACK, "states only advance",
            "order %u, refund %u is done twice", e->order, e->refund);
    REQUIRE(s,
            e->settled || e->amount_minor == 0 ||
                provider_refund_paid(s, books_order_id(b, o), e->refund, e->attempt),
            "states follow the provider",
            "order %u, refund %u counts as done, and the provider has not paid attempt %u",
            e->order, e->refund, e->attempt);
    REQUIRE(s,
            e->attempt == 0 || e->attempt == o->refund_calls ||
                !provider_refund_back(s, books_order_id(b, o), e->refund, e->attempt),
            "old news answer nothing", "order %u, refund %u counts as done with attempt %u, failed",
            e->order, e->refund, e->attempt);
    REQUIRE(s, !e->settled || o->looked_at, "only a person settles", "order %u, refund %u",
            e->order, e->refund);
    r->state = e->settled ? REFUND_IS_SETTLED : REFUND_IS_DONE;
    r->attempt = e->attempt;
    if (!e->settled && o->call == BOOKING_CALL_REFUND)
        o->call = BOOKING_CALL_NONE;
    if (o->state == ORDER_ENDING)
        o->state = ORDER_ENDED;
    money_post(b, o, BOOKING_ACCOUNT_REFUNDS, e->amount_minor);
    money_post(b, o, e->settled ? BOOKING_ACCOUNT_ORGANISER : BOOKING_ACCOUNT_PROVIDER,
               -e->amount_minor);
}

static void on_refund_failed(struct sim *s, struct book *b, const struct entry_refund_failed *e)
{
    struct books_order *o = order_at(s, b, e->order);
    struct books_refund *r = refund_at(s, o, e->refund, e->amount_minor);
    REQUIRE(s, r->state == REFUND_IS_DONE, "states only advance",
            "order %u, refund %u comes back in state %u", e->order, e->refund, r->state);
    REQUIRE(s, provider_refund_back(s, books_order_id(b, o), e->refund, r->attempt),
            "states follow the provider",
            "order %u, refund %u comes back, and attempt %u stands at the provider", e->order,
            e->refund, r->attempt);
    r->state = REFUND_CAME_BACK;
    if (o->state == ORDER_ENDED)
        o->state = ORDER_ENDING;
    money_post(b, o, BOOKING_ACCOUNT_PROVIDER, e->amount_minor);
    money_post(b, o, BOOKING_ACCOUNT_REFUNDS, -e->amount_minor);
}

/* ---- disputes ---- */

static void on_disputed(struct sim *s, struct book *b, const struct entry_dispute_opened *e)
{
    struct books_order *o = order_at(s, b, e->order);
    REQUIRE(s, o->state == ORDER_CAPTURED && o->dispute != DISPUTE_IS_OPEN, "states only advance",
            "order %u in state %u is disputed", e->order, o->state);
    REQUIRE(s, facts_of(s, b, o).disputed_ever, "states follow the provider",
            "order %u is disputed, and no bank says so", e->order);
    o->dispute = DISPUTE_IS_OPEN;
    o->dispute_minor = e->amount_minor;
    s->figures->disputes++;
    money_post(b, o, BOOKING_ACCOUNT_DISPUTES, e->amount_minor);
    money_post(b, o, BOOKING_ACCOUNT_PROVIDER, -e->amount_minor);
}

static void on_dispute_closed(struct sim *s, struct book *b, const struct entry_dispute_closed *e)
{
    struct books_order *o = order_at(s, b, e->order);
    bool which[LIMIT_HOLD_UNITS] = {false};
    int64_t left = 0;
    REQUIRE(s, o->dispute == DISPUTE_IS_OPEN, "states only advance",
            "order %u: a dispute is decided that is not open", e->order);
    money_post(b, o, BOOKING_ACCOUNT_DISPUTES, -o->dispute_minor);
    if (e->won) {
        o->dispute = DISPUTE_IS_WON;
        money_post(b, o, BOOKING_ACCOUNT_PROVIDER, o->dispute_minor);
        return;
    }
    for (uint32_t i = 0; i < o->count; i++) {
        if (!has_unit(o, i))
            continue;
        which[i] = true;
        left += o->lines[i].total;
    }
    if (o->dispute_minor < left) {
        o->dispute = DISPUTE_LEFT_SOME;
        money_post(b, o, BOOKING_ACCOUNT_ORGANISER, o->dispute_minor);
        return;
    }
    for (uint32_t i = 0; i < o->count; i++)
        if (which[i])
            free_unit(s, b, o, i, UNIT_FREE);
    o->dispute = DISPUTE_IS_LOST;
    money_post_shares(b, o, which, 1);
    money_post(b, o, BOOKING_ACCOUNT_ORGANISER, o->dispute_minor - left);
}

/* ---- cases ---- */

static void on_case(struct sim *s, struct book *b, const struct entry_case_opened *e,
                    uint64_t ts_us)
{
    struct books_order *o = order_at(s, b, e->order);
    struct provider_facts facts = facts_of(s, b, o);
    if (e->reason == BOOKING_CASE_CAPTURE_REFUSED)
        REQUIRE(s, o->state == ORDER_SOLD && facts.captures == 0,
                "a refusal is believed only when the provider's books show it",
                "order %u was captured, and its capture counts as refused", e->order);
    REQUIRE(s, e->reason != BOOKING_CASE_CANCEL_REFUSED || facts.stubborn,
            "what can be cancelled is cancelled", "order %u: its cancel counts as refused",
            e->order);
    b->money.stuck += !o->has_case && o->state == ORDER_SOLD;
    o->has_case = true;
    o->case_reason = e->reason;
    o->case_us = ts_us;
    if (e->reason == BOOKING_CASE_CAPTURE_REFUSED || e->reason == BOOKING_CASE_AMOUNT_DIFFERS ||
        e->reason == BOOKING_CASE_REFUND_REFUSED || e->reason == BOOKING_CASE_CANCEL_REFUSED)
        o->call = BOOKING_CALL_NONE;
    s->figures->cases++;
}

static void on_case_closed(struct sim *s, struct book *b, const struct entry_case_closed *e,
                           uint64_t ts_us)
{
    struct books_order *o = order_at(s, b, e->order);
    REQUIRE(s, o->has_case, "a case is closed once", "order %u has none", e->order);
    if (e->by.len == 0)
        REQUIRE(s,
                o->state == ORDER_SOLD && e->action == BOOKING_ACTION_RELEASE &&
                    o->case_us + LIMIT_CASE_SECONDS * SECOND_US <= ts_us,
                "what was sold and cannot be captured is released in time", "order %u", e->order);
    if (e->by_hand_minor != 0) {
        int64_t most = o->state == ORDER_CAPTURED ? o->total_minor : o->taken_minor;
        int64_t all = o->by_hand_minor + e->by_hand_minor;
        for (uint32_t i = 1; i <= o->refund_count; i++)
            most -= o->refunds[i].state == REFUND_IS_DONE ? o->refunds[i].amount : 0;
        REQUIRE(s,
                e->action == BOOKING_ACTION_SETTLE && all >= 0 &&
                    o->case_reason == BOOKING_CASE_REFUND_UNASKED &&
                    (e->by_hand_minor < 0 || all <= most),
                "by hand is refunded what can be", "order %u: %lld of %lld", e->order,
                (long long)all, (long long)most);
        o->by_hand_minor = all;
        money_post(b, o, BOOKING_ACCOUNT_ORGANISER, e->by_hand_minor);
        money_post(b, o, BOOKING_ACCOUNT_PROVIDER, -e->by_hand_minor);
    }
    o->looked_at |= e->by.len > 0 && e->action != BOOKING_ACTION_RETRY;
    o->accepted |= e->by.len > 0 && e->action == BOOKING_ACTION_SETTLE;
    case_ends(b, o);
    s->figures->resolved++;
}

void books_order_entry(struct sim *s, struct book *b, const struct booking_entry *e, uint64_t ts_us)
{
    switch ((enum booking_entry_number)e->number) {
    case BOOKING_ENTRY_order_placed: on_placed(s, b, &e->order_placed); break;
    case BOOKING_ENTRY_payment_requested: on_requested(s, b, &e->payment_requested); break;
    case BOOKING_ENTRY_payment_created: {
        struct books_order *o = order_at(s, b, e->payment_created.order);
        o->created = true;
        if (o->call == BOOKING_CALL_CREATE)
            o->call = BOOKING_CALL_NONE;
        break;
    }
    case BOOKING_ENTRY_payment_declined: on_declined(s, b, &e->payment_declined); break;
    case BOOKING_ENTRY_payment_processing: on_processing(s, b, &e->payment_processing); break;
    case BOOKING_ENTRY_order_sold: on_sold(s, b, &e->order_sold, ts_us); break;
    case BOOKING_ENTRY_payment_captured: on_captured(s, b, &e->payment_captured); break;
    case BOOKING_ENTRY_payment_cancelled: on_cancelled(s, b, e->payment_cancelled.order); break;
    case BOOKING_ENTRY_order_ended: on_ended(s, b, &e->order_ended, ts_us); break;
    case BOOKING_ENTRY_order_voided: on_voided(s, b, e->order_voided.order); break;
    case BOOKING_ENTRY_payment_taken: on_taken(s, b, &e->payment_taken); break;
    case BOOKING_ENTRY_refund_requested: on_refund_requested(s, b, &e->refund_requested); break;
    case BOOKING_ENTRY_refund_done: on_refund_done(s, b, &e->refund_done); break;
    case BOOKING_ENTRY_refund_failed: on_refund_failed(s, b, &e->refund_failed); break;
    case BOOKING_ENTRY_dispute_opened: on_disputed(s, b, &e->dispute_opened); break;
    case BOOKING_ENTRY_dispute_closed: on_dispute_closed(s, b, &e->dispute_closed); break;
    case BOOKING_ENTRY_case_opened: on_case(s, b, &e->case_opened, ts_us); break;
    case BOOKING_ENTRY_case_closed: on_case_closed(s, b, &e->case_closed, ts_us); break;
    default: break;
    }
}
