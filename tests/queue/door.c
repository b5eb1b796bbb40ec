#include "queue/door.h"

#include "queue/queue.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

struct door {
    struct queue *queue;
    void *memory;
    uint64_t last_ts_us;
    struct queue_decision decision;
};

/* A session is a number, spread so that neighbours do not look alike. */
static struct hash16 session_of(uint32_t visitor)
{
    struct hash16 session = {0};
    uint64_t spread = (visitor + 1ull) * 0x9e3779b97f4a7c15ull;
    memcpy(session.bytes, &spread, sizeof spread);
    memcpy(session.bytes + 8, &visitor, sizeof visitor);
    return session;
}

/* The machine's time is later with every command. */
static uint64_t next_ts(struct door *door, uint64_t now_us)
{
    return now_us > door->last_ts_us ? now_us : door->last_ts_us + 1;
}

static enum queue_refusal give(struct door *door, const struct queue_command *command,
                               uint64_t now_us)
{
    struct queue_decision *d = &door->decision;
    uint64_t ts_us = next_ts(door, now_us);
    queue_decide(door->queue, command, ts_us, d);
    for (uint32_t i = 0; i < d->entry_count; i++) {
        queue_apply(door->queue, &d->entries[i], ts_us);
        door->last_ts_us = ts_us;
        ts_us++;
    }
    return d->refusal;
}

struct door *door_create(const struct door_options *options)
{
    static const char seed[QUEUE_SEED_BYTES] = "thirty-two bytes that nobody saw";
    struct queue_entry_opened opened = {.event_random = 7,
                                        .places = options->places,
                                        .priority_places = options->priority_places,
                                        .lobby_opens_at_us = options->lobby_opens_at_us,
                                        .opens_at_us = options->opens_at_us,
                                        .target_active = options->target_active,
                                        .per_minute = options->per_minute,
                                        .claim_seconds = options->claim_seconds,
                                        .admission_seconds = options->admission_seconds,
                                        .on = 1,
                                        .seed = {seed, sizeof seed}};
    const char *detail;
    struct door *door = calloc(1, sizeof *door);
    if (!door || !queue_opened_valid(&opened, &detail)) {
        free(door);
        return NULL;
    }
    size_t size = queue_memory_size(&opened);
    door->memory = calloc(1, size);
    if (!door->memory) {
        free(door);
        return NULL;
    }
    door->last_ts_us = 1;
    door->queue = queue_init(door->memory, size, &opened, door->last_ts_us);
    return door;
}

void door_destroy(struct door *door)
{
    if (!door)
        return;
    free(door->memory);
    free(door);
}

static enum door_answer answer(enum queue_refusal refusal)
{
    switch (refusal) {
    case QUEUE_OK: return DOOR_OK;
    case QUEUE_NOT_CALLED: return DOOR_NOT_CALLED;
    case QUEUE_MISSED: return DOOR_MISSED;
    default: return DOOR_OTHER;
    }
}

enum door_answer door_join(struct door *door, uint32_t visitor, uint32_t lane, uint64_t now_us)
{
    struct queue_command command = {
        .number = QUEUE_COMMAND_join,
        .join = {.lane = (uint8_t)lane, .session = session_of(visitor)}};
    return answer(give(door, &command, now_us));
}

enum door_answer door_claim(struct door *door, uint32_t visitor, uint64_t now_us)
{
    struct queue_command command = {
        .number = QUEUE_COMMAND_claim,
        .claim = {.session = session_of(visitor), .admission_random = now_us | 1}};
    return answer(give(door, &command, now_us));
}

void door_leave(struct door *door, uint32_t visitor, uint64_t now_us)
{
    struct queue_command command = {.number = QUEUE_COMMAND_leave, .leave = {session_of(visitor)}};
    (void)give(door, &command, now_us);
}

void door_sold(struct door *door, uint32_t visitor, uint64_t now_us)
{
    struct queue_command command = {.number = QUEUE_COMMAND_sold, .sold = {session_of(visitor)}};
    (void)give(door, &command, now_us);
}

void door_call(struct door *door, const uint32_t call[2], uint64_t now_us)
{
    struct queue_command command = {.number = QUEUE_COMMAND_call, .call = {call[0], call[1]}};
    (void)give(door, &command, now_us);
}

void door_tick(struct door *door, uint64_t now_us)
{
    static const char chain_hash[QUEUE_CHAIN_BYTES] = "the hash of a row of the journal";
    struct queue_command tick = {.number = QUEUE_COMMAND_tick};
    while (queue_next_tick_us(door->queue) <= next_ts(door, now_us)) {
        (void)give(door, &tick, now_us);
        if (door->decision.entry_count == 0)
            break;
    }
    if (!queue_wants_draw(door->queue))
        return;
    struct queue_command draw = {.number = QUEUE_COMMAND_draw,
                                 .draw = {{chain_hash, sizeof chain_hash}}};
    (void)give(door, &draw, now_us);
}

void door_set_rate(struct door *door, uint32_t per_minute, uint64_t now_us)
{
    struct queue_command command = {.number = QUEUE_COMMAND_change,
                                    .change = {.per_minute = per_minute}};
    (void)give(door, &command, now_us);
}

void door_pause(struct door *door, bool pause, uint64_t now_us)
{
    struct queue_command command = {.number = QUEUE_COMMAND_change,
                                    .change = {.pause = pause ? 1 : 2}};
    (void)give(door, &command, now_us);
}

void door_credit_outage(struct door *door, uint64_t outage_us, uint64_t now_us)
{
    struct queue_command command = {.number = QUEUE_COMMAND_credit_outage,
                                    .credit_outage = {outage_us}};
    (void)give(door, &command, now_us);
}

uint32_t door_called(struct door *door, uint32_t lane, uint64_t now_us)
{
    struct queue_status status;
    queue_status(door->queue, next_ts(door, now_us), &status);
    return status.lanes[lane].called;
}

uint32_t door_admitted(struct door *door, uint64_t now_us)
{
    struct queue_status status;
    queue_status(door->queue, next_ts(door, now_us), &status);
    return status.admitted;
}

static bool place_of(struct door *door, uint32_t visitor, uint64_t now_us,
                     struct queue_place *ret_place)
{
    return queue_place_of(door->queue, session_of(visitor), next_ts(door, now_us), ret_place) &&
           ret_place->state != QUEUE_PLACE_LEFT && ret_place->state != QUEUE_PLACE_USED;
}

uint32_t door_rank(struct door *door, uint32_t visitor, uint64_t now_us)
{
    struct queue_place place;
    return place_of(door, visitor, now_us, &place) ? place.rank : UINT32_MAX;
}

uint32_t door_ahead(struct door *door, uint32_t visitor, uint64_t now_us)
{
    struct queue_place place;
    return place_of(door, visitor, now_us, &place) ? place.ahead : UINT32_MAX;
}

void door_measure(struct door *door, uint64_t now_us, struct pace_measure *ret_measure)
{
    pace_look(door->queue, next_ts(door, now_us), ret_measure);
}

const char *door_check(struct door *door)
{
    return queue_check(door->queue);
}
