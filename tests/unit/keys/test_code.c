#include "unit/keys/support.h"

#include "keys/code.h"

static struct hash16 hash_of(struct keys *keys, uint64_t event, const char *code)
{
    struct hash16 hash = {{0}};
    assert_true(code_hash(keys, event, slice_from_string(code), &hash));
    return hash;
}

static void spelling_does_not_matter_but_event_and_house_do(void **state)
{
    struct keys *keys, *other;
    struct err err;
    assert_int_equal(keys_open(path_in(*state, "one"), &keys, &err), 0);
    assert_int_equal(keys_open(path_in(*state, "two"), &other, &err), 0);
    struct hash16 code = hash_of(keys, 7, "Fan-2031");
    assert_true(hash16_equal(code, hash_of(keys, 7, "  FAN-2031\r\n")));
    assert_false(hash16_equal(code, hash_of(keys, 7, "FAN2031")));
    assert_false(hash16_equal(code, hash_of(keys, 8, "Fan-2031")));
    assert_false(hash16_equal(code, hash_of(other, 7, "Fan-2031")));
    keys_close(keys);
    assert_int_equal(keys_open(path_in(*state, "one"), &keys, &err), 0);
    assert_true(hash16_equal(code, hash_of(keys, 7, "fan-2031"))); /* it outlives the process */
    keys_close(keys);
    keys_close(other);
}

static void what_is_empty_or_too_long_is_no_code(void **state)
{
    struct keys *keys;
    struct err err;
    struct hash16 hash;
    char longest[LIMIT_CODE_BYTES + 2];
    memset(longest, 'x', sizeof longest);
    assert_int_equal(keys_open(path_in(*state, "one"), &keys, &err), 0);
    assert_false(code_hash(keys, 1, SLICE(""), &hash));
    assert_false(code_hash(keys, 1, SLICE(" \t "), &hash));
    assert_true(code_hash(keys, 1, slice_make(longest, LIMIT_CODE_BYTES), &hash));
    assert_false(code_hash(keys, 1, slice_make(longest, LIMIT_CODE_BYTES + 1), &hash));
    keys_close(keys);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(spelling_does_not_matter_but_event_and_house_do,
                                        folder_make, folder_remove),
        cmocka_unit_test_setup_teardown(what_is_empty_or_too_long_is_no_code, folder_make,
                                        folder_remove),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
