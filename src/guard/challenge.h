/*
 * challenge: what a visitor does before joining when too many join at once. Two kinds, and the
 * visitor chooses:
 *
 *   work      find numbers whose hashes begin with zero bits, in a worker in the page
 *   patience  nothing to compute: the challenge counts only after some seconds. For whoever cannot
 *             or does not want to compute (an old phone, no scripts, a battery to save)
 *
 * The text of a challenge, base64url without padding, 48 characters:
 *
 *   byte  0      version, 1
 *   byte  1      kind: 1 work, 2 patience
 *   byte  2      puzzles (work)
 *   byte  3      zero bits each puzzle needs (work)
 *   bytes 4-5    seconds to wait (patience), big-endian
 *   bytes 6-9    nonce: the challenge's number in its generation
 *   bytes 10-17  issued, microseconds
 *   bytes 18-35  first 18 bytes of HMAC-SHA256(key, "onsale challenge v1" NUL version, event,
 *                session, and each of the above, field by field with lengths in front)
 *
 * The bearer is not in it: shown by another session or for another event the tag is wrong. The key
 * is random and made by challenge_create: a restart forgets which challenges were used, so it
 * forgets the challenges too.
 *
 * Work. seed = SHA-256(the 48 characters). For puzzle i = 0 .. puzzles-1 the solution is a number n
 * below 2^32 so that SHA-256(seed, i as one byte, n as four bytes big-endian) begins with `bits`
 * zero bits; each try is one block of SHA-256. All n, four bytes each, as base64url, are the
 * solution. Several small puzzles instead of a large one, because the tries for one puzzle vary as
 * much as their mean (one visitor in a hundred needs 4.6 times the average), and for sixteen only a
 * quarter of it (one in a hundred needs 1.7 times).
 *
 * Single use, exactly: every challenge has a number of its own in its generation, and a generation
 * is a bit for each number. Two generations cover every challenge that can still be used; memory is
 * fixed. When all numbers of a generation are given out, none is issued until the next one: busy.
 *
 * Thread: one owner at a time (the loop). Time is the caller's and should never go back.
 */
#ifndef ONSALE_GUARD_CHALLENGE_H
#define ONSALE_GUARD_CHALLENGE_H

#include "keys/queue_token.h"

#define CHALLENGE_TEXT_CHARS 48
#define CHALLENGE_TEXT_MAX (CHALLENGE_TEXT_CHARS + 1)
#define CHALLENGE_PUZZLES 16
#define CHALLENGE_BITS_MAX 22          /* 67 million tries in all: beyond it a phone gives up */
#define CHALLENGE_SOLUTION_CHARS 86    /* of CHALLENGE_PUZZLES */
#define CHALLENGE_SECONDS 120          /* to use it, from when it counts */
#define CHALLENGE_WAIT_SECONDS_MAX 600 /* of a patience challenge */
#define CHALLENGE_CAPACITY 16777216u   /* in one generation: 2 MiB of bits */

enum challenge_kind { CHALLENGE_WORK = 1, CHALLENGE_PATIENCE = 2 };

/* What asks for challenges and how hard they are. */
struct challenge_policy {
    uint32_t joins_per_second; /* more than so many: a challenge is asked; 0: never */
    uint32_t bits;             /* of a puzzle when it is first asked */
    uint32_t bits_max;         /* at the highest load */
    uint32_t wait_seconds;     /* of patience when it is first asked; times the level above */
};

/* 14 bits times 16 puzzles: 262,000 tries, 0.3 to 0.6 s on a phone. */
#define CHALLENGE_POLICY_DEFAULT \
    ((struct challenge_policy){  \
        .joins_per_second = 0,   \
        .bits = 14,              \
        .bits_max = 18,          \
        .wait_seconds = 20,      \
    })

/* False: not a policy; `detail` is a literal that says why. */
bool challenge_policy_valid(const struct challenge_policy *policy, const char **ret_detail);

/* How hard a challenge has to be at so many joins a second: 0 none at all, 1 as first asked, and
 * one more (one more bit, one more wait) each time the load doubles. Pure. */
uint32_t challenge_level(const struct challenge_policy *policy, uint32_t joins_per_second);

struct challenge {
    char text[CHALLENGE_TEXT_MAX];
    enum challenge_kind kind;
    uint32_t puzzles, bits;  /* work, else 0 */
    uint32_t wait_seconds;   /* patience, else 0 */
    uint64_t counts_from_us; /* not before */
    uint64_t expires_at_us;
};

/* In the order in which they are checked. */
enum challenge_verdict {
    CHALLENGE_OK,        /* and used up */
    CHALLENGE_MALFORMED, /* challenge or solution have not their form */
    CHALLENGE_FORGED,    /* wrong tag: altered, made up, another bearer's, of before a restart */
    CHALLENGE_EXPIRED,
    CHALLENGE_TOO_EARLY, /* patience: some of the wait is left */
    CHALLENGE_REPEATED,  /* was used before */
    CHALLENGE_WRONG,     /* a number of the solution has not the zero bits; try again */
    CHALLENGE_VERDICTS
};
const char *challenge_verdict_name(enum challenge_verdict verdict); /* for logs and metrics */

struct challenge_counters {
    uint64_t work, patience, busy; /* asked for */
    uint64_t shown[CHALLENGE_VERDICTS];
};

struct challenges;

/* `policy` is copied and must be valid. `capacity`: numbers of a generation, 0: CHALLENGE_CAPACITY.
 * On success the caller owns *ret (challenges_destroy). */
MUST_USE int challenges_create(const struct challenge_policy *policy, uint32_t capacity,
                               struct challenges **ret_challenges, struct err *err);
void challenges_destroy(struct challenges *challenges); /* NULL is fine */
struct challenge_counters challenges_counters(const struct challenges *challenges);

/* A new challenge of level 1 or more; what is above the policy's highest level counts as that.
 * False: busy, no number is left. */
bool challenge_issue(struct challenges *challenges, const struct queue_token_bearer *bearer,
                     enum challenge_kind kind, uint32_t level, uint64_t now_us,
                     struct challenge *ret_challenge);

/* Checks a challenge and its solution from outside (empty for patience) and uses it up when it is
 * right. On TOO_EARLY *ret_wait_us says how long until it counts. Costs an HMAC and, for work that
 * was not used yet, at most 17 SHA-256. */
enum challenge_verdict challenge_spend(struct challenges *challenges,
                                       const struct queue_token_bearer *bearer, struct slice text,
                                       struct slice solution, uint64_t now_us,
                                       uint64_t *ret_wait_us);

/* Solves a work challenge by trying: what the page does, for tests and load generators. */
void challenge_solve(const struct challenge *challenge,
                     char ret_solution[CHALLENGE_SOLUTION_CHARS + 1]);

#endif
