/*
 * zone: IANA time zones through ICU. An event keeps its local start and its zone; UTC follows from
 * both and is worked out again when the zone data changes (zone_data_version). Thread: any; a call
 * costs some microseconds, more the first time a zone is used.
 */
#ifndef ONSALE_VIEWS_ZONE_H
#define ONSALE_VIEWS_ZONE_H

#include "base/slice.h"

#define ZONE_NAME_BYTES 64u
#define ZONE_LOCAL_MAX 24 /* "2027-06-12T20:30:00" and NUL, rounded up */

/* True for an IANA zone's name ("Europe/Berlin", "UTC"), spelt as the database spells it. */
bool zone_valid(struct slice zone);

/* Reads "2027-06-12T20:30" with optional ":SS" (and a fraction, which is dropped) as local time of
 * the zone. A time that a clock change skips is read with the offset before it; one that happens
 * twice is the first. False: not such a text, or not a zone, or not a date of the calendar. */
bool zone_to_utc(struct slice zone, struct slice local, uint64_t *ret_time_us);

/* Writes the zone's local time with NUL and returns its length; 0 when it is not a zone. */
size_t zone_to_local(struct slice zone, uint64_t time_us, char ret_text[ZONE_LOCAL_MAX]);

/* "2024b" or whatever ICU carries; a static text. */
const char *zone_data_version(void);

#endif
