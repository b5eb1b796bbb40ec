#include "base/buf.h"
#include "base/time.h"
#include "booking/booking.h"
#include "booking/inventory.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdlib.h>

/* Another plan while the event is on sale: what stays, what goes, what is refused. */

#define NO INVENTORY_NO_SEAT
#define LIST(array)                            \
    {                                          \
        array, sizeof(array) / sizeof *(array) \
    }

/* A plan of blocks as long as `blocks` says; seats in order; category 0 unless `dear` names it. */
struct drawing {
    uint32_t blocks[4], block_count;
    uint32_t dear[4], dear_count;
    uint32_t specials[4][3], special_count;
    uint32_t group[4], group_size;
    uint32_t area_capacity;
};

static void put32(struct buf *out, uint32_t value)
{
    buf_append(out, &value, 4);
}

static bool is_dear(const struct drawing *p, uint32_t seat)
{
    for (uint32_t i = 0; i < p->dear_count; i++)
        if (p->dear[i] == seat)
            return true;
    return false;
}

static void draw(const struct drawing *p, struct buf *out)
{
    uint32_t seats = 0;
    buf_clear(out);
    for (uint32_t i = 0; i < p->block_count; i++)
        seats += p->blocks[i];
    uint32_t head[] = {INVENTORY_VERSION, seats,        p->block_count, 1, 1, 2, p->special_count,
                       p->group_size > 0, p->group_size};
    buf_append(out, head, sizeof head);
    for (uint32_t i = 0; i < p->block_count; i++) {
        put32(out, 0);
        put32(out, p->blocks[i]);
    }
    for (uint32_t i = 0; i < seats; i++)
        put32(out, i);
    for (uint32_t i = 0; i < seats; i++)
        put32(out, 10 + i);
    for (uint32_t i = 0; i < seats; i++)
        buf_append_char(out, is_dear(p, i));
    put32(out, p->area_capacity);
    put32(out, 0);
    for (uint32_t i = 0; i < p->special_count; i++)
        for (uint32_t k = 0; k < 3; k++)
            put32(out, p->specials[i][k]);
    if (p->group_size > 0)
        put32(out, p->group_size);
    for (uint32_t i = 0; i < p->group_size; i++)
        put32(out, p->group[i]);
}

/* One event with everything that was ever applied, so that it can be told again. */
struct house {
    struct booking *booking;
    struct buf inventory;
    struct buf log; /* u64 ts, u32 length, bytes */
    uint64_t now_us;
    struct booking_decision decision;
};

static const struct drawing old_plan = {
    .blocks = {3, 3}, .block_count = 2, .dear = {3, 4, 5}, .dear_count = 3, .area_capacity = 4};
static const uint64_t prices[2] = {1000, 2000}, fees[2] = {100, 200};

static struct booking *move(struct booking *b, const struct booking_entry *e, uint64_t ts_us)
{
    size_t size = booking_change_plan_size(b, &e->plan_changed);
    void *memory = calloc(1, size);
    assert_non_null(memory);
    struct booking *after = booking_change_plan(b, memory, size, &e->plan_changed, ts_us);
    free(b);
    return after;
}

static struct booking *apply(struct booking *b, const struct booking_entry *e, uint64_t ts_us)
{
    if (e->number == BOOKING_ENTRY_plan_changed)
        return move(b, e, ts_us);
    booking_apply(b, e, ts_us, NULL);
    return b;
}

static struct booking *begin(struct buf *inventory)
{
    draw(&old_plan, inventory);
    struct entry_event_created created = {
        .event_random = 1,
        .organiser_random = 2,
        .currency = SLICE("EUR"),
        .hold_seconds = 600,
        .pay_seconds = 900,
        .per_buyer = 20,
        .per_hold = 8,
        .prices = {prices, 2},
        .fees = {fees, 2},
        .inventory = buf_slice(inventory),
    };
    const char *detail = NULL;
    if (!booking_created_valid(&created, &detail))
        fail_msg("%s", detail);
    size_t size = booking_memory_size(&created);
    void *memory = calloc(1, size);
    assert_non_null(memory);
    return booking_init(memory, size, 7, &created, 1000);
}

static int open_house(void **state)
{
    struct house *h = calloc(1, sizeof *h);
    h->inventory = (struct buf)BUF_INIT;
    h->log = (struct buf)BUF_INIT;
    h->booking = begin(&h->inventory);
    h->now_us = 2000;
    *state = h;
    return 0;
}

/* Tells all entries to a second machine, from their bytes. */
static void replay_is_equal(const struct house *h)
{
    BUF_AUTO struct buf inventory = BUF_INIT;
    struct booking *b = begin(&inventory);
    for (size_t at = 0; at < h->log.len;) {
        uint64_t ts_us;
        uint32_t len;
        struct booking_entry e;
        memcpy(&ts_us, h->log.data + at, 8);
        memcpy(&len, h->log.data + at + 8, 4);
        assert_true(booking_entry_decode(slice_make(h->log.data + at + 12, len), &e));
        b = apply(b, &e, ts_us);
        at += 12 + len;
    }
    struct hash128 x = booking_hash(h->booking), y = booking_hash(b);
    assert_true(x.low == y.low && x.high == y.high);
    struct slice image = booking_image(b);
    size_t size = booking_restore_size(image);
    assert_true(size > 0);
    void *memory = calloc(1, size);
    struct hash128 z = booking_hash(booking_restore(memory, size, image));
    assert_true(x.low == z.low && x.high == z.high);
    free(memory);
    free(b);
}

static int close_house(void **state)
{
    struct house *h = *state;
    replay_is_equal(h);
    free(h->booking);
    buf_finish(&h->inventory);
    buf_finish(&h->log);
    free(h);
    return 0;
}

static enum booking_refusal tell(struct house *h, const struct booking_command *c)
{
    booking_decide(h->booking, c, ++h->now_us, &h->decision);
    for (uint32_t i = 0; i < h->decision.entry_count; i++) {
        const struct booking_entry *e = &h->decision.entries[i];
        uint32_t len = (uint32_t)booking_entry_size(e);
        buf_append(&h->log, &h->now_us, 8);
        buf_append(&h->log, &len, 4);
        char *to = buf_reserve(&h->log, len);
        uint32_t used = (uint32_t)booking_entry_encode(e, to);
        memcpy(to - 4, &used, 4);
        h->log.len += used;
        h->booking = apply(h->booking, e, h->now_us++);
    }
    const char *wrong = booking_check(h->booking);
    if (wrong)
        fail_msg("%s", wrong);
    return h->decision.refusal;
}

static enum booking_refusal hold(struct house *h, uint8_t who, struct u32s seats)
{
    struct booking_command c = {.number = BOOKING_COMMAND_hold};
    c.hold.hold_random = 77;
    c.hold.session.bytes[0] = who;
    c.hold.seats = seats;
    return tell(h, &c);
}

static void sell(struct house *h, uint8_t who, struct u32s seats)
{
    static const uint64_t randoms[LIMIT_HOLD_UNITS] = {5, 6, 7, 8};
    assert_int_equal(hold(h, who, seats), BOOKING_OK);
    struct booking_command order = {.number = BOOKING_COMMAND_place_order};
    order.place_order = (struct command_place_order){.order_random = 99,
                                                     .hold = h->decision.hold,
                                                     .hold_random = 77,
                                                     .person = 1,
                                                     .contact = SLICE("x")};
    order.place_order.session.bytes[0] = who;
    order.place_order.email_hash.bytes[0] = who;
    assert_int_equal(tell(h, &order), BOOKING_OK);
    struct booking_command paid = {.number = BOOKING_COMMAND_payment_news};
    struct booking_order o;
    assert_true(booking_order_get(h->booking, h->decision.order, 99, &o));
    paid.payment_news =
        (struct command_payment_news){.order = h->decision.order,
                                      .order_random = 99,
                                      .kind = BOOKING_PAYMENT_AUTHORISED,
                                      .intent = SLICE("pi_1"),
                                      .amount_minor = o.total_minor,
                                      .ticket_randoms = {randoms, LIMIT_HOLD_UNITS}};
    assert_int_equal(tell(h, &paid), BOOKING_OK);
}

static enum booking_refusal change(struct house *h, const struct drawing *plan, struct u32s units)
{
    BUF_AUTO struct buf inventory = BUF_INIT;
    draw(plan, &inventory);
    struct booking_command c = {.number = BOOKING_COMMAND_change_plan};
    c.change_plan.inventory = buf_slice(&inventory);
    c.change_plan.units = units;
    return tell(h, &c);
}

static enum booking_unit_state unit(const struct house *h, uint32_t number)
{
    return booking_unit_state(h->booking, number, h->now_us);
}

static const uint32_t first[] = {0}, second[] = {1}, dear_one[] = {4}, pair[] = {1, 2};

/* Units are 0-5 seats, 6-9 the area. The new plan begins with a new seat, has lost 5, and has
 * another behind the rest. */
static const struct drawing wider = {
    .blocks = {4, 3}, .block_count = 2, .dear = {4, 5}, .dear_count = 2, .area_capacity = 4};
static const uint32_t wider_units[] = {10, 0, 1, 2, 3, 4, 11};

static void what_is_held_and_sold_stays_and_new_seats_are_for_sale(void **state)
{
    struct house *h = *state;
    sell(h, 1, (struct u32s)LIST(dear_one));
    assert_int_equal(hold(h, 2, (struct u32s)LIST(second)), BOOKING_OK);
    uint32_t held = h->decision.hold;
    assert_int_equal(change(h, &wider, (struct u32s)LIST(wider_units)), BOOKING_OK);
    assert_int_equal(booking_event(h->booking).seat_count, 7);
    assert_int_equal(booking_event(h->booking).unit_count, 12);
    assert_int_equal(unit(h, 4), BOOKING_SOLD);
    assert_int_equal(unit(h, 1), BOOKING_HELD);
    assert_int_equal(unit(h, 5), BOOKING_BLOCKED);
    assert_int_equal(unit(h, 10), BOOKING_FREE);
    assert_int_equal(booking_seat_unit(h->booking, 0), 10);
    assert_int_equal(booking_unit_seat(h->booking, 4), 5);
    assert_int_equal(booking_unit_seat(h->booking, 5), BOOKING_NONE);
    assert_int_equal(booking_category_counts(h->booking, 1).capacity, 2);
    assert_int_equal(booking_category_counts(h->booking, 0).capacity, 5 + 4);
    assert_int_equal(booking_ticket_random(h->booking, 4), 5);
    static const uint32_t both_new[] = {10, 11};
    assert_int_equal(hold(h, 3, (struct u32s)LIST(both_new)), BOOKING_OK);
    struct booking_command release = {.number = BOOKING_COMMAND_release_hold};
    release.release_hold = (struct command_release_hold){.hold = held, .hold_random = 77};
    release.release_hold.session.bytes[0] = 2;
    assert_int_equal(tell(h, &release), BOOKING_OK);
    assert_int_equal(unit(h, 1), BOOKING_FREE);
}

static void the_best_seats_and_the_area_are_found_in_the_new_plan(void **state)
{
    struct house *h = *state;
    assert_int_equal(change(h, &wider, (struct u32s)LIST(wider_units)), BOOKING_OK);
    struct booking_command best = {.number = BOOKING_COMMAND_hold};
    best.hold.hold_random = 77;
    best.hold.best_quantity = 4;
    best.hold.best_categories = 1;
    best.hold.session.bytes[0] = 1;
    assert_int_equal(tell(h, &best), BOOKING_OK);
    assert_int_equal(unit(h, 10), BOOKING_HELD);
    assert_int_equal(unit(h, 0), BOOKING_HELD);
    static const uint32_t all_four[] = {0, 4};
    struct booking_command area = {.number = BOOKING_COMMAND_hold};
    area.hold.hold_random = 77;
    area.hold.areas = (struct u32s)LIST(all_four);
    area.hold.session.bytes[0] = 2;
    assert_int_equal(tell(h, &area), BOOKING_OK);
    assert_int_equal(unit(h, 6), BOOKING_HELD);
    assert_int_equal(unit(h, 9), BOOKING_HELD);
    assert_int_equal(booking_area(h->booking, 0).available, 0);
}

static void a_seat_that_somebody_has_cannot_be_removed_or_change_its_price(void **state)
{
    struct house *h = *state;
    static const uint32_t without_two[] = {0, 1, 3, 4, 5};
    const struct drawing shorter = {
        .blocks = {2, 3}, .block_count = 2, .dear = {2, 3, 4}, .dear_count = 3, .area_capacity = 4};
    static const uint32_t the_two[] = {2};
    sell(h, 1, (struct u32s)LIST(the_two));
    assert_int_equal(change(h, &shorter, (struct u32s)LIST(without_two)), BOOKING_UNIT_NOT_FREE);
    assert_int_equal(h->decision.culprit_count, 1);
    assert_int_equal(h->decision.culprits[0], 2);
    static const uint32_t as_it_was[] = {0, 1, 2, 3, 4, 5};
    struct drawing dearer = old_plan;
    dearer.dear[3] = 2;
    dearer.dear_count = 4;
    assert_int_equal(change(h, &dearer, (struct u32s)LIST(as_it_was)), BOOKING_UNIT_NOT_FREE);
    dearer.dear[3] = 1;
    assert_int_equal(change(h, &dearer, (struct u32s)LIST(as_it_was)), BOOKING_OK);
    assert_int_equal(booking_unit_category(h->booking, 1), 1);
}

static void a_hold_that_ran_out_is_not_in_the_way(void **state)
{
    struct house *h = *state;
    assert_int_equal(hold(h, 1, (struct u32s)LIST(first)), BOOKING_OK);
    static const uint32_t without[] = {1, 2, 3, 4, 5};
    const struct drawing shorter = {
        .blocks = {2, 3}, .block_count = 2, .dear = {2, 3, 4}, .dear_count = 3, .area_capacity = 4};
    assert_int_equal(change(h, &shorter, (struct u32s)LIST(without)), BOOKING_UNIT_NOT_FREE);
    h->now_us += 600ull * 1000000;
    assert_int_equal(change(h, &shorter, (struct u32s)LIST(without)), BOOKING_OK);
    assert_int_equal(h->decision.entries[0].number, BOOKING_ENTRY_hold_expired);
    assert_int_equal(hold(h, 2, (struct u32s)LIST(first)), BOOKING_UNKNOWN_UNIT);
}

static void numbers_that_cannot_be_are_refused(void **state)
{
    struct house *h = *state;
    static const uint32_t twice[] = {0, 1, 2, 3, 4, 4}, areas[] = {0, 1, 2, 3, 4, 6},
                          gap[] = {0, 1, 2, 3, 4, 11}, few[] = {0, 1, 2, 3, 4},
                          fine[] = {0, 1, 2, 3, 4, 5};
    assert_int_equal(change(h, &old_plan, (struct u32s)LIST(twice)), BOOKING_REPEATED_UNIT);
    assert_int_equal(change(h, &old_plan, (struct u32s)LIST(areas)), BOOKING_UNKNOWN_UNIT);
    assert_int_equal(change(h, &old_plan, (struct u32s)LIST(gap)), BOOKING_UNKNOWN_UNIT);
    assert_int_equal(change(h, &old_plan, (struct u32s)LIST(few)), BOOKING_BAD_CHANGE);
    struct drawing larger = old_plan;
    larger.area_capacity = 5;
    assert_int_equal(change(h, &larger, (struct u32s)LIST(fine)), BOOKING_BAD_CHANGE);
    assert_int_equal(change(h, &old_plan, (struct u32s)LIST(fine)), BOOKING_OK);
}

static void a_removed_seat_does_not_come_back_under_its_old_number(void **state)
{
    struct house *h = *state;
    assert_int_equal(change(h, &wider, (struct u32s)LIST(wider_units)), BOOKING_OK);
    static const uint32_t with_five[] = {10, 0, 1, 2, 3, 4, 5};
    assert_int_equal(change(h, &wider, (struct u32s)LIST(with_five)), BOOKING_UNKNOWN_UNIT);
    static const uint32_t with_new[] = {10, 0, 1, 2, 3, 4, 12};
    assert_int_equal(change(h, &wider, (struct u32s)LIST(with_new)), BOOKING_OK);
    assert_int_equal(booking_event(h->booking).unit_count, 13);
}

/* Not even the organiser's. */
static void a_removed_seat_is_nobodys(void **state)
{
    struct house *h = *state;
    static const uint32_t gone[] = {5};
    assert_int_equal(change(h, &wider, (struct u32s)LIST(wider_units)), BOOKING_OK);
    struct booking_command block = {.number = BOOKING_COMMAND_change_event};
    block.change_event.block = (struct u32s)LIST(gone);
    assert_int_equal(tell(h, &block), BOOKING_UNKNOWN_UNIT);
    struct booking_command unblock = {.number = BOOKING_COMMAND_change_event};
    unblock.change_event.unblock = (struct u32s)LIST(gone);
    assert_int_equal(tell(h, &unblock), BOOKING_UNKNOWN_UNIT);
    struct booking_command keep = {.number = BOOKING_COMMAND_change_allocation};
    keep.change_allocation = (struct command_change_allocation){
        .allocation = 1, .id = SLICE("a"), .kind = BOOKING_ALLOCATION_VIP, .add = LIST(gone)};
    assert_int_equal(tell(h, &keep), BOOKING_UNKNOWN_UNIT);
    assert_int_equal(hold(h, 1, (struct u32s)LIST(gone)), BOOKING_UNKNOWN_UNIT);
}

static void a_new_group_or_companion_takes_no_seat_from_whoever_has_it_alone(void **state)
{
    struct house *h = *state;
    static const uint32_t as_it_was[] = {0, 1, 2, 3, 4, 5};
    struct drawing grouped = old_plan, paired = old_plan;
    grouped.group[0] = 1;
    grouped.group[1] = 2;
    grouped.group_size = 2;
    paired.specials[0][0] = 1;
    paired.specials[0][1] = BOOKING_KIND_COMPANION;
    paired.specials[0][2] = 2;
    paired.special_count = 1;
    sell(h, 1, (struct u32s)LIST(second));
    assert_int_equal(change(h, &grouped, (struct u32s)LIST(as_it_was)), BOOKING_UNIT_NOT_FREE);
    assert_int_equal(change(h, &paired, (struct u32s)LIST(as_it_was)), BOOKING_UNIT_NOT_FREE);
}

static void a_party_that_has_both_seats_keeps_them_as_a_group(void **state)
{
    struct house *h = *state;
    static const uint32_t as_it_was[] = {0, 1, 2, 3, 4, 5};
    struct drawing grouped = old_plan;
    grouped.group[0] = 1;
    grouped.group[1] = 2;
    grouped.group_size = 2;
    sell(h, 1, (struct u32s)LIST(pair));
    assert_int_equal(change(h, &grouped, (struct u32s)LIST(as_it_was)), BOOKING_OK);
    uint32_t units[LIMIT_HOLD_UNITS];
    assert_int_equal(booking_unit_group(h->booking, 1, units), 2);
    assert_int_equal(change(h, &old_plan, (struct u32s)LIST(as_it_was)), BOOKING_OK);
    assert_int_equal(booking_unit_group(h->booking, 1, units), 0);
}

/* ---- what was given back ---- */

static struct booking_order order_zero(const struct house *h)
{
    struct booking_order o;
    assert_true(booking_order_get(h->booking, 0, booking_order_random(h->booking, 0), &o));
    return o;
}

static enum booking_refusal news(struct house *h, enum booking_payment kind)
{
    static const uint64_t randoms[LIMIT_HOLD_UNITS] = {5, 6, 7, 8};
    struct booking_command c = {.number = BOOKING_COMMAND_payment_news};
    struct booking_order o = order_zero(h);
    c.payment_news = (struct command_payment_news){.order_random = o.random,
                                                   .kind = (uint8_t)kind,
                                                   .intent = SLICE("pi_1"),
                                                   .amount_minor = o.total_minor,
                                                   .refund = 1,
                                                   .attempt = 1,
                                                   .ticket_randoms = {randoms, LIMIT_HOLD_UNITS}};
    return tell(h, &c);
}

static void give_back(struct house *h, struct u32s units)
{
    struct booking_command c = {.number = BOOKING_COMMAND_refund};
    c.refund.order_random = order_zero(h).random;
    c.refund.units = units;
    assert_int_equal(news(h, BOOKING_PAYMENT_CAPTURED), BOOKING_OK);
    assert_int_equal(tell(h, &c), BOOKING_OK);
}

static const uint32_t as_it_is[] = {0, 1, 2, 3, 4, 5};

static struct drawing with_group(void)
{
    struct drawing plan = old_plan;
    plan.group[0] = 1;
    plan.group[1] = 2;
    plan.group_size = 2;
    return plan;
}

static void a_group_that_a_refund_took_apart_is_not_in_the_way(void **state)
{
    struct house *h = *state;
    struct drawing grouped = with_group(), another = with_group();
    sell(h, 1, (struct u32s)LIST(pair));
    assert_int_equal(change(h, &grouped, (struct u32s)LIST(as_it_is)), BOOKING_OK);
    give_back(h, (struct u32s)LIST(second));
    assert_int_equal(unit(h, 1), BOOKING_FREE);
    assert_int_equal(change(h, &grouped, (struct u32s)LIST(as_it_is)), BOOKING_OK);
    another.group[0] = 3;
    assert_int_equal(change(h, &another, (struct u32s)LIST(as_it_is)), BOOKING_UNIT_NOT_FREE);
    assert_int_equal(change(h, &old_plan, (struct u32s)LIST(as_it_is)), BOOKING_OK);
    assert_int_equal(change(h, &grouped, (struct u32s)LIST(as_it_is)), BOOKING_UNIT_NOT_FREE);
}

static void a_refund_is_of_the_price_that_was_paid(void **state)
{
    struct house *h = *state;
    struct drawing dearer = old_plan;
    dearer.dear[0] = 1;
    dearer.dear_count = 1;
    sell(h, 1, (struct u32s)LIST(pair));
    int64_t paid = order_zero(h).lines[0].total_minor;
    give_back(h, (struct u32s)LIST(second));
    assert_int_equal(change(h, &dearer, (struct u32s)LIST(as_it_is)), BOOKING_OK);
    assert_int_equal(booking_unit_category(h->booking, 1), 1);
    assert_int_equal(order_zero(h).lines[0].total_minor, paid);
    assert_int_equal(booking_refund_amount(h->booking, 0, 1), paid);
    assert_int_equal(news(h, BOOKING_PAYMENT_REFUNDED), BOOKING_OK);
    assert_int_equal(news(h, BOOKING_PAYMENT_REFUND_FAILED), BOOKING_OK);
    assert_int_equal(booking_ledger(h->booking).minor[BOOKING_ACCOUNT_REFUNDS], -paid);
}

/* Its time is over, and money comes for it after the plan was changed. */
static enum booking_order_state late_payment(struct house *h, const struct drawing *plan)
{
    struct booking_command c = {.number = BOOKING_COMMAND_place_order};
    struct booking_command tick = {.number = BOOKING_COMMAND_tick};
    assert_int_equal(hold(h, 1, (struct u32s)LIST(second)), BOOKING_OK);
    c.place_order = (struct command_place_order){.order_random = 99, .hold_random = 77};
    c.place_order.hold = h->decision.hold;
    c.place_order.session.bytes[0] = 1;
    assert_int_equal(tell(h, &c), BOOKING_OK);
    h->now_us += 900 * TIME_SECOND_US;
    assert_int_equal(tell(h, &tick), BOOKING_OK);
    assert_int_equal(change(h, plan, (struct u32s)LIST(as_it_is)), BOOKING_OK);
    assert_int_equal(news(h, BOOKING_PAYMENT_CAPTURED), BOOKING_OK);
    return order_zero(h).state;
}

static void a_late_payment_finds_its_seat_in_another_plan(void **state)
{
    struct drawing same = old_plan;
    assert_int_equal(late_payment(*state, &same), BOOKING_ORDER_CAPTURED);
}

static void a_late_payment_goes_back_when_its_seat_has_another_price_now(void **state)
{
    struct drawing dearer = old_plan;
    dearer.dear[0] = 1;
    dearer.dear_count = 1;
    assert_int_equal(late_payment(*state, &dearer), BOOKING_ORDER_ENDING);
}

static void a_late_payment_goes_back_when_its_seat_is_of_a_group_now(void **state)
{
    struct drawing grouped = with_group();
    assert_int_equal(late_payment(*state, &grouped), BOOKING_ORDER_ENDING);
}

static void rules_packages_promo_codes_and_quotes_move_along(void **state)
{
    struct house *h = *state;
    static const uint32_t category[1] = {0}, none[1] = {0}, size[1] = {2}, paid[1] = {1};
    static const uint64_t from[1] = {0}, price[1] = {900}, ceiling[2] = {1000, 0}, set[1] = {1};
    struct booking_command plan = {.number = BOOKING_COMMAND_change_price_plan};
    plan.change_price_plan = (struct command_change_price_plan){
        {category, 1}, {from, 1},    {from, 1}, {none, 1}, {none, 1},
        {price, 1},    {ceiling, 2}, {set, 1},  {size, 1}, {paid, 1}};
    assert_int_equal(tell(h, &plan), BOOKING_OK);
    struct hash16 codes[2] = {{{1}}, {{2}}};
    struct booking_command promos = {.number = BOOKING_COMMAND_change_promos};
    promos.change_promos.codes = slice_make(codes, sizeof codes);
    promos.change_promos.kind = BOOKING_PROMO_AMOUNT;
    promos.change_promos.value = 100;
    promos.change_promos.uses = 1;
    assert_int_equal(tell(h, &promos), BOOKING_OK);
    assert_int_equal(hold(h, 1, (struct u32s)LIST(pair)), BOOKING_OK);
    uint32_t held = h->decision.hold;
    struct booking_command quote = {.number = BOOKING_COMMAND_quote_hold};
    quote.quote_hold = (struct command_quote_hold){held, 77, {{1}}, codes[1]};
    assert_int_equal(tell(h, &quote), BOOKING_OK);

    assert_int_equal(change(h, &wider, (struct u32s)LIST(wider_units)), BOOKING_OK);
    struct booking_hold after;
    struct booking_promo_terms terms;
    assert_true(booking_hold_get(h->booking, held, 77, &after));
    assert_int_equal(after.lines[0].price_minor, 900);
    assert_int_equal(after.lines[0].discount_minor, 100);
    assert_int_equal(after.lines[1].discount_minor, 900);
    assert_true(booking_promo_get(h->booking, codes[1], &terms));
    assert_int_equal(terms.used, 1);
    assert_int_equal(terms.spent, 100);
    assert_int_equal(tell(h, &plan), BOOKING_OK);
    assert_true(h->decision.repeated);
    static const uint32_t both_new[] = {10, 11};
    assert_int_equal(hold(h, 2, (struct u32s)LIST(both_new)), BOOKING_OK);
    quote.quote_hold = (struct command_quote_hold){h->decision.hold, 77, {{2}}, codes[1]};
    assert_int_equal(tell(h, &quote), BOOKING_PROMO_USED_UP);
    quote.quote_hold.promo = codes[0];
    assert_int_equal(tell(h, &quote), BOOKING_OK);
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, open_house, close_house)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(what_is_held_and_sold_stays_and_new_seats_are_for_sale),
        CASE(the_best_seats_and_the_area_are_found_in_the_new_plan),
        CASE(a_seat_that_somebody_has_cannot_be_removed_or_change_its_price),
        CASE(a_hold_that_ran_out_is_not_in_the_way),
        CASE(numbers_that_cannot_be_are_refused),
        CASE(a_removed_seat_does_not_come_back_under_its_old_number),
        CASE(a_removed_seat_is_nobodys),
        CASE(a_new_group_or_companion_takes_no_seat_from_whoever_has_it_alone),
        CASE(a_party_that_has_both_seats_keeps_them_as_a_group),
        CASE(rules_packages_promo_codes_and_quotes_move_along),
        CASE(a_group_that_a_refund_took_apart_is_not_in_the_way),
        CASE(a_refund_is_of_the_price_that_was_paid),
        CASE(a_late_payment_finds_its_seat_in_another_plan),
        CASE(a_late_payment_goes_back_when_its_seat_has_another_price_now),
        CASE(a_late_payment_goes_back_when_its_seat_is_of_a_group_now),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
