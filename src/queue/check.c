#include "queue/state.h"

/* Every invariant by brute force, for tests and audits. */

#define REQUIRE(condition, words) \
    do {                          \
        if (!(condition))         \
            return words;         \
    } while (0)

static const char *check_lane(const struct queue *q, uint32_t lane)
{
    const struct lane *l = &q->s->lanes[lane];
    REQUIRE(l->count <= l->capacity, "there are more places than room");
    REQUIRE(l->lobby_count <= l->count && (q->s->lobby_closed || l->lobby_count == 0),
            "the number drawn is wrong");
    REQUIRE(l->ended <= l->called && l->called <= l->count, "called is out of bounds");
    REQUIRE(l->called == 0 || (q->s->lobby_closed && !queue_wants_draw(q)),
            "somebody was called before the line began");
    return NULL;
}

static const char *check_sessions(const struct queue *q, uint32_t lane)
{
    for (uint32_t number = 0; number < q->s->lanes[lane].count; number++) {
        uint64_t session = place_session(q, lane, number);
        uint32_t newest = place_find(q, lane, session), other = place_find(q, 1 - lane, session);
        bool replaced = place_mark(q, lane, number) == MARK_REPLACED;
        REQUIRE(newest != QUEUE_NONE && newest >= number, "a session's place is not found");
        REQUIRE(newest == number || replaced, "a session has two places");
        REQUIRE(replaced || other == QUEUE_NONE || place_mark(q, 1 - lane, other) == MARK_REPLACED,
                "a session has a place in both lanes");
    }
    return NULL;
}

static const char *check_draw(const struct queue *q, uint32_t lane)
{
    const struct lane *l = &q->s->lanes[lane];
    for (uint32_t number = 0; q->s->drawn && number < l->lobby_count; number++) {
        uint32_t rank = place_rank(q, lane, number);
        REQUIRE(rank < l->lobby_count && place_number(q, lane, rank) == number,
                "the draw is not a permutation");
    }
    return NULL;
}

static const char *check_calls(const struct queue *q, uint32_t lane)
{
    const struct lane *l = &q->s->lanes[lane];
    uint32_t open = 0, rank = l->ended;
    uint64_t before_us = 0;
    for (uint32_t k = 0; k < l->call_count; k++) {
        const struct call *call = call_at(q, lane, k);
        uint32_t waited = 0;
        REQUIRE(call->upto > rank && call->upto <= l->called && call->closes_at_us >= before_us,
                "the calls are out of order");
        before_us = call->closes_at_us;
        for (; rank < call->upto; rank++)
            waited += place_mark(q, lane, place_number(q, lane, rank)) == MARK_NONE;
        REQUIRE(waited == call->open, "the open places of a call are counted wrong");
        open += call->open;
    }
    REQUIRE(open == l->open, "the open places are counted wrong");
    for (; rank < l->called; rank++)
        REQUIRE(place_mark(q, lane, place_number(q, lane, rank)) != MARK_NONE,
                "a place was called without a call");
    REQUIRE(l->open + l->missed_total <= l->present_total && l->claimed_total <= l->present_total,
            "the totals of the calls are wrong");
    for (uint32_t number = 0; number < l->count; number++) {
        if (place_mark(q, lane, number) != MARK_USED)
            continue;
        rank = place_rank(q, lane, number);
        REQUIRE(rank != QUEUE_NONE && rank < l->called, "somebody came in who was not called");
    }
    return NULL;
}

static const char *check_admissions(const struct queue *q)
{
    const struct state *s = q->s;
    uint32_t live = 0, seen = 0, before = QUEUE_NONE;
    for (uint32_t slot = 0; slot < s->admissions_used; slot++)
        live += q->admissions[slot].expires_at_us != 0;
    REQUIRE(live == s->admitted, "the number of admissions is wrong");
    for (uint32_t at = s->admission_first; at != QUEUE_NONE; at = q->admissions[at].next) {
        const struct admission *a = &q->admissions[at];
        REQUIRE(
            seen++ < live && a->expires_at_us != 0 && a->previous == before &&
                (before == QUEUE_NONE || q->admissions[before].expires_at_us <= a->expires_at_us),
            "the list of admissions is wrong");
        REQUIRE(admission_find(q, a->session) == at, "an admission is not found");
        REQUIRE(a->lane < QUEUE_LANES && a->number < s->lanes[a->lane].count &&
                    place_session(q, a->lane, a->number) == a->session &&
                    place_mark(q, a->lane, a->number) == MARK_USED,
                "an admission is not of a place that was used");
        before = at;
    }
    REQUIRE(seen == live && before == s->admission_last, "the list of admissions is wrong");
    for (uint32_t at = s->admission_free; at != QUEUE_NONE; at = q->admissions[at].next)
        REQUIRE(seen++ < s->admissions_used && q->admissions[at].expires_at_us == 0,
                "the list of free slots is wrong");
    REQUIRE(seen == s->admissions_used, "the list of free slots is wrong");
    return NULL;
}

static const char *check_codes(const struct queue *q)
{
    uint32_t count = q->s->lanes[QUEUE_PRIORITY].count;
    for (uint32_t number = 0; number < count; number++) {
        uint32_t places = 0;
        if (q->codes[number] == 0)
            continue;
        uint64_t session = place_session(q, QUEUE_PRIORITY, number);
        enum mark mark = place_mark(q, QUEUE_PRIORITY, number);
        REQUIRE(mark == MARK_NONE ||
                    (mark == MARK_USED && admission_find(q, session) != QUEUE_NONE),
                "a place that is over counts on a code");
        REQUIRE(q->codes[number] <= LIMIT_QUEUE_CODES, "there is no such code");
        for (uint32_t other = 0; other < count; other++)
            places += q->codes[other] == q->codes[number];
        REQUIRE(q->code_places[q->codes[number] - 1] == places,
                "the places of a code are counted wrong");
    }
    return NULL;
}

const char *queue_check(const struct queue *q)
{
    static const char *(*const checks[])(const struct queue *, uint32_t) = {
        check_lane, check_sessions, check_draw, check_calls};
    const char *wrong = NULL;
    for (size_t i = 0; i < sizeof checks / sizeof checks[0]; i++)
        for (uint32_t lane = 0; lane < QUEUE_LANES && !wrong; lane++)
            wrong = checks[i](q, lane);
    if (!wrong)
        wrong = check_codes(q);
    return wrong ? wrong : check_admissions(q);
}
