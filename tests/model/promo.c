#include "model/house.h"

/* MONEY.md, "Promo codes". */

uint32_t house_promo_find(const struct model *m, struct hash16 hash)
{
    for (uint32_t i = 0; i < m->promo_count; i++)
        if (hash16_equal(m->promos[i].hash, hash))
            return i + 1;
    return 0;
}

static uint64_t taken_off(const struct deal *d)
{
    uint64_t sum = 0;
    for (uint32_t i = 0; i < d->count; i++)
        sum += (uint64_t)d->parts[i].promo_minor;
    return sum;
}

uint64_t house_promo_uses(const struct model *m, uint32_t promo, const struct deal *d,
                          uint64_t *ret_minor)
{
    const struct deal *other;
    uint64_t uses = m->promos[promo - 1].gone_uses;
    *ret_minor = m->promos[promo - 1].gone_minor;
    for (uint32_t i = 0; (other = house_deal(m, i)) != NULL; i++)
        if (other != d && other->promo == promo && house_counts(m, other)) {
            uses++;
            *ret_minor += taken_off(other);
        }
    return uses;
}

bool house_promo_is_left(const struct model *m, const struct deal *quoted, const struct deal *own)
{
    const struct promo *p = &m->promos[quoted->promo - 1];
    uint64_t spent, uses = house_promo_uses(m, quoted->promo, own, &spent);
    return (p->uses == 0 || uses < p->uses) &&
           (p->budget == 0 || spent + taken_off(quoted) <= p->budget);
}

enum booking_refusal house_try_promo(const struct model *m, const struct deal *hold,
                                     struct hash16 promo, struct deal *ret_quoted)
{
    uint32_t slot = house_promo_find(m, promo);
    REFUSE_IF(slot == 0 || m->promos[slot - 1].kind == 0, PROMO_UNKNOWN);
    const struct promo *p = &m->promos[slot - 1];
    REFUSE_IF(m->ts_us < p->from_us, PROMO_NOT_VALID);
    REFUSE_IF(p->until_us != 0 && m->ts_us >= p->until_us, PROMO_NOT_VALID);
    *ret_quoted = *hold;
    ret_quoted->promo = slot;
    house_quote(m, ret_quoted, slot);
    REFUSE_IF(taken_off(ret_quoted) == 0, PROMO_NOT_APPLICABLE);
    REFUSE_IF(!house_promo_is_left(m, ret_quoted, hold), PROMO_USED_UP);
    return BOOKING_OK;
}

/* ---- the organiser ---- */

static struct hash16 hash_at(struct slice hashes, uint32_t i)
{
    struct hash16 hash;
    memcpy(hash.bytes, hashes.data + (size_t)i * 16, 16);
    return hash;
}

static enum booking_refusal check_terms(const struct model *m,
                                        const struct command_change_promos *c)
{
    REFUSE_IF(c->kind < BOOKING_PROMO_PERCENT || c->kind > BOOKING_PROMO_FIXED, BAD_CHANGE);
    REFUSE_IF(c->kind == BOOKING_PROMO_PERCENT && (c->value < 1 || c->value > 10000), BAD_CHANGE);
    REFUSE_IF(c->kind == BOOKING_PROMO_AMOUNT && c->value == 0, BAD_CHANGE);
    REFUSE_IF(c->value > LIMIT_PRICE_MINOR || c->budget > LIMIT_PRICE_MINOR, BAD_CHANGE);
    REFUSE_IF(c->until_us != 0 && c->until_us <= c->from_us, BAD_CHANGE);
    REFUSE_IF(!house_are_categories(m, c->categories), BAD_CHANGE);
    return BOOKING_OK;
}

static void set_promo(struct model *m, struct hash16 hash, const struct command_change_promos *c)
{
    uint32_t slot = house_promo_find(m, hash);
    if (slot == 0) {
        m->promos = house_grow(m->promos, m->promo_count, sizeof *m->promos);
        slot = ++m->promo_count;
    }
    struct promo *p = &m->promos[slot - 1];
    p->hash = hash;
    p->kind = c->kind;
    p->value = c->value;
    p->categories = c->categories;
    p->uses = c->uses;
    p->budget = c->budget;
    p->from_us = c->from_us;
    p->until_us = c->until_us;
    p->max_units = c->max_units;
}

enum booking_refusal model_change_promos(struct model *m, const struct command_change_promos *c)
{
    uint32_t promos = m->promo_count;
    REFUSE_IF(c->codes.len % 16 != 0 || c->codes.len / 16 > LIMIT_COMMAND_CODES, BAD_CHANGE);
    REFUSE_IF(c->revoke.len % 16 != 0 || c->revoke.len / 16 > LIMIT_COMMAND_CODES, BAD_CHANGE);
    if (c->codes.len > 0)
        CHECK(check_terms(m, c));
    for (uint32_t i = 0; i < c->codes.len / 16; i++) /* one that is named twice counts twice */
        promos += house_promo_find(m, hash_at(c->codes, i)) == 0;
    REFUSE_IF(promos > m->unit_count + SLOTS_OVER_UNITS, EVENT_LIMIT);
    if (c->codes.len > 0)
        house_fact(m, BOOKING_ENTRY_promos_set);
    for (uint32_t i = 0; i < c->codes.len / 16; i++)
        set_promo(m, hash_at(c->codes, i), c);
    if (c->revoke.len > 0)
        house_fact(m, BOOKING_ENTRY_promos_revoked);
    for (uint32_t i = 0; i < c->revoke.len / 16; i++) {
        uint32_t slot = house_promo_find(m, hash_at(c->revoke, i));
        if (slot != 0)
            m->promos[slot - 1].kind = 0;
    }
    m->out->repeated = m->out->entry_count == 0;
    return BOOKING_OK;
}
