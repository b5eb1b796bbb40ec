/*
 * json_in: strict reading of JSON that came from outside, over jansson. Before jansson sees it the
 * text is scanned once: valid UTF-8, no NUL (bare or escaped), no deeper than allowed. Duplicate
 * keys are refused, integers are exact 64-bit ones, and nothing may follow the value. Thread: any.
 */
#ifndef ONSALE_HTTP_JSON_IN_H
#define ONSALE_HTTP_JSON_IN_H

#include "base/err.h"
#include "base/limits.h"
#include "base/slice.h"

#include <jansson.h>

/* Reads `body` into a new reference (the caller's json_decref), or says line, column and what is
 * wrong in `err`. `depth_max`: arrays and objects within each other. */
int http_json_read_deep(struct slice body, unsigned depth_max, json_t **ret_json,
                        struct err *err) MUST_USE;

/* The same with LIMIT_JSON_DEPTH. */
int http_json_read(struct slice body, json_t **ret_json, struct err *err) MUST_USE;

#endif
