#include "http/form.h"

#include "base/utf8.h"
#include "http/percent.h"

#include <stdlib.h>

void form_finish(struct form *form)
{
    free(form->memory);
    form->memory = NULL;
    form->count = 0;
}

static bool has_key(const struct form *form, struct slice key)
{
    for (size_t i = 0; i < form->count; i++)
        if (slice_equal(form->fields[i].key, key))
            return true;
    return false;
}

/* Decodes one pair into the form's memory at `*at`. */
static int add_field(struct form *form, struct slice key, struct slice value, char **at,
                     struct err *err)
{
    if (form->count == FORM_FIELDS_MAX)
        return err_set(err, "the form has more than %d fields", FORM_FIELDS_MAX);
    struct form_field *field = &form->fields[form->count];
    size_t key_len, value_len;
    char *key_at = *at, *value_at = *at + key.len;
    if (!percent_decode(key, true, key_at, &key_len) ||
        !percent_decode(value, true, value_at, &value_len))
        return err_set(err, "field %zu of the form has a malformed percent escape",
                       form->count + 1);
    field->key = slice_make(key_at, key_len);
    field->value = slice_make(value_at, value_len);
    if (!utf8_valid(field->key) || !utf8_valid(field->value) || memchr(key_at, 0, key_len) ||
        memchr(value_at, 0, value_len))
        return err_set(err, "field %zu of the form is not UTF-8 text", form->count + 1);
    if (has_key(form, field->key))
        return err_set(err, "field \"%.*s\" is given twice", (int)(key_len < 64 ? key_len : 64),
                       key_at);
    form->count++;
    *at = value_at + value.len;
    return 0;
}

int form_read(struct slice body, struct form *ret_form, struct err *err)
{
    struct form form = {.count = 0, .memory = malloc(body.len + 1)};
    if (!form.memory)
        return err_set(err, "out of memory");
    struct slice rest = body, key, value;
    char *at = form.memory;
    while (percent_next_pair(&rest, &key, &value)) {
        if (add_field(&form, key, value, &at, err) < 0) {
            form_finish(&form);
            return -1;
        }
    }
    *ret_form = form;
    return 0;
}

bool form_get(const struct form *form, const char *key, struct slice *ret_value)
{
    struct slice wanted = slice_from_string(key);
    for (size_t i = 0; i < form->count; i++) {
        if (slice_equal(form->fields[i].key, wanted)) {
            *ret_value = form->fields[i].value;
            return true;
        }
    }
    return false;
}

bool form_next_in(const struct form *form, const char *prefix, size_t *position,
                  struct slice *ret_key, struct slice *ret_value)
{
    struct slice wanted = slice_from_string(prefix);
    while (*position < form->count) {
        const struct form_field *field = &form->fields[(*position)++];
        size_t len = field->key.len;
        if (len < wanted.len + 3 || !slice_starts_with(field->key, wanted) ||
            field->key.data[wanted.len] != '[' || field->key.data[len - 1] != ']')
            continue;
        *ret_key = slice_make(field->key.data + wanted.len + 1, len - wanted.len - 2);
        *ret_value = field->value;
        return true;
    }
    return false;
}
