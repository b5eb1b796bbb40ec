/*
 * books: the auditor. It sees every row at the moment it is durable, and nothing else of the house:
 * it keeps naive books of its own (units, holds, orders, keys, money), replays the entries into a
 * second machine, and compares with what the house, the provider and the buyers say.
 */
#ifndef ONSALE_TESTS_SIM_BOOKS_H
#define ONSALE_TESTS_SIM_BOOKS_H

#include "engine/engine.h"
#include "sim.h"

/* What one unit costs, and whose it is; worked out by books_money.c. */
struct books_line {
    uint32_t category;
    int64_t price, discount, fee, tax, total;
    int64_t organiser_part, fees_part, tax_part;
};

struct books_hold {
    uint32_t slot;
    uint64_t random;
    struct hash16 session, key;
    uint64_t request;
    uint64_t made_us, expires_us, ended_us;
    uint32_t revision; /* of the prices */
    uint32_t count, units[LIMIT_HOLD_UNITS];
    uint32_t order; /* 1 + index; 0: none */
    enum { HOLD_LIVES, HOLD_RELEASED, HOLD_RAN_OUT, HOLD_SOLD, HOLD_ENDED_WITH_ORDER } state;
    int64_t made_open_us; /* true time for which the house had been open, without standing still */
    uint64_t made_epoch, made_halted_us; /* the process that made it; host_halted_us then */
    uint32_t swaps;                      /* how often its seats were changed */
    uint32_t live_at;                    /* place in the list of live ones */
    struct books_line lines[LIMIT_HOLD_UNITS];
    uint32_t promo; /* slot + 1 */
    int64_t promo_spent;
    bool extended;
};

struct books_refund {
    int64_t amount;
    enum { REFUND_IS_DUE = 1, REFUND_IS_DONE, REFUND_IS_SETTLED, REFUND_CAME_BACK } state;
    uint8_t attempt; /* that was paid */
};

struct books_order {
    uint32_t slot;
    uint64_t random;
    struct hash16 session, email, key;
    uint64_t request;
    uint32_t hold; /* index */
    uint32_t count, units[LIMIT_HOLD_UNITS];
    int64_t total_minor;
    enum { ORDER_WAITS = 1, ORDER_SOLD, ORDER_CAPTURED, ORDER_ENDING, ORDER_ENDED } state;
    uint8_t reason;
    uint32_t card; /* that paid, as the provider says; 0: unknown */
    bool has_case, created, asked;
    uint32_t declines;
    uint32_t bank_declines; /* of them while it processed: a look and a webhook may both tell */
    uint8_t call;           /* owed to the provider */
    uint8_t provider;
    struct books_line lines[LIMIT_HOLD_UNITS];
    uint32_t promo; /* slot + 1 */
    int64_t promo_spent;
    int64_t accounts[BOOKING_ACCOUNT_COUNT];
    int64_t taken_minor;                 /* for nothing */
    int64_t by_hand_minor;               /* refunded at the provider, and recorded */
    uint8_t refund_of[LIMIT_HOLD_UNITS]; /* 0: none */
    uint32_t refund_count;
    struct books_refund refunds[LIMIT_HOLD_UNITS + 1]; /* 1: the first */
    uint8_t refund_calls;                              /* attempts of all of them */
    enum {
        DISPUTE_NEVER,
        DISPUTE_IS_OPEN,
        DISPUTE_IS_WON,
        DISPUTE_IS_LOST,
        DISPUTE_LEFT_SOME /* lost, and the tickets are valid */
    } dispute;
    int64_t dispute_minor;
    bool processing;
    uint64_t processing_until_us; /* 0: it never did */
    bool looked_at;               /* a person decided about it */
    bool accepted;                /* and said that it was put in order elsewhere */
    uint8_t case_reason;
    uint64_t case_us;
};

struct books *books_create(struct sim *s);
void books_destroy(struct books *books);

/* ---- what happens ---- */

/* `hash`: the row's. */
void books_row(struct sim *s, uint64_t seq, uint64_t ts_us, struct slice body, const uint8_t *hash);
uint64_t books_entries(const struct sim *s); /* durable entries of all partitions */
/* A machine of the house between two decisions. */
void books_decision(struct sim *s, const struct booking *b);
void books_process_gone(struct sim *s);
/* The engine has read the journal: its machines must be those of the books. */
void books_recovered(struct sim *s, struct engine *engine);
/* The house's clock when it credits the outage. */
void books_doors_open(struct sim *s, uint64_t house_us);
/* After a turn: when nothing is undurable, the live machines must be those of the books. */
void books_compare(struct sim *s);
void books_after_tick(struct sim *s);
/* The end of a calm world: everything ended, and money is where it belongs. */
void books_end(struct sim *s);
/* All orders have ended or have an open case, and no hold lives. */
bool books_quiet(const struct sim *s);

/* ---- looking, for those who were promised something; NULL: the books know of no such thing ----
 */

const struct books_hold *books_hold(const struct sim *s, uint32_t event, uint32_t slot,
                                    uint64_t random);
const struct books_order *books_order(const struct sim *s, uint32_t event, uint32_t slot,
                                      uint64_t random);
/* By key, while the slot still belongs to it. */
const struct books_hold *books_hold_by_key(const struct sim *s, uint32_t event, struct hash16 key);
const struct books_order *books_order_by_key(const struct sim *s, uint32_t event,
                                             struct hash16 key);
uint32_t books_events(const struct sim *s);
/* Nothing is left of it: all its units were refunded. */
bool books_order_over(const struct books_order *o);
/* One of the orders of an event at random that are captured, or that have a case; NULL: none was
 * found. */
const struct books_order *books_some_order(const struct sim *s, uint32_t event,
                                           struct random *random, bool with_case);

#endif
