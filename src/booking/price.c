#include "booking/state.h"

/* The prices in force: what the organiser set, the rules on top of it, and the list of all price
 * lists there ever were, so that a hold keeps the one that it was made with. */

static bool rule_applies(const struct booking *b, const struct price_rule *rule, uint64_t ts_us)
{
    uint32_t sold = b->categories[rule->category].sold;
    return rule->from_us <= ts_us && (rule->until_us == 0 || ts_us < rule->until_us) &&
           rule->sold_from <= sold && (rule->sold_below == 0 || sold < rule->sold_below);
}

/* From the last rule to the first: the first that applies has the last word. */
static void apply_rules(const struct booking *b, const struct price_rule *rules, uint32_t count,
                        uint64_t ts_us, struct booking_price *prices)
{
    for (uint32_t i = count; i-- > 0;)
        if (rule_applies(b, &rules[i], ts_us))
            prices[rules[i].category].price_minor = rules[i].price_minor;
}

const struct booking_price *revision_prices(const struct booking *b, uint32_t revision)
{
    assert(revision < b->s->revision_count);
    return &b->prices[(size_t)revision * b->s->category_count];
}

struct booking_price unit_price(const struct booking *b, uint32_t unit, uint32_t revision)
{
    return revision_prices(b, revision)[b->info[unit].category];
}

static bool prices_equal(const struct booking *b, const struct booking_price *x,
                         const struct booking_price *y)
{
    return memcmp(x, y, b->s->category_count * sizeof *x) == 0;
}

/* The lowest revision with exactly these prices and fees, or the number of revisions. */
static uint32_t revision_of(const struct booking *b, const struct booking_price *prices)
{
    uint32_t revision = 0;
    while (revision < b->s->revision_count &&
           !prices_equal(b, revision_prices(b, revision), prices))
        revision++;
    return revision;
}

static void base_prices(const struct booking *b, struct booking_price *prices)
{
    for (uint32_t i = 0; i < b->s->category_count; i++)
        prices[i] = booking_category_base(b, i);
}

bool prices_have_room(const struct booking *b)
{
    return b->s->revision_count < PRICE_REVISIONS;
}

void prices_at(const struct booking *b, uint64_t ts_us,
               struct booking_price ret_prices[LIMIT_PRICE_CATEGORIES])
{
    const struct booking_price *now = revision_prices(b, b->s->revision);
    if (b->s->rule_count > 0) {
        base_prices(b, ret_prices);
        apply_rules(b, b->price_rules, b->s->rule_count, ts_us, ret_prices);
        if (prices_have_room(b) || revision_of(b, ret_prices) < b->s->revision_count)
            return;
    }
    memcpy(ret_prices, now, b->s->category_count * sizeof *now);
}

/* ---- steps ---- */

static struct price_rule rule_at(const struct entry_price_plan_set *e, uint32_t i)
{
    return (struct price_rule){.from_us = u64s_at(e->rule_from_us, i),
                               .until_us = u64s_at(e->rule_until_us, i),
                               .price_minor = (int64_t)u64s_at(e->rule_prices, i),
                               .category = u32s_at(e->rule_categories, i),
                               .sold_from = u32s_at(e->rule_sold_from, i),
                               .sold_below = u32s_at(e->rule_sold_below, i)};
}

static void set_prices(struct booking_price *prices, struct u64s list, struct u64s fees)
{
    for (uint32_t i = 0; i < list.count; i++)
        prices[i].price_minor = (int64_t)u64s_at(list, i);
    for (uint32_t i = 0; i < fees.count; i++)
        prices[i].fee_minor = (int64_t)u64s_at(fees, i);
}

void decision_step(const struct booking *b, const struct price_change *change, uint64_t ts_us,
                   struct booking_decision *d)
{
    const struct entry_event_changed *event = change ? change->event : NULL;
    const struct entry_price_plan_set *plan = change ? change->plan : NULL;
    if (!plan && b->s->rule_count == 0)
        return; /* without rules the base prices are in force, always */
    struct booking_price due[LIMIT_PRICE_CATEGORIES], now[LIMIT_PRICE_CATEGORIES];
    bool is_new = event && event->prices.count + event->fees.count > 0;
    base_prices(b, due);
    if (is_new)
        set_prices(due, event->prices, event->fees);
    memcpy(now, is_new ? due : revision_prices(b, b->s->revision),
           b->s->category_count * sizeof *now);
    if (plan) {
        struct price_rule rules[LIMIT_PRICE_RULES];
        for (uint32_t i = 0; i < plan->rule_prices.count; i++)
            rules[i] = rule_at(plan, i);
        apply_rules(b, rules, plan->rule_prices.count, ts_us, due);
    } else {
        apply_rules(b, b->price_rules, b->s->rule_count, ts_us, due);
    }
    uint32_t count = b->s->revision_count + is_new;
    if (prices_equal(b, due, now) ||
        (count == PRICE_REVISIONS && revision_of(b, due) == b->s->revision_count))
        return;
    for (uint32_t i = 0; i < b->s->category_count; i++)
        d->prices[i] = (uint64_t)due[i].price_minor;
    decision_entry(d, BOOKING_ENTRY_prices_stepped)->prices_stepped.prices =
        (struct u64s){d->prices, b->s->category_count};
}

static void take_revision(struct booking *b, uint32_t revision, const struct booking_price *prices)
{
    struct state *s = b->s;
    assert(revision <= s->revision_count && revision < PRICE_REVISIONS);
    if (revision == s->revision_count)
        memcpy(&b->prices[(size_t)s->revision_count++ * s->category_count], prices,
               s->category_count * sizeof *prices);
    s->revision = revision;
}

void apply_prices_stepped(struct booking *b, const struct entry_prices_stepped *e)
{
    struct booking_price prices[LIMIT_PRICE_CATEGORIES];
    assert(e->prices.count == b->s->category_count);
    base_prices(b, prices); /* their fees */
    set_prices(prices, e->prices, (struct u64s){NULL, 0});
    take_revision(b, revision_of(b, prices), prices);
}

void prices_set_base(struct booking *b, struct u64s list, struct u64s fees)
{
    struct booking_price prices[LIMIT_PRICE_CATEGORIES];
    base_prices(b, prices);
    set_prices(prices, list, fees);
    for (uint32_t i = 0; i < b->s->category_count; i++) {
        b->categories[i].base_price_minor = prices[i].price_minor;
        b->categories[i].base_fee_minor = prices[i].fee_minor;
    }
    take_revision(b, b->s->revision_count, prices);
}

/* ---- the organiser's price plan ---- */

bool prices_within_ceilings(const struct booking *b, struct u64s prices)
{
    for (uint32_t i = 0; i < prices.count; i++) {
        int64_t ceiling = b->categories[i].ceiling_minor;
        if (ceiling != 0 && (int64_t)u64s_at(prices, i) > ceiling)
            return false;
    }
    return true;
}

static bool ceilings_valid(const struct booking *b, struct u64s ceilings)
{
    if (ceilings.count == 0)
        return true;
    if (!life_prices_valid(ceilings, b->s->category_count))
        return false;
    for (uint32_t i = 0; i < ceilings.count; i++) {
        int64_t ceiling = (int64_t)u64s_at(ceilings, i);
        if (ceiling != 0 && b->categories[i].base_price_minor > ceiling)
            return false;
    }
    return true;
}

static bool rules_valid(const struct booking *b, const struct entry_price_plan_set *e)
{
    uint32_t count = e->rule_prices.count;
    if (count > LIMIT_PRICE_RULES || e->rule_categories.count != count ||
        e->rule_from_us.count != count || e->rule_until_us.count != count ||
        e->rule_sold_from.count != count || e->rule_sold_below.count != count)
        return false;
    for (uint32_t i = 0; i < count; i++) {
        struct price_rule rule = rule_at(e, i);
        if (rule.category >= b->s->category_count ||
            u64s_at(e->rule_prices, i) > (uint64_t)LIMIT_PRICE_MINOR ||
            (rule.until_us != 0 && rule.until_us <= rule.from_us) ||
            (rule.sold_below != 0 && rule.sold_below <= rule.sold_from))
            return false;
        uint64_t ceiling = e->ceilings.count > 0 ? u64s_at(e->ceilings, rule.category) : 0;
        if (ceiling != 0 && u64s_at(e->rule_prices, i) > ceiling)
            return false;
    }
    return true;
}

static struct package package_at(const struct entry_price_plan_set *e, uint32_t i)
{
    return (struct package){.categories = u64s_at(e->package_categories, i),
                            .size = u32s_at(e->package_sizes, i),
                            .paid = u32s_at(e->package_paid, i)};
}

static bool packages_valid(const struct booking *b, const struct entry_price_plan_set *e)
{
    uint64_t known = ~0ull >> (64 - b->s->category_count);
    uint32_t count = e->package_sizes.count;
    if (count > LIMIT_PACKAGES || e->package_categories.count != count ||
        e->package_paid.count != count)
        return false;
    for (uint32_t i = 0; i < count; i++) {
        struct package p = package_at(e, i);
        if (p.categories == 0 || (p.categories & ~known) != 0 || p.size > LIMIT_HOLD_UNITS ||
            p.paid < 1 || p.paid >= p.size) /* one has two units */
            return false;
    }
    return true;
}

static bool rule_equal(struct price_rule x, struct price_rule y)
{
    return x.from_us == y.from_us && x.until_us == y.until_us && x.price_minor == y.price_minor &&
           x.category == y.category && x.sold_from == y.sold_from && x.sold_below == y.sold_below;
}

static bool package_equal(struct package x, struct package y)
{
    return x.categories == y.categories && x.size == y.size && x.paid == y.paid;
}

static bool plan_differs(const struct booking *b, const struct entry_price_plan_set *e)
{
    if (e->rule_prices.count != b->s->rule_count || e->package_sizes.count != b->s->package_count)
        return true;
    bool differs = false;
    for (uint32_t i = 0; i < b->s->rule_count; i++)
        differs |= !rule_equal(rule_at(e, i), b->price_rules[i]);
    for (uint32_t i = 0; i < b->s->package_count; i++)
        differs |= !package_equal(package_at(e, i), b->packages[i]);
    for (uint32_t i = 0; i < b->s->category_count; i++)
        differs |= (e->ceilings.count > 0 ? (int64_t)u64s_at(e->ceilings, i) : 0) !=
                   b->categories[i].ceiling_minor;
    return differs;
}

void decide_change_price_plan(const struct booking *b, const struct command_change_price_plan *c,
                              uint64_t ts_us, struct booking_decision *d)
{
    struct entry_price_plan_set plan = {c->rule_categories, c->rule_from_us,       c->rule_until_us,
                                        c->rule_sold_from,  c->rule_sold_below,    c->rule_prices,
                                        c->ceilings,        c->package_categories, c->package_sizes,
                                        c->package_paid};
    if (!ceilings_valid(b, plan.ceilings) || !rules_valid(b, &plan) || !packages_valid(b, &plan)) {
        d->refusal = BOOKING_BAD_CHANGE;
        return;
    }
    if (plan_differs(b, &plan))
        decision_entry(d, BOOKING_ENTRY_price_plan_set)->price_plan_set = plan;
    decision_step(b, &(struct price_change){.plan = &plan}, ts_us, d);
    d->repeated = d->entry_count == 0;
}

void apply_price_plan_set(struct booking *b, const struct entry_price_plan_set *e)
{
    struct state *s = b->s;
    assert(e->rule_prices.count <= LIMIT_PRICE_RULES && e->package_sizes.count <= LIMIT_PACKAGES);
    memset(b->price_rules, 0, LIMIT_PRICE_RULES * sizeof *b->price_rules);
    memset(b->packages, 0, LIMIT_PACKAGES * sizeof *b->packages);
    s->rule_count = e->rule_prices.count;
    s->package_count = e->package_sizes.count;
    for (uint32_t i = 0; i < s->rule_count; i++)
        b->price_rules[i] = rule_at(e, i);
    for (uint32_t i = 0; i < s->package_count; i++)
        b->packages[i] = package_at(e, i);
    for (uint32_t i = 0; i < s->category_count; i++)
        b->categories[i].ceiling_minor =
            e->ceilings.count > 0 ? (int64_t)u64s_at(e->ceilings, i) : 0;
}

/* ---- looking ---- */

struct booking_price booking_category_price(const struct booking *b, uint32_t category,
                                            uint64_t ts_us)
{
    assert(category < b->s->category_count);
    struct booking_price prices[LIMIT_PRICE_CATEGORIES];
    prices_at(b, ts_us, prices);
    return prices[category];
}

static bool steps_at(const struct booking *b, uint64_t ts_us)
{
    struct booking_price prices[LIMIT_PRICE_CATEGORIES];
    prices_at(b, ts_us, prices);
    return !prices_equal(b, prices, revision_prices(b, b->s->revision));
}

uint64_t booking_next_step_us(const struct booking *b)
{
    uint64_t now_us = b->s->last_ts_us + 1, next_us = UINT64_MAX;
    if (b->s->rule_count == 0)
        return next_us;
    if (steps_at(b, now_us)) /* a sale may have done it */
        return now_us;
    for (uint32_t i = 0; i < b->s->rule_count; i++) {
        const uint64_t ends[2] = {b->price_rules[i].from_us, b->price_rules[i].until_us};
        for (unsigned k = 0; k < 2; k++)
            if (ends[k] > now_us && ends[k] < next_us && steps_at(b, ends[k]))
                next_us = ends[k];
    }
    return next_us;
}

struct booking_price booking_category_base(const struct booking *b, uint32_t category)
{
    assert(category < b->s->category_count);
    const struct category *c = &b->categories[category];
    return (struct booking_price){c->base_price_minor, c->base_fee_minor};
}

uint32_t booking_category_tax(const struct booking *b, uint32_t category)
{
    assert(category < b->s->category_count);
    return b->categories[category].tax_bp;
}

void booking_price_plan(const struct booking *b, struct booking_price_plan_lists *ret_lists,
                        struct entry_price_plan_set *ret_plan)
{
    struct booking_price_plan_lists *l = ret_lists;
    uint32_t rules = b->s->rule_count, packages = b->s->package_count;
    for (uint32_t i = 0; i < rules; i++) {
        const struct price_rule *rule = &b->price_rules[i];
        l->rule_categories[i] = rule->category;
        l->from_us[i] = rule->from_us;
        l->until_us[i] = rule->until_us;
        l->sold_from[i] = rule->sold_from;
        l->sold_below[i] = rule->sold_below;
        l->prices[i] = (uint64_t)rule->price_minor;
    }
    for (uint32_t i = 0; i < b->s->category_count; i++)
        l->ceilings[i] = (uint64_t)b->categories[i].ceiling_minor;
    for (uint32_t i = 0; i < packages; i++) {
        l->package_categories[i] = b->packages[i].categories;
        l->package_sizes[i] = b->packages[i].size;
        l->package_paid[i] = b->packages[i].paid;
    }
    *ret_plan =
        (struct entry_price_plan_set){.rule_categories = {l->rule_categories, rules},
                                      .rule_from_us = {l->from_us, rules},
                                      .rule_until_us = {l->until_us, rules},
                                      .rule_sold_from = {l->sold_from, rules},
                                      .rule_sold_below = {l->sold_below, rules},
                                      .rule_prices = {l->prices, rules},
                                      .ceilings = {l->ceilings, b->s->category_count},
                                      .package_categories = {l->package_categories, packages},
                                      .package_sizes = {l->package_sizes, packages},
                                      .package_paid = {l->package_paid, packages}};
}
