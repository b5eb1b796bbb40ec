/*
 * booking: the box office of one event as a pure state machine. It decides who holds which seat,
 * who bought it and what is owed to and by the payment provider. One writer; no clock, no I/O, no
 * allocation, no floats, no randomness: times, ids and secrets come in with the command.
 *
 *   booking_decide never changes state: it gives entries, or a refusal and none.
 *   booking_apply never refuses: it makes an entry of this machine true.
 *   The same entries through booking_apply give the same state bit by bit (booking_hash).
 *
 * Order of calls: the first entry of a partition is EventCreated: booking_memory_size, booking_init
 * (with that entry), then booking_apply for each entry after it. Or booking_restore from an image.
 *
 * Invariants (architecture 13): each unit is in exactly one state; a held unit's hold is live and
 * lists it; a sold unit's order is sold or captured and lists it; counts per category equal the
 * units'; ledger balances sum to zero. booking_check tests all of them.
 *
 * Thread: one for all machines of a process (reading an inventory uses memory that they share).
 * Memory of each: one block that the caller provides, zeroed; no growth.
 */
#ifndef ONSALE_BOOKING_BOOKING_H
#define ONSALE_BOOKING_BOOKING_H

#include "base/hash.h"
#include "base/limits.h"
#include "booking/records.h"

struct booking;

#define BOOKING_NONE 0xffffffffu

/* Why a command is refused; when, and in which order, is in RULES.md. name, code of the API */
#define BOOKING_REFUSALS(R)                                                                        \
    R(OK, "ok")                                                                                    \
    R(IDEMPOTENCY_MISMATCH, "idempotency_mismatch") /* same key, other request */                  \
    R(SALE_NOT_OPEN, "sale_not_open")               /* before opens_at */                          \
    R(SALE_PAUSED, "sale_paused")                                                                  \
    R(SALE_CLOSED, "sale_closed")                                                                  \
    R(EMPTY_REQUEST, "empty_request")           /* nothing asked for, or several ways at once */   \
    R(UNKNOWN_UNIT, "unknown_seat")             /* no such seat, area or category */               \
    R(REPEATED_UNIT, "repeated_seat")           /* the same seat or area twice in one request */   \
    R(HOLD_LIMIT, "hold_limit_reached")         /* more units than limits.per_hold */              \
    R(CODE_UNKNOWN, "code_unknown")             /* no such access code, or a revoked one */        \
    R(SESSION_LIMIT, "too_many_holds")          /* LIMIT_SESSION_HOLDS live holds already */       \
    R(BUYER_LIMIT, "limit_reached")             /* limits.per_buyer */                             \
    R(UNIT_UNAVAILABLE, "seat_unavailable")     /* held, sold, blocked, another's: culprits */     \
    R(NOT_ENOUGH, "not_enough_available")       /* too few left of what was asked for */           \
    R(NOT_ADJACENT, "no_adjacent_seats")        /* enough left, but not side by side */            \
    R(GROUP_INCOMPLETE, "group_incomplete")     /* sold together: culprits are the missing */      \
    R(COMPANION_ALONE, "companion_alone")       /* sold with its seat only: culprits */            \
    R(SINGLE_LEFT, "single_seat_left")          /* culprits stay alone, and need not */            \
    R(CATEGORY_LIMIT, "category_limit_reached") /* limits.per_category of a buyer */               \
    R(CODE_LIMIT, "code_limit_reached")         /* all that the code is good for is taken */       \
    R(QUOTA_REACHED, "quota_reached")           /* of a set of categories: no more are sold */     \
    R(HOLD_NOT_FOUND, "hold_not_found")         /* never existed, or another session's */          \
    R(HOLD_EXPIRED, "hold_expired")                                                                \
    R(HOLD_ENDED, "hold_ended")          /* released */                                            \
    R(HOLD_ORDERED, "hold_has_order")    /* cancel the order instead */                            \
    R(HOLD_FIXED, "hold_not_changeable") /* places of an area cannot be swapped for seats */       \
    R(ORDER_NOT_FOUND, "order_not_found")                                                          \
    R(ORDER_NOT_CANCELLABLE, "order_not_cancellable") /* paid or being paid */                     \
    R(BAD_CHANGE, "bad_change")                 /* prices for another number of categories, ... */ \
    R(UNIT_NOT_FREE, "seat_not_free")           /* blocked, moved or removed while held or sold */ \
    R(UNKNOWN_ALLOCATION, "unknown_allocation") /* no such number, or it was released */           \
    R(EVENT_LIMIT, "event_limit_reached")       /* of a thing that an event never gets back */     \
    R(FULL, "busy")                             /* every slot is in use: one comes free again */   \
    R(PROMO_UNKNOWN, "promo_unknown")           /* no such promo code, or a revoked one */         \
    R(PROMO_NOT_VALID, "promo_not_valid")       /* not yet, or no longer */                        \
    R(PROMO_NOT_APPLICABLE, "promo_not_applicable") /* to nothing of this hold */                  \
    R(PROMO_USED_UP, "promo_used_up")               /* all uses taken, or too little is left */    \
    R(ORDER_NOT_PAID, "order_not_paid")             /* nothing can be refunded */                  \
    R(ORDER_DISPUTED, "order_disputed")             /* the bank decides who gets the money */      \
    R(ALREADY_REFUNDED, "already_refunded")         /* culprits */                                 \
    R(NO_CASE, "no_open_case")                                                                     \
    R(CASE_ACTION, "case_action_not_possible")                                                     \
    R(TOTAL_TOO_SMALL, "total_too_small") /* less than the provider charges */

#define BOOKING_REFUSAL_NAME(name, code) BOOKING_##name,
enum booking_refusal { BOOKING_REFUSALS(BOOKING_REFUSAL_NAME) BOOKING_REFUSAL_COUNT };
#undef BOOKING_REFUSAL_NAME

/* The API's code of a refusal ("seat_unavailable"). */
const char *booking_refusal_code(enum booking_refusal refusal);

/* What was decided. Owned by the caller and reused: entries and lists point into it or into the
 * command. */
struct booking_decision {
    enum booking_refusal refusal;
    uint32_t entry_count;
    uint32_t hold;  /* the hold it is about, or BOOKING_NONE */
    uint32_t order; /* the order it is about, or BOOKING_NONE */
    bool repeated;  /* nothing new: the outcome of an earlier, equal request */
    uint8_t choice; /* enum booking_choice, when a hold was made */
    uint32_t culprit_count;
    uint32_t culprits[LIMIT_HOLD_UNITS]; /* units that stand in the way (UNIT_UNAVAILABLE, ...) */
    uint64_t categories; /* whose limit is reached (CATEGORY_LIMIT, QUOTA_REACHED), a bit each */
    struct booking_entry entries[LIMIT_DECISION_ENTRIES];
    /* what entries point to */
    uint32_t units[LIMIT_HOLD_UNITS];
    uint32_t discounts[LIMIT_HOLD_UNITS];
    uint64_t prices[LIMIT_PRICE_CATEGORIES];
    uint32_t text_used;
    char text[LIMIT_DECISION_TEXT];
};

/* Which units a run of booking_apply changed. When there are more than fit, `all` is set. */
#define BOOKING_TOUCHED_MAX 1024u
struct booking_touched {
    bool all;
    uint32_t count;
    uint32_t units[BOOKING_TOUCHED_MAX];
};

/* ---- life ---- */

/* False when the entry is not one that this machine can begin with (inventory, prices, bounds);
 * `detail` is a literal that says what. Commands and entries are checked alike. */
bool booking_created_valid(const struct entry_event_created *created, const char **ret_detail);

/* Bytes of the block that booking_init wants; `created` is valid. */
size_t booking_memory_size(const struct entry_event_created *created);

/* `memory` is zeroed and aligned for any type. `partition` goes into ids. */
struct booking *booking_init(void *memory, size_t size, uint32_t partition,
                             const struct entry_event_created *created, uint64_t ts_us);

/* The state as bytes, for snapshots; valid until the next apply. */
#define BOOKING_IMAGE_VERSION 6u
struct slice booking_image(const struct booking *b);
/* Bytes of the block for an image, 0 when it is not one; the block is zeroed. */
size_t booking_restore_size(struct slice image);
struct booking *booking_restore(void *memory, size_t size, struct slice image);

struct hash128 booking_hash(const struct booking *b);

/* Every invariant, by brute force; NULL when all hold, else a literal that names the first broken
 * one. */
const char *booking_check(const struct booking *b);

/* ---- deciding ---- */

/* `ts_us` is later than the last entry's. Each entry that follows from it is applied with a ts of
 * its own, rising from `ts_us`. */
void booking_decide(const struct booking *b, const struct booking_command *command, uint64_t ts_us,
                    struct booking_decision *ret_decision);

/* `touched` may be NULL. Not for PlanChanged: booking_change_plan. */
void booking_apply(struct booking *b, const struct booking_entry *entry, uint64_t ts_us,
                   struct booking_touched *touched);

/* A changed plan needs a larger block: bytes of it, and the machine in it (zeroed, aligned for any
 * type); `b` stays as it was and can be given back. */
size_t booking_change_plan_size(const struct booking *b, const struct entry_plan_changed *entry);
struct booking *booking_change_plan(const struct booking *b, void *memory, size_t size,
                                    const struct entry_plan_changed *entry, uint64_t ts_us);

/* ---- looking ----
 *
 * A look that takes a time is exact at that time. Counts (of categories, areas, quotas,
 * allocations) are what the entries say, so that they add up with each other: a hold that ran out
 * is counted as held until a tick has swept it. */

/* ALLOCATED is only told from outside: free, but not for everybody. Readers see it as blocked. */
enum booking_unit_state {
    BOOKING_FREE,
    BOOKING_HELD,
    BOOKING_SOLD,
    BOOKING_BLOCKED,
    BOOKING_ALLOCATED
};

enum booking_kind {
    BOOKING_KIND_STANDARD,
    BOOKING_KIND_ACCESSIBLE,
    BOOKING_KIND_COMPANION,
    BOOKING_KIND_RESTRICTED_VIEW,
    BOOKING_KIND_VIP,
    BOOKING_KIND_COUNT
};

struct booking_event {
    uint32_t partition;
    uint64_t event_random, organiser_random;
    char currency[4];
    uint64_t opens_at_us, closes_at_us;
    uint32_t hold_seconds, pay_seconds, per_buyer, per_hold;
    enum booking_sale sale; /* as the organiser set it; times are on top of it */
    enum booking_singles singles;
    uint32_t plan_version; /* how often the plan was changed */
    uint32_t seat_count;   /* of the plan in force */
    uint32_t unit_count, area_count, category_count, section_count;
    uint32_t allocation_count, quota_count;
    uint32_t code_count; /* access codes there ever were */
    uint32_t live_holds;
    uint64_t next_release_us; /* when a tick has to release an allocation; UINT64_MAX: never */
    uint64_t last_ts_us;
    enum booking_bearer fee_bearer;
    uint32_t payment_methods; /* a set of enum booking_method */
    uint32_t processing_seconds;
    uint32_t promo_count; /* promo codes there ever were */
    uint32_t open_cases, open_disputes;
    uint64_t next_case_us; /* when a tick has to release a sold order; UINT64_MAX: never */
};
struct booking_event booking_event(const struct booking *b);

/* Units of one category that a buyer may have, 0: no limit of its own. */
uint32_t booking_category_limit(const struct booking *b, uint32_t category);

struct booking_quota {
    uint64_t categories;  /* a bit each */
    uint32_t limit, used; /* units held and sold */
};
struct booking_quota booking_quota(const struct booking *b, uint32_t quota);

/* Open, or why not, at `ts_us`: BOOKING_OK, SALE_NOT_OPEN, SALE_PAUSED, SALE_CLOSED. */
enum booking_refusal booking_sale_state(const struct booking *b, uint64_t ts_us);

/* State of a unit; a hold that ran out by `ts_us` no longer counts, nor does an allocation that is
 * released by then. ALLOCATED units are free for those with a code of booking_unit_allocation. */
enum booking_unit_state booking_unit_state(const struct booking *b, uint32_t unit, uint64_t ts_us);
uint32_t booking_unit_category(const struct booking *b, uint32_t unit);
enum booking_kind booking_unit_kind(const struct booking *b, uint32_t unit);
/* The allocation that a unit belongs to or, held or sold, was taken from; 0: none. */
uint32_t booking_unit_allocation(const struct booking *b, uint32_t unit);
/* The seat with which a companion is sold, or BOOKING_NONE. */
uint32_t booking_unit_companion_of(const struct booking *b, uint32_t unit);
/* The others that are sold together with a unit, itself included; the number of them (0: alone). */
uint32_t booking_unit_group(const struct booking *b, uint32_t unit,
                            uint32_t ret_units[LIMIT_HOLD_UNITS]);
/* Seat `seat` of the plan in force as a unit, and back (BOOKING_NONE: an area's, or a removed
 * seat's). The same numbers until a plan was changed on sale. */
uint32_t booking_seat_unit(const struct booking *b, uint32_t seat);
uint32_t booking_unit_seat(const struct booking *b, uint32_t unit);
/* The area a unit belongs to, or BOOKING_NONE for a seat. */
uint32_t booking_unit_area(const struct booking *b, uint32_t unit);

struct booking_area {
    uint32_t first_unit, capacity, category, available;
};
struct booking_area booking_area(const struct booking *b, uint32_t area);

struct booking_allocation {
    struct slice id, name; /* point into the machine */
    enum booking_allocation_kind kind;
    uint64_t opens_at_us, releases_at_us;
    bool released;
    uint32_t capacity, available, held, sold, blocked; /* of its units; counted on demand */
    uint32_t codes, codes_used; /* that open it; with which places are held or sold */
};
/* `allocation` is 1 .. allocation_count. Goes through all units and codes. */
struct booking_allocation booking_allocation(const struct booking *b, uint32_t allocation);
/* The same without what is counted, at once. */
struct booking_allocation booking_allocation_terms(const struct booking *b, uint32_t allocation);
/* The number of the allocation with this id, 0: none. */
uint32_t booking_allocation_find(const struct booking *b, struct slice id);

/* What an access code opens at `ts_us`: its allocation, or 0. Units left on it are in *ret_left
 * (UINT32_MAX: no limit), also when its time has not come; untouched when it opens nothing any
 * more, or never did. */
uint32_t booking_code_opens(const struct booking *b, struct hash16 code, uint64_t ts_us,
                            uint32_t *ret_left);
/* The allocation that a code is for, open by now or not; 0: no such code, or a revoked one. */
uint32_t booking_code_allocation(const struct booking *b, struct hash16 code);

/* Its number, from 1 and for ever; 0: no such code. */
uint32_t booking_code_number(const struct booking *b, struct hash16 code);

struct booking_code_use {
    uint32_t limit, used; /* units; limit 0: none */
};
/* What a code of booking_code_allocation is good for, and what is held and sold with it. */
struct booking_code_use booking_code_use(const struct booking *b, struct hash16 code);

struct booking_price {
    int64_t price_minor, fee_minor;
};
/* The price of a category in force at `ts_us`, whether a tick has stepped to it or not. */
struct booking_price booking_category_price(const struct booking *b, uint32_t category,
                                            uint64_t ts_us);
/* When a tick has to step to other prices; UINT64_MAX: not as far as anybody knows now. */
uint64_t booking_next_step_us(const struct booking *b);
/* What the organiser set; rules may give another price. */
struct booking_price booking_category_base(const struct booking *b, uint32_t category);
uint32_t booking_category_tax(const struct booking *b, uint32_t category); /* basis points */

/* Rules, ceilings and packages as they were set; lists point into `ret_lists`. */
struct booking_price_plan_lists {
    uint32_t rule_categories[LIMIT_PRICE_RULES], sold_from[LIMIT_PRICE_RULES],
        sold_below[LIMIT_PRICE_RULES];
    uint64_t from_us[LIMIT_PRICE_RULES], until_us[LIMIT_PRICE_RULES], prices[LIMIT_PRICE_RULES];
    uint64_t ceilings[LIMIT_PRICE_CATEGORIES];
    uint64_t package_categories[LIMIT_PACKAGES];
    uint32_t package_sizes[LIMIT_PACKAGES], package_paid[LIMIT_PACKAGES];
};
void booking_price_plan(const struct booking *b, struct booking_price_plan_lists *ret_lists,
                        struct entry_price_plan_set *ret_plan);

/* One unit's part of a quote (MONEY.md). */
struct booking_line {
    int64_t price_minor;    /* list price */
    int64_t discount_minor; /* of packages and promo code together */
    int64_t fee_minor;      /* that the buyer pays */
    int64_t tax_minor;      /* inside what the buyer pays */
    int64_t total_minor;    /* price - discount + fee: what the buyer pays */
    /* Where it goes; the three sum to the total. */
    int64_t organiser_share, fees_share, tax_share;
};

struct booking_promo_terms {
    enum booking_promo kind; /* 0: revoked */
    uint64_t value, categories, budget, spent, from_us, until_us;
    uint32_t uses, used, max_units;
};
/* The terms of a promo code and what is used of it; false: there never was such a code. */
bool booking_promo_get(const struct booking *b, struct hash16 code,
                       struct booking_promo_terms *ret_terms);

struct booking_counts {
    uint32_t capacity, available, held, sold, blocked;
    uint32_t allocated;  /* free, but in an allocation */
    int64_t gross_minor; /* price and fee of what is sold */
};
struct booking_counts booking_category_counts(const struct booking *b, uint32_t category);

/* Accounts of an event (MONEY.md). Debit positive, minor units; they sum to zero. name, API's name
 */
#define BOOKING_ACCOUNTS(A)                                                          \
    A(BUYERS, "buyers")       /* owed by buyers for what is sold and not captured */ \
    A(PROVIDER, "provider")   /* captured, lies with the payment provider */         \
    A(ORGANISER, "organiser") /* negative: owed to the organiser */                  \
    A(FEES, "fees")           /* negative: the platform's fees */                    \
    A(TAX, "tax")             /* negative: owed to the tax office */                 \
    A(REFUNDS, "refunds")     /* negative: owed to buyers */                         \
    A(DISPUTES, "disputes")   /* taken back by banks while they decide */

#define BOOKING_ACCOUNT_NAME(name, text) BOOKING_ACCOUNT_##name,
enum booking_account { BOOKING_ACCOUNTS(BOOKING_ACCOUNT_NAME) BOOKING_ACCOUNT_COUNT };
#undef BOOKING_ACCOUNT_NAME
const char *booking_account_name(enum booking_account account);

struct booking_ledger {
    int64_t minor[BOOKING_ACCOUNT_COUNT];
};
struct booking_ledger booking_ledger(const struct booking *b);
/* What an entry moves when it is applied to this state: sums to zero. False: it moves nothing. */
bool booking_postings(const struct booking *b, const struct booking_entry *entry,
                      struct booking_ledger *ret_postings);
/* What one order's entries moved in all, worked out from what is known of it. `order` is below
 * booking_order_slots. */
struct booking_ledger booking_order_ledger(const struct booking *b, uint32_t order);
/* What orders left whose slots are others' now: with the statements of all orders it sums to the
 * ledger. */
struct booking_ledger booking_ledger_closed(const struct booking *b);

struct booking_hold {
    uint64_t random;
    struct hash16 session;
    uint64_t expires_at_us;
    uint32_t order; /* BOOKING_NONE: none */
    bool live; /* neither released nor expired nor sold (by entries; compare expires_at_us too) */
    bool expired;   /* it ran out; false while live, released or sold */
    uint8_t choice; /* enum booking_choice */
    uint32_t code;  /* slot + 1, 0: none */
    uint32_t unit_count;
    uint32_t units[LIMIT_HOLD_UNITS];
    struct booking_line lines[LIMIT_HOLD_UNITS]; /* as they were when it was quoted */
    int64_t total_minor;
    uint32_t promo; /* slot + 1, 0: none */
    bool extended;
};
/* False when the slot never held one or its random number differs. */
bool booking_hold_get(const struct booking *b, uint32_t hold, uint64_t random,
                      struct booking_hold *ret_hold);

/* Whether a hold was made under this idempotency key: the same request again makes nothing new. */
bool booking_hold_key_known(const struct booking *b, struct hash16 key);

/* The random number that hold `hold` was given, 0 when the slot is empty. */
uint64_t booking_hold_random(const struct booking *b, uint32_t hold);
uint32_t booking_hold_slots(const struct booking *b); /* slots ever used: 0 .. n-1 */
/* Whose the hold in this slot is, if it is live at `ts_us` (one with an order that waits for its
 * payment is): for going through all of them. False: none. */
bool booking_hold_session(const struct booking *b, uint32_t hold, uint64_t ts_us,
                          struct hash16 *ret_session);

enum booking_order_state {
    BOOKING_ORDER_PLACED = 1, /* waits for the buyer's payment */
    BOOKING_ORDER_SOLD,       /* authorised, seats sold, capture owed */
    BOOKING_ORDER_CAPTURED,   /* paid: tickets are valid */
    BOOKING_ORDER_ENDING, /* ended for the buyer, the provider has still to confirm the cancel */
    BOOKING_ORDER_ENDED,
};

enum booking_dispute_state {
    BOOKING_DISPUTE_NONE,
    BOOKING_DISPUTE_OPEN,
    BOOKING_DISPUTE_WON,
    BOOKING_DISPUTE_LOST, /* and with it all that was not refunded: nothing is sold any more */
    BOOKING_DISPUTE_LOST_IN_PART /* less than that: the tickets are valid */
};

enum booking_refund_state {
    BOOKING_REFUND_NONE,
    BOOKING_REFUND_DUE,     /* the provider has to pay it back, now or when others are done */
    BOOKING_REFUND_DONE,    /* paid back */
    BOOKING_REFUND_SETTLED, /* paid back from elsewhere */
    BOOKING_REFUND_FAILED   /* was done and came back: due again, when a person says so */
};

struct booking_order {
    uint64_t random;
    struct hash16 session, email_hash;
    struct hash16 card; /* that paid, once SOLD; zero: unknown */
    uint64_t person;
    enum booking_order_state state;
    enum booking_end end;   /* when ENDING or ENDED */
    bool attention;         /* a case is open */
    enum booking_call call; /* what is owed to the provider right now */
    uint8_t attempt;
    uint8_t declines;
    int64_t total_minor;
    uint64_t placed_at_us;
    uint64_t expires_at_us; /* of its hold, while PLACED */
    uint32_t hold;
    uint32_t unit_count;
    uint32_t units[LIMIT_HOLD_UNITS];
    struct booking_line lines[LIMIT_HOLD_UNITS];
    struct slice intent, client_secret, decline_code; /* point into the machine; empty: none */
    uint8_t provider;
    bool processing;
    uint32_t promo;                      /* slot + 1, 0: none */
    int64_t taken_minor;                 /* for nothing: it goes back, or went */
    int64_t by_hand_minor;               /* refunded at the provider by somebody, and recorded */
    uint8_t refund_of[LIMIT_HOLD_UNITS]; /* the refund that each unit is part of; 0: none */
    uint8_t refunds, refunds_done;       /* asked for; done or settled */
    uint8_t refund_failed;               /* the first that came back and is due again; 0: none */
    uint8_t refund_states[LIMIT_HOLD_UNITS]; /* enum booking_refund_state; refund 1 first */
    /* The attempt that each was paid with; until then the one that was asked last. 0: none. */
    uint8_t refund_attempts[LIMIT_HOLD_UNITS];
    enum booking_case case_reason; /* while attention */
    uint64_t case_opened_at_us;
    enum booking_dispute_state dispute;
};
bool booking_order_get(const struct booking *b, uint32_t order, uint64_t random,
                       struct booking_order *ret_order);
/* The reason of an order's open case (enum booking_case), 0: none. For lists of many. */
uint8_t booking_order_case(const struct booking *b, uint32_t order);
/* What refund `refund` (from 1) of an order gives back. */
int64_t booking_refund_amount(const struct booking *b, uint32_t order, uint8_t refund);

struct booking_dispute {
    uint32_t order; /* BOOKING_NONE: wholly refunded long ago, and its slot was used again */
    enum booking_dispute_state state;
    int64_t amount_minor;
    uint64_t opened_at_us, due_at_us;
    struct slice id, reason; /* point into the machine */
};
/* Dispute `dispute` of 0 .. n-1, oldest first; false: there are no more. */
bool booking_dispute_get(const struct booking *b, uint32_t dispute,
                         struct booking_dispute *ret_dispute);

/* The random number that order `order` was given, 0 when the slot is empty. */
uint64_t booking_order_random(const struct booking *b, uint32_t order);
uint32_t booking_order_slots(const struct booking *b); /* slots ever used: 0 .. n-1 */
/* The order with this payment, or BOOKING_NONE. Goes through all of them. */
uint32_t booking_order_of_intent(const struct booking *b, struct slice intent);

struct booking_ticket {
    uint64_t random;
    uint32_t unit; /* also the token's ordinal and the slot of its id */
    uint32_t order;
    uint16_t serial;     /* how often this unit was sold */
    uint16_t generation; /* only the newest admits */
    bool valid;          /* its order is captured, it is not refunded, nobody disputes it */
};
/* False when the unit has no ticket or its random number differs. */
bool booking_ticket_get(const struct booking *b, uint32_t unit, uint64_t random,
                        struct booking_ticket *ret_ticket);
uint64_t booking_ticket_random(const struct booking *b, uint32_t unit); /* 0: none */

/* The call that an order owes, as it stands in the entry PaymentRequested, from the state alone:
 * for a start after a crash. `ret_entry`'s slices point into `ret_text` (LIMIT_CALL_TEXT bytes).
 * False: none. */
bool booking_call_get(const struct booking *b, uint32_t order,
                      struct entry_payment_requested *ret_entry, char *ret_text);

#endif
