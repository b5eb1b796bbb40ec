/*
 * form: reads application/x-www-form-urlencoded bodies (as Stripe's API takes them). Keys keep
 * their brackets: "metadata[order_id]" is one key. Thread: any.
 */
#ifndef ONSALE_HTTP_FORM_H
#define ONSALE_HTTP_FORM_H

#include "base/err.h"
#include "base/slice.h"

#define FORM_FIELDS_MAX 128

struct form_field {
    struct slice key, value; /* decoded; in the form's memory */
};

struct form {
    size_t count;
    struct form_field fields[FORM_FIELDS_MAX];
    char *memory; /* owned */
};

/* Reads `body`. Refused: more than FORM_FIELDS_MAX fields, a malformed escape, an encoded NUL, text
 * that is not UTF-8, a key given twice. On success the caller ends with form_finish. */
int form_read(struct slice body, struct form *ret_form, struct err *err) MUST_USE;
void form_finish(struct form *form);

/* The value of `key`; false when the form has none. */
bool form_get(const struct form *form, const char *key, struct slice *ret_value);

/* The next field whose key is "prefix[...]", from *position (0 to begin); `ret_key` is what stands
 * in the brackets. False at the end. */
bool form_next_in(const struct form *form, const char *prefix, size_t *position,
                  struct slice *ret_key, struct slice *ret_value);

#endif
