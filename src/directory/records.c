#include "directory/records.h"

#include "base/records.h"

#include <assert.h>

#define ENTRY_TABLE(number, tag, name, LIST) RECORD_TABLE(number, directory_entry_##tag, name, LIST)
DIRECTORY_ENTRIES(ENTRY_TABLE)

const struct codec_record *directory_entry_record(uint16_t number)
{
#define ENTRY_CASE(number, tag, name, LIST) \
    case number: return record_of_directory_entry_##tag();
    switch (number) {
        DIRECTORY_ENTRIES(ENTRY_CASE)
    default: return NULL;
    }
}

size_t directory_entry_size(const struct directory_entry *entry)
{
    const struct codec_record *record = directory_entry_record(entry->number);
    assert(record);
    return record_size(record, &entry->event_listed);
}

size_t directory_entry_encode(const struct directory_entry *entry, void *to)
{
    const struct codec_record *record = directory_entry_record(entry->number);
    assert(record);
    return record_encode(record, &entry->event_listed, to);
}

bool directory_entry_decode(struct slice bytes, struct directory_entry *ret_entry)
{
    const struct codec_record *record = directory_entry_record(record_number(bytes));
    if (!record)
        return false;
    ret_entry->number = record->number;
    return codec_decode(record, record_body(bytes), &ret_entry->event_listed);
}
