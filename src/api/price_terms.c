#include "api/price_terms.h"

#include "api/definition.h"
#include "api/prices.h"

#include <stdio.h>

/* ---- what is set once ---- */

static void read_tax(struct request *r, struct sale_terms *t)
{
    static const struct integer_rule rate = {.within = "tax", .max = 10000};
    const json_t *tax = request_object(r, r->root, "tax");
    if (!tax)
        return;
    request_members(r, tax, "tax", "rate_bp included");
    t->rate_bp = (uint32_t)request_integer(r, tax, "rate_bp", &rate);
    const json_t *included = json_object_get(tax, "included");
    if (included && !json_is_null(included) && !json_is_boolean(included))
        request_fail(r, PROBLEM_BAD_VALUE, "tax.included",
                     "\"tax.included\" must be true or false");
    t->tax_on_top = json_is_false(included);
}

static void read_bearer(struct request *r, struct sale_terms *t)
{
    static const struct text_rule rule = {.max_bytes = 16};
    struct slice word = request_text(r, r->root, "fee_bearer", &rule);
    t->fee_bearer = BOOKING_BEARER_BUYER;
    if (slice_equal(word, SLICE("organiser")))
        t->fee_bearer = BOOKING_BEARER_ORGANISER;
    else if (word.len && !slice_equal(word, SLICE("buyer")))
        request_fail(r, PROBLEM_BAD_VALUE, "fee_bearer",
                     "\"fee_bearer\" is \"buyer\" or \"organiser\"");
}

static uint32_t method_of(const json_t *value)
{
    for (uint32_t method = 1; json_is_string(value) && method <= BOOKING_METHODS; method <<= 1) {
        if (strcmp(json_string_value(value), prices_method(method)) == 0)
            return method;
    }
    return 0;
}

static void read_methods(struct request *r, struct sale_terms *t)
{
    const json_t *list = request_array(r, r->root, "payment_methods", 4);
    t->payment_methods = BOOKING_METHOD_CARD;
    if (list)
        t->payment_methods = 0;
    for (size_t i = 0; i < json_array_size(list); i++) {
        uint32_t method = method_of(json_array_get(list, i));
        t->payment_methods |= method;
        if (!method)
            request_fail(r, PROBLEM_BAD_VALUE, "payment_methods",
                         "Each of \"payment_methods\" is \"card\", \"ideal\", \"bancontact\" or "
                         "\"sepa_debit\"");
    }
    if (t->payment_methods == 0)
        request_fail(r, PROBLEM_BAD_VALUE, "payment_methods",
                     "\"payment_methods\" must name a way to pay");
}

void sale_terms_read(struct request *r, struct sale_terms *ret_terms)
{
    static const struct integer_rule seconds = {.max = LIMIT_PROCESSING_SECONDS};
    *ret_terms = (struct sale_terms){0};
    read_tax(r, ret_terms);
    read_bearer(r, ret_terms);
    read_methods(r, ret_terms);
    ret_terms->processing_seconds =
        (uint32_t)request_integer(r, r->root, "processing_seconds", &seconds);
}

void sale_terms_refuse(struct request *r)
{
    static const char *const members[] = {"tax", "fee_bearer", "payment_methods",
                                          "processing_seconds"};
    for (size_t i = 0; i < sizeof members / sizeof members[0]; i++) {
        if (json_object_get(r->root, members[i]))
            request_fail(r, PROBLEM_BAD_CHANGE, members[i],
                         "\"%s\" is set when the event is created and cannot be changed: what was "
                         "sold was sold on these terms",
                         members[i]);
    }
}

uint64_t price_terms_gross(uint64_t amount_minor, uint32_t tax_bp)
{
    return amount_minor + (amount_minor * tax_bp + 5000) / 10000;
}

/* ---- the price plan ---- */

/* An amount of the request as the machine has it: with tax. */
static uint64_t read_amount(struct request *r, const json_t *value, const char *name,
                            const struct price_plan_reading *reading, uint32_t category)
{
    uint64_t amount = (uint64_t)definition_amount(r, value, name, reading->currency);
    if (!reading->tax_bp || r->failed)
        return amount;
    amount = price_terms_gross(amount, reading->tax_bp[category]);
    if (amount > LIMIT_PRICE_MINOR)
        request_fail(r, PROBLEM_BAD_VALUE, name, "\"%s\" is more than %lld with its tax", name,
                     LIMIT_PRICE_MINOR);
    return amount;
}

static const json_t *member_object(struct request *r, const json_t *list, size_t i,
                                   const char *name, const char *shape)
{
    const json_t *item = json_array_get(list, i);
    if (!json_is_object(item))
        request_fail(r, PROBLEM_BAD_VALUE, name, "Each of \"%s\" is %s", name, shape);
    return r->failed ? NULL : item;
}

static void read_rule(struct request *r, const json_t *item,
                      const struct price_plan_reading *reading, struct booking_price_plan_lists *l,
                      uint32_t i)
{
    static const struct instant_rule instant = {.within = "price_rules"};
    static const struct integer_rule sold = {.within = "price_rules", .max = LIMIT_UNITS};
    request_members(r, item, "price_rules", "category price from until sold_from sold_below");
    uint32_t category = places_category(r, json_object_get(item, "category"),
                                        "price_rules.category", reading->places);
    if (r->failed)
        return;
    l->rule_categories[i] = category;
    l->prices[i] =
        read_amount(r, json_object_get(item, "price"), "price_rules.price", reading, category);
    l->from_us[i] = request_instant(r, item, "from", &instant);
    l->until_us[i] = request_instant(r, item, "until", &instant);
    l->sold_from[i] = (uint32_t)request_integer(r, item, "sold_from", &sold);
    l->sold_below[i] = (uint32_t)request_integer(r, item, "sold_below", &sold);
    if (l->until_us[i] && l->until_us[i] <= l->from_us[i])
        request_fail(r, PROBLEM_BAD_VALUE, "price_rules.until",
                     "\"price_rules.until\" must be later than its \"from\"");
    if (l->sold_below[i] && l->sold_below[i] <= l->sold_from[i])
        request_fail(r, PROBLEM_BAD_VALUE, "price_rules.sold_below",
                     "\"price_rules.sold_below\" must be more than its \"sold_from\"");
}

static void read_rules(struct request *r, const struct price_plan_reading *reading,
                       struct price_plan *p)
{
    const json_t *list = request_array(r, r->root, "price_rules", LIMIT_PRICE_RULES);
    if (!list)
        return;
    uint32_t count = (uint32_t)json_array_size(list);
    for (uint32_t i = 0; !r->failed && i < count; i++) {
        const json_t *item = member_object(r, list, i, "price_rules",
                                           "{category, price, from?, "
                                           "until?, sold_from?, "
                                           "sold_below?}");
        if (item)
            read_rule(r, item, reading, &p->lists, i);
    }
    p->given = true;
    p->entry.rule_categories.count = count;
}

static void read_ceilings(struct request *r, const struct price_plan_reading *reading,
                          struct price_plan *p)
{
    const json_t *list = request_array(r, r->root, "price_ceilings", LIMIT_PRICE_CATEGORIES);
    if (!list)
        return;
    memset(p->lists.ceilings, 0, sizeof p->lists.ceilings);
    for (size_t i = 0; !r->failed && i < json_array_size(list); i++) {
        const json_t *item = member_object(r, list, i, "price_ceilings", "{category, price}");
        if (!item)
            return;
        request_members(r, item, "price_ceilings", "category price");
        uint32_t category = places_category(r, json_object_get(item, "category"),
                                            "price_ceilings.category", reading->places);
        if (r->failed)
            return;
        uint64_t ceiling = read_amount(r, json_object_get(item, "price"), "price_ceilings.price",
                                       reading, category);
        if (!r->failed && ceiling == 0)
            request_fail(r, PROBLEM_BAD_VALUE, "price_ceilings.price",
                         "A ceiling of 0 would be none: leave it out");
        p->lists.ceilings[category] = ceiling;
    }
    p->given = true;
    p->entry.ceilings.count = json_array_size(list) ? reading->places->category_count : 0;
}

static void read_packages(struct request *r, const struct price_plan_reading *reading,
                          struct price_plan *p)
{
    static const struct text_rule name = {
        .within = "packages", .max_bytes = LIMIT_NAME_BYTES, .may_be_empty = true};
    const json_t *list = request_array(r, r->root, "packages", LIMIT_PACKAGES);
    if (!list)
        return;
    uint32_t count = (uint32_t)json_array_size(list);
    for (uint32_t i = 0; !r->failed && i < count; i++) {
        const json_t *item =
            member_object(r, list, i, "packages", "{categories, size, paid, name?}");
        if (!item)
            return;
        request_members(r, item, "packages", "name categories size paid");
        struct integer_rule size = {"packages", 2, LIMIT_HOLD_UNITS, 0, true};
        p->lists.package_sizes[i] = (uint32_t)request_integer(r, item, "size", &size);
        struct integer_rule paid = {"packages", 1, (int64_t)p->lists.package_sizes[i] - 1, 0, true};
        if (!r->failed)
            p->lists.package_paid[i] = (uint32_t)request_integer(r, item, "paid", &paid);
        p->package_names[i] = request_text(r, item, "name", &name);
        const json_t *categories = request_array(r, item, "categories", LIMIT_PRICE_CATEGORIES);
        p->lists.package_categories[i] =
            places_categories(r, categories, "packages.categories", reading->places);
    }
    p->given = true;
    p->names_given = true;
    p->entry.package_sizes.count = count;
}

/* One length for lists that belong together, and where they lie. */
static void point(struct price_plan *p)
{
    struct booking_price_plan_lists *l = &p->lists;
    uint32_t rules = p->entry.rule_categories.count, packages = p->entry.package_sizes.count;
    p->entry = (struct entry_price_plan_set){
        .rule_categories = {l->rule_categories, rules},
        .rule_from_us = {l->from_us, rules},
        .rule_until_us = {l->until_us, rules},
        .rule_sold_from = {l->sold_from, rules},
        .rule_sold_below = {l->sold_below, rules},
        .rule_prices = {l->prices, rules},
        .ceilings = {l->ceilings, p->entry.ceilings.count},
        .package_categories = {l->package_categories, packages},
        .package_sizes = {l->package_sizes, packages},
        .package_paid = {l->package_paid, packages},
    };
}

void price_plan_read(struct request *r, const struct price_plan_reading *reading,
                     struct price_plan *ret_plan)
{
    struct price_plan *p = ret_plan;
    *p = (struct price_plan){0};
    if (reading->places->booking)
        booking_price_plan(reading->places->booking, &p->lists, &p->entry);
    for (uint32_t i = 0; reading->names && i < p->entry.package_sizes.count; i++)
        p->package_names[i] = reading->names[i];
    if (!r->failed)
        read_rules(r, reading, p);
    if (!r->failed)
        read_ceilings(r, reading, p);
    if (!r->failed)
        read_packages(r, reading, p);
    point(p);
}

struct command_change_price_plan price_plan_command(const struct price_plan *plan)
{
    const struct entry_price_plan_set *e = &plan->entry;
    return (struct command_change_price_plan){
        .rule_categories = e->rule_categories,
        .rule_from_us = e->rule_from_us,
        .rule_until_us = e->rule_until_us,
        .rule_sold_from = e->rule_sold_from,
        .rule_sold_below = e->rule_sold_below,
        .rule_prices = e->rule_prices,
        .ceilings = e->ceilings,
        .package_categories = e->package_categories,
        .package_sizes = e->package_sizes,
        .package_paid = e->package_paid,
    };
}

bool price_plan_is_last(const struct price_plan *plan, const struct booking *booking)
{
    for (uint32_t i = 0; i < plan->entry.ceilings.count; i++) {
        uint64_t ceiling = plan->lists.ceilings[i];
        if (ceiling && (uint64_t)booking_category_base(booking, i).price_minor > ceiling)
            return true;
    }
    return false;
}

json_t *price_plan_names(const struct price_plan *plan)
{
    json_t *names = json_array();
    for (uint32_t i = 0; i < plan->entry.package_sizes.count; i++) {
        struct slice name = plan->package_names[i];
        (void)json_array_append_new(names, json_stringn(name.data, name.len));
    }
    return names;
}
