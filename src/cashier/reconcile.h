/*
 * reconcile: do the provider's books and ours agree? A run reads the provider's lists (intents,
 * refunds, disputes), compares each object with the machines, then goes through the machines for
 * what the lists did not have. What is under way is passed over: calls that are owed, orders that
 * wait for their payment, anything younger than the grace, orders whose case a person looks at
 * already.
 *
 *   reconcile_create -> while (reconcile_step) {} -> reconcile_request -> (ask) -> reconcile_page
 * -> ... until reconcile_request tells that all was asked and reconcile_step has nothing to do any
 * more
 *
 * Lists and machines are not read at the same moment, so a difference that was found once may be a
 * payment of just now: the host runs twice, some time apart, and keeps what was found both times
 * (reconcile_confirm). Nothing is changed here. Pure: no I/O, no clock. Thread: the engine's.
 */
#ifndef ONSALE_CASHIER_RECONCILE_H
#define ONSALE_CASHIER_RECONCILE_H

#include "effects/stripe.h"
#include "engine/engine.h"

#define RECONCILE_DIFFERENCES_MAX 1000u /* kept; more are only counted */
#define RECONCILE_GRACE_S 120u
#define RECONCILE_WORDS_MAX 320u

/* name, what it is called in tables */
#define RECONCILE_KINDS(K)                                                              \
    K(PAID_UNKNOWN, "paid, unknown here") /* paid there, and no order here */           \
    K(PAID_NOT_SOLD, "paid, not sold")    /* its order ended, and kept nothing */       \
    K(SOLD_NOT_PAID, "sold, not paid")    /* captured here, not there */                \
    K(AMOUNT, "another amount")                                                         \
    K(PAYMENT_MISSING, "payment missing there") /* captured here, in no list */         \
    K(REFUND_UNASKED, "refund not asked for")   /* all of them, and what is recorded */ \
    K(REFUND_TWICE, "refunded twice")                                                   \
    K(REFUND_AMOUNT, "refund of another amount")                                        \
    K(REFUND_MISSING, "refund missing there")  /* done here, not there */               \
    K(REFUND_UNTOLD, "refund done, open here") /* done there, and nobody told us */     \
    K(DISPUTE_UNKNOWN, "dispute unknown here")                                          \
    K(DISPUTE_STATE, "dispute in another state")                                        \
    K(DISPUTE_MISSING, "dispute missing there")

#define RECONCILE_KIND_NAME(name, words) RECONCILE_##name,
enum reconcile_kind { RECONCILE_KINDS(RECONCILE_KIND_NAME) RECONCILE_KIND_COUNT };
#undef RECONCILE_KIND_NAME

struct reconcile_difference {
    enum reconcile_kind kind;
    struct id order;                         /* random 0: none of this house */
    uint8_t refund;                          /* which of the order's; 0: none */
    char object[LIMIT_PAYMENT_ID_BYTES + 1]; /* the provider's id of what it is about */
    char currency[4];
    int64_t ours_minor, theirs_minor;
};

struct reconcile_options {
    const struct engine *engine; /* outlives the run */
    uint8_t provider;            /* whose lists they are; orders of another are passed over */
    uint64_t since_s;            /* orders placed before are not looked for; 0: all */
    uint64_t now_s;              /* when the run begins */
    uint32_t grace_s;            /* 0: RECONCILE_GRACE_S */
};

struct reconcile_counters {
    uint32_t intents, refunds, disputes; /* read */
    uint32_t foreign;                    /* of them not of this house */
    uint32_t orders;                     /* compared */
    uint32_t under_way;                  /* passed over */
    uint32_t differences;                /* found, also those that were not kept */
};

/* What a host tells of its runs, the one under way or the last one. */
struct reconcile_report {
    bool running;
    uint8_t provider;                   /* that is being compared */
    uint64_t started_us, ended_us;      /* wall clock; 0: never */
    uint64_t since_s;                   /* orders before are not looked for; 0: all */
    uint32_t read;                      /* objects of the provider's so far */
    char failure[ERR_DETAIL_MAX];       /* why it could not be ended, or "" */
    struct reconcile_counters counters; /* of those that ended */
    uint32_t count;
    struct reconcile_difference differences[RECONCILE_DIFFERENCES_MAX];
};

struct reconcile;

int reconcile_create(const struct reconcile_options *options, struct reconcile **ret_reconcile,
                     struct err *err) MUST_USE;
void reconcile_destroy(struct reconcile *r); /* NULL is allowed */

/* Does a slice of the work that needs no answer, a few milliseconds at most. False: nothing is left
 * to do before the next page. */
bool reconcile_step(struct reconcile *r);
/* The next page to ask for. False: all were read. */
bool reconcile_request(const struct reconcile *r, struct stripe_list_options *ret_options);
/* The answer to it. On failure (no list, no memory) it was not taken: ask again, or give up. */
int reconcile_page(struct reconcile *r, struct slice body, struct err *err) MUST_USE;

struct reconcile_counters reconcile_counters(const struct reconcile *r);
/* Valid until the run is destroyed. */
const struct reconcile_difference *reconcile_differences(const struct reconcile *r,
                                                         uint32_t *ret_count);
/* Keeps only the differences that an earlier run had, too. */
void reconcile_confirm(struct reconcile *r, const struct reconcile *earlier);

const char *reconcile_kind_words(enum reconcile_kind kind);
/* As which news its order hears of it (cashier_differs): which case a person finds. */
enum booking_payment reconcile_news(enum reconcile_kind kind);
/* One sentence, NUL-terminated. */
void reconcile_words(const struct reconcile_difference *difference,
                     char ret_words[RECONCILE_WORDS_MAX]);

#endif
