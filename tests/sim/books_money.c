#include "books_private.h"

#include <stdlib.h>

/* The auditor's own arithmetic: prices in force, what a hold costs, promo codes, accounts. Worked
 * out from MONEY.md alone, with plain loops. */

#define REVISIONS_MAX 128u

/* ---- prices in force ---- */

static void add_revision(struct book *b, const struct booking_price *prices)
{
    uint32_t row = b->category_count;
    b->prices = realloc(b->prices, (size_t)(b->revisions + 1) * row * sizeof *b->prices);
    if (!b->prices)
        abort();
    memcpy(&b->prices[b->revisions * row], prices, row * sizeof *prices);
    b->revision = b->revisions++;
}

void money_begin(struct book *b, const struct entry_event_created *e)
{
    struct money *m = &b->money;
    for (uint32_t i = 0; i < b->category_count; i++) {
        m->base[i] =
            (struct booking_price){(int64_t)u64s_at(e->prices, i), (int64_t)u64s_at(e->fees, i)};
        m->tax_bp[i] = e->tax_bp.count > 0 ? u32s_at(e->tax_bp, i) : 0;
    }
    m->organiser_bears = e->fee_bearer == BOOKING_BEARER_ORGANISER;
    m->processing_seconds = e->processing_seconds;
    add_revision(b, m->base);
}

void money_end(struct book *b)
{
    free(b->prices);
    free(b->money.promos);
}

static void prices_due(const struct book *b, uint64_t ts_us, struct booking_price *ret_prices)
{
    const struct money *m = &b->money;
    uint32_t sold[LIMIT_PRICE_CATEGORIES] = {0};
    bool found[LIMIT_PRICE_CATEGORIES] = {false};
    memcpy(ret_prices, m->base, b->category_count * sizeof *ret_prices);
    if (m->rule_count == 0)
        return;
    for (uint32_t unit = 0; unit < b->unit_count; unit++)
        sold[booking_unit_category(b->shadow, unit)] += b->units[unit].state == UNIT_SOLD;
    for (uint32_t i = 0; i < m->rule_count; i++) {
        uint32_t category = m->rules[i].category;
        bool applies = ts_us >= m->rules[i].from_us &&
                       (m->rules[i].until_us == 0 || ts_us < m->rules[i].until_us) &&
                       sold[category] >= m->rules[i].sold_from &&
                       (m->rules[i].sold_below == 0 || sold[category] < m->rules[i].sold_below);
        if (applies && !found[category])
            ret_prices[category].price_minor = m->rules[i].price;
        found[category] |= applies;
    }
}

static bool prices_same(const struct book *b, uint32_t revision, const struct booking_price *p)
{
    bool same = true;
    for (uint32_t i = 0; i < b->category_count; i++) {
        const struct booking_price *q = &b->prices[revision * b->category_count + i];
        same &= q->price_minor == p[i].price_minor && q->fee_minor == p[i].fee_minor;
    }
    return same;
}

static uint32_t revision_of(const struct book *b, const struct booking_price *p)
{
    uint32_t revision = 0;
    while (revision < b->revisions && !prices_same(b, revision, p))
        revision++;
    return revision;
}

/* A decision's first entry bears its time, the others come a microsecond after each other. */
static bool in_force_at(const struct book *b, uint64_t ts_us)
{
    struct booking_price due[LIMIT_PRICE_CATEGORIES];
    prices_due(b, ts_us, due);
    return prices_same(b, b->revision, due) ||
           (b->revisions == REVISIONS_MAX && revision_of(b, due) == b->revisions);
}

void money_check_prices(struct sim *s, struct book *b, uint64_t ts_us)
{
    REQUIRE(s, in_force_at(b, b->decided_us) || in_force_at(b, ts_us),
            "a hold has the prices of its time", "event %u, revision %u", b->number, b->revision);
}

static void on_stepped(struct sim *s, struct book *b, const struct entry_prices_stepped *e)
{
    struct booking_price prices[LIMIT_PRICE_CATEGORIES];
    memcpy(prices, b->money.base, b->category_count * sizeof *prices);
    for (uint32_t i = 0; i < b->category_count; i++)
        prices[i].price_minor = (int64_t)u64s_at(e->prices, i);
    uint32_t revision = revision_of(b, prices);
    REQUIRE(s, revision != b->revision, "prices step when they change", "event %u", b->number);
    if (revision < b->revisions)
        b->revision = revision;
    else
        add_revision(b, prices);
    s->figures->steps_of_prices++;
}

static void on_changed(struct book *b, const struct entry_event_changed *e)
{
    if (e->prices.count + e->fees.count == 0)
        return;
    for (uint32_t i = 0; i < e->prices.count; i++)
        b->money.base[i].price_minor = (int64_t)u64s_at(e->prices, i);
    for (uint32_t i = 0; i < e->fees.count; i++)
        b->money.base[i].fee_minor = (int64_t)u64s_at(e->fees, i);
    add_revision(b, b->money.base);
}

static void on_plan(struct book *b, const struct entry_price_plan_set *e)
{
    struct money *m = &b->money;
    m->rule_count = e->rule_prices.count;
    m->package_count = e->package_sizes.count;
    for (uint32_t i = 0; i < m->rule_count; i++) {
        m->rules[i].category = u32s_at(e->rule_categories, i);
        m->rules[i].from_us = u64s_at(e->rule_from_us, i);
        m->rules[i].until_us = u64s_at(e->rule_until_us, i);
        m->rules[i].sold_from = u32s_at(e->rule_sold_from, i);
        m->rules[i].sold_below = u32s_at(e->rule_sold_below, i);
        m->rules[i].price = (int64_t)u64s_at(e->rule_prices, i);
    }
    for (uint32_t i = 0; i < m->package_count; i++) {
        m->packages[i].categories = u64s_at(e->package_categories, i);
        m->packages[i].size = u32s_at(e->package_sizes, i);
        m->packages[i].paid = u32s_at(e->package_paid, i);
    }
}

/* ---- what a hold costs ---- */

static int64_t rounded(int64_t dividend, int64_t divisor)
{
    return (dividend + divisor / 2) / divisor;
}

static int64_t tax_in(int64_t amount, uint32_t bp)
{
    int64_t whole = 10000 + (int64_t)bp;
    return amount - (2 * amount * 10000 + whole) / (2 * whole);
}

static struct books_line line_of(const struct book *b, uint32_t category, uint32_t revision,
                                 int64_t discount)
{
    const struct booking_price *p = &b->prices[revision * b->category_count + category];
    uint32_t bp = b->money.tax_bp[category];
    struct books_line l = {.category = category, .price = p->price_minor, .discount = discount};
    int64_t left = l.price - discount, platform = p->fee_minor;
    if (discount == l.price && discount != 0)
        platform = 0;
    int64_t price_tax = tax_in(left, bp);
    if (b->money.organiser_bears) {
        if (platform > left - price_tax)
            platform = left - price_tax;
        l.tax = price_tax;
        l.fees_part = platform;
        l.organiser_part = left - price_tax - platform;
    } else {
        l.fee = platform;
        l.tax = price_tax + tax_in(platform, bp);
        l.fees_part = platform - tax_in(platform, bp);
        l.organiser_part = left - price_tax;
    }
    l.tax_part = l.tax;
    l.total = left + l.fee;
    return l;
}

/* The dearest of those that are left, the first of equal ones; the count when there is none. */
static uint32_t dearest(const struct books_hold *h, const bool *out)
{
    uint32_t best = h->count;
    for (uint32_t i = 0; i < h->count; i++)
        if (!out[i] && (best == h->count || h->lines[i].price > h->lines[best].price))
            best = i;
    return best;
}

static void discount_packages(const struct book *b, struct books_hold *h)
{
    bool packed[LIMIT_HOLD_UNITS] = {false};
    for (uint32_t p = 0; p < b->money.package_count; p++) {
        uint32_t size = b->money.packages[p].size, fitting = 0;
        bool out[LIMIT_HOLD_UNITS];
        for (uint32_t i = 0; i < h->count; i++) {
            out[i] =
                packed[i] || (b->money.packages[p].categories >> h->lines[i].category & 1) == 0;
            fitting += !out[i];
        }
        uint32_t all = fitting / size * size, paid = fitting / size * b->money.packages[p].paid;
        for (uint32_t k = 0; k < all; k++) {
            uint32_t i = dearest(h, out);
            out[i] = packed[i] = true;
            if (k >= paid)
                h->lines[i].discount = h->lines[i].price;
        }
    }
}

static int64_t promo_off(const struct books_promo *p, int64_t price)
{
    int64_t off = p->kind == BOOKING_PROMO_PERCENT ? rounded(price * (int64_t)p->value, 10000)
                  : p->kind == BOOKING_PROMO_FIXED ? price - (int64_t)p->value
                                                   : (int64_t)p->value;
    return off < 0 ? 0 : off > price ? price : off;
}

static int64_t discount_promo(const struct books_promo *p, struct books_hold *h)
{
    bool out[LIMIT_HOLD_UNITS];
    int64_t spent = 0;
    for (uint32_t i = 0; i < h->count; i++)
        out[i] = (p->categories && (p->categories >> h->lines[i].category & 1) == 0) ||
                 h->lines[i].discount == h->lines[i].price;
    for (uint32_t n = 0; p->max_units == 0 || n < p->max_units; n++) {
        uint32_t i = dearest(h, out);
        if (i == h->count)
            break;
        int64_t off = promo_off(p, h->lines[i].price - h->lines[i].discount);
        h->lines[i].discount += off;
        spent += off;
        out[i] = true;
    }
    return spent;
}

/* What was used of it by holds that are over is there again, whether an entry said so or not. */
static void check_promo(struct sim *s, const struct book *b, const struct books_hold *h)
{
    const struct books_promo *p = &b->money.promos[h->promo - 1];
    uint32_t used = p->used;
    int64_t spent = p->spent;
    for (uint32_t i = 0; i < b->live_count; i++) {
        const struct books_hold *other = &b->holds[b->live[i]];
        if (other == h || other->promo != h->promo || other->order ||
            other->expires_us > b->decided_us)
            continue; /* what waits may still be paid */
        used--;
        spent -= other->promo_spent;
    }
    REQUIRE(s,
            p->kind != 0 && p->from_us <= b->decided_us + 100 &&
                (p->until_us == 0 || b->decided_us < p->until_us) && h->promo_spent > 0,
            "a promo code is good when it is taken", "hold %u, promo code %u", h->slot, h->promo);
    REQUIRE(s, (p->uses == 0 || used <= p->uses) && (p->budget == 0 || spent <= (int64_t)p->budget),
            "a promo code is never used more than it may",
            "promo code %u: %u of %u uses, %lld of %llu", h->promo, used, p->uses, (long long)spent,
            (unsigned long long)p->budget);
}

void money_quote(struct sim *s, struct book *b, struct books_hold *h, struct u32s discounts,
                 uint64_t promo_spent)
{
    struct money *m = &b->money;
    for (uint32_t i = 0; i < h->count; i++)
        h->lines[i] = line_of(b, booking_unit_category(b->shadow, h->units[i]), h->revision, 0);
    discount_packages(b, h);
    REQUIRE(s, h->promo <= m->promo_count, "entries speak of what exists", "promo code %u",
            h->promo);
    h->promo_spent = h->promo ? discount_promo(&m->promos[h->promo - 1], h) : 0;
    REQUIRE(s, h->promo_spent == (int64_t)promo_spent, "a quote is what the text says",
            "hold %u spends %llu of its promo code, not %lld", h->slot,
            (unsigned long long)promo_spent, (long long)h->promo_spent);
    for (uint32_t i = 0; i < h->count; i++) {
        int64_t told = discounts.count > 0 ? u32s_at(discounts, i) : 0;
        REQUIRE(s, told == h->lines[i].discount, "a quote is what the text says",
                "hold %u, unit %u: %lld off instead of %lld", h->slot, h->units[i], (long long)told,
                (long long)h->lines[i].discount);
        h->lines[i] = line_of(b, h->lines[i].category, h->revision, h->lines[i].discount);
    }
    money_promo_count(b, h->promo, h->promo_spent, 1);
    if (h->promo) {
        check_promo(s, b, h);
        s->figures->promo_quotes++;
    }
}

/* ---- promo codes ---- */

void money_promo_count(struct book *b, uint32_t promo, int64_t spent, int sign)
{
    if (promo == 0)
        return;
    struct books_promo *p = &b->money.promos[promo - 1];
    p->used += (uint32_t)sign;
    p->spent += sign * spent;
}

static struct books_promo *promo_find(struct money *m, struct hash16 hash)
{
    for (uint32_t i = 0; i < m->promo_count; i++)
        if (hash16_equal(m->promos[i].hash, hash))
            return &m->promos[i];
    return NULL;
}

static struct hash16 code_at(struct slice codes, size_t at)
{
    struct hash16 hash;
    memcpy(&hash, codes.data + at, sizeof hash);
    return hash;
}

static void on_promos_set(struct money *m, const struct entry_promos_set *e)
{
    for (size_t at = 0; at < e->codes.len; at += sizeof(struct hash16)) {
        struct hash16 hash = code_at(e->codes, at);
        struct books_promo *p = promo_find(m, hash);
        if (!p) {
            m->promos =
                books_grown(m->promos, m->promo_count, &m->promo_capacity, sizeof *m->promos);
            p = &m->promos[m->promo_count++];
            *p = (struct books_promo){.hash = hash};
        }
        *p = (struct books_promo){hash,         e->kind,    e->value,    e->categories,
                                  e->budget,    e->from_us, e->until_us, e->uses,
                                  e->max_units, p->used,    p->spent};
    }
}

static void on_promos_revoked(struct money *m, struct slice codes)
{
    for (size_t at = 0; at < codes.len; at += sizeof(struct hash16)) {
        struct books_promo *p = promo_find(m, code_at(codes, at));
        if (p)
            p->kind = 0;
    }
}

/* ---- accounts ---- */

void money_post(struct book *b, struct books_order *o, enum booking_account account, int64_t amount)
{
    o->accounts[account] += amount;
    b->money.accounts[account] += amount;
}

void money_post_shares(struct book *b, struct books_order *o, const bool *which, int64_t sign)
{
    for (uint32_t i = 0; i < o->count; i++) {
        if (which && !which[i])
            continue;
        money_post(b, o, BOOKING_ACCOUNT_ORGANISER, sign * o->lines[i].organiser_part);
        money_post(b, o, BOOKING_ACCOUNT_FEES, sign * o->lines[i].fees_part);
        money_post(b, o, BOOKING_ACCOUNT_TAX, sign * o->lines[i].tax_part);
    }
}

void money_entry(struct sim *s, struct book *b, const struct booking_entry *e, uint64_t ts_us)
{
    (void)ts_us;
    switch ((enum booking_entry_number)e->number) {
    case BOOKING_ENTRY_event_changed: on_changed(b, &e->event_changed); break;
    case BOOKING_ENTRY_price_plan_set: on_plan(b, &e->price_plan_set); break;
    case BOOKING_ENTRY_prices_stepped: on_stepped(s, b, &e->prices_stepped); break;
    case BOOKING_ENTRY_promos_set: on_promos_set(&b->money, &e->promos_set); break;
    case BOOKING_ENTRY_promos_revoked: on_promos_revoked(&b->money, e->promos_revoked.codes); break;
    default: break;
    }
}

void money_audit(struct sim *s, const struct book *b)
{
    const struct money *m = &b->money;
    struct booking_ledger ledger = booking_ledger(b->shadow);
    int64_t sum = 0;
    for (uint32_t i = 0; i < BOOKING_ACCOUNT_COUNT; i++) {
        sum += ledger.minor[i];
        REQUIRE(s, ledger.minor[i] == m->accounts[i], "each account has what the entries moved",
                "event %u: %s is %lld, not %lld", b->number,
                booking_account_name((enum booking_account)i), (long long)ledger.minor[i],
                (long long)m->accounts[i]);
    }
    REQUIRE(s, sum == 0, "the ledger sums to zero", "event %u", b->number);
    for (uint32_t i = 0; i < m->promo_count; i++) {
        struct booking_promo_terms terms = {0};
        const struct books_promo *p = &m->promos[i];
        REQUIRE(s,
                booking_promo_get(b->shadow, p->hash, &terms) && terms.used == p->used &&
                    terms.spent == (uint64_t)p->spent,
                "a promo code is used by who has it", "promo code %u: %u uses, not %u", i + 1,
                terms.used, p->used);
    }
}
