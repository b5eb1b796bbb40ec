/* Public identifiers. */
#include "base/id.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

static void ids_come_back_from_their_text(void **state)
{
    (void)state;
    static const struct id ids[] = {{0, 0, 0},
                                    {1, 2, 3},
                                    {0x12345678, 0x9abcdef0, 0x0fedcba987654321},
                                    {UINT32_MAX, UINT32_MAX, UINT64_MAX}};
    for (int type = 0; type < ID_TYPE_COUNT; type++)
        for (size_t i = 0; i < 4; i++) {
            char text[ID_TEXT_MAX];
            struct id back;
            size_t len = id_format((enum id_type)type, ids[i], text);
            assert_int_equal(len, 30);
            assert_int_equal(strlen(text), len);
            assert_true(id_parse((enum id_type)type, slice_make(text, len), &back));
            assert_true(back.partition == ids[i].partition && back.slot == ids[i].slot &&
                        back.random == ids[i].random);
        }
}

static void the_text_is_big_endian_base32(void **state)
{
    (void)state;
    char text[ID_TEXT_MAX];
    id_format(ID_HOLD, (struct id){0, 0, 31}, text);
    assert_string_equal(text, "hld_0000000000000000000000000z");
    id_format(ID_EVENT, (struct id){UINT32_MAX, UINT32_MAX, UINT64_MAX}, text);
    assert_string_equal(text, "evt_7zzzzzzzzzzzzzzzzzzzzzzzzz");
    id_format(ID_TICKET, (struct id){0x80000000, 0, 0}, text);
    assert_string_equal(text, "tkt_40000000000000000000000000");
}

static void any_other_spelling_is_refused(void **state)
{
    (void)state;
    static const char *const wrong[] = {
        "",
        "hld",
        "hld_",
        "ord_0000000000000000000000000z", /* another type */
        "hld-0000000000000000000000000z",
        "hld_000000000000000000000000z",   /* short */
        "hld_00000000000000000000000000z", /* long */
        "hld_0000000000000000000000000Z",  /* upper case */
        "hld_0000000000000000000000000u",  /* not in the alphabet */
        "hld_0000000000000000000000000i",
        "hld_000000000000 000000000000z",
        "hld_8000000000000000000000000z", /* over 128 bits */
        "HLD_0000000000000000000000000z",
    };
    struct id id;
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++)
        assert_false(id_parse(ID_HOLD, slice_from_string(wrong[i]), &id));
    char nul[30] = "hld_0000000000000000000000000";
    assert_false(id_parse(ID_HOLD, slice_make(nul, 30), &id)); /* ends in a NUL byte */
    assert_false(id_parse(ID_HOLD, slice_make(NULL, 0), &id));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(ids_come_back_from_their_text),
        cmocka_unit_test(the_text_is_big_endian_base32),
        cmocka_unit_test(any_other_spelling_is_refused),
    };
    return cmocka_run_group_tests_name("base id", tests, NULL, NULL);
}
