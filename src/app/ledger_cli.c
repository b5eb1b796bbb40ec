#include "app/ledger_cli.h"

#include "app/ledger_books.h"
#include "base/money.h"
#include "base/time.h"
#include "journal/sqlite.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char usage[] =
    "usage: onsale ledger check   [--data DIR]\n"
    "       onsale ledger explain --event E [--order O] [--account A] [--data DIR]\n"
    "\n"
    "check replays the journal from its beginning, sums what every entry moves, and compares that\n"
    "with what the machines say of each event and each order. It prints the balances of each "
    "event\n"
    "and exits with 1 when anything differs.\n"
    "\n"
    "explain lists the entries behind an event's balances, or an order's, or one account's "
    "(buyers,\n"
    "provider, organiser, fees, tax, refunds, disputes), with the balance after each.\n"
    "\n"
    "Both read only, beside a running program too. DIR is the data folder [data].\n";

struct options {
    const char *verb, *data, *event, *order, *account;
};

/* ---- check ---- */

static void print_balances(const struct ledger_event *event, bool good)
{
    (void)printf("%s\n", event->id);
    for (unsigned i = 0; i < BOOKING_ACCOUNT_COUNT; i++) {
        char money[MONEY_TEXT_MAX];
        money_format(event->balances.minor[i], event->currency, money);
        (void)printf("  %-10s %24s\n", booking_account_name((enum booking_account)i), money);
    }
    (void)printf("  %s\n", good ? "agrees" : "DIFFERS");
}

static int check(struct journal *journal)
{
    struct ledger_books books;
    struct err err = {""};
    uint32_t differences = 0, events = 0;
    BUF_AUTO struct buf lines = BUF_INIT;
    int read = ledger_books_read(journal, NULL, NULL, &books, &err);
    for (uint32_t i = 0; read == 0 && i < books.count; i++) {
        if (!books.events[i].booking)
            continue;
        uint32_t found = ledger_event_differences(&books.events[i], &lines);
        print_balances(&books.events[i], found == 0);
        differences += found;
        events++;
    }
    ledger_books_finish(&books);
    if (read < 0) {
        (void)fprintf(stderr, "onsale: %s\n", err.detail);
        return 1;
    }
    (void)fwrite(lines.data, 1, lines.len, stdout);
    (void)printf("%u events, %s\n", events,
                 differences ? "and the books DIFFER" : "the books agree");
    return differences || fflush(stdout) != 0 ? 1 : 0;
}

/* ---- explain ---- */

struct explaining {
    uint32_t partition;
    struct id order;  /* random 0: all */
    unsigned account; /* BOOKING_ACCOUNT_COUNT: all */
    struct booking_ledger balances;
    uint64_t shown;
};

static void show_account(struct explaining *e, const struct ledger_posting *p, unsigned account)
{
    char time[TIME_TEXT_MAX], order[ID_TEXT_MAX], moved[MONEY_TEXT_MAX], after[MONEY_TEXT_MAX];
    int time_len = (int)time_format(p->ts_us, time);
    id_format(ID_ORDER, (struct id){p->event->partition, p->order, p->order_random}, order);
    money_format(p->moved.minor[account], p->event->currency, moved);
    money_format(e->balances.minor[account], p->event->currency, after);
    (void)printf("%.*s  row %-8llu %-16s %s  %-10s %16s %18s\n", time_len, time,
                 (unsigned long long)p->row, booking_entry_record(p->entry->number)->name, order,
                 booking_account_name((enum booking_account)account), moved, after);
}

static void show_posting(void *context, const struct ledger_posting *p)
{
    struct explaining *e = context;
    if (p->event->partition != e->partition ||
        (e->order.random && (p->order != e->order.slot || p->order_random != e->order.random)))
        return;
    for (unsigned i = 0; i < BOOKING_ACCOUNT_COUNT; i++) {
        e->balances.minor[i] += p->moved.minor[i];
        if (p->moved.minor[i] == 0 || (e->account != BOOKING_ACCOUNT_COUNT && e->account != i))
            continue;
        show_account(e, p, i);
        e->shown++;
    }
}

/* An event's id as the API tells it, or its number. */
static bool read_event(const char *text, uint32_t *ret_partition)
{
    struct id id;
    char *end;
    if (id_parse(ID_EVENT, slice_from_string(text), &id)) {
        *ret_partition = id.partition;
        return true;
    }
    unsigned long number = strtoul(text, &end, 10);
    *ret_partition = (uint32_t)number;
    return *text && !*end && number > 0 && number <= LIMIT_EVENTS;
}

static bool read_account(const char *text, unsigned *ret_account)
{
    *ret_account = 0;
    while (text && *ret_account < BOOKING_ACCOUNT_COUNT &&
           strcmp(booking_account_name((enum booking_account) * ret_account), text) != 0)
        ++*ret_account;
    if (!text)
        *ret_account = BOOKING_ACCOUNT_COUNT;
    return !text || *ret_account < BOOKING_ACCOUNT_COUNT;
}

static int explain(struct journal *journal, const struct options *o)
{
    struct explaining e = {0};
    struct ledger_books books;
    struct err err = {""};
    if (!o->event || !read_event(o->event, &e.partition) || !read_account(o->account, &e.account) ||
        (o->order && (!id_parse(ID_ORDER, slice_from_string(o->order), &e.order) ||
                      e.order.partition != e.partition))) {
        (void)fputs(usage, stderr);
        return 2;
    }
    int read = ledger_books_read(journal, show_posting, &e, &books, &err);
    bool known = read == 0 && e.partition < books.count && books.events[e.partition].booking;
    ledger_books_finish(&books);
    if (read < 0 || !known) {
        (void)fprintf(stderr, "onsale: %s\n", read < 0 ? err.detail : "there is no such event");
        return 1;
    }
    if (e.shown == 0)
        (void)printf("no entry moved anything here\n");
    return fflush(stdout) == 0 ? 0 : 1;
}

/* ---- the command line ---- */

static bool read_options(int argc, char **argv, struct options *o)
{
    const struct {
        const char *flag;
        const char **value;
    } flags[] = {{"--data", &o->data},
                 {"--event", &o->event},
                 {"--order", &o->order},
                 {"--account", &o->account}};
    for (int i = 0; i < argc; i++) {
        const char **value = NULL;
        for (size_t k = 0; k < sizeof flags / sizeof flags[0]; k++) {
            if (strcmp(argv[i], flags[k].flag) == 0)
                value = flags[k].value;
        }
        if (value && i + 1 < argc)
            *value = argv[++i];
        else if (!value && !o->verb && argv[i][0] != '-')
            o->verb = argv[i];
        else
            return false;
    }
    return o->verb && (strcmp(o->verb, "check") == 0 || strcmp(o->verb, "explain") == 0);
}

int ledger_cli(int argc, char **argv)
{
    struct options o = {.data = "data"};
    if (argc == 1 && (strcmp(argv[0], "--help") == 0 || strcmp(argv[0], "-h") == 0)) {
        (void)fputs(usage, stdout);
        return 0;
    }
    if (!read_options(argc, argv, &o)) {
        (void)fputs(usage, stderr);
        return 2;
    }
    char dir[4096];
    (void)snprintf(dir, sizeof dir, "%s/journal", o.data);
    struct journal *journal;
    struct err err;
    if (journal_sqlite_open_readonly(dir, &journal, &err) != 0) {
        (void)fprintf(stderr, "onsale: %s\n", err.detail);
        return 1;
    }
    int code = strcmp(o.verb, "check") == 0 ? check(journal) : explain(journal, &o);
    journal_destroy(journal);
    return code;
}
