#include "api/definition.h"

#include "base/hash.h"
#include "base/json.h"
#include "base/money.h"
#include "base/time.h"
#include "views/zone.h"

#include <assert.h>
#include <stdlib.h>

#define PERFORMERS_MAX 50u

/* ---- cutting the plan out ---- */

static size_t skip_blanks(struct slice s, size_t at)
{
    while (at < s.len && strchr(" \t\r\n", s.data[at]) && s.data[at])
        at++;
    return at;
}

/* Behind the string that begins at `at`, or len. */
static size_t skip_string(struct slice s, size_t at)
{
    for (at++; at < s.len; at++) {
        if (s.data[at] == '\\')
            at++;
        else if (s.data[at] == '"')
            return at + 1;
    }
    return s.len;
}

/* Behind the value that begins at `at`: brackets are counted, nothing is checked. */
static size_t skip_value(struct slice s, size_t at)
{
    unsigned depth = 0;
    while (at < s.len) {
        char c = s.data[at];
        if (c == '"') {
            at = skip_string(s, at);
            if (!depth)
                return at;
            continue;
        }
        if (c == '{' || c == '[') {
            depth++;
        } else if (c == '}' || c == ']') {
            if (!depth)
                return at;
            if (--depth == 0)
                return at + 1;
        } else if (!depth && (c == ',' || c == ' ' || c == '\n' || c == '\r' || c == '\t')) {
            return at;
        }
        at++;
    }
    return s.len;
}

bool definition_cut(struct slice body, struct slice key, struct slice *ret_value)
{
    size_t at = skip_blanks(body, 0);
    if (at >= body.len || body.data[at] != '{')
        return false;
    for (at++; at < body.len;) {
        at = skip_blanks(body, at);
        if (at >= body.len || body.data[at] != '"')
            return false;
        size_t name = at + 1;
        at = skip_string(body, at);
        struct slice found = slice_make(body.data + name, at - name - (at > name ? 1 : 0));
        at = skip_blanks(body, at);
        if (at >= body.len || body.data[at] != ':')
            return false;
        size_t value = skip_blanks(body, at + 1);
        at = skip_value(body, value);
        if (slice_equal(found, key) && at > value) {
            *ret_value = slice_make(body.data + value, at - value);
            return true;
        }
        at = skip_blanks(body, at);
        if (at >= body.len || body.data[at] != ',')
            return false;
        at++;
    }
    return false;
}

/* ---- parts ---- */

int64_t definition_amount(struct request *r, const json_t *value, const char *name,
                          const char currency[3])
{
    return definition_money(r, value, name, currency,
                            (struct definition_bounds){0, LIMIT_PRICE_MINOR});
}

int64_t definition_money(struct request *r, const json_t *value, const char *name,
                         const char currency[3], struct definition_bounds bounds)
{
    const json_t *number = value;
    if (json_is_object(value)) {
        request_members(r, value, name, "amount currency");
        const json_t *named = json_object_get(value, "currency");
        if (!json_is_string(named) || json_string_length(named) != 3 ||
            memcmp(json_string_value(named), currency, 3) != 0)
            request_fail(r, PROBLEM_BAD_VALUE, name, "\"%s\" must be in %.3s", name, currency);
        number = json_object_get(value, "amount");
    }
    if (!json_is_integer(number) || json_integer_value(number) < bounds.least ||
        json_integer_value(number) > bounds.most) {
        request_fail(r, PROBLEM_BAD_VALUE, name,
                     "\"%s\" must be an integer in minor units from %lld to %lld", name,
                     (long long)bounds.least, (long long)bounds.most);
        return 0;
    }
    return json_integer_value(number);
}

uint32_t definition_per_buyer(struct request *r, const json_t *category, uint32_t absent)
{
    const struct integer_rule rule = {.within = "price_categories", .max = LIMIT_BUYER_UNITS};
    return json_object_get(category, "per_buyer")
               ? (uint32_t)request_integer(r, category, "per_buyer", &rule)
               : absent;
}

uint8_t definition_singles(struct request *r, const json_t *limits)
{
    static const struct text_rule rule = {.within = "limits", .max_bytes = 16};
    struct slice word = request_text(r, limits, "single_seats", &rule);
    if (slice_equal(word, SLICE("allowed")))
        return BOOKING_SINGLES_ALLOWED;
    if (slice_equal(word, SLICE("refused")))
        return BOOKING_SINGLES_REFUSED;
    if (word.len)
        request_fail(r, PROBLEM_BAD_VALUE, "limits.single_seats",
                     "\"limits.single_seats\" is \"allowed\" or \"refused\"");
    return BOOKING_SINGLES_UNCHANGED;
}

bool definition_disposable(struct request *r, const json_t *limits, bool absent)
{
    static const struct text_rule rule = {.within = "limits", .max_bytes = 16};
    struct slice word = request_text(r, limits, "disposable_email", &rule);
    if (slice_equal(word, SLICE("refused")))
        return true;
    if (slice_equal(word, SLICE("allowed")))
        return false;
    if (word.len)
        request_fail(r, PROBLEM_BAD_VALUE, "limits.disposable_email",
                     "\"limits.disposable_email\" is \"allowed\" or \"refused\"");
    return absent;
}

const char *definition_check_groups(const struct plan *plan, uint32_t per_hold, uint32_t per_buyer,
                                    struct err *ret_words)
{
    uint32_t seats = plan_largest_group(plan);
    /* The buyer first: a hold without a limit of its own has the buyer's. */
    bool buyer = per_buyer && seats > per_buyer;
    if (!buyer && (!per_hold || seats <= per_hold))
        return NULL;
    const char *member = buyer ? "limits.per_buyer" : "limits.per_hold";
    (void)err_set(ret_words,
                  "The plan has %u seats that are sold together only, but a %s may have %u at most "
                  "(\"%s\")",
                  seats, buyer ? "buyer" : "hold", buyer ? per_buyer : per_hold, member);
    return member;
}

bool definition_check_group_prices(const struct plan *plan, const uint32_t *plan_categories,
                                   const struct definition_prices *prices, struct err *ret_words)
{
    for (uint32_t i = 0; plan_largest_group(plan) > 0 && i < prices->count; i++) {
        uint32_t limit = prices->per_buyer[i],
                 seats = limit ? plan_largest_group_in(plan, plan_categories, i) : 0;
        if (seats <= limit)
            continue;
        (void)err_set(ret_words,
                      "The plan has %u seats of the price category \"%.*s\" that are sold together "
                      "only, but a buyer may have %u at most of it (its \"per_buyer\")",
                      seats, SLICE_ARG(prices->names[i]), limit);
        return false;
    }
    return true;
}

static void read_terms(struct definition *d)
{
    struct request *r = &d->request;
    static const struct instant_rule instant = {.within = "sale"};
    const json_t *sale = request_object(r, r->root, "sale");
    const json_t *limits = request_object(r, r->root, "limits");
    if (sale) {
        request_members(r, sale, "sale", "opens_at closes_at");
        d->opens_at_us = request_instant(r, sale, "opens_at", &instant);
        d->closes_at_us = request_instant(r, sale, "closes_at", &instant);
        if (d->closes_at_us && d->closes_at_us <= d->opens_at_us)
            request_fail(r, PROBLEM_BAD_VALUE, "sale.closes_at", "The sale closes before it opens");
    }
    if (limits)
        request_members(r, limits, "limits", "per_buyer per_hold single_seats disposable_email");
    d->singles = definition_singles(r, limits);
    d->refuse_disposable = definition_disposable(r, limits, false);
    struct integer_rule per_buyer = {"limits", 1, LIMIT_BUYER_UNITS, LIMIT_BUYER_UNITS, false};
    struct integer_rule per_hold = {"limits", 1, LIMIT_HOLD_UNITS, LIMIT_HOLD_UNITS, false};
    d->per_buyer = (uint32_t)request_integer(r, limits, "per_buyer", &per_buyer);
    if (per_hold.absent > d->per_buyer)
        per_hold.absent = d->per_buyer;
    d->per_hold = (uint32_t)request_integer(r, limits, "per_hold", &per_hold);
    struct integer_rule seconds = {NULL, 1, LIMIT_HOLD_SECONDS, 600, false};
    d->hold_seconds = (uint32_t)request_integer(r, r->root, "hold_seconds", &seconds);
    seconds.absent = 900;
    d->pay_seconds = (uint32_t)request_integer(r, r->root, "pay_seconds", &seconds);
}

/* ---- prices and areas ---- */

/* A price category by name, or -1. */
static int64_t find_category(const struct definition *d, struct slice name)
{
    for (uint32_t i = 0; i < d->category_count; i++) {
        if (slice_equal(d->places.categories[i], name))
            return i;
    }
    return -1;
}

/* The rate, and what the category costs with it. */
static void read_category_tax(struct definition *d, const json_t *item, uint32_t i)
{
    struct request *r = &d->request;
    const struct integer_rule rate = {
        .within = "price_categories", .max = 10000, .absent = d->terms.rate_bp};
    d->tax_bp[i] = (uint32_t)request_integer(r, item, "tax_bp", &rate);
    if (r->failed || !d->terms.tax_on_top)
        return;
    d->prices[i] = price_terms_gross(d->prices[i], d->tax_bp[i]);
    d->fees[i] = price_terms_gross(d->fees[i], d->tax_bp[i]);
    if (d->prices[i] > LIMIT_PRICE_MINOR || d->fees[i] > LIMIT_PRICE_MINOR)
        request_fail(r, PROBLEM_BAD_VALUE, "price_categories.price",
                     "A price or fee is more than %lld with its tax", LIMIT_PRICE_MINOR);
}

static void read_price_plan(struct definition *d)
{
    const struct price_plan_reading reading = {.places = &d->places,
                                               .currency = d->currency,
                                               .tax_bp = d->terms.tax_on_top ? d->tax_bp : NULL};
    price_plan_read(&d->request, &reading, &d->plan);
    for (uint32_t i = 0; i < d->plan.entry.ceilings.count; i++) {
        if (d->plan.lists.ceilings[i] && d->prices[i] > d->plan.lists.ceilings[i])
            request_fail(&d->request, PROBLEM_EVENT_INVALID, "price_ceilings.price",
                         "The price of \"%.*s\" is over its ceiling",
                         SLICE_ARG(d->places.categories[i]));
    }
}

static void read_categories(struct definition *d)
{
    struct request *r = &d->request;
    const json_t *list = request_array(r, r->root, "price_categories", LIMIT_PRICE_CATEGORIES);
    if (json_array_size(list) == 0)
        request_fail(r, PROBLEM_BAD_VALUE, "price_categories",
                     "At least one price category is needed");
    for (size_t i = 0; !r->failed && i < json_array_size(list); i++) {
        static const struct text_rule name_rule = {
            .within = "price_categories", .max_bytes = LIMIT_NAME_BYTES, .required = true};
        static const struct text_rule color_rule = {
            .within = "price_categories", .max_bytes = 32, .may_be_empty = true};
        const json_t *item = json_array_get(list, i);
        if (!json_is_object(item)) {
            request_fail(r, PROBLEM_BAD_VALUE, "price_categories",
                         "Each of \"price_categories\" is {name, price, fee}");
            return;
        }
        request_members(r, item, "price_categories", "name price fee tax_bp per_buyer color");
        struct slice name = request_text(r, item, "name", &name_rule);
        (void)request_text(r, item, "color", &color_rule);
        if (!r->failed && find_category(d, name) >= 0)
            request_fail(r, PROBLEM_BAD_VALUE, "price_categories.name",
                         "Two price categories are called \"%.*s\"", SLICE_ARG(name));
        d->prices[i] = (uint64_t)definition_amount(r, json_object_get(item, "price"),
                                                   "price_categories.price", d->currency);
        const json_t *fee = json_object_get(item, "fee");
        if (fee && !json_is_null(fee))
            d->fees[i] = (uint64_t)definition_amount(r, fee, "price_categories.fee", d->currency);
        d->per_category[i] = definition_per_buyer(r, item, 0);
        read_category_tax(d, item, (uint32_t)i);
        d->places.categories[d->category_count++] = name;
        d->places.category_count = d->category_count;
    }
}

static void read_areas(struct definition *d)
{
    struct request *r = &d->request;
    const json_t *list = request_array(r, r->root, "areas", LIMIT_AREAS);
    for (size_t i = 0; !r->failed && i < json_array_size(list); i++) {
        static const struct text_rule id_rule = {
            .within = "areas", .max_bytes = LIMIT_SEAT_GUID_BYTES, .required = true};
        static const struct text_rule name_rule = {
            .within = "areas", .max_bytes = LIMIT_NAME_BYTES, .required = true};
        static const struct integer_rule capacity_rule = {"areas", 1, LIMIT_UNITS, 0, true};
        const json_t *item = json_array_get(list, i);
        if (!json_is_object(item)) {
            request_fail(r, PROBLEM_BAD_VALUE, "areas",
                         "Each of \"areas\" is {id, name, capacity, price_category}");
            return;
        }
        request_members(r, item, "areas", "id name capacity price_category");
        struct slice id = request_text(r, item, "id", &id_rule);
        (void)request_text(r, item, "name", &name_rule);
        d->capacities[i] = (uint32_t)request_integer(r, item, "capacity", &capacity_rule);
        if (r->failed)
            return;
        d->area_categories[i] = places_category(r, json_object_get(item, "price_category"),
                                                "areas.price_category", &d->places);
        for (size_t k = 0; k < i; k++) {
            const json_t *other = json_object_get(json_array_get(list, k), "id");
            if (slice_equal(id, slice_make(json_string_value(other), json_string_length(other))))
                request_fail(r, PROBLEM_BAD_VALUE, "areas.id", "Two areas are called \"%.*s\"",
                             SLICE_ARG(id));
        }
        d->places.areas[d->area_count++] = id;
        d->places.area_count = d->area_count;
    }
}

/* ---- the plan ---- */

struct seating *definition_plan(struct request *r, struct slice json,
                                const struct plan_options *options, const char *plans_dir,
                                struct buf *faults)
{
    struct plan *plan;
    struct seating *seating = NULL;
    struct err err;
    if (plan_create(json, options, &plan, faults, &err) < 0) {
        request_fail(r, PROBLEM_PLAN_INVALID, "plan", "%s", err.detail);
        return NULL;
    }
    if (seating_create(plan, &seating, &err) == 0 && seating_save(seating, plans_dir, &err) == 0)
        return seating;
    /* Not why: the reason names files of this machine. */
    request_fail(r, PROBLEM_BUSY, "plan", "The plan could not be stored; try again");
    seating_drop(seating);
    return NULL;
}

uint32_t *definition_plan_categories(struct request *r, const struct plan *plan,
                                     const struct slice *names, uint32_t count)
{
    uint32_t plan_count = plan_category_count(plan);
    uint32_t *found = calloc((size_t)plan_count + 1, sizeof *found);
    if (!found)
        request_fail(r, PROBLEM_BUSY, "plan", "There is not enough memory at the moment");
    for (uint32_t i = 0; found && i < plan_count; i++) {
        struct slice name = plan_category_name(plan, i);
        while (found[i] < count && !slice_equal(names[found[i]], name))
            found[i]++;
        if (found[i] == count)
            request_fail(r, PROBLEM_EVENT_INVALID, "price_categories",
                         "The plan's category \"%.*s\" has no price category of that name",
                         SLICE_ARG(name));
    }
    return found;
}

static void read_plan(struct definition *d, struct slice plan_json, const char *plans_dir)
{
    struct request *r = &d->request;
    struct plan_options options = {
        .renumber = json_is_true(json_object_get(r->root, "renumber")),
    };
    struct err err;
    d->seating = definition_plan(r, plan_json, &options, plans_dir, &d->faults);
    if (!d->seating)
        return;
    d->places.seating = d->seating;
    const struct plan *plan = d->seating->plan;
    const char *small = definition_check_groups(plan, d->per_hold, d->per_buyer, &err);
    if (small)
        request_fail(r, PROBLEM_EVENT_INVALID, small, "%s", err.detail);
    d->plan_categories =
        definition_plan_categories(r, plan, d->places.categories, d->category_count);
    const struct definition_prices prices = {d->places.categories, d->per_category,
                                             d->category_count};
    if (!r->failed && !definition_check_group_prices(plan, d->plan_categories, &prices, &err))
        request_fail(r, PROBLEM_EVENT_INVALID, DEFINITION_PER_CATEGORY, "%s", err.detail);
}

static void write_inventory(struct definition *d)
{
    struct plan_area areas[LIMIT_AREAS];
    for (uint32_t i = 0; i < d->area_count; i++)
        areas[i] = (struct plan_area){d->capacities[i], d->area_categories[i]};
    struct err err;
    if (!d->seating && d->area_count == 0)
        request_fail(&d->request, PROBLEM_EVENT_INVALID, "", "A plan or areas are needed");
    else if (plan_write_inventory(d->seating ? d->seating->plan : NULL, d->plan_categories,
                                  d->category_count, areas, d->area_count, &d->inventory, &err) < 0)
        request_fail(&d->request, PROBLEM_EVENT_INVALID, "", "%s", err.detail);
}

/* ---- the document ---- */

/* The start as local time of the zone, however it was given. */
static void read_start(struct request *r, char ret_local[ZONE_LOCAL_MAX], struct slice *ret_zone,
                       uint64_t *ret_starts_at_us)
{
    static const struct text_rule zone_rule = {.max_bytes = ZONE_NAME_BYTES, .required = true};
    static const struct text_rule start_rule = {.max_bytes = 40, .required = true};
    struct slice zone = request_text(r, r->root, "timezone", &zone_rule);
    struct slice start = request_text(r, r->root, "starts_at", &start_rule);
    uint64_t time_us = 0;
    if (r->failed)
        return;
    if (!zone_valid(zone))
        request_fail(r, PROBLEM_TIMEZONE_UNKNOWN, "timezone",
                     "\"%.*s\" is not an IANA time zone such as Europe/Berlin", SLICE_ARG(zone));
    else if ((!time_parse(start, &time_us) && !zone_to_utc(zone, start, &time_us)) ||
             !zone_to_local(zone, time_us, ret_local))
        request_fail(r, PROBLEM_BAD_VALUE, "starts_at",
                     "\"starts_at\" must be an RFC 3339 time or a local 2027-06-12T20:30:00");
    *ret_zone = zone;
    *ret_starts_at_us = time_us;
}

static void write_venue(struct definition *d, struct json *j)
{
    struct request *r = &d->request;
    static const struct text_rule name_rule = {
        .within = "venue", .max_bytes = LIMIT_NAME_BYTES, .required = true};
    static const struct text_rule other_rule = {
        .within = "venue", .max_bytes = LIMIT_NAME_BYTES, .may_be_empty = true};
    const json_t *venue = request_object(r, r->root, "venue");
    if (!venue)
        request_fail(r, PROBLEM_BAD_VALUE, "venue", "\"venue\" is needed");
    request_members(r, venue, "venue", "name city country");
    struct slice name = request_text(r, venue, "name", &name_rule);
    struct slice city = request_text(r, venue, "city", &other_rule);
    struct slice country = request_text(r, venue, "country", &other_rule);
    uint64_t hash = hash64_of(name.data, name.len, 0);
    hash = hash64_of(city.data, city.len, hash);
    hash = hash64_of(country.data, country.len, hash);
    char id[24];
    (void)snprintf(id, sizeof id, "ven_%016llx", (unsigned long long)hash);
    json_put_object(j, "venue");
    json_put_string(j, "id", id);
    json_put_text(j, "name", name);
    json_put_text(j, "city", city);
    json_put_text(j, "country", country);
    json_end(j);
}

static void write_performers(struct definition *d, struct json *j)
{
    struct request *r = &d->request;
    static const struct text_rule rule = {.max_bytes = LIMIT_NAME_BYTES, .required = true};
    const json_t *list = request_array(r, r->root, "performers", PERFORMERS_MAX);
    json_put_array(j, "performers");
    for (size_t i = 0; i < json_array_size(list); i++) {
        struct slice name;
        if (request_check_text(r, json_array_get(list, i), "performers", &rule, &name))
            json_put_text(j, NULL, name);
    }
    json_end(j);
}

static struct slice text_at(const json_t *list, size_t i, const char *key)
{
    const json_t *value = json_object_get(json_array_get(list, i), key);
    return json_is_string(value) ? slice_make(json_string_value(value), json_string_length(value))
                                 : SLICE("");
}

/* A price category's own colour, else that of the first plan category sold at it. */
static struct slice color_of(const struct definition *d, const json_t *list, uint32_t category)
{
    struct slice color = text_at(list, category, "color");
    uint32_t count = d->seating ? plan_category_count(d->seating->plan) : 0;
    for (uint32_t i = 0; !color.len && i < count; i++) {
        if (d->plan_categories[i] == category)
            color = plan_category_color(d->seating->plan, i);
    }
    return color;
}

static void write_lists(struct definition *d, struct json *j)
{
    const json_t *categories = json_object_get(d->request.root, "price_categories");
    const json_t *areas = json_object_get(d->request.root, "areas");
    json_put_array(j, "price_categories");
    for (uint32_t i = 0; i < d->category_count; i++) {
        json_put_object(j, NULL);
        json_put_text(j, "name", text_at(categories, i, "name"));
        json_put_text(j, "color", color_of(d, categories, i));
        json_end(j);
    }
    json_end(j);
    json_put_array(j, "areas");
    for (uint32_t i = 0; i < d->area_count; i++) {
        json_put_object(j, NULL);
        json_put_text(j, "id", text_at(areas, i, "id"));
        json_put_text(j, "name", text_at(areas, i, "name"));
        json_end(j);
    }
    json_end(j);
    if (d->plan.entry.package_sizes.count) {
        json_put_array(j, "package_names");
        for (uint32_t i = 0; i < d->plan.entry.package_sizes.count; i++)
            json_put_text(j, NULL, d->plan.package_names[i]);
        json_end(j);
    }
    if (!d->seating) {
        json_put_null(j, "plan");
        return;
    }
    json_put_object(j, "plan");
    json_put_string(j, "hash", d->seating->hash);
    json_put_array(j, "categories");
    for (uint32_t i = 0; i < plan_category_count(d->seating->plan); i++)
        json_put_u64(j, NULL, d->plan_categories[i]);
    json_end(j);
    json_end(j);
}

static void write_document(struct definition *d)
{
    struct request *r = &d->request;
    static const struct text_rule name_rule = {.max_bytes = LIMIT_NAME_BYTES, .required = true};
    static const struct text_rule category_rule = {.max_bytes = LIMIT_NAME_BYTES,
                                                   .may_be_empty = true};
    struct json j;
    json_begin(&j, &d->document);
    json_put_object(&j, NULL);
    json_put_text(&j, "name", request_text(r, r->root, "name", &name_rule));
    char local[ZONE_LOCAL_MAX] = "";
    struct slice zone = SLICE("");
    read_start(r, local, &zone, &d->starts_at_us);
    json_put_string(&j, "starts_local", local);
    json_put_text(&j, "timezone", zone);
    write_venue(d, &j);
    write_performers(d, &j);
    json_put_text(&j, "category", request_text(r, r->root, "category", &category_rule));
    json_put_text(&j, "currency", slice_make(d->currency, 3));
    if (d->refuse_disposable)
        json_put_bool(&j, "refuse_disposable", true);
    if (!r->failed)
        write_lists(d, &j);
    json_end(&j);
    if (d->document.failed)
        request_fail(r, PROBLEM_BUSY, "", "There is not enough memory at the moment");
}

/* ---- all of it ---- */

static void read_currency(struct definition *d)
{
    static const struct text_rule rule = {.max_bytes = 3, .required = true};
    struct request *r = &d->request;
    struct slice currency = request_text(r, r->root, "currency", &rule);
    if (r->failed)
        return;
    if (currency.len != 3 || money_decimals(currency.data) < 0)
        request_fail(r, PROBLEM_CURRENCY_UNKNOWN, "currency",
                     "\"%.*s\" is not an ISO 4217 currency", SLICE_ARG(currency));
    else
        memcpy(d->currency, currency.data, 3);
}

/* The body without its plan, which is read apart: a tree of 70,000 seats would be made for
 * nothing. */
static void read_body(struct definition *d, struct slice body, struct slice *ret_plan)
{
    struct slice plan = SLICE("");
    BUF_AUTO struct buf rest = BUF_INIT;
    if (definition_cut(body, SLICE("plan"), &plan) && plan.data[0] == '{') {
        size_t before = (size_t)(plan.data - body.data);
        buf_append(&rest, body.data, before);
        buf_append_text(&rest, "null");
        buf_append(&rest, plan.data + plan.len, body.len - before - plan.len);
        *ret_plan = plan;
        body = buf_slice(&rest);
    }
    request_read(body, &d->request);
    if (d->request.failed)
        return;
    const json_t *left = json_object_get(d->request.root, "plan");
    if (left && !json_is_null(left))
        request_fail(&d->request, PROBLEM_BAD_VALUE, "plan", "\"plan\" must be an object");
    request_members(
        &d->request, d->request.root, "",
        "name starts_at timezone venue performers category currency plan renumber areas "
        "price_categories tax fee_bearer payment_methods processing_seconds price_rules "
        "price_ceilings packages sale limits hold_seconds pay_seconds blocked allocations quotas "
        "queue");
}

bool definition_read(struct slice body, const struct definition_options *options,
                     struct definition *ret_definition)
{
    struct definition *d = ret_definition;
    struct request *r = &d->request;
    *d = (struct definition){
        .places = {.keys = options->keys, .event_random = options->event_random},
    };
    struct slice plan = SLICE("");
    read_body(d, body, &plan);
    if (!r->failed)
        read_currency(d);
    if (!r->failed)
        read_terms(d);
    if (!r->failed)
        queue_terms_read_new(r, (struct queue_sale){d->opens_at_us, d->closes_at_us}, &d->queue);
    if (!r->failed)
        sale_terms_read(r, &d->terms);
    if (!r->failed)
        read_categories(d);
    if (!r->failed)
        read_price_plan(d);
    if (!r->failed)
        read_areas(d);
    if (!r->failed && plan.len)
        read_plan(d, plan, options->plans_dir);
    if (!r->failed)
        write_document(d);
    if (!r->failed)
        write_inventory(d);
    const json_t *blocked = r->failed ? NULL : request_array(r, r->root, "blocked", LIMIT_UNITS);
    if (blocked)
        (void)places_seats(r, blocked, "blocked", &d->places, &d->blocked, &d->blocked_count);
    if (!r->failed)
        allocations_read(r, &d->places, &d->allocations);
    if (!r->failed)
        quotas_read(r, &d->places, &d->quotas);
    return !r->failed;
}

void definition_finish(struct definition *d)
{
    request_finish(&d->request);
    buf_finish(&d->faults);
    buf_finish(&d->document);
    buf_finish(&d->inventory);
    seating_drop(d->seating);
    free(d->blocked);
    allocations_finish(&d->allocations);
    free(d->plan_categories);
}
