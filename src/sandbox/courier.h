/*
 * courier: carries webhooks out on a thread of its own with libcurl, so that a slow receiver never
 * slows the provider. Letters go in on the loop's thread and `done` is called there.
 *
 * Thread: the loop's, for all functions.
 */
#ifndef ONSALE_SANDBOX_COURIER_H
#define ONSALE_SANDBOX_COURIER_H

#include "base/err.h"
#include "base/slice.h"

#include <uv.h>

#define COURIER_TIMEOUT_MS 10000L

struct courier;

/* `done` gets the letter's ticket and the HTTP status (0: no answer), once a letter. */
int courier_create(uv_loop_t *loop, void *context,
                   void (*done)(void *context, int64_t ticket, int status),
                   struct courier **ret_courier, struct err *err) MUST_USE;

struct courier_letter {
    int64_t ticket;
    const char *url;
    const char *signature; /* value of Stripe-Signature */
    struct slice body;     /* JSON */
};
/* Copies the letter. False: no memory; `done` will not be called. */
bool courier_send(struct courier *courier, const struct courier_letter *letter);

/* Stops the thread (what is on its way is dropped without `done`); the loop must run once more.
 * NULL is allowed. */
void courier_destroy(struct courier *courier);

#endif
