/* leaving: POST /events/{id}/holds/{hold}/leave, and who came back. */
#include "api/leaving.h"

#include "api/holds.h"
#include "base/time.h"
#include "routes.gen.h"

#include <stdlib.h>

/* ---- who left ---- */

#define BUCKETS LIMIT_LEAVING /* a power of two */
#define NOBODY UINT32_MAX
_Static_assert((BUCKETS & (BUCKETS - 1)) == 0, "a bucket is found by masking");

struct left {
    struct id hold;
    struct hash16 session;
    uint64_t due_us;
    uint32_t before, after; /* in the order of leaving; `after` in the list of free ones, too */
    uint32_t chain;         /* in the same bucket */
};

struct leaving {
    uint32_t first, last, free;
    uint32_t buckets[BUCKETS];
    struct left left[LIMIT_LEAVING];
};

static struct leaving *create(void)
{
    struct leaving *l = malloc(sizeof *l);
    if (!l)
        return NULL;
    l->first = l->last = NOBODY;
    l->free = 0;
    for (uint32_t i = 0; i < LIMIT_LEAVING; i++)
        l->left[i].after = i + 1 < LIMIT_LEAVING ? i + 1 : NOBODY;
    for (uint32_t i = 0; i < BUCKETS; i++)
        l->buckets[i] = NOBODY;
    return l;
}

void leaving_destroy(struct leaving *leaving)
{
    free(leaving);
}

static bool same(struct id a, struct id b)
{
    return a.partition == b.partition && a.slot == b.slot && a.random == b.random;
}

/* The random number is the box office's own, so nobody chooses a bucket. */
static uint32_t *bucket_of(struct leaving *l, struct id hold)
{
    return &l->buckets[(hold.random ^ hold.slot) & (BUCKETS - 1)];
}

/* Where the number of this hold's entry stands; NOBODY stands there when it has none. */
static uint32_t *find(struct leaving *l, struct id hold)
{
    uint32_t *at = bucket_of(l, hold);
    while (*at != NOBODY && !same(l->left[*at].hold, hold))
        at = &l->left[*at].chain;
    return at;
}

static void take_out(struct leaving *l, uint32_t *at)
{
    uint32_t n = *at;
    struct left *left = &l->left[n];
    *at = left->chain;
    *(left->before == NOBODY ? &l->first : &l->left[left->before].after) = left->after;
    *(left->after == NOBODY ? &l->last : &l->left[left->after].before) = left->before;
    left->after = l->free;
    l->free = n;
}

bool leaving_end(struct leaving *leaving, struct id hold)
{
    uint32_t *at = leaving ? find(leaving, hold) : NULL;
    if (!at || *at == NOBODY)
        return false;
    take_out(leaving, at);
    return true;
}

bool leaving_begin(struct leaving **leaving, struct id hold, struct hash16 session, uint64_t due_us)
{
    if (!*leaving)
        *leaving = create();
    struct leaving *l = *leaving;
    (void)leaving_end(l, hold);
    if (!l || l->free == NOBODY)
        return false;
    uint32_t n = l->free, *bucket = bucket_of(l, hold);
    l->free = l->left[n].after;
    l->left[n] = (struct left){.hold = hold,
                               .session = session,
                               .due_us = due_us,
                               .before = l->last,
                               .after = NOBODY,
                               .chain = *bucket};
    *bucket = n;
    *(l->last == NOBODY ? &l->first : &l->left[l->last].after) = n;
    l->last = n;
    return true;
}

bool leaving_next(struct leaving *leaving, uint64_t now_us, struct id *ret_hold,
                  struct hash16 *ret_session)
{
    if (!leaving || leaving->first == NOBODY || leaving->left[leaving->first].due_us > now_us)
        return false;
    const struct left *left = &leaving->left[leaving->first];
    *ret_hold = left->hold;
    *ret_session = left->session;
    take_out(leaving, find(leaving, left->hold));
    return true;
}

/* ---- what follows ---- */

/* So many are given back in one turn; the others in the next. */
#define GIVEN_BACK_AT_ONCE 256u

void leaving_back(struct api *api, struct id hold)
{
    if (leaving_end(api->leaving, hold))
        api->leaving_counts.returned++;
}

void leaving_tick(struct api *api)
{
    struct engine *engine = api->options.engine;
    struct id hold;
    struct hash16 session;
    for (unsigned i = 0; i < GIVEN_BACK_AT_ONCE; i++) {
        if (!leaving_next(api->leaving, engine_now(engine), &hold, &session))
            return;
        struct booking_command command = {.number = BOOKING_COMMAND_release_hold};
        command.release_hold.hold = hold.slot;
        command.release_hold.hold_random = hold.random;
        command.release_hold.session = session;
        struct engine_result result;
        engine_submit(engine, hold.partition, &command, &result);
        /* With no space for it the hold runs to its end: that costs none. An order has it: fine. */
        if (!result.no_space && !result.no_event && result.refusal == BOOKING_OK)
            api->leaving_counts.given_back++;
    }
}

void api_hold_leave(struct http_exchange *x)
{
    struct api_event *event;
    struct id id;
    const struct booking *b = api_booking(x, &event);
    if (!b || !hold_of_path(x, event, &id))
        return;
    struct api *api = api_of(x);
    uint64_t barrier = engine_barrier(api->options.engine);
    struct booking_hold hold;
    if (!booking_hold_get(b, id.slot, id.random, &hold) ||
        !hash16_equal(hold.session, api_caller(x)->session.hash)) {
        problem_answer(x, PROBLEM_HOLD_NOT_FOUND, barrier, "This session has no such hold");
        return;
    }
    uint64_t grace_us = api->options.leave_seconds * TIME_SECOND_US;
    uint64_t due_us = engine_now(api->options.engine) + grace_us;
    if (grace_us && hold.live && hold.order == BOOKING_NONE &&
        leaving_begin(&api->leaving, id, hold.session, due_us))
        api->leaving_counts.begun++;
    http_answer(x, 204, NULL, SLICE(""), barrier);
}
