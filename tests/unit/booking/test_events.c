#include "unit/booking/script_stage.h"

/* Every state of an order and every event, tried on the machine itself: what it decides and how the
 * order is then. docs/payments.md has the same table, which is compared with it. After a change
 * that is meant:  ONSALE_WRITE_EVENTS=1 booking_test_events */

/* Two seats, 110.00, for ann; zoe's card has all that one buyer may have. */
#define EVENT                                                                        \
    "event rows 2 seats 10 hold 600 pay 900 per_buyer 6 methods 9 processing 3600\n" \
    "z = hold zoe 10 11 12 13 14 15 -> ok UnitsHeld\n"                               \
    "y = order zoe z z@x -> ok OrderPlaced PaymentRequested\n"                       \
    "news y captured 33000 pi_z card full -> ok PaymentCreated OrderSold PaymentCaptured\n"
#define ASKED                                  \
    EVENT "a = hold ann 1 2 -> ok UnitsHeld\n" \
          "o = order ann a e@x -> ok OrderPlaced PaymentRequested\n"
#define CREATED ASKED "news o created pi_1 secret -> ok PaymentCreated\n"
#define PROCESSING CREATED "news o processing pi_1 -> ok PaymentProcessing\n"
#define ENDING CREATED "cancel ann o -> ok OrderEnded PaymentRequested\n"
#define EXPIRED CREATED "wait 900\ntick -> ok HoldExpired PaymentRequested\n"
#define TAKEN                                                                  \
    CREATED "news o captured 1 -> ok OrderEnded PaymentTaken RefundRequested " \
            "PaymentRequested\n"
#define ENDED ENDING "news o cancelled -> ok PaymentCancelled\n"
#define SOLD CREATED "news o authorised 11000 -> ok PaymentAuthorised OrderSold PaymentRequested\n"
#define PAID SOLD "news o captured 11000 -> ok PaymentCaptured\n"
#define REFUNDING PAID "refund o 1 -> ok RefundRequested PaymentRequested\n"
#define REFUNDED REFUNDING "news o refunded 1 -> ok RefundDone\n"
#define DISPUTED PAID "news o disputed dp_1 11000 -> ok DisputeOpened\n"

static const struct {
    const char *name, *script;
} states[] = {
    {"Waiting, the payment is being made", ASKED},
    {"Waiting, the payment is known", CREATED},
    {"Waiting, the payment is processing", PROCESSING},
    {"Waiting, its time ran out a moment ago", CREATED "wait 900\n"},
    {"Ending, the payment is being made", ASKED "cancel ann o -> ok OrderEnded\n"},
    {"Ending, cancelled by the buyer, its cancel is owed", ENDING},
    {"Ending, its time was over, the seats are free", EXPIRED},
    {"Ending, its time was over, the seats are another's",
     EXPIRED "b = hold bob 2 -> ok UnitsHeld\n"},
    {"Ending, the cancel was refused", ENDING "news o refused no -> ok CaseOpened\n"},
    {"Ending, another amount was authorised", CREATED
     "news o authorised 1 -> ok PaymentAuthorised CaseOpened OrderEnded PaymentRequested\n"},
    {"Ending, money was taken, its refund is owed", TAKEN},
    {"Ending, money was taken, its refund was refused",
     TAKEN "news o refused no -> ok CaseOpened\n"},
    {"Ended, nothing was taken", ENDED},
    {"Ended, captured afterwards", ENDED "news o captured 11000 -> ok CaseOpened\n"},
    {"Ended, paid back", TAKEN "news o refunded 1 -> ok RefundDone\n"},
    {"Ending again, what was paid back came back", TAKEN
     "news o refunded 1 -> ok RefundDone\nnews o came_back 1 -> ok RefundFailed CaseOpened\n"},
    {"Sold, its capture is owed", SOLD},
    {"Sold, the capture was refused", SOLD "news o refused no -> ok CaseOpened\n"},
    {"Sold, another amount was captured", SOLD "news o captured 1 -> ok CaseOpened\n"},
    {"Captured", PAID},
    {"Captured, one refund is owed", REFUNDING},
    {"Captured, one refund is owed, another waits", REFUNDING "refund o 2 -> ok RefundRequested\n"},
    {"Captured, a refund was refused", REFUNDING "news o refused no -> ok CaseOpened\n"},
    {"Captured, one ticket refunded", REFUNDED},
    {"Captured, all refunded",
     PAID "refund o -> ok RefundRequested PaymentRequested\nnews o refunded 1 -> ok RefundDone\n"},
    {"Captured, a refund came back", REFUNDED "news o came_back 1 -> ok RefundFailed CaseOpened\n"},
    {"Captured, a dispute is open", DISPUTED},
    {"Captured, a dispute was won", DISPUTED "news o won dp_1 -> ok DisputeClosed\n"},
    {"Captured, a dispute was lost", DISPUTED "news o lost dp_1 11000 -> ok DisputeClosed\n"},
    {"Captured, a dispute was lost in part",
     PAID "news o lost dp_1 5000 -> ok DisputeOpened DisputeClosed\n"},
    {"Captured, refunded at the provider by hand", PAID "news o unasked why -> ok CaseOpened\n"},
    {"Captured, the books differ", PAID "news o differs why -> ok CaseOpened\n"},
};

static const struct {
    const char *name, *line;
} events[] = {
    {"created", "news o created pi_1"},
    {"processing", "news o processing pi_1"},
    {"declined", "news o declined c pi_1"},
    {"authorised", "news o authorised 11000 pi_1"},
    {"authorised, another amount", "news o authorised 1 pi_1"},
    {"authorised, card has enough", "news o authorised 11000 pi_1 card full"},
    {"captured", "news o captured 11000 pi_1"},
    {"captured, another amount", "news o captured 1 pi_1"},
    {"captured, card has enough", "news o captured 11000 pi_1 card full"},
    {"cancelled", "news o cancelled - pi_1"},
    {"refused", "news o refused c pi_1"},
    {"refunded (1)", "news o refunded 1"},
    {"refund failed (1)", "news o came_back 1"},
    {"refund failed (1), another attempt", "news o came_back 1/9"},
    {"refunded unasked", "news o unasked c pi_1"},
    {"differs", "news o differs c pi_1"},
    {"disputed (the first)", "news o disputed dp_1 11000"},
    {"disputed (another)", "news o disputed dp_2 11000"},
    {"dispute won (the first)", "news o won dp_1"},
    {"dispute lost (the first)", "news o lost dp_1 11000"},
    {"dispute lost (the first), of less", "news o lost dp_1 5000"},
    {"the buyer cancels", "cancel ann o"},
    {"refund of all", "refund o"},
    {"refund of the second ticket", "refund o 2"},
    {"resolve: retry", "resolve o retry"},
    {"resolve: release", "resolve o release"},
    {"resolve: refund", "resolve o refund 11000"},
    {"resolve: settle", "resolve o settle"},
    {"resolve: settle, with an amount", "resolve o settle 5500"},
    {"a tick", "tick"},
    {"a tick a day later", "wait 86400\ntick"},
};

/* ---- in words ---- */

static const char *const calls[] = {"", "create", "capture", "cancel", "refund"};
static const char *const cases[] = {"",
                                    "capture refused",
                                    "captured after end",
                                    "amount differs",
                                    "refund refused",
                                    "refund failed",
                                    "refunded unasked",
                                    "differs",
                                    "disputes full",
                                    "cancel refused"};

static const char *entry_detail(const struct booking_entry *e)
{
    static const char *const ends[] = {"",       "cancelled",  "expired", "failed",
                                       "voided", "card limit", "released"};
    static const char *const actions[] = {"", "retry", "release", "refund", "settle"};
    switch (e->number) {
    case BOOKING_ENTRY_payment_requested: return calls[e->payment_requested.kind];
    case BOOKING_ENTRY_order_ended: return ends[e->order_ended.reason];
    case BOOKING_ENTRY_case_opened: return cases[e->case_opened.reason];
    case BOOKING_ENTRY_case_closed: return actions[e->case_closed.action];
    case BOOKING_ENTRY_dispute_closed: return e->dispute_closed.won ? "won" : "lost";
    case BOOKING_ENTRY_refund_done: return e->refund_done.settled ? "settled" : "";
    default: return "";
    }
}

static void tell_entries(const struct booking_decision *d, struct buf *out)
{
    for (uint32_t i = 0; i < d->entry_count; i++) {
        const char *detail = entry_detail(&d->entries[i]);
        buf_append_format(out, "%s`%s`", i ? ", " : "",
                          booking_entry_record(d->entries[i].number)->name);
        if (*detail)
            buf_append_format(out, " (%s)", detail);
    }
}

static void tell_order(struct stage *s, struct buf *out)
{
    static const char *const words[] = {"", "waiting", "sold", "captured", "ending", "ended"};
    struct booking_order o;
    const struct name *name = stage_name(s, "o");
    assert_true(booking_order_get(s->booking, name->slot, name->random, &o));
    buf_append_text(out, words[o.state]);
    if (o.processing)
        buf_append_text(out, ", processing");
    if (o.dispute == BOOKING_DISPUTE_LOST)
        buf_append_text(out, ", its tickets void");
    if (o.call != BOOKING_CALL_NONE)
        buf_append_format(out, ", owes %s", calls[o.call]);
    if (o.attention)
        buf_append_format(out, ", case: %s", cases[o.case_reason]);
}

/* ---- the table ---- */

static void try_event(const char *state, const char *line, struct buf *out, bool *ret_said,
                      char ret_refusal[64])
{
    struct stage *s = stage_begin(state);
    BUF_AUTO struct buf text = BUF_INIT;
    buf_append_text(&text, state);
    buf_append_char(&text, 0);
    stage_run(s, text.data);
    s->looking = true;
    stage_run(s, line);
    const struct booking_decision *d = &s->decision;
    (void)snprintf(ret_refusal, 64, "%s",
                   d->refusal == BOOKING_OK ? "" : booking_refusal_code(d->refusal));
    *ret_said = d->entry_count > 0 && d->entries[0].number != BOOKING_ENTRY_time_passed;
    if (*ret_said) {
        tell_entries(d, out);
        buf_append_text(out, " | ");
        tell_order(s, out);
    }
    /* What has been said once says nothing new, but for declines, which are counted. */
    if (*ret_said && strncmp(line, "news", 4) == 0 && !strstr(line, "declined")) {
        stage_run(s, line);
        assert_int_equal(d->refusal, BOOKING_OK);
        if (d->entry_count > 0)
            FAIL(s, "\"%s\" says something twice", line);
    }
    stage_end(s);
}

#define EVENTS (sizeof events / sizeof events[0])

/* What one event comes to: a row, a refusal's code, or nothing. */
struct outcome {
    struct buf row;
    char refusal[64];
    bool said;
};

static bool is_same(const struct outcome *x, const struct outcome *y)
{
    return x->said == y->said && strcmp(x->refusal, y->refusal) == 0 &&
           slice_equal(buf_slice(&x->row), buf_slice(&y->row));
}

/* The names of all events from `at` on that come to the same; false: an earlier one named them. */
static bool names_of(const struct outcome *all, unsigned at, struct buf *out)
{
    for (unsigned i = 0; i < at; i++)
        if (is_same(&all[i], &all[at]))
            return false;
    for (unsigned i = at; i < EVENTS; i++)
        if (is_same(&all[i], &all[at]))
            buf_append_format(out, "%s%s", i > at ? "; " : "", events[i].name);
    return true;
}

static void write_state(unsigned state, struct buf *out)
{
    struct outcome all[EVENTS] = {0};
    BUF_AUTO struct buf rows = BUF_INIT, refused = BUF_INIT;
    for (unsigned i = 0; i < EVENTS; i++)
        try_event(states[state].script, events[i].line, &all[i].row, &all[i].said, all[i].refusal);
    for (unsigned i = 0; i < EVENTS; i++) {
        BUF_AUTO struct buf names = BUF_INIT;
        if (!names_of(all, i, &names))
            continue;
        if (all[i].said)
            buf_append_format(&rows, "| %.*s | %.*s |\n", (int)names.len, names.data,
                              (int)all[i].row.len, all[i].row.data);
        else if (all[i].refusal[0])
            buf_append_format(&refused, "\nRefused (`%s`): %.*s.\n", all[i].refusal, (int)names.len,
                              names.data);
    }
    buf_append_format(out,
                      "\n### %s\n\n| event | what is decided | the order then |\n|---|---|---|\n",
                      states[state].name);
    buf_append_slice(out, buf_slice(&rows));
    buf_append_slice(out, buf_slice(&refused));
    for (unsigned i = 0; i < EVENTS; i++)
        buf_finish(&all[i].row);
}

/* ---- the page ---- */

#define BEGIN "<!-- events: written by booking_test_events -->\n"
#define END "<!-- events: end -->\n"

static void page_path(char path[512])
{
    const char *top = getenv("ONSALE_TOP");
    (void)snprintf(path, 512, "%s/docs/payments.md", top ? top : ".");
}

static void read_page(struct buf *out)
{
    char path[512];
    page_path(path);
    FILE *file = fopen(path, "rb");
    if (!file)
        fail_msg("%s cannot be read", path);
    for (size_t got = 1; got > 0; out->len += got)
        got = fread(buf_reserve(out, 4096), 1, 4096, file);
    fclose(file);
    buf_append_char(out, 0);
}

static void write_page(const char *page, const char *begin, const char *end, struct slice table)
{
    char path[512];
    page_path(path);
    FILE *file = fopen(path, "wb");
    if (!file)
        fail_msg("%s cannot be written", path);
    assert_true(fwrite(page, 1, (size_t)(begin - page), file) == (size_t)(begin - page));
    assert_int_equal(fwrite(table.data, 1, table.len, file), table.len);
    assert_true(fputs(end, file) >= 0);
    assert_int_equal(fclose(file), 0);
}

static void the_page_on_payments_says_what_the_machine_does(void **state)
{
    (void)state;
    BUF_AUTO struct buf page = BUF_INIT, table = BUF_INIT;
    for (unsigned i = 0; i < sizeof states / sizeof states[0]; i++)
        write_state(i, &table);
    assert_false(table.failed);
    read_page(&page);
    const char *begin = strstr(page.data, BEGIN), *end = strstr(page.data, END);
    if (!begin || !end)
        fail_msg("docs/payments.md has no place for the events");
    begin += strlen(BEGIN);
    if (getenv("ONSALE_WRITE_EVENTS")) {
        write_page(page.data, begin, end, buf_slice(&table));
        return;
    }
    if (slice_equal(slice_make(begin, (size_t)(end - begin)), buf_slice(&table)))
        return;
    size_t at = 0, line = 1;
    for (; at < table.len && begin[at] == table.data[at]; at++)
        line += begin[at] == '\n';
    fail_msg("docs/payments.md differs from the machine in line %zu of \"Every state and every "
             "event\": ONSALE_WRITE_EVENTS=1 booking_test_events writes it anew",
             line);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_page_on_payments_says_what_the_machine_does),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
