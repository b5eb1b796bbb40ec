#include "model/wishes.h"

#include <stdio.h>

#define KEYS 24u
#define EXPIRIES (LIMIT_TICK_EXPIRIES + 6) /* holds of one place that run out together */

#define KEY(n) wishes_hash(3000 + (n))
#define CODE(n) wishes_hash(4000 + (n))

static void draw_first_plan(struct generator *g)
{
    static struct draft d;
    memset(&d, 0, sizeof d);
    uint32_t units = g->crowded ? between(g, 40, 80) : between(g, 4, 12);
    bool many = g->crowded && one_in(g, 4);
    g->rows = 12;
    if (many) {
        units = between(g, 80, 190);
        g->rows = units;
    }
    d.categories = between(g, 1, 4);
    d.sections = between(g, 1, 3);
    g->area_count = (uint32_t)draw(g, 3);
    d.seats = units;
    for (uint32_t i = 0; i < g->area_count; i++) {
        g->area_size[i] = between(g, 1, units / 3);
        g->area_category[i] = (uint32_t)draw(g, d.categories);
        d.seats -= g->area_size[i];
    }
    if (g->mood == GENERATOR_EXPIRIES) { /* room for them beside the seats */
        g->area_count = 1;
        g->area_size[0] = EXPIRIES + 8;
        d.seats = units;
    }
    if (g->mood == GENERATOR_REFUNDS || g->mood == GENERATOR_TROUBLES) {
        g->area_count = d.seats = 1;
        g->area_size[0] = g->mood == GENERATOR_REFUNDS ? 4 : 40;
    }
    for (uint32_t i = 0; i < d.seats; i++)
        d.category[i] = (uint32_t)draw(g, i / 4 + 1) % d.categories;
    draft_write(g, &d, &g->inventory);
    g->created.prices.count = g->created.fees.count = g->created.per_category.count = d.categories;
    g->created.blocked.count = 0;
    for (uint32_t i = 0; i < units; i++)
        if (one_in(g, 15))
            g->blocked[g->created.blocked.count++] = i;
}

void generator_begin(struct generator *g, uint64_t seed)
{
    struct buf inventory = g->inventory, plan = g->plan;
    memset(g, 0, sizeof *g);
    g->inventory = inventory;
    g->plan = plan;
    g->random = seed * 0x9e3779b97f4a7c15ull + 0x2545f4914f6cdd1dull;
    g->random += g->random == 0;
    for (int i = 0; i < 8; i++)
        (void)draw(g, 2);
    g->crowded = one_in(g, 4);
    if (seed % 10 == 9) /* each in its turn: a few worlds meet all bounds */
        g->mood = (enum generator_mood)(GENERATOR_PRICES + seed / 10 % GENERATOR_REFUNDS);
    g->created = (struct entry_event_created){
        .event_random = secret(g),
        .organiser_random = 2,
        .payment_account = SLICE("acct"),
        .currency = SLICE("EUR"),
        .opens_at_us = one_in(g, 3) ? between(g, 1, 40) * SECOND_US : 0,
        .hold_seconds = between(g, 3, 30),
        .pay_seconds = between(g, 3, 40),
        .per_buyer = one_in(g, 3) ? between(g, 1, 6) : between(g, 6, 60),
        .per_hold = between(g, 2, 7),
        .prices = {g->prices, 0},
        .fees = {g->fees, 0},
        .blocked = {g->blocked, 0},
        .per_category = {g->per_category, 0},
        .singles = (uint8_t)draw(g, 3),
        .tax_bp = {g->tax_bp, 0},
        .fee_bearer = (uint8_t)draw(g, 3),
        .payment_methods = (uint32_t)draw(g, BOOKING_METHODS + 1),
        .processing_seconds = one_in(g, 3) ? 0 : between(g, 2, 90),
    };
    if (one_in(g, 12))
        g->created.closes_at_us = g->created.opens_at_us + between(g, 1, 200) * SECOND_US;
    if (one_in(g, 30))
        g->created.per_hold = LIMIT_HOLD_UNITS;
    draw_first_plan(g);
    for (uint32_t i = 0; i < g->created.prices.count; i++) {
        g->prices[i] = wishes_price(g);
        g->fees[i] = one_in(g, 2) ? 0 : between(g, 1, 4) * 50 + one_in(g, 3);
        g->tax_bp[i] = one_in(g, 3) ? 0 : between(g, 1, 26) * 100 - one_in(g, 2);
        g->per_category[i] = one_in(g, 3) ? between(g, 1, 6) : 0;
    }
    if (one_in(g, 3))
        g->created.per_category.count = 0;
    if (one_in(g, 2))
        g->created.tax_bp.count = g->created.prices.count;
    if (g->mood == GENERATOR_EXPIRIES)
        g->crowded = true;
    if (g->mood == GENERATOR_REFUNDS || g->mood == GENERATOR_TROUBLES)
        wishes_begin_long(g);
    if (g->mood >= GENERATOR_TROUBLES)
        g->created.opens_at_us = g->created.closes_at_us = 0;
    g->created.inventory = buf_slice(&g->inventory);
    g->now_us = SECOND_US;
}

void generator_finish(struct generator *g)
{
    buf_finish(&g->inventory);
    buf_finish(&g->plan);
}

/* ---- looking for something to ask for ---- */

/* When the slot of the hold that ended first may be used again. */
static uint64_t oldest_slot_free(const struct booking *b)
{
    struct booking_hold h;
    uint64_t ended_us = UINT64_MAX, random;
    for (uint32_t slot = 0; (random = booking_hold_random(b, slot)) != 0; slot++)
        if (booking_hold_get(b, slot, random, &h) && !h.live && h.expires_at_us < ended_us)
            ended_us = h.expires_at_us;
    return ended_us == UINT64_MAX ? 0 : ended_us + 24 * 3600 * SECOND_US;
}

/* A moment somebody might trip over: when a hold, an order, an allocation or the sale changes. */
static uint64_t corner(struct generator *g, const struct booking *b)
{
    struct booking_event e = booking_event(b);
    uint64_t at = 0;
    if (one_in(g, 40))
        return oldest_slot_free(b) - one_in(g, 3);
    if (e.next_case_us != UINT64_MAX && one_in(g, 4))
        return e.next_case_us + 1 - draw(g, 3);
    switch (draw(g, 12)) {
    case 8:
    case 9:
    case 10:
    case 11: at = wishes_price_corner(g, b); break;
    case 0: at = e.opens_at_us; break;
    case 1: at = e.closes_at_us; break;
    case 2:
    case 3:
        if (e.allocation_count > 0) {
            uint32_t n = between(g, 1, e.allocation_count);
            struct booking_allocation a = booking_allocation(b, n);
            at = one_in(g, 2) ? a.opens_at_us : a.releases_at_us;
            g->opened = n;
        }
        break;
    default:
        if (g->hold_count > 0) {
            uint32_t i = (uint32_t)draw(g, g->hold_count < GENERATOR_RECENT ? g->hold_count
                                                                            : GENERATOR_RECENT);
            struct booking_hold h;
            if (booking_hold_get(b, g->holds[i].slot, g->holds[i].random, &h) && h.live) {
                at = h.expires_at_us;
                g->promo = h.promo != 0 && !one_in(g, 3) ? wishes_used_promo(g, b) : 0;
                for (uint32_t k = 0; k < GENERATOR_CODES && h.code != 0; k++)
                    if (booking_code_number(b, CODE(k)) == h.code)
                        g->opened = booking_code_allocation(b, CODE(k));
            }
        }
    }
    return at + 1 - draw(g, 3) % 3 * (at > 0);
}

static void move_on(struct generator *g, const struct booking *b)
{
    struct booking_event e = booking_event(b);
    uint64_t to = 0, how = draw(g, 1000);
    g->opened = g->promo = 0;
    if (how < 500)
        to = g->now_us + 1 + draw(g, 1000);
    else if (how < 900)
        to = g->now_us + 1 + draw(g, SECOND_US);
    else if (how < 930)
        to = g->now_us + 1 + draw(g, e.hold_seconds * SECOND_US);
    else if (how < 998)
        to = corner(g, b);
    else
        to = g->now_us + 25 * 3600 * SECOND_US;
    if ((g->mood == GENERATOR_DECLINES || g->mood == GENERATOR_REFUNDS) && !one_in(g, 200))
        to = g->now_us + 1 + draw(g, 1000);
    uint64_t least = e.last_ts_us + 1;
    g->now_us = to > g->now_us && to < g->now_us + 200 * 3600 * SECOND_US ? to : g->now_us + 1;
    if (g->now_us < least)
        g->now_us = least;
}

static bool is_free_now(const struct generator *g, const struct booking *b, uint32_t unit)
{
    enum booking_unit_state state = booking_unit_state(b, unit, g->now_us);
    return state == BOOKING_FREE || state == BOOKING_ALLOCATED;
}

/* A seat of the plan, free if one is found soon. */
static uint32_t any_seat(struct generator *g, const struct booking *b)
{
    uint32_t unit = 0, count = booking_event(b).seat_count;
    if (count == 0 || one_in(g, 150))
        return (uint32_t)draw(g, booking_event(b).unit_count);
    for (int tries = 0; tries < 6; tries++) {
        unit = booking_seat_unit(b, (uint32_t)draw(g, count));
        if (is_free_now(g, b, unit))
            break;
    }
    return unit;
}

static bool lists(const uint32_t *list, uint32_t count, uint32_t unit)
{
    for (uint32_t i = 0; i < count; i++)
        if (list[i] == unit)
            return true;
    return false;
}

/* Seats for one hold: mostly free, with their companions and groups, or nearly. */
static uint32_t seats_wanted(struct generator *g, const struct booking *b, uint32_t *list)
{
    struct booking_event e = booking_event(b);
    uint32_t wanted = between(g, 1, 4), count = 0, unit = any_seat(g, b);
    bool whole = !one_in(g, 5);
    for (uint32_t tries = 0; count < wanted && tries < 12; tries++) {
        uint32_t group[LIMIT_HOLD_UNITS], of = booking_unit_companion_of(b, unit);
        uint32_t size = booking_unit_group(b, unit, group), seat = booking_unit_seat(b, unit);
        if (!lists(list, count, unit) || one_in(g, 80))
            list[count++] = unit;
        for (uint32_t i = 0; whole && i < size; i++)
            if (!lists(list, count, group[i]))
                list[count++] = group[i];
        if (whole && of != BOOKING_NONE && !lists(list, count, of))
            list[count++] = of;
        unit = any_seat(g, b);
        if (!one_in(g, 3) && seat != BOOKING_NONE && seat + 1 < e.seat_count)
            unit = booking_seat_unit(b, seat + 1);
    }
    if (one_in(g, 80))
        list[draw(g, count)] = e.unit_count + (uint32_t)draw(g, 3);
    return count;
}

static struct u32s areas_wanted(struct generator *g, const struct booking *b, uint32_t *list)
{
    uint32_t areas = booking_event(b).area_count, pairs = one_in(g, 5) ? 2 : 1;
    for (uint32_t i = 0; i < pairs; i++) {
        list[2 * i] = one_in(g, 30) ? areas : (uint32_t)draw(g, areas + (areas == 0));
        list[2 * i + 1] = one_in(g, 30) ? 0 : between(g, 1, 3);
    }
    return (struct u32s){list, 2 * pairs - one_in(g, 40)};
}

static struct hash16 code_wanted(struct generator *g, const struct booking *b)
{
    struct hash16 code = CODE(draw(g, GENERATOR_CODES));
    bool any = booking_event(b).allocation_count > 0 ? !one_in(g, 3) : one_in(g, 60);
    for (uint32_t i = 0; i < GENERATOR_CODES && g->opened != 0; i++)
        if (booking_code_allocation(b, CODE(i)) == g->opened)
            return CODE(i);
    for (int tries = 0; tries < 5 && booking_code_allocation(b, code) == 0; tries++)
        code = CODE(draw(g, GENERATOR_CODES));
    if (booking_code_allocation(b, code) == 0)
        any = any && one_in(g, 8);
    return any ? code : (struct hash16){{0}};
}

static void command_hold(struct generator *g, const struct booking *b, struct command_hold *c)
{
    struct booking_event e = booking_event(b);
    *c = (struct command_hold){.hold_random = secret(g),
                               .session = SESSION(one_in(g, 3) ? 0 : draw(g, PEOPLE)),
                               .code = code_wanted(g, b)};
    if (one_in(g, 6)) {
        c->key = KEY(draw(g, KEYS));
        c->request = draw(g, 2);
    }
    uint64_t way = draw(g, 100);
    if (way < 45 || one_in(g, 80))
        c->seats = (struct u32s){g->list[0], seats_wanted(g, b, g->list[0])};
    if ((way >= 45 && way < 60 && e.area_count > 0) || one_in(g, 80))
        c->areas = areas_wanted(g, b, g->list[1]);
    if (way < 60)
        return;
    c->best_quantity = one_in(g, 40) ? between(g, 5, 9) : between(g, 1, 4);
    if (one_in(g, 3))
        c->best_categories = 1 + draw(g, (1ull << e.category_count) - 1);
    if (one_in(g, 80))
        c->best_categories |= 1ull << draw(g, 64);
    if (one_in(g, 8))
        c->best_price_min = between(g, 0, 80) * 100;
    if (one_in(g, 8))
        c->best_price_below = between(g, 0, 120) * 100 + 1;
    if (one_in(g, 3))
        c->best_accessible = between(g, 1, one_in(g, 20) ? 6 : (c->best_quantity + 1) / 2);
    if (one_in(g, 5))
        c->best_section = between(g, 1, e.section_count + one_in(g, 15));
}

/* ---- what was made before ---- */

void wishes_pick_hold(struct generator *g, uint32_t *ret_slot, uint64_t *ret_random,
                      struct hash16 *ret_session)
{
    uint32_t known = g->hold_count < GENERATOR_RECENT ? g->hold_count : GENERATOR_RECENT;
    uint32_t i = known > 0 ? (uint32_t)draw(g, known) : 0;
    if (known > 0 && one_in(g, 2))
        i = (g->hold_count - 1) % GENERATOR_RECENT;
    *ret_slot = g->holds[i].slot + (one_in(g, 60) ? 3 : 0);
    *ret_random = g->holds[i].random + one_in(g, 60);
    *ret_session = one_in(g, 25) ? SESSION(draw(g, PEOPLE)) : g->holds[i].session;
}

/* One that can be changed, if there is one soon; best with a promo code, or without. */
void wishes_pick_open_hold(struct generator *g, const struct booking *b, bool with_promo,
                           uint32_t *ret_slot, uint64_t *ret_random, struct hash16 *ret_session)
{
    struct booking_hold h;
    for (int tries = 0; tries < 16; tries++) {
        wishes_pick_hold(g, ret_slot, ret_random, ret_session);
        if (booking_hold_get(b, *ret_slot, *ret_random, &h) && h.live && h.order == BOOKING_NONE &&
            ((h.promo != 0) == with_promo || one_in(g, 2)))
            break;
    }
}

static void command_change_hold(struct generator *g, const struct booking *b,
                                struct command_change_hold *c)
{
    struct booking_hold h;
    *c = (struct command_change_hold){.code =
                                          one_in(g, 2) ? code_wanted(g, b) : (struct hash16){{0}}};
    wishes_pick_open_hold(g, b, true, &c->hold, &c->hold_random, &c->session);
    uint32_t *list = g->list[0], count = 0;
    /* Some of what it has, and something more. */
    if (!one_in(g, 4) && booking_hold_get(b, c->hold, c->hold_random, &h))
        for (uint32_t i = 0; i < h.unit_count; i++)
            if (!one_in(g, 3))
                list[count++] = h.units[i];
    if (count == 0 || !one_in(g, 4)) {
        uint32_t more = seats_wanted(g, b, g->list[1]);
        for (uint32_t i = 0; i < more; i++)
            if (!lists(list, count, g->list[1][i]) || one_in(g, 20))
                list[count++] = g->list[1][i];
    }
    if (count > 1 && one_in(g, 40))
        list[count - 1] = list[0];
    if (one_in(g, 80))
        count = 0;
    c->seats = (struct u32s){list, count};
}

static void command_place_order(struct generator *g, const struct booking *b,
                                struct command_place_order *c)
{
    *c = (struct command_place_order){.order_random = secret(g),
                                      .email_hash = ADDRESS(draw(g, PEOPLE)),
                                      .person = draw(g, 9),
                                      .contact = SLICE("sealed"),
                                      .ticket_randoms = {g->tickets, LIMIT_HOLD_UNITS}};
    wishes_pick_hold(g, &c->hold, &c->hold_random, &c->session);
    if (one_in(g, 6)) {
        c->key = KEY(draw(g, KEYS));
        c->request = draw(g, 2);
    }
    if (one_in(g, 5))
        c->promo = wishes_promo(g, b);
    c->provider = (uint8_t)draw(g, 2);
    c->least_minor = one_in(g, 3) ? 0 : (int64_t)between(g, 1, one_in(g, 4) ? 3000 : 200);
}

static void command_cancel(struct generator *g, const struct booking *b,
                           struct command_cancel_order *c)
{
    struct booking_order o = {0};
    uint32_t order = wishes_pick_order(g, b);
    (void)booking_order_get(b, order, booking_order_random(b, order), &o);
    *c = (struct command_cancel_order){order, o.random + one_in(g, 30),
                                       one_in(g, 20) ? SESSION(draw(g, PEOPLE)) : o.session};
}

/* ---- the organiser ---- */

/* Units in rising order, now and then not; `one_of`: only those in this state, if there are any. */
static struct u32s some_units(struct generator *g, const struct booking *b, uint32_t *list,
                              uint32_t most, enum booking_unit_state one_of)
{
    uint32_t units = booking_event(b).unit_count, count = 0, wanted = (uint32_t)draw(g, most + 1);
    for (uint32_t unit = (uint32_t)draw(g, units); unit < units && count < wanted; unit++) {
        bool fits = booking_unit_state(b, unit, g->now_us) == one_of;
        if (fits ? !one_in(g, 4) : one_in(g, 25))
            list[count++] = unit;
    }
    if (count > 0 && one_in(g, 60))
        list[count++] = units + (uint32_t)draw(g, 2);
    if (count > 0 && one_in(g, 60))
        list[count - 1] = list[0];
    return (struct u32s){list, count};
}

static void change_prices(struct generator *g, const struct booking *b,
                          struct command_change_event *c)
{
    uint32_t count = booking_event(b).category_count;
    for (uint32_t i = 0; i < count; i++) {
        struct booking_price now = booking_category_base(b, i);
        g->wide[0][i] = one_in(g, 2) ? (uint64_t)now.price_minor : wishes_price(g);
        g->wide[1][i] = one_in(g, 2) ? (uint64_t)now.fee_minor : between(g, 0, 3) * 50;
        if (one_in(g, 80))
            g->wide[draw(g, 2)][i] = (uint64_t)LIMIT_PRICE_MINOR + draw(g, 2);
    }
    if (!one_in(g, 3))
        c->prices = (struct u64s){g->wide[0], count + one_in(g, 40)};
    if (!one_in(g, 3))
        c->fees = (struct u64s){g->wide[1], count - one_in(g, 40)};
}

static void change_quotas(struct generator *g, const struct booking *b,
                          struct command_change_event *c)
{
    struct booking_event e = booking_event(b);
    uint32_t count = one_in(g, 40) ? LIMIT_QUOTAS + (uint32_t)draw(g, 2) : (uint32_t)draw(g, 4);
    for (uint32_t i = 0; i < count; i++) {
        g->wide[0][i] = 1 + draw(g, (1ull << e.category_count) - 1);
        if (one_in(g, 80))
            g->wide[0][i] = one_in(g, 2) ? 0 : 1ull << e.category_count;
        g->list[3][i] = between(g, 0, e.unit_count);
    }
    c->set_quotas = !one_in(g, 12);
    c->quota_categories = (struct u64s){g->wide[0], count};
    c->quota_limits = (struct u32s){g->list[3], count + one_in(g, 60)};
}

static void command_change_event(struct generator *g, const struct booking *b,
                                 struct command_change_event *c)
{
    struct booking_event e = booking_event(b);
    *c = (struct command_change_event){0};
    uint64_t what = draw(g, 12);
    if (g->mood == GENERATOR_PRICES && !one_in(g, 4))
        what = 9;
    if (e.sale != BOOKING_SALES_OPEN && !one_in(g, 3))
        c->sale = BOOKING_SALES_OPEN;
    else if (what == 0)
        c->sale = (uint8_t)draw(g, 5);
    if (what == 1)
        c->per_buyer = one_in(g, 15) ? LIMIT_BUYER_UNITS + 1 : between(g, 1, 60);
    if (what == 2)
        c->per_hold = one_in(g, 10) ? LIMIT_HOLD_UNITS + 1 : between(g, 2, 8);
    if (what == 3)
        c->singles = (uint8_t)draw(g, 4);
    if (what == 4 || what == 5)
        c->block = some_units(g, b, g->list[0], 4, BOOKING_FREE);
    if (what == 5 || what == 6 || what == 7)
        c->unblock = some_units(g, b, g->list[1], 6, BOOKING_BLOCKED);
    if (what == 8) {
        for (uint32_t i = 0; i < e.category_count; i++)
            g->list[2][i] = one_in(g, 2) ? 0 : between(g, 1, 8);
        g->list[2][0] = one_in(g, 30) ? LIMIT_BUYER_UNITS + 1 : g->list[2][0];
        c->per_category = (struct u32s){g->list[2], e.category_count + one_in(g, 20)};
    }
    if (what == 9)
        change_prices(g, b, c);
    else if (what == 10 || what == 11)
        change_quotas(g, b, c);
}

uint64_t wishes_time(struct generator *g)
{
    static const uint64_t spans[] = {1, 3, 10, 40, 100};
    if (one_in(g, 2))
        return 0;
    uint64_t span_us = spans[draw(g, 5)] * SECOND_US;
    return one_in(g, 6) ? g->now_us - draw(g, SECOND_US) : g->now_us + draw(g, span_us);
}

static struct slice some_codes(struct generator *g, struct hash16 *list)
{
    uint32_t count = (uint32_t)draw(g, 5);
    for (uint32_t i = 0; i < count; i++)
        list[i] = CODE(draw(g, GENERATOR_CODES));
    if (one_in(g, 300)) { /* more than there is room for */
        count = 600 + (uint32_t)draw(g, 700);
        for (uint32_t i = 0; i < count; i++)
            list[i] = wishes_hash(secret(g));
    }
    if (one_in(g, 300))
        count = LIMIT_COMMAND_CODES + 1;
    return slice_make(list, count * 16 + (one_in(g, 80) ? 5 : 0));
}

static void command_change_allocation(struct generator *g, const struct booking *b,
                                      struct command_change_allocation *c)
{
    uint32_t count = booking_event(b).allocation_count;
    uint32_t n = count == 0 || one_in(g, count < 4 ? 3 : 12) ? count + 1 : between(g, 1, count);
    if (g->mood == GENERATOR_ALLOCATIONS && !one_in(g, 4))
        n = count + 1;
    *c = (struct command_change_allocation){.allocation = n, .kind = (uint8_t)between(g, 1, 4)};
    struct booking_allocation a = {0};
    if (n <= count)
        a = booking_allocation(b, n);
    uint32_t named = one_in(g, 30) ? between(g, 1, 9) : n;
    int len = snprintf(g->text[0], sizeof g->text[0], "allocation-%u", named);
    c->id = slice_make(g->text[0], (size_t)len);
    c->name = a.name;
    c->opens_at_us = a.opens_at_us;
    c->releases_at_us = a.releases_at_us;
    if (n > count || one_in(g, 3)) {
        c->name = c->id;
        c->opens_at_us = wishes_time(g);
        c->releases_at_us = one_in(g, 2) ? wishes_time(g) : 0;
    } else if (a.kind) {
        c->kind = (uint8_t)a.kind;
    }
    memset(g->text[1], 'n', sizeof g->text[1]);
    if (one_in(g, 60))
        c->name = slice_make(g->text[1], LIMIT_NAME_BYTES + draw(g, 2));
    if (one_in(g, 60))
        c->id = slice_make(g->text[1], one_in(g, 3) ? 0 : LIMIT_ALLOCATION_ID_BYTES + draw(g, 2));
    if (one_in(g, 60))
        c->kind = one_in(g, 2) ? 0 : 5;
    if (one_in(g, 80))
        c->allocation = one_in(g, 2) ? 0 : count + 2;
    if (!one_in(g, 3))
        c->add = some_units(g, b, g->list[0], 5, one_in(g, 4) ? BOOKING_ALLOCATED : BOOKING_FREE);
    if (one_in(g, 3))
        c->remove = some_units(g, b, g->list[1], 4, BOOKING_ALLOCATED);
    if (one_in(g, 4))
        c->add_areas = areas_wanted(g, b, g->list[2]);
    if (one_in(g, 6))
        c->remove_areas = areas_wanted(g, b, g->list[3]);
    if (n > count || one_in(g, 2)) {
        c->codes = some_codes(g, g->codes[0]);
        c->code_limit = one_in(g, 3) ? 0 : between(g, 1, 5);
    }
    if (one_in(g, 6))
        c->revoke = some_codes(g, g->codes[1]);
    c->release = one_in(g, 14);
}

/* The present seats, nearly all of them, and new ones. */
static void command_change_plan(struct generator *g, const struct booking *b,
                                struct command_change_plan *c)
{
    static struct draft d;
    struct booking_event e = booking_event(b);
    memset(&d, 0, sizeof d);
    d.categories = e.category_count + one_in(g, 60);
    d.sections = between(g, 1, 3);
    uint32_t rare = between(g, 5, 40), *units = g->list[0], next = e.unit_count;
    for (uint32_t seat = 0; seat < e.seat_count && d.seats < GENERATOR_UNITS - 20; seat++) {
        uint32_t unit = booking_seat_unit(b, seat);
        bool taken =
            !is_free_now(g, b, unit) && booking_unit_state(b, unit, g->now_us) != BOOKING_BLOCKED;
        if (one_in(g, taken ? 10 * (uint64_t)rare : rare))
            continue;
        d.apart[d.seats] = taken;
        d.category[d.seats] = booking_unit_category(b, unit);
        if (one_in(g, taken ? 60 : 5))
            d.category[d.seats] = (uint32_t)draw(g, d.categories);
        units[d.seats++] = unit;
    }
    for (uint32_t more = (uint32_t)draw(g, 5); more > 0 && next < GENERATOR_UNITS - 16; more--) {
        d.category[d.seats] = (uint32_t)draw(g, d.categories);
        units[d.seats++] = next++;
    }
    if (d.seats == 0 && e.area_count == 0)
        units[d.seats++] = next;
    for (uint32_t i = 0; i < d.seats && one_in(g, 2); i++) { /* another order */
        uint32_t other = (uint32_t)draw(g, d.seats), unit = units[i];
        if (units[i] >= e.unit_count || units[other] >= e.unit_count ||
            d.category[i] != d.category[other] || d.apart[i] != d.apart[other])
            continue;
        units[i] = units[other];
        units[other] = unit;
    }
    if (d.seats > 0 && one_in(g, 40))
        units[draw(g, d.seats)] = one_in(g, 2) ? next + 1 : (uint32_t)draw(g, e.unit_count);
    uint32_t size = g->area_size[0];
    g->area_size[0] += one_in(g, 60);
    draft_write(g, &d, &g->plan);
    g->area_size[0] = size;
    c->inventory = slice_make(g->plan.data, g->plan.len - one_in(g, 80));
    c->units = (struct u32s){units, d.seats};
}

/* Hold after hold of one place, each another session's; then they have run out, and all are in the
 * way of another plan. False: that is over. */
static bool command_of_expiries(struct generator *g, const struct booking *b,
                                struct booking_command *c)
{
    if (g->mood != GENERATOR_EXPIRIES)
        return false;
    if (g->hold_count < EXPIRIES) {
        g->now_us++;
        g->list[0][0] = 0;
        g->list[0][1] = 1;
        c->number = BOOKING_COMMAND_hold;
        c->hold = (struct command_hold){.hold_random = secret(g),
                                        .session = SESSION(100000 + g->hold_count),
                                        .areas = {g->list[0], 2}};
        return true;
    }
    if (booking_event(b).live_holds <= LIMIT_TICK_EXPIRIES || one_in(g, 4))
        return false;
    g->now_us += g->created.hold_seconds * SECOND_US;
    c->number = BOOKING_COMMAND_change_plan;
    command_change_plan(g, b, &c->change_plan);
    return true;
}

/* Which command, and how often of a thousand. */
static uint16_t kind_of_command(struct generator *g, const struct booking *b)
{
    struct booking_event e = booking_event(b);
    static const struct {
        uint16_t number, often;
    } kinds[] = {
        {BOOKING_COMMAND_hold, 250},         {BOOKING_COMMAND_change_hold, 45},
        {BOOKING_COMMAND_release_hold, 25},  {BOOKING_COMMAND_place_order, 120},
        {BOOKING_COMMAND_cancel_order, 20},  {BOOKING_COMMAND_payment_news, 260},
        {BOOKING_COMMAND_tick, 40},          {BOOKING_COMMAND_change_event, 35},
        {BOOKING_COMMAND_credit_outage, 8},  {BOOKING_COMMAND_change_allocation, 40},
        {BOOKING_COMMAND_change_plan, 8},    {BOOKING_COMMAND_change_price_plan, 15},
        {BOOKING_COMMAND_change_promos, 20}, {BOOKING_COMMAND_quote_hold, 35},
        {BOOKING_COMMAND_extend_hold, 9},    {BOOKING_COMMAND_refund, 40},
        {BOOKING_COMMAND_resolve_case, 30},
    };
    uint64_t way = draw(g, 1000);
    if (e.next_case_us != UINT64_MAX && e.live_holds == 0 && one_in(g, 2)) /* only it waits */
        return BOOKING_COMMAND_tick;
    if (g->mood == GENERATOR_PRICES && one_in(g, 2))
        return one_in(g, 5) ? BOOKING_COMMAND_change_price_plan : BOOKING_COMMAND_change_event;
    if (g->mood == GENERATOR_ALLOCATIONS && one_in(g, 3))
        return BOOKING_COMMAND_change_allocation;
    if ((g->mood == GENERATOR_DECLINES || g->mood == GENERATOR_DISPUTES) && !one_in(g, 3))
        return BOOKING_COMMAND_payment_news;
    if (g->opened != 0)
        return BOOKING_COMMAND_hold;
    if (g->promo != 0)
        return BOOKING_COMMAND_quote_hold;
    if (g->mood == GENERATOR_REFUNDS) /* nothing that would cost something, or keep seats */
        return one_in(g, 2) ? BOOKING_COMMAND_resolve_case : BOOKING_COMMAND_payment_news;
    for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++) {
        if (way < kinds[i].often)
            return kinds[i].number;
        way -= kinds[i].often;
    }
    return BOOKING_COMMAND_tick;
}

void generator_command(struct generator *g, const struct booking *b,
                       struct booking_command *ret_command)
{
    struct booking_command *c = ret_command;
    struct command_release_hold *r = &c->release_hold;
    memset(c, 0, sizeof *c);
    if (command_of_expiries(g, b, c))
        return;
    move_on(g, b);
    for (uint32_t i = 0; i < LIMIT_HOLD_UNITS; i++)
        g->tickets[i] = secret(g);
    if (wishes_refunds(g, b, c) || wishes_troubles(g, b, c))
        return;
    c->number = kind_of_command(g, b);
    switch ((enum booking_command_number)c->number) {
    case BOOKING_COMMAND_hold: command_hold(g, b, &c->hold); break;
    case BOOKING_COMMAND_change_hold: command_change_hold(g, b, &c->change_hold); break;
    case BOOKING_COMMAND_release_hold:
        wishes_pick_hold(g, &r->hold, &r->hold_random, &r->session);
        break;
    case BOOKING_COMMAND_place_order: command_place_order(g, b, &c->place_order); break;
    case BOOKING_COMMAND_cancel_order: command_cancel(g, b, &c->cancel_order); break;
    case BOOKING_COMMAND_payment_news: wishes_news(g, b, &c->payment_news); break;
    case BOOKING_COMMAND_change_event: command_change_event(g, b, &c->change_event); break;
    case BOOKING_COMMAND_change_allocation:
        command_change_allocation(g, b, &c->change_allocation);
        break;
    case BOOKING_COMMAND_credit_outage: c->credit_outage.outage_us = draw(g, 5) * SECOND_US; break;
    case BOOKING_COMMAND_change_plan: command_change_plan(g, b, &c->change_plan); break;
    case BOOKING_COMMAND_change_price_plan: wishes_price_plan(g, b, &c->change_price_plan); break;
    case BOOKING_COMMAND_change_promos: wishes_promos(g, b, &c->change_promos); break;
    case BOOKING_COMMAND_quote_hold: wishes_quote(g, b, &c->quote_hold); break;
    case BOOKING_COMMAND_extend_hold: wishes_extend(g, &c->extend_hold); break;
    case BOOKING_COMMAND_refund: wishes_refund(g, b, &c->refund); break;
    case BOOKING_COMMAND_resolve_case: wishes_resolve(g, b, &c->resolve_case); break;
    case BOOKING_COMMAND_tick:
    case BOOKING_COMMAND_create_event:
    case BOOKING_COMMAND_COUNT_PLUS_ONE: break;
    }
}

void generator_learn(struct generator *g, const struct booking_command *command,
                     const struct booking_decision *d)
{
    if (d->order != BOOKING_NONE)
        g->last_order = d->order;
    if (command->number != BOOKING_COMMAND_hold || d->hold == BOOKING_NONE || d->repeated)
        return;
    uint32_t at = g->hold_count++ % GENERATOR_RECENT;
    g->holds[at].slot = d->hold;
    g->holds[at].random = command->hold.hold_random;
    g->holds[at].session = command->hold.session;
}
