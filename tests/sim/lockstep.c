#include "lockstep.h"

#include "model/model.h"
#include "process.h"

#include <stdlib.h>

/* One decision of the house that the model has still to make. */
struct pending {
    struct pending *next;
    uint64_t ts_us;
    bool durable; /* its first entry is */
    enum booking_refusal refusal;
    uint32_t entry_count, hold, order, culprit_count, culprits[LIMIT_HOLD_UNITS];
    uint64_t categories;
    bool repeated;
    uint8_t choice;
    size_t command_bytes;
    char bytes[]; /* the command, then each entry with its length in front */
};

struct line {
    struct model *model; /* NULL: none in this world */
    struct pending *first, **end;
    const struct booking *shadow;
    uint64_t compared;
};

struct lockstep {
    struct random random;
    struct line lines[SIM_EVENTS_MAX + 1];
    struct booking_decision decision; /* scratch */
};

struct lockstep *lockstep_create(struct sim *s)
{
    struct lockstep *l = calloc(1, sizeof *l);
    if (!l)
        abort();
    l->random = sim_stream(s, 10);
    for (uint32_t i = 0; i <= SIM_EVENTS_MAX; i++)
        l->lines[i].end = &l->lines[i].first;
    return l;
}

void lockstep_destroy(struct lockstep *l)
{
    for (uint32_t i = 0; l && i <= SIM_EVENTS_MAX; i++)
        model_destroy(l->lines[i].model);
    free(l);
}

void lockstep_begin(struct sim *s, uint32_t event, const struct entry_event_created *created,
                    uint64_t ts_us)
{
    if (s->full)
        s->lockstep->lines[event].model = model_create(created, ts_us);
}

static void forget_first(struct sim *s, struct line *line)
{
    struct pending *p = line->first;
    line->first = p->next;
    if (!line->first)
        line->end = &line->first;
    sim_free(s, p);
}

/* The decision as it was, out of what was kept. */
static void read_decision(const struct pending *p, struct booking_decision *d)
{
    const char *at = p->bytes + p->command_bytes;
    d->refusal = p->refusal;
    d->entry_count = p->entry_count;
    d->hold = p->hold;
    d->order = p->order;
    d->repeated = p->repeated;
    d->choice = p->choice;
    d->culprit_count = p->culprit_count;
    memcpy(d->culprits, p->culprits, sizeof d->culprits);
    d->categories = p->categories;
    for (uint32_t i = 0; i < p->entry_count; i++) {
        uint32_t len;
        memcpy(&len, at, sizeof len);
        if (!booking_entry_decode(slice_make(at + sizeof len, len), &d->entries[i]))
            abort();
        at += sizeof len + len;
    }
}

static void model_decides(struct sim *s, uint32_t event, struct pending *p)
{
    struct lockstep *l = s->lockstep;
    struct line *line = &l->lines[event];
    struct booking_command command;
    struct model_outcome outcome;
    if (!booking_command_decode(slice_make(p->bytes, p->command_bytes), &command))
        abort();
    read_decision(p, &l->decision);
    model_decide_and_apply(line->model, &command, p->ts_us, &l->decision, &outcome);
    s->figures->checks++;
    const char *wrong = model_compare_decision(line->model, &outcome, &l->decision);
    REQUIRE(s, !wrong, "the reference model decides the same", "event %u, command %u: %s", event,
            command.number, wrong);
}

/* It was decided and not made true (no memory for a larger plan): what came later is durable. */
static bool was_dropped(const struct pending *p)
{
    if (p->entry_count == 0 || p->durable)
        return false;
    for (const struct pending *later = p->next; later; later = later->next)
        if (later->durable)
            return true;
    return false;
}

static void drain(struct sim *s, uint32_t event)
{
    struct line *line = &s->lockstep->lines[event];
    for (struct pending *p; (p = line->first) != NULL; forget_first(s, line)) {
        if (was_dropped(p))
            continue;
        if (p->entry_count > 0 && !p->durable)
            return;
        model_decides(s, event, p);
    }
}

/* Bytes of the command and the entries; the caller has room for them. */
static size_t write_decision(const struct booking_command *command,
                             const struct booking_decision *d, char *to)
{
    size_t at = booking_command_encode(command, to);
    for (uint32_t i = 0; i < d->entry_count; i++) {
        uint32_t len = (uint32_t)booking_entry_encode(&d->entries[i], to + at + sizeof len);
        memcpy(to + at, &len, sizeof len);
        at += sizeof len + len;
    }
    return at;
}

void lockstep_decided(struct sim *s, const struct booking *b, const struct booking_command *command,
                      uint64_t ts_us, const struct booking_decision *d)
{
    uint32_t event = booking_event(b).partition;
    struct line *line = &s->lockstep->lines[event];
    WORLD_BEGIN();
    /* Most ticks decide nothing. The event itself may not be durable yet. */
    bool idle_tick = command->number == BOOKING_COMMAND_tick && d->entry_count == 0 &&
                     random_below(&s->lockstep->random, 16) > 0;
    if (!s->full || idle_tick)
        return;
    size_t size = booking_command_size(command);
    for (uint32_t i = 0; i < d->entry_count; i++)
        size += sizeof(uint32_t) + booking_entry_size(&d->entries[i]);
    struct pending *p = sim_new(s, sizeof *p + size);
    p->ts_us = ts_us;
    p->refusal = d->refusal;
    p->entry_count = d->entry_count;
    p->hold = d->hold;
    p->order = d->order;
    p->repeated = d->repeated;
    p->choice = d->choice;
    p->culprit_count = d->culprit_count;
    p->categories = d->categories;
    memcpy(p->culprits, d->culprits, d->culprit_count * sizeof d->culprits[0]);
    p->command_bytes = booking_command_encode(command, p->bytes);
    (void)write_decision(command, d, p->bytes);
    *line->end = p;
    line->end = &p->next;
    if (line->model)
        drain(s, event);
}

void lockstep_entry(struct sim *s, uint32_t event, uint64_t ts_us)
{
    struct line *line = &s->lockstep->lines[event];
    for (struct pending *p = line->first; p; p = p->next)
        if (p->entry_count > 0 && p->ts_us == ts_us)
            p->durable = true;
}

void lockstep_row(struct sim *s, uint32_t event, const struct booking *shadow)
{
    struct line *line = &s->lockstep->lines[event];
    if (!line->model)
        return;
    drain(s, event);
    if (line->compared++ % 8 != 0)
        return;
    s->figures->checks++;
    const char *wrong = model_compare(line->model, shadow, booking_event(shadow).last_ts_us);
    REQUIRE(s, !wrong, "the reference model is in the same state", "event %u: %s", event, wrong);
}

void lockstep_recovered(struct sim *s)
{
    for (uint32_t event = 0; event <= SIM_EVENTS_MAX; event++) {
        struct line *line = &s->lockstep->lines[event];
        if (line->model)
            drain(s, event);
        while (line->first)
            forget_first(s, line);
    }
}
