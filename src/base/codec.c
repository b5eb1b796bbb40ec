#include "base/codec.h"

#include "base/utf8.h"

#include <assert.h>

/* Bytes of a fixed field, or of one element of a list; 1 for BYTES. */
static size_t codec_width(enum codec_type type)
{
    switch (type) {
    case CODEC_U8: return 1;
    case CODEC_U16: return 2;
    case CODEC_U32: return 4;
    case CODEC_U64: return 8;
    case CODEC_I64: return 8;
    case CODEC_BYTES: return 1;
    case CODEC_U32S: return 4;
    case CODEC_U64S: return 8;
    case CODEC_HASH: return 16;
    }
    assert(false);
    return 0;
}

static bool codec_is_list(enum codec_type type)
{
    return type == CODEC_BYTES || type == CODEC_U32S || type == CODEC_U64S;
}

/* Where a list's elements are and how many bytes they take. */
static struct slice codec_list(enum codec_type type, const void *member)
{
    if (type == CODEC_BYTES)
        return *(const struct slice *)member;
    if (type == CODEC_U32S) {
        const struct u32s *list = member;
        return slice_make(list->data, (size_t)list->count * 4);
    }
    const struct u64s *list = member;
    return slice_make(list->data, (size_t)list->count * 8);
}

size_t codec_size(const struct codec_record *record, const void *value)
{
    size_t size = 0;
    for (uint16_t i = 0; i < record->field_count; i++) {
        const struct codec_field *f = &record->fields[i];
        if (codec_is_list(f->type))
            size += 4 + codec_list(f->type, (const char *)value + f->offset).len;
        else
            size += codec_width(f->type);
    }
    return size;
}

size_t codec_encode(const struct codec_record *record, const void *value, void *to)
{
    char *at = to;
    for (uint16_t i = 0; i < record->field_count; i++) {
        const struct codec_field *f = &record->fields[i];
        const char *member = (const char *)value + f->offset;
        if (!codec_is_list(f->type)) {
            memcpy(at, member, codec_width(f->type));
            at += codec_width(f->type);
            continue;
        }
        struct slice list = codec_list(f->type, member);
        uint32_t count = (uint32_t)(list.len / codec_width(f->type));
        memcpy(at, &count, 4);
        if (list.len > 0)
            memcpy(at + 4, list.data, list.len);
        at += 4 + list.len;
    }
    return (size_t)(at - (char *)to);
}

/* Reads one list field at the start of `rest`; returns the bytes it took, or 0 when it is not
 * whole. */
static size_t codec_decode_list(enum codec_type type, struct slice rest, void *member)
{
    uint32_t count;
    if (rest.len < 4)
        return 0;
    memcpy(&count, rest.data, 4);
    size_t bytes = (size_t)count * codec_width(type);
    if (rest.len - 4 < bytes)
        return 0;
    if (type == CODEC_BYTES)
        *(struct slice *)member = slice_make(rest.data + 4, count);
    else if (type == CODEC_U32S)
        *(struct u32s *)member = (struct u32s){rest.data + 4, count};
    else
        *(struct u64s *)member = (struct u64s){rest.data + 4, count};
    return 4 + bytes;
}

bool codec_decode(const struct codec_record *record, struct slice bytes, void *ret_value)
{
    memset(ret_value, 0, record->size);
    size_t at = 0;
    for (uint16_t i = 0; i < record->field_count && at < bytes.len; i++) {
        const struct codec_field *f = &record->fields[i];
        char *member = (char *)ret_value + f->offset;
        struct slice rest = slice_make(bytes.data + at, bytes.len - at);
        size_t step;
        if (codec_is_list(f->type)) {
            step = codec_decode_list(f->type, rest, member);
        } else {
            step = codec_width(f->type) <= rest.len ? codec_width(f->type) : 0;
            memcpy(member, rest.data, step);
        }
        if (step == 0)
            return false;
        at += step;
    }
    return at == bytes.len;
}

static void codec_dump_hex(struct json *j, const char *key, struct slice bytes)
{
    BUF_AUTO struct buf hex = BUF_INIT;
    for (size_t i = 0; i < bytes.len; i++)
        buf_append_format(&hex, "%02x", (unsigned char)bytes.data[i]);
    json_put_text(j, key, buf_slice(&hex));
}

void codec_dump(const struct codec_record *record, const void *value, struct json *j)
{
    for (uint16_t i = 0; i < record->field_count; i++) {
        const struct codec_field *f = &record->fields[i];
        const void *member = (const char *)value + f->offset;
        switch ((enum codec_type)f->type) {
        case CODEC_U8: json_put_u64(j, f->name, *(const uint8_t *)member); break;
        case CODEC_U16: json_put_u64(j, f->name, *(const uint16_t *)member); break;
        case CODEC_U32: json_put_u64(j, f->name, *(const uint32_t *)member); break;
        case CODEC_U64: json_put_u64(j, f->name, *(const uint64_t *)member); break;
        case CODEC_I64: json_put_i64(j, f->name, *(const int64_t *)member); break;
        case CODEC_HASH: codec_dump_hex(j, f->name, slice_make(member, 16)); break;
        case CODEC_BYTES: {
            struct slice bytes = *(const struct slice *)member;
            if (utf8_valid(bytes) && !(bytes.len > 0 && memchr(bytes.data, 0, bytes.len))) {
                json_put_text(j, f->name, bytes);
            } else {
                json_put_object(j, f->name);
                codec_dump_hex(j, "hex", bytes);
                json_end(j);
            }
            break;
        }
        case CODEC_U32S: {
            struct u32s list = *(const struct u32s *)member;
            json_put_array(j, f->name);
            for (uint32_t k = 0; k < list.count; k++)
                json_put_u64(j, NULL, u32s_at(list, k));
            json_end(j);
            break;
        }
        case CODEC_U64S: {
            struct u64s list = *(const struct u64s *)member;
            json_put_array(j, f->name);
            for (uint32_t k = 0; k < list.count; k++)
                json_put_u64(j, NULL, u64s_at(list, k));
            json_end(j);
            break;
        }
        }
    }
}
