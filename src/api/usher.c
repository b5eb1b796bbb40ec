#include "api/usher.h"

#include "api/leaving.h"
#include "api/queue.h"
#include "base/records.h"
#include "base/time.h"

#include <stdio.h>
#include <stdlib.h>

/* ---- sold orders ---- */

struct usher_sold {
    uint32_t partition;
    struct hash16 session;
};

static void remember_sold(struct api *api, uint32_t partition, struct hash16 session)
{
    if (!api->sold)
        api->sold = malloc(USHER_SOLD_MOST * sizeof *api->sold);
    if (api->sold && api->sold_count < USHER_SOLD_MOST)
        api->sold[api->sold_count++] = (struct usher_sold){partition, session};
}

void usher_entry(struct api *api, const struct engine_entry *entry)
{
    struct booking_entry taken;
    struct booking_order order;
    const struct api_event *event = catalogue_event(&api->catalogue, entry->partition);
    if (!event || !event->queue || record_number(entry->bytes) != BOOKING_ENTRY_order_sold ||
        !booking_entry_decode(entry->bytes, &taken))
        return;
    const struct booking *b = engine_booking(api->options.engine, entry->partition);
    uint32_t slot = taken.order_sold.order;
    if (b && booking_order_get(b, slot, booking_order_random(b, slot), &order))
        remember_sold(api, entry->partition, order.session);
}

/* At a start: what was sold just before a crash may be durable while its admission's end is not. An
 * order of an earlier admission says nothing about this one. */
static void find_sold(struct api *api, uint32_t partition, const struct booking *b,
                      const struct queue *q, uint64_t now_us)
{
    struct queue_status status;
    struct queue_place place;
    struct booking_order order;
    queue_status(q, now_us, &status);
    uint32_t slots = status.admitted ? booking_order_slots(b) : 0;
    for (uint32_t slot = 0; slot < slots; slot++)
        if (booking_order_get(b, slot, booking_order_random(b, slot), &order) &&
            (order.state == BOOKING_ORDER_SOLD || order.state == BOOKING_ORDER_CAPTURED) &&
            queue_place_of(q, order.session, now_us, &place) &&
            place.state == QUEUE_PLACE_ADMITTED && order.placed_at_us >= place.admitted_at_us)
            remember_sold(api, partition, order.session);
}

void usher_finish(struct api *api)
{
    free(api->sold);
    api->sold = NULL;
    api->sold_count = 0;
}

static void end_sold(struct api *api)
{
    uint32_t done = 0;
    for (; done < api->sold_count; done++) {
        struct queue_command command = {.number = QUEUE_COMMAND_sold,
                                        .sold = {api->sold[done].session}};
        struct engine_queue_result result;
        engine_submit_queue(api->options.engine, api->sold[done].partition, &command, &result);
        if (result.no_space)
            break; /* the next tick goes on */
    }
    api->sold_count -= done;
    if (done)
        memmove(api->sold, api->sold + done, api->sold_count * sizeof *api->sold);
}

/* ---- what there is to buy ---- */

struct stock {
    enum api_stall general;
    bool priority; /* whoever has a code finds something */
};

/* A presale's time has come, before the public sale's maybe. */
static bool presale_open(const struct booking *b, uint64_t now_us)
{
    uint32_t count = booking_event(b).allocation_count;
    for (uint32_t n = 1; n <= count; n++) {
        struct booking_allocation a = booking_allocation_terms(b, n);
        bool presale = a.kind == BOOKING_ALLOCATION_PRESALE || a.kind == BOOKING_ALLOCATION_VIP;
        if (presale && !a.released && a.opens_at_us != 0 && a.opens_at_us <= now_us)
            return true;
    }
    return false;
}

static struct stock look_at_stock(const struct booking *b, uint64_t now_us)
{
    uint32_t available = 0, held = 0, allocated = 0;
    uint32_t count = booking_event(b).category_count;
    for (uint32_t i = 0; i < count; i++) {
        struct booking_counts counts = booking_category_counts(b, i);
        available += counts.available;
        held += counts.held;
        allocated += counts.allocated;
    }
    enum booking_refusal sale = booking_sale_state(b, now_us);
    bool open = sale == BOOKING_OK;
    bool early = sale == BOOKING_SALE_NOT_OPEN && presale_open(b, now_us);
    return (struct stock){
        .general = !open       ? API_STALL_SALE
                   : available ? API_STALL_NONE
                   : held      ? API_STALL_NOTHING
                               : API_STALL_SOLD_OUT,
        .priority = (open && (available || allocated)) || (early && allocated),
    };
}

/* ---- who was there before ---- */

#define HOLDERS_EVERY_US TIME_SECOND_US

static int compare_keys(const void *a, const void *b)
{
    uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;
    return (x > y) - (x < y);
}

/* Whoever is called is counted there; whoever was let in is, or was. */
static bool was_never_let_in(const struct queue *q, struct hash16 session, uint64_t now_us)
{
    struct queue_place place;
    return !queue_place_of(q, session, now_us, &place) ||
           !(place.state == QUEUE_PLACE_CALLED || place.state == QUEUE_PLACE_ADMITTED ||
             place.state == QUEUE_PLACE_USED);
}

/* Sessions, not holds: one may have several. */
static uint32_t count_holders(const struct booking *b, const struct queue *q, uint64_t now_us)
{
    uint32_t live = booking_event(b).live_holds, count = 0, sessions = 0;
    uint32_t slots = live ? booking_hold_slots(b) : 0;
    uint64_t *keys = live ? malloc(live * sizeof *keys) : NULL;
    if (!keys)
        return live;
    for (uint32_t slot = 0; slot < slots && count < live; slot++) {
        struct hash16 session;
        if (booking_hold_session(b, slot, now_us, &session) && was_never_let_in(q, session, now_us))
            memcpy(&keys[count++], session.bytes, sizeof *keys);
    }
    qsort(keys, count, sizeof *keys, compare_keys);
    for (uint32_t i = 0; i < count; i++)
        sessions += i == 0 || keys[i] != keys[i - 1];
    free(keys);
    return sessions;
}

/* Nobody makes a hold without an admission once it is on: when none is left, none comes. */
static void look_at_holders(struct api_queue *room, const struct booking *b, const struct queue *q,
                            uint64_t now_us)
{
    struct queue_status status;
    queue_status(q, now_us, &status);
    if (status.phase == QUEUE_OFF || status.phase == QUEUE_ENDED) {
        room->holders = 0;
        room->holders_over = false;
        room->holders_looked_us = 0;
        return;
    }
    if (room->holders_over || now_us - room->holders_looked_us < HOLDERS_EVERY_US)
        return;
    uint32_t count = count_holders(b, q, now_us);
    room->holders_gone += count < room->holders ? room->holders - count : 0;
    room->holders = count;
    room->holders_over = count == 0;
    room->holders_looked_us = now_us;
}

/* ---- calling ---- */

#define TOLD_EVERY_US (10 * TIME_SECOND_US)

/* What slows a waiting room down goes into the log, and that it is over. */
static void tell_trouble(struct api *api, struct api_queue *room, uint64_t now_us)
{
    enum pace_reason reason = room->pace.reason;
    bool trouble = reason == PACE_COMMITS || reason == PACE_LOAD || reason == PACE_PAYMENTS;
    enum pace_reason news = trouble ? reason : PACE_TARGET;
    if (news == room->told_reason || now_us - room->told_us < TOLD_EVERY_US)
        return;
    char detail[128];
    const struct api_event *event = catalogue_event(&api->catalogue, room->partition);
    (void)snprintf(detail, sizeof detail, "event %s: %s%s", event->id,
                   trouble ? "fewer visitors are called because of " : "the trouble is over",
                   trouble ? pace_reason_name(reason) : "");
    api_tell(api, "queue_pace", detail);
    room->told_reason = news;
    room->told_us = now_us;
}

static void call(struct api *api, uint32_t partition, const uint32_t count[2])
{
    struct queue_command command = {.number = QUEUE_COMMAND_call, .call = {count[0], count[1]}};
    struct engine_queue_result result;
    if (count[0] || count[1])
        engine_submit_queue(api->options.engine, partition, &command, &result);
}

static void step(struct api *api, struct api_queue *room, const struct api_load *load)
{
    struct engine *engine = api->options.engine;
    const struct queue *q = engine_queue(engine, room->partition);
    const struct booking *b = engine_booking(engine, room->partition);
    uint64_t now_us = engine_now(engine);
    if (!q || !b)
        return;
    if (!room->begun) {
        pace_begin(&room->pace, now_us);
        room->told_reason = PACE_TARGET;
        room->begun = true;
        find_sold(api, room->partition, b, q, now_us);
    }
    look_at_holders(room, b, q, now_us);
    struct pace_measure *m = &room->measure;
    pace_look(q, now_us, m);
    m->admitted += room->holders;
    m->ended_total += room->holders_gone;
    struct stock stock = look_at_stock(b, now_us);
    room->stall = stock.general;
    m->may_call = m->may_call && (stock.general == API_STALL_NONE || stock.priority);
    if (stock.general != API_STALL_NONE)
        m->waiting[QUEUE_GENERAL] = 0;
    if (!stock.priority)
        m->waiting[QUEUE_PRIORITY] = 0;
    m->commit_us = load->commit_us;
    m->pending = load->pending;
    m->pending_most = load->pending_most;
    m->payments = load->payments;
    m->payment_failures = load->payment_failures;
    uint32_t count[QUEUE_LANES];
    pace_step(&room->pace, m, count);
    call(api, room->partition, count);
    tell_trouble(api, room, now_us);
}

/* A sale that is over by its own time is over for good, and so is its waiting room. One that the
 * organiser closed may be opened again; so may a house that is sold out, by seats that come back.
 */
static void close_when_over(struct api *api, const struct api_queue *room)
{
    struct engine *engine = api->options.engine;
    const struct booking *b = engine_booking(engine, room->partition);
    const struct queue *q = engine_queue(engine, room->partition);
    uint64_t now_us = engine_now(engine);
    struct queue_status status;
    uint64_t closes_at_us = b ? booking_event(b).closes_at_us : 0;
    if (!q || closes_at_us == 0 || now_us < closes_at_us)
        return;
    queue_status(q, now_us, &status);
    if (status.phase == QUEUE_ENDED || status.phase == QUEUE_OFF)
        return;
    struct queue_command command = {.number = QUEUE_COMMAND_change, .change = {.close = 1}};
    struct engine_queue_result result;
    engine_submit_queue(engine, room->partition, &command, &result);
}

void api_tick(struct api *api, const struct api_load *load)
{
    end_sold(api);
    leaving_tick(api);
    for (struct api_queue *room = api->queues; room; room = room->next) {
        close_when_over(api, room);
        step(api, room, load);
    }
}
