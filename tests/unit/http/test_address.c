#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "http/address.h"

static void the_client_is_the_rightmost_hop_that_is_not_trusted(void **state)
{
    (void)state;
    static const struct {
        const char *trusted, *peer, *forwarded, *client;
    } table[] = {
        {"", "192.0.2.1", "203.0.113.9", "192.0.2.1"},
        {"10.0.0.0/8", "192.0.2.1", "203.0.113.9", "192.0.2.1"},
        {"10.0.0.0/8", "10.1.1.1", "", "10.1.1.1"},
        {"10.0.0.0/8", "10.1.1.1", "203.0.113.9", "203.0.113.9"},
        {"10.0.0.0/8", "10.1.1.1", "1.2.3.4, 203.0.113.9", "203.0.113.9"},
        {"10.0.0.0/8", "10.1.1.1", "1.2.3.4, 203.0.113.9 ,10.9.9.9", "203.0.113.9"},
        {"10.0.0.0/8", "10.1.1.1", "10.2.2.2,10.3.3.3", "10.2.2.2"},
        {"10.0.0.0/8", "10.1.1.1", "1.2.3.4, rubbish", "10.1.1.1"},
        {"10.0.0.0/8", "10.1.1.1", "1.2.3.4,", "10.1.1.1"},
        {"10.0.0.0/8", "10.1.1.1", "203.0.113.9:4711", "203.0.113.9"},
        {"10.0.0.0/8 ::1", "::1", "2001:db8::7", "2001:db8::7"},
        {"10.0.0.0/8 ::1", "::1", "[2001:db8::7]:443", "2001:db8::7"},
        {"2001:db8:1::/48", "2001:db8:1:2::3", "1.2.3.4", "1.2.3.4"},
        {"2001:db8:1::/48", "2001:db8:2:2::3", "1.2.3.4", "2001:db8:2:2::3"},
        {"10.0.0.0/8", "::ffff:10.1.1.1", "1.2.3.4", "1.2.3.4"},
        {"192.0.2.128/25", "192.0.2.127", "1.2.3.4", "192.0.2.127"},
        {"192.0.2.128/25", "192.0.2.128", "1.2.3.4", "1.2.3.4"},
        {"192.0.2.5", "192.0.2.5", "1.2.3.4", "1.2.3.4"},
        {"0.0.0.0/0", "192.0.2.5", "1.2.3.4", "1.2.3.4"},
        {"0.0.0.0/0", "2001:db8::1", "1.2.3.4", "2001:db8::1"},
        {"::/0", "2001:db8::1", "1.2.3.4", "1.2.3.4"},
    };
    for (size_t i = 0; i < sizeof table / sizeof table[0]; i++) {
        struct address_set set;
        struct err err;
        struct http_address peer;
        char text[ADDRESS_TEXT_MAX];
        assert_int_equal(address_set_parse(table[i].trusted, &set, &err), 0);
        assert_true(address_parse(slice_from_string(table[i].peer), &peer));
        struct http_address client =
            address_of_client(&set, &peer, slice_from_string(table[i].forwarded));
        address_format(&client, text);
        if (strcmp(text, table[i].client) != 0)
            fail_msg("%s behind %s, %s: found %s, not %s", table[i].forwarded, table[i].peer,
                     table[i].trusted, text, table[i].client);
    }
}

static void wrong_lists_are_named(void **state)
{
    (void)state;
    static const char *const wrong[] = {"10.0.0.0/33", "10.0.0/8",   "::/129",     "localhost",
                                        "10.0.0.0/",   "10.0.0.0/x", "1.1.1.1:80", "/8"};
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        struct address_set set;
        struct err err;
        char list[64];
        snprintf(list, sizeof list, "127.0.0.1, %s", wrong[i]);
        assert_true(address_set_parse(list, &set, &err) < 0);
        assert_non_null(strstr(err.detail, wrong[i]));
    }
    struct address_set set = {.count = 9};
    struct err err;
    assert_int_equal(address_set_parse(NULL, &set, &err), 0);
    assert_int_equal(set.count, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_client_is_the_rightmost_hop_that_is_not_trusted),
        cmocka_unit_test(wrong_lists_are_named),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
