#include "base/buf.h"
#include "booking/booking.h"
#include "booking/inventory.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Random commands in small, crowded events: after every entry each invariant holds, replay gives
 * the same state, what readers are told is what there is, no seat is ever sold twice and no limit
 * passed by counts of our own. */

#define SECOND 1000000ull
#define ROUNDS 60
#define COMMANDS 3000
#define BUYERS 12
#define CODES 6

struct world {
    uint64_t random;
    struct booking *b;
    size_t memory;
    uint64_t now_us;
    struct buf created, log;
    uint8_t sold_now[64]; /* by unit: our own books */
    uint8_t board[64];    /* what a reader knows who follows what is touched */
    uint32_t last_hold, last_order;
    uint64_t sales;
    char dispute[40];
    uint32_t *seen;    /* entries by number, over all rounds */
    uint32_t *refused; /* commands by refusal, over all rounds */
    struct booking_decision d;
    struct booking_touched touched;
};

static uint64_t draw(struct world *w, uint64_t below)
{
    w->random ^= w->random << 13; /* xorshift64 */
    w->random ^= w->random >> 7;
    w->random ^= w->random << 17;
    return w->random % below;
}

static struct hash16 person(uint64_t n)
{
    struct hash16 h;
    struct hash128 wide = hash128_of(&n, sizeof n);
    memcpy(h.bytes, &wide, 16);
    return h;
}

static void put32(struct buf *out, uint32_t value)
{
    buf_append(out, &value, 4);
}

#define ROWS 4u
#define SEATS 8u
#define AREA 12u
#define UNITS (ROWS * SEATS + AREA)

static void world_begin(struct world *w)
{
    static const uint64_t prices[2] = {1000, 2000}, fees[2] = {100, 0};
    static const uint32_t blocked[1] = {31}, taxes[2] = {700, 1900};
    BUF_AUTO struct buf inventory = BUF_INIT;
    static const uint32_t special[] = {4,
                                       BOOKING_KIND_RESTRICTED_VIEW,
                                       INVENTORY_NO_SEAT,
                                       8,
                                       BOOKING_KIND_ACCESSIBLE,
                                       INVENTORY_NO_SEAT,
                                       9,
                                       BOOKING_KIND_COMPANION,
                                       8,
                                       10,
                                       BOOKING_KIND_VIP,
                                       INVENTORY_NO_SEAT,
                                       11,
                                       BOOKING_KIND_COMPANION,
                                       10,
                                       20,
                                       BOOKING_KIND_COMPANION,
                                       INVENTORY_NO_SEAT,
                                       21,
                                       BOOKING_KIND_ACCESSIBLE,
                                       INVENTORY_NO_SEAT};
    static const uint32_t groups[] = {2, 3, 24, 25, 0, 1, 2}; /* two sizes, then the seats */
    uint32_t head[] = {INVENTORY_VERSION, ROWS * SEATS, ROWS, 1, 1, 2, 7, 2, 5};
    buf_append(&inventory, head, sizeof head);
    for (uint32_t i = 0; i < ROWS; i++) {
        put32(&inventory, 0);
        put32(&inventory, SEATS);
    }
    for (uint32_t i = 0; i < ROWS * SEATS; i++)
        put32(&inventory, ROWS * SEATS - 1 - i); /* seats run against their numbers */
    for (uint32_t i = 0; i < ROWS * SEATS; i++)
        put32(&inventory, (uint32_t)draw(w, 50));
    for (uint32_t i = 0; i < ROWS * SEATS; i++)
        buf_append_char(&inventory, (char)(i % 3 == 0));
    put32(&inventory, AREA);
    put32(&inventory, 1);
    buf_append(&inventory, special, sizeof special);
    buf_append(&inventory, groups, sizeof groups);
    struct booking_entry e = {.number = BOOKING_ENTRY_event_created};
    e.event_created = (struct entry_event_created){
        .event_random = 1,
        .organiser_random = 2,
        .currency = SLICE("EUR"),
        .hold_seconds = 20,
        .pay_seconds = 30,
        .per_buyer = 9,
        .per_hold = 5,
        .prices = {prices, 2},
        .fees = {fees, 2},
        .inventory = buf_slice(&inventory),
        .blocked = {blocked, 1},
        .singles = BOOKING_SINGLES_REFUSED,
        .payment_methods = BOOKING_METHODS,
        .processing_seconds = 60,
        .tax_bp = {taxes, 2},
    };
    const char *detail = "";
    assert_true(booking_created_valid(&e.event_created, &detail));
    char *to = buf_reserve(&w->created, booking_entry_size(&e));
    w->created.len = booking_entry_encode(&e, to);
    w->memory = booking_memory_size(&e.event_created);
    w->b = booking_init(calloc(1, w->memory), w->memory, 3, &e.event_created, 1);
    w->now_us = SECOND;
    for (uint32_t unit = 0; unit < UNITS; unit++)
        w->board[unit] = (uint8_t)booking_unit_state(w->b, unit, 0);
}

static struct booking_order order_at(const struct world *w, uint32_t order)
{
    struct booking_order o = {0};
    (void)booking_order_get(w->b, order, booking_order_random(w->b, order), &o);
    return o;
}

/* A unit is sold when it was not, and given back when it was. */
static void own_unit(struct world *w, uint32_t unit, bool sold)
{
    assert_int_equal(w->sold_now[unit], !sold);
    w->sold_now[unit] = (uint8_t)sold;
    w->sales += sold;
}

/* A bank takes all the tickets with the money, unless it leaves some of that. */
static bool dispute_takes_all(const struct world *w, uint32_t order, const struct booking_order *o)
{
    struct booking_dispute d;
    int64_t left = 0;
    for (uint32_t i = 0; i < o->unit_count; i++)
        left += o->refund_of[i] == 0 ? o->lines[i].total_minor : 0;
    for (uint32_t i = 0; booking_dispute_get(w->b, i, &d); i++)
        if (d.order == order && d.state == BOOKING_DISPUTE_OPEN)
            return d.amount_minor >= left;
    fail();
    return false;
}

static void own_books(struct world *w, const struct booking_entry *e)
{
    struct booking_order o;
    switch (e->number) {
    case BOOKING_ENTRY_order_placed: w->last_order = e->order_placed.order; break;
    case BOOKING_ENTRY_order_sold:
        for (uint32_t i = 0; i < e->order_sold.units.count; i++)
            own_unit(w, u32s_at(e->order_sold.units, i), true);
        break;
    case BOOKING_ENTRY_order_voided:
        o = order_at(w, e->order_voided.order);
        for (uint32_t i = 0; i < o.unit_count; i++)
            own_unit(w, o.units[i], false);
        break;
    case BOOKING_ENTRY_refund_requested:
        for (uint32_t i = 0; i < e->refund_requested.units.count; i++)
            own_unit(w, u32s_at(e->refund_requested.units, i), false);
        break;
    case BOOKING_ENTRY_dispute_closed:
        o = order_at(w, e->dispute_closed.order);
        if (e->dispute_closed.won || !dispute_takes_all(w, e->dispute_closed.order, &o))
            break;
        for (uint32_t i = 0; i < o.unit_count; i++)
            if (o.refund_of[i] == 0)
                own_unit(w, o.units[i], false);
        break;
    default: break;
    }
}

/* ---- counts of our own, from what anybody can see ---- */

static uint32_t units_of(const struct world *w, const uint32_t *units, uint32_t count,
                         uint64_t categories)
{
    uint32_t found = 0;
    for (uint32_t i = 0; i < count; i++)
        found += categories >> booking_unit_category(w->b, units[i]) & 1;
    return found;
}

/* Units of these categories that a session has at this moment. */
static uint32_t session_has(const struct world *w, struct hash16 session, uint64_t categories,
                            uint64_t ts_us)
{
    uint32_t units = 0;
    for (uint32_t i = 0; booking_hold_random(w->b, i) != 0; i++) {
        struct booking_hold h;
        assert_true(booking_hold_get(w->b, i, booking_hold_random(w->b, i), &h));
        if (h.live && (h.expires_at_us > ts_us || h.order != BOOKING_NONE) &&
            hash16_equal(h.session, session)) /* what waits may still be paid */
            units += units_of(w, h.units, h.unit_count, categories);
    }
    for (uint32_t i = 0; i < booking_order_slots(w->b); i++) {
        struct booking_order o;
        assert_true(booking_order_get(w->b, i, booking_order_random(w->b, i), &o));
        bool is_sold = o.state == BOOKING_ORDER_SOLD || o.state == BOOKING_ORDER_CAPTURED;
        for (uint32_t k = 0; is_sold && hash16_equal(o.session, session) && k < o.unit_count; k++)
            if (o.refund_of[k] == 0 && o.dispute != BOOKING_DISPUTE_LOST)
                units += units_of(w, &o.units[k], 1, categories);
    }
    return units;
}

/* A hold that was just made keeps within every limit that asks about it. */
static void check_limits(const struct world *w, const struct entry_units_held *held, uint64_t ts_us)
{
    struct booking_event event = booking_event(w->b);
    uint64_t wanted = 0;
    for (uint32_t i = 0; i < held->units.count; i++)
        wanted |= 1ull << booking_unit_category(w->b, u32s_at(held->units, i));
    assert_true(session_has(w, held->session, ~0ull, ts_us) <= event.per_buyer);
    for (uint32_t c = 0; c < event.category_count; c++) {
        uint32_t limit = booking_category_limit(w->b, c);
        if (limit > 0 && wanted >> c & 1)
            assert_true(session_has(w, held->session, 1ull << c, ts_us) <= limit);
    }
    for (uint32_t i = 0; i < event.quota_count; i++) {
        struct booking_quota quota = booking_quota(w->b, i);
        uint32_t used = 0;
        for (uint32_t unit = 0; unit < event.unit_count; unit++) {
            enum booking_unit_state state = booking_unit_state(w->b, unit, ts_us);
            if (state == BOOKING_HELD || state == BOOKING_SOLD)
                used += units_of(w, &unit, 1, quota.categories);
        }
        if (quota.categories & wanted)
            assert_true(used <= quota.limit);
    }
}

/* What a hold is about to take is free for it: everybody's, or what its code opens. */
static void check_audience(const struct world *w, const struct command_hold *c,
                           const struct entry_units_held *held)
{
    uint32_t left = 0, opens = booking_code_opens(w->b, c->code, w->now_us, &left);
    uint32_t with_code = 0;
    for (uint32_t i = 0; i < held->units.count; i++) {
        uint32_t unit = u32s_at(held->units, i);
        enum booking_unit_state state = booking_unit_state(w->b, unit, w->now_us);
        bool allocated = state == BOOKING_ALLOCATED;
        assert_true(allocated ? booking_unit_allocation(w->b, unit) == opens
                              : state == BOOKING_FREE);
        with_code += allocated;
    }
    assert_true(with_code <= left);
}

static void check_board(struct world *w)
{
    for (uint32_t i = 0; i < w->touched.count; i++)
        w->board[w->touched.units[i]] = (uint8_t)booking_unit_state(w->b, w->touched.units[i], 0);
    for (uint32_t unit = 0; unit < UNITS; unit++)
        assert_int_equal(w->board[unit], booking_unit_state(w->b, unit, 0));
}

static void submit(struct world *w, const struct booking_command *c)
{
    booking_decide(w->b, c, w->now_us, &w->d);
    w->refused[w->d.refusal]++;
    w->touched.count = 0;
    const struct booking_entry *last = &w->d.entries[w->d.entry_count ? w->d.entry_count - 1 : 0];
    bool held = w->d.entry_count > 0 && last->number == BOOKING_ENTRY_units_held;
    uint64_t ts_us = w->now_us;
    if (held)
        check_audience(w, &c->hold, &last->units_held);
    for (uint32_t i = 0; i < w->d.entry_count; i++) {
        struct booking_entry e;
        BUF_AUTO struct buf bytes = BUF_INIT;
        char *to = buf_reserve(&bytes, booking_entry_size(&w->d.entries[i]));
        bytes.len = booking_entry_encode(&w->d.entries[i], to);
        assert_true(booking_entry_decode(buf_slice(&bytes), &e));
        uint64_t ts = w->now_us++;
        own_books(w, &e);
        booking_apply(w->b, &e, ts, &w->touched);
        w->seen[e.number]++;
        uint32_t len = (uint32_t)bytes.len;
        buf_append(&w->log, &len, 4);
        buf_append(&w->log, &ts, 8);
        buf_append_slice(&w->log, buf_slice(&bytes));
    }
    if (w->d.hold != BOOKING_NONE)
        w->last_hold = w->d.hold;
    if (held)
        check_limits(w, &last->units_held, ts_us);
    const char *wrong = booking_check(w->b);
    if (wrong)
        fail_msg("%s", wrong);
    check_board(w);
}

/* ---- commands ---- */

static struct hash16 random_code(struct world *w)
{
    return draw(w, 2) ? (struct hash16){{0}} : person(2000 + draw(w, CODES));
}

/* Neighbours more often than not: parties want them, and groups are made of them. */
static struct u32s random_seats(struct world *w, uint32_t *list, uint32_t count)
{
    uint32_t first = (uint32_t)draw(w, ROWS * SEATS + 1 - count);
    bool side_by_side = draw(w, 3) > 0;
    for (uint32_t i = 0; i < count; i++)
        list[i] = side_by_side ? first + i : (uint32_t)draw(w, ROWS * SEATS + 1); /* one too many */
    return (struct u32s){list, count};
}

static void random_hold(struct world *w, struct booking_command *c, uint32_t *list)
{
    uint32_t count = draw(w, 50) ? 1 + (uint32_t)draw(w, 5) : 6; /* one more than per_hold */
    c->number = BOOKING_COMMAND_hold;
    c->hold = (struct command_hold){.hold_random = 1 + draw(w, UINT64_MAX - 1),
                                    .session = person(draw(w, BUYERS)),
                                    .code = random_code(w)};
    if (draw(w, 3) == 0) {
        c->hold.key = person(1000 + draw(w, 40));
        c->hold.request = draw(w, 3);
    }
    switch (draw(w, 4)) {
    case 0:
        list[0] = 0;
        list[1] = count;
        c->hold.areas = (struct u32s){list, 2};
        break;
    case 1:
        c->hold.best_categories = draw(w, 4);
        c->hold.best_quantity = count;
        c->hold.best_accessible = draw(w, 3) ? 0 : (uint32_t)draw(w, 3);
        c->hold.best_price_below = draw(w, 4) ? 0 : 1101;
        c->hold.best_section = draw(w, 4) ? 0 : 1;
        break;
    default: c->hold.seats = random_seats(w, list, count);
    }
}

/* A few of what a hold has, and a few others. */
static struct u32s other_seats(struct world *w, const struct booking_hold *h, uint32_t *list)
{
    uint32_t count = 0;
    for (uint32_t i = 0; i < h->unit_count; i++)
        if (draw(w, 2))
            list[count++] = h->units[i];
    for (uint32_t more = (uint32_t)draw(w, 3); more > 0; more--)
        list[count++] = (uint32_t)draw(w, ROWS * SEATS);
    return (struct u32s){list, count};
}

/* A hold slot to act on, with the session that owns it more often than not. */
static void random_place(struct world *w, struct booking_command *c, const uint64_t *tickets,
                         uint32_t *list)
{
    uint32_t back = (uint32_t)draw(w, 8), hold = w->last_hold > back ? w->last_hold - back : 0;
    struct booking_hold h = {0};
    (void)booking_hold_get(w->b, hold, booking_hold_random(w->b, hold), &h);
    struct hash16 session = draw(w, 8) == 0 ? person(draw(w, BUYERS)) : h.session;
    if (draw(w, 3) == 0) {
        c->number = BOOKING_COMMAND_change_hold;
        c->change_hold = (struct command_change_hold){
            .hold = hold, .hold_random = h.random, .session = session, .code = random_code(w)};
        c->change_hold.seats = other_seats(w, &h, list);
        return;
    }
    if (draw(w, 3) == 0) {
        c->number = BOOKING_COMMAND_release_hold;
        c->release_hold = (struct command_release_hold){hold, h.random, session};
        return;
    }
    c->number = BOOKING_COMMAND_place_order;
    c->place_order = (struct command_place_order){.order_random = 1 + draw(w, UINT64_MAX - 1),
                                                  .hold = hold,
                                                  .hold_random = h.random,
                                                  .session = session,
                                                  .email_hash = person(100 + draw(w, BUYERS)),
                                                  .person = 5,
                                                  .contact = SLICE("x"),
                                                  .ticket_randoms = {tickets, LIMIT_HOLD_UNITS},
                                                  .least_minor = draw(w, 8) ? 0 : 5000};
}

static uint32_t random_order(struct world *w)
{
    uint32_t slots = booking_order_slots(w->b);
    return draw(w, 3) ? w->last_order : (uint32_t)draw(w, slots + 1);
}

static void random_news(struct world *w, struct booking_command *c, const uint64_t *tickets)
{
    static const char *const disputes[] = {"dp_1", "dp_2", "dp_3", "dp_4"};
    uint32_t order = random_order(w);
    struct booking_order o = order_at(w, order);
    const char *dispute = disputes[draw(w, 4)];
    if (draw(w, 10) == 0) {
        c->number = BOOKING_COMMAND_cancel_order;
        c->cancel_order = (struct command_cancel_order){order, o.random, o.session};
        return;
    }
    (void)snprintf(w->dispute, sizeof w->dispute, "%s of %llu", dispute,
                   (unsigned long long)o.random);
    c->number = BOOKING_COMMAND_payment_news;
    c->payment_news = (struct command_payment_news){
        .order = order,
        .order_random = o.random,
        .kind = (uint8_t)(1 + draw(w, draw(w, 3) ? 9 : 15)),
        .intent = draw(w, 20) == 0 ? SLICE("pi_other") : SLICE("pi_1"),
        .client_secret = SLICE("s"),
        .amount_minor = o.total_minor - (draw(w, 30) == 0),
        .code = SLICE("c"),
        .ticket_randoms = {tickets, LIMIT_HOLD_UNITS},
        .refund = (uint8_t)draw(w, 4),
        .dispute = slice_from_string(w->dispute)};
    c->payment_news.card.bytes[0] = (uint8_t)draw(w, 4); /* 0: unknown */
    uint8_t refund = c->payment_news.refund;
    if (refund > 0 && refund <= o.refunds && draw(w, 8) > 0)
        c->payment_news.attempt = o.refund_attempts[refund - 1];
    else
        c->payment_news.attempt = (uint8_t)draw(w, 4);
}

/* What people do about an order that is paid, or that has a case. */
static void random_office(struct world *w, struct booking_command *c, uint32_t *list)
{
    uint32_t order = random_order(w);
    struct booking_order o = order_at(w, order);
    for (uint32_t i = 0; i < 6 && (o.attention || o.state != BOOKING_ORDER_CAPTURED); i++)
        o = order_at(w, order = random_order(w));
    if (o.attention || draw(w, 12) == 0) {
        c->number = BOOKING_COMMAND_resolve_case;
        c->resolve_case = (struct command_resolve_case){.order = order,
                                                        .order_random = o.random,
                                                        .action = (uint8_t)draw(w, 6),
                                                        .by = SLICE("eve")};
        if (c->resolve_case.action == BOOKING_ACTION_REFUND || draw(w, 8) == 0)
            c->resolve_case.amount_minor = o.total_minor - (draw(w, 4) == 0);
        return;
    }
    uint32_t count = (uint32_t)draw(w, 3);
    for (uint32_t i = 0; i < count; i++)
        list[i] = draw(w, 20) ? o.units[draw(w, o.unit_count ? o.unit_count : 1)]
                              : (uint32_t)draw(w, UNITS);
    c->number = BOOKING_COMMAND_refund;
    c->refund = (struct command_refund){.order = order,
                                        .order_random = o.random,
                                        .units = {list, count},
                                        .block = draw(w, 8) == 0,
                                        .by = SLICE("eve")};
}

/* A rising list of units, each with one chance in `rarity`. */
static struct u32s random_units(struct world *w, uint32_t *list, uint32_t rarity)
{
    uint32_t count = 0;
    for (uint32_t unit = 0; unit < UNITS; unit++)
        if (draw(w, rarity) == 0)
            list[count++] = unit;
    return (struct u32s){list, count};
}

static struct u32s random_areas(struct world *w, uint32_t *list)
{
    list[0] = 0;
    list[1] = 1 + (uint32_t)draw(w, 4);
    return (struct u32s){list, draw(w, 4) ? 0 : 2u};
}

static void random_allocation(struct world *w)
{
    uint32_t lists[4][UNITS], count = booking_event(w->b).allocation_count;
    struct hash16 codes[4];
    for (unsigned i = 0; i < 4; i++)
        codes[i] = person(2000 + draw(w, CODES));
    uint32_t number = count < 3 || draw(w, 10) == 0 ? count + 1 : count - (uint32_t)draw(w, 3);
    char id = (char)(' ' + number);
    struct booking_command command = {.number = BOOKING_COMMAND_change_allocation};
    struct command_change_allocation *c = &command.change_allocation;
    *c = (struct command_change_allocation){
        .allocation = number,
        .id = slice_make(&id, 1),
        .name = SLICE("an allocation"),
        .kind = (uint8_t)(1 + draw(w, 4)),
        .opens_at_us = draw(w, 3) ? 0 : w->now_us + draw(w, 30 * SECOND),
        .releases_at_us = draw(w, 4) ? 0 : w->now_us + draw(w, 100 * SECOND),
        .release = draw(w, 40) == 0,
        .add_areas = random_areas(w, lists[2]),
        .remove_areas = random_areas(w, lists[3]),
        .codes = slice_make(codes, draw(w, 3) * 16),
        .code_limit = (uint32_t)draw(w, 6),
        .revoke = slice_make(codes + 2, draw(w, 4) ? 0 : draw(w, 3) * 16),
    };
    if (draw(w, 2))
        c->add = random_units(w, lists[0], 20);
    if (draw(w, 3) == 0)
        c->remove = random_units(w, lists[1], 40);
    submit(w, &command);
}

static void random_change(struct world *w)
{
    uint32_t units[UNITS], limits[2], quotas[2];
    uint64_t sets[2], prices[2];
    struct booking_command command = {.number = BOOKING_COMMAND_change_event};
    struct command_change_event *c = &command.change_event;
    c->sale = draw(w, 12) ? BOOKING_SALES_OPEN
                          : (uint8_t)(BOOKING_SALES_PAUSED + draw(w, 3)); /* or bad */
    switch (draw(w, 8)) {
    case 0:
    case 1: c->block = random_units(w, units, 40); break;
    case 2:
    case 3:
    case 4: c->unblock = random_units(w, units, 40); break;
    case 5:
        for (unsigned i = 0; i < 2; i++)
            limits[i] = draw(w, 3) ? 0 : 1 + (uint32_t)draw(w, 8);
        c->per_category = (struct u32s){limits, 2};
        c->per_buyer = 6 + (uint32_t)draw(w, 8);
        c->singles = (uint8_t)draw(w, 3);
        break;
    case 6:
        for (unsigned i = 0; i < 2; i++) {
            sets[i] = 1 + draw(w, 3);
            quotas[i] = (uint32_t)draw(w, 50);
        }
        c->set_quotas = 1;
        c->quota_limits = (struct u32s){quotas, (uint32_t)draw(w, 3)};
        c->quota_categories = (struct u64s){sets, c->quota_limits.count};
        break;
    default:
        for (unsigned i = 0; i < 2; i++)
            prices[i] = 500 + 100 * draw(w, 3);
        c->prices = (struct u64s){prices, draw(w, 8) ? 0 : 2u};
    }
    submit(w, &command);
}

/* The machine goes on from its own image, as after a start. */
static void restart(struct world *w)
{
    struct slice image = booking_image(w->b);
    assert_int_equal(booking_restore_size(image), w->memory);
    struct booking *again = booking_restore(calloc(1, w->memory), w->memory, image);
    struct hash128 before = booking_hash(w->b), after = booking_hash(again);
    assert_true(before.low == after.low && before.high == after.high);
    free(w->b);
    w->b = again;
}

static void random_price_plan(struct world *w)
{
    uint32_t categories[3], from[3], below[3], sizes[2], paid[2];
    uint64_t starts[3], ends[3], prices[3], ceilings[2], sets[2];
    for (unsigned i = 0; i < 3; i++) {
        categories[i] = (uint32_t)draw(w, 2);
        starts[i] = draw(w, 2) ? 0 : w->now_us + draw(w, 20 * SECOND);
        ends[i] = draw(w, 2) ? 0 : w->now_us + draw(w, 40 * SECOND);
        from[i] = (uint32_t)draw(w, 6);
        below[i] = draw(w, 2) ? 0 : (uint32_t)draw(w, 12);
        prices[i] = 500 + 100 * draw(w, 4);
    }
    for (unsigned i = 0; i < 2; i++) {
        ceilings[i] = draw(w, 4) ? 0 : 900 + 100 * draw(w, 14);
        sets[i] = 1 + draw(w, 3);
        sizes[i] = 2 + (uint32_t)draw(w, 3);
        paid[i] = 1 + (uint32_t)draw(w, sizes[i]);
    }
    uint32_t rules = (uint32_t)draw(w, 4), packages = (uint32_t)draw(w, 3);
    struct booking_command c = {.number = BOOKING_COMMAND_change_price_plan};
    c.change_price_plan = (struct command_change_price_plan){.rule_categories = {categories, rules},
                                                             .rule_from_us = {starts, rules},
                                                             .rule_until_us = {ends, rules},
                                                             .rule_sold_from = {from, rules},
                                                             .rule_sold_below = {below, rules},
                                                             .rule_prices = {prices, rules},
                                                             .ceilings = {ceilings, 2},
                                                             .package_categories = {sets, packages},
                                                             .package_sizes = {sizes, packages},
                                                             .package_paid = {paid, packages}};
    submit(w, &c);
}

#define PROMOS 4

static void random_promos(struct world *w)
{
    struct hash16 codes[3];
    for (unsigned i = 0; i < 3; i++)
        codes[i] = person(3000 + draw(w, PROMOS));
    struct booking_command c = {.number = BOOKING_COMMAND_change_promos};
    c.change_promos =
        (struct command_change_promos){.codes = slice_make(codes, draw(w, 3) * 16),
                                       .kind = (uint8_t)(1 + draw(w, 3)),
                                       .value = draw(w, 20) ? 1 + draw(w, 1200) : 10000,
                                       .categories = draw(w, 4),
                                       .uses = (uint32_t)draw(w, 4),
                                       .budget = draw(w, 2) ? 0 : draw(w, 3000),
                                       .until_us = draw(w, 3) ? 0 : w->now_us + 60 * SECOND,
                                       .max_units = (uint32_t)draw(w, 3),
                                       .revoke = slice_make(codes + 2, draw(w, 8) ? 0 : 16)};
    submit(w, &c);
}

/* A promo code for the last hold, or more time for it. */
static void random_quote(struct world *w)
{
    struct booking_hold h = {0};
    uint64_t random = booking_hold_random(w->b, w->last_hold);
    (void)booking_hold_get(w->b, w->last_hold, random, &h);
    struct booking_command c = {.number = BOOKING_COMMAND_quote_hold};
    c.quote_hold = (struct command_quote_hold){
        .hold = w->last_hold, .hold_random = random, .session = h.session};
    if (draw(w, 6))
        c.quote_hold.promo = person(3000 + draw(w, PROMOS + 1)); /* or an unknown one */
    if (draw(w, 5) == 0) {
        c.number = BOOKING_COMMAND_extend_hold;
        c.extend_hold =
            (struct command_extend_hold){w->last_hold, random, h.session, (uint32_t)draw(w, 20)};
    }
    submit(w, &c);
}

static void random_prices(struct world *w)
{
    switch (draw(w, 8)) {
    case 0: random_price_plan(w); break;
    case 1: random_promos(w); break;
    default: random_quote(w);
    }
}

static void random_command(struct world *w)
{
    if (draw(w, 7) == 0) {
        random_prices(w);
        return;
    }
    uint32_t list[8];
    uint64_t tickets[LIMIT_HOLD_UNITS];
    struct booking_command c = {0};
    for (unsigned i = 0; i < LIMIT_HOLD_UNITS; i++)
        tickets[i] = 1 + draw(w, UINT64_MAX - 1);
    switch (draw(w, 16)) {
    case 0: c.number = BOOKING_COMMAND_tick; break;
    case 1: random_change(w); return;
    case 2:
        if (draw(w, 10) == 0) {
            c.number = BOOKING_COMMAND_credit_outage;
            c.credit_outage.outage_us = draw(w, 5) * SECOND;
            break;
        }
        c.number = BOOKING_COMMAND_tick;
        break;
    case 3:
    case 4:
    case 5:
    case 6:
    case 7: random_hold(w, &c, list); break;
    case 8:
    case 9: random_place(w, &c, tickets, list); break;
    case 10: random_allocation(w); return;
    case 11: random_office(w, &c, list); break;
    default: random_news(w, &c, tickets);
    }
    submit(w, &c);
    if (draw(w, 300) == 0)
        restart(w);
    if (draw(w, 4) == 0)
        w->now_us += draw(w, 6 * SECOND);
    if (draw(w, 500) == 0)
        w->now_us += 25 * 3600 * SECOND; /* old enough for slots to be used again */
}

static void replay(struct world *w)
{
    struct booking_entry e;
    assert_true(booking_entry_decode(buf_slice(&w->created), &e));
    struct booking *again = booking_init(calloc(1, w->memory), w->memory, 3, &e.event_created, 1);
    for (size_t at = 0; at < w->log.len;) {
        uint32_t len;
        uint64_t ts;
        memcpy(&len, w->log.data + at, 4);
        memcpy(&ts, w->log.data + at + 4, 8);
        assert_true(booking_entry_decode(slice_make(w->log.data + at + 12, len), &e));
        booking_apply(again, &e, ts, NULL);
        at += 12 + len;
    }
    struct hash128 live = booking_hash(w->b), replayed = booking_hash(again);
    assert_true(live.low == replayed.low && live.high == replayed.high);
    free(again);
}

static void every_invariant_holds_after_every_entry(void **state)
{
    (void)state;
    uint64_t sold = 0;
    uint32_t seen[BOOKING_ENTRY_COUNT_PLUS_ONE] = {0}, refused[BOOKING_REFUSAL_COUNT] = {0};
    for (uint64_t round = 1; round <= ROUNDS; round++) {
        struct world *w = calloc(1, sizeof *w);
        assert_non_null(w);
        w->random = round * 0x9e3779b97f4a7c15ull;
        w->seen = seen;
        w->refused = refused;
        world_begin(w);
        for (unsigned i = 0; i < COMMANDS; i++)
            random_command(w);
        for (unsigned unit = 0; unit < UNITS; unit++) {
            assert_int_equal(w->sold_now[unit],
                             booking_unit_state(w->b, unit, w->now_us) == BOOKING_SOLD);
        }
        sold += w->sales;
        replay(w);
        free(w->b);
        buf_finish(&w->created);
        buf_finish(&w->log);
        free(w);
    }
    assert_true(sold > ROUNDS * 10); /* the rounds did sell, and did everything else */
    for (uint16_t number = 2; number < BOOKING_ENTRY_COUNT_PLUS_ONE; number++)
        if (seen[number] < ROUNDS / 10 && number != BOOKING_ENTRY_plan_changed)
            fail_msg("%s was seen %u times", booking_entry_record(number)->name, seen[number]);
    for (int refusal = 0; refusal < BOOKING_REFUSAL_COUNT; refusal++)
        if (refused[refusal] < 3 && refusal != BOOKING_SALE_NOT_OPEN &&
            refusal != BOOKING_EVENT_LIMIT && refusal != BOOKING_FULL)
            fail_msg("%s was told %u times", booking_refusal_code((enum booking_refusal)refusal),
                     refused[refusal]);
}

/* Bytes that are no entry are refused, never believed. */
static void damaged_bytes_never_decode_past_their_end(void **state)
{
    (void)state;
    uint32_t units[3] = {1, 2, 3};
    struct booking_entry e = {.number = BOOKING_ENTRY_units_held};
    e.units_held = (struct entry_units_held){.hold = 1, .hold_random = 2, .units = {units, 3}};
    char bytes[256];
    assert_true(booking_entry_size(&e) < sizeof bytes);
    size_t size = booking_entry_encode(&e, bytes);
    struct booking_entry out;
    assert_true(booking_entry_decode(slice_make(bytes, size), &out));
    assert_int_equal(u32s_at(out.units_held.units, 2), 3);
    char *longer = malloc(size + 1);
    memcpy(longer, bytes, size);
    longer[size] = 0;
    assert_false(booking_entry_decode(slice_make(longer, size + 1), &out));
    free(longer);
    for (size_t len = 0; len < size; len++) {
        char *copy = malloc(len ? len : 1); /* so that the sanitizer sees one byte too far */
        memcpy(copy, bytes, len);
        (void)booking_entry_decode(slice_make(copy, len), &out);
        free(copy);
    }
    char unknown[4] = {(char)0xff, 0x7f, 0, 0};
    assert_false(booking_entry_decode(slice_make(unknown, 4), &out));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_invariant_holds_after_every_entry),
        cmocka_unit_test(damaged_bytes_never_decode_past_their_end),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
