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

/* One event's books. */
struct book {
    uint32_t number;
    struct booking *shadow; /* the second machine */
    uint64_t pseq, ts_us;
    uint64_t decided_us; /* a decision's entries follow each other by a microsecond: of the first */
    uint32_t unit_count, category_count, per_buyer, per_hold, hold_seconds, pay_seconds;
    struct booking_price *prices; /* revision x category */
    uint32_t revision;
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
