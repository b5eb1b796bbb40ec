/*
 * calls: what the provider does when it is asked: the operations on intents, over the books, with
 * the events they cause and the answers kept by idempotency key. They know nothing of connections:
 * sandbox.c reads requests and decides when answers leave.
 *
 * Thread: the loop's.
 */
#ifndef ONSALE_SANDBOX_CALLS_H
#define ONSALE_SANDBOX_CALLS_H

#include "http/form.h"
#include "sandbox/books.h"
#include "sandbox/faults.h"
#include "sandbox/hooks.h"

struct call {
    /* Given by the caller. */
    struct books *books;
    struct hooks *hooks;
    struct faults *faults; /* asked for each event */
    enum fault_on on;
    struct fault fault;  /* what this call meets */
    bool secret_key;     /* else the publishable one: confirm with the client secret only */
    struct slice intent; /* of the path; empty for create and refund */
    struct slice key;    /* Idempotency-Key; may be empty */
    uint64_t request;    /* hash of path and body */
    struct form form;    /* owned by the caller; all zero: no fields */

    /* The answer. */
    int status;
    bool replayed;
    struct buf body; /* owned by the caller */
    bool keep;       /* the answer is to be stored under the key */
};

/* Does the call, or finds what was answered to it under its key. */
void calls_run(struct call *call);

/* Answers 500 without doing anything; stored under the key, as Stripe does. */
void calls_fail(struct call *call);

/* Reading, no keys and no faults. */
void calls_retrieve(struct call *call);
void calls_list(struct call *call);

/* Fills the answer with an error. */
struct wire_error;
void calls_error(struct call *call, int status, const struct wire_error *error);

/* Ends what is processing (`id` empty: all of it, after a start). */
void calls_settle(struct call *call, struct slice id);

/* The buyer's bank has decided. */
void calls_authenticate(struct call *call, bool proved);

/* "{prefix}{24 letters}" */
void calls_make_id(const char *prefix, size_t letters, size_t size, char *ret_id);

#endif
