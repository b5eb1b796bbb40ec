#include "guard/challenge.h"

#include "base/bits.h"
#include "base/time.h"
#include "keys/base64url.h"
#include "keys/fields.h"
#include "keys/mac.h"

#include <sodium.h>
#include <stdlib.h>

#define CHALLENGE_VERSION 1
#define SIGNED_BYTES 18
#define TAG_BYTES 18
#define TEXT_BYTES (SIGNED_BYTES + TAG_BYTES)
#define SOLUTION_BYTES (CHALLENGE_PUZZLES * 4)
#define SEED_BYTES crypto_hash_sha256_BYTES

_Static_assert(BASE64URL_CHARS(TEXT_BYTES) == CHALLENGE_TEXT_CHARS && TEXT_BYTES % 3 == 0,
               "no unused bits: one spelling a challenge");
_Static_assert(BASE64URL_CHARS(SOLUTION_BYTES) == CHALLENGE_SOLUTION_CHARS, "a solution's length");
_Static_assert(CHALLENGE_BITS_MAX <= 24, "every puzzle has a solution below 2^32");

struct challenges {
    struct challenge_policy policy;
    struct challenge_counters counters;
    struct mac *mac;
    uint64_t now_us;        /* the latest seen */
    uint64_t generation_us; /* how long one lasts: as long as any challenge can be used */
    uint64_t generation;
    uint32_t next, capacity; /* numbers of this generation */
    uint64_t *used[2];       /* a bit a number; generation g has used[g % 2] */
};

/* A challenge's text as values. */
struct parts {
    uint8_t bytes[TEXT_BYTES];
    uint32_t nonce;
    uint64_t issued_us;
    uint32_t wait_seconds;
};

/* ---- how hard ---- */

bool challenge_policy_valid(const struct challenge_policy *p, const char **ret_detail)
{
    const char *detail = NULL;
    if (p->bits < 1 || p->bits > CHALLENGE_BITS_MAX)
        detail = "the zero bits of a puzzle are not between 1 and 22";
    else if (p->bits_max < p->bits || p->bits_max > CHALLENGE_BITS_MAX)
        detail = "the most zero bits of a puzzle are fewer than the first or more than 22";
    else if (p->wait_seconds < 1 || p->wait_seconds > CHALLENGE_WAIT_SECONDS_MAX)
        detail = "the wait instead of work is not between 1 and 600 seconds";
    if (detail)
        *ret_detail = detail;
    return !detail;
}

static uint32_t level_max(const struct challenge_policy *p)
{
    return p->bits_max - p->bits + 1;
}

uint32_t challenge_level(const struct challenge_policy *p, uint32_t joins_per_second)
{
    if (p->joins_per_second == 0 || joins_per_second <= p->joins_per_second)
        return 0;
    uint32_t level = 1;
    for (uint64_t at = 2ull * p->joins_per_second; at <= joins_per_second; at *= 2)
        level++;
    return level < level_max(p) ? level : level_max(p);
}

static uint32_t wait_of(const struct challenge_policy *p, uint32_t level)
{
    uint64_t wait = (uint64_t)p->wait_seconds * level;
    return wait < CHALLENGE_WAIT_SECONDS_MAX ? (uint32_t)wait : CHALLENGE_WAIT_SECONDS_MAX;
}

/* ---- life ---- */

int challenges_create(const struct challenge_policy *policy, uint32_t capacity,
                      struct challenges **ret_challenges, struct err *err)
{
    const char *detail = NULL;
    uint8_t key[MAC_BYTES];
    if (!challenge_policy_valid(policy, &detail))
        return err_set(err, "challenges: %s", detail);
    struct challenges *c = calloc(1, sizeof *c);
    if (!c)
        return err_set(err, "out of memory for challenges");
    c->policy = *policy;
    c->capacity = capacity && capacity < CHALLENGE_CAPACITY ? capacity : CHALLENGE_CAPACITY;
    c->generation_us = (CHALLENGE_SECONDS + wait_of(policy, level_max(policy))) * TIME_SECOND_US;
    for (int i = 0; i < 2; i++) {
        c->used[i] = calloc(bits_words(c->capacity), sizeof *c->used[i]);
        if (!c->used[i]) {
            challenges_destroy(c);
            return err_set(err, "out of memory for challenges");
        }
    }
    keys_random(key, sizeof key);
    int result = mac_create(slice_make(key, sizeof key), &c->mac, err);
    sodium_memzero(key, sizeof key);
    if (result) {
        challenges_destroy(c);
        return result;
    }
    *ret_challenges = c;
    return 0;
}

void challenges_destroy(struct challenges *c)
{
    if (!c)
        return;
    mac_destroy(c->mac);
    free(c->used[0]);
    free(c->used[1]);
    free(c);
}

struct challenge_counters challenges_counters(const struct challenges *c)
{
    return c->counters;
}

/* Goes on to the generation of this time and returns the time, which never goes back here. */
static uint64_t advance(struct challenges *c, uint64_t now_us)
{
    if (now_us > c->now_us)
        c->now_us = now_us;
    uint64_t generation = c->now_us / c->generation_us;
    if (generation > c->generation) {
        memset(c->used[generation % 2], 0, bits_words(c->capacity) * sizeof *c->used[0]);
        c->generation = generation;
        c->next = 0;
    }
    return c->now_us;
}

/* ---- the text ---- */

static void signed_fields(const uint8_t *bytes, const struct queue_token_bearer *bearer,
                          struct fields *ret_fields)
{
    *ret_fields = FIELDS_INIT;
    fields_add(ret_fields, bytes, 1); /* version */
    fields_add_u64(ret_fields, bearer->event_random);
    fields_add(ret_fields, bearer->session.bytes, sizeof bearer->session.bytes);
    fields_add(ret_fields, bytes + 1, 1);  /* kind */
    fields_add(ret_fields, bytes + 2, 2);  /* difficulty */
    fields_add(ret_fields, bytes + 4, 2);  /* wait */
    fields_add(ret_fields, bytes + 6, 4);  /* nonce */
    fields_add(ret_fields, bytes + 10, 8); /* issued */
}

bool challenge_issue(struct challenges *c, const struct queue_token_bearer *bearer,
                     enum challenge_kind kind, uint32_t level, uint64_t now_us,
                     struct challenge *ret_challenge)
{
    uint8_t bytes[TEXT_BYTES], tag[MAC_BYTES];
    struct fields f;
    now_us = advance(c, now_us);
    if (c->next >= c->capacity) {
        c->counters.busy++;
        return false;
    }
    level = level < 1 ? 1 : level > level_max(&c->policy) ? level_max(&c->policy) : level;
    bool work = kind == CHALLENGE_WORK;
    struct challenge *made = ret_challenge;
    *made = (struct challenge){.kind = kind,
                               .puzzles = work ? CHALLENGE_PUZZLES : 0,
                               .bits = work ? c->policy.bits + level - 1 : 0,
                               .wait_seconds = work ? 0 : wait_of(&c->policy, level)};
    made->counts_from_us = now_us + made->wait_seconds * TIME_SECOND_US;
    made->expires_at_us = made->counts_from_us + CHALLENGE_SECONDS * TIME_SECOND_US;
    bytes[0] = CHALLENGE_VERSION;
    bytes[1] = (uint8_t)kind;
    bytes[2] = (uint8_t)made->puzzles;
    bytes[3] = (uint8_t)made->bits;
    fields_put_number(bytes + 4, made->wait_seconds, 2);
    fields_put_number(bytes + 6, c->next++, 4);
    fields_put_number(bytes + 10, now_us, 8);
    signed_fields(bytes, bearer, &f);
    mac_compute(c->mac, "onsale challenge v1", fields_slice(&f), tag);
    memcpy(bytes + SIGNED_BYTES, tag, TAG_BYTES);
    made->text[base64url_encode(slice_make(bytes, sizeof bytes), made->text)] = '\0';
    if (work)
        c->counters.work++;
    else
        c->counters.patience++;
    return true;
}

static enum challenge_verdict read_text(struct challenges *c,
                                        const struct queue_token_bearer *bearer, struct slice text,
                                        struct parts *ret_parts)
{
    struct parts *p = ret_parts;
    struct fields f;
    size_t len = 0;
    if (text.len != CHALLENGE_TEXT_CHARS ||
        !base64url_decode(text, sizeof p->bytes, p->bytes, &len) ||
        p->bytes[0] != CHALLENGE_VERSION ||
        (p->bytes[1] != CHALLENGE_WORK && p->bytes[1] != CHALLENGE_PATIENCE))
        return CHALLENGE_MALFORMED;
    signed_fields(p->bytes, bearer, &f);
    if (!mac_verify(c->mac, "onsale challenge v1", fields_slice(&f),
                    slice_make(p->bytes + SIGNED_BYTES, TAG_BYTES)))
        return CHALLENGE_FORGED;
    p->wait_seconds = (uint32_t)fields_get_number(p->bytes + 4, 2);
    p->nonce = (uint32_t)fields_get_number(p->bytes + 6, 4);
    p->issued_us = fields_get_number(p->bytes + 10, 8);
    return CHALLENGE_OK;
}

/* ---- the work ---- */

/* Whether the first `bits` bits are zero. */
static bool has_zero_bits(const uint8_t *hash, uint32_t bits)
{
    for (; bits >= 8; bits -= 8) {
        if (*hash++)
            return false;
    }
    return bits == 0 || *hash >> (8 - bits) == 0;
}

static bool puzzle_solved(const uint8_t seed[SEED_BYTES], uint8_t puzzle, uint32_t bits,
                          const uint8_t number[4])
{
    uint8_t message[SEED_BYTES + 5], hash[crypto_hash_sha256_BYTES];
    memcpy(message, seed, SEED_BYTES);
    message[SEED_BYTES] = puzzle;
    memcpy(message + SEED_BYTES + 1, number, 4);
    crypto_hash_sha256(hash, message, sizeof message);
    return has_zero_bits(hash, bits);
}

static bool work_done(const struct parts *p, struct slice text, const uint8_t *numbers)
{
    uint8_t seed[SEED_BYTES];
    crypto_hash_sha256(seed, (const uint8_t *)text.data, text.len);
    for (uint8_t i = 0; i < p->bytes[2]; i++) {
        if (!puzzle_solved(seed, i, p->bytes[3], numbers + (size_t)4 * i))
            return false;
    }
    return true;
}

void challenge_solve(const struct challenge *challenge,
                     char ret_solution[CHALLENGE_SOLUTION_CHARS + 1])
{
    uint8_t seed[SEED_BYTES], numbers[SOLUTION_BYTES] = {0};
    crypto_hash_sha256(seed, (const uint8_t *)challenge->text, CHALLENGE_TEXT_CHARS);
    for (uint8_t i = 0; i < challenge->puzzles; i++) {
        uint8_t *number = numbers + (size_t)4 * i;
        for (uint32_t n = 0; !puzzle_solved(seed, i, challenge->bits, number); n++)
            fields_put_number(number, n, 4);
    }
    size_t len = (size_t)challenge->puzzles * 4;
    ret_solution[base64url_encode(slice_make(numbers, len), ret_solution)] = '\0';
}

/* ---- using it up ---- */

static enum challenge_verdict spend(struct challenges *c, const struct queue_token_bearer *bearer,
                                    struct slice text, struct slice solution, uint64_t now_us,
                                    uint64_t *ret_wait_us)
{
    struct parts p;
    uint8_t numbers[SOLUTION_BYTES];
    size_t len = 0;
    enum challenge_verdict verdict = read_text(c, bearer, text, &p);
    if (verdict != CHALLENGE_OK)
        return verdict;
    /* Genuine from here on: kind, puzzles, bits and times are as they were issued. */
    if (!base64url_decode(solution, sizeof numbers, numbers, &len) || len != (size_t)4 * p.bytes[2])
        return CHALLENGE_MALFORMED;
    uint64_t counts_from_us = p.issued_us + p.wait_seconds * TIME_SECOND_US;
    if (now_us >= counts_from_us + CHALLENGE_SECONDS * TIME_SECOND_US)
        return CHALLENGE_EXPIRED;
    if (now_us < counts_from_us) {
        *ret_wait_us = counts_from_us - now_us;
        return CHALLENGE_TOO_EARLY;
    }
    uint64_t generation = p.issued_us / c->generation_us;
    assert(generation + 1 >= c->generation && generation <= c->generation && p.nonce < c->capacity);
    if (bits_has(c->used[generation % 2], p.nonce))
        return CHALLENGE_REPEATED;
    if (!work_done(&p, text, numbers))
        return CHALLENGE_WRONG;
    bits_set(c->used[generation % 2], p.nonce);
    return CHALLENGE_OK;
}

enum challenge_verdict challenge_spend(struct challenges *c,
                                       const struct queue_token_bearer *bearer, struct slice text,
                                       struct slice solution, uint64_t now_us,
                                       uint64_t *ret_wait_us)
{
    now_us = advance(c, now_us);
    enum challenge_verdict verdict = spend(c, bearer, text, solution, now_us, ret_wait_us);
    c->counters.shown[verdict]++;
    return verdict;
}

const char *challenge_verdict_name(enum challenge_verdict verdict)
{
    static const char *const names[CHALLENGE_VERDICTS] = {
        [CHALLENGE_OK] = "ok",
        [CHALLENGE_MALFORMED] = "malformed",
        [CHALLENGE_FORGED] = "forged",
        [CHALLENGE_EXPIRED] = "expired",
        [CHALLENGE_TOO_EARLY] = "too_early",
        [CHALLENGE_REPEATED] = "repeated",
        [CHALLENGE_WRONG] = "wrong",
    };
    return names[verdict];
}
