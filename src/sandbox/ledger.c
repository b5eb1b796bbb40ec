#include "sandbox/ledger.h"

#include "base/json.h"
#include "sandbox/wire.h"

struct ledger {
    struct books *books;
    const struct ledger_query *query;
    struct json j;
    uint32_t left; /* of the list that is being written */
};

static bool write_intent(void *context, const struct intent *intent)
{
    struct ledger *ledger = context;
    wire_intent_line(&ledger->j, intent);
    return true;
}

/* The intent of a refund or dispute, if it is to be listed. */
static bool wanted(struct ledger *ledger, int64_t intent_row, struct intent *ret_intent)
{
    const struct slice order = ledger->query->order;
    return books_find_intent(ledger->books, slice_make("", 0), intent_row, ret_intent) &&
           (order.len == 0 || slice_equal(order, slice_from_string(ret_intent->order)));
}

static bool write_refund(void *context, const struct refund *refund)
{
    struct ledger *ledger = context;
    struct intent intent;
    if (!wanted(ledger, refund->intent_row, &intent))
        return true;
    wire_refund_line(&ledger->j, refund, &intent);
    return --ledger->left > 0;
}

static bool write_dispute(void *context, const struct dispute *dispute)
{
    struct ledger *ledger = context;
    struct intent intent;
    if (!wanted(ledger, dispute->intent_row, &intent))
        return true;
    wire_dispute_line(&ledger->j, dispute, &intent);
    return --ledger->left > 0;
}

static bool write_payout(void *context, const struct payout *payout)
{
    struct ledger *ledger = context;
    wire_payout_line(&ledger->j, payout);
    return true;
}

static bool write_event(void *context, const struct books_event *event)
{
    struct ledger *ledger = context;
    struct intent intent;
    bool found = event->intent_row && wanted(ledger, event->intent_row, &intent);
    if (!found && (event->intent_row || ledger->query->order.len))
        return true;
    json_put_object(&ledger->j, NULL);
    json_put_string(&ledger->j, "id", event->id);
    json_put_string(&ledger->j, "type", event->type);
    json_put_i64(&ledger->j, "created", event->created_s);
    json_put_bool(&ledger->j, "pending", event->pending);
    json_put_string(&ledger->j, "intent", found ? intent.id : NULL);
    json_put_string(&ledger->j, "order", found && intent.order[0] ? intent.order : NULL);
    json_end(&ledger->j);
    return --ledger->left > 0;
}

static void write_balance(void *context, const struct books_balance *balance)
{
    struct ledger *ledger = context;
    wire_balance_line(&ledger->j, balance);
}

static void write_totals(struct ledger *ledger, size_t agenda)
{
    struct books_totals totals = books_totals(ledger->books);
    struct json *j = &ledger->j;
    json_put_object(j, "totals");
    json_put_u64(j, "intents", totals.intents);
    json_put_u64(j, "authorised", totals.authorised);
    json_put_u64(j, "captured", totals.captured);
    json_put_u64(j, "canceled", totals.canceled);
    json_put_u64(j, "refunds", totals.refunds);
    json_put_u64(j, "disputes", totals.disputes);
    json_put_u64(j, "payouts", totals.payouts);
    json_put_u64(j, "webhooks_pending", totals.events_pending);
    json_put_u64(j, "still_to_come", agenda);
    json_end(j);
}

static void begin(struct ledger *ledger, const char *name)
{
    ledger->left = ledger->query->limit ? ledger->query->limit : UINT32_MAX;
    json_put_array(&ledger->j, name);
}

void ledger_write(struct books *books, size_t agenda, const struct ledger_query *query,
                  struct buf *body)
{
    struct ledger ledger = {.books = books, .query = query};
    /* What is looked through for an order cannot be limited beforehand. */
    const struct books_query all = {.oldest_first = query->limit == 0};
    struct books_query some = all, of_order = all;
    some.limit = of_order.limit = query->limit;
    of_order.word = query->order;
    json_begin(&ledger.j, body);
    json_put_object(&ledger.j, NULL);
    begin(&ledger, "intents");
    books_each_intent(books, &of_order, write_intent, &ledger);
    json_end(&ledger.j);
    begin(&ledger, "refunds");
    books_each_refund(books, &all, write_refund, &ledger);
    json_end(&ledger.j);
    begin(&ledger, "disputes");
    books_each_dispute(books, &all, write_dispute, &ledger);
    json_end(&ledger.j);
    begin(&ledger, "payouts");
    books_each_payout(books, &some, write_payout, &ledger);
    json_end(&ledger.j);
    if (query->limit) {
        begin(&ledger, "events");
        books_each_event(books, &all, write_event, &ledger);
        json_end(&ledger.j);
    }
    json_put_array(&ledger.j, "balances");
    books_each_balance(books, write_balance, &ledger);
    json_end(&ledger.j);
    write_totals(&ledger, agenda);
    json_end(&ledger.j);
}
