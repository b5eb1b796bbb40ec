#include "unit/booking/script_stage.h"

/* Lines about payments: what the provider says, refunds, cases; and what is expected of them. */

static const uint64_t tickets[LIMIT_HOLD_UNITS] = {1, 2,  3,  4,  5,  6,  7,  8,
                                                   9, 10, 11, 12, 13, 14, 15, 16};

static struct slice word_or_nothing(const struct stage *s, unsigned at)
{
    return slice_from_string(s->count > at ? s->words[at] : "");
}

static int64_t amount_or_nothing(struct stage *s, unsigned at)
{
    return s->count > at ? (int64_t)strtoll(s->words[at], NULL, 10) : 0;
}

/* REFUND/ATTEMPT; without one, it is the attempt that the order keeps. */
static void name_refund(struct stage *s, struct command_payment_news *c)
{
    struct booking_order o;
    char *attempt = strchr(s->words[3], '/');
    if (attempt)
        *attempt++ = 0;
    c->refund = (uint8_t)stage_number(s, s->words[3]);
    assert_true(booking_order_get(s->booking, c->order, c->order_random, &o));
    if (attempt)
        c->attempt = (uint8_t)stage_number(s, attempt);
    else if (c->refund >= 1 && c->refund <= LIMIT_HOLD_UNITS)
        c->attempt = o.refund_attempts[c->refund - 1];
}

static void line_news(struct stage *s)
{
    static const char *const kinds[] = {"",         "created",   "declined", "authorised",
                                        "captured", "cancelled", "refused",  "processing",
                                        "refunded", "came_back", "unasked",  "disputed",
                                        "won",      "lost",      "differs"};
    const struct name *order = stage_name(s, s->words[1]);
    struct booking_command command = {.number = BOOKING_COMMAND_payment_news};
    struct command_payment_news *c = &command.payment_news;
    c->order = order->slot;
    c->order_random = order->random;
    c->kind = (uint8_t)stage_word(s, s->words[2], kinds, sizeof kinds / sizeof kinds[0]);
    c->ticket_randoms = (struct u64s){tickets, LIMIT_HOLD_UNITS};
    if (s->count > 4 && strcmp(s->words[s->count - 2], "card") == 0) {
        c->card = stage_hash(s->words[s->count - 1]);
        s->count -= 2;
    }
    switch (c->kind) {
    case BOOKING_PAYMENT_CREATED:
        c->intent = word_or_nothing(s, 3);
        c->client_secret = slice_from_string(s->count > 4 ? s->words[4] : "secret");
        break;
    case BOOKING_PAYMENT_PROCESSING: c->intent = word_or_nothing(s, 3); break;
    case BOOKING_PAYMENT_AUTHORISED:
    case BOOKING_PAYMENT_CAPTURED:
        c->amount_minor = amount_or_nothing(s, 3);
        c->intent = word_or_nothing(s, 4);
        break;
    case BOOKING_PAYMENT_REFUNDED:
    case BOOKING_PAYMENT_REFUND_FAILED:
        name_refund(s, c);
        c->amount_minor = amount_or_nothing(s, 4);
        break;
    case BOOKING_PAYMENT_DISPUTED:
    case BOOKING_PAYMENT_DISPUTE_WON:
    case BOOKING_PAYMENT_DISPUTE_LOST:
        c->dispute = word_or_nothing(s, 3);
        c->amount_minor = amount_or_nothing(s, 4);
        c->code = SLICE("fraudulent");
        c->due_at_us = 1000 * SECOND;
        break;
    default: c->code = word_or_nothing(s, 3); c->intent = word_or_nothing(s, 4);
    }
    if (c->intent.len == 0 && c->kind >= BOOKING_PAYMENT_REFUNDED) { /* it names its payment */
        struct booking_order o;
        assert_true(booking_order_get(s->booking, c->order, c->order_random, &o));
        c->intent = o.intent;
    }
    stage_submit(s, &command);
}

/* refund ORDER [UNIT...] [block] */
static void line_refund(struct stage *s)
{
    uint32_t units[WORDS_MAX], count = 0;
    const struct name *order = stage_name(s, s->words[1]);
    struct booking_command c = {.number = BOOKING_COMMAND_refund};
    c.refund.order = order->slot;
    c.refund.order_random = order->random;
    c.refund.by = SLICE("eve");
    c.refund.note = SLICE("was asked for");
    if (strcmp(s->words[s->count - 1], "block") == 0) {
        c.refund.block = 1;
        s->count--;
    }
    for (unsigned i = 2; i < s->count; i++)
        units[count++] = (uint32_t)stage_number(s, s->words[i]);
    c.refund.units = (struct u32s){units, count};
    stage_submit(s, &c);
}

/* resolve ORDER ACTION [AMOUNT] */
static void line_resolve(struct stage *s)
{
    static const char *const actions[] = {"", "retry", "release", "refund", "settle"};
    const struct name *order = stage_name(s, s->words[1]);
    struct booking_command c = {.number = BOOKING_COMMAND_resolve_case};
    c.resolve_case.order = order->slot;
    c.resolve_case.order_random = order->random;
    c.resolve_case.action = (uint8_t)stage_word(s, s->words[2], actions, 5);
    c.resolve_case.amount_minor = amount_or_nothing(s, 3);
    c.resolve_case.by = SLICE("eve");
    c.resolve_case.note = SLICE("looked at it");
    stage_submit(s, &c);
}

bool stage_money(struct stage *s)
{
    const char *verb = s->words[0];
    if (strcmp(verb, "news") == 0)
        line_news(s);
    else if (strcmp(verb, "refund") == 0)
        line_refund(s);
    else if (strcmp(verb, "resolve") == 0)
        line_resolve(s);
    else
        return false;
    return true;
}

/* ---- what is expected ---- */

static void expect_amount(struct stage *s, const char *what, int64_t got, const char *wanted)
{
    if (got != strtoll(wanted, NULL, 10))
        FAIL(s, "%s is %lld, not %s", what, (long long)got, wanted);
}

static void expect_word(struct stage *s, const char *what, const char *got, const char *wanted)
{
    if (strcmp(got, wanted) != 0)
        FAIL(s, "%s is %s, not %s", what, got, wanted);
}

/* expect books ACCOUNT AMOUNT...: these balances, and all others 0. */
static void expect_books(struct stage *s)
{
    struct booking_ledger l = booking_ledger(s->booking);
    int64_t sum = 0;
    for (uint32_t account = 0; account < BOOKING_ACCOUNT_COUNT; account++) {
        const char *name = booking_account_name((enum booking_account)account), *wanted = "0";
        for (unsigned i = 2; i + 1 < s->count; i += 2)
            if (strcmp(s->words[i], name) == 0)
                wanted = s->words[i + 1];
        expect_amount(s, name, l.minor[account], wanted);
        sum += l.minor[account];
    }
    assert_int_equal(sum, 0);
}

static struct booking_order order_of(struct stage *s, unsigned at)
{
    struct booking_order o;
    const struct name *name = stage_name(s, s->words[at]);
    assert_true(booking_order_get(s->booking, name->slot, name->random, &o));
    return o;
}

/* expect refunds ORDER STATE[:AMOUNT]... */
static void expect_refunds(struct stage *s)
{
    static const char *const states[] = {"none", "due", "done", "settled", "failed"};
    struct booking_order o = order_of(s, 2);
    uint32_t done = 0, failed = 0;
    if (o.refunds + 3u != s->count)
        FAIL(s, "there are %u refunds", o.refunds);
    for (unsigned i = 0; i < o.refunds; i++) {
        const char *state = states[o.refund_states[i]];
        done += o.refund_states[i] == BOOKING_REFUND_DONE ||
                o.refund_states[i] == BOOKING_REFUND_SETTLED;
        if (failed == 0 && o.refund_states[i] == BOOKING_REFUND_FAILED)
            failed = i + 1;
        char *amount = strchr(s->words[3 + i], ':');
        if (amount) {
            *amount++ = 0;
            expect_amount(s, "a refund",
                          booking_refund_amount(s->booking, stage_name(s, s->words[2])->slot,
                                                (uint8_t)(i + 1)),
                          amount);
        }
        expect_word(s, "a refund", state, s->words[3 + i]);
    }
    assert_int_equal(o.refunds_done, done);
    assert_int_equal(o.refund_failed, failed);
}

bool stage_expect_money(struct stage *s)
{
    static const char *const disputes[] = {"none", "open", "won", "lost", "lost_in_part"};
    static const char *const cases[] = {"none",          "capture_refused", "captured_after_end",
                                        "amount",        "refund_refused",  "refund_failed",
                                        "unasked",       "differs",         "disputes_full",
                                        "cancel_refused"};
    const char *what = s->words[1];
    struct booking_event event = booking_event(s->booking);
    if (strcmp(what, "books") == 0)
        expect_books(s);
    else if (strcmp(what, "refunds") == 0)
        expect_refunds(s);
    else if (strcmp(what, "dispute") == 0)
        expect_word(s, "the dispute", disputes[order_of(s, 2).dispute], s->words[3]);
    else if (strcmp(what, "case") == 0)
        expect_word(s, "the case", cases[order_of(s, 2).case_reason], s->words[3]);
    else if (strcmp(what, "open") == 0) { /* expect open CASES DISPUTES */
        expect_amount(s, "the number of cases", event.open_cases, s->words[2]);
        expect_amount(s, "the number of disputes", event.open_disputes, s->words[3]);
    } else if (strcmp(what, "taken") == 0) {
        expect_amount(s, "what was taken", order_of(s, 2).taken_minor, s->words[3]);
    } else if (strcmp(what, "by_hand") == 0) {
        expect_amount(s, "what was refunded by hand", order_of(s, 2).by_hand_minor, s->words[3]);
    } else {
        return false;
    }
    return true;
}
