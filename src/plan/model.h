/*
 * model: what a plan looks like inside this folder; nobody else includes it. All texts lie in one
 * growing blob and are named by offset, so that a plan of 70,000 seats is a handful of allocations.
 * Positions stay as the file nests them (seat within row within zone), in the plan's own unit, so
 * that an export writes what was read; model_seat_place adds them up.
 */
#ifndef ONSALE_PLAN_MODEL_H
#define ONSALE_PLAN_MODEL_H

#include "plan/plan.h"

#include "base/limits.h"

struct text {
    uint32_t at, len; /* in plan->texts; len 0: absent or empty */
};

struct point {
    double x, y;
};

enum seat_kind {
    SEAT_STANDARD,
    SEAT_ACCESSIBLE,
    SEAT_COMPANION,
    SEAT_RESTRICTED_VIEW,
    SEAT_VIP,
    SEAT_KIND_COUNT
};
extern const char *const model_kind_names[SEAT_KIND_COUNT];

enum start_direction { START_NONE, START_LEFT, START_RIGHT, START_BOTH, START_COUNT };
extern const char *const model_start_names[START_COUNT];

enum label_side { SIDE_UNSET, SIDE_START, SIDE_END, SIDE_BOTH, SIDE_COUNT };
extern const char *const model_side_names[SIDE_COUNT];

enum shape_kind {
    SHAPE_POLYGON,
    SHAPE_RECTANGLE,
    SHAPE_ELLIPSE,
    SHAPE_CIRCLE,
    SHAPE_TEXT,
    SHAPE_KIND_COUNT
};
extern const char *const model_shape_names[SHAPE_KIND_COUNT];

/* Rare things of a seat, kept apart so that the common seat stays small. */
struct seat_extra {
    struct text group, companion_of, area;
    struct text amenities[LIMIT_PLAN_AMENITIES];
    uint32_t amenity_count;
    uint32_t companion_seat; /* + 1 of the seat that companion_of names, or 0 */
};

/* Seats sold together, rising. */
struct group {
    uint32_t count, seats[LIMIT_HOLD_UNITS];
};

#define SEAT_RADIUS_DEFAULT 10
#define SEAT_CATEGORY_NONE 0xffu /* only while a plan is being refused */

struct seat {
    struct point at; /* within the row */
    struct text guid, number, uuid;
    uint32_t row;
    uint32_t extra; /* index + 1 in plan->extras, or 0 */
    int32_t radius;
    uint8_t category, direction, kind;
};

struct row {
    struct point at; /* within the zone */
    struct text number, label, seat_label, uuid;
    uint32_t zone, first_seat, seat_count;
    uint8_t number_side; /* enum label_side */
};

struct shape {
    struct point at;   /* within the zone */
    struct point body; /* width and height, radii, or (radius, radius) */
    double rotation;
    struct point label_at; /* of the text, within the shape */
    struct text label, label_color, color, border_color, uuid;
    int32_t label_size;
    uint32_t first_point, point_count;
    bool has_label;
    uint8_t kind;
};

#define LABEL_SIZE_DEFAULT 16

struct zone {
    struct point at;
    struct text name, zone_id, uuid, level;
    struct text shown; /* the name, or what stands for it when there is none */
    uint32_t first_row, row_count, first_shape, shape_count;
};

struct category {
    struct text name, color;
};

/* A place of the guid table. The tag tells most strangers apart without a look at their text. */
struct guid_slot {
    uint32_t seat; /* + 1; 0: free */
    uint32_t tag;  /* upper half of the guid's hash */
};

/* A list that grows: `items` is owned. */
#define LIST(type)           \
    struct {                 \
        type *items;         \
        uint32_t count, cap; \
    }

struct plan {
    struct buf texts;
    struct text name;
    uint32_t width, height;
    bool has_stage; /* x_stage was given */
    struct point stage;
    LIST(struct category) categories;
    LIST(struct zone) zones;
    LIST(struct row) rows;
    LIST(struct seat) seats;
    LIST(struct seat_extra) extras;
    LIST(struct group) groups; /* by rising first seat */
    LIST(struct shape) shapes;
    LIST(struct point) points;
    struct buf notes;
    struct guid_slot *slots;
    uint32_t slot_mask;
    uint8_t hash[32];
};

/* Makes room for one more item of `size` bytes; returns it zeroed, or NULL without memory. */
void *model_grow(void *items, uint32_t *count, uint32_t *cap, size_t size);
#define LIST_ADD(list)                                                                      \
    __extension__({                                                                         \
        void *grown_ =                                                                      \
            model_grow((list)->items, &(list)->count, &(list)->cap, sizeof *(list)->items); \
        if (grown_)                                                                         \
            (list)->items = grown_;                                                         \
        grown_ ? &(list)->items[(list)->count - 1] : NULL;                                  \
    })

static inline struct slice model_text(const struct plan *plan, struct text t)
{
    return t.len ? slice_make(plan->texts.data + t.at, t.len) : slice_make(NULL, 0);
}

/* Where a seat is in the plan. */
struct point model_seat_place(const struct plan *plan, uint32_t seat);

/* What the seats look at: x_stage, else an area that says stage or pitch, else the middle of the
 * top edge. `ret_known` is false for the last. */
struct point model_stage(const struct plan *plan, bool *ret_known);

/* Collects culprits, one line each, the first LIMIT_PLAN_PROBLEMS of them. */
struct problems {
    struct buf *lines; /* may be NULL */
    uint64_t count;
};
PRINTF_LIKE(2, 3) void problems_add(struct problems *problems, const char *format, ...);
/* Begins with the seat's or row's name (zone "A" row "3" seat "12"), then the format. */
PRINTF_LIKE(4, 5)
void problems_add_seat(struct problems *problems, const struct plan *plan, uint32_t seat,
                       const char *format, ...);
void problems_close(struct problems *problems); /* tells how many more there were */

#define NAME_TEXT_MAX 1600
/* Writes zone "A" row "3" seat "12", NUL-terminated, long names cut. */
void model_name_seat(const struct plan *plan, uint32_t seat, char ret_text[NAME_TEXT_MAX]);
void model_name_row(const struct plan *plan, uint32_t row, char ret_text[NAME_TEXT_MAX]);
void model_name_zone(const struct plan *plan, uint32_t zone, char ret_text[NAME_TEXT_MAX]);

/* read.c: fills the plan from JSON; type errors and unknown categories become problems. Returns -1
 * with `err` only when the text is no JSON or memory ran out. */
int read_plan(struct slice json, struct plan *plan, struct problems *problems,
              struct err *err) MUST_USE;

/* check.c: what only the whole plan shows. Repairs repeated guids when asked and leaves a note. */
int check_plan(struct plan *plan, const struct plan_options *options, struct problems *problems,
               struct err *err) MUST_USE;

/* together.c: fills plan->groups and companion_seat; needs the guid table. What could not be sold
 * is a problem and is left out. */
int together_find(struct plan *plan, struct problems *problems, struct err *err) MUST_USE;
/* The seat with which a companion is sold, or -1. */
int64_t model_companion_of(const struct plan *plan, uint32_t seat);

/* plan.c: builds the guid table; false without memory. Later seats do not replace earlier ones. */
bool index_create(struct plan *plan);
int64_t guid_index_find(const struct plan *plan, struct slice guid);
/* Puts a seat in; returns the seat that already has this guid, or -1. */
int64_t guid_index_add(struct plan *plan, uint32_t seat);

/* Appends a number as short as reads back to the same double. */
void write_number(struct buf *out, double value);

#endif
