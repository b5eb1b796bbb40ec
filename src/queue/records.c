#include "queue/records.h"

#include "base/records.h"

#include <assert.h>

#define ENTRY_TABLE(number, tag, name, LIST) RECORD_TABLE(number, queue_entry_##tag, name, LIST)
#define COMMAND_TABLE(number, tag, name, LIST) RECORD_TABLE(number, queue_command_##tag, name, LIST)
QUEUE_ENTRIES(ENTRY_TABLE)
QUEUE_COMMANDS(COMMAND_TABLE)

const struct codec_record *queue_entry_record(uint16_t number)
{
#define ENTRY_CASE(number, tag, name, LIST) \
    case number: return record_of_queue_entry_##tag();
    switch (number) {
        QUEUE_ENTRIES(ENTRY_CASE)
    default: return NULL;
    }
}

const struct codec_record *queue_command_record(uint16_t number)
{
#define COMMAND_CASE(number, tag, name, LIST) \
    case number: return record_of_queue_command_##tag();
    switch (number) {
        QUEUE_COMMANDS(COMMAND_CASE)
    default: return NULL;
    }
}

size_t queue_entry_size(const struct queue_entry *entry)
{
    const struct codec_record *record = queue_entry_record(entry->number);
    assert(record);
    return record_size(record, &entry->opened);
}

size_t queue_entry_encode(const struct queue_entry *entry, void *to)
{
    const struct codec_record *record = queue_entry_record(entry->number);
    assert(record);
    return record_encode(record, &entry->opened, to);
}

bool queue_entry_decode(struct slice bytes, struct queue_entry *ret_entry)
{
    const struct codec_record *record = queue_entry_record(record_number(bytes));
    if (!record)
        return false;
    ret_entry->number = record->number;
    return codec_decode(record, record_body(bytes), &ret_entry->opened);
}

size_t queue_command_size(const struct queue_command *command)
{
    const struct codec_record *record = queue_command_record(command->number);
    assert(record);
    return record_size(record, &command->change);
}

size_t queue_command_encode(const struct queue_command *command, void *to)
{
    const struct codec_record *record = queue_command_record(command->number);
    assert(record);
    return record_encode(record, &command->change, to);
}

bool queue_command_decode(struct slice bytes, struct queue_command *ret_command)
{
    const struct codec_record *record = queue_command_record(record_number(bytes));
    if (!record)
        return false;
    ret_command->number = record->number;
    return codec_decode(record, record_body(bytes), &ret_command->change);
}
