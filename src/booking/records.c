#include "booking/records.h"

#include "base/records.h"

#include <assert.h>

#define ENTRY_TABLE(number, tag, name, LIST) RECORD_TABLE(number, entry_##tag, name, LIST)
#define COMMAND_TABLE(number, tag, name, LIST) RECORD_TABLE(number, command_##tag, name, LIST)
BOOKING_ENTRIES(ENTRY_TABLE)
BOOKING_COMMANDS(COMMAND_TABLE)

const struct codec_record *booking_entry_record(uint16_t number)
{
#define ENTRY_CASE(number, tag, name, LIST) \
    case number: return record_of_entry_##tag();
    switch (number) {
        BOOKING_ENTRIES(ENTRY_CASE)
    default: return NULL;
    }
}

const struct codec_record *booking_command_record(uint16_t number)
{
#define COMMAND_CASE(number, tag, name, LIST) \
    case number: return record_of_command_##tag();
    switch (number) {
        BOOKING_COMMANDS(COMMAND_CASE)
    default: return NULL;
    }
}

size_t booking_entry_size(const struct booking_entry *entry)
{
    const struct codec_record *record = booking_entry_record(entry->number);
    assert(record);
    return record_size(record, &entry->event_created);
}

size_t booking_entry_encode(const struct booking_entry *entry, void *to)
{
    const struct codec_record *record = booking_entry_record(entry->number);
    assert(record);
    return record_encode(record, &entry->event_created, to);
}

bool booking_entry_decode(struct slice bytes, struct booking_entry *ret_entry)
{
    const struct codec_record *record = booking_entry_record(record_number(bytes));
    if (!record)
        return false;
    ret_entry->number = record->number;
    return codec_decode(record, record_body(bytes), &ret_entry->event_created);
}

size_t booking_command_size(const struct booking_command *command)
{
    const struct codec_record *record = booking_command_record(command->number);
    assert(record);
    return record_size(record, &command->create_event);
}

size_t booking_command_encode(const struct booking_command *command, void *to)
{
    const struct codec_record *record = booking_command_record(command->number);
    assert(record);
    return record_encode(record, &command->create_event, to);
}

bool booking_command_decode(struct slice bytes, struct booking_command *ret_command)
{
    const struct codec_record *record = booking_command_record(record_number(bytes));
    if (!record)
        return false;
    ret_command->number = record->number;
    return codec_decode(record, record_body(bytes), &ret_command->create_event);
}
