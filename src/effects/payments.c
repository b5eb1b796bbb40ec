#include "effects/payments.h"

#include "base/crash.h"
#include "base/hash.h"
#include "booking/records.h"

#include <assert.h>
#include <stdlib.h>

#define KIND_WATCH 255u         /* beside enum booking_call */
#define FAILURES_BEFORE_LOOK 3u /* 5xx without the replay mark, some proxy may have dropped it */
#define BACKOFF_FLOOR_US 10000ull
#define CANCEL_REFUSALS_MAX 10u /* of one that could be done, until they are believed */
#define NEWS_RETRY_US 50000ull
#define BUCKET_BURST_US 100000ull /* a tenth of a second's calls may go at once */

enum stage {
    STAGE_ASK,  /* the call itself */
    STAGE_LOOK, /* retrieve the intent to learn what became of the call */
    STAGE_TELL  /* the answer is known */
};

struct call {
    uint32_t partition, order;
    uint64_t order_random;
    uint8_t kind; /* enum booking_call, or KIND_WATCH */
    uint8_t attempt;
    uint8_t stage;
    bool flying;        /* a request is on its way */
    bool dropped;       /* unwatched while in flight */
    bool urgent;        /* a watch that looks in turn with owed calls */
    uint8_t refusals;   /* of a cancel, while the intent could be cancelled */
    bool stored;        /* the last refusal came out of the provider's memory */
    uint16_t failures;  /* 5xx in a row under this key */
    uint32_t unknown;   /* unknown answers in a row */
    uint32_t round;     /* suffix of the key */
    uint64_t due_us;    /* when it may be sent */
    uint64_t pause_us;  /* of a watch: until the next look */
    size_t heap_at;     /* place in its heap */
    struct call *chain; /* next in the hash bucket, or in the list of those to tell */
    uint8_t news;       /* enum booking_payment */
    int64_t amount_minor;
    char code[STRIPE_CODE_MAX];
    char card[STRIPE_FINGERPRINT_MAX + 1];
    char intent[LIMIT_PAYMENT_ID_BYTES + 1];
    char secret[LIMIT_PAYMENT_SECRET_BYTES + 1];
    uint16_t key_len;
    uint32_t body_len;
    char bytes[]; /* key, then body */
};

/* Calls ordered by due_us. */
struct heap {
    struct call **items;
    size_t count, cap;
};

struct flight {
    uint64_t ticket; /* 0: free */
    struct call *call;
};

struct payments {
    struct stripe_account account;
    struct payments_port port;
    uint64_t interval_us; /* between calls; 0: no limit */
    uint64_t bucket_us;   /* when the bucket will be full again (GCRA) */
    uint64_t next_ticket;
    uint32_t max_flights;
    struct heap owed, watched;
    struct call *tell, **tell_end;
    struct call **buckets;
    size_t bucket_count, call_count;
    struct payments_counters counters;
    struct flight flights[];
};

/* ---- heap ---- */

static void heap_put(struct heap *h, size_t at, struct call *call)
{
    h->items[at] = call;
    call->heap_at = at;
}

static void heap_up(struct heap *h, struct call *call)
{
    size_t at = call->heap_at;
    while (at > 0 && h->items[(at - 1) / 2]->due_us > call->due_us) {
        heap_put(h, at, h->items[(at - 1) / 2]);
        at = (at - 1) / 2;
    }
    heap_put(h, at, call);
}

static void heap_down(struct heap *h, struct call *call)
{
    size_t at = call->heap_at;
    for (;;) {
        size_t child = 2 * at + 1;
        if (child + 1 < h->count && h->items[child + 1]->due_us < h->items[child]->due_us)
            child++;
        if (child >= h->count || h->items[child]->due_us >= call->due_us)
            break;
        heap_put(h, at, h->items[child]);
        at = child;
    }
    heap_put(h, at, call);
}

static void heap_push(struct heap *h, struct call *call)
{
    assert(h->count < h->cap); /* room was made when the call was taken */
    call->heap_at = h->count++;
    heap_up(h, call);
}

static void heap_remove(struct heap *h, struct call *call)
{
    assert(h->items[call->heap_at] == call);
    struct call *last = h->items[--h->count];
    if (last == call)
        return;
    heap_put(h, call->heap_at, last);
    heap_down(h, last);
    heap_up(h, last);
}

static bool heap_make_room(struct heap *h, size_t count)
{
    if (count <= h->cap)
        return true;
    size_t cap = h->cap ? h->cap * 2 : 64;
    struct call **items = realloc(h->items, cap * sizeof *items);
    if (!items)
        return false;
    h->items = items;
    h->cap = cap;
    return true;
}

/* ---- table ---- */

static struct call **bucket_of(const struct payments *p, uint32_t partition, uint32_t order)
{
    uint64_t words[] = {(uint64_t)partition << 32 | order};
    return &p->buckets[hash64_of(words, sizeof words, 0) & (p->bucket_count - 1)];
}

static struct call *find(const struct payments *p, const struct payments_call *call, uint8_t kind)
{
    struct call *c = *bucket_of(p, call->partition, call->order);
    while (c && !(c->partition == call->partition && c->order == call->order &&
                  c->order_random == call->order_random && c->kind == kind &&
                  c->attempt == call->attempt))
        c = c->chain;
    return c;
}

static void table_remove(struct payments *p, struct call *call)
{
    struct call **at = bucket_of(p, call->partition, call->order);
    while (*at != call)
        at = &(*at)->chain;
    *at = call->chain;
    call->chain = NULL;
    p->call_count--;
}

static bool table_make_room(struct payments *p)
{
    if (p->call_count < p->bucket_count)
        return true;
    size_t old_count = p->bucket_count;
    struct call **old = p->buckets, **grown = calloc(old_count * 2, sizeof(struct call *));
    if (!grown)
        return false;
    p->buckets = grown;
    p->bucket_count = old_count * 2;
    for (size_t i = 0; i < old_count; i++)
        for (struct call *c = old[i], *next; c; c = next) {
            next = c->chain;
            struct call **to = bucket_of(p, c->partition, c->order);
            c->chain = *to;
            *to = c;
        }
    free(old);
    return true;
}

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
    p->interval_us = options->calls_per_second ? 1000000ull / options->calls_per_second : 0;
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
    free(p->owed.items);
    free(p->watched.items);
    free(p);
}

/* ---- from a call to a request ---- */

static enum stripe_call stripe_call_of(const struct call *call)
{
    if (call->stage == STAGE_LOOK || call->kind == KIND_WATCH)
        return STRIPE_RETRIEVE;
    if (call->kind == BOOKING_CALL_CREATE)
        return STRIPE_CREATE;
    return call->kind == BOOKING_CALL_CAPTURE ? STRIPE_CAPTURE : STRIPE_CANCEL;
}

static int make_request(const struct payments *p, const struct call *call,
                        struct stripe_request *ret_request, struct err *err)
{
    char key[STRIPE_KEY_MAX + 16];
    int len = call->round ? snprintf(key, sizeof key, "%.*s-r%u", (int)call->key_len, call->bytes,
                                     call->round)
                          : snprintf(key, sizeof key, "%.*s", (int)call->key_len, call->bytes);
    const struct stripe_request_options options = {
        .call = stripe_call_of(call),
        .intent = slice_from_string(call->intent),
        .call_key = slice_make(key, (size_t)len),
        .body = slice_make(call->bytes + call->key_len, call->body_len),
    };
    return stripe_request_build(&p->account, &options, ret_request, err);
}

/* Checks and copies; the call is not yet known to the outbox. NULL: err says why. */
static struct call *make_call(const struct payments *p, const struct payments_call *from,
                              uint8_t kind, struct err *err)
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
    struct stripe_request request;
    if (make_request(p, call, &request, err) < 0) {
        free(call);
        return NULL;
    }
    return call;
}

static struct heap *heap_of(struct payments *p, const struct call *call)
{
    return call->kind == KIND_WATCH && !call->urgent ? &p->watched : &p->owed;
}

static int take(struct payments *p, struct call *call, struct err *err)
{
    uint32_t *count = call->kind == KIND_WATCH ? &p->counters.watched : &p->counters.owed;
    size_t all = (size_t)p->counters.watched + p->counters.owed + 1; /* any watch may be urgent */
    if (!heap_make_room(&p->watched, (size_t)p->counters.watched + 1) ||
        !heap_make_room(&p->owed, all) || !table_make_room(p)) {
        free(call);
        return err_set(err, "no memory for an owed call");
    }
    struct call **bucket = bucket_of(p, call->partition, call->order);
    call->chain = *bucket;
    *bucket = call;
    p->call_count++;
    ++*count;
    heap_push(heap_of(p, call), call);
    CRASH_POINT("payments.taken");
    return 0;
}

int payments_owed(struct payments *p, const struct payments_call *call, struct err *err)
{
    if (call->kind < BOOKING_CALL_CREATE || call->kind > BOOKING_CALL_CANCEL)
        return err_set(err, "unknown kind of payment call: %u", call->kind);
    if (find(p, call, call->kind))
        return 0;
    struct call *made = make_call(p, call, call->kind, err);
    if (!made)
        return -1;
    made->due_us = p->port.now_us(p->port.context);
    CRASH_POINT("payments.owed.made");
    return take(p, made, err);
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
    heap_remove(heap_of(p, call), call);
    call->urgent |= silence_us == 0;
    call->due_us = due_us;
    heap_push(heap_of(p, call), call);
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
        look_sooner(p, known, silence_us);
        return 0;
    }
    struct call *made = make_call(p, &bare, KIND_WATCH, err);
    if (!made)
        return -1;
    made->urgent = silence_us == 0;
    made->pause_us = silence_us ? silence_us : PAYMENTS_WATCH_MIN_US;
    made->due_us = p->port.now_us(p->port.context) + silence_us;
    CRASH_POINT("payments.watch.made");
    return take(p, made, err);
}

static void release(struct payments *p, struct call *call)
{
    table_remove(p, call);
    --*(call->kind == KIND_WATCH ? &p->counters.watched : &p->counters.owed);
    free(call);
}

/* Any watch of that slot: slots are reused, but only after their order has ended. */
static struct call *find_watch(const struct payments *p, uint32_t partition, uint32_t order)
{
    struct call *c = *bucket_of(p, partition, order);
    while (c && !(c->partition == partition && c->order == order && c->kind == KIND_WATCH &&
                  !c->dropped))
        c = c->chain;
    return c;
}

void payments_unwatch(struct payments *p, uint32_t partition, uint32_t order)
{
    struct call *known;
    while ((known = find_watch(p, partition, order)) != NULL) {
        CRASH_POINT("payments.unwatch");
        known->dropped = known->flying; /* one in flight is freed when its answer comes */
        if (!known->flying) {
            heap_remove(heap_of(p, known), known);
            release(p, known);
        }
    }
}

/* ---- answers ---- */

static void wait_until(struct payments *p, struct call *call, uint64_t due_us)
{
    call->due_us = due_us;
    heap_push(heap_of(p, call), call);
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
    wait_until(p, call, p->port.now_us(p->port.context) + pause);
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

static void keep_watching(struct payments *p, struct call *call)
{
    call->unknown = 0;
    call->urgent = false;
    call->pause_us *= 2;
    CRASH_POINT("payments.keep_watching");
    if (call->pause_us > PAYMENTS_WATCH_MAX_US)
        call->pause_us = PAYMENTS_WATCH_MAX_US;
    wait_until(p, call, p->port.now_us(p->port.context) + call->pause_us);
}

static void watch_object(struct payments *p, struct call *call, const struct stripe_intent *intent)
{
    memcpy(call->card, intent->card, sizeof call->card);
    if (intent->status == STRIPE_STATUS_REQUIRES_CAPTURE)
        settle(p, call, BOOKING_PAYMENT_AUTHORISED, intent->capturable_minor);
    else if (intent->status == STRIPE_STATUS_SUCCEEDED)
        settle(p, call, BOOKING_PAYMENT_CAPTURED, intent->received_minor);
    else if (intent->status == STRIPE_STATUS_CANCELED)
        settle(p, call, BOOKING_PAYMENT_CANCELLED, 0);
    else
        keep_watching(p, call);
}

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

static void on_done(struct payments *p, struct call *call, const struct stripe_intent *intent)
{
    if (call->kind == BOOKING_CALL_CREATE) {
        if (intent->client_secret[0] == '\0') {
            back_off(p, call, 0); /* of no use to the buyer: not an answer */
            return;
        }
        memcpy(call->intent, intent->id, sizeof call->intent);
        memcpy(call->secret, intent->client_secret, sizeof call->secret);
        settle(p, call, BOOKING_PAYMENT_CREATED, intent->amount_minor);
    } else if (strcmp(intent->id, call->intent) != 0) {
        back_off(p, call, 0); /* somebody else's object says nothing about ours */
    } else if (call->kind == KIND_WATCH) {
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
    } else if (call->kind == BOOKING_CALL_CREATE || call->stage == STAGE_LOOK) {
        refuse(p, call, code);
    } else {
        (void)snprintf(call->code, sizeof call->code, "%s", code);
        call->stored = stored;
        call->stage = STAGE_LOOK;
        CRASH_POINT("payments.refused.look");
        wait_until(p, call, p->port.now_us(p->port.context));
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
    } else if (asking && call->kind != BOOKING_CALL_CREATE && stuck) {
        call->stage = STAGE_LOOK;
        CRASH_POINT("payments.unknown.look");
        call->failures = 0;
    }
    back_off(p, call, (uint64_t)answer->retry_after_s * 1000000u);
}

/* Ends a flight and returns its call, or NULL for a ticket that was never given out. */
static struct call *land(struct payments *p, uint64_t ticket)
{
    for (uint32_t i = 0; ticket && i < p->max_flights; i++)
        if (p->flights[i].ticket == ticket) {
            struct call *call = p->flights[i].call;
            p->flights[i] = (struct flight){0};
            p->counters.in_flight--;
            call->flying = false;
            return call;
        }
    return NULL;
}

void payments_answer(struct payments *p, uint64_t ticket, const struct stripe_reply *reply)
{
    struct call *call = land(p, ticket);
    if (!call)
        return;
    if (call->dropped) {
        release(p, call);
        return;
    }
    struct stripe_answer answer;
    stripe_answer_read(reply, &answer);
    CRASH_POINT("payments.answer.read");
    switch (answer.result) {
    case STRIPE_DONE: on_done(p, call, &answer.intent); break;
    case STRIPE_DECLINED:
    case STRIPE_REFUSED: on_refused(p, call, answer.code, reply->replayed); break;
    case STRIPE_BARRED:
        /* A new order can be refused at once; money on its way waits for the right key. */
        if (call->kind == BOOKING_CALL_CREATE)
            refuse(p, call, answer.code);
        else
            on_unknown(p, call, reply, &answer);
        break;
    case STRIPE_UNKNOWN: on_unknown(p, call, reply, &answer); break;
    }
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
            .card = slice_from_string(call->card),
            .code = slice_from_string(call->code),
        };
        CRASH_POINT("payments.tell.before");
        if (!p->port.news(p->port.context, &news))
            return false;
        CRASH_POINT("payments.tell.after");
        p->tell = call->chain;
        if (!p->tell)
            p->tell_end = &p->tell;
        --*(call->kind == KIND_WATCH ? &p->counters.watched : &p->counters.owed);
        p->counters.told++;
        free(call);
    }
    return true;
}

/* The next call that is due; else NULL, and when one will be. Looks give way to owed calls. */
static struct call *next_due(struct payments *p, uint64_t now_us, uint64_t *ret_wake_us)
{
    struct call *owed = p->owed.count ? p->owed.items[0] : NULL;
    struct call *watched = p->watched.count ? p->watched.items[0] : NULL;
    if (owed && owed->due_us <= now_us)
        return owed;
    if (watched && watched->due_us <= now_us)
        return watched;
    *ret_wake_us = owed ? owed->due_us : UINT64_MAX;
    if (watched && watched->due_us < *ret_wake_us)
        *ret_wake_us = watched->due_us;
    return NULL;
}

static void fly(struct payments *p, struct call *call)
{
    struct flight *flight = p->flights;
    while (flight->ticket)
        flight++;
    *flight = (struct flight){++p->next_ticket, call};
    heap_remove(heap_of(p, call), call);
    call->flying = true;
    p->counters.in_flight++;
    p->counters.sent++;
    struct stripe_request request;
    int made = make_request(p, call, &request, NULL);
    assert(made == 0); /* it was made once when the call was taken */
    (void)made;
    CRASH_POINT("payments.send.before");
    p->port.send(p->port.context, flight->ticket, &request);
    CRASH_POINT("payments.send.after");
}

uint64_t payments_tick(struct payments *p)
{
    for (;;) {
        uint64_t now_us = p->port.now_us(p->port.context), wake_us = UINT64_MAX;
        uint64_t tell_us = tell_all(p) ? UINT64_MAX : now_us + NEWS_RETRY_US;
        struct call *call = next_due(p, now_us, &wake_us);
        if (call && p->counters.in_flight == p->max_flights)
            return tell_us; /* an answer will come */
        if (call && p->interval_us && p->bucket_us > now_us + BUCKET_BURST_US) {
            wake_us = p->bucket_us - BUCKET_BURST_US;
            call = NULL;
        }
        if (!call)
            return wake_us < tell_us ? wake_us : tell_us;
        if (p->bucket_us < now_us)
            p->bucket_us = now_us;
        p->bucket_us += p->interval_us;
        fly(p, call);
    }
}

struct payments_counters payments_counters(const struct payments *p)
{
    return p->counters;
}
