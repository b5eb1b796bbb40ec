#include "api/wish.h"

#include "api/definition.h"

static void read_seats(struct request *r, const json_t *list, const struct places *places,
                       struct wish *wish)
{
    static const struct text_rule rule = {.max_bytes = LIMIT_SEAT_GUID_BYTES};
    wish->kind = WISH_SEATS;
    wish->count = (uint32_t)json_array_size(list);
    for (uint32_t i = 0; i < wish->count; i++) {
        struct slice guid;
        if (!request_check_text(r, json_array_get(list, i), "seats", &rule, &guid))
            return;
        wish->seats[i] = places_unit(places, guid);
        if (wish->seats[i] == BOOKING_NONE) {
            request_fail_seat(r, "seats", guid);
            return;
        }
    }
    places_sort(wish->seats, wish->count);
}

#define NO_PRICE_MAX (-1) /* 0 is one: places that cost nothing */

/* A bound of one place's price with its fee; `absent` when there is none. */
static int64_t read_price(struct request *r, const json_t *best, const char *key, const char *name,
                          const struct api_event *event, int64_t absent)
{
    const json_t *value = json_object_get(best, key);
    return !value || json_is_null(value) ? absent
                                         : definition_amount(r, value, name, event->currency);
}

static void read_best_categories(struct request *r, const json_t *best, const struct places *places,
                                 struct command_hold *to)
{
    const json_t *one = json_object_get(best, "category");
    const json_t *several = request_array(r, best, "categories", LIMIT_PRICE_CATEGORIES);
    bool any = !one || json_is_null(one);
    if (!any && several)
        request_fail(r, PROBLEM_BAD_VALUE, "best.category",
                     "Give one of \"category\" and \"categories\"");
    else if (!any)
        to->best_categories = 1ull << places_category(r, one, "best.category", places);
    else if (several)
        to->best_categories = places_categories(r, several, "best.categories", places);
}

static void read_best_section(struct request *r, const json_t *best, const struct places *places,
                              struct command_hold *to)
{
    static const struct text_rule rule = {.within = "best", .max_bytes = LIMIT_PLAN_LABEL_BYTES};
    struct slice id = request_text(r, best, "section", &rule);
    if (r->failed || id.len == 0)
        return;
    int64_t section = places->seating ? plan_section_find(places->seating->plan, id) : -1;
    if (section < 0)
        request_fail(r, PROBLEM_UNKNOWN_SECTION, "best.section",
                     "The event's plan has no section \"%.*s\"", SLICE_ARG(id));
    else
        to->best_section = (uint32_t)section + 1;
}

static void read_best(struct request *r, const json_t *best, const struct api_event *event,
                      const struct places *places, struct wish *wish)
{
    static const struct integer_rule quantity_rule = {
        .within = "best", .min = 1, .max = LIMIT_BUYER_UNITS, .required = true};
    struct command_hold *to = &wish->best;
    wish->kind = WISH_BEST;
    request_members(r, best, "best",
                    "category categories quantity price_min price_max accessible section");
    to->best_quantity = (uint32_t)request_integer(r, best, "quantity", &quantity_rule);
    struct integer_rule accessible_rule = {.within = "best", .max = to->best_quantity};
    to->best_accessible = (uint32_t)request_integer(r, best, "accessible", &accessible_rule);
    to->best_price_min = read_price(r, best, "price_min", "best.price_min", event, 0);
    int64_t price_max = read_price(r, best, "price_max", "best.price_max", event, NO_PRICE_MAX);
    to->best_price_below = price_max + 1;
    if (price_max != NO_PRICE_MAX && price_max < to->best_price_min)
        request_fail(r, PROBLEM_BAD_VALUE, "best.price_max",
                     "\"best.price_max\" is below \"best.price_min\"");
    if (!r->failed)
        read_best_categories(r, best, places, to);
    if (!r->failed)
        read_best_section(r, best, places, to);
}

static void read_code(struct request *r, const struct places *places, struct wish *wish)
{
    const json_t *code = json_object_get(r->root, "code");
    BUF_AUTO struct buf hash = BUF_INIT;
    if (r->failed || !code || json_is_null(code) || !places_code(r, code, "code", places, &hash))
        return;
    memcpy(&wish->code, hash.data, sizeof wish->code);
    wish->has_code = true;
}

bool wish_read(struct request *r, const struct api_event *event, const struct places *places,
               bool changing, struct wish *ret_wish)
{
    struct wish *wish = ret_wish;
    *wish = (struct wish){0};
    request_members(r, r->root, "", changing ? "seats code" : "seats areas best code");
    const json_t *seats = request_array(r, r->root, "seats", LIMIT_BUYER_UNITS);
    const json_t *areas = changing ? NULL : request_array(r, r->root, "areas", LIMIT_BUYER_UNITS);
    const json_t *best = changing ? NULL : request_object(r, r->root, "best");
    if (r->failed)
        return false;
    if ((seats != NULL) + (areas != NULL) + (best != NULL) != 1 ||
        (seats && json_array_size(seats) == 0) || (areas && json_array_size(areas) == 0))
        request_fail(r, PROBLEM_EMPTY_REQUEST, "", "%s",
                     changing ? "Give the \"seats\" that the hold shall have"
                              : problem_booking_detail(BOOKING_EMPTY_REQUEST));
    else if (json_array_size(seats) > LIMIT_HOLD_UNITS || json_array_size(areas) > LIMIT_HOLD_UNITS)
        request_fail(r, PROBLEM_HOLD_LIMIT_REACHED, seats ? "seats" : "areas",
                     "A hold has at most %u places", LIMIT_HOLD_UNITS);
    else if (seats)
        read_seats(r, seats, places, wish);
    else if (best)
        read_best(r, best, event, places, wish);
    if (!r->failed && areas) {
        wish->kind = WISH_AREAS;
        wish->count = places_areas(r, areas, "areas", LIMIT_HOLD_UNITS, places, wish->areas);
    }
    read_code(r, places, wish);
    return !r->failed;
}
