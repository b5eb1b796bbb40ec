#include "engine/engine.h"

#include "base/crash.h"
#include "base/records.h"
#include "engine/internal.h"

#include <assert.h>
#include <stdlib.h>

static uint64_t next_ts(const struct engine *e)
{
    uint64_t now = e->port.now_us(e->port.context);
    return now > e->last_ts_us ? now : e->last_ts_us + 1;
}

uint64_t engine_now(const struct engine *e)
{
    return next_ts(e);
}

uint64_t engine_barrier(const struct engine *e)
{
    if (e->open->body.len > 0)
        return e->open->number;
    return e->inflight ? e->inflight->number : 0;
}

bool engine_is_durable(const struct engine *e, uint64_t barrier)
{
    return barrier < (e->inflight ? e->inflight : e->open)->number;
}

/* ---- the open batch ---- */

char *engine_open_entry(struct engine *e, uint32_t partition, uint64_t pseq, uint64_t ts_us,
                        size_t size)
{
    char *to = frame_open(&e->open->body, partition, pseq, ts_us, size);
    if (!to)
        abort();
    e->last_ts_us = ts_us;
    e->counters.entries++;
    return to;
}

void engine_close_entry(struct engine *e, size_t size)
{
    frame_close(&e->open->body, size);
}

static void booking_join(struct engine *e, uint32_t partition, uint64_t pseq, uint64_t ts_us,
                         const struct booking_entry *entry)
{
    char *to = engine_open_entry(e, partition, pseq, ts_us, booking_entry_size(entry));
    engine_close_entry(e, booking_entry_encode(entry, to));
}

/* A picture shows all: what was kept of this partition before it must not overwrite it. */
static void batch_forget_partition(struct batch *batch, uint32_t number)
{
    for (struct picture **at = &batch->pictures; *at;) {
        struct picture *old = *at;
        if (old->partition != number) {
            at = &old->next;
            continue;
        }
        *at = old->next;
        board_destroy(old->board);
        free(old);
    }
    struct change *changes = (struct change *)(void *)batch->changes.data;
    for (size_t i = 0; i < batch->changes.len / sizeof *changes; i++)
        if (changes[i].partition == number)
            changes[i].partition = 0;
}

static void batch_keep_picture(struct engine *e, uint32_t number, const struct booking *booking)
{
    batch_forget_partition(e->open, number);
    struct picture *picture = malloc(sizeof *picture);
    struct board_state *board = board_create(number, booking, 0);
    if (!picture || !board)
        abort();
    *picture = (struct picture){number, board, e->open->pictures};
    e->open->pictures = picture;
}

/* Remembers what readers will see once the batch is durable. */
static void batch_keep_changes(struct engine *e, uint32_t number, const struct booking *booking)
{
    const struct booking_touched *t = &e->touched;
    if (t->all) {
        batch_keep_picture(e, number, booking);
        return;
    }
    for (uint32_t i = 0; i < t->count; i++) {
        struct change change = {number, t->units[i],
                                (uint8_t)booking_unit_state(booking, t->units[i], 0)};
        buf_append(&e->open->changes, &change, sizeof change);
    }
    if (e->open->changes.failed)
        abort();
}

static void batch_drop_pictures(struct batch *batch)
{
    while (batch->pictures) {
        struct picture *picture = batch->pictures;
        batch->pictures = picture->next;
        board_destroy(picture->board);
        free(picture);
    }
}

/* ---- commands ---- */

static void partition_apply_decision(struct engine *e, uint32_t number, struct partition *p,
                                     struct partition_move move, uint64_t ts_us)
{
    e->touched.all = move.memory != NULL;
    e->touched.count = 0;
    for (uint32_t i = 0; i < e->decision.entry_count; i++) {
        const struct booking_entry *entry = &e->decision.entries[i];
        if (entry->number == BOOKING_ENTRY_plan_changed)
            partition_move(p, move, &entry->plan_changed, ts_us + i);
        else
            booking_apply(p->booking, entry, ts_us + i, &e->touched);
        CRASH_POINT("engine.apply.applied");
        booking_join(e, number, ++p->pseq, ts_us + i, entry);
        CRASH_POINT("engine.apply.joined");
    }
    partition_note(p);
    batch_keep_changes(e, number, p->booking);
}

static bool can_decide(const struct engine *e)
{
    return !e->dead && !e->stalled && journal_writable(e->journal);
}

/* A batch must fit in a row whatever a turn brings. */
static bool batch_is_full(const struct batch *batch)
{
    return batch->body.len - batch->created_bytes >= LIMIT_BATCH_BYTES;
}

/* A changed plan needs room, in memory and in this turn's batch, before anything is done about it.
 */
static bool can_move(struct engine *e, struct partition *p, uint32_t number,
                     struct partition_move *ret_move)
{
    const struct booking_decision *d = &e->decision;
    if (d->entry_count == 0 || d->entries[d->entry_count - 1].number != BOOKING_ENTRY_plan_changed)
        return true;
    const struct booking_entry *entry = &d->entries[d->entry_count - 1];
    size_t size = booking_entry_size(entry);
    struct err err;
    if (e->open->created_bytes + size > LIMIT_ENTRY_BYTES ||
        partition_prepare_move(p, number, &entry->plan_changed, ret_move, &err) != 0)
        return false;
    e->open->created_bytes += size;
    return true;
}

bool engine_has_room(const struct engine *e, size_t bytes)
{
    return can_decide(e) && e->open->body.len - e->open->created_bytes + bytes < LIMIT_BATCH_BYTES;
}

void engine_submit(struct engine *e, uint32_t partition, const struct booking_command *command,
                   struct engine_result *ret_result)
{
    engine_submit_at(e, partition, command, 0, ret_result);
}

void engine_submit_at(struct engine *e, uint32_t partition, const struct booking_command *command,
                      uint64_t ts_us, struct engine_result *ret_result)
{
    struct partition *p = engine_partition(e, partition);
    struct engine_result result = {0};
    e->counters.commands++;
    if (!p || !can_decide(e) || batch_is_full(e->open)) {
        result.no_event = !p;
        result.no_space = p != NULL;
        result.barrier = engine_barrier(e);
        *ret_result = result;
        return;
    }
    if (e->halted_us != 0)
        engine_credit_outage(e);
    result.ts_us = ts_us == 0 ? next_ts(e) : ts_us > e->last_ts_us ? ts_us : e->last_ts_us + 1;
    CRASH_POINT("engine.submit.before");
    booking_decide(p->booking, command, result.ts_us, &e->decision);
    CRASH_POINT("engine.submit.decided");
    struct partition_move move = {0};
    if (!can_move(e, p, partition, &move)) {
        result.no_space = true;
        result.barrier = engine_barrier(e);
        *ret_result = result;
        return;
    }
    if (e->decision.entry_count > 0)
        partition_apply_decision(e, partition, p, move, result.ts_us);
    e->counters.refusals += e->decision.refusal != BOOKING_OK;
    result.refusal = e->decision.refusal;
    result.booking = p->booking;
    result.decision = &e->decision;
    result.barrier = engine_barrier(e);
    CRASH_POINT("engine.submit.after");
    *ret_result = result;
}

static void directory_join(struct engine *e, const struct directory_entry *entry, uint64_t ts_us)
{
    directory_apply(e->directory, entry, ts_us);
    char *to = engine_open_entry(e, 0, ++e->directory_pseq, ts_us, directory_entry_size(entry));
    engine_close_entry(e, directory_entry_encode(entry, to));
}

/* Both entries of a new event, in one batch. */
static int event_join(struct engine *e, const struct entry_event_created *created,
                      const struct directory_entry *listed, struct err *err)
{
    struct booking_entry entry = {.number = BOOKING_ENTRY_event_created};
    entry.event_created = *created;
    size_t before = e->open->body.len;
    size_t size = booking_entry_size(&entry) + directory_entry_size(listed);
    if (size > LIMIT_ENTRY_BYTES) {
        (void)err_set(err, "the event's definition is over the limit of %u bytes",
                      LIMIT_ENTRY_BYTES);
        return ENGINE_INVALID;
    }
    if (e->open->created_bytes + size > LIMIT_ENTRY_BYTES) {
        (void)err_set(err, "too many events are being made at once");
        return ENGINE_BUSY;
    }
    uint32_t number = listed->event_listed.partition;
    uint64_t ts_us = next_ts(e);
    if (partition_begin(e, number, created, ts_us + 1, err) != 0)
        return ENGINE_BUSY;
    CRASH_POINT("engine.list.begun");
    directory_join(e, listed, ts_us);
    CRASH_POINT("engine.list.between");
    booking_join(e, number, 1, ts_us + 1, &entry);
    e->open->created_bytes += e->open->body.len - before;
    CRASH_POINT("engine.list.after");
    return 0;
}

int engine_list_event(struct engine *e, const struct engine_listing *listing,
                      enum directory_refusal *ret_refusal, uint32_t *ret_partition,
                      bool *ret_repeated, uint64_t *ret_barrier, struct err *err)
{
    const char *detail;
    if (!booking_created_valid(&listing->created, &detail)) {
        (void)err_set(err, "%s", detail);
        return ENGINE_INVALID;
    }
    if (!can_decide(e)) {
        (void)err_set(err, "the disk is nearly full");
        return ENGINE_BUSY;
    }
    struct directory_entry entry;
    bool repeated;
    enum directory_refusal refusal =
        directory_list_event(e->directory, &listing->listed, &entry, &repeated);
    if (refusal == DIRECTORY_OK && !repeated) {
        int failed = event_join(e, &listing->created, &entry, err);
        if (failed)
            return failed;
    }
    *ret_refusal = refusal;
    *ret_partition = refusal == DIRECTORY_OK ? entry.event_listed.partition : 0;
    *ret_repeated = repeated;
    *ret_barrier = engine_barrier(e);
    return 0;
}

bool engine_revise_event(struct engine *e, uint32_t partition, struct slice document,
                         uint64_t *ret_barrier)
{
    struct directory_entry entry;
    if (!can_decide(e) || batch_is_full(e->open) ||
        directory_revise_event(e->directory, partition, document, &entry) != DIRECTORY_OK)
        return false;
    directory_join(e, &entry, next_ts(e));
    CRASH_POINT("engine.revise.after");
    *ret_barrier = engine_barrier(e);
    return true;
}

void engine_change_plan(struct engine *e, uint32_t partition,
                        const struct command_change_plan *change, struct slice document,
                        struct engine_result *ret_result)
{
    struct booking_command command = {.number = BOOKING_COMMAND_change_plan};
    command.change_plan = *change;
    struct directory_entry revised;
    struct engine_result result = {.no_event = true, .barrier = engine_barrier(e)};
    if (directory_revise_event(e->directory, partition, document, &revised) == DIRECTORY_OK)
        engine_submit(e, partition, &command, &result);
    if (!result.no_event && !result.no_space && result.refusal == BOOKING_OK)
        directory_join(e, &revised, next_ts(e));
    *ret_result = result;
}

void engine_credit_outage(struct engine *e)
{
    uint64_t now = e->port.now_us(e->port.context), from = e->halted_us;
    struct booking_command credit = {.number = BOOKING_COMMAND_credit_outage};
    if (from == 0 || !can_decide(e))
        return;
    e->halted_us = 0;
    if (now <= from)
        return;
    credit.credit_outage.outage_us = now - from;
    CRASH_POINT("engine.outage.before");
    for (uint32_t number = 1; number < e->partition_capacity; number++) {
        struct engine_result result;
        if (e->partitions[number].live)
            engine_submit(e, number, &credit, &result);
        if (e->partitions[number].waiting)
            waiting_credit(e, number, from, credit.credit_outage.outage_us);
        CRASH_POINT("engine.outage.between");
    }
}

void engine_tick(struct engine *e)
{
    struct booking_command tick = {.number = BOOKING_COMMAND_tick};
    if (!can_decide(e)) {
        if (e->halted_us == 0)
            e->halted_us = e->port.now_us(e->port.context);
        return;
    }
    if (e->halted_us != 0)
        engine_credit_outage(e);
    uint64_t now_us = next_ts(e);
    for (uint32_t i = 0; i < e->partition_capacity; i++) {
        uint32_t number = (e->tick_next + i) % e->partition_capacity;
        struct engine_result result;
        const struct partition *p = &e->partitions[number];
        bool wants_tick = partition_wants_tick(p, now_us);
        if (!wants_tick && !p->waiting)
            continue;
        CRASH_POINT("engine.tick.event");
        if (e->open->body.len - e->open->created_bytes >= LIMIT_BATCH_BYTES / 2) {
            e->tick_next = number; /* the other half is for buyers and payments */
            return;
        }
        if (wants_tick)
            engine_submit(e, number, &tick, &result);
        if (p->waiting)
            waiting_tick(e, number, now_us);
    }
}

/* ---- commit ---- */

static void publish_entries(struct engine *e, const struct batch *batch, uint64_t seq)
{
    struct slice body = buf_slice(&batch->body);
    struct frame frame;
    size_t at = 0;
    while (frame_next(body, &at, &frame) == 1) {
        struct engine_entry entry = {seq, frame.partition, frame.pseq, frame.ts_us, frame.entry};
        struct waiting *w = frame.partition & ENGINE_QUEUE
                                ? engine_waiting(e, frame.partition & ~ENGINE_QUEUE)
                                : NULL;
        if (w && record_number(frame.entry) == QUEUE_ENTRY_lobby_closed)
            waiting_closed(w, journal_head(e->journal).hash);
        e->port.entry(e->port.context, &entry);
        CRASH_POINT("engine.publish.entry");
    }
}

static void publish_boards(struct engine *e, struct batch *batch, uint64_t seq)
{
    for (struct picture *p = batch->pictures; p; p = p->next) {
        struct partition *partition = &e->partitions[p->partition];
        board_destroy(partition->board);
        partition->board = p->board;
        p->board = NULL;
        board_publish(partition->board, seq);
    }
    const struct change *changes = (const struct change *)(const void *)batch->changes.data;
    for (size_t i = 0; i < batch->changes.len / sizeof *changes; i++) {
        if (changes[i].partition == 0)
            continue; /* a picture shows it */
        struct partition *partition = &e->partitions[changes[i].partition];
        board_set(partition->board, changes[i].unit, (enum booking_unit_state)changes[i].state,
                  seq);
    }
}

static void commit_done(void *context, enum journal_outcome outcome, const struct err *err)
{
    struct engine *e = context;
    struct batch *batch = e->inflight;
    if (outcome == JOURNAL_NO_SPACE) { /* certainly not written: it can wait */
        e->stalled = true;
        CRASH_POINT("engine.done.no_space");
        return;
    }
    if (outcome != JOURNAL_DURABLE) {
        e->dead = true;
        CRASH_POINT("engine.done.failed");
        e->port.fatal(e->port.context, err);
        return;
    }
    uint64_t took_us = e->port.now_us(e->port.context) - e->commit_began_us;
    e->counters.commit_us_sum += took_us;
    if (took_us > e->slowest_commit_us)
        e->slowest_commit_us = took_us;
    if (took_us > e->counters.commit_us_max)
        e->counters.commit_us_max = took_us;
    e->counters.batches++;
    e->counters.bytes += batch->body.len;
    e->inflight = NULL;
    uint64_t seq = journal_head(e->journal).seq;
    CRASH_POINT("engine.done.durable");
    publish_boards(e, batch, seq);
    CRASH_POINT("engine.publish.boards");
    publish_entries(e, batch, seq);
    CRASH_POINT("engine.publish.entries");
    uint64_t barrier = batch->number;
    buf_clear(&batch->body);
    buf_clear(&batch->changes);
    batch->created_bytes = 0;
    batch_drop_pictures(batch);
    e->port.committed(e->port.context, barrier);
    CRASH_POINT("engine.done.told");
}

static void batch_append(struct engine *e)
{
    e->commit_began_us = e->port.now_us(e->port.context);
    CRASH_POINT("engine.append.before");
    journal_append(e->journal, e->inflight->ts_us, buf_slice(&e->inflight->body), commit_done, e);
    CRASH_POINT("engine.append.after");
}

void engine_commit(struct engine *e)
{
    if (e->stalled && journal_writable(e->journal)) {
        e->stalled = false;
        CRASH_POINT("engine.commit.again");
        batch_append(e);
    }
    if (e->inflight || e->dead || e->open->body.len == 0)
        return;
    struct batch *batch = e->open, *other = &e->batches[batch == &e->batches[0]];
    e->inflight = batch;
    other->number = batch->number + 1;
    e->open = other;
    batch->ts_us = e->last_ts_us;
    CRASH_POINT("engine.commit.closed");
    batch_append(e);
}

/* ---- looking ---- */

const struct booking *engine_booking(const struct engine *e, uint32_t partition)
{
    struct partition *p = engine_partition(e, partition);
    return p ? p->booking : NULL;
}

const struct directory *engine_directory(const struct engine *e)
{
    return e->directory;
}

const struct board *engine_board(const struct engine *e, uint32_t partition)
{
    struct partition *p = engine_partition(e, partition);
    return p ? board_view(p->board) : NULL;
}

uint64_t engine_last_seq(const struct engine *e)
{
    return journal_head(e->journal).seq;
}

uint64_t engine_take_slowest_commit_us(struct engine *e)
{
    uint64_t slowest_us = e->slowest_commit_us;
    e->slowest_commit_us = 0;
    return slowest_us;
}

struct engine_counters engine_counters(const struct engine *e)
{
    struct engine_counters counters = e->counters;
    counters.events = directory_event_count(e->directory);
    return counters;
}

/* ---- life ---- */

int engine_create(struct journal *journal, const struct engine_port *port,
                  struct engine **ret_engine, struct err *err)
{
    struct engine *e = calloc(1, sizeof *e);
    void *memory = calloc(1, directory_memory_size());
    if (!e || !memory) {
        free(e);
        free(memory);
        return err_set(err, "out of memory");
    }
    e->journal = journal;
    e->port = *port;
    e->directory = directory_init(memory, directory_memory_size());
    e->open = &e->batches[0];
    e->open->number = 1;
    if (engine_recover(e, err) != 0) {
        engine_destroy(e);
        return -1;
    }
    *ret_engine = e;
    return 0;
}

void engine_destroy(struct engine *e)
{
    if (!e)
        return;
    for (uint32_t number = 1; number < e->partition_capacity; number++)
        partition_finish(&e->partitions[number]);
    for (int i = 0; i < 2; i++) {
        buf_finish(&e->batches[i].body);
        buf_finish(&e->batches[i].changes);
        batch_drop_pictures(&e->batches[i]);
    }
    free(e->partitions);
    free(e->directory);
    free(e);
}
