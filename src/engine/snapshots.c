#include "base/crash.h"
#include "engine/internal.h"

#include <assert.h>

/* Snapshots: pictures of machines from which a start goes on, so that it reads the newest rows
 * only. */

/* A stored snapshot leaves out the zero pages of a machine's image: most of it is room for holds
 * and orders to come. A head, one bit a page (1: it follows), then the pages in order, the last one
 * cut short. */
#define SNAPSHOT_MAGIC 0x33534e4fu /* "ONS3" */
#define PAGE_BYTES 1024u

struct snapshot_head {
    uint32_t magic, version; /* of the machine's image */
    uint64_t pseq, image_bytes;
    uint64_t
        has_queue; /* 1: the event had a waiting room then, whose beginning is not read again */
    struct hash128 hash; /* of all that follows */
};

static size_t page_count(uint64_t image_bytes)
{
    return (size_t)((image_bytes + PAGE_BYTES - 1) / PAGE_BYTES);
}

static size_t page_size(uint64_t image_bytes, size_t page)
{
    uint64_t rest = image_bytes - (uint64_t)page * PAGE_BYTES;
    return rest < PAGE_BYTES ? (size_t)rest : PAGE_BYTES;
}

static bool is_zero(const char *bytes, size_t len)
{
    return bytes[0] == 0 && memcmp(bytes, bytes + 1, len - 1) == 0;
}

static void pack_image(struct slice image, struct buf *out)
{
    size_t pages = page_count(image.len), map_bytes = (pages + 7) / 8, map_at = out->len;
    char *map = buf_reserve(out, map_bytes);
    if (!map)
        return;
    memset(map, 0, map_bytes);
    out->len += map_bytes;
    for (size_t page = 0; page < pages && !out->failed; page++) {
        const char *from = image.data + page * PAGE_BYTES;
        size_t len = page_size(image.len, page);
        if (is_zero(from, len))
            continue;
        out->data[map_at + page / 8] = (char)(out->data[map_at + page / 8] | 1 << page % 8);
        buf_append(out, from, len);
    }
}

static bool unpack_image(struct slice bytes, uint64_t image_bytes, struct buf *image)
{
    size_t pages = page_count(image_bytes), at = (pages + 7) / 8;
    if (image_bytes / PAGE_BYTES / 8 > bytes.len || at > bytes.len)
        return false;
    buf_clear(image);
    char *to = buf_reserve(image, (size_t)image_bytes);
    if (!to)
        return false;
    memset(to, 0, (size_t)image_bytes);
    image->len = (size_t)image_bytes;
    for (size_t page = 0; page < pages; page++) {
        if (!((unsigned char)bytes.data[page / 8] >> page % 8 & 1))
            continue;
        size_t len = page_size(image_bytes, page);
        if (bytes.len - at < len)
            return false;
        memcpy(to + page * PAGE_BYTES, bytes.data + at, len);
        at += len;
    }
    return at == bytes.len;
}

struct slice snapshot_image(struct slice bytes, uint32_t version, struct buf *image,
                            uint64_t *ret_pseq, bool *ret_has_queue)
{
    struct snapshot_head head;
    struct slice none = {NULL, 0};
    if (bytes.len < sizeof head)
        return none;
    memcpy(&head, bytes.data, sizeof head);
    struct slice packed = slice_make(bytes.data + sizeof head, bytes.len - sizeof head);
    struct hash128 hash = hash128_of(packed.data, packed.len);
    if (head.magic != SNAPSHOT_MAGIC || head.version != version || head.hash.low != hash.low ||
        head.hash.high != hash.high || !unpack_image(packed, head.image_bytes, image))
        return none;
    *ret_pseq = head.pseq;
    *ret_has_queue = head.has_queue != 0;
    return buf_slice(image);
}

static bool is_due(uint64_t pseq, uint64_t snapshot_pseq, uint32_t least_entries)
{
    return pseq > 0 && pseq != snapshot_pseq &&
           (snapshot_pseq == 0 || pseq - snapshot_pseq >= least_entries);
}

/* A waiting room grows by millions of places in minutes and its picture with it: it is taken each
 * time that it grew by a quarter. None while a lobby waits for its draw (queue_wants_draw). */
static bool waiting_is_due(const struct waiting *w, uint32_t least_entries)
{
    uint64_t least = least_entries > 1 ? least_entries + w->snapshot_pseq / 4 : least_entries;
    return w->pseq != w->snapshot_pseq && !queue_wants_draw(w->queue) &&
           (w->snapshot_pseq == 0 || w->pseq - w->snapshot_pseq >= least);
}

static bool partition_is_due(const struct engine *e, uint32_t number, uint32_t least_entries)
{
    if (number == 0)
        return is_due(e->directory_pseq, e->directory_snapshot_pseq, least_entries);
    const struct partition *p = engine_partition(e, number & ~ENGINE_QUEUE);
    if (number & ENGINE_QUEUE)
        return p && p->waiting && waiting_is_due(p->waiting, least_entries);
    return p && is_due(p->pseq, p->snapshot_pseq, least_entries);
}

/* The partition whose turn it is, 0 for the directory; BOOKING_NONE: none is due. A waiting room
 * has a turn of its own: an event that is always due must not keep it waiting. */
static uint32_t next_due(struct engine *e, uint32_t least_entries)
{
    uint32_t turns = 2 * (e->partition_capacity > 0 ? e->partition_capacity : 1);
    for (uint32_t i = 0; i < turns; i++) {
        uint32_t turn = (e->snapshot_next + i) % turns;
        uint32_t number = turn / 2 | (turn % 2 ? ENGINE_QUEUE : 0);
        if (partition_is_due(e, number, least_entries)) {
            e->snapshot_next = (turn + 1) % turns;
            return number;
        }
    }
    return BOOKING_NONE;
}

static struct snapshot_head snapshot_head_of(const struct engine *e, uint32_t number,
                                             struct slice *ret_image)
{
    struct snapshot_head head = {.magic = SNAPSHOT_MAGIC}; /* hashed when it is written */
    const struct partition *p = number ? &e->partitions[number & ~ENGINE_QUEUE] : NULL;
    if (!p) {
        *ret_image = directory_image(e->directory);
        head.version = DIRECTORY_IMAGE_VERSION;
        head.pseq = e->directory_pseq;
    } else if (number & ENGINE_QUEUE) {
        *ret_image = queue_image(p->waiting->queue);
        head.version = QUEUE_IMAGE_VERSION;
        head.pseq = p->waiting->pseq;
    } else {
        *ret_image = booking_image(p->booking);
        head.version = BOOKING_IMAGE_VERSION;
        head.pseq = p->pseq;
        head.has_queue = p->waiting != NULL;
    }
    head.image_bytes = ret_image->len;
    return head;
}

bool engine_snapshot_take(struct engine *e, uint32_t least_entries,
                          struct engine_snapshot *ret_snapshot)
{
    if (e->dead || e->inflight || e->open->body.len > 0)
        return false;
    uint32_t number = next_due(e, least_entries);
    if (number == BOOKING_NONE)
        return false;
    CRASH_POINT("snapshot.take.before");
    struct slice image;
    struct snapshot_head head = snapshot_head_of(e, number, &image);
    struct engine_snapshot snapshot = {.partition = number,
                                       .pseq = head.pseq,
                                       .seq = journal_head(e->journal).seq,
                                       .bytes = BUF_INIT};
    buf_append(&snapshot.bytes, &head, sizeof head);
    pack_image(image, &snapshot.bytes);
    CRASH_POINT("snapshot.take.packed");
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
    CRASH_POINT("snapshot.write.before");
    return journal_write_snapshot(e->journal, snapshot->partition, snapshot->seq,
                                  buf_slice(&snapshot->bytes), err);
}

void engine_snapshot_finish(struct engine *e, struct engine_snapshot *snapshot, bool written)
{
    CRASH_POINT("snapshot.finish.before");
    if (written && snapshot->partition == 0)
        e->directory_snapshot_pseq = snapshot->pseq;
    else if (written && snapshot->partition & ENGINE_QUEUE)
        engine_waiting(e, snapshot->partition & ~ENGINE_QUEUE)->snapshot_pseq = snapshot->pseq;
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
        CRASH_POINT("snapshot.all.written");
        engine_snapshot_finish(e, &snapshot, result == 0);
        if (result != 0)
            return result;
    }
    return 0;
}
