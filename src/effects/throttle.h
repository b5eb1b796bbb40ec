/*
 * throttle: how hard a payment provider may be asked. Three things together:
 *
 * - A rate (GCRA): so many calls a second, a tenth of a second's worth at once.
 * - A budget of retries: asking again takes a token, which a known answer gives back, so that a
 * sick provider is not hammered and one that is well again is served at full rate. First calls
 * bring a fifth of a token each; a few come each second whatever happens.
 * - A circuit breaker for each class of call. It opens after THROTTLE_IN_ROW unknown answers in a
 *   row, or when more than half of the last THROTTLE_LAST within THROTTLE_LAST_US were unknown.
 * Then single probes are let through, from a second to half a minute apart; any known answer closes
 * it.
 *
 * Pure: no clock and no I/O; times are the caller's, microseconds of a clock that does not go back.
 * Thread: one.
 */
#ifndef ONSALE_EFFECTS_THROTTLE_H
#define ONSALE_EFFECTS_THROTTLE_H

#include <stdbool.h>
#include <stdint.h>

#define THROTTLE_IN_ROW 8u
#define THROTTLE_LAST 20u
#define THROTTLE_LAST_US 30000000ull
#define THROTTLE_PROBE_MIN_US 1000000ull
#define THROTTLE_PROBE_MAX_US 30000000ull
#define THROTTLE_RETRIES_PER_SECOND 3u /* however few first calls there are */
#define THROTTLE_RETRIES_AT_ONCE 20u

enum throttle_class {
    THROTTLE_CREATE, /* payments that are begun */
    THROTTLE_SETTLE, /* capture, cancel, refund: money that is owed */
    THROTTLE_READ,
    THROTTLE_CLASSES
};

enum throttle_outcome {
    THROTTLE_KNOWN,   /* the provider did or refused it */
    THROTTLE_UNKNOWN, /* no answer, or one that says nothing */
    THROTTLE_NEUTRAL  /* it says nothing about the provider's health (409, a stored 5xx) */
};

struct throttle_breaker {
    bool open, probing;
    uint32_t in_row; /* unknown answers */
    uint64_t pause_us, probe_at_us;
    uint32_t count; /* of the answers that were kept, at most THROTTLE_LAST */
    uint32_t next;
    uint64_t heard_us[THROTTLE_LAST];
    bool unknown[THROTTLE_LAST];
};

struct throttle {
    uint64_t interval_us; /* between calls; 0: no limit */
    uint64_t bucket_us;   /* when the bucket of calls will be full again */
    uint64_t retries;     /* millionths of a token */
    uint64_t retries_us;  /* as of then */
    struct throttle_breaker breakers[THROTTLE_CLASSES];
};

/* A call as the throttle sees it. */
struct throttle_call {
    enum throttle_class class;
    bool retry; /* it was asked before, and nothing is known */
    bool probe; /* set by throttle_sent: the one that tries an open breaker */
};

/* `calls_per_second` 0: no limit. */
void throttle_init(struct throttle *t, uint32_t calls_per_second, uint64_t now_us);

/* When such a call may be sent: a time up to `now_us` means at once, UINT64_MAX after the answer to
 * a probe. */
uint64_t throttle_ready_us(const struct throttle *t, const struct throttle_call *call,
                           uint64_t now_us);
/* It is sent; may be so although it was not ready. */
void throttle_sent(struct throttle *t, struct throttle_call *call, uint64_t now_us);
/* Its answer. Each call that was sent brings one. */
void throttle_heard(struct throttle *t, const struct throttle_call *call,
                    enum throttle_outcome outcome, uint64_t now_us);

/* Whether new work of a class makes sense: its breaker is closed, or it is time for a probe. If
 * not, *ret_wait_us is how long it is at least. */
bool throttle_is_open_for(const struct throttle *t, enum throttle_class class, uint64_t now_us,
                          uint64_t *ret_wait_us);

#endif
