#include "unit/keys/support.h"

#include "keys/base64url.h"
#include "keys/signature.h"
#include "keys/ticket.h"

/* Made with another implementation (Node's crypto) from the layout in keys/ticket.h. */
#define TICKET_SAMPLE_TEXT                                                  \
    "+50X507H0000-KJZ6S96O200500FPDUOQGPD9.D000 $65R4MLV5 GFPK203NNH.:MN:G" \
    "Y7ER9T/LJK3F2JR NFAJ9S.5%V05KCC7ME:PMGSI2V4-8Y2L:Q2HPV3SF.69NF0H6KZQJ"

static const struct ticket sample = {
    .partition = 0x01020304,
    .ordinal = 39416,
    .serial = 0xdeadbeef,
    .generation = 2,
    .product = 5,
    .valid_from_s = 1800000000,
    .valid_until_s = 1800040000,
};

static struct keys *open_keys(const char *folder)
{
    struct keys *keys = NULL;
    struct err err;
    if (keys_open(path_in(folder, "keys"), &keys, &err))
        fail_msg("%s", err.detail);
    return keys;
}

static void sign(struct keys *keys, const struct ticket *ticket, uint8_t ret_token[TICKET_BYTES])
{
    struct err err;
    if (ticket_sign(keys, ticket, ret_token, &err))
        fail_msg("%s", err.detail);
}

static void public_key(struct keys *keys, uint32_t partition, uint8_t key_id, uint8_t ret_key[32])
{
    struct err err;
    if (ticket_key_public(keys, partition, key_id, ret_key, &err))
        fail_msg("%s", err.detail);
}

/* The layout is a promise to gates that others write: these bytes never change for version 1. */
static void the_token_of_a_known_key_is_known_byte_for_byte(void **state)
{
    (void)state;
    uint8_t seed[32], public_half[32], secret[64], token[TICKET_BYTES], head[TICKET_SIGNED_BYTES];
    char text[TICKET_TEXT_MAX];
    memset(seed, 7, sizeof seed);
    signature_keys(seed, public_half, secret);
    ticket_sign_with(&sample, 9, secret, token);
    from_hex(SLICE("0109"
                   "01020304"
                   "000099f8"
                   "deadbeef"
                   "0002"
                   "0005"
                   "6b49d200"
                   "6b4a6e40"
                   "0000"),
             head, sizeof head);
    assert_memory_equal(token, head, sizeof head);
    ticket_encode(token, text);
    assert_string_equal(text, TICKET_SAMPLE_TEXT);
}

static void what_was_signed_is_read_back(void **state)
{
    struct keys *keys = open_keys(*state);
    uint8_t token[TICKET_BYTES], back[TICKET_BYTES], key[32], key_id = 0;
    char text[TICKET_TEXT_MAX], same[TICKET_TEXT_MAX];
    struct ticket read;
    uint32_t partition = 0;
    sign(keys, &sample, token);
    ticket_encode(token, text);
    assert_int_equal(strlen(text), TICKET_TEXT_CHARS);
    assert_int_equal(ticket_sign_text(keys, &sample, same, NULL), 0);
    assert_string_equal(text, same);
    assert_true(ticket_decode(slice_from_string(text), back));
    assert_memory_equal(token, back, sizeof token);
    ticket_claims(back, &key_id, &partition);
    assert_int_equal(key_id, 1);
    assert_int_equal(partition, sample.partition);
    public_key(keys, partition, key_id, key);
    assert_int_equal(ticket_verify(key, back, &read), TICKET_OK);
    assert_int_equal(read.key_id, 1);
    assert_int_equal(read.partition, sample.partition);
    assert_int_equal(read.ordinal, sample.ordinal);
    assert_int_equal(read.serial, sample.serial);
    assert_int_equal(read.generation, sample.generation);
    assert_int_equal(read.product, sample.product);
    assert_int_equal(read.valid_from_s, sample.valid_from_s);
    assert_int_equal(read.valid_until_s, sample.valid_until_s);
    assert_int_equal(read.flags, 0);
    keys_close(keys);
}

static void each_single_bit_change_is_refused(void **state)
{
    struct keys *keys = open_keys(*state);
    uint8_t token[TICKET_BYTES], key[32];
    struct ticket read = {.ordinal = 77};
    size_t bits = 0;
    sign(keys, &sample, token);
    public_key(keys, sample.partition, 1, key);
    for (; bits < TICKET_BYTES * 8; bits++) {
        token[bits / 8] ^= (uint8_t)(1u << bits % 8);
        if (ticket_verify(key, token, &read) != TICKET_FORGED)
            fail_msg("bit %zu", bits);
        token[bits / 8] ^= (uint8_t)(1u << bits % 8);
    }
    assert_int_equal(bits, 736);
    assert_int_equal(read.ordinal, 77);
    assert_int_equal(ticket_verify(key, token, &read), TICKET_OK);
    for (bits = 0; bits < 256; bits++) {
        key[bits / 8] ^= (uint8_t)(1u << bits % 8);
        assert_int_equal(ticket_verify(key, token, &read), TICKET_FORGED);
        key[bits / 8] ^= (uint8_t)(1u << bits % 8);
    }
    keys_close(keys);
}

/* Any other character at any of the 138 places either does not decode or does not verify. */
static void each_single_character_change_is_refused(void **state)
{
    struct keys *keys = open_keys(*state);
    uint8_t token[TICKET_BYTES], key[32];
    char text[TICKET_TEXT_MAX];
    struct ticket read;
    sign(keys, &sample, token);
    ticket_encode(token, text);
    public_key(keys, sample.partition, 1, key);
    for (size_t at = 0; at < TICKET_TEXT_CHARS; at++) {
        char was = text[at];
        for (const char *c = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:az\n"; *c; c++) {
            text[at] = *c;
            if (*c != was && ticket_decode(slice_make(text, TICKET_TEXT_CHARS), token))
                assert_int_equal(ticket_verify(key, token, &read), TICKET_FORGED);
        }
        text[at] = was;
    }
    keys_close(keys);
}

static void a_text_of_another_form_is_refused(void **state)
{
    struct keys *keys = open_keys(*state);
    uint8_t token[TICKET_BYTES] = {0};
    char text[TICKET_TEXT_MAX + 3] = {0}, lower[TICKET_TEXT_MAX];
    struct err err;
    assert_int_equal(ticket_sign_text(keys, &sample, text, &err), 0);
    for (size_t len = 0; len < TICKET_TEXT_CHARS; len++)
        assert_false(ticket_decode(slice_make(text, len), token));
    for (size_t i = 0; i < sizeof lower; i++)
        lower[i] = text[i] >= 'A' && text[i] <= 'Z' ? (char)(text[i] + 32) : text[i];
    assert_false(ticket_decode(slice_make(lower, TICKET_TEXT_CHARS), token));
    assert_false(ticket_decode(slice_make(text, TICKET_TEXT_CHARS + 1), token)); /* the NUL */
    memcpy(text + TICKET_TEXT_CHARS, "000", 3);
    assert_false(ticket_decode(slice_make(text, TICKET_TEXT_CHARS + 1), token));
    assert_false(ticket_decode(slice_make(text, TICKET_TEXT_CHARS + 3), token));
    text[0] = text[1] = text[2] = ':'; /* 45^3 - 1 is over 65535 */
    assert_false(ticket_decode(slice_make(text, TICKET_TEXT_CHARS), token));
    keys_close(keys);
}

/* A key may only ever have signed this version; should a bug sign another, nobody acts on it. */
static void a_well_signed_token_of_another_version_is_malformed(void **state)
{
    (void)state;
    static const struct {
        size_t at;
        uint8_t value;
    } rows[] = {{0, 0}, {0, 2}, {1, 0}, {26, 1}, {27, 1}};
    uint8_t seed[32] = {1}, key[32], secret[64], token[TICKET_BYTES], message[17 + 28];
    struct ticket read;
    signature_keys(seed, key, secret);
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        ticket_sign_with(&sample, 1, secret, token);
        token[rows[i].at] = rows[i].value;
        memcpy(message, "onsale ticket v1", 17);
        memcpy(message + 17, token, 28);
        signature_make(secret, slice_make(message, sizeof message), token + 28);
        assert_int_equal(ticket_verify(key, token, &read), TICKET_MALFORMED);
    }
}

static void the_domain_is_part_of_what_is_signed(void **state)
{
    (void)state;
    uint8_t seed[32] = {1}, key[32], secret[64], token[TICKET_BYTES];
    struct ticket read;
    signature_keys(seed, key, secret);
    ticket_sign_with(&sample, 1, secret, token);
    signature_make(secret, slice_make(token, TICKET_SIGNED_BYTES), token + TICKET_SIGNED_BYTES);
    assert_int_equal(ticket_verify(key, token, &read), TICKET_FORGED);
}

static void flags_that_nobody_defined_are_not_signed(void **state)
{
    struct keys *keys = open_keys(*state);
    struct ticket flagged = sample;
    uint8_t token[TICKET_BYTES];
    struct err err;
    flagged.flags = 1;
    assert_true(ticket_sign(keys, &flagged, token, &err) < 0);
    keys_close(keys);
}

static void one_event_s_key_is_wrong_for_another(void **state)
{
    struct keys *keys = open_keys(*state);
    struct ticket other = sample, read;
    uint8_t token[TICKET_BYTES], key[32];
    other.partition++;
    sign(keys, &sample, token);
    assert_int_equal(ticket_key_prepare(keys, other.partition, NULL), 0);
    public_key(keys, other.partition, 1, key);
    assert_int_equal(ticket_verify(key, token, &read), TICKET_FORGED);
    keys_close(keys);
}

static void a_ticket_is_the_same_after_a_restart(void **state)
{
    uint8_t first[TICKET_BYTES], second[TICKET_BYTES];
    struct keys *keys = open_keys(*state);
    sign(keys, &sample, first);
    keys_close(keys);
    keys = open_keys(*state);
    sign(keys, &sample, second);
    assert_memory_equal(first, second, sizeof first);
    keys_close(keys);
}

static void events_that_share_a_place_in_memory_keep_their_keys(void **state)
{
    struct keys *keys = open_keys(*state);
    uint8_t first[TICKET_BYTES], again[TICKET_BYTES], other[TICKET_BYTES], key[32];
    struct ticket far = sample, read;
    far.partition += 1024;
    for (int i = 0; i < 3; i++) {
        sign(keys, &sample, i ? again : first);
        sign(keys, &far, other);
        if (i)
            assert_memory_equal(first, again, sizeof first);
        assert_int_equal(ticket_key_prepare(keys, i % 2 ? sample.partition : far.partition, NULL),
                         0);
        public_key(keys, sample.partition, 1, key);
        assert_int_equal(ticket_verify(key, first, &read), TICKET_OK);
        public_key(keys, far.partition, 1, key);
        assert_int_equal(ticket_verify(key, other, &read), TICKET_OK);
    }
    keys_close(keys);
}

static void a_new_key_signs_and_the_old_one_still_verifies(void **state)
{
    struct keys *keys = open_keys(*state);
    uint8_t old[TICKET_BYTES], young[TICKET_BYTES], key[32], key_id = 0;
    struct ticket read;
    struct err err;
    sign(keys, &sample, old);
    assert_int_equal(ticket_key_rotate(keys, sample.partition, &key_id, &err), 0);
    assert_int_equal(key_id, 2);
    for (int restart = 0; restart < 2; restart++) {
        sign(keys, &sample, young);
        assert_int_equal(young[1], 2);
        public_key(keys, sample.partition, 1, key);
        assert_int_equal(ticket_verify(key, old, &read), TICKET_OK);
        assert_int_equal(ticket_verify(key, young, &read), TICKET_FORGED);
        public_key(keys, sample.partition, 2, key);
        assert_int_equal(ticket_verify(key, young, &read), TICKET_OK);
        assert_int_equal(read.key_id, 2);
        keys_close(keys);
        keys = open_keys(*state);
    }
    assert_true(ticket_key_public(keys, sample.partition, 3, key, &err) < 0);
    assert_true(ticket_key_public(keys, sample.partition, 0, key, &err) < 0);
    assert_true(ticket_key_public(keys, 4711, 1, key, &err) < 0);
    keys_close(keys);
}

static void an_event_has_at_most_255_keys(void **state)
{
    struct keys *keys = open_keys(*state);
    uint8_t key_id = 0;
    struct err err;
    for (int i = 1; i <= 255; i++) {
        assert_int_equal(ticket_key_rotate(keys, 3, &key_id, &err), 0);
        assert_int_equal(key_id, i);
    }
    assert_true(ticket_key_rotate(keys, 3, &key_id, &err) < 0);
    assert_non_null(strstr(err.detail, "255"));
    assert_int_equal(key_id, 255);
    keys_close(keys);
}

static void the_public_keys_are_served_as_json(void **state)
{
    struct keys *keys = open_keys(*state);
    uint8_t key_id = 0, key[32], served[32];
    size_t len = 0;
    struct err err;
    BUF_AUTO struct buf out = BUF_INIT;
    struct json j;
    assert_int_equal(ticket_key_rotate(keys, 8, &key_id, &err), 0);
    assert_int_equal(ticket_key_rotate(keys, 8, &key_id, &err), 0);
    json_begin(&j, &out);
    json_put_object(&j, NULL);
    assert_int_equal(ticket_keys_public(keys, 8, &j, "keys", &err), 0);
    json_end(&j);
    json_t *root = json_loadb(out.data, out.len, JSON_REJECT_DUPLICATES, NULL);
    json_t *list = json_object_get(root, "keys");
    assert_int_equal(json_array_size(list), 2);
    for (size_t i = 0; i < 2; i++) {
        json_t *item = json_array_get(list, i);
        assert_int_equal(json_integer_value(json_object_get(item, "kid")), i + 1);
        assert_true(slice_equal(json_slice(item, "alg"), SLICE("Ed25519")));
        assert_true(base64url_decode(json_slice(item, "public_key"), 32, served, &len));
        public_key(keys, 8, (uint8_t)(i + 1), key);
        assert_memory_equal(served, key, 32);
    }
    json_decref(root);
    keys_close(keys);
}

#define WITH_FOLDER(test) cmocka_unit_test_setup_teardown(test, folder_make, folder_remove)

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_token_of_a_known_key_is_known_byte_for_byte),
        WITH_FOLDER(what_was_signed_is_read_back),
        WITH_FOLDER(each_single_bit_change_is_refused),
        WITH_FOLDER(each_single_character_change_is_refused),
        WITH_FOLDER(a_text_of_another_form_is_refused),
        cmocka_unit_test(a_well_signed_token_of_another_version_is_malformed),
        cmocka_unit_test(the_domain_is_part_of_what_is_signed),
        WITH_FOLDER(flags_that_nobody_defined_are_not_signed),
        WITH_FOLDER(one_event_s_key_is_wrong_for_another),
        WITH_FOLDER(a_ticket_is_the_same_after_a_restart),
        WITH_FOLDER(events_that_share_a_place_in_memory_keep_their_keys),
        WITH_FOLDER(a_new_key_signs_and_the_old_one_still_verifies),
        WITH_FOLDER(an_event_has_at_most_255_keys),
        WITH_FOLDER(the_public_keys_are_served_as_json),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
