#include "booking/state.h"

/* Promo codes: their terms, who uses them, and how much of them is left. A code keeps its slot for
 * ever; revoked, its kind is 0. */

uint32_t promo_find(const struct booking *b, struct hash16 hash)
{
    return index_find(b->promo_index, b->s->key_mask, b->promos, sizeof(struct promo),
                      offsetof(struct promo, hash), hash);
}

bool promo_is_same(const struct booking *b, uint32_t promo, struct hash16 code)
{
    if (promo == 0)
        return !key_is_set(code);
    return hash16_equal(b->promos[promo - 1].hash, code);
}

void promo_use(struct booking *b, uint32_t promo, uint64_t spent)
{
    if (promo == 0)
        return;
    b->promos[promo - 1].used++;
    b->promos[promo - 1].spent += spent;
}

void promo_leave(struct booking *b, uint32_t promo, uint64_t spent)
{
    if (promo == 0)
        return;
    struct promo *p = &b->promos[promo - 1];
    assert(p->used > 0 && p->spent >= spent);
    p->used--;
    p->spent -= spent;
}

/* ---- may this hold have it? ---- */

bool promo_is_left(const struct booking *b, const struct hold *own, uint32_t promo, uint64_t spent,
                   uint64_t ts_us)
{
    const struct promo *p = &b->promos[promo - 1];
    bool has_it = own && own->promo == promo;
    uint32_t used = p->used - has_it;
    uint64_t spent_before = p->spent - (has_it ? own->promo_spent : 0);
    bool fits =
        (p->uses == 0 || used < p->uses) && (p->budget == 0 || spent_before + spent <= p->budget);
    if (fits)
        return true;
    struct expired_walk walk;
    uint32_t hold;
    expired_begin(b, &walk);
    while ((hold = forgone_next(b, &walk, ts_us)) != BOOKING_NONE) {
        if (b->holds[hold].promo != promo)
            continue;
        used--;
        spent_before -= b->holds[hold].promo_spent;
    }
    return (p->uses == 0 || used < p->uses) &&
           (p->budget == 0 || spent_before + spent <= p->budget);
}

enum booking_refusal promo_quote(const struct booking *b, const struct hold *h,
                                 const uint32_t *units, uint32_t count, uint32_t promo,
                                 uint64_t ts_us, struct hold_quote *ret_quote)
{
    quote_units(b, units, count, revision_prices(b, h->revision), promo, ret_quote);
    if (promo == 0)
        return BOOKING_OK;
    const struct promo *p = &b->promos[promo - 1];
    if (p->kind == 0)
        return BOOKING_PROMO_UNKNOWN;
    if (ts_us < p->from_us || (p->until_us != 0 && ts_us >= p->until_us))
        return BOOKING_PROMO_NOT_VALID;
    if (ret_quote->promo_spent == 0)
        return BOOKING_PROMO_NOT_APPLICABLE;
    return promo_is_left(b, h, promo, ret_quote->promo_spent, ts_us) ? BOOKING_OK
                                                                     : BOOKING_PROMO_USED_UP;
}

enum booking_refusal promo_for_hold(const struct booking *b, const struct hold *h,
                                    struct hash16 code, uint64_t ts_us,
                                    struct hold_quote *ret_quote)
{
    uint32_t slot = key_is_set(code) ? promo_find(b, code) : BOOKING_NONE;
    if (key_is_set(code) && slot == BOOKING_NONE)
        return BOOKING_PROMO_UNKNOWN;
    return promo_quote(b, h, h->units, h->count, slot + 1, ts_us, ret_quote); /* NONE: 0 */
}

/* ---- the organiser's ---- */

static uint32_t code_count(struct slice codes)
{
    return (uint32_t)(codes.len / sizeof(struct hash16));
}

static struct hash16 code_at(struct slice codes, uint32_t i)
{
    struct hash16 hash;
    memcpy(&hash, codes.data + (size_t)i * sizeof hash, sizeof hash);
    return hash;
}

static bool codes_valid(struct slice codes)
{
    return codes.len % sizeof(struct hash16) == 0 &&
           codes.len / sizeof(struct hash16) <= LIMIT_COMMAND_CODES;
}

static bool terms_valid(const struct booking *b, const struct command_change_promos *c)
{
    uint64_t known = ~0ull >> (64 - b->s->category_count), limit = (uint64_t)LIMIT_PRICE_MINOR;
    if (c->kind < BOOKING_PROMO_PERCENT || c->kind > BOOKING_PROMO_FIXED || c->value > limit ||
        c->budget > limit || (c->categories & ~known) != 0 ||
        (c->until_us != 0 && c->until_us <= c->from_us))
        return false;
    if (c->kind == BOOKING_PROMO_PERCENT)
        return c->value >= 1 && c->value <= 10000;
    return c->kind == BOOKING_PROMO_FIXED || c->value > 0;
}

static bool has_room(const struct booking *b, struct slice codes)
{
    uint32_t fresh = 0;
    for (uint32_t i = 0; i < code_count(codes); i++)
        fresh += promo_find(b, code_at(codes, i)) == BOOKING_NONE;
    return fresh <= b->s->promo_capacity - b->s->promos_used;
}

void decide_change_promos(const struct booking *b, const struct command_change_promos *c,
                          struct booking_decision *d)
{
    if (!codes_valid(c->codes) || !codes_valid(c->revoke) ||
        (c->codes.len > 0 && !terms_valid(b, c))) {
        d->refusal = BOOKING_BAD_CHANGE;
        return;
    }
    if (!has_room(b, c->codes)) {
        d->refusal = BOOKING_EVENT_LIMIT;
        return;
    }
    if (c->codes.len > 0)
        decision_entry(d, BOOKING_ENTRY_promos_set)->promos_set =
            (struct entry_promos_set){c->codes,  c->kind,    c->value,    c->categories, c->uses,
                                      c->budget, c->from_us, c->until_us, c->max_units};
    if (c->revoke.len > 0)
        decision_entry(d, BOOKING_ENTRY_promos_revoked)->promos_revoked.codes = c->revoke;
    d->repeated = d->entry_count == 0;
}

void apply_promos_set(struct booking *b, const struct entry_promos_set *e)
{
    struct state *s = b->s;
    for (uint32_t i = 0; i < code_count(e->codes); i++) {
        struct hash16 hash = code_at(e->codes, i);
        uint32_t slot = promo_find(b, hash);
        if (slot == BOOKING_NONE) {
            assert(s->promos_used < s->promo_capacity);
            slot = s->promos_used++;
            b->promos[slot].hash = hash;
            index_add(b->promo_index, s->key_mask, hash, slot);
        }
        struct promo *p = &b->promos[slot];
        p->kind = e->kind;
        p->value = e->value;
        p->categories = e->categories;
        p->uses = e->uses;
        p->budget = e->budget;
        p->from_us = e->from_us;
        p->until_us = e->until_us;
        p->max_units = e->max_units;
    }
}

void apply_promos_revoked(struct booking *b, const struct entry_promos_revoked *e)
{
    for (uint32_t i = 0; i < code_count(e->codes); i++) {
        uint32_t slot = promo_find(b, code_at(e->codes, i));
        if (slot != BOOKING_NONE)
            b->promos[slot].kind = 0;
    }
}

bool booking_promo_get(const struct booking *b, struct hash16 code,
                       struct booking_promo_terms *ret_terms)
{
    uint32_t slot = key_is_set(code) ? promo_find(b, code) : BOOKING_NONE;
    if (slot == BOOKING_NONE)
        return false;
    const struct promo *p = &b->promos[slot];
    *ret_terms = (struct booking_promo_terms){
        .kind = (enum booking_promo)p->kind,
        .value = p->value,
        .categories = p->categories,
        .budget = p->budget,
        .spent = p->spent,
        .from_us = p->from_us,
        .until_us = p->until_us,
        .uses = p->uses,
        .used = p->used,
        .max_units = p->max_units,
    };
    return true;
}
