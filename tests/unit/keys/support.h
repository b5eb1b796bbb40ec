/* What the tests of secrets share: a folder that goes away, vectors from the shared data, hex. */
#ifndef ONSALE_TESTS_KEYS_SUPPORT_H
#define ONSALE_TESTS_KEYS_SUPPORT_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/err.h"
#include "base/slice.h"
#include "unit/files.h"
#include <jansson.h>

#define PATH_ROOM 512

/* cmocka set-up: *state is the path of an empty folder. */
static inline int folder_make(void **state)
{
    *state = malloc(FOLDER_ROOM);
    assert_non_null(*state);
    make_folder(*state);
    return 0;
}

static inline int folder_remove(void **state)
{
    remove_folder(*state);
    free(*state);
    return 0;
}

/* `<folder>/<name>` in one of four static places. */
static inline const char *path_in(const char *folder, const char *name)
{
    static char paths[4][PATH_ROOM * 2];
    static unsigned next;
    char *path = paths[next++ % 4];
    snprintf(path, sizeof paths[0], "%s/%s", folder, name);
    return path;
}

/* A JSON file of the shared data; where there is none the test is skipped. */
static inline json_t *shared_json(const char *name)
{
    char path[SHARED_ROOM];
    shared_path(name, path);
    json_error_t error;
    json_t *root = json_load_file(path, JSON_ALLOW_NUL, &error);
    if (!root)
        fail_msg("%s: %s", path, error.text);
    return root;
}

/* The text of a JSON member as bytes. */
static inline struct slice json_slice(const json_t *object, const char *key)
{
    const json_t *text = json_object_get(object, key);
    assert_true(json_is_string(text));
    return slice_make(json_string_value(text), json_string_length(text));
}

/* Hexadecimal digits to bytes; returns how many. */
static inline size_t from_hex(struct slice hex, uint8_t *ret_bytes, size_t room)
{
    assert_true(hex.len % 2 == 0 && hex.len / 2 <= room);
    for (size_t i = 0; i < hex.len / 2; i++) {
        char pair[3] = {hex.data[2 * i], hex.data[2 * i + 1], '\0'};
        ret_bytes[i] = (uint8_t)strtoul(pair, NULL, 16);
    }
    return hex.len / 2;
}

#endif
