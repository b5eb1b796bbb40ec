#include "unit/keys/support.h"

#include "base/limits.h"
#include "base/time.h"
#include "keys/base64url.h"
#include "keys/session.h"

#define NOW_US 1800000000123456ull

static struct keys *open_keys(const char *folder, const char *name)
{
    struct keys *keys = NULL;
    struct err err;
    if (keys_open(path_in(folder, name), &keys, &err))
        fail_msg("%s", err.detail);
    return keys;
}

static void a_token_names_the_session_it_was_made_for(void **state)
{
    struct keys *keys = open_keys(*state, "keys");
    char text[SESSION_TEXT_MAX], public[SESSION_PUBLIC_MAX], again[SESSION_PUBLIC_MAX];
    struct session made, read;
    session_issue(keys, NOW_US, text, &made);
    assert_int_equal(strlen(text), SESSION_TOKEN_CHARS);
    assert_int_equal(session_verify(keys, slice_from_string(text), NOW_US, &read), SESSION_OK);
    assert_memory_equal(made.id, read.id, SESSION_ID_BYTES);
    assert_memory_equal(made.hash.bytes, read.hash.bytes, 16);
    assert_int_equal(read.issued_us, NOW_US / TIME_SECOND_US * TIME_SECOND_US);
    assert_int_equal(session_public(&made, public), 26);
    session_public(&read, again);
    assert_string_equal(public, again);
    assert_null(strstr(text, public + 4));
    keys_close(keys);
}

static void a_token_outlives_a_restart(void **state)
{
    struct keys *keys = open_keys(*state, "keys");
    char text[SESSION_TEXT_MAX];
    struct session made, read;
    session_issue(keys, NOW_US, text, &made);
    keys_close(keys);
    keys = open_keys(*state, "keys");
    assert_int_equal(session_verify(keys, slice_from_string(text), NOW_US, &read), SESSION_OK);
    keys_close(keys);
}

static void a_token_seen_before_is_checked_as_strictly(void **state)
{
    struct keys *keys = open_keys(*state, "keys");
    char text[SESSION_TEXT_MAX];
    struct session made, read;
    session_issue(keys, NOW_US, text, &made);
    struct slice token = slice_make(text, SESSION_TOKEN_CHARS);
    for (int i = 0; i < 2; i++) {
        assert_int_equal(session_verify(keys, token, NOW_US, &read), SESSION_OK);
        assert_memory_equal(made.hash.bytes, read.hash.bytes, 16);
        uint64_t late = NOW_US + (LIMIT_SESSION_SECONDS + 1) * TIME_SECOND_US;
        assert_int_equal(session_verify(keys, token, late, &read), SESSION_EXPIRED);
        text[SESSION_TOKEN_CHARS - 1] ^= 1;
        assert_int_not_equal(session_verify(keys, token, NOW_US, &read), SESSION_OK);
        text[SESSION_TOKEN_CHARS - 1] ^= 1;
    }
    static const char nothing[SESSION_TOKEN_CHARS];
    assert_int_equal(session_verify(keys, slice_make(nothing, sizeof nothing), NOW_US, &read),
                     SESSION_MALFORMED);
    keys_close(keys);
}

static void more_sessions_than_are_remembered_stay_apart(void **state)
{
    enum { SESSIONS = 40000 };
    struct keys *keys = open_keys(*state, "keys");
    static char text[SESSIONS][SESSION_TEXT_MAX];
    static struct session made[SESSIONS];
    for (int i = 0; i < SESSIONS; i++)
        session_issue(keys, NOW_US, text[i], &made[i]);
    for (int i = 0; i < 2 * SESSIONS; i++) {
        struct session read;
        struct slice token = slice_from_string(text[i % SESSIONS]);
        assert_int_equal(session_verify(keys, token, NOW_US, &read), SESSION_OK);
        assert_memory_equal(read.id, made[i % SESSIONS].id, SESSION_ID_BYTES);
        assert_memory_equal(read.hash.bytes, made[i % SESSIONS].hash.bytes, 16);
    }
    keys_close(keys);
}

static void another_house_does_not_take_it(void **state)
{
    struct keys *keys = open_keys(*state, "keys"), *other = open_keys(*state, "other");
    char text[SESSION_TEXT_MAX];
    struct session made, read = {.issued_us = 7};
    session_issue(keys, NOW_US, text, &made);
    assert_int_equal(session_verify(other, slice_from_string(text), NOW_US, &read), SESSION_FORGED);
    assert_int_equal(read.issued_us, 7);
    keys_close(keys);
    keys_close(other);
}

static void each_single_bit_change_is_refused(void **state)
{
    struct keys *keys = open_keys(*state, "keys");
    char text[SESSION_TEXT_MAX];
    struct session made, read;
    uint8_t bytes[39];
    size_t len = 0, bits = 0;
    session_issue(keys, NOW_US, text, &made);
    assert_true(base64url_decode(slice_make(text, SESSION_TOKEN_CHARS), sizeof bytes, bytes, &len));
    assert_int_equal(len, sizeof bytes);
    for (; bits < sizeof bytes * 8; bits++) {
        char changed[SESSION_TOKEN_CHARS];
        bytes[bits / 8] ^= (uint8_t)(1u << bits % 8);
        base64url_encode(slice_make(bytes, sizeof bytes), changed);
        bytes[bits / 8] ^= (uint8_t)(1u << bits % 8);
        enum session_verdict verdict =
            session_verify(keys, slice_make(changed, sizeof changed), NOW_US, &read);
        assert_int_equal(verdict, bits < 8 ? SESSION_MALFORMED : SESSION_FORGED);
    }
    assert_int_equal(bits, 312);
    keys_close(keys);
}

static void another_form_is_malformed(void **state)
{
    struct keys *keys = open_keys(*state, "keys");
    char text[SESSION_TEXT_MAX + 2];
    struct session made, read;
    session_issue(keys, NOW_US, text, &made);
    for (size_t len = 0; len < SESSION_TOKEN_CHARS; len++)
        assert_int_equal(session_verify(keys, slice_make(text, len), NOW_US, &read),
                         SESSION_MALFORMED);
    text[SESSION_TOKEN_CHARS] = 'A';
    assert_int_equal(session_verify(keys, slice_make(text, SESSION_TOKEN_CHARS + 1), NOW_US, &read),
                     SESSION_MALFORMED);
    text[10] = '=';
    assert_int_equal(session_verify(keys, slice_make(text, SESSION_TOKEN_CHARS), NOW_US, &read),
                     SESSION_MALFORMED);
    keys_close(keys);
}

static void a_token_ends_after_its_time(void **state)
{
    struct keys *keys = open_keys(*state, "keys");
    char text[SESSION_TEXT_MAX];
    struct session made, read;
    session_issue(keys, NOW_US, text, &made);
    uint64_t last_us = made.issued_us + LIMIT_SESSION_SECONDS * TIME_SECOND_US;
    assert_int_equal(session_verify(keys, slice_from_string(text), last_us, &read), SESSION_OK);
    assert_int_equal(session_verify(keys, slice_from_string(text), last_us + 1, &read),
                     SESSION_EXPIRED);
    /* A clock that went back since it was issued is no reason to send a buyer away. */
    assert_int_equal(session_verify(keys, slice_from_string(text), 0, &read), SESSION_OK);
    keys_close(keys);
}

static void no_two_sessions_are_the_same(void **state)
{
    struct keys *keys = open_keys(*state, "keys");
    char texts[64][SESSION_TEXT_MAX];
    for (size_t i = 0; i < 64; i++) {
        struct session made;
        session_issue(keys, NOW_US, texts[i], &made);
        for (size_t k = 0; k < i; k++)
            assert_string_not_equal(texts[i], texts[k]);
    }
    keys_close(keys);
}

#define WITH_FOLDER(test) cmocka_unit_test_setup_teardown(test, folder_make, folder_remove)

int main(void)
{
    const struct CMUnitTest tests[] = {
        WITH_FOLDER(a_token_names_the_session_it_was_made_for),
        WITH_FOLDER(a_token_outlives_a_restart),
        WITH_FOLDER(a_token_seen_before_is_checked_as_strictly),
        WITH_FOLDER(more_sessions_than_are_remembered_stay_apart),
        WITH_FOLDER(another_house_does_not_take_it),
        WITH_FOLDER(each_single_bit_change_is_refused),
        WITH_FOLDER(another_form_is_malformed),
        WITH_FOLDER(a_token_ends_after_its_time),
        WITH_FOLDER(no_two_sessions_are_the_same),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
