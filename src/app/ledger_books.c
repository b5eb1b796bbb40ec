#include "app/ledger_books.h"

#include "base/money.h"
#include "engine/engine.h"
#include "journal/frame.h"

#include <stdlib.h>
#include <string.h>

/* The order that an entry with postings is about. */
static uint32_t order_of(const struct booking_entry *e)
{
    switch (e->number) {
    case BOOKING_ENTRY_order_sold: return e->order_sold.order;
    case BOOKING_ENTRY_order_voided: return e->order_voided.order;
    case BOOKING_ENTRY_payment_captured: return e->payment_captured.order;
    case BOOKING_ENTRY_payment_taken: return e->payment_taken.order;
    case BOOKING_ENTRY_refund_requested: return e->refund_requested.order;
    case BOOKING_ENTRY_refund_done: return e->refund_done.order;
    case BOOKING_ENTRY_refund_failed: return e->refund_failed.order;
    case BOOKING_ENTRY_dispute_opened: return e->dispute_opened.order;
    case BOOKING_ENTRY_dispute_closed: return e->dispute_closed.order;
    case BOOKING_ENTRY_case_closed: return e->case_closed.order;
    default: return BOOKING_NONE;
    }
}

static void add(struct booking_ledger *to, const struct booking_ledger *more)
{
    for (unsigned i = 0; i < BOOKING_ACCOUNT_COUNT; i++)
        to->minor[i] += more->minor[i];
}

struct reading {
    struct ledger_books *books;
    ledger_posting_fn *visit;
    void *context;
    struct err *err;
};

/* ---- machines ---- */

static struct ledger_event *event_of(struct ledger_books *books, uint32_t partition)
{
    if (partition >= books->count) {
        uint32_t count = partition + 64;
        struct ledger_event *more = realloc(books->events, count * sizeof *more);
        if (!more)
            return NULL;
        memset(more + books->count, 0, (count - books->count) * sizeof *more);
        books->events = more;
        books->count = count;
    }
    return &books->events[partition];
}

static int create(struct ledger_event *event, const struct frame *f,
                  const struct entry_event_created *created, struct err *err)
{
    const char *detail;
    if (!booking_created_valid(created, &detail))
        return err_set(err, "event %u cannot begin: %s", f->partition, detail);
    size_t size = booking_memory_size(created);
    event->memory = calloc(1, size);
    if (!event->memory)
        return err_set(err, "no memory");
    event->booking = booking_init(event->memory, size, f->partition, created, f->ts_us);
    event->partition = f->partition;
    memcpy(event->currency, booking_event(event->booking).currency, sizeof event->currency);
    id_format(ID_EVENT, (struct id){f->partition, 0, created->event_random}, event->id);
    return 0;
}

static int change_plan(struct ledger_event *event, const struct booking_entry *e, uint64_t ts_us,
                       struct err *err)
{
    size_t size = booking_change_plan_size(event->booking, &e->plan_changed);
    void *memory = calloc(1, size);
    if (!memory)
        return err_set(err, "no memory");
    event->booking = booking_change_plan(event->booking, memory, size, &e->plan_changed, ts_us);
    free(event->memory);
    event->memory = memory;
    return 0;
}

/* ---- postings ---- */

static struct booking_ledger *statement_of(struct ledger_event *event, uint32_t order)
{
    if (order >= event->order_room) {
        uint32_t room = event->order_room ? event->order_room : 256;
        while (room <= order)
            room *= 2;
        struct booking_ledger *more = realloc(event->orders, room * sizeof *more);
        if (!more)
            return NULL;
        memset(more + event->order_room, 0, (room - event->order_room) * sizeof *more);
        event->orders = more;
        event->order_room = room;
    }
    return &event->orders[order];
}

/* Another order has the slot from now on. */
static void close_slot(struct ledger_event *event, uint32_t order)
{
    if (order >= event->order_room)
        return;
    add(&event->closed, &event->orders[order]);
    event->orders[order] = (struct booking_ledger){{0}};
}

static int post(const struct reading *r, struct ledger_event *event, uint64_t row, uint64_t ts_us,
                const struct booking_entry *e)
{
    struct ledger_posting posting = {
        .event = event, .row = row, .ts_us = ts_us, .entry = e, .order = order_of(e)};
    if (e->number == BOOKING_ENTRY_order_placed)
        close_slot(event, e->order_placed.order);
    if (!booking_postings(event->booking, e, &posting.moved))
        return 0;
    struct booking_ledger *statement =
        posting.order == BOOKING_NONE ? NULL : statement_of(event, posting.order);
    if (!statement)
        return err_set(r->err, "row %llu moves money and names no order, or memory is short",
                       (unsigned long long)row);
    add(&event->balances, &posting.moved);
    add(statement, &posting.moved);
    posting.order_random = booking_order_random(event->booking, posting.order);
    if (r->visit)
        r->visit(r->context, &posting);
    return 0;
}

static int take_frame(const struct reading *r, uint64_t row, const struct frame *f)
{
    struct booking_entry e;
    if (f->partition == 0 || f->partition & ENGINE_QUEUE)
        return 0;
    struct ledger_event *event = event_of(r->books, f->partition);
    if (!event)
        return err_set(r->err, "no memory");
    if (!booking_entry_decode(f->entry, &e))
        return err_set(r->err, "row %llu has an entry that this program does not know",
                       (unsigned long long)row);
    if (!event->booking)
        return e.number == BOOKING_ENTRY_event_created
                   ? create(event, f, &e.event_created, r->err)
                   : err_set(r->err, "row %llu: event %u does not begin with EventCreated",
                             (unsigned long long)row, f->partition);
    if (post(r, event, row, f->ts_us, &e) < 0)
        return -1;
    if (e.number == BOOKING_ENTRY_plan_changed)
        return change_plan(event, &e, f->ts_us, r->err);
    booking_apply(event->booking, &e, f->ts_us, NULL);
    return 0;
}

static int take_row(void *context, const struct journal_row *row)
{
    const struct reading *r = context;
    struct frame frame;
    size_t at = 0;
    int more;
    while ((more = frame_next(row->body, &at, &frame)) == 1) {
        if (take_frame(r, row->seq, &frame) < 0)
            return -1;
    }
    return more < 0 ? err_set(r->err, "row %llu is damaged", (unsigned long long)row->seq) : 0;
}

int ledger_books_read(struct journal *journal, ledger_posting_fn *visit, void *context,
                      struct ledger_books *ret_books, struct err *err)
{
    *ret_books = (struct ledger_books){0};
    struct reading r = {ret_books, visit, context, err};
    return journal_read(journal, 1, take_row, &r, err) == 0 ? 0 : -1;
}

void ledger_books_finish(struct ledger_books *books)
{
    for (uint32_t i = 0; i < books->count; i++) {
        free(books->events[i].memory);
        free(books->events[i].orders);
    }
    free(books->events);
    *books = (struct ledger_books){0};
}

/* ---- comparing ---- */

static uint32_t differ(const struct ledger_event *event, const char *what,
                       const struct booking_ledger *books, const struct booking_ledger *machine,
                       struct buf *out)
{
    uint32_t count = 0;
    for (unsigned i = 0; i < BOOKING_ACCOUNT_COUNT; i++) {
        char summed[MONEY_TEXT_MAX], told[MONEY_TEXT_MAX];
        if (books->minor[i] == machine->minor[i])
            continue;
        count++;
        money_format(books->minor[i], event->currency, summed);
        money_format(machine->minor[i], event->currency, told);
        buf_append_format(out, "%s %s, %s: the entries sum to %s, the machine says %s\n", event->id,
                          what, booking_account_name((enum booking_account)i), summed, told);
    }
    return count;
}

static uint32_t unbalanced(const struct ledger_event *event, struct buf *out)
{
    int64_t sum = 0;
    for (unsigned i = 0; i < BOOKING_ACCOUNT_COUNT; i++)
        sum += event->balances.minor[i];
    if (sum == 0)
        return 0;
    char text[MONEY_TEXT_MAX];
    money_format(sum, event->currency, text);
    buf_append_format(out, "%s does not sum to zero but to %s\n", event->id, text);
    return 1;
}

uint32_t ledger_event_differences(const struct ledger_event *event, struct buf *out)
{
    static const struct booking_ledger nothing;
    struct booking_ledger machine = booking_ledger(event->booking),
                          closed = booking_ledger_closed(event->booking);
    uint32_t slots = booking_order_slots(event->booking);
    uint32_t count = unbalanced(event, out);
    count += differ(event, "balance", &event->balances, &machine, out);
    count += differ(event, "closed orders", &event->closed, &closed, out);
    for (uint32_t i = 0; i < slots; i++) {
        char id[ID_TEXT_MAX];
        struct booking_ledger statement = booking_order_ledger(event->booking, i);
        const struct booking_ledger *summed = i < event->order_room ? &event->orders[i] : &nothing;
        if (memcmp(&statement, summed, sizeof statement) == 0)
            continue;
        id_format(ID_ORDER,
                  (struct id){event->partition, i, booking_order_random(event->booking, i)}, id);
        count += differ(event, id, summed, &statement, out);
    }
    return count;
}
