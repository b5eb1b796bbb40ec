#include "model/wishes.h"

#include "base/hash.h"

#include <stdio.h>

struct hash16 wishes_hash(uint64_t n)
{
    struct hash16 h;
    struct hash128 wide = hash128_of(&n, sizeof n);
    memcpy(h.bytes, &wide, 16);
    return h;
}

/* ---- prices ---- */

uint64_t wishes_price(struct generator *g)
{
    if (one_in(g, 10))
        return 0;
    if (one_in(g, 10)) /* less than the fee, or little more */
        return between(g, 1, 250);
    return between(g, 1, 9) * 1000 + (one_in(g, 3) ? between(g, 0, 999) : 0);
}

/* One of these that is still to come, or 0. */
static uint64_t to_come(struct generator *g, uint64_t one_us, uint64_t other_us)
{
    if (one_us <= g->now_us || (other_us > g->now_us && one_in(g, 2)))
        return other_us > g->now_us ? other_us : 0;
    return one_us;
}

uint64_t wishes_price_corner(struct generator *g, const struct booking *b)
{
    static struct booking_price_plan_lists lists;
    struct entry_price_plan_set plan;
    struct booking_promo_terms t;
    uint64_t at_us = 0;
    uint32_t from = (uint32_t)draw(g, PROMOS);
    for (uint32_t i = 0; i < PROMOS && !one_in(g, 8) && at_us == 0; i++)
        if (booking_promo_get(b, PROMO((from + i) % PROMOS), &t) && t.kind != 0) {
            at_us = to_come(g, t.from_us, t.until_us);
            g->promo = at_us != 0 ? (from + i) % PROMOS + 1 : 0;
        }
    if (at_us != 0)
        return at_us;
    booking_price_plan(b, &lists, &plan);
    uint32_t count = plan.rule_categories.count, first = (uint32_t)draw(g, count);
    for (uint32_t i = 0; i < count && at_us == 0; i++)
        at_us = to_come(g, u64s_at(plan.rule_from_us, (first + i) % count),
                        u64s_at(plan.rule_until_us, (first + i) % count));
    return at_us;
}

static void put_rules(struct generator *g, uint32_t categories, struct command_change_price_plan *c)
{
    uint32_t n = one_in(g, 60) ? LIMIT_PRICE_RULES + (uint32_t)draw(g, 2) : (uint32_t)draw(g, 5);
    for (uint32_t i = 0; i < n; i++) {
        bool by_sold = one_in(g, 2);
        uint32_t low = by_sold && one_in(g, 2) ? between(g, 1, 4) : 0;
        g->list[0][i] = (uint32_t)draw(g, categories + one_in(g, 150));
        g->list[1][i] = low;
        g->list[2][i] = by_sold && one_in(g, 2) ? low + between(g, !one_in(g, 60), 5) : 0;
        g->wide[0][i] = by_sold && !one_in(g, 4) ? 0 : wishes_time(g);
        g->wide[1][i] = by_sold && !one_in(g, 4) ? 0 : wishes_time(g);
        if (g->wide[1][i] != 0 && g->wide[1][i] <= g->wide[0][i] && !one_in(g, 60))
            g->wide[1][i] = g->wide[0][i] + 1 + draw(g, 20 * SECOND_US);
        g->wide[2][i] = wishes_price(g);
        if (one_in(g, 150))
            g->wide[2][i] = (uint64_t)LIMIT_PRICE_MINOR + draw(g, 2);
    }
    c->rule_categories = (struct u32s){g->list[0], n};
    c->rule_sold_from = (struct u32s){g->list[1], n};
    c->rule_sold_below = (struct u32s){g->list[2], n - (n > 0 && one_in(g, 80))};
    c->rule_from_us = (struct u64s){g->wide[0], n};
    c->rule_until_us = (struct u64s){g->wide[1], n};
    c->rule_prices = (struct u64s){g->wide[2], n - (n > 0 && one_in(g, 80))};
}

void wishes_price_plan(struct generator *g, const struct booking *b,
                       struct command_change_price_plan *c)
{
    static struct booking_price_plan_lists lists;
    struct booking_event e = booking_event(b);
    if (one_in(g, 8)) { /* the same again, or nearly */
        struct entry_price_plan_set plan;
        booking_price_plan(b, &lists, &plan);
        memcpy(c, &plan, sizeof *c);
        if (one_in(g, 2))
            c->ceilings.count = 0;
        return;
    }
    put_rules(g, e.category_count, c);
    uint64_t all = (1ull << e.category_count) - 1;
    uint32_t packages =
        one_in(g, 60) ? LIMIT_PACKAGES + (uint32_t)draw(g, 2) : (uint32_t)draw(g, 3);
    for (uint32_t i = 0; i < e.category_count; i++)
        g->wide[3][i] = one_in(g, 2) ? 0 : between(g, one_in(g, 20) ? 3 : 10, 12) * 1000;
    if (one_in(g, 3))
        c->ceilings = (struct u64s){g->wide[3], e.category_count + one_in(g, 60)};
    for (uint32_t i = 0; i < packages; i++) {
        g->wide[4][i] = one_in(g, 2) ? all : 1 + draw(g, all);
        if (one_in(g, 120))
            g->wide[4][i] = one_in(g, 2) ? 0 : all + 1;
        g->list[3][i] = one_in(g, 120) ? 1 + 16 * (uint32_t)draw(g, 2) : between(g, 2, 4);
        g->list[4][i] = one_in(g, 120) ? g->list[3][i] * (uint32_t)draw(g, 2)
                                       : between(g, 1, g->list[3][i] > 1 ? g->list[3][i] - 1 : 1);
    }
    c->package_categories = (struct u64s){g->wide[4], packages};
    c->package_sizes = (struct u32s){g->list[3], packages};
    c->package_paid = (struct u32s){g->list[4], packages - (packages > 0 && one_in(g, 80))};
}

/* ---- promo codes ---- */

struct hash16 wishes_promo(struct generator *g, const struct booking *b)
{
    struct booking_promo_terms t;
    uint64_t n = draw(g, PROMOS);
    for (int tries = 0; tries < 4 && !(booking_promo_get(b, PROMO(n), &t) && t.kind); tries++)
        n = draw(g, PROMOS);
    return PROMO(n);
}

uint32_t wishes_used_promo(struct generator *g, const struct booking *b)
{
    struct booking_promo_terms t;
    uint32_t from = (uint32_t)draw(g, PROMOS);
    for (uint32_t i = 0; i < PROMOS; i++)
        if (booking_promo_get(b, PROMO((from + i) % PROMOS), &t) && t.kind && t.used > 0 &&
            (t.uses != 0 || t.budget != 0))
            return (from + i) % PROMOS + 1;
    return 0;
}

static struct slice some_promos(struct generator *g, struct hash16 *list, uint32_t most)
{
    uint32_t count = (uint32_t)draw(g, most + 1);
    for (uint32_t i = 0; i < count; i++)
        list[i] = PROMO(draw(g, PROMOS));
    if (one_in(g, 60)) { /* more than there is room for */
        count = 600 + (uint32_t)draw(g, 700);
        for (uint32_t i = 0; i < count; i++)
            list[i] = wishes_hash(secret(g));
    }
    if (one_in(g, 300))
        count = LIMIT_COMMAND_CODES + 1;
    return slice_make(list, count * 16 + (one_in(g, 80) ? 5 : 0));
}

void wishes_promos(struct generator *g, const struct booking *b, struct command_change_promos *c)
{
    uint32_t categories = booking_event(b).category_count;
    bool any = !one_in(g, 8);
    *c = (struct command_change_promos){
        .codes = some_promos(g, g->codes[0], any ? 3 : 0),
        .kind = (uint8_t)between(g, 1, 3),
        .categories = one_in(g, 2) ? 0 : 1 + draw(g, (1ull << categories) - 1),
        .uses = one_in(g, 3) ? 0 : between(g, 1, 3),
        .budget = one_in(g, 2) ? 0 : between(g, 1, 60) * 100,
        .from_us = one_in(g, 3) ? wishes_time(g) : 0,
        .until_us = one_in(g, 3) ? wishes_time(g) : 0,
        .max_units = one_in(g, 2) ? 0 : between(g, 1, 3),
    };
    if (c->budget != 0 && !one_in(g, 3))
        c->uses = 0;
    if (c->until_us != 0 && c->until_us <= c->from_us && !one_in(g, 40))
        c->until_us = c->from_us + 1 + draw(g, 20 * SECOND_US);
    c->value = c->kind == BOOKING_PROMO_PERCENT ? between(g, 1, 10000) : between(g, 0, 6000);
    if (one_in(g, 4)) /* little is left */
        c->value = c->kind == BOOKING_PROMO_PERCENT ? between(g, 9500, 10000) : between(g, 0, 150);
    if (one_in(g, 4))
        c->value = c->kind == BOOKING_PROMO_PERCENT ? 10000 : 9000ull * (c->kind == 2);
    if (one_in(g, 60))
        c->value = one_in(g, 2) ? 10001 : (uint64_t)LIMIT_PRICE_MINOR + draw(g, 2);
    if (one_in(g, 80))
        c->kind = one_in(g, 2) ? 0 : 4;
    if (one_in(g, 80))
        c->categories = 1ull << categories;
    if (one_in(g, 80))
        c->budget = (uint64_t)LIMIT_PRICE_MINOR + 1;
    if (one_in(g, 3))
        c->revoke = some_promos(g, g->codes[1], 2);
}

void wishes_quote(struct generator *g, const struct booking *b, struct command_quote_hold *c)
{
    wishes_pick_open_hold(g, b, one_in(g, 4), &c->hold, &c->hold_random, &c->session);
    if (g->promo != 0)
        c->promo = PROMO(g->promo - 1);
    else if (!one_in(g, 8))
        c->promo = wishes_promo(g, b);
}

void wishes_extend(struct generator *g, struct command_extend_hold *c)
{
    wishes_pick_hold(g, &c->hold, &c->hold_random, &c->session);
    c->seconds = one_in(g, 8) ? 601 * (uint32_t)draw(g, 2) : between(g, 1, one_in(g, 8) ? 600 : 20);
}

/* ---- news ---- */

uint32_t wishes_pick_order(struct generator *g, const struct booking *b)
{
    uint32_t slots = booking_order_slots(b), order = g->last_order;
    struct booking_order o;
    if (one_in(g, 30))
        return (uint32_t)draw(g, slots + 1);
    for (int tries = 0; tries < 5 && slots > 0 && !one_in(g, 2); tries++) { /* one that lives */
        order = (uint32_t)draw(g, slots);
        if (booking_order_get(b, order, booking_order_random(b, order), &o) &&
            (g->mood == GENERATOR_DISPUTES
                 ? o.state == BOOKING_ORDER_CAPTURED && o.dispute != BOOKING_DISPUTE_LOST
                 : o.state != BOOKING_ORDER_ENDED || o.attention))
            break;
    }
    return order;
}

/* What the provider may say of an order in this state, the likely more than once. */
static uint8_t kind_of_news(struct generator *g, const struct booking_order *o)
{
    static const uint8_t placed[] = {1, 1, 1, 2, 3, 3, 3, 4, 4, 4, 5, 6, 7, 7, 14},
                         sold[] = {4, 4, 4, 4, 5, 6, 6, 6, 10, 10, 14, 14},
                         captured[] = {8, 8, 8, 8, 6, 6, 9, 9, 11, 11, 12, 12, 13, 10, 14},
                         ending[] = {1, 4, 4, 4, 5, 6, 6, 8, 8, 8, 14},
                         ended[] = {4, 4, 9, 9, 9, 14};
    if (g->mood == GENERATOR_REFUNDS)
        return BOOKING_PAYMENT_DIFFERS;
    if (one_in(g, 12))
        return (uint8_t)draw(g, 16);
    if (o->by_hand_minor > 0 && one_in(g, 3)) /* and once more */
        return BOOKING_PAYMENT_REFUND_UNASKED;
    switch (o->state) {
    case BOOKING_ORDER_PLACED:
        if (o->processing ? one_in(g, 3) : o->declines > 0 && one_in(g, 4)) /* and once more */
            return o->processing ? BOOKING_PAYMENT_DECLINED : BOOKING_PAYMENT_PROCESSING;
        return placed[draw(g, sizeof placed)];
    case BOOKING_ORDER_SOLD: return sold[draw(g, sizeof sold)];
    case BOOKING_ORDER_CAPTURED:
        if (g->mood == GENERATOR_DISPUTES && !one_in(g, 20))
            return o->dispute == BOOKING_DISPUTE_OPEN ? BOOKING_PAYMENT_DISPUTE_WON
                                                      : BOOKING_PAYMENT_DISPUTED;
        return captured[draw(g, sizeof captured)];
    case BOOKING_ORDER_ENDING: return ending[draw(g, sizeof ending)];
    case BOOKING_ORDER_ENDED: return ended[draw(g, sizeof ended)];
    }
    return (uint8_t)draw(g, 16);
}

/* The order's open dispute, one that is known, or a new one. */
static struct slice some_dispute(struct generator *g, const struct booking *b, uint32_t order)
{
    struct booking_dispute d;
    uint32_t count = 0;
    for (uint32_t i = 0; booking_dispute_get(b, i, &d); i++, count++)
        if (d.order == order && d.state == BOOKING_DISPUTE_OPEN && !one_in(g, 20))
            return d.id;
    if (count > 0 && one_in(g, 12) && booking_dispute_get(b, (uint32_t)draw(g, count), &d))
        return d.id;
    int len = snprintf(g->text[0], sizeof g->text[0], "du_%llu", (unsigned long long)secret(g));
    return slice_make(g->text[0], (size_t)len);
}

/* Mostly one that is due, or one that is done. */
uint8_t wishes_some_refund(struct generator *g, const struct booking_order *o, uint8_t kind)
{
    uint8_t from = (uint8_t)draw(g, o->refunds + 1u);
    for (uint8_t k = 0; k < o->refunds && !one_in(g, 12); k++) {
        uint8_t i = (uint8_t)((from + k) % o->refunds);
        bool due = o->refund_states[i] == BOOKING_REFUND_DUE ||
                   o->refund_states[i] == BOOKING_REFUND_FAILED;
        if (due == (kind == BOOKING_PAYMENT_REFUNDED))
            return (uint8_t)(i + 1);
    }
    return (uint8_t)between(g, 0, o->refunds + 1u);
}

/* Mostly the one that the order keeps; an earlier one, or any. */
static uint8_t some_attempt(struct generator *g, const struct booking_order *o, uint8_t refund)
{
    uint8_t kept = refund >= 1 && refund <= o->refunds ? o->refund_attempts[refund - 1] : 0;
    if (kept > 0 && one_in(g, 6))
        return (uint8_t)draw(g, kept);
    return one_in(g, 40) ? (uint8_t)draw(g, 256) : kept;
}

void wishes_news(struct generator *g, const struct booking *b, struct command_payment_news *c)
{
    static const char text[] = "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"
                               "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdefgh";
    struct booking_order o = {0};
    uint32_t order = wishes_pick_order(g, b);
    (void)booking_order_get(b, order, booking_order_random(b, order), &o);
    *c =
        (struct command_payment_news){.order = order,
                                      .order_random = o.random + one_in(g, 60),
                                      .kind = kind_of_news(g, &o),
                                      .amount_minor = o.total_minor - one_in(g, 20) + one_in(g, 20),
                                      .code = slice_make(text, draw(g, one_in(g, 3) ? 60 : 8)),
                                      .ticket_randoms = {g->tickets, LIMIT_HOLD_UNITS}};
    if (g->mood == GENERATOR_DECLINES && !one_in(g, 12))
        c->kind = BOOKING_PAYMENT_DECLINED;
    if (!one_in(g, 10))
        c->intent = slice_make(text + o.random % 16, 1 + (o.random + one_in(g, 25)) % 16);
    if (!one_in(g, 8))
        c->card = CARD(one_in(g, 2) ? 0 : draw(g, CARDS));
    if (c->kind == BOOKING_PAYMENT_CREATED && !one_in(g, 4))
        c->client_secret = slice_make(text, 1 + draw(g, 40));
    if (one_in(g, 150))
        c->intent = slice_make(text, LIMIT_PAYMENT_ID_BYTES + draw(g, 2));
    if (one_in(g, 150))
        c->client_secret = slice_make(text, LIMIT_PAYMENT_SECRET_BYTES + draw(g, 2));
    c->refund = wishes_some_refund(g, &o, c->kind);
    c->attempt = some_attempt(g, &o, c->refund);
    if (c->kind >= BOOKING_PAYMENT_DISPUTED && c->kind <= BOOKING_PAYMENT_DISPUTE_LOST) {
        c->dispute = some_dispute(g, b, order);
        c->due_at_us = wishes_time(g);
        if (one_in(g, 4))
            c->amount_minor = (int64_t)draw(g, 12000);
    }
    if (one_in(g, 150))
        c->dispute = slice_make(text, LIMIT_PAYMENT_ID_BYTES + draw(g, 2));
    if (o.state == BOOKING_ORDER_SOLD && one_in(g, 5))
        c->amount_minor++;
    if (one_in(g, 60))
        c->amount_minor = -(int64_t)draw(g, 2);
}

/* ---- the organiser ---- */

void wishes_refund(struct generator *g, const struct booking *b, struct command_refund *c)
{
    struct booking_order o = {0};
    uint32_t order = wishes_pick_order(g, b), count = 0;
    for (int tries = 0; tries < 8; tries++) {
        (void)booking_order_get(b, order, booking_order_random(b, order), &o);
        if (o.state == BOOKING_ORDER_CAPTURED || one_in(g, 20))
            break;
        order = wishes_pick_order(g, b);
    }
    *c = (struct command_refund){.order = order,
                                 .order_random = o.random + one_in(g, 60),
                                 .block = one_in(g, 4),
                                 .by = SLICE("ann"),
                                 .note = SLICE("asked")};
    uint32_t most = one_in(g, 2) ? 1 : LIMIT_HOLD_UNITS;
    for (uint32_t i = 0; i < o.unit_count && count < most && !one_in(g, 6); i++)
        if (one_in(g, 2) && (o.refund_of[i] == 0 || one_in(g, 8)))
            g->list[0][count++] = o.units[i];
    if (count > 0 && one_in(g, 40))
        g->list[0][count++] = g->list[0][0];
    if (one_in(g, 60))
        g->list[0][count++] = (uint32_t)draw(g, booking_event(b).unit_count + 1);
    c->units = (struct u32s){g->list[0], count};
}

/* What was taken, what somebody refunded by hand, nothing; or what makes no sense. */
static int64_t amount_of_case(struct generator *g, const struct booking_order *o, uint8_t action)
{
    bool by_hand = o->case_reason == BOOKING_CASE_REFUND_UNASKED && action == BOOKING_ACTION_SETTLE;
    if (by_hand && !one_in(g, 4)) {
        int64_t most = o->state == BOOKING_ORDER_CAPTURED ? o->total_minor : o->taken_minor;
        if (one_in(g, 3))
            return -(int64_t)draw(g, (uint64_t)o->by_hand_minor + 2);
        return one_in(g, 2) ? most - o->by_hand_minor + one_in(g, 4)
                            : (int64_t)draw(g, (uint64_t)most / 2 + 2);
    }
    if (action == BOOKING_ACTION_REFUND)
        return one_in(g, 20) ? -(int64_t)draw(g, 2) : 1 + (int64_t)draw(g, 9000);
    return one_in(g, 20) ? 2 * (int64_t)draw(g, 2) - 1 : 0;
}

void wishes_resolve(struct generator *g, const struct booking *b, struct command_resolve_case *c)
{
    struct booking_order o = {0};
    uint32_t slots = booking_order_slots(b), order = wishes_pick_order(g, b);
    bool any = false;
    for (uint32_t i = 0, from = (uint32_t)draw(g, slots + 1); i < slots && !one_in(g, 60); i++) {
        uint32_t at = (from + i) % slots;
        if (!booking_order_get(b, at, booking_order_random(b, at), &o) || !o.attention)
            continue;
        order = any && o.state != BOOKING_ORDER_SOLD ? order : at; /* they do not stay so */
        any = true;
    }
    memset(&o, 0, sizeof o);
    (void)booking_order_get(b, order, booking_order_random(b, order), &o);
    *c = (struct command_resolve_case){.order = order,
                                       .order_random = o.random + one_in(g, 60),
                                       .action =
                                           (uint8_t)(one_in(g, 40) ? draw(g, 7) : between(g, 1, 4)),
                                       .by = SLICE("bob"),
                                       .note = SLICE("seen")};
    c->amount_minor = amount_of_case(g, &o, c->action);
}
