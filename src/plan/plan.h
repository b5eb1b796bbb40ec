/*
 * plan: a seating plan. Reads pretix seating-plan JSON (1.0 and the older 0.0.1,
 * https://github.com/pretix/pretix/blob/master/src/pretix/static/seating/seating-plan.schema.json),
 * checks it, and gives what the rest needs: seats by guid, names, the machine's inventory, a
 * compact geometry for the seat map, pretix JSON again. A plan is immutable once made; seat numbers
 * are the order of the file.
 *
 * Thread: any one at a time while it is made (parsing 70,000 seats takes a while: not on the loop);
 * then any number of readers.
 */
#ifndef ONSALE_PLAN_PLAN_H
#define ONSALE_PLAN_PLAN_H

#include "base/buf.h"
#include "base/err.h"
#include "base/slice.h"

struct plan;

struct plan_options {
    bool renumber; /* repair repeated guids instead of refusing them */
    /* Our own export of a plan that was imported once: what came to be refused since (groups and
     * companions that cannot be sold) is passed over, so that no event is lost with it. */
    bool stored;
};

/* Parses and checks. On failure `problems` (may be NULL) gets one line of text for each culprit
 * (bounded: the first 1,000 and a count of the rest), `err` a summary. */
int plan_create(struct slice json, const struct plan_options *options, struct plan **ret_plan,
                struct buf *problems, struct err *err) MUST_USE;
void plan_destroy(struct plan *plan); /* NULL is allowed */

struct slice plan_name(const struct plan *plan);
/* What the import left out (unknown keys) or repaired, one line of text each; may be empty. */
struct slice plan_notes(const struct plan *plan);
const uint8_t *plan_hash(
    const struct plan *plan); /* 32 bytes: SHA-256 of the normalised pretix JSON */
uint32_t plan_seat_count(const struct plan *plan);
uint32_t plan_section_count(const struct plan *plan);
uint32_t plan_row_count(const struct plan *plan);
uint32_t plan_category_count(const struct plan *plan);
/* Seats of the largest group that is sold together; 0: there is none. A hold must have room. */
uint32_t plan_largest_group(const struct plan *plan);
/* Seats of one price category that a group has at most; `price_categories` has that of each
 * category of the plan. */
uint32_t plan_largest_group_in(const struct plan *plan, const uint32_t *price_categories,
                               uint32_t price_category);
struct slice plan_category_name(const struct plan *plan, uint32_t category);
struct slice plan_category_color(const struct plan *plan, uint32_t category); /* empty: none */
struct slice plan_section_name(const struct plan *plan, uint32_t section);
/* Number of the section with this id, or -1. Ids are tried in this order: "s" and its number, as
 * the geometry gives it; uuid or zone_id; its number alone. */
int64_t plan_section_find(const struct plan *plan, struct slice id);
/* A section's seats are numbered in one run. */
void plan_section_seats(const struct plan *plan, uint32_t section, uint32_t *ret_first,
                        uint32_t *ret_count);

struct plan_seat {
    struct slice guid, section, row, number; /* as the buyer reads them */
    uint32_t section_index, category;
};
struct plan_seat plan_seat(const struct plan *plan, uint32_t seat);
/* Seat number of a guid, or -1. One hash look-up: it stands on the hot path of every hold. */
int64_t plan_seat_find(const struct plan *plan, struct slice guid);

struct plan_area {
    uint32_t capacity;
    uint32_t category; /* price category */
};
/* Writes booking/inventory.h. `category_of[c]` is the price category of plan category c;
 * `price_category_count` as the event has them. `plan` may be NULL for an event with areas only. */
int plan_write_inventory(const struct plan *plan, const uint32_t *category_of,
                         uint32_t price_category_count, const struct plan_area *areas,
                         uint32_t area_count, struct buf *out, struct err *err) MUST_USE;

void plan_write_geometry(const struct plan *plan, struct buf *out); /* docs/seat-map.md */
void plan_write_pretix(const struct plan *plan, bool extensions, struct buf *out);

#endif
