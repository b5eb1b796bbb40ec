#include "books.h"
#include "provider_private.h"

/* Differences that are planted into the provider's books, in few worlds and few times: what only a
 * comparison of the books can find. Nobody tells of them; the payment is mute from then on. */

#define TRY_AGAIN_US (300 * SECOND_US) /* when nothing was there for it */
#define TRIES 12u

/* A plant: false when it does not fit this payment. */
typedef bool plant_fn(struct sim *s, struct intent *i);

static const struct books_order *order_of(const struct sim *s, const struct intent *i)
{
    return i->order.random ? books_order(s, i->order.partition, i->order.slot, i->order.random)
                           : NULL;
}

/* Sold, paid, and nothing is owed or asked. */
static bool is_settled(const struct sim *s, const struct intent *i)
{
    const struct books_order *o = order_of(s, i);
    return i->state == INTENT_TAKEN && o && o->state == ORDER_CAPTURED && o->call == 0;
}

static bool is_untouched(const struct sim *s, const struct intent *i)
{
    return is_settled(s, i) && i->refunded == 0 && i->refunds_pending == 0 && !i->disputed_ever;
}

/* ---- payments ---- */

static bool plant_capture(struct sim *s, struct intent *i)
{
    const struct books_order *o = order_of(s, i);
    if (i->state != INTENT_CANCELLED || i->captures > 0 || !o || o->state != ORDER_ENDED)
        return false;
    i->state = INTENT_TAKEN;
    i->received = i->amount;
    i->captures = 1;
    return true;
}

static bool plant_unpaid(struct sim *s, struct intent *i)
{
    if (!is_untouched(s, i))
        return false;
    i->state = INTENT_CANCELLED;
    i->received = 0;
    return true;
}

static bool plant_amount(struct sim *s, struct intent *i)
{
    if (!is_untouched(s, i) || i->received < 2)
        return false;
    i->received--;
    return true;
}

static bool plant_hidden(struct sim *s, struct intent *i)
{
    if (!is_settled(s, i) || i->hidden)
        return false;
    i->hidden = true;
    return true;
}

/* Beside a payment like it: paid, and of an order that nobody knows, or of none. */
static bool plant_stranger_of(struct sim *s, struct intent *like, bool foreign)
{
    struct provider *p = s->provider;
    struct id order = like->order;
    uint8_t house = like->house;
    int64_t amount = 1 + (int64_t)random_below(&p->plants, 9000);
    struct intent *i = provider_intent_make(s, NULL); /* `like` may have moved */
    i->house = house;
    i->amount = i->received = amount;
    i->state = INTENT_TAKEN;
    i->captures = i->attempts = 1;
    i->cards = i->planted = i->mute = i->meddled = true;
    if (!foreign) {
        order.random = random_secret(&p->plants);
        order.partition += (uint32_t)random_below(&p->plants, 3);
        id_format(ID_ORDER, order, i->order_text);
    }
    return true;
}

static bool plant_stranger(struct sim *s, struct intent *like)
{
    return plant_stranger_of(s, like, false);
}

static bool plant_foreign(struct sim *s, struct intent *like)
{
    return plant_stranger_of(s, like, true);
}

/* ---- refunds and disputes ---- */

static bool plant_refund(struct sim *s, struct intent *i)
{
    if (!is_settled(s, i) || provider_refundable(i) <= 0)
        return false;
    provider_refund_unasked(s, i);
    return true;
}

/* A refund of the payment that was paid because the house asked for it, as everybody knows; NULL:
 * none. */
static struct refund *paid_refund(const struct sim *s, const struct intent *i)
{
    const struct provider *p = s->provider;
    const struct books_order *o = order_of(s, i);
    for (uint32_t n = p->refund_count; o && n-- > 0;) {
        struct refund *r = &p->refunds[n];
        if (r->intent == i->number && r->of > 0 && r->of <= o->refund_count &&
            r->state == REFUND_PAID && !r->hidden && o->refunds[r->of].state == REFUND_IS_DONE)
            return r;
    }
    return NULL;
}

static bool plant_twice(struct sim *s, struct intent *i)
{
    struct provider *p = s->provider;
    const struct refund *r = paid_refund(s, i);
    if (!r || provider_refundable(i) < r->amount)
        return false;
    struct refund again = *r;
    again.created_s = s->now_us / SECOND_US;
    p->refunds =
        provider_grown(p->refunds, p->refund_count, &p->refund_capacity, sizeof *p->refunds);
    p->refunds[p->refund_count++] = again;
    i->refunded += again.amount;
    return true;
}

static bool plant_refund_amount(struct sim *s, struct intent *i)
{
    struct refund *r = paid_refund(s, i);
    if (!r || r->amount < 2)
        return false;
    r->amount--;
    i->refunded--;
    return true;
}

static bool plant_refund_back(struct sim *s, struct intent *i)
{
    struct refund *r = paid_refund(s, i);
    if (!r || r->comes_back)
        return false;
    r->state = REFUND_FAILED;
    i->refunded -= r->amount;
    return true;
}

static bool plant_refund_hidden(struct sim *s, struct intent *i)
{
    struct refund *r = paid_refund(s, i);
    if (r)
        r->hidden = true;
    return r != NULL;
}

static bool plant_dispute(struct sim *s, struct intent *i)
{
    return is_settled(s, i) && provider_dispute(s, i, false);
}

static bool plant_dispute_hidden(struct sim *s, struct intent *i)
{
    struct provider *p = s->provider;
    const struct books_order *o = order_of(s, i);
    for (uint32_t n = p->dispute_count; o && o->dispute != DISPUTE_NEVER && n-- > 0;)
        if (p->disputes[n].intent == i->number) {
            p->disputes[n].hidden = true;
            return true;
        }
    return false;
}

/* ---- when ---- */

static plant_fn *const plants[] = {
    plant_capture,       plant_unpaid,  plant_amount,        plant_stranger,      plant_foreign,
    plant_hidden,        plant_refund,  plant_twice,         plant_refund_amount, plant_refund_back,
    plant_refund_hidden, plant_dispute, plant_dispute_hidden};
#define PLANTS (sizeof plants / sizeof plants[0])
_Static_assert(FAULT_PLANT_DISPUTE_HIDDEN - FAULT_PLANT_CAPTURE + 1 == PLANTS,
               "as in SIM_FAULTS, in its order");

/* Mute first: what is planted is not told. */
static bool plant_into(struct sim *s, uint32_t kind, uint32_t number)
{
    struct provider *p = s->provider;
    bool mute = p->intents[number].mute,
         strange = kind == FAULT_PLANT_STRANGER - FAULT_PLANT_CAPTURE;
    strange |= kind == FAULT_PLANT_FOREIGN - FAULT_PLANT_CAPTURE;
    p->intents[number].mute = !strange;
    bool planted = plants[kind](s, &p->intents[number]);
    struct intent *i = &p->intents[number];
    i->mute = planted && !strange ? true : mute;
    if (!planted)
        return false;
    if (!strange)
        i->planted = i->meddled = true;
    sim_fault(s, (enum fault)(FAULT_PLANT_CAPTURE + kind));
    TRACE(s, "a difference of kind # is planted beside payment #", kind, number);
    return true;
}

static void plant(struct sim *s, void *subject, uint64_t tries)
{
    struct provider *p = subject;
    uint32_t kind = (uint32_t)random_below(&p->plants, PLANTS), count = p->intent_count;
    if (p->plants_over)
        return;
    uint32_t first = count ? (uint32_t)random_below(&p->plants, count) : 0;
    for (uint32_t n = 0; n < count; n++)
        if (plant_into(s, kind, (first + n) % count))
            return;
    if (tries > 0)
        schedule_in(s, TRY_AGAIN_US, plant, p, tries - 1);
}

void provider_plant_begin(struct sim *s)
{
    struct provider *p = s->provider;
    p->plants = sim_stream(s, 14);
    if (random_below(&p->plants, 3) > 0)
        return;
    uint64_t during_us = s->calm_at_us - s->now_us;
    for (uint64_t n = 1 + random_below(&p->plants, 3); n > 0; n--)
        schedule_in(s, during_us / 8 + random_below(&p->plants, during_us), plant, p, TRIES);
}

void provider_plant_over(struct sim *s)
{
    s->provider->plants_over = true;
}

/* ---- what explains a difference ---- */

/* The payment that the difference is about, or one of its order's. */
static bool is_about(const struct intent *i, uint8_t house, const struct reconcile_difference *d)
{
    char id[40];
    provider_intent_id(i, id);
    if (d->order.random == 0)
        return strcmp(id, d->object) == 0;
    return i->house == house && i->order.random == d->order.random &&
           i->order.slot == d->order.slot && i->order.partition == d->order.partition;
}

/* A refund of the order whose state the house hears by webhook alone. */
static bool refund_explains(const struct sim *s, uint8_t house,
                            const struct reconcile_difference *d)
{
    const struct provider *p = s->provider;
    for (uint32_t n = 0; n < p->refund_count; n++) {
        const struct refund *r = &p->refunds[n];
        bool unasked = r->of == 0 && d->kind == RECONCILE_REFUND_UNASKED;
        bool back = r->paid_ever && r->state == REFUND_FAILED;
        bool missing = d->kind == RECONCILE_REFUND_MISSING && back && r->of == d->refund;
        /* Its order has left its slot meanwhile: it was wholly refunded. */
        bool unknown = d->kind == RECONCILE_PAID_UNKNOWN && back;
        if (is_about(&p->intents[r->intent], house, d) && (unasked || missing || unknown))
            return true;
    }
    return false;
}

bool provider_explains(const struct sim *s, uint8_t house, const struct reconcile_difference *d,
                       bool all_told)
{
    const struct provider *p = s->provider;
    for (uint32_t n = 0; n < p->intent_count; n++)
        if (p->intents[n].planted && is_about(&p->intents[n], house, d))
            return true;
    const struct books_order *o =
        books_order(s, d->order.partition, d->order.slot, d->order.random);
    /* Whatever was told became known, or a person had something else to look at just then. */
    if (all_told && o && o->case_us == 0 && !provider_facts(s, d->order).untold)
        return false;
    switch (d->kind) {
    case RECONCILE_PAID_UNKNOWN:
    case RECONCILE_REFUND_UNASKED:
    case RECONCILE_REFUND_MISSING: return refund_explains(s, house, d);
    case RECONCILE_DISPUTE_UNKNOWN:
    case RECONCILE_DISPUTE_STATE: return provider_facts(s, d->order).disputed_ever;
    /* A cancel that the provider refuses is put in order elsewhere, as a person says. */
    case RECONCILE_PAID_NOT_SOLD: return o && o->accepted;
    default: return false;
    }
}
