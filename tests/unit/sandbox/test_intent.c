#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "sandbox/form.h"
#include "sandbox/intent.h"

#include <stdlib.h>

static struct intent fresh(bool manual)
{
    return (struct intent){
        .manual = manual, .amount = 1000, .status = INTENT_REQUIRES_PAYMENT_METHOD};
}

static const struct card *card(const char *method)
{
    const struct card *found = card_by_method(slice_from_string(method));
    assert_non_null(found);
    return found;
}

/* Random calls in any order never break the books. */
static void amounts_stay_in_order_whatever_is_called(void **state)
{
    static const char *const methods[] = {"pm_card_visa", "pm_card_chargeDeclined",
                                          "pm_card_authenticationRequired"};
    (void)state;
    srand(1);
    for (int run = 0; run < 2000; run++) {
        struct intent i = fresh(rand() % 2);
        int64_t received_once = 0;
        for (int step = 0; step < 20; step++) {
            switch (rand() % 6) {
            case 0: intent_confirm(&i, card(methods[rand() % 3]), "ch_1"); break;
            case 1: intent_authenticate(&i, rand() % 2); break;
            case 2: intent_capture(&i, rand() % 1200); break;
            case 3: intent_cancel(&i, "abandoned", 5); break;
            case 4: intent_refund(&i, rand() % 1200); break;
            case 5:
                if (rand() % 2)
                    intent_confirm_later(&i, card("pm_card_visa"), "ch_2");
                else
                    intent_settle(&i);
                break;
            }
            assert_true(0 <= i.refunded && i.refunded <= i.received && i.received <= i.amount);
            assert_true(i.capturable == 0 || i.status == INTENT_REQUIRES_CAPTURE);
            assert_true(i.received == 0 || i.status == INTENT_SUCCEEDED);
            if (received_once)
                assert_int_equal(i.received, received_once); /* taken at most once */
            received_once = i.received;
        }
    }
}

static void automatic_capture_takes_the_money_at_once(void **state)
{
    struct intent i = fresh(false);
    (void)state;
    assert_int_equal(intent_confirm(&i, card("pm_card_visa"), "ch_1"), INTENT_OUTCOME_AUTHORISED);
    assert_int_equal(i.status, INTENT_SUCCEEDED);
    assert_int_equal(i.received, 1000);
}

static void each_card_has_its_place_for_ever(void **state)
{
    (void)state;
    for (int at = 0; card_at(at); at++)
        assert_int_equal(card_index(card_at(at)), at);
    assert_null(card_at(-1));
    assert_int_equal(card_index(card("pm_card_visa")), 2); /* stored in books that exist */
    assert_int_equal(card_index(card("pm_card_chargeDeclined")), 14);
    assert_null(card_by_method(SLICE("")));
    assert_null(card_by_method(SLICE("pm_card_unheard_of")));
}

static void forms_are_read_as_browsers_write_them(void **state)
{
    static const struct {
        const char *body, *name, *value;
        int count; /* -1: refused */
    } rows[] = {
        {"a=1&b=2", "b", "2", 2},
        {"a=1&a=2", "a", "1", 2},
        {"metadata%5Border_id%5D=ord_1", "metadata[order_id]", "ord_1", 1},
        {"n=a+b%20c%2B", "n", "a b c+", 1},
        {"a", "a", "", 1},
        {"a==b", "a", "=b", 1},
        {"&&a=1&", "a", "1", 1},
        {"", "a", "", 0},
        {"a=%C3%A9", "a", "\xc3\xa9", 1},
        {"a=%", "", "", -1},
        {"a=%4", "", "", -1},
        {"a=%G0", "", "", -1},
        {"a=%00", "", "", -1},
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct form form;
        char memory[128];
        bool fine = form_read(slice_from_string(rows[i].body), memory, &form);
        assert_int_equal(fine, rows[i].count >= 0);
        if (!fine)
            continue;
        assert_int_equal(form.count, rows[i].count);
        assert_true(slice_equal(form_get(&form, rows[i].name), slice_from_string(rows[i].value)));
    }
}

static void a_form_with_too_many_fields_is_refused(void **state)
{
    char body[4 * (FORM_FIELDS_MAX + 1)], memory[sizeof body];
    struct form form;
    (void)state;
    for (size_t i = 0; i <= FORM_FIELDS_MAX; i++)
        memcpy(body + 4 * i, "a=1&", 4);
    assert_true(form_read(slice_make(body, 4 * FORM_FIELDS_MAX), memory, &form));
    assert_false(form_read(slice_make(body, sizeof body), memory, &form));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(amounts_stay_in_order_whatever_is_called),
        cmocka_unit_test(automatic_capture_takes_the_money_at_once),
        cmocka_unit_test(each_card_has_its_place_for_ever),
        cmocka_unit_test(forms_are_read_as_browsers_write_them),
        cmocka_unit_test(a_form_with_too_many_fields_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
