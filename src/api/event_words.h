/*
 * event_words: an event's places, times and amounts in English words, for mails and for evidence.
 *
 * Each returns a slice of `to` or of the event itself: valid as long as both are. Thread: the
 * loop's.
 */
#ifndef ONSALE_API_EVENT_WORDS_H
#define ONSALE_API_EVENT_WORDS_H

#include "api/catalogue.h"
#include "booking/booking.h"

#define EVENT_WORDS_BYTES 1024u

/* "West stand, row 12, seat 8"; "Left Boxes, Box 3, seat 2", where a row has a name with a space in
 * it; or the area's name. */
struct slice event_words_place(const struct api_event *event, const struct booking *b,
                               uint32_t unit, char to[EVENT_WORDS_BYTES]);
/* When it begins: "2027-06-12 20:30 (Europe/Kyiv)"; empty when it has no time. */
struct slice event_words_start(const struct api_event *event, char to[EVENT_WORDS_BYTES]);
/* Any moment, at the event's place; empty for 0. */
struct slice event_words_time(const struct api_event *event, uint64_t time_us,
                              char to[EVENT_WORDS_BYTES]);
/* "Sunrise Hall, Lisbon" */
struct slice event_words_venue(const struct api_event *event, char to[EVENT_WORDS_BYTES]);
/* "45.00 EUR, fees included"; empty for 0. */
struct slice event_words_total(const struct api_event *event, int64_t total_minor,
                               char to[EVENT_WORDS_BYTES]);

#endif
