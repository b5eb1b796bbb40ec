/*
 * commands: what clients ask of the house, and what it answers. The only file of the simulator that
 * makes commands: whoever adds one to src/booking/records.h adds it here.
 */
#ifndef ONSALE_TESTS_SIM_COMMANDS_H
#define ONSALE_TESTS_SIM_COMMANDS_H

#include "base/id.h"
#include "host.h"
#include "sim.h"

#define PLAN_SEATS_MAX 2048u
#define PLAN_CODES 6u /* access codes of an event */
#define PLAN_PROMOS 5u
#define PLAN_RULES 4u

enum what {
    HOLD,
    SWAP,
    QUOTE,
    EXTEND,
    RELEASE,
    ORDER,
    CANCEL,
    LOOK_HOLD,
    LOOK_ORDER,
    CHANGE,
    ALLOT,
    PLAN,
    REVISE,
    PRICES,
    PROMOS,
    REFUND,
    RESOLVE,
    LIST
};

struct buyer {
    uint32_t number, event;
    struct random random;
    struct hash16 session, email;
    uint32_t purchases_left, tries;
    /* what was acknowledged */
    bool has_hold, has_order, gave_up;
    struct id hold, order;
    uint64_t expires_us;
    int64_t total_minor;
    uint32_t unit_count, units[LIMIT_HOLD_UNITS];
    uint8_t order_state;
    bool confirmed; /* the payment, at the provider */
    uint32_t confirms;
    bool extended;
    struct hash16 last_key;
};

/* A request on its way: what was asked, and what was answered. */
struct request {
    struct ask ask;
    struct buyer *buyer; /* NULL: the organiser's */
    enum what what;
    bool twin;    /* sent beside another, only to be compared */
    bool trouble; /* meant to be refused */
    uint32_t resent;
    /* asked */
    uint32_t event;
    struct hash16 session, key;
    uint64_t request;
    uint32_t seat_count, seats[LIMIT_HOLD_UNITS];
    uint32_t area_quantity, area;
    uint32_t best_quantity, best_accessible, best_section;
    uint64_t best_categories;
    int64_t best_price_min, best_price_below;
    struct hash16 code;
    struct id hold, order;
    struct entry_event_changed change;
    uint64_t prices[8], fees[8];
    uint32_t block_count, unblock_count, block[4], unblock[4];
    bool set_quotas;
    uint32_t quota_count, quota_limits[2], per_category[8], per_category_count;
    uint64_t quota_categories[2];
    struct entry_allocation_set allot;
    bool release;
    uint32_t add_count, add[4], remove_count, remove[4], add_area[2], remove_area[2];
    uint32_t add_areas, remove_areas; /* words used */
    struct hash16 codes[2], revoke[1];
    uint32_t code_count, revoke_count, code_limit;
    struct hash16 promo;
    uint32_t seconds; /* of an extension */
    struct price_plan {
        uint32_t rule_count, package_count, ceiling_count;
        uint32_t rule_categories[PLAN_RULES], sold_from[PLAN_RULES], sold_below[PLAN_RULES];
        uint64_t from_us[PLAN_RULES], until_us[PLAN_RULES], prices[PLAN_RULES], ceilings[8];
        uint64_t package_categories[2];
        uint32_t package_sizes[2], package_paid[2];
    } price_plan;
    struct entry_promos_set terms; /* of the codes */
    uint32_t unit_count, units[LIMIT_HOLD_UNITS];
    uint8_t block_units, action;
    int64_t amount_minor;
    uint32_t plan_drops, plan_adds; /* seat to leave out (or none), seats to add */
    enum booking_refusal expected;
    /* answered */
    bool busy, no_event, found, repeated;
    bool unavailable; /* no provider can be asked now */
    enum booking_refusal refusal;
    struct booking_hold answer_hold;
    struct id answer_hold_id;
    struct booking_order answer_order;
    struct id answer_order_id;
    char intent[LIMIT_PAYMENT_ID_BYTES + 1], secret[LIMIT_PAYMENT_SECRET_BYTES + 1];
    uint32_t valid_tickets;
    uint64_t decided_us;
};

/* What an event looks like, as its organiser made it. */
struct plan {
    uint32_t number; /* partition, once it is listed */
    uint32_t seat_count, area_count, area_capacity, category_count;
    uint32_t unit_count; /* as far as the organiser knows */
    uint32_t popular;    /* the seat that everybody wants */
    bool special;        /* it has seats that are not ordinary */
    uint8_t singles;
    uint32_t group; /* size of the group that the first seats are; 0: none */
    uint32_t per_category[8], per_category_count;
    uint32_t allocations; /* numbers that were given out */
    uint32_t area_categories[4];
    uint32_t row;
    struct buf inventory;
    uint64_t prices[8], fees[8];
    uint32_t hold_seconds, pay_seconds, per_buyer, per_hold;
    uint32_t tax_bp[8], tax_count, payment_methods, processing_seconds;
    uint8_t fee_bearer;
    struct hash16 key;
    uint64_t secret;
};

struct clients {
    struct random random;
    struct buyer *buyers;
    uint32_t buyer_count;
    struct plan plans[SIM_EVENTS_MAX];
    uint32_t plan_count, listed;
    uint64_t think_us, change_us, office_us;
    uint32_t under_way; /* requests */
    uint32_t busy;      /* buyers with something to do */
};

/* ---- commands.c ---- */

struct hash16 hash_of(uint64_t kind, uint64_t number);
/* ask.perform of every request. */
void request_perform(struct sim *s, struct ask *ask);
struct request *request_make(struct sim *s, struct buyer *buyer, enum what what);

/* ---- clients.c ---- */

/* ask.answered of every request. */
void client_answered(struct sim *s, struct ask *ask);
void request_send(struct sim *s, struct request *r, uint64_t latency_us);
uint64_t client_latency(struct random *random);
void buyers_begin(struct sim *s);

/* ---- organiser.c ---- */

void organiser_create(struct sim *s, struct clients *c);
void organiser_begin(struct sim *s);
void organiser_answered(struct sim *s, struct request *r);
/* Writes the inventory of a plan with these units as its seats. */
void plan_write(const struct plan *plan, const uint32_t *units, uint32_t count, struct buf *out);

#endif
