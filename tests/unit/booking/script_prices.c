#include "unit/booking/script_stage.h"

/* Lines of a script about prices, promo codes and what a hold costs. */

/* ---- the price plan ---- */

struct plan {
    uint32_t categories[WORDS_MAX], sold_from[WORDS_MAX], sold_below[WORDS_MAX];
    uint64_t from_us[WORDS_MAX], until_us[WORDS_MAX], prices[WORDS_MAX], ceilings[WORDS_MAX];
    uint64_t sets[WORDS_MAX];
    uint32_t sizes[WORDS_MAX], paid[WORDS_MAX];
    uint32_t rules, packages, ceiling_count;
};

static uint64_t set_of(const uint32_t *list, uint32_t count)
{
    uint64_t set = 0;
    for (uint32_t i = 0; i < count; i++)
        set |= 1ull << list[i];
    return set;
}

static void plan_read(struct stage *s, struct plan *p, const char *key, const char *value)
{
    uint32_t list[WORDS_MAX], count, rule = p->rules - 1;
    if (strcmp(key, "rule") == 0) {
        count = stage_numbers(s, value, list, WORDS_MAX);
        assert_int_equal(count, 2);
        p->categories[p->rules] = list[0];
        p->prices[p->rules++] = list[1];
    } else if (strcmp(key, "package") == 0) { /* ":SIZE:PAID" has no category */
        count = stage_numbers(s, value + (*value == ':'), list, WORDS_MAX);
        assert_true(count >= 2);
        p->sets[p->packages] = set_of(list, count - 2);
        p->sizes[p->packages] = list[count - 2];
        p->paid[p->packages++] = list[count - 1];
    } else if (strcmp(key, "ceilings") == 0) {
        p->ceiling_count = stage_numbers(s, value, list, WORDS_MAX);
        for (uint32_t i = 0; i < p->ceiling_count; i++)
            p->ceilings[i] = list[i];
    } else if (strcmp(key, "from") == 0) {
        p->from_us[rule] = stage_number(s, value) * SECOND;
    } else if (strcmp(key, "until") == 0) {
        p->until_us[rule] = stage_number(s, value) * SECOND;
    } else if (strcmp(key, "sold_from") == 0) {
        p->sold_from[rule] = (uint32_t)stage_number(s, value);
    } else if (strcmp(key, "sold_below") == 0) {
        p->sold_below[rule] = (uint32_t)stage_number(s, value);
    } else if (strcmp(key, "price") == 0) { /* of the last rule: more than 32 bits */
        p->prices[rule] = stage_number(s, value);
    } else if (strcmp(key, "ceiling") == 0) { /* the first, likewise */
        p->ceilings[0] = stage_number(s, value);
    } else if (strcmp(key, "short") != 0) {
        FAIL(s, "prices have no \"%s\"", key);
    }
}

/* One list is shorter than its neighbours. */
static void plan_shorten(struct stage *s, struct command_change_price_plan *c, const char *word)
{
    static const char *const names[] = {"categories", "from", "until", "sold_from", "sold_below",
                                        "prices",     "sets", "sizes", "paid",      "ceilings"};
    uint32_t *const counts[] = {&c->rule_categories.count,    &c->rule_from_us.count,
                                &c->rule_until_us.count,      &c->rule_sold_from.count,
                                &c->rule_sold_below.count,    &c->rule_prices.count,
                                &c->package_categories.count, &c->package_sizes.count,
                                &c->package_paid.count,       &c->ceilings.count};
    (*counts[stage_word(s, word, names, sizeof names / sizeof names[0])])--;
}

static void line_prices(struct stage *s)
{
    static struct plan p;
    p = (struct plan){0};
    for (unsigned i = 1; i + 1 < s->count; i += 2)
        plan_read(s, &p, s->words[i], s->words[i + 1]);
    struct booking_command c = {.number = BOOKING_COMMAND_change_price_plan};
    c.change_price_plan =
        (struct command_change_price_plan){.rule_categories = {p.categories, p.rules},
                                           .rule_from_us = {p.from_us, p.rules},
                                           .rule_until_us = {p.until_us, p.rules},
                                           .rule_sold_from = {p.sold_from, p.rules},
                                           .rule_sold_below = {p.sold_below, p.rules},
                                           .rule_prices = {p.prices, p.rules},
                                           .ceilings = {p.ceilings, p.ceiling_count},
                                           .package_categories = {p.sets, p.packages},
                                           .package_sizes = {p.sizes, p.packages},
                                           .package_paid = {p.paid, p.packages}};
    for (unsigned i = 1; i + 1 < s->count; i += 2)
        if (strcmp(s->words[i], "short") == 0)
            plan_shorten(s, &c.change_price_plan, s->words[i + 1]);
    stage_submit(s, &c);
}

/* What the machine tells of its price plan, set once more: it is the same. */
static void line_same_prices(struct stage *s)
{
    static struct booking_price_plan_lists lists;
    struct booking_command c = {.number = BOOKING_COMMAND_change_price_plan};
    struct entry_price_plan_set plan;
    booking_price_plan(s->booking, &lists, &plan);
    c.change_price_plan = (struct command_change_price_plan){
        plan.rule_categories, plan.rule_from_us, plan.rule_until_us, plan.rule_sold_from,
        plan.rule_sold_below, plan.rule_prices,  plan.ceilings,      plan.package_categories,
        plan.package_sizes,   plan.package_paid};
    stage_submit(s, &c);
}

/* ---- promo codes and quotes ---- */

static void line_promos(struct stage *s)
{
    static const char *const kinds[] = {"none", "percent", "amount", "fixed"};
    uint32_t list[WORDS_MAX];
    BUF_AUTO struct buf codes = BUF_INIT, revoke = BUF_INIT;
    struct booking_command command = {.number = BOOKING_COMMAND_change_promos};
    struct command_change_promos *c = &command.change_promos;
    for (unsigned i = 1; i + 1 < s->count; i += 2) {
        const char *key = s->words[i], *value = s->words[i + 1];
        if (strcmp(key, "codes") == 0)
            stage_hashes(value, &codes);
        else if (strcmp(key, "revoke") == 0)
            stage_hashes(value, &revoke);
        else if (strcmp(key, "half_code") == 0) /* codes are not whole hashes */
            buf_append_text(&codes, value);
        else if (strcmp(key, "half_revoke") == 0)
            buf_append_text(&revoke, value);
        else if (strcmp(key, "kind") == 0)
            c->kind = (uint8_t)stage_word(s, value, kinds, 4);
        else if (strcmp(key, "value") == 0)
            c->value = stage_number(s, value);
        else if (strcmp(key, "categories") == 0)
            c->categories = set_of(list, stage_numbers(s, value, list, WORDS_MAX));
        else if (strcmp(key, "uses") == 0)
            c->uses = (uint32_t)stage_number(s, value);
        else if (strcmp(key, "budget") == 0)
            c->budget = stage_number(s, value);
        else if (strcmp(key, "from") == 0)
            c->from_us = stage_number(s, value) * SECOND;
        else if (strcmp(key, "until") == 0)
            c->until_us = stage_number(s, value) * SECOND;
        else if (strcmp(key, "max_units") == 0)
            c->max_units = (uint32_t)stage_number(s, value);
        else
            FAIL(s, "promos have no \"%s\"", key);
    }
    c->codes = buf_slice(&codes);
    c->revoke = buf_slice(&revoke);
    stage_submit(s, &command);
}

/* So many codes at once, the same ones each time: more than a line can name. */
static void line_many(struct stage *s)
{
    uint64_t count = stage_number(s, s->words[1]);
    BUF_AUTO struct buf codes = BUF_INIT;
    struct booking_command c = {.number = BOOKING_COMMAND_change_promos};
    for (uint64_t i = 1; i <= count; i++) {
        uint64_t hash[2] = {i, i * 3};
        buf_append(&codes, hash, sizeof hash);
    }
    c.change_promos.kind = BOOKING_PROMO_AMOUNT;
    c.change_promos.value = 1;
    if (strcmp(s->words[0], "many_promos") == 0)
        c.change_promos.codes = buf_slice(&codes);
    else
        c.change_promos.revoke = buf_slice(&codes);
    stage_submit(s, &c);
}

static void line_quote(struct stage *s)
{
    const struct name *hold = stage_name(s, s->words[2]);
    struct booking_command c = {.number = BOOKING_COMMAND_quote_hold};
    c.quote_hold.hold = hold->slot;
    c.quote_hold.hold_random = hold->random;
    c.quote_hold.session = stage_hash(s->words[1]);
    if (strcmp(s->words[3], "none") != 0)
        c.quote_hold.promo = stage_hash(s->words[3]);
    stage_submit(s, &c);
}

static void line_extend(struct stage *s)
{
    const struct name *hold = stage_name(s, s->words[2]);
    struct booking_command c = {.number = BOOKING_COMMAND_extend_hold};
    c.extend_hold = (struct command_extend_hold){hold->slot, hold->random, stage_hash(s->words[1]),
                                                 (uint32_t)stage_number(s, s->words[3])};
    stage_submit(s, &c);
}

bool stage_prices(struct stage *s)
{
    static const struct {
        const char *verb;
        void (*run)(struct stage *s);
    } lines[] = {{"prices", line_prices},     {"same_prices", line_same_prices},
                 {"promos", line_promos},     {"many_promos", line_many},
                 {"many_revoked", line_many}, {"quote", line_quote},
                 {"extend", line_extend}};
    for (unsigned i = 0; i < sizeof lines / sizeof lines[0]; i++) {
        if (strcmp(s->words[0], lines[i].verb) != 0)
            continue;
        lines[i].run(s);
        return true;
    }
    return false;
}

/* ---- what is expected ---- */

static void same(struct stage *s, const char *what, int64_t got, unsigned word)
{
    if (word < s->count && (uint64_t)got != stage_number(s, s->words[word]))
        FAIL(s, "%s is %lld, not %s", what, (long long)got, s->words[word]);
}

/* discounts HOLD DISCOUNT... of each unit */
static void expect_discounts(struct stage *s)
{
    struct booking_hold h;
    const struct name *name = stage_name(s, s->words[2]);
    assert_true(booking_hold_get(s->booking, name->slot, name->random, &h));
    assert_int_equal(h.unit_count, s->count - 3);
    for (uint32_t i = 0; i < h.unit_count; i++)
        same(s, "a discount", h.lines[i].discount_minor, i + 3);
}

/* [order_]line NAME INDEX PRICE DISCOUNT FEE TAX [ORGANISER FEES] */
static void expect_line(struct stage *s, bool of_order)
{
    const struct name *name = stage_name(s, s->words[2]);
    uint32_t i = (uint32_t)stage_number(s, s->words[3]);
    struct booking_hold h;
    struct booking_order o;
    struct booking_line line;
    if (of_order) {
        assert_true(booking_order_get(s->booking, name->slot, name->random, &o));
        assert_true(i < o.unit_count);
        line = o.lines[i];
    } else {
        assert_true(booking_hold_get(s->booking, name->slot, name->random, &h));
        assert_true(i < h.unit_count);
        line = h.lines[i];
    }
    same(s, "the price", line.price_minor, 4);
    same(s, "the discount", line.discount_minor, 5);
    same(s, "the fee", line.fee_minor, 6);
    same(s, "the tax", line.tax_minor, 7);
    same(s, "the organiser's share", line.organiser_share, 8);
    same(s, "the fees' share", line.fees_share, 9);
    assert_int_equal(line.total_minor, line.price_minor - line.discount_minor + line.fee_minor);
    assert_int_equal(line.total_minor, line.organiser_share + line.fees_share + line.tax_share);
    assert_int_equal(line.tax_minor, line.tax_share);
}

bool stage_expect_prices(struct stage *s)
{
    const char *what = s->words[1];
    if (strcmp(what, "line") == 0 || strcmp(what, "order_line") == 0) {
        expect_line(s, what[0] == 'o');
    } else if (strcmp(what, "discounts") == 0) {
        expect_discounts(s);
    } else if (strcmp(what, "next_step") == 0) {
        uint64_t next_us = booking_next_step_us(s->booking);
        if (strcmp(s->words[2], "now") == 0)
            assert_int_equal(next_us, booking_event(s->booking).last_ts_us + 1);
        else if (strcmp(s->words[2], "never") == 0)
            assert_true(next_us == UINT64_MAX);
        else
            assert_int_equal(next_us, stage_number(s, s->words[2]) * SECOND);
    } else if (strcmp(what, "price") == 0) {
        uint32_t category = (uint32_t)stage_number(s, s->words[2]);
        struct booking_price price = booking_category_price(s->booking, category, s->now_us);
        same(s, "the price", price.price_minor, 3);
        same(s, "the fee", price.fee_minor, 4);
    } else if (strcmp(what, "base") == 0) {
        uint32_t category = (uint32_t)stage_number(s, s->words[2]);
        same(s, "the base price", booking_category_base(s->booking, category).price_minor, 3);
    } else if (strcmp(what, "promo") == 0) {
        struct booking_promo_terms terms;
        assert_true(booking_promo_get(s->booking, stage_hash(s->words[2]), &terms));
        same(s, "what is used", terms.used, 3);
        same(s, "what is spent", (int64_t)terms.spent, 4);
    } else {
        return false;
    }
    return true;
}
