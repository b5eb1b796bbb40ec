/*
 * codec: one way to write commands and entries as bytes. A record is described once by an X-macro
 * list of fields (see booking/entries.h); that list makes the struct, and a table of descriptors
 * from which this file encodes, decodes and dumps. Format, little-endian, fields in order without
 * padding:
 *
 *   U8, U16, U32, U64, I64   the integer
 *   BYTES                    u32 length, then the bytes          (struct slice)
 *   U32S                     u32 count, then count x u32         (struct u32s)
 *   U64S                     u32 count, then count x u64         (struct u64s)
 *   HASH                     16 bytes                            (struct hash16)
 *
 * An entry's meaning never changes and fields are only added at the end: bytes that end at a
 * field's border decode with the missing fields zero; bytes behind the last known field are
 * refused. Decoded slices and lists point into the input. Thread: any.
 */
#ifndef ONSALE_BASE_CODEC_H
#define ONSALE_BASE_CODEC_H

#include "base/json.h"
#include "base/slice.h"

struct hash16 {
    uint8_t bytes[16];
};

/* A borrowed list of little-endian integers that may stand unaligned. */
struct u32s {
    const void *data;
    uint32_t count;
};
struct u64s {
    const void *data;
    uint32_t count;
};

static inline uint32_t u32s_at(struct u32s list, uint32_t i)
{
    uint32_t value;
    memcpy(&value, (const char *)list.data + (size_t)i * 4, 4);
    return value;
}

static inline uint64_t u64s_at(struct u64s list, uint32_t i)
{
    uint64_t value;
    memcpy(&value, (const char *)list.data + (size_t)i * 8, 8);
    return value;
}

static inline bool hash16_equal(struct hash16 a, struct hash16 b)
{
    return memcmp(a.bytes, b.bytes, 16) == 0;
}

enum codec_type {
    CODEC_U8,
    CODEC_U16,
    CODEC_U32,
    CODEC_U64,
    CODEC_I64,
    CODEC_BYTES,
    CODEC_U32S,
    CODEC_U64S,
    CODEC_HASH
};

#define CODEC_C_U8 uint8_t
#define CODEC_C_U16 uint16_t
#define CODEC_C_U32 uint32_t
#define CODEC_C_U64 uint64_t
#define CODEC_C_I64 int64_t
#define CODEC_C_BYTES struct slice
#define CODEC_C_U32S struct u32s
#define CODEC_C_U64S struct u64s
#define CODEC_C_HASH struct hash16

struct codec_field {
    const char *name;
    uint8_t type;    /* enum codec_type */
    uint16_t offset; /* in the record's struct */
};

struct codec_record {
    const char *name; /* as shown, e.g. "SeatsHeld" */
    uint16_t number;  /* written in front of the body; never reused */
    uint16_t size;    /* of the struct */
    uint16_t field_count;
    const struct codec_field *fields;
};

/* How a field list becomes a struct and a table:
 *   #define HOLD_RELEASED(F) F(U32, hold) F(U8, reason)
 *   CODEC_STRUCT(hold_released, HOLD_RELEASED)
 */
#define CODEC_MEMBER(type, name) CODEC_C_##type name;
#define CODEC_STRUCT(tag, LIST) \
    struct tag {                \
        LIST(CODEC_MEMBER)      \
    };

/* Upper bound of the encoded size of `record` (struct at `value`). */
size_t codec_size(const struct codec_record *record, const void *value);

/* Writes the body; `to` has room for codec_size bytes. Returns bytes written. */
size_t codec_encode(const struct codec_record *record, const void *value, void *to);

/* Reads a body into the struct at `ret_value` (all of it is written). False when the bytes are not
 * a body of this record. */
bool codec_decode(const struct codec_record *record, struct slice bytes, void *ret_value);

/* Members of a JSON object, one a field; BYTES as text when valid UTF-8, else {"hex": ...}. */
void codec_dump(const struct codec_record *record, const void *value, struct json *j);

#endif
