/*
 * hooks: delivers events to the webhook: signed as Stripe signs, in order for each intent, at most
 * HOOKS_IN_FLIGHT at a time, again and again (0.5 s doubling to 30 s) until answered 2xx or
 * HOOKS_GIVE_UP_S old. What is not delivered stays in the books and is sent after a restart.
 *
 * Thread: the loop's.
 */
#ifndef ONSALE_SANDBOX_HOOKS_H
#define ONSALE_SANDBOX_HOOKS_H

#include "sandbox/books.h"
#include "sandbox/faults.h"

#include <uv.h>

#define HOOKS_IN_FLIGHT 16u
#define HOOKS_GIVE_UP_S 259200 /* three days, as Stripe */

struct hooks;

struct hooks_options {
    uv_loop_t *loop;
    struct books *books; /* borrowed */
    const char *url;     /* NULL or "": events are sent nowhere; borrowed */
    const char *secret;  /* borrowed */
};

/* Takes up what the books say is still to be delivered. */
int hooks_create(const struct hooks_options *options, struct hooks **ret_hooks,
                 struct err *err) MUST_USE;

/* Queues an event that is in the books; its delivery is durable with the next commit. `fault`: what
 * happens to it (kind FAULT_NONE for nothing). */
void hooks_add(struct hooks *hooks, const struct books_event *event, const struct fault *fault);

/* Sends what was made durable; call after each commit. */
void hooks_go(struct hooks *hooks);

/* The value of Stripe-Signature for a body. Returns its length. */
size_t hooks_sign(const char *secret, int64_t now_s, struct slice body, char ret_text[128]);

/* NULL is allowed; the loop must run once more. */
void hooks_destroy(struct hooks *hooks);

#endif
