#include "unit/keys/support.h"

#include "keys/signature.h"

static void each_wycheproof_verdict_is_ours_too(void **state)
{
    (void)state;
    size_t at, k, count = 0;
    json_t *root = shared_json("wycheproof/ed25519_test.json"), *group, *test;
    json_array_foreach(json_object_get(root, "testGroups"), at, group)
    {
        uint8_t key[SIGNATURE_PUBLIC_BYTES];
        struct slice hex = json_slice(json_object_get(group, "publicKey"), "pk");
        assert_int_equal(from_hex(hex, key, sizeof key), sizeof key);
        json_array_foreach(json_object_get(group, "tests"), k, test)
        {
            uint8_t message[1024], signature[256];
            struct slice m =
                slice_make(message, from_hex(json_slice(test, "msg"), message, sizeof message));
            struct slice s = slice_make(
                signature, from_hex(json_slice(test, "sig"), signature, sizeof signature));
            bool valid = slice_equal(json_slice(test, "result"), SLICE("valid"));
            if (signature_verify(key, m, s) != valid)
                fail_msg("vector %d", (int)json_integer_value(json_object_get(test, "tcId")));
            count++;
        }
    }
    assert_int_equal(count, json_integer_value(json_object_get(root, "numberOfTests")));
    json_decref(root);
}

/* RFC 8032, 7.1, test 2. */
static void the_key_and_signature_of_the_rfc_come_out(void **state)
{
    (void)state;
    static const char seed_hex[] =
        "4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb";
    static const char public_hex[] =
        "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c";
    static const char signature_hex[] =
        "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da"
        "085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00";
    uint8_t seed[32], public_key[32], secret[64], signature[64], right[64];
    from_hex(slice_from_string(seed_hex), seed, sizeof seed);
    signature_keys(seed, public_key, secret);
    from_hex(slice_from_string(public_hex), right, sizeof right);
    assert_memory_equal(public_key, right, 32);
    signature_make(secret, SLICE("\x72"), signature);
    from_hex(slice_from_string(signature_hex), right, sizeof right);
    assert_memory_equal(signature, right, 64);
    assert_true(signature_verify(public_key, SLICE("\x72"), slice_make(signature, 64)));
    assert_false(signature_verify(public_key, SLICE("\x73"), slice_make(signature, 64)));
    assert_false(signature_verify(public_key, SLICE("\x72"), slice_make(signature, 63)));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_wycheproof_verdict_is_ours_too),
        cmocka_unit_test(the_key_and_signature_of_the_rfc_come_out),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
