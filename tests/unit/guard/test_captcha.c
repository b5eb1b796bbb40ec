#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>

#include "guard/captcha.h"

static const struct captcha_settings turnstile = {CAPTCHA_TURNSTILE, "site", "se/cret+1",
                                                  "tickets.example", NULL};
static const struct captcha_settings hcaptcha = {CAPTCHA_HCAPTCHA, "si-te", "secret", NULL, NULL};
static const struct captcha_settings off = {0};

static void it_is_off_unless_all_is_set(void **state)
{
    (void)state;
    static const struct {
        struct captcha_settings settings;
        const char *part; /* NULL: fine */
    } rows[] = {
        {{CAPTCHA_OFF, NULL, NULL, NULL, NULL}, NULL},
        {{CAPTCHA_TURNSTILE, "site", "secret", NULL, NULL}, NULL},
        {{CAPTCHA_HCAPTCHA, "site", "secret", "a.example", NULL}, NULL},
        {{CAPTCHA_TURNSTILE, NULL, "secret", NULL, NULL}, "site key"},
        {{CAPTCHA_TURNSTILE, "a\"b", "secret", NULL, NULL}, "site key"},
        {{CAPTCHA_TURNSTILE, "site", "", NULL, NULL}, "secret"},
        {{CAPTCHA_TURNSTILE, "same", "same", NULL, NULL}, "the same"},
        {{CAPTCHA_TURNSTILE, "site", "secret", "a b", NULL}, "host name"},
        {{CAPTCHA_TURNSTILE, "site", "secret", NULL, "https://a.example/verify"}, NULL},
        {{CAPTCHA_TURNSTILE, "site", "secret", NULL, "http://127.0.0.1:1"}, NULL},
        {{CAPTCHA_TURNSTILE, "site", "secret", NULL, "ftp://a.example"}, "address"},
        {{CAPTCHA_TURNSTILE, "site", "secret", NULL, "https://a b"}, "address"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct err err = {""};
        int result = captcha_check(&rows[i].settings, &err);
        assert_int_equal(result < 0, rows[i].part != NULL);
        if (rows[i].part && !strstr(err.detail, rows[i].part))
            fail_msg("%s", err.detail);
    }
    assert_null(captcha_url(&off));
    assert_string_equal(captcha_url(&hcaptcha), "https://api.hcaptcha.com/siteverify");
    struct captcha_settings own = hcaptcha;
    own.url = "http://verifier.example/";
    assert_string_equal(captcha_url(&own), own.url);
    struct captcha_origins none = captcha_origins(CAPTCHA_OFF);
    assert_string_equal(none.script, "");
    assert_string_equal(none.frame, "");
    assert_string_equal(captcha_origins(CAPTCHA_TURNSTILE).script,
                        "https://challenges.cloudflare.com");
    enum captcha_provider provider = CAPTCHA_OFF;
    assert_true(captcha_provider_of(SLICE("hcaptcha"), &provider));
    assert_int_equal(provider, CAPTCHA_HCAPTCHA);
    assert_string_equal(captcha_provider_name(provider), "hcaptcha");
    assert_false(captcha_provider_of(SLICE("recaptcha"), &provider));
}

static void the_request_is_a_form_that_nothing_breaks_out_of(void **state)
{
    (void)state;
    BUF_AUTO struct buf body = BUF_INIT;
    assert_true(captcha_request(&turnstile, SLICE("to.ken&secret=x"), &body));
    assert_true(
        slice_equal(buf_slice(&body), SLICE("secret=se%2Fcret%2B1&response=to.ken%26secret%3Dx")));
    buf_clear(&body);
    assert_true(captcha_request(&hcaptcha, SLICE("t"), &body));
    assert_true(slice_equal(buf_slice(&body), SLICE("secret=secret&response=t&sitekey=si-te")));
    char longest[CAPTCHA_TOKEN_MAX + 1];
    memset(longest, 'x', sizeof longest);
    buf_clear(&body);
    assert_true(captcha_request(&turnstile, slice_make(longest, CAPTCHA_TOKEN_MAX), &body));
    assert_false(captcha_request(&turnstile, slice_make(longest, sizeof longest), &body));
    assert_false(captcha_request(&turnstile, SLICE(""), &body));
    assert_false(captcha_request(&turnstile, SLICE("a\nb"), &body));
    assert_false(captcha_request(&off, SLICE("a"), &body));
}

static void only_a_clear_yes_is_a_yes(void **state)
{
    (void)state;
    static const struct {
        int status;
        const char *body;
        enum captcha_verdict verdict;
    } rows[] = {
        {200, "{\"success\":true,\"hostname\":\"tickets.example\"}", CAPTCHA_HUMAN},
        {200, "{\"success\":true,\"hostname\":\"evil.example\"}", CAPTCHA_REFUSED},
        {200, "{\"success\":true}", CAPTCHA_REFUSED},
        {200, "{\"success\":false,\"error-codes\":[\"timeout-or-duplicate\"]}", CAPTCHA_REFUSED},
        {200, "{\"success\":false}", CAPTCHA_REFUSED},
        {200, "{\"success\":false,\"error-codes\":[\"invalid-input-secret\"]}",
         CAPTCHA_UNAVAILABLE},
        {200, "{\"success\":false,\"error-codes\":[7,\"internal-error\"]}", CAPTCHA_UNAVAILABLE},
        {200, "{\"success\":\"true\"}", CAPTCHA_UNAVAILABLE},
        {200, "{\"success\":1}", CAPTCHA_UNAVAILABLE},
        {200, "{\"success\":false,\"success\":true}", CAPTCHA_UNAVAILABLE},
        {200, "[true]", CAPTCHA_UNAVAILABLE},
        {200, "", CAPTCHA_UNAVAILABLE},
        {200, "<html>", CAPTCHA_UNAVAILABLE},
        {500, "{\"success\":true,\"hostname\":\"tickets.example\"}", CAPTCHA_UNAVAILABLE},
        {0, "", CAPTCHA_UNAVAILABLE},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        if (captcha_read(&turnstile, rows[i].status, slice_from_string(rows[i].body)) !=
            rows[i].verdict)
            fail_msg("row %zu", i);
    }
    assert_int_equal(captcha_read(&hcaptcha, 200, SLICE("{\"success\":true}")), CAPTCHA_HUMAN);
    assert_int_equal(captcha_read(&off, 200, SLICE("{\"success\":true}")), CAPTCHA_UNAVAILABLE);
    assert_int_equal(captcha_read(&hcaptcha, 200, slice_make(NULL, 0)), CAPTCHA_UNAVAILABLE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(it_is_off_unless_all_is_set),
        cmocka_unit_test(the_request_is_a_form_that_nothing_breaks_out_of),
        cmocka_unit_test(only_a_clear_yes_is_a_yes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
