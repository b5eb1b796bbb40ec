#include "clients.h"

#include "books.h"
#include "commands.h"
#include "process.h"
#include "provider.h"

#include <stdlib.h>

#define TRIES_MAX 12u

static void buyer_wakes(struct sim *s, void *subject, uint64_t word);

/* ---- sending ---- */

void request_send(struct sim *s, struct request *r, uint64_t latency_us)
{
    s->clients->under_way++;
    TRACE(s, "client # asks # of event #", r->buyer ? r->buyer->number : 9999999, r->what,
          r->event);
    host_ask(s, &r->ask, latency_us);
    if (r->trouble || r->twin || r->resent || !r->buyer || r->what == LOOK_HOLD ||
        r->what == LOOK_ORDER || !random_hit(&r->buyer->random, s->rates.double_click))
        return;
    struct request *twin = sim_new(s, sizeof *twin);
    *twin = *r;
    twin->twin = true;
    sim_fault(s, FAULT_DOUBLE_CLICK);
    request_send(s, twin, latency_us + random_below(&r->buyer->random, 300));
}

uint64_t client_latency(struct random *random)
{
    return random_magnitude(random, 100, 20000);
}

static void send_again(struct sim *s, void *subject, uint64_t word)
{
    struct request *r = subject;
    (void)word;
    s->clients->under_way--;
    request_send(s, r, 0);
}

/* Sends the same again, later and later. Attempts that would find the house closed are not made. */
static void try_again(struct sim *s, struct request *r)
{
    uint64_t in_us = 0;
    do {
        uint32_t doublings = r->resent < 7 ? r->resent : 7;
        in_us += random_magnitude(&s->clients->random, 50000, (SECOND_US << doublings) / 2);
        r->resent++;
    } while (s->now_us + in_us < host_starts_us(s));
    schedule_in(s, in_us, send_again, r, 0);
}

static void buyer_later(struct sim *s, struct buyer *b, uint64_t in_us)
{
    schedule_in(s, in_us, buyer_wakes, b, 0);
}

static uint64_t think(struct sim *s, struct buyer *b)
{
    return random_magnitude(&b->random, 1 + s->clients->think_us / 50, s->clients->think_us);
}

/* ---- wishes ---- */

static void wish_seats(struct sim *s, struct buyer *b, const struct plan *plan, struct request *r)
{
    r->seat_count = (uint32_t)random_between(&b->random, 1, plan->per_hold);
    uint32_t first = (uint32_t)random_below(&b->random, plan->unit_count);
    if (random_hit(&b->random, s->rates.crowd)) {
        first = plan->popular;
        sim_fault(s, FAULT_CROWD);
    }
    bool scattered = random_below(&b->random, 8) == 0;
    for (uint32_t i = 0; i < r->seat_count; i++)
        r->seats[i] = scattered ? (uint32_t)random_below(&b->random, plan->unit_count)
                                : (first + i) % plan->unit_count;
}

static void wish_best(struct buyer *b, const struct plan *plan, struct request *r)
{
    r->best_quantity = (uint32_t)random_between(&b->random, 1, plan->per_hold);
    if (random_below(&b->random, 3) > 0)
        r->best_categories = 1 + random_below(&b->random, (1ull << plan->category_count) - 1);
    if (random_below(&b->random, 6) == 0)
        r->best_price_min = (int64_t)random_below(&b->random, 5000);
    if (random_below(&b->random, 6) == 0)
        r->best_price_below = r->best_price_min + 1 + (int64_t)random_below(&b->random, 12000);
    if (plan->special && random_below(&b->random, 4) == 0)
        r->best_accessible = (uint32_t)random_between(&b->random, 1, r->best_quantity);
    if (random_below(&b->random, 8) == 0)
        r->best_section = 1;
}

static void wish(struct sim *s, struct buyer *b, struct request *r)
{
    const struct plan *plan = &s->clients->plans[b->event - 1];
    uint64_t kind = random_below(&b->random, 8);
    if (plan->area_count && kind == 0) {
        r->area = (uint32_t)random_below(&b->random, plan->area_count);
        r->area_quantity = (uint32_t)random_between(&b->random, 1, plan->per_hold);
    } else if (kind <= 2) {
        wish_best(b, plan, r);
    } else {
        wish_seats(s, b, plan, r);
    }
    if (random_below(&b->random, 4) == 0)
        r->code = hash_of(6, b->event * 100 + random_below(&b->random, PLAN_CODES));
    if (random_below(&b->random, 10) > 0)
        r->key = hash_of(3, random_next(&b->random));
    r->request = random_next(&b->random);
}

static void ask_hold(struct sim *s, struct buyer *b)
{
    struct request *r = request_make(s, b, HOLD);
    wish(s, b, r);
    b->last_key = r->key;
    request_send(s, r, client_latency(&b->random));
}

/* Requests that make no sense: other people's things, things long gone, a key with another body. */
static void make_trouble(struct sim *s, struct buyer *b)
{
    static const enum what kinds[] = {RELEASE, RELEASE, ORDER, CANCEL};
    uint64_t kind = random_below(&b->random, 4);
    struct request *r = request_make(s, b, kinds[kind]);
    r->trouble = true;
    r->expected = r->what == CANCEL ? BOOKING_ORDER_NOT_FOUND : BOOKING_HOLD_NOT_FOUND;
    if (kind == 0)
        r->hold.random ^= 1;
    else
        r->session = hash_of(9, random_next(&b->random));
    sim_fault(s, FAULT_STALE);
    request_send(s, r, client_latency(&b->random));
}

static void use_key_again(struct sim *s, struct buyer *b)
{
    struct request *r = request_make(s, b, HOLD);
    wish(s, b, r);
    r->key = b->last_key;
    r->trouble = true;
    r->expected = BOOKING_IDEMPOTENCY_MISMATCH;
    sim_fault(s, FAULT_OTHER_BODY);
    request_send(s, r, client_latency(&b->random));
}

/* ---- the life of a buyer ---- */

static void purchase_over(struct sim *s, struct buyer *b)
{
    b->has_hold = b->has_order = b->confirmed = b->extended = false;
    b->tries = b->confirms = 0;
    b->order_state = 0;
    if (b->purchases_left > 0)
        b->purchases_left--;
    if (b->purchases_left == 0 || s->calm) {
        s->clients->busy--;
        b->purchases_left = 0;
        return;
    }
    b->event = 1 + (uint32_t)random_below(&b->random, s->clients->plan_count);
    if (random_below(&b->random, 3) > 0) { /* comes back as somebody else */
        b->session = hash_of(1, random_next(&b->random));
        b->email = hash_of(2, random_next(&b->random) % (4ull * s->clients->buyer_count));
    }
    buyer_later(s, b, think(s, b));
}

/* When a request shall arrive: soon, or one microsecond before, at, or after the hold's end. */
static uint64_t choose_moment(struct sim *s, struct buyer *b, uint64_t soon_us)
{
    if (!random_hit(&b->random, s->rates.at_expiry) || !host_is_up(s) || b->expires_us == 0)
        return soon_us;
    sim_fault(s, FAULT_AT_EXPIRY);
    return host_true_us_until(s, b->expires_us - 1 + random_below(&b->random, 3));
}

static struct hash16 some_promo(struct buyer *b)
{
    return hash_of(7, b->event * 100 + random_below(&b->random, PLAN_PROMOS));
}

static void order_it(struct sim *s, struct buyer *b, uint64_t in_us)
{
    struct request *r = request_make(s, b, ORDER);
    if (b->tries < TRIES_MAX / 2 && random_below(&b->random, 6) == 0)
        r->promo = some_promo(b);
    if (random_below(&b->random, 10) > 0)
        r->key = hash_of(4, random_next(&b->random));
    r->request = random_next(&b->random);
    request_send(s, r, choose_moment(s, b, in_us));
}

static void ask_swap(struct sim *s, struct buyer *b)
{
    struct request *r = request_make(s, b, SWAP);
    wish_seats(s, b, &s->clients->plans[b->event - 1], r);
    request_send(s, r, choose_moment(s, b, think(s, b)));
}

static void ask_quote(struct sim *s, struct buyer *b)
{
    struct request *r = request_make(s, b, QUOTE);
    if (random_below(&b->random, 8) > 0)
        r->promo = some_promo(b);
    request_send(s, r, choose_moment(s, b, think(s, b)));
}

static void ask_extend(struct sim *s, struct buyer *b)
{
    struct request *r = request_make(s, b, EXTEND);
    r->seconds = (uint32_t)random_between(&b->random, 1, 600);
    request_send(s, r, choose_moment(s, b, client_latency(&b->random)));
}

static void after_hold(struct sim *s, struct buyer *b)
{
    if (random_hit(&b->random, s->rates.abandon)) {
        sim_fault(s, FAULT_ABANDONED);
        purchase_over(s, b);
        return;
    }
    switch (random_below(&b->random, 11)) {
    case 0: request_send(s, request_make(s, b, RELEASE), choose_moment(s, b, think(s, b))); break;
    case 1: request_send(s, request_make(s, b, LOOK_HOLD), think(s, b)); break;
    case 2: ask_swap(s, b); break;
    case 3:
    case 4: ask_quote(s, b); break;
    case 5: ask_extend(s, b); break;
    default: order_it(s, b, client_latency(&b->random));
    }
}

static void buyer_wakes(struct sim *s, void *subject, uint64_t word)
{
    struct buyer *b = subject;
    (void)word;
    if (b->has_order) {
        request_send(s, request_make(s, b, LOOK_ORDER), client_latency(&b->random));
        return;
    }
    if (s->calm) {
        b->purchases_left = 1;
        purchase_over(s, b);
        return;
    }
    if (random_hit(&b->random, s->rates.stale))
        make_trouble(s, b);
    if (random_hit(&b->random, s->rates.other_body) && b->last_key.bytes[0])
        use_key_again(s, b);
    ask_hold(s, b);
}

/* ---- paying ---- */

static void buyer_pays(struct sim *s, void *subject, uint64_t word)
{
    struct request *r = subject; /* the answer that told intent and secret */
    struct buyer *b = r->buyer;
    (void)word;
    s->clients->under_way--;
    if (b->has_order && b->order.random == r->answer_order_id.random) {
        enum confirm_result result =
            provider_confirm(s, slice_from_string(r->intent), slice_from_string(r->secret));
        TRACE(s, "buyer # confirmed: #", b->number, result);
        b->confirmed = result != CONFIRM_DECLINED;
        b->confirms++;
    }
    sim_free(s, r);
}

/* Pays with what the answer told, and lets it go. */
static void pay(struct sim *s, struct buyer *b, struct request *r)
{
    uint64_t in_us = think(s, b);
    if (random_hit(&b->random, s->rates.at_expiry) && host_is_up(s)) {
        in_us = host_true_us_until(s, r->answer_order.expires_at_us) + random_below(&b->random, 3);
        sim_fault(s, FAULT_AT_EXPIRY);
    }
    s->clients->under_way++;
    schedule_in(s, in_us, buyer_pays, r, 0);
}

/* ---- answers ---- */

static void check_hold_answer(struct sim *s, struct request *r)
{
    const struct booking_hold *h = &r->answer_hold;
    const struct books_hold *known =
        books_hold(s, r->event, r->answer_hold_id.slot, r->answer_hold_id.random);
    REQUIRE(s, r->found && known, "what is acknowledged is in the journal", "hold %u of event %u",
            r->answer_hold_id.slot, r->event);
    uint32_t asked = r->seat_count + r->area_quantity + r->best_quantity;
    /* A twin or a later swap may have changed it since. */
    bool swapped = r->what == HOLD && known->swaps > 0;
    if (swapped)
        return;
    REQUIRE(s, known->count == asked && (!h->live || h->unit_count == asked),
            "a hold is all or nothing", "hold %u has %u units of %u", r->answer_hold_id.slot,
            known->count, asked);
    for (uint32_t i = 0; i < r->seat_count && known->state == HOLD_LIVES; i++) {
        bool listed = false;
        for (uint32_t k = 0; k < known->count; k++)
            listed |= known->units[k] == r->seats[i];
        REQUIRE(s, listed, "a hold is all or nothing", "seat %u is not in hold %u", r->seats[i],
                known->slot);
    }
    REQUIRE(s, hash16_equal(known->session, r->session), "a hold is its buyer's", "hold %u",
            known->slot);
    if (r->key.bytes[0])
        REQUIRE(s, known->request == r->request, "a key names one request", "hold %u", known->slot);
}

static void on_hold(struct sim *s, struct buyer *b, struct request *r)
{
    if (r->refusal != BOOKING_OK) {
        if (++b->tries < TRIES_MAX)
            buyer_later(s, b, think(s, b));
        else
            purchase_over(s, b);
        return;
    }
    b->has_hold = true;
    b->hold = r->answer_hold_id;
    b->expires_us = r->answer_hold.expires_at_us;
    b->total_minor = r->answer_hold.total_minor;
    after_hold(s, b);
}

static void check_order_answer(struct sim *s, struct request *r)
{
    const struct books_order *known =
        books_order(s, r->event, r->answer_order_id.slot, r->answer_order_id.random);
    const struct booking_order *o = &r->answer_order;
    REQUIRE(s, known, "what is acknowledged is in the journal", "order %u of event %u",
            r->answer_order_id.slot, r->event);
    if (o->state == BOOKING_ORDER_CAPTURED) {
        uint32_t left = 0;
        REQUIRE(s, known->state == ORDER_CAPTURED, "what is acknowledged is in the journal",
                "order %u is told as paid", known->slot);
        for (uint32_t i = 0; i < o->unit_count; i++)
            left += o->refund_of[i] == 0;
        if (o->dispute == BOOKING_DISPUTE_OPEN || o->dispute == BOOKING_DISPUTE_LOST)
            left = 0;
        REQUIRE(s, r->valid_tickets == left, "what is sold and paid has one valid ticket",
                "order %u has %u of %u", known->slot, r->valid_tickets, left);
    } else {
        REQUIRE(s, r->valid_tickets == 0, "no ticket is valid before its payment is captured",
                "order %u in state %u", known->slot, o->state);
    }
}

/* No provider can be asked: the hold is given more time, and the buyer comes again. */
static void on_unavailable(struct sim *s, struct buyer *b)
{
    sim_fault(s, FAULT_UNAVAILABLE);
    if (!b->extended) {
        b->extended = true;
        ask_extend(s, b);
    } else if (++b->tries < TRIES_MAX) {
        order_it(s, b, think(s, b));
    } else {
        purchase_over(s, b);
    }
}

static bool is_about_promo(enum booking_refusal refusal)
{
    return refusal >= BOOKING_PROMO_UNKNOWN && refusal <= BOOKING_PROMO_USED_UP;
}

static void on_order(struct sim *s, struct buyer *b, struct request *r)
{
    if (r->unavailable) {
        on_unavailable(s, b);
        return;
    }
    if (is_about_promo(r->refusal) && ++b->tries < TRIES_MAX) {
        order_it(s, b, client_latency(&b->random));
        return;
    }
    if (r->refusal == BOOKING_SALE_PAUSED && ++b->tries < TRIES_MAX) {
        order_it(s, b, client_latency(&b->random));
        return;
    }
    if (r->refusal == BOOKING_HOLD_EXPIRED) {
        const struct books_hold *h = books_hold(s, r->event, r->hold.slot, r->hold.random);
        REQUIRE(s, h && h->expires_us <= r->decided_us, "no hold dies before its time",
                "hold %u is told as expired", r->hold.slot);
    }
    if (r->refusal != BOOKING_OK) {
        purchase_over(s, b);
        return;
    }
    b->has_order = true;
    b->order = r->answer_order_id;
    b->order_state = 0;
    b->expires_us = r->answer_order.expires_at_us;
    if (random_hit(&b->random, s->rates.abandon)) {
        sim_fault(s, FAULT_ABANDONED);
        purchase_over(s, b);
        return;
    }
    if (random_below(&b->random, 12) == 0)
        request_send(s, request_make(s, b, CANCEL), choose_moment(s, b, think(s, b)));
    else
        buyer_later(s, b, random_magnitude(&b->random, 20000, 2 * SECOND_US));
}

static bool may_follow(uint8_t before, uint8_t after)
{
    if (before == 0 || before == after || before == BOOKING_ORDER_PLACED)
        return true;
    switch (before) {
    case BOOKING_ORDER_SOLD: return after != BOOKING_ORDER_PLACED;
    case BOOKING_ORDER_ENDING: /* paid too late: it may be seated again */
        return after == BOOKING_ORDER_ENDED || after == BOOKING_ORDER_CAPTURED;
    case BOOKING_ORDER_ENDED: return after == BOOKING_ORDER_ENDING; /* money was taken after all */
    default: return false;
    }
}

/* True: `r` was kept for paying. */
static bool on_look_order(struct sim *s, struct buyer *b, struct request *r)
{
    const struct booking_order *o = &r->answer_order;
    if (!r->found) { /* its slot was given to another, a day later */
        const struct books_order *known = books_order(s, r->event, r->order.slot, r->order.random);
        bool over = known && (known->state == ORDER_ENDED || books_order_over(known));
        REQUIRE(s, over && !known->has_case, "what is acknowledged stays", "order %u is gone",
                r->order.slot);
        purchase_over(s, b);
        return false;
    }
    REQUIRE(s, may_follow(b->order_state, o->state), "states only advance",
            "order %u goes from %u to %u", r->order.slot, b->order_state, o->state);
    b->order_state = (uint8_t)o->state;
    if (o->state == BOOKING_ORDER_CAPTURED || o->state == BOOKING_ORDER_ENDED || o->attention) {
        purchase_over(s, b);
        return false;
    }
    buyer_later(s, b, random_magnitude(&b->random, 100000, 30 * SECOND_US));
    if (o->state == BOOKING_ORDER_PLACED && *r->intent && *r->secret && !b->confirmed &&
        b->confirms < 5) {
        b->confirmed = true; /* until it is declined */
        pay(s, b, r);
        return true;
    }
    return false;
}

static void on_look_hold(struct sim *s, struct buyer *b, struct request *r)
{
    const struct books_hold *h = books_hold(s, r->event, r->hold.slot, r->hold.random);
    REQUIRE(s, h, "what is acknowledged stays", "hold %u", r->hold.slot);
    REQUIRE(s, r->found || h->state != HOLD_LIVES, "what is acknowledged stays",
            "hold %u is not found", r->hold.slot);
    if (r->found && !r->answer_hold.live)
        REQUIRE(s, h->state == HOLD_RAN_OUT && h->expires_us <= r->decided_us,
                "no hold dies before its time", "hold %u ended by itself", h->slot);
    after_hold(s, b);
}

static void on_swap(struct sim *s, struct buyer *b, struct request *r)
{
    if (r->refusal == BOOKING_HOLD_EXPIRED || r->refusal == BOOKING_HOLD_ENDED) {
        purchase_over(s, b);
        return;
    }
    if (r->refusal == BOOKING_OK && r->found)
        b->expires_us = r->answer_hold.expires_at_us;
    after_hold(s, b);
}

static void on_release(struct sim *s, struct buyer *b, struct request *r)
{
    if (r->refusal == BOOKING_OK) {
        const struct books_hold *h = books_hold(s, r->event, r->hold.slot, r->hold.random);
        REQUIRE(s, h && h->state != HOLD_LIVES, "what is acknowledged is in the journal",
                "hold %u is told as released", r->hold.slot);
    }
    purchase_over(s, b);
}

static void check_trouble(struct sim *s, struct request *r)
{
    if (r->unavailable)
        return; /* nobody was asked */
    if (r->expected == BOOKING_IDEMPOTENCY_MISMATCH) {
        const struct books_hold *h = books_hold_by_key(s, r->event, r->key);
        if (!h || h->request == r->request || h->made_us >= r->decided_us)
            return; /* the key was for another event, or is forgotten by now */
    } else if (r->what == CANCEL ? !r->order.random : !r->hold.random) {
        return; /* it had nothing to make trouble with */
    }
    REQUIRE(s, r->refusal == r->expected, "stale and foreign ids are refused",
            "request %u: refusal %u instead of %u", r->what, r->refusal, r->expected);
}

void client_answered(struct sim *s, struct ask *ask)
{
    struct request *r = (struct request *)ask;
    struct buyer *b = r->buyer;
    TRACE(s, "client # is answered: lost # busy # refusal # repeated # hold # order # state #",
          b ? b->number : 9999999, r->ask.lost, r->busy, r->refusal, r->repeated,
          r->answer_hold_id.slot, r->answer_order_id.slot, r->answer_order.state);
    bool nothing = r->ask.lost || r->busy || r->no_event;
    if (nothing && !r->twin && !r->trouble) { /* the same again, under the same key */
        try_again(s, r);
        return;
    }
    s->clients->under_way--;
    if (!nothing && r->refusal == BOOKING_OK && !r->trouble) {
        if (r->what == HOLD || (r->what == SWAP && !r->twin))
            check_hold_answer(s, r);
        if ((r->what == ORDER && !r->unavailable) || (r->what == LOOK_ORDER && r->found))
            check_order_answer(s, r);
    }
    if (!nothing && r->trouble)
        check_trouble(s, r);
    if (r->twin || r->trouble) {
        sim_free(s, r);
        return;
    }
    bool kept = false;
    switch (r->what) {
    case HOLD: on_hold(s, b, r); break;
    case RELEASE: on_release(s, b, r); break;
    case ORDER: on_order(s, b, r); break;
    case CANCEL: buyer_later(s, b, think(s, b)); break;
    case LOOK_HOLD: on_look_hold(s, b, r); break;
    case LOOK_ORDER: kept = on_look_order(s, b, r); break;
    case SWAP:
    case QUOTE:
    case EXTEND: on_swap(s, b, r); break;
    case CHANGE:
    case ALLOT:
    case PLAN:
    case REVISE:
    case PRICES:
    case PROMOS:
    case REFUND:
    case RESOLVE:
    case LIST: organiser_answered(s, r); break;
    }
    if (!kept)
        sim_free(s, r);
}

/* ---- making them ---- */

struct clients *clients_create(struct sim *s)
{
    static const uint32_t buyers_low[] = {2, 8, 60}, buyers_high[] = {8, 40, 300},
                          purchases[] = {24, 24, 12};
    struct clients *c = calloc(1, sizeof *c);
    if (!c)
        abort();
    c->random = sim_stream(s, 7);
    organiser_create(s, c);
    c->buyer_count =
        (uint32_t)random_between(&c->random, buyers_low[s->size], buyers_high[s->size]);
    c->buyers = calloc(c->buyer_count, sizeof *c->buyers);
    if (!c->buyers)
        abort();
    c->think_us = random_magnitude(&c->random, 20000, 60 * SECOND_US);
    c->busy = c->buyer_count;
    for (uint32_t i = 0; i < c->buyer_count; i++) {
        struct buyer *b = &c->buyers[i];
        b->number = i;
        b->random = sim_stream(s, 100 + i);
        b->session = hash_of(1, i);
        b->email = hash_of(2, i / 2); /* two share an address */
        b->event = 1 + (uint32_t)random_below(&b->random, c->plan_count);
        b->purchases_left = (uint32_t)random_between(&b->random, 1, purchases[s->size]);
    }
    return c;
}

void clients_begin(struct sim *s)
{
    organiser_begin(s);
}

void buyers_begin(struct sim *s)
{
    struct clients *c = s->clients;
    for (uint32_t i = 0; i < c->buyer_count; i++)
        buyer_later(s, &c->buyers[i], think(s, &c->buyers[i]));
}

bool clients_idle(const struct sim *s)
{
    const struct clients *c = s->clients;
    return c->under_way == 0 && c->busy == 0;
}

void clients_destroy(struct clients *c)
{
    if (!c)
        return;
    for (uint32_t i = 0; i < c->plan_count; i++)
        buf_finish(&c->plans[i].inventory);
    free(c->buyers);
    free(c);
}
