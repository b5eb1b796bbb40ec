#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>

#include "guard/mailcheck.h"

static struct mailcheck *make(struct slice more)
{
    struct mailcheck *m = NULL;
    struct err err;
    if (mailcheck_create(more, &m, &err))
        fail_msg("%s", err.detail);
    return m;
}

static void the_built_in_list_is_sorted_and_in_lower_case(void **state)
{
    (void)state;
    for (size_t i = 0; i < mailcheck_built_in_count; i++) {
        const char *domain = mailcheck_built_in[i];
        if (i > 0 && strcmp(mailcheck_built_in[i - 1], domain) >= 0)
            fail_msg("%s stands behind %s", domain, mailcheck_built_in[i - 1]);
        for (const char *c = domain; *c; c++)
            assert_true((*c >= 'a' && *c <= 'z') || (*c >= '0' && *c <= '9') || *c == '-' ||
                        *c == '.');
    }
}

static void throw_away_hosts_and_their_subdomains_are_known(void **state)
{
    (void)state;
    static const struct {
        const char *email;
        bool disposable;
    } rows[] = {
        {"ada@mailinator.com", true},
        {"Ada@MAILINATOR.com", true},
        {" ada@mailinator.com\r\n", true},
        {"ada@sub.mailinator.com", true},
        {"ada@a.b.c.yopmail.com", true},
        {"ada@notmailinator.com", false},
        {"ada@mailinator.com.example.org", false},
        {"mailinator.com@example.org", false},
        {"ada@com", false},
        {"ada@", false},
        {"mailinator.com", false},
        {"", false},
        {"ada@0-mail.com", true},
        {"ada@zetmail.com", true},
        {"ada@icloud.com", false},
        {"ada@gmail.com", false},
    };
    struct mailcheck *m = make(SLICE(""));
    assert_int_equal(mailcheck_count(m), mailcheck_built_in_count);
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        if (mailcheck_is_disposable(m, slice_from_string(rows[i].email)) != rows[i].disposable)
            fail_msg("%s", rows[i].email);
    }
    mailcheck_destroy(m);
    mailcheck_destroy(NULL);
}

static void a_file_adds_to_the_list(void **state)
{
    (void)state;
    struct mailcheck *m = make(SLICE("# ours\n\n  Throw.Example  # a comment\r\n"
                                     "mailinator.com\nzzz.example\nthrow.example"));
    assert_int_equal(mailcheck_count(m), mailcheck_built_in_count + 2);
    assert_true(mailcheck_is_disposable(m, SLICE("a@throw.example")));
    assert_true(mailcheck_is_disposable(m, SLICE("a@x.zzz.example")));
    assert_false(mailcheck_is_disposable(m, SLICE("a@example")));
    mailcheck_destroy(m);
}

static void a_wrong_line_is_named(void **state)
{
    (void)state;
    static const struct {
        const char *text, *part;
    } rows[] = {{"a.example\nexample\n", "line 2"}, {"a b.example", "line 1"},
                {"\n\na@b.example", "line 3"},      {".example.org", "line 1"},
                {"example.org.", "line 1"},         {"a..example", "line 1"}};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct mailcheck *m = NULL;
        struct err err;
        assert_true(mailcheck_create(slice_from_string(rows[i].text), &m, &err) < 0);
        assert_null(m);
        assert_non_null(strstr(err.detail, rows[i].part));
    }
    struct mailcheck *m = NULL;
    assert_true(mailcheck_create(SLICE("a.example\0"), &m, &(struct err){{0}}) < 0);
}

static void a_host_longer_than_any_domain_is_no_hit(void **state)
{
    (void)state;
    char text[400];
    memset(text, 'a', sizeof text);
    text[0] = '@';
    memcpy(text + sizeof text - 15, ".mailinator.com", 15);
    struct mailcheck *m = make(SLICE(""));
    assert_false(mailcheck_is_disposable(m, slice_make(text, sizeof text)));
    mailcheck_destroy(m);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_built_in_list_is_sorted_and_in_lower_case),
        cmocka_unit_test(throw_away_hosts_and_their_subdomains_are_known),
        cmocka_unit_test(a_file_adds_to_the_list),
        cmocka_unit_test(a_wrong_line_is_named),
        cmocka_unit_test(a_host_longer_than_any_domain_is_no_hit),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
