#include "books_private.h"
#include "provider_private.h"
#include "reconciler.h"

#include <stdlib.h>

/* The auditor of reconciliation, the one place that looks into both books at once: ours as the
 * entries made them, and the provider's own. Naive: each payment, refund and dispute by itself,
 * whenever nothing is under way. */

struct differences {
    struct sim *s;
    uint8_t house;
    struct reconcile_difference *all;
    uint32_t count, capacity;
};

static void expect(struct differences *x, enum reconcile_kind kind, struct id order, uint8_t refund,
                   const char *object, int64_t ours, int64_t theirs)
{
    if (x->count == x->capacity) {
        x->capacity = 2 * x->capacity + 16;
        x->all = realloc(x->all, x->capacity * sizeof *x->all);
        if (!x->all)
            abort();
    }
    struct reconcile_difference *d = &x->all[x->count++];
    *d = (struct reconcile_difference){
        .kind = kind, .order = order, .refund = refund, .ours_minor = ours, .theirs_minor = theirs};
    (void)snprintf(d->object, sizeof d->object, "%s", object);
}

/* ---- an order of ours and its payment ---- */

/* The order that the machine still has, and pays with this payment; NULL: there is none. */
static const struct books_order *order_of(const struct sim *s, const struct intent *i,
                                          struct id *ret_id)
{
    const struct books_order *o =
        books_order(s, i->order.partition, i->order.slot, i->order.random);
    struct booking_order kept;
    char id[40];
    if (i->order.random == 0 || !o ||
        !booking_order_get(s->books->events[i->order.partition].shadow, o->slot, o->random, &kept))
        return NULL;
    provider_intent_id(i, id);
    *ret_id = i->order;
    return slice_equal(kept.intent, slice_from_string(id)) ? o : NULL;
}

static bool is_paid(const struct intent *i)
{
    return i->state == INTENT_TAKEN || i->state == INTENT_RESERVED;
}

static int64_t paid_minor(const struct intent *i)
{
    return i->state == INTENT_TAKEN ? i->received : i->state == INTENT_RESERVED ? i->reserved : 0;
}

/* Paid, and nobody here knows what for. */
static void expect_unknown(struct differences *x, const struct intent *i, const char *name)
{
    const struct provider *p = x->s->provider;
    int64_t left = paid_minor(i);
    for (uint32_t n = 0; n < p->refund_count; n++)
        if (p->refunds[n].intent == i->number && p->refunds[n].state != REFUND_FAILED &&
            !p->refunds[n].hidden)
            left -= p->refunds[n].amount;
    if (i->order_text[0] && is_paid(i) && left > 0)
        expect(x, RECONCILE_PAID_UNKNOWN, (struct id){0}, 0, name, 0, left);
}

static void expect_of_intent(struct differences *x, const struct intent *i)
{
    struct id id;
    const struct books_order *o = order_of(x->s, i, &id);
    char name[40];
    provider_intent_id(i, name);
    if (!o && !i->hidden)
        expect_unknown(x, i, name);
    if (!o || o->has_case)
        return;
    int64_t ours = o->state == ORDER_CAPTURED ? o->total_minor : o->taken_minor;
    int64_t theirs = paid_minor(i);
    if (i->hidden) {
        if (ours > 0)
            expect(x, RECONCILE_PAYMENT_MISSING, id, 0, name, ours, 0);
    } else if (o->state == ORDER_CAPTURED && i->state != INTENT_TAKEN) {
        expect(x, RECONCILE_SOLD_NOT_PAID, id, 0, name, ours, theirs);
    } else if (ours != theirs) {
        expect(x, ours ? RECONCILE_AMOUNT : RECONCILE_PAID_NOT_SOLD, id, 0, name, ours, theirs);
    }
}

/* ---- refunds ---- */

static void refund_name(uint32_t number, char ret_name[40])
{
    (void)snprintf(ret_name, 40, "re_sim%u", number);
}

/* What the provider paid back or will, of one number of an order, against what we asked for. */
static void expect_of_refund(struct differences *x, const struct intent *i, struct id id,
                             const struct books_order *o, uint8_t of)
{
    const struct provider *p = x->s->provider;
    const struct books_refund *ours = &o->refunds[of];
    uint32_t alive = 0;
    char name[40];
    for (uint32_t n = p->refund_count; n-- > 0;) {
        const struct refund *r = &p->refunds[n];
        if (r->intent != i->number || r->of != of || r->state == REFUND_FAILED || r->hidden)
            continue;
        refund_name(n, name);
        if (alive++ > 0)
            expect(x, RECONCILE_REFUND_TWICE, id, of, name, ours->amount, r->amount);
        else if (!o->has_case && ours->amount != r->amount)
            expect(x, RECONCILE_REFUND_AMOUNT, id, of, name, ours->amount, r->amount);
    }
    provider_intent_id(i, name);
    if (alive == 0 && ours->state == REFUND_IS_DONE && ours->amount > 0 && !o->has_case)
        expect(x, RECONCILE_REFUND_MISSING, id, of, name, ours->amount, 0);
}

/* Made by somebody at the provider: all of it against what is recorded. */
static void expect_unasked(struct differences *x, const struct intent *i, struct id id,
                           const struct books_order *o)
{
    const struct provider *p = x->s->provider;
    int64_t theirs = 0;
    char name[40];
    provider_intent_id(i, name);
    for (uint32_t n = 0; n < p->refund_count; n++) {
        const struct refund *r = &p->refunds[n];
        bool asked = r->of >= 1 && r->of <= o->refund_count;
        if (r->intent != i->number || asked || r->state == REFUND_FAILED || r->hidden)
            continue;
        refund_name(n, name); /* the newest */
        theirs += r->amount;
    }
    if (!o->has_case && theirs != o->by_hand_minor)
        expect(x, RECONCILE_REFUND_UNASKED, id, 0, name, o->by_hand_minor, theirs);
}

/* ---- disputes ---- */

static enum booking_dispute_state state_here(const struct booking *b, const char *name,
                                             int64_t *ret_minor)
{
    struct booking_dispute d;
    *ret_minor = 0;
    for (uint32_t n = 0; booking_dispute_get(b, n, &d); n++)
        if (slice_equal(d.id, slice_from_string(name))) {
            *ret_minor = d.amount_minor;
            return d.state == BOOKING_DISPUTE_LOST_IN_PART ? BOOKING_DISPUTE_LOST : d.state;
        }
    return BOOKING_DISPUTE_NONE;
}

static void expect_of_disputes(struct differences *x, const struct intent *i, struct id id,
                               const struct books_order *o)
{
    static const enum booking_dispute_state states[] = {BOOKING_DISPUTE_NONE, BOOKING_DISPUTE_OPEN,
                                                        BOOKING_DISPUTE_WON, BOOKING_DISPUTE_LOST};
    const struct provider *p = x->s->provider;
    for (uint32_t n = 0; n < p->dispute_count && !o->has_case; n++) {
        const struct dispute *d = &p->disputes[n];
        char name[40];
        int64_t ours;
        if (d->intent != i->number)
            continue;
        (void)snprintf(name, sizeof name, "dp_sim%u", n);
        enum booking_dispute_state there = states[d->state],
                                   here = state_here(x->s->books->events[id.partition].shadow, name,
                                                     &ours);
        if (d->hidden && here != BOOKING_DISPUTE_NONE)
            expect(x, RECONCILE_DISPUTE_MISSING, id, 0, name, ours, 0);
        if (d->hidden || d->state == DISPUTE_INQUIRY || here == there)
            continue;
        if (here != BOOKING_DISPUTE_NONE)
            expect(x, RECONCILE_DISPUTE_STATE, id, 0, name, ours, d->amount);
        else if (there != BOOKING_DISPUTE_WON) /* that one changes nothing any more */
            expect(x, RECONCILE_DISPUTE_UNKNOWN, id, 0, name, 0, d->amount);
    }
}

/* ---- all of it ---- */

static void expect_all(struct differences *x)
{
    const struct provider *p = x->s->provider;
    for (uint32_t n = 0; n < p->intent_count; n++) {
        const struct intent *i = &p->intents[n];
        struct id id;
        if (i->house != x->house)
            continue;
        expect_of_intent(x, i);
        const struct books_order *o = order_of(x->s, i, &id);
        if (!o)
            continue;
        for (uint8_t of = 1; of <= o->refund_count; of++)
            expect_of_refund(x, i, id, o, of);
        expect_unasked(x, i, id, o);
        expect_of_disputes(x, i, id, o);
    }
}

static bool is_same(const struct reconcile_difference *a, const struct reconcile_difference *b)
{
    return a->kind == b->kind && a->order.partition == b->order.partition &&
           a->order.slot == b->order.slot && a->order.random == b->order.random &&
           a->refund == b->refund && a->ours_minor == b->ours_minor &&
           a->theirs_minor == b->theirs_minor && strcmp(a->object, b->object) == 0;
}

static bool has(const struct reconcile_difference *list, uint32_t count,
                const struct reconcile_difference *one)
{
    for (uint32_t i = 0; i < count; i++)
        if (is_same(&list[i], one))
            return true;
    return false;
}

void reconcile_audit_last(struct sim *s, uint8_t house, const struct reconcile *run)
{
    struct differences x = {.s = s, .house = house};
    char words[RECONCILE_WORDS_MAX];
    uint32_t count;
    const struct reconcile_difference *found = reconcile_differences(run, &count);
    expect_all(&x);
    s->figures->checks++;
    for (uint32_t i = 0; i < x.count; i++) {
        reconcile_words(&x.all[i], words);
        REQUIRE(s, has(found, count, &x.all[i]), "what differs is found",
                "provider %u, order %u: %s", house, x.all[i].order.slot, words);
    }
    for (uint32_t i = 0; i < count; i++) {
        reconcile_words(&found[i], words);
        REQUIRE(s, has(x.all, x.count, &found[i]), "nothing is found but what differs",
                "provider %u, order %u: %s", house, found[i].order.slot, words);
    }
    REQUIRE(s, count == x.count && reconcile_counters(run).differences == count,
            "each difference is told once", "%u of %u, %u counted", count, x.count,
            reconcile_counters(run).differences);
    free(x.all);
}

void reconcile_audit(struct sim *s, uint8_t house, const struct reconcile *run, bool last)
{
    uint32_t count;
    const struct reconcile_difference *found = reconcile_differences(run, &count);
    s->figures->checks++;
    for (uint32_t i = 0; i < count; i++) {
        char words[RECONCILE_WORDS_MAX];
        reconcile_words(&found[i], words);
        REQUIRE(s, provider_explains(s, house, &found[i], last),
                "the books differ only where something happened", "provider %u, order %u: %s",
                house, found[i].order.slot, words);
    }
}
