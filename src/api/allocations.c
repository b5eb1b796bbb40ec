#include "api/allocations.h"

#include "api/event_json.h"

#include <stdlib.h>

#define MEMBERS                                                                               \
    "id name kind seats area quantity areas remove_seats remove_areas code codes code_limit " \
    "revoke opens_at releases_at release"

/* ---- one ---- */

static uint8_t read_kind(struct request *r, const json_t *item, uint8_t absent)
{
    static const struct text_rule rule = {.within = "allocations", .max_bytes = 16};
    struct slice kind = request_text(r, item, "kind", &rule);
    for (unsigned k = BOOKING_ALLOCATION_HOLDBACK; k <= BOOKING_ALLOCATION_VIP; k++) {
        if (slice_equal(kind, slice_from_string(event_allocation_kind(k))))
            return (uint8_t)k;
    }
    if (kind.len)
        request_fail(r, PROBLEM_BAD_VALUE, "allocations.kind",
                     "\"allocations.kind\" is \"holdback\", \"partner\", \"presale\" or \"vip\"");
    return absent;
}

/* Null takes a time away, absence leaves it. */
static void read_times(struct request *r, const json_t *item, const struct places *places,
                       struct command_change_allocation *c)
{
    struct instant_rule opens = {"allocations", c->opens_at_us};
    struct instant_rule releases = {"allocations", c->releases_at_us};
    c->opens_at_us = request_instant(r, item, "opens_at", &opens);
    c->releases_at_us = request_instant(r, item, "releases_at", &releases);
    if (c->opens_at_us && c->releases_at_us && c->releases_at_us <= c->opens_at_us)
        request_fail(
            r, places->booking ? PROBLEM_BAD_CHANGE : PROBLEM_EVENT_INVALID,
            "allocations.releases_at",
            "\"allocations.releases_at\" must be later than \"allocations.opens_at\", or its "
            "codes would never open anything");
}

/* "area" and "quantity" are short for one of "areas". */
static uint32_t read_areas(struct request *r, const json_t *item, const struct places *places,
                           uint32_t *pairs)
{
    static const struct text_rule area_rule = {.within = "allocations",
                                               .max_bytes = LIMIT_SEAT_GUID_BYTES};
    static const struct integer_rule quantity_rule = {
        .within = "allocations", .min = 1, .max = LIMIT_UNITS};
    struct slice area = request_text(r, item, "area", &area_rule);
    int64_t quantity = request_integer(r, item, "quantity", &quantity_rule);
    const json_t *areas = request_array(r, item, "areas", LIMIT_AREAS);
    if (!area.len && !quantity)
        return places_areas(r, areas, "allocations.areas", LIMIT_AREAS, places, pairs);
    if (!area.len || !quantity || areas) {
        request_fail(r, PROBLEM_BAD_VALUE, "allocations.area",
                     "An area needs a quantity, and stands alone or in \"areas\"");
        return 0;
    }
    pairs[0] = places_area(r, area, "allocations.area", places);
    pairs[1] = (uint32_t)quantity;
    return 1;
}

static void read_places(struct request *r, const json_t *item, const struct places *places,
                        struct allocation_change *a)
{
    uint32_t count;
    const json_t *add = request_array(r, item, "seats", LIMIT_UNITS);
    const json_t *remove = request_array(r, item, "remove_seats", LIMIT_UNITS);
    if (!r->failed && places_seats(r, add, "allocations.seats", places, &a->add, &count))
        a->command.add = (struct u32s){a->add, count};
    if (!r->failed &&
        places_seats(r, remove, "allocations.remove_seats", places, &a->remove, &count))
        a->command.remove = (struct u32s){a->remove, count};
    count = read_areas(r, item, places, a->add_areas);
    a->command.add_areas = (struct u32s){a->add_areas, count * 2};
    const json_t *areas = request_array(r, item, "remove_areas", LIMIT_AREAS);
    count =
        places_areas(r, areas, "allocations.remove_areas", LIMIT_AREAS, places, a->remove_areas);
    a->command.remove_areas = (struct u32s){a->remove_areas, count * 2};
}

/* Those that open the allocation already are left out: told again, they would lose their limit. */
static void drop_known_codes(const struct places *places, uint32_t number, struct buf *codes)
{
    size_t kept = 0;
    if (!places->booking)
        return;
    for (size_t at = 0; at < codes->len; at += sizeof(struct hash16)) {
        struct hash16 code;
        memcpy(&code, codes->data + at, sizeof code);
        if (booking_code_allocation(places->booking, code) == number)
            continue;
        memcpy(codes->data + kept, &code, sizeof code);
        kept += sizeof code;
    }
    codes->len = kept;
}

static void read_codes(struct request *r, const json_t *item, const struct places *places,
                       struct allocation_change *a)
{
    static const struct integer_rule limit_rule = {.within = "allocations", .max = LIMIT_UNITS};
    const json_t *one = json_object_get(item, "code");
    const json_t *codes = request_array(r, item, "codes", LIMIT_COMMAND_CODES);
    const json_t *revoke = request_array(r, item, "revoke", LIMIT_COMMAND_CODES);
    if (!r->failed && one && !json_is_null(one))
        (void)places_code(r, one, "allocations.code", places, &a->codes);
    if (!r->failed)
        (void)places_codes(r, codes, "allocations.codes", places, &a->codes);
    if (!r->failed)
        (void)places_codes(r, revoke, "allocations.revoke", places, &a->revoke);
    a->command.code_limit = (uint32_t)request_integer(r, item, "code_limit", &limit_rule);
    if (a->command.code_limit && a->codes.len == 0)
        request_fail(r, PROBLEM_BAD_VALUE, "allocations.code_limit",
                     "\"allocations.code_limit\" is told with the codes it is for");
    if (a->codes.len / sizeof(struct hash16) > LIMIT_COMMAND_CODES)
        request_fail(r, PROBLEM_BAD_VALUE, "allocations.codes",
                     "\"allocations.codes\" has more than %u members", LIMIT_COMMAND_CODES);
    if (!json_object_get(item, "code_limit"))
        drop_known_codes(places, a->command.allocation, &a->codes);
    a->command.codes = buf_slice(&a->codes);
    a->command.revoke = buf_slice(&a->revoke);
}

/* What an allocation is when the request does not say. A copy: the machine's own memory changes
 * while it takes the command. */
static struct command_change_allocation known_terms(const struct places *places, uint32_t number,
                                                    struct slice id, struct allocation_change *a)
{
    struct command_change_allocation c = {.allocation = number, .id = id};
    bool exists = places->booking && number <= booking_event(places->booking).allocation_count;
    struct slice name = id;
    if (exists) {
        struct booking_allocation known = booking_allocation_terms(places->booking, number);
        name = known.name;
        c.kind = (uint8_t)known.kind;
        c.opens_at_us = known.opens_at_us;
        c.releases_at_us = known.releases_at_us;
    }
    memcpy(a->name, name.data, name.len);
    c.name = slice_make(a->name, name.len);
    return c;
}

static void read_one(struct request *r, const json_t *item, const struct places *places,
                     uint32_t number, struct allocation_change *a)
{
    static const struct text_rule name_rule = {.within = "allocations",
                                               .max_bytes = LIMIT_NAME_BYTES};
    const json_t *id = json_object_get(item, "id");
    a->command =
        known_terms(places, number, slice_make(json_string_value(id), json_string_length(id)), a);
    request_members(r, item, "allocations", MEMBERS);
    struct slice name = request_text(r, item, "name", &name_rule);
    if (name.len)
        a->command.name = name;
    read_times(r, item, places, &a->command);
    const json_t *release = json_object_get(item, "release");
    if (release && !json_is_boolean(release))
        request_fail(r, PROBLEM_BAD_VALUE, "allocations.release",
                     "\"allocations.release\" must be true or false");
    a->command.release = json_is_true(release);
    if (!r->failed)
        read_places(r, item, places, a);
    if (!r->failed)
        read_codes(r, item, places, a);
    uint8_t natural = a->codes.len ? BOOKING_ALLOCATION_PRESALE : BOOKING_ALLOCATION_HOLDBACK;
    a->command.kind = read_kind(r, item, a->command.kind ? a->command.kind : natural);
}

/* ---- all ---- */

/* Released already, and nothing else is asked of it: the request was sent again. */
static bool is_released_again(const struct places *places, const json_t *item, uint32_t known)
{
    return known && json_object_size(item) == 2 && json_is_true(json_object_get(item, "release")) &&
           booking_allocation_terms(places->booking, known).released;
}

/* Their ids, each once: the numbers follow from them. */
static bool check_ids(struct request *r, const json_t *list)
{
    static const struct text_rule rule = {
        .within = "allocations", .max_bytes = LIMIT_ALLOCATION_ID_BYTES, .required = true};
    for (size_t i = 0; i < json_array_size(list); i++) {
        const json_t *item = json_array_get(list, i);
        if (!json_is_object(item))
            request_fail(r, PROBLEM_BAD_VALUE, "allocations",
                         "Each of \"allocations\" is an object with an id");
        struct slice id = request_text(r, item, "id", &rule);
        for (size_t k = 0; !r->failed && k < i; k++) {
            const json_t *other = json_object_get(json_array_get(list, k), "id");
            if (slice_equal(id, slice_make(json_string_value(other), json_string_length(other))))
                request_fail(r, PROBLEM_BAD_VALUE, "allocations.id",
                             "Two allocations are called \"%.*s\"", SLICE_ARG(id));
        }
    }
    return !r->failed;
}

void allocations_read(struct request *r, const struct places *places,
                      struct allocations *ret_allocations)
{
    *ret_allocations = (struct allocations){0};
    const json_t *list = request_array(r, r->root, "allocations", LIMIT_ALLOCATIONS);
    size_t count = json_array_size(list);
    if (r->failed || count == 0 || !check_ids(r, list))
        return;
    ret_allocations->items = calloc(count, sizeof *ret_allocations->items);
    if (!ret_allocations->items) {
        request_fail(r, PROBLEM_BUSY, "", "There is not enough memory at the moment");
        return;
    }
    uint32_t next = places->booking ? booking_event(places->booking).allocation_count + 1 : 1;
    for (size_t i = 0; !r->failed && i < count; i++) {
        const json_t *item = json_array_get(list, i), *id = json_object_get(item, "id");
        struct slice name = slice_make(json_string_value(id), json_string_length(id));
        uint32_t known = places->booking ? booking_allocation_find(places->booking, name) : 0;
        if (is_released_again(places, item, known))
            continue;
        read_one(r, item, places, known ? known : next++,
                 &ret_allocations->items[ret_allocations->count++]);
    }
}

void allocations_finish(struct allocations *allocations)
{
    for (uint32_t i = 0; i < allocations->count; i++) {
        struct allocation_change *a = &allocations->items[i];
        free(a->add);
        free(a->remove);
        buf_finish(&a->codes);
        buf_finish(&a->revoke);
    }
    free(allocations->items);
}

uint32_t allocations_commands(const struct allocations *allocations,
                              struct booking_command ret_commands[LIMIT_ALLOCATIONS])
{
    for (uint32_t i = 0; i < allocations->count; i++)
        ret_commands[i] =
            (struct booking_command){.number = BOOKING_COMMAND_change_allocation,
                                     .change_allocation = allocations->items[i].command};
    return allocations->count;
}

void quotas_read(struct request *r, const struct places *places, struct quotas *ret_quotas)
{
    static const struct integer_rule limit_rule = {
        .within = "quotas", .max = LIMIT_UNITS, .required = true};
    const json_t *list = request_array(r, r->root, "quotas", LIMIT_QUOTAS);
    ret_quotas->count = 0;
    ret_quotas->given = list != NULL;
    for (size_t i = 0; !r->failed && i < json_array_size(list); i++) {
        const json_t *item = json_array_get(list, i);
        if (!json_is_object(item)) {
            request_fail(r, PROBLEM_BAD_VALUE, "quotas",
                         "Each of \"quotas\" is {categories, limit}");
            return;
        }
        request_members(r, item, "quotas", "categories limit");
        const json_t *categories = request_array(r, item, "categories", LIMIT_PRICE_CATEGORIES);
        ret_quotas->categories[i] = places_categories(r, categories, "quotas.categories", places);
        ret_quotas->limits[i] = (uint32_t)request_integer(r, item, "limit", &limit_rule);
        ret_quotas->count++;
    }
}

void quotas_set(const struct quotas *quotas, struct command_change_event *change)
{
    change->set_quotas = quotas->given;
    change->quota_categories = (struct u64s){quotas->categories, quotas->count};
    change->quota_limits = (struct u32s){quotas->limits, quotas->count};
}
