#include "base/buf.h"
#include "booking/records.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

/* What is written must be read for ever (architecture 14): names, numbers, fields and bytes of
 * every entry, pinned. A line here changes only by getting longer at its end; another meaning is
 * another number. Commands are not stored, but the simulator's scripts hold them. */
static const struct {
    uint16_t number;
    const char *fields, *bytes;
} pinned[] = {
#include "unit/booking/records_pinned.h"
};

static const char *const type_names[] = {"u8",    "u16",  "u32",  "u64", "i64",
                                         "bytes", "u32s", "u64s", "hash"};

/* Field i gets values that are its own. */
static void fill(const struct codec_record *record, void *value)
{
    static const uint32_t words[2] = {0x04030201, 0x08070605};
    static const uint64_t longs[2] = {0x1817161514131211, 0x2827262524232221};
    memset(value, 0, record->size);
    for (uint16_t i = 0; i < record->field_count; i++) {
        char *at = (char *)value + record->fields[i].offset;
        uint64_t number = 0xf1e1d1c1b1a19181 + i;
        struct slice text = slice_make("abcdefgh", i % 8u);
        switch ((enum codec_type)record->fields[i].type) {
        case CODEC_U8: memcpy(at, &number, 1); break;
        case CODEC_U16: memcpy(at, &number, 2); break;
        case CODEC_U32: memcpy(at, &number, 4); break;
        case CODEC_U64:
        case CODEC_I64: memcpy(at, &number, 8); break;
        case CODEC_BYTES: memcpy(at, &text, sizeof text); break;
        case CODEC_U32S: memcpy(at, &(struct u32s){words, 2}, sizeof(struct u32s)); break;
        case CODEC_U64S: memcpy(at, &(struct u64s){longs, 2}, sizeof(struct u64s)); break;
        case CODEC_HASH:
            for (int k = 0; k < 16; k++)
                at[k] = (char)(i * 16 + k);
            break;
        }
    }
}

static void describe(const struct codec_record *record, struct buf *out)
{
    buf_append_text(out, record->name);
    for (uint16_t i = 0; i < record->field_count; i++)
        buf_append_format(out, " %s:%s", record->fields[i].name,
                          type_names[record->fields[i].type]);
    buf_append_char(out, 0);
}

static void to_hex(struct slice bytes, struct buf *out)
{
    for (size_t i = 0; i < bytes.len; i++)
        buf_append_format(out, "%02x", (unsigned char)bytes.data[i]);
    buf_append_char(out, 0);
}

static void every_entry_has_its_pinned_fields_and_bytes(void **state)
{
    (void)state;
    size_t seen = 0;
    bool same = true;
    for (uint16_t number = 1; booking_entry_record(number); number++, seen++) {
        const struct codec_record *record = booking_entry_record(number);
        struct booking_entry entry = {.number = number};
        fill(record, &entry.event_created);
        BUF_AUTO struct buf bytes = BUF_INIT, fields = BUF_INIT, hex = BUF_INIT;
        bytes.len = booking_entry_encode(&entry, buf_reserve(&bytes, booking_entry_size(&entry)));
        describe(record, &fields);
        to_hex(buf_slice(&bytes), &hex);
        bool known = seen < sizeof pinned / sizeof pinned[0] && pinned[seen].number == number &&
                     strcmp(pinned[seen].fields, fields.data) == 0 &&
                     strcmp(pinned[seen].bytes, hex.data) == 0;
        if (!known)
            print_error("not as pinned: {%u, \"%s\",\n \"%s\"},\n", number, fields.data, hex.data);
        same = same && known;
    }
    assert_true(same);
    assert_int_equal(seen, sizeof pinned / sizeof pinned[0]);
    assert_int_equal(seen, BOOKING_ENTRY_COUNT_PLUS_ONE - 1);
}

static void every_entry_comes_back_from_its_bytes(void **state)
{
    (void)state;
    for (uint16_t number = 1; booking_entry_record(number); number++) {
        struct booking_entry entry = {.number = number}, again;
        fill(booking_entry_record(number), &entry.event_created);
        BUF_AUTO struct buf first = BUF_INIT, second = BUF_INIT;
        first.len = booking_entry_encode(&entry, buf_reserve(&first, booking_entry_size(&entry)));
        assert_int_equal(first.len, booking_entry_size(&entry));
        assert_true(booking_entry_decode(buf_slice(&first), &again));
        assert_int_equal(again.number, number);
        second.len = booking_entry_encode(&again, buf_reserve(&second, first.len));
        assert_true(slice_equal(buf_slice(&first), buf_slice(&second)));
        /* Cut short it is refused, but for whole fields that are missing at its end. */
        const struct codec_record *record = booking_entry_record(number);
        bool at_border = record->fields[record->field_count - 1].type == CODEC_U8;
        assert_int_equal(booking_entry_decode(slice_make(first.data, first.len - 1), &again),
                         at_border);
    }
    struct booking_entry none;
    assert_false(booking_entry_decode(slice_make("\0", 1), &none));
    assert_false(booking_entry_decode(slice_make("\0\0", 2), &none));
    assert_null(booking_entry_record(0));
}

static void every_command_comes_back_from_its_bytes(void **state)
{
    (void)state;
    uint16_t number = 1;
    for (; booking_command_record(number); number++) {
        struct booking_command command = {.number = number}, again;
        fill(booking_command_record(number), &command.create_event);
        BUF_AUTO struct buf first = BUF_INIT, second = BUF_INIT;
        first.len =
            booking_command_encode(&command, buf_reserve(&first, booking_command_size(&command)));
        assert_true(booking_command_decode(buf_slice(&first), &again));
        assert_int_equal(again.number, number);
        second.len = booking_command_encode(&again, buf_reserve(&second, first.len));
        assert_true(slice_equal(buf_slice(&first), buf_slice(&second)));
    }
    assert_int_equal(number, BOOKING_COMMAND_COUNT_PLUS_ONE);
    struct booking_command none;
    assert_false(booking_command_decode(slice_make("\xff\x7f", 2), &none));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_entry_has_its_pinned_fields_and_bytes),
        cmocka_unit_test(every_entry_comes_back_from_its_bytes),
        cmocka_unit_test(every_command_comes_back_from_its_bytes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
