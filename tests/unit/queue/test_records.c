#include "base/buf.h"
#include "unit/queue/support.h"

/* What is written must be read for ever: names, numbers and fields of every entry, pinned; the
 * codec's own tests pin the bytes of each type of field. A line here changes only by getting longer
 * at its end; another meaning is another number. */
static const struct {
    uint16_t number;
    const char *fields;
} pinned[] = {
    {2001, "QueueOpened event_random:u64 places:u32 priority_places:u32 lobby_opens_at_us:u64 "
           "opens_at_us:u64 target_active:u32 per_minute:u32 claim_seconds:u32 "
           "admission_seconds:u32 threshold:u32 on:u8 seed:bytes"},
    {2002, "QueueChanged lobby_opens_at_us:u64 opens_at_us:u64 target_active:u32 per_minute:u32 "
           "claim_seconds:u32 admission_seconds:u32 threshold:u32 on:u8 pause:u8 close:u8"},
    {2003, "LobbyClosed count:u32 priority_count:u32"},
    {2004, "LobbyDrawn chain_hash:bytes"},
    {2005, "VisitorJoined lane:u8 number:u32 session:hash"},
    {2006, "VisitorLeft lane:u8 number:u32"},
    {2007, "PlacesCalled lane:u8 upto:u32 present:u32 closes_at_us:u64"},
    {2008, "CallEnded lane:u8 upto:u32"},
    {2009, "VisitorAdmitted admission:u32 admission_random:u64 lane:u8 number:u32 session:hash "
           "expires_at_us:u64"},
    {2010, "AdmissionEnded admission:u32 reason:u8"},
    {2011, "TimePassed reserved:u8"},
    {2012, "OutageCredited outage_us:u64"},
    {2013, "CodeCounted number:u32 code:u32"},
};

static void entries_have_their_pinned_fields(void **state)
{
    (void)state;
    static const char *const types[] = {"u8",    "u16",  "u32",  "u64", "i64",
                                        "bytes", "u32s", "u64s", "hash"};
    for (size_t i = 0; i < sizeof pinned / sizeof pinned[0]; i++) {
        BUF_AUTO struct buf got = BUF_INIT;
        const struct codec_record *record = queue_entry_record(pinned[i].number);
        assert_non_null(record);
        buf_append_text(&got, record->name);
        for (uint16_t k = 0; k < record->field_count; k++)
            buf_append_format(&got, " %s:%s", record->fields[k].name,
                              types[record->fields[k].type]);
        buf_append_char(&got, 0);
        assert_string_equal(got.data, pinned[i].fields);
    }
    assert_null(queue_entry_record(2000));
    assert_null(queue_entry_record(2014));
    assert_null(queue_command_record(0));
    assert_null(queue_command_record(10));
}

static void what_was_encoded_is_decoded_and_damage_is_not(void **state)
{
    (void)state;
    struct queue_entry entry = {.number = QUEUE_ENTRY_visitor_joined}, again;
    struct queue_command command = {.number = QUEUE_COMMAND_claim}, same;
    char bytes[128];
    entry.visitor_joined = (struct queue_entry_visitor_joined){1, 77, {{1, 2, 3}}};
    size_t len = queue_entry_encode(&entry, bytes);
    assert_true(len <= queue_entry_size(&entry) && len == 2 + 1 + 4 + 16);
    assert_true(queue_entry_decode(slice_make(bytes, len), &again));
    assert_int_equal(again.number, QUEUE_ENTRY_visitor_joined);
    assert_int_equal(again.visitor_joined.number, 77);
    assert_memory_equal(again.visitor_joined.session.bytes, entry.visitor_joined.session.bytes, 16);
    assert_false(queue_entry_decode(slice_make(bytes, len - 1), &again));
    assert_false(queue_entry_decode(slice_make(bytes, 1), &again));
    bytes[0] = bytes[1] = 0;
    assert_false(queue_entry_decode(slice_make(bytes, len), &again));
    command.claim = (struct queue_command_claim){{{9}}, 8};
    len = queue_command_encode(&command, bytes);
    assert_true(len <= queue_command_size(&command));
    assert_true(queue_command_decode(slice_make(bytes, len), &same));
    assert_int_equal(same.claim.admission_random, 8);
    assert_false(queue_command_decode(slice_make(bytes, len - 1), &same));
}

static void each_refusal_has_a_code(void **state)
{
    (void)state;
    for (uint32_t i = 0; i < QUEUE_REFUSAL_COUNT; i++)
        assert_true(strlen(queue_refusal_code((enum queue_refusal)i)) > 1);
    assert_string_equal(queue_refusal_code(QUEUE_MISSED), "call_missed");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(entries_have_their_pinned_fields),
        cmocka_unit_test(what_was_encoded_is_decoded_and_damage_is_not),
        cmocka_unit_test(each_refusal_has_a_code),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
