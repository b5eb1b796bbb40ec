/* Which requests a page of another origin has sent, by what browsers say about them. */
#include "api/auth.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static bool elsewhere(const char *fetch_site, const char *origin, const char *host,
                      const char *public_url)
{
    struct auth_origin o = {slice_from_string(fetch_site), slice_from_string(origin),
                            slice_from_string(host), public_url};
    return auth_from_elsewhere(&o);
}

static void clients_that_are_no_browsers_are_believed(void **state)
{
    (void)state;
    assert_false(elsewhere("", "", "tickets.example", NULL));
    assert_false(elsewhere("", "", "tickets.example", "https://tickets.example"));
}

static void what_the_browser_says_itself_counts_alone(void **state)
{
    (void)state;
    assert_false(elsewhere("same-origin", "https://inner.example", "outer.example", NULL));
    assert_false(elsewhere("none", "", "a.example", NULL));
    assert_true(elsewhere("cross-site", "http://a.example", "a.example", NULL));
    assert_true(elsewhere("same-site", "http://a.example", "a.example", NULL));
    assert_true(elsewhere("something-new", "", "a.example", NULL));
}

static void without_it_origin_must_be_the_host_asked(void **state)
{
    (void)state;
    assert_false(elsewhere("", "http://192.168.1.5:8080", "192.168.1.5:8080", NULL));
    assert_true(elsewhere("", "http://192.168.1.5:9000", "192.168.1.5:8080", NULL));
    assert_true(elsewhere("", "http://a.example.evil.example", "a.example", NULL));
    assert_true(elsewhere("", "https://evil.example", "a.example", NULL));
    assert_true(elsewhere("", "null", "a.example", NULL));
    assert_true(elsewhere("", "null", "null", NULL));
}

static void or_the_address_we_are_known_by(void **state)
{
    (void)state;
    assert_false(elsewhere("", "https://t.example", "127.0.0.1:8080", "https://t.example"));
    assert_false(elsewhere("", "https://t.example", "127.0.0.1:8080", "https://t.example/"));
    assert_true(elsewhere("", "https://t.example:444", "127.0.0.1:8080", "https://t.example"));
    assert_true(elsewhere("", "http://t.example", "127.0.0.1:8080", "https://t.example"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(clients_that_are_no_browsers_are_believed),
        cmocka_unit_test(what_the_browser_says_itself_counts_alone),
        cmocka_unit_test(without_it_origin_must_be_the_host_asked),
        cmocka_unit_test(or_the_address_we_are_known_by),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
