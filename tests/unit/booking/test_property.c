#include "base/buf.h"
#include "booking/booking.h"
#include "booking/inventory.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

/* Random commands in small, crowded events: after every entry each invariant holds, replay gives
 * the same state, and no seat is ever sold twice by a count of our own. */

#define SECOND 1000000ull
#define ROUNDS 60
#define COMMANDS 1500
#define BUYERS 12

struct world {
    uint64_t random;
    struct booking *b;
    size_t memory;
    uint64_t now_us;
    struct buf created, log;
    uint32_t sold_now[64]; /* by unit: our own books */
    uint32_t last_hold, last_order;
    struct booking_decision d;
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

static void world_begin(struct world *w)
{
    static const uint64_t prices[2] = {1000, 2000}, fees[2] = {100, 0};
    static const uint32_t blocked[1] = {31};
    BUF_AUTO struct buf inventory = BUF_INIT;
    uint32_t head[] = {INVENTORY_VERSION, ROWS * SEATS, ROWS, 1, 1, 2};
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
    };
    const char *detail = "";
    assert_true(booking_created_valid(&e.event_created, &detail));
    char *to = buf_reserve(&w->created, booking_entry_size(&e));
    w->created.len = booking_entry_encode(&e, to);
    w->memory = booking_memory_size(&e.event_created);
    w->b = booking_init(calloc(1, w->memory), w->memory, 3, &e.event_created, 1);
    w->now_us = SECOND;
}

static void own_books(struct world *w, const struct booking_entry *e)
{
    if (e->number == BOOKING_ENTRY_order_placed)
        w->last_order = e->order_placed.order;
    if (e->number != BOOKING_ENTRY_order_sold)
        return;
    for (uint32_t i = 0; i < e->order_sold.units.count; i++) {
        uint32_t unit = u32s_at(e->order_sold.units, i);
        assert_int_equal(w->sold_now[unit], 0);
        w->sold_now[unit] = 1;
    }
}

static void submit(struct world *w, const struct booking_command *c)
{
    booking_decide(w->b, c, w->now_us, &w->d);
    for (uint32_t i = 0; i < w->d.entry_count; i++) {
        struct booking_entry e;
        BUF_AUTO struct buf bytes = BUF_INIT;
        char *to = buf_reserve(&bytes, booking_entry_size(&w->d.entries[i]));
        bytes.len = booking_entry_encode(&w->d.entries[i], to);
        assert_true(booking_entry_decode(buf_slice(&bytes), &e));
        uint64_t ts = w->now_us++;
        own_books(w, &e);
        booking_apply(w->b, &e, ts, NULL);
        uint32_t len = (uint32_t)bytes.len;
        buf_append(&w->log, &len, 4);
        buf_append(&w->log, &ts, 8);
        buf_append_slice(&w->log, buf_slice(&bytes));
    }
    if (w->d.hold != BOOKING_NONE)
        w->last_hold = w->d.hold;
    const char *wrong = booking_check(w->b);
    if (wrong)
        fail_msg("%s", wrong);
}

static void random_hold(struct world *w, struct booking_command *c, uint32_t *list)
{
    uint32_t count = 1 + (uint32_t)draw(w, 5);
    c->number = BOOKING_COMMAND_hold;
    c->hold = (struct command_hold){.hold_random = 1 + draw(w, UINT64_MAX - 1),
                                    .session = person(draw(w, BUYERS))};
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
        c->hold.best_category = (uint32_t)draw(w, 2);
        c->hold.best_quantity = count;
        break;
    default:
        for (uint32_t i = 0; i < count; i++)
            list[i] = (uint32_t)draw(w, ROWS * SEATS);
        c->hold.seats = (struct u32s){list, count};
    }
}

/* A hold slot to act on, with the session that owns it more often than not. */
static void random_place(struct world *w, struct booking_command *c, const uint64_t *tickets)
{
    uint32_t back = (uint32_t)draw(w, 8), hold = w->last_hold > back ? w->last_hold - back : 0;
    struct booking_hold h = {0};
    (void)booking_hold_get(w->b, hold, booking_hold_random(w->b, hold), &h);
    struct hash16 session = draw(w, 8) == 0 ? person(draw(w, BUYERS)) : h.session;
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
                                                  .ticket_randoms = {tickets, LIMIT_HOLD_UNITS}};
}

static void random_news(struct world *w, struct booking_command *c, const uint64_t *tickets)
{
    uint32_t slots = booking_order_slots(w->b);
    uint32_t order = draw(w, 3) ? w->last_order : (uint32_t)draw(w, slots + 1);
    struct booking_order o = {0};
    (void)booking_order_get(w->b, order, booking_order_random(w->b, order), &o);
    if (draw(w, 10) == 0) {
        c->number = BOOKING_COMMAND_cancel_order;
        c->cancel_order = (struct command_cancel_order){order, o.random, o.session};
        return;
    }
    c->number = BOOKING_COMMAND_payment_news;
    c->payment_news = (struct command_payment_news){
        .order = order,
        .order_random = o.random,
        .kind = (uint8_t)(1 + draw(w, 6)),
        .intent = draw(w, 20) == 0 ? SLICE("pi_other") : SLICE("pi_1"),
        .client_secret = SLICE("s"),
        .amount_minor = o.total_minor - (draw(w, 30) == 0),
        .code = SLICE("c"),
        .ticket_randoms = {tickets, LIMIT_HOLD_UNITS}};
}

static void random_command(struct world *w)
{
    uint32_t list[8];
    uint64_t tickets[LIMIT_HOLD_UNITS];
    struct booking_command c = {0};
    for (unsigned i = 0; i < LIMIT_HOLD_UNITS; i++)
        tickets[i] = 1 + draw(w, UINT64_MAX - 1);
    switch (draw(w, 12)) {
    case 0: c.number = BOOKING_COMMAND_tick; break;
    case 1:
        c.number = BOOKING_COMMAND_change_event;
        list[0] = (uint32_t)draw(w, ROWS * SEATS + AREA);
        if (draw(w, 2))
            c.change_event.block = (struct u32s){list, 1};
        else
            c.change_event.unblock = (struct u32s){list, 1};
        c.change_event.sale = draw(w, 20) == 0 ? BOOKING_SALES_PAUSED : BOOKING_SALES_OPEN;
        break;
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
    case 6: random_hold(w, &c, list); break;
    case 7:
    case 8: random_place(w, &c, tickets); break;
    default: random_news(w, &c, tickets);
    }
    submit(w, &c);
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
    for (uint64_t round = 1; round <= ROUNDS; round++) {
        struct world *w = calloc(1, sizeof *w);
        assert_non_null(w);
        w->random = round * 0x9e3779b97f4a7c15ull;
        world_begin(w);
        for (unsigned i = 0; i < COMMANDS; i++)
            random_command(w);
        for (unsigned unit = 0; unit < ROWS * SEATS + AREA; unit++) {
            sold += w->sold_now[unit];
            assert_int_equal(w->sold_now[unit],
                             booking_unit_state(w->b, unit, w->now_us) == BOOKING_SOLD);
        }
        replay(w);
        free(w->b);
        buf_finish(&w->created);
        buf_finish(&w->log);
        free(w);
    }
    assert_true(sold > ROUNDS * 10); /* the rounds did sell */
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
