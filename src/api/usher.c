#include "api/usher.h"

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
    if (!api->sold)
        api->sold = malloc(USHER_SOLD_MOST * sizeof *api->sold);
    if (!api->sold || api->sold_count == USHER_SOLD_MOST || !b ||
        !booking_order_get(b, slot, booking_order_random(b, slot), &order))
        return;
    api->sold[api->sold_count++] = (struct usher_sold){entry->partition, order.session};
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
    }
    struct pace_measure *m = &room->measure;
    pace_look(q, now_us, m);
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
    for (struct api_queue *room = api->queues; room; room = room->next) {
        close_when_over(api, room);
        step(api, room, load);
    }
}
