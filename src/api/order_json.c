#include "api/order_json.h"

#include "base/limits.h"
#include "base/time.h"

#include <assert.h>
#include <stdio.h>

/* ---- state, reason, message ---- */

enum reason {
    TO_PAY,
    DECLINED,
    BANK_TAKES_TIME,
    BEING_CAPTURED,
    PAID,
    DISPUTE_WON,
    TOO_MANY_DECLINES,
    PAYMENT_REFUSED,
    CARD_LIMIT,
    AMOUNT_DIFFERS,
    NOT_CAPTURED,
    BY_BUYER,
    OUT_OF_TIME,
    TOO_LATE_RETURNED,
    REFUNDED,
    REFUNDED_IN_PART,
    LATE_REFUNDED,
    DISPUTE_LOST,
    PAYMENT_IN_REVIEW,
    REFUND_IN_REVIEW,
    DISPUTED,
    REASON_COUNT
};

static const struct order_told table[REASON_COUNT] = {
    [TO_PAY] = {"pending", "to_pay", "Pay before the time is over: until then the places are kept"},
    [DECLINED] =
        {"pending", "declined",
         "The payment did not succeed and nothing was taken; the places are still kept for "
         "you: try again, or pay another way"},
    [BANK_TAKES_TIME] = {"processing", "bank_takes_time",
                         "Your payment is on its way; your bank takes its time for this kind. The "
                         "places are kept meanwhile, and we write to you when it is there"},
    [BEING_CAPTURED] = {"processing", "being_captured",
                        "Your payment was accepted; your tickets are being made"},
    [PAID] = {"paid", "paid", "Paid; your tickets are here"},
    [DISPUTE_WON] = {"paid", "dispute_won",
                     "Your bank has settled the dispute about this payment; your tickets are valid "
                     "again"},
    [TOO_MANY_DECLINES] = {"failed", "too_many_declines",
                           "The payment failed too often; nothing was taken and the places are "
                           "free again"},
    [PAYMENT_REFUSED] = {"failed", "payment_refused",
                         "The payment could not be made; nothing was taken and the places are free "
                         "again"},
    [CARD_LIMIT] = {"failed", "card_limit",
                    "This card has paid for as many tickets as one buyer may have here; nothing is "
                    "kept of this payment, and the places are free again"},
    [AMOUNT_DIFFERS] =
        {"failed", "amount_differs",
         "The payment was not of this order's amount; nothing is kept of it, and the "
         "places are free again"},
    [NOT_CAPTURED] = {"failed", "not_captured",
                      "Your bank had accepted the payment but did not hand it over, so the order "
                      "was given up; nothing was taken"},
    [BY_BUYER] = {"cancelled", "by_buyer", "Cancelled; nothing was taken"},
    [OUT_OF_TIME] = {"expired", "out_of_time",
                     "The time to pay was over; nothing was taken and the places are free again"},
    [TOO_LATE_RETURNED] = {"expired", "too_late_returned",
                           "Your payment came when the places were no longer kept, and they cannot "
                           "be given to you any more; all of it is on its way back to you"},
    [REFUNDED] = {"refunded", "refunded",
                  "This order was refunded; its tickets are no longer valid"},
    [REFUNDED_IN_PART] = {"partially_refunded", "refunded",
                          "A part of this order was refunded; the other tickets are valid"},
    [LATE_REFUNDED] = {"refunded", "late_refunded",
                       "Your payment came when the places were no longer kept; all of it was paid "
                       "back to you"},
    [DISPUTE_LOST] = {"refunded", "dispute_lost",
                      "Your bank took this payment back for you; the tickets are no longer valid"},
    [PAYMENT_IN_REVIEW] = {"attention", "payment_in_review",
                           "Something about your payment has to be looked at by a person; we write "
                           "to you when it is settled, you need do nothing"},
    [REFUND_IN_REVIEW] =
        {"attention", "refund_in_review",
         "Your refund has not reached you yet and a person looks at it; we write to "
         "you when it is settled, you need do nothing"},
    [DISPUTED] = {"attention", "disputed",
                  "The payment is disputed at your bank; until the bank has decided, the tickets "
                  "are not valid"},
};

bool order_in_review(const struct booking_order *o)
{
    return o->attention && o->case_reason != BOOKING_CASE_REFUND_UNASKED &&
           o->case_reason != BOOKING_CASE_DIFFERS && o->case_reason != BOOKING_CASE_DISPUTES_FULL;
}

uint64_t order_released_us(const struct booking_order *o)
{
    bool waits = o->attention && o->state == BOOKING_ORDER_SOLD;
    return waits ? o->case_opened_at_us + LIMIT_CASE_SECONDS * TIME_SECOND_US : 0;
}

static uint32_t refunded_units(const struct booking_order *o)
{
    uint32_t count = 0;
    for (uint32_t i = 0; i < o->unit_count; i++)
        count += o->refund_of[i] != 0;
    return count;
}

static enum reason reason_captured(const struct booking_order *o)
{
    uint32_t refunded = refunded_units(o);
    if (o->dispute == BOOKING_DISPUTE_OPEN)
        return DISPUTED;
    if (o->dispute == BOOKING_DISPUTE_LOST)
        return DISPUTE_LOST;
    if (order_in_review(o))
        return refunded ? REFUND_IN_REVIEW : PAYMENT_IN_REVIEW;
    if (refunded)
        return refunded == o->unit_count ? REFUNDED : REFUNDED_IN_PART;
    bool settled = o->dispute == BOOKING_DISPUTE_WON || o->dispute == BOOKING_DISPUTE_LOST_IN_PART;
    return settled ? DISPUTE_WON : PAID;
}

static enum reason reason_ended(const struct booking_order *o)
{
    bool taken = o->taken_minor > 0;
    if (order_in_review(o))
        return taken ? REFUND_IN_REVIEW : PAYMENT_IN_REVIEW;
    if (taken && o->refunds_done == o->refunds)
        return LATE_REFUNDED;
    if (taken)
        return TOO_LATE_RETURNED;
    switch (o->end) {
    case BOOKING_END_CANCELLED: return BY_BUYER;
    case BOOKING_END_EXPIRED: return OUT_OF_TIME;
    case BOOKING_END_VOIDED: return AMOUNT_DIFFERS;
    case BOOKING_END_CARD_LIMIT: return CARD_LIMIT;
    case BOOKING_END_RELEASED: return NOT_CAPTURED;
    case BOOKING_END_FAILED: break;
    }
    return o->declines >= LIMIT_PAYMENT_ATTEMPTS ? TOO_MANY_DECLINES : PAYMENT_REFUSED;
}

static enum reason reason_of(const struct booking_order *o)
{
    switch (o->state) {
    case BOOKING_ORDER_PLACED:
        if (o->processing)
            return BANK_TAKES_TIME;
        return o->decline_code.len ? DECLINED : TO_PAY;
    case BOOKING_ORDER_SOLD:
        if (o->total_minor == 0)
            return PAID;
        return order_in_review(o) ? PAYMENT_IN_REVIEW : BEING_CAPTURED;
    case BOOKING_ORDER_CAPTURED: return reason_captured(o);
    case BOOKING_ORDER_ENDING:
    case BOOKING_ORDER_ENDED: break;
    }
    return reason_ended(o);
}

struct order_told order_told(const struct booking_order *order)
{
    return table[reason_of(order)];
}

/* ---- sums and refunds ---- */

struct order_sums order_sums(const struct booking *b, uint32_t slot,
                             const struct booking_order *order)
{
    struct order_sums sums = {0};
    for (uint32_t i = 0; i < order->unit_count; i++) {
        sums.discount_minor += order->lines[i].discount_minor;
        sums.tax_minor += order->lines[i].tax_minor;
    }
    for (uint8_t refund = 1; refund <= order->refunds; refund++)
        sums.refunded_minor += booking_refund_amount(b, slot, refund);
    return sums;
}

struct slice refund_id(struct id order, uint8_t refund, char ret_text[REFUND_ID_MAX])
{
    size_t len = id_format(ID_ORDER, order, ret_text);
    return slice_make(ret_text, len + (size_t)snprintf(ret_text + len, REFUND_ID_MAX - len, "-%u",
                                                       (unsigned)refund));
}

const char *refund_state_name(enum booking_refund_state state)
{
    switch (state) {
    case BOOKING_REFUND_DONE: return "done";
    case BOOKING_REFUND_SETTLED: return "settled";
    case BOOKING_REFUND_FAILED: return "failed";
    case BOOKING_REFUND_DUE:
    case BOOKING_REFUND_NONE: break;
    }
    return "pending";
}

void refund_write(struct json *j, const char *key, struct id id, const struct booking *b,
                  const struct booking_order *order, uint8_t refund)
{
    char text[REFUND_ID_MAX];
    assert(refund >= 1 && refund <= order->refunds);
    json_put_object(j, key);
    json_put_text(j, "id", refund_id(id, refund, text));
    json_put_string(j, "state",
                    refund_state_name((enum booking_refund_state)order->refund_states[refund - 1]));
    json_put_money(j, "amount", booking_refund_amount(b, id.slot, refund),
                   booking_event(b).currency);
    json_end(j);
}

void refunds_write(struct json *j, struct id id, const struct booking *b,
                   const struct booking_order *order)
{
    json_put_array(j, "refunds");
    for (uint8_t refund = 1; refund <= order->refunds; refund++)
        refund_write(j, NULL, id, b, order, refund);
    json_end(j);
}

/* ---- cases ---- */

const char *case_reason_name(enum booking_case reason)
{
    static const char *const names[] = {
        [BOOKING_CASE_CAPTURE_REFUSED] = "capture_refused",
        [BOOKING_CASE_CAPTURED_AFTER_END] = "captured_after_end",
        [BOOKING_CASE_AMOUNT_DIFFERS] = "amount_differs",
        [BOOKING_CASE_REFUND_REFUSED] = "refund_refused",
        [BOOKING_CASE_REFUND_FAILED] = "refund_failed",
        [BOOKING_CASE_REFUND_UNASKED] = "refund_unasked",
        [BOOKING_CASE_DIFFERS] = "books_differ",
        [BOOKING_CASE_DISPUTES_FULL] = "disputes_full",
        [BOOKING_CASE_CANCEL_REFUSED] = "cancel_refused",
    };
    assert(reason >= 1 && reason < sizeof names / sizeof names[0]);
    return names[reason];
}

static const char *const actions[] = {[BOOKING_ACTION_RETRY] = "retry",
                                      [BOOKING_ACTION_RELEASE] = "release",
                                      [BOOKING_ACTION_REFUND] = "refund",
                                      [BOOKING_ACTION_SETTLE] = "settle"};

const char *case_action_name(enum booking_action action)
{
    return action >= BOOKING_ACTION_RETRY && action <= BOOKING_ACTION_SETTLE ? actions[action]
                                                                             : NULL;
}

enum booking_action case_action_of(struct slice name)
{
    for (unsigned i = BOOKING_ACTION_RETRY; i <= BOOKING_ACTION_SETTLE; i++) {
        if (slice_equal(name, slice_from_string(actions[i])))
            return (enum booking_action)i;
    }
    return (enum booking_action)0;
}

/* As the machine's table has it (booking/MONEY.md); it decides, this only shows the way. */
uint32_t case_actions(const struct booking_order *o)
{
    bool sold = o->state == BOOKING_ORDER_SOLD;
    bool ended = o->state == BOOKING_ORDER_ENDING || o->state == BOOKING_ORDER_ENDED;
    bool refund = o->case_reason == BOOKING_CASE_REFUND_REFUSED ||
                  o->case_reason == BOOKING_CASE_REFUND_FAILED;
    bool cancel = o->state == BOOKING_ORDER_ENDING && o->taken_minor == 0 &&
                  o->case_reason == BOOKING_CASE_CANCEL_REFUSED;
    bool takes = o->intent.len > 0 && o->taken_minor == 0 &&
                 (ended || (sold && o->case_reason == BOOKING_CASE_AMOUNT_DIFFERS));
    if (!o->attention)
        return 0;
    return (uint32_t)(sold || refund || cancel) << BOOKING_ACTION_RETRY |
           (uint32_t)sold << BOOKING_ACTION_RELEASE | (uint32_t)takes << BOOKING_ACTION_REFUND |
           (uint32_t)!sold << BOOKING_ACTION_SETTLE;
}

void case_write_actions(struct json *j, const struct booking_order *order)
{
    uint32_t possible = case_actions(order);
    json_put_array(j, "actions");
    for (unsigned i = BOOKING_ACTION_RETRY; i <= BOOKING_ACTION_SETTLE; i++) {
        if (possible >> i & 1)
            json_put_string(j, NULL, actions[i]);
    }
    json_end(j);
}
