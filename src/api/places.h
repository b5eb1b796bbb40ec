/*
 * places: seats, areas, price categories and access codes as requests name them, turned into the
 * machine's numbers. One reader for buyers and organisers, for events that exist and for one that
 * is being described. Faults are recorded in the request, by name.
 *
 * Thread: any; what `struct places` points to must not change meanwhile.
 */
#ifndef ONSALE_API_PLACES_H
#define ONSALE_API_PLACES_H

#include "api/catalogue.h"
#include "api/request.h"
#include "keys/keys.h"

struct places {
    const struct seating *seating; /* NULL: areas only */
    const struct booking *booking; /* NULL: no machine yet, a seat's unit is its number */
    uint32_t area_count, category_count;
    struct slice areas[LIMIT_AREAS]; /* ids */
    struct slice categories[LIMIT_PRICE_CATEGORIES];
    struct keys *keys; /* for codes */
    uint64_t event_random;
};

/* Those of an event on sale. */
void places_of_event(const struct api_event *event, const struct booking *booking,
                     struct keys *keys, struct places *ret_places);

/* Units of a list of seat guids, rising and each once, into *ret_units (the caller frees). NULL and
 * an empty list give none. False: a fault was recorded. */
bool places_seats(struct request *r, const json_t *list, const char *name,
                  const struct places *places, uint32_t **ret_units, uint32_t *ret_count);

/* The machine wants lists of units to rise. */
void places_sort(uint32_t *units, uint32_t count);

/* Unit of a seat, or BOOKING_NONE: there is none of this guid. */
uint32_t places_unit(const struct places *places, struct slice guid);

/* Pairs of area number and quantity from a list of {id, quantity}; room for `max` pairs. Returns
 * how many pairs. */
uint32_t places_areas(struct request *r, const json_t *list, const char *name, uint32_t max,
                      const struct places *places, uint32_t *ret_pairs);
/* One area of an id, or a fault. */
uint32_t places_area(struct request *r, struct slice id, const char *name,
                     const struct places *places);

/* A price category by name or index, or a fault. */
uint32_t places_category(struct request *r, const json_t *value, const char *name,
                         const struct places *places);
/* A bit for each category in a list of names and indexes; 0 with a fault. */
uint64_t places_categories(struct request *r, const json_t *list, const char *name,
                           const struct places *places);

/* Codes of a list as hashes of 16 bytes, one behind the other. */
bool places_codes(struct request *r, const json_t *list, const char *name,
                  const struct places *places, struct buf *ret_hashes);
bool places_code(struct request *r, const json_t *value, const char *name,
                 const struct places *places, struct buf *ret_hashes);

/* Longest access code that is read at all; blanks around it do not count for LIMIT_CODE_BYTES. */
#define PLACES_CODE_TEXT_MAX 256u

#endif
