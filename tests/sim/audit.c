#include "books_private.h"
#include "clocks.h"
#include "host.h"
#include "lockstep.h"
#include "provider.h"
#include "rooms.h"

/* The books against everybody else: the house's machines, its clock, the provider. */

#define IMAGE_BYTES_A_NS 16u /* compared in a nanosecond, about */
/* How much longer than granted a hold may live: until the next tick; and where a process starts
 * while the wall clock went back, the time since the last row is forgotten: a second, unless it
 * could write none. */
#define TICK_SLACK_US ((int64_t)SECOND_US)
#define START_SLACK_US ((int64_t)(2 * SECOND_US))

int64_t audit_open_us(struct sim *s)
{
    return (int64_t)host_open_us(s) - (int64_t)clocks_still_us(s);
}

bool audit_due(struct sim *s, uint64_t cost_ns)
{
    return random_below(&s->books->random, cost_ns + 1) < s->check_ns;
}

uint64_t audit_machine_ns(const struct booking *b)
{
    /* For each buyer it goes through all holds and orders. */
    uint64_t things = booking_event(b).live_holds + booking_order_slots(b) + 16;
    return booking_event(b).unit_count * 16ull + things * things * 8;
}

uint64_t audit_book_ns(const struct book *b)
{
    return 4ull * b->unit_count;
}

void audit_book(struct sim *s, struct book *b)
{
    s->figures->checks++;
    for (uint32_t unit = 0; unit < b->unit_count; unit++) {
        uint32_t state = (uint32_t)booking_unit_state(b->shadow, unit, 0);
        if (state == BOOKING_ALLOCATED)
            state = UNIT_FREE;
        REQUIRE(s, state == b->units[unit].state, "each unit is in one state",
                "event %u, unit %u: %u in the machine, %u in the books", b->number, unit, state,
                b->units[unit].state);
    }
    money_audit(s, b);
}

void audit_machine(struct sim *s, const struct booking *b, const char *which)
{
    s->figures->checks++;
    const char *wrong = booking_check(b);
    REQUIRE(s, !wrong, "the machine's own invariants", "event %u, %s machine: %s",
            booking_event(b).partition, which, wrong);
}

void books_decision(struct sim *s, const struct booking *b)
{
    if (s->full || audit_due(s, audit_machine_ns(b)))
        audit_machine(s, b, "the house's");
}

/* ---- against the house ---- */

static void compare_event(struct sim *s, struct book *b, const struct booking *live,
                          const char *when)
{
    s->figures->checks++;
    struct slice mine = booking_image(b->shadow), theirs = booking_image(live);
    REQUIRE(s, mine.len == theirs.len && memcmp(mine.data, theirs.data, mine.len) == 0,
            "replay equals live state", "event %u differs %s", b->number, when);
}

void books_recovered(struct sim *s, struct engine *engine)
{
    struct books *books = s->books;
    REQUIRE(s, directory_event_count(engine_directory(engine)) == books->event_count,
            "replay equals live state", "the directory has %u events",
            directory_event_count(engine_directory(engine)));
    struct hash128 mine = directory_hash(books->directory),
                   theirs = directory_hash(engine_directory(engine));
    REQUIRE(s, mine.low == theirs.low && mine.high == theirs.high, "replay equals live state",
            "the directory differs after a start");
    for (uint32_t n = 1; n <= books->event_count; n++)
        compare_event(s, &books->events[n], engine_booking(engine, n), "after a start");
    rooms_compare(s, engine, "after a start");
}

void books_doors_open(struct sim *s, uint64_t house_us)
{
    struct books *books = s->books;
    lockstep_recovered(s);
    books->closed_us = books->head_ts_us;
    books->credit_us = house_us > books->head_ts_us ? house_us - books->head_ts_us : 0;
    for (uint32_t n = 1; n <= books->event_count; n++) {
        struct book *b = &books->events[n];
        bool due = books->credit_us > 0 && (b->live_count > 0 || b->money.stuck > 0);
        b->owed = (struct owed){.due = due, .halted_us = host_halted_us(s)};
    }
    rooms_doors_open(s);
}

void books_process_gone(struct sim *s)
{
    for (uint32_t n = 1; n <= s->books->event_count; n++) {
        struct owed *owed = &s->books->events[n].owed;
        *owed = (struct owed){.was_due = owed->due || owed->was_due, .halted_us = owed->halted_us};
    }
    rooms_process_gone(s);
}

/* What the public sees of a unit: what is kept for others is not for sale to it. */
static unsigned shown(const struct booking *b, uint32_t unit)
{
    enum booking_unit_state state = booking_unit_state(b, unit, 0);
    return state == BOOKING_ALLOCATED ? BOOKING_BLOCKED : (unsigned)state;
}

static void compare_board(struct sim *s, uint32_t event, const struct booking *b,
                          const struct board *board)
{
    struct booking_event state = booking_event(b);
    REQUIRE(s, board->plan_version == state.plan_version && board->seat_count == state.seat_count,
            "readers see what is durable", "event %u: another plan", event);
    for (uint32_t seat = 0; seat < state.seat_count; seat++) {
        unsigned is = shown(b, booking_seat_unit(b, seat));
        REQUIRE(s, board_seat(board, seat) == is, "readers see what is durable",
                "event %u: seat %u is %u and looks %u", event, seat, is, board_seat(board, seat));
    }
    for (uint32_t i = 0; i < state.area_count; i++)
        REQUIRE(s, board->area_available[i] == booking_area(b, i).available,
                "readers see what is durable", "event %u: area %u has %u and shows %u", event, i,
                booking_area(b, i).available, board->area_available[i]);
}

/* What the machine owes the provider is in the outbox, and whoever waits for a payment that exists
 * is looked at now and then, for webhooks get lost. */
static void audit_outbox(struct sim *s)
{
    uint32_t waiting = 0, owed = 0;
    struct payments_counters outbox = host_payments(s);
    if (s->rates.memory_short > 0)
        return; /* what there was no memory for is taken up again a little later */
    for (uint32_t n = 1; n <= s->books->event_count; n++) {
        const struct booking *b = engine_booking(host_engine(s), n);
        struct booking_order o;
        for (uint32_t i = 0; i < booking_order_slots(b); i++) {
            if (!booking_order_get(b, i, booking_order_random(b, i), &o))
                continue;
            waiting += o.state == BOOKING_ORDER_PLACED && o.intent.len > 0 && !o.attention;
            owed += o.call != BOOKING_CALL_NONE;
        }
    }
    REQUIRE(s, outbox.watched >= waiting, "no payment is forgotten",
            "%u orders wait for one, %u are watched", waiting, outbox.watched);
    REQUIRE(s, outbox.owed >= owed, "no call is forgotten", "%u are owed, %u in the outbox", owed,
            outbox.owed);
}

void books_compare(struct sim *s)
{
    struct books *books = s->books;
    if (!host_is_up(s) || engine_barrier(host_engine(s)) != 0)
        return;
    uint64_t bytes = 0;
    for (uint32_t n = 1; n <= books->event_count; n++)
        bytes += booking_image(books->events[n].shadow).len;
    bytes += rooms_bytes(s);
    if (!audit_due(s, bytes / IMAGE_BYTES_A_NS))
        return;
    for (uint32_t n = 1; n <= books->event_count; n++)
        compare_event(s, &books->events[n], engine_booking(host_engine(s), n), "while it runs");
    rooms_compare(s, host_engine(s), "while it runs");
    for (uint32_t n = 1; n <= books->event_count; n++)
        compare_board(s, n, engine_booking(host_engine(s), n), engine_board(host_engine(s), n));
    audit_outbox(s);
}

/* By true time: whatever the clocks show, a minute is a minute. */
static void audit_lifetime(struct sim *s, const struct book *b, const struct books_hold *h)
{
    int64_t granted_us = (int64_t)(h->expires_us - h->made_us),
            lived_us = audit_open_us(s) - h->made_open_us, slack_us = TICK_SLACK_US,
            starts = (int64_t)(host_epoch(s) - h->made_epoch);
    if (starts > 0)
        slack_us += starts * START_SLACK_US + (int64_t)(host_halted_us(s) - h->made_halted_us);
    REQUIRE(s, clocks_stuck(s) || lived_us <= granted_us + granted_us / 500 + slack_us,
            "no hold outlives its time", "event %u: hold %u lives for %lld us, not %lld", b->number,
            h->slot, (long long)lived_us, (long long)granted_us);
}

/* A day after its case was opened, a sale that is not paid is given up. */
static void audit_stuck(struct sim *s, const struct book *b, uint64_t house_us)
{
    for (uint32_t i = 0; i < b->order_count; i++) {
        const struct books_order *o = &b->orders[i];
        if (o->state != ORDER_SOLD || !o->has_case)
            continue;
        uint64_t ends_us = o->case_us + (LIMIT_CASE_SECONDS + 1) * SECOND_US;
        REQUIRE(s, ends_us > house_us || !host_writable(s) || b->money.stuck > 64,
                "what was sold and cannot be captured is released in time",
                "event %u: order %u is %llu us over", b->number, o->slot,
                (unsigned long long)(house_us - ends_us));
    }
}

/* A tick leaves no hold that ran out: unless it could not decide, or its batch was full. */
void books_after_tick(struct sim *s)
{
    struct books *books = s->books;
    if (engine_barrier(host_engine(s)) != 0)
        return;
    uint64_t house_us = engine_now(host_engine(s));
    rooms_after_tick(s, house_us);
    for (uint32_t n = 1; n <= books->event_count; n++) {
        struct book *b = &books->events[n];
        if (b->money.stuck > 0)
            audit_stuck(s, b, house_us);
        if (b->live_count > LIMIT_TICK_EXPIRIES)
            continue;
        for (uint32_t i = 0; i < b->live_count; i++) {
            const struct books_hold *h = &b->holds[b->live[i]];
            REQUIRE(s, h->expires_us + SECOND_US > house_us || !host_writable(s),
                    "no hold lives past its expiry", "event %u: hold %u is %llu us over its time",
                    n, h->slot, (unsigned long long)(house_us - h->expires_us));
            audit_lifetime(s, b, h);
        }
    }
}

/* ---- the end ---- */

/* A case waits for a person; but what is sold and not paid waits for a day only. */
static bool order_is_quiet(const struct books_order *o)
{
    if (o->has_case)
        return o->state != ORDER_SOLD;
    for (uint32_t i = 1; i <= o->refund_count; i++)
        if (o->refunds[i].state == REFUND_IS_DUE || o->refunds[i].state == REFUND_CAME_BACK)
            return false;
    return o->state == ORDER_CAPTURED || o->state == ORDER_ENDED;
}

bool books_quiet(const struct sim *s)
{
    for (uint32_t n = 1; n <= s->books->event_count; n++) {
        const struct book *b = &s->books->events[n];
        if (b->live_count > 0)
            return false;
        for (uint32_t i = 0; i < b->order_count; i++)
            if (!order_is_quiet(&b->orders[i]))
                return false;
    }
    return rooms_quiet(s);
}

/* Money at the provider: what it took, without what it gave back, is what the ledger says. Of what
 * others did there the house hears by webhook alone: where one got lost, nobody can know. */
static void end_money(struct sim *s, const struct books_order *o,
                      const struct provider_facts *facts)
{
    int64_t net = facts->captured_minor - facts->refunded_minor - facts->disputed_minor;
    if (o->has_case || o->accepted || facts->untold || facts->meddled)
        return;
    REQUIRE(s, net == o->accounts[BOOKING_ACCOUNT_PROVIDER],
            "what is not refunded of what was sold lies at the provider",
            "order %u: the provider has %lld of it, the ledger %lld", o->slot, (long long)net,
            (long long)o->accounts[BOOKING_ACCOUNT_PROVIDER]);
    REQUIRE(s, o->dispute != DISPUTE_IS_OPEN, "when faults stop, every dispute is decided",
            "order %u", o->slot);
}

static void end_order(struct sim *s, struct id id, const struct provider_facts *facts)
{
    const struct books_order *o = books_order(s, id.partition, id.slot, id.random);
    REQUIRE(s, o, "the provider knows no order that the journal does not", "order %u", id.slot);
    s->books->intents_beyond += facts->intents > 0 ? facts->intents - 1 : 0;
    REQUIRE(s, facts->captures <= 1, "an order is captured at most once", "order %u: %u times",
            id.slot, facts->captures);
    if (facts->captures > 0)
        REQUIRE(s,
                o->state == ORDER_CAPTURED || o->taken_minor > 0 || o->has_case || o->accepted ||
                    facts->planted,
                "each captured charge has tickets, a refund or an open case",
                "order %u in state %u was captured", id.slot, o->state);
    if (facts->open)
        REQUIRE(s, o->has_case || o->accepted, "no money stays reserved", "order %u in state %u",
                id.slot, o->state);
    end_money(s, o, facts);
}

/* What was sold and not given back is the organiser's, the platform's and the tax office's; the
 * accounts through which money only passes are empty. */
static void end_accounts(struct sim *s, const struct book *b, const struct books_order *o)
{
    int64_t sum = 0, kept = 0;
    for (uint32_t i = 0; i < BOOKING_ACCOUNT_COUNT; i++)
        sum += o->accounts[i];
    for (uint32_t i = 0; i < o->count && o->state == ORDER_CAPTURED; i++)
        if (o->refund_of[i] == 0 && o->dispute != DISPUTE_IS_LOST)
            kept += o->lines[i].total;
    for (uint32_t i = 1; i <= o->refund_count; i++)
        kept += o->refunds[i].state == REFUND_IS_SETTLED ? o->refunds[i].amount : 0;
    kept -= o->by_hand_minor;
    if (o->dispute == DISPUTE_LEFT_SOME)
        kept -= o->dispute_minor;
    if (o->dispute == DISPUTE_IS_LOST) {
        kept -= o->dispute_minor;
        for (uint32_t i = 0; i < o->count; i++)
            kept += o->refund_of[i] == 0 ? o->lines[i].total : 0;
    }
    int64_t theirs = -o->accounts[BOOKING_ACCOUNT_ORGANISER] - o->accounts[BOOKING_ACCOUNT_FEES] -
                     o->accounts[BOOKING_ACCOUNT_TAX];
    REQUIRE(s, sum == 0, "the ledger sums to zero", "event %u, order %u", b->number, o->slot);
    if (o->has_case)
        return;
    REQUIRE(s,
            o->accounts[BOOKING_ACCOUNT_BUYERS] == 0 && o->accounts[BOOKING_ACCOUNT_REFUNDS] == 0,
            "when faults stop, nobody owes a buyer or is owed by one",
            "event %u, order %u: buyers %lld, refunds %lld", b->number, o->slot,
            (long long)o->accounts[BOOKING_ACCOUNT_BUYERS],
            (long long)o->accounts[BOOKING_ACCOUNT_REFUNDS]);
    REQUIRE(s, kept == theirs, "what was sold and not given back is somebody's",
            "event %u, order %u: %lld instead of %lld", b->number, o->slot, (long long)theirs,
            (long long)kept);
}

/* The machine's statement of an order is made of what is known of it; it is what the entries moved.
 */
static void end_statement(struct sim *s, const struct book *b, const struct books_order *o)
{
    if (booking_order_random(b->shadow, o->slot) != o->random)
        return; /* its slot is another's */
    struct booking_ledger ledger = booking_order_ledger(b->shadow, o->slot);
    for (uint32_t i = 0; i < BOOKING_ACCOUNT_COUNT; i++)
        REQUIRE(s, ledger.minor[i] == o->accounts[i], "an order's statement is what was booked",
                "event %u, order %u: %s is %lld, not %lld", b->number, o->slot,
                booking_account_name((enum booking_account)i), (long long)ledger.minor[i],
                (long long)o->accounts[i]);
}

static void end_event(struct sim *s, struct book *b)
{
    audit_book(s, b);
    audit_machine(s, b->shadow, "the auditor's");
    for (uint32_t i = 0; i < b->order_count; i++) {
        const struct books_order *o = &b->orders[i];
        REQUIRE(s, order_is_quiet(o), "when faults stop, every order ends",
                "event %u: order %u is in state %u", b->number, o->slot, o->state);
        end_accounts(s, b, o);
        end_statement(s, b, o);
    }
    for (uint32_t unit = 0; unit < b->unit_count; unit++) {
        struct booking_ticket ticket;
        uint64_t random = booking_ticket_random(b->shadow, unit);
        bool has = random && booking_ticket_get(b->shadow, unit, random, &ticket) && ticket.valid;
        const struct books_order *o =
            b->units[unit].state == UNIT_SOLD ? &b->orders[b->units[unit].owner] : NULL;
        bool paid = o && o->state == ORDER_CAPTURED && o->dispute != DISPUTE_IS_OPEN;
        REQUIRE(s, has == paid, "what is sold and paid has one valid ticket", "event %u, unit %u",
                b->number, unit);
    }
}

void books_end(struct sim *s)
{
    struct books *books = s->books;
    struct payments_counters outbox = host_payments(s);
    for (uint32_t n = 1; n <= books->event_count; n++) {
        compare_event(s, &books->events[n], engine_booking(host_engine(s), n), "at the end");
        end_event(s, &books->events[n]);
    }
    rooms_compare(s, host_engine(s), "at the end");
    rooms_end(s);
    books->intents_beyond = 0;
    provider_each(s, end_order);
    REQUIRE(s, books->intents_beyond <= provider_stuck_creates(s),
            "an order asks for one payment, under one key", "%u too many, of which %u had to be",
            books->intents_beyond, provider_stuck_creates(s));
    REQUIRE(s, outbox.owed == 0 && outbox.in_flight == 0, "when faults stop, every outbox drains",
            "%u calls are owed, %u under way", outbox.owed, outbox.in_flight);
}
