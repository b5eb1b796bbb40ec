#include "api/queue_terms.h"

#include "api/queue.h"
#include "keys/keys.h"

#include <assert.h>
#include <stdlib.h>

#define NO_THRESHOLD 0xffffffffu

static const char members_new[] =
    "enabled lobby_opens_at opens_at target_active per_minute claim_seconds admission_seconds "
    "threshold";
static const char members_change[] =
    "enabled lobby_opens_at opens_at target_active per_minute claim_seconds admission_seconds "
    "threshold state";

/* ---- reading ---- */

static bool read_flag(struct request *r, const json_t *queue, bool absent)
{
    const json_t *value = json_object_get(queue, "enabled");
    if (!value || json_is_null(value))
        return absent;
    if (!json_is_boolean(value))
        request_fail(r, PROBLEM_BAD_VALUE, "queue.enabled",
                     "\"queue.enabled\" must be true or false");
    return json_is_true(value);
}

static uint32_t read_number(struct request *r, const json_t *queue, const char *key,
                            struct integer_rule rule)
{
    rule.within = "queue";
    return (uint32_t)request_integer(r, queue, key, &rule);
}

/* The numbers that both can say; 0: absent. */
static void read_numbers(struct request *r, const json_t *queue, struct queue_command_change *c)
{
    static const struct instant_rule instant = {.within = "queue"};
    c->lobby_opens_at_us = request_instant(r, queue, "lobby_opens_at", &instant);
    c->opens_at_us = request_instant(r, queue, "opens_at", &instant);
    c->target_active = read_number(r, queue, "target_active",
                                   (struct integer_rule){.min = 1, .max = LIMIT_QUEUE_TARGET});
    c->per_minute = read_number(r, queue, "per_minute",
                                (struct integer_rule){.min = 1, .max = LIMIT_QUEUE_PER_MINUTE});
    c->claim_seconds =
        read_number(r, queue, "claim_seconds",
                    (struct integer_rule){.min = 10, .max = LIMIT_QUEUE_CLAIM_SECONDS});
    c->admission_seconds =
        read_number(r, queue, "admission_seconds",
                    (struct integer_rule){.min = 60, .max = LIMIT_QUEUE_ADMISSION_SECONDS});
    c->threshold = read_number(r, queue, "threshold",
                               (struct integer_rule){.min = 0, .max = LIMIT_QUEUE_TARGET});
}

static void check_opening(struct request *r, uint64_t opens_at_us, struct queue_sale sale)
{
    if (opens_at_us && sale.closes_at_us && opens_at_us >= sale.closes_at_us)
        request_fail(r, PROBLEM_BAD_VALUE, "queue.opens_at",
                     "The waiting room opens before the sale is over: \"sale.closes_at\"");
}

static void terms_of_new(struct request *r, const json_t *queue, struct queue_sale sale,
                         struct queue_terms *t)
{
    struct queue_command_change c = {0};
    read_numbers(r, queue, &c);
    check_opening(r, c.opens_at_us, sale);
    /* Whoever says anything wants one, and whoever names a threshold a safety net. */
    bool enabled = read_flag(r, queue, json_object_size(queue) > 0 && c.threshold == 0);
    t->open = enabled || c.threshold > 0;
    t->opened = (struct queue_entry_opened){
        .places = LIMIT_QUEUE_PLACES,
        .priority_places = LIMIT_QUEUE_PRIORITY_PLACES,
        .lobby_opens_at_us = c.lobby_opens_at_us,
        .opens_at_us = c.opens_at_us ? c.opens_at_us : sale.opens_at_us,
        .target_active = c.target_active ? c.target_active : QUEUE_TERMS_TARGET,
        .per_minute = c.per_minute ? c.per_minute : QUEUE_TERMS_PER_MINUTE,
        .claim_seconds = c.claim_seconds ? c.claim_seconds : QUEUE_TERMS_CLAIM_SECONDS,
        .admission_seconds =
            c.admission_seconds ? c.admission_seconds : QUEUE_TERMS_ADMISSION_SECONDS,
        .threshold = c.threshold,
        .on = enabled,
    };
    if (c.lobby_opens_at_us && c.lobby_opens_at_us >= t->opened.opens_at_us)
        request_fail(r, PROBLEM_BAD_VALUE, "queue.lobby_opens_at",
                     "The lobby opens before the waiting room does: \"queue.opens_at\", or when "
                     "the sale opens");
}

void queue_terms_read_new(struct request *r, struct queue_sale sale, struct queue_terms *ret_terms)
{
    const json_t *queue = request_object(r, r->root, "queue");
    *ret_terms = (struct queue_terms){0};
    if (!queue)
        return;
    request_members(r, queue, "queue", members_new);
    terms_of_new(r, queue, sale, ret_terms);
}

static void read_state(struct request *r, const json_t *queue, struct queue_command_change *c)
{
    static const struct text_rule rule = {.within = "queue", .max_bytes = 16};
    struct slice state = request_text(r, queue, "state", &rule);
    if (slice_equal(state, SLICE("on")))
        c->on = 1;
    else if (slice_equal(state, SLICE("off")))
        c->on = 2;
    else if (slice_equal(state, SLICE("paused")))
        c->pause = QUEUE_PAUSE;
    else if (slice_equal(state, SLICE("open")))
        c->pause = QUEUE_GO_ON;
    else if (slice_equal(state, SLICE("closed")))
        c->close = 1;
    else if (state.len)
        request_fail(r, PROBLEM_BAD_VALUE, "queue.state",
                     "\"queue.state\" is \"on\", \"off\", \"paused\", \"open\" or \"closed\"");
}

void queue_terms_read_change(struct request *r, const struct queue *room, struct queue_sale sale,
                             struct queue_terms *ret_terms)
{
    const json_t *queue = request_object(r, r->root, "queue");
    *ret_terms = (struct queue_terms){0};
    if (!queue)
        return;
    request_members(r, queue, "queue", members_change);
    struct queue_command_change *c = &ret_terms->change;
    read_state(r, queue, c);
    if (!room) {
        if (c->pause || c->close)
            request_fail(r, PROBLEM_BAD_CHANGE, "queue.state", "The event has no waiting room");
        terms_of_new(r, queue, sale, ret_terms);
        if (c->on == 2) {
            ret_terms->opened.on = 0;
            ret_terms->open = ret_terms->opened.threshold > 0;
        }
        return;
    }
    read_numbers(r, queue, c);
    check_opening(r, c->opens_at_us, sale);
    if (json_object_get(queue, "threshold") && c->threshold == 0)
        c->threshold = NO_THRESHOLD;
    const json_t *enabled = json_object_get(queue, "enabled");
    if (enabled && !json_is_null(enabled) && c->on == 0)
        c->on = read_flag(r, queue, true) ? 1 : 2;
    ret_terms->changed = json_object_size(queue) > 0;
}

void queue_terms_follow_sale(struct queue_terms *terms, const struct queue *room, bool stops)
{
    if (!room || terms->change.pause || terms->change.close)
        return;
    terms->change.pause = stops ? QUEUE_SALE_PAUSES : QUEUE_SALE_GOES_ON;
    terms->implied = !terms->changed;
    terms->changed = true;
}

/* ---- making them true ---- */

bool queue_terms_fit(struct http_exchange *x, const struct api_event *event,
                     struct queue_terms *terms)
{
    struct engine *engine = api_of(x)->options.engine;
    uint64_t barrier = engine_barrier(engine);
    if (!terms->open && !terms->changed)
        return true;
    if (!engine_has_room(engine, LIMIT_BATCH_BYTES / 2)) {
        problem_answer(x, PROBLEM_BUSY, barrier, "The change cannot be written right now");
        return false;
    }
    const struct queue *room = engine_queue(engine, event->partition);
    struct queue_decision *decision = terms->changed ? malloc(sizeof *decision) : NULL;
    if (!terms->changed)
        return true;
    if (!room || !decision) {
        free(decision);
        problem_answer(x, PROBLEM_BUSY, barrier, "There is not enough memory at the moment");
        return false;
    }
    struct queue_command command = {.number = QUEUE_COMMAND_change, .change = terms->change};
    queue_decide(room, &command, engine_now(engine), decision);
    enum queue_refusal refusal = decision->refusal;
    free(decision);
    if (refusal == QUEUE_OK)
        return true;
    terms->changed = false;
    if (!terms->implied)
        queue_answer_refused(x, event, refusal, barrier);
    return terms->implied;
}

static int open_room(struct api *api, uint32_t partition, const struct queue_terms *terms,
                     struct err *err)
{
    struct engine *engine = api->options.engine;
    const struct directory_event *listed = directory_event(engine_directory(engine), partition);
    uint8_t seed[QUEUE_SEED_BYTES];
    uint64_t barrier;
    struct queue_entry_opened opened = terms->opened;
    keys_random(seed, sizeof seed);
    opened.event_random = listed->event_random;
    opened.seed = slice_make((const char *)seed, sizeof seed);
    int result = engine_open_queue(engine, partition, &opened, &barrier, err);
    if (result == 0)
        queue_attach(api, partition);
    return result;
}

int queue_terms_apply(struct api *api, uint32_t partition, const struct queue_terms *terms,
                      struct err *err)
{
    if (terms->open)
        return open_room(api, partition, terms, err);
    if (!terms->changed)
        return 0;
    struct queue_command command = {.number = QUEUE_COMMAND_change, .change = terms->change};
    struct engine_queue_result result;
    engine_submit_queue(api->options.engine, partition, &command, &result);
    if (result.no_space)
        return err_set(err, "nothing can be written right now");
    return result.refusal == QUEUE_OK ? 0 : err_set(err, "the waiting room refused the change");
}
