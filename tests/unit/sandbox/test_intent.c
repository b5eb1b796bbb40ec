#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "sandbox/intent.h"

#include <stdlib.h>

static struct intent fresh(bool manual)
{
    return (struct intent){.capture = manual ? INTENT_MANUAL : INTENT_AUTOMATIC,
                           .amount = 1000,
                           .status = INTENT_REQUIRES_PAYMENT_METHOD};
}

static const struct method *card(const char *method)
{
    struct slice own;
    const struct method *found = method_by_name(slice_from_string(method), &own);
    assert_non_null(found);
    assert_int_equal(own.len, 0);
    return found;
}

/* Random calls in any order never break the books. */
static void amounts_stay_in_order_whatever_is_called(void **state)
{
    static const char *const methods[] = {"pm_card_visa", "pm_card_chargeDeclined",
                                          "pm_card_authenticationRequired", "pm_success_de"};
    (void)state;
    srand(1);
    for (int run = 0; run < 2000; run++) {
        struct intent i = fresh(rand() % 2);
        int64_t received_once = 0;
        for (int step = 0; step < 20; step++) {
            switch (rand() % 8) {
            case 0: intent_confirm(&i, card(methods[rand() % 4]), "ch_1", INTENT_STRAIGHT); break;
            case 1: intent_authenticate(&i, rand() % 2); break;
            case 2: intent_capture(&i, rand() % 1200); break;
            case 3: intent_cancel(&i, "abandoned", 5); break;
            case 4: intent_refund(&i, rand() % 1200); break;
            case 6: intent_dispute(&i, rand() % 1200); break;
            case 7:
                if (i.disputed)
                    intent_undispute(&i, 1 + rand() % i.disputed);
                if (i.refunded)
                    intent_unrefund(&i, 1 + rand() % i.refunded);
                break;
            case 5:
                if (rand() % 2)
                    intent_confirm(&i, card("pm_card_visa"), "ch_2", INTENT_LATE);
                else
                    intent_settle(&i);
                break;
            }
            assert_true(0 <= i.refunded && 0 <= i.disputed &&
                        i.refunded + i.disputed <= i.received && i.received <= i.amount);
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
    assert_int_equal(intent_confirm(&i, card("pm_card_visa"), "ch_1", INTENT_STRAIGHT),
                     INTENT_OUTCOME_AUTHORISED);
    assert_int_equal(i.status, INTENT_SUCCEEDED);
    assert_int_equal(i.received, 1000);
}

static void each_card_has_its_place_for_ever(void **state)
{
    (void)state;
    for (int at = 0; method_at(at); at++)
        assert_int_equal(method_index(method_at(at)), at);
    assert_null(method_at(-1));
    assert_int_equal(method_index(card("pm_card_visa")), 2); /* stored in books that exist */
    assert_int_equal(method_index(card("pm_card_chargeDeclined")), 14);
}

static void a_method_may_have_a_card_of_its_own(void **state)
{
    struct slice own;
    static const char *const unknown[] = {
        "",
        "pm_card_unheard_of",
        "pm_card_visa_",
        "pm_card_visa17",
        "_17",
        "17",
        "pm_card_visa_1x",
        "pm_card_visa_1234567890123456789",
        "pm_17",
    };
    (void)state;
    assert_ptr_equal(method_by_name(SLICE("pm_card_visa_17"), &own), card("pm_card_visa"));
    assert_true(slice_equal(own, SLICE("17")));
    assert_ptr_equal(
        method_by_name(SLICE("pm_card_threeDSecure2Required_123456789012345678"), &own),
        card("pm_card_threeDSecure2Required"));
    assert_int_equal(own.len, METHOD_OWN_DIGITS_MAX);
    for (size_t i = 0; i < sizeof unknown / sizeof unknown[0]; i++)
        assert_null(method_by_name(slice_from_string(unknown[i]), &own));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(amounts_stay_in_order_whatever_is_called),
        cmocka_unit_test(automatic_capture_takes_the_money_at_once),
        cmocka_unit_test(each_card_has_its_place_for_ever),
        cmocka_unit_test(a_method_may_have_a_card_of_its_own),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
