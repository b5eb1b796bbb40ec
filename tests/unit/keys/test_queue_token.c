#include "unit/keys/support.h"

#include "base/time.h"
#include "keys/base64url.h"
#include "keys/fields.h"
#include "keys/queue_token.h"

#define NOW_US 1800000000123456ull
#define DAY_US (86400 * TIME_SECOND_US)

static const struct queue_token_bearer ada = {{"ada's session ha"}, 0x1122334455667788ull};
static const struct queue_token_ticket place = {1, 13999999};
static const struct queue_token_admission admission = {499, 0xfeedfacecafebeefull,
                                                       NOW_US + 900 * TIME_SECOND_US};

struct made {
    struct keys *keys;
    struct slice ticket, admission;
    char ticket_text[QUEUE_TOKEN_TEXT_MAX], admission_text[QUEUE_TOKEN_TEXT_MAX];
};

static struct keys *open_keys(const char *folder, const char *name)
{
    struct keys *keys = NULL;
    struct err err;
    if (keys_open(path_in(folder, name), &keys, &err))
        fail_msg("%s", err.detail);
    return keys;
}

static void make(struct made *m, const char *folder)
{
    m->keys = open_keys(folder, "keys");
    size_t len = queue_token_issue_ticket(m->keys, &ada, &place, NOW_US, m->ticket_text);
    m->ticket = slice_make(m->ticket_text, len);
    len = queue_token_issue_admission(m->keys, &ada, &admission, NOW_US, m->admission_text);
    m->admission = slice_make(m->admission_text, len);
}

/* Read as both kinds; what is refused must leave the outputs alone. */
static enum queue_token_verdict read_ticket(struct keys *keys, struct slice text,
                                            const struct queue_token_bearer *bearer, uint64_t now)
{
    struct queue_token_ticket read = {7, 7};
    enum queue_token_verdict v = queue_token_read_ticket(keys, text, bearer, now, &read);
    if (v == QUEUE_TOKEN_OK)
        assert_true(read.lane == place.lane && read.number == place.number);
    else
        assert_true(read.lane == 7 && read.number == 7);
    return v;
}

static enum queue_token_verdict read_admission(struct keys *keys, struct slice text,
                                               const struct queue_token_bearer *bearer,
                                               uint64_t now)
{
    struct queue_token_admission read = {7, 7, 7};
    enum queue_token_verdict v = queue_token_read_admission(keys, text, bearer, now, &read);
    if (v == QUEUE_TOKEN_OK || v == QUEUE_TOKEN_EXPIRED)
        assert_true(read.slot == admission.slot && read.random == admission.random &&
                    read.expires_at_us == admission.expires_at_us);
    else
        assert_true(read.slot == 7 && read.random == 7 && read.expires_at_us == 7);
    return v;
}

static void a_token_says_what_was_put_into_it(void **state)
{
    struct made m;
    make(&m, *state);
    assert_int_equal(m.ticket.len, QUEUE_TOKEN_TICKET_CHARS);
    assert_int_equal(strlen(m.ticket_text), QUEUE_TOKEN_TICKET_CHARS);
    assert_int_equal(m.admission.len, QUEUE_TOKEN_ADMISSION_CHARS);
    assert_int_equal(strlen(m.admission_text), QUEUE_TOKEN_ADMISSION_CHARS);
    assert_int_equal(read_ticket(m.keys, m.ticket, &ada, NOW_US), QUEUE_TOKEN_OK);
    assert_int_equal(read_admission(m.keys, m.admission, &ada, NOW_US), QUEUE_TOKEN_OK);
    keys_close(m.keys);
}

static void a_token_outlives_a_restart(void **state)
{
    struct made m;
    make(&m, *state);
    keys_close(m.keys);
    m.keys = open_keys(*state, "keys");
    assert_int_equal(read_ticket(m.keys, m.ticket, &ada, NOW_US), QUEUE_TOKEN_OK);
    keys_close(m.keys);
}

static void a_token_of_another_session_or_event_is_named_so(void **state)
{
    struct made m;
    make(&m, *state);
    for (unsigned bit = 0; bit < 128; bit++) {
        struct queue_token_bearer eve = ada;
        eve.session.bytes[bit / 8] ^= (uint8_t)(1u << bit % 8);
        assert_int_equal(read_ticket(m.keys, m.ticket, &eve, NOW_US), QUEUE_TOKEN_OTHER_SESSION);
        assert_int_equal(read_admission(m.keys, m.admission, &eve, NOW_US),
                         QUEUE_TOKEN_OTHER_SESSION);
    }
    for (unsigned bit = 0; bit < 64; bit++) {
        struct queue_token_bearer there = ada;
        there.event_random ^= 1ull << bit;
        assert_int_equal(read_ticket(m.keys, m.ticket, &there, NOW_US), QUEUE_TOKEN_OTHER_EVENT);
        assert_int_equal(read_admission(m.keys, m.admission, &there, NOW_US),
                         QUEUE_TOKEN_OTHER_EVENT);
    }
    keys_close(m.keys);
}

static void one_kind_is_not_taken_for_the_other(void **state)
{
    struct made m;
    make(&m, *state);
    assert_int_equal(read_ticket(m.keys, m.admission, &ada, NOW_US), QUEUE_TOKEN_MALFORMED);
    assert_int_equal(read_admission(m.keys, m.ticket, &ada, NOW_US), QUEUE_TOKEN_MALFORMED);
    keys_close(m.keys);
}

static void an_admission_ends_at_its_time(void **state)
{
    struct made m;
    make(&m, *state);
    uint64_t end = admission.expires_at_us;
    assert_int_equal(read_admission(m.keys, m.admission, &ada, end - 1), QUEUE_TOKEN_OK);
    assert_int_equal(read_admission(m.keys, m.admission, &ada, end), QUEUE_TOKEN_EXPIRED);
    assert_int_equal(read_ticket(m.keys, m.ticket, &ada, end), QUEUE_TOKEN_OK);
    keys_close(m.keys);
}

static void keys_rotate_daily_and_retire_after_their_days(void **state)
{
    struct made m;
    make(&m, *state);
    uint64_t midnight = NOW_US / DAY_US * DAY_US;
    uint64_t last = midnight + (QUEUE_TOKEN_DAYS + 1) * DAY_US - 1;
    for (unsigned day = 0; day <= QUEUE_TOKEN_DAYS; day++)
        assert_int_equal(read_ticket(m.keys, m.ticket, &ada, NOW_US + day * DAY_US),
                         QUEUE_TOKEN_OK);
    assert_int_equal(read_ticket(m.keys, m.ticket, &ada, last), QUEUE_TOKEN_OK);
    assert_int_equal(read_ticket(m.keys, m.ticket, &ada, last + 1), QUEUE_TOKEN_RETIRED);
    /* A clock that was put back over midnight is no reason to send a visitor away; a token of the
     * day after tomorrow was made by nobody here. */
    assert_int_equal(read_ticket(m.keys, m.ticket, &ada, midnight - 1), QUEUE_TOKEN_OK);
    assert_int_equal(read_ticket(m.keys, m.ticket, &ada, midnight - DAY_US - 1),
                     QUEUE_TOKEN_FORGED);
    /* More days than keys are kept in memory, forth and back. */
    for (unsigned day = 0; day < 200; day++) {
        char text[QUEUE_TOKEN_TEXT_MAX];
        uint64_t now = NOW_US + day * DAY_US;
        size_t len = queue_token_issue_ticket(m.keys, &ada, &place, now, text);
        assert_int_equal(read_ticket(m.keys, slice_make(text, len), &ada, now), QUEUE_TOKEN_OK);
    }
    assert_int_equal(read_ticket(m.keys, m.ticket, &ada, NOW_US), QUEUE_TOKEN_OK);
    keys_close(m.keys);
}

static void the_same_place_has_another_token_every_day(void **state)
{
    struct made m;
    char text[QUEUE_TOKEN_TEXT_MAX];
    uint8_t today[66], tomorrow[66];
    size_t len = 0;
    make(&m, *state);
    queue_token_issue_ticket(m.keys, &ada, &place, NOW_US + DAY_US, text);
    assert_true(base64url_decode(m.ticket, sizeof today, today, &len));
    assert_true(base64url_decode(slice_from_string(text), sizeof tomorrow, tomorrow, &len));
    assert_memory_equal(today + 4, tomorrow + 4, 29); /* what it says */
    assert_memory_not_equal(today + 33, tomorrow + 33, 18);
    keys_close(m.keys);
}

static void another_house_and_a_replaced_key_do_not_take_it(void **state)
{
    struct made m;
    make(&m, *state);
    struct keys *other = open_keys(*state, "other");
    assert_int_equal(read_ticket(other, m.ticket, &ada, NOW_US), QUEUE_TOKEN_FORGED);
    assert_int_equal(read_admission(other, m.admission, &ada, NOW_US), QUEUE_TOKEN_FORGED);
    keys_close(other);
    keys_close(m.keys);
    assert_int_equal(unlink(path_in(*state, "keys/queue.key")), 0);
    m.keys = open_keys(*state, "keys");
    assert_int_equal(read_ticket(m.keys, m.ticket, &ada, NOW_US), QUEUE_TOKEN_FORGED);
    keys_close(m.keys);
}

/* Every bit of a token but those of version and kind, which make it malformed, and of the day,
 * which may make it retired. */
static void each_bit(struct keys *keys, struct slice text,
                     enum queue_token_verdict (*read)(struct keys *, struct slice,
                                                      const struct queue_token_bearer *, uint64_t))
{
    uint8_t bytes[66];
    size_t len = 0;
    assert_true(base64url_decode(text, sizeof bytes, bytes, &len));
    for (size_t bit = 0; bit < len * 8; bit++) {
        char changed[QUEUE_TOKEN_TEXT_MAX];
        bytes[bit / 8] ^= (uint8_t)(1u << bit % 8);
        struct slice token = slice_make(changed, base64url_encode(slice_make(bytes, len), changed));
        bytes[bit / 8] ^= (uint8_t)(1u << bit % 8);
        enum queue_token_verdict verdict = read(keys, token, &ada, NOW_US);
        if (bit < 16)
            assert_int_equal(verdict, QUEUE_TOKEN_MALFORMED);
        else if (bit < 32)
            assert_true(verdict == QUEUE_TOKEN_FORGED || verdict == QUEUE_TOKEN_RETIRED);
        else
            assert_int_equal(verdict, QUEUE_TOKEN_FORGED);
    }
}

static void each_single_bit_change_is_refused(void **state)
{
    struct made m;
    make(&m, *state);
    each_bit(m.keys, m.ticket, read_ticket);
    each_bit(m.keys, m.admission, read_admission);
    keys_close(m.keys);
}

static void each_other_spelling_is_refused(void **state)
{
    struct made m;
    char text[QUEUE_TOKEN_TEXT_MAX + 2];
    make(&m, *state);
    memcpy(text, m.ticket_text, m.ticket.len + 1);
    for (size_t len = 0; len < m.ticket.len; len++)
        assert_int_equal(read_ticket(m.keys, slice_make(text, len), &ada, NOW_US),
                         QUEUE_TOKEN_MALFORMED);
    for (const char *behind = "=A \n"; *behind; behind++) {
        text[m.ticket.len] = *behind;
        assert_int_equal(read_ticket(m.keys, slice_make(text, m.ticket.len + 1), &ada, NOW_US),
                         QUEUE_TOKEN_MALFORMED);
    }
    /* Any other byte in any place. */
    for (size_t at = 0; at < m.ticket.len; at++) {
        for (unsigned byte = 0; byte < 256; byte++) {
            if ((char)byte == m.ticket_text[at])
                continue;
            text[at] = (char)byte;
            assert_int_not_equal(read_ticket(m.keys, slice_make(text, m.ticket.len), &ada, NOW_US),
                                 QUEUE_TOKEN_OK);
        }
        text[at] = m.ticket_text[at];
    }
    keys_close(m.keys);
}

static void no_two_lists_of_fields_make_the_same_message(void **state)
{
    (void)state;
    struct fields a = FIELDS_INIT, b = FIELDS_INIT;
    fields_add(&a, "ab", 2);
    fields_add(&a, "c", 1);
    fields_add(&b, "a", 1);
    fields_add(&b, "bc", 2);
    assert_false(slice_equal(fields_slice(&a), fields_slice(&b)));
    fields_add(&a, NULL, 0);
    assert_int_equal(a.len, b.len + 1);
    fields_add_u64(&b, 0x0102030405060708ull);
    assert_memory_equal(b.bytes + 5, "\x08\x01\x02\x03\x04\x05\x06\x07\x08", 9);
}

#define WITH_FOLDER(test) cmocka_unit_test_setup_teardown(test, folder_make, folder_remove)

int main(void)
{
    const struct CMUnitTest tests[] = {
        WITH_FOLDER(a_token_says_what_was_put_into_it),
        WITH_FOLDER(a_token_outlives_a_restart),
        WITH_FOLDER(a_token_of_another_session_or_event_is_named_so),
        WITH_FOLDER(one_kind_is_not_taken_for_the_other),
        WITH_FOLDER(an_admission_ends_at_its_time),
        WITH_FOLDER(keys_rotate_daily_and_retire_after_their_days),
        WITH_FOLDER(the_same_place_has_another_token_every_day),
        WITH_FOLDER(another_house_and_a_replaced_key_do_not_take_it),
        WITH_FOLDER(each_single_bit_change_is_refused),
        WITH_FOLDER(each_other_spelling_is_refused),
        cmocka_unit_test(no_two_lists_of_fields_make_the_same_message),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
