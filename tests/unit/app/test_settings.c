#include "app/settings.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static struct settings read_ok(int argc, char **argv)
{
    struct settings s;
    struct err err = {""};
    if (settings_read(&s, argc, argv, &err) != 0)
        fail_msg("%s", err.detail);
    return s;
}

static void later_sources_win(void **state)
{
    (void)state;
    char path[] = "/tmp/onsale-settings-XXXXXX", config[64];
    int fd = mkstemp(path);
    assert_true(fd >= 0);
    dprintf(fd, "# of a test\nlisten = 127.0.0.1:1\n  data=/file  # why "
                "not\n\nlimit-session-per-second = 7\n");
    (void)close(fd);
    (void)snprintf(config, sizeof config, "--config=%s", path);
    (void)setenv("ONSALE_DATA", "/environment", 1);
    (void)setenv("ONSALE_MAX_STREAMS", "12", 1);
    char *argv[] = {config, "--max-streams", "13", "--sandbox", "--log_requests=no"};
    struct settings s = read_ok(5, argv);
    assert_string_equal(s.listen, "127.0.0.1:1");
    assert_string_equal(s.data, "/environment");
    assert_int_equal(s.limit_session_per_second, 7);
    assert_int_equal(s.max_streams, 13);
    assert_true(s.sandbox);
    assert_false(s.log_requests);
    assert_int_equal(s.limit_network_per_second, 200); /* nobody said otherwise */
    settings_finish(&s);
    (void)unsetenv("ONSALE_DATA");
    (void)unsetenv("ONSALE_MAX_STREAMS");
    (void)unlink(path);
}

static void each_mistake_is_named(void **state)
{
    (void)state;
    static const struct {
        char *argument, *wanted;
    } table[] = {
        {"--lisen=1", "did you mean \"listen\""},
        {"--limit_sesion_per_second=1", "did you mean \"limit_session_per_second\""},
        {"--max-streams=many", "wants a whole number"},
        {"--max-streams=-1", "wants a whole number"},
        {"--max-streams=99999999999", "wants a whole number"},
        {"--sandbox=perhaps", "wants yes or no"},
        {"--data", "wants a value"},
        {"serve", "is not a flag"},
        {"--config=/nowhere/onsale.conf", "cannot read the settings file"},
    };
    for (size_t i = 0; i < sizeof table / sizeof table[0]; i++) {
        struct settings s;
        struct err err = {""};
        char *argv[] = {table[i].argument};
        assert_int_equal(settings_read(&s, 1, argv, &err), -1);
        if (!strstr(err.detail, table[i].wanted))
            fail_msg("%s: %s", table[i].argument, err.detail);
    }
    struct settings s;
    struct err err = {""};
    (void)setenv("ONSALE_TYPO", "1", 1);
    assert_int_equal(settings_read(&s, 0, NULL, &err), -1);
    assert_non_null(strstr(err.detail, "environment"));
    (void)unsetenv("ONSALE_TYPO");
    char *help[] = {"--help"};
    assert_int_equal(settings_read(&s, 1, help, &err), 1);
}

static void addresses_are_read_or_refused(void **state)
{
    (void)state;
    char address[64];
    uint16_t port;
    struct err err;
    assert_int_equal(settings_listen("0.0.0.0:9000", address, &port, &err), 0);
    assert_string_equal(address, "0.0.0.0");
    assert_int_equal(port, 9000);
    assert_int_equal(settings_listen("[::1]:80", address, &port, &err), 0);
    assert_string_equal(address, "::1");
    static const char *const wrong[] = {
        "",   "8080", "127.0.0.1", "127.0.0.1:", "127.0.0.1:x", "127.0.0.1:65536", "127.0.0.1:-1",
        ":80"};
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++)
        assert_int_equal(settings_listen(wrong[i], address, &port, &err), -1);
}

static void a_captcha_is_off_until_all_of_it_is_set(void **state)
{
    (void)state;
    struct captcha_settings captcha;
    struct err err = {""};
    struct settings s = read_ok(0, NULL);
    assert_int_equal(settings_captcha(&s, &captcha, &err), 0);
    assert_int_equal(captcha.provider, CAPTCHA_OFF);
    settings_finish(&s);

    (void)setenv("ONSALE_CAPTCHA_SECRET", "s3cr3t", 1);
    char *whole[] = {"--captcha-provider=hcaptcha", "--captcha-site-key=key",
                     "--captcha-hostname=tickets.example", "--captcha-url=http://127.0.0.1:1/"};
    s = read_ok(4, whole);
    assert_int_equal(settings_captcha(&s, &captcha, &err), 0);
    assert_int_equal(captcha.provider, CAPTCHA_HCAPTCHA);
    assert_string_equal(captcha.site_key, "key");
    assert_string_equal(captcha.secret, "s3cr3t");
    assert_string_equal(captcha.hostname, "tickets.example");
    assert_string_equal(captcha_url(&captcha), "http://127.0.0.1:1/");
    settings_finish(&s);

    static const struct {
        char *argument[3], *wanted;
    } wrong[] = {
        {{"--captcha-provider=recaptcha"}, "off, turnstile or hcaptcha, not \"recaptcha\""},
        {{"--captcha-provider=turnstile"}, "captcha_provider is turnstile: the captcha needs a"},
        {{"--captcha-provider=turnstile", "--captcha-site-key=s3cr3t"}, "are the same"},
        {{"--captcha-provider=turnstile", "--captcha-site-key=k", "--captcha-secret="}, "a secret"},
        {{"--captcha-provider=turnstile", "--captcha-site-key=k", "--captcha-url=verify.example"},
         "address must begin with"},
        {{"--captcha-provider=turnstile", "--captcha-site-key=k", "--captcha-hostname=a b"},
         "host name"},
    };
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        char *argv[3];
        int argc = 0;
        while (argc < 3 && wrong[i].argument[argc]) {
            argv[argc] = wrong[i].argument[argc];
            argc++;
        }
        s = read_ok(argc, argv);
        assert_int_equal(settings_captcha(&s, &captcha, &err), -1);
        if (!strstr(err.detail, wrong[i].wanted))
            fail_msg("%s: %s", argv[argc - 1], err.detail);
        assert_null(strstr(err.detail, "s3cr3t"));
        settings_finish(&s);
    }
    (void)unsetenv("ONSALE_CAPTCHA_SECRET");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(later_sources_win),
        cmocka_unit_test(each_mistake_is_named),
        cmocka_unit_test(a_captcha_is_off_until_all_of_it_is_set),
        cmocka_unit_test(addresses_are_read_or_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
