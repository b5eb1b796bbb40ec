#include "engine/internal.h"

#include <assert.h>

/* Snapshots: pictures of machines from which a start goes on, so that it reads the newest rows
 * only. */

struct slice snapshot_image(struct slice bytes, uint32_t version, uint64_t *ret_pseq)
{
    struct snapshot_head head;
    struct slice none = {NULL, 0};
    if (bytes.len < sizeof head)
        return none;
    memcpy(&head, bytes.data, sizeof head);
    struct slice image = slice_make(bytes.data + sizeof head, bytes.len - sizeof head);
    struct hash128 hash = hash128_of(image.data, image.len);
    if (head.magic != SNAPSHOT_MAGIC || head.version != version || head.hash.low != hash.low ||
        head.hash.high != hash.high)
        return none;
    *ret_pseq = head.pseq;
    return image;
}

static bool is_due(uint64_t pseq, uint64_t snapshot_pseq, uint32_t least_entries)
{
    return pseq > 0 && pseq != snapshot_pseq &&
           (snapshot_pseq == 0 || pseq - snapshot_pseq >= least_entries);
}

/* The partition whose turn it is, 0 for the directory; BOOKING_NONE: none is due. */
static uint32_t next_due(struct engine *e, uint32_t least_entries)
{
    uint32_t count = e->partition_capacity > 0 ? e->partition_capacity : 1;
    for (uint32_t i = 0; i < count; i++) {
        uint32_t number = (e->snapshot_next + i) % count;
        const struct partition *p = number > 0 ? engine_partition(e, number) : NULL;
        bool due = number == 0
                       ? is_due(e->directory_pseq, e->directory_snapshot_pseq, least_entries)
                       : p && is_due(p->pseq, p->snapshot_pseq, least_entries);
        if (due) {
            e->snapshot_next = (number + 1) % count;
            return number;
        }
    }
    return BOOKING_NONE;
}

bool engine_snapshot_take(struct engine *e, uint32_t least_entries,
                          struct engine_snapshot *ret_snapshot)
{
    if (e->dead || e->inflight || e->open->body.len > 0)
        return false;
    uint32_t number = next_due(e, least_entries);
    if (number == BOOKING_NONE)
        return false;
    const struct partition *p = number > 0 ? &e->partitions[number] : NULL;
    struct slice image = p ? booking_image(p->booking) : directory_image(e->directory);
    struct engine_snapshot snapshot = {.partition = number,
                                       .pseq = p ? p->pseq : e->directory_pseq,
                                       .seq = journal_head(e->journal).seq,
                                       .bytes = BUF_INIT};
    struct snapshot_head head = {SNAPSHOT_MAGIC,
                                 p ? BOOKING_IMAGE_VERSION : DIRECTORY_IMAGE_VERSION,
                                 snapshot.pseq,
                                 {0, 0}}; /* hashed when it is written: not on the loop */
    buf_append(&snapshot.bytes, &head, sizeof head);
    buf_append_slice(&snapshot.bytes, image);
    if (snapshot.bytes.failed) {
        buf_finish(&snapshot.bytes);
        return false;
    }
    *ret_snapshot = snapshot;
    return true;
}

int engine_snapshot_write(struct engine *e, const struct engine_snapshot *snapshot, struct err *err)
{
    struct snapshot_head head;
    char *bytes = snapshot->bytes.data;
    memcpy(&head, bytes, sizeof head);
    head.hash = hash128_of(bytes + sizeof head, snapshot->bytes.len - sizeof head);
    memcpy(bytes, &head, sizeof head);
    return journal_write_snapshot(e->journal, snapshot->partition, snapshot->seq,
                                  buf_slice(&snapshot->bytes), err);
}

void engine_snapshot_finish(struct engine *e, struct engine_snapshot *snapshot, bool written)
{
    if (written && snapshot->partition == 0)
        e->directory_snapshot_pseq = snapshot->pseq;
    else if (written)
        e->partitions[snapshot->partition].snapshot_pseq = snapshot->pseq;
    buf_finish(&snapshot->bytes);
}

int engine_snapshot_all(struct engine *e, uint64_t budget_us, struct err *err)
{
    uint64_t began = e->port.now_us(e->port.context);
    struct engine_snapshot snapshot;
    while (e->port.now_us(e->port.context) - began <= budget_us &&
           engine_snapshot_take(e, 1, &snapshot)) {
        int result = engine_snapshot_write(e, &snapshot, err);
        engine_snapshot_finish(e, &snapshot, result == 0);
        if (result != 0)
            return result;
    }
    return 0;
}
