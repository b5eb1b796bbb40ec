#include "unit/queue/model.h"
#include "unit/queue/support.h"

/* The machine beside its model: the same random commands, at times that are often the very
 * microsecond in which something ends, must give the same entries, refusals, places and counts. Now
 * and then the machine is replaced by its own image, and every invariant is checked. */

#define ROUNDS 400
#define COMMANDS 1000

struct world {
    struct queue *q;
    struct block block, spare;
    struct model *m;
    uint64_t rng, ts_us;
    uint32_t sessions;
    uint8_t chain[QUEUE_CHAIN_BYTES];
    struct queue_decision got, wanted;
    uint64_t refused[QUEUE_REFUSAL_COUNT], entries[16], late, rounds;
};

static uint32_t below(struct world *w, uint32_t bound)
{
    return rng_below(&w->rng, bound);
}

static void begin(struct world *w)
{
    static const char seeds[] = "lockstep lockstep lockstep lockstep lockstep";
    struct queue_entry_opened o = ordinary(1 + below(w, 400), below(w, 3) ? below(w, 100) : 0);
    const char *detail;
    if (below(w, 4) == 0)
        o.lobby_opens_at_us = 0;
    o.on = below(w, 5) > 0;
    o.target_active = 1 + below(w, 60);
    o.claim_seconds = 10 + below(w, 50);
    o.admission_seconds = 60 + below(w, 100);
    o.seed = slice_make(seeds + below(w, 8), QUEUE_SEED_BYTES);
    assert_true(queue_opened_valid(&o, &detail));
    w->sessions = 1 + below(w, 200);
    w->ts_us = (below(w, 3) ? 998 : 1990) * SECOND;
    w->block = block_map(queue_memory_size(&o));
    w->spare = block_map(w->block.size);
    w->q = queue_init(w->block.memory, w->block.size, &o, w->ts_us);
    model_begin(w->m, &o, w->ts_us);
    for (size_t i = 0; i < sizeof w->chain; i++)
        w->chain[i] = (uint8_t)below(w, 256);
}

static void finish(struct world *w)
{
    block_unmap(w->block);
    block_unmap(w->spare);
}

static struct queue_command random_change(struct world *w)
{
    struct queue_command c = {.number = QUEUE_COMMAND_change};
    switch (below(w, 10)) {
    case 0: c.change.target_active = below(w, 70); break;
    case 1: c.change.claim_seconds = 9 + below(w, 60); break;
    case 2: c.change.admission_seconds = 59 + below(w, 100); break;
    case 3: c.change.pause = (uint8_t)(1 + below(w, 2) * 2); break;
    case 4: c.change.pause = (uint8_t)(2 + below(w, 4)); break;
    case 5: c.change.on = (uint8_t)below(w, 4); break;
    case 6: c.change.on = 1; break;
    case 7: c.change.opens_at_us = w->ts_us - SECOND + below(w, 2000000); break;
    case 8: c.change.threshold = below(w, 2) ? QUEUE_NONE : below(w, 3); break;
    default:
        if (below(w, 30) == 0)
            c.change.close = 1;
        c.change.lobby_opens_at_us = below(w, 2) * (w->ts_us - SECOND + below(w, 2000000));
        c.change.per_minute = below(w, 3) * 300000;
    }
    return c;
}

static struct queue_command random_command(struct world *w, uint32_t session)
{
    struct queue_command c = {.number = QUEUE_COMMAND_join};
    uint32_t kind = below(w, 100);
    if (kind < 35) {
        c.join.lane = below(w, 6) == 0;
        c.join.session = model_session(session);
        c.join.code = below(w, 4) * (below(w, 50) ? 1 : LIMIT_QUEUE_CODES / 2);
        c.join.code_limit = below(w, 4);
    } else if (kind < 60) {
        c.number = QUEUE_COMMAND_claim;
        c.claim.session = model_session(session);
        c.claim.admission_random = rng_next(&w->rng);
    } else if (kind < 66) {
        c.number = QUEUE_COMMAND_leave;
        c.leave.session = model_session(session);
    } else if (kind < 70) {
        c.number = QUEUE_COMMAND_sold;
        c.sold.session = model_session(session);
    } else if (kind < 80) {
        c.number = QUEUE_COMMAND_call;
        c.call.general = below(w, 12);
        c.call.priority = below(w, 4);
    } else if (kind < 92) {
        c.number = QUEUE_COMMAND_tick;
    } else if (kind < 95 || queue_wants_draw(w->q)) {
        c.number = QUEUE_COMMAND_draw;
        c.draw.chain_hash = slice_make(w->chain, below(w, 10) ? sizeof w->chain : 5);
    } else if (kind < 96) {
        c.number = QUEUE_COMMAND_credit_outage;
        c.credit_outage.outage_us = below(w, 20) * SECOND;
    } else {
        return random_change(w);
    }
    return c;
}

static void pass_time(struct world *w)
{
    struct queue_status status;
    uint64_t next_us = queue_next_tick_us(w->q);
    queue_status(w->q, w->ts_us, &status);
    uint64_t last_us = status.last_ts_us;
    switch (below(w, 12)) {
    case 0: w->ts_us += below(w, 30) * SECOND; break;
    case 1: w->ts_us += below(w, 2000000); break;
    case 2: /* around what happens next */
        if (next_us != UINT64_MAX && next_us > w->ts_us)
            w->ts_us = next_us - 1 + below(w, 3);
        break;
    case 3:
        if (status.phase == QUEUE_LOBBY && below(w, 20) == 0)
            w->ts_us = status.opens_at_us - 1 + below(w, 3);
        break;
    case 4: { /* around the end of somebody's call or admission */
        struct queue_place p;
        if (queue_place_of(w->q, model_session(below(w, w->sessions)), w->ts_us, &p) &&
            p.closes_at_us > w->ts_us && below(w, 3) == 0)
            w->ts_us = p.closes_at_us - 1 + below(w, 3);
        break;
    }
    default: w->ts_us += below(w, 1000);
    }
    if (w->ts_us <= last_us)
        w->ts_us = last_us + 1;
}

static void same_decision(const struct queue_decision *got, const struct queue_decision *wanted)
{
    char a[256], b[256];
    assert_string_equal(queue_refusal_code(got->refusal), queue_refusal_code(wanted->refusal));
    assert_int_equal(got->entry_count, wanted->entry_count);
    assert_int_equal(got->repeated, wanted->repeated);
    assert_int_equal(got->lane, wanted->lane);
    assert_int_equal(got->number, wanted->number);
    assert_int_equal(got->admission, wanted->admission);
    for (uint32_t i = 0; i < got->entry_count; i++) {
        const char *name = queue_entry_record(got->entries[i].number)->name;
        assert_string_equal(name, queue_entry_record(wanted->entries[i].number)->name);
        size_t len = queue_entry_encode(&got->entries[i], a);
        assert_int_equal(len, queue_entry_encode(&wanted->entries[i], b));
        assert_memory_equal(a, b, len);
    }
}

static void same_place(struct world *w, uint32_t session, uint64_t ts_us)
{
    struct queue_place got, wanted;
    memset(&got, 0, sizeof got);
    memset(&wanted, 0, sizeof wanted);
    struct hash16 hash = model_session(session);
    bool has = queue_place_of(w->q, hash, ts_us, &got);
    assert_int_equal(has, model_place_of(w->m, session, ts_us, &wanted));
    assert_int_equal(queue_is_admitted(w->q, hash, ts_us), model_is_admitted(w->m, session, ts_us));
    if (!has)
        return;
    assert_int_equal(got.state, wanted.state);
    assert_int_equal(got.lane, wanted.lane);
    assert_int_equal(got.number, wanted.number);
    assert_int_equal(got.rank, wanted.rank);
    assert_int_equal(got.ahead, wanted.ahead);
    assert_int_equal(got.closes_at_us, wanted.closes_at_us);
    assert_int_equal(got.admission, wanted.admission);
    assert_int_equal(got.admission_random, wanted.admission_random);
    assert_int_equal(got.admitted_at_us, wanted.admitted_at_us);
}

static void same_status(struct world *w, uint64_t ts_us)
{
    struct queue_status got;
    queue_status(w->q, ts_us, &got);
    assert_int_equal(got.phase, model_phase(w->m, ts_us));
    assert_int_equal(got.active, model_active(w->m, ts_us));
    assert_int_equal(got.paused, w->m->paused_at_us != 0);
    assert_int_equal(got.closed, w->m->closed);
    assert_int_equal(got.target_active, w->m->settings.target_active);
    assert_int_equal(got.threshold, w->m->settings.threshold);
    assert_int_equal(got.last_ts_us, w->m->last_ts_us);
    assert_int_equal(got.switched_off_us, w->m->switched_off_us);
    for (uint32_t code = 1; code < 4; code++)
        assert_int_equal(queue_code_sessions(w->q, code, model_session(0)),
                         model_code_sessions(w->m, code, 0));
    for (uint32_t lane = 0; lane < QUEUE_LANES; lane++) {
        const struct queue_lane_status *g = &got.lanes[lane], *m = &w->m->lanes[lane];
        assert_int_equal(g->count, m->count);
        assert_int_equal(g->lobby_count, m->lobby_count);
        assert_int_equal(g->called, m->called);
        assert_int_equal(g->open, model_open(w->m, lane, ts_us));
        assert_int_equal(g->present_total, m->present_total);
        assert_int_equal(g->claimed_total, m->claimed_total);
        assert_int_equal(g->missed_total, m->missed_total);
    }
}

/* From now on the machine is the one that its image gives. */
static void move_to_image(struct world *w)
{
    struct hash128 before = queue_hash(w->q);
    struct slice image = queue_image(w->q);
    assert_int_equal(queue_restore_size(image), w->spare.size);
    struct queue *again = queue_restore(w->spare.memory, w->spare.size, image);
    struct hash128 after = queue_hash(again);
    assert_true(before.low == after.low && before.high == after.high);
    struct block old = w->block;
    w->block = w->spare;
    w->spare = block_map(old.size);
    block_unmap(old);
    w->q = again;
}

/* A tick before the time that was named has nothing to do; at that time it has. */
static void next_tick_is_true(struct world *w)
{
    struct queue_command tick = {.number = QUEUE_COMMAND_tick};
    uint64_t next_us = queue_next_tick_us(w->q);
    if (next_us > w->ts_us) {
        queue_decide(w->q, &tick, next_us == UINT64_MAX ? w->ts_us + 999 * SECOND : next_us - 1,
                     &w->got);
        assert_int_equal(w->got.entry_count, 0);
    }
    if (next_us == UINT64_MAX)
        return;
    queue_decide(w->q, &tick, next_us > w->ts_us ? next_us : w->ts_us, &w->got);
    assert_true(w->got.entry_count > 0);
}

static void step(struct world *w)
{
    uint32_t session = below(w, w->sessions);
    pass_time(w);
    struct queue_command c = random_command(w, session);
    queue_decide(w->q, &c, w->ts_us, &w->got);
    model_run(w->m, &c, session, w->got.admission, w->ts_us, &w->wanted);
    same_decision(&w->got, &w->wanted);
    w->refused[w->got.refusal]++;
    for (uint32_t i = 0; i < w->got.entry_count; i++) {
        queue_apply(w->q, &w->got.entries[i], w->ts_us + i);
        w->entries[w->got.entries[i].number - 2001]++;
    }
    if (w->got.entry_count > 1)
        w->ts_us += w->got.entry_count - 1;
    same_status(w, w->ts_us);
    same_place(w, session, w->ts_us);
    same_place(w, below(w, w->sessions), w->ts_us + below(w, 2000000));
}

static void machine_and_model_never_differ(void **state)
{
    (void)state;
    struct world *w = calloc(1, sizeof *w);
    assert_non_null(w);
    w->m = malloc(sizeof *w->m);
    assert_non_null(w->m);
    w->rng = 20270612;
    for (uint32_t round = 0; round < ROUNDS; round++) {
        begin(w);
        for (uint32_t i = 0; i < COMMANDS; i++) {
            step(w);
            if (i % 16 == 0) {
                w->ts_us++;
                next_tick_is_true(w);
            }
            if (i % 32 == 0) {
                const char *wrong = queue_check(w->q);
                if (wrong)
                    fail_msg("%s", wrong);
            }
            if (i % 128 == 0)
                move_to_image(w);
        }
        finish(w);
    }
    /* What the random commands never reach proves nothing. */
    for (uint32_t i = 0; i < QUEUE_REFUSAL_COUNT; i++)
        if (w->refused[i] < 20)
            fail_msg("%s: only %d", queue_refusal_code((enum queue_refusal)i), (int)w->refused[i]);
    for (uint32_t i = 1; i < 13; i++)
        if (w->entries[i] < 20)
            fail_msg("entry %d: only %d", (int)(2001 + i), (int)w->entries[i]);
    free(w->m);
    free(w);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(machine_and_model_never_differ)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
