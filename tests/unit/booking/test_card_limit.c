#include "base/buf.h"
#include "unit/booking/script.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

/* What one card may buy: asked where a sale is decided, and nowhere else. The scripts are those of
 * script.h with a line more, "wants NAME WHO SEAT...": a hold NAMEh and its order NAME from the
 * address NAME@x; PAID and FULL are the outcomes that news may have. Seats cost 10.00, those of
 * category 1 (from seat 10 on) 20.00. */

#define PAID "ok PaymentCreated PaymentAuthorised OrderSold PaymentRequested"
#define FULL "ok PaymentCreated PaymentAuthorised OrderEnded PaymentRequested"

static void write_line(struct buf *out, const char *line, size_t len)
{
    char name[8], who[8];
    int read = 0;
    if (len > 6 && sscanf(line, "wants %7s %7s%n", name, who, &read) == 2) {
        buf_append_format(out, "%sh = hold %s%.*s -> ok UnitsHeld\n", name, who, (int)len - read,
                          line + read);
        buf_append_format(out, "%s = order %s %sh %s@x -> ok OrderPlaced PaymentRequested\n", name,
                          who, name, name);
        return;
    }
    const char *outcome = len > 4 ? line + len - 4 : "";
    bool is_paid = strncmp(outcome, "PAID", 4) == 0, is_full = strncmp(outcome, "FULL", 4) == 0;
    size_t kept = is_paid || is_full ? len - 4 : len;
    buf_append_format(out, "%.*s%s\n", (int)kept, line, is_paid ? PAID : is_full ? FULL : "");
}

static void run(const char *name, const char *script)
{
    BUF_AUTO struct buf text = BUF_INIT;
    for (const char *line = script; *line;) {
        size_t len = strcspn(line, "\n");
        write_line(&text, line, len);
        line += len + (line[len] == '\n');
    }
    buf_append_char(&text, 0);
    script_run(name, text.data);
}

#undef SCRIPT /* here one with these lines */
#define SCRIPT(name, text)         \
    static void name(void **state) \
    {                              \
        (void)state;               \
        run(#name, text);          \
    }

SCRIPT(a_card_has_so_many_whoever_orders,
       "event price 1000 fee 0 per_buyer 4\n"
       "wants a ann 0 1 2\n"
       "news a authorised 3000 pi_a card red    -> PAID\n"
       "wants b bob 3 4\n"
       "news b authorised 2000 pi_b card red    -> FULL\n"
       "expect order b ending card_limit quiet\n"
       "expect unit 3 free\n"
       "expect unit 4 free\n"
       "news b cancelled                        -> ok PaymentCancelled\n"
       "expect order b ended card_limit\n"
       "wants c cyd 3\n"
       "news c authorised 1000 pi_c card red    -> PAID\n"
       "wants d dan 4\n"
       "news d authorised 1000 pi_d card red    -> FULL\n"
       "wants e eve 4 5\n"
       "news e authorised 2000 pi_e card blue   -> PAID\n")

/* The race: neither order sees the other until the first is sold. */
SCRIPT(of_two_orders_paid_at_once_with_one_card_the_second_is_asked_what_is_left,
       "event price 1000 fee 0 per_buyer 3\n"
       "wants a ann 0 1\n"
       "wants b bob 2 3\n"
       "wants c cyd 4\n"
       "news b authorised 2000 pi_b card red    -> PAID\n"
       "news a authorised 2000 pi_a card red    -> FULL\n"
       "news c authorised 1000 pi_c card red    -> PAID\n"
       "news b captured 2000                    -> ok PaymentCaptured\n"
       "news a authorised 2000 pi_a card red    -> again    # what ended stays ended\n"
       "news b authorised 2000 pi_b card red    -> again\n")

SCRIPT(a_card_has_so_many_of_a_category,
       "event price 1000 fee 0 categories 2 limits 2,0 per_buyer 9\n"
       "wants b bob 0 1\n"
       "news b authorised 2000 pi_b card red    -> PAID\n"
       "wants c cyd 2\n"
       "news c authorised 1000 pi_c card red    -> FULL\n"
       "wants d dan 10 11 12\n"
       "news d authorised 6000 pi_d card red    -> PAID\n"
       "wants e eve 3 13\n"
       "news e authorised 3000 pi_e card red    -> FULL\n")

SCRIPT(an_unknown_card_has_no_limit, "event price 1000 fee 0 per_buyer 2\n"
                                     "wants a ann 0 1\n"
                                     "news a authorised 2000 pi_a             -> PAID\n"
                                     "wants b bob 2 3\n"
                                     "news b authorised 2000 pi_b             -> PAID\n")

/* Limits hold for what comes: what is held may be paid, if the card has nothing else. */
SCRIPT(a_lower_limit_stops_no_card_that_has_nothing,
       "event price 1000 fee 0 categories 2 per_buyer 6\n"
       "wants a ann 0 1 2\n"
       "wants b bob 3 4\n"
       "change per_buyer 2 limits 1,0           -> ok EventChanged\n"
       "news a authorised 3000 pi_a card red    -> PAID\n"
       "news b authorised 2000 pi_b card red    -> FULL\n"
       "change per_buyer 6 limits 0,0           -> ok EventChanged\n"
       "wants c cyd 3 4\n"
       "news c authorised 2000 pi_c card red    -> PAID\n")

SCRIPT(a_limit_that_comes_later_counts_what_the_card_bought,
       "event price 1000 fee 0 categories 2 per_buyer 9\n"
       "wants a ann 0 1\n"
       "news a authorised 2000 pi_a card red    -> PAID\n"
       "wants b bob 2\n"
       "change limits 2,0                       -> ok EventChanged\n"
       "news b authorised 1000 pi_b card red    -> FULL\n"
       "wants c cyd 2\n"
       "news c authorised 1000 pi_c card blue   -> PAID\n")

SCRIPT(an_order_that_is_not_sold_counts_for_no_card,
       "event price 1000 fee 0 per_buyer 2\n"
       "wants a ann 0 1\n"
       "news a declined no pi_a card red        -> ok PaymentCreated PaymentDeclined\n"
       "news a authorised 1999 card red         -> ok PaymentAuthorised CaseOpened OrderEnded "
       "PaymentRequested\n"
       "wants b bob 2 3\n"
       "news b captured 1999 pi_b card red      -> ok PaymentCreated OrderEnded PaymentTaken "
       "RefundRequested PaymentRequested\n"
       "wants c cyd 4 5\n"
       "news c authorised 2000 pi_c card red    -> PAID\n"
       "wants d dan 6\n"
       "cancel dan d                            -> ok OrderEnded\n"
       "news d authorised 1000 pi_d card red    -> ok PaymentCreated PaymentRequested\n")

SCRIPT(another_amount_is_told_before_the_limit_of_the_card,
       "event price 1000 fee 0 per_buyer 2\n"
       "wants a ann 0 1\n"
       "news a authorised 2000 pi_a card red    -> PAID\n"
       "wants b bob 2\n"
       "news b authorised 999 pi_b card red     -> ok PaymentCreated PaymentAuthorised CaseOpened "
       "OrderEnded PaymentRequested\n"
       "expect order b ending voided attention\n")

SCRIPT(who_paid_with_a_full_card_may_pay_with_another,
       "event price 1000 fee 0 per_buyer 2 hold 60 pay 60\n"
       "wants a ann 0 1\n"
       "news a authorised 2000 pi_a card red    -> PAID\n"
       "wants b bob 2 3\n"
       "until bh                                # it ran out, nobody took the seats\n"
       "news b authorised 2000 pi_b card red    -> FULL\n"
       "expect unit 2 free\n"
       "wants c bob 2 3\n"
       "news c authorised 2000 pi_c card blue   -> PAID\n")

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_card_has_so_many_whoever_orders),
        cmocka_unit_test(of_two_orders_paid_at_once_with_one_card_the_second_is_asked_what_is_left),
        cmocka_unit_test(a_card_has_so_many_of_a_category),
        cmocka_unit_test(an_unknown_card_has_no_limit),
        cmocka_unit_test(a_lower_limit_stops_no_card_that_has_nothing),
        cmocka_unit_test(a_limit_that_comes_later_counts_what_the_card_bought),
        cmocka_unit_test(an_order_that_is_not_sold_counts_for_no_card),
        cmocka_unit_test(another_amount_is_told_before_the_limit_of_the_card),
        cmocka_unit_test(who_paid_with_a_full_card_may_pay_with_another),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
