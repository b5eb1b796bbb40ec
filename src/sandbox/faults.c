#include "sandbox/faults.h"

#include <jansson.h>

static const char *const on_words[FAULT_ON_COUNT] = {
    [FAULT_ON_CREATE] = "create",   [FAULT_ON_CONFIRM] = "confirm",
    [FAULT_ON_CAPTURE] = "capture", [FAULT_ON_CANCEL] = "cancel",
    [FAULT_ON_REFUND] = "refund",   [FAULT_ON_RETRIEVE] = "retrieve",
    [FAULT_ON_LIST] = "list",       [FAULT_ON_DISPUTE] = "dispute",
    [FAULT_ON_PAYOUT] = "payout",   [FAULT_ON_WEBHOOK] = "webhook",
    [FAULT_ON_ANY] = "any",
};

#define ON(what) (1u << FAULT_ON_##what)
#define ALL ((1u << FAULT_ON_COUNT) - 1)
#define CALLS (ALL & ~ON(WEBHOOK))
#define TAKING (ON(CONFIRM) | ON(CAPTURE))

static const struct {
    const char *word;
    uint32_t ms; /* unless said */
    uint32_t on; /* where it can happen */
} kinds[FAULT_KIND_COUNT] = {
    [FAULT_NONE] = {"", 0, 0},
    [FAULT_DELAY] = {"delay", 1000, ALL},
    [FAULT_DROP] = {"drop", 0, ALL},
    [FAULT_DUPLICATE] = {"duplicate", 0, ALL},
    [FAULT_REORDER] = {"reorder", 2000, ALL},
    [FAULT_ERROR_500] = {"error_500", 0, ALL},
    [FAULT_TIMEOUT_AFTER] = {"timeout_after", 0, ALL},
    [FAULT_LATE] = {"late", 3000, ALL},
    [FAULT_ERROR_500_AFTER] = {"error_500_after", 0, CALLS},
    [FAULT_ERROR_503] = {"error_503", 0, CALLS},
    [FAULT_RATE_LIMIT] = {"rate_limit", 1000, CALLS},
    [FAULT_DOWN] = {"down", 5000, CALLS},
    [FAULT_FAIL] = {"fail", 1000, TAKING | ON(REFUND) | ON(PAYOUT)},
    [FAULT_PENDING] = {"pending", 3000, ON(REFUND)},
    [FAULT_DISPUTE] = {"dispute", 1000, TAKING},
    [FAULT_DISPUTE_WON] = {"dispute_won", 1000, TAKING},
    [FAULT_DISPUTE_LOST] = {"dispute_lost", 1000, TAKING},
    [FAULT_PAYOUT] = {"payout", 1000, TAKING},
};

void faults_init(struct faults *faults, uint64_t seed)
{
    *faults = (struct faults){.seed = seed};
}

/* splitmix64 (Steele, Lea, Flood 2014). */
static uint64_t next_random(uint64_t *state)
{
    uint64_t z = *state += 0x9e3779b97f4a7c15u;
    z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9u;
    z = (z ^ z >> 27) * 0x94d049bb133111ebu;
    return z ^ z >> 31;
}

static int on_of(const char *word)
{
    for (int i = 0; word && i < FAULT_ON_COUNT; i++)
        if (strcmp(word, on_words[i]) == 0)
            return i;
    return -1;
}

static int kind_of(const char *word)
{
    for (int i = 1; word && i < FAULT_KIND_COUNT; i++)
        if (strcmp(word, kinds[i].word) == 0)
            return i;
    return -1;
}

static bool read_fault(const json_t *root, struct fault *ret_fault, const char **ret_why)
{
    int on = on_of(json_string_value(json_object_get(root, "on")));
    int kind = kind_of(json_string_value(json_object_get(root, "fault")));
    const json_t *rate = json_object_get(root, "rate"), *times = json_object_get(root, "times"),
                 *ms = json_object_get(root, "ms");
    if (on < 0)
        *ret_why = "\"on\" must be create, confirm, capture, cancel, refund, retrieve, list, "
                   "dispute, payout, webhook or any";
    else if (kind < 0)
        *ret_why = "\"fault\" must be delay, drop, duplicate, reorder, error_500, error_500_after, "
                   "error_503, rate_limit, timeout_after, late, down, fail, pending, dispute, "
                   "dispute_won, dispute_lost or payout";
    else if (!(kinds[kind].on & 1u << on))
        *ret_why = "this \"fault\" cannot happen there; GET /sandbox/faults tells which can";
    else if (rate && !(json_is_number(rate) && json_number_value(rate) >= 0 &&
                       json_number_value(rate) <= 1))
        *ret_why = "\"rate\" must be a number from 0 to 1";
    else if (times && !(json_is_integer(times) && json_integer_value(times) > 0))
        *ret_why = "\"times\" must be a whole number above 0";
    else if (ms && !(json_is_integer(ms) && json_integer_value(ms) >= 0 &&
                     json_integer_value(ms) <= (json_int_t)FAULT_MS_MAX))
        *ret_why = "\"ms\" must be a whole number from 0 to 600000";
    else {
        *ret_fault = (struct fault){
            .on = (enum fault_on)on,
            .kind = (enum fault_kind)kind,
            .rate_ppm = rate ? (uint32_t)(json_number_value(rate) * 1e6 + 0.5) : 1000000u,
            .times = times ? (uint64_t)json_integer_value(times) : UINT64_MAX,
            .ms = ms ? (uint32_t)json_integer_value(ms) : kinds[kind].ms,
        };
        return true;
    }
    return false;
}

bool faults_add(struct faults *faults, struct slice json, const char **ret_why)
{
    json_t *root = json_loadb(json.data ? json.data : "", json.len, 0, NULL);
    struct fault fault;
    bool fine = false;
    if (!json_is_object(root))
        *ret_why = "the body must be a JSON object";
    else if (faults->count == FAULTS_MAX)
        *ret_why = "there are 32 faults already; DELETE /sandbox/faults clears them";
    else
        fine = read_fault(root, &fault, ret_why);
    json_decref(root);
    if (fine) {
        fault.number = ++faults->added;
        fault.random = faults->seed ^ fault.number * 0xd1342543de82ef95u;
        faults->list[faults->count++] = fault;
    }
    return fine;
}

void faults_clear(struct faults *faults)
{
    faults->count = 0;
    faults->added = 0; /* the same faults again fall the same way */
}

bool faults_remove(struct faults *faults, uint64_t number)
{
    for (size_t i = 0; i < faults->count; i++)
        if (faults->list[i].number == number) {
            memmove(&faults->list[i], &faults->list[i + 1],
                    (faults->count - i - 1) * sizeof faults->list[0]);
            faults->count--;
            return true;
        }
    return false;
}

struct fault faults_meet(struct faults *faults, enum fault_on on)
{
    for (size_t i = 0; i < faults->count; i++) {
        struct fault *fault = &faults->list[i];
        bool there = fault->on == on || (fault->on == FAULT_ON_ANY && on != FAULT_ON_WEBHOOK);
        if (!there || fault->times == 0 ||
            next_random(&fault->random) % 1000000u >= fault->rate_ppm)
            continue;
        if (fault->times != UINT64_MAX)
            fault->times--;
        fault->fired++;
        return *fault;
    }
    return (struct fault){.on = on, .kind = FAULT_NONE};
}

void faults_write_choice(struct json *j, const char *key)
{
    json_put_object(j, key);
    for (int on = 0; on < FAULT_ON_COUNT; on++) {
        json_put_array(j, on_words[on]);
        for (int kind = 1; kind < FAULT_KIND_COUNT; kind++)
            if (kinds[kind].on & 1u << on)
                json_put_string(j, NULL, kinds[kind].word);
        json_end(j);
    }
    json_end(j);
}

void faults_write(const struct faults *faults, struct json *j, const char *key)
{
    json_put_array(j, key);
    for (size_t i = 0; i < faults->count; i++) {
        const struct fault *fault = &faults->list[i];
        json_put_object(j, NULL);
        json_put_u64(j, "number", fault->number);
        json_put_string(j, "on", on_words[fault->on]);
        json_put_string(j, "fault", kinds[fault->kind].word);
        char rate[16];
        int len = snprintf(rate, sizeof rate, "%u.%06u", fault->rate_ppm / 1000000u,
                           fault->rate_ppm % 1000000u);
        json_put_raw(j, "rate", slice_make(rate, (size_t)len));
        if (fault->times == UINT64_MAX)
            json_put_null(j, "times_left");
        else
            json_put_u64(j, "times_left", fault->times);
        json_put_u64(j, "ms", fault->ms);
        json_put_u64(j, "fired", fault->fired);
        json_end(j);
    }
    json_end(j);
}
