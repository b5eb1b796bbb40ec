/* call_balance: the balance, what moved it, payouts, and events (calls.h). */
#include "sandbox/calls_internal.h"

#define NO_ID slice_make("", 0)

/* ---- the balance ---- */

static void put_part(struct json *j, const struct books_balance *balance, int64_t amount)
{
    json_put_object(j, NULL);
    json_put_i64(j, "amount", amount);
    json_put_string(j, "currency", balance->currency);
    json_put_object(j, "source_types");
    json_put_i64(j, "card", amount);
    json_end(j);
    json_end(j);
}

static void put_available(void *context, const struct books_balance *balance)
{
    put_part(context, balance, balance->balance);
}

static void put_pending(void *context, const struct books_balance *balance)
{
    put_part(context, balance, 0); /* play money is there at once */
}

void calls_balance(struct call *call)
{
    struct json j = call_answer(call);
    json_put_object(&j, NULL);
    json_put_string(&j, "object", "balance");
    json_put_array(&j, "available");
    books_each_balance(call->books, put_available, &j);
    json_end(&j);
    json_put_bool(&j, "livemode", false);
    json_put_array(&j, "pending");
    books_each_balance(call->books, put_pending, &j);
    json_end(&j);
    json_end(&j);
}

void calls_movement_retrieve(struct call *call)
{
    struct movement movement;
    if (!books_find_movement(call->books, call->id, &movement)) {
        call_missing(call, "balance transaction", "id", call->id);
        return;
    }
    struct json j = call_answer(call);
    wire_movement(&j, NULL, &movement);
}

static bool list_movement(void *context, const struct movement *movement)
{
    struct call_list *list = context;
    if (!call_list_room(list))
        return false;
    wire_movement(&list->j, NULL, movement);
    return true;
}

void calls_movement_list(struct call *call)
{
    struct call_list list;
    struct movement last;
    bool found = books_find_movement(call->books, call_field(call, "starting_after"), &last);
    if (!call_list_begin(call, found, found ? last.row : 0, &list))
        return;
    list.query.word = call_field(call, "type");
    books_each_movement(call->books, &list.query, list_movement, &list);
    call_list_end(&list, "/v1/balance_transactions");
}

/* ---- payouts ---- */

static void write_payout(struct call *call, struct json *j, const struct payout *payout)
{
    wire_payout(j, NULL, payout, books_movement_of(call->books, payout->id, false).text);
}

static void emit_payout(struct call *call, const char *type, const struct payout *payout)
{
    BUF_AUTO struct buf object = BUF_INIT;
    struct json j;
    json_begin(&j, &object);
    write_payout(call, &j, payout);
    call_emit(call, type, 0, buf_slice(&object));
}

static void answer_payout(struct call *call, const struct payout *payout)
{
    struct json j = call_answer(call);
    write_payout(call, &j, payout);
}

struct in_currency {
    const char *currency;
    int64_t amount;
};

static void find_currency(void *context, const struct books_balance *balance)
{
    struct in_currency *wanted = context;
    if (strcmp(balance->currency, wanted->currency) == 0)
        wanted->amount = balance->balance;
}

static int64_t balance_in(struct call *call, const char *currency)
{
    struct in_currency wanted = {.currency = currency};
    books_each_balance(call->books, find_currency, &wanted);
    return wanted.amount;
}

static void move_payout(struct call *call, const struct payout *payout, const char *type,
                        int64_t amount)
{
    call_move(call, &(struct call_movement){.type = type,
                                            .source = payout->id,
                                            .currency = payout->currency,
                                            .amount = amount});
}

/* Sends a payout that has its amount, currency and metadata on its way. */
static void send_payout(struct call *call, struct payout *payout)
{
    bool fails = call->fault.kind == FAULT_FAIL && call->on == FAULT_ON_PAYOUT;
    calls_make_id("po_", 24, sizeof payout->id, payout->id);
    payout->created_s = call_now_s();
    payout->status = PAYOUT_PENDING;
    books_save_payout(call->books, payout);
    move_payout(call, payout, "payout", -payout->amount);
    agenda_add(call->agenda, fails ? AGENDA_PAYOUT_FAILS : AGENDA_PAYOUT_PAID, payout->row, 0,
               fails ? call->fault.ms : call->times->payout_ms);
    emit_payout(call, "payout.created", payout);
}

/* False: it is paid or failed already; a bank may send back what it has. */
static bool move_on(struct call *call, struct payout *payout, bool fine)
{
    if (payout->status == PAYOUT_FAILED || (fine && payout->status == PAYOUT_PAID))
        return false;
    payout->status = fine ? PAYOUT_PAID : PAYOUT_FAILED;
    books_save_payout(call->books, payout);
    if (!fine)
        move_payout(call, payout, "payout_failure", payout->amount);
    emit_payout(call, fine ? "payout.paid" : "payout.failed", payout);
    return true;
}

void call_payout_due(struct call *call, int64_t payout_row, bool fine)
{
    struct payout payout;
    if (books_find_payout(call->books, NO_ID, payout_row, &payout))
        (void)move_on(call, &payout, fine);
}

void call_payout_currency(struct call *call, const char *currency)
{
    struct payout payout = {.automatic = true, .metadata = "{}"};
    (void)snprintf(payout.currency, sizeof payout.currency, "%.3s", currency);
    payout.amount = balance_in(call, payout.currency);
    if (payout.amount > 0)
        send_payout(call, &payout);
}

void calls_payout_create(struct call *call)
{
    struct payout payout = {.metadata = "{}"};
    struct slice amount = call_field(call, "amount"), currency = call_field(call, "currency");
    if (!KNOWS(call, "amount", "currency", "description", "metadata[", "metadata", "method",
               "statement_descriptor", "source_type", "destination"))
        return;
    if (!call_integer(amount, &payout.amount) || payout.amount == 0) {
        call_refuse(call, amount.len ? "parameter_invalid_integer" : "parameter_missing", "amount",
                    "An amount above 0 is required.");
        return;
    }
    if (currency.len != 3) {
        call_refuse(call, "parameter_missing", "currency",
                    "A currency of three letters is required.");
        return;
    }
    for (size_t i = 0; i < 3; i++)
        payout.currency[i] = (char)(currency.data[i] | 32);
    if (!call_merge(call, "metadata", sizeof payout.metadata, payout.metadata))
        return;
    call->keep = true;
    if (payout.amount > balance_in(call, payout.currency)) {
        call_refuse(call, "balance_insufficient", NULL,
                    "You have insufficient funds in your Stripe account for this payout.");
        return;
    }
    send_payout(call, &payout);
    answer_payout(call, &payout);
}

static bool find_payout(struct call *call, struct payout *ret_payout)
{
    if (books_find_payout(call->books, call->id, 0, ret_payout))
        return true;
    call_missing(call, "payout", "id", call->id);
    return false;
}

void calls_payout_retrieve(struct call *call)
{
    struct payout payout;
    if (find_payout(call, &payout))
        answer_payout(call, &payout);
}

static bool list_payout(void *context, const struct payout *payout)
{
    struct call_list *list = context;
    if (!call_list_room(list))
        return false;
    write_payout(list->call, &list->j, payout);
    return true;
}

void calls_payout_list(struct call *call)
{
    struct call_list list;
    struct payout last;
    bool found = books_find_payout(call->books, call_field(call, "starting_after"), 0, &last);
    if (!call_list_begin(call, found, found ? last.row : 0, &list))
        return;
    books_each_payout(call->books, &list.query, list_payout, &list);
    call_list_end(&list, "/v1/payouts");
}

/* The currencies that there is something in; gathered first, because payouts change the sums. */
struct currencies {
    char list[32][4];
    size_t count;
};

static void note_currency(void *context, const struct books_balance *balance)
{
    struct currencies *all = context;
    if (balance->balance > 0 && all->count < sizeof all->list / sizeof all->list[0])
        memcpy(all->list[all->count++], balance->currency, sizeof balance->currency);
}

void calls_payout_all(struct call *call)
{
    struct currencies all = {.count = 0};
    struct slice only = call_field(call, "currency");
    if (!KNOWS(call, "currency"))
        return;
    books_each_balance(call->books, note_currency, &all);
    for (size_t i = 0; i < all.count; i++)
        if (only.len == 0 || slice_equal(only, slice_from_string(all.list[i])))
            call_payout_currency(call, all.list[i]);
    calls_balance(call);
}

void calls_payout_decide(struct call *call)
{
    struct payout payout;
    struct slice word = call_field(call, "outcome");
    bool paid = slice_equal(word, SLICE("paid"));
    if (!paid && !slice_equal(word, SLICE("failed")))
        call_refuse(call, NULL, "outcome", "The outcome must be paid or failed.");
    else if (!find_payout(call, &payout))
        return;
    else if (!move_on(call, &payout, paid))
        call_refuse(call, NULL, "outcome", "Not possible for a payout in this state.");
    else
        answer_payout(call, &payout);
}

/* ---- events ---- */

void calls_event_retrieve(struct call *call)
{
    int64_t row;
    (void)call_answer(call);
    if (!books_event_find(call->books, call->id, &row, &call->body))
        call_missing(call, "event", "id", call->id);
}

static bool list_event(void *context, const struct books_event *event)
{
    struct call_list *list = context;
    if (!call_list_room(list))
        return false;
    json_put_raw(&list->j, NULL, event->body);
    return true;
}

void calls_event_list(struct call *call)
{
    struct call_list list;
    BUF_AUTO struct buf unused = BUF_INIT;
    int64_t row = 0;
    bool found = books_event_find(call->books, call_field(call, "starting_after"), &row, &unused);
    if (!call_list_begin(call, found, row, &list))
        return;
    list.query.word = call_field(call, "type");
    books_each_event(call->books, &list.query, list_event, &list);
    call_list_end(&list, "/v1/events");
}
