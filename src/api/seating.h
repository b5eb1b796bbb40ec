/*
 * seating: a plan as the API serves it: parsed, with its geometry written once and compressed
 * once, and kept on disk under the hash of its content. Immutable; shared by all events that use
 * it. Seatings are made on any thread; keeping and dropping happens on the loop's.
 */
#ifndef ONSALE_API_SEATING_H
#define ONSALE_API_SEATING_H

#include "base/err.h"
#include "http/server.h"
#include "plan/plan.h"

#define SEATING_HASH_TEXT 65 /* 64 hex letters and NUL */

enum seating_encoding { SEATING_PLAIN, SEATING_GZIP, SEATING_BROTLI, SEATING_ENCODINGS };

struct seating {
    uint32_t references;
    struct plan *plan;
    char hash[SEATING_HASH_TEXT]; /* of the plan, in hex */
    struct http_blob *geometry[SEATING_ENCODINGS];
    struct http_blob *pretix[2]; /* without and with extensions; NULL until first asked for */
};

/* Takes the plan over, on failure too. One reference. */
int seating_create(struct plan *plan, struct seating **ret_seating, struct err *err) MUST_USE;
struct seating *seating_keep(struct seating *seating);
void seating_drop(struct seating *seating); /* NULL is allowed */

/* Writes <dir>/<hash>.json, durable when it returns 0, and proves that it reads back as the same
 * plan. A file that is there already is left alone. */
int seating_save(const struct seating *seating, const char *dir, struct err *err) MUST_USE;
/* Reads it back; fails when the file is missing or is not the plan of that hash. */
int seating_load(const char *dir, struct slice hash, struct seating **ret_seating,
                 struct err *err) MUST_USE;

/* pretix JSON, with our extensions or without. Borrowed. NULL: no memory. */
struct http_blob *seating_pretix(struct seating *seating, bool extensions);

#endif
