/*
 * read: pretix seating-plan JSON into the model. Strict about the keys we know (type, length,
 * range: each culprit is a problem), lenient about those we do not: they are left out and noted.
 * Keys of the older 0.0.1 that carry nothing we need are passed over in silence.
 */
#include "plan/model.h"

#include "base/json.h"
#include <jansson.h>

#include <math.h>
#include <stdlib.h>

#define NOTED_KEYS_MAX 32
#define NOTED_KEY_BYTES 64

enum level { LEVEL_PLAN, LEVEL_CATEGORY, LEVEL_ZONE, LEVEL_ROW, LEVEL_SEAT, LEVEL_AREA };

struct reader {
    struct plan *plan;
    struct problems *problems;
    enum level level; /* what is being read; its index is the last one of its list */
    bool full;        /* a bound of the whole plan was passed: stop */
    bool no_memory;
    uint32_t noted;
    struct {
        enum level level;
        char key[NOTED_KEY_BYTES];
    } notes[NOTED_KEYS_MAX];
};

static void reader_place(const struct reader *r, char ret_text[NAME_TEXT_MAX])
{
    const struct plan *plan = r->plan;
    switch (r->level) {
    case LEVEL_PLAN: (void)snprintf(ret_text, NAME_TEXT_MAX, "plan"); break;
    case LEVEL_CATEGORY:
        (void)snprintf(ret_text, NAME_TEXT_MAX, "category %u", plan->categories.count);
        break;
    case LEVEL_ZONE: model_name_zone(plan, plan->zones.count - 1, ret_text); break;
    case LEVEL_ROW: model_name_row(plan, plan->rows.count - 1, ret_text); break;
    case LEVEL_SEAT: model_name_seat(plan, plan->seats.count - 1, ret_text); break;
    case LEVEL_AREA: {
        model_name_zone(plan, plan->zones.count - 1, ret_text);
        size_t len = strlen(ret_text);
        (void)snprintf(ret_text + len, NAME_TEXT_MAX - len, " area %u",
                       plan->zones.items[plan->zones.count - 1].shape_count);
        break;
    }
    }
}

PRINTF_LIKE(2, 3) static void complain(struct reader *r, const char *format, ...)
{
    char where[NAME_TEXT_MAX] = "", what[NAME_TEXT_MAX];
    va_list args;
    va_start(args, format);
    (void)vsnprintf(what, sizeof what, format, args);
    va_end(args);
    reader_place(r, where);
    problems_add(r->problems, "%s: %s", where, what);
}

/* Ends the reading: the plan is larger than anything we take. */
PRINTF_LIKE(2, 3) static void overflow(struct reader *r, const char *format, ...)
{
    char what[200];
    va_list args;
    va_start(args, format);
    (void)vsnprintf(what, sizeof what, format, args);
    va_end(args);
    problems_add(r->problems, "plan: %s", what);
    r->full = true;
}

static const char *const level_words[] = {"the plan", "categories", "zones",
                                          "rows",     "seats",      "areas"};

static void note_unknown(struct reader *r, const char *key)
{
    for (uint32_t i = 0; i < r->noted; i++) {
        if (r->notes[i].level == r->level &&
            strncmp(r->notes[i].key, key, NOTED_KEY_BYTES - 1) == 0)
            return;
    }
    if (r->noted == NOTED_KEYS_MAX)
        return;
    r->notes[r->noted].level = r->level;
    (void)snprintf(r->notes[r->noted].key, NOTED_KEY_BYTES, "%s", key);
    r->noted++;
    char where[NAME_TEXT_MAX];
    reader_place(r, where);
    buf_append_text(&r->plan->notes, "unknown key ");
    size_t len = strlen(key);
    json_escape(&r->plan->notes, slice_make(key, len < NOTED_KEY_BYTES ? len : NOTED_KEY_BYTES));
    buf_append_format(&r->plan->notes, " of %s is not kept (first: ", level_words[r->level]);
    buf_append_text(&r->plan->notes, where);
    buf_append_text(&r->plan->notes, ")\n");
}

static void check_keys(struct reader *r, json_t *object, const char *const *known)
{
    for (void *at = json_object_iter(object); at; at = json_object_iter_next(object, at)) {
        const char *key = json_object_iter_key(at);
        const char *const *k = known;
        while (*k && strcmp(*k, key) != 0)
            k++;
        if (!*k)
            note_unknown(r, key);
    }
}

static struct text keep(struct reader *r, const char *data, size_t len)
{
    struct text kept = {(uint32_t)r->plan->texts.len, (uint32_t)len};
    buf_append(&r->plan->texts, data, len);
    if (r->plan->texts.failed) {
        r->no_memory = true;
        return (struct text){0, 0};
    }
    return kept;
}

enum need { OPTIONAL, REQUIRED, NULLABLE };

static struct text read_text(struct reader *r, json_t *object, const char *key, enum need need,
                             size_t max)
{
    json_t *value = json_object_get(object, key);
    if (!value && need == REQUIRED)
        complain(r, "%s is missing", key);
    if (!value || (need == NULLABLE && json_is_null(value)))
        return (struct text){0, 0};
    if (!json_is_string(value)) {
        complain(r, "%s is not a text", key);
        return (struct text){0, 0};
    }
    size_t len = json_string_length(value);
    if (len > max) {
        complain(r, "%s is %zu bytes long, at most %zu are allowed", key, len, max);
        return (struct text){0, 0};
    }
    return keep(r, json_string_value(value), len);
}

/* Names a colour as CSS does; the charset keeps it harmless wherever a page puts it. */
static struct text read_color(struct reader *r, json_t *object, const char *key)
{
    struct text color = read_text(r, object, key, NULLABLE, LIMIT_PLAN_LABEL_BYTES);
    struct slice s = model_text(r->plan, color);
    for (size_t i = 0; i < s.len; i++) {
        char c = s.data[i];
        bool plain = (c >= '0' && c <= '9') || ((c | 32) >= 'a' && (c | 32) <= 'z');
        if (!plain && (c == '\0' || !strchr("#(),.% -", c))) {
            complain(r, "%s is not a colour", key);
            return (struct text){0, 0};
        }
    }
    return color;
}

/* Finds one of the texts `words[1..count-1]`; 0 when absent, null or (a problem) something else. */
static uint8_t read_word(struct reader *r, json_t *object, const char *key,
                         const char *const *words, uint8_t count)
{
    json_t *value = json_object_get(object, key);
    if (!value || json_is_null(value))
        return 0;
    for (uint8_t i = 0; i < count && json_is_string(value); i++) {
        if (strcmp(words[i], json_string_value(value)) == 0)
            return i;
    }
    complain(r, "%s is none of the words allowed there", key);
    return 0;
}

static bool read_number(struct reader *r, json_t *object, const char *key, double max,
                        double *ret_value)
{
    json_t *value = json_object_get(object, key);
    if (!value) {
        complain(r, "%s is missing", key);
        return false;
    }
    if (!json_is_number(value)) {
        complain(r, "%s is not a number", key);
        return false;
    }
    double number = json_number_value(value);
    if (!isfinite(number) || fabs(number) > max) {
        complain(r, "%s is beyond +-%.0f", key, max);
        return false;
    }
    *ret_value = number == 0 ? 0 : number; /* -0 reads back as 0 */
    return true;
}

static bool read_integer(struct reader *r, json_t *object, const char *key, double min, double max,
                         double *ret_value)
{
    double number;
    if (!read_number(r, object, key, 1e15, &number))
        return false;
    if (number != floor(number) || number < min || number > max) {
        complain(r, "%s is not a whole number from %.0f to %.0f", key, min, max);
        return false;
    }
    *ret_value = number;
    return true;
}

static json_t *read_member(struct reader *r, json_t *object, const char *key, bool array,
                           enum need need)
{
    json_t *value = json_object_get(object, key);
    if (!value) {
        if (need == REQUIRED)
            complain(r, "%s is missing", key);
        return NULL;
    }
    if (array ? json_is_array(value) : json_is_object(value))
        return value;
    complain(r, array ? "%s is not a list" : "%s is not an object", key);
    return NULL;
}

static struct point read_xy(struct reader *r, json_t *object)
{
    static const char *const known[] = {"x", "y", NULL};
    struct point at = {0, 0};
    check_keys(r, object, known);
    if (!read_number(r, object, "x", LIMIT_PLAN_COORDINATE, &at.x) ||
        !read_number(r, object, "y", LIMIT_PLAN_COORDINATE, &at.y))
        return (struct point){0, 0};
    return at;
}

static struct point read_point(struct reader *r, json_t *object, const char *key, enum need need)
{
    json_t *value = read_member(r, object, key, false, need);
    return value ? read_xy(r, value) : (struct point){0, 0};
}

static void read_extra(struct reader *r, json_t *object, struct seat *seat)
{
    static const char *const keys[] = {"x_group", "x_companion_of", "x_area", "x_amenities", NULL};
    bool any = false;
    for (const char *const *key = keys; *key; key++)
        any = any || json_object_get(object, *key);
    if (!any)
        return;
    struct seat_extra *extra = LIST_ADD(&r->plan->extras);
    if (!extra) {
        r->no_memory = true;
        return;
    }
    seat->extra = r->plan->extras.count;
    extra->group = read_text(r, object, "x_group", OPTIONAL, LIMIT_PLAN_LABEL_BYTES);
    extra->companion_of = read_text(r, object, "x_companion_of", OPTIONAL, LIMIT_SEAT_GUID_BYTES);
    extra->area = read_text(r, object, "x_area", OPTIONAL, LIMIT_NAME_BYTES);
    json_t *list = read_member(r, object, "x_amenities", true, OPTIONAL);
    if (json_array_size(list) > LIMIT_PLAN_AMENITIES) {
        complain(r, "x_amenities has more than %u items", LIMIT_PLAN_AMENITIES);
        return;
    }
    for (size_t i = 0; i < json_array_size(list); i++) {
        json_t *item = json_array_get(list, i);
        if (!json_is_string(item) || json_string_length(item) > LIMIT_PLAN_LABEL_BYTES) {
            complain(r, "x_amenities holds something that is not a short text");
            return;
        }
        extra->amenities[extra->amenity_count++] =
            keep(r, json_string_value(item), json_string_length(item));
    }
}

static uint8_t find_category(struct reader *r, json_t *object)
{
    json_t *value = json_object_get(object, "category");
    if (!json_is_string(value)) {
        complain(r, value ? "category is not a text" : "category is missing");
        return SEAT_CATEGORY_NONE;
    }
    struct slice name = slice_make(json_string_value(value), json_string_length(value));
    for (uint32_t c = 0; c < r->plan->categories.count; c++) {
        if (slice_equal(name, plan_category_name(r->plan, c)))
            return (uint8_t)c;
    }
    BUF_AUTO struct buf shown = BUF_INIT;
    json_escape(&shown, slice_make(name.data, name.len < 200 ? name.len : 200));
    complain(r, "category %.*s does not exist", SLICE_ARG(buf_slice(&shown)));
    return SEAT_CATEGORY_NONE;
}

static void read_seat(struct reader *r, json_t *object)
{
    static const char *const known[] = {"seat_guid", "seat_number",     "position",    "category",
                                        "radius",    "start_direction", "uuid",        "x_kind",
                                        "x_group",   "x_companion_of",  "x_amenities", "x_area",
                                        NULL};
    if (r->plan->seats.count == LIMIT_UNITS) {
        overflow(r, "more than %u seats", LIMIT_UNITS);
        return;
    }
    struct seat *seat = LIST_ADD(&r->plan->seats);
    if (!seat) {
        r->no_memory = true;
        return;
    }
    r->plan->rows.items[r->plan->rows.count - 1].seat_count++;
    seat->row = r->plan->rows.count - 1;
    r->level = LEVEL_SEAT;
    if (!json_is_object(object)) {
        complain(r, "is not an object");
        return;
    }
    seat->number = read_text(r, object, "seat_number", REQUIRED, LIMIT_PLAN_LABEL_BYTES);
    check_keys(r, object, known);
    seat->guid = read_text(r, object, "seat_guid", REQUIRED, LIMIT_SEAT_GUID_BYTES);
    if (seat->guid.len == 0 && json_string_length(json_object_get(object, "seat_guid")) == 0 &&
        json_object_get(object, "seat_guid"))
        complain(r, "seat_guid is empty");
    seat->at = read_point(r, object, "position", REQUIRED);
    seat->category = find_category(r, object);
    double radius = SEAT_RADIUS_DEFAULT;
    if (json_object_get(object, "radius"))
        (void)read_integer(r, object, "radius", 1, LIMIT_PLAN_RADIUS, &radius);
    seat->radius = (int32_t)radius;
    seat->direction = read_word(r, object, "start_direction", model_start_names, START_COUNT);
    seat->kind = read_word(r, object, "x_kind", model_kind_names, SEAT_KIND_COUNT);
    seat->uuid = read_text(r, object, "uuid", OPTIONAL, LIMIT_PLAN_LABEL_BYTES);
    read_extra(r, object, seat);
}

static void read_row(struct reader *r, json_t *object)
{
    static const char *const known[] = {
        "row_number", "seats",           "row_label",     "seat_label", "row_number_position",
        "position",   "number_of_seats", "seats_spacing", "uuid",       NULL};
    if (r->plan->rows.count == LIMIT_UNITS) {
        overflow(r, "more than %u rows", LIMIT_UNITS);
        return;
    }
    struct row *row = LIST_ADD(&r->plan->rows);
    if (!row) {
        r->no_memory = true;
        return;
    }
    r->level = LEVEL_ROW;
    row->zone = r->plan->zones.count - 1;
    row->first_seat = r->plan->seats.count;
    r->plan->zones.items[row->zone].row_count++;
    if (!json_is_object(object)) {
        complain(r, "is not an object");
        return;
    }
    row->number = read_text(r, object, "row_number", REQUIRED, LIMIT_PLAN_LABEL_BYTES);
    check_keys(r, object, known);
    row->label = read_text(r, object, "row_label", NULLABLE, LIMIT_NAME_BYTES);
    row->seat_label = read_text(r, object, "seat_label", NULLABLE, LIMIT_NAME_BYTES);
    row->number_side = read_word(r, object, "row_number_position", model_side_names, SIDE_COUNT);
    row->at = read_point(r, object, "position", OPTIONAL);
    row->uuid = read_text(r, object, "uuid", OPTIONAL, LIMIT_PLAN_LABEL_BYTES);
    json_t *seats = read_member(r, object, "seats", true, REQUIRED);
    for (size_t i = 0; i < json_array_size(seats) && !r->full && !r->no_memory; i++)
        read_seat(r, json_array_get(seats, i));
}

static void read_polygon(struct reader *r, json_t *object, struct shape *shape)
{
    json_t *body = read_member(r, object, "polygon", false, REQUIRED);
    json_t *points = body ? read_member(r, body, "points", true, REQUIRED) : NULL;
    if (json_array_size(points) > LIMIT_PLAN_POINTS) {
        complain(r, "polygon has more than %u points", LIMIT_PLAN_POINTS);
        return;
    }
    shape->first_point = r->plan->points.count;
    for (size_t i = 0; i < json_array_size(points); i++) {
        json_t *item = json_array_get(points, i);
        struct point *p = LIST_ADD(&r->plan->points);
        if (!p) {
            r->no_memory = true;
            return;
        }
        shape->point_count++;
        if (json_is_object(item))
            *p = read_xy(r, item);
        else
            complain(r, "point %zu of the polygon is not an object", i + 1);
    }
}

static void read_body(struct reader *r, json_t *object, struct shape *shape)
{
    double width = 0, height = 0;
    json_t *body = NULL;
    switch (shape->kind) {
    case SHAPE_POLYGON: read_polygon(r, object, shape); break;
    case SHAPE_RECTANGLE:
        /* 0.0.1 has the lengths in the area itself */
        body = json_object_get(object, "width")
                   ? object
                   : read_member(r, object, "rectangle", false, REQUIRED);
        if (body && read_integer(r, body, "width", 0, LIMIT_PLAN_COORDINATE, &width) &&
            read_integer(r, body, "height", 0, LIMIT_PLAN_COORDINATE, &height))
            shape->body = (struct point){width, height};
        break;
    case SHAPE_ELLIPSE:
        body = read_member(r, object, "ellipse", false, REQUIRED);
        if (body)
            shape->body = read_point(r, body, "radius", REQUIRED);
        if (shape->body.x < 0 || shape->body.y < 0)
            complain(r, "radius is negative");
        break;
    case SHAPE_CIRCLE:
        body = read_member(r, object, "circle", false, REQUIRED);
        if (body && read_integer(r, body, "radius", 0, LIMIT_PLAN_COORDINATE, &width))
            shape->body = (struct point){width, width};
        break;
    default: break;
    }
}

static void read_label(struct reader *r, json_t *object, struct shape *shape)
{
    json_t *text = json_object_get(object, "text");
    shape->label_size = LABEL_SIZE_DEFAULT;
    if (json_is_string(text)) { /* 0.0.1: in the middle of its box */
        shape->label = read_text(r, object, "text", OPTIONAL, LIMIT_NAME_BYTES);
        shape->label_at = (struct point){shape->body.x / 2, shape->body.y / 2};
        shape->has_label = shape->label.len > 0 || shape->kind == SHAPE_TEXT;
        return;
    }
    enum need need = shape->kind == SHAPE_TEXT ? REQUIRED : OPTIONAL;
    text = read_member(r, object, "text", false, need);
    if (!text)
        return;
    shape->has_label = true;
    shape->label = read_text(r, text, "text", REQUIRED, LIMIT_NAME_BYTES);
    shape->label_at = read_point(r, text, "position", REQUIRED);
    shape->label_color = read_color(r, text, "color");
    double size = LABEL_SIZE_DEFAULT;
    if (json_object_get(text, "size"))
        (void)read_integer(r, text, "size", 1, LIMIT_PLAN_RADIUS, &size);
    shape->label_size = (int32_t)size;
}

/* Which shape an area is; older files do not say. -1: none, which is noted or a problem. */
static int shape_kind(struct reader *r, json_t *object)
{
    json_t *value = json_object_get(object, "shape");
    if (!value && json_object_get(object, "width"))
        return SHAPE_RECTANGLE;
    for (int kind = 0; kind < SHAPE_KIND_COUNT; kind++) {
        if (value ? json_is_string(value) &&
                        strcmp(json_string_value(value), model_shape_names[kind]) == 0
                  : json_object_get(object, model_shape_names[kind]) != NULL)
            return kind;
    }
    complain(r, value ? "shape is none of the words allowed there" : "shape is missing");
    return -1;
}

static void read_area(struct reader *r, json_t *object)
{
    static const char *const known[] = {"shape", "position", "rotation",  "color",   "border_color",
                                        "uuid",  "polygon",  "rectangle", "ellipse", "circle",
                                        "text",  "width",    "height",    NULL};
    if (r->plan->shapes.count == LIMIT_PLAN_SHAPES) {
        overflow(r, "more than %u areas", LIMIT_PLAN_SHAPES);
        return;
    }
    struct shape *shape = LIST_ADD(&r->plan->shapes);
    if (!shape) {
        r->no_memory = true;
        return;
    }
    r->level = LEVEL_AREA;
    r->plan->zones.items[r->plan->zones.count - 1].shape_count++;
    if (!json_is_object(object)) {
        complain(r, "is not an object");
        return;
    }
    check_keys(r, object, known);
    int kind = shape_kind(r, object);
    if (kind < 0)
        return;
    shape->kind = (uint8_t)kind;
    shape->at = read_point(r, object, "position", OPTIONAL);
    if (json_object_get(object, "rotation"))
        (void)read_number(r, object, "rotation", 36000, &shape->rotation);
    shape->color = read_color(r, object, "color");
    shape->border_color = read_color(r, object, "border_color");
    shape->uuid = read_text(r, object, "uuid", OPTIONAL, LIMIT_PLAN_LABEL_BYTES);
    read_body(r, object, shape);
    read_label(r, object, shape);
}

static void read_zone(struct reader *r, json_t *object)
{
    static const char *const known[] = {"name", "position", "rows",      "areas", "zone_id",
                                        "uuid", "x_level",  "displayed", NULL};
    if (r->plan->zones.count == LIMIT_SECTIONS) {
        overflow(r, "more than %u zones", LIMIT_SECTIONS);
        return;
    }
    struct zone *zone = LIST_ADD(&r->plan->zones);
    if (!zone) {
        r->no_memory = true;
        return;
    }
    r->level = LEVEL_ZONE;
    zone->first_row = r->plan->rows.count;
    zone->first_shape = r->plan->shapes.count;
    if (!json_is_object(object)) {
        complain(r, "is not an object");
        return;
    }
    zone->name = read_text(r, object, "name", OPTIONAL, LIMIT_NAME_BYTES);
    check_keys(r, object, known);
    zone->at = read_point(r, object, "position", REQUIRED);
    zone->zone_id = read_text(r, object, "zone_id", OPTIONAL, LIMIT_PLAN_LABEL_BYTES);
    zone->uuid = read_text(r, object, "uuid", OPTIONAL, LIMIT_PLAN_LABEL_BYTES);
    zone->level = read_text(r, object, "x_level", OPTIONAL, LIMIT_NAME_BYTES);
    zone->shown = zone->name.len ? zone->name : zone->zone_id;
    if (zone->shown.len == 0) {
        char number[16];
        int len = snprintf(number, sizeof number, "%u", r->plan->zones.count);
        zone->shown = keep(r, number, (size_t)len);
    }
    json_t *rows = read_member(r, object, "rows", true, REQUIRED);
    json_t *areas = read_member(r, object, "areas", true, OPTIONAL);
    for (size_t i = 0; i < json_array_size(rows) && !r->full && !r->no_memory; i++)
        read_row(r, json_array_get(rows, i));
    for (size_t i = 0; i < json_array_size(areas) && !r->full && !r->no_memory; i++)
        read_area(r, json_array_get(areas, i));
}

static void read_category(struct reader *r, json_t *object)
{
    static const char *const known[] = {"name", "color", NULL};
    if (r->plan->categories.count == LIMIT_PRICE_CATEGORIES) {
        overflow(r, "more than %u categories", LIMIT_PRICE_CATEGORIES);
        return;
    }
    struct category *category = LIST_ADD(&r->plan->categories);
    if (!category) {
        r->no_memory = true;
        return;
    }
    r->level = LEVEL_CATEGORY;
    if (!json_is_object(object)) {
        complain(r, "is not an object");
        return;
    }
    check_keys(r, object, known);
    category->name = read_text(r, object, "name", REQUIRED, LIMIT_NAME_BYTES);
    category->color = read_color(r, object, "color");
}

/* 0.0.1 does without a size: then the plan is as large as what check_plan finds in it. */
static void read_size(struct reader *r, json_t *root)
{
    double width = 0, height = 0;
    json_t *size = read_member(r, root, "size", false, OPTIONAL);
    if (size && read_integer(r, size, "width", 1, LIMIT_PLAN_COORDINATE, &width) &&
        read_integer(r, size, "height", 1, LIMIT_PLAN_COORDINATE, &height)) {
        r->plan->width = (uint32_t)width;
        r->plan->height = (uint32_t)height;
    }
}

static void read_root(struct reader *r, json_t *root)
{
    static const char *const known[] = {"name", "size", "categories", "zones", "x_stage", NULL};
    check_keys(r, root, known);
    r->plan->name = read_text(r, root, "name", REQUIRED, LIMIT_NAME_BYTES);
    read_size(r, root);
    if (json_object_get(root, "x_stage")) {
        r->plan->has_stage = true;
        r->plan->stage = read_point(r, root, "x_stage", REQUIRED);
    }
    json_t *categories = read_member(r, root, "categories", true, REQUIRED);
    json_t *zones = read_member(r, root, "zones", true, REQUIRED);
    for (size_t i = 0; i < json_array_size(categories) && !r->full && !r->no_memory; i++)
        read_category(r, json_array_get(categories, i));
    for (size_t i = 0; i < json_array_size(zones) && !r->full && !r->no_memory; i++)
        read_zone(r, json_array_get(zones, i));
}

/* The parser would recurse as deep as the text says; this looks first. */
static bool deeper_than(struct slice json, unsigned limit)
{
    unsigned depth = 0;
    bool quoted = false;
    for (size_t i = 0; i < json.len; i++) {
        char c = json.data[i];
        if (quoted) {
            if (c == '\\')
                i++;
            else if (c == '"')
                quoted = false;
        } else if (c == '"') {
            quoted = true;
        } else if (c == '{' || c == '[') {
            if (++depth > limit)
                return true;
        } else if ((c == '}' || c == ']') && depth > 0) {
            depth--;
        }
    }
    return false;
}

int read_plan(struct slice json, struct plan *plan, struct problems *problems, struct err *err)
{
    if (json.len > LIMIT_PLAN_BODY_BYTES)
        return err_set(err, "the plan is larger than %u bytes", LIMIT_PLAN_BODY_BYTES);
    if (deeper_than(json, LIMIT_JSON_DEPTH))
        return err_set(err, "the plan is nested deeper than %u levels", LIMIT_JSON_DEPTH);
    json_error_t where;
    json_t *root = json_loadb(json.data ? json.data : "", json.len, JSON_REJECT_DUPLICATES, &where);
    if (!root)
        return err_set(err, "not valid JSON: line %d column %d: %s", where.line, where.column,
                       where.text);
    if (!json_is_object(root)) {
        json_decref(root);
        return err_set(err, "the plan is not a JSON object");
    }
    struct reader r = {.plan = plan, .problems = problems};
    read_root(&r, root);
    json_decref(root);
    return r.no_memory ? err_set(err, "out of memory") : 0;
}
