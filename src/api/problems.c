#include "api/problems.h"

#include "base/json.h"

#include <assert.h>
#include <stdarg.h>
#include <stdio.h>

#define FAULTS_SHOWN 100u

struct refusal_words {
    enum problem problem;
    const char *detail;
};

static const struct refusal_words words[BOOKING_REFUSAL_COUNT] = {
    [BOOKING_OK] = {PROBLEM_INTERNAL, ""},
    [BOOKING_IDEMPOTENCY_MISMATCH] = {PROBLEM_IDEMPOTENCY_MISMATCH,
                                      "This Idempotency-Key came with another request before"},
    [BOOKING_SALE_NOT_OPEN] = {PROBLEM_SALE_NOT_OPEN, "The sale of this event has not opened yet"},
    [BOOKING_SALE_PAUSED] = {PROBLEM_SALE_PAUSED, "The organiser has paused the sale"},
    [BOOKING_SALE_CLOSED] = {PROBLEM_SALE_CLOSED, "The sale of this event has closed"},
    [BOOKING_EMPTY_REQUEST] = {PROBLEM_EMPTY_REQUEST,
                               "Give exactly one of \"seats\", \"areas\" and \"best\""},
    [BOOKING_UNKNOWN_UNIT] = {PROBLEM_UNKNOWN_SEAT,
                              "The event has no such seat, area or price category"},
    [BOOKING_REPEATED_UNIT] = {PROBLEM_REPEATED_SEAT, "A seat or area is named more than once"},
    [BOOKING_HOLD_LIMIT] = {PROBLEM_HOLD_LIMIT_REACHED,
                            "A hold of this event may not have that many seats"},
    [BOOKING_SESSION_LIMIT] = {PROBLEM_TOO_MANY_HOLDS,
                               "Release or pay one of the seats you hold before holding more"},
    [BOOKING_BUYER_LIMIT] = {PROBLEM_LIMIT_REACHED,
                             "One buyer may not have that many tickets of this event"},
    [BOOKING_UNIT_UNAVAILABLE] = {PROBLEM_SEAT_UNAVAILABLE, "Some of the seats are not free"},
    [BOOKING_NOT_ENOUGH] = {PROBLEM_NOT_ENOUGH_AVAILABLE, "There are not that many places left"},
    [BOOKING_NOT_ADJACENT] = {PROBLEM_NO_ADJACENT_SEATS,
                              "Enough seats are left, but not side by side"},
    [BOOKING_CODE_UNKNOWN] = {PROBLEM_CODE_UNKNOWN, "There is no such access code"},
    [BOOKING_GROUP_INCOMPLETE] = {PROBLEM_GROUP_INCOMPLETE,
                                  "Some of the seats are only sold together with others"},
    [BOOKING_COMPANION_ALONE] = {PROBLEM_COMPANION_ALONE,
                                 "A companion's seat is sold together with its seat only"},
    [BOOKING_SINGLE_LEFT] = {PROBLEM_SINGLE_SEAT_LEFT,
                             "A single free seat would stay alone beside these"},
    [BOOKING_CATEGORY_LIMIT] = {PROBLEM_CATEGORY_LIMIT_REACHED,
                                "One buyer may not have that many tickets of this price category"},
    [BOOKING_CODE_LIMIT] = {PROBLEM_CODE_LIMIT_REACHED,
                            "The access code is not good for that many more places"},
    [BOOKING_QUOTA_REACHED] = {PROBLEM_QUOTA_REACHED,
                               "No more places of these price categories are sold"},
    [BOOKING_HOLD_NOT_FOUND] = {PROBLEM_HOLD_NOT_FOUND, "This session has no such hold"},
    [BOOKING_HOLD_EXPIRED] = {PROBLEM_HOLD_EXPIRED, "The time to keep these seats is over"},
    [BOOKING_HOLD_ENDED] = {PROBLEM_HOLD_ENDED, "This hold was released"},
    [BOOKING_HOLD_ORDERED] = {PROBLEM_HOLD_HAS_ORDER,
                              "The hold belongs to an order: cancel the order instead"},
    [BOOKING_HOLD_FIXED] = {PROBLEM_HOLD_NOT_CHANGEABLE,
                            "Places of an area cannot be swapped for seats: release the hold"},
    [BOOKING_ORDER_NOT_FOUND] = {PROBLEM_ORDER_NOT_FOUND, "This session has no such order"},
    [BOOKING_ORDER_NOT_CANCELLABLE] = {PROBLEM_ORDER_NOT_CANCELLABLE,
                                       "The order is paid, or is being paid"},
    [BOOKING_BAD_CHANGE] = {PROBLEM_BAD_CHANGE, "The change does not fit this event"},
    [BOOKING_UNIT_NOT_FREE] =
        {PROBLEM_SEAT_NOT_FREE,
         "Some of the seats are held or sold, so they cannot be blocked, kept or given back"},
    [BOOKING_UNKNOWN_ALLOCATION] = {PROBLEM_UNKNOWN_ALLOCATION,
                                    "There is no such allocation, or it was released"},
    [BOOKING_EVENT_LIMIT] =
        {PROBLEM_EVENT_LIMIT_REACHED,
         "An event may only ever have so many of these (allocations, access codes, seats, changes "
         "of prices), and this one has them"},
    [BOOKING_FULL] = {PROBLEM_BUSY, "The event takes no more of these at the moment"},
    [BOOKING_PROMO_UNKNOWN] = {PROBLEM_PROMO_UNKNOWN, "There is no such promo code"},
    [BOOKING_PROMO_NOT_VALID] = {PROBLEM_PROMO_NOT_VALID,
                                 "The promo code is not valid yet, or no longer"},
    [BOOKING_PROMO_NOT_APPLICABLE] = {PROBLEM_PROMO_NOT_APPLICABLE,
                                      "The promo code makes none of these places cheaper"},
    [BOOKING_PROMO_USED_UP] =
        {PROBLEM_PROMO_USED_UP,
         "The promo code is used up, or too little of it is left; a use comes "
         "free again when somebody gives up a hold"},
    [BOOKING_ORDER_NOT_PAID] = {PROBLEM_ORDER_NOT_PAID,
                                "The order is not paid, so there is nothing to give back"},
    [BOOKING_ORDER_DISPUTED] = {PROBLEM_ORDER_DISPUTED,
                                "The payment is disputed: the bank decides who gets the money, and "
                                "a refund beside it would pay twice"},
    [BOOKING_ALREADY_REFUNDED] = {PROBLEM_ALREADY_REFUNDED,
                                  "What shall be given back was refunded before"},
    [BOOKING_NO_CASE] = {PROBLEM_NO_OPEN_CASE, "Nothing about this order waits for a person"},
    [BOOKING_CASE_ACTION] = {PROBLEM_CASE_ACTION_NOT_POSSIBLE,
                             "This cannot be done about the order's case"},
    [BOOKING_TOTAL_TOO_SMALL] =
        {PROBLEM_TOTAL_TOO_SMALL,
         "The order costs less than the least that can be charged, and more "
         "than nothing; nothing was ordered"},
};

enum problem problem_of_booking(enum booking_refusal refusal)
{
    assert(refusal > BOOKING_OK && refusal < BOOKING_REFUSAL_COUNT);
    return words[refusal].problem;
}

const char *problem_booking_detail(enum booking_refusal refusal)
{
    assert(refusal > BOOKING_OK && refusal < BOOKING_REFUSAL_COUNT);
    return words[refusal].detail;
}

static const struct refusal_words queue_words[QUEUE_REFUSAL_COUNT] = {
    [QUEUE_OK] = {PROBLEM_INTERNAL, ""},
    [QUEUE_BAD_CHANGE] = {PROBLEM_BAD_CHANGE,
                          "The change does not fit the waiting room: its lobby opens before the "
                          "waiting room does, and times stand once the lobby has closed"},
    [QUEUE_NOT_NEEDED] = {PROBLEM_QUEUE_NOT_NEEDED,
                          "The event has no waiting room at the moment: go straight to the seats"},
    [QUEUE_NOT_OPEN] = {PROBLEM_LOBBY_NOT_OPEN, "The waiting room has not opened yet"},
    [QUEUE_CLOSED] = {PROBLEM_QUEUE_CLOSED, "The waiting room has closed: nobody is let in"},
    [QUEUE_NOT_IN_LINE] = {PROBLEM_NOT_IN_QUEUE, "This session has no place in line: join"},
    [QUEUE_ADMISSION_OVER] = {PROBLEM_ADMISSION_OVER,
                              "The time to buy with this place is over: join again"},
    [QUEUE_NOT_CALLED] = {PROBLEM_NOT_CALLED, "It is not this place's turn yet"},
    [QUEUE_MISSED] = {PROBLEM_CALL_MISSED,
                      "This place was called and nobody came in time, and right now there is no "
                      "room: try again in a moment, or join again at the end"},
    [QUEUE_CODE_LIMIT] = {PROBLEM_CODE_LIMIT_REACHED,
                          "As many have come with this access code as it is good for: join "
                          "without it"},
    [QUEUE_FULL] = {PROBLEM_QUEUE_FULL, "Nobody else fits into the waiting room at the moment"},
    [QUEUE_NOT_DRAWABLE] = {PROBLEM_INTERNAL, "No lobby waits for its draw"},
};

enum problem problem_of_queue(enum queue_refusal refusal)
{
    assert(refusal > QUEUE_OK && refusal < QUEUE_REFUSAL_COUNT);
    return queue_words[refusal].problem;
}

const char *problem_queue_detail(enum queue_refusal refusal)
{
    assert(refusal > QUEUE_OK && refusal < QUEUE_REFUSAL_COUNT);
    return queue_words[refusal].detail;
}

enum problem problem_of_directory(enum directory_refusal refusal)
{
    switch (refusal) {
    case DIRECTORY_IDEMPOTENCY_MISMATCH: return PROBLEM_IDEMPOTENCY_MISMATCH;
    case DIRECTORY_FULL: return PROBLEM_BUSY;
    case DIRECTORY_EVENT_UNKNOWN: return PROBLEM_EVENT_NOT_FOUND;
    case DIRECTORY_OK: break;
    }
    return PROBLEM_INTERNAL;
}

void problem_write_faults(struct buf *extra, struct slice lines)
{
    buf_append_text(extra, "\"faults\":[");
    for (unsigned i = 0; i < FAULTS_SHOWN && lines.len; i++) {
        const char *end = memchr(lines.data, '\n', lines.len);
        size_t len = end ? (size_t)(end - lines.data) : lines.len;
        if (i > 0)
            buf_append_char(extra, ',');
        json_escape(extra, slice_make(lines.data, len));
        len += end ? 1 : 0;
        lines = slice_make(lines.data + len, lines.len - len);
    }
    buf_append_char(extra, ']');
}

#define RETRY_SECONDS 2u /* of what is busy for a moment */

void problem_answer_later(struct http_exchange *x, enum problem problem, uint64_t barrier,
                          uint32_t seconds, struct slice detail, struct slice extra)
{
    assert(problem < PROBLEM_COUNT);
    const struct problem_text *text = &problem_texts[problem];
    char after[16];
    int len = snprintf(after, sizeof after, "%u", seconds);
    if (text->status == 503)
        http_add_header(x, "Retry-After", slice_make(after, (size_t)len));
    if (text->status == 401)
        http_add_header(x, "WWW-Authenticate", SLICE("Bearer"));
    http_add_header(x, "Cache-Control", SLICE("no-store"));
    http_answer_problem(x, text->status, text->code, text->title, detail, extra, barrier);
}

void problem_answer_extra(struct http_exchange *x, enum problem problem, uint64_t barrier,
                          struct slice detail, struct slice extra)
{
    problem_answer_later(x, problem, barrier, RETRY_SECONDS, detail, extra);
}

void problem_answer(struct http_exchange *x, enum problem problem, uint64_t barrier,
                    const char *format, ...)
{
    char detail[1024];
    va_list args;
    va_start(args, format);
    int len = vsnprintf(detail, sizeof detail, format, args);
    va_end(args);
    size_t kept = len < 0 ? 0 : (size_t)len < sizeof detail ? (size_t)len : sizeof detail - 1;
    problem_answer_extra(x, problem, barrier, slice_make(detail, kept), SLICE(""));
}
