/*
 * calls: what the provider does when it is asked: the operations, over the books, with the events
 * they cause and the answers kept by idempotency key. They know nothing of connections: desk.c
 * reads requests, sandbox.c decides which fault they meet and when answers leave.
 *
 * Thread: the loop's.
 */
#ifndef ONSALE_SANDBOX_CALLS_H
#define ONSALE_SANDBOX_CALLS_H

#include "http/form.h"
#include "sandbox/agenda.h"
#include "sandbox/books.h"
#include "sandbox/faults.h"
#include "sandbox/hooks.h"

/* How long what comes by itself takes. */
struct calls_times {
    uint32_t processing_ms; /* a direct debit */
    uint32_t refund_ms;     /* a refund that is pending, or will fail */
    uint32_t dispute_ms;    /* until a dispute is opened, and until evidence is judged */
    uint32_t payout_ms;     /* until a payout has arrived */
};

struct call {
    /* Given by the caller; borrowed. */
    struct books *books;
    struct hooks *hooks;
    struct agenda *agenda;
    struct faults *faults; /* asked for each event */
    const struct calls_times *times;
    enum fault_on on;
    struct fault fault; /* what this call meets */
    bool secret_key;    /* else the publishable one: with the client secret only */
    struct slice id;    /* of the path; may be empty */
    struct slice key;   /* Idempotency-Key; may be empty */
    struct slice host;  /* where the caller found us: "127.0.0.1:8081" */
    uint64_t request;   /* hash of path and body */
    struct form form;   /* all zero: no fields */

    /* The answer. */
    int status;
    bool replayed;
    uint32_t retry_after_s; /* 0: not said */
    struct buf body;        /* owned by the caller */
    bool keep;              /* the answer is to be stored under the key */
};

typedef void calls_operation(struct call *call);

/* Does it, or finds what was answered to it under its key. */
void calls_run(struct call *call, calls_operation *operation);

/* Answers 500 without doing anything, or (`done`) having done it; stored under the key, as Stripe
 * does. */
void calls_fail(struct call *call, calls_operation *operation, bool done);

/* Answers 503 or 429 without doing anything; not stored. */
void calls_turn_away(struct call *call);

/* Fills the answer with an error. */
struct wire_error;
void calls_error(struct call *call, int status, const struct wire_error *error);

/* What stood in the agenda is due. */
void calls_due(struct call *call, const struct books_later *later);

/* "{prefix}{letters}" */
void calls_make_id(const char *prefix, size_t letters, size_t size, char *ret_id);

/* ---- Stripe's ---- */

calls_operation calls_intent_create, calls_intent_confirm, calls_intent_capture,
    calls_intent_cancel, calls_intent_retrieve, calls_intent_list, calls_charge_retrieve;
calls_operation calls_refund_create, calls_refund_retrieve, calls_refund_update, calls_refund_list;
calls_operation calls_dispute_retrieve, calls_dispute_update, calls_dispute_close,
    calls_dispute_list;
calls_operation calls_balance, calls_movement_retrieve, calls_movement_list, calls_payout_create,
    calls_payout_retrieve, calls_payout_list, calls_event_retrieve, calls_event_list;

/* ---- ours: what happens at Stripe without our doing ---- */

calls_operation calls_authenticate;   /* outcome=succeed|fail: the buyer's bank has decided */
calls_operation calls_dispute_open;   /* intent, reason, amount: the bank takes money back */
calls_operation calls_dispute_decide; /* outcome=won|lost */
calls_operation calls_refund_decide;  /* outcome=succeeded|failed|canceled */
calls_operation calls_payout_all;     /* currency: all there is, or all of one */
calls_operation calls_payout_decide;  /* outcome=paid|failed */

#endif
