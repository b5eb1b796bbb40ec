/* payments: what the outbox takes, sends and tells (payments.h). */
#include "base/crash.h"
#include "effects/payments_internal.h"

#include <assert.h>
#include <stdlib.h>

#define NEWS_RETRY_US 50000ull

/* ---- life ---- */

int payments_create(const struct payments_options *options, struct payments **ret_payments,
                    struct err *err)
{
    uint32_t flights = options->in_flight ? options->in_flight : PAYMENTS_IN_FLIGHT;
    struct payments *p = calloc(1, sizeof *p + flights * sizeof(struct flight));
    struct call **buckets = calloc(256, sizeof(struct call *));
    if (!p || !buckets) {
        free(p);
        free(buckets);
        return err_set(err, "no memory for the outbox of payments");
    }
    p->account = options->account;
    p->port = options->port;
    throttle_init(&p->throttle, options->calls_per_second, p->port.now_us(p->port.context));
    p->max_flights = flights;
    p->buckets = buckets;
    p->bucket_count = 256;
    p->tell_end = &p->tell;
    *ret_payments = p;
    return 0;
}

void payments_destroy(struct payments *p)
{
    if (!p)
        return;
    for (size_t i = 0; i < p->bucket_count; i++)
        for (struct call *c = p->buckets[i], *next; c; c = next) {
            next = c->chain;
            free(c);
        }
    for (struct call *c = p->tell, *next; c; c = next) {
        next = c->chain;
        free(c);
    }
    free(p->buckets);
    for (int lane = 0; lane < LANES; lane++) {
        free(p->lanes[lane][0].items);
        free(p->lanes[lane][1].items);
    }
    free(p);
}

/* ---- from a call to a request ---- */

static enum stripe_call stripe_call_of(const struct call *call)
{
    if (call->stage == STAGE_FOLLOW)
        return STRIPE_REFUND_GET;
    if (call->stage == STAGE_LOOK || call->kind == KIND_WATCH)
        return call->kind == BOOKING_CALL_REFUND ? STRIPE_REFUNDS_OF : STRIPE_RETRIEVE;
    switch ((enum booking_call)call->kind) {
    case BOOKING_CALL_CREATE: return STRIPE_CREATE;
    case BOOKING_CALL_CAPTURE: return STRIPE_CAPTURE;
    case BOOKING_CALL_REFUND: return STRIPE_REFUND;
    case BOOKING_CALL_CANCEL:
    case BOOKING_CALL_NONE: break;
    }
    return STRIPE_CANCEL;
}

int payments_make_request(const struct payments *p, const struct call *call,
                          struct stripe_request *ret_request, struct err *err)
{
    char key[STRIPE_KEY_MAX + 16];
    int len = call->round ? snprintf(key, sizeof key, "%.*s-r%u", (int)call->key_len, call->bytes,
                                     call->round)
                          : snprintf(key, sizeof key, "%.*s", (int)call->key_len, call->bytes);
    const struct stripe_request_options options = {
        .call = stripe_call_of(call),
        .intent = slice_from_string(call->stage == STAGE_FOLLOW ? call->refund_id : call->intent),
        .call_key = slice_make(key, (size_t)len),
        .body = slice_make(call->bytes + call->key_len, call->body_len),
    };
    return stripe_request_build(&p->account, &options, ret_request, err);
}

static struct call *copy_call(const struct payments_call *from, uint8_t kind, struct err *err)
{
    if (from->call_key.len > LIMIT_IDEMPOTENCY_KEY_BYTES - 8 || from->body.len > LIMIT_BODY_BYTES ||
        from->intent.len > LIMIT_PAYMENT_ID_BYTES) {
        err_set(err, "a text of the owed call is too long");
        return NULL;
    }
    struct call *call = calloc(1, sizeof *call + from->call_key.len + from->body.len);
    if (!call) {
        err_set(err, "no memory for an owed call");
        return NULL;
    }
    call->partition = from->partition;
    call->order = from->order;
    call->order_random = from->order_random;
    call->kind = kind;
    call->attempt = from->attempt;
    call->key_len = (uint16_t)from->call_key.len;
    call->body_len = (uint32_t)from->body.len;
    if (from->call_key.len)
        memcpy(call->bytes, from->call_key.data, from->call_key.len);
    if (from->body.len)
        memcpy(call->bytes + call->key_len, from->body.data, from->body.len);
    if (from->intent.len)
        memcpy(call->intent, from->intent.data, from->intent.len);
    return call;
}

/* Whatever it will have to ask can be asked. */
static int check_call(const struct payments *p, struct call *call, struct err *err)
{
    struct stripe_request request;
    call->stage = STAGE_ASK;
    if (call->kind != BOOKING_CALL_REFUND)
        return payments_make_request(p, call, &request, err);
    call->refund = stripe_refund_number(slice_make(call->bytes + call->key_len, call->body_len));
    if (call->refund == 0)
        return err_set(err, "the owed refund does not say which one it is");
    if (payments_make_request(p, call, &request, err) < 0)
        return -1;
    call->stage = STAGE_LOOK; /* it may have been paid under another key, or long ago */
    return payments_make_request(p, call, &request, err);
}

/* Checks and copies; the call is not yet known to the outbox. NULL: err says why. */
static struct call *make_call(const struct payments *p, const struct payments_call *from,
                              uint8_t kind, struct err *err)
{
    struct call *call = copy_call(from, kind, err);
    if (call && check_call(p, call, err) < 0) {
        free(call);
        return NULL;
    }
    return call;
}

static int take(struct payments *p, struct call *call, uint64_t due_us, struct err *err)
{
    if (!lanes_make_room(p)) {
        free(call);
        return err_set(err, "no memory for an owed call");
    }
    ++*(call->kind == KIND_WATCH ? &p->counters.watched : &p->counters.owed);
    table_add(p, call);
    lanes_wait(p, call, due_us);
    CRASH_POINT("payments.taken");
    return 0;
}

static struct call *find(const struct payments *p, const struct payments_call *call, uint8_t kind)
{
    struct call *c = table_first(p, call->partition, call->order);
    while (c && !(c->order_random == call->order_random && c->kind == kind &&
                  c->attempt == call->attempt))
        c = table_next(c);
    return c;
}

void payments_release(struct payments *p, struct call *call)
{
    table_remove(p, call);
    --*(call->kind == KIND_WATCH ? &p->counters.watched : &p->counters.owed);
    free(call);
}

static void drop(struct payments *p, struct call *call)
{
    call->dropped = call->flying; /* one in flight is freed when its answer comes */
    if (!call->flying) {
        lanes_leave(p, call);
        payments_release(p, call);
    }
}

/* An order owes one call at a time: an earlier one that is still asked or followed has been settled
 * elsewhere, by a webhook or a person, and its answer would be taken for this one's. */
static void drop_earlier(struct payments *p, const struct payments_call *call)
{
    struct call *c = table_first(p, call->partition, call->order);
    while (c) {
        struct call *next = table_next(c);
        if (c->kind <= BOOKING_CALL_REFUND && !c->dropped)
            drop(p, c);
        c = next;
    }
}

int payments_owed(struct payments *p, const struct payments_call *call, struct err *err)
{
    if (call->kind < BOOKING_CALL_CREATE || call->kind > BOOKING_CALL_REFUND)
        return err_set(err, "unknown kind of payment call: %u", call->kind);
    if (find(p, call, call->kind))
        return 0;
    struct call *made = make_call(p, call, call->kind, err);
    if (!made)
        return -1;
    CRASH_POINT("payments.owed.made");
    drop_earlier(p, call);
    return take(p, made, p->port.now_us(p->port.context), err);
}

/* A look that is in flight may have been too early: another one follows it soon. */
static void look_sooner(struct payments *p, struct call *call, uint64_t silence_us)
{
    uint64_t due_us = p->port.now_us(p->port.context) + silence_us;
    if (silence_us >= call->pause_us)
        return;
    call->pause_us = silence_us ? silence_us : PAYMENTS_WATCH_MIN_US;
    CRASH_POINT("payments.watch.sooner");
    if (call->flying || call->due_us <= due_us)
        return;
    lanes_leave(p, call);
    call->urgent |= silence_us == 0;
    lanes_wait(p, call, due_us);
}

int payments_watch(struct payments *p, const struct payments_call *call, uint64_t silence_us,
                   struct err *err)
{
    struct payments_call bare = *call;
    bare.attempt = 0;
    bare.call_key = bare.body = (struct slice){NULL, 0};
    struct call *known = find(p, &bare, KIND_WATCH);
    if (known) {
        known->dropped = false;
        known->processing = call->processing;
        look_sooner(p, known, silence_us);
        return 0;
    }
    struct call *made = make_call(p, &bare, KIND_WATCH, err);
    if (!made)
        return -1;
    made->urgent = silence_us == 0;
    made->processing = call->processing;
    made->pause_us = silence_us ? silence_us : PAYMENTS_WATCH_MIN_US;
    CRASH_POINT("payments.watch.made");
    return take(p, made, p->port.now_us(p->port.context) + silence_us, err);
}

/* Any watch of that slot: slots are reused, but only after their order has ended. */
static struct call *find_watch(const struct payments *p, uint32_t partition, uint32_t order)
{
    struct call *c = table_first(p, partition, order);
    while (c && !(c->kind == KIND_WATCH && !c->dropped))
        c = table_next(c);
    return c;
}

void payments_unwatch(struct payments *p, uint32_t partition, uint32_t order)
{
    struct call *known;
    while ((known = find_watch(p, partition, order)) != NULL) {
        CRASH_POINT("payments.unwatch");
        drop(p, known);
    }
}

/* ---- answers ---- */

/* Ends a flight; false for a ticket that was never given out. */
static bool land(struct payments *p, uint64_t ticket, struct flight *ret_flight)
{
    for (uint32_t i = 0; ticket && i < p->max_flights; i++)
        if (p->flights[i].ticket == ticket) {
            *ret_flight = p->flights[i];
            p->flights[i] = (struct flight){0};
            p->counters.in_flight--;
            ret_flight->call->flying = false;
            return true;
        }
    return false;
}

/* 409 is about one object, a stored 5xx about the past, a wrong key about us. */
static enum throttle_outcome outcome_of(const struct stripe_reply *reply,
                                        const struct stripe_answer *answer)
{
    if (answer->result == STRIPE_BARRED || answer->stuck || reply->status == 409)
        return THROTTLE_NEUTRAL;
    return answer->result == STRIPE_UNKNOWN ? THROTTLE_UNKNOWN : THROTTLE_KNOWN;
}

void payments_answer(struct payments *p, uint64_t ticket, const struct stripe_reply *reply)
{
    struct flight flight;
    struct stripe_answer answer;
    if (!land(p, ticket, &flight))
        return;
    stripe_answer_read(reply, &answer);
    throttle_heard(&p->throttle, &flight.throttled, outcome_of(reply, &answer),
                   p->port.now_us(p->port.context));
    CRASH_POINT("payments.answer.read");
    if (flight.call->dropped)
        payments_release(p, flight.call);
    else
        payments_hear(p, flight.call, reply, &answer);
}

/* ---- time ---- */

/* Tells what is known; false when the box office takes no more now. */
static bool tell_all(struct payments *p)
{
    while (p->tell) {
        struct call *call = p->tell;
        const struct payments_news news = {
            .partition = call->partition,
            .order = call->order,
            .order_random = call->order_random,
            .kind = call->news,
            .intent = slice_from_string(call->intent),
            .client_secret = slice_from_string(call->secret),
            .amount_minor = call->amount_minor,
            .currency = slice_from_string(call->currency),
            .card = slice_from_string(call->card),
            .refund = call->refund,
            .attempt = call->answered,
            .code = slice_from_string(call->code),
        };
        CRASH_POINT("payments.tell.before");
        if (!p->port.news(p->port.context, &news))
            return false;
        CRASH_POINT("payments.tell.after");
        p->tell = call->chain;
        if (!p->tell)
            p->tell_end = &p->tell;
        if (call->kind != KIND_TOLD)
            --*(call->kind == KIND_WATCH ? &p->counters.watched : &p->counters.owed);
        p->counters.told++;
        free(call);
    }
    return true;
}

static void fly(struct payments *p, struct call *call, uint64_t now_us)
{
    struct flight *flight = p->flights;
    while (flight->ticket)
        flight++;
    *flight = (struct flight){++p->next_ticket, call, lanes_throttled(call)};
    lanes_leave(p, call);
    throttle_sent(&p->throttle, &flight->throttled, now_us);
    call->flying = true;
    p->counters.in_flight++;
    p->counters.sent++;
    struct stripe_request request;
    int made = payments_make_request(p, call, &request, NULL);
    assert(made == 0); /* it was made once when the call was taken */
    (void)made;
    CRASH_POINT("payments.send.before");
    p->port.send(p->port.context, flight->ticket, &request);
    CRASH_POINT("payments.send.after");
}

uint64_t payments_tick(struct payments *p)
{
    for (;;) {
        uint64_t now_us = p->port.now_us(p->port.context), wake_us;
        uint64_t tell_us = tell_all(p) ? UINT64_MAX : now_us + NEWS_RETRY_US;
        struct call *call = lanes_next(p, now_us, &wake_us);
        if (call && p->counters.in_flight == p->max_flights)
            return tell_us; /* an answer will come */
        if (!call)
            return wake_us < tell_us ? wake_us : tell_us;
        fly(p, call, now_us);
    }
}

bool payments_may_create(const struct payments *p, uint64_t *ret_retry_after_ms)
{
    uint64_t now_us = p->port.now_us(p->port.context), wait_us = 0;
    bool waiting = p->lanes[LANE_CREATE][0].count + p->lanes[LANE_CREATE][1].count > 0;
    bool open = throttle_is_open_for(&p->throttle, THROTTLE_CREATE, now_us, &wait_us);
    if (open && !(waiting && p->throttle.breakers[THROTTLE_CREATE].open))
        return true;
    if (open) /* one that waits is the probe */
        wait_us = THROTTLE_PROBE_MIN_US;
    *ret_retry_after_ms = (wait_us + 999) / 1000;
    return false;
}

struct payments_counters payments_counters(const struct payments *p)
{
    struct payments_counters counters = p->counters;
    for (int class = 0; class < THROTTLE_CLASSES; class ++)
        counters.away |= (uint32_t)p->throttle.breakers[class].open << class;
    return counters;
}
