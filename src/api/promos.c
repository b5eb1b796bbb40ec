/* promos: promo codes. Like access codes they are hashed where they are read, never stored or
 * logged, and wrong ones are counted by network. */
#include "api/promos.h"

#include "api/auth.h"
#include "api/codes.h"
#include "api/definition.h"
#include "api/event_json.h"
#include "api/holds.h"
#include "api/places.h"
#include "api/prices.h"
#include "routes.gen.h"

/* ---- refusals ---- */

bool promo_is_refusal(enum booking_refusal refusal)
{
    return refusal == BOOKING_PROMO_UNKNOWN || refusal == BOOKING_PROMO_NOT_VALID ||
           refusal == BOOKING_PROMO_NOT_APPLICABLE || refusal == BOOKING_PROMO_USED_UP;
}

void promo_answer_refused(struct http_exchange *x, const struct api_event *event,
                          struct hash16 code, const struct engine_result *result)
{
    struct booking_promo_terms terms;
    BUF_AUTO struct buf extra = BUF_INIT;
    struct json j;
    json_begin(&j, &extra);
    json_put_object(&j, NULL);
    bool known = booking_promo_get(result->booking, code, &terms);
    if (known && result->refusal == BOOKING_PROMO_NOT_VALID) {
        event_write_time(&j, "valid_from", terms.from_us);
        event_write_time(&j, "valid_until", terms.until_us);
    }
    if (known && result->refusal == BOOKING_PROMO_NOT_APPLICABLE && terms.categories)
        prices_write_categories(&j, "categories", event, terms.categories);
    json_end(&j);
    if (result->refusal == BOOKING_PROMO_UNKNOWN)
        auth_guessed_wrong(x);
    problem_answer_extra(x, problem_of_booking(result->refusal), result->barrier,
                         slice_from_string(problem_booking_detail(result->refusal)),
                         problem_members(&extra));
}

/* ---- a hold's code ---- */

static void quote_hold(struct http_exchange *x, const struct api_event *event, struct id id,
                       struct hash16 code)
{
    struct booking_command command = {.number = BOOKING_COMMAND_quote_hold};
    command.quote_hold = (struct command_quote_hold){.hold = id.slot,
                                                     .hold_random = id.random,
                                                     .session = api_caller(x)->session.hash,
                                                     .promo = code};
    struct engine_result result;
    engine_submit(api_of(x)->options.engine, event->partition, &command, &result);
    if (api_result_failed(x, &result))
        return;
    if (result.refusal == BOOKING_OK)
        hold_answer(x, 200, event, result.booking, id, result.barrier);
    else if (promo_is_refusal(result.refusal))
        promo_answer_refused(x, event, code, &result);
    else
        problem_answer(x, problem_of_booking(result.refusal), result.barrier, "%s",
                       problem_booking_detail(result.refusal));
}

void api_hold_promo_set(struct http_exchange *x)
{
    struct api_event *event;
    struct id id;
    struct hash16 code;
    const struct booking *b = api_booking(x, &event);
    if (b && hold_of_path(x, event, &id) && code_of_body(x, event, b, &code))
        quote_hold(x, event, id, code);
}

void api_hold_promo_delete(struct http_exchange *x)
{
    struct api_event *event;
    struct id id;
    const struct booking *b = api_booking(x, &event);
    if (b && hold_of_path(x, event, &id))
        quote_hold(x, event, id, (struct hash16){{0}});
}

/* ---- the organiser's ---- */

static const struct {
    enum booking_promo kind;
    const char *name;
} kinds[] = {
    {BOOKING_PROMO_PERCENT, "percent"},
    {BOOKING_PROMO_AMOUNT, "amount"},
    {BOOKING_PROMO_FIXED, "fixed"},
};

static const char *kind_name(enum booking_promo kind)
{
    for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++) {
        if (kinds[i].kind == kind)
            return kinds[i].name;
    }
    return NULL;
}

static void write_bound(struct json *j, const char *key, uint64_t value)
{
    if (value)
        json_put_u64(j, key, value);
    else
        json_put_null(j, key);
}

static void write_promo(struct json *j, const struct api_event *event, struct slice code,
                        const struct booking_promo_terms *t)
{
    json_put_object(j, NULL);
    json_put_text(j, "code", code);
    json_put_bool(j, "revoked", t->kind == 0);
    json_put_string(j, "kind", kind_name(t->kind));
    if (t->kind == BOOKING_PROMO_AMOUNT || t->kind == BOOKING_PROMO_FIXED)
        json_put_money(j, "value", (int64_t)t->value, event->currency);
    else
        json_put_u64(j, "value", t->value);
    prices_write_categories(j, "categories", event, t->categories);
    write_bound(j, "uses", t->uses);
    json_put_u64(j, "used", t->used);
    if (t->budget)
        json_put_money(j, "budget", (int64_t)t->budget, event->currency);
    else
        json_put_null(j, "budget");
    json_put_money(j, "spent", (int64_t)t->spent, event->currency);
    event_write_time(j, "valid_from", t->from_us);
    event_write_time(j, "valid_until", t->until_us);
    write_bound(j, "max_units", t->max_units);
    json_end(j);
}

/* What a request of an organiser names: the codes' hashes, and their texts in its body. */
struct named {
    struct request request;
    struct places places;
    struct buf hashes;
};

static struct slice code_text(const struct named *n, size_t i)
{
    const json_t *list = json_object_get(n->request.root, "codes");
    const json_t *code = i < json_array_size(list) ? json_array_get(list, i)
                                                   : json_object_get(n->request.root, "code");
    return slice_make(json_string_value(code), json_string_length(code));
}

static void answer_promos(struct http_exchange *x, const struct api_event *event,
                          const struct booking *b, const struct named *n)
{
    BUF_AUTO struct buf body = BUF_INIT;
    struct json j;
    json_begin(&j, &body);
    json_put_object(&j, NULL);
    json_put_array(&j, "items");
    for (size_t i = 0; i < n->hashes.len / sizeof(struct hash16); i++) {
        struct hash16 code;
        struct booking_promo_terms terms;
        memcpy(&code, n->hashes.data + i * sizeof code, sizeof code);
        if (booking_promo_get(b, code, &terms))
            write_promo(&j, event, code_text(n, i), &terms);
    }
    json_end(&j);
    json_end(&j);
    http_add_header(x, "Cache-Control", SLICE("no-store"));
    api_answer_json(x, 200, &body, engine_barrier(api_of(x)->options.engine));
}

/* Reads `codes`, and `code` where it is allowed. */
static void read_codes(struct named *n, bool one)
{
    struct request *r = &n->request;
    const json_t *list = request_array(r, r->root, "codes", LIMIT_COMMAND_CODES);
    const json_t *single = one ? json_object_get(r->root, "code") : NULL;
    if (!r->failed && list)
        (void)places_codes(r, list, "codes", &n->places, &n->hashes);
    if (!r->failed && single && !json_is_null(single))
        (void)places_code(r, single, "code", &n->places, &n->hashes);
    if (!r->failed && n->hashes.len == 0)
        request_fail(r, PROBLEM_BAD_VALUE, "codes", "\"codes\" must name a code");
    if (!r->failed && n->hashes.len / sizeof(struct hash16) > LIMIT_COMMAND_CODES)
        request_fail(r, PROBLEM_BAD_VALUE, "codes", "\"codes\" has more than %u members",
                     LIMIT_COMMAND_CODES);
}

static void submit_promos(struct http_exchange *x, const struct api_event *event,
                          const struct command_change_promos *change, const struct named *n)
{
    const struct booking_command command = {.number = BOOKING_COMMAND_change_promos,
                                            .change_promos = *change};
    struct engine_result result;
    engine_submit(api_of(x)->options.engine, event->partition, &command, &result);
    if (api_result_failed(x, &result))
        return;
    if (result.refusal == BOOKING_OK)
        answer_promos(x, event, result.booking, n);
    else
        event_answer_refused(x, event, &result);
}

static void read_value(struct request *r, const char *currency,
                       struct command_change_promos *change)
{
    const json_t *value = json_object_get(r->root, "value");
    if (change->kind != BOOKING_PROMO_PERCENT) {
        change->value = (uint64_t)definition_amount(r, value, "value", currency);
        if (!r->failed && change->kind == BOOKING_PROMO_AMOUNT && change->value == 0)
            request_fail(r, PROBLEM_BAD_VALUE, "value", "An amount of 0 takes nothing off");
        return;
    }
    static const struct integer_rule share = {.min = 1, .max = 10000, .required = true};
    change->value = (uint64_t)request_integer(r, r->root, "value", &share);
}

static void read_promo(struct named *n, const char *currency, struct command_change_promos *change)
{
    static const struct text_rule word = {.max_bytes = 16, .required = true};
    static const struct integer_rule uses = {.max = LIMIT_UNITS};
    static const struct integer_rule units = {.max = LIMIT_HOLD_UNITS};
    static const struct instant_rule instant = {0};
    struct request *r = &n->request;
    request_members(
        r, r->root, "",
        "code codes kind value categories uses budget valid_from valid_until max_units");
    struct slice kind = request_text(r, r->root, "kind", &word);
    for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++) {
        if (slice_equal(kind, slice_from_string(kinds[i].name)))
            change->kind = (uint8_t)kinds[i].kind;
    }
    if (!r->failed && change->kind == 0)
        request_fail(r, PROBLEM_BAD_VALUE, "kind",
                     "\"kind\" is \"percent\", \"amount\" or \"fixed\"");
    if (!r->failed)
        read_value(r, currency, change);
    const json_t *categories = request_array(r, r->root, "categories", LIMIT_PRICE_CATEGORIES);
    if (!r->failed && json_array_size(categories))
        change->categories = places_categories(r, categories, "categories", &n->places);
    change->uses = (uint32_t)request_integer(r, r->root, "uses", &uses);
    change->max_units = (uint32_t)request_integer(r, r->root, "max_units", &units);
    const json_t *budget = json_object_get(r->root, "budget");
    if (!r->failed && budget && !json_is_null(budget))
        change->budget = (uint64_t)definition_amount(r, budget, "budget", currency);
    change->from_us = request_instant(r, r->root, "valid_from", &instant);
    change->until_us = request_instant(r, r->root, "valid_until", &instant);
    if (change->until_us && change->until_us <= change->from_us)
        request_fail(r, PROBLEM_BAD_VALUE, "valid_until",
                     "\"valid_until\" must be later than \"valid_from\"");
}

enum promo_wish { PROMO_SET, PROMO_LOOK, PROMO_REVOKE };

static void organise(struct http_exchange *x, enum promo_wish wish)
{
    struct api_event *event;
    struct named n = {.hashes = BUF_INIT};
    struct command_change_promos change = {0};
    const struct booking *b = api_booking(x, &event);
    if (!b || !request_begin(x, &n.request))
        return;
    places_of_event(event, b, api_of(x)->options.keys, &n.places);
    if (wish == PROMO_SET)
        read_promo(&n, event->currency, &change);
    else
        request_members(&n.request, n.request.root, "", "codes");
    read_codes(&n, wish == PROMO_SET);
    if (request_end(&n.request)) {
        *(wish == PROMO_SET ? &change.codes : &change.revoke) = buf_slice(&n.hashes);
        if (wish == PROMO_LOOK)
            answer_promos(x, event, b, &n);
        else
            submit_promos(x, event, &change, &n);
        request_finish(&n.request);
    }
    buf_finish(&n.hashes);
}

void api_organiser_promo_set(struct http_exchange *x)
{
    organise(x, PROMO_SET);
}

void api_organiser_promo_look(struct http_exchange *x)
{
    organise(x, PROMO_LOOK);
}

void api_organiser_promo_revoke(struct http_exchange *x)
{
    organise(x, PROMO_REVOKE);
}
