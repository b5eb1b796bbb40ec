#include "model/house.h"

/* MONEY.md, "The quote" and what changes a hold's: QuoteHold, ExtendHold. */

#define EXTENSION_SECONDS 600u

/* a / b, half up. */
static int64_t divided(int64_t a, int64_t b)
{
    int64_t rest = a % b;
    return a / b + (2 * rest >= b);
}

static bool is_in(const struct model *m, const struct deal *d, uint32_t i, uint64_t categories)
{
    return (categories >> m->units[d->units[i]].category & 1) != 0;
}

/* The dearest of these, of equal ones the lowest unit; it is not among them any more. */
static uint32_t take_dearest(const struct deal *d, bool these[LIMIT_HOLD_UNITS])
{
    uint32_t best = LIMIT_HOLD_UNITS;
    for (uint32_t i = 0; i < d->count; i++)
        if (these[i] && (best == LIMIT_HOLD_UNITS ||
                         d->parts[i].line.price_minor > d->parts[best].line.price_minor))
            best = i;
    these[best] = false;
    return best;
}

static void take_off_packages(const struct model *m, struct deal *d)
{
    bool used[LIMIT_HOLD_UNITS] = {false};
    for (uint32_t n = 0; n < m->price_plan.package_count; n++) {
        uint64_t size = m->price_plan.packages[n].size, paid = m->price_plan.packages[n].paid;
        bool these[LIMIT_HOLD_UNITS];
        uint64_t count = 0;
        for (uint32_t i = 0; i < d->count; i++) {
            these[i] = !used[i] && is_in(m, d, i, m->price_plan.packages[n].categories);
            count += these[i];
        }
        uint64_t groups = count / size;
        for (uint64_t k = 0; k < groups * size; k++) {
            uint32_t i = take_dearest(d, these);
            used[i] = true;
            if (k >= groups * paid)
                d->parts[i].line.discount_minor = d->parts[i].line.price_minor;
        }
    }
}

static int64_t off(const struct promo *p, int64_t price)
{
    int64_t value = (int64_t)p->value;
    if (p->kind == BOOKING_PROMO_PERCENT)
        return divided(price * value, 10000);
    if (p->kind == BOOKING_PROMO_AMOUNT)
        return value < price ? value : price;
    return value < price ? price - value : 0;
}

static void take_off_promo(const struct model *m, struct deal *d, const struct promo *p)
{
    bool these[LIMIT_HOLD_UNITS];
    uint32_t count = 0;
    for (uint32_t i = 0; i < d->count; i++) {
        const struct booking_line *line = &d->parts[i].line;
        these[i] = line->price_minor > line->discount_minor &&
                   (p->categories == 0 || is_in(m, d, i, p->categories));
        count += these[i];
    }
    for (uint32_t k = 0; k < count && (p->max_units == 0 || k < p->max_units); k++) {
        uint32_t i = take_dearest(d, these);
        d->parts[i].promo_minor = off(p, d->parts[i].line.price_minor);
        d->parts[i].line.discount_minor = d->parts[i].promo_minor;
    }
}

/* What is left of the price, the fee, the tax inside, and where it all goes. */
static void complete(const struct model *m, struct deal *d, uint32_t i)
{
    struct booking_line *line = &d->parts[i].line;
    uint32_t category = m->units[d->units[i]].category;
    int64_t tax_bp = m->tax_bp[category], price = line->price_minor - line->discount_minor;
    int64_t fee = m->prices[d->revision].of[category].fee_minor;
    if (line->price_minor != 0 && price == 0)
        fee = 0;
    int64_t price_tax = price - divided(price * 10000, 10000 + tax_bp);
    int64_t fee_tax = fee - divided(fee * 10000, 10000 + tax_bp);
    if (m->organiser_bears) {
        line->fee_minor = 0;
        line->tax_share = price_tax;
        line->fees_share = fee < price - price_tax ? fee : price - price_tax;
    } else {
        line->fee_minor = fee;
        line->tax_share = price_tax + fee_tax;
        line->fees_share = fee - fee_tax;
    }
    line->tax_minor = line->tax_share;
    line->total_minor = price + line->fee_minor;
    line->organiser_share = line->total_minor - line->tax_share - line->fees_share;
}

void house_quote(const struct model *m, struct deal *d, uint32_t promo)
{
    for (uint32_t i = 0; i < d->count; i++) {
        uint32_t category = m->units[d->units[i]].category;
        d->parts[i].line =
            (struct booking_line){.price_minor = m->prices[d->revision].of[category].price_minor};
        d->parts[i].category = category;
        d->parts[i].promo_minor = 0;
    }
    take_off_packages(m, d);
    if (promo != 0)
        take_off_promo(m, d, &m->promos[promo - 1]);
    for (uint32_t i = 0; i < d->count; i++)
        complete(m, d, i);
}

/* ---- commands ---- */

static enum booking_refusal find_open_hold(const struct model *m, uint32_t slot, uint64_t random,
                                           struct hash16 session, struct deal **ret_hold)
{
    struct deal *h = *ret_hold = house_find(m, HOLDS, slot, random, &session);
    REFUSE_IF(!h, HOLD_NOT_FOUND);
    REFUSE_IF(house_ran_out(m, h), HOLD_EXPIRED);
    REFUSE_IF(h->state != LIVE, HOLD_ENDED);
    REFUSE_IF(h->other != BOOKING_NONE, HOLD_ORDERED);
    return BOOKING_OK;
}

enum booking_refusal model_quote_hold(struct model *m, const struct command_quote_hold *c)
{
    struct deal *h, quoted;
    CHECK(find_open_hold(m, c->hold, c->hold_random, c->session, &h));
    m->out->hold = c->hold;
    struct hash16 has = {{0}};
    if (h->promo != 0)
        has = m->promos[h->promo - 1].hash;
    m->out->repeated = hash16_equal(has, c->promo);
    if (m->out->repeated)
        return BOOKING_OK;
    quoted = *h;
    quoted.promo = 0;
    house_quote(m, &quoted, 0);
    if (house_is_set(c->promo))
        CHECK(house_try_promo(m, h, c->promo, &quoted));
    house_fact(m, BOOKING_ENTRY_hold_quoted);
    *h = quoted;
    return BOOKING_OK;
}

enum booking_refusal model_extend_hold(struct model *m, const struct command_extend_hold *c)
{
    struct deal *h;
    CHECK(find_open_hold(m, c->hold, c->hold_random, c->session, &h));
    m->out->hold = c->hold;
    m->out->repeated = h->extended;
    if (h->extended)
        return BOOKING_OK;
    REFUSE_IF(c->seconds == 0 || c->seconds > EXTENSION_SECONDS, BAD_CHANGE);
    house_fact(m, BOOKING_ENTRY_hold_extended);
    h->extended = true;
    h->expires_at_us += c->seconds * SECOND_US;
    return BOOKING_OK;
}
