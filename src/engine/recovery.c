#include "base/crash.h"
#include "engine/internal.h"

#include <assert.h>

/* How the machines come back: the newest snapshot of each partition, then every row after the
 * oldest of them, once, in order. */

struct room {
    struct buf bytes, image;
};

static void room_finish(struct room *room)
{
    buf_finish(&room->bytes);
    buf_finish(&room->image);
}

/* Reads one partition's snapshot into `room`; an empty slice when there is none that fits. */
static int snapshot_read(struct engine *e, uint32_t number, uint32_t version, struct room *room,
                         struct slice *ret_image, uint64_t *ret_pseq, uint64_t *ret_seq,
                         bool *ret_has_queue, struct err *err)
{
    buf_clear(&room->bytes);
    *ret_image = (struct slice){NULL, 0};
    *ret_has_queue = false;
    int found = journal_read_snapshot(e->journal, number, &room->bytes, ret_seq, err);
    if (found <= 0)
        return found;
    if (*ret_seq > journal_head(e->journal).seq)
        return err_set(
            err,
            "the snapshot of partition %u was taken at row %llu, but the journal ends at "
            "row %llu: rows are missing",
            number, (unsigned long long)*ret_seq, (unsigned long long)journal_head(e->journal).seq);
    CRASH_POINT("recovery.snapshot.read");
    *ret_image =
        snapshot_image(buf_slice(&room->bytes), version, &room->image, ret_pseq, ret_has_queue);
    return 0;
}

/* The event's waiting room, and the row from which its entries are missing: 0 when it has none, or
 * none that is needed. */
static int restore_waiting(struct engine *e, uint32_t event, bool has_queue, struct room *room,
                           uint64_t *ret_from, struct err *err)
{
    struct slice image;
    uint64_t pseq = 0, seq = 0;
    bool unused;
    *ret_from = has_queue ? 1 : 0;
    if (snapshot_read(e, event | ENGINE_QUEUE, QUEUE_IMAGE_VERSION, room, &image, &pseq, &seq,
                      &unused, err) != 0)
        return -1;
    if (queue_restore_size(image) == 0)
        return 0;
    *ret_from = has_queue ? seq + 1 : 0;
    return waiting_restore(engine_partition(e, event), event, image, pseq, err);
}

/* Restores what has a snapshot; tells the row from which the journal has to be read. A partition's
 * rows up to its own snapshot are skipped by their pseq. */
static int restore_snapshots(struct engine *e, uint64_t *ret_from, struct err *err)
{
    __attribute__((cleanup(room_finish))) struct room room = {BUF_INIT, BUF_INIT};
    struct slice image;
    uint64_t pseq = 0, seq = 0, from = 1;
    bool has_queue;
    if (snapshot_read(e, 0, DIRECTORY_IMAGE_VERSION, &room, &image, &pseq, &seq, &has_queue, err) !=
        0)
        return -1;
    if (image.len == 0 || !directory_restore(e->directory, image)) {
        *ret_from = from;
        return 0;
    }
    e->directory_pseq = pseq;
    e->directory_snapshot_pseq = pseq;
    CRASH_POINT("recovery.directory.restored");
    from = seq + 1;
    for (uint32_t number = 1; number <= directory_event_count(e->directory); number++) {
        if (snapshot_read(e, number, BOOKING_IMAGE_VERSION, &room, &image, &pseq, &seq, &has_queue,
                          err) != 0)
            return -1;
        if (booking_restore_size(image) == 0) {
            from = 1;
            continue;
        }
        if (partition_restore(e, number, image, pseq, err) != 0)
            return -1;
        CRASH_POINT("recovery.event.restored");
        if (seq + 1 < from)
            from = seq + 1;
        uint64_t waiting_from;
        if (restore_waiting(e, number, has_queue, &room, &waiting_from, err) != 0)
            return -1;
        if (waiting_from != 0 && waiting_from < from)
            from = waiting_from;
    }
    *ret_from = from;
    return 0;
}

static int recover_directory(struct engine *e, const struct frame *f, struct err *err)
{
    if (f->pseq <= e->directory_pseq)
        return 0;
    struct directory_entry entry;
    if (f->pseq != e->directory_pseq + 1 || !directory_entry_decode(f->entry, &entry))
        return err_set(err, "partition 0: entry %llu is out of place or of an unknown kind",
                       (unsigned long long)f->pseq);
    directory_apply(e->directory, &entry, f->ts_us);
    CRASH_POINT("recovery.directory.applied");
    e->directory_pseq = f->pseq;
    return 0;
}

static int recover_booking(struct engine *e, const struct frame *f, struct err *err)
{
    struct partition *p = engine_partition(e, f->partition);
    if (p && f->pseq <= p->pseq)
        return 0;
    if (!booking_entry_decode(f->entry, &e->entry))
        return err_set(
            err,
            "partition %u: entry %llu is of a kind this version does not know; start the "
            "version that wrote it",
            f->partition, (unsigned long long)f->pseq);
    if (!p) {
        const char *detail;
        if (e->entry.number != BOOKING_ENTRY_event_created || f->pseq != 1)
            return err_set(err, "partition %u does not begin with EventCreated", f->partition);
        if (!booking_created_valid(&e->entry.event_created, &detail))
            return err_set(err, "partition %u: %s", f->partition, detail);
        return partition_begin(e, f->partition, &e->entry.event_created, f->ts_us, err);
    }
    if (f->pseq != p->pseq + 1)
        return err_set(err, "partition %u: entry %llu follows entry %llu", f->partition,
                       (unsigned long long)f->pseq, (unsigned long long)p->pseq);
    struct partition_move move;
    if (e->entry.number != BOOKING_ENTRY_plan_changed)
        booking_apply(p->booking, &e->entry, f->ts_us, NULL);
    else if (partition_prepare_move(p, f->partition, &e->entry.plan_changed, &move, err) == 0)
        partition_move(p, move, &e->entry.plan_changed, f->ts_us);
    else
        return -1;
    p->pseq = f->pseq;
    CRASH_POINT("recovery.event.applied");
    return 0;
}

struct recovery {
    struct engine *engine;
    struct err *err;
    uint64_t from, head;
};

static int recover_row(void *context, const struct journal_row *row)
{
    struct recovery *r = context;
    struct engine *e = r->engine;
    struct frame frame;
    size_t at = 0;
    int more;
    CRASH_POINT("recovery.row");
    while ((more = frame_next(row->body, &at, &frame)) == 1) {
        int failed = frame.partition == 0 ? recover_directory(e, &frame, r->err)
                     : frame.partition & ENGINE_QUEUE
                         ? waiting_recover(e, &frame, row->hash, r->err)
                         : recover_booking(e, &frame, r->err);
        if (failed)
            return -1;
        if (frame.ts_us > e->last_ts_us)
            e->last_ts_us = frame.ts_us;
    }
    if (more < 0)
        return err_set(r->err, "row %llu is damaged", (unsigned long long)row->seq);
    if (e->port.progress && row->seq % 4096 == 0)
        e->port.progress(e->port.context, row->seq - r->from, r->head - r->from + 1);
    return 0;
}

/* Boards were made when their machines began; after the rows they show the present. */
static int refresh_boards(struct engine *e, struct err *err)
{
    uint64_t seq = journal_head(e->journal).seq;
    for (uint32_t number = 1; number < e->partition_capacity; number++) {
        struct partition *p = &e->partitions[number];
        if (!p->booking)
            continue;
        partition_note(p);
        CRASH_POINT("recovery.board");
        board_destroy(p->board);
        p->board = board_create(number, p->booking, seq);
        if (!p->board)
            return err_set(err, "out of memory for the board of event %u", number);
    }
    return 0;
}

int engine_recover(struct engine *e, struct err *err)
{
    struct journal_head head = journal_head(e->journal);
    struct recovery r = {.engine = e, .err = err, .head = head.seq};
    CRASH_POINT("recovery.begin");
    if (restore_snapshots(e, &r.from, err) != 0)
        return -1;
    e->last_ts_us = head.ts_us;
    if (r.from <= head.seq && journal_read(e->journal, r.from, recover_row, &r, err) != 0)
        return -1;
    if (e->port.progress)
        e->port.progress(e->port.context, head.seq, head.seq);
    e->halted_us = e->last_ts_us; /* the house was closed since then */
    CRASH_POINT("recovery.rows.read");
    return refresh_boards(e, err);
}

struct replay {
    struct err *err;
    void (*visit)(void *context, const struct engine_entry *entry);
    void *context;
};

static int replay_row(void *context, const struct journal_row *row)
{
    struct replay *r = context;
    struct frame frame;
    size_t at = 0;
    int more;
    while ((more = frame_next(row->body, &at, &frame)) == 1) {
        struct engine_entry entry = {row->seq, frame.partition, frame.pseq, frame.ts_us,
                                     frame.entry};
        r->visit(r->context, &entry);
    }
    if (more < 0)
        return err_set(r->err, "row %llu is damaged", (unsigned long long)row->seq);
    return 0;
}

int engine_replay(struct engine *e, uint64_t from_seq,
                  void (*visit)(void *context, const struct engine_entry *entry), void *context,
                  struct err *err)
{
    struct replay r = {.err = err, .visit = visit, .context = context};
    if (from_seq >= journal_head(e->journal).seq)
        return 0;
    return journal_read(e->journal, from_seq + 1, replay_row, &r, err);
}
