/*
 * state: the machine's memory, for the files of src/booking only. One block: first the handle
 * (pointers and scratch, not part of the state), then the image: struct state and the tables behind
 * it, all plain values without padding, so that an image can be hashed, stored and restored as
 * bytes.
 */
#ifndef ONSALE_BOOKING_STATE_H
#define ONSALE_BOOKING_STATE_H

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
    uint64_t event_random, organiser_random;
    uint64_t opens_at_us, closes_at_us;
    uint64_t last_ts_us;
    uint32_t hold_seconds, pay_seconds, per_buyer, per_hold;
    uint32_t revision;                             /* of the prices in force */
    uint32_t live_holds;                           /* also the size of the expiry heap */
    uint32_t holds_used, hold_oldest, hold_newest; /* slots ever used; queue of ended ones */
    uint32_t orders_used, order_oldest, order_newest;
    uint32_t buyers_used, buyer_free;
    int64_t ledger[4]; /* buyers, provider, organiser, fees */
    char currency[4];
    uint32_t account_len;
    char account[ACCOUNT_BYTES];
};

enum ledger_account { LEDGER_BUYERS, LEDGER_PROVIDER, LEDGER_ORGANISER, LEDGER_FEES };

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
    uint32_t units[LIMIT_HOLD_UNITS];
};

struct order {
    uint64_t random;
    struct hash16 key;
    struct hash16 session, email_hash;
    uint64_t person, request;
    int64_t total_minor;
    uint64_t placed_at_us, ended_at_us;
    uint32_t hold, next;
    uint32_t units[LIMIT_HOLD_UNITS];
    uint16_t revision;
    uint8_t count, state, end, call, attempt, declines, attention;
    uint8_t intent_len, secret_len, code_len;
    uint32_t reserved;
    char intent[LIMIT_PAYMENT_ID_BYTES];
    char secret[LIMIT_PAYMENT_SECRET_BYTES];
    char code[DECLINE_CODE_BYTES];
};

/* What one buyer (session or e-mail) has: units in live holds and orders and bought, live holds. */
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
    int64_t gross_minor;
};

struct ticket {
    uint64_t random;
    uint32_t order;
    uint16_t serial, generation;
};

_Static_assert(sizeof(struct state) % 8 == 0 && sizeof(struct hold) == 144 - 8 &&
                   sizeof(struct order) == 416 + 0 && sizeof(struct buyer) == 32 &&
                   sizeof(struct block) == 24 && sizeof(struct area) == 24 &&
                   sizeof(struct category) == 24 && sizeof(struct ticket) == 16,
               "no padding: images are hashed as bytes");
_Static_assert(LIMIT_PRICE_CATEGORIES <= 64, "a block's categories fit in a word");

/* type, name, how many; all counts are multiples that keep 8-byte alignment (see booking_layout) */
#define STATE_TABLES(T)                                                              \
    T(struct hold, holds, s->hold_capacity)                                          \
    T(struct order, orders, s->order_capacity)                                       \
    T(struct buyer, buyers, s->buyer_capacity)                                       \
    T(struct block, blocks, s->block_count)                                          \
    T(struct area, areas, s->area_count)                                             \
    T(struct category, categories, s->category_count)                                \
    T(struct booking_price, prices, PRICE_REVISIONS * s->category_count)             \
    T(struct ticket, tickets, s->unit_count)                                         \
    T(uint64_t, free, (s->unit_count + 63) / 64) /* bit by position */               \
    T(uint32_t, units, s->unit_count)            /* state and owner */               \
    T(uint32_t, seat_position, s->seat_count)    /* of each seat in the blocks */    \
    T(uint32_t, position_seat, s->seat_count)    /* and back */                      \
    T(uint32_t, position_cost, s->seat_count)                                        \
    T(uint32_t, block_order, s->block_count) /* cheapest block first */              \
    T(uint32_t, heap, s->hold_capacity)      /* live holds, earliest expiry first */ \
    T(uint32_t, hold_keys, s->key_mask + 1)                                          \
    T(uint32_t, order_keys, s->key_mask + 1)                                         \
    T(uint32_t, buyer_index, s->buyer_mask + 1)                                      \
    T(uint8_t, unit_category, s->unit_count)

struct booking {
    struct state *s;
#define STATE_POINTER(type, name, count) type *name;
    STATE_TABLES(STATE_POINTER)
#undef STATE_POINTER
    uint64_t *scratch; /* as long as `free`; for decide, means nothing between calls */
};

/* Sets the pointers for the counts in `s`, which stands at `base`; returns the image's size. With
 * b == NULL it only counts. */
size_t booking_layout(struct booking *b, struct state *s, char *base);

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
void heap_moved_later(struct booking *b, uint32_t hold); /* its expiry is later than it was */

/* Walks the live holds that ran out by `ts_us`, in no special but a fixed order. */
struct expired_walk {
    uint32_t stack[64];
    uint32_t depth;
};
void expired_begin(const struct booking *b, struct expired_walk *w);
uint32_t expired_next(const struct booking *b, struct expired_walk *w, uint64_t ts_us);

/* ---- unit.c ---- */

static inline enum booking_unit_state unit_state(const struct booking *b, uint32_t unit)
{
    return (enum booking_unit_state)(b->units[unit] >> UNIT_STATE_SHIFT);
}

static inline uint32_t unit_owner(const struct booking *b, uint32_t unit)
{
    return b->units[unit] & UNIT_OWNER_MASK;
}

static inline uint32_t unit_position(const struct booking *b, uint32_t unit)
{
    return unit < b->s->seat_count ? b->seat_position[unit] : unit;
}

/* Free, or held by a hold that ran out. */
static inline bool unit_is_free(const struct booking *b, uint32_t unit, uint64_t ts_us)
{
    enum booking_unit_state state = unit_state(b, unit);
    return state == BOOKING_FREE ||
           (state == BOOKING_HELD && b->holds[unit_owner(b, unit)].expires_at_us <= ts_us);
}

/* The only place that changes a unit; keeps bitset, counts and touched list true. */
void unit_set(struct booking *b, uint32_t unit, enum booking_unit_state state, uint32_t owner,
              struct booking_touched *touched);

struct booking_price unit_price(const struct booking *b, uint32_t unit, uint32_t revision);

/* ---- buyer.c ---- */

/* The buyer's record, or NULL. */
const struct buyer *buyer_find(const struct booking *b, struct hash16 id);
bool buyer_room(const struct booking *b, uint32_t more); /* can `more` new buyers be kept */
void buyer_add(struct booking *b, struct hash16 id, uint32_t units, uint32_t holds);
void buyer_take(struct booking *b, struct hash16 id, uint32_t units, uint32_t holds);

/* ---- best.c ---- */

/* Bits by position of all units that are free at `ts_us`: the state's own, or a copy in scratch
 * when holds ran out and were not swept. */
const uint64_t *best_free_bits(const struct booking *b, uint64_t ts_us);

/* The `quantity` adjacent seats of a category with the smallest cost; on a tie the first. True: the
 * units are in ret_units. */
bool best_seats(const struct booking *b, const uint64_t *bits, uint32_t category, uint32_t quantity,
                uint32_t *ret_units);
/* The first `quantity` free units of an area; the number found. */
uint32_t best_area_units(const struct booking *b, const uint64_t *bits, uint32_t area,
                         uint32_t quantity, uint32_t *ret_units);

/* ---- decision.c: writing a decision ---- */

struct booking_entry *decision_entry(struct booking_decision *d, uint16_t number);
/* Puts the expiry of a hold in front (once), and the cancel that its order then owes. */
void decision_expire(const struct booking *b, uint32_t hold, struct booking_decision *d);
/* Owes the provider a call about an order. */
void decision_call(const struct booking *b, struct booking_decision *d, uint32_t order,
                   uint64_t order_random, int64_t total_minor, enum booking_call call,
                   uint8_t attempt);
/* The call's key and body from the order's facts; text has LIMIT_CALL_TEXT bytes. Returns its
 * length. */
size_t call_write(const struct booking *b, uint32_t order, uint64_t order_random,
                  int64_t total_minor, enum booking_call call, uint8_t attempt, char *text,
                  struct slice *ret_key, struct slice *ret_body);
void sort_units(uint32_t *units, uint32_t count);

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
void decide_tick(const struct booking *b, uint64_t ts_us, struct booking_decision *d);

void apply_units_held(struct booking *b, const struct entry_units_held *e,
                      struct booking_touched *touched);
/* Ends a live hold: released, expired or sold; frees its units unless sold. */
void apply_hold_end(struct booking *b, uint32_t hold, enum hold_state how, uint64_t ts_us,
                    struct booking_touched *touched);
void apply_order_placed(struct booking *b, const struct entry_order_placed *e, uint64_t ts_us);
void apply_payment_requested(struct booking *b, const struct entry_payment_requested *e);
void apply_payment_created(struct booking *b, const struct entry_payment_created *e);
void apply_payment_declined(struct booking *b, const struct entry_payment_declined *e);
void apply_order_sold(struct booking *b, const struct entry_order_sold *e, uint64_t ts_us,
                      struct booking_touched *touched);
void apply_payment_captured(struct booking *b, const struct entry_payment_captured *e);
void apply_payment_cancelled(struct booking *b, const struct entry_payment_cancelled *e,
                             uint64_t ts_us);
void apply_order_ended(struct booking *b, const struct entry_order_ended *e, uint64_t ts_us,
                       struct booking_touched *touched);
void apply_case_opened(struct booking *b, const struct entry_case_opened *e);
/* Takes an ended order out of the queue of slots to use again: somebody has to look at it. */
void order_keep(struct booking *b, uint32_t order);
/* The order of a hold that ran out ends with it. */
void order_hold_expired(struct booking *b, uint32_t order, uint64_t ts_us);

void apply_event_changed(struct booking *b, const struct entry_event_changed *e);
void apply_units_blocked(struct booking *b, struct u32s units, bool blocked,
                         struct booking_touched *touched);
void apply_outage_credited(struct booking *b, const struct entry_outage_credited *e);

#endif
