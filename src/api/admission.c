#include "api/admission.h"

#include "api/queue.h"
#include "base/time.h"
#include "keys/queue_token.h"

#include <stdio.h>
#include <stdlib.h>

/* ---- who is active ---- */

#define CROWD_WORDS (CROWD_BITS / 64)

struct crowd {
    uint64_t begun_us; /* of the newer generation */
    uint32_t count;    /* bits in either */
    unsigned newer;
    uint64_t bits[2][CROWD_WORDS];
};

struct crowd *crowd_create(void)
{
    return calloc(1, sizeof(struct crowd));
}

void crowd_destroy(struct crowd *crowd)
{
    free(crowd);
}

static void forget_older(struct crowd *c, uint64_t now_us)
{
    uint64_t passed_us = now_us - c->begun_us;
    if (passed_us < CROWD_SECONDS * TIME_SECOND_US)
        return;
    bool all = passed_us >= 2 * CROWD_SECONDS * TIME_SECOND_US;
    c->newer ^= 1;
    memset(c->bits[c->newer], 0, sizeof c->bits[0]);
    if (all)
        memset(c->bits[c->newer ^ 1], 0, sizeof c->bits[0]);
    c->count = 0;
    for (uint32_t i = 0; i < CROWD_WORDS; i++)
        c->count += (uint32_t)__builtin_popcountll(c->bits[c->newer ^ 1][i]);
    c->begun_us = now_us;
}

uint32_t crowd_saw(struct crowd *c, uint64_t session, uint64_t now_us)
{
    forget_older(c, now_us);
    uint64_t at = session % CROWD_BITS, bit = 1ull << at % 64;
    uint64_t *newer = &c->bits[c->newer][at / 64], *older = &c->bits[c->newer ^ 1][at / 64];
    c->count += !((*newer | *older) & bit);
    *newer |= bit;
    return c->count;
}

/* ---- the safety net ---- */

bool admission_net(const struct queue_status *s, uint32_t active, uint64_t now_us,
                   struct queue_command_change *ret_change)
{
    uint64_t since_us = now_us - s->switched_off_us;
    bool held_off =
        s->switched_off_us != 0 && since_us < ADMISSION_HELD_OFF_SECONDS * TIME_SECOND_US;
    if (s->phase != QUEUE_OFF || s->closed || s->threshold == 0 || active <= s->threshold ||
        held_off)
        return false;
    struct queue_command_change change = {.on = 1};
    if (s->lobby_opens_at_us != 0 && now_us < s->opens_at_us) {
        change.opens_at_us = now_us;
        change.lobby_opens_at_us = s->lobby_opens_at_us < now_us ? 0 : now_us - 1;
    }
    *ret_change = change;
    return true;
}

static void switch_on(struct api *api, const struct api_event *event, uint32_t active,
                      const struct queue_command_change *change)
{
    struct queue_command command = {.number = QUEUE_COMMAND_change, .change = *change};
    struct engine_queue_result result;
    engine_submit_queue(api->options.engine, event->partition, &command, &result);
    if (result.no_queue || result.no_space || result.refusal != QUEUE_OK)
        return;
    char what[128];
    (void)snprintf(what, sizeof what,
                   "event %s: %u sessions book at once, its waiting room is on now", event->id,
                   active);
    api_tell(api, "queue_switched_on", what);
    api->queue_counts.switched_on++;
}

static void count_active(struct http_exchange *x, struct api_event *event,
                         const struct queue_status *status, uint64_t now_us)
{
    struct api_queue *room = event->queue;
    struct queue_command_change change;
    uint64_t key;
    memcpy(&key, api_caller(x)->session.hash.bytes, sizeof key);
    if (!room->crowd)
        room->crowd = crowd_create();
    uint32_t active = room->crowd ? crowd_saw(room->crowd, key, uv_hrtime() / 1000) : 0;
    if (admission_net(status, active, now_us, &change))
        switch_on(api_of(x), event, active, &change);
}

/* ---- the check ---- */

static const char *token_reason(enum queue_token_verdict verdict)
{
    static const char *const names[] = {
        [QUEUE_TOKEN_OK] = "ended",
        [QUEUE_TOKEN_MALFORMED] = "malformed",
        [QUEUE_TOKEN_RETIRED] = "expired",
        [QUEUE_TOKEN_FORGED] = "forged",
        [QUEUE_TOKEN_OTHER_EVENT] = "other_event",
        [QUEUE_TOKEN_OTHER_SESSION] = "other_session",
        [QUEUE_TOKEN_EXPIRED] = "expired",
    };
    return names[verdict];
}

static void refuse(struct http_exchange *x, const struct api_event *event,
                   const struct queue_status *status, const char *reason)
{
    struct api *api = api_of(x);
    char url[80];
    (void)snprintf(url, sizeof url, "/api/v1/events/%s/queue", event->id);
    BUF_AUTO struct buf extra = BUF_INIT;
    struct json j;
    json_begin(&j, &extra);
    json_put_object(&j, NULL);
    json_put_string(&j, "reason", reason);
    json_put_string(&j, "state", queue_state_name(status->phase));
    json_put_string(&j, "queue_url", url);
    json_end(&j);
    event->queue->not_admitted++;
    api->queue_counts.not_admitted++;
    problem_answer_extra(x, PROBLEM_NOT_ADMITTED, engine_barrier(api->options.engine),
                         SLICE("This event has a waiting room: join it, and claim an admission "
                               "when you are called"),
                         problem_members(&extra));
}

static bool check(struct http_exchange *x, struct api_event *event)
{
    struct api *api = api_of(x);
    struct engine *engine = api->options.engine;
    const struct queue *q = engine_queue(engine, event->partition);
    uint64_t now_us = engine_now(engine);
    struct queue_status status;
    queue_status(q, now_us, &status);
    if (status.phase == QUEUE_OFF) {
        if (status.threshold)
            count_active(x, event, &status, now_us);
        return true;
    }
    struct slice token = http_header(x, "onsale-admission");
    struct queue_token_bearer bearer = {api_caller(x)->session.hash, event->random};
    struct queue_token_admission admission;
    if (token.len == 0) {
        refuse(x, event, &status, "missing");
        return false;
    }
    enum queue_token_verdict verdict = queue_token_read_admission(
        api->options.keys, token, &bearer, api->options.wall_us(api->options.host), &admission);
    /* The machine may have given it more time than its token knows. */
    if ((verdict == QUEUE_TOKEN_OK || verdict == QUEUE_TOKEN_EXPIRED) &&
        queue_is_admitted(q, bearer.session, now_us))
        return true;
    refuse(x, event, &status, token_reason(verdict));
    return false;
}

bool admission_check(struct http_exchange *x, struct api_event *event)
{
    return !event->queue || api_caller(x)->is_organiser || check(x, event);
}
