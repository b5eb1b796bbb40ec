/* availability: how a board is told. */
#ifndef ONSALE_API_AVAILABILITY_H
#define ONSALE_API_AVAILABILITY_H

#include "api/context.h"

/* Places of an area that are free, into an open array or as member `areas`. */
void availability_write_areas(struct json *j, const struct api_event *event,
                              const struct board *board);

/* Bytes as base64 (RFC 4648 section 4, with padding). */
void availability_write_base64(struct json *j, const char *key, const uint8_t *bytes, size_t len);

#endif
