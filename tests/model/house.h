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
#define PRICE_CHANGES 127u
#define DECLINE_CODE_BYTES 40u
#define ALL 0xffffffffu

enum life { LIVE = 1, RELEASED, EXPIRED, SOLD };

struct unit {
    enum booking_unit_state state;
    uint32_t owner; /* hold or order */
    uint32_t category, kind, allocation, group, companion_of, area, seat;
    uint32_t place, block, section, cost; /* place in `line`; NONE: in no block */
    uint32_t ticket_order, serial;
    uint64_t ticket;
    bool removed;
};

struct hold {
    uint64_t random, request, expires_at_us, ended_at_us, ended; /* ended: a running number */
    struct hash16 key, session;
    enum life life;
    uint32_t order, prices, code, code_units, count, units[LIMIT_HOLD_UNITS];
    uint8_t choice;
    bool due; /* to be swept by this decision */
};

struct order {
    uint64_t random, request, person, placed_at_us, ended_at_us, ended;
    struct hash16 key, session, email;
    enum booking_order_state state;
    uint32_t end, call, declines, hold, prices, code, code_units, count, units[LIMIT_HOLD_UNITS];
    int64_t total;
    bool attention;
    uint32_t intent_len, secret_len, decline_len;
    char intent[LIMIT_PAYMENT_ID_BYTES], secret[LIMIT_PAYMENT_SECRET_BYTES];
    char decline[DECLINE_CODE_BYTES];
};

struct allocation {
    uint32_t id_len, name_len;
    char id[LIMIT_ALLOCATION_ID_BYTES], name[LIMIT_NAME_BYTES];
    uint64_t opens_at_us, releases_at_us;
    uint32_t kind, released;
};
_Static_assert(sizeof(struct allocation) == 272, "no padding: compared as bytes");

struct code {
    struct hash16 hash;
    uint32_t allocation, limit;
};

struct quota {
    uint64_t categories;
    uint32_t limit;
};

/* For whom units shall be found. */
struct audience {
    uint32_t code, allocation; /* slot + 1; what it opens */
    bool opened;               /* the code's allocation is open */
    bool everybody;            /* everybody's units are, too */
    const struct hold *own;    /* the hold that is changed, or NULL */
    bool same_code;            /* which it keeps */
};

struct model {
    uint64_t opens_at_us, closes_at_us, last_us, endings;
    uint32_t hold_seconds, pay_seconds, per_buyer, per_hold, sale, singles;
    uint32_t unit_count, seat_count, section_count, area_count, category_count;
    uint32_t area_first[LIMIT_AREAS], area_size[LIMIT_AREAS], area_category[LIMIT_AREAS];
    uint32_t per_category[LIMIT_PRICE_CATEGORIES];
    struct booking_price prices[PRICE_CHANGES + 1][LIMIT_PRICE_CATEGORIES];
    uint32_t price_changes, hold_count, order_count, allocation_count, code_count, quota_count;
    struct unit *units;
    uint32_t *line; /* the seats of all blocks, side by side */
    struct hold *holds;
    struct order *orders;
    struct code *codes;
    struct allocation allocations[LIMIT_ALLOCATIONS + 1];
    struct quota quotas[LIMIT_QUOTAS];
    int64_t buyers, provider, organiser, fees; /* the ledger */
    /* the command at hand */
    uint64_t ts_us, next_us; /* next_us: of the next entry */
    const struct booking_decision *machine;
    struct model_outcome *out;
    struct audience who;
    char text[256];
};

/* ---- what is true at ts_us (house.c) ---- */

bool house_lives(const struct model *m, const struct hold *h);
bool house_is_sold(const struct order *o);
bool house_is_free(const struct model *m, uint32_t unit);
bool house_is_free_or_blocked(const struct model *m, uint32_t unit);
bool house_is_released(const struct model *m, uint32_t allocation);
/* Units of a category (or ALL) that a session or an address has: in live holds or waiting orders,
 * and bought. Those of the hold `but` are not counted. */
uint32_t house_has(const struct model *m, struct hash16 buyer, bool address, uint32_t category,
                   const struct hold *but);
/* Units taken with a code, held and sold. */
uint32_t house_code_used(const struct model *m, uint32_t code, const struct hold *but);
uint32_t house_code_find(const struct model *m, struct hash16 hash); /* slot + 1, or 0 */
struct hold *house_find_hold(const struct model *m, uint32_t slot, uint64_t random,
                             struct hash16 session);
/* What an earlier request with this key made. True: that is the answer. */
bool house_key_answers(struct model *m, struct hash16 key, uint64_t request, bool for_order,
                       enum booking_refusal *ret_refusal);
/* A slot is used again a day after its end, or when all are in use; the oldest first. */
uint32_t house_slot(const struct model *m, uint32_t count, uint32_t oldest, uint64_t ended_at_us);
void house_culprit(struct model *m, uint32_t unit);

/* ---- facts: an entry and what it changes (house.c) ---- */

uint64_t house_fact(struct model *m, enum booking_entry_number number);
void house_owe(struct model *m, struct order *o, enum booking_call call);
void house_end_hold(struct model *m, struct hold *h, enum life how); /* part of other entries */
void house_end_order(struct model *m, struct order *o, enum booking_end why);
void house_expire(struct model *m, struct hold *h);
void house_learn(struct model *m, struct order *o, const struct command_payment_news *c);
void house_cancel(struct model *m, struct order *o);
void house_open_case(struct model *m, struct order *o);
void house_sell(struct model *m, uint32_t order, struct u64s randoms);
void house_capture(struct model *m, struct order *o);
/* Whoever ran out and is in the way of this unit will be swept; `but` is not in the way. */
void house_sweep_later(struct model *m, uint32_t unit, const struct hold *but);
void house_sweep_later_all(struct model *m);
/* In the machine's order, at most `most`. */
void house_sweep(struct model *m, uint32_t most);
void house_release_due(struct model *m);

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

/* ---- lists ---- */

/* Room for one more at the end, zeroed. */
void *house_grow(void *list, size_t count, size_t size);
bool house_is_set(struct hash16 h);
bool house_lists(const uint32_t *units, uint32_t count, uint32_t unit);
void house_sort(uint32_t *units, uint32_t count);

#endif
