#include "api/hurdle.h"

#include "api/captcha_hurdle.h"
#include "api/queue.h"
#include "base/records.h"
#include "base/time.h"
#include "guard/networks.h"
#include "guard/velocity.h"

#include <stdlib.h>

/* Waits instead of work are few from one network: to a program a wait costs nothing. One in five
 * seconds, and twenty at once for a hall or an office. */
#define PATIENCE_EVERY 5u
#define PATIENCE_AT_ONCE 20u

static struct slice keep(struct http_exchange *x, struct slice text)
{
    char *copy = text.len ? http_alloc(x, text.len) : NULL;
    if (copy)
        memcpy(copy, text.data, text.len);
    return copy ? slice_make(copy, text.len) : SLICE("");
}

void hurdle_read(struct request *r, const json_t *object, struct http_exchange *x,
                 struct hurdle_answer *ret_answer)
{
    static const struct text_rule rule = {.max_bytes = 256, .may_be_empty = true};
    static const struct text_rule token = {.max_bytes = CAPTCHA_TOKEN_MAX, .may_be_empty = true};
    const json_t *without = json_object_get(object, "without_work");
    struct slice challenge = request_text(r, object, "challenge", &rule);
    struct slice solution = request_text(r, object, "solution", &rule);
    struct slice captcha = request_text(r, object, "captcha", &token);
    if (without && !json_is_null(without) && !json_is_boolean(without))
        request_fail(r, PROBLEM_BAD_VALUE, "without_work",
                     "\"without_work\" must be true or false");
    *ret_answer = (struct hurdle_answer){keep(x, challenge), keep(x, solution), keep(x, captcha),
                                         json_is_true(without)};
}

/* ---- whether one is due ---- */

static uint64_t session_key(struct hash16 session)
{
    uint64_t key;
    memcpy(&key, session.bytes, sizeof key);
    return key;
}

static uint64_t network_of(const struct http_exchange *x)
{
    struct http_address client = http_client(x);
    return network_key(client.bytes);
}

static uint64_t now_of(const struct http_exchange *x)
{
    (void)x;
    return uv_hrtime() / 1000;
}

/* 0: none is asked for. */
static uint32_t level_of(struct http_exchange *x, struct api_event *event, enum hurdle hurdle)
{
    struct api *api = api_of(x);
    uint64_t now_us = now_of(x);
    uint32_t level = 0;
    if (hurdle == HURDLE_JOIN && event->queue)
        level = challenge_level(&api->options.challenge,
                                load_per_second(&event->queue->joining, now_us));
    bool due = velocity_challenge_due(api->velocity, session_key(api_caller(x)->session.hash),
                                      network_of(x), now_us);
    return level == 0 && due ? 1 : level;
}

/* ---- asking ---- */

static void write_challenge(struct json *j, const struct challenge *c, uint64_t now_us)
{
    json_put_object(j, "challenge");
    json_put_string(j, "challenge", c->text);
    json_put_string(j, "kind", c->kind == CHALLENGE_WORK ? "work" : "wait");
    if (c->kind == CHALLENGE_WORK) {
        json_put_u64(j, "puzzles", c->puzzles);
        json_put_u64(j, "bits", c->bits);
    } else {
        json_put_u64(j, "wait_seconds", c->wait_seconds);
    }
    json_put_u64(j, "expires_in_ms", (c->expires_at_us - now_us) / 1000);
    json_end(j);
}

/* False: this network asked for too many waits; answered. */
static bool may_wait(struct http_exchange *x, uint64_t now_us)
{
    uint64_t wait_us = 0;
    if (limiter_allow(api_of(x)->by_patience, network_of(x), 1, PATIENCE_AT_ONCE,
                      now_us / PATIENCE_EVERY, &wait_us))
        return true;
    char seconds[24], extra[48];
    unsigned long long wait = wait_us * PATIENCE_EVERY / TIME_SECOND_US + 1;
    int len = snprintf(seconds, sizeof seconds, "%llu", wait);
    int extra_len = snprintf(extra, sizeof extra, "\"retry_after\":%llu", wait);
    http_add_header(x, "Retry-After", slice_make(seconds, (size_t)len));
    api_of(x)->limited++;
    problem_answer_extra(x, PROBLEM_RATE_LIMITED, 0,
                         SLICE("This network asked to wait instead of computing too often"),
                         slice_make(extra, (size_t)extra_len));
    return false;
}

/* Asks for a captcha, which is the provider's: nothing of it is kept here. */
static void ask_captcha(struct http_exchange *x, const char *reason)
{
    BUF_AUTO struct buf extra = BUF_INIT;
    struct json j;
    json_begin(&j, &extra);
    json_put_object(&j, NULL);
    captcha_hurdle_write(api_of(x), &j, "challenge");
    if (reason)
        json_put_string(&j, "reason", reason);
    json_end(&j);
    problem_answer_extra(x, PROBLEM_CHALLENGE_REQUIRED, 0,
                         SLICE("Send the request again with what the provider's widget gives as "
                               "\"captcha\", or with \"without_work\" true to wait instead"),
                         problem_members(&extra));
}

/* Asks for our own challenge. */
static void ask_own(struct http_exchange *x, const struct queue_token_bearer *bearer,
                    uint32_t level, const struct hurdle_answer *answer, const char *reason)
{
    struct api *api = api_of(x);
    uint64_t now_us = now_of(x);
    enum challenge_kind kind = answer->without_work ? CHALLENGE_PATIENCE : CHALLENGE_WORK;
    struct challenge challenge;
    if (kind == CHALLENGE_PATIENCE && !may_wait(x, now_us))
        return;
    if (!challenge_issue(api->challenges, bearer, kind, level, now_us, &challenge)) {
        problem_answer(x, PROBLEM_BUSY, 0, "Too many want to come in at once; try again shortly");
        return;
    }
    BUF_AUTO struct buf extra = BUF_INIT;
    struct json j;
    json_begin(&j, &extra);
    json_put_object(&j, NULL);
    write_challenge(&j, &challenge, now_us);
    if (reason)
        json_put_string(&j, "reason", reason);
    json_end(&j);
    problem_answer_extra(x, PROBLEM_CHALLENGE_REQUIRED, 0,
                         kind == CHALLENGE_WORK
                             ? SLICE("Solve the challenge and send the request again with it")
                             : SLICE("Wait as long as the challenge says and send the request "
                                     "again with it"),
                         problem_members(&extra));
}

static void ask(struct http_exchange *x, const struct queue_token_bearer *bearer, uint32_t level,
                const struct hurdle_answer *answer, const char *reason)
{
    if (!answer->without_work && captcha_hurdle_stands(api_of(x)))
        ask_captcha(x, reason);
    else
        ask_own(x, bearer, level, answer, reason);
}

/* The wait is not over: the same challenge still counts, later. */
static void answer_early(struct http_exchange *x, uint64_t wait_us)
{
    char seconds[24], extra[80];
    unsigned long long wait = (wait_us + TIME_SECOND_US - 1) / TIME_SECOND_US;
    int len = snprintf(seconds, sizeof seconds, "%llu", wait);
    int extra_len =
        snprintf(extra, sizeof extra, "\"reason\":\"too_early\",\"retry_after\":%llu", wait);
    http_add_header(x, "Retry-After", slice_make(seconds, (size_t)len));
    problem_answer_extra(x, PROBLEM_CHALLENGE_REQUIRED, 0,
                         SLICE("Some of the wait is left: send the same again when it is over"),
                         slice_make(extra, (size_t)extra_len));
}

/* Whether a captcha was solved; false: answered, or it is being looked at. */
static bool captcha_taken(struct http_exchange *x, const struct queue_token_bearer *bearer,
                          uint32_t level, const struct hurdle_answer *answer)
{
    switch (captcha_hurdle_show(x, answer->captcha)) {
    case CAPTCHA_OPEN: break;
    case CAPTCHA_HUMAN:
        velocity_forgive(api_of(x)->velocity, session_key(bearer->session));
        return true;
    case CAPTCHA_REFUSED: ask(x, bearer, level, answer, "captcha_refused"); break;
    case CAPTCHA_UNAVAILABLE: ask_own(x, bearer, level, answer, "captcha_unavailable"); break;
    }
    return false;
}

bool hurdle_taken(struct http_exchange *x, struct api_event *event, enum hurdle hurdle,
                  const struct hurdle_answer *answer)
{
    struct api *api = api_of(x);
    struct queue_token_bearer bearer = {api_caller(x)->session.hash, event->random};
    uint64_t now_us = now_of(x), wait_us = 0;
    /* Whoever comes is counted once: not again with what was asked for. What was made up, when
     * nothing is asked for, spares nobody from being counted. */
    bool joins = hurdle == HURDLE_JOIN && event->queue;
    bool answers = answer->challenge.len > 0 || answer->captcha.len > 0;
    if (joins && !answers)
        load_count(&event->queue->joining, now_us);
    uint32_t level = level_of(x, event, hurdle);
    if (level == 0) {
        if (joins && answers)
            load_count(&event->queue->joining, now_us);
        return true;
    }
    if (!answers) {
        ask(x, &bearer, level, answer, NULL);
        return false;
    }
    if (answer->challenge.len == 0)
        return captcha_taken(x, &bearer, level, answer);
    enum challenge_verdict verdict = challenge_spend(api->challenges, &bearer, answer->challenge,
                                                     answer->solution, now_us, &wait_us);
    if (verdict == CHALLENGE_OK) {
        velocity_forgive(api->velocity, session_key(bearer.session));
        return true;
    }
    if (verdict == CHALLENGE_TOO_EARLY)
        answer_early(x, wait_us);
    else
        ask(x, &bearer, level, answer, challenge_verdict_name(verdict));
    return false;
}

/* ---- checkouts that failed ---- */

void hurdle_checkout_refused(struct http_exchange *x)
{
    struct api *api = api_of(x);
    velocity_failed(api->velocity, session_key(api_caller(x)->session.hash), now_of(x));
    velocity_failed(api->velocity, network_of(x), now_of(x));
}

struct hurdle_order {
    uint32_t partition, order;
    uint64_t network;
};

void hurdle_ordered(struct http_exchange *x, uint32_t partition, uint32_t order)
{
    struct api *api = api_of(x);
    if (!api->ordered)
        api->ordered = calloc(HURDLE_ORDERS, sizeof *api->ordered);
    if (api->ordered)
        api->ordered[api->ordered_next++ % HURDLE_ORDERS] =
            (struct hurdle_order){partition, order, network_of(x)};
}

void hurdle_finish(struct api *api)
{
    free(api->ordered);
    api->ordered = NULL;
}

static void blame_network(struct api *api, uint32_t partition, uint32_t order, uint64_t now_us)
{
    for (uint32_t i = 0; api->ordered && i < HURDLE_ORDERS; i++) {
        const struct hurdle_order *o = &api->ordered[i];
        if (o->partition == partition && o->order == order) {
            velocity_failed(api->velocity, o->network, now_us);
            return;
        }
    }
}

void hurdle_entry(struct api *api, const struct engine_entry *entry)
{
    struct booking_entry taken;
    struct booking_order order;
    uint16_t number = record_number(entry->bytes);
    const struct booking *b = engine_booking(api->options.engine, entry->partition);
    if ((number != BOOKING_ENTRY_payment_declined && number != BOOKING_ENTRY_order_sold) || !b ||
        !booking_entry_decode(entry->bytes, &taken))
        return;
    bool declined = number == BOOKING_ENTRY_payment_declined;
    uint32_t slot = declined ? taken.payment_declined.order : taken.order_sold.order;
    if (!booking_order_get(b, slot, booking_order_random(b, slot), &order))
        return;
    uint64_t key = session_key(order.session), now_us = uv_hrtime() / 1000;
    if (declined) {
        velocity_failed(api->velocity, key, now_us);
        blame_network(api, entry->partition, slot, now_us);
    } else {
        velocity_forgive(api->velocity, key);
    }
}
