#include "model/lockstep.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

/* Every run has the same worlds; other ones are for the long run (onsale-lockstep). */
static void machine_and_model_say_the_same_of_400000_random_commands(void **state)
{
    (void)state;
    struct lockstep_report report;
    assert_true(lockstep_run(1, 400000, &report));
    assert_int_equal(report.commands, 400000);
    assert_int_equal(lockstep_print(&report, false), 0); /* each answer and each entry occurred */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(machine_and_model_say_the_same_of_400000_random_commands),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
