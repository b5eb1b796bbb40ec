/*
 * records: makes the functions that a machine's lists of records promise (booking/records.h,
 * directory/records.h): one table a record, and encoding and decoding with the number in front.
 * Included by the machines' records.c only. Thread: any.
 */
#ifndef ONSALE_BASE_RECORDS_H
#define ONSALE_BASE_RECORDS_H

#include "base/codec.h"

#include <stddef.h>

#define RECORD_FIELD(type, member) \
    {#member, CODEC_##type, (uint16_t)offsetof(struct_of_record, member)},

/* One function that returns one record's table. The typedef is a name for `struct TAG` that the
 * field list, which cannot know the tag, may use inside this function. */
#define RECORD_TABLE(record_number, tag, shown, LIST)                    \
    static const struct codec_record *record_of_##tag(void)              \
    {                                                                    \
        typedef struct tag struct_of_record;                             \
        static const struct codec_field fields[] = {LIST(RECORD_FIELD)}; \
        static const struct codec_record record = {                      \
            .name = #shown,                                              \
            .number = record_number,                                     \
            .size = sizeof(struct_of_record),                            \
            .field_count = sizeof(fields) / sizeof(fields[0]),           \
            .fields = fields,                                            \
        };                                                               \
        return &record;                                                  \
    }

/* Bytes of `value` with its number in front. */
static inline size_t record_size(const struct codec_record *record, const void *value)
{
    return 2 + codec_size(record, value);
}

static inline size_t record_encode(const struct codec_record *record, const void *value, void *to)
{
    memcpy(to, &record->number, 2);
    return 2 + codec_encode(record, value, (char *)to + 2);
}

/* The number that bytes begin with; 0 (never a number) when there are fewer than two. */
static inline uint16_t record_number(struct slice bytes)
{
    uint16_t number = 0;
    if (bytes.len >= 2)
        memcpy(&number, bytes.data, 2);
    return number;
}

static inline struct slice record_body(struct slice bytes)
{
    return slice_make(bytes.data + 2, bytes.len - 2);
}

#endif
