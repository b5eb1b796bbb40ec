/*
 * frame: how entries stand in the body of a journal row. Little-endian, one after the other:
 *
 *   u32 crc32c over all that follows in this frame
 *   u32 length of the body
 *   u32 partition
 *   u64 pseq      the entry's place in its partition, from 1, dense
 *   u64 ts_us     rises strictly within a partition
 *   bytes         the entry: u16 number, then its fields (base/codec.h)
 *
 * Thread: any.
 */
#ifndef ONSALE_JOURNAL_FRAME_H
#define ONSALE_JOURNAL_FRAME_H

#include "base/buf.h"

#define FRAME_HEADER_BYTES 28u

struct frame {
    uint32_t partition;
    uint64_t pseq;
    uint64_t ts_us;
    struct slice entry; /* points into the row's body */
};

/* Opens a frame at the end of `out` with room for `entry_size` bytes of entry; the caller writes
 * the entry at the returned place and then closes the frame with the size it really used. NULL: no
 * memory. */
char *frame_open(struct buf *out, uint32_t partition, uint64_t pseq, uint64_t ts_us,
                 size_t entry_size);
void frame_close(struct buf *out, size_t entry_size);

/* Reads the frame at *at and moves *at behind it. 1: read; 0: the body ends here; -1: damaged (cut
 * short or a wrong checksum). */
int frame_next(struct slice body, size_t *at, struct frame *ret_frame);

#endif
