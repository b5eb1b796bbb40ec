#include "booking/state.h"

/* What a hold costs: packages and the promo code off the list prices, the fee, the tax that is
 * inside, and whose each part is. Every division rounds half up. */

#define WHOLE_BP 10000 /* basis points of a whole */

/* ---- what is taken off ---- */

/* The units of a hold while their discounts are found. */
struct bill {
    const struct booking *b;
    const uint32_t *units;
    uint32_t count, packed; /* a bit for each unit that is in a package */
    int64_t prices[LIMIT_HOLD_UNITS];
    uint32_t order[LIMIT_HOLD_UNITS]; /* by falling list price, then by rising unit */
};

/* Units rise, and those of equal prices stay in order. */
static void sort_bill(struct bill *bill)
{
    for (uint32_t i = 0; i < bill->count; i++) {
        uint32_t at = i;
        for (; at > 0 && bill->prices[bill->order[at - 1]] < bill->prices[i]; at--)
            bill->order[at] = bill->order[at - 1];
        bill->order[at] = i;
    }
}

static bool is_of(const struct bill *bill, uint32_t i, uint64_t categories)
{
    return (categories >> bill->b->info[bill->units[i]].category & 1) != 0;
}

static void take_package(struct bill *bill, const struct package *p, struct hold_quote *quote)
{
    uint32_t fitting[LIMIT_HOLD_UNITS] = {0}, count = 0;
    for (uint32_t k = 0; k < bill->count; k++) {
        uint32_t i = bill->order[k];
        if (is_of(bill, i, p->categories) && !(bill->packed >> i & 1))
            fitting[count++] = i;
    }
    uint32_t groups = count / p->size;
    for (uint32_t k = 0; k < groups * p->size; k++) {
        bill->packed |= 1u << fitting[k];
        if (k >= groups * p->paid)
            quote->discounts[fitting[k]] = (uint32_t)bill->prices[fitting[k]];
    }
}

static int64_t promo_off(const struct promo *promo, int64_t price)
{
    int64_t value = (int64_t)promo->value, off = 0;
    switch ((enum booking_promo)promo->kind) {
    case BOOKING_PROMO_PERCENT: off = (2 * price * value + WHOLE_BP) / (2 * WHOLE_BP); break;
    case BOOKING_PROMO_AMOUNT: off = value; break;
    case BOOKING_PROMO_FIXED: off = price > value ? price - value : 0; break;
    }
    return off < price ? off : price;
}

static void take_promo(struct bill *bill, const struct promo *promo, struct hold_quote *quote)
{
    uint32_t left = promo->max_units > 0 ? promo->max_units : LIMIT_HOLD_UNITS;
    uint64_t categories = promo->categories ? promo->categories : ~0ull;
    for (uint32_t k = 0; k < bill->count && left > 0; k++) {
        uint32_t i = bill->order[k];
        int64_t price = bill->prices[i] - quote->discounts[i];
        if (!is_of(bill, i, categories) || price == 0)
            continue;
        int64_t off = promo_off(promo, price);
        quote->discounts[i] += (uint32_t)off;
        quote->promo_spent += (uint64_t)off;
        left--;
    }
}

void quote_units(const struct booking *b, const uint32_t *units, uint32_t count,
                 const struct booking_price *prices, uint32_t promo, struct hold_quote *ret_quote)
{
    struct hold_quote quote = {.promo = promo, .count = count};
    struct bill bill = {.b = b, .units = units, .count = count};
    for (uint32_t i = 0; i < count; i++)
        bill.prices[i] = prices[b->info[units[i]].category].price_minor;
    sort_bill(&bill);
    for (uint32_t i = 0; i < b->s->package_count; i++)
        take_package(&bill, &b->packages[i], &quote);
    if (promo != 0)
        take_promo(&bill, &b->promos[promo - 1], &quote);
    *ret_quote = quote;
}

/* ---- lines ---- */

/* The tax that is inside an amount. */
static int64_t tax_inside(int64_t amount, uint32_t tax_bp)
{
    int64_t divisor = WHOLE_BP + (int64_t)tax_bp;
    return amount - (2 * amount * WHOLE_BP + divisor) / (2 * divisor);
}

struct booking_line quote_line_of(const struct booking *b, uint32_t category, uint32_t revision,
                                  uint32_t discount)
{
    struct booking_price list = revision_prices(b, revision)[category];
    uint32_t tax_bp = b->categories[category].tax_bp;
    bool for_nothing = list.price_minor != 0 && list.price_minor == discount;
    bool buyer_bears = b->s->fee_bearer == BOOKING_BEARER_BUYER;
    int64_t price = list.price_minor - discount, price_tax = tax_inside(price, tax_bp);
    int64_t fee = for_nothing || !buyer_bears ? 0 : list.fee_minor;
    int64_t fee_tax = tax_inside(fee, tax_bp);
    int64_t borne = buyer_bears ? 0 : list.fee_minor; /* by the organiser, out of the price */
    if (borne > price - price_tax)
        borne = price - price_tax;
    return (struct booking_line){
        .price_minor = list.price_minor,
        .discount_minor = discount,
        .fee_minor = fee,
        .tax_minor = price_tax + fee_tax,
        .total_minor = price + fee,
        .organiser_share = price - price_tax - borne,
        .fees_share = fee - fee_tax + borne,
        .tax_share = price_tax + fee_tax,
    };
}

struct booking_line quote_line(const struct booking *b, uint32_t unit, uint32_t revision,
                               uint32_t discount)
{
    return quote_line_of(b, b->info[unit].category, revision, discount);
}

int64_t quote_total(const struct booking *b, const struct hold *h, const struct hold_quote *quote)
{
    int64_t total = 0;
    for (uint32_t i = 0; i < h->count; i++)
        total += quote_line(b, h->units[i], h->revision, quote->discounts[i]).total_minor;
    return total;
}

/* ---- a hold's quote ---- */

struct hold_quote hold_quote(const struct hold *h)
{
    struct hold_quote quote = {.promo = h->promo, .count = h->count, .promo_spent = h->promo_spent};
    memcpy(quote.discounts, h->discounts, sizeof quote.discounts);
    return quote;
}

struct u32s quote_discounts(const struct hold_quote *quote, struct booking_decision *d)
{
    uint64_t sum = 0;
    memcpy(d->discounts, quote->discounts, sizeof d->discounts);
    for (uint32_t i = 0; i < quote->count; i++)
        sum += quote->discounts[i];
    return (struct u32s){d->discounts, sum > 0 ? quote->count : 0};
}

void decision_quote(uint32_t hold, const struct hold_quote *quote, struct booking_decision *d)
{
    struct u32s discounts = quote_discounts(quote, d);
    decision_entry(d, BOOKING_ENTRY_hold_quoted)->hold_quoted =
        (struct entry_hold_quoted){hold, quote->promo, discounts, quote->promo_spent};
}

void hold_set_quote(struct booking *b, struct hold *h, struct u32s discounts, uint32_t promo,
                    uint64_t promo_spent)
{
    assert(discounts.count == 0 || discounts.count == h->count);
    assert(promo <= b->s->promos_used && (promo != 0 || promo_spent == 0));
    promo_leave(b, h->promo, h->promo_spent);
    h->promo = promo;
    h->promo_spent = promo_spent;
    memset(h->discounts, 0, sizeof h->discounts);
    for (uint32_t i = 0; i < discounts.count; i++)
        h->discounts[i] = u32s_at(discounts, i);
    promo_use(b, promo, promo_spent);
}

void decide_quote_hold(const struct booking *b, const struct command_quote_hold *c, uint64_t ts_us,
                       struct booking_decision *d)
{
    d->refusal = hold_check_open(b, c->hold, c->hold_random, c->session, ts_us);
    if (d->refusal != BOOKING_OK)
        return;
    const struct hold *h = &b->holds[c->hold];
    struct hold_quote quote;
    d->hold = c->hold;
    d->repeated = promo_is_same(b, h->promo, c->promo);
    if (d->repeated)
        return;
    d->refusal = promo_for_hold(b, h, c->promo, ts_us, &quote);
    if (d->refusal == BOOKING_OK)
        decision_quote(c->hold, &quote, d);
}

void apply_hold_quoted(struct booking *b, const struct entry_hold_quoted *e)
{
    assert(e->hold < b->s->holds_used && b->holds[e->hold].state == HOLD_LIVE);
    hold_set_quote(b, &b->holds[e->hold], e->discounts, e->promo, e->promo_spent);
}
