#include "booking/state.h"

/* How much one buyer may have of a category, one code may open, and a quota lets anybody have. What
 * holds that ran out still count for is only looked up when a limit seems to be reached. One whose
 * order waits is none of them: it may still be paid. */

static uint32_t units_in(const struct booking *b, uint64_t categories, const uint32_t *units,
                         uint32_t count)
{
    uint32_t in = 0;
    for (uint32_t i = 0; i < count; i++)
        in += (categories >> b->info[units[i]].category & 1) != 0;
    return in;
}

/* Units of these categories that are wanted beyond what the changed hold has of them. */
static uint32_t more_of(const struct booking *b, const struct wanted *w, uint64_t categories)
{
    uint32_t wanted = units_in(b, categories, w->units, w->count);
    uint32_t had = w->old ? units_in(b, categories, w->old->units, w->old->count) : 0;
    return wanted > had ? wanted - had : 0;
}

/* ---- one buyer ---- */

struct hash16 limits_id(struct hash16 buyer, uint32_t category)
{
    uint64_t words[2];
    memcpy(words, buyer.bytes, sizeof words);
    words[0] ^= (category + 1) * 0x9e3779b97f4a7c15ull;
    words[1] ^= (category + 1) * 0xc2b2ae3d27d4eb4full;
    memcpy(buyer.bytes, words, sizeof words);
    return buyer;
}

/* What a buyer is still counted for, in holds that ran out: units of these categories, and holds.
 * An address has none of them: an order names it, and waits. */
struct expired {
    uint32_t units, holds;
};

static struct expired buyer_expired(const struct booking *b, struct hash16 session,
                                    uint64_t categories, uint64_t ts_us)
{
    struct expired_walk walk;
    struct expired expired = {0, 0};
    uint32_t hold;
    expired_begin(b, &walk);
    while ((hold = forgone_next(b, &walk, ts_us)) != BOOKING_NONE) {
        const struct hold *h = &b->holds[hold];
        if (!hash16_equal(h->session, session))
            continue;
        expired.units += units_in(b, categories, h->units, h->count);
        expired.holds++;
    }
    return expired;
}

enum booking_refusal limits_check_session(const struct booking *b, struct hash16 session,
                                          uint32_t quantity, const struct hold *old, uint64_t ts_us)
{
    const struct buyer *buyer = buyer_find(b, session);
    uint32_t holds = buyer ? buyer->holds : 0;
    uint32_t units = (buyer ? buyer->units : 0) + quantity - (old ? old->count : 0);
    if (holds >= LIMIT_SESSION_HOLDS || units > b->s->per_buyer) {
        struct expired expired = buyer_expired(b, session, ~0ull, ts_us);
        units -= expired.units;
        holds -= expired.holds;
    }
    if (!old && holds >= LIMIT_SESSION_HOLDS)
        return BOOKING_SESSION_LIMIT;
    return units > b->s->per_buyer ? BOOKING_BUYER_LIMIT : BOOKING_OK;
}

static enum booking_refusal check_categories(const struct booking *b, const struct wanted *w,
                                             uint64_t ts_us, struct booking_decision *d)
{
    for (uint32_t c = 0; b->s->limited_categories > 0 && c < b->s->category_count; c++) {
        uint64_t category = 1ull << c;
        uint32_t limit = b->categories[c].per_buyer, more = limit ? more_of(b, w, category) : 0;
        if (more == 0)
            continue;
        const struct buyer *buyer = buyer_find(b, limits_id(w->buyer, c));
        uint32_t units = (buyer ? buyer->units : 0) + more;
        if (units <= limit || units - buyer_expired(b, w->buyer, category, ts_us).units <= limit)
            continue;
        d->categories = category;
        return BOOKING_CATEGORY_LIMIT;
    }
    return BOOKING_OK;
}

enum booking_refusal limits_check_address(const struct booking *b, struct hash16 address,
                                          const uint32_t *units, uint32_t count, uint64_t ts_us,
                                          struct booking_decision *d)
{
    const struct buyer *buyer = buyer_find(b, address);
    if ((buyer ? buyer->units : 0) + count > b->s->per_buyer)
        return BOOKING_BUYER_LIMIT;
    struct wanted wanted = {.buyer = address, .units = units, .count = count};
    return check_categories(b, &wanted, ts_us, d);
}

/* `units` more are too many for a card that has some already: what it pays first was within the
 * limits when it was ordered, and a lower limit leaves alone what is held. */
static bool is_over(const struct buyer *card, uint32_t units, uint32_t limit)
{
    return card && card->units + units > limit;
}

bool limits_card_reached(const struct booking *b, struct hash16 card, const struct order *o)
{
    if (!key_is_set(card))
        return false;
    bool reached = is_over(buyer_find(b, card), o->count, b->s->per_buyer);
    for (uint32_t c = 0; b->s->limited_categories > 0 && c < b->s->category_count; c++) {
        uint32_t limit = b->categories[c].per_buyer;
        uint32_t units = limit > 0 ? units_in(b, 1ull << c, o->units, o->count) : 0;
        reached |= units > 0 && is_over(buyer_find(b, limits_id(card, c)), units, limit);
    }
    return reached;
}

void limits_add(struct booking *b, struct hash16 buyer, const uint32_t *units, uint32_t count)
{
    if (b->s->limited_categories == 0)
        return;
    for (uint32_t i = 0; i < count; i++) {
        uint32_t category = b->info[units[i]].category;
        if (b->categories[category].per_buyer > 0)
            buyer_add(b, limits_id(buyer, category), 1, 0);
    }
}

void limits_take(struct booking *b, struct hash16 buyer, const uint32_t *units, uint32_t count)
{
    if (b->s->limited_categories == 0)
        return;
    for (uint32_t i = 0; i < count; i++) {
        uint32_t category = b->info[units[i]].category;
        if (b->categories[category].per_buyer > 0)
            buyer_take(b, limits_id(buyer, category), 1, 0);
    }
}

void limits_recount(struct booking *b)
{
    struct state *s = b->s;
    memset(b->buyers, 0, s->buyers_used * sizeof *b->buyers);
    memset(b->buyer_index, 0, (s->buyer_mask + (size_t)1) * sizeof *b->buyer_index);
    s->buyers_used = 0;
    s->buyer_free = BOOKING_NONE;
    for (uint32_t i = 0; i < s->holds_used; i++) {
        const struct hold *h = &b->holds[i];
        if (h->state != HOLD_LIVE)
            continue;
        buyer_add(b, h->session, h->count, 1);
        limits_add(b, h->session, h->units, h->count);
    }
    for (uint32_t i = 0; i < s->orders_used; i++) {
        const struct order *o = &b->orders[i];
        uint32_t units[LIMIT_HOLD_UNITS], count = order_units(b, o, units);
        if (count > 0) { /* until it is sold its hold counts for the session */
            buyer_add(b, o->session, count, 0);
            limits_add(b, o->session, units, count);
        }
        if (count > 0 && key_is_set(o->card)) {
            buyer_add(b, o->card, count, 0);
            limits_add(b, o->card, units, count);
        }
        if (count > 0) {
            buyer_add(b, o->email_hash, count, 0);
            limits_add(b, o->email_hash, units, count);
        }
        if (o->state == BOOKING_ORDER_PLACED) {
            buyer_add(b, o->email_hash, o->count, 0);
            limits_add(b, o->email_hash, o->units, o->count);
        }
    }
}

/* ---- codes ---- */

static uint32_t code_expired(const struct booking *b, uint32_t slot, uint64_t ts_us)
{
    struct expired_walk walk;
    uint32_t units = 0, hold;
    expired_begin(b, &walk);
    while ((hold = forgone_next(b, &walk, ts_us)) != BOOKING_NONE)
        if (b->holds[hold].code == slot + 1)
            units += b->holds[hold].code_units;
    return units;
}

uint32_t limits_code_left(const struct booking *b, uint32_t slot, uint64_t ts_us)
{
    uint32_t limit = b->codes[slot].limit;
    if (limit == 0)
        return UINT32_MAX;
    uint32_t used = b->codes[slot].used - code_expired(b, slot, ts_us);
    return used < limit ? limit - used : 0;
}

static enum booking_refusal check_code(const struct booking *b, const struct wanted *w,
                                       uint64_t ts_us)
{
    uint32_t number = w->audience->code;
    if (number == 0)
        return BOOKING_OK;
    const struct code *code = &b->codes[number - 1];
    if (code->limit == 0 || allocations_released(b, ts_us) >> code->allocation & 1)
        return BOOKING_OK;
    uint32_t wanted = code_units(b, number, w->units, w->count);
    uint32_t had = w->old && w->old->code == number ? w->old->code_units : 0;
    if (wanted <= had || code->used + wanted - had <= code->limit)
        return BOOKING_OK;
    bool reached = wanted - had > limits_code_left(b, number - 1, ts_us);
    return reached ? BOOKING_CODE_LIMIT : BOOKING_OK;
}

/* ---- quotas ---- */

static uint32_t quota_used(const struct booking *b, const struct quota *quota)
{
    uint32_t used = 0;
    for (uint32_t c = 0; c < b->s->category_count; c++)
        if (quota->categories >> c & 1)
            used += b->categories[c].held + b->categories[c].sold;
    return used;
}

static uint32_t quota_expired(const struct booking *b, const struct quota *quota, uint64_t ts_us)
{
    struct expired_walk walk;
    uint32_t units = 0, hold;
    expired_begin(b, &walk);
    while ((hold = forgone_next(b, &walk, ts_us)) != BOOKING_NONE)
        units += units_in(b, quota->categories, b->holds[hold].units, b->holds[hold].count);
    return units;
}

static enum booking_refusal check_quotas(const struct booking *b, const struct wanted *w,
                                         uint64_t ts_us, struct booking_decision *d)
{
    for (uint32_t i = 0; i < b->s->quota_count; i++) {
        const struct quota *quota = &b->quotas[i];
        uint32_t more = more_of(b, w, quota->categories);
        if (more == 0)
            continue;
        uint32_t units = quota_used(b, quota) + more;
        if (units <= quota->limit || units - quota_expired(b, quota, ts_us) <= quota->limit)
            continue;
        d->categories = quota->categories;
        return BOOKING_QUOTA_REACHED;
    }
    return BOOKING_OK;
}

enum booking_refusal limits_check(const struct booking *b, const struct wanted *w, uint64_t ts_us,
                                  struct booking_decision *d)
{
    enum booking_refusal refusal = check_categories(b, w, ts_us, d);
    if (refusal == BOOKING_OK)
        refusal = check_code(b, w, ts_us);
    return refusal == BOOKING_OK ? check_quotas(b, w, ts_us, d) : refusal;
}

bool limits_allow_again(const struct booking *b, const struct order *o, struct hash16 card,
                        uint64_t ts_us, struct booking_decision *d)
{
    const struct audience audience = {.code = o->access};
    const struct wanted wanted = {
        .buyer = o->session, .audience = &audience, .units = o->units, .count = o->count};
    const struct hold none = {.count = 0}; /* how many holds there are does not matter: none is
                                              made */
    bool allowed =
        limits_check_session(b, o->session, o->count, &none, ts_us) == BOOKING_OK &&
        limits_check_address(b, o->email_hash, o->units, o->count, ts_us, d) == BOOKING_OK &&
        limits_check(b, &wanted, ts_us, d) == BOOKING_OK && !limits_card_reached(b, card, o);
    d->categories = 0; /* nobody is refused */
    return allowed;
}

void apply_quotas_set(struct booking *b, const struct entry_quotas_set *e)
{
    assert(e->categories.count == e->limits.count && e->limits.count <= LIMIT_QUOTAS);
    memset(b->quotas, 0, LIMIT_QUOTAS * sizeof *b->quotas);
    for (uint32_t i = 0; i < e->limits.count; i++)
        b->quotas[i] =
            (struct quota){.categories = u64s_at(e->categories, i), .limit = u32s_at(e->limits, i)};
    b->s->quota_count = e->limits.count;
}

/* ---- looking ---- */

uint32_t booking_category_limit(const struct booking *b, uint32_t category)
{
    assert(category < b->s->category_count);
    return b->categories[category].per_buyer;
}

struct booking_quota booking_quota(const struct booking *b, uint32_t quota)
{
    assert(quota < b->s->quota_count);
    const struct quota *q = &b->quotas[quota];
    return (struct booking_quota){q->categories, q->limit, quota_used(b, q)};
}
