/*
 * generator: small random houses and random commands for them, from one number. It looks at the
 * machine to find something worth asking for, so that most commands meet somebody's seats; a part
 * of them is wrong on purpose. The same seed and the same machine give the same commands.
 *
 *   generator_begin -> created; then generator_command and generator_learn in turn
 */
#ifndef ONSALE_TESTS_MODEL_GENERATOR_H
#define ONSALE_TESTS_MODEL_GENERATOR_H

#include "base/buf.h"
#include "booking/booking.h"

#define GENERATOR_UNITS 256u
#define GENERATOR_CODES 12u
#define GENERATOR_RECENT 12u

/* What a world has more of than others, so that its bound is met. */
enum generator_mood {
    GENERATOR_CALM,
    GENERATOR_PRICES,
    GENERATOR_ALLOCATIONS,
    GENERATOR_DECLINES,
    GENERATOR_DISPUTES,
    GENERATOR_TROUBLES, /* refunds that come back, and what is done about them */
    GENERATOR_EXPIRIES, /* more holds run out at once than one decision sweeps */
    GENERATOR_REFUNDS,  /* more wholly refunded orders than there are slots; a long world */
};

struct generator {
    uint64_t random;
    uint64_t now_us;
    bool crowded;  /* 40 to 190 units, else 4 to 12 */
    uint32_t rows; /* seats of the longest */
    enum generator_mood mood;
    uint32_t opened;            /* the allocation whose moment this is, or 0 */
    uint32_t promo;             /* 1 + the promo code whose moment this is, or 0 */
    struct buf inventory, plan; /* of the first entry; of the last change */
    struct entry_event_created created;
    uint64_t prices[LIMIT_PRICE_CATEGORIES], fees[LIMIT_PRICE_CATEGORIES];
    uint32_t tax_bp[LIMIT_PRICE_CATEGORIES];
    uint32_t blocked[GENERATOR_UNITS], per_category[LIMIT_PRICE_CATEGORIES];
    uint32_t area_count, area_size[2], area_category[2];
    struct {
        uint32_t slot;
        uint64_t random;
        struct hash16 session;
    } holds[GENERATOR_RECENT]; /* made of late */
    uint32_t hold_count, last_order;
    /* what a command's lists point to */
    uint32_t list[5][GENERATOR_UNITS];
    uint64_t wide[5][LIMIT_PRICE_RULES + 1], tickets[LIMIT_HOLD_UNITS];
    struct hash16 codes[2][LIMIT_COMMAND_CODES + 1];
    char text[2][LIMIT_NAME_BYTES + 8];
};

/* `g` is zeroed the first time. The first entry is in g->created. */
void generator_begin(struct generator *g, uint64_t seed);
/* Moves g->now_us on and makes a command for that moment. Lists point into `g`. */
void generator_command(struct generator *g, const struct booking *b,
                       struct booking_command *ret_command);
/* What became of it. */
void generator_learn(struct generator *g, const struct booking_command *command,
                     const struct booking_decision *d);
void generator_finish(struct generator *g);

#endif
