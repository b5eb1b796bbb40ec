/*
 * records: commands and entries of the directory machine (partition 0): which events exist, whose
 * they are and under which number. Accounts and organisers will join it. See booking/records.h for
 * the form.
 */
#ifndef ONSALE_DIRECTORY_RECORDS_H
#define ONSALE_DIRECTORY_RECORDS_H

#include "base/codec.h"

/* An event exists. `partition` is dense from 1. `document` is the public description as JSON (name,
 * venue, times, ...; docs in src/views/README.md), never read by the machine. */
#define DIRECTORY_ENTRY_EVENT_LISTED(F) \
    F(U32, partition)                   \
    F(U64, event_random)                \
    F(U64, organiser_random)            \
    F(BYTES, payment_account)           \
    F(BYTES, document)                  \
    F(HASH, key)                        \
    F(U64, request)

/* Its description changed. */
#define DIRECTORY_ENTRY_EVENT_REVISED(F) \
    F(U32, partition)                    \
    F(BYTES, document)

#define DIRECTORY_ENTRIES(R)                                         \
    R(1001, event_listed, EventListed, DIRECTORY_ENTRY_EVENT_LISTED) \
    R(1002, event_revised, EventRevised, DIRECTORY_ENTRY_EVENT_REVISED)

#define DIRECTORY_RECORD_STRUCT(number, tag, name, LIST) CODEC_STRUCT(directory_entry_##tag, LIST)
DIRECTORY_ENTRIES(DIRECTORY_RECORD_STRUCT)
#undef DIRECTORY_RECORD_STRUCT

#define DIRECTORY_RECORD_NUMBER(number, tag, name, LIST) DIRECTORY_ENTRY_##tag = number,
enum directory_entry_number { DIRECTORY_ENTRIES(DIRECTORY_RECORD_NUMBER) };
#undef DIRECTORY_RECORD_NUMBER

#define DIRECTORY_RECORD_MEMBER(number, tag, name, LIST) struct directory_entry_##tag tag;
struct directory_entry {
    uint16_t number; /* enum directory_entry_number */
    union {
        DIRECTORY_ENTRIES(DIRECTORY_RECORD_MEMBER)
    };
};
#undef DIRECTORY_RECORD_MEMBER

const struct codec_record *directory_entry_record(uint16_t number); /* NULL: unknown */

/* u16 number, then the fields; as in booking/records.h. */
size_t directory_entry_size(const struct directory_entry *entry);
size_t directory_entry_encode(const struct directory_entry *entry, void *to);
bool directory_entry_decode(struct slice bytes, struct directory_entry *ret_entry);

#endif
