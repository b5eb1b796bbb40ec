#include "booking/inventory.h"
#include "books.h"
#include "commands.h"
#include "provider.h"
#include "visitors.h"

#include <stdlib.h>

/* ---- plans ---- */

static void put32(struct buf *out, uint32_t value)
{
    buf_append(out, &value, 4);
}

/* What kind of seat a unit is, for ever: units keep their kind when the plan changes. */
static uint32_t unit_kind(const struct plan *p, uint32_t unit)
{
    static const uint8_t kinds[] = {BOOKING_KIND_ACCESSIBLE,      BOOKING_KIND_ACCESSIBLE,
                                    BOOKING_KIND_COMPANION,       BOOKING_KIND_COMPANION,
                                    BOOKING_KIND_RESTRICTED_VIEW, BOOKING_KIND_VIP};
    uint64_t words[2] = {p->secret, unit};
    uint64_t draw = hash64_of(words, sizeof words, 0) % 16;
    return p->special && draw < sizeof kinds ? kinds[draw] : BOOKING_KIND_STANDARD;
}

/* Three words for each seat that is not ordinary; a companion belongs to the accessible seat before
 * it, if there is one. */
static uint32_t write_specials(const struct plan *p, const uint32_t *units, uint32_t count,
                               struct buf *out)
{
    uint32_t accessible = INVENTORY_NO_SEAT, specials = 0;
    for (uint32_t seat = 0; seat < count; seat++) {
        uint32_t kind = unit_kind(p, units[seat]);
        if (kind == BOOKING_KIND_STANDARD)
            continue;
        put32(out, seat);
        put32(out, kind);
        put32(out, kind == BOOKING_KIND_COMPANION ? accessible : INVENTORY_NO_SEAT);
        if (kind == BOOKING_KIND_ACCESSIBLE)
            accessible = seat;
        specials++;
    }
    return specials;
}

void plan_write(const struct plan *p, const uint32_t *units, uint32_t count, struct buf *out)
{
    BUF_AUTO struct buf specials = BUF_INIT;
    uint32_t special_count = write_specials(p, units, count, &specials);
    uint32_t rows = (count + p->row - 1) / p->row;
    bool grouped = p->group > 0 && count >= p->group;
    uint32_t head[] = {INVENTORY_VERSION, count,         rows,    p->area_count,         1,
                       p->category_count, special_count, grouped, grouped ? p->group : 0};
    buf_append(out, head, sizeof head);
    for (uint32_t i = 0; i < rows; i++) {
        put32(out, 0);
        put32(out, i + 1 < rows ? p->row : count - p->row * (rows - 1));
    }
    for (uint32_t i = 0; i < count; i++)
        put32(out, i);
    for (uint32_t i = 0; i < count; i++)
        put32(out, (uint32_t)(hash64_of(&units[i], 4, p->secret) % 1000));
    for (uint32_t i = 0; i < count; i++)
        buf_append_char(out, (char)(units[i] / p->row % p->category_count));
    for (uint32_t i = 0; i < p->area_count; i++) {
        put32(out, p->area_capacity);
        put32(out, p->area_categories[i]);
    }
    out->failed = out->failed || specials.failed;
    buf_append_slice(out, buf_slice(&specials));
    if (grouped)
        put32(out, p->group);
    for (uint32_t i = 0; grouped && i < p->group; i++)
        put32(out, i);
}

static void draw_limits(struct sim *s, struct random *random, struct plan *p)
{
    p->hold_seconds = (uint32_t)random_magnitude(random, 3, s->size == SIZE_SMALL ? 120 : 600);
    p->pay_seconds = (uint32_t)random_magnitude(random, 3, s->size == SIZE_SMALL ? 200 : 900);
    p->per_hold = (uint32_t)random_between(random, 1, s->size == SIZE_SMALL ? 4 : 8);
    p->per_buyer = (uint32_t)random_between(random, p->per_hold, 40);
    p->singles = (uint8_t)random_below(random, 3);
    if (random_below(random, 4) == 0)
        p->per_category_count = p->category_count;
    for (uint32_t i = 0; i < p->per_category_count; i++)
        p->per_category[i] = (uint32_t)random_below(random, 8);
}

/* How an event is paid. */
static void draw_terms(struct random *random, struct plan *p)
{
    static const uint32_t taxes[] = {0, 700, 1900, 2500, 550};
    if (random_below(random, 3) > 0)
        p->tax_count = p->category_count;
    for (uint32_t i = 0; i < p->tax_count; i++)
        p->tax_bp[i] = taxes[random_below(random, 5)];
    p->fee_bearer = (uint8_t)random_below(random, 3);
    if (random_below(random, 2))
        p->payment_methods = (uint32_t)random_below(random, BOOKING_METHODS + 1);
    if (random_below(random, 2))
        p->processing_seconds = (uint32_t)random_magnitude(random, 10, 3 * 3600);
}

static void draw_plan(struct sim *s, struct random *random, struct plan *p)
{
    static const uint32_t seats_low[] = {2, 12, 200}, seats_high[] = {6, 60, 1500};
    static uint32_t units[PLAN_SEATS_MAX];
    p->seat_count = (uint32_t)random_between(random, seats_low[s->size], seats_high[s->size]);
    p->area_count = (uint32_t)random_below(random, 3);
    p->area_capacity = (uint32_t)random_between(random, 1, seats_low[s->size]);
    p->category_count = (uint32_t)random_between(random, 1, 4);
    p->unit_count = p->seat_count + p->area_count * p->area_capacity;
    p->popular = (uint32_t)random_below(random, p->seat_count);
    p->row = (uint32_t)random_between(random, 2, 20);
    p->special = random_below(random, 2);
    if (random_below(random, 3) == 0 && p->seat_count > 3)
        p->group = (uint32_t)random_between(random, 2, 3);
    for (uint32_t i = 0; i < p->category_count; i++) {
        p->prices[i] = random_below(random, 5) ? random_below(random, 10000) : 0;
        p->fees[i] = random_below(random, 3) ? random_below(random, 500) : 0;
    }
    for (uint32_t i = 0; i < p->area_count; i++)
        p->area_categories[i] = (uint32_t)random_below(random, p->category_count);
    p->key = hash_of(5, random_next(random));
    p->secret = random_secret(random);
    draw_limits(s, random, p);
    draw_terms(random, p);
    for (uint32_t i = 0; i < p->seat_count; i++)
        units[i] = i;
    plan_write(p, units, p->seat_count, &p->inventory);
}

void organiser_create(struct sim *s, struct clients *c)
{
    c->plan_count = (uint32_t)random_between(&c->random, 1, s->size == SIZE_LARGE ? 2 : 3);
    c->office_us = random_magnitude(&c->random, 2 * SECOND_US, 600 * SECOND_US);
    c->change_us = random_magnitude(&c->random, SECOND_US, 1200 * SECOND_US);
    for (uint32_t i = 0; i < c->plan_count; i++)
        draw_plan(s, &c->random, &c->plans[i]);
}

/* ---- changes ---- */

static void draw_prices(struct random *random, const struct plan *plan, struct request *r)
{
    for (uint32_t i = 0; i < plan->category_count; i++)
        r->prices[i] = random_below(random, 4) ? random_below(random, 20000) : 0;
    r->change.prices.count = plan->category_count;
}

static void draw_rules(struct random *random, const struct plan *plan, struct request *r)
{
    r->change.singles = (uint8_t)random_below(random, 3);
    if (random_below(random, 2)) {
        r->per_category_count = plan->category_count;
        for (uint32_t i = 0; i < plan->category_count; i++)
            r->per_category[i] = (uint32_t)random_below(random, 10);
    }
    r->set_quotas = random_below(random, 2);
    r->quota_count = r->set_quotas ? (uint32_t)random_below(random, 3) : 0;
    for (uint32_t i = 0; i < r->quota_count; i++) {
        r->quota_categories[i] = 1 + random_below(random, (1ull << plan->category_count) - 1);
        r->quota_limits[i] = (uint32_t)random_below(random, plan->unit_count + 4);
    }
}

static void draw_change(struct sim *s, struct request *r)
{
    struct random *random = &s->clients->random;
    const struct plan *plan = &s->clients->plans[r->event - 1];
    switch (random_below(random, 7)) {
    case 0: draw_prices(random, plan, r); break;
    case 1: r->change.sale = BOOKING_SALES_PAUSED; break;
    case 2: r->change.sale = BOOKING_SALES_OPEN; break;
    case 3:
        r->block[0] = (uint32_t)random_below(random, plan->unit_count);
        r->block_count = 1;
        break;
    case 4:
        r->unblock[0] = (uint32_t)random_below(random, plan->unit_count);
        r->unblock_count = 1;
        break;
    case 5: draw_rules(random, plan, r); break;
    default:
        r->change.per_buyer = (uint32_t)random_between(random, 1, plan->per_buyer);
        r->change.sale = BOOKING_SALES_OPEN;
    }
}

static uint32_t draw_units(struct random *random, const struct plan *plan, uint32_t *ret_units)
{
    uint32_t count = (uint32_t)random_below(random, 3);
    uint32_t unit = (uint32_t)random_below(random, plan->unit_count);
    for (uint32_t i = 0; i < count; i++, unit += 1 + (uint32_t)random_below(random, 2))
        ret_units[i] = unit;
    return count;
}

static void draw_allotment(struct sim *s, struct request *r)
{
    static const struct slice ids[] = {{"fans", 4}, {"press", 5}, {"partner", 7}, {"vip", 3}};
    struct random *random = &s->clients->random;
    struct plan *plan = &s->clients->plans[r->event - 1];
    uint32_t number = 1 + (uint32_t)random_below(random, plan->allocations + 1);
    r->allot.allocation = number;
    r->allot.id = ids[(number - 1) % 4];
    r->allot.kind = (uint8_t)random_between(random, 1, 4);
    uint64_t soon_us = host_is_up(s) ? host_now_us(s) : s->now_us;
    if (random_below(random, 4) == 0)
        r->allot.opens_at_us = soon_us + random_below(random, 60 * SECOND_US);
    if (random_below(random, 3) == 0)
        r->allot.releases_at_us = soon_us + random_below(random, 300 * SECOND_US);
    r->release = random_below(random, 10) == 0;
    r->add_count = draw_units(random, plan, r->add);
    if (random_below(random, 4) == 0)
        r->remove_count = draw_units(random, plan, r->remove);
    if (plan->area_count && random_below(random, 4) == 0) {
        r->add_area[0] = (uint32_t)random_below(random, plan->area_count);
        r->add_area[1] = 1;
        r->add_areas = 2;
    }
    r->code_count = (uint32_t)random_below(random, 3);
    for (uint32_t i = 0; i < r->code_count; i++)
        r->codes[i] = hash_of(6, r->event * 100 + random_below(random, PLAN_CODES));
    r->code_limit = (uint32_t)random_below(random, 6);
    if (random_below(random, 6) == 0) {
        r->revoke[0] = hash_of(6, r->event * 100 + random_below(random, PLAN_CODES));
        r->revoke_count = 1;
    }
}

/* ---- money ---- */

static uint64_t some_time(struct sim *s, struct random *random, uint64_t within_us)
{
    uint64_t now_us = host_is_up(s) ? host_now_us(s) : s->now_us;
    return now_us + random_below(random, within_us);
}

static void draw_rule(struct sim *s, struct random *random, const struct plan *plan,
                      struct price_plan *p, uint32_t i)
{
    p->rule_categories[i] = (uint32_t)random_below(random, plan->category_count);
    p->prices[i] = random_below(random, 6) ? random_below(random, 12000) : 0;
    if (random_below(random, 2))
        p->from_us[i] = some_time(s, random, 120 * SECOND_US);
    if (random_below(random, 2))
        p->until_us[i] = p->from_us[i] ? p->from_us[i] + 1 + random_below(random, 300 * SECOND_US)
                                       : some_time(s, random, 300 * SECOND_US);
    if (random_below(random, 2))
        p->sold_from[i] = (uint32_t)random_below(random, plan->seat_count);
    if (random_below(random, 2))
        p->sold_below[i] = p->sold_from[i] + 1 + (uint32_t)random_below(random, 4);
}

static void draw_price_plan(struct sim *s, struct request *r)
{
    struct random *random = &s->clients->random;
    const struct plan *plan = &s->clients->plans[r->event - 1];
    struct price_plan *p = &r->price_plan;
    p->rule_count = (uint32_t)random_below(random, PLAN_RULES + 1);
    for (uint32_t i = 0; i < p->rule_count; i++)
        draw_rule(s, random, plan, p, i);
    if (random_below(random, 8) == 0)
        p->ceiling_count = plan->category_count;
    for (uint32_t i = 0; i < p->ceiling_count; i++)
        p->ceilings[i] = random_below(random, 20000);
    p->package_count = (uint32_t)random_below(random, 3);
    for (uint32_t i = 0; i < p->package_count; i++) {
        p->package_categories[i] = 1 + random_below(random, (1ull << plan->category_count) - 1);
        p->package_sizes[i] = (uint32_t)random_between(random, 2, 4);
        p->package_paid[i] = (uint32_t)random_between(random, 1, p->package_sizes[i] - 1);
    }
}

static void draw_promos(struct sim *s, struct request *r)
{
    struct random *random = &s->clients->random;
    const struct plan *plan = &s->clients->plans[r->event - 1];
    r->code_count = (uint32_t)random_between(random, 1, 2);
    for (uint32_t i = 0; i < r->code_count; i++)
        r->codes[i] = hash_of(7, r->event * 100 + random_below(random, PLAN_PROMOS));
    r->terms.kind = (uint8_t)random_between(random, 1, 3);
    r->terms.value =
        random_between(random, 1, r->terms.kind == BOOKING_PROMO_PERCENT ? 10000 : 6000);
    if (random_below(random, 3) == 0)
        r->terms.categories = 1 + random_below(random, (1ull << plan->category_count) - 1);
    if (random_below(random, 2))
        r->terms.uses = (uint32_t)random_between(random, 1, 4);
    if (random_below(random, 3) == 0)
        r->terms.budget = random_between(random, 1, 20000);
    if (random_below(random, 4) == 0)
        r->terms.from_us = some_time(s, random, 60 * SECOND_US);
    if (random_below(random, 4) == 0)
        r->terms.until_us = r->terms.from_us + some_time(s, random, 600 * SECOND_US);
    if (random_below(random, 3) == 0)
        r->terms.max_units = (uint32_t)random_between(random, 1, 3);
    if (random_below(random, 8) == 0) {
        r->revoke[0] = hash_of(7, r->event * 100 + random_below(random, PLAN_PROMOS));
        r->revoke_count = 1;
    }
}

static struct id order_id(const struct books_order *o)
{
    return o ? (struct id){0, o->slot, o->random} : (struct id){0};
}

/* Whole, in part, of units that are gone; for sale again or not. */
static void draw_refund(struct sim *s, struct request *r)
{
    struct random *random = &s->clients->random;
    const struct books_order *o = books_some_order(s, r->event, random, false);
    r->order = order_id(o);
    for (uint32_t i = 0; o && i < o->count; i++)
        if (random_below(random, 2))
            r->units[r->unit_count++] = o->units[i];
    r->block_units = random_below(random, 5) == 0;
}

/* What a person can know: whether the provider has money of this order, and how much. */
static void draw_resolution(struct sim *s, struct request *r)
{
    struct random *random = &s->clients->random;
    const struct books_order *o = books_some_order(s, r->event, random, true);
    r->order = order_id(o);
    r->action = (uint8_t)random_between(random, BOOKING_ACTION_RETRY, BOOKING_ACTION_SETTLE);
    if (!o)
        return;
    struct id id = {r->event, o->slot, o->random};
    int64_t captured = provider_facts(s, id).captured_minor;
    if (r->action == BOOKING_ACTION_REFUND)
        r->amount_minor = captured;
    bool by_hand = o->case_reason == BOOKING_CASE_REFUND_UNASKED;
    if (r->action == BOOKING_ACTION_SETTLE && by_hand) {
        r->amount_minor = provider_unasked_minor(s, id) - o->by_hand_minor;
        if (random_below(random, 8) == 0) /* mistyped */
            r->amount_minor = (int64_t)random_below(random, (uint64_t)captured + 2);
    }
}

/* Several people may do the same at the same time. */
static void send_twice(struct sim *s, const struct request *r)
{
    struct request *again = request_make(s, NULL, r->what);
    struct ask ask = again->ask;
    *again = *r;
    again->ask = ask;
    again->twin = true;
    request_send(s, again, client_latency(&s->clients->random));
}

static void draw_money(struct sim *s, struct request *r)
{
    switch (r->what) {
    case PRICES: draw_price_plan(s, r); break;
    case PROMOS: draw_promos(s, r); break;
    case REFUND: draw_refund(s, r); break;
    default: draw_resolution(s, r);
    }
    if (r->order.random && random_below(&s->clients->random, 4) == 0)
        send_twice(s, r);
}

/* What an event begins with. */
static void first_money(struct sim *s, uint32_t event, enum what what)
{
    if (random_below(&s->clients->random, 3) == 0)
        return;
    struct request *r = request_make(s, NULL, what);
    r->event = event;
    draw_money(s, r);
    r->twin = true; /* nobody waits for its answer */
    request_send(s, r, client_latency(&s->clients->random));
}

/* The box office: refunds, and cases. */
static void office_wakes(struct sim *s, void *subject, uint64_t word)
{
    struct clients *c = subject;
    (void)word;
    if (s->calm)
        return;
    schedule_in(s, random_between(&c->random, 1, 2 * c->office_us), office_wakes, c, 0);
    struct request *r = request_make(s, NULL, random_below(&c->random, 2) ? REFUND : RESOLVE);
    r->event = 1 + (uint32_t)random_below(&c->random, c->plan_count);
    draw_money(s, r);
    r->twin = true; /* nobody waits for its answer */
    request_send(s, r, client_latency(&c->random));
}

static void organiser_wakes(struct sim *s, void *subject, uint64_t word)
{
    struct clients *c = subject;
    (void)word;
    if (s->calm)
        return;
    static const enum what kinds[] = {CHANGE, CHANGE, CHANGE, ALLOT,  ALLOT, ALLOT,
                                      REVISE, PRICES, PRICES, PROMOS, PROMOS};
    uint32_t event = (uint32_t)random_below(&c->random, c->plan_count);
    const struct plan *plan = &c->plans[event];
    bool replan = random_below(&c->random, 32) == 0 &&
                  plan->unit_count < 2 * plan->seat_count + 16 &&
                  plan->unit_count < PLAN_SEATS_MAX - 4;
    struct request *r = request_make(
        s, NULL, replan ? PLAN : kinds[random_below(&c->random, sizeof kinds / sizeof kinds[0])]);
    r->event = event + 1;
    if (r->what == CHANGE)
        draw_change(s, r);
    if (r->what == ALLOT)
        draw_allotment(s, r);
    if (r->what >= PRICES && r->what <= RESOLVE)
        draw_money(s, r);
    if (r->what == PLAN) {
        r->plan_drops = (uint32_t)random_below(&c->random, 2 * plan->unit_count);
        r->plan_adds = (uint32_t)random_below(&c->random, 4);
    }
    request_send(s, r, client_latency(&c->random));
}

static void list_next(struct sim *s)
{
    struct request *r = request_make(s, NULL, LIST);
    r->event = s->clients->listed + 1;
    request_send(s, r, 1000);
}

void organiser_answered(struct sim *s, struct request *r)
{
    struct clients *c = s->clients;
    struct plan *plan = &c->plans[r->event - 1];
    if (r->what != LIST) {
        if (r->what == ALLOT && r->refusal == BOOKING_OK && r->allot.allocation > plan->allocations)
            plan->allocations = r->allot.allocation;
        schedule_in(s, random_between(&c->random, c->change_us / 4, c->change_us * 2),
                    organiser_wakes, c, 0);
        return;
    }
    REQUIRE(s, plan->number == r->event && books_events(s) >= r->event,
            "what is acknowledged is in the journal", "event %u is listed as %u", r->event,
            plan->number);
    if (++c->listed < c->plan_count) {
        list_next(s);
        return;
    }
    for (uint32_t event = 1; event <= c->plan_count; event++)
        for (uint32_t n = 0; n < 3; n++)
            first_money(s, event, n == 0 ? PRICES : PROMOS);
    buyers_begin(s);
    visitors_begin(s);
    schedule_in(s, c->change_us, organiser_wakes, c, 0);
    schedule_in(s, c->office_us, office_wakes, c, 0);
}

void organiser_begin(struct sim *s)
{
    list_next(s);
}
