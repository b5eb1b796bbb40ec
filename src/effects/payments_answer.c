/* payments_answer: what the provider's answers mean for the call that is owed (payments.h). */
#include "base/crash.h"
#include "effects/payments_internal.h"

#include <assert.h>
#include <stdlib.h>

#define FAILURES_BEFORE_LOOK 3u /* 5xx without the replay mark, some proxy may have dropped it */
#define BACKOFF_FLOOR_US 10000ull
#define CANCEL_REFUSALS_MAX 10u /* of one that could be done, until they are believed */

/* ---- what comes next ---- */

static void go_on(struct payments *p, struct call *call)
{
    lanes_wait(p, call, p->port.now_us(p->port.context));
}

/* Full jitter: anything between nothing and the cap, so that a crowd of retries spreads out. */
static void back_off(struct payments *p, struct call *call, uint64_t at_least_us)
{
    uint32_t doublings = call->unknown < 20 ? call->unknown : 20;
    uint64_t cap = PAYMENTS_BACKOFF_US << doublings;
    if (cap > PAYMENTS_BACKOFF_MAX_US)
        cap = PAYMENTS_BACKOFF_MAX_US;
    uint64_t pause = BACKOFF_FLOOR_US + p->port.random(p->port.context) % cap + at_least_us;
    call->unknown++;
    CRASH_POINT("payments.back_off");
    lanes_wait(p, call, p->port.now_us(p->port.context) + pause);
}

/* The call is answered. From here on it is only told; it is no longer known as owed, so that news
 * may lead to new calls of the same order. */
static void settle(struct payments *p, struct call *call, uint8_t news, int64_t amount_minor)
{
    CRASH_POINT("payments.settle.before");
    table_remove(p, call);
    call->stage = STAGE_TELL;
    call->news = news;
    call->amount_minor = amount_minor;
    *p->tell_end = call;
    p->tell_end = &call->chain;
    CRASH_POINT("payments.settle.after");
}

static void refuse(struct payments *p, struct call *call, const char *code)
{
    if (code != call->code)
        (void)snprintf(call->code, sizeof call->code, "%s", code);
    settle(p, call, BOOKING_PAYMENT_REFUSED, 0);
}

/* The answer stays unknown as long as this key is used. */
static void next_key(struct call *call)
{
    call->round++;
    call->failures = 0;
    call->stage = STAGE_ASK;
    call->code[0] = '\0';
    CRASH_POINT("payments.next_key");
}

/* ---- looks ---- */

static void keep_watching(struct payments *p, struct call *call)
{
    uint64_t most_us = call->processing ? PAYMENTS_SLOW_MAX_US : PAYMENTS_WATCH_MAX_US;
    call->unknown = 0;
    call->urgent = false;
    call->pause_us = call->pause_us * 2 < most_us ? call->pause_us * 2 : most_us;
    CRASH_POINT("payments.keep_watching");
    lanes_wait(p, call, p->port.now_us(p->port.context) + call->pause_us);
}

/* Tells something and goes on looking. False: no memory, the next look tells it. */
static bool tell_meanwhile(struct payments *p, const struct call *call, uint8_t news)
{
    struct call *told = calloc(1, sizeof *told);
    if (!told)
        return false;
    *told = *call;
    told->key_len = 0;
    told->body_len = 0;
    told->chain = NULL;
    told->kind = KIND_TOLD;
    told->stage = STAGE_TELL;
    told->news = news;
    *p->tell_end = told;
    p->tell_end = &told->chain;
    return true;
}

/* A bank that took its time has said no when the payment waits for the buyer again. */
static void watch_waiting(struct payments *p, struct call *call, const struct stripe_intent *intent)
{
    bool waits = intent->status == STRIPE_STATUS_REQUIRES_PAYMENT_METHOD;
    (void)snprintf(call->code, sizeof call->code, "%s", intent->last_error);
    if (intent->status == STRIPE_STATUS_PROCESSING && !call->processing)
        call->processing = tell_meanwhile(p, call, BOOKING_PAYMENT_PROCESSING);
    else if (waits && call->processing)
        call->processing = !tell_meanwhile(p, call, BOOKING_PAYMENT_DECLINED);
    keep_watching(p, call);
}

static void watch_object(struct payments *p, struct call *call, const struct stripe_intent *intent)
{
    if (intent->status == STRIPE_STATUS_REQUIRES_CAPTURE)
        settle(p, call, BOOKING_PAYMENT_AUTHORISED, intent->capturable_minor);
    else if (intent->status == STRIPE_STATUS_SUCCEEDED)
        settle(p, call, BOOKING_PAYMENT_CAPTURED, intent->received_minor);
    else if (intent->status == STRIPE_STATUS_CANCELED)
        settle(p, call, BOOKING_PAYMENT_CANCELLED, 0);
    else
        watch_waiting(p, call, intent);
}

/* ---- captures and cancels ---- */

/* The intent shows that the call has not happened. Refused for good, or asked under a new key? */
static void not_done(struct payments *p, struct call *call)
{
    if (call->code[0]) {
        refuse(p, call, call->code);
        return;
    }
    next_key(call);
    back_off(p, call, 0);
}

static void capture_object(struct payments *p, struct call *call,
                           const struct stripe_intent *intent)
{
    switch (intent->status) {
    case STRIPE_STATUS_SUCCEEDED:
        settle(p, call, BOOKING_PAYMENT_CAPTURED, intent->received_minor);
        break;
    case STRIPE_STATUS_REQUIRES_CAPTURE: not_done(p, call); break;
    case STRIPE_STATUS_CANCELED:
    case STRIPE_STATUS_REQUIRES_PAYMENT_METHOD:
    case STRIPE_STATUS_REQUIRES_CONFIRMATION:
    case STRIPE_STATUS_REQUIRES_ACTION: refuse(p, call, "no_longer_capturable"); break;
    case STRIPE_STATUS_PROCESSING:
    case STRIPE_STATUS_UNKNOWN:
        call->stage = STAGE_LOOK;
        back_off(p, call, 0);
        break;
    }
}

/* The intent can be cancelled, and is not. A refusal of a moment ago is out of date when an attempt
 * was being processed then; but it is stored under the key, and a process that begins anew meets
 * those of the one before. Money must not stay reserved for that. */
static void cancel_not_done(struct payments *p, struct call *call)
{
    if (call->code[0] && !call->stored && ++call->refusals == CANCEL_REFUSALS_MAX) {
        refuse(p, call, call->code);
        return;
    }
    next_key(call);
    back_off(p, call, 0);
}

static void cancel_object(struct payments *p, struct call *call, const struct stripe_intent *intent)
{
    switch (intent->status) {
    case STRIPE_STATUS_CANCELED: settle(p, call, BOOKING_PAYMENT_CANCELLED, 0); break;
    case STRIPE_STATUS_SUCCEEDED:
        settle(p, call, BOOKING_PAYMENT_CAPTURED, intent->received_minor);
        break;
    case STRIPE_STATUS_PROCESSING: /* cannot be cancelled yet, and the refusal is stored by now */
        next_key(call);
        back_off(p, call, 0);
        break;
    case STRIPE_STATUS_UNKNOWN:
        call->stage = STAGE_LOOK;
        back_off(p, call, 0);
        break;
    case STRIPE_STATUS_REQUIRES_CAPTURE:
    case STRIPE_STATUS_REQUIRES_PAYMENT_METHOD:
    case STRIPE_STATUS_REQUIRES_CONFIRMATION:
    case STRIPE_STATUS_REQUIRES_ACTION: cancel_not_done(p, call); break;
    }
}

/* ---- refunds ---- */

/* On its way: looked at until it was paid or failed. */
static void follow(struct payments *p, struct call *call, const struct stripe_refund *refund)
{
    uint64_t pause_us = call->stage == STAGE_FOLLOW ? call->pause_us * 2 : PAYMENTS_SLOW_MIN_US;
    memcpy(call->refund_id, refund->id, sizeof call->refund_id);
    call->stage = STAGE_FOLLOW;
    call->unknown = 0;
    call->pause_us = pause_us < PAYMENTS_SLOW_MAX_US ? pause_us : PAYMENTS_SLOW_MAX_US;
    CRASH_POINT("payments.refund.follow");
    lanes_wait(p, call, p->port.now_us(p->port.context) + call->pause_us);
}

/* An earlier attempt's refund that was alive and failed is no answer: ours is still to be asked. */
static bool is_spent(const struct call *call, const struct stripe_refund *refund)
{
    return refund->status == STRIPE_REFUND_FAILED && refund->attempt != call->attempt;
}

static void refund_object(struct payments *p, struct call *call, const struct stripe_refund *refund)
{
    memcpy(call->currency, refund->currency, sizeof call->currency);
    call->answered = refund->attempt;
    switch (refund->status) {
    case STRIPE_REFUND_SUCCEEDED:
        settle(p, call, BOOKING_PAYMENT_REFUNDED, refund->amount_minor);
        break;
    case STRIPE_REFUND_FAILED:
        (void)snprintf(call->code, sizeof call->code, "%s",
                       refund->failure[0] ? refund->failure : "refund_failed");
        settle(p, call, BOOKING_PAYMENT_REFUND_FAILED, refund->amount_minor);
        break;
    case STRIPE_REFUND_PENDING:
    case STRIPE_REFUND_UNKNOWN: follow(p, call, refund); break;
    }
}

static bool is_ours(const struct call *call, const struct stripe_refund *refund)
{
    return refund->number == call->refund && strcmp(refund->intent, call->intent) == 0;
}

static void refund_done(struct payments *p, struct call *call, const struct stripe_refund *refund,
                        bool replayed)
{
    if (!is_ours(call, refund)) {
        back_off(p, call, 0);
        return;
    }
    if (is_spent(call, refund)) {
        call->stage = STAGE_LOOK;
        back_off(p, call, 0);
        return;
    }
    if (call->stage == STAGE_ASK && replayed) { /* what it was then; it may have failed since */
        memcpy(call->refund_id, refund->id, sizeof call->refund_id);
        call->stage = STAGE_FOLLOW;
        call->pause_us = PAYMENTS_SLOW_MIN_US;
        go_on(p, call);
        return;
    }
    refund_object(p, call, refund);
}

struct search {
    const struct call *call;
    struct stripe_refund found;
};

/* What a refund says about the call: one that failed paid nothing back, and only our own attempt is
 * over with it. Of several, one that was paid says most. */
static int weight_of(const struct call *call, const struct stripe_refund *refund)
{
    if (!refund->id[0] || !is_ours(call, refund) || is_spent(call, refund))
        return 0;
    switch (refund->status) {
    case STRIPE_REFUND_FAILED: break;
    case STRIPE_REFUND_PENDING:
    case STRIPE_REFUND_UNKNOWN: return 2;
    case STRIPE_REFUND_SUCCEEDED: return 3;
    }
    return 1;
}

static void search_refund(void *context, const struct stripe_refund *refund)
{
    struct search *s = context;
    if (weight_of(s->call, refund) > weight_of(s->call, &s->found))
        s->found = *refund;
}

/* The refunds of the intent: is ours among them? */
static void refund_look(struct payments *p, struct call *call, struct slice body)
{
    struct search search = {.call = call};
    const struct stripe_page_visitor visitor = {.context = &search, .refund = search_refund};
    struct stripe_page page;
    if (stripe_page_read(body, &visitor, &page, NULL) < 0) {
        back_off(p, call, 0);
        return;
    }
    if (search.found.id[0]) {
        refund_object(p, call, &search.found);
        return;
    }
    if (call->code[0]) {
        refuse(p, call, call->code);
        return;
    }
    if (call->stuck)
        next_key(call);
    call->stuck = false;
    call->stage = STAGE_ASK;
    CRASH_POINT("payments.refund.ask");
    go_on(p, call);
}

/* ---- answers ---- */

static enum stripe_object wanted_object(const struct call *call)
{
    if (call->kind != BOOKING_CALL_REFUND)
        return STRIPE_OBJECT_INTENT;
    return call->stage == STAGE_LOOK ? STRIPE_OBJECT_LIST : STRIPE_OBJECT_REFUND;
}

static void on_intent(struct payments *p, struct call *call, const struct stripe_intent *intent)
{
    if (call->kind == BOOKING_CALL_CREATE) {
        if (intent->client_secret[0] == '\0') {
            back_off(p, call, 0); /* of no use to the buyer: not an answer */
            return;
        }
        memcpy(call->intent, intent->id, sizeof call->intent);
        memcpy(call->secret, intent->client_secret, sizeof call->secret);
        settle(p, call, BOOKING_PAYMENT_CREATED, intent->amount_minor);
        return;
    }
    if (strcmp(intent->id, call->intent) != 0) {
        back_off(p, call, 0); /* somebody else's object says nothing about ours */
        return;
    }
    memcpy(call->card, intent->card, sizeof call->card);
    memcpy(call->currency, intent->currency, sizeof call->currency);
    if (call->kind == KIND_WATCH) {
        watch_object(p, call, intent);
    } else if (call->kind == BOOKING_CALL_CAPTURE) {
        capture_object(p, call, intent);
    } else {
        cancel_object(p, call, intent);
    }
}

static void on_refused(struct payments *p, struct call *call, const char *code, bool stored)
{
    if (call->kind == KIND_WATCH) {
        keep_watching(p, call);
    } else if (call->kind == BOOKING_CALL_CREATE || call->stage != STAGE_ASK) {
        refuse(p, call, code);
    } else {
        (void)snprintf(call->code, sizeof call->code, "%s", code);
        call->stored = stored;
        call->stage = STAGE_LOOK;
        CRASH_POINT("payments.refused.look");
        go_on(p, call);
    }
}

static void on_unknown(struct payments *p, struct call *call, const struct stripe_reply *reply,
                       const struct stripe_answer *answer)
{
    p->counters.unknown++;
    call->failures = reply->status >= 500 ? (uint16_t)(call->failures + 1) : 0;
    bool asking = call->stage == STAGE_ASK && call->kind != KIND_WATCH;
    bool stuck = answer->stuck || call->failures >= FAILURES_BEFORE_LOOK;
    if (asking && call->kind == BOOKING_CALL_CREATE && answer->stuck) {
        next_key(call);
    } else if (asking && call->kind == BOOKING_CALL_REFUND) {
        call->stage = STAGE_LOOK;
        call->stuck = answer->stuck;
        CRASH_POINT("payments.refund.look");
    } else if (asking && call->kind != BOOKING_CALL_CREATE && stuck) {
        call->stage = STAGE_LOOK;
        CRASH_POINT("payments.unknown.look");
        call->failures = 0;
    }
    back_off(p, call, (uint64_t)answer->retry_after_s * 1000000u);
}

static void on_done(struct payments *p, struct call *call, const struct stripe_reply *reply,
                    const struct stripe_answer *answer)
{
    if (answer->object != wanted_object(call))
        on_unknown(p, call, reply, answer);
    else if (answer->object == STRIPE_OBJECT_INTENT)
        on_intent(p, call, &answer->intent);
    else if (answer->object == STRIPE_OBJECT_REFUND)
        refund_done(p, call, &answer->refund, reply->replayed);
    else
        refund_look(p, call, reply->body);
}

void payments_hear(struct payments *p, struct call *call, const struct stripe_reply *reply,
                   const struct stripe_answer *answer)
{
    switch (answer->result) {
    case STRIPE_DONE: on_done(p, call, reply, answer); break;
    case STRIPE_DECLINED:
    case STRIPE_REFUSED: on_refused(p, call, answer->code, reply->replayed); break;
    case STRIPE_BARRED:
        /* A new order can be refused at once; money on its way waits for the right key. */
        if (call->kind == BOOKING_CALL_CREATE)
            refuse(p, call, answer->code);
        else
            on_unknown(p, call, reply, answer);
        break;
    case STRIPE_UNKNOWN: on_unknown(p, call, reply, answer); break;
    }
}
