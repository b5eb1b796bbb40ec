/* Challenges: every verdict, single use, how hard they get. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>

#include "base/time.h"
#include "guard/challenge.h"
#include "keys/base64url.h"

#define NOW_US 1800000000123456ull
#define S TIME_SECOND_US

static const struct queue_token_bearer ada = {{"ada's session ha"}, 0x1122334455667788ull};
/* Easy, so that tests solve many. */
static const struct challenge_policy easy = {
    .joins_per_second = 100, .bits = 4, .bits_max = 8, .wait_seconds = 20};

static struct challenges *make(const struct challenge_policy *policy, uint32_t capacity)
{
    struct challenges *c = NULL;
    struct err err;
    if (challenges_create(policy, capacity, &c, &err))
        fail_msg("%s", err.detail);
    return c;
}

static struct challenge issue(struct challenges *c, enum challenge_kind kind, uint64_t now_us)
{
    struct challenge made;
    assert_true(challenge_issue(c, &ada, kind, 1, now_us, &made));
    return made;
}

static enum challenge_verdict spend_as(struct challenges *c,
                                       const struct queue_token_bearer *bearer, struct slice text,
                                       struct slice solution, uint64_t now_us)
{
    uint64_t wait_us = 0;
    enum challenge_verdict v = challenge_spend(c, bearer, text, solution, now_us, &wait_us);
    assert_true((v == CHALLENGE_TOO_EARLY) == (wait_us > 0));
    return v;
}

static enum challenge_verdict spend(struct challenges *c, const struct challenge *made,
                                    const char *solution, uint64_t now_us)
{
    return spend_as(c, &ada, slice_make(made->text, CHALLENGE_TEXT_CHARS),
                    slice_from_string(solution), now_us);
}

static void work_is_taken_once(void **state)
{
    (void)state;
    struct challenges *c = make(&easy, 0);
    struct challenge made = issue(c, CHALLENGE_WORK, NOW_US);
    char solution[CHALLENGE_SOLUTION_CHARS + 1];
    assert_int_equal(strlen(made.text), CHALLENGE_TEXT_CHARS);
    assert_int_equal(made.puzzles, CHALLENGE_PUZZLES);
    assert_int_equal(made.bits, 4);
    assert_int_equal(made.counts_from_us, NOW_US);
    assert_int_equal(made.expires_at_us, NOW_US + 120 * S);
    challenge_solve(&made, solution);
    assert_int_equal(strlen(solution), CHALLENGE_SOLUTION_CHARS);
    assert_int_equal(spend(c, &made, solution, NOW_US + S), CHALLENGE_OK);
    for (int i = 0; i < 1000; i++)
        assert_int_equal(spend(c, &made, solution, NOW_US + S), CHALLENGE_REPEATED);
    struct challenge_counters counters = challenges_counters(c);
    assert_int_equal(counters.work, 1);
    assert_int_equal(counters.shown[CHALLENGE_OK], 1);
    assert_int_equal(counters.shown[CHALLENGE_REPEATED], 1000);
    challenges_destroy(c);
}

static void a_wrong_solution_is_refused_and_uses_nothing_up(void **state)
{
    (void)state;
    struct challenges *c = make(&easy, 0);
    struct challenge made = issue(c, CHALLENGE_WORK, NOW_US);
    char solution[CHALLENGE_SOLUTION_CHARS + 1];
    uint8_t numbers[64];
    size_t len = 0;
    challenge_solve(&made, solution);
    assert_true(base64url_decode(slice_from_string(solution), sizeof numbers, numbers, &len));
    assert_int_equal(len, 64);
    for (size_t i = 0; i < CHALLENGE_PUZZLES; i++) {
        char wrong[CHALLENGE_SOLUTION_CHARS + 1];
        uint8_t changed[64];
        memcpy(changed, numbers, sizeof changed);
        /* Of two hundred other numbers some are solutions too; one that is not must exist. */
        enum challenge_verdict v = CHALLENGE_OK;
        for (int k = 0; k < 200 && v != CHALLENGE_WRONG; k++) {
            struct challenges *copy = c;
            changed[4 * i + 1]++;
            wrong[base64url_encode(slice_make(changed, sizeof changed), wrong)] = '\0';
            made = issue(copy, CHALLENGE_WORK, NOW_US);
            v = spend(copy, &made, wrong, NOW_US);
        }
        assert_int_equal(v, CHALLENGE_WRONG);
    }
    made = issue(c, CHALLENGE_WORK, NOW_US);
    assert_int_not_equal(spend(c, &made, solution, NOW_US), CHALLENGE_OK); /* another's */
    challenge_solve(&made, solution);
    assert_int_equal(spend(c, &made, solution, NOW_US), CHALLENGE_OK);
    challenges_destroy(c);
}

static void one_solution_does_not_serve_for_two_puzzles(void **state)
{
    (void)state;
    struct challenge_policy hard = easy;
    hard.bits = hard.bits_max = 12;
    struct challenges *c = make(&hard, 0);
    struct challenge made = issue(c, CHALLENGE_WORK, NOW_US);
    char solution[CHALLENGE_SOLUTION_CHARS + 1];
    uint8_t numbers[64];
    size_t len = 0;
    challenge_solve(&made, solution);
    assert_true(base64url_decode(slice_from_string(solution), sizeof numbers, numbers, &len));
    for (size_t i = 1; i < CHALLENGE_PUZZLES; i++)
        memcpy(numbers + 4 * i, numbers, 4);
    solution[base64url_encode(slice_make(numbers, sizeof numbers), solution)] = '\0';
    assert_int_equal(spend(c, &made, solution, NOW_US), CHALLENGE_WRONG);
    challenges_destroy(c);
}

static void patience_counts_after_its_wait_and_once(void **state)
{
    (void)state;
    struct challenges *c = make(&easy, 0);
    struct challenge made = issue(c, CHALLENGE_PATIENCE, NOW_US);
    assert_int_equal(made.wait_seconds, 20);
    assert_int_equal(made.puzzles, 0);
    uint64_t wait_us = 0, from = NOW_US + 20 * S;
    assert_int_equal(made.counts_from_us, from);
    assert_int_equal(
        challenge_spend(c, &ada, slice_from_string(made.text), SLICE(""), NOW_US + S, &wait_us),
        CHALLENGE_TOO_EARLY);
    assert_int_equal(wait_us, 19 * S);
    assert_int_equal(spend(c, &made, "", from - 1), CHALLENGE_TOO_EARLY);
    assert_int_equal(spend(c, &made, "AAAA", from), CHALLENGE_MALFORMED);
    assert_int_equal(spend(c, &made, "", from), CHALLENGE_OK);
    assert_int_equal(spend(c, &made, "", from), CHALLENGE_REPEATED);
    challenges_destroy(c);
}

static void a_challenge_ends_after_two_minutes(void **state)
{
    (void)state;
    struct challenges *c = make(&easy, 0);
    char solution[CHALLENGE_SOLUTION_CHARS + 1];
    struct challenge made = issue(c, CHALLENGE_WORK, NOW_US);
    challenge_solve(&made, solution);
    assert_int_equal(spend(c, &made, solution, NOW_US + 120 * S), CHALLENGE_EXPIRED);
    struct challenge other = issue(c, CHALLENGE_WORK, NOW_US + 200 * S);
    challenge_solve(&other, solution);
    assert_int_equal(spend(c, &other, solution, NOW_US + 320 * S - 1), CHALLENGE_OK);
    struct challenge patient = issue(c, CHALLENGE_PATIENCE, NOW_US + 400 * S);
    assert_int_equal(spend(c, &patient, "", NOW_US + 540 * S), CHALLENGE_EXPIRED);
    challenges_destroy(c);
}

static void another_session_event_or_process_does_not_take_it(void **state)
{
    (void)state;
    struct challenges *c = make(&easy, 0), *restarted = make(&easy, 0);
    char solution[CHALLENGE_SOLUTION_CHARS + 1];
    struct challenge made = issue(c, CHALLENGE_WORK, NOW_US);
    challenge_solve(&made, solution);
    struct queue_token_bearer eve = ada, there = ada;
    eve.session.bytes[15] ^= 1;
    there.event_random ^= 1;
    struct slice text = slice_from_string(made.text), done = slice_from_string(solution);
    assert_int_equal(spend_as(c, &eve, text, done, NOW_US), CHALLENGE_FORGED);
    assert_int_equal(spend_as(c, &there, text, done, NOW_US), CHALLENGE_FORGED);
    assert_int_equal(spend_as(restarted, &ada, text, done, NOW_US), CHALLENGE_FORGED);
    assert_int_equal(spend_as(c, &ada, text, done, NOW_US), CHALLENGE_OK);
    challenges_destroy(c);
    challenges_destroy(restarted);
}

static void each_single_bit_change_is_refused(void **state)
{
    (void)state;
    struct challenges *c = make(&easy, 0);
    char solution[CHALLENGE_SOLUTION_CHARS + 1], text[CHALLENGE_TEXT_CHARS];
    struct challenge made = issue(c, CHALLENGE_WORK, NOW_US);
    uint8_t bytes[36];
    size_t len = 0;
    challenge_solve(&made, solution);
    assert_true(base64url_decode(slice_from_string(made.text), sizeof bytes, bytes, &len));
    assert_int_equal(len, sizeof bytes);
    for (size_t bit = 0; bit < len * 8; bit++) {
        bytes[bit / 8] ^= (uint8_t)(1u << bit % 8);
        base64url_encode(slice_make(bytes, len), text);
        bytes[bit / 8] ^= (uint8_t)(1u << bit % 8);
        enum challenge_verdict v =
            spend_as(c, &ada, slice_make(text, sizeof text), slice_from_string(solution), NOW_US);
        assert_true(v == CHALLENGE_FORGED || (bit < 16 && v == CHALLENGE_MALFORMED));
    }
    assert_int_equal(spend(c, &made, solution, NOW_US), CHALLENGE_OK);
    challenges_destroy(c);
}

static void each_other_spelling_is_malformed(void **state)
{
    (void)state;
    struct challenges *c = make(&easy, 0);
    char solution[CHALLENGE_SOLUTION_CHARS + 2], text[CHALLENGE_TEXT_CHARS + 1];
    struct challenge made = issue(c, CHALLENGE_WORK, NOW_US);
    challenge_solve(&made, solution);
    struct slice right = slice_from_string(solution);
    for (size_t len = 0; len < CHALLENGE_TEXT_CHARS; len++)
        assert_int_equal(spend_as(c, &ada, slice_make(made.text, len), right, NOW_US),
                         CHALLENGE_MALFORMED);
    memcpy(text, made.text, CHALLENGE_TEXT_CHARS);
    text[CHALLENGE_TEXT_CHARS] = '=';
    assert_int_equal(spend_as(c, &ada, slice_make(text, sizeof text), right, NOW_US),
                     CHALLENGE_MALFORMED);
    for (size_t len = 0; len < CHALLENGE_SOLUTION_CHARS; len++)
        assert_int_equal(
            spend_as(c, &ada, slice_from_string(made.text), slice_make(solution, len), NOW_US),
            CHALLENGE_MALFORMED);
    for (const char *behind = "=A "; *behind; behind++) {
        solution[CHALLENGE_SOLUTION_CHARS] = *behind;
        assert_int_equal(spend_as(c, &ada, slice_from_string(made.text),
                                  slice_make(solution, CHALLENGE_SOLUTION_CHARS + 1), NOW_US),
                         CHALLENGE_MALFORMED);
    }
    /* 64 bytes leave four bits of the last character unused: they must be zero. */
    solution[CHALLENGE_SOLUTION_CHARS - 1]++;
    assert_int_equal(spend_as(c, &ada, slice_from_string(made.text),
                              slice_make(solution, CHALLENGE_SOLUTION_CHARS), NOW_US),
                     CHALLENGE_MALFORMED);
    challenges_destroy(c);
}

static void a_hundred_thousand_forged_ones_change_nothing(void **state)
{
    (void)state;
    struct challenges *c = make(&easy, 64);
    struct challenge made = issue(c, CHALLENGE_PATIENCE, NOW_US);
    uint8_t bytes[36];
    size_t len = 0;
    uint64_t random = 88172645463325252ull;
    assert_true(base64url_decode(slice_from_string(made.text), sizeof bytes, bytes, &len));
    for (int i = 0; i < 100000; i++) {
        char text[CHALLENGE_TEXT_CHARS];
        for (size_t k = 18; k < sizeof bytes; k++) {
            random ^= random << 13, random ^= random >> 7, random ^= random << 17;
            bytes[k] = (uint8_t)random;
        }
        base64url_encode(slice_make(bytes, sizeof bytes), text);
        assert_int_equal(
            spend_as(c, &ada, slice_make(text, sizeof text), SLICE(""), NOW_US + 21 * S),
            CHALLENGE_FORGED);
    }
    assert_int_equal(spend(c, &made, "", NOW_US + 21 * S), CHALLENGE_OK);
    challenges_destroy(c);
}

static void when_all_numbers_are_out_it_is_busy_until_the_next_generation(void **state)
{
    (void)state;
    enum { ROOM = 100 };
    struct challenges *c = make(&easy, ROOM);
    struct challenge made[ROOM], more;
    uint64_t generation = (120 + 20 * 5) * S; /* easy's longest wait */
    uint64_t start = NOW_US / generation * generation;
    for (int i = 0; i < ROOM; i++)
        made[i] = issue(c, CHALLENGE_PATIENCE, start);
    assert_false(challenge_issue(c, &ada, CHALLENGE_PATIENCE, 1, start, &more));
    for (int i = 0; i < ROOM; i++) {
        assert_int_equal(spend(c, &made[i], "", start + 20 * S), CHALLENGE_OK);
        assert_int_equal(spend(c, &made[i], "", start + 21 * S), CHALLENGE_REPEATED);
    }
    assert_false(challenge_issue(c, &ada, CHALLENGE_PATIENCE, 1, start + generation - 1, &more));
    assert_int_equal(challenges_counters(c).busy, 2);
    assert_true(challenge_issue(c, &ada, CHALLENGE_PATIENCE, 1, start + generation, &more));
    challenges_destroy(c);
}

/* At every moment of its life a used challenge is a repeat, whichever generation has begun, and
 * what is issued in between is none. */
static void a_repeat_is_seen_across_generations(void **state)
{
    (void)state;
    uint64_t generation = (120 + 20 * 5) * S;
    uint64_t start = NOW_US / generation * generation;
    for (uint64_t at = start; at < start + 2 * generation; at += 7 * S) {
        struct challenges *c = make(&easy, 1000);
        struct challenge made;
        assert_true(challenge_issue(c, &ada, CHALLENGE_PATIENCE, 5, at, &made));
        assert_int_equal(made.wait_seconds, 100);
        assert_int_equal(spend(c, &made, "", made.counts_from_us), CHALLENGE_OK);
        for (uint64_t now = made.counts_from_us; now < made.expires_at_us; now += S) {
            struct challenge other;
            assert_int_equal(spend(c, &made, "", now), CHALLENGE_REPEATED);
            assert_true(challenge_issue(c, &ada, CHALLENGE_PATIENCE, 1, now, &other));
            assert_int_equal(spend(c, &other, "", now), CHALLENGE_TOO_EARLY);
        }
        assert_int_equal(spend(c, &made, "", made.expires_at_us), CHALLENGE_EXPIRED);
        challenges_destroy(c);
    }
}

static void a_new_generation_has_all_its_numbers_again(void **state)
{
    (void)state;
    enum { ROOM = 100 };
    struct challenges *c = make(&easy, ROOM);
    uint64_t generation = (120 + 20 * 5) * S;
    uint64_t start = NOW_US / generation * generation;
    static const unsigned after[] = {0, 1, 2, 3, 7, 8, 11}; /* some pass without anybody */
    for (size_t g = 0; g < sizeof after / sizeof *after; g++) {
        struct challenge made[ROOM];
        uint64_t now = start + after[g] * generation;
        for (int i = 0; i < ROOM; i++)
            made[i] = issue(c, CHALLENGE_PATIENCE, now);
        for (int i = 0; i < ROOM; i++)
            assert_int_equal(spend(c, &made[i], "", now + 20 * S), CHALLENGE_OK);
        for (int i = 0; i < ROOM; i++)
            assert_int_equal(spend(c, &made[i], "", now + 20 * S), CHALLENGE_REPEATED);
    }
    challenges_destroy(c);
}

static void a_clock_that_goes_back_gives_no_second_use(void **state)
{
    (void)state;
    struct challenges *c = make(&easy, 0);
    struct challenge made = issue(c, CHALLENGE_PATIENCE, NOW_US);
    assert_int_equal(spend(c, &made, "", NOW_US + 30 * S), CHALLENGE_OK);
    assert_int_equal(spend(c, &made, "", NOW_US - 3600 * S), CHALLENGE_REPEATED);
    issue(c, CHALLENGE_PATIENCE, NOW_US + 3600 * S);
    assert_int_equal(spend(c, &made, "", NOW_US + 30 * S), CHALLENGE_EXPIRED);
    struct challenge late = issue(c, CHALLENGE_PATIENCE, NOW_US);
    assert_int_equal(late.counts_from_us, NOW_US + 3620 * S);
    challenges_destroy(c);
}

static void it_gets_harder_each_time_the_load_doubles(void **state)
{
    (void)state;
    static const struct {
        uint32_t joins_per_second, level;
    } rows[] = {{0, 0},   {99, 0},  {100, 0}, {101, 1},  {199, 1},  {200, 2},       {399, 2},
                {400, 3}, {799, 3}, {800, 4}, {1599, 4}, {1600, 5}, {UINT32_MAX, 5}};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        assert_int_equal(challenge_level(&easy, rows[i].joins_per_second), rows[i].level);
    struct challenge_policy never = easy, always = easy;
    never.joins_per_second = 0;
    always.joins_per_second = UINT32_MAX;
    assert_int_equal(challenge_level(&never, UINT32_MAX), 0);
    assert_int_equal(challenge_level(&always, UINT32_MAX), 0);
    struct challenges *c = make(&easy, 0);
    for (uint32_t level = 0; level < 9; level++) {
        struct challenge work, wait;
        uint32_t counted = level < 1 ? 1 : level > 5 ? 5 : level;
        assert_true(challenge_issue(c, &ada, CHALLENGE_WORK, level, NOW_US, &work));
        assert_true(challenge_issue(c, &ada, CHALLENGE_PATIENCE, level, NOW_US, &wait));
        assert_int_equal(work.bits, 3 + counted);
        assert_int_equal(wait.wait_seconds, 20 * counted);
    }
    challenges_destroy(c);
}

static void a_policy_out_of_bounds_is_refused_with_the_reason(void **state)
{
    (void)state;
    static const struct {
        struct challenge_policy policy;
        const char *part;
    } rows[] = {
        {{0, 0, 14, 20}, "between 1 and 22"},
        {{0, 23, 23, 20}, "between 1 and 22"},
        {{0, 14, 13, 20}, "fewer"},
        {{0, 14, 23, 20}, "more than 22"},
        {{0, 14, 18, 0}, "1 and 600 seconds"},
        {{0, 14, 18, 601}, "1 and 600 seconds"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct challenges *c = NULL;
        struct err err;
        assert_true(challenges_create(&rows[i].policy, 0, &c, &err) < 0);
        assert_null(c);
        assert_non_null(strstr(err.detail, rows[i].part));
    }
    const char *detail = NULL;
    assert_true(challenge_policy_valid(&CHALLENGE_POLICY_DEFAULT, &detail));
}

/* The solution that a program in another language, written from the header alone, found. */
static void the_hash_is_what_the_header_says(void **state)
{
    (void)state;
    struct challenge made = {.puzzles = 2, .bits = 12};
    char solution[CHALLENGE_SOLUTION_CHARS + 1];
    memset(made.text, 'A', CHALLENGE_TEXT_CHARS);
    challenge_solve(&made, solution);
    assert_string_equal(solution, "AAAozAAAAzc");
}

static void names_of_verdicts_are_all_there(void **state)
{
    (void)state;
    for (int i = 0; i < CHALLENGE_VERDICTS; i++)
        assert_non_null(challenge_verdict_name((enum challenge_verdict)i));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(work_is_taken_once),
        cmocka_unit_test(a_wrong_solution_is_refused_and_uses_nothing_up),
        cmocka_unit_test(one_solution_does_not_serve_for_two_puzzles),
        cmocka_unit_test(patience_counts_after_its_wait_and_once),
        cmocka_unit_test(a_challenge_ends_after_two_minutes),
        cmocka_unit_test(another_session_event_or_process_does_not_take_it),
        cmocka_unit_test(each_single_bit_change_is_refused),
        cmocka_unit_test(each_other_spelling_is_malformed),
        cmocka_unit_test(a_hundred_thousand_forged_ones_change_nothing),
        cmocka_unit_test(when_all_numbers_are_out_it_is_busy_until_the_next_generation),
        cmocka_unit_test(a_repeat_is_seen_across_generations),
        cmocka_unit_test(a_new_generation_has_all_its_numbers_again),
        cmocka_unit_test(a_clock_that_goes_back_gives_no_second_use),
        cmocka_unit_test(it_gets_harder_each_time_the_load_doubles),
        cmocka_unit_test(a_policy_out_of_bounds_is_refused_with_the_reason),
        cmocka_unit_test(the_hash_is_what_the_header_says),
        cmocka_unit_test(names_of_verdicts_are_all_there),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
