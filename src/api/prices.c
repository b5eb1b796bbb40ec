#include "api/prices.h"

#include "api/event_json.h"

static const struct {
    enum booking_method method;
    const char *name;
} methods[] = {
    {BOOKING_METHOD_CARD, "card"},
    {BOOKING_METHOD_IDEAL, "ideal"},
    {BOOKING_METHOD_BANCONTACT, "bancontact"},
    {BOOKING_METHOD_SEPA_DEBIT, "sepa_debit"},
};

const char *prices_method(uint32_t method)
{
    for (size_t i = 0; i < sizeof methods / sizeof methods[0]; i++) {
        if (methods[i].method == method)
            return methods[i].name;
    }
    return NULL;
}

int64_t prices_buyer_fee(const struct booking_event *event, int64_t fee_minor)
{
    return event->fee_bearer == BOOKING_BEARER_ORGANISER ? 0 : fee_minor;
}

/* ---- until when ---- */

int64_t prices_by_rules(const struct price_outlook *o)
{
    const struct entry_price_plan_set *plan = o->plan;
    for (uint32_t i = 0; i < plan->rule_categories.count; i++) {
        uint64_t until_us = u64s_at(plan->rule_until_us, i);
        uint32_t below = u32s_at(plan->rule_sold_below, i);
        if (u32s_at(plan->rule_categories, i) == o->category &&
            u64s_at(plan->rule_from_us, i) <= o->now_us && (!until_us || o->now_us < until_us) &&
            u32s_at(plan->rule_sold_from, i) <= o->sold && (!below || o->sold < below))
            return (int64_t)u64s_at(plan->rule_prices, i);
    }
    return o->base_minor;
}

/* Takes `at_us` when the price is another then, and none sooner is known. */
static void consider_time(const struct price_outlook *now, uint64_t at_us,
                          struct price_change *change)
{
    struct price_outlook then = *now;
    then.now_us = at_us;
    if (at_us <= now->now_us || (change->at_us && change->at_us <= at_us) ||
        prices_by_rules(&then) == prices_by_rules(now))
        return;
    change->at_us = at_us;
    change->price_then = prices_by_rules(&then);
}

static void consider_sold(const struct price_outlook *now, uint32_t sold,
                          struct price_change *change)
{
    struct price_outlook then = *now;
    then.sold = sold;
    if (sold <= now->sold || (change->after_sold && change->after_sold <= sold - now->sold) ||
        prices_by_rules(&then) == prices_by_rules(now))
        return;
    change->after_sold = sold - now->sold;
    change->price_after = prices_by_rules(&then);
}

struct price_change prices_next_change(const struct price_outlook *outlook)
{
    const struct entry_price_plan_set *plan = outlook->plan;
    struct price_change change = {0};
    for (uint32_t i = 0; i < plan->rule_categories.count; i++) {
        if (u32s_at(plan->rule_categories, i) != outlook->category)
            continue;
        consider_time(outlook, u64s_at(plan->rule_from_us, i), &change);
        consider_time(outlook, u64s_at(plan->rule_until_us, i), &change);
        consider_sold(outlook, u32s_at(plan->rule_sold_from, i), &change);
        consider_sold(outlook, u32s_at(plan->rule_sold_below, i), &change);
    }
    return change;
}

static void write_change(struct json *j, const struct price_outlook *outlook,
                         const char currency[3])
{
    struct price_change change = prices_next_change(outlook);
    if (!change.at_us && !change.after_sold) {
        json_put_null(j, "price_change");
        return;
    }
    json_put_object(j, "price_change");
    event_write_time(j, "at", change.at_us);
    if (change.at_us)
        json_put_money(j, "price_then", change.price_then, currency);
    else
        json_put_null(j, "price_then");
    if (change.after_sold) {
        json_put_u64(j, "after_sold", change.after_sold);
        json_put_money(j, "price_after", change.price_after, currency);
    } else {
        json_put_null(j, "after_sold");
        json_put_null(j, "price_after");
    }
    json_end(j);
}

/* ---- what an event tells ---- */

static void write_plan_categories(struct json *j, const struct api_event *event, uint32_t category)
{
    json_put_array(j, "plan_categories");
    for (uint32_t c = 0; c < event->plan_category_count; c++) {
        if (event->plan_categories[c] == category)
            json_put_u64(j, NULL, c);
    }
    json_end(j);
}

static void write_category(struct json *j, const struct api_event *event, const struct booking *b,
                           uint32_t i, uint64_t now_us, const struct entry_price_plan_set *plan)
{
    struct booking_event state = booking_event(b);
    struct booking_price price = booking_category_price(b, i, now_us);
    struct price_outlook outlook = {.plan = plan,
                                    .category = i,
                                    .sold = booking_category_counts(b, i).sold,
                                    .now_us = now_us,
                                    .base_minor = booking_category_base(b, i).price_minor};
    json_put_object(j, NULL);
    json_put_u64(j, "index", i);
    json_put_text(j, "name", event->categories[i].name);
    event_write_text(j, "color", event->categories[i].color);
    json_put_money(j, "price", price.price_minor, state.currency);
    json_put_money(j, "fee", prices_buyer_fee(&state, price.fee_minor), state.currency);
    json_put_u64(j, "tax_bp", booking_category_tax(b, i));
    write_change(j, &outlook, state.currency);
    if (booking_category_limit(b, i))
        json_put_u64(j, "per_buyer", booking_category_limit(b, i));
    else
        json_put_null(j, "per_buyer");
    write_plan_categories(j, event, i);
    json_end(j);
}

void prices_write_categories(struct json *j, const char *key, const struct api_event *event,
                             uint64_t categories)
{
    json_put_array(j, key);
    for (uint32_t c = 0; c < event->category_count; c++) {
        if (categories >> c & 1)
            json_put_text(j, NULL, event->categories[c].name);
    }
    json_end(j);
}

static void write_packages(struct json *j, const struct api_event *event,
                           const struct entry_price_plan_set *plan)
{
    json_put_array(j, "packages");
    for (uint32_t i = 0; i < plan->package_sizes.count; i++) {
        json_put_object(j, NULL);
        event_write_text(j, "name", event->package_names[i]);
        prices_write_categories(j, "categories", event, u64s_at(plan->package_categories, i));
        json_put_u64(j, "size", u32s_at(plan->package_sizes, i));
        json_put_u64(j, "paid", u32s_at(plan->package_paid, i));
        json_end(j);
    }
    json_end(j);
}

void prices_write(struct json *j, const struct api_event *event, const struct booking *b,
                  uint64_t now_us)
{
    struct booking_event state = booking_event(b);
    struct booking_price_plan_lists lists;
    struct entry_price_plan_set plan;
    booking_price_plan(b, &lists, &plan);
    json_put_bool(j, "tax_included", true);
    json_put_string(j, "fee_bearer",
                    state.fee_bearer == BOOKING_BEARER_ORGANISER ? "organiser" : "buyer");
    uint32_t accepted = state.payment_methods ? state.payment_methods : BOOKING_METHOD_CARD;
    json_put_array(j, "payment_methods");
    for (size_t i = 0; i < sizeof methods / sizeof methods[0]; i++) {
        if (accepted & methods[i].method)
            json_put_string(j, NULL, methods[i].name);
    }
    json_end(j);
    json_put_u64(j, "processing_seconds", state.processing_seconds);
    write_packages(j, event, &plan);
    json_put_array(j, "price_categories");
    for (uint32_t i = 0; i < state.category_count && i < event->category_count; i++)
        write_category(j, event, b, i, now_us, &plan);
    json_end(j);
}
