/*
 * faults: what shall go wrong, on demand. A fault names an operation, what happens to it, how often
 * (`rate` of the operations, at most `times` of them) and `ms`, where it takes time. Each fault has
 * a generator of its own, from the seed and its number: a run can be repeated, and the dice of one
 * fault do not depend on what else happens.
 *
 * What they mean for a call                            | for a webhook
 *   delay            done and answered `ms` later      | sent `ms` later, its order kept
 *   drop             not done, never answered          | never sent
 *   duplicate        done; its webhooks are sent twice | sent twice
 *   reorder          done; its webhooks come late      | sent `ms` later, others overtake it
 *   error_500        not done, 500, kept under its key | the first delivery counts as failed
 *   error_500_after  done, 500, kept under its key     |
 *   error_503        not done, 503, kept nowhere       |
 *   rate_limit       not done, 429 (Retry-After: `ms`) |
 *   timeout_after    done, never answered              | sent, the answer ignored, sent again
 *   late             confirm: "processing", `ms` later | as reorder
 *                    decided; else: never answered,    |
 *                    done `ms` later                   |
 *   down             not done; for `ms` nobody listens |
 *
 * and for one operation only:
 *   fail             confirm: the payment fails; capture: the authorisation has lapsed; refund,
 *                    payout: answered as ever, fails `ms` later
 *   pending          refund: answered as pending, succeeds `ms` later
 *   dispute, dispute_won, dispute_lost
 *                    confirm, capture: when money was taken, a dispute is opened `ms` later, and
 *                    won or lost `ms` after that
 *   payout           confirm, capture: when money was taken, all there is is paid out `ms` later
 *
 * Thread: one.
 */
#ifndef ONSALE_SANDBOX_FAULTS_H
#define ONSALE_SANDBOX_FAULTS_H

#include "base/json.h"
#include "base/slice.h"

enum fault_on {
    FAULT_ON_CREATE,
    FAULT_ON_CONFIRM,
    FAULT_ON_CAPTURE,
    FAULT_ON_CANCEL,
    FAULT_ON_REFUND,
    FAULT_ON_RETRIEVE,
    FAULT_ON_LIST,
    FAULT_ON_DISPUTE,
    FAULT_ON_PAYOUT,
    FAULT_ON_WEBHOOK,
    FAULT_ON_ANY, /* any call: only in a fault, no operation is one */
    FAULT_ON_COUNT
};

enum fault_kind {
    FAULT_NONE,
    FAULT_DELAY,
    FAULT_DROP,
    FAULT_DUPLICATE,
    FAULT_REORDER,
    FAULT_ERROR_500,
    FAULT_TIMEOUT_AFTER,
    FAULT_LATE,
    FAULT_ERROR_500_AFTER,
    FAULT_ERROR_503,
    FAULT_RATE_LIMIT,
    FAULT_DOWN,
    FAULT_FAIL,
    FAULT_PENDING,
    FAULT_DISPUTE,
    FAULT_DISPUTE_WON,
    FAULT_DISPUTE_LOST,
    FAULT_PAYOUT,
    FAULT_KIND_COUNT
};

struct fault {
    uint64_t number; /* counted from 1 since the start */
    enum fault_on on;
    enum fault_kind kind;
    uint32_t rate_ppm; /* of a million operations */
    uint64_t times;    /* left; UINT64_MAX: no limit */
    uint32_t ms;
    uint64_t fired;
    uint64_t random; /* state of its generator */
};

#define FAULTS_MAX 32u
#define FAULT_MS_MAX 600000u

struct faults {
    struct fault list[FAULTS_MAX];
    size_t count;
    uint64_t seed, added;
};

void faults_init(struct faults *faults, uint64_t seed);

/* Adds a fault from a JSON object of api.md's form. False: *ret_why says what is wrong. */
bool faults_add(struct faults *faults, struct slice json, const char **ret_why);
void faults_clear(struct faults *faults);
/* Takes one away; false: there is none of that number. */
bool faults_remove(struct faults *faults, uint64_t number);

/* Which fault this operation meets: the first of the list whose dice fall so; FAULT_NONE mostly. */
struct fault faults_meet(struct faults *faults, enum fault_on on);

/* What can be asked for: {"on": [kinds]}, and what was. */
void faults_write_choice(struct json *j, const char *key);
void faults_write(const struct faults *faults, struct json *j, const char *key);

#endif
