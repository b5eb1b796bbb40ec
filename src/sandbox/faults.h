/*
 * faults: what shall go wrong, on demand. A fault names an operation, what happens to it, how often
 * (`rate` of the operations, at most `times` of them) and `ms`, where it takes time. Chance comes
 * from a generator with a seed, so a run can be repeated.
 *
 * What they mean for a call (create, confirm, capture, cancel, refund) | for a webhook
 *   delay          done and answered `ms` later        | sent `ms` later, its order kept
 *   drop           not done, never answered            | never sent
 *   duplicate      done; its webhooks are sent twice   | sent twice
 *   reorder        done; its webhooks come late        | sent `ms` later, others overtake it
 *   error_500      not done, 500, stored under its key | the first delivery counts as failed
 *   timeout_after  done, never answered                | sent, the answer ignored, sent again
 *   late           confirm: "processing", `ms` later   | as reorder
 *                  decided; else: never answered, done `ms` later
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
    FAULT_ON_WEBHOOK,
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
    FAULT_KIND_COUNT
};

struct fault {
    enum fault_on on;
    enum fault_kind kind;
    uint32_t rate_ppm; /* of a million operations */
    uint64_t times;    /* left; UINT64_MAX: no limit */
    uint32_t ms;
    uint64_t fired;
};

#define FAULTS_MAX 32u
#define FAULT_MS_MAX 600000u

struct faults {
    struct fault list[FAULTS_MAX];
    size_t count;
    uint64_t random; /* state of the generator */
};

void faults_init(struct faults *faults, uint64_t seed);

/* Adds a fault from a JSON object of api.md's form. False: *ret_why says what is wrong. */
bool faults_add(struct faults *faults, struct slice json, const char **ret_why);
void faults_clear(struct faults *faults);

/* Which fault this operation meets: the first of the list whose dice fall so; FAULT_NONE mostly. */
struct fault faults_meet(struct faults *faults, enum fault_on on);

void faults_write(const struct faults *faults, struct json *j, const char *key);

#endif
