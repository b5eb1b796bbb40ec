#include "journal/frame.h"

#include "base/hash.h"

#include <assert.h>

_Static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__, "frames are written as they stand");

#define AT_CRC 0
#define AT_LENGTH 4
#define AT_PARTITION 8
#define AT_PSEQ 12
#define AT_TS 20

char *frame_open(struct buf *out, uint32_t partition, uint64_t pseq, uint64_t ts_us,
                 size_t entry_size)
{
    assert(entry_size <= UINT32_MAX);
    char *head = buf_reserve(out, FRAME_HEADER_BYTES + entry_size);
    if (!head)
        return NULL;
    memcpy(head + AT_PARTITION, &partition, 4);
    memcpy(head + AT_PSEQ, &pseq, 8);
    memcpy(head + AT_TS, &ts_us, 8);
    return head + FRAME_HEADER_BYTES;
}

void frame_close(struct buf *out, size_t entry_size)
{
    assert(out->cap - out->len >= FRAME_HEADER_BYTES + entry_size);
    char *head = out->data + out->len;
    uint32_t length = (uint32_t)entry_size;
    memcpy(head + AT_LENGTH, &length, 4);
    uint32_t crc = crc32c(0, head + AT_LENGTH, FRAME_HEADER_BYTES - AT_LENGTH + entry_size);
    memcpy(head + AT_CRC, &crc, 4);
    out->len += FRAME_HEADER_BYTES + entry_size;
}

int frame_next(struct slice body, size_t *at, struct frame *ret_frame)
{
    if (*at == body.len)
        return 0;
    if (*at > body.len || body.len - *at < FRAME_HEADER_BYTES)
        return -1;
    const char *head = body.data + *at;
    uint32_t crc, length;
    memcpy(&crc, head + AT_CRC, 4);
    memcpy(&length, head + AT_LENGTH, 4);
    if (body.len - *at - FRAME_HEADER_BYTES < length ||
        crc32c(0, head + AT_LENGTH, FRAME_HEADER_BYTES - AT_LENGTH + (size_t)length) != crc)
        return -1;
    memcpy(&ret_frame->partition, head + AT_PARTITION, 4);
    memcpy(&ret_frame->pseq, head + AT_PSEQ, 8);
    memcpy(&ret_frame->ts_us, head + AT_TS, 8);
    ret_frame->entry = slice_make(head + FRAME_HEADER_BYTES, length);
    *at += FRAME_HEADER_BYTES + (size_t)length;
    return 1;
}
