#include "model/house.h"

/* MONEY.md, "Prices in force": rules, revisions, and the plan that makes them. */

bool house_are_categories(const struct model *m, uint64_t categories)
{
    for (uint32_t i = m->category_count; i < 64; i++)
        if ((categories >> i & 1) != 0)
            return false;
    return true;
}

/* ---- the prices in force ---- */

static int64_t price_now(const struct model *m, uint32_t category)
{
    uint64_t sold = 0;
    for (const struct unit *u = m->units; u < house_end(m); u++)
        sold += u->state == BOOKING_SOLD && u->category == category;
    for (uint32_t i = 0; i < m->price_plan.rule_count; i++) {
        uint64_t from_us = m->price_plan.rules[i].from_us,
                 until_us = m->price_plan.rules[i].until_us;
        uint64_t low = m->price_plan.rules[i].sold_from, below = m->price_plan.rules[i].sold_below;
        if (m->price_plan.rules[i].category == category && from_us <= m->ts_us &&
            (until_us == 0 || m->ts_us < until_us) && low <= sold && (below == 0 || sold < below))
            return (int64_t)m->price_plan.rules[i].price_minor;
    }
    return m->base.of[category].price_minor;
}

static struct prices wanted(const struct model *m)
{
    struct prices prices = m->base;
    for (uint32_t i = 0; i < m->category_count; i++)
        prices.of[i].price_minor = price_now(m, i);
    return prices;
}

/* The revision for these prices: the one in force, else the lowest, else a new one. */
static uint32_t revision_of(const struct model *m, const struct prices *prices)
{
    uint32_t i = 0;
    if (m->revisions > 0 && memcmp(&m->prices[m->revision], prices, sizeof *prices) == 0)
        return m->revision;
    while (i < m->revisions && memcmp(&m->prices[i], prices, sizeof *prices) != 0)
        i++;
    return i < PRICE_REVISIONS ? i : m->revision;
}

struct prices house_prices_now(const struct model *m)
{
    struct prices prices = wanted(m);
    uint32_t revision = revision_of(m, &prices);
    return revision < m->revisions ? m->prices[revision] : prices;
}

bool model_has_no_revision_left(const struct model *m)
{
    struct prices prices = wanted(m);
    return memcmp(&m->prices[revision_of(m, &prices)], &prices, sizeof prices) != 0 &&
           m->revisions == PRICE_REVISIONS;
}

void house_step(struct model *m)
{
    struct prices prices = wanted(m);
    uint32_t revision = revision_of(m, &prices);
    if (revision == m->revision)
        return;
    house_fact(m, BOOKING_ENTRY_prices_stepped);
    m->revision = revision;
    if (revision == m->revisions)
        m->prices[m->revisions++] = prices;
}

/* ---- the plan ---- */

static enum booking_refusal read_rules(const struct model *m,
                                       const struct command_change_price_plan *c,
                                       struct price_plan *ret_plan)
{
    uint32_t n = c->rule_categories.count;
    ret_plan->rule_count = n;
    REFUSE_IF(n > LIMIT_PRICE_RULES, BAD_CHANGE);
    REFUSE_IF(c->rule_from_us.count != n || c->rule_until_us.count != n, BAD_CHANGE);
    REFUSE_IF(c->rule_sold_from.count != n || c->rule_sold_below.count != n, BAD_CHANGE);
    REFUSE_IF(c->rule_prices.count != n, BAD_CHANGE);
    for (uint32_t i = 0; i < n; i++) {
        uint64_t category = ret_plan->rules[i].category = u32s_at(c->rule_categories, i);
        uint64_t from_us = ret_plan->rules[i].from_us = u64s_at(c->rule_from_us, i);
        uint64_t until_us = ret_plan->rules[i].until_us = u64s_at(c->rule_until_us, i);
        uint64_t low = ret_plan->rules[i].sold_from = u32s_at(c->rule_sold_from, i);
        uint64_t below = ret_plan->rules[i].sold_below = u32s_at(c->rule_sold_below, i);
        uint64_t price = ret_plan->rules[i].price_minor = u64s_at(c->rule_prices, i);
        REFUSE_IF(category >= m->category_count || price > LIMIT_PRICE_MINOR, BAD_CHANGE);
        REFUSE_IF(until_us != 0 && until_us <= from_us, BAD_CHANGE);
        REFUSE_IF(below != 0 && below <= low, BAD_CHANGE);
        REFUSE_IF(ret_plan->ceilings[category] != 0 && price > ret_plan->ceilings[category],
                  BAD_CHANGE);
    }
    return BOOKING_OK;
}

static enum booking_refusal read_ceilings(const struct model *m, struct u64s ceilings,
                                          struct price_plan *ret_plan)
{
    REFUSE_IF(ceilings.count != 0 && ceilings.count != m->category_count, BAD_CHANGE);
    for (uint32_t i = 0; i < ceilings.count; i++) {
        uint64_t ceiling = ret_plan->ceilings[i] = u64s_at(ceilings, i);
        REFUSE_IF(ceiling > LIMIT_PRICE_MINOR, BAD_CHANGE);
        REFUSE_IF(ceiling != 0 && (uint64_t)m->base.of[i].price_minor > ceiling, BAD_CHANGE);
    }
    return BOOKING_OK;
}

static enum booking_refusal read_packages(const struct model *m,
                                          const struct command_change_price_plan *c,
                                          struct price_plan *ret_plan)
{
    uint32_t n = c->package_categories.count;
    ret_plan->package_count = n;
    REFUSE_IF(n > LIMIT_PACKAGES, BAD_CHANGE);
    REFUSE_IF(c->package_sizes.count != n || c->package_paid.count != n, BAD_CHANGE);
    for (uint32_t i = 0; i < n; i++) {
        uint64_t set = ret_plan->packages[i].categories = u64s_at(c->package_categories, i);
        uint64_t size = ret_plan->packages[i].size = u32s_at(c->package_sizes, i);
        uint64_t paid = ret_plan->packages[i].paid = u32s_at(c->package_paid, i);
        REFUSE_IF(set == 0 || !house_are_categories(m, set), BAD_CHANGE);
        REFUSE_IF(size < 2 || size > LIMIT_HOLD_UNITS, BAD_CHANGE);
        REFUSE_IF(paid < 1 || paid > size - 1, BAD_CHANGE);
    }
    return BOOKING_OK;
}

enum booking_refusal model_change_price_plan(struct model *m,
                                             const struct command_change_price_plan *c)
{
    struct price_plan plan;
    memset(&plan, 0, sizeof plan);
    CHECK(read_ceilings(m, c->ceilings, &plan));
    CHECK(read_rules(m, c, &plan));
    CHECK(read_packages(m, c, &plan));
    if (memcmp(&m->price_plan, &plan, sizeof plan) != 0)
        house_fact(m, BOOKING_ENTRY_price_plan_set);
    m->price_plan = plan;
    house_step(m);
    m->out->repeated = m->out->entry_count == 0;
    return BOOKING_OK;
}
