/*
 * time: instants as microseconds since 1970-01-01T00:00:00Z (uint64_t, `_us`), read and written as
 * RFC 3339. Pure arithmetic on the proleptic Gregorian calendar; no clock and no time zones here.
 * Thread: any.
 */
#ifndef ONSALE_BASE_TIME_H
#define ONSALE_BASE_TIME_H

#include "base/slice.h"

#define TIME_SECOND_US 1000000ull
#define TIME_TEXT_MAX 32

/* Writes "2027-06-12T18:30:00.000Z" (no NUL) and returns its length. Instants after 9999 are
 * written as the last millisecond of 9999. */
size_t time_format(uint64_t time_us, char ret_text[TIME_TEXT_MAX]);

/* Reads RFC 3339 with "Z" or a numeric offset, up to 9 fraction digits (cut to microseconds), years
 * 1970-9999. A leap second (":60") is read as the next second. Returns false when it is anything
 * else. */
bool time_parse(struct slice text, uint64_t *ret_time_us);

#endif
