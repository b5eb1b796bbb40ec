/*
 * hurdle: what a visitor has to do first when too many come at once, or after checkouts that failed
 * again and again: a challenge (guard/challenge.h), work by default, or a wait for whoever asks for
 * that; in place of work a captcha, where one is set (captcha_hurdle.h). Asked with 428 and the
 * challenge; the same request again with its solution passes.
 *
 * Thread: the loop's.
 */
#ifndef ONSALE_API_HURDLE_H
#define ONSALE_API_HURDLE_H

#include "api/context.h"
#include "api/request.h"
#include "guard/challenge.h"

/* What a request says about a challenge. */
struct hurdle_answer {
    struct slice challenge, solution; /* copied into the exchange's memory; empty: none */
    struct slice captcha;             /* likewise: what its widget gave */
    bool without_work;                /* rather wait than compute, or show a captcha */
};

/* Reads the members HURDLE_MEMBERS of `object`. */
#define HURDLE_MEMBERS "challenge solution captcha without_work"
void hurdle_read(struct request *r, const json_t *object, struct http_exchange *x,
                 struct hurdle_answer *ret_answer);

enum hurdle { HURDLE_JOIN, HURDLE_CHECKOUT };

/* True: nothing is asked, or the challenge was solved. False: answered with 428, or a captcha is
 * being looked at: then the exchange's handler is called again. */
bool hurdle_taken(struct http_exchange *x, struct api_event *event, enum hurdle hurdle,
                  const struct hurdle_answer *answer);

/* Checkouts that failed (a declined card, a refused order) make a challenge due, for the session
 * and, when there are many, for its network. An order's network is remembered for the declines to
 * come: of the last HURDLE_ORDERS. */
#define HURDLE_ORDERS 4096u
void hurdle_checkout_refused(struct http_exchange *x);
void hurdle_ordered(struct http_exchange *x, uint32_t partition, uint32_t order);
void hurdle_entry(struct api *api, const struct engine_entry *entry);
void hurdle_finish(struct api *api);

#endif
