/*
 * deep: counts how often random commands came far: several refunds of one order, a late payment
 * that finds its seats free, a case that ran out. What is never counted was never compared.
 */
#ifndef ONSALE_TESTS_MODEL_DEEP_H
#define ONSALE_TESTS_MODEL_DEEP_H

#include "booking/booking.h"

#define DEEPS(D)                                                               \
    D(STEP_BY_TIME, "prices by time")                                          \
    D(STEP_BY_SOLD, "prices by units sold")                                    \
    D(STEP_NEVER, "no room for a revision")                                    \
    D(PACKAGE, "a package")                                                    \
    D(PACKAGE_TIE, "a package among equals")                                   \
    D(PROMO_LAST_USE, "a promo code's last use")                               \
    D(PROMO_NO_USE, "no use left")                                             \
    D(PROMO_NO_BUDGET, "too little budget left")                               \
    D(PROMO_USE_BACK, "a use that was of a hold that ran out")                 \
    D(PROMO_BUDGET_BACK, "budget that was of a hold that ran out")             \
    D(WAITS_FOR_LIMIT, "a limit reached by what ran out and waits to be paid") \
    D(WAITS_FOR_QUOTA, "... a quota")                                          \
    D(WAITS_FOR_CODE, "... what an access code opens")                         \
    D(WAITS_FOR_PROMO, "... a promo code")                                     \
    D(PROMO_JUST_VALID, "a promo code at the moment of its beginning")         \
    D(PROMO_TOO_LATE, "a promo code at the moment of its end")                 \
    D(PROMO_LOST, "a promo code lost with a change of seats")                  \
    D(PROMO_WHEN_PLACING, "a promo code named with the order")                 \
    D(FREE_BY_PROMO, "free with a promo code")                                 \
    D(ORGANISER_BEARS, "sold with the organiser's fee")                        \
    D(ORGANISER_HAS_LITTLE, "... and less than that is left")                  \
    D(PROCESSING_DECLINED, "processing, then declined")                        \
    D(PROCESSING_AGAIN, "processing again, for what is left of its time")      \
    D(PROCESSING_CREDITED, "an outage while one processes")                    \
    D(PROCESSING_SOLD, "processing, then sold")                                \
    D(CAPTURED_AT_ONCE, "captured, then sold")                                 \
    D(RESEATED, "late and seated again")                                       \
    D(RESEATED_AMONG_EXPIRED, "... by holds that ran out")                     \
    D(LATE_TAKEN, "late and given back")                                       \
    D(WRONG_TAKEN, "another amount given back")                                \
    D(CARD_TAKEN, "over the card's limit and given back")                      \
    D(TAKEN_REFUNDED, "taken and paid back")                                   \
    D(REFUND_SECOND, "a second refund")                                        \
    D(REFUND_THIRD, "a third refund")                                          \
    D(REFUND_WAITS, "a refund that waits for another")                         \
    D(REFUND_NEXT, "a refund and then the next")                               \
    D(REFUND_BLOCKS, "a refund that blocks seats")                             \
    D(REFUND_OF_NOTHING, "a refund of 0")                                      \
    D(REFUND_AGAIN, "a refund that came back is done")                         \
    D(REFUND_SETTLED, "a refund is settled")                                   \
    D(REFUND_SETTLED_BESIDE, "a refund is settled while a lower one is owed")  \
    D(REFUND_FAILED_OTHER, "one comes back while another is owed")             \
    D(REFUND_FAILED_TAKEN, "taken, paid back, come back")                      \
    D(REFUND_FAILED_RETRIED, "what was asked for again comes back")            \
    D(REFUND_FAILED_EARLIER, "an earlier attempt of one that is done failed")  \
    D(REFUND_PAID_BEFORE, "paid by an earlier attempt than the one owed")      \
    D(REFUNDED_SLOT, "the slot of a refunded order")                           \
    D(DISPUTE_DURING_REFUND, "a dispute while a refund is owed")               \
    D(DISPUTE_AGAIN, "a dispute after one that was won")                       \
    D(DISPUTE_LOST_AT_ONCE, "a dispute lost before it was known")              \
    D(DISPUTE_LOST_IN_PART, "a dispute lost of an order refunded in part")     \
    D(DISPUTE_LEFT_SOME, "a dispute lost that left some of it")                \
    D(DISPUTE_LEFT_REFUND, "... and no refund behind it")                      \
    D(DISPUTES_FULL, "no room for a dispute")                                  \
    D(CASE_RAN_OUT, "a case that ran out")                                     \
    D(CASE_CREDITED, "an outage while a case waits")                           \
    D(CASE_NOTED, "time noted for a case alone")                               \
    D(BY_HAND, "refunded by hand and recorded")                                \
    D(BY_HAND_MORE, "... and more of it")                                      \
    D(BY_HAND_LESS, "... and less of it")                                      \
    D(BY_HAND_REFUND, "... beside a refund of ours")                           \
    D(CASE_REPLACED, "a case with another reason")                             \
    D(CASE_WITH_CALL, "a call is owed beside a case")

#define DEEP_NAME(name, text) DEEP_##name,
enum deep { DEEPS(DEEP_NAME) DEEP_COUNT };
#undef DEEP_NAME

#define DEEP_REASONS 10u /* enum booking_case */
#define DEEP_ACTIONS 5u  /* enum booking_action */

struct deep_report {
    uint64_t count[DEEP_COUNT];
    uint64_t closed[DEEP_REASONS][DEEP_ACTIONS]; /* cases */
};

/* What was there before the command. */
struct deep_before {
    bool any;
    struct booking_order order;
    uint32_t hold_promo, order_slots;
    uint64_t slot_randoms; /* of all orders, summed: a slot used again changes it */
};
void deep_look(const struct booking *b, const struct booking_command *c,
               struct deep_before *ret_before);
/* Its entries are applied. */
void deep_count(const struct booking *b, const struct booking_command *c,
                const struct booking_decision *d, const struct deep_before *before, uint64_t ts_us,
                struct deep_report *r);
/* Which never came although they can: the number of them. */
unsigned deep_print(const struct deep_report *r,
                    unsigned (*print)(const char *kind, const char *name, uint64_t count, bool all),
                    bool all);

#endif
