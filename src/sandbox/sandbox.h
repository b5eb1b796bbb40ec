/*
 * sandbox: a payment provider of our own, Stripe-shaped, so that everything can be tried and tested
 * without an account: payment intents with Stripe's test cards, error bodies and idempotency,
 * signed webhooks, faults on demand, and books of its own. Money it moves is not real.
 *
 *   sandbox_start (on a loop), or sandbox_thread_start (a thread with a loop of its own), or
 *   sandbox_cli (a program of its own)
 *
 * Invariants: no answer and no webhook leaves before what it says is durable; the same key and
 * request get the same answer for ever; the books balance (sandbox/intent.h).
 *
 * Thread: sandbox_* on the loop's; sandbox_thread_* on one that is not the sandbox's.
 */
#ifndef ONSALE_SANDBOX_SANDBOX_H
#define ONSALE_SANDBOX_SANDBOX_H

#include "base/err.h"

#include <stdbool.h>
#include <stdint.h>
#include <uv.h>

struct sandbox;
struct sandbox_thread;

struct sandbox_options {
    const char *address;     /* numeric; NULL: 127.0.0.1 */
    uint16_t port;           /* 0: any */
    const char *data_dir;    /* made (0700) when it does not exist; its parent does */
    const char *webhook_url; /* where events go; NULL: nowhere */
    /* NULL: made at the first start and kept in the books. */
    const char *webhook_secret, *secret_key, *publishable_key;
    uint64_t seed; /* of the faults' chance */
};

/* Strings live as long as the sandbox. */
struct sandbox_keys {
    const char *webhook_secret, *secret_key, *publishable_key;
};

/* Listens. The options are copied. libcurl must have been initialised (curl_global_init) when other
 * threads use it. */
int sandbox_start(uv_loop_t *loop, const struct sandbox_options *options,
                  struct sandbox **ret_sandbox, struct err *err)
    __attribute__((warn_unused_result));
uint16_t sandbox_port(const struct sandbox *s);
struct sandbox_keys sandbox_keys(const struct sandbox *s);
/* Closes connections and books; the loop must run until its handles are gone. NULL is allowed. */
void sandbox_stop(struct sandbox *s);

/* Returns when it listens. */
int sandbox_thread_start(const struct sandbox_options *options, struct sandbox_thread **ret_thread,
                         struct err *err) __attribute__((warn_unused_result));
uint16_t sandbox_thread_port(const struct sandbox_thread *t);
struct sandbox_keys sandbox_thread_keys(const struct sandbox_thread *t);
/* Stops and joins. NULL is allowed. */
void sandbox_thread_stop(struct sandbox_thread *t);

/* `onsale sandbox-payments ...`; argv[0] is the command's name. Returns the exit code. */
int sandbox_cli(int argc, char **argv);

#endif
