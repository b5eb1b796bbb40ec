/*
 * form: reads application/x-www-form-urlencoded bodies as Stripe takes them ("amount=100&
 * metadata[order_id]=ord_x"). Fields keep their order; names are compared whole, brackets included.
 * Thread: any.
 */
#ifndef ONSALE_SANDBOX_FORM_H
#define ONSALE_SANDBOX_FORM_H

#include "base/slice.h"

#define FORM_FIELDS_MAX 64u

struct form_field {
    struct slice name, value;
};

struct form {
    struct form_field fields[FORM_FIELDS_MAX];
    size_t count;
};

/* Decodes into `memory` (body.len bytes, the form points into it). False: a broken escape, a NUL,
 * or too many fields. */
bool form_read(struct slice body, char *memory, struct form *ret_form);

/* The first field of that name; empty when absent. */
struct slice form_get(const struct form *form, const char *name);

/* A whole number without sign, at most 15 digits. */
bool form_integer(struct slice text, int64_t *ret_value);

#endif
