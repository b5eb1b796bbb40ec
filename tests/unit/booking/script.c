#include "unit/booking/script.h"

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

#define WORDS_MAX 64
#define NAMES_MAX 64
#define SECOND 1000000ull

struct name {
    char text[32];
    uint32_t slot;
    uint64_t random;
};

struct stage {
    const char *script;
    unsigned line;
    char *words[WORDS_MAX]; /* of the line, before the arrow */
    unsigned count;
    char *wanted[WORDS_MAX]; /* behind the arrow */
    unsigned wanted_count;
    struct booking *booking;
    size_t memory;
    uint64_t ts_us, now_us, randoms;
    struct buf log; /* u32 length, u64 ts, bytes: every entry */
    struct buf created;
    struct name names[NAMES_MAX];
    unsigned name_count;
    struct booking_decision decision;
};

#define FAIL(s, ...)                                         \
    do {                                                     \
        print_error("%s line %u: ", (s)->script, (s)->line); \
        print_error(__VA_ARGS__);                            \
        print_error("\n");                                   \
        fail();                                              \
    } while (0)

static uint64_t number(struct stage *s, const char *word)
{
    char *end;
    unsigned long long n = strtoull(word, &end, 10);
    if (*end || end == word)
        FAIL(s, "\"%s\" is not a number", word);
    return n;
}

static struct hash16 hash_of_text(const char *text)
{
    struct hash16 h;
    struct hash128 wide = hash128_of(text, strlen(text));
    memcpy(h.bytes, &wide, 16);
    return h;
}

static struct name *name_find(struct stage *s, const char *text)
{
    for (unsigned i = 0; i < s->name_count; i++)
        if (strcmp(s->names[i].text, text) == 0)
            return &s->names[i];
    FAIL(s, "nothing is called \"%s\"", text);
    return NULL;
}

/* ---- the event ---- */

struct layout {
    uint32_t rows, seats, area, price, fee, per_buyer, per_hold, hold, pay, categories;
    uint64_t opens, closes;
};

static void put32(struct buf *out, uint32_t value)
{
    buf_append(out, &value, 4);
}

/* Rows of seats, one block a row; the first row is the cheapest, the middle of a row cheaper than
 * its ends. With two categories the first row is category 0, all others category 1; an area has the
 * last. */
static void write_inventory(const struct layout *l, struct buf *out)
{
    uint32_t seats = l->rows * l->seats;
    put32(out, INVENTORY_VERSION);
    put32(out, seats);
    put32(out, l->rows);
    put32(out, l->area ? 1 : 0);
    put32(out, seats ? 1 : 0);
    put32(out, l->categories);
    for (uint32_t row = 0; row < l->rows; row++) {
        put32(out, 0);
        put32(out, l->seats);
    }
    for (uint32_t seat = 0; seat < seats; seat++)
        put32(out, seat);
    for (uint32_t seat = 0; seat < seats; seat++) {
        uint32_t row = seat / l->seats, at = seat % l->seats * 2, middle = l->seats - 1;
        put32(out, row * 100 + (at > middle ? at - middle : middle - at));
    }
    for (uint32_t seat = 0; seat < seats; seat++)
        buf_append_char(out, (char)(l->categories > 1 && seat >= l->seats));
    if (l->area) {
        put32(out, l->area);
        put32(out, l->categories - 1);
    }
}

static void layout_read(struct stage *s, struct layout *l, char **words, unsigned count)
{
    static const char *const keys[] = {"rows",      "seats",    "area", "price", "fee",
                                       "per_buyer", "per_hold", "hold", "pay",   "categories"};
    uint32_t *const places[] = {&l->rows,      &l->seats,    &l->area, &l->price, &l->fee,
                                &l->per_buyer, &l->per_hold, &l->hold, &l->pay,   &l->categories};
    for (unsigned i = 0; i + 1 < count; i += 2) {
        bool known = false;
        for (unsigned k = 0; k < sizeof keys / sizeof keys[0]; k++) {
            if (strcmp(words[i], keys[k]) == 0) {
                *places[k] = (uint32_t)number(s, words[i + 1]);
                known = true;
            }
        }
        if (strcmp(words[i], "opens") == 0)
            l->opens = number(s, words[i + 1]);
        else if (strcmp(words[i], "closes") == 0)
            l->closes = number(s, words[i + 1]);
        else if (!known)
            FAIL(s, "event has no \"%s\"", words[i]);
    }
}

static void *memory_create(size_t size)
{
    void *memory = calloc(1, size);
    assert_non_null(memory);
    return memory;
}

static void line_event(struct stage *s)
{
    struct layout l = {.rows = 2,
                       .seats = 10,
                       .price = 5000,
                       .fee = 500,
                       .per_buyer = 8,
                       .per_hold = 6,
                       .hold = 600,
                       .pay = 900,
                       .categories = 1};
    uint64_t prices[4], fees[4];
    struct booking_entry entry = {.number = BOOKING_ENTRY_event_created};
    BUF_AUTO struct buf inventory = BUF_INIT;
    const char *detail = "";
    layout_read(s, &l, s->words + 1, s->count - 1);
    write_inventory(&l, &inventory);
    for (uint32_t i = 0; i < l.categories; i++) {
        prices[i] = l.price * (i + 1);
        fees[i] = l.fee;
    }
    entry.event_created = (struct entry_event_created){
        .event_random = 77,
        .organiser_random = 88,
        .payment_account = SLICE("acct_1"),
        .currency = SLICE("EUR"),
        .opens_at_us = l.opens * SECOND,
        .closes_at_us = l.closes * SECOND,
        .hold_seconds = l.hold,
        .pay_seconds = l.pay,
        .per_buyer = l.per_buyer,
        .per_hold = l.per_hold,
        .prices = {prices, l.categories},
        .fees = {fees, l.categories},
        .inventory = buf_slice(&inventory),
    };
    if (!booking_created_valid(&entry.event_created, &detail))
        FAIL(s, "the event is not valid: %s", detail);
    char *bytes = buf_reserve(&s->created, booking_entry_size(&entry));
    s->created.len = booking_entry_encode(&entry, bytes);
    s->memory = booking_memory_size(&entry.event_created);
    s->booking =
        booking_init(memory_create(s->memory), s->memory, 7, &entry.event_created, ++s->ts_us);
    s->now_us = s->ts_us + SECOND;
}

/* ---- commands ---- */

/* What a start after a crash would send is what was to be sent. */
static void check_owed(struct stage *s, const struct entry_payment_requested *wanted)
{
    struct entry_payment_requested owed;
    char text[LIMIT_CALL_TEXT];
    assert_true(booking_call_get(s->booking, wanted->order, &owed, text));
    assert_int_equal(owed.kind, wanted->kind);
    assert_int_equal(owed.attempt, wanted->attempt);
    assert_true(owed.attempt > 0);
    assert_true(slice_equal(owed.call_key, wanted->call_key));
    assert_true(slice_equal(owed.body, wanted->body));
}

static void apply_all(struct stage *s)
{
    for (uint32_t i = 0; i < s->decision.entry_count; i++) {
        struct booking_entry entry;
        BUF_AUTO struct buf bytes = BUF_INIT;
        char *to = buf_reserve(&bytes, booking_entry_size(&s->decision.entries[i]));
        bytes.len = booking_entry_encode(&s->decision.entries[i], to);
        assert_true(booking_entry_decode(buf_slice(&bytes), &entry));
        s->ts_us = s->now_us++;
        booking_apply(s->booking, &entry, s->ts_us, NULL);
        if (entry.number == BOOKING_ENTRY_payment_requested)
            check_owed(s, &entry.payment_requested);
        uint32_t len = (uint32_t)bytes.len;
        buf_append(&s->log, &len, 4);
        buf_append(&s->log, &s->ts_us, 8);
        buf_append_slice(&s->log, buf_slice(&bytes));
    }
}

static void check_outcome(struct stage *s)
{
    const struct booking_decision *d = &s->decision;
    char got[1024];
    size_t at = 0;
    const char *outcome = d->refusal != BOOKING_OK ? booking_refusal_code(d->refusal)
                          : d->repeated            ? "again"
                                                   : "ok";
    at += (size_t)snprintf(got, sizeof got, "%s", outcome);
    for (uint32_t i = 0, run; i < d->entry_count && at < sizeof got; i += run) {
        for (run = 1; i + run < d->entry_count; run++)
            if (d->entries[i + run].number != d->entries[i].number)
                break;
        run = run > 16 ? run : 1; /* long runs are told as NAME*COUNT */
        const char *name = booking_entry_record(d->entries[i].number)->name;
        at += run > 1 ? (size_t)snprintf(got + at, sizeof got - at, " %s*%u", name, run)
                      : (size_t)snprintf(got + at, sizeof got - at, " %s", name);
    }
    for (uint32_t i = 0; i < d->culprit_count && at < sizeof got; i++)
        at += (size_t)snprintf(got + at, sizeof got - at, " %u", d->culprits[i]);
    char wanted[1024] = "";
    for (unsigned i = 0; i < s->wanted_count; i++) {
        strncat(wanted, i ? " " : "", sizeof wanted - strlen(wanted) - 1);
        strncat(wanted, s->wanted[i], sizeof wanted - strlen(wanted) - 1);
    }
    if (strcmp(got, wanted) != 0)
        FAIL(s, "wanted \"%s\", got \"%s\"", wanted, got);
}

static void submit(struct stage *s, const struct booking_command *command)
{
    struct booking_command decoded;
    BUF_AUTO struct buf bytes = BUF_INIT;
    char *to = buf_reserve(&bytes, booking_command_size(command));
    bytes.len = booking_command_encode(command, to);
    assert_true(booking_command_decode(buf_slice(&bytes), &decoded));
    struct hash128 before = booking_hash(s->booking);
    booking_decide(s->booking, &decoded, s->now_us, &s->decision);
    struct hash128 after = booking_hash(s->booking);
    assert_true(before.low == after.low && before.high == after.high); /* decide changes nothing */
    check_outcome(s);
    apply_all(s);
}

static struct hash16 take_key(struct stage *s)
{
    for (unsigned i = 1; i + 1 < s->count; i++) {
        if (strcmp(s->words[i], "key") == 0) {
            s->count = i;
            return hash_of_text(s->words[i + 1]);
        }
    }
    return (struct hash16){{0}};
}

/* What the request was: its own words, so that another request under the same key differs. */
static uint64_t request_hash(struct stage *s)
{
    uint64_t hash = 1;
    for (unsigned i = 0; i < s->count; i++)
        hash = hash64_of(s->words[i], strlen(s->words[i]), hash);
    return hash;
}

static void bind(struct stage *s, const char *text, uint32_t slot, uint64_t random)
{
    if (!text || slot == BOOKING_NONE)
        return;
    struct name *name = NULL;
    for (unsigned i = 0; i < s->name_count; i++)
        if (strcmp(s->names[i].text, text) == 0)
            name = &s->names[i]; /* the name is given anew */
    if (!name) {
        assert_true(s->name_count < NAMES_MAX);
        name = &s->names[s->name_count++];
    }
    (void)snprintf(name->text, sizeof name->text, "%s", text);
    name->slot = slot;
    name->random = random;
}

static void line_hold(struct stage *s, const char *name)
{
    uint32_t list[WORDS_MAX], count = 0;
    struct booking_command c = {.number = BOOKING_COMMAND_hold};
    c.hold.key = take_key(s);
    c.hold.request = request_hash(s);
    c.hold.hold_random = 1000 + ++s->randoms;
    c.hold.session = hash_of_text(s->words[1]);
    unsigned first = 2;
    bool area = s->count > 2 && strcmp(s->words[2], "area") == 0;
    bool best = s->count > 2 && strcmp(s->words[2], "best") == 0;
    first += area || best;
    for (unsigned i = first; i < s->count; i++)
        list[count++] = (uint32_t)number(s, s->words[i]);
    if (area) {
        c.hold.areas = (struct u32s){list, count};
    } else if (best) {
        c.hold.best_category = list[0];
        c.hold.best_quantity = list[1];
    } else {
        c.hold.seats = (struct u32s){list, count};
    }
    submit(s, &c);
    bind(s, name, s->decision.hold, booking_hold_random(s->booking, s->decision.hold));
}

static void line_order(struct stage *s, const char *name)
{
    static const uint64_t tickets[LIMIT_HOLD_UNITS] = {1, 2,  3,  4,  5,  6,  7,  8,
                                                       9, 10, 11, 12, 13, 14, 15, 16};
    struct booking_command c = {.number = BOOKING_COMMAND_place_order};
    c.place_order.key = take_key(s);
    c.place_order.request = request_hash(s);
    const struct name *hold = name_find(s, s->words[2]);
    c.place_order.order_random = 5000 + ++s->randoms;
    c.place_order.hold = hold->slot;
    c.place_order.hold_random = hold->random;
    c.place_order.session = hash_of_text(s->words[1]);
    c.place_order.email_hash = hash_of_text(s->words[3]);
    c.place_order.person = 9;
    c.place_order.contact = SLICE("sealed");
    c.place_order.ticket_randoms = (struct u64s){tickets, LIMIT_HOLD_UNITS};
    submit(s, &c);
    bind(s, name, s->decision.order, booking_order_random(s->booking, s->decision.order));
}

static void line_news(struct stage *s)
{
    static const char *const kinds[] = {"",         "created",   "declined", "authorised",
                                        "captured", "cancelled", "refused"};
    static const uint64_t tickets[LIMIT_HOLD_UNITS] = {1, 2,  3,  4,  5,  6,  7,  8,
                                                       9, 10, 11, 12, 13, 14, 15, 16};
    const struct name *order = name_find(s, s->words[1]);
    struct booking_command c = {.number = BOOKING_COMMAND_payment_news};
    c.payment_news.order = order->slot;
    c.payment_news.order_random = order->random;
    for (uint8_t kind = 1; kind < sizeof kinds / sizeof kinds[0]; kind++)
        if (strcmp(s->words[2], kinds[kind]) == 0)
            c.payment_news.kind = kind;
    assert_int_not_equal(c.payment_news.kind, 0);
    struct slice word = slice_from_string(s->count > 3 ? s->words[3] : "");
    switch ((enum booking_payment)c.payment_news.kind) {
    case BOOKING_PAYMENT_CREATED:
        c.payment_news.intent = word;
        c.payment_news.client_secret = slice_from_string(s->count > 4 ? s->words[4] : "secret");
        break;
    case BOOKING_PAYMENT_AUTHORISED:
    case BOOKING_PAYMENT_CAPTURED:
        c.payment_news.amount_minor = (int64_t)number(s, s->words[3]);
        if (s->count > 4)
            c.payment_news.intent = slice_from_string(s->words[4]);
        break;
    default:
        c.payment_news.code = word;
        if (s->count > 4)
            c.payment_news.intent = slice_from_string(s->words[4]);
    }
    c.payment_news.ticket_randoms = (struct u64s){tickets, LIMIT_HOLD_UNITS};
    submit(s, &c);
}

static void line_change(struct stage *s)
{
    uint64_t prices[WORDS_MAX], fees[WORDS_MAX];
    struct booking_command c = {.number = BOOKING_COMMAND_change_event};
    struct command_change_event *change = &c.change_event;
    for (unsigned i = 1; i + 1 < s->count; i += 2) {
        const char *key = s->words[i];
        uint64_t value = number(s, s->words[i + 1]);
        if (strcmp(key, "sale") == 0) {
            change->sale = (uint8_t)value;
        } else if (strcmp(key, "per_buyer") == 0) {
            change->per_buyer = (uint32_t)value;
        } else if (strcmp(key, "per_hold") == 0) {
            change->per_hold = (uint32_t)value;
        } else if (strcmp(key, "price") == 0) {
            prices[change->prices.count++] = value;
            change->prices.data = prices;
        } else if (strcmp(key, "fee") == 0) {
            fees[change->fees.count++] = value;
            change->fees.data = fees;
        } else {
            FAIL(s, "change has no \"%s\"", key);
        }
    }
    submit(s, &c);
}

static void line_block(struct stage *s, bool block)
{
    uint32_t list[WORDS_MAX], count = 0;
    struct booking_command c = {.number = BOOKING_COMMAND_change_event};
    for (unsigned i = 1; i < s->count; i++)
        list[count++] = (uint32_t)number(s, s->words[i]);
    if (block)
        c.change_event.block = (struct u32s){list, count};
    else
        c.change_event.unblock = (struct u32s){list, count};
    submit(s, &c);
}

/* Blocks every unit there is: more than a line can name. */
static void line_block_all(struct stage *s)
{
    static uint32_t list[1024];
    struct booking_command c = {.number = BOOKING_COMMAND_change_event};
    uint32_t count = booking_event(s->booking).unit_count;
    assert_true(count <= 1024);
    for (uint32_t i = 0; i < count; i++)
        list[i] = i;
    c.change_event.block = (struct u32s){list, count};
    submit(s, &c);
}

static void line_of_two_names(struct stage *s)
{
    const struct name *name = name_find(s, s->words[2]);
    struct booking_command c;
    struct hash16 session = hash_of_text(s->words[1]);
    if (strcmp(s->words[0], "release") == 0) {
        c.number = BOOKING_COMMAND_release_hold;
        c.release_hold = (struct command_release_hold){name->slot, name->random, session};
    } else {
        c.number = BOOKING_COMMAND_cancel_order;
        c.cancel_order = (struct command_cancel_order){name->slot, name->random, session};
    }
    submit(s, &c);
}

/* ---- expectations ---- */

static void expect_same(struct stage *s, const char *what, uint64_t got, uint64_t wanted)
{
    if (got != wanted)
        FAIL(s, "%s is %llu, not %llu", what, (unsigned long long)got, (unsigned long long)wanted);
}

static void expect_order(struct stage *s)
{
    static const char *const states[] = {"", "placed", "sold", "captured", "ending", "ended"};
    static const char *const ends[] = {"", "cancelled", "expired", "failed", "voided"};
    const struct name *name = name_find(s, s->words[2]);
    struct booking_order o;
    assert_true(booking_order_get(s->booking, name->slot, name->random, &o));
    if (strcmp(s->words[3], states[o.state]) != 0)
        FAIL(s, "the order is %s, not %s", states[o.state], s->words[3]);
    struct booking_hold h;
    if (o.state == BOOKING_ORDER_PLACED &&
        booking_hold_get(s->booking, o.hold, booking_hold_random(s->booking, o.hold), &h))
        expect_same(s, "the order's end", o.expires_at_us, h.expires_at_us);
    for (unsigned i = 4; i < s->count; i++) {
        bool fits = strcmp(s->words[i], ends[o.end]) == 0 ||
                    strcmp(s->words[i], o.attention ? "attention" : "quiet") == 0;
        if (!fits)
            FAIL(s, "the order is not \"%s\"", s->words[i]);
    }
}

static void expect_call(struct stage *s)
{
    static const char *const calls[] = {"none", "create", "capture", "cancel"};
    const struct name *name = name_find(s, s->words[2]);
    struct entry_payment_requested entry = {0};
    char text[LIMIT_CALL_TEXT];
    bool owed = booking_call_get(s->booking, name->slot, &entry, text);
    if (strcmp(s->words[3], calls[entry.kind]) != 0)
        FAIL(s, "the order owes %s, not %s", calls[entry.kind], s->words[3]);
    if (owed)
        assert_true(entry.call_key.len > 0 && entry.body.len > 0);
    if (s->count > 4 && !slice_equal(slice_from_string(s->words[4]), entry.call_key))
        FAIL(s, "its key is %.*s", SLICE_ARG(entry.call_key));
    if (s->count > 5 && !slice_equal(slice_from_string(s->words[5]), entry.body))
        FAIL(s, "its body is %.*s", SLICE_ARG(entry.body));
}

/* The order that a hold names is this one, or none. */
static void expect_hold_order(struct stage *s)
{
    struct booking_hold h;
    const struct name *name = name_find(s, s->words[2]);
    assert_true(booking_hold_get(s->booking, name->slot, name->random, &h));
    bool none = strcmp(s->words[3], "none") == 0;
    expect_same(s, "the hold's order", h.order,
                none ? BOOKING_NONE : name_find(s, s->words[3])->slot);
}

static void line_expect(struct stage *s)
{
    static const char *const states[] = {"free", "held", "sold", "blocked"};
    const char *what = s->words[1];
    if (strcmp(what, "unit") == 0) {
        const char *got =
            states[booking_unit_state(s->booking, (uint32_t)number(s, s->words[2]), s->now_us)];
        if (strcmp(got, s->words[3]) != 0)
            FAIL(s, "unit %s is %s, not %s", s->words[2], got, s->words[3]);
    } else if (strcmp(what, "order") == 0) {
        expect_order(s);
    } else if (strcmp(what, "hold") == 0) {
        struct booking_hold h;
        const struct name *name = name_find(s, s->words[2]);
        assert_true(booking_hold_get(s->booking, name->slot, name->random, &h));
        if (s->count > 4)
            expect_same(s, "the time left", (h.expires_at_us - s->now_us + SECOND / 2) / SECOND,
                        number(s, s->words[4]));
        expect_same(s, "live", h.live, strcmp(s->words[3], "live") == 0);
    } else if (strcmp(what, "call") == 0) {
        expect_call(s);
    } else if (strcmp(what, "hold_order") == 0) {
        expect_hold_order(s);
    } else if (strcmp(what, "units") == 0) {
        struct booking_hold h;
        const struct name *name = name_find(s, s->words[2]);
        assert_true(booking_hold_get(s->booking, name->slot, name->random, &h));
        for (unsigned i = 0; i < h.unit_count || i + 3 < s->count; i++)
            expect_same(s, "a unit", i < h.unit_count ? h.units[i] : BOOKING_NONE,
                        i + 3 < s->count ? number(s, s->words[i + 3]) : BOOKING_NONE);
    } else if (strcmp(what, "slot_number") == 0) {
        expect_same(s, "the slot", name_find(s, s->words[2])->slot, number(s, s->words[3]));
    } else if (strcmp(what, "slot") == 0) {
        expect_same(s, "the slot", name_find(s, s->words[2])->slot,
                    name_find(s, s->words[3])->slot);
    } else if (strcmp(what, "total") == 0) {
        struct booking_hold h;
        const struct name *name = name_find(s, s->words[2]);
        assert_true(booking_hold_get(s->booking, name->slot, name->random, &h));
        expect_same(s, "the total", (uint64_t)h.total_minor, number(s, s->words[3]));
    } else if (strcmp(what, "left") == 0) {
        struct booking_counts c = booking_category_counts(s->booking, 0);
        expect_same(s, "what is left", c.available, number(s, s->words[2]));
    } else if (strcmp(what, "gross") == 0) {
        struct booking_counts c = booking_category_counts(s->booking, 0);
        expect_same(s, "gross", (uint64_t)c.gross_minor, number(s, s->words[2]));
    } else if (strcmp(what, "ledger") == 0) {
        struct booking_ledger l = booking_ledger(s->booking);
        expect_same(s, "owed by buyers", (uint64_t)l.buyers_minor, number(s, s->words[2]));
        expect_same(s, "at the provider", (uint64_t)l.provider_minor, number(s, s->words[3]));
        assert_int_equal(l.buyers_minor + l.provider_minor + l.organiser_minor + l.fees_minor, 0);
    } else if (strcmp(what, "ticket") == 0) {
        uint32_t unit = (uint32_t)number(s, s->words[2]);
        struct booking_ticket t = {0};
        uint64_t random = booking_ticket_random(s->booking, unit);
        bool exists = booking_ticket_get(s->booking, unit, random, &t);
        bool valid = exists && t.valid;
        expect_same(s, "the ticket's validity", valid, strcmp(s->words[3], "valid") == 0);
    } else {
        FAIL(s, "nothing is expected of \"%s\"", what);
    }
}

/* ---- lines ---- */

static void split(struct stage *s, char *line)
{
    bool behind = false;
    s->count = 0;
    s->wanted_count = 0;
    for (char *save, *word = strtok_r(line, " \t", &save); word;
         word = strtok_r(NULL, " \t", &save)) {
        if (*word == '#')
            return;
        if (strcmp(word, "->") == 0)
            behind = true;
        else if (behind)
            s->wanted[s->wanted_count++] = word;
        else
            s->words[s->count++] = word;
    }
}

static void line_run(struct stage *s)
{
    const char *name = NULL;
    if (s->count == 0)
        return;
    if (s->count > 2 && strcmp(s->words[1], "=") == 0) {
        name = s->words[0];
        memmove(s->words, s->words + 2, (s->count - 2) * sizeof s->words[0]);
        s->count -= 2;
    }
    const char *verb = s->words[0];
    struct booking_command simple = {0};
    if (strcmp(verb, "event") == 0) {
        line_event(s);
    } else if (strcmp(verb, "hold") == 0) {
        line_hold(s, name);
    } else if (strcmp(verb, "order") == 0) {
        line_order(s, name);
    } else if (strcmp(verb, "release") == 0 || strcmp(verb, "cancel") == 0) {
        line_of_two_names(s);
    } else if (strcmp(verb, "news") == 0) {
        line_news(s);
    } else if (strcmp(verb, "change") == 0) {
        line_change(s);
    } else if (strcmp(verb, "block") == 0 || strcmp(verb, "unblock") == 0) {
        line_block(s, verb[0] == 'b');
    } else if (strcmp(verb, "block_all") == 0) {
        line_block_all(s);
    } else if (strcmp(verb, "wait") == 0) {
        s->now_us += number(s, s->words[1]) * SECOND;
    } else if (strcmp(verb, "until") == 0) {
        struct booking_hold h;
        const struct name *held = name_find(s, s->words[1]);
        assert_true(booking_hold_get(s->booking, held->slot, held->random, &h));
        s->now_us = h.expires_at_us - (s->count > 2 ? number(s, s->words[2]) : 0);
    } else if (strcmp(verb, "expect") == 0) {
        line_expect(s);
    } else if (strcmp(verb, "tick") == 0) {
        simple.number = BOOKING_COMMAND_tick;
        submit(s, &simple);
    } else if (strcmp(verb, "credit") == 0) {
        simple.number = BOOKING_COMMAND_credit_outage;
        simple.credit_outage.outage_us = number(s, s->words[1]) * SECOND;
        submit(s, &simple);
    } else {
        FAIL(s, "there is no \"%s\"", verb);
    }
    const char *wrong = booking_check(s->booking);
    if (wrong)
        FAIL(s, "%s", wrong);
}

/* The same entries give the same state, bit by bit; so does the state's own image. */
static void replay(struct stage *s)
{
    struct booking_entry entry;
    assert_true(booking_entry_decode(buf_slice(&s->created), &entry));
    struct booking *again =
        booking_init(memory_create(s->memory), s->memory, 7, &entry.event_created, 1);
    for (size_t at = 0; at < s->log.len;) {
        uint32_t len;
        uint64_t ts;
        memcpy(&len, s->log.data + at, 4);
        memcpy(&ts, s->log.data + at + 4, 8);
        assert_true(booking_entry_decode(slice_make(s->log.data + at + 12, len), &entry));
        booking_apply(again, &entry, ts, NULL);
        at += 12 + len;
    }
    struct hash128 live = booking_hash(s->booking), replayed = booking_hash(again);
    assert_true(live.low == replayed.low && live.high == replayed.high);
    free(again);
    struct slice image = booking_image(s->booking);
    assert_int_equal(booking_restore_size(image), s->memory);
    again = booking_restore(memory_create(s->memory), s->memory, image);
    struct hash128 restored = booking_hash(again);
    assert_true(live.low == restored.low && live.high == restored.high);
    assert_null(booking_check(again));
    free(again);
}

void script_run(const char *name, const char *script)
{
    struct stage *s = calloc(1, sizeof *s);
    char *text = strdup(script);
    assert_non_null(s);
    assert_non_null(text);
    s->script = name;
    for (char *rest = text, *line; (line = strsep(&rest, "\n")) != NULL;) {
        s->line++;
        split(s, line);
        line_run(s);
    }
    replay(s);
    free(s->booking);
    buf_finish(&s->log);
    buf_finish(&s->created);
    free(text);
    free(s);
}
