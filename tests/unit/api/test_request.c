/* Reading bodies: unknown members, bounds, types; the first fault counts and names its member. */
#include "api/request.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

static struct request read_text(const char *body)
{
    struct request r;
    request_read(slice_from_string(body), &r);
    return r;
}

static void a_body_is_one_object(void **state)
{
    (void)state;
    static const char *const bodies[] = {"",
                                         "[]",
                                         "1",
                                         "{",
                                         "{\"a\":1}{}",
                                         "{\"a\":1,\"a\":2}",
                                         "\"text\"",
                                         "{\"a\":\"\\u0000\"}",
                                         "{\"a\":1e999}"};
    for (size_t i = 0; i < sizeof bodies / sizeof bodies[0]; i++) {
        struct request r = read_text(bodies[i]);
        if (!r.failed || r.problem != PROBLEM_BAD_JSON)
            fail_msg("taken: %s", bodies[i]);
        request_finish(&r);
    }
    struct request r = read_text(" {} ");
    assert_false(r.failed);
    request_finish(&r);
}

static void a_body_that_nests_too_deep_is_refused(void **state)
{
    (void)state;
    char body[LIMIT_JSON_DEPTH * 2 + 32] = "{\"a\":";
    for (unsigned i = 0; i < LIMIT_JSON_DEPTH; i++)
        strcat(body, "[");
    for (unsigned i = 0; i < LIMIT_JSON_DEPTH; i++)
        strcat(body, "]");
    strcat(body, "}");
    struct request r = read_text(body);
    assert_true(r.failed);
    assert_int_equal(r.problem, PROBLEM_BAD_JSON);
    request_finish(&r);
}

static void members_nobody_knows_are_refused_but_x_ones(void **state)
{
    (void)state;
    struct request r = read_text("{\"name\":1,\"x_more\":2}");
    request_members(&r, r.root, "", "name other");
    assert_false(r.failed);
    request_finish(&r);
    static const char *const bodies[] = {"{\"nam\":1}", "{\"name \":1}", "{\"name other\":1}",
                                         "{\"\":1}", "{\"X_y\":1}"};
    for (size_t i = 0; i < sizeof bodies / sizeof bodies[0]; i++) {
        r = read_text(bodies[i]);
        request_members(&r, r.root, "venue", "name other");
        if (!r.failed || r.problem != PROBLEM_UNKNOWN_MEMBER)
            fail_msg("taken: %s", bodies[i]);
        assert_memory_equal(r.member, "venue.", 6);
        request_finish(&r);
    }
}

struct text_case {
    const char *body;
    const char *text; /* NULL: refused */
};

static void texts_keep_their_bounds(void **state)
{
    (void)state;
    static const struct text_case cases[] = {
        {"{\"t\":\"abcde\"}", "abcde"},
        {"{\"t\":\"abcdef\"}", NULL},
        {"{\"t\":\"\"}", NULL},
        {"{\"t\":null}", NULL},
        {"{}", NULL},
        {"{\"t\":5}", NULL},
        {"{\"t\":\"a\\nb\"}", NULL},
        {"{\"t\":\"\\u007f\"}", NULL},
        {"{\"t\":\"äö\"}", "äö"},
        {"{\"t\":[\"a\"]}", NULL},
    };
    static const struct text_rule rule = {.max_bytes = 5, .required = true};
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct request r = read_text(cases[i].body);
        struct slice text = request_text(&r, r.root, "t", &rule);
        if (r.failed != (cases[i].text == NULL))
            fail_msg("%s: %s", cases[i].body, r.detail);
        if (cases[i].text)
            assert_true(slice_equal(text, slice_from_string(cases[i].text)));
        else
            assert_string_equal(r.member, "t");
        request_finish(&r);
    }
}

static void integers_keep_their_range_and_are_no_fractions(void **state)
{
    (void)state;
    static const struct integer_rule rule = {"areas", 1, 9, 4, false};
    static const char *const wrong[] = {"{\"n\":0}",     "{\"n\":10}",   "{\"n\":1.0}",
                                        "{\"n\":\"1\"}", "{\"n\":true}", "{\"n\":-1}"};
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        struct request r = read_text(wrong[i]);
        (void)request_integer(&r, r.root, "n", &rule);
        if (!r.failed)
            fail_msg("taken: %s", wrong[i]);
        assert_string_equal(r.member, "areas.n");
        request_finish(&r);
    }
    struct request r = read_text("{\"n\":9,\"z\":null}");
    assert_int_equal(request_integer(&r, r.root, "n", &rule), 9);
    assert_int_equal(request_integer(&r, r.root, "z", &rule), 4);
    assert_int_equal(request_integer(&r, r.root, "gone", &rule), 4);
    assert_false(r.failed);
    request_finish(&r);
}

static void the_first_fault_counts(void **state)
{
    (void)state;
    struct request r = read_text("{}");
    request_fail(&r, PROBLEM_BAD_VALUE, "a", "first");
    request_fail(&r, PROBLEM_EMAIL_INVALID, "b", "second");
    assert_int_equal(r.problem, PROBLEM_BAD_VALUE);
    assert_string_equal(r.member, "a");
    assert_string_equal(r.detail, "first");
    request_finish(&r);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_body_is_one_object),
        cmocka_unit_test(a_body_that_nests_too_deep_is_refused),
        cmocka_unit_test(members_nobody_knows_are_refused_but_x_ones),
        cmocka_unit_test(texts_keep_their_bounds),
        cmocka_unit_test(integers_keep_their_range_and_are_no_fractions),
        cmocka_unit_test(the_first_fault_counts),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
