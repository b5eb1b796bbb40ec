#include "model/wishes.h"

/* Worlds of refunds: long ones of nothing else, and ones where they come back. */

void wishes_begin_long(struct generator *g)
{
    bool for_nothing = g->mood == GENERATOR_REFUNDS;
    g->created.per_hold = 8;
    g->created.per_buyer = LIMIT_BUYER_UNITS;
    g->created.per_category.count = g->created.blocked.count = 0;
    g->created.singles = BOOKING_SINGLES_ALLOWED;
    for (uint32_t i = 0; i < g->created.prices.count; i++) {
        g->prices[i] = for_nothing ? 0 : 1000;
        g->fees[i] = for_nothing ? 0 : 100;
    }
}

/* The last hold becomes an order, or there is a new hold of so many places. */
static void hold_or_order(struct generator *g, const struct booking *b, uint32_t places,
                          struct booking_command *c)
{
    struct booking_hold h;
    uint32_t last = (g->hold_count + GENERATOR_RECENT - 1) % GENERATOR_RECENT;
    if (g->hold_count > 0 && booking_hold_get(b, g->holds[last].slot, g->holds[last].random, &h) &&
        h.live && h.order == BOOKING_NONE && h.expires_at_us > g->now_us) {
        struct command_place_order *p = &c->place_order;
        c->number = BOOKING_COMMAND_place_order;
        p->order_random = secret(g);
        p->hold = g->holds[last].slot;
        p->hold_random = g->holds[last].random;
        p->session = g->holds[last].session;
        p->email_hash = ADDRESS(draw(g, PEOPLE));
        p->contact = SLICE("sealed");
        p->ticket_randoms = (struct u64s){g->tickets, LIMIT_HOLD_UNITS};
        return;
    }
    c->number = BOOKING_COMMAND_hold;
    c->hold.hold_random = secret(g);
    c->hold.session = SESSION(draw(g, 1000));
    c->hold.areas = (struct u32s){g->list[0], 2};
    g->list[0][0] = 0;
    g->list[0][1] = places;
}

bool wishes_refunds(struct generator *g, const struct booking *b, struct booking_command *c)
{
    struct booking_order o;
    uint32_t slots = booking_order_slots(b), order = g->last_order;
    if (g->mood != GENERATOR_REFUNDS || one_in(g, slots < 900 ? 60 : 8))
        return false;
    bool full = booking_area(b, 0).available == 0;
    for (uint32_t i = 0; i < slots && (i == 0 || full); order = i++)
        if (booking_order_get(b, order, booking_order_random(b, order), &o) &&
            o.state == BOOKING_ORDER_CAPTURED && o.refunds == 0) {
            c->number = BOOKING_COMMAND_refund;
            c->refund.order = order;
            c->refund.order_random = o.random;
            return true;
        }
    hold_or_order(g, b, 1, c);
    return true;
}

bool wishes_troubles(struct generator *g, const struct booking *b, struct booking_command *c)
{
    struct booking_order o = {0};
    if (g->mood != GENERATOR_TROUBLES || one_in(g, 6))
        return false;
    uint32_t order = g->last_order;
    bool any = booking_order_slots(b) > 0 &&
               booking_order_get(b, order, booking_order_random(b, order), &o) && !one_in(g, 60);
    if (any && o.state == BOOKING_ORDER_PLACED) {
        c->number = BOOKING_COMMAND_payment_news;
        c->payment_news =
            (struct command_payment_news){.order = order,
                                          .order_random = o.random,
                                          .kind = BOOKING_PAYMENT_CAPTURED,
                                          .intent = SLICE("pi"),
                                          .amount_minor = o.total_minor,
                                          .ticket_randoms = {g->tickets, LIMIT_HOLD_UNITS}};
        return true;
    }
    if (!any || o.state != BOOKING_ORDER_CAPTURED) {
        hold_or_order(g, b, between(g, 3, 8), c);
        return true;
    }
    bool owed = o.call == BOOKING_CALL_REFUND;
    if (o.attention && one_in(g, owed ? 1 : 3)) {
        c->number = BOOKING_COMMAND_resolve_case;
        c->resolve_case = (struct command_resolve_case){
            .order = order,
            .order_random = o.random,
            .action = owed || one_in(g, 3) ? BOOKING_ACTION_SETTLE : BOOKING_ACTION_RETRY,
            .by = SLICE("bob")};
        return true;
    }
    if (one_in(g, 4)) {
        uint32_t place = o.refunds < o.unit_count && !one_in(g, 6) ? 0 : o.unit_count - 1;
        while (o.refund_of[place] != 0 && place + 1 < o.unit_count)
            place++;
        c->number = BOOKING_COMMAND_refund;
        g->list[0][0] = o.units[place];
        c->refund = (struct command_refund){
            .order = order, .order_random = o.random, .units = {g->list[0], 1}, .by = SLICE("ann")};
        return true;
    }
    static const uint8_t kinds[] = {BOOKING_PAYMENT_REFUNDED, BOOKING_PAYMENT_REFUNDED,
                                    BOOKING_PAYMENT_REFUND_FAILED, BOOKING_PAYMENT_REFUND_FAILED,
                                    BOOKING_PAYMENT_REFUSED};
    uint8_t kind = kinds[owed && o.refunds_done > 0 && one_in(g, 2) ? 2 : draw(g, sizeof kinds)];
    c->number = BOOKING_COMMAND_payment_news;
    c->payment_news = (struct command_payment_news){.order = order,
                                                    .order_random = o.random,
                                                    .kind = kind,
                                                    .refund = wishes_some_refund(g, &o, kind)};
    return true;
}
