/*
 * snapshots: the pictures of partitions that a journal keeps on disk beside its log, so that
 * recovery need not replay everything. One file each, `<partition>-<seq>.snap` in a folder of their
 * own:
 *
 *   8 bytes "ONSALESN"; u32 version 1; u32 partition; u64 seq; u64 length; u64 low, u64 high of the
 *   XXH3-128 of the content; u32 zero; u32 CRC-32C of the 52 bytes before; the content
 *
 * little-endian. A file is written under another name, synced and renamed, so one that bears its
 * name is whole unless the disk damaged it; then it counts as none and the older one is taken. The
 * newest two of a partition are kept. Private to this folder.
 *
 * Thread: one may write while another reads; the table of names in memory is guarded by a lock.
 */
#ifndef ONSALE_JOURNAL_SNAPSHOTS_H
#define ONSALE_JOURNAL_SNAPSHOTS_H

#include "base/buf.h"
#include "base/err.h"
#include "journal/files.h"

#include <pthread.h>

struct snapshot_name {
    uint32_t partition;
    uint64_t seq;
};

struct snapshots {
    const struct files *files; /* NULL: not begun, or ended */
    char *path;                /* of the folder; owned */
    pthread_mutex_t lock;
    struct snapshot_name *names; /* sorted by partition, then seq */
    size_t count, cap;
};

/* Opens the folder `name` in `parent`, makes it when `create` (otherwise one that is not there is
 * as good as an empty one), and reads the names of what is there. On failure nothing needs to be
 * finished. */
int snapshots_init(struct snapshots *snapshots, const struct folder *parent, const char *name,
                   bool create, struct err *err) MUST_USE;
/* One of zero bytes is fine too. */
void snapshots_finish(struct snapshots *snapshots);

/* As journal_write_snapshot. */
int snapshots_write(struct snapshots *snapshots, uint32_t partition, uint64_t seq,
                    struct slice bytes, struct err *err) MUST_USE;

/* As journal_read_snapshot, of those not newer than row `newest`. */
int snapshots_read(struct snapshots *snapshots, uint32_t partition, uint64_t newest,
                   struct buf *out, uint64_t *ret_seq, struct err *err) MUST_USE;

#endif
