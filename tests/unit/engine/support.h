/* A host for the engine's tests: it counts, remembers, and makes small events. */
#ifndef ONSALE_TESTS_ENGINE_SUPPORT_H
#define ONSALE_TESTS_ENGINE_SUPPORT_H

#include "booking/inventory.h"
#include "engine/engine.h"
#include "journal/memory.h"
#include "journal/sqlite.h"
#include "unit/files.h"
#include "unit/listing.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define SECOND 1000000ull
#define START (1800000000ull * SECOND)
#define SEATS 40u
#define AREA 10u
#define HELPER __attribute__((unused)) static

/* A host that counts and remembers. */
struct host {
    uint64_t now_us;
    uint64_t committed; /* highest barrier */
    unsigned batches, entries, fatal;
    struct buf seen; /* what port.entry was told: number by number */
};

HELPER uint64_t host_now(void *context)
{
    return ((struct host *)context)->now_us;
}

HELPER void host_entry(void *context, const struct engine_entry *entry)
{
    struct host *h = context;
    h->entries++;
    buf_append(&h->seen, entry->bytes.data, 2);
}

HELPER void host_committed(void *context, uint64_t barrier)
{
    struct host *h = context;
    assert_true(barrier > h->committed);
    h->committed = barrier;
    h->batches++;
}

HELPER void host_fatal(void *context, const struct err *err)
{
    assert_non_null(err);
    ((struct host *)context)->fatal++;
}

HELPER struct engine *open_engine(struct host *h, struct journal *journal)
{
    struct err err = {""};
    struct engine *e = NULL;
    h->committed = 0; /* barriers begin anew */
    struct engine_port port = {.context = h,
                               .now_us = host_now,
                               .entry = host_entry,
                               .committed = host_committed,
                               .fatal = host_fatal};
    if (h->now_us == 0)
        h->now_us = START;
    if (engine_create(journal, &port, &e, &err) != 0)
        fail_msg("%s", err.detail);
    engine_credit_outage(e);
    return e;
}

/* A host, its journal in memory and an engine on it. */
struct house {
    struct host h;
    struct journal *j;
    struct engine *e;
};

HELPER void house_open(struct house *s)
{
    s->h = (struct host){0};
    s->j = journal_memory_create();
    s->e = open_engine(&s->h, s->j);
}

HELPER void house_close(struct house *s)
{
    engine_destroy(s->e);
    journal_destroy(s->j);
    buf_finish(&s->h.seen);
}

HELPER void house_restart(struct house *s)
{
    engine_destroy(s->e);
    s->e = open_engine(&s->h, s->j);
}

HELPER void put32(struct buf *out, uint32_t value)
{
    buf_append(out, &value, 4);
}

/* Four blocks of seats and one area. */
HELPER void write_inventory(struct buf *out, uint32_t seats)
{
    uint32_t head[] = {INVENTORY_VERSION, seats, 4, 1, 1, 1, 0, 0, 0};
    buf_append(out, head, sizeof head);
    for (uint32_t i = 0; i < 4; i++) {
        put32(out, 0);
        put32(out, seats / 4);
    }
    for (uint32_t i = 0; i < seats; i++)
        put32(out, i);
    for (uint32_t i = 0; i < seats; i++)
        put32(out, i);
    for (uint32_t i = 0; i < seats; i++)
        buf_append_char(out, 0);
    put32(out, AREA);
    put32(out, 0);
}

/* The whole answer, refusals included; `inventory` may be anything. */
HELPER int list_inventory(struct engine *e, uint8_t key, uint64_t request, struct slice inventory,
                          struct slice document, enum directory_refusal *ret_refusal,
                          uint32_t *ret_partition, bool *ret_repeated, struct err *err)
{
    struct engine_listing listing = listing_of(inventory);
    uint64_t barrier;
    listing.listed.document = document;
    listing.listed.request = request;
    listing.listed.key.bytes[0] = key;
    return engine_list_event(e, &listing, ret_refusal, ret_partition, ret_repeated, &barrier, err);
}

HELPER uint32_t list_sized_event(struct engine *e, uint8_t key, uint64_t request, uint32_t seats,
                                 bool *ret_repeated)
{
    struct err err = {""};
    BUF_AUTO struct buf inventory = BUF_INIT;
    enum directory_refusal refusal;
    uint32_t partition;
    write_inventory(&inventory, seats);
    if (list_inventory(e, key, request, buf_slice(&inventory), SLICE("{}"), &refusal, &partition,
                       ret_repeated, &err) != 0)
        fail_msg("%s", err.detail);
    assert_int_equal(refusal, DIRECTORY_OK);
    return partition;
}

HELPER uint32_t list_event(struct engine *e, uint8_t key, uint64_t request, bool *ret_repeated)
{
    return list_sized_event(e, key, request, SEATS, ret_repeated);
}

HELPER struct engine_result hold(struct engine *e, uint32_t partition, uint32_t seat, uint8_t who)
{
    struct booking_command c = {.number = BOOKING_COMMAND_hold};
    struct engine_result result;
    c.hold.hold_random = 100 + seat;
    c.hold.session.bytes[0] = who;
    c.hold.seats = (struct u32s){&seat, 1};
    engine_submit(e, partition, &c, &result);
    return result;
}

#endif
