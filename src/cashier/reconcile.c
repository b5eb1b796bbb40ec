#include "cashier/reconcile.h"

#include "base/crash.h"
#include "base/hash.h"
#include "base/money.h"
#include "base/time.h"

#include <assert.h>
#include <stdlib.h>

#define SLICE_ORDERS 2000u /* that one step goes through */
#define UNKNOWN_MAX                                                                                \
    10000u                   /* paid intents without an order that are kept until the refunds come \
                              */
#define CLOCKS_APART_S 3600u /* how far the provider's clock may be from ours */

/* What the lists said about an order. */
struct mark {
    bool seen;        /* its payment */
    uint16_t alive;   /* refunds that are paid or on their way, a bit each */
    uint16_t paid;    /* refunds that are paid */
    uint32_t by_hand; /* + 1 in the list of those; 0: none */
};

/* What was refunded of an order and not asked for, all of it. */
struct by_hand {
    int64_t minor;
    bool is_young; /* some of it */
    char newest[LIMIT_PAYMENT_ID_BYTES + 1];
};

struct part {
    struct mark *marks; /* one an order slot; NULL: none yet */
    uint32_t count;
    bool disputes[LIMIT_DISPUTES];
};

/* Which order a payment is of: hashes, sorted. */
struct index_entry {
    uint64_t hash;
    uint32_t partition, order;
};

/* Paid, and no order of ours: one that was wholly refunded, and its slot was used again? */
struct unknown {
    struct stripe_intent intent;
    int64_t refunded_minor;
};

enum phase { PHASE_INDEX, PHASE_LISTS, PHASE_COMPARE, PHASE_DONE };

struct reconcile {
    struct reconcile_options options;
    enum phase phase;
    uint32_t events, partition, order; /* where the steps are */
    struct part **parts;               /* one an event */
    struct index_entry *index;
    size_t index_count, index_cap;
    struct unknown *unknown;
    uint32_t unknown_count;
    struct by_hand *by_hand;
    uint32_t by_hand_count, by_hand_cap;
    enum stripe_list list;
    char after[LIMIT_PAYMENT_ID_BYTES + 1];
    bool short_of_memory; /* while a page was read */
    struct reconcile_counters counters;
    uint32_t kept;
    struct reconcile_difference differences[RECONCILE_DIFFERENCES_MAX];
};

/* ---- differences ---- */

const char *reconcile_kind_words(enum reconcile_kind kind)
{
#define RECONCILE_KIND_WORDS(name, words) words,
    static const char *const all[] = {RECONCILE_KINDS(RECONCILE_KIND_WORDS)};
#undef RECONCILE_KIND_WORDS
    assert(kind < RECONCILE_KIND_COUNT);
    return all[kind];
}

enum booking_payment reconcile_news(enum reconcile_kind kind)
{
    return kind == RECONCILE_REFUND_UNASKED ? BOOKING_PAYMENT_REFUND_UNASKED
                                            : BOOKING_PAYMENT_DIFFERS;
}

void reconcile_words(const struct reconcile_difference *d, char ret_words[RECONCILE_WORDS_MAX])
{
    char refund[24] = "", currency[4] = "", ours[MONEY_TEXT_MAX], theirs[MONEY_TEXT_MAX];
    if (d->refund)
        (void)snprintf(refund, sizeof refund, " (refund %u)", d->refund);
    for (int i = 0; i < 3 && d->currency[i]; i++)
        currency[i] = (char)(d->currency[i] & ~0x20); /* the provider writes them small */
    money_format(d->ours_minor, currency, ours);
    money_format(d->theirs_minor, currency, theirs);
    (void)snprintf(ret_words, RECONCILE_WORDS_MAX, "%s%s: %s; here %s, at the provider %s",
                   reconcile_kind_words(d->kind), refund, d->object, ours, theirs);
}

static void differ(struct reconcile *r, const struct reconcile_difference *difference)
{
    r->counters.differences++;
    if (r->kept < RECONCILE_DIFFERENCES_MAX)
        r->differences[r->kept++] = *difference;
}

static void copy_text(char *to, size_t size, struct slice text)
{
    size_t len = text.len < size ? text.len : size - 1;
    if (len)
        memcpy(to, text.data, len);
    to[len] = '\0';
}

static struct reconcile_difference about(enum reconcile_kind kind, struct id order,
                                         const char *object, const char *currency)
{
    struct reconcile_difference d = {.kind = kind, .order = order};
    copy_text(d.object, sizeof d.object, slice_from_string(object));
    copy_text(d.currency, sizeof d.currency, slice_from_string(currency));
    return d;
}

static bool same_difference(const struct reconcile_difference *a,
                            const struct reconcile_difference *b)
{
    return a->kind == b->kind && a->order.partition == b->order.partition &&
           a->order.slot == b->order.slot && a->order.random == b->order.random &&
           a->refund == b->refund && strcmp(a->object, b->object) == 0;
}

void reconcile_confirm(struct reconcile *r, const struct reconcile *earlier)
{
    uint32_t kept = 0;
    for (uint32_t i = 0; i < r->kept; i++) {
        bool known = false;
        for (uint32_t j = 0; j < earlier->kept && !known; j++)
            known = same_difference(&r->differences[i], &earlier->differences[j]);
        if (known)
            r->differences[kept++] = r->differences[i];
    }
    /* With more than were kept nothing is known of the rest: they are counted as they are. */
    if (r->counters.differences <= RECONCILE_DIFFERENCES_MAX)
        r->counters.differences = kept;
    r->kept = kept;
}

/* ---- finding orders ---- */

static int index_order(const void *a, const void *b)
{
    const struct index_entry *x = a, *y = b;
    return x->hash < y->hash ? -1 : x->hash > y->hash;
}

static uint64_t intent_hash(struct slice intent)
{
    return hash64_of(intent.data, intent.len, 0);
}

static bool index_add(struct reconcile *r, uint32_t partition, uint32_t order, struct slice intent)
{
    if (r->index_count == r->index_cap) {
        size_t cap = r->index_cap ? r->index_cap * 2 : 1024;
        struct index_entry *grown = realloc(r->index, cap * sizeof *grown);
        if (!grown)
            return false;
        r->index = grown;
        r->index_cap = cap;
    }
    r->index[r->index_count++] = (struct index_entry){intent_hash(intent), partition, order};
    return true;
}

static bool order_at(const struct reconcile *r, uint32_t partition, uint32_t slot,
                     struct id *ret_id, struct booking_order *ret_order)
{
    const struct booking *b = engine_booking(r->options.engine, partition);
    uint64_t random = b ? booking_order_random(b, slot) : 0;
    *ret_id = (struct id){partition, slot, random};
    return random && booking_order_get(b, slot, random, ret_order) &&
           ret_order->provider == r->options.provider;
}

/* The order that is paid with this intent. */
static bool order_of_intent(const struct reconcile *r, const char *intent, struct id *ret_id,
                            struct booking_order *ret_order)
{
    struct slice name = slice_from_string(intent);
    uint64_t hash = intent_hash(name);
    size_t low = 0, high = r->index_count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (r->index[middle].hash < hash)
            low = middle + 1;
        else
            high = middle;
    }
    for (; low < r->index_count && r->index[low].hash == hash; low++)
        if (order_at(r, r->index[low].partition, r->index[low].order, ret_id, ret_order) &&
            slice_equal(ret_order->intent, name))
            return true;
    return false;
}

/* NULL: no memory, or an order that came after the run began. */
static struct mark *mark_of(struct reconcile *r, struct id order)
{
    if (order.partition > r->events)
        return NULL;
    struct part **part = &r->parts[order.partition - 1];
    if (!*part)
        *part = calloc(1, sizeof **part);
    if (*part && !(*part)->marks) {
        const struct booking *b = engine_booking(r->options.engine, order.partition);
        (*part)->count = booking_order_slots(b);
        (*part)->marks = calloc((*part)->count ? (*part)->count : 1, sizeof(struct mark));
    }
    if (!*part || !(*part)->marks) {
        r->short_of_memory = true;
        return NULL;
    }
    return order.slot < (*part)->count ? &(*part)->marks[order.slot] : NULL;
}

static bool is_young(const struct reconcile *r, uint64_t at_s)
{
    return at_s + r->options.grace_s > r->options.now_s;
}

/* Somebody is at it: the outbox, a look, or a person. */
static bool is_under_way(const struct reconcile *r, const struct booking_order *o)
{
    return o->call != BOOKING_CALL_NONE || o->attention || o->state == BOOKING_ORDER_PLACED ||
           is_young(r, o->placed_at_us / TIME_SECOND_US);
}

/* ---- their intents ---- */

static bool is_paid(const struct stripe_intent *intent)
{
    return intent->status == STRIPE_STATUS_SUCCEEDED ||
           intent->status == STRIPE_STATUS_REQUIRES_CAPTURE;
}

static int64_t paid_minor(const struct stripe_intent *intent)
{
    return intent->status == STRIPE_STATUS_SUCCEEDED ? intent->received_minor
                                                     : intent->capturable_minor;
}

static void keep_unknown(struct reconcile *r, const struct stripe_intent *intent)
{
    if (r->unknown_count == UNKNOWN_MAX) {
        r->counters.differences++;
        return;
    }
    if (!r->unknown)
        r->unknown = calloc(UNKNOWN_MAX, sizeof *r->unknown);
    if (!r->unknown)
        r->short_of_memory = true;
    else
        r->unknown[r->unknown_count++] = (struct unknown){.intent = *intent};
}

static void compare_paid(struct reconcile *r, const struct stripe_intent *intent, struct id id,
                         const struct booking_order *o)
{
    bool captured = o->state == BOOKING_ORDER_CAPTURED;
    bool succeeded = intent->status == STRIPE_STATUS_SUCCEEDED;
    int64_t ours = captured ? o->total_minor : o->taken_minor;
    enum reconcile_kind kind = RECONCILE_KIND_COUNT;
    if (captured && !succeeded)
        kind = RECONCILE_SOLD_NOT_PAID;
    else if (!captured && is_paid(intent) && ours == 0)
        kind = RECONCILE_PAID_NOT_SOLD;
    else if ((captured || ours > 0) && paid_minor(intent) != ours)
        kind = RECONCILE_AMOUNT;
    if (kind == RECONCILE_KIND_COUNT)
        return;
    struct reconcile_difference d = about(kind, id, intent->id, intent->currency);
    d.ours_minor = ours;
    d.theirs_minor = is_paid(intent) ? paid_minor(intent) : 0;
    differ(r, &d);
}

static void see_intent(void *context, const struct stripe_intent *intent)
{
    struct reconcile *r = context;
    struct id id, named;
    struct booking_order o;
    r->counters.intents++;
    if (order_of_intent(r, intent->id, &id, &o)) {
        struct mark *mark = mark_of(r, id);
        if (mark)
            mark->seen = true;
        if (!mark || is_under_way(r, &o))
            r->counters.under_way++;
        else
            compare_paid(r, intent, id, &o);
    } else if (!id_parse(ID_ORDER, slice_from_string(intent->order_id), &named)) {
        r->counters.foreign++; /* something else that is sold under the same account */
    } else if (is_paid(intent) && !is_young(r, intent->created_s)) {
        keep_unknown(r, intent);
    }
}

/* ---- their refunds ---- */

static void refund_of_unknown(struct reconcile *r, const struct stripe_refund *refund)
{
    for (uint32_t i = 0; i < r->unknown_count; i++)
        if (strcmp(r->unknown[i].intent.id, refund->intent) == 0) {
            r->unknown[i].refunded_minor += refund->amount_minor;
            return;
        }
    r->counters.foreign++;
}

/* Somebody made it, not we: what of it is recorded is compared when all of it is known. */
static void add_by_hand(struct reconcile *r, struct mark *mark, const struct stripe_refund *refund)
{
    if (!mark->by_hand && r->by_hand_count == r->by_hand_cap) {
        uint32_t cap = r->by_hand_cap ? r->by_hand_cap * 2 : 64;
        struct by_hand *grown = realloc(r->by_hand, cap * sizeof *grown);
        if (!grown) {
            r->short_of_memory = true;
            return;
        }
        r->by_hand = grown;
        r->by_hand_cap = cap;
    }
    if (!mark->by_hand) { /* lists begin with the newest */
        struct by_hand *first = &r->by_hand[r->by_hand_count++];
        *first = (struct by_hand){0};
        copy_text(first->newest, sizeof first->newest, slice_from_string(refund->id));
        mark->by_hand = r->by_hand_count;
    }
    r->by_hand[mark->by_hand - 1].minor += refund->amount_minor;
    r->by_hand[mark->by_hand - 1].is_young |= is_young(r, refund->created_s);
}

static void compare_refund(struct reconcile *r, const struct stripe_refund *refund, struct id id,
                           const struct booking_order *o)
{
    struct mark *mark = mark_of(r, id);
    if (!mark)
        return;
    const struct booking *b = engine_booking(r->options.engine, id.partition);
    if (!refund->number || refund->number > o->refunds) {
        add_by_hand(r, mark, refund);
        return;
    }
    struct reconcile_difference d = about(RECONCILE_KIND_COUNT, id, refund->id, refund->currency);
    uint16_t bit = (uint16_t)(1u << (refund->number - 1));
    d.refund = refund->number;
    d.theirs_minor = refund->amount_minor;
    d.ours_minor = booking_refund_amount(b, id.slot, refund->number);
    if (mark->alive & bit)
        d.kind = RECONCILE_REFUND_TWICE; /* also while a person looks: it is money */
    else if (o->attention || is_young(r, refund->created_s))
        r->counters.under_way++;
    else if (d.ours_minor != d.theirs_minor)
        d.kind = RECONCILE_REFUND_AMOUNT;
    mark->alive = (uint16_t)(mark->alive | bit);
    if (refund->status == STRIPE_REFUND_SUCCEEDED)
        mark->paid = (uint16_t)(mark->paid | bit);
    if (d.kind != RECONCILE_KIND_COUNT)
        differ(r, &d);
}

static void see_refund(void *context, const struct stripe_refund *refund)
{
    struct reconcile *r = context;
    struct id id;
    struct booking_order o;
    r->counters.refunds++;
    if (refund->status == STRIPE_REFUND_FAILED)
        return; /* nothing was paid back */
    if (order_of_intent(r, refund->intent, &id, &o))
        compare_refund(r, refund, id, &o);
    else
        refund_of_unknown(r, refund);
}

/* ---- their disputes ---- */

static bool find_dispute(const struct booking *b, const char *name, uint32_t *ret_at,
                         struct booking_dispute *ret_dispute)
{
    for (uint32_t i = 0; booking_dispute_get(b, i, ret_dispute); i++)
        if (slice_equal(ret_dispute->id, slice_from_string(name))) {
            *ret_at = i;
            return true;
        }
    return false;
}

static enum booking_dispute_state state_there(const struct stripe_dispute *dispute)
{
    switch (dispute->status) {
    case STRIPE_DISPUTE_OPEN: return BOOKING_DISPUTE_OPEN;
    case STRIPE_DISPUTE_WON: return BOOKING_DISPUTE_WON;
    case STRIPE_DISPUTE_LOST: return BOOKING_DISPUTE_LOST;
    case STRIPE_DISPUTE_INQUIRY:
    case STRIPE_DISPUTE_UNKNOWN: break;
    }
    return BOOKING_DISPUTE_NONE;
}

static void compare_dispute(struct reconcile *r, const struct stripe_dispute *dispute, struct id id,
                            const struct booking_order *o)
{
    const struct booking *b = engine_booking(r->options.engine, id.partition);
    enum booking_dispute_state there = state_there(dispute), here = BOOKING_DISPUTE_NONE;
    struct booking_dispute known;
    uint32_t at;
    if (!mark_of(r, id))
        return;
    if (find_dispute(b, dispute->id, &at, &known)) {
        r->parts[id.partition - 1]->disputes[at] = true;
        here = known.state == BOOKING_DISPUTE_LOST_IN_PART ? BOOKING_DISPUTE_LOST : known.state;
    }
    struct reconcile_difference d =
        about(here == BOOKING_DISPUTE_NONE ? RECONCILE_DISPUTE_UNKNOWN : RECONCILE_DISPUTE_STATE,
              id, dispute->id, dispute->currency);
    d.theirs_minor = dispute->amount_minor;
    d.ours_minor = here == BOOKING_DISPUTE_NONE ? 0 : known.amount_minor;
    /* A dispute that was won before we heard of it changes nothing. */
    bool agrees = there == here || there == BOOKING_DISPUTE_NONE ||
                  (there == BOOKING_DISPUTE_WON && here == BOOKING_DISPUTE_NONE);
    if (!agrees && (o->attention || is_young(r, dispute->created_s)))
        r->counters.under_way++;
    else if (!agrees)
        differ(r, &d);
}

static void see_dispute(void *context, const struct stripe_dispute *dispute)
{
    struct reconcile *r = context;
    struct id id;
    struct booking_order o;
    r->counters.disputes++;
    if (order_of_intent(r, dispute->intent, &id, &o))
        compare_dispute(r, dispute, id, &o);
    else
        r->counters.foreign++;
}

/* ---- what the lists did not have ---- */

static void compare_missing_refunds(struct reconcile *r, const struct mark *mark, struct id id,
                                    const struct booking_order *o)
{
    const struct booking *b = engine_booking(r->options.engine, id.partition);
    for (uint8_t refund = 1; refund <= o->refunds; refund++) {
        uint16_t bit = (uint16_t)(1u << (refund - 1));
        int64_t amount = booking_refund_amount(b, id.slot, refund);
        bool done = o->refund_states[refund - 1] == BOOKING_REFUND_DONE;
        bool due = o->refund_states[refund - 1] == BOOKING_REFUND_DUE;
        bool missing = done && amount > 0 && !(mark->alive & bit);
        bool untold = due && mark->paid & bit && !is_under_way(r, o);
        if (!missing && !untold)
            continue;
        char intent[LIMIT_PAYMENT_ID_BYTES + 1], currency[4];
        copy_text(intent, sizeof intent, o->intent);
        copy_text(currency, sizeof currency, slice_from_string(booking_event(b).currency));
        struct reconcile_difference d = about(
            missing ? RECONCILE_REFUND_MISSING : RECONCILE_REFUND_UNTOLD, id, intent, currency);
        d.refund = refund;
        d.ours_minor = amount;
        d.theirs_minor = untold ? amount : 0;
        differ(r, &d);
    }
}

/* `listed`: the lists had all refunds of the order, else perhaps only some. */
static void compare_by_hand(struct reconcile *r, const struct mark *mark, struct id id,
                            const struct booking_order *o, bool listed)
{
    const struct by_hand *by_hand = mark->by_hand ? &r->by_hand[mark->by_hand - 1] : NULL;
    int64_t theirs = by_hand ? by_hand->minor : 0, ours = o->by_hand_minor;
    if (theirs == ours || (theirs < ours && !listed))
        return;
    if (o->attention || (by_hand && by_hand->is_young)) {
        r->counters.under_way++;
        return;
    }
    char intent[LIMIT_PAYMENT_ID_BYTES + 1];
    copy_text(intent, sizeof intent, o->intent);
    struct reconcile_difference d =
        about(RECONCILE_REFUND_UNASKED, id, by_hand ? by_hand->newest : intent,
              booking_event(engine_booking(r->options.engine, id.partition)).currency);
    d.ours_minor = ours;
    d.theirs_minor = theirs;
    differ(r, &d);
}

static void compare_order(struct reconcile *r, uint32_t partition, uint32_t slot)
{
    struct id id;
    struct booking_order o;
    if (!order_at(r, partition, slot, &id, &o) || o.intent.len == 0)
        return;
    struct mark *mark = mark_of(r, id);
    uint64_t placed_s = o.placed_at_us / TIME_SECOND_US;
    if (!mark || is_young(r, placed_s))
        return;
    compare_by_hand(r, mark, id, &o, placed_s >= r->options.since_s);
    if (placed_s < r->options.since_s)
        return;
    r->counters.orders++;
    int64_t ours = o.state == BOOKING_ORDER_CAPTURED ? o.total_minor : o.taken_minor;
    if (ours > 0 && !mark->seen && !o.attention) {
        char intent[LIMIT_PAYMENT_ID_BYTES + 1], currency[4];
        copy_text(intent, sizeof intent, o.intent);
        copy_text(currency, sizeof currency,
                  slice_from_string(
                      booking_event(engine_booking(r->options.engine, partition)).currency));
        struct reconcile_difference d = about(RECONCILE_PAYMENT_MISSING, id, intent, currency);
        d.ours_minor = ours;
        differ(r, &d);
    }
    if (!o.attention)
        compare_missing_refunds(r, mark, id, &o);
}

static void compare_own_disputes(struct reconcile *r, uint32_t partition)
{
    const struct booking *b = engine_booking(r->options.engine, partition);
    const struct part *part = r->parts[partition - 1];
    struct booking_dispute dispute;
    for (uint32_t i = 0; b && booking_dispute_get(b, i, &dispute); i++) {
        struct id id;
        struct booking_order o;
        uint64_t opened_s = dispute.opened_at_us / TIME_SECOND_US;
        if ((part && part->disputes[i]) || dispute.order == BOOKING_NONE || is_young(r, opened_s) ||
            opened_s < r->options.since_s + CLOCKS_APART_S ||
            !order_at(r, partition, dispute.order, &id, &o) || o.attention)
            continue;
        char name[LIMIT_PAYMENT_ID_BYTES + 1];
        copy_text(name, sizeof name, dispute.id);
        struct reconcile_difference d =
            about(RECONCILE_DISPUTE_MISSING, id, name, booking_event(b).currency);
        d.ours_minor = dispute.amount_minor;
        differ(r, &d);
    }
}

static void compare_unknown(struct reconcile *r)
{
    for (uint32_t i = 0; i < r->unknown_count; i++) {
        const struct unknown *u = &r->unknown[i];
        if (u->refunded_minor >= paid_minor(&u->intent))
            continue;
        struct reconcile_difference d =
            about(RECONCILE_PAID_UNKNOWN, (struct id){0}, u->intent.id, u->intent.currency);
        d.theirs_minor = paid_minor(&u->intent) - u->refunded_minor;
        differ(r, &d);
    }
}

/* ---- the run ---- */

/* The next order slot; false when all were visited. */
static bool next_order(struct reconcile *r, uint32_t *ret_partition, uint32_t *ret_order)
{
    while (r->partition <= r->events) {
        const struct booking *b = engine_booking(r->options.engine, r->partition);
        if (b && r->order < booking_order_slots(b)) {
            *ret_partition = r->partition;
            *ret_order = r->order++;
            return true;
        }
        if (r->phase == PHASE_COMPARE)
            compare_own_disputes(r, r->partition);
        r->partition++;
        r->order = 0;
    }
    return false;
}

static void next_phase(struct reconcile *r)
{
    if (r->phase == PHASE_INDEX && r->index_count > 0)
        qsort(r->index, r->index_count, sizeof *r->index, index_order);
    if (r->phase == PHASE_COMPARE)
        compare_unknown(r);
    CRASH_POINT("reconcile.phase");
    r->phase++;
    r->partition = 1;
    r->order = 0;
}

bool reconcile_step(struct reconcile *r)
{
    uint32_t partition, order;
    if (r->phase != PHASE_INDEX && r->phase != PHASE_COMPARE)
        return false;
    for (uint32_t i = 0; i < SLICE_ORDERS; i++) {
        struct id id;
        struct booking_order o;
        if (!next_order(r, &partition, &order)) {
            next_phase(r);
            return false;
        }
        if (r->phase == PHASE_COMPARE)
            compare_order(r, partition, order);
        else if (order_at(r, partition, order, &id, &o) && o.intent.len > 0 &&
                 !index_add(r, partition, order, o.intent))
            r->short_of_memory = true;
    }
    return true;
}

bool reconcile_request(const struct reconcile *r, struct stripe_list_options *ret_options)
{
    uint64_t since_s = r->options.since_s;
    if (r->phase != PHASE_LISTS)
        return false;
    *ret_options = (struct stripe_list_options){
        .list = r->list,
        .after = slice_from_string(r->after),
        .since_s = since_s > CLOCKS_APART_S ? since_s - CLOCKS_APART_S : 0,
    };
    return true;
}

int reconcile_page(struct reconcile *r, struct slice body, struct err *err)
{
    const struct stripe_page_visitor check = {0};
    const struct stripe_page_visitor visitor = {
        .context = r,
        .intent = r->list == STRIPE_LIST_INTENTS ? see_intent : NULL,
        .refund = r->list == STRIPE_LIST_REFUNDS ? see_refund : NULL,
        .dispute = r->list == STRIPE_LIST_DISPUTES ? see_dispute : NULL,
    };
    struct stripe_page page;
    assert(r->phase == PHASE_LISTS);
    /* Half a page must not count, and then count again. */
    if (stripe_page_read(body, &check, &page, err) < 0 ||
        stripe_page_read(body, &visitor, &page, err) < 0)
        return -1;
    if (r->short_of_memory)
        return err_set(err, "no memory to compare the provider's books");
    if (page.more && page.count == 0)
        return err_set(err, "the provider's list goes on behind an empty page");
    CRASH_POINT("reconcile.page");
    (void)snprintf(r->after, sizeof r->after, "%s", page.more ? page.last : "");
    if (page.more)
        return 0;
    if (r->list == STRIPE_LIST_DISPUTES)
        next_phase(r);
    else
        r->list++;
    return 0;
}

struct reconcile_counters reconcile_counters(const struct reconcile *r)
{
    return r->counters;
}

const struct reconcile_difference *reconcile_differences(const struct reconcile *r,
                                                         uint32_t *ret_count)
{
    *ret_count = r->kept;
    return r->differences;
}

int reconcile_create(const struct reconcile_options *options, struct reconcile **ret_reconcile,
                     struct err *err)
{
    struct reconcile *r = calloc(1, sizeof *r);
    uint32_t events = directory_event_count(engine_directory(options->engine));
    struct part **parts = calloc(events ? events : 1, sizeof(struct part *));
    if (!r || !parts) {
        free(r);
        free(parts);
        return err_set(err, "no memory to compare the provider's books");
    }
    r->options = *options;
    if (r->options.grace_s == 0)
        r->options.grace_s = RECONCILE_GRACE_S;
    r->events = events;
    r->parts = parts;
    r->partition = 1;
    *ret_reconcile = r;
    return 0;
}

void reconcile_destroy(struct reconcile *r)
{
    if (!r)
        return;
    for (uint32_t i = 0; i < r->events; i++) {
        if (r->parts[i])
            free(r->parts[i]->marks);
        free(r->parts[i]);
    }
    free(r->parts);
    free(r->index);
    free(r->unknown);
    free(r->by_hand);
    free(r);
}
