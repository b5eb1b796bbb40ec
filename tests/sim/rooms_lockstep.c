#include "process.h"
#include "rooms_private.h"
#include "unit/queue/model.h"

#include <stdlib.h>

/* The naive model of the waiting room beside the house, as lockstep.c does for bookings: a decision
 * is kept until it is durable, then the model decides too. */

struct decided {
    struct decided *next;
    uint64_t ts_us;
    bool durable; /* its first entry is */
    enum queue_refusal refusal;
    uint32_t entry_count, number, admission;
    bool repeated;
    uint8_t lane;
    size_t command_bytes;
    char bytes[]; /* the command, then each entry with its length in front */
};

struct room_line {
    struct model *model; /* NULL: none in this world, or not yet */
    struct decided *first, **end;
    uint64_t compared;
};

struct room_lockstep {
    struct room_line lines[SIM_EVENTS_MAX + 1];
    struct queue_decision got, wanted; /* scratch */
};

struct room_lockstep *room_lockstep_create(void)
{
    struct room_lockstep *l = calloc(1, sizeof *l);
    if (!l)
        abort();
    for (uint32_t i = 0; i <= SIM_EVENTS_MAX; i++)
        l->lines[i].end = &l->lines[i].first;
    return l;
}

void room_lockstep_destroy(struct room_lockstep *l)
{
    for (uint32_t i = 0; l && i <= SIM_EVENTS_MAX; i++)
        free(l->lines[i].model);
    free(l);
}

static struct room_line *line_of(struct sim *s, uint32_t event)
{
    return &s->rooms->lockstep->lines[event];
}

void room_lockstep_begin(struct sim *s, uint32_t event, const struct queue_entry_opened *opened,
                         uint64_t ts_us)
{
    bool fits = opened->places <= MODEL_PLACES && opened->priority_places <= MODEL_PLACES;
    if (!s->full || !fits)
        return;
    struct model *m = malloc(sizeof *m);
    if (!m)
        abort();
    model_begin(m, opened, ts_us);
    line_of(s, event)->model = m;
}

static void forget_first(struct sim *s, struct room_line *line)
{
    struct decided *p = line->first;
    line->first = p->next;
    if (!line->first)
        line->end = &line->first;
    sim_free(s, p);
}

static uint32_t session_of(const struct sim *s, const struct queue_command *c)
{
    switch ((enum queue_command_number)c->number) {
    case QUEUE_COMMAND_join: return room_session(s, c->join.session);
    case QUEUE_COMMAND_leave: return room_session(s, c->leave.session);
    case QUEUE_COMMAND_claim: return room_session(s, c->claim.session);
    case QUEUE_COMMAND_sold: return room_session(s, c->sold.session);
    default: return 0;
    }
}

/* NULL: as the machine, else what differs. */
static const char *compare_entries(const struct decided *p, const struct queue_decision *wanted)
{
    const char *at = p->bytes + p->command_bytes;
    char bytes[256];
    if (p->refusal != wanted->refusal)
        return queue_refusal_code(wanted->refusal);
    if (p->entry_count != wanted->entry_count)
        return "another number of entries";
    if (p->repeated != wanted->repeated || p->lane != wanted->lane || p->number != wanted->number ||
        p->admission != wanted->admission)
        return "another answer";
    for (uint32_t i = 0; i < p->entry_count; i++) {
        uint32_t len;
        memcpy(&len, at, sizeof len);
        if (len > sizeof bytes || queue_entry_size(&wanted->entries[i]) != len)
            return "another entry";
        (void)queue_entry_encode(&wanted->entries[i], bytes);
        if (memcmp(at + sizeof len, bytes, len) != 0)
            return queue_entry_record(wanted->entries[i].number)->name;
        at += sizeof len + len;
    }
    return NULL;
}

static void model_decides(struct sim *s, uint32_t event, const struct decided *p)
{
    struct room_lockstep *l = s->rooms->lockstep;
    struct queue_command command;
    if (!queue_command_decode(slice_make(p->bytes, p->command_bytes), &command))
        abort();
    model_run(l->lines[event].model, &command, session_of(s, &command), p->admission, p->ts_us,
              &l->wanted);
    s->figures->checks++;
    const char *wrong = compare_entries(p, &l->wanted);
    REQUIRE(s, !wrong, "the naive waiting room decides the same",
            "room %u, command %u at %llu: refusal %u, %u entries; the model: %s", event,
            command.number, (unsigned long long)p->ts_us, p->refusal, p->entry_count, wrong);
}

static void drain(struct sim *s, uint32_t event)
{
    struct room_line *line = line_of(s, event);
    for (struct decided *p; (p = line->first) != NULL; forget_first(s, line)) {
        if (p->entry_count > 0 && !p->durable)
            return;
        model_decides(s, event, p);
    }
}

void room_lockstep_decided(struct sim *s, uint32_t event, const struct queue_command *command,
                           uint64_t ts_us, const struct queue_decision *d)
{
    struct room_line *line = line_of(s, event);
    if (!s->full)
        return;
    size_t size = queue_command_size(command);
    for (uint32_t i = 0; i < d->entry_count; i++)
        size += sizeof(uint32_t) + queue_entry_size(&d->entries[i]);
    struct decided *p = sim_new(s, sizeof *p + size);
    p->ts_us = ts_us;
    p->refusal = d->refusal;
    p->entry_count = d->entry_count;
    p->number = d->number;
    p->admission = d->admission;
    p->repeated = d->repeated;
    p->lane = d->lane;
    p->command_bytes = queue_command_encode(command, p->bytes);
    char *to = p->bytes + p->command_bytes;
    for (uint32_t i = 0; i < d->entry_count; i++) {
        uint32_t len = (uint32_t)queue_entry_encode(&d->entries[i], to + sizeof len);
        memcpy(to, &len, sizeof len);
        to += sizeof len + len;
    }
    *line->end = p;
    line->end = &p->next;
    if (line->model)
        drain(s, event);
}

void room_lockstep_entry(struct sim *s, uint32_t event, uint64_t ts_us)
{
    for (struct decided *p = line_of(s, event)->first; p; p = p->next)
        if (p->entry_count > 0 && p->ts_us == ts_us)
            p->durable = true;
}

static const char *compare_session(const struct sim *s, const struct model *m,
                                   const struct queue *shadow, uint32_t session, uint64_t ts_us)
{
    struct queue_place got = {0}, wanted = {0};
    struct hash16 hash = s->rooms->sessions[session];
    bool has = queue_place_of(shadow, hash, ts_us, &got);
    if (has != model_place_of(m, session, ts_us, &wanted))
        return "who has a place";
    if (queue_is_admitted(shadow, hash, ts_us) != model_is_admitted(m, session, ts_us))
        return "who is in";
    if (has &&
        (got.state != wanted.state || got.lane != wanted.lane || got.number != wanted.number ||
         got.rank != wanted.rank || got.ahead != wanted.ahead ||
         got.closes_at_us != wanted.closes_at_us || got.admission != wanted.admission))
        return "what a place is";
    return NULL;
}

void room_lockstep_row(struct sim *s, uint32_t event, const struct queue *shadow, uint64_t ts_us)
{
    struct room_line *line = line_of(s, event);
    if (!line->model)
        return;
    drain(s, event);
    if (line->first || line->compared++ % 8 != 0)
        return;
    s->figures->checks++;
    struct queue_status status;
    queue_status(shadow, ts_us, &status);
    const char *wrong = NULL;
    if (status.phase != model_phase(line->model, ts_us))
        wrong = "the phase";
    if (status.active != model_active(line->model, ts_us))
        wrong = "how many are active";
    for (uint32_t session = 0; session < ROOM_SESSIONS && !wrong; session++)
        wrong = compare_session(s, line->model, shadow, session, ts_us);
    REQUIRE(s, !wrong, "the naive waiting room is in the same state", "room %u: %s", event, wrong);
}

void room_lockstep_recovered(struct sim *s)
{
    for (uint32_t event = 0; event <= SIM_EVENTS_MAX; event++) {
        struct room_line *line = line_of(s, event);
        if (line->model)
            drain(s, event);
        while (line->first)
            forget_first(s, line);
    }
}
