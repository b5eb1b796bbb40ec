/* books_private: what the auditor's two files share: the books themselves, and looking into them.
 */
#ifndef ONSALE_TESTS_SIM_BOOKS_PRIVATE_H
#define ONSALE_TESTS_SIM_BOOKS_PRIVATE_H

#include "books.h"

enum unit_state { UNIT_FREE, UNIT_HELD, UNIT_SOLD, UNIT_BLOCKED };

struct unit {
    uint8_t state;
    uint32_t owner; /* index of hold or order */
};

/* Lost time that a machine has to be given back. */
struct owed {
    uint64_t halted_us; /* of host_halted_us, what was given back or not owed */
    bool due;           /* since the doors opened: somebody's time ran, and time was lost */
    bool was_due;       /* the process that owed it died: what it still wrote is seen at a start */
};

struct books_promo {
    struct hash16 hash;
    uint8_t kind; /* 0: revoked */
    uint64_t value, categories, budget, from_us, until_us;
    uint32_t uses, max_units;
    /* by holds that live and what was sold */
    uint32_t used;
    int64_t spent;
};

/* What makes prices, and where money is. */
struct money {
    struct booking_price base[LIMIT_PRICE_CATEGORIES];
    uint32_t tax_bp[LIMIT_PRICE_CATEGORIES];
    bool organiser_bears;
    uint32_t processing_seconds;
    uint32_t rule_count, package_count;
    struct {
        uint32_t category, sold_from, sold_below;
        uint64_t from_us, until_us;
        int64_t price;
    } rules[LIMIT_PRICE_RULES];
    struct {
        uint64_t categories;
        uint32_t size, paid;
    } packages[LIMIT_PACKAGES];
    struct books_promo *promos;
    uint32_t promo_count, promo_capacity;
    int64_t accounts[BOOKING_ACCOUNT_COUNT];
    uint32_t stuck; /* sold orders with a case */
};

/* One event's books. */
struct book {
    uint32_t number;
    struct booking *shadow; /* the second machine */
    uint64_t pseq, ts_us;
    uint64_t decided_us; /* a decision's entries follow each other by a microsecond: of the first */
    uint32_t unit_count, category_count, per_buyer, per_hold, hold_seconds, pay_seconds;
    struct booking_price *prices; /* revision x category */
    uint32_t revision, revisions; /* in force; how many there are */
    struct money money;
    struct unit *units;
    struct books_hold *holds;
    uint32_t hold_count, hold_capacity;
    struct books_order *orders;
    uint32_t order_count, order_capacity;
    uint32_t *hold_of_slot, *order_of_slot; /* 1 + index of the newest; 0: none */
    uint32_t hold_slots, order_slots;
    uint32_t *live; /* indices of live holds */
    uint32_t live_count, live_capacity;
    struct owed owed;
};

struct books {
    struct random random;
    struct book events[SIM_EVENTS_MAX + 1]; /* by partition */
    uint32_t event_count;
    uint32_t intents_beyond; /* payments of orders, beyond one each */
    struct directory *directory;
    uint64_t directory_pseq;
    uint64_t entries;
    uint64_t head_ts_us; /* of the last row */
    uint64_t credit_us;  /* outage that the doors owed */
    uint64_t closed_us;  /* since when */
    struct booking_entry entry;
};

/* ---- books.c ---- */

void *books_grown(void *list, uint32_t count, uint32_t *capacity, size_t size);
struct books_hold *books_hold_at(struct sim *s, struct book *b, uint32_t slot);
void books_slot_note(uint32_t **slots, uint32_t *count, uint32_t slot, uint32_t index);
bool books_key_set(struct hash16 key);
/* `state`: of enum in struct books_hold. */
void books_hold_ends(struct sim *s, struct book *b, struct books_hold *h, uint32_t state,
                     uint64_t ts_us);

/* ---- books_orders.c ---- */

/* Learns what an entry means for orders; others are passed over. */
void books_order_entry(struct sim *s, struct book *b, const struct booking_entry *e,
                       uint64_t ts_us);
/* The hold of a waiting order ran out. */
void books_order_expires(struct sim *s, struct book *b, struct books_order *o);
struct id books_order_id(const struct book *b, const struct books_order *o);
/* Units that the order has now: sold, neither refunded nor lost. */
uint32_t books_order_units(const struct books_order *o);

/* ---- books_money.c ---- */

void money_begin(struct book *b, const struct entry_event_created *e);
void money_end(struct book *b);
/* Learns what an entry says about prices and promo codes; others are passed over. */
void money_entry(struct sim *s, struct book *b, const struct booking_entry *e, uint64_t ts_us);
/* The lines of a hold, worked out anew, with the promo code that it has; they must be those of the
 * entry. `discounts` empty: none. */
void money_quote(struct sim *s, struct book *b, struct books_hold *h, struct u32s discounts,
                 uint64_t promo_spent);
/* A new hold has today's prices. */
void money_check_prices(struct sim *s, struct book *b, uint64_t ts_us);
/* Its use of its promo code is taken (+1) or given back (-1). */
void money_promo_count(struct book *b, uint32_t promo, int64_t spent, int sign);
/* Debit positive; `amount` may be negative. */
void money_post(struct book *b, struct books_order *o, enum booking_account account,
                int64_t amount);
/* The shares of the order's units for which `which` says yes, with this sign. */
void money_post_shares(struct book *b, struct books_order *o, const bool *which, int64_t sign);
/* Balances and promo codes in the auditor's machine. */
void money_audit(struct sim *s, const struct book *b);

/* The first entry after the doors opened gives the outage back; no entry gives back more than was
 * lost. `credited_us` is 0 for all entries but OutageCredited. */
void books_check_credit(struct sim *s, struct owed *owed, uint32_t partition, bool is_credit,
                        uint64_t credited_us, uint64_t ts_us);

/* ---- audit.c ---- */

/* Whether a check is made now that costs about so much: the dearer, the more rarely. */
bool audit_due(struct sim *s, uint64_t cost_ns);
uint64_t audit_book_ns(const struct book *b);
uint64_t audit_machine_ns(const struct booking *b);

/* The state of every unit and the sums, in the auditor's machine and in the books. */
void audit_book(struct sim *s, struct book *b);
/* The machine's own invariants. Only between two decisions: an order that was placed asks for its
 * payment an entry later. */
void audit_machine(struct sim *s, const struct booking *b, const char *which);
/* How long the house could have let holds run out, by true time. */
int64_t audit_open_us(struct sim *s);

#endif
