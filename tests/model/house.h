/*
 * house: what the model remembers and the few things that all its parts do, for the files of this
 * folder only: lists, and nothing that could be found by looking through them.
 */
#ifndef ONSALE_TESTS_MODEL_HOUSE_H
#define ONSALE_TESTS_MODEL_HOUSE_H

#include "model/model.h"

#define SECOND_US 1000000ull
#define DAY_US (24 * 3600 * SECOND_US)
#define SLOTS_OVER_UNITS 1024u /* holds, orders and codes beyond one for each unit */
#define PRICE_REVISIONS 128u
#define DECLINE_CODE_BYTES 40u
#define ALL_CATEGORIES UINT64_MAX

/* "The first that fails is the answer": leaves the function with it. */
#define REFUSE_IF(why, name)       \
    do {                           \
        if (why)                   \
            return BOOKING_##name; \
    } while (0)
#define CHECK(call)                                   \
    do {                                              \
        enum booking_refusal refused_by_call_ = call; \
        if (refused_by_call_ != BOOKING_OK)           \
            return refused_by_call_;                  \
    } while (0)

struct text {
    uint32_t len;
    char bytes[LIMIT_NAME_BYTES];
};

/* What the command at hand is about to do with a unit. */
enum mark { UNTOUCHED, CHOSEN /* for the hold, the block, the allocation */, LEAVES };

struct unit {
    enum booking_unit_state state;
    uint32_t owner; /* hold or order */
    uint32_t category, kind, allocation, group, companion_of, area, seat;
    uint32_t place, section, cost; /* place among all seats, block by block; an area's: NONE */
    uint32_t left, right;          /* its neighbours in the block, or NONE */
    uint32_t ticket_order, serial;
    uint64_t ticket;
    bool removed;
    enum mark mark;
};

enum kind { HOLDS, ORDERS };

/* What a hold became; apart from the states of orders. */
enum life { LIVE = BOOKING_ORDER_ENDED + 1, RELEASED, EXPIRED, PAID };

/* One unit of a hold or an order, as it was quoted. */
struct part {
    struct booking_line line;
    int64_t promo_minor; /* of the discount, what the promo code takes off */
    uint32_t category;
    uint32_t refund; /* that it is part of, 0: none */
    bool coded;      /* the access code opened it */
};

struct refund {
    int64_t amount_minor;
    enum booking_refund_state state;
    uint32_t attempt; /* that paid it, or was asked last; 0: none */
};

/* A hold or an order: some units, for somebody. */
struct deal {
    uint64_t random, request, ended_at_us, ended; /* ended: a running number, 0: it did not */
    struct hash16 key, session, email;            /* a hold has its order's e-mail */
    struct hash16 card;                           /* that paid a sold order */
    uint32_t state, other;                        /* other: the hold's order, the order's hold */
    uint32_t revision, code, promo, count, units[LIMIT_HOLD_UNITS];
    struct part parts[LIMIT_HOLD_UNITS];
    bool extended;
    uint64_t expires_at_us; /* of a hold */
    uint8_t choice;
    uint64_t person, placed_at_us; /* of an order */
    uint32_t end, call, declines;
    uint32_t reason; /* of its case, 0: none is open */
    uint64_t case_at_us;
    bool processing;
    struct text intent, secret, decline;
    int64_t taken_minor, by_hand_minor;
    uint64_t processes_until_us; /* 0: it never processed */
    uint32_t refunds, owed;      /* owed: the refund that the call is for */
    uint32_t refunds_asked;      /* calls of all refunds: the last attempt's number */
    struct refund refund[LIMIT_HOLD_UNITS];
    uint64_t refunded; /* a running number: its last RefundDone */
    enum booking_dispute_state dispute;
};

struct dispute {
    struct text id, reason;
    int64_t amount_minor;
    uint64_t opened_at_us, due_at_us;
    uint32_t order;
    enum booking_dispute_state state;
};

struct deals {
    uint32_t count;
    struct deal *all;
};

struct allocation {
    struct text id, name;
    uint64_t opens_at_us, releases_at_us;
    uint32_t kind, released;
};
_Static_assert(sizeof(struct allocation) == 432, "no padding: compared as bytes");

struct code {
    struct hash16 hash;
    uint32_t allocation, limit;
};

struct promo {
    struct hash16 hash;
    uint32_t kind; /* 0: revoked */
    uint64_t value, categories, budget, from_us, until_us;
    uint32_t uses, max_units;
    uint64_t gone_uses, gone_minor; /* by orders whose slots are others' now */
};

struct quotas {
    uint64_t count;
    struct {
        uint64_t categories, limit;
    } all[LIMIT_QUOTAS];
};

struct prices {
    struct booking_price of[LIMIT_PRICE_CATEGORIES];
};

/* Rules, ceilings and packages. */
struct price_plan {
    uint64_t rule_count, package_count, ceilings[LIMIT_PRICE_CATEGORIES];
    struct {
        uint64_t category, from_us, until_us, sold_from, sold_below, price_minor;
    } rules[LIMIT_PRICE_RULES];
    struct {
        uint64_t categories, size, paid;
    } packages[LIMIT_PACKAGES];
};

/* What the organiser may change at any time. */
struct terms {
    uint32_t sale, singles, per_buyer, per_hold, per_category[LIMIT_PRICE_CATEGORIES];
};

/* For whom units shall be found, and which. */
struct audience {
    uint32_t code, allocation; /* slot + 1; what it opens */
    bool opened;               /* the code's allocation is open */
    bool everybody;            /* everybody's units are, too */
    const struct deal *own;    /* the hold that is changed, or NULL */
    bool same_code;            /* which it keeps */
    uint64_t categories;       /* of the best: a bit each */
    uint32_t section;          /* of the best: number + 1, 0: any */
};

struct model {
    uint64_t opens_at_us, closes_at_us, last_us, endings;
    uint32_t hold_seconds, pay_seconds;
    uint32_t unit_count, seat_count, section_count, area_count, category_count;
    uint32_t allocation_count, code_count, promo_count, dispute_count;
    uint32_t tax_bp[LIMIT_PRICE_CATEGORIES], payment_methods, processing_seconds;
    bool organiser_bears;
    struct {
        uint32_t first, size, category;
    } areas[LIMIT_AREAS];
    struct unit *units;
    struct deals deals[2]; /* by enum kind */
    struct code *codes;
    struct promo *promos;
    struct dispute *disputes;
    struct allocation allocations[LIMIT_ALLOCATIONS + 1];
    struct terms terms;
    struct quotas quotas;
    struct price_plan price_plan;
    struct prices base, prices[PRICE_REVISIONS];
    uint32_t revisions, revision; /* how many; the one in force */
    int64_t ledger[BOOKING_ACCOUNT_COUNT];
    /* the command at hand */
    uint64_t ts_us, next_us; /* next_us: of the next entry */
    const struct booking_decision *machine;
    struct model_outcome *out;
    struct audience who;
    char text[256];
};

/* ---- what is true at ts_us ---- */

static inline struct unit *house_end(const struct model *m) /* behind the last unit */
{
    return m->units + m->unit_count;
}

/* The unit of this number, or NULL. */
struct unit *house_unit(const struct model *m, uint32_t unit);
/* All holds, then all orders; NULL: no more. */
const struct deal *house_deal(const struct model *m, uint32_t i);
/* The units of a hold or an order are somebody's: it lives, it is sold. */
bool house_keeps(const struct model *m, const struct deal *d);
/* They count for limits, codes and promo codes: also those that ran out while their order waits. */
bool house_counts(const struct model *m, const struct deal *d);
bool house_ran_out(const struct model *m, const struct deal *hold); /* swept or not */
bool house_is_sold(const struct deal *order);
bool house_is_taken(const struct model *m, const struct unit *u);
bool house_is_free(const struct model *m, const struct unit *u);
bool house_is_released(const struct model *m, uint32_t allocation);
int64_t house_total(const struct deal *d);
/* Part i of a sold order is still its buyer's: not refunded, not lost to the bank. */
bool house_has_part(const struct deal *d, uint32_t i);
/* Units of these categories (a bit each) that a session or an address (NULL: anybody) has: in live
 * holds or waiting orders, and bought. Those of the hold that is changed are not counted. */
uint32_t house_has(const struct model *m, const struct hash16 *buyer, bool address,
                   uint64_t categories);
/* Units of these categories in sold orders that the card paid. */
uint32_t house_card_has(const struct model *m, const struct hash16 *card, uint64_t categories);
/* Has the card that would pay this order all that one buyer may have? */
bool house_card_is_full(const struct model *m, const struct hash16 *card, const struct deal *order);
/* With the chosen ones, where these are more than the changed hold had, they are over `limit`. */
bool house_exceeds(struct model *m, const struct hash16 *buyer, bool address, uint64_t categories,
                   uint32_t limit);
enum booking_refusal house_check_categories(struct model *m, const struct hash16 *buyer,
                                            bool address);
/* Units taken with a code, held and sold. */
uint32_t house_code_used(const struct model *m, uint32_t code);
uint32_t house_code_find(const struct model *m, struct hash16 hash); /* slot + 1, or 0 */
/* NULL: there is none, or not this session's (NULL: anybody's). */
struct deal *house_find(const struct model *m, enum kind kind, uint32_t slot, uint64_t random,
                        const struct hash16 *session);
/* What an earlier request with this key made. True: that is the answer. */
bool house_key_answers(struct model *m, struct hash16 key, uint64_t request, enum kind kind,
                       enum booking_refusal *ret_refusal);
/* Where the next one goes, or BOOKING_NONE. */
uint32_t house_slot(const struct model *m, enum kind kind);
struct deal *house_put(struct model *m, enum kind kind, uint32_t slot, struct deal deal);
void house_culprit(struct model *m, const struct unit *u);
/* Pairs of area and quantity: an odd list, or a quantity of 0. */
bool house_is_odd(struct u32s areas);
/* Marks units of each area, with `take` (false: not enough). */
enum booking_refusal house_take_areas(struct model *m, struct u32s areas, enum mark mark,
                                      bool (*take)(struct model *m, uint32_t area, uint32_t wanted,
                                                   enum mark mark));

/* ---- facts: an entry and what it changes ---- */

uint64_t house_fact(struct model *m, enum booking_entry_number number);
/* One about the money of an order; `what` as in struct model_note. */
uint64_t house_money_fact(struct model *m, enum booking_entry_number number,
                          const struct deal *order, uint32_t what, int64_t amount_minor);
/* `refund`: its number, of a refund. */
void house_owe(struct model *m, struct deal *order, enum booking_call call, uint32_t refund);
void house_end_hold(struct model *m, struct deal *hold, enum life how); /* part of other entries */
void house_expire(struct model *m, struct deal *hold);
void house_end_order(struct model *m, struct deal *order, enum booking_end why);
/* The hold that was sold to this order has none any more. */
void house_leave_hold(struct model *m, const struct deal *order);
/* The provider knows of no payment, or will never make it. */
void house_finish(struct model *m, struct deal *order);
/* Expires the holds that ran out and have a marked unit, in the machine's order, at most `most`. */
void house_sweep(struct model *m, uint32_t most);
void house_release_due(struct model *m);
/* In front of what a command does to the marked units; allocations only where it `releases`. */
enum booking_refusal house_make_way(struct model *m, bool releases);
void house_mark(struct model *m, enum mark mark); /* all units */

/* ---- money ---- */

/* The prices at this moment, whether anybody has stepped to them or not. */
struct prices house_prices_now(const struct model *m);
void house_step(struct model *m); /* PricesStepped, where it is due */
bool house_are_categories(const struct model *m, uint64_t categories); /* that exist */
uint32_t house_promo_find(const struct model *m, struct hash16 hash);  /* slot + 1, or 0 */
/* Holds and orders that have it and count (`d` does not), and what it takes off them. */
uint64_t house_promo_uses(const struct model *m, uint32_t promo, const struct deal *d,
                          uint64_t *ret_minor);
/* Fills in the parts: what the deal's units cost with this promo code (slot + 1, 0: none). */
void house_quote(const struct model *m, struct deal *d, uint32_t promo);
/* One use more of its promo code, by what it has quoted; without those of `own`. */
bool house_promo_is_left(const struct model *m, const struct deal *quoted, const struct deal *own);
/* The hold with this promo code, or why it cannot be. */
enum booking_refusal house_try_promo(const struct model *m, const struct deal *hold,
                                     struct hash16 promo, struct deal *ret_quoted);
void house_sell(struct model *m, struct deal *order, struct u64s randoms, struct hash16 card);
void house_capture(struct model *m, struct deal *order);
void house_void(struct model *m, struct deal *order);
void house_open_case(struct model *m, struct deal *order, enum booking_case reason);
void house_take_back(struct model *m, struct deal *order, int64_t amount_minor);
/* `attempt`: that was paid; 0: none, somebody settled it, or it is of nothing. */
void house_refund_done(struct model *m, struct deal *order, uint32_t refund, bool settled,
                       uint32_t attempt);
void house_hear_refund(struct model *m, struct deal *order, const struct command_payment_news *c);
void house_next_refund(struct model *m, struct deal *order);
void house_hear_dispute(struct model *m, struct deal *order, const struct command_payment_news *c);
void house_release_cases(struct model *m); /* of a tick */
/* The ledger: of all parts of an order that are not refunded, or of one refund; `sign`: 1 or -1. */
void house_post(struct model *m, enum booking_account to, enum booking_account from,
                int64_t amount_minor);
void house_post_parts(struct model *m, const struct deal *order, uint32_t refund,
                      enum booking_account against, int sign);

/* ---- commands: they decide and, when nothing is against it, do it ---- */

enum booking_refusal model_hold(struct model *m, const struct command_hold *c);
enum booking_refusal model_change_hold(struct model *m, const struct command_change_hold *c);
enum booking_refusal model_release_hold(struct model *m, const struct command_release_hold *c);
enum booking_refusal model_place_order(struct model *m, const struct command_place_order *c);
enum booking_refusal model_cancel_order(struct model *m, const struct command_cancel_order *c);
enum booking_refusal model_payment_news(struct model *m, const struct command_payment_news *c);
enum booking_refusal model_change_event(struct model *m, const struct command_change_event *c);
enum booking_refusal model_change_allocation(struct model *m,
                                             const struct command_change_allocation *c);
enum booking_refusal model_change_plan(struct model *m, const struct command_change_plan *c);
enum booking_refusal model_change_price_plan(struct model *m,
                                             const struct command_change_price_plan *c);
enum booking_refusal model_change_promos(struct model *m, const struct command_change_promos *c);
enum booking_refusal model_quote_hold(struct model *m, const struct command_quote_hold *c);
enum booking_refusal model_extend_hold(struct model *m, const struct command_extend_hold *c);
enum booking_refusal model_refund(struct model *m, const struct command_refund *c);
enum booking_refusal model_resolve_case(struct model *m, const struct command_resolve_case *c);

/* ---- plain things ---- */

struct inventory;
/* The seats are this plan's from now on; `units` is the unit of each seat. */
void house_read_plan(struct model *m, const struct inventory *v, struct u32s units);
/* Room for one more at the end, zeroed. */
void *house_grow(void *list, size_t count, size_t size);
struct text house_text(struct slice bytes); /* cut where there is no room */
struct slice house_slice(const struct text *text);
bool house_is_set(struct hash16 h);

#endif
