#include "unit/keys/support.h"

#include "keys/email.h"

/* One row for each reason, and the borders; NULL: valid. */
static const struct {
    const char *text, *reason;
} email_rows[] = {
    {"ada@example.org", NULL},
    {"  ada@example.org\r\n", NULL},
    {"a@b", NULL},
    {"ada.lovelace+tickets@mail.example-1.co.uk", NULL},
    {"!#$%&'*+-/=?^_`{|}~@example.org", NULL},
    {"j\xc3\xbcrgen@m\xc3\xbcnchen.example", NULL},
    {"\xe4\xba\xac@example.org", NULL},
    {"1234567890123456789012345678901234567890123456789012345678901234@example.org", NULL},
    {"a@123456789012345678901234567890123456789012345678901234567890123.org", NULL},
    {"", "the address is empty"},
    {"   ", "the address is empty"},
    {"ada.example.org", "the @ is missing"},
    {"ada@home@example.org", "there is more than one @"},
    {"@example.org", "the part before the @ is missing"},
    {"ada@", "the part after the @ is missing"},
    {"12345678901234567890123456789012345678901234567890123456789012345@example.org",
     "the part before the @ is longer than 64 bytes"},
    {"\"ada\"@example.org", "quotes before the @ are not supported"},
    {".ada@example.org", "a dot before the @ stands first, last or twice in a row"},
    {"ada.@example.org", "a dot before the @ stands first, last or twice in a row"},
    {"a..da@example.org", "a dot before the @ stands first, last or twice in a row"},
    {"ada<x>@example.org", "the part before the @ has a character that no address has there"},
    {"ada,eve@example.org", "the part before the @ has a character that no address has there"},
    {"ada lovelace@example.org", "the address has a blank inside"},
    {"ada@exam\nple.org", "the address has a control character"},
    {"ada@example.org\r\nBcc: eve@example.org", "the address has a control character"},
    {"ada\x7f@example.org", "the address has a control character"},
    {"ada\xc2\x85@example.org", "the address has a control character"},
    {"ada\xff@example.org", "the address is not valid UTF-8"},
    {"ada@[127.0.0.1]", "an address in brackets after the @ is not supported"},
    {"ada@example..org", "a dot after the @ stands first, last or twice in a row"},
    {"ada@example.org.", "a dot after the @ stands first, last or twice in a row"},
    {"ada@-example.org", "the part after the @ is not a host name"},
    {"ada@example-.org", "the part after the @ is not a host name"},
    {"ada@exa_mple.org", "the part after the @ is not a host name"},
    {"a@1234567890123456789012345678901234567890123456789012345678901234.org",
     "the part after the @ has a label longer than 63 bytes"},
};

static void each_reason_is_given_for_what_it_says(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof email_rows / sizeof *email_rows; i++) {
        const char *reason = NULL;
        bool valid = email_valid(slice_from_string(email_rows[i].text), &reason);
        if (valid != !email_rows[i].reason)
            fail_msg("row %zu: %s: %s", i, email_rows[i].text, valid ? "taken" : reason);
        if (!valid)
            assert_string_equal(reason, email_rows[i].reason);
    }
}

static void an_address_may_have_254_bytes_and_no_more(void **state)
{
    (void)state;
    char text[300];
    const char *reason = NULL;
    memset(text, 'a', sizeof text);
    text[1] = '@';
    for (size_t i = 50; i < sizeof text; i += 50)
        text[i] = '.';
    assert_true(email_valid(slice_make(text, 254), NULL));
    assert_false(email_valid(slice_make(text, 255), &reason));
    assert_string_equal(reason, "the address is longer than 254 bytes");
}

static void a_nul_inside_is_a_control_character(void **state)
{
    (void)state;
    const char *reason = NULL;
    assert_false(email_valid(SLICE("ada\0@example.org"), &reason));
    assert_string_equal(reason, "the address has a control character");
}

static void spellings_of_one_mailbox_have_one_normal_form(void **state)
{
    (void)state;
    static const char *const same[] = {"ada@example.org", "Ada@Example.ORG", "\tADA@EXAMPLE.org "};
    static const char *const others[] = {"ad.a@example.org", "ada+x@example.org",
                                         "ada@example.com"};
    char text[LIMIT_EMAIL_BYTES];
    for (size_t i = 0; i < 3; i++) {
        size_t len = email_normalise(slice_from_string(same[i]), text);
        assert_true(slice_equal(slice_make(text, len), SLICE("ada@example.org")));
        len = email_normalise(slice_from_string(others[i]), text);
        assert_false(slice_equal(slice_make(text, len), SLICE("ada@example.org")));
    }
}

/* Rows of one number are one buyer; rows of different numbers are not. */
static void what_reaches_one_person_counts_as_one_for_limits(void **state)
{
    (void)state;
    static const struct {
        int person;
        const char *text, *form;
    } rows[] = {
        {1, "ada@example.org", "ada@example.org"},
        {1, " Ada+Tickets@Example.ORG", "ada@example.org"},
        {1, "ada+@example.org", "ada@example.org"},
        {1, "ada+a+b@example.org", "ada@example.org"},
        {2, "a.da@example.org", "a.da@example.org"},
        {2, "a.da+x@example.org", "a.da@example.org"},
        {3, "adalovelace@gmail.com", "adalovelace@gmail.com"},
        {3, "Ada.Lovelace@gmail.com", "adalovelace@gmail.com"},
        {3, "a.d.a.love.lace+seats.2@GoogleMail.com", "adalovelace@gmail.com"},
        {4, "ada.lovelace@mail.gmail.com", "ada.lovelace@mail.gmail.com"},
        {5, "ada.lovelace@notgmail.com", "ada.lovelace@notgmail.com"},
        {6, "+ada@example.org", "+ada@example.org"},
        {6, "+ada+x@example.org", "+ada@example.org"},
        {7, "j\xc3\xbcrgen+x@m\xc3\xbcnchen.example", "j\xc3\xbcrgen@m\xc3\xbcnchen.example"},
        {8, "J\xc3\x9cRGEN@m\xc3\xbcnchen.example", "j\xc3\x9crgen@m\xc3\xbcnchen.example"},
        {9, "ada@xn--mnchen-3ya.example", "ada@xn--mnchen-3ya.example"},
        {10, "ada@gmail.co", "ada@gmail.co"},
        {11, "ada-tickets@yahoo.com", "ada-tickets@yahoo.com"},
    };
    enum { ROWS = sizeof rows / sizeof *rows };
    char forms[ROWS][LIMIT_EMAIL_BYTES];
    size_t lens[ROWS];
    for (size_t i = 0; i < ROWS; i++) {
        assert_true(email_valid(slice_from_string(rows[i].text), NULL));
        lens[i] = email_limit_form(slice_from_string(rows[i].text), forms[i]);
        struct slice form = slice_make(forms[i], lens[i]);
        if (!slice_equal(form, slice_from_string(rows[i].form)))
            fail_msg("%s became %.*s", rows[i].text, SLICE_ARG(form));
        for (size_t k = 0; k < i; k++)
            assert_int_equal(slice_equal(form, slice_make(forms[k], lens[k])),
                             rows[i].person == rows[k].person);
    }
}

static void an_address_as_long_as_allowed_has_a_limit_form(void **state)
{
    (void)state;
    char text[LIMIT_EMAIL_BYTES], form[LIMIT_EMAIL_BYTES];
    memset(text, 'a', sizeof text);
    text[1] = '@';
    assert_int_equal(email_limit_form(slice_make(text, sizeof text), form), sizeof text);
    assert_memory_equal(text, form, sizeof text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_reason_is_given_for_what_it_says),
        cmocka_unit_test(an_address_may_have_254_bytes_and_no_more),
        cmocka_unit_test(a_nul_inside_is_a_control_character),
        cmocka_unit_test(spellings_of_one_mailbox_have_one_normal_form),
        cmocka_unit_test(what_reaches_one_person_counts_as_one_for_limits),
        cmocka_unit_test(an_address_as_long_as_allowed_has_a_limit_form),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
