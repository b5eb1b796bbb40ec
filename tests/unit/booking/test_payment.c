#include "base/buf.h"
#include "unit/booking/script.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

/* Every kind of news in every state of an order: what is decided, and where the order is then. */

/* How an order gets into each state; two seats, 110.00. */
#define ASKED                                 \
    "event hold 900\n"                        \
    "a = hold ann 1 2      -> ok UnitsHeld\n" \
    "o = order ann a e@x   -> ok OrderPlaced PaymentRequested\n"
#define CREATED ASKED "news o created pi_1 -> ok PaymentCreated\n"
#define LEARNED ASKED "news o declined c pi_1 -> ok PaymentCreated PaymentDeclined\n"
#define ENDING_ASKED ASKED "cancel ann o -> ok OrderEnded\n"
#define ENDING CREATED "cancel ann o -> ok OrderEnded PaymentRequested\n"
#define ENDED ENDING "news o cancelled -> ok PaymentCancelled\n"
#define FAILED ASKED "news o refused c -> ok OrderEnded\n"
#define SOLD CREATED "news o authorised 11000 -> ok PaymentAuthorised OrderSold PaymentRequested\n"
#define SOLD_CASE SOLD "news o refused c -> ok CaseOpened\n"
#define ENDING_CASE ENDING "news o refused c -> ok CaseOpened\n"
#define TAKEN ENDING "news o captured 11000 -> ok PaymentTaken RefundRequested PaymentRequested\n"
#define PAID_BACK TAKEN "news o refunded 1 -> ok RefundDone\n"
/* Its cancel is owed while somebody has to look at it. */
#define CASE_ENDING                               \
    CREATED "news o differs c -> ok CaseOpened\n" \
            "cancel ann o -> ok OrderEnded PaymentRequested\n"
#define PROCESSING                                               \
    "event hold 900 processing 100\n"                            \
    "a = hold ann 1 2      -> ok UnitsHeld\n"                    \
    "o = order ann a e@x   -> ok OrderPlaced PaymentRequested\n" \
    "news o processing pi_1 -> ok PaymentCreated PaymentProcessing\n"
#define PAID SOLD "news o captured 11000 -> ok PaymentCaptured\n"
#define FREE                             \
    "event price 0 fee 0\n"              \
    "a = hold ann 1 2 -> ok UnitsHeld\n" \
    "o = order ann a e@x -> ok OrderPlaced OrderSold PaymentCaptured\n"

static const struct {
    const char *name, *script;
} states[] = {
    {"asked", ASKED},
    {"created", CREATED},
    {"learned", LEARNED},
    {"ending_asked", ENDING_ASKED},
    {"ending", ENDING},
    {"ending_case", ENDING_CASE},
    {"ended", ENDED},
    {"failed", FAILED},
    {"sold", SOLD},
    {"sold_case", SOLD_CASE},
    {"paid", PAID},
    {"free", FREE},
    {"case_ending", CASE_ENDING},
    {"taken", TAKEN},
    {"paid_back", PAID_BACK},
    {"processing", PROCESSING},
};

struct row {
    const char *state, *news, *wanted, *after;
};

#define SALE "PaymentAuthorised OrderSold PaymentRequested"
#define BACK "PaymentTaken RefundRequested PaymentRequested"
#define VOID "PaymentAuthorised CaseOpened OrderEnded PaymentRequested"

static const struct row rows[] = {
    {"asked", "created pi_1", "ok PaymentCreated", "placed"},
    {"asked", "created", "again", "placed"}, /* names no payment */
    {"asked", "declined c pi_1", "ok PaymentCreated PaymentDeclined", "placed"},
    {"asked", "declined c", "again", "placed"},
    {"asked", "authorised 11000 pi_1", "ok PaymentCreated " SALE, "sold"},
    {"asked", "authorised 11000", "again", "placed"},
    {"asked", "authorised 1 pi_1", "ok PaymentCreated " VOID, "ending voided attention"},
    {"asked", "captured 11000 pi_1", "ok PaymentCreated OrderSold PaymentCaptured", "captured"},
    {"asked", "captured 1 pi_1", "ok PaymentCreated OrderEnded " BACK, "ending voided"},
    {"asked", "captured 0 pi_1", "again", "placed"},
    {"asked", "processing pi_1", "ok PaymentCreated", "placed"}, /* no longer than for others */
    {"asked", "differs c pi_1", "ok CaseOpened", "placed attention"},
    {"asked", "unasked c pi_1", "ok CaseOpened", "placed attention"},
    {"asked", "refunded 1", "again", "placed"},
    {"asked", "disputed dp_1 11000", "again", "placed"},
    {"asked", "captured 11000", "again", "placed"},
    {"asked", "cancelled - pi_1", "ok OrderEnded PaymentCancelled", "ended cancelled"},
    {"asked", "cancelled", "again", "placed"},
    {"asked", "refused c", "ok OrderEnded", "ended failed"},

    {"created", "created pi_1", "again", "placed"},
    {"created", "created pi_2", "again", "placed"},
    {"created", "declined c pi_1", "ok PaymentDeclined", "placed"},
    {"created", "authorised 11000 pi_1", "ok " SALE, "sold"},
    {"created", "authorised 11000 pi_2", "again", "placed"},
    {"created", "authorised 10999 pi_1", "ok " VOID, "ending voided attention"},
    {"created", "authorised 11001 pi_1", "ok " VOID, "ending voided attention"},
    {"created", "captured 11000 pi_1", "ok OrderSold PaymentCaptured", "captured"},
    {"created", "captured 11001 pi_1", "ok OrderEnded " BACK, "ending voided"},
    {"created", "processing pi_1", "again", "placed"},
    {"created", "captured 11000 pi_2", "again", "placed"},
    {"created", "cancelled - pi_1", "ok OrderEnded PaymentCancelled", "ended cancelled"},
    {"created", "cancelled - pi_2", "again", "placed"},
    {"created", "refused c", "again", "placed"}, /* nothing was asked */

    {"learned", "created pi_1", "ok PaymentCreated", "placed"}, /* the secret comes now */
    {"learned", "created pi_2", "again", "placed"},
    {"learned", "created", "again", "placed"}, /* a secret of no payment is nobody's */
    {"learned", "authorised 11000 pi_1", "ok " SALE, "sold"},

    {"ending_asked", "created pi_1", "ok PaymentCreated PaymentRequested", "ending cancelled"},
    {"ending_asked", "declined c pi_1", "ok PaymentCreated PaymentRequested", "ending cancelled"},
    {"ending_asked", "authorised 11000 pi_1", "ok PaymentCreated PaymentRequested",
     "ending cancelled"},
    {"ending_asked", "processing pi_1", "ok PaymentCreated PaymentRequested", "ending cancelled"},
    {"ending_asked", "captured 11000 pi_1", "ok PaymentCreated " BACK, "ending cancelled"},
    {"ending_asked", "cancelled - pi_1", "ok PaymentCancelled", "ended cancelled"},
    {"ending_asked", "refused c", "ok PaymentCancelled", "ended cancelled"},

    {"ending", "created pi_1", "again", "ending cancelled"},
    {"ending", "declined c pi_1", "again", "ending cancelled"},
    {"ending", "authorised 11000 pi_1", "again", "ending cancelled"}, /* the cancel voids it */
    {"ending", "captured 11000 pi_1", "ok " BACK, "ending cancelled"},
    {"ending", "differs c pi_1", "ok CaseOpened", "ending attention"},
    {"ending", "cancelled - pi_1", "ok PaymentCancelled", "ended cancelled"},
    {"ending", "refused c", "ok CaseOpened", "ending attention"},

    {"ending_case", "captured 11000 pi_1", "ok " BACK, "ending attention"},
    {"ending_case", "refused c", "again", "ending attention"}, /* nothing is owed any more */
    {"ending_case", "cancelled - pi_1", "ok PaymentCancelled", "ended attention"},

    {"case_ending", "captured 11000 pi_1", "ok " BACK, "ending attention"},
    {"case_ending", "refused c", "ok CaseOpened", "ending attention"},
    {"case_ending", "cancelled - pi_1", "ok PaymentCancelled", "ended attention"},

    {"taken", "captured 11000 pi_1", "again", "ending cancelled"},
    {"taken", "cancelled - pi_1", "again", "ending cancelled"},
    {"taken", "refused c", "ok CaseOpened", "ending cancelled attention"},
    {"taken", "refunded 1", "ok RefundDone", "ended cancelled"},
    {"taken", "refunded 2", "again", "ending cancelled"},
    {"taken", "came_back 1", "ok CaseOpened", "ending cancelled attention"},
    {"taken", "disputed dp_1 11000", "ok CaseOpened", "ending cancelled attention"},

    {"paid_back", "captured 11000 pi_1", "again", "ended cancelled"},
    {"paid_back", "refunded 1", "again", "ended cancelled"},
    {"paid_back", "came_back 1", "ok RefundFailed CaseOpened", "ending cancelled attention"},

    {"processing", "processing pi_1", "again", "placed"},
    {"processing", "authorised 11000 pi_1", "ok " SALE, "sold"},
    {"processing", "captured 11000 pi_1", "ok OrderSold PaymentCaptured", "captured"},
    {"processing", "cancelled - pi_1", "ok OrderEnded PaymentCancelled", "ended cancelled"},

    {"ended", "created pi_1", "again", "ended cancelled"},
    {"ended", "declined c pi_1", "again", "ended cancelled"},
    {"ended", "authorised 11000 pi_1", "again", "ended cancelled"},
    {"ended", "captured 11000 pi_1", "ok CaseOpened", "ended cancelled attention"},
    {"ended", "cancelled - pi_1", "again", "ended cancelled"},
    {"ended", "refused c", "again", "ended cancelled"},

    {"failed", "created pi_1", "again", "ended failed"},
    {"failed", "captured 11000 pi_1", "ok PaymentCreated CaseOpened", "ended failed attention"},
    {"failed", "cancelled - pi_1", "again", "ended failed"},
    {"failed", "refused c", "again", "ended failed"},

    {"sold", "created pi_1", "again", "sold"},
    {"sold", "declined c pi_1", "again", "sold"},
    {"sold", "authorised 11000 pi_1", "again", "sold"},
    {"sold", "authorised 1 pi_1", "again", "sold"},
    {"sold", "captured 11000 pi_1", "ok PaymentCaptured", "captured"},
    {"sold", "captured 11001 pi_1", "ok CaseOpened", "sold attention"},
    {"sold", "captured 10999 pi_1", "ok CaseOpened", "sold attention"},
    {"sold", "cancelled - pi_1", "ok CaseOpened", "sold attention"},
    {"sold", "refused c", "ok CaseOpened", "sold attention"},

    {"sold_case", "captured 11000 pi_1", "ok PaymentCaptured", "captured quiet"},
    {"sold_case", "captured 1 pi_1", "ok CaseOpened", "sold attention"},
    {"sold_case", "cancelled - pi_1", "again", "sold attention"},
    {"sold_case", "refused c", "again", "sold attention"},

    {"paid", "created pi_1", "again", "captured"},
    {"paid", "declined c pi_1", "again", "captured"},
    {"paid", "authorised 11000 pi_1", "again", "captured"},
    {"paid", "captured 11000 pi_1", "again", "captured"},
    {"paid", "captured 1 pi_1", "again", "captured"},
    {"paid", "cancelled - pi_1", "again", "captured"},
    {"paid", "refused c", "again", "captured"},

    {"free", "created pi_1", "again", "captured"},
    {"free", "authorised 11000 pi_1", "again", "captured"},
    {"free", "captured 11000 pi_1", "again", "captured"},
    {"free", "cancelled - pi_1", "again", "captured"},
    {"free", "refused c", "again", "captured"},
};

static const char *script_of(const char *state)
{
    for (size_t i = 0; i < sizeof states / sizeof states[0]; i++)
        if (strcmp(states[i].name, state) == 0)
            return states[i].script;
    fail_msg("there is no state %s", state);
    return NULL;
}

static void each_news_in_each_state_does_what_the_table_says(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        BUF_AUTO struct buf script = BUF_INIT;
        BUF_AUTO struct buf name = BUF_INIT;
        buf_append_format(&name, "%s + %s", rows[i].state, rows[i].news);
        buf_append_char(&name, 0);
        /* Twice: what has been told is never news again. */
        buf_append_format(&script, "%snews o %s -> %s\nexpect order o %s\n",
                          script_of(rows[i].state), rows[i].news, rows[i].wanted, rows[i].after);
        if (strncmp(rows[i].news, "declined", 8) != 0 || strcmp(rows[i].after, "placed") != 0)
            buf_append_format(&script, "news o %s -> again\n", rows[i].news);
        assert_false(name.failed);
        script_run_made(name.data, &script);
    }
}

/* Declines that overtake the answer to the create: the payment they name is cancelled in the end.
 */
SCRIPT(too_many_early_declines_leave_no_payment_behind,
       "event\n"
       "a = hold ann 1 2           -> ok UnitsHeld\n"
       "o = order ann a e@x        -> ok OrderPlaced PaymentRequested\n"
       "news o declined 1 pi_1     -> ok PaymentCreated PaymentDeclined\n"
       "news o declined 2 pi_1     -> ok PaymentDeclined\n"
       "news o declined 3 pi_1     -> ok PaymentDeclined\n"
       "news o declined 4 pi_1     -> ok PaymentDeclined\n"
       "news o declined 5 pi_1     -> ok PaymentDeclined\n"
       "news o declined 6 pi_1     -> ok PaymentDeclined\n"
       "news o declined 7 pi_1     -> ok PaymentDeclined\n"
       "news o declined 8 pi_1     -> ok PaymentDeclined\n"
       "news o declined 9 pi_1     -> ok PaymentDeclined\n"
       "news o declined 10 pi_1    -> ok PaymentDeclined\n"
       "news o declined 11 pi_1    -> ok PaymentDeclined\n"
       "news o declined 12 pi_1    -> ok PaymentDeclined\n"
       "news o declined 13 pi_1    -> ok PaymentDeclined\n"
       "news o declined 14 pi_1    -> ok PaymentDeclined\n"
       "news o declined 15 pi_1    -> ok PaymentDeclined\n"
       "news o declined 16 pi_1    -> ok PaymentDeclined\n"
       "news o declined 17 pi_1    -> ok PaymentDeclined\n"
       "news o declined 18 pi_1    -> ok PaymentDeclined\n"
       "news o declined 19 pi_1    -> ok PaymentDeclined\n"
       "news o declined 20 pi_1    -> ok PaymentDeclined OrderEnded PaymentRequested\n"
       "expect order o ending failed\n"
       "news o created pi_1        -> again\n"
       "news o cancelled           -> ok PaymentCancelled\n"
       "expect order o ended failed\n")

/* The cancel is refused: a person decides, and nothing is asked for ever. */
SCRIPT(a_case_ends_what_is_owed, ENDING "expect call o cancel\n"
                                        "news o refused no -> ok CaseOpened\n"
                                        "expect call o none\n")

/* The cancel meets a payment that was taken: it goes back. */
SCRIPT(what_was_taken_cannot_be_cancelled, ENDING "expect call o cancel\n"
                                                  "news o captured 11000 -> ok " BACK "\n"
                                                  "expect call o refund\n")

SCRIPT(a_capture_of_another_amount_is_not_asked_again,
       SOLD "expect call o capture\n"
            "news o captured 10999 -> ok CaseOpened\n"
            "expect call o none\n")

/* A day later the slots of what ended are used again: an old hold must not lead to another's order,
 * and an order with an open case keeps its place. */
SCRIPT(an_old_hold_never_names_another_order,
       "event rows 1 seats 4 hold 10 pay 10\n"
       "a = hold ann 1             -> ok UnitsHeld\n"
       "b = hold bob 2             -> ok UnitsHeld\n"
       "o = order bob b f@x        -> ok OrderPlaced PaymentRequested\n"
       "wait 10\n"
       "tick                       -> ok HoldExpired HoldExpired\n"
       "news o refused c           -> ok PaymentCancelled\n"
       "wait 86401\n"
       "c = hold cyd 3             -> ok UnitsHeld     # takes the slot of a, not of b\n"
       "p = order cyd c g@x        -> ok OrderPlaced PaymentRequested\n"
       "expect slot p o\n"
       "expect hold_order b none\n"
       "expect hold_order c p\n"
       "news o captured 1          -> order_not_found\n")

SCRIPT(
    an_open_case_keeps_its_order,
    "event rows 1 seats 9 hold 10 pay 10\n"
    "a = hold ann 1             -> ok UnitsHeld\n"
    "o = order ann a e@x        -> ok OrderPlaced PaymentRequested\n"
    "b = hold bob 2             -> ok UnitsHeld\n"
    "p = order bob b f@x        -> ok OrderPlaced PaymentRequested\n"
    "c = hold cyd 3             -> ok UnitsHeld\n"
    "q = order cyd c g@x        -> ok OrderPlaced PaymentRequested\n"
    "news o refused x           -> ok OrderEnded\n"
    "news p refused x           -> ok OrderEnded\n"
    "news q refused x           -> ok OrderEnded\n"
    "news p captured 5500 pi_p  -> ok PaymentCreated CaseOpened    # from the middle of the queue\n"
    "wait 86401\n"
    "d = hold dan 4             -> ok UnitsHeld\n"
    "r = order dan d h@x        -> ok OrderPlaced PaymentRequested\n"
    "e = hold eve 5             -> ok UnitsHeld\n"
    "s = order eve e i@x        -> ok OrderPlaced PaymentRequested\n"
    "f = hold fay 6             -> ok UnitsHeld\n"
    "t = order fay f j@x        -> ok OrderPlaced PaymentRequested\n"
    "expect slot r o\n"
    "expect slot s q\n"
    "expect order p ended failed attention\n"
    "news r refused x           -> ok OrderEnded\n"
    "news r captured 5500 pi_r  -> ok PaymentCreated CaseOpened    # the only one in the queue\n"
    "news s refused x           -> ok OrderEnded\n"
    "news t refused x           -> ok OrderEnded\n"
    "news t captured 5500 pi_t  -> ok PaymentCreated CaseOpened    # the newest in the queue\n"
    "g = hold gus 7             -> ok UnitsHeld\n"
    "u = order gus g k@x        -> ok OrderPlaced PaymentRequested\n"
    "news u refused x           -> ok OrderEnded\n"
    "expect order r ended failed attention\n"
    "expect order t ended failed attention\n")

/* An order of the same address that ran out a moment ago does not count, swept or not. */
SCRIPT(limits_of_an_address_count_what_waits_to_be_paid_until_a_tick,
       "event per_buyer 2 hold 10 pay 10\n"
       "a = hold ann 1 2           -> ok UnitsHeld\n"
       "o = order ann a e@x        -> ok OrderPlaced PaymentRequested\n"
       "wait 5\n"
       "b = hold bob 3 4           -> ok UnitsHeld\n"
       "order bob b e@x            -> limit_reached\n"
       "wait 5\n"
       "order ann a e@x            -> hold_expired\n"
       "order bob b e@x            -> limit_reached\n"
       "tick                       -> ok HoldExpired\n"
       "p = order bob b e@x        -> ok OrderPlaced PaymentRequested\n"
       "c = hold cyd 5             -> ok UnitsHeld\n"
       "order cyd c e@x            -> limit_reached\n")

/* Bought seats count for the session that bought them and for the address. */
SCRIPT(what_was_bought_counts_for_ever,
       "event per_buyer 3\n"
       "a = hold ann 1 2           -> ok UnitsHeld\n"
       "o = order ann a e@x        -> ok OrderPlaced PaymentRequested\n"
       "news o authorised 11000 pi -> ok PaymentCreated PaymentAuthorised OrderSold "
       "PaymentRequested\n"
       "hold ann 3 4               -> limit_reached\n"
       "b = hold ann 3             -> ok UnitsHeld\n"
       "release ann b              -> ok HoldReleased\n"
       "c = hold bob 3 4           -> ok UnitsHeld\n"
       "order bob c e@x            -> limit_reached\n"
       "wait 100000\n"
       "tick                       -> ok HoldExpired\n"
       "hold ann 3 4               -> limit_reached\n")

/* The exact bytes that go to the provider. */
SCRIPT(calls_have_their_exact_bytes,
       ASKED "expect call o create onsale-ord_000000e00000000000000004wa-create-1 "
             "amount=11000&currency=eur&capture_method=manual"
             "&payment_method_types[]=card&metadata[order_id]=ord_000000e00000000000000004wa"
             "&metadata[event_id]=evt_000000e000000000000000002d\n"
             "news o created pi_1 -> ok PaymentCreated\n"
             "news o authorised 11000 -> ok PaymentAuthorised OrderSold PaymentRequested\n"
             "expect call o capture onsale-ord_000000e00000000000000004wa-capture-1 "
             " amount_to_capture=11000\n")

SCRIPT(a_cancel_has_its_exact_bytes,
       ENDING "expect call o cancel onsale-ord_000000e00000000000000004wa-cancel-1 "
              " cancellation_reason=abandoned\n")

#define TEXT_16 "0123456789abcdef"
#define TEXT_64 TEXT_16 TEXT_16 TEXT_16 TEXT_16

SCRIPT(names_of_a_payment_have_bounds,
       ASKED "news o created " TEXT_64 "x      -> order_not_found\n"
             "news o created pi " TEXT_64 TEXT_64 "x -> order_not_found\n"
             "news o created " TEXT_64 " " TEXT_64 TEXT_64 " -> ok PaymentCreated\n"
             "news o declined " TEXT_64 "    -> ok PaymentDeclined    # its code is cut\n"
             "news o authorised 11000 " TEXT_64 " -> ok PaymentAuthorised OrderSold "
             "PaymentRequested\n")

SCRIPT(paying_never_shortens_a_hold, "event hold 100 pay 10\n"
                                     "a = hold ann 1             -> ok UnitsHeld\n"
                                     "o = order ann a e@x        -> ok OrderPlaced "
                                     "PaymentRequested\n"
                                     "expect hold a live 100\n")

/* As for holds: 1026 slots for one seat. */
static void slots_of_orders_are_taken_again_when_all_are_used(void **state)
{
    (void)state;
    BUF_AUTO struct buf script = BUF_INIT;
    buf_append_text(&script, "event rows 1 seats 1\n");
    for (unsigned i = 0; i < 1027; i++)
        buf_append_format(&script,
                          "a = hold w%u 0 -> ok UnitsHeld\n"
                          "o = order w%u a e@x key k%u -> ok OrderPlaced PaymentRequested\n"
                          "news o refused c -> ok OrderEnded\n"
                          "expect slot_number o %u\n",
                          i, i, i, i % 1026);
    script_run_made("slots_of_orders_are_taken_again_when_all_are_used", &script);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_news_in_each_state_does_what_the_table_says),
        cmocka_unit_test(too_many_early_declines_leave_no_payment_behind),
        cmocka_unit_test(a_case_ends_what_is_owed),
        cmocka_unit_test(what_was_taken_cannot_be_cancelled),
        cmocka_unit_test(a_capture_of_another_amount_is_not_asked_again),
        cmocka_unit_test(an_old_hold_never_names_another_order),
        cmocka_unit_test(an_open_case_keeps_its_order),
        cmocka_unit_test(limits_of_an_address_count_what_waits_to_be_paid_until_a_tick),
        cmocka_unit_test(what_was_bought_counts_for_ever),
        cmocka_unit_test(calls_have_their_exact_bytes),
        cmocka_unit_test(a_cancel_has_its_exact_bytes),
        cmocka_unit_test(names_of_a_payment_have_bounds),
        cmocka_unit_test(paying_never_shortens_a_hold),
        cmocka_unit_test(slots_of_orders_are_taken_again_when_all_are_used),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
