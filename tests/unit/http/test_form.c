#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/buf.h"
#include "http/form.h"
#include "http/percent.h"

static void fields_are_decoded_and_found(void **state)
{
    (void)state;
    struct form form;
    struct err err;
    struct slice v;
    assert_int_equal(form_read(SLICE("amount=12550&currency=eur&metadata[order_id]=or_1&empty=&bare"
                                     "&&metadata%5Bnote%5D=a+b%26c%3D%C3%A4&payment_method=pm=x"),
                               &form, &err),
                     0);
    assert_int_equal(form.count, 7);
    assert_true(form_get(&form, "amount", &v) && slice_equal(v, SLICE("12550")));
    assert_true(form_get(&form, "metadata[order_id]", &v) && slice_equal(v, SLICE("or_1")));
    assert_true(form_get(&form, "metadata[note]", &v) && slice_equal(v, SLICE("a b&c=\xc3\xa4")));
    assert_true(form_get(&form, "empty", &v) && v.len == 0);
    assert_true(form_get(&form, "bare", &v) && v.len == 0);
    assert_true(form_get(&form, "payment_method", &v) && slice_equal(v, SLICE("pm=x")));
    assert_false(form_get(&form, "metadata", &v));
    size_t at = 0;
    struct slice key;
    assert_true(form_next_in(&form, "metadata", &at, &key, &v));
    assert_true(slice_equal(key, SLICE("order_id")) && slice_equal(v, SLICE("or_1")));
    assert_true(form_next_in(&form, "metadata", &at, &key, &v));
    assert_true(slice_equal(key, SLICE("note")));
    assert_false(form_next_in(&form, "metadata", &at, &key, &v));
    form_finish(&form);
    assert_int_equal(form_read(SLICE(""), &form, &err), 0);
    assert_int_equal(form.count, 0);
    form_finish(&form);
}

static void malformed_forms_are_refused(void **state)
{
    (void)state;
    static const struct {
        const char *text, *says;
    } table[] = {
        {"a=%", "percent"},   {"a=%4", "percent"},    {"a=%zz", "percent"},
        {"%=1", "percent"},   {"a=%00", "percent"},   {"a=%ff", "UTF-8"},
        {"a=1&a=2", "twice"}, {"a=1&%61=2", "twice"}, {"a=1&b=%C3", "field 2"},
    };
    for (size_t i = 0; i < sizeof table / sizeof table[0]; i++) {
        struct form form;
        struct err err = {""};
        if (form_read(slice_from_string(table[i].text), &form, &err) == 0 ||
            !strstr(err.detail, table[i].says))
            fail_msg("%s: \"%s\" does not say \"%s\"", table[i].text, err.detail, table[i].says);
    }
    BUF_AUTO struct buf b = BUF_INIT;
    for (int i = 0; i <= FORM_FIELDS_MAX; i++)
        buf_append_format(&b, "f%d=1&", i);
    struct form form;
    struct err err;
    assert_true(form_read(buf_slice(&b), &form, &err) < 0);
    assert_true(form_read(slice_make("a=b\0c", 5), &form, &err) < 0);
}

static void encoding_and_decoding_are_inverse_for_every_byte(void **state)
{
    (void)state;
    char all[255], back[255 * 3];
    for (int i = 0; i < 255; i++)
        all[i] = (char)(i + 1);
    BUF_AUTO struct buf b = BUF_INIT;
    percent_encode(&b, slice_make(all, sizeof all));
    size_t len;
    assert_true(percent_decode(buf_slice(&b), true, back, &len));
    assert_int_equal(len, sizeof all);
    assert_memory_equal(back, all, sizeof all);
    buf_clear(&b);
    percent_encode(&b, SLICE("aZ09-._~ /?+"));
    assert_true(slice_equal(buf_slice(&b), SLICE("aZ09-._~%20%2F%3F%2B")));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(fields_are_decoded_and_found),
        cmocka_unit_test(malformed_forms_are_refused),
        cmocka_unit_test(encoding_and_decoding_are_inverse_for_every_byte),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
