#include "unit/booking/script_stage.h"

/* What a script expects to see of the machine. */

static void expect_same(struct stage *s, const char *what, uint64_t got, uint64_t wanted)
{
    if (got != wanted)
        FAIL(s, "%s is %llu, not %llu", what, (unsigned long long)got, (unsigned long long)wanted);
}

static void expect_order(struct stage *s)
{
    static const char *const states[] = {"", "placed", "sold", "captured", "ending", "ended"};
    static const char *const ends[] = {"",       "cancelled",  "expired", "failed",
                                       "voided", "card_limit", "released"};
    const struct name *name = stage_name(s, s->words[2]);
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
    static const char *const calls[] = {"none", "create", "capture", "cancel", "refund"};
    const struct name *name = stage_name(s, s->words[2]);
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
    const struct name *name = stage_name(s, s->words[2]);
    assert_true(booking_hold_get(s->booking, name->slot, name->random, &h));
    bool none = strcmp(s->words[3], "none") == 0;
    expect_same(s, "the hold's order", h.order,
                none ? BOOKING_NONE : stage_name(s, s->words[3])->slot);
}

/* expect choice HOLD WORD...: every word that is true of it, and no other. */
static void expect_choice(struct stage *s)
{
    static const char *const ways[] = {"buyers", "adjacent", "companions", "area"};
    struct booking_hold h;
    const struct name *name = stage_name(s, s->words[2]);
    assert_true(booking_hold_get(s->booking, name->slot, name->random, &h));
    uint8_t wanted = 0;
    for (unsigned i = 3; i < s->count; i++) {
        if (strcmp(s->words[i], "restricted") == 0)
            wanted |= BOOKING_CHOICE_RESTRICTED;
        else if (strcmp(s->words[i], "single") == 0)
            wanted |= BOOKING_CHOICE_LEAVES_SINGLE;
        else
            wanted |= (uint8_t)stage_word(s, s->words[i], ways, 4);
    }
    expect_same(s, "the choice", h.choice, wanted);
}

/* expect allocation NUMBER KEY VALUE... */
static void expect_allocation(struct stage *s)
{
    struct booking_allocation a =
        booking_allocation(s->booking, (uint32_t)stage_number(s, s->words[2]));
    const struct {
        const char *key;
        uint64_t value;
    } facts[] = {{"capacity", a.capacity},
                 {"available", a.available},
                 {"held", a.held},
                 {"sold", a.sold},
                 {"blocked", a.blocked},
                 {"codes", a.codes},
                 {"codes_used", a.codes_used},
                 {"released", a.released},
                 {"kind", a.kind},
                 {"opens", a.opens_at_us / SECOND},
                 {"releases", a.releases_at_us / SECOND}};
    for (unsigned i = 3; i + 1 < s->count; i += 2) {
        bool known = false;
        for (unsigned k = 0; k < sizeof facts / sizeof facts[0]; k++) {
            if (strcmp(s->words[i], facts[k].key) == 0) {
                expect_same(s, facts[k].key, facts[k].value, stage_number(s, s->words[i + 1]));
                known = true;
            }
        }
        if (!known)
            FAIL(s, "an allocation has no \"%s\"", s->words[i]);
    }
}

/* expect code CODE ALLOCATION LEFT; "any": it has no limit. */
static void expect_code(struct stage *s)
{
    uint32_t left = 0;
    uint32_t opens = booking_code_opens(s->booking, stage_hash(s->words[2]), s->now_us, &left);
    expect_same(s, "what the code opens", opens, stage_number(s, s->words[3]));
    if (s->count > 4)
        expect_same(s, "what is left on the code", left,
                    strcmp(s->words[4], "any") == 0 ? UINT32_MAX : stage_number(s, s->words[4]));
}

void stage_expect(struct stage *s)
{
    static const char *const states[] = {"free", "held", "sold", "blocked", "allocated"};
    const char *what = s->words[1];
    if (strcmp(what, "unit") == 0) {
        const char *got = states[booking_unit_state(
            s->booking, (uint32_t)stage_number(s, s->words[2]), s->now_us)];
        if (strcmp(got, s->words[3]) != 0)
            FAIL(s, "unit %s is %s, not %s", s->words[2], got, s->words[3]);
    } else if (strcmp(what, "order") == 0) {
        expect_order(s);
    } else if (strcmp(what, "hold") == 0) {
        struct booking_hold h;
        const struct name *name = stage_name(s, s->words[2]);
        assert_true(booking_hold_get(s->booking, name->slot, name->random, &h));
        if (s->count > 4)
            expect_same(s, "the time left", (h.expires_at_us - s->now_us + SECOND / 2) / SECOND,
                        stage_number(s, s->words[4]));
        expect_same(s, "live", h.live, strcmp(s->words[3], "live") == 0);
    } else if (strcmp(what, "choice") == 0) {
        expect_choice(s);
    } else if (strcmp(what, "allocation") == 0) {
        expect_allocation(s);
    } else if (strcmp(what, "code") == 0) {
        expect_code(s);
    } else if (strcmp(what, "quota") == 0) {
        struct booking_quota q = booking_quota(s->booking, (uint32_t)stage_number(s, s->words[2]));
        expect_same(s, "what is used of the quota", q.used, stage_number(s, s->words[3]));
    } else if (strcmp(what, "reached") == 0) {
        uint64_t categories = 0;
        for (unsigned i = 2; i < s->count; i++)
            categories |= 1ull << stage_number(s, s->words[i]);
        expect_same(s, "the categories whose limit is reached", s->decision.categories, categories);
    } else if (strcmp(what, "call") == 0) {
        expect_call(s);
    } else if (strcmp(what, "hold_order") == 0) {
        expect_hold_order(s);
    } else if (strcmp(what, "units") == 0) {
        struct booking_hold h;
        const struct name *name = stage_name(s, s->words[2]);
        assert_true(booking_hold_get(s->booking, name->slot, name->random, &h));
        for (unsigned i = 0; i < h.unit_count || i + 3 < s->count; i++)
            expect_same(s, "a unit", i < h.unit_count ? h.units[i] : BOOKING_NONE,
                        i + 3 < s->count ? stage_number(s, s->words[i + 3]) : BOOKING_NONE);
    } else if (strcmp(what, "slot_number") == 0) {
        expect_same(s, "the slot", stage_name(s, s->words[2])->slot, stage_number(s, s->words[3]));
    } else if (strcmp(what, "slot") == 0) {
        expect_same(s, "the slot", stage_name(s, s->words[2])->slot,
                    stage_name(s, s->words[3])->slot);
    } else if (strcmp(what, "total") == 0) {
        struct booking_hold h;
        const struct name *name = stage_name(s, s->words[2]);
        assert_true(booking_hold_get(s->booking, name->slot, name->random, &h));
        expect_same(s, "the total", (uint64_t)h.total_minor, stage_number(s, s->words[3]));
    } else if (strcmp(what, "left") == 0) {
        struct booking_counts c = booking_category_counts(s->booking, 0);
        expect_same(s, "what is left", c.available, stage_number(s, s->words[2]));
    } else if (strcmp(what, "gross") == 0) {
        struct booking_counts c = booking_category_counts(s->booking, 0);
        expect_same(s, "gross", (uint64_t)c.gross_minor, stage_number(s, s->words[2]));
    } else if (strcmp(what, "ledger") == 0) {
        struct booking_ledger l = booking_ledger(s->booking);
        expect_same(s, "owed by buyers", (uint64_t)l.minor[BOOKING_ACCOUNT_BUYERS],
                    stage_number(s, s->words[2]));
        expect_same(s, "at the provider", (uint64_t)l.minor[BOOKING_ACCOUNT_PROVIDER],
                    stage_number(s, s->words[3]));
    } else if (strcmp(what, "ticket") == 0) {
        uint32_t unit = (uint32_t)stage_number(s, s->words[2]);
        struct booking_ticket t = {0};
        uint64_t random = booking_ticket_random(s->booking, unit);
        bool exists = booking_ticket_get(s->booking, unit, random, &t);
        bool valid = exists && t.valid;
        expect_same(s, "the ticket's validity", valid, strcmp(s->words[3], "valid") == 0);
    } else if (!stage_expect_prices(s) && !stage_expect_money(s)) {
        FAIL(s, "nothing is expected of \"%s\"", what);
    }
}
