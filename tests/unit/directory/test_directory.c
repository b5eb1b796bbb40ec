#include "base/buf.h"
#include "directory/directory.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdlib.h>

static struct directory *fresh(void)
{
    void *memory = calloc(1, directory_memory_size());
    assert_non_null(memory);
    return directory_init(memory, directory_memory_size());
}

static struct directory_entry_event_listed wanted(uint8_t key, uint64_t request)
{
    struct directory_entry_event_listed listed = {.partition = 99,
                                                  .event_random = 100u + key,
                                                  .organiser_random = 7,
                                                  .payment_account = SLICE("acct_1"),
                                                  .document = SLICE("{}"),
                                                  .request = request};
    listed.key.bytes[15] = key;
    return listed;
}

/* Decides and applies, through the entry's bytes. */
static enum directory_refusal list(struct directory *d, uint8_t key, uint64_t request,
                                   uint64_t ts_us, uint32_t *ret_partition, bool *ret_repeated)
{
    struct directory_entry_event_listed listed = wanted(key, request);
    struct directory_entry entry, decoded;
    enum directory_refusal refusal = directory_list_event(d, &listed, &entry, ret_repeated);
    if (refusal != DIRECTORY_OK)
        return refusal;
    *ret_partition = entry.event_listed.partition;
    if (*ret_repeated)
        return refusal;
    BUF_AUTO struct buf bytes = BUF_INIT;
    bytes.len = directory_entry_encode(&entry, buf_reserve(&bytes, directory_entry_size(&entry)));
    assert_true(directory_entry_decode(buf_slice(&bytes), &decoded));
    directory_apply(d, &decoded, ts_us);
    return refusal;
}

static void events_are_numbered_from_one_without_a_gap(void **state)
{
    (void)state;
    struct directory *d = fresh();
    uint32_t partition = 0;
    bool repeated;
    assert_null(directory_event(d, 0));
    assert_null(directory_event(d, 1));
    for (uint8_t i = 1; i <= 5; i++) {
        assert_int_equal(list(d, i, 1, i, &partition, &repeated), DIRECTORY_OK);
        assert_int_equal(partition, i);
        assert_false(repeated);
    }
    assert_int_equal(directory_event_count(d), 5);
    assert_int_equal(directory_event(d, 5)->event_random, 105);
    assert_int_equal(directory_event(d, 5)->organiser_random, 7);
    assert_null(directory_event(d, 6));
    free(d);
}

static void a_key_gives_the_same_event_and_another_request_none(void **state)
{
    (void)state;
    struct directory *d = fresh();
    uint32_t partition = 0;
    bool repeated;
    assert_int_equal(list(d, 1, 1, 1, &partition, &repeated), DIRECTORY_OK);
    assert_int_equal(list(d, 2, 1, 2, &partition, &repeated), DIRECTORY_OK);
    struct hash128 before = directory_hash(d);
    assert_int_equal(list(d, 2, 1, 3, &partition, &repeated), DIRECTORY_OK);
    assert_true(repeated);
    assert_int_equal(partition, 2);
    assert_int_equal(list(d, 1, 2, 3, &partition, &repeated), DIRECTORY_IDEMPOTENCY_MISMATCH);
    struct hash128 after = directory_hash(d);
    assert_true(before.low == after.low && before.high == after.high);
    /* Without a key each request is a new event. */
    assert_int_equal(list(d, 0, 1, 3, &partition, &repeated), DIRECTORY_OK);
    assert_int_equal(list(d, 0, 1, 4, &partition, &repeated), DIRECTORY_OK);
    assert_int_equal(partition, 4);
    free(d);
}

static void a_description_changes_only_where_there_is_an_event(void **state)
{
    (void)state;
    struct directory *d = fresh();
    struct directory_entry entry;
    uint32_t partition;
    bool repeated;
    assert_int_equal(directory_revise_event(d, 1, SLICE("{}"), &entry), DIRECTORY_EVENT_UNKNOWN);
    assert_int_equal(list(d, 1, 1, 1, &partition, &repeated), DIRECTORY_OK);
    assert_int_equal(directory_revise_event(d, 1, SLICE("{\"a\":1}"), &entry), DIRECTORY_OK);
    assert_int_equal(entry.number, DIRECTORY_ENTRY_event_revised);
    assert_int_equal(entry.event_revised.partition, 1);
    directory_apply(d, &entry, 2);
    assert_int_equal(directory_event_count(d), 1);
    assert_int_equal(directory_revise_event(d, 0, SLICE("{}"), &entry), DIRECTORY_EVENT_UNKNOWN);
    assert_int_equal(directory_revise_event(d, 2, SLICE("{}"), &entry), DIRECTORY_EVENT_UNKNOWN);
    free(d);
}

static void a_full_directory_refuses_and_still_answers_repeats(void **state)
{
    (void)state;
    struct directory *d = fresh();
    uint32_t partition = 0;
    bool repeated;
    assert_int_equal(list(d, 9, 1, 1, &partition, &repeated), DIRECTORY_OK);
    for (uint32_t i = 2; i <= LIMIT_EVENTS; i++)
        assert_int_equal(list(d, 0, 1, i, &partition, &repeated), DIRECTORY_OK);
    assert_int_equal(partition, LIMIT_EVENTS);
    assert_int_equal(list(d, 0, 1, LIMIT_EVENTS + 1, &partition, &repeated), DIRECTORY_FULL);
    assert_int_equal(list(d, 9, 1, LIMIT_EVENTS + 1, &partition, &repeated), DIRECTORY_OK);
    assert_true(repeated);
    assert_int_equal(partition, 1);
    assert_int_equal(directory_image(d).len, directory_memory_size());
    free(d);
}

static void its_image_gives_it_back_and_damage_gives_nothing(void **state)
{
    (void)state;
    struct directory *d = fresh(), *again = fresh();
    uint32_t partition;
    bool repeated;
    for (uint8_t i = 1; i <= 3; i++)
        assert_int_equal(list(d, i, 1, i, &partition, &repeated), DIRECTORY_OK);
    struct slice image = directory_image(d);
    assert_false(directory_restore(again, slice_make(image.data, image.len - 1)));
    assert_false(directory_restore(again, slice_make(image.data, 4)));
    char *copy = malloc(image.len);
    assert_non_null(copy);
    for (unsigned byte = 0; byte < 8; byte++) { /* version and count */
        memcpy(copy, image.data, image.len);
        copy[byte] ^= 1;
        assert_false(directory_restore(again, slice_make(copy, image.len)));
    }
    assert_int_equal(directory_event_count(again), 0);
    assert_true(directory_restore(again, image));
    struct hash128 one = directory_hash(d), two = directory_hash(again);
    assert_true(one.low == two.low && one.high == two.high);
    assert_int_equal(list(again, 4, 1, 4, &partition, &repeated), DIRECTORY_OK);
    assert_int_equal(partition, 4);
    free(copy);
    free(again);
    free(d);
}

/* As in booking's test_records.c: a line here only ever grows at its end. */
static void entries_have_their_pinned_bytes(void **state)
{
    (void)state;
    static const char listed_hex[] = "e903"
                                     "01000000"
                                     "1211100f0e0d0c0b"
                                     "2221201f1e1d1c1b"
                                     "020000006163"
                                     "020000007b7d"
                                     "000102030405060708090a0b0c0d0e0f"
                                     "3231302f2e2d2c2b";
    static const char revised_hex[] = "ea03"
                                      "02000000"
                                      "020000005b5d";
    struct directory_entry entries[2] = {{.number = 1001}, {.number = 1002}};
    entries[0].event_listed =
        (struct directory_entry_event_listed){.partition = 1,
                                              .event_random = 0x0b0c0d0e0f101112,
                                              .organiser_random = 0x1b1c1d1e1f202122,
                                              .payment_account = SLICE("ac"),
                                              .document = SLICE("{}"),
                                              .request = 0x2b2c2d2e2f303132};
    for (int i = 0; i < 16; i++)
        entries[0].event_listed.key.bytes[i] = (uint8_t)i;
    entries[1].event_revised = (struct directory_entry_event_revised){2, SLICE("[]")};
    for (int i = 0; i < 2; i++) {
        BUF_AUTO struct buf bytes = BUF_INIT, hex = BUF_INIT;
        struct directory_entry again;
        bytes.len = directory_entry_encode(&entries[i],
                                           buf_reserve(&bytes, directory_entry_size(&entries[i])));
        for (size_t k = 0; k < bytes.len; k++)
            buf_append_format(&hex, "%02x", (unsigned char)bytes.data[k]);
        buf_append_char(&hex, 0);
        assert_string_equal(hex.data, i ? revised_hex : listed_hex);
        assert_true(directory_entry_decode(buf_slice(&bytes), &again));
        assert_int_equal(again.number, entries[i].number);
        assert_false(directory_entry_decode(slice_make(bytes.data, bytes.len - 1), &again));
        assert_false(directory_entry_decode(slice_make(bytes.data, 1), &again));
    }
    assert_null(directory_entry_record(1000));
    assert_null(directory_entry_record(1003));
    assert_string_equal(directory_entry_record(1001)->name, "EventListed");
    assert_string_equal(directory_entry_record(1002)->name, "EventRevised");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(events_are_numbered_from_one_without_a_gap),
        cmocka_unit_test(a_key_gives_the_same_event_and_another_request_none),
        cmocka_unit_test(a_description_changes_only_where_there_is_an_event),
        cmocka_unit_test(a_full_directory_refuses_and_still_answers_repeats),
        cmocka_unit_test(its_image_gives_it_back_and_damage_gives_nothing),
        cmocka_unit_test(entries_have_their_pinned_bytes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
