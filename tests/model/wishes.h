/*
 * wishes: what the generator asks for of MONEY.md: prices, promo codes, news of payments, refunds,
 * cases; and the few things that generator.c and wishes.c both need.
 */
#ifndef ONSALE_TESTS_MODEL_WISHES_H
#define ONSALE_TESTS_MODEL_WISHES_H

#include "model/draft.h"

#define SECOND_US 1000000ull
#define PEOPLE 7u
#define CARDS 4u
#define PROMOS 8u

struct hash16 wishes_hash(uint64_t n);
#define SESSION(n) wishes_hash(1000 + (n))
#define ADDRESS(n) wishes_hash(2000 + (n))
#define CARD(n) wishes_hash(5000 + (n))
#define PROMO(n) wishes_hash(6000 + (n))

/* generator.c */
void wishes_pick_hold(struct generator *g, uint32_t *ret_slot, uint64_t *ret_random,
                      struct hash16 *ret_session);
void wishes_pick_open_hold(struct generator *g, const struct booking *b, bool with_promo,
                           uint32_t *ret_slot, uint64_t *ret_random, struct hash16 *ret_session);
uint64_t wishes_time(struct generator *g); /* soon, or 0 */

/* wishes.c */
uint64_t wishes_price(struct generator *g);
/* When a rule or a promo code begins or ends. */
uint64_t wishes_price_corner(struct generator *g, const struct booking *b);
/* 1 + a promo code that somebody has, 0: none is found. */
uint32_t wishes_used_promo(struct generator *g, const struct booking *b);
uint32_t wishes_pick_order(struct generator *g, const struct booking *b);
struct hash16 wishes_promo(struct generator *g, const struct booking *b);
void wishes_price_plan(struct generator *g, const struct booking *b,
                       struct command_change_price_plan *c);
void wishes_promos(struct generator *g, const struct booking *b, struct command_change_promos *c);
void wishes_quote(struct generator *g, const struct booking *b, struct command_quote_hold *c);
void wishes_extend(struct generator *g, struct command_extend_hold *c);
void wishes_news(struct generator *g, const struct booking *b, struct command_payment_news *c);
void wishes_refund(struct generator *g, const struct booking *b, struct command_refund *c);
void wishes_resolve(struct generator *g, const struct booking *b, struct command_resolve_case *c);
/* The number of a refund that such news may be about. */
uint8_t wishes_some_refund(struct generator *g, const struct booking_order *o, uint8_t kind);

/* worlds.c: of GENERATOR_REFUNDS everything is for nothing, and then hold, order and refund in
 * turn; of GENERATOR_TROUBLES orders are large, and their refunds come back. False: not now. */
void wishes_begin_long(struct generator *g);
bool wishes_troubles(struct generator *g, const struct booking *b, struct booking_command *c);
bool wishes_refunds(struct generator *g, const struct booking *b, struct booking_command *c);

#endif
