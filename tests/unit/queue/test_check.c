#include "queue/state.h"
#include "unit/queue/model.h"
#include "unit/queue/support.h"

/* queue_check finds each kind of wound. */

static struct queue_decision decision;
static struct block block;

static void run(struct queue *q, struct queue_command c, uint64_t *ts_us)
{
    queue_decide(q, &c, *ts_us, &decision);
    assert_int_equal(decision.refusal, QUEUE_OK);
    for (uint32_t i = 0; i < decision.entry_count; i++)
        queue_apply(q, &decision.entries[i], (*ts_us)++);
}

static void join(struct queue *q, uint8_t lane, uint32_t session, uint64_t *ts_us)
{
    struct queue_command c = {.number = QUEUE_COMMAND_join};
    c.join.lane = lane;
    c.join.session = model_session(session);
    run(q, c, ts_us);
}

static void with_session(struct queue *q, uint16_t number, uint32_t session, uint64_t *ts_us)
{
    struct queue_command c = {.number = number};
    c.claim = (struct queue_command_claim){model_session(session), 5};
    run(q, c, ts_us); /* leave, claim and sold begin alike */
}

/* Ten in the lobby, four later ones, two calls, three admissions of which one ended. */
static struct queue *machine(void)
{
    struct queue_entry_opened o = ordinary(20, 4);
    uint64_t ts_us = 1500 * SECOND;
    block = block_map(queue_memory_size(&o));
    struct queue *q = queue_init(block.memory, block.size, &o, SECOND);
    for (uint32_t i = 0; i < 10; i++)
        join(q, QUEUE_GENERAL, i, &ts_us);
    ts_us = 2000 * SECOND;
    run(q, (struct queue_command){.number = QUEUE_COMMAND_tick}, &ts_us);
    struct queue_command c = {.number = QUEUE_COMMAND_draw};
    c.draw.chain_hash = SLICE("0123456789abcdef0123456789abcdef");
    run(q, c, &ts_us);
    for (uint32_t i = 10; i < 14; i++)
        join(q, QUEUE_GENERAL, i, &ts_us);
    c = (struct queue_command){.number = QUEUE_COMMAND_call, .call = {5, 0}};
    run(q, c, &ts_us);
    run(q, c, &ts_us);
    for (uint32_t i = 0; i < 3; i++)
        with_session(q, QUEUE_COMMAND_claim, i, &ts_us);
    with_session(q, QUEUE_COMMAND_sold, 0, &ts_us);
    join(q, QUEUE_GENERAL, 0, &ts_us); /* number 14; number 0 is replaced */
    with_session(q, QUEUE_COMMAND_leave, 13, &ts_us);
    join(q, QUEUE_PRIORITY, 30, &ts_us);
    c = (struct queue_command){.number = QUEUE_COMMAND_join};
    c.join = (struct queue_command_join){QUEUE_PRIORITY, model_session(31), 9, 1};
    run(q, c, &ts_us);
    return q;
}

#define WOUND(damage, wanted)                                           \
    do {                                                                \
        struct queue *q = machine();                                    \
        struct lane *l = &q->s->lanes[QUEUE_GENERAL];                   \
        assert_null(queue_check(q));                                    \
        damage;                                                         \
        const char *got = queue_check(q);                               \
        if (!got || strcmp(got, wanted) != 0)                           \
            fail_msg("%s: got \"%s\"", #damage, got ? got : "nothing"); \
        (void)l;                                                        \
        block_unmap(block);                                             \
    } while (0)

static void each_wound_is_found(void **state)
{
    (void)state;
    WOUND(l->capacity = 14, "there are more places than room");
    WOUND(l->lobby_count = 16, "the number drawn is wrong");
    WOUND(q->s->lobby_closed = 0, "the number drawn is wrong");
    WOUND(l->called = 16, "called is out of bounds");
    WOUND(l->ended = 11, "called is out of bounds");
    WOUND(q->s->drawn = 0, "somebody was called before the line began");
    WOUND(q->chunks[0]->sessions[3] ^= 1, "a session's place is not found");
    WOUND(q->chunks[0]->sessions[3] = q->chunks[0]->sessions[4], "a session has two places");
    WOUND(place_set_mark(q, 0, 0, MARK_USED), "a session has two places");
    WOUND((q->chunks[1]->sessions[0] = q->chunks[0]->sessions[11], place_index_add(q, 1, 0)),
          "a session has a place in both lanes");
    WOUND(q->draws[0]->count = 16, "the draw is not a permutation");
    WOUND(call_at(q, 0, 0)->closes_at_us += SECOND, "the calls are out of order");
    WOUND(call_at(q, 0, 1)->upto = 11, "the calls are out of order");
    WOUND((call_at(q, 0, 0)->open++, call_at(q, 0, 1)->open--),
          "the open places of a call are counted wrong");
    WOUND(l->open++, "the open places are counted wrong");
    WOUND((l->ended = 5, l->call_first++, l->open -= call_at(q, 0, 0)->open, l->call_count--),
          "the open places are counted wrong");
    WOUND(l->present_total = 3, "the totals of the calls are wrong");
    WOUND(l->claimed_total = 11, "the totals of the calls are wrong");
    WOUND(place_set_mark(q, 0, 11, MARK_USED), "somebody came in who was not called");
    WOUND(place_set_mark(q, 1, 1, MARK_LEFT), "a place that is over counts on a code");
    WOUND(q->codes[1] = LIMIT_QUEUE_CODES + 1, "there is no such code");
    WOUND(q->codes[1] = 8, "the places of a code are counted wrong");
    WOUND(q->code_places[8]++, "the places of a code are counted wrong");
    WOUND(q->s->admitted++, "the number of admissions is wrong");
    WOUND(q->admissions[1].expires_at_us = 0, "the number of admissions is wrong");
    WOUND(q->admissions[2].expires_at_us = 1, "the list of admissions is wrong");
    WOUND(q->s->admission_last = 1, "the list of admissions is wrong");
    WOUND(q->admissions[2].previous = 0, "the list of admissions is wrong");
    WOUND(memset(q->admission_index, 0, 4 * (q->admission_mask + 1)), "an admission is not found");
    WOUND(q->admissions[2].number = 1 - q->admissions[2].number % 2,
          "an admission is not of a place that was used");
    WOUND(q->s->admission_free = QUEUE_NONE, "the list of free slots is wrong");
    WOUND(q->s->admission_free = 1, "the list of free slots is wrong");
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(each_wound_is_found)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
