/*
 * state: the machine's memory, for the files of src/booking only. One block: first the handle
 * (pointers and scratch, not part of the state), then the image: struct state and the tables behind
 * it, all plain values without padding, so that an image can be hashed, stored and restored as
 * bytes.
 */
#ifndef ONSALE_BOOKING_STATE_H
#define ONSALE_BOOKING_STATE_H

#include "base/bits.h"
#include "base/id.h"
#include "base/time.h"
#include "booking/booking.h"
#include "booking/inventory.h"

#include <assert.h>

#define PRICE_REVISIONS 128u
/* Idempotency keys of ended holds and orders. */
#define KEY_LIFE_US (24ull * 3600 * TIME_SECOND_US)
#define ACCOUNT_BYTES 64u
#define DECLINE_CODE_BYTES 40u

/* One word per unit: state in the top two bits, owner (hold or order slot) below. */
#define UNIT_STATE_SHIFT 30u
#define UNIT_OWNER_MASK ((1u << UNIT_STATE_SHIFT) - 1)

struct state {
    uint32_t version; /* BOOKING_IMAGE_VERSION */
    uint32_t partition;
    uint64_t image_bytes;
    uint32_t seat_count, unit_count, block_count, area_count;
    uint32_t section_count, category_count, hold_capacity, order_capacity;
    uint32_t buyer_capacity, key_mask, buyer_mask, sale;
    uint32_t plan_version, reserved; /* how often the plan was changed */
    uint32_t area_first, area_units; /* units of areas stand in one run; all others are seats */
    uint32_t group_count, grouped_count, code_capacity, singles;
    uint32_t allocation_count, codes_used, quota_count, limited_categories;
    uint64_t released;        /* allocations that are everybody's: bit 0 is always set */
    uint64_t next_release_us; /* the earliest of the allocations; UINT64_MAX: none */
    uint64_t event_random, organiser_random;
    uint64_t opens_at_us, closes_at_us;
    uint64_t last_ts_us;
    uint32_t hold_seconds, pay_seconds, per_buyer, per_hold;
    uint32_t revision;                             /* of the prices in force */
    uint32_t live_holds;                           /* also the size of the expiry heap */
    uint32_t holds_used, hold_oldest, hold_newest; /* slots ever used; queue of ended ones */
    uint32_t orders_used, order_oldest, order_newest;
    uint32_t buyers_used, buyer_free;
    uint32_t orders_refunded_oldest, orders_refunded_newest; /* wholly refunded: used again last */
    uint32_t case_oldest, case_newest; /* sold orders with an open case, by its time */
    uint32_t open_cases, dispute_count, open_disputes;
    uint32_t fee_bearer, payment_methods, processing_seconds;
    uint32_t rule_count, package_count, promo_capacity, promos_used;
    uint32_t dispute_capacity;
    uint32_t revision_count; /* price lists there are: PRICE_REVISIONS at most */
    int64_t ledger[BOOKING_ACCOUNT_COUNT];
    int64_t ledger_closed[BOOKING_ACCOUNT_COUNT]; /* of orders whose slots were used again */
    char currency[4];
    uint32_t account_len;
    char account[ACCOUNT_BYTES];
};

enum hold_state { HOLD_UNUSED, HOLD_LIVE, HOLD_RELEASED, HOLD_EXPIRED, HOLD_SOLD };

struct hold {
    uint64_t random;
    struct hash16 key; /* idempotency; zero: none */
    struct hash16 session;
    uint64_t request;
    uint64_t expires_at_us; /* once ended: when it ended */
    uint32_t order;
    uint32_t next;    /* in the queue of ended ones */
    uint32_t heap_at; /* while live */
    uint16_t revision;
    uint8_t state; /* enum hold_state */
    uint8_t count;
    uint32_t code;           /* slot + 1 of the access code, 0: none */
    uint8_t code_units;      /* how many of the units it opened */
    uint8_t choice;          /* enum booking_choice */
    uint8_t extended;        /* because the provider was away: once */
    uint8_t code_allocation; /* whose units are counted for the code; 0: none are */
    uint32_t promo;          /* slot + 1 of the promo code, 0: none */
    uint32_t reserved2;
    uint64_t promo_spent; /* of the discounts, what the promo code takes off */
    uint32_t units[LIMIT_HOLD_UNITS];
    uint32_t discounts[LIMIT_HOLD_UNITS]; /* of packages and promo code together */
};

struct order {
    uint64_t random;
    struct hash16 key;
    struct hash16 session, email_hash;
    struct hash16 card; /* once sold; zero: unknown */
    uint64_t person, request;
    int64_t total_minor;
    uint64_t placed_at_us;
    uint64_t ended_at_us; /* or when the last refund was done */
    uint32_t hold; /* once sold it may be another's: only with a hold that names this order */
    uint32_t next; /* in the one queue that it is in: order_queue */
    uint64_t promo_spent;
    int64_t taken_minor;          /* for nothing: it goes back, or went */
    int64_t by_hand_minor;        /* refunded at the provider by somebody, and recorded */
    uint64_t processing_until_us; /* 0: it never processed */
    uint64_t case_at_us;
    uint32_t units[LIMIT_HOLD_UNITS];
    uint32_t discounts[LIMIT_HOLD_UNITS];
    uint8_t categories[LIMIT_HOLD_UNITS];    /* as sold: a unit given back may change its own */
    uint8_t refund_of[LIMIT_HOLD_UNITS];     /* the refund that each unit is part of; 0: none */
    uint8_t refund_states[LIMIT_HOLD_UNITS]; /* enum booking_refund_state; refund 1 first */
    /* The attempt that each was paid with; until then the one that was asked last. 0: none. */
    uint8_t refund_attempts[LIMIT_HOLD_UNITS];
    uint16_t revision;
    uint8_t count, state, end, call, attempt, declines, attention; /* enum booking_case */
    uint8_t intent_len, secret_len, code_len;
    uint8_t provider, processing, refunds, refund_calls;
    uint8_t access_allocation; /* as a hold's code_allocation */
    uint8_t refund_owed;       /* the one that the provider was asked for; 0: none */
    uint16_t reserved;
    uint32_t access; /* slot + 1 of the access code, 0: none */
    uint32_t access_units;
    uint32_t promo;   /* slot + 1, 0: none */
    uint32_t dispute; /* slot + 1 of the latest, 0: none */
    char intent[LIMIT_PAYMENT_ID_BYTES];
    char secret[LIMIT_PAYMENT_SECRET_BYTES];
    char code[DECLINE_CODE_BYTES];
};

/* What one buyer (session, e-mail or card) has: units in live holds and orders and bought, live
 * holds. */
struct buyer {
    struct hash16 id;
    uint32_t units, holds;
    uint32_t next, reserved;
};

struct block {
    uint32_t first, count; /* positions */
    uint32_t section, min_cost;
    uint64_t categories; /* bit per price category */
};

struct area {
    uint32_t first, capacity, category, available;
    uint32_t hint, reserved; /* no free unit below first + hint */
};

struct category {
    uint32_t capacity, held, sold, blocked;
    uint32_t allocated; /* free, but not for everybody */
    uint32_t per_buyer; /* 0: no limit of its own */
    int64_t gross_minor;
    int64_t base_price_minor, base_fee_minor; /* as the organiser set them; rules may differ */
    int64_t ceiling_minor;                    /* 0: none */
    uint32_t tax_bp, reserved;
};

/* What a unit is, beside its state. */
struct unit_info {
    uint8_t category;
    uint8_t kind; /* enum booking_kind, and the flags below */
    uint8_t allocation;
    uint8_t removed; /* no plan shows it any more */
};
#define KIND_MASK 0x0fu
#define KIND_GROUPED 0x40u /* sold together with others */
#define KIND_PAIRED 0x80u  /* a companion, or a seat that has one */

/* Which seats belong together; numbers are + 1, 0 is none. */
struct seat_link {
    uint32_t group;
    uint32_t companion_of;
    uint32_t companion, next_companion; /* the first of this seat's; the next of the same seat's */
};

struct group {
    uint32_t first, count; /* in grouped */
};

/* Number 0 is everybody and always open. */
struct allocation {
    uint64_t opens_at_us, releases_at_us;
    uint8_t kind, released, id_len, name_len;
    uint32_t reserved;
    char id[LIMIT_ALLOCATION_ID_BYTES];
    char name[LIMIT_NAME_BYTES];
};

/* An access code: what it opens (0: nothing, it is revoked), for how many units (0: any number). */
struct code {
    struct hash16 hash;
    uint32_t allocation, limit;
    uint32_t used, reserved; /* units held and sold */
};

struct quota {
    uint64_t categories;
    uint32_t limit, reserved;
};

/* The first that applies gives its category's price (MONEY.md). */
struct price_rule {
    uint64_t from_us, until_us;
    int64_t price_minor;
    uint32_t category, sold_from, sold_below, reserved;
};

struct package {
    uint64_t categories;
    uint32_t size, paid;
};

struct promo {
    struct hash16 hash;
    uint64_t value, categories, budget, spent, from_us, until_us;
    uint32_t uses, used, max_units;
    uint32_t kind; /* enum booking_promo; 0: revoked */
};

struct dispute {
    int64_t amount_minor;
    uint64_t opened_at_us, due_at_us;
    uint32_t order;
    uint8_t state, id_len, reason_len, reserved; /* enum booking_dispute_state */
    char id[LIMIT_PAYMENT_ID_BYTES];
    char reason[DECLINE_CODE_BYTES];
};

struct ticket {
    uint64_t random;
    uint32_t order;
    uint16_t serial, generation;
};

_Static_assert(sizeof(struct state) % 8 == 0 && sizeof(struct hold) == 224 &&
                   sizeof(struct order) == 624 && sizeof(struct buyer) == 32 &&
                   sizeof(struct block) == 24 && sizeof(struct area) == 24 &&
                   sizeof(struct category) == 64 && sizeof(struct ticket) == 16 &&
                   sizeof(struct unit_info) == 4 && sizeof(struct seat_link) == 16 &&
                   sizeof(struct allocation) == 264 && sizeof(struct code) == 32 &&
                   sizeof(struct quota) == 16 && sizeof(struct price_rule) == 40 &&
                   sizeof(struct package) == 16 && sizeof(struct promo) == 80 &&
                   sizeof(struct dispute) == 136,
               "no padding: images are hashed as bytes");
_Static_assert(LIMIT_PRICE_CATEGORIES <= 64, "a block's categories fit in a word");

/* type, name, how many; all counts are multiples that keep 8-byte alignment (see booking_layout) */
#define STATE_TABLES(T)                                                                         \
    T(struct hold, holds, s->hold_capacity)                                                     \
    T(struct order, orders, s->order_capacity)                                                  \
    T(struct buyer, buyers, s->buyer_capacity)                                                  \
    T(struct block, blocks, s->block_count)                                                     \
    T(struct area, areas, s->area_count)                                                        \
    T(struct category, categories, s->category_count)                                           \
    T(struct booking_price, prices, PRICE_REVISIONS * s->category_count)                        \
    T(struct ticket, tickets, s->unit_count)                                                    \
    T(struct allocation, allocations, LIMIT_ALLOCATIONS + 1)                                    \
    T(struct quota, quotas, LIMIT_QUOTAS)                                                       \
    T(struct code, codes, s->code_capacity)                                                     \
    T(struct price_rule, price_rules, LIMIT_PRICE_RULES)                                        \
    T(struct package, packages, LIMIT_PACKAGES)                                                 \
    T(struct promo, promos, s->promo_capacity)                                                  \
    T(struct dispute, disputes, s->dispute_capacity)                                            \
    T(struct seat_link, links, s->unit_count)                                                   \
    T(struct group, groups, s->group_count)                                                     \
    T(uint64_t, free, bits_words(s->unit_count))      /* bit by position: anybody's */          \
    T(uint64_t, allocated, bits_words(s->unit_count)) /* free in an allocation */               \
    T(uint32_t, units, s->unit_count)                 /* state and owner */                     \
    T(uint32_t, unit_position, s->unit_count)         /* in the blocks, behind them the rest */ \
    T(uint32_t, position_unit, s->unit_count)         /* and back */                            \
    T(uint32_t, position_cost, s->unit_count)                                                   \
    T(uint32_t, seat_unit, s->seat_count)    /* the plan's seats as units */                    \
    T(uint32_t, unit_seat, s->unit_count)    /* and back */                                     \
    T(uint32_t, grouped, s->grouped_count)   /* units, group by group */                        \
    T(uint32_t, block_order, s->block_count) /* cheapest block first */                         \
    T(uint32_t, heap, s->hold_capacity)      /* live holds, earliest expiry first */            \
    T(uint32_t, hold_keys, s->key_mask + 1)                                                     \
    T(uint32_t, order_keys, s->key_mask + 1)                                                    \
    T(uint32_t, code_index, s->key_mask + 1)                                                    \
    T(uint32_t, promo_index, s->key_mask + 1)                                                   \
    T(uint32_t, buyer_index, s->buyer_mask + 1)                                                 \
    T(struct unit_info, info, s->unit_count)

struct booking {
    struct state *s;
#define STATE_POINTER(type, name, count) type *name;
    STATE_TABLES(STATE_POINTER)
#undef STATE_POINTER
    uint64_t *scratch; /* as long as `free`; for decide, means nothing between calls */
};

/* Behind it, room for a list of all units; it lives as long as the decision that points to it. */
static inline uint32_t *scratch_units(const struct booking *b)
{
    return (uint32_t *)(void *)(b->scratch + bits_words(b->s->unit_count));
}

/* Sets the pointers for the counts in `s`, which stands at `base`; returns the image's size. With
 * b == NULL it only counts. */
size_t booking_layout(struct booking *b, struct state *s, char *base);

/* ---- life.c: what a new machine and a changed plan share ---- */

/* One for each category, and within bounds. */
bool life_prices_valid(struct u64s list, uint32_t category_count);
/* Limits of one buyer: the same, or none at all. */
bool life_limits_valid(struct u32s list, uint32_t category_count);
/* Capacities and the image's size, from the counts. */
void life_size(struct state *s);
/* Bytes of the whole block. */
size_t life_block_size(const struct state *s);
/* Lays the tables out in `memory`, which is zeroed, and puts `s` in front of them. */
struct booking *life_place(void *memory, const struct state *s);
/* inventory_read with scratch of its own; false: it is not valid. */
bool life_read_inventory(struct slice bytes, struct inventory *ret_inventory);
/* The lists of an inventory that is known to be valid. */
struct inventory life_inventory(struct slice bytes);
/* Everything that comes from a plan: places, blocks, kinds, groups. unit_seat and seat_unit are
 * set. */
void life_fill_plan(struct booking *b, const struct inventory *v);

/* ---- index.c: open addressing; a record's key stands `key_offset` bytes into it ---- */

/* Slot of the record with this key, or BOOKING_NONE. */
uint32_t index_find(const uint32_t *index, uint32_t mask, const void *records, size_t stride,
                    size_t key_offset, struct hash16 key);
void index_add(uint32_t *index, uint32_t mask, struct hash16 key, uint32_t slot);
void index_remove(uint32_t *index, uint32_t mask, const void *records, size_t stride,
                  size_t key_offset, struct hash16 key);

static inline bool key_is_set(struct hash16 key)
{
    static const struct hash16 none;
    return !hash16_equal(key, none);
}

uint32_t hold_by_key(const struct booking *b, struct hash16 key);
uint32_t order_by_key(const struct booking *b, struct hash16 key);

/* ---- heap.c ---- */

void heap_push(struct booking *b, uint32_t hold);
void heap_remove(struct booking *b, uint32_t hold);
void heap_moved(struct booking *b, uint32_t hold); /* its expiry is another one */

/* Walks the live holds that ran out by `ts_us`, in no special but a fixed order. */
struct expired_walk {
    uint32_t stack[64];
    uint32_t depth;
};
void expired_begin(const struct booking *b, struct expired_walk *w);
uint32_t expired_next(const struct booking *b, struct expired_walk *w, uint64_t ts_us);
/* The same without those whose order waits: its late payment still sells them, so they count for
 * every limit until an entry ends them. */
uint32_t forgone_next(const struct booking *b, struct expired_walk *w, uint64_t ts_us);

/* ---- unit.c ---- */

static inline enum booking_unit_state unit_state(const struct booking *b, uint32_t unit)
{
    return (enum booking_unit_state)(b->units[unit] >> UNIT_STATE_SHIFT);
}

static inline uint32_t unit_owner(const struct booking *b, uint32_t unit)
{
    return b->units[unit] & UNIT_OWNER_MASK;
}

/* A seat, not a place of an area. */
static inline bool unit_is_seat(const struct booking *b, uint32_t unit)
{
    return unit - b->s->area_first >= b->s->area_units;
}

/* For a hold's or an order's units, or as many. */
static inline bool units_have(const uint32_t *units, uint32_t count, uint32_t unit)
{
    for (uint32_t i = 0; i < count; i++)
        if (units[i] == unit)
            return true;
    return false;
}

/* A set of allocations: bit 0 everybody, bit n allocation n. */
static inline bool unit_in(const struct booking *b, uint32_t unit, uint64_t allocations)
{
    return (allocations >> b->info[unit].allocation & 1) != 0;
}

/* Free, or held by a hold that ran out. For whom is another question: unit_in. */
static inline bool unit_is_free(const struct booking *b, uint32_t unit, uint64_t ts_us)
{
    enum booking_unit_state state = unit_state(b, unit);
    return state == BOOKING_FREE ||
           (state == BOOKING_HELD && b->holds[unit_owner(b, unit)].expires_at_us <= ts_us);
}

/* The only place that changes a unit's state; keeps bitsets, counts and touched list true. */
void unit_set(struct booking *b, uint32_t unit, enum booking_unit_state state, uint32_t owner,
              struct booking_touched *touched);
/* The only place that changes to which allocation a unit belongs. */
void unit_move(struct booking *b, uint32_t unit, uint32_t allocation,
               struct booking_touched *touched);

/* Its allocation was just released: free, it is everybody's from now on. */
void unit_released(struct booking *b, uint32_t unit, struct booking_touched *touched);

struct booking_price unit_price(const struct booking *b, uint32_t unit, uint32_t revision);

/* ---- buyer.c ---- */

/* The buyer's record, or NULL. */
const struct buyer *buyer_find(const struct booking *b, struct hash16 id);
void buyer_add(struct booking *b, struct hash16 id, uint32_t units, uint32_t holds);
void buyer_take(struct booking *b, struct hash16 id, uint32_t units, uint32_t holds);

/* ---- allocation.c: what is kept apart, and the codes that open it ---- */

/* The allocations that are everybody's at `ts_us`: bit 0, and those that were or are now released.
 */
uint64_t allocations_released(const struct booking *b, uint64_t ts_us);
/* For whom a hold is being made. `open` is the set of allocations whose units it may take. */
struct audience {
    uint64_t open;
    uint32_t code;       /* slot + 1, 0: none */
    uint32_t allocation; /* what the code opens, 0: nothing */
};
/* Finds what everybody and the code together may take now: BOOKING_OK, CODE_UNKNOWN, or why the
 * sale is not open for this buyer. */
enum booking_refusal audience_find(const struct booking *b, struct hash16 code, uint64_t ts_us,
                                   struct audience *ret_audience);
/* Units of the list that belong to what the code (slot + 1) opens, unless that was released. */
uint32_t code_units(const struct booking *b, uint32_t code, const uint32_t *units, uint32_t count);
/* Puts the release of every allocation whose time has come in front. */
void decision_release_due(const struct booking *b, uint64_t ts_us, struct booking_decision *d);
uint32_t code_find(const struct booking *b, struct hash16 hash); /* slot, or BOOKING_NONE */

/* ---- limit.c: how much one buyer, one code, one set of categories may take ---- */

/* What a hold would add: `units`, of which those in `old` (the hold it changes) count already. */
struct wanted {
    struct hash16 buyer;
    const struct audience *audience;
    const uint32_t *units;
    uint32_t count;
    const struct hold *old; /* or NULL */
};
/* Limits that depend on nothing but how many units a session wants: SESSION_LIMIT, BUYER_LIMIT;
 * `old` is the hold that they replace, or NULL. */
enum booking_refusal limits_check_session(const struct booking *b, struct hash16 session,
                                          uint32_t quantity, const struct hold *old,
                                          uint64_t ts_us);
/* Limits that depend on which units they are: CATEGORY_LIMIT, CODE_LIMIT, QUOTA_REACHED. The
 * categories of the first one that is reached go to `d`. */
enum booking_refusal limits_check(const struct booking *b, const struct wanted *wanted,
                                  uint64_t ts_us, struct booking_decision *d);
/* An e-mail address that orders these units: BUYER_LIMIT, CATEGORY_LIMIT. */
enum booking_refusal limits_check_address(const struct booking *b, struct hash16 address,
                                          const uint32_t *units, uint32_t count, uint64_t ts_us,
                                          struct booking_decision *d);
/* The card that pays an order, at its sale: has it all that one buyer may have? */
bool limits_card_reached(const struct booking *b, struct hash16 card, const struct order *o);
/* A late payment finds its seats again: no limit is reached by it, whoever it is asked of. */
bool limits_allow_again(const struct booking *b, const struct order *o, struct hash16 card,
                        uint64_t ts_us, struct booking_decision *d);
/* Units left on the code in this slot; UINT32_MAX: no limit. */
uint32_t limits_code_left(const struct booking *b, uint32_t slot, uint64_t ts_us);
/* A buyer's units of a limited category are counted in the table of buyers, too, under this id. */
struct hash16 limits_id(struct hash16 buyer, uint32_t category);
void limits_add(struct booking *b, struct hash16 buyer, const uint32_t *units, uint32_t count);
void limits_take(struct booking *b, struct hash16 buyer, const uint32_t *units, uint32_t count);
/* After the limits of categories changed: counts everything anew. */
void limits_recount(struct booking *b);

/* ---- choose.c: from a wish to units ---- */

/* What one audience finds free at one moment. */
struct view {
    uint64_t open;  /* allocations: a set as in unit_in */
    uint32_t first; /* of an area, this allocation's units are taken first; 0: none */
    uint32_t own;   /* a hold whose units count as free, too, or BOOKING_NONE */
    bool own_all;   /* whatever allocation they are in */
    uint64_t ts_us;
};

static inline bool view_has(const struct booking *b, const struct view *view, uint32_t unit)
{
    bool own = unit_state(b, unit) == BOOKING_HELD && unit_owner(b, unit) == view->own;
    return (own || unit_is_free(b, unit, view->ts_us)) &&
           ((own && view->own_all) || unit_in(b, unit, view->open));
}

/* Each puts units into the decision, in no special order, or names culprits there. */
enum booking_refusal choose_seats(const struct booking *b, const struct view *view,
                                  struct u32s seats, struct booking_decision *d);
enum booking_refusal choose_areas(const struct booking *b, const struct view *view,
                                  struct u32s areas, struct booking_decision *d);
enum booking_refusal choose_best(const struct booking *b, const struct view *view,
                                 const struct command_hold *c, struct booking_decision *d);

/* ---- best.c: which seats ---- */

/* Bits by position of what a view has. Where more is looked at than the state's own bits, they are
 * made in scratch, each part when it is asked for. The view has no hold of its own. */
struct free_bits {
    const struct view *view;
    const uint64_t *words;
    bool in_parts;
};
struct free_bits best_bits(const struct booking *b, const struct view *view);

struct best_wish {
    uint64_t categories; /* with their prices in range; not 0 */
    uint32_t quantity, accessible;
    uint32_t section; /* BOOKING_NONE: any */
};
/* Free seats of the wish's categories and section, of every kind; counted up to its quantity. */
uint32_t best_count(const struct booking *b, const struct free_bits *bits,
                    const struct best_wish *wish);
/* The seats that fit best, side by side, with the smallest cost; on a tie the first. True: units
 * and the reason are there. */
bool best_seats(const struct booking *b, const struct free_bits *bits, const struct best_wish *wish,
                uint32_t *ret_units, uint8_t *ret_choice);
/* Accessible places, wherever they are, with their companions. */
bool best_companions(const struct booking *b, const struct free_bits *bits,
                     const struct best_wish *wish, uint32_t *ret_units);
/* The first `quantity` free units of an area; the number found. */
uint32_t best_area_units(const struct booking *b, const struct free_bits *bits, uint32_t area,
                         uint32_t quantity, uint32_t *ret_units);

/* ---- party.c: who must sit with whom ---- */

/* Rules about a whole party, on units that the view has: GROUP_INCOMPLETE, COMPANION_ALONE,
 * SINGLE_LEFT; culprits go to `d`. */
enum booking_refusal party_check(const struct booking *b, const struct view *view,
                                 const uint32_t *units, uint32_t count, struct booking_decision *d);

/* Of each group all seats are there, or none, and each companion's seat. */
bool party_is_whole(const struct booking *b, const uint32_t *units, uint32_t count);

/* ---- hold.c ---- */

/* Puts in front what must happen before the decision's units can be held by `own` (BOOKING_NONE: a
 * new hold), and sorts them. */
void hold_make_way(const struct booking *b, uint32_t count, uint32_t own, uint64_t ts_us,
                   struct booking_decision *d);
/* Counts a hold's units for the code (slot + 1, 0: none) that it has from now on; and no longer. */
void hold_use_code(struct booking *b, struct hold *h, uint32_t code);
void hold_leave_code(struct booking *b, struct hold *h);
/* The hold is this session's, lives and has no order: it may be changed. */
enum booking_refusal hold_check_open(const struct booking *b, uint32_t hold, uint64_t hold_random,
                                     struct hash16 session, uint64_t ts_us);

/* ---- decision.c: writing a decision ---- */

struct booking_entry *decision_entry(struct booking_decision *d, uint16_t number);
/* Names a unit that stands in the way, behind the others; the last are left out when there are too
 * many. */
void decision_culprit(struct booking_decision *d, uint32_t unit);
/* The same for units that may come more than once and in any order: named by rising number. */
void decision_culprit_sorted(struct booking_decision *d, uint32_t unit);
/* Puts the expiry of a hold in front, and the cancel that its order then owes. */
void decision_expire(const struct booking *b, uint32_t hold, struct booking_decision *d);
/* Unless it is there already: for whoever comes to holds by their units. */
void decision_expire_once(const struct booking *b, uint32_t hold, struct booking_decision *d);
/* All holds that ran out, or LIMIT_TICK_EXPIRIES of them and false. */
bool decision_expire_due(const struct booking *b, uint64_t ts_us, struct booking_decision *d);
/* The same for all holds that ran out and have one of these units; whoever holds one has run out.
 * False: more of them than a decision should have. */
bool decision_expire_units(const struct booking *b, struct u32s units, struct booking_decision *d);
/* A call to the provider about an order. */
struct provider_call {
    uint32_t order;
    uint8_t kind; /* enum booking_call */
    uint8_t attempt;
    uint8_t refund; /* its number, of a refund */
    uint64_t order_random;
    int64_t amount_minor; /* the order's total, or what a refund gives back */
    struct slice intent;  /* of a refund */
};
/* That of an order as it is, with its total and its payment. */
struct provider_call provider_call(const struct booking *b, uint32_t order, enum booking_call kind,
                                   uint8_t attempt);
/* Owes it. */
void decision_call(const struct booking *b, struct booking_decision *d,
                   const struct provider_call *call);
/* Its key and body; text has LIMIT_CALL_TEXT bytes. Returns its length. */
size_t call_write(const struct booking *b, const struct provider_call *call, char *text,
                  struct slice *ret_key, struct slice *ret_body);
void sort_units(uint32_t *units, uint32_t count);

/* ---- order.c: what the files about money share ---- */

static inline bool order_is_sold(const struct order *o)
{
    return o->state == BOOKING_ORDER_SOLD || o->state == BOOKING_ORDER_CAPTURED;
}

/* Money was taken for nothing: it goes back, or went. */
static inline bool order_was_taken(const struct order *o)
{
    return !order_is_sold(o) && o->refunds > 0;
}

/* An order is in at most one queue, and `next` is of that one. */
enum order_queue {
    ORDER_QUEUE_NONE,
    ORDER_QUEUE_ENDED,    /* its slot may be used again a day later, or when all are in use */
    ORDER_QUEUE_REFUNDED, /* all of it paid back: its slot is used again when no other is left */
    ORDER_QUEUE_CASES     /* sold, and its capture waits for a person */
};
/* In which one it belongs. */
enum order_queue order_queue(const struct booking *b, const struct order *o);
/* After a change: out of the queue it was in, into the one where it belongs now. */
void order_requeue(struct booking *b, uint32_t order, enum order_queue was);
/* No order has a dispute, or it is in this state. */
enum booking_dispute_state order_dispute(const struct booking *b, const struct order *o);
/* The unit at `at` of the order's list is its own: sold, not refunded, not lost in a dispute. */
bool order_has_unit(const struct booking *b, const struct order *o, uint32_t at);
/* The units that it has; how many they are. */
uint32_t order_units(const struct booking *b, const struct order *o,
                     uint32_t ret_units[LIMIT_HOLD_UNITS]);
struct booking_line order_line(const struct booking *b, const struct order *o, uint32_t at);
/* What the lines cost that were not refunded. */
int64_t order_left_minor(const struct booking *b, const struct order *o);
/* A unit of a sold order is the order's no more: free, or blocked. It is counted for nobody, and
 * its sale is taken back. Call it for each before the list's marks change. */
void order_return_unit(struct booking *b, uint32_t order, uint32_t at,
                       enum booking_unit_state state, struct booking_touched *touched);
/* The order is over, for the provider too; the caller sees to its queue. */
void order_finish(struct booking *b, uint32_t order, uint64_t ts_us);
/* The order of a hold that ran out ends with it. */
void order_hold_expired(struct booking *b, uint32_t order, uint64_t ts_us);

/* ---- payment.c, case.c ---- */

/* A case of this reason, unless the one that is open says as much. */
void decision_case(const struct booking *b, struct booking_decision *d, uint32_t order,
                   enum booking_case reason, struct slice detail);
/* An order that is sold and has a case that is a day old: released. */
void decision_release_cases(const struct booking *b, uint64_t ts_us, struct booking_decision *d);
/* The order has no open case any more. */
void case_end(struct booking *b, struct order *o);
/* When the next one is due; UINT64_MAX: none. */
uint64_t case_next_us(const struct booking *b);

/* ---- refund.c ---- */

/* The first that is not done or came back; 0: none. */
uint8_t refund_due(const struct order *o);
/* What it gives back. */
int64_t refund_amount(const struct booking *b, const struct order *o, uint8_t refund);
/* Money was taken for nothing: takes it into the books and gives all of it back. `intent`: of the
 * payment, which the order may not know yet. */
void decision_take_back(const struct booking *b, struct booking_decision *d, uint32_t order,
                        struct slice intent, int64_t amount_minor);
/* The next refund of MONEY.md, if any waits. */
void decision_next_refund(const struct booking *b, struct booking_decision *d, uint32_t order);
/* A person paid it back from elsewhere: the first that is open and was not asked for; then the next
 * one. */
void decision_settle_refund(const struct booking *b, struct booking_decision *d, uint32_t order);
void refund_news(const struct booking *b, const struct command_payment_news *c,
                 struct booking_decision *d);

/* ---- dispute.c ---- */

void dispute_news(const struct booking *b, const struct command_payment_news *c,
                  struct booking_decision *d);
/* What the order's open dispute becomes. */
enum booking_dispute_state dispute_closed_as(const struct booking *b, const struct order *o,
                                             bool won);

/* ---- ledger.c ---- */

/* What booking_postings tells, done. Before the entry changes anything. */
void ledger_post(struct booking *b, const struct booking_entry *e);
/* What stands in the books because of this order, from its record alone. */
void ledger_of_order(const struct booking *b, uint32_t order, struct booking_ledger *ret_ledger);

/* ---- price.c: the prices in force ---- */

/* What each category costs at `ts_us`: base prices, and the rules on top; those of the revision in
 * force when there is no room for others. */
void prices_at(const struct booking *b, uint64_t ts_us,
               struct booking_price ret_prices[LIMIT_PRICE_CATEGORIES]);
/* What a decision put in front changes about prices; NULL: nothing. */
struct price_change {
    const struct entry_event_changed *event;
    const struct entry_price_plan_set *plan;
};
/* Puts PricesStepped if the prices at `ts_us` are not those in force. */
void decision_step(const struct booking *b, const struct price_change *change, uint64_t ts_us,
                   struct booking_decision *d);
/* The organiser's prices or fees, and a revision that has them all; an empty list: as they were. */
void prices_set_base(struct booking *b, struct u64s prices, struct u64s fees);
/* Room for another revision. */
bool prices_have_room(const struct booking *b);
/* Base prices that may be: each within its ceiling. */
bool prices_within_ceilings(const struct booking *b, struct u64s prices);

/* ---- quote.c ---- */

/* A unit's part of a quote, from the category it is in; discounts are the order's or the hold's. */
struct booking_line quote_line_of(const struct booking *b, uint32_t category, uint32_t revision,
                                  uint32_t discount);
struct booking_line quote_line(const struct booking *b, uint32_t unit, uint32_t revision,
                               uint32_t discount);

/* What is taken off a hold's list prices. */
struct hold_quote {
    uint32_t promo; /* slot + 1, 0: none */
    uint32_t count;
    uint64_t promo_spent; /* of the discounts, what the promo code takes off */
    uint32_t discounts[LIMIT_HOLD_UNITS];
};
/* Units, rising, at these prices of their categories: today's packages and the promo code (slot +
 * 1, 0: none) by its terms, whether it may be used or not. */
void quote_units(const struct booking *b, const uint32_t *units, uint32_t count,
                 const struct booking_price *prices, uint32_t promo, struct hold_quote *ret_quote);
/* The discounts as an entry's list, kept in the decision; empty when there are none. */
struct u32s quote_discounts(const struct hold_quote *quote, struct booking_decision *d);
/* The prices of a revision, one a category. */
const struct booking_price *revision_prices(const struct booking *b, uint32_t revision);
/* What the hold costs with this quote: the lines' totals. */
int64_t quote_total(const struct booking *b, const struct hold *h, const struct hold_quote *quote);
/* The quote that a hold has. */
struct hold_quote hold_quote(const struct hold *h);
/* A hold's discounts and promo code from now on; what it had is not counted any more. */
void hold_set_quote(struct booking *b, struct hold *h, struct u32s discounts, uint32_t promo,
                    uint64_t promo_spent);
/* Puts HoldQuoted. */
void decision_quote(uint32_t hold, const struct hold_quote *quote, struct booking_decision *d);

/* ---- promo.c: promo codes ---- */

uint32_t promo_find(const struct booking *b, struct hash16 hash); /* slot, or BOOKING_NONE */
/* The hash is that of this promo code (slot + 1); with 0: zero. */
bool promo_is_same(const struct booking *b, uint32_t promo, struct hash16 code);
/* Whether a hold may have this promo code (slot + 1, 0: none) at `ts_us` for its units: BOOKING_OK
 * and the quote with it, or PROMO_UNKNOWN, PROMO_NOT_VALID, PROMO_NOT_APPLICABLE, PROMO_USED_UP.
 * What the hold itself uses of it counts as free. `units`: those that it has or shall have. */
enum booking_refusal promo_quote(const struct booking *b, const struct hold *h,
                                 const uint32_t *units, uint32_t count, uint32_t promo,
                                 uint64_t ts_us, struct hold_quote *ret_quote);
/* The quote of a live hold with the promo code that a buyer names. */
enum booking_refusal promo_for_hold(const struct booking *b, const struct hold *h,
                                    struct hash16 code, uint64_t ts_us,
                                    struct hold_quote *ret_quote);
/* One more hold or order has it (slot + 1, 0: none), or one less. */
/* One use more, and `spent` more, are within what is left of the promo code (slot + 1): without
 * what `own` (or NULL) has of it, and what holds have that ran out. */
bool promo_is_left(const struct booking *b, const struct hold *own, uint32_t promo, uint64_t spent,
                   uint64_t ts_us);
void promo_use(struct booking *b, uint32_t promo, uint64_t spent);
void promo_leave(struct booking *b, uint32_t promo, uint64_t spent);

/* ---- one file per feature: decide and apply ---- */

void decide_hold(const struct booking *b, const struct command_hold *c, uint64_t ts_us,
                 struct booking_decision *d);
void decide_release_hold(const struct booking *b, const struct command_release_hold *c,
                         uint64_t ts_us, struct booking_decision *d);
void decide_place_order(const struct booking *b, const struct command_place_order *c,
                        uint64_t ts_us, struct booking_decision *d);
void decide_cancel_order(const struct booking *b, const struct command_cancel_order *c,
                         uint64_t ts_us, struct booking_decision *d);
void decide_payment_news(const struct booking *b, const struct command_payment_news *c,
                         uint64_t ts_us, struct booking_decision *d);
void decide_change_event(const struct booking *b, const struct command_change_event *c,
                         uint64_t ts_us, struct booking_decision *d);
void decide_change_allocation(const struct booking *b, const struct command_change_allocation *c,
                              uint64_t ts_us, struct booking_decision *d);
void decide_change_hold(const struct booking *b, const struct command_change_hold *c,
                        uint64_t ts_us, struct booking_decision *d);
void decide_change_plan(const struct booking *b, const struct command_change_plan *c,
                        uint64_t ts_us, struct booking_decision *d);
void decide_refund(const struct booking *b, const struct command_refund *c,
                   struct booking_decision *d);
void decide_resolve_case(const struct booking *b, const struct command_resolve_case *c,
                         struct booking_decision *d);
void decide_tick(const struct booking *b, uint64_t ts_us, struct booking_decision *d);
void decide_change_price_plan(const struct booking *b, const struct command_change_price_plan *c,
                              uint64_t ts_us, struct booking_decision *d);
void decide_change_promos(const struct booking *b, const struct command_change_promos *c,
                          struct booking_decision *d);
void decide_quote_hold(const struct booking *b, const struct command_quote_hold *c, uint64_t ts_us,
                       struct booking_decision *d);
void decide_extend_hold(const struct booking *b, const struct command_extend_hold *c,
                        uint64_t ts_us, struct booking_decision *d);

void apply_units_held(struct booking *b, const struct entry_units_held *e,
                      struct booking_touched *touched);
/* Ends a live hold: released, expired or sold; frees its units unless sold. */
void apply_hold_end(struct booking *b, uint32_t hold, enum hold_state how, uint64_t ts_us,
                    struct booking_touched *touched);
void apply_order_placed(struct booking *b, const struct entry_order_placed *e, uint64_t ts_us);
void apply_order_sold(struct booking *b, const struct entry_order_sold *e, uint64_t ts_us,
                      struct booking_touched *touched);
void apply_order_voided(struct booking *b, const struct entry_order_voided *e,
                        struct booking_touched *touched);
void apply_order_ended(struct booking *b, const struct entry_order_ended *e, uint64_t ts_us,
                       struct booking_touched *touched);
void apply_payment_requested(struct booking *b, const struct entry_payment_requested *e);
void apply_payment_created(struct booking *b, const struct entry_payment_created *e);
void apply_payment_processing(struct booking *b, const struct entry_payment_processing *e);
void apply_payment_declined(struct booking *b, const struct entry_payment_declined *e);
void apply_payment_captured(struct booking *b, const struct entry_payment_captured *e);
void apply_payment_taken(struct booking *b, const struct entry_payment_taken *e);
void apply_payment_cancelled(struct booking *b, const struct entry_payment_cancelled *e,
                             uint64_t ts_us);
void apply_refund_requested(struct booking *b, const struct entry_refund_requested *e,
                            struct booking_touched *touched);
void apply_refund_done(struct booking *b, const struct entry_refund_done *e, uint64_t ts_us);
void apply_refund_failed(struct booking *b, const struct entry_refund_failed *e);
void apply_dispute_opened(struct booking *b, const struct entry_dispute_opened *e, uint64_t ts_us);
void apply_dispute_closed(struct booking *b, const struct entry_dispute_closed *e,
                          struct booking_touched *touched);
void apply_case_opened(struct booking *b, const struct entry_case_opened *e, uint64_t ts_us);
void apply_case_closed(struct booking *b, const struct entry_case_closed *e);

void apply_event_changed(struct booking *b, const struct entry_event_changed *e);
void apply_units_blocked(struct booking *b, struct u32s units, bool blocked,
                         struct booking_touched *touched);
void apply_allocation_set(struct booking *b, const struct entry_allocation_set *e);
void apply_units_moved(struct booking *b, const struct entry_units_moved *e,
                       struct booking_touched *touched);
void apply_allocation_released(struct booking *b, const struct entry_allocation_released *e,
                               struct booking_touched *touched);
void apply_codes_set(struct booking *b, const struct entry_codes_set *e);
void apply_quotas_set(struct booking *b, const struct entry_quotas_set *e);
void apply_hold_changed(struct booking *b, const struct entry_hold_changed *e,
                        struct booking_touched *touched);
void apply_outage_credited(struct booking *b, const struct entry_outage_credited *e);
void apply_prices_stepped(struct booking *b, const struct entry_prices_stepped *e);
void apply_price_plan_set(struct booking *b, const struct entry_price_plan_set *e);
void apply_promos_set(struct booking *b, const struct entry_promos_set *e);
void apply_promos_revoked(struct booking *b, const struct entry_promos_revoked *e);
void apply_hold_quoted(struct booking *b, const struct entry_hold_quoted *e);
void apply_hold_extended(struct booking *b, const struct entry_hold_extended *e);

#endif
