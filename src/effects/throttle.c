#include "effects/throttle.h"

#define TOKEN 1000000u
#define TOKENS_OF_A_FIRST_CALL (TOKEN / 5)
#define TOKENS_MAX ((uint64_t)THROTTLE_RETRIES_AT_ONCE * TOKEN)
#define BURST_US 100000ull /* a tenth of a second's calls may go at once */

void throttle_init(struct throttle *t, uint32_t calls_per_second, uint64_t now_us)
{
    *t = (struct throttle){
        .interval_us = calls_per_second ? 1000000ull / calls_per_second : 0,
        .retries = TOKENS_MAX,
        .retries_us = now_us,
    };
}

/* ---- the budget of retries ---- */

static uint64_t retries_now(const struct throttle *t, uint64_t now_us)
{
    uint64_t passed_us = now_us - t->retries_us;
    uint64_t enough_us = TOKENS_MAX / THROTTLE_RETRIES_PER_SECOND;
    uint64_t tokens =
        t->retries + (passed_us < enough_us ? passed_us : enough_us) * THROTTLE_RETRIES_PER_SECOND;
    return tokens < TOKENS_MAX ? tokens : TOKENS_MAX;
}

static void retries_set(struct throttle *t, uint64_t tokens, uint64_t now_us)
{
    t->retries = tokens < TOKENS_MAX ? tokens : TOKENS_MAX;
    t->retries_us = now_us;
}

static uint64_t retry_ready_us(const struct throttle *t, uint64_t now_us)
{
    uint64_t tokens = retries_now(t, now_us);
    return tokens >= TOKEN ? now_us : now_us + (TOKEN - tokens) / THROTTLE_RETRIES_PER_SECOND + 1;
}

/* ---- breakers ---- */

static uint64_t breaker_ready_us(const struct throttle_breaker *b, uint64_t now_us)
{
    if (!b->open)
        return now_us;
    return b->probing ? UINT64_MAX : b->probe_at_us;
}

static bool is_sick(const struct throttle_breaker *b, uint64_t now_us)
{
    uint32_t unknown = 0;
    if (b->in_row >= THROTTLE_IN_ROW)
        return true;
    for (uint32_t i = 0; i < b->count; i++)
        unknown += b->unknown[i];
    /* The oldest of the kept answers is where the next one goes. */
    return b->count == THROTTLE_LAST && now_us - b->heard_us[b->next] <= THROTTLE_LAST_US &&
           unknown > THROTTLE_LAST / 2;
}

static void keep(struct throttle_breaker *b, bool unknown, uint64_t now_us)
{
    b->unknown[b->next] = unknown;
    b->heard_us[b->next] = now_us;
    b->next = (b->next + 1) % THROTTLE_LAST;
    b->count += b->count < THROTTLE_LAST;
    b->in_row = unknown ? b->in_row + 1 : 0;
}

static void breaker_heard(struct throttle_breaker *b, bool probe, enum throttle_outcome outcome,
                          uint64_t now_us)
{
    bool probed = b->open && probe;
    if (outcome != THROTTLE_NEUTRAL)
        keep(b, outcome == THROTTLE_UNKNOWN, now_us);
    if (outcome == THROTTLE_KNOWN && b->open) {
        *b = (struct throttle_breaker){0}; /* what was heard before does not count any more */
    } else if (probed) {
        if (outcome == THROTTLE_UNKNOWN)
            b->pause_us =
                b->pause_us * 2 < THROTTLE_PROBE_MAX_US ? b->pause_us * 2 : THROTTLE_PROBE_MAX_US;
        b->probing = false;
        b->probe_at_us = now_us + b->pause_us;
    } else if (outcome == THROTTLE_UNKNOWN && !b->open && is_sick(b, now_us)) {
        b->open = true;
        b->pause_us = THROTTLE_PROBE_MIN_US;
        b->probe_at_us = now_us + b->pause_us;
    }
}

/* ---- together ---- */

uint64_t throttle_ready_us(const struct throttle *t, const struct throttle_call *call,
                           uint64_t now_us)
{
    uint64_t ready_us = breaker_ready_us(&t->breakers[call->class], now_us);
    uint64_t retry_us = call->retry ? retry_ready_us(t, now_us) : now_us;
    if (t->interval_us && t->bucket_us > ready_us + BURST_US && ready_us != UINT64_MAX)
        ready_us = t->bucket_us - BURST_US;
    return retry_us > ready_us ? retry_us : ready_us;
}

void throttle_sent(struct throttle *t, struct throttle_call *call, uint64_t now_us)
{
    struct throttle_breaker *b = &t->breakers[call->class];
    uint64_t tokens = retries_now(t, now_us);
    if (!call->retry)
        tokens += TOKENS_OF_A_FIRST_CALL;
    else
        tokens -= tokens < TOKEN ? tokens : TOKEN;
    retries_set(t, tokens, now_us);
    if (t->bucket_us < now_us)
        t->bucket_us = now_us;
    t->bucket_us += t->interval_us;
    call->probe = b->open && !b->probing;
    b->probing |= call->probe;
}

void throttle_heard(struct throttle *t, const struct throttle_call *call,
                    enum throttle_outcome outcome, uint64_t now_us)
{
    if (call->retry && outcome == THROTTLE_KNOWN)
        retries_set(t, retries_now(t, now_us) + TOKEN, now_us);
    breaker_heard(&t->breakers[call->class], call->probe, outcome, now_us);
}

bool throttle_is_open_for(const struct throttle *t, enum throttle_class class, uint64_t now_us,
                          uint64_t *ret_wait_us)
{
    const struct throttle_breaker *b = &t->breakers[class];
    if (!b->open || (!b->probing && b->probe_at_us <= now_us))
        return true;
    *ret_wait_us = b->probing ? b->pause_us : b->probe_at_us - now_us;
    return false;
}
