/*
 * problems: everything that can be said no to, in one table made from the contract's x-problems,
 * and how refusals of the machines map to it.
 */
#ifndef ONSALE_API_PROBLEMS_H
#define ONSALE_API_PROBLEMS_H

#include "base/buf.h"
#include "booking/booking.h"
#include "directory/directory.h"
#include "http/server.h"
#include "problems.gen.h"
#include "queue/queue.h"

/* Answers with the problem; `format` makes the detail, which says what and why in words for a
 * person. */
PRINTF_LIKE(4, 5)
void problem_answer(struct http_exchange *x, enum problem problem, uint64_t barrier,
                    const char *format, ...);
/* The same with further members ("\"seats\":[...]"). */
void problem_answer_extra(struct http_exchange *x, enum problem problem, uint64_t barrier,
                          struct slice detail, struct slice extra);

/* The same with a Retry-After of so many seconds. */
void problem_answer_later(struct http_exchange *x, enum problem problem, uint64_t barrier,
                          uint32_t seconds, struct slice detail, struct slice extra);

/* A JSON object's members without its braces, as problem_answer_extra wants them. */
static inline struct slice problem_members(const struct buf *object)
{
    return object->failed || object->len <= 2 ? SLICE("")
                                              : slice_make(object->data + 1, object->len - 2);
}

/* Appends the member "faults": a plan's faults, one a line, the first ones. */
void problem_write_faults(struct buf *extra, struct slice lines);

/* The problem that stands for a refusal, and its words. Never called with BOOKING_OK. */
enum problem problem_of_booking(enum booking_refusal refusal);
const char *problem_booking_detail(enum booking_refusal refusal);
enum problem problem_of_queue(enum queue_refusal refusal);
const char *problem_queue_detail(enum queue_refusal refusal);
enum problem problem_of_directory(enum directory_refusal refusal);

#endif
