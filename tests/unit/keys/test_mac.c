#include "unit/keys/support.h"

#include "keys/mac.h"

static void each_wycheproof_verdict_is_ours_too(void **state)
{
    (void)state;
    size_t at, k, count = 0;
    json_t *root = shared_json("wycheproof/hmac_sha256_test.json"), *group, *test;
    json_array_foreach(json_object_get(root, "testGroups"), at, group)
    {
        json_array_foreach(json_object_get(group, "tests"), k, test)
        {
            uint8_t key[512], message[512], tag[64];
            struct mac *mac = NULL;
            struct slice k1 = slice_make(key, from_hex(json_slice(test, "key"), key, sizeof key));
            struct slice m =
                slice_make(message, from_hex(json_slice(test, "msg"), message, sizeof message));
            struct slice t = slice_make(tag, from_hex(json_slice(test, "tag"), tag, sizeof tag));
            bool valid = slice_equal(json_slice(test, "result"), SLICE("valid"));
            assert_int_equal(mac_create(k1, &mac, NULL), 0);
            if (mac_verify(mac, NULL, m, t) != valid)
                fail_msg("vector %d", (int)json_integer_value(json_object_get(test, "tcId")));
            mac_destroy(mac);
            count++;
        }
    }
    assert_int_equal(count, json_integer_value(json_object_get(root, "numberOfTests")));
    json_decref(root);
}

static void an_empty_key_is_a_key(void **state)
{
    (void)state;
    /* HMAC-SHA256 of nothing under no key, as Python's hmac gives it. */
    static const char known[] = "b613679a0814d9ec772f95d778c35fc5ff1697c493715653c6c712144292c5ad";
    uint8_t right[MAC_BYTES], tag[MAC_BYTES];
    struct mac *mac = NULL;
    from_hex(slice_from_string(known), right, sizeof right);
    assert_int_equal(mac_create(slice_make(NULL, 0), &mac, NULL), 0);
    for (int i = 0; i < 2; i++) {
        mac_compute(mac, NULL, slice_make(NULL, 0), tag);
        assert_memory_equal(tag, right, MAC_BYTES);
    }
    mac_destroy(mac);
}

static void a_kept_context_forgets_the_message_before(void **state)
{
    (void)state;
    struct mac *mac = NULL, *copy = NULL;
    uint8_t first[MAC_BYTES], again[MAC_BYTES], other[MAC_BYTES];
    assert_int_equal(mac_create(SLICE("a key"), &mac, NULL), 0);
    mac_compute(mac, "use", SLICE("message"), first);
    mac_compute(mac, "use", SLICE("another message"), other);
    mac_compute(mac, "use", SLICE("message"), again);
    assert_memory_equal(first, again, MAC_BYTES);
    assert_memory_not_equal(first, other, MAC_BYTES);
    assert_int_equal(mac_copy(mac, &copy, NULL), 0);
    mac_destroy(mac);
    mac_compute(copy, "use", SLICE("message"), again);
    assert_memory_equal(first, again, MAC_BYTES);
    mac_destroy(copy);
}

static void a_tag_of_one_purpose_is_wrong_for_another(void **state)
{
    (void)state;
    struct mac *mac = NULL;
    uint8_t tag[MAC_BYTES];
    assert_int_equal(mac_create(SLICE("a key"), &mac, NULL), 0);
    mac_compute(mac, "use", SLICE("message"), tag);
    struct slice whole = slice_make(tag, MAC_BYTES);
    assert_true(mac_verify(mac, "use", SLICE("message"), whole));
    assert_false(mac_verify(mac, "us", SLICE("emessage"), whole));
    assert_false(mac_verify(mac, "use", SLICE("messag"), whole));
    assert_false(mac_verify(mac, NULL, SLICE("message"), whole));
    mac_destroy(mac);
}

static void a_tag_too_short_to_mean_anything_is_refused(void **state)
{
    (void)state;
    struct mac *mac = NULL;
    uint8_t tag[MAC_BYTES + 1] = {0};
    assert_int_equal(mac_create(SLICE("a key"), &mac, NULL), 0);
    mac_compute(mac, NULL, SLICE("message"), tag);
    for (size_t len = 0; len <= sizeof tag; len++)
        assert_int_equal(mac_verify(mac, NULL, SLICE("message"), slice_make(tag, len)),
                         len >= 16 && len <= MAC_BYTES);
    mac_destroy(mac);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_wycheproof_verdict_is_ours_too),
        cmocka_unit_test(an_empty_key_is_a_key),
        cmocka_unit_test(a_kept_context_forgets_the_message_before),
        cmocka_unit_test(a_tag_of_one_purpose_is_wrong_for_another),
        cmocka_unit_test(a_tag_too_short_to_mean_anything_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
