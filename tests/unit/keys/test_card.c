#include "unit/keys/support.h"

#include "keys/card.h"

static void a_card_is_the_same_in_one_event_of_one_house_only(void **state)
{
    struct keys *keys, *other;
    struct err err;
    assert_int_equal(keys_open(path_in(*state, "one"), &keys, &err), 0);
    assert_int_equal(keys_open(path_in(*state, "two"), &other, &err), 0);
    struct hash16 card = card_hash(keys, 7, SLICE("Xt5EWLLDS7FJjR1c"));
    assert_true(hash16_equal(card, card_hash(keys, 7, SLICE("Xt5EWLLDS7FJjR1c"))));
    assert_false(hash16_equal(card, card_hash(keys, 7, SLICE("Xt5EWLLDS7FJjR1d"))));
    assert_false(hash16_equal(card, card_hash(keys, 8, SLICE("Xt5EWLLDS7FJjR1c"))));
    assert_false(hash16_equal(card, card_hash(other, 7, SLICE("Xt5EWLLDS7FJjR1c"))));
    keys_close(keys);
    assert_int_equal(keys_open(path_in(*state, "one"), &keys, &err), 0);
    assert_true(hash16_equal(card, card_hash(keys, 7, SLICE("Xt5EWLLDS7FJjR1c"))));
    keys_close(keys);
    keys_close(other);
}

static void what_is_no_fingerprint_is_no_card(void **state)
{
    struct keys *keys;
    struct err err;
    struct hash16 none = {{0}};
    char longest[CARD_FINGERPRINT_MAX + 1];
    memset(longest, 'x', sizeof longest);
    assert_int_equal(keys_open(path_in(*state, "one"), &keys, &err), 0);
    assert_true(hash16_equal(none, card_hash(keys, 7, SLICE(""))));
    assert_true(hash16_equal(none, card_hash(keys, 7, slice_make(longest, sizeof longest))));
    assert_false(hash16_equal(none, card_hash(keys, 7, slice_make(longest, sizeof longest - 1))));
    keys_close(keys);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_card_is_the_same_in_one_event_of_one_house_only,
                                        folder_make, folder_remove),
        cmocka_unit_test_setup_teardown(what_is_no_fingerprint_is_no_card, folder_make,
                                        folder_remove),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
